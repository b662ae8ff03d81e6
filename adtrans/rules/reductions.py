# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Sums, means, products, extremes and spreads, of all elements or along axes."""

from dataclasses import replace

import numpy as np

from adtrans.kinds import ANY, Array, Kind, parts_dtype
from adtrans.rules.facts import Shape, as_array, axes_of, broadcast, const, dtype_of, shape_arg
from adtrans.rules.registry import Arg, cannot_vary, jvp, kind, real_only, vjp
from adtrans.support import count, product_of_others, unreduce

# ---------------------------------------------------------------- sum, mean


@jvp(np.sum)
def sum_dot(y, a, a_dot, axis=None, dtype=None, keepdims=False, initial=0.0, where=None):
    if where is None:
        return np.sum(a_dot, axis=axis, dtype=dtype, keepdims=keepdims)
    return np.sum(a_dot, axis=axis, dtype=dtype, keepdims=keepdims, where=where)


@vjp(np.sum)
def sum_bar(y, a, y_bar, axis=None, dtype=None, keepdims=False, initial=0.0, where=None):
    a_bar = unreduce(y_bar, a, axis, keepdims)
    if dtype is not None:
        a_bar = a_bar.astype(np.result_type(a))
    if where is None:
        return a_bar
    return np.where(where, a_bar, 0.0)


@jvp(np.mean)
def mean_dot(y, a, a_dot, axis=None, dtype=None, keepdims=False, where=None):
    if where is None:
        return np.mean(a_dot, axis=axis, dtype=dtype, keepdims=keepdims)
    return np.mean(a_dot, axis=axis, dtype=dtype, keepdims=keepdims, where=where)


@vjp(np.mean)
def mean_bar(y, a, y_bar, axis=None, dtype=None, keepdims=False, where=None):
    if where is not None:
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims)
        a_bar = np.where(where, unreduce(y_bar / n, a, axis, keepdims), 0.0)
    else:
        n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
        a_bar = unreduce(y_bar, a, axis, keepdims) / n
    if dtype is not None:
        a_bar = a_bar.astype(np.result_type(a))
    return a_bar


@jvp(np.average)
def average_dot(y, a, axis, weights, a_dot, weights_dot, keepdims=False):
    if weights is None:
        return np.mean(a_dot, axis=axis, keepdims=keepdims)
    w = like_all(weights, a, axis)
    w_dot = like_all(weights_dot, a, axis)
    moved = w * a_dot + w_dot * (a - np.average(a, axis, weights, keepdims=True))
    return np.sum(moved, axis=axis, keepdims=keepdims) / np.sum(w, axis=axis, keepdims=keepdims)


@vjp(np.average)
def average_bar(y, a, axis, weights, y_bar, keepdims=False):
    if weights is None:
        n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
        return unreduce(y_bar, a, axis, keepdims) / n, None, None
    w = like_all(weights, a, axis)
    g = unreduce(y_bar, a, axis, keepdims) / np.sum(w, axis=axis, keepdims=True)
    w_bar = g * (a - np.average(a, axis, weights, keepdims=True))
    if np.ndim(weights) < np.ndim(a):
        w_bar = np.sum(w_bar, other_axes(a, axis))
    return g * w, None, w_bar


def like_all(weights, a, axis):
    """Weights along one axis, as weights of all elements."""
    if np.ndim(weights) == np.ndim(a):
        return weights
    return np.broadcast_to(np.expand_dims(weights, other_axes(a, axis)), np.shape(a))


def other_axes(a, axis):
    """All axes of an array but one."""
    left = []
    for k in range(np.ndim(a)):
        if k != axis % np.ndim(a):
            left.append(k)
    return tuple(left)


# --------------------------------------------------------------------- prod


@jvp(np.prod)
def prod_dot(y, a, a_dot, axis=None, keepdims=False, initial=1.0, where=None):
    if where is not None:
        a, a_dot = np.where(where, a, 1.0), np.where(where, a_dot, 0.0)
    return initial * np.sum(product_of_others(a, axis) * a_dot, axis=axis, keepdims=keepdims)


@vjp(np.prod)
def prod_bar(y, a, y_bar, axis=None, keepdims=False, initial=1.0, where=None):
    if where is not None:
        others = product_of_others(np.where(where, a, 1.0), axis)
        return np.where(where, initial * unreduce(y_bar, a, axis, keepdims) * others, 0.0)
    return initial * unreduce(y_bar, a, axis, keepdims) * product_of_others(a, axis)


# ------------------------------------------------- max, min, ptp: ties share


@jvp(np.max, np.min, np.nanmax, np.nanmin, "numpy.amax", "numpy.amin")
def max_dot(y, a, a_dot, axis=None, keepdims=False, initial=None, where=None):
    ties = a == (y if axis is None or keepdims else np.expand_dims(y, axis))
    ties = ties if where is None else ties & where
    n = np.sum(ties, axis=axis, dtype=y.dtype, keepdims=keepdims)
    n = n if initial is None else np.where(y == initial, np.maximum(n, 1.0), n)
    return np.sum(a_dot * ties, axis=axis, keepdims=keepdims) / n


@vjp(np.max, np.min, np.nanmax, np.nanmin, "numpy.amax", "numpy.amin")
def max_bar(y, a, y_bar, axis=None, keepdims=False, initial=None, where=None):
    ties = a == (y if axis is None or keepdims else np.expand_dims(y, axis))
    ties = ties if where is None else ties & where
    n = np.sum(ties, axis=axis, dtype=y.dtype, keepdims=keepdims)
    n = n if initial is None else np.where(y == initial, np.maximum(n, 1.0), n)
    return unreduce(y_bar / n, a, axis, keepdims) * ties


@jvp(np.ptp)
def ptp_dot(y, a, a_dot, axis=None, keepdims=False):
    return np.sum(a_dot * ends(a, axis), axis=axis, keepdims=keepdims)


@vjp(np.ptp)
def ptp_bar(y, a, y_bar, axis=None, keepdims=False):
    return unreduce(y_bar, a, axis, keepdims) * ends(a, axis)


def ends(a, axis):
    """The derivative of the largest minus the smallest element along axis; ties share."""
    top = a == np.max(a, axis=axis, keepdims=True)
    low = a == np.min(a, axis=axis, keepdims=True)
    weights = top / np.sum(top, axis=axis, keepdims=True) - low / np.sum(low, axis=axis, keepdims=True)
    return weights.astype(np.result_type(a))


# ----------------------------------------------------------------- var, std


@jvp(np.var)
def var_dot(y, a, a_dot, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    if where is not None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims) - ddof
        n = n if correction is None else n - correction
        return 2.0 * np.sum((a - mean) * a_dot, axis=axis, keepdims=keepdims, where=where) / n
    mean = np.mean(a) if axis is None else np.mean(a, axis=axis, keepdims=True)
    n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
    n = n if ddof == 0 else n - ddof
    n = n if correction is None else n - correction
    return 2.0 * np.sum((a - mean) * a_dot, axis=axis, keepdims=keepdims) / n


@vjp(np.var)
def var_bar(y, a, y_bar, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    if where is not None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims) - ddof
        n = n if correction is None else n - correction
        return 2.0 * unreduce(y_bar / n, a, axis, keepdims) * np.where(where, a - mean, 0.0)
    mean = np.mean(a) if axis is None else np.mean(a, axis=axis, keepdims=True)
    n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
    n = n if ddof == 0 else n - ddof
    n = n if correction is None else n - correction
    return 2.0 * unreduce(y_bar, a, axis, keepdims) * (a - mean) / n


@jvp(np.std)
def std_dot(y, a, a_dot, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    if where is not None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims) - ddof
        n = n if correction is None else n - correction
        covariance = np.sum((a - mean) * a_dot, axis=axis, keepdims=keepdims, where=where) / n
        return covariance / np.where(y == 0.0, 1.0, y)
    mean = np.mean(a) if axis is None else np.mean(a, axis=axis, keepdims=True)
    n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
    n = n if ddof == 0 else n - ddof
    n = n if correction is None else n - correction
    covariance = np.sum((a - mean) * a_dot, axis=axis, keepdims=keepdims) / n
    return covariance / np.where(y == 0.0, 1.0, y)


@vjp(np.std)
def std_bar(y, a, y_bar, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    if where is not None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims) - ddof
        n = n if correction is None else n - correction
        g = unreduce(y_bar / (n * np.where(y == 0.0, 1.0, y)), a, axis, keepdims)
        return g * np.where(where, a - mean, 0.0)
    mean = np.mean(a) if axis is None else np.mean(a, axis=axis, keepdims=True)
    n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
    n = n if ddof == 0 else n - ddof
    n = n if correction is None else n - correction
    g = unreduce(y_bar / np.where(y == 0.0, 1.0, y), a, axis, keepdims)
    return g * (a - mean) / n


# --------------------------------------------------- the same, but for NaNs


@jvp(np.nansum)
def nansum_dot(y, a, a_dot, axis=None, keepdims=False, initial=0.0, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    return np.sum(np.where(counts, a_dot, 0.0), axis=axis, keepdims=keepdims)


@vjp(np.nansum)
def nansum_bar(y, a, y_bar, axis=None, keepdims=False, initial=0.0, where=None):
    return unreduce(y_bar, a, axis, keepdims) * (~np.isnan(a) if where is None else ~np.isnan(a) & where)


@jvp(np.nanprod)
def nanprod_dot(y, a, a_dot, axis=None, keepdims=False, initial=1.0, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    others = product_of_others(np.where(counts, a, 1.0), axis)
    return initial * np.sum(others * np.where(counts, a_dot, 0.0), axis=axis, keepdims=keepdims)


@vjp(np.nanprod)
def nanprod_bar(y, a, y_bar, axis=None, keepdims=False, initial=1.0, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    others = product_of_others(np.where(counts, a, 1.0), axis)
    return initial * unreduce(y_bar, a, axis, keepdims) * others * counts


@jvp(np.nanmean)
def nanmean_dot(y, a, a_dot, axis=None, keepdims=False, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    n = np.sum(counts, axis=axis, dtype=y.dtype, keepdims=keepdims)
    return np.sum(np.where(counts, a_dot, 0.0), axis=axis, keepdims=keepdims) / n


@vjp(np.nanmean)
def nanmean_bar(y, a, y_bar, axis=None, keepdims=False, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    n = np.sum(counts, axis=axis, dtype=y.dtype, keepdims=keepdims)
    return unreduce(y_bar / n, a, axis, keepdims) * counts


@jvp(np.nanvar)
def nanvar_dot(y, a, a_dot, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    n = np.sum(counts, axis=axis, dtype=y.dtype, keepdims=keepdims) - (
        ddof if correction is None else correction
    )
    moved = deviation(a, counts, axis) * np.where(counts, a_dot, 0.0)
    return 2.0 * np.sum(moved, axis=axis, keepdims=keepdims) / n


@vjp(np.nanvar)
def nanvar_bar(y, a, y_bar, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    n = np.sum(counts, axis=axis, dtype=y.dtype, keepdims=keepdims) - (
        ddof if correction is None else correction
    )
    return unreduce(2.0 * y_bar / n, a, axis, keepdims) * deviation(a, counts, axis)


@jvp(np.nanstd)
def nanstd_dot(y, a, a_dot, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    n = np.sum(counts, axis=axis, dtype=y.dtype, keepdims=keepdims) - (
        ddof if correction is None else correction
    )
    moved = deviation(a, counts, axis) * np.where(counts, a_dot, 0.0)
    return np.sum(moved, axis=axis, keepdims=keepdims) / (n * np.where(y == 0.0, 1.0, y))


@vjp(np.nanstd)
def nanstd_bar(y, a, y_bar, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    counts = ~np.isnan(a) if where is None else ~np.isnan(a) & where
    n = np.sum(counts, axis=axis, dtype=y.dtype, keepdims=keepdims) - (
        ddof if correction is None else correction
    )
    g = unreduce(y_bar / (n * np.where(y == 0.0, 1.0, y)), a, axis, keepdims)
    return g * deviation(a, counts, axis)


def deviation(a, counts, axis):
    """How far each element that counts is from their mean along axis: 0 for the others."""
    return np.where(counts, a - np.mean(a, axis=axis, keepdims=True, where=counts), 0.0)


# -------------------------------------------------------- indices, questions

real_only("numpy.amax", "numpy.amin")
real_only(np.max, np.min, np.ptp, np.var, np.std, np.nanmax, np.nanmin, np.nanvar, np.nanstd)
cannot_vary(np.any, np.all, np.argmax, np.argmin, np.nanargmax, np.nanargmin)

# -------------------------------------------------------------------- kinds


def reduced_shape(a: Arg, axis: Arg | None, keepdims: Arg | None) -> Shape:
    """The shape that is left."""
    shape, keep, of_all = shape_arg(a), const(keepdims, False), const(axis) is None
    if of_all and keep is False:
        return ()
    if shape is None or not isinstance(keep, bool):
        return None
    axes = tuple(range(len(shape))) if of_all else axes_of(axis, len(shape))
    if axes is None:
        return tuple(1 if dim == 1 else None for dim in shape) if keep else None
    if keep:
        return tuple(1 if k in axes else dim for k, dim in enumerate(shape))
    return tuple(dim for k, dim in enumerate(shape) if k not in axes)


@kind(np.sum, np.prod, np.nansum, np.nanprod)
def sum_kind(
    a: Arg,
    axis: Arg | None = None,
    dtype: Arg | None = None,
    keepdims: Arg | None = None,
    **_: Arg,
) -> Kind:
    own = as_array(a).dtype
    return Array(dtype_of(dtype, "i" if own == "b" else own), reduced_shape(a, axis, keepdims))


@kind(np.mean, np.nanmean)
def mean_kind(
    a: Arg,
    axis: Arg | None = None,
    dtype: Arg | None = None,
    keepdims: Arg | None = None,
    **_: Arg,
) -> Kind:
    own = as_array(a).dtype
    return Array(dtype_of(dtype, "f8" if own in ("i", "b") else own), reduced_shape(a, axis, keepdims))


@kind(np.var, np.std, np.nanvar, np.nanstd)
def var_kind(a: Arg, **keywords: Arg) -> Kind:
    mean = mean_kind(a, **keywords)
    return replace(mean, dtype=parts_dtype(mean.dtype)) if isinstance(mean, Array) else mean


@kind(np.max, np.min, np.nanmax, np.nanmin, np.ptp, "numpy.amax", "numpy.amin")
def max_kind(a: Arg, axis: Arg | None = None, keepdims: Arg | None = None, **_: Arg) -> Kind:
    return Array(as_array(a).dtype, reduced_shape(a, axis, keepdims))


@kind(np.any, np.all)
def any_kind(a: Arg, axis: Arg | None = None, keepdims: Arg | None = None, **_: Arg) -> Kind:
    return Array("b", reduced_shape(a, axis, keepdims))


@kind(np.argmax, np.argmin, np.nanargmax, np.nanargmin)
def argmax_kind(a: Arg, axis: Arg | None = None, keepdims: Arg | None = None, **_: Arg) -> Kind:
    return Array("i", reduced_shape(a, axis, keepdims))


@kind(np.average)
def average_kind(
    a: Arg,
    axis: Arg | None = None,
    weights: Arg | None = None,
    returned: Arg | None = None,
    keepdims: Arg | None = None,
) -> Kind:
    if const(returned, False) is not False:
        return ANY
    together = broadcast(a) if const(weights) is None or weights is None else broadcast(a, weights)
    dtype = together.dtype if isinstance(together, Array) else "?"
    return Array("f8" if dtype in ("i", "b") else dtype, reduced_shape(a, axis, keepdims))
