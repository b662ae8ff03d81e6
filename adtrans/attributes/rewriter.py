"""One function, with parameters in the place of attributes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adtrans import ir, printer, walk
from adtrans.attributes.facts import Facts, new_object
from adtrans.attributes.paths import (
    Path,
    arguments,
    chain,
    dotted,
    gathered,
    inside,
    mentioned,
    renamed,
)
from adtrans.names import Names

if TYPE_CHECKING:
    from adtrans.attributes.flattener import Flattener


class Rewriter:
    """Writes one function anew."""

    def __init__(self, flattener: Flattener, path: str, facts: Facts) -> None:
        self.flattener = flattener
        self.facts = facts
        self.entry = path == flattener.program.entry
        function = facts.function
        self.fresh = Names(
            {p.name for p in function.params}
            | walk.reads_of(function.body)
            | walk.writes_of(function.body)
            | set(facts.names.values())
            | {f.name for f in flattener.program.functions.values()}
        )
        self.before: list[ir.Stmt] = []

    def function(self) -> ir.Function:
        function, facts = self.facts.function, self.facts
        body = self.block(function.body)
        if facts.given_back and not (body and isinstance(body[-1], ir.Return)):
            body = (*body, *self.at_end(ir.Return(value=None)))
        if not facts.objects and body is function.body:
            return function
        groups = [self.flattener.given(facts, p, entry=self.entry) for p in function.params]
        if self.flattener.front(facts):
            objects = [g for p, g in zip(function.params, groups, strict=True) if p.name in facts.objects]
            groups = [*objects, *(g for g in groups if g not in objects)]
        return replace(function, params=tuple(p for group in groups for p in group), body=body)

    def block(self, block: ir.Block) -> ir.Block:
        new: list[ir.Stmt] = []
        lead: ir.Stmt | None = None  # A statement of which nothing is left: what stands before it stays.
        for stmt in block:
            made = self.statement(stmt)
            if lead is not None and made:
                stmt, lead = replace(stmt, comments=lead.comments, blank_before=lead.blank_before), None
            if not made:
                lead = stmt
            elif made[0] is not stmt and (stmt.comments or stmt.blank_before):
                made = [
                    replace(s, comments=(), blank_before=False) if s.span == stmt.span else s for s in made
                ]
                made[0] = replace(made[0], comments=stmt.comments, blank_before=stmt.blank_before)
            new += made
        return walk.same(block, new)

    def statement(self, stmt: ir.Stmt) -> list[ir.Stmt]:
        self.before = []
        if (place := new_object(stmt)) is not None:
            return self.new(stmt, place)
        match stmt:
            case ir.Verbatim():
                return [self.verbatim(stmt)]
            case ir.Return():
                value = None if stmt.value is None else self.whole(stmt.value, stmt)
                new = stmt if value is stmt.value else replace(stmt, value=value, text=None)
                before = self.before
                return [*before, *self.at_end(new)]
            case ir.Assign(value=ir.Call() as call) if self.writing(call):
                return self.assigned(stmt, call)
            case ir.ExprStmt(value=ir.Call() as call) if self.writing(call):
                return [self.called(stmt, call, None)]
            case ir.If() | ir.For():
                made = walk.map_stmt(stmt, lambda e: self.expression(e, stmt))
                before = self.before
                return [*before, walk.map_blocks(made, self.block)]
            case ir.While():
                made = walk.map_stmt(stmt, lambda e: self.expression(e, stmt))
                if self.before:
                    self.nested(stmt)
                return [walk.map_blocks(made, self.block)]
        made = walk.map_stmt(stmt, lambda e: self.expression(e, stmt))
        return [*self.before, made]

    def new(self, stmt: ir.Stmt, place: Path) -> list[ir.Stmt]:
        """A new object has the constants of its class, those that somebody asks for."""
        assert isinstance(stmt, ir.Assign) and isinstance(stmt.value, ir.Call)
        given = [((*place, key), value) for key, value in stmt.value.kwargs]
        return [
            ir.Assign(target=ir.Name(self.facts.names[path]), value=value, span=stmt.span)
            for path, value in given
            if path in self.facts.names
        ]

    # ----------------------------------------------------------- the end of a function

    def at_end(self, stmt: ir.Return) -> list[ir.Stmt]:
        """What a function does with the attributes that it has assigned when it returns."""
        facts = self.facts
        if not facts.given_back:
            return [stmt]
        if self.entry:
            return [*(self.given_back(path, stmt) for path in facts.given_back), stmt]
        states: list[ir.Expr] = [ir.Name(facts.names[path]) for path in facts.given_back]
        match stmt.value:
            case None | ir.Const(value=None):
                parts = states
            case ir.Tuple(elts=elts):
                parts = [*elts, *states]
            case value:
                parts = [value, *states]
        return [replace(stmt, value=parts[0] if len(parts) == 1 else ir.Tuple(tuple(parts)), text=None)]

    def given_back(self, path: Path, stmt: ir.Stmt) -> ir.Stmt:
        """`self.count = count`: an array that is written into is the function's own."""
        name = self.facts.names[path]
        value = name
        if path in self.facts.stores:
            value = f"{name}.copy() if isinstance({name}, ({self.flattener.numpy}.ndarray, list)) else {name}"
        text = f"{dotted(path)} = {value}"
        return ir.Verbatim(
            text=text, span=stmt.span, reads=(path[0], name), why="an assignment to an attribute"
        )

    # ------------------------------------------------------------------------ calls

    def writing(self, expr: ir.Expr) -> bool:
        """Whether an expression is a call of a function that assigns attributes."""
        return isinstance(expr, ir.Call) and bool(
            (facts := self.flattener.facts.get(expr.fn)) is not None and facts.given_back
        )

    def states(self, call: ir.Call) -> list[ir.Expr]:
        """The names here of the attributes that a callee assigns."""
        callee = self.flattener.facts[call.fn]
        given = {name: chain(arg) for name, arg in arguments(call, callee.function)}
        found: list[ir.Expr] = []
        for path in callee.given_back:
            base = given.get(path[0])
            assert base is not None
            found.append(ir.Name(self.facts.names[(*base, *path[1:])]))
        return found

    def called(self, stmt: ir.Stmt, call: ir.Call, target: ir.Expr | None) -> ir.Stmt:
        """`y, count = step(w, count, x)`."""
        new = self.call(call, stmt)
        states = self.states(call)
        if len({e.id for e in states if isinstance(e, ir.Name)}) < len(states):
            self.flattener.refuse(call.span, "the call assigns one attribute through two arguments", "")
        if target is None:
            width = self.width(call.fn)
            targets = [ir.Name(self.fresh.fresh("_unused")) for _ in range(width)]
            parts: list[ir.Expr] = [*targets, *states]
        elif isinstance(target, ir.Tuple) and self.width(call.fn) == len(target.elts) > 1:
            parts = [*target.elts, *states]
        else:
            parts = [target, *states]
            if self.width(call.fn) != 1:
                self.flattener.refuse(
                    call.span,
                    f"`{self.flattener.facts[call.fn].function.name}` returns a tuple and assigns attributes",
                    "take its results apart where it is called: `a, b = …`",
                )
        whole = parts[0] if len(parts) == 1 else ir.Tuple(tuple(parts))
        return ir.Assign(target=whole, value=new, span=stmt.span, trailing=stmt.trailing)

    def width(self, path: str) -> int:
        """How many values a function returns beside the attributes."""
        function = self.flattener.facts[path].function
        values = [s.value for s in walk.statements(function.body) if isinstance(s, ir.Return)]
        given = [v for v in values if v is not None and v != ir.Const(None)]
        if not given:
            return 0
        first = given[0]
        if isinstance(first, ir.Call) and self.writing(first):
            return self.width(first.fn)
        return len(first.elts) if isinstance(first, ir.Tuple) else 1

    def assigned(self, stmt: ir.Assign, call: ir.Call) -> list[ir.Stmt]:
        target = self.expression(stmt.target, stmt)
        made = self.called(stmt, call, target)
        return [*self.before, made]

    def whole(self, value: ir.Expr, stmt: ir.Stmt) -> ir.Expr:
        """The value of a return."""
        if isinstance(value, ir.Call) and self.writing(value):
            width = self.width(value.fn)
            names = [ir.Name(self.fresh.fresh("out")) for _ in range(width)]
            target: ir.Expr | None = names[0] if width == 1 else ir.Tuple(tuple(names)) if names else None
            made = self.called(stmt, value, target)
            self.before.append(made)
            return target if target is not None else ir.Const(None)
        return self.expression(value, stmt)

    def nested(self, stmt: ir.Stmt) -> None:
        self.flattener.refuse(
            stmt.span,
            "a method that assigns attributes is called in the middle of an expression",
            "call it in a statement of its own, before",
        )

    # ------------------------------------------------------------------- expressions

    def expression(self, expr: ir.Expr, stmt: ir.Stmt, sure: bool = True) -> ir.Expr:
        """The expression with names for attributes; `sure`: it is evaluated whenever the statement is."""
        path = chain(expr)
        if path is not None:
            name = self.facts.names.get(path)
            return ir.Name(name, span=expr.span) if name is not None and len(path) > 1 else expr
        if isinstance(expr, ir.Opaque):
            return self.opaque(expr)
        if isinstance(expr, ir.Spread):
            return self.spread(expr, stmt, sure)
        if isinstance(expr, ir.Call) and expr.fn in self.flattener.facts:
            if self.writing(expr):
                return self.taken_out(expr, stmt, sure)
            return self.call(expr, stmt, sure)
        parts = walk.children(expr)
        if not parts:
            return expr
        new: list[ir.Expr] = []
        for k, part in enumerate(parts):
            conditional = isinstance(expr, ir.Comprehension) or (
                k > 0
                and (isinstance(expr, ir.IfExp) or (isinstance(expr, ir.Op) and expr.op in ("and", "or")))
            )
            new.append(self.expression(part, stmt, sure and not conditional))
        return walk.with_children(expr, tuple(new))

    def taken_out(self, call: ir.Call, stmt: ir.Stmt, sure: bool) -> ir.Expr:
        """A call that assigns attributes, in a statement before: nothing else here may see these."""
        changed = {e.id for e in self.states(call) if isinstance(e, ir.Name)}
        others = {
            self.facts.names[p]
            for e in inside(stmt)
            if isinstance(e, ir.Field) and (p := chain(e)) in self.facts.names
        }
        others |= {
            self.facts.names[q]
            for e in inside(stmt)
            if isinstance(e, ir.Call) and e is not call and e.fn in self.flattener.facts
            for q in self.reached(e)
            if q in self.facts.names
        }
        if (
            not sure
            or changed & others
            or self.width(call.fn) != 1
            or not isinstance(stmt, ir.Assign | ir.Return | ir.ExprStmt | ir.AugAssign | ir.If | ir.For)
        ):
            self.nested(stmt)
            return call
        name = ir.Name(self.fresh.fresh(f"{self.flattener.facts[call.fn].function.name}_value"))
        made = self.called(stmt, call, name)
        self.before.append(replace(made, trailing=""))
        return name

    def reached(self, call: ir.Call) -> list[Path]:
        """The attributes that a call uses."""
        callee = self.flattener.facts[call.fn]
        given = {name: chain(arg) for name, arg in arguments(call, callee.function)}
        return [(*base, *path[1:]) for path in callee.reads if (base := given.get(path[0])) is not None]

    def call(self, call: ir.Call, stmt: ir.Stmt, sure: bool = True) -> ir.Call:
        """A call with the attributes in the place of the objects."""
        callee = self.flattener.facts[call.fn]
        positional = [p for p in callee.function.params if not p.keyword_only]
        groups: list[tuple[bool, tuple[ir.Expr, ...]]] = []
        for param, arg in zip(positional, call.args, strict=False):
            groups.append((param.name in callee.objects, self.argument(callee, param.name, arg, stmt, sure)))
        groups += [(False, (self.expression(a, stmt, sure),)) for a in gathered(call, callee.function)]
        kwargs: list[tuple[str, ir.Expr]] = []
        for name, arg in call.kwargs:
            values = self.argument(callee, name, arg, stmt, sure)
            if name not in callee.objects:
                kwargs.append((name, values[0]))
                continue
            param = next(p for p in callee.function.params if p.name == name)
            names = self.flattener.given(callee, param, entry=call.fn == self.flattener.program.entry)
            kwargs += [(p.name, value) for p, value in zip(names, values, strict=True)]
        if self.flattener.front(callee):
            groups.sort(key=lambda group: not group[0])
        args = tuple(value for _, values in groups for value in values)
        self.apart(call, callee)
        wanted = [n for n in callee.objects if n not in callee.made]
        missing = [n for n in wanted if n not in dict(arguments(call, callee.function))]
        if missing:
            words = f"`{callee.function.name}` is called without the object `{missing[0]}`"
            self.flattener.refuse(call.span, words, "pass it")
        if args == call.args and tuple(kwargs) == call.kwargs and not callee.objects:
            return call
        return replace(call, args=args, kwargs=tuple(kwargs), style="function")

    def apart(self, call: ir.Call, callee: Facts) -> None:
        """One object under two names, of which a function assigns attributes."""
        bases = [
            base
            for name, arg in arguments(call, callee.function)
            if name in callee.objects and (base := chain(arg)) is not None
        ]
        for k, one in enumerate(bases):
            for other in bases[:k]:
                if callee.given_back and (one[: len(other)] == other or other[: len(one)] == one):
                    self.flattener.refuse(
                        call.span,
                        f"`{callee.function.name}` is given `{dotted(one)}` twice, and assigns attributes",
                        "pass different objects",
                    )

    def argument(
        self, callee: Facts, name: str, arg: ir.Expr, stmt: ir.Stmt, sure: bool
    ) -> tuple[ir.Expr, ...]:
        """What is given for one parameter of a callee."""
        if name not in callee.objects:
            return (self.expression(arg, stmt, sure),)
        base = chain(arg)
        if base is None:
            words = f"the object that is given to `{callee.function.name}` cannot be followed"
            self.flattener.refuse(arg.span or stmt.span, words, "give it a name, or pass its attributes")
            return (arg,)
        entry = callee is self.flattener.facts[self.flattener.program.entry]
        paths = [path for path in callee.reads if path[0] == name and callee.needs(path, entry=entry)]
        kept = self.flattener.kept(callee, name, entry=entry)
        whole = [ir.Name(self.facts.names.get(base, base[0]))] if kept else []
        return (*whole, *(ir.Name(self.facts.names[(*base, *path[1:])]) for path in paths))

    # -------------------------------------------------------------------------- text

    def spread(self, expr: ir.Spread, stmt: ir.Stmt, sure: bool) -> ir.Expr:
        """A call with starred arguments, and the same as text: there it is given attributes, too."""
        if self.writing(expr.call):
            words = "a method that assigns attributes is called with `*` or `**` arguments"
            self.flattener.refuse(expr.span or stmt.span, words, "write the arguments out")
            return expr
        call, text = self.expression(expr.call, stmt, sure), self.opaque(expr.otherwise)
        if not isinstance(call, ir.Call):
            return call
        callee = self.flattener.facts.get(call.fn)
        if callee is not None and not self.facts.objects.keys().isdisjoint(expr.otherwise.reads):
            reads = tuple(sorted(walk.names(call)))
            spelled = printer.expression(replace(call, spelled=callee.function.name))
            text = replace(text, text=spelled, reads=reads)
        return replace(expr, call=call, otherwise=text)

    def opaque(self, expr: ir.Opaque) -> ir.Opaque:
        found = self.text(expr.text, expr.reads, expr.writes)
        if found is None:
            return expr
        text, reads, writes = found
        return replace(expr, text=text, reads=reads, writes=writes)

    def verbatim(self, stmt: ir.Verbatim) -> ir.Stmt:
        found = self.text(stmt.text or "", stmt.reads, stmt.writes)
        if found is None:
            return stmt
        text, reads, writes = found
        return replace(stmt, text=text, reads=reads, writes=writes)

    def text(
        self, text: str, reads: tuple[str, ...], writes: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
        """Text with names for attributes, what it reads, and what it writes."""
        roots = [n for n in (*reads, *writes) if n in self.facts.objects]
        if not roots:
            return None
        found = mentioned(text, roots)
        names = {path: self.facts.names[path] for path in found if path in self.facts.names}
        new = renamed(text, names)
        left = {path[0] for path in found if path not in names}
        read = [n for n in reads if n not in roots or n in left]
        written = [n for n in writes if n not in roots]
        read += [name for path, name in names.items()]
        written += [names[path] for path, stored in found.items() if stored and path in names]
        # What takes the whole object may read all of its attributes.
        hidden = [n for p, n in self.facts.names.items() if p[0] in left]
        read += [n for n in hidden if n not in read]
        return new, tuple(dict.fromkeys(read)), tuple(dict.fromkeys(written))
