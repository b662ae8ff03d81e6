"""The family `rules`: functions with derivative rules of their own (custom_jvp, partials, custom_vjp)."""

from __future__ import annotations

import random

from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import CAP, E, Gen, Table
from tests.programs.statements import Mixed, bind
from tests.programs.syntax import assigned, small

STATEMENTS: Table = Table()

BOTH_MODES = """\
@adtrans.custom_jvp
def squashed(x):
    return x / np.sqrt(1.0 + x * x)


@squashed.defjvp
def squashed_jvp(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    y = squashed(x)
    return y, x_dot * (1.0 + x * x) ** -1.5


@adtrans.custom_jvp
def mixed(x, y):
    return np.sin(x) * y


mixed.defjvps(lambda x_dot, z, x, y: np.cos(x) * y * x_dot, lambda y_dot, z, x, y: np.sin(x) * y_dot)


@adtrans.custom_jvp(nondiff_argnums=(0,))
def raised(n, x):
    return np.tanh(x) ** n


@raised.defjvp
def raised_jvp(n, primals, tangents):
    (x,) = primals
    t = np.tanh(x)
    return raised(n, x), n * t ** (n - 1) * (1.0 - t * t) * tangents[0]


def wave(x):
    return 0.8 * np.cos(x)


@adtrans.partials(wave)
def wave_rule(y, x):
    return -0.8 * np.sin(x)


@adtrans.custom_jvp
def kept(x):
    return x


@kept.defjvp
def kept_jvp(primals, tangents):
    return primals[0], tangents[0]
"""

REVERSE = """\
@adtrans.custom_vjp
def damped(x, y):
    return x * np.tanh(y)


def damped_fwd(x, y):
    t = np.tanh(y)
    return x * t, (x, t)


def damped_bwd(kept, z_bar):
    x, t = kept
    return t * z_bar, x * (1.0 - t * t) * z_bar


damped.defvjp(damped_fwd, damped_bwd)


@adtrans.custom_vjp
def both(x, y):
    return np.sin(x) * y, x + y


def both_fwd(x, y):
    return both(x, y), (x, y)


def both_bwd(kept, bars):
    x, y = kept
    a_bar, b_bar = bars
    return np.cos(x) * y * a_bar + b_bar, np.sin(x) * a_bar + b_bar


both.defvjp(both_fwd, both_bwd)


@adtrans.custom_vjp
def passed(x):
    return x


def passed_fwd(x):
    return x, None


def passed_bwd(_, y_bar):
    return (y_bar,)


passed.defvjp(passed_fwd, passed_bwd)
"""
NAMES = {"squashed", "mixed", "raised", "wave", "kept", "damped", "both", "passed"}


def generate(seed: int) -> Case:
    """The program of this seed; every third one has rules for reverse mode alone."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (5, 4)]), simple=Mixed(STATEMENTS, 0.45))
    constants = module_constants(g)
    if g.chance(0.3):
        define(g, "g")
    if seed % 3 == 0:
        g.use("custom_vjp")
        g.lines += [*REVERSE.splitlines(), "", ""]
    g.lines += [*BOTH_MODES.splitlines(), "", ""]
    g.reserved |= NAMES
    args, sig = entry_signature(g)
    entry(g, sig, args)
    case = assemble(g, constants, tuple(args), seed)
    return Case(f"import adtrans\n{case.source}", case.args, case.features, seed)


@STATEMENTS.add(5)
def of_one(g: Gen) -> bool:
    """A function of one argument."""
    shape = g.some_shape()
    a = small(g, shape).text
    return assigned(g, shape, g.rng.choice([f"squashed({a})", f"wave({a})", f"raised(3, {a})"]), 1.0)


@STATEMENTS.add(4)
def of_two(g: Gen) -> bool:
    """A function of two arguments of one shape."""
    shape = g.some_shape()
    a, b = small(g, shape), small(g, shape)
    fn = g.rng.choice(["mixed", "damped"] if "custom_vjp" in g.features else ["mixed"])
    return assigned(g, shape, f"{fn}({a.text}, {b.text})", max(a.mag, b.mag))


@STATEMENTS.add(2)
def of_a_variable(g: Gen) -> bool:
    """The value itself, by a rule: it shares the memory of a variable."""
    found = g.floats()
    if not found:
        return False
    x = g.recent(found)
    fn = "passed" if "custom_vjp" in g.features and g.chance(0.6) else "kept"
    text = f"{fn}({x.name})" if g.chance(0.6) else f"0.7 * {fn}({x.name})"
    return assigned(g, x.kind.shape, text, x.mag)


@STATEMENTS.add(2)
def in_an_expression(g: Gen) -> bool:
    shape = g.some_shape()
    a, b = small(g, shape), small(g, shape)
    return assigned(
        g, shape, f"squashed({a.text}) * wave({b.text}) + mixed({b.text}, squashed({a.text}))", 3.0
    )


@STATEMENTS.add(2)
def of_two_results(g: Gen) -> bool:
    if "custom_vjp" not in g.features:
        return False
    shape = g.some_shape()
    a, b, first, second = small(g, shape), small(g, shape), g.fresh(), g.fresh()
    if first == second:
        return False
    g.emit(f"{first}, {second} = both({a.text}, {b.text})")
    bind(g, first, E("", shape, min(b.mag, CAP)))
    bind(g, second, E("", shape, min(a.mag + b.mag, CAP)))
    return True
