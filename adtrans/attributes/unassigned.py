"""Variables that may be read before they have a value: attributes that `__init__` may forget."""

from __future__ import annotations

from collections.abc import Collection

from adtrans import ir, walk
from adtrans.errors import Span


def unassigned(function: ir.Function, watched: Collection[str]) -> dict[str, Span | None]:
    """Those of the names that some path may read too early, each with the place."""
    search = Search(frozenset(watched))
    if watched:
        search.block(function.body, {p.name for p in function.params})
    return search.found


class Search:
    """Follows the paths through a function; a loop may not run at all."""

    def __init__(self, watched: frozenset[str]) -> None:
        self.watched = watched
        self.found: dict[str, Span | None] = {}

    def block(self, block: ir.Block, bound: set[str]) -> bool:
        """Add what a block binds; whether it ends in a jump."""
        for stmt in block:
            for name in sorted((self.reads(stmt) & self.watched) - bound):
                self.found.setdefault(name, stmt.span)
            match stmt:
                case ir.If(body=body, orelse=orelse):
                    left, right = set(bound), set(bound)
                    ends = self.block(body, left), self.block(orelse, right)
                    if all(ends):
                        return True
                    bound |= right if ends[0] else left if ends[1] else left & right
                case ir.For() | ir.While():
                    self.block(
                        stmt.body, bound | (walk.names(stmt.target) if isinstance(stmt, ir.For) else set())
                    )
                    self.block(stmt.orelse, set(bound))
                case ir.Return() | ir.Break() | ir.Continue():
                    return True
                case ir.Verbatim(text=str(text)) if text.startswith("raise"):
                    return True
                case _:
                    bound |= walk.binds(stmt)
        return False

    @staticmethod
    def reads(stmt: ir.Stmt) -> frozenset[str]:
        """What a statement itself reads."""
        match stmt:
            case ir.If(test=test) | ir.While(test=test):
                return walk.names(test)
            case ir.For(iter=it):
                return walk.names(it)
            case ir.Assign(target=ir.Name(), value=value):
                return walk.names(value)
            case ir.Assign(target=target, value=value):
                stored = [t for t in walk.leaves(target) if not isinstance(t, ir.Name)]
                return walk.names_of((*stored, value))
        return walk.reads(stmt)
