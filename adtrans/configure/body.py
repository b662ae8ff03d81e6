"""The body of one function, followed with what is known of its variables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.configure.decide import Decider
from adtrans.configure.facts import UNKNOWN, Fact, joined, of_constant, of_kind
from adtrans.kinds import RecordOf, TupleOf

if TYPE_CHECKING:
    from adtrans.configure.variants import Variants

Code = list[ir.Stmt]


class Body:
    def __init__(self, variants: Variants, function: ir.Function, facts: dict[str, Fact]) -> None:
        self.variants = variants
        self.program = variants.program
        self.function = function
        self.facts = dict(facts)
        self.loose = loose(function)

    def run(self) -> ir.Block:
        return self.block(self.function.body)[0]

    @property
    def decider(self) -> Decider:
        return Decider(self.program, self.facts)

    # ---------------------------------------------------------------- statements

    def block(self, block: ir.Block) -> tuple[ir.Block, bool]:
        """The block, and whether control can reach its end."""
        new: Code = []
        for stmt in block:
            made, falls = self.statement(stmt)
            new += made
            if not falls:
                return walk.same(block, new), False
        return walk.same(block, new), True

    def statement(self, stmt: ir.Stmt) -> tuple[Code, bool]:
        self.forget(bindings(stmt))
        match stmt:
            case ir.If():
                return self.branch(stmt)
            case ir.For() | ir.While():
                return self.loop(stmt)
            case ir.Return() | ir.Break() | ir.Continue():
                return [walk.map_stmt(stmt, self.expression)], False
            case ir.Verbatim(writes=names, text=text):
                self.forget(names)
                return [stmt], not (text or "").startswith("raise")
            case ir.Assign(target=target):
                made = walk.map_stmt(stmt, self.expression)
                assert isinstance(made, ir.Assign)
                self.bind(target, made.value)
                return [made], True
            case ir.AugAssign(target=ir.Name(id=name)):
                made = walk.map_stmt(stmt, self.expression)
                self.forget((name,))
                return [made], True
            case ir.ExprStmt(value=ir.Spread(otherwise=text)):
                value = self.expression(stmt.value)
                if isinstance(value, ir.Opaque):
                    return [carried(stmt, text)], True
                return [replace(stmt, value=value, text=None)], True
        return [walk.map_stmt(stmt, self.expression)], True

    def branch(self, stmt: ir.If) -> tuple[Code, bool]:
        test = self.expression(stmt.test)
        verdict = None if bindings(stmt) else self.decider.decide(test)
        if verdict is not None:
            chosen, falls = self.block(stmt.body if verdict else stmt.orelse)
            return headed(list(chosen), stmt), falls
        start = dict(self.facts)
        body, falls = self.block(stmt.body)
        after, self.facts = self.facts, start
        orelse, falls_too = self.block(stmt.orelse)
        if falls and falls_too:
            names = after.keys() | self.facts.keys()
            self.facts = {n: joined(after.get(n, UNKNOWN), self.facts.get(n, UNKNOWN)) for n in names}
        elif falls:
            self.facts = after
        made = walk.with_blocks(walk.map_stmt(stmt, lambda _: test), body, orelse)
        if not body and isinstance(made, ir.If):
            made = replace(made, body=(ir.Verbatim(text="pass"),))
        return [made], falls or falls_too

    def loop(self, stmt: ir.For | ir.While) -> tuple[Code, bool]:
        """What a round binds is not known at the start of the next."""
        made: ir.Stmt = stmt
        if isinstance(stmt, ir.For) and self.goes_over_nothing(stmt.iter):
            code, falls = self.block(stmt.orelse)
            return list(code), falls
        if isinstance(stmt, ir.For):
            it = self.expression(stmt.iter)
            made = walk.map_stmt(stmt, lambda e: it if e is stmt.iter else e)
        changed = written(stmt)
        self.forget(changed)
        if isinstance(stmt, ir.While):
            test = self.expression(stmt.test)
            made = walk.map_stmt(stmt, lambda _: test)
        start = dict(self.facts)
        body, _ = self.block(stmt.body)
        self.facts = start
        orelse, _ = self.block(stmt.orelse)
        self.facts = start
        self.forget(changed)
        forever = isinstance(stmt, ir.While) and stmt.test == ir.Const(True) and not leaves(stmt.body)
        return [walk.with_blocks(made, body or (ir.Verbatim(text="pass"),), orelse)], not forever

    def goes_over_nothing(self, over: ir.Expr) -> bool:
        """Whether a loop is over an empty tuple or dict."""
        match over:
            case (
                ir.Name(id=name)
                | ir.Call(fn="dict.items" | "dict.keys" | "dict.values", args=(ir.Name(id=name),))
            ):
                return self.shape(name) == ()
        return False

    def forget(self, names: object) -> None:
        assert isinstance(names, tuple | frozenset | set)
        for name in names:
            self.facts[name] = UNKNOWN

    def bind(self, target: ir.Expr, value: ir.Expr) -> None:
        match target:
            case ir.Name(id=name):
                self.facts[name] = self.fact(value, name)
            case ir.Tuple(elts=targets) | ir.List(elts=targets):
                values = value.elts if isinstance(value, ir.Tuple | ir.List) else ()
                found = [self.fact(v, "") for v in values] if len(values) == len(targets) else []
                for k, inner in enumerate(targets):
                    self.bind(inner, ir.Opaque("", ()))
                    if isinstance(inner, ir.Name) and found:
                        self.facts[inner.id] = replace(found[k], keys=None, names=None)

    def fact(self, value: ir.Expr, name: str) -> Fact:
        """What is known of a value that is bound to a name."""
        match value:
            case ir.Const(value=constant):
                found = of_constant(constant)
                return found if found != UNKNOWN else of_kind(self.decider.kind(value))
            case ir.Name(id=other):
                fact = self.facts.get(other, UNKNOWN)
                return fact if isinstance(fact.kind, TupleOf) else replace(fact, keys=None, names=None)
            case ir.Tuple(elts=elts) if not any(isinstance(e, ir.Star) for e in elts):
                return Fact(TupleOf(tuple(map(self.decider.kind, elts))), None, tuple(range(len(elts))))
            case ir.Dict(keys=keys, elts=elts):
                kind = RecordOf(keys, tuple(map(self.decider.kind, elts)))
                return Fact(kind, None, None if name in self.loose else keys)
            case ir.Op(op="and" | "or") | ir.IfExp():
                return UNKNOWN
        known = self.decider.value(value)
        return of_constant(known.value) if known is not None else of_kind(self.decider.kind(value))

    # --------------------------------------------------------------- expressions

    def expression(self, expr: ir.Expr) -> ir.Expr:
        match expr:
            case ir.Name() | ir.Const() | ir.Global() | ir.Opaque():
                return expr
            case ir.IfExp(test=test, then=then, orelse=orelse):
                verdict = self.decider.decide(test)
                if verdict is not None:
                    return self.expression(then if verdict else orelse)
            case ir.Comprehension(target=target):
                before = dict(self.facts)
                it = self.expression(expr.iter)
                self.forget(walk.target_names(target))
                rest = [self.expression(e) for e in (*expr.conditions, expr.elt)]
                self.facts = before
                return walk.with_children(expr, (it, target, *rest))
            case ir.Spread():
                return self.spread(expr)
        made = walk.with_children(expr, tuple(map(self.expression, walk.children(expr))))
        match made:
            case ir.Op(op="and" | "or" as op, args=args):
                return self.shortened(made, op, args)
            case ir.Call(fn=fn) if fn in self.program.functions:
                return self.call(made)
            case ir.Call(fn="dict.get" | "?.get", args=(ir.Name(id=name), ir.Const(value=key), *default)):
                keys = self.shape(name)
                if keys is not None and isinstance(self.facts[name].kind, RecordOf) and len(default) < 2:
                    if key in keys:
                        return self.element(name, keys.index(key))
                    return default[0] if default else ir.Const(None)
            case ir.Index(base=ir.Name(id=name), index=ir.Const(value=int() | str() as key)):
                keys, names = self.shape(name), self.facts.get(name, UNKNOWN).names
                if keys is not None and names is not None and key in keys:
                    return ir.Name(names[keys.index(key)], span=made.span)
        return made

    def shortened(self, expr: ir.Op, op: str, args: tuple[ir.Expr, ...]) -> ir.Expr:
        """`w or 2.0` is 2.0 where `w` is None."""
        row = list(args)
        while len(row) > 1 and isinstance(row[0], ir.Name | ir.Const):
            verdict = self.decider.decide(row[0])
            if verdict is None:
                break
            if verdict == (op == "or"):
                return row[0]
            del row[0]
        if len(row) == len(args):
            return expr
        return row[0] if len(row) == 1 else replace(expr, args=tuple(row))

    def call(self, call: ir.Call) -> ir.Expr:
        """A call of a user function: of its variant."""
        from adtrans.configure.variants import arguments

        base = self.program.functions[call.fn]
        given = arguments(base, call)
        facts: dict[str, Fact] = {}
        if given is not None:
            for p in base.params:
                value = given.plain.get(p.name, p.default)
                if value is not None and not p.star:
                    facts[p.name] = self.fact(value, "")
        return self.variants.call(call, facts)

    # -------------------------------------------------------------- `*` and `**`

    def spread(self, expr: ir.Spread) -> ir.Expr:
        """A call with its starred arguments written out; as text where that is not possible."""
        args: list[ir.Expr] = []
        kwargs: list[tuple[str, ir.Expr]] = []
        for arg in expr.call.args:
            if not isinstance(arg, ir.Star):
                args.append(self.expression(arg))
                continue
            parts = self.parts(self.expression(arg.value))
            if parts is None:
                parts = self.filling(expr.call, self.expression(arg.value))
            if parts is None:
                return expr.otherwise
            args += parts
        for key, value in expr.call.kwargs:
            if key != "**":
                kwargs.append((key, self.expression(value)))
                continue
            pairs = self.pairs(self.expression(value))
            if pairs is None:
                return expr.otherwise
            kwargs += pairs
        call = replace(expr.call, args=tuple(args), kwargs=tuple(kwargs))
        return self.call(call) if call.fn in self.program.functions else call

    def parts(self, value: ir.Expr) -> list[ir.Expr] | None:
        """The elements of a tuple."""
        match value:
            case ir.Tuple(elts=elts) | ir.List(elts=elts) if not any(isinstance(e, ir.Star) for e in elts):
                return list(elts)
            case ir.Name(id=name) if isinstance(self.facts.get(name, UNKNOWN).kind, TupleOf):
                keys = self.shape(name)
                return None if keys is None else [self.element(name, k) for k in range(len(keys))]
        return None

    def filling(self, call: ir.Call, value: ir.Expr) -> list[ir.Expr] | None:
        """`g(*x)` where `g` takes a fixed number of arguments: as many elements as it needs."""
        base = self.program.functions.get(call.fn)
        if base is None or call.kwargs or not isinstance(value, ir.Name):
            return None
        if any(p.star or p.default is not None or p.keyword_only for p in base.params):
            return None
        count = len(base.params) - (len(call.args) - 1)
        if count < 0 or sum(isinstance(a, ir.Star) for a in call.args) > 1:
            return None
        return [ir.Index(value, ir.Const(k), span=call.span) for k in range(count)]

    def pairs(self, value: ir.Expr) -> list[tuple[str, ir.Expr]] | None:
        """The entries of a dict."""
        match value:
            case ir.Dict(keys=keys, elts=elts):
                return [(str(k), e) for k, e in zip(keys, elts, strict=True)]
            case ir.Name(id=name) if isinstance(self.facts.get(name, UNKNOWN).kind, RecordOf):
                found = self.shape(name)
                if found is not None:
                    return [(str(key), self.element(name, k)) for k, key in enumerate(found)]
        return None

    def shape(self, name: str) -> tuple[str | int, ...] | None:
        """The keys of a tuple, or of a dict that nobody changes."""
        fact = self.facts.get(name, UNKNOWN)
        return None if isinstance(fact.kind, RecordOf) and name in self.loose else fact.keys

    def element(self, name: str, k: int) -> ir.Expr:
        fact = self.facts[name]
        assert fact.keys is not None
        return ir.Name(fact.names[k]) if fact.names else ir.Index(ir.Name(name), ir.Const(fact.keys[k]))


# ------------------------------------------------------------------------- pieces


def carried(stmt: ir.Stmt, text: ir.Opaque) -> ir.Stmt:
    """A call that is carried over, as a statement."""
    return ir.Verbatim(
        span=stmt.span,
        text=stmt.text,
        comments=stmt.comments,
        trailing=stmt.trailing,
        blank_before=stmt.blank_before,
        reads=text.reads,
        writes=text.writes,
        why=text.why,
    )


def headed(code: Code, stmt: ir.Stmt) -> Code:
    """What is left of a branch keeps the comments above it."""
    if code and (stmt.comments or stmt.blank_before):
        code[0] = replace(code[0], comments=stmt.comments + code[0].comments, blank_before=stmt.blank_before)
    return code


def bindings(stmt: ir.Stmt) -> frozenset[str]:
    """The names that `:=` binds in the expressions of a statement itself."""
    parts = (e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr))
    return frozenset(e.name for e in parts if isinstance(e, ir.Bind))


def bound(block: ir.Block) -> frozenset[str]:
    """The names that a block binds anywhere."""
    return frozenset().union(*(walk.binds(s) | bindings(s) for s in walk.statements(block)))


def written(loop: ir.Stmt) -> frozenset[str]:
    """The names that a loop binds or changes anywhere."""
    inner = walk.statements((loop,))
    return walk.writes(loop).union(*map(bindings, inner))


def leaves(block: ir.Block) -> bool:
    """Whether a loop with this body has a `break` (of its own or of an inner loop)."""
    return any(isinstance(s, ir.Break) for s in walk.statements(block))


LOOKING_UP = frozenset(("dict.get", "?.get", "builtins.len", "dict.items", "dict.keys", "dict.values"))


def loose(function: ir.Function) -> frozenset[str]:
    """The names whose values may be changed or get other names: used for more than looking things up."""
    found: set[str] = set()

    def look(expr: ir.Expr) -> None:
        match expr:
            case ir.Name(id=name):
                found.add(name)
            case ir.Index(base=ir.Name(), index=index):
                look(index)
            case ir.Call(fn=fn, args=(ir.Name(), *rest)) if fn in LOOKING_UP:
                for e in rest:
                    look(e)
            case ir.Op(op="in" | "not in", args=(a, ir.Name())):
                look(a)
            case ir.Opaque(reads=names):
                found.update(names)
            case ir.Spread(call=call):
                for arg in call.args:
                    if not (isinstance(arg, ir.Star) and isinstance(arg.value, ir.Name)):
                        look(arg)
                for key, value in call.kwargs:
                    if key != "**" or not isinstance(value, ir.Name):
                        look(value)
            case _:
                for e in walk.children(expr):
                    look(e)

    for stmt in walk.statements(function.body):
        match stmt:
            case ir.Verbatim(reads=reads, writes=writes):
                found.update(reads, writes)
            case ir.Assign(target=ir.Name(), value=value):
                look(value)
            case ir.If(test=ir.Name()) | ir.While(test=ir.Name()):
                pass
            case _:
                for expr in walk.expressions(stmt):
                    look(expr)
                found |= walk.changes(stmt)
    return frozenset(found)
