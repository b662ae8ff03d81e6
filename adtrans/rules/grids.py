# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.interpolate: linear between samples, along one axis (`interp1d`) or on a grid."""

import numpy as np

from adtrans.kinds import COMPLEX, Array, Kind
from adtrans.rules.facts import as_array, elements, shape_arg
from adtrans.rules.optional import interpolate
from adtrans.rules.registry import Arg, indifferent, jvp, kind, parameters, vjp
from adtrans.rules.splines import at_places, between, interpolated_kind

# ----------------------------------------------------------------- interp1d

# The slope is that between the two samples around a place, of which SciPy sorts the places.


@jvp("scipy.interpolate.interp1d()")
def interp1d_dot(y, at, x, f, at_dot, f_dot, kind="linear", axis=-1, bounds_error=None, fill_value=np.nan):
    if kind != "linear":
        raise NotImplementedError("a kind other than 'linear': `make_interp_spline` has them")
    beyond = fill_value if isinstance(fill_value, str) else 0.0
    along_f = interpolate.interp1d(x, f_dot, axis=axis, bounds_error=bounds_error, fill_value=beyond)(at)
    moved = at_dot if np.ndim(f) == 1 else between(at_dot, at, f, axis)
    return slope_at(at, x, f, axis, fill_value) * moved + along_f


@vjp("scipy.interpolate.interp1d()")
def interp1d_bar(y, at, x, f, y_bar, kind="linear", axis=-1, bounds_error=None, fill_value=np.nan):
    if kind != "linear":
        raise NotImplementedError("a kind other than 'linear': `make_interp_spline` has them")
    along = y_bar * slope_at(at, x, f, axis, fill_value)
    f_bar = to_samples(y_bar, at, x, f, axis, fill_value)
    return along if np.ndim(f) == 1 else at_places(along, at, f, axis), NotImplemented, f_bar


def within(at, knots, fill_value):
    """Where what is found depends on the samples, and is no value to fill in."""
    if isinstance(fill_value, str):
        return np.full(np.shape(at), True)
    return (at >= knots[0]) & (at <= knots[-1])


def slope_at(at, x, f, axis, fill_value):
    """The slope of the line between two samples."""
    knots = np.sort(x)
    k = np.clip(np.searchsorted(knots, at, "right") - 1, 0, np.size(knots) - 2)
    high = interpolate.interp1d(x, f, axis=axis)(knots[k + 1])
    low = interpolate.interp1d(x, f, axis=axis)(knots[k])
    return (high - low) * between(within(at, knots, fill_value) / (knots[k + 1] - knots[k]), at, f, axis)


def to_samples(g, at, x, f, axis, fill_value):
    """The adjoint of the samples: each place has two, and shares by its distances."""
    order = np.argsort(x)
    knots = np.take(x, order)
    k = np.clip(np.searchsorted(knots, at, "right") - 1, 0, np.size(knots) - 2)
    share = (at - knots[k]) / (knots[k + 1] - knots[k])
    inside = within(at, knots, fill_value)
    first = axis % np.ndim(f)
    before, after = np.shape(f)[:first], np.shape(f)[first + 1 :]
    g = np.moveaxis(np.reshape(g, (*before, np.size(at), *after)), first, -1)
    rows = np.zeros((np.size(x), *before, *after), g.dtype)
    np.add.at(rows, np.ravel(order[k]), np.moveaxis(np.ravel((1.0 - share) * inside) * g, -1, 0))
    np.add.at(rows, np.ravel(order[k + 1]), np.moveaxis(np.ravel(share * inside) * g, -1, 0))
    return np.moveaxis(rows, 0, first)


@kind("scipy.interpolate.interp1d()")
def interp1d_kind(at: Arg, x: Arg, y: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    return interpolated_kind(at, y, axis, -1)


parameters(
    "scipy.interpolate.interp1d()",
    at=...,
    x=...,
    y=...,
    kind="linear",
    axis=-1,
    copy=True,
    bounds_error=None,
    fill_value=np.nan,
    assume_sorted=False,
)
indifferent("copy assume_sorted", "scipy.interpolate.interp1d()")


# --------------------------------------------------- RegularGridInterpolator


@jvp("scipy.interpolate.RegularGridInterpolator()")
def grid_dot(
    y, at, points, values, at_dot, values_dot, method="linear", bounds_error=True, fill_value=np.nan
):
    if method != "linear" or isinstance(at, (tuple, list)) or np.ndim(values) != len(points):
        raise NotImplementedError(
            "a method other than 'linear', places that are no array, or vectors as values"
        )
    beyond = None if fill_value is None else 0.0
    along = interpolate.RegularGridInterpolator(
        points, values_dot, bounds_error=bounds_error, fill_value=beyond
    )(at)
    slopes = grid_slopes(at, points, values, fill_value)
    return np.sum(slopes * np.reshape(at_dot, np.shape(slopes)), axis=-1) + along


@vjp("scipy.interpolate.RegularGridInterpolator()")
def grid_bar(y, at, points, values, y_bar, method="linear", bounds_error=True, fill_value=np.nan):
    if method != "linear" or isinstance(at, (tuple, list)) or np.ndim(values) != len(points):
        raise NotImplementedError(
            "a method other than 'linear', places that are no array, or vectors as values"
        )
    slopes = grid_slopes(at, points, values, fill_value)
    at_bar = np.reshape(np.expand_dims(y_bar, -1) * slopes, np.shape(at))
    return at_bar, NotImplemented, to_corners(y_bar, at, points, values, fill_value)


@jvp("scipy.interpolate.interpn")
def interpn_dot(
    y, points, values, at, values_dot, at_dot, method="linear", bounds_error=True, fill_value=np.nan
):
    if method != "linear" or isinstance(at, (tuple, list)) or np.ndim(values) != len(points):
        raise NotImplementedError(
            "a method other than 'linear', places that are no array, or vectors as values"
        )
    beyond = None if fill_value is None else 0.0
    along = interpolate.interpn(points, values_dot, at, bounds_error=bounds_error, fill_value=beyond)
    slopes = grid_slopes(at, points, values, fill_value)
    return np.sum(slopes * np.reshape(at_dot, np.shape(slopes)), axis=-1) + along


@vjp("scipy.interpolate.interpn")
def interpn_bar(y, points, values, at, y_bar, method="linear", bounds_error=True, fill_value=np.nan):
    if method != "linear" or isinstance(at, (tuple, list)) or np.ndim(values) != len(points):
        raise NotImplementedError(
            "a method other than 'linear', places that are no array, or vectors as values"
        )
    slopes = grid_slopes(at, points, values, fill_value)
    at_bar = np.reshape(np.expand_dims(y_bar, -1) * slopes, np.shape(at))
    return NotImplemented, to_corners(y_bar, at, points, values, fill_value), at_bar


def cells(at, points):
    """The places as rows of coordinates, as SciPy reads them; and where their cells begin on each axis."""
    rows = np.reshape(at, (-1, len(points))) if np.ndim(at) == 1 else at
    starts = []
    for d in range(len(points)):
        knots = np.array(points[d])
        k = np.searchsorted(knots, rows[..., d], "right") - 1
        starts.append(np.clip(k, 0, np.size(knots) - 2))
    return rows, starts


def inside_grid(rows, points, fill_value):
    """1 where what is found depends on the values, 0 where it is a value to fill in."""
    inside = np.ones(np.shape(rows)[:-1])
    if fill_value is not None:
        for d in range(len(points)):
            beyond = (rows[..., d] < points[d][0]) | (rows[..., d] > points[d][-1])
            inside = np.where(beyond, 0.0, inside)
    return inside


def grid_slopes(at, points, values, fill_value):
    """The slopes along each axis of the grid: from one face of a cell to the other one."""
    rows, starts = cells(at, points)
    inside = inside_grid(rows, points, fill_value)
    slopes = []
    for d in range(len(points)):
        knots = np.array(points[d])
        low, high = knots[starts[d]], knots[starts[d] + 1]
        along = np.arange(len(points)) == d
        there = np.where(along, np.expand_dims(high, -1), rows)
        here = np.where(along, np.expand_dims(low, -1), rows)
        rise = interpolate.interpn(points, values, there, bounds_error=False, fill_value=None)
        rise = rise - interpolate.interpn(points, values, here, bounds_error=False, fill_value=None)
        slopes.append(inside * rise / (high - low))
    return np.stack(slopes, -1)


def to_corners(g, at, points, values, fill_value):
    """The adjoint of the values: each place has the corners of its cell, and shares by its distances."""
    rows, starts = cells(at, points)
    inside = inside_grid(rows, points, fill_value)
    flat = np.zeros(np.size(values))
    for corner in range(2 ** len(points)):
        place = np.zeros(np.shape(inside), dtype=int)
        share = inside
        for d in range(len(points)):
            knots = np.array(points[d])
            low, high = knots[starts[d]], knots[starts[d] + 1]
            t = (rows[..., d] - low) / (high - low)
            upper = (corner >> d) & 1
            place = place * np.size(knots) + starts[d] + upper
            share = share * (t if upper else 1.0 - t)
        np.add.at(flat, place, share * g)
    return np.reshape(flat, np.shape(values))


@kind("scipy.interpolate.RegularGridInterpolator()")
def grid_kind(at: Arg, points: Arg, values: Arg, **_: Arg) -> Kind:
    dtype = as_array(values).dtype
    dtype = "c16" if dtype in COMPLEX else dtype if dtype in ("*", "f8") else "?"
    places = shape_arg(at)
    if places is None or len(places) < 2 or shape_arg(values) is None or at.items is not None:
        return Array(dtype, None)
    corners = elements(points)
    whole = corners is not None and len(corners) == len(shape_arg(values) or ())
    return Array(dtype, places[:-1] if whole else None)


@kind("scipy.interpolate.interpn")
def interpn_kind(points: Arg, values: Arg, xi: Arg, **_: Arg) -> Kind:
    return grid_kind(xi, points, values)


parameters(
    "scipy.interpolate.RegularGridInterpolator()",
    at=...,
    points=...,
    values=...,
    method="linear",
    bounds_error=True,
    fill_value=np.nan,
    solver=None,
    solver_args=None,
)
