"""Parameters that are bound anew: from there on the name means something else.

    def f(u):                   def f(u):
        u = u.copy()                u_own = u.copy()
        u[0] = 0.0                  u_own[0] = 0.0

Only for facts about memory, which go by name: the function that is differentiated stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from adtrans.ir import Assign, Block, Expr, Function, Name, Opaque, Stmt, Verbatim
from adtrans.names import Names
from adtrans.walk import (
    expressions,
    map_block,
    map_stmt,
    reads,
    statements,
    subexpressions,
    substitute,
    target_names,
    writes,
)


def apart(function: Function) -> Function:
    """The function with a name of its own for what a parameter is bound to in the body."""
    body = function.body
    taken = Names({p.name for p in function.params}.union(*(reads(s) | writes(s) for s in body)))
    for param in function.params:
        for k, stmt in enumerate(body):
            if isinstance(stmt, Assign) and param.name in target_names(stmt.target):
                if not _in_text(param.name, body[k:]):
                    new: dict[str, Expr] = {param.name: Name(taken.fresh(f"{param.name}_own"))}
                    first = replace(stmt, target=substitute(stmt.target, new))
                    body = (*body[:k], first, *_renamed(body[k + 1 :], new))
                break
    return function if body is function.body else replace(function, body=body)


def _renamed(block: Block, new: dict[str, Expr]) -> Block:
    return map_block(block, lambda stmt: map_stmt(stmt, lambda expr: substitute(expr, new)))


def _in_text(name: str, block: Block) -> bool:
    """Whether a name stands in text that is carried over as it is."""

    def found(stmt: Stmt) -> bool:
        if isinstance(stmt, Verbatim):
            return name in (*stmt.reads, *stmt.writes)
        nodes = [e for expr in expressions(stmt) for e in subexpressions(expr)]
        return any(name in (*e.reads, *e.writes) for e in nodes if isinstance(e, Opaque))

    return any(map(found, statements(block)))
