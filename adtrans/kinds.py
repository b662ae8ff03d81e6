"""What is known of a value before the program runs: a small lattice of kinds.

A scalar is an array of rank 0. A dimension is an `int` (known length: 1 is the one that
broadcasts), a `str` (a length with a name: equal names are equal lengths, and an axis with a name
is never stretched), or `None` (nothing known).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

Dim = int | str | None
Key = str | int
"""What a value in a record is found under."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Base of all kinds. A plain `Kind()` is `ANY`: nothing known."""


@dataclass(frozen=True, slots=True)
class Array(Kind):
    """A number or an array. `dtype`: `f8 f4 c16 c8 i b`; `?` where only this is known, that it is not
    complex; `c` for complex of unknown precision, `*` for what may be complex in one run and not in another.

    `shape` is None where the rank is unknown. `python` marks a Python number, whose dtype is weak.
    `like` names a shape of unknown rank: values with the same `like` have the same shape.
    `none`: it may be None, where nobody computes with it. `cell`: it may be an array of rank 0, which is
    written into by `+=`, where a number is replaced. `value` is that of a flag given as an argument.
    `whole`: it may be of integers in some runs, although the dtype says floats; so may an array that is made
    of such numbers, whose dtype is `?`.
    """

    dtype: str
    shape: tuple[Dim, ...] | None
    python: bool = False
    like: str | None = None
    none: bool = False
    cell: bool = False
    whole: bool = False
    value: bool | None = field(default=None, compare=False)

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """A Python list whose elements all have this kind (None: it is empty so far).

    `none`, here and below: it may be None, where nobody computes with it.
    """

    elem: Kind | None
    none: bool = False


@dataclass(frozen=True, slots=True)
class TupleOf(Kind):
    """A tuple of known length; or a list of known length (`mutable`), whose elements differ in kind.

    `names` are those of the parts of a named tuple.
    """

    elems: tuple[Kind, ...]
    mutable: bool = False
    none: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordOf(Kind):
    """Values under names that are known before the program runs: `elems[k]` is under `keys[k]`.

    `form` is "dict", or what an object with these attributes is: "namedtuple" (with operators of its own: any
    other is a tuple), "dataclass", "object";
    `cls` is the name of its class. The derivative of a record is a dict with the same keys.
    """

    keys: tuple[Key, ...]
    elems: tuple[Kind, ...]
    form: str = "dict"
    cls: str = ""
    none: bool = False

    def at(self, key: object) -> Kind | None:
        """The kind of what is under a key, None where there is no such key."""
        return next((e for k, e in zip(self.keys, self.elems, strict=True) if same_key(k, key)), None)

    def holds(self, index: Kind) -> bool:
        """Whether an index of this kind is surely one of the keys."""
        return isinstance(index, Plain) and bool(index.among) and set(index.among) <= set(self.keys)

    def without(self, key: object) -> RecordOf:
        """The same record without a key."""
        left = [(k, e) for k, e in zip(self.keys, self.elems, strict=True) if not same_key(k, key)]
        return replace(self, keys=tuple(k for k, _ in left), elems=tuple(e for _, e in left))

    def put(self, key: Key, kind: Kind) -> RecordOf:
        """The same record with a value of this kind under a key, which may be new."""
        if self.at(key) is None:
            return replace(self, keys=(*self.keys, key), elems=(*self.elems, kind))
        elems = (kind if k == key else e for k, e in zip(self.keys, self.elems, strict=True))
        return replace(self, elems=tuple(elems))


@dataclass(frozen=True, slots=True)
class Mapped(Kind):
    """A dict whose keys are not known, or a set: what is in it may vary, but nobody follows it there.

    `unsure`: there may be complex numbers in it.
    """

    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Plain(Kind):
    """Anything that has no derivative: `str`, `None`, `range`, `slice`, `dtype`, `function` …

    `among` are the strings that it is one of, where that is known: what a loop over a dict takes from it.
    `value` is that of a string given as an argument.
    """

    name: str
    among: tuple[Key, ...] = ()
    value: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unsure(Kind):
    """Nothing known, as of `ANY`; but what is in it came from complex numbers."""


ANY = Kind()
FLOAT = Array("f8", (), python=True)
INT = Array("i", (), python=True)
BOOL = Array("b", (), python=True)
NONE = Plain("None")
MEMBER = Plain("member")
STR = Plain("str")
NEVER = Plain("never")
"""The result of a recursive call of which nothing is known yet: the bottom of the lattice."""

INEXACT = ("f8", "f4", "c16", "c8", "c", "*")
COMPLEX = frozenset(("c16", "c8", "c"))
UNSURE = Unsure()


def rank(kind: Kind) -> int | None:
    """The rank of a value, None where it is unknown or the value is not a number."""
    return kind.rank if isinstance(kind, Array) else None


def may_vary(kind: Kind) -> bool:
    """Whether a value of this kind can carry a derivative at all: integers and strings cannot."""
    match kind:
        case Array(dtype=dtype):
            return dtype not in ("i", "b")
        case ListOf(elem=elem):
            return elem is None or may_vary(elem)
        case TupleOf(elems=elems) | RecordOf(elems=elems):
            return any(map(may_vary, elems))
        case Plain():
            return False
    return True


def as_floats(kind: Kind) -> Kind:
    """The kind of what begins to vary: a list of integers, or of None, may hold other numbers now."""
    if isinstance(kind, HOLDERS):
        return map_parts(kind, as_floats)
    return FLOAT if kind == NONE or (isinstance(kind, Array) and kind.rank == 0) else kind


def parts(kind: Kind) -> tuple[Kind, ...]:
    """The kinds of what a value holds: of the elements of a list there is one."""
    match kind:
        case ListOf(elem=Kind() as elem):
            return (elem,)
        case TupleOf(elems=elems) | RecordOf(elems=elems):
            return elems
    return ()


def map_parts(kind: Kind, f: Callable[[Kind], Kind]) -> Kind:
    """The same container with `f` of what it holds."""
    return with_parts(kind, [f(part) for part in parts(kind)])


def with_parts(kind: Kind, new: Sequence[Kind]) -> Kind:
    """The same container with other parts (as many as `parts` gives)."""
    match kind:
        case ListOf(elem=Kind()):
            return replace(kind, elem=new[0])
        case TupleOf() | RecordOf():
            return replace(kind, elems=tuple(new))
    return kind


def may_reach(kind: Kind, container: Kind) -> bool:
    """Whether a value of the first kind may be, or hold, one container of the second."""
    if isinstance(kind, (Array, Plain)):
        return False
    if type(kind) not in (ListOf, TupleOf, RecordOf):
        return True
    return type(kind) is type(container) or any(may_reach(part, container) for part in parts(kind))


HOLDERS = (ListOf, RecordOf, TupleOf)
"""Values that can be given other elements, and hold these themselves: an array copies what it is given."""


def same_key(a: object, b: object) -> bool:
    """Whether two constants are one key: `1` and `True` would be, and are not taken for a key here."""
    return type(a) is type(b) and a == b


def dtypes_in(kind: Kind) -> frozenset[str]:
    """The dtypes of the numbers in a value, as far as they are known."""
    match kind:
        case Array(dtype=dtype):
            return frozenset((dtype,))
        case Unsure() | Mapped(unsure=True):
            return frozenset("*")
    return frozenset().union(*map(dtypes_in, parts(kind)))


def may_be_complex(kind: Kind) -> bool:
    """Whether there may be complex numbers in a value."""
    match kind:
        case Plain(name=name):  # A dtype.
            return name.removeprefix("dtype ") in (*COMPLEX, "*")
    return not dtypes_in(kind).isdisjoint((*COMPLEX, "*"))


def unknown(*made_of: Kind) -> Kind:
    """The kind of what nothing is known of, but what it is made of."""
    return UNSURE if any(map(may_be_complex, made_of)) else ANY


def complex_promotion(dtypes: Collection[str]) -> str | None:
    """The dtype of what is made of numbers that may be complex; None where the precisions decide."""
    if COMPLEX.isdisjoint(dtypes):
        return "*" if "*" in dtypes else None
    return "c" if {"?", "*", "c"} & set(dtypes) else None


def parts_dtype(dtype: str) -> str:
    """The dtype of the real and imaginary part of a number."""
    return {"c16": "f8", "c8": "f4", "c": "?", "*": "?"}.get(dtype, dtype)


def is_number(kind: Kind) -> bool:
    """Whether a value surely has no memory to share."""
    match kind:
        case Array(rank=0):
            return True
        case Plain():
            return True
        case TupleOf(elems=elems, mutable=False):
            return all(map(is_number, elems))
    return False


def is_cell(kind: Kind) -> bool:
    """Whether a value may be an array of rank 0."""
    return isinstance(kind, Array) and kind.rank == 0 and kind.cell


def is_fixed(kind: Kind) -> bool:
    """Whether a value is a number, and surely no array of rank 0, which may be a view."""
    if isinstance(kind, TupleOf):
        return not kind.mutable and all(map(is_fixed, kind.elems))
    return is_number(kind) and not is_cell(kind)


def join(a: Kind, b: Kind) -> Kind:
    """The least kind that covers both."""
    if a == b or b == NEVER:
        return a
    if a == NEVER:
        return b
    if NONE in (a, b):
        return or_none(b if a == NONE else a)
    if none_too(a) or none_too(b):
        return or_none(join(or_none(a, False), or_none(b, False)))
    unlike = UNSURE if may_be_complex(a) or may_be_complex(b) else ANY
    match a, b:
        case Array(), Array():
            shape = join_shape(a.shape, b.shape)
            like = a.like if shape is None and a.like == b.like else None
            dtype, cell, whole = join_dtype(a.dtype, b.dtype), a.cell or b.cell, may_be_whole(a, b)
            if whole and not all(k.rank == 0 for k in (a, b) if k.dtype in ("i", "b")):
                dtype = "?"  # It can be stored into.
            return Array(dtype, shape, a.python and b.python, like, a.none or b.none, cell, whole)
        case Plain(name=name, among=x), Plain(name=other, among=y) if name == other:
            return Plain(name, tuple(dict.fromkeys((*x, *y))) if x and y else ())
        case ListOf(elem=None), ListOf():
            return b
        case ListOf(), ListOf(elem=None):
            return a
        case ListOf(elem=Kind() as x), ListOf(elem=Kind() as y):
            return ListOf(join(x, y))
        case TupleOf(elems=x, mutable=p, names=m), TupleOf(elems=y, mutable=q, names=n) if (
            len(x) == len(y) and p == q
        ):
            return TupleOf(tuple(map(join, x, y)), p, names=m if m == n else ())
        case (TupleOf(mutable=True), ListOf()) | (ListOf(), TupleOf(mutable=True)):
            return join(as_list(a), as_list(b))
        case RecordOf(keys=keys, form=form, cls=cls), RecordOf(keys=others, form=f, cls=c):
            if keys == others and (form, cls) == (f, c):  # The order is that of `.values()`.
                return replace(a, elems=tuple(map(join, a.elems, b.elems)))
        case Plain(), Plain() if unlike != ANY:
            return Plain("dtype *")
    return unlike


def may_be_whole(a: Array, b: Array) -> bool:
    """Whether a value that is one or the other may be of integers, or of floats."""
    return a.whole or b.whole or ((a.dtype in ("i", "b")) != (b.dtype in ("i", "b")))


def none_too(kind: Kind) -> bool:
    """Whether a list, a tuple or a record may be None."""
    return isinstance(kind, (ListOf, TupleOf, RecordOf)) and kind.none


def as_list(kind: Kind) -> Kind:
    """A list of known length as one of any length."""
    if not isinstance(kind, TupleOf):
        return kind
    elem: Kind | None = None
    for part in kind.elems:
        elem = part if elem is None else join(elem, part)
    return ListOf(elem, kind.none)


def or_none(kind: Kind, none: bool = True) -> Kind:
    """What is None or this: who computes with it has seen that it is not None.

    An argument such as `axis` keeps the difference: what it is decides which rule there is.
    """
    match kind:
        case Array() | ListOf() | TupleOf() | RecordOf() if may_vary(kind):
            return replace(kind, none=none)
    return UNSURE if may_be_complex(kind) else ANY


def join_dtype(a: str, b: str) -> str:
    """The dtype of a value that is one or the other: an int that may be a float counts as one."""
    if a == b:
        return a
    if {a, b} & {*COMPLEX, "*"}:
        return "c" if {a, b} <= COMPLEX else "*"
    order = ("b", "i", "f4", "f8")
    if a in order and b in order and {a, b} != {"f4", "f8"}:
        return max(a, b, key=order.index)
    return "?"


def join_shape(a: tuple[Dim, ...] | None, b: tuple[Dim, ...] | None) -> tuple[Dim, ...] | None:
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(x if x == y else None for x, y in zip(a, b, strict=True))


@lru_cache(maxsize=4096)
def broadcast_shape(*shapes: tuple[Dim, ...] | None) -> tuple[Dim, ...] | None:
    """The shape of an elementwise operation."""
    known = [s for s in shapes if s is not None]
    if len(known) < len(shapes):
        return None
    rank = max(map(len, known), default=0)
    padded = [(1,) * (rank - len(s)) + s for s in known]
    return tuple(broadcast_dim(dims) for dims in zip(*padded, strict=True))


def broadcast_dim(dims: tuple[Dim, ...]) -> Dim:
    """The length of an axis in which these meet."""
    longer = [d for d in dims if d != 1]
    if not longer:
        return 1
    certain = [d for d in longer if not may_be_one(d)]
    if certain:
        return next((d for d in certain if isinstance(d, int)), certain[0])
    return longer[0] if len(set(longer)) == 1 else None


def key_of(record: RecordOf) -> Kind:
    """The kind of a key that a loop takes from a dict."""
    if all(isinstance(key, str) for key in record.keys):
        return Plain("str", record.keys)
    return INT if all(isinstance(key, int) for key in record.keys) else ANY


def alike(a: Kind, b: Kind) -> bool:
    """Whether two values are known to have the same shape in every run."""
    if not isinstance(a, Array) or not isinstance(b, Array):
        return False
    return same_shape(a.shape, b.shape) or (a.like is not None and a.like == b.like)


def identical(a: Kind, b: Kind) -> bool:
    """Whether one value can stand for the other where only the shape counts."""
    if not isinstance(a, Array) or not isinstance(b, Array):
        return False
    if a.shape is None or b.shape is None:
        return a.like is not None and a.like == b.like
    return a.shape == b.shape and None not in a.shape


def same_shape(a: tuple[Dim, ...] | None, b: tuple[Dim, ...] | None) -> bool:
    """Whether two shapes are known to be equal in every run."""
    return (
        a is not None
        and b is not None
        and len(a) == len(b)
        and all(same_dim(x, y) for x, y in zip(a, b, strict=True))
    )


def same_dim(x: Dim, y: Dim) -> bool:
    """Two axes that meet in one operation are equal if neither can be stretched.

    `n-1` is a length with a name that may well be 1 (`x[1:]` of two elements): it equals itself only.
    """
    if x is None or y is None:
        return False
    return x == y or not (may_be_one(x) or may_be_one(y))


def may_be_one(dim: Dim) -> bool:
    """Whether an axis may be stretched against another."""
    return dim is None or dim == 1 or (isinstance(dim, str) and "-" in dim)
