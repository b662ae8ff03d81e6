"""Named tuples in the family `made`: taken apart, replaced, in lists, choices and loops, passed, returned."""

from __future__ import annotations

from collections.abc import Callable

from tests.programs.expressions import expr
from tests.programs.scope import CAP, E, Gen, Shape
from tests.programs.statements import bind

HELPERS = """\
class Duo(NamedTuple):
    u: float
    w: float = 0.7

    share = 0.4

    def size(self):
        return np.sqrt(np.sum(self.u**2) + self.share * self.w**2 + 0.3)

    @property
    def half(self):
        return 0.5 * np.tanh(self.u)


Pack = namedtuple("Pack", ["duo", "q"])


def turn(d: Duo, k):
    return d._replace(u=0.5 * np.tanh(d.u) * d.w, w=0.3 * d.w + 0.1 * k * d.size())


def packed(d, q):
    if np.sum(d.u) > 0.5:
        return Pack(d, 0.5 * q)
    return Pack(q=0.3 * d.w, duo=Duo(0.5 * d.u))


def opened(p):
    duo, q = p
    return 0.5 * duo.u * q + p.duo.w
"""
NAMES = {"Duo", "Pack", "turn", "packed", "opened"}

Write = Callable[[Gen, str, str, str], str]
"""Lines that bind a tuple, and the text of what is computed with it: from its name and that of two values."""


def plain(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t} = {g.rng.choice([f'Duo({v}, {s})', f'Duo({v}, w={s})', f'Duo({v})'])}")
    return g.rng.choice(
        [f"{t}.u * {t}.w", f"{t}[0] * {t}[-1]", f"{t}.half * {t}.size()", f"{t}.u * {t}.share"]
    )


def apart(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t}, {t}_w = {g.rng.choice([f'Duo({v}, {s})', f'turn(Duo({v}, {s}), 0.5)'])}")
    return f"{t} * {t}_w"


def replaced(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t} = Duo({v}, {s})")
    if g.chance(0.5):
        g.emit(f"if {t}.w > 0.3: {t} = {t}._replace(u=0.5 * {t}.u * {t}.w)")
    else:
        g.emit(f"{t} = Duo(w={t}.w, u=np.tanh({t}.u)) if {t}.w > 0.3 else turn({t}, {t}.w)")
    return f"{t}.u * {t}._asdict()['w']" if g.chance(0.3) else f"{t}.u * {t}.w"


def looped(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t} = Duo({v}, {s})")
    step = g.rng.choice([f"turn({t}, {s})", f"Duo({t}.half, {t}.w * {t}.share)", f"Duo(*turn({t}, 0.3))"])
    g.emit(f"for _ in range({g.rng.choice([2, 3])}): {t} = {step}")
    return f"{t}.u * {t}.w"


def listed(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t} = [Duo({v}, 0.3 * k + {s}) for k in range(3)]")
    if g.chance(0.5):
        g.emit(f"{t}.append(turn({t}[0], {s}))")
    return g.rng.choice(
        [f"sum(d.u * d.w for d in {t})", f"{t}[-1].u * {t}[1].w", f"sum(0.5 * u * w for u, w in {t})"]
    )


def nested(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t} = {g.rng.choice([f'Pack(Duo({v}, {s}), {s})', f'packed(Duo({v}), {s})'])}")
    return g.rng.choice(
        [f"opened({t})", f"{t}.duo.u * {t}.q", f"opened(packed(*{t}))", f"{t}.duo.w * {t}.duo.u"]
    )


def keyed(g: Gen, t: str, v: str, s: str) -> str:
    g.emit(f"{t} = {{'a': Duo({v}, {s}), 'b': turn(Duo({v}), {s})}}")
    return f"{t}['a'].u * {t}['b'].w"


FORMS: list[Write] = [plain, apart, replaced, looped, listed, nested, keyed]


def computed(g: Gen, t: str, shape: Shape) -> E:
    """What is computed with a named tuple that is bound here."""
    v, s = (f"np.tanh({expr(g, of, 1, 2.0).text})" for of in (shape, ()))
    if g.loops or g.chance(0.5):
        s = f"({s} + 1.5)"
    return E(g.rng.choice(FORMS)(g, t, v, s), shape, 8.0)


def statement(g: Gen, t: str, name: str, shape: Shape) -> bool:
    """A named tuple for here and now."""
    found = computed(g, t, shape)
    g.use("object")
    g.emit(f"{name} = {found.text}")
    bind(g, name, E(found.text, shape, min(found.mag, CAP)))
    return True
