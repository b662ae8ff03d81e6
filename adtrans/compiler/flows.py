"""Solutions of differential equations, by the sensitivity equation: a state and its tangent together.

    y' = g(y, t, p)        gives        y_dot' = g_y y_dot + g_p p_dot

    def g_along(state, t, p, p_dot):
        y, y_dot = np.split(state, 2)
        value, value_dot = g_jvp(y, t, p, y_dot, p_dot)
        return np.concatenate((value, value_dot))

    def g_flow_along(y0, t, p, y0_dot, p_dot):
        both = odeint(g_along, np.concatenate((y0, y0_dot)), t, args=(p, p_dot))
        return np.split(both, 2, axis=1)[1]

The solver controls the error of both. Backward the same is done for one direction after the other: an adjoint
equation would need the state backward in time, which is unstable where the equation is stiff.
"""

from __future__ import annotations

from collections.abc import Sequence

from adtrans.compiler.solution import Solution, row
from adtrans.compiler.solved import marked, time_first
from adtrans.ir import Assign, Call, Const, Expr, For, Function, Global, Index, Name, Op, Param, Return, Tuple
from adtrans.kinds import Array, Kind
from adtrans.names import Names

ZERO, ONE, TWO = Const(0), Const(1.0), Const(2)


class Flow(Solution):
    """The states at given times: first value, options, and the other arguments of the right-hand side."""

    __slots__ = ()

    def problem(self) -> str:
        for name, kind in zip(self.params, self.kinds, strict=True):
            if name in self.wrt and name not in (self.start, *self.rest):
                return "the times at which it is solved vary"
            if name in self.wrt and not isinstance(kind, Array):
                return f"its argument `{name.id}` is neither a number nor an array"
        kinds = dict(zip(self.params, self.kinds, strict=True))
        start = kinds[self.start]
        if not isinstance(start, Array) or start.rank not in (1, None):
            return "the initial state is no array of one axis"
        for option, value in self.options:
            if isinstance(value, Name) and option == "atol" and not is_scalar(kinds[value]):
                return "`atol` is not known to be a number"
        return super().problem()

    def forward(self) -> Function:
        dots = {p.id: self.dot(p) for p in self.wrt}
        along = self.along(self.wrt)
        given = [dots[p.id] for p in self.wrt]
        lines = [dots.get(p.id) or self.nothing(p) for p in self.moving]
        value = Call(along.path, (*self.params[1:], *lines))
        return self.made("jvp", (*self.params, *given), Tuple((self.found, value)), "Tangent")

    def backward(self) -> Function:
        seed, k = self.fresh("value_bar", "k")
        bars = [self.adjoint(p, seed, k) for p in self.wrt]
        return self.made("bwd", (*self.params[1:], seed), row(bars), "Backward sweep")

    # ------------------------------------------------------------------ pieces

    @property
    def start(self) -> Name:
        return self.params[1]

    @property
    def times(self) -> tuple[Name, ...]:
        return self.params[2 : len(self.params) - len(self.options) - len(self.rest)]

    @property
    def options(self) -> tuple[tuple[str, Expr], ...]:
        return tuple((name, value) for name, value in marked(self.function).kwargs if name != "tfirst")

    @property
    def rest(self) -> tuple[Name, ...]:
        """The arguments of the right-hand side, but for time and state."""
        count = len(self.solved.function.params) - 2
        return self.params[len(self.params) - count :]

    @property
    def ivp(self) -> bool:
        return self.function.solution == "flow_of_ivp"

    def adjoint(self, p: Name, seed: Name, k: Name) -> Name:
        """The adjoint of one parameter: how what was found moves along each direction, times its adjoint."""
        bar, kind = self.bar(p), self.kinds[self.params.index(p)]
        along = self.along(self.wrt)

        def moved(direction: Expr) -> Expr:
            lines = [direction if q == p else self.nothing(q) for q in self.moving]
            change = Call(along.path, (*self.params[1:], *lines))
            return Call("numpy.sum", (Op("*", (seed, change)),))

        if is_scalar(kind):
            self.assign(bar, moved(ONE))
            return bar
        (basis,) = self.fresh(f"{p.id}_basis")
        size = Call("numpy.size", (p,))
        line: Expr = Index(basis, k)
        flat = isinstance(kind, Array) and kind.rank == 1
        if not flat:
            line = Call("numpy.reshape", (line, Call("numpy.shape", (p,))))
        self.assign(basis, Call("numpy.eye", (size,)))
        self.assign(bar, Call("numpy.zeros", (size,)))
        step = Assign(target=Index(bar, k), value=moved(line))
        self.body.append(For(target=k, iter=Call("builtins.range", (size,)), body=(step,)))
        if flat:
            return bar
        (shaped,) = self.fresh(f"{bar.id}_shaped")
        self.assign(shaped, Call("numpy.reshape", (bar, Call("numpy.shape", (p,)))))
        return shaped

    @property
    def moving(self) -> list[Name]:
        """The parameters whose tangents are taken along: that of the initial state always."""
        return [self.start, *(p for p in self.wrt if p in self.rest)]

    def nothing(self, p: Name) -> Expr:
        """The direction in which a parameter does not move."""
        return Const(0.0) if is_scalar(self.kinds[self.params.index(p)]) else Call("numpy.zeros_like", (p,))

    def along(self, wrt: Sequence[Name]) -> Function:
        """`g_flow_along(y0, t, p, y0_dot, p_dot)`: the tangent of the states."""
        key = "flow", self.function.path, self.kinds, tuple(p.id for p in wrt)
        if key in self.session.solved:
            return self.session.solved[key]
        rest = [p for p in wrt if p in self.rest]
        names = Names(p.id for p in self.params)
        dots = [Name(names.fresh(f"{p.id}_dot")) for p in self.moving]
        both = Name(names.fresh("both"))
        start = Call("numpy.concatenate", (Tuple((self.start, dots[0])),))
        args = (("args", Tuple((*self.rest, *dots[1:]))),) if self.rest else ()
        rhs = self.together(rest)
        function = Global(rhs.name, rhs.path)
        if self.ivp:
            first, last, times = self.times
            solver = Call(
                "scipy.integrate.solve_ivp",
                (function, Tuple((first, last)), start),
                (("t_eval", times), *self.options, *args),
            )
            found: Expr = Index(solver, Const("y"), attribute=True)
        else:
            swapped = (("tfirst", Const(True)),) if time_first(self.function) else ()
            solver = Call(
                "scipy.integrate.odeint", (function, start, *self.times), (*args, *self.options, *swapped)
            )
            found = solver
        half = Index(Call("numpy.split", (both, TWO), () if self.ivp else (("axis", Const(1)),)), Const(1))
        params = tuple(Param(p.id) for p in (*self.params[1:], *dots))
        name = self.session.taken.fresh(f"{self.function.name}_along")
        doc = f"Tangent of the states of `{self.solved.function.name}`."
        body = Assign(target=both, value=found), Return(value=half)
        made = self.session.solved[key] = Function(name, name, params, body, doc=doc)
        self.session.functions.append(made)
        return made

    def together(self, rest: Sequence[Name]) -> Function:
        """`g_along(state, t, p, p_dot)`: the right-hand side for a state and its tangent."""
        own = self.solved.function
        key = "together", own.path, self.solved.kinds, tuple(p.id for p in rest)
        if key in self.session.solved:
            return self.session.solved[key]
        params = [Name(p.name) for p in own.params]
        y, t = params[1::-1] if time_first(self.function) else params[:2]
        names = Names(p.id for p in params)
        state, y_dot = Name(names.fresh("state")), Name(names.fresh(f"{y.id}_dot"))
        dots = [Name(names.fresh(f"{p.id}_dot")) for p in rest]
        value, change = Name(names.fresh("value")), Name(names.fresh("value_dot"))
        pushed = self.solved.derivative("jvp", [y.id, *(p.id for p in rest)])
        pair = Tuple((self.as_array(value), self.as_array(change)))
        body = (
            Assign(target=Tuple((y, y_dot)), value=Call("numpy.split", (state, TWO))),
            Assign(target=Tuple((value, change)), value=self.solved.call(pushed, params, [y_dot, *dots])),
            Return(value=Call("numpy.concatenate", (pair,))),
        )
        first = [t, state] if time_first(self.function) else [state, t]
        name = self.session.taken.fresh(f"{own.name}_along")
        doc = f"`{own.name}` for a state and its tangent, one behind the other."
        all_params = tuple(Param(p.id) for p in (*first, *params[2:], *dots))
        made = self.session.solved[key] = Function(name, name, all_params, body, doc=doc)
        self.session.functions.append(made)
        return made

    def as_array(self, value: Expr) -> Expr:
        """A value of the right-hand side, or a tangent of it."""
        result = self.solved.result
        return value if isinstance(result, Array) and result.rank == 1 else Call("numpy.ravel", (value,))


def is_scalar(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.rank == 0
