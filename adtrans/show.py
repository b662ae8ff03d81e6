"""The IR as text, for tests, for error messages and for looking at a stage.

Almost Python, but nothing is left to guess: functions stand under their canonical paths, the
user's own text is never used, and what is not plain local code is in angle brackets: `<zero>`,
`<np.pi>` (a global), `<text>` behind a question mark (an opaque expression), `<verbatim>`.
"""

from __future__ import annotations

from adtrans import ir
from adtrans.printer import Level, Piece, Printer, PrintError, as_spelled, indented, literal


def show(node: ir.Function | ir.Stmt | ir.Expr | ir.Block) -> str:
    """A function, a block, a statement or an expression as text."""
    shower = Shower(spell)
    match node:
        case ir.Function(name=name, path=path, params=params, body=body):
            head = f"def {name}({', '.join(map(shower.param, params))}):  # {path}"
            return "\n".join([head, *shower.block(body, 1)])
        case ir.Stmt():
            return "\n".join(shower.block((node,), 0))
        case ir.Expr():
            return shower.expression(node)
    return "\n".join(shower.block(node, 0))


def spell(expr: ir.Call | ir.Global) -> str:
    return f"<{expr.id}>" if isinstance(expr, ir.Global) else expr.fn or as_spelled(expr)


class Shower(Printer):
    """The printer without its manners."""

    flat_guards = False

    def param(self, param: ir.Param) -> str:
        star = "*, " if param.keyword_only else ""
        default = "" if param.default is None else f"={self.expression(param.default)}"
        return star + param.name + default

    def piece(self, expr: ir.Expr) -> Piece:
        try:
            return super().piece(expr)
        except (PrintError, IndexError):  # A malformed tree must be seen above all.
            return repr(expr), Level.ATOM

    def zero(self) -> Piece:
        return "<zero>", Level.ATOM

    def constant(self, expr: ir.Const) -> Piece:
        return literal(expr.value)

    def opaque(self, expr: ir.Opaque) -> Piece:
        return f"?<{expr.text}>", Level.ATOM

    def call(self, expr: ir.Call) -> str:
        return f"{self.spell(expr)}({self.arguments(expr.args, expr.kwargs)})"

    def source(self, stmt: ir.Stmt) -> str | None:
        return None

    def verbatim(self, stmt: ir.Verbatim, depth: int) -> list[str]:
        reads, writes = (", ".join(names) or "nothing" for names in (stmt.reads, stmt.writes))
        first, *more = (stmt.text or "").split("\n")
        return indented([f"<verbatim> {first}  # reads {reads}, writes {writes}", *more], depth)
