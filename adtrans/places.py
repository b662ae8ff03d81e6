"""Places in arrays: `u[i][j]` is `u[i, j]`, and `u.T[i]` is `u[:, i]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from adtrans import writers
from adtrans.analyses.expressions import Scope
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic
from adtrans.interpolants import word
from adtrans.ir import (
    Assign,
    AugAssign,
    Call,
    Const,
    Expr,
    ExprStmt,
    Function,
    Index,
    Name,
    Op,
    Slice,
    Stmt,
    Tuple,
)
from adtrans.kinds import Array, ListOf, Plain, RecordOf, TupleOf, is_number, rank
from adtrans.walk import map_block, names, root, statements

ALL = Slice()


def indices(index: Expr) -> tuple[Expr, ...]:
    """The parts of an index."""
    return index.elts if isinstance(index, Tuple) else (index,)


def joined(items: tuple[Expr, ...]) -> Expr:
    """The index with these parts."""
    return items[0] if len(items) == 1 else Tuple(items)


def root_of(place: Expr) -> str | None:
    """The name that owns a place, also below calls that give views."""
    while isinstance(place, (Index, Call)):
        if isinstance(place, Call) and not place.args:
            return None
        place = place.base if isinstance(place, Index) else place.args[0]
    return place.id if isinstance(place, Name) else None


def composed(base: Expr, index: Expr, scope: Scope) -> Expr:
    """`base[index]`, with one index for two where that says the same: `u[i]`, `[j]` gives `u[i, j]`."""
    if isinstance(base, Index) and isinstance(scope.kind(base.base), Array):
        items = _composed(indices(base.index), indices(index), scope)
        if items is not None:
            return Index(base.base, joined(items))
    return Index(base, index)


def _composed(first: tuple[Expr, ...], second: tuple[Expr, ...], scope: Scope) -> tuple[Expr, ...] | None:
    if not all(is_slice(i) or is_int(i, scope) for i in (*first, *second)):
        return None
    rest, done = list(second), []
    for item in first:
        if is_slice(item) and rest and (item == ALL or rest[0] == ALL):
            following = rest.pop(0)
            done.append(following if item == ALL else item)
        elif is_slice(item) and rest:
            return None
        else:
            done.append(item)
    return (*done, *rest)


def is_slice(item: Expr) -> bool:
    return isinstance(item, Slice)


def is_int(item: Expr, scope: Scope) -> bool:
    kind = scope.kind(item)
    return isinstance(kind, Array) and kind.rank == 0 and kind.dtype == "i"


def is_flag(item: Expr, scope: Scope) -> bool:
    """Whether one part of an index may be true or false, and no array of these."""
    if isinstance(item, Const):
        return isinstance(item.value, bool)
    kind = scope.kind(item)
    return isinstance(kind, Array) and kind.dtype == "b" and not kind.rank


def copies(place: Index, scope: Scope) -> bool | None:
    """Whether `place` is a copy of what it is taken from, not a part of it; None if that is not known.

    NumPy copies where an index is an array, a list or a flag, Python where a list is sliced; for a list a
    flag is a position. An element that is a number counts as a part: nothing is taken from it.
    """
    base = scope.kind(place.base)
    if isinstance(base, (ListOf, TupleOf)):
        return isinstance(place.index, Slice)
    if isinstance(base, RecordOf):
        return False
    maybe_list = not isinstance(base, Array) and not isinstance(place.index, Tuple)
    if maybe_list and (is_slice(place.index) or is_flag(place.index, scope)):
        return None
    return advanced(place.index, scope)


def is_part(place: Expr, scope: Scope) -> bool:
    """Whether an expression is a variable or surely a part of one: what is written into it arrives there."""
    while isinstance(place, Index):
        if copies(place, scope) is not False:
            return False
        place = place.base
    return isinstance(place, Name)


def written_to_a_copy(place: Index, scope: Scope) -> bool | None:
    """Whether what is written into a part of `place` goes to a copy, and nowhere else; None if that is not
    known: the arrays in a slice of a list are those of the list."""
    found = copies(place, scope)
    return None if found and isinstance(scope.kind(place.base), (ListOf, TupleOf)) else found


def advanced(index: Expr, scope: Scope) -> bool | None:
    """Whether an array that is indexed so is copied; None if that is not known."""
    found = [_advanced(item, scope) for item in indices(index)]
    return True if True in found else None if None in found else False


def _advanced(item: Expr, scope: Scope) -> bool | None:
    """The same for one part of an index."""
    if isinstance(item, (Slice, Const)):
        return is_flag(item, scope)
    match scope.kind(item):
        case Array(shape=(), dtype="i", cell=False) | Plain(name="None" | "str"):
            return False
        case Array(dtype="b") | ListOf():
            return True
        case Array(rank=int() as rank, cell=False) if rank:
            return True
    return None


def is_transpose(expr: Expr, scope: Scope) -> bool:
    """Whether an expression is the transpose of a matrix."""
    match expr:
        case Call(fn="numpy.transpose" | "numpy.matrix_transpose", args=(base,), kwargs=()):
            return rank(scope.kind(base)) == 2
    return False


def write_to(target: Expr, value: Expr, scope: Scope) -> tuple[Expr, Expr] | None:
    """The target and the value of a write, without calls in the target; None where there are no such."""
    if not _calls(target):
        return (target, value) if root(target) is not None else None
    found = canonical(target, scope)
    if found is None or isinstance(target, Call):
        return None
    place, flipped = found
    turned = transposed(value, scope) if flipped else value
    return None if turned is None else (place, turned)


def canonical(place: Expr, scope: Scope) -> tuple[Expr, bool] | None:
    """A part of an array without calls, and whether it is the transpose of that part."""
    match place:
        case Name():
            return place, False
        case Call(args=(base, *_)) if is_transpose(place, scope):
            found = canonical(base, scope)
            return None if found is None else (found[0], not found[1])
        case Index(base=base, index=index):
            found = canonical(base, scope)
            if found is None or not found[1]:
                return None if found is None else (composed(found[0], index, scope), False)
            return _of_transpose(found[0], index, scope)
    return None


def _of_transpose(base: Expr, index: Expr, scope: Scope) -> tuple[Expr, bool] | None:
    """`base.T[i, j]` as `base[j, i]`; with two axes left it is still a transpose."""
    items = (ALL, ALL) if index == Const(...) else indices(index)
    if len(items) > 2 or not all(is_slice(i) or is_int(i, scope) for i in items):
        return None
    rows, columns = (*items, ALL)[:2]
    return composed(base, Tuple((columns, rows)), scope), is_slice(rows) and is_slice(columns)


def transposed(value: Expr, scope: Scope) -> Expr | None:
    """What is written to `u` so that `u.T` gets `value`."""
    match rank(scope.kind(value)):
        case 0:
            return value
        case 1:
            return Index(value, Tuple((ALL, Const(None))))
        case 2:
            return Call("numpy.transpose", (value,), style="attribute", spelled="T")
    return None


def _calls(place: Expr) -> bool:
    """Whether there is a call between a place and its name."""
    while isinstance(place, Index):
        place = place.base
    return isinstance(place, Call)


def plain_targets(function: Function, ranks: Ranks, fresh: Callable[[str], str]) -> Function:
    """`u.T[i] = e` as `u[:, i] = e`, `u.fill(e)` as `u[...] = e`; what cannot be said stays."""

    def plain(stmt: Stmt) -> Stmt | tuple[Stmt, ...]:
        stmt = writers.chosen(stmt, ranks.scope(stmt))
        match stmt:
            case (
                Assign(target=Index() as target, value=value)
                | AugAssign(target=Index() as target, value=value)
            ):
                done = write_to(target, value, ranks.scope(stmt)) if _calls(target) else None
                if done is not None:
                    return replace(stmt, target=done[0], value=done[1], text=None)
            case ExprStmt(value=Call(fn="numpy.subtract.at")):
                return added_at(stmt)
            case _ if found := writers.writes(stmt, ranks.scope(stmt), fresh):
                return said(stmt, found, ranks.scope(stmt))
        return stmt

    return replace(function, body=map_block(function.body, plain))


def said(stmt: Stmt, found: list[writers.Write], scope: Scope) -> Stmt | tuple[Stmt, ...]:
    """A statement as assignments, if all of them can be said."""
    done = [pair if isinstance(pair[0], Name) else write_to(*pair, scope) for pair in found]
    lines = tuple(like(stmt, *pair) for pair in done if pair is not None)
    if len(lines) < len(found):
        return stmt
    return (lines[0], *(replace(line, comments=(), trailing="", blank_before=False) for line in lines[1:]))


def added_at(stmt: ExprStmt) -> Stmt:
    """`np.subtract.at(u, i, e)` as `np.add.at(u, i, -e)`."""
    match stmt.value:
        case Call(fn="numpy.subtract.at", args=(base, index, value), kwargs=()) as call:
            args = (base, index, Op("neg", (value,)))
            return replace(
                stmt, value=replace(call, fn="numpy.add.at", args=args, spelled="np.add.at"), text=None
            )
    return stmt


def like(stmt: Stmt, target: Expr, value: Expr) -> Assign:
    """An assignment in the place of another statement."""
    return Assign(
        target=target,
        value=value,
        span=stmt.span,
        comments=stmt.comments,
        trailing=stmt.trailing,
        blank_before=stmt.blank_before,
    )


def unsaid(function: Function, active: Callable[[Stmt, str], bool]) -> list[Diagnostic]:
    """Writes into what no pass could say as a place of a name."""
    found: list[Diagnostic] = []
    for stmt in statements(function.body):
        if not isinstance(stmt, (Assign, AugAssign)) or not isinstance(stmt.target, Index):
            continue
        name = root_of(stmt.target)
        if _calls(stmt.target) and (name is None or active(stmt, name)):
            words = f"an assignment into something without a name changes `{name}`, which is differentiated"
            help_ = f"write to `{name}` itself; for `.T`, annotate that `{name}` is a matrix"
            found.append(Diagnostic("AD203", words, stmt.span, help=help_))
    return found


def call_arguments(
    function: Function,
    ranks: Ranks,
    mutated: Mapping[str, frozenset[int]],
    classes: Mapping[str, frozenset[str]],
    fresh: Callable[[str], str],
) -> Function:
    """A call that writes into an argument, with names for all that has another value after it.

    `y = g(y, u[i], np.sum(y))` becomes `part = u[i]`, `sum = np.sum(y)`, `y_new = g(y, part, sum)`,
    `y = y_new`: the backward sweep reads the arguments as they were before the call, but for those that `g`
    has written into, which it takes back to that state itself.
    """

    def written(call: Call, scope: Scope) -> list[int]:
        return [
            k
            for k in sorted(mutated.get(call.fn, ()))
            if k < len(call.args) and not is_number(scope.kind(call.args[k]))
        ]

    def named(stmt: Stmt) -> Stmt | tuple[Stmt, ...]:
        if not isinstance(stmt, (Assign, ExprStmt)) or not isinstance(stmt.value, Call):
            return stmt
        call, scope = stmt.value, ranks.scope(stmt)
        places = written(call, scope)
        if not places:
            return stmt
        before: list[tuple[str, Expr]] = []
        args = list(call.args)

        def put(k: int, base: str) -> None:
            before.append((fresh(base), args[k]))
            args[k] = Name(before[-1][0])

        for k in places:
            if isinstance(args[k], (Index, Call)) and rank(scope.kind(args[k])):
                put(k, "part")
        changed = frozenset().union(*(names(args[k]) for k in places))
        changed = changed.union(*(classes.get(name, frozenset()) for name in changed))
        for k, arg in enumerate(args):
            if k not in places and not isinstance(arg, (Name, Const)) and names(arg) & changed:
                put(k, word_of(arg))
        lines: list[Stmt] = [Assign(target=Name(name), value=value) for name, value in before]
        target, after = apart_from(stmt.target, changed, fresh) if isinstance(stmt, Assign) else (None, [])
        if not lines and not after:
            return stmt
        new = replace(stmt, value=replace(call, args=tuple(args)), text=None)
        if isinstance(new, Assign) and target is not None:
            new = replace(new, target=target)
        lines += [new, *(Assign(target=name, value=value, span=stmt.span) for name, value in after)]
        lines[0] = replace(lines[0], span=stmt.span, comments=stmt.comments, blank_before=stmt.blank_before)
        return (lines[0], *(replace(line, comments=(), blank_before=False) for line in lines[1:]))

    return replace(function, body=map_block(function.body, named))


def word_of(arg: Expr) -> str:
    """What to call the value of an argument."""
    return word(arg.fn) if isinstance(arg, Call) else "part" if isinstance(arg, Index) else "value"


def apart_from(
    target: Expr, changed: frozenset[str], fresh: Callable[[str], str]
) -> tuple[Expr, list[tuple[Expr, Expr]]]:
    """The target of a call with other names for those it writes into, and what these are put back into."""
    if isinstance(target, Tuple):
        parts = [apart_from(e, changed, fresh) for e in target.elts]
        return Tuple(tuple(e for e, _ in parts)), [pair for _, more in parts for pair in more]
    if isinstance(target, Name) and target.id in changed:
        new = Name(fresh(f"{target.id}_new"))
        return new, [(target, new)]
    return target, []
