"""Integrals, by Leibniz' rule: the derivative of an integral is the integral of the derivative.

    def g_integral_bwd(a, b, p, value_bar):              def g_by_p(t, p):
        a_bar = -value_bar * g(a, p)                         value, p_bar = g_vjp(t, p, 1.0)
        b_bar = value_bar * g(b, p)                          return p_bar
        p_bar = value_bar * quad(g_by_p, a, b, args=(p,))[0]
        return a_bar, b_bar, p_bar

By an array it is an integral of arrays: `quad_vec`. Tolerances are those of the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from adtrans.algebra import add, neg
from adtrans.compiler.solution import Solution, row
from adtrans.compiler.solved import marked
from adtrans.ir import Call, Const, Expr, Function, Global, Index, Name, Op, Tuple
from adtrans.kinds import Array, Kind, is_number
from adtrans.solvers import SOLUTION

ONE = Const(1.0)
QUAD, QUAD_VEC = "scipy.integrate.quad", "scipy.integrate.quad_vec"
TOLERANCES = (("epsabs", Const(1.49e-8)), ("epsrel", Const(1.49e-8)))
"""Those that `quad` has by default."""


class Integral(Solution):
    """The integral of a function over its first argument: value, bounds, options, the other arguments."""

    __slots__ = ()

    def problem(self) -> str:
        if len(self.solved.results) > 1:
            return "it returns several values"
        for name, kind in zip(self.params, self.kinds, strict=True):
            if name in self.wrt and not isinstance(kind, Array):
                return f"its argument `{name.id}` is neither a number nor an array"
        return super().problem()

    def backward(self) -> Function:
        (seed,) = self.fresh("value_bar")
        bars = []
        for p in self.wrt:
            bar = self.bar(p)
            self.assign(bar, self.adjoint(p, seed))
            bars.append(bar)
        return self.made("bwd", (*self.params[1:], seed), row(bars), "Backward sweep")

    def forward(self) -> Function:
        dots = {p.id: self.dot(p) for p in self.wrt}
        terms: list[Expr] = []
        rest = [p for p in self.wrt if p in self.rest]
        if rest:
            tangent = self.solved.tangent([p.id for p in rest])
            more = [dots[p.id] for p in rest]
            terms.append(self.integral(self.scalar, tangent, more))
        if self.upper.id in dots:
            terms.append(Op("*", (self.at(self.upper), dots[self.upper.id])))
        if self.lower.id in dots:
            terms.append(neg(Op("*", (self.at(self.lower), dots[self.lower.id]))))
        total = reduce(add, terms)
        return self.made("jvp", (*self.params, *dots.values()), Tuple((self.found, total)), "Tangent")

    # ------------------------------------------------------------------ pieces

    @property
    def scalar(self) -> bool:
        """Whether the integral is a number."""
        return marked(self.function).fn == f"{SOLUTION}integral"

    @property
    def lower(self) -> Name:
        return self.params[1]

    @property
    def upper(self) -> Name:
        return self.params[2]

    @property
    def rest(self) -> tuple[Name, ...]:
        """The arguments of the function that is integrated, but for the first."""
        return self.params[3 + len(marked(self.function).kwargs) :]

    def at(self, place: Name) -> Call:
        return Call(self.solved.function.path, (place, *self.rest))

    def adjoint(self, p: Name, seed: Name) -> Expr:
        """The adjoint of one parameter."""
        if p in (self.lower, self.upper):
            value = Op("*", (neg(seed) if p == self.lower else seed, self.at(p)))
            return value if self.scalar else Call("numpy.sum", (value,))
        kind = self.kinds[self.params.index(p)]
        slope = self.solved.by_parameter(p.id, seeded=not self.scalar)
        if not self.scalar:
            return self.integral(self.is_scalar(kind), slope, [seed])
        return Op("*", (seed, self.integral(self.is_scalar(kind), slope, [])))

    @staticmethod
    def is_scalar(kind: Kind) -> bool:
        return isinstance(kind, Array) and kind.rank == 0 and is_number(kind)

    def integral(self, scalar: bool, function: Function, more: Sequence[Expr]) -> Expr:
        """The integral of a derivative, over the same interval."""
        options = tuple(marked(self.function).kwargs)
        if not scalar:
            given = {name for name, _ in options}
            options = (*(t for t in TOLERANCES if t[0] not in given), *options)
        kwargs = (*options, ("args", Tuple((*self.rest, *more))))
        bounds = (Global(function.name, function.path), self.lower, self.upper)
        return Index(Call(QUAD if scalar else QUAD_VEC, bounds, kwargs), Const(0))
