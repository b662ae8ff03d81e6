"""Calls of SciPy's solvers, which are given functions: a call, and beside it what it solves.

before: x = brentq(lambda t: t**3 - p, 0.0, 2.0)
after:  x = g_root(brentq(g, 0.0, 2.0, args=(p,)), p)

`g_root` is a function of the program with the value of its first argument (adtrans/solvers.py). What `g`
captures is a parameter of it, and so of its solution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.analyses.expressions import bind
from adtrans.closures.frame import Frame
from adtrans.closures.values import Answer, Derivative, Lost, Value
from adtrans.closures.variants import Passed, Variant
from adtrans.names import Names
from adtrans.solvers import SOLUTION, SOLVERS, Solver, is_off

if TYPE_CHECKING:
    from adtrans.closures.calls import Calls
    from adtrans.closures.evaluate import Evaluator, Found

UNKNOWNS = ir.Name("?"), ir.Name("??")
"""Stand for what the solver gives its function, among the arguments of that."""


@dataclass
class Posed:
    """A call of a solver, taken apart: the arguments by name, and the function with all but the first of its
    own arguments."""

    solver: Solver
    given: dict[str, ir.Expr]
    passed: Passed
    rest: tuple[ir.Expr, ...]
    equation: Variant
    """What is solved: the function, or its gradient."""
    swapped: bool = False
    """`odeint(..., tfirst=True)`: the time is the first argument of the function."""

    @property
    def bounds(self) -> tuple[ir.Expr, ...]:
        return bounds_of(self.solver, self.given) or ()

    @property
    def variant(self) -> Variant:
        return self.passed.variant

    @property
    def options(self) -> tuple[str, ...]:
        """The options that were given, and count for the derivative."""
        return tuple(name for name in self.solver.options if name in self.given)


class Solutions:
    """The solvers that are called in one frame."""

    def __init__(self, frame: Frame, evaluator: Evaluator, calls: Calls) -> None:
        self.frame = frame
        self.evaluator = evaluator
        self.calls = calls

    def call(self, expr: ir.Call, into: ir.Expr | None) -> Found:
        """A call of a solver; one that cannot be followed stays as it is."""
        from adtrans.closures.evaluate import Found

        value, posed = self.solved(expr)
        if posed is None:
            return Found(value)
        solution, part = self.solution(posed), posed.solver.part
        if part is None:
            made = self.made(value, solution.path, posed.rest, expr)
            if isinstance(into, ir.Name) and into.id in walk.names(made):
                return Found(self.frame.kept(made, expr, "solution", into.id).expr)
            return Found(made)
        if part == 0 and isinstance(into, ir.Tuple) and (names := plain_names(into)):
            return self.unpacked(expr, value, names, solution.path, posed.rest)
        if isinstance(into, ir.Name) and into.id not in walk.names(ir.Tuple(posed.rest)):
            return self.held(expr, value, into, solution.path, posed)
        return Found(value)

    def held(self, expr: ir.Call, value: ir.Call, into: ir.Name, path: str, posed: Posed) -> Found:
        """`result = root(...)`: what was found, `result.x`, gets a variable of its own."""
        from adtrans.closures.evaluate import Found

        part = posed.solver.part
        assert part is not None
        name = self.frame.site(expr, "part", f"{into.id}_{part}" if isinstance(part, str) else into.id)
        place = ir.Index(into, ir.Const(part), attribute=isinstance(part, str), span=expr.span)
        self.frame.before.append(ir.Assign(target=into, value=value, span=expr.span))
        self.frame.assign(name, self.made(place, path, posed.rest, expr), expr.span)
        self.frame.optional[self.frame.before[-1]] = name
        return Found(into, Answer(part, name))

    def unpacked(
        self, expr: ir.Call, value: ir.Call, names: tuple[ir.Name, ...], path: str, rest: tuple[ir.Expr, ...]
    ) -> Found:
        """`total, error = quad(...)`: what was found is the first."""
        from adtrans.closures.evaluate import Found

        parts: tuple[ir.Expr, ...] = names
        target: ir.Expr = ir.Tuple(names)
        if walk.names(target) & walk.names(ir.Tuple(rest)):
            target = ir.Name(self.frame.site(expr, "result", "result"))
            parts = tuple(ir.Index(target, ir.Const(k)) for k in range(len(names)))
        self.frame.before.append(ir.Assign(target=target, value=value, span=expr.span))
        first = self.made(parts[0], path, rest, expr)
        return Found(ir.Tuple((first, *parts[1:])), None, (Found(first), *map(Found, parts[1:])))

    def taken(self, expr: ir.Index, base: ir.Expr, part: str | int) -> Found:
        """`root_scalar(...).root`, `quad(...)[0]`, or the same of a variable."""
        from adtrans.closures.evaluate import Found

        if isinstance(base, ir.Held | ir.Name):
            answer = self.frame.env.get(base.id)
            if not isinstance(answer, Answer) or answer.part != part:
                text = isinstance(base, ir.Held) and expr.attribute
                return Found(base.otherwise if text else expr)  # type: ignore[union-attr]
            return Found(ir.Name(answer.variable, span=expr.span))
        assert isinstance(base, ir.Call)
        found, posed = self.solved(base)
        value = replace(expr, base=found)
        if posed is None:
            return Found(value)
        return Found(self.made(value, self.solution(posed).path, posed.rest, expr))

    def solved(self, expr: ir.Call) -> tuple[ir.Call, Posed | None]:
        """The call of the solver, with a function of the module; and what it solves, if that is known."""
        found = self.evaluator.sequence(walk.children(expr))
        plain = walk.with_children(expr, tuple(f.expr for f in found))
        assert isinstance(plain, ir.Call)
        posed = self.posed(expr, plain, found)
        if posed is None:
            return plain, None
        given = dict(posed.given)
        for name in (*posed.solver.bounds, *posed.options):  # What is dear is computed once.
            if name != "t_span":
                given[name] = self.once(as_array(given[name], name, posed.solver), expr, name)
        posed = replace(posed, given=given)
        posed = replace(
            posed, rest=tuple(self.once(e, expr, f"argument {k}") for k, e in enumerate(posed.rest))
        )
        value = self.value(plain, posed)
        bounds = tuple(self.once(e, expr, f"bound {k}") for k, e in enumerate(posed.bounds))
        rest = (*bounds, *(given[name] for name in posed.options), *posed.rest)
        return value, replace(posed, rest=rest)

    def made(self, value: ir.Expr, path: str, rest: tuple[ir.Expr, ...], expr: ir.Expr) -> ir.Call:
        """The solution."""
        return ir.Call(path, (value, *rest), spelled=path.rpartition(".")[2], span=expr.span)

    # ------------------------------------------------------------------ what is asked

    def posed(self, expr: ir.Call, plain: ir.Call, found: list[Found]) -> Posed | None:
        """The call, taken apart."""
        solver = SOLVERS[expr.fn]
        places = [ir.Name(str(k)) for k in range(len(found))]
        named = zip((key for key, _ in expr.kwargs), places[len(expr.args) :], strict=True)
        bound = bind(expr.fn, tuple(places[: len(expr.args)]), tuple(named))
        if bound is None:
            return None
        where = {name: int(e.id) for name, e in bound.items() if isinstance(e, ir.Name)}
        given = {name: found[k].expr for name, k in where.items()}
        if any(not is_off(given[name]) for name in solver.refused if name in given):
            return None
        if bounds_of(solver, given) is None:
            return None
        args = given.get("args", ir.Tuple(()))
        args = ir.Tuple(()) if is_off(args) else args
        value = self.evaluator.held(found[where[solver.function]], expr, "function")
        if value is None or isinstance(value, Lost) or not isinstance(args, ir.Tuple):
            return None
        swapped = "tfirst" in given and not is_off(given["tfirst"])
        if swapped and given["tfirst"] != ir.Const(True):
            return None
        made = self.function(value, UNKNOWNS[: solver.unknowns], args, expr)
        if made is None:
            return None
        passed, rest = made
        equation = self.gradient(value, args, expr) if solver.minimum else passed.variant
        if equation is None:
            return None
        posed = Posed(solver, given, passed, rest, equation, swapped)
        helpers = [given[name] for name in solver.helpers if name in given]
        if ir.Const(True) in helpers:  # The function returns its derivative, too.
            return None
        helped = any(not isinstance(e, ir.Const) for e in helpers)
        return None if helped and not self.as_written(posed) else posed

    def function(
        self, value: Value, unknowns: tuple[ir.Expr, ...], args: ir.Tuple, expr: ir.Call
    ) -> tuple[Passed, tuple[ir.Expr, ...]] | None:
        """The function whose first arguments are unknown, and its other arguments."""
        from adtrans.closures.derivatives import Unknown
        from adtrans.closures.evaluate import Found

        given = (*map(Found, unknowns), *map(Found, args.elts))
        try:
            passed, given, kwargs, _ = self.calls.derivatives.below(value, given, (), expr)
        except Unknown:
            return None
        variant = passed.variant
        if variant.made is None or variant.running or not variant.gives:
            return None
        if variant.rebinds or variant.result is not None:
            return None
        params = variant.made.params
        by_name = dict(zip((p.name for p in variant.base.params), (f.expr for f in given), strict=False))
        by_name |= {k: f.expr for k, f in kwargs}
        by_name |= {name: ir.Name(passed.here[name]) for name in variant.slots}
        all_args = [by_name.get(p.name, p.default) for p in params]
        if any(p.keyword_only or p.star for p in params) or len(given) > len(variant.base.params):
            return None
        if any(e is None for e in all_args) or (*all_args[: len(unknowns)],) != unknowns:
            return None
        return passed, tuple(e for e in all_args[len(unknowns) :] if e is not None)

    def gradient(self, value: Value, args: ir.Tuple, expr: ir.Call) -> Variant | None:
        """The gradient of a function that is minimised: it is zero there."""
        from adtrans.closures.derivatives import Unknown
        from adtrans.closures.evaluate import Found

        given = (Found(UNKNOWNS[0]), *map(Found, args.elts))
        try:
            passed, _, _, _ = self.calls.derivatives.made(Derivative("grad", value), given, (), (), expr)
        except Unknown:
            return None
        return passed.variant

    def once(self, expr: ir.Expr, node: ir.Expr, name: str) -> ir.Expr:
        """An argument that is dear is computed once, for the solver and for its solution."""
        if not any(isinstance(e, ir.Call) for e in walk.subexpressions(expr)):
            return expr
        return self.frame.kept(expr, node, name, name.partition(" ")[0]).expr

    # ------------------------------------------------------------------ what is made

    def as_written(self, posed: Posed) -> bool:
        """Whether the solver may be called with the function and the arguments that it was given."""
        variant = posed.variant
        assert variant.made is not None
        args = posed.given.get("args", ir.Tuple(()))
        args = args if isinstance(args, ir.Tuple) else ir.Tuple(())
        defaults = [p.default for p in variant.made.params[posed.solver.unknowns + len(args.elts) :]]
        return variant.plain and posed.rest == (*args.elts, *defaults)

    def value(self, plain: ir.Call, posed: Posed) -> ir.Call:
        """The call of the solver itself: with a function of the module."""
        solver, variant = posed.solver, posed.variant
        function = ir.Global(variant.name, variant.path)
        names = [name for name, _ in parameters(plain.fn)]
        args, kwargs = list(plain.args), dict(plain.kwargs)
        new: dict[str, ir.Expr] = {solver.function: function}
        new |= {name: posed.given[name] for name in (*solver.bounds, *posed.options)}
        if not self.as_written(posed):
            new["args"] = ir.Tuple(posed.rest)
        for name, value in new.items():
            position = names.index(name)
            if position < len(args):
                args[position] = value
            elif name in kwargs or value != ir.Tuple(()):
                kwargs[name] = value
        return replace(plain, args=tuple(args), kwargs=tuple(kwargs.items()))

    def solution(self, posed: Posed) -> Variant:
        """The function that stands for the solution; made once for each function that is solved."""
        variants, equation = self.frame.variants, posed.equation
        assert equation.made is not None
        key = equation.path, posed.solver.finds, posed.options, posed.swapped
        if key not in variants.found:
            word = posed.solver.finds.partition("_of")[0]
            name = variants.names.fresh(f"{equation.name}_{word}")
            path = f"{name}.{name}"
            made = WAYS[word](equation.made, posed)
            made = replace(made, name=name, path=path, solution=posed.solver.finds)
            variants.found[key] = Variant(path, name, made, {}, (), made=made, running=False)
        return variants.found[key]


def parameters(path: str) -> tuple[tuple[str, object], ...]:
    from adtrans.rules.registry import signature

    return signature(path) or ()


def bounds_of(solver: Solver, given: Mapping[str, ir.Expr]) -> tuple[ir.Expr, ...] | None:
    """What a solution depends on beside the arguments of its function: the ends of an interval are two
    numbers. None where one is missing."""
    found: list[ir.Expr] = []
    for name in solver.bounds:
        match given.get(name):
            case None | ir.Const(value=None):
                return None
            case ir.Tuple(elts=(first, last)) | ir.List(elts=(first, last)) if name == "t_span":
                found += (first, last)
            case _ if name == "t_span":
                return None
            case ir.Expr() as value:
                found.append(value)
    return tuple(found)


def as_array(value: ir.Expr, name: str, solver: Solver) -> ir.Expr:
    """A list that is a bound of a solution, as the array that it makes."""
    if name in solver.bounds and isinstance(value, ir.Tuple | ir.List):
        return ir.Call("numpy.array", (value,), span=value.span)
    return value


def plain_names(target: ir.Tuple) -> tuple[ir.Name, ...]:
    """The elements of a target, if all of them are names."""
    found = tuple(e for e in target.elts if isinstance(e, ir.Name))
    return found if len(found) == len(target.elts) else ()


def equation(function: ir.Function, posed: Posed) -> ir.Function:
    """`def g_root(x, p): return root(x, g(x, p))`."""
    params = tuple(ir.Param(p.name) for p in function.params)
    names = tuple(ir.Name(p.name) for p in params)
    value = ir.Call(SOLUTION + posed.solver.finds, (names[0], ir.Call(function.path, names)))
    return ir.Function("", "", params, (ir.Return(value=value),))


def integral(function: ir.Function, posed: Posed) -> ir.Function:
    """`def g_integral(value, a, b, limit, p): return integral(value, g(0.5 * (a + b), p), limit=limit)`."""
    names = Names(p.name for p in function.params[1:])
    value, a, b, *options = (ir.Name(names.fresh(w)) for w in ("value", *posed.solver.bounds, *posed.options))
    rest = tuple(ir.Name(p.name) for p in function.params[1:])
    middle = ir.Op("*", (ir.Const(0.5), ir.Op("+", (a, b))))
    sample = ir.Call(function.path, (middle, *rest))
    kwargs = tuple(zip(posed.options, options, strict=True))
    marked = ir.Call(SOLUTION + posed.solver.finds, (value, sample), kwargs)
    params = tuple(ir.Param(n.id) for n in (value, a, b, *options, *rest))
    return ir.Function("", "", params, (ir.Return(value=marked),))


def flow(function: ir.Function, posed: Posed) -> ir.Function:
    """`def g_flow(value, y0, t, p): return flow(value, g(y0, t[0], p))`, and the like for `solve_ivp`."""
    ivp = "t_span" in posed.solver.bounds
    names = Names(p.name for p in function.params[2:])
    words = ("y0", "start", "end", "t_eval") if ivp else ("y0", "t")
    value, y0, *times = (ir.Name(names.fresh(w)) for w in ("value", *words))
    options = tuple(ir.Name(names.fresh(w)) for w in posed.options)
    rest = tuple(ir.Name(p.name) for p in function.params[2:])
    first: ir.Expr = times[0] if ivp else ir.Index(times[0], ir.Const(0))
    begin = (first, y0) if ivp or posed.swapped else (y0, first)
    sample = ir.Call(function.path, (*begin, *rest))
    kwargs: list[tuple[str, ir.Expr]] = [*zip(posed.options, options, strict=True)]
    kwargs += [("tfirst", ir.Const(True))] if posed.swapped else []
    marked = ir.Call(SOLUTION + posed.solver.finds, (value, sample), tuple(kwargs))
    params = tuple(ir.Param(n.id) for n in (value, y0, *times, *options, *rest))
    return ir.Function("", "", params, (ir.Return(value=marked),))


WAYS = {"root": equation, "roots": equation, "fixed_point": equation, "integral": integral, "flow": flow}
"""How the solution of each sort is written."""
