"""The family `effects`: things that change where they are read, and between the places where they are.

Lists, queues, sets, dicts, namespaces and iterators that do not vary say which elements are taken and how
often; a list of numbers that vary is popped. All is right only if everything is evaluated once, in order.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from tests.programs.generator import Case, sample_values

SIZE = 3
START = """\
ks = [0, 2, 1, 0, 1, 2, 0, 1, 2, 2, 1, 0]
q = deque([1, 0, 2, 1, 2, 0, 2, 1, 0, 1, 2, 0])
s = {1, 2, 3, 4}
d = {"a": 1, "b": [2, 1]}
c = SimpleNamespace(n=1)
it = iter([1, 2, 0] * 20)
b = bytearray(b"\\1\\2\\3")
xs = [np.tanh(v) for v in x]
y = x * 1.0
t = x[0]"""
HELPERS = """\
def power(a, k, c=0.5):
    return np.tanh(a) * k + c


def taken(ks, a):
    return a * ks.pop()"""
INDICES = ("ks[-1]", "ks.pop()", "q[0]", "q.popleft()", "q.pop()", "next(it)", "ks[len(ks) - 1]", "c.n % 3")
COUNTS = ("len(ks)", "len(q)", "len(s)", "len(d['b'])", "d['a']", "d['b'][-1]", "c.n", "len(b)", "b[-1]")
CHANGING = ("d.setdefault('c', len(d))", "ks.pop()", "q.popleft()", "s.pop()", "next(it)", "taken(ks, 1.0)")
CHANGES = (
    "ks.append({i})",
    "ks[-1] = {i}",
    "q.append({i})",
    "q.rotate()",
    "s.add(1{i})",
    "d['a'] = {i} + 1",
    "d['b'].append({i})",
    "d['b'][0] += 1",
    "c.n += 1",
    "setattr(c, 'n', {i} + 1)",
    "b.append({i} + 1)",
    "xs.append(np.sin(t))",
    "xs.insert(0, t)",
)


class Writer:
    """The lines of one program."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []

    def index(self) -> str:
        return self.rng.choice(INDICES)

    def count(self) -> str:
        return self.rng.choice(COUNTS if self.rng.random() < 0.6 else CHANGING)

    def number(self) -> str:
        """What varies, from one read or two."""
        forms = (
            lambda: f"x[{self.index()}]",
            lambda: f"y[{self.index()}]",
            lambda: f"x[{self.index()}] * {self.count()}",
            lambda: f"{self.count()} * x[{self.index()}]",
            lambda: self.rng.choice(["xs[-1]", "xs[0]", "xs[-1] * xs[0]", "xs[-1] * len(xs)"]),
            lambda: f"power({self.number()}, {self.count()})",
            lambda: f"power(c={self.count()}, k={self.count()}, a={self.number()})",
            lambda: f"({self.number()} if {self.count()} > 1 else {self.number()})",
            lambda: "t",
        )
        return self.rng.choice(forms)()

    def statement(self, depth: int = 0) -> list[str]:
        forms: list[tuple[float, Callable[[int], list[str]]]] = [
            (4, lambda _: [f"t = np.tanh({self.number()}) * {self.number()} + {self.number()}"]),
            (
                2,
                lambda _: [
                    f"t {self.rng.choice(['+=', '*=', '-='])} np.tanh({self.number()} * {self.number()})"
                ],
            ),
            (2, lambda _: [f"y[{self.index()}] = np.tanh({self.number()})"]),
            (2, lambda _: [f"y[{self.index()}] {self.rng.choice(['+=', '*='])} {self.number()}"]),
            (
                1,
                lambda _: [
                    f"xs[{self.rng.choice([0, -1])}] {self.rng.choice(['', '*'])}= np.tanh({self.number()})"
                ],
            ),
            (1, lambda _: [f"u, v = {self.number()}, {self.number()}", "t = np.tanh(t + u * v)"]),
            (4, lambda _: [self.rng.choice(CHANGES).format(i=self.rng.randrange(SIZE))]),
        ]
        if depth == 0:
            forms += [(1, self.loop), (1, self.branch)]
        weights, makers = zip(*forms, strict=True)
        return self.rng.choices(makers, weights)[0](depth)

    def loop(self, depth: int) -> list[str]:
        head = self.rng.choice(["for _ in range(2):", "for v in map(lambda v: v * c.n, x[:2]):"])
        used = ["    t = np.tanh(t + v)"] if "v in" in head else []
        return [head, *used, *self.inner(depth)]

    def branch(self, depth: int) -> list[str]:
        return [
            f"if {self.count()} > {self.rng.randrange(SIZE)}:",
            *self.inner(depth),
            "else:",
            *self.inner(depth),
        ]

    def inner(self, depth: int) -> list[str]:
        return [f"    {line}" for _ in range(2) for line in self.statement(depth + 1)]


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(seed)
    writer = Writer(rng)
    lines = [line for _ in range(rng.randint(2, 5)) for line in writer.statement()]
    body = [*START.splitlines(), *lines, f"return np.sum(y * y) + t * {writer.number()}"]
    head = "from collections import deque\nfrom types import SimpleNamespace\n\nimport numpy as np\n\n\n"
    text = "\n".join(f"    {line}" for line in body)
    return Case(
        f"{head}{HELPERS}\n\n\ndef f(x):\n{text}\n", (np.asarray(sample_values(rng, (SIZE,))),), seed=seed
    )
