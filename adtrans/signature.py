"""From the arguments of a call to what the compiler knows of them: the key of a specialisation, and kinds.

`call_key` runs at every call of a derivative and is written for speed; `kinds_of` runs once for
each key. Both look at the same facts: type, dtype, rank, and which axes have length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from adtrans import trees
from adtrans.errors import AdtransError, NonDifferentiableArgumentError
from adtrans.kinds import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    STR,
    Array,
    Dim,
    Kind,
    ListOf,
    Mapped,
    Plain,
    RecordOf,
    TupleOf,
    join,
    map_parts,
    may_be_complex,
    may_vary,
    parts,
    with_parts,
)

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
_SETTING = 32
"""A longer string is a text, not the name of something."""


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
            # Settings are compiled in: what is not chosen need not be differentiated.
            key.append((kind, arg) if kind is bool or (kind is str and len(arg) <= _SETTING) else kind)  # type: ignore[arg-type]
        else:
            key.append(_odd_key(arg))
    return tuple(key)


def _odd_key(arg: object) -> object:
    """The key of a container or of an object: its kind, in full, beside its type."""
    if isinstance(arg, (np.ndarray, list, type, np.dtype)):
        return type(arg), repr(kind_of(arg, ""))  # With the settings in it, which `==` leaves out.
    inner = trees.parts(arg)
    if inner is not None:
        return type(arg), trees.keys(arg), call_key(inner)
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
    if isinstance(value, str) and len(value) <= _SETTING:
        return Plain("str", value=value)
    if isinstance(value, bool):
        return Array("b", (), python=True, value=value)
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
    if (keys := trees.keys(value)) is not None:
        return _record_kind(value, keys, name)
    if isinstance(value, dict):
        return Mapped(any(may_be_complex(kind_of(v, name)) for v in value.values()))
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


def _record_kind(value: Any, keys: tuple[str | int, ...], name: str) -> Kind:
    form, values = trees.form(value), trees.parts(value) or []
    elems = tuple(kind_of(part, f"{name}.{key}") for key, part in zip(keys, values, strict=True))
    if trees.makes_tuples(type(value)):  # type: ignore[arg-type]  # a class is hashable
        return TupleOf(elems, names=tuple(map(str, keys)))
    return RecordOf(keys, elems, form, "" if form == "dict" else _type_name(value))


def _unname(kind: Kind) -> Kind:
    """Without names of axes: the elements of a list share them only where all have the same shape."""
    match kind:
        case Array(shape=(_, *_) as shape):
            return Array(kind.dtype, tuple(d if d == 1 else None for d in shape))
    return map_parts(kind, _unname)


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
        case ListOf() | TupleOf() | RecordOf():
            return _admit_parts(kind, name)
        case Plain(name=what):
            raise _cannot(name, "is None" if what == "None" else f"is of type {what}", None)
    return kind


def _admit_parts(kind: ListOf | TupleOf | RecordOf, name: str) -> Kind:
    """A container with something to differentiate; strings, flags and None in it stay what they are."""
    match kind:
        case RecordOf(keys=keys, form="dict"):
            places = [f"{name}[{key!r}]" for key in keys]
        case RecordOf(keys=keys):
            places = [f"{name}.{key}" for key in keys]
        case TupleOf(elems=elems, names=names):
            places = [f"{name}.{n}" for n in names] or [f"{name}[{i}]" for i in range(len(elems))]
        case _:
            places = [f"{name}[i]"]
    inside = [_admit_part(part, place) for part, place in zip(parts(kind), places, strict=False)]
    if inside and not any(map(may_vary, inside)):
        raise _cannot(name, "holds no floating-point number", None)
    return with_parts(kind, inside)


def _admit_part(kind: Kind, name: str) -> Kind:
    match kind:
        case Plain() | Array(dtype="b", shape=()):
            return kind
        case ListOf() | TupleOf() | RecordOf() if not any(map(_counts, parts(kind))):
            return kind
    return admit(kind, name)


def _counts(kind: Kind) -> bool:
    """Whether a part is differentiated: whether it is, or holds, anything but strings, flags and None."""
    match kind:
        case Plain() | Array(dtype="b", shape=()):
            return False
        case ListOf(elem=Kind()) | TupleOf() | RecordOf():
            return any(map(_counts, parts(kind)))
    return True


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
    if isinstance(before, ListOf):
        part = conversion(parts(before)[0], parts(inside)[0])
        return None if part is None else lambda values: [part(v) for v in values]  # type: ignore[attr-defined]
    if isinstance(before, (TupleOf, RecordOf)):
        converts = [conversion(b, i) for b, i in zip(parts(before), parts(inside), strict=True)]
        return lambda value: _each(value, converts)
    return float  # type: ignore[return-value]


def unbox(value: object) -> object:
    """A 0-d array as a NumPy scalar, which nobody can write to: the caller's array stays as it is."""
    return value[()]  # type: ignore[index]


def _each(value: object, converts: list[Convert | None]) -> object:
    held = zip(trees.parts(value) or (), converts, strict=True)
    return trees.rebuilt(value, [v if convert is None else convert(v) for v, convert in held])


def _type_name(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__.split('.')[0]}.{kind.__qualname__}"
