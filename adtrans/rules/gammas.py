# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: the gamma function and its relatives; exponential integrals."""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_array
from adtrans.rules.optional import special
from adtrans.rules.registry import Arg, kind, parameters, partials
from adtrans.rules.special import special_kind

# ---------------------------------------------------------------- gamma, digamma


@partials("scipy.special.gamma")
def gamma(y, x):
    return y * special.digamma(x)


@partials("scipy.special.gammaln", "scipy.special.loggamma")
def gammaln(y, x):
    return special.digamma(x)


@partials("scipy.special.rgamma")
def rgamma(y, x):
    return rgamma_slope(y, x)


def rgamma_slope(y, x):
    """The derivative of y, `1 / gamma(x)`: at its zeros 0, -1, -2 ... it is 1, -1, 2, -6, ..."""
    zero = (x <= 0.0) & (x == np.floor(x))
    n = np.where(zero, -x, 0.0)
    return np.where(
        zero, np.cos(np.pi * n) * special.gamma(n + 1.0), -y * special.digamma(np.where(zero, 1.0, x))
    )


@partials("scipy.special.digamma", "scipy.special.psi")
def digamma(y, x):
    return special.zeta(2.0, x)


@partials("scipy.special.polygamma")
def polygamma(y, n, x):
    return NotImplemented, special.polygamma(n + 1, x)


@partials("scipy.special.zeta")
def zeta(y, x, q):
    return NotImplemented, -x * special.zeta(x + 1.0, q)


@partials("scipy.special.multigammaln")
def multigammaln(y, a, d):
    return np.sum(special.digamma(np.expand_dims(a, -1) - 0.5 * np.arange(d)), -1), NotImplemented


# -------------------------------------------------------------------------- beta


@partials("scipy.special.beta")
def beta(y, a, b):
    total = special.digamma(a + b)
    return y * (special.digamma(a) - total), y * (special.digamma(b) - total)


@partials("scipy.special.betaln")
def betaln(y, a, b):
    total = special.digamma(a + b)
    return special.digamma(a) - total, special.digamma(b) - total


@partials("scipy.special.betainc")
def betainc(y, a, b, x):
    density = np.exp(special.xlogy(a - 1.0, x) + special.xlog1py(b - 1.0, -x) - special.betaln(a, b))
    return NotImplemented, NotImplemented, density


@partials("scipy.special.betaincc")
def betaincc(y, a, b, x):
    density = np.exp(special.xlogy(a - 1.0, x) + special.xlog1py(b - 1.0, -x) - special.betaln(a, b))
    return NotImplemented, NotImplemented, -density


@partials("scipy.special.poch")
def poch(y, z, m):
    total = special.digamma(z + m)
    return y * (total - special.digamma(z)), y * total


@partials("scipy.special.binom")
def binom(y, n, k):
    rest = special.digamma(n - k + 1.0)
    return y * (special.digamma(n + 1.0) - rest), y * (rest - special.digamma(k + 1.0))


# ------------------------------------------------- combinations, factorials

# Of numbers that are not whole these are what gamma functions make of them; out of range they are 0.


@partials("scipy.special.comb")
def comb(y, N, k, exact=False, repetition=False):
    if exact:
        raise NotImplementedError("a number that is computed exactly: with exact=False it can vary")
    if repetition:
        raise NotImplementedError("repetition=True: combinations with repetition are comb(N + k - 1, k)")
    inside = (k <= N) & (N >= 0) & (k >= 0)
    n, m = np.where(inside, N, 0.0), np.where(inside, k, 0.0)
    rest = special.digamma(n - m + 1.0)
    return y * (special.digamma(n + 1.0) - rest), y * (rest - special.digamma(m + 1.0)), None, None


@partials("scipy.special.perm")
def perm(y, N, k, exact=False):
    if exact:
        raise NotImplementedError("a number that is computed exactly: with exact=False it can vary")
    inside = (k <= N) & (N >= 0) & (k >= 0)
    n, m = np.where(inside, N, 0.0), np.where(inside, k, 0.0)
    rest = special.digamma(n - m + 1.0)
    return y * (special.digamma(n + 1.0) - rest), y * rest, None


# -------------------------------------------------------------- incomplete gamma


@partials("scipy.special.gammainc")
def gammainc(y, a, x):
    return NotImplemented, np.exp(special.xlogy(a - 1.0, x) - x - special.gammaln(a))


@partials("scipy.special.gammaincc")
def gammaincc(y, a, x):
    return NotImplemented, -np.exp(special.xlogy(a - 1.0, x) - x - special.gammaln(a))


# --------------------------------------------------------- exponential integrals


@partials("scipy.special.expi")
def expi(y, x):
    return np.exp(x) / x


@partials("scipy.special.exp1")
def exp1(y, x):
    return -np.exp(-x) / x


@partials("scipy.special.expn")
def expn(y, n, x):
    # Of order 0 it is exp(-x) / x; there are no orders below. SciPy cuts off the fraction of an order.
    return NotImplemented, np.where(n < 1, -y - y / x, -special.expn(np.maximum(n - 1, 0), x))


@partials("scipy.special.spence")
def spence(y, x):
    return -1.0 / special.exprel(np.log(x))


@kind("scipy.special.gamma", "scipy.special.gammaln", "scipy.special.loggamma", "scipy.special.rgamma")
@kind("scipy.special.digamma", "scipy.special.psi", "scipy.special.beta", "scipy.special.betaln")
@kind("scipy.special.betainc", "scipy.special.betaincc", "scipy.special.gammainc", "scipy.special.gammaincc")
@kind("scipy.special.poch", "scipy.special.binom", "scipy.special.expn")
@kind("scipy.special.zeta", "scipy.special.expi", "scipy.special.exp1", "scipy.special.spence")
def gamma_kind(*args: Arg, **named: Arg) -> Kind:
    return special_kind(*args, **named)


@kind("scipy.special.comb", "scipy.special.perm")
def choices_kind(N: Arg, k: Arg, **_: Arg) -> Kind:
    """Computed in float64, unless it is wanted exactly."""
    found = special_kind(N, k)
    return Array("?", found.shape) if isinstance(found, Array) else found


@kind("scipy.special.polygamma")
def polygamma_kind(n: Arg, x: Arg) -> Kind:
    """Computed in float64, whatever the dtype of x."""
    found = special_kind(n, x)
    return Array("?", found.shape) if isinstance(found, Array) else found


@kind("scipy.special.multigammaln")
def multigammaln_kind(a: Arg, d: Arg) -> Kind:
    return Array("?", as_array(a).shape)


parameters("scipy.special.comb", N=..., k=..., exact=False, repetition=False)
parameters("scipy.special.perm", N=..., k=..., exact=False)
parameters("scipy.special.zeta", x=..., q=...)
parameters("scipy.special.polygamma", n=..., x=...)
parameters("scipy.special.multigammaln", a=..., d=...)
