"""The body of a function, its header, and the module around it."""

from __future__ import annotations

from tests.programs.blocks import give_back, statements
from tests.programs.expressions import expr
from tests.programs.scope import CAP, E, Gen, Sig, Var, shape_of


def header(g: Gen, sig: Sig) -> str:
    parts = []
    for p in sig.params:
        note = ""
        if g.chance(0.06):
            g.use("annotated_param")
            note = (
                ": int"
                if p.kind.base == "i"
                else ": float"
                if not p.kind.shape and not sig.elementwise
                else ""
            )
        space = " " if note else ""
        parts.append(f"{p.name}{note}" + (f"{space}={space}{p.default}" if p.default is not None else ""))
    return f"def {sig.name}({', '.join(parts)}):"


def body(g: Gen) -> None:
    """Statements until the budget is spent, then a return of what they computed."""
    if g.chance(0.08):
        g.use("docstring")
        g.emit('"""What it does."""')
    while g.budget > 0:
        statements(g, 1)
    if not g.returns:
        return
    if len(g.returns) == 1 and not g.returns[0]:
        g.emit(f"return {gathered(g).text}")
        return
    if len(g.returns) > 1:
        g.use("return_tuple")
    give_back(g)


def gathered(g: Gen) -> E:
    """A scalar that depends on several of the variables that are left."""
    terms = []
    for var in sample(g):
        if shape_of(var):
            forms = ["np.sum({0})", "{0}.sum()", "np.sum({0} * {0})", "np.mean(np.sin({0}))"]
            terms.append(g.rng.choice(forms).format(var.name))
        else:
            terms.append(g.rng.choice([var.name, f"0.5 * {var.name}", f"{var.name} * {var.name}"]))
    terms.append(expr(g, (), 2, CAP).at(7))
    g.use("return_scalar")
    return E(" + ".join(terms))


def sample(g: Gen) -> list[Var]:
    """The last two variables, and some of the others."""
    found = [v for v in g.floats() if not v.name.isupper()]
    if len(found) <= 4:
        return found
    chosen = {v.name for v in [*found[-2:], *g.rng.sample(found, 3)]}
    return [v for v in found if v.name in chosen]
