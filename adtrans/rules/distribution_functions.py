# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: distribution functions under their short names (`chdtr`, `pdtr`), and their inverses.

What counts events is a whole number: SciPy rounds it down.
"""

import math

import numpy as np

from adtrans.rules.optional import special
from adtrans.rules.registry import kind, partials
from adtrans.rules.special import special_kind

# ------------------------------------------------------------------ Student


@partials("scipy.special.stdtr")
def stdtr(y, df, t):
    ratio = np.exp(special.gammaln(0.5 * df + 0.5) - special.gammaln(0.5 * df))
    return NotImplemented, ratio / np.sqrt(math.pi * df) * (1.0 + t * t / df) ** (-0.5 * df - 0.5)


@partials("scipy.special.stdtrit")
def stdtrit(t, df, p):
    ratio = np.exp(special.gammaln(0.5 * df) - special.gammaln(0.5 * df + 0.5))
    return NotImplemented, ratio * np.sqrt(math.pi * df) * (1.0 + t * t / df) ** (0.5 * df + 0.5)


# -------------------------------------------------------- chi squared, gamma


@partials("scipy.special.chdtr")
def chdtr(y, v, x):
    return NotImplemented, 0.5 * np.exp(
        special.xlogy(0.5 * v - 1.0, 0.5 * x) - 0.5 * x - special.gammaln(0.5 * v)
    )


@partials("scipy.special.chdtrc")
def chdtrc(y, v, x):
    return NotImplemented, -0.5 * np.exp(
        special.xlogy(0.5 * v - 1.0, 0.5 * x) - 0.5 * x - special.gammaln(0.5 * v)
    )


@partials("scipy.special.chdtri")
def chdtri(x, v, p):
    log_density = special.xlogy(0.5 * v - 1.0, 0.5 * x) - 0.5 * x - special.gammaln(0.5 * v)
    return NotImplemented, -2.0 * np.exp(-log_density)


@partials("scipy.special.gdtr")
def gdtr(y, a, b, x):
    density = np.exp(special.xlogy(b - 1.0, a * x) - a * x - special.gammaln(b))
    return x * density, NotImplemented, a * density


@partials("scipy.special.gdtrc")
def gdtrc(y, a, b, x):
    density = np.exp(special.xlogy(b - 1.0, a * x) - a * x - special.gammaln(b))
    return -x * density, NotImplemented, -a * density


@partials("scipy.special.gdtrix")
def gdtrix(x, a, b, p):
    log_density = special.xlogy(b - 1.0, a * x) - a * x - special.gammaln(b)
    return -x / a, NotImplemented, np.exp(-log_density) / a


# ------------------------------------------------------------------------ F


@partials("scipy.special.fdtr")
def fdtr(y, dfn, dfd, x):
    m, n = 0.5 * dfn, 0.5 * dfd
    ratio = special.xlogy(m - 1.0, m * x / n) - (m + n) * np.log1p(m * x / n) - special.betaln(m, n)
    return NotImplemented, NotImplemented, m / n * np.exp(ratio)


@partials("scipy.special.fdtrc")
def fdtrc(y, dfn, dfd, x):
    m, n = 0.5 * dfn, 0.5 * dfd
    ratio = special.xlogy(m - 1.0, m * x / n) - (m + n) * np.log1p(m * x / n) - special.betaln(m, n)
    return NotImplemented, NotImplemented, -m / n * np.exp(ratio)


@partials("scipy.special.fdtri")
def fdtri(x, dfn, dfd, p):
    m, n = 0.5 * dfn, 0.5 * dfd
    ratio = special.xlogy(m - 1.0, m * x / n) - (m + n) * np.log1p(m * x / n) - special.betaln(m, n)
    return NotImplemented, NotImplemented, n / m * np.exp(-ratio)


# ----------------------------------------------- Poisson, binomial, negative


@partials("scipy.special.pdtr")
def pdtr(y, k, m):
    k = np.floor(k)
    return NotImplemented, -np.exp(special.xlogy(k, m) - m - special.gammaln(k + 1.0))


@partials("scipy.special.pdtrc")
def pdtrc(y, k, m):
    k = np.floor(k)
    return NotImplemented, np.exp(special.xlogy(k, m) - m - special.gammaln(k + 1.0))


@partials("scipy.special.pdtri")
def pdtri(m, k, p):
    k = np.floor(k)
    return NotImplemented, -np.exp(m + special.gammaln(k + 1.0) - special.xlogy(k, m))


@partials("scipy.special.bdtr")
def bdtr(y, k, n, p):
    k, n = np.minimum(np.floor(k), np.floor(n)), np.floor(n)
    below = np.where(k < n, k, n - 1.0)
    density = special.xlogy(below, p) + special.xlog1py(n - below - 1.0, -p)
    density = np.exp(density - special.betaln(below + 1.0, n - below))
    return NotImplemented, NotImplemented, np.where(k < n, -density, 0.0)


@partials("scipy.special.bdtrc")
def bdtrc(y, k, n, p):
    k, n = np.minimum(np.floor(k), np.floor(n)), np.floor(n)
    below = np.where(k < n, k, n - 1.0)
    density = special.xlogy(below, p) + special.xlog1py(n - below - 1.0, -p)
    density = np.exp(density - special.betaln(below + 1.0, n - below))
    return NotImplemented, NotImplemented, np.where(k < n, density, 0.0)


@partials("scipy.special.nbdtr")
def nbdtr(y, k, n, p):
    k, n = np.floor(k), np.floor(n)
    density = special.xlogy(n - 1.0, p) + special.xlog1py(k, -p) - special.betaln(n, k + 1.0)
    return NotImplemented, NotImplemented, np.exp(density)


@partials("scipy.special.nbdtrc")
def nbdtrc(y, k, n, p):
    k, n = np.floor(k), np.floor(n)
    density = special.xlogy(n - 1.0, p) + special.xlog1py(k, -p) - special.betaln(n, k + 1.0)
    return NotImplemented, NotImplemented, -np.exp(density)


# ------------------------------------------------------------------- normal


@partials("scipy.special.nrdtrimn")
def nrdtrimn(mean, p, std, x):
    z = (x - mean) / std
    return -std * math.sqrt(2.0 * math.pi) * np.exp(0.5 * z * z), -z, 1.0


@partials("scipy.special.nrdtrisd")
def nrdtrisd(std, mean, p, x):
    z = (x - mean) / std
    return -1.0 / z, -std / z * math.sqrt(2.0 * math.pi) * np.exp(0.5 * z * z), 1.0 / z


NAMES = (
    *("stdtr", "stdtrit", "chdtr", "chdtrc", "chdtri", "gdtr", "gdtrc", "gdtrix", "fdtr", "fdtrc", "fdtri"),
    *("pdtr", "pdtrc", "pdtri", "bdtr", "bdtrc", "nbdtr", "nbdtrc", "nrdtrimn", "nrdtrisd"),
)
kind(*(f"scipy.special.{name}" for name in NAMES))(special_kind)
