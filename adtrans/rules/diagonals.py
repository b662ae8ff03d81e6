# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Diagonals and triangles of matrices: diag, diagonal, trace, tril, triu."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, axes_of, const, shape_arg, with_shape
from adtrans.rules.registry import Arg, jvp, kind, vjp

# --------------------------------------------------------------------- diag


@jvp(np.diag)
def diag_dot(y, v, v_dot, k=0):
    return np.diag(v_dot, k)


@vjp(np.diag)
def diag_bar(y, v, y_bar, k=0):
    if np.ndim(v) == 1 or np.shape(v)[0] == np.shape(v)[1]:
        return np.diag(y_bar, k)
    return on_diagonal(v, y_bar, k)


def on_diagonal(v, g, k):
    """A matrix of the shape of v with g on a diagonal."""
    m, n = np.shape(v)
    missing = max(m, n) - abs(k) - len(g)
    return np.diag(np.concatenate((g, np.zeros(max(missing, 0), dtype=g.dtype))), k)[:m, :n]


@kind(np.diag)
def diag_kind(v: Arg, k: Arg | None = None) -> Kind:
    shape = shape_arg(v)
    if shape is None or len(shape) not in (1, 2):
        return with_shape(as_array(v), None)
    offset = const(k, 0)
    if len(shape) == 1:
        new: Dim = None
        if isinstance(offset, int):
            new = shape[0] if offset == 0 else shape[0] + abs(offset) if isinstance(shape[0], int) else None
        return with_shape(as_array(v), (new, new))
    return with_shape(as_array(v), (shape[0] if offset == 0 and shape[0] == shape[1] else None,))


@jvp(np.diagonal)
def diagonal_dot(y, a, a_dot, offset=0, axis1=0, axis2=1):
    return np.diagonal(a_dot, offset, axis1, axis2)


@vjp(np.diagonal)
def diagonal_bar(y, a, y_bar, offset=0, axis1=0, axis2=1):
    planes = np.zeros_like(np.moveaxis(a, (axis1, axis2), (-2, -1)))
    rows = np.arange(np.shape(y)[-1]) + max(-offset, 0)
    planes[..., rows, rows + offset] = y_bar
    return np.moveaxis(planes, (-2, -1), (axis1, axis2))


@kind(np.diagonal)
def diagonal_kind(
    a: Arg, offset: Arg | None = None, axis1: Arg | None = None, axis2: Arg | None = None
) -> Kind:
    rest = outside(a, axis1, axis2)
    return with_shape(as_array(a), None if rest is None else (*rest, None))


def outside(a: Arg, axis1: Arg | None, axis2: Arg | None) -> tuple[Dim, ...] | None:
    """The lengths of the axes that are not in the plane of the diagonal."""
    shape = shape_arg(a)
    if shape is None or len(shape) < 2:
        return None
    first, second = axes_of(axis1, len(shape), 0), axes_of(axis2, len(shape), 1)
    if first is None or second is None:
        return (None,) * (len(shape) - 2)
    return tuple(dim for k, dim in enumerate(shape) if k not in (first[0], second[0]))


# -------------------------------------------------------------------- trace


@jvp(np.trace)
def trace_dot(y, a, a_dot, offset=0, axis1=0, axis2=1):
    return np.trace(a_dot, offset, axis1, axis2)


@vjp(np.trace)
def trace_bar(y, a, y_bar, offset=0, axis1=0, axis2=1):
    if np.ndim(a) == 2 and offset == 0:
        return y_bar * np.eye(np.shape(a)[0], np.shape(a)[1], dtype=a.dtype)
    planes = np.zeros_like(np.moveaxis(a, (axis1, axis2), (-2, -1)))
    rows = np.arange(np.shape(np.diagonal(a, offset, axis1, axis2))[-1]) + max(-offset, 0)
    planes[..., rows, rows + offset] = np.expand_dims(y_bar, -1)
    return np.moveaxis(planes, (-2, -1), (axis1, axis2))


@kind(np.trace)
def trace_kind(
    a: Arg, offset: Arg | None = None, axis1: Arg | None = None, axis2: Arg | None = None, **_: Arg
) -> Kind:
    dtype = as_array(a).dtype
    return Array("i" if dtype == "b" else dtype, outside(a, axis1, axis2))


@jvp(np.linalg.trace)
def linalg_trace_dot(y, x, x_dot, offset=0):
    return np.linalg.trace(x_dot, offset=offset)


@vjp(np.linalg.trace)
def linalg_trace_bar(y, x, y_bar, offset=0):
    return np.expand_dims(y_bar, (-2, -1)) * np.eye(np.shape(x)[-2], np.shape(x)[-1], offset, dtype=x.dtype)


@kind(np.linalg.trace)
def linalg_trace_kind(x: Arg, **_: Arg) -> Kind:
    shape = shape_arg(x)
    return Array(as_array(x).dtype, None if shape is None else shape[:-2])


@jvp(np.linalg.diagonal)
def linalg_diagonal_dot(y, x, x_dot, offset=0):
    return np.linalg.diagonal(x_dot, offset=offset)


@vjp(np.linalg.diagonal)
def linalg_diagonal_bar(y, x, y_bar, offset=0):
    x_bar = np.zeros_like(x)
    rows = np.arange(np.shape(y)[-1]) + max(-offset, 0)
    x_bar[..., rows, rows + offset] = y_bar
    return x_bar


@kind(np.linalg.diagonal)
def linalg_diagonal_kind(x: Arg, **_: Arg) -> Kind:
    shape = shape_arg(x)
    return Array(as_array(x).dtype, None if shape is None or len(shape) < 2 else (*shape[:-2], None))


# ---------------------------------------------------------------- triangles


@jvp(np.tril)
def tril_dot(y, m, m_dot, k=0):
    return np.tril(m_dot, k)


@vjp(np.tril)
def tril_bar(y, m, y_bar, k=0):
    if np.ndim(m) == 1:
        return np.sum(np.tril(y_bar, k), axis=0)
    return np.tril(y_bar, k)


@jvp(np.triu)
def triu_dot(y, m, m_dot, k=0):
    return np.triu(m_dot, k)


@vjp(np.triu)
def triu_bar(y, m, y_bar, k=0):
    if np.ndim(m) == 1:
        return np.sum(np.triu(y_bar, k), axis=0)
    return np.triu(y_bar, k)


@kind(np.tril, np.triu)
def tril_kind(m: Arg, k: Arg | None = None) -> Kind:
    shape = shape_arg(m)
    return with_shape(as_array(m), shape * 2 if shape is not None and len(shape) == 1 else shape)
