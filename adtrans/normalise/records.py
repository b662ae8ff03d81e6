"""Loops over the keys, values and items of a dict become loops over its keys.

before: for k, v in d.items():        after: for k in d.keys():
            B                                    v = d[k]
                                                 B

Also inside `list`, `reversed` and `sorted`. `zip(d.values(), ys)` and the like run over the list of the keys.
"""

from __future__ import annotations

from dataclasses import replace

from adtrans import ir, walk
from adtrans.kinds import RecordOf
from adtrans.normalise.common import Context, assign, call, lead
from adtrans.normalise.sources import VIEWS

WRAPPERS = ("builtins.list", "builtins.tuple", "builtins.reversed", "builtins.sorted")


def records(function: ir.Function, context: Context) -> ir.Function:
    """No loop over `.items()`, `.keys()` or `.values()`."""

    def rewrite(stmt: ir.Stmt) -> ir.Stmt | list[ir.Stmt]:
        if isinstance(stmt, ir.For):
            return lead(over_keys(stmt, context), stmt)
        return stmt

    body = walk.map_block(function.body, rewrite)
    return function if body is function.body else replace(function, body=body)


def over_keys(loop: ir.For, context: Context) -> list[ir.Stmt]:
    """A loop over a view of a dict as one over its keys; any other loop as it is."""
    inner, wrappers = unwrapped(loop.iter)
    match inner:
        case ir.Call(fn=fn, args=(held,)) if fn in VIEWS:
            pass
        case _:
            return [loop]
    if "builtins.sorted" in wrappers and fn == "dict.values":
        return [loop]  # In the order of the values.
    before: list[ir.Stmt] = []
    bound = {name for s in walk.statements(loop.body) for name in walk.binds(s)} | walk.names(loop.target)
    if not isinstance(held, ir.Name) or held.id in bound:
        name = context.names.fresh("items")
        before.append(assign(name, held, loop.span))
        held = ir.Name(name)
    key, take = targets(loop.target, fn, held, context, loop)
    keys: ir.Expr = ir.Call("dict.keys", (held,), style="method", spelled="keys")
    for wrapper in reversed(wrappers):
        if wrapper not in ("builtins.list", "builtins.tuple") or wrapper == wrappers[0]:
            keys = call(wrapper.rpartition(".")[2], keys)
    return [*before, replace(loop, target=key, iter=keys, body=(*take, *loop.body), text=None)]


def targets(
    target: ir.Expr, fn: str, held: ir.Name, context: Context, loop: ir.For
) -> tuple[ir.Expr, list[ir.Stmt]]:
    """The key as the target of a loop, and what takes the rest from the dict."""
    if fn == "dict.keys":
        return target, []
    match target:
        case ir.Tuple(elts=(ir.Name() as key, value)) if fn == "dict.items":
            return key, [ir.Assign(target=value, value=ir.Index(held, key), span=loop.span)]
    key = ir.Name(context.names.fresh("key"))
    part = ir.Index(held, key)
    value = part if fn == "dict.values" else ir.Tuple((key, part))
    return key, [ir.Assign(target=target, value=value, span=loop.span)]


def unwrapped(it: ir.Expr) -> tuple[ir.Expr, tuple[str, ...]]:
    """What is inside `list(reversed(…))`, and what is around it, the outermost first."""
    wrappers: list[str] = []
    while isinstance(it, ir.Call) and it.fn in WRAPPERS and len(it.args) == 1 and not it.kwargs:
        wrappers.append(it.fn)
        it = it.args[0]
    return it, tuple(wrappers)


def gives_keys(it: ir.Expr, loop: ir.For, context: Context) -> bool:
    """Whether a loop takes keys, which cannot vary: from `d.keys()`, from what is known to be a dict, or from
    a variable, if what it takes is what other things are indexed with."""
    if isinstance(it, ir.Call) and it.fn == "dict.keys":
        return True
    if not isinstance(it, ir.Name):
        return False
    kind = context.kinds.get(it.id)
    if kind is not None:
        return isinstance(kind, RecordOf) and kind.form == "dict"
    return any(
        isinstance(node, ir.Index) and node.index == loop.target
        for stmt in walk.statements(loop.body)
        for expr in walk.expressions(stmt)
        for node in walk.subexpressions(expr)
    )
