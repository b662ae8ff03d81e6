"""Reverse mode, first half: the adjoint of every statement, in a tree that mirrors the program.

    y = y * np.sin(x)      gives      x_bar += y_bar * y * np.cos(x)
                                      y_bar = y_bar * np.sin(x)

The tree keeps the primal statement beside its adjoint. `record/` then decides how the values
that the adjoints read are brought back, and writes the two sweeps.
"""

from __future__ import annotations

from adtrans.brackets import mirrored, pairs
from adtrans.carried import way_out
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Enter,
    Expr,
    ExprStmt,
    For,
    If,
    Index,
    Name,
    Stmt,
    Tuple,
    Verbatim,
    While,
)
from adtrans.iterators import in_head, values
from adtrans.reverse.calls import Calls
from adtrans.reverse.tree import Branch, Leaf, Loop, Node, has_back
from adtrans.walk import GROWING


class Reverse(Calls):
    """Everything that the adjoint of one function needs."""

    __slots__ = ()

    def block(self, block: Block) -> list[Node]:
        nodes = [self.node(stmt) for stmt in block]
        for first, last in pairs(nodes, lambda node: node.stmt):
            enter = nodes[first].stmt
            if isinstance(enter, Enter) and enter.again and any(map(has_back, nodes[first:last])):
                closing, opening = mirrored(enter)
                nodes[first] = Leaf(enter, (closing,))
                nodes[last] = Leaf(nodes[last].stmt, (opening,))
        return nodes

    def node(self, stmt: Stmt) -> Node:
        match stmt:
            case If(body=body, orelse=orelse):
                zeros = self.activity.adjoint_zeros[stmt]
                return Branch(
                    stmt,
                    self.block(body),
                    self.block(orelse),
                    self.zeros(zeros.body, stmt, self.bound.before[stmt]),
                    self.zeros(zeros.orelse, stmt, self.bound.before[stmt]),
                )
            case For() | While():
                refused = self.activity.refused_loop(stmt)
                if refused is not None:
                    self.report.append(refused)
                zeros = self.activity.adjoint_zeros[stmt]
                before = self.zeros(zeros.before, stmt, self.bound.after[stmt])
                loop = Loop(
                    stmt, self.block(stmt.body), before, self.zeros(zeros.body, stmt, self.bound.before[stmt])
                )
                self.require_lasting(loop)
                return loop
        back = self.statement(stmt)
        back += self.missing(stmt, back)
        return Leaf(self.replaced.get(stmt, stmt), tuple(back))

    def require_lasting(self, loop: Loop) -> None:
        """A loop that is run backwards goes over something that is still there."""
        stmt = loop.stmt
        if isinstance(stmt, For) and has_back(loop) and not in_head(stmt.iter, values(self.function)):
            words = (
                "this loop has to be run backwards, and over an iterator it cannot: it may end early, "
                "take from the iterator itself, or change what that reads"
            )
            self.refuse(stmt, words, "loop over a list, or count in a `while` loop")

    def statement(self, stmt: Stmt) -> list[Stmt]:
        """The adjoint of a simple statement; empty where nothing flows."""
        match stmt:
            case Assign(target=target, value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call, target)
            case ExprStmt(value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call, None)
            case Assign(target=Name() as target, value=Call(fn="list.pop") as pop):
                return self.pop(stmt, target, pop)
            case ExprStmt(value=Call(fn="list.pop") as pop):
                return self.pop(stmt, None, pop)
            case Assign(target=target, value=value):
                return self.assign(stmt, target, value)
            case AugAssign(target=target, op=op, value=value):
                return self.augmented(stmt, target, op, value)
            case ExprStmt(value=Call(fn=fn, args=(Name(id=name), *rest)) as call) if fn in GROWING:
                return self.grow(stmt, fn, name, rest, call)
            case ExprStmt(value=Call() as call):
                return self.effect(stmt, call)
            case Verbatim(reads=read, writes=written, why=why):
                live = self.activity.useful[stmt] & set(written)
                if live and self.activity.varied[stmt] & set(read):
                    self.refuse(
                        stmt,
                        f"{why or 'this statement'} changes `{sorted(live)[0]}`, which is differentiated",
                        way_out(why),
                    )
        return []

    def assign(self, stmt: Stmt, target: Expr, value: Expr) -> list[Stmt]:
        match target:
            case Name(id=name):
                if name not in self.activity.useful[stmt] or name not in self.activity.varied_after[stmt]:
                    return []
                return self.assign_name(stmt, name, value)
            case Index():
                return self.store(stmt, target, value)
            case Tuple(elts=elts):
                return self.assign_parts(stmt, elts, value)
        return []
