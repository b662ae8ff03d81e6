"""Names that lose their place: they are bound to it before something in it is bound again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adtrans.aliases.base import Base, exchanged
from adtrans.aliases.state import Unable, Unsure
from adtrans.analyses.expressions import Scope
from adtrans.analyses.memory import changed_by
from adtrans.ir import (
    Assign,
    AugAssign,
    Expr,
    Index,
    Name,
    Opaque,
    Stmt,
)
from adtrans.kinds import ANY, INT, Array
from adtrans.places import root_of
from adtrans.walk import (
    names,
    subexpressions,
)


class Losing(Base):
    """Binds names to their places, and gives places other owners."""

    __slots__ = ()

    def materialise(self, which: Iterable[str], *, keep: bool = False) -> None:
        """`row = u[i]`: from here on the name is a name again (with `keep` it is still replaced too)."""
        assert self.state is not None
        for name in sorted(which):
            place = self.state.places.get(name)
            if place is None:
                continue
            if name in self.state.unsure:
                raise Unsure(name)
            self.out.append(Assign(target=Name(name), value=place))
            if keep:
                continue
            del self.state.places[name]
            self.state.bound |= {name}

    def opaque(self, exprs: Sequence[Expr], *, once: bool = True) -> None:
        """The text in an `Opaque` needs its names."""
        assert self.state is not None
        for expr in exprs:
            for node in subexpressions(expr):
                if isinstance(node, Opaque):
                    used = frozenset(node.reads) & self.wanted
                    if not once and used:
                        raise Unable(min(used))
                    self.materialise(used, keep=True)

    def rebind(self, stmt: Stmt, bound: frozenset[str], after: frozenset[str]) -> frozenset[str]:
        """Save the places that mention a name which is about to be bound; those that nobody needs go."""
        assert self.state is not None
        if not bound:
            return frozenset()
        self.keep_indices(stmt, bound, after - bound)
        gone: set[str] = set()
        for name in sorted(self.state.places.keys() - bound):
            place = self.state.places.get(name)
            if place is None or names(place).isdisjoint(bound):
                continue
            if name not in after:
                gone.add(name)
                continue
            if not isinstance(place, Name):
                self.new_owner(stmt, place, after)
            else:  # It owns the array now.
                self.hand_over(place.id, name)
                self.materialise((name,))
            if name in self.state.places and names(self.state.places[name]) & bound:
                self.materialise((name,))
        return frozenset(gone)

    def new_owner(self, stmt: Stmt, place: Expr, after: frozenset[str]) -> None:
        """`u_ = u` before u gets another array, if several names stand for parts of the old one."""
        assert self.state is not None
        owner = root_of(place)
        others = [n for n, p in self.state.places.items() if root_of(p) == owner and n in after]
        if owner is None or len(others) < 2:
            return
        whole = [n for n in others if self.state.places[n] == Name(owner)]
        if whole:
            self.hand_over(owner, whole[0])
            self.materialise(whole[:1])
            return
        new = self.made(stmt, owner, owner)
        self.kinds[new] = self.kinds.get(owner, ANY)
        self.out.append(Assign(target=Name(new), value=Name(owner)))
        self.hand_over(owner, new)
        self.state.bound |= {new}

    def lost(self, targets: frozenset[str], alive: frozenset[str]) -> frozenset[str]:
        """What a loop's header takes the place from: drop it, or give the names that are still needed."""
        assert self.state is not None
        gone = {n for n, p in self.state.places.items() if n in targets or names(p) & targets}
        needed = frozenset(gone & alive - targets)
        if not needed:
            for name in gone:
                del self.state.places[name]
            self.state.bound |= targets
        return needed

    def hand_over(self, old: str, new: str) -> None:
        assert self.state is not None
        for other, place in self.state.places.items():
            if other != new and root_of(place) == old:
                self.state.places[other] = exchanged(place, old, new)

    def keep_indices(self, stmt: Stmt, bound: frozenset[str], alive: frozenset[str]) -> None:
        """`i_ = i` for the indices of places that outlive the value of `i`."""
        assert self.state is not None
        for name, place in list(self.state.places.items()):
            if name not in alive:
                continue
            used = (names(place) & bound) - {root_of(place)}
            for index in sorted(used):
                new = self.made(stmt, index, f"{index}_{name}")
                self.kinds[new] = INT
                line = Assign(target=Name(new), value=Name(index))
                if not any(
                    isinstance(s, Assign) and s.target == line.target and s.value == line.value
                    for s in self.out
                ):
                    self.out.append(line)
                place = exchanged(place, index, new)
            self.state.places[name] = place

    def slots(self, stmt: Stmt, after: frozenset[str]) -> frozenset[str]:
        """A list whose elements change: names for its elements are bound to them before."""
        assert self.state is not None
        deep = isinstance(stmt, (Assign, AugAssign)) and isinstance(stmt.target, Index)
        touched = set(changed_by(stmt, self.memory))
        for name in list(touched):
            place = self.state.places.get(name)
            touched |= {root_of(place) or name} if place is not None else set()
        gone: set[str] = set()
        for name, place in list(self.state.places.items()):
            owner = root_of(place)
            if (
                owner not in touched
                or isinstance(place, Name)
                or isinstance(self.kinds.get(owner, ANY), Array)
            ):
                continue
            into = stmt.target if deep and isinstance(stmt, (Assign, AugAssign)) else None
            if into is not None and not slot(self.put(into, stmt), self.scope(stmt)):
                continue
            if name in after:
                self.materialise((name,))
            else:
                gone.add(name)
        return frozenset(gone)


def slot(target: Expr, scope: Scope) -> bool:
    """Whether a target is an element of a name itself, or of a list in a list: it gets another value, where
    an element of an array is written into."""
    return isinstance(target, Index) and (
        isinstance(target.base, Name) or not isinstance(scope.kind(target.base), Array)
    )
