"""The family `classes`: exceptions of the program that are raised and caught, tests of `isinstance`."""

from __future__ import annotations

import random

from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import CAP, E, Gen, Table
from tests.programs.statements import Mixed, bind
from tests.programs.syntax import assigned, small

STATEMENTS: Table = Table()

HELPERS = """\
class ProjectError(Exception):
    pass


class TooLarge(ProjectError, ValueError):
    def __init__(self, value, limit=1.0):
        super().__init__(f"{value} > {limit}")
        self.value = value


class Vector:
    def __init__(self, x):
        self.x = x
        self.size = 1.0


class Unit(Vector):
    pass


def limited(x, limit):
    if np.sum(x) > limit:
        raise TooLarge(x, limit)
    return np.tanh(x) * limit


def held(v):
    if isinstance(v, Unit):
        return v.x * v.size
    if isinstance(v, Vector):
        return 0.5 * v.x
    return v * 0.25
"""


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (5, 4)]), simple=Mixed(STATEMENTS, 0.4))
    constants = module_constants(g)
    g.lines += [*HELPERS.splitlines(), "", "", *class_of_values(rng), "", ""]
    g.reserved |= {"ProjectError", "TooLarge", "Vector", "Unit", "limited", "held", "Gas", *MEMBERS}
    for name in ["g", "h"][: g.rng.choice([0, 1, 2])]:
        define(g, name)
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


MEMBERS = ("R", "k", "rate", "low")


def class_of_values(rng: random.Random) -> list[str]:
    """A class of numbers made from one another, in a module in which their names mean others."""
    lines = [f"{name} = {rng.choice(['0.5', '1.5', '-0.75'])}" for name in MEMBERS if rng.random() < 0.6]
    outside = [line.split()[0] for line in lines]
    bound = []
    lines += ["", "", "class Gas:"]
    for name in rng.sample(MEMBERS, len(MEMBERS)):
        one, other = rng.choice(["0.3", *bound]), rng.choice(["0.7", *bound])
        forms = ["0.25", f"{one} * 0.5", f"-({one} - {other})", f"({one} if {other} > 0.0 else 1.0) * 0.5"]
        forms += [f'{{"{name}": {one}, "k": {other}}}["k"]', f'{{"R": 0.5, "low": {one}}}["low"]']
        if outside and rng.random() < 0.2:
            forms = [f"[{rng.choice(outside)} * q for q in (0.5, 1.0)][1]", f"{rng.choice(outside)} * 0.5"]
        lines.append(f"    {name} = {rng.choice(forms)}")
        bound.append(name)
    return lines


@STATEMENTS.add(4)
def value_of_a_class(g: Gen) -> bool:
    """What a class holds is a number of the program."""
    g.use("value_of_class")
    shape = g.some_shape()
    value = small(g, shape).text
    return assigned(g, shape, f"Gas.{g.rng.choice(MEMBERS)} * ({value})", 2.0)


@STATEMENTS.add(3)
def guard(g: Gen) -> bool:
    """A check that never fails."""
    if g.elementwise:
        return False
    g.use("raise_own")
    value = small(g, g.some_shape()).text
    g.emit(f"if np.sum({value}) > 1e6:")
    error = g.rng.choice(["TooLarge(1.0)", "TooLarge(2.0, limit=3.0)", "ProjectError", 'ProjectError("no")'])
    g.emit(f"    raise {error}")
    return True


@STATEMENTS.add(4)
def caught(g: Gen) -> bool:
    """One that may fail."""
    if g.elementwise or g.depth > 1:
        return False
    g.use("catch_own")
    shape, name = g.some_shape(), g.fresh()
    kind = g.rng.choice(["ProjectError", "(KeyError, TooLarge)", "ValueError", "TooLarge"])
    g.emit("try:")
    g.emit(f"    {name} = limited({small(g, shape).text}, {g.rng.choice(['-1e3', '1e3', '0.37'])})")
    g.emit(f"except {kind}:")
    g.emit(f"    {name} = 0.5 * ({small(g, shape).text})")
    bind(g, name, E(name, shape, CAP))
    return True


@STATEMENTS.add(4)
def tested(g: Gen) -> bool:
    """A number or an array is no object of the program."""
    if g.elementwise:
        return False
    g.use("isinstance_own")
    shape = g.some_shape()
    names = [v.name for v in g.floats(shape)]
    if not names:
        return False
    name, value = g.rng.choice(names), small(g, shape).text
    kinds = g.rng.choice(["Vector", "(Vector, Unit)", "(Unit, str)"])
    forms = [f"{name}.x if isinstance({name}, {kinds}) else {value}", f"held({name})"]
    return assigned(g, shape, g.rng.choice(forms), 2.0)


@STATEMENTS.add(3)
def made(g: Gen) -> bool:
    """An object that is made here is of its class."""
    if g.elementwise or g.loops:
        return False
    g.use("isinstance_made")
    shape, name = g.some_shape(), g.fresh()
    g.emit(f"{name} = {g.rng.choice(['Vector', 'Unit'])}({small(g, shape).text})")
    other = small(g, shape).text
    forms = [f"held({name})", f"{name}.x if isinstance({name}, Unit) else {other}"]
    return assigned(g, shape, g.rng.choice(forms), 2.0)
