"""`a, *b = t` of tuples, lists and arrays, against differences."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.load import load
from tests.programs.oracle import judge

X = np.array([0.7, 1.3, 0.4, -0.6])
PROGRAMS: dict[str, tuple[str, tuple[object, ...]]] = {
    "tuple": ("    t = (x, y, x * y)\n    a, *b = t\n    return a * b[0] + b[1]\n", (0.7, 1.3)),
    "list": (
        "    t = [x, y, x * y, y]\n    a, *b, c = t\n    return a * b[0] + c * b[1] + len(b)\n",
        (0.7, 1.3),
    ),
    "last": ("    *b, a = [x, y, x * y]\n    return a * b[0] + b[1] ** 2\n", (0.7, 1.3)),
    "nothing left": ("    a, *b = (x * y,)\n    return a * a + sum(b)\n", (0.7, 1.3)),
    "display": ("    a, *b = y, x, x * y\n    return a * b[0] + b[1]\n", (0.7, 1.3)),
    "swapped": ("    x, *y = y, x, x * y\n    return x * y[0] + y[1] ** 2\n", (0.7, 1.3)),
    "itself": ("    t = [x, y, x * y]\n    a, *t = t\n    b, *t = t\n    return a * b + t[0]\n", (0.7, 1.3)),
    "array": ("    a, *b, c = x\n    return a * b[0] + c * sum(v * v for v in b) * y\n", (X, 1.3)),
    "rows": (
        "    A = np.outer(x, x)\n    first, *others = A\n    total = np.sum(first * y)\n"
        "    for row in others:\n        total = total + row @ first\n    return total\n",
        (X, 1.3),
    ),
    "call": ("    a, *b = three(x * y)\n    return a * b[0] + b[1]\n", (0.7, 1.3)),
    "elements": ("    u = np.zeros(4)\n    u[0], *b = x[:3]\n    return u[0] * b[0] + b[1] * y\n", (X, 1.3)),
    "loop": (
        "    todo = [x, y, x * y]\n    total = 0.0\n    while todo:\n        a, *todo = todo\n"
        "        total = total * a + a * a\n    return total\n",
        (0.7, 1.3),
    ),
    "mixed": (
        "    t = (y, x, y * y, x * x)\n    a, *b = t\n    return a * np.sum(b[0] * b[2]) + b[1]\n",
        (X, 1.3),
    ),
    "targets of loops": (
        "    rows = [(x, y, x * y), (y, x * x, y)]\n    s = 0.0\n    for a, *b in rows:\n"
        "        s = s + a * b[0] * b[1] ** 2\n    for *c, d in rows:\n        s = s * d + sum(c)\n"
        "    return s\n",
        (0.7, 1.3),
    ),
    "rows of an array": (
        "    s = y\n    for a, *b in x.reshape(2, 2):\n        s = s * a + b[0] ** 2\n    return s\n",
        (X, 1.3),
    ),
    "a loop that leaves": (
        "    s = 0.0\n    for a, *b in [(x, y), (y, x), (x, x)]:\n        if s > 1.5:\n            break\n"
        "        s = s + a * a\n    return s * b[0]\n",
        (0.7, 1.3),
    ),
    "words": (
        "    n = 0\n    for first, *rest in ['abc', 'de']:\n        n += len(rest)\n    return x * y * n\n",
        (0.7, 1.3),
    ),
    "inactive": ("    n, *rest = x.shape\n    return np.sum(x) * n * y + len(rest)\n", (X, 1.3)),
}
HEAD = "import numpy as np\n\n\ndef three(x):\n    return x, x * x, 3.0 * x\n\n\ndef f(x, y):\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str) -> None:
    body, args = PROGRAMS[name]
    outcome = judge(HEAD + body, args, order=2)
    assert outcome.verdict == "right", f"{outcome.verdict} {outcome.stage}: {outcome.detail}"


@pytest.mark.parametrize("target", ["i, (a, *b)", "x[0], *b", "*a, *b"])
def test_refused_targets(target: str) -> None:
    text = HEAD + f"    for {target} in [(x, y)]:\n        pass\n    return x * y\n"
    with pytest.raises(adtrans.Refused) as error:
        pipeline.generate(parse.program(text, "model.py", "f"), pipeline.Request())
    found = error.value.diagnostics[0]
    assert found.span is not None and found.span.line == 9 and found.code == "AD110"


def test_too_few_values() -> None:
    text = HEAD + "    a, *b, c = x\n    return a * c * y + sum(b)\n"
    made = pipeline.generate(parse.program(text, "model.py", "f"), pipeline.Request())
    with pytest.raises(ValueError, match="not enough values"):
        load(made.text, made.name)(X[:1], 1.3)


def test_a_write_into_a_row() -> None:
    """What is put into the list are views of the array."""
    body = "    A = np.outer(x, x)\n    first, *others = A\n    others[0][1] = y\n    return np.sum(A * A)\n"
    outcome = judge(HEAD + body, (X, 1.3))
    assert outcome.verdict in ("right", "refused"), outcome.detail
