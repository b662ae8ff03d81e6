"""Who owns which array in a backward sweep.

An adjoint that is added to in place must own its array: `a_bar = y_bar` followed by `a_bar += …`
would write into the caller's seed. Such an adjoint starts with a copy; all others may share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from adtrans.analyses.liveness import Live
from adtrans.ir import Assign, AugAssign, Block, Call, Const, Expr, ExprStmt, Index, Name, Stmt, Tuple
from adtrans.kinds import Array, Kind, ListOf, Plain, TupleOf, is_number
from adtrans.reverse import PARTS, shares
from adtrans.walk import map_block, names, root, statements


def written_in_place(block: Block, shared: Callable[[Call], Collection[str]]) -> set[str]:
    """The names whose arrays a block writes into; `shared` gives those that a call does."""
    found: set[str] = set()
    for stmt in statements(block):
        match stmt:
            case AugAssign(target=target):
                found |= _root(target)
            case Assign(target=Index() as target):
                found |= _root(target)
            case ExprStmt(value=Call(fn="numpy.add.at", args=(target, *_))):
                found |= _root(target)
        if isinstance(stmt, (Assign, ExprStmt)) and isinstance(stmt.value, Call):
            found |= set(shared(stmt.value))
    return found


def _root(place: Expr) -> set[str]:
    found = root(place)
    return set() if found is None else {found.id}


def with_copies(block: Block, kind: Callable[[str], Kind], owners: Collection[str]) -> Block:
    """Copy where an adjoint of `owners` would start as somebody else's array, or where another one
    would start as an array of `owners` that is written to later."""
    wanted = frozenset(owners)
    live = Live(lambda expr: names(expr) & wanted)  # Sets of all names would make a long sweep quadratic.
    live.block(block, frozenset())

    def start(stmt: Stmt) -> Stmt:
        match stmt:
            case Assign(target=Name() | Tuple() as target, value=value) if shares(value):
                if names(target) & wanted or names(value) & live.after.get(stmt, frozenset()) & wanted:
                    return replace(stmt, value=owned(value, target, kind))
        return stmt

    return map_block(block, start)


def owned(value: Expr, target: Expr, kind: Callable[[str], Kind]) -> Expr:
    """A value that shares no memory: a copy, or parts of one."""
    match value, target:
        case Call(fn=fn, args=(*others, whole)), _ if fn in PARTS:
            return replace(value, args=(*others, Call("numpy.copy", (whole,)) if shares(whole) else whole))
        case _, Name(id=name):
            return copy_of(value, kind(name))
    return Call("adtrans.support.copied", (value,))


def copy_of(value: Expr, kind: Kind) -> Expr:
    """`x.copy()`; nothing for a number, which cannot be written into."""
    match kind:
        case Array(rank=0):
            return value
        case Array(rank=int(), none=False):
            return Call("numpy.copy", (value,), style="method", spelled="copy")
        case TupleOf(elems=elems):
            if is_number(kind):
                return value
            return Tuple(tuple(copy_of(Index(value, Const(k)), e) for k, e in enumerate(elems)))
        case Plain():
            return value
        case ListOf():
            return Call("builtins.list", (value,), spelled="list")
        case Array():
            return Call("numpy.copy", (value,))
    return Call("adtrans.support.copied", (value,))
