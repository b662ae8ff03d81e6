"""Containers in expressions: their parts as places, and displays of the same structure."""

from __future__ import annotations

from adtrans.ir import Call, Const, Dict, Expr, Index, List, Tuple
from adtrans.kinds import Kind, RecordOf, TupleOf


def key(record: RecordOf, index: Expr) -> str | int | None:
    """The key of a record that an index is, None if it is none of its keys or not known."""
    if isinstance(index, Const) and record.at(index.value) is not None:
        assert isinstance(index.value, (str, int))
        return index.value
    return None


def part(value: Expr, kind: TupleOf | RecordOf, k: int) -> Expr:
    """The part of a value of this kind with the number k: `t[1]`, `d["b"]`, `p.b`."""
    if isinstance(kind, TupleOf):
        return Index(value, Const(k))
    return Index(value, Const(kind.keys[k]), attribute=kind.form != "dict")


def parts_of(value: Expr, kind: TupleOf | RecordOf) -> list[tuple[Expr, Kind]]:
    """All parts of a value, each with its kind."""
    return [(part(value, kind, k), elem) for k, elem in enumerate(kind.elems)]


def display(
    kind: TupleOf | RecordOf, elts: tuple[Expr, ...], like: Expr, tuples: type[List | Tuple] = Tuple
) -> Expr:
    """A value of this kind with these parts; what is neither a dict nor a tuple is made from `like`."""
    if isinstance(kind, TupleOf):
        return tuples(elts)
    if kind.form == "dict":
        return Dict(kind.keys, elts)
    named = tuple((str(k), e) for k, e in zip(kind.keys, elts, strict=True))
    if kind.form == "namedtuple":
        return Call("?._replace", (like,), named, style="method", spelled="_replace")
    return Call("dataclasses.replace", (like,), named, spelled="replace")
