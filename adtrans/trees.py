"""Containers of numbers at run time: lists, tuples, dicts, named tuples and dataclasses, nested.

Their derivatives have the same structure. In generated code the derivative of a named tuple is a tuple, and
that of a dataclass a dict of its fields, so that a module needs no class of the user; `mirrored` gives the
caller a value of the class again.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Key = str | int


def is_object(value: Any) -> bool:
    """Whether a value has fields: a named tuple or a dataclass."""
    return (isinstance(value, tuple) and hasattr(value, "_fields")) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    )


def keys(value: Any) -> tuple[Key, ...] | None:
    """The keys of a dict, the fields of an object; None for anything else, and for other keys."""
    if isinstance(value, dict):
        found = tuple(value)
        return found if all(type(key) in (str, int) for key in found) else None
    if isinstance(value, tuple):
        return getattr(value, "_fields", None)
    if is_object(value):
        return tuple(f.name for f in dataclasses.fields(value))
    return None


def form(value: Any) -> str:
    """What kind of record a value is."""
    return "dict" if isinstance(value, dict) else "namedtuple" if isinstance(value, tuple) else "dataclass"


def parts(value: Any) -> list[Any] | None:
    """What a container holds, in order; None for what is none."""
    if isinstance(value, (list, tuple)):
        return list(value)
    names = keys(value)
    if names is None:
        return None
    return list(value.values()) if isinstance(value, dict) else [getattr(value, str(n)) for n in names]


def rebuilt(value: Any, new: list[Any]) -> Any:
    """A container like `value` that holds something else."""
    if isinstance(value, tuple):
        return type(value)(*new) if hasattr(value, "_fields") else tuple(new)
    if isinstance(value, list):
        return list(new)
    other = copy.copy(value)
    names = keys(value) or ()
    for name, part in zip(names, new, strict=True):
        if isinstance(value, dict):
            other[name] = part
        else:
            object.__setattr__(other, str(name), part)  # It may be frozen.
    return other


ADDED = frozenset(
    {"__new__", "__repr__", "__str__", "__getnewargs__", "__replace__", "__annotate__", "__annotate_func__"}
)
"""What a class of named tuples may have of its own, and its objects are tuples still."""


@lru_cache(maxsize=1024)
def makes_tuples(cls: type) -> bool:
    """Whether the objects of a class are named tuples, with operators that are those of a tuple."""
    if not issubclass(cls, tuple) or not hasattr(cls, "_fields"):
        return False
    own = (vars(base) for base in cls.__mro__[: cls.__mro__.index(tuple)])
    changed = {n for names in own for n, v in names.items() if n.startswith("__") and callable(v)}
    return changed <= ADDED


def plain(value: Any, new: list[Any]) -> Any:
    """The same as generated code has it: a dict in the place of an object, a tuple in that of a named one."""
    if makes_tuples(type(value)):  # type: ignore[arg-type]  # a class is hashable
        return tuple(new)
    if is_object(value):
        return dict(zip(keys(value) or (), new, strict=True))
    return rebuilt(value, new)


def mapped(value: Any, f: Callable[[Any], Any]) -> Any:
    """The same structure with `f` of every leaf."""
    inner = parts(value)
    return f(value) if inner is None else rebuilt(value, [mapped(part, f) for part in inner])


def of_class(cls: type, value: Any) -> Any:
    """The dataclass whose fields a dict holds; anything else as it is."""
    if not isinstance(value, dict) or not dataclasses.is_dataclass(cls):
        return value
    made = object.__new__(cls)
    for name, part in value.items():
        object.__setattr__(made, name, part)  # It may be frozen.
    return made


def has_objects(value: Any) -> bool:
    """Whether there is a named tuple or a dataclass in a value."""
    return is_object(value) or any(map(has_objects, parts(value) or ()))


def mirrored(derivative: Any, like: Any) -> Any:
    """A derivative from generated code with the classes of the value that it belongs to."""
    inner = parts(derivative)
    names = parts(like)
    if inner is None or names is None:
        return derivative
    return rebuilt(like, [mirrored(d, v) for d, v in zip(inner, names, strict=True)])
