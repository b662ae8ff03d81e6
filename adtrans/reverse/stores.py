"""The adjoint of a write into an array, a list or a dict: `u[i] = e`, `u[i] += e`."""

from __future__ import annotations

from adtrans import algebra
from adtrans.adjoints import Adjoints, Contribution, repeating
from adtrans.algebra import ZERO
from adtrans.analyses.activity import inert, rounds
from adtrans.analyses.expressions import SUPPORT, Scope
from adtrans.analyses.ranks import root
from adtrans.ir import (
    Assign,
    AugAssign,
    Call,
    Const,
    Expr,
    ExprStmt,
    Index,
    Name,
    Op,
    Slice,
    Stmt,
)
from adtrans.kinds import (
    HOLDERS,
    Array,
    Kind,
    Mapped,
    RecordOf,
    is_number,
    may_be_complex,
)
from adtrans.places import indices, written_to_a_copy
from adtrans.reverse.assignments import Assignments
from adtrans.reverse.contributions import root_name
from adtrans.reverse.zeros import copied, real, rebased, zero_like
from adtrans.structures import unknown_part
from adtrans.walk import subexpressions


class Stores(Assignments):
    """Writes to places."""

    __slots__ = ()

    def store(self, stmt: Stmt, target: Index, value: Expr) -> list[Stmt]:
        """`u[i] = e`: the adjoint of the place goes to e, and ends there."""
        base = root(target)
        if not isinstance(base, Name) or base.id not in self.activity.useful[stmt]:
            return []
        name = base.id
        if name not in self.activity.varied_after[stmt] or rounds(target, self.ranks.scope(stmt)):
            return []
        work = self.adjoints(stmt)
        why = no_store(target, value, work.scope)
        if why:
            self.refuse(stmt, why)
            return []
        if creates(target, work.scope):
            return self.create(stmt, target, value, work)
        place = rebased(target, Name(self.bar(name)))
        reset: Stmt = Assign(target=place, value=self.zero_at(work, target))
        if not work.varies(value):
            return [reset]
        duplicates = repeating(place, work.scope)
        if duplicates is not None:
            seed: Expr = Call(SUPPORT + "last_writes", (duplicates[0], duplicates[1]))
            seed = work.bind(name, seed, work.scope.kind(place))
        else:
            seed = place
        if name not in work.dependence.sources(value):
            work.collect(value, self.fit(work, seed, value, target), top=True)
            return [*work.statements, *self.flush(stmt, work, gone="", own_last=None), reset]
        work.collect(value, self.fit(work, seed, value, target), top=True)
        own = [c for c in work.contributions if c.name == name and not apart(c.place, target)]
        if duplicates is None and own and all(c.place == target for c in own):
            others = [c for c in work.contributions if c not in own]
            work.contributions = others
            lines = self.flush(stmt, work, gone="", own_last=None)
            term = self.order(work, work.settle_into(algebra.total(c.term for c in own)))
            if isinstance(term, type(ZERO)):  # They cancel.
                return [*work.statements, *lines, reset]
            return [*work.statements, *lines, *self.update(place, term, work.scope)]
        if duplicates is None and not own:
            return [*work.statements, *self.flush(stmt, work, gone="", own_last=None), reset]
        work = self.adjoints(stmt)
        if duplicates is not None:
            seed = work.bind(name, Call(SUPPORT + "last_writes", duplicates), work.scope.kind(place))
            work.statements.append(reset)
        else:
            seed = self.take_out(work, place, name, self.zero_at(work, target))
        work.collect(value, self.fit(work, seed, value, target), top=True)
        return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]

    def create(self, stmt: Stmt, target: Index, value: Expr, work: Adjoints) -> list[Stmt]:
        """`d["new"] = e`: what its adjoint has under the key is taken out, and goes to e."""
        place = rebased(target, Name(self.bar(root_name(target))))
        assert isinstance(place, Index)
        popped = Call("list.pop", (place.base, place.index), style="method", spelled="pop")
        if not work.varies(value):
            return [ExprStmt(value=popped)]
        seed: Expr = popped
        if not isinstance(value, (Name, Index)):
            seed = work.bind("item", popped, real(work.scope.kind(value)))
        held = self.held(root(target), work.scope.kind(value))
        work.collect(value, work.real_where(seed, held, value))
        return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]

    def zero_at(self, work: Adjoints, target: Index) -> Expr:
        held = work.scope.kind(target.base)
        if isinstance(held, HOLDERS):
            whole = target.index == Slice()
            return zero_like(target.base, held) if whole else zero_like(target, work.scope.kind(target))
        return Const(0.0)

    def fit(self, work: Adjoints, seed: Expr, value: Expr, target: Index) -> Expr:
        """A value smaller than the place it is written to is stretched by NumPy: sum its adjoint."""
        kind = work.scope.kind(target)
        seed = work.real_where(seed, self.held(root(target), kind), value)
        if isinstance(work.scope.kind(target.base), HOLDERS):
            return seed
        return self.taken(work, seed, value, kind)

    def taken(self, work: Adjoints, seed: Expr, value: Expr, kind: Kind) -> Expr:
        """The adjoint of what a place takes: of more axes, NumPy drops the first ones, of length 1."""
        given = work.scope.kind(value)
        if not isinstance(kind, Array) or not isinstance(given, Array) or given.rank == 0:
            return work.unbroadcast(seed, value, kind)
        if kind.rank is not None and given.rank is not None and given.rank <= kind.rank:
            return work.unbroadcast(seed, value, kind)
        shapes = Call("numpy.shape", (seed,)), Call("numpy.shape", (value,))
        wide = Call("numpy.broadcast_to", (seed, Call("numpy.broadcast_shapes", shapes)))
        return work.helper(wide, value)

    def update(self, place: Expr, term: Expr, scope: Scope) -> list[Stmt]:
        """`p = c * p` as `p *= c`, and `p = p` as nothing."""
        p = algebra.product(term)
        if p == algebra.product(place):
            return []
        if place in p.num:
            rest = list(p.num)
            rest.remove(place)
            mask = bool(rest) and p.coef == -1 and all(is_mask(scope.kind(e)) for e in rest)
            if place not in rest and not p.den and not mask:  # NumPy has no minus of booleans.
                factor = algebra.write(algebra.Product(p.coef, tuple(rest)))
                return [AugAssign(target=place, op="*", value=factor)]
            if place not in rest and p.coef == 1 and not rest and len(p.den) == 1:
                return [AugAssign(target=place, op="/", value=p.den[0])]
        return [Assign(target=place, value=term)]

    def augmented(self, stmt: Stmt, target: Expr, op: str, value: Expr) -> list[Stmt]:
        base = root(target)
        if not isinstance(base, Name) or base.id not in self.activity.useful[stmt]:
            return []
        name = base.id
        if name not in self.activity.varied_after[stmt]:
            return []
        scope = self.ranks.scope(stmt)
        kind = scope.kind(base)
        if isinstance(target, Index) and rounds(target, scope):
            return []
        if isinstance(target, Index) and (why := no_store(target, target, scope)):
            self.refuse(stmt, why)
            return []
        if isinstance(kind, HOLDERS):
            if isinstance(target, Index) and isinstance(scope.kind(target), Array):
                return self.store(stmt, target, Op(op, (target, value), span=stmt.span))
            self.refuse(stmt, "an augmented assignment to a list or a dict cannot be differentiated")
            return []
        whole = isinstance(target, Name)
        in_place = not whole or (isinstance(kind, Array) and bool(kind.rank))
        if isinstance(target, Index) and repeating(target, scope) is not None:
            return self.store(stmt, target, Op(op, (target, value)))
        if whole and inert(op):  # `u //= 2.0`: the adjoint ends here.
            if in_place or name in self.shared:
                return [Assign(target=Index(Name(self.bar(name)), Const(...)), value=Const(0.0))]
            return [Assign(target=Name(self.bar(name)), value=zero_like(target, kind))]
        own = name in self.dependence.sources(value)
        if op not in ("+", "-", "*", "/") or (own and (whole or op in ("*", "/"))):
            full = Op(op, (target, value), span=stmt.span)
            if isinstance(target, Index):
                return self.store(stmt, target, full)
            return self.assign_name(stmt, name, full)
        turns = may_be_complex(scope.kind(value)) and not may_be_complex(kind)
        if not in_place and (op in ("*", "/") or turns or not is_number(scope.kind(value))):
            return self.assign_name(stmt, name, Op(op, (target, value), span=stmt.span))
        work = self.adjoints(stmt)
        place: Expr = Name(self.bar(name)) if whole else rebased(target, Name(self.bar(name)))
        target_kind = scope.kind(target)
        if work.varies(value):
            if op in ("+", "-"):
                seed = place if op == "+" else algebra.neg(place)
            else:
                seed = (
                    algebra.mul(place, target)
                    if op == "*"
                    else algebra.neg(algebra.div(algebra.mul(place, target), Op("*", (value, value))))
                )
            seed = work.real_where(seed, self.held(base, target_kind), value)
            seed = work.unbroadcast(seed, value, target_kind)
            if own and len(self.own_places(stmt, work, name, value, seed)) > 1:
                seed = work.bind(
                    name, seed if target_kind_is_number(target_kind) else copied(seed), target_kind
                )
            elif work.fan_out(value) > 1 and not isinstance(seed, (Name, Index)):
                seed = work.bind("part", seed, scope.kind(value))
            work.collect(value, seed)
        lines = [*work.statements, *self.flush(stmt, work, gone="", own_last=name if own else None)]
        if op in ("*", "/"):
            lines.append(AugAssign(target=place, op=op, value=value))
        return lines

    def own_places(
        self, stmt: Stmt, work: Adjoints, name: str, value: Expr, seed: Expr
    ) -> list[Contribution]:
        """What `u[i] += e` contributes to u itself."""
        trial = self.adjoints(stmt)
        trial.fresh, trial.report = self.trial_name, []
        trial.collect(value, seed)
        return [c for c in trial.contributions if c.name == name]

    def trial_name(self, base: str) -> str:
        return f"{base} (trial)"


def creates(target: Expr, scope: Scope) -> bool:
    """Whether a store puts something under a new key of a record."""
    if not isinstance(target, Index) or not isinstance(target.index, Const):
        return False
    held = scope.kind(target.base)
    return isinstance(held, RecordOf) and held.at(target.index.value) is None


def no_store(target: Index, value: Expr, scope: Scope) -> str:
    """Why what is written to a place cannot be followed; empty where it can."""
    kind = scope.kind(target.base)
    if may_be_complex(scope.kind(value)) and isinstance(kind, Array) and not may_be_complex(kind):
        return "a complex value is written into an array of real numbers, which keeps its real part only"
    if why := unknown_part(target.base, scope.kind):
        return f"what is written into {why} cannot be differentiated"
    base = target.base
    while isinstance(base, Index):
        if written_to_a_copy(base, scope) is None:
            return "a write that may go to a copy of a part, or to the part itself, cannot be differentiated"
        base = base.base
    if isinstance(kind, Mapped):
        return "what is put into a dict whose keys are not known cannot be differentiated"
    there = isinstance(target.index, Const) or target in subexpressions(value)
    if isinstance(kind, RecordOf) and not there and not kind.holds(scope.kind(target.index)):
        return "what is put into a dict under a key that may be new cannot be differentiated"
    part = isinstance(target.index, Slice) and target.index != Slice() and not keeps_length(value, target)
    if isinstance(kind, HOLDERS) and part:
        return "an assignment to a slice of a list cannot be differentiated"
    return ""


def keeps_length(value: Expr, target: Expr) -> bool:
    """Whether what is written to a slice of a list is as long as what was there: `added(xs[1:], …)`."""
    while isinstance(value, Call) and value.fn in (SUPPORT + "copied", "builtins.list"):
        value = value.args[0]
    return isinstance(value, Call) and value.fn == SUPPORT + "added" and value.args[0] == target


def is_mask(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.dtype == "b"


def target_kind_is_number(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.rank == 0


def apart(place: Expr, other: Expr) -> bool:
    """Whether two places in one variable are surely different elements: `rows[0]` and `rows[2][1]`."""
    return any(a != b for a, b in zip(_positions(place), _positions(other), strict=False))


def _positions(place: Expr) -> list[int | str]:
    """The constant positions and keys with which a place begins, the outermost first."""
    items: list[Expr] = []
    while isinstance(place, Index):
        items[:0] = indices(place.index)
        place = place.base
    found: list[int | str] = []
    for item in items:
        match item:
            case Const(value=str(key)):
                found.append(key)
            case Const(value=int(k)) if type(k) is int and k >= 0:
                found.append(k)
            case _:
                break
    return found
