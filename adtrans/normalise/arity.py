"""How many values functions return, and which local tuples are really several names.

The two hang together: `t = (a, b)` … `return t` returns two values.
"""

from __future__ import annotations

from collections import Counter

from adtrans import ir, walk

Seen = frozenset[str]


class Arities:
    """The number of values that each user function returns, found in the source of the program: so
    that a function and its callers agree, whichever is normalised first."""

    def __init__(self, program: ir.Program) -> None:
        self.program = program
        self.known: dict[str, int | None] = {}

    def of(self, path: str) -> int | None:
        """The number of values, None if a function returns a single one that is no tuple."""
        if path not in self.known:
            self.known[path] = self.find(path, frozenset())
        return self.known[path]

    def find(self, path: str, seen: Seen) -> int | None:
        if path in seen:
            return None
        function = self.program.functions[path]
        returned = [s.value for s in walk.statements(function.body) if isinstance(s, ir.Return)]
        split = self.tuples(function, seen | {path}) if any(isinstance(v, ir.Name) for v in returned) else {}
        widths = (self.width(value, split, seen | {path}) for value in returned)
        return next((n for n in widths if n is not None), None)

    def width(self, value: ir.Expr | None, split: dict[str, int], seen: Seen = frozenset()) -> int | None:
        """The length of a value that is a tuple of several, None if it is none as far as we see."""
        match value:
            case ir.Tuple(elts=elts):
                return len(elts) if len(elts) > 1 else None  # A tuple of one is one value.
            case ir.Name(id=name):
                return split.get(name)
            case ir.Call(fn=fn) if fn in self.program.functions:
                return self.find(fn, seen) if seen else self.of(fn)
            case ir.IfExp(then=then, orelse=orelse):
                n = self.width(then, split, seen)
                return n if n == self.width(orelse, split, seen) else None
        return None

    def tuples(self, function: ir.Function, seen: Seen = frozenset()) -> dict[str, int]:
        """The local names that are bound to nothing but tuples of one length, that are taken apart or
        returned somewhere, and that are never needed as one thing: each with its length."""
        lengths: dict[str, int | None] = dict.fromkeys((p.name for p in function.params), None)
        apart: Counter[str] = Counter()
        whole: set[str] = set()
        for stmt in walk.statements(function.body):
            match stmt:
                case ir.Assign(target=ir.Name(id=name), value=value):
                    n = self.width(value, {}, seen)
                    if lengths.setdefault(name, n) != n or n is None:
                        lengths[name] = None
                case ir.Assign(target=ir.Tuple(), value=ir.Name(id=name)):
                    apart[name] += 1
                    whole |= walk.binds(stmt)
                case ir.Return(value=ir.Name(id=name)):
                    apart[name] += 1
                case ir.For(iter=it):
                    whole |= walk.binds(stmt) | walk.names(it)
                case ir.Verbatim(reads=reads, writes=writes):
                    whole.update(reads, writes)
                case _:
                    whole |= walk.binds(stmt) | walk.changes(stmt)
            for expr in walk.expressions(stmt):
                look(expr, apart, whole)
        return {name: n for name, n in lengths.items() if n and apart[name] and name not in whole}


def look(expr: ir.Expr, apart: Counter[str], whole: set[str]) -> None:
    """Note the names that are indexed by a number, and those that must stay together."""
    for node in walk.subexpressions(expr):
        match node:
            case ir.Index(base=ir.Name(id=name), index=index):
                if constant_index(index) is None:
                    whole.add(name)
                apart[name] += 1
            case ir.Bind(name=name):
                whole.add(name)
            case ir.Opaque(reads=names):
                whole.update(names)
            case ir.Attr(base=ir.Name(id=name)):
                whole.add(name)
            case ir.Comprehension(iter=it):
                whole |= walk.names(it)


def constant_index(index: ir.Expr) -> int | None:
    """The number that an index is, if it is one."""
    match index:
        case ir.Const(value=int() as value):
            return value
        case ir.Op(op="neg", args=(ir.Const(value=int() as value),)):
            return -value
    return None
