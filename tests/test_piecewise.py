"""`np.piecewise`: each function is called with its own points alone, whatever its slope is elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.errors import Refused
from tests.programs.oracle import judge

HEAD = """
import numpy as np

def bent(u, k=2.0):
    return np.sin(u) * k

def largest(u):
    return u * np.max(u)

"""
X = np.array([0.31, -0.72, 1.13, 0.54, -0.28])
M = np.array([[0.31, -0.72, 1.13], [0.54, -0.28, -1.5]])

PROGRAMS: dict[str, tuple[str, Any]] = {
    "lambdas": ("y = np.piecewise(x, [x < 0.0, x >= 0.0], [lambda u: -(u**3), lambda u: a * u])", X),
    "the last condition counts": ("y = np.piecewise(x, [x < 0.5, x > -0.5], [lambda u: a * u, bent])", X),
    "a default": ("y = np.piecewise(x, [x < -0.3, x > 0.5], [np.cos, bent, lambda u: u / a])", X),
    "nothing elsewhere": ("y = np.piecewise(x, (abs(x) < 0.5,), (lambda u: 1.0 - u * u, 0.0)) + a * x", X),
    "constants": ("y = np.piecewise(x, [x < -0.3, x > 0.5], [1.0, a]) * x", X),
    "arguments": ("y = np.piecewise(x, [x < 0.3, x >= 0.3], [bent, lambda u, k: u * k * k], a)", X),
    "keywords": ("y = np.piecewise(x, [x < 0.3, x >= 0.3], [bent, lambda u, k: u * k], k=a)", X),
    "of two dimensions": ("y = np.piecewise(x, [x < 0.3, x >= 0.3], [lambda u: u * a, bent])", M),
    "no points": ("y = np.piecewise(x, [x > 9.0], [largest, bent]) * a", X),
    "points that know each other": ("y = np.piecewise(x, [x > 0.0], [largest, bent]) * a", X),
    "a number": ("y = np.piecewise(x, [x > 0.3, x <= 0.3], [bent, lambda u: u * a])", 0.7),
    "the default of a number": ("y = np.piecewise(x, [x > 0.3], [bent, lambda u: u * a])", 0.2),
    "its own name": ("x = np.piecewise(x, [x < -0.3, x > 0.1], [lambda u: a * u * u, bent])\n    y = x", X),
    "whole numbers": ("n = np.arange(5)\n    y = x * np.piecewise(n, [n < 3], [lambda u: 1.31 * u]) * a", X),
    "a whole number": (
        "n = 3\n    y = x * np.piecewise(n, [n < 3], [lambda u: u, lambda u: 1.31 * u]) * a",
        X,
    ),
    "flags that are numbers": ("y = np.piecewise(x, [x > 0.5, [0, 1, 0, 0, 1]], [bent, lambda u: u * a])", X),
    "a row of functions": (
        "fs = [np.sin, lambda u: u * a]\n    y = np.piecewise(x, [x > 0.3, x <= 0.3], fs)",
        X,
    ),
    "a closure that counts": (
        "s = 0.0\n\n    def g(u):\n        nonlocal s\n        s += np.sum(u)\n        return u * a\n\n"
        "    y = np.piecewise(x, [x < 0.0, x > 9.0], [g, g])\n    y = y * s",
        X,
    ),
    "in a loop": (
        "y = x\n    for _ in range(3):\n        y = x * np.piecewise(y, [y > 0.3], [bent, lambda u: u * a])",
        X,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_against_differences(name: str) -> None:
    body, x = PROGRAMS[name]
    source = f"{HEAD}\ndef f(x, a):\n    {body}\n    return np.sum(y * y)\n"
    found = judge(source, (x, 1.3), order=2, thorough=False)
    assert found.verdict == "right", found.detail


def test_of_float32() -> None:
    body, x = PROGRAMS["a default"]
    source = f"{HEAD}\ndef f(x, a):\n    {body}\n    return np.sum(y * y)\n"
    found = judge(source, (x.astype(np.float32), 1.25), thorough=False)
    assert found.verdict == "right", found.detail


def test_an_infinite_slope_elsewhere() -> None:
    f = adtrans.from_source(
        "import numpy as np\n\n\ndef f(x):\n"
        "    return np.sum(np.piecewise(x, [x > 0.0], [np.sqrt, lambda u: 3.0 * u]))\n",
        "f",
    )
    assert np.array_equal(adtrans.grad(f)(np.array([0.0, 4.0, -1.0])), [3.0, 0.25, 3.0])


def test_written_without_types() -> None:
    call = "np.piecewise(x, [x > 0.3], [bent, lambda u: a * u])"
    text = f"{HEAD}\ndef f(x, a):\n    y = {call}\n    return np.sum(y)\n"
    module = pipeline.generate(parse.program(text, "m.py", "f"), pipeline.Request())
    space: dict[str, Any] = {}
    exec(module.text, space)
    for x in (X, M, 0.7, 0.2):
        value, (x_bar, a_bar) = space["f_vjp"](x, 1.3)
        slope = np.where(np.asarray(x) > 0.3, 2.0 * np.cos(x), 1.3)
        assert np.allclose(x_bar, slope) and np.shape(x_bar) == np.shape(x)
        assert np.allclose(a_bar, np.sum(np.where(np.asarray(x) > 0.3, 0.0, x)))
        assert np.allclose(value, np.sum(np.where(np.asarray(x) > 0.3, 2.0 * np.sin(x), np.multiply(1.3, x))))


def test_of_what_does_not_vary() -> None:
    source = (
        f"{HEAD}\ndef steps(n):\n    return np.piecewise(1.0 * n, [n < 2], [bent, lambda u: u * u])\n\n"
        "def f(x, n: np.ndarray):\n    return np.sum(x * x * steps(n))\n"
    )
    assert judge(source, (X, np.arange(5))).verdict == "right"


@pytest.mark.parametrize(
    "call",
    [
        "np.piecewise(x, x < 0.0, [np.sin, np.cos])",  # of one row: what this is depends on the shape of x
        "np.piecewise(x, [True, False, True, False, True], [np.sin, np.cos])",
        "np.piecewise(x, [x < 0.0], [np.sin, lambda u, *more: u])",
    ],
)
def test_what_is_not_written_out_is_refused(call: str) -> None:
    f = adtrans.from_source(f"import numpy as np\n\n\ndef f(x):\n    return np.sum({call})\n", "f")
    with pytest.raises(Refused, match="AD301"):
        adtrans.grad(f)(X)
