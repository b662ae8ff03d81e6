# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Our own helpers: a module that we emitted is read again; what was copied into it is known by its text."""

from dataclasses import replace

import numpy as np

from adtrans.kinds import ANY, Array, Kind, ListOf, TupleOf, may_be_complex, may_vary, parts_dtype
from adtrans.rules.facts import shape_in
from adtrans.rules.registry import Arg, cannot_vary, complex_too, jvp, kind, vjp
from adtrans.support import (
    added,
    copied,
    copied_result,
    is_complex,
    part_for,
    snapshot,
    unbroadcast,
    unreduce,
    zero_of,
)


@jvp(unbroadcast)
def unbroadcast_dot(y, g, x, g_dot):
    return unbroadcast(g_dot, x)


@vjp(unbroadcast)
def unbroadcast_bar(y, g, x, y_bar):
    if is_complex(g):
        y_bar = y_bar + 0j
    return np.broadcast_to(y_bar, np.shape(g)), None


@jvp(unreduce)
def unreduce_dot(y, g, x, g_dot, axis=None, keepdims=False):
    return unreduce(g_dot, x, axis, keepdims)


@vjp(unreduce)
def unreduce_bar(y, g, x, y_bar, axis=None, keepdims=False):
    return unbroadcast(np.sum(y_bar, axis, keepdims=keepdims), g), None


@kind(unreduce)
def unreduce_kind(g: Arg, x: Arg, axis: Arg | None = None, keepdims: Arg | None = None) -> Kind:
    dtype = g.kind.dtype if isinstance(g.kind, Array) else "?"
    return Array(dtype, shape_in(x.kind))


@kind(unbroadcast)
def unbroadcast_kind(g: Arg, x: Arg) -> Kind:
    dtype = g.kind.dtype if isinstance(g.kind, Array) else "?"
    return Array(dtype if may_be_complex(x.kind) else parts_dtype(dtype), shape_in(x.kind))


@jvp(part_for)
def part_for_dot(y, g, x, g_dot):
    return part_for(g_dot, x)


@vjp(part_for)
def part_for_bar(y, g, x, y_bar):
    if is_complex(g) and not isinstance(g, (list, tuple)):
        y_bar = y_bar + 0j
    return y_bar, None


@kind(part_for)
def part_for_kind(g: Arg, x: Arg) -> Kind:
    if may_be_complex(x.kind) or not isinstance(g.kind, Array):
        return g.kind
    return replace(g.kind, dtype=parts_dtype(g.kind.dtype))


complex_too(unbroadcast, unreduce, part_for, copied, copied_result, snapshot, added)


cannot_vary(zero_of)


@kind(zero_of)
def zero_kind(x: Arg) -> Kind:
    return zero(x.kind)


def zero(kind: Kind) -> Kind:
    """The kind of the zero of a value: of a tuple it is a list."""
    match kind:
        case Array(dtype="f4" | "f8", shape=(), none=False):
            return Array("f8", (), python=True)
        case Array(dtype=dtype, shape=shape, like=like, none=none) if may_vary(kind):
            return Array("f8" if dtype == "?" else dtype, shape, like=like, none=none)
        case ListOf(elem=elem, none=none):
            return ListOf(None if elem is None else zero(elem), none)
        case TupleOf(none=none):
            return ListOf(ANY, none)
    return ANY


@jvp(added)
def added_dot(y, a, b, a_dot, b_dot):
    return added(a_dot, b_dot)


@vjp(added)
def added_bar(y, a, b, y_bar):
    return y_bar, y_bar


@kind(added)
def added_kind(a: Arg, b: Arg) -> Kind:
    return a.kind if a.kind == b.kind else ANY


@jvp(copied)
def copied_dot(y, x, x_dot):
    return copied(x_dot)


@vjp(copied, copied_result, snapshot)
def copied_bar(y, x, y_bar):
    return y_bar


@kind(copied)
def copied_kind(x: Arg) -> Kind:
    return ListOf(ANY) if isinstance(x.kind, TupleOf) else x.kind


@jvp(snapshot)
def snapshot_dot(y, x, x_dot):
    return snapshot(x_dot)


@jvp(copied_result)
def copied_result_dot(y, x, x_dot):
    return copied_result(x_dot)


@kind(snapshot, copied_result)
def same_kind(x: Arg) -> Kind:
    return x.kind
