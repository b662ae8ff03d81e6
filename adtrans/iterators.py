"""Iterators, which can be gone through only once: the backward sweep needs a list of what they gave.

before: pairs = itertools.combinations(range(n), 2)      after: pairs = itertools.combinations(range(n), 2)
        for i, j in pairs:                                      items = list(pairs)
            B                                                   for i, j in items:
                                                                    B

A loop that may end early leaves the rest of its iterator to others, and there may be no end to it: there
only an iterator that is made for this loop, and ends, becomes a list. Others are refused, if the loop has to
be run backwards. So is a loop that changes what its iterator reads on the way, or takes from it itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adtrans import ir, walk

OF_NUMPY = frozenset(f"numpy.{name}" for name in ("nditer", "ndenumerate", "ndindex", "broadcast"))
"""Calls of NumPy that give an iterator, not an array."""

WRAPPED = ("builtins.zip", "builtins.enumerate", "builtins.reversed")
FINITE = ("builtins.map", "builtins.filter", "builtins.iter", "builtins.set")
LISTS = frozenset(f"builtins.{name}" for name in ("range", "list", "tuple", "sorted"))
ENDLESS = ("?.itertools.count", "?.itertools.cycle", "?.itertools.repeat")

Bound = Mapping[str, Sequence[ir.Expr]]


def lasting(expr: ir.Expr, bound: Bound, seen: frozenset[str] = frozenset()) -> bool:
    """Whether something can be gone through again, and backwards, whatever it holds; `bound` are the values
    of the variables."""
    match expr:
        case ir.Name(id=name):
            values = bound.get(name, ()) if name not in seen else ()
            return all(lasting(value, bound, seen | {name}) for value in values)
        case ir.Opaque():
            return False
        case ir.Call(fn=fn):
            if fn.startswith("builtins."):
                return fn in LISTS
            return not fn.startswith("?.itertools.") and fn not in OF_NUMPY
        case ir.IfExp(then=then, orelse=orelse):
            return lasting(then, bound, seen) and lasting(orelse, bound, seen)
    return True


def values(function: ir.Function) -> Bound:
    """What the variables of a function are bound to, where that is an expression."""
    found: dict[str, list[ir.Expr]] = {}
    for stmt in walk.statements(function.body):
        if isinstance(stmt, ir.Assign) and isinstance(stmt.target, ir.Name):
            found.setdefault(stmt.target.id, []).append(stmt.value)
    return found


def in_head(expr: ir.Expr, bound: Bound) -> bool:
    """The same of what stands in the head of a loop: there `zip(xs, ys)` is made anew each time."""
    if isinstance(expr, ir.Call) and expr.fn in WRAPPED:
        return all(in_head(arg, bound) for arg in expr.args)
    return lasting(expr, bound)


def read_on_the_way(expr: ir.Expr, bound: Bound) -> frozenset[str]:
    """What is read while somebody goes through it: of an iterator all that it was made from."""
    found: set[str] = set()
    todo = set(walk.names(expr))
    while todo:
        name = todo.pop()
        found.add(name)
        for value in bound.get(name, ()):
            todo |= walk.names(value) - found if not lasting(value, bound) else set()
    return frozenset(found)


def gives_iterators(expr: ir.Expr, bound: Bound) -> bool:
    """Whether what it gives is used up when it goes on: a list would hold nothing but empty groups."""
    values = bound.get(expr.id, ()) if isinstance(expr, ir.Name) else (expr,)
    return any(isinstance(value, ir.Call) and value.fn == "?.itertools.groupby" for value in values)


def ends(expr: ir.Expr, bound: Bound, uses: Mapping[str, int]) -> bool:
    """Whether an iterator surely has an end, and nobody else takes anything from it."""
    match expr:
        case ir.Name(id=name):
            (value,) = bound.get(name, ()) if len(bound.get(name, ())) == 1 else (expr,)
            return value is not expr and uses[name] == 1 and ends(value, bound, uses)
        case ir.Call(fn=fn, args=args):
            known = fn in (*WRAPPED, *FINITE) or fn in OF_NUMPY
            known = known or (fn.startswith("?.itertools.") and fn not in ENDLESS)
            return known and all(lasting(arg, bound) or ends(arg, bound, uses) for arg in args)
        case ir.Opaque(why="a set display"):
            return True
    return False


def ends_early(body: ir.Block) -> bool:
    """Whether the body of a loop may leave it before its end."""
    for stmt in body:
        match stmt:
            case ir.Break() | ir.Return():
                return True
            case ir.For() | ir.While():
                inner = walk.statements((*stmt.body, *stmt.orelse))
                if any(isinstance(s, ir.Return) for s in inner) or ends_early(stmt.orelse):
                    return True
            case _:
                if any(ends_early(block) for block in walk.blocks(stmt)):
                    return True
    return False
