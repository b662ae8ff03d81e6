"""Roots and fixed points, by the implicit function theorem.

    g(x, p) = 0        gives        g_x x_dot + g_p p_dot = 0

    def g_root_bwd(x, p, x_bar):                       def g_root_jvp(x, p, p_dot):
        value, slope = g_jvp(x, p, 1.0)                    value, value_dot = g_jvp(x, p, p_dot)
        value, p_bar = g_vjp(x, p, -x_bar / slope)         value, slope = g_jvp_(x, p, 1.0)
        return p_bar                                       return x, -value_dot / slope

Of a system the slope is the Jacobian; of a fixed point, `g(x, p) = x`, it is one less.
"""

from __future__ import annotations

from typing import ClassVar

from adtrans.algebra import neg
from adtrans.compiler.solution import Solution, row
from adtrans.ir import Attr, Call, Const, Expr, Function, Index, Op, Tuple
from adtrans.kinds import Array, Kind, TupleOf

ONE = Const(1.0)


class Equation(Solution):
    """A function is solved for its first argument."""

    __slots__ = ()
    reads_found: ClassVar[bool] = True

    def problem(self) -> str:
        finds, result = self.function.solution, self.solved.result
        if finds == "fixed_point" and self.rank not in (0, 1):
            return "the rank of the first guess must be known, and 0 or 1"
        if len(self.solved.results) > 1 and (finds != "roots" or not numbers(result)):
            return "it returns several values"
        return super().problem()

    def backward(self) -> Function:
        bar = self.bar(self.found)
        seeds = self.seeds(self.divided(neg(bar), transposed=True))
        bars = [self.bar(p) for p in self.wrt]
        pulled = self.solved.derivative("vjp", [p.id for p in self.wrt])
        self.assign(Tuple((self.value, row(bars))), self.solved.call(pulled, self.params, seeds))
        return self.made("bwd", (*self.params, bar), row(bars), "Backward sweep")

    def forward(self) -> Function:
        dots = [self.dot(p) for p in self.wrt]
        (change,) = self.fresh("value_dot")
        pushed = self.solved.derivative("jvp", [p.id for p in self.wrt])
        self.assign(Tuple((self.value, change)), self.solved.call(pushed, self.params, dots))
        dot = self.divided(neg(self.as_array(change)), transposed=False)
        return self.made("jvp", (*self.params, *dots), Tuple((self.found, dot)), "Tangent")

    # ------------------------------------------------------------------ pieces

    @property
    def system(self) -> bool:
        """Whether there are several unknowns, each of which may be in each equation."""
        return self.function.solution != "root" and self.rank != 0

    def divided(self, right: Expr, *, transposed: bool) -> Expr:
        """A right-hand side, solved for by the derivative of the equation by the unknown."""
        fixed = self.function.solution == "fixed_point"
        if not self.system:
            pushed = self.solved.derivative("jvp", [self.found.id])
            (slope,) = self.fresh("slope")
            direction = ONE if self.rank == 0 else Call("numpy.ones_like", (self.found,))
            self.assign(Tuple((self.value, slope)), self.solved.call(pushed, self.params, [direction]))
            return Op("/", (right, Op("-", (slope, ONE)) if fixed else slope))
        (jacobian,) = self.fresh("jacobian")
        matrix: Expr = Call(self.solved.jacobian(self.found.id).path, self.params)
        if fixed:
            matrix = Op("-", (matrix, Call("numpy.eye", (Attr(self.found, "size"),))))
        self.assign(jacobian, matrix)
        left = (
            Call("numpy.transpose", (jacobian,), style="attribute", spelled="T") if transposed else jacobian
        )
        return Call("numpy.linalg.solve", (left, right))

    def seeds(self, value: Expr) -> list[Expr]:
        """The adjoints of what the function returns, from a vector."""
        result = self.solved.result
        if not self.system or (isinstance(result, Array) and result.rank == 1):
            return [value]
        (seed,) = self.fresh("seed")
        self.assign(seed, value)
        if (count := len(self.solved.results)) > 1:
            return [Index(seed, Const(k)) for k in range(count)]
        if isinstance(result, Array) and result.rank == 0:
            return [Index(seed, Const(0))]
        if isinstance(result, Array):
            shape = Call("numpy.shape", (Call(self.solved.function.path, self.params),))
            return [Call("numpy.reshape", (seed, shape))]
        return [Call("builtins.list", (seed,))]

    def as_array(self, value: Expr) -> Expr:
        """A tangent of what the function returns as a vector."""
        if not self.system or (isinstance(self.solved.result, Array) and self.solved.result.rank == 1):
            return value
        return Call("numpy.ravel", (value,))


def numbers(kind: Kind) -> bool:
    """Whether a tuple is one of numbers."""
    return isinstance(kind, TupleOf) and all(isinstance(e, Array) and e.rank == 0 for e in kind.elems)
