"""Simple statements: assignments of all sorts, aliases and views, lists, calls, bookkeeping."""

from __future__ import annotations

from typing import Any

from tests.programs.atoms import capped, leaf
from tests.programs.calls import call_text
from tests.programs.conditions import mask
from tests.programs.expressions import expr
from tests.programs.indexing import int_array, int_index, take
from tests.programs.scope import CAP, E, Gen, I, K, ListK, Shape, Table, Var, shape_of
from tests.programs.writes import augmented, grown, shrunk, write_into

SIMPLE: Table = Table()
"""Productions `(g) -> bool`."""


class Mixed(Table):
    """The statements of a family, and among them all others."""

    def __init__(self, own: Table, share: float) -> None:
        super().__init__()
        self.own, self.share = own, share

    def draw(self, g: Gen, *args: object, tries: int = 8) -> Any:
        return (self.own if g.chance(self.share) else SIMPLE).draw(g, *args, tries=tries)


def bind(g: Gen, name: str, e: E) -> Var:
    """The variable after `name = e`."""
    shared = e.view and len(e.shape) > 0 and not e.text.endswith(")")
    writable = e.writable and len(e.shape) > 0
    old = g.vars.get(name)
    mag = max(e.mag, old.mag) if old and g.depth else e.mag
    param = bool(e.view and e.text in g.vars and g.vars[e.text].param)
    return g.declare(name, K("f", e.shape), mag, writable=writable or not e.shape, shared=shared, param=param)


def target_for(g: Gen, shape: Shape) -> str:
    """A new name, or one that is overwritten: in a branch or a loop only by the same kind."""
    same = [v for v in g.floats(shape) if not v.fixed]
    if same and g.chance(0.4):
        g.use("overwrite")
        return g.recent(same).name
    others = [v for v in g.floats() if not v.fixed and shape_of(v) != shape]
    if others and g.depth == 0 and g.chance(0.2):
        g.use("rank_change")
        return g.recent(others).name
    return g.fresh()


@SIMPLE.add(10)
def assign(g: Gen) -> bool:
    shape = g.some_shape()
    name = target_for(g, shape)
    e = expr(g, shape, 3, CAP)
    if name in g.vars and name in e.text:
        g.use("self_overwrite")
    note = ""
    if g.chance(0.08):
        g.use("annotated_assign")
        note = ": float" if not shape else ": np.ndarray"
    comment = ""
    if g.chance(0.04):
        g.use("comment")
        comment = "  # for the record"
    if g.loops and shape and not e.writable:
        e = E(f"np.copy({e.text})", shape, e.mag)  # the next turn of the loop may write into it
    g.emit(f"{name}{note} = {e.text}{comment}")
    writable_after(g, name, e)
    return True


def writable_after(g: Gen, name: str, e: E) -> None:
    """Where branches meet a variable may be either array: writable only if both are."""
    old = g.vars.get(name)
    var = bind(g, name, e)
    if old and g.depth:
        var.writable = var.writable and old.writable
        var.shared = var.shared or old.shared


@SIMPLE.add(1)
def chained(g: Gen) -> bool:
    shape = g.some_shape()
    e = expr(g, shape, 2, CAP)
    a, b = target_for(g, shape), g.fresh()
    if a == b or (g.loops and not e.writable):
        return False
    g.use("chained_assign")
    g.emit(f"{a} = {b} = {e.text}")
    writable_after(g, a, e)
    writable_after(g, b, e)
    g.vars[a].shared = g.vars[b].shared = bool(shape)
    return True


@SIMPLE.add(1.5)
def tuple_assign(g: Gen) -> bool:
    shapes = [g.some_shape() for _ in range(g.rng.choice([2, 2, 3]))]
    exprs = [expr(g, s, 2, CAP) for s in shapes]
    if g.loops and not all(e.writable for e in exprs):
        return False
    names = [target_for(g, s) for s in shapes]
    if len(set(names)) < len(names):
        return False
    g.use("tuple_assign")
    g.emit(f"{', '.join(names)} = {', '.join(e.at(1) for e in exprs)}")
    for name, e in zip(names, exprs, strict=True):
        writable_after(g, name, e)
    return True


@SIMPLE.add(1)
def swap(g: Gen) -> bool:
    """`a, b = b, a`, `x[0], x[1] = x[1], x[0]`, `a, b = b, a + 0.5 * b`."""
    arrays = [v for v in g.arrays(writable=True) if len(shape_of(v)) == 1 and shape_of(v)[0] > 1]
    if arrays and g.chance(0.3):
        var = g.recent(arrays)
        i, j = int_index(g, shape_of(var)[0]), int_index(g, shape_of(var)[0])
        g.use("swap_elements")
        g.emit(f"{var.name}[{i}], {var.name}[{j}] = {var.name}[{j}], {var.name}[{i}]")
        return True
    for a in g.floats():
        same = [b for b in g.floats(shape_of(a)) if b is not a and not b.fixed]
        if not a.fixed and same and g.chance(0.5):
            b = g.recent(same)
            g.use("swap")
            second = a.name if g.chance(0.6) else f"0.5 * {a.name} + 0.4 * {b.name}"
            g.emit(f"{a.name}, {b.name} = {b.name}, {second}")
            both = max(a.mag, b.mag)
            a.mag = b.mag = both
            a.writable = b.writable = a.writable and b.writable
            a.shared = b.shared = a.shared or b.shared
            return True
    return False


@SIMPLE.add(3)
def augment_name(g: Gen) -> bool:
    found = [v for v in g.floats() if not v.fixed and (not shape_of(v) or v.writable)]
    if not found:
        return False
    var = g.recent(found)
    if shape_of(var):
        if var.param:
            g.use("arg_inplace")
        if var.shared:
            g.use("shared_write")
        augmented(g, var, var.name, shape_of(var), "aug_array")
        return True
    op = g.rng.choice(["+", "-", "*", "+", "/", "**"])
    g.use("aug_name", f"aug {op}=")
    match op:
        case "+" | "-":
            e = grown(g, var, expr(g, (), 2, CAP))
        case "*":
            e = shrunk(g, ())
        case "/":
            e = E("1.5")
        case _:
            e = E("2")
            if g.loops or var.mag > 2:
                return False
            var.mag = var.mag**2
    g.emit(f"{var.name} {op}= {e.text}")
    return True


@SIMPLE.add(7)
def write(g: Gen) -> bool:
    arrays = g.arrays(writable=True)
    return bool(arrays) and write_into(g, g.recent(arrays))


@SIMPLE.add(1.6)
def alias_or_view(g: Gen) -> bool:
    """`b = a`, `row = u[i]`, `v = u[1:]`, `w = u.T`, and often a write through it."""
    arrays = g.arrays()
    if not arrays:
        return False
    var = g.recent(arrays)
    made = view_of(g, var)
    if made is None:
        return False
    feature, e = made
    name = g.fresh()
    g.use(feature)
    g.emit(f"{name} = {e.text}")
    new = g.declare(name, K("f", e.shape), var.mag, writable=var.writable, shared=True, param=var.param)
    var.shared = True
    if var.writable and g.chance(0.5):
        write_into(g, g.rng.choice([new, var]))
    return True


def view_of(g: Gen, var: Var) -> tuple[str, E] | None:
    shape = shape_of(var)
    kind = g.rng.choice(["alias", "alias", "slice", "row", "T", "reshape", "ravel", "reversed"])
    if kind == "alias":
        return "alias", E(var.name, shape)
    if kind == "slice":
        wanted = tuple(g.rng.randint(1, d) for d in shape)
        index = take(g, shape, wanted)
        return None if index is None or "[" in index else ("view_slice", E(f"{var.name}[{index}]", wanted))
    if kind == "reversed":
        return "view_reversed", E(f"{var.name}[::-1]", shape)
    if kind == "ravel":
        size = 1
        for d in shape:
            size *= d
        return "view_ravel", E(g.rng.choice([f"{var.name}.ravel()", f"{var.name}.reshape(-1)"]), (size,))
    if len(shape) != 2:
        return None
    match kind:
        case "row":
            return "view_row", E(f"{var.name}[{int_index(g, shape[0])}]", shape[1:])
        case "T":
            return "view_T", E(f"{var.name}.T", shape[::-1])
    return "view_reshape", E(f"{var.name}.reshape({shape[1]}, {shape[0]})", shape[::-1])


@SIMPLE.add(3.5)
def call_statement(g: Gen) -> bool:
    """A procedure, a function with several values, or one that writes into an argument."""
    fits = [f for f in g.functions if not f.elementwise and (len(f.returns) != 1 or f.params[0].writes)]
    if not fits or g.trips > 12:
        return False
    sig = g.rng.choice(fits)
    text = call_text(g, sig, (), 2)
    if text is None:
        return False
    g.use("call")
    if not sig.returns:
        g.emit(text)
        return True
    names = [target_for(g, s) for s in sig.returns]
    if len(set(names)) < len(names):
        return False
    if len(names) > 1:
        g.use("call_tuple")
    if len(names) > 1 and g.chance(0.2) and g.depth == 0:
        both = g.fresh()
        g.use("call_tuple_kept")
        g.emit(f"{both} = {text}")
        g.reserved.add(both)
        text = ", ".join(f"{both}[{k}]" for k in range(len(names))) if g.chance(0.5) else both
    g.emit(f"{', '.join(names)} = {text}")
    for name, shape in zip(names, sig.returns, strict=True):
        writable_after(g, name, E(text, shape, CAP, writable=False))
    return True


# ------------------------------------------------------------------- lists


@SIMPLE.add(1.3)
def new_list(g: Gen) -> bool:
    shape = g.rng.choice([(), (), (g.dims[0],)])
    name = g.fresh()
    count = g.rng.randint(0, 3)
    items = [expr(g, shape, 2, CAP) for _ in range(count)]
    g.use("list_literal" if count else "list_empty")
    if shape:
        g.use("list_of_arrays")
    g.emit(f"{name} = [{', '.join(e.at(1) for e in items)}]")
    g.declare(name, ListK(shape), max([1.0, *(e.mag for e in items)]), length=count, writable=False)
    return True


@SIMPLE.add(5)
def list_work(g: Gen) -> bool:
    lists = g.lists()
    if not lists:
        return False
    var = g.recent(lists)
    kind = g.rng.choice(["append", "append", "pop", "write", "aug"])
    e = expr(g, shape_of(var), 0 if shape_of(var) and g.chance(0.4) else 2, CAP)
    k = g.rng.randrange(-var.length, var.length) if var.length else 0
    if kind == "append":
        g.use("list_append")
        if shape_of(var) and e.view:
            g.use("list_append_alias")
        g.emit(f"{var.name}.append({e.text})")
        var.length += not g.loops
        var.mag = max(var.mag, e.mag)
    elif kind == "pop" and var.length and not g.loops:
        g.use("list_pop")
        name = g.fresh()
        last = g.chance(0.8)
        g.emit(f"{name} = {var.name}.pop({'' if last else '0'})")
        var.length -= 1
        writable_after(g, name, E("list", shape_of(var), var.mag, writable=False))
    elif kind == "write" and var.length:
        g.use("list_write")
        g.emit(f"{var.name}[{k}] = {e.text}")
        var.mag = max(var.mag, e.mag)
    elif kind == "aug" and var.length and shape_of(var) == ():
        g.use("list_aug")
        g.emit(f"{var.name}[{k}] += {grown(g, var, e).text}")
    else:
        return False
    return True


# ----------------------------------------------------------- without effect


@SIMPLE.add(2)
def inactive(g: Gen) -> bool:
    """Statements that no derivative flows through."""
    var = g.recent(g.floats()) if g.floats() else None
    if var is None:
        return False
    kind = g.rng.choice(["assert", "assert_shape", "fstring", "print", "pass", "raise", "comment", "string"])
    g.use(kind)
    match kind:
        case "assert":
            g.emit(f"assert np.all(np.isfinite({var.name})), 'not finite'")
        case "assert_shape":
            g.emit(f"assert np.shape({var.name}) == {shape_of(var)}")
        case "fstring":
            g.emit(f"label = f'{{np.max({var.name}):.3f}} of {var.name}'")
            g.reserved.add("label")
        case "print":
            g.emit(f"print('value', {var.name}, end='', file=None if False else open('/dev/null', 'w'))"
                   if g.chance(0.1) else f"print(end='' if np.ndim({var.name}) < 9 else 'deep')")  # fmt: skip
        case "pass":
            g.emit("pass")
        case "raise":
            with g.block(f"if not np.all(np.abs({var.name}) < 1e6):"):
                g.emit(f"raise ValueError('{var.name} is too large')")
        case "comment":
            g.emit("# what follows is as before")
            g.emit("pass")
        case _:
            g.emit(f"label = '{var.name}' + ' of rank ' + str(np.ndim({var.name}))")
            g.reserved.add("label")
    return True


@SIMPLE.add(1.6)
def bookkeeping(g: Gen) -> bool:
    """Integers and flags that tests and indices use."""
    kind = g.rng.choice(["new", "count", "length", "arg", "flag", "mask", "indices", "shape"])
    if kind == "count":
        counters = [v for v in g.ints() if not v.fixed]
        if not counters:
            return False
        var = g.rng.choice(counters)
        g.use("int_bookkeeping")
        g.emit(
            g.rng.choice(
                [f"{var.name} += 1", f"{var.name} = {var.name} + 2", f"{var.name} = (3 * {var.name} + 1) % 7"]
            )
        )
        return True
    name = g.fresh()
    if g.depth and name in g.vars:
        return False
    arrays = g.arrays()
    vectors = [v for v in arrays if len(shape_of(v)) == 1]
    if kind == "new":
        g.use("int_bookkeeping")
        g.emit(f"{name} = {g.rng.randrange(3)}")
        g.declare(name, I)
    elif kind == "flag":
        g.use("bool_variable")
        g.emit(f"{name} = {leaf(g, ()).at(7)} > {g.rng.choice(['0.1', '-0.4'])}")
        g.declare(name, K("b"), fixed=True)
    elif kind == "mask" and arrays:
        var = g.recent(arrays)
        g.use("mask_variable")
        g.emit(f"{name} = {mask(g, shape_of(var)).text}")
        g.declare(name, K("b", shape_of(var)), fixed=True)
    elif kind == "indices":
        n = g.dims[0]
        length = g.rng.randint(1, 4)
        numbers = int_array(g, n, length)
        g.use("index_array")
        g.emit(f"{name} = np.array({numbers})")
        g.declare(name, K("i", (length,)), lo=-n, hi=n - 1, fixed=True)
    elif kind == "shape" and arrays:
        var = g.recent(arrays)
        names = [name]
        while len(names) < len(shape_of(var)):
            names.append(
                next(
                    n
                    for n in [*"ijklmn", "n0", "n1", "n2"]
                    if n not in g.vars and n not in names and n not in g.reserved
                )
            )
        g.use("shape_unpacked")
        g.emit(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {var.name}.shape")
        for size_name, d in zip(names, shape_of(var), strict=True):
            g.declare(size_name, I, lo=d, hi=d, fixed=True)
    elif kind == "length" and arrays:
        var = g.recent(arrays)
        n = shape_of(var)[0]
        g.use("shape_query")
        text = g.rng.choice(["len({0})", "{0}.shape[0]", "np.shape({0})[0]"]).format(var.name)
        g.emit(f"{name} = {text}")
        g.declare(name, I, lo=n, hi=n, fixed=True)
    elif kind == "arg" and vectors:
        var = g.recent(vectors)
        fn = g.rng.choice(["argmax", "argmin"])
        g.use(f"np.{fn}")
        text = g.rng.choice(["np.{1}({0})", "int(np.{1}({0}))", "{0}.{1}()"]).format(var.name, fn)
        g.emit(f"{name} = {text}")
        g.declare(name, I, lo=0, hi=shape_of(var)[0] - 1, fixed=True)
    else:
        return False
    return True


@SIMPLE.add(0.8)
def unpack(g: Gen) -> bool:
    """`a, b, c = x`; `t = (a, b)` and its parts."""
    small = [v for v in g.arrays() if len(shape_of(v)) == 1 and 2 <= shape_of(v)[0] <= 3]
    if small and g.chance(0.5):
        var = g.recent(small)
        names = [g.fresh() for _ in range(shape_of(var)[0])]
        if len(set(names)) < len(names) or var.name in names:
            return False
        g.use("unpack_array")
        g.emit(f"{', '.join(names)} = {var.name}")
        for name in names:
            bind(g, name, E("x", (), var.mag))
        return True
    a, b = expr(g, (), 2, CAP), expr(g, g.some_shape(), 2, CAP)
    name, p, q = g.fresh(), g.fresh(), g.fresh()
    if len({name, p, q}) < 3:
        return False
    g.use("tuple_local")
    g.emit(f"{name} = ({a.at(1)}, {b.at(1)})")
    g.reserved.add(name)
    if g.chance(0.5):
        g.emit(f"{p}, {q} = {name}")
    else:
        g.emit(f"{p} = {name}[0]")
        g.emit(f"{q} = {name}[1]")
    writable_after(g, p, a)
    writable_after(g, q, b)
    return True


@SIMPLE.add(0.6)
def growing_rank(g: Gen) -> bool:
    """`y = 1.0`, then `y = y * x`: the rank of y grows."""
    arrays = g.arrays()
    if not arrays or g.loops:
        return False
    var = g.recent(arrays)
    name = g.fresh()
    g.use("rank_change")
    g.emit(f"{name} = {g.rng.choice(['1.0', '0.0', '1'])}")
    if g.chance(0.5):
        g.emit(f"{name} = {name} + 0.5 * {var.name}")
    else:
        g.use("rank_change_loop")
        with g.block(f"for _ in range({g.rng.randint(1, 3)}):"):
            g.emit(
                g.rng.choice(
                    [f"{name} = 0.5 * {name} + 0.5 * {var.name}", f"{name} += 0.3 * np.sin({var.name})"]
                )
            )
    g.declare(name, K("f", shape_of(var)), 2 + var.mag)
    return True


def returned(g: Gen, shape: Shape) -> E:
    """A value to return: what was computed last, not an array that must not be written to."""
    e = capped(g, expr(g, shape, 3), CAP)
    if not e.writable and shape:
        e = E(f"np.copy({e.text})", shape, e.mag)
    return e
