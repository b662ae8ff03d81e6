"""Library calls that write into an argument, as the assignments that they are.

    np.exp(x, out=y)                   y[...] = np.exp(x)
    np.add(y, x, out=y, where=m)       y[...] = np.where(m, np.add(y, x), y)
    np.fill_diagonal(A, b)             A[np.diag_indices(min(A.shape))] = b
    y.sort()                           y[...] = np.sort(y)

What cannot be said as an assignment stays, and is refused where it matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from adtrans import outputs
from adtrans.analyses.expressions import Scope
from adtrans.ir import Assign, Attr, Call, Const, Expr, ExprStmt, Index, List, Name, Op, Slice, Stmt, Tuple
from adtrans.kinds import Array, rank
from adtrans.sharing import results
from adtrans.walk import map_expr, map_stmt, names, owners, root

WHOLE = Const(...)
ALL = Slice()

Write = tuple[Expr, Expr]
"""A place, and what is written into it."""


def writes(stmt: Stmt, scope: Scope, fresh: Callable[[str], str]) -> list[Write]:
    """The assignments that a statement is; none where it stays as it is."""
    match stmt:
        case ExprStmt(value=Call() as call):
            found = effect(call, scope)
            return [] if found is None else [found]
        case Assign(target=Name(id=name) as target, value=Call() as call) if results(call):
            parts = without_out(call, scope)
            if parts is None:
                return []
            place, value = parts
            if root(place) is not None:
                into: list[Write] = [(Index(place, WHOLE), value)]
                return into if place == target else [*into, (target, place)]
            if owners(place):
                return []
            made = Name(fresh(name)) if name in names(call) else target
            return [(made, place), (Index(made, WHOLE), value), *([(target, made)] if made != target else [])]
    return []


def effect(call: Call, scope: Scope) -> Write | None:
    """The place that a call writes to, and the value."""
    if results(call):
        parts = without_out(call, scope)
        return None if parts is None else (Index(parts[0], WHOLE), parts[1])
    match by_position(call):
        case Call(fn="numpy.ndarray.fill", args=(base, value), kwargs=()):
            return Index(base, WHOLE), value
        case Call(fn="numpy.ndarray.sort" | "numpy.ndarray.partition", args=(base, *_)):
            if not isinstance(scope.kind(base), Array):
                return None  # A list.
            fn = "numpy." + call.fn.rpartition(".")[2]
            return Index(base, WHOLE), Call(fn, call.args, call.kwargs, span=call.span)
        case Call(fn="numpy.copyto", args=(base, value), kwargs=()):
            return Index(base, WHOLE), value
        case Call(fn="numpy.copyto", args=(base, value), kwargs=(("where", mask),)):
            return Index(base, WHOLE), Call("numpy.where", (mask, value, base))
        case Call(fn="numpy.putmask", args=(base, mask, value), kwargs=()):
            if rank(scope.kind(value)) == 0 or rank(scope.kind(value)) == rank(scope.kind(base)) == 1:
                return Index(base, WHOLE), Call("numpy.where", (mask, value, base))
        case Call(fn="numpy.fill_diagonal", args=(base, value), kwargs=()):
            length = Call("builtins.min", (Attr(base, "shape"),), spelled="min")
            axes = () if rank(scope.kind(base)) == 2 else (Attr(base, "ndim"),)
            return Index(base, Call("numpy.diag_indices", (length, *axes))), value
        case Call(fn="numpy.put" | "numpy.ndarray.put", args=(base, index, value), kwargs=()):
            if (values := as_many(index, value, scope)) is None:
                return None
            if rank(scope.kind(base)) == 1:
                return Index(base, index), values
            return Index(base, Call("numpy.unravel_index", (index, Attr(base, "shape")))), values
        case Call(fn="numpy.put_along_axis", args=(base, index, value, axis), kwargs=()):
            places = along(base, index, axis, scope)
            return None if places is None else (Index(base, places), value)
    return None


def as_many(index: Expr, values: Expr, scope: Scope) -> Expr | None:
    """`np.put` leaves out values that have no place; None where it is not known whether there are such."""
    found = rank(scope.kind(values))
    if not isinstance(index, List) or isinstance(values, List) or found == 0:
        return values
    first = Slice(None, Const(len(index.elts)))
    if isinstance(values, Index) and values.index == first:
        return values
    return Index(values, first) if found == 1 else None


def by_position(call: Call) -> Call:
    """`np.put_along_axis(a, i, v, axis=1)` with all arguments by their places, and none that says nothing."""
    given = dict(call.kwargs)
    if call.fn == "numpy.put_along_axis" and "axis" in given:
        return replace(call, args=(*call.args, given.pop("axis")), kwargs=tuple(given.items()))
    if call.fn == "numpy.fill_diagonal" and given.get("wrap") == Const(False):
        return replace(call, kwargs=())
    return call


def along(base: Expr, index: Expr, axis: Expr, scope: Scope) -> Expr | None:
    """The index that `np.put_along_axis` means, of a vector or a matrix."""

    def every(k: int) -> Expr:
        length = Index(Attr(base, "shape"), Const(k))
        return Call("numpy.arange", (length,))

    match rank(scope.kind(base)), axis:
        case 1, Const(value=0 | -1) | Op(op="neg", args=(Const(value=1),)):
            return index
        case 2, Const(value=0):
            return Tuple((index, every(1)))
        case 2, Const(value=1 | -1) | Op(op="neg", args=(Const(value=1),)):
            return Tuple((Index(every(0), Tuple((ALL, Const(None)))), index))
    return None


def without_out(call: Call, scope: Scope) -> Write | None:
    """The array that a function of NumPy is given for its result, and the call without it.

    With `where=`, a ufunc leaves in that array what is not asked for.
    """
    if not call.fn.startswith("numpy."):
        return None
    named = dict(call.kwargs)
    out, args = named.pop("out", None), call.args
    if out is None:
        position = outputs.positional(call.fn)
        if len(args) > len(position) or not position[len(args) - 1].startswith("out"):
            return None
        if sum(name.startswith("out") for name in position) > 1:
            return None  # One of several results.
        args, out = args[:-1], args[-1]
    if isinstance(out, Tuple):
        if len(out.elts) != 1:
            return None
        out = out.elts[0]
    mask = named.pop("where", None) if outputs.is_ufunc(call.fn) else None
    value: Expr = replace(call, args=args, kwargs=tuple(named.items()))
    held, made = scope.kind(out), scope.kind(value)
    same = isinstance(held, Array) and isinstance(made, Array) and held.dtype == made.dtype
    if not same and not outputs.is_ufunc(call.fn):
        return None  # A reduction computes in the precision of what it is given for its result.
    if len(results(replace(call, args=args, kwargs=tuple(named.items())))) > 0:
        return None
    return out, value if mask is None else Call("numpy.where", (mask, value, out))


def chosen(stmt: Stmt, scope: Scope) -> Stmt:
    """`np.divide(a, b, out=e, where=m)`, anywhere, as `np.where(m, np.divide(a, b), e)`, of one dtype."""

    def plain(expr: Expr) -> Expr:
        if not isinstance(expr, Call) or "where" not in dict(expr.kwargs) or not results(expr):
            return expr
        parts = without_out(expr, scope)
        if parts is None or owners(parts[0]) or not outputs.is_ufunc(expr.fn):
            return expr
        made, held = scope.kind(parts[1]), scope.kind(parts[0])
        alike = isinstance(made, Array) and isinstance(held, Array) and made.dtype == held.dtype
        return parts[1] if alike and isinstance(made, Array) and made.dtype not in ("?", "*") else expr

    return map_stmt(stmt, lambda e: map_expr(e, plain))
