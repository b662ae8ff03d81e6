"""Where control can go: whether a statement can be left at its end, and which jumps leave it."""

from __future__ import annotations

from collections.abc import Iterable

from adtrans import ir

Jump = type[ir.Stmt]


class Flow:
    """Facts of statements, found bottom-up and remembered."""

    def __init__(self) -> None:
        self.known: dict[ir.Stmt, tuple[bool, frozenset[Jump]]] = {}

    def falls(self, block: Iterable[ir.Stmt]) -> bool:
        """Whether control can reach the end of the block."""
        return all(self.fact(stmt)[0] for stmt in block)

    def jumps(self, block: Iterable[ir.Stmt]) -> frozenset[Jump]:
        """The kinds of jumps (Break, Continue, Return) that leave the block."""
        return frozenset().union(*(self.fact(stmt)[1] for stmt in block))

    def fact(self, stmt: ir.Stmt) -> tuple[bool, frozenset[Jump]]:
        if stmt not in self.known:
            self.known[stmt] = self.find(stmt)
        return self.known[stmt]

    def find(self, stmt: ir.Stmt) -> tuple[bool, frozenset[Jump]]:
        match stmt:
            case ir.Break() | ir.Continue() | ir.Return():
                return False, frozenset((type(stmt),))
            case ir.Verbatim(text=str() as text) if text.lstrip().startswith("raise"):
                return False, frozenset()
            case ir.If(body=body, orelse=orelse):
                return self.falls(body) or self.falls(orelse), self.jumps(body) | self.jumps(orelse)
            case ir.For(body=body, orelse=orelse) | ir.While(body=body, orelse=orelse):
                inside = self.jumps(body)
                falls = True
                if isinstance(stmt, ir.While) and is_forever(stmt):
                    falls = ir.Break in inside
                elif orelse:
                    falls = ir.Break in inside or self.falls(orelse)
                return falls, (inside - {ir.Break, ir.Continue}) | self.jumps(orelse)
        return True, frozenset()


def is_forever(loop: ir.While) -> bool:
    """Whether this is `while True`, which is left by a jump only."""
    return isinstance(loop.test, ir.Const) and bool(loop.test.value)


def own_breaks(block: ir.Block) -> bool:
    """Whether a `break` of the loop with this body is in it."""
    return ir.Break in Flow().jumps(block)
