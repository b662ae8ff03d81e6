"""Where the nodes of a module stand: found for one piece of the module at a time, when it is needed.

libcst finds positions by writing the text out again, which takes twice as long as parsing it.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider
from libcst.metadata.position_provider import PositionProvidingCodegenState

from adtrans.frontend.pieces import Piece


class Positions:
    """The ranges of the nodes of these pieces."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._provider = PositionProvider()
        self._found: set[Piece] = set()
        self._likely: list[Piece] = []

    def of(self, node: cst.CSTNode) -> CodeRange:
        """The range of a node."""
        for piece in [*self._likely, *(p for p in self._pieces if p.parsed)]:
            if node in self._provider._computed:
                break
            self.find(piece)
        self._likely.clear()
        found = self._provider._computed[node]
        assert isinstance(found, CodeRange)
        return found

    def put(self, node: cst.CSTNode, where: CodeRange) -> None:
        """Give a node that was made later the place of what it stands for."""
        self._provider._computed[node] = where

    def look_in(self, piece: Piece) -> None:
        """Say that the next node may be one of this piece: it is looked for there first."""
        if piece not in self._found:
            self._likely.append(piece)

    def find(self, piece: Piece) -> None:
        """Find the ranges of what is in a piece."""
        if piece in self._found:
            return
        self._found.add(piece)
        state = PositionProvidingCodegenState(
            default_indent=piece.tree.default_indent,
            default_newline=piece.tree.default_newline,
            provider=self._provider,
            line=piece.line,
        )
        for statement in piece.tree.body:
            statement._codegen(state)
