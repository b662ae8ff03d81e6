"""The derivatives of what SciPy's solvers find, by the implicit function theorem.

    g(x, p) = 0        gives        g_x x_dot + g_p p_dot = 0

    def g_root_bwd(x, p, x_bar):                       def g_root_jvp(x, p, p_dot):
        value, slope = g_jvp(x, p, 1.0)                    value, value_dot = g_jvp(x, p, p_dot)
        value, p_bar = g_vjp(x, p, -x_bar / slope)         value, slope = g_jvp_(x, p, 1.0)
        return p_bar                                       return x, -value_dot / slope

The derivatives of `g` are functions of the module, as those of a function that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adtrans.algebra import neg
from adtrans.compiler.functions import canonical_kinds
from adtrans.compiler.session import Session
from adtrans.compiler.solved import Solved
from adtrans.errors import Diagnostic
from adtrans.ir import Assign, Attr, Call, Const, Expr, Function, Index, Name, Op, Param, Return, Stmt, Tuple
from adtrans.kinds import Array, Kind, TupleOf, may_be_complex
from adtrans.names import Names
from adtrans.reverse.tree import Callee

ONE = Const(1.0)


@dataclass(slots=True)
class Solutions:
    """Makes the derivatives of the solutions of a session."""

    session: Session

    def backward(
        self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...], wanted: tuple[bool, ...]
    ) -> Callee:
        """The backward sweep of a solution; it reads what was found."""
        session, function = self.session, self.session.core[call.fn]
        key = call.fn, canonical_kinds(kinds), active, wanted
        if key not in session.pairs:
            params = tuple(p.name for p in function.params)
            equation = self.of(call, kinds)
            session.pairs[key] = Callee(
                forward=call.fn,
                backward="" if equation is None else self.added(equation.backward(active)),
                keeps=False,
                needs=tuple(range(1, len(params))),
                results=(0,),
                shared=(),
                returned=tuple(k for k, on in enumerate(active) if on),
                params=params,
                writes=(),
                reads=(0,),
            )
        return session.pairs[key]

    def tangent(
        self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]
    ) -> tuple[str, tuple[bool, ...]]:
        """The tangent function of a solution."""
        key = call.fn, canonical_kinds(kinds), active
        if key not in self.session.tangents:
            equation = self.of(call, kinds)
            path = "" if equation is None else self.added(equation.forward(active))
            self.session.tangents[key] = path, (True,)
        return self.session.tangents[key]

    def added(self, function: Function) -> str:
        self.session.functions.append(function)
        return function.path

    def of(self, call: Call, kinds: tuple[Kind, ...]) -> Equation | None:
        """The equation that is solved; one that cannot be differentiated is reported."""
        function = self.session.core[call.fn]
        kinds = canonical_kinds(kinds)
        made = Equation(
            self.session,
            function,
            Solved.by(self.session, function, kinds),
            kinds[0].rank if isinstance(kinds[0], Array) else None,
            Names(p.name for p in function.params),
        )
        if why := made.problem():
            words = f"`{made.solved.function.name}` cannot be solved and differentiated: {why}"
            self.session.report.append(Diagnostic("AD303", words, call.span))
        return None if why else made


@dataclass(slots=True)
class Equation:
    """One solution, for arguments of known kinds; `rank` is that of what was found."""

    session: Session
    function: Function
    solved: Solved
    rank: int | None
    names: Names
    body: list[Stmt] = field(default_factory=list)

    def problem(self) -> str:
        """Why there is no derivative."""
        finds, result = self.function.solution, self.solved.result
        if any(map(may_be_complex, (*self.solved.kinds, result))):
            return "there are complex numbers in it"
        if finds == "fixed_point" and self.rank not in (0, 1):
            return "the rank of the first guess must be known, and 0 or 1"
        if len(self.solved.results) > 1 and (finds != "roots" or not numbers(result)):
            return "it returns several values"
        return ""

    # ------------------------------------------------------------------ the two modes

    def backward(self, active: Sequence[bool]) -> Function:
        bar = Name(self.names.fresh(f"{self.found.id}_bar"))
        wrt = [p for p, on in zip(self.rest, active[1:], strict=True) if on]
        seeds = self.seeds(self.divided(neg(bar), transposed=True))
        value, *bars = self.fresh("value", *(f"{p.id}_bar" for p in wrt))
        pulled = self.solved.derivative("vjp", [p.id for p in wrt])
        self.assign(Tuple((value, row(bars))), self.solved.call(pulled, self.arguments, seeds))
        return self.made("bwd", (*self.arguments, bar), row(bars), "Backward sweep")

    def forward(self, active: Sequence[bool]) -> Function:
        wrt = [p for p, on in zip(self.rest, active[1:], strict=True) if on]
        dots = self.fresh(*(f"{p.id}_dot" for p in wrt))
        value, change = self.fresh("value", "value_dot")
        pushed = self.solved.derivative("jvp", [p.id for p in wrt])
        self.assign(Tuple((value, change)), self.solved.call(pushed, self.arguments, dots))
        dot = self.divided(neg(self.as_array(change)), transposed=False)
        return self.made("jvp", (*self.arguments, *dots), Tuple((self.found, dot)), "Tangent")

    # ------------------------------------------------------------------ pieces

    @property
    def found(self) -> Name:
        return Name(self.function.params[0].name)

    @property
    def rest(self) -> tuple[Name, ...]:
        return tuple(Name(p.name) for p in self.function.params[1:])

    @property
    def arguments(self) -> tuple[Name, ...]:
        return (self.found, *self.rest)

    @property
    def system(self) -> bool:
        """Whether there are several unknowns, each of which may be in each equation."""
        return self.function.solution != "root" and self.rank != 0

    def divided(self, right: Expr, *, transposed: bool) -> Expr:
        """A right-hand side, solved for by the derivative of the equation by the unknown."""
        fixed = self.function.solution == "fixed_point"
        if not self.system:
            pushed = self.solved.derivative("jvp", [self.found.id])
            value, slope = self.fresh("value", "slope")
            direction = ONE if self.rank == 0 else Call("numpy.ones_like", (self.found,))
            self.assign(Tuple((value, slope)), self.solved.call(pushed, self.arguments, [direction]))
            return Op("/", (right, Op("-", (slope, ONE)) if fixed else slope))
        (jacobian,) = self.fresh("jacobian")
        matrix: Expr = Call(self.solved.jacobian(self.found.id).path, self.arguments)
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
            shape = Call("numpy.shape", (Call(self.solved.function.path, self.arguments),))
            return [Call("numpy.reshape", (seed, shape))]
        return [Call("builtins.list", (seed,))]

    def as_array(self, value: Expr) -> Expr:
        """A tangent of what the function returns as a vector."""
        if not self.system or (isinstance(self.solved.result, Array) and self.solved.result.rank == 1):
            return value
        return Call("numpy.ravel", (value,))

    def fresh(self, *words: str) -> list[Name]:
        return [Name(word if word == "value" else self.names.fresh(word)) for word in words]

    def assign(self, target: Expr, value: Expr) -> None:
        self.body.append(Assign(target=target, value=value))

    def made(self, suffix: str, params: Sequence[Name], value: Expr, what: str) -> Function:
        name = self.session.taken.fresh(f"{self.function.name}_{suffix}")
        doc = f"{what} of the {WORDS[self.function.solution]} of `{self.solved.function.name}`."
        body = (*self.body, Return(value=value))
        return Function(name, name, tuple(Param(p.id) for p in params), body, doc=doc)


WORDS = {"root": "root", "roots": "roots", "fixed_point": "fixed point"}


def numbers(kind: Kind) -> bool:
    """Whether a tuple is one of numbers."""
    return isinstance(kind, TupleOf) and all(isinstance(e, Array) and e.rank == 0 for e in kind.elems)


def row(names: Sequence[Expr]) -> Expr:
    return names[0] if len(names) == 1 else Tuple(tuple(names))
