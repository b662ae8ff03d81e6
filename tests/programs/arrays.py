"""Expressions that give an array by something other than elementwise work."""

from __future__ import annotations

import math

from tests.programs.atoms import number
from tests.programs.expressions import ARRAY, expr
from tests.programs.scope import ATOM, MUL, E, Gen, Shape, Table, call, shape_of

SAME_SHAPE = [
    *("np.copy", ".copy", "np.flip", "np.roll", "np.sort", "np.cumsum", "np.cumprod", ".cumsum", "astype"),
    *("np.asarray", "np.tril", "np.triu", "np.broadcast_to"),
]
VECTOR: Table = Table()
"""Productions for rank 1 only."""


@ARRAY.add(4)
def vector(g: Gen, shape: Shape, depth: int) -> E | None:
    return VECTOR.draw(g, shape, depth, tries=3) if len(shape) == 1 else None


@ARRAY.add(3)
def axis_reduction(g: Gen, shape: Shape, depth: int) -> E:
    """`np.sum(u, axis=0)`, `u.mean(1)`."""
    axis = g.rng.randint(0, len(shape))
    full = (*shape[:axis], g.rng.choice(g.dims), *shape[axis:])
    if math.prod(full) > 60:
        full = (*shape[:axis], 1, *shape[axis:])
    a = expr(g, full, depth, 4.0)
    fn = g.rng.choice(["sum", "sum", "mean", "max", "min", "prod", "var"])
    k = axis - len(full) if g.chance(0.3) else axis
    mag = {"sum": a.mag * full[axis], "prod": a.mag ** full[axis], "var": a.mag**2}.get(fn, a.mag)
    g.use("axis")
    return reduced(g, fn, a, str(k), shape, mag)


@ARRAY.add(1.5)
def keepdims_reduction(g: Gen, shape: Shape, depth: int) -> E | None:
    ones = [k for k, d in enumerate(shape) if d == 1]
    if not ones:
        return None
    axis = g.rng.choice(ones)
    full = (*shape[:axis], g.rng.choice(g.dims), *shape[axis + 1 :])
    a = expr(g, full, depth, 4.0)
    g.use("keepdims", "axis")
    return reduced(
        g, g.rng.choice(["sum", "mean", "max"]), a, str(axis), shape, a.mag * full[axis], ", keepdims=True"
    )


def reduced(g: Gen, fn: str, a: E, axis: str, shape: Shape, mag: float, more: str = "") -> E:
    if g.chance(0.4):
        g.use(f".{fn}")
        return E(f"{a.at(ATOM)}.{fn}(axis={axis}{more})", shape, mag)
    g.use(f"np.{fn}")
    return E(f"np.{fn}({a.text}, axis={axis}{more})", shape, mag)


@ARRAY.add(0.8)
def normalised(g: Gen, shape: Shape, depth: int) -> E:
    """`a / np.sum(a * a)`, or a softmax: a reduction that meets its own argument."""
    a = expr(g, shape, 0, 4.0)
    g.use("broadcast_own_reduction")
    if len(shape) == 2 and g.chance(0.5):
        g.use("keepdims", "softmax")
        bound = f"np.exp({a.text} - np.max({a.text}, axis=1, keepdims=True))"
        return E(f"{bound} / np.sum({bound}, axis=1, keepdims=True)", shape, 1.0, MUL)
    return E(f"{a.at(MUL)} / (1.0 + np.sum({a.at(MUL)} * {a.at(MUL + 1)}))", shape, a.mag, MUL)


@ARRAY.add(2)
def matrix_product(g: Gen, shape: Shape, depth: int) -> E | None:
    k = g.rng.choice(g.dims)
    if len(shape) == 1:
        left, right = ((shape[0], k), (k,)) if g.chance(0.6) else ((k,), (k, shape[0]))
    elif len(shape) == 2:
        left, right = (shape[0], k), (k, shape[1])
    else:
        return None
    a, b = expr(g, left, depth, 4.0), expr(g, right, depth, 4.0)
    mag = a.mag * b.mag * k
    if g.chance(0.25):
        fn = g.rng.choice(["np.dot", "np.matmul"])
        g.use(fn)
        return call(fn, a.text, b.text, shape=shape, mag=mag)
    if g.chance(0.15):
        g.use(".dot")
        return E(f"{a.at(ATOM)}.dot({b.text})", shape, mag)
    g.use("op @")
    return E(f"{a.at(MUL)} @ {b.at(MUL + 1)}", shape, mag, MUL)


@ARRAY.add(1.2)
def transposed(g: Gen, shape: Shape, depth: int) -> E | None:
    if len(shape) < 2:
        return None
    a = expr(g, shape[::-1], depth)
    how = g.rng.choice([".T", ".T", "np.transpose", ".transpose", "np.swapaxes", "np.moveaxis"])
    g.use(how)
    match how:
        case ".T":
            text = f"{a.at(ATOM)}.T"
        case "np.transpose":
            text = f"np.transpose({a.text})"
        case ".transpose":
            axes = ", ".join(str(k) for k in reversed(range(len(shape))))
            text = f"{a.at(ATOM)}.transpose({axes})"
        case _:
            if len(shape) > 2:
                return None
            text = f"{how}({a.text}, 0, 1)"
    return E(text, shape, a.mag, writable=a.writable, view=a.view)


@ARRAY.add(1.5)
def reshaped(g: Gen, shape: Shape, depth: int) -> E | None:
    size = math.prod(shape)
    others = {shape_of(v) for v in g.arrays() if math.prod(shape_of(v)) == size and shape_of(v) != shape}
    n, m = g.dims
    others |= {
        s for s in [(n * m,), (n, m), (m, n), (size,), (size, 1)] if math.prod(s) == size and s != shape
    }
    if not others:
        return None
    a = expr(g, g.rng.choice(sorted(others)), depth)
    if len(shape) == 1 and g.chance(0.6):
        how = g.rng.choice(["np.ravel", ".ravel", ".flatten", ".reshape"])
        g.use(how)
        text = (
            f"np.ravel({a.text})" if how == "np.ravel" else f"{a.at(ATOM)}{how}({'-1' * (how == '.reshape')})"
        )
        return E(text, shape, a.mag, writable=a.writable, view=a.view and how != ".flatten")
    sizes = list(shape)
    if g.chance(0.3):
        sizes[g.rng.randrange(len(sizes))] = -1
    text = ", ".join(map(str, sizes))
    g.use("reshape")
    how = g.rng.choice(["np.reshape({0}, ({1},))", "{2}.reshape({1})", "{2}.reshape(({1},))"])
    return E(how.format(a.text, text, a.at(ATOM)), shape, a.mag, writable=a.writable, view=a.view)


@ARRAY.add(1)
def joined(g: Gen, shape: Shape, depth: int) -> E | None:
    """`np.concatenate`, `np.hstack`, `np.vstack`."""
    axis = g.rng.randrange(len(shape))
    if shape[axis] < 2:
        return None
    k = g.rng.randint(1, shape[axis] - 1)
    a = expr(g, (*shape[:axis], k, *shape[axis + 1 :]), depth)
    b = expr(g, (*shape[:axis], shape[axis] - k, *shape[axis + 1 :]), depth)
    pair = f"[{a.text}, {b.text}]" if g.chance(0.4) else f"({a.text}, {b.text})"
    mag = max(a.mag, b.mag)
    if axis == 0 and len(shape) == 2 and g.chance(0.4):
        g.use("np.vstack")
        return call("np.vstack", pair, shape=shape, mag=mag)
    if axis == min(1, len(shape) - 1) and g.chance(0.4):
        g.use("np.hstack")
        return call("np.hstack", pair, shape=shape, mag=mag)
    g.use("np.concatenate")
    return E(f"np.concatenate({pair}{f', axis={axis}' if axis else ''})", shape, mag)


@ARRAY.add(0.8)
def stacked(g: Gen, shape: Shape, depth: int) -> E | None:
    axis = g.rng.randrange(len(shape))
    if not 2 <= shape[axis] <= 3:
        return None
    rest = (*shape[:axis], *shape[axis + 1 :])
    parts = [expr(g, rest, min(depth, 1)) for _ in range(shape[axis])]
    mag = max(p.mag for p in parts)
    texts = ", ".join(p.text for p in parts)
    if len(shape) == 1:
        g.use("np.array")
        return E(f"np.array([{texts}])", shape, mag)
    if len(shape) == 2 and axis == 1 and g.chance(0.5):
        g.use("np.column_stack")
        return E(f"np.column_stack(({texts}))", shape, mag)
    g.use("np.stack")
    return E(f"np.stack([{texts}]{f', axis={axis}' if axis else ''})", shape, mag)


@ARRAY.add(0.6)
def literal_matrix(g: Gen, shape: Shape, depth: int) -> E | None:
    if shape != (2, 2) and not (len(shape) == 1 and shape[0] <= 4):
        return None
    g.use("np.array")
    items = [expr(g, (), 1, 4.0).at(1) for _ in range(math.prod(shape))]
    text = ", ".join(items) if len(shape) == 1 else f"[{items[0]}, {items[1]}], [{items[2]}, {items[3]}]"
    return E(f"np.array([{text}])", shape, 4.0)


@ARRAY.add(0.5)
def solved(g: Gen, shape: Shape, depth: int) -> E | None:
    """Linear algebra of a matrix that is far from singular."""
    n = shape[0]
    if len(shape) > 2 or n > 5:
        return None
    a = expr(g, (n, n), min(depth, 1), 4.0)
    regular = f"np.tanh({a.text}) + {n + 1}.0 * np.eye({n})"
    g.use("linalg")
    if shape == (n, n) and g.chance(0.5):
        how = g.rng.choice(["np.linalg.inv", "np.linalg.cholesky"])
        g.use(how)
        if how == "np.linalg.cholesky":
            return E(f"np.linalg.cholesky({a.at(MUL)} @ {a.at(ATOM)}.T + np.eye({n}))", shape, a.mag * n)
        return call(how, regular, shape=shape)
    g.use("np.linalg.solve")
    b = expr(g, shape, depth, 4.0)
    return call("np.linalg.solve", regular, b.text, shape=shape, mag=b.mag)


@ARRAY.add(1.8)
def rearranged(g: Gen, shape: Shape, depth: int) -> E | None:
    """Functions that keep the shape."""
    fn = g.rng.choice(SAME_SHAPE)
    a = expr(g, shape, depth, 4.0)
    axis = g.rng.randrange(len(shape))
    mag = a.mag
    match fn:
        case ".copy":
            text = f"{a.at(ATOM)}.copy()"
        case "astype":
            text = f"{a.at(ATOM)}.astype(float)"
        case "np.copy" | "np.asarray":
            text = f"{fn}({a.text})"
        case "np.flip":
            text = f"np.flip({a.text}, axis={axis})"
        case "np.roll":
            text = f"np.roll({a.text}, {g.rng.choice([1, -1, 2])}, axis={axis})"
        case "np.sort":
            text = f"np.sort({a.text}, axis={axis})"
        case "np.cumsum":
            text, mag = f"np.cumsum({a.text}, axis={axis})", a.mag * shape[axis]
        case ".cumsum":
            text, mag = f"{a.at(ATOM)}.cumsum(axis={axis})", a.mag * shape[axis]
        case "np.cumprod":
            if len(shape) > 1:
                return None
            text, mag = f"np.cumprod(np.cos({a.text}))", 1.0
        case "np.broadcast_to":
            a = expr(g, shape[1:], depth, 4.0)
            g.use(fn)
            return E(f"np.broadcast_to({a.text}, {shape})", shape, a.mag, writable=False, view=a.view)
        case _:
            if len(shape) != 2:
                return None
            text = f"{fn}({a.text})"
    g.use(fn)
    return E(text, shape, mag, writable=a.writable, view=a.view and fn in ("np.asarray", "np.flip"))


@ARRAY.add(0.7)
def axes_changed(g: Gen, shape: Shape, depth: int) -> E | None:
    ones = [k for k, d in enumerate(shape) if d == 1]
    if ones and len(shape) > 1:
        axis = g.rng.choice(ones)
        a = expr(g, (*shape[:axis], *shape[axis + 1 :]), depth)
        g.use("np.expand_dims")
        return E(f"np.expand_dims({a.text}, {axis})", shape, a.mag, writable=a.writable, view=a.view)
    axis = g.rng.randint(0, len(shape))
    a = expr(g, (*shape[:axis], 1, *shape[axis:]), depth)
    if g.chance(0.4):
        g.use(".squeeze")
        return E(f"{a.at(ATOM)}.squeeze(axis={axis})", shape, a.mag, writable=a.writable, view=a.view)
    g.use("np.squeeze")
    return E(f"np.squeeze({a.text}, axis={axis})", shape, a.mag, writable=a.writable, view=a.view)


@ARRAY.add(1)
def made_of_vectors(g: Gen, shape: Shape, depth: int) -> E | None:
    """`np.outer`, `np.diag`, `np.tile`, `np.repeat`, einsum."""
    if len(shape) != 2:
        return None
    n, m = shape
    a = expr(g, (n,), depth, 4.0)
    fn = g.rng.choice(["np.outer", "np.diag", "np.kron", "einsum", "np.tile"])
    match fn:
        case "np.outer":
            b = expr(g, (m,), depth, 4.0)
            g.use(fn)
            return call(fn, a.text, b.text, shape=shape, mag=a.mag * b.mag)
        case "np.diag" if n == m:
            g.use(fn)
            return call(fn, a.text, shape=shape, mag=a.mag)
        case "einsum":
            k = g.rng.choice(g.dims)
            b, c = expr(g, (n, k), depth, 4.0), expr(g, (m, k), depth, 4.0)
            g.use(fn)
            return call("np.einsum", "'ik,jk->ij'", b.text, c.text, shape=shape, mag=b.mag * c.mag * k)
        case "np.tile":
            b = expr(g, (m,), depth)
            g.use(fn)
            return call("np.tile", b.text, f"({n}, 1)", shape=shape, mag=b.mag)
    return None


@VECTOR.add(1)
def differences(g: Gen, shape: Shape, depth: int) -> E:
    a = expr(g, (shape[0] + 1,), depth)
    g.use("np.diff")
    return call("np.diff", a.text, shape=shape, mag=2 * a.mag)


@VECTOR.add(0.6)
def repeated(g: Gen, shape: Shape, depth: int) -> E | None:
    n = shape[0]
    if n % 2:
        return None
    a = expr(g, (n // 2,), depth)
    fn = g.rng.choice(["np.repeat", "np.tile"])
    g.use(fn)
    return call(fn, a.text, "2", shape=shape, mag=a.mag)


@VECTOR.add(0.5)
def diagonal(g: Gen, shape: Shape, depth: int) -> E:
    a = expr(g, (shape[0], shape[0]), depth)
    g.use("np.diag")
    return E(f"np.diag({a.text})", shape, a.mag, writable=False, view=a.view)


@VECTOR.add(0.4)
def crossed(g: Gen, shape: Shape, depth: int) -> E | None:
    if shape != (3,):
        return None
    a, b = expr(g, shape, depth, 4.0), expr(g, shape, depth, 4.0)
    g.use("np.cross")
    return call("np.cross", a.text, b.text, shape=shape, mag=2 * a.mag * b.mag)


@VECTOR.add(0.5)
def split(g: Gen, shape: Shape, depth: int) -> E:
    a = expr(g, (2 * shape[0],), depth)
    g.use("np.split")
    return E(f"np.split({a.text}, 2)[{g.rng.randrange(2)}]", shape, a.mag, writable=a.writable, view=a.view)


@VECTOR.add(0.5)
def taken(g: Gen, shape: Shape, depth: int) -> E | None:
    """`x[np.argsort(x)]`, `x[idx]`."""
    known = g.where(lambda v: getattr(v.kind, "base", "") == "i" and shape_of(v) == shape)
    for var in known:
        fits = [v for v in g.arrays() if len(shape_of(v)) == 1 and shape_of(v)[0] > var.hi]
        if fits:
            source = g.recent(fits)
            g.use("index_array")
            return E(f"{source.name}[{var.name}]", shape, source.mag)
    same = [v for v in g.arrays() if shape_of(v) == shape]
    if not same:
        return None
    var = g.recent(same)
    g.use("np.argsort")
    return E(f"{var.name}[np.argsort({var.name})]", shape, var.mag)


@VECTOR.add(0.5)
def listed(g: Gen, shape: Shape, depth: int) -> E | None:
    """`np.array([...])` of a comprehension, or an array out of a list."""
    lists = [v for v in g.lists() if shape_of(v) == shape and v.length > 0]
    if lists and g.chance(0.6):
        var = g.recent(lists)
        g.use("list_index", "list_of_arrays")
        return E(f"{var.name}[{g.rng.randrange(-var.length, var.length)}]", shape, var.mag, view=True)
    if "k" in g.vars or "e" in g.vars:
        return None
    same = [v for v in g.arrays() if shape_of(v) == shape]
    if not same:
        return None
    g.use("comprehension", "np.array")
    var = g.recent(same)
    return E(f"np.array([np.sin(e) * {number(g).text} for e in {var.name}])", shape, 3.0)


@VECTOR.add(0.4)
def fancy_pairs(g: Gen, shape: Shape, depth: int) -> E | None:
    """`u[[0, 1], [2, 0]]`: two index lists that go together."""
    matrices = [v for v in g.arrays() if len(shape_of(v)) == 2]
    if not matrices:
        return None
    var = g.recent(matrices)
    rows, cols = ([g.rng.randrange(d) for _ in range(shape[0])] for d in shape_of(var))
    g.use("fancy_pairs")
    return E(f"{var.name}[{rows}, {cols}]", shape, var.mag)
