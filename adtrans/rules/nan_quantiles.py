# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Quantiles of what is left when NaNs are taken out: nanmedian, nanquantile, nanpercentile.

NaNs are sorted behind all numbers, so that the ranks of the numbers are those among themselves.
"""

import numpy as np

from adtrans.rules.registry import jvp, vjp
from adtrans.rules.selection import ranks_along
from adtrans.support import unreduce


@jvp(np.nanmedian)
def nanmedian_dot(y, a, a_dot, axis=None, keepdims=False):
    return nanquantile_tangent(a, a_dot, 0.5, axis, keepdims)


@vjp(np.nanmedian)
def nanmedian_bar(y, a, y_bar, axis=None, keepdims=False):
    return unreduce(y_bar, a, axis, keepdims) * nanquantile_weights(a, 0.5, axis)


@jvp(np.nanquantile)
def nanquantile_dot(y, a, a_dot, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        rows = [nanquantile_tangent(a, a_dot, p, axis, keepdims) for p in np.ravel(q)]
        return np.reshape(np.stack(rows), np.shape(y))
    return nanquantile_tangent(a, a_dot, q, axis, keepdims)


@vjp(np.nanquantile)
def nanquantile_bar(y, a, y_bar, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        return several_nanquantiles_bar(a, y_bar, q, axis, keepdims)
    return unreduce(y_bar, a, axis, keepdims) * nanquantile_weights(a, q, axis)


@jvp(np.nanpercentile)
def nanpercentile_dot(y, a, a_dot, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        rows = [nanquantile_tangent(a, a_dot, p / 100.0, axis, keepdims) for p in np.ravel(q)]
        return np.reshape(np.stack(rows), np.shape(y))
    return nanquantile_tangent(a, a_dot, q / 100.0, axis, keepdims)


@vjp(np.nanpercentile)
def nanpercentile_bar(y, a, y_bar, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        return several_nanquantiles_bar(a, y_bar, np.divide(q, 100.0), axis, keepdims)
    return unreduce(y_bar, a, axis, keepdims) * nanquantile_weights(a, q / 100.0, axis)


def nanquantile_tangent(a, a_dot, q, axis, keepdims):
    """The tangent of one quantile: that of a NaN, often a NaN itself, is left out."""
    moved = np.where(np.isnan(a), 0.0, nanquantile_weights(a, q, axis) * a_dot)
    return np.sum(moved, axis, keepdims=keepdims)


def several_nanquantiles_bar(a, y_bar, q, axis, keepdims):
    """The adjoint of the array of which several quantiles were taken, each in a row of the result."""
    a_bar = np.zeros_like(a)
    rows = np.reshape(y_bar, (np.size(q), *np.shape(y_bar)[np.ndim(q) :]))
    for p, row_bar in zip(np.ravel(q), rows, strict=True):
        a_bar = a_bar + unreduce(row_bar, a, axis, keepdims) * nanquantile_weights(a, p, axis)
    return a_bar


def nanquantile_weights(a, q, axis):
    """The derivative of one quantile along axes (None: all): what the two nearest ranks share."""
    last = np.sum(~np.isnan(a), axis, keepdims=True) - 1
    weights = np.maximum(1.0 - np.abs(ranks_along(a, axis) - q * last), 0.0)
    return np.where(np.isnan(a), 0.0, weights).astype(a.dtype)
