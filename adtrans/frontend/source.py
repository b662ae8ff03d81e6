"""A module's source: its statements with positions, and what it binds at module level. It is never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import libcst as cst

from adtrans.errors import Span
from adtrans.frontend import named_tuples
from adtrans.frontend.pieces import NEWLINE, Piece, cut
from adtrans.frontend.positions import Positions
from adtrans.frontend.scopes import dotted, scan
from adtrans.frontend.stated import Stated, stated_by, templates_by
from adtrans.frontend.tampering import Changes

LAMBDA = "lambda"
"""The name of a function that has none: no user's function can have it."""

GLOBAL_STATEMENT = re.compile(
    r"^[ \t]*global[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*(?:[#;].*)?\r?$", re.MULTILINE
)


@dataclass(frozen=True, eq=False)
class FunctionBinding:
    """`def name` at module level, which is parsed when it is looked at."""

    where: Piece | cst.FunctionDef

    @property
    def node(self) -> cst.FunctionDef:
        found = self.where.node if isinstance(self.where, Piece) else self.where
        assert isinstance(found, cst.FunctionDef)
        return found


@dataclass(frozen=True, eq=False)
class ClassBinding:
    """`class name`, which is parsed when it is looked at."""

    where: Piece | cst.ClassDef

    @property
    def node(self) -> cst.ClassDef:
        found = self.where.node if isinstance(self.where, Piece) else self.where
        assert isinstance(found, cst.ClassDef)
        return found


@dataclass(frozen=True, eq=False)
class ConstantBinding:
    """`name = value`, once; it is parsed when it is looked at."""

    where: Piece | cst.BaseExpression

    @property
    def value(self) -> cst.BaseExpression:
        if not isinstance(self.where, Piece):
            return self.where
        line = self.where.node
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        assert isinstance(small, cst.Assign | cst.AnnAssign) and small.value is not None
        return small.value


@dataclass(frozen=True, eq=False)
class ImportBinding:
    """`import module as …` (`name` is None) or `from module import name as …`; `level` counts the dots.

    `also` are the further modules that `import a.b` loads under the name `a`.
    """

    module: str
    name: str | None
    level: int = 0
    also: tuple[str, ...] = ()

    def same(self, other: ImportBinding) -> bool:
        """Whether both bind the name to the same thing."""
        return (self.module, self.name, self.level) == (other.module, other.name, other.level)


@dataclass(frozen=True, eq=False)
class StarImport:
    """`from module import *`; `before` are the names that were bound above it. `maybe`: under a condition."""

    module: str
    level: int
    before: frozenset[str]
    maybe: bool = False

    def __str__(self) -> str:
        return f"from {'.' * self.level}{self.module} import *"


@dataclass(frozen=True, eq=False)
class VaryingBinding:
    """A name that is bound, but not once and for all: `why` completes the words `name is …`."""

    why: str
    node: cst.CSTNode | None = None


Binding = FunctionBinding | ClassBinding | ConstantBinding | ImportBinding | VaryingBinding


@dataclass(eq=False)
class SourceModule:
    """One parsed source file. `package` says whether it is an `__init__.py`."""

    name: str
    file: str
    text: str
    package: bool = False
    pieces: list[Piece] = field(init=False)
    bindings: dict[str, Binding] = field(init=False, default_factory=dict)
    lines: list[str] = field(init=False)
    stars: list[StarImport] = field(init=False, default_factory=list)
    rules: dict[str, list[Stated]] = field(init=False, default_factory=dict)
    """The derivative rules that it states for its own functions."""
    templates: list[tuple[cst.Call, cst.FunctionDef]] = field(init=False, default_factory=list)
    """The decorators `@partials(g)` in it, and the rules below them."""
    made: set[cst.CSTNode] = field(init=False, default_factory=set)
    """Definitions that stand for lambdas, and for named tuples made by a call: they have a place, no text."""
    _binders: dict[str, Piece] = field(init=False, default_factory=dict)
    _definitions: dict[cst.Lambda, cst.FunctionDef] = field(init=False, default_factory=dict)
    _made_classes: dict[cst.Call, cst.ClassDef | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.text = self.text.removeprefix("\ufeff")
        self.lines = NEWLINE.split(self.text)
        self.pieces = list(cut(self.text, self.file))
        self._positions = Positions(self.pieces)
        for piece in self.pieces:
            self._piece = piece
            self._collect_piece(piece)
        for match in GLOBAL_STATEMENT.finditer(self.text):
            for name in re.findall(r"\w+", match[1]):
                if not isinstance(self.bindings.get(name), FunctionBinding):
                    self._set(name, VaryingBinding("assigned through a `global` statement"))

    @cached_property
    def changes(self) -> Changes:
        """What other code of it changes of what it defines."""
        return Changes([statement for piece in self.pieces for statement in piece.statements])

    # ------------------------------------------------------------- lambdas

    def definition(self, node: cst.Lambda, name: str = "") -> cst.FunctionDef:
        """A lambda as the definition of a function, at the same place."""
        if node not in self._definitions:
            returned = cst.Return(node.body)
            line = cst.SimpleStatementLine([returned])
            made = cst.FunctionDef(cst.Name(name or LAMBDA), node.params, cst.IndentedBlock([line]))
            for part in (made, made.name, made.body, line, returned):
                self._positions.put(part, self._positions.of(node))
            self._definitions[node] = made
            self.made |= {made, returned}
        return self._definitions[node]

    @property
    def generated(self) -> bool:
        """Whether it is a module that adtrans has written."""
        return "@generated by adtrans" in self.text[:1000]

    # ------------------------------------------------------------- places and text

    def range(self, node: cst.CSTNode) -> tuple[tuple[int, int], tuple[int, int]]:
        """Start and end of a node, its own parentheses left out: `(line, column)` each."""
        return self._positions.of(node)

    def outer_range(self, node: cst.CSTNode) -> tuple[tuple[int, int], tuple[int, int]]:
        """Start and end of an expression with its own parentheses."""
        start, end = self.range(node)
        left: Sequence[cst.CSTNode] = getattr(node, "lpar", ())
        right: Sequence[cst.CSTNode] = getattr(node, "rpar", ())
        return (self.range(left[0])[0] if left else start), (self.range(right[-1])[1] if right else end)

    def span(self, node: cst.CSTNode) -> Span:
        (line, col), (end_line, end_col) = self.range(node)
        return Span(self.file, line, col, end_line, end_col)

    def slice(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The source between two places."""
        if start[0] == end[0]:
            return self.lines[start[0] - 1][start[1] : end[1]]
        first, *middle = self.lines[start[0] - 1 : end[0] - 1]
        return "\n".join([first[start[1] :], *middle, self.lines[end[0] - 1][: end[1]]])

    # ------------------------------------------------------- module-level bindings

    def bind(self, name: str, binding: Binding, node: cst.CSTNode | None = None) -> None:
        """Note a binding; a second one makes the name varying, unless it says the same again."""
        old = self.bindings.get(name)
        if isinstance(old, ImportBinding) and isinstance(binding, ImportBinding) and old.same(binding):
            also = dict.fromkeys(old.also + binding.also)
            binding, old = replace(binding, also=tuple(also)), None
        if old is not None:
            binding = VaryingBinding("bound more than once at module level", node)
        self._set(name, binding)

    def _set(self, name: str, binding: Binding) -> None:
        self.bindings[name] = binding
        self._binders[name] = self._piece

    def locate(self, name: str) -> None:
        """Find the places in the definition of a name: sooner than for the module as a whole. A value may be
        a long table, of which nobody asks where what stands."""
        if name in self._binders:
            defined = isinstance(self.bindings.get(name), FunctionBinding | ClassBinding)
            (self._positions.find if defined else self._positions.look_in)(self._binders[name])

    def _collect_piece(self, piece: Piece) -> None:
        definition, constant = piece.definition, piece.constant
        if constant is not None and constant not in self.bindings:
            self._set(constant, self._named_tuple(constant, piece) or ConstantBinding(piece))
        elif definition is None or definition.name in self.bindings:
            for statement in piece.tree.body:
                self._collect(statement, conditional=False)
        elif isinstance(definition, ast.ClassDef):
            self._set(definition.name, ClassBinding(piece))
        else:
            self._set(definition.name, FunctionBinding(piece))

    def _named_tuple(self, name: str, piece: Piece) -> ClassBinding | None:
        """The class that `P = namedtuple("P", "x y")` makes."""
        if not named_tuples.looks_made(piece.value):
            return None
        made = self.named_tuple(ConstantBinding(piece).value, name)
        return None if made is None else ClassBinding(made)

    def named_tuple(self, value: cst.BaseExpression, name: str) -> cst.ClassDef | None:
        """The class that a call of `namedtuple` makes, at the place of the call."""
        if not isinstance(value, cst.Call) or self.imported(value.func) not in named_tuples.MAKERS:
            return None
        if value not in self._made_classes:
            made = self._made_classes[value] = named_tuples.definition(name, value)
            if made is not None:
                self.made.add(made)
                for part in (made, made.name, made.body):
                    self._positions.put(part, self._positions.of(value))
        return self._made_classes[value]

    def imported(self, node: cst.BaseExpression) -> str:
        """The path of what an import has given a name; empty for anything else."""
        first, *rest = dotted(node) or ("",)
        binding = self.bindings.get(first)
        if not isinstance(binding, ImportBinding) or binding.level:
            return ""
        return ".".join([binding.module, *([binding.name] if binding.name else []), *rest])

    def _collect(self, statement: cst.CSTNode, conditional: bool) -> None:
        match statement:
            case cst.SimpleStatementLine(body=body):
                for small in body:
                    self._collect_small(small, conditional)
            case cst.FunctionDef(name=name):
                self.bind(name.value, FunctionBinding(statement), name)
                self._state(statement, conditional)
            case cst.ClassDef(name=name):
                self.bind(name.value, ClassBinding(statement), name)
            case cst.If(test=test) if is_main_guard(test):
                pass  # not run on import: what it binds is not there for the functions
            case cst.If() | cst.Try() | cst.TryStar() | cst.With() | cst.For() | cst.While() | cst.Match():
                for name_node in scan(statement).stores:
                    if name_node.value not in self.bindings:
                        continue
                    self.bind(name_node.value, VaryingBinding("bound more than once", name_node))
                for inner in blocks(statement):
                    for child in inner:
                        self._collect(child, conditional=True)
                for name_node in scan(statement).stores:
                    if name_node.value not in self.bindings:
                        why = "bound inside a compound statement at module level"
                        self._set(name_node.value, VaryingBinding(why, name_node))

    def _collect_small(self, small: cst.BaseSmallStatement, conditional: bool) -> None:
        match small:
            case cst.Import() | cst.ImportFrom():
                if isinstance(small, cst.ImportFrom) and isinstance(small.names, cst.ImportStar):
                    before = frozenset(self.bindings)
                    home, level = dotted_text(small.module), len(small.relative)
                    self.stars.append(StarImport(home, level, before, conditional))
                for name, binding in imports(small):
                    self.bind(name, binding, small)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value) if (
                not conditional
            ):
                self.bind(name, ConstantBinding(value), small)
            case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value) if (
                not conditional
            ):
                self.bind(name, ConstantBinding(value), small)
            case cst.AnnAssign(value=None):
                pass
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Tuple(elements=targets))],
                value=cst.Tuple(elements=values),
            ) if not conditional and len(targets) == len(values) and all_plain(targets, values):
                for target, element in zip(targets, values, strict=True):
                    assert isinstance(target.value, cst.Name)
                    self.bind(target.value.value, ConstantBinding(element.value), small)
            case _:
                self._state(small, conditional)
                self._collect_changes(small)

    def _state(self, statement: cst.CSTNode, conditional: bool) -> None:
        """Note a derivative rule; one that is stated under a condition is none."""
        if conditional:
            return
        for name, rule in stated_by(statement):
            self.rules.setdefault(name, []).append(rule)
        self.templates += templates_by(statement)

    def _collect_changes(self, small: cst.BaseSmallStatement) -> None:
        """Any other statement: the names that it binds or may change are not constants."""
        uses = scan(small)
        for name in uses.stores:
            why = (
                "assigned more than once"
                if name.value in self.bindings
                else "not assigned in a plain statement"
            )
            self._set(name.value, VaryingBinding(f"{why} at module level", name))
        receivers = [call.func.value for call in uses.calls if isinstance(call.func, cst.Attribute)]
        for node in [*uses.touched, *receivers]:
            if isinstance(node, cst.Name) and isinstance(self.bindings.get(node.value), ConstantBinding):
                self._set(node.value, VaryingBinding("changed at module level after its assignment", node))


def all_plain(targets: Sequence[cst.BaseElement], values: Sequence[cst.BaseElement]) -> bool:
    """Whether a tuple assignment is just several assignments of unrelated names."""
    names = [t.value.value for t in targets if isinstance(t, cst.Element) and isinstance(t.value, cst.Name)]
    read = {root.value for v in values for root, _ in scan(v).loads}
    return (
        len(names) == len(targets)
        and all(isinstance(v, cst.Element) for v in values)
        and not read & set(names)
    )


def is_main_guard(test: cst.BaseExpression) -> bool:
    """`__name__ == "__main__"`."""
    return (
        isinstance(test, cst.Comparison) and isinstance(test.left, cst.Name) and test.left.value == "__name__"
    )


def blocks(statement: cst.CSTNode) -> Iterator[Sequence[cst.CSTNode]]:
    """The statement lists directly inside a compound statement of module level."""
    parts: list[cst.CSTNode] = [
        statement,
        *getattr(statement, "handlers", ()),
        *getattr(statement, "cases", ()),
    ]
    for attribute in ("orelse", "finalbody"):
        part = getattr(statement, attribute, None)
        if isinstance(part, cst.If):
            yield from blocks(part)
        elif part is not None:
            parts.append(part)
    for part in parts:
        body = getattr(part, "body", None)
        if isinstance(body, cst.IndentedBlock):
            yield body.body


def dotted_text(node: cst.BaseExpression | None) -> str:
    """`a.b` for a dotted name, empty for None."""
    return "" if node is None else ".".join(dotted(node) or ())


def imports(node: cst.Import | cst.ImportFrom) -> Iterator[tuple[str, ImportBinding]]:
    """The names that an import statement binds."""
    if isinstance(node.names, cst.ImportStar):
        return
    for alias in node.names:
        path = dotted_text(alias.name)
        bound = (
            dotted_text(alias.asname.name)
            if alias.asname and isinstance(alias.asname.name, cst.Name)
            else None
        )
        if isinstance(node, cst.ImportFrom):
            yield bound or path, ImportBinding(dotted_text(node.module), path, len(node.relative))
        elif bound:
            yield bound, ImportBinding(path, None)
        else:
            root = path.partition(".")[0]
            yield root, ImportBinding(root, None, 0, () if path == root else (path,))
