"""The derivative of the entry of a program: `f_vjp`, `f_jvp`, or the pair `f_fwd`, `f_bwd`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adtrans.analyses.ranks import last_kinds
from adtrans.compiler import header
from adtrans.compiler.functions import as_returned, free_names, unbound_after
from adtrans.compiler.layout import ordered, spaced
from adtrans.compiler.pairs import Pairs
from adtrans.compiler.residuals import argument_copy, out_statements, refreshed, without_value
from adtrans.compiler.session import Session
from adtrans.compiler.sweeps import Sweeps, sweeps
from adtrans.compiler.tangents import Tangents
from adtrans.ir import Assign, Const, Expr, Function, Name, Note, Param, Return, Stmt, Tuple
from adtrans.kinds import ANY, FLOAT, HOLDERS, Array, Kind, dtypes_in
from adtrans.precision import SINGLE, as_double, as_single, is_double, narrowed, narrows, precise
from adtrans.reverse.zeros import real
from adtrans.structures import as_given
from adtrans.tidy import tidy


@dataclass(frozen=True, slots=True)
class Entry:
    """What to derive: the entry, the kinds of its parameters, and the names on both ends.

    `wrt` are the inputs and `wanted` the results that are differentiated; `mutated` are the parameters
    that the function writes into.
    """

    function: Function
    signature: Mapping[str, Kind]
    wrt: tuple[str, ...]
    wanted: tuple[str, ...]
    mutated: tuple[str, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(self.signature.values())


@dataclass(frozen=True, slots=True)
class Made:
    """A derivative of the entry; `forward` and `backward` name the pair if it was split."""

    name: str
    title: str
    facts: header.Facts
    results: tuple[str, ...]
    kind: Kind
    forward: str = ""
    backward: str = ""


def reverse(session: Session, entry: Entry, *, split: bool) -> Made:
    """The adjoint: one function, or two if it is split."""
    callee = Pairs(session).of
    made = sweeps(
        session, callee, entry.function, entry.kinds, entry.wrt, entry.wanted, frozenset(), entry=True
    )
    bars = [
        as_given(bar, entry.signature[n])
        for n, bar in zip(entry.wrt, in_precision(session, made, entry), strict=True)
    ]
    bar_value: Expr = bars[0] if len(bars) == 1 else Tuple(tuple(bars))
    write = pair if split else single
    names = write(session, entry, made, bar_value)
    return Made(
        names[0],
        header.title("Adjoint", session.program),
        (
            *header.activity(session, entry.wrt, made.prepared.activity),
            ("Recorded", made.recorder.described()),
        ),
        made.prepared.results,
        made.prepared.ranks.result,
        *names[1:],
    )


def single(session: Session, entry: Entry, made: Sweeps, bar_value: Expr) -> tuple[str]:
    """`f_vjp(x, n, y_bar=1.0) -> (value, x_bar)`."""
    name = session.taken.fresh(f"{entry.function.name}_vjp")
    body = [
        Note(words="Forward sweep."),
        *(argument_copy(n, entry.signature[n]) for n in entry.mutated),
        *made.forward,
        *out_statements(made.recorder, made.forward),
        Note(words="Backward sweep.", blank_before=True),
        *spaced(made.backward),
        Return(value=Tuple((as_returned(entry.function, made.out), bar_value)), blank_before=True),
    ]
    params = ordered((*entry.function.params, *seeds(entry, made)))
    doc = header.reverse_doc(made, entry.wrt, entry.wanted)
    path = f"{entry.function.path.rpartition('.')[0]}.{name}"
    session.functions.append(
        tidy(Function(name, path, params, tuple(body), doc=doc, span=entry.function.span))
    )
    return (name,)


def pair(session: Session, entry: Entry, made: Sweeps, bar_value: Expr) -> tuple[str, str, str]:
    """`f_fwd -> (value, residuals)` and `f_bwd(residuals, y_bar)`, which may be called many times."""
    function, base = entry.function, entry.function.name
    forward, backward = session.taken.fresh(f"{base}_fwd"), session.taken.fresh(f"{base}_bwd")
    given = seeds(entry, made)
    kept = [n for n in free_names(made.backward) if n not in {p.name for p in given}]
    unbound = unbound_after(kept, made.forward, function)
    kept_names = Tuple(tuple(map(Name, kept)))
    body: list[Stmt] = [
        *(without_value(n, made.recorder) for n in unbound),
        *(argument_copy(n, entry.signature[n]) for n in entry.mutated),
        *made.forward,
        *out_statements(made.recorder, made.forward),
        Return(value=Tuple((as_returned(function, made.out), kept_names)), blank_before=True),
    ]
    doc = f"Return the value of `{base}` and what `{backward}` needs."
    session.functions.append(
        tidy(Function(forward, f"{function.path}_fwd", ordered(function.params), tuple(body), doc=doc))
    )
    residuals = made.prepared.fresh.fresh("residuals")
    back: list[Stmt] = [
        *([Assign(target=kept_names, value=Name(residuals))] if kept else []),
        *refreshed(session, made.recorder, kept, unbound, made.backward),
        *spaced(made.backward),
        Return(value=bar_value, blank_before=True),
    ]
    inputs = ", ".join(map(made.reverse.bar, entry.wrt))
    doc = f"Return {inputs}; may be called many times for one `{forward}`."
    params = (Param(residuals), *given)
    session.functions.append(tidy(Function(backward, f"{function.path}_bwd", params, tuple(back), doc=doc)))
    return forward, forward, backward


def seeds(entry: Entry, made: Sweeps) -> list[Param]:
    """The adjoints of the results; a single one of a number, as far as is known, is 1 by default."""
    known = last_kinds(made.prepared.ranks)
    one = len(entry.wanted) == 1 and scalar_or_unknown(known.get(entry.wanted[0], ANY))
    return [Param(made.reverse.bar(n), default=Const(1.0) if one else None) for n in entry.wanted]


def scalar_or_unknown(kind: Kind) -> bool:
    return not kind.rank if isinstance(kind, Array) else not isinstance(kind, HOLDERS)


def in_precision(session: Session, made: Sweeps, entry: Entry) -> list[Expr]:
    """The adjoints of the inputs, each in the dtype of its input."""
    reverse = made.reverse
    bars = [Name(reverse.bar(n)) for n in entry.wrt]
    kinds: dict[str, Kind] = {**last_kinds(made.prepared.ranks), **reverse.temporaries}
    singles = SINGLE.keys() & frozenset().union(*map(dtypes_in, (*kinds.values(), *entry.kinds)))
    if not singles and not any(map(narrows, session.core.values())):
        return [*bars]
    kinds.update({bar: real(kinds.get(name, ANY)) for name, bar in reverse.bars.items()})
    found = precise(made.backward, kinds | plain_seeds(entry, made, kinds), session.inference.scope)
    narrow = narrowed(made.backward, kinds, session.inference.scope)

    def exact(bar: Name, kind: Kind) -> Expr:
        return as_double(bar, kind, narrow) if is_double(kind) else as_single(bar, kind, found)

    return [exact(bar, entry.signature[n]) for n, bar in zip(entry.wrt, bars, strict=True)]


def plain_seeds(entry: Entry, made: Sweeps, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """The seeds of numbers may be Python's, as their default is: with a mask they make float64."""
    bars = [made.reverse.bar(name) for name in entry.wanted]
    known = ((bar, kinds.get(bar, ANY)) for bar in bars)
    return {
        bar: FLOAT for bar, kind in known if isinstance(kind, Array) and kind.rank == 0 and kind.dtype == "f4"
    }


def forward(session: Session, entry: Entry) -> Made:
    """The tangent: `f_jvp(x, n, x_dot) -> (value, value_dot)`."""
    name = session.taken.fresh(f"{entry.function.name}_jvp")
    work = Tangents(session)
    made = work.sweep(entry.function, entry.kinds, entry.wrt, entry.wanted, copy=entry.mutated)
    new = work.function(entry.function, name, made, entry.wrt, entry.wanted, all_results=True)
    dots = new.params[len(entry.function.params) :]
    session.functions.append(
        replace(
            new,
            path=f"{entry.function.path.rpartition('.')[0]}.{name}",
            params=ordered((*entry.function.params, *dots)),
            doc=header.forward_doc(made, entry.wrt, entry.wanted),
        )
    )
    return Made(
        name,
        header.title("Tangent", session.program),
        header.activity(session, entry.wrt, made.prepared.activity),
        made.prepared.results,
        made.prepared.ranks.result,
    )
