"""Every return gives the same names.

before: if c:                         after: if c:
            return a                             out = a
        return b * 2.0                           return out
                                             out = b * 2.0
                                             return out

A name that all returns give anyway is kept. A function that returns nothing ends with `return`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adtrans import ir, walk
from adtrans.normalise.arity import Label
from adtrans.normalise.common import Context, lead
from adtrans.normalise.flow import Flow

NOTHING = ir.Const(None)


def results(function: ir.Function, context: Context) -> ir.Function:
    """All returns give the same name, or tuple of names, or nothing; control ends in one of them."""
    returns = [s for s in walk.statements(function.body) if isinstance(s, ir.Return)]
    falls = Flow().falls(function.body)
    giving = [s for s in returns if not is_nothing(s.value)]
    if not giving:
        return without_result(function, returns, falls)
    if falls or len(giving) < len(returns):
        function = on_every_path(function, falls, entry=function.path == context.program.entry)
        giving = [s for s in walk.statements(function.body) if isinstance(s, ir.Return)]
    lengths = {context.arities.width(s.value, {}) for s in giving}
    if function.path in context.program.functions:
        lengths.add(context.arities.of(function.path))  # what the callers believe
    if len(lengths) > 1:
        span = giving[-1].span
        context.refuse("AD214", f"the returns of `{function.name}` give different numbers of values", span)
        return function
    names = choose(giving, lengths.pop(), context, as_they_came(function, context))
    # A caller takes results apart; what the entry gives is what the user sees.
    label = (
        context.arities.label(ir.Call(function.path, ()))
        if function.path == context.program.entry
        else Label()
    )

    def give(stmt: ir.Stmt) -> Iterable[ir.Stmt]:
        return assigned(stmt, names, label) if isinstance(stmt, ir.Return) else (stmt,)

    body = walk.map_block(function.body, give)
    return function if body is function.body else replace(function, body=body)


def on_every_path(function: ir.Function, falls: bool, entry: bool) -> ir.Function:
    """The function with a `None` for its callers on the paths that give nothing; of the entry these have no
    derivative, which shows when one is taken."""
    text = f'raise TypeError("{function.name} returns None here, which has no derivative")'

    def written(stmt: ir.Stmt) -> ir.Stmt:
        if not isinstance(stmt, ir.Return) or not is_nothing(stmt.value):
            return stmt
        if not entry:
            return replace(stmt, value=NOTHING)
        return ir.Verbatim(text=text, span=stmt.span, comments=stmt.comments, blank_before=stmt.blank_before)

    last: ir.Stmt = ir.Verbatim(text=text) if entry else ir.Return(value=NOTHING)
    return replace(function, body=(*walk.map_block(function.body, written), *((last,) if falls else ())))


def is_nothing(value: ir.Expr | None) -> bool:
    return value is None or value == NOTHING


def without_result(function: ir.Function, returns: list[ir.Return], falls: bool) -> ir.Function:
    """Plain `return`s, and one at the end."""

    def plain(stmt: ir.Stmt) -> ir.Stmt:
        return replace(stmt, value=None) if isinstance(stmt, ir.Return) and stmt.value is not None else stmt

    body = walk.map_block(function.body, plain)
    if falls:
        body = (*body, ir.Return(value=None))
    return function if body is function.body else replace(function, body=body)


def as_they_came(function: ir.Function, context: Context) -> frozenset[str]:
    """The parameters that a callee never binds: a result that is one has an adjoint of its own."""
    if function.path == context.program.entry:
        return frozenset()
    bound = (walk.binds(stmt) for stmt in walk.statements(function.body))
    return frozenset(p.name for p in function.params).difference(*bound)


def choose(
    giving: list[ir.Return], n: int | None, context: Context, not_these: frozenset[str]
) -> list[ir.Name]:
    """The names of the results: the one that all returns give in a place, else `out`."""
    columns = [elements(s.value, n) for s in giving]
    kept: dict[int, str] = {}
    for k in range(1 if n is None else n):
        values = {row[k] if row else None for row in columns}
        value = values.pop() if len(values) == 1 else None
        if isinstance(value, ir.Name) and value.id not in (*kept.values(), *not_these):
            kept[k] = value.id
    if n is None:
        return [ir.Name(kept[0] if kept else context.names.fresh("out"))]
    return [ir.Name(kept[k] if k in kept else context.names.fresh(f"out_{k}")) for k in range(n)]


def elements(value: ir.Expr | None, n: int | None) -> tuple[ir.Expr, ...]:
    """The values that a return gives one by one; none if it gives the result of a call."""
    if n is None:
        return (value,) if value is not None else ()
    return value.elts if isinstance(value, ir.Tuple) else ()


def assigned(stmt: ir.Return, names: list[ir.Name], label: Label) -> Iterable[ir.Stmt]:
    """The return, after assignments to the names."""
    assert stmt.value is not None
    single = len(names) == 1 or not isinstance(stmt.value, ir.Tuple)
    returned: ir.Expr = names[0] if len(names) == 1 else label.of(tuple(names))
    values = (stmt.value,) if single else elements(stmt.value, len(names))
    if tuple(values) == tuple(names):
        return (stmt,)
    code: list[ir.Stmt]
    if single:
        target = names[0] if len(names) == 1 else ir.Tuple(tuple(names))
        code = [ir.Assign(target=target, value=stmt.value, span=stmt.span)]
    else:
        pairs = zip(names, values, strict=True)
        code = [ir.Assign(target=name, value=v, span=stmt.span) for name, v in pairs if v != name]
    code[-1] = replace(code[-1], trailing=stmt.trailing)
    return lead(
        [*code, replace(stmt, text=None, comments=(), blank_before=False, trailing="", value=returned)], stmt
    )
