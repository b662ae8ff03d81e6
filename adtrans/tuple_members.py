"""What the class of a named tuple adds to it, where no more is known than that it is a tuple: refused.

for m in moments:
    s += m.sum()        whether that is a method of its class cannot be said
    assert m.area > 0.0     and the emitted module's class has no properties
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic, Span
from adtrans.ir import Attr, Call, Expr, Function, Index, Opaque, Verbatim
from adtrans.kinds import TupleOf
from adtrans.structures import named_part
from adtrans.walk import binds, children, expressions, statements, subexpressions

OWN = frozenset({"count", "index", "_replace", "_asdict", "_fields"})
"""What every named tuple has."""


def refused(function: Function, ranks: Ranks, *, entry: bool) -> Iterator[Diagnostic]:
    """All that is asked of named tuples and is not theirs. What the entry is given has its class."""
    given = {p.name for p in function.params} if entry else set()
    given = given.difference(*(binds(stmt) for stmt in statements(function.body)))
    for stmt in statements(function.body):
        scope = ranks.scope(stmt)
        if isinstance(stmt, Verbatim):
            yield from in_text(stmt.text or "", set(stmt.reads) - given, scope, stmt.span)
        for expr in (e for whole in expressions(stmt) for e in subexpressions(whole)):
            span = expr.span or stmt.span
            if isinstance(expr, Opaque):
                yield from in_text(expr.text, set(expr.reads) - given, scope, span)
            elif (word := asked(expr)) not in OWN and is_stranger(expr, scope):
                words = f"`.{word}` of a named tuple is none of its parts, and its class is not known here"
                help_ = "bind the tuple first, `p = P(...)`, or annotate the parameter with the class"
                yield Diagnostic("AD202", words, span, help_)


def is_stranger(expr: Expr, scope: Scope) -> bool:
    """Whether an attribute or a method is one of a named tuple, and none of its parts."""
    kind = scope.kind(children(expr)[0])
    return isinstance(kind, TupleOf) and bool(kind.names) and named_part(expr, scope.kind) is None


def in_text(text: str, reads: Iterable[str], scope: Scope, span: Span | None) -> Iterator[Diagnostic]:
    """The same in code that is carried over, where the class has the parts alone."""
    for name in sorted(reads):
        kind = scope.names.get(name)
        if not isinstance(kind, TupleOf) or not kind.names:
            continue
        for word in re.findall(rf"(?<![\w.]){name}\.(\w+)", text):
            if word not in OWN | {*kind.names}:
                words = (
                    f"`.{word}` of a named tuple, which is none of its parts, is in code that is carried over"
                )
                yield Diagnostic(
                    "AD202", words, span, f"compute it in a statement before: `{word} = {name}.{word}`"
                )


def asked(expr: Expr) -> str:
    """The name behind the dot of an attribute or a method; `count`, which is harmless, for anything else."""
    match expr:
        case Call(style="method" | "attribute", args=(_, *_), spelled=word) | Attr(name=word):
            return word
        case Index(index=index, attribute=True):
            return str(getattr(index, "value", ""))
    return "count"
