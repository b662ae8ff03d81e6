"""Sample points of elementwise functions: for each path a function, and a row of arguments for each point."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from adtrans.rules.registry import canonical

Points = list[tuple[float, ...]]


def points(*rows: float | tuple[float, ...]) -> Points:
    return [row if isinstance(row, tuple) else (row,) for row in rows]


REAL = points(0.3, -1.2, 2.4)
POSITIVE = points(0.3, 1.2, 7.5)
SMALL = points(0.3, -0.7, 0.05)
PAIRS = points((0.7, 1.9), (-1.3, 0.6), (2.4, -1.1))

UNARY: dict[Callable[..., Any], Points] = {
    **dict.fromkeys([np.exp, np.exp2, np.expm1, np.cbrt, np.square, np.reciprocal], REAL),
    **dict.fromkeys([np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh], REAL),
    **dict.fromkeys([np.deg2rad, np.radians, np.rad2deg, np.degrees, np.absolute, np.fabs], REAL),
    **dict.fromkeys([np.negative, np.positive], REAL),
    **dict.fromkeys([np.log, np.log2, np.log10, np.log1p, np.sqrt], POSITIVE),
    **dict.fromkeys([np.arcsin, np.arccos, np.arctanh], SMALL),
    np.arccosh: points(1.3, 2.0, 5.5),
    np.sinc: points(0.3, -1.2, 0.02, 1e-3, 0.0, 3.3),
    np.i0: points(0.3, -1.2, 0.0, 6.5),
    np.float64: REAL,
    np.float32: points(0.25, -1.5, 2.0),
}

BINARY: dict[Callable[..., Any], Points] = {
    **dict.fromkeys([np.add, np.subtract, np.multiply, np.divide, np.hypot, np.arctan2], PAIRS),
    **dict.fromkeys([np.logaddexp, np.logaddexp2, np.maximum, np.minimum, np.fmax, np.fmin], PAIRS),
    **dict.fromkeys([np.remainder, np.fmod, np.copysign, np.heaviside], PAIRS),
    **dict.fromkeys([np.power, np.float_power], points((0.7, 1.9), (1.3, -0.6), (2.4, 3.0))),
    np.ldexp: points((0.7, 2), (-1.3, -1), (2.4, 0)),
}

OPERATORS: dict[str, tuple[Callable[..., Any], Points]] = {
    "+": (operator.add, PAIRS),
    "-": (operator.sub, PAIRS),
    "*": (operator.mul, PAIRS),
    "/": (operator.truediv, PAIRS),
    "%": (operator.mod, PAIRS),
    "**": (operator.pow, points((0.7, 1.9), (1.3, -0.6), (2.4, 3.0))),
    "neg": (operator.neg, REAL),
    "pos": (operator.pos, REAL),
    "builtins.abs": (abs, REAL),
    "builtins.pow": (pow, points((0.7, 1.9), (1.3, -0.6), (2.4, 3.0))),
}

ON_NUMBERS: dict[Callable[..., Any], Points] = {
    **dict.fromkeys([math.exp, math.exp2, math.expm1, math.cbrt, math.erf, math.erfc], REAL),
    **dict.fromkeys([math.sin, math.cos, math.tan, math.atan, math.sinh, math.cosh, math.tanh], REAL),
    **dict.fromkeys([math.asinh, math.radians, math.degrees, math.fabs, builtins.float], REAL),
    **dict.fromkeys([math.log2, math.log10, math.log1p, math.sqrt], POSITIVE),
    **dict.fromkeys([math.asin, math.acos, math.atanh], SMALL),
    **dict.fromkeys([math.atan2, math.fmod, math.remainder, math.copysign], PAIRS),
    math.acosh: points(1.3, 2.0, 5.5),
    math.gamma: points(0.3, 1.0, 4.5, -0.6, -1.3),
    math.lgamma: points(0.3, 1.0, 4.5, -0.6, -1.3, 25.0),
    math.pow: points((0.7, 1.9), (1.3, -0.6), (2.4, 3.0)),
    math.ldexp: points((0.7, 2), (-1.3, -1), (2.4, 0)),
}

TABLE: dict[str, tuple[Callable[..., Any], Points]] = {
    **{canonical(fn): (fn, rows) for fn, rows in {**UNARY, **BINARY, **ON_NUMBERS}.items()},
    **OPERATORS,
    "numpy.clip": (
        np.clip,
        points((0.3, -0.5, 0.8), (-0.7, -0.5, 0.8), (1.3, -0.5, 0.8), (0.3, 1.0, 0.5), (2.0, 1.0, 0.5)),
    ),
}

NO_EFFECT: dict[str, tuple[Callable[..., Any], Points]] = {
    "//": (operator.floordiv, PAIRS),
    "builtins.round": (builtins.round, points((0.312, 1), (-1.277, 2))),
    **{canonical(fn): (fn, REAL) for fn in (np.floor, np.ceil, np.trunc, np.rint, np.fix, np.sign)},
    **{canonical(fn): (fn, REAL) for fn in (np.round, np.around, math.ulp)},
    "numpy.floor_divide": (np.floor_divide, PAIRS),
    "scipy.special.round": (special.round, REAL),
    "scipy.special.gammasgn": (special.gammasgn, points(0.3, 1.0, 4.5, -0.6, -1.3)),
}
