"""The family `containers`: dicts, tuples, lists and what is nested in them, as arguments and on the way.

A kind is `s` (a number), `v` (a vector of N), `("d", {key: kind})`, `("t", [kinds])`, `("l", kind, length)`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.programs.generator import Case

N = 3
HELPERS = """
def norm(d):
    return sum(np.sum(v * v) for v in d.values())


def weight(d, c):
    total = 0.0
    for k, v in d.items():
        total = total + np.sum(v) * c
    return total


def moved(d, c):
    e = dict(d)
    for k in e:
        e[k] = np.sin(e[k]) * c
    return e


def bump(d, k, c):
    d[k] = d[k] * c
"""


@dataclass
class Maker:
    """One program being made: the variables and what they hold, and the lines."""

    rng: random.Random
    kinds: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    inner: int = 0
    count: int = 0

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def fresh(self, base: str) -> str:
        self.count += 1
        return f"{base}{self.count}"

    # ------------------------------------------------------------------ expressions

    def places(self, wanted: str) -> list[str]:
        """The expressions that read a number or a vector out of the variables."""
        return [place for name, kind in self.kinds.items() for place, k in parts(name, kind) if k == wanted]

    def leaf(self, kind: str) -> str:
        found = self.places(kind)
        if found and self.rng.random() < 0.9:
            return self.rng.choice(found)
        return self.rng.choice(["0.7", "1.3"]) if kind == "s" else f"np.full({N}, 0.4)"

    def expr(self, kind: str, depth: int = 2) -> str:
        if depth == 0:
            return self.leaf(kind)
        a, b = self.expr(kind, depth - 1), self.expr(kind, depth - 1)
        choices = [f"({a} * {b})", f"({a} + {b})", f"np.sin({a})", f"0.5 * {a}", self.leaf(kind)]
        if kind == "s":
            choices += [
                f"np.sum({self.expr('v', depth - 1)}) / 3.0",
                f"{self.leaf('v')}[{self.rng.randrange(N)}]",
            ]
            dicts = [n for n, k in self.kinds.items() if k[0] == "d" and flat_dict(k)]
            if dicts:
                choices += [f"norm({self.rng.choice(dicts)})", f"weight({self.rng.choice(dicts)}, {a})"]
        else:
            choices.append(f"{self.expr('s', depth - 1)} * {a}")
        return self.rng.choice(choices)

    def bounded(self, kind: str) -> str:
        return f"np.tanh({self.expr(kind)})"

    def value(self, kind: Any) -> str:
        """A display of a kind."""
        if kind in ("s", "v"):
            return self.bounded(kind)
        match kind[0]:
            case "d":
                return "{" + ", ".join(f'"{k}": {self.value(v)}' for k, v in kind[1].items()) + "}"
            case "t":
                return "(" + "".join(f"{self.value(k)}, " for k in kind[1]) + ")"
        return "[" + ", ".join(self.value(kind[1]) for _ in range(kind[2])) + "]"

    # ------------------------------------------------------------------- statements

    def of(self, letter: str) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind[0] == letter]

    def statement(self) -> None:
        makers = [
            self.store,
            self.store,
            self.augment,
            self.element,
            self.total,
            self.loop_keys,
            self.loop_items,
        ]
        makers += [self.merged, self.taken, self.call, self.swap]
        if not self.inner:
            makers += [self.new, self.new_key, self.grow, self.queue, self.joined, self.branch, self.loop]
        self.rng.choice(makers)()

    def new(self) -> None:
        kind = random_kind(self.rng, 2)
        name = self.fresh(kind[0])
        self.add(f"{name} = {self.value(kind)}")
        self.kinds[name] = kind

    def slots(self) -> list[tuple[str, str]]:
        """The places that can be assigned, with their kinds."""
        return [
            (place, k)
            for name, kind in self.kinds.items()
            if kind[0] in "dl"
            for place, k in parts(name, kind, stored=True)
            if k in ("s", "v")
        ]

    def store(self) -> None:
        slots = self.slots()
        if slots:
            place, kind = self.rng.choice(slots)
            self.add(f"{place} = {self.bounded(kind)}")

    def augment(self) -> None:
        slots = self.slots()
        if slots:
            place, kind = self.rng.choice(slots)
            self.add(f"{place} {self.rng.choice(['+=', '*='])} {self.bounded(kind)}")

    def element(self) -> None:
        vectors = [p for p, k in self.slots() if k == "v"]
        if vectors:
            self.add(f"{self.rng.choice(vectors)}[{self.rng.randrange(N)}] = {self.bounded('s')}")

    def total(self) -> None:
        self.add(f"s = s + {self.bounded('s')}")

    def new_key(self) -> None:
        if names := self.of("d"):
            name, key, kind = self.rng.choice(names), self.fresh("k"), self.rng.choice("sv")
            self.add(f'{name}["{key}"] = {self.bounded(kind)}')
            self.kinds[name] = ("d", {**self.kinds[name][1], key: kind})

    def merged(self) -> None:
        names = [n for n in self.of("d") if flat_dict(self.kinds[n])]
        if names and not self.inner:
            old, new = self.rng.choice(names), self.fresh("d")
            kinds = dict(self.kinds[old][1])
            key = self.rng.choice(list(kinds))
            value = self.bounded(kinds[key])
            text = self.rng.choice(
                [f'{{**{old}, "{key}": {value}}}', f'{old} | {{"{key}": {value}}}', f"moved({old}, 0.9)"]
            )
            self.add(f"{new} = {text}")
            self.kinds[new] = ("d", kinds)

    def loop_keys(self) -> None:
        names = [n for n in self.of("d") if flat_dict(self.kinds[n])]
        if names:
            name = self.rng.choice(names)
            self.add(f"for k in {name}:")
            self.add(f"    {name}[k] = np.sin({name}[k]) * {self.leaf('s')}")

    def loop_items(self) -> None:
        names = [n for n in self.of("d") if flat_dict(self.kinds[n])]
        if names:
            name = self.rng.choice(names)
            head = self.rng.choice([f"k, v in {name}.items()", f"v in {name}.values()"])
            self.add(f"for {head}:")
            self.add(f"    s = s + np.tanh(np.sum(v) * {self.leaf('s')})")

    def grow(self) -> None:
        if names := self.of("l"):
            name = self.rng.choice(names)
            _, kind, length = self.kinds[name]
            self.add(f"{name}.append({self.value(kind)})")
            self.kinds[name] = ("l", kind, length + 1)

    def queue(self) -> None:
        names = [n for n in self.of("l") if self.kinds[n][2] > 1]
        if names:
            name, new = self.rng.choice(names), self.fresh("w")
            kind = self.kinds[name][1]
            self.add(f"{name}.insert(0, {self.value(kind)})")
            self.add(f"{new} = {name}.pop({self.rng.choice(['', '0', '1', '-2'])})")
            self.kinds[new] = kind

    def joined(self) -> None:
        if names := self.of("l"):
            name, new = self.rng.choice(names), self.fresh("l")
            _, kind, length = self.kinds[name]
            self.add(f"{new} = {name} + [{self.value(kind)}]")
            self.kinds[new] = ("l", kind, length + 1)
        if names := self.of("t"):
            name, new = self.rng.choice(names), self.fresh("t")
            self.add(f"{new} = (*{name}, {self.bounded('s')})")
            self.kinds[new] = ("t", [*self.kinds[name][1], "s"])

    def taken(self) -> None:
        """A tuple taken apart, or summed over."""
        if names := self.of("t"):
            name = self.rng.choice(names)
            news = [self.fresh("u") for _ in self.kinds[name][1]]
            if not self.inner and len(news) > 1:
                self.add(f"{', '.join(news)} = {name}")
                self.kinds.update(zip(news, self.kinds[name][1], strict=True))
        elif names := self.of("l"):
            self.add(f"for v in {self.rng.choice(names)}:")
            self.add(
                "    s = s + np.tanh(np.sum(v))"
                if self.kinds[names[0]][1] in ("s", "v")
                else "    s = s * 0.9"
            )

    def call(self) -> None:
        names = [n for n in self.of("d") if flat_dict(self.kinds[n])]
        if names:
            name = self.rng.choice(names)
            key = self.rng.choice(list(self.kinds[name][1]))
            self.add(f'bump({name}, "{key}", {self.bounded("s")})')

    def swap(self) -> None:
        slots = [p for p, k in self.slots() if k == "s"]
        if len(slots) > 1:
            a, b = self.rng.sample(slots, 2)
            self.add(f"{a}, {b} = {b} * 0.9, {a}")

    def block(self, head: str) -> None:
        self.add(head)
        self.depth, self.inner, before = self.depth + 1, self.inner + 1, len(self.lines)
        for _ in range(self.rng.randint(1, 3)):
            self.statement()
        if len(self.lines) == before:
            self.add("s = s * 0.9")
        self.depth, self.inner = self.depth - 1, self.inner - 1

    def branch(self) -> None:
        self.block(f"if {self.leaf('s')} > 0.1:")
        if self.rng.random() < 0.5:
            self.block("else:")

    def loop(self) -> None:
        self.block(f"for {self.fresh('i')} in range({self.rng.choice([2, 3])}):")


def parts(name: str, kind: Any, stored: bool = False) -> Iterator[tuple[str, Any]]:
    """All places in a value; with `stored`, only those that can be assigned."""
    if kind in ("s", "v"):
        yield name, kind
    elif kind[0] == "d":
        for key, inner in kind[1].items():
            yield from parts(f'{name}["{key}"]', inner, stored)
    elif kind[0] == "l":
        for k in range(kind[2]):
            yield from parts(f"{name}[{k}]", kind[1], stored)
    else:
        for k, inner in enumerate(kind[1]):
            if not stored or inner not in ("s", "v"):
                yield from parts(f"{name}[{k}]", inner, stored)


def flat_dict(kind: Any) -> bool:
    return kind[0] == "d" and bool(kind[1]) and all(k in ("s", "v") for k in kind[1].values())


def random_kind(rng: random.Random, depth: int) -> Any:
    """A container; its parts are numbers and vectors at the bottom."""

    def inner() -> Any:
        return rng.choice("sv") if depth == 1 or rng.random() < 0.7 else random_kind(rng, depth - 1)

    match rng.choices("dtl", [5, 2, 3])[0]:
        case "d":
            return "d", {key: inner() for key in rng.sample(["a", "b", "c", "W"], rng.randint(1, 3))}
        case "t":
            return "t", [inner() for _ in range(rng.randint(2, 3))]
    return "l", inner(), rng.randint(1, 3)


def argument(rng: random.Random, kind: Any) -> Any:
    """A value of a kind, none of its numbers special."""
    match kind:
        case "s":
            return round(rng.uniform(0.2, 1.4), 3)
        case "v":
            return np.array([round(rng.uniform(-1.2, 1.4), 3) for _ in range(N)])
        case ("d", held):
            return {key: argument(rng, k) for key, k in held.items()}
        case ("t", held):
            return tuple(argument(rng, k) for k in held)
    return [argument(rng, kind[1]) for _ in range(kind[2])]


def generate(seed: int) -> Case:
    """The program of this seed."""
    rng = random.Random(f"containers {seed}")
    made = Maker(rng)
    made.kinds = {"p": random_kind(rng, 2), "x": "v"}
    if rng.random() < 0.4:
        made.kinds["q"] = random_kind(rng, 2)
    args = tuple(argument(rng, kind) for kind in made.kinds.values())
    head = f"def f({', '.join(made.kinds)}):"
    made.add(f"s = {made.expr('s')}")
    made.kinds["s"] = "s"
    for _ in range(rng.randint(3, 9)):
        made.statement()
    terms = [f"np.sum({place})" for place in rng.sample(made.places("v"), min(2, len(made.places("v"))))]
    terms += rng.sample(made.places("s"), min(3, len(made.places("s"))))
    made.add(f"return s + {' + '.join(terms)}")
    source = "\n".join(["import numpy as np", HELPERS, "", head, *made.lines]) + "\n"
    return Case(source, args, frozenset({"containers"}), seed)
