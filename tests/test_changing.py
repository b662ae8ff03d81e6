"""What changes while it is read: inside an expression, between statements, in the round of a loop."""

from __future__ import annotations

import numpy as np
import pytest

from tests.programs.oracle import judge

X = np.array([0.7, 1.3, 0.2])

RIGHT = {
    "what_is_taken_off_a_list_in_an_expression": """
def f(x):
    ks = [2, 0, 1, 2, 0, 1]
    t = x[ks[-1]] * len(ks) * x[ks.pop()] ** 2 * ks[-1] + x[0] * len(ks)
    xs = [x[0], x[1], x[2] ** 2]
    t += xs[-1] * xs.pop() * len(xs)
    return t + (x[ks.pop()] if len(ks) > 9 else x[ks.pop()] ** 2) * len(ks)
""",
    "index_that_takes_something_off": """
def f(x):
    ks = [2, 0, 1, 0, 1, 2]
    d = {"a": 2}
    xs = [x[0], x[1], x[2]]
    y = x * 1.0
    y[ks.pop()] *= x[0]
    y[ks.pop()] = x[ks.pop()] ** 2
    y[d.pop("a")] *= x[1]
    xs[ks.pop()] *= x[0]
    return np.sum(y * y) + xs[0] * xs[1] * xs[2] * len(ks)
""",
    "argument_that_is_taken_off": """
def g(a, b, c=1.0):
    return a * b * b + c

def f(x):
    ks = [2, 0, 1, 2]
    return g(x[ks.pop()], x[ks.pop()]) + g(x[0] * len(ks), ks.pop(), c=x[ks[-1]])
""",
    "what_is_drawn_twice_in_a_statement": """
def f(x):
    it = iter([1, 2, 0, 1, 2, 0, 1, 2])
    y = x * 1.0
    y[next(it)] = x[next(it)] * next(it)
    xs = [x[0], x[1], x[2]]
    xs[next(it)] += next(it)
    return np.sum(y * y) * xs[1] + x[0] * (x[1] if next(it) > 1 else (x[next(it)] if y[0] > 9.0 else x[2]))
""",
    "branch_in_a_branch_of_an_expression": """
def f(x):
    k = 5
    return x[0] * (x[1] if k > 2 else (x[k + 9] if k > 1 else x[2]))
""",
    "what_is_read_of_a_set_that_changes": """
def f(x):
    s = {"a"}
    t = x[0] * len(s)
    s.add("b")
    return t * x[0] * len(s)
""",
    "what_is_read_of_a_queue_that_changes": """
from collections import deque

def f(x):
    q = deque([1, 2, 3])
    t = x[0] * q[0] * len(q)
    k = q.popleft()
    t *= x[1] * q[0]
    q.append(k)
    return t * x[0] * q[-1] * len(q) * k
""",
    "what_is_read_of_a_namespace_that_changes": """
from types import SimpleNamespace

def f(x):
    c = SimpleNamespace(n=1)
    t = x[0] * c.n
    c.n = 3
    t *= x[1] * c.n
    setattr(c, "n", 4)
    return t * c.n * x[2] * t
""",
    "what_is_read_of_a_list_in_a_dict_that_grows": """
def f(x):
    d = {}
    t = x[0] * len(d) + x[1]
    d.setdefault("a", []).append(3)
    t *= x[1] * len(d["a"])
    d["a"].append(4)
    return t * x[0] * len(d["a"]) * d["a"][-1]
""",
    "map_in_the_head_of_a_loop_calls_in_each_round": """
def f(x):
    n, k = 1.0, [2.0]

    def g(v):
        return v * n * k[0]

    t = 0.0
    for v in map(g, x):
        n = n + v
        k[0] = k[0] + x[0]
        t += v * v
    return t
""",
}

BACKWARD = {
    "takes_from_its_iterator": """
def f(x):
    it = iter([1.0, 2.0, 3.0])
    t = x[0]
    for v in it:
        t = t * v * x[1] + next(it, 0.0) * x[2]
    return t * t
""",
    "changes_what_a_filter_reads": """
def f(x):
    seen = {0}
    t = x[0]
    for k in filter(lambda k: k not in seen, [0, 1, 2, 1, 2]):
        seen.add(k)
        t = t * x[k]
    return t
""",
    "goes_over_groups": """
import itertools

def f(x):
    t = x[0]
    for k, group in itertools.groupby([1, 1, 2]):
        t = t * x[k] * len(list(group))
    return t
""",
    "changes_what_it_goes_over": """
import itertools

def f(x):
    ks = [0, 1]
    t = x[0]
    for k in itertools.chain(ks, [2]):
        ks[1] = 0
        t = t * x[k]
    return t
""",
    "returns_what_a_finally_block_binds": """
def f(x):
    t = x[0]
    try:
        t = t * x[1]
        return t
    finally:
        t = 100.0
""",
}


@pytest.mark.parametrize("name", BACKWARD)
def test_not_backward(name: str) -> None:
    """Loops over what is gone through once gave another value, with a list in its place."""
    source = "import numpy as np\n" + BACKWARD[name]
    assert judge(source, (X,)).verdict == "refused"


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    found = judge("import numpy as np\n" + RIGHT[name], (X,), order=2)
    assert found.verdict == "right", found
