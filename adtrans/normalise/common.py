"""What the passes share: fresh names, and small builders of IR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adtrans import ir, walk
from adtrans.builtin_names import BUILTINS
from adtrans.errors import Diagnostic, Span
from adtrans.kinds import Kind
from adtrans.names import Names
from adtrans.normalise.arity import Arities
from adtrans.normalise.effects import Effects

TRUE = ir.Const(True)
FALSE = ir.Const(False)

# What a comparison becomes under `not`. Not the ordered ones: they are all false for a NaN.
OPPOSITE = {"==": "!=", "!=": "==", "is": "is not", "is not": "is", "in": "not in", "not in": "in"}


@dataclass(frozen=True)
class Context:
    """What a pass knows besides the function itself."""

    program: ir.Program
    effects: Effects
    arities: Arities
    kinds: Mapping[str, Kind]
    names: Names
    report: list[Diagnostic]

    def refuse(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        self.report.append(Diagnostic(code, message, span, help))

    def is_user(self, expr: ir.Expr) -> bool:
        return isinstance(expr, ir.Call) and expr.fn in self.program.functions


def taken(function: ir.Function, program: ir.Program) -> Iterable[str]:
    """Every name that a fresh one must not collide with."""
    yield from BUILTINS
    yield function.name
    yield from (param.name for param in function.params)
    yield from program.constants
    yield from (other.name for other in program.functions.values())
    yield from (item.alias.split(".")[0] for item in program.imports)
    for stmt in walk.statements(function.body):
        yield from walk.binds(stmt)
        if isinstance(stmt, ir.Verbatim):
            yield from stmt.reads
        for expr in walk.expressions(stmt):
            for node in walk.subexpressions(expr):
                yield from mentioned(node)


def mentioned(node: ir.Expr) -> Iterable[str]:
    """The names that occur in the spelling of this node itself."""
    match node:
        case ir.Name(id=name) | ir.Global(id=name):
            yield name.split(".")[0]
        case ir.Bind(name=name):
            yield name
        case ir.Opaque(reads=reads):
            yield from reads
        case ir.Call(spelled=spelled):
            yield spelled.split(".")[0]


def assign(name: str, value: ir.Expr, span: Span | None = None) -> ir.Assign:
    return ir.Assign(target=ir.Name(name), value=value, span=span)


def call(path: str, *args: ir.Expr) -> ir.Call:
    """A call of a built-in function."""
    return ir.Call(f"builtins.{path}", args, spelled=path)


def negate(test: ir.Expr) -> ir.Expr:
    """`not test`, in its simplest form."""
    match test:
        case ir.Op(op="not", args=(inner,)):
            return inner
        case ir.Op(op=op, args=args) if op in OPPOSITE:
            return ir.Op(OPPOSITE[op], args)
    return ir.Op("not", (test,))


def lead(new: Sequence[ir.Stmt], old: ir.Stmt) -> list[ir.Stmt]:
    """The statements that stand for `old`: the comments above it move to the first of them."""
    out = list(new)
    if len(out) > 1 and out[0] is not old and (old.comments or old.blank_before):
        out = [bare(s) if s.span == old.span and s.comments == old.comments else s for s in out]
        out[0] = replace(out[0], comments=old.comments, blank_before=old.blank_before)
    return out


def bare(stmt: ir.Stmt) -> ir.Stmt:
    """The statement without what stands above it."""
    return replace(stmt, comments=(), blank_before=False) if stmt.comments or stmt.blank_before else stmt


def is_atom(expr: ir.Expr) -> bool:
    """Whether evaluating this now or later, once or twice, makes no difference (a name still has to
    keep its binding)."""
    return isinstance(expr, ir.Const | ir.Global | ir.Name | ir.Zero)
