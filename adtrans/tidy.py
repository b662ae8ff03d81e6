"""Clean-ups on finished functions: what a person would not have written that way.

before: y = 1.0            after: y, y_dot = 1.0, 0.0
        y_dot = 0.0
"""

from __future__ import annotations

from dataclasses import replace

from adtrans.ir import Assign, Block, Const, Function, Name, Stmt, Tuple
from adtrans.walk import map_blocks


def tidy(function: Function) -> Function:
    """All clean-ups."""
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    result: list[Stmt] = []
    for stmt in block:
        stmt = map_blocks(stmt, _block)
        if result and (both := pair(result[-1], stmt)) is not None:
            result[-1] = both
        else:
            result.append(stmt)
    return tuple(result)


def pair(first: Stmt, second: Stmt) -> Stmt | None:
    """A variable and its tangent that start as constants, in one line."""
    match first, second:
        case (
            Assign(target=Name(id=name), value=Const() as value),
            Assign(target=Name(id=dot), value=Const(value=0.0) as zero, comments=()),
        ) if dot.rstrip("_") == f"{name}_dot" and isinstance(value.value, float):
            return replace(
                first, target=Tuple((Name(name), Name(dot))), value=Tuple((value, zero)), text=None
            )
    return None
