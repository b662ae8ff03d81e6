# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: exponentials, error functions, entropies, losses. (More in gammas.py, bessel.py.)

`NotImplemented` in the place of a partial derivative: it has not been derived, and where it is wanted
the program is refused.
"""

import math

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.elementwise import floating
from adtrans.rules.facts import as_array, broadcast, const
from adtrans.rules.optional import special
from adtrans.rules.reductions import reduced_shape
from adtrans.rules.registry import Arg, jvp, kind, no_effect, parameters, partials, vjp
from adtrans.support import unreduce

# ------------------------------------------------------ exponentials, logarithms


@partials("scipy.special.expm1")
def expm1(y, x):
    return y + 1.0


@partials("scipy.special.log1p")
def log1p(y, x):
    return 1.0 / (1.0 + x)


@partials("scipy.special.exp2")
def exp2(y, x):
    return y * math.log(2.0)


@partials("scipy.special.exp10")
def exp10(y, x):
    return y * math.log(10.0)


@partials("scipy.special.cbrt")
def cbrt(y, x):
    return 1.0 / (3.0 * y * y)


@partials("scipy.special.cosm1")
def cosm1(y, x):
    return -np.sin(x)


@partials("scipy.special.exprel")
def exprel(y, x):
    return exprel_slope(x)


@partials("scipy.special.boxcox")
def boxcox(y, x, lmbda):
    return x ** (lmbda - 1.0), np.log(x) ** 2 * exprel_slope(lmbda * np.log(x))


@partials("scipy.special.boxcox1p")
def boxcox1p(y, x, lmbda):
    return (1.0 + x) ** (lmbda - 1.0), np.log1p(x) ** 2 * exprel_slope(lmbda * np.log1p(x))


def exprel_slope(x):
    """The derivative of (exp(x) - 1) / x: near 0 by its series, where the quotient cancels."""
    series = 1.0 / 2.0
    term = 1.0 / 2.0
    small = np.clip(x, -1.0, 1.0)
    for k in range(1, 18):
        term = term * small / (k + 2)
        series = series + term * (k + 1)
    y = special.exprel(x)
    safe = np.where(np.abs(x) < 1.0, 1.0, x)
    far = np.where(x > 0.0, y + (1.0 - y) / safe, (np.exp(np.minimum(x, 0.0)) - y) / safe)
    return np.where(np.abs(x) < 1.0, series, far)


# ------------------------------------------------------------ logistic, softmax


@partials("scipy.special.expit")
def expit(y, x):
    return y * special.expit(-x)


@partials("scipy.special.log_expit")
def log_expit(y, x):
    return special.expit(-x)


@partials("scipy.special.softplus")
@kind("scipy.special.round", "scipy.special.gammasgn")
def softplus(y, x):
    return special.expit(x)


@partials("scipy.special.logit")
def logit(y, x):
    return 1.0 / (x * (1.0 - x))


@jvp("scipy.special.logsumexp")
def logsumexp_dot(y, a, axis, b, a_dot, b_dot, keepdims=False):
    if b is None:
        return np.sum(special.softmax(a, axis=axis) * a_dot, axis=axis, keepdims=keepdims)
    above = y if axis is None or keepdims else np.expand_dims(y, axis)
    return np.sum(np.exp(a - above) * (b * a_dot + b_dot), axis=axis, keepdims=keepdims)


@vjp("scipy.special.logsumexp")
def logsumexp_bar(y, a, axis, b, y_bar, keepdims=False):
    if b is None:
        return special.softmax(a, axis=axis) * unreduce(y_bar, a, axis, keepdims), None, None
    above = y if axis is None or keepdims else np.expand_dims(y, axis)
    g = np.exp(a - above) * unreduce(y_bar, a, axis, keepdims)
    return b * g, None, g


@jvp("scipy.special.softmax")
def softmax_dot(y, x, x_dot, axis=None):
    return y * (x_dot - np.sum(y * x_dot, axis=axis, keepdims=True))


@vjp("scipy.special.softmax")
def softmax_bar(y, x, y_bar, axis=None):
    return y * (y_bar - np.sum(y * y_bar, axis=axis, keepdims=True))


@jvp("scipy.special.log_softmax")
def log_softmax_dot(y, x, x_dot, axis=None):
    return x_dot - np.sum(np.exp(y) * x_dot, axis=axis, keepdims=True)


@vjp("scipy.special.log_softmax")
def log_softmax_bar(y, x, y_bar, axis=None):
    return y_bar - np.exp(y) * np.sum(y_bar, axis=axis, keepdims=True)


# --------------------------------------------------------------- error functions


@partials("scipy.special.erf")
def erf(y, x):
    return 2.0 / math.sqrt(math.pi) * np.exp(-x * x)


@partials("scipy.special.erfc")
def erfc(y, x):
    return -2.0 / math.sqrt(math.pi) * np.exp(-x * x)


@partials("scipy.special.erfcx")
def erfcx(y, x):
    return erfcx_slope(y, x)


def erfcx_slope(y, x):
    """The derivative of y, `erfcx(x)`: where `2 x y - 2 / sqrt(pi)` cancels, a continued fraction."""
    far = np.maximum(x, 2.0)
    tail = far
    for k in range(60, 1, -1):
        tail = far + 0.5 * k / tail
    return np.where(x < 2.0, 2.0 * x * y - 2.0 / math.sqrt(math.pi), -y / tail)


@partials("scipy.special.erfinv")
def erfinv(y, x):
    return 0.5 * math.sqrt(math.pi) * np.exp(y * y)


@partials("scipy.special.erfcinv")
def erfcinv(y, x):
    return -0.5 * math.sqrt(math.pi) * np.exp(y * y)


@partials("scipy.special.erfi")
def erfi(y, x):
    return 2.0 / math.sqrt(math.pi) * np.exp(x * x)


@partials("scipy.special.dawsn")
def dawsn(y, x):
    return 1.0 - 2.0 * x * y


@partials("scipy.special.ndtr")
def ndtr(y, x):
    return np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


@partials("scipy.special.log_ndtr")
def log_ndtr(y, x):
    return math.sqrt(2.0 / math.pi) / special.erfcx(-x / math.sqrt(2.0))


@partials("scipy.special.ndtri")
def ndtri(y, x):
    return math.sqrt(2.0 * math.pi) * np.exp(0.5 * y * y)


# -------------------------------------------------------- entropies, products, losses


@partials("scipy.special.xlogy")
def xlogy(z, x, y):
    return np.log(y), x / np.where(x == 0.0, 1.0, y)


@partials("scipy.special.xlog1py")
def xlog1py(z, x, y):
    return np.log1p(y), x / np.where(x == 0.0, 1.0, 1.0 + y)


@partials("scipy.special.entr")
def entr(y, x):
    return -np.log(x) - 1.0


@partials("scipy.special.rel_entr")
def rel_entr(z, x, y):
    return np.log(x / y) + 1.0, -x / y


@partials("scipy.special.kl_div")
def kl_div(z, x, y):
    return np.log(x / y), 1.0 - x / y


@partials("scipy.special.huber")
def huber(y, delta, r):
    return np.maximum(np.abs(r) - delta, 0.0), np.clip(r, -delta, delta)


@partials("scipy.special.pseudo_huber")
def pseudo_huber(y, delta, r):
    h = np.hypot(delta, r)
    excess = r * (r / (h + delta))
    return excess * (excess / h), delta * (r / h)


no_effect("scipy.special.round", "scipy.special.gammasgn")

# ------------------------------------------------------------------------ kinds


@kind("scipy.special.expm1", "scipy.special.log1p", "scipy.special.exp2", "scipy.special.exp10")
@kind("scipy.special.cbrt", "scipy.special.cosm1", "scipy.special.exprel", "scipy.special.expit")
@kind("scipy.special.log_expit", "scipy.special.logit", "scipy.special.erf", "scipy.special.erfc")
@kind("scipy.special.erfcx", "scipy.special.erfinv", "scipy.special.erfcinv", "scipy.special.erfi")
@kind("scipy.special.dawsn", "scipy.special.ndtr", "scipy.special.log_ndtr", "scipy.special.ndtri")
@kind("scipy.special.xlogy", "scipy.special.xlog1py", "scipy.special.entr", "scipy.special.rel_entr")
@kind("scipy.special.kl_div", "scipy.special.huber", "scipy.special.pseudo_huber")
@kind("scipy.special.boxcox", "scipy.special.boxcox1p", "scipy.special.softplus")
@kind("scipy.special.round", "scipy.special.gammasgn")
def special_kind(*args: Arg, **named: Arg) -> Kind:
    return floating(broadcast(*args, *named.values()))


@kind("scipy.special.logsumexp")
def logsumexp_kind(
    a: Arg, axis: Arg | None = None, b: Arg | None = None, keepdims: Arg | None = None, **_: Arg
) -> Kind:
    together = floating(broadcast(a) if const(b) is None else broadcast(a, b))
    assert isinstance(together, Array)
    if const(b) is None:
        return Array(together.dtype, reduced_shape(a, axis, keepdims))
    return Array(together.dtype, reduced_shape(Arg(together), axis, keepdims))


@kind("scipy.special.softmax", "scipy.special.log_softmax")
def softmax_kind(x: Arg, axis: Arg | None = None) -> Kind:
    array = as_array(x)
    return floating(Array(array.dtype, array.shape))


parameters("scipy.special.logsumexp", a=..., axis=None, b=None, keepdims=False, return_sign=False)
parameters("scipy.special.softmax", x=..., axis=None)
parameters("scipy.special.log_softmax", x=..., axis=None)
