"""What kind rules share: reading constants, dtypes, shapes and axes out of their arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from adtrans.kinds import (
    ANY,
    COMPLEX,
    NEVER,
    NONE,
    STR,
    Array,
    Dim,
    Kind,
    ListOf,
    Plain,
    TupleOf,
    broadcast_shape,
    complex_promotion,
    join_shape,
    may_be_complex,
    parts,
)
from adtrans.rules.registry import UNKNOWN, Arg

Shape = tuple[Dim, ...] | None


def const(arg: Arg | None, default: Any = None) -> Any:
    """The value of an argument: `default` if it was not given, `UNKNOWN` if it is not a constant."""
    if arg is None:
        return default
    if arg.kind == NONE:
        return None
    if arg.value is UNKNOWN and arg.items is not None:
        values = [const(item) for item in arg.items]
        return UNKNOWN if any(value is UNKNOWN for value in values) else tuple(values)
    return arg.value


def is_array(kind: Kind) -> bool:
    return isinstance(kind, Array)


def dtype_in(kind: Kind) -> str:
    """The dtype of an array, or of the numbers in a list or tuple; `?` if unknown."""
    match kind:
        case Array(whole=True):
            return "?"
        case Array(dtype=dtype):
            return dtype
        case ListOf(elem=Kind() as elem):
            return dtype_in(elem)
        case TupleOf(elems=elems) if elems:
            return promote(elems)
    return "*" if may_be_complex(kind) else "?"


def shape_in(kind: Kind) -> Shape:
    """The shape of an array, or of the array that a list or tuple of numbers would make."""
    match kind:
        case Array(shape=shape):
            return shape
        case ListOf(elem=Kind() as elem):
            inner = shape_in(elem)
            return None if inner is None else (None, *inner)
        case TupleOf(elems=elems) if elems:
            inner = joined_shapes(map(shape_in, elems))
            return None if inner is None else (len(elems), *inner)
    return None


def shape_arg(arg: Arg) -> Shape:
    """The shape that an array-like argument has: a list display counts as the array it would make."""
    if arg.items is not None:
        inner = joined_shapes([shape_arg(item) for item in arg.items])
        return None if inner is None else (len(arg.items), *inner)
    return shape_in(arg.kind)


def joined_shapes(shapes: Iterable[Shape]) -> Shape:
    """The shape of a value that has one of these."""
    found = list(shapes)
    result = found[0] if found else ()
    for shape in found[1:]:
        result = join_shape(result, shape)
    return result


NAMES = {
    "float": "f8",
    "float64": "f8",
    "double": "f8",
    "d": "f8",
    "f8": "f8",
    "float32": "f4",
    "single": "f4",
    "f": "f4",
    "f4": "f4",
    "complex": "c16",
    "complex128": "c16",
    "c16": "c16",
    "cdouble": "c16",
    "D": "c16",
    "complex64": "c8",
    "csingle": "c8",
    "F": "c8",
    "c8": "c8",
    "bool": "b",
    "bool_": "b",
    "b": "b",
    "i": "i",
    "u": "i",
    "intp": "i",
}


def dtype_of(arg: Arg | None, default: str = "f8") -> str:
    """The dtype that a `dtype=` argument names: `default` if it was not given, `?` if unknown."""
    value = const(arg)
    if value is None:
        return default
    if arg is not None and may_be_complex(arg.kind):
        return arg.kind.name.removeprefix("dtype ") if isinstance(arg.kind, Plain) else "*"
    if arg is not None and isinstance(arg.kind, Plain) and arg.kind.name.startswith("dtype "):
        return arg.kind.name.removeprefix("dtype ")
    if value is UNKNOWN:
        return "*" if arg is not None and arg.kind == STR else "?"
    if isinstance(value, type):
        value = value.__name__
    name = str(value).rpartition(".")[2]
    if name.rstrip("0123456789") in ("int", "uint", "i", "u"):
        return "i"
    return NAMES.get(name, "?")


def promote(kinds: Iterable[Kind]) -> str:
    """The dtype of what NumPy makes of these together."""
    known = list(kinds)
    if any(map(may_be_of_integers, known)):
        rest = promote(kind for kind in known if not may_be_of_integers(kind)) if len(known) > 1 else "?"
        return rest if rest in ("f8", *COMPLEX, "*") else "?"
    strong = {dtype_in(kind) for kind in known if not (isinstance(kind, Array) and kind.python)}
    weak = {dtype_in(kind) for kind in known if isinstance(kind, Array) and kind.python}
    if (found := complex_promotion(strong | weak)) is not None:
        return found
    if "?" in strong | weak:
        return "?"
    if not strong:
        return max(weak, key=("b", "i", "f8", "c16").index, default="?")
    best = max(strong, key=("b", "i", "f4", "f8", "c8", "c16").index)
    if ("i" in strong and best == "c8") or (best == "c8" and strong >= {"f8", "c8"}):
        return "c"
    if "i" in strong and best == "f4":
        return "?"
    if best in ("b", "i"):
        return max({best} | weak, key=("b", "i", "f8", "c16").index)
    if "c16" in weak and best in ("f4", "f8"):
        return "c8" if best == "f4" else "c16"
    return best


def holds_whole(kind: Kind) -> bool:
    """Whether something in a value may be an integer, or an array of integers, in some runs."""
    return kind.whole if isinstance(kind, Array) else any(map(holds_whole, parts(kind)))


def may_be_of_integers(kind: Kind) -> bool:
    """Whether a number may be an integer in one run, and a float in another."""
    return isinstance(kind, Array) and kind.whole


def dims_of(arg: Arg | None) -> Shape:
    """The shape that a `shape=` argument names."""
    if arg is None:
        return None
    if arg.items is not None:
        return tuple(dim_of(const(item)) for item in arg.items)
    value = const(arg)
    if isinstance(value, tuple | list):
        return tuple(map(dim_of, value))
    match arg.kind:
        case Array(shape=()):
            return (dim_of(value),)
        case TupleOf(elems=elems):
            return (None,) * len(elems)
        case Array(shape=(int() as rank,)):
            return (None,) * rank
    return None


def dim_of(value: Any) -> Dim:
    return int(value) if isinstance(value, int | np.integer) and value >= 0 else None


def may_be_none(arg: Arg | None) -> bool:
    """Whether an argument is a variable of which it is not known that it is a number."""
    return arg is not None and const(arg) is UNKNOWN and not isinstance(arg.kind, Array | TupleOf | ListOf)


def axes_of(axis: Arg | None, rank: int, default: Any = None) -> tuple[int, ...] | None:
    """The axes that an `axis=` argument names, counted from 0; None if that is unknown."""
    value = const(axis, default)
    if value is UNKNOWN or value is None:
        return None
    axes = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(k, int | np.integer) and -rank <= k < rank for k in axes):
        return None
    return tuple(int(k) % rank for k in axes)


def with_shape(kind: Kind, shape: Shape) -> Kind:
    """An array of this kind's dtype, of another shape."""
    return Array(dtype_in(kind), shape)


def same_rank(arg: Arg) -> Shape:
    """As many axes as the argument has, their lengths unknown."""
    shape = shape_arg(arg)
    return None if shape is None else (None,) * len(shape)


def as_array(arg: Arg) -> Array:
    """The array that an array-like argument is or makes."""
    dtype = promote(item.kind for item in arg.items) if arg.items else dtype_in(arg.kind)
    made_of = [item.kind for item in arg.items] if arg.items else [arg.kind]
    return Array(dtype, shape_arg(arg), whole=dtype == "?" and any(map(holds_whole, made_of)))


def elements(arg: Arg) -> Sequence[Arg] | None:
    """The members of a sequence argument, None if their number is unknown."""
    if arg.items is not None:
        return arg.items
    match arg.kind:
        case TupleOf(elems=elems):
            return [Arg(elem) for elem in elems]
    return None


def element(arg: Arg) -> Kind:
    """The kind of every member of a sequence argument."""
    match arg.kind:
        case ListOf(elem=Kind() as elem):
            return elem
        case Array(dtype=dtype, shape=shape) if shape:
            return Array(dtype, shape[1:])
    return ANY


def broadcast(*args: Arg | None) -> Kind:
    """The kind of an elementwise result."""
    given = [arg for arg in args if arg is not None]
    kinds = [as_weak(arg) for arg in given]
    if any(arg.kind == NEVER for arg in given):
        return NEVER
    shape = broadcast_shape(*map(shape_arg, given))
    likes = {kind.like for kind in kinds if isinstance(kind, Array) and kind.shape != ()}
    return Array(promote(kinds), shape, like=likes.pop() if shape is None and len(likes) == 1 else None)


def as_weak(arg: Arg) -> Kind:
    """The kind of an operand: a Python number stays one."""
    return arg.kind if isinstance(arg.kind, Array) else as_array(arg)
