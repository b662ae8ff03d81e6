"""The variants of the functions of a program, made as they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adtrans import ir, walk
from adtrans.configure.body import Body, bound
from adtrans.configure.facts import UNKNOWN, Fact, of_kind, told
from adtrans.errors import Diagnostic
from adtrans.kinds import Kind, RecordOf, TupleOf
from adtrans.names import Names

MANY = 24
"""A function that is called with more settings than this is compiled for any."""

Positional = tuple[ir.Expr, ...]
Named = tuple[tuple[str, ir.Expr], ...]


@dataclass(frozen=True)
class Given:
    """The arguments of a call: for each parameter of the function, then for `*` and `**`; `missing` are
    left to their defaults."""

    plain: Mapping[str, ir.Expr]
    more: Positional = ()
    named: Named = ()


class Variants:
    def __init__(self, program: ir.Program, report: list[Diagnostic]) -> None:
        self.program = program
        self.report = report
        self.functions: dict[str, ir.Function] = {}
        self.bases: dict[str, str] = {}
        self.found: dict[object, str] = {}
        self.running: set[str] = set()
        self.used: set[str] = set()
        self.relevant: dict[str, frozenset[str]] = {}

    def run(self, kinds: Mapping[str, Kind]) -> dict[str, ir.Function]:
        """The entry and all that it calls. Without a word about `**options` there are none."""
        entry = self.program.functions[self.program.entry]
        facts = {p.name: of_kind(kinds[p.name]) for p in entry.params if p.name in kinds}
        without: list[ir.Stmt] = []
        for p in entry.params:
            if p.star == "*" and not isinstance(kinds.get(p.name), TupleOf):
                words = f"`{entry.name}` takes `*{p.name}`, and it is not known how many"
                help_ = "name its parameters, or differentiate a function that calls it"
                self.report.append(Diagnostic("AD501", words, p.span, help_))
            if p.star == "**" and not isinstance(kinds.get(p.name), RecordOf):
                facts[p.name] = Fact(RecordOf((), ()), None, (), ())
                without.append(ir.Assign(target=ir.Name(p.name), value=ir.Dict((), ())))
        left = [p for p in entry.params if not (without and p.star == "**")]
        params = tuple(replace(p, star="", keyword_only=p.keyword_only or p.star == "**") for p in left)
        if params == entry.params:
            params = entry.params
        self.functions[entry.path] = entry  # its place is the first
        self.functions[entry.path] = self.made(entry, entry.path, params, facts, tuple(without))
        return self.functions

    def made(
        self,
        base: ir.Function,
        path: str,
        params: tuple[ir.Param, ...],
        facts: dict[str, Fact],
        before: tuple[ir.Stmt, ...],
    ) -> ir.Function:
        """One variant: the function itself where nothing changes."""
        body = Body(self, base, facts).run()
        if body is base.body and params is base.params and path == base.path:
            return base
        if path != base.path:
            body = walk.map_block(body, lambda s: replace(s))
        read = walk.reads_of(body)
        starts = [s for s in before if walk.binds(s) & read]
        # What would bind them is never reached: reading them is an error, now as before.
        gone = (bound(base.body) - bound((*starts, *body)) - {p.name for p in params}) & read
        starts += [ir.Verbatim(text=f"{name} = None", writes=(name,)) for name in sorted(gone)]
        return replace(base, path=path, params=params, body=(*starts, *body))

    # ------------------------------------------------------------------- calls

    def call(self, call: ir.Call, facts: Mapping[str, Fact]) -> ir.Call:
        """The call of the variant for these facts of its parameters."""
        base = self.program.functions[call.fn]
        given = arguments(base, call)
        if given is None:  # They do not fit, which normalisation says.
            path = self.plain(base)
            return call if path == call.fn else replace(call, fn=path)
        relevant = self.relevance(base)
        known = {name: told(fact) for name, fact in facts.items() if name in relevant}
        known = {name: fact for name, fact in known.items() if fact != UNKNOWN}
        starred = any(p.star for p in base.params)
        count, keys = len(given.more), tuple(key for key, _ in given.named)
        key = self.key(base, known, count, keys)
        if sum(1 for k in self.found if isinstance(k, tuple) and k[0] == base.path) >= MANY:
            known, key = {}, self.key(base, {}, count, keys)
        path = self.found.get(key) or self.make(key, base, known, count, keys)
        if path in self.running:
            self.used.add(path)
        if not starred:
            return call if path == call.fn else replace(call, fn=path)
        return spelled_out(replace(call, fn=path), base, self.functions[path].params)

    def key(self, base: ir.Function, known: Mapping[str, Fact], count: int, keys: tuple[str, ...]) -> object:
        facts = tuple(
            (name, fact, type(fact.value and fact.value.value)) for name, fact in sorted(known.items())
        )
        return base.path, facts, count, keys

    def plain(self, base: ir.Function) -> str:
        """The function for whatever it is called with."""
        key = self.key(base, {}, 0, ())
        return self.found.get(key) or self.make(key, base, {}, 0, ())

    def make(
        self, key: object, base: ir.Function, known: Mapping[str, Fact], count: int, keys: tuple[str, ...]
    ) -> str:
        starred = any(p.star for p in base.params)
        path = base.path
        if known or starred:
            n = sum(1 for b in self.bases.values() if b == base.path)
            path = variant_path(base.path, str(n))
            self.bases[path] = base.path
        elif (
            path == self.program.entry
        ):  # The entry, called with other settings than those it is compiled for.
            path = variant_path(base.path, "any")
            self.bases[path] = base.path
        self.found[key] = path
        params, before, facts = unfolded(base, count, keys)
        self.functions[path] = replace(base, path=path, params=params)
        self.running.add(path)
        made = self.made(base, path, params, {**facts, **known}, before)
        self.running.discard(path)
        same = made.params == base.params and len(made.body) == len(base.body)
        if known and not starred and path not in self.used and same and unchanged(made.body, base.body):
            del self.functions[path]
            self.found[key] = path = self.plain(base)
            return path
        self.functions[path] = made
        if (custom := self.program.customs.get(base.path)) is not None:
            for rule in custom.functions:
                self.plain(self.program.functions[rule])
        return path

    def relevance(self, base: ir.Function) -> frozenset[str]:
        """The parameters that a test, or a call of another function, looks at."""
        if base.path not in self.relevant:
            found: set[str] = set()
            for stmt in walk.statements(base.body):
                if isinstance(stmt, ir.If | ir.While):
                    found |= walk.names(stmt.test)
                for e in (e for x in walk.expressions(stmt) for e in walk.subexpressions(x)):
                    match e:
                        case ir.IfExp(test=test):
                            found |= walk.names(test)
                        case ir.Op(op="and" | "or") | ir.Spread():
                            found |= walk.names(e)
                        case ir.Call(fn=fn) if fn in self.program.functions:
                            found |= {n for part in walk.children(e) for n in walk.names(part)}
                if isinstance(stmt, ir.Assign) and isinstance(stmt.value, ir.Name):
                    found.add(stmt.value.id)
            self.relevant[base.path] = frozenset(found)
        return self.relevant[base.path]


def variant_path(path: str, mark: str) -> str:
    """A path that ends in the name of the function, as all do."""
    module, _, name = path.rpartition(".")
    return f"{module}@{mark}.{name}"


def unchanged(made: ir.Block, base: ir.Block) -> bool:
    """Whether a copied body is the one it was copied from."""
    if len(made) != len(base):
        return False
    for a, b in zip(made, base, strict=True):
        if walk.expressions(a) != walk.expressions(b) or type(a) is not type(b) or a.span != b.span:
            return False
        if not all(unchanged(x, y) for x, y in zip(walk.blocks(a), walk.blocks(b), strict=True)):
            return False
        if called(a) != called(b):
            return False
    return True


def called(stmt: ir.Stmt) -> list[str]:
    """The functions that a statement calls; as for its expressions, spans and spelling do not count."""
    nodes = (e for x in walk.expressions(stmt) for e in walk.subexpressions(x))
    return [e.fn for e in nodes if isinstance(e, ir.Call)]


def arguments(base: ir.Function, call: ir.Call) -> Given | None:
    """The arguments of a call by the parameters they go to; None if they do not fit."""
    positional = [p for p in base.params if not p.keyword_only and not p.star]
    stars = {p.star for p in base.params}
    more = call.args[len(positional) :]
    plain = {p.name: arg for p, arg in zip(positional, call.args, strict=False)}
    named: list[tuple[str, ir.Expr]] = []
    known = {p.name for p in base.params if not p.star}
    for key, value in call.kwargs:
        if key in plain or key in dict(named):
            return None
        if key in known:
            plain[key] = value
        else:
            named.append((key, value))
    if (more and "*" not in stars) or (named and "**" not in stars):
        return None
    if any(p.default is None and not p.star and p.name not in plain for p in base.params):
        return None
    return Given(plain, more, tuple(named))


def unfolded(
    base: ir.Function, count: int, keys: tuple[str, ...]
) -> tuple[tuple[ir.Param, ...], tuple[ir.Stmt, ...], dict[str, Fact]]:
    """The parameters with a name for each further argument, and the tuple and dict of these."""
    if not any(p.star for p in base.params):
        return base.params, (), {}
    taken = Names(walk.reads_of(base.body) | walk.writes_of(base.body) | {p.name for p in base.params})
    params: list[ir.Param] = []
    before: list[ir.Stmt] = []
    facts: dict[str, Fact] = {}
    for p in base.params:
        if p.star == "*":
            names = tuple(taken.fresh(f"{p.name}_{k}") for k in range(count))
            params += [ir.Param(name, span=p.span) for name in names]
            value: ir.Expr = ir.Tuple(tuple(map(ir.Name, names)))
            facts[p.name] = Fact(TupleOf((Kind(),) * count), None, tuple(range(count)), names)
        elif p.star == "**":
            names = tuple(taken.fresh(f"{p.name}_{key}") for key in keys)
            params += [
                ir.Param(name, keyword_only=True, keyword=key, span=p.span)
                for name, key in zip(names, keys, strict=True)
            ]
            value = ir.Dict(keys, tuple(map(ir.Name, names)))
            facts[p.name] = Fact(RecordOf(keys, (Kind(),) * len(keys)), None, keys, names)
        else:
            params.append(p)
            continue
        before.append(ir.Assign(target=ir.Name(p.name), value=value))
    return tuple(params), tuple(before), facts


def spelled_out(call: ir.Call, base: ir.Function, params: tuple[ir.Param, ...]) -> ir.Call:
    """The call of a variant, each argument under the name of its parameter, in the order of the call."""
    own = {p.name for p in base.params if not p.star}
    further = [p.name for p in params if p.name not in own and not p.keyword]
    positional = [p.name for p in base.params if not p.keyword_only and not p.star]
    by_key = {p.keyword: p.name for p in params if p.keyword}
    kwargs = list(zip((*positional, *further), call.args, strict=False))
    kwargs += [(by_key.get(key, key), value) for key, value in call.kwargs]
    return replace(call, args=(), kwargs=tuple(kwargs))
