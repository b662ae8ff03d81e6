"""Small statements and expressions of the two sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adtrans.analyses.expressions import Scope
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Comprehension,
    Const,
    Continue,
    Expr,
    ExprStmt,
    If,
    Index,
    List,
    Name,
    Op,
    Slice,
    Stmt,
    Tuple,
)
from adtrans.kinds import (
    Array,
    Kind,
    ListOf,
    Plain,
    RecordOf,
    TupleOf,
    is_fixed,
    is_number,
    none_too,
)
from adtrans.reverse.tree import Branch, Leaf, Loop, Node
from adtrans.structures import display, parts_of
from adtrans.walk import blocks


def copy_of_value(value: Expr, kind: Kind, *, deep: bool) -> Expr:
    """A copy of an array, a list, a tuple; `deep` where the arrays inside may be written to."""
    if none_too(kind):
        return Call("adtrans.support.copied", (value,))
    match kind:
        case ListOf(elem=Array(rank=0) | None):
            return Call("builtins.list", (value,), spelled="list")
        case ListOf(elem=Kind() as elem) if deep:
            item = Name("item")
            return Comprehension(copy_of_value(item, elem, deep=True), item, value)
        case ListOf():
            return Call("builtins.list", (value,), spelled="list")
        case TupleOf() | RecordOf():
            parts = (copy_of_value(e, k, deep=deep) for e, k in parts_of(value, kind))
            return display(kind, tuple(parts), value)
    if is_fixed(kind):
        return value
    if isinstance(kind, Array) and kind.rank and not kind.none:
        return Call("numpy.copy", (value,), style="method", spelled="copy")
    if isinstance(kind, Array):
        return Call("numpy.copy", (value,))
    return Call(f"adtrans.support.{'copied' if isinstance(kind, Plain) else 'snapshot'}", (value,))


def _inner(node: Branch | Loop) -> Sequence[Node]:
    return (*node.body, *node.orelse) if isinstance(node, Branch) else node.body


def _append(log: str, value: Expr) -> ExprStmt:
    return ExprStmt(value=Call("list.append", (Name(log), value), style="method", spelled="append"))


def _pop(log: str) -> Expr:
    return Call("list.pop", (Name(log),), style="method", spelled="pop")


def _range(n: Expr) -> Expr:
    return Call("builtins.range", (n,), spelled="range")


def mirrored(iterable: Expr, counter: str | None) -> Expr:
    """`reversed(range(n))`; only the rounds that were begun, if the loop may end early."""
    if counter is not None:
        whole = iterable if _is_range(iterable) else Call("builtins.list", (iterable,), spelled="list")
        iterable = Index(whole, Slice(None, Name(counter)))
        return Call("builtins.reversed", (iterable,), spelled="reversed")
    if isinstance(iterable, Call) and iterable.fn == "builtins.reversed" and _is_range(iterable.args[0]):
        return iterable.args[0]
    keys = isinstance(iterable, Call) and iterable.fn == "dict.keys"
    if not _is_range(iterable) and not keys and not isinstance(iterable, (Name, List, Tuple)):
        iterable = Call("builtins.list", (iterable,), spelled="list")
    return Call("builtins.reversed", (iterable,), spelled="reversed")


def _is_flag(test: Expr, scope: Scope) -> bool:
    """Whether a test is a value of its own, not an object that somebody may write to."""
    if isinstance(test, Op) and test.op in ("and", "or"):
        return all(_is_flag(part, scope) for part in test.args)
    if isinstance(test, (Op, Const)):
        return True
    return is_number(scope.kind(test))


def _is_range(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.fn == "builtins.range"


def _is_array(kind: object) -> bool:
    return isinstance(kind, Array) and bool(kind.rank)


def _place(node: Node) -> Expr | None:
    """What a simple statement writes to, in place."""
    if isinstance(node, Leaf) and isinstance(node.stmt, (Assign, AugAssign)):
        return node.stmt.target
    return None


def _place_indices(stmt: Stmt) -> Iterable[Expr]:
    if isinstance(stmt, (Assign, AugAssign)):
        place = stmt.target
        while isinstance(place, Index):
            yield place.index
            place = place.base


def at_tails(block: Block, last: Block) -> Block:
    """Put statements at the end of a block, ahead of the jumps that end it."""
    if not last:
        return block
    if block and isinstance(block[-1], (Break, Continue)):
        return (*block[:-1], *last, block[-1])
    if block and isinstance(block[-1], If) and jumps(block[-1]):
        final = block[-1]
        ends = replace(
            final, body=at_tails(final.body, _fresh(last)), orelse=at_tails(final.orelse, _fresh(last))
        )
        return (*block[:-1], ends)
    return (*block, *last)


def _fresh(block: Block) -> Block:
    """Statements are individuals: copies for each place."""
    return tuple(replace(stmt) for stmt in block)


def jumps(stmt: If) -> bool:
    """Whether a branch ends in a jump out of it."""
    for block in blocks(stmt):
        if block and isinstance(block[-1], (Break, Continue)):
            return True
        if block and isinstance(block[-1], If) and jumps(block[-1]):
            return True
    return False
