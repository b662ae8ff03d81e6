"""`B[:, 2] = B[1]`: of one axis, NumPy copies entry by entry, and may read what it has just written.

It goes the right way round where source and target are as far apart everywhere (`u[1:] = u[:-1]`), and takes
a copy where they run in opposite directions or have several axes. What is left depends on the order of the
entries (`raw_array_assign_array` in NumPy's `array_assign_array.c`); the sweeps take it for a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from adtrans.analyses.activity import Activity
from adtrans.analyses.expressions import Scope
from adtrans.analyses.memory import Memory
from adtrans.analyses.ranks import Ranks, last_kinds
from adtrans.errors import Diagnostic
from adtrans.ir import (
    Assign,
    Attr,
    Call,
    Const,
    Expr,
    ExprStmt,
    Function,
    Index,
    Name,
    Op,
    Slice,
    Stmt,
)
from adtrans.kinds import Array, is_number
from adtrans.places import ALL, advanced, indices
from adtrans.sharing import may_view
from adtrans.walk import root, statements


def overlaps(function: Function, ranks: Ranks, activity: Activity, memory: Memory) -> Iterator[Diagnostic]:
    """A refusal for each copy of a part of an array into a part of it that is spread out in another way."""
    found = list(copies(function, ranks, activity))
    if not found:
        return
    arrays = {name for name, kind in last_kinds(ranks).items() if isinstance(kind, Array)}
    classes, views = memory.classes(function, arrays), views_by_name(function, ranks)
    for stmt, name, target, value in found:
        shared = may_view(value, memory.viewed) & classes.get(name, frozenset((name,)))
        if shared and not alike(resolved(target, views), resolved(value, views)):
            words = f"what is copied here overlaps `{name}`, and NumPy may read what it has just written"
            yield Diagnostic("AD401", words, stmt.span, help="copy a copy: `... = (...).copy()`")


def copies(function: Function, ranks: Ranks, activity: Activity) -> Iterator[tuple[Stmt, str, Expr, Expr]]:
    """The statements that copy from a view along one axis: the name written to, the place, the view."""
    for stmt in statements(function.body):
        target, value = copied(stmt)
        name = root(target)
        if name is None or name.id not in activity.ever_varied or not is_view(value):
            continue
        scope = ranks.scope(stmt)
        if not one_axis(target, scope) or is_number(scope.kind(value)):
            continue
        if not picks(target, scope) and not picks(value, scope):  # NumPy takes a copy of these first.
            yield stmt, name.id, target, value


NOTHING = Const(None), Const(None)


def copied(stmt: Stmt) -> tuple[Expr, Expr]:
    """Where a statement copies to, and what."""
    match stmt:
        case Assign(target=Index() as target, value=value):
            return target, value
        case ExprStmt(value=Call(fn="numpy.copyto", args=(target, value, *_))):
            return target, value
    return NOTHING


def is_view(value: Expr) -> bool:
    """Whether an expression may be a view: what is computed is an array of its own."""
    match value:
        case Attr(name=name):
            return name == "T"
        case Index(base=base):
            return is_view(base)
        case Call(fn=fn):
            return fn.startswith("numpy.") and bool(may_view(value, {}))
    return isinstance(value, Name)


def one_axis(target: Expr, scope: Scope) -> bool:
    kind = scope.kind(target)
    return not isinstance(kind, Array) or kind.rank in (1, None)


def picks(value: Expr, scope: Scope) -> bool:
    """Whether a part is taken by a list of places or by a mask: that is a copy."""
    return isinstance(value, Index) and (advanced(value.index, scope) is True or picks(value.base, scope))


def views_by_name(function: Function, ranks: Ranks) -> dict[str, Expr]:
    """The views that have a name, which nothing else has."""
    found: dict[str, list[Expr | None]] = {}
    for stmt in statements(function.body):
        match stmt:
            case Assign(target=Name(id=name), value=value):
                view = isinstance(value, Index | Attr | Name) and is_view(value)
                view = view and not picks(value, ranks.scope(stmt))
                found.setdefault(name, []).append(value if view else None)
    return {name: found[0] for name, found in found.items() if len(found) == 1 and found[0] is not None}


def canonical(expr: Expr, views: Mapping[str, Expr]) -> Expr:
    """A view by the array that it is of: `x[:]`, where `x = B[1]`, is `B[1]`."""
    seen: set[str] = set()
    while True:
        match expr:
            case Index(base=base, index=index) if all(map(is_whole, indices(index))):
                expr = base
            case Attr(base=Attr(base=base, name="T"), name="T"):
                expr = base
            case Name(id=name) if name in views and name not in seen:
                seen.add(name)
                expr = views[name]
            case _:
                return expr


def resolved(expr: Expr, views: Mapping[str, Expr]) -> Expr:
    """The same, and of a part of a view by that of which it is one."""
    expr = canonical(expr, views)
    return replace(expr, base=canonical(expr.base, views)) if isinstance(expr, Index) else expr


def alike(target: Expr, value: Expr) -> bool:
    """Whether the entries of both are equally far apart, or NumPy takes a copy."""
    match target, value:
        case (Name(), Name()):
            return True  # As a whole.
        case (Index(base=one, index=a), Index(base=other, index=b)) if one == other or (
            isinstance(one, Name) and isinstance(other, Name)  # Two buffers that take turns.
        ):
            return alike_parts(trimmed(a), trimmed(b))
        case (Index(base=one, index=a), other) if one == other:
            return opposite(indices(a), ())
        case (one, Index(base=other, index=b)) if one == other:
            return opposite((), indices(b))
    return isinstance(target, Index) and isinstance(value, Name) and root(target) != value


def alike_parts(one: tuple[Expr, ...], other: tuple[Expr, ...]) -> bool:
    if opposite(one, other):
        return True
    return len(one) == len(other) and all(
        isinstance(a, Slice) == isinstance(b, Slice)
        and (not isinstance(a, Slice) or not isinstance(b, Slice) or step(a) == step(b))
        for a, b in zip(one, other, strict=True)
    )


def opposite(one: tuple[Expr, ...], other: tuple[Expr, ...]) -> bool:
    """Whether one of them runs backwards, and the other does not."""
    return backwards(one) != backwards(other)


def backwards(parts: tuple[Expr, ...]) -> bool:
    return any(isinstance(p, Slice) and isinstance(p.step, Op) and p.step.op == "neg" for p in parts)


def trimmed(index: Expr) -> tuple[Expr, ...]:
    """The subscripts, but for whole axes at the end."""
    parts = indices(index)
    while parts and is_whole(parts[-1]):
        parts = parts[:-1]
    return parts


def is_whole(part: Expr) -> bool:
    return part in (ALL, Const(...))


def step(part: Slice) -> Expr:
    return Const(1) if part.step is None or part.step == Const(None) else part.step
