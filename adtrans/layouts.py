"""What an object is, as far as a derivative of code that uses it depends on it: classes and functions.

Two objects with one layout have one derivative: the numbers and arrays in them are arguments of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

import numpy as np

DEEP = 5
"""Objects in objects are followed so far; what is deeper is carried as a value."""

NEW = "adtrans.new_object"
"""What stands for a new object in the IR until its attributes are variables."""

KEYED = "adtrans.keyed"
"""What stands for a dict with the keys of another one, and nothing under them yet."""

LIBRARIES = sys.stdlib_module_names | {"numpy", "scipy", "numba", "pandas", "adtrans"}
NO_OBJECTS = (
    np.ndarray, np.generic, list, dict, set, frozenset, str, bytes, int, float, complex, range, slice,
    type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, BaseException, Enum,
)  # fmt: skip
FUNCTIONS = (FunctionType, BuiltinFunctionType, np.ufunc)


@dataclass(frozen=True)
class Layout:
    """The class of an object, the names of its attributes, the objects and the functions in them."""

    cls: type
    objects: tuple[tuple[str, Layout], ...] = ()
    functions: tuple[tuple[str, object], ...] = ()
    names: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Whether the object or its class has an attribute of this name."""
        return name in self.names or any(name in cls.__dict__ for cls in self.cls.__mro__)


def is_object(value: object) -> bool:
    """Whether a value is an instance of a class of the user's own, and no container or number by it."""
    return _of_user(type(value))  # type: ignore[arg-type]  # a class is hashable


@lru_cache(maxsize=4096)
def _of_user(cls: type) -> bool:
    """The same of its class: asked of every argument and attribute, at every call."""
    module = cls.__module__
    of_library = module.partition(".")[0] in LIBRARIES and not module.startswith("adtrans.generated.")
    if of_library or issubclass(cls, NO_OBJECTS):
        return False
    if issubclass(cls, tuple):
        return hasattr(cls, "_fields")
    return bool(cls.__dictoffset__) or hasattr(cls, "__slots__")


def layout_of(value: object, around: tuple[int, ...] = ()) -> Layout | None:
    """The layout of an object; None for any other value, and for an object that holds itself."""
    if not is_object(value) or id(value) in around or len(around) >= DEEP:
        return None
    objects: list[tuple[str, Layout]] = []
    functions: list[tuple[str, object]] = []
    names: list[str] = []
    for name, held in attributes(value):
        names.append(name)
        if isinstance(held, FUNCTIONS):
            functions.append((name, held))
        elif is_object(held) and (inner := layout_of(held, (*around, id(value)))) is not None:
            objects.append((name, inner))
    return Layout(type(value), tuple(objects), tuple(functions), frozenset(names))


def attributes(value: object) -> Iterator[tuple[str, object]]:
    """The attributes that an object has itself, not those of its class."""
    yield from getattr(value, "__dict__", {}).items()
    if isinstance(value, tuple):
        yield from zip(value._fields, value, strict=True)  # type: ignore[attr-defined]
        return
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)
