# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: distribution functions under their short names, inverses, and angles in degrees."""

import math

import numpy as np

from adtrans.rules.optional import special
from adtrans.rules.registry import kind, partials
from adtrans.rules.special import special_kind

# ------------------------------------ distribution functions and their inverses


@partials("scipy.special.gammaincinv")
def gammaincinv(x, a, y):
    return NotImplemented, np.exp(special.gammaln(a) + x - (a - 1.0) * np.log(x))


@partials("scipy.special.gammainccinv")
def gammainccinv(x, a, y):
    return NotImplemented, -np.exp(special.gammaln(a) + x - (a - 1.0) * np.log(x))


@partials("scipy.special.betaincinv")
def betaincinv(x, a, b, y):
    slope = np.exp(special.betaln(a, b) - (a - 1.0) * np.log(x) - (b - 1.0) * np.log1p(-x))
    return NotImplemented, NotImplemented, slope


@partials("scipy.special.stdtr")
def stdtr(y, df, t):
    ratio = np.exp(special.gammaln(0.5 * df + 0.5) - special.gammaln(0.5 * df))
    return NotImplemented, ratio / np.sqrt(math.pi * df) * (1.0 + t * t / df) ** (-0.5 * df - 0.5)


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


@partials("scipy.special.ndtri_exp")
def ndtri_exp(y, x):
    return math.sqrt(2.0 * math.pi) * np.exp(x + 0.5 * y * y)


@partials("scipy.special.owens_t")
def owens_t(y, h, a):
    along_h = -np.exp(-0.5 * h * h) / math.sqrt(8.0 * math.pi) * special.erf(a * h / math.sqrt(2.0))
    return along_h, np.exp(-0.5 * h * h * (1.0 + a * a)) / (2.0 * math.pi * (1.0 + a * a))


# ------------------------------------------------------------- powers, degrees


@partials("scipy.special.inv_boxcox")
def inv_boxcox(x, y, lmbda):
    return x ** (1.0 - lmbda), NotImplemented


@partials("scipy.special.inv_boxcox1p")
def inv_boxcox1p(x, y, lmbda):
    return (1.0 + x) ** (1.0 - lmbda), NotImplemented


@partials("scipy.special.powm1")
def powm1(r, x, y):
    return y * x ** (y - 1.0), (r + 1.0) * np.log(x)


@partials("scipy.special.wrightomega")
def wrightomega(y, x):
    return y / (1.0 + y)


@partials("scipy.special.sindg")
def sindg(y, x):
    return math.pi / 180.0 * special.cosdg(x)


@partials("scipy.special.cosdg")
def cosdg(y, x):
    return -math.pi / 180.0 * special.sindg(x)


@partials("scipy.special.tandg")
def tandg(y, x):
    return math.pi / 180.0 * (1.0 + y * y)


NAMES = (
    *("gammaincinv", "gammainccinv", "betaincinv", "stdtr", "chdtr", "chdtrc", "ndtri_exp", "owens_t"),
    *("inv_boxcox", "inv_boxcox1p", "powm1", "wrightomega", "sindg", "cosdg", "tandg"),
)
kind(*(f"scipy.special.{name}" for name in NAMES))(special_kind)
