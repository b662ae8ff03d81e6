# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: extreme values and amplitudes: gumbel_r, gumbel_l, rayleigh, halfnorm.

Partial derivatives with respect to x, loc and scale; outside of the support they are zero.
"""

import math

import numpy as np

from adtrans.rules.optional import special
from adtrans.rules.registry import kind, parameters, partials
from adtrans.rules.stats_location import FUNCTIONS, density_kind

# ------------------------------------------------------------------ gumbel_r


@partials("scipy.stats.gumbel_r.logpdf")
def gumbel_r_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    e = np.exp(-z)
    slope = (e - 1.0) / scale
    return slope, -slope, -slope * z - 1.0 / scale


@partials("scipy.stats.gumbel_r.pdf")
def gumbel_r_pdf(y, x, loc, scale):
    z = (x - loc) / scale
    e = np.exp(-z)
    slope = y * (e - 1.0) / scale
    return slope, -slope, -slope * z - y / scale


@partials("scipy.stats.gumbel_r.cdf")
def gumbel_r_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.exp(-z - np.exp(-z)) / scale
    return density, -density, -density * z


@partials("scipy.stats.gumbel_r.sf")
def gumbel_r_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.exp(-z - np.exp(-z)) / scale
    return -density, density, density * z


@partials("scipy.stats.gumbel_r.logcdf")
def gumbel_r_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = np.exp(-z) / scale
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.gumbel_r.logsf")
def gumbel_r_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = 1.0 / (special.exprel(np.exp(-z)) * scale)
    return -ratio, ratio, ratio * z


# ------------------------------------------------------------------ gumbel_l


@partials("scipy.stats.gumbel_l.logpdf")
def gumbel_l_logpdf(y, x, loc, scale):
    z = (x - loc) / scale
    e = np.exp(z)
    slope = (1.0 - e) / scale
    return slope, -slope, -slope * z - 1.0 / scale


@partials("scipy.stats.gumbel_l.pdf")
def gumbel_l_pdf(y, x, loc, scale):
    z = (x - loc) / scale
    e = np.exp(z)
    slope = y * (1.0 - e) / scale
    return slope, -slope, -slope * z - y / scale


@partials("scipy.stats.gumbel_l.cdf")
def gumbel_l_cdf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.exp(z - np.exp(z)) / scale
    return density, -density, -density * z


@partials("scipy.stats.gumbel_l.sf")
def gumbel_l_sf(y, x, loc, scale):
    z = (x - loc) / scale
    density = np.exp(z - np.exp(z)) / scale
    return -density, density, density * z


@partials("scipy.stats.gumbel_l.logcdf")
def gumbel_l_logcdf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = 1.0 / (special.exprel(np.exp(z)) * scale)
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.gumbel_l.logsf")
def gumbel_l_logsf(y, x, loc, scale):
    z = (x - loc) / scale
    ratio = np.exp(z) / scale
    return -ratio, ratio, ratio * z


# ------------------------------------------------------------------ rayleigh


@partials("scipy.stats.rayleigh.logpdf")
def rayleigh_logpdf(y, x, loc, scale):
    inside = np.where(x > loc, 1.0, 0.0)
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    slope = inside * (1.0 / z - z) / scale
    return slope, -slope, -slope * z - inside / scale


@partials("scipy.stats.rayleigh.pdf")
def rayleigh_pdf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    slope = inside * (1.0 - z * z) * np.exp(-0.5 * z * z) / scale**2
    return slope, -slope, -slope * z - y / scale


@partials("scipy.stats.rayleigh.cdf")
def rayleigh_cdf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    density = z * np.exp(-0.5 * z * z) / scale
    return density, -density, -density * z


@partials("scipy.stats.rayleigh.sf")
def rayleigh_sf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    density = z * np.exp(-0.5 * z * z) / scale
    return -density, density, density * z


@partials("scipy.stats.rayleigh.logcdf")
def rayleigh_logcdf(y, x, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    ratio = np.where(x > loc, z / (np.expm1(0.5 * z * z) * scale), 0.0)
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.rayleigh.logsf")
def rayleigh_logsf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    ratio = z / scale
    return -ratio, ratio, ratio * z


# ------------------------------------------------------------------ halfnorm


@partials("scipy.stats.halfnorm.logpdf")
def halfnorm_logpdf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    slope = -z / scale
    return slope, -slope, -slope * z - inside / scale


@partials("scipy.stats.halfnorm.pdf")
def halfnorm_pdf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    slope = -y * z / scale
    return slope, -slope, -slope * z - y / scale


@partials("scipy.stats.halfnorm.cdf")
def halfnorm_cdf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    density = inside * math.sqrt(2.0 / math.pi) * np.exp(-0.5 * z * z) / scale
    return density, -density, -density * z


@partials("scipy.stats.halfnorm.sf")
def halfnorm_sf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    density = inside * math.sqrt(2.0 / math.pi) * np.exp(-0.5 * z * z) / scale
    return -density, density, density * z


@partials("scipy.stats.halfnorm.logcdf")
def halfnorm_logcdf(y, x, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    ratio = math.sqrt(2.0 / math.pi) * np.exp(-0.5 * z * z) / (special.erf(z / math.sqrt(2.0)) * scale)
    ratio = np.where(x > loc, ratio, 0.0)
    return ratio, -ratio, -ratio * z


@partials("scipy.stats.halfnorm.logsf")
def halfnorm_logsf(y, x, loc, scale):
    inside = np.where(x >= loc, 1.0, 0.0)
    z = inside * (x - loc) / scale
    ratio = inside * math.sqrt(2.0 / math.pi) / (special.erfcx(z / math.sqrt(2.0)) * scale)
    return -ratio, ratio, ratio * z


for name in ("gumbel_r", "gumbel_l", "rayleigh", "halfnorm"):
    for function in FUNCTIONS:
        path = f"scipy.stats.{name}.{function}"
        kind(path)(density_kind)
        parameters(path, x=..., loc=0, scale=1)
