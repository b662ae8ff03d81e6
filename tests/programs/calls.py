"""User functions: their definitions, in a scope of their own, and calls of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.programs.expressions import expr
from tests.programs.indexing import take
from tests.programs.scope import ADD, ATOM, E, F, Gen, I, K, Loop, Param, Shape, Sig, call, shape_of

# ------------------------------------------------------------------ calls


def call_for(g: Gen, shape: Shape, depth: int) -> E | None:
    """A call whose single value has this shape."""
    fits = [f for f in g.functions if f.elementwise or (f.returns == (shape,) and not g.elementwise)]
    writers = [f for f in fits if any(p.writes for p in f.params)]
    if writers and not g.chance(0.3):
        fits = [f for f in fits if f not in writers]
    if not fits or g.trips > 12:
        return None
    sig = g.rng.choice(fits)
    text = call_text(g, sig, shape, depth)
    if text is None:
        return None
    g.use("call", "call_in_expression")
    if g.loops:
        g.use("call_in_loop")
    return E(text, shape, 4.0)


def call_text(g: Gen, sig: Sig, shape: Shape, depth: int) -> str | None:
    """`g(x, b=y)`: arguments by position, then by name, defaults left out now and then."""
    texts: list[str] = []
    named = False
    for k, param in enumerate(sig.params):
        if param.default is not None and g.chance(0.5):
            g.use("call_default")
            named = True
            continue
        value = argument(g, sig, param, shape, depth)
        if value is None:
            return None
        if named or (k > 0 and g.chance(0.2)):
            g.use("call_keyword")
            named = True
            value = f"{param.name}={value}"
        texts.append(value)
    if named and g.chance(0.3):
        first = next(k for k, t in enumerate([*texts, "="]) if "=" in t.split("(")[0])
        tail = texts[first:]
        g.rng.shuffle(tail)
        texts[first:] = tail
    if sig.elementwise:
        g.use("call_elementwise")
        sig_shapes = f"elementwise {sig.name} {len(shape)}"
        if any(f.startswith(f"elementwise {sig.name}") and f != sig_shapes for f in g.features):
            g.use("call_two_signatures")
        g.use(sig_shapes)
    return f"{sig.name}({', '.join(texts)})"


def argument(g: Gen, sig: Sig, param: Param, shape: Shape, depth: int) -> str | None:
    if param.kind == I:
        ints = [v for v in g.ints() if param.lo <= v.lo and v.hi <= param.hi]
        return g.rng.choice(ints).name if ints and g.chance(0.4) else str(g.rng.randint(param.lo, param.hi))
    if param.writes:
        fits = [v for v in g.arrays(writable=True) if shape_of(v) == param.kind.shape]
        part = written_part(g, param.kind.shape) if not fits or g.chance(0.25) else None
        if part:
            return part
        if not fits:
            return None
        var = g.recent(fits)
        g.use("call_writes")
        if var.param:
            g.use("arg_inplace")
        return var.name
    wanted = shape if sig.elementwise else param.kind.shape
    e = expr(g, wanted, min(depth, 1), 2.0)
    return e.text if e.prec > 0 else f"({e.text})"


def written_part(g: Gen, shape: Shape) -> str | None:
    """A view of an array, for a function that writes into it."""
    fits = g.arrays(writable=True)
    if not fits:
        return None
    var = g.recent(fits)
    index = take(g, shape_of(var), shape)
    if index is None or "[" in index or not shape:
        return None
    g.use("call_writes_view")
    return f"{var.name}[{index}]"


# ------------------------------------------------------------ definitions


@contextmanager
def function(g: Gen, sig: Sig, budget: int) -> Iterator[Gen]:
    """A state for the body of one more function; the lines come after those written so far."""
    from tests.programs.module import header

    inner = Gen(
        g.rng,
        g.dims,
        g.features,
        {},
        list(g.functions),
        g.lines,
        budget=budget,
        returns=sig.returns,
        elementwise=sig.elementwise,
    )
    inner.reserved = {f.name for f in g.functions} | {sig.name, "f"}
    inner.vars = {name: replace(v) for name, v in g.vars.items() if v.fixed and name.isupper()}
    for p in sig.params:
        facts = {
            "lo": p.lo,
            "hi": p.hi,
            "fixed": p.kind == I,
            "param": True,
            "writable": p.writes or not p.kind.shape,
        }
        inner.declare(p.name, p.kind, 2.0, **facts)
    inner.lines.append(header(inner, sig))
    yield inner
    g.lines += ["", ""]
    g.functions.append(sig)


def define(g: Gen, name: str) -> None:
    """Write one user function of a random sort."""
    sort = g.rng.choices([plain, elementwise, writer, recursive, several], [4, 3, 3, 1.3, 2])[0]
    sort(g, name)


def random_params(g: Gen, count: int, shapes: list[Shape]) -> tuple[Param, ...]:
    names = g.rng.sample(["x", "y", "a", "b", "w"], count)
    params = [Param(n, K("f", g.rng.choice(shapes))) for n in names]
    if g.chance(0.35):
        params.append(Param("scale", F, default=g.rng.choice(["0.5", "1.0", "2"])))
    if g.chance(0.2):
        params.append(Param("m", I, default="2", lo=1, hi=3))
    return tuple(params)


def plain(g: Gen, name: str) -> None:
    """A function of some arguments with one value, sometimes returned early."""
    from tests.programs.module import body

    n, m = g.dims
    params = random_params(g, g.rng.randint(1, 3), [(), (), (n,), (n,), (m,), (n, m)])
    sig = Sig(name, params, (g.rng.choice([(), (), (n,), (n, m)]),))
    with function(g, sig, g.rng.randint(1, 5)) as inner:
        body(inner)


def several(g: Gen, name: str) -> None:
    """A function with several values."""
    from tests.programs.module import body

    n, _ = g.dims
    params = random_params(g, g.rng.randint(1, 2), [(), (n,)])
    returns = tuple(g.rng.choice([(), (n,)]) for _ in range(g.rng.choice([2, 2, 3])))
    with function(g, Sig(name, params, returns), g.rng.randint(1, 4)) as inner:
        body(inner)


def elementwise(g: Gen, name: str) -> None:
    """A function that takes scalars and arrays alike."""
    params = (Param("x", F), Param("y", F), Param("k", F, default="0.5"))[: g.rng.randint(1, 3)]
    sig = Sig(name, params, ((),), elementwise=True)
    with function(g, sig, 0) as inner:
        inner.vars = {n: v for n, v in inner.vars.items() if not shape_of(v)}
        for _ in range(g.rng.randint(0, 3)):
            target = inner.fresh()
            e = expr(inner, (), 2, 4.0)
            inner.emit(f"{target} = {e.text}")
            inner.declare(target, F, e.mag)
        whole = " * ".join(p.name for p in params)  # so that the shape is right whatever came before
        inner.emit(
            f"return {expr(inner, (), 2, 4.0).at(ADD) if g.chance(0.2) else last_of(inner)} + 0.5 * {whole}"
        )


def last_of(g: Gen) -> str:
    """What was computed last, or an expression of the arguments."""
    found = [v.name for v in g.floats(()) if not v.param and not v.name.isupper()]
    return found[-1] if found else expr(g, (), 2, 4.0).at(ADD)


def writer(g: Gen, name: str) -> None:
    """A function that writes into an array argument; it may return something as well."""
    from tests.programs.module import body

    n, m = g.dims
    out = Param(g.rng.choice(["out", "u", "z"]), K("f", g.rng.choice([(n,), (n,), (n, m)])), writes=True)
    params = (out, *random_params(g, g.rng.randint(0, 2), [(), (n,)]))
    returns: tuple[Shape, ...] = () if g.chance(0.5) else ((),)
    if not returns:
        g.use("procedure")
    with function(g, Sig(name, params, returns), g.rng.randint(1, 4)) as inner:
        from tests.programs.writes import write_into

        write_into(inner, inner.vars[out.name])
        body(inner)


def recursive(g: Gen, name: str) -> None:
    """A recursion of small depth, with the call at its end, or inside an expression."""
    n, _ = g.dims
    shape = g.rng.choice([(), (), (n,)])
    sig = Sig(name, (Param("x", K("f", shape)), Param("k", I, lo=0, hi=3)), (shape,))
    g.use("recursion")
    with function(g, sig, 2) as inner:
        inner.loops.append(Loop(8))
        with inner.block("if k <= 0:" if g.chance(0.7) else "if k == 0:"):
            inner.emit(f"return {expr(inner, shape, 1, 2.0).text}")
        arg = expr(inner, shape, 2, 2.0)
        again = call(name, arg.text, "k - 1", shape=shape)
        if g.chance(0.25):
            inner.emit(f"return {again.text}")
        else:
            e = expr(inner, shape, 1, 1.0)
            op = g.rng.choice("+-*")
            tail = f"np.tanh({again.text})" if g.chance(0.5) else f"0.5 * {again.text}"
            inner.emit(f"return {e.at(ATOM)} {op} {tail}")
