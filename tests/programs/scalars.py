"""Expressions that give a float scalar out of arrays, lists and Python's own functions."""

from __future__ import annotations

from tests.programs.conditions import mask
from tests.programs.expressions import SCALAR, expr
from tests.programs.functions import REDUCTIONS
from tests.programs.scope import ATOM, MUL, E, Gen, Shape, call, shape_of


def some_array(g: Gen, depth: int, rank: int | None = None) -> E:
    """An array expression of a shape that occurs in the program."""
    shapes = [shape_of(v) for v in g.arrays() if rank in (None, len(shape_of(v)))]
    n, m = g.dims
    fallback: Shape = (n,) if rank in (None, 1) else (n, m)
    shape = g.rng.choice(shapes) if shapes else fallback
    return expr(g, shape, depth, 4.0)


def size(e: E) -> int:
    out = 1
    for d in e.shape:
        out *= d
    return out


@SCALAR.add(8)
def reduction(g: Gen, shape: Shape, depth: int) -> E:
    """`np.sum(x)`, `x.mean()`."""
    fn = g.rng.choice((*REDUCTIONS, "sum", "sum", "mean"))
    a = some_array(g, depth)
    mag = {"sum": a.mag * size(a), "prod": max(a.mag, 1.0) ** size(a), "var": a.mag**2}.get(fn, a.mag)
    if fn == "std":
        a = E(f"0.1 * {a.at(MUL + 1)} + np.arange({a.shape[-1]}.0)", a.shape, a.mag, 7)
        if a.shape[-1] == 1:
            return call("np.sum", a.text, mag=mag + 4)
    if fn == "prod" and mag > 50:
        a, mag = call("np.cos", a.text, shape=a.shape), 1.0
    if g.chance(0.4):
        g.use(f".{fn}")
        return E(f"{a.at(ATOM)}.{fn}()", mag=mag)
    g.use(f"np.{fn}")
    return call(f"np.{fn}", a.text, mag=mag)


@SCALAR.add(2.5)
def product_of_vectors(g: Gen, shape: Shape, depth: int) -> E:
    a = some_array(g, depth, rank=1)
    b = expr(g, a.shape, depth, 4.0)
    mag = a.mag * b.mag * size(a)
    fn = g.rng.choice(["@", "np.dot", ".dot", "np.inner", "np.vdot", "einsum"])
    if fn == "@":
        g.use("op @")
        return E(f"{a.at(MUL)} @ {b.at(MUL + 1)}", mag=mag, prec=MUL)
    g.use(fn)
    if fn == ".dot":
        return E(f"{a.at(ATOM)}.dot({b.text})", mag=mag)
    if fn == "einsum":
        return E(f"np.einsum('i,i->', {a.text}, {b.text})", mag=mag)
    return call(fn, a.text, b.text, mag=mag)


@SCALAR.add(1)
def matrix_to_scalar(g: Gen, shape: Shape, depth: int) -> E:
    n = g.dims[0]
    a = expr(g, (n, n), depth, 4.0)
    regular = f"np.tanh({a.text}) + {n + 1}.0 * np.eye({n})"
    g.use("linalg")
    match g.rng.choice(["trace", "det", "slogdet", "norm", "quadratic", "diag"]):
        case "trace":
            g.use("np.trace")
            return call("np.trace", a.text, mag=a.mag * n)
        case "det":
            g.use("np.linalg.det")
            return E(f"0.01 * np.linalg.det({regular})", mag=(2.0 * n) ** n / 100, prec=MUL)
        case "slogdet":
            g.use("np.linalg.slogdet")
            return E(f"np.linalg.slogdet({regular})[1]", mag=2.0 * n)
        case "norm":
            g.use("np.linalg.norm")
            return call("np.linalg.norm", a.text, mag=a.mag * n)
        case "diag":
            g.use("np.diagonal")
            return E(f"np.sum(np.diagonal({a.text}))", mag=a.mag * n)
        case _:
            v = expr(g, (n,), 0, 2.0)
            g.use("op @")
            return E(f"{v.at(MUL)} @ {a.at(MUL + 1)} @ {v.at(MUL + 1)}", mag=a.mag * 4 * n * n, prec=MUL)


@SCALAR.add(1)
def masked_sum(g: Gen, shape: Shape, depth: int) -> E | None:
    arrays = g.arrays()
    if not arrays:
        return None
    var = g.recent(arrays)
    g.use("mask_read")
    test = mask(g, shape_of(var))
    return E(f"np.sum({var.name}[{test.text}])", mag=var.mag * size(E("", shape_of(var))))


@SCALAR.add(1.5)
def builtin(g: Gen, shape: Shape, depth: int) -> E:
    a, b = expr(g, (), depth, 4.0), expr(g, (), depth, 4.0)
    fn = g.rng.choice(["abs", "max", "min", "float", "pow", "sum"])
    g.use(f"builtin {fn}")
    match fn:
        case "max" | "min":
            return call(fn, a.text, b.text, mag=max(a.mag, b.mag))
        case "pow":
            return call("pow", a.text, "2", mag=a.mag**2)
        case "sum":
            return E(f"sum([{a.text}, {b.text}])", mag=a.mag + b.mag)
        case _:
            return call(fn, a.text, mag=a.mag)


@SCALAR.add(1.5)
def from_int(g: Gen, shape: Shape, depth: int) -> E | None:
    """Integers in a float expression: a loop variable, a length."""
    ints = [v for v in g.ints() if v.hi < 20]
    arrays = g.arrays()
    a = expr(g, (), depth, 4.0)
    if ints and g.chance(0.6):
        g.use("int_in_float")
        return E(f"{a.at(MUL)} * {g.rng.choice(ints).name}", mag=a.mag * 10, prec=MUL)
    if arrays:
        var = g.recent(arrays)
        how = g.rng.choice(
            [f"len({var.name})", f"{var.name}.shape[0]", f"{var.name}.size", f"{var.name}.ndim"]
        )
        g.use("shape_query")
        return E(f"{a.at(MUL)} / {how}", mag=a.mag, prec=MUL)
    return None


@SCALAR.add(1.5)
def from_list(g: Gen, shape: Shape, depth: int) -> E | None:
    lists = [v for v in g.lists() if v.length > 0]
    if not lists:
        return None
    var = g.recent(lists)
    k = g.rng.randrange(-var.length, var.length)
    g.use("list_index")
    if shape_of(var) == ():
        if g.chance(0.35):
            g.use("list_sum")
            return E(f"sum({var.name})", mag=var.mag * 6)
        return E(f"{var.name}[{k}]", mag=var.mag)
    g.use("list_of_arrays")
    return E(f"np.sum({var.name}[{k}])", mag=var.mag * size(E("", shape_of(var))))


@SCALAR.add(0.3)
def argument_of_extreme(g: Gen, shape: Shape, depth: int) -> E | None:
    vectors = [v for v in g.arrays() if len(shape_of(v)) == 1]
    if not vectors:
        return None
    var = g.recent(vectors)
    fn = g.rng.choice(["argmax", "argmin"])
    g.use(f"np.{fn}")
    return E(f"{var.name}[np.{fn}({var.name})]", mag=var.mag)


@SCALAR.add(0.3)
def comprehension_sum(g: Gen, shape: Shape, depth: int) -> E | None:
    vectors = [v for v in g.arrays() if len(shape_of(v)) == 1]
    if not vectors or "k" in g.vars or "e" in g.vars:
        return None
    var = g.recent(vectors)
    g.use("comprehension")
    if g.chance(0.5):
        return E(f"sum([np.sin(e) * e for e in {var.name}])", mag=4.0 * size(E("", shape_of(var))))
    return E(f"sum([{var.name}[k] * 0.5 for k in range(len({var.name}))])", mag=var.mag * shape_of(var)[0])
