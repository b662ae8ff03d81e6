"""The rules that a user gives for his own functions, as the sweeps of their callers use them.

    custom_vjp   y, f_kept = f_fwd(x)              forward       (x_part,) = f_bwd(f_kept, y_bar)    backward
    custom_jvp   (y, y_dot) = f_jvp((x,), (x_dot,))    forward mode

The tangent that `f_jvp` makes is linear in `x_dot`: in reverse mode its adjoint is that of `f_jvp` with
respect to the tangents, at zero. What a rule gives may share the memory of what it is given, and is copied
where that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from adtrans.compiler.functions import canonical_kinds, returned
from adtrans.compiler.session import Session
from adtrans.errors import Diagnostic
from adtrans.forward import TangentCallee
from adtrans.ir import Assign, Call, Custom, Function, Name, Return, Tuple
from adtrans.kinds import ANY, NONE, Array, Kind, TupleOf, may_vary
from adtrans.ownership import copy_of
from adtrans.reverse.tree import ByRule, Callee, CalleeFor
from adtrans.reverse.zeros import real
from adtrans.walk import names

HELP = "write the rule as JAX has it; see `adtrans explain AD246`"


class Unfit(Exception):
    """A rule that cannot be used for a call: the message says why."""


def require(session: Session, call: Call, custom: Custom, active: Sequence[bool]) -> None:
    """Refuse what is no derivative of numbers and arrays alone."""
    function = session.core[call.fn]
    for k in custom.nondiff:
        if active[k]:
            raise Unfit(f"its argument `{function.params[k].name}` varies, and is one of `nondiff_argnums`")
    for path in (call.fn, *custom.functions):
        if session.memory.mutated[path]:
            k = min(session.memory.mutated[path])
            name = session.core[path].params[k].name
            raise Unfit(f"`{session.core[path].name}` writes into its argument `{name}`")


def refusal(session: Session, call: Call, why: object) -> Diagnostic:
    name = session.core[call.fn].name
    return Diagnostic(
        "AD246", f"`{name}` has a derivative rule that cannot be used here: {why}", call.span, HELP
    )


# ------------------------------------------------------------------- reverse mode


def callee(
    session: Session,
    pairs: CalleeFor,
    custom: Custom,
    call: Call,
    kinds: tuple[Kind, ...],
    active: tuple[bool, ...],
    wanted: tuple[bool, ...],
) -> Callee:
    """How the rule is used for a call in reverse mode."""
    key = (call.fn, "rule", canonical_kinds(kinds), active, wanted)
    if key not in session.pairs:
        try:
            require(session, call, custom, active)
            make = by_vjp if custom.form == "vjp" else by_jvp
            session.pairs[key] = make(session, pairs, custom, call, kinds, active, wanted)
        except Unfit as why:
            session.report.append(refusal(session, call, why))
            session.pairs[key] = Callee(call.fn, call.fn, False, (), (), (), (), (), ())
    return session.pairs[key]


def by_vjp(
    session: Session,
    pairs: CalleeFor,
    custom: Custom,
    call: Call,
    kinds: tuple[Kind, ...],
    active: tuple[bool, ...],
    wanted: tuple[bool, ...],
) -> Callee:
    """`f_fwd` and `f_bwd` as they are."""
    function = session.core[call.fn]
    forward, backward = custom.functions
    whole = session.inference.call(forward, kinds) or ANY
    value = session.inference.call(call.fn, kinds) or ANY
    if isinstance(whole, TupleOf) and len(whole.elems) != 2:
        raise Unfit(f"`{session.core[forward].name}` must return the value and the residuals")
    if isinstance(whole, Array):
        raise Unfit(f"`{session.core[forward].name}` must return the value and the residuals, a tuple of two")
    if isinstance(whole, TupleOf):
        alike(whole.elems[0], value, f"the value of `{session.core[forward].name}`")
    kept = whole.elems[1] if isinstance(whole, TupleOf) else ANY
    differentiable = tuple(k for k in range(len(kinds)) if k not in custom.nondiff)
    given = (*(kinds[k] for k in custom.nondiff), kept, real(value))
    bars = session.inference.call(backward, given) or ANY
    name = session.core[backward].name
    if isinstance(bars, TupleOf) or (isinstance(bars, Array) and bars.rank is not None):
        count = len(bars.elems) if isinstance(bars, TupleOf) else 0
        if count != len(differentiable):
            words = f"a tuple of {len(differentiable)} adjoints, one for each argument"
            raise Unfit(f"`{name}` must return {words}")
    elems = bars.elems if isinstance(bars, TupleOf) else (ANY,) * len(differentiable)
    for k, kind in zip(differentiable, elems, strict=True):
        if active[k] and kind != NONE:
            alike(kind, real(kinds[k]), f"the adjoint of `{function.params[k].name}` that `{name}` returns")
    returning = tuple(k for k, kind in zip(differentiable, elems, strict=True) if active[k] and kind != NONE)
    return Callee(
        forward=with_own_residuals(session, forward, kept),
        backward=backward,
        keeps=True,
        needs=custom.nondiff,
        results=tuple(range(len(wanted))),
        shared=(),
        returned=returning,
        params=tuple(p.name for p in function.params),
        writes=(),
        rule=ByRule("vjp", differentiable, lent(session, backward)),
    )


def by_jvp(
    session: Session,
    pairs: CalleeFor,
    custom: Custom,
    call: Call,
    kinds: tuple[Kind, ...],
    active: tuple[bool, ...],
    wanted: tuple[bool, ...],
) -> Callee:
    """The pair of `f_jvp` for its tangents: of its results only the tangents are differentiated."""
    function, (path,) = session.core[call.fn], custom.functions
    differentiable = tuple(k for k in range(len(kinds)) if k not in custom.nondiff)
    given = jvp_kinds(session, custom, call, kinds)
    nondiff = tuple(Name(f"nondiff{k}") for k in custom.nondiff)
    inner_call = Call(path, (*nondiff, Name("primals"), Name("tangents")), span=call.span)
    inner_active = (*(False for _ in nondiff), False, True)
    inner = pairs(inner_call, given, inner_active, (*(False for _ in wanted), *wanted))
    return replace(
        inner,
        results=tuple(k - len(wanted) for k in inner.results),
        returned=tuple(k for k in differentiable if active[k]) if inner.returned else (),
        params=tuple(p.name for p in function.params),
        rule=ByRule("jvp", differentiable, frozenset(), custom.nondiff, inner.needs),
    )


def jvp_kinds(session: Session, custom: Custom, call: Call, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """The kinds of the arguments of `f_jvp`; refused if it does not return a value and a tangent like it."""
    (path,) = custom.functions
    primals = tuple(k for n, k in enumerate(kinds) if n not in custom.nondiff)
    tangents = TupleOf(tuple(real(k) if may_vary(k) else k for k in primals))
    given = (*(kinds[k] for k in custom.nondiff), TupleOf(primals), tangents)
    whole, value = session.inference.call(path, given) or ANY, session.inference.call(call.fn, kinds) or ANY
    name, own = session.core[path].name, session.core[call.fn]
    count = len(returned(own))
    if (
        not isinstance(whole, TupleOf)
        or len(whole.elems) != 2
        or len(returned(session.core[path])) != 2 * count
    ):
        raise Unfit(
            f"`{name}` must return a pair, the value and its tangent, each as `{own.name}` returns it"
        )
    alike(whole.elems[0], value, f"the value that `{name}` returns")
    alike(whole.elems[1], real(value), f"the tangent that `{name}` returns")
    return given


def alike(one: Kind, other: Kind, what: str) -> None:
    """Refuse two ranks of which one would be broadcast."""
    if isinstance(one, TupleOf) and isinstance(other, TupleOf):
        if len(one.elems) != len(other.elems):
            raise Unfit(f"{what} has {len(one.elems)} parts instead of {len(other.elems)}")
        for a, b in zip(one.elems, other.elems, strict=True):
            alike(a, b, what)
    ranks = (one.rank, other.rank) if isinstance(one, Array) and isinstance(other, Array) else (None, None)
    if None not in ranks and ranks[0] != ranks[1]:
        raise Unfit(f"{what} is of rank {ranks[0]}, and must be of rank {ranks[1]}")


# ------------------------------------------------------------------- forward mode


def tangent(
    session: Session, custom: Custom, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]
) -> TangentCallee:
    """How the rule is used for a call in forward mode."""
    varied = (True,) * len(returned(session.core[call.fn]))
    try:
        require(session, call, custom, active)
        if custom.form == "vjp":
            raise Unfit("`custom_vjp` is for reverse mode alone; `custom_jvp` serves both")
        jvp_kinds(session, custom, call, kinds)
    except Unfit as why:
        session.report.append(refusal(session, call, why))
        return TangentCallee(call.fn, varied)
    (path,) = custom.functions
    lent = session.stores and bool(sharing(session, path, lambda f: returned(f)[len(varied) :]))
    return TangentCallee(path, varied, True, custom.nondiff, lent)


# ------------------------------------------------------------------- memory


def sharing(session: Session, path: str, wanted: Callable[[Function], Sequence[str]]) -> frozenset[int]:
    """Those of some results of a function that may share memory with its arguments, or with each other."""
    function = session.core[path]
    classes = session.memory.classes(function)
    own = list(wanted(function))
    others = {p.name for p in function.params} | set(returned(function))
    return frozenset(
        k
        for k, name in enumerate(own)
        if ({name, *classes.get(name, ())} & (others - {name})) or name in {p.name for p in function.params}
    )


def lent(session: Session, path: str) -> frozenset[int]:
    """The results of `f_bwd` that may be the seed itself, or twice the same array."""
    return sharing(session, path, returned)


def with_own_residuals(session: Session, path: str, kept: Kind) -> str:
    """`f_fwd`; where arrays are written into, and residuals may share memory with others, a function that
    copies them."""
    if not session.stores or not sharing(session, path, residuals):
        return path
    key = (path, "residuals", kept)
    if key not in session.made:
        function = session.program.original(path) or session.core[path]
        name = session.taken.fresh(f"{function.name}_kept")
        params = tuple(replace(p, default=None, annotation=None) for p in function.params)
        args = tuple(Name(p.name) for p in params)
        value, residual = Name("value"), Name("residuals")
        body = (
            Assign(target=Tuple((value, residual)), value=Call(path, args)),
            Return(value=Tuple((value, copy_of(residual, kept)))),
        )
        doc = f"`{function.name}` with residuals that nobody else writes into."
        session.functions.append(Function(name, name, params, body, doc=doc))
        session.made[key] = name
        session.memory.mutated[name] = frozenset()
    return session.made[key]


def residuals(function: Function) -> list[str]:
    """The names that make up what `f_fwd` keeps."""
    last = function.body[-1]
    if isinstance(last, Return) and isinstance(last.value, Tuple) and len(last.value.elts) == 2:
        return sorted(names(last.value.elts[1]))
    return list(returned(function))
