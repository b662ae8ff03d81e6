"""What the backward sweep reads of each primal statement, and what the statement overwrites.

The unit is a node of the mirrored tree. A statement, branch or loop without any adjoint of its own
is taken as a whole: its backward sweep is empty, so only what it overwrites counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from adtrans.analyses.expressions import Scope
from adtrans.applications import value_reads
from adtrans.ir import Assign, AugAssign, Block, Expr, For, Index, Name, Stmt, Tuple, While
from adtrans.kinds import HOLDERS, Array, alike, is_number
from adtrans.reverse.tree import Branch, Leaf, Loop, Node
from adtrans.walk import binds, blocks, expressions, hands_over, names, overwrites


@dataclass(frozen=True, slots=True)
class Event:
    """Of one leaf: names read by its adjoint before and after the statement, bound, changed in place; `maybe`
    are bound or changed, as their ranks turn out."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()


@dataclass(slots=True)
class Events:
    """Reads the tree. `ignore` says which names are adjoints; `rebinds` whether a name has one binding."""

    ignore: Callable[[str], bool]
    fixed_shape: Callable[[str], bool]
    scope: Callable[[Stmt], Scope]
    written: Callable[[Stmt], frozenset[str]]
    known: dict[tuple[str, Stmt], frozenset[str]] = field(default_factory=dict)
    """What is in each statement: a branch of a branch is asked at each level."""

    def of(self, node: Node) -> Event:
        """The event of a leaf, or of a whole node without a backward sweep."""
        stmt = node.stmt
        if not isinstance(node, Leaf) or not node.back:
            return Event(binds=self.bound(stmt), changes=self.changed(stmt), maybe=self.maybe_changed(stmt))
        bound, changed = self.bound(stmt), self.changed(stmt)
        read = self.read(node.back)
        own = bound | changed
        mentioned = names_read(stmt) | self.replaced(stmt)
        # A function that writes to its argument: its backward sweep starts from the state it left.
        post = {n for n in read & own if n not in mentioned} | (read & self.written(stmt))
        return Event(frozenset(read - post), frozenset(post), bound, changed, self.maybe_changed(stmt))

    def replaced(self, stmt: Stmt) -> frozenset[str]:
        """The list or dict of which a statement replaces an element: a zero has the shape of the old one,
        which may not be that of the new one."""
        match stmt:
            case Assign(target=Index(base=base, index=index) as target, value=value):
                scope = self.scope(stmt)
                if isinstance(scope.kind(base), HOLDERS) and not alike(scope.kind(target), scope.kind(value)):
                    return names(target) - names(index)
        return frozenset()

    def bound(self, stmt: Stmt) -> frozenset[str]:
        """The names bound by a statement and everything in it; a number's `+=` binds, an array's does not."""
        return self.everywhere(stmt, self.binds)

    def changed(self, stmt: Stmt) -> frozenset[str]:
        """The names whose values a statement, or something in it, changes in place."""
        return self.everywhere(stmt, self.changes)

    def maybe_changed(self, stmt: Stmt) -> frozenset[str]:
        """Names of unknown rank under `+=`: an array is changed in place, a number is bound anew."""
        return self.everywhere(stmt, self.may_change)

    def everywhere(self, stmt: Stmt, own: Callable[[Stmt], frozenset[str]]) -> frozenset[str]:
        """What is found in a statement and in all that is in it."""
        key = own.__name__, stmt
        if key not in self.known:
            inner = [self.everywhere(s, own) for block in blocks(stmt) for s in block]
            self.known[key] = own(stmt).union(*inner)
        return self.known[key]

    def binds(self, stmt: Stmt) -> frozenset[str]:
        if isinstance(stmt, AugAssign) and isinstance(stmt.target, Name) and self.is_array(stmt):
            return frozenset()
        return binds(stmt)

    def changes(self, stmt: Stmt) -> frozenset[str]:
        if isinstance(stmt, AugAssign) and isinstance(stmt.target, Name) and not self.is_array(stmt):
            return frozenset()
        scope = self.scope(stmt)
        lent = (n for n in hands_over(stmt) if not is_number(scope.kind(Name(n))))
        return overwrites(stmt).union(lent) | self.written(stmt)

    def may_change(self, stmt: Stmt) -> frozenset[str]:
        match stmt:
            case AugAssign(target=Name(id=name)) if not is_number(self.scope(stmt).kind(stmt.target)):
                return frozenset((name,))
        return frozenset()

    def is_array(self, stmt: AugAssign) -> bool:
        kind = self.scope(stmt).kind(stmt.target)
        return not isinstance(kind, Array) or bool(kind.rank)

    def read(self, back: Block) -> frozenset[str]:
        """The primal names that statements of the backward sweep read."""
        found: set[str] = set()
        for stmt in back:
            for expr in own_reads(stmt):
                everything = names(expr)
                by_value = set(value_reads(expr))
                found |= {n for n in everything if n in by_value or not self.fixed_shape(n)}
            for block in blocks(stmt):
                found |= self.read(block)
        return frozenset(n for n in found if not self.ignore(n))


def own_reads(stmt: Stmt) -> Iterator[Expr]:
    """The expressions that a statement evaluates; of a target only its indices."""
    match stmt:
        case Assign(target=target, value=value) | AugAssign(target=target, value=value):
            yield value
            yield from _indices(target)
        case For(target=_, iter=iterable):
            yield iterable
        case _:
            yield from expressions(stmt)


def _indices(target: Expr) -> Iterator[Expr]:
    match target:
        case Index(base=base, index=index):
            yield index
            yield from _indices(base)
        case Tuple(elts=elts):
            for elt in elts:
                yield from _indices(elt)


def names_read(stmt: Stmt) -> frozenset[str]:
    """The names whose values a primal statement reads before it writes."""
    found: set[str] = set()
    for expr in own_reads(stmt):
        found |= names(expr)
    if isinstance(stmt, AugAssign):
        found |= names(stmt.target)
    return frozenset(found)


def header_reads(node: Branch | Loop) -> frozenset[str]:
    """The names in a test or an iterable."""
    stmt = node.stmt
    if isinstance(stmt, While):
        return frozenset()
    return names(stmt.iter) if isinstance(stmt, For) else names(stmt.test)


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """All nodes, nested ones included."""
    for node in nodes:
        yield node
        match node:
            case Branch():
                yield from flat(node.body)
                yield from flat(node.orelse)
            case Loop():
                yield from flat(node.body)
