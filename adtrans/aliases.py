"""Arrays that have two names get one: what is written in place is written through its owner.

    row = u[i]                    becomes
    row[0] = np.sin(x)                         u[i, 0] = np.sin(x)
    return np.sum(u)                           return np.sum(u)

Derivatives treat arrays as values, so a write must go through the one name that is read later. Only
names that are in a conflict (`analyses/memory.py`) are replaced. A name stands for a place from its
binding on, until something in the place is bound again: then it is bound to it for good (`row = u[i]`
just before), and what is a conflict after that is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from adtrans.analyses.expressions import Scope
from adtrans.analyses.liveness import Live, live
from adtrans.analyses.memory import Conflict, Memory, changed_by
from adtrans.analyses.ranks import Ranks
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
    Continue,
    Expr,
    ExprStmt,
    For,
    Function,
    Global,
    If,
    Index,
    Name,
    Op,
    Opaque,
    Return,
    Slice,
    Stmt,
    Tuple,
    Verbatim,
    While,
)
from adtrans.kinds import ANY, INT, Array, Kind, ListOf, is_number, join
from adtrans.names import Names
from adtrans.places import composed, indices, root_of, write_to
from adtrans.walk import (
    binds,
    changes,
    children,
    expressions,
    names,
    statements,
    subexpressions,
    with_children,
)

PURE_VIEWS = frozenset(
    {
        "numpy.transpose",
        "numpy.matrix_transpose",
        "numpy.swapaxes",
        "numpy.moveaxis",
        "numpy.squeeze",
        "numpy.expand_dims",
        "numpy.flip",
        "numpy.flipud",
        "numpy.fliplr",
        "numpy.diagonal",
        "numpy.broadcast_to",
    }
)
"""Calls that give a view of any array, so that a later read sees what was written since."""

STEPS = 4000
"""Statements looked at before the pass gives up: loops in loops are gone through several times."""


def unaliased(
    function: Function,
    ranks: Ranks,
    memory: Memory,
    fresh: Names,
    ends: frozenset[str],
    shared: Callable[[Function], list[Conflict]],
) -> Function:
    """Replace names until `shared` (the conflicts of a function) finds no more that may be replaced.

    `ends` are the parameters whose contents are a result.
    """
    wanted: set[str] = set()
    unable: set[str] = set()
    owned: set[str] = set()
    ended: set[str] = set()
    memo: dict[tuple[Stmt | str, str], str] = {}
    current = function
    while True:
        found = {n for c in shared(current) if not c.module for n in (c.name, c.other)} - wanted
        if not found:
            return current
        wanted |= found
        while True:
            work = _Rewrite(ranks, memory, fresh, wanted - unable, memo, live(function, ends=ends))
            work.owned, work.ended_names = owned, ended
            try:
                current = work.function(function)
                break
            except Differ as error:
                owned.add(error.name)
            except Unsure as error:
                ended.add(error.name)
            except Unable as error:
                if not error.name:
                    return function
                unable.add(error.name)


class Unable(Exception):
    """A name (or, empty, the whole function) that has to stay as it is."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name


class Differ(Unable):
    """A name that stands for different places where paths meet."""


class Unsure(Unable):
    """A name that has to be bound where some paths have not given it a place: it is bound on the others."""


@dataclass(slots=True)
class State:
    """What the replaced names stand for at a point, and the names that may be bound there.

    `unsure` are replaced names that some path has left without a place.
    """

    places: dict[str, Expr] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    def copy(self) -> State:
        return State(dict(self.places), self.bound, self.unsure)


@dataclass(slots=True)
class Exits:
    """Where the states go that leave a round of a loop early, and what has to be bound there."""

    forced: frozenset[str]
    breaks: list[State] = field(default_factory=list)
    again: list[State] = field(default_factory=list)


@dataclass(slots=True)
class _Rewrite:
    ranks: Ranks
    memory: Memory
    fresh: Names
    wanted: set[str]
    memo: dict[tuple[Stmt | str, str], str]
    live: Live
    kinds: dict[str, Kind] = field(default_factory=dict)
    state: State | None = field(default_factory=State)
    exits: list[Exits] = field(default_factory=list)
    out: list[Stmt] = field(default_factory=list)
    owned: set[str] = field(default_factory=set)
    ended_names: set[str] = field(default_factory=set)
    steps: int = 0

    def function(self, function: Function) -> Function:
        self.state = State({}, frozenset(p.name for p in function.params))
        body = self.block(function.body)
        return replace(function, body=body)

    # ---------------------------------------------------------------- blocks

    def block(self, block: Block) -> Block:
        outer, self.out = self.out, []
        for stmt in block:
            self.steps += 1
            if self.steps > STEPS:
                raise Unable
            self.kinds.update(self.ranks.before.get(stmt, {}))
            self.stmt(stmt)
            self.kinds.update(self.ranks.after.get(stmt, {}))
        done, self.out = self.out, outer
        same = len(done) == len(block) and all(a is b for a, b in zip(done, block, strict=True))
        return block if same else tuple(done)

    def stmt(self, stmt: Stmt) -> None:
        if self.state is None:
            self.out.append(stmt)
            return
        match stmt:
            case If():
                self.branch(stmt)
            case For() | While():
                self.loop(stmt)
            case Break() | Continue():
                self.jump(stmt)
            case Return():
                self.materialise(names(stmt.value) if stmt.value is not None else frozenset())
                self.out.append(stmt)
            case _:
                self.simple(stmt)

    def branch(self, stmt: If) -> None:
        assert self.state is not None
        self.opaque((stmt.test,))
        test = self.put(stmt.test, stmt)
        start, kinds = self.state, self.kinds
        self.state, self.kinds = start.copy(), dict(kinds)
        body = self.block(stmt.body)
        then, self.state = self.state, start.copy()
        done, self.kinds = self.kinds, dict(kinds)
        orelse = self.block(stmt.orelse)
        self.kinds = both(done, self.kinds)
        other = self.state
        states = [s for s in (then, other) if s is not None]
        if not states:
            self.state = None
        else:
            merged, differ = merge(states, self.live.after[stmt], self.ended_names)
            self.disagree(differ)
            body = self.ended(body, then, differ)
            orelse = self.ended(orelse, other, differ)
            self.state = merged
        if test is not stmt.test or body is not stmt.body or orelse is not stmt.orelse:
            text = stmt.text if test is stmt.test else None
            stmt = replace(stmt, test=test, body=body, orelse=orelse, text=text)
        self.out.append(stmt)

    def disagree(self, differ: Iterable[str]) -> None:
        """Names that stand for different places where paths meet: start again, with indices of their own."""
        for name in sorted(differ):
            if name not in self.owned | self.ended_names:
                raise Differ(name)

    def ended(self, block: Block, state: State | None, differ: Iterable[str]) -> Block:
        """A branch that ends with bindings for what the other branch has differently."""
        if state is None:
            return block
        which = [n for n in sorted(differ) if n in state.places]
        for name in which:
            if name in state.unsure:
                raise Unsure(name)
        lines = [Assign(target=Name(n), value=state.places[n]) for n in which]
        return (*block, *lines) if lines else block

    def loop(self, stmt: For | While) -> None:
        assert self.state is not None
        header = stmt.iter if isinstance(stmt, For) else stmt.test
        self.opaque((header,), once=isinstance(stmt, For))
        inner = frozenset().union(*(binds(s) for s in statements((stmt,))))
        own = {new: name for (name, _), new in self.memo.items() if isinstance(name, str) and name in inner}
        alive = self.live.inside[stmt] | self.live.after[stmt]
        self.keep_indices(stmt, inner, alive)
        for new, name in own.items():
            self.keep_indices(stmt, frozenset((new,)), alive - {name})
        if isinstance(stmt, For):
            header = self.put(header, stmt)
        start, outer, forced = self.state, self.out, frozenset[str]()
        kinds = dict(self.kinds)
        while True:
            self.out, self.state = [], start.copy()
            self.materialise(forced)
            before = self.out
            found = self.rounds(stmt, self.state, forced)
            if not isinstance(found, frozenset):
                break
            forced |= found
        body, head, self.state = found
        self.kinds = both(kinds, self.kinds)
        self.out = outer
        self.out += before
        if isinstance(stmt, While):
            self.state, after = head, self.state
            header = self.put(header, stmt)
            self.state = after
            if header is not stmt.test or body is not stmt.body:
                stmt = replace(stmt, test=header, body=body, text=stmt.text if header is stmt.test else None)
        elif header is not stmt.iter or body is not stmt.body:
            stmt = replace(stmt, iter=header, body=body, text=stmt.text if header is stmt.iter else None)
        self.out.append(stmt)

    def rounds(
        self, stmt: For | While, entry: State, forced: frozenset[str]
    ) -> frozenset[str] | tuple[Block, State, State]:
        """Go round until the places at the head are stable; or the names that differ there."""
        inside, after = self.live.inside[stmt], self.live.after[stmt]
        alive = inside | after | (names(stmt.test) if isinstance(stmt, While) else frozenset())
        head = merge([entry], alive, self.ended_names)[0]
        while True:
            exits = Exits(forced)
            self.exits.append(exits)
            self.out, self.state = [], head.copy()
            if isinstance(stmt, For):
                lost = self.lost(names(stmt.target), inside)
                if lost:
                    self.exits.pop()
                    self.disagree(lost)
                    return lost
            body = self.block(stmt.body)
            if self.state is not None:
                body = self.ended(body, self.state, forced & self.state.places.keys() & alive)
                exits.again.append(without(self.state, forced))
            self.exits.pop()
            new, differ = merge([entry, *exits.again], alive, self.ended_names)
            if not differ and new == head:
                done, differ = merge([head, *exits.breaks], after, self.ended_names)
                if not differ:
                    return body, head, done
            if differ:
                self.disagree(differ)
                return frozenset(differ)
            head = new

    def jump(self, stmt: Stmt) -> None:
        assert self.state is not None
        if self.exits:
            exits = self.exits[-1]
            self.materialise(exits.forced & self.live.before[stmt])
            (exits.breaks if isinstance(stmt, Break) else exits.again).append(self.state)
        self.out.append(stmt)
        self.state = None

    # ------------------------------------------------------ simple statements

    def simple(self, stmt: Stmt) -> None:
        """Bind what is about to lose its place, put places for names, and note a new place."""
        assert self.state is not None
        if isinstance(stmt, Verbatim):
            self.verbatim(stmt)
            return
        self.opaque(expressions(stmt))
        if self.call(stmt):
            return
        bound = self.bound(stmt)
        after = self.live.after[stmt]
        gone = self.rebind(stmt, bound, after) | self.slots(stmt, after)
        place = self.place_of(stmt)
        new = None if place is not None else self.rewritten(stmt)
        for name in gone | bound:
            self.state.places.pop(name, None)
        self.state.bound |= bound
        if place is not None:
            assert isinstance(stmt, Assign) and isinstance(stmt.target, Name)
            self.state.places[stmt.target.id] = place
            self.state.unsure -= {stmt.target.id}
        elif new is not None:
            self.out.append(new)

    def verbatim(self, stmt: Verbatim) -> None:
        assert self.state is not None
        touched = frozenset(stmt.writes)
        self.opaque((Opaque("", stmt.reads),))
        self.rebind(stmt, touched, self.live.after[stmt])
        self.materialise(touched)
        self.state.bound |= touched
        self.out.append(stmt)

    def bound(self, stmt: Stmt) -> frozenset[str]:
        """The names that get another array; `x += e` of an array is none."""
        assert self.state is not None
        if isinstance(stmt, AugAssign):
            if isinstance(stmt.target, Name) and stmt.target.id in self.state.places:
                return frozenset()
            kind = self.scope(stmt).kind(stmt.target)
            if isinstance(kind, ListOf) or (isinstance(kind, Array) and kind.rank):
                return frozenset()
        return binds(stmt)

    def rewritten(self, stmt: Stmt) -> Stmt:
        """The statement with places for names."""
        match stmt:
            case Assign(target=target, value=value):
                return self.written(stmt, target, self.put(value, stmt))
            case AugAssign(target=target, value=value):
                return self.written(stmt, target, self.put(value, stmt))
            case ExprStmt(value=Call(args=(Name(id=name), *_)) as call) if name in changes(stmt):
                self.named(name)
                new = self.put(call, stmt)
                return stmt if new is call else replace(stmt, value=new, text=None)
            case ExprStmt(value=value):
                new = self.put(value, stmt)
                return stmt if new is value else replace(stmt, value=new, text=None)
        return stmt

    def named(self, name: str) -> None:
        """What is written by a call must be a name."""
        assert self.state is not None
        if not isinstance(self.state.places.get(name, Name(name)), Name):
            self.materialise((name,))

    def written(self, stmt: Assign | AugAssign, target: Expr, value: Expr) -> Stmt:
        """An assignment whose target is a place of the owner."""
        assert self.state is not None
        if isinstance(target, Tuple) or (isinstance(target, Name) and isinstance(stmt, Assign)):
            return stmt if value is stmt.value else replace(stmt, value=value, text=None)
        found = root_of(target)
        place = self.put(target, stmt)
        if place is target and value is stmt.value:
            return stmt
        done = write_to(place, value, self.scope(stmt))
        if done is None and isinstance(place, Call):  # `w += e` where `w` is `u.T`.
            done = write_to(Index(place, Const(...)), value, self.scope(stmt))
        if done is None:
            if found is not None:
                self.materialise((found,))
            place, value = self.put(target, stmt), self.put(stmt.value, stmt)
            return replace(stmt, target=place, value=value, text=None)
        return replace(stmt, target=done[0], value=done[1], text=None)

    def call(self, stmt: Stmt) -> bool:
        """A call that writes into a part of an array works on a copy, which is then put back.

        `row = u[i]`, `g(row)` becomes `row = u[i].copy()`, `g(row)`, `u[i] = row`.
        """
        assert self.state is not None
        if not isinstance(stmt, (Assign, ExprStmt)) or not isinstance(stmt.value, Call):
            return False
        call, scope = stmt.value, self.scope(stmt)
        written = self.memory.mutated.get(call.fn, frozenset())
        back: list[Stmt] = []
        args = list(call.args)
        for k, arg in enumerate(call.args):
            place = self.state.places.get(arg.id) if isinstance(arg, Name) else None
            if k not in written or place is None or isinstance(place, Name):
                args[k] = self.put(arg, stmt)
                continue
            assert isinstance(arg, Name)
            done = write_to(Index(place, Const(...)), arg, scope)
            others = [a for j, a in enumerate(call.args) if j != k and not is_number(scope.kind(a))]
            kept = k in self.memory.viewed.get(call.fn, ()) or any(
                k in pair for pair in self.memory.joined.get(call.fn, ())
            )
            mixed = any(root_of(self.put(a, stmt)) in (None, root_of(place)) for a in others)
            if done is None or kept or mixed or binds(stmt) & (names(place) | {arg.id}):
                raise Unable(arg.id)
            copy = Call("numpy.copy", (place,), style="method", spelled="copy")
            self.out.append(Assign(target=arg, value=copy, span=stmt.span))
            back.append(Assign(target=done[0], value=done[1], span=stmt.span))
        if not back:
            return False
        gone = self.rebind(stmt, binds(stmt), self.live.after[stmt])
        self.out.append(replace(stmt, value=replace(call, args=tuple(args)), text=None))
        self.out += back
        for name in gone | binds(stmt):
            self.state.places.pop(name, None)
        self.state.bound |= binds(stmt)
        return True

    # ------------------------------------------------------- losing a place

    def materialise(self, which: Iterable[str], *, keep: bool = False) -> None:
        """`row = u[i]`: from here on the name is a name again (with `keep` it is still replaced too)."""
        assert self.state is not None
        for name in sorted(which):
            place = self.state.places.get(name)
            if place is None:
                continue
            if name in self.state.unsure:
                raise Unsure(name)
            self.out.append(Assign(target=Name(name), value=place))
            if keep:
                continue
            del self.state.places[name]
            self.state.bound |= {name}

    def opaque(self, exprs: Sequence[Expr], *, once: bool = True) -> None:
        """The text in an `Opaque` needs its names."""
        assert self.state is not None
        for expr in exprs:
            for node in subexpressions(expr):
                if isinstance(node, Opaque):
                    used = frozenset(node.reads) & self.wanted
                    if not once and used:
                        raise Unable(min(used))
                    self.materialise(used, keep=True)

    def rebind(self, stmt: Stmt, bound: frozenset[str], after: frozenset[str]) -> frozenset[str]:
        """Save the places that mention a name which is about to be bound; those that nobody needs go."""
        assert self.state is not None
        if not bound:
            return frozenset()
        self.keep_indices(stmt, bound, after - bound)
        gone: set[str] = set()
        for name in sorted(self.state.places.keys() - bound):
            place = self.state.places.get(name)
            if place is None or names(place).isdisjoint(bound):
                continue
            if name not in after:
                gone.add(name)
                continue
            if not isinstance(place, Name):
                self.new_owner(stmt, place, after)
            else:  # It owns the array now.
                self.hand_over(place.id, name)
                self.materialise((name,))
            if name in self.state.places and names(self.state.places[name]) & bound:
                self.materialise((name,))
        return frozenset(gone)

    def new_owner(self, stmt: Stmt, place: Expr, after: frozenset[str]) -> None:
        """`u_ = u` before u gets another array, if several names stand for parts of the old one."""
        assert self.state is not None
        owner = root_of(place)
        others = [n for n, p in self.state.places.items() if root_of(p) == owner and n in after]
        if owner is None or len(others) < 2:
            return
        whole = [n for n in others if self.state.places[n] == Name(owner)]
        if whole:
            self.hand_over(owner, whole[0])
            self.materialise(whole[:1])
            return
        new = self.made(stmt, owner, owner)
        self.kinds[new] = self.kinds.get(owner, ANY)
        self.out.append(Assign(target=Name(new), value=Name(owner)))
        self.hand_over(owner, new)
        self.state.bound |= {new}

    def made(self, key: Stmt | str, what: str, base: str) -> str:
        """A fresh name, the same one whenever this is asked for again."""
        if (key, what) not in self.memo:
            self.memo[key, what] = self.fresh.fresh(base)
        return self.memo[key, what]

    def lost(self, targets: frozenset[str], alive: frozenset[str]) -> frozenset[str]:
        """What a loop's header takes the place from: drop it, or give the names that are still needed."""
        assert self.state is not None
        gone = {n for n, p in self.state.places.items() if n in targets or names(p) & targets}
        needed = frozenset(gone & alive - targets)
        if not needed:
            for name in gone:
                del self.state.places[name]
            self.state.bound |= targets
        return needed

    def hand_over(self, old: str, new: str) -> None:
        assert self.state is not None
        for other, place in self.state.places.items():
            if other != new and root_of(place) == old:
                self.state.places[other] = exchanged(place, old, new)

    def keep_indices(self, stmt: Stmt, bound: frozenset[str], alive: frozenset[str]) -> None:
        """`i_ = i` for the indices of places that outlive the value of `i`."""
        assert self.state is not None
        for name, place in list(self.state.places.items()):
            if name not in alive:
                continue
            used = (names(place) & bound) - {root_of(place)}
            for index in sorted(used):
                new = self.made(stmt, index, f"{index}_{name}")
                self.kinds[new] = INT
                line = Assign(target=Name(new), value=Name(index))
                if not any(
                    isinstance(s, Assign) and s.target == line.target and s.value == line.value
                    for s in self.out
                ):
                    self.out.append(line)
                place = exchanged(place, index, new)
            self.state.places[name] = place

    def slots(self, stmt: Stmt, after: frozenset[str]) -> frozenset[str]:
        """A list whose elements change: names for its elements are bound to them before."""
        assert self.state is not None
        deep = isinstance(stmt, (Assign, AugAssign)) and isinstance(stmt.target, Index)
        touched = set(changed_by(stmt, self.memory))
        for name in list(touched):
            place = self.state.places.get(name)
            touched |= {root_of(place) or name} if place is not None else set()
        gone: set[str] = set()
        for name, place in list(self.state.places.items()):
            owner = root_of(place)
            if (
                owner not in touched
                or isinstance(place, Name)
                or isinstance(self.kinds.get(owner, ANY), Array)
            ):
                continue
            if deep and isinstance(stmt, (Assign, AugAssign)) and not slot(self.put(stmt.target, stmt)):
                continue
            if name in after:
                self.materialise((name,))
            else:
                gone.add(name)
        return frozenset(gone)

    # ----------------------------------------------------------------- places

    def scope(self, stmt: Stmt) -> Scope:
        scope = self.ranks.scope(stmt)
        return replace(scope, names={**self.kinds, **scope.names})

    def place_of(self, stmt: Stmt) -> Expr | None:
        """What a new binding stands for, if it is to be replaced."""
        match stmt:
            case Assign(target=Name(id=name), value=value) if name in self.wanted:
                scope = self.scope(stmt)
                kind = scope.kind(value)
                whole = isinstance(value, Name) and isinstance(kind, ListOf)
                if not whole and not (isinstance(kind, Array) and kind.rank):
                    return None
                lines: list[Stmt] = []
                place = self.place(value, stmt, scope, lines)
                if place is None or name in names(place) or names(place) & self.bound(stmt):
                    return None
                self.out += lines
                return self.own_index(stmt, name, place) if name in self.owned else place
        return None

    def own_index(self, stmt: Stmt, name: str, place: Expr) -> Expr:
        """The place with indices that only this name uses: `row_at = i`, and `u[row_at]`."""
        scope, lines = self.scope(stmt), list[Stmt]()

        def own(index: Expr) -> Expr:
            if isinstance(index, Tuple):
                return with_children(index, tuple(map(own, index.elts)))
            if isinstance(index, Slice):
                parts = (e if isinstance(e, Const) else own(e) for e in children(index))
                return with_children(index, tuple(parts))
            if not self.is_int(index, scope):
                return index
            new = self.made(name, str(len(lines)), f"{name}_at")
            lines.append(Assign(target=Name(new), value=index))
            return Name(new)

        def visit(expr: Expr) -> Expr:
            match expr:
                case Index(base=base, index=index):
                    return replace(expr, base=visit(base), index=own(index))
                case Call(args=(base, *rest)):
                    return replace(expr, args=(visit(base), *rest))
            return expr

        place = visit(place)
        bound = frozenset().union(*(binds(line) for line in lines))
        self.rebind(stmt, bound | {name}, self.live.after[stmt])
        self.kinds.update(dict.fromkeys(bound, INT))
        self.out += lines
        return place

    def place(self, value: Expr, stmt: Stmt, scope: Scope, lines: list[Stmt]) -> Expr | None:
        assert self.state is not None
        match value:
            case Name(id=name):
                return self.state.places.get(name, value)
            case Index(base=base, index=index):
                kind = scope.kind(base)
                if isinstance(kind, ListOf) and not self.is_int(index, scope):
                    return None
                if not isinstance(kind, (Array, ListOf)) or not all(
                    self.basic(i, scope) for i in indices(index)
                ):
                    return None
                inner = self.place(base, stmt, scope, lines)
                if inner is None:
                    return None
                return composed(inner, self.kept_index(index, stmt, scope, lines), scope)
            case Call(fn="numpy.asarray" | "numpy.asanyarray" | "numpy.real", args=(base,), kwargs=()):
                kind = scope.kind(base)
                real = isinstance(kind, Array) and kind.rank and kind.dtype in ("f8", "f4", "i")
                return self.place(base, stmt, scope, lines) if real else None
            case Call(fn=fn, args=(base, *rest), kwargs=kwargs) if fn in PURE_VIEWS:
                if any(map(names, rest)) or any(names(v) for _, v in kwargs):
                    return None
                if not isinstance(scope.kind(base), Array):
                    return None
                inner = self.place(base, stmt, scope, lines)
                return None if inner is None else replace(value, args=(inner, *rest))
        return None

    def basic(self, item: Expr, scope: Scope) -> bool:
        """Whether an index surely gives a view."""
        if isinstance(item, Slice):
            return True
        if isinstance(item, Const):
            return item.value is None or item.value is Ellipsis or type(item.value) is int
        return self.is_int(item, scope)

    def is_int(self, item: Expr, scope: Scope) -> bool:
        kind = scope.kind(item)
        return isinstance(kind, Array) and kind.rank == 0 and kind.dtype == "i"

    def kept_index(self, index: Expr, stmt: Stmt, scope: Scope, lines: list[Stmt]) -> Expr:
        """The index with names for what may have another value later."""
        match index:
            case Tuple() | Slice():
                parts = tuple(self.kept_index(e, stmt, scope, lines) for e in children(index))
                return with_children(index, parts)
        if all(
            isinstance(e, (Const, Global, Op)) or self.is_number_name(e, scope) for e in subexpressions(index)
        ):
            return index
        name = self.made(stmt, f"({len(lines)})", "place")
        self.kinds[name] = scope.kind(index)
        lines.append(Assign(target=Name(name), value=self.put(index, stmt)))
        return Name(name)

    def is_number_name(self, expr: Expr, scope: Scope) -> bool:
        return isinstance(expr, Name) and is_number(scope.kind(expr))

    def put(self, expr: Expr, stmt: Stmt) -> Expr:
        """The expression with places for names; `row[j]` becomes `u[i, j]`."""
        assert self.state is not None
        if not self.state.places or names(expr).isdisjoint(self.state.places):
            return expr
        return put(expr, self.state.places, self.scope(stmt))


def put(expr: Expr, places: dict[str, Expr], scope: Scope) -> Expr:
    """Put places for names, indices of indices made one."""
    match expr:
        case Name(id=name):
            return places.get(name, expr)
        case Index(base=base, index=index):
            new_base, new_index = put(base, places, scope), put(index, places, scope)
            if new_base is base:
                return with_children(expr, (new_base, new_index))
            return composed(new_base, new_index, scope)
    parts = children(expr)
    return with_children(expr, tuple(put(e, places, scope) for e in parts)) if parts else expr


def exchanged(expr: Expr, old: str, new: str) -> Expr:
    """Another name for a name."""
    if expr == Name(old):
        return Name(new)
    parts = children(expr)
    return with_children(expr, tuple(exchanged(e, old, new) for e in parts)) if parts else expr


def both(a: dict[str, Kind], b: dict[str, Kind]) -> dict[str, Kind]:
    """What is known where two paths meet."""
    return {**a, **b, **{n: join(a[n], b[n]) for n in a.keys() & b.keys()}}


def slot(target: Expr) -> bool:
    """Whether a target is an element of a name itself."""
    return isinstance(target, Index) and isinstance(target.base, Name)


def without(state: State, gone: frozenset[str]) -> State:
    lost = gone & state.places.keys()
    kept = {n: p for n, p in state.places.items() if n not in gone}
    return State(kept, state.bound | lost, state.unsure - gone)


def merge(states: Sequence[State], alive: frozenset[str], ended: Collection[str]) -> tuple[State, set[str]]:
    """The places on which all paths agree, and the live names on which they do not.

    A path on which a name is not bound yet has no say, but for the names that are `ended`: these are
    bound where the others end.
    """
    merged = State({}, frozenset().union(*(s.bound for s in states)))
    differ: set[str] = set()
    for name in sorted({n for s in states for n in s.places}):
        if name not in alive:
            continue
        found = [s.places.get(name) for s in states if name in s.places or name in s.bound]
        everywhere = len(found) == len(states)
        agreed = found[0] is not None and all(p == found[0] for p in found)
        if agreed and found[0] is not None and (everywhere or name not in ended):
            merged.places[name] = found[0]
            if not everywhere or any(name in s.unsure for s in states):
                merged.unsure |= {name}
        else:
            differ.add(name)
    merged.bound |= differ
    return merged, differ
