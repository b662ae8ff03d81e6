"""Truth values: comparisons of floats and integers, combined; masks."""

from __future__ import annotations

from tests.programs.atoms import leaf, number
from tests.programs.scope import ADD, AND, COMPARE, NOT, OR, E, Gen, Shape, shape_of


def condition(g: Gen, depth: int = 1) -> E:
    """A test as an `if` has it."""
    r = g.rng.random()
    if depth > 0 and r < 0.22:
        op = g.rng.choice(["and", "or"])
        g.use(op)
        prec = AND if op == "and" else OR
        a, b = condition(g, 0), condition(g, 0)
        return E(f"{a.at(prec)} {op} {b.at(prec + 1)}", prec=prec)
    if depth > 0 and r < 0.3:
        g.use("not")
        a = condition(g, 0)
        return E(f"not {a.at(NOT)}", prec=NOT)
    if r < 0.45:
        found = int_condition(g)
        if found:
            return found
    flags = [v for v in g.vars.values() if v.kind.shape == () and getattr(v.kind, "base", "") == "b"]
    if flags and r < 0.55:
        g.use("bool_variable")
        return E(g.rng.choice(flags).name)
    if r < 0.62 and g.arrays():
        g.use("any_all")
        var = g.recent(g.arrays())
        if g.chance(0.5):
            return E(
                f"np.{g.rng.choice(['any', 'all'])}({var.name} > {g.rng.choice(['0.2', '-0.9', '1.1'])})"
            )
        return E(f"({var.name} > 0.3).{g.rng.choice(['any', 'all'])}()")
    return float_condition(g)


def float_condition(g: Gen) -> E:
    a, b = leaf(g, ()), number(g) if g.chance(0.7) else leaf(g, ())
    op = g.rng.choice(["<", "<=", ">", ">=", "<", ">", "!=", "=="])
    g.use(f"op {op}")
    if op in ("<", "<=") and g.chance(0.15):
        g.use("chained_comparison")
        return E(f"-0.7 {op} {a.at(ADD)} < {b.at(ADD)}", prec=COMPARE)
    return E(f"{a.at(ADD)} {op} {b.at(ADD)}", prec=COMPARE)


def int_condition(g: Gen) -> E | None:
    ints = g.ints()
    if not ints:
        return None
    var = g.rng.choice(ints[-3:])
    g.use("int_condition")
    test = g.rng.choice([f"{var.name} % 2 == 0", f"{var.name} > 1", f"{var.name} == 0", f"{var.name} != 2"])
    return E(test, prec=COMPARE)


def mask(g: Gen, shape: Shape) -> E:
    """A boolean array: a comparison, a combination of two, or a variable that holds one."""
    known = g.where(lambda v: getattr(v.kind, "base", "") == "b" and shape_of(v) == shape)
    if known and g.chance(0.5):
        return E(g.recent(known).name)
    a = leaf(g, shape)
    op = g.rng.choice("<>")
    first = f"{a.at(ADD)} {op} {number(g).text}"
    r = g.rng.random()
    if r < 0.15:
        op = g.rng.choice("&|")
        g.use(f"op {op}")
        return E(f"({first}) {op} ({leaf(g, shape).at(ADD)} < 0.9)", prec=COMPARE)
    if r < 0.22:
        g.use("op ~")
        return E(f"~({first})", prec=COMPARE)
    return E(first, prec=COMPARE)
