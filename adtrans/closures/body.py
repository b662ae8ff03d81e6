"""The statements of one variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from adtrans import ir, walk
from adtrans.closures.evaluate import Evaluator, Found, paired
from adtrans.closures.frame import TEXT, Env, Frame
from adtrans.closures.values import Answer, Lost, Row, Value, renamed, shape, variables
from adtrans.closures.variants import Variant, Variants
from adtrans.normalise.common import TRUE, bare, negate
from adtrans.normalise.flow import Flow
from adtrans.normalise.results import is_nothing

ROUNDS = 8


class Body:
    """Rewrites the body of a variant, and finds what it returns and rebinds."""

    def __init__(self, variants: Variants, variant: Variant) -> None:
        self.variant = variant
        self.frame = Frame(variants, variant)
        self.evaluator = Evaluator(self.frame)
        # By the statements themselves: the number of one that is gone may be that of another one.
        self.returned: dict[ir.Stmt, Found] = {}
        self.at: dict[ir.Stmt, Env] = {}
        self.carried: dict[ir.Stmt, int] = {}
        """Statements that became text, by the expression in them that made it so."""
        self.breaks: list[list[Env]] = []
        self.continues: list[list[Env]] = []

    def run(self) -> None:
        function, variant = self.variant.base, self.variant
        body = self.block(function.body)
        self.outcome(body)
        body = self.returns(body)
        params = [p for p in function.params if p.name not in variant.known]
        needed = [p for p in params if p.default is None and not p.keyword_only]
        more = [p for p in params if p.default is not None and not p.keyword_only]
        slots = [ir.Param(name) for name in variant.slots]
        if not any(p.star for p in params):  # With a star there are no slots.
            params = [*needed, *slots, *more, *(p for p in params if p.keyword_only)]
        body = self.needed(body)
        self.texts(body)
        same = body is function.body and tuple(params) == function.params
        variant.made = replace(
            function,
            path=variant.path,
            name=variant.name,
            params=tuple(params),
            body=function.body if same else body,
            captures=(),
            rebinds=(),
        )

    # ------------------------------------------------------------------ results

    def outcome(self, body: ir.Block) -> None:
        """What the variant returns and rebinds."""
        variant, frame = self.variant, self.frame
        returns = [s for s in walk.statements(body) if isinstance(s, ir.Return)]
        giving = [s for s in returns if not is_nothing(s.value)]
        values = [self.returned[s].value for s in giving]
        variant.gives = bool(giving)
        variant.rebinds = tuple(n for n in variant.slots if n in frame.rebound)
        variant.result, variant.exports, variant.holds = None, (), ()
        for name in frame.rebound:
            if name in variant.known:
                frame.refuse(
                    "AD242",
                    f"`{name}` of the function around is bound to another function",
                    variant.base.span,
                )
        outermost = variant.path == frame.variants.source.entry
        if outermost or len(giving) < len(returns) or Flow().falls(body) or not giving:
            return
        first, held = values[0], self.held_by(giving[0])
        if first is None or isinstance(first, Lost):
            return
        if any(v is None or shape(v) != shape(first) or not self.agrees(v, first) for v in values):
            return
        if held and any(v != first or self.held_by(s) != held for v, s in zip(values, giving, strict=True)):
            return
        variant.result, variant.holds = first, tuple(held.items())
        used = [*variables(first), *(v for value in held.values() for v in variables(value))]
        variant.exports = tuple(dict.fromkeys(v for v in used if not self.passed(v) and v not in held))

    def held_by(self, stmt: ir.Return) -> dict[str, Value]:
        """The functions in variables that a returned function captures."""
        value, env = self.returned[stmt].value, self.at[stmt]
        found: dict[str, Value] = {}
        todo = [] if value is None else list(variables(value))
        while todo:
            name = todo.pop(0)
            inner = env.get(name)
            if name not in found and inner is not None:
                found[name] = inner
                todo += variables(inner)
        return found

    def passed(self, name: str) -> bool:
        """Whether a variable is one of the caller."""
        return name in self.variant.slots or name in self.variant.known

    def agrees(self, value: Value, first: Value) -> bool:
        """Whether two returned functions differ at most in variables of this function."""
        pairs = list(zip(variables(first), variables(value), strict=True))
        return all(a == b or not (self.passed(a) or self.passed(b)) for a, b in pairs) and len(
            {b for _, b in pairs}
        ) == len({a for a, _ in pairs})

    def returns(self, body: ir.Block) -> ir.Block:
        """The returns of the variant: with what it rebinds, and the variables of the function it returns."""
        variant = self.variant
        if not variant.rebinds and variant.result is None:
            return body
        rebinds = [ir.Name(name) for name in variant.rebinds]

        def give(stmt: ir.Stmt) -> Iterable[ir.Stmt]:
            if not isinstance(stmt, ir.Return):
                return (stmt,)
            found = self.returned[stmt]
            code: list[ir.Stmt] = []
            if variant.result is None:
                values = self.flat(stmt.value, rebinds)
            else:
                assert found.value is not None
                theirs = dict(zip(variables(variant.result), variables(found.value), strict=True))
                for name, other in theirs.items():
                    if name in variant.exports and name != other:
                        code.append(ir.Assign(target=ir.Name(name), value=ir.Name(other), span=stmt.span))
                values = [*map(ir.Name, variant.exports), *rebinds]
            value = values[0] if len(values) == 1 else ir.Tuple(tuple(values)) if values else None
            return (*code, replace(stmt, text=None, value=value))

        new = walk.map_block(body, give)
        if Flow().falls(body) and rebinds:
            end = ir.Return(value=rebinds[0] if len(rebinds) == 1 else ir.Tuple(tuple(rebinds)))
            new = (*new, end)
        return new

    def flat(self, value: ir.Expr | None, rebinds: list[ir.Name]) -> list[ir.Expr]:
        return [*rebinds] if value is None or is_nothing(value) else [value, *rebinds]

    # ------------------------------------------------------------------ what is left

    def needed(self, body: ir.Block) -> ir.Block:
        """Without the statements that bind functions which nothing reads as values."""
        optional = self.frame.optional
        kept: set[ir.Stmt] = set()
        while True:
            stmts = [s for s in walk.statements(body) if s not in optional or s in kept]
            read = frozenset[str]().union(*(own_reads(s) for s in stmts))
            more = {k for k, name in optional.items() if name in read} - kept
            if not more:
                break
            kept |= more
        return walk.map_block(body, lambda s: () if s in optional and s not in kept else s)

    def texts(self, body: ir.Block) -> None:
        """What cannot be carried as text is refused: it changes variables around it, or has none here."""
        frame = self.frame
        changing = {}
        for stmt in with_lowered(self.variant.base.body):
            for e in nodes_of(stmt):
                if isinstance(e, ir.Closure):
                    changing[id(e.otherwise)] = e
            if isinstance(stmt, ir.Define):
                changing[id(stmt.otherwise)] = stmt.value
        for stmt in walk.statements(body):
            nodes = [e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr)]
            for node in (stmt, *nodes):
                closure = changing.get(
                    self.carried.get(node, id(node)) if isinstance(node, ir.Stmt) else id(node)
                )
                if closure is not None and closure.changes:
                    words = f"a nested function changes `{closure.changes[0]}` of `{self.variant.base.name}`"
                    help_ = "pass it as an argument, and return what has changed"
                    frame.refuse("AD105", words, closure.span, help_)
            for name in sorted(own_reads(stmt)):
                if name in self.variant.known:
                    words = f"`{name}` is a function here, and this needs it as a value"
                    frame.refuse(
                        "AD242", words, stmt.span, "call it, or pass it on to a function that calls it"
                    )

    # ------------------------------------------------------------------ statements

    def block(self, block: ir.Block) -> ir.Block:
        out: list[ir.Stmt] = []
        for stmt in block:
            with self.frame.aside() as code:
                new = self.statement(stmt)
            made = [*code, *new]
            if made and made[0] is not stmt and (stmt.comments or stmt.blank_before) and not made[0].comments:
                made = [self.moved(s, bare(s)) if s.comments == stmt.comments else s for s in made]
                headed = replace(made[0], comments=stmt.comments, blank_before=stmt.blank_before)
                made[0] = self.moved(made[0], headed)
            out += made
        return walk.same(block, out)

    def statement(self, stmt: ir.Stmt) -> list[ir.Stmt]:
        match stmt:
            case ir.Define():
                return self.define(stmt)
            case ir.Assign():
                return self.assign(stmt)
            case ir.AugAssign(target=target, value=value):
                return self.augmented(stmt, target, value)
            case ir.ExprStmt(value=value):
                return self.effect(stmt, value)
            case ir.Return(value=ir.Expr() as value):
                return self.giving(stmt, value)
            case ir.If():
                return self.branch(stmt)
            case ir.For():
                return self.loop(stmt)
            case ir.While():
                return self.repeat(stmt)
            case ir.Break() | ir.Continue():
                (self.breaks if isinstance(stmt, ir.Break) else self.continues)[-1].append(
                    dict(self.frame.env)
                )
            case ir.Return():
                self.returned[stmt] = Found(ir.Const(None))
                self.at[stmt] = {}
            case ir.Carried() if stmt.lowered:
                return self.carried_block(stmt)
            case ir.Verbatim(writes=writes):
                for name in writes:
                    self.frame.bind(name, TEXT)
        return [stmt]

    def carried_block(self, stmt: ir.Carried) -> list[ir.Stmt]:
        """A block with another form: functions are called in that one, not in the text."""
        lowered = self.block(stmt.lowered)
        if lowered is stmt.lowered:
            return [stmt]
        inside = [e for s in walk.statements(stmt.lowered) for e in nodes_of(s)]
        if any(isinstance(e, ir.Apply | ir.Closure | ir.Call) for e in inside):
            return list(lowered)
        return [replace(stmt, lowered=lowered)]

    def define(self, stmt: ir.Define) -> list[ir.Stmt]:
        found = self.evaluator.find(stmt.value)
        assert found.value is not None
        self.frame.bind(stmt.name, found.value)
        self.frame.optional[stmt.otherwise] = stmt.name
        return [stmt.otherwise]

    def assign(self, stmt: ir.Assign) -> list[ir.Stmt]:
        frame, target = self.frame, stmt.target
        found = self.evaluator.find(stmt.value, target)
        if isinstance(target, ir.Tuple | ir.List) and (pairs := paired(target, self.row(found))) is not None:
            return self.several(stmt, pairs)
        value = self.evaluator.held(found, stmt, "assigned") if isinstance(target, ir.Name) else found.value
        if isinstance(target, ir.Name):
            if isinstance(stmt.value, ir.Closure):
                frame.variants.hints.setdefault(stmt.value.path, target.id)
            if value is None and not found.known:
                value = TEXT if carried(found.expr) else None
            frame.bind(target.id, value)
            if found.expr == target:
                return []  # the call has assigned it already
        else:
            for name in walk.target_names(target):
                frame.bind(name, TEXT if carried(found.expr) else None)
            target = self.place(target)
        for name in walk.changes(stmt):
            frame.lose(name)
        new = self.kept(stmt, replace(stmt, target=target, value=found.expr))
        if isinstance(target, ir.Name) and value is not None and not isinstance(value, Lost | Answer):
            frame.optional[new] = target.id
        return [new]

    def place(self, target: ir.Expr) -> ir.Expr:
        """A target: what is stored into is what it is, whatever it holds; indices are values."""
        match target:
            case ir.Index(base=base, index=index):
                return walk.with_children(target, (self.place(base), self.evaluator.plain(index)))
            case ir.Name():
                return target
            case ir.Tuple() | ir.List():
                return walk.with_children(target, tuple(map(self.place, target.elts)))
        return self.evaluator.plain(target)

    def row(self, found: Found) -> Found:
        """A known row, taken apart."""
        if isinstance(found.value, Row):
            return self.evaluator.element(found.value)
        return found

    def several(self, stmt: ir.Assign, pairs: list[tuple[str, Found]]) -> list[ir.Stmt]:
        """`f, a = g, b`: the ordinary values are assigned, the functions are known."""
        plain = [(name, f) for name, f in pairs if not f.known and not f.parts and f.expr != ir.Name(name)]
        for k, (name, found) in enumerate(pairs):
            value = self.evaluator.held(found, stmt, f"assigned {k}")
            self.frame.bind(name, value)
        functions = [self.named(stmt, name, f.expr) for name, f in pairs if f.known]
        if not plain:
            return functions
        targets, values = [ir.Name(n) for n, _ in plain], [f.expr for _, f in plain]
        if len(plain) == 1:
            return [*functions, replace(stmt, text=None, target=targets[0], value=values[0])]
        row = replace(stmt, text=None, target=ir.Tuple(tuple(targets)), value=ir.Tuple(tuple(values)))
        return [*functions, row]

    def named(self, stmt: ir.Assign, name: str, value: ir.Expr) -> ir.Stmt:
        """A variable that is a function: bound if something asks for it, `if g:`."""
        made = replace(stmt, text=None, target=ir.Name(name), value=value)
        self.frame.optional[made] = name
        return made

    def kept(self, old: ir.Stmt, new: ir.Stmt) -> ir.Stmt:
        """A statement that was looked at: the old one, if nothing changed; calls as text make it text."""
        before, after = walk.expressions(old), walk.expressions(new)
        if all(a is b for a, b in zip(before, after, strict=True)):
            return old
        nodes = [e for expr in after for e in walk.subexpressions(expr)]
        writing = [e for e in nodes if isinstance(e, ir.Opaque) and e.writes]
        applied = {
            e.otherwise
            for expr in before
            for e in walk.subexpressions(expr)
            if isinstance(e, ir.Apply | ir.Closure)
        }
        text = next((e for e in writing if e in applied), None)
        if (
            text is not None
            and old.text is not None
            and isinstance(old, ir.Assign | ir.AugAssign | ir.ExprStmt)
        ):
            reads = tuple(sorted(walk.reads(new)))
            writes = tuple(
                dict.fromkeys([*sorted(walk.writes(new)), *(w for e in writing for w in e.writes)])
            )
            made = ir.Verbatim(
                span=old.span,
                text=old.text,
                comments=old.comments,
                trailing=old.trailing,
                blank_before=old.blank_before,
                reads=reads,
                writes=writes,
                why=text.why,
            )
            self.carried[made] = id(text)
            return made
        return new if same_text(before, after) else replace(new, text=None)

    def augmented(self, stmt: ir.AugAssign, target: ir.Expr, value: ir.Expr) -> list[ir.Stmt]:
        new_target, new_value = self.place(target), self.evaluator.plain(value)
        if isinstance(target, ir.Name):
            old = self.frame.env.get(target.id)
            self.frame.bind(
                target.id, None if old is None else Lost(f"something in `{target.id}`, a list that changes")
            )
            new_target = target
        return [self.kept(stmt, replace(stmt, target=new_target, value=new_value))]

    def effect(self, stmt: ir.ExprStmt, value: ir.Expr) -> list[ir.Stmt]:
        found = self.evaluator.find(value)
        if isinstance(found.expr, ir.Opaque) and isinstance(value, ir.Apply):
            text = found.expr
            writes = text.writes
            for name in writes:
                self.frame.bind(name, TEXT)
            new = ir.Verbatim(span=stmt.span, text=stmt.text, reads=text.reads, writes=writes, why=text.why)
            return [
                replace(new, comments=stmt.comments, trailing=stmt.trailing, blank_before=stmt.blank_before)
            ]
        if not isinstance(found.expr, ir.Call):
            return []
        return [self.kept(stmt, replace(stmt, value=found.expr))]

    def giving(self, stmt: ir.Return, value: ir.Expr) -> list[ir.Stmt]:
        found = self.evaluator.find(value)
        kept = self.evaluator.held(found, stmt, "returned")
        new = self.kept(stmt, replace(stmt, value=found.expr))
        self.returned[new] = replace(found, value=kept)
        self.at[new] = dict(self.frame.env)
        return [new]

    # ------------------------------------------------------------------ control flow

    def branch(self, stmt: ir.If) -> list[ir.Stmt]:
        frame = self.frame
        test = self.evaluator.plain(stmt.test)
        start = dict(frame.env)
        body = self.block(stmt.body)
        left, frame.env = frame.env, dict(start)
        orelse = self.block(stmt.orelse)
        right = frame.env
        ends: tuple[list[ir.Stmt], list[ir.Stmt]] = ([], [])
        if not Flow().falls(body):
            frame.env = right
        elif stmt.orelse and not Flow().falls(orelse):
            frame.env = left
        else:
            frame.env = frame.join(left, right, ends)
        if ends[0] or ends[1]:
            body, orelse = (*body, *ends[0]), (*orelse, *ends[1])
        return [self.with_parts(stmt, (test,), body, orelse)]

    def with_parts(
        self, stmt: ir.If | ir.While | ir.For, header: tuple[ir.Expr, ...], body: ir.Block, orelse: ir.Block
    ) -> ir.Stmt:
        made = walk.with_blocks(stmt, body, orelse)
        old = (stmt.iter, stmt.target) if isinstance(stmt, ir.For) else (stmt.test,)
        if all(a is b for a, b in zip(old, header, strict=True)):
            return made
        if isinstance(made, ir.For):
            return replace(made, text=None, iter=header[0], target=header[1])
        assert isinstance(made, ir.If | ir.While)
        return replace(made, text=None, test=header[0])

    def loop(self, stmt: ir.For) -> list[ir.Stmt]:
        items = self.evaluator.items(stmt.iter)
        if items is not None and (unrolled := self.unroll(stmt, items)) is not None:
            return unrolled
        calls = self.evaluator.calls
        over = calls.over(stmt.iter)
        it, target = (self.evaluator.plain(stmt.iter), stmt.target) if over is None else (over[3], over[2])
        names = walk.target_names(stmt.target) | walk.target_names(target)

        def once() -> ir.Block:
            for name in names:
                self.frame.bind(name, None)
            if over is None:
                return self.block(stmt.body)
            # `for v in map(f, xs)` calls f in each round: what it reads may have changed in the last one.
            before, value = calls.each(over[0], over[1], stmt.iter)
            return (
                *before,
                ir.Assign(target=stmt.target, value=value, span=stmt.span),
                *self.block(stmt.body),
            )

        body, after = self.rounds(once)
        self.frame.env = after
        orelse = self.block(stmt.orelse)
        return [self.with_parts(stmt, (it, target), body, orelse)]

    def repeat(self, stmt: ir.While) -> list[ir.Stmt]:
        tests: list[tuple[ir.Expr, list[ir.Stmt]]] = []

        def once() -> ir.Block:
            with self.frame.aside() as code:
                tests.append((self.evaluator.plain(stmt.test), code))
            return self.block(stmt.body)

        body, after = self.rounds(once)
        self.frame.env = after
        test, code = tests[-1]
        orelse = self.block(stmt.orelse)
        if code:  # what it calls rebinds variables: it is written in the loop
            if stmt.orelse:
                self.frame.refuse("AD241", "the test of a `while` with `else` rebinds variables", stmt.span)
            leave = ir.If(test=negate(test), body=(ir.Break(),), span=stmt.span)
            return [replace(stmt, text=None, test=TRUE, body=(*code, leave, *body), orelse=())]
        return [self.with_parts(stmt, (test,), body, orelse)]

    def rounds(self, once: Callable[[], ir.Block]) -> tuple[ir.Block, Env]:
        """The body of a loop, gone round until what is known at its head stays; what is known behind it."""
        frame = self.frame
        head = dict(frame.env)
        for _ in range(ROUNDS):
            frame.env = dict(head)
            self.breaks.append([])
            self.continues.append([])
            body = once()
            end = frame.env
            breaks, continues = self.breaks.pop(), self.continues.pop()
            if not Flow().falls(body):
                end = head
            for other in continues:
                end = frame.join(end, other)
            new = frame.join(head, end)
            if new == head:
                break
            head = new
        after = dict(head)
        for other in breaks:
            after = frame.join(after, other)
        return body, after

    def unroll(self, stmt: ir.For, items: list[Found]) -> list[ir.Stmt] | None:
        """A loop over functions, once for each."""
        jumps = any(isinstance(s, ir.Break | ir.Continue) for s in jumping(stmt.body))
        if jumps or stmt.orelse:
            self.frame.refuse(
                "AD242",
                "a loop over functions with `break`, `continue` or `else`",
                stmt.span,
                "write the calls one after the other",
            )
            return None
        out: list[ir.Stmt] = []
        for k, item in enumerate(items):
            pairs = paired(stmt.target, item)
            if pairs is None:
                return None
            for name, found in pairs:
                value = self.evaluator.held(found, stmt, f"{k} {name}")
                if value is None:
                    out.append(ir.Assign(target=ir.Name(name), value=found.expr, span=stmt.span))
                self.frame.bind(name, value)
            out += walk.map_block(self.block(stmt.body), lambda s: self.moved(s, replace(s)))
        return out

    def moved(self, old: ir.Stmt, new: ir.Stmt) -> ir.Stmt:
        """Another object for the same statement: what is noted of it goes with it."""
        tables: tuple[dict[ir.Stmt, Any], ...] = (self.returned, self.at, self.carried, self.frame.optional)
        for notes in tables:
            if old in notes:
                notes[new] = notes[old]
        return new


def jumping(block: ir.Block) -> Iterable[ir.Stmt]:
    """The statements of a loop's body, those of loops in it left out."""
    for stmt in block:
        yield stmt
        if not isinstance(stmt, ir.For | ir.While):
            for inner in walk.blocks(stmt):
                yield from jumping(inner)


def own_reads(stmt: ir.Stmt) -> frozenset[str]:
    """The names that a statement itself reads."""
    match stmt:
        case ir.Verbatim(reads=reads):
            return frozenset(reads)
        case ir.Assign(target=target, value=value):
            return walk.names(value) | walk.target_reads(target)
        case ir.For(target=target, iter=it):
            return walk.names(it) | walk.target_reads(target)
    return walk.names_of(walk.expressions(stmt))


def with_lowered(block: ir.Block) -> Iterable[ir.Stmt]:
    """All statements, those that a block carried as text stands for among them."""
    for stmt in walk.statements(block):
        yield stmt
        if isinstance(stmt, ir.Carried):
            yield from with_lowered(stmt.lowered)


def nodes_of(stmt: ir.Stmt) -> list[ir.Expr]:
    """All expressions in a statement itself."""
    return [e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr)]


def carried(expr: ir.Expr) -> bool:
    """Whether a value is computed by text."""
    return any(isinstance(e, ir.Opaque) for e in walk.subexpressions(expr))


def same_text(before: tuple[ir.Expr, ...], after: tuple[ir.Expr, ...]) -> bool:
    """Whether all that changed is what is carried as text now: the user's own text is right."""

    def plain(expr: ir.Expr) -> ir.Expr:
        return walk.map_expr(
            expr, lambda e: e.otherwise if isinstance(e, ir.Closure | ir.Held | ir.Apply) else e
        )

    return all(plain(a) == b for a, b in zip(before, after, strict=True))


__all__ = ["Body", "renamed"]
