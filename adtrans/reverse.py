"""Reverse mode, first half: the adjoint of every statement, in a tree that mirrors the program.

    y = y * np.sin(x)      gives      x_bar += y_bar * y * np.cos(x)
                                      y_bar = y_bar * np.sin(x)

The tree keeps the primal statement beside its adjoint. `record.py` then decides how the values
that the adjoints read are brought back, and writes the two sweeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from adtrans import algebra
from adtrans.adjoints import Adjoints, Contribution, accumulate, repeating
from adtrans.algebra import ZERO, number
from adtrans.analyses.activity import GROWING, Activity, Dependence, inert
from adtrans.analyses.binding import Bound, bound, guarded
from adtrans.analyses.expressions import SUPPORT, Scope
from adtrans.analyses.ranks import Ranks, last_kinds, root
from adtrans.brackets import mirrored, pairs
from adtrans.carried import FOLLOW, way_out
from adtrans.errors import Diagnostic
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Comprehension,
    Const,
    Dict,
    Enter,
    Expr,
    ExprStmt,
    For,
    Function,
    Global,
    If,
    Index,
    List,
    Name,
    Op,
    Slice,
    Stmt,
    Tuple,
    Verbatim,
    While,
)
from adtrans.kinds import (
    ANY,
    COMPLEX,
    FLOAT,
    HOLDERS,
    NONE,
    UNSURE,
    Array,
    Kind,
    ListOf,
    Mapped,
    Plain,
    RecordOf,
    TupleOf,
    dtypes_in,
    is_number,
    map_parts,
    may_be_complex,
    may_vary,
)
from adtrans.names import Names
from adtrans.structures import parts_of, unknown_part
from adtrans.walk import names, reads, subexpressions

NOUGHT = Const(0.0)


@dataclass(slots=True)
class Leaf:
    """A simple statement and its adjoint."""

    stmt: Stmt
    back: Block = ()


@dataclass(slots=True)
class Branch:
    """An If; the zeros end the backward pass through each of its blocks."""

    stmt: If
    body: list[Node]
    orelse: list[Node]
    body_zeros: Block = ()
    orelse_zeros: Block = ()


@dataclass(slots=True)
class Loop:
    """A loop; `before` starts adjoints ahead of its backward pass, `end` closes each round of it."""

    stmt: For | While
    body: list[Node]
    before: Block = ()
    end: Block = ()


Node = Leaf | Branch | Loop


def has_back(node: Node) -> bool:
    """Whether a node has a backward sweep."""
    match node:
        case Leaf(back=back):
            return bool(back)
        case Branch():
            return bool(node.body_zeros or node.orelse_zeros) or any(
                map(has_back, (*node.body, *node.orelse))
            )
        case Loop():
            return bool(node.before or node.end) or any(map(has_back, node.body))


@dataclass(slots=True)
class Callee:
    """How the derivative of a user function is called, for one signature and one set of active arguments.

    `forward` is called in the forward sweep (the function itself where `keeps` is False);
    `backward` takes the arguments `needs` (positions), what was kept, the adjoints of the results,
    and updates in place the adjoints of the arguments `shared`; it returns those of `returned`.
    """

    forward: str
    backward: str
    keeps: bool
    needs: tuple[int, ...]
    results: tuple[int, ...]
    shared: tuple[int, ...]
    returned: tuple[int, ...]
    params: tuple[str, ...]
    writes: tuple[int, ...]
    """The arguments of `backward`, by position, that it brings back to what they were before the call."""


CalleeFor = Callable[[Call, tuple[Kind, ...], tuple[bool, ...], tuple[bool, ...]], Callee]


@dataclass(slots=True)
class Reverse:
    """Everything that the adjoint of one function needs."""

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

    def __post_init__(self) -> None:
        self.bound = bound(self.function)
        self.anywhere = last_kinds(self.ranks)
        self.mixed = mixed(self.ranks)

    def bar(self, name: str) -> str:
        """`x_bar`, or with an underscore where that is taken."""
        if name not in self.bars:
            self.bars[name] = self.names.fresh(f"{name.rstrip('_') or name}_bar")
        return self.bars[name]

    def fresh(self, base: str) -> str:
        name = self.names.fresh(base)
        self.locals.add(name)
        return name

    # --------------------------------------------------------------- blocks

    def block(self, block: Block) -> list[Node]:
        nodes = [self.node(stmt) for stmt in block]
        for first, last in pairs(nodes, lambda node: node.stmt):
            enter = nodes[first].stmt
            if isinstance(enter, Enter) and enter.again and any(map(has_back, nodes[first:last])):
                closing, opening = mirrored(enter)
                nodes[first] = Leaf(enter, (closing,))
                nodes[last] = Leaf(nodes[last].stmt, (opening,))
        return nodes

    def node(self, stmt: Stmt) -> Node:
        match stmt:
            case If(body=body, orelse=orelse):
                zeros = self.activity.adjoint_zeros[stmt]
                return Branch(
                    stmt,
                    self.block(body),
                    self.block(orelse),
                    self.zeros(zeros.body, stmt, self.bound.before[stmt]),
                    self.zeros(zeros.orelse, stmt, self.bound.before[stmt]),
                )
            case For() | While():
                refused = self.activity.refused_loop(stmt)
                if refused is not None:
                    self.report.append(refused)
                zeros = self.activity.adjoint_zeros[stmt]
                before = self.zeros(zeros.before, stmt, self.bound.after[stmt])
                return Loop(
                    stmt, self.block(stmt.body), before, self.zeros(zeros.body, stmt, self.bound.before[stmt])
                )
        back = self.statement(stmt)
        back += self.missing(stmt, back)
        return Leaf(self.replaced.get(stmt, stmt), tuple(back))

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
        return Assign(target=Name(self.bar(name)), value=zero_like(Name(name), kind))

    # ----------------------------------------------------------- statements

    def statement(self, stmt: Stmt) -> list[Stmt]:
        """The adjoint of a simple statement; empty where nothing flows."""
        match stmt:
            case Assign(target=target, value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call, target)
            case ExprStmt(value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call, None)
            case Assign(target=Name() as target, value=Call(fn="list.pop") as pop):
                return self.pop(stmt, target, pop)
            case ExprStmt(value=Call(fn="list.pop") as pop):
                return self.pop(stmt, None, pop)
            case Assign(target=target, value=value):
                return self.assign(stmt, target, value)
            case AugAssign(target=target, op=op, value=value):
                return self.augmented(stmt, target, op, value)
            case ExprStmt(value=Call(fn=fn, args=(Name(id=name), *rest)) as call) if fn in GROWING:
                return self.grow(stmt, fn, name, rest, call)
            case ExprStmt(value=Call() as call):
                return self.effect(stmt, call)
            case Verbatim(reads=read, writes=written, why=why):
                live = self.activity.useful[stmt] & set(written)
                if live and self.activity.varied[stmt] & set(read):
                    self.refuse(
                        stmt,
                        f"{why or 'this statement'} changes `{sorted(live)[0]}`, which is differentiated",
                        way_out(why),
                    )
        return []

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

    def assign(self, stmt: Stmt, target: Expr, value: Expr) -> list[Stmt]:
        match target:
            case Name(id=name):
                if name not in self.activity.useful[stmt] or name not in self.activity.varied_after[stmt]:
                    return []
                return self.assign_name(stmt, name, value)
            case Index():
                return self.store(stmt, target, value)
            case Tuple(elts=elts):
                return self.assign_parts(stmt, elts, value)
        return []

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

    # ---------------------------------------------------------------- stores

    def store(self, stmt: Stmt, target: Index, value: Expr) -> list[Stmt]:
        """`u[i] = e`: the adjoint of the place goes to e, and ends there."""
        base = root(target)
        if not isinstance(base, Name) or base.id not in self.activity.useful[stmt]:
            return []
        name = base.id
        if name not in self.activity.varied_after[stmt]:
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
        return work.unbroadcast(seed, value, kind)

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

    # ----------------------------------------------------------------- lists

    def grow(self, stmt: Stmt, fn: str, name: str, rest: list[Expr], call: Call) -> list[Stmt]:
        """`ys.append(e)`: the last adjoint is taken off the list and goes to e."""
        if name not in self.activity.useful[stmt] or name not in self.activity.ever_varied:
            return []
        position = number(rest[0]) if fn == "list.insert" else None
        if fn != "list.append" and not isinstance(position, int):
            self.refuse(stmt, f"this `.{fn[5:]}` of a list that is differentiated is not supported")
            return []
        work = self.adjoints(stmt)
        where = () if position is None else (Const(position if position >= 0 else position - 1),)
        popped = Call("list.pop", (Name(self.bar(name)), *where), style="method", spelled="pop")
        value = rest[-1]
        if not work.varies(value):
            return [ExprStmt(value=popped)]
        seed: Expr = popped
        if not isinstance(value, (Name, Index)):
            seed = work.bind("item", popped, real(work.scope.kind(value)))
        held = work.scope.kind(Index(Name(name), Const(0)))
        work.collect(value, work.real_where(seed, held, value))
        return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]

    def pop(self, stmt: Stmt, target: Name | None, call: Call) -> list[Stmt]:
        """`y = ys.pop()`: the adjoint of y goes back onto the list."""
        source = call.args[0]
        if not isinstance(source, Name) or source.id not in self.activity.useful_before[stmt]:
            return []
        if source.id not in self.activity.varied[stmt]:
            return []
        after = self.ranks.scope_after(stmt)
        before = self.ranks.scope(stmt)
        record = before.kind(source)
        last: Expr = call.args[1] if len(call.args) > 1 else Op("neg", (Const(1),))
        position = number(last)
        if not isinstance(record, RecordOf) and not isinstance(position, int):
            self.refuse(
                stmt, "`.pop(i)` of a list that is differentiated, with an index that is not constant,"
            )
            return []
        if isinstance(record, RecordOf) and (not record.keys or last != Const(record.keys[-1])):
            self.refuse(
                stmt, "`.pop(key)` of a dict that is differentiated, of a key that is not its last one"
            )
            return []
        if target is not None and target.id in self.activity.useful[stmt]:
            value: Expr = Name(self.bar(target.id))
        else:
            gone = Index(source, last) if target is None else target
            value = part_zero(gone, (before if target is None else after).kind(gone), List)
        if isinstance(record, RecordOf):
            place = Index(Name(self.bar(source.id)), last)
            started = source.id in self.activity.useful[stmt]
            starts = [] if started else [self.start(source.id, after.kind(source))]
            return [*starts, Assign(target=place, value=value)]
        if source.id not in self.activity.useful[stmt]:
            # The list has its adjoint from here on: zeros as before the pop, but for what was popped.
            place = Index(Name(self.bar(source.id)), last)
            return [self.start(source.id, after.kind(source)), Assign(target=place, value=value)]
        bar = Name(self.bar(source.id))
        if (
            isinstance(position, int) and position != -1
        ):  # Where it was: `pop(-2)` is undone by `insert(-1, …)`.
            where = Const(position if position >= 0 else position + 1)
            put = Call("list.insert", (bar, where, value), style="method", spelled="insert")
        else:
            put = Call("list.append", (bar, value), style="method", spelled="append")
        return [ExprStmt(value=put)]

    def effect(self, stmt: Stmt, call: Call) -> list[Stmt]:
        """A library call for its effect."""
        from adtrans.walk import changes

        live = changes(stmt) & self.activity.useful[stmt] & self.activity.ever_varied
        if not live:
            return []
        if call.fn == "numpy.add.at" and isinstance(call.args[0], Name):
            array, index, value = call.args
            work = self.adjoints(stmt)
            assert isinstance(array, Name)
            place = Index(Name(self.bar(array.id)), index)
            if work.varies(value):
                kind = work.scope.kind(Index(array, index))
                work.collect(value, work.unbroadcast(work.real_where(place, kind, value), value, kind))
            return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]
        self.refuse(
            stmt,
            f"`{call.spelled or call.fn}` changes `{sorted(live)[0]}`, which is differentiated, "
            "in a way that is not supported",
        )
        return []

    # ----------------------------------------------------------------- calls

    def call(self, stmt: Stmt, call: Call, target: Expr | None) -> list[Stmt]:
        """The call of a user function: its backward sweep, with the adjoints of its results."""
        assert self.callee is not None
        written = self.dependence.written(call, self.ranks.scope(stmt))
        bound = names(target) if target is not None else frozenset()
        live = (bound | written) & self.activity.useful[stmt]
        work = self.adjoints(stmt)
        # What the callee writes into may start to vary there: its adjoint goes through the call all the same.
        begun = written & live & self.activity.varied_after[stmt]
        active = tuple(work.varies(a) or (isinstance(a, Name) and a.id in begun) for a in call.args)
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
        if callee.keeps:
            self.keep(stmt, call, target, callee)
        lines: list[Stmt] = []
        args: list[Expr] = [call.args[k] for k in callee.needs]
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

    kept_names: dict[Stmt, str] = field(default_factory=dict)
    replaced: dict[Stmt, Stmt] = field(default_factory=dict)

    # ------------------------------------------------------------ writing out

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
            term = algebra.total(terms)
            kind = work.scope.kind(found)
            if isinstance(term, type(ZERO)):  # The contributions cancel.
                if name not in exists:
                    into.append(self.start(name, kind))
                    exists.add(name)
            elif isinstance(place, Index):
                if name not in exists:
                    into.append(self.start(name, kind))
                    exists.add(name)
                into.extend(self.add_at(work, place, bar, term))
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
            term = None if terms is None else algebra.total(terms)
            if term is None or isinstance(term, type(ZERO)):
                elts.append(part_zero(place, elem, List))
            else:
                elts.append(self.order(work, work.settle(term)))
        if own:
            return None  # `p[0][i]` and the like are added to.
        value = Dict(kind.keys, tuple(elts)) if isinstance(kind, RecordOf) else List(tuple(elts))
        return Assign(target=Name(self.bar(name)), value=value)

    def add_at(self, work: Adjoints, place: Index, bar: Expr, term: Expr) -> list[Stmt]:
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
        if isinstance(work.scope.kind(base), ListOf) and not (isinstance(kind, Array) and kind.rank == 0):
            value = self.order(work, work.settle(term))
            return [Assign(target=bar, value=algebra.add(bar, value))]
        return [accumulate(bar, self.order(work, work.settle_into(term)), work.scope)]

    def add_whole(self, work: Adjoints, name: str, bar: Expr, term: Expr, kind: Kind) -> list[Stmt]:
        if isinstance(kind, (TupleOf, RecordOf)) and isinstance(term, Name):
            return self.add_part(work, bar, term, real(kind))
        if not isinstance(kind, Array):
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


def creates(target: Expr, scope: Scope) -> bool:
    """Whether a store puts something under a new key of a record."""
    if not isinstance(target, Index) or not isinstance(target.index, Const):
        return False
    held = scope.kind(target.base)
    return isinstance(held, RecordOf) and held.at(target.index.value) is None


def root_name(place: Expr) -> str:
    """`u` of `u[i][j]`."""
    found = root(place)
    assert isinstance(found, Name)
    return found.id


def mixed(ranks: Ranks) -> frozenset[str]:
    """The variables that are real on one path and complex on another."""
    tables = (*ranks.before.values(), *ranks.after.values())
    return frozenset(n for env in tables for n, kind in env.items() if "*" in dtypes_in(kind))


def no_store(target: Index, value: Expr, scope: Scope) -> str:
    """Why what is written to a place cannot be followed; empty where it can."""
    kind = scope.kind(target.base)
    if may_be_complex(scope.kind(value)) and isinstance(kind, Array) and not may_be_complex(kind):
        return "a complex value is written into an array of real numbers, which keeps its real part only"
    if why := unknown_part(target.base, scope.kind):
        return f"what is written into {why} cannot be differentiated"
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
    while isinstance(value, Call) and value.fn == SUPPORT + "copied":
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
        items[:0] = place.index.elts if isinstance(place.index, Tuple) else (place.index,)
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


def rebased(place: Expr, new: Name) -> Expr:
    """`x_bar[i][j]` for `x[i][j]`."""
    if isinstance(place, Index):
        return Index(rebased(place.base, new), place.index)
    return new


def copied(place: Expr) -> Expr:
    return Call("numpy.copy", (place,), style="method", spelled="copy")


def real(kind: Kind) -> Kind:
    """The kind of the adjoint of a value: floats, of its shape."""
    match kind:
        case Array(dtype=dtype, shape=shape, like=like):
            return Array("f8" if dtype in ("i", "b") else dtype, shape, like=like)
        case RecordOf(keys=keys, elems=elems):
            return RecordOf(keys, tuple(map(real_part, elems)))
        case TupleOf(elems=elems):
            return TupleOf(tuple(map(real_part, elems)))
    return map_parts(kind, real)


def real_part(kind: Kind) -> Kind:
    """The same for a part of a tuple or record: that of an index or a flag is None."""
    return real(kind) if may_vary(kind) else NONE


NUMBERS = {"f4": "np.float32", "c16": "complex", "c8": "np.complex64", "c": "complex", "*": "complex"}
"""What the zeros are for an array that may be None."""


def zero_like(value: Expr, kind: Kind, display: type[List | Tuple] = List) -> Expr:
    """Zero of the shape of a value; the adjoint of a tuple is a list, so that its parts can be added to."""
    match kind:
        case Array(rank=0, dtype=dtype):
            return Const(0j if dtype in COMPLEX else 0.0)
        case ListOf(none=True) | TupleOf(none=True) | RecordOf(none=True):
            return Call(SUPPORT + "zero_of", (value,))
        case ListOf(elem=Array(rank=0) as elem):
            return Op("*", (List((zero_like(value, elem),)), Call("builtins.len", (value,))))
        case ListOf(elem=elem):
            item = Name("item")
            return Comprehension(part_zero(item, elem or FLOAT, display), item, value)
        case TupleOf() | RecordOf():
            elts = tuple(part_zero(place, e, display) for place, e in parts_of(value, kind))
            if isinstance(kind, RecordOf):
                return Dict(kind.keys, elts)
            return List(elts) if kind.mutable else display(elts)
        case Array(dtype=dtype, none=True):  # Of None it is the number: an adjoint that nobody reads.
            typed = Global(NUMBERS.get(dtype, "float"))
            return Call("numpy.zeros_like", (value,), (("dtype", typed),))
        case Array():
            return Call("numpy.zeros_like", (value,))
        case Plain(name="None"):
            return Const(None)
    return Call(SUPPORT + "zero_of", (value,))


def part_zero(value: Expr, kind: Kind, display: type[List | Tuple]) -> Expr:
    """Zero of a part of something that varies; None where the part itself cannot."""
    return zero_like(value, kind, display) if may_vary(kind) else Const(None)
