"""From the arguments of a call to what the compiler knows of them: the key of a specialisation, and kinds.

`call_key` runs at every call of a derivative and is written for speed; `kinds_of` runs once for
each key. Both look at the same facts: type, dtype, rank, and which axes have length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from adtrans.errors import AdtransError, NonDifferentiableArgumentError
from adtrans.kinds import ANY, BOOL, FLOAT, INT, NONE, STR, Array, Dim, Kind, ListOf, Plain, TupleOf, join

Key = tuple[object, ...]
Convert = Callable[[object], object]

# Types whose name says all there is to know: they stand in a key as they are.
_FLAT = frozenset(
    {float, int, bool, complex, str, type(None), np.float64, np.float32, np.int64, np.int32, np.bool_}
)
_PYTHON = {
    float: FLOAT,
    int: INT,
    bool: BOOL,
    complex: Array("c16", (), python=True),
    str: STR,
    type(None): NONE,
}
_LETTERS = {"d": "f8", "f": "f4", "D": "c16", "F": "c8", "G": "c", "?": "b"} | dict.fromkeys(
    "bBhHiIlLqQpP", "i"
)
_OPAQUE = "USVMm"


def call_key(args: Sequence[object]) -> Key:
    """What decides which specialisation a call needs; equal keys have equal kinds.

    >>> call_key((np.ones(3), 2, 0.5)) == call_key((np.ones(9), 7, 1.5))
    True
    >>> call_key((np.ones((3, 1)),)) == call_key((np.ones((3, 3)),))
    False
    """
    key: list[object] = []
    for arg in args:
        kind = type(arg)
        if kind is np.ndarray:
            shape = arg.shape  # type: ignore[attr-defined]
            key.append(arg.dtype.char)  # type: ignore[attr-defined]
            key.append(tuple([n == 1 for n in shape]) if 1 in shape else len(shape))
        elif kind in _FLAT:
            key.append(kind)
        else:
            key.append(_odd_key(arg))
    return tuple(key)


def _odd_key(arg: object) -> object:
    """The key of a container or of an object: its kind, which compares by content, beside its type."""
    if isinstance(arg, (np.ndarray, list, tuple, type, np.dtype)):
        return type(arg), kind_of(arg, "")
    return type(arg)


def kinds_of(args: Sequence[object], names: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds of the arguments of a call; an axis of `x` that is longer than 1 is called `x.0`.

    >>> x, n = kinds_of((np.ones((3, 1)), 2), ("x", "n"))
    >>> x.dtype, x.shape, n.dtype
    ('f8', ('x.0', 1), 'i')
    """
    return tuple(kind_of(arg, name) for arg, name in zip(args, names, strict=True))


def kind_of(value: object, name: str) -> Kind:
    """The kind of one value."""
    if type(value) in _PYTHON:
        return _PYTHON[type(value)]
    if isinstance(value, (np.ma.MaskedArray, np.matrix)):
        raise AdtransError(
            f"`{name}` is a {_type_name(value)}, whose operators differ from those of an array. "
            f"Pass an ordinary array: `np.asarray({name})`."
        )
    if isinstance(value, (np.ndarray, np.generic)):
        return _array_kind(value, name)
    if isinstance(value, list):
        return _list_kind(value, name)
    if isinstance(value, tuple):
        return TupleOf(tuple(kind_of(v, f"{name}.{i}") for i, v in enumerate(value)))
    if isinstance(value, (type, np.dtype)) and (dtype := _complex_dtype(value)):
        return Plain(f"dtype {dtype}")
    return Plain(type(value).__name__)


def _complex_dtype(value: type | np.dtype) -> str | None:
    """The dtype of complex numbers that an argument such as `dtype=complex` names, if it names one."""
    try:
        return {"D": "c16", "F": "c8", "G": "c"}.get(np.dtype(value).char)
    except TypeError:
        return None


def _array_kind(value: np.ndarray | np.generic, name: str) -> Kind:
    char = value.dtype.char
    if char == "O":
        return ANY
    if char in _OPAQUE:
        return Plain("ndarray")
    shape: tuple[Dim, ...] = tuple(1 if n == 1 else f"{name}.{axis}" for axis, n in enumerate(value.shape))
    return Array(_LETTERS.get(char, "?"), shape, cell=not shape and isinstance(value, np.ndarray))


def _list_kind(values: list[object], name: str) -> Kind:
    if not values:
        return ListOf(None)
    if len(types := set(map(type, values))) == 1 and (single := _PYTHON.get(next(iter(types)))):
        return ListOf(single)
    kinds = dict.fromkeys(kind_of(v, f"{name}.*") for v in values)
    alike = len({getattr(v, "shape", None) for v in values}) == 1
    return ListOf(reduce(join, kinds if alike else map(_unname, kinds)))


def _unname(kind: Kind) -> Kind:
    """Without names of axes: the elements of a list share them only where all have the same shape."""
    match kind:
        case Array(shape=(_, *_) as shape):
            return Array(kind.dtype, tuple(d if d == 1 else None for d in shape))
        case ListOf(elem=Kind() as elem):
            return ListOf(_unname(elem))
        case TupleOf(elems=elems):
            return TupleOf(tuple(map(_unname, elems)))
    return kind


# ------------------------------------------------------- differentiated arguments


def admit(kind: Kind, name: str) -> Kind:
    """The kind that a differentiated argument has inside: Python integers count as floats.

    Raises `NonDifferentiableArgumentError` for what cannot vary.
    """
    match kind:
        case Array(dtype="i", python=True):
            return FLOAT
        case Array(dtype="i", shape=()):
            raise _cannot(name, "is a NumPy integer", f"float({name})")
        case Array(dtype="i"):
            raise _cannot(name, "is an array of integers", f"{name}.astype(float)")
        case Array(dtype="b", shape=()):
            raise _cannot(name, "is a bool", f"float({name})")
        case Array(dtype="b"):
            raise _cannot(name, "is an array of bools", f"{name}.astype(float)")
        case ListOf(elem=Kind() as elem):
            return ListOf(admit(elem, f"{name}[i]"))
        case TupleOf(elems=elems):
            return TupleOf(tuple(admit(k, f"{name}[{i}]") for i, k in enumerate(elems)))
        case Plain(name=what):
            raise _cannot(name, "is None" if what == "None" else f"is of type {what}", None)
    return kind


def _cannot(name: str, what: str, conversion: str | None) -> NonDifferentiableArgumentError:
    way = (
        f"Convert it first: `{conversion}`."
        if conversion
        else "Choose the arguments to differentiate with `argnums`, by position or by name."
    )
    return NonDifferentiableArgumentError(
        f"`{name}` {what}: there is no derivative with respect to it. {way}"
    )


def conversion(before: Kind, inside: Kind) -> Convert | None:
    """What makes an argument of the first kind one of the second, which `admit` asks for; None: nothing.

    Decided by kinds alone, so that it holds for every call with the same key.
    """
    if before == inside:
        return None
    match before, inside:
        case ListOf(elem=Kind() as elem), ListOf(elem=Kind() as wanted):
            part = conversion(elem, wanted)
            return None if part is None else lambda values: [part(v) for v in values]  # type: ignore[attr-defined]
        case TupleOf(elems=elems), TupleOf(elems=wanted_elems):
            parts = [conversion(e, w) for e, w in zip(elems, wanted_elems, strict=True)]
            return lambda values: _each(values, parts)  # type: ignore[arg-type]
    return float  # type: ignore[return-value]


def unbox(value: object) -> object:
    """A 0-d array as a NumPy scalar, which nobody can write to: the caller's array stays as it is."""
    return value[()]  # type: ignore[index]


def _each(values: tuple[object, ...], parts: list[Convert | None]) -> tuple[object, ...]:
    return tuple(v if part is None else part(v) for v, part in zip(values, parts, strict=True))


def _type_name(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__.split('.')[0]}.{kind.__qualname__}"
