"""The leaves of expressions: constants, variables and parts of them, of a wanted shape."""

from __future__ import annotations

import math

from tests.programs.indexing import take
from tests.programs.scope import CAP, MUL, UNARY, E, Gen, Shape, Var, binary, call, shape_of


def number(g: Gen) -> E:
    """A constant: its text and its size."""
    value = g.rng.choice([0.1, 0.25, 0.3, 0.5, 0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 1e-1])
    if g.chance(0.15):
        g.use("int_literal")
        return E(str(g.rng.choice([1, 2, 3])), mag=3.0)
    if g.chance(0.05):
        g.use("math_constant")
        return E(g.rng.choice(["np.pi", "math.pi", "np.e"]), mag=math.pi)
    if g.chance(0.12):
        return E(f"-{value}", mag=value, prec=UNARY)
    return E(str(value), mag=value)


def name(var: Var) -> E:
    return E(var.name, shape_of(var), var.mag, writable=var.writable, view=True)


def leaf(g: Gen, shape: Shape) -> E:
    """A variable, a part of one, or something made for the occasion."""
    exact = g.floats(shape)
    if exact and g.chance(0.62 if shape else 0.5):
        return name(g.recent(exact))
    found = piece(g, shape) if g.chance(0.9) else None
    if found:
        return found
    if exact:
        return name(g.recent(exact))
    return made(g, shape)


def piece(g: Gen, shape: Shape) -> E | None:
    """A part of a larger array: `x[1:3]`, `u[:, 0]`, `x[i]`."""
    candidates = [v for v in g.arrays() if shape_of(v) != shape]
    for _ in range(3):
        if not candidates:
            return None
        var = g.recent(candidates)
        index = take(g, shape_of(var), shape)
        if index is not None:
            g.use(read_feature(len(shape_of(var)), index, shape))
            fancy = "[" in index
            return E(f"{var.name}[{index}]", shape, var.mag, writable=var.writable or fancy, view=not fancy)
    return None


def read_feature(rank: int, index: str, shape: Shape) -> str:
    if not shape:
        return "element_read" if rank == 1 else "element_read_nd"
    if "[" in index:
        return "fancy_read"
    if ":" not in index and "None" not in index and rank == 2:
        return "row_read"
    return "slice_read"


def made(g: Gen, shape: Shape) -> E:
    """An array made from scalars or constants."""
    if not shape:
        return number(g)
    if g.chance(0.75):
        a = leaf(g, ())
        if g.chance(0.5):
            g.use("np.full")
            return call("np.full", dims(shape), a.text, shape=shape, mag=a.mag)
        g.use("scalar_array")
        like = constant_array(g, shape)
        return binary("*", a, like, shape, a.mag * like.mag)
    return constant_array(g, shape)


def constant_array(g: Gen, shape: Shape) -> E:
    size = math.prod(shape)
    if len(shape) == 1 and g.chance(0.6):
        g.use("np.linspace")
        return call("np.linspace", "0.2", "1.0", str(size), shape=shape)
    if len(shape) == 1 and g.chance(0.4):
        g.use("np.arange")
        return E(f"np.arange({size}) * 0.25", shape, 0.25 * size, MUL)
    if len(shape) == 2 and shape[0] == shape[1] and g.chance(0.4):
        g.use("np.eye")
        return call("np.eye", str(size // shape[0]), shape=shape)
    kind = g.rng.choice(["np.ones", "np.zeros", "np.full"])
    g.use(kind)
    if kind == "np.full":
        return call(kind, dims(shape), "0.3", shape=shape)
    like = [v for v in g.arrays() if shape_of(v) == shape]
    if like and g.chance(0.6):
        g.use(f"{kind}_like")
        return call(f"{kind}_like", g.recent(like).name, shape=shape)
    return call(kind, dims(shape), shape=shape)


def dims(shape: Shape) -> str:
    """A shape as an argument: `4` or `(3, 4)`."""
    return str(shape[0]) if len(shape) == 1 else str(shape)


def capped(g: Gen, e: E, limit: float = CAP) -> E:
    """The expression, wrapped so that it is not larger than the limit."""
    if e.mag <= limit:
        return e
    fns = ["np.tanh", "np.sin", "np.cos", "np.arctan"]
    if e.mag < 40 and g.chance(0.5):
        factor = float(f"{0.9 * limit / e.mag:.1g}")
        return binary("*", E(str(factor)), e, e.shape, e.mag * factor)
    fn = g.rng.choice(fns) if limit >= 1.6 else g.rng.choice(fns[:3])
    small = binary("*", E("0.1"), e, e.shape, 0.1 * e.mag) if e.mag > 15 else e
    g.use(fn)
    return call(fn, small.text, shape=e.shape, mag=1.0)
