# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.signal: convolutions in any number of dimensions, filters, trends."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, const, promote
from adtrans.rules.images import convolve1d_adjoint
from adtrans.rules.optional import ndimage, signal
from adtrans.rules.registry import UNKNOWN, Arg, jvp, kind, vjp

# ------------------------------------------------------ convolve, correlate


@jvp("scipy.signal.convolve")
def convolve_dot(y, a, v, a_dot, v_dot, mode="full", method="auto"):
    return signal.convolve(a_dot, v, mode, method) + signal.convolve(a, v_dot, mode, method)


@vjp("scipy.signal.convolve")
def convolve_bar(y, a, v, y_bar, mode="full", method="auto"):
    wide = y_bar if mode == "full" else in_full(y_bar, a, v, mode)
    return signal.convolve(wide, np.flip(v), "valid", method), signal.convolve(
        wide, np.flip(a), "valid", method
    )


@jvp("scipy.signal.fftconvolve", "scipy.signal.oaconvolve")
def fftconvolve_dot(y, a, v, a_dot, v_dot, mode="full"):
    return signal.fftconvolve(a_dot, v, mode) + signal.fftconvolve(a, v_dot, mode)


@vjp("scipy.signal.fftconvolve", "scipy.signal.oaconvolve")
def fftconvolve_bar(y, a, v, y_bar, mode="full"):
    wide = y_bar if mode == "full" else in_full(y_bar, a, v, mode)
    return signal.fftconvolve(wide, np.flip(v), "valid"), signal.fftconvolve(wide, np.flip(a), "valid")


@jvp("scipy.signal.convolve2d")
def convolve2d_dot(y, a, v, a_dot, v_dot, mode="full"):
    return signal.convolve2d(a_dot, v, mode) + signal.convolve2d(a, v_dot, mode)


@vjp("scipy.signal.convolve2d")
def convolve2d_bar(y, a, v, y_bar, mode="full"):
    wide = y_bar if mode == "full" else in_full(y_bar, a, v, mode)
    return signal.convolve2d(wide, np.flip(v), "valid"), signal.convolve2d(wide, np.flip(a), "valid")


@jvp("scipy.signal.correlate")
def correlate_dot(y, a, v, a_dot, v_dot, mode="full", method="auto"):
    return signal.correlate(a_dot, v, mode, method) + signal.correlate(a, v_dot, mode, method)


@vjp("scipy.signal.correlate")
def correlate_bar(y, a, v, y_bar, mode="full", method="auto"):
    wide = y_bar if mode == "full" else in_full(y_bar, a, v, mode)
    turned_bar = signal.convolve(wide, np.flip(a), "valid", method)
    return signal.convolve(wide, v, "valid", method), np.flip(turned_bar)


@jvp("scipy.signal.correlate2d")
def correlate2d_dot(y, a, v, a_dot, v_dot, mode="full"):
    return signal.correlate2d(a_dot, v, mode) + signal.correlate2d(a, v_dot, mode)


@vjp("scipy.signal.correlate2d")
def correlate2d_bar(y, a, v, y_bar, mode="full"):
    # Of an even number of rows the middle is the later one, as the second array is turned round.
    wide = y_bar if mode == "full" else in_full(y_bar, a, v, mode, 1)
    turned_bar = signal.convolve2d(wide, np.flip(a), "valid")
    return signal.convolve2d(wide, v, "valid"), np.flip(turned_bar)


def in_full(g, a, v, mode, later=0):
    """The adjoint of the full convolution of a and v, of which SciPy returned the middle."""
    margins = []
    for k in range(np.ndim(g)):
        m, n = np.shape(a)[k], np.shape(v)[k]
        before = (n - 1 + later) // 2 if mode == "same" else min(m, n) - 1
        margins.append((before, m + n - 1 - before - np.shape(g)[k]))
    return np.pad(g, margins)


@kind("scipy.signal.convolve", "scipy.signal.fftconvolve", "scipy.signal.oaconvolve")
@kind("scipy.signal.convolve2d", "scipy.signal.correlate", "scipy.signal.correlate2d")
def convolve_kind(in1: Arg, in2: Arg, mode: Arg | None = None, **_: Arg) -> Kind:
    a, v, named = as_array(in1), as_array(in2), const(mode, "full")
    dtype = promote([a, v])
    dtype = dtype if dtype in ("f8", "f4") else "?"
    if a.shape is None or v.shape is None or len(a.shape) != len(v.shape) or named is UNKNOWN:
        return Array(dtype, None)
    return Array(dtype, tuple(length(m, n, named) for m, n in zip(a.shape, v.shape, strict=True)))


def length(m: Dim, n: Dim, mode: str) -> Dim:
    if mode == "full" and isinstance(m, int) and isinstance(n, int) and m and n:
        return m + n - 1
    return m if mode == "same" and isinstance(n, int) and n else None


# ------------------------------------------------------------------ lfilter


@jvp("scipy.signal.lfilter")
def lfilter_dot(y, b, a, x, b_dot, a_dot, x_dot, axis=-1):
    # The filter says: a, convolved with y, is b, convolved with x.
    moved = signal.lfilter(b_dot, [1.0], x, axis) - signal.lfilter(a_dot, [1.0], y, axis)
    return (signal.lfilter(b, a, x_dot, axis) + signal.lfilter([1.0], a, moved, axis)).astype(y.dtype)


@vjp("scipy.signal.lfilter")
def lfilter_bar(y, b, a, x, y_bar, axis=-1):
    back = np.flip(signal.lfilter([1.0], a, np.flip(y_bar, axis), axis).astype(y.dtype), axis)
    x_bar = np.flip(signal.lfilter(b, [1.0], np.flip(back, axis), axis).astype(y.dtype), axis)
    return lagged(back, x, b, axis), -lagged(back, y, a, axis), x_bar


def lagged(g, x, like, axis):
    """The products of g with x, of which x is 0, 1 ... steps older: as many as `like` has entries."""
    g, x = np.moveaxis(g, axis, 0), np.moveaxis(x, axis, 0)
    sums = np.zeros(np.size(like), dtype=g.dtype)
    for k in range(min(len(sums), len(x))):
        sums[k] = np.sum(g[k:] * x[: len(x) - k])
    return np.reshape(sums, np.shape(like))


@kind("scipy.signal.lfilter")
def lfilter_kind(b: Arg, a: Arg, x: Arg, axis: Arg | None = None, zi: Arg | None = None) -> Kind:
    if const(zi) is not None:
        return Kind()
    dtype = promote([as_array(b), as_array(a), as_array(x)])
    return Array(dtype if dtype in ("f8", "f4") else "?", as_array(x).shape)


# ------------------------------------------------------------------ sosfilt


@jvp("scipy.signal.sosfilt")
def sosfilt_dot(y, sos, x, x_dot, axis=-1):
    return signal.sosfilt(sos, x_dot, axis=axis)


@vjp("scipy.signal.sosfilt")
def sosfilt_bar(y, sos, x, y_bar, axis=-1):
    # Beginning at rest, a filter says of the time since a sample: the adjoint runs backward.
    return NotImplemented, np.flip(signal.sosfilt(sos, np.flip(y_bar, axis), axis=axis), axis)


@kind("scipy.signal.sosfilt")
def sosfilt_kind(sos: Arg, x: Arg, axis: Arg | None = None, zi: Arg | None = None) -> Kind:
    if const(zi) is not None:
        return Kind()
    array = as_array(x)
    return Array("f8" if array.dtype == as_array(sos).dtype == "f8" else "?", array.shape)


# ------------------------------------------------------------ savgol_filter


@jvp("scipy.signal.savgol_filter")
def savgol_filter_dot(
    y, x, x_dot, window_length, polyorder, deriv=0, delta=1.0, axis=-1, mode="interp", cval=0.0
):
    return signal.savgol_filter(x_dot, window_length, polyorder, deriv, delta, axis, mode)


@vjp("scipy.signal.savgol_filter")
def savgol_filter_bar(
    y, x, y_bar, window_length, polyorder, deriv=0, delta=1.0, axis=-1, mode="interp", cval=0.0
):
    if mode != "interp":
        weights = signal.savgol_coeffs(window_length, polyorder, deriv=deriv, delta=delta)
        return convolve1d_adjoint(y_bar, weights, axis, mode)
    return savgol_adjoint(y_bar, window_length, polyorder, deriv, delta, axis)


def savgol_adjoint(g, window_length, polyorder, deriv, delta, axis):
    """Inside, weights; in the half windows at the ends, what one polynomial for the whole window says."""
    weights = signal.savgol_coeffs(window_length, polyorder, deriv=deriv, delta=delta)
    ends = signal.savgol_filter(np.eye(window_length), window_length, polyorder, deriv, delta, 0)
    half = window_length // 2
    rows = np.moveaxis(g, axis, -1)
    n = np.shape(rows)[-1]
    inner = np.concatenate(
        (0.0 * rows[..., :half], rows[..., half : n - half], 0.0 * rows[..., n - half :]), -1
    )
    x_bar = ndimage.correlate1d(inner, weights.astype(g.dtype), mode="constant")
    first = rows[..., :half] @ ends[:half].astype(g.dtype)
    last = rows[..., n - half :] @ ends[window_length - half :].astype(g.dtype)
    none = np.zeros((*np.shape(rows)[:-1], n - window_length), g.dtype)
    x_bar = x_bar + np.concatenate((first, none), -1) + np.concatenate((none, last), -1)
    return np.moveaxis(x_bar, -1, axis)


@kind("scipy.signal.savgol_coeffs")
def savgol_coeffs_kind(*_: Arg, **__: Arg) -> Kind:
    return Array("f8", (None,))


@kind("scipy.signal.savgol_filter")
def savgol_filter_kind(x: Arg, *_: Arg, **__: Arg) -> Kind:
    array = as_array(x)
    return Array(array.dtype if array.dtype in ("f8", "f4") else "?", array.shape)


# ------------------------------------------------------------------ detrend


@jvp("scipy.signal.detrend")
def detrend_dot(y, data, data_dot, axis=-1, type="linear", bp=0):
    return signal.detrend(data_dot, axis, type, bp)


@vjp("scipy.signal.detrend")
def detrend_bar(y, data, y_bar, axis=-1, type="linear", bp=0):
    # What is left is orthogonal to the trends: a projection is its own adjoint.
    return signal.detrend(y_bar, axis, type, bp)


@kind("scipy.signal.detrend")
def detrend_kind(data: Arg, **_: Arg) -> Kind:
    array = as_array(data)
    return Array(array.dtype if array.dtype == "f8" else "?", array.shape)
