# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Factorisations of real matrices: cholesky, eigh, svd, qr.

NumPy's cholesky and eigh read one triangle of a symmetric matrix only; so the adjoint is in that
triangle, which is the derivative of what NumPy computes, and right for symmetric changes too.

The columns that full_matrices=True or mode="complete" adds to a matrix that is not square are one of
many bases, so they have no derivative: their tangent is NaN, an adjoint of theirs is refused.
"""

import numpy as np

from adtrans.kinds import Array, Dim, Kind, TupleOf, parts_dtype
from adtrans.rules.facts import as_array, const
from adtrans.rules.linalg import real_dtype
from adtrans.rules.registry import Arg, jvp, kind, vjp


def half(m):
    """The lower triangle, the diagonal halved."""
    return np.tril(m) - 0.5 * np.eye(np.shape(m)[-1], dtype=m.dtype) * m


def from_triangle(m, lower):
    """The symmetric matrix of which one triangle was read."""
    if lower:
        return np.tril(m) + np.swapaxes(np.tril(m, -1), -1, -2)
    return np.triu(m) + np.swapaxes(np.triu(m, 1), -1, -2)


def to_triangle(m, lower):
    """The adjoint of `from_triangle`."""
    both = m + np.swapaxes(m, -1, -2) - np.eye(np.shape(m)[-1], dtype=m.dtype) * m
    return np.tril(both) if lower else np.triu(both)


def refuse_complex(a):
    if np.iscomplexobj(a):
        raise NotImplementedError("the derivative of a factorisation of a complex matrix")


# ----------------------------------------------------------------- cholesky


@jvp(np.linalg.cholesky)
def cholesky_dot(y, a, a_dot, upper=False):
    refuse_complex(a)
    factor = np.swapaxes(y, -1, -2) if upper else y
    inner = np.linalg.solve(factor, from_triangle(a_dot, not upper))
    inner = np.linalg.solve(factor, np.swapaxes(inner, -1, -2))
    factor_dot = factor @ half(inner)
    return np.swapaxes(factor_dot, -1, -2) if upper else factor_dot


@vjp(np.linalg.cholesky)
def cholesky_bar(y, a, y_bar, upper=False):
    refuse_complex(a)
    factor, factor_bar = (np.swapaxes(y, -1, -2), np.swapaxes(y_bar, -1, -2)) if upper else (y, y_bar)
    factor_t = np.swapaxes(factor, -1, -2)
    inner = half(factor_t @ factor_bar)
    a_bar = np.linalg.solve(factor_t, inner + np.swapaxes(inner, -1, -2))
    a_bar = np.linalg.solve(factor_t, np.swapaxes(a_bar, -1, -2))
    return to_triangle(0.5 * a_bar, not upper)


@kind(np.linalg.cholesky)
def cholesky_kind(a: Arg, **_: Arg) -> Kind:
    array = as_array(a)
    return Array(real_dtype(array.dtype), array.shape)


# --------------------------------------------------------------------- eigh


def over_gaps(m, w):
    """m[i, j] / (w[j] - w[i]), and 0 on the diagonal.

    Where two are equal their vectors have no derivative: NaN, unless nothing depends on that pair.
    """
    gaps = w[..., None, :] - w[..., :, None]
    equal = gaps == 0.0
    same = np.eye(np.shape(w)[-1], dtype=bool)
    # One expression, whose choices are made last when it is differentiated.
    return np.where(
        same, 0.0, np.where(equal, np.where(m == 0.0, m, np.nan * m), m / np.where(equal, 1.0, gaps))
    )


@jvp(np.linalg.eigh)
def eigh_dot(y, a, a_dot, UPLO="L"):
    refuse_complex(a)
    w, v = y
    inner = np.swapaxes(v, -1, -2) @ from_triangle(a_dot, UPLO in "Ll") @ v
    return np.diagonal(inner, axis1=-2, axis2=-1), v @ over_gaps(inner, w)


@vjp(np.linalg.eigh)
def eigh_bar(y, a, y_bar, UPLO="L"):
    refuse_complex(a)
    w, v = y
    w_bar, v_bar = y_bar
    v_t = np.swapaxes(v, -1, -2)
    inner = over_gaps(v_t @ v_bar, w) + np.eye(np.shape(a)[-1], dtype=v.dtype) * np.expand_dims(w_bar, -1)
    symmetric = v @ inner @ v_t
    return to_triangle(0.5 * (symmetric + np.swapaxes(symmetric, -1, -2)), UPLO in "Ll")


@kind(np.linalg.eigh)
def eigh_kind(a: Arg, **_: Arg) -> Kind:
    array = as_array(a)
    dtype = real_dtype(array.dtype)
    real = parts_dtype(dtype)
    return TupleOf(
        (Array(real, None if array.shape is None else array.shape[:-1]), Array(dtype, array.shape))
    )


@jvp(np.linalg.eigvalsh)
def eigvalsh_dot(y, a, a_dot, UPLO="L"):
    refuse_complex(a)
    v = np.linalg.eigh(a, UPLO)[1]
    inner = np.swapaxes(v, -1, -2) @ from_triangle(a_dot, UPLO in "Ll") @ v
    return np.diagonal(inner, axis1=-2, axis2=-1)


@vjp(np.linalg.eigvalsh)
def eigvalsh_bar(y, a, y_bar, UPLO="L"):
    refuse_complex(a)
    v = np.linalg.eigh(a, UPLO)[1]
    return to_triangle(v * np.expand_dims(y_bar, -2) @ np.swapaxes(v, -1, -2), UPLO in "Ll")


@kind(np.linalg.eigvalsh)
def eigvalsh_kind(a: Arg, **_: Arg) -> Kind:
    pair = eigh_kind(a)
    assert isinstance(pair, TupleOf)
    return pair.elems[0]


# ---------------------------------------------------------------------- svd


@jvp(np.linalg.svd)
def svd_dot(y, a, a_dot, full_matrices=True, compute_uv=True):
    if not compute_uv:
        return svdvals_dot(y, a, a_dot)
    return svd_tangent(y, a, a_dot, full_matrices)


def svd_tangent(y, a, a_dot, full_matrices):
    """The tangents of u, s and vt."""
    refuse_complex(a)
    s, n = y[1], np.shape(y[1])[-1]
    u, vt = (y[0][..., :n], y[2][..., :n, :]) if full_matrices else (y[0], y[2])
    u_t, v = np.swapaxes(u, -1, -2), np.swapaxes(vt, -1, -2)
    inner = u_t @ a_dot @ v
    # Antisymmetric parts, weighted by the gaps of the squares.
    scaled = inner * s[..., None, :]
    other = s[..., :, None] * inner
    u_dot = u @ over_gaps(scaled + np.swapaxes(scaled, -1, -2), s * s)
    v_dot = v @ over_gaps(other + np.swapaxes(other, -1, -2), s * s)
    inverse = np.where(s == 0.0, 0.0, 1.0 / np.where(s == 0.0, 1.0, s))[..., None, :]
    u_dot = u_dot + (a_dot @ v - u @ inner) * inverse
    v_dot = v_dot + (np.swapaxes(a_dot, -1, -2) @ u - v @ np.swapaxes(inner, -1, -2)) * inverse
    vt_dot = np.swapaxes(v_dot, -1, -2)
    if full_matrices:
        u_dot = np.concatenate((u_dot, np.full_like(y[0][..., n:], np.nan)), -1)
        vt_dot = np.concatenate((vt_dot, np.full_like(y[2][..., n:, :], np.nan)), -2)
    return u_dot, np.diagonal(inner, axis1=-2, axis2=-1), vt_dot


@vjp(np.linalg.svd)
def svd_bar(y, a, y_bar, full_matrices=True, compute_uv=True):
    if not compute_uv:
        return svdvals_bar(y, a, y_bar)
    return svd_adjoint(y, a, y_bar, full_matrices)


def svd_adjoint(y, a, y_bar, full_matrices):
    """The adjoint of a, from those of u, s and vt."""
    refuse_complex(a)
    s, n = y[1], np.shape(y[1])[-1]
    u, vt = (y[0][..., :n], y[2][..., :n, :]) if full_matrices else (y[0], y[2])
    u_bar, s_bar, vt_bar = y_bar
    if full_matrices:
        if np.any(u_bar[..., n:]) or np.any(vt_bar[..., n:, :]):
            raise NotImplementedError("the derivative of what only full_matrices=True computes")
        u_bar, vt_bar = u_bar[..., :n], vt_bar[..., :n, :]
    u_t, v, v_bar = np.swapaxes(u, -1, -2), np.swapaxes(vt, -1, -2), np.swapaxes(vt_bar, -1, -2)
    from_u = over_gaps(u_t @ u_bar, s * s)
    from_v = over_gaps(vt @ v_bar, s * s)
    inner = np.eye(np.shape(s)[-1], dtype=s.dtype) * np.expand_dims(s_bar, -1)
    inner = inner + (from_u + np.swapaxes(from_u, -1, -2)) * s[..., None, :]
    inner = inner + s[..., :, None] * (from_v + np.swapaxes(from_v, -1, -2))
    inverse = np.where(s == 0.0, 0.0, 1.0 / np.where(s == 0.0, 1.0, s))[..., None, :]
    # What of u and v lies outside the space that they span.
    outside_u = (u_bar - u @ (u_t @ u_bar)) * inverse
    outside_v = (v_bar - v @ (vt @ v_bar)) * inverse
    return u @ inner @ vt + outside_u @ vt + u @ np.swapaxes(outside_v, -1, -2)


@kind(np.linalg.svd)
def svd_kind(a: Arg, full_matrices: Arg | None = None, compute_uv: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    dtype = real_dtype(array.dtype)
    real = parts_dtype(dtype)
    if const(compute_uv, True) not in (True, False) or array.shape is None or len(array.shape) < 2:
        return Kind()
    batch, (m, n) = array.shape[:-2], array.shape[-2:]
    short: Dim = min(m, n) if isinstance(m, int) and isinstance(n, int) else m if m == n else None
    s = Array(real, (*batch, short))
    if not const(compute_uv, True):
        return s
    full = const(full_matrices, True)
    rows, columns = (m, n) if full is True else (short, short) if full is False else (None, None)
    return TupleOf((Array(dtype, (*batch, m, rows)), s, Array(dtype, (*batch, columns, n))))


@jvp(np.linalg.svdvals)
def svdvals_dot(y, x, x_dot):
    refuse_complex(x)
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return np.diagonal(np.swapaxes(u, -1, -2) @ x_dot @ np.swapaxes(vt, -1, -2), axis1=-2, axis2=-1)


@vjp(np.linalg.svdvals)
def svdvals_bar(y, x, y_bar):
    refuse_complex(x)
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return u * np.expand_dims(y_bar, -2) @ vt


@kind(np.linalg.svdvals)
def svdvals_kind(x: Arg) -> Kind:
    return svd_kind(x, None, Arg(Kind(), False))


# ----------------------------------------------------------------------- qr


@jvp(np.linalg.qr)
def qr_dot(y, a, a_dot, mode="reduced"):
    refuse_complex(a)
    if mode == "raw":
        raise NotImplementedError("the derivative of np.linalg.qr in mode raw")
    n = min(np.shape(a)[-2:])
    q, r = y if mode == "reduced" else np.linalg.qr(a)
    # The first columns are a square or tall matrix: they determine q.
    tall = r[..., :n]
    scaled = np.swapaxes(
        np.linalg.solve(np.swapaxes(tall, -1, -2), np.swapaxes(a_dot[..., :n], -1, -2)), -1, -2
    )
    q_t = np.swapaxes(q, -1, -2)
    inner = q_t @ scaled
    lower = np.tril(inner, -1)
    turn = lower - np.swapaxes(lower, -1, -2)
    q_dot = q @ turn + scaled - q @ inner
    r_dot = np.triu(q_t @ a_dot - turn @ r)
    if mode == "r":
        return r_dot
    if mode == "complete":
        q_dot = np.concatenate((q_dot, np.full_like(y[0][..., n:], np.nan)), -1)
        r_dot = np.concatenate((r_dot, np.zeros_like(y[1][..., n:, :])), -2)
    return q_dot, r_dot


@vjp(np.linalg.qr)
def qr_bar(y, a, y_bar, mode="reduced"):
    refuse_complex(a)
    if mode == "raw":
        raise NotImplementedError("the derivative of np.linalg.qr in mode raw")
    n = min(np.shape(a)[-2:])
    q, r = y if mode == "reduced" else np.linalg.qr(a)
    q_bar, r_bar = (np.zeros_like(q), y_bar) if mode == "r" else y_bar
    if mode == "complete":
        if np.any(q_bar[..., n:]):
            raise NotImplementedError("the derivative of what only mode complete of np.linalg.qr computes")
        q_bar, r_bar = q_bar[..., :n], r_bar[..., :n, :]
    # The first columns are a square or tall matrix and determine q; the others are q @ rest.
    tall, rest_bar = r[..., :n], r_bar[..., n:]
    q_bar = q_bar + a[..., n:] @ np.swapaxes(rest_bar, -1, -2)
    m = tall @ np.swapaxes(r_bar[..., :n], -1, -2) - np.swapaxes(q_bar, -1, -2) @ q
    scaled = q_bar + q @ (np.tril(m) + np.swapaxes(np.tril(m, -1), -1, -2))
    tall_bar = np.swapaxes(np.linalg.solve(tall, np.swapaxes(scaled, -1, -2)), -1, -2)
    return np.concatenate((tall_bar, q @ rest_bar), -1)


@kind(np.linalg.qr)
def qr_kind(a: Arg, mode: Arg | None = None) -> Kind:
    array = as_array(a)
    named = const(mode, "reduced")
    if named not in ("reduced", "r", "complete"):
        return Kind()
    dtype = real_dtype(array.dtype)
    if array.shape is None or len(array.shape) < 2:
        return Array(dtype, None) if named == "r" else TupleOf((Array(dtype, None), Array(dtype, None)))
    batch, (m, n) = array.shape[:-2], array.shape[-2:]
    short: Dim = min(m, n) if isinstance(m, int) and isinstance(n, int) else m if m == n else None
    if named == "r":
        return Array(dtype, (*batch, short, n))
    if named == "complete":
        return TupleOf((Array(dtype, (*batch, m, m)), Array(dtype, (*batch, m, n))))
    return TupleOf((Array(dtype, (*batch, m, short)), Array(dtype, (*batch, short, n))))
