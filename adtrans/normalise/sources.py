"""What a loop runs over, as a length and an element for each index.

`zip(xs, reversed(ys))` has the length `min(len(xs), len(ys))` and the element
`(xs[i], ys[len(ys) - 1 - i])`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adtrans import ir
from adtrans.normalise.common import Context, assign, call
from adtrans.normalise.sequences import Sequences

VIEWS = ("dict.keys", "dict.values", "dict.items")
ZERO, ONE = ir.Const(0), ir.Const(1)
TRANSPARENT = ("builtins.enumerate", "builtins.zip", "builtins.range", "builtins.reversed")


@dataclass(frozen=True)
class Source:
    """An iterable that can be indexed. `sequence` is the expression that is indexed, if it is one."""

    lengths: tuple[ir.Expr, ...]
    at: Callable[[ir.Expr], ir.Expr]

    @property
    def length(self) -> ir.Expr:
        return self.lengths[0] if len(self.lengths) == 1 else call("min", *self.lengths)


@dataclass(frozen=True)
class Sources:
    """Makes sources in one loop: what must not change while it runs is bound to a name before it.

    `rebound` are the names that the loop binds; `steady` says whether a loop leaves the values of an
    expression alone altogether.
    """

    context: Context
    sequences: Sequences
    rebound: frozenset[str]
    steady: Callable[[ir.Expr], bool]
    before: list[ir.Stmt]
    loop: ir.For

    def find(self, it: ir.Expr, target: ir.Expr | None) -> Source | None:
        """The source of an iterable, None if it has to stay as it is. `target` only gives names."""
        match it:
            case ir.Call(fn="builtins.range", args=args, kwargs=()):
                return self.range(args)
            case ir.Call(fn="builtins.enumerate", args=(inner, *rest), kwargs=kwargs):
                return self.enumerate(inner, [*rest, *(value for _, value in kwargs)], target)
            case ir.Call(fn="builtins.zip", args=args) if args:
                return self.zip(args, target)
            case ir.Call(fn="builtins.reversed", args=(inner,)):
                return self.reversed(inner, target)
            case ir.Call(fn="builtins.list" | "builtins.tuple", args=(ir.Call(fn=fn) as inner,)):
                if fn in TRANSPARENT and self.steady(inner):
                    return self.find(inner, target)
        return self.sequence(it, target)

    def sequence(self, it: ir.Expr, target: ir.Expr | None) -> Source | None:
        if isinstance(it, ir.Call) and it.fn in VIEWS:
            return self.entries(it)
        if not self.sequences.is_indexable(it):
            return None
        if isinstance(it, ir.Tuple):
            it = ir.List(it.elts, span=it.span)
        if not isinstance(it, ir.Name) or it.id in self.rebound:
            it = self.bind(f"{target.id}_values" if isinstance(target, ir.Name) else "items", it)
        name = it
        return Source((call("len", name),), lambda i: ir.Index(name, i))

    def entries(self, it: ir.Call) -> Source:
        """The keys, values or items of a dict, by the list of its keys."""
        held = it.args[0]
        if not isinstance(held, ir.Name) or held.id in self.rebound:
            held = self.bind("entries", held)
        keys = self.bind("keys", call("list", held))

        def at(i: ir.Expr) -> ir.Expr:
            key = ir.Index(keys, i)
            value = ir.Index(held, key)
            return (
                key if it.fn == "dict.keys" else value if it.fn == "dict.values" else ir.Tuple((key, value))
            )

        return Source((call("len", keys),), at)

    def range(self, args: tuple[ir.Expr, ...]) -> Source:
        bases = ("count",) if len(args) == 1 else ("start", "stop", "step")
        args = tuple(self.hold(e, base) for e, base in zip(args, bases, strict=False))
        if len(args) == 1:
            return Source(args, lambda i: i)
        start = args[0]
        if len(args) == 2:
            return Source((minus(args[1], start),), lambda i: plus(i, start))
        step = args[2]
        return Source((call("len", call("range", *args)),), lambda i: plus(start, ir.Op("*", (i, step))))

    def enumerate(self, inner: ir.Expr, starts: list[ir.Expr], target: ir.Expr | None) -> Source | None:
        names = target.elts if isinstance(target, ir.Tuple) and len(target.elts) == 2 else (None, None)
        source = self.find(inner, names[1])
        if source is None:
            return None
        start = self.hold(starts[0], "start") if starts else ZERO
        return Source(source.lengths, lambda i: ir.Tuple((plus(i, start), source.at(i))))

    def zip(self, args: tuple[ir.Expr, ...], target: ir.Expr | None) -> Source | None:
        fits = isinstance(target, ir.Tuple) and len(target.elts) == len(args)
        names = target.elts if fits and isinstance(target, ir.Tuple) else (None,) * len(args)
        found = [self.find(arg, name) for arg, name in zip(args, names, strict=True)]
        sources = [source for source in found if source is not None]
        if len(sources) < len(found):
            return None
        lengths = tuple(dict.fromkeys(length for source in sources for length in source.lengths))
        return Source(lengths, lambda i: ir.Tuple(tuple(source.at(i) for source in sources)))

    def reversed(self, inner: ir.Expr, target: ir.Expr | None) -> Source | None:
        source = self.find(inner, target)
        if source is None:
            return None
        last = minus(source.length, ONE)
        return Source(source.lengths, lambda i: source.at(minus(last, i)))

    def hold(self, expr: ir.Expr, base: str) -> ir.Expr:
        """A value that is used more than once, and stays what it is while the loop runs."""
        match expr:
            case ir.Const() | ir.Global() | ir.Op(op="neg", args=(ir.Const(),)):
                return expr
            case ir.Name(id=name) if name not in self.rebound:
                return expr
        return self.bind(base, expr)

    def bind(self, base: str, expr: ir.Expr) -> ir.Name:
        name = self.context.names.fresh(base)
        self.before.append(assign(name, expr, expr.span or self.loop.span))
        return ir.Name(name)


def plus(a: ir.Expr, b: ir.Expr) -> ir.Expr:
    if a == ZERO:
        return b
    return a if b == ZERO else ir.Op("+", (a, b))


def minus(a: ir.Expr, b: ir.Expr) -> ir.Expr:
    return a if b == ZERO else ir.Op("-", (a, b))
