"""One function, analysed for one signature and prepared to be differentiated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adtrans import casts, tuple_members
from adtrans.aliases.rewrite import unaliased
from adtrans.analyses.activity import Activity, analyse
from adtrans.analyses.memory import Conflict, conflicts, sharing
from adtrans.analyses.overlaps import overlaps
from adtrans.analyses.quotients import by_zero
from adtrans.analyses.ranks import Latest, Ranks, last_kinds
from adtrans.analyses.scribbles import left_behind
from adtrans.analyses.steps import repeated, turning
from adtrans.analyses.strangers import strangers, unbound
from adtrans.analyses.unsupported import no_defaults, no_lists, of_containers, written_down
from adtrans.cells import replaced
from adtrans.compiler.functions import returned
from adtrans.compiler.session import Session
from adtrans.containers import written_out
from adtrans.entries import displayed, unkeyed
from adtrans.errors import Diagnostic
from adtrans.integral import asked
from adtrans.ir import Function
from adtrans.kinds import Kind, is_number
from adtrans.names import Names
from adtrans.places import call_arguments, plain_targets, unsaid
from adtrans.prepare import (
    Naming,
    all_names,
    array_likes,
    conditionals,
    list_items,
    loop_targets,
    other_kinds,
    pops,
    unpackings,
)


@dataclass(slots=True)
class Prepared:
    """A function ready to be differentiated, with its facts."""

    function: Function
    ranks: Ranks
    activity: Activity
    results: tuple[str, ...]
    fresh: Names
    asks: bool = False
    """Whether it asks, when it runs, whether an array is one of integers."""


def prepare(
    session: Session,
    function: Function,
    kinds: tuple[Kind, ...],
    wrt: Sequence[str],
    wanted: Sequence[str] | None,
    *,
    forward: bool,
    entry: bool = False,
) -> Prepared:
    """Analyse and prepare a function for one signature."""
    fresh = Names(all_names(function) | set(session.program.constants) | {"np", "math"})
    function = pops(loop_targets(function, fresh), fresh, session.core)
    latest = Latest(kinds, session.inference)
    function = other_kinds(function, latest.of(function), fresh)
    ranks = latest.of(function)
    if (listed := displayed(function, ranks, fresh.fresh)) is not function:
        function, ranks = listed, latest.of(listed)
    session.report += tuple_members.refused(function, ranks, entry=entry)
    function = unpackings(list_items(written_out(function, ranks), ranks), ranks)
    function = array_likes(function, ranks, session.dependence)
    function = conditionals(function, ranks, fresh)
    classes = session.memory.classes(function)
    mutates = session.memory.mutated
    function = replaced(function, ranks, last_kinds(ranks), classes, mutates, session.report)
    ranks = latest.of(function)
    results = returned(function)
    mutated = [
        p.name
        for k, (p, kind) in enumerate(zip(function.params, kinds, strict=True))
        if k in session.memory.mutated[function.path] and not is_number(kind)
    ]
    # What an inner function writes into its arguments is a result too, if the caller reads it later (then
    # it gives a derivative along); of the entry only what it returns.
    written = () if entry else (n for n in mutated if n in wrt)
    outputs = [*(results if wanted is None else wanted), *written]
    ends = frozenset(() if entry else mutated)
    function = plain_targets(function, ranks, fresh.fresh)
    function = call_arguments(function, ranks, mutates, classes, fresh.fresh)
    ranks = latest.of(function)

    found: dict[int, tuple[Ranks, Activity]] = {}

    def analysed(function: Function, ranks: Ranks) -> Activity:
        if id(ranks) not in found:
            found[id(ranks)] = ranks, analyse(function, ranks, session.dependence, wrt, outputs)
        return found[id(ranks)][1]

    def shared(trial: Function) -> list[Conflict]:
        facts = latest.of(trial)
        return sharing(trial, facts, session.memory, analysed(trial, facts), ends)

    function = unaliased(function, ranks, session.memory, fresh, ends, shared)
    ranks = latest.of(function)
    activity = analysed(function, ranks)
    before, questions = function, asked(function, ranks, activity, session.dependence)
    questions = casts.asked(questions, before, ranks, activity, session.dependence)
    if questions is not before:
        function, ranks = questions, latest.of(questions)
        activity = analysed(function, ranks)
    naming = Naming(ranks, activity, session.dependence, classes, fresh.fresh, forward)
    named = naming.function(function)
    if named.body is not function.body:
        function, ranks = named, latest.of(named)
        activity = analysed(function, ranks)
    prepared = Prepared(function, ranks, activity, results, fresh, questions is not before)
    session.report.extend(refusals(session, prepared, ends, forward=forward))
    return prepared


def refusals(
    session: Session, prepared: Prepared, ends: frozenset[str], *, forward: bool
) -> Iterator[Diagnostic]:
    """What cannot be differentiated, as far as it is seen before the sweeps are made; `ends` are arguments
    that the caller sees written into."""
    function, ranks, activity = prepared.function, prepared.ranks, prepared.activity
    memory = session.memory
    yield from unsaid(function, lambda stmt, name: name in activity.ever_varied)
    yield from unkeyed(function, activity)
    yield from turning(function, ranks, activity)
    yield from repeated(function, ranks, activity)
    yield from strangers(function, ranks, activity)
    yield from left_behind(function, ranks, activity, session.core, memory, ends)
    yield from overlaps(function, ranks, activity, memory)
    yield from unbound(function, ranks)
    yield from no_lists(function, ranks, activity)
    yield from of_containers(function, ranks, activity)
    yield from written_down(function, activity)
    yield from by_zero(function, activity)
    yield from no_defaults(function, activity) if forward else ()
    yield from conflicts(function, ranks, memory, activity, ends)
