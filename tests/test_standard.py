"""`functools.reduce`, `itertools` and `operator` in programs; always against differences."""

from __future__ import annotations

import functools
import itertools
import operator

import numpy as np
import pytest

import adtrans
from adtrans import standard
from tests.programs.oracle import judge

HEAD = """
import functools
import itertools
import operator
from functools import reduce
from itertools import accumulate, combinations, pairwise, product

import numpy as np

"""
LOOP = "def f(x):\n    total = 0.0\n    for {}:\n        total += {}\n    return total * x[0]\n"

PROGRAMS = {
    "reduce": """
def f(x):
    return reduce(lambda a, b: a * b + b, x) * functools.reduce(operator.mul, list(x), 2.0)
""",
    "reduce_of_functions": """
def f(x):
    return reduce(max, [x[0], x[1] * x[2]]) * reduce(lambda a, b: a - b * x[1], x, x[2])
""",
    "combinations": LOOP.format("a, b in combinations(x, 2)", "a * b * b"),
    "combinations_of_indices": LOOP.format(
        "i, j in itertools.combinations(range(len(x)), 2)", "x[i] * x[j] ** 2"
    ),
    "combinations_in_a_sum": "def f(x):\n    return sum(a * b * b for a, b in combinations(x, 2))\n",
    "product": LOOP.format("a, b in product(x, x[1:])", "a * b * b"),
    "product_of_three": LOOP.format("i, a, b in product(range(2), x, x)", "i * a * b * b"),
    "accumulate": "def f(x):\n    return sum(a * a for a in accumulate(x)) * list(accumulate(x))[1]\n",
    "accumulate_by": LOOP.format("a in accumulate(x, operator.mul)", "a * a"),
    "pairwise": LOOP.format("a, b in pairwise(x)", "(b - a) ** 3"),
    "chain": LOOP.format("a in itertools.chain(x, x[1:])", "a * a"),
    "operators": """
OPS = {"+": operator.add, "*": operator.mul, "bent": lambda a, b: a * a - b}


def f(x):
    total = 0.0
    for key in ("+", "*", "bent"):
        total = total + OPS[key](x[0], x[1]) * operator.neg(x[2])
    return total
""",
}

CHANGED = """
def f(x):
    x = x * 1.0
    total = 0.0
    for a, b in pairwise(x):
        x[2] = 2.0 * a
        total += a * b
    return total
"""
CHANGED_BY_A_CALL = """
def put(x, a):
    x[2] = a
    return a


def f(x):
    x = x * 1.0
    return sum(put(x, a) * b for a, b in pairwise(x))
"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str) -> None:
    order = 2 if name in ("combinations", "reduce") else 1
    outcome = judge(HEAD + PROGRAMS[name], [np.array([0.7, 1.3, 0.2])], order=order, thorough=order == 2)
    assert outcome.verdict == "right", outcome


@pytest.mark.parametrize("source", [CHANGED, CHANGED_BY_A_CALL])
def test_lazily_from_what_changes(source: str) -> None:
    """The loop changes what the iterator has yet to read."""
    with pytest.raises(adtrans.Refused):
        adtrans.grad(adtrans.from_source(HEAD + source, "f"))(np.array([0.7, 1.3, 0.2]))


def test_as_they_are() -> None:
    """Ours do what those of Python do."""
    xs, ys = [3, 1, 2], [5, 4]
    assert standard.reduce(operator.sub, xs, 1) == functools.reduce(operator.sub, xs, 1)
    assert standard.reduce_all(operator.sub, xs) == functools.reduce(operator.sub, xs)
    assert standard.accumulate(xs) == [*itertools.accumulate(xs)]
    assert standard.accumulate_by(xs, operator.sub) == [*itertools.accumulate(xs, operator.sub)]
    assert standard.pairwise(xs) == [*itertools.pairwise(xs)]
    assert standard.pairs(xs) == [*itertools.combinations(xs, 2)]
    assert standard.product(xs, ys) == [*itertools.product(xs, ys)]
    assert standard.product_of_three(xs, ys, xs) == [*itertools.product(xs, ys, xs)]
    assert standard.chain(xs, ys) == [*itertools.chain(xs, ys)]
