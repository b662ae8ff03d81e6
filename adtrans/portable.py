"""Functions that travel: a running function as data that pickles, and back, from its source.

Plain pickle sends the name of a function, which means nothing in another process if the function was
made in a notebook, in `__main__`, inside another function, or has been replaced by its derivative.
We send its text with the values that it reads from outside. Nothing of the text is run on arrival but
the function itself.
"""

from __future__ import annotations

import builtins
import importlib
import linecache
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from adtrans.errors import AdtransError
from adtrans.source import live_values


@dataclass(frozen=True)
class Module:
    """A module, by its name."""

    name: str


@dataclass(frozen=True)
class Reference:
    """A function of the same parcel, by its place in it."""

    place: int


@dataclass(frozen=True)
class Portable:
    """One function: its text, where in it, and what it reads from outside."""

    text: str
    file: str
    module: str
    qualname: str
    line: int
    defaults: tuple[Any, ...] | None
    keyword_defaults: dict[str, Any] | None
    outside: Mapping[str, Any]


Packed = tuple[Portable, ...]
"""A function and those that it calls; the function first."""


def pack(function: FunctionType) -> Packed:
    """A function as data."""
    places: dict[FunctionType, int] = {function: 0}
    made: list[Portable] = []
    while len(made) < len(places):
        current = list(places)[len(made)]
        outside = {}
        for name, value in live_values(current).items():
            sent = _send(value, places)
            if sent is not DROPPED:
                outside[name] = sent
        made.append(_portable(current, outside))
    return tuple(made)


DROPPED = object()


def _send(value: Any, places: dict[FunctionType, int]) -> Any:
    """A value in a form that pickles; one that has none is left behind, and missed only if it is used."""
    if isinstance(value, ModuleType):
        return Module(value.__name__)
    if isinstance(value, FunctionType) and not _importable(value):
        return Reference(places.setdefault(value, len(places)))
    try:
        pickle.dumps(value)
    except Exception:  # pickle raises whatever the object's own methods raise
        return DROPPED
    return value


def _importable(function: FunctionType) -> bool:
    module = sys.modules.get(function.__module__)
    if module is None or function.__module__ == "__main__":
        return False
    return getattr(module, function.__qualname__, None) is function


def _portable(function: FunctionType, outside: Mapping[str, Any]) -> Portable:
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    if not lines:
        raise AdtransError(f"`{function.__qualname__}` has no source, so it cannot be pickled.")
    return Portable(
        "".join(lines),
        code.co_filename,
        function.__module__,
        function.__qualname__,
        code.co_firstlineno,
        function.__defaults__,
        function.__kwdefaults__,
        outside,
    )


def unpack(packed: Packed) -> FunctionType:
    """The function again."""
    scopes: list[dict[str, Any]] = [{} for _ in packed]
    functions = [_rebuild(p, scope) for p, scope in zip(packed, scopes, strict=True)]
    for portable, scope, function in zip(packed, scopes, functions, strict=True):
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        for name, sent in portable.outside.items():
            value = _receive(sent, functions)
            if name in cells:
                cells[name].cell_contents = value
            else:
                scope[name] = value
    return functions[0]


def _receive(sent: Any, functions: list[FunctionType]) -> Any:
    match sent:
        case Module(name=name):
            return importlib.import_module(name)
        case Reference(place=place):
            return functions[place]
    return sent


def _rebuild(portable: Portable, scope: dict[str, Any]) -> FunctionType:
    file = portable.file
    if "".join(linecache.getlines(file)) != portable.text:
        from adtrans import load

        file = load.pseudo_filename(portable.text, portable.qualname)
        load.register(portable.text, file)
    code = next(_find(compile(portable.text, file, "exec", dont_inherit=True), portable))
    scope |= {"__builtins__": builtins, "__name__": portable.module, "__file__": file}
    cells = tuple(CellType() for _ in code.co_freevars)
    function = FunctionType(code, scope, code.co_name, portable.defaults, cells)
    function.__kwdefaults__ = portable.keyword_defaults
    function.__qualname__ = portable.qualname
    return function


def _find(code: CodeType, portable: Portable) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_firstlineno == portable.line and inner.co_qualname == portable.qualname:
                yield inner
            yield from _find(inner, portable)
