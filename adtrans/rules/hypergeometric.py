# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: hypergeometric functions, elliptic integrals, orthogonal polynomials.

The derivative by the argument is of their own kind, of another order. `NotImplemented` stands for that by the
order.
"""

import math

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


@partials("scipy.special.hyperu")
def hyperu(y, a, b, x):
    return NotImplemented, NotImplemented, -a * special.hyperu(a + 1.0, b + 1.0, x)


@partials("scipy.special.wright_bessel")
def wright_bessel(y, a, b, x):
    return NotImplemented, NotImplemented, special.wright_bessel(a, a + b, x)


@partials("scipy.special.log_wright_bessel")
def log_wright_bessel(y, a, b, x):
    return NotImplemented, NotImplemented, np.exp(special.log_wright_bessel(a, a + b, x) - y)


@partials("scipy.special.ellipk")
def ellipk(y, m):
    far = np.where(m < -1.0, m, -1.0)
    near = np.where(m < -1.0, -1.0, m)
    slope = np.where(
        m < -1.0,
        (special.ellipe(far) / (1.0 - far) - special.ellipk(far)) / (2.0 * far),
        0.125 * math.pi * special.hyp2f1(0.5, 0.5, 2.0, near) / (1.0 - near),
    )
    return slope.astype(y.dtype)  # SciPy has hyp2f1 in double precision only.


@partials("scipy.special.ellipe")
def ellipe(y, m):
    return (-0.125 * math.pi * special.hyp2f1(0.5, 1.5, 2.0, m)).astype(y.dtype)


@partials("scipy.special.ellipkinc")
def ellipkinc(y, phi, m):
    return 1.0 / np.sqrt(1.0 - m * np.sin(phi) ** 2), NotImplemented


@partials("scipy.special.ellipeinc")
def ellipeinc(y, phi, m):
    return np.sqrt(1.0 - m * np.sin(phi) ** 2), NotImplemented


# -------------------------------------------------- orthogonal polynomials

# Degrees need not be whole numbers. Of degree 0 all are constant: there no lower degree is asked for.


@partials("scipy.special.eval_legendre")
def eval_legendre(y, n, x):
    m = np.maximum(n, -n - 1)  # Those of degrees n and -n - 1 are the same.
    slope = special.eval_gegenbauer(np.where(m == 0, 0, m - 1), 1.5, x)
    return NotImplemented, np.where(m == 0, 0.0, slope)


@partials("scipy.special.eval_sh_legendre")
def eval_sh_legendre(y, n, x):
    m = np.maximum(n, -n - 1)
    slope = 2.0 * special.eval_gegenbauer(np.where(m == 0, 0, m - 1), 1.5, 2.0 * x - 1.0)
    return NotImplemented, np.where(m == 0, 0.0, slope)


@partials("scipy.special.eval_chebyt")
def eval_chebyt(y, n, x):
    return NotImplemented, n * special.eval_chebyu(np.where(n == 0, 0, n - 1), x)


@partials("scipy.special.eval_sh_chebyt")
def eval_sh_chebyt(y, n, x):
    return NotImplemented, 2.0 * n * special.eval_sh_chebyu(np.where(n == 0, 0, n - 1), x)


@partials("scipy.special.eval_chebyc")
def eval_chebyc(y, n, x):
    return NotImplemented, n * special.eval_chebys(np.where(n == 0, 0, n - 1), x)


@partials("scipy.special.eval_chebyu")
def eval_chebyu(y, n, x):
    slope = 2.0 * special.eval_gegenbauer(np.where(n == 0, 0, n - 1), 2.0, x)
    return NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_sh_chebyu")
def eval_sh_chebyu(y, n, x):
    slope = 4.0 * special.eval_gegenbauer(np.where(n == 0, 0, n - 1), 2.0, 2.0 * x - 1.0)
    return NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_chebys")
def eval_chebys(y, n, x):
    slope = special.eval_gegenbauer(np.where(n == 0, 0, n - 1), 2.0, 0.5 * x)
    return NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_gegenbauer")
def eval_gegenbauer(y, n, alpha, x):
    slope = 2.0 * alpha * special.eval_gegenbauer(np.where(n == 0, 0, n - 1), alpha + 1.0, x)
    return NotImplemented, NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_jacobi")
def eval_jacobi(y, n, alpha, beta, x):
    slope = 0.5 * (n + alpha + beta + 1.0)
    slope = slope * special.eval_jacobi(np.where(n == 0, 0, n - 1), alpha + 1.0, beta + 1.0, x)
    return NotImplemented, NotImplemented, NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_hermite")
def eval_hermite(y, n, x):
    return NotImplemented, 2.0 * n * special.eval_hermite(np.maximum(n - 1, 0), x)


@partials("scipy.special.eval_hermitenorm")
def eval_hermitenorm(y, n, x):
    return NotImplemented, n * special.eval_hermitenorm(np.maximum(n - 1, 0), x)


@partials("scipy.special.eval_laguerre")
def eval_laguerre(y, n, x):
    slope = -special.eval_genlaguerre(np.where(n == 0, 0, n - 1), 1.0, x)
    return NotImplemented, np.where(n == 0, 0.0, slope)


@partials("scipy.special.eval_genlaguerre")
def eval_genlaguerre(y, n, alpha, x):
    slope = -special.eval_genlaguerre(np.where(n == 0, 0, n - 1), alpha + 1.0, x)
    return NotImplemented, NotImplemented, np.where(n == 0, 0.0, slope)


POLYNOMIALS = (
    *("legendre", "chebyt", "chebyu", "gegenbauer", "jacobi"),
    *("hermite", "hermitenorm", "laguerre", "genlaguerre"),
    *("sh_legendre", "chebyc", "chebys", "sh_chebyt", "sh_chebyu"),
)
HYPERGEOMETRIC = (
    *("hyp0f1", "hyp1f1", "hyp2f1", "hyperu", "wright_bessel", "log_wright_bessel"),
    *("ellipk", "ellipe", "ellipkinc", "ellipeinc"),
)
kind(*(f"scipy.special.{name}" for name in HYPERGEOMETRIC))(special_kind)
kind(*(f"scipy.special.eval_{name}" for name in POLYNOMIALS))(special_kind)
