"""What is re-read, computed again and recorded: decided from the outer loops to the inner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adtrans.analyses.events import flat, header_reads, own_reads
from adtrans.ir import (
    Assign,
    Call,
    ExprStmt,
    For,
    If,
    Index,
    Name,
    While,
)
from adtrans.kinds import (
    ANY,
    HOLDERS,
    is_fixed,
    may_reach,
)
from adtrans.record.facts import Facts, Path, Region, Saved
from adtrans.record.pieces import (
    _place_indices,
)
from adtrans.record.trace import Available, Trace
from adtrans.reverse.tree import Branch, Leaf, Loop, Node, has_back
from adtrans.walk import expressions, names, repeatable


class Plan(Facts):
    """Decides how each value that the backward sweep reads is brought back."""

    __slots__ = ()

    def plan(self, tree: Sequence[Node]) -> frozenset[str]:
        """Decide everything; the result is the set of names the backward sweep reads at its start."""
        for node in flat(tree):
            self.event[id(node)] = self.events.of(node)
        first_guards = list(self.guards)
        while True:
            for node in tree:
                self.decide(node, set())
            self.plan_tests(tree, [])
            needed: set[str] = set()
            self.needs(tree, needed, set(self.params), in_loop=False)
            if not self.places_read(tree):
                return frozenset(needed)
            for made in (self.regions, self.covered, self.saved, self.tests, self.test_lists, self.outside):
                made.clear()
            self.guards[:] = first_guards

    def places_read(self, tree: Sequence[Node]) -> bool:
        """Whether contents are put back at places whose indices did not count as read: now they do."""
        found = False
        for node in flat(tree):
            if isinstance(node, Leaf) and self.saved.get(id(node), Saved()).wholes:
                event = self.event[id(node)]
                read = frozenset().union(*map(names, _place_indices(node.stmt))) - event.before
                if read:
                    self.event[id(node)] = replace(event, before=event.before | read)
                    found = True
        return found

    def decide(self, node: Node, covered: set[str]) -> None:
        """Choose how each name that a loop binds is brought back, outer loops first."""
        match node:
            case Branch():
                for inner in (*node.body, *node.orelse):
                    self.decide(inner, covered)
            case Loop() if has_back(node):
                mine = self.decide_loop(node, covered)
                for inner in node.body:
                    self.decide(inner, covered | mine)

    def decide_loop(self, loop: Loop, covered: set[str]) -> set[str]:
        trace = Trace(self, loop)
        trace.round()
        changed = set().union(*(self.event[id(n)].changes for n in flat(loop.body)), set())
        mine: set[str] = set()
        available = Available(trace, self)
        for name in trace.order:
            if name in covered:
                continue
            if name not in trace.reads:
                mine.add(name)
                continue
            where = trace.region(name)
            leaf = available.again(name, where, changed)
            if leaf is not None:
                self.region(loop, where).again.append(leaf)
            elif name not in changed and trace.entry_only(name):
                self.region(loop, where).entry.append(name)
            elif trace.exit_only(name):
                self.region(loop, where).exit.append(name)
            else:
                continue
            mine.add(name)
        self.covered[id(loop)] = mine
        return mine

    def region(self, loop: Loop, where: Path) -> Region:
        key = where[-1] if where else (id(loop), "body")
        return self.regions.setdefault(key, Region())

    def plan_tests(self, nodes: Sequence[Node], loops: list[Loop]) -> None:
        """A test is read again if what it reads is there anyway; otherwise it is recorded."""
        overwritten_later: set[str] = set()
        for node in reversed(nodes):
            match node:
                case Branch() if has_back(node):
                    if not self.test_stays(node, loops, overwritten_later):
                        if id(node) not in self.test_names:
                            self.test_names[id(node)] = self.names.fresh("test_log" if loops else "test")
                        name = self.tests[id(node)] = self.test_names[id(node)]
                        if loops:
                            self.test_lists.add(name)
                    self.plan_tests(node.body, loops)
                    self.plan_tests(node.orelse, loops)
                case Loop() if has_back(node):
                    self.plan_tests(node.body, [*loops, node])
            overwritten_later |= self.overwritten(node)

    def test_stays(self, branch: Branch, loops: list[Loop], later: set[str]) -> bool:
        if not all(map(repeatable, expressions(branch.stmt))):
            return False
        read = header_reads(branch)
        inside = self.overwritten(branch)
        # Under other names: `left = a[::-1]`, and a test of `a` above a write into `left`.
        if frozenset().union(*map(self.others_of, read)) & self.all_changes:
            return False
        if not loops:
            return not read & (inside | later | self.all_changes)
        outermost = loops[0]
        in_nest = set().union(*(self.overwritten(n) for n in outermost.body))
        targets = {n for loop in loops if isinstance(loop.stmt, For) for n in names(loop.stmt.target)}
        for name in read:
            if name in targets and name not in in_nest - self.only_target(loops, name):
                continue
            if name in in_nest and not self.available(name, branch, loops, inside):
                return False
        return True

    def others_of(self, name: str) -> frozenset[str]:
        """The other names of the memory that a name stands for; a number has none."""
        return frozenset() if is_fixed(self.kinds.get(name, ANY)) else self.class_of(name) - {name}

    def only_target(self, loops: list[Loop], name: str) -> set[str]:
        """Whether a loop variable is bound by its loop's header alone."""
        loop = next(lp for lp in loops if isinstance(lp.stmt, For) and name in names(lp.stmt.target))
        again = set().union(*(self.overwritten(n) for n in loop.body))
        return set() if name in again else {name}

    def available(self, name: str, branch: Branch, loops: list[Loop], inside: set[str]) -> bool:
        """Whether a recorded name has, where the backward sweep meets the branch, the value its test saw."""
        for loop in loops:
            if name not in self.covered.get(id(loop), ()):
                continue
            trace = Trace(self, loop)
            trace.round()
            where = trace.where.get(id(branch))
            if where is None:
                return False
            for depth in range(len(where) + 1):
                key = where[depth - 1] if depth else (id(loop), "body")
                region = self.regions.get(key, Region())
                if name in region.entry:
                    return name not in trace.overwritten_before[id(branch)]
                if name in region.exit or any(name in self.event[id(leaf)].binds for leaf in region.again):
                    return name not in trace.overwritten_after[id(branch)] and name not in inside
            return False
        return False

    def needs(self, nodes: Sequence[Node], need: set[str], bound: set[str], *, in_loop: bool) -> None:
        """Forward over a block: `need` is what the backward sweeps of earlier statements read."""
        for node in nodes:
            if isinstance(node, Leaf) or not has_back(node):
                self.needs_leaf(node, need, bound, in_loop)
            elif isinstance(node, Branch):
                self.needs_branch(node, need, bound, in_loop)
            else:
                self.needs_loop(node, need, bound, in_loop)

    def needs_leaf(self, node: Node, need: set[str], bound: set[str], in_loop: bool) -> None:
        event = self.event[id(node)]
        saved = Saved()
        need |= event.before
        for name in sorted(event.changes | event.maybe):
            others = (self.class_of(name) & need) - event.changes
            if self.changes_slots(node, name):
                mine = self.kinds.get(name, ANY)
                others = frozenset(o for o in others if may_reach(self.kinds.get(o, ANY), mine))
            for other in sorted(others - set(saved.names)):
                saved.names.append(other)  # A copy of its own: memory need not be shared later.
                self.guard(other, bound, in_loop)
            need -= others
            if name in need and name not in event.binds:
                saved.wholes.append(name)
                if isinstance(node, Leaf):
                    need |= set().union(*(names(i) for i in _place_indices(node.stmt)), set())
        for name in sorted(event.binds):
            if name in self.active_cover or name in saved.names:
                need.discard(name)
            elif name in need:
                saved.names.append(name)
                need.discard(name)
                self.guard(name, bound, in_loop)
        need |= event.after
        if isinstance(node, Leaf) and not isinstance(node.stmt, (If, For, While)):
            bound |= event.binds
        if saved.names or saved.wholes:
            self.saved[id(node)] = saved
        else:
            self.saved.pop(id(node), None)

    def changes_slots(self, node: Node, name: str) -> bool:
        """Whether a statement only changes which elements a list or a dict has, not what is in them."""
        match node.stmt:
            case Assign(value=Call(fn=fn, args=(Name(id=held), *_))) if fn == "list.pop":
                return held == name
            case ExprStmt(value=Call(fn=fn, args=(Name(id=held), *_))) if fn.startswith(("list.", "dict.")):
                return held == name
            case Assign(target=Index(base=Name(id=held) as base)):
                return held == name and isinstance(self.events.scope(node.stmt).kind(base), HOLDERS)
        return False

    def guard(self, name: str, bound: set[str], in_loop: bool) -> None:
        if name not in bound and name not in self.guards:
            self.guards.append(name)

    def needs_branch(self, node: Branch, need: set[str], bound: set[str], in_loop: bool) -> None:
        need |= self.events.read((*node.body_zeros, *node.orelse_zeros))
        other, other_bound = set(need), set(bound)
        self.needs_region(node, "body", node.body, need, bound, in_loop)
        self.needs_region(node, "orelse", node.orelse, other, other_bound, in_loop)
        need |= other
        bound &= other_bound
        if id(node) not in self.tests:
            need |= header_reads(node)

    def needs_region(
        self,
        node: Branch | Loop,
        which: str,
        block: Sequence[Node],
        need: set[str],
        bound: set[str],
        in_loop: bool,
    ) -> None:
        region = self.regions.get((id(node), which), Region())
        for name in region.entry:
            need.discard(name)
            self.guard(name, bound, in_loop)
        self.needs(block, need, bound, in_loop=in_loop)
        for leaf in reversed(region.again):
            need -= self.event[id(leaf)].binds
            need |= set().union(*(names(e) for e in own_reads(leaf.stmt)))
        for name in region.exit:
            need.discard(name)
            self.guard(name, bound, in_loop)

    def needs_loop(self, node: Loop, need: set[str], bound: set[str], in_loop: bool) -> None:
        saved = Saved()
        cover = self.covered.get(id(node), set()) - self.active_cover
        entries = {n for key, r in self.regions.items() for n in r.entry if key in self.keys_in(node)}
        target = names(node.stmt.target) if isinstance(node.stmt, For) else frozenset()
        for name in sorted((need & cover) - entries | (need & target)):
            if name in target and name in self.active_cover:
                continue
            saved.names.append(name)
            self.guard(name, bound, in_loop)
        need -= set(saved.names)
        need |= header_reads(node)
        before = self.active_cover
        self.active_cover = before | cover | target
        while True:
            head = set(need)
            inner, inner_bound = need | self.events.read(node.end), set(bound) | target
            self.needs_region(node, "body", node.body, inner, inner_bound, True)
            need |= inner
            if need == head:
                break
        self.active_cover = before
        need |= self.events.read(node.before)
        need -= target  # What the loop's own body reads of it, the mirrored header brings back.
        counter = self.counter(node)
        if counter:
            need.add(counter)
        if saved.names:
            self.saved[id(node)] = saved
        else:
            self.saved.pop(id(node), None)

    def keys_in(self, loop: Loop) -> set[tuple[int, str]]:
        keys = {(id(loop), "body")}
        for node in flat(loop.body):
            if isinstance(node, Branch):
                keys |= {(id(node), "body"), (id(node), "orelse")}
            elif isinstance(node, Loop):
                keys.add((id(node), "body"))
        return keys
