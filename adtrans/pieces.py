"""`np.concatenate((x, y))`: the adjoint of each piece is a slice of that of the whole.

    z = np.concatenate((x, y))      gives      x_bar += z_bar[: len(x)]
                                               y_bar += z_bar[len(x) :]

That is written out where the axis is spelled out and the length of every piece can be: the piece
has a name, or a known length. Else the rule of `np.concatenate` holds, which splits at run time.
"""

from __future__ import annotations

from adtrans import algebra
from adtrans.analyses.expressions import Scope, bind
from adtrans.applications import SEED, Application
from adtrans.ir import Attr, Call, Const, Expr, Index, List, Name, Slice, Tuple
from adtrans.kinds import Array


def adjoint(node: Call, scope: Scope) -> Application | None:
    """The slices of `%g`, one for each piece; None where they cannot be written out."""
    bound = bind(node.fn, node.args, node.kwargs) or {}
    arrays, axis = bound.get("arrays"), bound.get("axis", Const(0))
    if not isinstance(arrays, (Tuple, List)) or bound.keys() - {"arrays", "axis"}:
        return None
    along = axis.value if isinstance(axis, Const) else None
    if not isinstance(along, int) or along < 0:
        return None
    lengths = [length(piece, along, scope) for piece in arrays.elts]
    seeds: list[Expr] = []
    start: Expr | None = None
    for k, own in enumerate(lengths):
        last = k == len(lengths) - 1
        if own is None and not last:
            return None
        stop = None if last or own is None else own if start is None else after(start, own)
        seeds.append(part(start, stop, along))
        start = stop
    return Application((arrays,), (Tuple(tuple(seeds)),), {"%0": arrays}, values=frozenset({SEED}))


def length(piece: Expr, axis: int, scope: Scope) -> Expr | None:
    """How long a piece is along the axis, in few words."""
    kind = scope.kind(piece)
    if not isinstance(kind, Array) or kind.shape is None or axis >= len(kind.shape):
        return None
    dim = kind.shape[axis]
    if isinstance(dim, int):
        return Const(dim)
    if not isinstance(piece, Name):
        return None
    return Index(Attr(piece, "shape"), Const(axis)) if axis else Call("builtins.len", (piece,), spelled="len")


def after(start: Expr, own: Expr) -> Expr:
    if isinstance(start, Const) and isinstance(own, Const):
        return Const(start.value + own.value)  # type: ignore[operator]
    return algebra.add(start, own)


def part(start: Expr | None, stop: Expr | None, axis: int) -> Expr:
    """`g[:, start:stop]`."""
    along = Slice(start, stop)
    return Index(Name(SEED), Tuple((*(Slice(),) * axis, along)) if axis else along)
