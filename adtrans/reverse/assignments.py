"""The adjoint of `y = e`: that of y goes to what e is made of, and ends there."""

from __future__ import annotations

from adtrans.ir import (
    Assign,
    Expr,
    Index,
    Name,
    Stmt,
    Tuple,
)
from adtrans.reverse.contributions import Contributions
from adtrans.reverse.zeros import zero_like
from adtrans.walk import names


class Assignments(Contributions):
    """Assignments to names, and to the parts of what a call gives."""

    __slots__ = ()

    def assign_name(self, stmt: Stmt, name: str, value: Expr) -> list[Stmt]:
        own = name in names(value)
        work = self.adjoints(stmt, None if own else Name(name))
        seed: Expr = Name(self.bar(name))
        if name in self.shared:
            seed = self.take_out(work, seed, name)
        seed = self.part(work, seed, name, value)
        work.collect(value, seed, top=True)
        if name not in self.shared and any(
            c.name == name and isinstance(c.place, Index) for c in work.contributions
        ):
            # The variable's own adjoint is needed whole while it is being made: set it aside.
            work = self.adjoints(stmt)
            aside = Name(self.fresh(f"{name}_new_bar"))
            work.statements.append(Assign(target=aside, value=seed))
            work.scope.names = {**work.scope.names, aside.id: work.scope.kind(seed)}
            work.collect(value, aside, top=True)
            return [*work.statements, *self.flush(stmt, work, gone=name, own_last=None)]
        return [*work.statements, *self.flush(stmt, work, gone=name, own_last=name)]

    def assign_parts(self, stmt: Stmt, elts: tuple[Expr, ...], value: Expr) -> list[Stmt]:
        """Several results of one library call, such as `np.linalg.slogdet`."""
        live = [isinstance(e, Name) and e.id in self.activity.useful[stmt] for e in elts]
        if not any(live) or not names(value) & self.activity.varied[stmt]:
            return []
        work = self.adjoints(stmt, Tuple(elts))
        seeds: list[Expr] = []
        for elt, there in zip(elts, live, strict=True):
            assert isinstance(elt, Name)
            kind = work.scope.kind(elt)
            seeds.append(self.result_seed(elt, kind) if there else zero_like(elt, kind))
        work.collect(value, Tuple(tuple(seeds)), top=True)
        return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]
