"""Whether a decorator written with `functools.wraps` surely leaves the value of a function alone.

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
    if node is None or name is None or not (_takes_anything(node) and node.args.vararg and node.args.kwarg):
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
