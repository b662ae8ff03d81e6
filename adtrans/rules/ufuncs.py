# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Methods of ufuncs: `np.add.reduce`, `np.maximum.accumulate`, `np.multiply.outer`, `np.add.reduceat`.

A reduction is the function that NumPy has for it, but for the axis, which is the first one where none
is given. In C these have no signature that Python could read.
"""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_array, axes_of, broadcast, const, shape_arg, with_shape
from adtrans.rules.reductions import max_kind, sum_kind
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp
from adtrans.rules.running import cumulated
from adtrans.support import cumprod_adjoint, cumprod_tangent, product_of_others, unbroadcast, unreduce

FIRST = Arg(Kind(), 0)
"""The axis of a reduction that names none."""

# ------------------------------------------------------------------- reduce


@jvp("numpy.add.reduce")
def add_reduce_dot(y, a, a_dot, axis=0, keepdims=False):
    return np.sum(a_dot, axis=axis, keepdims=keepdims)


@vjp("numpy.add.reduce")
def add_reduce_bar(y, a, y_bar, axis=0, keepdims=False):
    return unreduce(y_bar, a, axis, keepdims)


@jvp("numpy.multiply.reduce")
def multiply_reduce_dot(y, a, a_dot, axis=0, keepdims=False):
    return np.sum(product_of_others(a, axis) * a_dot, axis=axis, keepdims=keepdims)


@vjp("numpy.multiply.reduce")
def multiply_reduce_bar(y, a, y_bar, axis=0, keepdims=False):
    return unreduce(y_bar, a, axis, keepdims) * product_of_others(a, axis)


@jvp("numpy.maximum.reduce", "numpy.minimum.reduce", "numpy.fmax.reduce", "numpy.fmin.reduce")
def maximum_reduce_dot(y, a, a_dot, axis=0, keepdims=False):
    ties = np.equal(a, y if axis is None or keepdims else np.expand_dims(y, axis))
    n = np.sum(ties, axis=axis, dtype=y.dtype, keepdims=keepdims)
    return np.sum(a_dot * ties, axis=axis, keepdims=keepdims) / n


@vjp("numpy.maximum.reduce", "numpy.minimum.reduce", "numpy.fmax.reduce", "numpy.fmin.reduce")
def maximum_reduce_bar(y, a, y_bar, axis=0, keepdims=False):
    ties = np.equal(a, y if axis is None or keepdims else np.expand_dims(y, axis))
    n = np.sum(ties, axis=axis, dtype=y.dtype, keepdims=keepdims)
    return unreduce(y_bar / n, a, axis, keepdims) * ties


@jvp("numpy.logaddexp.reduce")
def logaddexp_reduce_dot(y, a, a_dot, axis=0, keepdims=False):
    weights = np.exp(a - (y if axis is None or keepdims else np.expand_dims(y, axis)))
    return np.sum(weights * a_dot, axis=axis, keepdims=keepdims)


@vjp("numpy.logaddexp.reduce")
def logaddexp_reduce_bar(y, a, y_bar, axis=0, keepdims=False):
    weights = np.exp(a - (y if axis is None or keepdims else np.expand_dims(y, axis)))
    return unreduce(y_bar, a, axis, keepdims) * weights


@jvp("numpy.logaddexp2.reduce")
def logaddexp2_reduce_dot(y, a, a_dot, axis=0, keepdims=False):
    weights = np.exp2(a - (y if axis is None or keepdims else np.expand_dims(y, axis)))
    return np.sum(weights * a_dot, axis=axis, keepdims=keepdims)


@vjp("numpy.logaddexp2.reduce")
def logaddexp2_reduce_bar(y, a, y_bar, axis=0, keepdims=False):
    weights = np.exp2(a - (y if axis is None or keepdims else np.expand_dims(y, axis)))
    return unreduce(y_bar, a, axis, keepdims) * weights


@jvp("numpy.hypot.reduce")
def hypot_reduce_dot(y, a, a_dot, axis=0, keepdims=False):
    return np.sum(a * a_dot, axis=axis, keepdims=keepdims) / np.where(y == 0.0, 1.0, y)


@vjp("numpy.hypot.reduce")
def hypot_reduce_bar(y, a, y_bar, axis=0, keepdims=False):
    return unreduce(y_bar / np.where(y == 0.0, 1.0, y), a, axis, keepdims) * a


@kind("numpy.add.reduce", "numpy.multiply.reduce")
def sum_reduce_kind(array: Arg, axis: Arg = FIRST, **named: Arg) -> Kind:
    return sum_kind(array, axis, **named)


@kind("numpy.maximum.reduce", "numpy.minimum.reduce", "numpy.fmax.reduce", "numpy.fmin.reduce")
def maximum_reduce_kind(array: Arg, axis: Arg = FIRST, keepdims: Arg | None = None, **_: Arg) -> Kind:
    return max_kind(array, axis, keepdims)


@kind("numpy.logaddexp.reduce", "numpy.logaddexp2.reduce", "numpy.hypot.reduce")
def float_reduce_kind(array: Arg, axis: Arg = FIRST, keepdims: Arg | None = None, **_: Arg) -> Kind:
    reduced = max_kind(array, axis, keepdims)
    assert isinstance(reduced, Array)
    return Array(reduced.dtype if reduced.dtype in ("f8", "f4") else "?", reduced.shape)


REDUCED = ("add", "multiply", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "hypot")
for name in REDUCED:
    path = f"numpy.{name}.reduce"
    parameters(path, array=..., axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True)

# --------------------------------------------------------------- accumulate


@jvp("numpy.add.accumulate")
def add_accumulate_dot(y, a, a_dot, axis=0):
    return np.cumsum(a_dot, axis=axis)


@vjp("numpy.add.accumulate")
def add_accumulate_bar(y, a, y_bar, axis=0):
    if np.ndim(a) == 1:
        return np.cumsum(y_bar[::-1])[::-1]
    return np.flip(np.cumsum(np.flip(y_bar, axis=axis), axis=axis), axis=axis)


@jvp("numpy.multiply.accumulate")
def multiply_accumulate_dot(y, a, a_dot, axis=0):
    return cumprod_tangent(a, y, a_dot, axis)


@vjp("numpy.multiply.accumulate")
def multiply_accumulate_bar(y, a, y_bar, axis=0):
    return cumprod_adjoint(a, y_bar, axis)


@jvp("numpy.maximum.accumulate", "numpy.minimum.accumulate")
def maximum_accumulate_dot(y, a, a_dot, axis=0):
    return np.take_along_axis(a_dot, last_equal(a, y, axis), axis)


@vjp("numpy.maximum.accumulate", "numpy.minimum.accumulate")
def maximum_accumulate_bar(y, a, y_bar, axis=0):
    a_bar = np.zeros_like(a)
    place = list(np.indices(np.shape(a), sparse=True))
    place[axis] = last_equal(a, y, axis)
    np.add.at(a_bar, tuple(place), y_bar)
    return a_bar


def last_equal(a, y, axis):
    """Where along axis the value of each element of y, a running extreme of a, was seen last."""
    places = np.arange(np.shape(a)[axis])
    places = np.reshape(places, (-1,) + (1,) * (np.ndim(a) - 1 - axis % np.ndim(a)))
    return np.maximum.accumulate(np.where(a == y, places, 0), axis)


@kind("numpy.add.accumulate", "numpy.multiply.accumulate")
def add_accumulate_kind(
    array: Arg, axis: Arg = FIRST, dtype: Arg | None = None, out: Arg | None = None
) -> Kind:
    return cumulated(array, axis, dtype)


@kind("numpy.maximum.accumulate", "numpy.minimum.accumulate")
def maximum_accumulate_kind(array: Arg, axis: Arg = FIRST, **_: Arg) -> Kind:
    return as_array(array)


for name in ("add", "multiply", "maximum", "minimum"):
    parameters(f"numpy.{name}.accumulate", array=..., axis=0, dtype=None, out=None)

# -------------------------------------------------------------------- outer


def column(a, b):
    """The array a with an axis of length 1 for each axis of b, as `outer` puts them side by side."""
    return np.reshape(a, np.shape(a) + (1,) * np.ndim(b))


@jvp("numpy.add.outer")
def add_outer_dot(y, a, b, a_dot, b_dot):
    return column(a_dot, b) + b_dot + np.zeros_like(y)


@vjp("numpy.add.outer")
def add_outer_bar(y, a, b, y_bar):
    return unbroadcast(y_bar, column(a, b)).reshape(np.shape(a)), unbroadcast(y_bar, b)


@jvp("numpy.subtract.outer")
def subtract_outer_dot(y, a, b, a_dot, b_dot):
    return column(a_dot, b) - b_dot + np.zeros_like(y)


@vjp("numpy.subtract.outer")
def subtract_outer_bar(y, a, b, y_bar):
    return unbroadcast(y_bar, column(a, b)).reshape(np.shape(a)), unbroadcast(-y_bar, b)


@jvp("numpy.multiply.outer")
def multiply_outer_dot(y, a, b, a_dot, b_dot):
    return np.multiply.outer(a_dot, b) + np.multiply.outer(a, b_dot)


@vjp("numpy.multiply.outer")
def multiply_outer_bar(y, a, b, y_bar):
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return y_bar @ b, a @ y_bar
    return np.tensordot(y_bar, b, np.ndim(b)), np.tensordot(a, y_bar, np.ndim(a))


@jvp("numpy.divide.outer")
def divide_outer_dot(y, a, b, a_dot, b_dot):
    return np.divide.outer(a_dot, b) - y * b_dot / b


@vjp("numpy.divide.outer")
def divide_outer_bar(y, a, b, y_bar):
    a_bar = unbroadcast(y_bar / b, column(a, b)).reshape(np.shape(a))
    return a_bar, unbroadcast(-y_bar * y / b, b)


@jvp("numpy.maximum.outer")
def maximum_outer_dot(y, a, b, a_dot, b_dot):
    first = np.heaviside(column(a, b) - b, 0.5)
    return first * column(a_dot, b) + (1.0 - first) * b_dot


@vjp("numpy.maximum.outer")
def maximum_outer_bar(y, a, b, y_bar):
    first = np.heaviside(column(a, b) - b, 0.5)
    a_bar = unbroadcast(first * y_bar, column(a, b)).reshape(np.shape(a))
    return a_bar, unbroadcast((1.0 - first) * y_bar, b)


@jvp("numpy.minimum.outer")
def minimum_outer_dot(y, a, b, a_dot, b_dot):
    first = np.heaviside(b - column(a, b), 0.5)
    return first * column(a_dot, b) + (1.0 - first) * b_dot


@vjp("numpy.minimum.outer")
def minimum_outer_bar(y, a, b, y_bar):
    first = np.heaviside(b - column(a, b), 0.5)
    a_bar = unbroadcast(first * y_bar, column(a, b)).reshape(np.shape(a))
    return a_bar, unbroadcast((1.0 - first) * y_bar, b)


OUTER = ("add", "subtract", "multiply", "divide", "maximum", "minimum")


@kind(*(f"numpy.{name}.outer" for name in OUTER))
def outer_kind(A: Arg, B: Arg, **_: Arg) -> Kind:
    left, right = shape_arg(A), shape_arg(B)
    values = broadcast(Arg(Array(as_array(A).dtype, ())), Arg(Array(as_array(B).dtype, ())))
    assert isinstance(values, Array)
    dtype = values.dtype if values.dtype in ("f8", "f4") else "?"
    return Array(dtype, None if left is None or right is None else (*left, *right))


for name in OUTER:
    parameters(f"numpy.{name}.outer", A=..., B=..., dtype=None, out=None, where=True)

# ----------------------------------------------------------------- reduceat


@jvp("numpy.add.reduceat")
def add_reduceat_dot(y, a, a_dot, indices, axis=0):
    return np.add.reduceat(a_dot, indices, axis)


@vjp("numpy.add.reduceat")
def add_reduceat_bar(y, a, y_bar, indices, axis=0):
    n = np.shape(a)[axis]
    starts = np.asarray(indices)
    ends = np.append(starts[1:], n)
    places = np.arange(n)[:, None]
    # A slice that would be empty is one element instead.
    member = (places >= starts) & (places < np.maximum(ends, starts + 1))
    return np.moveaxis(np.tensordot(member.astype(y.dtype), y_bar, (1, axis)), 0, axis)


@kind("numpy.add.reduceat")
def add_reduceat_kind(array: Arg, indices: Arg, axis: Arg = FIRST, **_: Arg) -> Kind:
    shape, number = shape_arg(array), shape_arg(indices)
    if shape is None or const(axis) is None:
        return with_shape(as_array(array), None)
    axes = axes_of(axis, len(shape))
    if axes is None or not number:
        return Array(sum_dtype(array), (None,) * len(shape))
    return Array(sum_dtype(array), tuple(number[0] if k in axes else dim for k, dim in enumerate(shape)))


def sum_dtype(array: Arg) -> str:
    dtype = as_array(array).dtype
    return "i" if dtype == "b" else dtype


parameters("numpy.add.reduceat", array=..., indices=..., axis=0, dtype=None, out=None)
