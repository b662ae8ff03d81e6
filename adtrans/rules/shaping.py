# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""The same numbers in another shape or order of axes: reshape, transpose, squeeze, broadcast_to."""

from dataclasses import replace
from math import prod

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import (
    Shape,
    as_array,
    as_weak,
    axes_of,
    const,
    dims_of,
    dtype_of,
    same_rank,
    shape_arg,
    with_shape,
)
from adtrans.rules.registry import UNKNOWN, Arg, jvp, kind, parameters, vjp
from adtrans.support import is_complex, unbroadcast

# ------------------------------------------------------------------ reshape


@jvp(np.reshape)
def reshape_dot(y, a, a_dot, shape, order="C"):
    if order == "A":
        raise NotImplementedError("the derivative of np.reshape with order='A'")
    return np.reshape(a_dot, shape, order=order)


@vjp(np.reshape)
def reshape_bar(y, a, y_bar, shape, order="C"):
    if order == "A":
        raise NotImplementedError("the derivative of np.reshape with order='A'")
    return np.reshape(y_bar, np.shape(a), order=order)


@kind(np.reshape)
def reshape_kind(a: Arg, shape: Arg, **_: Arg) -> Kind:
    dims = dims_of(shape)
    values = const(shape)
    wanted = values if isinstance(values, tuple | list) else (values,)
    old = shape_arg(a)
    lengths = [dim for dim in old or () if isinstance(dim, int)]
    if dims is not None and old is not None and len(lengths) == len(old) and list(wanted).count(-1) == 1:
        rest = prod(dim for dim in wanted if isinstance(dim, int) and dim > 0)
        if 0 not in wanted and all(isinstance(dim, int) for dim in wanted):
            dims = tuple(prod(lengths) // rest if dim == -1 else dim for dim in wanted)
    return with_shape(as_array(a), dims)


@jvp("numpy.ndarray.flatten")
def flatten_dot(y, a, a_dot, order="C"):
    if order == "A" or order == "K":
        raise NotImplementedError("the derivative of flatten in the order of memory")
    return a_dot.flatten(order)


@jvp(np.ravel)
def ravel_dot(y, a, a_dot, order="C"):
    if order == "A" or order == "K":
        raise NotImplementedError("the derivative of np.ravel in the order of memory")
    return np.ravel(a_dot, order=order)


@vjp(np.ravel, "numpy.ndarray.flatten")
def ravel_bar(y, a, y_bar, order="C"):
    if order == "A" or order == "K":
        raise NotImplementedError("the derivative of np.ravel in the order of memory")
    return np.reshape(y_bar, np.shape(a), order=order)


@kind(np.ravel, "numpy.ndarray.flatten")
def ravel_kind(a: Arg, **_: Arg) -> Kind:
    shape = shape_arg(a)
    return with_shape(as_array(a), (product(shape),))


def product(shape: Shape) -> Dim:
    """The number of elements, if it is known."""
    if shape is not None and len(shape) == 1:
        return shape[0]
    lengths = [dim for dim in shape or (None,) if isinstance(dim, int)]
    return prod(lengths) if shape is not None and len(lengths) == len(shape) else None


for path in ("numpy.ascontiguousarray", "numpy.asfortranarray"):
    parameters(path, a=..., dtype=None, like=None)
parameters("numpy.ndarray.flatten", a=..., order="C")

# --------------------------------------------------------------------- axes


@jvp(np.transpose)
def transpose_dot(y, a, a_dot, axes=None):
    return np.transpose(a_dot, axes)


@vjp(np.transpose)
def transpose_bar(y, a, y_bar, axes=None):
    if axes is None:
        return np.transpose(y_bar)
    return np.moveaxis(y_bar, range(np.ndim(a)), axes)


@kind(np.transpose)
def transpose_kind(a: Arg, axes: Arg | None = None) -> Kind:
    shape = shape_arg(a)
    if shape is not None:
        order = axes_of(axes, len(shape), tuple(reversed(range(len(shape)))))
        if axes is not None and axes.value is None:
            order = tuple(reversed(range(len(shape))))
        shape = tuple(shape[k] for k in order) if order is not None else (None,) * len(shape)
    return with_shape(as_array(a), shape)


@jvp(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose_dot(y, x, x_dot):
    return np.matrix_transpose(x_dot)


@vjp(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose_bar(y, x, y_bar):
    return np.matrix_transpose(y_bar)


@kind(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose_kind(x: Arg) -> Kind:
    shape = shape_arg(x)
    return with_shape(as_array(x), None if shape is None else (*shape[:-2], *reversed(shape[-2:])))


@jvp(np.swapaxes)
def swapaxes_dot(y, a, a_dot, axis1, axis2):
    return np.swapaxes(a_dot, axis1, axis2)


@vjp(np.swapaxes)
def swapaxes_bar(y, a, y_bar, axis1, axis2):
    return np.swapaxes(y_bar, axis1, axis2)


@kind(np.swapaxes)
def swapaxes_kind(a: Arg, axis1: Arg, axis2: Arg) -> Kind:
    shape = shape_arg(a)
    if shape is None:
        return with_shape(as_array(a), None)
    first, second = axes_of(axis1, len(shape)), axes_of(axis2, len(shape))
    if first is None or second is None:
        return with_shape(as_array(a), same_rank(a))
    dims = list(shape)
    dims[first[0]], dims[second[0]] = dims[second[0]], dims[first[0]]
    return with_shape(as_array(a), tuple(dims))


@jvp(np.moveaxis)
def moveaxis_dot(y, a, a_dot, source, destination):
    return np.moveaxis(a_dot, source, destination)


@vjp(np.moveaxis)
def moveaxis_bar(y, a, y_bar, source, destination):
    return np.moveaxis(y_bar, destination, source)


@kind(np.moveaxis)
def moveaxis_kind(a: Arg, source: Arg, destination: Arg) -> Kind:
    shape = shape_arg(a)
    if shape is None:
        return with_shape(as_array(a), None)
    old, new = axes_of(source, len(shape)), axes_of(destination, len(shape))
    if old is None or new is None or len(old) != len(new):
        return with_shape(as_array(a), same_rank(a))
    order = [k for k in range(len(shape)) if k not in old]
    for place, axis in sorted(zip(new, old, strict=True)):
        order.insert(place, axis)
    return with_shape(as_array(a), tuple(shape[k] for k in order))


@jvp(np.rollaxis)
def rollaxis_dot(y, a, a_dot, axis, start=0):
    return np.rollaxis(a_dot, axis, start)


@vjp(np.rollaxis)
def rollaxis_bar(y, a, y_bar, axis, start=0):
    axis = axis % np.ndim(a)
    start = start + np.ndim(a) if start < 0 else start
    return np.moveaxis(y_bar, start - 1 if start > axis else start, axis)


@kind(np.rollaxis)
def rollaxis_kind(a: Arg, **_: Arg) -> Kind:
    return with_shape(as_array(a), same_rank(a))


# ------------------------------------------------------------- axes of length 1


@jvp(np.squeeze)
def squeeze_dot(y, a, a_dot, axis=None):
    return np.squeeze(a_dot, axis)


@vjp(np.squeeze)
def squeeze_bar(y, a, y_bar, axis=None):
    return np.reshape(y_bar, np.shape(a))


@kind(np.squeeze)
def squeeze_kind(a: Arg, axis: Arg | None = None) -> Kind:
    shape = shape_arg(a)
    result: Shape = None
    if shape is not None:
        axes = axes_of(axis, len(shape))
        if axes is not None:
            result = tuple(dim for k, dim in enumerate(shape) if k not in axes)
        elif const(axis) is None and not any(dim is None or isinstance(dim, str) for dim in shape):
            result = tuple(dim for dim in shape if dim != 1)
    return with_shape(as_array(a), result)


@jvp(np.expand_dims)
def expand_dims_dot(y, a, a_dot, axis):
    return np.expand_dims(a_dot, axis)


@vjp(np.expand_dims)
def expand_dims_bar(y, a, y_bar, axis):
    return np.reshape(y_bar, np.shape(a))


@kind(np.expand_dims)
def expand_dims_kind(a: Arg, axis: Arg) -> Kind:
    shape = shape_arg(a)
    value = const(axis)
    if shape is None or value is UNKNOWN:
        return with_shape(as_array(a), None)
    rank = len(shape) + (len(value) if isinstance(value, tuple | list) else 1)
    axes = axes_of(axis, rank)
    old = iter(shape)
    return with_shape(as_array(a), axes and tuple(1 if k in axes else next(old) for k in range(rank)))


@jvp(np.atleast_1d)
def atleast_1d_dot(y, a, a_dot):
    return np.atleast_1d(a_dot)


@jvp(np.atleast_2d)
def atleast_2d_dot(y, a, a_dot):
    return np.atleast_2d(a_dot)


@jvp(np.atleast_3d)
def atleast_3d_dot(y, a, a_dot):
    return np.atleast_3d(a_dot)


@vjp(np.atleast_1d, np.atleast_2d, np.atleast_3d)
def atleast_bar(y, a, y_bar):
    return np.reshape(y_bar, np.shape(a))


@kind(np.atleast_1d)
def atleast_1d_kind(a: Arg) -> Kind:
    return with_shape(as_array(a), at_least(1, shape_arg(a)))


@kind(np.atleast_2d)
def atleast_2d_kind(a: Arg) -> Kind:
    return with_shape(as_array(a), at_least(2, shape_arg(a)))


@kind(np.atleast_3d)
def atleast_3d_kind(a: Arg) -> Kind:
    shape = shape_arg(a)
    if shape is not None and len(shape) == 2:
        return with_shape(as_array(a), (*shape, 1))
    return with_shape(as_array(a), (1, *shape, 1) if shape and len(shape) == 1 else at_least(3, shape))


def at_least(rank: int, shape: Shape) -> Shape:
    return None if shape is None else (1,) * (rank - len(shape)) + shape


for fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    parameters(fn, a=...)

# ------------------------------------------------------------- broadcasting


@jvp(np.broadcast_to)
def broadcast_to_dot(y, array, array_dot, shape):
    return np.broadcast_to(array_dot, shape)


@vjp(np.broadcast_to)
def broadcast_to_bar(y, array, y_bar, shape):
    return unbroadcast(y_bar, array)


@kind(np.broadcast_to)
def broadcast_to_kind(array: Arg, shape: Arg, **_: Arg) -> Kind:
    return with_shape(as_array(array), dims_of(shape))


# ------------------------------------------------------- the same array again


@jvp(np.copy)
def copy_dot(y, a, a_dot, order="K"):
    return np.copy(a_dot)


@jvp(np.ascontiguousarray)
def ascontiguousarray_dot(y, a, a_dot):
    return np.ascontiguousarray(a_dot)


@jvp(np.asfortranarray)
def asfortranarray_dot(y, a, a_dot):
    return np.asfortranarray(a_dot)


@vjp(np.copy, np.ascontiguousarray, np.asfortranarray)
def copy_bar(y, a, y_bar, order="K"):
    return y_bar


@kind(np.copy, np.ascontiguousarray, np.asfortranarray)
def copy_kind(a: Arg, **_: Arg) -> Kind:
    return replace(as_array(a), none=isinstance(a.kind, Array) and a.kind.none)


@jvp("numpy.ndarray.astype", "numpy.astype")
def astype_dot(y, x, x_dot, dtype, copy=True):
    return x_dot.astype(dtype)


@vjp("numpy.ndarray.astype", "numpy.astype")
def astype_bar(y, x, y_bar, dtype, copy=True):
    if is_complex(y) and not is_complex(x):
        return np.real(y_bar).astype(x.dtype)
    return y_bar.astype(x.dtype)


@kind("numpy.ndarray.astype", "numpy.astype")
def astype_kind(x: Arg, dtype: Arg, **_: Arg) -> Kind:
    kind_ = as_weak(x)
    return Array(dtype_of(dtype), kind_.shape if isinstance(kind_, Array) else None)


parameters("numpy.ndarray.astype", x=..., dtype=..., order="K", casting="unsafe", subok=True, copy=True)
parameters("numpy.astype", x=..., dtype=..., copy=True, device=None)
