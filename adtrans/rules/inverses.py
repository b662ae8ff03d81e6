# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: inverses, powers, and angles in degrees."""

import math

import numpy as np

from adtrans.rules.optional import special
from adtrans.rules.registry import kind, partials
from adtrans.rules.special import exprel_slope, special_kind

# ------------------------------------------- inverses of distribution functions


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


@partials("scipy.special.betainccinv")
def betainccinv(x, a, b, y):
    slope = -np.exp(special.betaln(a, b) - (a - 1.0) * np.log(x) - (b - 1.0) * np.log1p(-x))
    return NotImplemented, NotImplemented, slope


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
    log_x = np.log(x)
    return x ** (1.0 - lmbda), -(x ** (1.0 - lmbda)) * log_x**2 * exprel_slope(lmbda * log_x)


@partials("scipy.special.inv_boxcox1p")
def inv_boxcox1p(x, y, lmbda):
    log_x = np.log1p(x)
    power = (1.0 + x) ** (1.0 - lmbda)
    return power, -power * log_x**2 * exprel_slope(lmbda * log_x)


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


@partials("scipy.special.cotdg")
def cotdg(y, x):
    return -math.pi / 180.0 * (1.0 + y * y)


@partials("scipy.special.radian")
def radian(y, d, m, s):
    return math.pi / 180.0, math.pi / 10800.0, math.pi / 648000.0


NAMES = (
    *("gammaincinv", "gammainccinv", "betaincinv", "betainccinv", "ndtri_exp", "owens_t"),
    *("inv_boxcox", "inv_boxcox1p", "powm1", "wrightomega", "sindg", "cosdg", "tandg", "cotdg", "radian"),
)
kind(*(f"scipy.special.{name}" for name in NAMES))(special_kind)
