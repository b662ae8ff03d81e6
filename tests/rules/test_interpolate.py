"""scipy.interpolate: the rules by differences, and whole programs from their source."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import interpolate

import adtrans
from adtrans.interpolants import CALLED
from adtrans.rules import registry

from .checking import Case, check, check_layouts, check_single

registry.load_all()

rng = np.random.default_rng(12)
knots = np.cumsum(rng.uniform(0.2, 0.6, size=7))
f7, f37, f273 = rng.normal(size=7), rng.normal(size=(3, 7)), rng.normal(size=(2, 7, 3))
t4 = rng.uniform(knots[0] + 0.05, knots[-1] - 0.05, size=4)
t23, t1 = t4[:3] + np.array([[0.1], [0.02]]), np.float64(t4[0])
rows, columns = np.array([0.0, 0.4, 1.0]), np.array([0.3, 0.9, 1.4, 2.5])
cells, cubes = rng.normal(size=(3, 4)), rng.normal(size=(3, 4, 3))
in_cells = np.stack((rng.uniform(0.05, 0.95, size=5), rng.uniform(0.35, 2.4, size=5)), axis=-1)
in_cubes = np.stack((in_cells[:4, 0], in_cells[:4, 1], in_cells[:4, 0]), axis=-1).reshape(2, 2, 3)

wide_knots = interpolate.make_interp_spline(knots, f7, k=2).t + np.r_[[-0.1] * 3, np.zeros(4), [0.1] * 3]


def curve(name: str, at: Any, *args: Any, nu: int = 0, **keywords: Any) -> Case:
    def called(at: Any, *args: Any, nu: int = 0, **keywords: Any) -> Any:
        made = getattr(interpolate, name)(*args, **keywords)
        return made(at, nu) if nu else made(at)

    keywords |= {"nu": nu} if nu else {}
    return Case(called, at, *args, path=f"scipy.interpolate.{name}{CALLED}", **keywords)


def on_grid(points: Any, values: Any, at: Any, **keywords: Any) -> Case:
    return Case(interpolate.interpn, points, values, at, path="scipy.interpolate.interpn", **keywords)


WITH_AXIS: list[tuple[Any, dict[str, Any]]] = [(f7, {}), (f37, {"axis": 1}), (f273, {"axis": -2})]

CASES = [
    *(curve("CubicSpline", at, knots, f, **axis) for at in (t23, t1) for f, axis in WITH_AXIS),
    *(curve("CubicSpline", t4, knots, f7, nu=nu, bc_type="natural") for nu in (1, 3)),
    curve("CubicSpline", t4 + 1.0, knots, f7, bc_type="clamped"),
    curve("CubicSpline", t4[:0], knots, f37, axis=1),
    curve("CubicSpline", t4, knots, f7, extrapolate=False),
    *(curve("make_interp_spline", t4, knots, f, **axis) for f, axis in WITH_AXIS),
    *(curve("make_interp_spline", t4, knots, f7, k=k, nu=1) for k in (2, 5)),
    curve("make_interp_spline", t4, knots, f7, bc_type="natural"),
    *(
        curve("BSpline", at, np.r_[knots[[0, 0, 0]], knots, knots[[-1, -1, -1]]], c, 3, nu=nu, axis=axis)
        for at, c, axis, nu in ((t4, rng.normal(size=9), 0, 0), (t1, rng.normal(size=(2, 9)), 1, 1))
    ),
    curve("Akima1DInterpolator", t4, knots, f7, method="makima", extrapolate=True),
    curve("PchipInterpolator", t4, knots, f7, extrapolate=True),
    curve("BSpline", t4, np.r_[0.0, 0.0, knots], rng.normal(size=6), 2, extrapolate=True),
    curve("make_interp_spline", t4, knots, f7, k=2, t=wide_knots),
    *(
        curve(name, at, knots, f, nu=nu, **axis)
        for name in ("PchipInterpolator", "Akima1DInterpolator")
        for at, (f, axis), nu in zip((t4, t23, t1), WITH_AXIS, (0, 1, 0), strict=True)
    ),
    *(curve("interp1d", at, knots, f, axis=axis.get("axis", 0)) for at in (t23,) for f, axis in WITH_AXIS),
    curve("interp1d", t4, knots[::-1].copy(), f37),
    *(
        curve("interp1d", 2.0 * t4 - 1.0, knots, f37, bounds_error=False, fill_value=fill)
        for fill in ("extrapolate", 0.3, (0.3, -0.2))
    ),
    *(
        make(points, values, at)
        for make in (on_grid, lambda p, v, at: curve("RegularGridInterpolator", at, p, v))
        for points, values, at in (
            ((rows, columns), cells, in_cells),
            ((rows, columns), cells, in_cells[0]),
            ((rows, columns, rows), cubes, in_cubes),
            ((columns,), cells[0], t4[:2]),
        )
    ),
    curve("interp1d", t4, knots, f7, kind="linear"),
    on_grid((rows, columns), cells, in_cells, method="linear"),
    curve("RegularGridInterpolator", in_cells, (rows, columns), cells, method="linear"),
    curve("RegularGridInterpolator", in_cells, (rows, columns), cells, bounds_error=False, fill_value=0.2),
    *(
        on_grid((rows, columns), cells, 1.3 * in_cells - 0.2, bounds_error=False, fill_value=fill)
        for fill in (None, 0.7)
    ),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


HEAD = """\
import numpy as np
from scipy import interpolate
from scipy.interpolate import BSpline, CubicSpline, PchipInterpolator, RegularGridInterpolator, interp1d

T = np.linspace(0.0, 2.0, 7)
S = CubicSpline(T, np.sin(T))


def twice(s, t):
    return s(t) * s(t, nu=1)


"""

PROGRAMS = {
    "where it is made": "return np.sum(CubicSpline(T, y, bc_type='natural')(t) * CubicSpline(T, y)(t, 1))",
    "in a variable": "s = CubicSpline(T, y=y)\n    return np.sum(s(t) * s(t, 1) * np.cos(s(t, nu=2)))",
    "of the module": "return np.sum(S(t) ** 2) * S(y[0] + 1.0, 1)",
    "passed on": "s = PchipInterpolator(T, np.cos(T))\n    return np.sum(twice(s, t) * y[0])",
    "in a loop": """\
s = interp1d(T, y, fill_value='extrapolate')
    u = t[0]
    for _ in range(3):
        u = u + 0.1 * s(u)
    return u""",
    "in a lambda": "s = interpolate.make_interp_spline(T, y)\n    return (lambda u: np.sum(s(u)))(t * t)",
    "on a grid": """\
z = np.outer(y[:3], y)
    s = RegularGridInterpolator((T[:3], T), z, bounds_error=False, fill_value=None)
    return np.sum(s(np.stack((0.3 * t, t), axis=-1)) ** 2)""",
    "overwritten": "y = 2.0 * y\n    s = CubicSpline(T, y)\n    y[3] = t[0]\n    return np.sum(s(t)) * y[3]",
    "moved knots": "x = T - 0.03\n    s = interp1d(x, y)\n    x[1] = 0.2\n    return np.sum(s(t) * x[1])",
    "rebound": "s = CubicSpline(T, y)\n    y = y * t[0]\n    return np.sum(s(t)) * np.sum(y)",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    f = adtrans.from_source(f"{HEAD}def f(y, t):\n    {PROGRAMS[name]}\n", "f")
    adtrans.check_grads(
        f, (f7, np.array([0.4, 1.1, 1.7])), order=2 if name in ("rebound", "in a loop") else 1
    )


REFUSED = {
    "CubicSpline(np.cumsum(y * y), T)(t)": "with respect to `x` is not known",
    "CubicSpline(T, y, bc_type=((1, 0.3), (2, 0.1)))(t)": "a `bc_type`",
    "CubicSpline(T, y)(t, extrapolate=False)": "an interpolating function in this form",
    "PchipInterpolator(T, y)(t)": "does not handle the argument `y`",
    "interp1d(T, y, kind='cubic')(t)": "make_interp_spline",
    "RegularGridInterpolator((T, T), np.outer(y, y))((t, t))": "places that are no array",
    "interpolate.UnivariateSpline(T, y)(t)": "an interpolating function in this form",
    "interpolate.splev(t, interpolate.splrep(T, y))": "`CubicSpline",
}


@pytest.mark.parametrize("call", REFUSED)
def test_refused(call: str) -> None:
    f = adtrans.from_source(f"{HEAD}def f(y, t):\n    return np.sum({call})\n", "f")
    for derive in (
        lambda: adtrans.grad(f)(f7, t4),
        lambda: adtrans.jvp(f, (f7, t4), (np.ones(7), np.zeros(4))),
    ):
        with pytest.raises(adtrans.Refused, match=REFUSED[call]):
            derive()
