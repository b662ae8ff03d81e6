"""Normalisation: the core form means what the source means.

Every program is run as it was written and in its core form, printed with the user's text and
without; results, arguments after the call, and the order of side effects must be the same.
"""

from __future__ import annotations

import copy
import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from adtrans import ir, parse, walk
from adtrans.errors import Diagnostic
from adtrans.kinds import INT, ListOf
from adtrans.normalise import normalise
from adtrans.printer import expression, statements
from adtrans.verify import verify
from tests.normalise_programs import HELPERS, cases

# ------------------------------------------------------------------- machinery

PROGRAMS = cases()


def core(text: str, name: str = "f", **kinds: Any) -> tuple[ir.Program, list[Diagnostic]]:
    """The program with all its functions in core form."""
    program = parse.program(text, "m.py", name)
    report: list[Diagnostic] = []
    functions = {path: normalise(f, program, kinds, report) for path, f in program.functions.items()}
    made = replace(program, functions=functions)
    if not report:
        for function in functions.values():
            verify(function, made, "normalise")
    return made, report


def forget(stmt: ir.Stmt) -> ir.Stmt:
    """Without the user's text, so that the IR itself is printed."""
    return stmt if isinstance(stmt, ir.Verbatim) else replace(stmt, text=None)


def printed(program: ir.Program, with_text: bool) -> str:
    """The functions as Python."""
    lines: list[str] = []
    for function in program.functions.values():
        defaults = [
            p.name if p.default is None else f"{p.name}={expression(p.default)}" for p in function.params
        ]
        body = function.body if with_text else walk.map_block(function.body, forget)
        lines += [f"def {function.name}({', '.join(defaults)}):", *statements(body, depth=1), ""]
    return "\n".join(lines)


def outcome(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The result (or the kind of exception), and the arguments afterwards."""
    args = copy.deepcopy(args)
    try:
        return ("gives", f(*args), args)
    except Exception as error:
        return ("raises", type(error), args)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)
    return bool(a == b) or (a != a and b != b)


def check(text: str, *inputs: tuple[Any, ...], **kinds: Any) -> ir.Function:
    """Run a program in three spellings on every input."""
    program, report = core(text, **kinds)
    assert not report, report
    spaces: list[dict[str, Any]] = []
    for code in ("", printed(program, True), printed(program, False)):
        space: dict[str, Any] = {}
        exec(text, space)
        exec(code, space)
        spaces.append(space)
    for args in inputs:
        want, *got = (outcome(space["f"], args) for space in spaces)
        for other, text_kept in zip(got, (True, False), strict=True):
            assert same(want, other), f"{args}\n{text}\n{printed(program, text_kept)}\n{want}\n{other}"
    return program.functions[program.entry]


def lines(text: str, name: str = "f", **kinds: Any) -> list[str]:
    """The core form of one function, as Python."""
    program, report = core(HELPERS + textwrap.dedent(text), name, **kinds)
    assert not report, report
    return statements(program.functions[program.entry].body)


def refused(text: str, **kinds: Any) -> list[str]:
    return [d.code for d in core(HELPERS + textwrap.dedent(text), **kinds)[1]]


# ----------------------------------------------------------------- small programs


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    text, inputs = PROGRAMS[name]
    check(text, *inputs)


# --------------------------------------------------------------- what it looks like


def test_unchanged_keeps_identity() -> None:
    text = """def f(x, n):
    y = 1.0
    for i in range(n):
        if y > 2.0:
            y = y * x
        else:
            y = y + x
    return y
"""
    program = parse.program(text, "m.py", "f")
    function = program.functions["m.f"]
    assert normalise(function, program, {}, []) is function


def test_guard_clauses_stay_flat() -> None:
    assert lines("""
        def f(xs):
            y = 0.0
            for x in xs:
                # Small ones do not count.
                if x < 1.0:
                    continue
                if x > 9.0:
                    break  # enough
                y = y + x
            return y
    """) == [
        "y = 0.0",
        "steps = 0",
        "for i in range(len(xs)):",
        "    steps = steps + 1",
        "    x = xs[i]",
        "    # Small ones do not count.",
        "    if x < 1.0:",
        "        continue",
        "    if x > 9.0:",
        "        break  # enough",
        "    y = y + x",
        "return y",
    ]


def test_one_temporary() -> None:
    assert lines("def f(a, b):\n    a, b = b, a + b\n    return a\n") == [
        "a_new = b",
        "b = a + b",
        "a = a_new",
        "return a",
    ]
    assert lines("def f(a, b):\n    c, a = a + b, b\n    return a, c\n") == [
        "c = a + b",
        "a = b",
        "return a, c",
    ]
    assert lines("def f(a, b, c):\n    a, b, c = c, a, b\n    return a, b, c\n").count("a = c") <= 1
    assert (
        sum("_new =" in s for s in lines("def f(a, b, c):\n    a, b, c = c, a, b\n    return a, b, c\n")) == 1
    )


def test_integer_lists_stay() -> None:
    text = "def f(x, order):\n    y = 0.0\n    for k in order:\n        y += x[k]\n    return y\n"
    assert "for k in order:" in lines(text, order=ListOf(INT))
    assert "for k in order:" in lines(text)  # What is an index cannot vary.
    assert "for i in range(len(order)):" in lines(text.replace("x[k]", "k"))


def test_constant_result_needs_no_flag() -> None:
    assert lines(
        "def f(n):\n    for i in range(n):\n        if i > 3:\n            return i\n    return -1\n"
    ) == [
        "out = -1",
        "steps = 0",
        "for i in range(n):",
        "    steps = steps + 1",
        "    if i > 3:",
        "        out = i",
        "        break",
        "return out",
    ]


def test_call_in_while() -> None:
    assert lines("def f(x):\n    while double(x) < 9.0:\n        x = x * 2.0\n    return x\n") == [
        "steps = 0",
        "while True:",
        "    steps = steps + 1",
        "    double_value = double(x, 2, 1.0)",
        "    if not double_value < 9.0:",
        "        break",
        "    x = x * 2.0",
        "return x",
    ]


def test_comments_move_to_the_first_statement() -> None:
    assert lines("def f(x):\n    # Twice.\n    y = 1.0 + double(x)  # plus one\n    return y\n") == [
        "# Twice.",
        "double_value = double(x, 2, 1.0)",
        "y = 1.0 + double_value  # plus one",
        "return y",
    ]


# --------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AD214", "def f(x):\n    if x > 0:\n        return x\n    return x, x\n"),
        ("AD214", "def f(x):\n    if x > 0:\n        return x, x, x\n    return x, x\n"),
        ("AD212", "def f(x):\n    xs = [x]\n    for v in xs:\n        xs.append(v)\n    return xs\n"),
        (
            "AD212",
            "def f(x):\n    xs = [x]\n    ys = xs\n    for v in enumerate(xs):\n        ys.pop()\n",
        ),
        ("AD212", "def f(x):\n    for v in x:\n        tell(x, v)\n    return x\n"),
        ("AD213", "def f(x):\n    a, b = x, x, x\n    return a\n"),
        ("AD213", "def f(x):\n    a, b, c = divide(x, 2)\n    return a\n"),
        ("AD502", "def f(x):\n    return double()\n"),
        ("AD502", "def f(x):\n    return double(x, m=1)\n"),
        ("AD502", "def f(x):\n    return double(x, 1, n=1)\n"),
        ("AD502", "def f(x):\n    return double(x, 1, 2, 3)\n"),
        ("AD502", "def f(x):\n    return only(x, 3.0)\n"),
    ],
)
def test_refused(code: str, text: str) -> None:
    assert refused(text) == [code]


# -------------------------------------------------------------- random programs


class Maker:
    """Random control flow, with a trace of everything that happens."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loops = 0
        self.marks = 0
        self.returns = self.random.choice(("value", "tuple", "name", "none"))

    def program(self) -> str:
        body = ["    y = 0", "    z = 1", *self.block(1, 0, 3), self.mark(1), "    " + self.give()]
        return HELPERS + "def f(n, trace):\n" + "\n".join(body) + "\n"

    def mark(self, depth: int) -> str:
        self.marks += 1
        return f"{'    ' * depth}trace.append(({self.marks}, y, z))"

    def give(self) -> str:
        choices = {
            "value": ["y", "z", "y + z", "0", "-1", "double(y)"],
            "tuple": ["y, z", "z, y", "divide(y, 3)", "(y, 0) if z > y else (z, double(z))"],
            "name": ["y"],
            "none": [""],
        }
        return f"return {self.random.choice(choices[self.returns])}".rstrip()

    def test(self) -> str:
        r = self.random
        simple = [
            f"y % {r.randint(2, 5)} == {r.randint(0, 2)}",
            f"z > {r.randint(0, 9)}",
            f"n < {r.randint(0, 6)}",
        ]
        called = [f"tell(trace, y) % 2 == {r.randint(0, 1)}", "tell(trace, n) < z"]
        kind = r.random()
        if kind < 0.7:
            return r.choice(simple)
        if kind < 0.8:
            return r.choice(called)
        parts = [r.choice(simple + called) for _ in range(r.randint(2, 3))]
        word = r.choice((" and ", " or "))
        return f"({word.join(parts)})"

    def block(self, depth: int, loops: int, level: int) -> Iterator[str]:
        for _ in range(self.random.randint(1, 3)):
            yield from self.statement(depth, loops, level)

    def statement(self, depth: int, loops: int, level: int) -> Iterator[str]:
        r, pad = self.random, "    " * depth
        kind = r.random()
        if level == 0 or kind < 0.3:
            yield from self.simple(depth, loops)
        elif kind < 0.65:
            yield f"{pad}if {self.test()}:"
            yield from self.block(depth + 1, loops, level - 1)
            if r.random() < 0.4:
                yield f"{pad}elif {self.test()}:"
                yield from self.block(depth + 1, loops, level - 1)
            if r.random() < 0.4:
                yield f"{pad}else:"
                yield from self.block(depth + 1, loops, level - 1)
        else:
            self.loops += 1
            k = f"k{self.loops}"
            if kind < 0.85:
                heads = [
                    f"range(n - {r.randint(0, 2)})",
                    "[y, 2, z]",
                    "range(y % 4)",
                    "reversed([z, n])",
                    "enumerate([y, z])",
                ]
                head = r.choice(heads)
                target = f"({k}, _)" if head.startswith("enum") else k
                yield f"{pad}for {target} in {head}:"
                yield f"{pad}    y += {k}"
            else:
                yield f"{pad}{k} = 0"
                yield f"{pad}while {k} < {r.randint(1, 4)} and {self.test()}:"
                yield f"{pad}    {k} += 1"
            yield from self.block(depth + 1, loops + 1, level - 1)
            if r.random() < 0.35:
                yield f"{pad}else:"
                yield from self.block(depth + 1, loops, level - 1)

    def simple(self, depth: int, loops: int) -> Iterator[str]:
        r, pad = self.random, "    " * depth
        kind = r.random()
        if loops and kind < 0.25:
            yield f"{pad}{r.choice(('break', 'continue'))}"
        elif kind < 0.35:
            yield pad + self.give()
        elif kind < 0.5:
            yield pad + r.choice(["y, z = z, y", "y, z = z, (y + z) % 17", "z, y = divide(y, 3)"])
        elif kind < 0.65:
            yield pad + r.choice(
                ["y += tell(trace, z)", "z = double(y) % 11", "y = z if y > z else tell(trace, y)"]
            )
        else:
            yield self.mark(depth)


@pytest.mark.parametrize("chunk", range(10))
def test_random_control_flow(chunk: int) -> None:
    for seed in range(40 * chunk, 40 * chunk + 40):
        check(Maker(seed).program(), (0, []), (2, []), (4, []))
