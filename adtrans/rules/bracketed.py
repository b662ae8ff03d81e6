# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""What is joined by an index, `np.r_[x, 0.0]` and `np.c_[x, y]`: to the compiler calls of many arguments."""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_weak, elements, promote, shape_arg
from adtrans.rules.joining import length
from adtrans.rules.registry import REST, Arg, complex_too, jvp, kind, parameters, vjp


@jvp("numpy.r_")
def r_dot(y, items, items_dot):
    return in_rows(y, items, items_dot)


@vjp("numpy.r_")
def r_bar(y, items, y_bar):
    return rows_of(items, y_bar)


@jvp("numpy.c_")
def c_dot(y, items, items_dot):
    return in_columns(y, items, items_dot)


@vjp("numpy.c_")
def c_bar(y, items, y_bar):
    return columns_of(items, y_bar)


def in_rows(y, items, values):
    """`np.r_[*values]`, of the dtype of y."""
    whole = np.zeros_like(y)
    start = 0
    for x, value in zip(items, values, strict=True):
        if isinstance(x, (str, slice, tuple, list)):
            raise NotImplementedError("np.r_ of other things than arrays and numbers")
        stop = start + (np.shape(x)[0] if np.ndim(x) > 0 else 1)
        whole[start:stop] = value
        start = stop
    return whole


def rows_of(items, g):
    """What lies in the rows of each item, in its shape."""
    parts = []
    start = 0
    for x in items:
        if isinstance(x, (str, slice, tuple, list)):
            raise NotImplementedError("np.r_ of other things than arrays and numbers")
        stop = start + (np.shape(x)[0] if np.ndim(x) > 0 else 1)
        parts.append(np.reshape(g[start:stop], np.shape(x)))
        start = stop
    return parts


def in_columns(y, items, values):
    """`np.c_[*values]`, of the dtype of y."""
    whole = np.zeros_like(y)
    start = 0
    for x, value in zip(items, values, strict=True):
        if isinstance(x, (str, slice, tuple, list)):
            raise NotImplementedError("np.c_ of other things than arrays and numbers")
        stop = start + (np.shape(x)[-1] if np.ndim(x) > 1 else 1)
        whole[..., start:stop] = np.reshape(value, (*np.shape(y)[:-1], stop - start))
        start = stop
    return whole


def columns_of(items, g):
    """What lies in the columns of each item, in its shape."""
    parts = []
    start = 0
    for x in items:
        if isinstance(x, (str, slice, tuple, list)):
            raise NotImplementedError("np.c_ of other things than arrays and numbers")
        stop = start + (np.shape(x)[-1] if np.ndim(x) > 1 else 1)
        parts.append(np.reshape(g[..., start:stop], np.shape(x)))
        start = stop
    return parts


@kind("numpy.r_")
def r_kind(items: Arg) -> Kind:
    return joined_kind(items, 1)


@kind("numpy.c_")
def c_kind(items: Arg) -> Kind:
    return joined_kind(items, 2)


def joined_kind(items: Arg, least: int) -> Kind:
    """Arrays of at most `least` axes give one of `least` axes; what is no array may be a string."""
    parts = elements(items)
    if not parts or not all(isinstance(part.kind, Array) for part in parts):
        return Array("?", None)
    dtype = promote(map(as_weak, parts))
    shapes = [shape_arg(part) for part in parts]
    known = [shape for shape in shapes if shape is not None and len(shape) <= least]
    if len(known) < len(shapes):
        return Array(dtype, None)
    if least == 1:
        return Array(dtype, (length([shape or (1,) for shape in known], 0),))
    return Array(dtype, (None, length([shape if len(shape) == 2 else (1, 1) for shape in known], 1)))


complex_too("numpy.r_", "numpy.c_")
parameters("numpy.r_", items=REST)
parameters("numpy.c_", items=REST)
