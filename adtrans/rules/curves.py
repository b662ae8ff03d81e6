# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Sampled functions of one variable: interp, convolve, correlate, trapezoid, polyval."""

import numpy as np

from adtrans.kinds import COMPLEX, Array, Dim, Kind
from adtrans.rules.facts import as_array, as_weak, axes_of, const, promote, shape_arg
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp

# ------------------------------------------------------------------- interp


@jvp(np.interp)
def interp_dot(y, x, xp, fp, x_dot, xp_dot, fp_dot, left=None, right=None):
    k, t = interp_place(x, xp)
    along_fp = (1.0 - t) * np.take(fp_dot, k) + t * np.take(fp_dot, k + 1)
    along_xp = (1.0 - t) * np.take(xp_dot, k) + t * np.take(xp_dot, k + 1)
    moved = along_fp + interp_slope(x, xp, fp) * (x_dot - along_xp)
    moved = moved if left is None else np.where(x < xp[0], 0.0, moved)
    return moved if right is None else np.where(x > xp[-1], 0.0, moved)


@vjp(np.interp)
def interp_bar(y, x, xp, fp, y_bar, left=None, right=None):
    y_bar = y_bar if left is None else np.where(x < xp[0], 0.0, y_bar)
    y_bar = y_bar if right is None else np.where(x > xp[-1], 0.0, y_bar)
    k, t = interp_place(x, xp)
    x_bar = y_bar * interp_slope(x, xp, fp)
    xp_bar = np.zeros(np.shape(xp))
    np.add.at(xp_bar, k, -(1.0 - t) * x_bar)
    np.add.at(xp_bar, k + 1, -t * x_bar)
    fp_bar = np.zeros(np.shape(fp))
    np.add.at(fp_bar, k, (1.0 - t) * y_bar)
    np.add.at(fp_bar, k + 1, t * y_bar)
    return x_bar, xp_bar, fp_bar


def interp_place(x, xp):
    """The interval of xp that each x lies in, and how far into it: from 0 to 1."""
    xp = np.asarray(xp)
    k = np.clip(np.searchsorted(xp, x, "right") - 1, 0, np.size(xp) - 2)
    t = np.clip((x - xp[k]) / (xp[k + 1] - xp[k]), 0.0, 1.0)
    return k, t


def interp_slope(x, xp, fp):
    """The slope of the interval that each x lies in: 0 outside, where the curve is constant."""
    xp, fp = np.asarray(xp), np.asarray(fp)
    k = np.clip(np.searchsorted(xp, x, "right") - 1, 0, np.size(xp) - 2)
    inside = (x >= xp[0]) & (x <= xp[-1])
    return inside * (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k])


@kind(np.interp)
def interp_kind(x: Arg, xp: Arg, fp: Arg, **_: Arg) -> Kind:
    dtype = as_array(fp).dtype
    return Array("c16" if dtype in COMPLEX else dtype if dtype in "?*" else "f8", shape_arg(x))


# ------------------------------------------------------- convolve, correlate


@jvp(np.convolve)
def convolve_dot(y, a, v, a_dot, v_dot, mode="full"):
    return np.convolve(a_dot, v, mode) + np.convolve(a, v_dot, mode)


@vjp(np.convolve)
def convolve_bar(y, a, v, y_bar, mode="full"):
    if np.ndim(a) == 0 or np.ndim(v) == 0:  # A number counts as a row of one.
        return np.reshape(np.convolve(y_bar, np.flip(v), "valid"), np.shape(a)), np.reshape(
            np.convolve(y_bar, np.flip(a), "valid"), np.shape(v)
        )
    if mode == "full":
        return np.convolve(y_bar, v[::-1], "valid"), np.convolve(y_bar, a[::-1], "valid")
    wide = among_zeros(y_bar, a, v, mode)
    return np.convolve(wide, v[::-1], "valid"), np.convolve(wide, a[::-1], "valid")


def among_zeros(y_bar, a, v, mode):
    """The adjoint of the full convolution, of which the other modes are the middle."""
    rest = np.size(a) + np.size(v) - 1 - np.size(y_bar)
    start = (min(np.size(a), np.size(v)) - 1) // 2 if mode == "same" else rest // 2
    return np.pad(y_bar, (start, rest - start))


@jvp(np.correlate)
def correlate_dot(y, a, v, a_dot, v_dot, mode="valid"):
    return np.correlate(a_dot, v, mode) + np.correlate(a, v_dot, mode)


@vjp(np.correlate)
def correlate_bar(y, a, v, y_bar, mode="valid"):
    wide = correlation_among_zeros(y_bar, a, v, mode)
    return np.convolve(wide, np.conj(v), "valid"), np.conj(np.convolve(wide, a[::-1], "valid")[::-1])


def correlation_among_zeros(y_bar, a, v, mode):
    """The adjoint of the full correlation, of which the other modes are the middle."""
    rest = np.size(a) + np.size(v) - 1 - np.size(y_bar)
    if mode == "same" and np.size(a) < np.size(v):
        # NumPy swaps the two and turns the result round.
        start = rest - (np.size(a) - 1) // 2
    elif mode == "same":
        start = (np.size(v) - 1) // 2
    else:
        start = rest // 2
    return np.pad(y_bar, (start, rest - start))


@kind(np.convolve, np.correlate)
def convolve_kind(a: Arg, v: Arg, mode: Arg | None = None) -> Kind:
    length: Dim = None
    shapes = shape_arg(a), shape_arg(v)
    if const(mode) == "full" or mode is None:
        known = [s[0] for s in shapes if s is not None and len(s) == 1 and isinstance(s[0], int)]
        length = sum(known) - 1 if len(known) == 2 and mode is not None else None
    return Array(promote([as_array(a), as_array(v)]), (length,))


# ---------------------------------------------------------------- trapezoid


@jvp(np.trapezoid)
def trapezoid_dot(y, f, x, f_dot, x_dot, dx=1.0, axis=-1):
    if x is None:
        return np.trapezoid(f_dot, dx=dx, axis=axis)
    return np.trapezoid(f_dot, x, axis=axis) + np.trapezoid(f, x_dot, axis=axis)


@vjp(np.trapezoid)
def trapezoid_bar(y, f, x, y_bar, dx=1.0, axis=-1):
    f_bar = np.expand_dims(y_bar, axis) * trapezoid_weights(f, x, dx, axis)
    if x is None:
        return f_bar, None
    return f_bar, trapezoid_places(f, x, y_bar, axis)


def trapezoid_places(f, x, y_bar, axis):
    """The adjoint of the places at which f was sampled."""
    f = np.moveaxis(np.asarray(f), axis, -1)
    if np.shape(f)[-1] == 0:
        return np.zeros_like(x)
    means_bar = 0.5 * (f[..., 1:] + f[..., :-1]) * np.expand_dims(y_bar, -1)
    ends = [(0, 0)] * (np.ndim(f) - 1) + [(1, 1)]
    x_bar = -np.diff(np.pad(means_bar, ends))
    if np.ndim(x) == 1:
        return np.sum(x_bar, tuple(range(np.ndim(x_bar) - 1)))
    return np.moveaxis(x_bar, -1, axis)


def trapezoid_weights(f, x, dx, axis):
    """The share of each sample in the integral: half of the steps on its two sides."""
    if np.shape(f)[axis] == 0:
        return np.zeros_like(f)
    if x is None:
        steps = dx * np.ones(np.shape(f)[axis] - 1, np.result_type(f, dx))
    elif np.ndim(x) == 1:
        steps = np.diff(x)
    else:
        steps = np.moveaxis(np.diff(x, axis=axis), axis, -1)
    none = np.zeros((*steps.shape[:-1], 1), steps.dtype)
    weights = 0.5 * (np.concatenate((none, steps), -1) + np.concatenate((steps, none), -1))
    if np.ndim(weights) == 1:
        return np.reshape(weights, (-1,) + (1,) * (np.ndim(f) - 1 - axis % np.ndim(f)))
    return np.moveaxis(weights, -1, axis)


@kind(np.trapezoid)
def trapezoid_kind(y: Arg, x: Arg | None = None, dx: Arg | None = None, axis: Arg | None = None) -> Kind:
    parts = [as_array(arg) for arg in (y, x, dx) if arg is not None and const(arg) is not None]
    dtype = promote([as_weak(arg) for arg in (y, x, dx) if arg is not None and const(arg) is not None])
    shape = shape_arg(y)
    axes = None if shape is None else axes_of(axis, len(shape), -1)
    if shape is None or axes is None or any(part.shape is None for part in parts):
        return Array("f8" if dtype in ("i", "b") else dtype, None)
    kept = tuple(dim for k, dim in enumerate(shape) if k not in axes)
    return Array("f8" if dtype in ("i", "b") else dtype, kept)


# ------------------------------------------------------------------ polyval


@jvp(np.polyval)
def polyval_dot(y, p, x, p_dot, x_dot):
    if np.ndim(p) > 1:
        raise NotImplementedError("the derivative of np.polyval of coefficients that are no vector")
    slopes = p[:-1] * counting_down(len(p) - 1, np.result_type(y, 1.0))
    return np.polyval(p_dot, x) + np.polyval(slopes, x) * x_dot


@vjp(np.polyval)
def polyval_bar(y, p, x, y_bar):
    if np.ndim(p) > 1:
        raise NotImplementedError("the derivative of np.polyval of coefficients that are no vector")
    powers = np.expand_dims(x, -1) ** (counting_down(len(p), np.result_type(x, 1.0)) - 1)
    p_bar = np.tensordot(y_bar, powers, np.ndim(y))
    slopes = p[:-1] * counting_down(len(p) - 1, np.result_type(y, 1.0))
    return p_bar, y_bar * np.polyval(slopes, x)


def counting_down(n, dtype):
    """n, n - 1, ..., 1 in a dtype."""
    return np.arange(n, 0, -1).astype(dtype)


@kind(np.polyval)
def polyval_kind(p: Arg, x: Arg) -> Kind:
    return Array(promote([as_array(p), as_array(x)]), shape_arg(x))


@jvp(np.polyder)
def polyder_dot(y, p, p_dot, m=1):
    return np.polyder(p_dot, m)


@vjp(np.polyder)
def polyder_bar(y, p, y_bar, m=1):
    factors = np.polyder(np.ones(len(p)), m)
    return np.concatenate((factors * y_bar, np.zeros(min(m, len(p)))))


@kind(np.polyder)
def polyder_kind(p: Arg, m: Arg | None = None) -> Kind:
    dtype = as_array(p).dtype
    return Array({"f4": "f8", "c8": "c16"}.get(dtype, dtype), (None,))


parameters(np.polyval, p=..., x=...)
