# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Running sums and products."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, const, dtype_of, shape_arg
from adtrans.rules.registry import Arg, jvp, kind, vjp
from adtrans.support import cumprod_adjoint, cumprod_tangent


@jvp(np.cumsum, np.cumulative_sum)
def cumsum_dot(y, a, a_dot, axis=None):
    return np.cumsum(a_dot, axis=axis)


@vjp(np.cumsum, np.cumulative_sum)
def cumsum_bar(y, a, y_bar, axis=None):
    if np.ndim(a) == 1:
        return np.cumsum(y_bar[::-1])[::-1]
    if axis is None or np.ndim(a) == 0:
        return np.reshape(np.cumsum(y_bar[::-1])[::-1], np.shape(a))
    return np.flip(np.cumsum(np.flip(y_bar, axis=axis), axis=axis), axis=axis)


@jvp(np.nancumsum)
def nancumsum_dot(y, a, a_dot, axis=None):
    return np.cumsum(np.where(np.isnan(a), 0.0, a_dot), axis=axis)


@vjp(np.nancumsum)
def nancumsum_bar(y, a, y_bar, axis=None):
    if axis is None or np.ndim(a) == 0:
        return np.reshape(np.cumsum(y_bar[::-1])[::-1], np.shape(a)) * ~np.isnan(a)
    return np.flip(np.cumsum(np.flip(y_bar, axis=axis), axis=axis), axis=axis) * ~np.isnan(a)


@jvp(np.cumprod, np.cumulative_prod)
def cumprod_dot(y, a, a_dot, axis=None):
    if axis is None or np.ndim(a) == 0:
        return cumprod_tangent(np.ravel(a), y, np.ravel(a_dot), 0)
    return cumprod_tangent(a, y, a_dot, axis)


@vjp(np.cumprod, np.cumulative_prod)
def cumprod_bar(y, a, y_bar, axis=None):
    if axis is None or np.ndim(a) == 0:
        return np.reshape(cumprod_adjoint(np.ravel(a), y_bar, 0), np.shape(a))
    return cumprod_adjoint(a, y_bar, axis)


@jvp(np.nancumprod)
def nancumprod_dot(y, a, a_dot, axis=None):
    return cumprod_dot(y, np.where(np.isnan(a), 1.0, a), np.where(np.isnan(a), 0.0, a_dot), axis)


@vjp(np.nancumprod)
def nancumprod_bar(y, a, y_bar, axis=None):
    return cumprod_bar(y, np.where(np.isnan(a), 1.0, a), y_bar, axis) * ~np.isnan(a)


def cumulated(a: Arg, axis: Arg | None, dtype: Arg | None) -> Kind:
    array = as_array(a)
    shape = shape_arg(a)
    if shape == () or (const(axis) is None and (shape is None or len(shape) != 1)):
        length: Dim = 1
        for dim in shape or ():
            length = length * dim if isinstance(length, int) and isinstance(dim, int) else None
        shape = (None if shape is None else length,)
    return Array(dtype_of(dtype, "i" if array.dtype == "b" else array.dtype), shape)


@kind(np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)
def cumsum_kind(a: Arg, axis: Arg | None = None, dtype: Arg | None = None, **_: Arg) -> Kind:
    return cumulated(a, axis, dtype)


@kind(np.cumulative_sum, np.cumulative_prod)
def cumulative_kind(
    x: Arg, axis: Arg | None = None, dtype: Arg | None = None, include_initial: Arg | None = None, **_: Arg
) -> Kind:
    if const(include_initial, False) is not False:
        return Array("?", None)
    return cumulated(x, axis, dtype)
