# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Fourier transforms (numpy.fft).

The matrix of a transform is symmetric, so its adjoint is the transform again. A spectrum of half the length
(rfft, hfft and their inverses) stands for a whole one: its adjoint is the real part of the transform of what
is there, and all frequencies but the first, and the last of an even length, count twice on the way back.
"""

import numpy as np

from adtrans.kinds import Array, Dim, Kind, parts_dtype
from adtrans.rules.facts import Shape, as_array, axes_of, const, dim_of
from adtrans.rules.registry import Arg, complex_too, gives_real, jvp, kind, vjp
from adtrans.support import both_sides, fitted, irfftn_adjoint, rfftn_adjoint

# ---------------------------------------------------------------- one axis


@jvp(np.fft.fft)
def fft_dot(y, a, a_dot, n=None, axis=-1, norm=None):
    return np.fft.fft(a_dot, n=n, axis=axis, norm=norm)


@vjp(np.fft.fft)
def fft_bar(y, a, y_bar, n=None, axis=-1, norm=None):
    a_bar = np.fft.fft(y_bar, axis=axis, norm=norm)
    return a_bar if n is None else fitted(a_bar, a)


@jvp(np.fft.ifft)
def ifft_dot(y, a, a_dot, n=None, axis=-1, norm=None):
    return np.fft.ifft(a_dot, n=n, axis=axis, norm=norm)


@vjp(np.fft.ifft)
def ifft_bar(y, a, y_bar, n=None, axis=-1, norm=None):
    a_bar = np.fft.ifft(y_bar, axis=axis, norm=norm)
    return a_bar if n is None else fitted(a_bar, a)


@jvp(np.fft.rfft)
def rfft_dot(y, a, a_dot, n=None, axis=-1, norm=None):
    return np.fft.rfft(a_dot, n=n, axis=axis, norm=norm)


@vjp(np.fft.rfft)
def rfft_bar(y, a, y_bar, n=None, axis=-1, norm=None):
    if n is None:
        return np.real(np.fft.fft(y_bar, n=np.shape(a)[axis], axis=axis, norm=norm))
    return fitted(np.real(np.fft.fft(y_bar, n=n, axis=axis, norm=norm)), a)


@jvp(np.fft.irfft)
def irfft_dot(y, a, a_dot, n=None, axis=-1, norm=None):
    return np.fft.irfft(a_dot, n=n, axis=axis, norm=norm)


@vjp(np.fft.irfft)
def irfft_bar(y, a, y_bar, n=None, axis=-1, norm=None):
    a_bar = both_sides(np.fft.ihfft(y_bar, axis=axis, norm=norm), np.shape(y)[axis], axis)
    return a_bar if n is None else fitted(a_bar, a)


@jvp(np.fft.hfft)
def hfft_dot(y, a, a_dot, n=None, axis=-1, norm=None):
    return np.fft.hfft(a_dot, n=n, axis=axis, norm=norm)


@vjp(np.fft.hfft)
def hfft_bar(y, a, y_bar, n=None, axis=-1, norm=None):
    a_bar = both_sides(np.fft.rfft(y_bar, axis=axis, norm=norm), np.shape(y)[axis], axis)
    return a_bar if n is None else fitted(a_bar, a)


@jvp(np.fft.ihfft)
def ihfft_dot(y, a, a_dot, n=None, axis=-1, norm=None):
    return np.fft.ihfft(a_dot, n=n, axis=axis, norm=norm)


@vjp(np.fft.ihfft)
def ihfft_bar(y, a, y_bar, n=None, axis=-1, norm=None):
    if n is None:
        return np.real(np.fft.ifft(y_bar, n=np.shape(a)[axis], axis=axis, norm=norm))
    return fitted(np.real(np.fft.ifft(y_bar, n=n, axis=axis, norm=norm)), a)


# ------------------------------------------------------------- several axes


@jvp(np.fft.fftn)
def fftn_dot(y, a, a_dot, s=None, axes=None, norm=None):
    return np.fft.fftn(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.fftn)
def fftn_bar(y, a, y_bar, s=None, axes=None, norm=None):
    if s is None:
        return np.fft.fftn(y_bar, axes=axes, norm=norm)
    if axes is None:
        return fitted(np.fft.fftn(y_bar, axes=tuple(range(-len(s), 0)), norm=norm), a)
    return fitted(np.fft.fftn(y_bar, axes=axes, norm=norm), a)


@jvp(np.fft.ifftn)
def ifftn_dot(y, a, a_dot, s=None, axes=None, norm=None):
    return np.fft.ifftn(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.ifftn)
def ifftn_bar(y, a, y_bar, s=None, axes=None, norm=None):
    if s is None:
        return np.fft.ifftn(y_bar, axes=axes, norm=norm)
    if axes is None:
        return fitted(np.fft.ifftn(y_bar, axes=tuple(range(-len(s), 0)), norm=norm), a)
    return fitted(np.fft.ifftn(y_bar, axes=axes, norm=norm), a)


@jvp(np.fft.fft2)
def fft2_dot(y, a, a_dot, s=None, axes=(-2, -1), norm=None):
    return np.fft.fft2(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.fft2)
def fft2_bar(y, a, y_bar, s=None, axes=(-2, -1), norm=None):
    a_bar = np.fft.fft2(y_bar, axes=axes, norm=norm)
    return a_bar if s is None else fitted(a_bar, a)


@jvp(np.fft.ifft2)
def ifft2_dot(y, a, a_dot, s=None, axes=(-2, -1), norm=None):
    return np.fft.ifft2(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.ifft2)
def ifft2_bar(y, a, y_bar, s=None, axes=(-2, -1), norm=None):
    a_bar = np.fft.ifft2(y_bar, axes=axes, norm=norm)
    return a_bar if s is None else fitted(a_bar, a)


@jvp(np.fft.rfftn)
def rfftn_dot(y, a, a_dot, s=None, axes=None, norm=None):
    return np.fft.rfftn(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.rfftn)
def rfftn_bar(y, a, y_bar, s=None, axes=None, norm=None):
    return rfftn_adjoint(y_bar, a, s, axes, norm)


@jvp(np.fft.rfft2)
def rfft2_dot(y, a, a_dot, s=None, axes=(-2, -1), norm=None):
    return np.fft.rfft2(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.rfft2)
def rfft2_bar(y, a, y_bar, s=None, axes=(-2, -1), norm=None):
    return rfftn_adjoint(y_bar, a, s, axes, norm)


@jvp(np.fft.irfftn)
def irfftn_dot(y, a, a_dot, s=None, axes=None, norm=None):
    return np.fft.irfftn(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.irfftn)
def irfftn_bar(y, a, y_bar, s=None, axes=None, norm=None):
    return irfftn_adjoint(y_bar, a, s, axes, norm)


@jvp(np.fft.irfft2)
def irfft2_dot(y, a, a_dot, s=None, axes=(-2, -1), norm=None):
    return np.fft.irfft2(a_dot, s=s, axes=axes, norm=norm)


@vjp(np.fft.irfft2)
def irfft2_bar(y, a, y_bar, s=None, axes=(-2, -1), norm=None):
    return irfftn_adjoint(y_bar, a, s, axes, norm)


# ---------------------------------------------- the helpers, to differentiate again


@jvp(fitted)
def fitted_dot(y, g, x, g_dot):
    return fitted(g_dot, x)


@vjp(fitted)
def fitted_bar(y, g, x, y_bar):
    return fitted(y_bar, g), None


@jvp(both_sides)
def both_sides_dot(y, g, n, axis, g_dot):
    return both_sides(g_dot, n, axis)


@vjp(both_sides)
def both_sides_bar(y, g, n, axis, y_bar):
    return both_sides(y_bar, n, axis), None, None


@jvp(rfftn_adjoint)
def rfftn_adjoint_dot(y, g, a, s, axes, norm, g_dot):
    return rfftn_adjoint(g_dot, a, s, axes, norm)


@vjp(rfftn_adjoint)
def rfftn_adjoint_bar(y, g, a, s, axes, norm, y_bar):
    return np.fft.rfftn(y_bar, s, axes, norm), None, None, None, None


@jvp(irfftn_adjoint)
def irfftn_adjoint_dot(y, g, a, s, axes, norm, g_dot):
    return irfftn_adjoint(g_dot, a, s, axes, norm)


@vjp(irfftn_adjoint)
def irfftn_adjoint_bar(y, g, a, s, axes, norm, y_bar):
    return np.fft.irfftn(y_bar, s, axes, norm), None, None, None, None


# ------------------------------------------------------------------ shifts


@jvp(np.fft.fftshift)
def fftshift_dot(y, x, x_dot, axes=None):
    return np.fft.fftshift(x_dot, axes)


@vjp(np.fft.fftshift)
def fftshift_bar(y, x, y_bar, axes=None):
    return np.fft.ifftshift(y_bar, axes)


@jvp(np.fft.ifftshift)
def ifftshift_dot(y, x, x_dot, axes=None):
    return np.fft.ifftshift(x_dot, axes)


@vjp(np.fft.ifftshift)
def ifftshift_bar(y, x, y_bar, axes=None):
    return np.fft.fftshift(y_bar, axes)


@kind(np.fft.fftshift, np.fft.ifftshift)
def fftshift_kind(x: Arg, axes: Arg | None = None) -> Kind:
    return as_array(x)


# ------------------------------------------------------------- frequencies


@jvp(np.fft.fftfreq, np.fft.rfftfreq)
def fftfreq_dot(y, n, d, d_dot):
    return -y / d * d_dot


@vjp(np.fft.fftfreq, np.fft.rfftfreq)
def fftfreq_bar(y, n, d, y_bar):
    return None, -np.sum(y * y_bar) / d


# ------------------------------------------------------------------- kinds


def spectral_dtype(dtype: str) -> str:
    """Single precision stays single."""
    return {"f4": "c8", "c8": "c8", "?": "c", "*": "c", "c": "c"}.get(dtype, "c16")


def resized(shape: Shape, axis: Arg | None, length: Dim) -> Shape:
    """A shape with another length along one axis."""
    if shape is None:
        return None
    axes = axes_of(axis, len(shape), -1) if shape else None
    if axes is None:
        return (None,) * len(shape)
    return tuple(length if k in axes else dim for k, dim in enumerate(shape))


def along(shape: Shape, axis: Arg | None, n: Arg | None) -> Dim:
    """The length of the transform: `n`, or that of the axis."""
    if const(n) is not None:
        return dim_of(const(n))
    axes = axes_of(axis, len(shape), -1) if shape else None
    return shape[axes[0]] if shape and axes else None


def half(length: Dim) -> Dim:
    """The length of half a spectrum: longer than 1, as what it is half of."""
    if isinstance(length, int):
        return length // 2 + 1
    return None if length is None else f"({length}//2+1)"


def whole(length: Dim) -> Dim:
    """The length of what half a spectrum of this length is made of."""
    if isinstance(length, int):
        return 2 * (length - 1)
    return None if length is None else f"(all of {length})"


@kind(np.fft.fft, np.fft.ifft)
def fft_kind(a: Arg, n: Arg | None = None, axis: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    shape = resized(array.shape, axis, along(array.shape, axis, n))
    return Array(spectral_dtype(array.dtype), shape)


@kind(np.fft.rfft, np.fft.ihfft)
def rfft_kind(a: Arg, n: Arg | None = None, axis: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    shape = resized(array.shape, axis, half(along(array.shape, axis, n)))
    return Array(spectral_dtype(array.dtype), shape)


@kind(np.fft.irfft, np.fft.hfft)
def irfft_kind(a: Arg, n: Arg | None = None, axis: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    short = along(array.shape, axis, n)
    length = short if const(n) is not None else whole(short)
    return Array(parts_dtype(spectral_dtype(array.dtype)), resized(array.shape, axis, length))


@kind(np.fft.fftn, np.fft.ifftn, np.fft.fft2, np.fft.ifft2)
def fftn_kind(a: Arg, s: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    same = s is None or const(s) is None
    shape = array.shape if same or array.shape is None else (None,) * len(array.shape)
    return Array(spectral_dtype(array.dtype), shape)


@kind(np.fft.rfftn, np.fft.rfft2)
def rfftn_kind(a: Arg, **_: Arg) -> Kind:
    array = as_array(a)
    return Array(spectral_dtype(array.dtype), None if array.shape is None else (None,) * len(array.shape))


@kind(np.fft.irfftn, np.fft.irfft2)
def irfftn_kind(a: Arg, **_: Arg) -> Kind:
    array = as_array(a)
    shape = None if array.shape is None else (None,) * len(array.shape)
    return Array(parts_dtype(spectral_dtype(array.dtype)), shape)


@kind(np.fft.fftfreq)
def fftfreq_kind(n: Arg, d: Arg | None = None, **_: Arg) -> Kind:
    return Array("f8", (dim_of(const(n)),))


@kind(np.fft.rfftfreq)
def rfftfreq_kind(n: Arg, d: Arg | None = None, **_: Arg) -> Kind:
    return Array("f8", (half(dim_of(const(n))),))


@kind(fitted)
def fitted_kind(g: Arg, x: Arg) -> Kind:
    return Array(as_array(g).dtype, as_array(x).shape)


@kind(both_sides)
def both_sides_kind(g: Arg, n: Arg, axis: Arg) -> Kind:
    return as_array(g)


@kind(rfftn_adjoint)
def rfftn_adjoint_kind(g: Arg, a: Arg, s: Arg, axes: Arg, norm: Arg) -> Kind:
    return Array(parts_dtype(spectral_dtype(as_array(g).dtype)), as_array(a).shape)


@kind(irfftn_adjoint)
def irfftn_adjoint_kind(g: Arg, a: Arg, s: Arg, axes: Arg, norm: Arg) -> Kind:
    return Array(spectral_dtype(as_array(g).dtype), as_array(a).shape)


TRANSFORMS = (
    *(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft),
    *(np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2),
    *(np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn),
)
complex_too(*TRANSFORMS, np.fft.fftshift, np.fft.ifftshift, fitted, both_sides, rfftn_adjoint, irfftn_adjoint)
gives_real(np.fft.irfft, np.fft.hfft, np.fft.irfft2, np.fft.irfftn, rfftn_adjoint)
