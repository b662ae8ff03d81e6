"""Walking the IR: what every pass needs to look at expressions and statements, or to rebuild them.

Rebuilding keeps identity: whatever `f` leaves alone comes back as the very same object, so that a
statement that did not change keeps its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from itertools import chain
from keyword import iskeyword
from operator import attrgetter, is_

from adtrans import ir
from adtrans.errors import Span
from adtrans.frontend.methods import NUMPY_WRITERS
from adtrans.sharing import is_unknown, may_view, results

# Functions that write to their first argument. A user function may do so too: `writes` does not
# know, the effects of calls are the business of `analyses/`.
MUTATORS = NUMPY_WRITERS | {
    *(f"list.{name}" for name in ("append", "pop", "extend", "insert", "clear", "remove", "reverse", "sort")),
    "dict.update",
    "dict.setdefault",
    "builtins.setattr",
    "builtins.delattr",
}

GROWING = ("list.append", "list.insert", "list.extend")
"""Those of them that put something into a list that was not there."""

NOTHING: frozenset[str] = frozenset()

# ---------------------------------------------------------------- expressions

WORD = re.compile(r"[^\W\d]\w*")


def children(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    """The direct subexpressions, in the order in which Python evaluates them.

    For a comprehension, which binds its target, the order is iterable, target, conditions, element.
    """
    return CHILDREN[type(expr)](expr)


def _none(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    return ()


def _of_call(expr: ir.Call) -> tuple[ir.Expr, ...]:
    return expr.args + tuple([value for _, value in expr.kwargs]) if expr.kwargs else expr.args


def _of_slice(expr: ir.Slice) -> tuple[ir.Expr, ...]:
    return tuple([e for e in (expr.lower, expr.upper, expr.step) if e is not None])


CHILDREN: dict[type[ir.Expr], Callable[..., tuple[ir.Expr, ...]]] = {
    ir.Name: _none,
    ir.Const: _none,
    ir.Zero: _none,
    ir.Global: _none,
    ir.Opaque: _none,
    ir.Held: _none,
    ir.Spread: _none,
    ir.Op: attrgetter("args"),
    ir.Call: _of_call,
    ir.Attr: lambda e: (e.base,),
    ir.Field: lambda e: (e.base,),
    ir.Index: attrgetter("base", "index"),
    ir.Slice: _of_slice,
    ir.Tuple: attrgetter("elts"),
    ir.List: attrgetter("elts"),
    ir.Dict: attrgetter("elts"),
    ir.IfExp: attrgetter("test", "then", "orelse"),
    ir.Comprehension: lambda e: (e.iter, e.target, *e.conditions, e.elt),
    ir.Bind: lambda e: (e.value,),
    ir.Star: lambda e: (e.value,),
    ir.Apply: lambda e: (e.function, *e.args, *(value for _, value in e.kwargs)),
    ir.Closure: lambda e: tuple(value for _, value in e.defaults),
}
"""The subexpressions of each kind of node: a table, because every pass looks at every node."""


def with_children(expr: ir.Expr, new: tuple[ir.Expr, ...]) -> ir.Expr:
    """The same node over other subexpressions (as many as `children` gives, in its order)."""
    old = children(expr)
    if len(old) == len(new) and all(map(is_, old, new)):
        return expr
    match expr:
        case ir.Op():
            return replace(expr, args=new)
        case ir.Call(args=args, kwargs=kwargs):
            named = tuple((key, value) for (key, _), value in zip(kwargs, new[len(args) :], strict=True))
            return replace(expr, args=new[: len(args)], kwargs=named)
        case ir.Attr() | ir.Field():
            return replace(expr, base=new[0])
        case ir.Index():
            return replace(expr, base=new[0], index=new[1])
        case ir.Slice(lower=lower, upper=upper, step=step):
            rest = iter(new)
            bounds = [None if e is None else next(rest) for e in (lower, upper, step)]
            return replace(expr, lower=bounds[0], upper=bounds[1], step=bounds[2])
        case ir.Tuple() | ir.List() | ir.Dict():
            return replace(expr, elts=new)
        case ir.IfExp():
            return replace(expr, test=new[0], then=new[1], orelse=new[2])
        case ir.Comprehension():
            return replace(expr, iter=new[0], target=new[1], conditions=new[2:-1], elt=new[-1])
        case ir.Bind() | ir.Star():
            return replace(expr, value=new[0])
        case ir.Apply(args=args, kwargs=kwargs):
            named = tuple((key, value) for (key, _), value in zip(kwargs, new[len(args) + 1 :], strict=True))
            return replace(expr, function=new[0], args=new[1 : len(args) + 1], kwargs=named)
        case ir.Closure(defaults=defaults):
            pairs = zip((key for key, _ in defaults), new, strict=True)
            return replace(expr, defaults=tuple(pairs))
    raise TypeError(f"{type(expr).__name__} has no children")


def map_expr(expr: ir.Expr, f: Callable[[ir.Expr], ir.Expr]) -> ir.Expr:
    """Rebuild bottom-up: `f` sees every node after its children. Unchanged parts keep identity."""
    parts = children(expr)
    if parts:
        new = [map_expr(e, f) for e in parts]
        if not all(map(is_, parts, new)):
            expr = with_children(expr, tuple(new))
    return f(expr)


def subexpressions(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    """The expression and everything in it, outermost first, left to right."""
    if expr.inner is None:
        object.__setattr__(expr, "inner", tuple(_inside(expr)))
        assert expr.inner is not None
    return expr, *expr.inner


def _inside(expr: ir.Expr) -> Iterator[ir.Expr]:
    stack = [*children(expr)[::-1]]
    while stack:
        node = stack.pop()
        yield node
        inner = CHILDREN[type(node)](node)
        if inner:
            stack += inner[::-1]


def names(expr: ir.Expr) -> frozenset[str]:
    """The ids of the local names that an expression reads, those in an `Opaque` included.

    The target of a comprehension is its own and does not count.
    """
    if expr.free is None:
        object.__setattr__(expr, "free", _names(expr))
        assert expr.free is not None
    return expr.free


def _names(expr: ir.Expr) -> frozenset[str]:
    match expr:
        case ir.Name(id=name):
            return frozenset((name,))
        case ir.Opaque(reads=ids) | ir.Spread(otherwise=ir.Opaque(reads=ids)):
            return frozenset(ids)
        case ir.Held(otherwise=text) | ir.Closure(otherwise=text):
            return names(text)
        case ir.Comprehension():
            return names(expr.iter) | (names_of((expr.elt, *expr.conditions)) - names(expr.target))
    return names_of(children(expr))


def names_of(exprs: Iterable[ir.Expr]) -> frozenset[str]:
    """The names that any of these expressions reads."""
    found = [inner for e in exprs if (inner := names(e))]
    return found[0] if len(found) == 1 else NOTHING.union(*found)


def substitute(expr: ir.Expr, mapping: Mapping[str, ir.Expr]) -> ir.Expr:
    """Put expressions in the place of names. The text in an `Opaque` stays as it is."""
    match expr:
        case ir.Name(id=name):
            return mapping.get(name, expr)
        case ir.Comprehension(target=target):
            bound = names(target)
            inner = {key: value for key, value in mapping.items() if key not in bound}
            it, _, *others = children(expr)
            rest = tuple(substitute(e, inner) for e in others)
            return with_children(expr, (substitute(it, mapping), target, *rest))
    parts = children(expr)
    if not parts:
        return expr
    return with_children(expr, tuple(substitute(e, mapping) for e in parts))


def root(expr: ir.Expr) -> ir.Name | None:
    """The name at the bottom of `x`, `x[i]`, `x[i][j]`, `x.T[i]`: what a write to it writes to."""
    while True:
        match expr:
            case ir.Name():
                return expr
            case ir.Index(base=base) | ir.Attr(base=base) | ir.Field(base=base):
                expr = base
            case ir.Call(args=(receiver, *_), style="method" | "attribute"):
                expr = receiver
            case _:
                return None


# ----------------------------------------------------------------- statements


def blocks(stmt: ir.Stmt) -> tuple[ir.Block, ...]:
    """The blocks directly inside a statement; none for a simple one."""
    if isinstance(stmt, COMPOUND):
        return stmt.body, stmt.orelse
    return ()


COMPOUND = (ir.If, ir.For, ir.While)


def statements(block: ir.Block) -> Iterator[ir.Stmt]:
    """All statements of a block, nested ones included, in the order of the text."""
    stack = [iter(block)]  # Not recursive: each would be handed up from the depth of a chain of branches.
    while stack:
        for stmt in stack[-1]:
            yield stmt
            if isinstance(stmt, COMPOUND):
                stack += iter(stmt.orelse), iter(stmt.body)
                break
        else:
            stack.pop()


def map_block(block: ir.Block, f: Callable[[ir.Stmt], ir.Stmt | Iterable[ir.Stmt]]) -> ir.Block:
    """Rebuild bottom-up: `f` sees every statement after its blocks, and gives one statement or
    several (or none) in its place. Unchanged statements and blocks keep identity."""
    new: list[ir.Stmt] = []
    for stmt in block:
        # Not through `map_blocks`: one frame for each level lets long chains of guards pass.
        inner = blocks(stmt)
        if inner:
            body, orelse = inner
            stmt = with_blocks(stmt, map_block(body, f), map_block(orelse, f) if orelse else orelse)
        result = f(stmt)
        if isinstance(result, ir.Stmt):
            new.append(result)
        else:
            new.extend(result)
    return same(block, new)


def map_blocks(stmt: ir.Stmt, f: Callable[[ir.Block], ir.Block]) -> ir.Stmt:
    """The statement with `f` applied to each of its direct blocks."""
    inner = blocks(stmt)
    if not inner:
        return stmt
    body, orelse = inner
    return with_blocks(stmt, f(body), f(orelse) if orelse else orelse)


def with_blocks(stmt: ir.Stmt, body: ir.Block, orelse: ir.Block) -> ir.Stmt:
    """A compound statement with other blocks: itself, if they are its own."""
    assert isinstance(stmt, ir.If | ir.For | ir.While)
    if body is stmt.body and orelse is stmt.orelse:
        return stmt
    return replace(stmt, body=body, orelse=orelse)


def same(block: ir.Block, new: Iterable[ir.Stmt]) -> ir.Block:
    """`new` as a block: the old one itself if nothing differs."""
    made = tuple(new)
    if len(made) == len(block) and all(map(is_, made, block)):
        return block
    return made


def expressions(stmt: ir.Stmt) -> tuple[ir.Expr, ...]:
    """The expressions of the statement itself (not of its blocks), targets included, in the order
    of their evaluation."""
    match stmt:
        case ir.Assign(target=target, value=value):
            return (value, target)
        case ir.AugAssign(target=target, value=value):
            return (target, value)
        case ir.ExprStmt(value=value):
            return (value,)
        case ir.If(test=test) | ir.While(test=test):
            return (test,)
        case ir.For(target=target, iter=it):
            return (it, target)
        case ir.Return(value=ir.Expr() as value):
            return (value,)
    return ()


def place(stmt: ir.Stmt) -> Span | None:
    """Where a statement stands; of one that a stage has made, where something in it stands."""
    inside = (part for expr in expressions(stmt) for part in subexpressions(expr))
    return stmt.span or next((part.span for part in inside if part.span), None)


def map_stmt(stmt: ir.Stmt, f: Callable[[ir.Expr], ir.Expr]) -> ir.Stmt:
    """The statement with `f` applied to each of its own expressions (whole ones, targets included);
    it loses its text if that changes one."""
    match stmt:
        case ir.Assign(target=target, value=value) | ir.AugAssign(target=target, value=value):
            new_value, new_target = f(value), f(target)
            if new_value is not value or new_target is not target:
                return replace(stmt, text=None, target=new_target, value=new_value)
        case ir.ExprStmt(value=value) | ir.Return(value=ir.Expr() as value):
            new_value = f(value)
            if new_value is not value:
                return replace(stmt, text=None, value=new_value)
        case ir.If(test=test) | ir.While(test=test):
            new_test = f(test)
            if new_test is not test:
                return replace(stmt, text=None, test=new_test)
        case ir.For(target=target, iter=it):
            new_iter, new_target = f(it), f(target)
            if new_iter is not it or new_target is not target:
                return replace(stmt, text=None, target=new_target, iter=new_iter)
    return stmt


Look = Callable[[ir.Stmt], frozenset[str]]


def once(look: Look) -> Look:
    """What a function finds in a statement is kept with it: every pass asks, and statements never change."""
    key = look.__name__

    @wraps(look)
    def found(stmt: ir.Stmt) -> frozenset[str]:
        known = stmt.known.get(key)
        if known is None:
            known = stmt.known[key] = look(stmt)
        return known

    return found


@once
def reads(stmt: ir.Stmt) -> frozenset[str]:
    """The names whose values a statement reads, everything inside it included.

    `x[i] = e` reads `i` and `e`, and `x` too (the array it writes to); `x += e` reads `x`.
    """
    match stmt:
        case ir.Assign(target=target, value=value):
            own = names(value) | target_reads(target)
        case ir.For(target=target, iter=it):
            own = names(it) | target_reads(target)
        case ir.Verbatim(reads=ids):
            own = frozenset(ids)
        case _:
            own = names_of(expressions(stmt))
    return own.union(*(reads(inner) for block in blocks(stmt) for inner in block))


@once
def writes(stmt: ir.Stmt) -> frozenset[str]:
    """The names that a statement binds or whose values it changes in place, everything inside it
    included. What a call of a user function does to its arguments is not known here."""
    own = binds(stmt) | changes(stmt)
    return own.union(*(writes(inner) for block in blocks(stmt) for inner in block))


def binds(stmt: ir.Stmt) -> frozenset[str]:
    """The names that the statement itself binds (`x += e` binds `x`, `x[i] = e` does not)."""
    match stmt:
        case ir.Assign(target=target) | ir.For(target=target):
            return target_names(target)
        case ir.AugAssign(target=ir.Name(id=name)):
            return frozenset((name,))
        case ir.Verbatim(writes=ids):
            return frozenset(ids)
    return frozenset()


def nodes(stmt: ir.Stmt) -> Iterator[ir.Expr]:
    """The nodes of the expressions of the statement itself."""
    return chain.from_iterable(map(subexpressions, expressions(stmt)))


def is_statement(node: ir.Expr, stmt: ir.Stmt) -> bool:
    """Whether an expression is all that a statement is."""
    return isinstance(stmt, ir.ExprStmt) and node is stmt.value


@once
def changes(stmt: ir.Stmt) -> frozenset[str]:
    """The names whose values the statement itself may change in place (not those it only binds)."""
    return overwrites(stmt) | hands_over(stmt)


@once
def overwrites(stmt: ir.Stmt) -> frozenset[str]:
    """The names whose values a statement writes into, that we know of."""
    found: set[str] = set()
    match stmt:
        case ir.Assign(target=target) | ir.For(target=target):
            found.update(written_in_place(target))
        case ir.AugAssign(target=target):
            name = root(target)
            found.update(() if name is None else (name.id,))
        case ir.Verbatim(writes=ids, flags=flags):
            found.update(name for name in ids if name not in flags)
    for node in nodes(stmt):
        if isinstance(node, ir.Call):
            found |= changed_by(node)
    return frozenset(found)


@once
def hands_over(stmt: ir.Stmt) -> frozenset[str]:
    """The names whose values a statement gives to code that may do anything to them."""
    return NOTHING.union(
        *(given_away(node) for node in nodes(stmt) if isinstance(node, (ir.Call, ir.Opaque)))
    )


def changed_by(call: ir.Call) -> frozenset[str]:
    """The names whose values a call of something known changes in place."""
    targets: list[ir.Expr] = []
    if call.fn in MUTATORS or call.fn.endswith(".at"):
        targets += call.args[:1] or [value for _, value in call.kwargs]  # `np.copyto(dst=y, src=x)`
    targets += results(call)
    return NOTHING.union(*(owners(e) for target in targets for e in leaves(target)))


def owners(place: ir.Expr) -> frozenset[str]:
    """The names whose values a write to a place changes: its root, or those that it may be a view of."""
    name = root(place)
    return may_view(place, {}) if name is None else frozenset((name.id,))


def repeatable(expr: ir.Expr) -> bool:
    """Whether an expression gives the same value again as long as what it reads stays the same. What is
    drawn at random does not, nor what a clock or an iterator says, nor what changes something."""
    return not any(map(acts, subexpressions(expr)))


def acts(node: ir.Expr) -> bool:
    """Whether a node (not what is inside it) does more than give a value, as far as we know."""
    match node:
        case ir.Opaque(text=text):
            return "(" in text or ":=" in text
        case ir.Call(fn=fn):
            drawn = fn.startswith(("builtins.next", "builtins.input", "numpy.random."))
            return drawn or is_unknown(node) or bool(changed_by(node))
    return False


def given_away(expr: ir.Expr) -> frozenset[str]:
    """The names whose values may change as nobody knows what a call does: `solver.step(y)` may write into
    `y`, and into the solver."""
    match expr:
        case ir.Opaque(writes=ids):
            return frozenset(ids)
        case ir.Call() if is_unknown(expr):
            return may_view(expr, {})
    return NOTHING


def leaves(target: ir.Expr) -> Iterator[ir.Expr]:
    """The targets in a (nested) tuple of targets, left to right."""
    if isinstance(target, ir.Tuple | ir.List):
        for elt in target.elts:
            yield from leaves(elt)
    else:
        yield target


def target_names(target: ir.Expr) -> frozenset[str]:
    """The names that an assignment to this target binds."""
    return frozenset(e.id for e in leaves(target) if isinstance(e, ir.Name))


def target_reads(target: ir.Expr) -> frozenset[str]:
    """The names that an assignment to this target reads."""
    return names_of(e for e in leaves(target) if not isinstance(e, ir.Name))


def written_in_place(target: ir.Expr) -> frozenset[str]:
    """The names whose values an assignment to this target changes in place."""
    return NOTHING.union(*(owners(e) for e in leaves(target) if not isinstance(e, ir.Name)))


def reads_of(block: ir.Block) -> frozenset[str]:
    """The names that a block reads."""
    return frozenset().union(*map(reads, block))


def writes_of(block: ir.Block) -> frozenset[str]:
    """The names that a block binds or changes in place."""
    return frozenset().union(*map(writes, block))


def words_in_texts(block: ir.Block) -> list[str]:
    """The words in what is carried over as text, but for the local names among them."""
    found: dict[str, None] = {}
    for stmt in statements(block):
        if isinstance(stmt, ir.Verbatim):
            words = WORD.findall(stmt.text or "")
            found.update(dict.fromkeys(w for w in words if w not in (*stmt.reads, *stmt.writes)))
        for node in nodes(stmt):
            expr = node.otherwise if isinstance(node, ir.Spread) else node
            if isinstance(expr, ir.Opaque):
                found.update(dict.fromkeys(w for w in WORD.findall(expr.text) if w not in expr.reads))
    return [word for word in found if not iskeyword(word)]
