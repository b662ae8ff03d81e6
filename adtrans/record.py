"""Reverse mode, second half: bring back the values that the adjoints read, and write both sweeps.

A value is *re-read* where the variable is intact, *computed again* where that is cheap, and
*recorded* otherwise. What a loop overwrites is recorded once per round: on entry, if the adjoints
read the value from before the round; on exit, if they read the one from its end; at each
overwriting where both are read. Values go to a list of their own (`y_log`) in loops and to a
variable (`y_kept`) elsewhere. Every list is emptied in the opposite order in which it was filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from adtrans.analyses.binding import maybe_none
from adtrans.analyses.events import Event, Events, flat, header_reads, own_reads
from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import root
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Comprehension,
    Const,
    Continue,
    Enter,
    Expr,
    ExprStmt,
    For,
    If,
    Index,
    Leave,
    List,
    Name,
    Note,
    Op,
    Slice,
    Stmt,
    Tuple,
    While,
)
from adtrans.kinds import (
    ANY,
    HOLDERS,
    Array,
    Kind,
    ListOf,
    RecordOf,
    TupleOf,
    is_number,
    may_reach,
    none_too,
)
from adtrans.names import Names
from adtrans.reverse import Branch, Leaf, Loop, Node, creates, has_back
from adtrans.structures import display, parts_of
from adtrans.walk import blocks, names, statements, subexpressions

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
class Recorder:
    """Plans and writes the two sweeps of one function."""

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

    # ------------------------------------------------------------- planning

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
        trace = _Trace(self, loop)
        trace.round()
        changed = set().union(*(self.event[id(n)].changes for n in flat(loop.body)), set())
        mine: set[str] = set()
        available = _Available(trace, self)
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
            elif trace.exit_only(name) and not trace.read_outside(name, where):
                self.region(loop, where).exit.append(name)
            else:
                continue
            mine.add(name)
        self.covered[id(loop)] = mine
        return mine

    def again_reads(self, loop: Loop) -> frozenset[str]:
        """What a loop reads from outside to compute again, at the start of a round, what it has bound."""
        if id(loop) not in self.outside:
            trace = _Trace(self, loop)
            trace.round()
            changed = set().union(*(self.event[id(n)].changes for n in flat(loop.body)), set())
            available = _Available(trace, self)
            leaves = [
                available.again(name, trace.region(name), changed)
                for name in trace.order
                if name in trace.reads
            ]
            found = frozenset().union(*(names(leaf.stmt.value) for leaf in leaves if leaf))  # type: ignore[attr-defined]
            self.outside[id(loop)] = (
                found - set(trace.bindings) - names(getattr(loop.stmt, "target", Const(None)))
            )
        return self.outside[id(loop)]

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

    def overwritten(self, node: Node) -> set[str]:
        event = self.event[id(node)]
        if isinstance(node, Leaf) or not has_back(node):
            return set(event.binds | event.changes)
        found = set().union(*(self.overwritten(n) for n in _inner(node)))
        if isinstance(node, Loop) and isinstance(node.stmt, For):
            found |= names(node.stmt.target)
        return found

    def test_stays(self, branch: Branch, loops: list[Loop], later: set[str]) -> bool:
        read = header_reads(branch)
        inside = self.overwritten(branch)
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
            trace = _Trace(self, loop)
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

    all_changes: frozenset[str] = frozenset()

    # ---------------------------------------------- which values must survive

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
        for name in sorted(event.changes):
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

    active_cover: set[str] = field(default_factory=set)

    def class_of(self, name: str) -> frozenset[str]:
        return self.aliases.get(name, frozenset((name,)))

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

    def counter(self, loop: Loop) -> str | None:
        """The name that counts the rounds of a loop that may end early."""
        for stmt in loop.stmt.body[:2]:
            match stmt:
                case Assign(
                    target=Name(id=name), value=Op(op="+", args=(Name(id=same), Const(value=1))), span=None
                ) if name == same:
                    return name
        return None

    def described(self) -> str:
        """What is recorded, in words, for the header."""
        parts = [f"{name}, in {log}" for name, log in self.logs.items()]
        parts += [f"{name}, once" for name in dict.fromkeys(n for _, n in self.kept)]
        parts += ["the outcome of a test, in " + name for name in dict.fromkeys(self.tests.values())]
        return "; ".join(parts) or "nothing"

    # ------------------------------------------------------ the forward sweep

    def forward(self, nodes: Sequence[Node], *, in_loop: bool = False) -> Block:
        """The primal statements, with what is recorded."""
        result: list[Stmt] = []
        for node in nodes:
            result.extend(self.save(node, in_loop))
            match node:
                case Branch() if has_back(node):
                    result.extend(self.forward_branch(node, in_loop))
                case Loop() if has_back(node):
                    body = self.forward_region(node, "body", node.body, True)
                    result.append(replace(node.stmt, body=body))
                case _ if node.stmt.text != "":
                    result.append(node.stmt)
        return tuple(result)

    def forward_branch(self, node: Branch, in_loop: bool) -> Iterable[Stmt]:
        body = self.forward_region(node, "body", node.body, in_loop)
        orelse = self.forward_region(node, "orelse", node.orelse, in_loop)
        name = self.tests.get(id(node))
        if name is None:
            yield replace(node.stmt, body=body, orelse=orelse)
        elif in_loop:
            yield replace(_append(name, self.outcome(node.stmt)), comments=node.stmt.comments)
            test = Index(Name(name), Op("neg", (Const(1),)))
            yield replace(node.stmt, test=test, body=body, orelse=orelse, text=None, comments=())
        else:
            yield Assign(target=Name(name), value=self.outcome(node.stmt), comments=node.stmt.comments)
            yield replace(node.stmt, test=Name(name), body=body, orelse=orelse, text=None, comments=())

    def outcome(self, stmt: If) -> Expr:
        """The value of a test, which stays what it is: `if xs:` depends on a list that may change."""
        if _is_flag(stmt.test, self.events.scope(stmt)):
            return stmt.test
        return Call("builtins.bool", (stmt.test,), spelled="bool")

    def forward_region(self, node: Branch | Loop, which: str, block: Sequence[Node], in_loop: bool) -> Block:
        region = self.regions.get((id(node), which), Region())
        inner = self.forward(block, in_loop=in_loop)
        first = tuple(_append(self.log(name), self.reference(name)) for name in region.entry)
        last = tuple(_append(self.log(name), self.reference(name)) for name in region.exit)
        return first + at_tails(inner, last)

    def log(self, name: str) -> str:
        """The list that holds the values of a variable."""
        if name not in self.logs:
            self.logs[name] = self.names.fresh(f"{name.rstrip('_') or name}_log")
        return self.logs[name]

    def reference(self, name: str) -> Expr:
        """The value of a variable as it is recorded: a copy if it may still be written to."""
        written = self.all_changes | self.lent
        if is_number(self.kinds.get(name, ANY)) or not self.class_of(name) & written:
            return Name(name)
        return self.whole_copy(name)

    def save(self, node: Node, in_loop: bool) -> Iterable[Stmt]:
        saved = self.saved.get(id(node), Saved())
        for name in saved.wholes:
            if not self.creates(node):
                yield self.put(node, name, self.content(node, name), in_loop)
        for name in saved.names:
            yield self.put(node, name, self.reference(name), in_loop)

    def is_array_in(self, place: Index, stmt: Stmt) -> bool:
        """Whether a place is that of an array in a list or a dict."""
        scope = self.events.scope(stmt)
        return isinstance(scope.kind(place.base), HOLDERS) and _is_array(scope.kind(place))

    def creates(self, node: Node) -> bool:
        """Whether a node only puts something under a new key: nothing is overwritten."""
        place = _place(node)
        return place is not None and creates(place, self.events.scope(node.stmt))

    def popped(self, node: Node) -> Index | None:
        """`d["key"]` of `y = d.pop("key")`."""
        match node.stmt:
            case (
                Assign(value=Call(fn="list.pop", args=(base, key)))
                | ExprStmt(value=Call(fn="list.pop", args=(base, key)))
            ) if isinstance(self.events.scope(node.stmt).kind(base), RecordOf):
                return Index(base, key)
        return None

    def put(self, node: Node, name: str, value: Expr, in_loop: bool) -> Stmt:
        if in_loop:
            return _append(self.log(name), value)
        key = id(node), name
        if key not in self.kept:
            self.kept[key] = self.names.fresh(f"{name.rstrip('_') or name}_kept")
        return Assign(target=Name(self.kept[key]), value=value)

    def content(self, node: Node, name: str) -> Expr:
        """What a write in place will overwrite: the element, the slice, or everything."""
        place = self.popped(node) or _place(node)
        if place is None or root(place) != Name(name):
            return self.whole_copy(name)
        kind = self.events.scope(node.stmt).kind(place)
        base = self.events.scope(node.stmt).kind(place.base) if isinstance(place, Index) else ANY
        held = isinstance(base, HOLDERS) and not isinstance(node.stmt, AugAssign)  # It lets go of it.
        if held or (isinstance(kind, Array) and kind.rank == 0):
            return place
        return copy_of_value(place, kind, deep=False)

    def whole_copy(self, name: str) -> Expr:
        """A copy of everything that a variable holds."""
        shared = bool((self.class_of(name) - {name}) & self.all_changes or self.class_of(name) & self.lent)
        kind = self.kinds.get(name, self.scope.kind(Name(name)))
        return copy_of_value(Name(name), maybe_none(kind) if self.may_be_none(name) else kind, deep=shared)

    def may_be_none(self, name: str) -> bool:
        return name in self.guards or name in self.nothing

    # ----------------------------------------------------- the backward sweep

    def backward(self, nodes: Sequence[Node], *, in_loop: bool = False) -> Block:
        """The adjoints in the opposite order, with what was recorded put back."""
        result: list[Stmt] = []
        for node in reversed(nodes):
            result.extend(self.backward_node(node, in_loop))
        return tuple(result)

    def backward_node(self, node: Node, in_loop: bool) -> Iterable[Stmt]:
        back: Block = ()
        match node:
            case Leaf():
                back = self.with_note(node)
            case Branch() if has_back(node):
                back = self.backward_branch(node, in_loop)
            case Loop() if has_back(node):
                back = self.backward_loop(node)
        # What the adjoint reads from before the statement is put back first, the rest behind it.
        late = self.event[id(node)].after if isinstance(node, Leaf) else self.everything(node)
        first = tuple(self.restore(node, in_loop, lambda name: name not in late))
        last = tuple(self.restore(node, in_loop, lambda name: name in late))
        if back and isinstance(back[0], Note):
            return (back[0], *first, *back[1:], *last)
        return (*first, *back, *last)

    def everything(self, node: Node) -> frozenset[str]:
        saved = self.saved.get(id(node), Saved())
        return frozenset((*saved.names, *saved.wholes))

    def with_note(self, node: Leaf) -> Block:
        if not node.back or not node.stmt.line or isinstance(node.stmt, (Enter, Leave)):
            return node.back
        words = " ".join((node.stmt.text or self.source(node.stmt)).split())
        return (Note(words=f"{node.stmt.line}: {words}"), *node.back)

    def backward_branch(self, node: Branch, in_loop: bool) -> Block:
        body = self.backward_region(node, "body", node.body, in_loop) + node.body_zeros
        orelse = self.backward_region(node, "orelse", node.orelse, in_loop) + node.orelse_zeros
        name = self.tests.get(id(node))
        test: Expr = node.stmt.test
        if name is not None:
            test = _pop(name) if in_loop else Name(name)
        if not body:
            test, body, orelse = Op("not", (test,)), orelse, ()
        return (If(test=test, body=body, orelse=orelse),)

    def backward_region(self, node: Branch | Loop, which: str, block: Sequence[Node], in_loop: bool) -> Block:
        region = self.regions.get((id(node), which), Region())
        restored: list[Stmt] = []
        for name in reversed(region.exit):
            restored.append(Assign(target=Name(name), value=_pop(self.log(name))))
        for name in reversed(region.entry):
            restored.append(Assign(target=Name(name), value=_pop(self.log(name))))
        self.restored |= {*region.exit, *region.entry}
        again: list[Stmt] = []
        for leaf in region.again:
            assert isinstance(leaf.stmt, Assign)
            again.append(replace(leaf.stmt, comments=(), trailing="", blank_before=False))
            self.restored |= self.event[id(leaf)].binds
        if again:
            words = "Computed again: cheaper than recording."
            again.insert(0, Note(words=words))
        return (*restored, *again, *self.backward(block, in_loop=in_loop))

    def backward_loop(self, node: Loop) -> Block:
        body = self.backward_region(node, "body", node.body, True) + node.end
        counter = self.counter(node)
        if isinstance(node.stmt, While):
            assert counter is not None
            header = For(target=Name("_"), iter=_range(Name(counter)), body=body)
        else:
            used = names(node.stmt.target) & self.names_in(body)
            iterable = mirrored(node.stmt.iter, counter)
            target = node.stmt.target if used else Name("_")
            if used:
                self.restored |= used
            header = For(target=target, iter=iterable, body=body)
        return (*node.before, header)

    def names_in(self, block: Block) -> frozenset[str]:
        found: set[str] = set()
        for stmt in statements(block):
            for expr in own_reads(stmt):
                found |= names(expr)
        return frozenset(found)

    def restore(self, node: Node, in_loop: bool, wanted: Callable[[str], bool]) -> Iterable[Stmt]:
        saved = self.saved.get(id(node), Saved())
        for name in filter(wanted, reversed(saved.names)):
            self.restored.add(name)
            yield Assign(target=Name(name), value=self.take(node, name, in_loop))
        for name in filter(wanted, reversed(saved.wholes)):
            self.restored_in_place |= {name} | self.class_of(name)
            yield from self.put_back(node, name, in_loop)

    def take(self, node: Node, name: str, in_loop: bool) -> Expr:
        return _pop(self.log(name)) if in_loop else Name(self.kept[id(node), name])

    def put_back(self, node: Node, name: str, in_loop: bool) -> Iterable[Stmt]:
        """Write recorded contents back in place."""
        place = _place(node)
        if self.creates(node) and isinstance(place, Index):
            yield ExprStmt(value=Call("list.pop", (place.base, place.index), style="method", spelled="pop"))
            return
        value = self.take(node, name, in_loop)
        if (gone := self.popped(node)) is not None:
            yield Assign(target=gone, value=value)
            return
        kind = (
            self.events.scope(node.stmt).kind(Name(name))
            if isinstance(node, Leaf)
            else self.kinds.get(name, ANY)
        )
        if isinstance(kind, ListOf) and (place is None or root(place) != Name(name)):
            yield Assign(target=Index(Name(name), Slice()), value=value)
        elif place is not None and root(place) == Name(name) and isinstance(place, Index):
            if isinstance(node.stmt, AugAssign) and self.is_array_in(place, node.stmt):
                place = Index(place, Const(...))  # Others that hold the array see it, too.
            yield Assign(target=place, value=value)
        elif _is_array(kind):
            yield Assign(target=Index(Name(name), Const(...)), value=value)
        else:
            yield Assign(target=Name(name), value=value)


# --------------------------------------------------------------------- traces


@dataclass(slots=True)
class _Trace:
    """One round of a loop: where its names are read by the backward sweep and where bound."""

    recorder: Recorder
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
        at_start = self.recorder.events.read(self.loop.end)
        self.read(at_start, ())
        self._forward(self.loop.body, ())
        self.early |= at_start & self._backward(self.loop.body, set())

    def _forward(self, nodes: Sequence[Node], path: Path) -> None:
        for node in nodes:
            self.where[id(node)] = path
            self.overwritten_before[id(node)] = frozenset(self.overwritten)
            if isinstance(node, Leaf) or not has_back(node):
                event = self.recorder.event[id(node)]
                self.read(event.before, path)
                for name in sorted(event.binds):
                    self.bind(name, path, node)
                self.overwritten |= event.changes
                self.read(event.after, path)
            elif isinstance(node, Branch):
                self.read(self.recorder.events.read(node.body_zeros), (*path, (id(node), "body")))
                self.read(self.recorder.events.read(node.orelse_zeros), (*path, (id(node), "orelse")))
                start = set(self.overwritten)
                self._forward(node.body, (*path, (id(node), "body")))
                done = set(self.overwritten)
                self.overwritten = start
                self._forward(node.orelse, (*path, (id(node), "orelse")))
                self.overwritten |= done
            else:
                self.read(header_reads(node), path)
                inner = set().union(*(self.recorder.overwritten(n) for n in node.body))
                target = names(node.stmt.target) if isinstance(node.stmt, For) else frozenset()
                for name in sorted(target):
                    self.bind(name, path, node)
                self.overwritten |= inner
                self._forward(node.body, (*path, (id(node), "loop")))
                self.read(self.recorder.again_reads(node), path)
                counter = self.recorder.counter(node)
                self.read(self.recorder.events.read((*node.before, *node.end)), path)
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
        return set().union(*(self.recorder.overwritten(n) for n in loop.body))

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
                event = self.recorder.event[id(node)]
                self.early |= {n for n in event.after if n in later}
                later |= event.binds | event.changes
                self.early |= {n for n in event.before if n in later and not self.by_header(n, path)}
            elif isinstance(node, Branch):
                zeros = self.recorder.events.read((*node.body_zeros, *node.orelse_zeros))
                one = self._backward(node.body, set(later))
                two = self._backward(node.orelse, set(later))
                later |= one | two
                self.early |= zeros & later
            else:
                counter = self.recorder.counter(node)
                if counter and counter in later:
                    self.early.add(counter)
                inner = self._rebound(node)
                self._backward(node.body, later | inner)
                later |= inner
                if isinstance(node.stmt, For):
                    later |= names(node.stmt.target)
                read = header_reads(node) | self.recorder.events.read((*node.before, *node.end))
                self.early |= (read | self.recorder.again_reads(node)) & later
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

    def read_outside(self, name: str, where: Path) -> bool:
        return False

    def entry_only(self, name: str) -> bool:
        return name not in self.late

    def exit_only(self, name: str) -> bool:
        return name not in self.early


@dataclass(slots=True)
class _Available:
    """Which bindings of a loop body can be executed again at the start of its backward pass."""

    trace: _Trace
    recorder: Recorder
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
        kind = self.recorder.events.scope(stmt).kind(value)
        if not isinstance(kind, Array) or kind.rank != 0:
            return False
        nodes = list(subexpressions(value))
        return len(nodes) <= CHEAP_SIZE and all(
            not isinstance(e, Call) and (not isinstance(e, Op) or e.op in CHEAP_OPS) for e in nodes
        )


# ---------------------------------------------------------------------- pieces


def copy_of_value(value: Expr, kind: Kind, *, deep: bool) -> Expr:
    """A copy of an array, a list, a tuple; `deep` where the arrays inside may be written to."""
    if none_too(kind):
        return Call("adtrans.support.copied", (value,))
    match kind:
        case ListOf(elem=Array(rank=0) | None):
            return Call("builtins.list", (value,), spelled="list")
        case ListOf(elem=Kind() as elem) if deep:
            item = Name("item")
            return Comprehension(copy_of_value(item, elem, deep=True), item, value)
        case ListOf():
            return Call("builtins.list", (value,), spelled="list")
        case TupleOf() | RecordOf():
            parts = (copy_of_value(e, k, deep=deep) for e, k in parts_of(value, kind))
            return display(kind, tuple(parts), value)
    if is_number(kind):
        return value
    if isinstance(kind, Array) and kind.rank and not kind.none:
        return Call("numpy.copy", (value,), style="method", spelled="copy")
    return Call("numpy.copy" if isinstance(kind, Array) else "adtrans.support.copied", (value,))


def _inner(node: Branch | Loop) -> Sequence[Node]:
    return (*node.body, *node.orelse) if isinstance(node, Branch) else node.body


def _append(log: str, value: Expr) -> ExprStmt:
    return ExprStmt(value=Call("list.append", (Name(log), value), style="method", spelled="append"))


def _pop(log: str) -> Expr:
    return Call("list.pop", (Name(log),), style="method", spelled="pop")


def _range(n: Expr) -> Expr:
    return Call("builtins.range", (n,), spelled="range")


def mirrored(iterable: Expr, counter: str | None) -> Expr:
    """`reversed(range(n))`; only the rounds that were begun, if the loop may end early."""
    if counter is not None:
        whole = iterable if _is_range(iterable) else Call("builtins.list", (iterable,), spelled="list")
        iterable = Index(whole, Slice(None, Name(counter)))
        return Call("builtins.reversed", (iterable,), spelled="reversed")
    if isinstance(iterable, Call) and iterable.fn == "builtins.reversed" and _is_range(iterable.args[0]):
        return iterable.args[0]
    keys = isinstance(iterable, Call) and iterable.fn == "dict.keys"
    if not _is_range(iterable) and not keys and not isinstance(iterable, (Name, List, Tuple)):
        iterable = Call("builtins.list", (iterable,), spelled="list")
    return Call("builtins.reversed", (iterable,), spelled="reversed")


def _is_flag(test: Expr, scope: Scope) -> bool:
    """Whether a test is a value of its own, not an object that somebody may write to."""
    if isinstance(test, Op) and test.op in ("and", "or"):
        return all(_is_flag(part, scope) for part in test.args)
    if isinstance(test, (Op, Const)):
        return True
    return is_number(scope.kind(test))


def _is_range(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.fn == "builtins.range"


def _is_array(kind: object) -> bool:
    return isinstance(kind, Array) and bool(kind.rank)


def _place(node: Node) -> Expr | None:
    """What a simple statement writes to, in place."""
    if isinstance(node, Leaf) and isinstance(node.stmt, (Assign, AugAssign)):
        return node.stmt.target
    return None


def _place_indices(stmt: Stmt) -> Iterable[Expr]:
    if isinstance(stmt, (Assign, AugAssign)):
        place = stmt.target
        while isinstance(place, Index):
            yield place.index
            place = place.base


def at_tails(block: Block, last: Block) -> Block:
    """Put statements at the end of a block, ahead of the jumps that end it."""
    if not last:
        return block
    if block and isinstance(block[-1], (Break, Continue)):
        return (*block[:-1], *last, block[-1])
    if block and isinstance(block[-1], If) and _jumps(block[-1]):
        final = block[-1]
        ends = replace(
            final, body=at_tails(final.body, _fresh(last)), orelse=at_tails(final.orelse, _fresh(last))
        )
        return (*block[:-1], ends)
    return (*block, *last)


def _fresh(block: Block) -> Block:
    """Statements are individuals: copies for each place."""
    return tuple(replace(stmt) for stmt in block)


def _jumps(stmt: If) -> bool:
    """Whether a branch ends in a jump out of it."""
    for block in blocks(stmt):
        if block and isinstance(block[-1], (Break, Continue)):
            return True
        if block and isinstance(block[-1], If) and _jumps(block[-1]):
            return True
    return False
