"""The reference: central differences of a primal, and whether it is smooth enough to be judged by them."""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
STEPS = (3e-4, 2e-5, 1e-6)
FINER = (1e-6, 1e-7, 1e-8)


class Unstable(Exception):
    """The function has a kink or a jump too close to the point, or its values are not finite."""


def active_positions(args: Sequence[Any]) -> tuple[int, ...]:
    """The arguments that can be differentiated: floats and arrays of floats."""
    return tuple(i for i, a in enumerate(args) if is_active(a))


def is_active(value: Any) -> bool:
    inner = parts(value)
    if inner is not None:
        return any(map(is_active, inner))
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def parts(value: Any) -> list[Any] | None:
    """What is in a container; None for anything else."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, (tuple, list)):
        return list(value)
    if dataclasses.is_dataclass(value):
        return [getattr(value, f.name) for f in dataclasses.fields(value)]
    return None


def rebuilt(like: Any, new: list[Any]) -> Any:
    """The same container with other things in it."""
    if isinstance(like, dict):
        return dict(zip(like, new, strict=True))
    if isinstance(like, list):
        return new
    return type(like)(*new) if hasattr(like, "_fields") or not isinstance(like, tuple) else tuple(new)


def fixed(value: Any) -> bool:
    """Whether something in a container is no number."""
    return value is None or isinstance(value, (str, bool))


def pack(values: Any) -> Vector:
    """A number, an array, or a nest of containers of them as one vector."""
    inner = parts(values)
    if inner is not None:
        return np.concatenate([pack(v) for v in inner if not fixed(v)] or [np.zeros(0)])
    return np.array(values, dtype=float).ravel()


def unpack(vector: Vector, like: Any) -> Any:
    """The inverse of `pack`: numbers, arrays and containers as in `like`."""
    inner = parts(like)
    if inner is not None:
        made, at = [], 0
        for item in inner:
            n = 0 if fixed(item) else len(pack(item))
            made.append(item if fixed(item) else unpack(vector[at : at + n], item))
            at += n
        return rebuilt(like, made)
    if np.ndim(like) == 0:
        return float(vector[0])
    return np.array(
        vector, dtype=np.asarray(like).dtype if np.asarray(like).dtype.kind == "f" else float
    ).reshape(np.shape(like))


@dataclass(frozen=True)
class Reference:
    """What differences say: the value, its Jacobian, and how sure its entries are.

    `rounding` is what the derivative of a program in single precision may be off by.
    """

    value: Any
    jacobian: NDArray[np.float64]
    error: float
    rounding: float = 0.0


class Primal:
    """A program that can be run at arguments near its own; each run has its own copies."""

    def __init__(self, function: Callable[..., Any], args: Sequence[object]) -> None:
        self.function = function
        self.args: tuple[Any, ...] = tuple(args)
        self.positions = active_positions(args)
        self.point = pack([self.args[i] for i in self.positions])

    def at(self, point: Vector) -> Any:
        args = list(copy.deepcopy(self.args))
        moved = unpack(point, [self.args[i] for i in self.positions])
        for i, value in zip(self.positions, moved, strict=True):
            args[i] = value
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.function(*args)

    def vector(self, point: Vector) -> Vector:
        out = pack(self.at(point))
        if not np.all(np.isfinite(out)):
            raise Unstable("a value that is not finite")
        return out


def reference(primal: Primal, steps: Sequence[float] = STEPS) -> Reference:
    """The Jacobian by central differences with extrapolation; raises `Unstable`."""
    value = primal.at(primal.point)
    columns = [column(primal.vector, primal.point, k, steps) for k in range(len(primal.point))]
    size = len(pack(value))
    if not columns:
        return Reference(value, np.zeros((size, 0)), 0.0)
    return Reference(value, np.stack([c for c, _ in columns], axis=1), max(e for _, e in columns))


def column(
    f: Callable[[Vector], Vector], point: Vector, k: int, steps: Sequence[float]
) -> tuple[Vector, float]:
    """The derivative with respect to one entry."""
    direction = np.zeros_like(point)
    direction[k] = 1.0
    return along(f, point, direction, steps)


def along(
    f: Callable[[Vector], Vector], point: Vector, direction: Vector, steps: Sequence[float] = STEPS
) -> tuple[Vector, float]:
    """The derivative along a direction and an estimate of its error; raises `Unstable` at a kink or a jump.

    Two steps at a time: where the function is smooth they agree, and one-sided differences differ by an
    amount that halves with the step.
    """
    middle = f(point)
    for h in steps:
        found = attempt(f, point, direction, middle, h)
        if found is not None:
            return found
    raise Unstable("a kink, a jump, or noise")


def attempt(
    f: Callable[[Vector], Vector], point: Vector, direction: Vector, middle: Vector, h: float
) -> tuple[Vector, float] | None:
    slopes, bends = [], []
    for step in (h, h / 2):
        up, down = f(point + step * direction), f(point - step * direction)
        if up.shape != middle.shape or down.shape != middle.shape:
            raise Unstable("a shape that depends on values")
        slopes.append((up - down) / (2 * step))
        bends.append((up - 2 * middle + down) / step)
    best = (4 * slopes[1] - slopes[0]) / 3
    scale = 1.0 + float(np.max(np.abs(best), initial=0.0)) + float(np.max(np.abs(middle), initial=0.0))
    error = float(np.max(np.abs(best - slopes[1]), initial=0.0))
    noise = 1e-15 * scale / h
    bend = np.abs(bends[1])
    kink = bool(np.any((bend > 0.75 * np.abs(bends[0])) & (bend > 1e-6 * scale + 40 * noise)))
    if kink or error > 1e-6 * scale + 10 * noise or not np.isfinite(error):
        return None
    return best, error * h + 20 * noise
