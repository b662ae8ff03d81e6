"""The functions that a program may call, each with what keeps its argument in its smooth domain.

A guard is a template for the argument; the last number bounds the result for arguments within 4.
"""

from __future__ import annotations

UNARY: dict[str, tuple[str, float]] = {
    "np.sin": ("{}", 1.0),
    "np.cos": ("{}", 1.0),
    "np.tanh": ("{}", 1.0),
    "np.exp": ("np.sin({})", 2.8),
    "np.log": ("1.5 + np.sin({})", 1.0),
    "np.sqrt": ("1.5 + np.cos({})", 1.6),
    "np.abs": ("{}", 4.0),
    "np.fabs": ("{}", 4.0),
    "np.square": ("np.sin({})", 1.0),
    "np.arctan": ("{}", 1.6),
    "np.tan": ("0.9 * np.tanh({})", 1.3),
    "np.sinh": ("np.tanh({})", 1.2),
    "np.cosh": ("np.tanh({})", 1.6),
    "np.arcsin": ("0.9 * np.sin({})", 1.2),
    "np.arccos": ("0.9 * np.sin({})", 2.8),
    "np.arcsinh": ("{}", 2.1),
    "np.arccosh": ("2.5 + np.sin({})", 2.0),
    "np.arctanh": ("0.8 * np.tanh({})", 1.1),
    "np.log1p": ("0.5 * np.cos({})", 0.7),
    "np.expm1": ("np.sin({})", 1.8),
    "np.log2": ("2.0 + np.sin({})", 1.6),
    "np.log10": ("2.0 + np.sin({})", 0.5),
    "np.exp2": ("np.sin({})", 2.0),
    "np.reciprocal": ("2.0 + np.cos({})", 1.0),
    "np.negative": ("{}", 4.0),
    "np.sign": ("{}", 1.0),
    "np.floor": ("{}", 4.0),
    "np.ceil": ("{}", 4.0),
    "np.round": ("{}", 4.0),
}

BINARY: dict[str, tuple[str, str, float]] = {
    "np.maximum": ("{}", "{}", 4.0),
    "np.minimum": ("{}", "{}", 4.0),
    "np.hypot": ("{}", "1.5 + np.sin({})", 4.8),
    "np.arctan2": ("{}", "1.5 + np.cos({})", 1.6),
    "np.power": ("1.5 + np.sin({})", "np.tanh({})", 2.5),
    "np.logaddexp": ("{}", "{}", 4.7),
    "np.add": ("{}", "{}", 8.0),
    "np.subtract": ("{}", "{}", 8.0),
    "np.multiply": ("{}", "{}", 16.0),
    "np.divide": ("{}", "2.0 + np.sin({})", 4.0),
    "np.mod": ("{}", "1.5 + 0.1 * np.sin({})", 1.6),
    "np.fmod": ("{}", "1.5 + 0.1 * np.sin({})", 1.6),
}

MATH: dict[str, tuple[str, float]] = {
    "math.sin": ("{}", 1.0),
    "math.cos": ("{}", 1.0),
    "math.tanh": ("{}", 1.0),
    "math.exp": ("math.sin({})", 2.8),
    "math.log": ("1.5 + math.sin({})", 1.0),
    "math.sqrt": ("1.5 + math.cos({})", 1.6),
    "math.fabs": ("{}", 4.0),
    "math.atan": ("{}", 1.6),
    "math.tan": ("0.9 * math.tanh({})", 1.3),
    "math.sinh": ("math.tanh({})", 1.2),
    "math.cosh": ("math.tanh({})", 1.6),
    "math.asin": ("0.9 * math.sin({})", 1.2),
    "math.acos": ("0.9 * math.sin({})", 2.8),
    "math.asinh": ("{}", 2.1),
    "math.acosh": ("2.5 + math.sin({})", 2.0),
    "math.atanh": ("0.8 * math.tanh({})", 1.1),
    "math.log1p": ("0.5 * math.cos({})", 0.7),
    "math.expm1": ("math.sin({})", 1.8),
    "math.log2": ("2.0 + math.sin({})", 1.6),
    "math.log10": ("2.0 + math.sin({})", 0.5),
    "math.exp2": ("math.sin({})", 2.0),
    "math.cbrt": ("2.0 + math.sin({})", 1.5),
    "math.erf": ("{}", 1.0),
    "math.erfc": ("{}", 2.0),
    "math.gamma": ("2.0 + math.sin({})", 2.0),
    "math.lgamma": ("2.0 + math.sin({})", 1.0),
    "math.degrees": ("0.01 * {}", 3.0),
    "math.radians": ("{}", 0.1),
}

MATH_BINARY: dict[str, tuple[str, str, float]] = {
    "math.hypot": ("{}", "1.5 + math.sin({})", 4.8),
    "math.atan2": ("{}", "1.5 + math.cos({})", 1.6),
    "math.pow": ("1.5 + math.sin({})", "math.tanh({})", 2.5),
    "math.copysign": ("1.0 + math.cos({})", "{}", 2.0),
    "math.fmod": ("{}", "1.5 + 0.1 * math.sin({})", 1.6),
}

REDUCTIONS = ("sum", "mean", "max", "min", "prod", "var", "std")
