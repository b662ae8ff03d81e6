# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Elements put in, taken out or laid out anew: insert, compress, resize, partition, diagflat, vander."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, const, may_be_none, promote, same_rank, shape_arg, with_shape
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp
from adtrans.support import unbroadcast

# ------------------------------------------------------------------- insert


@jvp(np.insert)
def insert_dot(y, arr, obj, values, arr_dot, values_dot, axis=None):
    return np.insert(arr_dot, obj, np.zeros_like(values), axis) + np.insert(
        np.zeros_like(arr), obj, values_dot, axis
    )


@vjp(np.insert)
def insert_bar(y, arr, obj, values, y_bar, axis=None):
    # Elements of arr carry their number, those of values a number that is less than 0.
    numbers = np.reshape(np.arange(np.size(arr)), np.shape(arr))
    marks = np.reshape(-1 - np.arange(np.size(values)), np.shape(values))
    source = np.insert(numbers, obj, marks, axis)
    arr_bar = np.zeros(np.size(arr), y_bar.dtype)
    arr_bar[source[source >= 0]] = y_bar[source >= 0]
    values_bar = np.zeros(np.size(values), y_bar.dtype)
    np.add.at(values_bar, -1 - source[source < 0], y_bar[source < 0])
    return np.reshape(arr_bar, np.shape(arr)), None, np.reshape(values_bar, np.shape(values))


@kind(np.insert)
def insert_kind(arr: Arg, obj: Arg, values: Arg, axis: Arg | None = None) -> Kind:
    if const(axis) is None:
        return with_shape(as_array(arr), (None,))
    return with_shape(as_array(arr), None if may_be_none(axis) else same_rank(arr))


# ----------------------------------------------------------------- compress


@jvp(np.compress)
def compress_dot(y, condition, a, a_dot, axis=None):
    return np.compress(condition, a_dot, axis)


@vjp(np.compress)
def compress_bar(y, condition, a, y_bar, axis=None):
    kept = np.flatnonzero(condition)
    if axis is None:
        a_bar = np.zeros(np.size(a), a.dtype)
        a_bar[kept] = y_bar
        return None, np.reshape(a_bar, np.shape(a))
    a_bar = np.zeros_like(a)
    a_bar[(slice(None),) * (axis % np.ndim(a)) + (kept,)] = y_bar
    return None, a_bar


@kind(np.compress)
def compress_kind(condition: Arg, a: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    if const(axis) is None:
        return with_shape(as_array(a), (None,))
    return with_shape(as_array(a), None if may_be_none(axis) else same_rank(a))


@jvp("numpy.ndarray.compress")
def compress_method_dot(y, a, a_dot, condition, axis=None):
    return np.compress(condition, a_dot, axis)


@vjp("numpy.ndarray.compress")
def compress_method_bar(y, a, y_bar, condition, axis=None):
    places = np.compress(condition, np.reshape(np.arange(np.size(a)), np.shape(a)), axis)
    a_bar = np.zeros(np.size(a), a.dtype)
    a_bar[places] = y_bar
    return np.reshape(a_bar, np.shape(a))


@kind("numpy.ndarray.compress")
def compress_method_kind(a: Arg, condition: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    return compress_kind(condition, a, axis)


parameters("numpy.ndarray.compress", a=..., condition=..., axis=None, out=None)
parameters(np.compress, condition=..., a=..., axis=None, out=None)

# ------------------------------------------------------------------- resize


@jvp(np.resize)
def resize_dot(y, a, a_dot, new_shape):
    return np.resize(a_dot, new_shape)


@vjp(np.resize)
def resize_bar(y, a, y_bar, new_shape):
    a_bar = np.zeros(np.size(a), y_bar.dtype)
    if np.size(a) == 0:
        return np.reshape(a_bar, np.shape(a))  # An empty array is filled up with zeros.
    # The elements are repeated in their order until the new shape is full.
    np.add.at(a_bar, np.arange(np.size(y)) % np.size(a), np.ravel(y_bar))
    return np.reshape(a_bar, np.shape(a))


@kind(np.resize)
def resize_kind(a: Arg, new_shape: Arg) -> Kind:
    return with_shape(as_array(a), None)


# ---------------------------------------------------------------- partition


@jvp(np.partition)
def partition_dot(y, a, a_dot, kth, axis=-1):
    if axis is None:
        return np.ravel(a_dot)[np.argpartition(a, kth, None)]
    return np.take_along_axis(a_dot, np.argpartition(a, kth, axis), axis)


@vjp(np.partition)
def partition_bar(y, a, y_bar, kth, axis=-1):
    if axis is None:
        return np.reshape(y_bar[np.argsort(np.argpartition(a, kth, None))], np.shape(a))
    return np.take_along_axis(y_bar, np.argsort(np.argpartition(a, kth, axis), axis), axis)


@kind(np.partition)
def partition_kind(a: Arg, kth: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    if const(axis, -1) is None:
        return with_shape(as_array(a), (None,))
    return with_shape(as_array(a), None) if may_be_none(axis) else as_array(a)


# ---------------------------------------------------------- diagflat, vander


@jvp(np.diagflat)
def diagflat_dot(y, v, v_dot, k=0):
    return np.diagflat(v_dot, k)


@vjp(np.diagflat)
def diagflat_bar(y, v, y_bar, k=0):
    return np.reshape(np.diagonal(y_bar, k), np.shape(v))


@kind(np.diagflat)
def diagflat_kind(v: Arg, k: Arg | None = None) -> Kind:
    return with_shape(as_array(v), (None, None))


@jvp(np.vander)
def vander_dot(y, x, x_dot, N=None, increasing=False):
    return np.expand_dims(x_dot, -1) * vander_slopes(y, x, increasing)


@vjp(np.vander)
def vander_bar(y, x, y_bar, N=None, increasing=False):
    return np.sum(y_bar * vander_slopes(y, x, increasing), axis=-1).astype(np.result_type(x))


def vander_slopes(y, x, increasing):
    """The derivative of each power of x."""
    n = np.shape(y)[-1]
    powers = np.arange(n) if increasing else np.arange(n - 1, -1, -1)
    return powers.astype(y.dtype) * np.expand_dims(x, -1) ** np.maximum(powers - 1, 0).astype(y.dtype)


@kind(np.vander)
def vander_kind(x: Arg, N: Arg | None = None, increasing: Arg | None = None) -> Kind:
    shape, dtype = shape_arg(x), as_array(x).dtype
    rows: Dim = shape[0] if shape and len(shape) == 1 else None
    columns = rows if const(N) is None else const(N)
    return Array(
        {"f4": "f8", "c8": "c16"}.get(dtype, dtype if dtype != "b" else "?"),
        (rows, columns if isinstance(columns, int) else None),
    )


# ------------------------------------------------------------------ ediff1d


@jvp(np.ediff1d)
def ediff1d_dot(y, ary, ary_dot, to_end=None, to_begin=None):
    behind = None if to_end is None else np.zeros(np.size(to_end), y.dtype)
    before = None if to_begin is None else np.zeros(np.size(to_begin), y.dtype)
    return np.ediff1d(ary_dot, behind, before)


@vjp(np.ediff1d)
def ediff1d_bar(y, ary, y_bar, to_end=None, to_begin=None):
    if to_end is not None:
        y_bar = y_bar[: np.size(y_bar) - np.size(to_end)]
    if to_begin is not None:
        y_bar = y_bar[np.size(to_begin) :]
    return np.reshape(-np.diff(np.pad(y_bar, 1))[: np.size(ary)], np.shape(ary))


@kind(np.ediff1d)
def ediff1d_kind(ary: Arg, **_: Arg) -> Kind:
    return with_shape(as_array(ary), (None,))


# ------------------------------------------------- matrices times vectors


@jvp(np.matvec)
def matvec_dot(y, a, b, a_dot, b_dot):
    return np.matvec(a_dot, b) + np.matvec(a, b_dot)


@vjp(np.matvec)
def matvec_bar(y, a, b, y_bar):
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return np.outer(y_bar, b), a.T @ y_bar
    a_bar = np.expand_dims(y_bar, -1) * np.expand_dims(b, -2)
    b_bar = np.matvec(np.matrix_transpose(a), y_bar)
    return unbroadcast(a_bar, a), unbroadcast(b_bar, b)


@jvp(np.vecmat)
def vecmat_dot(y, a, b, a_dot, b_dot):
    return np.vecmat(a_dot, b) + np.vecmat(a, b_dot)


@vjp(np.vecmat)
def vecmat_bar(y, a, b, y_bar):
    if np.ndim(a) == 1 and np.ndim(b) == 2:
        return b @ y_bar, np.outer(a, y_bar)
    a_bar = np.matvec(b, y_bar)
    b_bar = np.expand_dims(a, -1) * np.expand_dims(y_bar, -2)
    return unbroadcast(a_bar, a), unbroadcast(b_bar, b)


@kind(np.matvec, np.vecmat)
def matvec_kind(x1: Arg, x2: Arg, **_: Arg) -> Kind:
    return Array(promote([as_array(x1), as_array(x2)]), None)


for path in ("numpy.matvec", "numpy.vecmat"):
    parameters(path, x1=..., x2=...)

# ---------------------------------------------------------------- windows

WINDOWS = "numpy.lib.stride_tricks.sliding_window_view"


@jvp(WINDOWS)
def windows_dot(y, x, x_dot, window_shape, axis=None):
    return np.lib.stride_tricks.sliding_window_view(x_dot, window_shape, axis)


@vjp(WINDOWS)
def windows_bar(y, x, y_bar, window_shape, axis=None):
    places = np.reshape(np.arange(np.size(x)), np.shape(x))
    x_bar = np.zeros(np.size(x), y_bar.dtype)
    np.add.at(x_bar, np.lib.stride_tricks.sliding_window_view(places, window_shape, axis), y_bar)
    return np.reshape(x_bar, np.shape(x))


@kind(WINDOWS)
def windows_kind(x: Arg, window_shape: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    shape, window = shape_arg(x), shape_arg(window_shape)
    number = isinstance(window_shape.kind, Array) and window == ()
    return with_shape(as_array(x), None if shape is None or not number else (None,) * (len(shape) + 1))
