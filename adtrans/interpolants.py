"""Interpolating functions of SciPy: made of samples, and then called.

    CubicSpline(x, y)(t, nu=1)      in the IR       scipy.interpolate.CubicSpline()(t, x, y, nu=1)

One call of the places first, then of what the function is made of: so it has a rule like every other. A
variable that holds such a function is replaced by what it holds (`closures/distributions.py`).
"""

from __future__ import annotations

from functools import cache
from inspect import Parameter

from adtrans import ir

CALLED = "()"
"""After the path of what makes an interpolating function: the path of a call of that."""
OF_THE_CALL = ("nu",)
"""Keywords of the call itself."""


def word(path: str) -> str:
    """What the value of a function is named after: its last name, or what it is on."""
    return "curve" if path.endswith(CALLED) else path.rpartition(".")[2].rstrip("_")


@cache
def interpolants() -> frozenset[str]:
    """The paths of what makes the interpolating functions that have a rule."""
    from adtrans.rules import registry

    return frozenset(p.removesuffix(CALLED) for p in registry.load_all() if p.endswith(CALLED))


def at_places(
    path: str,
    given: tuple[tuple[ir.Expr, ...], tuple[tuple[str, ir.Expr], ...]],
    args: tuple[ir.Expr, ...],
    kwargs: tuple[tuple[str, ir.Expr], ...],
) -> ir.Call | None:
    """The function that `path` makes of what is `given`, called; None for a call of another form."""
    from adtrans.rules.registry import signature

    places, *orders = args
    params = (signature(path + CALLED) or ())[1:]
    names = [name for name, _ in params]
    made, named = given
    if len(orders) > 1 or any(name not in OF_THE_CALL for name, _ in kwargs):
        return None
    if len(made) > len(names) or any(name not in names for name, _ in named):
        return None
    rest = dict(named)
    for name, default in params[len(made) :]:  # What must be given comes by its position.
        if default is Parameter.empty and name in rest:
            made = (*made, rest.pop(name))
    if (orders and "nu" not in names) or any(name not in names for name, _ in kwargs):
        return None
    nu = (("nu", orders[0]),) if orders else kwargs
    return ir.Call(path + CALLED, (places, *made), (*rest.items(), *nu))
