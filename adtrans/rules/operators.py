# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Python's operators and the NumPy functions that are the same thing. (`@` is in products.py.)"""

import math
from dataclasses import replace

import numpy as np

from adtrans.kinds import COMPLEX, Array, Kind
from adtrans.layouts import KEYED
from adtrans.rules.facts import broadcast
from adtrans.rules.registry import Arg, cannot_vary, kind, no_effect, partials, real_only

# --------------------------------------------------------------- arithmetic


@partials("+", np.add)
def add(y, x1, x2):
    return 1.0, 1.0


@partials("-", np.subtract)
def subtract(y, x1, x2):
    return 1.0, -1.0


@partials("*", np.multiply)
def multiply(y, x1, x2):
    return x2, x1


@partials("/", np.divide)
def divide(y, x1, x2):
    return 1.0 / x2, -x1 / (x2 * x2)


@partials("neg", np.negative)
def negative(y, x):
    return -1.0


@partials("pos", np.positive)
def positive(y, x):
    return 1.0


@partials("%", np.remainder)
def remainder(y, x1, x2):
    return 1.0, -(x1 // x2)


real_only("%", np.remainder)
no_effect("//", np.floor_divide)

# ------------------------------------------------------------------- powers


@partials("**", np.power, np.float_power, math.pow)
def power(y, x1, x2):
    if np.ndim(x2) == 0:
        x1_slope = x2 * x1 ** (x2 - 1) if x2 != 0 else 0.0
    else:
        x1_slope = x2 * x1 ** np.where(x2 == 0, 1, x2 - 1)
    if np.ndim(x1) == 0:
        x2_slope = y * np.log(x1) if x1 != 0 else 0.0
    else:
        x2_slope = y * np.log(np.where(x1 == 0, 1.0, x1))
    return x1_slope, x2_slope


# ---------------------------------------------------- comparisons, bits, logic

cannot_vary("<", "<=", ">", ">=", "==", "!=", "is", "is not", "in", "not in")
cannot_vary(KEYED)
cannot_vary("not", "~", "&", "|", "^", "<<", ">>")
cannot_vary(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
cannot_vary(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
cannot_vary(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift)
cannot_vary(np.isnan, np.isfinite, np.isinf, np.signbit, np.gcd, np.lcm)

# -------------------------------------------------------------------- kinds


@kind(np.add, np.subtract, np.multiply, np.remainder, np.floor_divide, np.fmod)
def arithmetic_kind(x1: Arg, x2: Arg) -> Kind:
    """Integers stay integers; flags are counted as such."""
    return _counted(broadcast(x1, x2))


@kind(np.negative, np.positive, np.square)
def sign_kind(x: Arg) -> Kind:
    return _counted(broadcast(x))


def _counted(result: Kind) -> Kind:
    """What `+` makes of flags is a flag or a number, as the case may be: `?`."""
    if isinstance(result, Array) and result.dtype == "b":
        return replace(result, dtype="?")
    return result


@kind(np.divide)
def divide_kind(x1: Arg, x2: Arg) -> Kind:
    result = broadcast(x1, x2)
    if isinstance(result, Array) and result.dtype in ("b", "i"):
        return replace(result, dtype="f8")
    return result


@kind(np.float_power)
def float_power_kind(x1: Arg, x2: Arg) -> Kind:
    result = broadcast(x1, x2)
    if isinstance(result, Array) and result.dtype in ("b", "i", "f4", "f8"):
        return replace(result, dtype="f8")
    if isinstance(result, Array) and result.dtype in COMPLEX:
        return replace(result, dtype="c16")
    return result if isinstance(result, Array) else Array("?", None)


@kind(np.power)
def power_kind(x1: Arg, x2: Arg) -> Kind:
    return _counted(broadcast(x1, x2))


@kind(
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
)
def comparison_kind(x1: Arg, x2: Arg) -> Kind:
    result = broadcast(x1, x2)
    return replace(result, dtype="b") if isinstance(result, Array) else Array("b", None)


@kind(np.logical_not, np.isnan, np.isfinite, np.isinf, np.signbit)
def question_kind(x: Arg) -> Kind:
    return comparison_kind(x, x)


@kind(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift, np.gcd, np.lcm)
def bits_kind(x1: Arg, x2: Arg) -> Kind:
    return broadcast(x1, x2)


@kind(np.invert)
def invert_kind(x: Arg) -> Kind:
    return broadcast(x)
