"""What is known of a function before it is decided what to record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from adtrans.analyses.events import Event, Events
from adtrans.analyses.expressions import Scope
from adtrans.ir import (
    Assign,
    Const,
    For,
    Name,
    Op,
    Stmt,
)
from adtrans.kinds import (
    Kind,
)
from adtrans.names import Names
from adtrans.record.pieces import (
    _inner,
)
from adtrans.reverse.tree import Leaf, Loop, Node, has_back
from adtrans.walk import names

Path = tuple[tuple[int, str], ...]
"""Where in a loop body: `(id of branch, which block)`, outermost first."""


CHEAP_OPS = frozenset(
    {"+", "-", "*", "/", "neg", "pos", "<", "<=", ">", ">=", "==", "!=", "//", "%", "and", "or", "not"}
)


CHEAP_SIZE = 16
"""How many nodes an expression may have to be computed again rather than recorded."""


@dataclass(slots=True)
class Region:
    """What is recorded once per pass through one block."""

    entry: list[str] = field(default_factory=list)
    exit: list[str] = field(default_factory=list)
    again: list[Leaf] = field(default_factory=list)


@dataclass(slots=True)
class Saved:
    """Values saved before one node, to be put back behind its backward sweep: `(name, place, in loop)`."""

    names: list[str] = field(default_factory=list)
    wholes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """The tree of one function, and what has been decided for it so far."""

    events: Events
    source: Callable[[Stmt], str]
    scope: Scope
    names: Names
    aliases: dict[str, frozenset[str]]
    params: frozenset[str]
    returned: frozenset[str] = frozenset()
    regions: dict[tuple[int, str], Region] = field(default_factory=dict)
    covered: dict[int, set[str]] = field(default_factory=dict)
    saved: dict[int, Saved] = field(default_factory=dict)
    tests: dict[int, str] = field(default_factory=dict)
    test_names: dict[int, str] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    kept: dict[tuple[int, str], str] = field(default_factory=dict)
    guards: list[str] = field(default_factory=list)
    restored: set[str] = field(default_factory=set)
    facts: list[str] = field(default_factory=list)
    event: dict[int, Event] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    test_lists: set[str] = field(default_factory=set)
    restored_in_place: set[str] = field(default_factory=set)
    outs: dict[str, str] = field(default_factory=dict)
    outside: dict[int, frozenset[str]] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset()
    """The names that are None at some time."""
    copied_outs: frozenset[str] = frozenset()
    lent: frozenset[str] = frozenset()
    """The parameters of a function that the caller may write into between its sweeps."""
    all_changes: frozenset[str] = frozenset()
    active_cover: set[str] = field(default_factory=set)

    def overwritten(self, node: Node) -> set[str]:
        event = self.event[id(node)]
        if isinstance(node, Leaf) or not has_back(node):
            return set(event.binds | event.changes)
        found = set().union(*(self.overwritten(n) for n in _inner(node)))
        if isinstance(node, Loop) and isinstance(node.stmt, For):
            found |= names(node.stmt.target)
        return found

    def counter(self, loop: Loop) -> str | None:
        """The name that counts the rounds of a loop that may end early."""
        for stmt in loop.stmt.body[:2]:
            match stmt:
                case Assign(
                    target=Name(id=name), value=Op(op="+", args=(Name(id=same), Const(value=1))), span=None
                ) if name == same:
                    return name
        return None

    def class_of(self, name: str) -> frozenset[str]:
        return self.aliases.get(name, frozenset((name,)))

    def may_be_none(self, name: str) -> bool:
        return name in self.guards or name in self.nothing
