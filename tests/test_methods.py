"""Numerical methods as people write them: eliminations, time loops, filters, sums over tables.

Every one has its derivatives, and agrees with differences to second order where that is not refused.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

import adtrans
from tests import methods

X = np.array([0.7, 0.9, 1.3])
MOVE = np.array([0.8, -0.5, 0.3])
SOURCE = Path(methods.__file__).read_text()
REFUSED_AT_SECOND_ORDER = {"dict_of_params"}
"""What is held is an array or a list: which parts of its adjoint share memory is not known."""
FUNCTIONS = dict(inspect.getmembers(methods, inspect.isfunction))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_method(name: str) -> None:
    primal, f = FUNCTIONS[name], adtrans.from_source(SOURCE, name)
    steps = 1e-6 * np.eye(3)
    expected = np.array([(primal(X + s) - primal(X - s)) / 2e-6 for s in steps])
    value, gradient = adtrans.value_and_grad(f)(X)
    assert value == primal(X.copy())
    np.testing.assert_allclose(gradient, expected, rtol=2e-6, atol=1e-8)
    np.testing.assert_allclose(adtrans.jvp(f, (X,), (MOVE,))[1], gradient @ MOVE, rtol=1e-9, atol=1e-12)
    if name in REFUSED_AT_SECOND_ORDER:
        with pytest.raises(adtrans.Refused):
            adtrans.hvp(f, (X,), (MOVE,))
        return
    slope = adtrans.grad(f)
    second = (slope(X + 1e-5 * MOVE) - slope(X - 1e-5 * MOVE)) / 2e-5
    np.testing.assert_allclose(adtrans.hvp(f, (X,), (MOVE,)), second, rtol=1e-6, atol=1e-6)
