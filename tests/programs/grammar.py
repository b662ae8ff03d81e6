"""Programs from templates: a family states what expressions and statements look like, here they are drawn.

A template has holes. `<vec>` is an expression of the kind `vec`, `<&vec>` a variable of it, `<=vec>` one
that is assigned, new or old; `<p&vec>` and `<p=vec>` give it a label, under which `<p>` names it again.
`<k>` is an index below N. A statement may have several lines; one that is `*` is a block of statements.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

N = 3
HOLE = re.compile(r"<(?:(\w?)([&=]))?(\w+)>")
LATEST = 5
"""So many variables of a kind are still used: what is computed arrives in the result."""


def rows(text: str) -> list[str]:
    """Templates with ` ; ` between them."""
    return [row.strip() for line in text.strip().split("\n") for row in line.split(" ; ")]


def expressions(text: str) -> dict[str, list[str]]:
    """Lines of templates, `kind: template ; template`."""
    found: dict[str, list[str]] = {}
    for line in text.strip().split("\n"):
        kind, _, templates = line.partition(": ")
        found.setdefault(kind, []).extend(rows(templates))
    return found


def statements(text: str) -> list[tuple[float, str]]:
    """Templates with blank lines between them, each with a number before it if its weight is not 1."""
    found = [re.fullmatch(r"(?:([\d.]+) )?(.*)", part, re.DOTALL) for part in text.strip().split("\n\n")]
    return [(float(match[1] or 1), match[2]) for match in found if match]


class NoVariable(Exception):
    """A template does not apply: there is nothing of the kind that it asks for."""


def atom(text: str) -> str:
    """The expression in parentheses if it needs them beside an operator."""
    loose = (ast.BinOp, ast.Compare, ast.UnaryOp, ast.IfExp)
    return f"({text})" if isinstance(ast.parse(text, mode="eval").body, loose) else text


@dataclass(frozen=True)
class Grammar:
    """The expressions of each kind, the statements with their weights, and what variables are called."""

    expressions: Mapping[str, Sequence[str]]
    statements: Sequence[tuple[float, str]]
    names: Mapping[str, str]


@dataclass
class Maker:
    """One program being made."""

    grammar: Grammar
    rng: random.Random
    kinds: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def held(self, kind: str) -> list[str]:
        return [name for name, k in self.kinds.items() if k == kind][-LATEST:]

    def expr(self, kind: str, depth: int) -> str:
        """A variable, or a template filled: one without expressions in it at the bottom."""
        held = self.held(kind)
        if held and self.rng.random() < (0.9 if depth <= 0 else 0.35):
            return self.rng.choice(held)
        rows = self.grammar.expressions[kind]
        if depth <= 0:
            rows = [row for row in rows if not HOLE.search(row.replace("<k>", ""))]
        while True:
            try:
                return atom(self.filled(self.rng.choice(rows), depth - 1, {}, {}))
            except NoVariable:
                continue

    def filled(self, template: str, depth: int, labels: dict[str, str], bound: dict[str, str]) -> str:
        """A line without holes; what it assigns is put into `bound`."""

        def fill(hole: re.Match[str]) -> str:
            label, sort, kind = hole.groups()
            if not sort:
                if kind == "k":
                    return str(self.rng.randrange(N))
                return labels[kind] if kind in labels else self.expr(kind, depth)
            name = self.target(kind) if sort == "=" else self.some(kind)
            if sort == "=":
                bound[name] = kind
            if label:
                labels[label] = name
            return name

        return HOLE.sub(fill, template)

    def some(self, kind: str) -> str:
        held = self.held(kind)
        if not held:
            raise NoVariable(kind)
        return self.rng.choice(held)

    def target(self, kind: str) -> str:
        held = self.held(kind)
        if held and self.rng.random() < 0.3:
            return self.rng.choice(held)
        self.count += 1
        return f"{self.grammar.names[kind]}{self.count}"

    def statement(self, indent: int, level: int) -> None:
        """One that applies; no blocks in blocks in blocks."""
        while True:
            weights = [weight for weight, _ in self.grammar.statements]
            _, template = self.rng.choices(self.grammar.statements, weights)[0]
            if level > 1 and re.search(r"\*$", template, re.MULTILINE):
                continue
            before, kinds = len(self.lines), dict(self.kinds)
            try:
                return self.write(template, indent, level)
            except NoVariable:
                del self.lines[before:]
                self.kinds = kinds

    def write(self, template: str, indent: int, level: int) -> None:
        """What a block binds is not there after it."""
        labels: dict[str, str] = {}
        outside = dict(self.kinds)
        for line in [*template.split("\n"), ""]:
            inner = (len(line) - len(line.lstrip())) // 4
            if not inner:
                self.kinds = {name: kind for name, kind in self.kinds.items() if name in outside}
            if line.strip() == "*":
                for _ in range(self.rng.randint(1, 2)):
                    self.statement(indent + inner, level + 1)
            elif line:
                bound: dict[str, str] = {}
                self.lines.append("    " * (indent + inner) + self.filled(line.strip(), 2, labels, bound))
                self.kinds.update(bound)
            if not inner:
                outside = dict(self.kinds)
