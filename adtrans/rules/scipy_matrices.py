# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.linalg: inverses, determinants, norms, least squares, functions and equations of matrices."""

import numpy as np

from adtrans.kinds import Array, Kind, TupleOf, may_be_complex
from adtrans.rules.facts import as_array, const, promote, shape_arg
from adtrans.rules.linalg import cofactors, pinv_tangent, real_dtype
from adtrans.rules.norms import norm_bar, norm_dot, norm_kind
from adtrans.rules.optional import linalg
from adtrans.rules.registry import Arg, indifferent, jvp, kind, real_only, vjp
from adtrans.rules.scipy_systems import read_part, read_part_bar
from adtrans.support import is_complex

# ----------------------------------------------------------- inv, det, norm


@jvp("scipy.linalg.inv")
def inv_dot(y, a, a_dot, assume_a=None, lower=False):
    if is_complex(a) and assume_a in ("pos", "positive definite", "her", "hermitian"):
        raise NotImplementedError("a Hermitian matrix")
    if assume_a in ("diagonal", "tridiagonal", "banded"):
        raise NotImplementedError("a matrix that is assumed to be banded")
    if assume_a is None or assume_a in ("gen", "general"):
        return -y @ a_dot @ y
    return -y @ read_part(a_dot, assume_a, lower) @ y


@vjp("scipy.linalg.inv")
def inv_bar(y, a, y_bar, assume_a=None, lower=False):
    if is_complex(a) and assume_a in ("pos", "positive definite", "her", "hermitian"):
        raise NotImplementedError("a Hermitian matrix")
    if assume_a in ("diagonal", "tridiagonal", "banded"):
        raise NotImplementedError("a matrix that is assumed to be banded")
    if np.ndim(a) == 2:
        full_bar = -y.T @ y_bar @ y.T
    else:
        full_bar = -np.swapaxes(y, -1, -2) @ y_bar @ np.swapaxes(y, -1, -2)
    if assume_a is None or assume_a in ("gen", "general"):
        return full_bar
    return read_part_bar(full_bar, assume_a, lower)


@jvp("scipy.linalg.det")
def det_dot(y, a, a_dot):
    return np.sum(cofactors(y, a) * a_dot, axis=(-2, -1))


@vjp("scipy.linalg.det")
def det_bar(y, a, y_bar):
    if np.ndim(a) == 2:
        return y_bar * cofactors(y, a)
    return np.expand_dims(y_bar, (-2, -1)) * cofactors(y, a)


jvp("scipy.linalg.norm")(norm_dot)
vjp("scipy.linalg.norm")(norm_bar)


@kind("scipy.linalg.inv", "scipy.linalg.expm")
def same_shape_kind(a: Arg | None = None, A: Arg | None = None, **_: Arg) -> Kind:
    given = a or A
    assert given is not None
    array = as_array(given)
    return Array(real_dtype(array.dtype), array.shape)


@kind("scipy.linalg.det")
def det_kind(a: Arg, **_: Arg) -> Kind:
    """In double precision, whatever the dtype of a."""
    array = as_array(a)
    dtype = "f8" if array.dtype in ("f8", "f4", "i", "b") else "?"
    return Array(dtype, None if array.shape is None else array.shape[:-2])


@kind("scipy.linalg.norm")
def scipy_norm_kind(
    a: Arg, ord: Arg | None = None, axis: Arg | None = None, keepdims: Arg | None = None, **_: Arg
) -> Kind:
    """Of single precision it is sometimes a Python number."""
    found = norm_kind(a, ord, axis, keepdims)
    assert isinstance(found, Array)
    return Array("f8" if found.dtype == "f8" else "?", found.shape)


# -------------------------------------------------------------- pinv, lstsq


@jvp("scipy.linalg.pinv")
def pinv_dot(y, a, a_dot):
    return pinv_tangent(y, a, a_dot)


@vjp("scipy.linalg.pinv")
def pinv_bar(y, a, y_bar):
    return pinv_tangent(np.swapaxes(y, -1, -2), np.swapaxes(a, -1, -2), y_bar)


@kind("scipy.linalg.pinv")
def pinv_kind(a: Arg, return_rank: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    if const(return_rank, False) is not False or array.shape is None:
        return Kind()
    return Array(real_dtype(array.dtype), (*array.shape[:-2], *reversed(array.shape[-2:])))


@jvp("scipy.linalg.lstsq")
def lstsq_dot(y, a, b, a_dot, b_dot, cond=None):
    # x = pinv(a) @ b for a matrix whose rank does not change.
    a_pinv = linalg.pinv(a, rtol=cond)
    left = np.eye(np.shape(a)[1], dtype=a_pinv.dtype) - a_pinv @ a
    r = b - a @ y[0]
    r_dot = b_dot - a_dot @ y[0]
    x_dot = a_pinv @ r_dot + a_pinv @ a_pinv.T @ a_dot.T @ r + left @ a_dot.T @ a_pinv.T @ y[0]
    u, _, vt = linalg.svd(a, full_matrices=False)
    s_dot = np.diagonal(u.T @ a_dot @ vt.T)
    residues_dot = 2.0 * np.sum(r * r_dot, axis=0)
    return x_dot, residues_dot if np.shape(y[1]) == np.shape(residues_dot) else np.zeros(0), 0, s_dot


@vjp("scipy.linalg.lstsq")
def lstsq_bar(y, a, b, y_bar, cond=None):
    a_pinv = linalg.pinv(a, rtol=cond)
    left = np.eye(np.shape(a)[1], dtype=a_pinv.dtype) - a_pinv @ a
    x = y[0] if np.ndim(b) == 2 else y[0][:, None]
    x_bar = np.reshape(y_bar[0], np.shape(x))
    r = (b if np.ndim(b) == 2 else b[:, None]) - a @ x
    r_bar = a_pinv.T @ x_bar
    if np.shape(y[1]) == np.shape(b)[1:]:  # The squared lengths of the columns of r.
        r_bar = r_bar + 2.0 * r * y_bar[1]
    a_bar = -r_bar @ x.T + r @ (a_pinv @ a_pinv.T @ x_bar).T + a_pinv.T @ x @ (left @ x_bar).T
    if np.any(y_bar[3]):
        u, _, vt = linalg.svd(a, full_matrices=False)
        a_bar = a_bar + u * y_bar[3] @ vt
    return a_bar, np.reshape(r_bar, np.shape(b))


@kind("scipy.linalg.lstsq")
def lstsq_kind(a: Arg, b: Arg, **_: Arg) -> Kind:
    dtype = real_dtype(promote([as_array(a), as_array(b)]))
    left, right = shape_arg(a), shape_arg(b)
    if left is None or right is None or len(left) != 2 or len(right) not in (1, 2):
        return Kind()
    if any(may_be_complex(x.kind) for x in (a, b)):
        return Kind()
    return TupleOf(
        (Array(dtype, (left[1], *right[1:])), Array(dtype, None), Array("i", ()), Array(dtype, (None,)))
    )


# -------------------------------------------------------------- expm, sqrtm


@jvp("scipy.linalg.expm")
def expm_dot(y, a, a_dot):
    return linalg.expm_frechet(a, a_dot, compute_expm=False).astype(y.dtype)


@vjp("scipy.linalg.expm")
def expm_bar(y, a, y_bar):
    if np.ndim(a) == 2:
        return linalg.expm_frechet(a.T, y_bar, compute_expm=False).astype(y.dtype)
    return linalg.expm_frechet(np.swapaxes(a, -1, -2), y_bar, compute_expm=False).astype(y.dtype)


@jvp("scipy.linalg.expm_frechet")
def expm_frechet_dot(y, a, e, a_dot, e_dot, compute_expm=True):
    if compute_expm:
        raise NotImplementedError("compute_expm=True")
    return doubled(a, e, a_dot) + linalg.expm_frechet(a, e_dot, compute_expm=False)


@vjp("scipy.linalg.expm_frechet")
def expm_frechet_bar(y, a, e, y_bar, compute_expm=True):
    if compute_expm:
        raise NotImplementedError("compute_expm=True")
    a_t, e_t = np.swapaxes(a, -1, -2), np.swapaxes(e, -1, -2)
    return doubled(a_t, e_t, y_bar), linalg.expm_frechet(a_t, y_bar, compute_expm=False)


def doubled(a, e, d):
    """The second derivative of the exponential at a, in the directions e and d."""
    n = np.shape(a)[-1]
    zero = np.zeros_like(a)
    above = np.concatenate((a, e), axis=-1)
    below = np.concatenate((zero, a), axis=-1)
    both = np.concatenate((above, below), axis=-2)
    above_dot = np.concatenate((d, zero), axis=-1)
    below_dot = np.concatenate((zero, d), axis=-1)
    both_dot = np.concatenate((above_dot, below_dot), axis=-2)
    return linalg.expm_frechet(both, both_dot, compute_expm=False)[..., :n, n:]


@kind("scipy.linalg.expm_frechet")
def expm_frechet_kind(A: Arg, E: Arg, compute_expm: Arg | None = None, **_: Arg) -> Kind:
    array, direction = as_array(A), as_array(E)
    if const(compute_expm, True) is not False or array.shape is None or len(array.shape) != 2:
        return Kind()
    dtype = "f8" if array.dtype == "f8" and direction.dtype in ("f8", "f4") else "?"
    return Array(dtype, array.shape)


@jvp("scipy.linalg.sqrtm")
def sqrtm_dot(y, a, a_dot):
    return linalg.solve_sylvester(y, y, a_dot)


@vjp("scipy.linalg.sqrtm")
def sqrtm_bar(y, a, y_bar):
    if np.iscomplexobj(y):
        raise NotImplementedError("the derivative of a matrix root that is complex")
    if np.ndim(a) == 2:
        return linalg.solve_sylvester(y.T, y.T, y_bar)
    return linalg.solve_sylvester(np.swapaxes(y, -1, -2), np.swapaxes(y, -1, -2), y_bar)


@kind("scipy.linalg.sqrtm")
def sqrtm_kind(A: Arg, **_: Arg) -> Kind:
    """Complex, where an eigenvalue is negative."""
    return Array("?", as_array(A).shape)


# ---------------------------------------------------------------- equations


@jvp("scipy.linalg.solve_sylvester")
def solve_sylvester_dot(y, a, b, q, a_dot, b_dot, q_dot):
    return linalg.solve_sylvester(a, b, q_dot - a_dot @ y - y @ b_dot)


@vjp("scipy.linalg.solve_sylvester")
def solve_sylvester_bar(y, a, b, q, y_bar):
    if np.ndim(a) > 2:
        raise NotImplementedError("stacks of matrices")
    q_bar = linalg.solve_sylvester(a.T, b.T, y_bar)
    return -q_bar @ y.T, -y.T @ q_bar, q_bar


@jvp("scipy.linalg.solve_continuous_lyapunov", "scipy.linalg.solve_lyapunov")
def solve_continuous_lyapunov_dot(y, a, q, a_dot, q_dot):
    return linalg.solve_continuous_lyapunov(a, q_dot - a_dot @ y - y @ a_dot.T)


@vjp("scipy.linalg.solve_continuous_lyapunov", "scipy.linalg.solve_lyapunov")
def solve_continuous_lyapunov_bar(y, a, q, y_bar):
    q_bar = linalg.solve_continuous_lyapunov(a.T, y_bar)
    return -q_bar @ y.T - q_bar.T @ y, q_bar


@jvp("scipy.linalg.solve_discrete_lyapunov")
def solve_discrete_lyapunov_dot(y, a, q, a_dot, q_dot):
    return linalg.solve_discrete_lyapunov(a, q_dot + a_dot @ y @ a.T + a @ y @ a_dot.T)


@vjp("scipy.linalg.solve_discrete_lyapunov")
def solve_discrete_lyapunov_bar(y, a, q, y_bar):
    q_bar = linalg.solve_discrete_lyapunov(a.T, y_bar)
    return q_bar @ a @ y.T + q_bar.T @ a @ y, q_bar


@kind("scipy.linalg.solve_sylvester")
@kind("scipy.linalg.solve_continuous_lyapunov", "scipy.linalg.solve_discrete_lyapunov")
@kind("scipy.linalg.solve_lyapunov")
def equation_kind(a: Arg, q: Arg, b: Arg | None = None, **_: Arg) -> Kind:
    given = [as_array(arg) for arg in (a, q, b) if arg is not None]
    dtype = "f8" if all(array.dtype == "f8" for array in given) else "?"
    alone = all(array.shape is not None and len(array.shape) == 2 for array in given)
    return Array(dtype, as_array(q).shape if alone else None)


indifferent("check_finite", *(f"scipy.linalg.{name}" for name in ("inv", "det", "norm", "lstsq")))
indifferent("check_finite method", "scipy.linalg.expm_frechet")
indifferent("method", "scipy.linalg.solve_discrete_lyapunov")
# They say which singular values count as zero: the rank, which does not change.
indifferent("check_finite atol rtol", "scipy.linalg.pinv")
for name in ("inv", "det", "norm", "pinv", "lstsq", "expm", "expm_frechet", "sqrtm", "solve_sylvester"):
    real_only(f"scipy.linalg.{name}")
real_only("scipy.linalg.solve_continuous_lyapunov", "scipy.linalg.solve_discrete_lyapunov")
real_only("scipy.linalg.solve_lyapunov")
