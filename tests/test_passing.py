"""Objects made in expressions, returned, and bound anew; always against differences."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from tests.programs.oracle import judge

VECTOR = """
import numpy as np
class V:
    def __init__(self, a, b):
        self.a = a; self.b = b
    def __add__(self, o): return V(self.a + o.a, self.b + o.b)
    def __mul__(self, s): return V(self.a * s, self.b * s)
    def __rmul__(self, s): return self * s
    def dot(self, o): return self.a * o.a + self.b * o.b
    def scaled(self, s): return V(self.a * s, self.b)
def make(x, y):
    return V(x * y, y)
class M:
    def __init__(self, v):
        self.v = v
    def bump(self):
        self.v = self.v * 2.0
        return M(self.v)
    def same(self):
        return self
"""

PROGRAMS = {
    "a_method_that_changes_its_object_and_returns_another": VECTOR
    + """
def f(x, y):
    m = M(x)
    n = m.bump()
    return m.v * n.v * y
""",
    "on_two_paths": VECTOR
    + """
def f(x, y):
    if x > y:
        p = V(x, y)
    else:
        p = make(y, x)
    return p.dot(p)
""",
    "returned_on_two_paths": VECTOR
    + """
def pick(x, y):
    if x > y:
        return V(x, y)
    return make(x, y) * 2.0
def f(x, y):
    return pick(x, y).dot(pick(y, x))
""",
    "captured": VECTOR
    + """
def f(x, y):
    p = make(x, y)
    def g(t):
        return p.a * t
    return g(y) * g(x)
""",
    "recursion": VECTOR
    + """
def rec(x, n):
    if n == 0:
        return V(x, x)
    p = rec(x * 0.5, n - 1)
    return V(p.a + x, p.b * x)
def f(x, y):
    return rec(x, 3).dot(rec(y, 2))
""",
    "arguments": VECTOR
    + """
def norm(p): return p.a ** 2 + p.b
def f(x, y):
    return norm(make(x, y)) * norm(V(y, x) + V(x, x))
""",
    "arrays_in_them": VECTOR
    + """
def f(x, y):
    p = V(x * 1.0, y)
    q = p.scaled(1.0)
    r = V(p.a, q.b)
    r.a[0] = 3.0
    return np.sum(p.a * r.b) + np.sum(r.a)
""",
    "an_attribute_assigned_later": """
class A:
    rate = 2.0
    def __init__(self, x):
        self.x = x
    def set(self):
        self.rate = self.x
def g(x):
    a = A(x)
    a.set()
    return a
def f(x, y):
    a = g(x)
    return a.rate * y
""",
    "of_its_own_class": """
class A:
    k = 2.0
    def __init__(self, x):
        self.x = x
    def twice(self):
        return self.__class__(self.x * self.k)
class B(A):
    k = 3.0
    def twice(self):
        return super().twice()
def f(x, y):
    return A(x).twice().x * B(y).twice().twice().x
""",
    "alias_then_rebind": VECTOR
    + """
def f(x, y):
    p = V(x, y)
    q = p
    p = p + p
    return p.a * q.a + q.b * p.b
""",
    "augmented": VECTOR
    + """
def f(x, y):
    t = V(0.0, 0.0)
    for i in range(3):
        t += V(x, y * i)
    return t.dot(t)
""",
    "while_loop": VECTOR
    + """
def f(x, y):
    p = V(x, y)
    while p.a < 5.0:
        p = p + V(x, y) * 1.5
        if p.b > 20.0:
            break
    return p.dot(p)
""",
    "chained": """
class Location:
    def __init__(self, x, y):
        self.x = x
        self.y = y
    def shifted(self, dx):
        return Location(self.x + dx, self.y)
    def __add__(self, o):
        return Location(self.x + o.x, self.y + o.y)
    def norm2(self):
        return self.x**2 + self.y**2

def f(x, y):
    return Location(x, y).shifted(y).norm2()
""",
    "composed": """
class Dense:
    def __init__(self, w):
        self.w = w
    def forward(self, x):
        return self.w * x
class Model:
    def __init__(self, w):
        self.a = Dense(w)
        self.b = Dense(w * w)
    def forward(self, x):
        return self.b.forward(self.a.forward(x))
def f(x, w):
    return Model(w).forward(x)
""",
    "operators": """
class V:
    def __init__(self, a, b):
        self.a = a
        self.b = b
    def __add__(self, o):
        return V(self.a + o.a, self.b + o.b)
    def __sub__(self, o): return V(self.a - o.a, self.b - o.b)
    def __mul__(self, s):
        return V(self.a * s, self.b * s)
    def __rmul__(self, s):
        return self * s
    def __neg__(self): return V(-self.a, -self.b)
    def dot(self, o):
        return self.a * o.a + self.b * o.b
def f(x, y):
    p = V(x, y)
    v = V(y, 1.0)
    for i in range(3):
        a = -p - 0.1 * v
        v = v + a * 0.1
        p = p + v * 0.1
    return p.dot(v)
""",
    "objects_in_objects": """
class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y
    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)
    def __mul__(self, s):
        return Vec(self.x * s, self.y * s)
    def dot(self, o):
        return self.x * o.x + self.y * o.y
class Body:
    def __init__(self, pos, vel, m):
        self.pos = pos
        self.vel = vel
        self.m = m
    def step(self, dt):
        return Body(self.pos + self.vel * dt, self.vel * 0.9, self.m)
    @property
    def momentum(self):
        return self.vel * self.m
    def energy(self):
        return 0.5 * self.m * self.vel.dot(self.vel) + self.pos.dot(self.momentum)
def f(x, y):
    b = Body(Vec(x, y), Vec(y, 1.0), x * y)
    for i in range(3):
        b = b.step(0.1)
    return b.energy()
""",
    "dataclasses": """
from dataclasses import dataclass
@dataclass(frozen=True)
class Vec:
    x: float
    y: float
    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)
@dataclass
class Ray:
    origin: Vec
    direction: Vec
    def at(self, t):
        return Vec(self.origin.x + t * self.direction.x, self.origin.y + t * self.direction.y)
def f(x, y):
    r = Ray(Vec(x, y), Vec(1.0, x))
    p = r.at(y) + Vec(y, y)
    return p.x * p.y
""",
    "by_keyword": """
class A:
    def __init__(self, w): self.w = w
    def go(self, x): return self.w * x
def run(m, x): return m.go(x) * m.w
def f(x, y):
    return run(A(y), x) + run(m=A(x), x=y)
""",
}

PROGRAMS |= {
    "a_constant_of_the_module": """
C = 0.4


class Vec:
    def __init__(self, a, b):
        self.a = a
        self.b = b


def f(x, y):
    return Vec(C, x * y).b * Vec(C, y).a * x
""",
}

GAS = """
class Gas:
    R = 8.314

    def __init__(self, n):
        self.n = n

    @staticmethod
    def square(t):
        return t * t

    @classmethod
    def pressure(cls, t):
        return cls.R * t * cls.square(t)

    @classmethod
    def of(cls, n):
        return cls(n * cls.R)

    def rate(self, t):
        return type(self).R * t

    def energy(self, t):
        return self.pressure(t) * self.n


class Cold(Gas):
    R = 2.0

    @classmethod
    def of(cls, n):
        return super().of(n)
"""

PROGRAMS |= {
    "class_methods": GAS
    + """
def f(x, y):
    gas, cold = Gas.pressure(x), Cold.pressure(y)
    made = Cold.of(x)
    return gas * cold * made.energy(y) * made.rate(x) * Gas.of(y).n
""",
}

REFUSED = {
    "class_as_a_value": """
class Gas:
    R = 2.0

    @classmethod
    def of(cls, t):
        assert cls.R > 0.0, cls
        return cls.R * t


def f(x, y):
    return Gas.of(x) * y
""",
    "class_method_of_an_annotated_object": GAS
    + """
def f(gas: Gas, x):
    return gas.pressure(x)
""",
    "in_the_middle_of_what_it_changes": VECTOR
    + """
def f(x, y):
    m = M(x)
    return m.v * m.bump().v * m.v
""",
    "itself": VECTOR
    + """
def f(x, y):
    m = M(x)
    n = m.same()
    k = m.bump()
    return m.v * n.v * k.v
""",
    "in_a_comprehension": VECTOR
    + """
def f(x, y):
    return sum([make(x, k).a for k in (1.0, y)])
""",
    "in_a_lambda": VECTOR
    + """
def f(x, y):
    g = lambda t: make(t, y).a
    return g(x) * g(y)
""",
    "on_a_condition": VECTOR
    + """
def f(x, y):
    if x > 0.0 and make(x, y).a > 0.0:
        return x * y
    return x
""",
    "in_the_head_of_a_while": VECTOR
    + """
def f(x, y):
    while make(x, y).a < 3.0:
        x = x + y
    return x * y
""",
    "by_a_function_as_a_value": VECTOR
    + """
def app(g, x, y):
    return g(x, y)
def f(x, y):
    p = app(make, x, y)
    return p.a
""",
    "in_text": VECTOR
    + """
def f(x, y):
    assert make(x, y).a > 0.0
    return x * y
""",
    "or_none": VECTOR
    + """
def pick(x, y):
    if x > y:
        return V(x, y)
    return None
def f(x, y):
    p = pick(y, x)
    return p.a
""",
    "by_a_nested_function": VECTOR
    + """
def f(x, y):
    def g(t):
        return V(t, y)
    return g(x).a
""",
    "beside_calls_that_change": VECTOR
    + """
def fill(u, x):
    u[0] = u[0] * x
    return u[0]
def f(x, y):
    u = np.ones(2)
    return fill(u, x) + make(u[0], y).a + fill(u, y)
""",
    "by_an_init_that_changes": VECTOR
    + """
class C:
    def __init__(self, u):
        u[0] = u[0] * 2.0
        self.s = u[0]
def f(x, y):
    u = np.ones(2) * x
    return u[0] * C(u).s * u[0]
""",
    "an_attribute_from_elsewhere": VECTOR
    + """
def g(x, y):
    p = V(x, y)
    p.c = x
    return p
def f(x, y):
    p = g(x, y)
    return p.c * p.a
""",
    "operators_of_two_classes": VECTOR
    + """
class W(V):
    def __radd__(self, o): return W(1.0, 1.0)
def f(x, y):
    p = V(x, y) + W(y, x)
    return p.a
""",
    "in_a_dict": VECTOR
    + """
def f(x, y):
    d = {"p": make(x, y), "q": V(y, x)}
    return d["p"].a * d["q"].b
""",
    "compared": VECTOR
    + """
def f(x, y):
    p = make(x, y)
    q = make(x, y)
    if p == q:
        return x
    return x * y
""",
    "of_the_module": VECTOR
    + """
O = V(1.0, 2.0)
def f(x, y):
    return (V(x, y) + O).a
""",
    "a_parameter_bound_anew": VECTOR
    + """
def g(p, s):
    p = p * s
    return p.a
def f(x, y):
    return g(V(x, y), x)
""",
    "setter": """
class T:
    def __init__(self, l):
        self.l = l
    @property
    def l(self): return self._v * 2.0
    @l.setter
    def l(self, v): self._v = v * v
def mk(x): return T(x)
def f(x, y):
    return mk(x).l * T(y).l
""",
}

SECOND = ("operators", "objects_in_objects", "recursion")


@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str) -> None:
    args = [np.array([0.7, 1.3]), np.array([0.2, 0.4])] if name == "arrays_in_them" else [0.7, 1.3]
    outcome = judge(PROGRAMS[name], args, order=2 if name in SECOND else 1, thorough=name in SECOND)
    assert outcome.verdict == "right", outcome


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(adtrans.Refused, match="AD2"):
        adtrans.grad(adtrans.from_source(REFUSED[name], "f"))(0.7, 1.3)
