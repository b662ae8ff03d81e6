"""Which names are read later, before they are bound again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from adtrans.ir import (
    Assign,
    Attr,
    Block,
    Break,
    Call,
    Continue,
    Expr,
    For,
    Function,
    If,
    Name,
    Stmt,
    Verbatim,
    While,
)
from adtrans.walk import children, expressions, names, target_names

Reads = Callable[[Expr], frozenset[str]]
SHAPES = frozenset({"shape", "ndim", "size", "dtype"})


@dataclass(slots=True)
class Live:
    """The live names before and after each statement, and at the start of each loop's body."""

    read: Reads
    before: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    after: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    inside: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    leaving: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()

    def block(self, block: Block, live: frozenset[str]) -> frozenset[str]:
        for stmt in reversed(block):
            self.after[stmt] = live
            live = self.before[stmt] = self.stmt(stmt, live)
        return live

    def stmt(self, stmt: Stmt, live: frozenset[str]) -> frozenset[str]:
        match stmt:
            case Break():
                return self.leaving
            case Continue():
                return self.again
            case If(test=test, body=body, orelse=orelse):
                return self.block(body, live) | self.block(orelse, live) | self.read(test)
            case For() | While():
                return self.loop(stmt, live)
            case Assign(target=target, value=value):
                bound = target_names(target)
                return (live - bound) | self.read(value) | (self.read(target) if not bound else frozenset())
            case Verbatim(reads=ids):
                return live | frozenset(ids)
        return live.union(*map(self.read, expressions(stmt)))

    def loop(self, stmt: For | While, after: frozenset[str]) -> frozenset[str]:
        outer = self.leaving, self.again
        head = after if isinstance(stmt, For) else after | self.read(stmt.test)
        while True:
            self.leaving, self.again = after, head
            inside = self.inside[stmt] = self.block(stmt.body, head)
            new = head | (inside - names(stmt.target) if isinstance(stmt, For) else inside)
            if new == head:
                break
            head = new
        self.leaving, self.again = outer
        return head | self.read(stmt.iter) if isinstance(stmt, For) else head


def live(function: Function, read: Reads = names, ends: frozenset[str] = frozenset()) -> Live:
    """The live names everywhere in a function; `ends` are those that the caller reads."""
    found = Live(read)
    found.block(function.body, ends)
    return found


def contents_read(expr: Expr) -> frozenset[str]:
    """The names whose contents an expression reads: `u` of `u[0]`, not of `u.shape` or `len(u)`."""
    match expr:
        case Attr(base=Name(), name=name) if name in SHAPES:
            return frozenset()
        case Call(fn="builtins.len" | "numpy.ndim" | "numpy.shape" | "numpy.size", args=(Name(),)):
            return frozenset()
    parts = children(expr)
    return _all(map(contents_read, parts)) if parts else names(expr)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
