"""The family `shared`: one list or array in two places, and writes that reach both, or only one of them.

Kinds: `num`, `vec` (an array), `mat` (a square one), `row` (a list of numbers), `rows` (a list of arrays),
`table` (a list of lists), `book` (a dict with arrays under "a" and "b").
"""

from __future__ import annotations

import random

import numpy as np

from tests.programs.generator import Case
from tests.programs.grammar import Grammar, Maker, N, expressions, rows, statements

HELPERS = """
def put(p, e):
    p[0] = e


def both(p, q):
    p[0] = q[1]
    q[0] += p[1]


def grown(p, e):
    p *= 0.5
    p += e
    return p


def kept(e, seen=[]):
    seen.append(e)
    return sum(seen[-1:])


def part(p):
    return p[1:]


def head(p):
    return p[0]
"""

EXPRESSIONS = expressions("""
num: 0.7 ; x[<k>] ; c ; <vec>[<k>] ; <row>[<k>] ; <table>[<k>][<k>] ; <rows>[<k>][<k>] ; <num> * <num>
num: np.sin(<num>) ; np.sum(<vec>) ; sum(<row>) ; np.sum(<mat>[<k>]) ; <book>["a"][<k>] ; head(<vec>)
vec: x ; x * c ; np.zeros(3) ; np.ones(3) ; x.copy() ; <vec> * <vec> ; <vec> + <num> ; <num> * <vec>
vec: np.tanh(<vec>) ; <mat>[<k>] ; <mat>[:, <k>] ; <mat>.T[<k>] ; <vec>[::-1] ; <vec>[:] ; <rows>[<k>]
vec: <rows>[<k>].copy() ; <book>["a"] ; <book>["b"] ; np.array(<row>) ; np.asarray(<vec>)
vec: np.array(<vec>) ; <vec>.reshape(3) ; np.diagonal(<mat>).copy() ; (<vec> if <num> > 0.4 else <vec>)
vec: <mat> @ <vec> ; np.array(<table>)[<k>] ; np.asarray(<rows>)[<k>] ; np.ravel(<vec>)
vec: <vec>.flatten()
mat: np.outer(x, x) ; np.ones((3, 3)) ; np.zeros((3, 3)) ; np.outer(<vec>, <vec>) ; <mat>.T
mat: <mat> * <num> ; <mat>.copy() ; <mat> + <mat> ; np.array(<rows>) ; np.array(<table>)
mat: np.stack(<rows>) ; <mat>[::-1] ; np.array([<vec>, <vec>, <vec>]) ; <mat>.reshape(3, 3)
mat: np.vstack(<rows>)
row: [0.0] * 3 ; [x[0], c, 0.5] ; [0.0, 0.0, 1.0] ; list(x) ; [<num>, <num>, <num>] ; <row>[:]
row: list(<row>) ; <row>.copy() ; <table>[<k>] ; <table>[<k>][:] ; list(<vec>)
row: [e * <num> for e in <row>] ; <row>[:2] + [<num>] ; <row>[::-1]
rows: [x, x * c, np.zeros(3)] ; [x.copy() for _ in range(3)] ; [np.zeros(3)] * 3 ; [<vec>, <vec>, <vec>]
rows: [<vec>] * 3 ; list(<mat>) ; <rows>[:] ; [r for r in <mat>] ; [r.copy() for r in <rows>]
rows: <rows>[::-1] ; [<vec>] + <rows>[1:] ; list(<rows>) ; [<p&vec>, <p>, <vec>]
rows: [r * <num> for r in <rows>]
table: [[0.0] * 3] * 3 ; [[0.0] * 3 for _ in range(3)] ; [list(x) for _ in range(3)]
table: [<row>, <row>, <row>] ; [<row>] * 3 ; [<p&row>, <p>, <row>] ; <table>[:]
table: [r[:] for r in <table>] ; [list(r) for r in <mat>] ; [<row>] + <table>[1:]
book: {"a": x, "b": x * c} ; {"a": np.zeros(3), "b": x.copy()} ; {"a": <vec>, "b": <vec>}
book: {"a": <p&vec>, "b": <p>} ; dict(<book>) ; {**<book>} ; <book>.copy() ; dict(a=<vec>, b=<vec>)
book: {k: v * <num> for k, v in <book>.items()}
""")

WRITES = rows("""
<p>[<k>] = <num> ; <p>[<k>] += <num> ; <p> += <vec> ; <p> *= <num> ; <p>[:] = <vec> ; <p>[1:] = <p>[:-1]
<p>[::-1] += <vec> ; <p> = <vec> ; <p> = <p> + <vec> ; np.copyto(<p>, <vec>) ; <p>[1:] *= <num>
put(<p>, <num>) ; both(<p>, <vec>) ; both(<p>, <&vec>) ; both(<p>, <p>[::-1]) ; grown(<p>, <num>)
<=vec> = grown(<p>, <num>) ; put(part(<p>), <num>) ; <p>[0], <p>[1] = <p>[1], <p>[0]
np.multiply(<p>, <num>, out=<p>) ; <p>.fill(<num>) ; <p>[[0, 1]] = <p>[[1, 0]] ; <p>[:2] -= <p>[1:]
<p>.sort() ; <p>[...] = <p>[::-1]
""")
PLACES = rows("""
<&mat>[<k>] ; <&rows>[<k>] ; <&book>["a"] ; <&book>["b"] ; <&mat>.T[<k>] ; <&mat>[:, <k>]
""")
INTO = rows("""
<p> = <vec> ; <p>[:] = <vec> ; <p>[<k>] = <num> ; <p>[<k>] += <num> ; <p> *= <num> ; put(<p>, <num>)
""")

STATEMENTS = [
    *((1.5, f"<={kind}> = <{kind}>") for kind in EXPRESSIONS if kind != "num"),
    *((1.5, f"<={kind}> = <&{kind}>") for kind in EXPRESSIONS if kind not in ("num", "mat")),
    *((0.25, write.replace("<p>", "<p&vec>", 1)) for write in WRITES),
    *((0.04, "<p=vec> = <&vec>\n" + write) for write in WRITES),
    *((0.06, f"<p=vec> = {place}\n{write}") for write in WRITES for place in PLACES),
    *((0.5, write.replace("<p>", place)) for write in INTO for place in PLACES),
    *((0.3, f"both({p}, {q})") for p in PLACES[:3] for q in ("<&vec>", *PLACES[:3])),
    *statements("""
1.5 <=num> = np.tanh(<num>)

<=vec> = np.tanh(<vec>)

<=vec> = <=vec> = np.tanh(<vec>)

<=row> = <=row> = <row>

<&row>[<k>] = <num>

<&row>[<k>] += <num>

<p&row>[0], <p>[1] = <p>[1], <p>[0]

0.5 put(<&row>, <num>)

0.5 both(<&row>, <&row>)

<&table>[<k>][<k>] = <num>

<&table>[<k>][<k>] += <num>

<&table>[<k>] = <row>

0.5 put(<&table>[<k>], <num>)

<p&vec>, <q&vec> = <q>, <p>
<p>[<k>] = <num>

<p&rows>[0], <p>[1] = <p>[1], <p>[0]

<p&table>[0], <p>[1] = <p>[1], <p>[0]
<p>[0][<k>] = <num>

<p&mat>[0], <p>[1] = <p>[1], <p>[0]

<p&mat>[[0, 1]] = <p>[[1, 0]]

<p&vec>[:], <q&vec>[:] = <q>.copy(), <p>.copy()

<p&vec>[:], <q&vec>[:] = <q>, <p>

<p&book>["a"], <p>["b"] = <p>["b"], <p>["a"]
<p>["a"][<k>] = <num>

<p&book>["a"] = <p>["b"] = <vec>
<p>["a"][<k>] = <num>

for r in <&mat>:
    r *= <num>

for r in <&mat>:
    r[<k>] = <num>

for r in <&rows>:
    r[<k>] += <num>

for r in <&rows>:
    r = r * <num>

for r in <&table>:
    r[<k>] = r[<k>] * <num>

for r, q in zip(<&rows>, <&mat>):
    r[0] = q[1]

for v in <&book>.values():
    v[<k>] += <num>

for key in <p&book>:
    <p>[key] = <p>[key] * <num>

for key in <p&book>:
    <p>[key] *= <num>

for key, v in <&book>.items():
    v *= <num>

for i in range(2):
    *

if <num> > 0.4:
    *
else:
    *

hist = []
for i in range(3):
    <p&vec>[i] = <num>
    hist.append(<p>)
<=vec> = sum(hist)

hist = []
for i in range(3):
    <p&vec>[i] = <num>
    hist.append(<p>.copy())
<=vec> = sum(hist)

hist = []
for i in range(3):
    <=vec> = <vec> * 0.5
    hist.append(<vec>)
<=rows> = hist

now, new = <vec>.copy(), np.zeros(3)
for i in range(3):
    new[:] = now * <num>
    now, new = new, now
<=vec> = now + new

old = <vec>
for i in range(2):
    <p=vec> = old * <num>
    <p>[<k>] = old[<k>]
    old = <p>
<=vec> = old * 1.0

def write(e):
    <&vec>[0] = e
write(<num>)

def write(e):
    <&row>[1] = e
write(<num>)
write(<num>)

cells = []
def push(e):
    cells.append(e)
push(<num>)
push(<num>)
push(<num>)
<=row> = cells

total = 0.0
def add(e):
    nonlocal total
    total += e
add(<num>)
add(<num>)
<=num> = np.tanh(total)

<=num> = kept(<num>)

<p=row> = <row>
more = <p>
<p> += [<num>]
<=num> = more[-1]
del <p>[-1]

<p=row> = <row>
more = <p>
<p> = <p> + [<num>]
<=num> = more[-1] + <p>[-1]
<p> = more

pair = (<&vec>, <&vec>)
pair[0][<k>] = <num>
<=vec> = pair[1] * 1.0

pair = (<&row>, <&row>)
pair[0][<k>] = <num>
<=num> = pair[1][<k>] * 1.0

<p=vec> = np.tanh(<vec>)
<q=vec> = <p>
<p> = <p> + <num>
<q>[<k>] = <num>

<p=vec> = np.tanh(<vec>)
<q=vec> = <p>
<p> += <num>
<q>[<k>] *= <num>

<p=vec>, <q=vec> = np.split(np.tile(<vec>, 2), 2)
<p>[<k>] = <num>
"""),
]

NAMES = {"num": "s", "vec": "v", "mat": "A", "row": "l", "rows": "rs", "table": "t", "book": "d"}
GRAMMAR = Grammar(EXPRESSIONS, STATEMENTS, NAMES)


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(f"shared {seed}")
    made = Maker(GRAMMAR, rng, {"x": "vec", "c": "num"})
    args: list[object] = [np.array([round(rng.uniform(0.15, 1.25), 3) for _ in range(N)])]
    args.append(round(rng.uniform(0.2, 1.4), 3))
    if rng.random() < 0.3:
        made.kinds["B"] = "mat"
        args.append(np.array([round(rng.uniform(-0.9, 1.2), 3) for _ in range(N * N)]).reshape(N, N))
    head = f"def f({', '.join(made.kinds)}):"
    for _ in range(rng.randint(3, 7)):
        made.statement(1, 0)
    forms = {
        "row": "sum({})",
        "rows": "np.sum({0}[0] * {0}[1])",
        "table": "np.sum(np.array({})[0] * x)",
        "mat": "np.sum({} @ x)",
    }
    forms |= {"num": "{}", "vec": "np.sum({} * x)", "book": 'np.sum({0}["a"] * {0}["b"])'}
    terms = [form.format(name) for kind, form in forms.items() for name in made.held(kind)[-3:]]
    made.lines.append(f"    return {' + '.join(terms)}")
    source = "\n".join(["import numpy as np", HELPERS, "", head, *made.lines]) + "\n"
    return Case(source, tuple(args), frozenset({"shared"}), seed)
