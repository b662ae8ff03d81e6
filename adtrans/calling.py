"""What happens around a call of generated code: the order of its parameters, conversions, and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from adtrans import trees
from adtrans.compiled import Compiled, Entry
from adtrans.errors import AdtransError
from adtrans.kinds import Array, Kind, ListOf, RecordOf, TupleOf, parts
from adtrans.signature import Convert, conversion, unbox

Args = tuple[Any, ...]


def by_position(call: Callable[..., Any], entry: Entry, params: tuple[str, ...]) -> Callable[..., Any]:
    """We call generated code with the arguments, then the seeds or tangents, all by position.

    It has them in another order where there are keyword-only parameters, or seeds after defaults.
    """
    seeds = [p for p in entry.params if p not in params]
    if not entry.keywords:
        return call
    names = (*params, *seeds)
    first = len(entry.params) - len(entry.keywords)
    order = [names.index(p) for p in entry.params[:first]]
    by_name = [(k, names.index(k)) for k in entry.keywords]

    def call_by_position(*args: Any) -> Any:
        return call(*[args[i] for i in order], **{name: args[i] for name, i in by_name})

    return call_by_position


def preparation(
    args: Args, kinds: tuple[Kind, ...], inside: tuple[Kind, ...], made: Compiled, params: tuple[str, ...]
) -> Callable[[Args], Args] | None:
    """All that must happen to the arguments of every call of this kind before the generated code runs."""
    converts: list[tuple[int, Convert]] = []
    for i, arg in enumerate(args):
        if isinstance(arg, np.ndarray) and arg.ndim == 0:
            converts.append((i, unbox))
        elif convert := conversion(kinds[i], inside[i]):
            converts.append((i, convert))
    written = [params.index(name) for name in made.mutated if name in params]
    if not converts and (not written or (len(args) < 2 and isinstance(args[0], np.ndarray))):
        return None

    def prepare(args: Args) -> Args:
        for i in written:
            _require_alone(i, args, params)
        changed = list(args)
        for i, convert in converts:
            changed[i] = convert(changed[i])
        return tuple(changed)

    return prepare


def _require_alone(i: int, args: Args, params: tuple[str, ...]) -> None:
    """The derivative writes to a copy of the argument; another name for it would not see that."""
    if not isinstance(args[i], np.ndarray) and _is_twice([*_arrays(args[i])]):
        raise AdtransError(
            f"`{params[i]}` holds one array or list twice, and the function writes to `{params[i]}`: the "
            "derivative would see that in one place only. Put a copy in the other."
        )
    for j, other in enumerate(args):
        if i != j and any(_overlap(a, b) for a in _arrays(args[i]) for b in _arrays(other)):
            raise AdtransError(
                f"`{params[i]}` and `{params[j]}` share memory, and the function writes to `{params[i]}`: "
                f"the derivative would not see what that does to `{params[j]}`. "
                f"Pass a copy: `{params[j]}.copy()`."
            )


def _arrays(value: Any) -> Iterable[Any]:
    if isinstance(value, np.ndarray):
        return (value,)
    inner = trees.parts(value)
    if inner is not None:
        return (value, *(a for v in inner for a in _arrays(v)))
    return ()


def _is_twice(values: list[Any]) -> bool:
    """Whether two of many values share memory."""
    holders = [id(v) for v in values if not isinstance(v, tuple)]
    if len({*holders}) < len(holders):
        return True
    arrays = [(*np.lib.array_utils.byte_bounds(v), v) for v in values if isinstance(v, np.ndarray)]
    arrays.sort(key=lambda found: found[0])
    for k, (_, end, one) in enumerate(arrays):
        for start, _, other in arrays[k + 1 :]:
            if start >= end:
                break
            if _overlap(one, other):
                return True
    return False


def _overlap(a: Any, b: Any) -> bool:
    if a is b:
        return not isinstance(a, tuple)
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)) or not np.may_share_memory(a, b):
        return False
    try:
        return np.shares_memory(a, b, max_work=10_000)  # type: ignore[arg-type]  # the stubs know 0 and -1
    except np.exceptions.TooHardError:
        return True


def finish(
    kinds: Sequence[Kind], values: Sequence[Any], given: Sequence[Kind]
) -> Callable[[Sequence[Any]], tuple[Any, ...]] | None:
    """Derivatives as the caller expects them: of the classes of `values`, and of their own precision.

    A scalar has a derivative of its own type, also where that is a constant or was met by float32.
    """
    cast = any(_precise(k, ("f4", "c8")) for k in given) or any(_precise(k, ("c8", "c16")) for k in kinds)
    makes = [_made_like(kind, value, cast, within=False) for kind, value in zip(kinds, values, strict=True)]
    if not any(makes):
        return None
    return lambda bars: tuple(
        bar if make is None else make(bar) for bar, make in zip(bars, makes, strict=True)
    )


def _precise(kind: Kind, dtypes: tuple[str, ...]) -> bool:
    inner = parts(kind)
    return any(_precise(k, dtypes) for k in inner) or (isinstance(kind, Array) and kind.dtype in dtypes)


def _made_like(kind: Kind, value: Any, cast: bool, *, within: bool) -> Convert | None:
    """What makes a derivative out of what generated code returns; None: it is one."""
    match kind:
        case Array(dtype="f4", shape=()) if cast:
            return np.float32  # type: ignore[return-value]
        case Array(dtype="f8", shape=(), python=python) if cast:
            return float if python else np.float64  # type: ignore[return-value]
        case Array(dtype="c8", shape=()):
            return np.complex64  # type: ignore[return-value]
        case Array(dtype="c16", shape=(), python=python):
            return complex if python else np.complex128  # type: ignore[return-value]
        case Array(dtype="f4" | "c8" as dtype) if within:
            return lambda bar: np.asarray(bar, dtype)
        case ListOf(elem=Kind() as elem) if value:
            make = _made_like(elem, value[0], cast, within=True)
            return None if make is None else lambda bars: list(map(make, bars))  # type: ignore[call-overload]
        case TupleOf() | RecordOf():
            inner = zip(parts(kind), trees.parts(value) or (), strict=True)
            makes = [_made_like(k, v, cast, within=True) for k, v in inner]
            if any(makes) or type(value) not in (dict, tuple):
                return lambda bars: _remade(value, bars, makes)
    return None


def _remade(like: Any, bars: Any, makes: Sequence[Convert | None]) -> Any:
    held = zip(trees.parts(bars) or (), makes, strict=True)
    return trees.rebuilt(like, [bar if make is None else make(bar) for bar, make in held])
