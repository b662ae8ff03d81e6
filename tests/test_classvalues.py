"""What classes hold themselves: constants, tables, members of enumerations; always against differences."""

from __future__ import annotations

import enum
import subprocess
import sys
from pathlib import Path

import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.oracle import judge

GAS = """
import numpy as np
from dataclasses import dataclass, field
from enum import Enum, auto


class Kind(Enum):
    LINEAR = auto()
    SQUARE = auto()


class Gas:
    R = 8.314
    DOUBLE = 2.0 * R + R
    GAMMA = {"air": 1.4, "helium": 1.66}
    WEIGHTS = np.array([1.0, 2.0, 0.5])
    KIND = Kind.LINEAR

    def __init__(self, g):
        self.g = g

    def pressure(self, t):
        if self.KIND is Kind.LINEAR:
            t = t * self.GAMMA["air"]
        return self.R * np.sum(self.WEIGHTS * t) * self.g


class Cold(Gas):
    R = 2.0
    KIND = Kind.SQUARE


@dataclass
class Tank:
    level: float
    trace: list = field(default_factory=list)
    pair: list = field(default_factory=lambda: [1.0, 2.0])
    rate: float = field(default=0.5)
    shift: float = np.pi
"""

PROGRAMS = {
    "numbers": "def f(x, y):\n    return Gas.R * x * y + Gas.DOUBLE * x * x + Cold.DOUBLE * y",
    "table": 'def f(x, y):\n    return Gas.GAMMA["air"] * x * y + Cold.GAMMA["helium"] * y * y',
    "array": "def f(x, y):\n    return np.sum(Gas.WEIGHTS * x) * y * np.sum(Gas.WEIGHTS**2)",
    "by_objects": """
def f(x, y):
    gas = Gas(y)
    cold = Cold(x)
    return gas.pressure(x) * cold.pressure(y)
""",
    "members": """
def g(v, kind):
    if kind is Kind.LINEAR:
        return 2.0 * v
    elif kind is not Kind.SQUARE:
        raise ValueError(kind)
    return v * v


def f(x, y):
    return g(x, Kind.SQUARE) * g(y, Kind.LINEAR)
""",
    "member_of_a_run": """
def f(x, y):
    kind = Kind.LINEAR if x > y else Kind.SQUARE
    rates = {Kind.LINEAR: 2.0, Kind.SQUARE: 3.0}
    out = 0.0
    for k in (Kind.LINEAR, kind):
        if k is kind:
            out = out + x * y * rates[k]
        elif k in (Kind.LINEAR,):
            out = out + x
    return out
""",
    "default": """
def f(x, y, kind=Kind.SQUARE):
    match kind:
        case Kind.LINEAR:
            return x * y
        case _:
            return x * x * y
""",
    "fields": """
def f(x, y):
    tank = Tank(x * y)
    tank.trace.append(x)
    tank.trace.append(tank.rate * tank.shift * y)
    return tank.level * tank.trace[0] * tank.trace[1] * tank.pair[1]
""",
    "text_that_is_a_name": """
class Words:
    a = 3.0
    TABLE = {"a": a, "b": a * 2.0}
    PATTERN = "\\d+"
    ALL = {"\\d": PATTERN, "a": a}


def f(x, y):
    return x * y * Words.TABLE["a"] * Words.TABLE["b"] * Words.ALL["a"] * len(Words.ALL["\\d"])
""",
}

REFUSED = {
    "bound_later": (
        "AD223",
        "a = 2.0\n\nclass Gas:\n    R = a * 3.0\n    a = 7.0\n\ndef f(x):\n    return x * Gas.R",
    ),
    "comprehension_sees_the_module": (
        "AD223",
        "a = 2.0\n\nclass Gas:\n    a = 7.0\n    R = [a * k for k in (1, 2)]\n\n"
        "def f(x):\n    return x * Gas.R[1]",
    ),
    "changed": ("AD223", "class Gas:\n    R = 8.0\n\nGas.R = 3.0\n\ndef f(x):\n    return x * Gas.R"),
    "changed_by_a_method": (
        "AD223",
        """
class Gas:
    T = {}

    def note(self, v):
        self.T["a"] = v


def f(x):
    return x * Gas.T["a"]
""",
    ),
    "bound_twice": ("AD223", "class Gas:\n    R = 8.0\n    R = R * 2.0\n\ndef f(x):\n    return x * Gas.R"),
    "computed": (
        "AD227",
        "def g():\n    return 2.0\n\nclass Gas:\n    R = g()\n\ndef f(x):\n    return x * Gas.R",
    ),
    "written_into": (
        "AD105",
        """
import numpy as np


class Gas:
    C = np.ones(2)


def f(x):
    c = Gas.C
    c[0] = x
    return c[0]
""",
    ),
    "member_of_another_sort": (
        "AD223",
        """
import enum


class Kind(enum.Enum):
    A = 1
    B = 1


def f(x, y=Kind.A):
    return x if y is Kind.B else x * x
""",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str) -> None:
    outcome = judge(GAS + PROGRAMS[name], [0.7, 1.3], thorough=name == "by_objects")
    assert outcome.verdict == "right", outcome


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, source = REFUSED[name]
    with pytest.raises(adtrans.Refused, match=code):
        adtrans.grad(adtrans.from_source(source, "f"))(1.5)


class Kind(enum.Enum):
    LINEAR = "linear"
    SQUARE = "square"


def power(x, kind):
    return x if kind is Kind.LINEAR else x * x


def test_member_of_the_caller() -> None:
    """The caller has an enumeration of his own: its members are equal by their names."""
    assert adtrans.grad(power)(3.0, Kind.SQUARE) == 6.0
    assert adtrans.grad(power)(3.0, Kind.LINEAR) == 1.0


def test_module_alone(tmp_path: Path) -> None:
    """The module has the enumeration; so has the derivative of a derivative."""
    source = GAS + PROGRAMS["default"]
    made = pipeline.generate(parse.program(source, "gas.py", "f"), pipeline.Request()).text
    again = pipeline.generate(
        parse.program(made, "gas_vjp.py", "f_vjp"), pipeline.Request(mode="forward")
    ).text
    assert "Stands for an enumeration" in again
    (tmp_path / "gas.py").write_text(source)
    (tmp_path / "gas_vjp.py").write_text(made)
    code = "import gas, gas_vjp as g; print(g.f_vjp(2.0, 3.0)[1], g.f_vjp(2.0, 3.0, gas.Kind.LINEAR)[1])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(12.0, 4.0) (3.0, 2.0)"
