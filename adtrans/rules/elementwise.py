# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""NumPy's elementwise functions: exp, sin, maximum, clip. (Those that are operators are in operators.py.)"""

import math
from dataclasses import replace

import numpy as np

from adtrans.kinds import BOOL, NONE, Array, Kind, parts_dtype
from adtrans.rules.facts import as_array, broadcast, with_shape
from adtrans.rules.registry import (
    Arg,
    cannot_vary,
    jvp,
    kind,
    no_effect,
    parameters,
    partials,
    real_only,
    vjp,
)
from adtrans.support import i0_slope, sinc_slope

# --------------------------------------------------- exponentials, logarithms


@partials(np.exp)
def exp(y, x):
    return y


@partials(np.exp2)
def exp2(y, x):
    return y * math.log(2.0)


@partials(np.expm1)
def expm1(y, x):
    return y + 1.0


@partials(np.log)
def log(y, x):
    return 1.0 / x


@partials(np.log2)
def log2(y, x):
    return 1.0 / (x * math.log(2.0))


@partials(np.log10)
def log10(y, x):
    return 1.0 / (x * math.log(10.0))


@partials(np.log1p)
def log1p(y, x):
    return 1.0 / (1.0 + x)


@partials(np.logaddexp)
def logaddexp(y, x1, x2):
    return np.exp(x1 - y), np.exp(x2 - y)


@partials(np.logaddexp2)
def logaddexp2(y, x1, x2):
    return np.exp2(x1 - y), np.exp2(x2 - y)


# -------------------------------------------------------------------- powers


@partials(np.sqrt)
def sqrt(y, x):
    return 0.5 / y


@partials(np.cbrt)
def cbrt(y, x):
    return 1.0 / (3.0 * y * y)


@partials(np.square)
def square(y, x):
    return 2.0 * x


@partials(np.reciprocal)
def reciprocal(y, x):
    return -y * y


@partials(np.hypot)
def hypot(y, x1, x2):
    return x1 / np.where(y == 0.0, 1.0, y), x2 / np.where(y == 0.0, 1.0, y)


# --------------------------------------------------------------- trigonometry


@partials(np.sin)
def sin(y, x):
    return np.cos(x)


@partials(np.cos)
def cos(y, x):
    return -np.sin(x)


@partials(np.tan)
def tan(y, x):
    return 1.0 + y * y


@partials(np.arcsin)
def arcsin(y, x):
    return 1.0 / np.sqrt((1.0 - x) * (1.0 + x))


@partials(np.arccos)
def arccos(y, x):
    return -1.0 / np.sqrt((1.0 - x) * (1.0 + x))


@partials(np.arctan)
def arctan(y, x):
    return 1.0 / (1.0 + x * x)


@partials(np.arctan2)
def arctan2(y, x1, x2):
    return x2 / (x1 * x1 + x2 * x2), -x1 / (x1 * x1 + x2 * x2)


@partials(np.deg2rad, np.radians)
def radians(y, x):
    return math.pi / 180.0


@partials(np.rad2deg, np.degrees)
def degrees(y, x):
    return 180.0 / math.pi


@partials(np.sinc)
def sinc(y, x):
    return sinc_slope(x)


@jvp(np.unwrap)
def unwrap_dot(y, p, p_dot, discont=None, axis=-1, period=2.0 * math.pi):
    return p_dot


@vjp(np.unwrap)
def unwrap_bar(y, p, y_bar, discont=None, axis=-1, period=2.0 * math.pi):
    return y_bar


# ----------------------------------------------------------------- hyperbolic


@partials(np.sinh)
def sinh(y, x):
    return np.cosh(x)


@partials(np.cosh)
def cosh(y, x):
    return np.sinh(x)


@partials(np.tanh)
def tanh(y, x):
    return 1.0 - y * y


@partials(np.arcsinh)
def arcsinh(y, x):
    return 1.0 / np.sqrt(x * x + 1.0)


@partials(np.arccosh)
def arccosh(y, x):
    return 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0))


@partials(np.arctanh)
def arctanh(y, x):
    return 1.0 / ((1.0 - x) * (1.0 + x))


@partials(np.i0)
def i0(y, x):
    return i0_slope(x)


# ---------------------------------------------------------- kinks: ties share


@partials(np.absolute, np.fabs)
def absolute(y, x):
    return np.sign(x)


@partials(np.maximum)
def maximum(y, x1, x2):
    return np.heaviside(x1 - x2, 0.5), np.heaviside(x2 - x1, 0.5)


@partials(np.minimum)
def minimum(y, x1, x2):
    return np.heaviside(x2 - x1, 0.5), np.heaviside(x1 - x2, 0.5)


@partials(np.fmax, np.fmin)
def fmax(y, x1, x2):
    return np.where(x1 == x2, 0.5, x1 == y), np.where(x1 == x2, 0.5, x2 == y)


@partials(np.clip)
def clip(y, a, a_min=None, a_max=None):
    if a_min is None and a_max is None:
        return 1.0, None, None
    if a_min is None:
        return a < a_max, None, a >= a_max
    if a_max is None:
        return a > a_min, a <= a_min, None
    return (a_min < a) & (a < a_max), (a <= a_min) & (a_min < a_max), (a >= a_max) | (a_min >= a_max)


@partials(np.copysign)
def copysign(y, x1, x2):
    return np.sign(x1) * np.copysign(1.0, x2), None


@partials(np.heaviside)
def heaviside(y, x1, x2):
    return None, x1 == 0


@partials(np.fmod)
def fmod(y, x1, x2):
    return 1.0, -np.trunc(x1 / x2)


@partials(np.ldexp)
def ldexp(y, x1, x2):
    return np.ldexp(1.0, x2), None


@jvp(np.nan_to_num)
def nan_to_num_dot(y, x, x_dot, nan=0.0, posinf=None, neginf=None):
    return np.where(np.isfinite(x), x_dot, 0.0)


@vjp(np.nan_to_num)
def nan_to_num_bar(y, x, y_bar, nan=0.0, posinf=None, neginf=None):
    return np.where(np.isfinite(x), y_bar, 0.0)


real_only(np.absolute, np.fabs, np.hypot, np.arctan2, np.copysign, np.heaviside, np.fmod, np.clip)
real_only(np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.cbrt, np.i0, np.sinc)
real_only(np.float64, np.float32, np.unwrap)
no_effect(np.floor, np.ceil, np.trunc, np.rint, np.fix, np.round, np.around, np.sign)
cannot_vary(np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj, np.isneginf, np.isposinf)

# -------------------------------------------------------------------- complex


@jvp(np.conjugate)
def conjugate_dot(y, x, x_dot):
    return np.conj(x_dot)


@vjp(np.conjugate)
def conjugate_bar(y, x, y_bar):
    return np.conj(y_bar)


@jvp(np.real)
def real_dot(y, val, val_dot):
    return np.real(val_dot)


@vjp(np.real)
def real_bar(y, val, y_bar):
    if np.iscomplexobj(val):
        return y_bar + 0j
    return y_bar


@jvp(np.imag)
def imag_dot(y, val, val_dot):
    return np.imag(val_dot)


@vjp(np.imag)
def imag_bar(y, val, y_bar):
    if np.iscomplexobj(val):
        return -1j * y_bar
    return np.zeros_like(val)


@jvp(np.angle)
def angle_dot(y, z, z_dot, deg=False):
    unit = 180.0 / math.pi if deg else 1.0
    if np.iscomplexobj(z):
        return unit * np.imag(z_dot / z)
    return np.zeros_like(z)


@vjp(np.angle)
def angle_bar(y, z, y_bar, deg=False):
    unit = 180.0 / math.pi if deg else 1.0
    if np.iscomplexobj(z):
        return -1j * unit * y_bar / z
    return np.zeros_like(z)


parameters(np.conjugate, x=...)

# ---------------------------------------------------------------------- casts


@partials(np.float64, np.float32)
def cast(y, x):
    return 1.0


@kind(np.float64)
def float64_kind(x: Arg) -> Kind:
    return Array("f8", as_array(x).shape)


@kind(np.float32)
def float32_kind(x: Arg) -> Kind:
    return Array("f4", as_array(x).shape)


# ---------------------------------------------------------------------- kinds


def floating(result: Kind) -> Kind:
    """Integers become float64, flags float16."""
    if isinstance(result, Array) and result.dtype in ("i", "b"):
        return replace(result, dtype="f8" if result.dtype == "i" else "?")
    return result


@kind(
    np.exp,
    np.exp2,
    np.expm1,
    np.log,
    np.log2,
    np.log10,
    np.log1p,
    np.sqrt,
    np.cbrt,
    np.sin,
    np.cos,
    np.tan,
    np.arcsin,
    np.arccos,
    np.arctan,
    np.deg2rad,
    np.radians,
    np.rad2deg,
    np.degrees,
    np.sinc,
    np.sinh,
    np.cosh,
    np.tanh,
    np.arcsinh,
    np.arccosh,
    np.arctanh,
    np.fabs,
    np.rint,
)
def unary_kind(x: Arg) -> Kind:
    return floating(broadcast(x))


@kind(np.logaddexp, np.logaddexp2, np.hypot, np.arctan2, np.copysign, np.heaviside)
def binary_kind(x1: Arg, x2: Arg) -> Kind:
    return floating(broadcast(x1, x2))


@kind(np.ldexp)
def ldexp_kind(x1: Arg, x2: Arg) -> Kind:
    shape = broadcast(x1, x2)
    return with_shape(floating(broadcast(x1)), shape.shape if isinstance(shape, Array) else None)


@kind(np.maximum, np.minimum, np.fmax, np.fmin)
def choice_kind(x1: Arg, x2: Arg) -> Kind:
    return broadcast(x1, x2)


@kind(np.floor, np.ceil, np.trunc, np.fix)
def floor_kind(x: Arg) -> Kind:
    """Of integers, one version of NumPy makes floats and another integers."""
    result = broadcast(x)
    return replace(result, dtype="?") if isinstance(result, Array) and result.dtype in ("i", "b") else result


@kind(np.reciprocal, np.sign, np.conjugate)
def same_kind(x: Arg) -> Kind:
    result = broadcast(x)
    return replace(result, dtype="?") if isinstance(result, Array) and result.dtype == "b" else result


@kind(np.absolute)
def absolute_kind(x: Arg) -> Kind:
    return real_part_kind(broadcast(x))


@kind(np.real, np.imag)
def real_kind(val: Arg) -> Kind:
    return real_part_kind(as_array(val))


@kind(np.angle)
def angle_kind(z: Arg, deg: Arg | None = None) -> Kind:
    return floating(real_part_kind(as_array(z)))


def real_part_kind(of: Kind) -> Kind:
    return replace(of, dtype=parts_dtype(of.dtype)) if isinstance(of, Array) else of


@kind(np.i0)
def i0_kind(x: Arg) -> Kind:
    """Single precision is kept for arrays, but not by every version of NumPy for single numbers."""
    array = as_array(x)
    return Array("f8" if array.dtype in ("f8", "i") else "?", array.shape)


@kind(np.clip)
def clip_kind(a: Arg, a_min: Arg | None = None, a_max: Arg | None = None, **_: Arg) -> Kind:
    bounds = [arg for arg in (a_min, a_max) if arg is not None and arg.value is not None and arg.kind != NONE]
    return broadcast(a, *bounds)


@kind(np.round, np.around)
def round_kind(a: Arg, decimals: Arg | None = None, **_: Arg) -> Kind:
    return same_kind(a)


@kind(np.nan_to_num)
def nan_to_num_kind(x: Arg, **_: Arg) -> Kind:
    return broadcast(x)


@kind(np.unwrap)
def unwrap_kind(p: Arg, **_: Arg) -> Kind:
    result = as_array(p)
    return Array(result.dtype if result.dtype in ("f4", "f8") else "?", result.shape)


@kind(np.iscomplex, np.isreal, np.isneginf, np.isposinf)
def question_kind(x: Arg) -> Kind:
    return Array("b", as_array(x).shape)


@kind(np.iscomplexobj, np.isrealobj)
def object_question_kind(x: Arg) -> Kind:
    return BOOL
