"""Calls of user functions and comprehensions become statements of their own, in order of evaluation.
So do calls that change something where they stand inside an expression (`changing.py`).

before: y = 2.0 * g(x) + sum([h(v) for v in xs if v > 0.0])
after:  g_value = g(x)
        values = []
        for v in xs:
            if v > 0.0:
                h_value = h(v)
                values.append(h_value)
        y = 2.0 * g_value + sum(values)

`:=` becomes an assignment before the statement. What is evaluated on a condition stays so: `c and g(x)`
and `g(x) if c else e` become `if` statements, and a call in the test of a `while` is made again in each
iteration:

before: while g(x) > 1.0:             after: while True:
            B                                    g_value = g(x)
                                                 if not g_value > 1.0:
                                                     break
                                                 B

A call that is the whole value of an assignment, a return or a statement stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from adtrans import ir, walk
from adtrans.errors import Span
from adtrans.normalise.arguments import resolve
from adtrans.normalise.changing import Changing
from adtrans.normalise.common import TRUE, Context, assign, is_atom, lead, negate

Code = list[ir.Stmt]

ITERATORS = frozenset(f"builtins.{name}" for name in ("range", "enumerate", "zip", "reversed"))
"""What gives the same items again if what it is given does."""


def hoist(function: ir.Function, context: Context) -> ir.Function:
    """No user call and no comprehension inside another expression."""
    body = Hoister(function, context).block(function.body)
    return function if body is function.body else replace(function, body=body)


class Hoister:
    def __init__(self, function: ir.Function, context: Context) -> None:
        self.context = context
        self.effects = context.effects
        self.changing = Changing(function, context)
        self.outer = (
            {p.name for p in function.params} | walk.reads_of(function.body) | walk.writes_of(function.body)
        ) | set().union(*(bindings(e) for s in walk.statements(function.body) for e in walk.expressions(s)))
        self.inside: list[str] = []  # targets of the comprehensions we are in

    def is_solution(self, value: ir.Expr) -> TypeGuard[ir.Call]:
        """Whether a value is what a solver has found."""
        function = self.context.program.functions.get(value.fn) if isinstance(value, ir.Call) else None
        return function is not None and bool(function.solution)

    def needs(self, expr: ir.Expr) -> bool:
        """Whether something in the expression has to come out of it."""
        return any(
            isinstance(e, ir.Comprehension | ir.Bind)
            or self.context.is_user(e)
            or is_divmod(e)
            or self.changing.moves(e)
            for e in walk.subexpressions(expr)
        )

    def holds(self, value: ir.Expr) -> bool:
        """The same for the value of a statement, which may be a call that changes something."""
        if self.stays(value):
            return any(map(self.needs, walk.children(value)))
        return self.needs(value)

    def stays(self, value: ir.Expr) -> bool:
        """Whether a value is such a call (those of user functions stay as well, with plain arguments)."""
        return isinstance(value, ir.Call) and not self.context.is_user(value) and self.changing.moves(value)

    # ------------------------------------------------------------- statements

    def block(self, block: ir.Block) -> ir.Block:
        new: Code = []
        for stmt in block:
            self.changing.enter(stmt)
            new.extend(lead(self.statement(stmt), stmt))
        return walk.same(block, new)

    def statement(self, stmt: ir.Stmt) -> Code:
        before: Code = []
        match stmt:
            case ir.Assign() | ir.Return(value=ir.Expr()):
                return self.valued(stmt)
            case ir.AugAssign():
                return self.augmented(stmt)
            case ir.ExprStmt(value=value):
                new = self.whole(value, before)
                return [*before, self.with_value(stmt, new)]
            case ir.While(test=test, body=body) if self.needs(test):
                value = self.expression(test, before)
                leave = ir.If(test=negate(value), body=(ir.Break(),), span=stmt.span)
                return [replace(stmt, text=None, test=TRUE, body=(*before, leave, *self.block(body)))]
            case ir.If(test=test):
                value = self.expression(test, before)
                made = walk.map_blocks(stmt, self.block)
                return [*before, walk.map_stmt(made, lambda _: value)]
            case ir.For(iter=it):
                value = self.once(self.expression(it, before), before, stmt)
                made = walk.map_blocks(stmt, self.block)
                return [*before, walk.map_stmt(made, lambda e: value if e is it else e)]
        return [walk.map_blocks(stmt, self.block)]

    def valued(self, stmt: ir.Stmt) -> Code:
        """An assignment or a return."""
        assert isinstance(stmt, ir.Assign | ir.Return) and stmt.value is not None
        value, before = stmt.value, Code()
        target = stmt.target if isinstance(stmt, ir.Assign) else None
        if isinstance(value, ir.IfExp) and self.must_branch(value) and not (target and self.needs(target)):
            return self.branch(stmt, value)
        if not self.holds(value) and not (target and self.needs(target)):
            return [stmt]
        if (
            isinstance(value, ir.Comprehension)
            and isinstance(target, ir.Name)
            and target.id not in walk.names(value)
        ):
            self.comprehension(value, target.id, before, stmt)
            return before
        if target is not None and isinstance(stmt, ir.Assign) and self.needs(target):
            value = self.save(self.expression(value, before), before, stmt)
            return [*before, *self.store(stmt, target, value)]
        if (
            isinstance(target, ir.Name)
            and self.is_solution(value)
            and target.id in walk.names_of(value.args[1:])
        ):
            # The backward sweep needs both what was found and what it was found from.
            value = self.save(
                walk.with_children(value, tuple(self.sequence(value.args, before, stmt))), before, stmt
            )
            return [*before, self.with_value(stmt, value)]
        # A tuple of one is returned as one value, the others part by part.
        apart = isinstance(value, ir.Tuple) and (
            len(value.elts) > 1 if target is None else is_tuple(target, len(value.elts))
        )
        if isinstance(value, ir.Tuple) and apart:
            new: ir.Expr = walk.with_children(
                value, tuple(self.sequence(value.elts, before, stmt, whole=True))
            )
        else:
            new = self.whole(value, before, stmt)
        return [*before, self.with_value(stmt, new)]

    def once(self, iterable: ir.Expr, before: Code, stmt: ir.Stmt) -> ir.Expr:
        """What a loop goes over, under a name where it may be something else the next time: the backward
        sweep goes over the same in reverse."""
        if walk.repeatable(iterable):
            return iterable
        if isinstance(iterable, ir.Call) and iterable.fn in ITERATORS:
            parts = tuple(self.once(e, before, stmt) for e in walk.children(iterable))
            return walk.with_children(iterable, parts)
        return self.save(iterable, before, stmt)

    def must_branch(self, value: ir.IfExp) -> bool:
        """Whether a conditional value has to become an `if`: calls in it, or tuples to take apart."""
        return any(isinstance(e, ir.Tuple) or self.needs(e) for e in (value.then, value.orelse))

    def branch(self, stmt: ir.Assign | ir.Return, value: ir.IfExp) -> Code:
        """`y = g(x) if c else e` as an `if` with two assignments."""
        before: Code = []
        test = self.expression(value.test, before)
        plain = replace(stmt, text=None, comments=(), blank_before=False, trailing="")
        sides = [self.valued(replace(plain, value=e)) for e in (value.then, value.orelse)]
        made = ir.If(
            test=test, body=tuple(sides[0]), orelse=tuple(sides[1]), span=stmt.span, comments=stmt.comments
        )
        return [*before, replace(made, blank_before=stmt.blank_before)]

    def store(self, stmt: ir.Assign, target: ir.Expr, value: ir.Expr) -> Code:
        """An assignment whose target contains calls: the value is known by now."""
        before: Code = []
        new = self.expression(target, before)
        return [*before, replace(stmt, text=None, target=new, value=value)]

    def augmented(self, stmt: ir.AugAssign) -> Code:
        """`x[i] += g(x)` reads `x[i]` before the call: that matters if `g` writes to memory.
        `x[next(it)] += 1` evaluates its index once."""
        before: Code = []
        acting = self.effects.effectful(stmt.target)
        if not acting and not self.needs(stmt.value) and not self.needs(stmt.target):
            return [stmt]
        target = self.once_only(self.expression(stmt.target, before), before, stmt)
        after: Code = []
        if not bindings(stmt.value).isdisjoint(walk.names(stmt.target)):
            words = "an assignment expression (`:=`) that binds what the statement itself assigns to"
            self.context.refuse("AD106", words, stmt.span, "assign before the statement")
        value = self.expression(stmt.value, after)
        if isinstance(target, ir.Name) or not self.changing.disturbs(after, target):
            return [*before, *after, replace(stmt, text=None, target=target, value=value)]
        target = self.steady(target, before, stmt)
        kept = self.context.names.fresh("value")
        before.append(assign(kept, target, stmt.span))
        update = replace(stmt, text=None, target=ir.Name(kept), value=value)
        return [*before, *after, update, ir.Assign(target=target, value=ir.Name(kept), span=stmt.span)]

    def with_value(self, stmt: ir.Stmt, new: ir.Expr) -> ir.Stmt:
        """The statement with another value. A call whose arguments were only put in order means
        what it meant, so the statement keeps its text."""
        assert isinstance(stmt, ir.Assign | ir.Return | ir.ExprStmt)
        old = stmt.value
        if new is old:
            return stmt
        only_order = isinstance(old, ir.Call) and isinstance(new, ir.Call) and self.context.is_user(new)
        if only_order and not any(map(self.needs, walk.children(old))):  # type: ignore[arg-type]
            return replace(stmt, value=new)
        return replace(stmt, text=None, value=new)

    # ------------------------------------------------------------ expressions

    def whole(self, value: ir.Expr, before: Code, stmt: ir.Stmt | None = None) -> ir.Expr:
        """A value that may stay a user call."""
        if isinstance(value, ir.Call) and self.context.is_user(value):
            return self.user_call(value, before, stmt)
        if self.stays(value):
            return walk.with_children(value, tuple(self.sequence(walk.children(value), before, stmt)))
        return self.expression(value, before, stmt)

    def expression(self, expr: ir.Expr, before: Code, stmt: ir.Stmt | None = None) -> ir.Expr:
        """The expression without calls and comprehensions, to be evaluated after `before`."""
        if not self.needs(expr):
            return expr
        match expr:
            case ir.Call() if self.context.is_user(expr):
                made = self.user_call(expr, before, stmt)
                name = self.context.names.fresh(f"{self.context.program.functions[expr.fn].name}_value")
                before.append(assign(name, made, expr.span))
                return ir.Name(name)
            case ir.Call() if self.changing.moves(expr):
                moved = self.whole(expr, before, stmt)
                name = self.context.names.fresh(word(expr))
                before.append(assign(name, moved, expr.span))
                return ir.Name(name)
            case ir.Comprehension():
                name = self.context.names.fresh("values")
                self.comprehension(expr, name, before, None)
                return ir.Name(name)
            case ir.Bind(name=name, value=value):
                before.append(assign(name, self.whole(value, before, stmt), expr.span))
                return ir.Name(name)
            case ir.IfExp(test=test, then=then, orelse=orelse) if self.needs(then) or self.needs(orelse):
                test = self.expression(test, before)
                target = ir.Name(self.context.names.fresh("value"))
                sides = [
                    self.valued(ir.Assign(target=target, value=e, span=expr.span)) for e in (then, orelse)
                ]
                before.append(ir.If(test=test, body=tuple(sides[0]), orelse=tuple(sides[1]), span=expr.span))
                return target
            case ir.Op(op="and" | "or", args=args) if any(map(self.needs, args[1:])):
                return self.shortcut(expr, before)
        parts = self.sequence(walk.children(expr), before, stmt)
        if is_divmod(expr):
            a, b = (self.save(part, before, stmt) for part in parts)
            return ir.Tuple((ir.Op("//", (a, b)), ir.Op("%", (a, b))), span=expr.span)
        return walk.with_children(expr, tuple(parts))

    def shortcut(self, expr: ir.Op, before: Code) -> ir.Expr:
        """`a and g(x)`: `test = a`, `if test: test = g(x)`."""
        args = expr.args
        k = next(i for i, e in enumerate(args) if i and self.needs(e))
        first = self.expression(args[0] if k == 1 else ir.Op(expr.op, args[:k]), before)
        target = ir.Name(self.context.names.fresh("test"))
        before.append(ir.Assign(target=target, value=first, span=expr.span))
        rest = args[k] if k == len(args) - 1 else ir.Op(expr.op, args[k:])
        body: Code = []
        body.append(ir.Assign(target=target, value=self.whole(rest, body), span=expr.span))
        test = target if expr.op == "and" else negate(target)
        before.append(ir.If(test=test, body=tuple(body), span=expr.span))
        return target

    def user_call(self, call: ir.Call, before: Code, stmt: ir.Stmt | None) -> ir.Call:
        """The call with plain arguments, all of them and in order."""
        args = self.sequence(walk.children(call), before, stmt)
        if call.kwargs and sum(map(self.effects.effectful, args)) > 1:
            args = [self.save(e, before, stmt) for e in args]
        made = walk.with_children(call, tuple(args))
        assert isinstance(made, ir.Call)
        return resolve(made, self.context)

    def sequence(
        self, exprs: Sequence[ir.Expr], before: Code, stmt: ir.Stmt | None, whole: bool = False
    ) -> list[ir.Expr]:
        """Expressions that are evaluated one after the other. One that is evaluated before a
        hoisted call is kept in a name, where the call could make a difference to it."""
        done: list[ir.Expr] = []
        for expr in exprs:
            code: Code = []
            new = self.whole(expr, code, stmt) if whole else self.expression(expr, code, stmt)
            if code:
                bound = bindings(expr)
                done = [self.keep(self.old(e, bound, before), code, before, stmt) for e in done]
            before.extend(code)
            done.append(new)
        return done

    def keep(self, expr: ir.Expr, code: Code, before: Code, stmt: ir.Stmt | None) -> ir.Expr:
        """An expression that is evaluated before this code."""
        if self.effects.effectful(expr) or self.changing.disturbs(code, expr):
            return self.save(expr, before, stmt)
        return expr

    def old(self, expr: ir.Expr, bound: frozenset[str], before: Code) -> ir.Expr:
        """The expression, under a name if one that it reads is about to be bound anew."""
        if walk.names(expr).isdisjoint(bound):
            return expr
        if isinstance(expr, ir.Slice | ir.Tuple):
            return walk.with_children(expr, tuple(self.old(e, bound, before) for e in walk.children(expr)))
        name = self.context.names.fresh("value")
        before.append(assign(name, expr, expr.span))
        return ir.Name(name)

    def save(self, expr: ir.Expr, before: Code, stmt: ir.Stmt | None = None) -> ir.Expr:
        """Evaluate now: the name of the value, or what needs no name."""
        if is_atom(expr):
            return expr
        if isinstance(expr, ir.Slice | ir.Tuple):
            return walk.with_children(expr, tuple(self.save(e, before, stmt) for e in walk.children(expr)))
        base = "value"
        if isinstance(expr, ir.Call) and self.context.is_user(expr):
            base = f"{self.context.program.functions[expr.fn].name}_value"
        name = self.context.names.fresh(base)
        before.append(assign(name, expr, expr.span or (stmt.span if stmt else None)))
        return ir.Name(name)

    def steady(self, target: ir.Expr, before: Code, stmt: ir.Stmt) -> ir.Expr:
        """A target that can be evaluated twice and later: its base and indices kept in names."""
        if not isinstance(target, ir.Index):
            return target
        base = self.save(target.base, before, stmt)
        return replace(target, base=base, index=self.save(target.index, before, stmt))

    def once_only(self, target: ir.Expr, before: Code, stmt: ir.Stmt) -> ir.Expr:
        """A target that can be evaluated twice: indices that do something are kept in names."""
        if not isinstance(target, ir.Index) or not self.effects.effectful(target):
            return target
        base = self.once_only(target.base, before, stmt)
        acting = self.effects.effectful(target.index)
        return replace(
            target, base=base, index=self.save(target.index, before, stmt) if acting else target.index
        )

    # --------------------------------------------------------- comprehensions

    def comprehension(self, expr: ir.Comprehension, name: str, before: Code, stmt: ir.Stmt | None) -> None:
        """The list `name`, and the loops that fill it."""
        span = expr.span or (stmt.span if stmt else None)
        code: Code = []
        it = self.expression(expr.iter, before, stmt)
        self.filled(expr, it, name, code, span)
        before.extend((ir.Assign(target=ir.Name(name), value=ir.List(()), span=span), *code))

    def filled(self, expr: ir.Comprehension, it: ir.Expr, name: str, before: Code, span: Span | None) -> None:
        """The loop that fills the list `name`. Its variables are its own: renamed if they are in use."""
        expr = self.rename(expr)
        bound = walk.names(expr.target)
        self.inside.extend(bound)
        body: Code = []
        inner = body
        tests: list[tuple[ir.Expr, Code]] = []
        for condition in expr.conditions:
            test = self.expression(condition, inner)
            inner = []
            tests.append((test, inner))
        if expr.flat and isinstance(expr.elt, ir.Comprehension):
            self.filled(expr.elt, self.expression(expr.elt.iter, inner), name, inner, span)
        else:
            elt = self.expression(expr.elt, inner)
            append = ir.Call("list.append", (ir.Name(name), elt), style="method", spelled="append")
            inner.append(ir.ExprStmt(value=append, span=span))
        outer = [body, *(code for _, code in tests)]
        for k in reversed(range(len(tests))):
            outer[k].append(ir.If(test=tests[k][0], body=tuple(outer[k + 1]), span=expr.span))
        del self.inside[len(self.inside) - len(bound) :]
        before.append(ir.For(target=expr.target, iter=it, body=tuple(body), span=span))

    def rename(self, expr: ir.Comprehension) -> ir.Comprehension:
        """Give the variables of a comprehension names that the function does not use."""
        clash = sorted(walk.names(expr.target) & (self.outer | set(self.inside)))
        if not clash:
            return expr
        inner = (expr.elt, *expr.conditions)
        texts = (e for part in inner for e in walk.subexpressions(part) if isinstance(e, ir.Opaque))
        if any(set(e.reads) & set(clash) for e in texts):
            self.context.refuse(
                "AD211",
                f"the variable `{clash[0]}` of this comprehension has the name of a variable of the function",
                expr.span,
                "give it another name",
            )
            return expr
        fresh = {old: ir.Name(self.context.names.fresh(old)) for old in clash}
        new = tuple(walk.substitute(e, fresh) for e in (expr.elt, expr.target, *expr.conditions))
        return replace(expr, elt=new[0], target=new[1], conditions=new[2:])


def word(call: ir.Call) -> str:
    """A name for what a call gives."""
    return "popped" if call.fn.endswith(".pop") else "value"


def is_divmod(expr: ir.Expr) -> bool:
    """`divmod(a, b)`, which is `(a // b, a % b)`."""
    if not isinstance(expr, ir.Call) or expr.fn not in ("builtins.divmod", "numpy.divmod"):
        return False
    return len(expr.args) == 2 and not expr.kwargs


def bindings(expr: ir.Expr) -> frozenset[str]:
    """The names that `:=` binds in an expression."""
    return frozenset(e.name for e in walk.subexpressions(expr) if isinstance(e, ir.Bind))


def is_tuple(target: ir.Expr, length: int) -> bool:
    return isinstance(target, ir.Tuple | ir.List) and len(target.elts) == length
