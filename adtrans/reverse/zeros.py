"""Zeros and kinds of adjoints, and the places in them."""

from __future__ import annotations

from collections.abc import Collection

from adtrans.analyses.expressions import SUPPORT
from adtrans.ir import (
    Call,
    Comprehension,
    Const,
    Dict,
    Expr,
    Global,
    Index,
    List,
    Name,
    Op,
    Tuple,
)
from adtrans.kinds import (
    COMPLEX,
    FLOAT,
    NONE,
    Array,
    Kind,
    ListOf,
    Plain,
    RecordOf,
    TupleOf,
    map_parts,
    may_vary,
)
from adtrans.structures import parts_of

NUMBERS = {"f4": "np.float32", "c16": "complex", "c8": "np.complex64", "c": "complex", "*": "complex"}
"""What the zeros are for an array that may be None."""


def real(kind: Kind) -> Kind:
    """The kind of the adjoint of a value: floats, of its shape. That of None is None."""
    match kind:
        case Array(dtype=dtype, shape=shape, like=like):
            return Array("f8" if dtype in ("i", "b") else dtype, shape, like=like)
        case RecordOf(keys=keys, elems=elems, none=none):
            return RecordOf(keys, tuple(map(real_part, elems)), none=none)
        case TupleOf(elems=elems, none=none):
            return TupleOf(tuple(map(real_part, elems)), none=none)
    return map_parts(kind, real)


def real_part(kind: Kind) -> Kind:
    """The same for a part of a tuple or record: that of an index or a flag is None."""
    return real(kind) if may_vary(kind) else NONE


def zero_like(value: Expr, kind: Kind, display: type[List | Tuple] = List) -> Expr:
    """Zero of the shape of a value; the adjoint of a tuple is a list, so that its parts can be added to."""
    match kind:
        case Array(rank=0, dtype=dtype):
            return Const(0j if dtype in COMPLEX else 0.0)
        case ListOf(none=True) | TupleOf(none=True) | RecordOf(none=True):
            return Call(SUPPORT + "zero_of", (value,))
        case ListOf(elem=Array(rank=0) as elem):
            return Op("*", (List((zero_like(value, elem),)), Call("builtins.len", (value,))))
        case ListOf(elem=elem):
            item = Name("item")
            return Comprehension(part_zero(item, elem or FLOAT, display), item, value)
        case TupleOf() | RecordOf():
            elts = tuple(part_zero(place, e, display) for place, e in parts_of(value, kind))
            if isinstance(kind, RecordOf):
                return Dict(kind.keys, elts)
            return List(elts) if kind.mutable else display(elts)
        case Array(whole=True) if kind.rank != 0:  # Of integers it is one of floats.
            return typed_zero(value, kind)
        case Array(none=True):  # Of None it is the number: an adjoint that nobody reads.
            return typed_zero(value, kind)
        case Array():
            return Call("numpy.zeros_like", (value,))
        case Plain(name="None"):
            return Const(None)
    return Call(SUPPORT + "zero_of", (value,))


def typed_zero(value: Expr, kind: Array) -> Expr:
    """Zero of the shape of a value that may be None or an array of integers."""
    return Call("numpy.zeros_like", (value,), (("dtype", Global(NUMBERS.get(kind.dtype, "float"))),))


def start_of(name: str, kind: Kind, integers: Collection[str], display: type[List | Tuple] = List) -> Expr:
    """Zero of the shape of a variable; `integers` are those that hold an array of integers at some time."""
    if name in integers and isinstance(kind, Array) and kind.rank != 0:
        return typed_zero(Name(name), kind)
    return zero_like(Name(name), kind, display)


def part_zero(value: Expr, kind: Kind, display: type[List | Tuple]) -> Expr:
    """Zero of a part of something that varies; None where the part itself cannot."""
    empty = isinstance(kind, RecordOf) and not kind.elems  # There may be something in it later.
    return zero_like(value, kind, display) if may_vary(kind) or empty else Const(None)


def rebased(place: Expr, new: Name) -> Expr:
    """`x_bar[i][j]` for `x[i][j]`."""
    if isinstance(place, Index):
        return Index(rebased(place.base, new), place.index)
    return new


def copied(place: Expr) -> Expr:
    return Call("numpy.copy", (place,), style="method", spelled="copy")
