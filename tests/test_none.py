"""Functions that give None on some paths: a caller asks, and of the entry such a path has no derivative."""

from __future__ import annotations

import pytest

import adtrans
from tests.programs.oracle import judge

HELPERS = """
import numpy as np


def meet(x, y):
    d = x * x - y
    if d < 0.0:
        return None
    return np.sqrt(d) + y


def deeper(x, n):
    if n > 3:
        return
    if x > 1.5:
        return x * n
    return deeper(x * 1.3, n + 1)


def first(rows, limit):
    for row in rows:
        if row.sum() > limit:
            return row * 2.0


def maybe(x, y):
    found = meet(x, y)
    if found is not None:
        found = found * y
    return found
"""

PROGRAMS = {
    "asked": "def f(x, y):\n    t = meet(x, y)\n    if t is None:\n        return x * y\n    return t * t",
    "nearest": """
def f(x, y):
    best = None
    for k in range(4):
        t = meet(x * k, y)
        if t is None:
            continue
        if best is None or t < best:
            best = t
    return y if best is None else best * x
""",
    "in_an_expression": """
def f(x, y):
    t = meet(x, y)
    return (0.0 if t is None else t * y) + x
""",
    "passed_on": """
def f(x, y):
    t = maybe(x, y)
    s = maybe(y, x)
    return x * (1.0 if t is None else t) if s is None else s
""",
    "recursion": """
def f(x, y):
    t = deeper(x, 0)
    if t is None:
        t = deeper(y, 2)
    return x if t is None else t * y
""",
    "collected": """
def f(x, y):
    found = [meet(x * k, y) for k in range(4)]
    return sum([t * t for t in found if t is not None]) + y
""",
    "of_an_array": """
def f(x, y):
    rows = np.outer(np.array([1.0, 2.0, 3.0]) * x, np.array([0.5, 1.0]) * y)
    row = first(rows, 0.2)
    other = first(rows, 1e6)
    return np.sum(row * row) if other is None else np.sum(other)
""",
}


@pytest.mark.parametrize("args", [(2.0, 0.7), (0.3, 1.9)], ids=["some", "none"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str, args: tuple[float, float]) -> None:
    order = 1 if name == "of_an_array" else 2  # Its second derivatives are refused: rows of one array.
    found = judge(HELPERS + PROGRAMS[name], args, order=order)
    assert found.verdict == "right", found


@pytest.mark.parametrize("end", ["", "    return", "    return None"])
def test_the_entry_has_no_derivative_there(end: str) -> None:
    f = adtrans.from_source(f"def f(x):\n    if x > 0.0:\n        return x * x\n{end}\n", "f")
    assert adtrans.grad(f)(1.5) == 3.0
    assert adtrans.jvp(f, (1.5,), (1.0,)) == (2.25, 3.0)
    for derivative in (adtrans.grad(f), lambda x: adtrans.jvp(f, (x,), (1.0,))):
        with pytest.raises(TypeError, match="f returns None here, which has no derivative"):
            derivative(-1.5)
