"""Where the text of a function is: its file, its notebook cell, or the string it was given as."""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from adtrans.custom import CUSTOM
from adtrans.decorators import passes_on
from adtrans.errors import AdtransError
from adtrans.layouts import Layout

# A file that was written after this moment may no longer be what is running.
_STARTED = time.time()


@dataclass(frozen=True)
class Source:
    """The text of a module, and a function in it.

    `line` tells functions of one name apart. `live` holds what the running function sees beyond its
    file: the values of its closure and of the globals that it can reach. `objects` are the layouts of its
    arguments (none: it is called with no objects), and `fields` the attributes that are differentiated;
    `functions` are those among its arguments. `rules` are those of functions without a source, for the text
    of a derivative, which does not state them.
    """

    text: str
    file: str
    name: str
    line: int | None = None
    live: Mapping[str, object] = field(default_factory=dict)
    objects: Mapping[str, Layout | None] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    functions: Mapping[str, object] = field(default_factory=dict)
    rules: tuple[tuple[str, str], ...] = ()


def source_of(function: FunctionType) -> Source:
    """The source of a running function.

    Raises `AdtransError` if there is none (`exec`, `python -c`), or if the file has changed since.
    """
    code = function.__code__
    file = inspect.getsourcefile(function) or code.co_filename
    lines = linecache.getlines(file, function.__globals__)
    if not lines:
        raise AdtransError(
            f"The source of `{function.__qualname__}` is not to be found (it was made by exec, or typed at a "
            f'prompt). Give adtrans its text: `adtrans.from_source(text, "{function.__name__}")`.'
        )
    text = "".join(lines)
    _require_current(code, text, file)
    live = live_values(function)
    if function.__name__ == "<lambda>":
        return Source(_lambda_as_def(code, text), file, LAMBDA, code.co_firstlineno, live)
    return Source(text, file, function.__name__, code.co_firstlineno, live)


# -------------------------------------------------------------------------- live values


Place = tuple[Mapping[str, object], str] | tuple[CellType, None]
"""Where a value is bound: a name in the globals, or a cell."""


def live_values(function: FunctionType) -> dict[str, object]:
    """The closure of a function and the globals that it can reach, through other functions as well."""
    own = {function.__name__: function} if CUSTOM in vars(function) else {}
    return own | {name: undecorated(_value(place)) for name, place in _places(function).items()}


def _places(function: FunctionType) -> dict[str, Place]:
    found: dict[str, Place] = {}
    todo, seen = [function], {function.__code__}
    while todo:
        for name, place in _reads(todo.pop()):
            found.setdefault(name, place)
            value = undecorated(_value(place))
            if (
                isinstance(value, FunctionType)
                and value.__globals__ is function.__globals__
                and value.__code__ not in seen
            ):
                seen.add(value.__code__)
                todo.append(value)
    return found


def _value(place: Place) -> object:
    return place[0].cell_contents if place[1] is None else place[0].get(place[1])


@dataclass(frozen=True)
class Watch:
    """The values outside a function that a derivative was made for: it holds as long as they are the same."""

    names: Mapping[str, object]
    scopes: tuple[tuple[Mapping[str, object], str, object], ...]
    cells: tuple[tuple[CellType, object], ...]
    contents: tuple[tuple[Any, bytes], ...] = ()
    """Arrays that share their name with other values: the derivative has what was in them."""

    def __bool__(self) -> bool:
        return bool(self.scopes or self.cells)

    def __or__(self, other: Watch) -> Watch:
        names = {**other.names, **self.names}
        contents = self.contents + other.contents
        return Watch(names, self.scopes + other.scopes, self.cells + other.cells, contents)

    def changed(self) -> bool:
        for scope, name, value in self.scopes:
            if scope.get(name) is not value:
                return True
        if any(array.tobytes() != content for array, content in self.contents):
            return True
        return any(cell.cell_contents is not value for cell, value in self.cells)

    def bind(self, scope: dict[str, Any]) -> None:
        """Let a generated module, which has its constants from the text of a file, use the running ones.

        The two must agree. From then on an array, a list or a dict that is written to in the running
        module is the one that the derivative reads.
        """
        for name, value in self.names.items():
            if name not in scope:
                continue
            if not _agree(scope[name], value):
                raise AdtransError(
                    f"`{name}` is {_short(value)} now, but {_short(scope[name])} in the source of its "
                    "module, which a derivative is made from. Pass it as an argument, or bind it once."
                )
            if type(value) is type(scope[name]) and not isinstance(value, FunctionType):
                scope[name] = value


NOTHING = Watch({}, (), ())


def watched(function: FunctionType) -> Watch:
    """Constants and functions that a derivative takes from outside; modules and classes do not change."""
    places = [
        (name, place)
        for name, place in _all_places(function)
        if not isinstance(_value(place), (ModuleType, type, BuiltinFunctionType))
    ]
    values: dict[str, dict[int, object]] = {}
    for name, place in places:
        values.setdefault(name, {})[id(_value(place))] = _value(place)
    shared = [value for found in values.values() if len(found) > 1 for value in found.values()]
    return Watch(
        {name: next(iter(found.values())) for name, found in values.items() if len(found) == 1},
        tuple((p[0], p[1], _value(p)) for _, p in places if p[1] is not None),
        tuple((p[0], _value(p)) for _, p in places if p[1] is None),
        tuple((value, value.tobytes()) for value in shared if isinstance(value, np.ndarray)),
    )


def _all_places(function: FunctionType) -> list[tuple[str, Place]]:
    """What a function and all that it reaches read from outside. Two closures of one definition, with values
    of their own under one name, are two functions."""
    found: list[tuple[str, Place]] = []
    todo, seen = [function], {function}
    while todo:
        for name, place in _reads(todo.pop()):
            found.append((name, place))
            value = undecorated(_value(place))
            if (
                isinstance(value, FunctionType)
                and value.__globals__ is function.__globals__
                and value not in seen
            ):
                seen.add(value)
                todo.append(value)
    return found


def elsewhere(origins: Iterable[tuple[str, str, str]]) -> Watch:
    """The same for what comes from other modules: names in the derivative, files, and names in these.

    Raises `AdtransError` where a function of another module is not the one that its file defines.
    """
    names: dict[str, object] = {}
    scopes: list[tuple[Mapping[str, object], str, object]] = []
    for name, file, original in origins:
        scope = _running(file)
        if scope is None or original not in scope:
            continue  # Text that nobody has imported.
        value = scope[original]
        scopes.append((scope, original, value))
        plain = undecorated(value)
        if not isinstance(plain, FunctionType):
            names[name] = value
        elif os.path.abspath(plain.__code__.co_filename) != os.path.abspath(file):
            raise AdtransError(
                f"`{original}` is not the function of {file} any more, which a derivative is made from. "
                "Pass it as an argument, or import the other one under its own name."
            )
    return Watch(names, tuple(scopes), ())


def class_at(place: tuple[str, str] | None) -> type | None:
    """The running class of a file and a name."""
    found = (_running(place[0]) or {}).get(place[1]) if place is not None else None
    return found if isinstance(found, type) else None


def _running(file: str) -> Mapping[str, object] | None:
    """The variables of the module that was imported from a file."""
    path = os.path.abspath(file)
    for module in list(sys.modules.values()):
        found = getattr(module, "__file__", None)
        if isinstance(found, str) and os.path.abspath(found) == path:
            return vars(module)
    return None


def _agree(generated: object, running: object) -> bool:
    """Whether two constants are equal, as far as they are of a type that can be compared.

    Of what can be written to only the kinds: the derivative reads the running one, whatever is in it.
    """
    if isinstance(running, (np.ndarray, list, dict)):
        return _alike(generated, running)
    if isinstance(running, (int, float, complex, str, bytes, np.generic)):
        return type(generated) is type(running) and repr(generated) == repr(running)
    if isinstance(running, type):
        return getattr(running, "_fields", None) == getattr(generated, "_fields", None)
    if isinstance(running, tuple):
        return (
            isinstance(generated, tuple)
            and len(generated) == len(running)
            and all(map(_agree, generated, running))
        )
    return True


def _alike(generated: object, running: object) -> bool:
    """Whether two values are of one kind: type, shape and dtype, and so on inside."""
    if type(generated) is not type(running):
        return False
    if isinstance(generated, np.ndarray) and isinstance(running, np.ndarray):
        return bool(generated.dtype == running.dtype and generated.shape == running.shape)
    if isinstance(generated, (list, tuple)) and isinstance(running, (list, tuple)):
        return len(generated) == len(running) and all(map(_alike, generated, running))
    if isinstance(generated, dict) and isinstance(running, dict):
        return list(generated) == list(running) and _alike([*generated.values()], [*running.values()])
    return True


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def undecorated(value: object) -> object:
    """What was decorated, where that changes no value: by us, a cache, numba, or a wrapper that passes on."""
    while True:
        if isinstance(value, FunctionType):
            inner = getattr(value, "__wrapped__", None)
            if inner is None or not passes_on(value):
                return value
        elif (mark := type(value).__dict__.get("adtrans_keeps_value")) is not None:
            return mark.fget(value)
        elif type(value).__module__ == "functools" and type(value).__name__ == "_lru_cache_wrapper":
            inner = getattr(value, "__wrapped__")  # noqa: B009 (mypy)
        elif type(value).__module__.partition(".")[0] == "numba":
            inner = getattr(value, "py_func", None)
        else:
            return value
        if inner is None:
            return value
        value = inner


def _reads(function: FunctionType) -> Iterator[tuple[str, Place]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if cell != CellType():  # an empty one: not bound yet
            yield name, (cell, None)
    for name in sorted(_globals_read(function.__code__)):
        if name in function.__globals__:
            yield name, (function.__globals__, name)


@lru_cache
def _globals_read(code: CodeType) -> frozenset[str]:
    """The global names that a code object and those within it read."""
    loads = (i for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    return frozenset(str(i.argval) for i in loads).union(
        *(_globals_read(c) for c in code.co_consts if isinstance(c, CodeType))
    )


# ------------------------------------------------------------------------------ checks


def _require_current(code: CodeType, text: str, file: str) -> None:
    """A derivative of an edited file would be the derivative of another function."""
    try:
        if os.stat(file).st_mtime < _STARTED:
            return
    except OSError:
        return  # a notebook cell, a doctest: linecache holds what was run
    try:
        found = any(_same(code, other) for other in _codes(compile(text, file, "exec", dont_inherit=True)))
    except SyntaxError:
        found = False
    if not found:
        raise AdtransError(
            f"{file} has changed since `{code.co_name}` was imported, so its text is not what is running. "
            "Reload the module, or start again."
        )


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def _same(a: CodeType, b: CodeType) -> bool:
    def looks(code: CodeType) -> tuple[object, ...]:
        numbers = [repr(c) for c in code.co_consts if not isinstance(c, CodeType)]
        return code.co_name, code.co_firstlineno, code.co_code, code.co_names, code.co_varnames, numbers

    return looks(a) == looks(b)


# ----------------------------------------------------------------------------- lambdas

LAMBDA = "lambda_"


def _lambda_as_def(code: CodeType, text: str) -> str:
    """A module in which the lambda is a function, on the same line; the rest of the text is left out.

    What the lambda reads from its module comes from its live values.
    """
    found = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Lambda) and body_place(code) == (node.body.lineno, node.body.col_offset)
    ]
    if len(found) != 1:
        raise AdtransError("This lambda is not to be found in its source; write it as a `def`.")
    (node,) = found
    body = ast.get_source_segment(text, node.body)
    above = "\n" * (node.lineno - 1)
    return f"{above}def {LAMBDA}({ast.unparse(node.args)}): return ({body})\n"


def body_place(code: CodeType) -> tuple[int, int]:
    """Where the body of a lambda starts: the first place that any of its instructions is from."""
    places = [(line, col) for line, _, col, _ in code.co_positions() if line and col is not None]
    bodies = [p for p in places if p != (code.co_firstlineno, 0)]
    return min(bodies or places, default=(0, 0))
