"""The family `solvers`: roots, integrals and differential equations that SciPy solves, among all else."""

from __future__ import annotations

import random

from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import E, Gen, Table
from tests.programs.statements import Mixed, bind
from tests.programs.syntax import assigned, small

STATEMENTS: Table = Table()

IMPORTS = """\
from scipy.integrate import odeint, quad, solve_ivp
from scipy.optimize import brentq, fixed_point, fsolve, newton, root, root_scalar
"""

HELPERS = """\
def kepler(u, a, b):
    return u - 0.3 * np.sin(u) * np.tanh(b) - a


def pair(u, a, b):
    return np.array([u[0] + 0.2 * np.tanh(u[1]) - a, u[1] + 0.2 * np.sin(u[0]) - b])


def bump(u, a, b):
    if u > 10.0:
        return a
    return np.exp(-u * u * (1.0 + a * a)) * b + np.sin(u)


def swing(state, u, a):
    return state[1], -0.5 * np.sin(state[0]) - a * state[1]


def between(function, a, b):
    return brentq(function, -9.0, 9.0, args=(a, b), xtol=1e-15)
"""

NAMES = {"kepler", "pair", "bump", "swing", "between", "u", "state", "result", "error"}
TIGHT = "rtol=1e-12, atol=1e-13"


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2)]), simple=Mixed(STATEMENTS, 0.3))
    constants = module_constants(g)
    if g.chance(0.3):
        define(g, "g")
    g.lines += [*HELPERS.splitlines(), "", ""]
    g.reserved |= NAMES
    args, sig = entry_signature(g)
    entry(g, sig, args)
    case = assemble(g, constants, tuple(args), seed)
    return Case(IMPORTS + case.source, case.args, case.features, seed)


def number(g: Gen) -> str:
    """An expression whose value is between -1 and 1."""
    return f"np.tanh({small(g, ()).text})"


@STATEMENTS.add(5)
def equation(g: Gen) -> bool:
    """A root of a lambda that reads what is around it."""
    g.use("root")
    a, b = number(g), number(g)
    equation = f"lambda u: u**3 + u * (1.5 + {a}) - {b}"
    text = g.rng.choice(
        [
            f"brentq({equation}, -9.0, 9.0, xtol=1e-15)",
            f"newton({equation}, 0.0, tol=1e-14)",
            f"root_scalar({equation}, bracket=(-9.0, 9.0), xtol=1e-15).root",
            f"fixed_point(lambda u: 0.3 * np.cos(u + {a}) + {b}, 0.0, xtol=1e-14)",
        ]
    )
    return assigned(g, (), text, 2.0)


@STATEMENTS.add(4)
def with_arguments(g: Gen) -> bool:
    """A root of a function of the module, with `args`."""
    g.use("args")
    a, b = number(g), number(g)
    text = g.rng.choice(
        [
            f"brentq(kepler, -9.0, 9.0, args=({a}, {b}), xtol=1e-15)",
            f"between(kepler, {a}, {b})",
            f"between(lambda u, p, q: u + 0.4 * np.tanh(u * q) - p * {number(g)}, {a}, {b})",
            f"np.sum(fsolve(pair, np.zeros(2), args=({a}, {b}), xtol=1e-14))",
            f"root(pair, [0.1, 0.2], args=({a}, {b}), tol=1e-14).x[0]",
        ]
    )
    return assigned(g, (), text, 2.0)


@STATEMENTS.add(3)
def result(g: Gen) -> bool:
    """The result object of a solver, and what it holds."""
    g.use("result")
    a, b = number(g), number(g)
    held, name = g.fresh(), g.fresh()
    if held == name:
        return False
    g.reserved.add(held)
    g.emit(f"{held} = root(pair, np.array([0.1, 0.2]), args=({a}, {b}), tol=1e-14)")
    if g.chance(0.5):
        g.emit(f"if not {held}.success:")
        g.emit(f"    raise ValueError({held}.message)")
    g.emit(f"{name} = {held}.x[0] * {held}.x[1]")
    bind(g, name, E("", (), 2.0))
    return True


@STATEMENTS.add(3)
def around(g: Gen) -> bool:
    """A function that is defined where it is solved."""
    g.use("nested def")
    a, b = number(g), number(g)
    function, name = g.fresh(), g.fresh()
    if function == name:
        return False
    g.reserved.add(function)
    g.emit(f"def {function}(u):")
    g.emit(f"    w = 0.5 * u - {a}")
    g.emit(f"    return w + u**3 * {b} ** 2")
    g.emit(f"{name} = brentq({function}, -9.0, 9.0, xtol=1e-15)")
    bind(g, name, E("", (), 2.0))
    return True


@STATEMENTS.add(2)
def scratch(g: Gen) -> bool:
    """A function that writes into an array around it: anew each time, or not; it may count afterwards."""
    g.use("scratch")
    a, b, c = number(g), number(g), number(g)
    function, held, name = g.fresh(), g.fresh(), g.fresh()
    if len({function, held, name}) < 3:
        return False
    g.reserved |= {function, held}
    g.emit(f"{held} = np.array([{a}, 0.5])")
    g.emit(f"def {function}(u):")
    g.emit(f"    {held}[1] {g.rng.choice(['=', '=', '=', '+='])} u * {b}")
    g.emit(f"    return u**3 + 2.0 * u + 0.3 * np.sum({held}) - {c}")
    after = g.rng.choice(["", "", f" + 0.1 * {held}[1]"])
    g.emit(f"{name} = brentq({function}, -9.0, 9.0, xtol=1e-15){after}")
    bind(g, name, E("", (), 2.0))
    return True


@STATEMENTS.add(4)
def integral(g: Gen) -> bool:
    g.use("quad")
    a, b, c = number(g), number(g), number(g)
    if g.chance(0.4):
        total = g.fresh()
        g.emit(f"{total}, error = quad(bump, {c}, 1.0 + {c} * 0.5, args=({a}, {b}), epsabs=1e-13)")
        bind(g, total, E("", (), 2.0))
        return True
    text = f"quad(lambda u: np.cos(u * {a}) * {b}, 0.0, 0.5 + 0.3 * {c}, epsabs=1e-13)[0]"
    return assigned(g, (), text, 2.0)


@STATEMENTS.add(2)
def flow(g: Gen) -> bool:
    """A differential equation of two states."""
    g.use("ode")
    a, b = number(g), number(g)
    times = "np.array([0.0, 0.3])"
    right = f"lambda u, state: np.array([state[1] * {a}, -np.sin(state[0])])"
    text = g.rng.choice(
        [
            f"odeint(swing, [{b}, 0.5], {times}, args=({a},), {TIGHT})[-1, 0]",
            f"solve_ivp({right}, (0.0, 0.3), [{b}, 0.5], t_eval=[0.3], method='DOP853', {TIGHT}).y[1, 0]",
        ]
    )
    return assigned(g, (), text, 2.0)
