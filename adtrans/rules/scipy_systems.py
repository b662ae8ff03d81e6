# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.linalg: linear systems, and the same with a factor that is there already.

The adjoint of the right-hand side is a solution with the transposed matrix; that of the matrix is its
product with the solution, in the elements that SciPy reads.
"""

import numpy as np

from adtrans.kinds import Array, Kind, TupleOf
from adtrans.rules.decompositions import from_triangle, to_triangle
from adtrans.rules.facts import as_array, dtype_in, promote, shape_arg, shape_in
from adtrans.rules.linalg import real_dtype, solve_kind
from adtrans.rules.optional import linalg
from adtrans.rules.registry import Arg, indifferent, jvp, kind, real_only, vjp
from adtrans.support import is_complex, unbroadcast

# -------------------------------------------------------------------- solve


@jvp("scipy.linalg.solve")
def solve_dot(y, a, b, a_dot, b_dot, lower=False, assume_a=None, transposed=False):
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        raise NotImplementedError("one vector and a stack of matrices")
    if assume_a is None or assume_a in ("gen", "general", "banded"):
        read_dot = a_dot
    else:
        read_dot = read_part(a_dot, assume_a, lower)
    rhs_dot = b_dot - np.swapaxes(read_dot, -1, -2) @ y if transposed else b_dot - read_dot @ y
    return linalg.solve(a, rhs_dot, lower=lower, assume_a=assume_a, transposed=transposed)


@vjp("scipy.linalg.solve")
def solve_bar(y, a, b, y_bar, lower=False, assume_a=None, transposed=False):
    rhs_bar = linalg.solve(a, y_bar, lower=lower, assume_a=assume_a, transposed=not transposed)
    if np.ndim(b) == 1:
        if np.ndim(a) > 2:
            raise NotImplementedError("one vector and a stack of matrices")
        full_bar = -np.outer(y, rhs_bar) if transposed else -np.outer(rhs_bar, y)
    elif np.ndim(a) == 2 and np.ndim(b) == 2:
        full_bar = -y @ rhs_bar.T if transposed else -rhs_bar @ y.T
    elif transposed:
        full_bar = unbroadcast(-y @ np.swapaxes(rhs_bar, -1, -2), a)
    else:
        full_bar = unbroadcast(-rhs_bar @ np.swapaxes(y, -1, -2), a)
    if np.ndim(a) > 2 or np.ndim(b) > 2:
        rhs_bar = unbroadcast(rhs_bar, b)
    if assume_a is None or assume_a in ("gen", "general", "banded"):
        return full_bar, rhs_bar
    return read_part_bar(full_bar, assume_a, lower), rhs_bar


def read_part(m, assume_a, lower):
    """The matrix that SciPy sees if told to assume this of m."""
    if assume_a == "diagonal":
        return np.triu(np.tril(m))
    if assume_a == "tridiagonal":
        return np.triu(np.tril(m, 1), -1)
    if assume_a == "upper triangular":
        return np.triu(m)
    if assume_a == "lower triangular":
        return np.tril(m)
    return from_triangle(m, lower)


def read_part_bar(m, assume_a, lower):
    """The adjoint of `read_part`."""
    if assume_a in ("diagonal", "tridiagonal", "upper triangular", "lower triangular"):
        return read_part(m, assume_a, lower)
    return to_triangle(m, lower)


@kind("scipy.linalg.solve", "scipy.linalg.solve_triangular")
def scipy_solve_kind(a: Arg, b: Arg, **_: Arg) -> Kind:
    return solve_kind(a, b)


# --------------------------------------------------------- solve_triangular


@jvp("scipy.linalg.solve_triangular")
def solve_triangular_dot(y, a, b, a_dot, b_dot, trans=0, lower=False, unit_diagonal=False):
    if trans in (2, "C") and is_complex(a):
        raise NotImplementedError("the conjugate of a matrix")
    if np.ndim(a) > 2 or np.ndim(b) > 2:
        raise NotImplementedError("stacks of matrices")
    first = -1 if unit_diagonal else 0
    read_dot = np.tril(a_dot, first) if lower else np.triu(a_dot, -first)
    rhs_dot = b_dot - read_dot @ y if trans in (0, "N") else b_dot - read_dot.T @ y
    return linalg.solve_triangular(a, rhs_dot, trans=trans, lower=lower, unit_diagonal=unit_diagonal)


@vjp("scipy.linalg.solve_triangular")
def solve_triangular_bar(y, a, b, y_bar, trans=0, lower=False, unit_diagonal=False):
    if trans in (2, "C") and is_complex(a):
        raise NotImplementedError("the conjugate of a matrix")
    if np.ndim(a) > 2 or np.ndim(b) > 2:
        raise NotImplementedError("stacks of matrices")
    other = 1 if trans in (0, "N") else 0
    rhs_bar = linalg.solve_triangular(a, y_bar, trans=other, lower=lower, unit_diagonal=unit_diagonal)
    if np.ndim(b) == 1:
        full_bar = np.outer(rhs_bar, y) if trans in (0, "N") else np.outer(y, rhs_bar)
    else:
        full_bar = rhs_bar @ y.T if trans in (0, "N") else y @ rhs_bar.T
    first = -1 if unit_diagonal else 0
    return -np.tril(full_bar, first) if lower else -np.triu(full_bar, -first), rhs_bar


# -------------------------------------------------------- cho_solve, lu_solve


@jvp("scipy.linalg.cho_solve")
def cho_solve_dot(y, c_and_lower, b, c_and_lower_dot, b_dot):
    if np.ndim(b) > 2:
        raise NotImplementedError("a stack of right-hand sides")
    if c_and_lower[1]:
        half_dot = np.tril(c_and_lower_dot[0]) @ np.tril(c_and_lower[0]).T
    else:
        half_dot = np.triu(c_and_lower_dot[0]).T @ np.triu(c_and_lower[0])
    return linalg.cho_solve(c_and_lower, b_dot - (half_dot + half_dot.T) @ y)


@vjp("scipy.linalg.cho_solve")
def cho_solve_bar(y, c_and_lower, b, y_bar):
    if np.ndim(b) > 2:
        raise NotImplementedError("a stack of right-hand sides")
    rhs_bar = linalg.cho_solve(c_and_lower, y_bar)
    half_bar = np.outer(rhs_bar, y) if np.ndim(b) == 1 else rhs_bar @ y.T
    if c_and_lower[1]:
        c_bar = -np.tril((half_bar + half_bar.T) @ np.tril(c_and_lower[0]))
    else:
        c_bar = -np.triu(np.triu(c_and_lower[0]) @ (half_bar + half_bar.T))
    return [c_bar, 0.0], rhs_bar


@jvp("scipy.linalg.lu_solve")
def lu_solve_dot(y, lu_and_piv, b, lu_and_piv_dot, b_dot, trans=0):
    if trans in (2, "C") and is_complex(lu_and_piv[0]):
        raise NotImplementedError("the conjugate of a matrix")
    if np.ndim(b) > 2:
        raise NotImplementedError("a stack of right-hand sides")
    lower, upper = unpacked(lu_and_piv[0])
    lower_dot, upper_dot = np.tril(lu_and_piv_dot[0], -1), np.triu(lu_and_piv_dot[0])
    a_dot = (lower_dot @ upper + lower @ upper_dot)[np.argsort(permutation(lu_and_piv[1]))]
    return linalg.lu_solve(lu_and_piv, b_dot - (a_dot.T @ y if trans else a_dot @ y), trans)


@vjp("scipy.linalg.lu_solve")
def lu_solve_bar(y, lu_and_piv, b, y_bar, trans=0):
    if trans in (2, "C") and is_complex(lu_and_piv[0]):
        raise NotImplementedError("the conjugate of a matrix")
    if np.ndim(b) > 2:
        raise NotImplementedError("a stack of right-hand sides")
    lower, upper = unpacked(lu_and_piv[0])
    rhs_bar = linalg.lu_solve(lu_and_piv, y_bar, 0 if trans else 1)
    left, right = (y, rhs_bar) if trans else (rhs_bar, y)
    a_bar = (np.outer(left, right) if np.ndim(b) == 1 else left @ right.T)[permutation(lu_and_piv[1])]
    lu_bar = -np.tril(a_bar @ upper.T, -1) - np.triu(lower.T @ a_bar)
    return [lu_bar, np.zeros(len(lu_bar))], rhs_bar


def unpacked(lu):
    """The two triangles of an LU factorisation."""
    return np.tril(lu, -1) + np.eye(len(lu), dtype=lu.dtype), np.triu(lu)


def permutation(piv):
    """The order of the rows after the interchanges that LAPACK tells."""
    order = np.arange(len(piv))
    for k in range(len(piv)):
        order[[k, piv[k]]] = order[[piv[k], k]]
    return order


@kind("scipy.linalg.cho_solve")
def cho_solve_kind(c_and_lower: Arg, b: Arg, **_: Arg) -> Kind:
    return factored_kind(c_and_lower, b)


@kind("scipy.linalg.lu_solve")
def lu_solve_kind(lu_and_piv: Arg, b: Arg, **_: Arg) -> Kind:
    return factored_kind(lu_and_piv, b)


def factored_kind(factor: Arg, b: Arg) -> Kind:
    first = factor.kind.elems[0] if isinstance(factor.kind, TupleOf) and factor.kind.elems else Kind()
    matrix, right = shape_in(first), shape_arg(b)
    known = matrix is not None and len(matrix) == 2 and right is not None
    dtype = "?" if dtype_in(first) == "?" else real_dtype(promote([first, as_array(b)]))
    return Array(dtype, right if known else None)


# ------------------------------------------------------------------- banded


@jvp("scipy.linalg.solve_banded")
def solve_banded_dot(y, l_and_u, ab, b, ab_dot, b_dot):
    return linalg.solve_banded(l_and_u, ab, b_dot - banded_product(l_and_u, ab_dot, y))


@vjp("scipy.linalg.solve_banded")
def solve_banded_bar(y, l_and_u, ab, b, y_bar):
    rhs_bar = linalg.solve_banded((l_and_u[1], l_and_u[0]), banded_transpose(l_and_u, ab), y_bar)
    return None, -banded_outer(l_and_u, ab, rhs_bar, y), rhs_bar


def banded_product(l_and_u, ab, x):
    """The product of a matrix, of which the diagonals are given, with x."""
    n = len(x)
    y = np.zeros_like(x * ab[0, 0])
    for k in range(-l_and_u[0], l_and_u[1] + 1):
        diagonal = ab[l_and_u[1] - k, max(k, 0) : n + min(k, 0)]
        part = x[max(k, 0) : n + min(k, 0)]
        y[max(-k, 0) : n + min(-k, 0)] += (diagonal if np.ndim(x) == 1 else diagonal[:, None]) * part
    return y


def banded_transpose(l_and_u, ab):
    """The diagonals of the transposed matrix."""
    n = np.shape(ab)[1]
    turned = np.zeros_like(ab)
    for k in range(-l_and_u[0], l_and_u[1] + 1):
        turned[l_and_u[0] + k, max(-k, 0) : n + min(-k, 0)] = ab[l_and_u[1] - k, max(k, 0) : n + min(k, 0)]
    return turned


def banded_outer(l_and_u, ab, x, y):
    """The diagonals of the outer product of x and y."""
    n = len(y)
    diagonals = np.zeros_like(ab)
    for k in range(-l_and_u[0], l_and_u[1] + 1):
        products = x[max(-k, 0) : n + min(-k, 0)] * y[max(k, 0) : n + min(k, 0)]
        diagonals[l_and_u[1] - k, max(k, 0) : n + min(k, 0)] = (
            products if np.ndim(y) == 1 else np.sum(products, axis=1)
        )
    return diagonals


# ------------------------------------------------------------ solveh_banded

# Of a symmetric matrix one triangle is given: an element beside the diagonal stands for two.


@jvp("scipy.linalg.solveh_banded")
def solveh_banded_dot(y, ab, b, ab_dot, b_dot, lower=False):
    return linalg.solveh_banded(ab, b_dot - symmetric_product(ab_dot, y, lower), lower=lower)


@vjp("scipy.linalg.solveh_banded")
def solveh_banded_bar(y, ab, b, y_bar, lower=False):
    rhs_bar = linalg.solveh_banded(ab, y_bar, lower=lower)
    return -symmetric_outer(ab, rhs_bar, y, lower), rhs_bar


def symmetric_product(ab, x, lower):
    """The product of a symmetric matrix, of which the diagonals of one side are given, with x."""
    n, wide = len(x), len(ab)
    y = np.zeros_like(x * ab[0, 0])
    for k in range(wide):
        diagonal = ab[k, : n - k] if lower else ab[wide - 1 - k, k:]
        diagonal = diagonal if np.ndim(x) == 1 else diagonal[:, None]
        y[: n - k] += diagonal * x[k:]
        if k > 0:
            y[k:] += diagonal * x[: n - k]
    return y


def symmetric_outer(ab, x, y, lower):
    """The adjoint of the diagonals, of which the products with y have the adjoint x."""
    n, wide = len(y), len(ab)
    diagonals = np.zeros_like(ab)
    for k in range(wide):
        products = x[: n - k] * y[k:]
        if k > 0:
            products = products + x[k:] * y[: n - k]
        products = products if np.ndim(y) == 1 else np.sum(products, axis=1)
        if lower:
            diagonals[k, : n - k] = products
        else:
            diagonals[wide - 1 - k, k:] = products
    return diagonals


@kind("scipy.linalg.solveh_banded")
def solveh_banded_kind(ab: Arg, b: Arg, **_: Arg) -> Kind:
    return solve_banded_kind(ab, ab, b)


@kind("scipy.linalg.solve_banded")
def solve_banded_kind(l_and_u: Arg, ab: Arg, b: Arg, **_: Arg) -> Kind:
    matrix, right = shape_arg(ab), shape_arg(b)
    known = matrix is not None and len(matrix) == 2 and right is not None
    return Array(real_dtype(promote([as_array(ab), as_array(b)])), right if known else None)


indifferent("check_finite", "scipy.linalg.solve", "scipy.linalg.solve_triangular", "scipy.linalg.cho_solve")
indifferent(
    "check_finite", "scipy.linalg.lu_solve", "scipy.linalg.solve_banded", "scipy.linalg.solveh_banded"
)
real_only("scipy.linalg.solve", "scipy.linalg.solve_triangular", "scipy.linalg.cho_solve")
real_only("scipy.linalg.lu_solve", "scipy.linalg.solve_banded", "scipy.linalg.solveh_banded")
