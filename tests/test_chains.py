"""An index into what another index has copied: `x[mask][0]` is no part of x.

Its adjoint was written into a copy of the adjoint of x, and lost; what is written into it is lost in the
primal, and was not in the derivative.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests import chains

V = np.array([0.7, 0.9, 1.3])
M = np.array([[0.7, 0.9, 1.3], [1.1, 0.85, 0.4], [0.95, 0.3, 1.7]])
SOURCE = Path(chains.__file__).read_text()
MATRICES = SOURCE.index("of a matrix")
FUNCTIONS = {
    name: f
    for name, f in inspect.getmembers(chains, inspect.isfunction)
    if name not in ("change", "first_two")
}
REFUSED = {
    "add_at_a_copy",
    "store_into_a_row_of_rank_0",
    "store_into_a_slice_of_a_list",
    "store_through_a_slice_that_is_held",
}


def slope(f: Callable[[Any], Any], x: np.ndarray, h: float = 1e-6) -> np.ndarray:
    steps = [h * step.reshape(x.shape) for step in np.eye(x.size)]
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps]).reshape(x.shape)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - REFUSED))
def test_right(name: str) -> None:
    primal = FUNCTIONS[name]
    x = M if SOURCE.index(f"def {name}(") > MATRICES else V
    move = np.cos(np.arange(x.size)).reshape(x.shape)
    expected = slope(lambda x: primal(x.copy()), x)
    f = adtrans.from_source(SOURCE, name)
    value, x_bar = adtrans.value_and_grad(f)(x)
    assert value == primal(x.copy())
    np.testing.assert_allclose(x_bar, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(adtrans.jvp(f, (x,), (move,))[1], np.sum(expected * move), rtol=1e-6)
    gradient = adtrans.grad(f)
    second = (gradient(x + 1e-5 * move) - gradient(x - 1e-5 * move)) / 2e-5
    np.testing.assert_allclose(adtrans.hvp(f, (x,), (move,)), second, rtol=1e-6, atol=1e-7)
    _, back = adtrans.vjp(gradient, x)
    np.testing.assert_allclose(back(move)[0], second, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_of_any_rank(name: str) -> None:
    """Nothing is said of the argument: right, or refused."""
    primal = FUNCTIONS[name]
    x = M if SOURCE.index(f"def {name}(") > MATRICES else V
    try:
        made = pipeline.generate(parse.program(SOURCE, "chains.py", name), pipeline.Request())
    except adtrans.Refused as refused:
        assert {d.code for d in refused.diagnostics} <= {"AD203", "AD401"}
        return
    space: dict[str, Any] = {}
    exec(made.text, space)
    _, x_bar = space[made.name](x.copy())
    np.testing.assert_allclose(x_bar, slope(lambda x: primal(x.copy()), x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    x = M if SOURCE.index(f"def {name}(") > MATRICES else V
    with pytest.raises(adtrans.Refused) as refused:
        adtrans.grad(adtrans.from_source(SOURCE, name))(x)
    assert {d.code for d in refused.value.diagnostics} <= {"AD203", "AD401"}
