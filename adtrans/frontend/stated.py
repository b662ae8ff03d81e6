"""Derivative rules that a module states for its own functions, as they stand in its text.

    @adtrans.custom_vjp                 @adtrans.custom_jvp
    def f(x): ...                       def f(x): ...

    f.defvjp(f_fwd, f_bwd)              @f.defjvp
                                        def f_jvp(primals, tangents): ...
    @adtrans.partials(g)
    def g_rule(y, x): ...

In a module that adtrans has written there are no decorators: there a comment above `f` says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libcst as cst

from adtrans.frontend.scopes import dotted

COMMENT = re.compile(r"# adtrans: custom_(vjp|jvp)\(([\w, ]+?)(?:, nondiff_argnums=\(([\d, ]*)\))?\)$")
"""`# adtrans: custom_vjp(f_fwd, f_bwd)`."""

PARAMETERS = {"defvjp": ("fwd", "bwd"), "defjvp": ("jvp",), "defjvps": ()}
"""What states a rule, and the names of its arguments; those of `defjvps` have none."""

Node = cst.BaseExpression | cst.FunctionDef


@dataclass(frozen=True, eq=False)
class Stated:
    """`f.defvjp(f_fwd, f_bwd)`: the functions it names or defines. `plain`: it says nothing else."""

    how: str
    node: cst.CSTNode
    functions: tuple[Node, ...]
    plain: bool = True


@dataclass(frozen=True, eq=False)
class Marked:
    """`@custom_vjp`: `nondiff` are the arguments that are not differentiated, None if that cannot be read."""

    form: str
    nondiff: tuple[cst.BaseExpression, ...] | None = ()


def stated_by(node: cst.CSTNode) -> Iterator[tuple[str, Stated]]:
    """The rules that a statement at module level states, each with the name of the function it is for."""
    match node:
        case cst.FunctionDef(decorators=decorators):
            for decorator in decorators:
                chain = dotted(decorator.decorator)
                if chain is not None and len(chain) == 2 and chain[1] == "defjvp":
                    yield chain[0], Stated("defjvp", node, (node,))
        case cst.Expr(value=cst.Call(func=func) as call):
            chain = dotted(func)
            if chain is not None and len(chain) == 2 and chain[1] in PARAMETERS:
                yield chain[0], from_call(chain[1], call)


def templates_by(node: cst.CSTNode) -> Iterator[tuple[cst.Call, cst.FunctionDef]]:
    """The decorators `@partials(g)` of a function at module level, by what they look like."""
    for decorator in node.decorators if isinstance(node, cst.FunctionDef) else ():
        call = decorator.decorator
        if isinstance(call, cst.Call) and (dotted(call.func) or ("",))[-1] == "partials":
            yield call, node  # type: ignore[misc]


def from_call(how: str, call: cst.Call) -> Stated:
    """`f.defvjp(f_fwd, bwd=f_bwd)`."""
    order = PARAMETERS[how]
    functions = [a.value for a in call.args if a.keyword is None]
    named = {a.keyword.value: a.value for a in call.args if a.keyword is not None}
    functions += [named.pop(name) for name in order[len(functions) :] if name in named]
    fits = len(functions) == len(order) if order else bool(functions)
    return Stated(how, call, tuple(functions), fits and not named and not any(a.star for a in call.args))


def marked_by(node: cst.BaseExpression, path_of: Callable[[cst.BaseExpression], str]) -> Marked | None:
    """A decorator that is `@custom_vjp`, `@custom_vjp(nondiff_argnums=(0,))` or a `partial` of these."""
    args: list[cst.Arg] = []
    if isinstance(node, cst.Call):
        args, node = list(node.args), node.func
        if path_of(node) == "functools.partial" and args:
            node = args.pop(0).value
    form = {"adtrans.custom_vjp": "vjp", "adtrans.custom_jvp": "jvp"}.get(path_of(node))
    if form is None:
        return None
    nondiff: tuple[cst.BaseExpression, ...] = ()
    for arg in args:
        if arg.keyword is None or arg.keyword.value not in ("nondiff_argnums", "nondiff_argnames"):
            return Marked(form, None)
        match arg.value:
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                nondiff += tuple(e.value for e in elements)
            case value:
                nondiff += (value,)
    return Marked(form, nondiff)


def commented(node: cst.FunctionDef) -> re.Match[str] | None:
    """The comment above a function of a module of ours that names its rule."""
    lines = [line.comment.value for line in node.leading_lines if line.comment is not None]
    return COMMENT.match(lines[-1]) if lines else None
