"""Dict comprehensions over what is written down: `{k: x**n for k, n in (("a", 2), ("b", 3))}` is a display.

    {"a": x**2, "b": x**3}

Over anything else the keys are not known here: it stays text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir, walk

if TYPE_CHECKING:
    from adtrans.frontend.expressions import Expressions

SCOPED = ir.Comprehension, ir.Bind, ir.Closure, ir.Apply, ir.Held, ir.Spread
"""What has names of its own, or sees variables: nothing is put into it."""

MOST = 32
"""A longer display nobody wants to read."""


def display(owner: Expressions, node: cst.DictComp) -> ir.Expr | None:
    """The dict; None where its keys are not known."""
    part = node.for_in
    names = owner.target_names(part.target)
    if names is None or part.ifs or part.inner_for_in is not None or part.asynchronous:
        return None
    rows = elements(owner, part.iter)
    if rows is None or len(rows) > MOST:
        return None
    with owner.binding(names):
        target, key, value = owner.lower(part.target), owner.lower(node.key), owner.lower(node.value)
    parts = [e for x in (key, value) for e in walk.subexpressions(x)]
    if any(isinstance(e, SCOPED) or (isinstance(e, ir.Opaque) and set(e.reads) & set(names)) for e in parts):
        return None
    items: dict[str | int, ir.Expr] = {}
    for row in rows:
        bound = matched(target, row)
        if bound is None:
            return None
        one = walk.substitute(key, bound)
        if not isinstance(one, ir.Const) or type(one.value) not in (str, int):
            return None
        items[one.value] = walk.substitute(value, bound)  # type: ignore[index]
    return ir.Dict(tuple(items), tuple(items.values()), span=owner.module.span(node))


def elements(owner: Expressions, node: cst.BaseExpression) -> list[ir.Expr] | None:
    """What a loop goes over, where each element is a name or a constant, or a tuple of these."""
    if isinstance(node, cst.Call) and not any(a.star or a.keyword for a in node.args):
        arguments = [a.value for a in node.args]
        if owner.is_builtin(node.func, "zip"):
            columns = [elements(owner, a) for a in arguments]
            known = [c for c in columns if c is not None]
            return (
                [ir.Tuple(row) for row in zip(*known, strict=False)] if len(known) == len(columns) else None
            )
        if owner.is_builtin(node.func, "range") and all(isinstance(a, cst.Integer) for a in arguments):
            return [ir.Const(k) for k in range(*(int(a.value, 0) for a in arguments))]  # type: ignore[attr-defined]
        return None
    if not isinstance(node, cst.Tuple | cst.List) or any(
        isinstance(e, cst.StarredElement) for e in node.elements
    ):
        return None
    found = [owner.lower(e.value) for e in node.elements]
    return found if all(map(is_simple, found)) else None


def is_simple(value: ir.Expr) -> bool:
    """Whether a value may be written again: that costs nothing."""
    parts = value.elts if isinstance(value, ir.Tuple) else (value,)
    return all(isinstance(p, ir.Name | ir.Const | ir.Global) for p in parts)


def matched(target: ir.Expr, value: ir.Expr) -> dict[str, ir.Expr] | None:
    """The names of a target with their values."""
    if isinstance(target, ir.Name):
        return {target.id: value}
    if not isinstance(target, ir.Tuple) or not isinstance(value, ir.Tuple | ir.List):
        return None
    if len(target.elts) != len(value.elts):
        return None
    found: dict[str, ir.Expr] = {}
    for one, part in zip(target.elts, value.elts, strict=True):
        inner = matched(one, part)
        if inner is None:
            return None
        found |= inner
    return found
