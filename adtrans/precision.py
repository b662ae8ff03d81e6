"""A gradient has the dtype of its input: where float32 meets float64 on the way, it is converted at the end.

y = x * np.ones(3)         with x of float32 gives         x_bar = y_bar * np.ones(3)
                                                           return y, x_bar.astype(np.float32, copy=False)

y = x.astype(np.float32)   with x of float64 gives         return y, x_bar.astype(np.float64, copy=False)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from adtrans.analyses.expressions import Scope
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    ExprStmt,
    Function,
    Global,
    Index,
    Name,
    Op,
    Stmt,
    Tuple,
)
from adtrans.kinds import ANY, Array, Kind, ListOf, TupleOf, dtypes_in
from adtrans.walk import expressions, root, statements, subexpressions

Env = dict[str, Kind]
SINGLE = {"f4": "np.float32", "c8": "np.complex64"}
NARROW = frozenset(("float32", "single", "complex64", "csingle", "float16", "half"))
DOUBLE = {"f8": "np.float64", "c16": "np.complex128"}


def as_single(bar: Name, kind: Kind, found: Mapping[str, Kind]) -> Expr:
    """An adjoint of an input of this kind as float32, if the input is and the adjoint may not be."""
    if not isinstance(kind, Array) or kind.dtype not in SINGLE or not kind.rank:
        return bar
    return bar if is_single(found.get(bar.id, ANY)) else cast(bar, SINGLE[kind.dtype])


def as_double(bar: Name, kind: Kind, narrow: frozenset[str]) -> Expr:
    """An adjoint of an input of this kind as float64, if the input is and the adjoint may not be."""
    if not isinstance(kind, Array) or kind.dtype not in DOUBLE or bar.id not in narrow:
        return bar
    if kind.rank == 0:
        word = "float" if kind.dtype == "f8" else "complex"
        return Call(f"builtins.{word}", (bar,), spelled=word)
    return cast(bar, DOUBLE[kind.dtype])


def cast(value: Expr, dtype: str) -> Expr:
    """`value.astype(dtype, copy=False)`."""
    copy = (("copy", Const(False)),)
    return Call("numpy.ndarray.astype", (value, Global(dtype)), copy, style="method", spelled="astype")


def narrowed(block: Block, kinds: Mapping[str, Kind], scope: Callable[[Env], Scope]) -> frozenset[str]:
    """The names in a backward sweep that may be narrower than float64: numbers to which something narrower
    is added, too."""
    found: set[str] = set()
    while True:
        seen, before = scope({**kinds, **dict.fromkeys(found, ANY)}), len(found)
        for stmt in statements(block):
            match stmt:
                case Assign(target=Tuple(elts=elts)):
                    found.update(e.id for e in elts if isinstance(e, Name))
                case Assign(target=Name(id=name), value=value) | AugAssign(target=Name(id=name), value=value):
                    if not is_double(seen.kind(value)):
                        found.add(name)
        if len(found) == before:
            return frozenset(found)


def narrows(function: Function) -> bool:
    """Whether a function names a type that is narrower than float64: what it makes may be of either, such as
    a number that is a Python float in the first round of a loop."""
    for stmt in statements(function.body):
        for expr in expressions(stmt):
            for node in subexpressions(expr):
                match node:
                    case Call(fn=name) | Global(id=name) if name.rpartition(".")[2] in NARROW:
                        return True
    return False


def is_double(kind: Kind) -> bool:
    """Whether a value is surely of float64; a Python number counts as one."""
    return isinstance(kind, Array) and kind.dtype in DOUBLE


def precise(block: Block, kinds: Mapping[str, Kind], scope: Callable[[Env], Scope]) -> Env:
    """The kinds of the names in a backward sweep: `kinds` is what they would be if nothing were wider."""
    env = dict(kinds)
    while True:
        before = dict(env)
        for stmt in statements(block):
            widen(stmt, env, scope(env))
        if env == before:
            return env


def widen(stmt: Stmt, env: Env, scope: Scope) -> None:
    """Take note of a value that is wider than its name was said to be."""
    match stmt:
        case Assign(target=Name(id=name), value=value):
            put(name, scope.kind(value), env)
        case Assign(target=Tuple(elts=elts)):
            for elt in elts:
                if isinstance(elt, Name):
                    put(elt.id, ANY, env)
        case AugAssign(target=Name(id=name) as target, op=op, value=value):
            known = env.get(name, ANY)
            if not isinstance(known, Array) or not known.rank:  # An array keeps its dtype.
                put(name, scope.kind(Op(op, (target, value))), env)
        case Assign(target=Index() as target, value=value) | AugAssign(target=Index() as target, value=value):
            base = root(target)
            if base is not None and isinstance(env.get(base.id), ListOf) and not is_single(scope.kind(value)):
                env[base.id] = ANY
        case ExprStmt(value=Call(fn="list.append", args=(Name(id=name), value))):
            if not is_single(scope.kind(value)):
                env[name] = ANY


def put(name: str, kind: Kind, env: Env) -> None:
    """Note what is assigned to a name. A number of Python's takes the dtype of an array that it meets, but
    with a mask it makes an array of float64."""
    known = env.setdefault(name, kind)
    if isinstance(known, Array) and known.rank == 0 and isinstance(kind, Array) and kind.python:
        env[name] = kind if is_single(known) and is_single(kind) else known
    if (is_single(known) or dtypes_in(known) & SINGLE.keys()) and not is_single(kind):
        env[name] = replace(known, dtype="?") if isinstance(known, Array) else ANY


def is_single(kind: Kind) -> bool:
    """Whether a value is of float32, or a Python number, which takes the dtype of what it meets."""
    match kind:
        case Array(dtype=dtype, python=python):
            return dtype in SINGLE or (python and kind.rank == 0 and dtype in ("f8", "c16", "i", "b"))
        case ListOf(elem=elem):
            return elem is None or is_single(elem)
        case TupleOf(elems=elems):
            return all(map(is_single, elems))
    return False
