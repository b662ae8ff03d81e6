"""Compound statements: branches, loops, and the jumps in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.programs.conditions import condition
from tests.programs.expressions import expr
from tests.programs.scope import CAP, E, F, Gen, I, K, Loop, Table, Var, join, shape_of
from tests.programs.statements import SIMPLE, assign, bind, returned

COMPOUND: Table = Table()
LOOPS: Table = Table()


def statements(g: Gen, count: int) -> None:
    """Up to `count` statements, less where the budget ends."""
    for _ in range(count):
        if g.budget <= 0:
            return
        g.budget -= 1
        if g.depth < 3 and g.budget > 0 and g.chance(0.3):
            COMPOUND.draw(g)
        elif not (g.simple or SIMPLE).draw(g):
            assign(g)


def size(g: Gen) -> int:
    return g.rng.choices([1, 2, 3, 4, 6], [4, 4, 3, 1, 1])[0]


# ---------------------------------------------------------------- branches


@COMPOUND.add(4)
def branch(g: Gen) -> bool:
    """`if`, `elif`, `else`: what all branches define is defined afterwards."""
    arms = g.rng.choices([1, 2, 3, 4], [4, 5, 2, 0.7])[0]
    has_else = arms > 1 and g.chance(0.75)
    outer = g.snapshot()
    ends: list[dict[str, Var]] = []
    for k in range(arms):
        g.vars = {name: replace(var) for name, var in outer.items()}
        last = has_else and k == arms - 1
        test = "" if last else condition(g).text
        header = "else:" if last else f"{'elif' if k else 'if'} {test}:"
        g.use("else" if last else "elif" if k else "if")
        with g.block(header):
            if k and ends and g.chance(0.4):
                same_names(g, outer, ends[-1])
            statements(g, size(g))
            jumped = k < arms - 1 and g.chance(0.12) and jump(g)
        if not jumped:
            ends.append(g.vars)
    if not has_else:
        ends.append(outer)
    g.vars = join(outer, ends)
    return True


def same_names(g: Gen, outer: dict[str, Var], other: dict[str, Var]) -> None:
    """Define what the branch before has defined, so that it is known after the `if`."""
    new = [
        v for name, v in other.items() if name not in outer and isinstance(v.kind, K) and v.kind.base == "f"
    ]
    for var in new[:2]:
        e = expr(g, shape_of(var), 2, CAP)
        g.use("defined_in_branches")
        g.emit(f"{var.name} = {e.text}")
        bind(g, var.name, e)


def jump(g: Gen) -> bool:
    """End a branch with `return`, `break` or `continue`."""
    kinds = ["return"] if g.returns else []
    if g.loops:
        kinds += ["break", "break"]
        if g.loops[-1].breakable:
            kinds += ["continue", "continue"]
    if not kinds:
        return False
    kind = g.rng.choice(kinds)
    if kind == "return":
        g.use("return_in_loop" if g.loops else "early_return")
        give_back(g)
        return True
    g.use(kind)
    for loop in g.loops[-1:]:
        loop.jumped = True
    g.emit(kind)
    return True


def give_back(g: Gen) -> None:
    """A return statement of the function's kinds."""
    values = [returned(g, shape).at(1) for shape in g.returns]
    g.emit(f"return {', '.join(values)}" if values else "return")


@COMPOUND.add(1.2)
def guarded_jump(g: Gen) -> bool:
    """`if c: break` on its own, as loops have it; outside a loop an early return."""
    outer = g.snapshot()
    with g.block(f"if {condition(g).text}:"):
        if g.chance(0.3):
            statements(g, 1)
        if not jump(g):
            statements(g, 1)
    g.vars = join(outer, [outer])
    return True


@COMPOUND.add(0.8)
def running_extreme(g: Gen) -> bool:
    """`if a < x[i]: a = x[i]`: a branch on a value, in a loop."""
    arrays = [v for v in g.arrays() if len(shape_of(v)) == 1]
    if not arrays or "i" in g.vars or g.trips > 12:
        return False
    var = g.recent(arrays)
    name = g.fresh()
    g.use("for_range", "if", "running_extreme")
    g.emit(f"{name} = {var.name}[0]")
    with (
        g.block(f"for i in range(len({var.name})):"),
        g.block(f"if {name} {g.rng.choice('<>')} {var.name}[i]:"),
    ):
        g.emit(f"{name} = {var.name}[i]")
    bind(g, name, E("x", (), var.mag))
    return True


# ------------------------------------------------------------------- loops


@COMPOUND.add(6)
def loop(g: Gen) -> bool:
    return g.trips <= 12 and bool(LOOPS.draw(g, tries=4))


def looped(
    g: Gen, header: str, trips: int, targets: Callable[[], object], first: str = "", runs: bool = True
) -> bool:
    """A loop with a random body; what the body defines is known afterwards if it surely ran to its end."""
    outer = g.snapshot()
    if g.loops:
        g.use("nested_loop")
    current = Loop(trips)
    g.loops.append(current)
    with g.block(header):
        targets()
        if first:
            g.emit(first)
        statements(g, size(g))
    g.loops.pop()
    body = g.vars
    sure = runs and trips > 0 and not current.jumped
    if sure and len(body) > len(outer):
        g.use("loop_local_after")
    g.vars = join(outer, [outer, body]) if not sure else body
    for name, var in outer.items():
        if name in g.vars:
            g.vars[name].mag = max(var.mag, g.vars[name].mag)
    if g.chance(0.12):
        loop_else(g)
    return True


def loop_else(g: Gen) -> None:
    outer = g.snapshot()
    g.use("loop_else")
    with g.block("else:"):
        statements(g, size(g))
    g.vars = join(outer, [outer, g.vars])


def loop_name(g: Gen) -> str:
    return next(
        n
        for n in ["i", "j", "k", "i1", "j1", "k1", "i2", "j2", "k2"]
        if n not in g.vars and n not in g.reserved
    )


@LOOPS.add(6)
def for_range(g: Gen) -> bool:
    i = loop_name(g)
    header, numbers = range_text(g)
    lo, hi = (min(numbers), max(numbers)) if numbers else (0, 0)
    g.use("for_range")
    if g.chance(0.12):
        g.use("reversed_range")
        header = f"reversed({header})"
    return looped(g, f"for {i} in {header}:", len(numbers), lambda: declare_int(g, i, lo, hi))


def declare_int(g: Gen, name: str, lo: int, hi: int) -> None:
    g.declare(name, I, lo=lo, hi=hi, fixed=True)


def range_text(g: Gen) -> tuple[str, range]:
    """A range and the numbers in it: any start, any step, sometimes none."""
    r = g.rng.random()
    sizes = [(v.name, v.lo) for v in g.ints() if v.lo == v.hi and v.lo < 7]
    sizes += [(f"len({v.name})", shape_of(v)[0]) for v in g.arrays()]
    if sizes and r < 0.45:
        text, n = g.rng.choice(sizes)
        if g.chance(0.3) and n > 1:
            g.use("range_start")
            return f"range(1, {text})", range(1, n)
        if g.chance(0.2):
            return f"range({text} - 1)", range(n - 1)
        return f"range({text})", range(n)
    if r < 0.65:
        n = g.rng.randint(0, 4)
        if n == 0:
            g.use("range_empty")
        return f"range({n})", range(n)
    if r < 0.78:
        g.use("range_start")
        a, b = g.rng.randint(-1, 2), g.rng.randint(2, 4)
        return f"range({a}, {b})", range(a, b)
    if r < 0.88:
        g.use("range_step")
        a, b, s = g.rng.randint(0, 1), g.rng.randint(3, 6), g.rng.choice([2, 3])
        return f"range({a}, {b}, {s})", range(a, b, s)
    g.use("range_negative_step")
    a, b, s = g.rng.randint(2, 5), g.rng.randint(-1, 1), g.rng.choice([-1, -1, -2])
    return f"range({a}, {b}, {s})", range(a, b, s)


@LOOPS.add(2)
def for_array(g: Gen) -> bool:
    """Over an array: its elements, or its rows, which are views."""
    arrays = g.arrays()
    if not arrays:
        return False
    var = g.recent(arrays)
    name = g.fresh()
    header, rest = var.name, shape_of(var)[1:]
    before: list[Callable[[], object]] = []
    kind = g.rng.choice(["plain", "plain", "enumerate", "reversed", "zip", "literal", "enumerate_start"])
    if kind == "literal":
        g.use("for_literal")
        values = sorted(g.rng.sample([0.1, 0.4, 0.7, 1.1], g.rng.randint(1, 3)))
        return looped(g, f"for {name} in {g.rng.choice([values, (*values, 1.3)])}:", 3,
                      lambda: g.declare(name, F, 1.3))  # fmt: skip
    targets = [(name, rest, var)]
    text = name
    if kind.startswith("enumerate"):
        i = loop_name(g)
        start = g.rng.randint(1, 2) if kind == "enumerate_start" else 0
        header, text = f"enumerate({var.name}{f', {start}' if start else ''})", f"{i}, {name}"
        n = shape_of(var)[0]
        before.append(lambda: declare_int(g, i, start, n - 1 + start))
    elif kind == "reversed":
        header = f"reversed({var.name})"
    elif kind == "zip":
        other = g.recent(arrays)
        second = g.fresh()
        if second == name:
            return False
        header, text = f"zip({var.name}, {other.name})", f"{name}, {second}"
        targets.append((second, shape_of(other)[1:], other))
    g.use("for_rows" if rest else "for_array", f"for_{kind}")

    def declare() -> None:
        for setup in before:
            setup()
        for target, shape, source in targets:
            if shape:
                source.shared = True
            g.declare(
                target,
                K("f", shape),
                source.mag,
                writable=source.writable,
                shared=bool(shape),
                param=source.param,
            )

    return looped(g, f"for {text} in {header}:", min(shape_of(s)[0] for _, _, s in targets), declare)


@LOOPS.add(2)
def for_list(g: Gen) -> bool:
    lists = [v for v in g.lists() if v.length > 0]
    if not lists:
        return False
    var = g.recent(lists)
    name = g.fresh()
    g.use("list_iterate")
    kind, shape, length, mag = var.kind, shape_of(var), var.length, var.mag
    del g.vars[var.name]  # not to be appended to while it is walked through
    g.reserved.add(var.name)
    looped(
        g,
        f"for {name} in {var.name}:",
        3,
        lambda: g.declare(name, K("f", shape), mag, writable=False) and None,
    )
    g.reserved.discard(var.name)
    g.declare(var.name, kind, mag, length=length, writable=False)
    return True


@LOOPS.add(1)
def drain_list(g: Gen) -> bool:
    """`while stack: s += stack.pop()`."""
    lists = [v for v in g.lists() if shape_of(v) == ()]
    if not lists or g.loops:
        return False
    var = g.recent(lists)
    name = g.fresh()
    g.use("list_drained", "list_pop", "while")
    g.emit(f"{name} = 0.0")
    with g.block(g.rng.choice([f"while {var.name}:", f"while len({var.name}) > 0:"])):
        g.emit(f"{name} = 0.7 * {name} + np.sin({var.name}.pop())")
    del g.vars[var.name]
    g.declare(name, F, 3.0)
    return True


@LOOPS.add(2.5)
def while_loop(g: Gen) -> bool:
    """A bounded `while`, often with a test on a value as well."""
    k = loop_name(g)
    trips = g.rng.randint(1, 4)
    g.use("while")
    test, sure = f"{k} < {trips}", True
    g.emit(f"{k} = 0")
    g.declare(k, I, lo=0, hi=trips, fixed=True)
    if g.chance(0.4):
        g.use("while_value")
        extra = condition(g, 0)
        test, sure = f"{test} and {extra.at(3)}", False
    elif g.chance(0.25):
        g.use("while_true")
        g.vars[k].hi = trips + 1
        with_break(g, k, trips)
        return True
    looped(g, f"while {test}:", trips, lambda: None, f"{k} += 1", sure)
    return True


def with_break(g: Gen, k: str, trips: int) -> None:
    outer = g.snapshot()
    current = Loop(trips)
    g.loops.append(current)
    with g.block("while True:"):
        g.emit(f"{k} += 1")
        with g.block(f"if {k} > {trips}:"):
            g.emit("break")
        statements(g, size(g))
    g.loops.pop()
    g.vars = join(outer, [outer, g.vars])


@LOOPS.add(0.8)
def search_else(g: Gen) -> bool:
    """`for … if …: break … else: …`."""
    arrays = [v for v in g.arrays() if len(shape_of(v)) == 1]
    if not arrays:
        return False
    var = g.recent(arrays)
    i, name = loop_name(g), g.fresh()
    g.use("for_else", "break", "for_range")
    with (
        g.block(f"for {i} in range({shape_of(var)[0]}):"),
        g.block(f"if {var.name}[{i}] > {g.rng.choice([0.3, 0.9])}:"),
    ):
        g.emit(f"{name} = np.sin({var.name}[{i}])")
        g.emit("break")
    with g.block("else:"):
        g.emit(f"{name} = {expr(g, (), 1, CAP).text}")
    g.declare(name, F, CAP)
    return True


@LOOPS.add(1)
def stencil(g: Gen) -> bool:
    """A time loop over an array that is updated in place."""
    arrays = [v for v in g.arrays(writable=True) if shape_of(v)[0] >= 3]
    if not arrays or g.loops:
        return False
    u = g.recent(arrays).name
    i = loop_name(g)
    g.use("stencil", "for_range")
    if g.vars[u].param:
        g.use("arg_inplace")
    with g.block(f"for {i} in range({g.rng.randint(1, 3)}):"):
        g.emit(g.rng.choice([
            f"{u}[1:-1] = {u}[1:-1] + 0.1 * ({u}[2:] - 2.0 * {u}[1:-1] + {u}[:-2])",
            f"{u}[1:] -= 0.3 * {u}[1:] * {u}[:-1] / (1.0 + {u}[1:] ** 2)",
            f"{u}[1:-1] += 0.1 * np.sin({u}[2:]) * {u}[:-2]",
        ]))  # fmt: skip
    return True


@LOOPS.add(1.6)
def filled_buffer(g: Gen) -> bool:
    """`ys = np.zeros(n)`, or `np.empty_like(x)`, filled element by element or row by row."""
    like = g.recent(g.arrays()) if g.arrays() else None
    shape = shape_of(like) if like else (g.dims[0],)
    fn = g.rng.choice(["np.zeros", "np.ones", "np.empty"])
    text = (
        f"{fn}_like({like.name})"
        if like and g.chance(0.6)
        else f"{fn}({shape if len(shape) > 1 else shape[0]})"
    )
    name, i = g.fresh(), loop_name(g)
    g.use("buffer_filled", "for_range", text.split("(")[0])
    g.emit(f"{name} = {text}")
    g.declare(i, I, lo=0, hi=shape[0] - 1, fixed=True)
    g.loops.append(Loop(shape[0]))
    with g.block(f"for {i} in range({shape[0]}):"):
        e = expr(g, shape[1:], 2, CAP)
        g.emit(f"{name}[{i}] = {e.text}")
    g.loops.pop()
    g.declare(name, K("f", shape), CAP)
    return True
