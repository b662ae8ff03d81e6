"""The kind of an expression, given the kinds of the names in it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from adtrans import layouts
from adtrans.algebra import STRETCH, number
from adtrans.analyses.certainty import of_call, of_text, sure, uncertain
from adtrans.ir import (
    Attr,
    Call,
    Const,
    Dict,
    Expr,
    Global,
    IfExp,
    Index,
    List,
    Name,
    Op,
    Opaque,
    Slice,
    Tuple,
    Zero,
)
from adtrans.kinds import (
    ANY,
    BOOL,
    FLOAT,
    HOLDERS,
    INT,
    NEVER,
    NONE,
    STR,
    UNSURE,
    Array,
    Dim,
    Kind,
    ListOf,
    Mapped,
    Plain,
    RecordOf,
    TupleOf,
    broadcast_shape,
    complex_promotion,
    dtypes_in,
    join,
    key_of,
    may_be_complex,
    parts_dtype,
    unknown,
    with_parts,
)
from adtrans.rules import registry
from adtrans.structures import REPLACING, named_part
from adtrans.walk import names

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
PREDICATES = frozenset({"is", "is not", "in", "not in", "not"})
KEYS_OF = frozenset(f"builtins.{name}" for name in ("list", "tuple", "sorted", "reversed"))
"""What these make of a dict is a list of its keys."""

KEYS_OF = frozenset(f"builtins.{name}" for name in ("list", "tuple", "sorted", "reversed"))
"""What these make of a dict is a list of its keys."""
CONTAINERS = KEYS_OF | {
    "builtins.dict",
    "builtins.set",
    "list.pop",
    "numpy.copy",
    layouts.KEYED,
    *REPLACING,
    "namedtuple._asdict",
}
"""Calls that mean something of their own for a dict or an object."""
SUPPORT = "adtrans.support."
CELLS = frozenset(
    f"numpy.{name}"
    for name in (
        *("array", "asanyarray", "asarray", "asarray_chkfinite", "astype", "block", "broadcast_to", "choose"),
        *("copy", "cov", "empty", "empty_like", "expand_dims", "full", "full_like", "i0", "imag", "moveaxis"),
        *("ndarray.astype", "ndarray.view", "nan_to_num", "ones", "ones_like", "permute_dims", "piecewise"),
        *("polyval", "real", "real_if_close", "require", "reshape", "resize", "roll", "select", "squeeze"),
        *("swapaxes", "tensordot", "tile", "transpose", "matrix_transpose", "where", "zeros", "zeros_like"),
    )
) | {"scipy.optimize.fixed_point"}
"""Functions that give an array of rank 0 where others give a number; found by trying all of NumPy."""

_SAME_SHAPE = frozenset(
    f"numpy.{name}"
    for name in (
        "copy",
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "ndarray.astype",
        "add",
        "multiply",
        "subtract",
        "divide",
        "power",
        "cumsum",
    )
) | {"+", "-", "*", "/", "**", "neg"}


Found = dict[int, tuple[Expr, list[Kind | None], Kind]]
"""Expressions (by identity), the kinds of the names in each, and what was found from these."""


@dataclass(slots=True)
class Scope:
    """What an expression can see: names, globals, and the user functions it may call.

    Every pass asks for the kinds of the same expressions, nearly always with the same kinds of names:
    `found` has the last answer.
    """

    names: Mapping[str, Kind | None]
    globals: Mapping[str, Kind] = field(default_factory=dict)
    call: Callable[[str, tuple[Kind, ...]], Kind | None] | None = None
    found: Found | None = None

    def kind(self, expr: Expr) -> Kind:
        """The kind of `expr`."""
        if isinstance(expr, Name):
            return self.names.get(expr.id) or ANY
        if self.found is None or not isinstance(expr, (Op, Call, Index)):
            return self._kind(expr)
        kinds = [self.names.get(name) for name in names(expr)]
        last = self.found.get(id(expr))
        if last is not None and last[1] == kinds:
            return last[2]
        kind = self._kind(expr)
        self.found[id(expr)] = expr, kinds, kind
        return kind

    def _kind(self, expr: Expr) -> Kind:
        match expr:
            case Const():
                return kind_of_value(expr.value)
            case Zero():
                return FLOAT
            case Global(id=name):
                return self.globals.get(name) or kind_of_global(name)
            case Op():
                return self._operator(expr)
            case Index(base=base, index=index):
                return self._index(self.kind(base), index)
            case Attr(base=base, name=name):
                place = named_part(expr, self.kind)
                whole = self.kind(base)
                return self._attribute(whole, name) if place is None else self._index(whole, Const(place))
            case Tuple(elts=elts):
                return TupleOf(tuple(map(self.kind, elts)), names=expr.names)
            case List(elts=elts):
                return self._list(elts)
            case Dict(keys=keys, elts=elts):
                return RecordOf(keys, tuple(map(self.kind, elts)))
            case IfExp(then=then, orelse=orelse):
                return join(self.kind(then), self.kind(orelse))
            case Call():
                return self._call(expr)
            case Slice():
                return Plain("slice")
            case Opaque(text=text, reads=reads):
                found = of_text(text, [self.names.get(name) or ANY for name in reads])
                return Mapped(found == UNSURE) if text.startswith("{") else found
        return ANY

    def _list(self, elts: tuple[Expr, ...]) -> Kind:
        if not elts:
            return ListOf(None)
        kinds = tuple(map(self.kind, elts))
        elem = joined(kinds)
        # Of one list of different things, such as the adjoint of a tuple, each is known.
        apart = elem in (ANY, UNSURE) and any(isinstance(k, HOLDERS) or k == NONE for k in kinds)
        return TupleOf(kinds, mutable=True) if apart else ListOf(elem)

    def _operator(self, expr: Op) -> Kind:
        kinds = [self.kind(a) for a in expr.args]
        if expr.op in PREDICATES:
            return BOOL
        if expr.op in ("and", "or"):
            result = kinds[0]
            for k in kinds[1:]:
                result = join(result, k)
            return result
        if expr.op in COMPARISONS:
            result = elementwise(kinds)
            return Array("b", result.shape, result.python) if isinstance(result, Array) else ANY
        if expr.op == "@":
            return sure(self._registered("@", expr.args, ()), kinds)
        if expr.op == "+" and not all(isinstance(k, Array) for k in kinds):
            return concatenation(kinds)
        if expr.op == "|" and any(isinstance(k, (RecordOf, Mapped)) for k in kinds):
            return merged(kinds)
        if expr.op == "*" and any(isinstance(k, ListOf) for k in kinds):
            return next(k for k in kinds if isinstance(k, ListOf))
        if expr.op == "*" and any(isinstance(k, TupleOf) for k in kinds):
            return repeated(expr.args, kinds)
        result = sure(elementwise(kinds), kinds)
        if isinstance(result, Array) and expr.op in ("/", "**"):
            exponent = number(expr.args[1]) if expr.op == "**" else None
            stays = expr.op == "**" and isinstance(exponent, int) and exponent >= 0
            if result.dtype in ("i", "b") and not stays:
                return Array("f8" if expr.op == "/" else "?", result.shape, result.python)
            if expr.op == "/" and result.whole and result.rank == 0:
                return replace(result, whole=False)
        if isinstance(result, Array) and result.dtype == "b" and expr.op not in ("&", "|", "^", "~"):
            return Array("i", result.shape, result.python)
        return result

    def _attribute(self, base: Kind, name: str) -> Kind:
        if name == "shape":
            rank = base.rank if isinstance(base, Array) else None
            return ListOf(INT) if rank is None else TupleOf((INT,) * rank)
        if name in ("size", "ndim", "itemsize", "nbytes"):
            return INT
        if name == "dtype":
            if isinstance(base, Array) and base.dtype != "?" and not base.whole:
                return Plain(f"dtype {base.dtype}")
            return Plain("dtype")
        return unknown(base)

    # ------------------------------------------------------------------ index

    def _index(self, base: Kind, index: Expr) -> Kind:
        match base:
            case ListOf(elem=elem):
                return base if isinstance(index, Slice) else (elem or ANY)
            case RecordOf(elems=elems, form="namedtuple") if isinstance(number(index), int):
                return self._index(TupleOf(elems), index)
            case RecordOf(elems=elems):
                if isinstance(index, Const):
                    return base.at(index.value) or NEVER  # A KeyError, or on the way to be put there.
                among = getattr(self.kind(index), "among", ())
                return joined([e for k, e in zip(base.keys, elems, strict=True) if k in among] or elems)
            case TupleOf(elems=elems, names=names) if isinstance(index, Const) and index.value in names:
                return elems[names.index(str(index.value))]
            case TupleOf(elems=elems):
                position = number(index)
                if isinstance(position, int) and -len(elems) <= position < len(elems):
                    return elems[position]
                if isinstance(index, Slice):
                    return self._part_of_tuple(elems, index)
                return joined(elems)
            case Array(dtype=dtype, shape=shape):
                if isinstance(index, Const) and isinstance(index.value, str):
                    return unknown(base)  # A structured array, or an attribute that is not known.
                part = self._index_shape(shape, index)
                return Array(dtype, part, cell=part == () and has_ellipsis(index))
            case Plain(name="range"):
                return base if isinstance(index, Slice) else INT
        return unknown(base)

    def _part_of_tuple(self, elems: tuple[Kind, ...], index: Slice) -> Kind:
        span = bounds(index)
        return unknown(*elems) if span is None else TupleOf(elems[span])

    def _index_shape(self, shape: tuple[Dim, ...] | None, index: Expr) -> tuple[Dim, ...] | None:
        items = list(index.elts) if isinstance(index, Tuple) else [index]
        kinds = [self.kind(i) for i in items]
        if shape is None:
            return None
        taken = sum(self._axes_taken(i, k) for i, k in zip(items, kinds, strict=True))
        if not 0 <= taken <= len(shape) or any(k in (ANY, UNSURE) for k in kinds):
            return None
        result: list[Dim] = []
        advanced: list[tuple[Dim, ...]] = []
        places: list[int] = []
        axis = 0
        for item, kind in zip(items, kinds, strict=True):
            if isinstance(item, Const) and item.value is None:
                result.append(1)
            elif isinstance(item, Const) and item.value is ...:
                width = len(shape) - taken
                result.extend(shape[axis : axis + width])
                axis += width
            elif isinstance(item, Slice):
                if axis >= len(shape):
                    return None
                result.append(sliced(shape[axis], item))
                axis += 1
            else:
                k = _as_index(kind)
                if k is None or k.shape is None:
                    return None
                if k.dtype == "b":
                    advanced.append((None,))
                    places.append(len(result))
                    axis += len(k.shape)
                elif k.shape == () and not any(self._is_advanced(x) for x in kinds):
                    axis += 1
                else:
                    advanced.append(k.shape)
                    places.append(len(result))
                    axis += 1
        if axis > len(shape):
            return None
        result.extend(shape[axis:])
        if advanced:
            block = broadcast_shape(*advanced)
            if block is None:
                return None
            where = places[0] if len(set(places)) == 1 else None
            if where is None:  # Separated advanced indices: their axes come first.
                return (*block, *result)
            result[where:where] = block
        return tuple(result)

    def _is_advanced(self, kind: Kind) -> bool:
        k = _as_index(kind)
        return k is not None and (k.shape is None or k.shape != () or k.dtype == "b")

    def _axes_taken(self, item: Expr, kind: Kind) -> int:
        if isinstance(item, Const) and (item.value is None or item.value is ...):
            return 0
        k = _as_index(kind)
        if k is not None and k.dtype == "b":
            return len(k.shape) if k.shape is not None else -(10**6)
        return 1

    # ------------------------------------------------------------------ calls

    def _call(self, expr: Call) -> Kind:
        """The kind of a call."""
        found = self._result(expr)
        if not uncertain(found):
            return found
        return of_call(expr.fn, found, [self.kind(a) for a in (*expr.args, *(v for _, v in expr.kwargs))])

    def _result(self, expr: Call) -> Kind:
        if (place := named_part(expr, self.kind)) is not None:
            return self._index(self.kind(expr.args[0]), Const(place))
        if expr.fn == STRETCH:
            inner, like = self.kind(expr.args[0]), self.kind(expr.args[1])
            if isinstance(inner, Array) and isinstance(like, Array):
                return Array(inner.dtype, like.shape)
            return like
        if expr.fn.startswith(SUPPORT):
            return self._support(expr)
        if expr.fn.startswith("dict.") or expr.fn in CONTAINERS:
            found = self._container(expr)
            if found is not None:
                return found
        if registry.lookup(expr.fn) is None and self.call is not None:
            result = self.call(expr.fn, tuple(self.kind(a) for a in expr.args))
            if result is not None:
                return result
        found = self._registered(expr.fn, expr.args, expr.kwargs)
        if expr.fn in CELLS and isinstance(found, Array) and found.rank == 0:
            return replace(found, cell=True)
        return found

    def _container(self, expr: Call) -> Kind | None:
        """Methods of dicts; None where it is no dict after all."""
        held = self.kind(expr.args[0]) if expr.args else ANY
        key = expr.args[1].value if len(expr.args) > 1 and isinstance(expr.args[1], Const) else None
        if expr.fn in KEYS_OF and isinstance(held, RecordOf) and held.form == "dict":
            return ListOf(key_of(held))
        if expr.fn == "builtins.tuple" and isinstance(held, TupleOf):
            return TupleOf(held.elems)
        if expr.fn == "builtins.tuple" and isinstance(held, ListOf):
            return held
        if expr.fn == "numpy.copy" and expr.style == "method" and isinstance(held, (ListOf, TupleOf)):
            return held
        if isinstance(held, TupleOf) and held.names and expr.fn == "namedtuple._replace":
            new = {name: self.kind(value) for name, value in expr.kwargs}
            return with_parts(held, [new.get(n, e) for n, e in zip(held.names, held.elems, strict=True)])
        if isinstance(held, TupleOf) and held.names and expr.fn == "namedtuple._asdict":
            return RecordOf(held.names, held.elems)
        if not isinstance(held, RecordOf):
            made = expr.fn in ("builtins.dict", "builtins.set")
            return Mapped(any(may_be_complex(self.kind(a)) for a in expr.args)) if made else None
        match expr.fn:
            case "builtins.dict" | "numpy.copy":
                return held
            case layouts.KEYED:
                return RecordOf(held.keys, (NEVER,) * len(held.keys)) if held.form == "dict" else None
            case "dataclasses.replace" | "namedtuple._replace":
                new = {name: self.kind(value) for name, value in expr.kwargs}
                pairs = zip(held.keys, held.elems, strict=True)
                return with_parts(held, [new.get(str(k), elem) for k, elem in pairs])
            case "namedtuple._asdict" if held.form == "namedtuple":
                return RecordOf(held.keys, held.elems)
            case "list.pop":
                return held.at(key) or ANY
            case "dict.get" if key is not None:
                default = self.kind(expr.args[2]) if len(expr.args) > 2 else NONE
                return held.at(key) or default
            case "dict.keys":
                return ListOf(key_of(held))
            case "dict.values":
                return ListOf(joined(held.elems) if held.elems else None)
            case "dict.items":
                return ListOf(TupleOf((key_of(held), joined(held.elems))))
        return ANY

    def _support(self, expr: Call) -> Kind:
        """Helpers have the shape of their second argument."""
        like = self.kind(expr.args[1]) if len(expr.args) > 1 else ANY
        value = self.kind(expr.args[0])
        if expr.fn in (SUPPORT + "unbroadcast", SUPPORT + "unreduce") and isinstance(like, Array):
            dtype = value.dtype if isinstance(value, Array) else "?"
            part = expr.fn == SUPPORT + "unbroadcast" and not may_be_complex(like)
            return Array(parts_dtype(dtype) if part else dtype, like.shape)
        return self._registered(expr.fn, expr.args, expr.kwargs)

    def _registered(self, fn: str, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]) -> Kind:
        entry = registry.lookup(fn)
        if entry is None:
            return ANY
        if entry.kind is not None and fn == "numpy.einsum":  # Takes any number of operands.
            return entry.kind(*map(self.arg, args), **{name: self.arg(value) for name, value in kwargs})
        if entry.kind is not None:
            bound = bind(fn, args, kwargs)
            if bound is None:
                return ANY
            try:
                found = entry.kind(**{name: self.arg(value) for name, value in bound.items()})
            except TypeError:
                return ANY
            return self._keeping_shape(fn, args, found)
        if entry.partials is not None or entry.nothing == "no_effect":
            if kwargs:
                return ANY
            return inexact(elementwise([self.kind(a) for a in args]), numpy=not fn.startswith("math."))
        return ANY

    def _keeping_shape(self, fn: str, args: tuple[Expr, ...], found: Kind) -> Kind:
        """A copy of an array of unknown rank has the shape of the array all the same."""
        if fn in _SAME_SHAPE and args and isinstance(found, Array) and found.shape is None:
            first = self.kind(args[0])
            if isinstance(first, Array) and first.like:
                return Array(found.dtype, None, found.python, first.like)
        return found

    def arg(self, expr: Expr) -> registry.Arg:
        """An argument as a kind rule sees it."""
        items = tuple(map(self.arg, expr.elts)) if isinstance(expr, (Tuple, List)) else None
        return registry.Arg(self.kind(expr), static_value(expr), items)


def bounds(index: Slice) -> slice | None:
    """A slice with constant bounds as Python has it."""
    found: list[int | None] = []
    for bound in (index.lower, index.upper, index.step):
        value = None if bound is None else number(bound)
        if bound is not None and not isinstance(value, int):
            return None
        found.append(value if isinstance(value, int) else None)
    return slice(*found)


def joined(kinds: Iterable[Kind]) -> Kind:
    """The kind of a value that is one of these."""
    result: Kind | None = None
    for kind in kinds:
        result = kind if result is None else join(result, kind)
    return ANY if result is None else result


def has_ellipsis(index: Expr) -> bool:
    """Whether an index gives an array, be it of rank 0."""
    return Const(...) in (index.elts if isinstance(index, Tuple) else (index,))


def _as_index(kind: Kind) -> Array | None:
    if isinstance(kind, Array):
        return kind
    if isinstance(kind, ListOf) and isinstance(kind.elem, Array) and kind.elem.shape is not None:
        return Array(kind.elem.dtype, (None, *kind.elem.shape))
    return None


def bind(fn: str, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]) -> dict[str, Expr] | None:
    """The arguments of a call under the names of the parameters of `fn`; None where they do not fit."""
    params = registry.signature(fn)
    if params is None:
        return None
    names = [name for name, _ in params]
    if params and params[-1][1] is registry.REST:
        args = (*args[: len(params) - 1], Tuple(args[len(params) - 1 :]))
    if len(args) > len(names):
        return None
    bound = dict(zip(names, args, strict=False))
    for name, value in kwargs:
        if name not in names or name in bound:
            return None
        bound[name] = value
    required = [name for name, default in params if default is inspect.Parameter.empty]
    if any(name not in bound for name in required):
        return None
    return bound


TYPES = frozenset(("bool", "complex", "float", "int", "object", "str"))
"""Python's types."""


def static_value(expr: Expr) -> object:
    """The value of a constant expression, else UNKNOWN. A dtype such as `np.float32` is its spelling."""
    match expr:
        case Const(value=value):
            return value
        case Global(id=name) if "." in name or name in TYPES:
            return name  # Not that of a constant of the module, which may be `D` or `i`, as dtypes are.
        case Tuple(elts=elts):
            values = tuple(map(static_value, elts))
            return registry.UNKNOWN if any(v is registry.UNKNOWN for v in values) else values
    value = number(expr)
    return registry.UNKNOWN if value is None else value


def kind_of_value(value: object) -> Kind:
    """The kind of a literal."""
    match value:
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case complex():
            return Array("c16", (), python=True)
        case str():
            return STR
        case None:
            return NONE
    return Plain(type(value).__name__)


def kind_of_global(name: str) -> Kind:
    """What is known of `np.pi`, `math.e`, `np.float64` by name alone."""
    last = name.rpartition(".")[2]
    if "." in name and last in ("pi", "e", "inf", "nan", "tau", "euler_gamma"):
        return FLOAT
    if "." in name or name == "complex":
        return Plain(f"dtype {COMPLEX_TYPES[last]}" if last in COMPLEX_TYPES else "dtype")
    return ANY


COMPLEX_TYPES = {"complex": "c16", "complex128": "c16", "cdouble": "c16", "complex64": "c8", "csingle": "c8"}


def kind_of_constant(text: str, constants: Mapping[str, str]) -> Kind:
    """The kind of a module-level constant, from its source: a literal, or arithmetic on such."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
        found = _kind_of_node(node, constants)
        return UNSURE if found == ANY and _mentions_complex(node, constants) else found
    except (SyntaxError, RecursionError):
        return ANY


COMPLEX_WORDS = {*COMPLEX_TYPES, "D", "F", "c8", "c16", "cmath", "emath", "fft", "eig", "eigvals", "roots"}


def _mentions_complex(node: ast.AST, constants: Mapping[str, str]) -> bool:
    """Whether an expression has anything in it that complex numbers come from."""
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=complex()):
                return True
            case ast.Constant(value=str() as word) | ast.Attribute(attr=word) if word in COMPLEX_WORDS:
                return True
            case ast.Name(id=name) if name in constants:
                others = {k: v for k, v in constants.items() if k != name}
                if may_be_complex(kind_of_constant(constants[name], others)):
                    return True
            case ast.Name(id=name) if name in COMPLEX_WORDS:
                return True
    return False


def _kind_of_node(node: ast.expr, constants: Mapping[str, str]) -> Kind:
    complex_ = kind_of_value(1j)
    match node:
        case ast.Constant(value=value):
            return kind_of_value(value)
        case ast.Name(id=name) if name in constants:
            return kind_of_constant(constants[name], {k: v for k, v in constants.items() if k != name})
        case ast.Attribute(attr=name, value=ast.Name(id=module)):
            return kind_of_global(f"{module}.{name}")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _kind_of_node(operand, constants)
        case ast.BinOp(left=left, op=op, right=right):
            kinds = [_kind_of_node(left, constants), _kind_of_node(right, constants)]
            if complex_ in kinds and all(k in (INT, FLOAT, complex_) for k in kinds):
                return complex_
            if not all(k in (INT, FLOAT) for k in kinds):
                return ANY
            if isinstance(op, ast.Div) or (isinstance(op, ast.Pow) and not isinstance(right, ast.Constant)):
                return FLOAT
            return FLOAT if FLOAT in kinds else INT
    return ANY


def concatenation(kinds: list[Kind]) -> Kind:
    """`a + b` where one is not a number: lists, tuples, strings."""
    match kinds:
        case [ListOf() as a, ListOf() as b]:
            return join(a, b)
        case [TupleOf(elems=a), TupleOf(elems=b)]:
            return TupleOf(a + b)
        case [Plain(name="str"), _] | [_, Plain(name="str")]:
            return STR
    return elementwise(kinds)


def repeated(args: tuple[Expr, ...], kinds: list[Kind]) -> Kind:
    """`t * n` of a tuple, or of a list of different things: an array would multiply it."""
    for k, (kind, times) in enumerate(zip(kinds, reversed(kinds), strict=True)):
        if (
            isinstance(kind, TupleOf)
            and isinstance(times, Array)
            and times.dtype in ("i", "b")
            and times.rank == 0
        ):
            n = number(args[1 - k])
            if isinstance(n, int):
                return replace(kind, elems=kind.elems * n)
            return ListOf(joined(kind.elems)) if kind.elems else ListOf(None)
    return sure(elementwise(kinds), kinds)


def merged(kinds: list[Kind]) -> Kind:
    """`a | b` of two dicts."""
    match kinds:
        case [RecordOf(form="dict") as a, RecordOf(form="dict") as b]:
            for key, kind in zip(b.keys, b.elems, strict=True):
                a = a.put(key, kind)
            return a
    return Mapped(any(map(may_be_complex, kinds)))


def elementwise(kinds: Iterable[Kind]) -> Kind:
    """Broadcast and promote, as NumPy's operators do (NEP 50: Python numbers are weak)."""
    return _elementwise(tuple(kinds))


@lru_cache(maxsize=4096)
def _elementwise(kinds: tuple[Kind, ...]) -> Kind:
    if NEVER in kinds:
        return NEVER
    arrays = [_number_or_list(k) for k in kinds]
    shapes = [a.shape if a is not None else None for a in arrays]
    known = [a for a in arrays if a is not None]
    shape = broadcast_shape(*shapes)
    if len(known) < len(arrays):
        return Array(complex_promotion([d for k in kinds for d in dtypes_in(k) or "?"]) or "?", None)
    stretched = {a.like for a in known if a.shape != ()}
    like = stretched.pop() if shape is None and len(stretched) == 1 else None
    dtype = promote(known)
    whole = any(a.whole for a in known) and all(a.whole or a.dtype in ("i", "b") for a in known)
    if whole and shape != ():  # An array, which can be stored into.
        dtype = "?"
    return Array(dtype, shape, all(a.python for a in known), like, whole=whole)


def _number_or_list(kind: Kind) -> Array | None:
    if isinstance(kind, Array):
        return kind
    return _as_index(kind)


def promote(kinds: list[Array]) -> str:
    """The dtype of a result."""
    strong = [k.dtype for k in kinds if not k.python]
    weak = [k.dtype for k in kinds if k.python]
    if (found := complex_promotion(strong + weak)) is not None:
        return found
    order = ("b", "i", "f4", "f8", "c8", "c16")
    if "?" in strong or (not strong and "?" in weak):
        return "?"
    if not strong:
        return max(weak, key=order.index)
    result = max(strong, key=order.index)
    if {"c8", "i"} <= set(strong) and "c16" not in strong:
        return "c"
    if {"c8", "f8"} <= set(strong) or {"i", "f4"} <= set(strong):
        result = "c16" if "c8" in strong or "c16" in strong else "f8"
    if "?" in weak:
        return "?"
    rise = max(weak, key=order.index, default="b")
    if rise == "f8" and result in ("b", "i"):
        return "f8"
    if rise == "c16" and result != "c16":
        return {"f4": "c8", "c8": "c8"}.get(result, "c16")
    return "i" if rise == "i" and result == "b" else result


def inexact(kind: Kind, *, numpy: bool) -> Kind:
    """The result of a transcendental function of this kind."""
    if not isinstance(kind, Array):
        return ANY
    dtype = "f8" if kind.dtype in ("i", "b") else kind.dtype
    return Array(dtype, kind.shape, not numpy, kind.like)


def sliced(dim: Dim, item: Slice) -> Dim:
    """The length of an axis after a slice with constant bounds."""
    bounds = [None if b is None else number(b) for b in (item.lower, item.upper, item.step)]
    given = [b for b in (item.lower, item.upper, item.step) if b is not None]
    if any(not isinstance(number(b), int) for b in given):
        reverse = item.lower is None and item.upper is None and isinstance(bounds[2], int)
        return dim if reverse else None
    lower, upper, step = (b if isinstance(b, int) else None for b in bounds)
    if isinstance(dim, int):
        return len(range(dim)[slice(lower, upper, step)])
    if lower is None and upper is None and step in (None, 1, -1):
        return dim
    if dim is None or step not in (None, 1):
        return None
    head, tail = lower or 0, -(upper or 0)
    if head < 0 or tail < 0:
        return None
    name, cut = shortened(dim)
    cut += int(head) + int(tail)
    return f"{name}-{cut}" if cut else name


def shortened(dim: str) -> tuple[str, int]:
    """`("n", 2)` for `n-2`; what is put together of several lengths, `(n-2 + 1)`, is a length of its own."""
    name, _, less = ("", "", "") if dim.endswith(")") else dim.rpartition("-")
    return (name, int(less)) if name else (dim, 0)
