"""Derivatives where a careless formula overflows or cancels, against mpmath with 50 digits."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import adtrans
from adtrans.rules import registry

from .helpers import partial_derivatives

registry.load_all()
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


def softmax(x: Any) -> Any:
    return mp.exp(x) / (1 + mp.exp(x))


def sinc(x: Any) -> Any:
    return mp.sin(mp.pi * x) / (mp.pi * x)


COMPILED: list[tuple[str, tuple[float, ...], Any]] = [
    ("np.logaddexp(x, 0.0)", (1e4, 40.0, 0.0, -40.0, -700.0), lambda x: 1 / (1 + mp.exp(-x))),
    ("np.log1p(x)", (1e-300, -1e-17, -1 + 2.0**-52), lambda x: 1 / (1 + x)),
    ("np.expm1(x)", (1e-300, -1e-17, 700.0), mp.exp),
    ("special.logsumexp(np.array([x, 0.0]))", (1e4, 0.0, -700.0), softmax),
    ("special.logsumexp(np.array([x, x, 1.0]))", (-1e300,), lambda x: 0),
    ("special.softmax(np.array([x, 0.0]))[1]", (30.0, 1.0, -1.0), lambda x: -softmax(x) * softmax(-x)),
    (
        "special.softmax(np.array([x, 1e4]))[0]",
        (1e4, -1e4),
        lambda x: softmax(x - 10000) * softmax(10000 - x),
    ),
    ("special.log_softmax(np.array([x, 0.0]))[0]", (700.0, 0.0, -700.0), lambda x: softmax(-x)),
    ("special.log_softmax(np.array([x, 0.0]))[1]", (700.0, 0.0, -700.0), lambda x: -softmax(x)),
    ("np.linalg.norm(np.array([x, 0.0]))", (0.0,), lambda x: 0),
    ("np.linalg.norm(np.array([x, 4e-150]))", (3e-150,), lambda x: x / mp.hypot(x, mp.mpf(4e-150))),
    ("np.linalg.norm(np.array([x, 4e150]))", (3e150,), lambda x: x / mp.hypot(x, mp.mpf(4e150))),
    ("np.linalg.norm(np.array([[x, 0.0]]), axis=1)[0]", (0.0,), lambda x: 0),
    ("np.hypot(x, 0.0)", (0.0,), lambda x: 0),
    ("np.hypot(x, 4e300)", (3e300,), lambda x: x / mp.hypot(x, mp.mpf(4e300))),
    ("x**0", (0.0, -2.0, 1e300), lambda x: 0),
    ("x**1", (0.0, -2.0, 1e300), lambda x: 1),
    ("x**2", (0.0, -2.0, 1e-200), lambda x: 2 * x),
    ("x**3", (0.0, -2.0), lambda x: 3 * x**2),
    ("x**-3", (-2.0, 1e-60), lambda x: -3 / x**4),
    ("x**2.0", (0.0, -1.5), lambda x: 2 * x),
    ("np.power(x, 3)", (0.0, -2.0), lambda x: 3 * x**2),
    ("np.power(x, 0.0)", (0.0,), lambda x: 0),
    ("np.power(x, 0.5)", (1e-300, 1e300), lambda x: mp.sqrt(1 / x) / 2),
    ("np.power(np.array([x, 2.0]), np.array([2, 0]))[0]", (0.0, -3.0), lambda x: 2 * x),
    ("np.power(np.array([2.0, x]), np.array([2, 0]))[1]", (0.0, -3.0), lambda x: 0),
    ("0.0**x", (2.0,), lambda x: 0),
    ("np.sinc(x)", (0.0,), lambda x: 0),
    ("np.sinc(x)", (1e-9, 1e-4, 0.029, 0.031, 0.5, 1.0, 7.3), lambda x: mp.diff(sinc, x)),
    ("np.where(x > 0.0, np.log(x), 0.0)", (0.0,), lambda x: 0),
    ("np.where(x > 0.0, np.sqrt(x), x)", (0.0, -1.0), lambda x: 1),
    ("np.where(x == 0.0, 1.0, np.sin(x) / x)", (0.0,), lambda x: 0),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("expression", "points", "derivative"), COMPILED)
def test_compiled(expression: str, points: tuple[float, ...], derivative: Any) -> None:
    """The named functions through the compiler, in both modes."""
    head = "import numpy as np\nfrom scipy import special\n\n\n"
    f = adtrans.from_source(f"{head}def f(x):\n    return {expression}\n", "f")
    for x in map(np.float64, points):
        with mp.workdps(50):
            expected = float(derivative(mp.mpf(float(x))))
        for got in (adtrans.grad(f)(x), adtrans.jvp(f, (x,), (1.0,))[1]):
            assert math.isclose(got, expected, rel_tol=1e-14, abs_tol=1e-300), (x, got, expected)
