"""Reverse mode for a user function that is called: the pair `g_fwd`, `g_bwd`, made once for each signature.

y, g_kept = g_fwd(x)           in the forward sweep; `y = g(x)` where nothing has to be kept
x_bar = g_bwd(x, g_kept, y_bar)    in the backward sweep
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from adtrans.compiler import customs
from adtrans.compiler.functions import (
    as_returned,
    canonical_kinds,
    flat_names,
    free_names,
    reachable,
    rebound_params,
    results_apart,
    returned,
    stored_into,
    surely_arrays,
    unbound_after,
)
from adtrans.compiler.layout import spaced
from adtrans.compiler.residuals import kept_copy, out_statements, refreshed, without_value
from adtrans.compiler.session import Session
from adtrans.compiler.solutions import Solutions
from adtrans.compiler.sweeps import Sweeps, sweeps
from adtrans.errors import Diagnostic
from adtrans.ir import Assign, Call, Expr, Function, Name, Param, Return, Stmt, Tuple
from adtrans.kinds import HOLDERS, Array, Kind, is_number
from adtrans.reverse.tree import Callee
from adtrans.tidy import tidy


@dataclass(slots=True)
class Pairs:
    """Makes the pairs of a session."""

    session: Session

    def of(
        self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...], wanted: tuple[bool, ...]
    ) -> Callee:
        """The pair for a call, the arguments that are active and the results whose adjoints there are."""
        session = self.session
        if (custom := session.program.custom(call.fn)) is not None:
            return customs.callee(session, self.of, custom, call, kinds, active, wanted)
        kinds = session.settled(call, kinds, active)
        function = session.core[call.fn]
        if function.solution:
            return Solutions(session).backward(call, kinds, active, wanted)
        mutated = session.memory.mutated[call.fn]
        shared = shared_arguments(call, function, kinds, active, mutated)
        for k in sorted(mutated):
            if active[k] and k not in shared and not is_number(kinds[k]):
                session.report.append(no_plain_array(call, function, k))
        key = (call.fn, canonical_kinds(kinds), active, wanted, shared)
        if key in session.pairs:
            return session.pairs[key]
        rebound = rebound_params(function, kinds)
        fixed = tuple(k for k, p in enumerate(function.params) if p.name not in rebound)
        pair = session.pairs[key] = Callee(
            forward=session.taken.fresh(f"{function.name}_fwd"),
            backward=session.taken.fresh(f"{function.name}_bwd"),
            keeps=True,
            needs=fixed,
            results=tuple(k for k, on in enumerate(wanted) if on),
            shared=shared,
            returned=tuple(k for k, on in enumerate(active) if on and k not in shared),
            params=tuple(p.name for p in function.params),
            writes=tuple(j for j, k in enumerate(fixed) if k in mutated),
        )
        session.memory.mutated[pair.forward] = mutated
        session.making.append((call.fn, kinds))
        self.build(function, kinds, active, pair)
        session.making.pop()
        return pair

    def build(
        self, function: Function, kinds: tuple[Kind, ...], active: tuple[bool, ...], pair: Callee
    ) -> None:
        """Write both functions.

        What a recursive function needs is said before it is made, as it calls itself; of any other only
        what its backward sweep reads is kept.
        """
        session = self.session
        params = [p.name for p in function.params]
        wrt = [n for n, on in zip(params, active, strict=True) if on]
        shared = frozenset(params[k] for k in pair.shared)
        if not shared.isdisjoint(returned(function)):
            function = results_apart(function, shared)
        own_results = returned(function)
        outputs = [own_results[k] for k in pair.results]
        made = sweeps(session, self.of, function, canonical_kinds(kinds), wrt, outputs, shared)
        inputs = {made.reverse.bar(n) for n in (*outputs, *shared)}
        free = [n for n in free_names(made.backward) if n not in inputs]
        rebound = rebound_params(function, kinds)
        kept = [n for n in free if n not in params or n in rebound]
        if function.path not in reachable(session.core, function.path):
            pair.needs = tuple(k for k, n in enumerate(params) if n in free and n not in rebound)
            mutated = session.memory.mutated[function.path]
            pair.writes = tuple(j for j, k in enumerate(pair.needs) if k in mutated)
            pair.keeps = bool(kept) or made.prepared.asks
        if pair.keeps:
            session.functions.append(self.forward(function, made, pair, kept))
        session.functions.append(self.backward(function, made, pair, kept, outputs))

    def forward(self, function: Function, made: Sweeps, pair: Callee, kept: list[str]) -> Function:
        """`g_fwd`: the value and what is kept."""
        own_results, recorder = returned(function), made.recorder
        unbound = unbound_after(kept, made.forward, function)
        # The caller may write into what it is given back: what is kept must not share its memory.
        results = {*own_results, *pair.params} - (recorder.copied_outs - set(pair.params))
        classes = self.session.memory.classes(made.prepared.function, surely_arrays(recorder.kinds))
        kept_value: Expr = Tuple(
            tuple(
                kept_copy(n, recorder, n in unbound)
                if self.session.stores and {n, *classes.get(n, ())} & results
                else Name(n)
                for n in kept
            )
        )
        result = Tuple((as_returned(function, made.out), kept_value)) if own_results else kept_value
        body: list[Stmt] = [without_value(n, recorder) for n in unbound]
        body += [
            *made.forward,
            *out_statements(recorder, made.forward),
            Return(value=result, blank_before=True),
        ]
        doc = f"Run `{function.name}`; return its value and what `{pair.backward}` needs."
        return tidy(
            Function(pair.forward, pair.forward, tuple(map(Param, pair.params)), tuple(body), doc=doc)
        )

    def backward(
        self, function: Function, made: Sweeps, pair: Callee, kept: list[str], outputs: list[str]
    ) -> Function:
        """`g_bwd`: arguments, what was kept, the adjoints of the results, those that are updated in place."""
        bar = made.reverse.bar
        unbound = unbound_after(kept, made.forward, function)
        keep_name = made.prepared.fresh.fresh("kept")
        bars = [bar(pair.params[k]) for k in pair.shared]
        given = [
            *(pair.params[k] for k in pair.needs),
            *([keep_name] if pair.keeps else []),
            *map(bar, outputs),
            *bars,
        ]
        body: list[Stmt] = []
        if pair.keeps and kept:
            body.append(Assign(target=Tuple(tuple(map(Name, kept))), value=Name(keep_name)))
        ends: list[Expr] = [Name(bar(pair.params[k])) for k in pair.returned]
        final: Expr | None = None
        if ends:
            final = ends[0] if len(ends) == 1 else Tuple(tuple(ends))
        # What was kept stays as it is: a caller that differentiates this sweep holds it, too.
        body += refreshed(self.session, made.recorder, kept, unbound, made.backward)
        body += [*spaced(made.backward), Return(value=final, blank_before=True)]
        told = [f"return {', '.join(n.id for n in flat_names(final))}"] if final is not None else []
        told += [f"update {', '.join(bars)} in place"] if bars else []
        doc = f"Backward sweep of `{function.name}`: {' and '.join(told)}."
        return tidy(Function(pair.backward, pair.backward, tuple(map(Param, given)), tuple(body), doc=doc))


def shared_arguments(
    call: Call,
    function: Function,
    kinds: tuple[Kind, ...],
    active: tuple[bool, ...],
    mutated: Collection[int],
) -> tuple[int, ...]:
    """The arguments whose adjoints the backward sweep updates in place: arrays, and the lists and dicts that
    the function writes into."""
    rebound, stored = rebound_params(function, kinds), stored_into(function)
    return tuple(
        k
        for k, (on, kind) in enumerate(zip(active, kinds, strict=True))
        if on
        and isinstance(call.args[k], Name)
        and (
            bool(kind.rank) or (kind.rank is None and function.params[k].name in stored)
            if isinstance(kind, Array)
            else isinstance(kind, HOLDERS) and k in mutated
        )
        and function.params[k].name not in rebound
        and call.args[k] not in call.args[:k]  # `g(y, y)`: one of the adjoints is returned.
    )


def no_plain_array(call: Call, function: Function, k: int) -> Diagnostic:
    """A function writes into an argument of which there is no adjoint to update."""
    return Diagnostic(
        "AD402",
        f"`{function.name}` writes into its argument `{function.params[k].name}`, "
        "which is not a plain array variable of known rank here",
        call.span,
        help="bind the array to a variable before the call, and annotate its rank",
    )
