"""Whether a decorator surely leaves the value of a function alone: of a live wrapper, or by its text.

A wrapper that times, logs or counts returns what the function within returned:

    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        started = time.perf_counter()
        result = f(*args, **kwargs)
        print(time.perf_counter() - started)
        return result

Then the derivative of the wrapper is the derivative of `f`. Anything less plain is not assumed to be so.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import FunctionType


def passes_on(wrapper: FunctionType) -> bool:
    """Whether all that a wrapper ever returns is what its `__wrapped__` returned for the same arguments."""
    node = _definition(wrapper)
    name = _name_within(wrapper)
    return node is not None and name is not None and keeps_value(node, name)


def leaves_alone(decorator: ast.FunctionDef, called: bool) -> bool:
    """Whether a decorator returns what it is given, or a wrapper that passes on; `called`: it is written
    `@decorator(...)`, and returns the decorator."""
    body = [s for s in decorator.body if not _is_docstring(s)]
    if decorator.decorator_list or not body or not isinstance(body[-1], ast.Return):
        return False
    *before, last = body
    returned = last.value.id if isinstance(last, ast.Return) and isinstance(last.value, ast.Name) else None
    inner = before[0] if len(before) == 1 else None
    if called:
        made = isinstance(inner, ast.FunctionDef) and inner.name == returned
        return made and isinstance(inner, ast.FunctionDef) and leaves_alone(inner, False)
    parameters = decorator.args
    if len(parameters.args) != 1 or parameters.vararg or parameters.kwarg or parameters.kwonlyargs:
        return False
    function = parameters.args[0].arg
    if returned == function:  # It notes the function somewhere, at most.
        stored = (
            n for s in before for n in ast.walk(s) if isinstance(n, ast.Name | ast.Return | ast.Attribute)
        )
        return not any(_replaces(n, function) for n in stored)
    if not isinstance(inner, ast.FunctionDef) or inner.name != returned:
        return False
    return all(map(_is_wraps, inner.decorator_list)) and keeps_value(inner, function)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _replaces(node: ast.AST, name: str) -> bool:
    """Whether a statement may return, bind the name to something else, or change what it stands for."""
    match node:
        case ast.Name(id=found, ctx=ctx):
            return found == name and not isinstance(ctx, ast.Load)
        case ast.Attribute(value=ast.Name(id=found), ctx=ctx):
            return found == name and not isinstance(ctx, ast.Load)
    return isinstance(node, ast.Return)


def _is_wraps(decorator: ast.expr) -> bool:
    """`@wraps(f)`, which copies a name and a docstring."""
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("functools.wraps", "wraps")


def keeps_value(node: ast.FunctionDef, name: str) -> bool:
    """The same for the text of a wrapper, in which the function is called `name`."""
    if not (_takes_anything(node) and node.args.vararg and node.args.kwarg):
        return False
    args, kwargs = node.args.vararg.arg, node.args.kwarg.arg
    plain = ast.unparse(ast.parse(f"{name}(*{args}, **{kwargs})", mode="eval"))

    def is_call(value: ast.expr | None) -> bool:
        return value is not None and ast.unparse(value) == plain

    results = {
        statement.targets[0].id
        for statement in ast.walk(node)
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and is_call(statement.value)
    }
    returns = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
    untouched = {name, args, kwargs, *results}
    return (
        _ends_in_return(node.body)
        and all(is_call(v) or (isinstance(v, ast.Name) and v.id in results) for v in returns)
        and not any(_changes(n, untouched, plain) for n in ast.walk(node))
    )


def _definition(wrapper: FunctionType) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(wrapper.__code__)))
    except (OSError, TypeError, SyntaxError):
        return None
    node = tree.body[0]
    return node if isinstance(node, ast.FunctionDef) else None


def _name_within(wrapper: FunctionType) -> str | None:
    """What the wrapper calls the function that it wraps."""
    inner = getattr(wrapper, "__wrapped__", None)
    for name, cell in zip(wrapper.__code__.co_freevars, wrapper.__closure__ or (), strict=True):
        try:
            if cell.cell_contents is inner:
                return name
        except ValueError:
            continue
    return None


def _ends_in_return(body: list[ast.stmt]) -> bool:
    """Whether the last thing is a return: falling off the end would give None."""
    match body[-1]:
        case ast.With(body=inner) | ast.Try(body=inner, orelse=[]):
            return _ends_in_return(inner)
        case last:
            return isinstance(last, ast.Return)


def _takes_anything(node: ast.FunctionDef) -> bool:
    return not (node.args.posonlyargs or node.args.args or node.args.kwonlyargs)


def _changes(node: ast.AST, names: set[str], plain: str) -> bool:
    """Whether a piece of the wrapper may change one of these names or what it stands for.

    They may be read, printed and measured, but not rebound, stored into or asked for an attribute.
    """
    match node:
        case ast.Assign(targets=[ast.Name()], value=value) if ast.unparse(value) == plain:
            return False
        case ast.Assign(targets=targets):
            return any(_root(t) & names for t in targets)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
            return bool(_root(target) & names)
        case ast.NamedExpr(target=target) | ast.comprehension(target=target):
            return bool(_root(target) & names)
        case ast.withitem(optional_vars=ast.expr() as target):
            return bool(_root(target) & names)
        case ast.Attribute(value=ast.Name(id=name)):
            return name in names
        case ast.Nonlocal() | ast.Global() | ast.Delete() | ast.Yield() | ast.YieldFrom() | ast.Lambda():
            return True
    return False


def _root(target: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
