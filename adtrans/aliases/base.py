"""What all parts of the replacement of names share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from adtrans.aliases.state import Exits, State
from adtrans.analyses.expressions import Scope
from adtrans.analyses.liveness import Live
from adtrans.analyses.memory import Memory
from adtrans.analyses.ranks import Ranks
from adtrans.ir import (
    AugAssign,
    Expr,
    Index,
    Name,
    Stmt,
)
from adtrans.kinds import Array, Kind, ListOf
from adtrans.names import Names
from adtrans.places import composed
from adtrans.walk import (
    binds,
    children,
    names,
    with_children,
)


@dataclass(slots=True)
class Base:
    """The facts of one function, and what its names stand for at the statement that is looked at."""

    ranks: Ranks
    memory: Memory
    fresh: Names
    wanted: set[str]
    memo: dict[tuple[Stmt | str, str], str]
    live: Live
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    """The names that may share memory at some time, by name."""
    kinds: dict[str, Kind] = field(default_factory=dict)
    state: State | None = field(default_factory=State)
    exits: list[Exits] = field(default_factory=list)
    out: list[Stmt] = field(default_factory=list)
    owned: set[str] = field(default_factory=set)
    ended_names: set[str] = field(default_factory=set)
    steps: int = 0

    def scope(self, stmt: Stmt) -> Scope:
        scope = self.ranks.scope(stmt)
        return replace(scope, names={**self.kinds, **scope.names})

    def put(self, expr: Expr, stmt: Stmt) -> Expr:
        """The expression with places for names; `row[j]` becomes `u[i, j]`."""
        assert self.state is not None
        if not self.state.places or names(expr).isdisjoint(self.state.places):
            return expr
        return put(expr, self.state.places, self.scope(stmt))

    def made(self, key: Stmt | str, what: str, base: str) -> str:
        """A fresh name, the same one whenever this is asked for again."""
        if (key, what) not in self.memo:
            self.memo[key, what] = self.fresh.fresh(base)
        return self.memo[key, what]

    def bound(self, stmt: Stmt) -> frozenset[str]:
        """The names that get another array; `x += e` of an array is none."""
        assert self.state is not None
        if isinstance(stmt, AugAssign):
            if isinstance(stmt.target, Name) and stmt.target.id in self.state.places:
                return frozenset()
            kind = self.scope(stmt).kind(stmt.target)
            if isinstance(kind, ListOf) or (isinstance(kind, Array) and kind.rank):
                return frozenset()
        return binds(stmt)


def put(expr: Expr, places: dict[str, Expr], scope: Scope) -> Expr:
    """Put places for names, indices of indices made one."""
    match expr:
        case Name(id=name):
            return places.get(name, expr)
        case Index(base=base, index=index):
            new_base, new_index = put(base, places, scope), put(index, places, scope)
            if new_base is base:
                return with_children(expr, (new_base, new_index))
            return composed(new_base, new_index, scope)
    parts = children(expr)
    return with_children(expr, tuple(put(e, places, scope) for e in parts)) if parts else expr


def exchanged(expr: Expr, old: str, new: str) -> Expr:
    """Another name for a name."""
    if expr == Name(old):
        return Name(new)
    parts = children(expr)
    return with_children(expr, tuple(exchanged(e, old, new) for e in parts)) if parts else expr
