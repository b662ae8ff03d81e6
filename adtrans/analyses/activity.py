"""Activity: which variables are varied by an input, and which are useful to an output.

Both are kept for the names that a statement mentions. From them follows where an adjoint exists:
`v_bar` exists at a point if v is varied and useful there. At the joins of control flow an adjoint
may exist on one side only; `zeros` says where it has to be started with zero. Tangents likewise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import Ranks
from adtrans.applications import blocked
from adtrans.errors import Diagnostic
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Dict,
    Expr,
    ExprStmt,
    For,
    Function,
    If,
    IfExp,
    Index,
    List,
    Name,
    Op,
    Opaque,
    Return,
    Stmt,
    Tuple,
    Verbatim,
    While,
)
from adtrans.kinds import HOLDERS, Array, Mapped, is_number, may_vary
from adtrans.rules import registry
from adtrans.walk import (
    GROWING,
    changed_by,
    changes,
    given_away,
    hands_over,
    is_statement,
    names,
    nodes,
    owners,
    reads,
    root,
)

TEXTS = frozenset({"builtins.str", "builtins.repr", "builtins.ascii", "builtins.format"})
"""What writes a number down: `float(str(x))` reads it again."""


@dataclass(slots=True)
class Zeros:
    """Where derivatives start with zero because one path does not make them.

    For an If: at the start of the path in the direction of the sweep's join (`body`, `orelse`).
    For a loop: `before` it, and at the end of each mirrored pass through its body (`body`).
    """

    before: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    orelse: tuple[str, ...] = ()


@dataclass(slots=True)
class Activity:
    """The facts; `functions` are the user functions, `mutated` the parameters each writes into."""

    varied: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    varied_after: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    useful: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    useful_before: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    adjoint_zeros: dict[Stmt, Zeros] = field(default_factory=dict)
    tangent_zeros: dict[Stmt, Zeros] = field(default_factory=dict)
    varied_at_end: frozenset[str] = frozenset()
    useful_at_start: frozenset[str] = frozenset()
    ever_varied: set[str] = field(default_factory=set)
    ever_useful: set[str] = field(default_factory=set)
    over_values: set[Stmt] = field(default_factory=set)

    def refused_loop(self, stmt: Stmt) -> Diagnostic | None:
        """A loop that takes values that vary from something other than a range; `normalise/` leaves
        only such as it cannot index."""
        if stmt not in self.over_values or not isinstance(stmt, For):
            return None
        if names(stmt.target).isdisjoint(self.ever_useful):
            return None
        return Diagnostic(
            "AD203",
            "this loop goes over values that are differentiated, in a way that adtrans cannot run backwards",
            stmt.span,
            help="loop over indices: `for i in range(len(x)):` and `x[i]`",
        )


@dataclass(slots=True)
class Dependence:
    """Which names a value depends on differentiably."""

    functions: Collection[str]
    mutated: Mapping[str, frozenset[int]]
    solutions: Collection[str] = ()
    """Functions whose first argument is the value of a solver, through which no derivative passes."""
    known: dict[int, tuple[Expr, frozenset[str], bool]] = field(default_factory=dict)
    """What was found for expressions, by identity; they are kept, so that none takes the place of another."""

    def passes(self, fn: str, position: int) -> bool:
        """Whether a derivative can pass through an argument of a user function."""
        return position > 0 or fn not in self.solutions

    def sources(self, expr: Expr, scope: Scope | None = None) -> frozenset[str]:
        """The names through which a derivative can enter `expr`.

        With a scope: a part of something that varies may be an integer, a string, or None all the same.
        """
        found, parts = self.plain(expr)
        if scope is None or not parts:
            return found
        left: set[str] = set()
        self._collect(expr, left, scope)
        return frozenset(left)

    def plain(self, expr: Expr) -> tuple[frozenset[str], bool]:
        """The same without a scope, and whether there is a part of something among it. Each expression is
        looked at once: every pass asks for all terms of a sum, one after the other."""
        last = self.known.get(id(expr))
        if last is not None:
            return last[1:]
        found, parts = entering(expr), isinstance(expr, Index)
        for inner in self.through(expr):
            names_, more = self.plain(inner)
            found, parts = found | names_, parts or more
        self.known[id(expr)] = expr, found, parts
        return found, parts

    def _collect(self, expr: Expr, found: set[str], scope: Scope) -> None:
        names_, parts = self.plain(expr)
        if not parts:
            found |= names_
        elif not isinstance(expr, Index) or may_vary(scope.kind(expr)):
            for inner in self.through(expr):
                self._collect(inner, found, scope)

    def through(self, expr: Expr) -> tuple[Expr, ...]:
        """The parts of an expression through which a derivative can pass."""
        match expr:
            case Index(base=base):
                return (base,)
            case Op(op=op, args=args):
                return () if inert(op) and op != "|" else args  # That joins dicts, too.
            case Call(fn="list.pop", args=(source, *_)):
                return (source,)
            case Call(fn=fn, args=args) if fn in TEXTS:
                return args
            case Call(fn=fn, args=args, kwargs=kwargs):
                if inert(fn):
                    return ()
                passing = blocked(fn)
                given = [a for k, a in enumerate(args) if k not in passing[0] and self.passes(fn, k)]
                return (*given, *(value for name, value in kwargs if name not in passing[1]))
            case Tuple(elts=elts) | List(elts=elts) | Dict(elts=elts):
                return elts
            case IfExp(then=then, orelse=orelse):
                return then, orelse
        return ()

    def written(self, call: Call, scope: Scope) -> frozenset[str]:
        """The names whose contents a call of a user function changes; a number cannot be changed."""
        places = self.mutated.get(call.fn, frozenset())
        args = [call.args[k] for k in places if k < len(call.args)]
        return frozenset().union(*(owners(a) for a in args if not is_number(scope.kind(a))))


def entering(expr: Expr) -> frozenset[str]:
    """The names that an expression itself reads."""
    match expr:
        case Name(id=name):
            return frozenset((name,))
        case Opaque(reads=reads_):
            return frozenset(reads_)
    return frozenset()


def rounds(place: Index, scope: Scope) -> bool:
    """Whether what is stored there becomes an integer or a flag: the place is in an array of those."""
    held = scope.kind(place.base)
    return isinstance(held, Array) and not may_vary(held)


def inert(fn: str) -> bool:
    """Whether no derivative passes through an operator or a callable."""
    entry = registry.lookup(fn)
    return entry is not None and bool(entry.nothing)


def analyse(
    function: Function,
    ranks: Ranks,
    dependence: Dependence,
    wrt: Iterable[str],
    outputs: Iterable[str],
) -> Activity:
    """Forward for `varied`, backward for `useful`, each to a fixpoint in loops."""
    facts = Activity()
    varied = set(wrt)
    _Varied(facts, ranks, dependence).block(function.body, varied)
    facts.varied_at_end = frozenset(varied)
    useful = set(outputs)
    _Useful(facts, ranks, dependence).block(function.body, useful)
    facts.useful_at_start = frozenset(useful)
    return facts


@dataclass(slots=True)
class _Varied:
    facts: Activity
    ranks: Ranks
    dependence: Dependence

    def block(self, block: Block, varied: set[str]) -> None:
        for stmt in block:
            self.stmt(stmt, varied)

    def varies(self, expr: Expr, varied: set[str], scope: Scope) -> bool:
        if self.dependence.sources(expr).isdisjoint(varied):
            return False
        if isinstance(expr, Call) and expr.fn in TEXTS:
            return True
        if not may_vary(scope.kind(expr)):
            return False
        return not self.dependence.sources(expr, scope).isdisjoint(varied)

    def stmt(self, stmt: Stmt, varied: set[str]) -> None:
        self.facts.varied[stmt] = frozenset((reads(stmt) | _targets(stmt)) & varied)
        scope = self.ranks.scope(stmt)
        if not (lent := hands_over(stmt)).isdisjoint(varied):
            varied |= {n for n in lent if may_vary(kind := scope.kind(Name(n))) and not is_number(kind)}
        match stmt:
            case Assign(target=target, value=value):
                if isinstance(value, Call) and value.fn in self.dependence.functions:
                    self.call(value, target, stmt, varied)
                else:
                    self.assign(target, self.varies(value, varied, scope), varied, scope)
                    self.filled(stmt, varied, scope)
            case AugAssign(target=Name() as target, op=op) if inert(op) and is_number(scope.kind(target)):
                self.assign(target, False, varied, scope)
            case AugAssign(target=target, op=op, value=value):
                name = root(target)
                if isinstance(name, Name) and self.varies(value, varied, scope):
                    after = self.ranks.scope_after(stmt).kind(name)
                    if may_vary(after) and (not inert(op) or isinstance(after, (*HOLDERS, Mapped))):
                        varied.add(name.id)
            case ExprStmt(value=Call(fn=fn, args=(Name(id=name), *rest))) if fn in GROWING:
                if any(self.varies(a, varied, scope) for a in rest):
                    varied.add(name)
            case ExprStmt(value=Call() as call) if call.fn in self.dependence.functions:
                self.call(call, None, stmt, varied)
            case ExprStmt(value=Call(args=args, kwargs=kwargs)):
                given = (*args, *(value for _, value in kwargs))
                if any(self.varies(a, varied, scope) for a in given):
                    varied |= {n for n in changes(stmt) if self.holds(n, stmt)}
            case If(body=body, orelse=orelse):
                self.branch(stmt, body, orelse, varied)
            case For() | While():
                self.loop(stmt, varied)
            case Verbatim(reads=read, writes=written, flags=flags):
                if not varied.isdisjoint(read):
                    varied.update(name for name in written if name not in flags)
                else:
                    varied.difference_update(written)
        self.hidden(stmt, varied)
        self.facts.varied_after[stmt] = frozenset((reads(stmt) | _targets(stmt)) & varied)
        self.facts.ever_varied |= self.facts.varied_after[stmt]

    def hidden(self, stmt: Stmt, varied: set[str]) -> None:
        """What is changed in the middle of an expression: `if xs.append(v) is None:`."""
        for node in nodes(stmt) if changes(stmt) else ():
            if not is_statement(node, stmt):
                changed = given_away(node) | (changed_by(node) if isinstance(node, Call) else frozenset())
                if changed and not varied.isdisjoint(names(node)):
                    varied |= {n for n in changed if self.holds(n, stmt)}

    def holds(self, name: str, stmt: Stmt) -> bool:
        """Whether something that varies may be in a variable after a statement."""
        return any(
            may_vary(s.kind(Name(name))) for s in (self.ranks.scope(stmt), self.ranks.scope_after(stmt))
        )

    def filled(self, stmt: Assign, varied: set[str], scope: Scope) -> None:
        """`y = d.setdefault("key", e)`: the dict holds what varies from now on."""
        for call in nodes(stmt):
            if isinstance(call, Call) and call.fn in ("dict.setdefault", "dict.update"):
                given = (*call.args[1:], *(value for _, value in call.kwargs))
                if any(self.varies(a, varied, scope) for a in given):
                    varied |= {n for n in changes(stmt) if self.holds(n, stmt)}

    def assign(self, target: Expr, varies: bool, varied: set[str], scope: Scope) -> None:
        match target:
            case Name(id=name):
                (varied.add if varies else varied.discard)(name)
            case Tuple(elts=elts):
                for elt in elts:
                    self.assign(elt, varies, varied, scope)
            case Index():
                if varies and not rounds(target, scope):
                    varied |= owners(target)

    def call(self, call: Call, target: Expr | None, stmt: Stmt, varied: set[str]) -> None:
        sources = self.dependence.sources(call)
        varies = not sources.isdisjoint(varied)
        after = self.ranks.scope_after(stmt)
        if target is not None:
            for name in sorted(names(target)):
                self.assign(Name(name), varies and may_vary(after.kind(Name(name))), varied, after)
        if varies:
            varied |= {
                n
                for n in self.dependence.written(call, self.ranks.scope(stmt))
                if may_vary(after.kind(Name(n)))
            }

    def branch(self, stmt: Stmt, body: Block, orelse: Block, varied: set[str]) -> None:
        other = set(varied)
        self.block(body, varied)
        self.block(orelse, other)
        self.facts.tangent_zeros[stmt] = Zeros(
            body=tuple(sorted(other - varied)), orelse=tuple(sorted(varied - other))
        )
        varied |= other

    def loop(self, stmt: For | While, varied: set[str]) -> None:
        entry = frozenset(varied)
        while True:
            head = set(varied)
            if isinstance(stmt, For):
                kind = self.ranks.scope_after(stmt).kind(stmt.target)
                counts = isinstance(stmt.iter, Call) and stmt.iter.fn == "builtins.range"
                over_values = not counts and bool(names(stmt.iter) & head) and may_vary(kind)
                if over_values:
                    self.facts.over_values.add(stmt)
                self.assign(stmt.target, over_values, head, self.ranks.scope(stmt))
            self.block(stmt.body, head)
            if head <= varied:
                self.facts.tangent_zeros[stmt] = Zeros(
                    before=tuple(sorted(varied - entry)), body=tuple(sorted(varied - head))
                )
                return
            varied |= head


@dataclass(slots=True)
class _Useful:
    facts: Activity
    ranks: Ranks
    dependence: Dependence

    def block(self, block: Block, useful: set[str]) -> None:
        for stmt in reversed(block):
            self.stmt(stmt, useful)

    def stmt(self, stmt: Stmt, useful: set[str]) -> None:
        mentioned = reads(stmt) | _targets(stmt)
        self.facts.useful[stmt] = frozenset(mentioned & useful)
        match stmt:
            case Assign(target=target, value=value):
                self.assign(stmt, target, value, useful)
            case AugAssign(target=Name(id=id_) as target, op=op) if inert(op) and is_number(
                self.ranks.scope(stmt).kind(target)
            ):
                useful.discard(id_)
            case AugAssign(target=target, op=op, value=value):
                name = root(target)
                if isinstance(name, Name) and name.id in useful and not inert(op):
                    useful |= self.dependence.sources(value)
            case ExprStmt(value=Call(fn=fn, args=(Name(id=name), *rest))) if fn in GROWING:
                if name in useful:
                    for arg in rest:
                        useful |= self.dependence.sources(arg)
            case ExprStmt(value=Call() as call) if call.fn in self.dependence.functions:
                if not self.dependence.written(call, self.ranks.scope(stmt)).isdisjoint(useful):
                    useful |= self.dependence.sources(call)
            case ExprStmt(value=Call(args=args, kwargs=kwargs)):
                if not changes(stmt).isdisjoint(useful):
                    for arg in (*args, *(value for _, value in kwargs)):
                        useful |= self.dependence.sources(arg)
            case If(body=body, orelse=orelse):
                other = set(useful)
                self.block(body, useful)
                self.block(orelse, other)
                varied = self.facts.varied[stmt]
                self.facts.adjoint_zeros[stmt] = Zeros(
                    body=tuple(sorted((other - useful) & varied)),
                    orelse=tuple(sorted((useful - other) & varied)),
                )
                useful |= other
            case For() | While():
                self.loop(stmt, useful)
            case Verbatim(reads=read, writes=written):
                if not useful.isdisjoint(written):
                    useful.difference_update(written)
                    useful.update(read)
        if not (lent := hands_over(stmt)).isdisjoint(useful):
            useful |= lent
        self.facts.useful_before[stmt] = frozenset(mentioned & useful)
        self.facts.ever_useful |= self.facts.useful[stmt] | self.facts.useful_before[stmt]

    def may_vary(self, stmt: Stmt, value: Expr) -> bool:
        """Whether a value may carry a derivative: what is made an integer or a flag has none."""
        return may_vary(self.ranks.scope(stmt).kind(value))

    def varied_in(self, stmt: Stmt) -> frozenset[str]:
        return self.facts.varied[stmt] | self.facts.varied_after[stmt]

    def assign(self, stmt: Stmt, target: Expr, value: Expr, useful: set[str]) -> None:
        name = root(target)
        if isinstance(target, Index):
            kept = self.may_vary(stmt, value) and not rounds(target, self.ranks.scope(stmt))
            if isinstance(name, Name) and name.id in useful and kept:
                useful |= self.dependence.sources(value)
            return
        bound = names(target)
        changed = bound
        if isinstance(value, Call) and value.fn in self.dependence.functions:
            changed = bound | self.dependence.written(value, self.ranks.scope(stmt))
        elif isinstance(value, Call) and value.fn == "list.pop":
            changed = bound | names(value.args[0])
        needed = not changed.isdisjoint(useful) and self.may_vary(stmt, value)
        if isinstance(value, Call) and value.fn in self.dependence.functions:
            needed = not changed.isdisjoint(useful & self.facts.varied_after[stmt])
        useful -= bound
        if needed:
            useful |= self.dependence.sources(value)

    def loop(self, stmt: For | While, useful: set[str]) -> None:
        after = frozenset(useful)
        while True:
            body = set(useful)
            self.block(stmt.body, body)
            if isinstance(stmt, For):
                target_useful = not names(stmt.target).isdisjoint(body)
                body -= names(stmt.target)
                if target_useful:
                    body |= self.dependence.sources(stmt.iter)
            if body <= useful:
                varied = self.varied_in(stmt)
                self.facts.adjoint_zeros[stmt] = Zeros(
                    before=tuple(sorted((useful - after) & varied)),
                    body=tuple(sorted((useful - body) & varied)),
                )
                return
            useful |= body


def _targets(stmt: Stmt) -> frozenset[str]:
    """All names that a statement binds or writes into, those inside it included."""
    from adtrans.walk import writes

    extra: frozenset[str] = frozenset()
    match stmt:
        case Return(value=value) if value is not None:
            extra = names(value)
    return writes(stmt) | extra
