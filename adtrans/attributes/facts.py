"""Which attributes each function uses, assigns and writes into, also through the functions that it calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adtrans import ir, layouts, sharing, walk
from adtrans.attributes.paths import Path, arguments, chain, gathered, inside, looked_at, mentioned, root
from adtrans.errors import Diagnostic, Span

if TYPE_CHECKING:
    from adtrans.attributes.flattener import Flattener

HARMLESS = ("assert", "raise", "print", "pass")
LOOKING = frozenset(
    {"getattr", "hasattr", "isinstance", "type", "len", "repr", "str", "id", "print", "callable"}
)


@dataclass
class Facts:
    """What is known of one function. The dicts are ordered sets, with the first place of each."""

    function: ir.Function
    objects: dict[str, None] = field(default_factory=dict)
    """The parameters that are objects."""
    reads: dict[Path, Span | None] = field(default_factory=dict)
    """The attributes that it uses, also through the functions that it calls."""
    writes: dict[Path, Span | None] = field(default_factory=dict)
    """Those of them that are assigned."""
    stores: dict[Path, Span | None] = field(default_factory=dict)
    """Those whose elements are assigned."""
    whole: dict[Path, Span | None] = field(default_factory=dict)
    """Objects that are used otherwise than for their attributes."""
    loose: dict[Path, Span | None] = field(default_factory=dict)
    """Those of them that may be changed there, or be kept under another name."""
    telling: dict[Path, Span | None] = field(default_factory=dict)
    """Those that are only shown to somebody: by `assert`, `raise`, `print`."""
    news: dict[Path, Span | None] = field(default_factory=dict)
    """Objects that are made here and kept in an attribute."""
    made: dict[str, Span | None] = field(default_factory=dict)
    """The variables that hold objects made here; they are among the `objects`."""
    names: dict[Path, str] = field(default_factory=dict)

    @property
    def given_back(self) -> list[Path]:
        """The attributes of the caller's objects that are assigned."""
        return [path for path in self.writes if path[0] not in self.made]

    def needs(self, path: Path, *, entry: bool) -> bool:
        """Whether an attribute must be given to the function: not one that it assigns before anybody asks."""
        if entry or path not in self.writes:
            return True
        return self.function.path.rpartition(".")[2] != "__init__" and not self.assigns_first(path)

    def assigns_first(self, path: Path) -> bool:
        """Whether the first statement that has to do with an attribute surely assigns it."""
        for stmt in self.function.body:
            if isinstance(stmt, ir.Assign) and chain(stmt.target) == path:
                return not meets(stmt.value, path)
            if any(concerns(inner, path) for inner in walk.statements((stmt,))):
                return False
        return False


def concerns(stmt: ir.Stmt, path: Path) -> bool:
    """Whether a statement itself has to do with an attribute, if only as one that gives it back."""
    text = isinstance(stmt, ir.Verbatim) and path[0] in (*stmt.reads, *stmt.writes)
    return text or isinstance(stmt, ir.Return) or any(meets(e, path) for e in walk.expressions(stmt))


def meets(expr: ir.Expr, path: Path) -> bool:
    """Whether an expression has to do with an attribute, or with an object that it is reached from."""
    own = chain(expr)
    if own is not None:
        return own[: len(path)] == path[: len(own)]
    if isinstance(expr, ir.Opaque):
        return path[0] in expr.reads
    inner = (expr.call, expr.otherwise) if isinstance(expr, ir.Spread) else walk.children(expr)
    return any(meets(part, path) for part in inner)


TABLES = ("reads", "writes", "stores", "whole", "loose", "telling", "news")


def new_object(stmt: ir.Stmt) -> Path | None:
    """The place that a statement gives a new object."""
    match stmt:
        case ir.Assign(target=target, value=ir.Call(fn=layouts.NEW)):
            return chain(target)
    return None


def constants_of(stmt: ir.Stmt) -> set[str]:
    """What a new object has from its class."""
    match stmt:
        case ir.Assign(value=ir.Call(kwargs=kwargs)):
            return {name for name, _ in kwargs}
    return set()


class Collector:
    """Looks for the attributes in one function; called again until there is nothing new."""

    def __init__(self, flattener: Flattener, facts: Facts) -> None:
        self.flattener = flattener
        self.facts = facts
        self.params = {p.name for p in facts.function.params}

    def roots(self) -> None:
        """The parameters that are objects: an attribute of them is used, here or in a callee."""
        for stmt in walk.statements(self.facts.function.body):
            if (place := new_object(stmt)) is not None and len(place) == 1:
                self.facts.objects[place[0]] = None
                self.facts.made[place[0]] = stmt.span
            for expr in inside(stmt):
                if isinstance(expr, ir.Field) and (path := chain(expr)) is not None:
                    self.root(path)
                if isinstance(expr, ir.Call) and expr.fn in self.flattener.facts:
                    callee = self.flattener.facts[expr.fn]
                    for name, arg in arguments(expr, callee.function):
                        if name in callee.objects and (path := chain(arg)) is not None:
                            self.root(path)

    def run(self) -> None:
        for stmt in walk.statements(self.facts.function.body):
            self.statement(stmt)

    def statement(self, stmt: ir.Stmt) -> None:
        if isinstance(stmt, ir.Verbatim):
            self.deletion(stmt)
            self.text(
                stmt.text or "", stmt.reads + stmt.writes, stmt.span, (stmt.text or "").startswith(HARMLESS)
            )
            return
        if (place := new_object(stmt)) is not None:
            self.root(place)
            if len(place) > 1:
                self.facts.news.setdefault(place, stmt.span)
                for name in self.flattener.asked & constants_of(stmt):
                    self.note((*place, name), stmt.span, stored=True)
            return
        if isinstance(stmt, ir.Assign | ir.AugAssign | ir.For):
            for target in walk.leaves(stmt.target):
                path = chain(target)
                if path is not None and len(path) > 1 and isinstance(target, ir.Field):
                    self.note(path, target.span or stmt.span, stored=True)
                self.into(target, stmt.span)
        for expr in inside(stmt):
            if isinstance(expr, ir.Call) and expr.args and walk.changed_by(expr):
                self.into(ir.Index(expr.args[0], ir.Const(0)), stmt.span)
                for given in sharing.results(expr):
                    self.into(ir.Index(given, ir.Const(0)), stmt.span)
        for expr in walk.expressions(stmt):
            self.expression(expr, stmt.span)

    def into(self, target: ir.Expr, span: Span | None) -> None:
        """An element of an attribute is assigned."""
        path = chain(root(target)) if isinstance(target, ir.Index) else None
        if path is not None and len(path) > 1:
            self.facts.stores.setdefault(path, span)

    def expression(self, expr: ir.Expr, span: Span | None, asked: bool = False) -> None:
        """An expression; `asked`: it is given to a function that only looks at it."""
        span = expr.span or span
        path = chain(expr)
        if path is not None:
            if isinstance(expr, ir.Field):
                self.note(path, span)
            elif path[0] in self.facts.objects:
                self.facts.whole.setdefault(path, span)
                if not asked:
                    self.facts.loose.setdefault(path, span)
            return
        if isinstance(expr, ir.Opaque):
            self.text(expr.text, expr.reads + expr.writes, span, False)
            return
        if isinstance(expr, ir.Spread):  # It is a call or text: that is decided later.
            self.expression(expr.call, span)
            if expr.call.fn not in self.flattener.facts:  # A call of a user function is written anew.
                self.expression(expr.otherwise, span)
            return
        if isinstance(expr, ir.Call) and expr.fn in self.flattener.facts:
            self.call(expr, span)
            return
        looks = isinstance(expr, ir.Call) and expr.fn.removeprefix("builtins.") in LOOKING
        for inner in walk.children(expr):
            self.expression(inner, span, looks)

    def call(self, call: ir.Call, span: Span | None) -> None:
        callee = self.flattener.facts[call.fn]
        for name, arg in arguments(call, callee.function):
            path = chain(arg)
            if path is None or name not in callee.objects:
                self.expression(arg, span)
                continue
            self.root(path)
            for table in TABLES:
                for inner in list(getattr(callee, table)):
                    if inner[0] != name:
                        continue
                    whole = (*path, *inner[1:])
                    if table in ("whole", "loose", "telling") and len(whole) > 1:
                        self.facts.reads.setdefault(whole, span)
                    getattr(self.facts, table).setdefault(whole, span)
        for arg in gathered(call, callee.function):
            self.expression(arg, span)

    def root(self, path: Path) -> None:
        if path[0] in self.params:
            self.facts.objects[path[0]] = None
        elif path[0] not in self.facts.made:
            words = f"`{path[0]}` is an object that cannot be followed: it is not always the same one"
            self.flattener.report.append(
                Diagnostic("AD230", words, self.facts.function.span, "pass it to a function of its own")
            )

    def note(self, path: Path, span: Span | None, stored: bool = False) -> None:
        self.root(path)
        self.facts.reads.setdefault(path, span)
        if stored:
            self.facts.writes.setdefault(path, span)

    def deletion(self, stmt: ir.Verbatim) -> None:
        """`del self.w`: the object would have to lose it at the end."""
        if (stmt.text or "").startswith("del ") and set(stmt.reads + stmt.writes) & self.facts.objects.keys():
            words = "an attribute of an object is deleted"
            self.flattener.report.append(Diagnostic("AD230", words, stmt.span, "assign None to it"))

    def text(self, text: str, names: Iterable[str], span: Span | None, harmless: bool) -> None:
        """Text that is carried over: attributes in it are renamed, an object in it must stay."""
        objects = [n for n in dict.fromkeys(names) if n in self.facts.objects]
        if not objects:
            return
        found = mentioned(text, objects)
        known = set(self.facts.reads) | set(self.facts.writes)
        for path, stored in found.items():
            if len(path) > 1 and (path in known or stored):
                self.note(path, span, stored)
            elif path[0] in self.facts.objects:
                table = self.facts.telling if harmless else self.facts.whole
                table.setdefault(path[:1], span)
                if not harmless and not looked_at(text, path[0], LOOKING):
                    self.facts.loose.setdefault(path[:1], span)
