"""Other names for an object go, and methods as values that nobody calls here become text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from adtrans import ir, walk
from adtrans.attributes.facts import new_object
from adtrans.attributes.paths import chain, dotted, inside


def aliased(function: ir.Function, objects: frozenset[str] | None) -> ir.Function:
    """The function with an object's path in the place of a variable that is only another name for it.

    `objects` are its parameters that are objects; None for a function that was made for functions that it is
    given, where that is not known: there a second name of a parameter goes in any case.

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
    new = {place[0] for stmt in walk.statements(function.body) if (place := new_object(stmt)) is not None}
    remade = {n for n in new if in_loop(n, function.body)}
    fixed = {p for p in (params if objects is None else objects) if p not in bound} | (new - remade)
    written = {n for s in walk.statements(function.body) for n in in_text(s)}
    names = {
        n: e
        for n, e in values.items()
        if bound[n] == 1
        and n not in params | written
        and (chain(e) or ("",))[0] not in remade
        and (n in roots or (isinstance(e, ir.Name) and e.id in fixed))
    }
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


def in_text(stmt: ir.Stmt) -> Iterator[str]:
    """The names in what is carried over as text: these stay."""
    if isinstance(stmt, ir.Verbatim):
        yield from (*stmt.reads, *stmt.writes)
    for node in walk.nodes(stmt):
        text = node.otherwise if isinstance(node, ir.Held | ir.Closure | ir.Spread) else node
        if isinstance(text, ir.Opaque):
            yield from text.reads


def in_loop(name: str, body: ir.Block) -> bool:
    """Whether a variable is bound in a loop: an object that is made there is another one each time."""
    loops = (s for s in walk.statements(body) if isinstance(s, ir.For | ir.While))
    return any(name in walk.binds(s) for loop in loops for s in walk.statements(loop.body))


def unbound(function: ir.Function, objects: Mapping[str, frozenset[str]]) -> ir.Function:
    """A method as a value that nobody has followed (`handlers.append(self.rhs)`) as text again."""

    def text(expr: ir.Expr) -> ir.Expr:
        match expr:
            case ir.Call(fn="?.functools.partial", args=(ir.Global(function=path), owner), spelled=name) if (
                objects.get(path)
            ):
                place = chain(owner)
                if place is not None:
                    words = f"{dotted(place)}.{name}"
                    return ir.Opaque(words, (place[0],), "a method as a value", (), span=expr.span)
        return expr

    body = walk.map_block(function.body, lambda s: walk.map_stmt(s, lambda e: walk.map_expr(e, text)))
    return function if body is function.body else replace(function, body=body)
