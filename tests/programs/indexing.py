"""Indices: the text that takes a part of a wanted shape out of an array, and random parts to write to."""

from __future__ import annotations

from tests.programs.scope import Gen, Shape, Var


def int_index(g: Gen, dim: int) -> str:
    """An integer expression that is a valid index of an axis of this length."""
    options: list[str] = [str(g.rng.randrange(dim))]
    if g.chance(0.25):
        g.use("negative_index")
        options = [str(-1 - g.rng.randrange(dim))]
    for var in g.ints():
        options += dynamic_indices(var, dim)
    choice = g.rng.choice(options[-6:]) if g.loops else g.rng.choice(options)
    if any(c.isalpha() for c in choice):
        g.use("dynamic_index")
    return choice


def dynamic_indices(var: Var, dim: int) -> list[str]:
    """The ways to make a valid index of an integer variable."""
    name, lo, hi = var.name, var.lo, var.hi
    found = [f"({name} + 1) % {dim}" if lo >= 0 else f"{name} % {dim}"]
    if -dim <= lo and hi < dim:
        found += [name, name]
    if -dim <= lo - 1 and hi - 1 < dim:
        found.append(f"{name} - 1")
    if -dim <= lo + 1 and hi + 1 < dim:
        found.append(f"{name} + 1")
    if lo >= 0 and hi < dim:
        found.append(f"{dim - 1} - {name}")
    return found


def slice_index(g: Gen, dim: int, length: int) -> str:
    """A slice that takes `length` of `dim` entries."""
    if length == dim:
        if g.chance(0.15) and dim > 1:
            g.use("negative_step")
            return "::-1"
        return ":"
    dynamic = dynamic_slice(g, dim, length)
    if dynamic:
        return dynamic
    steps = [s for s in (1, 1, 1, -1, 2, -2) if (length - 1) * abs(s) < dim]
    step = g.rng.choice(steps)
    span = (length - 1) * abs(step)
    first = g.rng.randrange(dim - span)
    if step < 0:
        g.use("negative_step")
        return backward_slice(first + span, first, dim, step)
    last = first + span
    if step > 1:
        g.use("step_slice")
    return forward_slice(g, first, last, dim, step)


def forward_slice(g: Gen, first: int, last: int, dim: int, step: int) -> str:
    lower = "" if first == 0 and g.chance(0.8) else str(first)
    if last + step >= dim and g.chance(0.6):
        upper = ""
    elif last + 1 < dim and g.chance(0.4):
        g.use("negative_index")
        upper = str(last + 1 - dim)
    else:
        upper = str(last + 1)
    return f"{lower}:{upper}" + (f":{step}" if step > 1 else "")


def backward_slice(first: int, last: int, dim: int, step: int) -> str:
    lower = "" if first == dim - 1 else str(first)
    upper = "" if last + step < 0 else str(last - 1)
    return f"{lower}:{upper}:{step}"


def dynamic_slice(g: Gen, dim: int, length: int) -> str:
    """`i:i + 2` where a loop variable is in range."""
    fits = [v for v in g.ints() if v.lo >= 0 and v.hi + length <= dim]
    if not fits or length == 0 or g.chance(0.5):
        return ""
    g.use("dynamic_slice")
    name = g.rng.choice(fits).name
    return f"{name}:{name} + {length}"


def take(g: Gen, shape: Shape, wanted: Shape) -> str | None:
    """An index that takes a part of the wanted shape out of an array; None if none was found."""
    items = match(g, shape, wanted)
    if items is None:
        return None
    fancy = [k for k, item in enumerate(items) if item.startswith("[")]
    if len(fancy) > 1 or (fancy and any(is_int(item) for item in items)):
        return None  # NumPy would move the axes of the indices to the front
    return finish(g, items)


def is_int(item: str) -> bool:
    return item != "None" and item != "np.newaxis" and ":" not in item and not item.startswith("[")


def finish(g: Gen, items: list[str]) -> str:
    """The items as they are written: without trailing colons, or with an ellipsis."""
    if len(items) > 1 and items[0] == ":" and g.chance(0.5):
        lead = next((k for k, item in enumerate(items) if item != ":"), len(items))
        if lead < len(items):
            g.use("ellipsis")
            items = ["...", *items[lead:]]
    while items[0] != "..." and len(items) > 1 and items[-1] == ":" and g.chance(0.7):
        items = items[:-1]
    if any(item in ("None", "np.newaxis") for item in items):
        g.use("newaxis")
    return ", ".join(items)


def match(g: Gen, shape: Shape, wanted: Shape) -> list[str] | None:
    """One item per axis of `shape`, and a None for each new axis."""
    if not shape:
        return (
            ["None" if g.chance(0.7) else "np.newaxis"] * len(wanted) if all(d == 1 for d in wanted) else None
        )
    options = []
    if wanted and wanted[0] <= shape[0] and wanted[0] > 0:
        options.append("slice")
    if len(wanted) < len(shape) or 1 in wanted:
        options.append("int")
    if wanted and wanted[0] == 1:
        options.append("new")
    if wanted and wanted[0] > 1 and g.chance(0.12):
        options.append("fancy")
    g.rng.shuffle(options)
    for option in options:
        found = match_first(g, option, shape, wanted)
        if found is not None:
            return found
    return None


def match_first(g: Gen, option: str, shape: Shape, wanted: Shape) -> list[str] | None:
    after = shape if option == "new" else shape[1:]
    rest = match(g, after, wanted if option == "int" else wanted[1:])
    if rest is None:
        return None
    match option:
        case "slice":
            item = slice_index(g, shape[0], wanted[0])
        case "int":
            item = int_index(g, shape[0])
        case "new":
            item = "None"
        case _:
            item = int_array(g, shape[0], wanted[0])
    return [item, *rest]


def int_array(g: Gen, dim: int, length: int, distinct: bool = False) -> str:
    """A list of integers that index an axis of this length, often with repeats."""
    if distinct:
        numbers = g.rng.sample(range(dim), length)
    else:
        numbers = [g.rng.randrange(-dim if g.chance(0.3) else 0, dim) for _ in range(length)]
    if len({k % dim for k in numbers}) < length:
        g.use("fancy_repeated")
    g.use("fancy_read")
    return str(numbers)


def part(g: Gen, shape: Shape) -> tuple[str, Shape]:
    """A random part of an array to be written to: its index and its shape."""
    items: list[str] = []
    out: list[int] = []
    for dim in shape:
        r = g.rng.random()
        if r < 0.55:
            items.append(int_index(g, dim))
        elif r < 0.75 or dim == 1:
            items.append(":")
            out.append(dim)
        else:
            length = g.rng.randint(1, dim - 1)
            items.append(slice_index(g, dim, length))
            out.append(length)
    text = finish(g, items)
    g.use(part_feature(len(shape), len(out), text))
    return text, tuple(out)


def part_feature(rank: int, left: int, text: str) -> str:
    if left == 0:
        return "element_write" if rank == 1 else "element_write_nd"
    if left == rank:
        return "slice_write"
    return "column_write" if text.startswith((":", "...")) else "row_write"
