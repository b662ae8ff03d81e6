"""What is differentiated must not be given to code that may do anything to it: `solver.step(y)` may write
into `y`, keep it, and write into it later. A call of which nothing is used would otherwise pass unseen."""

from __future__ import annotations

from collections.abc import Iterator

from adtrans.analyses.activity import Activity
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic
from adtrans.frontend.methods import METHODS_THAT_CHANGE
from adtrans.ir import Call, Const, Expr, Function, Index, Name, Opaque, Stmt
from adtrans.kinds import Array, Kind, ListOf, Mapped, RecordOf, TupleOf, is_number, may_vary
from adtrans.walk import (
    blocks,
    changed_by,
    given_away,
    is_statement,
    names,
    nodes,
    statements,
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
