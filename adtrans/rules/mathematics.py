# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The functions of the module `math`, on single numbers."""

import math

import numpy as np

from adtrans.kinds import BOOL, FLOAT, INT, Array, Kind, TupleOf
from adtrans.rules.elementwise import floating
from adtrans.rules.facts import as_array
from adtrans.rules.registry import Arg, cannot_vary, jvp, kind, no_effect, parameters, partials, vjp
from adtrans.support import digamma, dot_each, products_of_others, times_each, to_each

# --------------------------------------------- exponentials, logarithms, roots


@partials(math.exp)
def exp(y, x):
    return y


@partials(math.exp2)
def exp2(y, x):
    return y * math.log(2.0)


@partials(math.expm1)
def expm1(y, x):
    return y + 1.0


@jvp(math.log)
def log_dot(y, x, base, x_dot, base_dot):
    if base is None:
        return x_dot / x
    return x_dot / (x * math.log(base)) - base_dot * y / (base * math.log(base))


@vjp(math.log)
def log_bar(y, x, base, y_bar):
    if base is None:
        return y_bar / x, None
    return y_bar / (x * math.log(base)), -y_bar * y / (base * math.log(base))


@partials(math.log2)
def log2(y, x):
    return 1.0 / (x * math.log(2.0))


@partials(math.log10)
def log10(y, x):
    return 1.0 / (x * math.log(10.0))


@partials(math.log1p)
def log1p(y, x):
    return 1.0 / (1.0 + x)


@partials(math.sqrt)
def sqrt(y, x):
    return 0.5 / y


@partials(math.cbrt)
def cbrt(y, x):
    return 1.0 / (3.0 * y * y)


@jvp(math.hypot)
def hypot_dot(y, x1, x2, x3, x4, x1_dot, x2_dot, x3_dot, x4_dot):
    r = y if y > 0.0 else 1.0
    if x2 is None:
        return x1 * x1_dot / r
    if x3 is None:
        return (x1 * x1_dot + x2 * x2_dot) / r
    if x4 is None:
        return (x1 * x1_dot + x2 * x2_dot + x3 * x3_dot) / r
    return (x1 * x1_dot + x2 * x2_dot + x3 * x3_dot + x4 * x4_dot) / r


@vjp(math.hypot)
def hypot_bar(y, x1, x2, x3, x4, y_bar):
    r = y if y > 0.0 else 1.0
    if x2 is None:
        return y_bar * x1 / r, None, None, None
    if x3 is None:
        return y_bar * x1 / r, y_bar * x2 / r, None, None
    if x4 is None:
        return y_bar * x1 / r, y_bar * x2 / r, y_bar * x3 / r, None
    return y_bar * x1 / r, y_bar * x2 / r, y_bar * x3 / r, y_bar * x4 / r


parameters(math.log, x=..., base=None)
parameters(math.hypot, x1=..., x2=None, x3=None, x4=None)

# ------------------------------------------------- trigonometric, hyperbolic


@partials(math.sin)
def sin(y, x):
    return math.cos(x)


@partials(math.cos)
def cos(y, x):
    return -math.sin(x)


@partials(math.tan)
def tan(y, x):
    return 1.0 + y * y


@partials(math.asin)
def asin(y, x):
    return 1.0 / math.sqrt((1.0 - x) * (1.0 + x))


@partials(math.acos)
def acos(y, x):
    return -1.0 / math.sqrt((1.0 - x) * (1.0 + x))


@partials(math.atan)
def atan(y, x):
    return 1.0 / (1.0 + x * x)


@partials(math.atan2)
def atan2(r, y, x):
    return x / (x * x + y * y), -y / (x * x + y * y)


@partials(math.radians)
def radians(y, x):
    return math.pi / 180.0


@partials(math.degrees)
def degrees(y, x):
    return 180.0 / math.pi


@partials(math.sinh)
def sinh(y, x):
    return math.cosh(x)


@partials(math.cosh)
def cosh(y, x):
    return math.sinh(x)


@partials(math.tanh)
def tanh(y, x):
    return 1.0 - y * y


@partials(math.asinh)
def asinh(y, x):
    return 1.0 / math.sqrt(x * x + 1.0)


@partials(math.acosh)
def acosh(y, x):
    return 1.0 / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0))


@partials(math.atanh)
def atanh(y, x):
    return 1.0 / ((1.0 - x) * (1.0 + x))


# ----------------------------------------------------------- special functions


@partials(math.erf)
def erf(y, x):
    return 2.0 / math.sqrt(math.pi) * math.exp(-x * x)


@partials(math.erfc)
def erfc(y, x):
    return -2.0 / math.sqrt(math.pi) * math.exp(-x * x)


@partials(math.gamma)
def gamma(y, x):
    return y * digamma(x)


@partials(math.lgamma)
def lgamma(y, x):
    return digamma(x)


# ------------------------------------------------------------- kinks, remains


@partials(math.fabs)
def fabs(y, x):
    return np.sign(x)


@partials(math.copysign)
def copysign(y, x1, x2):
    return math.copysign(1.0, x2) * np.sign(x1), None


@partials(math.fmod)
def fmod(y, x1, x2):
    return 1.0, -int(x1 / x2)  # A float32 has no way to be truncated.


@partials(math.remainder)
def remainder(y, x1, x2):
    return 1.0, (y - x1) / x2


@partials(math.ldexp)
def ldexp(y, x, i):
    return math.ldexp(1.0, i), None


no_effect(math.ulp)

# -------------------------------------------------------------------- sequences


@jvp(math.fsum)
def fsum_dot(y, seq, seq_dot):
    return math.fsum(seq_dot)


@vjp(math.fsum)
def fsum_bar(y, seq, y_bar):
    return to_each(y_bar, seq)


@jvp(math.prod)
def prod_dot(y, iterable, iterable_dot):
    return dot_each(products_of_others(iterable), iterable_dot)


@vjp(math.prod)
def prod_bar(y, iterable, y_bar):
    return times_each(y_bar, products_of_others(iterable), iterable)


@jvp(math.dist)
def dist_dot(y, p, q, p_dot, q_dot):
    return dot_each(direction(y, p, q), p_dot) + dot_each(direction(y, q, p), q_dot)


@vjp(math.dist)
def dist_bar(y, p, q, y_bar):
    return times_each(y_bar, direction(y, p, q), p), times_each(y_bar, direction(y, q, p), q)


def direction(y, p, q):
    """The unit vector from q to p, which are y apart; zero where they are one."""
    steps = []
    for k in range(len(p)):
        steps.append((p[k] - q[k]) / y if y > 0.0 else 0.0)
    return steps


parameters(math.fsum, seq=...)

# -------------------------------------------------------------- whole numbers

cannot_vary(math.floor, math.ceil, math.trunc, math.isqrt, math.factorial)
cannot_vary(math.comb, math.perm, math.gcd, math.lcm)
cannot_vary(math.isnan, math.isinf, math.isfinite, math.isclose)


@kind(math.floor, math.ceil, math.trunc, math.isqrt, math.factorial, math.comb, math.perm, math.gcd, math.lcm)
def whole_kind(*_: Arg, **__: Arg) -> Kind:
    return INT


@kind(math.isnan, math.isinf, math.isfinite, math.isclose)
def question_kind(*_: Arg, **__: Arg) -> Kind:
    return BOOL


@kind(math.exp, math.exp2, math.expm1, math.log, math.log2, math.log10, math.log1p)
@kind(math.sqrt, math.cbrt, math.hypot)
@kind(math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.atan2, math.radians, math.degrees)
@kind(math.sinh, math.cosh, math.tanh, math.asinh, math.acosh, math.atanh)
@kind(math.erf, math.erfc, math.gamma, math.lgamma, math.ulp, math.fsum, math.dist)
@kind(math.fabs, math.copysign, math.fmod, math.remainder, math.ldexp, math.pow)
def number_kind(*_: Arg, **__: Arg) -> Kind:
    return FLOAT


@jvp(math.modf, np.modf)
def modf_dot(y, x, x_dot):
    return x_dot, 0.0 * x_dot


@vjp(math.modf, np.modf)
def modf_bar(y, x, y_bar):
    return y_bar[0]


@kind(math.modf)
def modf_kind(x: Arg) -> Kind:
    return TupleOf((FLOAT, FLOAT))


@kind(np.modf)
def array_modf_kind(x: Arg) -> Kind:
    return TupleOf((floating(as_array(x)),) * 2)


parameters(math.modf, x=...)
parameters(np.modf, x=...)


@kind(math.prod)
def prod_kind(iterable: Arg, **_: Arg) -> Kind:
    dtype = as_array(iterable).dtype
    return FLOAT if dtype == "f8" else Array("?", ())
