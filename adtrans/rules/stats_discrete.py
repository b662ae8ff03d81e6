# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: discrete distributions. The counts k and loc are whole numbers: they have no derivative."""

import numpy as np

from adtrans.rules.optional import special, stats
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


@partials("scipy.stats.binom.cdf")
def binom_cdf(y, k, n, p, loc):
    return NotImplemented, NotImplemented, -n * stats.binom.pmf(np.floor(k), n - 1, p, loc), NotImplemented


@partials("scipy.stats.binom.sf")
def binom_sf(y, k, n, p, loc):
    return NotImplemented, NotImplemented, n * stats.binom.pmf(np.floor(k), n - 1, p, loc), NotImplemented


# ------------------------------------------------------------------- nbinom


@partials("scipy.stats.nbinom.logpmf")
def nbinom_logpmf(y, k, n, p, loc):
    m = np.maximum(k - loc, 0)
    inside = k - loc >= 0
    n_slope = special.digamma(n + m) - special.digamma(n) + np.log(p)
    p_slope = n / p - m / np.where(m == 0, 1.0, 1.0 - p)
    return NotImplemented, np.where(inside, n_slope, 0.0), np.where(inside, p_slope, 0.0), NotImplemented


@partials("scipy.stats.nbinom.pmf")
def nbinom_pmf(y, k, n, p, loc):
    m = np.maximum(k - loc, 0)
    n_slope = special.digamma(n + m) - special.digamma(n) + np.log(p)
    p_slope = n / p - m / np.where(m == 0, 1.0, 1.0 - p)
    return NotImplemented, y * n_slope, y * p_slope, NotImplemented


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


@partials("scipy.stats.geom.cdf")
def geom_cdf(y, k, p, loc):
    trials = np.maximum(np.floor(k) - loc, 0.0)
    return NotImplemented, trials * (1.0 - p) ** np.maximum(trials - 1.0, 0.0), NotImplemented


@partials("scipy.stats.geom.sf")
def geom_sf(y, k, p, loc):
    trials = np.maximum(np.floor(k) - loc, 0.0)
    return NotImplemented, -trials * (1.0 - p) ** np.maximum(trials - 1.0, 0.0), NotImplemented


for name, shapes, functions in (
    ("poisson", "mu", "pmf logpmf cdf logcdf sf logsf"),
    ("bernoulli", "p", "pmf logpmf"),
    ("binom", "n p", "pmf logpmf cdf sf"),
    ("nbinom", "n p", "pmf logpmf"),
    ("geom", "p", "pmf logpmf cdf sf"),
):
    for function in functions.split():
        path = f"scipy.stats.{name}.{function}"
        kind(path)(density_kind)
        parameters(path, k=..., **dict.fromkeys(shapes.split(), ...), loc=0)
