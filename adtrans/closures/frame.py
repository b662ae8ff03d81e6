"""One function while it is made first-order: what its variables hold, and the names it has given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.closures.values import (
    Choice,
    Held,
    Known,
    Lost,
    User,
    Value,
    label,
    parts_of,
    variables,
)
from adtrans.errors import Diagnostic, Span
from adtrans.names import Names

if TYPE_CHECKING:
    from adtrans.closures.variants import Variant, Variants

TEXT = Lost("carried as text")
"""What a variable holds that was computed by what is carried as text: perhaps a function."""

Env = dict[str, Value | None]
"""What the variables hold: a function, or None for what is none. One that is not in it is not bound."""


Ends = tuple[list[ir.Stmt], list[ir.Stmt]]
"""What is added to the ends of two branches."""


class Frame:
    """The state of the work on one variant."""

    def __init__(self, variants: Variants, variant: Variant) -> None:
        from adtrans.closures.variants import mentioned

        self.variants = variants
        self.variant = variant
        self.function = variant.base
        self.env: Env = {p.name: variant.known.get(p.name) for p in variant.base.params}
        self.env |= dict.fromkeys(variant.slots) | variant.known
        self.before: list[ir.Stmt] = []
        self.rebound: dict[str, None] = dict.fromkeys(variant.rebinds)
        self.names = Names(variants.outside | mentioned(variant.base) | set(self.env))
        self._sites: dict[tuple[int, str], str] = {}
        self._alive: list[object] = []
        self.optional: dict[ir.Stmt, str] = {}
        """Statements that bind a function: needed only where something reads the variable."""

    def refuse(self, code: str, words: str, span: Span | None, help_: str = "") -> None:
        self.variants.report.append(Diagnostic(code, words, span, help_))

    def site(self, node: object, role: str, base: str) -> str:
        """The variable that holds a part of this node: the same whenever the node is looked at."""
        key = id(node), role
        if key not in self._sites:
            self._alive.append(node)
            self._sites[key] = self.names.fresh(base)
        return self._sites[key]

    # ------------------------------------------------------------- variables

    def bind(self, name: str, value: Value | None) -> None:
        """A variable holds another value from now on."""
        self.env[name] = value
        if name in self.variant.slots or name in self.variant.known:
            self.rebound[name] = None

    def assign(self, name: str, value: ir.Expr, span: Span | None, optional: bool = False) -> None:
        """A statement before the one that we look at; what was held by the variable before is lost."""
        made = ir.Assign(target=ir.Name(name), value=value, span=span)
        self.before.append(made)
        if optional and not any(isinstance(e, ir.Call) for e in walk.subexpressions(value)):
            self.optional[made] = name
        self.overwrite(name)
        self.env[name] = None

    def overwrite(self, name: str) -> None:
        """A variable of ours is assigned again: a function that was made with its old value is not known."""
        for other, value in self.env.items():
            if value is not None and name in variables(value):
                self.env[other] = Lost(f"`{other}` holds a function that was made in an earlier round")

    def kept(self, expr: ir.Expr, node: object, role: str, base: str) -> Held:
        """An ordinary value that is needed later: a constant, or in a variable that nothing else assigns."""
        if isinstance(expr, ir.Const | ir.Global):
            return Held(expr)
        name = self.site(node, role, base)
        self.assign(name, expr, expr.span, optional=True)
        return Held(ir.Name(name))

    def lose(self, name: str) -> None:
        """A list or a dict of functions is changed: what is in it is not known, under any name."""
        value = self.env.get(name)
        if value is None or isinstance(value, Lost):
            return
        for other, held in self.env.items():
            if held is not None and value in parts_of(held):
                self.env[other] = Lost(f"something in `{other}`, which changes")

    @contextmanager
    def inner(self, names: frozenset[str]) -> Iterator[None]:
        """Inside a comprehension its variables are ordinary values."""
        outer = self.env
        self.env = outer | dict.fromkeys(names)
        yield
        self.env = outer

    @contextmanager
    def aside(self) -> Iterator[list[ir.Stmt]]:
        """Statements that are made meanwhile are gathered in a list of their own."""
        outer, self.before = self.before, []
        yield self.before
        self.before = outer

    # ------------------------------------------------------------- joins

    def join(self, left: Env, right: Env, tags: Ends | None = None) -> Env:
        """What is known behind two paths; `tags` are their ends, to note there which function it is."""
        found: Env = {}
        chosen: dict[str, str] = {}
        for name in [*left, *(n for n in right if n not in left)]:
            if name not in left or name not in right:
                found[name] = left[name] if name in left else right[name]
                continue
            one, other = left[name], right[name]
            if one == other:
                found[name] = one
            elif tags is not None and one is not None and other is not None:
                found[name] = value = self.choice(name, one, other, tags, (left, right))
                if isinstance(value, Choice):
                    chosen[name] = value.tag
            else:
                found[name] = (
                    TEXT if TEXT in (one, other) else Lost(f"`{name}`, which is a function on some paths")
                )
        for name, held in found.items():  # a label that is given again here is that of nothing else
            tags_of = () if held is None else tuple(variables(held))
            if any(tag in tags_of for other, tag in chosen.items() if other != name):
                found[name] = Lost(f"`{name}`, which is one of several functions")
        return found | dict.fromkeys(chosen.values())

    def choice(self, name: str, one: Value, other: Value, tags: Ends, around: tuple[Env, Env]) -> Value:
        """One function here, another one there: a label tells at run time which."""
        if isinstance(one, Lost) or isinstance(other, Lost):
            return one if isinstance(one, Lost) else other
        tag = self.site(self.function, f"choice {name}", f"{name}_name")
        if self.elsewhere(name, tag, around):
            tag = self.site((one, other), f"choice {name}", f"{name}_name")
        for value, own, others, end in ((one, *around, tags[1]), (other, *around[::-1], tags[0])):
            missing = [v for v in variables(value) if own.get(v) is None and v not in others]
            end += unused(missing)
        options: dict[str | int, Value] = {}
        for value, end in zip((one, other), tags, strict=True):
            if isinstance(value, Choice) and value.tag == tag:
                options |= dict(value.options)
                continue
            word = distinct(self.variants.word(value), value, options)
            options[word] = value
            end.append(ir.Assign(target=ir.Name(tag), value=ir.Const(word)))
        return Choice(tag, tuple(options.items()))

    @staticmethod
    def elsewhere(name: str, tag: str, around: tuple[Env, Env]) -> bool:
        """Whether another variable holds a function by this label, or this one within another choice."""
        for env in around:
            for other, value in env.items():
                if value is None or tag not in variables(value):
                    continue
                if other != name or not isinstance(value, Choice) or value.tag != tag:
                    return True
                if any(tag in variables(v) for _, v in value.options):
                    return True
        return False


def unused(names: Iterable[str]) -> list[ir.Stmt]:
    """Bindings of what one of two functions captures, where it is the other one: a call has both."""
    return [ir.Assign(target=ir.Name(name), value=ir.Const(0.0)) for name in dict.fromkeys(names)]


def distinct(word: str, value: Value, options: Mapping[str | int, Value]) -> str:
    """A label that no other option has."""
    number, name = 2, word
    while name in options and options[name] != value:
        name, number = f"{word}_{number}", number + 1
    return name


def function_value(expr: ir.Global, functions: Mapping[str, ir.Function]) -> Value | None:
    """The function that a global is."""
    if not expr.function:
        return None
    if expr.function in functions:
        return User(expr.function)
    return None if expr.function.startswith("?.") else Known(expr.function, expr.id)


def is_function(value: Value | None) -> bool:
    return value is not None and not isinstance(value, Lost)


def changed(stmts: list[ir.Stmt]) -> frozenset[str]:
    """The variables that statements bind."""
    return frozenset[str]().union(*(walk.writes(s) for s in stmts))


def without_text(stmt: ir.Stmt) -> ir.Stmt:
    return replace(stmt, text=None) if stmt.text is not None else stmt


__all__ = [
    "TEXT",
    "Env",
    "Frame",
    "changed",
    "distinct",
    "function_value",
    "is_function",
    "label",
    "without_text",
]
