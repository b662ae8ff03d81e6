"""Central differences over a sweep of steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """An estimate of a derivative, and how far it may be off, entry by entry."""

    value: np.ndarray
    error: np.ndarray


def difference(f: Callable[[float], np.ndarray], x: float, single: bool = False) -> Difference:
    """The derivative at `x` of a function of a number whose value is a vector.

    A large step has a truncation error, a small one a rounding error: neighbouring steps that agree have
    neither. For each entry the pair that agrees best is taken. What it differs by is the error, and what the
    rounding of the values makes of it: two steps may agree by chance.

    >>> found = difference(lambda x: np.array([x**3, np.exp(x)]), 1.0)
    >>> bool(np.all(abs(found.value - [3.0, np.e]) < 1e-8))
    True
    """
    steps = _steps(x, single)
    with np.errstate(all="ignore"):
        slopes = [_central(f, x, step, single) for step in steps]
        found, rounding = (np.array(part) for part in zip(*slopes, strict=True))
        gaps = np.abs(np.diff(found, axis=0)) + rounding[1:]
    gaps[~np.isfinite(gaps)] = np.inf
    best = np.argmin(gaps, axis=0)
    entries = np.arange(found.shape[1])
    return Difference(found[best + 1, entries], gaps[best, entries])


def _steps(x: float, single: bool) -> list[float]:
    """Large to small; relative to `x` too where that is small, since its sign or logarithm may matter."""
    powers = range(1, 5) if single else range(1, 8)
    scale = max(1.0, abs(x))
    steps = [scale * 10.0**-p for p in powers]
    if 0.0 < abs(x) < 1.0 and not single:
        steps += [abs(x) * 10.0**-p for p in range(1, 6)]
    # Steps that are nearly the same agree for no good reason.
    kept: list[float] = []
    for step in sorted((s for s in steps if s > 1e-13), reverse=True):
        if not kept or step < 0.5 * kept[-1]:
            kept.append(step)
    return kept


def _central(
    f: Callable[[float], np.ndarray], x: float, step: float, single: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The slope between two points around `x`, and what the last digits of the values are worth in it."""
    number = np.float32 if single else np.float64
    above, below = float(number(x + step)), float(number(x - step))
    high, low = f(above), f(below)
    last = np.finfo(number).eps * np.maximum(np.abs(high), np.abs(low))
    return (high - low) / (above - below), last / (above - below)
