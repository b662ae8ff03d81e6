"""Functions as values: lambdas, closures, functions as arguments and results, all against differences."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.oracle import judge

HEAD = "import functools\n\nimport numpy as np\n\n\n"
X = np.array([0.7, 1.3, 0.4])

RIGHT: dict[str, tuple[str, tuple[object, ...]]] = {
    "count": (
        """
def f(x: float):
    c = 0.0

    def g(y):
        nonlocal c
        c += x
        return y * x
    s = g(x) + c * g(2.0)
    return s * c
""",
        (0.7,),
    ),
    "count2": (
        """
def f(x):
    c = 0.0

    def g(y):
        nonlocal c
        c = c + y * x
    g(x)
    for i in range(3):
        g(c)
    return c
""",
        (0.7,),
    ),
    "ret": (
        """
def make(a):
    b = a * a

    def inner(y):
        return b * y + a
    return inner


def f(x):
    g = make(x)
    h = make(2.0)
    return g(x) * h(x)
""",
        (0.7,),
    ),
    "ret2": (
        """
def make(a):
    b = a * a

    def inner(y):
        return b * y + a
    return inner


def f(x):
    return make(x)(x) + make(x * x)(2.0)
""",
        (0.7,),
    ),
    "pairs": (
        """
def counter(start):
    n = start

    def step(d):
        nonlocal n
        n = n + d
        return n

    def get():
        return n * n
    return (step, get)


def f(x):
    step, get = counter(x)
    step(x)
    step(2.0)
    return get()
""",
        (0.7,),
    ),
    "choose": (
        """
def f(x):
    if x > 0.5:
        g = lambda y: y * x
    else:
        g = np.sin
    return g(x) + (np.cos if x > 2 else np.exp)(x)
""",
        (0.7,),
    ),
    "part": (
        """
def pw(y, k):
    return y ** k


def f(x):
    g = functools.partial(pw, k=3.0)
    h = functools.partial(pw, x)
    return g(x) + h(2.0)
""",
        (0.7,),
    ),
    "mapping": (
        """
def f(x):
    w = 2.0
    return sum(map(lambda v: v * w * x[0], x)) + np.sum(np.array(list(map(np.sin, x))))
""",
        (X,),
    ),
    "unrolled": (
        """
def f(x):
    fs = [np.sin, np.cos, lambda v: v * x]
    y = x
    for f in fs:
        y = f(y)
    for k, (f, w) in enumerate([(np.sin, 2.0), (np.tanh, x)]):
        y = y + k * f(w * y)
    return y + sum((f(x) for f in fs)) + fs[2](y)
""",
        (0.7,),
    ),
    "comp": (
        """
def compose(f, g):
    return lambda t: f(g(t))


def f(x):
    h = compose(np.sin, lambda t: t * x)
    for i in range(2):
        x = h(x)
    return x + compose(h, h)(x)
""",
        (0.7,),
    ),
    "defaults": (
        """
def f(x):
    a = x * x
    g = lambda y, a=a: y * a
    a = 3.0

    def h(y, b=x, *, c=2.0):
        return y * b * c + a
    a = 4.0
    return g(x) + h(x) + h(x, c=x)
""",
        (0.7,),
    ),
    "rec": (
        """
def f(x):

    def fact(n, y):
        return y if n == 0 else fact(n - 1, y * x)
    return fact(3, x)
""",
        (0.7,),
    ),
    "kw": (
        """
def apply(f, *, x, n=2):
    for i in range(n):
        x = f(x)
    return x


def f(x):
    return apply(lambda t: np.sin(t) * x, x=x) + apply(np.cos, x=x, n=1)
""",
        (0.7,),
    ),
    "modlam": (
        """
sq = lambda v: v * v


def apply(f, *, x, n=2):
    for i in range(n):
        x = f(x)
    return x


def f(x):
    return sq(x) + apply(sq, x=x)
""",
        (0.7,),
    ),
    "late": (
        """
def f(x):
    a = x
    g = lambda: a * a
    a = x * x
    r = g()
    a = a + 1.0
    return r + g()
""",
        (0.7,),
    ),
    "fill": (
        """
def f(x):
    u = np.zeros(3)

    def put(i, v):
        u[i] = v * x
    for i in range(3):
        put(i, float(i))
    put(0, u[2])
    return np.sum(u)
""",
        (0.7,),
    ),
    "dflt2": (
        """
def dflt(x, f=np.sin):
    return f(x)


def f(x):
    return dflt(x) + dflt(x, np.cos) + dflt(x, f=lambda t: t * x)
""",
        (0.7,),
    ),
    "while": (
        """
def f(x):
    n = 0.0

    def more(y):
        nonlocal n
        n = n + 1.0
        return y < 10.0
    y = x
    while more(y):
        y = y * x * 2
    return y * n
""",
        (0.7,),
    ),
    "walrus": (
        """
def f(x):
    g = lambda t: t * x
    if (y := g(x)) > 0.1:
        return y * (z := g(y)) + z
    return y
""",
        (0.7,),
    ),
    "trying": (
        """
def f(x):

    def g(t):
        return t * x
    with np.errstate(all='ignore'):
        y = g(x)
    z = g(y)
    match 2:
        case 2:
            z = z * g(z)
    return z
""",
        (0.7,),
    ),
}


RIGHT |= {
    "made_by_the_module": (
        """
import adtrans


def loss(w, x):
    return (w * x - 1.0) ** 2


slope = adtrans.grad(loss)
half = functools.partial(loss, 0.5)


def f(x):
    return slope(2.0, x) * half(x)
""",
        (0.7,),
    ),
    "table": (
        """
FUNCTIONS = {"half": lambda t: 0.5 * t, "tanh": np.tanh}


def f(x, name="tanh"):
    inner = {"square": lambda t: t * t * x, "half": FUNCTIONS["half"]}
    key = "square" if x > 0.5 else "half"
    return FUNCTIONS[name](x) * inner[key](x) + inner["square"](x)
""",
        (0.7,),
    ),
    "captured_on_one_path": (
        """
def scaled(c):
    k = 0.5 * c
    return lambda t: k * t + c


def f(x):
    if x > 2.0:
        g = lambda t: t * t
    else:
        g = scaled(-x)
    h = scaled(x * x) if x > 2.0 else np.sin
    return g(x) * h(g(x))
""",
        (0.7,),
    ),
    "two_labels": (
        """
def f(x):
    if x > 0.0:
        g = np.sin
    else:
        g = np.cos
    if x > 5.0:
        h = np.exp
    else:
        h = g
    return h(x) * g(x)
""",
        (0.7,),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    source, args = RIGHT[name]
    outcome = judge(HEAD + source.lstrip(), args, order=2, name="f")
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


REFUSED = {
    "comprehension": (
        "AD241",
        """
def f(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v
        return total

    parts = [add(v) for v in (x, x * x)]
    return parts[0] * total
""",
    ),
    "unknown": ("AD202", "def f(x, g):\n    return g(x)\n"),
    "in_list": ("AD202", "def f(x):\n    gs = []\n    gs.append(lambda t: t * x)\n    return gs[0](x)\n"),
    "rebound": (
        "AD202",
        """
def f(x):
    g = lambda t: t * x
    for i in range(3):
        x = g(x)
        g = np.sin
    return x
""",
    ),
    "stale": (
        "AD202",
        """
def make(a):
    return lambda t: a * t


def f(x):
    g = make(x)
    h = g
    for i in range(3):
        h = g
        g = make(x + i)
    return h(x) * g(x)
""",
    ),
    "stored_under_another_name": (
        "AD202",
        "def f(x):\n    fs = [np.sin, np.cos]\n    gs = fs\n    gs[0] = np.exp\n    return fs[0](x)\n",
    ),
    "appended": (
        "AD202",
        "def f(x):\n    fs = [np.sin]\n    fs.append(np.exp)\n    return sum(g(x) for g in fs)\n",
    ),
    "stored_in_a_dict": (
        "AD202",
        "def f(x):\n    d = {'a': np.sin}\n    d['a'] = np.exp\n    return d['a'](x)\n",
    ),
    "label_given_again": (
        "AD202",
        """
def f(x):
    g = np.sin if x > 0.0 else np.cos
    k = g
    for i in range(2):
        if i > 0:
            g = np.exp
        else:
            g = np.tanh
        x = g(x) * k(x)
    return k(x) * g(x)
""",
    ),
    "ever_deeper": (
        "AD242",
        "def f(x, n=3):\n    return go(lambda t: t, x, n)\n\n\ndef go(g, x, n):\n"
        "    return g(x) if n == 0 else go(lambda t: g(t) * x, x, n - 1)\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, source = REFUSED[name]
    with pytest.raises(adtrans.Refused) as caught:
        pipeline.generate(parse.program(HEAD + source.lstrip(), "m.py", "f"), pipeline.Request())
    assert code in {d.code for d in caught.value.diagnostics}
