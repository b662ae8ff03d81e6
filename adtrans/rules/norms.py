# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Norms of vectors and matrices; a norm that is 0 has derivative 0."""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_array, axes_of, const
from adtrans.rules.registry import UNKNOWN, Arg, jvp, kind, vjp
from adtrans.support import unreduce


@jvp(np.linalg.norm)
def norm_dot(y, x, x_dot, ord=None, axis=None, keepdims=False):
    if ord is None or ord == "fro" or (ord == 2 and (isinstance(axis, int) or np.ndim(x) == 1)):
        return np.sum(np.real(np.conj(x) * x_dot), axis, keepdims=keepdims) / np.where(y == 0.0, 1.0, y)
    return np.sum(norm_slope(y, x, ord, axis, keepdims) * x_dot, axis, keepdims=keepdims)


@vjp(np.linalg.norm)
def norm_bar(y, x, y_bar, ord=None, axis=None, keepdims=False):
    if ord is None or ord == "fro" or (ord == 2 and (isinstance(axis, int) or np.ndim(x) == 1)):
        return unreduce(y_bar / np.where(y == 0.0, 1.0, y), x, axis, keepdims) * np.conj(x)
    return unreduce(y_bar, x, axis, keepdims) * norm_slope(y, x, ord, axis, keepdims)


def norm_slope(y, x, ord, axis, keepdims):
    """The derivative of a norm other than the Euclidean one; elements that tie share it equally."""
    if np.iscomplexobj(x):
        raise NotImplementedError("the derivative of this norm of complex numbers")
    if isinstance(axis, (tuple, list)) or (axis is None and np.ndim(x) == 2):
        return matrix_norm_slope(x, ord, axis)
    norm = y if axis is None or keepdims else np.expand_dims(y, axis)
    if ord == 1:
        return np.sign(x)
    if ord == np.inf or ord == -np.inf:
        ties = (np.abs(x) == norm).astype(x.dtype)
        return np.sign(x) * ties / np.sum(ties, axis, keepdims=True)
    if ord == 0:
        return np.zeros_like(x)
    ratio = np.abs(x) / np.where(norm == 0.0, 1.0, norm)
    return np.where(x == 0.0, 0.0, np.sign(x) * np.where(x == 0.0, 1.0, ratio) ** (ord - 1))


def matrix_norm_slope(x, ord, axis):
    """The same for the norm of one matrix: its greatest sum of a column or row, or its singular values."""
    if np.ndim(x) != 2:
        raise NotImplementedError("the derivative of this norm of several matrices at once")
    if axis is not None and tuple(k % 2 for k in axis) == (1, 0):
        return matrix_norm_slope(x.T, ord, None).T
    if ord == "nuc" or ord == 2 or ord == -2:
        u, _, vt = np.linalg.svd(x, full_matrices=False)
        if ord == "nuc":
            return u @ vt
        k = 0 if ord == 2 else -1
        return np.outer(u[:, k], vt[k])
    sums = np.sum(np.abs(x), axis=0 if abs(ord) == 1 else 1, keepdims=True)
    ties = (sums == (np.max(sums) if ord > 0 else np.min(sums))).astype(x.dtype)
    return np.sign(x) * ties / np.sum(ties)


@kind(np.linalg.norm)
def norm_kind(x: Arg, ord: Arg | None = None, axis: Arg | None = None, keepdims: Arg | None = None) -> Kind:
    array = as_array(x)
    dtype = {"c16": "f8", "c8": "f4", "i": "f8", "b": "f8"}.get(array.dtype, array.dtype)
    keep = const(keepdims, False)
    if const(axis) is None and keep is False:
        return Array(dtype, ())
    if array.shape is None or keep is UNKNOWN:
        return Array(dtype, None)
    rank = len(array.shape)
    axes = tuple(range(rank)) if const(axis) is None else axes_of(axis, rank)
    if axes is None:
        return Array(dtype, None)
    if keep:
        return Array(dtype, tuple(1 if k in axes else dim for k, dim in enumerate(array.shape)))
    return Array(dtype, tuple(dim for k, dim in enumerate(array.shape) if k not in axes))
