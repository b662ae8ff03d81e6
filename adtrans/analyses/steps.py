"""Steps that are none: `np.sign` is constant almost everywhere of real numbers; of complex ones it turns."""

from __future__ import annotations

from collections.abc import Iterator

from adtrans.analyses.activity import Activity
from adtrans.analyses.ranks import Ranks
from adtrans.applications import for_real_numbers
from adtrans.errors import Diagnostic
from adtrans.ir import Call, Function, Op
from adtrans.kinds import HOLDERS, may_be_complex, may_vary
from adtrans.rules import registry
from adtrans.walk import names, nodes, statements


def turning(function: Function, ranks: Ranks, activity: Activity) -> Iterator[Diagnostic]:
    """The calls that would be given no derivative, as of real numbers, although their argument is complex."""
    for stmt in statements(function.body):
        varied = activity.varied.get(stmt)
        if not varied:
            continue
        for call in nodes(stmt):
            if not isinstance(call, Call) or varied.isdisjoint(names(call)):
                continue
            entry = registry.lookup(call.fn)
            if entry is None or entry.nothing != "no_effect" or entry.complex_too:
                continue
            if any(map(may_be_complex, map(ranks.scope(stmt).kind, call.args))):
                yield for_real_numbers(call, call.fn)


def repeated(function: Function, ranks: Ranks, activity: Activity) -> Iterator[Diagnostic]:
    """`[1.0] * n` with an n that varies: an integer repeats the list, an array multiplies."""
    for stmt in statements(function.body):
        varied = activity.varied.get(stmt)
        if not varied:
            continue
        kind = ranks.scope(stmt).kind
        for node in nodes(stmt):
            if not isinstance(node, Op) or node.op != "*":
                continue
            others = [e for e in node.args if not isinstance(kind(e), HOLDERS)]
            if len(others) != 1 or varied.isdisjoint(names(others[0])) or not may_vary(kind(others[0])):
                continue
            yield Diagnostic(
                "AD203",
                "a list times something that is differentiated: it may be repeated, or multiplied",
                node.span or stmt.span,
                help="make it an array, `np.array(...)`, or the number of times an integer",
            )
