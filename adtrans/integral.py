"""An array of integers or flags rounds what is stored into it, so nothing varies through it.

Where an array is known to be one, `analyses/activity.py` says so. Where that depends on the run,

    counts = np.zeros_like(N)
    counts[0] = x[0]

the derivative asks, and raises an error where it would be wrong:

    counts = np.zeros_like(N)
    if counts.dtype.kind in "biu":
        raise TypeError("counts: what is stored into an array of integers is rounded, ...")
    counts[0] = x[0]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adtrans.analyses.activity import Activity, Dependence, rounds
from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import Ranks
from adtrans.ir import (
    Assign,
    Attr,
    AugAssign,
    Call,
    Const,
    Expr,
    ExprStmt,
    For,
    Function,
    Global,
    If,
    IfExp,
    Index,
    Name,
    Op,
    Stmt,
    Tuple,
    Verbatim,
)
from adtrans.kinds import ANY, COMPLEX, HOLDERS, UNSURE, Array, Kind, dtypes_in
from adtrans.printer import expression
from adtrans.rules.facts import holds_whole
from adtrans.walk import binds, map_block, names, root, statements

LIKE = frozenset(f"numpy.{name}_like" for name in ("zeros", "ones", "empty", "full")) | {
    "numpy.pad",
    "numpy.insert",
}
"""Functions whose result has the dtype of their first argument, whatever the others are."""


def asked(function: Function, ranks: Ranks, activity: Activity, dependence: Dependence) -> Function:
    """The function with a question for each array that may be one of integers, and is stored into."""
    questions = Questions.of(function, ranks, activity, dependence)
    if not questions.doubtful:
        return function
    return replace(function, body=map_block(function.body, questions.around))


@dataclass(frozen=True, slots=True)
class Questions:
    """The arrays that are asked about: a name that is bound once where it is bound, others at each store."""

    ranks: Ranks
    doubtful: Mapping[Stmt, Sequence[Expr]]
    early: Mapping[str, Stmt]

    @staticmethod
    def of(function: Function, ranks: Ranks, activity: Activity, dependence: Dependence) -> Questions:
        active = activity.ever_varied & activity.ever_useful
        doubtful: dict[Stmt, Sequence[Expr]] = {}
        sources: Sources | None = None
        for stmt in statements(function.body):
            places = [place for place in stores(stmt, dependence, ranks) if names(place) & active]
            if places and sources is None:
                sources = Sources.of_function(function, ranks, activity, dependence)
            if sources is not None and (found := [p for p in places if not sources.of(p, stmt)]):
                doubtful[stmt] = found
        asked = {place.id for found in doubtful.values() for place in found if isinstance(place, Name)}
        bound = bindings(function) if asked else {}
        once = {name: bound[name][0] for name in sorted(asked) if len(bound.get(name, ())) == 1}
        return Questions(ranks, doubtful, {n: stmt for n, stmt in once.items() if isinstance(stmt, Assign)})

    def around(self, stmt: Stmt) -> Sequence[Stmt]:
        """A statement with the questions before and after it."""
        before, after = self.ranks.scope(stmt), self.ranks.scope_after(stmt)
        known = isinstance(stmt, (Assign, AugAssign)) and settled(stmt.target, stmt, self.ranks)
        here = [] if known else [p for p in self.doubtful.get(stmt, ()) if not self.is_early(p)]
        bound = [Name(name) for name, binding in self.early.items() if binding is stmt]
        return [
            *(question for place in here for question in questions(place, before.kind(place), stmt)),
            stmt,
            *(question for name in bound for question in questions(name, after.kind(name), stmt)),
        ]

    def is_early(self, place: Expr) -> bool:
        return isinstance(place, Name) and place.id in self.early


def settled(target: Expr, stmt: Stmt, ranks: Ranks) -> bool:
    """Whether it is known at this store that the array is one of integers: nothing varies through it then."""
    return isinstance(target, Index) and rounds(target, ranks.scope(stmt))


def questions(place: Expr, kind: Kind, stmt: Stmt) -> Iterator[Stmt]:
    """Whether what is there is an array of integers: nothing is asked about a number."""
    if not ((isinstance(kind, Array) and kind.rank != 0) or kind in (ANY, UNSURE)):
        return
    test: Expr = Op("in", (Attr(Attr(place, "dtype"), "kind"), Const("biu")))
    if not isinstance(kind, Array):
        array = Call("builtins.isinstance", (place, Global("numpy.ndarray")), spelled="isinstance")
        test = Op("and", (array, test))
    words = (
        f"{expression(place)}: what is stored into an array of integers is rounded, so make it one of floats"
    )
    yield If(test, (Verbatim(text=f"raise TypeError({words!r})", span=stmt.span),), (), span=stmt.span)


def stores(stmt: Stmt, dependence: Dependence, ranks: Ranks) -> list[Expr]:
    """The arrays that a statement stores numbers into, itself or by a function that it calls: names, and
    what is in lists and records."""
    places: list[Expr] = []
    match stmt:
        case (
            Assign(target=Index(attribute=False) as target)
            | AugAssign(target=Index(attribute=False) as target)
        ):
            places.append(target.base)
        case Assign(target=Tuple(elts=elts)):
            places += [e.base for e in elts if isinstance(e, Index) and not e.attribute]
    if isinstance(stmt, (Assign, ExprStmt)) and isinstance(call := stmt.value, Call):
        places += [call.args[k] for k in sorted(dependence.mutated.get(call.fn, ())) if k < len(call.args)]
    scope = ranks.scope(stmt)
    found = (whole(place, scope) for place in places if isinstance(root(place), Name))
    return list(dict.fromkeys(found))


def whole(place: Expr, scope: Scope) -> Expr:
    """The array that a part is one of: `rows[0]` of `rows[0][1:]` where `rows` is a list."""
    while isinstance(place, Index) and not isinstance(scope.kind(place.base), HOLDERS):
        place = place.base
    return place if isinstance(place, (Name, Index)) else root(place) or place


def bindings(function: Function) -> dict[str, list[Stmt]]:
    """The statements that bind each name."""
    found: dict[str, list[Stmt]] = {p.name: [] for p in function.params}
    for stmt in statements(function.body):
        for name in binds(stmt):
            found.setdefault(name, []).append(stmt)
    return found


@dataclass(slots=True)
class Sources:
    """What the arrays of a function are made of. A parameter that varies is of floats."""

    ranks: Ranks
    dependence: Dependence
    sure: set[str] = field(default_factory=set)

    @staticmethod
    def of_function(function: Function, ranks: Ranks, activity: Activity, dependence: Dependence) -> Sources:
        """With the names that surely stand for arrays of floats."""
        bound = bindings(function)
        still = {p.name for p in function.params} - activity.ever_varied
        found = Sources(ranks, dependence, bound.keys() - still)
        while lost := {n for n in found.sure if not all(found.floats(n, stmt) for stmt in bound[n])}:
            found.sure -= lost
        return found

    def floats(self, name: str, stmt: Stmt) -> bool:
        """Whether a statement binds a name to floats."""
        match stmt:
            case Assign(target=Name(), value=value):
                return self.of(value, stmt)
            case Assign(value=value):
                return self.known(self.ranks.scope_after(stmt).kind(Name(name))) or self.of(value, stmt)
            case AugAssign():
                return True
            case For(iter=iterable):
                return self.of(iterable, stmt)
        return False

    def known(self, kind: Kind) -> bool:
        found = dtypes_in(kind)
        return bool(found) and found <= {"f8", "f4", *COMPLEX} and not holds_whole(kind)

    def of(self, expr: Expr, stmt: Stmt) -> bool:
        """Whether an expression surely gives floats: an operation does with one operand that is of floats."""
        kind = self.ranks.scope(stmt).kind(expr)
        if isinstance(expr, IfExp):
            return self.of(expr.then, stmt) and self.of(expr.orelse, stmt)
        if self.known(kind):
            return True
        if isinstance(kind, Array) and kind.dtype in ("i", "b"):
            return False
        match expr:
            case Index(base=base) if isinstance(self.ranks.scope(stmt).kind(base), HOLDERS):
                return False
            case Name() if isinstance(kind, HOLDERS):
                return False  # What has been put into it since is not among its bindings.
            case Name(id=name):
                return name in self.sure
            case Call(fn=fn, args=(like, *_), kwargs=kwargs) if fn in LIKE:
                return "dtype" not in dict(kwargs) and self.of(like, stmt)
            case Call(fn="numpy.ndarray.astype" | "builtins.int"):
                return False
            case Call(fn="builtins.max" | "builtins.min", args=args) if len(args) > 1:
                return all(self.of(part, stmt) for part in args)
            case Call(fn=fn, args=args) if fn in self.dependence.functions:
                return bool(args) and all(self.of(part, stmt) for part in args)
        return any(self.of(part, stmt) for part in self.dependence.through(expr))
