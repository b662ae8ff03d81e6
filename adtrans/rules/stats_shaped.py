# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: distributions with parameters of their shape, beside loc and scale.

Of the incomplete gamma and beta functions the derivatives with respect to a shape are not known: there
stands `NotImplemented`, and where they are wanted the program is refused.
"""

import math

import numpy as np

from adtrans.rules.optional import special, stats
from adtrans.rules.registry import kind, parameters, partials
from adtrans.rules.stats_location import FUNCTIONS, density_kind

# -------------------------------------------------------------------- gamma


@partials("scipy.stats.gamma.logpdf")
def gamma_logpdf(y, x, a, loc, scale):
    z = (x - loc) / scale
    inside = np.where(z < 0.0, 0.0, 1.0)
    slope = inside * ((a - 1.0) / np.where((a == 1.0) | (z < 0.0), 1.0, z) - 1.0) / scale
    return (
        slope,
        inside * (np.log(np.where(z < 0.0, 1.0, z)) - special.digamma(a)),
        -slope,
        -slope * z - inside / scale,
    )


@partials("scipy.stats.gamma.pdf")
def gamma_pdf(y, x, a, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    slope = np.where(x > loc, y * ((a - 1.0) / z - 1.0) / scale, 0.0)
    return slope, y * (np.log(z) - special.digamma(a)), -slope, -slope * z - y / scale


@partials("scipy.stats.gamma.cdf")
def gamma_cdf(y, x, a, loc, scale):
    density = stats.gamma.pdf(x, a, loc, scale)
    return density, NotImplemented, -density, -density * (x - loc) / scale


@partials("scipy.stats.gamma.sf")
def gamma_sf(y, x, a, loc, scale):
    density = stats.gamma.pdf(x, a, loc, scale)
    return -density, NotImplemented, density, density * (x - loc) / scale


@partials("scipy.stats.gamma.logcdf")
def gamma_logcdf(y, x, a, loc, scale):
    ratio = np.where(x > loc, np.exp(stats.gamma.logpdf(x, a, loc, scale) - np.where(x > loc, y, 0.0)), 0.0)
    return ratio, NotImplemented, -ratio, -ratio * (x - loc) / scale


@partials("scipy.stats.gamma.logsf")
def gamma_logsf(y, x, a, loc, scale):
    ratio = np.exp(stats.gamma.logpdf(x, a, loc, scale) - y)
    return -ratio, NotImplemented, ratio, ratio * (x - loc) / scale


# --------------------------------------------------------------------- chi2


@partials("scipy.stats.chi2.logpdf")
def chi2_logpdf(y, x, df, loc, scale):
    z = (x - loc) / scale
    inside = np.where(z < 0.0, 0.0, 1.0)
    slope = inside * ((0.5 * df - 1.0) / np.where((df == 2.0) | (z < 0.0), 1.0, z) - 0.5) / scale
    df_slope = 0.5 * inside * (np.log(0.5 * np.where(z < 0.0, 1.0, z)) - special.digamma(0.5 * df))
    return slope, df_slope, -slope, -slope * z - inside / scale


@partials("scipy.stats.chi2.pdf")
def chi2_pdf(y, x, df, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    slope = np.where(x > loc, y * ((0.5 * df - 1.0) / z - 0.5) / scale, 0.0)
    return slope, 0.5 * y * (np.log(0.5 * z) - special.digamma(0.5 * df)), -slope, -slope * z - y / scale


@partials("scipy.stats.chi2.cdf")
def chi2_cdf(y, x, df, loc, scale):
    density = stats.chi2.pdf(x, df, loc, scale)
    return density, NotImplemented, -density, -density * (x - loc) / scale


@partials("scipy.stats.chi2.sf")
def chi2_sf(y, x, df, loc, scale):
    density = stats.chi2.pdf(x, df, loc, scale)
    return -density, NotImplemented, density, density * (x - loc) / scale


@partials("scipy.stats.chi2.logcdf")
def chi2_logcdf(y, x, df, loc, scale):
    ratio = np.where(x > loc, np.exp(stats.chi2.logpdf(x, df, loc, scale) - np.where(x > loc, y, 0.0)), 0.0)
    return ratio, NotImplemented, -ratio, -ratio * (x - loc) / scale


@partials("scipy.stats.chi2.logsf")
def chi2_logsf(y, x, df, loc, scale):
    ratio = np.exp(stats.chi2.logpdf(x, df, loc, scale) - y)
    return -ratio, NotImplemented, ratio, ratio * (x - loc) / scale


# --------------------------------------------------------------------- beta


@partials("scipy.stats.beta.logpdf")
def beta_logpdf(y, x, a, b, loc, scale):
    z = (x - loc) / scale
    outside = (z < 0.0) | (z > 1.0)
    left = (a - 1.0) / np.where((a == 1.0) | outside, 1.0, z)
    right = (b - 1.0) / np.where((b == 1.0) | outside, 1.0, 1.0 - z)
    slope = np.where(outside, 0.0, (left - right) / scale)
    safe, total = np.where(outside, 0.5, z), special.digamma(a + b)
    a_slope = np.where(outside, 0.0, np.log(safe) + total - special.digamma(a))
    b_slope = np.where(outside, 0.0, np.log1p(-safe) + total - special.digamma(b))
    return slope, a_slope, b_slope, -slope, -slope * z - np.where(outside, 0.0, 1.0 / scale)


@partials("scipy.stats.beta.pdf")
def beta_pdf(y, x, a, b, loc, scale):
    z = (x - loc) / scale
    safe, total = np.where((z <= 0.0) | (z >= 1.0), 0.5, z), special.digamma(a + b)
    slope = np.where(z == safe, y * ((a - 1.0) / safe - (b - 1.0) / (1.0 - safe)) / scale, 0.0)
    a_slope = y * (np.log(safe) + total - special.digamma(a))
    b_slope = y * (np.log1p(-safe) + total - special.digamma(b))
    return slope, a_slope, b_slope, -slope, -slope * z - y / scale


@partials("scipy.stats.beta.cdf")
def beta_cdf(y, x, a, b, loc, scale):
    density = stats.beta.pdf(x, a, b, loc, scale)
    return density, NotImplemented, NotImplemented, -density, -density * (x - loc) / scale


@partials("scipy.stats.beta.sf")
def beta_sf(y, x, a, b, loc, scale):
    density = stats.beta.pdf(x, a, b, loc, scale)
    return -density, NotImplemented, NotImplemented, density, density * (x - loc) / scale


@partials("scipy.stats.beta.logcdf")
def beta_logcdf(y, x, a, b, loc, scale):
    inside = x > loc
    ratio = np.where(inside, np.exp(stats.beta.logpdf(x, a, b, loc, scale) - np.where(inside, y, 0.0)), 0.0)
    return ratio, NotImplemented, NotImplemented, -ratio, -ratio * (x - loc) / scale


@partials("scipy.stats.beta.logsf")
def beta_logsf(y, x, a, b, loc, scale):
    inside = x < loc + scale
    ratio = np.where(inside, np.exp(stats.beta.logpdf(x, a, b, loc, scale) - np.where(inside, y, 0.0)), 0.0)
    return -ratio, NotImplemented, NotImplemented, ratio, ratio * (x - loc) / scale


# ------------------------------------------------------------------------ t


@partials("scipy.stats.t.logpdf")
def t_logpdf(y, x, df, loc, scale):
    z = (x - loc) / scale
    part = z * z / (df + z * z)
    slope = -(df + 1.0) * z / ((df + z * z) * scale)
    df_slope = 0.5 * (
        special.digamma(0.5 * df + 0.5)
        - special.digamma(0.5 * df)
        - np.log1p(z * z / df)
        + ((df + 1.0) * part - 1.0) / df
    )
    return slope, df_slope, -slope, -slope * z - 1.0 / scale


@partials("scipy.stats.t.pdf")
def t_pdf(y, x, df, loc, scale):
    z = (x - loc) / scale
    part = z * z / (df + z * z)
    slope = -y * (df + 1.0) * z / ((df + z * z) * scale)
    df_slope = (
        0.5
        * y
        * (
            special.digamma(0.5 * df + 0.5)
            - special.digamma(0.5 * df)
            - np.log1p(z * z / df)
            + ((df + 1.0) * part - 1.0) / df
        )
    )
    return slope, df_slope, -slope, -slope * z - y / scale


@partials("scipy.stats.t.cdf")
def t_cdf(y, x, df, loc, scale):
    density = stats.t.pdf(x, df, loc, scale)
    return density, NotImplemented, -density, -density * (x - loc) / scale


@partials("scipy.stats.t.sf")
def t_sf(y, x, df, loc, scale):
    density = stats.t.pdf(x, df, loc, scale)
    return -density, NotImplemented, density, density * (x - loc) / scale


@partials("scipy.stats.t.logcdf")
def t_logcdf(y, x, df, loc, scale):
    ratio = np.exp(stats.t.logpdf(x, df, loc, scale) - y)
    return ratio, NotImplemented, -ratio, -ratio * (x - loc) / scale


@partials("scipy.stats.t.logsf")
def t_logsf(y, x, df, loc, scale):
    ratio = np.exp(stats.t.logpdf(x, df, loc, scale) - y)
    return -ratio, NotImplemented, ratio, ratio * (x - loc) / scale


# -------------------------------------------------------------- weibull_min


@partials("scipy.stats.weibull_min.logpdf")
def weibull_min_logpdf(y, x, c, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    inside = np.where(x > loc, 1.0, 0.0)
    power = z**c
    slope = inside * (c - 1.0 - c * power) / (z * scale)
    return slope, inside * (1.0 / c + (1.0 - power) * np.log(z)), -slope, -slope * z - inside / scale


@partials("scipy.stats.weibull_min.pdf")
def weibull_min_pdf(y, x, c, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    inside = np.where(x > loc, y, 0.0)
    power = z**c
    slope = inside * (c - 1.0 - c * power) / (z * scale)
    return slope, inside * (1.0 / c + (1.0 - power) * np.log(z)), -slope, -slope * z - inside / scale


@partials("scipy.stats.weibull_min.cdf")
def weibull_min_cdf(y, x, c, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    moved = np.where(x > loc, z**c * np.exp(-(z**c)), 0.0)
    density = c * moved / (z * scale)
    return density, moved * np.log(z), -density, -density * z


@partials("scipy.stats.weibull_min.sf")
def weibull_min_sf(y, x, c, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    moved = np.where(x > loc, z**c * y, 0.0)
    density = c * moved / (z * scale)
    return -density, -moved * np.log(z), density, density * z


@partials("scipy.stats.weibull_min.logcdf")
def weibull_min_logcdf(y, x, c, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    moved = np.where(x > loc, 1.0 / special.exprel(z**c), 0.0)
    ratio = c * moved / (z * scale)
    return ratio, moved * np.log(z), -ratio, -ratio * z


@partials("scipy.stats.weibull_min.logsf")
def weibull_min_logsf(y, x, c, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    moved = np.where(x > loc, z**c, 0.0)
    ratio = c * moved / (z * scale)
    return -ratio, -moved * np.log(z), ratio, ratio * z


# ------------------------------------------------------------------ lognorm


@partials("scipy.stats.lognorm.logpdf")
def lognorm_logpdf(y, x, s, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    inside, u = np.where(x > loc, 1.0, 0.0), np.log(z) / s
    slope = -inside * (1.0 + u / s) / (z * scale)
    return slope, inside * (u * u - 1.0) / s, -slope, inside * u / (s * scale)


@partials("scipy.stats.lognorm.pdf")
def lognorm_pdf(y, x, s, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    slope = -y * (1.0 + u / s) / (z * scale)
    return slope, y * (u * u - 1.0) / s, -slope, y * u / (s * scale)


@partials("scipy.stats.lognorm.cdf")
def lognorm_cdf(y, x, s, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    density = np.where(x > loc, np.exp(-0.5 * u * u) / (math.sqrt(2.0 * math.pi) * s), 0.0)
    return density / (z * scale), -density * u, -density / (z * scale), -density / scale


@partials("scipy.stats.lognorm.sf")
def lognorm_sf(y, x, s, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    density = np.where(x > loc, np.exp(-0.5 * u * u) / (math.sqrt(2.0 * math.pi) * s), 0.0)
    return -density / (z * scale), density * u, density / (z * scale), density / scale


@partials("scipy.stats.lognorm.logcdf")
def lognorm_logcdf(y, x, s, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    ratio = np.where(x > loc, math.sqrt(2.0 / math.pi) / (special.erfcx(-u / math.sqrt(2.0)) * s), 0.0)
    return ratio / (z * scale), -ratio * u, -ratio / (z * scale), -ratio / scale


@partials("scipy.stats.lognorm.logsf")
def lognorm_logsf(y, x, s, loc, scale):
    z = np.where(x > loc, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    ratio = np.where(x > loc, math.sqrt(2.0 / math.pi) / (special.erfcx(u / math.sqrt(2.0)) * s), 0.0)
    return -ratio / (z * scale), ratio * u, ratio / (z * scale), ratio / scale


for name, shapes in {
    "gamma": "a",
    "chi2": "df",
    "beta": "a b",
    "t": "df",
    "weibull_min": "c",
    "lognorm": "s",
}.items():
    for function in FUNCTIONS:
        path = f"scipy.stats.{name}.{function}"
        kind(path)(density_kind)
        parameters(path, x=..., **dict.fromkeys(shapes.split(), ...), loc=0, scale=1)
