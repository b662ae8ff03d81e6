"""Who owns which array in a backward sweep.

An adjoint that is added to in place must own its array: `a_bar = y_bar` followed by `a_bar += …`
would write into the caller's seed. Such an adjoint starts with a copy; all others may share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from adtrans.analyses.expressions import Scope
from adtrans.analyses.liveness import Live
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    ExprStmt,
    Index,
    List,
    Name,
    Op,
    Stmt,
    Tuple,
)
from adtrans.kinds import Array, Kind, ListOf, Plain, RecordOf, TupleOf, is_number, none_too
from adtrans.sharing import shares, whole, with_whole
from adtrans.structures import display, is_place, parts_of
from adtrans.walk import expressions, map_block, names, root, statements, subexpressions


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


def resized(block: Block) -> set[str]:
    """The lists that a block takes elements out of, or puts some into."""
    found: set[str] = set()
    for stmt in statements(block):
        for expr in expressions(stmt):
            for node in subexpressions(expr):
                match node:
                    case Call(fn="list.pop" | "list.append" | "list.insert", args=(place, *_)):
                        found |= _root(place)
    return found


def _root(place: Expr) -> set[str]:
    found = root(place)
    return set() if found is None else {found.id}


def written_deep(block: Block) -> set[str]:
    """The names of which a block may write into an element: `xs[0][i] = e`, `xs[0] += e`."""
    found: set[str] = set()
    for stmt in statements(block):
        match stmt:
            case Assign(target=Index(base=Index()) as target) | AugAssign(target=Index() as target):
                found |= _root(target)
            case ExprStmt(value=Call(fn="numpy.add.at", args=(Index() as target, *_))):
                found |= _root(target)
    return found


def with_copies(block: Block, kind: Callable[[str], Kind], owners: Collection[str]) -> Block:
    """Copy where an adjoint of `owners` would start as somebody else's array, or where another one
    would start as an array of `owners` that is written to later."""
    wanted = frozenset(owners)
    live = Live(lambda expr: names(expr) & wanted)  # Sets of all names would make a long sweep quadratic.
    live.block(block, frozenset())
    deep = written_deep(block)

    def start(stmt: Stmt) -> Stmt:
        match stmt:
            case Assign(target=Name(id=name), value=List(elts=elts) | Dict(elts=elts) as value):
                keys = value.keys if isinstance(value, Dict) else range(len(elts))
                parts = tuple(element(stmt, name, e, Const(k)) for k, e in zip(keys, elts, strict=True))
                return stmt if parts == elts else replace(stmt, value=replace(value, elts=parts))
            case Assign(target=Name() | Tuple() as target, value=value) if shares(whole(value)):
                kept = not (isinstance(value, Call) and value.fn == "list.pop")
                later = live.after.get(stmt, frozenset()) if kept else frozenset()
                if names(target) & wanted or names(value) & later & wanted:
                    return replace(stmt, value=owned(value, target, kind))
            case Assign(target=Index(base=Name(id=name), index=index), value=value):
                return replace(stmt, value=element(stmt, name, value, index))
            case ExprStmt(value=Call(fn="list.append", args=(Name(id=name) as held, value)) as call):
                return replace(stmt, value=replace(call, args=(held, element(stmt, name, value, Const(0)))))
        return stmt

    def element(stmt: Stmt, name: str, value: Expr, k: Expr) -> Expr:
        """What is put into a list: a copy, if an element of the list, or the value itself, is written to."""
        holder = kind(name)
        keyed = isinstance(k, Const) and isinstance(k.value, str)
        if not (keyed or isinstance(holder, (ListOf, TupleOf, RecordOf))) or not shares(value):
            return value
        if name not in deep and not names(value) & live.after.get(stmt, frozenset()) & wanted:
            return value
        return copy_of(value, element_of(holder, k), List)

    return map_block(block, start)


def numbers_rebound(block: Block, seeds: Collection[str], is_number: Callable[[str], bool]) -> Block:
    """Adjoints of numbers that start as another's are bound anew: that may be an array of rank 0, and what is
    stretched is one that nobody can write into.

    before: s_bar = y_bar      after: s_bar = y_bar
            s_bar += e                s_bar = s_bar + e
    """
    given = set(seeds)
    for stmt in statements(block):
        match stmt:
            case Assign(target=Name(id=name), value=value) if isinstance(value, Name | Index) or shares(
                value
            ):
                given.add(name)

    def rebind(stmt: Stmt) -> Stmt:
        match stmt:
            case AugAssign(target=Name(id=name) as target, op=op, value=value):
                if name in given and is_number(name):
                    new = Op(op, (target, value))
                    return Assign(target=target, value=new, comments=stmt.comments, trailing=stmt.trailing)
        return stmt

    return map_block(block, rebind)


def owned(value: Expr, target: Expr, kind: Callable[[str], Kind]) -> Expr:
    """A value that shares no memory: a copy, or parts of one."""
    inner = whole(value)
    if inner is not value:
        return with_whole(value, as_one(inner, kind) if shares(inner) else inner)
    if isinstance(target, Name):
        return copy_of(value, kind(target.id), List)
    return Call("adtrans.support.copied", (value,))


def as_one(value: Expr, kind: Callable[[str], Kind]) -> Expr:
    """A copy of something of which there are to be views: an array, or what may be a list."""
    base = root(value)
    is_array = base is None or isinstance(kind(base.id), Array)
    return Call("numpy.copy" if is_array else "adtrans.support.copied", (value,))


def element_of(kind: Kind, index: Expr) -> Kind:
    """The kind of an element of a list, a tuple or a record."""
    return Scope({"held": kind}).kind(Index(Name("held"), index))


def copy_of(value: Expr, kind: Kind, tuples: type[List | Tuple] = Tuple) -> Expr:
    """`x.copy()`; nothing for a number, which cannot be written into.

    A tuple is copied as `tuples`: an adjoint, whose parts are added to, as a list.
    """
    if none_too(kind) or (isinstance(kind, (TupleOf, RecordOf)) and not is_place(value)):
        return Call("adtrans.support.copied", (value,))
    match kind:
        case Array(rank=0):
            return value
        case Array(none=True):
            return Call("adtrans.support.copied", (value,))
        case Array(rank=int()):
            return Call("numpy.copy", (value,), style="method", spelled="copy")
        case TupleOf() if tuples is Tuple and is_number(kind):
            return value
        case TupleOf() | RecordOf():
            elts = tuple(copy_of(e, k, tuples) for e, k in parts_of(value, kind))
            return display(kind, elts, value, tuples)
        case Plain():
            return value
        case ListOf(elem=elem) if elem is None or is_number(elem):
            return Call("builtins.list", (value,), spelled="list")
        case Array():
            return Call("numpy.copy", (value,))
    return Call("adtrans.support.copied", (value,))
