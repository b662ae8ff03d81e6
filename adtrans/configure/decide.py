"""Tests that are decided before the program runs: `w is None`, `isinstance(x, np.ndarray)`, `kind == "a"`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adtrans import ir, walk
from adtrans.analyses.expressions import Scope
from adtrans.builtin_names import BUILTINS
from adtrans.configure.facts import UNKNOWN, Fact
from adtrans.enumerated import Member, members
from adtrans.kinds import ANY, NONE, Array, Kind, ListOf, Mapped, Plain, RecordOf, TupleOf

SIMPLE = (type(None), bool, int, float, str)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBERS = ("numbers.Number", "numbers.Complex")
TYPES: Mapping[str, tuple[type, frozenset[str]]] = {
    "f8": (float, frozenset({"builtins.float", "numbers.Real", *NUMBERS})),
    "i": (int, frozenset({"builtins.int", "numbers.Real", "numbers.Integral", *NUMBERS})),
    "b": (bool, frozenset({"builtins.bool", "builtins.int", "numbers.Real", "numbers.Integral", *NUMBERS})),
    "c16": (complex, frozenset({"builtins.complex", *NUMBERS})),
}
KNOWN = frozenset().union(*(names for _, names in TYPES.values())) | {
    "numpy.ndarray",
    "builtins.str",
    "builtins.list",
    "builtins.tuple",
    "builtins.dict",
}
"""The types of which we know whether a value of a certain kind is one."""
NUMERIC = frozenset(f"builtins.{name}" for name in ("abs", "bool", "float", "int", "len", "str"))


@dataclass(frozen=True)
class Decider:
    """Decides what the facts decide; None is "not before it runs"."""

    program: ir.Program
    facts: Mapping[str, Fact]

    def fact(self, name: str) -> Fact:
        return self.facts.get(name, UNKNOWN)

    def kind(self, expr: ir.Expr) -> Kind:
        if isinstance(expr, ir.Name):
            return self.fact(expr.id).kind
        if not all(map(self.plain, walk.subexpressions(expr))):
            return ANY
        return Scope({name: fact.kind for name, fact in self.facts.items()}).kind(expr)

    def plain(self, expr: ir.Expr) -> bool:
        """Whether the kind of an expression is what its value surely is: not one of two, nor an element."""
        match expr:
            case ir.Op(op=op):
                return op not in ("and", "or")
            case ir.Call(fn=fn):
                return fn.startswith(("numpy.", "math.")) or fn in NUMERIC
            case ir.Index(base=base):
                return isinstance(base, ir.Name) and isinstance(self.fact(base.id).kind, Array)
        return isinstance(expr, ir.Const | ir.Name | ir.Attr | ir.Slice | ir.Tuple | ir.List | ir.Global)

    # -------------------------------------------------------------------- values

    def value(self, expr: ir.Expr) -> ir.Const | None:
        """The value of an expression, where it is known."""
        match expr:
            case ir.Const(value=value):
                return expr if isinstance(value, SIMPLE) else None
            case ir.Name(id=name):
                return self.fact(name).value
            case ir.Global(id=name) if "." in name:
                return ir.Const(Member(name)) if Member(name) in members(self.program.constants) else None
            case ir.Attr(base=base, name="ndim") | ir.Call(fn="numpy.ndim", args=(base,)):
                return self.rank(base)
            case ir.Call(fn="builtins.len", args=(ir.Attr(base=base, name="shape"),)):
                return self.rank(base)
            case ir.Call(fn="builtins.len", args=(ir.Name(id=name),)):
                keys = self.fact(name).keys
                return None if keys is None else ir.Const(len(keys))
        verdict = self.decide(expr) if isinstance(expr, ir.Op | ir.Call) else None
        return None if verdict is None or is_value(expr) else ir.Const(verdict)

    def rank(self, expr: ir.Expr) -> ir.Const | None:
        kind = self.kind(expr)
        return ir.Const(kind.rank) if isinstance(kind, Array) and kind.rank is not None else None

    # --------------------------------------------------------------------- tests

    def decide(self, expr: ir.Expr) -> bool | None:
        """Whether an expression counts as true."""
        match expr:
            case ir.Op(op="not", args=(inner,)):
                verdict = self.decide(inner)
                return None if verdict is None else not verdict
            case ir.Op(op="and" | "or" as op, args=args):
                return self.several(op, args)
            case ir.Op(op="is" | "is not" as op, args=(a, b)):
                verdict = self.identical(a, b)
                return None if verdict is None else verdict == (op == "is")
            case ir.Op(op="in" | "not in" as op, args=(a, b)):
                verdict = self.contained(a, b)
                return None if verdict is None else verdict == (op == "in")
            case ir.Op(op=op, args=(a, b)) if op in COMPARE:
                return self.compared(op, a, b)
            case ir.Call(fn=ir.SURELY, args=(inner,)):
                return self.decide(inner) is True
            case ir.Call(fn="builtins.isinstance", args=(value, types), kwargs=()):
                return self.instance(value, types)
            case ir.Call(fn="builtins.callable", args=(value,)):
                return False if class_of(self.kind(value)) else None
            case ir.Call(fn="builtins.hasattr", args=(value, ir.Const(value=str() as name))):
                cls = class_of(self.kind(value))
                return hasattr(cls, name) if cls else None
            case ir.Call(fn="numpy.isscalar", args=(value,)):
                cls = class_of(self.kind(value))
                return issubclass(cls, (float, int, complex, str)) if cls else None
            case ir.Const() | ir.Name() | ir.Attr():
                return self.truth(expr)
        return None

    def truth(self, expr: ir.Expr) -> bool | None:
        known = self.value(expr)
        if known is not None:
            return bool(known.value)
        keys = self.fact(expr.id).keys if isinstance(expr, ir.Name) else None
        return None if keys is None else bool(keys)

    def several(self, op: str, args: tuple[ir.Expr, ...]) -> bool | None:
        """`a and b`: false as soon as one of them is, if those before it do nothing else."""
        verdicts = [self.decide(a) for a in args]
        ends = op == "or"
        for arg, verdict in zip(args, verdicts, strict=True):
            if verdict is ends:
                return ends
            if verdict is None and not quiet(arg):
                return None
        return None if None in verdicts else not ends

    def identical(self, a: ir.Expr, b: ir.Expr) -> bool | None:
        for one, other in ((a, b), (b, a)):
            if isinstance(one, ir.Const) and one.value is None:
                known = self.value(other)
                if known is not None:
                    return known.value is None
                return False if never_none(self.kind(other)) else None
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None and isinstance(y.value, bool):
            return x.value is y.value
        return None

    def compared(self, op: str, a: ir.Expr, b: ir.Expr) -> bool | None:
        x, y = self.value(a), self.value(b)
        if x is None or y is None:
            return None
        try:
            return COMPARE[op](x.value, y.value)
        except TypeError:
            return None

    def contained(self, a: ir.Expr, b: ir.Expr) -> bool | None:
        known = self.value(a)
        if known is None:
            return None
        if isinstance(b, ir.Name) and isinstance(self.kind(b), RecordOf):
            keys = self.fact(b.id).keys
            return None if keys is None else known.value in keys
        if not isinstance(b, ir.Tuple | ir.List):
            return None
        values = [self.value(e) for e in b.elts]
        if any(v is not None and v.value == known.value for v in values):
            return True
        return None if None in values else False

    def instance(self, value: ir.Expr, types: ir.Expr) -> bool | None:
        verdicts = [
            self.is_one(self.kind(value), t)
            for t in (types.elts if isinstance(types, ir.Tuple) else (types,))
        ]
        if True in verdicts:
            return True
        return None if None in verdicts else False

    def is_one(self, kind: Kind, type_: ir.Expr) -> bool | None:
        path = self.canonical(type_.id) if isinstance(type_, ir.Global) else ""
        own = types_of(kind)
        if isinstance(type_, ir.Global) and type_.id in self.program.standing:
            return False if no_object(kind) else None
        return path in own if own is not None and path in KNOWN else None

    def canonical(self, spelled: str) -> str:
        """The path of a global, `numpy.ndarray` for `np.ndarray`."""
        root, dot, rest = spelled.partition(".")
        for item in self.program.imports:
            if item.alias == root:
                full = item.module if item.name is None else f"{item.module}.{item.name}"
                return full + dot + rest
        own = {f.name for f in self.program.functions.values()} | {*self.program.constants}
        return f"builtins.{spelled}" if root in BUILTINS and root not in own else ""


def is_value(expr: ir.Expr) -> bool:
    """Whether an operator gives one of its operands, and not a truth value."""
    return isinstance(expr, ir.Op) and expr.op in ("and", "or")


def quiet(expr: ir.Expr) -> bool:
    """Whether evaluating a test does nothing else, and hardly fails."""
    return isinstance(expr, ir.Name | ir.Const | ir.Attr | ir.Global) or (
        isinstance(expr, ir.Op) and all(map(quiet, expr.args))
    )


def never_none(kind: Kind) -> bool:
    match kind:
        case Array(dtype=dtype, shape=shape, none=none):
            return not none and (dtype != "?" or shape is not None)
        case ListOf() | TupleOf() | RecordOf() | Mapped():
            return True
        case Plain():
            return kind not in (NONE, Plain("never"))
    return False


def no_object(kind: Kind) -> bool:
    """Whether all values of a kind are numbers, arrays, strings or plain containers."""
    match kind:
        case TupleOf(names=(_, *_)):
            return False
        case Array() | ListOf() | TupleOf():
            return never_none(kind)
        case Plain(name="str" | "None") | RecordOf(form="dict"):
            return True
    return False


def class_of(kind: Kind) -> type | None:
    """The type of all values of a kind."""
    match kind:
        case Array(dtype=dtype, shape=(), python=True, none=False) if dtype in TYPES:
            return TYPES[dtype][0]
        case Array(shape=(_, *_), none=False):
            return np.ndarray
        case Plain(name="str"):
            return str
        case Plain(name="None"):
            return type(None)
        case ListOf():
            return list
        case TupleOf():
            return tuple
        case RecordOf(form="dict"):
            return dict
    return None


def types_of(kind: Kind) -> frozenset[str] | None:
    """The paths of the types that all values of a kind are instances of."""
    match kind:
        case Array(dtype=dtype, shape=(), python=True, none=False) if dtype in TYPES:
            return TYPES[dtype][1]
    cls = class_of(kind)
    if cls is None:
        return None
    return frozenset({"numpy.ndarray" if cls is np.ndarray else f"builtins.{cls.__name__}"})
