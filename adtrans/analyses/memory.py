"""Which names may share memory, which functions write into their arguments, and where that matters.

Derivatives treat arrays as values: `u[i] = e` gives `u` a new value. That is right as long as no
other name that is read later shares the memory of `u`. `conflicts` finds the places where one does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import EllipsisType

from adtrans.analyses.activity import Activity
from adtrans.analyses.expressions import Scope
from adtrans.analyses.liveness import Live, contents_read, live
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic, Span
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Custom,
    Dict,
    Expr,
    ExprStmt,
    For,
    Function,
    Global,
    If,
    Index,
    List,
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
from adtrans.kinds import (
    ANY,
    HOLDERS,
    Array,
    Kind,
    ListOf,
    Plain,
    RecordOf,
    TupleOf,
    is_fixed,
    is_number,
    join,
    parts,
)
from adtrans.places import advanced
from adtrans.sharing import MAKES_LISTS, is_unknown, may_view, passed_on, surely_copies
from adtrans.structures import REPLACING
from adtrans.walk import binds, changes, names, overwrites, place, root, statements

Place = tuple[str, int]
"""An allocation: where an array was made, and whether it is the latest (0) or an older one (1) from there."""


@dataclass(slots=True)
class Memory:
    """Facts about all functions: which parameters (by position) each writes into."""

    functions: Mapping[str, Function]
    mutated: dict[str, frozenset[int]] = field(default_factory=dict)
    viewed: dict[str, frozenset[int]] = field(default_factory=dict)
    """The parameters (by position) whose memory the results may share."""
    joined: dict[str, frozenset[tuple[int, int]]] = field(default_factory=dict)
    """The pairs of parameters of which one may end up in the other: `ys.append(row)`."""
    twins: dict[str, frozenset[tuple[int, int]]] = field(default_factory=dict)
    """The pairs of results that may share memory: `return s, s`, `return u, u[1:]`."""
    doubled: dict[tuple[str, tuple[Kind, ...]], frozenset[int]] = field(default_factory=dict)
    """The results, for kinds of arguments, that may hold one array twice: `return [s, s]`."""

    def classes(self, function: Function, arrays: Collection[str] = ()) -> dict[str, frozenset[str]]:
        """Names that may share memory at some time, whatever the order of statements.

        What is stored into one of `arrays` is copied.
        """
        parent: dict[str, str] = {}

        def find(name: str) -> str:
            while parent.setdefault(name, name) != name:
                name = parent[name]
            return name

        masks = masks_of(function)
        copying = created(function).union(arrays)
        for stmt in statements(function.body):
            for target, value in bindings(stmt):
                if target in copying and isinstance(stmt, Assign) and isinstance(stmt.target, Index):
                    continue
                if isinstance(value, Index) and names(value.index) & masks:
                    continue
                for other in may_view(value, self.viewed):
                    parent[find(target)] = find(other)
            for k, j, call in joins(stmt, self.joined):
                for one in may_view(call.args[k], self.viewed):
                    for other in may_view(call.args[j], self.viewed):
                        parent[find(one)] = find(other)
            for left, right in pairs(stmt, self.twins):
                parent[find(left)] = find(right)
        groups: dict[str, set[str]] = {}
        for name in list(parent):
            groups.setdefault(find(name), set()).add(name)
        return {name: frozenset(group) for group in groups.values() for name in group}


def effects(
    functions: Mapping[str, Function], customs: Mapping[str, Custom] | None = None, strangers: bool = True
) -> Memory:
    """Which parameters each function writes into, through its own calls too; with `strangers` also those it
    gives to code that may write into them. A derivative may call the rule of a function instead of it: the
    value may share the memory that it shares there."""
    memory = Memory(functions, {p: frozenset() for p in functions}, {p: frozenset() for p in functions})
    while True:
        before = dict(memory.mutated), dict(memory.viewed), dict(memory.joined), dict(memory.twins)
        for path, function in functions.items():
            classes = memory.classes(function)
            written: set[str] = set()
            lists: set[str] = set()
            for stmt in statements(function.body):
                unsure = strangers and path not in (customs or {})  # Its rule says that it does nothing else.
                changed, slots = changed_by(stmt, memory, unsure), slots_changed(stmt, memory)
                lists |= changed & slots
                written |= changed - slots
            touched = written | holders(function, lists, memory.viewed)
            for name in written:
                touched |= classes.get(name, frozenset())
            memory.mutated[path] = frozenset(k for k, p in enumerate(function.params) if p.name in touched)
            shared = shared_by_result(function, classes)
            order = [p.name for p in function.params]
            memory.joined[path] = frozenset(
                (k, j)
                for k, p in enumerate(order)
                for j, q in enumerate(order)
                if k < j and q in classes.get(p, frozenset())
            )
            memory.viewed[path] = frozenset(k for k, p in enumerate(function.params) if p.name in shared)
            memory.twins[path] = twins(function, classes, memory.viewed)
            if customs and (custom := customs.get(path)) is not None:
                memory.viewed[path] |= viewed_by_rule(
                    functions[custom.functions[0]], custom, memory, len(order)
                )
        if (memory.mutated, memory.viewed, memory.joined, memory.twins) == before:
            return memory


def shared_by_result(function: Function, classes: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names that the value of a function may share memory with. What a solver finds is new, whatever the
    function returns that it calls; but iterating may end with what that has returned last."""
    if function.solution and function.solution != "fixed_point":
        return frozenset(p.name for p in function.params[:1])
    results = returned(function)
    return results.union(*(classes.get(name, frozenset()) for name in results))


def viewed_by_rule(rule: Function, custom: Custom, memory: Memory, count: int) -> frozenset[int]:
    """The arguments whose memory the value may share that a rule gives: the first of what it returns."""
    last = rule.body[-1] if rule.body else None
    value = last.value.elts[0] if isinstance(last, Return) and isinstance(last.value, Tuple) else None
    classes = memory.classes(rule)
    values = returned(rule) if value is None else names(value)
    shared = values.union(*(classes.get(name, frozenset()) for name in values))
    found = frozenset(k for k, p in enumerate(rule.params) if p.name in shared)
    return frozenset(range(count)) if found and custom.form == "jvp" else found  # There they are one tuple.


def slots_changed(stmt: Stmt, memory: Memory) -> frozenset[str]:
    """The names to whose elements a statement gives other values, writing nothing into what was in them."""
    found: set[str] = set()
    if isinstance(stmt, Assign) and isinstance(stmt.value, Call) and memory.mutated.get(stmt.value.fn):
        return frozenset()
    match stmt:
        case (
            Assign(value=Call(fn=fn, args=(Name(id=name), *_)))
            | ExprStmt(value=Call(fn=fn, args=(Name(id=name), *_)))
        ) if fn.startswith("list."):
            found.add(name)
    match stmt:
        case Assign(target=Index(base=Name(id=name))):
            found.add(name)
    return frozenset(found)


def holders(function: Function, lists: set[str], viewed: Mapping[str, frozenset[int]]) -> set[str]:
    """The names, what they are views of, and what they are elements of: not what is in them, and no list
    they were copied from."""
    if not lists:
        return set()
    pairs: list[tuple[str, str, bool]] = []
    for stmt in statements(function.body):
        into = isinstance(stmt, ExprStmt) or (isinstance(stmt, Assign) and isinstance(stmt.target, Index))
        for target, value in bindings(stmt):
            makes = (*MAKES_LISTS, *REPLACING)
            fresh = isinstance(value, (List, Dict)) or (isinstance(value, Call) and value.fn in makes)
            popped = isinstance(value, Call) and value.fn == "list.pop"
            for other in may_view(value, viewed):
                if into:  # `target.append(other)`
                    pairs.append((other, target, fresh))
                else:  # `target = other[i]`, a view or an element
                    pairs.append((target, other, fresh))
                    pairs += [] if popped else [(other, target, fresh)]
    changed, holding = set(lists), set[str]()
    while True:
        more = {b for a, b, fresh in pairs if a in holding or (a in changed and not fresh)} - holding
        if not more:
            return changed | holding
        holding |= more


CREATION = frozenset(
    f"numpy.{name}{like}" for name in ("zeros", "ones", "empty", "full") for like in ("", "_like")
) | {"numpy.eye", "numpy.arange", "numpy.linspace"}


def created(function: Function) -> frozenset[str]:
    """Names that only ever hold arrays of numbers that are made here."""
    sure, other = set[str](), {p.name for p in function.params}
    for stmt in statements(function.body):
        match stmt:
            case Assign(target=Name(id=name), value=Call(fn=fn)) if fn in CREATION:
                sure.add(name)
            case AugAssign(target=Name()):
                continue
            case _:
                other |= binds(stmt)
    return frozenset(sure - other)


def masks_of(function: Function) -> frozenset[str]:
    """Names that only ever hold comparisons or lists: an array indexed with one is a copy."""
    sure, other = set[str](), {p.name for p in function.params}
    for stmt in statements(function.body):
        if isinstance(stmt, Assign) and isinstance(stmt.target, Name) and surely_copies(stmt.value):
            sure.add(stmt.target.id)
        else:
            other |= binds(stmt)
    return frozenset(sure - other)


def joins(stmt: Stmt, joined: Mapping[str, frozenset[tuple[int, int]]]) -> list[tuple[int, int, Call]]:
    """The pairs of arguments that a call in a statement may put into each other."""
    if isinstance(stmt, (Assign, ExprStmt)) and isinstance(stmt.value, Call):
        call = stmt.value
        pairs = (
            combinations(range(len(call.args)), 2) if is_unknown(call) else sorted(joined.get(call.fn, ()))
        )
        return [(k, j, call) for k, j in pairs if j < len(call.args)]
    return []


def twins(
    function: Function, classes: Mapping[str, frozenset[str]], viewed: Mapping[str, frozenset[int]]
) -> frozenset[tuple[int, int]]:
    """The pairs of results of a function that may share memory."""
    last = function.body[-1] if function.body else None
    if not isinstance(last, Return) or not isinstance(last.value, Tuple):
        return frozenset()
    own = [may_view(e, viewed) for e in last.value.elts]
    memory = [names.union(*(classes.get(n, frozenset()) for n in names)) for names in own]
    both = combinations(range(len(memory)), 2)
    return frozenset((i, j) for i, j in both if memory[i] & memory[j])


def pairs(stmt: Stmt, twins: Mapping[str, frozenset[tuple[int, int]]]) -> list[tuple[str, str]]:
    """The variables that a statement binds to results which may share memory."""
    match stmt:
        case Assign(target=Tuple(elts=elts), value=Call(fn=fn)) if fn in twins:
            found = [(elts[i], elts[j]) for i, j in sorted(twins[fn]) if j < len(elts)]
            return [(a.id, b.id) for a, b in found if isinstance(a, Name) and isinstance(b, Name)]
    return []


def returned(function: Function) -> frozenset[str]:
    """The names that a function returns."""
    last = function.body[-1] if function.body else None
    return names(last.value) if isinstance(last, Return) and last.value is not None else frozenset()


def changed_by(stmt: Stmt, memory: Memory, strangers: bool = True) -> frozenset[str]:
    """The names whose contents a simple statement changes."""
    found = set(changes(stmt) if strangers else overwrites(stmt))
    if isinstance(stmt, (Assign, ExprStmt)) and isinstance(stmt.value, Call):
        call = stmt.value
        for k in memory.mutated.get(call.fn, ()):
            if k < len(call.args):
                found |= may_view(call.args[k], memory.viewed)
    return frozenset(found)


def bindings(stmt: Stmt) -> list[tuple[str, Expr]]:
    """What names a statement binds to what, as far as memory is concerned."""
    match stmt:
        case Assign(target=Name(id=name), value=value):
            return [(name, value)]
        case Assign(target=Tuple(elts=elts), value=value):
            return [(e.id, value) for e in elts if isinstance(e, Name)]
        case Assign(target=Index(index=Tuple() | Const(value=EllipsisType()))):
            return []  # Only an array has such places: it copies what it is given.
        case Assign(target=Index() as target, value=value):
            holder = root(target)
            return [(holder.id, value)] if holder is not None else []
        case For(target=Name(id=name), iter=iterable):
            return [(name, iterable)]
        case ExprStmt(
            value=Call(fn="list.append" | "list.insert" | "list.extend", args=(Name(id=name), *_, value))
        ):
            return [(name, value)]
    return []


@dataclass(frozen=True, slots=True)
class Conflict:
    """A write through `name` while `other`, which is read later, shares its memory."""

    stmt: Stmt
    name: str
    other: str
    since: Span | None
    module: bool = False
    """Whether `other` is a variable of the module."""


def told(name: str, conflicts: list[Conflict]) -> Diagnostic:
    """One diagnostic for all that shares memory with what a statement writes into as `name`."""
    others = [c for c in conflicts if c.other != name]
    shown = (others or conflicts)[:SHOWN]
    lines = {c.since.line if c.since else None for c in shown}
    line = f" since line {shown[0].since.line}" if len(lines) == 1 and shown[0].since else ""
    if others:
        words = f"`{name}` shares memory with {listed(others)}{line}, and "
        words += f"`{others[0].other}` is" if len(others) == 1 else "they are"
        words += " read after this write"
        help_ = (
            f"work on a copy: `{name} = {name}.copy()` before the write, or write through `{shown[0].other}`"
        )
    else:
        words = f"two parts of `{name}` may be one array{line}, and this writes into one of them"
        help_ = "put copies into the list, or pass different arrays"
    shares = ((c.since, f"`{name}` and `{c.other}` share memory from here") for c in shown)
    labels = tuple((since, label) for since, label in shares if since)
    return Diagnostic("AD401", words, place(shown[0].stmt), help=help_, labels=labels)


def listed(conflicts: list[Conflict]) -> str:
    """Their other names, in words."""
    names = [f"`{c.other}`" for c in conflicts]
    if len(names) > SHOWN:
        names = [*names[:SHOWN], f"{len(names) - SHOWN} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def conflicts(
    function: Function, ranks: Ranks, memory: Memory, activity: Activity, ends: frozenset[str] = frozenset()
) -> list[Diagnostic]:
    """Writes into an array while another name that is read later shares its memory."""
    found: dict[tuple[Span | None, str, bool], list[Conflict]] = {}
    for conflict in sharing(function, ranks, memory, activity, ends):
        found.setdefault((place(conflict.stmt), conflict.name, conflict.module), []).append(conflict)
    return [
        of_module(others[0]) if module else told(name, others) for (_, name, module), others in found.items()
    ]


def of_module(conflict: Conflict) -> Diagnostic:
    """A write into what the module holds."""
    name, other = conflict.name, conflict.other
    words = f"this writes into the module's `{other}`"
    if name != other:
        words += f", which `{name}` shares memory with"
    return Diagnostic("AD105", words, place(conflict.stmt), help=f"work on a copy: `{other}.copy()`")


def sharing(
    function: Function, ranks: Ranks, memory: Memory, activity: Activity, ends: frozenset[str]
) -> list[Conflict]:
    """The same as data; `ends` are the parameters whose contents are a result."""
    return list(dict.fromkeys(executed(function, ranks, memory, activity, ends).found))


def executed(
    function: Function,
    ranks: Ranks,
    memory: Memory,
    activity: Activity,
    ends: frozenset[str] = frozenset(),
    quiet: int = 0,
) -> _Sharing:
    """The abstract execution of a function; if `quiet`, for what is there at its end."""
    check = _Sharing(ranks, memory, activity, live(function, contents_read, ends), quiet=quiet)
    for table in (ranks.before, ranks.after):
        for env in table.values():
            for name, kind in env.items():
                check.kinds[name] = join(check.kinds[name], kind) if name in check.kinds else kind
    for param in function.params:
        check.param(param.name)
    check.block(function.body)
    return check


Env = dict[str, frozenset[Place]]

SHOWN = 3
"""So many names are told that share memory with what is written into; of more, their number."""

STATES = 12
"""So many different situations are kept apart; more are joined. After `u, v = v, u` there are two."""

MODULE = "module "
"""Begins the place of an array of the module."""

SAME: Place = ("=", 0)
"""Marks a list of which two elements may be one array."""


@dataclass(slots=True)
class _Sharing:
    """Abstract execution: which arrays each name may be (a view of) at each statement."""

    ranks: Ranks
    memory: Memory
    activity: Activity
    live: Live
    kinds: dict[str, Kind] = field(default_factory=dict)
    env: Env = field(default_factory=dict)
    states: list[Env] = field(default_factory=lambda: [{}])
    heads: dict[Stmt, tuple[list[Env], list[Env]]] = field(default_factory=dict)
    """The situations in which a loop was last reached, and those that its head comes to from these."""
    since: dict[str, Span | None] = field(default_factory=dict)
    list_sites: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    """The statements at which something was made so far."""
    holders: set[str] = field(default_factory=set)
    """The allocations that are surely containers: no array is one of them."""
    found: list[Conflict] = field(default_factory=list)
    quiet: int = 0

    def param(self, name: str) -> None:
        """A parameter is an allocation; of a container there is the container, and what is in it."""
        self.list_sites.add(name)
        places = {(name, 0)}
        if isinstance(self.kinds.get(name, ANY), HOLDERS):
            self.holders.add(name)
            places.add((contents(name), 0))
        self.states[0][name] = frozenset(places)

    def changed(self, stmt: Stmt) -> frozenset[str]:
        """What a statement writes into; `t += e` of a number binds t again."""
        match stmt:
            case AugAssign(target=Name() as target) if is_number(self.ranks.scope(stmt).kind(target)):
                return frozenset()
        return changed_by(stmt, self.memory)

    def block(self, block: Block) -> None:
        for stmt in block:
            self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case If(body=body, orelse=orelse):
                start = self.states
                self.block(body)
                done, self.states = self.states, start
                self.block(orelse)
                self.states = distinct([*done, *self.states], self.live.after[stmt])
            case For() | While():
                self.loop(stmt)
            case _:
                after: list[Env] = []
                for env in self.states:
                    self.env = dict(env)
                    self.check(stmt)
                    self.bindings(stmt)
                    after.append(self.env)
                self.states = after

    def loop(self, stmt: For | While) -> None:
        """Go round until there is no new situation at the head; then once more, and report.

        A loop inside another is reached again and again, often as before: what its head comes to is kept.
        """
        start = distinct(self.states, self.live.before[stmt] | self.live.inside[stmt])
        before, head = self.heads.get(stmt, ([], []))
        if before != start:
            head = self.settled(stmt, start)
            self.heads[stmt] = start, head
        if not self.quiet:
            self.states = head
            self.round(stmt)
        self.states = distinct(head, self.live.after[stmt])

    def settled(self, stmt: For | While, head: list[Env]) -> list[Env]:
        """The situations at the head of a loop that is reached in these."""
        alive = self.live.before[stmt] | self.live.inside[stmt]
        self.quiet += 1
        while True:
            self.states = head
            self.round(stmt)
            new = distinct([*head, *self.states], alive)
            if new == head:
                break
            head = new
        self.quiet -= 1
        return head

    def bindings(self, stmt: Stmt) -> None:
        scope = self.ranks.scope(stmt)
        for k, j, call in joins(stmt, self.memory.joined):
            for one, other in ((k, j), (j, k)):
                for name in may_view(call.args[one], self.memory.viewed):
                    if not isinstance(self.kinds.get(name, ANY), Array):
                        self.add(name, self.places(call.args[other], scope), stmt)
        if isinstance(stmt, Assign) and isinstance(stmt.target, Index):
            name_ = root(stmt.target)
            if name_ is not None:
                self.store(stmt, name_.id, stmt.value, scope)
            return
        if isinstance(stmt, Verbatim):
            for name in stmt.writes:
                if name in stmt.flags:
                    self.env[name] = frozenset()
                    continue
                everything = frozenset().union(*(self.env.get(n, frozenset()) for n in stmt.reads))
                self.env[name] = everything | {(f"{name}@{id(stmt)}", 1)}
                self.env.pop(own(name), None)
            return
        if isinstance(stmt, AugAssign) and isinstance(stmt.target, Name):
            self.augmented(stmt, stmt.target, scope)
            return
        old = dict(self.env)
        for target, value in bindings(stmt):
            if isinstance(stmt, ExprStmt):
                self.store(stmt, target, value, scope)
            elif self.alone(stmt, target, value):
                self.bind(stmt, target, value, frozenset())
            else:
                self.bind(stmt, target, value, self.places_in(value, scope, old))
        self.hold_twice(stmt, scope)
        for left, right in pairs(stmt, self.memory.twins):
            if self.env.get(left) and self.env.get(right):
                self.env[left] = self.env[right] = self.env[left] | self.env[right]

    def hold_twice(self, stmt: Stmt, scope: Scope) -> None:
        """Mark the containers with one array twice that a function of the program gives."""
        match stmt:
            case Assign(target=target, value=Call(fn=fn) as call) if fn in self.memory.functions:
                targets = target.elts if isinstance(target, Tuple) else (target,)
                held = [e for e in targets if isinstance(e, Name) and self.env.get(e.id)]
                if any(isinstance(self.kinds.get(e.id, ANY), HOLDERS) for e in held):
                    doubled = self.doubled(fn, tuple(map(scope.kind, call.args)))
                    for k, e in enumerate(targets):
                        if k in doubled and e in held:
                            self.env[e.id] |= {SAME}

    def doubled(self, fn: str, kinds: tuple[Kind, ...]) -> frozenset[int]:
        """Which results of a function hold an array twice; of one that calls itself, any may."""
        inference, known = self.ranks.inference, self.memory.doubled
        assert inference is not None
        if (fn, kinds) not in known:
            function = self.memory.functions[fn]
            last = function.body[-1] if function.body else None
            value = last.value if isinstance(last, Return) else None
            results = value.elts if isinstance(value, Tuple) else (value,)
            known[fn, kinds] = frozenset(range(len(results)))
            ends = frozenset().union(*(names(e) for e in results if e is not None))
            done = executed(function, inference.ranks(fn, kinds), self.memory, self.activity, ends, quiet=1)
            known[fn, kinds] = frozenset(
                k
                for k, e in enumerate(results)
                if e is not None and any(SAME in env.get(n, ()) for env in done.states for n in names(e))
            )
        return known[fn, kinds]

    def alone(self, stmt: Stmt, target: str, value: Expr) -> bool:
        """Whether `y = ys.pop()` gives an array that nothing else holds: a stack of different arrays."""
        match value:
            case Call(fn="list.pop", args=(Name(id=source), *_)) if source != target:
                held = self.env.get(source, frozenset())
                if SAME in held or any("@" not in site for site, _ in held):
                    return False  # What a parameter holds is not known.
                others = (self.env.get(n, frozenset()) for n in self.live.after[stmt] - {source, target})
                return not any(held & places for places in others)
        return False

    def augmented(self, stmt: AugAssign, target: Name, scope: Scope) -> None:
        """`t += e` of a number binds t anew, to an array if e is one; of an array it binds nothing; a list
        holds what e holds from then on, and after `t *= n` the same things again."""
        kind = scope.kind(target)
        if isinstance(kind, Array) and kind.rank:
            return
        if isinstance(kind, HOLDERS):
            if stmt.op == "*" and holds_objects(kind):
                self.add(target.id, frozenset({SAME}), stmt)
            elif stmt.op == "+":
                self.store(stmt, target.id, stmt.value, scope)
            return
        old = frozenset() if is_fixed(kind) else self.env.get(target.id, frozenset())
        self.bind(stmt, target.id, stmt.value, frozenset())
        if old:
            self.env[target.id] |= old

    def places_in(self, value: Expr, scope: Scope, env: dict[str, frozenset[Place]]) -> frozenset[Place]:
        """Places as they were before the statement (for several targets)."""
        now, self.env = self.env, env
        found = self.places(value, scope)
        self.env = now
        return found

    def round(self, stmt: For | While) -> None:
        if isinstance(stmt, For) and isinstance(stmt.target, Name):
            after: list[Env] = []
            for env in self.states:
                self.env = dict(env)
                self.bind(stmt, stmt.target.id, stmt.iter, self.places(stmt.iter, self.ranks.scope(stmt)))
                after.append(self.env)
            self.states = after
        self.block(stmt.body)

    def store(self, stmt: Stmt, name: str, value: Expr, scope: Scope) -> None:
        """`ys.append(value)`, `ys[i] = value`: a list holds what it is given, an array copies it."""
        if not isinstance(scope.kind(Name(name)), Array):
            self.add(name, self.places(value, scope), stmt)

    def add(self, name: str, places: frozenset[Place], stmt: Stmt) -> None:
        old = self.env.get(name, frozenset())
        if old & places:
            places |= {SAME}
        if places:
            self.env[name] = old | places
            self.since[name] = stmt.span

    def bind(self, stmt: Stmt, name: str, value: Expr, places: frozenset[Place]) -> None:
        itself = None
        if isinstance(stmt, Assign) and isinstance(stmt.target, Name):
            if isinstance(value, Name):
                itself = self.env.get(own(value.id))
            elif isinstance(value, Global):
                itself = places
            elif isinstance(value, Index):
                itself = self.one_of(value.base)
        elif isinstance(stmt, For):
            itself = self.one_of(value)
        self.env.pop(own(name), None)
        if is_fixed(self.ranks.scope_after(stmt).kind(Name(name))):
            self.env[name] = frozenset()
            return
        fresh_list = not isinstance(stmt, For) and self.fresh_list(value, self.ranks.scope(stmt))
        if not places or fresh_list:
            here = f"{name}@{id(stmt)}"
            made = (here, contents(here)) if fresh_list else (here,)
            if here in self.sites:  # Not the first time: what was made then is the older one now.
                self.env = {
                    n: frozenset((s, 1 if s in made else age) for s, age in p) for n, p in self.env.items()
                }
            self.sites.add(here)
            places = frozenset((s, 1 if s in made else age) for s, age in places) | {(s, 0) for s in made}
            if fresh_list:
                self.list_sites.add(here)
                self.holders.add(here)
                itself = frozenset({(here, 0)})
        self.env[name] = places
        if itself is not None:
            self.env[own(name)] = itself
        self.since[name] = stmt.span

    def one_of(self, display: Expr) -> frozenset[Place] | None:
        """The lists that an element of `[a, b]` may be."""
        elts = display.elts if isinstance(display, List | Tuple) else ()
        found = (self.env.get(own(e.id)) for e in elts if isinstance(e, Name))
        return frozenset().union(*filter(None, found)) or None

    def fresh_list(self, value: Expr, scope: Scope) -> bool:
        """Whether a value is a new list, whatever it holds."""
        match value:
            case List() | Dict() | Op(op="+" | "*" | "|"):
                return isinstance(scope.kind(value), HOLDERS)
            case Call(fn=fn) if fn in REPLACING:
                return True
            case Call(fn=fn):
                return fn in MAKES_LISTS and not isinstance(scope.kind(value), Array)
            case Index(base=base, index=Slice()):
                return isinstance(scope.kind(base), ListOf)
        return False

    def places(self, value: Expr, scope: Scope) -> frozenset[Place]:
        """The arrays that a value may be (a view of), or may hold."""
        kind = scope.kind(value)
        if is_fixed(kind):
            return frozenset()
        if numbers(value, scope) and self.fresh_list(value, scope):
            return frozenset()
        found = self.places_of(value, scope)
        if isinstance(kind, Array) and not isinstance(value, Name):
            found = frozenset(p for p in found if p[0] not in self.holders)
        return found

    def places_of(self, value: Expr, scope: Scope) -> frozenset[Place]:
        match value:
            case Name(id=name):
                return self.env.get(name, frozenset())
            case Global(id=name):
                # Nothing can be written into a function or a string.
                fixed = value.function or isinstance(scope.kind(value), Plain)
                return frozenset() if fixed else frozenset({(MODULE + name, 0)})
            case Index(base=base, index=Slice()) | Call(fn="builtins.list", args=(base,)) if numbers(
                base, scope
            ):
                return frozenset()
            case Index(base=base, index=index) if is_copy(base, index, scope):
                return frozenset()
            case Op(op="+" | "*" | "|" as op, args=args) if not isinstance(scope.kind(value), Array):
                again = op == "*" and holds_objects(scope.kind(value))
                return self.listed(args, scope) | ({SAME} if again else frozenset())
            case List(elts=elts) | Dict(elts=elts) | Tuple(elts=elts):
                return self.listed(elts, scope)
            case Call(fn="numpy.copy", args=(arg, *_)) if not isinstance(scope.kind(arg), Array):
                return self.places(arg, scope)
            case Opaque(reads=ids):
                return frozenset().union(*(self.env.get(n, frozenset()) for n in ids))
            case Call(fn=fn) if fn in self.memory.viewed and not holds_arrays(scope.kind(value)):
                parts = passed_on(
                    value, self.memory.viewed
                )  # A result of numbers may still be a list that was given.
                return frozenset().union(
                    *(self.places(e, scope) for e in parts if not isinstance(scope.kind(e), Array))
                )
        return frozenset().union(*(self.places(e, scope) for e in passed_on(value, self.memory.viewed)))

    def listed(self, elts: tuple[Expr, ...], scope: Scope) -> frozenset[Place]:
        found: frozenset[Place] = frozenset()
        for elt in elts:
            more = self.places(elt, scope)
            found |= more | ({SAME} if found & more else frozenset())
        return found

    def check(self, stmt: Stmt) -> None:
        if self.quiet:
            return
        self.call(stmt)
        for name in sorted(self.changed(stmt)):
            mine = self.env.get(name, frozenset())
            self.module(stmt, name, mine)
            if SAME in mine and not self.changes_list(stmt, name) and self.active(stmt, name, name):
                self.found.append(Conflict(stmt, name, name, self.since.get(name)))
            mine -= {SAME}
            listed = self.changes_list(stmt, name)
            if listed:
                lists = frozenset(p for p in mine if p[0] in self.list_sites)
                mine = self.env.get(own(name), lists)
            for other in sorted(self.live.after[stmt] - {name}):
                if not mine & self.env.get(other, frozenset()) or not self.active(stmt, name, other):
                    continue
                if listed and not may_hold_lists(self.kinds.get(other, ANY)):
                    continue
                self.found.append(Conflict(stmt, name, other, self.since.get(name) or self.since.get(other)))

    def module(self, stmt: Stmt, name: str, places: frozenset[Place]) -> None:
        """A write into what the module holds, whatever varies: the next call would see it."""
        if self.changes_list(stmt, name):
            places = self.env.get(own(name), frozenset())  # What else is in the list stays as it is.
        for site in sorted(site.removeprefix(MODULE) for site, _ in places if site.startswith(MODULE)):
            self.found.append(Conflict(stmt, name or site, site, None, module=True))

    def active(self, stmt: Stmt, name: str, other: str) -> bool:
        return bool({name, other} & (self.activity.ever_varied | self.activity.varied[stmt]))

    def call(self, stmt: Stmt) -> None:
        """A function writes into one argument and reads another that shares its memory."""
        if not isinstance(stmt, (Assign, ExprStmt)) or not isinstance(stmt.value, Call):
            return
        call, scope = stmt.value, self.ranks.scope(stmt)
        for k in sorted(self.memory.mutated.get(call.fn, ())):
            mine = self.places(call.args[k], scope) - {SAME}
            self.module(stmt, min(names(call.args[k]), default=""), mine)
            for j, arg in enumerate(call.args):
                if j != k and mine & self.places(arg, scope):
                    name, other = (min(names(call.args[n]), default="") for n in (k, j))
                    if self.active(stmt, name, other):
                        self.found.append(
                            Conflict(stmt, name, other, self.since.get(name) or self.since.get(other))
                        )

    def changes_list(self, stmt: Stmt, name: str) -> bool:
        """Whether a statement changes which elements a list has, not what is in them."""
        if isinstance(self.ranks.scope(stmt).kind(Name(name)), Array):
            return False
        match stmt:
            case (
                ExprStmt(value=Call(fn=fn, args=(held, *_))) | Assign(value=Call(fn=fn, args=(held, *_)))
            ) if fn.startswith("list."):
                return held == Name(name)
            case Assign(target=Index(base=Name(id=base))) | AugAssign(target=Name(id=base)):
                return base == name and isinstance(self.ranks.scope(stmt).kind(Name(name)), HOLDERS)
            case AugAssign(target=Index(base=Name(id=base)) as target):
                return base == name and is_number(self.ranks.scope(stmt).kind(target))
        return False


def may_hold_lists(kind: Kind) -> bool:
    match kind:
        case Array():
            return False
        case TupleOf(elems=elems) | RecordOf(elems=elems):
            return any(map(may_hold_lists, elems)) or isinstance(kind, RecordOf)
    return True


def distinct(states: list[Env], alive: frozenset[str]) -> list[Env]:
    """The different situations, as far as live names go; too many are joined into one.

    One that another covers is left out: what is joined would be told from its parts for ever.
    """
    found: list[Env] = []
    for env in states:
        env = {n: p for n, p in env.items() if n.removesuffix("#") in alive and p}
        if not any(covers(other, env) for other in found):
            found = [other for other in found if not covers(env, other)] + [env]
    if len(found) <= STATES:
        return found
    joined: Env = {}
    for env in found:
        for name, places in env.items():
            joined[name] = joined.get(name, frozenset()) | places
    return [{n: p for n, p in joined.items() if not n.endswith("#")}]


def contents(site: str) -> str:
    """The allocation that stands for what was made to be put into a container."""
    return f"{site}[]"


def own(name: str) -> str:
    """The key of the list itself that a name is bound to, where it is known, without what is in it."""
    return f"{name}#"


def covers(large: Env, small: Env) -> bool:
    """Whether every name may be in one situation all that it may be in the other."""
    return all(places <= large.get(name, frozenset()) for name, places in small.items())


def numbers(expr: Expr, scope: Scope) -> bool:
    """Whether a value is a list of numbers, so that a copy of it shares nothing."""
    kind = scope.kind(expr)
    return isinstance(kind, ListOf) and kind.elem is not None and is_fixed(kind.elem)


def is_copy(base: Expr, index: Expr, scope: Scope) -> bool:
    """Whether an array is indexed so that NumPy copies."""
    return isinstance(scope.kind(base), Array) and advanced(index, scope) is True


def holds_arrays(kind: Kind) -> bool:
    """Whether a value may be, or hold, an array that shares memory with another."""
    match kind:
        case ListOf(elem=elem):
            return elem is not None and holds_arrays(elem)
        case TupleOf(elems=elems) | RecordOf(elems=elems):
            return any(map(holds_arrays, elems))
    return not is_fixed(kind)


def holds_objects(kind: Kind) -> bool:
    """Whether what a value holds may be written into, be it an array or a list of numbers."""
    return holds_arrays(kind) or not all(map(is_fixed, parts(kind)))
