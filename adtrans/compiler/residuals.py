"""What the forward sweep leaves for the backward sweep, and how it stays as it was.

Residuals may be used again: by a pullback that is called twice, and by a caller that differentiates the
backward sweep. What a sweep would use up or write into is copied first.
"""

from __future__ import annotations

from adtrans.analyses.binding import maybe_none, no_value
from adtrans.compiler.functions import calls
from adtrans.compiler.prepared import Prepared
from adtrans.compiler.session import Session
from adtrans.ir import Assign, Block, Call, Comprehension, Expr, List, Name, Stmt, Tuple
from adtrans.kinds import ANY, BOOL, Kind, ListOf
from adtrans.ownership import copy_of, written_deep
from adtrans.record.pieces import copy_of_value
from adtrans.record.sweeps import Recorder
from adtrans.sharing import may_view
from adtrans.walk import binds, changes, names, statements


def log_starts(recorder: Recorder) -> list[Stmt]:
    """Empty lists for what is recorded, and a value for what may not have one when it is recorded."""
    lists = [
        *recorder.logs.values(),
        *(name for name in recorder.tests.values() if name in recorder.test_lists),
    ]
    starts: list[Stmt] = [Assign(target=Name(log), value=List(())) for log in lists]
    return starts + [without_value(name, recorder) for name in recorder.guards]


def results_kept(
    session: Session, prepared: Prepared, recorder: Recorder, backward: Block
) -> tuple[Expr, ...]:
    """The results under names that the backward sweep does not touch."""
    rebound = {n for s in statements(backward) for n in binds(s)}
    changed = recorder.restored_in_place | {
        n for s in statements(prepared.function.body) for n in session.written(s, prepared.ranks)
    }
    out: list[Expr] = []
    for name in prepared.results:
        if name not in rebound and name not in changed:
            out.append(Name(name))
            continue
        recorder.outs[name] = prepared.fresh.fresh(f"{name}_out")
        out.append(Name(recorder.outs[name]))
    recorder.copied_outs = frozenset(n for n in recorder.outs if n in changed)
    return tuple(out)


def out_statements(recorder: Recorder, forward: Block) -> list[Stmt]:
    """`y_out = y` at the end of the forward sweep, for results that the backward sweep touches."""
    lines: list[Stmt] = []
    for name, out in recorder.outs.items():
        value: Expr = Name(name)
        if name in recorder.copied_outs:
            kind = recorder.kinds.get(name, ANY)
            value = copy_of(value, kind)
            whole = isinstance(kind, ListOf) or (isinstance(value, Call) and value.fn == COPIED)
            if whole and not is_list(name, forward):
                value = Call(f"{COPIED}_result", (Name(name),))
        lines.append(Assign(target=Name(out), value=value))
    return lines


COPIED = "adtrans.support.copied"


def is_list(name: str, block: Block) -> bool:
    """Whether a variable is only ever a list: what is called one may be a tuple of any length."""
    values = [s.value for s in statements(block) if isinstance(s, Assign) and s.target == Name(name)]
    return bool(values) and all(
        isinstance(v, List | Comprehension) or (isinstance(v, Call) and v.fn in LISTS) for v in values
    )


LISTS = frozenset({"builtins.list", "builtins.sorted"})


def without_value(name: str, recorder: Recorder) -> Stmt:
    """What a variable is that may not get a value."""
    return Assign(target=Name(name), value=no_value(recorder.kinds.get(name, ANY)))


def refreshed(
    session: Session, recorder: Recorder, kept: list[str], unbound: list[str], backward: Block
) -> list[Stmt]:
    """Copies, at the start of a backward sweep, of those residuals that it uses up or writes into."""
    used_up = touched(session, backward)
    deep = held(backward, used_up) | written_deep(backward) | restored_by_callees(session, backward)
    return [
        Assign(target=Name(n), value=fresh(n, recorder, n in deep, n in unbound))
        for n in kept
        if n in used_up | deep
    ]


def touched(session: Session, block: Block) -> set[str]:
    """The names whose contents a backward sweep changes: lists it empties, arrays that it or a callee's
    backward sweep restores."""
    return {n for s in statements(block) for n in changes(s)} | restored_by_callees(session, block)


def restored_by_callees(session: Session, block: Block) -> set[str]:
    """The arguments of callees' backward sweeps that these bring back to what they were."""
    found: set[str] = set()
    writes = {callee.backward: callee.writes for callee in session.pairs.values()}
    for call in calls(block):
        for k in writes.get(call.fn, ()):
            found |= names(call.args[k])
    return found


def held(block: Block, touched: set[str]) -> set[str]:
    """What the arrays that are written into are taken from: `y = y_kept`, `y = y_log.pop()`."""
    found = set(touched)
    taken = [
        (names(s.target), may_view(s.value, {}))
        for s in statements(block)
        if isinstance(s, Assign) and isinstance(s.target, (Name, Tuple))
    ]
    while True:
        more = frozenset().union(*(source for target, source in taken if target & found)) - found
        if not more:
            return found - touched | {n for target, source in taken if target & found for n in source}
        found |= more


def fresh(name: str, recorder: Recorder, deep: bool, unbound: bool) -> Expr:
    """`list(y_log)`, or what copies a value of another kind; `deep` where arrays in it are written into."""
    kind = recorder.kinds.get(name, ANY)
    logged = next((n for n, log in recorder.logs.items() if log == name), None)
    if logged is not None:
        kind = ListOf(recorder.kinds.get(logged, ANY))
    elif name in recorder.tests.values():
        kind = ListOf(BOOL)
    kept_once = next((n for (_, n), kept in recorder.kept.items() if kept == name), None)
    if kept_once is not None:
        kind = recorder.kinds.get(kept_once, ANY)
    if isinstance(kind, ListOf) and unbound and kept_once is not None:
        return Call("adtrans.support.copied", (Name(name),))  # It is None where nothing was kept.
    if isinstance(kind, ListOf):
        return copy_of_value(Name(name), kind, deep=deep)
    return copy_of(Name(name), maybe_none(kind) if unbound or recorder.may_be_none(name) else kind)


def kept_copy(name: str, recorder: Recorder, unbound: bool) -> Expr:
    """A copy of what is kept, which may be None."""
    kind = recorder.kinds.get(name, ANY)
    return copy_of(Name(name), maybe_none(kind) if unbound or recorder.may_be_none(name) else kind)


def argument_copy(name: str, kind: Kind) -> Stmt:
    """`x = x.copy()`: the caller's array stays as it is."""
    return Assign(target=Name(name), value=copy_of(Name(name), kind))
