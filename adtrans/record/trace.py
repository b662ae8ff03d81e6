"""One round of a loop: where its names are read by the backward sweep and where bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adtrans.analyses.events import flat, header_reads
from adtrans.ir import (
    Assign,
    Call,
    Const,
    Expr,
    For,
    Name,
    Op,
    Stmt,
)
from adtrans.kinds import (
    Array,
)
from adtrans.record.facts import CHEAP_OPS, CHEAP_SIZE, Facts, Path
from adtrans.reverse.tree import Branch, Leaf, Loop, Node, has_back
from adtrans.walk import names, subexpressions


@dataclass(slots=True)
class Trace:
    """One round of a loop: where its names are read by the backward sweep and where bound."""

    facts: Facts
    loop: Loop
    order: list[str] = field(default_factory=list)
    reads: dict[str, list[Path]] = field(default_factory=dict)
    bindings: dict[str, list[tuple[Path, Node]]] = field(default_factory=dict)
    where: dict[int, Path] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)
    overwritten: set[str] = field(default_factory=set)
    overwritten_before: dict[int, frozenset[str]] = field(default_factory=dict)
    overwritten_after: dict[int, frozenset[str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def round(self) -> None:
        """Both ways through the body. `late` are names read when they may have been overwritten in
        this round, `early` those read before they may be overwritten."""
        at_start = self.facts.events.read(self.loop.end)
        self.read(at_start, ())
        self._forward(self.loop.body, ())
        self.early |= at_start & self._backward(self.loop.body, set())

    def _forward(self, nodes: Sequence[Node], path: Path) -> None:
        for node in nodes:
            self.where[id(node)] = path
            self.overwritten_before[id(node)] = frozenset(self.overwritten)
            if isinstance(node, Leaf) or not has_back(node):
                event = self.facts.event[id(node)]
                self.read(event.before, path)
                for name in sorted(event.binds):
                    self.bind(name, path, node)
                self.overwritten |= event.changes
                self.read(event.after, path)
            elif isinstance(node, Branch):
                self.read(self.facts.events.read(node.body_zeros), (*path, (id(node), "body")))
                self.read(self.facts.events.read(node.orelse_zeros), (*path, (id(node), "orelse")))
                start = set(self.overwritten)
                self._forward(node.body, (*path, (id(node), "body")))
                done = set(self.overwritten)
                self.overwritten = start
                self._forward(node.orelse, (*path, (id(node), "orelse")))
                self.overwritten |= done
            else:
                self.read(header_reads(node), path)
                inner = set().union(*(self.facts.overwritten(n) for n in node.body))
                target = names(node.stmt.target) if isinstance(node.stmt, For) else frozenset()
                for name in sorted(target):
                    self.bind(name, path, node)
                self.overwritten |= inner
                self._forward(node.body, (*path, (id(node), "loop")))
                self.read(again_reads(self.facts, node), path)
                counter = self.facts.counter(node)
                self.read(self.facts.events.read((*node.before, *node.end)), path)
                if counter:
                    self.read(frozenset((counter,)), path)

    def read(self, read: frozenset[str], path: Path) -> None:
        for name in read:
            if self.by_header(name, path):
                continue
            self.reads.setdefault(name, []).append(path)
            if name in self.overwritten:
                self.late.add(name)

    def by_header(self, name: str, path: Path) -> bool:
        """Whether an inner loop's own header brings the name back."""
        inner = [n for n in flat(self.loop.body) if isinstance(n, Loop) and isinstance(n.stmt, For)]
        around = {key for key, which in path if which == "loop"}
        return any(
            id(n) in around and name in names(n.stmt.target) and name not in self._rebound(n)  # type: ignore[union-attr]
            for n in inner
        )

    def _rebound(self, loop: Loop) -> set[str]:
        return set().union(*(self.facts.overwritten(n) for n in loop.body))

    def bind(self, name: str, path: Path, node: Node) -> None:
        if name not in self.bindings:
            self.order.append(name)
        self.bindings.setdefault(name, []).append((path, node))
        self.overwritten.add(name)

    def _backward(self, nodes: Sequence[Node], later: set[str]) -> set[str]:
        """Backward: `early` are names read when they may be overwritten later in this round."""
        for node in reversed(nodes):
            self.overwritten_after[id(node)] = frozenset(later)
            path = self.where[id(node)]
            if isinstance(node, Leaf) or not has_back(node):
                event = self.facts.event[id(node)]
                self.early |= {n for n in event.after if n in later}
                later |= event.binds | event.changes
                self.early |= {n for n in event.before if n in later and not self.by_header(n, path)}
            elif isinstance(node, Branch):
                zeros = self.facts.events.read((*node.body_zeros, *node.orelse_zeros))
                one = self._backward(node.body, set(later))
                two = self._backward(node.orelse, set(later))
                later |= one | two
                self.early |= zeros & later
            else:
                counter = self.facts.counter(node)
                if counter and counter in later:
                    self.early.add(counter)
                inner = self._rebound(node)
                self._backward(node.body, later | inner)
                later |= inner
                if isinstance(node.stmt, For):
                    later |= names(node.stmt.target)
                read = header_reads(node) | self.facts.events.read((*node.before, *node.end))
                self.early |= (read | again_reads(self.facts, node)) & later
        return later

    def region(self, name: str) -> Path:
        """The smallest block of the round, outside inner loops, that holds all bindings and reads."""
        paths = [path for path, _ in self.bindings[name]] + self.reads.get(name, [])
        shared: list[tuple[int, str]] = []
        for steps in zip(*paths, strict=False):
            if len(set(steps)) > 1 or steps[0][1] == "loop":
                break
            shared.append(steps[0])
        return tuple(shared)

    def entry_only(self, name: str) -> bool:
        return name not in self.late

    def exit_only(self, name: str) -> bool:
        return name not in self.early


@dataclass(slots=True)
class Available:
    """Which bindings of a loop body can be executed again at the start of its backward pass."""

    trace: Trace
    facts: Facts
    done: set[str] = field(default_factory=set)

    def again(self, name: str, where: Path, changed: set[str]) -> Leaf | None:
        bindings = self.trace.bindings[name]
        if len(bindings) != 1 or name in changed or not self.trace.exit_only(name):
            return None
        path, node = bindings[0]
        if path != where or not isinstance(node, Leaf) or not isinstance(node.stmt, Assign):
            return None
        value = node.stmt.value
        if not isinstance(node.stmt.target, Name) or name in names(value) or not self.cheap(node.stmt, value):
            return None
        for read in names(value):
            if read in changed:
                return None
            if read in self.trace.bindings and read not in self.done:
                return None
        self.done.add(name)
        return node

    def cheap(self, stmt: Stmt, value: Expr) -> bool:
        kind = self.facts.events.scope(stmt).kind(value)
        if not isinstance(kind, Array) or kind.rank != 0:
            return False
        nodes = list(subexpressions(value))
        return len(nodes) <= CHEAP_SIZE and all(
            not isinstance(e, Call) and (not isinstance(e, Op) or e.op in CHEAP_OPS) for e in nodes
        )


def again_reads(facts: Facts, loop: Loop) -> frozenset[str]:
    """What a loop reads from outside to compute again, at the start of a round, what it has bound."""
    if id(loop) not in facts.outside:
        trace = Trace(facts, loop)
        trace.round()
        changed = set().union(*(facts.event[id(n)].changes for n in flat(loop.body)), set())
        available = Available(trace, facts)
        leaves = [
            available.again(name, trace.region(name), changed) for name in trace.order if name in trace.reads
        ]
        found = frozenset().union(*(names(leaf.stmt.value) for leaf in leaves if leaf))  # type: ignore[attr-defined]
        facts.outside[id(loop)] = (
            found - set(trace.bindings) - names(getattr(loop.stmt, "target", Const(None)))
        )
    return facts.outside[id(loop)]
