"""What SciPy's solvers give: only the kinds. Their derivatives are made with those of what they solve."""

from __future__ import annotations

from collections.abc import Callable

from adtrans.kinds import ANY, FLOAT, Array, Dim, Kind, RecordOf, TupleOf
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


def states(y0: Arg, t: Arg, **given: Arg) -> Kind:
    """A state for each time."""
    return Array("f8", (length(t), length(y0)))


def states_of_ivp(y0: Arg, t_eval: Arg | None = None, **given: Arg) -> Kind:
    """The times come last."""
    return Array("f8", (length(y0), None if t_eval is None else length(t_eval)))


def length(of: Arg) -> Dim:
    shape = shape_arg(of)
    return shape[0] if shape is not None and len(shape) == 1 else None


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
    "scipy.optimize.minimize": flat_guess,
    "scipy.optimize.minimize_scalar": number,
    "scipy.integrate.quad": number,
    "scipy.integrate.quad_vec": unknown,
    "scipy.integrate.odeint": states,
    "scipy.integrate.solve_ivp": states_of_ivp,
}

parameters(
    "scipy.integrate.solve_ivp",
    **dict.fromkeys(("fun", "t_span", "y0"), ...),
    method="RK45",
    t_eval=None,
    dense_output=False,
    events=None,
    vectorized=False,
    args=None,
    rtol=1e-3,
    atol=1e-6,
    max_step=float("inf"),
    **dict.fromkeys(("first_step", "jac", "jac_sparsity", "lband", "uband", "min_step")),
)

for path, solver in SOLVERS.items():
    kind(path)(held_as(solver.part, KINDS[path]))


def first(value: Arg, of: Arg, **options: Arg) -> Kind:
    """A solution is what the solver gave; an integral of arrays is like what is integrated."""
    return value.kind if isinstance(value.kind, Array) else of.kind


for solver in SOLVERS.values():
    parameters(SOLUTION + solver.finds, value=..., of=..., **dict.fromkeys((*solver.options, "tfirst")))
    kind(SOLUTION + solver.finds)(first)
