"""What the adjoints of all kinds of statements of a function share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from adtrans.adjoints import Adjoints
from adtrans.analyses.activity import Activity, Dependence
from adtrans.analyses.binding import Bound, bound, guarded
from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import Ranks, integers_at_times, last_kinds
from adtrans.carried import FOLLOW
from adtrans.errors import Diagnostic
from adtrans.ir import (
    Assign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    Function,
    Index,
    List,
    Name,
    Stmt,
    Tuple,
)
from adtrans.kinds import (
    ANY,
    UNSURE,
    Array,
    Kind,
    ListOf,
    RecordOf,
    TupleOf,
    dtypes_in,
    map_parts,
    may_be_complex,
)
from adtrans.names import Names
from adtrans.reverse.tree import CalleeFor
from adtrans.reverse.zeros import copied, real, start_of
from adtrans.walk import names, reads

NOUGHT = Const(0.0)


@dataclass(slots=True)
class Base:
    """The facts of one function, and the names of its adjoints."""

    function: Function
    ranks: Ranks
    activity: Activity
    dependence: Dependence
    names: Names
    report: list[Diagnostic]
    callee: CalleeFor | None = None
    bars: dict[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    locals: set[str] = field(default_factory=set)
    temporaries: dict[str, Kind] = field(default_factory=dict)
    guards: list[str] = field(default_factory=list)
    bound: Bound = field(init=False)
    anywhere: dict[str, Kind] = field(init=False)
    mixed: frozenset[str] = field(init=False)
    """The variables that are real on one path and complex on another."""
    integers: frozenset[str] = field(init=False)
    kept_names: dict[Stmt, str] = field(default_factory=dict)
    replaced: dict[Stmt, Stmt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bound = bound(self.function)
        self.anywhere = last_kinds(self.ranks)
        self.mixed = mixed(self.ranks)
        self.integers = integers_at_times(self.ranks)

    def bar(self, name: str) -> str:
        """`x_bar`, or with an underscore where that is taken."""
        if name not in self.bars:
            self.bars[name] = self.names.fresh(f"{name.rstrip('_') or name}_bar")
        return self.bars[name]

    def fresh(self, base: str) -> str:
        name = self.names.fresh(base)
        self.locals.add(name)
        return name

    def missing(self, stmt: Stmt, back: list[Stmt]) -> list[Stmt]:
        """Adjoints that must exist from here on, although this statement gave them nothing: zero."""
        made = {s.target.id for s in back if isinstance(s, Assign) and isinstance(s.target, Name)}
        new = self.activity.useful_before[stmt] - self.activity.useful[stmt] - self.shared
        scope = self.ranks.scope(stmt)
        return [
            self.start(name, scope.kind(Name(name)))
            for name in sorted(new & self.activity.varied[stmt])
            if self.bar(name) not in made
        ]

    def zeros(self, which: tuple[str, ...], stmt: Stmt, bound: frozenset[str]) -> Block:
        """Adjoints that start where control flow meets: of variables that may have no value there."""
        scope = self.ranks.scope(stmt)
        after = self.ranks.scope_after(stmt)
        made = []
        for name in which:
            if name in self.shared:
                continue  # The caller's array is there already, and may hold more than ours.
            kind = scope.names.get(name) or after.kind(Name(name))
            if name not in bound:
                kind = guarded(name, kind, self.anywhere.get(name, ANY), self.guards)
            made.append(self.start(name, kind))
        return tuple(made)

    def start(self, name: str, kind: Kind) -> Stmt:
        """`x_bar = np.zeros_like(x)`, or what fits the kind."""
        return Assign(target=Name(self.bar(name)), value=start_of(name, kind, self.integers))

    def refuse(self, stmt: Stmt, message: str, help_: str = FOLLOW) -> None:
        self.report.append(
            Diagnostic(
                "AD203",
                message,
                stmt.span,
                help=help_,
            )
        )

    def adjoints(self, stmt: Stmt, result: Expr | None = None) -> Adjoints:
        scope = self.ranks.scope(stmt)
        after = self.ranks.scope_after(stmt)
        kinds: dict[str, Kind | None] = dict(scope.names)
        mentioned = reads(stmt) | self.ranks.after.get(stmt, {}).keys()
        for name in sorted(mentioned & self.activity.ever_varied):
            kinds[self.bar(name)] = self.kind_of_bar(name, after.kind(Name(name)))
        if result is not None:
            kinds.update({name: after.kind(Name(name)) for name in names(result)})
        return Adjoints(
            Scope(kinds, scope.globals, scope.call, scope.found),
            self.activity.varied[stmt],
            self.dependence,
            self.fresh,
            self.report,
            result,
            reals=self.temporaries,
        )

    def kind_of_bar(self, name: str, kind: Kind) -> Kind:
        """The kind of the adjoint of a variable of this kind."""
        match kind:
            case Array() if name in self.mixed:
                return replace(kind, dtype="*", python=False)
            case ListOf() | TupleOf() | RecordOf() if name in self.mixed:
                return map_parts(kind, lambda part: self.kind_of_bar(name, part))
        return real(kind)

    def part(self, work: Adjoints, seed: Expr, name: str, value: Expr) -> Expr:
        """The adjoint of a value that is put into a variable: the real part of a variable's that holds
        complex numbers on another path, if this value is real."""
        if name not in self.mixed or isinstance(value, (List, Tuple, Dict)):  # A display looks at each part.
            return seed
        return work.real_where(seed, UNSURE, value)

    def held(self, base: Expr, kind: Kind) -> Kind:
        """What may be held in a place of this kind: its adjoint is of that kind."""
        return UNSURE if isinstance(base, Name) and base.id in self.mixed else kind

    def result_seed(self, elt: Name, after: Kind) -> Expr:
        """The adjoint of one of several results, of this kind."""
        bar = Name(self.bar(elt.id))
        return Call("numpy.real", (bar,)) if elt.id in self.mixed and not may_be_complex(after) else bar

    def take_out(self, work: Adjoints, place: Expr, name: str, zero: Expr = NOUGHT) -> Expr:
        """`u_seed = u_bar[i].copy()`, then `u_bar[i] = 0.0`: for indices that may coincide."""
        kind = work.scope.kind(place)
        aside = Name(self.fresh(f"{name}_seed"))
        self.temporaries[aside.id] = kind
        value = place if isinstance(kind, Array) and kind.rank == 0 else copied(place)
        work.statements.append(Assign(target=aside, value=value))
        work.scope.names = {**work.scope.names, aside.id: kind}
        whole = place if isinstance(place, Index) else Index(place, Const(...))
        work.statements.append(Assign(target=whole, value=zero))
        return aside


def mixed(ranks: Ranks) -> frozenset[str]:
    """The variables that are real on one path and complex on another."""
    tables = (*ranks.before.values(), *ranks.after.values())
    return frozenset(n for env in tables for n, kind in env.items() if "*" in dtypes_in(kind))
