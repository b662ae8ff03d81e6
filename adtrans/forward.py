"""Forward mode: the tangent of every statement, beside the statement.

    y = y * np.sin(x)      becomes      y_dot = y_dot * np.sin(x) + y * (np.cos(x) * x_dot)
                                        y = y * np.sin(x)

The tangent goes first, because it reads what the statement overwrites; it goes second where the
rule reads the result (`y = np.exp(x)`, `y_dot = y * x_dot`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from adtrans import algebra
from adtrans.adjoints import Adjoints, concatenated, repeating
from adtrans.algebra import ZERO
from adtrans.analyses.activity import Activity, Dependence, rounds
from adtrans.analyses.binding import Bound, guarded
from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import Ranks, integers_at_times, last_kinds, root
from adtrans.applications import NoRule, tangent, write_out
from adtrans.carried import FOLLOW, way_out
from adtrans.errors import Diagnostic
from adtrans.ir import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    ExprStmt,
    For,
    If,
    Index,
    List,
    Name,
    Op,
    Opaque,
    Stmt,
    Tuple,
    Verbatim,
    While,
    Zero,
)
from adtrans.kinds import (
    ANY,
    COMPLEX,
    HOLDERS,
    NONE,
    Array,
    Kind,
    ListOf,
    TupleOf,
    alike,
    as_floats,
    is_cell,
    is_number,
    may_be_complex,
    may_vary,
)
from adtrans.names import Names
from adtrans.ownership import copy_of
from adtrans.places import is_part
from adtrans.record.pieces import at_tails
from adtrans.reverse.rules import tangent_zero, unshared
from adtrans.reverse.stores import no_store
from adtrans.reverse.zeros import part_zero, real, rebased, start_of, zero_like
from adtrans.sharing import shares
from adtrans.structures import contents, unknown_part
from adtrans.walk import GROWING, changes, children, names, nodes, reads, with_children, writes


@dataclass(frozen=True, slots=True)
class TangentCallee:
    """The tangent function of a user function, and which of its results vary. By a rule of the user's it is
    called `f_jvp(*nondiff, primals, tangents)`: with tuples of all arguments but `nondiff`. `lent`: its
    tangents may share memory with what it is given."""

    fn: str
    varied: tuple[bool, ...]
    rule: bool = False
    nondiff: tuple[int, ...] = ()
    lent: bool = False


TangentOf = Callable[[Call, tuple[Kind, ...], tuple[bool, ...]], TangentCallee]


@dataclass(slots=True)
class Forward:
    """Everything that the tangent of one function needs."""

    ranks: Ranks
    activity: Activity
    dependence: Dependence
    bound: Bound
    names: Names
    report: list[Diagnostic]
    callee: TangentOf
    dots: dict[str, str] = field(default_factory=dict)
    lent: frozenset[str] = frozenset()
    """The parameters that are variables of the caller, who sees what is written into their arrays."""
    guards: list[str] = field(default_factory=list)
    anywhere: dict[str, Kind] = field(init=False)
    integers: frozenset[str] = field(init=False)
    known_cells: bool | None = None

    def __post_init__(self) -> None:
        self.integers = integers_at_times(self.ranks)
        self.anywhere = last_kinds(self.ranks)

    def dot(self, name: str) -> str:
        """`x_dot`, or with an underscore where that is taken."""
        if name not in self.dots:
            self.dots[name] = self.names.fresh(f"{name.rstrip('_') or name}_dot")
        return self.dots[name]

    # --------------------------------------------------------------- blocks

    def block(self, block: Block) -> Block:
        return tuple(new for stmt in block for new in self.statement(stmt))

    def statement(self, stmt: Stmt) -> Block:
        match stmt:
            case If(body=body, orelse=orelse):
                zeros = self.activity.tangent_zeros[stmt]
                new = replace(
                    stmt,
                    body=at_tails(self.block(body), self.zeros(zeros.body, stmt, "body", body)),
                    orelse=at_tails(self.block(orelse), self.zeros(zeros.orelse, stmt, "orelse", orelse)),
                )
                return (new,)
            case For() | While():
                refused = self.activity.refused_loop(stmt)
                if refused is not None:
                    self.report.append(refused)
                zeros = self.activity.tangent_zeros[stmt]
                body = at_tails(self.block(stmt.body), self.zeros(zeros.body, stmt, "body", stmt.body))
                return (*self.zeros(zeros.before, stmt), replace(stmt, body=body))
        return self.simple(stmt)

    def zeros(self, which: tuple[str, ...], stmt: Stmt, where: str = "", block: Block = ()) -> Block:
        """Tangents that this path does not make start with zero: of a value that exists."""
        before, after = self.ranks.scope(stmt), self.ranks.scope_after(stmt)
        entry = self.ranks.entry.get(stmt, {})
        bound = set(entry or before.names).union(*map(writes, block))
        wanted = self.activity.useful_before[stmt] if stmt in self.ranks.entry else self.activity.useful[stmt]
        surely = self.bound.ends[stmt, where] if where else self.bound.before[stmt]
        starts = []
        for name in which:
            if name not in wanted or name not in bound:
                continue
            ends = self.ranks.ends.get((stmt, where), {})
            kind = ends.get(name) or before.names.get(name) or after.kind(Name(name))
            if not block and entry.get(name) == NONE:
                kind = NONE
            elif name not in surely:
                kind = guarded(name, kind, self.anywhere.get(name, ANY), self.guards)
            starts.append(self.start(name, kind))
        return tuple(starts)

    def start(self, name: str, kind: Kind) -> Stmt:
        return Assign(target=Name(self.dot(name)), value=start_of(name, kind, self.integers, Tuple))

    # ----------------------------------------------------------- statements

    def simple(self, stmt: Stmt) -> Block:
        match stmt:
            case Assign(target=target, value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call, target)
            case ExprStmt(value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call, None)
            case Assign(target=Name(id=name), value=Call(fn="list.pop", args=(Name(id=source), *rest))):
                return self.pop(stmt, name, source, tuple(rest))
            case ExprStmt(value=Call(fn="list.pop", args=(Name(id=source), *rest))):
                return self.pop(stmt, "", source, tuple(rest))
            case Assign(target=Name(id=name), value=value) if self.live(stmt, name):
                return self.assign(stmt, name, value)
            case Assign(target=Tuple(elts=elts) as target, value=value) if any(
                isinstance(e, Name) and self.live(stmt, e.id) for e in elts
            ):
                work = Tangents(self, stmt, target)
                value_dot = work.whole(value, top=True)
                dots = Tuple(tuple(Name(self.dot(e.id)) for e in elts if isinstance(e, Name)))
                return (stmt, *work.statements, Assign(target=dots, value=value_dot))
            case Assign(target=Index() as target, value=value):
                return self.store(stmt, target, value)
            case AugAssign(target=target, op=op, value=value):
                return self.augmented(stmt, target, op, value)
            case ExprStmt(value=Call(fn=fn, args=(Name(id=name), *rest))) if fn in GROWING:
                return self.grow(stmt, fn, name, rest)
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
        return (stmt,)

    def refuse(self, stmt: Stmt, message: str, help_: str = FOLLOW) -> None:
        self.report.append(
            Diagnostic(
                "AD203",
                message,
                stmt.span,
                help=help_,
            )
        )

    def live(self, stmt: Stmt, name: str) -> bool:
        return name in self.activity.varied_after[stmt] and name in self.activity.useful[stmt]

    def assign(self, stmt: Assign, name: str, value: Expr) -> Block:
        own = name in names(value)
        work = Tangents(self, stmt, None if own else Name(name))
        after = self.ranks.scope_after(stmt).kind(Name(name))
        value_dot = work.complex_if(work.whole(value, top=True), after)
        if isinstance(value_dot, Zero):  # What it depends on has no effect on it after all.
            return (stmt, *work.statements, self.start(name, after))
        target = Assign(target=Name(self.dot(name)), value=self.owned(stmt, name, value, value_dot))
        if work.reads_result:
            return (stmt, *work.statements, target)
        bare = replace(stmt, comments=(), blank_before=False)
        first, *rest = (*work.statements, target)
        return (replace(first, comments=stmt.comments, blank_before=stmt.blank_before), *rest, bare)

    def owned(self, stmt: Stmt, name: str, value: Expr, value_dot: Expr) -> Expr:
        """A fresh value has a fresh tangent; a view has the same view."""
        return own(value_dot, value, self.ranks.scope_after(stmt).kind(Name(name)))

    def store(self, stmt: Stmt, target: Index, value: Expr) -> Block:
        base = root(target)
        if not isinstance(base, Name) or not self.live(stmt, base.id):
            return (stmt,)
        if rounds(target, self.ranks.scope(stmt)):
            return (stmt,)
        work = Tangents(self, stmt, None)
        why = no_store(target, value, work.adjoints.scope)
        if why:
            self.refuse(stmt, why)
            return (stmt,)
        lines = self.begin(stmt, base.id)
        held = isinstance(work.adjoints.scope.kind(target.base), HOLDERS)
        value_dot = work.whole(value) if held else work.term(value)
        place = rebased(target, Name(self.dot(base.id)))
        if isinstance(value_dot, Zero) and held:  # Of the shape of what is put there.
            zero = part_zero(target, self.ranks.scope_after(stmt).kind(target), Tuple)
            return (*lines, *work.statements, stmt, Assign(target=place, value=zero))
        if isinstance(value_dot, Zero):
            value_dot = Const(0.0)
        elif held:
            value_dot = own(value_dot, value, work.adjoints.scope.kind(value))
        return (
            *lines,
            *work.statements,
            Assign(target=place, value=work.adjoints.settle_into(value_dot)),
            stmt,
        )

    def begin(self, stmt: Stmt, name: str) -> list[Stmt]:
        """The tangent of an array that starts to vary here."""
        if name in self.activity.varied[stmt]:
            return []
        return [self.start(name, as_floats(self.ranks.scope(stmt).kind(Name(name))))]

    def augmented(self, stmt: AugAssign, target: Expr, op: str, value: Expr) -> Block:
        base = root(target)
        if not isinstance(base, Name) or not self.live(stmt, base.id):
            return (stmt,)
        scope = self.ranks.scope(stmt)
        kind = scope.kind(base)
        if isinstance(target, Index) and rounds(target, scope):
            return (stmt,)
        if isinstance(target, Index) and (why := no_store(target, target, scope)):
            self.refuse(stmt, why)
            return (stmt,)
        if isinstance(kind, HOLDERS):
            kind = scope.kind(target)
            if not isinstance(target, Index) or not isinstance(kind, Array):
                self.refuse(stmt, "an augmented assignment to a list or a dict cannot be differentiated")
                return (stmt,)
        array = not isinstance(kind, Array) or kind.rank != 0
        lines = self.begin(stmt, base.id)
        work = Tangents(self, stmt, None)
        if base.id not in self.activity.varied[stmt]:
            work.adjoints.varied = work.adjoints.varied | {base.id}
        place = rebased(target, Name(self.dot(base.id)))
        repeats = repeating(target, scope) is not None
        if op in ("+", "-") and not repeats and isinstance(kind, Array) and kind.rank is not None:
            value_dot = work.adjoints.settle_into(work.term(value))
            if isinstance(value_dot, Zero):
                return (*lines, stmt)
            added: Stmt = AugAssign(target=place, op=op, value=value_dot)
            if (
                isinstance(place, Name) and kind.rank == 0 and self.has_cells()
            ):  # It may be part of another one.
                added = Assign(target=place, value=Op(op, (place, value_dot)))
            return (*lines, *work.statements, added, stmt)
        whole = work.whole(Op(op, (target, value), span=stmt.span))
        if isinstance(target, Name) and array and isinstance(kind, Array) and kind.rank:
            place = Index(place, Const(...))
        elif not isinstance(target, Index) or isinstance(scope.kind(target.base), HOLDERS):
            whole = own(whole, Op(op, (target, value)), kind)
        if isinstance(whole, Zero):  # `x //= 2.0`
            whole = Const(0.0) if isinstance(place, Index) else zero_like(target, kind, Tuple)
        new: Stmt = Assign(target=place, value=whole)
        if base.id in self.lent and place == Name(self.dot(base.id)) and not is_number(kind):
            new = in_place_too(base, place, whole)
        return (*lines, *work.statements, new, stmt)

    def has_cells(self) -> bool:
        """Whether there are arrays of rank 0: the tangent of `x[0, ...] + 1.0` is a view of that of x."""
        if self.known_cells is None:
            self.known_cells = self.look_for_cells()
        return self.known_cells

    def look_for_cells(self) -> bool:
        for stmt, env in self.ranks.before.items():
            scope = self.ranks.scope(stmt)
            if any(map(is_cell, env.values())) or any(
                isinstance(e, Index | Call) and is_cell(scope.kind(e)) for e in nodes(stmt)
            ):
                return True
        return False

    # ----------------------------------------------------------------- lists

    def grow(self, stmt: Stmt, fn: str, name: str, rest: list[Expr]) -> Block:
        if not self.live(stmt, name):
            return (stmt,)
        if fn == "list.extend":
            self.refuse(stmt, f"this `.{fn[5:]}` of a list that is differentiated is not supported")
            return (stmt,)
        work = Tangents(self, stmt, None)
        held = (Name(self.dot(name)), *rest[:-1], work.part(rest[-1]))
        call = Call(fn, held, style="method", spelled=fn[5:])
        return (*self.begin(stmt, name), *work.statements, ExprStmt(value=call), stmt)

    def pop(self, stmt: Stmt, name: str, source: str, rest: tuple[Expr, ...]) -> Block:
        if source not in self.activity.varied[stmt] or source not in self.activity.useful_before[stmt]:
            return (stmt,)
        call = Call("list.pop", (Name(self.dot(source)), *rest), style="method", spelled="pop")
        if name and self.live(stmt, name):
            return (Assign(target=Name(self.dot(name)), value=call), stmt)
        return (ExprStmt(value=call), stmt)

    def effect(self, stmt: Stmt, call: Call) -> Block:
        live = changes(stmt) & self.activity.useful[stmt] & self.activity.ever_varied
        if not live:
            return (stmt,)
        if call.fn == "numpy.add.at" and is_part(call.args[0], self.ranks.scope(stmt)):
            array, index, value = call.args
            owner = root(array)
            assert isinstance(owner, Name)
            work = Tangents(self, stmt, None)
            value_dot = work.term(value)
            if isinstance(value_dot, Zero):
                return (stmt,)
            place = rebased(array, Name(self.dot(owner.id)))
            added = replace(call, args=(place, index, work.adjoints.settle_into(value_dot)))
            return (*self.begin(stmt, owner.id), *work.statements, ExprStmt(value=added), stmt)
        self.refuse(
            stmt,
            f"`{call.spelled or call.fn}` changes `{sorted(live)[0]}`, which is differentiated, "
            "in a way that is not supported",
        )
        return (stmt,)

    # ----------------------------------------------------------------- calls

    def call(self, stmt: Stmt, call: Call, target: Expr | None) -> Block:
        """`y, y_dot = g_jvp(x, x_dot)`."""
        written = self.dependence.written(call, self.ranks.scope(stmt))
        bound = names(target) if target is not None else frozenset()
        if not (bound | written) & self.activity.varied_after[stmt] & self.activity.useful[stmt]:
            return (stmt,)
        work = Tangents(self, stmt, None)
        scope = self.ranks.scope(stmt)
        lines: list[Stmt] = []
        filled: set[int] = set()
        for name in sorted(written & self.activity.varied_after[stmt]):
            lines += self.begin(stmt, name)
            work.adjoints.varied = work.adjoints.varied | {name}
            solved = call.fn in self.dependence.solutions  # What it changes does not count afterwards.
            places = frozenset() if solved else self.dependence.mutated[call.fn]
            filled |= {k for k in places if k < len(call.args) and root(call.args[k]) == Name(name)}
        passes = self.dependence.passes
        active = tuple(
            k in filled or (passes(call.fn, k) and work.adjoints.varies(a)) for k, a in enumerate(call.args)
        )
        callee = self.callee(call, tuple(map(scope.kind, call.args)), active)
        varied = callee.varied
        dots = [
            self.dot_of(arg) if k in filled else work.whole(arg)
            for k, arg in enumerate(call.args)
            if active[k]
        ]
        tangent_call = Call(callee.fn, (*call.args, *dots))
        if callee.rule:
            tangent_call = self.by_rule(callee, call, [*dots], active, scope)
        lines += work.statements
        if target is None:
            return (*lines, ExprStmt(value=tangent_call, comments=stmt.comments))
        elts = target.elts if isinstance(target, Tuple) else (target,)
        varied = varied or (False,) * len(elts)  # It returns nothing: the target is None.
        ends = [
            Name(self.dot(e.id)) for e, on in zip(elts, varied, strict=True) if on and isinstance(e, Name)
        ]
        if ends:
            target = Tuple((target, ends[0] if len(ends) == 1 else Tuple(tuple(ends))))
        nothing = [
            self.start(e.id, self.ranks.scope_after(stmt).kind(e))
            for e, on in zip(elts, varied, strict=True)
            if not on and isinstance(e, Name) and e.id in self.activity.varied_after[stmt]
        ]
        if callee.lent:
            kind = self.ranks.scope_after(stmt).kind
            owners = [(e, Name(self.dot(e.id))) for e in elts if isinstance(e, Name)]
            nothing += [Assign(target=dot, value=unshared(dot, real(kind(e)))) for e, dot in owners]
        return (*lines, Assign(target=target, value=tangent_call, comments=stmt.comments), *nothing)

    def dot_of(self, place: Expr) -> Expr:
        """The tangent of a variable, or of a part of one."""
        name = root(place)
        assert isinstance(name, Name)
        return rebased(place, Name(self.dot(name.id)))

    @staticmethod
    def by_rule(
        callee: TangentCallee, call: Call, dots: list[Expr], active: tuple[bool, ...], scope: Scope
    ) -> Call:
        """`f_jvp(n, (x, y), (x_dot, 0.0))`."""
        given = [
            dots.pop(0) if on else tangent_zero(a, scope.kind(a))
            for a, on in zip(call.args, active, strict=True)
        ]
        rest = [k for k in range(len(call.args)) if k not in callee.nondiff]
        primals, tangents = (Tuple(tuple(values[k] for k in rest)) for values in (call.args, given))
        return Call(callee.fn, (*(call.args[k] for k in callee.nondiff), primals, tangents))


def in_place_too(name: Name, dot: Expr, value: Expr) -> Stmt:
    """A new tangent of what is a number or an array of the caller: `x += e` writes into the latter."""
    written = Assign(target=Index(dot, Const(...)), value=value)
    return If(test=Call("numpy.ndim", (name,)), body=(written,), orelse=(Assign(target=dot, value=value),))


@dataclass(slots=True)
class Tangents:
    """The tangent of the expressions of one statement; `result` is its target, where a rule may read it."""

    forward: Forward
    stmt: Stmt
    result: Expr | None
    statements: list[Stmt] = field(default_factory=list)
    reads_result: bool = False
    adjoints: Adjoints = field(init=False)

    def __post_init__(self) -> None:
        forward = self.forward
        scope = forward.ranks.scope(self.stmt)
        after = forward.ranks.scope_after(self.stmt)
        kinds: dict[str, Kind | None] = dict(scope.names)
        for name in reads(self.stmt):
            kinds[forward.dot(name)] = real(scope.kind(Name(name)))
        if self.result is not None:
            kinds.update({name: after.kind(Name(name)) for name in names(self.result)})
        self.adjoints = Adjoints(
            Scope(kinds, scope.globals, scope.call, scope.found),
            forward.activity.varied[self.stmt],
            forward.dependence,
            forward.names.fresh,
            forward.report,
            self.result,
        )

    def whole(self, expr: Expr, *, top: bool = False) -> Expr:
        """The tangent of an expression in its full shape."""
        return self.adjoints.materialise(self.adjoints.settle(self.term(expr, top=top)))

    def complex_if(self, value_dot: Expr, kind: Kind) -> Expr:
        """The tangent of a complex array as one: that of `x + 1j` is that of x."""
        if not isinstance(kind, Array) or kind.dtype not in COMPLEX or kind.rank == 0:
            return value_dot
        found = self.adjoints.scope.kind(value_dot)
        return value_dot if may_be_complex(found) else Op("+", (value_dot, Const(0j)))

    def term(self, expr: Expr, *, top: bool = False) -> Expr:
        """The tangent of an expression; a stretch where it may have a smaller shape."""
        if not self.adjoints.varies(expr):
            return ZERO
        match expr:
            case Name(id=name):
                return Name(self.forward.dot(name))
            case Index(base=base, index=index):
                if why := unknown_part(expr, self.adjoints.scope.kind):
                    self.adjoints.refuse(expr, f"{why} cannot be differentiated")
                    return ZERO
                whole = self.whole(base)
                return ZERO if isinstance(whole, Zero) else Index(whole, index)
            case Tuple(elts=elts):
                return Tuple(tuple(map(self.part, elts)))
            case List(elts=elts) | Dict(elts=elts):
                kind = self.adjoints.scope.kind(expr)
                elem = kind.elem if isinstance(kind, ListOf) else None
                return with_children(expr, tuple(self.part(e, elem) for e in elts))
            case Call() if (held := contents(expr, self.adjoints.scope.kind)) is not None:
                dots = tuple(map(self.part, held[1]))
                return Tuple(dots) if isinstance(held[0], range) else Dict(tuple(held[0]), dots)
            case Op() | Call():
                return self.application(expr, top)
            case Opaque(text=text, why=why):
                self.adjoints.refuse(expr, f"{why or 'this expression'} cannot be differentiated: `{text}`")
            case Attr(name=name):
                self.adjoints.refuse(expr, f"the attribute `{name}` cannot be differentiated")
            case _:
                self.adjoints.refuse(expr, "this expression cannot be differentiated")
        return ZERO

    def part(self, expr: Expr, held: Kind | None = None) -> Expr:
        """The tangent of an expression whose value is put into a list or a tuple, which holds it: that of an
        integer among floats is a number, `held` as they are."""
        kind = self.adjoints.scope.kind(expr)
        if isinstance(expr, Tuple) and isinstance(held, TupleOf) and len(held.elems) == len(expr.elts):
            return Tuple(tuple(self.part(e, k) for e, k in zip(expr.elts, held.elems, strict=True)))
        value = self.whole(expr)
        if isinstance(value, Zero) and held is not None and not may_vary(kind):
            return part_zero(expr, held, Tuple)
        return zero_like(expr, kind, Tuple) if isinstance(value, Zero) else own(value, expr, kind)

    def application(self, node: Op | Call, top: bool) -> Expr:
        if (lists := concatenated(node, self.adjoints.scope)) is not None:
            return Op("+", (self.part(lists[0]), self.part(lists[1])))
        if self.adjoints.unsupported(node):
            return ZERO
        scope = self.adjoints.scope
        try:
            app = tangent(node, self.adjoints.varies, scope, scope.kind(node))
        except NoRule as refused:
            self.forward.report.append(refused.diagnostic)
            return ZERO
        dots = {
            k: self.term(operand) if app.elementwise else self.whole(operand)
            for k, operand in enumerate(app.operands)
            if self.adjoints.varies(operand)
        }
        still = [app.operands[k] for k, dot in dots.items() if isinstance(dot, Zero)]
        if still:  # `x**0` does not move, although x does.
            if len(still) == len(dots):
                return ZERO
            app = tangent(node, lambda e: self.adjoints.varies(e) and e not in still, scope, scope.kind(node))
        derivative = app.derivatives[0]
        if derivative is None:
            return ZERO
        use_result = top and self.result is not None
        values = dict(app.arguments)
        self.adjoints.given.update({id(value): value for value in values.values()})
        values["%y"] = self.result if use_result and self.result is not None else node
        if use_result and ("%y" in app.values or "%y" in names(derivative)):
            self.reads_result = True
        asked = names(derivative).union(*(names(value) for _, value in app.prelude))
        shapes = {k: self.adjoints.shape_of(v) if k in asked else v for k, v in values.items()}
        self.adjoints.given.update({id(dot): dot for dot in dots.values()})  # They have been lifted.
        for k, dot in dots.items():
            uses = sum(_uses(e, f"%{k}.") for e in (derivative, *(value for _, value in app.prelude)))
            if uses > 1 and not isinstance(dot, (Name, Index, Zero)):
                name = self.forward.names.fresh(f"{self.adjoints.word(node)}_dot")
                self.statements.append(Assign(target=Name(name), value=self.adjoints.settle(dot)))
                scope.names = {**scope.names, name: real(scope.kind(app.operands[k]))}
                dot = Name(name)
            values[f"%{k}."] = shapes[f"%{k}."] = dot
        made = self.adjoints.prelude(app, values, shapes)
        self.statements += self.adjoints.statements
        self.adjoints.statements.clear()
        values.update(made)
        shapes.update(made)
        written = self.adjoints.lift(write_out(derivative, values, shapes))
        if not app.elementwise and not (isinstance(node, Call) and node.fn in CHOICES):
            return written
        value, shape = algebra.unstretch(written)
        fits = shape is None or alike(scope.kind(shape), scope.kind(node))
        if fits and self.covers(app.operands, derivative, node):
            return written
        like: Expr = (
            node  # An operand may have been stretched to its own shape: that is lost in the result's.
        )
        if use_result and self.result is not None and self.adjoints.shape_of(node) is node:
            like = self.result
            self.reads_result = True
        return algebra.stretch(self.adjoints.settle(value), self.adjoints.shape_of(like))

    def covers(self, operands: tuple[Expr, ...], derivative: Expr, node: Expr) -> bool:
        """Whether a tangent has the shape of the result: every array operand takes part in it."""
        scope = self.adjoints.scope
        result = scope.kind(node)
        found = names(derivative)
        there = [k for k in range(len(operands)) if f"%{k}" in found or f"%{k}." in found]
        for k, operand in enumerate(operands):
            kind = scope.kind(operand)
            if k in there or (isinstance(kind, Array) and kind.rank == 0) or isinstance(operand, Const):
                continue
            others = [scope.kind(operands[j]) for j in there]
            if any(alike(other, result) for other in others):
                continue
            return "%y" in found
        return True


CHOICES = frozenset({"numpy.where", "numpy.select", "numpy.choose"})
"""What broadcasts its arguments, but for those that do not move."""


def own(value_dot: Expr, value: Expr, kind: Kind) -> Expr:
    """A fresh value has a fresh tangent; a view has the same view."""
    return copy_of(value_dot, real(kind)) if shares(value_dot) and not shares(value) else value_dot


def _uses(expr: Expr, name: str) -> int:
    if isinstance(expr, Name):
        return int(expr.id == name)
    return sum(_uses(c, name) for c in children(expr))
