"""Facts of a function in core form that need no analysis: what it returns, calls, binds and reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from adtrans.analyses.binding import bound_after
from adtrans.analyses.events import own_reads
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Name,
    Return,
    Stmt,
    Tuple,
    While,
)
from adtrans.kinds import Array, Kind, map_parts
from adtrans.names import Names
from adtrans.prepare import all_names
from adtrans.walk import binds, blocks, expressions, names, statements, subexpressions, substitute


def returned(function: Function) -> tuple[str, ...]:
    """The names that a function in core form returns."""
    last = function.body[-1] if function.body else None
    if not isinstance(last, Return) or last.value is None:
        return ()
    return tuple(n.id for n in flat_names(last.value))


def results_apart(function: Function, taken: Collection[str]) -> Function:
    """A result that is one of the names `taken` gets a name of its own: what the caller adds to its adjoint
    is not yet in that of the argument."""
    last = function.body[-1]
    assert isinstance(last, Return) and last.value is not None
    names = Names(all_names(function))
    apart = {n: Name(names.fresh(f"{n}_out")) for n in dict.fromkeys(returned(function)) if n in taken}
    aliases = [Assign(target=new, value=Name(old), span=last.span) for old, new in apart.items()]
    body = (*function.body[:-1], *aliases, replace(last, text=None, value=substitute(last.value, apart)))
    return replace(function, body=body) if apart else function


def as_returned(function: Function, values: tuple[Expr, ...]) -> Expr:
    """What stands for the results of a function: a tuple where it returns one, be it of one element."""
    last = function.body[-1]
    match last:
        case Return(value=Name()):
            return values[0]
        case Return(value=Tuple() as whole):
            return replace(whole, elts=values)
    return Tuple(values)


def flat_names(expr: Expr) -> list[Name]:
    if isinstance(expr, Name):
        return [expr]
    return [n for e in expr.elts for n in flat_names(e)] if isinstance(expr, Tuple) else []


def calls(block: Block) -> list[Call]:
    """All calls in a block."""
    return [
        e for s in statements(block) for x in expressions(s) for e in subexpressions(x) if isinstance(e, Call)
    ]


def handed(block: Block) -> list[str]:
    """The functions that are given to others."""
    nodes = (e for s in statements(block) for x in expressions(s) for e in subexpressions(x))
    return [e.function for e in nodes if isinstance(e, Global) and e.function]


def reachable(core: Mapping[str, Function], start: str) -> set[str]:
    """The user functions that a function calls, directly or not."""
    found: set[str] = set()
    stack = [start]
    while stack:
        for call in calls(core[stack.pop()].body):
            if call.fn in core and call.fn not in found:
                found.add(call.fn)
                stack.append(call.fn)
    return found


def rebound_params(function: Function, kinds: tuple[Kind, ...]) -> set[str]:
    """Parameters that a function binds anew: their value on entry is lost. `x += e` writes into an array."""
    params = {p.name for p in function.params}
    arrays = {p.name for p, k in zip(function.params, kinds, strict=True) if isinstance(k, Array) and k.rank}
    found: set[str] = set()
    for stmt in statements(function.body):
        if not isinstance(stmt, AugAssign):
            found |= binds(stmt) & params
        elif isinstance(stmt.target, Name):
            found |= {stmt.target.id} & params - arrays
    return found


def stored_into(function: Function) -> set[str]:
    """The names whose elements a function assigns: they are arrays, whatever their rank."""
    targets = [s.target for s in statements(function.body) if isinstance(s, (Assign, AugAssign))]
    return {t.base.id for t in targets if isinstance(t, Index) and isinstance(t.base, Name)}


def single_bindings(function: Function) -> set[str]:
    """The names that are bound once, outside of loops: their shape is the same wherever they exist."""
    counts: dict[str, int] = {p.name: 1 for p in function.params}

    def count(block: Block, weight: int) -> None:
        for stmt in block:
            if not isinstance(stmt, AugAssign):
                for name in binds(stmt):
                    counts[name] = counts.get(name, 0) + weight
            elif isinstance(stmt.target, Name):
                counts[stmt.target.id] = counts.get(stmt.target.id, 0) + 1
            inner = 2 if isinstance(stmt, (For, While)) else weight
            for sub in blocks(stmt):
                count(sub, inner)

    count(function.body, 1)
    return {name for name, n in counts.items() if n == 1}


def free_names(block: Block) -> list[str]:
    """The names that a block may read before it has bound them, in order of appearance."""
    free: dict[str, None] = {}

    def walk(block: Block, bound: set[str]) -> None:
        for stmt in block:
            for expr in read_by(stmt):
                free.update(dict.fromkeys(name for name in sorted(names(expr)) if name not in bound))
            inner = [bound | binds(stmt) for _ in blocks(stmt)]
            for sub, own in zip(blocks(stmt), inner, strict=True):
                walk(sub, own)
            if not inner:
                bound |= binds(stmt)
            elif isinstance(stmt, If):
                bound |= set.intersection(*inner)

    walk(block, set())
    return list(free)


def read_by(stmt: Stmt) -> list[Expr]:
    """What a statement reads itself: of a target what is written into, which must be there."""
    found = [*own_reads(stmt)]
    if isinstance(stmt, AugAssign) or (isinstance(stmt, Assign) and isinstance(stmt.target, Index)):
        found.append(stmt.target)
    return found


def surely_arrays(kinds: Mapping[str, Kind]) -> set[str]:
    """The names that are never bound to anything but arrays."""
    return {name for name, kind in kinds.items() if isinstance(kind, Array)}


def canonical_kinds(kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Kinds with the names of dimensions made independent of the caller."""
    table: dict[str, str] = {}

    def canonical(kind: Kind) -> Kind:
        match kind:
            case Array(dtype=dtype, shape=shape, python=python) if shape is not None:
                dims = tuple(
                    (None if "-" in d else table.setdefault(d, f"d{len(table)}")) if isinstance(d, str) else d
                    for d in shape
                )
                return replace(kind, shape=dims, python=python and dtype != "f8", like=None)
        return map_parts(kind, canonical)

    return tuple(map(canonical, kinds))


def unbound_after(wanted: Iterable[str], block: Block, function: Function) -> list[str]:
    """Those of the names that some path through a block leaves without a value."""
    there = bound_after(block, function)
    return [name for name in wanted if name not in there]
