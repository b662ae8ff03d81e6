"""What `np.where` does not take contributes nothing, also where its derivative is infinite.

    y = np.where(x > 0.0, np.log(x), 0.0)    gives    x_bar = np.where(x > 0.0, y_bar / x, 0.0)

and not `np.where(x > 0.0, y_bar, 0.0) / x`, which is 0.0 / 0.0 where x is 0: the choice is made last, where
the contribution reaches a variable. In what has no infinite slope it is made first, which is shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adtrans.applications import elementwise
from adtrans.ir import Call, Const, Expr, Global, List, Op, Tuple
from adtrans.kinds import ANY, Kind, may_be_complex
from adtrans.walk import children, subexpressions

Choice = tuple[Expr, bool]
"""A condition, and whether a branch is taken where it holds or where it does not."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A value that is taken where all of its choices say so."""

    value: Expr
    choices: tuple[Choice, ...]
    kind: Kind
    """That of the whole choice."""


TAME = frozenset(
    f"numpy.{name}"
    for name in (
        *("add", "subtract", "multiply", "negative", "positive", "square", "absolute", "fabs"),
        *("sin", "cos", "tanh", "arctan", "maximum", "minimum", "deg2rad", "radians", "rad2deg", "degrees"),
        *("conjugate", "real", "imag", "sign", "floor", "ceil", "rint", "zeros_like", "ones_like"),
    )
)
"""Functions with finite slopes at all finite points."""


def choice(node: Expr, kind: Callable[[Expr], Kind]) -> tuple[Branch, ...]:
    """The branches of a choice between arrays that is made last; none where it is made first.

    Among complex numbers it is: the real part is taken where a real number has become complex.
    """
    found = branches(node, kind(node))
    return () if any(may_be_complex(kind(part)) for b in found for part in subexpressions(b.value)) else found


def branches(node: Expr, kind: Kind) -> tuple[Branch, ...]:
    """The branches of a choice between arrays, if the slope of one of them may be infinite; else none."""
    found: tuple[tuple[Expr, tuple[Choice, ...]], ...] = ()
    match node:
        case Call(fn="numpy.where", args=(condition, then, other), kwargs=()):
            found = (then, ((condition, True),)), (other, ((condition, False),))
        case Call(fn="numpy.select", args=(conditions, values, *rest), kwargs=kwargs):
            default = dict(kwargs).get("default", rest[0] if rest else Const(0))
            found = _selected(conditions, values, default)
    wild = any(_wild(value) for value, _ in found)
    return tuple(Branch(value, choices, kind) for value, choices in found) if wild else ()


def _selected(conditions: Expr, values: Expr, default: Expr) -> tuple[tuple[Expr, tuple[Choice, ...]], ...]:
    """Those of `np.select`: the first condition that holds decides."""
    if not (isinstance(conditions, (List, Tuple)) and isinstance(values, (List, Tuple))):
        return ()
    if len(conditions.elts) != len(values.elts):
        return ()
    before: tuple[Choice, ...] = ()
    found: list[tuple[Expr, tuple[Choice, ...]]] = []
    for condition, value in zip(conditions.elts, values.elts, strict=True):
        found.append((value, (*before, (condition, True))))
        before = (*before, (condition, False))
    return (*found, (default, before))


def _wild(expr: Expr) -> bool:
    """Whether the slope of an elementwise expression may be infinite, or overflow."""
    if not goes_on(expr):
        return bool(branches(expr, ANY))
    return not _tame(expr) or any(map(_wild, children(expr)))


def _tame(node: Expr) -> bool:
    match node:
        case Op(op="**", args=(_, Const(value=int() | float() as power))):
            return power == 0 or power >= 1
        case Op(op=op, args=args):
            return op in ("+", "-", "*", "neg", "pos") and not any(map(_boundless, args))
        case Call(fn=fn):
            return fn in TAME
    return True


def _boundless(expr: Expr) -> bool:
    """Whether an operand is written as infinite or as no number."""
    return isinstance(expr, Global) and expr.id.rpartition(".")[2] in ("inf", "nan")


def goes_on(expr: Expr) -> bool:
    """Whether a choice may be made after the adjoint has gone through an expression: element by element."""
    return isinstance(expr, (Op, Call)) and elementwise(expr)


def chosen(value: Expr, choices: tuple[Choice, ...]) -> Expr:
    """The value where all choices say so, 0 elsewhere."""
    for condition, taken in reversed(choices):
        parts = (value, Const(0.0)) if taken else (Const(0.0), value)
        value = Call("numpy.where", (condition, *parts))
    return value
