# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Norms of vectors and matrices, also of stacks of them; a norm that is 0 has derivative 0."""

import numpy as np

from adtrans.kinds import Array, Kind, parts_dtype
from adtrans.rules.facts import as_array, axes_of, const
from adtrans.rules.registry import UNKNOWN, Arg, jvp, kind, real_only, vjp
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
    """The derivative of a norm other than the Euclidean one."""
    if np.iscomplexobj(x):
        raise NotImplementedError("the derivative of this norm of complex numbers")
    if isinstance(axis, (tuple, list)) or (axis is None and np.ndim(x) == 2):
        return matrix_norm_slope(x, ord, axis)
    return vector_norm_slope(y, x, ord, axis, keepdims)


def vector_norm_slope(y, x, ord, axis, keepdims):
    """The derivative of a norm of the elements along axes; elements that tie share it equally."""
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
    """The same for norms of matrices: the greatest sum of a column or row, or the singular values."""
    matrices = x if axis is None else np.moveaxis(x, axis, (-2, -1))
    if ord == "nuc" or ord == 2 or ord == -2:
        u, _, vt = np.linalg.svd(matrices, full_matrices=False)
        if ord == 2:
            u, vt = u[..., :, :1], vt[..., :1, :]
        elif ord == -2:
            u, vt = u[..., :, -1:], vt[..., -1:, :]
        slope = u @ vt
    else:
        sums = np.sum(np.abs(matrices), axis=-2 if abs(ord) == 1 else -1, keepdims=True)
        if ord > 0:
            extreme = np.max(sums, (-2, -1), keepdims=True, initial=0.0)
        else:
            extreme = np.min(sums, (-2, -1), keepdims=True)
        ties = (sums == extreme).astype(x.dtype)
        slope = np.sign(matrices) * ties / np.sum(ties, (-2, -1), keepdims=True)
    return slope if axis is None else np.moveaxis(slope, (-2, -1), axis)


@kind(np.linalg.norm)
def norm_kind(x: Arg, ord: Arg | None = None, axis: Arg | None = None, keepdims: Arg | None = None) -> Kind:
    array = as_array(x)
    dtype = "f8" if array.dtype in ("i", "b") else parts_dtype(array.dtype)
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


# ------------------------------------------------------ vector_norm, matrix_norm


@jvp(np.linalg.vector_norm)
def vector_norm_dot(y, x, x_dot, axis=None, keepdims=False, ord=2):
    if ord == 2:
        return np.sum(x * x_dot, axis, keepdims=keepdims) / np.where(y == 0.0, 1.0, y)
    return np.sum(vector_norm_slope(y, x, ord, axis, keepdims) * x_dot, axis, keepdims=keepdims)


@vjp(np.linalg.vector_norm)
def vector_norm_bar(y, x, y_bar, axis=None, keepdims=False, ord=2):
    if ord == 2:
        return unreduce(y_bar / np.where(y == 0.0, 1.0, y), x, axis, keepdims) * x
    return unreduce(y_bar, x, axis, keepdims) * vector_norm_slope(y, x, ord, axis, keepdims)


@kind(np.linalg.vector_norm)
def vector_norm_kind(
    x: Arg, axis: Arg | None = None, keepdims: Arg | None = None, ord: Arg | None = None
) -> Kind:
    dtype = as_array(x).dtype
    plain = const(axis) is None and const(keepdims, False) is False
    return Array(dtype if dtype in ("f8", "f4") else "?", () if plain else None)


@jvp(np.linalg.matrix_norm)
def matrix_norm_dot(y, x, x_dot, keepdims=False, ord="fro"):
    if ord == "fro":
        return np.sum(x * x_dot, (-2, -1), keepdims=keepdims) / np.where(y == 0.0, 1.0, y)
    return np.sum(matrix_norm_slope(x, ord, (-2, -1)) * x_dot, (-2, -1), keepdims=keepdims)


@vjp(np.linalg.matrix_norm)
def matrix_norm_bar(y, x, y_bar, keepdims=False, ord="fro"):
    if ord == "fro":
        return unreduce(y_bar / np.where(y == 0.0, 1.0, y), x, (-2, -1), keepdims) * x
    return unreduce(y_bar, x, (-2, -1), keepdims) * matrix_norm_slope(x, ord, (-2, -1))


@kind(np.linalg.matrix_norm)
def matrix_norm_kind(x: Arg, keepdims: Arg | None = None, ord: Arg | None = None) -> Kind:
    array = as_array(x)
    dtype = array.dtype if array.dtype in ("f8", "f4") else "?"
    keep = const(keepdims, False)
    if array.shape is None or keep not in (True, False):
        return Array(dtype, None)
    return Array(dtype, (*array.shape[:-2], 1, 1) if keep else array.shape[:-2])


real_only(np.linalg.vector_norm, np.linalg.matrix_norm)
