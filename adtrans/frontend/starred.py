"""`a, *b = t` as statements: `a = t[0]`, `b = [t[i] for i in range(1, len(t))]`.

It stays as it was written where nothing that is differentiated passes through it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir, walk

if TYPE_CHECKING:
    from adtrans.frontend.statements import Statements

WHY = "an assignment to a starred target"


def starred(owner: Statements, node: cst.Assign) -> ir.Block | None:
    """The assignment, None if it is another one."""
    if len(node.targets) != 1 or not isinstance(target := node.targets[0].target, cst.Tuple | cst.List):
        return None
    places = [e for e in target.elements if isinstance(e, cst.StarredElement)]
    if len(places) != 1 or not all(owner.plain_target(e.value) for e in target.elements):
        return None
    k = list(target.elements).index(places[0])
    targets = [owner.expressions.target(e.value) for e in target.elements]
    value = owner.expressions.lower(node.value)
    after = len(targets) - k - 1
    if isinstance(value, ir.Tuple | ir.List) and len(value.elts) >= len(targets) - 1:
        lowered = of_display(targets, value, k, after)
    else:
        lowered = of_sequence(owner, targets, value, k, after)
    span = owner.module.span(node)
    if owner.text_of_unknown_calls(node, lowered) is not lowered:
        return None
    return (owner.carried(node, WHY, walk.map_block(lowered, lambda s: (replace(s, span=span),))),)


def loop_target(owner: Statements, target: cst.BaseExpression) -> tuple[ir.Name, ir.Block] | None:
    """A name for what a loop takes, and the assignment of it to a target with a star: `for a, *b in rows`."""
    if not isinstance(target, cst.Tuple | cst.List):
        return None
    places = [e for e in target.elements if isinstance(e, cst.StarredElement)]
    if len(places) != 1 or not all(isinstance(e.value, cst.Name) for e in target.elements):
        return None
    k, item = list(target.elements).index(places[0]), ir.Name(owner.fresh("item"))
    targets = [owner.expressions.target(e.value) for e in target.elements]
    lowered = of_sequence(owner, targets, item, k, len(targets) - k - 1)
    span = owner.module.span(target)
    taken = ir.Carried(
        span=span,
        text=f"{owner.texts.between(*owner.module.outer_range(target))} = {item.id}",
        reads=(item.id,),
        writes=tuple(sorted(frozenset().union(*map(walk.names, targets)))),
        why=WHY,
        lowered=walk.map_block(lowered, lambda s: (replace(s, span=span),)),
    )
    return item, (taken,)


def of_display(targets: list[ir.Expr], value: ir.Tuple | ir.List, k: int, after: int) -> ir.Block:
    """`a, *b = x, y, z` is `a, b = x, [y, z]`."""
    last = len(value.elts) - after
    parts = (*value.elts[:k], ir.List(value.elts[k:last]), *value.elts[last:])
    if len(parts) == 1:
        return (ir.Assign(target=targets[0], value=parts[0]),)
    return (ir.Assign(target=ir.Tuple(tuple(targets)), value=ir.Tuple(parts)),)


def of_sequence(owner: Statements, targets: list[ir.Expr], value: ir.Expr, k: int, after: int) -> ir.Block:
    """Elements from both ends, and a list of what is between; too few of them are an error, as in Python."""
    before: ir.Block = ()
    read = frozenset[str]().union(*map(walk.names, targets))
    if not isinstance(value, ir.Name) or value.id in read:
        name = ir.Name(owner.fresh("values"))
        before, value = (ir.Assign(target=name, value=value),), name
    if k + after > 1:
        short = ir.Op("<", (ir.Call("builtins.len", (value,), spelled="len"), ir.Const(k + after)))
        error = ir.Verbatim(text='raise ValueError("not enough values to unpack")')
        before = (*before, ir.If(test=short, body=(error,)))
    i, length = ir.Name(owner.fresh("i")), ir.Call("builtins.len", (value,), spelled="len")
    end = ir.Op("-", (length, ir.Const(after))) if after else length
    middle = ir.Comprehension(ir.Index(value, i), i, ir.Call("builtins.range", (ir.Const(k), end)))
    picked: list[ir.Expr] = [ir.Index(value, ir.Const(i)) for i in range(k)]
    picked += [middle, *(ir.Index(value, ir.Op("neg", (ir.Const(i),))) for i in range(after, 0, -1))]
    return (*before, *(ir.Assign(target=t, value=v) for t, v in zip(targets, picked, strict=True)))
