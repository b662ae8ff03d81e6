"""Simple statements, with places for names."""

from __future__ import annotations

from dataclasses import replace

from adtrans.aliases.binding import Binding
from adtrans.aliases.state import Unable
from adtrans.ir import (
    Assign,
    AugAssign,
    Call,
    Const,
    Expr,
    ExprStmt,
    Index,
    Name,
    Opaque,
    Stmt,
    Tuple,
    Verbatim,
)
from adtrans.kinds import is_number
from adtrans.places import root_of, write_to
from adtrans.walk import (
    binds,
    changes,
    expressions,
    names,
)


class Simple(Binding):
    """Rewrites a statement that has no blocks."""

    __slots__ = ()

    def simple(self, stmt: Stmt) -> None:
        """Bind what is about to lose its place, put places for names, and note a new place."""
        assert self.state is not None
        if isinstance(stmt, Verbatim):
            self.verbatim(stmt)
            return
        self.opaque(expressions(stmt))
        if self.call(stmt):
            return
        bound = self.bound(stmt)
        after = self.live.after[stmt]
        gone = self.rebind(stmt, bound, after) | self.slots(stmt, after)
        place = self.place_of(stmt)
        new = None if place is not None else self.rewritten(stmt)
        for name in gone | bound:
            self.state.places.pop(name, None)
        self.state.bound |= bound
        if place is not None:
            assert isinstance(stmt, Assign) and isinstance(stmt.target, Name)
            self.state.places[stmt.target.id] = place
            self.state.unsure -= {stmt.target.id}
        elif new is not None:
            self.out.append(new)

    def verbatim(self, stmt: Verbatim) -> None:
        assert self.state is not None
        touched = frozenset(stmt.writes)
        self.opaque((Opaque("", stmt.reads),))
        self.rebind(stmt, touched, self.live.after[stmt])
        self.materialise(touched)
        self.state.bound |= touched
        self.out.append(stmt)

    def rewritten(self, stmt: Stmt) -> Stmt:
        """The statement with places for names."""
        match stmt:
            case Assign(target=target, value=value):
                return self.written(stmt, target, self.put(value, stmt))
            case AugAssign(target=target, value=value):
                return self.written(stmt, target, self.put(value, stmt))
            case ExprStmt(value=Call(args=(Name(id=name), *_)) as call) if name in changes(stmt):
                self.named(name)
                new = self.put(call, stmt)
                return stmt if new is call else replace(stmt, value=new, text=None)
            case ExprStmt(value=value):
                new = self.put(value, stmt)
                return stmt if new is value else replace(stmt, value=new, text=None)
        return stmt

    def named(self, name: str) -> None:
        """What is written by a call must be a name."""
        assert self.state is not None
        if not isinstance(self.state.places.get(name, Name(name)), Name):
            self.materialise((name,))

    def written(self, stmt: Assign | AugAssign, target: Expr, value: Expr) -> Stmt:
        """An assignment whose target is a place of the owner."""
        assert self.state is not None
        if isinstance(target, Tuple) or (isinstance(target, Name) and isinstance(stmt, Assign)):
            return stmt if value is stmt.value else replace(stmt, value=value, text=None)
        found = root_of(target)
        place = self.put(target, stmt)
        if place is target and value is stmt.value:
            return stmt
        done = write_to(place, value, self.scope(stmt))
        if done is None and isinstance(place, Call):  # `w += e` where `w` is `u.T`.
            done = write_to(Index(place, Const(...)), value, self.scope(stmt))
        if done is None:
            if found is not None:
                self.materialise((found,))
            place, value = self.put(target, stmt), self.put(stmt.value, stmt)
            return replace(stmt, target=place, value=value, text=None)
        return replace(stmt, target=done[0], value=done[1], text=None)

    def call(self, stmt: Stmt) -> bool:
        """A call that writes into a part of an array works on a copy, which is then put back.

        `row = u[i]`, `g(row)` becomes `row = u[i].copy()`, `g(row)`, `u[i] = row`.
        """
        assert self.state is not None
        if not isinstance(stmt, (Assign, ExprStmt)) or not isinstance(stmt.value, Call):
            return False
        call, scope = stmt.value, self.scope(stmt)
        written = self.memory.mutated.get(call.fn, frozenset())
        back: list[Stmt] = []
        args = list(call.args)
        for k, arg in enumerate(call.args):
            place = self.state.places.get(arg.id) if isinstance(arg, Name) else None
            if k not in written or place is None or isinstance(place, Name):
                args[k] = self.put(arg, stmt)
                continue
            assert isinstance(arg, Name)
            done = write_to(Index(place, Const(...)), arg, scope)
            others = [a for j, a in enumerate(call.args) if j != k and not is_number(scope.kind(a))]
            kept = k in self.memory.viewed.get(call.fn, ()) or any(
                k in pair for pair in self.memory.joined.get(call.fn, ())
            )
            mixed = any(self.meets(self.put(a, stmt), place) for a in others)
            if done is None or kept or mixed or binds(stmt) & (names(place) | {arg.id}):
                raise Unable(arg.id)
            copy = Call("numpy.copy", (place,), style="method", spelled="copy")
            self.out.append(Assign(target=arg, value=copy, span=stmt.span))
            back.append(Assign(target=done[0], value=done[1], span=stmt.span))
        if not back:
            return False
        gone = self.rebind(stmt, binds(stmt), self.live.after[stmt])
        self.out.append(replace(stmt, value=replace(call, args=tuple(args)), text=None))
        self.out += back
        for name in gone | binds(stmt):
            self.state.places.pop(name, None)
        self.state.bound |= binds(stmt)
        return True

    def meets(self, other: Expr, place: Expr) -> bool:
        """Whether an argument may share memory with a place that the callee gets a copy of."""
        found, owner = root_of(other), root_of(place)
        if found is None or owner is None or found == owner:
            return True
        return found in self.groups.get(owner, ())
