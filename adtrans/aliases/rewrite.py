"""Arrays that have two names get one: what is written in place is written through its owner.

    row = u[i]                    becomes
    row[0] = np.sin(x)                         u[i, 0] = np.sin(x)
    return np.sum(u)                           return np.sum(u)

Derivatives treat arrays as values, so a write must go through the one name that is read later. Only
names that are in a conflict (`analyses/memory.py`) are replaced. A name stands for a place from its
binding on, until something in the place is bound again: then it is bound to it for good (`row = u[i]`
just before), and what is a conflict after that is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from adtrans.aliases.simple import Simple
from adtrans.aliases.state import Differ, Exits, State, Unable, Unsure, both, merge, without
from adtrans.analyses.liveness import live
from adtrans.analyses.memory import Conflict, Memory
from adtrans.analyses.ranks import Ranks
from adtrans.ir import (
    Assign,
    Block,
    Break,
    Continue,
    For,
    Function,
    If,
    Name,
    Return,
    Stmt,
    Verbatim,
    While,
)
from adtrans.names import Names
from adtrans.record.pieces import jumps
from adtrans.walk import (
    binds,
    map_block,
    names,
    statements,
)

STEPS = 4000
"""Statements looked at before the pass gives up: loops in loops are gone through several times."""


def unaliased(
    function: Function,
    ranks: Ranks,
    memory: Memory,
    fresh: Names,
    ends: frozenset[str],
    shared: Callable[[Function], list[Conflict]],
) -> Function:
    """Replace names until `shared` (the conflicts of a function) finds no more that may be replaced.

    `ends` are the parameters whose contents are a result.
    """
    wanted: set[str] = set()
    unable: set[str] = set()
    owned: set[str] = set()
    ended: set[str] = set()
    memo: dict[tuple[Stmt | str, str], str] = {}
    current = function
    while True:
        found = {n for c in shared(current) if not c.module for n in (c.name, c.other)} - wanted
        if not found:
            return current
        wanted |= found
        while True:
            work = Rewrite(ranks, memory, fresh, wanted - unable, memo, live(function, ends=ends))
            work.owned, work.ended_names = owned, ended
            try:
                current = work.function(function)
                break
            except Differ as error:
                owned.add(error.name)
            except Unsure as error:
                ended.add(error.name)
            except Unable as error:
                if not error.name:
                    return function
                unable.add(error.name)


def told_anew(function: Function) -> Function:
    """What text is said to read, without the names that went away: it can only read them through a function,
    whose own text would have kept them."""
    bound = {p.name for p in function.params}.union(*map(binds, statements(function.body)))

    def told(stmt: Stmt) -> Stmt:
        if isinstance(stmt, Verbatim) and not bound.issuperset(stmt.reads):
            words = set(re.findall(r"\w+", stmt.text or ""))
            return replace(stmt, reads=tuple(n for n in stmt.reads if n in bound or n in words))
        return stmt

    body = map_block(function.body, told)
    return function if body is function.body else replace(function, body=body)


class Rewrite(Simple):
    """Goes through the blocks of a function."""

    __slots__ = ()

    def function(self, function: Function) -> Function:
        self.state = State({}, frozenset(p.name for p in function.params))
        self.groups = self.memory.classes(function)
        return told_anew(replace(function, body=self.block(function.body)))

    def block(self, block: Block) -> Block:
        outer, self.out = self.out, []
        for stmt in block:
            self.steps += 1
            if self.steps > STEPS:
                raise Unable
            self.kinds.update(self.ranks.before.get(stmt, {}))
            self.stmt(stmt)
            self.kinds.update(self.ranks.after.get(stmt, {}))
        done, self.out = self.out, outer
        same = len(done) == len(block) and all(a is b for a, b in zip(done, block, strict=True))
        return block if same else tuple(done)

    def stmt(self, stmt: Stmt) -> None:
        if self.state is None:
            self.out.append(stmt)
            return
        match stmt:
            case If():
                self.branch(stmt)
            case For() | While():
                self.loop(stmt)
            case Break() | Continue():
                self.jump(stmt)
            case Return():
                self.materialise(names(stmt.value) if stmt.value is not None else frozenset())
                self.out.append(stmt)
            case _:
                self.simple(stmt)

    def branch(self, stmt: If) -> None:
        assert self.state is not None
        self.opaque((stmt.test,))
        test = self.put(stmt.test, stmt)
        start, kinds = self.state, self.kinds
        self.state, self.kinds = start.copy(), dict(kinds)
        body = self.block(stmt.body)
        then, self.state = self.state, start.copy()
        done, self.kinds = self.kinds, dict(kinds)
        orelse = self.block(stmt.orelse)
        self.kinds = both(done, self.kinds)
        other = self.state
        states = [s for s in (then, other) if s is not None]
        if not states:
            self.state = None
        else:
            merged, differ = merge(states, self.live.after[stmt], self.ended_names)
            self.disagree(differ)
            body = self.ended(body, then, differ)
            orelse = self.ended(orelse, other, differ)
            self.state = merged
        if test is not stmt.test or body is not stmt.body or orelse is not stmt.orelse:
            text = stmt.text if test is stmt.test else None
            stmt = replace(stmt, test=test, body=body, orelse=orelse, text=text)
        self.out.append(stmt)

    def disagree(self, differ: Iterable[str]) -> None:
        """Names that stand for different places where paths meet: start again, with indices of their own."""
        for name in sorted(differ):
            if name not in self.owned | self.ended_names:
                raise Differ(name)

    def ended(self, block: Block, state: State | None, differ: Iterable[str]) -> Block:
        """A branch that ends with bindings for what the other branch has differently."""
        if state is None:
            return block
        which = [n for n in sorted(differ) if n in state.places]
        for name in which:
            if name in state.unsure:
                raise Unsure(name)
        lines = tuple(Assign(target=Name(n), value=state.places[n]) for n in which)
        return going_on(block, lines) if lines else block

    def loop(self, stmt: For | While) -> None:
        assert self.state is not None
        header = stmt.iter if isinstance(stmt, For) else stmt.test
        self.opaque((header,), once=isinstance(stmt, For))
        inner = frozenset().union(*(binds(s) for s in statements((stmt,))))
        own = {new: name for (name, _), new in self.memo.items() if isinstance(name, str) and name in inner}
        alive = self.live.inside[stmt] | self.live.after[stmt]
        self.keep_indices(stmt, inner, alive)
        for new, name in own.items():
            self.keep_indices(stmt, frozenset((new,)), alive - {name})
        if isinstance(stmt, For):
            header = self.put(header, stmt)
        start, outer, forced = self.state, self.out, frozenset[str]()
        kinds = dict(self.kinds)
        while True:
            self.out, self.state = [], start.copy()
            self.materialise(forced)
            before = self.out
            found = self.rounds(stmt, self.state, forced)
            if not isinstance(found, frozenset):
                break
            forced |= found
        body, head, self.state = found
        self.kinds = both(kinds, self.kinds)
        self.out = outer
        self.out += before
        if isinstance(stmt, While):
            self.state, after = head, self.state
            header = self.put(header, stmt)
            self.state = after
            if header is not stmt.test or body is not stmt.body:
                stmt = replace(stmt, test=header, body=body, text=stmt.text if header is stmt.test else None)
        elif header is not stmt.iter or body is not stmt.body:
            stmt = replace(stmt, iter=header, body=body, text=stmt.text if header is stmt.iter else None)
        self.out.append(stmt)

    def rounds(
        self, stmt: For | While, entry: State, forced: frozenset[str]
    ) -> frozenset[str] | tuple[Block, State, State]:
        """Go round until the places at the head are stable; or the names that differ there."""
        inside, after = self.live.inside[stmt], self.live.after[stmt]
        alive = inside | after | (names(stmt.test) if isinstance(stmt, While) else frozenset())
        head = merge([entry], alive, self.ended_names)[0]
        while True:
            exits = Exits(forced)
            self.exits.append(exits)
            self.out, self.state = [], head.copy()
            if isinstance(stmt, For):
                lost = self.lost(names(stmt.target), inside)
                if lost:
                    self.exits.pop()
                    self.disagree(lost)
                    return lost
            body = self.block(stmt.body)
            if self.state is not None:
                body = self.ended(body, self.state, forced & self.state.places.keys() & alive)
                exits.again.append(without(self.state, forced))
            self.exits.pop()
            new, differ = merge([entry, *exits.again], alive, self.ended_names)
            if not differ and new == head:
                done, differ = merge([head, *exits.breaks], after, self.ended_names)
                if not differ:
                    return body, head, done
            if differ:
                self.disagree(differ)
                return frozenset(differ)
            head = new

    def jump(self, stmt: Stmt) -> None:
        assert self.state is not None
        if self.exits:
            exits = self.exits[-1]
            self.materialise(exits.forced & self.live.before[stmt])
            (exits.breaks if isinstance(stmt, Break) else exits.again).append(self.state)
        self.out.append(stmt)
        self.state = None


def going_on(block: Block, last: Block) -> Block:
    """Statements at the end of a block, on the paths that do not leave it by a jump: behind an `if` of which
    a branch jumps there is nothing."""
    final = block[-1] if block else None
    if isinstance(final, (Break, Continue)):
        return block
    if isinstance(final, If) and jumps(final):
        ends = replace(final, body=going_on(final.body, last), orelse=going_on(final.orelse, last))
        return (*block[:-1], ends)
    return (*block, *(replace(stmt) for stmt in last))
