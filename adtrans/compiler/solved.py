"""The function that a solver is given, for arguments of known kinds, and its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adtrans import walk
from adtrans.compiler.functions import as_returned, canonical_kinds, returned
from adtrans.compiler.session import Session
from adtrans.ir import (
    Assign,
    Attr,
    Call,
    Const,
    Expr,
    For,
    Function,
    Index,
    Name,
    Param,
    Return,
    Slice,
    Tuple,
)
from adtrans.kinds import FLOAT, Array, Kind, is_number
from adtrans.names import Names
from adtrans.solvers import SOLUTION

ONE = Const(1.0)
STATE = Array("f8", (None,))


@dataclass(slots=True)
class Solved:
    """Makes `g_vjp`, `g_jvp` and `g_jacobian`, each once for each signature."""

    session: Session
    function: Function
    kinds: tuple[Kind, ...]

    @classmethod
    def by(cls, session: Session, solution: Function, kinds: tuple[Kind, ...]) -> Solved:
        """The function that a solution calls."""
        ranks = session.inference.ranks(solution.path, kinds)
        for stmt in walk.statements(solution.body):
            for expr in walk.expressions(stmt):
                for e in walk.subexpressions(expr):
                    if isinstance(e, Call) and e.fn in session.core:
                        found = tuple(map(ranks.scope(stmt).kind, e.args))
                        first = given(solution)
                        found = (*first, *found[len(first) :])
                        return cls(session, by_rule(session, e.fn), canonical_kinds(found))
        raise AssertionError(f"{solution.path} solves nothing")

    @property
    def results(self) -> tuple[str, ...]:
        return returned(self.function)

    @property
    def result(self) -> Kind:
        return self.session.inference.ranks(self.function.path, self.kinds).result

    def derivative(self, form: str, wrt: Sequence[str]) -> Function:
        """`g_vjp` or `g_jvp`, with respect to some of its parameters."""
        from adtrans.compiler import entry

        session, own = self.session, self.function
        key = form, own.path, self.kinds, tuple(wrt)
        if key not in session.solved:
            plain = replace(own, params=tuple(Param(p.name) for p in own.params))
            signature = {p.name: kind for p, kind in zip(plain.params, self.kinds, strict=True)}
            written = session.memory.mutated[own.path]
            changed = [p for k, p in enumerate(signature) if k in written and not is_number(signature[p])]
            asked = entry.Entry(plain, signature, tuple(wrt), returned(plain), tuple(changed))
            if form == "vjp":
                entry.reverse(session, asked, split=False)
            else:
                entry.forward(session, asked)
            session.solved[key] = session.functions[-1]
        return session.solved[key]

    def call(self, made: Function, arguments: Sequence[Expr], more: Sequence[Expr]) -> Call:
        """The call of a derivative, with seeds or tangents."""
        own = [p.name for p in self.function.params]
        given = dict(zip(own, arguments, strict=True))
        given |= dict(zip((p.name for p in made.params if p.name not in own), more, strict=True))
        args = tuple(given[p.name] for p in made.params if not p.keyword_only)
        kwargs = tuple((p.name, given[p.name]) for p in made.params if p.keyword_only)
        return Call(made.path, args, kwargs)

    def tangent(self, wrt: Sequence[str]) -> Function:
        """`g_dot(t, p, p_dot)`: the tangent alone."""
        pushed = self.derivative("jvp", wrt)
        return self.part(pushed, wrt, f"{self.function.name}_dot", "value_dot", "Tangent of")

    def by_parameter(self, name: str, *, seeded: bool) -> Function:
        """`g_by_p(t, p)`: the derivative by one parameter; of an array the adjoint, which takes a seed."""
        pulled, own = self.derivative("vjp", [name]), self.function.name
        what = f"Adjoint of `{name}` in" if seeded else f"Derivative by `{name}` of"
        return self.part(pulled, [name, seeded], f"{own}_by_{name}", f"{name}_bar", what, seeded=seeded)

    def part(
        self, made: Function, wrt: Sequence[object], word: str, result: str, what: str, *, seeded: bool = True
    ) -> Function:
        """A function that returns of the results of a derivative but the second."""
        session = self.session
        key = result, self.function.path, self.kinds, tuple(wrt)
        if key not in session.solved:
            own = [Name(p.name) for p in self.function.params]
            more = [Name(p.name) for p in made.params if Name(p.name) not in own]
            names = Names(p.id for p in (*own, *more))
            value, found = Name(names.fresh("value")), Name(names.fresh(result))
            call = self.call(made, own, more if seeded else [ONE])
            body = Assign(target=Tuple((value, found)), value=call), Return(value=found)
            params = tuple(Param(p.id) for p in (*own, *(more if seeded else ())))
            name = session.taken.fresh(word)
            doc = f"{what} `{self.function.name}`."
            session.solved[key] = Function(name, name, params, body, doc=doc)
            session.functions.append(session.solved[key])
        return session.solved[key]

    def jacobian(self, unknown: str) -> Function:
        """`g_jacobian`: the columns, one by one."""
        session, own = self.session, self.function
        key = "jacobian", own.path, self.kinds, unknown
        if key not in session.solved:
            pushed = self.derivative("jvp", [unknown])
            names = Names(p.name for p in own.params)
            basis, jacobian, k, value, dot = (
                Name(names.fresh(word)) for word in ("basis", "jacobian", "k", "value", "value_dot")
            )
            arguments = [Name(p.name) for p in own.params]
            size = Attr(Name(unknown), "size")
            column = Index(jacobian, Tuple((Slice(), k)))
            body = (
                Assign(target=basis, value=Call("numpy.eye", (size,))),
                Assign(target=jacobian, value=Call("numpy.zeros", (Tuple((size, size)),))),
                For(
                    target=k,
                    iter=Call("builtins.range", (size,)),
                    body=(
                        Assign(
                            target=Tuple((value, dot)), value=self.call(pushed, arguments, [Index(basis, k)])
                        ),
                        Assign(target=column, value=dot),
                    ),
                ),
                Return(value=jacobian),
            )
            name = session.taken.fresh(f"{own.name}_jacobian")
            doc = f"Jacobian of `{own.name}` with respect to `{unknown}`."
            params = tuple(Param(p.name) for p in own.params)
            session.solved[key] = Function(name, name, params, body, doc=doc)
            session.functions.append(session.solved[key])
        return session.solved[key]


def by_rule(session: Session, path: str) -> Function:
    """A function in core form; in the place of one with a rule of the user's one that calls it."""
    function = session.core[path]
    if session.program.custom(path) is None:
        return function
    names = Names(p.name for p in function.params)
    found = tuple(Name(names.fresh("value")) for _ in returned(function))
    value = as_returned(function, found)
    call = Call(path, tuple(Name(p.name) for p in function.params), span=function.span)
    return replace(function, body=(Assign(target=value, value=call), Return(value=value)))


def given(solution: Function) -> tuple[Kind, ...]:
    """The kinds of what a solver gives to its function, whatever it was told itself."""
    match solution.solution.partition("_of")[0]:
        case "integral":
            return (FLOAT,)
        case "flow":
            return (FLOAT, STATE) if time_first(solution) else (STATE, FLOAT)
    return ()


def time_first(solution: Function) -> bool:
    """Whether the time is the first argument of the right-hand side."""
    return solution.solution == "flow_of_ivp" or any(name == "tfirst" for name, _ in marked(solution).kwargs)


def marked(solution: Function) -> Call:
    """The call in a solution that says what it is: with the options that were given."""
    for stmt in walk.statements(solution.body):
        for e in (e for x in walk.expressions(stmt) for e in walk.subexpressions(x)):
            if isinstance(e, Call) and e.fn.startswith(SOLUTION):
                return e
    raise AssertionError(f"{solution.path} is no solution")
