"""Objects that a function makes itself: their attributes are its variables; always against differences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.errors import Refused

CLASSES = """
import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Layer:
    rate = 0.5
    kind = "plain"

    def __init__(self, w, b=0.5):
        self.w = w
        self.b = b

    def __call__(self, x):
        return np.tanh(self.w * x + self.b) * self.rate

    @property
    def size(self):
        return np.sum(self.w**2)


class Steep(Layer):
    rate = 0.7

    def __init__(self, w, b):
        super().__init__(w * 2.0, b=b)
        self.extra = self.b * w[0]


class Model:
    def __init__(self, w, scale):
        self.layer = Layer(w)
        self.scale = scale
        self.count = 0
        if scale is None:
            raise ValueError("no scale")
        self.total = 0.0
        for v in w:
            self.total += v * v

    def loss(self, x):
        self.count += 1
        return self.scale * np.sum(self.layer(x)) + self.layer.size + self.total


@dataclass
class Point:
    x: float
    y: float = 2.0

    def norm(self):
        return np.sqrt(self.x**2 + self.y**2)


@dataclasses.dataclass(eq=False)
class Scaled(Point):
    by: float = 3.0

    def norm(self):
        return self.by * super().norm()


@dataclass
class Checked:
    w: float

    def __post_init__(self):
        self.w = self.w * 2.0
        self.square = self.w**2


class Pair(NamedTuple):
    a: float
    b: float = 1.5

    def product(self):
        return self.a * self.b


class Counter:
    step = 1.5

    def add(self, x):
        self.last = x * self.step


class Buffer:
    def __init__(self, n, w):
        self.data = np.zeros(n)
        self.w = w

    def fill(self, x):
        self.data[:] = self.w * x
        self.data[0] += x[1]
        return np.sum(self.data**2)


def distance(p, q):
    return np.sqrt((p.x - q.x) ** 2 + (p.y - q.y) ** 2)

"""

PROGRAMS = {
    "methods": """
def f(x):
    # A comment above.
    model = Model(x * 0.5, 2.0)
    a = model.loss(x)
    b = model.loss(2.0 * x)
    return a * b * model.count
""",
    "inherited": """
def f(x):
    layer = Steep(x, x[1])
    return np.sum(layer(x)) * layer.extra + layer.size
""",
    "constants_of_the_class": """
def f(x):
    layer = Layer(x, b=x[0])
    layer.rate = layer.rate * x[1]
    return np.sum(layer(x)) + layer.rate
""",
    "dataclasses": """
def f(x):
    p = Point(x[0], y=x[1] * x[0])
    q = Scaled(by=x[2], x=x[0])
    q2 = Checked(x[1])
    p.y = p.norm() * p.y
    return p.norm() * q.norm() + q2.square
""",
    "named_tuple": """
def f(x):
    p = Pair(x[0] * x[1])
    return p.product() + p.b * x[2]
""",
    "without_init": """
def f(x):
    c = Counter()
    c.add(x)
    return np.sum(c.last * x)
""",
    "passed_to_functions": """
def f(x):
    p = Point(x[0], x[1])
    q = Point(x[2])
    return distance(p, q) * distance(q=p, p=q)
""",
    "in_a_loop": """
def f(x):
    total = 0.0
    for i in range(len(x)):
        p = Point(x[i], float(i) + total)
        if x[i] > 0.0:
            total = total + p.norm()
    return total
""",
    "in_branches": """
def f(x):
    if x[0] > 0.0:
        p = Point(x[0], x[1])
        y = p.norm()
    else:
        q = Pair(x[0], x[1])
        y = q.product()
    return y * x[2]
""",
    "another_name": """
def f(x):
    model = Model(x, x[2])
    layer = model.layer
    layer.b = x[1]
    m = model
    return m.loss(x) + layer.b
""",
    "arrays_in_it": """
def f(x):
    buffer = Buffer(3, x[0])
    a = buffer.fill(x)
    return a * np.sum(buffer.data * x)
""",
    "in_a_callee": """
def area(a, b):
    p = Point(a, b)
    return p.norm() * p.x

def f(x):
    return area(x[0], x[1]) + area(b=x[1] * x[2], a=2.0)
""",
    "in_a_closure": """
def f(x):
    layer = Layer(x[1], x[0])
    return sum(map(lambda v: layer.w * v * v, x)) + layer(x[2])
""",
    "assigned_on_all_paths": """
class Either:
    def __init__(self, w, flag):
        if flag > 0.0:
            self.w = w
        else:
            self.w = -w
        self.n = 2

def f(x):
    e = Either(x, x[0])
    return np.sum(e.w**2) * e.n * x[0]
""",
}
X = np.array([0.7, -0.4, 1.3])


@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str) -> None:
    f = adtrans.from_source(CLASSES + PROGRAMS[name], "f")
    adtrans.check_grads(f, (X,), order=2)
    adtrans.check_grads(f, (-X,), order=1)


REFUSED = {
    "returned": ("p = Layer(x)\nreturn p", "return p"),
    "in_a_list": ("p = Point(x[0])\nps = [p]\nreturn ps[0].x", "ps = [p]"),
    "shown": ("p = Point(x[0])\nprint(p)\nreturn p.x", "print(p)"),
    "in_a_comprehension": ("return sum([Point(v).x for v in x])", "return sum([Point(v).x for v in x])"),
    "bound_twice_and_changed": (
        "p = Layer(x)\np.b = x[0]\np = Layer(x * x)\nreturn p.b * x[0]",
        "p = Layer(x)",
    ),
    "metaclass": ("m = Meta(x[0])\nreturn m.w", "m = Meta(x[0])"),
    "of_a_library": ("m = Error(x[0])\nreturn m.w", "m = Error(x[0])"),
    "default_that_is_made": ("m = Listed(x[0])\nreturn m.w", "m = Listed(x[0])"),
    "not_assigned_on_all_paths": ("m = Maybe(x[0])\nreturn m.w", "def __init__(self, w):"),
    "another_name_in_a_loop": (
        "total = 0.0\nfor v in x:\n    p = Point(v)\n    q = p\n    total = total + q.x\nreturn total",
        "q = p",
    ),
    "attribute_that_nobody_assigns": ("c = Counter()\nreturn c.last * x[0]", "return c.last * x[0]"),
    "class_attribute_that_changes": ("c = Changing()\nreturn c.rate * x[0]", "return c.rate * x[0]"),
    "made_again": ("p = Layer(x)\np.__init__(x, 1.0)\nreturn p.b * x[0]", "p.__init__(x, 1.0)"),
}
ODD = """
class Meta(metaclass=abc.ABCMeta):
    def __init__(self, w):
        self.w = w

class Error(ValueError):
    def __init__(self, w):
        self.w = w

@dataclass
class Listed:
    w: float
    rest: list = dataclasses.field(default_factory=lambda: [np.zeros(3)])

class Maybe:
    def __init__(self, w):
        if w > 0.0:
            self.w = w

class Changing:
    rate = 0.5

    @classmethod
    def faster(cls):
        cls.rate = 1.0

def f(x):
BODY
"""


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    body, line = REFUSED[name]
    text = CLASSES + ODD.replace("BODY", "\n".join(f"    {row}" for row in body.split("\n")))
    with pytest.raises(Refused) as error:
        for mode in ("reverse", "forward"):
            pipeline.generate(parse.program(text, "m.py", "f"), pipeline.Request(mode=mode))  # type: ignore[arg-type]
    rows = text.split("\n")
    assert line in {rows[d.span.line - 1].strip() for d in error.value.diagnostics if d.span}


def test_an_object_that_belongs_to_the_caller() -> None:
    """`__init__` itself may be asked for; the object that it makes would be the caller's."""
    with pytest.raises(Refused, match="AD223"):
        parse.program(CLASSES, "m.py", "Model.__init__")


def test_a_class_of_another_module(tmp_path: Path) -> None:
    """Its constants and defaults stand in another text."""
    (tmp_path / "shapes.py").write_text("\n" * 30 + CLASSES)
    text = (
        "from shapes import Layer, Point\n\n"
        "def f(x, w):\n    p = Point(x * w)\n    l = Layer(w)\n    return p.norm() * l(x) + l.rate\n"
    )
    program = parse.program(text, str(tmp_path / "main.py"), "f")
    space: dict[str, Any] = {}
    exec(pipeline.generate(program, pipeline.Request()).text, space)

    def f(x: float, w: float) -> float:
        return float(np.sqrt((x * w) ** 2 + 4.0) * np.tanh(w * x + 0.5) * 0.5 + 0.5)

    value, (x_bar, w_bar) = space["f_vjp"](0.7, 1.2)
    h = 1e-6
    np.testing.assert_allclose(value, f(0.7, 1.2))
    np.testing.assert_allclose(x_bar, (f(0.7 + h, 1.2) - f(0.7 - h, 1.2)) / (2 * h), rtol=1e-7)
    np.testing.assert_allclose(w_bar, (f(0.7, 1.2 + h) - f(0.7, 1.2 - h)) / (2 * h), rtol=1e-7)
