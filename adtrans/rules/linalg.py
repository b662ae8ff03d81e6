# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Linear systems: solve, inv, det, slogdet, pinv, lstsq, matrix_power."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind, TupleOf, broadcast_shape, parts_dtype
from adtrans.rules.facts import Shape, as_array, const, dim_of, promote, shape_arg
from adtrans.rules.registry import Arg, jvp, kind, vjp
from adtrans.support import unbroadcast

# -------------------------------------------------------------------- solve


@jvp(np.linalg.solve)
def solve_dot(y, a, b, a_dot, b_dot):
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        rhs_dot = b_dot - np.squeeze(a_dot @ np.expand_dims(y, -1), -1)
        return np.linalg.solve(a, np.expand_dims(rhs_dot, -1))[..., 0]
    return np.linalg.solve(a, b_dot - a_dot @ y)


@vjp(np.linalg.solve)
def solve_bar(y, a, b, y_bar):
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        rhs_bar = np.linalg.solve(a.T, y_bar)
        return -np.outer(rhs_bar, y), rhs_bar
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        rhs_bar = np.linalg.solve(a.T, y_bar)
        return -rhs_bar @ y.T, rhs_bar
    a_t = np.swapaxes(a, -1, -2)
    if np.ndim(b) == 1:
        rhs_bar = np.linalg.solve(a_t, y_bar[..., None])
        return -rhs_bar * y[..., None, :], unbroadcast(rhs_bar[..., 0], b)
    rhs_bar = np.linalg.solve(a_t, y_bar)
    return unbroadcast(-rhs_bar @ np.swapaxes(y, -1, -2), a), unbroadcast(rhs_bar, b)


@kind(np.linalg.solve)
def solve_kind(a: Arg, b: Arg) -> Kind:
    left, right = shape_arg(a), shape_arg(b)
    shape: Shape = None
    if left is not None and right is not None and len(left) >= 2 and right:
        if len(right) == 1:
            shape = (*left[:-2], left[-1])
        else:
            batch = broadcast_shape(left[:-2], right[:-2])
            shape = None if batch is None else (*batch, left[-1], right[-1])
    return Array(real_dtype(promote([as_array(a), as_array(b)])), shape)


def real_dtype(dtype: str) -> str:
    """The dtype of a result that is never an integer."""
    return "f8" if dtype in ("i", "b") else dtype


# ---------------------------------------------------------------------- inv


@jvp(np.linalg.inv)
def inv_dot(y, a, a_dot):
    return -y @ a_dot @ y


@vjp(np.linalg.inv)
def inv_bar(y, a, y_bar):
    if np.ndim(a) == 2:
        return -y.T @ y_bar @ y.T
    y_t = np.swapaxes(y, -1, -2)
    return -y_t @ y_bar @ y_t


@kind(np.linalg.inv)
def inv_kind(a: Arg) -> Kind:
    array = as_array(a)
    return Array(real_dtype(array.dtype), array.shape)


# ------------------------------------------------------------- det, slogdet


@jvp(np.linalg.det)
def det_dot(y, a, a_dot):
    return np.sum(cofactors(y, a) * a_dot, axis=(-2, -1))


@vjp(np.linalg.det)
def det_bar(y, a, y_bar):
    if np.ndim(a) == 2:
        return y_bar * cofactors(y, a)
    return np.expand_dims(y_bar, (-2, -1)) * cofactors(y, a)


def cofactors(y, a):
    """The derivative of y, the determinant of a: by the inverse, or where that is large or none by minors."""
    if np.all(y != 0.0):
        inverse = np.linalg.inv(a)
        # The derivative of the inverse has the square of the condition number in its error.
        condition = np.linalg.norm(a, axis=(-2, -1)) * np.linalg.norm(inverse, axis=(-2, -1))
        if np.all(condition < 1e8):
            return np.expand_dims(y, (-2, -1)) * np.swapaxes(inverse, -1, -2)
    result = np.zeros_like(a)
    for i in range(np.shape(a)[-1]):
        for j in range(np.shape(a)[-1]):
            minor = np.linalg.det(np.delete(np.delete(a, i, -2), j, -1))
            result[..., i, j] = (-1.0) ** (i + j) * minor
    return result


@kind(np.linalg.det)
def det_kind(a: Arg) -> Kind:
    array = as_array(a)
    return Array(real_dtype(array.dtype), None if array.shape is None else array.shape[:-2])


@jvp(np.linalg.slogdet)
def slogdet_dot(y, a, a_dot):
    if np.iscomplexobj(a):
        raise NotImplementedError("the derivative of np.linalg.slogdet of a complex matrix")
    return np.zeros_like(y[0]), np.trace(np.linalg.solve(a, a_dot), axis1=-2, axis2=-1)


@vjp(np.linalg.slogdet)
def slogdet_bar(y, a, y_bar):
    if np.iscomplexobj(a):
        raise NotImplementedError("the derivative of np.linalg.slogdet of a complex matrix")
    if np.ndim(a) == 2:
        return y_bar[1] * np.linalg.inv(a).T
    return np.expand_dims(y_bar[1], (-2, -1)) * np.swapaxes(np.linalg.inv(a), -1, -2)


@kind(np.linalg.slogdet)
def slogdet_kind(a: Arg) -> Kind:
    det = det_kind(a)
    assert isinstance(det, Array)
    return TupleOf((det, Array(parts_dtype(det.dtype), det.shape)))


# -------------------------------------------------------------- pinv, lstsq


@jvp(np.linalg.pinv)
def pinv_dot(y, a, a_dot, rcond=None):
    return pinv_tangent(y, a, a_dot)


@vjp(np.linalg.pinv)
def pinv_bar(y, a, y_bar, rcond=None):
    return pinv_tangent(np.swapaxes(y, -1, -2), np.swapaxes(a, -1, -2), y_bar)


def pinv_tangent(y, a, a_dot):
    """The tangent of y, the pseudo-inverse of a real matrix whose rank does not change."""
    y_t, d_t = np.swapaxes(y, -1, -2), np.swapaxes(a_dot, -1, -2)
    left = np.eye(np.shape(y)[-2], dtype=y.dtype) - y @ a
    right = np.eye(np.shape(a)[-2], dtype=y.dtype) - a @ y
    return y @ y_t @ d_t @ right + left @ d_t @ y_t @ y - y @ a_dot @ y


@kind(np.linalg.pinv)
def pinv_kind(a: Arg, **_: Arg) -> Kind:
    array = as_array(a)
    shape = array.shape
    turned = None if shape is None else (*shape[:-2], *reversed(shape[-2:]))
    return Array(real_dtype(array.dtype), turned)


@jvp(np.linalg.lstsq)
def lstsq_dot(y, a, b, a_dot, b_dot, rcond=None):
    # x = pinv(a) @ b for a matrix whose rank does not change; the residuals are squared lengths of columns.
    x, residuals = y[0], y[1]
    a_pinv = np.linalg.pinv(a) if rcond is None else np.linalg.pinv(a, rcond)
    left = np.eye(np.shape(a)[1], dtype=y[0].dtype) - a_pinv @ a
    r = b - a @ x
    r_dot = b_dot - a_dot @ x
    x_dot = a_pinv @ r_dot + a_pinv @ a_pinv.T @ a_dot.T @ r + left @ a_dot.T @ a_pinv.T @ x
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    s_dot = np.diagonal(u.T @ a_dot @ vt.T)
    residuals_dot = 2.0 * np.sum(np.atleast_1d(r * r_dot), axis=0, keepdims=np.ndim(b) == 1)
    return x_dot, np.resize(residuals_dot, np.shape(residuals)), 0, s_dot


@vjp(np.linalg.lstsq)
def lstsq_bar(y, a, b, y_bar, rcond=None):
    a_pinv = np.linalg.pinv(a) if rcond is None else np.linalg.pinv(a, rcond)
    left = np.eye(np.shape(a)[1], dtype=y[0].dtype) - a_pinv @ a
    x = y[0] if np.ndim(b) == 2 else y[0][:, None]
    x_bar = np.reshape(y_bar[0], np.shape(x))
    r = (b if np.ndim(b) == 2 else b[:, None]) - a @ x
    r_bar = a_pinv.T @ x_bar
    if np.size(y[1]) > 0:
        r_bar = r_bar + 2.0 * r * y_bar[1]
    a_bar = -r_bar @ x.T + r @ (a_pinv @ a_pinv.T @ x_bar).T + a_pinv.T @ x @ (left @ x_bar).T
    if np.any(y_bar[3]):
        u, _, vt = np.linalg.svd(a, full_matrices=False)
        a_bar = a_bar + u * y_bar[3] @ vt
    return a_bar, np.reshape(r_bar, np.shape(b))


@kind(np.linalg.lstsq)
def lstsq_kind(a: Arg, b: Arg, rcond: Arg | None = None) -> Kind:
    dtype = real_dtype(promote([as_array(a), as_array(b)]))
    left, right = shape_arg(a), shape_arg(b)
    rows: Dim = left[1] if left is not None and len(left) == 2 else None
    shape = None if right is None else (rows, *right[1:])
    real = parts_dtype(dtype)
    return TupleOf((Array(dtype, shape), Array(real, (None,)), Array("i", ()), Array(real, (None,))))


# ------------------------------------------------------------- matrix_power


@jvp(np.linalg.matrix_power)
def matrix_power_dot(y, a, a_dot, n):
    base, inner = (a, a_dot) if n >= 0 else (np.linalg.inv(a), -np.linalg.inv(a) @ a_dot @ np.linalg.inv(a))
    power, power_dot = np.zeros_like(y) + np.eye(np.shape(a)[-1], dtype=y.dtype), np.zeros_like(y)
    for _ in range(abs(n)):
        power, power_dot = power @ base, power_dot @ base + power @ inner
    return power_dot


@vjp(np.linalg.matrix_power)
def matrix_power_bar(y, a, y_bar, n):
    base = np.swapaxes(a if n >= 0 else np.linalg.inv(a), -1, -2)
    base_bar = np.zeros_like(y)
    for k in range(abs(n)):
        before = np.linalg.matrix_power(base, k)
        after = np.linalg.matrix_power(base, abs(n) - 1 - k)
        base_bar = base_bar + before @ y_bar @ after
    return base_bar if n >= 0 else -base @ base_bar @ base


@kind(np.linalg.matrix_power)
def matrix_power_kind(a: Arg, n: Arg) -> Kind:
    array = as_array(a)
    power = const(n)
    positive = isinstance(power, int) and dim_of(power) is not None
    return Array(array.dtype if positive else real_dtype(array.dtype), array.shape)
