"""Functions of SciPy that solve an equation for a function they are given: roots, integrals.

Nobody differentiates through a solver. Beside its call stands a *solution*: a function of the program whose
value is its first argument, and which calls what that solves.

    x = brentq(g, 0.0, 2.0, args=(p,))      in the IR       x = g_root(brentq(g, 0.0, 2.0, args=(p,)), p)

`closures/solutions.py` makes the solutions, `compiler/solutions.py` their derivatives; printed is the first
argument of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adtrans import ir

SOLUTION = "adtrans.solution."
"""Before what a solution is: `adtrans.solution.root(x, residual)` is x, and depends on both."""


@dataclass(frozen=True, slots=True)
class Solver:
    """What a solver finds, and how it is called.

    `function` is the parameter that takes the function; `refused` are arguments that change what is found or
    returned; `helpers` are functions that help: they fit only a function that is passed on as it was given.
    The others say how, not what.
    """

    finds: str
    function: str
    refused: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    part: str | int | None = None
    """The attribute or the element of the result that is what was found."""
    bounds: tuple[str, ...] = ()
    """What the solution depends on beside the arguments of the function."""
    options: tuple[str, ...] = ()
    """What the derivative is computed with, too."""
    minimum: bool = False
    """What is found is where the gradient of the function is zero."""
    unknowns: int = 1
    """How many arguments of the function the solver gives it."""


_BRACKETED = Solver("root", "f", refused=("full_output",))

SOLVERS: Mapping[str, Solver] = {
    **{f"scipy.optimize.{name}": _BRACKETED for name in ("brentq", "brenth", "bisect", "ridder", "toms748")},
    "scipy.optimize.newton": Solver("root", "func", ("full_output",), ("fprime", "fprime2")),
    "scipy.optimize.root_scalar": Solver("root", "f", (), ("fprime", "fprime2"), part="root"),
    "scipy.optimize.fsolve": Solver("roots", "func", ("full_output", "col_deriv"), ("fprime",)),
    "scipy.optimize.root": Solver("roots", "fun", (), ("jac", "callback"), part="x"),
    "scipy.optimize.fixed_point": Solver("fixed_point", "func"),
    "scipy.optimize.minimize": Solver(
        "roots",
        "fun",
        ("bounds", "constraints"),
        ("jac", "hess", "hessp", "callback"),
        part="x",
        minimum=True,
    ),
    "scipy.optimize.minimize_scalar": Solver("root", "fun", ("bounds",), part="x", minimum=True),
    "scipy.integrate.quad": Solver(
        "integral",
        "func",
        ("full_output", "weight", "complex_func"),
        part=0,
        bounds=("a", "b"),
        options=("epsabs", "epsrel", "limit", "points"),
    ),
    "scipy.integrate.odeint": Solver(
        "flow",
        "func",
        ("full_output", "col_deriv"),
        ("Dfun",),
        bounds=("y0", "t"),
        options=("rtol", "atol", "tcrit", "h0", "hmax", "hmin", "mxstep"),
        unknowns=2,
    ),
    "scipy.integrate.solve_ivp": Solver(
        "flow_of_ivp",
        "fun",
        ("dense_output", "events", "vectorized"),
        ("jac",),
        part="y",
        bounds=("y0", "t_span", "t_eval"),
        options=("method", "rtol", "atol", "max_step", "first_step"),
        unknowns=2,
    ),
    "scipy.integrate.quad_vec": Solver(
        "integral_of_arrays",
        "f",
        ("full_output", "workers"),
        part=0,
        bounds=("a", "b"),
        options=("epsabs", "epsrel", "limit", "points"),
    ),
}
"""By their paths. What is found does not depend on guesses, brackets, tolerances and methods."""

ATTRIBUTES = frozenset(solver.part for solver in SOLVERS.values() if isinstance(solver.part, str))


def is_answer(call: ir.Expr, part: str | int) -> bool:
    """Whether a part of the result of a call is what a solver has found."""
    return isinstance(call, ir.Call) and call.fn in SOLVERS and SOLVERS[call.fn].part == part


def is_found(expr: ir.Expr) -> bool:
    """Whether an expression is the value of a solver, or taken from it."""
    while isinstance(expr, ir.Index):
        expr = expr.base
    return isinstance(expr, ir.Call) and expr.fn in SOLVERS


def without_solutions(expr: ir.Expr, functions: Mapping[str, ir.Function]) -> ir.Expr:
    """A call of a solution as it is written: its first argument."""
    if isinstance(expr, ir.Call) and expr.fn in functions and functions[expr.fn].solution:
        return expr.args[0]
    return expr


def refusal(call: ir.Call) -> str:
    """Why a call of a solver is not differentiated."""
    from adtrans.analyses.expressions import bind

    solver = SOLVERS[call.fn]
    given = bind(call.fn, call.args, call.kwargs) or {}
    for name, value in given.items():
        if name in solver.refused and not is_off(value):
            return f"the argument `{name}` is not handled"
        if name in solver.helpers and not is_off(value):
            return f"with `{name}`, both functions must be of the module, and need nothing but `args`"
        if name == "args" and not isinstance(value, ir.Tuple) and not is_off(value):
            return "`args` must be written out as a tuple"
        if name == "t_span" and not isinstance(value, ir.Tuple | ir.List):
            return "`t_span` must be written out as a tuple"
    for name in solver.bounds:
        if name not in given or given[name] == ir.Const(None):
            return f"`{name}` must be given"
    function = given.get(solver.function)
    if solver.part is not None and isinstance(function, ir.Global) and function.function:
        part = f"`.{solver.part}`" if isinstance(solver.part, str) else "the first part"
        return f"of its result only {part} is differentiated, where it is called or assigned to a variable"
    return "the function that it is given, and what it captures, must be known when compiling"


def is_off(value: ir.Expr) -> bool:
    """Whether an argument is written as what leaves it out."""
    return isinstance(value, ir.Const) and (value.value is None or value.value is False or value.value == 0)
