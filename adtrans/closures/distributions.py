"""Distributions of SciPy that have their parameters already.

before: d = stats.norm(mu, scale=s)            after: d_loc = mu
        y = d.logpdf(x)                               d_scale = s
                                                      y = stats.norm.logpdf(x, d_loc, scale=d_scale)

and `stats.norm(mu).logpdf(x)` becomes `stats.norm.logpdf(x, mu)`: SciPy itself does nothing else.

So are interpolating functions, `s = CubicSpline(t, y)`, of which `s(x)` becomes `CubicSpline(s_x, s_y)(x)`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.closures.frame import Frame
from adtrans.closures.values import Known, Partial, Value
from adtrans.interpolants import CALLED, interpolants
from adtrans.rules import registry

if TYPE_CHECKING:
    from adtrans.closures.evaluate import Evaluator, Found


@cache
def distributions() -> frozenset[str]:
    """The paths of the distributions of which some function has a rule."""
    paths = (path.rpartition(".")[0] for path in registry.load_all())
    return frozenset(path for path in paths if path.startswith("scipy.stats."))


KEEP = frozenset({"scipy.interpolate.BSpline", "scipy.interpolate.RegularGridInterpolator"})
"""Curves that hold the arrays they were given: what is written into these later changes the curve."""


def snapshot(value: ir.Expr, name: str, maker: str) -> ir.Expr:
    """The values that a curve goes through, and their places, as they are when it is made."""
    may_change = name == "y" or (name == "x" and not isinstance(value, ir.Global))
    copied = may_change and maker in interpolants() and maker not in KEEP
    return ir.Call("numpy.array", (value,), span=value.span) if copied else value


class Distributions:
    """The distributions in one frame."""

    def __init__(self, frame: Frame, evaluator: Evaluator) -> None:
        self.frame = frame
        self.evaluator = evaluator

    def frozen(self, expr: ir.Call, into: ir.Expr | None) -> Found:
        """`stats.norm(mu, s)`: its parameters are evaluated now."""
        from adtrans.closures.evaluate import Found

        found = self.evaluator.sequence(walk.children(expr))
        plain = walk.with_children(expr, tuple(f.expr for f in found))
        if not isinstance(into, ir.Name):
            return Found(plain)
        curve = expr.fn in interpolants()
        function = expr.fn + CALLED if curve else f"{expr.fn}.{self.any_of(expr.fn)}"
        params = [name for name, _ in registry.signature(function) or ()][1:]
        names = [*params[: len(expr.args)], *(key for key, _ in expr.kwargs)]
        if len(names) != len(found):
            return Found(plain)
        if curve and "copy" in names:
            return Found(plain)
        kept: list[Value] = [
            self.frame.kept(snapshot(f.expr, name, expr.fn), expr, name, f"{into.id}_{name}")
            for f, name in zip(found, names, strict=True)
        ]
        if curve:
            return Found(
                plain, Partial(Known(function, expr.spelled), (), tuple(zip(names, kept, strict=True)))
            )
        n = len(expr.args)
        named = tuple(zip(names[n:], kept[n:], strict=True))
        return Found(plain, Partial(Known(expr.fn, expr.spelled), tuple(kept[:n]), named))

    def method(self, expr: ir.Call) -> Found | None:
        """`d.logpdf(x)`, or `stats.norm(mu).logpdf(x)`; None for anything else."""
        from adtrans.closures.evaluate import Found

        receiver, *rest = expr.args
        args: tuple[ir.Expr, ...]
        match receiver:
            case ir.Name(id=name) | ir.Held(id=name):
                value = self.frame.env.get(name)
                match value:
                    case Partial(function=Known(path=path, spelled=spelled), args=first, kwargs=given):
                        element = self.evaluator.element
                        args = tuple(element(v).expr for v in first)
                        kwargs = tuple((k, element(v).expr) for k, v in given)
                    case _:
                        return None
            case ir.Call(fn=path, args=args, kwargs=kwargs, spelled=spelled):
                pass
            case _:
                return None
        called = f"{path}.{expr.spelled}"
        if path not in distributions() or registry.lookup(called) is None:
            return None
        all_args = (*rest, *args)
        made = ir.Call(called, all_args, (*expr.kwargs, *kwargs), spelled=f"{spelled}.{expr.spelled}")
        found = self.evaluator.sequence(walk.children(made))
        placed = walk.with_children(made, tuple(f.expr for f in found))
        assert isinstance(placed, ir.Call)
        return Found(ir.Call(called, placed.args, placed.kwargs, spelled=made.spelled, span=expr.span))

    @staticmethod
    def any_of(path: str) -> str:
        """The name of a function of a distribution that has a rule: all have the same parameters."""
        names = (p.rpartition(".")[2] for p in registry.load_all() if p.rpartition(".")[0] == path)
        return next(names)
