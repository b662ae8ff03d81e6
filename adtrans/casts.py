"""A conversion to a dtype that depends on the run may round: the derivative asks.

    y = x.astype(KIND)

becomes

    if np.dtype(KIND).kind in "biu":
        raise TypeError("KIND: what is converted to an array of integers is rounded, ...")
    y = x.astype(KIND)

So does what takes its dtype from another array: `np.full_like(table, x)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adtrans.analyses.activity import Activity, Dependence
from adtrans.analyses.expressions import bind
from adtrans.analyses.ranks import Ranks
from adtrans.integral import Sources
from adtrans.ir import Assign, Attr, AugAssign, Call, Const, Expr, Function, If, Op, Return, Stmt, Verbatim
from adtrans.kinds import Array
from adtrans.printer import expression
from adtrans.walk import map_block, nodes

LIKE = {"numpy.full_like": "a", "numpy.insert": "arr"}
"""Functions whose result has the dtype of this argument, and holds another one."""


def asked(
    function: Function, original: Function, ranks: Ranks, activity: Activity, dependence: Dependence
) -> Function:
    """The function with a question before each conversion of what varies to a dtype that is not known;
    `original` is the one that the facts are about, without other questions."""
    body = map_block(function.body, Casts(original, ranks, activity, dependence).around)
    return function if body is function.body else replace(function, body=body)


class Casts:
    """The conversions of one function."""

    def __init__(self, function: Function, ranks: Ranks, activity: Activity, dependence: Dependence) -> None:
        self.function, self.ranks, self.activity, self.dependence = function, ranks, activity, dependence
        self.found: Sources | None = None

    def sure(self, expr: Expr, stmt: Stmt) -> bool:
        """Whether an array is surely one of floats."""
        if self.found is None:
            self.found = Sources.of_function(self.function, self.ranks, self.activity, self.dependence)
        return self.found.of(expr, stmt)

    def around(self, stmt: Stmt) -> Sequence[Stmt]:
        if not isinstance(stmt, (Assign, AugAssign, Return)):
            return (stmt,)
        dtypes = dict.fromkeys(dtype for node in nodes(stmt) if (dtype := self.dtype(node, stmt)) is not None)
        return [*(question(dtype, stmt) for dtype in dtypes), stmt]

    def dtype(self, node: Expr, stmt: Stmt) -> Expr | None:
        """The dtype to which a call converts what varies, if it may be one of integers."""
        if not isinstance(node, Call):
            return None
        kind = self.ranks.scope(stmt).kind(node)
        if not isinstance(kind, Array) or kind.dtype != "?":
            return None
        moves = self.activity.varied.get(stmt, frozenset()) & self.activity.ever_useful
        given = bind(node.fn, node.args, node.kwargs) or {}
        if self.dependence.sources(node).isdisjoint(moves):
            return None
        dtype = given.get("dtype", Const(None))
        if dtype != Const(None):
            of_floats = isinstance(dtype, Attr) and dtype.name == "dtype" and self.sure(dtype.base, stmt)
            return None if of_floats else dtype
        like = given.get(LIKE.get(node.fn, ""))
        if like is None or self.sure(like, stmt):
            return None
        return Attr(Call("numpy.asarray", (like,)), "dtype")


def question(dtype: Expr, stmt: Stmt) -> Stmt:
    test = Op("in", (Attr(Call("numpy.dtype", (dtype,)), "kind"), Const("biu")))
    words = f"{expression(dtype)}: what goes into an array of integers is rounded, so make it one of floats"
    return If(test, (Verbatim(text=f"raise TypeError({words!r})", span=stmt.span),), (), span=stmt.span)
