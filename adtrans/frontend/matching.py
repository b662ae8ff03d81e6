"""Lowering of `match` on constants, names, and tuples of such: a chain of `if` and `elif`.

before: match order:                      after: if order == 1:
            case 1: y = x                             y = x
            case (2 | 3) as n if x > 0.0:        elif (order == 2 or order == 3) and x > 0.0:
                y = x**n                              n = order
            case _:                                   y = x**n
                y = 0.0                          else:
                                                      y = 0.0
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir, walk
from adtrans.errors import Span
from adtrans.frontend.contexts import headed
from adtrans.frontend.scopes import scan

if TYPE_CHECKING:
    from adtrans.frontend.statements import Lead, Statements


class Unmatched(Exception):
    """A pattern that has no test of our kind."""


@dataclass
class Found:
    """What a pattern asks for, all of it, and what it binds."""

    tests: list[ir.Expr] = field(default_factory=list)
    bound: dict[str, ir.Expr] = field(default_factory=dict)


def match_(owner: Statements, node: cst.Match, lead: Lead) -> ir.Block:
    """A `match` statement."""
    known = len(owner.diagnostics)
    try:
        made = chain(owner, node)
    except Unmatched:
        made = None
    if made is None or len(owner.diagnostics) > known:
        del owner.diagnostics[known:]
        return owner.verbatim_block(node, lead)
    if scan(node).jumps:
        return headed(made, lead)
    return headed((owner.carried(node, "a `match` statement", made),), lead)


def chain(owner: Statements, node: cst.Match) -> ir.Block:
    subject = owner.expressions.lower(node.subject)
    before: ir.Block = ()
    plain = subject.elts if isinstance(subject, ir.Tuple) else (subject,)
    if not all(isinstance(e, ir.Name | ir.Const) for e in plain):
        name = ir.Name(owner.fresh("subject"))
        before, subject = (ir.Assign(target=name, value=subject, span=owner.module.span(node.subject)),), name
    rows = [case(owner, node, one, subject) for one in node.cases]
    rest: ir.Block = ()
    for test, body, span in reversed(rows):
        rest = body if test is None else (ir.If(test=test, body=body, orelse=rest, span=span),)
    return (*before, *rest)


def case(
    owner: Statements, whole: cst.Match, node: cst.MatchCase, subject: ir.Expr
) -> tuple[ir.Expr | None, ir.Block, Span]:
    """The test of one case (None: it always fits), and its statements."""
    found = Found()
    ask(owner, node.pattern, subject, found)
    span = owner.module.span(node.pattern)
    if node.guard is not None:
        if scan(node.guard).walrus:
            raise Unmatched
        alone(owner, whole, found.bound)
        guard = owner.expressions.lower(node.guard)
        texts = (e for e in walk.subexpressions(guard) if isinstance(e, ir.Opaque))
        if any(set(e.reads) & set(found.bound) for e in texts):
            raise Unmatched
        found.tests.append(walk.substitute(guard, found.bound))
    binds = tuple(ir.Assign(target=ir.Name(n), value=e, span=span) for n, e in found.bound.items())
    test = conjunction(found.tests)
    return test, (*binds, *owner.block(node.body)), span


def alone(owner: Statements, node: cst.Match, names: Iterable[str]) -> None:
    """Names bound by a pattern whose guard then fails stay bound: only cases that bind them may read them."""
    everywhere = [root.value for root, _ in owner.unit.scope.uses.loads]
    for name in names:
        own = [c for c in node.cases if name in {n.value for n in scan(c.pattern).stores}]
        inside = [root.value for c in own for root, _ in scan(c.guard, c.body).loads]
        if everywhere.count(name) > inside.count(name):
            raise Unmatched


def conjunction(tests: Sequence[ir.Expr]) -> ir.Expr | None:
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else ir.Op("and", tuple(tests))


def ask(owner: Statements, pattern: cst.MatchPattern, subject: ir.Expr, found: Found) -> None:
    """Add what a pattern asks of a subject."""
    match pattern:
        case cst.MatchValue(value=value):
            found.tests.append(ir.Op("==", (subject, owner.expressions.lower(value))))
        case cst.MatchSingleton(value=value):
            found.tests.append(ir.Op("is", (subject, owner.expressions.lower(value))))
        case cst.MatchOr(patterns=patterns):
            found.tests.append(ir.Op("or", tuple(either(owner, p.pattern, subject) for p in patterns)))
        case cst.MatchAs(pattern=inner, name=name):
            if inner is not None:
                ask(owner, inner, subject, found)
            if name is not None:
                bind(found, name.value, subject)
        case cst.MatchTuple(patterns=patterns) | cst.MatchList(patterns=patterns):
            several(owner, patterns, subject, found)
        case _:
            raise Unmatched


def either(owner: Statements, pattern: cst.MatchPattern, subject: ir.Expr) -> ir.Expr:
    """One alternative, which may bind nothing."""
    found = Found()
    ask(owner, pattern, subject, found)
    test = conjunction(found.tests)
    if found.bound or test is None:
        raise Unmatched
    return test


def several(
    owner: Statements,
    patterns: Sequence[cst.MatchSequenceElement | cst.MatchStar],
    subject: ir.Expr,
    found: Found,
) -> None:
    """`(1, k)` against a tuple that is written down, or against a value that may be one."""
    elements = [p.value for p in patterns if isinstance(p, cst.MatchSequenceElement)]
    if len(elements) < len(patterns):
        raise Unmatched
    if isinstance(subject, ir.Tuple):
        if len(subject.elts) != len(elements):
            raise Unmatched
        parts = subject.elts
    else:
        sequence = ir.Tuple((ir.Global("tuple"), ir.Global("list")))
        kind = ir.Call("builtins.isinstance", (subject, sequence), spelled="isinstance")
        length = ir.Call("builtins.len", (subject,), spelled="len")
        found.tests += [kind, ir.Op("==", (length, ir.Const(len(elements))))]
        parts = tuple(ir.Index(subject, ir.Const(k)) for k in range(len(elements)))
    for inner, part in zip(elements, parts, strict=True):
        ask(owner, inner, part, found)


def bind(found: Found, name: str, value: ir.Expr) -> None:
    if name in found.bound:
        raise Unmatched
    found.bound[name] = value
