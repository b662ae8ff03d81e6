# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: distributions that have no parameter but loc and scale.

Partial derivatives with respect to x, loc and scale. In the tails they are computed without the
probability that vanishes there; outside of the support they are zero.
"""

import math

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import broadcast
from adtrans.rules.optional import special
from adtrans.rules.registry import Arg, kind, parameters, partials

# --------------------------------------------------------------------- norm


@partials("scipy.stats.norm.logpdf")
def norm_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    return -z / scale, z / scale, (z * z - 1.0) / scale


@partials("scipy.stats.norm.pdf")
def norm_pdf(y, x, loc, scale):
    z = (x - loc) / scale
    return -y * z / scale, y * z / scale, y * (z * z - 1.0) / scale


@partials("scipy.stats.norm.cdf")
def norm_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.exp(-0.5 * z * z) / (math.sqrt(2.0 * math.pi) * scale)
    return density, -density, -density * z


@partials("scipy.stats.norm.sf")
def norm_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.exp(-0.5 * z * z) / (math.sqrt(2.0 * math.pi) * scale)
    return -density, density, density * z


@partials("scipy.stats.norm.logcdf")
def norm_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = math.sqrt(2.0 / math.pi) / (special.erfcx(-z / math.sqrt(2.0)) * scale)
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.norm.logsf")
def norm_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = math.sqrt(2.0 / math.pi) / (special.erfcx(z / math.sqrt(2.0)) * scale)
    return -ratio, ratio, ratio * z


# -------------------------------------------------------------------- expon


@partials("scipy.stats.expon.logpdf")
def expon_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    inside = np.where(z < 0.0, 0.0, 1.0 / scale)
    return -inside, inside, inside * (z - 1.0)


@partials("scipy.stats.expon.pdf")
def expon_pdf(y, x, loc, scale):
    return -y / scale, y / scale, y * ((x - loc) / scale - 1.0) / scale


@partials("scipy.stats.expon.cdf")
def expon_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.where(z < 0.0, 0.0, np.exp(-z) / scale)
    return density, -density, -density * z


@partials("scipy.stats.expon.sf")
def expon_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.where(z < 0.0, 0.0, y / scale)
    return -density, density, density * z


@partials("scipy.stats.expon.logcdf")
def expon_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = np.where(z < 0.0, 0.0, 1.0 / (np.expm1(np.where(z < 0.0, 1.0, z)) * scale))
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.expon.logsf")
def expon_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    inside = np.where(z < 0.0, 0.0, 1.0 / scale)
    return -inside, inside, inside * z


# ------------------------------------------------------------------ laplace


@partials("scipy.stats.laplace.logpdf")
def laplace_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    return -np.sign(z) / scale, np.sign(z) / scale, (np.abs(z) - 1.0) / scale


@partials("scipy.stats.laplace.pdf")
def laplace_pdf(y, x, loc, scale):
    z = (x - loc) / scale
    return -y * np.sign(z) / scale, y * np.sign(z) / scale, y * (np.abs(z) - 1.0) / scale


@partials("scipy.stats.laplace.cdf")
def laplace_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = 0.5 * np.exp(-np.abs(z)) / scale
    return density, -density, -density * z


@partials("scipy.stats.laplace.sf")
def laplace_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = 0.5 * np.exp(-np.abs(z)) / scale
    return -density, density, density * z


@partials("scipy.stats.laplace.logcdf")
def laplace_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    tail = np.exp(-np.maximum(z, 0.0))
    ratio = tail / ((2.0 - tail) * scale)
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.laplace.logsf")
def laplace_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    tail = np.exp(np.minimum(z, 0.0))
    ratio = tail / ((2.0 - tail) * scale)
    return -ratio, ratio, ratio * z


# ----------------------------------------------------------------- logistic


@partials("scipy.stats.logistic.logpdf")
def logistic_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    slope = np.tanh(0.5 * z) / scale
    return -slope, slope, slope * z - 1.0 / scale


@partials("scipy.stats.logistic.pdf")
def logistic_pdf(y, x, loc, scale):
    z = (x - loc) / scale
    slope = y * np.tanh(0.5 * z) / scale
    return -slope, slope, slope * z - y / scale


@partials("scipy.stats.logistic.cdf")
def logistic_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = y * special.expit(-z) / scale
    return density, -density, -density * z


@partials("scipy.stats.logistic.sf")
def logistic_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = y * special.expit(z) / scale
    return -density, density, density * z


@partials("scipy.stats.logistic.logcdf")
def logistic_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = special.expit(-z) / scale
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.logistic.logsf")
def logistic_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = special.expit(z) / scale
    return -ratio, ratio, ratio * z


# ------------------------------------------------------------------- cauchy


@partials("scipy.stats.cauchy.logpdf")
def cauchy_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    slope = 2.0 * z / ((1.0 + z * z) * scale)
    return -slope, slope, slope * z - 1.0 / scale


@partials("scipy.stats.cauchy.pdf")
def cauchy_pdf(y, x, loc, scale):
    z = (x - loc) / scale
    slope = 2.0 * y * z / ((1.0 + z * z) * scale)
    return -slope, slope, slope * z - y / scale


@partials("scipy.stats.cauchy.cdf")
def cauchy_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = 1.0 / (math.pi * (1.0 + z * z) * scale)
    return density, -density, -density * z


@partials("scipy.stats.cauchy.sf")
def cauchy_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = 1.0 / (math.pi * (1.0 + z * z) * scale)
    return -density, density, density * z


@partials("scipy.stats.cauchy.logcdf")
def cauchy_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = 1.0 / ((1.0 + z * z) * np.arctan2(1.0, -z) * scale)
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.cauchy.logsf")
def cauchy_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = 1.0 / ((1.0 + z * z) * np.arctan2(1.0, z) * scale)
    return -ratio, ratio, ratio * z


# ------------------------------------------------------------------ uniform


@partials("scipy.stats.uniform.logpdf")
def uniform_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    return 0.0, 0.0, np.where((z < 0.0) | (z > 1.0), 0.0, -1.0 / scale)


@partials("scipy.stats.uniform.pdf")
def uniform_pdf(y, x, loc, scale):
    return 0.0, 0.0, -y / scale


@partials("scipy.stats.uniform.cdf")
def uniform_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.where((z < 0.0) | (z > 1.0), 0.0, 1.0 / scale)
    return density, -density, -density * z


@partials("scipy.stats.uniform.sf")
def uniform_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.where((z < 0.0) | (z > 1.0), 0.0, 1.0 / scale)
    return -density, density, density * z


@partials("scipy.stats.uniform.logcdf")
def uniform_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    outside = (z < 0.0) | (z > 1.0)
    ratio = np.where(outside, 0.0, 1.0 / (np.where(outside, 1.0, z) * scale))
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.uniform.logsf")
def uniform_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    outside = (z < 0.0) | (z > 1.0)
    ratio = np.where(outside, 0.0, 1.0 / ((1.0 - np.where(outside, 0.0, z)) * scale))
    return -ratio, ratio, ratio * z


# -------------------------------------------------------------------- kinds


def density_kind(*args: Arg, **named: Arg) -> Kind:
    """scipy.stats computes in double precision, whatever it is given."""
    found = broadcast(*args, *named.values())
    return Array("f8", found.shape) if isinstance(found, Array) else found


FUNCTIONS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")

for name in ("norm", "expon", "laplace", "logistic", "cauchy", "uniform"):
    for function in FUNCTIONS:
        path = f"scipy.stats.{name}.{function}"
        kind(path)(density_kind)
        parameters(path, x=..., loc=0, scale=1)
