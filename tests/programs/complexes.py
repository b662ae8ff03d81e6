"""The family `complex`: real numbers in and out, complex ones on the way.

Complex variables are of base `c`. What the other productions make of floats goes on beside them.
"""

from __future__ import annotations

import random

from tests.programs.atoms import leaf, number
from tests.programs.conditions import condition, mask
from tests.programs.expressions import expr
from tests.programs.generator import Case, assemble, entry, entry_signature, module_constants
from tests.programs.indexing import int_index
from tests.programs.scope import ADD, CAP, MUL, UNARY, E, Gen, K, Shape, Table, Var, binary, call, shape_of
from tests.programs.statements import Mixed, bind

VALUES: Table = Table()
"""Complex expressions: `(g, shape, depth) -> E | None`."""
PARTS: Table = Table()
"""Real expressions of complex ones: `(g, shape) -> E | None`."""
STATEMENTS: Table = Table()


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    g = Gen(rng, dims=rng.choice([(3, 4), (4, 3), (3, 2), (5, 4)]), simple=Mixed(STATEMENTS, 0.55))
    constants = [*module_constants(g), *complex_constants(g)]
    if g.chance(0.5):
        define(g)
    args, sig = entry_signature(g)
    entry(g, sig, args)
    return assemble(g, constants, tuple(args), seed)


def complex_constants(g: Gen) -> list[str]:
    out = []
    if g.chance(0.3):
        out.append(f"ROT = {g.rng.choice(['0.6 + 0.8j', '1j', 'np.exp(0.3j)', 'complex(0.5, -0.5)'])}")
        g.declare("ROT", K("c"), 1.0, fixed=True, writable=False)
    if g.chance(0.25):
        n = g.dims[0]
        out.append(f"PHASES = np.exp(2j * np.pi * np.arange({n}) / {n})")
        g.declare("PHASES", K("c", (n,)), 1.0, fixed=True, writable=False)
    return out


def define(g: Gen) -> None:
    """A function of a complex and a real array or number, for every shape."""
    g.use("complex_function")
    first = g.rng.choice(
        ["z * (0.4 + 0.3j) + a", "np.conj(z) * a", "z * np.exp(0.5j * a)", "a - 0.3j * z * z"]
    )
    second = g.rng.choice(["np.real(w) + a", "np.abs(w + (2.0 + 1.5j))", "w.imag", "0.5 * w * np.conj(w)"])
    third = g.rng.choice(["w, {}", "{}, w", "{}"]).format(second)
    g.lines += ["def mixing(z, a):", f"    w = {first}", f"    return {third}", "", ""]
    g.reserved.add("mixing")
    g.mixing = third


# ------------------------------------------------------------------ expressions


def complexes(g: Gen, shape: Shape | None = None) -> list[Var]:
    """The complex variables of a shape."""
    return g.where(
        lambda v: isinstance(v.kind, K) and v.kind.base == "c" and (shape is None or shape_of(v) == shape)
    )


def value(g: Gen, shape: Shape, depth: int = 2) -> E:
    """A random complex expression of this shape, of a size below 4."""
    if depth <= 0 or g.chance(0.15):
        return ending(g, shape)
    found: E = VALUES.draw(g, shape, depth - 1) or ending(g, shape)
    return (
        found
        if found.mag <= CAP
        else E(f"{0.5 * CAP / found.mag:.2g} * {found.at(MUL + 1)}", shape, 2.0, MUL)
    )


def ending(g: Gen, shape: Shape) -> E:
    """A complex variable, or something made of a real one."""
    known = complexes(g, shape)
    if known and g.chance(0.75):
        var = g.recent(known)
        return E(var.name, shape, var.mag, view=True)
    a = leaf(g, shape)
    return g.rng.choice(
        [
            E(f"{a.at(MUL)} * {g.rng.choice(['1j', '(0.5 - 0.4j)', '-0.7j'])}", shape, a.mag, MUL),
            E(f"np.exp(1j * {a.at(MUL + 1)})", shape, 1.0),
            E(f"{a.at(ADD)} + {g.rng.choice(['0.5j', '(1 + 1j)'])}", shape, a.mag + 1.5, ADD),
            E(f"{g.rng.choice(['0.6', '1'])}j * np.sin({a.text})", shape, 1.0, MUL),
        ]
    )


def partner(g: Gen, shape: Shape, depth: int) -> E:
    """What a complex expression meets: complex or real, of its shape or one that is stretched to it."""
    narrow = g.rng.choice([shape, shape, (), shape[1:]])
    if g.chance(0.45):
        return expr(g, narrow, min(depth, 1), 2.0)
    if g.chance(0.15):
        return E(g.rng.choice(["1j", "(0.3 + 0.2j)", "0.5j"]))
    return value(g, narrow, depth)


@VALUES.add(8)
def arithmetic(g: Gen, shape: Shape, depth: int) -> E:
    op = g.rng.choice("+-**")
    g.use(f"op {op}")
    a, b = value(g, shape, depth), partner(g, shape, depth)
    if g.chance(0.4):
        a, b = b, a
    return binary(op, a, b, shape, a.mag * b.mag if op == "*" else a.mag + b.mag)


@VALUES.add(2)
def division(g: Gen, shape: Shape, depth: int) -> E:
    g.use("op /")
    a, b = partner(g, shape, depth), value(g, shape, 0)
    below = E(f"({2.0 + 2.0 * b.mag:.1f} + 1j + {b.at(ADD + 1)})", shape)
    return binary("/", a, below, shape, a.mag)


@VALUES.add(2)
def function(g: Gen, shape: Shape, depth: int) -> E:
    """An elementwise function, in a part of its domain without a branch cut."""
    a = value(g, shape, depth)
    small = f"{min(1.0, 1.0 / a.mag):.2g} * {a.at(MUL + 1)}"
    wide = f"{1.5 + 1.5 * a.mag:.1f} + {a.at(ADD + 1)}"
    fn, arg, mag = g.rng.choice(
        [
            *(
                (f"np.{name}", small, 3.0)
                for name in ("exp", "sin", "cos", "sinh", "cosh", "square", "expm1")
            ),
            *((f"np.{name}", wide, 4.0) for name in ("log", "sqrt", "log10", "log1p", "arcsinh")),
            ("np.tanh", f"0.4 * ({small})", 0.6),
            ("np.arctan", f"0.4 * ({small})", 0.6),
            ("np.reciprocal", wide, 1.0),
            ("np.conj", a.text, a.mag),
            ("np.negative", a.text, a.mag),
        ]
    )
    g.use(f"complex {fn}")
    return call(fn, arg, shape=shape, mag=mag)


@VALUES.add(1)
def power(g: Gen, shape: Shape, depth: int) -> E:
    g.use("op **")
    a = value(g, shape, depth)
    small = f"({min(1.0, 1.0 / a.mag):.2g} * {a.at(MUL + 1)})"
    if g.chance(0.6):
        return E(f"{small} ** {g.rng.choice(['2', '3'])}", shape, 1.5, UNARY)
    return E(f"(2.5 + {small}) ** {g.rng.choice(['0.5', '-1.5', '(0.5 + 0.2j)'])}", shape, 3.0, UNARY)


@VALUES.add(1)
def where(g: Gen, shape: Shape, depth: int) -> E:
    g.use("np.where")
    a, b = value(g, shape, depth), partner(g, shape, depth)
    if not (a.shape == shape or b.shape == shape) or not shape:
        return value(g, shape, depth)
    return call("np.where", mask(g, shape).text, a.text, b.text, shape=shape, mag=max(a.mag, b.mag))


@VALUES.add(2.5)
def transform(g: Gen, shape: Shape, depth: int) -> E | None:
    """A Fourier transform along an axis, or along all."""
    if not shape or min(shape) < 2:
        return None
    norm = g.rng.choice(["", ', norm="ortho"', ', norm="forward"'])
    n, mag = shape[-1], 1.0 if "forward" in norm else float(shape[-1])
    r = g.rng.random()
    if r < 0.4:
        fn = g.rng.choice(["fft", "ifft"])
        axis = f", axis={g.rng.randrange(len(shape))}" if g.chance(0.3) else ""
        a = value(g, shape, depth) if g.chance(0.6) else expr(g, shape, depth, CAP)
        text, mag = f"np.fft.{fn}({a.text}{axis}{norm})", float(max(shape))
    elif r < 0.6 and len(shape) == 2:
        fn, a = g.rng.choice(["fft2", "ifft2", "fftn"]), value(g, shape, depth)
        text, mag = f"np.fft.{fn}({a.text}{norm})", float(shape[0] * n)
    elif r < 0.8:
        fn, a = g.rng.choice(["rfft", "ihfft"]), expr(g, (*shape[:-1], 2 * n - 2), min(depth, 1), 2.0)
        text, mag = f"np.fft.{fn}({a.text}{norm})", 2.0 * n
    else:
        fn, a = g.rng.choice(["fft", "ifft"]), value(g, (*shape[:-1], n + g.rng.choice([-1, 1])), depth)
        text = f"np.fft.{fn}({a.text}, {n}{norm})"
    g.use(f"np.fft.{fn}")
    return E(f"{0.5 / mag:.2g} * {text}", shape, 0.5 * a.mag, MUL)


@VALUES.add(1)
def piece(g: Gen, shape: Shape, depth: int) -> E | None:
    """A part of a complex array."""
    larger = [v for v in complexes(g) if len(shape_of(v)) == len(shape) + 1 and shape_of(v)[1:] == shape]
    if not larger:
        return None
    var = g.recent(larger)
    return E(f"{var.name}[{int_index(g, shape_of(var)[0])}]", shape, var.mag, view=True)


@VALUES.add(1)
def reduced(g: Gen, shape: Shape, depth: int) -> E | None:
    """Sums, products with matrices."""
    n = g.dims[0]
    a = value(g, (n, *shape), depth)
    if g.chance(0.5):
        g.use("complex sum")
        return E(f"np.{g.rng.choice(['sum', 'mean'])}({a.text}, axis=0)", shape, n * a.mag)
    g.use("complex @")
    b = partner(g, (n,), 0)
    if b.shape != (n,):
        return None
    text = f"{b.at(MUL)} @ {a.at(MUL + 1)}" if g.chance(0.6) or shape else f"np.vdot({a.text}, {b.text})"
    return E(text, shape, n * a.mag * b.mag, MUL)


@VALUES.add(0.8)
def array(g: Gen, shape: Shape, depth: int) -> E | None:
    """`np.array` of complex and real numbers; `np.stack`."""
    if not shape or shape[0] > 3:
        return None
    parts = [value(g, shape[1:], 0) if g.chance(0.6) else expr(g, shape[1:], 0, 2.0) for _ in range(shape[0])]
    parts[0] = value(g, shape[1:], 0)
    fn = "np.stack" if shape[1:] else "np.array"
    return E(f"{fn}([{', '.join(p.at(1) for p in parts)}])", shape, max(p.mag for p in parts))


@VALUES.add(0.7)
def number_of_two(g: Gen, shape: Shape, depth: int) -> E | None:
    if shape:
        a = expr(g, shape, 1, 2.0)
        return E(f"({a.text}).astype(complex)", shape, a.mag)
    g.use("complex()")
    a, b = expr(g, (), 1, 2.0), expr(g, (), 1, 2.0)
    return call("complex", a.text, b.text, mag=a.mag + b.mag)


# ------------------------------------------------------------------ real parts


def part(g: Gen, shape: Shape) -> E:
    """A real expression of a complex one."""
    found: E = PARTS.draw(g, shape) or E(f"np.real({value(g, shape, 1).text})", shape, CAP)
    return found


@PARTS.add(4)
def real_or_imaginary(g: Gen, shape: Shape) -> E:
    a = value(g, shape)
    name = g.rng.choice(["real", "imag"])
    g.use(f".{name}")
    if g.chance(0.5):
        return E(f"np.{name}({a.text})", shape, a.mag)
    return E(f"{a.at(11)}.{name}", shape, a.mag)


@PARTS.add(3)
def absolute(g: Gen, shape: Shape) -> E:
    a = value(g, shape)
    far = f"{1.5 + 1.1 * a.mag:.1f} + 0.5j + {a.at(ADD + 1)}"
    fn = g.rng.choice(["np.abs", "abs", "np.angle"])
    g.use(f"complex {fn}")
    return call(fn, far, shape=shape, mag=3.0 + 2.1 * a.mag)


@PARTS.add(2)
def squared(g: Gen, shape: Shape) -> E:
    a = ending(g, shape)
    if g.chance(0.5):
        return E(f"np.real({a.at(MUL)} * np.conj({a.text}))", shape, a.mag**2)
    return E(f"np.abs({a.text}) ** 2", shape, a.mag**2, UNARY)


@PARTS.add(1.5)
def back(g: Gen, shape: Shape) -> E | None:
    if not shape or shape[-1] < 3:
        return None
    fn = g.rng.choice(["irfft", "hfft"])
    a = value(g, (*shape[:-1], shape[-1] // 2 + 1), 1)
    g.use(f"np.fft.{fn}")
    return E(f"{0.5 / shape[-1]:.2g} * np.fft.{fn}({a.text}, {shape[-1]})", shape, a.mag, MUL)


@PARTS.add(1)
def length(g: Gen, shape: Shape) -> E | None:
    if shape:
        return None
    a = value(g, (g.dims[0],), 1)
    g.use("complex norm")
    return E(f"{g.rng.choice(['np.linalg.norm', 'np.var'])}({a.text} + (0.5 + 0.5j))", (), 4.0 * a.mag + 4.0)


# ------------------------------------------------------------------ statements


def declare(g: Gen, name: str, e: E) -> Var:
    old = g.vars.get(name)
    mag = max(e.mag, old.mag) if old and g.depth else e.mag
    return g.declare(name, K("c", e.shape), mag, shared=e.view and bool(e.shape))


def target(g: Gen, shape: Shape) -> str:
    same = [v for v in complexes(g, shape) if not v.fixed]
    return g.recent(same).name if same and g.chance(0.4) else g.fresh()


@STATEMENTS.add(8)
def assign(g: Gen) -> bool:
    shape = g.some_shape()
    name, e = target(g, shape), value(g, shape, 3)
    g.emit(f"{name} = {e.text}")
    declare(g, name, e)
    return True


@STATEMENTS.add(8)
def assign_part(g: Gen) -> bool:
    """A real variable, for all the other productions."""
    shape = g.some_shape()
    same = [v for v in g.floats(shape) if not v.fixed]
    name, e = g.recent(same).name if same and g.chance(0.4) else g.fresh(), part(g, shape)
    if e.mag > CAP:
        e = E(f"{0.9 * CAP / e.mag:.2g} * {e.at(MUL + 1)}", shape, CAP, MUL)
    if shape and (".real" in e.text or "np.real" in e.text or "imag" in e.text):
        e = E(f"1.0 * {e.at(MUL + 1)}", shape, e.mag, MUL)  # A view: nobody writes to it here.
    g.emit(f"{name} = {e.text}")
    bind(g, name, e)
    return True


@STATEMENTS.add(3)
def augmented(g: Gen) -> bool:
    """`z += x`, `z *= 0.5j`."""
    known = [v for v in complexes(g) if not v.fixed]
    if not known:
        return False
    var = g.recent(known)
    e = partner(g, shape_of(var), 1)
    if var.shared and shape_of(var):
        return False
    op = g.rng.choice("+-*")
    factor = f"{min(1.0, 1.0 / (e.mag * max(1, g.trips))):.2g} * "
    g.use(f"complex {op}=")
    g.emit(f"{var.name} {op}= {factor}{e.at(MUL + 1)}")
    var.mag = var.mag if op == "*" else var.mag + 1.0
    return True


@STATEMENTS.add(4)
def store(g: Gen) -> bool:
    """A complex array made of zeros or of another, and writes into it."""
    shape: Shape = (g.dims[0],) if g.chance(0.7) else g.dims[:2]
    known = [v for v in complexes(g, shape) if not v.fixed and not v.shared]
    if known and g.chance(0.6):
        var = g.recent(known)
    else:
        name = g.fresh()
        like = g.floats(shape)
        forms = [f"np.zeros({shape}, dtype=complex)", f"np.zeros({shape}, np.complex128)"]
        if like:
            forms += [f"np.zeros_like({g.recent(like).name}, dtype=complex)", f"{like[-1].name} * (1 + 0.5j)"]
        g.emit(f"{name} = {g.rng.choice(forms)}")
        var = g.declare(name, K("c", shape), 4.5)
        g.use("complex zeros")
    for _ in range(g.rng.choice([1, 1, 2])):
        place, inner = place_in(g, shape)
        e = expr(g, inner, 1, 2.0) if g.chance(0.4) else value(g, inner, 1)
        op = g.rng.choice(["=", "=", "+=", "-=", "*="])
        factor = f"{1.0 / (e.mag * max(1, g.trips)):.2g} * " if op != "=" else ""
        g.use(f"complex store {op}")
        g.emit(f"{var.name}[{place}] {op} {factor}{e.at(MUL + 1) if factor else e.text}")
        var.mag = max(var.mag, e.mag) if op == "=" else var.mag + 1.0
    return True


def place_in(g: Gen, shape: Shape) -> tuple[str, Shape]:
    """An index into an array of this shape, and the shape of what is there."""
    n, rest = shape[0], shape[1:]
    r = g.rng.random()
    if r < 0.5:
        return int_index(g, n), rest
    if r < 0.75:
        return "1:", (n - 1, *rest)
    if r < 0.85:
        return "::-1", shape
    return "[0, 2]" if n > 2 else "[0, 1]", (2, *rest)


@STATEMENTS.add(3)
def total(g: Gen) -> bool:
    """A sum in a loop that starts with a real number, or a complex one."""
    vectors = [v for v in g.floats() if len(shape_of(v)) == 1]
    if not vectors or len(g.loops) > 1:
        return False
    var, name = g.recent(vectors), g.fresh()
    start = g.rng.choice(["0.0", "0.0", "0j", "0", number(g).text, leaf(g, ()).text])
    g.use("complex total")
    g.emit(f"{name} = {start}")
    size = shape_of(var)[0]
    with g.block(f"for k in range({size}):"):
        turn = g.rng.choice(["np.exp(-0.5j * k)", "(0.3 + 0.2j)", "0.4j**k", "np.exp(1j * k * 0.2)"])
        g.emit(
            g.rng.choice(
                [
                    f"{name} += {var.name}[k] * {turn}",
                    f"{name} = {name} + {turn} * {var.name}[k]",
                    f"{name} = 0.5 * {name} * {turn} + {var.name}[k]",
                    f"{name} = 0.5 * {name} + np.sin({var.name}[k])\n{'    ' * g.indent}{name} *= 0.9j",
                ]
            )
        )
    g.declare(name, K("c"), 2.0 + size * var.mag)
    return True


@STATEMENTS.add(2)
def either(g: Gen) -> bool:
    """A variable that is real on one path and complex on the other."""
    shape = g.some_shape()
    name = g.fresh()
    a, b = expr(g, shape, 2, CAP), value(g, shape, 2)
    g.use("real or complex")
    if g.chance(0.5):
        a, b = b, a
    if g.chance(0.5):
        g.emit(f"{name} = {a.text}")
        with g.block(f"if {condition(g).text}:"):
            g.emit(f"{name} = {b.text}")
    else:
        with g.block(f"if {condition(g).text}:"):
            g.emit(f"{name} = {a.text}")
        with g.block("else:"):
            g.emit(f"{name} = {b.text}")
    declare(g, name, E(a.text, shape, max(a.mag, b.mag), view=True))
    return True


@STATEMENTS.add(1)
def listed(g: Gen) -> bool:
    """A list of complex and real numbers, or of arrays."""
    shape: Shape = () if g.chance(0.7) else (g.dims[0],)
    name = g.fresh()
    first = value(g, shape, 1) if g.chance(0.6) else expr(g, shape, 1, 2.0)
    second = value(g, shape, 1)
    g.use("complex list")
    g.emit(f"{name} = [{first.at(1)}]")
    g.emit(f"{name}.append({second.text})")
    out = target(g, shape)
    g.emit(f"{out} = {name}[0] * {name}[1]" if out != name else "pass")
    declare(g, out, E("", shape, first.mag * second.mag))
    g.reserved.add(name)
    return True


@STATEMENTS.add(2)
def user_call(g: Gen) -> bool:
    """A call of a function with complex and real results."""
    if not g.mixing:
        return False
    shape = g.some_shape()
    z, a = (value(g, shape, 1), expr(g, shape, 1, 2.0))
    if g.chance(0.2):
        z = expr(g, shape, 1, 2.0)
    names = [g.fresh()]
    if "," in g.mixing:
        names.append(g.fresh())
    if len(set(names)) < len(names):
        return False
    g.emit(f"{', '.join(names)} = mixing({z.text}, {a.text})")
    for name in names:  # Real or complex: all that is done with a complex value is right for a real one too.
        g.declare(name, K("c", shape), 8.0, shared=True)
    return True
