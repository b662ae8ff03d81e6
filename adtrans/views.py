"""A derivative as a function that can be differentiated again.

The text of a `View` is the module of the derivative below it, and one more function that calls what is
in there and picks what this derivative returns. The compiler accepts its own output, so that is all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from inspect import Parameter, Signature
from pathlib import PurePath
from typing import Any, Literal

from adtrans import trees
from adtrans.calling import Args
from adtrans.compiled import Compiled, Mode, Wanted
from adtrans.drivers import Driver
from adtrans.errors import NotScalarError
from adtrans.functions import Function, with_made
from adtrans.kinds import Kind
from adtrans.names import Names
from adtrans.source import Source, Watch

Form = Literal["grad", "value_and_grad", "pullback", "pushforward", "jacfwd", "jacrev"]


class View(Function):
    """What `grad(f)` and its relatives are to another derivative.

    `many` says that the adjoints come as a tuple even if there is only one; `aux` that the last
    result of the function below is not differentiated. A `pullback` has the seeds as further
    arguments, a `pushforward` the tangents. `wrt` is in the order of the parameters, `asked` in the user's.
    """

    def __init__(self, base: Function, form: Form, wrt: tuple[str, ...], many: bool, aux: bool) -> None:
        super().__init__(f"{base.name}_{form}", base.signature)
        self.base, self.form, self.many, self.aux = base, form, many, int(aux)
        self.asked = wrt
        self.below = base.sweep(wanted_by(form, wrt, base, aux))
        self.wrt = self.below.wanted.wrt
        self.extra: tuple[str, ...] = ()

    def source(self, kinds: tuple[Kind, ...] | None) -> Source:
        inner = None if kinds is None else self.below.inside(kinds[: len(self.base.params)])
        made = self._made_below(inner)
        if self.form in ("grad", "value_and_grad"):
            require_scalar(made.ranks[0], self.base.name)
        name = _fresh(self.name, made.text)
        params = {p: inner[i] if inner else None for i, p in enumerate(self.base.params)}
        driver = Driver(name, self.base.name, made, params, self.wrt, self.aux, self.extra)
        text = f"{made.text.rstrip()}\n\n\n{driver.write(self.form)}"
        return Source(text, _beside(self.base.source(inner).file, name), name, rules=made.rules)

    def _made_below(self, kinds: tuple[Kind, ...] | None) -> Compiled:
        """The derivative that this one is written around; a Jacobian of numbers needs no pair."""
        if self.form == "jacrev":
            whole = self.base.sweep(replace(self.below.wanted, split=False)).specialise(kinds)
            if all(whole.ranks[i] == 0 for i in whole.seeded):
                return whole
        return self.below.specialise(kinds)

    def width(self) -> int:
        own = len(self.wrt)
        if self.form in ("jacfwd", "jacrev"):
            return own * self.base.width()
        return own + (self.form == "value_and_grad")

    def watch(self) -> Watch:
        return self.base.watch()

    def settle(self, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        here = len(self.base.params)
        return self.below.inside(kinds[:here]) + kinds[here:]

    def mirror(self, args: Args, results: Sequence[Any]) -> list[Any]:
        """An adjoint has the structure of its argument."""
        first = int(self.form == "value_and_grad")
        if self.form not in ("grad", "value_and_grad", "jacrev", "pullback"):
            return list(results)
        likes = [args[self.base.params.index(name)] for name in self.wrt]
        if self.form == "jacrev" and len(results) - self.aux != len(likes):
            return list(results)
        bars = [trees.mirrored(bar, like) for bar, like in zip(results[first:], likes, strict=False)]
        return [*results[:first], *bars, *results[first + len(likes) :]]

    def pack(self, results: Sequence[Any]) -> Any:
        match self.form:
            case "value_and_grad":
                return results[0], self.pack_bars(results[1:])
            case "pushforward":
                return self.base.pack(results)
            case "jacfwd" | "jacrev":
                width = len(self.wrt)
                rows = range(0, len(results), width)
                return self.base.pack([self.pack_bars(results[i : i + width]) for i in rows])
        return self.pack_bars(results)

    def pack_bars(self, bars: Sequence[Any]) -> Any:
        if self.many or len(bars) > 1:
            return tuple(bars[self.wrt.index(name)] for name in self.asked)
        return bars[0]

    def __reduce__(self) -> tuple[Any, ...]:
        made = {wanted: sweep.made for wanted, sweep in self.sweeps.items() if sweep.made}
        return _revive, (self.base, self.form, self.asked, self.many, bool(self.aux), made)


class Seeded(View):
    """A pullback or a pushforward: a view with the seeds or tangents as further arguments."""

    def __init__(self, base: Function, form: Form, wrt: tuple[str, ...], extra: Sequence[str]) -> None:
        super().__init__(base, form, wrt, many=False, aux=False)
        names = Names(base.params)
        self.extra = tuple(names.fresh(name) for name in extra)
        params = [Parameter(p, Parameter.POSITIONAL_OR_KEYWORD) for p in (*base.params, *self.extra)]
        self.signature, self.params, self.keywords = Signature(params), (*base.params, *self.extra), ()


def wanted_by(form: Form, wrt: tuple[str, ...], base: Function, aux: bool) -> Wanted:
    """What the compiler is asked for."""
    mode: Mode = "forward" if form in ("pushforward", "jacfwd") else "reverse"
    order = tuple(name for name in base.params if name in wrt)
    return Wanted(mode, order, form == "jacrev", tuple(range(base.width())) if aux else None)


def require_scalar(rank: int | None, name: str) -> None:
    """Raises `NotScalarError` for a result that is known to be an array."""
    if rank:
        raise NotScalarError(
            f"`{name}` returns an array of rank {rank}, and a gradient is that of a number. For the "
            f" derivative of every entry use `adtrans.jacrev`, for a weighted sum of them `adtrans.vjp`."
        )


def _fresh(name: str, text: str) -> str:
    while re.search(rf"\b{re.escape(name)}\b", text):
        name += "_"
    return name


def _beside(file: str, name: str) -> str:
    """The file that this module would be in, so that its relative imports are found."""
    return str(PurePath(file).with_name(f"{name}.py")) if file.endswith(".py") else f"{name}.py"


def _revive(base: Function, form: Form, wrt: tuple[str, ...], many: bool, aux: bool, made: Any) -> Function:
    return with_made(view(base, form, wrt, many, aux), made)


def view(base: Function, form: Form, wrt: tuple[str, ...], many: bool = False, aux: bool = False) -> Function:
    """The one view of its kind."""
    key = (form, wrt, many, aux)
    if key not in base.views:
        base.views[key] = View(base, form, wrt, many, aux)
    return base.views[key]
