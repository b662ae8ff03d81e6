"""Loops whose number of iterations is not known beforehand count them.

before: while y < 2.0:                after: steps = 0
            y = y * x                        while y < 2.0:
                                                 steps = steps + 1
                                                 y = y * x

Every `while` does, and every `for` with a `break`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adtrans import ir, walk
from adtrans.normalise.common import Context, assign, lead
from adtrans.normalise.flow import own_breaks


def steps(function: ir.Function, context: Context) -> ir.Function:
    """Every `while`, and every loop with a `break`, has a counter."""

    def count(stmt: ir.Stmt) -> Iterable[ir.Stmt]:
        if not isinstance(stmt, ir.While) and not (isinstance(stmt, ir.For) and own_breaks(stmt.body)):
            return (stmt,)
        name = context.names.fresh("steps")
        tick = assign(name, ir.Op("+", (ir.Name(name), ir.Const(1))))
        return lead((assign(name, ir.Const(0)), replace(stmt, body=(tick, *stmt.body))), stmt)

    body = walk.map_block(function.body, count)
    return function if body is function.body else replace(function, body=body)
