"""The family `entries`: dict comprehensions over dicts, starred targets of loops, properties with setters."""

from __future__ import annotations

import random

from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import CAP, E, Gen, Shape, Table
from tests.programs.statements import Mixed, bind
from tests.programs.syntax import assigned, small

STATEMENTS: Table = Table()

HELPERS = """\
class Gauge:
    def __init__(self, level, scale=0.5):
        self.scale = scale
        self.level = level

    @property
    def level(self):
        return self._level * self.scale

    @level.setter
    def level(self, value):
        if np.sum(value) > 1e6:
            raise ValueError(value)
        self._level = np.tanh(value)


def shrunk(p, rate):
    return {name: value - rate * np.tanh(value) for name, value in p.items()}
"""


class Known(Mixed):
    """The statements of this family among all others, and the gauges that are there."""

    def __init__(self) -> None:
        super().__init__(STATEMENTS, 0.4)
        self.known: list[tuple[str, Shape]] = []


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (5, 4)]), simple=Known())
    constants = module_constants(g)
    if g.chance(0.3):
        define(g, "g")
    g.simple.known.clear()  # Those of `g` are its own.
    g.lines += [*HELPERS.splitlines(), "", ""]
    g.reserved |= {"Gauge", "shrunk"}
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


@STATEMENTS.add(6)
def comprehension(g: Gen) -> bool:
    """A dict, one or two comprehensions over it, and a part of the result."""
    if g.elementwise:
        return False
    g.use("dict_comp_of_dict")
    shape, other = g.some_shape(), g.some_shape()
    p, q = g.fresh(), g.fresh()
    g.emit(f'{p} = {{"a": {small(g, shape).text}, "b": {small(g, other).text}}}')
    rate = small(g, ()).text
    forms = [
        f"{{k: np.tanh(v) * ({rate}) for k, v in {p}.items()}}",
        f"{{k: {p}[k] * 0.5 + np.sin({p}[k]) for k in {p}}}",
        f"{{key: 0.3 * {p}[key] for key in {p}.keys()}}",
        f'{{k: v * np.tanh(np.sum({p}["b"])) for k, v in {p}.items()}}',
        f"shrunk({p}, 0.3)",
    ]
    if g.chance(0.3):
        g.emit(f"for _ in range({g.rng.choice([1, 2, 3])}):")
        g.emit(f"    {p} = {g.rng.choice(forms)}")
        q = p
    else:
        g.emit(f"{q} = {g.rng.choice(forms)}")
        if g.chance(0.3):
            g.emit(f'{p}["a"] = {p}["a"] * 0.5')
    key, of = g.rng.choice([("a", shape), ("b", other)])
    return assigned(g, of, f'{q}["{key}"]', 2.0)


@STATEMENTS.add(4)
def starred_loop(g: Gen) -> bool:
    """`for a, *b in rows:`."""
    if g.elementwise or g.depth > 1:
        return False
    g.use("starred_loop")
    shape = g.some_shape()
    row = [[small(g, shape).text for _ in range(3)] for _ in range(2)]
    name, a, b, rows = g.fresh(), g.fresh(), g.fresh(), g.fresh()
    g.emit(f"{rows} = [{', '.join('(' + ', '.join(r) + ')' for r in row)}]")
    g.emit(f"{name} = {small(g, shape).text}")
    target, value = g.rng.choice(
        [(f"{a}, *{b}", f"{a} * {b}[0] + {b}[1]"), (f"*{b}, {a}", f"{b}[1] - {a} * {b}[0]")]
    )
    g.emit(f"for {target} in {rows}:")
    g.emit(f"    {name} = 0.3 * {name} + 0.2 * ({value})")
    bind(g, name, E(name, shape, CAP))
    return True


@STATEMENTS.add(3)
def gauge(g: Gen) -> bool:
    """An object with a property."""
    if g.depth or g.loops or g.elementwise:
        return False
    g.use("property")
    name, shape = f"o{len(g.simple.known)}", g.some_shape()
    scale = g.rng.choice(["", ", 0.7", f", scale={small(g, ()).text}"])
    g.emit(f"{name} = Gauge({small(g, shape).text}{scale})")
    g.simple.known.append((name, shape))
    return True


@STATEMENTS.add(5)
def level(g: Gen) -> bool:
    """It is assigned, and read."""
    if not g.simple.known or g.elementwise:
        return False
    g.use("setter")
    name, shape = g.rng.choice(g.simple.known)
    if g.chance(0.7):
        g.emit(f"{name}.level = {g.rng.choice([small(g, shape).text, f'{name}.level * 0.5'])}")
    return assigned(g, shape, f"{name}.level", 2.0)
