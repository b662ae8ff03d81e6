"""What is well-formed at each stage: run between all of them, so that a pass is caught where it errs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from adtrans import ir, walk
from adtrans.printer import BINARY, BOOLEAN, COMPARISONS, UNARY
from adtrans.rules import registry
from adtrans.show import show

SURFACE = frozenset({"parse", "resolve"})
"""Python's statements as they were written."""

CORE = frozenset({"normalise", "kinds", "aliases", "activity"})
"""The seven invariants of the core form hold."""

AD = frozenset({"forward", "reverse", "record", "templates"})
"""Structural zeros may stand in expressions."""

LIBRARIES = (
    "adtrans.stop_gradient",
    "numpy.",
    "scipy.",
    "math.",
    "cmath.",
    "builtins.",
    "list.",
    "dict.",
    "namedtuple.",
    "dataclasses.",
    "adtrans.support.",
    "adtrans.rules.",
    "adtrans.solution.",
    "?.",
)
STRETCH = "adtrans.stretch"


class Malformed(AssertionError):
    """The IR breaks a rule of its stage: a mistake of the compiler, never of the user."""


def verify(
    function: ir.Function, program: ir.Program, stage: str, known: Collection[str] | None = None
) -> None:
    """Raise `Malformed` if `function` is not what `stage` should have made.

    `known` are the paths of emitted functions that may be called beside those of the program; after
    differentiation, and where it is not given, paths of user functions are not checked.
    """
    Verifier(function, program, stage, known).run()


@dataclass(frozen=True, slots=True)
class Verifier:
    function: ir.Function
    program: ir.Program
    stage: str
    known: Collection[str] | None

    def fail(self, words: str, node: ir.Stmt | ir.Expr | None = None) -> None:
        line = f", line {node.span.line}" if node is not None and node.span else ""
        shown = "" if node is None else "\n" + "\n".join("    " + text for text in show(node).split("\n"))
        raise Malformed(f"after {self.stage}, {self.function.path}{line}: {words}{shown}")

    def run(self) -> None:
        self.unshared()
        bound = local_names(self.function)
        for stmt in walk.statements(self.function.body):
            for expr in walk.expressions(stmt):
                self.expression(expr, stmt)
            self.reads(stmt, bound)
        if self.stage in SURFACE:
            return
        self.returns()
        if self.stage in CORE:
            self.core(self.function.body)
            self.jumps(self.function.body, tail=False)

    # ------------------------------------------------------------- every stage

    def unshared(self) -> None:
        """No statement stands in two places: facts are keyed by it."""
        seen: set[int] = set()
        for stmt in walk.statements(self.function.body):
            if id(stmt) in seen:
                self.fail("one statement stands in two places", stmt)
            seen.add(id(stmt))

    def reads(self, stmt: ir.Stmt, bound: set[str]) -> None:
        for name in sorted(names_read(stmt) - bound):
            self.fail(f"`{name}` is read but is neither a parameter nor assigned anywhere", stmt)

    def expression(self, expr: ir.Expr, stmt: ir.Stmt) -> None:
        sliced: set[int] = set()
        for e in walk.subexpressions(expr):
            match e:
                case ir.Name() | ir.Const():
                    pass  # Most nodes are.
                case ir.Index():
                    sliced.update(map(id, indices(e)))
                case ir.Zero() if self.stage not in AD:
                    self.fail("a structural zero outside differentiation", stmt)
                case ir.Op() if not is_operator(e):
                    self.fail(f"no operator {e.op!r} with {len(e.args)} operands", stmt)
                case ir.Comprehension() | ir.Bind() if self.stage in CORE:
                    self.fail("a comprehension or `:=` after normalisation", stmt)
                case ir.Slice() if id(e) not in sliced:
                    self.fail("a slice outside an index", stmt)
                case ir.Call():
                    self.call(e, stmt)

    def call(self, call: ir.Call, stmt: ir.Stmt) -> None:
        if call.style != "function" and not call.args:
            self.fail(f"a {call.style} without a receiver", stmt)
        if call.style == "attribute" and (len(call.args) > 1 or call.kwargs):
            self.fail("an attribute with arguments", stmt)
        if (
            call.fn.startswith(LIBRARIES)
            or call.fn in self.program.functions
            or call.fn in (self.known or ())
            or registry.lookup(call.fn) is not None
        ):
            return
        if call.fn == STRETCH:
            allowed = self.stage in AD
        else:
            allowed = "." in call.fn and self.known is None and self.stage not in SURFACE | CORE
        if not allowed:
            self.fail(f"a call of {call.fn!r}, which nobody knows", stmt)

    # --------------------------------------------------- after normalisation

    def returns(self) -> None:
        """Exactly one Return, the last statement, of distinct names."""
        body = self.function.body
        last = body[-1] if body else None
        if not isinstance(last, ir.Return):
            self.fail("the last statement is not a return", last)
        for stmt in walk.statements(body):
            if isinstance(stmt, ir.Return) and stmt is not last:
                self.fail("a return that is not the last statement", stmt)
        if self.stage in CORE and isinstance(last, ir.Return) and not returns_names(last.value):
            self.fail("the value returned is not one name or several different ones", last)

    def core(self, block: ir.Block) -> None:
        for stmt in walk.statements(block):
            match stmt:
                case ir.Assign(target=target, value=value):
                    self.assign(stmt, target, value)
                case ir.AugAssign(target=target) if not isinstance(target, ir.Name | ir.Index):
                    self.fail("the target of an augmented assignment is no name and no element", stmt)
                case ir.For() | ir.While():
                    self.loop(stmt)
            self.calls(stmt)

    def assign(self, stmt: ir.Stmt, target: ir.Expr, value: ir.Expr) -> None:
        if isinstance(target, ir.Tuple):
            if not all(isinstance(e, ir.Name) for e in target.elts) or not self.is_user_call(value):
                self.fail("a tuple is assigned, and not the result of a user function to names", stmt)
        elif not isinstance(target, ir.Name | ir.Index):
            self.fail("the target of an assignment is no name, element or tuple of names", stmt)

    def is_user_call(self, expr: ir.Expr) -> bool:
        return isinstance(expr, ir.Call) and expr.fn in self.program.functions

    def calls(self, stmt: ir.Stmt) -> None:
        """A call of a user function is a whole statement, with its arguments complete."""
        whole = stmt.value if isinstance(stmt, ir.Assign | ir.ExprStmt) else None
        for e in (e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr)):
            if not isinstance(e, ir.Call) or e.fn not in self.program.functions:
                continue
            if e is not whole:
                self.fail(f"a call of `{e.fn}` within an expression", stmt)
            if e.kwargs or len(e.args) != len(self.program.functions[e.fn].params):
                self.fail(f"the arguments of `{e.fn}` are not complete and in order", stmt)

    def loop(self, stmt: ir.For | ir.While) -> None:
        if stmt.orelse:
            self.fail("a loop with an else", stmt)
        if isinstance(stmt, ir.For):
            if not isinstance(stmt.target, ir.Name):
                self.fail("the target of a for is not a name", stmt)
            written = {name for inner in walk.statements((stmt,)) for name in walk.binds(inner)}
            for name in sorted(walk.names(stmt.iter) & written):
                self.fail(f"`{name}` is read in the header of a for and assigned in the loop", stmt)
        if (isinstance(stmt, ir.While) or breaks(stmt.body)) and not any(map(counts, stmt.body)):
            self.fail("a while, or a loop with a break, does not count its steps", stmt)

    def jumps(self, block: ir.Block, tail: bool) -> None:
        """A jump is the last statement of a branch in tail position of a loop's body."""
        for stmt in block:
            last = stmt is block[-1]
            if isinstance(stmt, ir.Break | ir.Continue) and not (last and tail):
                self.fail("a jump that is not at the end of a branch that ends the loop's body", stmt)
            match stmt:
                case ir.If(body=body, orelse=orelse):
                    self.jumps(body, tail and last)
                    self.jumps(orelse, tail and last)
                case ir.For(body=body) | ir.While(body=body):
                    self.jumps(body, tail=True)


def is_operator(op: ir.Op) -> bool:
    if op.op in BOOLEAN:
        return len(op.args) >= 2
    if op.op in UNARY or op.op == "not":
        return len(op.args) == 1
    return (op.op in BINARY or op.op in COMPARISONS or op.op == "**") and len(op.args) == 2


def indices(expr: ir.Index) -> tuple[ir.Expr, ...]:
    return expr.index.elts if isinstance(expr.index, ir.Tuple) else (expr.index,)


def returns_names(value: ir.Expr | None) -> bool:
    values = value.elts if isinstance(value, ir.Tuple) else (value,)
    names = [v.id for v in values if isinstance(v, ir.Name)]
    return value is None or (len(names) == len(values) == len(set(names)))


def local_names(function: ir.Function) -> set[str]:
    """The parameters and all names that are bound in the body."""
    bound = {param.name for param in function.params}
    for stmt in walk.statements(function.body):
        parts = (e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr))
        bound |= walk.binds(stmt) | {e.name for e in parts if isinstance(e, ir.Bind)}
    return bound


def names_read(stmt: ir.Stmt) -> frozenset[str]:
    """The local names in a statement itself."""
    if isinstance(stmt, ir.Verbatim):
        return frozenset(stmt.reads)
    return walk.names_of(walk.expressions(stmt))


def breaks(body: ir.Block) -> bool:
    """Whether a loop with this body is left by a break of its own."""
    for stmt in body:
        if isinstance(stmt, ir.Break):
            return True
        if isinstance(stmt, ir.If) and (breaks(stmt.body) or breaks(stmt.orelse)):
            return True
    return False


def counts(stmt: ir.Stmt) -> bool:
    """`steps = steps + 1`, or `steps += 1`."""
    one = ir.Const(1)
    match stmt:
        case ir.Assign(target=ir.Name() as name, value=value):
            return value == ir.Op("+", (name, one))
        case ir.AugAssign(target=ir.Name(), op="+", value=value):
            return value == one
    return False
