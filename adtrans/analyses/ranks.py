"""Ranks and dtypes: the kind of every name at every statement, by abstract execution.

Branches join, loops go round until nothing changes. User functions are analysed once for each
signature of argument kinds; a recursive call starts from "no result yet" and goes round too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from adtrans.analyses.certainty import of_text
from adtrans.analyses.expressions import Found, Scope, joined, kind_of_constant
from adtrans.enumerated import members
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    ExprStmt,
    For,
    Function,
    If,
    Index,
    List,
    Name,
    Op,
    Return,
    Stmt,
    Tuple,
    Verbatim,
    While,
)
from adtrans.kinds import (
    ANY,
    BOOL,
    FLOAT,
    HOLDERS,
    INT,
    MEMBER,
    NEVER,
    NONE,
    Array,
    Kind,
    ListOf,
    Mapped,
    Plain,
    RecordOf,
    TupleOf,
    as_list,
    join,
    key_of,
    may_be_complex,
    may_vary,
    parts,
    unknown,
    with_parts,
)
from adtrans.sharing import may_view
from adtrans.walk import (
    GROWING,
    NOTHING,
    binds,
    changed_by,
    changes,
    given_away,
    is_statement,
    names,
    nodes,
    reads,
    statements,
    subexpressions,
    writes,
)

Env = dict[str, Kind]
T = TypeVar("T")

_ROUNDS = 8
"""A loop is analysed until its kinds are stable; kinds only rise, and a rank rises at most to None."""


@dataclass(slots=True)
class Ranks:
    """The kinds of the names that a statement mentions, before and after it, and of the result.

    `entry` are the names that may be bound when a loop is reached from above, with their kinds there;
    `ends` are those that a branch or a loop writes, at the end of its block of that name.
    """

    before: dict[Stmt, Env] = field(default_factory=dict)
    entry: dict[Stmt, Env] = field(default_factory=dict)
    after: dict[Stmt, Env] = field(default_factory=dict)
    ends: dict[tuple[Stmt, str], Env] = field(default_factory=dict)
    result: Kind = NONE
    arguments: tuple[Kind, ...] = ()
    """What the arguments are at the end: a list may hold other things by then, a dict more keys."""
    inference: Inference | None = None

    def scope(self, stmt: Stmt) -> Scope:
        """What the expressions of a statement can see."""
        assert self.inference is not None
        return self.inference.scope(self.before.get(stmt, {}))

    def scope_after(self, stmt: Stmt) -> Scope:
        """The same, with what the statement has written."""
        assert self.inference is not None
        return self.inference.scope({**self.before.get(stmt, {}), **self.after.get(stmt, {})})


def is_settled(kind: Kind) -> bool:
    """Whether a value is surely an array of numbers, real ones: these keep their dtype and their rank; or a
    named tuple of such, and of numbers."""
    if isinstance(kind, TupleOf) and kind.names:
        return all(k in (FLOAT, INT) or is_settled(k) for k in kind.elems)
    return isinstance(kind, Array) and kind.dtype in ("f8", "f4", "i", "b") and bool(kind.rank)


@dataclass(slots=True)
class Inference:
    """The analysis of a whole program: user functions by path, globals by name."""

    functions: Mapping[str, Function]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Expr] = field(default_factory=dict)
    globals: Mapping[str, Kind] = field(default_factory=dict)
    done: dict[tuple[str, tuple[Kind, ...]], Ranks] = field(default_factory=dict)
    running: dict[tuple[str, tuple[Kind, ...]], Kind | None] = field(default_factory=dict)
    ending: dict[tuple[str, tuple[Kind, ...]], tuple[Kind, ...]] = field(default_factory=dict)
    asked: set[tuple[str, tuple[Kind, ...]]] = field(default_factory=set)
    """Of those that are running, which the analysis has come back to: a recursion."""
    found: Found = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {name: kind_of_constant(text, self.constants) for name, text in self.constants.items()}
        known |= dict.fromkeys(map(str, members(self.constants)), MEMBER)
        for name, value in self.values.items():  # Each after those it needs.
            if known.get(name, ANY) == ANY and is_settled(kind := Scope({}, known).kind(value)):
                known[name] = kind
        self.globals = {**{k: v for k, v in known.items() if v != ANY}, **self.globals}

    def scope(self, env: Mapping[str, Kind]) -> Scope:
        # What a function returns that is being analysed may still rise: nothing is kept then.
        return Scope(env, self.globals, self.call, None if self.running else self.found)

    def call(self, path: str, kinds: tuple[Kind, ...]) -> Kind | None:
        """The kind of the result of a user function, None if `path` is not one or nothing is known yet."""
        if path not in self.functions:
            return None
        key = path, self.settled(path, kinds)
        if key in self.done:
            return self.done[key].result
        if key in self.running:
            self.asked.add(key)
            return self.running[key] or NEVER
        if len(self.running) > 64:  # Signatures that change with each recursion: give up on ranks.
            return unknown(*kinds)
        return self.ranks(*key).result

    def ends(self, path: str, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        """The kinds of the arguments of a user function when it returns."""
        if path not in self.functions or not any(isinstance(k, HOLDERS) for k in kinds):
            return kinds
        key = path, kinds = path, self.settled(path, kinds)
        if key in self.running:
            self.asked.add(key)
            return self.ending.get(key, kinds)
        return kinds if len(self.running) > 64 else self.ranks(path, kinds).arguments

    def settled(self, path: str, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        """A recursion that adds to a container, `f(index + (i,))`, would have a signature for each level."""
        for other, old in self.running:
            if other == path and old != kinds:
                pairs = zip(kinds, old, strict=True)
                kinds = tuple(unknown(new) if grows(new, before) else new for new, before in pairs)
        return kinds

    def ranks(self, path: str, kinds: tuple[Kind, ...]) -> Ranks:
        """The kinds in one function for one signature."""
        key = path, kinds
        if key in self.done:
            return self.done[key]
        self.running[key] = None
        for _ in range(_ROUNDS):
            known = set(self.done)
            self.asked.discard(key)
            found = infer(self.functions[path], kinds, self)
            found.result = widened(found.result, self.running[key])
            if key not in self.asked:  # One round says it all; more of them would double at each level.
                break
            if found.result == self.running[key] and found.arguments == self.ending.get(key, kinds):
                break
            self.ending[key] = found.arguments
            for other in set(self.done) - known:  # Made while our own result was still rising.
                del self.done[other]
            self.running[key] = found.result
        del self.running[key]
        self.done[key] = found
        return found


def widened(new: Kind, old: Kind | None) -> Kind:
    """What a recursion puts around its own result again and again is not followed: `(x, (x, ...))`."""
    if old is None or type(new) is not type(old) or len(parts(new)) != len(parts(old)):
        return new
    pairs = zip(parts(new), parts(old), strict=True)
    return with_parts(new, [unknown(n) if _contains(n, old) else widened(n, o) for n, o in pairs])


def grows(new: Kind, old: Kind) -> bool:
    """Whether a container holds more than it did before, or itself."""
    if not isinstance(new, HOLDERS) or type(new) is not type(old) or new == old:
        return False
    pairs = zip(parts(new), parts(old), strict=False)
    longer = not isinstance(new, ListOf) and len(parts(new)) > len(parts(old))
    return longer or _contains(new, old) or any(grows(n, o) for n, o in pairs)


def _contains(kind: Kind, part: Kind) -> bool:
    inner = parts(kind)
    return bool(inner) and (kind == part or any(_contains(e, part) for e in inner))


def infer(function: Function, kinds: tuple[Kind, ...], inference: Inference) -> Ranks:
    """Run `function` on kinds."""
    facts = Ranks(inference=inference)
    env: Env = {p.name: k for p, k in zip(function.params, kinds, strict=True)}
    _Run(facts, inference).block(function.body, env)
    facts.arguments = kinds
    if any(isinstance(kind, HOLDERS) for kind in kinds):
        rebound = frozenset().union(*map(binds, statements(function.body))) | changed_elsewhere(function)
        facts.arguments = tuple(
            k
            if not isinstance(k, HOLDERS)
            else unknown(k)
            if p.name in rebound
            else env.get(p.name, unknown(k))
            for p, k in zip(function.params, kinds, strict=True)
        )
    return facts


def changed_elsewhere(function: Function) -> frozenset[str]:
    """The names of which something is changed under another name: `k = {"l": l}`, and `k["l"].append(v)`."""
    holds: dict[str, set[str]] = {}
    for stmt in statements(function.body):
        if isinstance(stmt, Assign) and isinstance(stmt.target, Name):
            holds.setdefault(stmt.target.id, set()).update(may_view(stmt.value, {}))
    changed = frozenset().union(*map(changes, statements(function.body))) if holds else NOTHING
    return frozenset().union(*(holds[name] for name in changed & holds.keys()))


@dataclass(slots=True)
class Latest:
    """The ranks of one function from pass to pass: after one that changed nothing they are still the same."""

    kinds: tuple[Kind, ...]
    inference: Inference
    function: Function | None = None
    ranks: Ranks = field(default_factory=Ranks)

    def of(self, function: Function) -> Ranks:
        last = self.function
        if last is None or last.body is not function.body or last.params is not function.params:
            self.ranks = infer(function, self.kinds, self.inference)
        self.function = function
        return self.ranks


@dataclass(slots=True)
class _Run:
    facts: Ranks
    inference: Inference

    def block(self, block: Block, env: Env) -> None:
        for stmt in block:
            self.stmt(stmt, env)

    def stmt(self, stmt: Stmt, env: Env) -> None:
        if isinstance(stmt, (For, While)):
            self.loop(stmt, env)
            return
        self.note(stmt, env)
        match stmt:
            case Assign(target=Index() as target, value=value):
                there = target in subexpressions(value)
                self.store(target.base, target.index, self.kind(value, env), env, there=there)
            case Assign(target=target, value=value):
                self.bind(target, self.kind(value, env), env)
            case AugAssign(target=Name(id=name), op=op, value=value):
                old = env.get(name, ANY)
                if not (isinstance(old, Array) and old.rank):
                    new = self.kind(Op(op, (Name(name), value)), env)
                    cell = isinstance(old, Array) and old.cell  # It stays the same array of rank 0.
                    env[name] = replace(new, cell=True) if cell and isinstance(new, Array) else new
            case AugAssign(target=Index() as target, op=op, value=value):
                if not may_vary(self.kind(target, env)):  # Something else may be there from now on.
                    new = self.kind(Op(op, (target, value)), env)
                    self.store(target.base, target.index, new, env, there=True)
            case ExprStmt(value=Call(fn="list.append" | "list.insert", args=(place, *_, value))):
                self.grow(place, self.kind(value, env), env)
            case ExprStmt(value=Call(fn="list.extend", args=(place, value))):
                more = self.kind(value, env)
                self.grow(place, more.elem if isinstance(more, ListOf) and more.elem else unknown(more), env)
            case ExprStmt(value=value):
                self.kind(value, env)
            case If(test=test, body=body, orelse=orelse):
                self.kind(test, env)
                changing = writes(stmt)  # Copies of all names would make a long function quadratic.
                before = part(env, changing)
                self.block(body, env)
                after = self.facts.ends[stmt, "body"] = part(env, changing)
                put(env, changing, before)
                self.block(orelse, env)
                other = self.facts.ends[stmt, "orelse"] = part(env, changing)
                put(env, changing, after)
                merge(env, other)
            case Return(value=value):
                result = NONE if value is None else self.kind(value, env)
                self.facts.result = result
            case Verbatim(text=text, reads=read, writes=written, flags=flags):
                made = of_text(text or "", [env.get(name, ANY) for name in read])
                for name in written:
                    env[name] = BOOL if name in flags else made
        self.lose(stmt, env)
        self.filled(stmt, env)
        self.called(stmt, env)
        self.touched(stmt, env)
        self.facts.after[stmt] = {n: env[n] for n in _written(stmt) if n in env}

    def loop(self, stmt: For | While, env: Env) -> None:
        """Go round until the kinds at the head are stable."""
        changing = writes(stmt)
        self.facts.entry[stmt] = part(env, reads(stmt) | changing)
        for _ in range(_ROUNDS):
            head = part(env, changing)
            self.note(stmt, env)
            if isinstance(stmt, For):
                self.bind(stmt.target, self.element(stmt.iter, env), env)
                self.facts.after[stmt] = {n: env[n] for n in names(stmt.target)}
            else:
                self.kind(stmt.test, env)
            self.block(stmt.body, env)
            inner = self.facts.ends[stmt, "body"] = part(env, changing)
            put(env, changing, head)
            merge(env, inner)
            if part(env, changing) == head:
                return
        for name, kind in part(env, changing).items():  # Still rising: nothing is known of what changes.
            if kind != head.get(name):
                env[name] = unknown(kind)
        risen = part(env, changing)
        self.block(stmt.body, env)
        self.facts.ends[stmt, "body"] = part(env, changing)
        put(env, changing, risen)

    def note(self, stmt: Stmt, env: Env) -> None:
        self.facts.before[stmt] = {n: env[n] for n in reads(stmt) | writes(stmt) if n in env}

    def kind(self, expr: Expr, env: Env) -> Kind:
        return self.inference.scope(env).kind(expr)

    def element(self, iterable: Expr, env: Env) -> Kind:
        """The kind of what a loop takes from an iterable."""
        if isinstance(iterable, Call) and iterable.fn == "builtins.range":
            return INT
        if isinstance(iterable, Call) and iterable.fn in (
            "builtins.reversed",
            "builtins.sorted",
            "builtins.list",
        ):
            return self.element(iterable.args[0], env)
        if isinstance(iterable, (Tuple, List)) and iterable.elts:
            words = [e.value for e in iterable.elts if isinstance(e, Const) and isinstance(e.value, str)]
            if len(words) == len(iterable.elts):
                return Plain("str", tuple(words))
        match found := self.kind(iterable, env):
            case Plain(name="range"):
                return INT
            case ListOf(elem=elem):
                return elem or ANY
            case Array(dtype=dtype, shape=shape) if shape:
                return Array(dtype, shape[1:])
            case Array(dtype=dtype):
                return Array(dtype, None)
            case TupleOf(elems=elems):
                return joined(elems)
            case RecordOf() as record:
                return key_of(record)
        return unknown(found)

    def bind(self, target: Expr, kind: Kind, env: Env) -> None:
        match target:
            case Name(id=name):
                env[name] = kind
            case Tuple(elts=elts):
                fits = isinstance(kind, TupleOf) and len(kind.elems) == len(elts)
                inner = kind.elems if fits else (NEVER if kind == NEVER else unknown(kind),) * len(elts)  # type: ignore[attr-defined]
                for elt, k in zip(elts, inner, strict=True):
                    self.bind(elt, k, env)
            case Index(base=base, index=index):
                self.store(base, index, kind, env)

    def called(self, stmt: Stmt, env: Env) -> None:
        """A function may put other things into a list or a dict that it is given."""
        call = stmt.value if isinstance(stmt, (Assign, ExprStmt)) else None
        if not isinstance(call, Call) or call.fn not in self.inference.functions:
            return
        then = self.facts.before[stmt]  # Of `p = step(p)` what is called `p` now is another thing.
        before = tuple(self.kind(arg, then) for arg in call.args)
        for arg, old, new in zip(call.args, before, self.inference.ends(call.fn, before), strict=False):
            if old == new or names(arg) & binds(stmt):
                continue
            if isinstance(arg, Name):
                env[arg.id] = new
            elif isinstance(arg, Index):
                self.store(arg.base, arg.index, new, env)

    def touched(self, stmt: Stmt, env: Env) -> None:
        """What may put a number into a list of integers, in the middle of an expression or out of sight."""
        for node in nodes(stmt) if changes(stmt) else ():
            changed = given_away(node)
            if isinstance(node, Call) and node.fn in GROWING and not is_statement(node, stmt):
                changed |= changed_by(node)
            if changed and any(may_vary(env.get(name, ANY)) for name in names(node)):
                for name in changed:
                    if isinstance(env.get(name), (*HOLDERS, Mapped)) and not may_vary(env[name]):
                        env[name] = unknown(env[name])

    def lose(self, stmt: Stmt, env: Env) -> None:
        """`d.pop("key")` takes a key away."""
        value = stmt.value if isinstance(stmt, (Assign, ExprStmt)) else None
        match value:
            case Call(fn="list.pop", args=(Name(id=name), Const(value=key), *_)):
                held = env.get(name, ANY)
                if isinstance(held, RecordOf):
                    env[name] = held.without(key)

    def filled(self, stmt: Stmt, env: Env) -> None:
        """`d.setdefault("key", e)` may put a new key into a dict, whatever it held before."""
        for node in nodes(stmt):
            match node:
                case Call(fn="dict.setdefault" | "dict.update", args=(place, *given)):
                    name = root(place)
                    if isinstance(name, Name):
                        unsure = [env.get(name.id, ANY), *(self.kind(e, env) for e in given)]
                        env[name.id] = Mapped(any(map(may_be_complex, unsure)))

    def store(self, base: Expr, index: Expr, kind: Kind, env: Env, *, there: bool = False) -> None:
        """`base[index] = …` of a list, or of a record, changes the kind of what holds it.

        `there`: the key is not a new one, because what is under it has just been read.
        """
        held = self.kind(base, env)
        match held:
            case ListOf(elem=elem):
                new: Kind = ListOf(kind if elem is None else join(elem, kind))
            case TupleOf(elems=elems) if isinstance(index, Const) and isinstance(index.value, int):
                position = index.value % max(len(elems), 1)
                new = with_parts(held, [kind if k == position else e for k, e in enumerate(elems)])
            case TupleOf(elems=elems):
                new = with_parts(held, [join(e, kind) for e in elems])
            case RecordOf() if isinstance(index, Const) and isinstance(index.value, (str, int)):
                new = held.put(index.value, kind)
            case RecordOf() if held.holds(index_kind := self.kind(index, env)):
                assert isinstance(index_kind, Plain)
                new = held
                for key in index_kind.among:
                    new = new.put(key, join(held.at(key) or ANY, kind))
            case RecordOf() if there:
                new = with_parts(held, [join(e, kind) for e in held.elems])
            case RecordOf():
                new = Mapped(may_be_complex(held) or may_be_complex(kind))  # The key may be a new one.
            case _:
                return
        if new == held:
            return
        if isinstance(base, Name):
            env[base.id] = new
        elif isinstance(base, Index):
            self.store(base.base, base.index, new, env)

    def grow(self, place: Expr, elem: Kind, env: Env) -> None:
        """A list gets one more element; of what has no name of its own nothing is known from then on."""
        old = as_list(self.kind(place, env))
        new = ListOf(elem if old.elem is None else join(old.elem, elem)) if isinstance(old, ListOf) else ANY
        if isinstance(place, Name) and isinstance(old, ListOf):
            env[place.id] = new
        elif isinstance(place, Index):
            self.store(place.base, place.index, new, env, there=True)
        else:
            for name in may_view(place, {}):
                if isinstance(env.get(name), (*HOLDERS, Mapped)):
                    env[name] = unknown(env[name])


def _written(stmt: Stmt) -> frozenset[str]:
    """The names that a statement itself binds or writes into (not those inside it)."""
    return changes(stmt) | _bound(stmt)


def _bound(stmt: Stmt) -> frozenset[str]:
    match stmt:
        case Assign(target=Name(id=name), value=Call(fn="list.pop", args=(Name(id=source), *_))):
            return frozenset((name, source))
        case Assign(target=target, value=value) | AugAssign(target=target, value=value):
            written = names(target) if not isinstance(target, Index) else names(root(target))
            given = value.args if isinstance(value, Call) else ()
            return written.union(found.id for a in given if isinstance(found := root(a), Name))
        case For(target=target):
            return names(target)
        case ExprStmt(value=Call(args=args)):
            return frozenset(found.id for a in args if isinstance(found := root(a), Name))
        case Verbatim(writes=writes):
            return frozenset(writes)
    return frozenset()


def root(place: Expr) -> Expr:
    """`u` of `u[i][j]`."""
    while isinstance(place, Index):
        place = place.base
    return place


def part(env: Mapping[str, T], which: frozenset[str]) -> dict[str, T]:
    """What an environment says of some names."""
    return {n: env[n] for n in which if n in env}


def put(env: dict[str, T], which: frozenset[str], old: Mapping[str, T]) -> None:
    """Let an environment say of some names again what it said when `old` was their part of it."""
    for name in which:
        env.pop(name, None)
    env.update(old)


def merge(env: Env, other: Env) -> None:
    """Join two environments into the first; what is bound on one side only keeps its kind."""
    for name, kind in other.items():
        env[name] = join(env[name], kind) if name in env else kind


def last_kinds(ranks: Ranks) -> dict[str, Kind]:
    """The kind of each name, joined over the whole function."""
    found: dict[str, Kind] = {}
    for table in (ranks.before, ranks.after):
        for env in table.values():
            for name, kind in env.items():
                found[name] = join(found[name], kind) if name in found else kind
    return found


def integers_at_times(ranks: Ranks) -> frozenset[str]:
    """The names that stand for an array of integers or flags at some time."""
    tables = (*ranks.before.values(), *ranks.after.values())
    return frozenset(
        name
        for env in tables
        for name, kind in env.items()
        if isinstance(kind, Array) and kind.rank != 0 and kind.dtype in ("i", "b")
    )


def of_several_dtypes(ranks: Ranks) -> frozenset[str]:
    """The names that stand for arrays of different dtypes, one after the other."""
    first: dict[str, str] = {}
    found: set[str] = set()
    for table in (ranks.before, ranks.after):
        for env in table.values():
            for name, kind in env.items():
                if not isinstance(kind, Array):
                    continue
                # Of a number it counts whether it is an integer: an array that is made of it may be one.
                dtype = kind.dtype if kind.rank else str(kind.dtype in ("i", "b"))
                if first.setdefault(name, dtype) != dtype:
                    found.add(name)
    return frozenset(found)
