"""How many values functions return, and which local tuples are really several names.

The two hang together: `t = (a, b)` … `return t` returns two values.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from adtrans import ir, walk

Seen = frozenset[str]


@dataclass(frozen=True)
class Label:
    """What makes a tuple a named one: the names of its parts, and that of its class."""

    names: tuple[str, ...] = ()
    spelled: str = ""

    def of(self, elts: tuple[ir.Expr, ...]) -> ir.Tuple:
        """A tuple of this sort."""
        return ir.Tuple(elts, self.names, self.spelled)


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
        asked: defaultdict[str, set[str]] = defaultdict(set)
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
                look(expr, apart, asked, whole)
        return {
            name: n
            for name, n in lengths.items()
            if n
            and apart[name]
            and name not in whole
            and asked[name] <= {*self.label(ir.Name(name), function, seen).names}
        }

    def label(
        self, value: ir.Expr | None, within: ir.Function | None = None, seen: Seen = frozenset()
    ) -> Label:
        """What is known of a tuple beside its length, whatever a function returns or a name is bound to."""
        match value:
            case ir.Tuple(names=names, spelled=spelled):
                return Label(names, spelled)
            case ir.IfExp(then=then, orelse=orelse):
                return self.common([then, orelse], within, seen)
            case ir.Call(fn=fn) if fn in self.program.functions and fn not in seen:
                callee = self.program.functions[fn]
                given = [s.value for s in walk.statements(callee.body) if isinstance(s, ir.Return)]
                return self.common(given, callee, seen | {fn})
            case ir.Name(id=name) if within is not None and f" {name}" not in seen:
                bound = [
                    s.value
                    for s in walk.statements(within.body)
                    if isinstance(s, ir.Assign) and s.target == value
                ]
                return self.common(bound, within, seen | {f" {name}"})
        return Label()

    def common(self, values: Sequence[ir.Expr | None], within: ir.Function | None, seen: Seen) -> Label:
        labels = {self.label(value, within, seen) for value in values}
        return labels.pop() if len(labels) == 1 else Label()


def look(expr: ir.Expr, apart: Counter[str], asked: defaultdict[str, set[str]], whole: set[str]) -> None:
    """Note the names that are indexed by a number, what is `asked` of them by name, and those that must stay
    together."""
    for node in walk.subexpressions(expr):
        match node:
            case ir.Index(base=ir.Name(id=name), index=ir.Const(value=str(word)), attribute=True):
                asked[name].add(word)
                apart[name] += 1
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
