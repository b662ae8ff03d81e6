"""What is known of a value before the program runs, as far as it decides what a function does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adtrans import ir
from adtrans.enumerated import Member
from adtrans.kinds import (
    ANY,
    BOOL,
    INT,
    MEMBER,
    NONE,
    STR,
    Array,
    Kind,
    ListOf,
    Plain,
    RecordOf,
    TupleOf,
    join,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """The kind of a value, the value itself where it is a setting (None, a string, a flag, a whole number),
    and the shape of a tuple or dict: its keys, and the names that hold its elements, if they never change."""

    kind: Kind = ANY
    value: ir.Const | None = None
    keys: tuple[str | int, ...] | None = None
    names: tuple[str, ...] | None = None


UNKNOWN = Fact()


def of_constant(value: object) -> Fact:
    """The fact of a literal."""
    kinds: dict[type, Kind] = {type(None): NONE, str: STR, bool: BOOL, int: INT, Member: MEMBER}
    if type(value) not in kinds:
        return UNKNOWN
    return Fact(kinds[type(value)], ir.Const(value))  # type: ignore[arg-type]


def of_kind(kind: Kind) -> Fact:
    """The fact of an argument of this kind."""
    match kind:
        case Plain(name="None"):
            return of_constant(None)
        case Plain(name="str", value=str() as text):
            return of_constant(text)
        case Array(dtype="b", value=bool() as flag):
            return of_constant(flag)
        case TupleOf(elems=elems):
            return Fact(kind, keys=tuple(range(len(elems))))
        case RecordOf(keys=keys, form="dict") if all(isinstance(k, (str, int)) for k in keys):
            return Fact(kind, keys=tuple(k for k in keys if isinstance(k, (str, int))))
    return Fact(kind)


def same(a: Fact, b: Fact) -> bool:
    """Equality that tells `True` from `1`."""
    if a.value is not None and b.value is not None and type(a.value.value) is not type(b.value.value):
        return False
    return a == b


def joined(a: Fact, b: Fact) -> Fact:
    """What is known of a value that is one or the other."""
    if same(a, b):
        return a
    kind = ANY if NONE in (a.kind, b.kind) else join(a.kind, b.kind)
    keys = a.keys if a.keys == b.keys and type(a.kind) is type(b.kind) else None
    return Fact(kind, None, keys, a.names if a.names == b.names else None)


def told(fact: Fact) -> Fact:
    """What a callee is told of an argument: no lengths of axes and no whole numbers, so that variants stay
    few (and a recursion that counts is not written out)."""
    match fact.kind:
        case Array(shape=shape) as kind if shape is not None:
            kind = replace(kind, shape=(None,) * len(shape), like=None)
        case Array():
            kind = ANY
        case TupleOf(elems=elems, names=names):
            kind = TupleOf((ANY,) * len(elems), names=names)
        case ListOf():
            kind = ListOf(ANY)
        case RecordOf() as kind:
            kind = replace(kind, elems=(ANY,) * len(kind.elems))
        case kind:
            pass
    keys = fact.keys if isinstance(fact.kind, TupleOf) else None
    counts = fact.value is not None and type(fact.value.value) is int
    return Fact(kind, None if counts else fact.value, keys)
