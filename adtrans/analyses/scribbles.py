"""Functions that a solver calls, and that write into what they were made with: `buf` of a right-hand side.

A solver calls its function as often as it likes, and its derivative knows one call, at what was found. So
nothing that a call leaves there may count: not for the next call, and not for what comes after the solver.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from adtrans import walk
from adtrans.analyses.activity import Activity
from adtrans.analyses.liveness import contents_read, live
from adtrans.analyses.memory import Memory, changed_by
from adtrans.analyses.overlaps import is_whole
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic
from adtrans.ir import (
    Assign,
    Block,
    Break,
    Call,
    Continue,
    Expr,
    ExprStmt,
    For,
    Function,
    If,
    Index,
    Name,
    Stmt,
    While,
)
from adtrans.kinds import Kind, is_number
from adtrans.solvers import SOLVERS
from adtrans.walk import root, statements


def left_behind(
    function: Function,
    ranks: Ranks,
    activity: Activity,
    core: Mapping[str, Function],
    memory: Memory,
    ends: frozenset[str],
) -> Iterator[Diagnostic]:
    """A refusal for each call of a solver whose function has written into something that counts later;
    `ends` are the names that the caller reads."""
    solutions = {path for path, found in core.items() if found.solution and memory.mutated[path]}
    for stmt in statements(function.body) if solutions else ():
        for call in walk.nodes(stmt):
            if not isinstance(call, Call) or call.fn not in solutions:
                continue
            changed = changed_by_calls(call, memory) & activity.useful.get(stmt, frozenset())
            for name in sorted(
                changed & read_later(function, stmt, call.fn, changed, ends) if changed else ()
            ):
                if not is_number(ranks.scope(stmt).kind(Name(name))):
                    words = (
                        f"`{name}` is changed whenever the solver calls its function, and counts afterwards"
                    )
                    yield Diagnostic("AD303", words, call.span or stmt.span, help=HELP)


def changed_by_calls(solution: Call, memory: Memory) -> frozenset[str]:
    """What the function that is solved writes into."""
    roots = (root(solution.args[k]) for k in memory.mutated[solution.fn] if k < len(solution.args))
    return frozenset(r.id for r in roots if r is not None)


def read_later(
    function: Function, stmt: Stmt, solution: str, changed: frozenset[str], ends: frozenset[str]
) -> frozenset[str]:
    """What is read after a statement, but for what the same function is given once more: it writes first."""

    def read(expr: Expr) -> frozenset[str]:
        if isinstance(expr, Call) and (expr.fn == solution or expr.fn in SOLVERS):
            return walk.names(expr) - changed
        parts = walk.children(expr)
        return frozenset().union(*map(read, parts)) if parts else walk.names(expr)

    return live(function, read, ends).after[stmt]


HELP = "let the function write into an array that it makes itself, and compute afterwards what is needed"


def kept(function: Function, kinds: Sequence[Kind], unknowns: int, memory: Memory) -> str | None:
    """A parameter in which a call of the function may find what an earlier call has left; None if there is
    none. The first `unknowns` are those that the solver gives: it may go on with what is in them."""
    classes = memory.classes(function)
    for k in sorted(memory.mutated[function.path]):
        name = function.params[k].name
        if is_number(kinds[k]) or (k >= unknowns and is_log(function, name)):
            continue
        names = classes.get(name, frozenset((name,)))
        given = [p.name for p in function.params[:unknowns]]
        if k < unknowns or not Scratch(function, names, given, memory).fresh():
            return name
    return None


def is_log(function: Function, name: str) -> bool:
    """Whether nothing is done with a list but to add to it."""
    for stmt in statements(function.body):
        if name in walk.names_of(walk.expressions(stmt)) | walk.binds(stmt):
            match stmt:
                case ExprStmt(value=Call(fn="list.append", args=(Name(id=id), value))) if id == name:
                    if name not in walk.names(value):
                        continue
            return False
    return True


class Scratch:
    """An array, under all its names, that a function writes into."""

    def __init__(
        self, function: Function, names: frozenset[str], unknowns: Collection[str], memory: Memory
    ) -> None:
        self.body = function.body
        self.names = names
        self.memory = memory
        self.varying = self.depends({*unknowns, *names})

    def fresh(self) -> bool:
        """Whether each call reads there what it has written, or what was there before the first one: all that
        is written is written before anything is read, and each time in the same places."""
        touching = [s for s in statements(self.body) if self.reads(s) or self.writes(s)]
        if touching and touching[0] in self.body and self.is_whole(touching[0]):
            return True
        written = [k for k, s in enumerate(touching) if self.writes(s)]
        read = [k for k, s in enumerate(touching) if self.reads(s)]
        if not read:
            return True
        return max(written, default=len(touching)) < min(read) and self.regular(self.body)

    def reads(self, stmt: Stmt) -> bool:
        """Whether the statement itself reads the contents."""
        match stmt:
            case Assign(target=Index(base=base, index=index), value=value) if isinstance(base, Name):
                exprs: tuple[Expr, ...] = index, value
            case _:
                exprs = walk.expressions(stmt)
        return any(not self.names.isdisjoint(contents_read(e)) for e in exprs)

    def writes(self, stmt: Stmt) -> bool:
        """Whether the statement itself writes there."""
        return not self.names.isdisjoint(changed_by(stmt, self.memory))

    def is_whole(self, stmt: Stmt) -> bool:
        """Whether a statement writes all of it, and reads nothing of it."""
        match stmt:
            case Assign(target=Index(base=Name(), index=index)):
                return is_whole(index) and not self.reads(stmt)
        return False

    def depends(self, names: set[str]) -> set[str]:
        """The variables that depend on these: they may be others in another call."""
        size = 0
        while len(names) > size:
            size = len(names)
            for stmt in statements(self.body):
                sources = frozenset().union(*map(contents_read, walk.expressions(stmt)))
                if not sources.isdisjoint(names):
                    names |= walk.writes(stmt)
        return names

    def regular(self, block: Block) -> bool:
        """Whether the same places are written each time, and no loop writes after it has read."""
        for stmt in block:
            inner = [s for part in walk.blocks(stmt) for s in statements(part)]
            own = stmt.target.index if isinstance(stmt, Assign) and isinstance(stmt.target, Index) else None
            if own is not None and self.writes(stmt) and self.varies(own):
                return False
            if not any(map(self.writes, inner)):
                continue
            looping = isinstance(stmt, For | While)
            if looping and any(isinstance(s, Break | Continue) or self.reads(s) for s in inner):
                return False
            test = stmt.test if isinstance(stmt, If | While) else stmt.iter if isinstance(stmt, For) else None
            if test is None or self.varies(test):
                return False
            if not all(map(self.regular, walk.blocks(stmt))):
                return False
        return True

    def varies(self, expr: Expr) -> bool:
        return not self.varying.isdisjoint(contents_read(expr))
