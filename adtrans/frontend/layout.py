"""Comments: above a statement, behind it, and at the end of a block."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst


def comments(lines: Sequence[cst.EmptyLine]) -> tuple[str, ...]:
    return tuple(line.comment.value for line in lines if line.comment is not None)


def trailing_comment(space: cst.TrailingWhitespace) -> str:
    return space.comment.value if space.comment is not None else ""


def end_comments(node: cst.CSTNode | None) -> tuple[str, ...]:
    """Comments after the last statement of a block, or of the last block of a compound statement."""
    if isinstance(node, cst.IndentedBlock):
        return (end_comments(node.body[-1]) if node.body else ()) + comments(node.footer)
    if isinstance(node, cst.If | cst.For | cst.While | cst.Else):
        orelse = getattr(node, "orelse", None)
        return end_comments(orelse if orelse is not None else node.body)
    return ()
