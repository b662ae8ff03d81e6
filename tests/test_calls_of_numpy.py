"""Calls of NumPy as people write them, through the compiler: keywords, dtypes, and arrays of no elements.

The rules are tested one by one in tests/rules; here is what was wrong, or refused, between them.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.oracle import Outcome, judge

rng = np.random.default_rng(3)
VALUES: dict[str, Any] = {
    "s": 0.713,
    "t": 1.371,
    "b": np.array([0.52, -0.83, 1.24]),
    "v": np.array([0.31, -0.72, 1.13, 0.54, -0.28]),
    "w": np.array([0.83, 0.47, -0.61, 1.21, 0.19]),
    "p": np.array([0.41, 0.93, 1.37, 0.66, 1.85]),
    "M": rng.uniform(-1.0, 1.0, (3, 4)),
    "N": rng.uniform(-1.0, 1.0, (3, 4)),
    "T": rng.uniform(-1.0, 1.0, (2, 3, 4)),
    "S": np.array([[2.1, 0.3, -0.4], [0.2, 1.7, 0.5], [-0.1, 0.6, 2.9]]),
}
HEAD = "import math\n\nimport numpy as np\n\n\n"


def program(call: str) -> tuple[str, list[str]]:
    """A function of what a call mentions, with another slope for each element of the result."""
    names = sorted({n.id for n in ast.walk(ast.parse(call)) if isinstance(n, ast.Name)} & set(VALUES))
    body = (
        f"    r = {call}\n"
        "    weights = np.reshape(np.linspace(0.5, 1.5, np.size(r)), np.shape(r))\n"
        "    return np.sum(weights * np.sin(r))\n"
    )
    return f"{HEAD}def f({', '.join(names)}):\n{body}", names


def judged(call: str, order: int = 2, change: Any = lambda x: x) -> Outcome:
    source, names = program(call)
    return judge(source, [change(VALUES[n]) for n in names], order=order, thorough=False)


CALLS = [
    "np.fft.hfft(v)",  # of real numbers
    "np.fft.irfft2(M)",
    "np.concatenate(M)",  # of the rows of an array
    "np.hstack(T)",
    "np.stack(M, axis=1)",
    "np.choose([0, 2, 1, 0], M)",
    "np.select([N[0] > 0.3, N[1] > 0.0, N[2] < 0.5], M)",
    "np.nanvar(np.where(abs(M) < 0.2, np.nan, M), axis=1, where=N > -0.8, correction=1)",
    "np.linspace(s, t, 5, retstep=True)[0] * np.linspace(s, t, 5, retstep=True)[1]",
    "np.gradient(M, 0.5)[0] * np.gradient(M)[1]",
    "np.gradient(T, 0.5, 0.1, np.array([0.0, 0.5, 0.7, 1.5]))[2]",
    "np.meshgrid(v, b, w, indexing='ij')[2] * np.meshgrid(v, b, b, indexing='ij')[0][..., :1]",
    "np.interp(v, np.array([-0.5, 0.1, 0.7]), b, left=0.3, right=1.0)",
    "np.polyval(np.polyfit(p, v, 2), s)",
    "np.r_[1:3, v, 0:1:3j, s]",
    "np.c_[v]",
    "M.flat[3] * M.T.flat[1:5]",
    "sum(u**3 for u in M.flat)",
    "np.max(M.flat) * len(M.flat)",
    "np.linalg.slogdet(S).logabsdet * np.linalg.eigh(S + S.T).eigenvalues",
    "np.mean(np.lib.stride_tricks.sliding_window_view(v, 2), axis=-1)",
]

STORES = [
    "y.flat[-2] = s",
    "y.flat[1:3] += s",
    "y.flat[::5] = b * s",
    "y.flat[[1, 2]] *= s",
    "for k, u in enumerate(M.flat): y.flat[k] = u * s * y.flat[k - 1]",
]

SINGLE = [
    "np.hstack((M, N))",
    "np.c_[np.ones(5), v, v**2]",
    "np.split(v, [2])[0]",
    "np.unstack(M, axis=1)[2]",
    "np.broadcast_arrays(v, M[:, :1])[0]",
    "np.einsum('ii->i', S)",
    "sorted(v)[0]",
    "np.fft.irfft(v)",
]
"""Of float32, where the weights are of float64."""

EMPTY = [
    "np.diff(M, axis=0)",
    "np.diff(M, 2, axis=0)",
    "np.polyder(v, 2)",
    "np.trapezoid(v)",
    "np.trapezoid(M, axis=0)",
    "np.trapezoid(v, p)",
    "np.resize(v, 7)",
    "np.linalg.norm(M, np.inf)",
    "np.linalg.multi_dot([M, M.T, M])",
    "np.linalg.lstsq(M.T, N.T, rcond=None)[0]",
]


@pytest.mark.parametrize("call", CALLS)
def test_against_differences(call: str) -> None:
    found = judged(call)
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize("store", STORES)
def test_into_the_elements_in_their_order(store: str) -> None:
    source = f"{HEAD}def f(M, b, s):\n    y = M.copy()\n    {store}\n    return np.sum(np.sin(y) * y)\n"
    found = judge(source, [VALUES["M"], VALUES["b"], 0.7], order=2, thorough=False)
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize("call", SINGLE)
def test_of_single_precision(call: str) -> None:
    found = judged(call, order=1, change=lambda x: x.astype(np.float32))
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize("call", EMPTY)
def test_of_no_elements(call: str) -> None:
    found = judged(call, order=1, change=lambda x: x[:0])
    assert found.verdict == "right", found.detail


CONSTANTS = """
import numpy as np

K = np.arange(3)
TABLE = np.array([[1, 2, 3], [4, 5, 7]]).T
ODD = 2 * K[1:] + 1
COUNTS = np.zeros(3, dtype=int)
WEIGHTS = np.array([0.5, 1.5, 2.5])

"""


@pytest.mark.parametrize(
    "body",
    [
        "y = K.copy(); y[1] = 10 * s; return np.sum(y) * s",
        "y = TABLE[0].copy(); y[0] = 10.0 * b[0]; return np.sum(y * b[1:])",
        "y = ODD + 1; y[0] = 20.0 * b[0]; return np.sum(y * b[1:])",
        "y = COUNTS.copy(); y[0] += 1; return np.sum(y * b) + s ** K[2]",
        "y = WEIGHTS.copy(); y[K[1:]] = b[:2] * s; return np.sum(y * b)",
    ],
)
def test_arrays_of_the_module_are_what_their_text_says(body: str) -> None:
    source = f"{CONSTANTS}\ndef f(b, s):\n    {body}\n"
    found = judge(source, [VALUES["b"], 0.713], order=2, thorough=False)
    assert found.verdict == "right", found.detail


def test_a_row_of_numbers_is_sorted_without_types() -> None:
    source = "def f(v):\n    xs = sorted(v)\n    return xs[0] * xs[-1] ** 2\n"
    module = pipeline.generate(parse.program(source, "m.py", "f"), pipeline.Request())
    space: dict[str, Any] = {}
    exec(module.text, space)
    value, v_bar = space["f_vjp"](np.array([0.3, 1.2, 0.1]))
    assert np.isclose(value, 0.144) and np.allclose(v_bar, [0.0, 0.24, 1.44])


def test_parts_of_results_by_their_names() -> None:
    body = "found = np.linalg.svd(S)\n    return np.sum((found.U * found.S) ** 2 @ found.Vh**2)"
    found = judge(f"{HEAD}def f(S):\n    {body}\n", [VALUES["S"]], order=2, thorough=False)
    assert found.verdict == "right", found.detail


def test_the_adjoint_of_a_float_that_goes_through_float32_in_a_loop() -> None:
    body = "y = 0.0\n    for _ in range(3):\n        y = np.float32(y + s * s)\n    return y * s"
    f = adtrans.from_source(f"{HEAD}def f(s):\n    {body}\n", "f")
    slope = adtrans.grad(f)(0.75)
    assert type(slope) is float and np.isclose(slope, 9.0 * 0.75**2)
