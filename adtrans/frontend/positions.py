"""Where the nodes of a module stand: found for one statement of the module at a time, when it is needed.

libcst finds positions by writing the whole module out again, which takes twice as long as parsing it;
of most modules that a program imports, two functions are needed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider
from libcst.metadata.position_provider import PositionProvidingCodegenState

NEWLINE = re.compile(r"\r\n?|\n")


class Positions:
    """The ranges of nodes; `body` is Python's own view of the statements of the same module."""

    def __init__(self, tree: cst.Module, body: Sequence[ast.stmt], lines: Sequence[str]) -> None:
        self._tree, self._lines = tree, lines
        self._starts = dict(starts(tree, body))
        self._provider = PositionProvider()
        self._whole = False

    def of(self, node: cst.CSTNode) -> CodeRange:
        """The range of a node."""
        if node not in self._provider._computed and not self._whole:
            self._find_all()
        found = self._provider._computed[node]
        assert isinstance(found, CodeRange)
        return found

    def put(self, node: cst.CSTNode, where: CodeRange) -> None:
        """Give a node that was made later the place of what it stands for."""
        self._provider._computed[node] = where

    def find(self, statement: cst.CSTNode) -> None:
        """Find the ranges of what is in a statement of the module."""
        start = self._starts.pop(statement, None)
        if start is None or self._whole:
            return
        state = self._state(start)
        statement._codegen(state)
        *written, _ = NEWLINE.split("".join(state.tokens))
        if list(self._lines[start - 1 : start - 1 + len(written)]) != written:
            self._find_all()  # It does not begin on a line of its own: never seen.

    def _find_all(self) -> None:
        """Find the ranges of everything."""
        self._whole = True
        made = dict(self._provider._computed)
        self._provider._computed = {}
        self._tree._codegen(self._state(1))
        self._provider._computed = made | dict(self._provider._computed)

    def _state(self, line: int) -> PositionProvidingCodegenState:
        return PositionProvidingCodegenState(
            default_indent=self._tree.default_indent,
            default_newline=self._tree.default_newline,
            provider=self._provider,
            line=line,
        )


def starts(tree: cst.Module, body: Sequence[ast.stmt]) -> list[tuple[cst.CSTNode, int]]:
    """The statements of a module, each with the line on which it begins, its comments included."""
    found: list[tuple[cst.CSTNode, int]] = []
    at = 0
    for statement in tree.body:
        if at >= len(body):
            break
        first = body[at]
        lines = [first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]
        found.append((statement, min(lines) - len(statement.leading_lines)))
        at += len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1
    return found
