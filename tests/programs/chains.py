"""The family `chains`: indices of indices, `v[[1, 0]][1:][k]`: of parts, of copies, of calls, of lists.

What is read arrives in every element that it was taken from; what is written arrives if every step but the
last gives a part, and goes to a copy, and nowhere else, if one does not.
"""

from __future__ import annotations

import random

from tests.programs.conditions import mask
from tests.programs.expressions import expr
from tests.programs.generator import Case, assemble, entry, entry_signature, module_constants
from tests.programs.indexing import int_index, slice_index
from tests.programs.scope import CAP, MUL, E, Gen, K, Shape, Table, Var, shape_of
from tests.programs.statements import Mixed, bind, target_for
from tests.programs.writes import augmented, value_for

STATEMENTS: Table = Table()
"""Productions `(g) -> bool`: each writes one statement, or a loop."""
STEPS: Table = Table()
"""Productions `(g, shape) -> (text, shape) | None`: one index, or a call that gives a part."""

Step = tuple[str, Shape]


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 3), (5, 4)]), simple=Mixed(STATEMENTS, 0.5))
    constants = module_constants(g)
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


# ------------------------------------------------------------------------- steps


@STEPS.add(4)
def row(g: Gen, shape: Shape) -> Step:
    return f"[{int_index(g, shape[0])}]", shape[1:]


@STEPS.add(3)
def run(g: Gen, shape: Shape) -> Step:
    length = g.rng.randint(1, shape[0])
    return f"[{slice_index(g, shape[0], length)}]", (length, *shape[1:])


@STEPS.add(2)
def column(g: Gen, shape: Shape) -> Step | None:
    if len(shape) < 2:
        return None
    lead = g.rng.choice([":", "..."]) if len(shape) == 2 else ":"
    return f"[{lead}, {int_index(g, shape[1])}]", (shape[0], *shape[2:])


@STEPS.add(5)
def some_rows(g: Gen, shape: Shape) -> Step:
    """By a list, an array or a tuple with one, often with repeats: a copy."""
    places = [g.rng.randrange(-shape[0], shape[0]) for _ in range(g.rng.randint(1, 4))]
    text = g.rng.choice(["{}", "{}", "np.array({})", "{}, ..."]).format(places)
    return f"[{text}]", (len(places), *shape[1:])


@STEPS.add(2)
def some_columns(g: Gen, shape: Shape) -> Step | None:
    if len(shape) != 2:
        return None
    places = [g.rng.randrange(shape[1]) for _ in range(g.rng.randint(1, 3))]
    lead = g.rng.choice([":", "::-1", "..."])
    return f"[{lead}, {places}]", (shape[0], len(places))


@STEPS.add(1.5)
def elements(g: Gen, shape: Shape) -> Step | None:
    if len(shape) < 2:
        return None
    count = g.rng.randint(1, 3)
    first, second = ([g.rng.randrange(n) for _ in range(count)] for n in shape[:2])
    return f"[{first}, {second}]", (count, *shape[2:])


@STEPS.add(2)
def all_but_one(g: Gen, shape: Shape) -> Step | None:
    """A mask."""
    if shape[0] < 2:
        return None
    return f"[np.arange({shape[0]}) != {g.rng.randrange(shape[0])}]", (shape[0] - 1, *shape[1:])


@STEPS.add(1)
def more_axes(g: Gen, shape: Shape) -> Step:
    return g.rng.choice([("[None]", (1, *shape)), ("[...]", shape), ("[:]", shape), ("[::-1]", shape)])


@STEPS.add(1.5)
def called(g: Gen, shape: Shape) -> Step:
    """A method that gives a part, or a copy."""
    flat = 1
    for n in shape:
        flat *= n
    return g.rng.choice(
        [(".T", shape[::-1]), (".reshape(-1)", (flat,)), (".copy()", shape), (".ravel()", (flat,))]
    )


def chain(g: Gen, start: str, shape: Shape, least: int = 2) -> E:
    """What some steps from an array lead to."""
    g.use("chain")
    text = start
    for k in range(g.rng.randint(least, 4)):
        if not shape or (k >= least and g.chance(0.3)):
            break
        step = STEPS.draw(g, shape) or more_axes(g, shape)
        text, shape = text + step[0], step[1]
    return E(text, shape, CAP)


def array(g: Gen, writable: bool = False) -> Var | None:
    found = [v for v in g.arrays(writable=writable) if all(n > 0 for n in shape_of(v))]
    return g.recent(found) if found else None


# -------------------------------------------------------------------- statements


@STATEMENTS.add(5)
def read(g: Gen) -> bool:
    var = array(g)
    if var is None:
        return False
    e = chain(g, var.name, shape_of(var))
    e = E(f"0.5 * {e.at(MUL)}", e.shape, var.mag, MUL) if g.chance(0.5) else E(f"np.sin({e.text})", e.shape)
    if e.shape and g.chance(0.4):
        e = E(f"np.sum({e.text} ** 2)", (), 4.0)
    name = target_for(g, e.shape)
    g.emit(f"{name} = {e.text}")
    bind(g, name, e)
    return True


@STATEMENTS.add(1.5)
def read_of_a_value(g: Gen) -> bool:
    """`np.sin(x)[[0, 1]][1:]`."""
    n, m = g.dims
    shape: Shape = g.rng.choice([(n,), (n, m)])
    e = chain(g, f"np.sin({expr(g, shape, 1, CAP).text})", shape)
    name = target_for(g, e.shape)
    g.emit(f"{name} = {e.text}")
    bind(g, name, E(e.text, e.shape))
    return True


@STATEMENTS.add(1.5)
def read_of_a_list(g: Gen) -> bool:
    """`[x * 1.0, np.sin(x)][1:][0][[1, 1]]`, and the same of a dict."""
    var = array(g)
    if var is None:
        return False
    held = f"0.5 * {var.name}, np.sin({var.name}), {var.name}.copy()"
    name = g.fresh()
    if g.chance(0.6):
        g.emit(f"{name} = [{held}]")
        start = g.rng.choice(["[1]", "[0]", "[-1]", "[1:][0]", "[::-1][1]"])
    else:
        g.emit(f'{name} = {{"a": 0.5 * {var.name}, "b": np.cos({var.name})}}')
        start = '["a"]'
    g.reserved.add(name)
    e = chain(g, name + start, shape_of(var), least=1)
    target = target_for(g, e.shape)
    g.emit(f"{target} = np.tanh({e.text})")
    bind(g, target, E(f"np.tanh({e.text})", e.shape))
    return True


@STATEMENTS.add(4)
def write(g: Gen) -> bool:
    """Into a part, or into a copy."""
    var = array(g, writable=True)
    if var is None or len(shape_of(var)) == 0:
        return False
    e = chain(g, var.name, shape_of(var))
    if e.text.endswith(")") or e.text.endswith(".T"):
        e = E(f"{e.text}[...]", e.shape)
    g.use("chain_write")
    if g.chance(0.5):
        augmented(g, var, e.text, e.shape, "chain_aug")
    else:
        value = value_for(g, e.shape)
        var.mag = max(var.mag, value.mag)
        g.emit(f"{e.text} = {value.text}")
    return True


@STATEMENTS.add(1)
def write_in_masked_row(g: Gen) -> bool:
    """`u[i][u[i] > 0.3] *= 0.5`: the last step may copy, what is written arrives."""
    var = array(g, writable=True)
    if var is None or len(shape_of(var)) != 2:
        return False
    place = f"{var.name}[{int_index(g, shape_of(var)[0])}]"
    chosen = mask(g, shape_of(var)[1:]).text
    g.emit(f"{place}[{chosen}] {g.rng.choice(['*=', '+=', '='])} {expr(g, (), 1, 1.0).text}")
    var.mag = max(var.mag * 1.5, 2.0)
    return True


@STATEMENTS.add(2)
def loop(g: Gen) -> bool:
    """`for r in x[[2, 0]][:, 1:]:`."""
    var = array(g)
    if var is None or g.depth > 1:
        return False
    e = chain(g, var.name, shape_of(var), least=1)
    if not e.shape or e.shape[0] > 6:
        return False
    total, item = g.fresh(), g.fresh()
    g.reserved |= {total, item}
    g.emit(f"{total} = 0.0")
    heads = [f"for {item} in {e.text}:", f"for _, {item} in enumerate({e.text}):"]
    with g.block(g.rng.choice(heads)):
        inner = chain(g, item, e.shape[1:], least=1).text if len(e.shape) > 1 else item
        g.emit(f"{total} = {total} + 0.1 * np.sum(np.sin({inner}))")
    g.declare(total, K("f"), 1.0)
    return True
