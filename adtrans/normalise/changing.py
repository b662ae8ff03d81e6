"""Calls in the middle of an expression that change something: `x[ks[-1]] * ks.pop()`.

They become statements of their own, in order of evaluation, for the sweeps may evaluate an expression twice,
or not at all. What is read before such a call is kept in a name if the call may change it. Of a call of
something unknown (`queue.popleft()`) only what reads the same thing in the same statement makes one, of what
is drawn (`next(it)`, `np.random.rand()`) only a second draw, or a condition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.analyses.memory import Memory
from adtrans.sharing import is_unknown

if TYPE_CHECKING:
    from adtrans.normalise.common import Context


class Changing:
    """The calls that change something, in the statement that is looked at."""

    def __init__(self, function: ir.Function, context: Context) -> None:
        self.function, self.program, self.effects = function, context.program, context.effects
        self.known: dict[str, frozenset[str]] | None = None
        self.contested: frozenset[str] = frozenset()
        self.busy = False

    def enter(self, stmt: ir.Stmt) -> None:
        """Look at a statement: what may unknown calls in it change that it reads elsewhere too?"""
        nodes = list(walk.nodes(stmt))
        self.busy = in_need_of_order(stmt, nodes)
        given = [name for node in nodes for name in self.kin(walk.given_away(node))]
        if not given:
            self.contested = frozenset()
            return
        read = Counter(name for node in nodes if isinstance(node, ir.Name) for name in self.kin((node.id,)))
        read.update(name for node in nodes if isinstance(node, ir.Opaque) for name in self.kin(node.reads))
        self.contested = frozenset(name for name in given if read[name] > 1)

    def kin(self, names: Iterable[str]) -> frozenset[str]:
        """The names that may share memory with one of these."""
        names = frozenset(names)
        if not names:
            return names
        if self.known is None:
            every = {path: frozenset(range(len(f.params))) for path, f in self.program.functions.items()}
            self.known = Memory(self.program.functions, viewed=every).classes(self.function)
        return names.union(*(self.known.get(name, frozenset()) for name in names))

    def moves(self, node: ir.Expr) -> bool:
        """Whether a node has to become a statement of its own where it stands inside an expression."""
        if isinstance(node, ir.Call) and walk.changed_by(node):
            return True
        if self.busy and isinstance(node, ir.Call) and walk.acts(node):
            return True
        return bool(self.contested) and not self.contested.isdisjoint(walk.given_away(node))

    def disturbs(self, code: Sequence[ir.Stmt], expr: ir.Expr) -> bool:
        """Whether an expression may give something else after these statements than before them."""
        block = tuple(code)
        if self.effects.callees(block) & self.effects.impure:
            return True
        changed = frozenset(name for stmt in walk.statements(block) for name in walk.changes(stmt))
        return not self.kin(changed).isdisjoint(walk.names(expr))


def in_need_of_order(stmt: ir.Stmt, nodes: Sequence[ir.Expr]) -> bool:
    """Whether a statement draws twice or on a condition, or does something in its target and its value."""
    drawn = [node for node in nodes if is_drawn(node)]
    if drawn and (len(drawn) > 1 or any(isinstance(n, ir.IfExp) or is_shortcut(n) for n in nodes)):
        return True
    match stmt:
        case ir.Assign(target=target, value=value) | ir.AugAssign(target=target, value=value):
            return not walk.repeatable(target) and not walk.repeatable(value)
    return False


def is_drawn(node: ir.Expr) -> bool:
    return isinstance(node, ir.Call) and walk.acts(node) and not (is_unknown(node) or walk.changed_by(node))


def is_shortcut(node: ir.Expr) -> bool:
    return isinstance(node, ir.Op) and node.op in ("and", "or")
