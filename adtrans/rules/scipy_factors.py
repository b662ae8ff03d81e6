# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.linalg: factorisations of one matrix. (What they are in NumPy too is in decompositions.py.)"""

import numpy as np

from adtrans.kinds import Array, Dim, Kind, TupleOf
from adtrans.rules.decompositions import (
    eigh_bar,
    eigh_dot,
    eigvalsh_bar,
    eigvalsh_dot,
    from_triangle,
    half,
    over_gaps,
    svd_bar,
    svd_dot,
    svd_kind,
    svdvals_bar,
    svdvals_dot,
    to_triangle,
)
from adtrans.rules.facts import as_array, const
from adtrans.rules.linalg import real_dtype
from adtrans.rules.optional import linalg
from adtrans.rules.registry import Arg, indifferent, jvp, kind, real_only, vjp
from adtrans.rules.scipy_systems import permutation, unpacked

# ----------------------------------------------------- cholesky, cho_factor


@jvp("scipy.linalg.cholesky")
def cholesky_dot(y, a, a_dot, lower=False):
    if np.ndim(a) > 2:
        raise NotImplementedError("stacks of matrices")
    factor = y if lower else y.T
    left = linalg.solve_triangular(factor, from_triangle(a_dot, lower), lower=True)
    factor_dot = factor @ half(linalg.solve_triangular(factor, left.T, lower=True))
    return factor_dot if lower else factor_dot.T


@vjp("scipy.linalg.cholesky")
def cholesky_bar(y, a, y_bar, lower=False):
    if np.ndim(a) > 2:
        raise NotImplementedError("stacks of matrices")
    factor = y if lower else y.T
    inner = half(factor.T @ y_bar) if lower else half(factor.T @ y_bar.T)
    right = linalg.solve_triangular(factor, inner + inner.T, trans=1, lower=True)
    a_bar = linalg.solve_triangular(factor, right.T, trans=1, lower=True)
    return to_triangle(0.5 * a_bar, lower)


@jvp("scipy.linalg.cho_factor")
def cho_factor_dot(y, a, a_dot, lower=False):
    # The other triangle of y[0] is that of a.
    if lower:
        return cholesky_dot(np.tril(y[0]), a, a_dot, True) + np.triu(a_dot, 1), 0.0
    return cholesky_dot(np.triu(y[0]), a, a_dot, False) + np.tril(a_dot, -1), 0.0


@vjp("scipy.linalg.cho_factor")
def cho_factor_bar(y, a, y_bar, lower=False):
    if lower:
        return cholesky_bar(np.tril(y[0]), a, y_bar[0], True) + np.triu(y_bar[0], 1)
    return cholesky_bar(np.triu(y[0]), a, y_bar[0], False) + np.tril(y_bar[0], -1)


@kind("scipy.linalg.cholesky")
def cholesky_kind(a: Arg, **_: Arg) -> Kind:
    array = as_array(a)
    return Array(real_dtype(array.dtype), array.shape)


@kind("scipy.linalg.cho_factor")
def cho_factor_kind(a: Arg, **_: Arg) -> Kind:
    if not single(a):
        return Kind()
    return TupleOf((cholesky_kind(a), Array("b", (), python=True)))


def single(a: Arg) -> bool:
    """Whether an argument is not known to be a stack of matrices, of which SciPy makes lists."""
    array = as_array(a)
    return array.shape is None or len(array.shape) == 2


# ------------------------------------------------------------- lu_factor, lu


@jvp("scipy.linalg.lu_factor")
def lu_factor_dot(y, a, a_dot):
    return lu_tangent(y[0], a_dot[permutation(y[1])]), np.zeros(len(y[1]))


@vjp("scipy.linalg.lu_factor")
def lu_factor_bar(y, a, y_bar):
    a_bar = np.zeros_like(y[0])
    a_bar[permutation(y[1])] = lu_adjoint(y[0], y_bar[0])
    return a_bar


@jvp("scipy.linalg.lu")
def lu_dot(y, a, a_dot):
    p, lower, upper = y
    both = lu_tangent(np.tril(lower, -1) + upper, p.T @ a_dot)
    return np.zeros_like(p), np.tril(both, -1), np.triu(both)


@vjp("scipy.linalg.lu")
def lu_bar(y, a, y_bar):
    p, lower, upper = y
    both = np.tril(y_bar[1], -1) + np.triu(y_bar[2])
    return p @ lu_adjoint(np.tril(lower, -1) + upper, both)


def lu_tangent(lu, a_dot):
    """The tangent of the packed factors of a square matrix with interchanged rows."""
    if np.ndim(lu) > 2 or np.shape(lu)[0] != np.shape(lu)[1]:
        raise NotImplementedError("the derivative of an LU factorisation of what is not a square matrix")
    lower, upper = unpacked(lu)
    left = linalg.solve_triangular(lower, a_dot, lower=True, unit_diagonal=True)
    inner = linalg.solve_triangular(upper, left.T, trans=1).T
    return lower @ np.tril(inner, -1) + np.triu(inner) @ upper


def lu_adjoint(lu, lu_bar):
    """The adjoint of a square matrix with interchanged rows, from that of its packed factors."""
    if np.ndim(lu) > 2 or np.shape(lu)[0] != np.shape(lu)[1]:
        raise NotImplementedError("the derivative of an LU factorisation of what is not a square matrix")
    lower, upper = unpacked(lu)
    inner = np.tril(lower.T @ np.tril(lu_bar, -1), -1) + np.triu(np.triu(lu_bar) @ upper.T)
    left = linalg.solve_triangular(lower, inner, trans=1, lower=True, unit_diagonal=True)
    return linalg.solve_triangular(upper, left.T).T


@kind("scipy.linalg.lu_factor")
def lu_factor_kind(a: Arg, **_: Arg) -> Kind:
    if not single(a):
        return Kind()
    array = as_array(a)
    return TupleOf(
        (Array(real_dtype(array.dtype), array.shape), Array("i", None if array.shape is None else (None,)))
    )


@kind("scipy.linalg.lu")
def lu_kind(a: Arg, **_: Arg) -> Kind:
    if not single(a):
        return Kind()
    array = as_array(a)
    dtype, shape = real_dtype(array.dtype), None if array.shape is None else (None, None)
    return TupleOf((Array("?", shape), Array(dtype, shape), Array(dtype, shape)))


# --------------------------------------------------------------------- eigh


@jvp("scipy.linalg.eigh")
def scipy_eigh_dot(y, a, b, a_dot, b_dot, lower=True, eigvals_only=False):
    if b is None:
        if eigvals_only:
            return eigvalsh_dot(y, a, a_dot, "L" if lower else "U")
        return eigh_dot(y, a, a_dot, "L" if lower else "U")
    if eigvals_only:
        return two_eigh_tangent(linalg.eigh(a, b, lower=lower), a_dot, b_dot, lower)[0]
    return two_eigh_tangent(y, a_dot, b_dot, lower)


def two_eigh_tangent(y, a_dot, b_dot, lower):
    """The tangents of the eigenvalues and eigenvectors of a pair of matrices."""
    w, v = y
    other = v.T @ from_triangle(b_dot, lower) @ v
    inner = v.T @ from_triangle(a_dot, lower) @ v - other * w
    return np.diagonal(inner), v @ (over_gaps(inner, w) - 0.5 * np.diag(np.diagonal(other)))


@vjp("scipy.linalg.eigh")
def scipy_eigh_bar(y, a, b, y_bar, lower=True, eigvals_only=False):
    if b is None:
        if eigvals_only:
            return eigvalsh_bar(y, a, y_bar, "L" if lower else "U"), None
        return eigh_bar(y, a, y_bar, "L" if lower else "U"), None
    if eigvals_only:
        pair = linalg.eigh(a, b, lower=lower)
        return two_eigh_adjoint(pair, (y_bar, np.zeros_like(pair[1])), lower)
    return two_eigh_adjoint(y, y_bar, lower)


def two_eigh_adjoint(y, y_bar, lower):
    """The adjoints of the pair of matrices."""
    w, v = y
    w_bar, v_bar = y_bar
    products = v.T @ v_bar
    inner = over_gaps(products, w) + np.diag(w_bar)
    other = -inner * w - 0.5 * np.diag(np.diagonal(products))
    a_bar, b_bar = v @ inner @ v.T, v @ other @ v.T
    return to_triangle(0.5 * (a_bar + a_bar.T), lower), to_triangle(0.5 * (b_bar + b_bar.T), lower)


@kind("scipy.linalg.eigh")
def scipy_eigh_kind(
    a: Arg,
    b: Arg | None = None,
    eigvals_only: Arg | None = None,
    subset_by_index: Arg | None = None,
    subset_by_value: Arg | None = None,
    **_: Arg,
) -> Kind:
    only = const(eigvals_only, False)
    if not single(a) or only not in (True, False):
        return Kind()
    array = as_array(a)
    dtype = real_dtype(array.dtype) if const(b) is None else "?"
    every = const(subset_by_index) is None and const(subset_by_value) is None
    shape = array.shape if every or array.shape is None else (None, None)
    w = Array(dtype if dtype in ("f8", "f4") else "?", None if shape is None else shape[1:])
    return w if only else TupleOf((w, Array(dtype, shape)))


@jvp("scipy.linalg.eigvalsh")
def scipy_eigvalsh_dot(y, a, a_dot, lower=True):
    return eigvalsh_dot(y, a, a_dot, "L" if lower else "U")


@vjp("scipy.linalg.eigvalsh")
def scipy_eigvalsh_bar(y, a, y_bar, lower=True):
    return eigvalsh_bar(y, a, y_bar, "L" if lower else "U")


@kind("scipy.linalg.eigvalsh")
def scipy_eigvalsh_kind(a: Arg, **_: Arg) -> Kind:
    if not single(a):
        return Kind()
    array = as_array(a)
    dtype = real_dtype(array.dtype)
    return Array(dtype if dtype in ("f8", "f4") else "?", None if array.shape is None else (None,))


# ---------------------------------------------------------------------- svd

jvp("scipy.linalg.svd")(svd_dot)
vjp("scipy.linalg.svd")(svd_bar)
jvp("scipy.linalg.svdvals")(svdvals_dot)
vjp("scipy.linalg.svdvals")(svdvals_bar)


@kind("scipy.linalg.svd")
def scipy_svd_kind(a: Arg, full_matrices: Arg | None = None, compute_uv: Arg | None = None, **_: Arg) -> Kind:
    return svd_kind(a, full_matrices, compute_uv) if single(a) else Kind()


@kind("scipy.linalg.svdvals")
def scipy_svdvals_kind(a: Arg, **_: Arg) -> Kind:
    return svd_kind(a, None, Arg(Kind(), False)) if single(a) else Kind()


# ----------------------------------------------------------------------- qr


@jvp("scipy.linalg.qr")
def qr_dot(y, a, a_dot, mode="full"):
    if mode == "raw":
        raise NotImplementedError("mode raw")
    if mode == "r":
        return (qr_tangent(linalg.qr(a), a, a_dot)[1],)
    return qr_tangent(y, a, a_dot)


def qr_tangent(y, a, a_dot):
    """The tangents of q and r, full or economic."""
    if np.ndim(a) > 2:
        raise NotImplementedError("the derivative of scipy.linalg.qr of a stack of matrices")
    n = min(np.shape(a))
    q, r = y[0][:, :n], y[1][:n]
    # The first columns are a square or tall matrix: they determine q.
    scaled = linalg.solve_triangular(r[:, :n], a_dot[:, :n].T, trans=1).T
    inner = q.T @ scaled
    turn = np.tril(inner, -1) - np.tril(inner, -1).T
    r_dot = np.concatenate((np.triu(q.T @ a_dot - turn @ r), np.zeros_like(y[1][n:])))
    # The other columns of q are one of many bases.
    return np.concatenate((q @ turn + scaled - q @ inner, np.full_like(y[0][:, n:], np.nan)), 1), r_dot


@vjp("scipy.linalg.qr")
def qr_bar(y, a, y_bar, mode="full"):
    if mode == "raw":
        raise NotImplementedError("mode raw")
    if mode == "r":
        pair = linalg.qr(a)
        return qr_adjoint(pair, a, (np.zeros_like(pair[0]), y_bar[0]))
    return qr_adjoint(y, a, y_bar)


def qr_adjoint(y, a, y_bar):
    """The adjoint of a, from those of q and r, full or economic."""
    if np.ndim(a) > 2:
        raise NotImplementedError("the derivative of scipy.linalg.qr of a stack of matrices")
    n = min(np.shape(a))
    q, r = y[0][:, :n], y[1][:n]
    q_bar, r_bar = y_bar[0][:, :n], y_bar[1][:n]
    if np.any(y_bar[0][:, n:]):
        raise NotImplementedError("the derivative of what only mode full of scipy.linalg.qr computes")
    # The first columns are a square or tall matrix and determine q; the others are q @ rest.
    rest_bar = r_bar[:, n:]
    q_bar = q_bar + a[:, n:] @ rest_bar.T
    m = r[:, :n] @ r_bar[:, :n].T - q_bar.T @ q
    scaled = q_bar + q @ (np.tril(m) + np.tril(m, -1).T)
    return np.concatenate((linalg.solve_triangular(r[:, :n], scaled.T).T, q @ rest_bar), 1)


@kind("scipy.linalg.qr")
def qr_kind(a: Arg, mode: Arg | None = None, pivoting: Arg | None = None, **_: Arg) -> Kind:
    named = const(mode, "full")
    if not single(a) or named not in ("full", "economic", "r") or const(pivoting, False) is not False:
        return Kind()
    array = as_array(a)
    dtype = real_dtype(array.dtype)
    if array.shape is None:
        return TupleOf((Array(dtype, None),) * (1 if named == "r" else 2))
    m, n = array.shape
    short: Dim = min(m, n) if isinstance(m, int) and isinstance(n, int) else m if m == n else None
    if named == "r":
        return TupleOf((Array(dtype, (m, n)),))
    inner = m if named == "full" else short
    return TupleOf((Array(dtype, (m, inner)), Array(dtype, (inner, n))))


FACTORS = ("cholesky", "cho_factor", "lu_factor", "lu", "eigh", "eigvalsh", "svd", "svdvals", "qr")
for name in FACTORS:
    indifferent("check_finite", f"scipy.linalg.{name}")
    real_only(f"scipy.linalg.{name}")
indifferent("driver", "scipy.linalg.eigh", "scipy.linalg.eigvalsh")
indifferent("lapack_driver", "scipy.linalg.svd")
indifferent("lwork", "scipy.linalg.qr")
