# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Complex numbers: which rules are right for them, the rules of what is not holomorphic, and `cmath`.

The adjoint `x_bar` of a complex x is such that a value moves by the real part of `x_bar * x_dot`: it is
`dL/dRe(x) - i dL/dIm(x)`. A holomorphic function needs no other rule than for real numbers, and a linear
one no other adjoint than the transpose, nothing conjugated. Where a real operand meets complex ones, the
compiler takes the real part of what flows to it. What is not listed is refused for complex numbers.
"""

import builtins
import cmath
import math

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_array
from adtrans.rules.optional import linalg
from adtrans.rules.registry import (
    Arg,
    cannot_vary,
    complex_jvp,
    complex_partials,
    complex_too,
    complex_vjp,
    gives_real,
    jvp,
    kind,
    parameters,
    partials,
    vjp,
)
from adtrans.support import count, is_complex, unbroadcast, unreduce

# ------------------------------------------------------------- holomorphic

complex_too("+", "-", "*", "/", "neg", "pos", "@", builtins.sum)
complex_too(np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive)
complex_too(np.square, np.reciprocal, np.sqrt)
complex_too(np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p)
complex_too(np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan)
complex_too(np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh)
complex_too(np.real, np.imag, np.conjugate, np.angle)
complex_too(np.round, np.around, np.rint, builtins.round, "adtrans.stop_gradient")


@complex_partials("**", np.power, np.float_power, builtins.pow)
def power(y, x1, x2):
    base = x1 + 0j if is_complex(x2) and not is_complex(x1) else x1  # A real base may be negative.
    if np.ndim(x2) == 0:
        x1_slope = x2 * x1 ** (x2 - 1) if x2 != 0 else 0.0
    else:
        x1_slope = x2 * x1 ** np.where(x2 == 0, 1, x2 - 1)
    if np.ndim(x1) == 0:
        x2_slope = y * np.log(base) if x1 != 0 else 0.0
    else:
        x2_slope = y * np.log(np.where(x1 == 0, 1.0, base))
    return x1_slope, x2_slope


# -------------------------------------------------------- linear, and products

complex_too(
    *(np.sum, np.mean, np.average, np.prod, np.cumsum, np.cumprod, np.cumulative_sum, np.cumulative_prod),
    *(
        np.nansum,
        np.nanmean,
        np.nanprod,
        np.nancumsum,
        np.nancumprod,
        np.block,
        np.trapezoid,
        np.diff,
        np.ediff1d,
        np.gradient,
    ),
    *(np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.squeeze, np.expand_dims),
    *(np.broadcast_to, np.broadcast_arrays, np.flip, np.fliplr, np.flipud, np.roll, np.rot90, np.resize),
    *(np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack, np.append, np.insert),
    *(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, np.unstack, np.atleast_1d, np.atleast_2d),
    *(np.atleast_3d, np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.copy),
    *(np.diag, np.diagflat, np.diagonal, np.trace, np.tril, np.triu, np.full, np.full_like, np.linspace),
    *(np.tile, np.repeat, np.pad, np.delete, np.meshgrid, np.vander, np.polyval, np.polyder),
    *(np.where, np.select, np.choose, np.compress, np.extract, np.take, np.take_along_axis),
    *(np.dot, np.matmul, np.inner, np.outer, np.vdot, np.vecdot, np.kron, np.cross, np.tensordot, np.einsum),
    *(np.convolve, np.correlate, np.matvec, np.matrix_transpose),
    *("numpy.ndarray.flatten", "numpy.ndarray.item", "numpy.ndarray.tolist", "numpy.ndarray.astype"),
    *("numpy.ndarray.compress", np.astype, np.polyadd, np.polysub, np.polymul, np.polyint, np.linalg.vecdot),
    "numpy.lib.stride_tricks.sliding_window_view",
    *("builtins.list", "builtins.tuple", "list.pop", "numpy.add.at"),
)
complex_too(
    *("numpy.add.reduce", "numpy.add.accumulate", "numpy.add.reduceat", "numpy.multiply.reduce"),
    *("numpy.multiply.accumulate", "numpy.add.outer", "numpy.subtract.outer", "numpy.multiply.outer"),
    "numpy.divide.outer",
)
complex_too(
    *(np.linalg.solve, np.linalg.inv, np.linalg.det, np.linalg.matrix_power, np.linalg.multi_dot),
    *(np.linalg.matmul, np.linalg.outer, np.linalg.tensordot, np.linalg.cross, np.linalg.trace),
    *(np.linalg.diagonal, np.linalg.matrix_transpose),
)

complex_too(
    *(
        f"scipy.linalg.{name}"
        for name in (
            *("block_diag", "circulant", "hankel", "det", "expm", "expm_frechet", "inv", "lu", "lu_factor"),
            *("lu_solve", "solve_banded", "solve_sylvester", "solve_triangular", "toeplitz", "logm"),
            *("cosm", "sinm", "coshm", "sinhm", "tanm", "tanhm", "fractional_matrix_power"),
        )
    ),
    *("scipy.integrate.trapezoid", "scipy.integrate.cumulative_trapezoid"),
    *(f"scipy.signal.{name}" for name in ("convolve", "convolve2d", "detrend", "fftconvolve")),
    *(
        "scipy.signal.lfilter",
        "scipy.signal.oaconvolve",
        "scipy.signal.savgol_filter",
        "scipy.integrate.cumulative_simpson",
        "scipy.integrate.romb",
    ),
    *(f"scipy.special.{name}" for name in ("logsumexp", "softmax", "log_softmax")),
)

# ------------------------------------------------------------ systems of equations


@complex_jvp("scipy.linalg.solve")
def solve_dot(y, a, b, a_dot, b_dot, lower=False, assume_a=None, transposed=False):
    if assume_a is not None and assume_a not in ("gen", "general"):
        raise NotImplementedError("a matrix of complex numbers that is assumed to have a structure")
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        raise NotImplementedError("one vector and a stack of matrices")
    return linalg.solve(a, b_dot - a_dot @ y)


@complex_vjp("scipy.linalg.solve")
def solve_bar(y, a, b, y_bar, lower=False, assume_a=None, transposed=False):
    """SciPy solves no transposed system of complex numbers: the matrix is transposed."""
    if assume_a is not None and assume_a not in ("gen", "general"):
        raise NotImplementedError("a matrix of complex numbers that is assumed to have a structure")
    rhs_bar = linalg.solve(np.swapaxes(a, -1, -2), y_bar)
    if np.ndim(b) == 1:
        if np.ndim(a) > 2:
            raise NotImplementedError("one vector and a stack of matrices")
        return -np.outer(rhs_bar, y), rhs_bar
    return unbroadcast(-rhs_bar @ np.swapaxes(y, -1, -2), a), unbroadcast(rhs_bar, b)


# ------------------------------------------------------------ absolute values


@complex_jvp(np.absolute, builtins.abs)
def absolute_dot(y, x, x_dot):
    return np.real(np.conj(x) * x_dot) / np.where(y == 0.0, 1.0, y)


@complex_vjp(np.absolute, builtins.abs)
def absolute_bar(y, x, y_bar):
    return y_bar * np.conj(x) / np.where(y == 0.0, 1.0, y)


@complex_jvp(np.var)
def var_dot(y, a, a_dot, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    if where is not None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims) - ddof
        n = n if correction is None else n - correction
        return 2.0 * np.sum(np.real(np.conj(a - mean) * a_dot), axis=axis, keepdims=keepdims, where=where) / n
    mean = np.mean(a) if axis is None else np.mean(a, axis=axis, keepdims=True)
    n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
    n = n if ddof == 0 else n - ddof
    n = n if correction is None else n - correction
    return 2.0 * np.sum(np.real(np.conj(a - mean) * a_dot), axis=axis, keepdims=keepdims) / n


@complex_vjp(np.var)
def var_bar(y, a, y_bar, axis=None, ddof=0, keepdims=False, correction=None, where=None):
    if where is not None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
        n = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, dtype=y.dtype, keepdims=keepdims) - ddof
        n = n if correction is None else n - correction
        return 2.0 * unreduce(y_bar / n, a, axis, keepdims) * np.where(where, np.conj(a - mean), 0.0)
    mean = np.mean(a) if axis is None else np.mean(a, axis=axis, keepdims=True)
    n = np.size(a) if axis is None else np.shape(a)[axis] if isinstance(axis, int) else count(a, axis)
    n = n if ddof == 0 else n - ddof
    n = n if correction is None else n - correction
    return 2.0 * unreduce(y_bar, a, axis, keepdims) * np.conj(a - mean) / n


@complex_jvp(np.linalg.vector_norm)
def vector_norm_dot(y, x, x_dot, axis=None, keepdims=False, ord=2):
    if ord != 2:
        raise NotImplementedError("the derivative of this norm of complex numbers")
    return np.sum(np.real(np.conj(x) * x_dot), axis, keepdims=keepdims) / np.where(y == 0.0, 1.0, y)


@complex_vjp(np.linalg.vector_norm)
def vector_norm_bar(y, x, y_bar, axis=None, keepdims=False, ord=2):
    if ord != 2:
        raise NotImplementedError("the derivative of this norm of complex numbers")
    return unreduce(y_bar / np.where(y == 0.0, 1.0, y), x, axis, keepdims) * np.conj(x)


complex_too(np.linalg.norm)  # Its rule refuses the orders other than Euclid's itself.
gives_real(np.absolute, builtins.abs, np.real, np.imag, np.angle, np.var, np.std, np.nanvar, np.nanstd)
gives_real(np.linalg.norm, np.linalg.vector_norm, np.linalg.matrix_norm, np.linalg.cond)

# ------------------------------------------------------- made of two numbers


@jvp("builtins.complex")
def complex_dot(y, real, imag, real_dot, imag_dot):
    return real_dot + 1j * imag_dot


@vjp("builtins.complex")
def complex_bar(y, real, imag, y_bar):
    if is_complex(imag):
        return y_bar, 1j * y_bar
    return y_bar, -np.imag(y_bar)


parameters("builtins.complex", real=0, imag=0)
complex_too("builtins.complex")


@kind("builtins.complex")
def complex_kind(*_: Arg, **__: Arg) -> Kind:
    return Array("c16", (), python=True)


@partials(np.complex128, np.complex64)
def cast(y, x):
    return 1.0


complex_too(np.complex128, np.complex64)


@kind(np.complex128)
def complex128_kind(x: Arg) -> Kind:
    return Array("c16", as_array(x).shape)


@kind(np.complex64)
def complex64_kind(x: Arg) -> Kind:
    return Array("c8", as_array(x).shape)


# ------------------------------------------------------------------ cmath


@partials(cmath.exp)
def exp(y, z):
    return y


@jvp(cmath.log)
def log_dot(y, z, base, z_dot, base_dot):
    if base is None:
        return z_dot / z
    return (z_dot / z - y * base_dot / base) / cmath.log(base)


@vjp(cmath.log)
def log_bar(y, z, base, y_bar):
    if base is None:
        return y_bar / z, None
    return y_bar / (z * cmath.log(base)), -y * y_bar / (base * cmath.log(base))


parameters(cmath.log, z=..., base=None)


@partials(cmath.log10)
def log10(y, z):
    return 1.0 / (z * math.log(10.0))


@partials(cmath.sqrt)
def sqrt(y, z):
    return 0.5 / y


@partials(cmath.sin)
def sin(y, z):
    return cmath.cos(z)


@partials(cmath.cos)
def cos(y, z):
    return -cmath.sin(z)


@partials(cmath.tan)
def tan(y, z):
    return 1.0 + y * y


@partials(cmath.sinh)
def sinh(y, z):
    return cmath.cosh(z)


@partials(cmath.cosh)
def cosh(y, z):
    return cmath.sinh(z)


@partials(cmath.tanh)
def tanh(y, z):
    return 1.0 - y * y


@partials(cmath.asin)
def asin(y, z):
    return 1.0 / cmath.sqrt((1.0 - z) * (1.0 + z))


@partials(cmath.acos)
def acos(y, z):
    return -1.0 / cmath.sqrt((1.0 - z) * (1.0 + z))


@partials(cmath.atan)
def atan(y, z):
    return 1.0 / (1.0 + z * z)


@partials(cmath.asinh)
def asinh(y, z):
    return 1.0 / cmath.sqrt(z * z + 1.0)


@partials(cmath.acosh)
def acosh(y, z):
    return 1.0 / (cmath.sqrt(z - 1.0) * cmath.sqrt(z + 1.0))


@partials(cmath.atanh)
def atanh(y, z):
    return 1.0 / ((1.0 - z) * (1.0 + z))


@jvp(cmath.phase)
def phase_dot(y, z, z_dot):
    return np.imag(z_dot / z)


@vjp(cmath.phase)
def phase_bar(y, z, y_bar):
    return -1j * y_bar / z


@jvp(cmath.rect)
def rect_dot(y, r, phi, r_dot, phi_dot):
    return r_dot * cmath.rect(1.0, phi) + 1j * y * phi_dot


@vjp(cmath.rect)
def rect_bar(y, r, phi, y_bar):
    return np.real(cmath.rect(1.0, phi) * y_bar), -np.imag(y * y_bar)


CMATH = (
    *(cmath.exp, cmath.log, cmath.log10, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan, cmath.sinh, cmath.cosh),
    *(cmath.tanh, cmath.asin, cmath.acos, cmath.atan, cmath.asinh, cmath.acosh, cmath.atanh),
)
complex_too(*CMATH, cmath.phase, cmath.rect)
gives_real(cmath.phase)
cannot_vary(cmath.isnan, cmath.isinf, cmath.isfinite, cmath.isclose)
parameters(cmath.phase, z=...)
parameters(cmath.rect, r=..., phi=...)


@kind(*CMATH, cmath.rect)
def cmath_kind(*_: Arg, **__: Arg) -> Kind:
    return Array("c16", (), python=True)


@kind(cmath.phase)
def phase_kind(z: Arg) -> Kind:
    return Array("f8", (), python=True)


@kind(cmath.isnan, cmath.isinf, cmath.isfinite, cmath.isclose)
def question_kind(*_: Arg, **__: Arg) -> Kind:
    return Array("b", (), python=True)
