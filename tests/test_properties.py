"""Properties with setters: reading is a call, assigning is another one."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.oracle import judge

CLASSES = """
import numpy as np


class Base:
    def __init__(self, level):
        self.calls = 0
        self.level = level

    @property
    def level(self):
        return np.sqrt(self._square)

    @level.setter
    def level(self, value):
        self.calls += 1
        self._square = value * value

    @level.deleter
    def level(self):
        del self._square


class Tank(Base):
    def __init__(self, level, data):
        super().__init__(level)
        self._data = data

    @property
    def data(self):
        return self._data

    @data.setter
    def data(self, value):
        self._data[:] = value * self.level


class Other(Base):
    @property
    def level(self):
        return 2.0 * self._square
"""
BODIES = {
    "read": "    tank = Base(x[0])\n    return tank.level * y\n",
    "assigned": """    tank = Base(x[0])
    tank.level = tank.level * y + tank.level
    return tank.level**2
""",
    "in a loop": """    tank = Base(y)
    for v in x:
        if v > 0.5:
            tank.level = tank.level * v
        else:
            tank.level = v + tank.calls
    return tank.level * tank.calls
""",
    "written into": """    tank = Tank(y, x.copy())
    tank.data = x * y
    tank.data = tank.data[::-1] * tank.calls
    return np.sum(tank.data**2)
""",
    "given": "    tank = Base(y)\n    fill(tank, x[1])\n    fill(tank, x[2])\n    return tank.level\n\n\n"
    "def fill(tank, v):\n    tank.level = tank.level * v\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_right(name: str) -> None:
    source = f"{CLASSES}\n\ndef f(x, y):\n{BODIES[name]}"
    outcome = judge(source, (np.array([0.7, 1.3, 0.4]), 0.9), order=1 if name == "written into" else 2)
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


class Gauge:
    def __init__(self, level: float) -> None:
        self.level = level

    @property
    def level(self) -> float:
        return self._half * 2.0

    @level.setter
    def level(self, value: float) -> None:
        self._half = value * value

    def change(self, x: float) -> float:
        self.level = self.level * x
        return self.level


def test_of_the_library() -> None:
    gauge = Gauge(3.0)  # 18
    assert adtrans.grad(gauge.change)(0.5) == pytest.approx(2.0 * 18.0 * 18.0 * 2.0 * 0.5)
    assert gauge.level == pytest.approx(2.0 * 81.0)


REFUSED = {
    "no setter": ("AD230", "    tank = Other(y)\n    tank.level = y\n    return tank.level * x[0]\n"),
    "in a block": (
        "AD230",
        "    tank = Base(y)\n    with np.errstate():\n        tank.level = y\n    return tank.level\n",
    ),
    "augmented": ("AD230", "    tank = Base(y)\n    tank.level += y\n    return tank.level\n"),
    "unknown": ("AD202", "    tank = Base(y)\n    tank.level = (lambda *a: y)(y)\n    return tank.level\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, body = REFUSED[name]
    source = f"{CLASSES}\n\ndef f(x, y):\n{body}"
    with pytest.raises(adtrans.Refused) as error:
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    found = error.value.diagnostics[0]
    line = source.splitlines()[found.span.line - 1] if found.span is not None else ""
    assert found.code == code and "tank.level" in line, str(error.value)
