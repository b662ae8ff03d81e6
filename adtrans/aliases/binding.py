"""What a new binding stands for: a place of the owner, `u[i]` for `row`."""

from __future__ import annotations

from dataclasses import replace

from adtrans.aliases.losing import Losing
from adtrans.analyses.expressions import Scope
from adtrans.ir import (
    Assign,
    Call,
    Const,
    Expr,
    Global,
    Index,
    Name,
    Op,
    Slice,
    Stmt,
    Tuple,
)
from adtrans.kinds import INT, Array, ListOf, is_number
from adtrans.places import composed, indices
from adtrans.walk import (
    binds,
    children,
    names,
    subexpressions,
    with_children,
)

PURE_VIEWS = frozenset(
    {
        "numpy.transpose",
        "numpy.matrix_transpose",
        "numpy.swapaxes",
        "numpy.moveaxis",
        "numpy.squeeze",
        "numpy.expand_dims",
        "numpy.flip",
        "numpy.flipud",
        "numpy.fliplr",
        "numpy.diagonal",
        "numpy.broadcast_to",
    }
)
"""Calls that give a view of any array, so that a later read sees what was written since."""


class Binding(Losing):
    """Finds the place that a value is."""

    __slots__ = ()

    def place_of(self, stmt: Stmt) -> Expr | None:
        """What a new binding stands for, if it is to be replaced."""
        match stmt:
            case Assign(target=Name(id=name), value=value) if name in self.wanted:
                scope = self.scope(stmt)
                kind = scope.kind(value)
                whole = isinstance(value, Name) and isinstance(kind, ListOf)
                if not whole and not (isinstance(kind, Array) and kind.rank):
                    return None
                lines: list[Stmt] = []
                place = self.place(value, stmt, scope, lines)
                if place is None or name in names(place) or names(place) & self.bound(stmt):
                    return None
                self.out += lines
                return self.own_index(stmt, name, place) if name in self.owned else place
        return None

    def own_index(self, stmt: Stmt, name: str, place: Expr) -> Expr:
        """The place with indices that only this name uses: `row_at = i`, and `u[row_at]`."""
        scope, lines = self.scope(stmt), list[Stmt]()

        def own(index: Expr) -> Expr:
            if isinstance(index, Tuple):
                return with_children(index, tuple(map(own, index.elts)))
            if isinstance(index, Slice):
                parts = (e if isinstance(e, Const) else own(e) for e in children(index))
                return with_children(index, tuple(parts))
            if not self.is_int(index, scope):
                return index
            new = self.made(name, str(len(lines)), f"{name}_at")
            lines.append(Assign(target=Name(new), value=index))
            return Name(new)

        def visit(expr: Expr) -> Expr:
            match expr:
                case Index(base=base, index=index):
                    return replace(expr, base=visit(base), index=own(index))
                case Call(args=(base, *rest)):
                    return replace(expr, args=(visit(base), *rest))
            return expr

        place = visit(place)
        bound = frozenset().union(*(binds(line) for line in lines))
        self.rebind(stmt, bound | {name}, self.live.after[stmt])
        self.kinds.update(dict.fromkeys(bound, INT))
        self.out += lines
        return place

    def place(self, value: Expr, stmt: Stmt, scope: Scope, lines: list[Stmt]) -> Expr | None:
        assert self.state is not None
        match value:
            case Name(id=name):
                return self.state.places.get(name, value)
            case Index(base=base, index=index):
                kind = scope.kind(base)
                if isinstance(kind, ListOf) and not self.is_int(index, scope):
                    return None
                if not isinstance(kind, (Array, ListOf)) or not all(
                    self.basic(i, scope) for i in indices(index)
                ):
                    return None
                inner = self.place(base, stmt, scope, lines)
                if inner is None:
                    return None
                return composed(inner, self.kept_index(index, stmt, scope, lines), scope)
            case Call(fn="numpy.asarray" | "numpy.asanyarray" | "numpy.real", args=(base,), kwargs=()):
                kind = scope.kind(base)
                real = isinstance(kind, Array) and kind.rank and kind.dtype in ("f8", "f4", "i")
                return self.place(base, stmt, scope, lines) if real else None
            case Call(fn=fn, args=(base, *rest), kwargs=kwargs) if fn in PURE_VIEWS:
                if any(map(names, rest)) or any(names(v) for _, v in kwargs):
                    return None
                if not isinstance(scope.kind(base), Array):
                    return None
                inner = self.place(base, stmt, scope, lines)
                return None if inner is None else replace(value, args=(inner, *rest))
        return None

    def basic(self, item: Expr, scope: Scope) -> bool:
        """Whether an index surely gives a view."""
        if isinstance(item, Slice):
            return True
        if isinstance(item, Const):
            return item.value is None or item.value is Ellipsis or type(item.value) is int
        return self.is_int(item, scope)

    def is_int(self, item: Expr, scope: Scope) -> bool:
        kind = scope.kind(item)
        return isinstance(kind, Array) and kind.rank == 0 and kind.dtype == "i"

    def kept_index(self, index: Expr, stmt: Stmt, scope: Scope, lines: list[Stmt]) -> Expr:
        """The index with names for what may have another value later."""
        match index:
            case Tuple() | Slice():
                parts = tuple(self.kept_index(e, stmt, scope, lines) for e in children(index))
                return with_children(index, parts)
        if all(
            isinstance(e, (Const, Global, Op)) or self.is_number_name(e, scope) for e in subexpressions(index)
        ):
            return index
        name = self.made(stmt, f"({len(lines)})", "place")
        self.kinds[name] = scope.kind(index)
        lines.append(Assign(target=Name(name), value=self.put(index, stmt)))
        return Name(name)

    def is_number_name(self, expr: Expr, scope: Scope) -> bool:
        return isinstance(expr, Name) and is_number(scope.kind(expr))
