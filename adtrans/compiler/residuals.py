"""What the forward sweep leaves for the backward sweep, and how it stays as it was.

Residuals may be used again: by a pullback that is called twice, and by a caller that differentiates the
backward sweep. What a sweep would use up or write into is copied first.
"""

from __future__ import annotations

from adtrans.analyses.binding import maybe_none, no_value
from adtrans.compiler.functions import calls
from adtrans.compiler.prepared import Prepared
from adtrans.compiler.session import Session
from adtrans.ir import Assign, Block, Call, Expr, List, Name, Stmt
from adtrans.kinds import ANY, Kind, ListOf
from adtrans.ownership import copy_of, written_deep
from adtrans.record import Recorder, copy_of_value
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


def out_statements(recorder: Recorder) -> list[Stmt]:
    """`y_out = y` at the end of the forward sweep, for results that the backward sweep touches."""
    lines: list[Stmt] = []
    for name, out in recorder.outs.items():
        value: Expr = Name(name)
        if name in recorder.copied_outs:
            value = copy_of(value, recorder.kinds.get(name, ANY))
        lines.append(Assign(target=Name(out), value=value))
    return lines


def without_value(name: str, recorder: Recorder) -> Stmt:
    """What a variable is that may not get a value."""
    return Assign(target=Name(name), value=no_value(recorder.kinds.get(name, ANY)))


def refreshed(
    session: Session, recorder: Recorder, kept: list[str], unbound: list[str], backward: Block
) -> list[Stmt]:
    """Copies, at the start of a backward sweep, of those residuals that it uses up or writes into."""
    used_up = touched(session, backward)
    return [copy_residual(n, recorder, backward, n in unbound) for n in kept if n in used_up]


def touched(session: Session, block: Block) -> set[str]:
    """The names whose contents a backward sweep changes: lists it empties, arrays that it or a callee's
    backward sweep restores."""
    found = {n for s in statements(block) for n in changes(s)}
    writes = {callee.backward: callee.writes for callee in session.pairs.values()}
    for call in calls(block):
        for k in writes.get(call.fn, ()):
            found |= names(call.args[k])
    return found


def copy_residual(name: str, recorder: Recorder, backward: Block, unbound: bool) -> Stmt:
    """`y_log = list(y_log)`, or what copies a value of another kind."""
    if name in recorder.logs.values() or name in recorder.tests.values():
        return Assign(target=Name(name), value=Call("builtins.list", (Name(name),), spelled="list"))
    kind = recorder.kinds.get(name, ANY)
    if isinstance(kind, ListOf) and name in written_deep(backward):
        return Assign(target=Name(name), value=copy_of_value(Name(name), kind, deep=True))
    return Assign(target=Name(name), value=kept_copy(name, recorder, unbound))


def kept_copy(name: str, recorder: Recorder, unbound: bool) -> Expr:
    """A copy of what is kept, which may be None."""
    kind = recorder.kinds.get(name, ANY)
    return copy_of(Name(name), maybe_none(kind) if unbound or recorder.may_be_none(name) else kind)


def argument_copy(name: str, kind: Kind) -> Stmt:
    """`x = x.copy()`: the caller's array stays as it is."""
    return Assign(target=Name(name), value=copy_of(Name(name), kind))
