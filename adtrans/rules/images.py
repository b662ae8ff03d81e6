# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.ndimage: linear filters, by the image.

What a filter sees beyond an edge is made of the image: an index into it. So the adjoint of a filter is that
of the filter among zeros, of a wider image, and what was made of one point is added up there.
"""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_array
from adtrans.rules.optional import ndimage
from adtrans.rules.registry import Arg, jvp, kind, vjp

# -------------------------------------------------------- beyond the edges


def widened(g, reach):
    """With so many zeros on each side of each axis."""
    return np.pad(g, [(n, n) for n in reach])


def gathered(wide, reach, mode):
    """The adjoint of extending an image as far as this, in one of SciPy's modes."""
    for axis in range(np.ndim(wide)):
        n = np.shape(wide)[axis] - 2 * reach[axis]
        if reach[axis] > 0:
            rows = np.zeros((n, *np.delete(np.shape(wide), axis)), wide.dtype)
            np.add.at(rows, beyond(n, reach[axis], mode), np.moveaxis(wide, axis, 0))
            wide = np.moveaxis(rows, 0, axis)
    return wide


def beyond(n, reach, mode):
    """The points of which the extended image is made, in NumPy's words."""
    words = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap"}
    return np.pad(np.arange(n), reach, mode=words[mode])  # type: ignore[call-overload]


def on_axis(reach, axis, rank):
    """The reach of a filter along one axis."""
    return [reach if k == axis % rank else 0 for k in range(rank)]


def to_neighbours(mode, rank):
    """The reach of a filter that sees one point on each side."""
    return [0 if mode == "constant" else 1 for _ in range(rank)]


# ----------------------------------------------------- correlate1d, convolve1d


@jvp("scipy.ndimage.correlate1d")
def correlate1d_dot(y, x, x_dot, weights, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.correlate1d(x_dot, weights, axis=axis, mode=mode, origin=origin)


@vjp("scipy.ndimage.correlate1d")
def correlate1d_bar(y, x, y_bar, weights, axis=-1, mode="reflect", cval=0.0, origin=0):
    if mode == "constant":
        return ndimage.convolve1d(y_bar, weights, axis=axis, mode="constant", origin=origin)
    reach = on_axis(np.size(weights), axis, np.ndim(y_bar))
    wide = ndimage.convolve1d(widened(y_bar, reach), weights, axis=axis, mode="constant", origin=origin)
    return gathered(wide, reach, mode)


@jvp("scipy.ndimage.convolve1d")
def convolve1d_dot(y, x, x_dot, weights, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.convolve1d(x_dot, weights, axis=axis, mode=mode, origin=origin)


@vjp("scipy.ndimage.convolve1d")
def convolve1d_bar(y, x, y_bar, weights, axis=-1, mode="reflect", cval=0.0, origin=0):
    if mode == "constant":
        return ndimage.correlate1d(y_bar, weights, axis=axis, mode="constant", origin=origin)
    return convolve1d_adjoint(y_bar, weights, axis, mode, origin)


def convolve1d_adjoint(g, weights, axis, mode, origin=0):
    """The adjoint of what is convolved along an axis."""
    reach = on_axis(0 if mode == "constant" else np.size(weights), axis, np.ndim(g))
    wide = ndimage.correlate1d(widened(g, reach), weights, axis=axis, mode="constant", origin=origin)
    return gathered(wide, reach, mode)


# --------------------------------------------------------- correlate, convolve


@jvp("scipy.ndimage.correlate")
def correlate_dot(y, x, x_dot, weights, mode="reflect", cval=0.0, origin=0):
    return ndimage.correlate(x_dot, weights, mode=mode, origin=origin)


@vjp("scipy.ndimage.correlate")
def correlate_bar(y, x, y_bar, weights, mode="reflect", cval=0.0, origin=0):
    if mode == "constant":
        return ndimage.convolve(y_bar, weights, mode="constant", origin=origin)
    wide = ndimage.convolve(widened(y_bar, np.shape(weights)), weights, mode="constant", origin=origin)
    return gathered(wide, np.shape(weights), mode)


@jvp("scipy.ndimage.convolve")
def convolve_dot(y, x, x_dot, weights, mode="reflect", cval=0.0, origin=0):
    return ndimage.convolve(x_dot, weights, mode=mode, origin=origin)


@vjp("scipy.ndimage.convolve")
def convolve_bar(y, x, y_bar, weights, mode="reflect", cval=0.0, origin=0):
    if mode == "constant":
        return ndimage.correlate(y_bar, weights, mode="constant", origin=origin)
    wide = ndimage.correlate(widened(y_bar, np.shape(weights)), weights, mode="constant", origin=origin)
    return gathered(wide, np.shape(weights), mode)


# ------------------------------------------------------- Gaussian and uniform

# A Gaussian of even order is symmetric, one of odd order antisymmetric: so are they among zeros.


@jvp("scipy.ndimage.gaussian_filter1d")
def gaussian_filter1d_dot(
    y, x, x_dot, sigma, axis=-1, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None
):
    return ndimage.gaussian_filter1d(
        x_dot, sigma, axis=axis, order=order, mode=mode, truncate=truncate, radius=radius
    )


@vjp("scipy.ndimage.gaussian_filter1d")
def gaussian_filter1d_bar(
    y, x, y_bar, sigma, axis=-1, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None
):
    return gaussian_adjoint(y_bar, sigma, axis, order, mode, truncate, radius)


def gaussian_adjoint(g, sigma, axis, order, mode, truncate, radius):
    """The adjoint of a Gaussian along one axis."""
    far = int(truncate * float(sigma) + 0.5) if radius is None else radius
    reach = on_axis(0 if mode == "constant" else far, axis, np.ndim(g))
    wide = ndimage.gaussian_filter1d(
        widened(-g if order % 2 else g, reach),
        sigma,
        axis=axis,
        order=order,
        mode="constant",
        truncate=truncate,
        radius=radius,
    )
    return gathered(wide, reach, mode)


@jvp("scipy.ndimage.gaussian_filter")
def gaussian_filter_dot(y, x, x_dot, sigma, order=0, mode="reflect", cval=0.0, truncate=4.0):
    return ndimage.gaussian_filter(x_dot, sigma, order=order, mode=mode, truncate=truncate)


@vjp("scipy.ndimage.gaussian_filter")
def gaussian_filter_bar(y, x, y_bar, sigma, order=0, mode="reflect", cval=0.0, truncate=4.0):
    return along_all_axes(y_bar, sigma, order, mode, truncate)


def along_all_axes(g, sigma, order, mode, truncate):
    """The adjoint of Gaussians along all axes: of one width, order and mode, or each of its own."""
    rank = np.ndim(g)
    widths = np.broadcast_to(sigma, (rank,))
    orders = np.broadcast_to(order, (rank,))
    modes = [mode] * rank if isinstance(mode, str) else mode
    for axis in range(rank):
        if widths[axis] > 1e-15:
            g = gaussian_adjoint(g, widths[axis], axis, orders[axis], modes[axis], truncate, None)
    return g


@jvp("scipy.ndimage.uniform_filter1d")
def uniform_filter1d_dot(y, x, x_dot, size, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.uniform_filter1d(x_dot, size, axis=axis, mode=mode, origin=origin)


@vjp("scipy.ndimage.uniform_filter1d")
def uniform_filter1d_bar(y, x, y_bar, size, axis=-1, mode="reflect", cval=0.0, origin=0):
    reach = on_axis(0 if mode == "constant" else size, axis, np.ndim(y_bar))
    turned = -origin if size % 2 else -origin - 1
    wide = ndimage.uniform_filter1d(widened(y_bar, reach), size, axis=axis, mode="constant", origin=turned)
    return gathered(wide, reach, mode)


# ------------------------------------------------------------------ derivatives


@jvp("scipy.ndimage.sobel")
def sobel_dot(y, x, x_dot, axis=-1, mode="reflect", cval=0.0):
    return ndimage.sobel(x_dot, axis=axis, mode=mode)


@vjp("scipy.ndimage.sobel")
def sobel_bar(y, x, y_bar, axis=-1, mode="reflect", cval=0.0):
    reach = to_neighbours(mode, np.ndim(y_bar))
    return gathered(-ndimage.sobel(widened(y_bar, reach), axis=axis, mode="constant"), reach, mode)


@jvp("scipy.ndimage.prewitt")
def prewitt_dot(y, x, x_dot, axis=-1, mode="reflect", cval=0.0):
    return ndimage.prewitt(x_dot, axis=axis, mode=mode)


@vjp("scipy.ndimage.prewitt")
def prewitt_bar(y, x, y_bar, axis=-1, mode="reflect", cval=0.0):
    reach = to_neighbours(mode, np.ndim(y_bar))
    return gathered(-ndimage.prewitt(widened(y_bar, reach), axis=axis, mode="constant"), reach, mode)


@jvp("scipy.ndimage.laplace")
def laplace_dot(y, x, x_dot, mode="reflect", cval=0.0):
    return ndimage.laplace(x_dot, mode=mode)


@vjp("scipy.ndimage.laplace")
def laplace_bar(y, x, y_bar, mode="reflect", cval=0.0):
    reach = to_neighbours(mode, np.ndim(y_bar))
    return gathered(ndimage.laplace(widened(y_bar, reach), mode="constant"), reach, mode)


NAMES = (
    *("correlate1d", "convolve1d", "correlate", "convolve", "gaussian_filter1d", "gaussian_filter"),
    *("uniform_filter1d", "sobel", "prewitt", "laplace"),
)


@kind(*(f"scipy.ndimage.{name}" for name in NAMES))
def filtered_kind(input: Arg, *_: Arg, **__: Arg) -> Kind:
    """As the image: of the same shape and dtype."""
    image = as_array(input)
    return Array(image.dtype if image.dtype in ("f8", "f4") else "?", image.shape)
