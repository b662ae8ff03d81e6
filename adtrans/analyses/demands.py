"""Ranks that the code itself demands of parameters about which nothing is said.

A test needs a truth value, so `if y > 2.0` makes `y` a number, and `y = y * x` then makes `x` one.
`math.sin(x)` needs a number. An array that is only ever read and written as `x[i]` with one integer
has rank 1. What counts a `range` is an integer. The header of the emitted module says what was
taken from this, because only an annotation or a signature is a promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adtrans.analyses.ranks import Inference, Ranks, infer, part, put
from adtrans.ir import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    If,
    Index,
    Name,
    Op,
    Slice,
    Stmt,
    Tuple,
    Verbatim,
    While,
)
from adtrans.kinds import INT, Array, Kind
from adtrans.places import indices
from adtrans.rules import registry
from adtrans.walk import binds, children, expressions, names, names_of, statements, subexpressions, writes

ARITHMETIC = frozenset(
    {"+", "-", "*", "/", "//", "%", "**", "neg", "pos", "<", "<=", ">", ">=", "==", "!=", "not"}
)
COUNTS = ("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.eye", "numpy.arange")


def demanded(function: Function, kinds: Mapping[str, Kind], inference: Inference) -> dict[str, Kind]:
    """The kinds of the parameters, with what the code demands filled in where the rank is unknown."""
    found = dict(kinds)
    counts = integers(function)
    for name, kind in kinds.items():
        if is_open(kind) and name in counts:
            found[name] = INT
    for _ in range(3):
        if not any(map(is_open, found.values())):
            break
        before = dict(found)
        ranks = infer(function, tuple(found.values()), inference)
        work = _Demands(ranks, {n for n, k in found.items() if is_open(k)})
        work.reach(function.body, {n: frozenset({_Param(n)}) for n in found})
        work.block(function.body)
        for name in work.scalars:
            found[name] = Array("?", ())
        indexed = only_indexed(function, ranks, found)
        if indexed and elements_are_arrays(function, indexed, found, inference):
            indexed = {}
        for name, rank in {**indexed, **work.ranks_of}.items():
            if name not in work.scalars:
                found[name] = Array("?", tuple(f"{name}{k}" for k in range(rank)))
        if found == before:
            break
    return found


def is_open(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.shape is None


@dataclass(frozen=True)
class _Param:
    name: str


Definition = _Param | Stmt
Reaching = dict[str, frozenset[Definition]]


@dataclass(slots=True)
class _Demands:
    """Follows a demand for a number back through the definitions that reach it."""

    ranks: Ranks
    open: set[str]
    scalars: set[str] = field(default_factory=set)
    ranks_of: dict[str, int] = field(default_factory=dict)
    at: dict[Stmt, Reaching] = field(default_factory=dict)
    seen: set[tuple[int, str]] = field(default_factory=set)

    def reach(self, block: Block, env: Reaching) -> None:
        """Note for every statement which definitions reach it."""
        for stmt in block:
            self.at[stmt] = part(env, names_of(expressions(stmt)))
            match stmt:
                case If(body=body, orelse=orelse):
                    changing = writes(stmt)  # Copies of all names would make a long function quadratic.
                    start = part(env, changing)
                    self.reach(body, env)
                    after = part(env, changing)
                    put(env, changing, start)
                    self.reach(orelse, env)
                    _merge(env, after)
                case For() | While():
                    changing = writes(stmt)
                    for _ in range(2):
                        start = part(env, changing)
                        env.update({name: frozenset({stmt}) for name in binds(stmt)})
                        self.reach(stmt.body, env)
                        _merge(env, start)
                    self.at[stmt] = part(env, names_of(expressions(stmt)))
                case _:
                    for name in binds(stmt):
                        before = env.get(name, frozenset()) if isinstance(stmt, AugAssign) else frozenset()
                        env[name] = before | {stmt}

    def block(self, block: Block) -> None:
        """Demands of what is executed whenever the function is: not of what a branch guards."""
        for stmt in block:
            match stmt:
                case If(test=test):
                    self.number(test, stmt)
                case For():
                    self.block(stmt.body)
                case While(test=test, body=body):
                    self.number(test, stmt)
                    self.block(body)
                case _:
                    self.calls(stmt)

    def calls(self, stmt: Stmt) -> None:
        """`math.sin(x)` and `float(x)` take numbers only."""
        stack = list(expressions(stmt))
        while stack:
            expr = stack.pop()
            stack.extend(children(expr))
            if isinstance(expr, Call) and (expr.fn.startswith("math.") or expr.fn == "builtins.float"):
                for arg in expr.args:
                    self.number(arg, stmt)

    def number(self, expr: Expr, stmt: Stmt) -> None:
        """`expr` must be a number where `stmt` is."""
        match expr:
            case Name(id=name):
                if (id(stmt), name) in self.seen:
                    return
                self.seen.add((id(stmt), name))
                for definition in self.at[stmt].get(name, ()):
                    self.definition(name, definition)
            case Op(op=op, args=args) if op in ARITHMETIC or op in ("and", "or"):
                for arg in args:
                    self.number(arg, stmt)
            case Call(fn=fn, args=args):
                entry = registry.lookup(fn)
                if entry is not None and entry.partials is not None:
                    for arg in args:
                        self.number(arg, stmt)
            case Index(base=Name(id=name), index=index):
                items = indices(index)
                if all(self.integer(i, stmt) for i in items):
                    for definition in self.at[stmt].get(name, ()):
                        if isinstance(definition, _Param) and definition.name in self.open:
                            self.ranks_of[definition.name] = len(items)

    def definition(self, name: str, definition: Definition) -> None:
        match definition:
            case _Param():
                if definition.name in self.open:
                    self.scalars.add(definition.name)
            case Assign(target=Name(), value=value):
                self.number(value, definition)
            case AugAssign(target=Name(), value=value):
                self.number(value, definition)

    def integer(self, index: Expr, stmt: Stmt) -> bool:
        return integer(index, stmt, self.ranks)


def integer(index: Expr, stmt: Stmt, ranks: Ranks) -> bool:
    """Whether an index is one integer."""
    if isinstance(index, Slice) or (isinstance(index, Const) and not isinstance(index.value, int)):
        return False
    kind = ranks.scope(stmt).kind(index)
    return isinstance(kind, Array) and kind.dtype == "i" and kind.shape == ()


def only_indexed(function: Function, ranks: Ranks, kinds: Mapping[str, Kind]) -> dict[str, int]:
    """Parameters of unknown rank that occur only as `x[i]`, `x[i, j]`, `len(x)`, `x.shape`."""
    candidates = {n for n, k in kinds.items() if is_open(k)}
    found: dict[str, set[int]] = {}

    def visit(expr: Expr, stmt: Stmt) -> None:
        match expr:
            case Index(base=Name(id=name), index=index) if name in candidates:
                items = indices(index)
                rank = len(items) if all(integer(i, stmt, ranks) for i in items) else -1
                found.setdefault(name, set()).add(rank)
                visit(index, stmt)
            case Attr(base=Name(), name="shape" | "size" | "ndim") | Call(fn="builtins.len", args=(Name(),)):
                pass
            case Name(id=name) if name in candidates:
                found.setdefault(name, set()).add(-1)
            case _:
                for child in children(expr):
                    visit(child, stmt)

    for stmt in statements(function.body):
        if isinstance(stmt, Verbatim):
            for name in stmt.reads:
                found.setdefault(name, set()).add(-1)
        for expr in expressions(stmt):
            visit(expr, stmt)
    return {name: ranks_.pop() for name, ranks_ in found.items() if len(ranks_) == 1 and -1 not in ranks_}


def elements_are_arrays(
    function: Function, indexed: Mapping[str, int], kinds: Mapping[str, Kind], inference: Inference
) -> bool:
    """Whether what is read as `x[i]` meets arrays, is summed or indexed: then it may well be a row of x."""
    guess = {n: Array("?", (None,) * indexed[n]) if n in indexed else k for n, k in kinds.items()}
    ranks = infer(function, tuple(guess.values()), inference)
    tainted = set(indexed)
    while True:
        before = len(tainted)
        for stmt in statements(function.body):
            if isinstance(stmt, (Assign, AugAssign)) and not tainted.isdisjoint(read_values(stmt.value)):
                tainted |= names(stmt.target)
        if len(tainted) == before:
            break

    def number(expr: Expr, stmt: Stmt) -> bool:
        kind = ranks.scope(stmt).kind(expr)
        return isinstance(kind, Array) and kind.rank == 0

    def meets(node: Expr, stmt: Stmt) -> bool:
        match node:
            case Op(args=args) | Call(args=args):
                pass
            case Index(base=base):
                return number(base, stmt) and not tainted.isdisjoint(read_values(base))
            case _:
                return False
        numbers = [a for a in args if number(a, stmt) and not tainted.isdisjoint(read_values(a))]
        reduces = node.op == "@" if isinstance(node, Op) else node.fn in REDUCTIONS
        return bool(numbers) and (reduces or any(not number(a, stmt) for a in args))

    return any(
        meets(node, stmt)
        for stmt in statements(function.body)
        for expr in expressions(stmt)
        for node in subexpressions(expr)
    )


REDUCTIONS = frozenset(
    {
        "builtins.len",
        "numpy.dot",
        "numpy.inner",
        "numpy.linalg.norm",
        "numpy.max",
        "numpy.mean",
        "numpy.min",
        "numpy.outer",
        "numpy.prod",
        "numpy.sum",
    }
)


def read_values(expr: Expr) -> set[str]:
    """The names whose elements an expression reads: no lengths, no indices."""
    match expr:
        case Attr() | Call(fn="builtins.len", args=(Name(),)):
            return set()
        case Name(id=name):
            return {name}
        case Index(base=base):
            return read_values(base)
    return set().union(*map(read_values, children(expr)))


def integers(function: Function) -> set[str]:
    """Parameters that must be integers: they count a range, are part of an index, or give a shape."""
    params = {p.name for p in function.params}
    found: set[str] = set()
    arrays: set[str] = set()

    def whole(expr: Expr) -> None:
        match expr:
            case Name(id=name):
                found.add(name)
            case Op(op="+" | "-" | "*" | "//" | "neg"):
                for child in children(expr):
                    whole(child)
            case Tuple() | Slice():
                for child in children(expr):
                    whole(child)

    def visit(expr: Expr) -> None:
        match expr:
            case Call(fn="builtins.range", args=args):
                for arg in args:
                    whole(arg)
            case Call(fn=fn, args=(shape, *_)) if fn in COUNTS:
                whole(shape)
            case Index(base=base, index=index):
                arrays.update(names(base))
                if not isinstance(index, Name):
                    whole(index)
        for child in children(expr):
            visit(child)

    for stmt in statements(function.body):
        for expr in expressions(stmt):
            visit(expr)
    return (found & params) - arrays


def _merge(env: Reaching, other: Reaching) -> None:
    for name, definitions in other.items():
        env[name] = env.get(name, frozenset()) | definitions
