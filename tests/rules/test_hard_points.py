"""Derivatives where a careless formula overflows or cancels, against mpmath with 50 digits."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from adtrans.rules import registry

from .helpers import partial_derivatives

NEAR_1, BEYOND_1 = 1.0 - 2.0**-40, 1.0 + 2.0**-40

HARD: list[tuple[Any, tuple[float, ...], Any]] = [
    (np.arcsin, (NEAR_1,), lambda x: 1 / mp.sqrt(1 - x * x)),
    (np.arccos, (NEAR_1,), lambda x: -1 / mp.sqrt(1 - x * x)),
    (np.arctanh, (NEAR_1,), lambda x: 1 / (1 - x * x)),
    (np.arccosh, (1e200,), lambda x: 1 / mp.sqrt(x * x - 1)),
    (np.arccosh, (BEYOND_1,), lambda x: 1 / mp.sqrt(x * x - 1)),
    (math.asin, (NEAR_1,), lambda x: 1 / mp.sqrt(1 - x * x)),
    (math.acosh, (1e200,), lambda x: 1 / mp.sqrt(x * x - 1)),
    (math.atanh, (NEAR_1,), lambda x: 1 / (1 - x * x)),
    (np.logaddexp, (1e4, -1e4), lambda a, b: mp.exp(a) / (mp.exp(a) + mp.exp(b))),
    (np.log1p, (1e-300,), lambda x: 1 / (1 + x)),
    (np.hypot, (1e300, 1e300), lambda a, b: a / mp.sqrt(a * a + b * b)),
    (np.hypot, (3e-300, 4e-300), lambda a, b: a / mp.sqrt(a * a + b * b)),
    (np.expm1, (-1e-300,), mp.exp),
]


@pytest.mark.parametrize(("fn", "args", "derivative"), HARD)
def test_hard_points(fn: Any, args: tuple[float, ...], derivative: Any) -> None:
    got = partial_derivatives(registry.canonical(fn), fn(*args), args)[0]
    with mp.workdps(50):
        expected = float(derivative(*map(mp.mpf, args)))
    assert math.isclose(got, expected, rel_tol=4e-15)
