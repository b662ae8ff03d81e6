"""Expressions: which function they are, or the same expression over functions that are called by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adtrans import ir, walk
from adtrans.closures.frame import TEXT, Frame, changed, distinct, function_value, unused
from adtrans.closures.values import Answer, Choice, Dict, Held, Lost, Partial, Row, User, Value
from adtrans.solvers import is_answer

EAGER = frozenset(
    f"builtins.{name}" for name in ("sum", "min", "max", "list", "tuple", "sorted", "any", "all")
)
"""Functions that take all of an iterator at once: a list in its place does as well."""


@dataclass(frozen=True)
class Found:
    """An expression as the program that is made says it, and what function it is, if it is one."""

    expr: ir.Expr
    value: Value | None = None
    parts: tuple[Found, ...] = ()
    """The elements of a tuple or list that is written out here."""

    @property
    def known(self) -> bool:
        return self.value is not None and not isinstance(self.value, Lost)


class Evaluator:
    """Evaluates in one frame. What has to happen before goes to `frame.before`."""

    def __init__(self, frame: Frame) -> None:
        from adtrans.closures.calls import Calls

        self.frame = frame
        self.calls = Calls(frame, self)

    def plain(self, expr: ir.Expr) -> ir.Expr:
        """The expression, as an ordinary value."""
        return self.find(expr).expr

    def find(self, expr: ir.Expr, into: ir.Expr | None = None) -> Found:
        """The expression; `into` is the variable that a call may assign its value to, if it is one."""
        env = self.frame.env
        match expr:
            case ir.Name(id=name):
                return Found(expr, env.get(name))
            case ir.Held(id=name, otherwise=text):
                value = env.get(name, TEXT)
                return Found(ir.Name(name, span=expr.span) if value is None else text, value)
            case ir.Global():
                return Found(expr, function_value(expr, self.frame.variants.functions))
            case ir.Closure():
                return self.closure(expr)
            case ir.Apply() | ir.Call():
                return self.calls.call(expr, into)
            case ir.Tuple() | ir.List():
                return self.row(expr)
            case ir.IfExp():
                return self.conditional(expr)
            case ir.Op(op="and" | "or", args=args):
                return self.logical(expr, args)
            case ir.Comprehension():
                return self.comprehension(expr)
            case ir.Bind(name=name, value=value):
                found = self.find(value)
                self.frame.bind(name, TEXT if found.known or found.parts else None)
                return Found(walk.with_children(expr, (found.expr,)))
            case ir.Dict(keys=keys):
                return self.table(expr, keys)
            case ir.Index(base=base, index=ir.Const(value=str() | int() as part), attribute=named) if (
                (named and isinstance(base, ir.Held)) or is_answer(base, part) or self.holds_answer(base)
            ):
                return self.calls.solutions.taken(expr, base, part)
            case ir.Index() if (chosen := self.looked_up(expr)) is not None:
                return chosen
            case ir.Index(base=base, index=ir.Const(value=int() as k)):
                found = self.find(base)
                if isinstance(found.value, Row) and -len(found.value.elements) <= k < len(
                    found.value.elements
                ):
                    return self.element(found.value.elements[k])
                return Found(walk.with_children(expr, (found.expr, expr.index)))
        return Found(walk.with_children(expr, tuple(f.expr for f in self.sequence(walk.children(expr)))))

    def holds_answer(self, base: ir.Expr) -> bool:
        """Whether an expression is a variable with the result of a solver."""
        return isinstance(base, ir.Name | ir.Held) and isinstance(self.frame.env.get(base.id), Answer)

    def element(self, value: Value) -> Found:
        """A part of a known value."""
        if isinstance(value, Held):
            return Found(value.expr)
        inner = value.elements if isinstance(value, Row) else ()
        return Found(self.as_text(value), value, tuple(map(self.element, inner)))

    def as_text(self, value: Value) -> ir.Expr:
        """What stands for a function that is not written where it is used."""
        return ir.Opaque("...", (), "a function from a tuple or a list")

    def closure(self, expr: ir.Closure) -> Found:
        frame = self.frame
        captures = frame.variants.functions[expr.path].captures
        defaults: list[tuple[str, str]] = []
        for param, value in expr.defaults:
            found = self.find(value)
            name = frame.site(expr, param, param)
            if found.known:
                frame.overwrite(name)
                frame.env[name] = found.value
            else:
                frame.assign(name, found.expr, expr.span, optional=True)
            defaults.append((param, name))
        return Found(expr.otherwise, User(expr.path, tuple((c, c) for c in captures), tuple(defaults)))

    def row(self, expr: ir.Tuple | ir.List) -> Found:
        parts = tuple(self.sequence(expr.elts))
        new = walk.with_children(expr, tuple(p.expr for p in parts))
        return Found(new, None, parts if any(p.known or p.parts for p in parts) else ())

    def table(self, expr: ir.Dict, keys: tuple[str | int, ...]) -> Found:
        """A dict display; one of functions is known."""
        parts = tuple(self.sequence(expr.elts))
        new = walk.with_children(expr, tuple(p.expr for p in parts))
        values = [self.held(p, expr, f"entry {k}") for k, p in enumerate(parts)]
        if not parts or any(v is None or isinstance(v, Lost) for v in values):
            return Found(new)
        return Found(new, Dict(tuple((k, v) for k, v in zip(keys, values, strict=True) if v is not None)))

    def looked_up(self, expr: ir.Index) -> Found | None:
        """`functions[key]` of a known dict: one of them, or one of several by the key."""
        base, index = expr.base, expr.index
        named = isinstance(base, ir.Name | ir.Held)
        if not named and not isinstance(base, ir.Dict):
            return None
        table = self.frame.env.get(base.id) if named else self.find(base).value  # type: ignore[attr-defined]
        if not isinstance(table, Dict):
            return None
        key = self.plain(index)
        if isinstance(key, ir.Const):
            value = dict(table.items).get(key.value)  # type: ignore[arg-type]
            return None if value is None else self.element(value)
        kept = self.frame.site(expr, "key", "key")
        self.frame.assign(kept, key, expr.span)
        return Found(self.as_text(table), Choice(kept, table.items))

    def held(self, found: Found, node: object, role: str) -> Value | None:
        """A value that can be kept: a written row, when its ordinary elements are in variables."""
        if found.value is not None or not found.parts:
            return found.value
        values: list[Value] = []
        for k, part in enumerate(found.parts):
            value = self.held(part, node, f"{role}.{k}")
            values.append(self.frame.kept(part.expr, node, f"{role}.{k}", "item") if value is None else value)
        return Row(tuple(values))

    # ------------------------------------------------------------- order of evaluation

    def sequence(self, exprs: Sequence[ir.Expr]) -> list[Found]:
        """Expressions that are evaluated one after the other. One that is read before a call that rebinds
        variables is kept in a name."""
        done: list[Found] = []
        for expr in exprs:
            with self.frame.aside() as code:
                new = self.find(expr)
            if code:
                writes = changed(code)
                done = [self.steady(f, writes, expr, k) for k, f in enumerate(done)]
            self.frame.before += code
            done.append(new)
        return done

    def steady(self, found: Found, writes: frozenset[str], node: object, k: int) -> Found:
        reads = walk.names(found.expr)
        calls = any(isinstance(e, ir.Call | ir.Opaque) for e in walk.subexpressions(found.expr))
        if found.known or found.parts or not (reads & writes or (reads and calls)):
            return found
        if isinstance(found.expr, ir.Slice):
            return found
        kept = self.frame.kept(found.expr, node, f"steady {k}", "value")
        return Found(kept.expr)

    # ------------------------------------------------------------- what is evaluated on a condition

    def conditional(self, expr: ir.IfExp) -> Found:
        frame = self.frame
        test = self.plain(expr.test)
        bound = set(frame.env)
        with frame.aside() as first:
            then = self.find(expr.then)
        with frame.aside() as second:
            orelse = self.find(expr.orelse)
        if then.known and orelse.known:
            here, there = changed(first) - bound, changed(second) - bound
            first += unused(sorted(there - here))
            second += unused(sorted(here - there))
            return self.choice(expr, test, (then, first), (orelse, second))
        if not (first or second):
            return Found(walk.with_children(expr, (test, then.expr, orelse.expr)))
        name = frame.site(expr, "value", "value")
        for code, side in ((first, then), (second, orelse)):
            code.append(ir.Assign(target=ir.Name(name), value=side.expr, span=expr.span))
        frame.before.append(ir.If(test=test, body=tuple(first), orelse=tuple(second), span=expr.span))
        frame.env[name] = None
        return Found(ir.Name(name))

    def choice(
        self,
        expr: ir.IfExp,
        test: ir.Expr,
        then: tuple[Found, list[ir.Stmt]],
        orelse: tuple[Found, list[ir.Stmt]],
    ) -> Found:
        """One of two functions: a label tells at run time which."""
        frame = self.frame
        text = walk.with_children(expr, (test, then[0].expr, orelse[0].expr))
        code = bool(then[1] or orelse[1])
        if then[0].value == orelse[0].value and not code:
            return Found(text, then[0].value)
        tag = frame.site(expr, "tag", "chosen")
        options: dict[str | int, Value] = {}
        words: list[ir.Expr] = []
        for found, _ in (then, orelse):
            assert found.value is not None
            word = distinct(frame.variants.word(found.value), found.value, options)
            options[word] = found.value
            words.append(ir.Const(word))
        if code:
            bodies = [
                (*made, ir.Assign(target=ir.Name(tag), value=word, span=expr.span))
                for (_, made), word in zip((then, orelse), words, strict=True)
            ]
            frame.before.append(ir.If(test=test, body=bodies[0], orelse=bodies[1], span=expr.span))
            frame.overwrite(tag)
            frame.env[tag] = None
        else:
            frame.assign(tag, ir.IfExp(test, *words), expr.span)
        return Found(text, Choice(tag, tuple(options.items())))

    def logical(self, expr: ir.Op, args: tuple[ir.Expr, ...]) -> Found:
        first = self.plain(args[0])
        with self.frame.aside() as code:
            rest = [self.plain(a) for a in args[1:]]
        if code:
            self.frame.refuse(
                "AD241",
                f"a call behind `{expr.op}` rebinds variables of the function around it",
                expr.span,
                "call it in a statement of its own",
            )
        return Found(walk.with_children(expr, (first, *rest)))

    # ------------------------------------------------------------- comprehensions

    def comprehension(self, expr: ir.Comprehension) -> Found:
        items = self.items(expr.iter)
        if items is not None and not expr.conditions:
            return self.unrolled(expr, items)
        it = self.iterable(expr.iter)
        with self.frame.aside() as code, self.frame.inner(walk.names(expr.target)):
            parts = [self.plain(e) for e in (*expr.conditions, expr.elt)]
        if code:
            self.frame.refuse(
                "AD241",
                "a call in a comprehension rebinds variables of the function around it",
                expr.span,
                "write it as a loop",
            )
        return Found(walk.with_children(expr, (it, expr.target, *parts)))

    def unrolled(self, expr: ir.Comprehension, items: list[Found]) -> Found:
        """A comprehension over functions, element by element."""
        parts: list[Found] = []
        for k, item in enumerate(items):
            pairs = paired(expr.target, item)
            if pairs is None:
                return Found(expr, Lost("a function from a comprehension"))
            mapping = {n: f.expr for n, f in pairs if not f.known}
            with self.frame.inner(frozenset(n for n, _ in pairs)):
                for name, found in pairs:
                    self.frame.env[name] = self.held(found, expr, f"{k} {name}")
                parts.append(self.find(walk.substitute(expr.elt, mapping)))
        made = ir.List(tuple(p.expr for p in parts), span=expr.span)
        return Found(made, None, tuple(parts) if any(p.known for p in parts) else ())

    def iterable(self, expr: ir.Expr) -> ir.Expr:
        """What a loop or a comprehension goes over: `map(f, xs)` there is a list."""
        return self.calls.mapped(expr) or self.plain(expr)

    def items(self, expr: ir.Expr) -> list[Found] | None:
        """The elements of what is gone over, where functions are among them."""
        match expr:
            case ir.Call(fn="builtins.enumerate", args=(inner,), kwargs=()):
                found = self.items(inner)
                if found is None:
                    return None
                return [tuple_of((Found(ir.Const(k)), f)) for k, f in enumerate(found)]
            case ir.Call(fn="builtins.reversed", args=(inner,), kwargs=()):
                found = self.items(inner)
                return None if found is None else found[::-1]
            case ir.Call(fn="builtins.zip", args=args, kwargs=()):
                return self.zipped(args)
            case ir.Name() | ir.Held() | ir.Tuple() | ir.List():
                named = isinstance(expr, ir.Name | ir.Held)
                if named and not isinstance(self.frame.env.get(expr.id), Row):  # type: ignore[union-attr]
                    return None
                with self.frame.aside() as code:
                    found_row = self.find(expr)
                    value = self.held(found_row, expr, "item")
                if not isinstance(value, Row):
                    return None
                self.frame.before += code
                return [self.element(v) for v in value.elements]
        return None

    def zipped(self, args: tuple[ir.Expr, ...]) -> list[Found] | None:
        """`zip(functions, xs)`: an element of the others by its number."""
        columns = [self.items(a) for a in args]
        known = [len(c) for c in columns if c is not None]
        if not known or len(set(known)) > 1:
            return None
        rows: list[list[Found]] = [[] for _ in range(known[0])]
        for arg, column in zip(args, columns, strict=True):
            plain = None if column is not None else self.plain(arg)
            written = plain.elts if isinstance(plain, ir.Tuple | ir.List) else None
            if plain is not None and (
                not isinstance(plain, ir.Name) if written is None else len(written) != known[0]
            ):
                return None
            for k, row in enumerate(rows):
                if column is not None:
                    row.append(column[k])
                elif written is not None:
                    row.append(Found(written[k]))
                else:
                    assert plain is not None
                    row.append(Found(ir.Index(plain, ir.Const(k))))
        return [tuple_of(tuple(row)) for row in rows]


def tuple_of(parts: tuple[Found, ...]) -> Found:
    return Found(ir.Tuple(tuple(p.expr for p in parts)), None, parts)


def paired(target: ir.Expr, item: Found) -> list[tuple[str, Found]] | None:
    """The names of a target with what each is bound to; None if they do not fit."""
    if isinstance(target, ir.Name):
        return [(target.id, item)]
    parts = item.parts
    if not isinstance(target, ir.Tuple | ir.List) or len(parts) != len(target.elts):
        return None
    found: list[tuple[str, Found]] = []
    for inner, part in zip(target.elts, parts, strict=True):
        pairs = paired(inner, part)
        if pairs is None:
            return None
        found += pairs
    return found


__all__ = ["EAGER", "Evaluator", "Found", "Partial", "paired"]
