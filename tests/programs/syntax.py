"""The family `syntax`: `with`, `try`, `match`, `:=`, settings, starred arguments, comprehensions."""

from __future__ import annotations

import random

from tests.programs.blocks import size, statements
from tests.programs.conditions import condition
from tests.programs.expressions import expr
from tests.programs.generator import Case, assemble, define, entry, entry_signature, module_constants
from tests.programs.scope import CAP, E, Gen, Shape, Table, shape_of
from tests.programs.statements import Mixed, bind

STATEMENTS: Table = Table()

HELPERS = """\
def weighted(x, w=None, scale=None, mode="sum"):
    if w is None:
        w = 0.5 * np.cos(x)
    elif isinstance(w, np.ndarray) and np.ndim(w) > 0:
        w = 0.3 * w
    if scale is not None:
        x = x * np.tanh(scale)
    if mode == "sum":
        return x + w
    elif mode not in ("product", "first"):
        raise ValueError(f"unknown mode {mode}")
    return x * np.tanh(w) if mode == "product" else x


def several(first, *rest, scale=1.0, **options):
    total = first
    for k, part in enumerate(rest):
        total = 0.5 * total * np.tanh(part) + part if k else total + part
    if "shift" in options:
        total = total + options["shift"]
    return np.tanh(scale) * total * options.get("factor", 0.8)


def passed_on(a, *args, **kw):
    return several(a, *args, **kw)


def parts(x, full=False):
    y = np.tanh(x)
    if full:
        return y, 0.5 * x
    return y


def perhaps(x, limit):
    if np.sum(x) > limit:
        return np.tanh(x)
    for k in range(3):
        if k * limit > 1.0:
            return 0.5 * x


def twice(x):
    y = np.tanh(x)
    return y, y


def element(x, k):
    if k > 1:
        raise IndexError(k)
    return 0.7 * x[k]
"""


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (5, 4)]), simple=Mixed(STATEMENTS, 0.45))
    constants = module_constants(g)
    if g.chance(0.3):
        define(g, "g")
    g.lines += [*HELPERS.splitlines(), "", ""]
    g.reserved |= {"weighted", "several", "passed_on", "parts", "element", "perhaps", "twice", "k", "v"}
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


def small(g: Gen, shape: Shape, depth: int = 1) -> E:
    """An expression of a size of at most 2."""
    return expr(g, shape, depth, 2.0)


def assigned(g: Gen, shape: Shape, text: str, mag: float) -> bool:
    """`name = text`, a new value."""
    same = [v for v in g.floats(shape) if not v.fixed]
    name = g.recent(same).name if same and g.chance(0.4) else g.fresh()
    g.emit(f"{name} = {text}")
    bind(g, name, E(text, shape, min(mag, CAP)))
    return True


@STATEMENTS.add(4)
def context(g: Gen) -> bool:
    """A block in a context that changes no value."""
    if g.depth > 2 or g.budget < 1:
        return False
    g.use("with")
    header = g.rng.choice(['np.errstate(all="ignore")', 'np.errstate(over="ignore", divide="ignore")'])
    with g.block(f"with {header}:"):
        statements(g, min(size(g), 2))
        g.emit("pass")
    return True


@STATEMENTS.add(3)
def guarded(g: Gen) -> bool:
    """A `try` whose handlers raise, or with a `finally`."""
    if g.depth > 2 or g.budget < 1:
        return False
    g.use("try")
    with g.block("try:"):
        statements(g, min(size(g), 2))
        g.emit("pass")
    if g.chance(0.5):
        g.emit("except ZeroDivisionError as error:")
        g.emit('    raise ValueError("divided by zero") from error')
    else:
        g.emit("finally:")
        g.emit('    print(end="")')
    return True


@STATEMENTS.add(4)
def attempt(g: Gen) -> bool:
    """A `try` with a handler that goes on, taken or not."""
    vectors = [v for v in g.floats() if len(shape_of(v)) == 1 and not v.fixed]
    if not vectors:
        return False
    g.use("except")
    x, k = g.recent(vectors), g.rng.choice([0, 1, 7])
    name = g.fresh()
    a, b = small(g, ()), small(g, ())
    tried = g.rng.choice([f"{x.name}[{k}] * ({a.text})", f"element({x.name}, {k}) + {a.text}"])
    with g.block("try:"):
        g.emit(f"{name} = {tried}")
    with g.block(g.rng.choice(["except IndexError:", "except (IndexError, ValueError):"])):
        g.emit(f"{name} = {b.text}")
    if g.chance(0.3):
        g.emit(f"else:\n{'    ' * (g.indent + 1)}{name} = 0.5 * {name}")
    bind(g, name, E("", (), min(2.0 * x.mag + 4.0, CAP)))
    return True


@STATEMENTS.add(2)
def one_array_twice(g: Gen) -> bool:
    """Two results that are one array."""
    if g.elementwise:
        return False
    shape = g.some_shape()
    a, b, value = g.fresh(), g.fresh(), small(g, shape).text
    if a == b:
        return False
    g.use("twice")
    g.emit(f"{a}, {b} = twice({value})")
    bind(g, a, E(a, shape, 1.0))
    bind(g, b, E(b, shape, 1.0))
    return True


@STATEMENTS.add(3)
def asked_for_none(g: Gen) -> bool:
    """What a function gives on some paths only."""
    if g.elementwise:
        return False
    g.use("maybe_none")
    shape = g.some_shape()
    found, value, other = g.fresh(), small(g, shape).text, small(g, shape).text
    g.reserved.add(found)
    g.emit(f"{found} = perhaps({value}, {g.rng.choice(['-1e3', '0.1', '0.7', '1e3'])})")
    if g.chance(0.5):
        return assigned(g, shape, f"{other} if {found} is None else {found} + 0.5 * ({other})", 3.0)
    name = g.fresh()
    g.emit(f"if {found} is not None:")
    g.emit(f"    {name} = {found} * np.tanh({other})")
    g.emit("else:")
    g.emit(f"    {name} = {other}")
    bind(g, name, E(name, shape, CAP))
    return True


@STATEMENTS.add(4)
def walrus(g: Gen) -> bool:
    shape = g.some_shape()
    name, a, b = g.fresh(), small(g, shape, 2), small(g, shape)
    g.use(":=")
    text = g.rng.choice(
        [
            f"({name} := {a.text}) + {b.text}",
            f"({b.text}) * np.tanh({name} := {a.text})",
            f"np.sin({name} := {a.text}) + 0.5 * {name}",
        ]
    )
    assigned(g, shape, text, 4.0)
    if name not in g.vars:
        bind(g, name, E(a.text, shape, a.mag))
    return True


@STATEMENTS.add(2)
def walrus_in_test(g: Gen) -> bool:
    name, other, a = g.fresh(), g.fresh(), small(g, (), 2)
    if other == name:
        return False
    g.use(":= in if")
    with g.block(f"if ({name} := {a.text}) > {g.rng.choice(['0.0', '0.3', '-0.5'])}:"):
        g.emit(f"{other} = {name} * ({small(g, ()).text})")
    with g.block("else:"):
        g.emit(f"{other} = 0.5 - {name}")
    bind(g, name, E("", (), 2.0))
    bind(g, other, E("", (), 4.0))
    return True


@STATEMENTS.add(3)
def match(g: Gen) -> bool:
    """One value for each case."""
    shape = g.some_shape()
    name, kind = g.fresh(), g.rng.choice(["1", '"b"', "None", "(1, 2)", "2"])
    g.use("match")
    with g.block(f"match {kind}:"):
        for pattern in ["1", '"a" | "b"', "(1, k)", "None", "_"]:
            a = small(g, shape)
            factor = "0.5 * k * " if "k" in pattern else ""
            g.emit(f"case {pattern}:")
            g.emit(f"    {name} = {factor}({a.text})")
    bind(g, name, E("", shape, 3.0))
    return True


@STATEMENTS.add(2)
def quotient(g: Gen) -> bool:
    """`divmod` away from its jumps."""
    shape = g.some_shape()
    first, second = g.fresh(), g.fresh()
    if first == second:
        return False
    a = small(g, shape)
    g.use("divmod")
    g.emit(f"{first}, {second} = divmod(0.2 * np.tanh({a.text}) + 1.5, {g.rng.choice(['1.0', '1.2'])})")
    bind(g, first, E("", shape, 2.0))
    bind(g, second, E("", shape, 1.2))
    return True


@STATEMENTS.add(5)
def settings(g: Gen) -> bool:
    shape = g.some_shape()
    a, b = small(g, shape), small(g, shape)
    g.use("settings")
    more = g.rng.choice(
        [
            "",
            ", None",
            f", {b.text}",
            f", scale={small(g, ()).text}",
            ', mode="product"',
            f', {b.text}, mode="product"',
            f', w={b.text}, scale={small(g, ()).text}, mode="first"',
        ]
    )
    return assigned(g, shape, f"weighted({a.text}{more})", 5.0)


@STATEMENTS.add(5)
def starred(g: Gen) -> bool:
    """Calls with any number of arguments, of a tuple and a dict."""
    shape = g.some_shape()
    row = [small(g, shape).at(1) for _ in range(g.rng.choice([1, 2, 3]))]
    options = [f"{key}={small(g, ()).text}" for key in ("shift", "factor", "scale") if g.chance(0.35)]
    fn = g.rng.choice(["several", "passed_on"])
    g.use("*args")
    if g.chance(0.4):
        name = g.fresh()
        g.reserved.add(name)
        g.emit(f"{name} = ({', '.join(row)},)")
        row = [f"*{name}"] if g.chance(0.6) else [row[0], f"*{name}"]
        g.vars.pop(name, None)
    if options and g.chance(0.4):
        name = g.fresh()
        g.reserved.add(name)
        pairs = (option.partition("=") for option in options)
        g.emit(f"{name} = {{{', '.join(f'{key!r}: {value}' for key, _, value in pairs)}}}")
        options = [f"**{name}"]
        g.vars.pop(name, None)
    return assigned(g, shape, f"{fn}({', '.join([*row, *options])})", 8.0)


@STATEMENTS.add(2)
def results_by_flag(g: Gen) -> bool:
    shape = g.some_shape()
    a, first, second = small(g, shape), g.fresh(), g.fresh()
    if first == second:
        return False
    g.use("full=True")
    g.emit(f"{first}, {second} = parts({a.text}, full=True)")
    bind(g, first, E("", shape, 1.0))
    bind(g, second, E("", shape, 1.0))
    return assigned(g, shape, f"parts({small(g, shape).text})", 1.0)


@STATEMENTS.add(3)
def comprehension(g: Gen) -> bool:
    """Sums over comprehensions with two loops and conditions."""
    vectors = [v for v in g.floats() if len(shape_of(v)) == 1]
    if not vectors or len(g.loops) > 1:
        return False
    x, y = g.recent(vectors), g.rng.choice(vectors)
    g.use("for for")
    test = g.rng.choice(["", f" if {condition(g).text}", " if v > 0.1", " if k > 0 if v < 0.9"])
    text = f"sum(0.1 * np.tanh(v) * {y.name}[k] for v in {x.name} for k in range(2){test})"
    if "[" in test:
        return False
    return assigned(g, (), text, 0.2 * len(vectors) * (1.0 + y.mag) * 5)
