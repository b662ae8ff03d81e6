"""The `else` of a loop becomes an `if` after it.

before: for i in range(n):            after: broken = False
            if c: break                      for i in range(n):
        else:                                    if c:
            E                                        broken = True
                                                     break
                                             if not broken:
                                                 E

Without a `break` of its own, E just follows the loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adtrans import ir, walk
from adtrans.normalise.common import FALSE, TRUE, Context, assign, lead
from adtrans.normalise.flow import own_breaks


def loop_else(function: ir.Function, context: Context) -> ir.Function:
    """No loop has an `else`."""

    def expand(stmt: ir.Stmt) -> Iterable[ir.Stmt]:
        if not isinstance(stmt, ir.For | ir.While) or not stmt.orelse:
            return (stmt,)
        if not own_breaks(stmt.body):
            return (replace(stmt, orelse=()), *stmt.orelse)
        flag = context.names.fresh("broken")
        loop = replace(stmt, body=mark(stmt.body, flag), orelse=())
        check = ir.If(test=ir.Op("not", (ir.Name(flag),)), body=stmt.orelse)
        return lead((assign(flag, FALSE), loop, check), stmt)

    body = walk.map_block(function.body, expand)
    return function if body is function.body else replace(function, body=body)


def mark(block: ir.Block, flag: str) -> ir.Block:
    """Set the flag before each `break` that belongs to the loop with this body."""
    new: list[ir.Stmt] = []
    for stmt in block:
        match stmt:
            case ir.Break():
                new.extend(lead((assign(flag, TRUE), stmt), stmt))
            case ir.If():
                new.append(walk.map_blocks(stmt, lambda inner: mark(inner, flag)))
            case ir.For(orelse=orelse) | ir.While(orelse=orelse) if orelse:
                new.append(replace(stmt, orelse=mark(orelse, flag)))
            case _:
                new.append(stmt)
    return walk.same(block, new)
