"""Libraries that adtrans has rules for: what a name in one of them is, found in the library itself."""

from __future__ import annotations

import cmath
import importlib
import math
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from adtrans.frontend.meanings import Library
from adtrans.rules.registry import canonical

KNOWN_LIBRARIES = ("numpy", "scipy", "math", "cmath", "dataclasses")


OURSELVES = ("adtrans", "adtrans.api", "adtrans.custom", "adtrans.own_rules")
"""What a program may import of adtrans itself: `stop_gradient` is for the compiler, not to be followed."""


def open_library(name: str) -> Library:
    """A module of a library; only those that adtrans has rules for are imported."""
    if name in OURSELVES:
        return Library("adtrans", True, True)
    if name.partition(".")[0] not in KNOWN_LIBRARIES:
        return Library(name, False, True)
    try:
        return Library(name, True, True, importlib.import_module(name))
    except ImportError:
        return Library(name, False, True)


def attribute(library: Library, name: str) -> Library:
    """`numpy` and `acos` give `numpy.arccos`: NumPy's aliases are one function."""
    path = f"{library.path}.{name}"
    if library.path == "adtrans":
        return Library(path, True, False)
    if not library.known:
        return Library(path, False, library.module)
    value = getattr(library.value, name, MISSING)
    if value is MISSING:
        try:
            value = importlib.import_module(path)
        except ImportError:
            return Library(path, False)
    if isinstance(value, ModuleType):
        return Library(path, True, True, value)
    if callable(value):
        try:
            found = canonical(value)
            public = found.partition(".")[0] in KNOWN_LIBRARIES and "._" not in found
            path = found if public else path
        except (ValueError, AttributeError, ImportError):
            pass
    return Library(path, True, False, Identity(value))


MISSING: Any = object()


class Identity:
    """A value that compares by identity: arrays and functions as parts of frozen dataclasses."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def library_path(value: Any) -> str | None:
    """The path of a live function of a known library."""
    if getattr(value, "__module__", None) in OURSELVES and isinstance(value, FunctionType):
        return f"adtrans.{value.__name__}"
    module = getattr(value, "__module__", None) or ("numpy" if type(value).__name__ == "ufunc" else "")
    if str(module).partition(".")[0] not in KNOWN_LIBRARIES or isinstance(value, ModuleType):
        return None
    plain = isinstance(value, type | FunctionType | BuiltinFunctionType)
    if not plain and not type(value).__module__.startswith("numpy"):
        return None
    try:
        return published(canonical(value), value)
    except (ValueError, AttributeError, ImportError):
        return None


def published(path: str, value: Any) -> str:
    """`scipy.linalg.solve` for `scipy.linalg._basic.solve`, where the same function is found there."""
    module, _, name = path.rpartition(".")
    public = module.partition("._")[0]
    return f"{public}.{name}" if getattr(importlib.import_module(public), name, None) is value else path


MOST = 100
"""The largest array that is written down: more numbers than that nobody wants to read in a module."""


def array_literal(value: Any) -> str | None:
    """`{np}.array([...])` for a small array of ordinary numbers, else None."""
    if type(value).__module__ != "numpy" or type(value).__name__ != "ndarray" or not 0 < value.size <= MOST:
        return None
    if value.dtype.str[1:] not in ("f8", "f4", "c16", "c8", "i8", "b1") or not value.dtype.isnative:
        return None
    if value.dtype.kind in "fc" and not all(map(cmath.isfinite, value.ravel().tolist())):
        return None
    narrow = {"f4": "float32", "c8": "complex64"}.get(value.dtype.str[1:])
    dtype = f", dtype={{np}}.{narrow}" if narrow else ""
    return f"{{np}}.array({value.tolist()}{dtype})"


def literal(value: Any) -> str | None:
    """Source text that gives exactly this value, None if there is none we trust."""
    if value is None or isinstance(value, bool | str) or type(value) is int:
        return repr(value)
    if type(value) is float:
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if type(value) is complex and math.isfinite(value.real) and math.isfinite(value.imag):
        return repr(value)
    if type(value) is tuple:
        parts = [literal(item) for item in value]
        known = [p for p in parts if p is not None]
        if len(known) == len(parts):
            return f"({', '.join(known)}{',' if len(known) == 1 else ''})"
    return None
