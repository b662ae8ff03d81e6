"""Containers in expressions: their parts as places, and displays of the same structure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adtrans.ir import Attr, Call, Comprehension, Const, Dict, Expr, Index, List, Name, Tuple
from adtrans.kinds import Array, Key, Kind, ListOf, Mapped, RecordOf, TupleOf, parts


def part(value: Expr, kind: TupleOf | RecordOf, k: int) -> Expr:
    """The part of a value of this kind with the number k: `t[1]`, `d["b"]`, `p.b`."""
    if isinstance(kind, TupleOf):
        return Index(value, Const(k))
    return Index(value, Const(kind.keys[k]), attribute=kind.form != "dict")


def parts_of(value: Expr, kind: TupleOf | RecordOf) -> list[tuple[Expr, Kind]]:
    """All parts of a value, each with its kind."""
    return [(part(value, kind, k), elem) for k, elem in enumerate(kind.elems)]


def named_part(expr: Expr, kind: Callable[[Expr], Kind]) -> int | None:
    """The number of the part of a named tuple that an attribute is: `p.x`, and `p.T` where it is one."""
    match expr:
        case Index(base=base, index=Const(value=str(word)), attribute=True) | Attr(base=base, name=word):
            pass
        case Call(style="attribute", args=(base,), spelled=word):
            pass
        case _:
            return None
    whole = kind(base)
    return whole.names.index(word) if isinstance(whole, TupleOf) and word in whole.names else None


def is_place(expr: Expr) -> bool:
    """Whether an expression only says where something is."""
    while isinstance(expr, Index):
        if not isinstance(expr.index, (Const, Name)):
            return False
        expr = expr.base
    return isinstance(expr, Name)


def unknown_part(place: Expr, kind: Callable[[Expr], Kind]) -> str:
    """Why a part of something is not known to be a value of its own; empty where it is."""
    while isinstance(place, Index):
        base, index = kind(place.base), place.index
        named = isinstance(index, Const) and isinstance(index.value, str)
        if place.attribute and not isinstance(base, RecordOf):
            return f"the attribute `.{index.value}`"  # type: ignore[attr-defined]
        if named and isinstance(base, (Array, ListOf, TupleOf)) and base != Array("?", None):
            return f"a part that is called `{index.value}`"  # type: ignore[attr-defined]
        if isinstance(base, Mapped):
            return "what is in a dict whose keys are not known"
        if isinstance(base, RecordOf) and base.form == "namedtuple" and not named:
            return "an index into a named tuple that is not constant"
        place = place.base
    return ""


def as_given(value: Expr, kind: Kind) -> Expr:
    """An adjoint as it is returned: inside, that of a tuple is a list, so that it can be added to."""
    match kind:
        case TupleOf() | RecordOf() if differs(kind):
            elts = tuple(as_given(Index(value, k), e) for k, e in zip(keys(kind), kind.elems, strict=True))
            if isinstance(kind, RecordOf):
                return Dict(kind.keys, elts)
            plain = not any(map(differs, kind.elems))
            if kind.mutable:
                return List(elts)
            return Call("builtins.tuple", (value,), spelled="tuple") if plain else Tuple(elts)
        case ListOf(elem=Kind() as elem) if differs(elem):
            item = Name("item")
            return Comprehension(as_given(item, elem), item, value)
    return value


def differs(kind: Kind) -> bool:
    """Whether the adjoint of a value has another structure than the value: there is a tuple in it."""
    return (isinstance(kind, TupleOf) and not kind.mutable) or any(map(differs, parts(kind)))


def keys(kind: TupleOf | RecordOf) -> list[Const]:
    """The indices of the parts of an adjoint."""
    return [Const(k) for k in (kind.keys if isinstance(kind, RecordOf) else range(len(kind.elems)))]


def display(
    kind: TupleOf | RecordOf, elts: tuple[Expr, ...], like: Expr, tuples: type[List | Tuple] = Tuple
) -> Expr:
    """A value of this kind with these parts; what is neither a dict nor a tuple is made from `like`."""
    if isinstance(kind, TupleOf) and (tuples is List or not kind.names):
        return List(elts) if kind.mutable else tuples(elts)
    if isinstance(kind, RecordOf) and kind.form == "dict":
        return Dict(kind.keys, elts)
    places = (e for e, _ in parts_of(like, kind))
    names = kind.names if isinstance(kind, TupleOf) else kind.keys
    named = tuple((str(k), e) for k, e, old in zip(names, elts, places, strict=True) if e != old)
    if isinstance(kind, TupleOf) or kind.form == "namedtuple":
        return Call("namedtuple._replace", (like,), named, style="method", spelled="_replace")
    return Call("dataclasses.replace", (like,), named)


REPLACING = ("dataclasses.replace", "namedtuple._replace")
"""Calls that give an object like their first argument, with other fields."""


def contents(expr: Expr, kind: Callable[[Expr], Kind]) -> tuple[Sequence[Key], tuple[Expr, ...]] | None:
    """What is under the keys of a display, or of an object that is made from another one."""
    match expr:
        case Dict(keys=names, elts=elts):
            return names, elts
        case Tuple(elts=elts) | List(elts=elts):
            return range(len(elts)), elts
        case Call(fn=fn, args=(like,), kwargs=kwargs) if fn in REPLACING and is_place(like):
            record = kind(like)
            if isinstance(record, TupleOf) and {name for name, _ in kwargs} <= set(record.names):
                found = dict(kwargs)
                places = zip(record.names, parts_of(like, record), strict=True)
                return range(len(record.elems)), tuple(found.get(name, p) for name, (p, _) in places)
            if isinstance(record, RecordOf) and {name for name, _ in kwargs} <= set(record.keys):
                new = dict(kwargs)
                pairs = zip(record.keys, parts_of(like, record), strict=True)
                return record.keys, tuple(new.get(str(k), place) for k, (place, _) in pairs)
    return None
