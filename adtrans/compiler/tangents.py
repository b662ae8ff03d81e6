"""Forward mode for one function, and for the user functions that it calls: `y, y_dot = g_jvp(x, x_dot)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adtrans.analyses.binding import bound, no_value
from adtrans.analyses.ranks import last_kinds
from adtrans.compiler import customs
from adtrans.compiler.functions import as_returned, canonical_kinds, reachable, returned
from adtrans.compiler.prepared import Prepared, prepare
from adtrans.compiler.residuals import argument_copy
from adtrans.compiler.session import Session
from adtrans.compiler.solutions import Solutions
from adtrans.forward import Forward, TangentCallee
from adtrans.ir import Assign, Block, Call, Expr, Function, Name, Param, Return, Tuple
from adtrans.kinds import Kind
from adtrans.ownership import copy_of
from adtrans.reverse.zeros import real, zero_like
from adtrans.tidy import tidy


@dataclass(slots=True)
class Swept:
    """A function whose tangents are made: `body` is its sweep without the return."""

    prepared: Prepared
    forward: Forward
    body: Block


@dataclass(slots=True)
class Tangents:
    """Makes the tangent functions of a session."""

    session: Session

    def of(self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]) -> TangentCallee:
        """The tangent function of a user function, and which of its results vary."""
        session = self.session
        if (custom := session.program.custom(call.fn)) is not None:
            return customs.tangent(session, custom, call, kinds, active)
        if session.core[call.fn].solution:
            return Solutions(session).tangent(call, kinds, active)
        kinds = canonical_kinds(session.settled(call, kinds, active))
        key = (call.fn, kinds, active)
        if key in session.tangents:
            return session.tangents[key]
        function = session.core[call.fn]
        name = session.taken.fresh(f"{function.name}_jvp")
        results = returned(function)
        recursive = call.fn in reachable(session.core, call.fn)
        if recursive:  # It calls itself before it is known which results vary: all do.
            session.tangents[key] = TangentCallee(name, (True,) * len(results))
        wrt = [p.name for p, on in zip(function.params, active, strict=True) if on]
        session.making.append((call.fn, kinds))
        made = self.sweep(function, kinds, wrt, None)
        session.making.pop()
        if not recursive:
            varied = made.prepared.activity.varied_at_end
            session.tangents[key] = TangentCallee(name, tuple(n in varied for n in results))
        new = self.function(function, name, made, wrt, results, all_results=recursive)
        session.functions.append(replace(new, doc=f"Tangent of `{function.name}`."))
        return session.tangents[key]

    def sweep(
        self,
        function: Function,
        kinds: tuple[Kind, ...],
        wrt: Sequence[str],
        wanted: Sequence[str] | None,
        *,
        copy: Sequence[str] = (),
    ) -> Swept:
        """The statements with their tangents; `copy` are arguments that are written into."""
        session = self.session
        prepared = prepare(session, function, kinds, wrt, wanted, forward=True, entry=bool(copy))
        forward = Forward(
            prepared.ranks,
            prepared.activity,
            session.dependence,
            bound(prepared.function),
            prepared.fresh,
            session.report,
            self.of,
            lent=frozenset(p.name for p in function.params) - frozenset(copy),
        )
        for n in (*wrt, *prepared.results):
            forward.dot(n)
        body = forward.block(prepared.function.body[:-1])
        known = last_kinds(prepared.ranks)
        guards = [Assign(target=Name(n), value=no_value(known[n])) for n in forward.guards]
        signature = {p.name: kind for p, kind in zip(function.params, kinds, strict=True)}
        copies = [argument_copy(n, signature[n]) for n in copy]
        copies += [
            Assign(target=Name(forward.dot(n)), value=copy_of(Name(forward.dot(n)), real(signature[n])))
            for n in copy
            if n in wrt
        ]
        return Swept(prepared, forward, (*copies, *guards, *body))

    def function(
        self,
        function: Function,
        name: str,
        made: Swept,
        wrt: Sequence[str],
        wanted: Sequence[str],
        *,
        all_results: bool,
    ) -> Function:
        """The sweep as a function: it returns the value and the tangents of `wanted`.

        A result that does not vary has a tangent of zeros with `all_results`, and none without.
        """
        forward, prepared = made.forward, made.prepared
        scope = prepared.ranks.scope(prepared.function.body[-1])
        dots: list[Expr] = []
        for n in wanted:
            if n in prepared.activity.varied_at_end:
                dots.append(Name(forward.dot(n)))
            elif all_results:
                dots.append(zero_like(Name(n), scope.kind(Name(n)), Tuple))
        parts: list[Expr] = []
        if prepared.results:
            parts.append(as_returned(function, tuple(map(Name, prepared.results))))
        if dots:
            parts.append(dots[0] if len(dots) == 1 else Tuple(tuple(dots)))
        result: Expr | None = None
        if parts:
            result = parts[0] if len(parts) == 1 else Tuple(tuple(parts))
        params = (*(Param(p.name) for p in function.params), *(Param(forward.dot(n)) for n in wrt))
        body = (*made.body, Return(value=result))
        return tidy(Function(name, name, params, body, span=function.span))
