"""What is known of the things that loops run over: whether they can be indexed, and whether they vary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from adtrans import ir, kinds, walk
from adtrans.iterators import OF_NUMPY
from adtrans.kinds import Kind

LISTS = frozenset({"builtins.sorted", "builtins.list", "builtins.tuple"})
# Iterables that vary only if what they run over does.
CARRIERS = LISTS | {"builtins.zip", "builtins.enumerate", "builtins.reversed", "builtins.set"}
SHAPES = frozenset({"shape", "ndim", "size", "dtype"})

# Stand-ins for values of which only this much is known.
SOMETHING = ir.Index(ir.Const(None), ir.Const(0))
ANYTHING = ir.Opaque("", ())
INTEGER = ir.Const(0)


class Sequences:
    """Facts about the names of one function, from all the places where they are bound."""

    def __init__(self, function: ir.Function, known: Mapping[str, Kind], user: Collection[str] = ()) -> None:
        self.user = user
        self.bound: dict[str, list[ir.Expr]] = {}
        for stmt in walk.statements(function.body):
            for name, value in bindings(stmt):
                self.bound.setdefault(name, []).append(value)
        self.params = {p.name: known.get(p.name, kinds.ANY) for p in function.params}

    def is_indexable(self, expr: ir.Expr) -> bool:
        """Whether `len(e)` and `e[i]` surely mean what iterating over `e` does. A parameter of which
        nothing is known is taken for an array."""
        return self.indexable(expr, set())

    def is_fixed(self, expr: ir.Expr) -> bool:
        """Whether it surely cannot vary: numbers written down, ranges, strings, shapes."""
        return self.fixed(expr, set())

    # Both ask that something holds for every value that can get there, so a name that was `seen`
    # in the same question needs no second look.

    def indexable(self, expr: ir.Expr, seen: set[str]) -> bool:
        match expr:
            case ir.Name(id=name):
                return self.sequence_param(name) and self.every(name, seen, self.indexable)
            case ir.Call(fn=fn):
                library = fn.startswith(("numpy.", "scipy.")) and fn not in OF_NUMPY
                return library or fn in LISTS or fn == "builtins.range" or fn in self.user
            case ir.Opaque() | ir.Comprehension() | ir.Slice() | ir.Zero() | ir.Dict():
                return False
            case ir.Op(op="|"):
                return False  # Of two dicts; no loop takes anything from integers.
            case ir.Global():
                return False  # it may be a dictionary; and it cannot vary, so it may stay
            case ir.Const(value=value):
                return isinstance(value, str)
            case ir.IfExp(then=then, orelse=orelse):
                return self.indexable(then, seen) and self.indexable(orelse, seen)
            case ir.Op(op="and" | "or", args=args):
                return all(self.indexable(e, seen) for e in args)
        return True

    def fixed(self, expr: ir.Expr, seen: set[str]) -> bool:
        match expr:
            case ir.Name(id=name):
                return self.fixed_param(name) and self.every(name, seen, self.fixed)
            case ir.Const() | ir.Global():
                return True
            case ir.Op(op=op, args=args) if op in ("neg", "pos", "+", "-", "*"):
                return all(self.fixed(e, seen) for e in args)
            case ir.Tuple(elts=args) | ir.List(elts=args):
                return bool(args) and all(self.fixed(e, seen) for e in args)
            case ir.Call(fn="builtins.range" | "builtins.len"):
                return True
            case ir.Call(fn=fn, args=args) if fn in CARRIERS:
                return all(self.fixed(e, seen) for e in args)
            case ir.Attr(name=name):
                return name in SHAPES
        return False

    def every(self, name: str, seen: set[str], ask: Callable[[ir.Expr, set[str]], bool]) -> bool:
        """Whether something holds for every value that a name is bound to."""
        if name in seen:
            return True
        seen.add(name)
        return all(ask(value, seen) for value in self.bound.get(name, ()))

    def sequence_param(self, name: str) -> bool:
        kind = self.params.get(name, kinds.ANY)
        return not isinstance(kind, kinds.Plain) or kind.name in ("str", "range")

    def fixed_param(self, name: str) -> bool:
        return name not in self.params or not kinds.may_vary(self.params[name])


def bindings(stmt: ir.Stmt) -> list[tuple[str, ir.Expr]]:
    """The names that a statement binds or changes, each with what it is bound to."""
    match stmt:
        case ir.Assign(target=ir.Name(id=name), value=value):
            return [(name, value), *((other, SOMETHING) for other in walk.changes(stmt))]
        case ir.For(target=ir.Name(id=name), iter=ir.Call(fn="builtins.range")):
            return [(name, INTEGER)]
        case ir.Verbatim(writes=names):
            return [(name, ANYTHING) for name in names]
    return [(name, SOMETHING) for name in walk.binds(stmt) | walk.changes(stmt)]


def unsafe(expr: ir.Expr, changed: frozenset[str], bound: frozenset[str]) -> bool:
    """Whether a loop that binds and changes these names in its body may change the value of an
    expression. A write to elements does not change a length or a shape."""
    match expr:
        case ir.Call(fn="builtins.len", args=(ir.Name(id=name),)):
            return name in bound
        case ir.Attr(base=ir.Name(id=name), name=attribute) if attribute in SHAPES:
            return name in bound
        case ir.Name(id=name):
            return name in changed or name in bound
        case ir.Opaque(reads=reads):
            return bool(set(reads) & (changed | bound))
    return any(unsafe(e, changed, bound) for e in walk.children(expr))
