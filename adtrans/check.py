"""Derivatives against differences: `check_grads`.

Every entry is compared with central differences over a sweep of steps; the step is chosen by how well
neighbouring ones agree, never by how close they come to the derivative that is being tested. Forward and
reverse mode are held against each other by the dot-product test, near machine precision.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from adtrans import trees
from adtrans.callables import Target, target_of
from adtrans.calling import Args
from adtrans.compiled import Wanted
from adtrans.derivative import Argnums
from adtrans.differences import Difference, difference
from adtrans.errors import AdtransError, ArgumentError
from adtrans.functions import Function
from adtrans.leaves import flat, flat_adjoint, places, unflat
from adtrans.views import Seeded

Mode = Literal["fwd", "rev"]
_WORDS = {"fwd": "forward", "rev": "reverse"}
MOST_ENTRIES = 100
"""Of a larger argument a sample is compared; the dot-product test always covers all of it."""


class GradientCheckError(AdtransError, AssertionError):
    """A derivative differs from differences; `argument`, `index`, `got` and `expected` say where and how."""

    def __init__(
        self,
        message: str,
        argument: str = "",
        index: tuple[int, ...] = (),
        got: Any = None,
        expected: Any = None,
    ) -> None:
        self.argument, self.index, self.got, self.expected = argument, index, got, expected
        super().__init__(message)


@dataclass
class Report:
    """What was compared: `worst` is the largest difference, as a part of what was allowed."""

    order: int
    modes: tuple[Mode, ...]
    arguments: tuple[str, ...]
    entries: int = 0
    evaluations: int = 0
    worst: float = 0.0

    def __str__(self) -> str:
        modes = " and ".join(_WORDS[mode] for mode in self.modes)
        return (
            f"{modes} mode agree with differences up to order {self.order}: {self.entries} entries "
            f"of {', '.join(self.arguments)}, {self.evaluations} evaluations, "
            f"worst at {self.worst:.2g} of the tolerance"
        )


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[Mode] = ("fwd", "rev"),
    *,
    argnums: Argnums | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> Report:
    """Compare the derivatives of a function with differences, at given arguments.

    `argnums` are the arguments to differentiate; None means all floating-point ones. With `order=2` the
    derivatives of the derivatives are compared as well, in all combinations of `modes`. The tolerances are
    1e-6 and 1e-8 in double precision, 1e-2 and 1e-3 where something is in single precision.

    Returns a `Report`. Raises `GradientCheckError`, an `AssertionError` too, that names the entry that
    differs, and what the derivative functions themselves raise. `f` is run many times, always on copies of
    its arguments.

    >>> import adtrans, numpy as np
    >>> report = adtrans.check_grads(lambda x: np.sin(x) * x, (np.array([0.5, 2.0]),), order=2)
    >>> report.order
    2
    """
    chosen = tuple(modes)
    if not chosen or any(mode not in _WORDS for mode in chosen):
        raise ArgumentError(f'check_grads: modes={modes!r}; there are "fwd" and "rev".')
    if order < 1:
        raise ArgumentError("check_grads: order is at least 1.")
    if not isinstance(args, (tuple, list)):
        args = (args,)
    target = target_of(f)
    wrt = _varying(target, args) if argnums is None else target.argnums(argnums)[0]
    bound = target.bind(tuple(args), {})
    case = Case(target.function, _caller(target, f), bound, wrt, chosen, rtol, atol)
    report = Report(order, chosen, wrt)
    case.check(order, report)
    return report


def _varying(target: Target, args: Sequence[Any]) -> tuple[str, ...]:
    names = target.function.params[len(target.prefix) :]
    found = tuple(name for name, arg in zip(names, args, strict=False) if next(places(arg), None) is not None)
    if not found:
        raise ArgumentError("check_grads: none of the arguments is a floating-point number or array.")
    return found


def _caller(target: Target, f: Callable[..., Any]) -> Callable[[Args], Any]:
    """The function itself, called with arguments in the order of the parameters."""
    function, start = target.function, len(target.prefix)
    plain = [i for i, p in enumerate(function.params) if i >= start and p not in function.keywords]
    named = [(p, i) for i, p in enumerate(function.params) if p in function.keywords]
    if target.fixed:
        named += [(p, i) for i, p in enumerate(function.params) if p in target.fixed and i in plain]
        plain = [i for i in plain if function.params[i] not in target.fixed]
    return lambda args: f(*[args[i] for i in plain], **{name: args[i] for name, i in named})


@dataclass
class Case:
    """One function at one point."""

    function: Function
    evaluate: Callable[[Args], Any]
    args: Args
    wrt: tuple[str, ...]
    modes: tuple[Mode, ...]
    rtol: float | None
    atol: float | None
    path: str = ""
    single: bool = field(init=False)

    def __post_init__(self) -> None:
        self.wrt = tuple(name for name in self.function.params if name in self.wrt)
        self.positions = [self.function.params.index(name) for name in self.wrt]
        self.args = tuple(
            trees.mapped(arg, _inexact) if i in self.positions else arg for i, arg in enumerate(self.args)
        )
        self.random = np.random.default_rng(0)
        self.value = self.outputs(self.args)
        everything = [leaf for v in (*self.inputs, self.value) for leaf in places(v)]
        self.single = any(leaf.dtype in (np.float32, np.complex64) for leaf in everything)

    @property
    def inputs(self) -> list[Any]:
        return [self.args[i] for i in self.positions]

    def outputs(self, args: Args) -> list[Any]:
        """The results as a flat row, from copies of the arguments: the function may write to them."""
        value = self.evaluate(copy.deepcopy(args))
        return list(value) if isinstance(value, tuple) and len(value) > 1 else [value]

    # ------------------------------------------------------------------- derivatives

    def forward(self, dots: list[Any]) -> np.ndarray:
        """All tangents of the results, flat."""
        return flat(list(self._run("forward", dots)[1]))

    def reverse(self, bars: list[Any]) -> list[Any]:
        """The adjoints of the arguments."""
        return list(self._run("reverse", bars)[1])

    def _run(self, mode: Literal["forward", "reverse"], more: list[Any]) -> tuple[Any, tuple[Any, ...]]:
        """A sweep of generated code; it must leave its arguments alone and have the value right."""
        ready = self.function.sweep(Wanted(mode, self.wrt)).ready(self.args)
        args = self.args if ready.prepare is None else ready.prepare(self.args)
        before = copy.deepcopy((args, more))
        value, found = ready.call(*args, *map(as_generated, more))
        if not _equal(before, (args, more)):
            raise GradientCheckError(f"{self.path}{mode} mode has modified its arguments.")
        values = list(value) if ready.made.results > 1 else [value]
        if not _equal(values, self.value):
            raise GradientCheckError(
                f"{self.path}{mode} mode returns {value!r}; the function, {self.value!r}."
            )
        one = (len(self.wrt) if mode == "reverse" else ready.made.results) == 1
        return value, (found,) if one else tuple(found)

    # ------------------------------------------------------------------------ checks

    def check(self, order: int, report: Report) -> None:
        size = flat(self.value).size
        weights = unflat(self.random.normal(size=size) if size > 1 else np.ones(size), self.value)
        bars = self.reverse(weights) if "rev" in self.modes else None
        if bars is not None:
            self.check_shapes(bars)
        for k, name in enumerate(self.wrt):
            for entry in self.entries(k):
                expected = self.differences(k, entry, report)
                report.entries += 1
                if bars is not None:
                    weighted = float(flat_adjoint(weights) @ expected.value)
                    error = float(np.abs(flat(weights)) @ expected.error)
                    self.compare("rev", name, k, entry, flat_adjoint(bars[k])[entry], weighted, error, report)
                if "fwd" in self.modes:
                    column = self.forward(self.direction(k, entry))
                    for got, want, error in zip(column, expected.value, expected.error, strict=True):
                        self.compare("fwd", name, k, entry, got, want, error, report)
        if bars is not None and "fwd" in self.modes:
            self.dot_product(weights, bars)
        if order > 1:
            for mode in self.modes:
                self.derived(mode, weights).check(order - 1, report)

    def entries(self, k: int) -> Iterator[int]:
        size = flat(self.inputs[k]).size
        if size <= MOST_ENTRIES:
            return iter(range(size))
        return iter(sorted(self.random.choice(size, MOST_ENTRIES, replace=False).tolist()))

    def direction(self, k: int, entry: int) -> list[Any]:
        vectors = [np.zeros(flat(x).size) for x in self.inputs]
        vectors[k][entry] = 1.0
        return [unflat(v, x) for v, x in zip(vectors, self.inputs, strict=True)]

    def differences(self, k: int, entry: int, report: Report) -> Difference:
        """The column of the Jacobian that belongs to one entry, by differences."""
        start = flat(self.inputs[k])

        def along(x: float) -> np.ndarray:
            moved = start.copy()
            moved[entry] = x
            args = list(self.args)
            args[self.positions[k]] = unflat(moved, self.inputs[k])
            report.evaluations += 1
            return flat(self.outputs(tuple(args)))

        return difference(along, float(start[entry]), self.single)

    def compare(
        self, mode: Mode, name: str, k: int, entry: int, got: float, want: float, error: float, report: Report
    ) -> None:
        rtol = self.rtol if self.rtol is not None else 1e-2 if self.single else 1e-6
        atol = self.atol if self.atol is not None else 1e-3 if self.single else 1e-8
        # What differences cannot tell, up to a bound: beyond it they say nothing, and that is a failure.
        doubt = min(20 * error, 1e-3 * max(1.0, abs(want)))
        allowed = atol + rtol * abs(want) + doubt
        if not abs(got - want) <= allowed:
            where, index = self.place(name, k, entry)
            raise GradientCheckError(
                f"{self.path}{_WORDS[mode]} mode is wrong with respect to {where}: got {got:.10g}, "
                f"expected {want:.10g} by differences (uncertain by {error:.1g}).",
                name,
                index,
                got,
                want,
            )
        report.worst = max(report.worst, abs(got - want) / allowed)

    def place(self, name: str, k: int, entry: int) -> tuple[str, tuple[int, ...]]:
        x, part = self.inputs[k], ""
        if np.iscomplexobj(x) and not isinstance(x, (list, tuple)):
            entry, part = entry // 2, ".imag" if entry % 2 else ".real"
        if isinstance(x, np.ndarray) and x.ndim:
            index = tuple(int(i) for i in np.unravel_index(entry, x.shape))
            return f"`{name}[{', '.join(map(str, index))}]{part}`", index
        if trees.parts(x) is not None:
            return f"entry {entry} of `{name}`", (entry,)
        return f"`{name}{part}`", ()

    def check_shapes(self, bars: list[Any]) -> None:
        for name, x, bar in zip(self.wrt, self.inputs, bars, strict=True):
            wanted = [(leaf.shape, leaf.dtype) for leaf in places(x)]
            found = [(leaf.shape, leaf.dtype) for leaf in places(bar)]
            same = [s for s, _ in wanted] == [s for s, _ in found]
            if not same or (wanted != found and any(shape for shape, _ in wanted)):
                raise GradientCheckError(
                    f"{self.path}the derivative by `{name}` has the shape and dtype {found}, not {wanted}.",
                    name,
                )

    def dot_product(self, weights: list[Any], bars: list[Any]) -> None:
        """`<w, J v>` is `<J' w, v>`, for any v and w."""
        dots = [unflat(self.random.normal(size=flat(x).size), x) for x in self.inputs]
        forward = flat_adjoint(weights) * self.forward(dots)
        backward = flat_adjoint(bars) * flat(dots)
        scale = float(np.abs(forward).sum() + np.abs(backward).sum())
        # Where everything cancels (a sum of deviations from a mean) nothing but rounding is left of both.
        floor = float(np.abs(flat(weights)).sum() * np.abs(flat(dots)).sum())
        gap = abs(float(forward.sum() - backward.sum()))
        if not gap <= (1e-4 * scale + 1e-6 * floor if self.single else 1e-10 * scale + 1e-13 * floor):
            raise GradientCheckError(
                f"{self.path}forward and reverse mode disagree: <w, J v> is {forward.sum():.15g}, "
                f"<J' w, v> is {backward.sum():.15g}."
            )

    def derived(self, mode: Mode, weights: list[Any]) -> Case:
        """The derivative in one mode, in a fixed direction, as the next function to check."""
        if mode == "rev":
            form, seeds = "pullback", weights
            names = [f"seed_{i}" for i in range(len(weights))]
        else:
            form, names = "pushforward", [f"{name}_dot" for name in self.wrt]
            seeds = [unflat(self.random.normal(size=flat(x).size), x) for x in self.inputs]
        seeds = list(map(as_generated, seeds))
        key = ("seeded", form, self.wrt, len(seeds))
        if key not in self.function.views:
            self.function.views[key] = Seeded(self.function, form, self.wrt, names)  # type: ignore[arg-type]
        long: Literal["reverse", "forward"] = "reverse" if mode == "rev" else "forward"
        count = len(self.args)

        def evaluate(args: Args) -> Any:
            ready = self.function.sweep(Wanted(long, self.wrt)).ready(args[:count])
            plain = args[:count] if ready.prepare is None else ready.prepare(args[:count])
            return ready.call(*plain, *map(as_generated, args[count:]))[1]

        path = f"{self.path}{_WORDS[mode]} mode, then "
        view = self.function.views[key]
        return Case(view, evaluate, (*self.args, *seeds), self.wrt, self.modes, self.rtol, self.atol, path)


def as_generated(value: Any) -> Any:
    """A seed or tangent in the structure that generated code has."""
    inner = trees.parts(value)
    return value if inner is None else trees.plain(value, list(map(as_generated, inner)))


def _inexact(value: Any) -> Any:
    """A Python integer that is differentiated counts as a float."""
    return float(value) if type(value) is int else value


def _equal(a: Any, b: Any) -> bool:
    """Whether two values are the same, bit for bit as far as they are numbers."""
    inner = trees.parts(a)
    if inner is not None:
        other = trees.parts(b)
        return other is not None and len(inner) == len(other) and all(map(_equal, inner, other))
    if isinstance(a, (np.ndarray, np.generic, float, complex)):
        x, y = np.asarray(a), np.asarray(b)
        return x.shape == y.shape and bool(np.array_equal(x, y, equal_nan=x.dtype.kind in "fc"))
    return True
