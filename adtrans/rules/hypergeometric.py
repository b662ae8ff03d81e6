# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: hypergeometric functions, elliptic integrals, orthogonal polynomials.

The derivative by the argument is of their own kind, of another order. `NotImplemented` stands for that by the
order.
"""

import numpy as np

from adtrans.rules.optional import special
from adtrans.rules.registry import kind, partials
from adtrans.rules.special import special_kind

# ----------------------------------------------- hypergeometric, elliptic


@partials("scipy.special.hyp0f1")
def hyp0f1(y, v, z):
    return NotImplemented, special.hyp0f1(v + 1.0, z) / v


@partials("scipy.special.hyp1f1")
def hyp1f1(y, a, b, x):
    return NotImplemented, NotImplemented, a / b * special.hyp1f1(a + 1.0, b + 1.0, x)


@partials("scipy.special.hyp2f1")
def hyp2f1(y, a, b, c, z):
    slope = a * b / c * special.hyp2f1(a + 1.0, b + 1.0, c + 1.0, z)
    return NotImplemented, NotImplemented, NotImplemented, slope


@partials("scipy.special.ellipkinc")
def ellipkinc(y, phi, m):
    return 1.0 / np.sqrt(1.0 - m * np.sin(phi) ** 2), NotImplemented


@partials("scipy.special.ellipeinc")
def ellipeinc(y, phi, m):
    return np.sqrt(1.0 - m * np.sin(phi) ** 2), NotImplemented


# -------------------------------------------------- orthogonal polynomials


@partials("scipy.special.eval_legendre")
def eval_legendre(y, n, x):
    return NotImplemented, np.where(n == 0, 0.0, special.eval_gegenbauer(np.maximum(n - 1, 0), 1.5, x))


@partials("scipy.special.eval_chebyt")
def eval_chebyt(y, n, x):
    return NotImplemented, n * special.eval_chebyu(np.maximum(n - 1, 0), x)


@partials("scipy.special.eval_chebyu")
def eval_chebyu(y, n, x):
    return NotImplemented, np.where(n == 0, 0.0, 2.0 * special.eval_gegenbauer(np.maximum(n - 1, 0), 2.0, x))


@partials("scipy.special.eval_gegenbauer")
def eval_gegenbauer(y, n, alpha, x):
    slope = 2.0 * alpha * special.eval_gegenbauer(np.maximum(n - 1, 0), alpha + 1.0, x)
    return NotImplemented, NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_jacobi")
def eval_jacobi(y, n, alpha, beta, x):
    slope = 0.5 * (n + alpha + beta + 1.0)
    slope = slope * special.eval_jacobi(np.maximum(n - 1, 0), alpha + 1.0, beta + 1.0, x)
    return NotImplemented, NotImplemented, NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_hermite")
def eval_hermite(y, n, x):
    return NotImplemented, 2.0 * n * special.eval_hermite(np.maximum(n - 1, 0), x)


@partials("scipy.special.eval_hermitenorm")
def eval_hermitenorm(y, n, x):
    return NotImplemented, n * special.eval_hermitenorm(np.maximum(n - 1, 0), x)


@partials("scipy.special.eval_laguerre")
def eval_laguerre(y, n, x):
    return NotImplemented, np.where(n == 0, 0.0, -special.eval_genlaguerre(np.maximum(n - 1, 0), 1.0, x))


@partials("scipy.special.eval_genlaguerre")
def eval_genlaguerre(y, n, alpha, x):
    slope = -special.eval_genlaguerre(np.maximum(n - 1, 0), alpha + 1.0, x)
    return NotImplemented, NotImplemented, np.where(n == 0, 0.0, slope)


POLYNOMIALS = (
    *("legendre", "chebyt", "chebyu", "gegenbauer", "jacobi"),
    *("hermite", "hermitenorm", "laguerre", "genlaguerre"),
)
kind("scipy.special.hyp0f1", "scipy.special.hyp1f1", "scipy.special.hyp2f1")(special_kind)
kind(*(f"scipy.special.{name}" for name in ("ellipkinc", "ellipeinc")))(special_kind)
kind(*(f"scipy.special.eval_{name}" for name in POLYNOMIALS))(special_kind)
