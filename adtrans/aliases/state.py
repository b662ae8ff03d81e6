"""What the replaced names stand for at a point, and where paths meet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from adtrans.ir import (
    Expr,
)
from adtrans.kinds import Kind, join


class Unable(Exception):
    """A name (or, empty, the whole function) that has to stay as it is."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name


class Differ(Unable):
    """A name that stands for different places where paths meet."""


class Unsure(Unable):
    """A name that has to be bound where some paths have not given it a place: it is bound on the others."""


@dataclass(slots=True)
class State:
    """What the replaced names stand for at a point, and the names that may be bound there.

    `unsure` are replaced names that some path has left without a place.
    """

    places: dict[str, Expr] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    def copy(self) -> State:
        return State(dict(self.places), self.bound, self.unsure)


@dataclass(slots=True)
class Exits:
    """Where the states go that leave a round of a loop early, and what has to be bound there."""

    forced: frozenset[str]
    breaks: list[State] = field(default_factory=list)
    again: list[State] = field(default_factory=list)


def merge(states: Sequence[State], alive: frozenset[str], ended: Collection[str]) -> tuple[State, set[str]]:
    """The places on which all paths agree, and the live names on which they do not.

    A path on which a name is not bound yet has no say, but for the names that are `ended`: these are
    bound where the others end.
    """
    merged = State({}, frozenset().union(*(s.bound for s in states)))
    differ: set[str] = set()
    for name in sorted({n for s in states for n in s.places}):
        if name not in alive:
            continue
        found = [s.places.get(name) for s in states if name in s.places or name in s.bound]
        everywhere = len(found) == len(states)
        agreed = found[0] is not None and all(p == found[0] for p in found)
        if agreed and found[0] is not None and (everywhere or name not in ended):
            merged.places[name] = found[0]
            if not everywhere or any(name in s.unsure for s in states):
                merged.unsure |= {name}
        else:
            differ.add(name)
    merged.bound |= differ
    return merged, differ


def without(state: State, gone: frozenset[str]) -> State:
    lost = gone & state.places.keys()
    kept = {n: p for n, p in state.places.items() if n not in gone}
    return State(kept, state.bound | lost, state.unsure - gone)


def both(a: dict[str, Kind], b: dict[str, Kind]) -> dict[str, Kind]:
    """What is known where two paths meet."""
    return {**a, **b, **{n: join(a[n], b[n]) for n in a.keys() & b.keys()}}
