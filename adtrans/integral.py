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
from adtrans.kinds import ANY, COMPLEX, UNSURE, Array, Kind, dtypes_in
from adtrans.walk import binds, map_block, names, root, statements

LIKE = frozenset(f"numpy.{name}_like" for name in ("zeros", "ones", "empty", "full")) | {
    "numpy.pad",
    "numpy.insert",
}
"""Functions whose result has the dtype of their first argument, whatever the others are."""


def asked(function: Function, ranks: Ranks, activity: Activity, dependence: Dependence) -> Function:
    """The function with a question for each array that may be one of integers, and is stored into."""
    stored = {name for stmt in statements(function.body) for name in stores(stmt, dependence)}
    active = stored & activity.ever_varied & activity.ever_useful
    if not active:
        return function
    unsure = Sources(ranks, dependence).unsure(function)
    doubtful = active & unsure
    if not doubtful:
        return function
    once = {name: stmts[0] for name, stmts in bindings(function).items() if len(stmts) == 1}

    def question(name: str, stmt: Stmt) -> Iterator[Stmt]:
        kind = ranks.scope_after(stmt).kind(Name(name))
        if (isinstance(kind, Array) and kind.rank != 0) or kind in (ANY, UNSURE):
            yield raising(name, kind, stmt)

    def with_questions(stmt: Stmt) -> Sequence[Stmt]:
        before = [
            made
            for name in stores(stmt, dependence)
            if name in doubtful and not isinstance(once.get(name), Assign)
            if not (isinstance(stmt, (Assign, AugAssign)) and settled(stmt.target, stmt, ranks))
            for made in question(name, stmt)
        ]
        after = [
            made
            for name in sorted(names(stmt.target) & doubtful if isinstance(stmt, Assign) else ())
            if once.get(name) is stmt
            for made in question(name, stmt)
        ]
        return [*before, stmt, *after]

    return replace(function, body=map_block(function.body, with_questions))


def settled(target: Expr, stmt: Stmt, ranks: Ranks) -> bool:
    """Whether it is known at this store that the array is one of integers: nothing varies through it then."""
    return isinstance(target, Index) and rounds(target, ranks.scope(stmt))


def raising(name: str, kind: Kind, stmt: Stmt) -> If:
    test: Expr = Op("in", (Attr(Attr(Name(name), "dtype"), "kind"), Const("biu")))
    if not isinstance(kind, Array):
        array = Call("builtins.isinstance", (Name(name), Global("numpy.ndarray")), spelled="isinstance")
        test = Op("and", (array, test))
    words = f"{name}: what is stored into an array of integers is rounded, so make it one of floats"
    return If(test, (Verbatim(text=f'raise TypeError("{words}")', span=stmt.span),), (), span=stmt.span)


def stores(stmt: Stmt, dependence: Dependence) -> list[str]:
    """The names of the arrays that a statement stores numbers into, itself or by a function that it calls."""
    places: list[Expr] = []
    match stmt:
        case (
            Assign(target=Index(attribute=False) as target)
            | AugAssign(target=Index(attribute=False) as target)
        ):
            places.append(target)
        case Assign(target=Tuple(elts=elts)):
            places += [e for e in elts if isinstance(e, Index) and not e.attribute]
    if isinstance(stmt, (Assign, ExprStmt)) and isinstance(call := stmt.value, Call):
        places += [call.args[k] for k in sorted(dependence.mutated.get(call.fn, ())) if k < len(call.args)]
    found = (root(place) for place in places)
    return list(dict.fromkeys(name.id for name in found if isinstance(name, Name)))


def bindings(function: Function) -> dict[str, list[Stmt]]:
    """The statements that bind each name."""
    found: dict[str, list[Stmt]] = {p.name: [] for p in function.params}
    for stmt in statements(function.body):
        for name in binds(stmt):
            found.setdefault(name, []).append(stmt)
    return found


@dataclass(slots=True)
class Sources:
    """What the arrays of a function are made of. A parameter is what the caller has asked about."""

    ranks: Ranks
    dependence: Dependence
    sure: set[str] = field(default_factory=set)

    def unsure(self, function: Function) -> set[str]:
        """The names that may stand for an array of integers."""
        bound: Mapping[str, list[Stmt]] = bindings(function)
        self.sure = set(bound)
        while True:
            lost = {n for n in self.sure if not all(self.floats(n, stmt) for stmt in bound[n])}
            if not lost:
                return set(bound) - self.sure
            self.sure -= lost

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
        return bool(found) and found <= {"f8", "f4", *COMPLEX}

    def of(self, expr: Expr, stmt: Stmt) -> bool:
        """Whether an expression surely gives floats: an operation does with one operand that is of floats."""
        kind = self.ranks.scope(stmt).kind(expr)
        if isinstance(expr, IfExp):
            return self.of(expr.then, stmt) and self.of(expr.orelse, stmt)
        if self.known(kind):
            return True
        match expr:
            case Name(id=name):
                return name in self.sure
            case Call(fn=fn, args=(like, *_), kwargs=kwargs) if fn in LIKE:
                return "dtype" not in dict(kwargs) and self.of(like, stmt)
            case Call(fn="numpy.ndarray.astype" | "builtins.int"):
                return False
            case Call(fn="builtins.max" | "builtins.min", args=args) if len(args) > 1:
                return all(self.of(part, stmt) for part in args)
        return any(self.of(part, stmt) for part in self.dependence.through(expr))
