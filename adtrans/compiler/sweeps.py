"""The forward and the backward sweep of one function, before they are put into functions of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adtrans.analyses.binding import maybe_none
from adtrans.analyses.events import Events
from adtrans.analyses.ranks import last_kinds, of_several_dtypes
from adtrans.compiler.functions import single_bindings, surely_arrays
from adtrans.compiler.prepared import Prepared, prepare
from adtrans.compiler.residuals import log_starts, results_kept
from adtrans.compiler.session import Session
from adtrans.ir import Assign, Block, Const, Expr, Function, List, Name, Verbatim
from adtrans.kinds import ANY, Array, Kind, Plain, dtypes_in
from adtrans.ownership import copy_of, numbers_rebound, resized, with_copies, written_in_place
from adtrans.record.sweeps import Recorder
from adtrans.reverse.statements import Reverse
from adtrans.reverse.tree import CalleeFor, Leaf, Node
from adtrans.reverse.zeros import real
from adtrans.walk import binds, statements

UNKNOWN_NUMBER = Array("?", None)


@dataclass(slots=True)
class Sweeps:
    """The two sweeps, and what made them; `out` are the results under names that no sweep rebinds."""

    prepared: Prepared
    reverse: Reverse
    recorder: Recorder
    forward: Block
    backward: Block
    out: tuple[Expr, ...]


def sweeps(
    session: Session,
    callee: CalleeFor,
    function: Function,
    kinds: tuple[Kind, ...],
    wrt: Sequence[str],
    wanted: Sequence[str] | None,
    shared: frozenset[str],
    *,
    entry: bool = False,
) -> Sweeps:
    """Both sweeps of one function; `callee` gives the pair for a user function that it calls.

    `shared` are the parameters whose adjoints are the caller's arrays, updated in place.
    """
    prepared = prepare(session, function, kinds, wrt, wanted, forward=False, entry=entry)
    function, ranks = prepared.function, prepared.ranks
    reverse = Reverse(
        function,
        ranks,
        prepared.activity,
        session.dependence,
        prepared.fresh,
        session.report,
        callee,
        shared=shared,
    )
    for name in (*wrt, *prepared.results):
        reverse.bar(name)
    tree = adjoint_tree(prepared, reverse, kinds, wrt)
    recorder = recorder_of(session, prepared, reverse, entry=entry)
    recorder.plan(tree)
    forward, backward = recorder.forward(tree), recorder.backward(tree)
    out = results_kept(session, prepared, recorder, backward)
    return Sweeps(
        prepared,
        reverse,
        recorder,
        (*log_starts(recorder), *forward),
        owned(session, prepared, reverse, backward, shared, wanted, inner=not entry),
        out,
    )


def adjoint_tree(
    prepared: Prepared, reverse: Reverse, kinds: tuple[Kind, ...], wrt: Sequence[str]
) -> list[Node]:
    """Every statement beside its adjoint."""
    function = prepared.function
    starts = [
        reverse.start(p.name, kind)
        for p, kind in zip(function.params, kinds, strict=True)
        if p.name in wrt and p.name not in prepared.activity.useful_at_start and p.name not in reverse.shared
    ]
    tree = reverse.block(function.body[:-1])
    if starts:  # Inputs without influence: their adjoints have the shapes that they come with.
        tree.insert(0, Leaf(Verbatim(text=""), tuple(starts)))
    return tree


def recorder_of(session: Session, prepared: Prepared, reverse: Reverse, *, entry: bool) -> Recorder:
    """The recorder of a function whose adjoints are made."""
    function, ranks = prepared.function, prepared.ranks
    single, kinds = single_bindings(function), last_kinds(ranks)
    several = of_several_dtypes(ranks)
    bars = frozenset(reverse.bars.values())
    events = Events(
        lambda n: n in bars or n in reverse.locals,
        lambda n: n not in several and fixed_shape(n, single, kinds),
        ranks.scope,
        lambda stmt: session.written(stmt, ranks),
    )
    recorder = Recorder(
        events,
        session.source_line,
        ranks.scope(function.body[-1]),
        prepared.fresh,
        session.memory.classes(function, surely_arrays(kinds)),
        frozenset(p.name for p in function.params),
    )
    recorder.kinds = kinds
    recorder.nothing = frozenset(
        name
        for stmt in statements(function.body)
        if isinstance(stmt, Assign) and stmt.value == Const(None)
        for name in binds(stmt)
    )
    recorder.all_changes = frozenset().union(
        *(events.changed(s) | events.maybe_changed(s) for s in function.body)
    )
    recorder.guards.extend(reverse.guards)
    if session.stores and not entry:
        recorder.lent = frozenset(p.name for p in function.params)
    return recorder


def owned(
    session: Session,
    prepared: Prepared,
    reverse: Reverse,
    backward: Block,
    shared: frozenset[str],
    wanted: Sequence[str] | None,
    *,
    inner: bool,
) -> Block:
    """Copies where an adjoint that is added to in place would start as another's array: a seed, for one."""
    of_bar = {bar: name for name, bar in reverse.bars.items()}
    kinds = last_kinds(prepared.ranks)

    def kind(bar: str) -> Kind:
        if bar in of_bar:
            primal = kinds.get(of_bar[bar], UNKNOWN_NUMBER)
            none = isinstance(primal, Array) and primal.none
            return maybe_none(real(primal)) if none else real(primal)  # The adjoint of None is None.
        return reverse.temporaries[bar] if bar in reverse.temporaries else of_primal(kinds.get(bar, ANY))

    def is_scalar(bar: str) -> bool:
        found = kind(bar)
        return isinstance(found, Array) and found.rank == 0

    owners = {bar for bar in written_in_place(backward, session.shared_in) if not is_scalar(bar)}
    backward = with_copies(backward, kind, owners)
    if inner:  # What a caller of ours hands over is not always what the kinds say.
        backward = numbers_rebound(backward, {*map(reverse.bar, prepared.results)}, is_scalar)
    passed_in = {reverse.bar(n) for n in shared}
    changed = owners | resized(backward)
    copies = [
        Assign(target=Name(bar), value=copy_of(Name(bar), kind(bar), List))
        for bar in map(reverse.bar, prepared.results if wanted is None else wanted)
        if bar in changed and bar not in passed_in
    ]
    return (*copies, *backward)


def of_primal(kind: Kind) -> Kind:
    """The kind of a variable of the primal as far as it tells how to copy it: a number stays what it is."""
    return kind if isinstance(kind, Array) and kind.rank is not None and not kind.cell else ANY


def fixed_shape(name: str, single: set[str], kinds: Mapping[str, Kind]) -> bool:
    """Whether the shape of a variable can be asked for at any time: never of a list, which grows, nor of what
    nobody knows."""
    kind = kinds.get(name, ANY)
    if name in single:
        return isinstance(kind, (Array, Plain))
    return has_known_shape(kind) and "*" not in dtypes_in(kind)  # Who asks for a shape may look at the dtype.


def has_known_shape(kind: Kind) -> bool:
    """Whether every value that a name ever has is of one shape."""
    return isinstance(kind, Array) and not kind.none and kind.shape is not None and None not in kind.shape
