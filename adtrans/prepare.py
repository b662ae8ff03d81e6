"""Before differentiation: name what is dear and read, make conditional expressions statements.

    loss = np.sum(w * np.tanh(A @ x))      becomes      tanh = np.tanh(A @ x)
                                                        loss = np.sum(w * tanh)

because the adjoint of `*` reads the value of the `tanh`, and computing it again would cost a
matrix product. A cheap expression stays where it is and is written again in the backward sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adtrans import untaken
from adtrans.adjoints import WORDS
from adtrans.algebra import number
from adtrans.analyses.activity import Activity, Dependence
from adtrans.analyses.expressions import COMPARISONS, Scope, joined
from adtrans.analyses.ranks import Ranks, last_kinds, root
from adtrans.applications import RESULT, Application, NoRule, adjoint, array_operands, operand_names, tangent
from adtrans.builtin_names import BUILTINS
from adtrans.interpolants import word
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    ExprStmt,
    For,
    Function,
    Global,
    If,
    IfExp,
    Index,
    List,
    Name,
    Op,
    Opaque,
    Slice,
    Stmt,
    Tuple,
    Verbatim,
)
from adtrans.kinds import (
    ANY,
    FLOAT,
    HOLDERS,
    Array,
    ListOf,
    Mapped,
    TupleOf,
    alike,
    is_number,
    may_vary,
    parts,
    rank,
)
from adtrans.names import Names
from adtrans.places import copies, written_to_a_copy
from adtrans.rules import registry
from adtrans.solvers import is_found
from adtrans.walk import (
    acts,
    changes,
    children,
    expressions,
    map_block,
    map_blocks,
    map_expr,
    map_stmt,
    names,
    reads,
    same,
    statements,
    subexpressions,
    with_children,
    words_in_texts,
    writes,
)

CHEAP_SCALAR = 14
"""A scalar expression of more nodes than this is worth a name."""

_PURE = frozenset(
    {"builtins.len", "builtins.float", "builtins.int", "builtins.abs", "builtins.min", "builtins.max"}
)


def all_names(function: Function) -> set[str]:
    """Every name that a function uses, and the built-ins, so that a fresh one hides nothing."""
    found = {p.name for p in function.params} | BUILTINS | {*words_in_texts(function.body)}
    for stmt in statements(function.body):
        found |= reads(stmt) | writes(stmt)
        for expr in expressions(stmt):
            for node in subexpressions(expr):
                if isinstance(node, Global):
                    found.add(node.id.partition(".")[0])
                elif isinstance(node, Call) and node.style == "function":
                    found.add(node.spelled.partition(".")[0])
    return found


def loop_targets(function: Function, fresh: Names) -> Function:
    """`for i in …: i = i + 1` binds a name of its own in the header, so that the header can run backwards."""

    def rename(stmt: Stmt) -> Stmt:
        if isinstance(stmt, For) and isinstance(stmt.target, Name):
            name = stmt.target.id
            return apart(stmt, name, fresh) if any(name in writes(s) for s in stmt.body) else stmt
        return stmt

    return replace(function, body=map_block(function.body, rename))


def other_kinds(function: Function, ranks: Ranks, fresh: Names) -> Function:
    """`for d in (1.0, 2.0)` where d was an array before: a name of its own in the header, so that the adjoint
    of the array, which is there if there is no round, is started where the array is at hand."""

    def rename(stmt: Stmt) -> Stmt:
        if isinstance(stmt, For) and isinstance(stmt.target, Name):
            name = stmt.target.id
            before, inside = ranks.entry.get(stmt, {}).get(name), ranks.after.get(stmt, {}).get(name)
            if (
                before is not None
                and before != inside
                and not (is_number(before) and is_number(inside or ANY))
            ):
                return apart(stmt, name, fresh)
        return stmt

    return replace(function, body=map_block(function.body, rename))


def apart(stmt: For, name: str, fresh: Names) -> Stmt:
    """`for d_next in …: d = d_next; …`."""
    new = fresh.fresh(f"{name}_next")
    first = Assign(target=Name(name), value=Name(new))
    return replace(stmt, target=Name(new), body=(first, *stmt.body), text=None)


def pops(function: Function, fresh: Names, functions: Collection[str]) -> Function:
    """`u[i] = ys.pop()` and `u[i] = g(x)` in two statements each: what has effects is executed once."""

    def split(stmt: Stmt) -> Stmt | tuple[Stmt, ...]:
        before: list[Stmt] = []

        def hoist(expr: Expr) -> Expr:
            if isinstance(expr, Call) and (expr.fn == "list.pop" or expr.fn in functions):
                name = Name(
                    fresh.fresh(
                        popped(expr) if expr.fn == "list.pop" else f"{expr.fn.rpartition('.')[2]}_value"
                    )
                )
                before.append(Assign(target=name, value=expr))
                return name
            return expr

        match stmt:
            case Assign(target=Name(), value=Call(fn="list.pop")) | ExprStmt(value=Call(fn="list.pop")):
                return stmt
            case Assign(target=Name() | Tuple(), value=Call(fn=fn)) | ExprStmt(value=Call(fn=fn)) if (
                fn in functions
            ):
                return stmt
            case Assign(value=value) | AugAssign(value=value) | ExprStmt(value=value):
                new = map_expr(value, hoist)
                if before:
                    return (*before, replace(stmt, value=new, text=None))
            case If(test=test):
                new = map_expr(test, hoist)
                if before:
                    before[0] = replace(before[0], comments=stmt.comments, blank_before=stmt.blank_before)
                    return (*before, replace(stmt, test=new, text=None, comments=(), blank_before=False))
        return stmt

    return replace(function, body=map_block(function.body, split))


def popped(pop: Call) -> str:
    """A name for what is taken off a list: `test` of `test_log`."""
    source = pop.args[0]
    if isinstance(source, Name) and "_log" in source.id:
        return source.id.partition("_log")[0]
    return "popped"


def conditionals(function: Function, ranks: Ranks, fresh: Names) -> Function:
    """`y = a if c else b` as an If where the value may vary."""

    def split(stmt: Stmt) -> Stmt | tuple[Stmt, ...]:
        before: list[Stmt] = []
        scope = ranks.scope(stmt)

        def statement_of(expr: IfExp, target: Expr) -> Stmt:
            then, orelse = (Assign(target=target, value=e, span=stmt.span) for e in (expr.then, expr.orelse))
            return If(test=expr.test, body=_flat(split(then)), orelse=_flat(split(orelse)), span=stmt.span)

        def hoist(expr: Expr) -> Expr:
            """The outer ones first: what is in a branch is evaluated only there."""
            if isinstance(expr, IfExp):
                if not may_vary(scope.kind(expr)):
                    return expr
                name = Name(fresh.fresh("chosen"))
                before.append(statement_of(expr, name))
                return name
            return with_children(expr, tuple(map(hoist, children(expr))))

        match stmt:
            case Assign(target=Name() as target, value=IfExp() as value) if may_vary(scope.kind(value)):
                whole = statement_of(value, target)
                return replace(whole, comments=stmt.comments, blank_before=stmt.blank_before)
            case Assign(value=value) | AugAssign(value=value) | ExprStmt(value=value):
                new = hoist(value)
                if new is not value:
                    return (*before, replace(stmt, value=new, text=None))
        return stmt

    return replace(function, body=map_block(function.body, split))


def list_items(function: Function, ranks: Ranks) -> Function:
    """`xs[i] += e` of a list of numbers as `xs[i] = xs[i] + e`: a number is replaced, not written into."""

    def split(stmt: Stmt) -> Stmt | tuple[Stmt, ...]:
        match stmt:
            case (
                AugAssign(target=Name() as held, op="+", value=List(elts=elts))
                | ExprStmt(value=Call(fn="list.extend", args=(Name() as held, List(elts=elts))))
            ) if elts and isinstance(ranks.scope(stmt).kind(held), ListOf):
                appends = [Call("list.append", (held, e), style="method", spelled="append") for e in elts]
                first = ExprStmt(value=appends[0], span=stmt.span, comments=stmt.comments)
                first = replace(first, blank_before=stmt.blank_before)
                return (first, *(ExprStmt(value=call, span=stmt.span) for call in appends[1:]))
            case AugAssign(target=Index(base=base) as target, op=op, value=value):
                scope = ranks.scope(stmt)
                number = isinstance(scope.kind(base), HOLDERS) and is_number(scope.kind(target))
                if number and not _pops(target):
                    return Assign(
                        target=target,
                        value=Op(op, (target, value), span=target.span),
                        span=stmt.span,
                        text=stmt.text,
                        comments=stmt.comments,
                        trailing=stmt.trailing,
                        blank_before=stmt.blank_before,
                    )
        return stmt

    return replace(function, body=map_block(function.body, split))


def array_likes(function: Function, ranks: Ranks, dependence: Dependence) -> Function:
    """`np.sum(xs)` of a list as `np.sum(np.array(xs))`: rules are for arrays, beside what varies, too."""

    def rewrite(stmt: Stmt) -> Stmt:
        scope = ranks.scope(stmt)

        def varies(expr: Expr) -> bool:
            return bool(dependence.sources(expr)) and may_vary(scope.kind(expr))

        def operand(expr: Expr) -> Expr:
            is_list = isinstance(scope.kind(expr), (ListOf, TupleOf))
            return Call("numpy.array", (expr,), span=expr.span) if is_list else expr

        def with_arrays(call: Call) -> Call:
            places, named = array_operands(call.fn), operand_names(call.fn)
            operands = [a for k, a in enumerate(call.args) if k in places]
            operands += [a for name, a in call.kwargs if name in named]
            if not any(map(varies, operands)):
                return call
            args = tuple(operand(a) if k in places else a for k, a in enumerate(call.args))
            kwargs = tuple((name, operand(a) if name in named else a) for name, a in call.kwargs)
            unchanged = (args, kwargs) == (call.args, call.kwargs)
            return call if unchanged else replace(call, args=args, kwargs=kwargs)

        def visit(expr: Expr) -> Expr:
            match expr:
                case Call(fn="numpy.copy", style="method"):
                    return expr  # `ys.copy()` of a list is a list, and holds the same arrays.
                case Call(fn="builtins.sorted", args=(items,), kwargs=kwargs) if dependence.sources(items):
                    return sorted_list(expr, items, kwargs, scope)
                case Call(fn=fn) if array_operands(fn):
                    return with_arrays(expr)
                case Op(op=op, args=(a, b)) if op in ELEMENTWISE and dependence.sources(expr):
                    if _is_array(a, scope) or _is_array(b, scope):
                        made = operand(a), operand(b)
                        return expr if made == (a, b) else replace(expr, args=made)
            return expr

        return map_stmt(stmt, lambda e: map_expr(e, visit))

    return replace(function, body=map_block(function.body, rewrite))


def sorted_list(expr: Expr, items: Expr, kwargs: tuple[tuple[str, Expr], ...], scope: Scope) -> Expr:
    """`sorted(xs)` of floats as `list(np.sort(np.array(xs)))`; what says how to sort stays."""
    kind = scope.kind(items)
    if isinstance(kind, (ListOf, TupleOf)) and all(map(is_number, parts(kind))):
        items, kind = Call("numpy.array", (items,), span=items.span), joined(parts(kind))
    elif kind == Array("?", None, like=kind.like if isinstance(kind, Array) else None):
        # A parameter of which nothing is known: what can be sorted is a row of numbers.
        items, kind = Call("numpy.array", (items,), span=items.span), Array("f8", (None,))
    elif rank(kind) != 1:
        return expr
    reverse = dict(kwargs).get("reverse", Const(False))
    if (kwargs and [key for key, _ in kwargs] != ["reverse"]) or not isinstance(reverse, Const):
        return expr
    if not isinstance(kind, Array) or kind.dtype not in ("f8", "f4"):
        return expr  # An integer among floats stays one.
    made: Expr = Call("numpy.sort", (items,), span=expr.span)
    if reverse.value:
        made = Index(made, Slice(None, None, Op("neg", (Const(1),))))
    return Call("builtins.list", (made,), spelled="list", span=expr.span)


ELEMENTWISE = frozenset({"+", "-", "*", "/", "**", "//", "%", "@"})


def _is_array(expr: Expr, scope: Scope) -> bool:
    kind = scope.kind(expr)
    return isinstance(kind, Array) and bool(kind.rank)


def unpackings(function: Function, ranks: Ranks) -> Function:
    """`w, V = np.linalg.eigh(A)` in one statement again: its parts have adjoints of their own."""
    uses = Counter(name for stmt in statements(function.body) for name in _mentioned(stmt))

    def merge(block: Block) -> Block:
        made: list[Stmt] = []
        rest = [map_blocks(stmt, merge) for stmt in block]
        while rest:
            stmt = rest.pop(0)
            parts = _parts(stmt, rest, ranks)
            if parts and isinstance(stmt, Assign) and uses[_name(stmt.target)] == 1 + len(parts):
                targets = tuple(part.target for part in parts)
                text = stmt.text if parts[0].span == stmt.span else None  # `p = f(x)`, then `a, b = p`
                stmt = replace(stmt, text=text, target=Tuple(targets), trailing=parts[-1].trailing)
                del rest[: len(parts)]
            made.append(stmt)
        return same(block, made)

    return replace(function, body=merge(function.body))


def _parts(stmt: Stmt, rest: list[Stmt], ranks: Ranks) -> list[Assign]:
    """The statements that unpack the value of a library call, all of them and in order; or none."""
    match stmt:
        case Assign(target=Name(id=whole), value=Call(fn=fn) as call) if registry.lookup(fn) is not None:
            kind = ranks.scope(stmt).kind(call)
        case _:
            return []
    count = len(kind.elems) if isinstance(kind, TupleOf) else 0
    parts = [s for s in rest[:count] if isinstance(s, Assign)]
    wanted = [Index(Name(whole), Const(k)) for k in range(count)]
    bound = [_name(part.target) for part in parts]
    if [part.value for part in parts] != wanted or "" in bound or len({*bound, whole}) <= count:
        return []
    return [] if names(call) & set(bound) else parts


def _name(target: Expr) -> str:
    return target.id if isinstance(target, Name) else ""


def _mentioned(stmt: Stmt) -> list[str]:
    if isinstance(stmt, Verbatim):
        return [*stmt.reads, *stmt.writes]
    nodes = (node for expr in expressions(stmt) for node in subexpressions(expr))
    return [name for node in nodes for name in ([node.id] if isinstance(node, Name) else _opaque_reads(node))]


def _opaque_reads(node: Expr) -> tuple[str, ...]:
    return node.reads if isinstance(node, Opaque) else ()


def _pops(expr: Expr) -> bool:
    return any(isinstance(e, Call) and e.fn == "list.pop" for e in subexpressions(expr))


def _flat(found: Stmt | tuple[Stmt, ...]) -> Block:
    return found if isinstance(found, tuple) else (found,)


@dataclass(slots=True)
class Naming:
    """Names dear subexpressions of the active statements of one function."""

    ranks: Ranks
    activity: Activity
    dependence: Dependence
    classes: Mapping[str, frozenset[str]]
    fresh: Callable[[str], str]
    forward_mode: bool
    before: list[Stmt] = field(default_factory=list)
    scope: Scope = field(default_factory=lambda: Scope({}))
    varied: frozenset[str] = frozenset()
    turning: frozenset[str] = frozenset()
    """The names of what may be anything, and changes: a set, a queue, an object of a library."""

    def function(self, function: Function) -> Function:
        self.turning = turning(function, self.ranks, self.classes)
        return replace(function, body=map_block(function.body, self.statement))

    def statement(self, stmt: Stmt) -> tuple[Stmt, ...] | Stmt:
        if stmt not in self.activity.varied:
            return stmt
        self.before, self.scope, self.varied = [], self.ranks.scope(stmt), self.activity.varied[stmt]
        new = self.rewritten(stmt)
        if new is stmt:
            return stmt
        if self.before:
            first = replace(self.before[0], comments=stmt.comments, blank_before=stmt.blank_before)
            return (first, *self.before[1:], replace(new, comments=(), blank_before=False))
        return new

    def rewritten(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, (Assign, AugAssign)) and isinstance(stmt.target, Index):
            place = self.target(stmt.target)
            if place is not stmt.target:
                stmt = self.moved(stmt, replace(stmt, target=place, text=None))
        match stmt:
            case Assign(target=target, value=value) if self.flows(stmt, target):
                if isinstance(value, Call) and value.fn in self.dependence.functions:
                    return self.call(stmt, value)
                read_result = isinstance(target, Name) and target.id not in names(value)
                new = self.visit(value, top=read_result or isinstance(target, Tuple))
                if new is not value:
                    return replace(stmt, value=new, text=None)
            case AugAssign(target=target, op=op, value=value) if self.flows(stmt, target):
                new = self.visit(value)
                if op not in ("+", "-"):
                    new = self.name(new)
                if new is not value:
                    return replace(stmt, value=new, text=None)
            case ExprStmt(value=Call(fn=fn, args=(Name() as base, *rest)) as call) if fn.startswith("list."):
                if base.id in self.activity.useful[stmt]:
                    done = tuple(self.visit(a) for a in rest)
                    if any(a is not b for a, b in zip(done, rest, strict=True)):
                        return replace(stmt, value=replace(call, args=(base, *done)), text=None)
            case ExprStmt(value=Call(fn="numpy.add.at", args=(base, index, value)) as call):
                args = (self.target(base), self.name(index), self.visit(value))
                if any(a is not b for a, b in zip(args, call.args, strict=True)):
                    return replace(stmt, value=replace(call, args=args), text=None)
            case ExprStmt(value=Call() as call) if call.fn in self.dependence.functions:
                return self.call(stmt, call)
        return stmt

    def flows(self, stmt: Stmt, target: Expr) -> bool:
        live = self.activity.useful[stmt] & self.activity.varied_after[stmt]
        if self.forward_mode:
            live = self.activity.varied_after[stmt]
        found = root(target)
        if isinstance(found, Name):
            return found.id in live
        return bool(names(target) & live)

    def call(self, stmt: Assign | ExprStmt, call: Call) -> Stmt:
        """Arguments that are dear, or that the callee may overwrite while they are needed, get names."""
        written = self.dependence.written(call, self.scope)

        def argument(arg: Expr) -> Expr:
            if is_found(arg):
                return arg  # The backward sweep reads it where it is assigned.
            arg = self.visit(arg)
            if not isinstance(arg, (Name, Const)) and (names(arg) & written or self.dear(arg)):
                return self.bind(arg)
            return arg

        args = tuple(map(argument, call.args))
        if all(a is b for a, b in zip(args, call.args, strict=True)):
            return stmt
        return replace(stmt, value=replace(call, args=args), text=None)

    def moved(self, old: Assign | AugAssign, new: Assign | AugAssign) -> Assign | AugAssign:
        """The facts about a statement hold for what takes its place."""
        for table in (self.activity.varied, self.activity.varied_after, self.activity.useful):
            table[new] = table[old]
        return new

    def target(self, target: Expr) -> Expr:
        """The indices of a place are read again by the backward sweep, if what they hold may have changed."""
        if not isinstance(target, Index):
            return target
        found = root(target)
        own = isinstance(found, Name) and found.id in names(target.index)
        base = self.target(target.base)
        if isinstance(target.base, Index) and written_to_a_copy(target.base, self.scope):
            base = self.part(target.base, base)
        index = (
            self.bind(target.index) if own and not _sliced(target.index) else self.name_index(target.index)
        )
        return (
            target
            if base is target.base and index is target.index
            else replace(target, base=base, index=index)
        )

    # ----------------------------------------------------------- expressions

    def part(self, place: Index, expr: Expr) -> Expr:
        """`x[mask]` in `x[mask][0]`: a copy, whose adjoint is no part of that of x. It gets a name."""
        if self.forward_mode or copies(place, self.scope) is False:
            return expr
        return self.bind(expr, like=place)

    def varies(self, expr: Expr) -> bool:
        return not self.dependence.sources(expr, self.scope).isdisjoint(self.varied)

    def visit(self, expr: Expr, *, top: bool = False) -> Expr:
        """The expression with what is dear and read by a rule replaced by names."""
        if not self.varies(expr):
            return expr
        match expr:
            case Index(base=Tuple(elts=elts), index=Const(value=int(k))) if 0 <= k < len(elts):
                return self.visit(elts[k])  # `divmod(x, y)[1]`
            case Index(base=base, index=index):
                new_base = base if isinstance(base, (Name, Index)) else self.visit(base)
                if isinstance(base, Index):
                    new_base = self.part(base, self.visit(base))
                elif isinstance(base, Call) and isinstance(self.scope.kind(base), TupleOf):
                    new_base = self.bind(new_base, like=base)  # Its parts have adjoints of their own.
                return with_children(expr, (new_base, self.name_index(index)))
            case Op() | Call():
                return self.application(expr, top)
        return with_children(expr, tuple(self.visit(c) for c in children(expr)))

    def application(self, node: Op | Call, top: bool) -> Expr:
        if not self.forward_mode and (found := untaken.choice(node, self.scope.kind)):
            return self.choice(node, found)
        app = self.rule(node)
        if app is None:
            return with_children(node, tuple(self.visit(c) for c in children(node)))
        result = self.scope.kind(node)
        new: dict[int, Expr] = {}
        given = {id(child) for child in children(node)}
        for key, value in app.arguments.items():
            # All that are left of the arguments are one tuple to the rule: `block_diag(a, b)`.
            gathered = isinstance(value, Tuple) and id(value) not in given
            for part in value.elts if isinstance(value, Tuple) and gathered else (value,):
                done = self.visit(part)
                if key in app.values or self.needs_shape(app, key, value, result):
                    done = self.name(done)
                new[id(part)] = done
        fresh_node = with_children(node, tuple(new.get(id(c), c) for c in children(node)))
        if RESULT in app.values and not top and self.dear(node):
            return self.bind(fresh_node, like=node)
        return fresh_node

    def choice(self, node: Op | Call, found: Sequence[untaken.Branch]) -> Expr:
        """Conditions get names. What is within a branch stays there: the adjoint of a name would be zero
        where the branch is not taken, and go on to what has an infinite slope there."""
        conditions = {id(condition): condition for b in found for condition, _ in b.choices}
        new = {key: self.name(condition) for key, condition in conditions.items()}
        new.update({id(b.value): self.within(b.value) for b in found})

        def done(expr: Expr) -> Expr:
            if id(expr) in new:
                return new[id(expr)]
            return with_children(expr, tuple(map(done, children(expr))))

        return done(node)

    def within(self, expr: Expr) -> Expr:
        """A part of a branch, with names for what is not computed element by element."""
        if not self.varies(expr):
            return expr
        if untaken.goes_on(expr):
            return with_children(expr, tuple(map(self.within, children(expr))))
        if isinstance(expr, Call) and (found := untaken.branches(expr, self.scope.kind(expr))):
            return self.choice(expr, found)
        return self.name(self.visit(expr))

    def rule(self, node: Op | Call) -> Application | None:
        try:
            if self.forward_mode:
                return tangent(node, self.varies, self.scope, self.scope.kind(node))
            return adjoint(node, self.varies, self.scope, self.scope.kind(node))
        except (NoRule, LookupError, ValueError):
            return None

    def needs_shape(self, app: Application, key: str, value: Expr, result: object) -> bool:
        """Whether the adjoint has to be summed down to a shape that only the value itself can tell."""
        if self.forward_mode or not app.elementwise or not self.varies(value) or isinstance(value, Name):
            return False
        kind = self.scope.kind(value)
        if isinstance(kind, Array) and isinstance(result, Array):
            if alike(kind, result) or result.shape == () or kind.shape == ():
                return False
            return kind.shape is None or result.shape is None or None in kind.shape or None in result.shape
        return True

    def name_index(self, index: Expr) -> Expr:
        if isinstance(index, Tuple):
            return with_children(index, tuple(map(self.name_index, index.elts)))
        if isinstance(index, Slice):
            return (
                index
                if not self.dear(index)
                else with_children(index, tuple(map(self.name, children(index))))
            )
        return self.name(index)

    def name(self, expr: Expr) -> Expr:
        return self.bind(expr) if self.dear(expr) else expr

    def bind(self, expr: Expr, like: Expr | None = None) -> Expr:
        """Give a value a name in the forward sweep."""
        name = self.fresh(self.word(expr))
        self.before.append(Assign(target=Name(name), value=expr))
        kind = self.scope.kind(like if like is not None else expr)
        self.scope.names = {**self.scope.names, name: kind}
        if self.varies(expr):
            self.varied |= {name}
        return Name(name)

    def word(self, expr: Expr) -> str:
        match expr:
            case Op(op=op):
                return "mask" if op in COMPARISONS else WORDS.get(op, "part")
            case Call(fn=fn):
                found = word(fn)
                return found if found.isidentifier() else "value"
        return "value"

    def dear(self, expr: Expr) -> bool:
        """Whether a value is worth a name rather than being computed again."""
        if isinstance(expr, (Name, Const, Global)) or number(expr) is not None:
            return False
        nodes = list(subexpressions(expr))
        if not self.turning.isdisjoint(names(expr)):
            return True
        if any(isinstance(e, Opaque) or (isinstance(e, Call) and not pure(e)) for e in nodes):
            return True
        kind = self.scope.kind(expr)
        if isinstance(kind, Array) and kind.rank == 0:
            return len(nodes) > CHEAP_SCALAR or any(self.passes_over_array(e) for e in nodes)
        if not isinstance(kind, Array):
            return any(isinstance(e, Call) for e in nodes)
        return any(
            isinstance(e, (Op, Call)) and not is_view(e) and not self.is_scalar(e) for e in nodes
        ) or any(isinstance(e, Index) and not self.is_scalar(e) and self.fancy(e) for e in nodes)

    def is_scalar(self, expr: Expr) -> bool:
        kind = self.scope.kind(expr)
        return isinstance(kind, Array) and kind.rank == 0

    def passes_over_array(self, expr: Expr) -> bool:
        """Whether a node computes on whole arrays (or may do so)."""
        if isinstance(expr, Call) and (is_view(expr) or expr.fn == "builtins.len"):
            return False
        if not isinstance(expr, (Op, Call)):
            return False
        return any(
            not self.is_scalar(a)
            for a in expr.args
            if self.scope.kind(a) != FLOAT and may_vary(self.scope.kind(a))
        )

    def fancy(self, expr: Index) -> bool:
        items = expr.index.elts if isinstance(expr.index, Tuple) else (expr.index,)
        return any(not isinstance(i, (Slice, Const)) and not self.is_scalar(i) for i in items)


def turning(function: Function, ranks: Ranks, classes: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What the function changes without anybody knowing what it is: what is read of it has to be kept at
    once, for the whole of it may be large, or no thing to copy."""
    changed = frozenset(n for stmt in statements(function.body) for n in changes(stmt))
    every = changed.union(*(classes.get(n, frozenset()) for n in changed))
    kinds = last_kinds(ranks)
    return frozenset(n for n in every if kinds.get(n) == ANY or isinstance(kinds.get(n), Mapped))


def _sliced(index: Expr) -> bool:
    items = index.elts if isinstance(index, Tuple) else (index,)
    return any(isinstance(i, Slice) for i in items)


def pure(call: Call) -> bool:
    """Whether a call gives the same value when it is made again."""
    return call.fn in _PURE or (registry.lookup(call.fn) is not None and not acts(call))


def is_view(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.fn in ("numpy.transpose", "numpy.swapaxes", "numpy.real")
