"""Statements that write into an array: elements, slices, rows, index arrays, masks."""

from __future__ import annotations

from tests.programs.atoms import number
from tests.programs.conditions import mask
from tests.programs.expressions import expr
from tests.programs.indexing import int_array, int_index, part
from tests.programs.scope import CAP, E, Gen, Shape, Table, Var, binary, shape_of

WRITE: Table = Table()
"""Productions `(g, var) -> bool`: each writes one statement."""


def write_into(g: Gen, var: Var) -> bool:
    """One statement that changes this array."""
    if var.param:
        g.use("arg_inplace")
    if var.shared:
        g.use("shared_write")
    return bool(WRITE.draw(g, var, tries=4))


def value_for(g: Gen, shape: Shape, limit: float = CAP) -> E:
    """A value to be written into a part of this shape: of that shape, or one that is stretched."""
    if shape and g.chance(0.3):
        g.use("write_broadcast")
        e = expr(g, shape[1:] if g.chance(0.5) else (), 2, limit)
    else:
        e = expr(g, shape, 2, limit)
    return e


def grown(g: Gen, var: Var, e: E) -> E:
    """The value of a `+=`, made small enough for the loops around it."""
    room = 2.0 * CAP
    if e.mag * g.trips > room:
        factor = max(float(f"{room / (e.mag * g.trips):.1g}"), 0.05)
        e = binary("*", E(str(factor)), e, e.shape, e.mag * factor)
    var.mag = min(var.mag + e.mag * g.trips, 12.0)
    return e


def shrunk(g: Gen, shape: Shape) -> E:
    """A factor of at most 1, for `*=`."""
    e = expr(g, shape, 1, 4.0)
    fn = g.rng.choice(["np.cos", "np.tanh", "np.sin"])
    return E(f"{fn}({e.text})", shape) if e.mag > 1 else e


def augmented(g: Gen, var: Var, target: str, shape: Shape, feature: str) -> None:
    """`target op= e`."""
    op = g.rng.choices(["+", "-", "*", "/"], [5, 2, 3, 1])[0]
    g.use(feature, f"aug {op}=")
    if op in "+-":
        e = grown(g, var, value_for(g, shape))
    elif op == "*":
        e = shrunk(g, shape if g.chance(0.5) else ())
    else:
        e = E(g.rng.choice(["1.5", "2.0", f"(1.5 + 0.4 * np.sin({expr(g, (), 1, 4.0).text}))"]))
    text = e.text[1:-1] if op == "/" and e.text.startswith("(") else e.text
    g.emit(f"{target} {op}= {text}")


@WRITE.add(6)
def write_part(g: Gen, var: Var) -> bool:
    index, shape = part(g, shape_of(var))
    e = value_for(g, shape)
    var.mag = max(var.mag, e.mag)
    g.emit(f"{var.name}[{index}] = {e.text}")
    return True


@WRITE.add(4)
def augment_part(g: Gen, var: Var) -> bool:
    index, shape = part(g, shape_of(var))
    augmented(g, var, f"{var.name}[{index}]", shape, "slice_aug" if shape else "element_aug")
    return True


@WRITE.add(1)
def own_neighbours(g: Gen, var: Var) -> bool:
    """`x[1:] += 0.1 * x[:-1]`, `x[i] = 0.5 * x[j]`: a write that reads its own array, overlapping."""
    n = shape_of(var)[0]
    if n < 2:
        return False
    g.use("overlapping_write")
    factor = abs(float(number(g).mag))
    if g.chance(0.4):
        i, j = int_index(g, n), int_index(g, n)
        g.emit(f"{var.name}[{i}] = {min(factor, 0.9)} * {var.name}[{j}]")
    elif g.chance(0.5):
        g.emit(f"{var.name}[1:] += {0.2} * {var.name}[:-1]")
        var.mag *= 1.2 ** min(g.trips, 6)
    else:
        g.emit(f"{var.name}[1:-1] = 0.5 * {var.name}[2:] + 0.5 * {var.name}[:-2]")
    return True


@WRITE.add(1)
def all_of_it(g: Gen, var: Var) -> bool:
    """`x[:] = e`, `x[...] = e`."""
    e = value_for(g, shape_of(var))
    var.mag = max(var.mag, e.mag)
    index = g.rng.choice([":", "...", ":"])
    g.use("slice_write" if index == ":" else "ellipsis")
    g.emit(f"{var.name}[{index}] = {e.text}")
    return True


@WRITE.add(1)
def fill(g: Gen, var: Var) -> bool:
    if not g.chance(0.4):
        return False
    e = expr(g, (), 1, CAP)
    var.mag = max(var.mag, e.mag)
    g.use(".fill")
    g.emit(f"{var.name}.fill({e.text})")
    return True


@WRITE.add(1.6)
def index_array_write(g: Gen, var: Var) -> bool:
    """`x[[0, 2]] = e`, `x[idx] += e`: with repeated entries the last one wins."""
    shape = shape_of(var)
    length = g.rng.randint(1, min(shape[0], 4))
    known = [
        v
        for v in g.where(lambda v: getattr(v.kind, "base", "") == "i")
        if len(shape_of(v)) == 1 and v.hi < shape[0]
    ]
    if known and g.chance(0.5):
        index_var = g.rng.choice(known)
        index, length = index_var.name, shape_of(index_var)[0]
    else:
        index = int_array(g, shape[0], length, distinct=g.chance(0.5))
    g.use("fancy_write")
    part_shape = (length, *shape[1:])
    if g.chance(0.4):
        augmented(g, var, f"{var.name}[{index}]", part_shape, "fancy_aug")
        return True
    e = value_for(g, part_shape)
    var.mag = max(var.mag, e.mag)
    g.emit(f"{var.name}[{index}] = {e.text}")
    return True


@WRITE.add(1.6)
def mask_write(g: Gen, var: Var) -> bool:
    shape = shape_of(var)
    test = mask(g, shape)
    target = f"{var.name}[{test.text}]"
    g.use("mask_write" if len(shape) == 1 else "mask_write_2d")
    r = g.rng.random()
    if r < 0.35:
        op = g.rng.choice("+*")
        e = expr(g, (), 1, CAP)
        e = grown(g, var, e) if op == "+" else shrunk(g, ())
        g.use("mask_aug")
        g.emit(f"{target} {op}= {e.text}")
        return True
    same = [v for v in g.arrays() if shape_of(v) == shape and v is not var]
    if same and r < 0.6 and test.text.isidentifier():
        other = g.recent(same)
        g.use("mask_read")
        var.mag = max(var.mag, other.mag)
        g.emit(f"{target} = np.sin({other.name}[{test.text}])")
        return True
    e = expr(g, (), 2, CAP)
    var.mag = max(var.mag, e.mag)
    g.emit(f"{target} = {e.text}")
    return True


@WRITE.add(0.8)
def through_a_view(g: Gen, var: Var) -> bool:
    """`u.T[0] = e`, `u[1:][0] += e`, `u[0][1] = e`: written in one expression."""
    shape = shape_of(var)
    if len(shape) != 2:
        return False
    g.use("chained_index_write")
    kind = g.rng.choice(["T", "row", "tail"])
    if kind == "T":
        index, left = part(g, shape[::-1])
        target = f"{var.name}.T[{index}]"
    elif kind == "row":
        index, left = part(g, shape[1:])
        target = f"{var.name}[{int_index(g, shape[0])}][{index}]"
    else:
        index, left = part(g, (shape[0] - 1, shape[1])) if shape[0] > 1 else part(g, shape)
        target = f"{var.name}[{'1:' if shape[0] > 1 else ':'}][{index}]"
    if g.chance(0.5):
        augmented(g, var, target, left, "view_aug")
        return True
    e = value_for(g, left)
    var.mag = max(var.mag, e.mag)
    g.emit(f"{target} = {e.text}")
    return True
