"""The derivatives of what SciPy's solvers find: each kind of solution has a file of its own.

equations.py    roots and fixed points, by the implicit function theorem
integrals.py    integrals, by Leibniz' rule
flows.py        solutions of differential equations, by the sensitivity equation
solved.py       the function that is solved, and its derivatives
"""

from __future__ import annotations

from dataclasses import dataclass

from adtrans.compiler.equations import Equation
from adtrans.compiler.flows import Flow
from adtrans.compiler.functions import canonical_kinds
from adtrans.compiler.integrals import Integral
from adtrans.compiler.session import Session
from adtrans.compiler.solution import Solution
from adtrans.errors import Diagnostic
from adtrans.forward import TangentCallee
from adtrans.ir import Call, Function
from adtrans.kinds import Kind
from adtrans.reverse.tree import Callee

WAYS: dict[str, type[Solution]] = {
    "root": Equation,
    "roots": Equation,
    "fixed_point": Equation,
    "integral": Integral,
    "integral_of_arrays": Integral,
    "flow": Flow,
    "flow_of_ivp": Flow,
}


@dataclass(slots=True)
class Solutions:
    """Makes the derivatives of the solutions of a session."""

    session: Session

    def backward(
        self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...], wanted: tuple[bool, ...]
    ) -> Callee:
        """The backward sweep of a solution; where that reads what was found, it comes first."""
        session, function = self.session, self.session.core[call.fn]
        key = call.fn, canonical_kinds(kinds), active, wanted
        if key not in session.pairs:
            params = tuple(p.name for p in function.params)
            made = self.of(call, kinds, active)
            session.pairs[key] = Callee(
                forward=call.fn,
                backward="" if made is None else self.added(made.backward()),
                keeps=False,
                needs=tuple(range(1, len(params))),
                results=(0,),
                shared=(),
                returned=tuple(k for k, on in enumerate(active) if on),
                params=params,
                writes=(),
                reads=(0,) if WAYS[function.solution].reads_found else (),
            )
        return session.pairs[key]

    def tangent(self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]) -> TangentCallee:
        """The tangent function of a solution."""
        key = call.fn, canonical_kinds(kinds), active
        if key not in self.session.tangents:
            made = self.of(call, kinds, active)
            name = "" if made is None else self.added(made.forward())
            self.session.tangents[key] = TangentCallee(name, (True,))
        return self.session.tangents[key]

    def added(self, function: Function) -> str:
        self.session.functions.append(function)
        return function.path

    def of(self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]) -> Solution | None:
        """The solution; one that cannot be differentiated is reported."""
        function = self.session.core[call.fn]
        made = WAYS[function.solution].of(self.session, function, canonical_kinds(kinds), active)
        if why := made.problem():
            words = f"what is found for `{made.solved.function.name}` cannot be differentiated: {why}"
            self.session.report.append(Diagnostic("AD303", words, call.span))
        return None if why else made
