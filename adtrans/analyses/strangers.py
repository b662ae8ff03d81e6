"""What is differentiated must not be given to code that may do anything to it: `solver.step(y)` may write
into `y`, keep it, and write into it later. A call of which nothing is used would otherwise pass unseen."""

from __future__ import annotations

from collections.abc import Iterator

from adtrans.analyses.activity import TEXTS, Activity
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic
from adtrans.frontend.methods import METHODS_THAT_CHANGE
from adtrans.ir import Assign, AugAssign, Call, Const, Expr, Function, Index, Name, Opaque, Stmt
from adtrans.kinds import Array, Kind, ListOf, Mapped, RecordOf, TupleOf, is_number, may_vary
from adtrans.sharing import is_unknown
from adtrans.walk import (
    MUTATORS,
    blocks,
    changed_by,
    given_away,
    is_statement,
    names,
    nodes,
    root,
    statements,
    target_names,
)


def strangers(function: Function, ranks: Ranks, activity: Activity) -> Iterator[Diagnostic]:
    """A refusal for each call that may change, or changes in the middle of an expression, what is
    differentiated."""
    for stmt in statements(function.body):
        scopes = ranks.scope(stmt), ranks.scope_after(stmt)
        varied = activity.varied.get(stmt, frozenset()) | activity.varied_after.get(stmt, frozenset())
        varied &= activity.ever_useful if blocks(stmt) else activity.useful.get(stmt, frozenset())
        for node in nodes(stmt) if varied else ():
            if is_statement(node, stmt):
                continue  # A call that is the statement: the sweeps know which they can do.
            names_ = sorted(touched(node) & varied)
            live = [n for n in names_ if any(changeable(scope.kind(Name(n))) for scope in scopes)]
            if live:
                yield refusal(node, live[0], stmt)


def no_lists(function: Function, ranks: Ranks, activity: Activity) -> Iterator[Diagnostic]:
    """`window = deque(maxlen=3)`: what `.append` does to something that is made elsewhere is not known."""
    live = made_elsewhere(function) & activity.ever_varied & activity.ever_useful
    for stmt in statements(function.body) if live else ():
        for node in nodes(stmt):
            if not (isinstance(node, Call) and node.fn in LISTS and node.args):
                continue
            name = root(node.args[0])
            if name is not None and name.id in live and not is_container(ranks.scope(stmt).kind(name)):
                yield Diagnostic(
                    "AD203",
                    f"`.{node.fn[5:]}` of `{name.id}`, which may be no list, cannot be differentiated",
                    node.span or stmt.span,
                    help="use a list: `xs = []`, with `xs.pop(0)` where it becomes too long",
                )


def made_elsewhere(function: Function) -> set[str]:
    """What code gives of which nothing is known."""
    return {
        stmt.target.id
        for stmt in statements(function.body)
        if isinstance(stmt, Assign) and isinstance(stmt.target, Name)
        if isinstance(stmt.value, Call) and is_unknown(stmt.value)
    }


def no_defaults(function: Function, activity: Activity) -> Iterator[Diagnostic]:
    """`total = defaultdict(float); total["a"] += x`: its tangent has no entry, and no default for it."""
    live = made_elsewhere(function) & activity.ever_varied & activity.ever_useful
    for stmt in statements(function.body) if live else ():
        if isinstance(stmt, AugAssign) and isinstance(stmt.target, Index):
            name = root(stmt.target)
            if name is not None and name.id in live:
                yield Diagnostic(
                    "AD203",
                    f"`{name.id}` may make an entry here, of which forward mode knows nothing",
                    stmt.span,
                    help=f"use a dict, `{name.id} = {{}}`, and put in what it begins with",
                )


def of_containers(function: Function, ranks: Ranks, activity: Activity) -> Iterator[Diagnostic]:
    """`sum([[x], [y]], [])`, `max([(x, 1), (y, 2)])`: what joins or compares lists and tuples as a whole."""
    for stmt in statements(function.body):
        scope = ranks.scope(stmt)
        varied = activity.varied.get(stmt, frozenset()) & activity.ever_useful
        for node in nodes(stmt) if varied else ():
            if not isinstance(node, Call) or node.fn not in REDUCTIONS or names(node).isdisjoint(varied):
                continue
            kinds = [scope.kind(e) for e in node.args]
            if len(kinds) == 1 or node.fn == "builtins.sum":
                kinds[:1] = inside(kinds[0])
            if any(map(is_container, kinds)):
                word = node.fn.partition(".")[2]
                yield Diagnostic(
                    "AD202",
                    f"`{word}` of lists or tuples that are differentiated is not supported",
                    node.span or stmt.span,
                    help="write a loop, or a comprehension with two loops",
                )


def written_down(function: Function, activity: Activity) -> Iterator[Diagnostic]:
    """`s = repr(x)`, where that is read again: `float(s)`."""
    for stmt in statements(function.body):
        if not isinstance(stmt, Assign) or target_names(stmt.target).isdisjoint(
            activity.useful.get(stmt, ())
        ):
            continue
        for node in nodes(stmt):
            if isinstance(node, Call) and node.fn in TEXTS and names(node) & activity.varied.get(stmt, set()):
                yield Diagnostic(
                    "AD202",
                    "what is written down as text cannot be differentiated",
                    node.span or stmt.span,
                    help="keep the number, and use that",
                )


REDUCTIONS = frozenset({"builtins.sum", "builtins.max", "builtins.min"})


def inside(kind: Kind) -> list[Kind]:
    """The kinds of the elements of a list or a tuple, where known."""
    match kind:
        case ListOf(elem=Kind() as elem):
            return [elem]
        case TupleOf(elems=elems):
            return [*elems]
    return []


LISTS = frozenset(path for path in MUTATORS if path.startswith("list."))


def unbound(function: Function, ranks: Ranks) -> Iterator[Diagnostic]:
    """`push = xs.append`, `h = y.fill`: what is called later, under whatever name, changes what it is of."""
    for stmt in statements(function.body):
        scope = ranks.scope(stmt)
        for node in nodes(stmt):
            match node:
                case Index(base=base, index=Const(value=str() as name), attribute=True) if (
                    name in METHODS_THAT_CHANGE
                ):
                    kind = scope.kind(base)
                    if is_container(kind) or (isinstance(kind, Array) and not is_number(kind)):
                        yield Diagnostic(
                            "AD203",
                            f"`.{name}` is not called where it is named, so it is not known when it is",
                            node.span or stmt.span,
                            help=f"write `.{name}(...)` where it is called",
                        )


def is_container(kind: Kind) -> bool:
    """Whether a value is a list or a dict (not an object, whose attributes may have any name)."""
    return isinstance(kind, (ListOf, TupleOf, Mapped)) or (isinstance(kind, RecordOf) and kind.form == "dict")


def touched(node: Expr) -> frozenset[str]:
    """The names that a node may change."""
    if isinstance(node, Call) and node.fn == "builtins.getattr":
        return names(node)  # It may be a method that changes what it belongs to.
    if isinstance(node, Call) and node.fn != "list.pop":
        return given_away(node) | changed_by(node)
    return given_away(node) if isinstance(node, Opaque) else frozenset()


def changeable(kind: Kind) -> bool:
    return may_vary(kind) and not is_number(kind)


def refusal(node: Expr, name: str, stmt: Stmt) -> Diagnostic:
    words = f"`{node.spelled or node.fn}`" if isinstance(node, Call) else "a call in this expression"
    return Diagnostic(
        "AD203",
        f"{words} may change `{name}`, which is differentiated",
        node.span or stmt.span,
        help=f"give it a copy: `{name}.copy()`",
    )
