"""What SciPy's solvers give: only the kinds. Their derivatives are made with those of what they solve."""

from __future__ import annotations

from collections.abc import Callable

from adtrans.kinds import ANY, FLOAT, Array, Kind, RecordOf, TupleOf
from adtrans.rules.facts import as_array, shape_arg
from adtrans.rules.registry import Arg, kind, parameters
from adtrans.solvers import SOLUTION, SOLVERS

KindOf = Callable[..., Kind]


def number(**given: Arg) -> Kind:
    """A Python float."""
    return FLOAT


def like_guess(x0: Arg, **given: Arg) -> Kind:
    """A number or an array, as the first guess."""
    found = as_array(x0)
    return FLOAT if found.rank == 0 else Array("f8", found.shape)


def flat_guess(x0: Arg, **given: Arg) -> Kind:
    """An array of one axis, whatever the first guess is."""
    shape = shape_arg(x0)
    if shape is None:
        return Array("f8", (None,))
    return Array("f8", (1,) if shape == () else shape if len(shape) == 1 else (None,))


def unknown(**given: Arg) -> Kind:
    """A number or an array."""
    return ANY


def held_as(part: str | int | None, of: KindOf) -> KindOf:
    """A result with this among its attributes, or the first of two."""

    def record(**given: Arg) -> Kind:
        if isinstance(part, str):
            return RecordOf((part,), (of(**given),), "object")
        return TupleOf((of(**given), FLOAT)) if part == 0 else of(**given)

    return record


KINDS: dict[str, KindOf] = {
    **{f"scipy.optimize.{name}": number for name in ("brentq", "brenth", "bisect", "ridder", "toms748")},
    "scipy.optimize.newton": like_guess,
    "scipy.optimize.root_scalar": number,
    "scipy.optimize.fsolve": flat_guess,
    "scipy.optimize.root": flat_guess,
    "scipy.optimize.fixed_point": like_guess,
    "scipy.integrate.quad": number,
    "scipy.integrate.quad_vec": unknown,
}

for path, solver in SOLVERS.items():
    kind(path)(held_as(solver.part, KINDS[path]))


def first(value: Arg, of: Arg, **options: Arg) -> Kind:
    """A solution is what the solver gave; an integral of arrays is like what is integrated."""
    return value.kind if isinstance(value.kind, Array) else of.kind


for solver in SOLVERS.values():
    parameters(SOLUTION + solver.finds, value=..., of=..., **dict.fromkeys(solver.options))
    kind(SOLUTION + solver.finds)(first)
