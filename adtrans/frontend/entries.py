"""Dict comprehensions over a dict, as statements: their keys are those of the dict.

before: p = {k: v - rate * g[k] for k, v in p.items()}     after: entries = (a dict of the keys of p)
                                                                  for k, v in p.items():
                                                                      entries[k] = v - rate * g[k]
                                                                  p = entries

It stays as it was written where nothing that is differentiated passes through it. Where the keys are known it
becomes a display (adtrans/entries.py); where they are not it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir, walk
from adtrans.layouts import KEYED

if TYPE_CHECKING:
    from adtrans.frontend.statements import Statements

WHY = "a dict comprehension"
SCOPED = ir.Comprehension, ir.Bind, ir.Closure, ir.Apply, ir.Held, ir.Spread, ir.Opaque
"""What has names of its own, sees variables, or is text: the variables of the comprehension may be in it."""


def entries(owner: Statements, node: cst.Assign | cst.Return) -> ir.Block | None:
    """The statement, None if it is another one."""
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=place)], value=cst.DictComp() as made):
            if not isinstance(owner.expressions.target(place), ir.Name | ir.Field):
                return None
        case cst.Return(value=cst.DictComp() as made):
            pass
        case _:
            return None
    loop = over_a_dict(owner, made)
    if loop is None:
        return None
    name = ir.Name(owner.fresh("entries"))
    of, target, value = loop
    key = target.elts[0] if isinstance(target, ir.Tuple) else target
    same = {str(n): ir.Name(owner.fresh(str(n))) for n in sorted(walk.target_names(target))}
    span = owner.module.span(node)
    over: ir.Expr = of
    if isinstance(target, ir.Tuple):
        over = ir.Call("dict.items", (of,), style="method", spelled="items")
    store = ir.Assign(target=ir.Index(name, key), value=value, span=span)
    renamed = ir.Assign(
        target=walk.substitute(store.target, same), value=walk.substitute(value, same), span=span
    )
    lowered: ir.Block = (
        ir.Assign(target=name, value=ir.Call(KEYED, (of,), spelled="dict.fromkeys", span=span), span=span),
        ir.For(target=walk.substitute(target, same), iter=over, body=(renamed,), span=span),
    )
    if isinstance(node, cst.Return):
        return (*lowered, ir.Return(value=name, span=span))
    end = ir.Assign(target=owner.expressions.target(node.targets[0].target), value=name, span=span)
    return (owner.carried(node, WHY, (*lowered, end)),)


def over_a_dict(owner: Statements, node: cst.DictComp) -> tuple[ir.Expr, ir.Expr, ir.Expr] | None:
    """The dict, the target and the value of `{k: e for k, v in d.items()}` or `{k: …d[k]… for k in d}`."""
    part, expressions = node.for_in, owner.expressions
    names = expressions.target_names(part.target)
    if names is None or part.ifs or part.inner_for_in is not None or part.asynchronous:
        return None
    with expressions.binding(names):
        target, key, value = (expressions.lower(e) for e in (part.target, node.key, node.value))
    items = isinstance(part.iter, cst.Call)
    over = expressions.lower(part.iter)
    match over:
        case ir.Call(fn="dict.items", args=(of,), kwargs=()) if items:
            if not isinstance(target, ir.Tuple) or len(target.elts) != 2 or target.elts[0] != key:
                return None
        case ir.Call(fn="dict.keys", args=(of,), kwargs=()) | of:
            if target != key or ir.Index(of, key) not in walk.subexpressions(value):
                return None
    if not isinstance(key, ir.Name) or not isinstance(of, ir.Name | ir.Field):
        return None
    if len(set(names)) < len(names) or any(isinstance(e, SCOPED) for e in walk.subexpressions(value)):
        return None
    return of, target, value
