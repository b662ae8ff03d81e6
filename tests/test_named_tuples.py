"""Named tuples that programs make, in both spellings, and dataclasses as results: against differences."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.errors import Refused
from tests.programs.oracle import judge

HEAD = """
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

P = namedtuple("P", "x y")
Q = namedtuple("Q", ["a", "b"], defaults=[2.0])
T = NamedTuple("T", [("u", float), ("v", float)])
G = namedtuple("G", "T size real")
START = P(0.5, 2.0)


class S(NamedTuple):
    x: float
    v: float = 0.5

    scale = 0.25

    def energy(self):
        return self.x**2 + self.scale * self.v**2

    def sum(self):
        return self.x**3

    @property
    def mean(self):
        return 0.5 * (self.x + self.v)

    @classmethod
    def at_rest(cls, x):
        return cls(x, 1.0)


class B(namedtuple("B", "p q")):
    def norm(self):
        return np.sqrt(self.p**2 + self.q**2)


@dataclass
class Body:
    at: P
    mass: float


def make(x):
    return P(x, x * x)


def step(s: S, dt):
    return s._replace(x=s.x + dt * s.v, v=s.v - dt * s.energy())


def slope(t):
    return T(t.v, -np.sin(t.u))


def inner(p):
    return p.x * np.sin(p.y)


def product(a, b):
    return a * b


def bump(a):
    a[0] = a[0] * 2.0
    return a[0]


"""

TEXTS = """
# an index and an attribute
p = P(x * 2.0, y)
return p.x * p.y + p[0] - p[-1]
# unpacked
a, b = P(x * y, y)
return a * b**2
# defaults
q, r = Q(x * y), Q(b=y, a=x)
return q.a * q.b * r.a * r.b**2
# in a loop
s = 0.0
for v in P(x, x * y):
    s = s + v**2
return s * len(P(x, y)) + sum(P(x, y))
# as a tuple
t = P(x, y) + (x * y,)
return t[2] * t[0] + t[1] * np.array(P(x, y))[0]
# a dict
d = P(x, y)._asdict()
return d['x'] * d['y'] ** 2
# passed on
s = step(S(x, y), y)
return s.x * product(*s) * inner(make(y)) * inner(P(x, y))
# in a list
ps = [P(x * i, y) for i in range(3)]
ps.append(make(y))
return sum(p.x * p.y for p in ps) * ps[1].x + sum(map(inner, ps))
# in a dict
d = {'a': P(x, y), 'b': make(y)}
return d['a'].x * d['b'].y + d['a'].y
# in a tuple
s = S(P(x, y), make(y))
p, z = (s.v, x)
return s.x.x * s.v.y + s.x.y * p.x * z
# a state
s = S(x, y)
for _ in range(3):
    s = step(s, 0.1)
return s.energy() + s.mean * s.scale
# by parts
t = T(x, y)
for _ in range(2):
    k = slope(T(*(a + 0.1 * b for a, b in zip(t, slope(t)))))
    t = T._make([t.u + 0.2 * k.u, t.v + 0.2 * k.v])
return t.u * t.v
# a choice
p = P(x, y) if x > y else make(y)
r = p if p > P(y, x) else START
return r.x * p.y + START.y * x
# text
s = 0.0
for p in [P(x, y), make(y)]:
    assert p.x > -9.0, f'{p} {p.x}'
    if isinstance(p, P):
        s += p.x * p.y**2
return s
# inherited
b = B(x, y)
s = S.at_rest(x)
return b.norm() * b.p * s.v * s.sum()
# in an object
b = Body(P(x, y), y)
b.at = b.at._replace(y=x * b.mass)
return b.at.x * b.at.y * b.mass
# names of arrays
s = 0.0
for g in [G(x, y, 2.0), G(y, x, y)]:
    s += g.T * g.size * g.real
return s
# arrays
a = np.array([x, y])
p = P(a, y)
a[0] = 3.0 * y
return np.sum(p.x**2) * p.y
# rounds
best = P(x, y)
for i in range(5):
    c = P(x * i, y - i)
    if c.x * c.y > best.x * best.y:
        best = c
    if c.y < -2.0:
        break
return best.x * best.y**2
"""

PROGRAMS = dict(part.split("\n", 1) for part in TEXTS.split("# ")[1:])
TWICE = {"an index and an attribute", "a state", "by parts", "a choice"}


def program(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"{HEAD}def f(x: float, y: float):\n{lines}\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_derivative_is_that_of_differences(name: str) -> None:
    outcome = judge(program(PROGRAMS[name]), [0.7, 1.3], order=2 if name in TWICE else 1)
    assert outcome.verdict == "right", outcome.detail


def emitted(body: str) -> str:
    return pipeline.generate(parse.program(program(body), "m.py", "f"), pipeline.Request()).text


def test_parts_of_local_tuples_are_variables_with_their_names() -> None:
    text = emitted(PROGRAMS["an index and an attribute"])
    assert "p_x = x * 2.0" in text
    assert "namedtuple" not in text


def test_the_module_has_the_class_where_it_is_needed() -> None:
    text = emitted(PROGRAMS["in a list"])
    assert 'P = namedtuple("P", ["x", "y"])' in text
    assert "ps.append(P(x * i, y))" in text
    assert "Q = " not in text


class Pair(NamedTuple):
    a: float
    b: Any


class Sum(NamedTuple):
    """Its operator is its own: an object, and no tuple."""

    a: float
    b: float

    def __add__(self, other: Any) -> Sum:  # type: ignore[override]
        return Sum(self.a + other.a, self.b + other.b)


def as_result(x: float, y: float) -> Pair:
    return Pair(x * y, np.array([x, y * y]))


def nested(x: float, y: float) -> list[Pair]:
    return [Pair(x * y, y), Pair(x, Pair(y, x * x))]


def turned(p: Pair) -> Pair:
    for _ in range(2):
        p = Pair(p.b, p.a * p.b)
    return p


def doubled(p: Any) -> Any:
    q = p + p
    return q.a * q.b


def test_results_are_of_the_class_of_the_caller() -> None:
    value, pullback = adtrans.vjp(as_result, 0.5, 2.0)
    assert type(value) is Pair
    np.testing.assert_allclose(value.b, [0.5, 4.0])
    np.testing.assert_allclose(pullback(Pair(1.0, np.array([0.0, 1.0]))), (2.0, 4.5))
    value, dot = adtrans.jvp(as_result, (0.5, 2.0), (1.0, 0.0))
    assert (type(value), type(dot), dot.a) == (Pair, Pair, 2.0)
    for jacobian in (adtrans.jacfwd, adtrans.jacrev):
        found: Any = jacobian(as_result)(0.5, 2.0)
        assert type(found) is Pair
        np.testing.assert_allclose(found.b, [1.0, 0.0])
        first, second = jacobian(nested)(0.5, 2.0)
        assert (type(first), first.a, second.b.b) == (Pair, 2.0, 1.0)


def test_arguments_may_be_the_first_state_of_a_loop() -> None:
    last, pullback = adtrans.vjp(turned, Pair(0.7, 1.3))  # (ab, ab^2)
    np.testing.assert_allclose(last, (0.7 * 1.3, 0.7 * 1.3**2))
    (bar,) = pullback(Pair(0.0, 1.0))
    assert type(bar) is Pair
    np.testing.assert_allclose(bar, (1.3**2, 2.0 * 0.7 * 1.3))


def test_an_operator_of_the_class_is_none_of_tuples() -> None:
    with pytest.raises(Refused):
        adtrans.grad(doubled)(Sum(0.7, 1.3))


@dataclass(frozen=True)
class State:
    x: float
    v: Any = 1.0


@dataclass
class Cell:
    x: float
    kept: float = field(default=2.0, init=False)


def as_dataclass(x: float, y: float) -> State:
    state = State(x * y, np.array([x, y * y]))
    return replace(state, x=state.x * y)


def renewed(x: float, y: float) -> float:
    first = State(x, y)
    second = replace(first, v=first.x * first.v)
    return first.v * second.x * second.v


def kept_as_it_was(x: float) -> float:
    cell = Cell(x)
    cell.kept = x * x
    return replace(cell, x=3.0).kept * x


def repeated(x: float, n: int = 2) -> State:
    if n == 0:
        return State(x, x)
    state = repeated(0.5 * x, n - 1)
    return State(state.x * state.v, state.v)


def test_a_dataclass_as_a_result() -> None:
    value, pullback = adtrans.vjp(as_dataclass, 0.5, 2.0)
    assert (type(value), value.x) == (State, 2.0)
    np.testing.assert_allclose(pullback(State(1.0, np.array([0.0, 1.0]))), (4.0, 2.0 + 4.0))
    _, dot = adtrans.jvp(as_dataclass, (0.5, 2.0), (1.0, 0.0))
    assert (type(dot), dot.x) == (State, 4.0)
    for jacobian in (adtrans.jacfwd, adtrans.jacrev):
        found: Any = jacobian(as_dataclass)(0.5, 2.0)
        np.testing.assert_allclose(found.v, [1.0, 0.0])


def test_another_object_with_other_fields() -> None:
    adtrans.check_grads(renewed, (0.7, 1.3))
    with pytest.raises(Refused):
        adtrans.grad(kept_as_it_was)(0.7)


def test_what_calls_itself_gives_its_attributes_one_by_one() -> None:
    found: Any = adtrans.jacfwd(repeated)(0.7)
    np.testing.assert_allclose((found.x, found.v), (3.0 * 0.7**2 / 64.0, 0.25))
    with pytest.raises(Refused, match="as a whole"):
        pipeline.generate(parse.program(REPEATED, "m.py", "f"), pipeline.Request())


REFUSED = {
    "a method that only its class knows": (
        "for s in [S(x, y), S(y, x)]:\n    x = x + s.sum()\nreturn x",
        "AD202",
    ),
    "a method in text": ("s = S(x, y)\nassert s.energy() > 0.0\nreturn s.x", "AD202"),
    "parts in another order": (
        "a = np.array([x, y])\np = P(y=bump(a), x=bump(a))\nreturn p.x * p.y",
        "AD223",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    body, code = REFUSED[name]
    with pytest.raises(Refused) as error:
        emitted(body)
    assert code in {d.code for d in error.value.diagnostics}


REPEATED = """
from dataclasses import dataclass


@dataclass
class State:
    x: float


def f(x: float, n: int):
    if n == 0:
        return State(x)
    state = f(0.5 * x, n - 1)
    return State(state.x * x)
"""

TWO_CLASSES = """

class N(S):
    def energy(self):
        return self.x


def energy(s: S):
    return s.energy()
"""


def test_an_object_that_may_be_one_of_two_classes() -> None:
    source = program("for s in [N(x, y), S(x, y)]:\n    x = x + energy(s)\nreturn x") + TWO_CLASSES
    with pytest.raises(Refused, match="AD223"):
        pipeline.generate(parse.program(source, "m.py", "f"), pipeline.Request())
