"""The adjoint of a call of a user function: its backward sweep."""

from __future__ import annotations

from adtrans.algebra import ZERO
from adtrans.ir import (
    Assign,
    Call,
    Expr,
    ExprStmt,
    Name,
    Stmt,
    Tuple,
)
from adtrans.reverse.rules import Ruled, Rules
from adtrans.reverse.zeros import real
from adtrans.walk import names


class Calls(Rules):
    """Calls of user functions."""

    __slots__ = ()

    def call(self, stmt: Stmt, call: Call, target: Expr | None) -> list[Stmt]:
        """The call of a user function: its backward sweep, with the adjoints of its results."""
        assert self.callee is not None
        written = self.dependence.written(call, self.ranks.scope(stmt))
        bound = names(target) if target is not None else frozenset()
        live = (bound | written) & self.activity.useful[stmt]
        work = self.adjoints(stmt)
        # What the callee writes into may start to vary there: its adjoint goes through the call all the same.
        begun = written & live & self.activity.varied_after[stmt]
        active = tuple(
            self.dependence.passes(call.fn, k) and (work.varies(a) or (isinstance(a, Name) and a.id in begun))
            for k, a in enumerate(call.args)
        )
        if not live or not any(active):
            return []
        if not live & self.activity.varied_after[stmt]:
            return []
        kinds = tuple(work.scope.kind(a) for a in call.args)
        targets = (target.elts if isinstance(target, Tuple) else (target,)) if target is not None else ()
        wanted = tuple(
            isinstance(t, Name)
            and t.id in self.activity.useful[stmt]
            and t.id in self.activity.varied_after[stmt]
            for t in targets
        )
        callee = self.callee(call, kinds, active, wanted)
        if callee.rule is not None and target is not None:
            lines = self.by_rule(work, Ruled(stmt, call, target, callee, callee.rule, kinds))
            return lines + self.flush(stmt, work, gone="", own_last=None, overwritten=bound)
        if callee.keeps:
            self.keep(stmt, call, target, callee)
        lines = []
        args: list[Expr] = [targets[k] for k in callee.reads]
        args += [call.args[k] for k in callee.needs]
        if callee.keeps:
            args.append(Name(self.kept(stmt, call)))
        shared = {arg.id: kinds[k] for k in callee.shared if isinstance(arg := call.args[k], Name)}
        for k in callee.results:
            elt = targets[k]
            assert isinstance(elt, Name)
            seed = self.result_seed(elt, self.ranks.scope_after(stmt).kind(elt))
            if elt.id in shared:  # `y = g(y)`: the adjoint of the old y is another array.
                aside = Name(self.fresh(f"{elt.id}_new_bar"))
                lines.append(Assign(target=aside, value=seed))
                seed = aside
            args.append(seed)
        for name, kind in shared.items():
            if name not in self.shared and (name not in self.activity.useful[stmt] or name in bound):
                lines.append(self.start(name, kind))
        args += [Name(self.bar(call.args[k].id)) for k in callee.shared]  # type: ignore[attr-defined]
        backward = Call(callee.backward, tuple(args))
        if not callee.returned:
            return [*lines, ExprStmt(value=backward)]
        parts: list[Expr] = []
        for k in callee.returned:
            arg = call.args[k]
            word = arg.id if isinstance(arg, Name) else callee.params[k]
            parts.append(work.bind(f"{word}_part" if isinstance(arg, Name) else word, ZERO, real(kinds[k])))
        work.statements.clear()
        lines.append(Assign(target=parts[0] if len(parts) == 1 else Tuple(tuple(parts)), value=backward))
        for k, part in zip(callee.returned, parts, strict=True):
            work.collect(call.args[k], part)
        lines += work.statements
        lines += self.flush(stmt, work, gone="", own_last=None, overwritten=bound, started=frozenset(shared))
        return lines
