"""Lowering of statements: a libcst block in, an `ir.Block` out, with the user's text and comments kept.

What is not numeric is carried over as `Verbatim`. Refused is only what can never be carried: a jump
out of a block that would have to be verbatim, a `yield`, a write to a global.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from adtrans import ir, walk
from adtrans.errors import Diagnostic, Span
from adtrans.frontend.classes import SourceType
from adtrans.frontend.construction import Construction
from adtrans.frontend.contexts import headed, try_, with_
from adtrans.frontend.entries import entries
from adtrans.frontend.expressions import Expressions, scan_names
from adtrans.frontend.layout import comments, end_comments, trailing_comment
from adtrans.frontend.making import as_result, called, constructed, packed, received, stored
from adtrans.frontend.matching import match_
from adtrans.frontend.meanings import Library, Unit
from adtrans.frontend.operators import AUGMENTED
from adtrans.frontend.passing import Made, returned
from adtrans.frontend.reach import Reach
from adtrans.frontend.scopes import nodes, scan, scan_target
from adtrans.frontend.starred import loop_target, starred
from adtrans.frontend.text import Texts
from adtrans.walk import children, expressions

COMPOUND_WHY: dict[type[cst.CSTNode], str] = {
    cst.With: "a `with` block",
    cst.Try: "a `try` block",
    cst.TryStar: "a `try` block",
    cst.Match: "a `match` statement",
    cst.FunctionDef: "a nested function",
    cst.ClassDef: "a class",
}

SMALL_WHY: dict[type[cst.CSTNode], str] = {
    cst.Pass: "pass",
    cst.Assert: "an assert",
    cst.Raise: "a raise",
    cst.Del: "a `del`",
    cst.Import: "an import",
    cst.ImportFrom: "an import",
    cst.Global: "a `global` declaration",
    cst.Nonlocal: "a `nonlocal` declaration",
}


@dataclass
class Lead:
    """What stands before a statement: comments, and whether there is a blank line."""

    comments: tuple[str, ...] = ()
    blank: bool = False


class Statements:
    """Lowers the body of one function."""

    def __init__(self, reach: Reach, unit: Unit, texts: Texts) -> None:
        self.unit = unit
        self.module = unit.module
        self.texts = texts
        self.expressions = Expressions(reach, unit, texts)
        self.effects = self.expressions.effects
        self.diagnostics: list[Diagnostic] = []
        self.reach = reach
        self.names: set[str] = set()
        self.expressions.fresh = self.fresh
        self.expressions.diagnostics = self.diagnostics

    def fresh(self, base: str) -> str:
        """A name for a local of ours."""
        if not self.names:
            loads = self.unit.scope.uses.loads
            self.names = {*self.unit.locals, *(root.value for root, _ in loads), *self.reach.names.values()}
        name = base
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def refuse(self, code: str, words: str, node: cst.CSTNode, help_: str = "") -> ir.Block:
        """Note a refusal; nothing stands for the statement."""
        self.diagnostics.append(Diagnostic(code, words, self.module.span(node), help_))
        return ()

    # -------------------------------------------------------------------- blocks

    def block(self, suite: cst.BaseSuite, skip: int = 0, above: tuple[str, ...] = ()) -> ir.Block:
        """The statements of a block; `above` are comments that belong before its first one."""
        if isinstance(suite, cst.SimpleStatementSuite):
            return self.line(suite.body, Lead(above), trailing_comment(suite.trailing_whitespace))
        result: list[ir.Stmt] = []
        carried = above
        for statement in suite.body[skip:]:
            lines: Sequence[cst.EmptyLine] = getattr(statement, "leading_lines", ())
            lead = Lead(
                carried + comments(lines), bool(result) and any(line.comment is None for line in lines)
            )
            before = len(result)
            result += self.statement(statement, lead)
            if isinstance(statement, cst.If) and len(result) > before and leaves(result[-1]):
                break  # The branch that is taken, as is known, and nothing behind it.
            # A comment at the end of an inner block belongs to nobody: the next statement takes it.
            carried = (
                end_comments(statement) if len(result) > before else lead.comments + end_comments(statement)
            )
        return tuple(result)

    def statement(self, node: cst.CSTNode, lead: Lead) -> ir.Block:
        if isinstance(node, cst.SimpleStatementLine):
            return self.line(node.body, lead, trailing_comment(node.trailing_whitespace))
        handler = _COMPOUND.get(type(node))
        if handler:
            return handler(self, node, lead)
        return self.verbatim_block(node, lead)

    def line(self, body: Sequence[cst.BaseSmallStatement], lead: Lead, trailing: str) -> ir.Block:
        """The small statements of a line: `a = 1; b = 2  # both`."""
        result: list[ir.Stmt] = []
        for small in body:
            result += self.small(small)
        if result:
            result[0] = replace(result[0], comments=lead.comments, blank_before=lead.blank)
            result[-1] = replace(result[-1], trailing=trailing)
        return tuple(result)

    # ----------------------------------------------------------- compound statements

    def header(self, node: cst.CSTNode, last: cst.BaseExpression) -> tuple[Span, str]:
        """Place and text of `for i in range(n):`; `last` is the last expression in it."""
        start, end = self.module.range(node)[0], self.module.outer_range(last)[1]
        while ":" not in (rest := self.module.lines[end[0] - 1][end[1] :]):
            end = (end[0] + 1, 0)
        end = (end[0], end[1] + rest.index(":") + 1)
        text = self.texts.between(start, end)
        return Span(self.module.file, *start, *end), (
            text.removeprefix("el") if isinstance(node, cst.If) else text
        )

    def if_(self, node: cst.If, lead: Lead) -> ir.Block:
        if refused := self.refused_header(node.test):
            return refused
        there = self.expressions.objects.presence(node.test)
        if there is not None:
            return self.decided(node, lead, there)
        header = self.header(node, node.test)
        test = self.expressions.lower(node.test)
        before = self.taken()
        body = self.block(node.body)
        orelse: ir.Block = ()
        if isinstance(node.orelse, cst.If):
            above = end_comments(node.body) + comments(node.orelse.leading_lines)
            orelse = self.if_(node.orelse, Lead(above))
        elif node.orelse is not None:
            orelse = self.orelse(node.orelse, node.body)
        made = self.keep(ir.If(test=test, body=body, orelse=orelse), header, lead, node.body, node.test)
        return headed((*before, *(replace(s, text=None) for s in made)), lead) if before else made

    def decided(self, node: cst.If, lead: Lead, test: bool) -> ir.Block:
        """The branch of an `if` that is taken for this layout of objects."""
        if test:
            return self.block(node.body, above=lead.comments)
        if isinstance(node.orelse, cst.If):
            return self.if_(node.orelse, lead)
        return self.orelse(node.orelse, node.body) if node.orelse is not None else ()

    def for_(self, node: cst.For, lead: Lead) -> ir.Block:
        if node.asynchronous:
            return self.refuse("AD103", "an `async for` loop", node)
        if refused := self.refused_header(node.iter):
            return refused
        starred_target = None if scan_names(node.target) else loop_target(self, node.target)
        if scan_names(node.target) is None and starred_target is None:
            return self.refuse(
                "AD110",
                "a loop whose target is not a name",
                node.target,
                "loop over a name, and assign it in the body",
            )
        if written := self.global_target(node.target):
            return self.refuse("AD105", f"the loop assigns the global `{written}`", node.target)
        header = self.header(node, node.iter)
        target, first = starred_target or (self.expressions.target(node.target), ())
        iterable = self.expressions.in_order(node.iter, "function")
        before = self.taken()
        loop = ir.For(
            target=target,
            iter=iterable,
            body=(*first, *self.block(node.body)),
            orelse=self.orelse(node.orelse, node.body) if node.orelse else (),
        )
        (made,) = self.keep(loop, header, lead, node.body, node.iter)
        made = replace(made, text=None) if first or before else made
        return headed((*before, made), lead) if before else (made,)

    def while_(self, node: cst.While, lead: Lead) -> ir.Block:
        if refused := self.refused_header(node.test):
            return refused
        header = self.header(node, node.test)
        loop = ir.While(
            test=self.expressions.lower(node.test),
            body=self.block(node.body),
            orelse=self.orelse(node.orelse, node.body) if node.orelse else (),
        )
        return self.keep(loop, header, lead, node.body, node.test)

    def define(self, node: cst.FunctionDef, lead: Lead) -> ir.Block:
        """A function in a function."""
        if node.asynchronous:
            return self.refuse("AD103", "an `async` function inside a function", node.name)
        (text,) = self.verbatim_block(node, lead)
        assert isinstance(text, ir.Verbatim)
        as_text = ir.Opaque(node.name.value, text.reads, text.why, span=text.span)
        value = self.expressions.closure(node, as_text)
        if not isinstance(value, ir.Closure):
            return (text,)
        return (ir.Define(name=node.name.value, value=value, otherwise=text, span=text.span),)

    def orelse(self, node: cst.Else, body: cst.BaseSuite) -> ir.Block:
        return self.block(node.body, above=end_comments(body) + comments(node.leading_lines))

    def refused_header(self, node: cst.BaseExpression) -> ir.Block | None:
        """Refuse an assignment expression in a header, within what is carried over as text."""
        found = scan(node).walrus
        if not found or not swallowed(self.expressions.lower(node)):
            return None
        self.refuse(
            "AD106",
            "an assignment expression (`:=`) in the header of a block",
            found[0],
            "assign before the block (and, for a loop, again at the end of its body)",
        )
        return ()

    def keep(
        self,
        stmt: ir.Stmt,
        header: tuple[Span, str],
        lead: Lead,
        body: cst.BaseSuite,
        part: cst.BaseExpression,
    ) -> ir.Block:
        """A compound statement with what the user wrote in and around its header, of which `part` counts."""
        trailing = trailing_comment(body.header) if isinstance(body, cst.IndentedBlock) else ""
        span, text = header
        new = replace(stmt, span=span, text=None if self.chosen(part) else text, trailing=trailing)
        return (replace(new, comments=lead.comments, blank_before=lead.blank),)

    def verbatim_block(self, node: cst.CSTNode, lead: Lead) -> ir.Block:
        """A block of a kind that has no node of its own."""
        why = COMPOUND_WHY.get(type(node), "a statement that adtrans does not know")
        uses = scan(node)
        for jump in uses.jumps:
            if not isinstance(jump, cst.Return | cst.Break | cst.Continue):
                continue  # a generator or coroutine: the whole function is refused
            word = jump_word(jump)
            self.refuse(
                "AD104",
                f"`{word}` inside {why}",
                jump,
                f"assign to a variable inside {why}, and `{word}` after it",
            )
        for name in uses.stores:
            if self.unit.scope.uses.declared.get(name.value) and name.value not in self.unit.captures:
                self.refuse("AD105", f"{why} assigns the global `{name.value}`", name)
        statement = self.verbatim(node, why)
        return (replace(statement, comments=lead.comments, blank_before=lead.blank),)

    def verbatim(self, node: cst.CSTNode, why: str, writes: tuple[str, ...] | None = None) -> ir.Verbatim:
        """A statement as text, with what it reads and writes."""
        if writes is None:
            writes = self.effects.writes(node)
        span, text = self.module.span(node), self.texts.statement(node)
        flags = tuple(name for name in flags_of(node) if name in writes)
        reads = self.expressions.reads(node)
        return ir.Verbatim(span=span, text=text, reads=reads, writes=writes, why=why, flags=flags)

    def carried(self, node: cst.CSTNode, why: str, lowered: ir.Block) -> ir.Carried:
        """The same, with the statements it stands for."""
        text = self.verbatim(node, why)
        return ir.Carried(
            span=text.span,
            text=text.text,
            reads=text.reads,
            writes=text.writes,
            why=why,
            flags=text.flags,
            lowered=lowered,
        )

    # -------------------------------------------------------------- small statements

    def small(self, node: cst.BaseSmallStatement) -> ir.Block:
        """A small statement, after the objects that are made in it."""
        made = self.plain_small(node)
        return (*self.taken(), *made)

    def taken(self) -> ir.Block:
        """What stands before a statement: the objects that are made in its expressions."""
        before, self.expressions.before = self.expressions.before, []
        return tuple(before)

    def plain_small(self, node: cst.BaseSmallStatement) -> ir.Block:
        if isinstance(node, cst.Nonlocal) and all(n.name.value in self.unit.captures for n in node.names):
            return ()
        if why := SMALL_WHY.get(type(node)):
            if isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar):
                return self.refuse("AD112", "`import *` inside a function", node)
            if isinstance(node, cst.Del) and (refused := self.refused_target(node.target)) is not None:
                return refused
            return (self.verbatim(node, why),)
        handler = _SMALL.get(type(node))
        if isinstance(node, cst.Return | cst.Assign | cst.AnnAssign | cst.AugAssign | cst.Expr):
            found = scan(node).walrus
            if found and handler:
                made = handler(self, node)
                return self.walrus(node, found[0]) if any(map(swallows, made)) else made
        return (
            handler(self, node)
            if handler
            else (self.verbatim(node, "a statement that adtrans does not know"),)
        )

    def walrus(self, node: cst.BaseSmallStatement, named: cst.NamedExpr) -> ir.Block:
        if isinstance(node, cst.Return):
            return self.refuse(
                "AD106", "an assignment expression (`:=`) in a return", named, "assign before the return"
            )
        return (self.verbatim(node, "an assignment expression (`:=`)"),)

    def kept(self, stmt: ir.Stmt, node: cst.CSTNode) -> ir.Block:
        """A statement with the user's text of it."""
        text = None if self.chosen(node) or self.expressions.before else self.texts.statement(node)
        return (replace(stmt, span=self.module.span(node), text=text),)

    def chosen(self, place: cst.CSTNode) -> bool:
        """Whether a part of the text is not there: a side of a conditional expression."""
        decided = self.expressions.objects.decided
        return bool(decided) and any(id(node) in decided for node in nodes(place))

    def construct(
        self, node: cst.Assign | cst.AnnAssign, target: cst.BaseExpression, call: cst.Call, made: Construction
    ) -> ir.Block:
        """`m = Model(w, 2.0)`: a new object, and `__init__` called with it; or its fields one by one."""
        place = self.expressions.target(target)
        args, kwargs = self.expressions.arguments(call)
        given = [e for a in (*args, *(v for _, v in kwargs)) for e in walk.subexpressions(a)]
        if isinstance(place, ir.Field) and place in given:
            return self.refuse("AD223", "an object is made of the one that it replaces", node)
        self.expressions.before.clear()
        return tuple(constructed(self.expressions, place, call, made, self.module.span(node)))

    def rebound(self, node: cst.Assign | cst.AnnAssign, target: cst.BaseExpression) -> ir.Block | None:
        """`q = p.scaled(s)`, `p = p + v`: a variable that gets an object from elsewhere."""
        objects, value = self.expressions.objects, node.value
        if isinstance(target, cst.Attribute):
            return self.held(node, target)
        typed = objects.type_of(target) if isinstance(target, cst.Name) else None
        if typed is None or typed.bare or not isinstance(typed.type, SourceType) or value is None:
            return None
        if typed.type.parts:
            return None  # It is a tuple.
        place, span = self.expressions.target(target), self.module.span(node)
        kind = objects.passing.kind(value)
        if kind is not None and isinstance(value, Made) and objects.passing.construction(value) is None:
            call = called(self.expressions, value)
            return tuple(received(self.expressions, place, kind, call, span))
        if kind is None and not objects.is_several(target, value):
            return None
        given = self.expressions.lower(value)
        kind = kind or typed.type
        return tuple(received(self.expressions, place, kind, packed(self.expressions, given, kind), span))

    def held(self, node: cst.Assign | cst.AnnAssign, target: cst.Attribute) -> ir.Block | None:
        """`self.position = position` in an `__init__`, where that is an object."""
        objects, value, span = self.expressions.objects, node.value, self.module.span(node)
        if value is None or self.unit.name != "__init__" or not self.is_field(target):
            return None
        typed = objects.type_of(value)
        if typed is None or typed.bare or typed.after is not None:
            return None
        place = self.expressions.target(target)
        if not isinstance(place, ir.Field):
            return None
        return tuple(stored(self.expressions, place, value, self.expressions.lower(value), span))

    def set_property(self, node: cst.Assign, target: cst.Attribute, setter: Unit) -> ir.Block:
        """`m.level = e`, which calls a function."""
        value, span = self.expressions.lower(node.value), self.module.span(node)
        if any(unknown_calls(value)):
            words = "a property is assigned the result of a call that may do anything"
            return self.refuse(
                "AD230", words, node, "assign the result to a variable, and that to the property"
            )
        given = (self.expressions.receiver(target.value), value)
        call = ir.Call(setter.path, given, spelled=self.reach.names[setter], span=span)
        return (ir.ExprStmt(value=call, span=span),)

    def assign(self, node: cst.Assign) -> ir.Block:
        targets = [t.target for t in node.targets]
        setter = self.expressions.objects.setting.get(node)
        if setter is not None and isinstance(targets[0], cst.Attribute):
            return self.set_property(node, targets[0], setter)
        new = self.expressions.objects.made(node.value)
        if new is not None and isinstance(node.value, cst.Call):
            return self.construct(node, targets[0], node.value, new)
        if len(targets) == 1 and (made := self.rebound(node, targets[0])) is not None:
            return made
        if (listed := entries(self, node)) is not None:
            return listed
        for target in targets:
            if refused := self.refused_target(target):
                return refused
        span = self.module.span(node)
        if not all(map(self.plain_target, targets)):
            # A module that adtrans wrote gives attributes to an object, and reads none of it.
            if (made := starred(self, node)) is not None:
                return made
            if len(targets) == 1 and (into := self.into_call(targets[0])) is not None:
                before, place = into
                held = ir.Name(self.fresh("value"))
                first = ir.Assign(target=held, value=self.expressions.lower(node.value), span=span)
                last = ir.Assign(target=place, value=held, span=span)
                return self.text_of_unknown_calls(node, (first, before, last))
            back = self.module.generated and all(isinstance(t, cst.Attribute) for t in targets)
            return (self.verbatim(node, target_why(targets), () if back else None),)
        if len(targets) == 1:
            value = self.expressions.lower(node.value)
            made = self.kept(ir.Assign(target=self.expressions.target(targets[0]), value=value), node)
        else:
            made = self.chain(node, targets)
        return self.text_of_unknown_calls(node, made)

    def text_of_unknown_calls(self, node: cst.BaseSmallStatement, made: ir.Block) -> ir.Block:
        """An assignment that calls something which may change its arguments, as text."""
        for expr in (e for stmt in made for e in expressions(stmt)):
            for text in unknown_calls(expr):
                return (self.verbatim(node, text.why),)
        return made

    def chain(self, node: cst.Assign, targets: list[cst.BaseAssignTargetExpression]) -> ir.Block:
        """`a = b = e`: the value goes to the first target that is a name, and from there to the others."""
        span = self.module.span(node)
        value = self.expressions.lower(node.value)
        result: list[ir.Stmt] = []
        plain = [t for t in targets if isinstance(t, cst.Name)]
        read = {root.value for t in targets for root, _ in scan_target(t).loads}
        if isinstance(targets[0], cst.Name) or (plain and plain[0].value not in read):
            # No other target reads this name, so it may be assigned before them.
            held = plain[0]
            targets = [t for t in targets if t is not held]
            result.append(ir.Assign(target=self.expressions.target(held), value=value, span=span))
            value = self.expressions.target(held)
        elif not isinstance(value, ir.Const):
            name = ir.Name(self.fresh("value"))
            result.append(ir.Assign(target=name, value=value, span=span))
            value = name
        result += [ir.Assign(target=self.expressions.target(t), value=value, span=span) for t in targets]
        return tuple(result)

    def ann_assign(self, node: cst.AnnAssign) -> ir.Block:
        if node.value is None:
            return (self.verbatim(node, "a declaration", writes=()),)
        made = self.expressions.objects.made(node.value)
        if made is not None and isinstance(node.value, cst.Call):
            return self.construct(node, node.target, node.value, made)
        if (again := self.rebound(node, node.target)) is not None:
            return again
        if refused := self.refused_target(node.target):
            return refused
        if not self.plain_target(node.target):
            return (self.verbatim(node, target_why([node.target])),)
        value = self.expressions.lower(node.value)
        stmt = ir.Assign(target=self.expressions.target(node.target), value=value)
        return self.text_of_unknown_calls(node, self.kept(stmt, node))

    def aug_assign(self, node: cst.AugAssign) -> ir.Block:
        if refused := self.refused_target(node.target):
            return refused
        op = AUGMENTED[type(node.operator)]
        if not self.plain_target(node.target):
            if (into := self.into_call(node.target)) is None:
                return (self.verbatim(node, target_why([node.target])),)
            before, place = into
            new = ir.AugAssign(
                target=place, op=op, value=self.expressions.lower(node.value), span=before.span
            )
            return self.text_of_unknown_calls(node, (before, new))
        if (made := self.augmented(node)) is not None:
            return made
        target, value = self.expressions.target(node.target), self.expressions.lower(node.value)
        return self.text_of_unknown_calls(
            node, self.kept(ir.AugAssign(target=target, op=op, value=value), node)
        )

    def augmented(self, node: cst.AugAssign) -> ir.Block | None:
        """`p += v`, where that makes an object."""
        callee = self.expressions.objects.passing.augmented(node)
        kind = returned(self.expressions.objects, callee.unit) if callee is not None else None
        if callee is None or kind is None:
            return None
        place, span = self.expressions.target(node.target), self.module.span(node)
        given = (place, self.expressions.lower(node.value))
        call = ir.Call(callee.unit.path, given, spelled=self.reach.names[callee.unit], span=span)
        return tuple(received(self.expressions, place, kind, call, span))

    def return_(self, node: cst.Return) -> ir.Block:
        if (listed := entries(self, node)) is not None:
            return listed
        value = self.expressions.lower(node.value) if node.value is not None else None
        kind = returned(self.expressions.objects, self.unit)
        if kind is not None and not kind.parts and value is not None:
            write = as_result if self.unit is self.reach.entry else packed
            made = write(self.expressions, value, kind)
            if made is not None:
                return (ir.Return(value=made, span=self.module.span(node)),)
        if node in self.module.made:  # the body of a lambda
            return (ir.Return(value=value, span=self.module.span(node)),)
        return self.kept(ir.Return(value=value), node)

    def jump(self, node: cst.Break | cst.Continue) -> ir.Block:
        return self.kept(ir.Break() if isinstance(node, cst.Break) else ir.Continue(), node)

    def expression(self, node: cst.Expr) -> ir.Block:
        value = node.value
        if isinstance(value, cst.Yield | cst.Await):
            return (self.verbatim(node, "a `yield`"),)  # the whole function is refused for it
        if isinstance(value, cst.Call):
            if self.effects.tells(value):
                return (self.verbatim(node, "printing", writes=()),)
            self.expressions.alone = value
            lowered = self.expressions.lower(value)
            if isinstance(lowered, ir.Call | ir.Apply | ir.Spread):
                return self.kept(ir.ExprStmt(value=lowered), node)
            if isinstance(lowered, ir.Opaque):
                return (self.verbatim(node, lowered.why),)
            return ()  # An object: it is made before the statement, and nobody keeps it.
        return (self.verbatim(node, "an expression that is not used"),)

    # ------------------------------------------------------------------- targets

    def refused_target(self, target: cst.BaseExpression) -> ir.Block | None:
        written = self.global_target(target)
        if written is None:
            return None
        self.refuse(
            "AD105",
            f"this assigns to the module-level `{written}`",
            target,
            "make it a local variable, or pass it as an argument and return it",
        )
        return ()

    def plain_target(self, target: cst.BaseExpression) -> bool:
        """Whether the IR can say this target."""
        if isinstance(target, cst.Tuple | cst.List):
            return all(isinstance(e, cst.Element) and self.plain_target(e.value) for e in target.elements)
        within = False
        while isinstance(target, cst.Subscript) or (within and isinstance(target, cst.Attribute)):
            within = True
            target = target.value
        return isinstance(target, cst.Name) or self.is_field(target)

    def into_call(self, target: cst.BaseExpression) -> tuple[ir.Assign, ir.Expr] | None:
        """`g(x)[i] = e` writes into what the call gives, which may have another name: `place = g(x)`."""
        bottom = target
        while isinstance(bottom, cst.Subscript):
            bottom = bottom.value
        if bottom is target or not isinstance(bottom, cst.Call):
            return None
        indices: list[ir.Index] = []
        called = self.expressions.target(target)
        while isinstance(called, ir.Index):
            indices.insert(0, called)
            called = called.base
        if isinstance(called, ir.Opaque) or len(indices) == 0:
            return None
        place: ir.Expr = ir.Name(self.fresh("place"), span=called.span)
        before = ir.Assign(target=place, value=called, span=self.module.span(target))
        for index in indices:
            place = replace(index, base=place)
        return before, place

    def is_field(self, target: cst.BaseExpression) -> bool:
        """Whether a target is data in an object: `self.total`."""
        member = self.expressions.objects.member(target) if isinstance(target, cst.Attribute) else None
        return member is not None and member.sort == "data"

    def global_target(self, target: cst.BaseExpression) -> str | None:
        """The name outside the function that an assignment to `target` would change."""
        uses = scan_target(target)
        declared = self.unit.scope.uses.declared
        for name in uses.stores:
            if name.value in declared and name.value not in self.unit.captures:
                return name.value
        for root in uses.touched:
            if isinstance(root, cst.Name) and root.value not in self.unit.variables | self.libraries(root):
                return root.value
        return None

    def libraries(self, root: cst.Name) -> set[str]:
        """The name, if it is that of a module: `np.ravel(z)[0] = e` does not change `np`."""
        reference = self.expressions.reference(root)
        meaning = reference.meaning if reference else None
        return {root.value} if isinstance(meaning, Library) and meaning.module else set()


def unknown_calls(expr: ir.Expr) -> Iterator[ir.Opaque]:
    """Text that may change what it reads; what is called as a function that may be known is no such."""
    if isinstance(expr, ir.Opaque):
        if expr.writes:
            yield expr
    elif not isinstance(expr, ir.Apply | ir.Closure):
        for part in children(expr):
            yield from unknown_calls(part)


def target_why(targets: Sequence[cst.BaseExpression]) -> str:
    if any(isinstance(t, cst.Attribute) for t in targets):
        return "an assignment to an attribute"
    if any(isinstance(t, cst.Subscript) for t in targets):
        return "an assignment into something without a name"
    return "an assignment to a starred target or an attribute"


def leaves(stmt: ir.Stmt) -> bool:
    """Whether control does not reach what is behind a statement."""
    raises = isinstance(stmt, ir.Verbatim) and (stmt.text or "").startswith("raise")
    return raises or isinstance(stmt, ir.Return | ir.Break | ir.Continue)


def jump_word(node: cst.CSTNode) -> str:
    words: dict[type[cst.CSTNode], str] = {
        cst.Return: "return",
        cst.Break: "break",
        cst.Continue: "continue",
        cst.Yield: "yield",
        cst.Await: "await",
    }
    return words.get(type(node), "async")


def jumps(node: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """What makes a function a generator or a coroutine."""
    for jump in scan(node.body).jumps:
        if not isinstance(jump, cst.Return | cst.Break | cst.Continue):
            yield jump


def flags_of(node: cst.CSTNode) -> list[str]:
    """The names that a piece of source binds to nothing but `True` and `False`."""
    uses = scan(node)
    stores = Counter(name.value for name in uses.stores)
    plain = Counter(
        target.value
        for target, value in uses.assigns
        if isinstance(target, cst.Name) and isinstance(value, cst.Name) and value.value in ("True", "False")
    )
    touched = {root.value for root in uses.touched if isinstance(root, cst.Name)}
    return [name for name, n in stores.items() if plain[name] == n and name not in touched]


def swallows(stmt: ir.Stmt) -> bool:
    """Whether a `:=` is in the text of a statement, where nobody sees what it binds."""
    return isinstance(stmt, ir.Verbatim) or any(map(swallowed, walk.expressions(stmt)))


def swallowed(expr: ir.Expr) -> bool:
    texts = (e.otherwise if isinstance(e, ir.Spread) else e for e in walk.subexpressions(expr))
    return any(isinstance(text, ir.Opaque) and ":=" in text.text for text in texts)


_COMPOUND: dict[type[cst.CSTNode], Callable[..., ir.Block]] = {
    cst.With: with_,
    cst.Try: try_,
    cst.Match: match_,
    cst.If: Statements.if_,
    cst.For: Statements.for_,
    cst.While: Statements.while_,
    cst.FunctionDef: Statements.define,
}

_SMALL: dict[type[cst.CSTNode], Callable[..., ir.Block]] = {
    cst.Assign: Statements.assign,
    cst.AnnAssign: Statements.ann_assign,
    cst.AugAssign: Statements.aug_assign,
    cst.Return: Statements.return_,
    cst.Break: Statements.jump,
    cst.Continue: Statements.jump,
    cst.Expr: Statements.expression,
}
