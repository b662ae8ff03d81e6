"""The family `passing`: objects made in expressions, returned by functions and operators, and bound anew."""

from __future__ import annotations

import random

from tests.programs.expressions import expr
from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import CAP, E, Gen, Shape, Table
from tests.programs.statements import Mixed, bind

STATEMENTS: Table = Table()

HELPERS = """\
class Mode(Enum):
    PLAIN = 1
    BENT = 2


class Vec:
    SCALE = 0.5
    WEIGHTS = np.array([0.5, -0.25])

    def __init__(self, a, b=0.3):
        self.a = np.tanh(a)
        self.b = b

    def __add__(self, other):
        return Vec(self.a + other.a, 0.5 * self.b + other.b)

    def __sub__(self, other):
        return self.__class__(self.a - other.a, self.b)

    def __mul__(self, s):
        return Vec(self.a * np.tanh(s), self.b)

    def __rmul__(self, s):
        return self * s

    def __neg__(self):
        return Vec(-self.a, np.tanh(self.b))

    def bent(self, mode, s=0.7):
        if mode is Mode.PLAIN:
            return self
        return type(self)(s * self.a, self.SCALE)

    @property
    def turned(self):
        return Vec(self.b, np.sum(self.a))

    def size(self, mode=Mode.BENT):
        if mode is not Mode.PLAIN:
            return 0.1 * np.sum(self.a * self.a) + self.WEIGHTS[0] * self.b
        return np.tanh(self.b) * Vec.SCALE


class Pair:
    def __init__(self, first, second):
        self.first = first
        self.second = second
        self.weight = Vec.WEIGHTS[1]

    def swapped(self, s):
        return Pair(self.second * s, self.first)

    @property
    def total(self):
        return self.first + self.second * self.weight


def make(a, s):
    if s > 0.2:
        return Vec(a, s)
    out = Vec(0.5 * a)
    out = out + Vec(a, s)
    return out


def moved(v, s, n=2):
    if n == 0:
        return v * s
    return moved(v + Vec(s, v.b), 0.5 * s, n - 1)
"""


class Known(Mixed):
    """The statements of this family among all others, and the objects that are there to be used."""

    def __init__(self) -> None:
        super().__init__(STATEMENTS, 0.5)
        self.known: dict[str, str] = {}
        self.count = 0


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2)]), simple=Known())
    constants = ["from enum import Enum", "", *module_constants(g)]
    if g.chance(0.3):
        define(g, "g")
    g.simple.known.clear()  # Those of `g` are its own.
    g.lines += [*HELPERS.splitlines(), "", ""]
    g.reserved |= {"Vec", "Pair", "Mode", "make", "moved"}
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


def number(g: Gen) -> str:
    return expr(g, (), 1, 2.0).text


def names(g: Gen, cls: str) -> list[str]:
    return [name for name, of in g.simple.known.items() if of == cls]


def vector(g: Gen, depth: int) -> str:
    """An expression that makes a `Vec`, of numbers: the shapes of two always agree."""
    if depth == 0 or g.chance(0.2):
        known = names(g, "Vec")
        return g.rng.choice(known) if known and g.chance(0.6) else f"Vec({number(g)}, {number(g)})"
    inner, pairs = vector(g, depth - 1), names(g, "Pair")
    forms = [
        f"({inner} + {vector(g, depth - 1)})",
        f"({inner} - {vector(g, depth - 1)})",
        f"({inner} * ({number(g)}))",
        f"(({number(g)}) * {inner})",
        f"(-{inner})",
        f"make({number(g)}, {number(g)})",
        f"moved({inner}, {number(g)})",
        f"{inner}.bent(Mode.{g.rng.choice(['PLAIN', 'BENT'])})",
        f"{inner}.bent(Mode.BENT, s={number(g)})",
        f"{inner}.turned",
        *(f"{p}.{part}" for p in pairs for part in ("first", "total")),
        f"Pair({inner}, {vector(g, depth - 1)}).swapped({number(g)}).total",
    ]
    return g.rng.choice(forms)


def scalar(g: Gen) -> str:
    """A number from objects."""
    inner = vector(g, g.rng.choice([0, 1, 1, 2]))
    return g.rng.choice(
        [f"{inner}.size()", f"{inner}.size(Mode.PLAIN)", f"{inner}.a * {inner}.b", f"np.tanh({inner}.b)"]
    )


def assigned(g: Gen, text: str, shape: Shape = ()) -> bool:
    """`name = text`, a new value."""
    same = [v for v in g.floats(shape) if not v.fixed]
    name = g.recent(same).name if same and g.chance(0.4) else g.fresh()
    g.emit(f"{name} = np.tanh({text})")
    bind(g, name, E(text, shape, min(2.0, CAP)))
    return True


@STATEMENTS.add(5)
def make(g: Gen) -> bool:
    """A variable for all that follows."""
    if g.depth or g.loops or g.elementwise:
        return False
    g.simple.count += 1
    name = f"o{g.simple.count}"
    g.use("object")
    if names(g, "Vec") and g.chance(0.3):
        g.emit(f"{name} = Pair({vector(g, 1)}, {vector(g, 1)})")
        g.simple.known[name] = "Pair"
    else:
        g.emit(f"{name} = {vector(g, g.rng.choice([1, 2]))}")
        g.simple.known[name] = "Vec"
    return True


@STATEMENTS.add(5)
def again(g: Gen) -> bool:
    """A variable is bound anew, in a loop or a branch too."""
    known = names(g, "Vec")
    if not known or g.elementwise:
        return False
    name = g.rng.choice(known)
    g.emit(g.rng.choice([f"{name} = {vector(g, 1)}", f"{name} += {vector(g, 1)}", f"{name} *= {number(g)}"]))
    return True


@STATEMENTS.add(2)
def pair_again(g: Gen) -> bool:
    known = names(g, "Pair")
    if not known or g.elementwise:
        return False
    name = g.rng.choice(known)
    g.emit(f"{name} = {name}.swapped({number(g)})")
    return True


@STATEMENTS.add(7)
def use(g: Gen) -> bool:
    return not g.elementwise and assigned(g, scalar(g))


@STATEMENTS.add(2)
def test(g: Gen) -> bool:
    """An object in the head of a branch, and what is known of it in a comparison."""
    if g.elementwise or g.depth > 1:
        return False
    same = [v for v in g.floats(()) if not v.fixed]
    if not same:
        return False
    name = g.recent(same).name
    g.emit(f"if {vector(g, 1)}.a > {g.rng.choice(['0.31', '-0.17'])}:")
    g.emit(f"    {name} = np.tanh({name} + {scalar(g)})")
    return True
