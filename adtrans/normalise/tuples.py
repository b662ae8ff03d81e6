"""Local tuples whose length is known become several names.

before: t = (a, b)                    after: t_0, t_1 = (a, b)
        y = t[0] * t[1]                      y = t_0 * t_1
        p, q = t                             p, q = (t_0, t_1)

Only names that are bound to nothing but tuples of one length (or to the results of a user function
that returns such), and that are taken apart somewhere; an index that is not a number keeps them
together. The assignments to tuples are taken apart by the next pass.
"""

from __future__ import annotations

from dataclasses import replace

from adtrans import ir, walk
from adtrans.normalise.arity import constant_index
from adtrans.normalise.common import Context


def split_tuples(function: ir.Function, context: Context) -> ir.Function:
    """No local tuple that could be several names."""
    lengths = context.arities.tuples(function)
    if not lengths:
        return function
    parts: dict[str, ir.Expr] = {}
    for name, n in lengths.items():
        label = context.arities.label(ir.Name(name), function)
        names = tuple(ir.Name(context.names.fresh(f"{name}_{k}")) for k in label.names or range(n))
        parts[name] = label.of(names)

    def change(stmt: ir.Stmt) -> ir.Stmt:
        match stmt:
            case ir.Assign(target=ir.Name(id=name), value=value) if name in parts:
                names = ir.Tuple(walk.children(parts[name]))
                return replace(stmt, text=None, target=names, value=take(value))
        return walk.map_stmt(stmt, take)

    def take(expr: ir.Expr) -> ir.Expr:
        new = walk.substitute(expr, parts)
        return expr if new is expr else walk.map_expr(new, pick)

    return replace(function, body=walk.map_block(function.body, change))


def pick(expr: ir.Expr) -> ir.Expr:
    """`(a, b)[0]` is `a`, and `len((a, b))` is 2."""
    match expr:
        case ir.Index(base=ir.Tuple(elts=elts, names=names), index=index) if is_simple(elts):
            word = index.value if isinstance(index, ir.Const) else None
            k = names.index(word) if word in names else constant_index(index)
            return expr if k is None or not -len(elts) <= k < len(elts) else elts[k]
        case ir.Call(fn="builtins.len", args=(ir.Tuple(elts=elts),)) if is_simple(elts):
            return ir.Const(len(elts))
    return expr


def is_simple(elts: tuple[ir.Expr, ...]) -> bool:
    return all(isinstance(e, ir.Name | ir.Const) for e in elts)
