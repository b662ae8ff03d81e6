"""Quotients by a zero that is written down: there is no derivative, and Python's own numbers, which stand in
the sweeps in the place of NumPy's, cannot be divided by it."""

from __future__ import annotations

from collections.abc import Iterator

from adtrans.analyses.activity import Activity
from adtrans.errors import Diagnostic
from adtrans.ir import AugAssign, Call, Const, Expr, Function, Op
from adtrans.walk import names, nodes, statements


def by_zero(function: Function, activity: Activity) -> Iterator[Diagnostic]:
    """`x / 0`, `y /= 0.0`, `np.divide(x, 0)`."""
    for stmt in statements(function.body):
        varied = activity.varied.get(stmt, frozenset()) & activity.ever_useful
        if isinstance(stmt, AugAssign) and stmt.op == "/":
            quotients: list[tuple[Expr, Expr, Expr]] = [(stmt.target, stmt.target, stmt.value)]
        else:
            quotients = []
        for node in nodes(stmt) if varied else ():
            match node:
                case Op(op="/", args=(value, divisor)) | Call(fn="numpy.divide", args=(value, divisor, *_)):
                    quotients.append((node, value, divisor))
        for node, value, divisor in quotients:
            if is_zero(divisor) and names(value) & varied:
                yield Diagnostic(
                    "AD302",
                    "a quotient by zero has no derivative",
                    node.span or stmt.span,
                    help="leave out the quotient, or write the value that it is meant to be: `np.inf`",
                )


def is_zero(expr: Expr) -> bool:
    match expr:
        case Op(op="neg" | "pos", args=(inner,)):
            return is_zero(inner)
        case Const(value=int() | float() as value):
            return value == 0
    return False
