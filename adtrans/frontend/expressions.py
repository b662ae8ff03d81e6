"""Lowering of expressions: a libcst expression in, an `ir.Expr` out. Nothing is refused here: what has no
node of its own becomes `Opaque`, with the reason to give if something that varies flows through it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import cache
from typing import Literal

import libcst as cst

from adtrans import ir, walk
from adtrans.errors import Diagnostic, Span
from adtrans.frontend.classes import Member
from adtrans.frontend.libraries import Identity
from adtrans.frontend.making import called, temporary, tuple_of
from adtrans.frontend.meanings import Builtin, Constant, Enumerated, Library, Reference, Unit, Unknown
from adtrans.frontend.methods import (
    DICT_METHODS,
    GIVE_NOTHING,
    INERT_ATTRIBUTES,
    LIST_METHODS,
    MERGED_ARGUMENTS,
    NDARRAY_METHODS,
    NUMPY_METHODS,
    NUMPY_WRITERS,
)
from adtrans.frontend.operators import BINARY, COMPARISON, FUNCTIONS, UNARY, operation
from adtrans.frontend.passing import Made, returned
from adtrans.frontend.reach import Reach
from adtrans.frontend.scopes import Uses, all_params, dotted, scan
from adtrans.frontend.tables import display
from adtrans.frontend.text import Texts
from adtrans.interpolants import at_places, interpolants
from adtrans.named_parts import part
from adtrans.resolve import is_called
from adtrans.rules import registry
from adtrans.solvers import ATTRIBUTES, is_answer
from adtrans.structures import is_place

EAGER = frozenset(f"builtins.{name}" for name in ("sum", "min", "max", "list", "tuple", "sorted")) | {
    "math.fsum"
}
"""Functions that take all there is of a generator at once: a list of the same does as well."""

ONCE = ("builtins.enumerate", "builtins.zip", "builtins.reversed")
"""Functions that go through what they are given, once."""

CONSTANTS = {"True": True, "False": False, "None": None}

WHY: dict[type[cst.CSTNode], str] = {
    cst.Dict: "a dict display with computed keys",
    cst.DictComp: "a dict comprehension",
    cst.Set: "a set display",
    cst.SetComp: "a set comprehension",
    cst.GeneratorExp: "a generator expression",
    cst.ListComp: "an asynchronous list comprehension",
    cst.FormattedString: "an f-string",
    cst.ConcatenatedString: "an f-string",
    cst.Lambda: "a lambda",
    cst.NamedExpr: "an assignment expression (`:=`)",
    cst.Await: "an `await`",
    cst.Yield: "a `yield`",
    cst.Comparison: "a chained comparison of a computed value",
    cst.StarredElement: "a starred expression",
}

IDENTITY = {"is": "==", "is not": "!="}
"""How members of enumerations are compared: a caller has an enumeration of his own."""

Arguments = tuple[tuple[ir.Expr, ...], tuple[tuple[str, ir.Expr], ...]]


CLASSES = ("list", "dict")
"""Built-in classes whose methods are known."""

ANY_VARIABLE = frozenset(f"builtins.{name}" for name in ("eval", "exec", "locals", "vars"))
"""What may read variables that it does not name."""
CHANGING = frozenset(("builtins.eval", "builtins.exec"))
"""And change them."""

CALLING = frozenset(f"builtins.{name}" for name in ("filter", "map", "max", "min", "sorted"))
"""What calls a function that it is given."""


class Expressions:
    """Lowers the expressions of one function."""

    def __init__(self, reach: Reach, unit: Unit, texts: Texts) -> None:
        self.reach = reach
        self.unit = unit
        self.module = unit.module
        self.texts = texts
        self.diagnostics: list[Diagnostic] = []
        self.locals = unit.variables
        held = unit.scope.captured.items()
        self.captured = {name: found for name, reads in held if (found := reads & self.locals)}
        self.around: Constant | None = None
        """The constant of a module whose value is lowered."""
        self.objects = reach.objects(unit)
        self.before: list[ir.Stmt] = []
        """Objects that are made in the expressions of a statement."""
        self.alone: cst.BaseExpression | None = None
        """A call that is a statement by itself."""
        self.fresh: Callable[[str], str] = str
        from adtrans.frontend.effects import Effects

        self.effects = Effects(self)

    # ------------------------------------------------------------------- plumbing

    def lower(self, node: cst.BaseExpression) -> ir.Expr:
        """One expression."""
        kind = self.objects.passing.kind(node) if self.around is None else None
        if kind is not None and isinstance(node, Made) and not kind.parts:
            return temporary(self, node, kind)
        handler = _HANDLERS.get(type(node))
        return handler(self, node) if handler else self.opaque(node)

    def refuse(self, code: str, words: str, node: cst.CSTNode, help_: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, words, self.module.span(node), help_))

    def opaque(self, node: cst.BaseExpression, why: str = "") -> ir.Opaque:
        """An expression as text."""
        words = why or WHY.get(type(node), "an expression that adtrans does not know")
        text, writes = self.texts.expression(node), self.effects.writes(node)
        return ir.Opaque(text, self.reads(node), words, writes, span=self.module.span(node))

    def reads(self, *nodes: cst.CSTNode | None) -> tuple[str, ...]:
        """The local names that pieces of source read, also through functions that they hold."""
        uses = scan(*nodes)
        read = [root.value for root, _ in uses.loads]
        if self.called(uses, ANY_VARIABLE):
            read += self.unit.scope.params  # All that varies comes from there.
        return self.local_names(iter(read))

    def called(self, uses: Uses, paths: Collection[str]) -> bool:
        """Whether something calls one of these built-ins."""
        found = (self.reference(call.func) for call in uses.calls)
        return any(
            isinstance(r.meaning, Builtin) and f"builtins.{r.meaning.name}" in paths for r in found if r
        )

    def local_names(self, names: Iterator[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in names:
            if name in self.locals:
                found[name] = None
                found.update(dict.fromkeys(sorted(self.captured.get(name, ()))))
        return tuple(found)

    def reference(self, node: cst.BaseExpression) -> Reference | None:
        """What a dotted name means, None if it is not one or starts from a local."""
        chain = dotted(node)
        if chain is None or chain[0] in self.locals:
            return None
        return self.reach.resolver.resolve(None if self.around else self.unit, self.module, chain)

    @contextmanager
    def binding(self, names: list[str]) -> Iterator[None]:
        """Inside a comprehension its target is a local."""
        before, captured = self.locals, self.captured
        self.locals = before | set(names)
        self.captured = {k: v for k, v in captured.items() if k not in names}
        yield
        self.locals, self.captured = before, captured

    @contextmanager
    def outside(self) -> Iterator[None]:
        """In defaults and annotations of parameters the function's locals are not there."""
        before, self.locals = self.locals, set()
        yield
        self.locals = before

    # ---------------------------------------------------------------------- atoms

    def number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> ir.Expr:
        match node:
            case cst.Float():
                value: complex = float(node.value)
            case cst.Integer():
                value = int(node.value, 0)
            case _:
                value = ast.literal_eval(node.value)
        return ir.Const(value, node.value, span=self.module.span(node))

    def string(self, node: cst.SimpleString) -> ir.Expr:
        return ir.Const(ast.literal_eval(node.value), span=self.module.span(node))

    def strings(self, node: cst.ConcatenatedString) -> ir.Expr:
        value = node.evaluated_value
        if value is None:
            return self.opaque(node)
        return ir.Const(value, span=self.module.span(node))

    def ellipsis(self, node: cst.Ellipsis) -> ir.Expr:
        return ir.Const(..., span=self.module.span(node))

    def name(self, node: cst.Name) -> ir.Expr:
        if node.value in CONSTANTS:
            return ir.Const(CONSTANTS[node.value], span=self.module.span(node))
        if node.value in self.locals:
            if self.captured.get(node.value):
                text = self.opaque(node, "a function that captures local variables")
                return ir.Held(node.value, text, span=self.module.span(node))
            return ir.Name(node.value, span=self.module.span(node))
        return self.global_value(node)

    def target(self, node: cst.BaseExpression) -> ir.Expr:
        """What is assigned to: a name in it is bound, whatever the value captures."""
        if isinstance(node, cst.Name) and node.value in self.locals:
            return ir.Name(node.value, span=self.module.span(node))
        if isinstance(node, cst.Tuple | cst.List):
            elts = tuple(self.target(e.value) for e in node.elements)
            kind = ir.Tuple if isinstance(node, cst.Tuple) else ir.List
            return kind(elts, span=self.module.span(node))
        place = self.lower(node)
        match place:
            case ir.Index(base=ir.Call(fn="numpy.ravel", args=(base,), style="attribute"), index=index):
                return replace(place, base=base, index=in_order_of(base, index))
        return place

    def global_value(self, node: cst.Name | cst.Attribute) -> ir.Expr:
        """A chain that names one thing outside the function."""
        reference = self.reference(node)
        meaning = reference.meaning if reference else None
        if isinstance(meaning, Constant) and self.reach.resolver.is_function(meaning):
            return self.inline(meaning)
        value = meaning.value if isinstance(meaning, Library) and meaning.known else None
        if isinstance(value, Identity) and value.value is None:
            return ir.Const(None, span=self.module.span(node))  # np.newaxis
        path = self.function_path(reference, dotted(node) or ())
        if path and isinstance(meaning, Unit):
            self.no_object(meaning, node)
        return ir.Global(self.texts.bare_name(node), path, span=self.module.span(node))

    def constant(self, value: ir.Expr | Reference) -> ir.Expr:
        """What a class holds: a literal, or a constant of the emitted module."""
        if isinstance(value, ir.Expr):
            return value
        assert value.holder is not None
        name = self.reach.names[value.holder]
        return ir.Global(f"{name}.{value.meaning.name}" if isinstance(value.meaning, Enumerated) else name)

    def function_path(self, reference: Reference | None, chain: tuple[str, ...]) -> str:
        """The path of a function that is mentioned and not called; empty for anything else."""
        meaning = reference.meaning if reference else None
        if reference is None or reference.used != len(chain):
            return ""
        if isinstance(meaning, Library) and meaning.path in FUNCTIONS:
            return meaning.path
        if isinstance(meaning, Library) and not (meaning.path.startswith("adtrans.") or is_called(meaning)):
            return ""
        if isinstance(meaning, Unit | Library | Builtin):
            return self.callee(reference, chain) or ""
        return ""

    def inline(self, constant: Constant) -> ir.Expr:
        """The value of a constant that is made of functions, as if it stood here."""
        from adtrans.frontend.effects import Effects

        assert constant.value is not None
        inner = copy(self)
        inner.module, inner.around = constant.module, constant
        inner.texts = Texts(self.reach, constant.module, None, constant.value)
        inner.locals, inner.captured = set(), {}
        inner.effects = Effects(inner)
        return inner.lower(constant.value)

    def closure(self, node: cst.Lambda | cst.FunctionDef, otherwise: ir.Opaque) -> ir.Expr:
        """A function that is made here, with the defaults that depend on where that is."""
        if self.around is not None and isinstance(node, cst.Lambda):
            path = self.reach.resolver.module_lambda(self.around, node).path
            return ir.Global(otherwise.text, path, span=otherwise.span)
        unit = self.reach.followed(self.unit, node)
        if unit is None:
            return otherwise
        late = [p for p in all_params(node.params) if p.default is not None and not fixed(p.default, unit)]
        defaults = tuple((p.name.value, self.lower(p.default)) for p in late if p.default is not None)
        reads = frozenset(name for name in unit.captures if name in self.locals)
        changes = tuple(self.effects.changed_around(node, reads))
        return ir.Closure(unit.path, otherwise, defaults, changes, span=otherwise.span)

    def lambda_(self, node: cst.Lambda) -> ir.Expr:
        return self.closure(node, self.opaque(node))

    def attribute(self, node: cst.Attribute) -> ir.Expr:
        reference = self.reference(node)
        if reference and reference.used == len(dotted(node) or ()):
            return self.global_value(node)
        if reference and isinstance(reference.meaning, Library) and not reference.meaning.known:
            return self.global_value(node)
        span, attr = self.module.span(node), node.attr.value
        if (constant := self.objects.class_value(node)) is not None:
            return self.constant(constant)
        member = self.objects.member(node)
        if member is not None:
            return self.field(node, member)
        base = self.lower(node.value)
        if attr == "T":
            return ir.Call("numpy.transpose", (base,), style="attribute", spelled="T", span=span)
        if attr == "mT":
            return ir.Call("numpy.matrix_transpose", (base,), style="attribute", spelled="mT", span=span)
        if attr in ("real", "imag"):
            return ir.Call(f"numpy.{attr}", (base,), style="attribute", spelled=attr, span=span)
        if (place := part(base, attr)) is not None:
            return ir.Index(base, ir.Const(place), span=span)
        if attr not in INERT_ATTRIBUTES and self.reads(node):
            # `x.flat`, a bound method, a field of an object: values that vary may be in it.
            otherwise = self.opaque(node, f"the attribute `.{attr}`")
            if is_part(base) or is_answer(base, attr):
                return ir.Index(base, ir.Const(attr), attribute=True, span=span)
            if isinstance(base, ir.Held) and attr in ATTRIBUTES:
                held = ir.Held(base.id, otherwise, span=base.span)
                return ir.Index(held, ir.Const(attr), attribute=True, span=span)
            return otherwise
        return ir.Attr(base, attr, span=span)

    def field(self, node: cst.Attribute, member: Member) -> ir.Expr:
        """An attribute of an object: data, or the value of a property."""
        span, name = self.module.span(node), node.attr.value
        if member.sort == "data":
            base, typed = self.receiver(node.value), self.objects.type_of(node.value)
            if typed is not None and typed.type.parts:
                return ir.Index(base, ir.Const(name), attribute=True, span=span)
            return ir.Field(base, name, span=span)
        if member.sort == "property" and member.unit is not None:
            self.no_object(member.unit, node)
            spelled = self.reach.names[member.unit]
            return ir.Call(member.unit.path, (self.receiver(node.value),), spelled=spelled, span=span)
        if member.sort in ("method", "static") and member.unit is not None:
            return self.bound(node, member, member.unit)
        return self.opaque(node, f"`.{name}`, which is {member.why or 'a function'},")

    def bound(self, node: cst.Attribute, member: Member, unit: Unit) -> ir.Expr:
        """`self.rhs` as a value: a function that has its object already, `spelled` as its attribute."""
        span = self.module.span(node)
        self.no_object(unit, node)
        function = ir.Global(self.reach.names[unit], unit.path, span=span)
        if member.sort == "static":
            return function
        given = (function, self.receiver(node.value))
        return ir.Call("?.functools.partial", given, spelled=node.attr.value, span=span)

    def receiver(self, node: cst.BaseExpression) -> ir.Expr:
        """An object; `super()` is the object itself."""
        if isinstance(node, cst.Call) and dotted(node.func) == ("super",):
            return ir.Name(self.unit.scope.params[0], span=self.module.span(node))
        return self.lower(node)

    # ------------------------------------------------------------------ operators

    def binary(self, node: cst.BinaryOperation) -> ir.Expr:
        if self.objects.passing.operator(node) is not None:
            return self.operator(node)
        op = BINARY[type(node.operator)]
        return ir.Op(op, (self.lower(node.left), self.lower(node.right)), span=self.module.span(node))

    def operator(self, node: cst.BinaryOperation | cst.UnaryOperation) -> ir.Expr:
        """An operator of an object: a call of its method."""
        callee = self.objects.passing.operator(node)
        assert callee is not None
        self.no_object(callee.unit, node)
        return called(self, node)

    def unary(self, node: cst.UnaryOperation) -> ir.Expr:
        if self.objects.passing.operator(node) is not None:
            return self.operator(node)
        return ir.Op(UNARY[type(node.operator)], (self.lower(node.expression),), span=self.module.span(node))

    def boolean(self, node: cst.BooleanOperation) -> ir.Expr:
        op = "and" if isinstance(node.operator, cst.And) else "or"
        args: list[ir.Expr] = []
        for side in (self.lower(node.left), self.lower(node.right)):
            # `(a and b) and c` is `a and b and c`, in values and in what is evaluated.
            args += side.args if isinstance(side, ir.Op) and side.op == op else (side,)
        return ir.Op(op, tuple(args), span=self.module.span(node))

    def comparison(self, node: cst.Comparison) -> ir.Expr:
        span = self.module.span(node)
        left = self.lower(node.left)
        before: tuple[cst.BaseExpression, ...] = (node.left,)
        parts: list[ir.Expr] = []
        for target in node.comparisons:
            right = self.lower(target.comparator)
            operator = COMPARISON[type(target.operator)]
            if operator in IDENTITY and any(map(self.is_member, (*before, target.comparator))):
                operator = IDENTITY[operator]
            before = (target.comparator,)
            parts.append(ir.Op(operator, (left, right), span=span))
            left = right
            if target is not node.comparisons[-1] and not isinstance(right, ir.Name | ir.Const | ir.Global):
                return self.opaque(node)
        return parts[0] if len(parts) == 1 else ir.Op("and", tuple(parts), span=span)

    def is_member(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is a member of an enumeration."""
        reference = self.reference(node)
        return reference is not None and isinstance(reference.meaning, Enumerated)

    def conditional(self, node: cst.IfExp) -> ir.Expr:
        there = self.objects.presence(node.test)
        if there is not None:
            return self.lower(node.body if there else node.orelse)
        test, then, orelse = self.lower(node.test), self.lower(node.body), self.lower(node.orelse)
        return ir.IfExp(test, then, orelse, span=self.module.span(node))

    def bind(self, node: cst.NamedExpr) -> ir.Expr:
        if not isinstance(node.target, cst.Name) or node.target.value not in self.locals:
            return self.opaque(node)
        return ir.Bind(node.target.value, self.lower(node.value), span=self.module.span(node))

    # ----------------------------------------------------------------- structures

    def sequence(self, node: cst.Tuple | cst.List) -> ir.Expr:
        kind = ir.Tuple if isinstance(node, cst.Tuple) else ir.List
        if any(isinstance(e, cst.StarredElement) for e in node.elements):
            return self.starred(node, kind)
        elts = tuple(self.lower(e.value) for e in node.elements)
        return kind(elts, span=self.module.span(node))

    def starred(self, node: cst.Tuple | cst.List, kind: type[ir.Tuple | ir.List]) -> ir.Expr:
        """`[*xs, a]` as `list(xs) + [a]`."""
        name, span = kind.__name__.lower(), self.module.span(node)
        parts: list[ir.Expr] = []
        plain: list[ir.Expr] = []
        for element in node.elements:
            if isinstance(element, cst.StarredElement):
                parts += [kind(tuple(plain))] if plain else []
                plain = []
                parts.append(ir.Call(f"builtins.{name}", (self.lower(element.value),), spelled=name))
            else:
                plain.append(self.lower(element.value))
        parts += [kind(tuple(plain))] if plain else []
        whole = parts[0]
        for more in parts[1:]:
            whole = ir.Op("+", (whole, more), span=span)
        return whole

    def dict_display(self, node: cst.Dict) -> ir.Expr:
        """`{"a": a, **d, "b": b}` as `{"a": a} | d | {"b": b}`; keys that are computed stay text."""
        parts: list[ir.Expr] = []
        items: list[tuple[str | int, ir.Expr]] = []
        for element in node.elements:
            if isinstance(element, cst.StarredDictElement):
                parts += [ir.Dict(*split(items))] if items else []
                items = []
                parts.append(self.lower(element.value))
                continue
            assert isinstance(element, cst.DictElement)
            key = self.lower(element.key)
            if not isinstance(key, ir.Const) or type(key.value) not in (str, int):
                return self.opaque(node)
            if key.value in dict(items):
                return self.opaque(node, "a dict display with a key that occurs twice")
            items.append((key.value, self.lower(element.value)))  # type: ignore[arg-type]
        if items or not parts:
            parts.append(ir.Dict(*split(items), span=self.module.span(node)))
        if len(parts) == 1 and not isinstance(parts[0], ir.Dict):
            parts.insert(0, ir.Dict((), ()))
        whole = parts[0]
        for more in parts[1:]:
            whole = ir.Op("|", (whole, more), span=self.module.span(node))
        return whole

    def comprehension(self, node: cst.ListComp | cst.GeneratorExp) -> ir.Expr:
        made = self.loops(node.for_in, node.elt, self.module.span(node))
        return made if isinstance(made, ir.Comprehension) else self.opaque(node, made)

    def dict_comprehension(self, node: cst.DictComp) -> ir.Expr:
        return display(self, node) or self.opaque(node)

    def target_names(self, target: cst.BaseExpression) -> list[str] | None:
        """The names of the target of a comprehension."""
        return scan_names(target)

    def is_builtin(self, node: cst.BaseExpression, name: str) -> bool:
        """Whether something is called by its name, and is Python's own."""
        reference = self.reference(node)
        return reference is not None and reference.meaning == Builtin(name)

    def loops(self, part: cst.CompFor, elt: cst.BaseExpression, span: Span) -> ir.Comprehension | str:
        """The comprehension from one of its loops on; or why it stays text."""
        names = scan_names(part.target)
        if part.asynchronous:
            return WHY[cst.ListComp]
        if names is None:
            return "a comprehension with a target that is not a plain name"
        iterable = self.in_order(part.iter, "function")
        with self.binding(names):
            target = self.lower(part.target)
            conditions = tuple(self.lower(condition.test) for condition in part.ifs)
            if part.inner_for_in is None:
                return ir.Comprehension(self.lower(elt), target, iterable, conditions, span=span)
            rest = self.loops(part.inner_for_in, elt, span)
        if isinstance(rest, str):
            return rest
        return ir.Comprehension(rest, target, iterable, conditions, flat=True, span=span)

    def subscript(self, node: cst.Subscript) -> ir.Expr:
        elements = node.slice
        if any(isinstance(e.slice, cst.Index) and e.slice.star for e in elements):
            return self.opaque(node, "a starred index")
        if self.joins(node.value):
            return self.joined(node)
        indices = tuple(self.index(e.slice) for e in elements)
        single = len(indices) == 1 and not isinstance(elements[0].comma, cst.Comma)
        index = indices[0] if single else ir.Tuple(indices)
        return ir.Index(self.in_order(node.value), index, span=self.module.span(node))

    def in_order(
        self, node: cst.BaseExpression, style: Literal["function", "attribute"] = "attribute"
    ) -> ir.Expr:
        """What is indexed or gone through: `x.flat` is the elements of an array there, one after the other.
        (Anywhere else it is an iterator, which is used up.)"""
        plain = self.lower(node)
        if not isinstance(node, cst.Attribute) or node.attr.value != "flat" or isinstance(plain, ir.Field):
            return plain
        base, spelled = self.lower(node.value), "flat" if style == "attribute" else ""
        return ir.Call("numpy.ravel", (base,), style=style, spelled=spelled, span=self.module.span(node))

    def joins(self, node: cst.BaseExpression) -> bool:
        """Whether a subscript of this is a call in disguise: `np.r_[a, b]`."""
        reference = self.reference(node)
        meaning = reference.meaning if reference else None
        return isinstance(meaning, Library) and meaning.path in ir.BRACKETED

    def joined(self, node: cst.Subscript) -> ir.Expr:
        """`np.r_[x, 0.0, 1:4]`, where an index is a list of arrays: they vary, and no index does."""
        inner = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
        if any(isinstance(v, cst.SimpleString | cst.Tuple) for v in inner):
            return self.opaque(
                node, "`np.r_` and `np.c_` of other things than arrays, for which there is np.concatenate,"
            )
        reference = self.reference(node.value)
        assert reference is not None and isinstance(reference.meaning, Library)
        path, spelled = reference.meaning.path, self.texts.bare_name(node.value)
        args = tuple(self.row(self.index(e.slice)) for e in node.slice)
        return ir.Call(path, args, spelled=spelled, span=self.module.span(node))

    def row(self, item: ir.Expr) -> ir.Expr:
        """What a slice stands for there: `1:4` for np.arange(1, 4), `0:1:5j` for five numbers from 0 to 1."""
        if not isinstance(item, ir.Slice):
            return item
        lower, upper = item.lower or ir.Const(0), item.upper or ir.Const(None)
        match item.step:
            case ir.Const(value=complex() as count):
                return ir.Call("numpy.linspace", (lower, upper, ir.Const(int(abs(count)))), span=item.span)
            case None:
                return ir.Call("numpy.arange", (lower, upper), span=item.span)
            case step:
                return ir.Call("numpy.arange", (lower, upper, step), span=item.span)

    def index(self, node: cst.BaseSlice) -> ir.Expr:
        if isinstance(node, cst.Index):
            return self.lower(node.value)
        assert isinstance(node, cst.Slice)
        bounds = [None if b is None else self.lower(b) for b in (node.lower, node.upper, node.step)]
        return ir.Slice(*bounds, span=self.module.span(node))

    # ---------------------------------------------------------------------- calls

    def call(self, node: cst.Call) -> ir.Expr:
        callee = self.objects.passing.callee(node)
        if callee is not None:
            self.no_object(callee.unit, node)
        return self.plain_call(node)

    def no_object(self, unit: Unit, node: cst.BaseExpression) -> None:
        """Refuse a function that returns an object, where that cannot be taken apart."""
        kind = returned(self.objects, unit)
        if kind is not None and not kind.parts:
            words = f"`{unit.name}` makes a `{kind.name}`, which cannot get a name here"
            self.refuse("AD223", words, node, "call it in a statement of its own before: `p = ...`")

    def plain_call(self, node: cst.Call) -> ir.Expr:
        if (named := self.objects.passing.named(node)) is not None:
            return tuple_of(self, named, node)
        if any(arg.star for arg in node.args):
            return self.spread(node)
        func = node.func
        callee = self.objects.callee(node)
        if callee is not None:
            args, kwargs = self.arguments(node)
            args = args[:-1] if callee.short else args
            on = () if callee.receiver is None else (self.receiver(callee.receiver),)
            spelled = self.reach.names[callee.unit]
            return ir.Call(
                callee.unit.path, (*on, *args), kwargs, spelled=spelled, span=self.module.span(node)
            )
        held = self.objects.library(node)
        if held is not None and isinstance(held.meaning, Library) and held.meaning.known:
            args, kwargs = in_order(held.meaning.path, *self.arguments(node))
            return ir.Call(held.meaning.path, args, kwargs, span=self.module.span(node))
        reference = self.reference(func)
        if reference is not None:
            chain = dotted(func) or ()
            meaning = reference.meaning
            if isinstance(meaning, Constant) and self.reach.resolver.is_function(meaning):
                text = self.opaque(
                    node, f"a call of `{meaning.name}`, which is a value and not a known function"
                )
                return ir.Apply(
                    self.inline(meaning), *self.arguments(node), text, span=self.module.span(node)
                )
            if isinstance(meaning, Constant) and (made := self.held_curve(meaning, node)) is not None:
                return made
            path = self.callee(reference, chain)
            if path in NUMPY_WRITERS and node is not self.alone:
                return self.opaque(node, f"`{chain[-1]}`, which gives nothing, in the middle of a statement,")
            if path in ANY_VARIABLE:
                return self.opaque(node, f"`{chain[-1]}`, which may use any variable,")
            if path in CALLING and self.effects.is_given_a_writer(node, path):
                return self.opaque(node, f"`{chain[-1]}` with a function that changes what it is given")
            if path:
                args, kwargs = in_order(path, *self.arguments(node, path))
                if not kwargs and (op := operation(path, args, self.module.span(node))) is not None:
                    return op
                if path == "builtins.dict" and not args:
                    return ir.Dict(*split(list(kwargs)), span=self.module.span(node))
                spelled = self.texts.bare_name(func)
                return ir.Call(path, args, kwargs, spelled=spelled, span=self.module.span(node))
        if isinstance(func, cst.Attribute):
            return self.method(node, func)
        if isinstance(func, cst.Call) and (made := self.interpolated(self.lower(func), node)) is not None:
            return made
        why = "a call of a computed function"
        if isinstance(func, cst.Name):
            why = f"a call of `{func.value}`, which is a value and not a known function"
        if isinstance(func, cst.Call) and self.interpolates(func.func):
            why = "a call of an interpolating function in this form"
        args, kwargs = self.arguments(node)
        return ir.Apply(self.lower(func), args, kwargs, self.opaque(node, why), span=self.module.span(node))

    def interpolated(self, made: ir.Expr, node: cst.Call) -> ir.Call | None:
        """`CubicSpline(x, y)(t)`, if that has a rule."""
        if not isinstance(made, ir.Call) or made.fn not in interpolants() or any(a.star for a in node.args):
            return None
        args, kwargs = self.arguments(node)
        found = at_places(made.fn, (made.args, made.kwargs), args, kwargs) if args else None
        return found and replace(found, spelled=made.spelled, span=self.module.span(node))

    def held_curve(self, constant: Constant, node: cst.Call) -> ir.Call | None:
        """`S(t)` where the module says `S = CubicSpline(T, Y)`, of what can be computed anew at no cost."""
        if not isinstance(constant.value, cst.Call):
            return None
        made = self.inline(constant)
        cheap = all(
            e.fn in registry.load_all()
            for e in walk.subexpressions(made)
            if isinstance(e, ir.Call) and e is not made
        )
        return self.interpolated(made, node) if cheap else None

    def interpolates(self, node: cst.BaseExpression) -> bool:
        """Whether this is `scipy.interpolate.interp1d` or its like, which give functions."""
        reference = self.reference(node)
        meaning = reference.meaning if reference else None
        return isinstance(meaning, Library) and meaning.path.startswith("scipy.interpolate")

    def spread(self, node: cst.Call) -> ir.Expr:
        """A call with `*` or `**`, of something that is known by its name; all others stay text."""
        text = self.opaque(node, "a call with `*` or `**` arguments")
        callee = self.objects.callee(node)
        reference = self.reference(node.func)
        unit = callee.unit if callee else reference.meaning if reference else None
        if isinstance(unit, Unit):
            self.no_object(unit, node)
        args: list[ir.Expr] = []
        if callee is not None:
            path: str | None = callee.unit.path
            spelled = self.reach.names[callee.unit]
            args += () if callee.receiver is None else (self.receiver(callee.receiver),)
        else:
            path = self.callee(reference, dotted(node.func) or ()) if reference else None
            spelled = self.texts.bare_name(node.func)
        if path is None or path.startswith("?."):
            return text
        kwargs: list[tuple[str, ir.Expr]] = []
        for arg in node.args:
            value = self.lower(arg.value)
            if arg.star == "*":
                args.append(ir.Star(value, span=self.module.span(arg.value)))
            elif arg.star == "**":
                kwargs.append(("**", value))
            elif arg.keyword is not None:
                kwargs.append((arg.keyword.value, value))
            else:
                args.append(value)
        inner = (e for value in (*args, *(v for _, v in kwargs)) for e in walk.subexpressions(value))
        if any(isinstance(e, ir.Closure | ir.Apply | ir.Held) for e in inner):
            return text
        span = self.module.span(node)
        call = ir.Call(path, tuple(args), tuple(kwargs), spelled=spelled, span=span)
        return ir.Spread(call, text, span=span)

    def callee(self, reference: Reference, chain: tuple[str, ...]) -> str | None:
        """The canonical path of what a chain calls, None if it is a method of some value."""
        rest = chain[reference.used :]
        match reference.meaning:
            case Library(path=path, known=known):
                if rest and not known:
                    return None
                return ".".join([path if known or self.has_rule(path) else f"?.{path}", *rest])
            case Unit() as unit if not rest:
                return unit.path
            case Builtin(name=name) if not rest:
                return f"builtins.{name}"
            case Constant(value=value, module=module) as constant if not rest:
                names = dotted(value) if value is not None else None
                if names:
                    found = self.reach.resolver.resolve(None, module, names)
                    if not isinstance(found.meaning, Constant):
                        return self.callee(found, names)
                path = f"{module.name}.{constant.name}"
                return path if self.has_rule(path) else f"?.{constant.name}"
            case Unknown(name=name):
                return f"?.{'.'.join([name, *rest])}"
        return None if rest else f"?.{chain[-1]}"

    def has_rule(self, path: str) -> bool:
        """Whether there is a derivative rule for something that has no source."""
        return path in self.reach.stated or registry.lookup(path) is not None

    def arguments(self, node: cst.Call, path: str = "") -> Arguments:
        def lower(value: cst.BaseExpression) -> ir.Expr:
            if path in EAGER and isinstance(value, cst.GeneratorExp):
                return self.comprehension(value)
            whole = path in EAGER or path in ONCE or path.startswith("numpy.")
            return self.in_order(value, "function") if whole else self.lower(value)

        args = tuple(lower(a.value) for a in node.args if a.keyword is None)
        kwargs = tuple((a.keyword.value, self.lower(a.value)) for a in node.args if a.keyword is not None)
        return args, kwargs

    def method(self, node: cst.Call, func: cst.Attribute) -> ir.Expr:
        name, span = func.attr.value, self.module.span(node)
        if isinstance(func.value, cst.Call) and self.is_builtin(func.value.func, "type"):
            return self.opaque(node, "a method of a class that is computed")
        if name in GIVE_NOTHING and node is not self.alone:
            return self.opaque(node, f"`.{name}`, which gives nothing, in the middle of a statement,")
        args, kwargs = self.arguments(node)
        if self.is_unbound(node):
            receiver, *others = args
            args = tuple(others)
        else:
            receiver = self.lower(func.value)
        if name in MERGED_ARGUMENTS and len(args) > 1:
            args = (ir.Tuple(args),)
        other = name in LIST_METHODS and (kwargs or len(args) not in LIST_METHODS[name])
        path = f"?.{name}" if other else method_path(name)
        args, kwargs = in_order(path, (receiver, *args), kwargs)
        return ir.Call(path, args, kwargs, "method", name, span=span)

    def is_unbound(self, call: cst.Call) -> bool:
        """Whether a method is called by its class: `list.pop(xs, 0)`, which is `xs.pop(0)`."""
        match call:
            case cst.Call(
                func=cst.Attribute(value=owner, attr=cst.Name(value=name)),
                args=[cst.Arg(star="", keyword=None), *_],
            ) if name != "fromkeys":
                return any(self.is_builtin(owner, kind) for kind in CLASSES)
        return False

    def receiver_of(self, call: cst.Call) -> cst.BaseExpression | None:
        """What a method is called on."""
        if self.is_unbound(call):
            return call.args[0].value
        return call.func.value if isinstance(call.func, cst.Attribute) else None


def is_part(expr: ir.Expr) -> bool:
    """Whether an expression is a place, or a part of what a variable holds: `ps[-1]`, `ps[i + 1]`."""
    inside = isinstance(expr, ir.Index) and walk.root(expr) is not None
    texts = (e for e in walk.subexpressions(expr) if isinstance(e, ir.Opaque | ir.Spread | ir.Closure))
    return is_place(expr) or (inside and next(texts, None) is None)


def split(items: list[tuple[str | int, ir.Expr]]) -> tuple[tuple[str | int, ...], tuple[ir.Expr, ...]]:
    """Keys and values."""
    return tuple(key for key, _ in items), tuple(value for _, value in items)


def fixed(default: cst.BaseExpression, unit: Unit) -> bool:
    """Whether a default is the same value whenever the definition is run: a number, a constant."""
    match default:
        case cst.BaseNumber() | cst.SimpleString():
            return True
        case cst.Name() | cst.Attribute():
            chain = dotted(default)
            return chain is not None and not unit.around(chain[0])
        case cst.UnaryOperation(expression=inner):
            return fixed(inner, unit)
        case cst.Tuple(elements=elements):
            return all(isinstance(e, cst.Element) and fixed(e.value, unit) for e in elements)
    return False


def in_order(path: str, args: tuple[ir.Expr, ...], kwargs: tuple[tuple[str, ir.Expr], ...]) -> Arguments:
    """`np.clip(x, min=0.0)` is `np.clip(x, 0.0, None)`: its bounds have two names each."""
    bounds = {"a_min": 1, "min": 1, "a_max": 2, "max": 2}
    if path != "numpy.clip" or not kwargs or not args or any(name not in bounds for name, _ in kwargs):
        return args, kwargs
    found = dict(enumerate(args))
    for name, value in kwargs:
        if bounds[name] in found:
            return args, kwargs  # Given twice: NumPy will say so.
        found[bounds[name]] = value
    none = ir.Const(None)
    return (found[0], found.get(1, none), found.get(2, none)), ()


@cache
def method_path(name: str) -> str:
    """The path of a method by its name alone; what its receiver is, the kinds will tell."""
    import numpy

    from adtrans.rules.registry import canonical

    if name in LIST_METHODS:
        return f"list.{name}"
    if name in ("_replace", "_asdict"):
        return f"namedtuple.{name}"
    if name in DICT_METHODS:
        return f"dict.{name}"
    if name in NDARRAY_METHODS:
        return f"numpy.ndarray.{name}"
    if name in NUMPY_METHODS:
        return canonical(getattr(numpy, name))
    return f"?.{name}"


def scan_names(target: cst.BaseExpression) -> list[str] | None:
    """The names of a target of names and tuples of names; None for any other target."""
    if isinstance(target, cst.Name):
        return [target.value]
    if not isinstance(target, cst.Tuple | cst.List):
        return None
    names: list[str] = []
    for element in target.elements:
        inner = scan_names(element.value) if isinstance(element, cst.Element) else None
        if inner is None:
            return None
        names += inner
    return names


_HANDLERS: dict[type[cst.CSTNode], Callable[..., ir.Expr]] = {
    cst.Integer: Expressions.number,
    cst.Float: Expressions.number,
    cst.Imaginary: Expressions.number,
    cst.SimpleString: Expressions.string,
    cst.ConcatenatedString: Expressions.strings,
    cst.Ellipsis: Expressions.ellipsis,
    cst.Name: Expressions.name,
    cst.Attribute: Expressions.attribute,
    cst.BinaryOperation: Expressions.binary,
    cst.UnaryOperation: Expressions.unary,
    cst.BooleanOperation: Expressions.boolean,
    cst.Comparison: Expressions.comparison,
    cst.IfExp: Expressions.conditional,
    cst.NamedExpr: Expressions.bind,
    cst.Tuple: Expressions.sequence,
    cst.List: Expressions.sequence,
    cst.Dict: Expressions.dict_display,
    cst.ListComp: Expressions.comprehension,
    cst.DictComp: Expressions.dict_comprehension,
    cst.Subscript: Expressions.subscript,
    cst.Call: Expressions.call,
    cst.Lambda: Expressions.lambda_,
}


def in_order_of(base: ir.Expr, index: ir.Expr) -> ir.Expr:
    """The index of an array that `base.flat[index]` means."""
    match index:
        case ir.Slice():
            index = ir.Index(ir.Call("numpy.arange", (ir.Attr(base, "size"),)), index)
        case ir.Op(op="neg", args=(ir.Const() as count,)):
            index = ir.Op("-", (ir.Attr(base, "size"), count))
    return ir.Call("numpy.unravel_index", (index, ir.Attr(base, "shape")))
