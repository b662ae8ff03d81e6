"""Which arguments a library function writes into: `out`, and those that SciPy may overwrite.

`overwrite_b=True` allows SciPy to leave anything in `b`; so it counts as a write to `b`.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from adtrans.rules import registry

Place = int | str
"""An argument of a call: its position or its keyword."""

FLAG = "overwrite_"


def written(path: str, places: Sequence[Place], off: Callable[[Place], bool]) -> list[Place]:
    """The arguments that a call writes into; `off` says that one is surely None or False."""
    if not path.startswith(("numpy.", "scipy.")) or len(places) < 2:
        return []
    names = () if all(isinstance(place, str) for place in places[1:]) else positional(path)
    given = {name_of(place, names): place for place in places}
    found = [place for name, place in given.items() if name.partition("[")[0] == "out" and not off(place)]
    for name, place in given.items():
        if name.startswith(FLAG) and not off(place):
            owner = name.removeprefix(FLAG)
            found += [given[owner]] if owner in given else [p for p in places if p != place]
    return list(dict.fromkeys(found))


def name_of(place: Place, names: Sequence[str]) -> str:
    """The name of the parameter to which an argument goes, where it is known."""
    if isinstance(place, str):
        return place
    return names[place] if place < len(names) else f"[{place}]"


@cache
def is_ufunc(path: str) -> bool:
    """Whether a function of NumPy works element by element, `where=` it is told to."""
    return type(_found(path)).__name__ == "ufunc"


def _found(path: str) -> object:
    module, _, name = path.rpartition(".")
    if path.partition(".")[0] not in registry.HOMES:
        return None
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return None


@cache
def positional(path: str) -> tuple[str, ...]:
    """The names of the parameters in order; those of a ufunc that take results are `out`."""
    value: Any = _found(path)
    if is_ufunc(path):
        return (*(f"[{k}]" for k in range(value.nin)), *(f"out[{k}]" for k in range(value.nout)))
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return tuple(name for name, _ in registry.signature(path) or ())
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found):
        return ()  # Positions say nothing: `np.einsum(*operands, out=None)`.
    return tuple(p.name for p in found)
