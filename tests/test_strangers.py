"""Calls of something unknown, and things that are different each time one asks.

`solver.step(y)` may write into `y`; a set that grows answers otherwise in the backward sweep; a random number
is another one when it is drawn again. All of these once gave a wrong gradient without a word.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline

X = np.array([0.5, -1.2, 2.0])
HEAD = "import numpy as np\nimport lib\n\n"

RIGHT: dict[str, tuple[str, tuple[Any, ...]]] = {
    "set_that_grows": (
        """
def f(x, index):
    seen = set()
    y = 1.0
    for i in index:
        if i not in seen:
            y = y * np.sin(x[i])
            seen.add(i)
    return y
""",
        (X, [0, 1, 0, 2, 1]),
    ),
    "test_of_an_iterator": (
        """
def f(x, flags):
    source = iter(flags)
    y = x[0]
    for i in range(3):
        if next(source) > 0.5:
            y = y * x[1]
        else:
            y = np.sin(y) + x[2]
    return y
""",
        (X, [1.0, 0.0, 1.0]),
    ),
    "test_of_a_seeded_generator": (
        """
def f(x, seed):
    generator = np.random.default_rng(seed)
    y = x[0]
    for i in range(4):
        if generator.random() > 0.5:
            y = y * x[1]
        else:
            y = np.sin(y) + x[2]
    return y
""",
        (X, 3),
    ),
    "number_of_rounds_of_a_seeded_generator": (
        """
def f(x, seed):
    generator = np.random.default_rng(seed)
    y = x[0]
    for i in range(generator.integers(2, 9)):
        y = y * x[1] + x[2]
    return y
""",
        (X, 3),
    ),
    "copy_for_a_stranger": (
        """
def f(x, history):
    y = x * x
    history.append(y.copy())
    return np.sum(y * x)
""",
        (X, []),
    ),
    "reversed_table": (
        """
def f(x):
    table = [0, 2, 1]
    y = x[table[0]] * 2.0
    table.reverse()
    for i in table:
        y = y * x[i] + np.cos(y)
    return y
""",
        (X,),
    ),
}

REFUSED = {
    "assigned": "def f(x):\n    y = x * x\n    n = lib.step(y)\n    return np.sum(y * x)\n",
    "in_a_list": "def f(x):\n    y = x * x\n    n = lib.step([y])\n    return np.sum(y * x)\n",
    "view": "def f(x):\n    y = x * x\n    n = lib.step(y[1:].T)\n    return np.sum(y * x)\n",
    "keyword": "def f(x):\n    y = x * x\n    n = lib.step(state=y)\n    return np.sum(y * x)\n",
    "in_a_test": "def f(x):\n    y = x * x\n    if lib.step(y):\n        y = y * x\n    return np.sum(y)\n",
    "in_a_loop": "def f(x):\n    y = x * x\n    while lib.on(y):\n        y = y * x\n    return np.sum(y)\n",
    "kept": "def f(x):\n    y = x * x\n    n = lib.Solver(y)\n    n.step()\n    return np.sum(y * x)\n",
    "statement": "def f(x):\n    y = x * x\n    lib.step(y)\n    return np.sum(y * x)\n",
    "reverse": "def f(x):\n    xs = [x[0] * x[1], x[2]]\n    xs.reverse()\n    return xs[0] * 3.0\n",
    "remove": "def f(x):\n    xs = [x[0] * x[1], x[2], 1.0]\n    xs.remove(1.0)\n    return xs[-1] * 3.0\n",
    "sort": "def f(x):\n    xs = [x[0] * x[1], x[2], 1.0]\n    n = xs.sort()\n    return xs[-1] * 3.0\n",
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    source, args = RIGHT[name]
    f = adtrans.from_source("import numpy as np\n" + source, "f")
    adtrans.check_grads(f, args, order=2)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    for mode in ("reverse", "forward"):
        program = parse.program(HEAD + REFUSED[name], "strangers.py", "f")
        with pytest.raises(adtrans.Refused) as refused:
            pipeline.generate(program, pipeline.Request(mode, wrt=("x",)))  # type: ignore[arg-type]
        assert {d.code for d in refused.value.diagnostics} <= {"AD203", "AD401"}
        assert all(d.span for d in refused.value.diagnostics)


def test_what_a_stranger_may_change_is_kept() -> None:
    """`lib.step(w)` may write into w, whose old value the adjoint of the product reads."""
    source = (
        HEAD + "def f(x, w):\n    w = w + 0.0\n    y = x * w\n    lib.step(w)\n    return np.sum(y * x)\n"
    )
    program = parse.program(source, "strangers.py", "f")
    text = pipeline.generate(program, pipeline.Request("reverse", wrt=("x",))).text
    assert text.index("w_kept = np.copy(w)") < text.index("lib.step(w)") < text.index("w = w_kept")


def test_a_stranger_is_not_copied() -> None:
    source = "def f(x, solver):\n    y = x * x\n    solver.step()\n    return y * x\n"
    program = parse.program(source, "strangers.py", "f")
    text = pipeline.generate(program, pipeline.Request("reverse", wrt=("x",))).text
    assert "copy" not in text
    assert text.count("solver.step()") == 1


def test_a_random_decision_is_made_once() -> None:
    source = (
        "def f(x):\n    y = np.sin(x)\n    if np.random.rand() > 0.5:\n        y = 2.0 * y\n    return y\n"
    )
    f = adtrans.from_source(HEAD.replace("import lib\n", "") + source, "f")
    for _ in range(20):
        value, slope = adtrans.value_and_grad(f)(0.3)
        assert slope == pytest.approx(value / np.tan(0.3))


@pytest.mark.parametrize(
    "lines",
    [
        "h = y.__setitem__\n    h(0, 3.0)",
        "h = y.fill\n    h(3.0)",
        "h = (y * 1.0, y)[1].sort\n    h()",
        "np.ndarray.__setitem__(y, 0, w[1])",
        'getattr(y, "fill")(3.0)',
        "for m in (y.fill,):\n        m(3.0)",
        "list(map(y.fill, [2.0]))",
    ],
)
def test_a_method_as_a_value_may_be_called_at_any_time(lines: str) -> None:
    """The write was not seen: wrong, silently."""
    source = f"import numpy as np\n\n\ndef f(x, w):\n    y = x * w\n    {lines}\n    return np.sum(y**2)\n"
    f = adtrans.from_source(source, "f")
    with pytest.raises(adtrans.Refused, match=r"AD203|AD202"):
        adtrans.grad(f)(np.array([0.3, 1.2]), np.array([0.5, -0.2]))
