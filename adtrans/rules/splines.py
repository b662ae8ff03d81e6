# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.interpolate: splines, by the places where they are evaluated and by the values that they go through.

A spline is linear in its values: its tangent is the spline through theirs. The adjoint is that of the basis,
the splines through 1 at one knot and 0 at all others. By the knots there is no derivative here.
"""

import math
from typing import Any

import numpy as np

from adtrans.kinds import COMPLEX, Array, Kind
from adtrans.rules.facts import as_array, const, shape_arg
from adtrans.rules.optional import interpolate
from adtrans.rules.registry import Arg, indifferent, jvp, kind, parameters, vjp

# ------------------------------------------------------------------ the axes

# Values of shape (a, n, b) that are interpolated along their second axis give at (p, q) places (a, p, q, b).


def between(v, at, f, axis):
    """What belongs to the places, among the other axes of f."""
    k = axis % np.ndim(f)
    return np.reshape(v, (1,) * k + np.shape(at) + (1,) * (np.ndim(f) - 1 - k))


def at_places(g, at, f, axis):
    """The sums over the other axes of f."""
    k = axis % np.ndim(f)
    shape = math.prod(np.shape(f)[:k]), np.size(at), math.prod(np.shape(f)[k + 1 :])
    return np.reshape(np.sum(np.reshape(g, shape), axis=(0, 2)), np.shape(at))


def at_values(g, basis, f, axis):
    """The adjoint of the values f, of which g is made with this basis."""
    k = axis % np.ndim(f)
    n = np.shape(basis)[-1]
    lead, rows = math.prod(np.shape(f)[:k]), math.prod(np.shape(basis)[:-1])
    shares = np.swapaxes(np.reshape(basis, (rows, n)), 0, 1)
    return np.reshape(shares @ np.reshape(g, (lead, rows, math.prod(np.shape(f)[k + 1 :]))), np.shape(f))


# -------------------------------------------------------------- CubicSpline


@jvp("scipy.interpolate.CubicSpline()")
def cubic_spline_dot(y, at, x, f, at_dot, f_dot, axis=0, bc_type="not-a-knot", extrapolate=None, nu=0):
    if not isinstance(bc_type, str) or bc_type == "periodic":
        raise NotImplementedError("a `bc_type` that is not one of 'not-a-knot', 'natural' and 'clamped'")
    slope = interpolate.CubicSpline(x, f, axis=axis, bc_type=bc_type, extrapolate=extrapolate)(at, nu=nu + 1)
    along_f = interpolate.CubicSpline(x, f_dot, axis=axis, bc_type=bc_type, extrapolate=extrapolate)(
        at, nu=nu
    )
    moved = at_dot if np.ndim(f) == 1 else between(at_dot, at, f, axis)
    return slope * moved + along_f


@vjp("scipy.interpolate.CubicSpline()")
def cubic_spline_bar(y, at, x, f, y_bar, axis=0, bc_type="not-a-knot", extrapolate=None, nu=0):
    if not isinstance(bc_type, str) or bc_type == "periodic":
        raise NotImplementedError("a `bc_type` that is not one of 'not-a-knot', 'natural' and 'clamped'")
    along = y_bar * interpolate.CubicSpline(x, f, axis=axis, bc_type=bc_type, extrapolate=extrapolate)(
        at, nu=nu + 1
    )
    basis = interpolate.CubicSpline(x, np.eye(np.size(x)), bc_type=bc_type, extrapolate=extrapolate)(
        at, nu=nu
    )
    at_bar = along if np.ndim(f) == 1 else at_places(along, at, f, axis)
    f_bar = np.tensordot(y_bar, basis, np.ndim(at)) if np.ndim(f) == 1 else at_values(y_bar, basis, f, axis)
    return at_bar, NotImplemented, f_bar


# ------------------------------------------------------- make_interp_spline


@jvp("scipy.interpolate.make_interp_spline()")
def make_interp_spline_dot(y, at, x, f, at_dot, f_dot, k=3, t=None, bc_type=None, axis=0, nu=0):
    if not (bc_type is None or isinstance(bc_type, str)) or bc_type == "periodic":
        raise NotImplementedError("a `bc_type` that is not None, 'not-a-knot', 'natural' or 'clamped'")
    slope = interpolate.make_interp_spline(x, f, k=k, t=t, bc_type=bc_type, axis=axis)(at, nu=nu + 1)
    along_f = interpolate.make_interp_spline(x, f_dot, k=k, t=t, bc_type=bc_type, axis=axis)(at, nu=nu)
    moved = at_dot if np.ndim(f) == 1 else between(at_dot, at, f, axis)
    return slope * moved + along_f


@vjp("scipy.interpolate.make_interp_spline()")
def make_interp_spline_bar(y, at, x, f, y_bar, k=3, t=None, bc_type=None, axis=0, nu=0):
    if not (bc_type is None or isinstance(bc_type, str)) or bc_type == "periodic":
        raise NotImplementedError("a `bc_type` that is not None, 'not-a-knot', 'natural' or 'clamped'")
    along = y_bar * interpolate.make_interp_spline(x, f, k=k, t=t, bc_type=bc_type, axis=axis)(at, nu=nu + 1)
    basis = interpolate.make_interp_spline(x, np.eye(np.size(x)), k=k, t=t, bc_type=bc_type)(at, nu=nu)
    at_bar = along if np.ndim(f) == 1 else at_places(along, at, f, axis)
    f_bar = np.tensordot(y_bar, basis, np.ndim(at)) if np.ndim(f) == 1 else at_values(y_bar, basis, f, axis)
    return at_bar, NotImplemented, f_bar


# ------------------------------------------------------------------ BSpline


@jvp("scipy.interpolate.BSpline()")
def b_spline_dot(y, at, t, c, at_dot, c_dot, k, extrapolate=True, axis=0, nu=0):
    slope = interpolate.BSpline(t, c, k, extrapolate=extrapolate, axis=axis)(at, nu=nu + 1)
    along_c = interpolate.BSpline(t, c_dot, k, extrapolate=extrapolate, axis=axis)(at, nu=nu)
    moved = at_dot if np.ndim(c) == 1 else between(at_dot, at, c, axis)
    return slope * moved + along_c


@vjp("scipy.interpolate.BSpline()")
def b_spline_bar(y, at, t, c, y_bar, k, extrapolate=True, axis=0, nu=0):
    along = y_bar * interpolate.BSpline(t, c, k, extrapolate=extrapolate, axis=axis)(at, nu=nu + 1)
    basis = interpolate.BSpline(t, np.eye(np.shape(c)[axis]), k, extrapolate=extrapolate)(at, nu=nu)
    at_bar = along if np.ndim(c) == 1 else at_places(along, at, c, axis)
    c_bar = np.tensordot(y_bar, basis, np.ndim(at)) if np.ndim(c) == 1 else at_values(y_bar, basis, c, axis)
    return at_bar, NotImplemented, c_bar


# --------------------------------------------- those that preserve the shape

# Of these the slopes at the knots are no linear functions of the values: by these there is no derivative.


@jvp("scipy.interpolate.PchipInterpolator()")
def pchip_dot(value, at, at_dot, x, y, axis=0, extrapolate=None, nu=0):
    slope = interpolate.PchipInterpolator(x, y, axis=axis, extrapolate=extrapolate)(at, nu=nu + 1)
    return slope * at_dot if np.ndim(y) == 1 else slope * between(at_dot, at, y, axis)


@vjp("scipy.interpolate.PchipInterpolator()")
def pchip_bar(value, at, y_bar, x, y, axis=0, extrapolate=None, nu=0):
    along = y_bar * interpolate.PchipInterpolator(x, y, axis=axis, extrapolate=extrapolate)(at, nu=nu + 1)
    return along if np.ndim(y) == 1 else at_places(along, at, y, axis)


@jvp("scipy.interpolate.Akima1DInterpolator()")
def akima_dot(value, at, at_dot, x, y, axis=0, method="akima", extrapolate=None, nu=0):
    slope = interpolate.Akima1DInterpolator(x, y, axis=axis, method=method, extrapolate=extrapolate)(
        at, nu=nu + 1
    )
    return slope * at_dot if np.ndim(y) == 1 else slope * between(at_dot, at, y, axis)


@vjp("scipy.interpolate.Akima1DInterpolator()")
def akima_bar(value, at, y_bar, x, y, axis=0, method="akima", extrapolate=None, nu=0):
    slope = interpolate.Akima1DInterpolator(x, y, axis=axis, method=method, extrapolate=extrapolate)(
        at, nu=nu + 1
    )
    return y_bar * slope if np.ndim(y) == 1 else at_places(y_bar * slope, at, y, axis)


# -------------------------------------------------------------------- kinds


def interpolated_kind(at: Arg, of: Arg, axis: Arg | None, default: int) -> Kind:
    """The shape of the places, in the stead of an axis of what is interpolated."""
    dtype = as_array(of).dtype
    dtype = "c16" if dtype in COMPLEX else dtype if dtype in ("*", "f8") else "?"
    places, shape, k = shape_arg(at), shape_arg(of), const(axis, default)
    if places is None or shape is None or not isinstance(k, int) or not -len(shape) <= k < len(shape):
        return Array(dtype, None)
    k %= len(shape)
    return Array(dtype, (*shape[:k], *places, *shape[k + 1 :]))


@kind("scipy.interpolate.CubicSpline()", "scipy.interpolate.PchipInterpolator()")
@kind("scipy.interpolate.Akima1DInterpolator()", "scipy.interpolate.make_interp_spline()")
def spline_kind(at: Arg, x: Arg, y: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    return interpolated_kind(at, y, axis, 0)


@kind("scipy.interpolate.BSpline()")
def b_spline_kind(at: Arg, t: Arg, c: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    return interpolated_kind(at, c, axis, 0)


MADE_OF: dict[str, Any] = {"at": ..., "x": ..., "y": ...}
"""What makes a spline, after the places; what it is called with comes last."""

parameters(
    "scipy.interpolate.CubicSpline()",
    **MADE_OF,
    axis=0,
    bc_type="not-a-knot",
    extrapolate=None,
    nu=0,
)
parameters("scipy.interpolate.PchipInterpolator()", **MADE_OF, axis=0, extrapolate=None, nu=0)
parameters(
    "scipy.interpolate.Akima1DInterpolator()",
    **MADE_OF,
    axis=0,
    method="akima",
    extrapolate=None,
    nu=0,
)
parameters(
    "scipy.interpolate.make_interp_spline()",
    **MADE_OF,
    k=3,
    t=None,
    bc_type=None,
    axis=0,
    check_finite=True,
    nu=0,
)
parameters("scipy.interpolate.BSpline()", at=..., t=..., c=..., k=..., extrapolate=True, axis=0, nu=0)
indifferent("check_finite", "scipy.interpolate.make_interp_spline()")
