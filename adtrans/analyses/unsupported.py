"""What is asked of something that varies, and has no derivative as it is asked: lists and dicts that are made
elsewhere, sums of lists, numbers that are read from text."""

from __future__ import annotations

from collections.abc import Iterator

from adtrans.analyses.activity import TEXTS, Activity
from adtrans.analyses.ranks import Ranks
from adtrans.analyses.strangers import is_container
from adtrans.errors import Diagnostic
from adtrans.ir import Assign, AugAssign, Call, Function, Index, Name
from adtrans.kinds import Kind, ListOf, TupleOf
from adtrans.sharing import is_unknown
from adtrans.walk import MUTATORS, names, nodes, root, statements, target_names

LISTS = frozenset(path for path in MUTATORS if path.startswith("list."))
REDUCTIONS = frozenset({"builtins.sum", "builtins.max", "builtins.min"})


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


def made_elsewhere(function: Function) -> set[str]:
    """What code gives of which nothing is known."""
    return {
        stmt.target.id
        for stmt in statements(function.body)
        if isinstance(stmt, Assign) and isinstance(stmt.target, Name)
        if isinstance(stmt.value, Call) and is_unknown(stmt.value)
    }


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


def inside(kind: Kind) -> list[Kind]:
    """The kinds of the elements of a list or a tuple, where known."""
    match kind:
        case ListOf(elem=Kind() as elem):
            return [elem]
        case TupleOf(elems=elems):
            return [*elems]
    return []


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
