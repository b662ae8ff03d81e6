"""The family `functions`: lambdas, closures, functions as arguments and results, derivatives in functions.

Numbers only: what is of interest is which function is called with which captured values, and when.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.programs.blocks import statements
from tests.programs.expressions import expr
from tests.programs.generator import Case
from tests.programs.module import gathered
from tests.programs.scope import ATOM, CAP, E, F, Gen, Table
from tests.programs.statements import bind

MODULE = {
    "twice": """
def twice(f, y):
    return f(0.5 * f(y))
""",
    "euler": """
def euler(f, y, h=0.1, n=2):
    for _ in range(n):
        y = y + h * f(y)
    return y
""",
    "compose": """
def compose(f, g):
    return lambda t: f(0.5 * g(t))
""",
    "scaled": """
def scaled(c):
    k = 0.5 * c

    def inner(t):
        return k * t + 0.1 * c

    return inner
""",
    "both": """
def both(f, g, y, w):
    return w * f(y) + g(w)
""",
    "newton": """
def newton(f, y):
    for _ in range(2):
        y = y - 0.1 * f(y) * adtrans.grad(f)(y)
    return y
""",
    "pick": """
def pick(f, g, c):
    h = f if c > 0.0 else g
    return h(c)
""",
}
"""Functions of functions, each with what it needs: functions of one number."""


@dataclass
class Scope:
    """The functions that can be called: `pure` ones rebind nothing."""

    pure: list[str] = field(default_factory=list)
    rebinding: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    count: int = 0

    def name(self, base: str) -> str:
        self.count += 1
        return f"{base}{self.count}"


Production = Callable[[Gen, Scope], bool]
CLOSURES: Table = Table()
"""Productions `(g, scope) -> bool`."""


def inside(g: Gen, params: tuple[str, ...]) -> Gen:
    """The state for the body of a closure: its parameters, and the numbers around it."""
    inner = Gen(g.rng, g.dims, g.features, {}, [], g.lines, indent=g.indent, elementwise=True)
    around = [v for v in g.floats(()) if not v.name.isupper()]
    for var in around[-3:]:
        inner.vars[var.name] = replace(var, mag=min(var.mag, CAP))
    for name in params:
        inner.declare(name, F, 2.0)
    inner.reserved = {*g.reserved, *g.vars}
    return inner


def value(g: Gen, params: tuple[str, ...]) -> str:
    """The value of a closure: bounded, and of its parameters in any case."""
    e = expr(inside(g, params), (), 2, 4.0)
    return f"np.tanh({' * '.join(params)}) + 0.5 * {e.at(ATOM)}" if g.chance(0.8) else e.text


def number(g: Gen) -> str:
    return expr(g, (), 1, 2.0).text


def function(g: Gen, scope: Scope) -> str:
    """A function of one number: a name, a lambda, a composition."""
    choices: list[Callable[[], str]] = [
        lambda: f"lambda t: {value(g, ('t',))}",
        lambda: g.rng.choice(["np.sin", "np.tanh", "math.cos"]),
    ]
    if scope.pure:
        choices += [lambda: g.rng.choice(scope.pure)] * 3
        choices.append(lambda: f"functools.partial({module(scope, 'twice')}, {g.rng.choice(scope.pure)})")
        choices.append(lambda: f"{module(scope, 'compose')}({g.rng.choice(scope.pure)}, np.sin)")
    choices.append(lambda: f"{module(scope, 'scaled')}({number(g)})")
    return g.rng.choice(choices)()


def module(scope: Scope, name: str) -> str:
    """A function of the module, which is written there then."""
    scope.used.add(name)
    return name


@CLOSURES.add(4)
def make(g: Gen, scope: Scope) -> bool:
    """A lambda, a nested function, or what a function of functions gives."""
    if g.depth:
        return False
    name = scope.name("g")
    kind = g.rng.choice(["lambda", "def", "value", "default"])
    g.use(f"make_{kind}")
    if kind == "lambda":
        g.emit(f"{name} = lambda t: {value(g, ('t',))}")
    elif kind == "value":
        g.emit(f"{name} = {function(g, scope)}")
    elif kind == "default":
        around = [v.name for v in g.floats(())]
        if not around:
            return False
        g.emit(f"{name} = lambda t, k={g.rng.choice(around)}: np.sin(t) * k")
    else:
        with g.block(f"def {name}(t):"):
            if g.chance(0.5):
                g.emit(f"u = {value(g, ('t',))}")
                g.emit("return 0.5 * u * t + np.sin(u)")
            else:
                g.emit(f"return {value(g, ('t',))}")
    scope.pure.append(name)
    return True


@CLOSURES.add(1.5)
def make_rebinding(g: Gen, scope: Scope) -> bool:
    """A nested function that adds to a variable around it."""
    around = [v for v in g.floats(()) if not v.fixed and not v.param]
    if g.depth or not around:
        return False
    name, var = scope.name("step"), g.recent(around)
    g.use("nonlocal")
    with g.block(f"def {name}(t):"):
        g.emit(f"nonlocal {var.name}")
        g.emit(f"{var.name} = 0.5 * {var.name} + 0.3 * np.sin(t)")
        g.emit(f"return {var.name} * t" if g.chance(0.7) else f"return {value(g, ('t',))}")
    scope.rebinding.append(name)
    return True


@CLOSURES.add(5)
def apply(g: Gen, scope: Scope) -> bool:
    """A call, alone or in an expression."""
    names = scope.pure + scope.rebinding
    if not names:
        return False
    g.use("apply")
    call = f"{g.rng.choice(names)}({number(g)})"
    if g.chance(0.4):
        call = f"{call} * {g.rng.choice(names)}({number(g)})"
    if g.chance(0.4):
        call = f"0.5 * {call} + {expr(g, (), 1, 2.0).at(ATOM)}"
    result(g, call)
    return True


def result(g: Gen, text: str) -> None:
    name = g.fresh()
    g.emit(f"{name} = np.tanh({text})" if g.chance(0.6) else f"{name} = {text}")
    bind(g, name, E(name, (), CAP))


@CLOSURES.add(4)
def pass_on(g: Gen, scope: Scope) -> bool:
    """A function given to a function of the module."""
    sort = g.rng.choice(["twice", "euler", "both", "newton", "pick", "compose", "scaled"])
    g.use(f"pass_{sort}")
    f = module(scope, sort)
    if sort == "twice":
        given = g.rng.choice(scope.pure + scope.rebinding) if scope.rebinding else function(g, scope)
        result(g, f"{f}({given}, {number(g)})")
    elif sort == "euler":
        more = g.rng.choice(["", ", 0.2", ", n=3", ", h=0.05"])
        result(g, f"{f}({function(g, scope)}, {number(g)}{more})")
    elif sort == "both":
        result(g, f"{f}({function(g, scope)}, {function(g, scope)}, {number(g)}, {number(g)})")
    elif sort == "newton":
        result(g, f"{f}({function_to_differentiate(g, scope)}, {number(g)})")
    elif sort == "pick":
        result(g, f"{f}({function(g, scope)}, {function(g, scope)}, {number(g)})")
    elif sort == "compose":
        result(g, f"{f}({function(g, scope)}, {function(g, scope)})({number(g)})")
    else:
        result(g, f"{f}({number(g)})({number(g)})")
    return True


def function_to_differentiate(g: Gen, scope: Scope) -> str:
    return g.rng.choice(scope.pure) if scope.pure and g.chance(0.5) else f"lambda t: {value(g, ('t',))}"


@CLOSURES.add(3)
def derivative(g: Gen, scope: Scope) -> bool:
    """A gradient and its relatives, of a lambda or of what captures."""
    f = function_to_differentiate(g, scope)
    sort = g.rng.choice(["grad", "grad", "value_and_grad", "jvp", "hessian", "vjp", "argnums"])
    g.use(f"nested_{sort}")
    if sort == "grad":
        result(g, f"adtrans.grad({f})({number(g)})")
    elif sort == "hessian":
        result(g, f"adtrans.hessian({f})({number(g)})")
    elif sort == "argnums":
        two = f"lambda t, u: {value(g, ('t', 'u'))}"
        which = g.rng.choice(["1", "'t'"])
        result(g, f"adtrans.grad({two}, argnums={which})({number(g)}, {number(g)})")
    else:
        a, b = g.fresh(), scope.name("d")
        if sort == "value_and_grad":
            g.emit(f"{a}, {b} = adtrans.value_and_grad({f})({number(g)})")
        elif sort == "jvp":
            g.emit(f"{a}, {b} = adtrans.jvp({f}, ({number(g)},), ({number(g)},))")
        else:
            g.emit(f"{a}, {b}_back = adtrans.vjp({f}, {number(g)})")
            g.emit(f"({b},) = {b}_back({number(g)})")
        for name in (a, b):
            bind(g, name, E(name, (), CAP))
    return True


@CLOSURES.add(2)
def choose(g: Gen, scope: Scope) -> bool:
    """A function that is chosen by a condition, and called behind it."""
    if g.depth:
        return False
    name = scope.name("h")
    g.use("choose")
    test = f"({number(g)}) > ({number(g)})"
    first, second = function(g, scope), function(g, scope)
    if g.chance(0.5):
        one = first if "lambda" not in first else f"({first})"
        g.emit(f"{name} = {one} if {test} else {second}")
    else:
        with g.block(f"if {test}:"):
            g.emit(f"{name} = {first}")
        with g.block("else:"):
            g.emit(f"{name} = {second}")
    result(g, f"{name}({number(g)}) + {name}({number(g)})")
    scope.pure.append(name)
    return True


@CLOSURES.add(2)
def over_functions(g: Gen, scope: Scope) -> bool:
    """A loop or a sum over several functions."""
    if g.depth:
        return False
    row = ", ".join(function(g, scope) for _ in range(g.rng.randint(2, 3)))
    name, f = g.fresh(), scope.name("f")
    g.use("over_functions")
    if g.chance(0.4):
        result(g, f"sum({f}({number(g)}) for {f} in [{row}])")
        return True
    g.emit(f"{name} = {number(g)}")
    with g.block(f"for {f} in ({row}):"):
        g.emit(f"{name} = np.sin({name}) + 0.5 * {f}({name})")
    bind(g, name, E(name, (), CAP))
    return True


@CLOSURES.add(1)
def mapped(g: Gen, scope: Scope) -> bool:
    if not scope.pure:
        return False
    g.use("map")
    result(g, f"sum(map({function(g, scope)}, ({number(g)}, {number(g)})))")
    return True


@CLOSURES.add(1)
def pieces(g: Gen, scope: Scope) -> bool:
    """`np.piecewise` of a number or of three; each function sees its own points."""
    g.use("piecewise")
    points = scope.name("points")
    g.emit(
        f"{points} = np.array([{number(g)}, {number(g)}, {number(g)}])"
        if g.chance(0.7)
        else f"{points} = {number(g)}"
    )
    conditions = g.rng.choice([["< 0.21"], ["< -0.13", "> 0.37"], ["> -0.43", "> 0.17"]])
    count = len(conditions) + g.rng.randint(0, 1)
    functions = [
        g.rng.choice(["np.sin", "np.tanh", "0.5", f"lambda t: {value(g, ('t',))}"]) for _ in range(count)
    ]
    tests = ", ".join(f"{points} {c}" for c in conditions)
    result(g, f"np.sum(np.piecewise({points}, [{tests}], [{', '.join(functions)}]))")
    return True


@CLOSURES.add(2)
def loop(g: Gen, scope: Scope) -> bool:
    """Calls in a loop: of what was made before it, whose captured variables change in it."""
    scalars = [v for v in g.floats(()) if not v.fixed]
    if g.depth or not scalars or not scope.pure + scope.rebinding:
        return False
    g.use("loop")
    var = g.recent(scalars)
    with g.block(f"for {scope.name('i')} in range(3):"):
        f = g.rng.choice(scope.pure + scope.rebinding)
        g.emit(f"{var.name} = 0.5 * {var.name} + 0.3 * np.sin({f}({var.name}))")
        if g.chance(0.4):
            apply(g, scope)
    return True


@CLOSURES.add(3)
def rebind(g: Gen, scope: Scope) -> bool:
    """A variable that closures may have captured gets another value."""
    scalars = [v for v in g.floats(()) if not v.fixed]
    if not scalars:
        return False
    var = g.recent(scalars)
    g.use("rebind")
    g.emit(f"{var.name} = np.cos({var.name}) + 0.3 * {number(g)}")
    return True


def generate(seed: int) -> Case:
    """The program of this seed: an entry `f` of numbers."""
    rng = random.Random(f"functions {seed}")
    g = Gen(rng, dims=(3, 2))
    scope = Scope()
    names = rng.sample(["x", "y", "a", "b"], rng.randint(1, 3))
    g.reserved = {"f", "t", "k", "u", "inner"}
    args = tuple(round(rng.uniform(0.2, 1.3) * rng.choice([1, 1, -1]), 3) for _ in names)
    for name in names:
        g.declare(name, F, 1.5, param=True)
    g.lines.append(f"def f({', '.join(names)}):")
    for name in names[:1]:
        g.emit(f"s = 0.5 * {name}")
        g.declare("s", F, 1.0)
    for _ in range(rng.randint(2, 9)):
        for _ in range(10):
            if CLOSURES.draw(g, scope):
                break
        if rng.random() < 0.15:
            g.budget = 1
            statements(g, 1)
    g.emit(f"return {gathered(g).text}")
    head = "import functools\nimport math\n\nimport adtrans\nimport numpy as np\n\n\n"
    parts = [MODULE[name].strip() for name in MODULE if name in scope.used]
    source = head + "\n\n\n".join([*parts, "\n".join(g.lines)]) + "\n"
    return Case(source, args, frozenset(g.features), seed)
