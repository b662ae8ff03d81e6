"""Variables that are only other names for an object: they go."""

from __future__ import annotations

from dataclasses import replace

from adtrans import ir, walk
from adtrans.attributes.paths import chain, inside


def aliased(function: ir.Function) -> ir.Function:
    """The function with an object's path in the place of a variable that is only another name for it.

    before: layer = self.inner            after: return self.inner.w * x
            return layer.w * x
    """
    roots = {
        e.id
        for s in walk.statements(function.body)
        for f in inside(s)
        if isinstance(f, ir.Field)
        for e in (f.base,)
        if isinstance(e, ir.Name)
    }
    params = {p.name for p in function.params}
    bound: dict[str, int] = {}
    values: dict[str, ir.Expr] = {}
    for stmt in walk.statements(function.body):
        for name in walk.binds(stmt):
            bound[name] = bound.get(name, 0) + 1
        if isinstance(stmt, ir.Assign) and isinstance(stmt.target, ir.Name) and chain(stmt.value):
            values[stmt.target.id] = stmt.value
    names = {n: e for n, e in values.items() if n in roots - params and bound[n] == 1}
    if not names:
        return function

    def whole(expr: ir.Expr) -> ir.Expr:
        new = walk.substitute(expr, names)
        return whole(new) if walk.names(new) & names.keys() and new is not expr else new

    def once(stmt: ir.Stmt) -> ir.Stmt | tuple[ir.Stmt, ...]:
        if isinstance(stmt, ir.Assign) and isinstance(stmt.target, ir.Name) and stmt.target.id in names:
            return ()
        return walk.map_stmt(stmt, whole)

    return replace(function, body=walk.map_block(function.body, once))
