"""Expressions of floats, of any shape: operators, elementwise functions, choices."""

from __future__ import annotations

from tests.programs.atoms import capped, leaf, number
from tests.programs.functions import BINARY, MATH, MATH_BINARY, UNARY
from tests.programs.scope import ADD, MUL, TERNARY, E, Gen, Shape, Table, binary, call
from tests.programs.scope import UNARY as UNARY_PREC

COMMON: Table = Table()
"""Productions for every shape: `(g, shape, depth) -> E | None`."""
SCALAR: Table = Table()
ARRAY: Table = Table()


def expr(g: Gen, shape: Shape = (), depth: int = 2, limit: float = 16.0) -> E:
    """A random expression of floats of this shape, not larger than `limit`."""
    if depth <= 0 or g.chance(0.12):
        return capped(g, leaf(g, shape), limit)
    table = COMMON if g.elementwise or g.chance(0.5) else ARRAY if shape else SCALAR
    found = table.draw(g, shape, depth - 1) or leaf(g, shape)
    return capped(g, found, limit)


def operand(g: Gen, shape: Shape, depth: int) -> E:
    """The other operand of an operator: often a scalar, or something that broadcasts to the shape."""
    if shape and not g.elementwise:
        r = g.rng.random()
        if r < 0.25:
            g.use("scalar_array")
            return expr(g, (), min(depth, 1), 4.0)
        if r < 0.45:
            return expr(g, narrowed(g, shape), min(depth, 1), 4.0)
    if g.chance(0.25):
        return number(g)
    return expr(g, shape, depth, 4.0)


def narrowed(g: Gen, shape: Shape) -> Shape:
    """A shape that broadcasts to `shape`."""
    dropped = shape[g.rng.randint(0, len(shape) - 1) :]
    if g.chance(0.5):
        k = g.rng.randrange(len(dropped))
        dropped = (*dropped[:k], 1, *dropped[k + 1 :])
        g.use("broadcast_1")
    if dropped != shape:
        g.use("broadcast")
    return dropped


@COMMON.add(9)
def arithmetic(g: Gen, shape: Shape, depth: int) -> E:
    op = g.rng.choice("+-*")
    g.use(f"op {op}")
    a, b = expr(g, shape, depth, 4.0), operand(g, shape, depth)
    if g.chance(0.3):
        a, b = b, a
    if shape and not (a.shape == shape or b.shape == shape):
        return leaf(g, shape)
    return binary(op, a, b, shape, a.mag * b.mag if op == "*" else a.mag + b.mag)


@COMMON.add(0.7)
def outer_broadcast(g: Gen, shape: Shape, depth: int) -> E | None:
    """`(n, 1) * (1, m)`."""
    if len(shape) != 2 or g.elementwise:
        return None
    n, m = shape
    a = expr(g, (n, 1), depth, 4.0)
    b = expr(g, (1, m) if g.chance(0.6) else (m,), depth, 4.0)
    g.use("broadcast_outer")
    op = g.rng.choice("+-*")
    return binary(op, a, b, shape, a.mag * b.mag if op == "*" else a.mag + b.mag)


@COMMON.add(2)
def division(g: Gen, shape: Shape, depth: int) -> E:
    g.use("op /")
    a, b = expr(g, shape, depth, 4.0), expr(g, shape, 0, 4.0)
    if g.chance(0.5):
        below = E(f"(1.0 + {b.at(MUL)} * {b.at(UNARY_PREC)})")
    elif g.chance(0.5):
        below = E(f"(2.0 + np.cos({b.text}))")
    else:
        below = number(g)
        below = below if not below.text.startswith("-") else E("2.0")
    return binary("/", a, below, shape, a.mag * 10 if below.mag < 1 else a.mag)


@COMMON.add(1.5)
def power(g: Gen, shape: Shape, depth: int) -> E:
    g.use("op **")
    a = expr(g, shape, depth, 2.0)
    r = g.rng.random()
    if r < 0.6:
        n = g.rng.choice(["2", "2", "3", "2.0"])
        return binary("**", a, E(n), shape, a.mag ** float(n))
    base = E(f"(1.5 + np.sin({a.text}))")
    if r < 0.8:
        return binary("**", base, E(g.rng.choice(["0.5", "-1.5", "-2", "1.3"]), prec=UNARY_PREC), shape, 3.0)
    g.use("variable_exponent")
    return binary("**", base, E(f"np.tanh({leaf(g, shape).text})"), shape, 2.5)


@COMMON.add(0.4)
def remainder(g: Gen, shape: Shape, depth: int) -> E:
    op = g.rng.choice(["%", "//"])
    g.use(f"op {op}")
    a = expr(g, shape, depth, 4.0)
    return E(f"{a.at(MUL)} {op} {g.rng.choice(['1.7', '2.3'])}", shape, 4.0, MUL)


@COMMON.add(1)
def negation(g: Gen, shape: Shape, depth: int) -> E:
    sign = "+" if g.chance(0.1) else "-"
    g.use(f"unary {sign}")
    a = expr(g, shape, depth)
    return E(f"{sign}{a.at(UNARY_PREC)}", shape, a.mag, UNARY_PREC)


@COMMON.add(6)
def unary(g: Gen, shape: Shape, depth: int) -> E:
    """An elementwise function of an argument that is kept in its domain."""
    math_only = not shape and not g.elementwise and g.chance(0.4)
    fn, (guard, mag) = g.rng.choice(list((MATH if math_only else UNARY).items()))
    if fn in ("np.sign", "np.floor", "np.ceil", "np.round", "np.negative") and g.chance(0.7):
        fn, (guard, mag) = "np.sin", UNARY["np.sin"]
    g.use(fn)
    a = expr(g, shape, depth, 4.0)
    text = a.at(UNARY_PREC) if "* {}" in guard else a.text
    return call(fn, guard.format(text), shape=shape, mag=mag)


@COMMON.add(1)
def binary_function(g: Gen, shape: Shape, depth: int) -> E:
    math_only = not shape and not g.elementwise and g.chance(0.3)
    fn, (left, right, mag) = g.rng.choice(list((MATH_BINARY if math_only else BINARY).items()))
    g.use(fn)
    a = expr(g, shape, depth, 4.0)
    b = expr(g, shape, depth, 4.0) if math_only else operand(g, shape, depth)
    return call(fn, left.format(a.text), right.format(b.text), shape=shape, mag=mag)


@COMMON.add(0.8)
def where(g: Gen, shape: Shape, depth: int) -> E:
    g.use("np.where")
    a, b = expr(g, shape, depth, 4.0), operand(g, shape, depth)
    test, threshold = leaf(g, shape), number(g)
    return call(
        "np.where", f"{test.at(ADD)} > {threshold.text}", a.text, b.text, shape=shape, mag=max(a.mag, b.mag)
    )


@COMMON.add(0.4)
def clip(g: Gen, shape: Shape, depth: int) -> E:
    a = expr(g, shape, depth, 4.0)
    if shape and not g.elementwise and g.chance(0.4):
        g.use(".clip")
        return E(f"{a.at(11)}.clip(-0.8, 0.9)", shape, 0.9)
    g.use("np.clip")
    return call("np.clip", a.text, "-0.8", "0.9", shape=shape, mag=0.9)


@COMMON.add(0.9)
def ternary(g: Gen, shape: Shape, depth: int) -> E | None:
    if g.elementwise:
        return None
    from tests.programs.conditions import condition

    g.use("ternary")
    test = condition(g, 1)
    a, b = expr(g, shape, depth, 4.0), expr(g, shape, depth, 4.0)
    return E(f"{a.at(1)} if {test.at(1)} else {b.at(TERNARY)}", shape, max(a.mag, b.mag), TERNARY)


@COMMON.add(1.6)
def user_call(g: Gen, shape: Shape, depth: int) -> E | None:
    from tests.programs.calls import call_for

    return call_for(g, shape, depth)
