"""Parameters that are bound anew, lists that are copied: from there on the name means something else.

    def f(u):                   def f(u):
        u = u.copy()                u_own = u.copy()
        u[0] = 0.0                  u_own[0] = 0.0

Only for facts about memory, which go by name: the function that is differentiated stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from adtrans.ir import Assign, Block, Call, Expr, Function, Name, Opaque, Stmt, Verbatim
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
    params = [p.name for p in function.params]
    taken = Names(set(params).union(*(reads(s) | writes(s) for s in body)))
    for name in params:
        for k, stmt in enumerate(body):
            if isinstance(stmt, Assign) and name in target_names(stmt.target):
                body = _from(body, k, name, taken)
                break
    for k, stmt in enumerate(body):
        match stmt:
            case Assign(
                target=Name(id=name), value=Call(fn="builtins.list" | "numpy.copy", args=(Name(id=old),))
            ):
                body = _from(body, k, name, taken) if name == old else body
    return function if body is function.body else replace(function, body=body)


def _from(body: Block, k: int, name: str, taken: Names) -> Block:
    """The body with another name for what the statement at `k` binds."""
    if _in_text(name, body[k:]):
        return body
    new: dict[str, Expr] = {name: Name(taken.fresh(f"{name}_own"))}
    stmt = body[k]
    assert isinstance(stmt, Assign)
    return (*body[:k], replace(stmt, target=substitute(stmt.target, new)), *_renamed(body[k + 1 :], new))


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
