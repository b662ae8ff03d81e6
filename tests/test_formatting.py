"""formatting.py gives what black gives: on the modules of tests/golden, and on lines made to trip it."""

from __future__ import annotations

import itertools

import black
import pytest

from adtrans.formatting import WIDTH, formatted, is_plain, shortened
from tests.golden_files import GOLDEN, read

MODE = black.Mode(line_length=WIDTH)
ATOMS = [
    *[
        "x",
        "-x",
        "(x)",
        "-(x)",
        "x[i]",
        "x[1:]",
        "x[i+1:]",
        "x[-1]",
        "x[:, 0]",
        "x[i, j]",
        "f()",
        "f(x, k=1)",
    ],
    *["x.T", "f(x)[0].T", "((x))", "f((x))", "f((x, y))", "[x]", "[(x)]", "x[(0)]", "f(x,)", "(x,)", "1.0"],
    *[
        "1e-8",
        "1E5",
        "1e+16",
        "0XFF",
        "1_000",
        "10J",
        "1.",
        "'s'",
        "x ** 2",
        "x**-1",
        "not(x)",
        "not (x)",
        "lambda: x",
    ],
    *[
        "((a + b) * c)",
        "((a * b))",
        "f(*x)",
        "x if y else z",
        "x@y",
        "a+b",
        "x  + y",
        "True",
        "None",
        "f (x)",
        "...",
    ],
    *[
        "x[::-1, 0]",
        "x[..., None]",
        "x[a.b : c]",
        "x[i + 1 : n, 0]",
        "x[not a : b]",
        "x[: n]",
        "x[(0, 1)]",
        "[]",
    ],
    *["f(x) ** 2", "x[0] ** 2.0", "(x) ** 2", "x**n", "-2**x", "2**-n", "x**(a + b)", "x.y**2", "x[[0]]"],
    *["not x", "not x[a:b]", "x**n in [y]", "x**n or not y", "x is None and y", "x not in y"],
]
SHAPES = [
    *[
        "x = {}",
        "x += {}",
        "x = {} * y",
        "x = y - {}",
        "x[0] = f({}, y)",
        "f({})",
        "f({}, axis={})",
        "a, b = {}, y",
    ],
    *[
        "if {}:\n        y = 1",
        "while {} < y:\n        # why\n        y = 1\n\n        z = 2",
        "(x) = {}",
        "x = y = {}",
    ],
    *[
        "for i in f({}):\n        y = 1\n    else:\n        z = 2",
        "for i in ({}):\n        y = 1",
        "x = 1; y = {}",
    ],
    *[
        "x = 1\n\n\n    y = {}",
        "x = {}  # why",
        "# why\n    x = {}\n    #why\n    y = 1",
        "x = (\n        {}\n    )",
    ],
    *[
        "if x:\n\n        y = {}",
        "x = 1\n    # fmt: off\n    y = {}",
        "s = '''\n    x = 1\n''' + {}",
        "return {}",
        "if {}:\n        y = 1\n    elif x:\n        y = {}\n    else:\n        # why\n        y = 2",
        "for i in f(x):\n        if {}:\n            continue\n\n        y = x",
    ],
]


def module(body: str) -> str:
    return f"import numpy as np\n\n\ndef f(x):\n    {body}\n    return x\n"


@pytest.mark.parametrize("shape", SHAPES)
def test_as_black(shape: str) -> None:
    for atom in ATOMS:
        text = module(shape.replace("{}", atom))
        try:
            compile(text, "<module>", "exec", dont_inherit=True)
        except SyntaxError:
            continue
        assert formatted(text) == black.format_str(text, mode=MODE)


def test_plain_lines_are_left_alone() -> None:
    for a, b in itertools.product(ATOMS, ATOMS):
        line = f"    y = f({a}) + {b}"
        if is_plain(line):
            text = module(line.strip())
            try:
                compile(text, "<module>", "exec", dont_inherit=True)
            except SyntaxError:
                continue
            assert black.format_str(text, mode=MODE) == text


def test_golden_modules() -> None:
    for path in sorted(GOLDEN.glob("*.txt")):
        output = read(path).output
        assert formatted(output) == output


def test_little_is_left_for_black() -> None:
    lines = "\n    ".join(
        ["# 1: y = x", "y = np.sin(x) * 2.0", "for i in range(n):", "    y += x[i]", "", "z = y"]
    )
    short, runs = shortened(module(lines).replace("    \n", "\n"))
    assert len(runs) == 1
    assert short.count("\n") < 10
