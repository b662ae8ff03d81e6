"""The adjoint of a call of a function that has a derivative rule of the user's."""

from __future__ import annotations

from dataclasses import dataclass

from adtrans.adjoints import Adjoints
from adtrans.algebra import ZERO
from adtrans.ir import Assign, Call, Const, Expr, Name, Op, Stmt, Tuple
from adtrans.kinds import Array, Kind, may_vary
from adtrans.ownership import copy_of
from adtrans.reverse.effects import Effects
from adtrans.reverse.tree import ByRule, Callee
from adtrans.reverse.zeros import real, zero_like


@dataclass(slots=True)
class Ruled:
    """A call by a rule: the statement, what it binds, and how the rule is used."""

    stmt: Stmt
    call: Call
    target: Expr
    callee: Callee
    rule: ByRule
    kinds: tuple[Kind, ...]


class Rules(Effects):
    """Calls that a rule differentiates."""

    __slots__ = ()

    def by_rule(self, work: Adjoints, ruled: Ruled) -> list[Stmt]:
        """`(x_part, _) = f_bwd(f_kept, y_bar)`, and what each argument gets of it."""
        call, callee, rule = ruled.call, ruled.callee, ruled.rule
        if not callee.returned:
            return []
        args = self.given(ruled) + self.seeds(ruled)
        parts: dict[int, Name] = {}
        for k in callee.returned:
            arg = call.args[k]
            word = f"{arg.id}_part" if isinstance(arg, Name) else callee.params[k]
            parts[k] = work.bind(word, ZERO, real(ruled.kinds[k]))
        work.statements.clear()
        target = Tuple(tuple(parts.get(k) or self.unused() for k in rule.differentiable))
        lines: list[Stmt] = [Assign(target=target, value=Call(callee.backward, tuple(args)))]
        for place, k in enumerate(rule.differentiable):
            if k in parts:
                part: Expr = parts[k]
                if place in rule.lent:
                    part = unshared(part, real(ruled.kinds[k]))
                work.collect(call.args[k], part)
        return lines + work.statements

    def given(self, ruled: Ruled) -> list[Expr]:
        """The arguments of the backward sweep but for the seed: those of the function, and what was kept."""
        call, rule = ruled.call, ruled.rule
        if rule.form == "vjp":
            args: list[Expr] = [call.args[k] for k in ruled.callee.needs]
        else:
            whole = self.jvp_arguments(ruled)
            args = [whole[k] for k in rule.inner]
        if ruled.callee.keeps:
            args.append(Name(self.keep_by_rule(ruled)))
        return args

    def jvp_arguments(self, ruled: Ruled) -> tuple[Expr, ...]:
        """The arguments of `f_jvp`, with tangents of zero: its adjoint by them is the same everywhere."""
        call, rule = ruled.call, ruled.rule
        primals = tuple(call.args[k] for k in rule.differentiable)
        zeros = tuple(tangent_zero(call.args[k], ruled.kinds[k]) for k in rule.differentiable)
        return (*(call.args[k] for k in rule.nondiff), Tuple(primals), Tuple(zeros))

    def keep_by_rule(self, ruled: Ruled) -> str:
        """`y, f_kept = f_fwd(x)` takes the place of `y = f(x)`; that of `f_jvp` gives a tangent, too."""
        stmt, call, callee = ruled.stmt, ruled.call, ruled.callee
        if ruled.rule.form == "vjp":
            self.keep(stmt, call, ruled.target, callee)
        else:
            value = Tuple((ruled.target, self.unused()))
            self.keep(stmt, Call(call.fn, self.jvp_arguments(ruled)), value, callee)
        return self.kept(stmt, call)

    def seeds(self, ruled: Ruled) -> list[Expr]:
        """The adjoints of the results: for `f_bwd` as the function returns them, with zero where there is
        none; for the backward sweep of `f_jvp` those that there are."""
        after, useful = self.ranks.scope_after(ruled.stmt), self.activity.useful[ruled.stmt]
        varied = self.activity.varied_after[ruled.stmt]
        elts = ruled.target.elts if isinstance(ruled.target, Tuple) else (ruled.target,)
        seeds: list[Expr] = []
        for elt in elts:
            assert isinstance(elt, Name)
            kind = after.kind(elt)
            if elt.id in useful and elt.id in varied:
                seeds.append(self.result_seed(elt, kind))
            elif ruled.rule.form == "vjp":
                seeds.append(zero_like(elt, kind, Tuple) if may_vary(kind) else Const(None))
        return (
            [Tuple(tuple(seeds))] if ruled.rule.form == "vjp" and isinstance(ruled.target, Tuple) else seeds
        )

    def unused(self) -> Name:
        """A name for what nobody reads."""
        return Name(self.fresh("_"))

    def keep(self, stmt: Stmt, call: Call, target: Expr | None, callee: Callee) -> None:
        """`y, g_kept = g_fwd(x)` takes the place of `y = g(x)` in the forward sweep."""
        kept = Name(self.kept(stmt, call))
        both = kept if target is None else Tuple((target, kept))
        new = Assign(
            target=both,
            value=Call(callee.forward, call.args),
            span=stmt.span,
            comments=stmt.comments,
            trailing=stmt.trailing,
            blank_before=stmt.blank_before,
        )
        self.ranks.before[new] = self.ranks.before.get(stmt, {})
        self.ranks.after[new] = self.ranks.after.get(stmt, {})
        self.replaced[stmt] = new

    def kept(self, stmt: Stmt, call: Call) -> str:
        """The name under which the forward sweep keeps what the callee recorded."""
        if stmt not in self.kept_names:
            word = call.fn.rpartition(".")[2]
            self.kept_names[stmt] = self.names.fresh(f"{word}_kept")
        return self.kept_names[stmt]


def tangent_zero(arg: Expr, kind: Kind) -> Expr:
    """The tangent of an argument that stands still."""
    return zero_like(arg, kind, Tuple) if may_vary(kind) else Const(0.0)


def unshared(part: Expr, kind: Kind) -> Expr:
    """A value that shares no memory: of what may be a number, the number."""
    if isinstance(kind, Array) and kind.rank is None:
        return Op("+", (part, Const(0.0)))
    return copy_of(part, kind)
