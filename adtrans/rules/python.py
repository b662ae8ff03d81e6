# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Python's built-in functions, and the methods of lists and single numbers."""

import builtins
from dataclasses import replace

import numpy as np

from adtrans.kinds import ANY, BOOL, FLOAT, INT, NONE, STR, Array, Kind, ListOf, Plain, broadcast_shape, join
from adtrans.rules.elementwise import real_part_kind
from adtrans.rules.facts import as_array, as_weak, const, dtype_in, element, elements, promote, shape_arg
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
from adtrans.support import dot_each, shares, times_each, to_each, unbroadcast

# ------------------------------------------------------------------ numbers


@partials(builtins.abs)
def abs_(y, x):
    return np.sign(x)


@partials(builtins.pow)
def pow_(y, x1, x2):
    if np.ndim(x2) == 0:
        x1_slope = x2 * x1 ** (x2 - 1) if x2 != 0 else 0.0
    else:
        x1_slope = x2 * x1 ** np.where(x2 == 0, 1, x2 - 1)
    if np.ndim(x1) == 0:
        x2_slope = y * np.log(x1) if x1 != 0 else 0.0
    else:
        x2_slope = y * np.log(np.where(x1 == 0, 1.0, x1))
    return x1_slope, x2_slope


@partials("builtins.float")
def float_(y, x):
    return 1.0


no_effect(builtins.round)
real_only(builtins.abs, builtins.max, builtins.min, "builtins.float")

# -------------------------------------------------- extremes: ties share


@jvp(builtins.max)
def max_dot(y, x1, x2, x3, x4, x1_dot, x2_dot, x3_dot, x4_dot):
    if x2 is None:
        return dot_each(shares(y, x1), x1_dot)
    if x3 is None:
        return x1_dot * ((x1 > x2) + 0.5 * (x1 == x2)) + x2_dot * ((x2 > x1) + 0.5 * (x1 == x2))
    if x4 is None:
        ties = 0.0 + (x1 == y) + (x2 == y) + (x3 == y)
        return (x1_dot * (x1 == y) + x2_dot * (x2 == y) + x3_dot * (x3 == y)) / ties
    ties = 0.0 + (x1 == y) + (x2 == y) + (x3 == y) + (x4 == y)
    return (x1_dot * (x1 == y) + x2_dot * (x2 == y) + x3_dot * (x3 == y) + x4_dot * (x4 == y)) / ties


@vjp(builtins.max)
def max_bar(y, x1, x2, x3, x4, y_bar):
    if x2 is None:
        return times_each(y_bar, shares(y, x1), x1), None, None, None
    if x3 is None:
        return y_bar * ((x1 > x2) + 0.5 * (x1 == x2)), y_bar * ((x2 > x1) + 0.5 * (x1 == x2)), None, None
    if x4 is None:
        g = y_bar / (0.0 + (x1 == y) + (x2 == y) + (x3 == y))
        return g * (x1 == y), g * (x2 == y), g * (x3 == y), None
    g = y_bar / (0.0 + (x1 == y) + (x2 == y) + (x3 == y) + (x4 == y))
    return g * (x1 == y), g * (x2 == y), g * (x3 == y), g * (x4 == y)


@jvp(builtins.min)
def min_dot(y, x1, x2, x3, x4, x1_dot, x2_dot, x3_dot, x4_dot):
    if x2 is None:
        return dot_each(shares(y, x1), x1_dot)
    if x3 is None:
        return x1_dot * ((x1 < x2) + 0.5 * (x1 == x2)) + x2_dot * ((x2 < x1) + 0.5 * (x1 == x2))
    if x4 is None:
        ties = 0.0 + (x1 == y) + (x2 == y) + (x3 == y)
        return (x1_dot * (x1 == y) + x2_dot * (x2 == y) + x3_dot * (x3 == y)) / ties
    ties = 0.0 + (x1 == y) + (x2 == y) + (x3 == y) + (x4 == y)
    return (x1_dot * (x1 == y) + x2_dot * (x2 == y) + x3_dot * (x3 == y) + x4_dot * (x4 == y)) / ties


@vjp(builtins.min)
def min_bar(y, x1, x2, x3, x4, y_bar):
    if x2 is None:
        return times_each(y_bar, shares(y, x1), x1), None, None, None
    if x3 is None:
        return y_bar * ((x1 < x2) + 0.5 * (x1 == x2)), y_bar * ((x2 < x1) + 0.5 * (x1 == x2)), None, None
    if x4 is None:
        g = y_bar / (0.0 + (x1 == y) + (x2 == y) + (x3 == y))
        return g * (x1 == y), g * (x2 == y), g * (x3 == y), None
    g = y_bar / (0.0 + (x1 == y) + (x2 == y) + (x3 == y) + (x4 == y))
    return g * (x1 == y), g * (x2 == y), g * (x3 == y), g * (x4 == y)


parameters(builtins.max, x1=..., x2=None, x3=None, x4=None)
parameters(builtins.min, x1=..., x2=None, x3=None, x4=None)

# ---------------------------------------------------------------- sequences


@jvp(builtins.sum)
def sum_dot(y, iterable, start, iterable_dot, start_dot):
    return sum(iterable_dot) + start_dot


@vjp(builtins.sum)
def sum_bar(y, iterable, start, y_bar):
    return to_each(y_bar, iterable), unbroadcast(y_bar, start)


@jvp("builtins.list")
def list_dot(y, iterable, iterable_dot):
    return list(iterable_dot)


@vjp("builtins.list")
def list_bar(y, iterable, y_bar):
    if isinstance(iterable, list):
        return list(y_bar)
    return np.reshape(np.array(y_bar), np.shape(iterable))


@jvp("builtins.tuple")
def tuple_dot(y, iterable, iterable_dot):
    return tuple(iterable_dot)


@vjp("builtins.tuple")
def tuple_bar(y, iterable, y_bar):
    if isinstance(iterable, list):
        return list(y_bar)
    return np.reshape(np.array(y_bar), np.shape(iterable))


parameters("builtins.list", iterable=())
parameters("builtins.tuple", iterable=())

# ------------------------------------------------------- an array as numbers


@jvp("numpy.ndarray.item")
def item_dot(y, a, a_dot, i=None, j=None):
    if i is None:
        return np.asarray(a_dot).item()
    if j is None:
        return np.asarray(a_dot).item(i)
    return np.asarray(a_dot).item(i, j)


@vjp("numpy.ndarray.item")
def item_bar(y, a, y_bar, i=None, j=None):
    if i is None:
        return np.full_like(a, y_bar)
    if j is not None or isinstance(i, tuple):
        a_bar = np.zeros_like(a)
        a_bar[i if j is None else (i, j)] = y_bar
        return a_bar
    a_bar = np.zeros(np.size(a), a.dtype)
    a_bar[i] = y_bar
    return np.reshape(a_bar, np.shape(a))


@jvp("numpy.ndarray.tolist")
def tolist_dot(y, a, a_dot):
    return np.asarray(a_dot).tolist()


@vjp("numpy.ndarray.tolist")
def tolist_bar(y, a, y_bar):
    return np.reshape(np.array(y_bar, a.dtype), np.shape(a))


parameters("list.pop", self=..., index=-1)
parameters("numpy.ndarray.item", a=..., i=None, j=None)
parameters("numpy.ndarray.tolist", a=...)

# -------------------------------------------------------- what cannot vary

cannot_vary("builtins.int", "builtins.bool", "builtins.str", "builtins.range")
cannot_vary("builtins.type", "builtins.slice", builtins.callable, builtins.hasattr)
cannot_vary(builtins.len, builtins.isinstance, builtins.issubclass, builtins.id)
cannot_vary(builtins.print, builtins.repr, builtins.format, builtins.ord, builtins.chr, builtins.hash)
cannot_vary(builtins.any, builtins.all, "list.index", "list.count")

# -------------------------------------------------------------------- kinds


@kind(builtins.abs)
def abs_kind(x: Arg) -> Kind:
    result = real_part_kind(x.kind if isinstance(x.kind, Array) else as_array(x))
    if isinstance(result, Array) and result.dtype == "b":
        return Array("i" if result.python else "b", result.shape, result.python)
    return result


@kind(builtins.pow)
def pow_kind(x1: Arg, x2: Arg) -> Kind:
    kinds = [as_weak(x1), as_weak(x2)]
    dtype = promote(kinds)
    python = all(isinstance(k, Array) and k.python for k in kinds)
    return Array("?" if dtype in ("i", "b") else dtype, broadcast_shape(shape_arg(x1), shape_arg(x2)), python)


@kind(builtins.round)
def round_kind(number: Arg, ndigits: Arg | None = None) -> Kind:
    if const(ndigits) is None:
        return INT
    return number.kind if isinstance(number.kind, Array) and number.kind.dtype != "b" else ANY


@kind(builtins.max, builtins.min)
def max_kind(x1: Arg, x2: Arg | None = None, x3: Arg | None = None, x4: Arg | None = None) -> Kind:
    args = [Arg(kind) for kind in members(x1)]
    if x2 is not None:
        args = [arg for arg in (x1, x2, x3, x4) if arg is not None]
    found = together(args)
    several = {arg.kind.dtype for arg in args if isinstance(arg.kind, Array)}
    if isinstance(found, Array) and len(several) > 1 and not several <= {"f4", "f8"}:
        return replace(found, dtype="?", whole=True)  # One of them as it is: `max(1, 0.5)` is an integer.
    return found


def together(args: list[Arg]) -> Kind:
    """The kind of a value that is one of these."""
    result = args[0].kind if args else ANY
    for arg in args[1:]:
        result = join(result, arg.kind)
    return result


def members(sequence: Arg) -> list[Kind]:
    """The kinds that the members of a sequence can have."""
    each = elements(sequence)
    return [element(sequence)] if each is None else [arg.kind for arg in each]


@kind(builtins.sum)
def sum_kind(iterable: Arg, start: Arg | None = None) -> Kind:
    kinds = [start.kind if start is not None else INT, *members(iterable)]
    if not all(isinstance(kind, Array) for kind in kinds):
        return ANY
    dtype = promote(kinds)
    python = all(isinstance(kind, Array) and kind.python for kind in kinds)
    shapes = [kind.shape for kind in kinds if isinstance(kind, Array)]
    return Array("i" if dtype == "b" else dtype, broadcast_shape(*shapes), python)


@kind("builtins.tuple")
def tuple_kind(iterable: Arg | None = None) -> Kind:
    return ANY


@kind("builtins.list")
def list_kind(iterable: Arg | None = None) -> Kind:
    if iterable is None:
        return ListOf(None)
    kind = together([Arg(kind) for kind in members(iterable)])
    return ListOf(None if kind == ANY and const(iterable) == () else kind)


@kind("list.pop")
def pop_kind(self: Arg, index: Arg | None = None) -> Kind:
    return element(self)


@kind("list.append", "list.extend", "list.insert", "list.clear", builtins.print)
def none_kind(*_: Arg, **__: Arg) -> Kind:
    return NONE


@kind("numpy.ndarray.item")
def item_kind(a: Arg, i: Arg | None = None, j: Arg | None = None) -> Kind:
    return Array(python_dtype(dtype_in(a.kind)), (), python=True)


@kind("numpy.ndarray.tolist")
def tolist_kind(a: Arg) -> Kind:
    array = as_array(a)
    if array.shape is None:
        return ANY
    result: Kind = Array(python_dtype(array.dtype), (), python=True)
    for _ in array.shape:
        result = ListOf(result)
    return result


def python_dtype(dtype: str) -> str:
    """The dtype of a Python number made from one of an array."""
    return {"f4": "f8", "c8": "c16"}.get(dtype, dtype)


@kind("builtins.float")
def float_kind(*_: Arg, **__: Arg) -> Kind:
    return FLOAT


@kind("builtins.int", builtins.len, builtins.ord, builtins.hash, builtins.id, "list.index", "list.count")
def int_kind(*_: Arg, **__: Arg) -> Kind:
    return INT


@kind("builtins.bool", builtins.isinstance, builtins.issubclass, builtins.callable, builtins.hasattr)
@kind(builtins.any, builtins.all)
def bool_kind(*_: Arg, **__: Arg) -> Kind:
    return BOOL


@kind("builtins.str", builtins.repr, builtins.format, builtins.chr)
def str_kind(*_: Arg, **__: Arg) -> Kind:
    return STR


parameters("builtins.range", start=..., stop=None, step=1)


@kind("builtins.range")
def range_kind(*_: Arg, **__: Arg) -> Kind:
    return Plain("range")


@kind("builtins.slice")
def slice_kind(*_: Arg, **__: Arg) -> Kind:
    return Plain("slice")


# ------------------------------------------------------------- stop_gradient

no_effect("adtrans.stop_gradient")
parameters("adtrans.stop_gradient", x=...)


@kind("adtrans.stop_gradient")
def stop_gradient_kind(x: Arg) -> Kind:
    return x.kind
