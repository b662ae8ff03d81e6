"""What evaluating an expression may do to the world, as far as the order of evaluation cares.

Two questions: does an expression have an effect, so that it must not change places with another
one that has; and does a user function write to memory, so that what it is given (or anything that
may share memory with it) must be read before the call if it was read before the call.
"""

from __future__ import annotations

from collections.abc import Callable

from adtrans import ir, walk

# Calls that change the length of a list.
LENGTH = frozenset({"append", "pop", "extend", "insert", "clear", "remove"})
# Statements of these kinds never write to memory that we know of.
HARMLESS = ("assert", "raise", "print", "pass", "import", "from", "global", "nonlocal")


class Effects:
    """The effects of the user functions of a program, found out once each."""

    def __init__(self, program: ir.Program) -> None:
        self.program = program
        self.impure = self.closure(self.writes_memory)
        self.growing = self.closure(self.grows_list)

    def closure(self, own: Callable[[ir.Stmt], bool]) -> frozenset[str]:
        """The functions that do a thing themselves or through a function they call."""
        functions = self.program.functions
        found = {path for path, f in functions.items() if any(map(own, walk.statements(f.body)))}
        callers: dict[str, set[str]] = {path: set() for path in functions}
        for path, f in functions.items():
            for callee in self.callees(f.body):
                callers[callee].add(path)
        todo = list(found)
        while todo:
            new = callers[todo.pop()] - found
            found |= new
            todo.extend(new)
        return frozenset(found)

    def callees(self, body: ir.Block) -> frozenset[str]:
        """The user functions that are called in a block."""
        nodes = (
            n for s in walk.statements(body) for e in walk.expressions(s) for n in walk.subexpressions(e)
        )
        return frozenset(n.fn for n in nodes if isinstance(n, ir.Call) and n.fn in self.program.functions)

    def writes_memory(self, stmt: ir.Stmt) -> bool:
        """Whether a statement may write in place, or does something we cannot see."""
        if isinstance(stmt, ir.Verbatim):
            return not isinstance(stmt, ir.Enter) and not (stmt.text or "pass").startswith(HARMLESS)
        return bool(walk.changes(stmt)) or any(self.effectful(e, calls=False) for e in walk.expressions(stmt))

    def grows_list(self, stmt: ir.Stmt) -> bool:
        return bool(grown(stmt))

    def effectful(self, expr: ir.Expr, calls: bool = True) -> bool:
        """Whether evaluation does more than give a value (with `calls`, each user call counts)."""
        return any(self.acts(node, calls) for node in walk.subexpressions(expr))

    def acts(self, node: ir.Expr, calls: bool) -> bool:
        if isinstance(node, ir.Call) and node.fn in self.program.functions:
            return calls
        return walk.acts(node)


def grown(stmt: ir.Stmt) -> frozenset[str]:
    """The names whose lists may change their length by the statement itself."""
    found: set[str] = set()
    for expr in walk.expressions(stmt):
        for node in walk.subexpressions(expr):
            if isinstance(node, ir.Call) and node.fn.startswith("list.") and node.fn[5:] in LENGTH:
                found |= walk.changed_by(node)
    if isinstance(stmt, ir.Verbatim):
        found.update(stmt.writes)
    return frozenset(found)
