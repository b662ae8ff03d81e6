"""`jvp` and `vjp` at given arguments: one sweep of the generated code, with its seeds checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adtrans import trees
from adtrans.callables import Target
from adtrans.calling import Args
from adtrans.compiled import Wanted
from adtrans.errors import ArgumentError
from adtrans.flat import Flat, beside, is_special
from adtrans.functions import Function, Ready, root


def push(
    target: Target,
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool,
    filled: tuple[str, ...] = (),
) -> Any:
    """`jvp`: the value and the tangent (and aux)."""
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError("jvp: primals and tangents are tuples: `jvp(f, (x,), (x_dot,))`.")
    if len(primals) != len(tangents):
        raise ArgumentError(f"jvp: {len(primals)} primals, but {len(tangents)} tangents.")
    function = target.function
    chosen = [i for i, tangent in enumerate(tangents) if tangent is not None]
    wrt, _ = target.argnums(tuple(chosen)) if chosen else ((), True)
    if not wrt:
        raise ArgumentError("jvp: there is no tangent; give one for at least one of the primals.")
    if _has_objects(target, primals, wrt):
        below, taken = target.flat(target.bind(tuple(primals), {}), ())
        given = {taken.flat.flat_name(n): tangents[i] for i, n in zip(chosen, wrt, strict=True)}
        along = [given.get(p) for p in below.function.params]
        with taken.running():
            return push(below, taken.args, along, has_aux, filled)
    wanted = Wanted("forward", wrt, False, _outputs(function, has_aux), filled)
    ready, args = _ready(target, primals, wanted)
    dots = [
        _fitted(tangents[i], args[function.params.index(name)], f"the tangent of `{name}`")
        for i, name in zip(chosen, wrt, strict=True)
    ]
    value, dot = ready.call(*args, *dots)
    count = len(ready.made.seeded)
    values = function.mirror(args, value if ready.made.results > 1 else (value,))
    made = dot if count > 1 else (dot,)
    packed = function.pack([trees.mirrored(d, v) for d, v in zip(made, values, strict=False)])
    if has_aux:
        return function.pack(value[:-1]), packed, value[-1]
    return function.pack(value if count > 1 else (value,)), packed


def pull(
    target: Target,
    primals: Sequence[Any],
    wrt: tuple[str, ...],
    has_aux: bool,
    filled: tuple[str, ...] = (),
) -> Any:
    """`vjp`: the value and the pullback (and aux)."""
    if _has_objects(target, primals, wrt):
        fields = tuple(name for name in wrt if "." in name)
        below, taken = target.flat(target.bind(tuple(primals), {}), fields)
        with taken.running():
            return pull(below, taken.args, tuple(map(taken.flat.flat_name, wrt)), has_aux, filled)
    function = target.function
    order = tuple(name for name in function.params if name in wrt)
    wanted = Wanted("reverse", order, True, _outputs(function, has_aux), filled)
    ready, args = _ready(target, primals, wanted)
    value, kept = ready.call(*args)
    kept = _own(kept)
    results = tuple(value) if ready.made.results > 1 else (value,)
    if has_aux:
        primary = results[:-1]
        return function.pack(primary), Pullback(ready, kept, primary, order, wrt), results[-1]
    return function.pack(results), Pullback(ready, kept, results, order, wrt)


def _has_objects(target: Target, primals: Sequence[Any], wrt: tuple[str, ...]) -> bool:
    """Whether there are objects among the arguments beside those that are differentiated as a whole."""
    if isinstance(root(target.function), Flat):
        return False
    if any("." in name for name in wrt) or any(map(is_special, target.prefix)):
        return True
    defaults = (p.default for p in target.function.signature.parameters.values())
    if not any(map(is_special, (*primals, *defaults))):
        return False
    bound = target.bind(tuple(primals), {})
    return beside(dict(zip(target.function.params, bound, strict=True)), wrt)


def _own(kept: Any, done: dict[int, Any] | None = None) -> Any:
    """What the pullback needs, where nobody can change it: it may be the caller's arrays, or the value.

    What is one object stays one: the backward sweep restores it under one name, and reads it under another.
    """
    done = {} if done is None else done
    inner = trees.parts(kept)
    if inner is None and not isinstance(kept, np.ndarray):
        return kept
    if id(kept) not in done:
        new = kept.copy() if inner is None else trees.rebuilt(kept, [_own(part, done) for part in inner])
        done[id(kept)] = new
    return done[id(kept)]


def _outputs(function: Function, has_aux: bool) -> tuple[int, ...] | None:
    return tuple(range(function.width())) if has_aux else None


def _ready(target: Target, primals: Sequence[Any], wanted: Wanted) -> tuple[Ready, Args]:
    args = target.bind(tuple(primals), {})
    ready = target.function.sweep(wanted).ready(args)
    return ready, args if ready.prepare is None else ready.prepare(args)


class Pullback:
    """What `vjp` returns: from an adjoint of the value to those of the arguments, as often as wanted."""

    def __init__(
        self, ready: Ready, kept: Any, results: Args, order: tuple[str, ...], wrt: tuple[str, ...]
    ) -> None:
        self._ready, self._kept = ready, kept
        # Lists in lists are restored in place: each call has its own.
        self._nested = any(
            trees.parts(part) is not None
            for entry in trees.parts(kept) or ()
            for part in trees.parts(entry) or ()
        )
        # Only the shapes and dtypes of the results count: the arrays themselves belong to the caller.
        self._results = tuple(trees.mapped(r, _shape_only) for r in results)
        self._order = [order.index(name) for name in wrt]
        self.__name__ = "pullback"

    @property
    def source(self) -> str:
        """The text of the generated module."""
        return self._ready.made.text

    def __call__(self, value_bar: Any) -> tuple[Any, ...]:
        """The adjoints of the arguments, as a tuple."""
        results = self._results
        seeds = (value_bar,) if len(results) == 1 else tuple(value_bar)
        if len(seeds) != len(results):
            raise ArgumentError(
                f"The value is a tuple of {len(results)}, its adjoint has {len(seeds)} entries."
            )
        fitted = [_fitted(s, r, "the adjoint of the value") for s, r in zip(seeds, results, strict=True)]
        kept = _own(self._kept) if self._nested else self._kept
        bars = self._ready.back(kept, *fitted)
        bars = bars if len(self._order) > 1 else (bars,)
        if self._ready.finish is not None:
            bars = self._ready.finish(bars)
        return tuple(bars[i] for i in self._order)


def _shape_only(value: Any) -> Any:
    return np.zeros_like(value) if isinstance(value, np.ndarray) else value


def _fitted(seed: Any, like: Any, what: str) -> Any:
    """A seed or tangent of the shape and dtype of the value that it belongs to."""
    inner = trees.parts(like)
    if inner is not None:
        if isinstance(like, dict) and isinstance(seed, dict) and set(seed) == set(like):
            seed = {key: seed[key] for key in like}
        given = trees.parts(seed)
        if given is None or len(given) != len(inner) or trees.keys(seed) != trees.keys(like):
            raise ArgumentError(f"{what} must be a {type(like).__name__} of {len(inner)} entries.")
        return trees.plain(like, [_fitted(s, v, what) for s, v in zip(given, inner, strict=True)])
    if like is None or isinstance(like, (str, bool)):
        return None
    if np.shape(seed) != np.shape(like):
        raise ArgumentError(f"{what} has shape {np.shape(seed)}; it must have shape {np.shape(like)}.")
    if np.iscomplexobj(seed) and not np.iscomplexobj(like):
        raise ArgumentError(f"{what} is complex; it must be real, as what it belongs to.")
    dtype = getattr(like, "dtype", None)
    if isinstance(like, complex) and dtype is None:
        return complex(seed)
    if isinstance(like, np.ndarray) and like.ndim:
        return np.asarray(seed, dtype=dtype if dtype is not None and dtype.kind in "fc" else None)
    number = seed[()] if isinstance(seed, np.ndarray) else seed
    return dtype.type(number) if dtype is not None and dtype.kind in "fc" else _float(number)


def _float(number: Any) -> Any:
    return float(number) if isinstance(number, (int, np.integer)) else number
