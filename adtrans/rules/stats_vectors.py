# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.stats: densities of vectors: multivariate_normal, dirichlet.

SciPy reads the lower triangle of a covariance matrix; it takes a number or a vector for a diagonal one.
"""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.decompositions import from_triangle, to_triangle
from adtrans.rules.facts import as_array, shape_arg
from adtrans.rules.optional import special
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp
from adtrans.support import unbroadcast

# ------------------------------------------------------ multivariate_normal


@jvp("scipy.stats.multivariate_normal.logpdf")
def normal_logpdf_dot(y, x, mean, cov, x_dot, mean_dot, cov_dot):
    return normal_tangent(y, x, mean, cov, x_dot, mean_dot, cov_dot)


@vjp("scipy.stats.multivariate_normal.logpdf")
def normal_logpdf_bar(y, x, mean, cov, y_bar):
    return normal_adjoint(x, mean, cov, y_bar)


@jvp("scipy.stats.multivariate_normal.pdf")
def normal_pdf_dot(y, x, mean, cov, x_dot, mean_dot, cov_dot):
    return y * normal_tangent(y, x, mean, cov, x_dot, mean_dot, cov_dot)


@vjp("scipy.stats.multivariate_normal.pdf")
def normal_pdf_bar(y, x, mean, cov, y_bar):
    return normal_adjoint(x, mean, cov, y_bar * y)


def normal_tangent(y, x, mean, cov, x_dot, mean_dot, cov_dot):
    """The tangent of the log-density of the normal distribution."""
    r = x if mean is None else x - mean
    r_dot = x_dot if mean is None else x_dot - mean_dot
    s = scaled(r, mean, cov)
    y_dot = -np.sum(s * r_dot, -1)
    if np.ndim(cov) == 2:
        symmetric_dot = from_triangle(cov_dot, True)
        y_dot = y_dot + 0.5 * (
            np.sum(s @ symmetric_dot * s, -1) - np.sum(symmetric_inverse(cov) * symmetric_dot)
        )
    else:
        y_dot = y_dot + 0.5 * np.sum((s * s - 1.0 / cov) * cov_dot, -1)
    return np.reshape(y_dot, np.shape(y))


def normal_adjoint(x, mean, cov, y_bar):
    """The adjoints of x, mean and cov."""
    r = x if mean is None else x - mean
    s = scaled(r, mean, cov)
    weights = np.expand_dims(np.reshape(y_bar, np.shape(r)[:-1]), -1)
    r_bar = -weights * s
    mean_bar = None if mean is None else unbroadcast(-r_bar, mean)
    if np.ndim(cov) == 2:
        rows = np.reshape(s, (-1, len(cov)))
        outer = rows.T @ (rows * np.reshape(weights, (-1, 1)))
        cov_bar = to_triangle(0.5 * (outer - np.sum(weights) * symmetric_inverse(cov)), True)
    else:
        cov_bar = unbroadcast(0.5 * weights * (s * s - 1.0 / cov), cov)
    return unbroadcast(r_bar, x), mean_bar, cov_bar


def scaled(r, mean, cov):
    """The inverse of the covariance times each of the vectors r."""
    if (mean is None and np.ndim(cov) == 0) or np.ndim(r) == 0 or np.shape(r)[-1] == 1:
        raise NotImplementedError("the derivative of scipy.stats.multivariate_normal in one dimension")
    if np.ndim(cov) < 2:
        return r / cov
    return np.swapaxes(
        np.linalg.solve(from_triangle(cov, True), np.swapaxes(np.atleast_2d(r), -1, -2)), -1, -2
    ).reshape(np.shape(r))


def symmetric_inverse(cov):
    return np.linalg.inv(from_triangle(cov, True))


@kind("scipy.stats.multivariate_normal.logpdf", "scipy.stats.multivariate_normal.pdf")
def multivariate_normal_kind(x: Arg, **_: Arg) -> Kind:
    """Axes of length 1 are dropped."""
    shape = shape_arg(x)
    alone = shape is not None and len(shape) == 1 and isinstance(shape[0], int) and shape[0] > 1
    return Array("f8", () if alone else None)


for name in ("logpdf", "pdf"):
    path = f"scipy.stats.multivariate_normal.{name}"
    parameters(path, x=..., mean=None, cov=1, allow_singular=False)

# ---------------------------------------------------------------- dirichlet


@jvp("scipy.stats.dirichlet.logpdf")
def dirichlet_logpdf_dot(y, x, alpha, x_dot, alpha_dot):
    x_slope, alpha_slope = dirichlet_slopes(x, alpha)
    return np.sum(x_slope * x_dot) + np.sum(alpha_slope * alpha_dot)


@vjp("scipy.stats.dirichlet.logpdf")
def dirichlet_logpdf_bar(y, x, alpha, y_bar):
    x_slope, alpha_slope = dirichlet_slopes(x, alpha)
    return y_bar * x_slope, y_bar * alpha_slope


@jvp("scipy.stats.dirichlet.pdf")
def dirichlet_pdf_dot(y, x, alpha, x_dot, alpha_dot):
    x_slope, alpha_slope = dirichlet_slopes(x, alpha)
    return y * np.sum(x_slope * x_dot) + y * np.sum(alpha_slope * alpha_dot)


@vjp("scipy.stats.dirichlet.pdf")
def dirichlet_pdf_bar(y, x, alpha, y_bar):
    x_slope, alpha_slope = dirichlet_slopes(x, alpha)
    return y_bar * y * x_slope, y_bar * y * alpha_slope


def dirichlet_slopes(x, alpha):
    """The derivatives of the log-density. The last coordinate may be left out: they add up to 1."""
    if np.ndim(x) > 1:
        raise NotImplementedError("the derivative of scipy.stats.dirichlet at several points")
    last = 1.0 - np.sum(x)
    given = len(x) == len(alpha)
    full = x if given else np.append(x, last)
    exponents = alpha - 1.0
    safe = np.where(exponents == 0.0, 1.0, full)
    slopes = exponents / safe
    alpha_slope = np.log(full) + special.digamma(np.sum(alpha)) - special.digamma(alpha)
    return slopes if given else slopes[:-1] - slopes[-1], alpha_slope


@kind("scipy.stats.dirichlet.logpdf", "scipy.stats.dirichlet.pdf")
def dirichlet_kind(x: Arg, alpha: Arg) -> Kind:
    shape = shape_arg(x)
    dtype = "f8" if as_array(x).dtype == as_array(alpha).dtype == "f8" else "?"
    return Array(dtype, () if shape is not None and len(shape) == 1 else None)


for name in ("logpdf", "pdf"):
    parameters(f"scipy.stats.dirichlet.{name}", x=..., alpha=...)
