"""What the generator knows of the program so far: kinds, expressions, variables, the lines written."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

Shape = tuple[int, ...]

CAP = 4.0
"""No variable is meant to be larger than this (a loop may exceed it a little)."""


@dataclass(frozen=True, slots=True)
class K:
    """The kind of a number: `f`, `i` or `b`, and its concrete shape."""

    base: str
    shape: Shape = ()


@dataclass(frozen=True, slots=True)
class ListK:
    """The kind of a list of floats or of float arrays, all of one shape."""

    shape: Shape


F, I, B = K("f"), K("i"), K("b")  # noqa: E741

TERNARY, OR, AND, NOT, COMPARE, BITOR, BITAND, ADD, MUL, UNARY, POW, ATOM = range(12)


@dataclass(frozen=True, slots=True)
class E:
    """An expression: its text, how tightly it binds, and a bound of its entries."""

    text: str
    shape: Shape = ()
    mag: float = 1.0
    prec: int = ATOM
    writable: bool = True  # False: NumPy forbids to write into the value (`np.broadcast_to`)
    view: bool = False  # shares memory with a variable

    def at(self, prec: int) -> str:
        """The text where an operator of this strength stands beside it."""
        return self.text if self.prec >= prec else f"({self.text})"


def call(fn: str, *args: str, shape: Shape = (), mag: float = 1.0) -> E:
    return E(f"{fn}({', '.join(args)})", shape, mag)


def binary(op: str, a: E, b: E, shape: Shape, mag: float) -> E:
    """`a op b` with just the parentheses that it needs."""
    if op == "**":
        return E(f"{a.at(ATOM)} ** {b.at(UNARY)}", shape, mag, POW)
    prec = ADD if op in "+-" else MUL
    return E(f"{a.at(prec)} {op} {b.at(prec + 1)}", shape, mag, prec)


@dataclass(slots=True)
class Var:
    """A variable in scope. Integers know their range; `exact` ones are never assigned again."""

    name: str
    kind: K | ListK
    mag: float = 1.0
    lo: int = 0
    hi: int = 10**6
    length: int = 0  # of a list: at least this long
    fixed: bool = False  # not to be assigned: constants, counters, loop variables
    writable: bool = True
    shared: bool = False
    param: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    kind: K
    default: str | None = None
    writes: bool = False
    lo: int = 0
    hi: int = 0


@dataclass(frozen=True, slots=True)
class Sig:
    """A user function that can be called."""

    name: str
    params: tuple[Param, ...]
    returns: tuple[Shape, ...]
    elementwise: bool = False  # takes any shape and returns it


@dataclass(slots=True)
class Loop:
    trips: int
    breakable: bool = True  # a `continue` here would skip nothing that must be done
    jumped: bool = False


NAMES = list("abcdpqrstuvwyz") + "acc,total,tmp,val,res,left,right,prev,cur,coef".split(",")  # noqa: SIM905
HARD_NAMES = [
    *(
        "x_bar",
        "y_bar",
        "y_dot",
        "a_bar",
        "y_log",
        "a_log",
        "out",
        "steps",
        "stop",
        "kept",
        "value",
        "x_kept",
    ),
    *("test_log", "s_bar", "out_bar", "y_out", "unbroadcast", "g_bar", "f_vjp", "new_bar"),
]
"""Names that the compiler would like to give itself."""


@dataclass(slots=True)
class Gen:
    """The state of one program being generated."""

    rng: random.Random
    dims: tuple[int, ...] = (3, 4)
    features: set[str] = field(default_factory=set)
    vars: dict[str, Var] = field(default_factory=dict)
    functions: list[Sig] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    indent: int = 1
    loops: list[Loop] = field(default_factory=list)
    depth: int = 0  # of compound statements
    budget: int = 10
    returns: tuple[Shape, ...] = ((),)
    elementwise: bool = False  # inside a function that must work for every shape
    reserved: set[str] = field(default_factory=set)
    simple: Any = None  # the statements of a family, instead of all
    mixing: str = ""  # what the complex function of the family `complex` returns

    # -- writing

    def use(self, *features: str) -> None:
        self.features.update(features)

    def emit(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    @property
    def trips(self) -> int:
        """How often the current statement runs at most."""
        return math.prod(max(loop.trips, 1) for loop in self.loops)

    # -- variables

    def fresh(self) -> str:
        pool = HARD_NAMES if self.chance(0.06) else NAMES
        free = [n for n in pool if n not in self.vars and n not in self.reserved]
        name = self.rng.choice(free) if free else f"t{len(self.vars) + len(self.lines)}"
        if name in HARD_NAMES:
            self.use("hard_name")
        return name

    def declare(self, name: str, kind: K | ListK, mag: float = 1.0, **facts: object) -> Var:
        var = Var(name, kind, mag)
        for key, value in facts.items():
            setattr(var, key, value)
        self.vars[name] = var
        return var

    def where(self, test: Callable[[Var], bool]) -> list[Var]:
        return [v for v in self.vars.values() if test(v)]

    def floats(self, shape: Shape | None = None) -> list[Var]:
        """The variables that hold floats of this shape, of any shape if None."""
        return self.where(
            lambda v: (
                isinstance(v.kind, K) and v.kind.base == "f" and (shape is None or v.kind.shape == shape)
            )
        )

    def arrays(self, writable: bool = False) -> list[Var]:
        return [v for v in self.floats() if shape_of(v) and (v.writable or not writable)]

    def ints(self) -> list[Var]:
        return self.where(lambda v: v.kind == I)

    def lists(self) -> list[Var]:
        return self.where(lambda v: isinstance(v.kind, ListK))

    def recent(self, candidates: list[Var]) -> Var:
        """One of them, the later ones more often: so that what is computed is used."""
        weights = [1.0 + k for k in range(len(candidates))]
        return self.rng.choices(candidates, weights)[0]

    def some_shape(self) -> Shape:
        """The shape of a new variable."""
        n, m = self.dims
        shapes: list[Shape] = [(), (n,), (m,), (n, m), (n, n), (m, n), (2, n, m), (n, 1), (1, m), (1,), (2,)]
        return self.rng.choices(shapes, [10, 8, 3, 4, 1, 1, 0.7, 1, 1, 0.4, 0.7])[0]

    # -- nesting

    def snapshot(self) -> dict[str, Var]:
        return {name: replace(var) for name, var in self.vars.items()}

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """An indented block under its header; `pass` where nothing was written."""
        self.emit(header)
        self.indent += 1
        self.depth += 1
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.use("pass")
            self.emit("pass")
        self.indent -= 1
        self.depth -= 1


def shape_of(var: Var) -> Shape:
    return var.kind.shape


def join(before: dict[str, Var], after: list[dict[str, Var]]) -> dict[str, Var]:
    """The scope where several branches meet: what all define, with one kind."""
    if not after:
        return before
    first, *rest = after
    out: dict[str, Var] = {}
    for name, var in first.items():
        others = [scope[name] for scope in rest if name in scope]
        if len(others) == len(rest) and all(v.kind == var.kind for v in others):
            out[name] = merge([var, *others])
    return out


def merge(found: list[Var]) -> Var:
    return replace(
        found[0],
        mag=max(v.mag for v in found),
        lo=min(v.lo for v in found),
        hi=max(v.hi for v in found),
        length=min(v.length for v in found),
        fixed=any(v.fixed for v in found),
        writable=all(v.writable for v in found),
        shared=any(v.shared for v in found),
    )


P = TypeVar("P", bound=Callable[..., object])


class Table:
    """Weighted alternatives; one that returns None did not apply, and another is tried."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, Callable[..., object]]] = []

    def add(self, weight: float) -> Callable[[P], P]:
        def register(production: P) -> P:
            self.rows.append((weight, production))
            return production

        return register

    def draw(self, g: Gen, *args: object, tries: int = 8) -> Any:
        """The result of the first production drawn that applies, None if none did."""
        weights = [weight for weight, _ in self.rows]
        for _ in range(tries):
            _, production = g.rng.choices(self.rows, weights)[0]
            features = set(g.features)
            found = production(g, *args)
            if found:
                return found
            g.features.intersection_update(features)
        return None
