"""Reverse mode, second half: bring back the values that the adjoints read, and write both sweeps.

A value is *re-read* where the variable is intact, *computed again* where that is cheap, and
*recorded* otherwise. What a loop overwrites is recorded once per round: on entry, if the adjoints
read the value from before the round; on exit, if they read the one from its end; at each
overwriting where both are read. Values go to a list of their own (`y_log`) in loops and to a
variable (`y_kept`) elsewhere. Every list is emptied in the opposite order in which it was filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from adtrans.analyses.binding import maybe_none
from adtrans.analyses.events import own_reads
from adtrans.analyses.ranks import root
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Enter,
    Expr,
    ExprStmt,
    For,
    If,
    Index,
    Leave,
    Name,
    Note,
    Op,
    Slice,
    Stmt,
    While,
)
from adtrans.kinds import (
    ANY,
    HOLDERS,
    Array,
    ListOf,
    RecordOf,
    is_fixed,
)
from adtrans.record.facts import Region, Saved
from adtrans.record.pieces import (
    _append,
    _is_array,
    _is_flag,
    _place,
    _pop,
    _range,
    at_tails,
    copy_of_value,
    mirrored,
)
from adtrans.record.plan import Plan
from adtrans.reverse.stores import creates
from adtrans.reverse.tree import Branch, Leaf, Loop, Node, has_back
from adtrans.walk import names, statements


class Recorder(Plan):
    """Plans and writes the two sweeps of one function."""

    __slots__ = ()

    def described(self) -> str:
        """What is recorded, in words, for the header."""
        parts = [f"{name}, in {log}" for name, log in self.logs.items()]
        parts += [f"{name}, once" for name in dict.fromkeys(n for _, n in self.kept)]
        parts += ["the outcome of a test, in " + name for name in dict.fromkeys(self.tests.values())]
        return "; ".join(parts) or "nothing"

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
        if is_fixed(self.kinds.get(name, ANY)) or not self.class_of(name) & written:
            return Name(name)
        return self.whole_copy(name)

    def save(self, node: Node, in_loop: bool) -> Iterable[Stmt]:
        saved = self.saved.get(id(node), Saved())
        for name in saved.wholes:
            if not self.creates(node):
                yield self.put(node, name, self.content(node, name), in_loop)
        for name in saved.names:
            yield self.put(node, name, self.reference(name), in_loop)

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
        if (held and not self.written_elsewhere(name)) or (isinstance(kind, Array) and kind.rank == 0):
            return place
        return copy_of_value(place, kind, deep=False)

    def whole_copy(self, name: str) -> Expr:
        """A copy of everything that a variable holds."""
        shared = self.written_elsewhere(name)
        kind = self.kinds.get(name, self.scope.kind(Name(name)))
        return copy_of_value(Name(name), maybe_none(kind) if self.may_be_none(name) else kind, deep=shared)

    def written_elsewhere(self, name: str) -> bool:
        """Whether something is written to what a variable holds, under another name."""
        return bool((self.class_of(name) - {name}) & self.all_changes or self.class_of(name) & self.lent)

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

    def is_array_in(self, place: Index, stmt: Stmt) -> bool:
        """Whether a place is that of an array in a list or a dict."""
        scope = self.events.scope(stmt)
        return isinstance(scope.kind(place.base), HOLDERS) and _is_array(scope.kind(place))
