"""What is done with containers whose structure is known, as places and displays, which have adjoints.

before: q = p | {"b": 0.0}            after: q = {"W": p["W"], "b": 0.0}
        w = q.get("W", 1.0)                  w = q["W"]
        s = sum(q.values())                  s = sum([q["W"], q["b"]])
        u = (*t, w)                          u = (t[0], t[1], w)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from adtrans.algebra import number
from adtrans.analyses.expressions import Scope, bounds
from adtrans.analyses.ranks import Ranks
from adtrans.ir import Call, Const, Dict, Expr, Function, Index, List, Op, Slice, Stmt, Tuple
from adtrans.kinds import Kind, ListOf, RecordOf, TupleOf, may_vary
from adtrans.structures import is_place, named_part, parts_of
from adtrans.walk import children, map_block, map_expr, map_stmt


def written_out(function: Function, ranks: Ranks) -> Function:
    """No operation on a container as a whole where its parts will do."""

    def rewrite(stmt: Stmt) -> Stmt:
        scope = ranks.scope(stmt)
        new = map_stmt(stmt, lambda expr: map_expr(expr, lambda e: part_by_part(e, scope)))
        # It means what it meant: the user's text says it better.
        return stmt if new is stmt else replace(new, text=stmt.text)

    return replace(function, body=map_block(function.body, rewrite))


def part_by_part(expr: Expr, scope: Scope) -> Expr:
    """One operation in terms of parts; itself, if there is nothing to say."""
    if (place := named_part(expr, scope.kind)) is not None:
        return Index(children(expr)[0], Const(place), span=expr.span)
    if not isinstance(expr, (Op, Call, Index)) or not may_vary(scope.kind(expr)):
        return expr
    match expr:
        case Op(op="|", args=(a, b)):
            return merged(expr, a, b, scope)
        case Op(op="+", args=(a, b)):
            return joined(expr, a, b, scope)
        case Index(base=base, index=Slice()):
            return cut(expr, base, scope)
        case Index(base=base, index=index) if (name := field(index, scope.kind(base))) is not None:
            return replace(expr, index=Const(name), attribute=True)
        case Call(fn="builtins.list", args=(List() as made,), kwargs=()):
            return made  # Of `list(d.values())`.
        case Call(fn="numpy.copy" | "builtins.dict", args=(List() | Dict() as made,), kwargs=()):
            if expr.style == "method" or isinstance(made, Dict):
                return made
        case Call(fn="numpy.copy", args=(held,), kwargs=(), style="method") if is_list(scope.kind(held)):
            return Call("builtins.list", (held,), spelled="list", span=expr.span)
        case Call(fn="namedtuple._asdict", args=(held,), kwargs=()):
            return fields(expr, held, scope.kind(held))
        case Call(fn=fn, args=args, kwargs=()) if fn in METHODS and args:
            kind = scope.kind(args[0])
            if isinstance(kind, RecordOf) and is_place(args[0]):
                return METHODS[fn](expr, kind)
    return expr


def is_list(kind: Kind) -> bool:
    """Whether a value is surely a list."""
    return isinstance(kind, ListOf) or (isinstance(kind, TupleOf) and kind.mutable)


def merged(expr: Op, a: Expr, b: Expr, scope: Scope) -> Expr:
    """`a | b` of two dicts."""
    left, right = scope.kind(a), scope.kind(b)
    if not isinstance(left, RecordOf) or not isinstance(right, RecordOf):
        return expr
    values = items(a, left), items(b, right)
    if values[0] is None or values[1] is None:
        return expr
    found = {**values[0], **values[1]}
    return Dict(tuple(found), tuple(found.values()), span=expr.span)


def items(value: Expr, kind: RecordOf) -> dict[str | int, Expr] | None:
    """The values under the keys of a dict; None where that would compute something several times."""
    if isinstance(value, Dict):
        return dict(zip(value.keys, value.elts, strict=True))
    if not is_place(value):
        return None
    return {k: e for k, (e, _) in zip(kind.keys, parts_of(value, kind), strict=True)}


def joined(expr: Op, a: Expr, b: Expr, scope: Scope) -> Expr:
    """`a + b` of two tuples."""
    found: list[Expr] = []
    for side in (a, b):
        kind = scope.kind(side)
        elts = elements(side, kind)
        if elts is None:
            return expr
        found += elts
    return Tuple(tuple(found), span=expr.span)


def cut(expr: Index, base: Expr, scope: Scope) -> Expr:
    """`t[1:]` of a tuple."""
    kind, whole = scope.kind(expr), scope.kind(base)
    if not isinstance(kind, TupleOf) or not isinstance(whole, TupleOf) or not isinstance(expr.index, Slice):
        return expr
    elts = elements(base, whole)
    span = bounds(expr.index)
    return expr if elts is None or span is None else Tuple(tuple(elts[span]), span=expr.span)


def elements(value: Expr, kind: Kind) -> list[Expr] | None:
    """The elements of a tuple; None where that would compute something several times."""
    if isinstance(value, Tuple):
        return list(value.elts)
    if isinstance(value, Call) and value.fn == "builtins.tuple" and len(value.args) == 1:
        return elements(value.args[0], kind)
    if not isinstance(kind, TupleOf) or not is_place(value):
        return None
    return [place for place, _ in parts_of(value, kind)]


def field(index: Expr, kind: Kind) -> str | None:
    """The name of the part of a named tuple that an integer is the position of."""
    position = number(index)
    if not isinstance(kind, RecordOf) or kind.form != "namedtuple" or not isinstance(position, int):
        return None
    return str(kind.keys[position]) if -len(kind.keys) <= position < len(kind.keys) else None


def fields(expr: Call, held: Expr, kind: Kind) -> Expr:
    """`p._asdict()`."""
    if isinstance(kind, TupleOf) and (elts := elements(held, kind)) is not None:
        return Dict(kind.names, tuple(elts), span=expr.span)
    return copy(expr, kind) if isinstance(kind, RecordOf) and is_place(held) else expr


def get(expr: Call, kind: RecordOf) -> Expr:
    """`d.get("key", default)`."""
    if len(expr.args) not in (2, 3) or not isinstance(expr.args[1], Const):
        return expr
    if kind.at(expr.args[1].value) is not None:
        return Index(expr.args[0], expr.args[1], span=expr.span)
    return expr.args[2] if len(expr.args) == 3 else Const(None)


def values(expr: Call, kind: RecordOf) -> Expr:
    """`d.values()`."""
    return List(tuple(place for place, _ in parts_of(expr.args[0], kind)), span=expr.span)


def pairs(expr: Call, kind: RecordOf) -> Expr:
    """`d.items()`."""
    places = [place for place, _ in parts_of(expr.args[0], kind)]
    elts = (Tuple((Const(k), place)) for k, place in zip(kind.keys, places, strict=True))
    return List(tuple(elts), span=expr.span)


def copy(expr: Call, kind: RecordOf) -> Expr:
    """`d.copy()` and `dict(d)`."""
    return Dict(kind.keys, tuple(place for place, _ in parts_of(expr.args[0], kind)), span=expr.span)


METHODS: dict[str, Callable[[Call, RecordOf], Expr]] = {
    "dict.get": get,
    "dict.values": values,
    "dict.items": pairs,
    "numpy.copy": copy,
    "builtins.dict": copy,
}
