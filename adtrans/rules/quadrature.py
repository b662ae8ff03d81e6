# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.integrate: the integrals of sampled functions."""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.curves import trapezoid_dot, trapezoid_kind, trapezoid_places, trapezoid_weights
from adtrans.rules.facts import as_array, same_rank
from adtrans.rules.optional import integrate
from adtrans.rules.registry import Arg, jvp, kind, vjp

# ---------------------------------------------------------------- trapezoid

jvp("scipy.integrate.trapezoid")(trapezoid_dot)


@vjp("scipy.integrate.trapezoid")
def scipy_trapezoid_bar(y, f, x, y_bar, dx=1.0, axis=-1):
    f_bar = np.expand_dims(y_bar, axis) * trapezoid_weights(f, x, dx, axis).astype(np.result_type(f, 1.0))
    if x is None:
        return f_bar, None
    return f_bar, trapezoid_places(f, x, y_bar, axis)


@kind("scipy.integrate.trapezoid", "scipy.integrate.simpson")
def integral_kind(y: Arg, x: Arg | None = None, dx: Arg | None = None, axis: Arg | None = None) -> Kind:
    """Of single precision it is sometimes a Python number."""
    found = trapezoid_kind(y, x, dx, axis)
    assert isinstance(found, Array)
    return Array("f8" if as_array(y).dtype == found.dtype == "f8" else "?", found.shape)


# ------------------------------------------------------------------ simpson


@jvp("scipy.integrate.simpson")
def simpson_dot(y, f, f_dot, x=None, dx=1.0, axis=-1):
    return integrate.simpson(f_dot, x=x, dx=dx, axis=axis)


@vjp("scipy.integrate.simpson")
def simpson_bar(y, f, y_bar, x=None, dx=1.0, axis=-1):
    if x is None:
        weights = simpson_weights(np.full(np.shape(f)[axis] - 1, dx), f)
    else:
        if np.ndim(x) > 1:
            raise NotImplementedError("samples at several sequences of places")
        weights = simpson_weights(np.diff(x), f)
    if np.ndim(f) == 1:
        return y_bar * weights
    return np.moveaxis(np.expand_dims(y_bar, -1) * weights, -1, axis)


def simpson_weights(steps, like):
    """The shares of the samples between which there are these steps, in the dtype of another array."""
    n = len(steps)
    weights = np.zeros(n + 1, np.result_type(like, 1.0))
    if n == 1:
        weights[:] = 0.5 * steps
        return weights
    last = n - n % 2
    left, right = steps[:last:2], steps[1:last:2]
    both = (left + right) / 6.0
    weights[:last:2] += both * (2.0 - right / left)
    weights[1:last:2] += both * (left + right) ** 2 / (left * right)
    weights[2 : last + 1 : 2] += both * (2.0 - left / right)
    if n > last:  # The last of an odd number of steps, by the parabola through three samples.
        h, k = steps[-2], steps[-1]
        weights[-1] += (2.0 * k * k + 3.0 * h * k) / (6.0 * (h + k))
        weights[-2] += (k * k + 3.0 * h * k) / (6.0 * h)
        weights[-3] -= k**3 / (6.0 * h * (h + k))
    return weights


# ---------------------------------------------------------------------- romb


@jvp("scipy.integrate.romb")
def romb_dot(y, f, f_dot, dx=1.0, axis=-1):
    return integrate.romb(f_dot, dx=dx, axis=axis)


@vjp("scipy.integrate.romb")
def romb_bar(y, f, y_bar, dx=1.0, axis=-1):
    weights = integrate.romb(np.eye(np.shape(f)[axis]), dx=dx).astype(np.result_type(f, 1.0))
    if np.ndim(f) == 1:
        return y_bar * weights
    return np.moveaxis(np.expand_dims(y_bar, -1) * weights, -1, axis)


# ------------------------------------------------------- cumulative_simpson


@jvp("scipy.integrate.cumulative_simpson")
def cumulative_simpson_dot(y, f, f_dot, x=None, dx=1.0, axis=-1, initial=None):
    start = None if initial is None else 0.0
    return integrate.cumulative_simpson(f_dot, x=x, dx=dx, axis=axis, initial=start)


@vjp("scipy.integrate.cumulative_simpson")
def cumulative_simpson_bar(y, f, y_bar, x=None, dx=1.0, axis=-1, initial=None):
    if x is not None and np.ndim(x) > 1:
        raise NotImplementedError("samples at several sequences of places")
    areas_bar = later_sums(y_bar, axis, initial)
    steps = np.full(np.shape(f)[axis] - 1, dx) if x is None else np.diff(x)
    return np.moveaxis(from_areas(areas_bar, steps.astype(areas_bar.dtype)), -1, axis)


def from_areas(areas_bar, steps):
    """The adjoint of samples, of which Simpson's rule makes the area over each step, along the last axis."""
    n = len(steps)
    f_bar = np.zeros((*np.shape(areas_bar)[:-1], n + 1), areas_bar.dtype)
    if n < 2:
        shares = 0.5 * steps * areas_bar
        f_bar[..., :-1] += shares
        f_bar[..., 1:] += shares
        return f_bar
    # A parabola goes through three samples: a step is its first; one that is odd or the last, its second.
    early = np.arange(0, n - 1, 2)
    late = np.append(np.arange(1, n - 1, 2), n - 1)
    for k, first, last in ((early, 0, 2), (late, 1, -2)):
        here, other = steps[k], steps[k + 1] if first == 0 else steps[k - 1]
        both, near = here + other, k + first
        g = areas_bar[..., k] * here / 6.0
        ratio = here / both
        f_bar[..., near] += g * (3.0 - ratio)
        f_bar[..., k + 1 - first] += g * (3.0 + here * ratio / other + ratio)
        f_bar[..., near + last] -= g * here * ratio / other
    return f_bar


# ----------------------------------------------------- cumulative_trapezoid


@jvp("scipy.integrate.cumulative_trapezoid")
def cumulative_trapezoid_dot(y, f, x, f_dot, x_dot, dx=1.0, axis=-1, initial=None):
    if x is None:
        return integrate.cumulative_trapezoid(f_dot, dx=dx, axis=axis, initial=initial)
    along_f = integrate.cumulative_trapezoid(f_dot, x, axis=axis, initial=initial)
    return along_f + integrate.cumulative_trapezoid(f, x_dot, axis=axis, initial=initial)


@vjp("scipy.integrate.cumulative_trapezoid")
def cumulative_trapezoid_bar(y, f, x, y_bar, dx=1.0, axis=-1, initial=None):
    areas_bar = later_sums(y_bar, axis, initial)
    if x is None:
        return samples_bar(0.5 * dx * areas_bar, axis), None
    f_bar = samples_bar(0.5 * steps_like(f, x, axis) * areas_bar, axis)
    return f_bar, places_bar(f, x, areas_bar, axis)


def later_sums(y_bar, axis, initial):
    """The adjoints of the areas of which y holds the sums; the axis comes last."""
    g = np.moveaxis(y_bar, axis, -1)
    sums = np.flip(np.cumsum(np.flip(g, -1), -1), -1)
    return sums if initial is None else sums[..., 1:]


def steps_like(f, x, axis):
    """The steps between the places, as the last axis."""
    return np.diff(x) if np.ndim(x) == 1 else np.moveaxis(np.diff(x, axis=axis), axis, -1)


def samples_bar(shares, axis):
    """Each area is shared by the samples on its two sides."""
    none = np.zeros_like(shares[..., :1])
    both = np.concatenate((none, shares), -1) + np.concatenate((shares, none), -1)
    return np.moveaxis(both, -1, axis)


def places_bar(f, x, areas_bar, axis):
    """The adjoint of the places at which f was sampled."""
    f = np.moveaxis(f, axis, -1)
    steps_bar = 0.5 * (f[..., 1:] + f[..., :-1]) * areas_bar
    none = np.zeros_like(steps_bar[..., :1])
    x_bar = np.concatenate((none, steps_bar), -1) - np.concatenate((steps_bar, none), -1)
    if np.ndim(x) == 1:
        return np.sum(np.reshape(x_bar, (-1, np.size(x))), axis=0)
    return np.moveaxis(x_bar, -1, axis)


@kind("scipy.integrate.romb")
def romb_kind(y: Arg, dx: Arg | None = None, axis: Arg | None = None, **_: Arg) -> Kind:
    return integral_kind(y, None, dx, axis)


@kind("scipy.integrate.cumulative_trapezoid", "scipy.integrate.cumulative_simpson")
def cumulative_trapezoid_kind(y: Arg, x: Arg | None = None, **_: Arg) -> Kind:
    return Array("f8" if as_array(y).dtype == "f8" else "?", same_rank(y))
