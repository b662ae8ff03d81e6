"""Results of NumPy whose parts have names: `np.linalg.eigh(A).eigenvalues` is the first of a tuple.

before: found = np.linalg.eigh(A)                after: found = np.linalg.eigh(A)
        return np.sum(found.eigenvalues)                return np.sum(found[0])
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.iterators import values

if TYPE_CHECKING:
    from adtrans.normalise.common import Context

EIGEN = ("eigenvalues", "eigenvectors")
PARTS = {
    "numpy.linalg.eigh": EIGEN,
    "numpy.linalg.eig": EIGEN,
    "numpy.linalg.slogdet": ("sign", "logabsdet"),
    "numpy.linalg.svd": ("U", "S", "Vh"),
    "numpy.linalg.qr": ("Q", "R"),
}


def part(call: ir.Expr, name: str) -> int | None:
    """The place of a part in the result of a call."""
    names = PARTS.get(call.fn, ()) if isinstance(call, ir.Call) else ()
    return names.index(name) if name in names else None


def numbered(function: ir.Function, context: Context) -> ir.Function:
    """The parts of results in variables, by their places; a variable that may be something else stays."""
    held = results(function)
    if not held:
        return function

    def placed(expr: ir.Expr) -> ir.Expr:
        match expr:
            case ir.Index(base=ir.Name(id=name) as base, index=ir.Const(value=str() as word), attribute=True):
                places = {part(call, word) for call in held.get(name, ())}
                if len(places) == 1 and (place := places.pop()) is not None:
                    return ir.Index(base, ir.Const(place), span=expr.span)
        return expr

    body = walk.map_block(function.body, lambda s: walk.map_stmt(s, lambda e: walk.map_expr(e, placed)))
    return function if body is function.body else replace(function, body=body)


def results(function: ir.Function) -> dict[str, list[ir.Expr]]:
    """The variables that hold such results and nothing else, with the calls."""
    bound = values(function)
    others = {p.name for p in function.params}
    for stmt in walk.statements(function.body):
        if not (isinstance(stmt, ir.Assign) and isinstance(stmt.target, ir.Name)):
            others |= walk.binds(stmt)
    return {
        name: list(calls)
        for name, calls in bound.items()
        if name not in others and all(isinstance(c, ir.Call) and c.fn in PARTS for c in calls)
    }
