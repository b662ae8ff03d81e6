"""A function of objects as a function of the numbers and arrays in them.

`loss(self, x)` with `self.w` and `self.b` becomes a function of `w`, `b` and `x`: what the compiler makes of
it (see attributes.py) is called with the attributes as they are now. One for each layout of the arguments.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import or_
from types import FunctionType
from typing import Any

from adtrans import trees
from adtrans.calling import Args
from adtrans.compiled import program_of
from adtrans.errors import AdtransError, ArgumentError
from adtrans.functions import Function, Live, origins_of
from adtrans.given import Given, given_of, is_given
from adtrans.kinds import Kind
from adtrans.layouts import Layout, attributes, is_object, layout_of
from adtrans.source import Source, Watch, elsewhere, source_of, undecorated, watched

Layouts = tuple[Layout | Given | None, ...]


class Flat(Function):
    """A running function for arguments of one layout. `places` says where each parameter comes from: an
    argument, and the attributes on the way."""

    def __init__(self, live: Live, layouts: Layouts, fields: tuple[str, ...]) -> None:
        found = dict(zip(live.params, layouts, strict=True))
        self.layouts = {n: k for n, k in found.items() if not isinstance(k, Given)}
        given = {n: k for n, k in found.items() if isinstance(k, Given)}
        objects = tuple(self.layouts.values())
        self.seen = functools.reduce(or_, class_watches(live.function, objects), watched(live.function))
        for each in given.values():
            self.seen = self.seen | each.watch(live.function.__globals__)
        below = source_of(live.function)
        functions = {name: each.function for name, each in given.items()}
        self._source = Source(
            below.text, below.file, below.name, below.line, below.live, self.layouts, fields, functions
        )
        program = program_of(self._source)
        params = program.functions[program.entry].params
        names = [p.name for p in params]
        self.places = [(p.origin or p.name).split(".") for p in params]
        self.plain = [p.name for p in params if not p.origin]
        self.named = {p.origin: p.name for p in params if p.origin}
        self.exclusive = bool(fields) or any(p.origin and "." not in p.origin for p in params)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        super().__init__(live.name, inspect.Signature([inspect.Parameter(name, kind) for name in names]))

    def source(self, kinds: tuple[Kind, ...] | None) -> Source:
        return self._source

    def watch(self) -> Watch:
        return self.seen | elsewhere(origins_of(self))

    def stale(self) -> bool:
        """Whether a function or a constant that it was made from is another one now."""
        return self.seen.changed()

    def take(self, bound: Mapping[str, Any]) -> Args:
        """The arguments, from those of the function of objects."""
        if self.exclusive:
            self.require_apart(bound)
            self.require_outside(bound)
        return tuple(_at(bound, place) for place in self.places)

    def require_apart(self, bound: Mapping[str, Any]) -> None:
        """One object under two names: what is assigned to or differentiated in one is that of the other."""
        holders: dict[int, tuple[str, ...]] = {}
        for place in self.places:
            for length in range(1, len(place)):
                path = tuple(place[:length])
                value = _at(bound, path)
                first = holders.setdefault(id(value), path)
                if first != path:
                    one, other = ".".join(first), ".".join(path)
                    raise AdtransError(
                        f"`{one}` and `{other}` are one object, which `{self.name}` uses under both names. "
                        "Use it under one of them, or pass two objects."
                    )

    def require_outside(self, bound: Mapping[str, Any]) -> None:
        """An object whose attributes are differentiated or assigned, again in a list or dict."""
        holders = {
            id(_at(bound, place[:n])): place[:n] for place in self.places for n in range(1, len(place))
        }
        for place in self.places:
            if (found := next((k for k in held(_at(bound, place)) if k in holders), None)) is not None:
                one, other = ".".join(place), ".".join(holders[found])
                raise AdtransError(
                    f"`{one}` holds `{other}`, whose attributes are differentiated or assigned: "
                    f"`{self.name}` may reach them in two ways. Use the object in one of them."
                )

    def clear_missing(self, bound: Mapping[str, Any]) -> None:
        """After a call: an attribute that was missing and got no value is missing still."""
        for place in self.places:
            if len(place) > 1 and _at(bound, place) is MISSING:
                holder = _at(bound, place[:-1])
                if getattr(holder, place[-1], None) is MISSING:
                    delattr(holder, place[-1])

    def flat_name(self, name: str) -> str:
        """The parameter that stands for `x` or `self.w`."""
        if name in self.named:
            return self.named[name]
        if name in self.plain:
            return name
        raise ArgumentError(
            f"argnums={name!r}: it is an object. Name what to differentiate in it: `{name}.<attribute>`."
        )


def is_special(value: object) -> bool:
    """Whether a derivative is made for an argument, and not only for its kind: an object, a function."""
    return is_object(value) or is_given(value)


@dataclass(frozen=True)
class Taken:
    """A call of a function of objects: the function of the numbers and arrays in them, and these."""

    flat: Flat
    bound: Mapping[str, Any]
    args: Args

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Around the call."""
        try:
            yield
        finally:
            if any(arg is MISSING for arg in self.args):
                self.flat.clear_missing(self.bound)


def beside(args: Mapping[str, Any], wrt: Collection[str]) -> bool:
    """Whether there are objects or functions beside the arguments that are differentiated as a whole; a
    dataclass or a named tuple beside another one that is differentiated is a container like it."""
    others = [value for name, value in args.items() if name not in wrt and is_special(value)]
    wholes = any(is_object(value) for name, value in args.items() if name in wrt)
    return bool(others) and not (wholes and all(map(trees.is_object, others)))


def held(value: Any, depth: int = 4) -> Iterator[int]:
    """The objects in a container, as their ids."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple, set, frozenset)) or depth == 0:
        return
    for inner in value:
        if is_object(inner):
            yield id(inner)
            for _, more in attributes(inner):
                if is_object(more):
                    yield id(more)
                yield from held(more, depth - 1)
        elif isinstance(inner, (dict, list, tuple, set, frozenset)):
            yield from held(inner, depth - 1)


class Missing:
    """What stands for an attribute that is not there yet: the function assigns it, or does without."""


MISSING = Missing()


def _at(bound: Mapping[str, Any], place: Sequence[str]) -> Any:
    value = bound[place[0]]
    for name in place[1:]:
        value = getattr(value, name, MISSING)
    return value


def flat_of(live: Live, args: Args, fields: tuple[str, ...]) -> Flat:
    """The one `Flat` for these arguments."""
    layouts = tuple(given_of(arg) or layout_of(arg) for arg in args)
    key = layouts, fields
    found = live.flats.get(key)
    assert found is None or isinstance(found, Flat)
    if found is None or found.stale():
        found = live.flats[key] = Flat(live, layouts, fields)
    return found


# ------------------------------------------------------------------ what must not change


def class_watches(entry: FunctionType, layouts: Sequence[Layout | None]) -> Iterator[Watch]:
    """What the methods that a function may reach are bound to, and what these see."""
    classes = [cls for layout in layouts if layout is not None for cls in _classes(layout)]
    todo, seen = [entry], set[object]()
    while todo:
        function = todo.pop()
        for name in _names(function.__code__):
            for cls in classes:
                value = cls.__dict__.get(name)
                inner = undecorated(getattr(value, "fget", None) or getattr(value, "__func__", None) or value)
                if not isinstance(inner, FunctionType) or (cls, name) in seen:
                    continue
                seen.add((cls, name))
                todo.append(inner)
                yield Watch({}, ((cls.__dict__, name, value),), ())
                seen_by = watched(inner)
                # Names of other modules are not those of the derivative: see `elsewhere`.
                own = inner.__globals__ is entry.__globals__
                yield seen_by if own else Watch({}, seen_by.scopes, seen_by.cells)


def _names(code: Any) -> Iterator[str]:
    yield "__call__"
    yield from code.co_names
    for inner in code.co_consts:
        if hasattr(inner, "co_names"):
            yield from _names(inner)


def _classes(layout: Layout) -> Iterator[type]:
    yield from layout.cls.__mro__
    for _, inner in layout.objects:
        yield from _classes(inner)
