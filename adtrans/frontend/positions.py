"""Where the nodes of a module stand: found for one piece of the module at a time, when it is needed.

libcst finds positions by writing the text out again, which takes twice as long as parsing it. Its own
provider keeps the text and makes objects of every place; ours counts lines and columns, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import libcst as cst
from libcst._nodes.internal import CodegenState

from adtrans.frontend.pieces import NEWLINE, Piece

Place = tuple[int, int]
"""A line, counted from 1, and a column, counted from 0."""
Range = tuple[Place, Place]
"""Start and end of a node."""


class Positions:
    """The ranges of the nodes of these pieces."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._ranges: dict[cst.CSTNode, Range] = {}
        self._found: set[Piece] = set()
        self._likely: list[Piece] = []

    def of(self, node: cst.CSTNode) -> Range:
        """The range of a node, its own parentheses left out."""
        if node not in self._ranges:
            for piece in [*self._likely, *(p for p in self._pieces if p.parsed)]:
                self.find(piece)
                if node in self._ranges:
                    break
            self._likely.clear()
        return self._ranges[node]

    def put(self, node: cst.CSTNode, where: Range) -> None:
        """Give a node that was made later the place of what it stands for."""
        self._ranges[node] = where

    def look_in(self, piece: Piece) -> None:
        """Say that the next node may be one of this piece: it is looked for there first."""
        if piece not in self._found:
            self._likely.append(piece)

    def find(self, piece: Piece) -> None:
        """Find the ranges of what is in a piece."""
        if piece in self._found:
            return
        state = Counting(piece, self._ranges)
        for statement in piece.tree.body:
            statement._codegen(state)
        self._found.add(piece)


class Counting(CodegenState):
    """What libcst writes a piece to: it notes where each node begins and ends."""

    def __init__(self, piece: Piece, ranges: dict[cst.CSTNode, Range]) -> None:
        super().__init__(piece.tree.default_indent, piece.tree.default_newline)
        self.ranges = ranges
        self.line = piece.line
        self.column = 0
        self.starts: list[Place] = []

    def add_token(self, value: str) -> None:
        if "\n" not in value and "\r" not in value:
            self.column += len(value)
            return
        lines = NEWLINE.split(value)
        self.line += len(lines) - 1
        self.column = len(lines[-1])

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.column += len(token)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append((self.line, self.column))

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self.starts.pop()
        if node not in self.ranges:  # It may have said itself where it stands without its parentheses.
            self.ranges[node] = start, (self.line, self.column)

    def record_syntactic_position(  # type: ignore[override]
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Recording:
        return Recording(self, node, start_node, end_node)


class Recording:
    """What a node writes between its parentheses, or from one of its parts to another, is its range."""

    __slots__ = ("end", "node", "place", "start", "state")

    def __init__(
        self, state: Counting, node: cst.CSTNode, start: cst.CSTNode | None, end: cst.CSTNode | None
    ) -> None:
        self.state, self.node, self.start, self.end = state, node, start, end

    def __enter__(self) -> None:
        self.place = self.state.line, self.state.column

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ranges = self.state.ranges
        first = self.place if self.start is None else ranges[self.start][0]
        last = (self.state.line, self.state.column) if self.end is None else ranges[self.end][1]
        ranges[self.node] = first, last
