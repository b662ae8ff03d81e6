# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Arrays from nothing, from a fill value or two ends (zeros, full, linspace), and questions about shapes."""

import math

import numpy as np

from adtrans.kinds import INT, Array, Dim, Kind, ListOf, Plain, TupleOf
from adtrans.rules.facts import (
    as_array,
    as_weak,
    const,
    dim_of,
    dims_of,
    dtype_of,
    promote,
    shape_arg,
)
from adtrans.rules.registry import REST, Arg, cannot_vary, jvp, kind, parameters, vjp
from adtrans.support import unbroadcast

# ---------------------------------------------------------------- constants

cannot_vary(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri)
cannot_vary(np.zeros_like, np.ones_like, np.empty_like)
cannot_vary(np.shape, np.size, np.ndim, np.indices, np.isscalar)
cannot_vary(np.result_type)
cannot_vary(np.triu_indices, np.tril_indices, np.diag_indices, np.unravel_index, np.ravel_multi_index)
cannot_vary(np.triu_indices_from, np.tril_indices_from, np.diag_indices_from, np.mask_indices)


parameters(np.result_type, arrays_and_dtypes=REST)


@kind(np.result_type)
def result_type_kind(arrays_and_dtypes: Arg) -> Kind:
    return Plain("dtype")


@kind(np.zeros, np.ones, np.empty)
def zeros_kind(shape: Arg, dtype: Arg | None = None, **_: Arg) -> Kind:
    return Array(dtype_of(dtype), dims_of(shape))


@kind(np.eye, np.tri)
def eye_kind(N: Arg, M: Arg | None = None, dtype: Arg | None = None, **_: Arg) -> Kind:
    columns = const(N) if const(M) is None else const(M)
    return Array(dtype_of(dtype), (dim_of(const(N)), dim_of(columns)))


@kind(np.identity)
def identity_kind(n: Arg, dtype: Arg | None = None, **_: Arg) -> Kind:
    return Array(dtype_of(dtype), (dim_of(const(n)),) * 2)


@kind(np.zeros_like, np.ones_like, np.empty_like)
def zeros_like_kind(
    a: Arg | None = None,
    prototype: Arg | None = None,
    dtype: Arg | None = None,
    shape: Arg | None = None,
    **_: Arg,
) -> Kind:
    like = a or prototype
    assert like is not None
    array = as_array(like)
    if const(shape) is not None:
        return Array(dtype_of(dtype, array.dtype), dims_of(shape))
    # The zero that an adjoint starts from may be that of None, which has no axes.
    none = isinstance(like.kind, Array) and like.kind.none
    return Array(dtype_of(dtype, array.dtype), array.shape, none=none)


@kind(np.shape)
def shape_kind(a: Arg) -> Kind:
    shape = shape_arg(a)
    return ListOf(INT) if shape is None else TupleOf((INT,) * len(shape))


@kind(np.size, np.ndim)
def size_kind(a: Arg, axis: Arg | None = None) -> Kind:
    return INT


@kind(np.isscalar)
def isscalar_kind(element: Arg) -> Kind:
    return Array("b", (), python=True)


@kind(np.indices)
def indices_kind(dimensions: Arg, dtype: Arg | None = None, sparse: Arg | None = None) -> Kind:
    dims = dims_of(dimensions)
    if sparse is not None:
        return Kind()
    return Array(dtype_of(dtype, "i"), None if dims is None else (len(dims), *dims))


@kind(np.triu_indices, np.tril_indices, np.diag_indices)
def triu_indices_kind(n: Arg, k: Arg | None = None, m: Arg | None = None, ndim: Arg | None = None) -> Kind:
    count = const(ndim, 2)
    index = Array("i", (None,))
    return TupleOf((index,) * count) if isinstance(count, int) else ListOf(index)


@kind(np.triu_indices_from, np.tril_indices_from, np.mask_indices)
def triu_indices_from_kind(*_: Arg, **__: Arg) -> Kind:
    return TupleOf((Array("i", (None,)),) * 2)


@kind(np.diag_indices_from)
def diag_indices_from_kind(arr: Arg) -> Kind:
    shape = shape_arg(arr)
    index = Array("i", (None,))
    return ListOf(index) if shape is None else TupleOf((index,) * len(shape))


@kind(np.unravel_index)
def unravel_index_kind(indices: Arg, shape: Arg, **_: Arg) -> Kind:
    dims = dims_of(shape)
    index = Array("i", shape_arg(indices))
    return ListOf(index) if dims is None else TupleOf((index,) * len(dims))


@kind(np.ravel_multi_index)
def ravel_multi_index_kind(multi_index: Arg, dims: Arg, **_: Arg) -> Kind:
    return Array("i", None)


# --------------------------------------------------------------------- full


@jvp(np.full)
def full_dot(y, shape, fill_value, fill_value_dot, dtype=None):
    return np.full(shape, fill_value_dot, dtype)


@vjp(np.full)
def full_bar(y, shape, fill_value, y_bar, dtype=None):
    return None, unbroadcast(y_bar, fill_value)


@kind(np.full)
def full_kind(shape: Arg, fill_value: Arg, dtype: Arg | None = None, **_: Arg) -> Kind:
    return Array(dtype_of(dtype, as_array(fill_value).dtype), dims_of(shape))


@jvp(np.full_like)
def full_like_dot(y, a, fill_value, fill_value_dot, dtype=None):
    return np.full_like(a, fill_value_dot, dtype)


@vjp(np.full_like)
def full_like_bar(y, a, fill_value, y_bar, dtype=None):
    return None, unbroadcast(y_bar, fill_value)


@kind(np.full_like)
def full_like_kind(
    a: Arg, fill_value: Arg, dtype: Arg | None = None, shape: Arg | None = None, **_: Arg
) -> Kind:
    return zeros_like_kind(a, None, dtype, shape)


# ------------------------------------------------------------------- ranges


@jvp(np.arange)
def arange_dot(y, start, stop, step, start_dot, step_dot):
    if stop is None:
        return step_dot * np.arange(np.size(y))
    return np.full_like(y, start_dot) + step_dot * np.arange(np.size(y))


@vjp(np.arange)
def arange_bar(y, start, stop, step, y_bar):
    if stop is None:
        return None, None, np.arange(np.size(y)) @ y_bar
    return np.sum(y_bar), None, np.arange(np.size(y)) @ y_bar


@kind(np.arange)
def arange_kind(
    start_or_stop: Arg, stop: Arg | None = None, step: Arg | None = None, dtype: Arg | None = None, **_: Arg
) -> Kind:
    given = [arg for arg in (start_or_stop, stop, step) if arg is not None and const(arg) is not None]
    values = [const(arg) for arg in given]
    length: Dim = None
    if all(isinstance(value, int | float) for value in values) and not (len(values) == 3 and values[2] == 0):
        first, last = (0, values[0]) if len(values) == 1 else (values[0], values[1])
        length = max(0, math.ceil((last - first) / (values[2] if len(values) == 3 else 1)))
    dtype_ = promote(as_weak(arg) for arg in given)
    return Array(dtype_of(dtype, dtype_), (length,))


@jvp(np.linspace)
def linspace_dot(
    y, start, stop, start_dot, stop_dot, num=50, endpoint=True, retstep=False, dtype=None, axis=0
):
    if retstep:
        if np.ndim(start) > 0 or np.ndim(stop) > 0:
            raise NotImplementedError("the derivative of np.linspace between arrays, with its step")
        t = np.linspace(0.0, 1.0, num, endpoint)
        step_dot = (stop_dot - start_dot) / (max(num - 1, 1) if endpoint else num)
        return (1.0 - t) * start_dot + t * stop_dot, step_dot
    if np.ndim(start) == 0 and np.ndim(stop) == 0:
        both = np.linspace(start_dot, 0.0, num, endpoint) + np.linspace(0.0, stop_dot, num, endpoint)
        return both if dtype is None else both.astype(dtype)
    from_start = np.linspace(start_dot, np.zeros_like(stop), num, endpoint)
    both = from_start + np.linspace(np.zeros_like(start), stop_dot, num, endpoint)
    return both if axis == 0 else np.moveaxis(both, 0, axis)


@vjp(np.linspace)
def linspace_bar(y, start, stop, y_bar, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    if retstep:
        if np.ndim(start) > 0 or np.ndim(stop) > 0:
            raise NotImplementedError("the derivative of np.linspace between arrays, with its step")
        t = np.linspace(0.0, 1.0, num, endpoint)
        step_bar = y_bar[1] / (max(num - 1, 1) if endpoint else num)
        return (1.0 - t) @ y_bar[0] - step_bar, t @ y_bar[0] + step_bar
    if np.ndim(start) == 0 and np.ndim(stop) == 0:
        t = np.linspace(0.0, 1.0, num, endpoint)
        return (1.0 - t) @ y_bar, t @ y_bar
    t = np.linspace(0.0, 1.0, num, endpoint, dtype=y.dtype)
    rows_bar = y_bar if axis == 0 else np.moveaxis(y_bar, axis, 0)
    start_bar = np.tensordot(1.0 - t, rows_bar, 1)
    stop_bar = np.tensordot(t, rows_bar, 1)
    return unbroadcast(start_bar, start), unbroadcast(stop_bar, stop)


@kind(np.linspace)
def linspace_kind(
    start: Arg,
    stop: Arg,
    num: Arg | None = None,
    retstep: Arg | None = None,
    dtype: Arg | None = None,
    **_: Arg,
) -> Kind:
    ends = [shape_arg(start), shape_arg(stop)]
    single = all(shape == () for shape in ends)
    kinds = [as_weak(start), as_weak(stop), Array("f8", (), python=True)]
    points = Array(dtype_of(dtype, promote(kinds)), (dim_of(const(num, 50)),) if single else None)
    if const(retstep, False) is False:
        return points
    return TupleOf((points, Array("f8", ()))) if const(retstep) is True else Kind()


@kind(np.logspace, np.geomspace)
def logspace_kind(
    start: Arg, stop: Arg, num: Arg | None = None, dtype: Arg | None = None, base: Arg | None = None, **_: Arg
) -> Kind:
    ends = [shape_arg(arg) for arg in (start, stop, base) if arg is not None]
    single = all(shape == () for shape in ends)
    return Array(dtype_of(dtype, "f8" if single else "?"), (dim_of(const(num, 50)),) if single else None)


# ------------------------------------------------------------ type conversion


integers = (np.int64, np.int32, np.int16, np.int8, np.uint8, np.uint16, np.uint32, np.uint64)
cannot_vary(*integers, np.bool_)
for fn in (*integers, np.bool_):
    parameters(fn, value=0)


@kind(*integers)
def int_kind(value: Arg | None = None) -> Kind:
    return Array("i", () if value is None else shape_arg(value))


@kind(np.bool_)
def bool_kind(value: Arg | None = None) -> Kind:
    return Array("b", () if value is None else shape_arg(value))


parameters(np.unravel_index, indices=..., shape=..., order="C")
parameters(np.ravel_multi_index, multi_index=..., dims=..., mode="raise", order="C")
parameters(np.zeros, shape=..., dtype=None, order="C", device=None, like=None)
parameters(np.empty, shape=..., dtype=None, order="C", device=None, like=None)
parameters(np.empty_like, prototype=..., dtype=None, order="K", subok=True, shape=None, device=None)
parameters(np.arange, start_or_stop=..., stop=None, step=1, dtype=None, device=None, like=None)
