"""`np.piecewise`, which is given functions: each is called with the points where it is taken, as in NumPy.

before: y = np.piecewise(x, [x < 0.0, x >= 0.0], [lambda t: -t, np.sqrt])
after:  mask = x < 0.0
        mask_2 = x >= 0.0
        y = np.zeros_like(x)
        y[mask] = -x[mask]
        y[mask_2] = np.sqrt(x[mask_2])

A function sees none of the points that are not its own: so an infinite slope there is not asked for. Where
x may be a number as far as we know, it is done with `np.atleast_1d(x)`, as NumPy does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.closures.frame import Frame
from adtrans.closures.values import Held, Known, Lost, Row, User, Value, variables
from adtrans.rules import registry

if TYPE_CHECKING:
    from adtrans.closures.calls import Calls, Named
    from adtrans.closures.evaluate import Evaluator, Found

PIECEWISE = "numpy.piecewise"


@dataclass(frozen=True)
class Pieces:
    """A call, taken apart: `masks` are the conditions, in variables; `functions` are what is called, or an
    expression for each value that is only stored."""

    x: ir.Expr
    masks: tuple[ir.Expr, ...]
    functions: tuple[Value | ir.Expr, ...]
    args: tuple[Found, ...]
    kwargs: Named


class Piecewise:
    """The calls of `np.piecewise` in one frame."""

    def __init__(self, frame: Frame, evaluator: Evaluator, calls: Calls) -> None:
        self.frame = frame
        self.evaluator = evaluator
        self.calls = calls

    def call(self, expr: ir.Call, into: ir.Expr | None) -> Found | None:
        """The array, filled piece by piece in statements before; None if the pieces are not written out."""
        from adtrans.closures.evaluate import Found

        if len(expr.args) < 3:
            return None
        found = self.evaluator.sequence(walk.children(expr))
        pieces = self.pieces(expr, found)
        if pieces is None:
            return None
        y = self.result(expr, pieces, into)
        with self.frame.aside() as array:
            self.fill(expr, y, pieces)
        with self.frame.aside() as anything:
            self.fill_anything(expr, y, pieces)
        many = ir.Call(ir.SURELY, (ir.Op(">", (call("ndim", pieces.masks[0]), ir.Const(0))),))
        self.frame.before.append(ir.If(test=many, body=tuple(array), orelse=tuple(anything), span=expr.span))
        self.frame.bind(y.id, None)
        return Found(y)

    # ------------------------------------------------------------------ what is given

    def pieces(self, expr: ir.Call, found: Sequence[Found]) -> Pieces | None:
        """The parts of the call, with names for what is read again."""
        n = len(expr.args)
        x, conditions, functions, *args = found[:n]
        named = tuple(zip((key for key, _ in expr.kwargs), found[n:], strict=True))
        values = self.functions(functions, expr)
        if values is None or not isinstance(conditions.expr, ir.List | ir.Tuple):
            return None
        count = len(conditions.expr.elts)
        if not count or len(values) - count not in (0, 1):
            return None
        if any(isinstance(c, ir.Const) for c in conditions.expr.elts):
            return None  # NumPy takes `[True, False]` for one condition.
        points = x.expr
        if not isinstance(points, ir.Name):
            if isinstance(points, ir.List | ir.Tuple):
                points = call("array", points)
            points = self.frame.kept(points, expr, "x", "x").expr
        masks = [self.mask(c, expr, k) for k, c in enumerate(conditions.expr.elts)]
        if len(values) > count:
            anywhere = reduce(lambda a, b: ir.Op("|", (a, b)), masks)
            masks.append(self.named(call("logical_not", anywhere), expr, "otherwise"))
        return Pieces(points, tuple(masks), values, tuple(args), named)

    def functions(self, found: Found, expr: ir.Call) -> tuple[Value | ir.Expr, ...] | None:
        """What is taken in each piece, if all of it is known."""
        if any(isinstance(part.expr, ir.Opaque) and not part.known for part in found.parts):
            return None  # Perhaps a function.
        if found.value is None and not found.parts:
            return found.expr.elts if isinstance(found.expr, ir.List | ir.Tuple) else None
        value = self.evaluator.held(found, expr, "functions")
        if not isinstance(value, Row) or any(isinstance(v, Lost) for v in value.elements):
            return None
        return tuple(v.expr if isinstance(v, Held) else v for v in value.elements)

    def mask(self, condition: ir.Expr, expr: ir.Call, k: int) -> ir.Expr:
        """A condition in a variable: an array of flags, as an index of integers is something else."""
        if not is_flag(condition):
            condition = call("asarray", condition, ir.Global("bool"))
        return self.named(condition, expr, f"mask {k}", "mask")

    def named(self, value: ir.Expr, expr: ir.Call, role: str, base: str = "") -> ir.Name:
        name = ir.Name(self.frame.site(expr, role, base or role))
        self.assign(name, value, expr)
        return name

    def result(self, expr: ir.Call, pieces: Pieces, into: ir.Expr | None) -> ir.Name:
        """The variable that is filled: that of the assignment, if nothing reads what it held before."""
        values = [f for f in pieces.functions if not isinstance(f, ir.Expr)]
        read = {v for value in values for v in variables(value)}
        read |= walk.names_of((expr, pieces.x, *(f for f in pieces.functions if isinstance(f, ir.Expr))))
        if isinstance(into, ir.Name) and into.id not in read:
            return into
        return ir.Name(self.frame.site(expr, "pieces", "pieces"))

    # ------------------------------------------------------------------ what is made

    def fill(self, expr: ir.Call, y: ir.Name, pieces: Pieces) -> None:
        """The statements that store the pieces: where conditions overlap, the last one counts."""
        self.assign(y, call("zeros_like", pieces.x), expr)
        for mask, function in zip(pieces.masks, pieces.functions, strict=True):
            with self.frame.aside() as code:
                value = self.value(function, ir.Index(pieces.x, mask), pieces, expr)
                code.append(ir.Assign(target=ir.Index(y, mask), value=value, span=expr.span))
            if self.takes_none(function):
                self.frame.before += code
            else:
                some = call("any", mask)
                self.frame.before.append(ir.If(test=some, body=tuple(code), span=expr.span))

    def fill_anything(self, expr: ir.Call, y: ir.Name, pieces: Pieces) -> None:
        """The same where x may be a number: that is an array of one."""
        points = self.named(call("atleast_1d", pieces.x), expr, "points")
        masks = tuple(
            self.named(call("atleast_1d", mask), expr, f"own {k}", "own")
            for k, mask in enumerate(pieces.masks)
        )
        filled = ir.Name(self.frame.site(expr, "filled", "filled"))
        self.fill(expr, filled, replace(pieces, x=points, masks=masks))
        self.assign(y, call("reshape", filled, call("shape", pieces.x)), expr)

    def value(self, function: Value | ir.Expr, part: ir.Expr, pieces: Pieces, expr: ir.Call) -> ir.Expr:
        """What a function makes of its points. A lambda that only computes is written out."""
        from adtrans.closures.evaluate import Found

        if isinstance(function, ir.Expr):
            return function
        made = self.calls.apply(function, (Found(part), *pieces.args), pieces.kwargs, expr).expr
        return self.written_out(made) or made

    def written_out(self, made: ir.Expr) -> ir.Expr | None:
        """The expression in place of the call of a lambda, if that is all there is to it."""
        if not isinstance(made, ir.Call) or made.spelled != "lambda" or made.kwargs:
            return None
        variants = self.frame.variants.found.values()
        body = next((v.made for v in variants if v.path == made.fn and v.made is not None), None)
        if body is None or len(body.params) != len(made.args) or not computes(body):
            return None
        (result,) = body.body
        assert isinstance(result, ir.Return) and result.value is not None
        mapping = dict(zip((p.name for p in body.params), made.args, strict=True))
        return walk.substitute(result.value, mapping)

    def takes_none(self, function: Value | ir.Expr) -> bool:
        """Whether a function may be called with no points at all, which NumPy does not do."""
        match function:
            case ir.Expr():
                return True
            case Known(path=path):
                return is_elementwise(path)
            case User(path=path):
                return computes(self.frame.variants.functions[path])
        return False

    def assign(self, name: ir.Name, value: ir.Expr, expr: ir.Call) -> None:
        self.frame.assign(name.id, value, expr.span)


def call(name: str, *args: ir.Expr) -> ir.Call:
    return ir.Call(f"numpy.{name}", args)


def is_flag(expr: ir.Expr) -> bool:
    """Whether a condition is made by comparisons."""
    match expr:
        case ir.Op(op="<" | "<=" | ">" | ">=" | "==" | "!="):
            return True
        case ir.Op(op="&" | "|" | "^" | "~", args=args):
            return all(map(is_flag, args))
        case ir.Call(fn=fn):
            return fn.startswith(("numpy.logical_", "numpy.is"))
    return False


def is_elementwise(path: str) -> bool:
    """Whether a function of NumPy works on each element alone."""
    entry = registry.lookup(path)
    return entry is not None and entry.partials is not None


def computes(function: ir.Function) -> bool:
    """Whether a function returns one elementwise expression, and does nothing else."""
    match function.body:
        case (ir.Return(value=ir.Expr() as value),):
            nodes = walk.subexpressions(value)
            return all(
                isinstance(e, ir.Name | ir.Const | ir.Op)
                or (isinstance(e, ir.Global) and not e.function)
                or (isinstance(e, ir.Call) and is_elementwise(e.fn))
                for e in nodes
            )
    return False
