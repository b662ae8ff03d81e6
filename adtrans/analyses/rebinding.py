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
from adtrans.walk import map_block, map_expr, map_stmt, reads, substitute, target_names, writes


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
    own = taken.fresh(f"{name}_own")
    stmt = body[k]
    assert isinstance(stmt, Assign)
    target = substitute(stmt.target, {name: Name(own)})
    return (*body[:k], replace(stmt, target=target), *_renamed(body[k + 1 :], name, own))


def _renamed(block: Block, name: str, own: str) -> Block:
    """A block with another name for a variable; of text that is carried over, what is said of it."""

    def names(those: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(own if n == name else n for n in those)

    def text(expr: Expr) -> Expr:
        if isinstance(expr, Opaque) and name in (*expr.reads, *expr.writes):
            return replace(expr, reads=names(expr.reads), writes=names(expr.writes))
        return expr

    def change(stmt: Stmt) -> Stmt:
        stmt = map_stmt(stmt, lambda expr: map_expr(substitute(expr, {name: Name(own)}), text))
        if isinstance(stmt, Verbatim) and name in (*stmt.reads, *stmt.writes):
            return replace(stmt, reads=names(stmt.reads), writes=names(stmt.writes))
        return stmt

    return map_block(block, change)
