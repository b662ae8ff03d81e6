"""No return inside a loop.

before: for i in range(n):            after: returned = False
            if c:                            for i in range(n):
                out = i                          if c:
                return out                           out = i
        B                                            returned = True
        return out                                   break
                                             if returned:
                                                 return out
                                             B
                                             return out

Where the loop is followed by the return anyway, a `break` is enough. Where constants are assigned
to the results in between, they move before the loop.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from adtrans import ir, walk
from adtrans.normalise.common import FALSE, TRUE, Context, assign, is_atom, lead
from adtrans.normalise.flow import Flow

Code = list[ir.Stmt]
Loop = ir.For | ir.While


def exits(function: ir.Function, context: Context) -> ir.Function:
    """Returns stand outside of loops only. (All of them give the same names.)"""
    returns = [s for s in walk.statements(function.body) if isinstance(s, ir.Return)]
    if not returns:
        return function
    value = returns[0].value
    body = Exits(context, value).block(function.body, last=True)
    if Flow().falls(body):
        body = (*body, ir.Return(value=value))  # the end of a loop that was left by returns only
    return function if body is function.body else replace(function, body=body)


class Exits:
    def __init__(self, context: Context, value: ir.Expr | None) -> None:
        self.context = context
        self.value = value
        self.flow = Flow()
        self.results = frozenset() if value is None else walk.names(value)

    def returns(self, stmt: ir.Stmt) -> bool:
        return ir.Return in self.flow.jumps((stmt,))

    def block(self, block: ir.Block, last: bool) -> ir.Block:
        """Statements outside of loops; `last`: the block is followed by the end of the function."""
        new: Code = []
        for k, stmt in enumerate(block):
            rest = block[k + 1 :]
            if isinstance(stmt, Loop) and self.returns(stmt):
                made, rest = self.loop(stmt, rest, last)
                new.extend(lead(made, stmt))
                return walk.same(block, [*new, *self.block(rest, last)])
            ends = (last and not rest) or (bool(rest) and isinstance(rest[0], ir.Return))
            new.append(walk.map_blocks(stmt, partial(self.block, last=ends)))
        return walk.same(block, new)

    def loop(self, loop: Loop, rest: ir.Block, last: bool) -> tuple[Code, ir.Block]:
        """An outermost loop, and what remains of the statements after it."""
        before, rest = self.constants(loop, rest)
        ends = isinstance(rest[0], ir.Return) if rest else last
        if ends and not any(isinstance(s, Loop) and self.returns(s) for s in walk.statements(loop.body)):
            return [*before, self.inner(loop, None)], rest
        flag = self.context.names.fresh("returned")
        made = self.inner(loop, flag)
        after: Code = [] if ends else [ir.If(test=ir.Name(flag), body=(ir.Return(value=self.value),))]
        return [*before, assign(flag, FALSE), made, *after], rest

    def constants(self, loop: Loop, rest: ir.Block) -> tuple[Code, ir.Block]:
        """`out = 0.0` between a loop and the return does as well before the loop, if the loop touches
        `out` only where it returns; `out = y` too, if the loop leaves `y` alone."""
        k = next((k for k, s in enumerate(rest) if not is_plain(s)), len(rest))
        if k == len(rest) or not isinstance(rest[k], ir.Return):
            return [], rest
        names = frozenset().union(*map(walk.binds, rest[:k]))
        given = frozenset().union(*map(walk.reads, rest[:k]))
        if names & used((loop,)) or given & (names | walk.writes(loop)):
            return [], rest
        return list(rest[:k]), rest[k:]

    def inner(self, loop: Loop, flag: str | None) -> ir.Stmt:
        return walk.map_blocks(loop, lambda body: self.body(body, flag))

    def body(self, block: ir.Block, flag: str | None) -> ir.Block:
        """Statements in a loop."""
        new: Code = []
        for stmt in block:
            match stmt:
                case ir.Return(comments=comments):
                    jump = ir.Break(span=stmt.span, comments=comments)
                    new.extend(lead([assign(flag, TRUE), jump] if flag else [jump], stmt))
                case ir.For() | ir.While() if self.returns(stmt):
                    assert flag is not None
                    new.append(self.inner(stmt, flag))
                    new.append(ir.If(test=ir.Name(flag), body=(ir.Break(),)))
                case ir.If():
                    new.append(walk.map_blocks(stmt, lambda inner: self.body(inner, flag)))
                case _:
                    new.append(stmt)
        return walk.same(block, new)


def is_plain(stmt: ir.Stmt) -> bool:
    """`out = 0.0` or `out = y`."""
    match stmt:
        case ir.Assign(target=ir.Name(), value=value):
            sign = isinstance(value, ir.Op) and value.op == "neg" and isinstance(value.args[0], ir.Const)
            return sign or is_atom(value)
    return False


def used(block: ir.Block) -> frozenset[str]:
    """The names that a block reads or writes, but for the results assigned just before a return."""
    names: set[str] = set()
    giving = False
    for stmt in reversed(block):
        giving = isinstance(stmt, ir.Return) or (giving and isinstance(stmt, ir.Assign))
        match stmt:
            case ir.Return():
                pass
            case ir.Assign(target=ir.Name(), value=value) if giving:
                names |= walk.names(value)
            case ir.If(test=test) | ir.While(test=test):
                names |= walk.names(test).union(*map(used, walk.blocks(stmt)))
            case ir.For(target=target, iter=it):
                names |= walk.names_of((target, it)).union(*map(used, walk.blocks(stmt)))
            case _:
                names |= walk.reads(stmt) | walk.writes(stmt)
    return frozenset(names)
