"""What can be differentiated, and its specialisations.

A `Function` is something with a source: a running Python function (`Live`) or a derivative of one
(`View`, in views.py). A `Sweep` is one way to differentiate it (forward or reverse, with respect to
what); it holds one `Ready` for every signature of argument kinds that it was called with.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

from adtrans import portable, trees
from adtrans.calling import Args, by_position, finish, preparation
from adtrans.compiled import Compiled, Wanted, compiled, loaded
from adtrans.kinds import Kind
from adtrans.signature import Key, admit, call_key, kinds_of
from adtrans.source import LAMBDA, NOTHING, Source, Watch, class_at, elsewhere, source_of, watched


class Function:
    """Something that can be differentiated: it is called by position, defaults filled in.

    `pack` gives the results, which the compiler sees as a flat row, the shape that a caller expects;
    `aux` is the number of results at the end of the row that are never differentiated.
    """

    aux = 0
    result_class: Any = None
    """The class of what the function returns, if that is a named tuple."""

    def __init__(self, name: str, signature: inspect.Signature) -> None:
        self.name = name
        self.signature = signature
        self.params = tuple(signature.parameters)
        self.keywords = tuple(
            p.name for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY
        )
        self.sweeps: dict[Wanted, Sweep] = {}
        self.views: dict[object, Function] = {}

    def source(self, kinds: tuple[Kind, ...] | None) -> Source:
        """The text to differentiate; for `None` the one that is right for all kinds."""
        raise NotImplementedError

    def settle(self, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        """The kinds of the arguments inside: where a derivative below promotes an integer."""
        return kinds

    def width(self) -> int:
        """How many results are differentiated, where the last one is not."""
        return 1

    def watch(self) -> Watch:
        """What is bound outside the function and must not change."""
        return NOTHING

    def pack(self, results: Sequence[Any]) -> Any:
        cls = self.result_class
        if len(results) == 1:
            return trees.of_class(cls, results[0]) if isinstance(cls, type) else results[0]
        return tuple(results) if cls is None or len(results) != len(cls._fields) else cls(*results)

    def mirror(self, args: Args, results: Sequence[Any]) -> list[Any]:
        """The results with the user's classes, where generated code has dicts for them."""
        return list(results)

    def bind(self, args: Args, kwargs: Mapping[str, Any]) -> Args:
        """The arguments of a call in the order of the parameters, defaults filled in."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}() {error}") from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def sweep(self, wanted: Wanted) -> Sweep:
        if wanted not in self.sweeps:
            self.sweeps[wanted] = Sweep(self, wanted)
        return self.sweeps[wanted]

    def forget(self) -> None:
        """Drop all that was compiled: something outside has changed."""
        for sweep in self.sweeps.values():
            sweep.found.clear()
            sweep.made.clear()
        for view in self.views.values():
            view.forget()


def origins_of(function: Function) -> dict[tuple[str, str, str], None]:
    """The constants and functions of other modules that the derivatives of a function were made from."""
    made = (made for sweep in function.sweeps.values() for made in sweep.made.values())
    return dict.fromkeys(origin for each in made for origin in each.origins)


class Live(Function):
    """A running Python function, known by its source."""

    def __init__(self, function: FunctionType) -> None:
        name = LAMBDA if function.__name__ == "<lambda>" else function.__name__
        super().__init__(name, inspect.signature(function, follow_wrapped=False))
        self.function = function
        self.flats: dict[object, Function] = {}
        self._source: Source | None = None
        self._called: Source | None = None

    def source(self, kinds: tuple[Kind, ...] | None) -> Source:
        """What an annotation says of a class does not count in a call: an object is a container there."""
        if self._source is None:
            self._source = source_of(self.function)
            self._called = replace(self._source, objects=dict.fromkeys(self.params))
        return self._source if kinds is None or self._called is None else self._called

    def watch(self) -> Watch:
        return watched(self.function) | elsewhere(origins_of(self))

    def forget(self) -> None:
        self._source = None
        super().forget()

    def __reduce__(self) -> tuple[Any, ...]:
        made = {wanted: sweep.made for wanted, sweep in self.sweeps.items() if sweep.made}
        return _revive, (portable.pack(self.function), made)


def _revive(packed: portable.Packed, made: dict[Wanted, dict[str, Compiled]]) -> Function:
    return with_made(Live(portable.unpack(packed)), made)


def with_made(function: Function, made: dict[Wanted, dict[str, Compiled]]) -> Function:
    """A function that was pickled, with the derivatives that it had."""
    for wanted, texts in made.items():
        function.sweep(wanted).made.update(texts)
    return function


# ------------------------------------------------------------------- specialisations


@dataclass(slots=True)
class Ready:
    """A derivative for one signature of arguments, ready to run.

    `prepare` converts and checks the arguments where that is needed at all; `finish` gives the
    derivatives of NumPy scalars their dtype.
    """

    call: Callable[..., Any]
    back: Callable[..., Any]
    made: Compiled
    prepare: Callable[[Args], Args] | None
    finish: Callable[[Sequence[Any]], tuple[Any, ...]] | None
    watch: Watch | None
    plain: bool = False
    """Whether there is nothing to do but to call: one result, known to be a real number."""

    def __post_init__(self) -> None:
        nothing = self.prepare is None and self.finish is None and self.watch is None
        self.plain = nothing and self.made.ranks == (0,) and self.made.real


class Sweep:
    """One way to differentiate a function, for all signatures."""

    def __init__(self, function: Function, wanted: Wanted) -> None:
        self.function = function
        self.wanted = wanted
        self.wrt = tuple(function.params.index(name) for name in wanted.wrt)
        self.found: dict[Key, Ready] = {}
        self.made: dict[str, Compiled] = {}

    def ready(self, args: Args) -> Ready:
        """What to run for these arguments: compiled now, if they are the first of their kind."""
        found = self.found.get(call_key(args))
        if found is None:
            return self._make(args)
        if found.watch is not None and found.watch.changed():
            root(self.function).forget()
            return self._make(args)
        return found

    def text(self) -> str:
        """The module made last, or, before any call, the one that is right for all kinds."""
        if not self.made:
            self.specialise(None)
        return self.made[next(reversed(self.made))].text

    def specialise(self, kinds: tuple[Kind, ...] | None) -> Compiled:
        """The text of the derivative for these kinds of arguments."""
        key = repr(kinds)  # In full: kinds are equal whatever the flags and settings are that they know.
        if key not in self.made:
            known = {} if kinds is None else dict(zip(self.function.params, kinds, strict=True))
            self.made[key] = compiled(self.function.source(kinds), self.wanted, known)
        return self.made[key]

    def inside(self, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        """The kinds that the generated code sees."""
        inner = list(self.function.settle(kinds))
        for i in self.wrt:
            inner[i] = admit(inner[i], self.function.params[i])
        return tuple(inner)

    def _make(self, args: Args) -> Ready:
        function = self.function
        kinds = kinds_of(args, function.params)
        inside = self.inside(kinds)
        made = self.specialise(inside)
        call, *rest = loaded(made)
        watch = function.watch()
        watch.bind(call.__globals__)
        function.result_class = call.__globals__.get(made.named) or class_at(made.result)
        self.found[call_key(args)] = ready = Ready(
            by_position(call, made.entries[0], function.params),
            rest[0] if rest else call,
            made,
            preparation(args, kinds, inside, made, function.params),
            finish([inside[i] for i in self.wrt], [args[i] for i in self.wrt], inside),
            watch if watch else None,
        )
        return ready


def root(function: Function) -> Function:
    """The function that a chain of derivatives started from."""
    while (base := getattr(function, "base", None)) is not None:
        function = base
    return function
