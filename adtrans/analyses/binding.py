"""Which names surely have a value where control flow splits and meets, whatever path led there.

Only there is it asked for: a derivative that one path does not make starts with the zero of a value
that this path may not have.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from adtrans.ir import Block, Break, Const, Continue, Expr, For, Function, If, List, Stmt, While
from adtrans.kinds import ANY, Array, Kind, ListOf, is_number
from adtrans.walk import binds, names


@dataclass(slots=True)
class Bound:
    """The names surely bound before each branch and loop, and at the ends of the blocks in it."""

    before: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    after: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    ends: dict[tuple[Stmt, str], frozenset[str]] = field(default_factory=dict)

    def block(self, block: Block, bound: set[str]) -> bool:
        """Add what a block binds; whether it ends in a jump."""
        jumps = False
        for stmt in block:
            if isinstance(stmt, (If, For, While)):
                self.before[stmt] = frozenset(bound)
                jumps = self.compound(stmt, bound)
                self.after[stmt] = frozenset(bound)
            else:
                bound |= binds(stmt)
                jumps = isinstance(stmt, (Break, Continue))
        return jumps

    def compound(self, stmt: If | For | While, bound: set[str]) -> bool:
        body, orelse = set(bound), set(bound)
        if not isinstance(stmt, If):
            body |= names(stmt.target) if isinstance(stmt, For) else frozenset()
            self.block(stmt.body, body)
            self.ends[stmt, "body"] = frozenset(body)
            return False
        left, right = self.block(stmt.body, body), self.block(stmt.orelse, orelse)
        self.ends[stmt, "body"], self.ends[stmt, "orelse"] = frozenset(body), frozenset(orelse)
        bound |= body & orelse if left == right else orelse if left else body
        return left and right


def bound(function: Function) -> Bound:
    """The names that are surely bound in a function."""
    found = Bound()
    found.block(function.body, {p.name for p in function.params})
    return found


def bound_after(block: Block, function: Function) -> set[str]:
    """The names that have a value after a block of a function on every path."""
    names_ = {p.name for p in function.params}
    Bound().block(block, names_)
    return names_


def maybe_none(kind: Kind) -> Kind:
    """The kind of a variable that is None where it would have no value."""
    return replace(kind, none=True) if isinstance(kind, Array) else kind if isinstance(kind, ListOf) else ANY


def guarded(name: str, kind: Kind, anywhere: Kind, guards: list[str]) -> Kind:
    """The kind of a variable that has no value until it gets one: `guards` are those that start so.

    `anywhere` is its kind over the whole function, which says what it starts as.
    """
    if not is_number(kind) and name not in guards:
        guards.append(name)
    return ANY if isinstance(kind, ListOf) and not isinstance(anywhere, ListOf) else maybe_none(kind)


def no_value(kind: Kind) -> Expr:
    """What stands for the value of a variable that has none yet."""
    return List(()) if isinstance(kind, ListOf) else Const(None)
