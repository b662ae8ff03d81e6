"""The user's own text of a piece of source, fit to be printed elsewhere.

Dedented, with the names of other modules replaced by those of the emitted one, and with strings that
span lines written on one: an emitter may then indent every line of it.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.frontend.meanings import Unit
from adtrans.frontend.scopes import dotted, nodes, scan
from adtrans.frontend.source import SourceModule

if TYPE_CHECKING:
    from adtrans.frontend.reach import Reach

Place = tuple[int, int]
Edit = tuple[Place, Place, str]

ATOMS = (
    cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BaseNumber, cst.BaseString,
    cst.BaseList, cst.BaseSet, cst.BaseDict, cst.Ellipsis,
)  # fmt: skip

EQUALITY = {cst.Is: "==", cst.IsNot: "!="}

LONG_STRING = re.compile(r"""\"{3}|'{3}|\\$""", re.MULTILINE)
"""What a string needs to span lines."""


class Texts:
    """Texts of one function, or of the module-level constants of one module (`unit` is None)."""

    def __init__(self, reach: Reach, module: SourceModule, unit: Unit | None, root: cst.CSTNode) -> None:
        self.module = module
        self._of = reach, unit, root

    @cached_property
    def _edits(self) -> list[Edit]:
        return sorted(self._renames(*self._of))

    @cached_property
    def _starts(self) -> list[Place]:
        return [start for start, _, _ in self._edits]

    def _renames(self, reach: Reach, unit: Unit | None, root: cst.CSTNode) -> list[Edit]:
        edits: list[Edit] = []
        for name, node in reach.loads(unit) if unit else scan(root).loads:
            chain = dotted(node) or ()
            reference = reach.meant.get(node) or reach.resolver.resolve(unit, self.module, chain)
            holder = reach.holder(reference)
            new = reach.names.get(holder) if holder else None
            if new is not None and (reference.held > 1 or new != name.value):
                inner: cst.CSTNode = node
                for _ in range(len(chain) - reference.held):
                    assert isinstance(inner, cst.Attribute)
                    inner = inner.value
                edits.append((*self.module.range(inner), new))
        return edits + self._equalities(reach, unit, root)

    def _equalities(self, reach: Reach, unit: Unit | None, root: cst.CSTNode) -> list[Edit]:
        """`kind is Kind.LINEAR` as `kind == Kind.LINEAR`: a caller has an enumeration of his own."""
        edits: list[Edit] = []
        for node in nodes(root):
            if isinstance(node, cst.Comparison):
                sides = [node.left, *(target.comparator for target in node.comparisons)]
                for k, target in enumerate(node.comparisons):
                    word = EQUALITY.get(type(target.operator))
                    if word and any(reach.is_member(unit, self.module, side) for side in sides[k : k + 2]):
                        edits.append((*self.module.range(target.operator), word))
        return edits

    def statement(self, node: cst.CSTNode) -> str:
        """The text of a statement."""
        return self.between(*self.module.range(node), node)

    def expression(self, node: cst.BaseExpression) -> str:
        """The text of an expression, as one that can stand anywhere an operand can."""
        if node.lpar:
            return self.between(*self.module.outer_range(node), node)
        text = self.between(*self.module.range(node), node)
        return (
            text if isinstance(node, ATOMS) and not isinstance(node, cst.ConcatenatedString) else f"({text})"
        )

    def bare_name(self, node: cst.BaseExpression) -> str:
        """The text of a dotted name."""
        return self.between(*self.module.range(node))

    def bare(self, node: cst.BaseExpression) -> str:
        """The text of an expression that stands alone: the value of a constant, an annotation."""
        multiline = self.module.range(node)[0][0] != self.module.range(node)[1][0]
        return (
            self.expression(node) if multiline and node.lpar else self.between(*self.module.range(node), node)
        )

    def between(self, start: Place, end: Place, node: cst.CSTNode | None = None) -> str:
        """The source between two places; `node` is what is there, where it may hold long strings."""
        edits = self._edits[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        if start[0] != end[0] and node is not None and LONG_STRING.search(self.module.slice(start, end)):
            edits = sorted(edits + one_line_strings(self.module, node))
        parts, place = [], start
        for first, last, new in edits:
            if first < place:
                continue
            parts += [self.module.slice(place, first), new]
            place = last
        parts.append(self.module.slice(place, end))
        return dedent("".join(parts), self.module.lines[start[0] - 1])


def dedent(text: str, first_line: str) -> str:
    """Take the indentation of the first line away from the others."""
    first, *rest = text.split("\n")
    indent = first_line[: len(first_line) - len(first_line.lstrip())]
    return "\n".join([first, *(line.removeprefix(indent) for line in rest)])


def one_line_strings(module: SourceModule, node: cst.CSTNode) -> list[Edit]:
    """Edits that write strings which span lines on one line, so that indentation cannot get into them."""
    edits: list[Edit] = []
    for part in nodes(node):
        if isinstance(part, cst.SimpleString) and "\n" in part.value:
            edits.append((*module.range(part), repr(ast.literal_eval(part.value))))
        elif isinstance(part, cst.FormattedStringText) and "\n" in part.value:
            edits.append((*module.range(part), part.value.replace("\\\n", "").replace("\n", "\\n")))
    return edits
