# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: quantiles, `ppf` and `isf`: inverses of distribution functions.

Where `cdf(y, shape, loc, scale) = q`, y moves with loc, with scale by how many of them it is away, and with q
by one over the density at y: this is written with y, which is there, or with q where that loses less.
"""

import math

import numpy as np

from adtrans.rules.optional import stats
from adtrans.rules.registry import kind, parameters, partials
from adtrans.rules.stats_location import density_kind


@partials("scipy.stats.norm.ppf")
def norm_ppf(y, q, loc, scale):
    z = (y - loc) / scale
    return math.sqrt(2.0 * math.pi) * np.exp(0.5 * z * z) * scale, 1.0, z


@partials("scipy.stats.norm.isf")
def norm_isf(y, q, loc, scale):
    z = (y - loc) / scale
    return -math.sqrt(2.0 * math.pi) * np.exp(0.5 * z * z) * scale, 1.0, z


@partials("scipy.stats.expon.ppf")
def expon_ppf(y, q, loc, scale):
    return scale / (1.0 - q), 1.0, (y - loc) / scale


@partials("scipy.stats.expon.isf")
def expon_isf(y, q, loc, scale):
    return -scale / q, 1.0, (y - loc) / scale


@partials("scipy.stats.laplace.ppf")
def laplace_ppf(y, q, loc, scale):
    return scale / np.minimum(q, 1.0 - q), 1.0, (y - loc) / scale


@partials("scipy.stats.laplace.isf")
def laplace_isf(y, q, loc, scale):
    return -scale / np.minimum(q, 1.0 - q), 1.0, (y - loc) / scale


@partials("scipy.stats.logistic.ppf")
def logistic_ppf(y, q, loc, scale):
    return scale / (q * (1.0 - q)), 1.0, (y - loc) / scale


@partials("scipy.stats.logistic.isf")
def logistic_isf(y, q, loc, scale):
    return -scale / (q * (1.0 - q)), 1.0, (y - loc) / scale


@partials("scipy.stats.cauchy.ppf")
def cauchy_ppf(y, q, loc, scale):
    z = (y - loc) / scale
    return math.pi * (1.0 + z * z) * scale, 1.0, z


@partials("scipy.stats.cauchy.isf")
def cauchy_isf(y, q, loc, scale):
    z = (y - loc) / scale
    return -math.pi * (1.0 + z * z) * scale, 1.0, z


@partials("scipy.stats.uniform.ppf")
def uniform_ppf(y, q, loc, scale):
    return scale, 1.0, (y - loc) / scale


@partials("scipy.stats.uniform.isf")
def uniform_isf(y, q, loc, scale):
    return -scale, 1.0, (y - loc) / scale


@partials("scipy.stats.weibull_min.ppf")
def weibull_min_ppf(y, q, c, loc, scale):
    z = (y - loc) / scale
    return scale * z ** (1.0 - c) / (c * (1.0 - q)), -scale * z * np.log(z) / c, 1.0, z


@partials("scipy.stats.weibull_min.isf")
def weibull_min_isf(y, q, c, loc, scale):
    z = (y - loc) / scale
    return -scale * z ** (1.0 - c) / (c * q), -scale * z * np.log(z) / c, 1.0, z


@partials("scipy.stats.lognorm.ppf")
def lognorm_ppf(y, q, s, loc, scale):
    z = (y - loc) / scale
    u = np.log(z) / s
    return math.sqrt(2.0 * math.pi) * np.exp(0.5 * u * u) * s * z * scale, scale * z * u, 1.0, z


@partials("scipy.stats.lognorm.isf")
def lognorm_isf(y, q, s, loc, scale):
    z = (y - loc) / scale
    u = np.log(z) / s
    return -math.sqrt(2.0 * math.pi) * np.exp(0.5 * u * u) * s * z * scale, scale * z * u, 1.0, z


# --------------------------------------------- by the density, not by the shape


@partials("scipy.stats.gamma.ppf")
def gamma_ppf(y, q, a, loc, scale):
    return 1.0 / stats.gamma.pdf(y, a, loc, scale), NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.gamma.isf")
def gamma_isf(y, q, a, loc, scale):
    return -1.0 / stats.gamma.pdf(y, a, loc, scale), NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.chi2.ppf")
def chi2_ppf(y, q, df, loc, scale):
    return 1.0 / stats.chi2.pdf(y, df, loc, scale), NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.chi2.isf")
def chi2_isf(y, q, df, loc, scale):
    return -1.0 / stats.chi2.pdf(y, df, loc, scale), NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.t.ppf")
def t_ppf(y, q, df, loc, scale):
    return 1.0 / stats.t.pdf(y, df, loc, scale), NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.t.isf")
def t_isf(y, q, df, loc, scale):
    return -1.0 / stats.t.pdf(y, df, loc, scale), NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.beta.ppf")
def beta_ppf(y, q, a, b, loc, scale):
    density = stats.beta.pdf(y, a, b, loc, scale)
    return 1.0 / density, NotImplemented, NotImplemented, 1.0, (y - loc) / scale


@partials("scipy.stats.beta.isf")
def beta_isf(y, q, a, b, loc, scale):
    density = stats.beta.pdf(y, a, b, loc, scale)
    return -1.0 / density, NotImplemented, NotImplemented, 1.0, (y - loc) / scale


SHAPES = {
    **dict.fromkeys(("norm", "expon", "laplace", "logistic", "cauchy", "uniform"), ""),
    "gamma": "a",
    "chi2": "df",
    "beta": "a b",
    "t": "df",
    "weibull_min": "c",
    "lognorm": "s",
}

for name, shapes in SHAPES.items():
    for function in ("ppf", "isf"):
        path = f"scipy.stats.{name}.{function}"
        kind(path)(density_kind)
        parameters(path, q=..., **dict.fromkeys(shapes.split(), ...), loc=0, scale=1)
