# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.signal: convolutions in any number of dimensions, filters, trends."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, const, promote
from adtrans.rules.optional import signal
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


def in_full(g, a, v, mode):
    """The adjoint of the full convolution of a and v, of which SciPy returned the middle."""
    margins = []
    for k in range(np.ndim(g)):
        m, n = np.shape(a)[k], np.shape(v)[k]
        before = (n - 1) // 2 if mode == "same" else min(m, n) - 1
        margins.append((before, m + n - 1 - before - np.shape(g)[k]))
    return np.pad(g, margins)


@kind("scipy.signal.convolve", "scipy.signal.fftconvolve", "scipy.signal.oaconvolve")
@kind("scipy.signal.convolve2d", "scipy.signal.correlate")
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
    return lagged(back, x, np.size(b), axis), -lagged(back, y, np.size(a), axis), x_bar


def lagged(g, x, n, axis):
    """The products of g with x, of which x is 0, 1 ... n - 1 steps older."""
    g, x = np.moveaxis(g, axis, 0), np.moveaxis(x, axis, 0)
    sums = np.zeros(n, dtype=g.dtype)
    for k in range(min(n, len(x))):
        sums[k] = np.sum(g[k:] * x[: len(x) - k])
    return sums


@kind("scipy.signal.lfilter")
def lfilter_kind(b: Arg, a: Arg, x: Arg, axis: Arg | None = None, zi: Arg | None = None) -> Kind:
    if const(zi) is not None:
        return Kind()
    dtype = promote([as_array(b), as_array(a), as_array(x)])
    return Array(dtype if dtype in ("f8", "f4") else "?", as_array(x).shape)


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
