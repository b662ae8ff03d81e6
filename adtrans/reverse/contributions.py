"""Contributions to adjoints as statements: `=` starts one, `+=` adds to it."""

from __future__ import annotations

from dataclasses import replace

from adtrans import algebra
from adtrans.adjoints import Adjoints, accumulate
from adtrans.algebra import ZERO
from adtrans.analyses.expressions import SUPPORT
from adtrans.analyses.ranks import root
from adtrans.ir import (
    Assign,
    AugAssign,
    Call,
    Const,
    Dict,
    Expr,
    Index,
    List,
    Name,
    Op,
    Slice,
    Stmt,
    Tuple,
)
from adtrans.kinds import (
    HOLDERS,
    Array,
    Kind,
    ListOf,
    RecordOf,
    TupleOf,
    may_vary,
    rank,
)
from adtrans.places import copies
from adtrans.reverse.base import Base
from adtrans.reverse.zeros import part_zero, real, rebased
from adtrans.structures import parts_of


class Contributions(Base):
    """Writes out what the expressions of a statement contribute."""

    __slots__ = ()

    def flush(
        self,
        stmt: Stmt,
        work: Adjoints,
        *,
        gone: str,
        own_last: str | None,
        overwritten: frozenset[str] = frozenset(),
        started: frozenset[str] = frozenset(),
    ) -> list[Stmt]:
        """Contributions as statements: `=` starts an adjoint, `+=` adds, the target's own comes last.

        `gone` is the target of the assignment: its old adjoint has been used up. `started` are
        adjoints that this statement's lines have started already.
        """
        exists = set(self.activity.useful[stmt]) - {gone} - overwritten | started
        exists |= {n for n in self.shared if n != gone or n in self.shared}
        lines: list[Stmt] = []
        late: list[Stmt] = []
        places: dict[Expr, list[Expr]] = {}
        for c in work.contributions:
            places.setdefault(c.place, []).append(c.term)
        ordered = sorted(places.items(), key=lambda item: isinstance(item[0], Index))  # whole names first
        for name in dict.fromkeys(c.name for c in work.contributions):
            started_parts = None if name in exists else self.start_parts(work, name, places)
            if started_parts is not None:
                (late if name == own_last else lines).append(started_parts)
                exists.add(name)
                ordered = [(p, t) for p, t in ordered if root_name(p) != name]
        for place, terms in ordered:
            found = root(place)
            assert isinstance(found, Name)
            name = found.id
            bar = rebased(place, Name(self.bar(name)))
            into = late if name == own_last else lines
            kind = work.scope.kind(found)
            term = self.together(work, work.scope.kind(place), terms)
            if isinstance(term, type(ZERO)):  # The contributions cancel.
                if name not in exists:
                    into.append(self.start(name, kind))
                    exists.add(name)
            elif isinstance(place, Index):
                if name not in exists:
                    into.append(self.start(name, kind))
                    exists.add(name)
                into.extend(self.add_at(stmt, work, place, bar, term))
            elif name in exists:
                into.extend(self.add_whole(work, name, bar, term, kind))
            else:
                value = self.order(work, work.settle(term))
                if value != bar:
                    into.append(Assign(target=bar, value=value))
                exists.add(name)
        return [*lines, *late]

    def start_parts(self, work: Adjoints, name: str, places: dict[Expr, list[Expr]]) -> Stmt | None:
        """`p_bar = {"W": W_bar, "b": np.zeros_like(p["b"])}`: it starts with some of its parts."""
        kind = work.scope.kind(Name(name))
        if not isinstance(kind, (TupleOf, RecordOf)):
            return None
        own = {place: terms for place, terms in places.items() if root_name(place) == name}
        elts: list[Expr] = []
        for place, elem in parts_of(Name(name), kind):
            terms = own.pop(place, None)
            term = None if terms is None else self.together(work, elem, terms)
            if term is None or isinstance(term, type(ZERO)):
                elts.append(part_zero(place, elem, List))
            else:
                elts.append(self.order(work, work.settle(term)))
        if own:
            return None  # `p[0][i]` and the like are added to.
        value = Dict(kind.keys, tuple(elts)) if isinstance(kind, RecordOf) else List(tuple(elts))
        return Assign(target=Name(self.bar(name)), value=value)

    def together(self, work: Adjoints, kind: Kind, terms: list[Expr]) -> Expr:
        """The sum of what flows into one place; of lists and their like part by part."""
        if not isinstance(kind, HOLDERS):
            return algebra.total(terms)
        first, *others = [term for term in terms if not isinstance(term, type(ZERO))] or [ZERO]
        for other in others:
            first = Call(SUPPORT + "added", (work.settle(first), work.settle(other)))
        return first

    def add_at(self, stmt: Stmt, work: Adjoints, place: Index, bar: Expr, term: Expr) -> list[Stmt]:
        base = root(place)
        kind = work.scope.kind(place)
        sliced = isinstance(place.index, Slice) and not isinstance(work.scope.kind(place.base), Array)
        if isinstance(kind, ListOf) or sliced:  # A slice of a list, or of what may be one: item by item.
            return [Assign(target=bar, value=Call(SUPPORT + "added", (bar, work.settle(term))))]
        part = isinstance(work.scope.kind(base), (ListOf, TupleOf, RecordOf)) or isinstance(
            place.index, Const
        )
        if part and not isinstance(work.scope.kind(base), Array) and not isinstance(kind, Array):
            return [Assign(target=bar, value=Call(SUPPORT + "added", (bar, work.settle(term))))]
        whole = not isinstance(work.scope.kind(place.base), Array) and copies(place, work.scope) is False
        if isinstance(work.scope.kind(base), ListOf) and whole and rank(kind) != 0:
            value = self.order(work, work.settle(term))
            return [Assign(target=bar, value=algebra.add(bar, value))]
        items = place.index.elts if isinstance(place.index, Tuple) else ()
        arrays = (
            isinstance(kind, Array)
            or isinstance(work.scope.kind(term), Array)
            or any(isinstance(i, Slice) or i == Const(...) for i in items)  # Only an array takes such.
        )
        if type(work.scope.kind(place.base)) is Kind and not arrays:
            # A number, an array or a container: `+=` would make a list longer.
            if copies(place, work.scope) is not False:
                self.refuse(stmt, "a part of what may be an array or a container cannot be differentiated")
            return [Assign(target=bar, value=Call(SUPPORT + "added", (bar, work.settle(term))))]
        return [accumulate(bar, self.order(work, work.settle_into(term)), work.scope)]

    def add_whole(self, work: Adjoints, name: str, bar: Expr, term: Expr, kind: Kind) -> list[Stmt]:
        if isinstance(kind, (TupleOf, RecordOf)) and isinstance(term, Name):
            return self.add_part(work, bar, term, real(kind))
        if not isinstance(kind, Array) or (kind.none and kind.rank is None):
            whole = Index(bar, Slice()) if name in self.shared else bar
            return [Assign(target=whole, value=Call(SUPPORT + "added", (bar, work.settle(term))))]
        number = (
            kind.rank == 0 and name in self.mixed
        )  # It may be an array of rank 0, of real numbers so far.
        if (kind.rank is not None and not number) or name in self.shared:
            return [accumulate(bar, self.order(work, work.settle_into(term)), work.scope)]
        # Of unknown rank: adding in place could write into somebody else's array.
        return [Assign(target=bar, value=algebra.add(bar, self.order(work, work.settle(term))))]

    def add_part(self, work: Adjoints, place: Expr, term: Expr, kind: Kind) -> list[Stmt]:
        """`d_bar["W"] += part_bar["W"]`, part by part where there are parts."""
        if not may_vary(kind):
            return []
        if isinstance(kind, (TupleOf, RecordOf)):
            pairs = zip(parts_of(place, kind), parts_of(term, kind), strict=True)
            return [line for (p, k), (t, _) in pairs for line in self.add_part(work, p, t, k)]
        if isinstance(kind, Array) and kind.rank is not None:
            return [AugAssign(target=place, op="+", value=term)]
        return [Assign(target=place, value=Call(SUPPORT + "added", (place, term)))]

    def order(self, work: Adjoints, expr: Expr) -> Expr:
        """The factors of each term in the order in which a person writes them."""
        match expr:
            case Op(op="+" | "-" as op, args=(a, b)):
                return Op(op, (self.order(work, a), self.order(work, b)))
            case Call(fn="numpy.real", args=(a,)):
                return replace(expr, args=(self.order(work, a),))
        bars = set(self.bars.values()) | self.locals

        def is_seed(e: Expr) -> bool:
            found = root(e)
            return isinstance(found, Name) and found.id in bars

        def is_scalar(e: Expr) -> bool:
            kind = work.scope.kind(e)
            return isinstance(kind, Array) and kind.rank == 0

        p = algebra.product(expr)
        if len(p.num) + len(p.den) < 2 and p.coef in (1, -1):
            return expr
        return algebra.seed_last(p, is_seed, is_scalar)


def root_name(place: Expr) -> str:
    """`u` of `u[i][j]`."""
    found = root(place)
    assert isinstance(found, Name)
    return found.id
