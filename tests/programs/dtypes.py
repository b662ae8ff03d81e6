"""The family `dtypes`: integers, flags and floats in one program: what is stored into which array, what
becomes of a sum that starts at 0, what an array that was made like another one holds.

Kinds: `vec` and `num` vary; `con` is a vector of floats that need not; `ints`, `mask` and `int` do not. What
is stored into `ints` is rounded.
"""

from __future__ import annotations

import random

import numpy as np

from tests.programs.generator import Case
from tests.programs.grammar import Grammar, Maker, N, expressions, rows, statements

HELPERS = """
WEIGHTS = np.array([2, 1, 3])
HALVES = np.array([0.5, 1.5, 1])


def put(a, k, e):
    a[k] = e


def blank(like):
    return np.zeros_like(like)


def total(q):
    t = 0
    for e in q:
        t += e
    return t


def smooth(a, e):
    b = np.zeros(len(a), a.dtype)
    b[1:] = 0.5 * (a[1:] + a[:-1]) + e
    return b


def chosen(a, b, flag=True):
    return a if flag else b
"""

EXPRESSIONS = expressions("""
num: 0.7 ; 1 ; x[<k>] ; c ; 2.5 ; <vec>[<k>] ; <ints>[<k>] * <num> ; <mask>[<k>] * <num> ; <num> * <num>
num: np.sin(<num>) ; np.sum(<vec>) ; np.sum(<mask> * <vec>) ; <ints> @ <vec> ; np.dot(<vec>, <mask>)
num: <num> // 0.37 ; <num> % 0.9 ; <num> ** 2 ; round(<num> * 3.0) ; int(<num> * 4.0) ; float(<int>)
num: total(<vec>) ; total(<ints>) ; total(<mask>) ; sum(<vec>) ; sum(<ints>) ; np.sum(<vec>[<mask>])
num: max(<int>, <num>) ; min(1, <num>) ; <num> * (<num> > 0.4) ; (<num> if <mask>[<k>] else 0)
num: <vec>[<int> % 3] ; <vec>[<ints>[<k>] % 3] ; <int> * <num> ; <num> / <int> ; np.mean(<ints> * <vec>)
num: np.max(<con>) ; np.float64(<int>) ; (<num> + True) ; math.floor(<num>) ; bool(<num>) * <num>
num: sum([1, <num>, 2]) ; sum([e * 2 for e in <vec>]) ; np.mean(<mask>) * <num>
int: 1 ; 2 ; n ; len(x) ; <int> % 2 + 1 ; int(<mask>[<k>]) + 1 ; (<int> + 3) // 2 ; max(1, <int> % 3)
ints: np.arange(3) ; np.array([1, 2, 3]) ; np.zeros(3, int) ; np.ones(3, dtype=int) ; np.full(3, 2)
ints: WEIGHTS ; np.arange(1, 4) ; np.array([2, 0, 1]) ; np.zeros(3, dtype=np.int64)
ints: np.full(3, 1, dtype=int) ; (<vec> > 0.4).astype(int) ; (<vec> * 3.0).astype(int)
ints: np.floor(<vec> * 2.0).astype(int) ; np.zeros_like(<ints>) ; np.ones_like(<mask>)
ints: np.full_like(<ints>, <num>) ; np.empty_like(<ints>) * 0 ; <ints> // 2 ; <ints> % 3 + 1
ints: <ints> * <ints> % 4 ; <ints> ** 2 % 5 ; -<ints> ; <ints>[::-1] ; <ints> + <int>
ints: np.argsort(<vec>) ; np.cumsum(<ints>) % 4 ; np.cumsum(<mask>) ; abs(<ints>) ; np.abs(-<ints>)
ints: np.where(<mask>, <ints>, 2) ; np.where(<mask>, 1, 0) ; np.minimum(<ints>, 2)
ints: np.maximum(<ints>, <int>) ; np.clip(<ints>, 0, 2) ; np.sign(<ints>) ; np.sort(<ints>)
ints: np.concatenate([<ints>[:1], <ints>[1:]]) ; np.hstack([<ints>[:2], <int>])
ints: np.array([<int>, 1, 2]) ; np.array([<ints>[<k>], <int>, 0]) ; <mask> * 1 ; <mask> + <ints>
ints: np.sum([<ints>, <ints>], axis=0) ; np.eye(3, dtype=int)[<k>] ; np.copy(<ints>) ; <ints>.copy()
ints: np.asarray(<ints>) ; np.array(<ints>) ; blank(<ints>) ; np.roll(<ints>, 1) ; <vec>.astype(int)
ints: np.array(<vec>, dtype=int) ; np.rint(<vec>).astype(np.int64) ; np.digitize(<vec>, [0.0, 0.5])
ints: np.searchsorted([0.1, 0.6], <vec>) ; np.linspace(0, 2, 3, dtype=int)
ints: np.diff(np.arange(4)) * <ints> ; np.outer(<ints>, <ints>)[<k>] ; np.stack([<ints>, <ints>])[1]
ints: np.tile(<int>, 3) ; np.repeat(<int>, 3) ; np.unique(np.arange(3))
ints: np.prod([<ints>, <ints>], axis=0) % 4 ; np.max([<ints>, <ints>], axis=0) ; np.array([0] * 3)
ints: np.array([i * i for i in range(3)]) ; np.array(list(range(3))) ; np.bincount([0, 1, 1, 2])
ints: chosen(<ints>, <ints>) ; np.identity(3, int)[<k>] ; np.diag(np.arange(9).reshape(3, 3))
ints: np.ravel(<ints>) ; np.power(<ints>, 2) % 4 ; np.mod(<ints>, 3) ; np.floor_divide(<ints>, 2)
ints: np.squeeze(<ints>) ; <ints>.T ; np.argsort(<ints>) ; np.array([round(<num>), 1, 2])
ints: np.array([int(<num>)] * 3) ; np.fromiter(range(3), int) ; np.append(<ints>[:2], <int>)
ints: np.r_[<ints>[:1], 1, 2] ; np.flip(<ints>) ; np.nonzero(np.arange(4))[0]
ints: np.flatnonzero([1, 0, 2, 3]) ; np.meshgrid(<ints>, <ints>)[0][<k>]
ints: np.broadcast_to(<int>, 3).copy() ; np.trunc(<ints>) ; np.round(<ints>)
ints: np.add(<ints>, <ints>) % 3 ; np.dot(np.eye(3, dtype=int), <ints>)
mask: x > 0.5 ; np.array([True, False, True]) ; np.zeros(3, bool) ; np.ones(3, dtype=bool)
mask: np.arange(3) > 0 ; <vec> > 0.3 ; <vec> > <num> ; <ints> > 1 ; ~<mask> ; <mask> & <mask>
mask: <mask> | <mask> ; np.isfinite(<vec>) ; np.logical_not(<mask>) ; <ints>.astype(bool)
mask: <ints> == <ints> ; np.sort(<mask>) ; <mask> + <mask> ; <mask> * <mask>
con: np.zeros(3) ; np.ones(3) ; np.full(3, 0.5) ; HALVES ; np.array([1, 2.0, 3]) ; np.linspace(0, 1, 3)
con: np.empty_like(<vec>) * 0.0 ; np.zeros_like(<vec>) ; np.full_like(<vec>, 1) ; <ints> / 2
con: <ints> * 0.5 ; <ints>.astype(float) ; np.asarray(<ints>, dtype=float) ; np.sqrt(np.arange(3))
con: np.zeros_like(<ints>, dtype=float) ; np.array([<int>, 2, 0.5]) ; np.mean([<ints>, <ints>], axis=0)
con: np.where(<mask>, 0.5, 1) ; np.floor(<vec>) ; np.array(<ints>, dtype=np.float64)
con: np.float64(<ints>) ; np.zeros(3, <vec>.dtype) ; blank(<vec>) ; np.arange(3.0)
con: np.arange(3, dtype=float) ; 1.0 * <ints> ; <mask> * 1.0 ; np.array([0.0] * 3) ; <ints> ** 2.0 / 4
con: np.clip(<ints>, 0.5, 2) ; np.sign(<vec>) ; np.round(<vec>, 1) ; np.maximum(<ints>, 0.5)
con: <mask> / 2 ; np.concatenate([<ints>[:2], [0.5]]) ; np.hstack([<mask>[:2], 0.5]) ; np.eye(3)[<k>]
con: <con>[::-1] * 1
vec: x ; x * c ; x ** 2 ; x - 1 ; HALVES * x ; <vec> * <vec> ; <vec> + <con> ; <num> * <con>
vec: np.sin(<vec>) ; <ints> * <vec> ; <mask> * <vec> ; <num> * <ints> ; <num> * <mask>
vec: (<vec> > 0.3) * <vec> ; <vec> / (1 + <ints> ** 2) ; np.abs(<vec>) ** (<ints> % 3) ; <vec> ** <int>
vec: <vec> // 0.37 * <num> ; <vec> % 0.9 ; np.where(<mask>, <vec>, 0) ; np.where(<mask>, <vec>, <ints>)
vec: np.where(<mask>, <num>, 1) ; np.concatenate([<ints>[:1], <vec>[1:]])
vec: np.hstack([<mask>[:1], <vec>[1:]]) ; np.stack([<ints>, <vec>])[<k>] ; np.append(<ints>[:2], <num>)
vec: np.r_[<ints>[:1], <vec>[1:]] ; np.array([<num>, 1, 2]) ; np.array([0, <num>, <int>])
vec: np.full(3, <num>) ; np.full_like(<vec>, <num>) ; <vec>[<ints> % 3] ; <vec>[np.argsort(<vec>)]
vec: np.maximum(<vec>, 0) ; np.clip(<vec>, 0, 1) ; np.minimum(<ints>, <vec>) ; np.cumsum(<vec>)
vec: np.cumsum(<mask> * <vec>) ; np.sort(<ints> * <vec>) ; <vec>.astype(float)
vec: np.asarray(<vec>, dtype=float) ; np.outer(<ints>, <vec>)[<k>] ; np.power(2, <vec> * 0.5)
vec: <vec> - <ints> // 2 ; smooth(<vec>, <num>) ; chosen(<ints>, <vec>, False) ; <num> - <ints>
vec: np.diff(<vec>, prepend=0) ; np.sum([<ints>, <vec>], axis=0) ; np.zeros(3) + <num>
vec: sum([<vec>, 1, <ints>]) ; <vec> @ np.eye(3, dtype=int) ; np.select([<mask>], [<vec>], 0)
vec: np.choose(<ints> % 2, [<vec>, 0]) ; np.array([e * 2 for e in <vec>]) ; <vec> * np.float32(0.5)
vec: <vec> * np.ones(3, np.float32) ; np.array([<vec>, <ints>])[<k>]
vec: np.array([[<num>, 1, 0], [1, 2, 3]])[<k> % 2] ; np.roll(<vec>, <int>)
""")

STORES = rows("""
<p>[<k>] = <num> ; <p>[<k>] = <num> * 3.0 ; <p>[:] = <num> * 2.5 ; <p>[1:] = <vec>[:-1] * 2.0
<p>[<mask>] = <num> ; <p>[<k>] += <num> * 2.0 ; <p>[::-1] = <vec> * 3.0 ; <p>[[0, 2]] = <vec>[:2]
put(<p>, <k>, <num> * 3.0) ; <p>.fill(<num>) ; np.copyto(<p>, <vec>, casting='unsafe')
np.put(<p>, [0, 1], int(<num> * 2.0)) ; <p>.flat[0] = <num> ; <p>[<k>], <p>[<k>] = <num>, 1
<p>[<q&mask>] = <vec>[<q>] * 2.0 ; <p>[...] = <ints> ; <p>[<k>] = <p>[<k>] * <num>
np.putmask(<p>, <mask>, <ints>) ; <p>[:2][1] = <num> * 2.0 ; <p>[<ints> % 3] = <vec> ; <p>[<k>] = <int>
<p>[<mask>] = 0 ; <p>[<k>] = <mask>[<k>] ; <p>[1:][:1] = <num> ; <p>[<k>] *= <num> ; <p>[<k>] -= <num>
<p>[<k>] /= 2 ; <p>[<k>] **= 2 ; <p>[<k>] //= 2 ; np.place(<p>, <mask>, [<int>])
""")

STATEMENTS = [
    *((0.5, "<p=ints> = <ints>\n" + store) for store in STORES),
    *((0.2, "<p=con> = <con>\n" + store + "\n<=vec> = <p> * <num>") for store in STORES),
    *((0.2, "<p=mask> = <mask>\n" + store) for store in STORES),
    *((0.15, store.replace("<p>", f"<&{kind}>")) for store in STORES for kind in ("ints", "con", "vec")),
    *statements("""
4 <=vec> = np.tanh(<vec>)

2 <=num> = np.tanh(<num>)

2 <=ints> = <ints>

<=mask> = <mask>

<=con> = <con>

<=int> = <int>

<p=num> = 0
for v in <vec>:
    <p> += v * <num>

<p=num> = 0
for i in range(3):
    <p> = <p> + <ints>[i] * <vec>[i]

<p=num> = 1
for i in range(2):
    *
    <p> *= np.tanh(<num>)

<p=vec> = 0
for i in range(3):
    <p> = <p> + <vec> * i

<p=vec> = np.arange(3)
for i in range(2):
    <p> = <p> * <num>

<p=vec> = np.zeros(3, int)
for i in range(2):
    <p> = <p> + <vec>
    <p>[<k>] = <num>

<p=vec> = np.zeros(3, int)
<p> = <p> + <vec>
<p>[<k>] = <num>

cells = [0] * 3
for i in range(3):
    cells[i] = <vec>[i] * <num>
<=vec> = np.array(cells)

cells = [0] * 3
cells[<k>] = <int>
<p=ints> = np.array(cells)
<p>[<k>] = <num>

cells = [1, <num>, 2]
<p=vec> = np.array(cells)
<p>[0] = <num>

<p=ints> = <ints>
view = <p>[1:]
view[0] = <num> * 2.0

<p=ints> = <ints>
for i in range(3):
    <p>[i] = <p>[i] + <num>

if <num> > 0.4:
    *
else:
    *

for i in range(2):
    *

<p=num> = <int> if <mask>[<k>] else <num>

cells = np.empty(3)
for i in range(3):
    cells[i] = <ints>[i] if i % 2 else <vec>[i]
<=vec> = cells

<p=vec> = smooth(<con>, <num>)

<p=ints> = smooth(<ints>, <num> * 2.0)

pair = [<ints>, <vec>]
pair[0][<k>] = <num> * 3.0
<=vec> = pair[0] * pair[1]

kept = {'n': <ints>, 'v': <vec>}
kept['n'][<k>] = <num> * 3.0
<=vec> = kept['n'] + kept['v']

grid = np.zeros((2, 3), int)
grid[<k> % 2] = <vec> * 4.0
grid[:, <k>] = <num>
<=vec> = grid[0] * <vec>

grid = np.zeros((2, 3))
grid[<k> % 2] = <ints>
grid[:, <k>] = <num>
<=vec> = grid[0] * <vec>

grid = np.array([[1, 2, 3], [0, <int>, 1]])
grid[0, <k>] = <num> * 4.0
<=vec> = grid[0] * <vec>

grid = np.array([<ints>, <ints>])
for row in grid:
    row[<k>] = <num> * 4.0
<=vec> = grid[1] * <vec>
"""),
]

GRAMMAR = Grammar(
    EXPRESSIONS, STATEMENTS, {"num": "s", "int": "n", "ints": "i", "mask": "m", "con": "w", "vec": "v"}
)


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(f"dtypes {seed}")
    made = Maker(GRAMMAR, rng, {"x": "vec", "c": "num", "n": "int"})
    numbers = np.array([round(rng.uniform(0.15, 1.45), 3) for _ in range(N)])
    args: list[object] = [numbers, round(rng.uniform(0.2, 1.4), 3), rng.randint(1, 3)]
    for name, kind, value in (
        ("k", "ints", np.array([2, 0, 1])),
        ("where", "mask", np.array([True, False, True])),
    ):
        if rng.random() < 0.2:
            made.kinds[name] = kind
            args.append(value)
    head = f"def f({', '.join(made.kinds)}):"
    for _ in range(rng.randint(3, 8)):
        made.statement(1, 0)
    terms = [f"np.sum({name})" for name in made.held("vec")[-3:]]
    terms += [f"np.sum({name} * x)" for kind in ("ints", "con", "mask") for name in made.held(kind)[-2:]]
    made.lines.append(f"    return {' + '.join([*terms, *made.held('num')[-2:]])}")
    source = "\n".join(["import math\n\nimport numpy as np", HELPERS, "", head, *made.lines]) + "\n"
    return Case(source, tuple(args), frozenset({"dtypes"}), seed)
