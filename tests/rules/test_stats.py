"""scipy.stats: by differences, in the tails against mpmath, and whole programs from their source."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from scipy import stats

import adtrans
from adtrans.rules import registry

from .helpers import check_elementwise_kind, check_partials, partial_derivatives, rows, variants
from .samples_stats import BY_NAME, DENSITY, TABLE

registry.load_all()


@pytest.mark.parametrize("path", TABLE)
def test_partials(path: str) -> None:
    """Of numbers and arrays, empty ones and not contiguous ones; float64 is what SciPy makes of all."""
    fn, values = TABLE[path]
    for args in [list(row) for row in values] + list(variants(rows(values))):
        check_partials(path, fn, args)
        check_elementwise_kind(path, fn(*args), args)
    single = [c.astype(np.float32) if c.dtype == float else c for c in rows(values)]
    check_elementwise_kind(path, fn(*single), single)


@pytest.mark.parametrize("path", TABLE)
def test_broadcasts(path: str) -> None:
    fn, values = TABLE[path]
    first, *others = rows(values)
    check_partials(path, fn, [np.stack([first, first]), *(c[:1] for c in others)])
    check_partials(path, fn, [first[:1], *(c[:1, None] for c in others)])


# ------------------------------------------------------------------ tails


def normal_ratio(z: Any) -> Any:
    return mp.npdf(z) / mp.ncdf(z)


HARD: list[tuple[str, tuple[float, ...], int, Any]] = [
    *(
        ("norm.ppf", (q, 0.0, 1.0), 0, lambda q, m, s: 1 / mp.npdf(-mp.sqrt(2) * mp.erfinv(1 - 2 * q)))
        for q in (1e-12, 1e-3, 0.5, 0.999)
    ),
    *(("laplace.isf", (q, 0.0, 1.0), 0, lambda q, m, s: -1 / q) for q in (1e-300, 1e-9, 0.1)),
    *(
        ("norm.logcdf", (z, 0.0, 1.0), 0, lambda x, m, s: normal_ratio(x))
        for z in (-1e4, -40.0, -5.0, 0.0, 8.0, 30.0)
    ),
    *(
        ("norm.logsf", (z, 0.0, 1.0), 0, lambda x, m, s: -normal_ratio(-x))
        for z in (1e4, 40.0, 5.0, 0.0, -8.0)
    ),
    ("norm.logcdf", (-60.0, 0.0, 1.5), 2, lambda x, m, s: -normal_ratio(x / s) * x / s**2),
    ("norm.logpdf", (1e9, 0.0, 1.0), 0, lambda x, m, s: -x),
    ("norm.cdf", (-30.0, 0.0, 1.0), 0, lambda x, m, s: mp.npdf(x)),
    ("expon.logcdf", (1e-12, 0.0, 1.0), 0, lambda x, m, s: 1 / mp.expm1(x)),
    ("expon.logcdf", (600.0, 0.0, 1.0), 0, lambda x, m, s: 1 / mp.expm1(x)),
    ("laplace.logcdf", (500.0, 0.0, 1.0), 0, lambda x, m, s: mp.exp(-x) / (2 - mp.exp(-x))),
    ("laplace.logsf", (-500.0, 0.0, 1.0), 0, lambda x, m, s: -mp.exp(x) / (2 - mp.exp(x))),
    ("logistic.logcdf", (600.0, 0.0, 1.0), 0, lambda x, m, s: 1 / (1 + mp.exp(x))),
    ("logistic.logcdf", (-600.0, 0.0, 1.0), 0, lambda x, m, s: 1 / (1 + mp.exp(x))),
    ("logistic.cdf", (-600.0, 0.0, 1.0), 0, lambda x, m, s: mp.exp(x) / (1 + mp.exp(x)) ** 2),
    ("logistic.sf", (600.0, 0.0, 1.0), 0, lambda x, m, s: -mp.exp(-x) / (1 + mp.exp(-x)) ** 2),
    ("cauchy.logcdf", (-1e10, 0.0, 1.0), 0, lambda x, m, s: 1 / ((1 + x * x) * mp.atan2(1, -x))),
    ("cauchy.logsf", (1e10, 0.0, 1.0), 0, lambda x, m, s: -1 / ((1 + x * x) * mp.atan2(1, x))),
    ("lognorm.logcdf", (1e-30, 1.0, 0.0, 1.0), 0, lambda x, s, m, c: normal_ratio(mp.log(x)) / x),
    ("weibull_min.logcdf", (1e-8, 1.5, 0.0, 1.0), 0, lambda x, c, m, s: c * mp.sqrt(x) / mp.expm1(x**c)),
    ("weibull_min.logsf", (50.0, 3.0, 0.0, 1.0), 1, lambda x, c, m, s: -(x**c) * mp.log(x)),
    ("gamma.logpdf", (1e-300, 2.5, 0.0, 1.0), 0, lambda x, a, m, s: (a - 1) / x - 1),
    ("t.logpdf", (1e8, 2.5, 0.0, 1.0), 1, lambda x, v, m, s: mp.diff(lambda u: t_logpdf(x, u), v)),
    ("t.logpdf", (0.3, 1e4, 0.0, 1.0), 0, lambda x, v, m, s: -(v + 1) * x / (v + x * x)),
    ("poisson.logpmf", (0, 0.0, 0), 1, lambda k, mu, m: mp.mpf(-1)),
    (
        "poisson.logsf",
        (3, 1e-3, 0),
        1,
        lambda k, mu, m: mp.exp(-mu) * mu**3 / 6 / mp.gammainc(4, 0, mu, regularized=True),
    ),
    ("poisson.pmf", (0, 0.0, 0), 1, lambda k, mu, m: mp.mpf(-1)),
]


def t_logpdf(x: Any, v: Any) -> Any:
    return (
        mp.loggamma((v + 1) / 2)
        - mp.loggamma(v / 2)
        - mp.log(v * mp.pi) / 2
        - (v + 1) / 2 * mp.log1p(x * x / v)
    )


@pytest.mark.parametrize(("name", "args", "k", "derivative"), HARD)
@pytest.mark.filterwarnings("ignore:overflow")
def test_hard_points(name: str, args: tuple[float, ...], k: int, derivative: Any) -> None:
    path = f"scipy.stats.{name}"
    got = partial_derivatives(path, TABLE[path][0](*args), args)[k]
    with mp.workdps(50):
        expected = float(derivative(*map(mp.mpf, args)))
    # exp(-x * x / 2) at x = 30 multiplies a rounding of x by 900.
    assert math.isclose(got, expected, rel_tol=2e-13), (got, expected)


@pytest.mark.parametrize(
    "path",
    [
        f"scipy.stats.{name}.{function}"
        for name in ("expon", "uniform", "gamma", "chi2", "beta")
        for function in DENSITY
    ],
)
def test_outside_of_the_support(path: str) -> None:
    """Nothing depends on anything there, and nothing is NaN."""
    fn, values = TABLE[path]
    shapes = values[0][1:-2]
    for x in (-3.0, 9.0) if path.split(".")[2] in ("uniform", "beta") else (-3.0,):
        args = (x, *shapes, 0.2, 1.3)
        found = partial_derivatives(path, fn(*args), args)
        assert all(slope is NotImplemented or slope == 0.0 for slope in found), (path, x, found)


# --------------------------------------------------------------- programs

HEAD = (
    "import numpy as np\nimport scipy.stats\nfrom scipy import stats\nfrom scipy.stats import norm, poisson\n"
)
X = np.array([0.4, 1.2, 2.5])

PROGRAMS = {
    "names": "np.sum(norm.logpdf(x, loc=m, scale=s) * norm.cdf(x, scale=s))",
    "positions": "np.sum(stats.t.logpdf(x, 3.0 + s, m, s)) + scipy.stats.norm.sf(m, 0.1, s)",
    "a part by name": "np.sum(stats.gamma.logpdf(x, a=s + 1.0, scale=2.0)) + norm.logsf(m)",
    "probabilities": "np.sum(stats.gamma.logcdf(x, 2.5, 0.0, s) + stats.beta.cdf(x / 4.0, 2.0, 3.0)) * m",
    "counts": "np.sum(poisson.logpmf(np.array([0, 2, 5]), mu=x * s)) + poisson.logcdf(2, m)",
    "shapes": "np.sum(stats.weibull_min.logsf(x, s, scale=m) + stats.lognorm.logcdf(x, s, 0.0, m))",
    "quantiles": "np.sum(norm.ppf(x / 4.0, m, s)) + stats.t.isf(0.3, 2.5, m, s) + stats.lognorm.ppf(0.2, s)",
    "frozen": "np.sum(norm(m, s).logpdf(x) * stats.norm(scale=s).cdf(x)) + stats.gamma(2.5, scale=s).sf(m)",
    "tails": "np.sum(norm.logcdf(-20.0 * x, m, s)) + np.sum(stats.laplace.logcdf(x, m, s))",
}


@pytest.mark.parametrize("known", [True, False], ids=["ranks", "anything"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, known: bool) -> None:
    params = 'x: "f8[n]", m: float, s: float' if known else "x, m, s"
    f = adtrans.from_source(f"{HEAD}\ndef f({params}):\n    return {PROGRAMS[name]}\n", "f")
    adtrans.check_grads(f, (X, 0.7, 1.4), order=2)


@pytest.mark.parametrize(
    ("call", "wrt", "code"),
    [
        ("stats.gamma.cdf(x, m)", "m", "AD302"),
        ("stats.t.logcdf(x, m, 0.0, 1.0)", "m", "AD302"),
        ("stats.beta.sf(x / 4.0, 2.0, m)", "m", "AD302"),
        ("poisson.logpmf(x, 2.0)", "x", "AD302"),
        ("norm.logpdf(x, mu=m)", "m", "AD303"),
        ("stats.gamma.ppf(x / 4.0, m)", "m", "AD302"),
        ("stats.skewnorm.logpdf(x, m)", "x", "AD301"),
        ("stats.skewnorm(m).logpdf(x)", "m", "AD"),
        ("norm(m).mean()", "m", "AD"),
    ],
)
def test_refused(call: str, wrt: str, code: str) -> None:
    f = adtrans.from_source(f"{HEAD}\ndef f(x, m):\n    return np.sum({call})\n", "f")
    with pytest.raises(adtrans.Refused, match=code):
        adtrans.grad(f, wrt)(X, 0.7)


def test_every_function_of_a_distribution() -> None:
    """No name of the table is a slip: all that have rules are in SciPy, and are tried."""
    derived = {p for p, e in registry.load_all().items() if p.startswith("scipy.stats.") and e.partials}
    assert derived == TABLE.keys()
    assert all(hasattr(stats, name) for name in BY_NAME)
