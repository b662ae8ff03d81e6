"""Every jump stands in tail position, and the only return is the last statement.

before: for x in xs:                  after: for x in xs:
            if a: continue                       if a:
            B                                        continue
            if b:                                else:
                if c: break                          B
                C                                    stop = False
            D                                        if b:
                                                         if c:
                                                             stop = True
                                                         else:
                                                             C
                                                     if stop:
                                                         break
                                                     else:
                                                         D

What follows an `if` that jumps goes into the branch that does not. Only where both branches may go
on, and one may jump, a flag is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from adtrans import ir, walk
from adtrans.normalise.common import FALSE, TRUE, Context, assign, lead, negate
from adtrans.normalise.flow import Flow, Jump

FLAGS: Mapping[Jump, str] = {ir.Break: "stop", ir.Continue: "skip", ir.Return: "done"}
JUMPS = (ir.Break, ir.Continue, ir.Return)
Backwards = list[ir.Stmt]
"""Statements in reverse order, so that one more before them costs nothing."""


def jumps(function: ir.Function, context: Context) -> ir.Function:
    """Jumps in tail position only. (Returns stand outside of loops, and all give the same names.)"""
    returns = [s for s in walk.statements(function.body) if isinstance(s, ir.Return)]
    body = Lowering(context).block(function.body)
    last = returns[-1] if returns else ir.Return(value=None)
    if last is not function.body[-1]:
        last = replace(last, comments=(), trailing="", blank_before=False)
    body = walk.same(function.body, (*Tail(context, {ir.Return: ()}).block(body), last))
    return function if body is function.body else replace(function, body=body)


class Lowering:
    """Lowers the body of a function or of a loop."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.flow = Flow()
        self.flags: dict[Jump, str] = {}
        self.starts: set[ir.Stmt] = set()

    def block(self, block: ir.Block) -> ir.Block:
        return walk.same(block, reversed(self.lower(block, [])))

    def lower(self, block: ir.Block, rest: Backwards) -> Backwards:
        """The block followed by `rest`, which is lowered already (and used up)."""
        for stmt in reversed(block):
            match stmt:
                case ir.Return() | ir.Break() | ir.Continue():
                    rest = [stmt]
                case ir.If():
                    rest = self.branch(stmt, rest)
                case ir.For() | ir.While():
                    rest.append(walk.map_blocks(stmt, Lowering(self.context).block))
                case _:
                    rest = rest if self.flow.falls((stmt,)) else []
                    rest.append(stmt)
        return rest

    def branch(self, stmt: ir.If, rest: Backwards) -> Backwards:
        """An `if` followed by `rest`."""
        kinds = self.flow.jumps((stmt,))
        falls = self.flow.falls(stmt.body), self.flow.falls(stmt.orelse)
        if not kinds:
            rest = rest if any(falls) else []
            rest.append(walk.map_blocks(stmt, self.block))
            return rest
        alone = len(rest) == 1 and isinstance(rest[0], JUMPS)
        if all(falls) and rest and not alone:
            return self.flagged(stmt, rest, kinds)
        # A lone jump may go into both branches. (A `continue` does not vanish here: it has to set its
        # flag where this is a branch of an `if` that needs one.)
        other = [replace(s) for s in rest] if all(falls) else rest
        body = self.lower(stmt.body, rest if falls[0] else [])
        orelse = self.lower(stmt.orelse, other if falls[1] else [])
        return finished(self.context, stmt, tuple(reversed(body)), tuple(reversed(orelse)))

    def flagged(self, stmt: ir.If, rest: Backwards, kinds: frozenset[Jump]) -> Backwards:
        """Both branches may go on: the jumps set flags, which are tested before `rest`."""
        names = {kind: self.flag(kind) for kind in FLAGS if kind in kinds}
        tail = Tail(self.context, {kind: (name,) for kind, name in names.items()}, self.starts)
        body, orelse = (tail.block(tuple(reversed(self.lower(b, [])))) for b in (stmt.body, stmt.orelse))
        after: ir.Block = tuple(reversed(rest))
        for kind, name in reversed(names.items()):
            flag = ir.Name(name)
            if kind is ir.Break:
                after = (ir.If(test=flag, body=(ir.Break(),), orelse=after),)
            else:
                after = (ir.If(test=negate(flag), body=after),)
        starts = [assign(name, FALSE) for name in names.values()]
        self.starts.update(starts)
        code = lead([*starts, *finished(self.context, stmt, body, orelse)], stmt)
        return [*reversed(after), *reversed(code)]

    def flag(self, kind: Jump) -> str:
        """One flag of a kind is enough for a loop: it is set to False where it is needed."""
        if kind not in self.flags:
            self.flags[kind] = self.context.names.fresh(FLAGS[kind])
        return self.flags[kind]


class Tail:
    """Replaces the jumps in tail position of a lowered block: by setting a flag, or by nothing."""

    def __init__(
        self, context: Context, flags: Mapping[Jump, tuple[str, ...]], starts: Collection[ir.Stmt] = ()
    ) -> None:
        self.context = context
        self.flags = flags
        self.starts = starts

    def block(self, block: ir.Block) -> ir.Block:
        # A flag that was needed further inside already is one and the same: it is False here.
        kept = [s for s in block if not (s in self.starts and self.is_flag(s))]
        return walk.same(block, (*kept[:-1], *self.last(kept[-1]))) if kept else ()

    def is_flag(self, stmt: ir.Stmt) -> bool:
        names = {name for flag in self.flags.values() for name in flag}
        return isinstance(stmt, ir.Assign) and isinstance(stmt.target, ir.Name) and stmt.target.id in names

    def last(self, stmt: ir.Stmt) -> Iterable[ir.Stmt]:
        match stmt:
            case ir.Break() | ir.Continue() | ir.Return() if type(stmt) in self.flags:
                return [
                    replace(assign(name, TRUE), comments=stmt.comments) for name in self.flags[type(stmt)]
                ]
            case ir.If(test=ir.Name(id=name), body=(ir.Break(),), orelse=orelse) if self.sets(ir.Break, name):
                return finished(self.context, stmt, (), self.block(orelse))
            case ir.If(body=body, orelse=orelse):
                return finished(self.context, stmt, self.block(body), self.block(orelse))
        return (stmt,)

    def sets(self, kind: Jump, name: str) -> bool:
        return name in self.flags.get(kind, ())


def finished(context: Context, stmt: ir.If, body: ir.Block, orelse: ir.Block) -> Backwards:
    """The `if` with new branches: turned round if the first one is empty, nothing if both are."""
    if not body and not orelse:
        effect = context.effects.effectful(stmt.test)
        return [ir.ExprStmt(value=stmt.test, span=stmt.span, comments=stmt.comments)] if effect else []
    if not body:
        return [replace(stmt, text=None, test=negate(stmt.test), body=orelse, orelse=())]
    if walk.same(stmt.body, body) is stmt.body and walk.same(stmt.orelse, orelse) is stmt.orelse:
        return [stmt]
    return [replace(stmt, body=body, orelse=orelse)]
