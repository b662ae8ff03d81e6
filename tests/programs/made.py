"""The family `made`: objects that functions make, of classes and dataclasses, nested, and named tuples."""

from __future__ import annotations

import random

from tests.programs import named
from tests.programs.expressions import expr
from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import CAP, E, Gen, Shape, Table
from tests.programs.statements import Mixed, bind

STATEMENTS: Table = Table()

HELPERS = """\
@dataclass
class Point:
    a: float
    b: float = 1.5

    def norm(self):
        return np.sqrt(self.a**2 + self.b**2 + 0.5)


class Base:
    decay = 0.5
    label = "base"

    def __init__(self, w, bias=0.3):
        self.w = np.tanh(w)
        self.bias = bias
        self.state = 0.0
        self.count = 0

    def step(self, v):
        self.count += 1
        self.state = np.tanh(self.w * v + self.bias + self.decay * self.state)
        return self.state

    @property
    def level(self):
        return 0.1 * np.sum(self.w) + np.tanh(self.bias)


class Cell(Base):
    def __init__(self, w, bias):
        super().__init__(0.5 * w, bias=bias)
        self.part = Point(bias, 0.5)
        if np.sum(w) > 0.0:
            self.side = w
        else:
            self.side = -0.5 * w

    def mixed(self, v):
        y = self.step(v)
        return y * self.part.norm() + 0.1 * self.side


class Buffer:
    def __init__(self, v):
        self.data = np.zeros(np.shape(v))
        self.kept = v

    def fill(self, v):
        self.data[...] = 0.5 * np.tanh(v) + 0.3 * self.data
        return 0.1 * np.sum(self.data * self.kept)


def ratio(p, q):
    return p.norm() * q.a / q.norm()
"""


Made = tuple[str, str, Shape]
"""The name of an object, its class, and the shape of what it holds."""


class Known(Mixed):
    """The statements of this family among all others, and the objects that are there to be used."""

    def __init__(self) -> None:
        super().__init__(STATEMENTS, 0.5)
        self.known: list[Made] = []
        self.count = 0


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (5, 4)]), simple=Known())
    constants = [
        "from collections import namedtuple",
        "from dataclasses import dataclass",
        "from typing import NamedTuple",
        "",
        *module_constants(g),
    ]
    if g.chance(0.3):
        define(g, "g")
    g.simple.known.clear()  # Those of `g` are its own.
    g.lines += [*HELPERS.splitlines(), "", "", *named.HELPERS.splitlines(), "", ""]
    g.reserved |= {"Point", "Base", "Cell", "Buffer", "ratio", *named.NAMES}
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


def small(g: Gen, shape: Shape, depth: int = 1) -> E:
    """An expression of a size of at most 2."""
    return expr(g, shape, depth, 2.0)


def assigned(g: Gen, shape: Shape, text: str, mag: float) -> bool:
    """`name = text`, a new value."""
    same = [v for v in g.floats(shape) if not v.fixed]
    name = g.recent(same).name if same and g.chance(0.4) else g.fresh()
    g.emit(f"{name} = {text}")
    bind(g, name, E(text, shape, min(mag, CAP)))
    return True


def construct(g: Gen) -> Made:
    """A new object under a name that nothing else has."""
    cls, shape = g.rng.choice(["Point", "Base", "Cell", "Buffer"]), g.some_shape()
    if cls == "Buffer" and not shape:
        shape = (g.dims[0],)
    g.simple.count += 1
    name, a, b = f"o{g.simple.count}", small(g, shape, 2).text, small(g, ()).text
    x = small(g, ()).text
    given = {
        "Point": g.rng.choice([x, f"{x}, {b}", f"b={b}, a={x}"]),
        "Base": g.rng.choice([a, f"{a}, {b}", f"bias={b}, w={a}"]),
        "Cell": g.rng.choice([f"{a}, {b}", f"{a}, bias={b}"]),
        "Buffer": a,
    }
    g.use("object")
    g.emit(f"{name} = {cls}({given[cls]})")
    return name, cls, shape


def used(g: Gen, made: Made) -> bool:
    """Something is computed with an object."""
    name, cls, shape = made
    v, s = small(g, shape).text, small(g, ()).text
    forms: dict[str, list[tuple[str, Shape]]] = {
        "Point": [(f"{name}.norm()", ()), (f"{name}.a * ({s})", ()), (f"{name}.norm() * {name}.b", ())],
        "Base": [(f"{name}.step({v})", shape), (f"{name}.w * {name}.bias", shape), (f"{name}.level", ())],
        "Cell": [(f"{name}.mixed({v})", shape), (f"{name}.part.norm()", ()), (f"{name}.side", shape)],
        "Buffer": [(f"{name}.fill({v})", ()), (f"0.5 * {name}.data", shape), (f"np.sum({name}.kept)", ())],
    }
    rows = forms[cls] + (forms["Base"] if cls == "Cell" else [])
    text, of = g.rng.choice(rows)
    return assigned(g, of, text, 8.0)


@STATEMENTS.add(5)
def make(g: Gen) -> bool:
    """An object for all that follows."""
    if g.depth or g.loops or g.elementwise:
        return False
    g.simple.known.append(construct(g))
    return True


@STATEMENTS.add(4)
def make_and_use(g: Gen) -> bool:
    """An object for here and now: in a loop it is another one each time."""
    if g.elementwise:
        return False
    made = construct(g)
    if g.chance(0.5):
        store(g, made)
    return used(g, made)


@STATEMENTS.add(5)
def named_tuple(g: Gen) -> bool:
    """A named tuple, and what is computed with it."""
    if g.elementwise:
        return False
    g.simple.count += 1
    shape = g.some_shape()
    same = [v for v in g.floats(shape) if not v.fixed]
    name = g.recent(same).name if same and g.chance(0.4) else g.fresh()
    return named.statement(g, f"t{g.simple.count}", name, shape)


@STATEMENTS.add(7)
def use(g: Gen) -> bool:
    return bool(g.simple.known) and not g.elementwise and used(g, g.rng.choice(g.simple.known))


@STATEMENTS.add(4)
def change(g: Gen) -> bool:
    return bool(g.simple.known) and not g.elementwise and store(g, g.rng.choice(g.simple.known))


def store(g: Gen, made: Made) -> bool:
    """An attribute is assigned, or written into."""
    name, cls, shape = made
    s, v = small(g, ()).text, small(g, shape).text
    rows = {
        "Point": [f"{name}.a = {s}", f"{name}.b += {s}", f"{name}.a, {name}.b = {name}.b, {name}.a"],
        "Base": [f"{name}.bias = {s}", f"{name}.w = np.tanh({v})", f"{name}.decay = 0.1 * ({s})"],
        "Cell": [f"{name}.part.b = {s}", f"{name}.side = {v}", f"{name}.bias *= 0.5"],
        "Buffer": [f"{name}.data[0] = {s}", f"{name}.data[:] *= 0.5", f"{name}.kept = {v}"],
    }
    g.use("attribute")
    g.emit(g.rng.choice(rows[cls]))
    return True


@STATEMENTS.add(2)
def passed(g: Gen) -> bool:
    """Two objects, or one twice, as arguments of a function."""
    points = [name for name, cls, _ in g.simple.known if cls == "Point"]
    if not points or g.elementwise:
        return False
    p, q = g.rng.choice(points), g.rng.choice(points)
    return assigned(g, (), g.rng.choice([f"ratio({p}, {q})", f"ratio(q={p}, p={q})"]), 8.0)
