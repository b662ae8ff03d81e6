"""Sample points of the distributions of scipy.stats: inside of the support and outside of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import stats

from .samples_elementwise import Points, points

DENSITY = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")
MASS = ("pmf", "logpmf", "cdf", "logcdf", "sf", "logsf")

LOCATION = points((0.7, 0.2, 1.3), (-1.4, 0.3, 0.8), (2.6, -1.1, 2.5), (-3.3, -0.4, 0.6))
ABOVE = points((0.7, 0.2, 1.3), (1.4, -0.3, 0.8), (5.6, -1.1, 2.5))
WITHIN = points((0.7, 0.2, 1.3), (1.4, 1.2, 0.8), (0.6, -1.1, 2.5))

BY_NAME: dict[str, tuple[tuple[str, ...], Points]] = {
    "norm": (DENSITY, LOCATION),
    "laplace": (DENSITY, LOCATION),
    "logistic": (DENSITY, LOCATION),
    "cauchy": (DENSITY, LOCATION),
    "gumbel_r": (DENSITY, LOCATION),
    "gumbel_l": (DENSITY, LOCATION),
    "rayleigh": (DENSITY, ABOVE),
    "halfnorm": (DENSITY, ABOVE),
    "expon": (DENSITY, ABOVE),
    "uniform": (DENSITY, WITHIN),
    "gamma": (DENSITY, points((0.7, 1.9, 0.2, 1.3), (1.4, 0.6, -0.3, 0.8), (5.6, 3.2, -1.1, 2.5))),
    "chi2": (DENSITY, points((0.7, 3.9, 0.2, 1.3), (1.4, 1.6, -0.3, 0.8), (5.6, 4.2, -1.1, 2.5))),
    "t": (DENSITY, points((0.7, 3.9, 0.2, 1.3), (-1.4, 1.6, 0.3, 0.8), (2.6, 0.7, -1.1, 2.5))),
    "weibull_min": (DENSITY, points((0.7, 1.9, 0.2, 1.3), (1.4, 0.6, -0.3, 0.8), (2.6, 1.2, -1.1, 2.5))),
    "lognorm": (DENSITY, points((0.7, 0.9, 0.2, 1.3), (1.4, 0.6, -0.3, 0.8), (5.6, 1.2, -1.1, 2.5))),
    "beta": (
        DENSITY,
        points((0.7, 1.9, 2.2, 0.2, 1.3), (1.4, 0.6, 1.7, 1.2, 0.8), (0.6, 3.1, 0.8, -1.1, 2.5)),
    ),
    "poisson": (MASS, points((3, 1.9, 0), (0, 0.6, 0), (7, 4.5, 1))),
    "bernoulli": (MASS[:2], points((1, 0.3, 0), (0, 0.6, 0), (1, 0.8, 0))),
    "nbinom": (MASS[:2], points((3, 5.3, 0.3, 0), (0, 2.1, 0.6, 0), (5, 0.7, 0.8, 1))),
    "binom": ((*MASS[:3], "sf"), points((3, 5, 0.3, 0), (0, 2, 0.6, 0), (5, 4, 0.8, 1))),
    "geom": ((*MASS[:3], "sf"), points((3, 0.3, 0), (1, 0.6, 0), (6, 0.8, 1))),
}

QUANTILES: dict[str, Points] = {
    **dict.fromkeys(
        ("norm", "laplace", "logistic", "cauchy", "expon", "uniform"),
        points((0.7, 0.2, 1.3), (0.25, 0.3, 0.8), (0.6, -1.1, 2.5)),
    ),
    **dict.fromkeys(
        ("gamma", "chi2", "t", "weibull_min", "lognorm"),
        points((0.7, 1.9, 0.2, 1.3), (0.25, 2.6, -0.3, 0.8), (0.6, 3.2, -1.1, 2.5)),
    ),
    "beta": points((0.7, 1.9, 2.2, 0.2, 1.3), (0.25, 2.6, 1.7, 1.2, 0.8), (0.6, 3.1, 1.8, -1.1, 2.5)),
}

TABLE: dict[str, tuple[Callable[..., Any], Points]] = {
    f"scipy.stats.{name}.{function}": (getattr(getattr(stats, name), function), rows)
    for name, (functions, rows) in BY_NAME.items()
    for function in functions
} | {
    f"scipy.stats.{name}.{function}": (getattr(getattr(stats, name), function), rows)
    for name, rows in QUANTILES.items()
    for function in ("ppf", "isf")
}
