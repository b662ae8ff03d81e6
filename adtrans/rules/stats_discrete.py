# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: discrete distributions. The counts k and loc are whole numbers: they have no derivative."""

import numpy as np

from adtrans.rules.optional import stats
from adtrans.rules.registry import kind, parameters, partials
from adtrans.rules.stats_location import density_kind

# ------------------------------------------------------------------ poisson


@partials("scipy.stats.poisson.logpmf")
def poisson_logpmf(y, k, mu, loc):
    n = k - loc
    slope = n / np.where(n == 0, 1.0, mu) - 1.0
    return NotImplemented, np.where(np.isneginf(y) & (mu > 0.0), 0.0, slope), NotImplemented


@partials("scipy.stats.poisson.pmf")
def poisson_pmf(y, k, mu, loc):
    return NotImplemented, stats.poisson.pmf(k - 1, mu, loc) - y, NotImplemented


@partials("scipy.stats.poisson.cdf")
def poisson_cdf(y, k, mu, loc):
    return NotImplemented, -stats.poisson.pmf(np.floor(k), mu, loc), NotImplemented


@partials("scipy.stats.poisson.sf")
def poisson_sf(y, k, mu, loc):
    return NotImplemented, stats.poisson.pmf(np.floor(k), mu, loc), NotImplemented


@partials("scipy.stats.poisson.logcdf")
def poisson_logcdf(y, k, mu, loc):
    below = k < loc
    ratio = np.exp(stats.poisson.logpmf(np.floor(k), mu, loc) - np.where(below, 0.0, y))
    return NotImplemented, np.where(below, 0.0, -ratio), NotImplemented


@partials("scipy.stats.poisson.logsf")
def poisson_logsf(y, k, mu, loc):
    return NotImplemented, np.exp(stats.poisson.logpmf(np.floor(k), mu, loc) - y), NotImplemented


# --------------------------------------------------------- bernoulli, binom


@partials("scipy.stats.bernoulli.logpmf")
def bernoulli_logpmf(y, k, p, loc):
    n = k - loc
    slope = np.where(n == 1, 1.0 / np.where(n == 1, p, 1.0), -1.0 / np.where(n == 0, 1.0 - p, 1.0))
    return NotImplemented, np.where((n == 0) | (n == 1), slope, 0.0), NotImplemented


@partials("scipy.stats.bernoulli.pmf")
def bernoulli_pmf(y, k, p, loc):
    n = k - loc
    return NotImplemented, np.where(n == 1, 1.0, np.where(n == 0, -1.0, 0.0)), NotImplemented


@partials("scipy.stats.binom.logpmf")
def binom_logpmf(y, k, n, p, loc):
    hits = k - loc
    misses = n - hits
    slope = hits / np.where(hits == 0, 1.0, p) - misses / np.where(misses == 0, 1.0, 1.0 - p)
    return NotImplemented, NotImplemented, np.where((hits < 0) | (misses < 0), 0.0, slope), NotImplemented


@partials("scipy.stats.binom.pmf")
def binom_pmf(y, k, n, p, loc):
    slope = stats.binom.pmf(k - 1, n - 1, p, loc) - stats.binom.pmf(k, n - 1, p, loc)
    return NotImplemented, NotImplemented, n * slope, NotImplemented


# --------------------------------------------------------------------- geom


@partials("scipy.stats.geom.logpmf")
def geom_logpmf(y, k, p, loc):
    misses = k - loc - 1
    slope = 1.0 / p - misses / np.where(misses == 0, 1.0, 1.0 - p)
    return NotImplemented, np.where(misses < 0, 0.0, slope), NotImplemented


@partials("scipy.stats.geom.pmf")
def geom_pmf(y, k, p, loc):
    misses = np.maximum(k - loc - 1, 0)
    slope = (1.0 - p) ** misses - misses * p * (1.0 - p) ** np.maximum(misses - 1, 0)
    return NotImplemented, np.where(k - loc < 1, 0.0, slope), NotImplemented


for name, shapes, functions in (
    ("poisson", "mu", "pmf logpmf cdf logcdf sf logsf"),
    ("bernoulli", "p", "pmf logpmf"),
    ("binom", "n p", "pmf logpmf"),
    ("geom", "p", "pmf logpmf"),
):
    for function in functions.split():
        path = f"scipy.stats.{name}.{function}"
        kind(path)(density_kind)
        parameters(path, k=..., **dict.fromkeys(shapes.split(), ...), loc=0)
