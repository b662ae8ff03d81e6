"""Random programs: `generate(seed)` gives a module's source, arguments, and the features in it.

Everything comes from `random.Random(seed)`: the same seed gives the same program on every machine.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np

from tests.programs import arrays, scalars
from tests.programs.atoms import constant_array
from tests.programs.calls import define
from tests.programs.module import body, header
from tests.programs.scope import F, Gen, I, K, Param, Shape, Sig

PRODUCTIONS = (arrays, scalars)
"""Imported for the rows that they add to the tables."""


@dataclass(frozen=True)
class Case:
    """A program to be judged: `args` are the positional arguments of `f`."""

    source: str
    args: tuple[object, ...]
    features: frozenset[str] = frozenset()
    seed: int = -1


FAMILIES = {
    "classes": "tests.programs.classes",
    "chains": "tests.programs.chains",
    "complex": "tests.programs.complexes",
    "containers": "tests.programs.containers",
    "dtypes": "tests.programs.dtypes",
    "effects": "tests.programs.effects",
    "entries": "tests.programs.entries",
    "functions": "tests.programs.closures",
    "made": "tests.programs.made",
    "passing": "tests.programs.passing",
    "rules": "tests.programs.rules",
    "shared": "tests.programs.shared",
    "solvers": "tests.programs.solvers",
    "syntax": "tests.programs.syntax",
}
"""Programs about one thing: where each is made."""


def generate(seed: int, family: str = "") -> Case:
    """The program of this seed; of a family, if one is named."""
    if family:
        made: Case = import_module(FAMILIES[family]).generate(seed)
        return made
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (2, 3), (5, 4)]))
    constants = module_constants(g)
    for name in ["g", "h", "step"][: rng.choices([0, 1, 2, 3], [5, 4, 2, 0.5])[0]]:
        define(g, name)
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


def module_constants(g: Gen) -> list[str]:
    """Module-level constants, some made from others."""
    out = []
    if g.chance(0.3):
        g.use("constant")
        out.append(f"C = {g.rng.choice(['0.7', '1.3', '-0.4'])}")
        g.declare("C", F, 1.3, fixed=True)
        if g.chance(0.4):
            g.use("constant_derived")
            out.append("D = 2.0 * C")
            g.declare("D", F, 2.6, fixed=True)
    if g.chance(0.2):
        g.use("constant_array")
        shape: Shape = (g.dims[0],) if g.chance(0.6) else g.dims
        text = (
            constant_array(g, shape).text
            if g.chance(0.4)
            else f"np.cos(np.arange({np.prod(shape)}.0)).reshape({shape})"
        )
        out.append(f"W = {text}")
        g.declare("W", K("f", shape), 1.5, fixed=True, writable=False)
    if g.chance(0.15):
        g.use("constant_int")
        out.append("N = 2")
        g.declare("N", I, lo=2, hi=2, fixed=True)
    return out


def entry_signature(g: Gen) -> tuple[list[object], Sig]:
    """Parameters of `f` and values for them, none of them special."""
    n, m = g.dims
    shapes: list[Shape] = [(n,), (), (n, m), (m,), (n, n), (n, 1), (2, n, 2)]
    count = g.rng.choices([1, 2, 3, 4], [3, 4, 2, 1])[0]
    params, args = [], []
    for name in g.rng.sample(["x", "y", "z", "a", "b", "u", "w"], count):
        shape = g.rng.choices(shapes, [8, 5, 3, 2, 1, 0.7, 0.4])[0]
        params.append(Param(name, K("f", shape), writes=True))
        args.append(sample_values(g.rng, shape))
    if g.chance(0.25):
        g.use("int_param")
        value = g.rng.randint(1, 4)
        given = g.chance(0.6)
        params.append(Param("n", I, default=None if given else str(value), lo=value, hi=value))
        args += [value] if given else []
    if g.chance(0.1):
        g.use("bool_param")
        params.append(Param("flag", K("b"), default=g.rng.choice(["True", "False"])))
    k = g.rng.choices([0, 1, 2], [8, 1, 1])[0]
    returns: list[tuple[Shape, ...]] = [
        ((),),
        ((n,),),
        (g.rng.choice([(), (n,)]), g.rng.choice([(), (n,), (n, m)])),
    ]
    if k == 1:
        g.use("return_array")
    return args, Sig("f", order_defaults(params), returns[k])


def order_defaults(params: list[Param]) -> tuple[Param, ...]:
    return tuple(sorted(params, key=lambda p: p.default is not None))


def sample_values(rng: random.Random, shape: Shape) -> object:
    size = int(np.prod(shape))
    values = [round(rng.uniform(0.15, 1.45) * rng.choice([1, 1, -1]), 3) for _ in range(size)]
    return np.array(values).reshape(shape) if shape else values[0]


def entry(g: Gen, sig: Sig, args: list[object]) -> None:
    """Write `f`."""
    size = 2 + int(32 * g.rng.random() ** 2.6)
    inner = Gen(g.rng, g.dims, g.features, {}, list(g.functions), g.lines, budget=size, returns=sig.returns)
    inner.simple, inner.mixing = g.simple, g.mixing
    inner.reserved = {f.name for f in g.functions} | {"f"} | ({"mixing"} if g.mixing else set())
    inner.vars = {name: replace(v) for name, v in g.vars.items()}
    for p in sig.params:
        inner.declare(p.name, p.kind, 1.5, lo=p.lo, hi=p.hi, fixed=p.kind.base != "f", param=True)
    inner.lines.append(header(inner, sig))
    body(inner)


def assemble(g: Gen, constants: list[str], args: tuple[object, ...], seed: int) -> Case:
    """Imports, constants and functions as one text; sometimes with other spellings of the imports."""
    text = "\n".join(g.lines) + "\n"
    head = "\n".join(constants)
    whole = f"{head}\n\n\n{text}" if head else f"\n{text}"
    imports = ["import numpy as np"]
    names = sorted(set(re.findall(r"\bmath\.(\w+)", whole)))
    taken = set(re.findall(r"\b[A-Za-z_]\w*\b", re.sub(r"\b\w+\.\w+", "", whole)))
    if names and g.chance(0.25) and not taken & set(names):
        g.use("from_import")
        whole = re.sub(r"\bmath\.(\w+)", r"\1", whole)
        imports.insert(0, f"from math import {', '.join(names)}")
    elif names:
        imports.insert(0, "import math")
    if g.chance(0.05):
        g.use("import_plain")
        whole = re.sub(r"\bnp\.", "numpy.", whole)
        imports[-1] = "import numpy"
    features = frozenset(f for f in g.features if not f.startswith("elementwise "))
    return Case("\n".join(imports) + "\n\n" + whole, args, features, seed)
