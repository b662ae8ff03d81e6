"""Objects that are made in expressions, returned, and bound anew: `Layer(w).forward(x)`, `p = p + v * dt`.

Such an object gets a name before its statement, so only where the expression is surely evaluated, and where
nothing that is evaluated sooner can notice. A function that returns an object returns its attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.frontend.classes import SourceType
from adtrans.frontend.classvalues import changed
from adtrans.frontend.construction import Construction, NamedTuple, construction, named_tuple
from adtrans.frontend.meanings import Builtin, Library, Unit
from adtrans.frontend.methods import IMPURE_BUILTINS, METHODS_THAT_CHANGE, NUMPY_WRITERS, PURE_METHODS
from adtrans.frontend.operators import AUGMENTED, BINARY
from adtrans.frontend.scopes import Uses, all_params, nodes, scan

if TYPE_CHECKING:
    from adtrans.frontend.objects import Callee, Objects

Made = cst.Call | cst.BinaryOperation | cst.UnaryOperation | cst.Attribute

NEW = cst.BaseNumber | cst.List | cst.ListComp | cst.BinaryOperation | cst.UnaryOperation
"""Values that nobody else has: a number, a list, the result of an operator."""

DUNDERS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
}
OPERATORS = frozenset(f"{r}{word}" for word in DUNDERS.values() for r in ("", "r")) | {"neg"}


class Passing:
    """The expressions of one function that are objects made in it."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.unit = objects.unit
        self._kinds: dict[int, SourceType | None] = {}
        self._made: dict[int, Construction | None] = {}
        self._named: dict[int, NamedTuple | None] = {}
        self.asked = False

    def forget(self) -> None:
        """What was found before more was known of variables."""
        self._kinds, self._made, self._named = {}, {}, {}

    @cached_property
    def rows(self) -> list[list[Made]]:
        """The calls and operators that are surely evaluated, by their statements."""
        if self.unit.lifted or self.unit.node in self.unit.module.made:
            return []
        return [[*candidates(root)] for root in roots(self.unit.node.body)]

    @cached_property
    def places(self) -> frozenset[int]:
        return frozenset(id(node) for row in self.rows for node in row)

    def made(self) -> Iterator[SourceType]:
        """The classes of all objects that are made in expressions."""
        for row in self.rows:
            kinds = (self.kind(node) for node in row)
            yield from (kind for kind in kinds if kind is not None and not kind.parts)

    # ------------------------------------------------------------------------ kinds

    def kind(self, node: cst.BaseExpression) -> SourceType | None:
        """The class of the object that an expression makes."""
        if (named := self.named(node)) is not None:
            return named.kind
        if not isinstance(node, Made):
            return None
        if id(node) not in self._kinds:
            self._kinds[id(node)] = None
            kind = self._kind(node)
            anywhere = kind is not None and kind.parts  # It is a tuple, and needs no name.
            self._kinds[id(node)] = kind if anywhere or id(node) in self.places else None
        return self._kinds[id(node)]

    def _kind(self, node: Made) -> SourceType | None:
        made = self.construction(node)
        if made is not None:
            return made.kind
        callee = self.callee(node)
        return returned(self.objects, callee.unit) if callee is not None else None

    def construction(self, node: cst.BaseExpression) -> Construction | None:
        """What a call does that makes an object."""
        if not isinstance(node, cst.Call) or id(node) not in self.places:
            return None
        if id(node) not in self._made:
            self._made[id(node)] = None
            self._made[id(node)] = construction(self.objects, node)
        return self._made[id(node)]

    def named(self, node: cst.BaseExpression) -> NamedTuple | None:
        """The named tuple that a call makes, wherever it stands: it is a tuple, and needs no name."""
        if not isinstance(node, cst.Call):
            return None
        if id(node) not in self._named:
            self._named[id(node)] = None
            self._named[id(node)] = named_tuple(self.objects, node)
        return self._named[id(node)]

    def callee(self, node: cst.BaseExpression) -> Callee | None:
        """The function that a call, an operator or a property calls."""
        if isinstance(node, cst.Attribute):
            return self.property(node)
        if not isinstance(node, cst.Call):
            return self.operator(node)
        found = self.objects.callee(node)
        if found is not None:
            return found
        reference = self.objects.reference(node.func)
        if reference is None or not isinstance(reference.meaning, Unit) or reference.meaning.lifted:
            return None
        from adtrans.frontend.objects import Callee

        return Callee(reference.meaning) if not any(arg.star for arg in node.args) else None

    def property(self, node: cst.Attribute) -> Callee | None:
        from adtrans.frontend.objects import Callee

        member = self.objects.member(node)
        if member is None or member.sort != "property" or member.unit is None:
            return None
        return Callee(member.unit, node.value)

    def operator(self, node: cst.BaseExpression) -> Callee | None:
        """The method that an operator calls on an object."""
        match node:
            case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
                return self.special(inner, "__neg__")
            case cst.BinaryOperation(left=left, operator=operator, right=right):
                word = DUNDERS.get(BINARY[type(operator)])
                if word is None:
                    return None
                own = self.special(left, f"__{word}__", right)
                return own or self.special(right, f"__r{word}__", left)
        return None

    def augmented(self, node: cst.AugAssign) -> Callee | None:
        """The method that `p += v` calls, where that is none of its own."""
        word = DUNDERS.get(AUGMENTED[type(node.operator)])
        typed = self.objects.type_of(node.target)
        if word is None or typed is None:
            return None
        own = typed.type.member(self.objects.classes, f"__i{word}__")
        return self.special(node.target, f"__{word}__", node.value) if own.sort == "data" else None

    def special(
        self, of: cst.BaseExpression, name: str, other: cst.BaseExpression | None = None
    ) -> Callee | None:
        from adtrans.frontend.objects import Callee

        typed = self.objects.type_of(of)
        if typed is None or typed.bare or typed.after is not None or not typed.type.exact:
            return None
        second = self.objects.type_of(other) if other is not None else None
        if second is not None and second.type.key != typed.type.key:
            return None  # Which of the two is asked first depends on their classes.
        member = typed.type.member(self.objects.classes, name)
        if member.sort != "method" or member.unit is None:
            return None
        params = [p.name.value for p in all_params(member.unit.node.params)]
        given = {params[1]: second.type} if second is not None and len(params) == 2 else {}
        return Callee(self.objects.classes.given(member.unit, given), of)

    # ------------------------------------------------------------------------ order

    def in_order(self, node: Made) -> bool:
        """Whether nothing in the statement notices that an object is made before it."""
        row = next(row for row in self.rows if any(node is other for other in row))
        kinds = ((other, self.kind(other)) for other in row)
        made = [other for other, kind in kinds if kind is not None and (other is node or not kind.parts)]
        if not all(self.is_quiet(other) for other in made):
            return False
        last = max(self.start(other) for other in made)
        above = [other for other in row if self.start(other) < last and other not in made]
        return all(self.is_quiet(other) for other in above)

    def start(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where an expression ends: that is when it is evaluated."""
        return self.unit.module.range(node)[1]

    def is_quiet(self, node: Made) -> bool:
        """Whether a call changes nothing that anybody sees."""
        if self.named(node) is not None:
            return True
        made = self.construction(node)
        if made is not None:
            return all(quiet(self.objects, unit) for unit in made.units)
        callee = self.callee(node)
        if callee is not None:
            return quiet(self.objects, callee.unit)
        return not isinstance(node, cst.Call) or harmless_call(self.objects, node)


# ------------------------------------------------------------------------------- places


def roots(body: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The expressions of plain statements, and of the heads of `if` and `for`: evaluated once each time."""
    match body:
        case cst.IndentedBlock() | cst.SimpleStatementLine() | cst.SimpleStatementSuite():
            for inner in body.body:
                yield from roots(inner)
        case cst.If():
            yield body.test
            yield from roots(body.body)
            yield from roots(body.orelse) if body.orelse is not None else ()
        case cst.For():
            yield body.iter
            yield from roots(body.body)
            yield from roots(body.orelse) if body.orelse is not None else ()
        case cst.While():
            yield from roots(body.body)
            yield from roots(body.orelse) if body.orelse is not None else ()
        case cst.Else():
            yield from roots(body.body)
        case cst.Assign() | cst.AnnAssign() | cst.AugAssign() | cst.Return() | cst.Expr():
            if isinstance(body.value, cst.BaseExpression) and not scan(body).walrus:
                yield body.value


def candidates(expr: cst.BaseExpression) -> Iterator[Made]:
    """The calls and operators in an expression that are evaluated whenever it is, in their order."""
    parts: list[cst.BaseExpression] = []
    match expr:
        case cst.Call(func=func, args=args):
            parts += [func.value] if isinstance(func, cst.Attribute) else [func]
            parts += [] if any(arg.star for arg in args) else [arg.value for arg in args]
        case cst.BinaryOperation(left=left, right=right):
            parts += [left, right]
        case cst.UnaryOperation(expression=inner):
            parts.append(inner)
        case cst.Comparison(left=left, comparisons=[target]):
            parts += [left, target.comparator]
        case cst.BooleanOperation(left=left):
            parts.append(left)
        case cst.IfExp(test=test):
            parts.append(test)
        case cst.Attribute(value=value):
            parts.append(value)
        case cst.Subscript(value=value, slice=slices):
            parts.append(value)
            parts += [s.slice.value for s in slices if isinstance(s.slice, cst.Index) and not s.slice.star]
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            if not any(isinstance(e, cst.StarredElement) for e in elements):
                parts += [e.value for e in elements]
    for part in parts:
        yield from candidates(part)
    if isinstance(expr, Made):
        yield expr


# ------------------------------------------------------------------------------ results


def returned(objects: Objects, unit: Unit) -> SourceType | None:
    """The class of the objects that a function returns, if it always returns one."""
    known, own = objects.classes.returned, objects.classes.objects(unit)
    if unit in known:
        own.passing.asked = True  # by itself, if it is not known yet
        return known[unit]
    known[unit], own.passing.asked = None, False
    kind = known[unit] = result_of(own, unit)
    if kind is None and own.passing.asked:  # It calls itself: what it makes of that is not known yet.
        known[unit] = first = result_of(own, unit, sure=False)
        if first is not None:
            own.start()
            kind = result_of(own, unit)
            if kind is None or kind.key != first.key:
                objects.classes.give_up(unit)
                return None
            known[unit] = kind
            own.start()
    elif own.passing.asked:
        own.start()
    return kind


def result_of(objects: Objects, unit: Unit, *, sure: bool = True) -> SourceType | None:
    """The class of what the returns of a function give; not `sure`: of those that give a known one."""
    if unit.lifted or not unit.plain or objects.resolver.rule(unit) is not None:
        return None
    if unit in objects.classes.mixed:
        return None
    found: list[cst.Return] = []
    if falls(objects, unit.node.body, found):
        return None
    kinds: dict[object, SourceType] = {}
    for stmt in found:
        typed = objects.type_of(stmt.value) if stmt.value is not None else None
        if typed is None and not sure:
            continue
        if typed is None or typed.bare or not isinstance(typed.type, SourceType) or not typed.type.exact:
            return None
        if not fresh(objects, stmt.value, typed.type):
            return None
        kinds[typed.type.key] = typed.type
    kind = next(iter(kinds.values()), None)
    return kind if len(kinds) == 1 and kind is not None and attributes(objects, kind) else None


def falls(objects: Objects, body: cst.CSTNode, found: list[cst.Return]) -> bool:
    """Whether control may reach the end of a block; its returns."""
    match body:
        case cst.IndentedBlock() | cst.SimpleStatementLine() | cst.SimpleStatementSuite():
            return all(falls(objects, inner, found) for inner in body.body)
        case cst.Return():
            found.append(body)
            return False
        case cst.Raise():
            return False
        case cst.If(test=test, body=then, orelse=orelse):
            there = objects.presence(test)
            sides = [falls(objects, then, found)] if there is not False else []
            if there is not True:
                sides.append(falls(objects, orelse, found) if orelse is not None else True)
            return any(sides)
        case cst.Else():
            return falls(objects, body.body, found)
    found += [node for node in scan(body).jumps if isinstance(node, cst.Return)]
    return True


def fresh(objects: Objects, value: cst.BaseExpression | None, kind: SourceType) -> bool:
    """Whether nobody else has the object, or nobody can tell since nothing changes it."""
    if not isinstance(value, cst.Name):
        return value is not None and objects.passing.kind(value) is not None
    if kind.parts or is_value(objects, kind):
        return True
    own = value.value not in objects.unit.scope.params
    loads = [node for root, node in objects.unit.scope.uses.loads if root.value == value.value]
    return own and sum(isinstance(node, cst.Name) for node in loads) == 1


def is_value(objects: Objects, kind: SourceType) -> bool:
    """Whether the attributes of an object stay what `__init__` has made them."""
    if kind.parts:
        return True
    names = {name for name, _ in attributes(objects, kind)}
    for cls in kind.mro:
        for name, method in cls.members.items():
            made = name in ("__init__", "__post_init__")
            if isinstance(method, cst.FunctionDef) and not made and [*stored(method)]:
                return False
    texts = {objects.unit.module.text, objects.resolver.project.entry.text}
    texts |= {cls.module.text for cls in kind.mro}
    return not any((names | {"*"}) & changed(text) for text in sorted(texts))


def attributes(objects: Objects, kind: SourceType) -> tuple[tuple[str, SourceType | None], ...]:
    """All that an object holds, as far as the text of its class tells, each with its class if it is an object
    that `__init__` makes; empty if that cannot be said."""
    from adtrans.frontend.construction import declared, is_record

    found: dict[str, SourceType | None] = {}
    for cls in reversed(kind.mro):
        if is_record(cls):
            found |= dict.fromkeys(name for name, annotation, _ in declared(cls) if annotation is not None)
        for method in cls.members.values():
            if isinstance(method, cst.FunctionDef):
                found |= dict.fromkeys(stored(method))
    for name in found:
        member = kind.member(objects.classes, name)
        if member.sort != "data":
            return ()
        if (inner := member.object) is not None:
            if not isinstance(inner, SourceType) or not attributes(objects, inner):
                return ()
            found[name] = None if inner.parts else inner
    return tuple(found.items())


def stored(method: cst.FunctionDef) -> Iterator[str]:
    """The attributes of its object that a method assigns."""
    if not method.params.params:
        return
    me = method.params.params[0].name.value
    for node in nodes(method.body):
        targets: list[cst.BaseExpression] = []
        if isinstance(node, cst.Assign):
            targets = [target.target for target in node.targets]
        elif isinstance(node, cst.AugAssign | cst.AnnAssign | cst.For):
            targets = [node.target]
        while targets:
            match targets.pop():
                case cst.Tuple(elements=elements) | cst.List(elements=elements):
                    targets += [e.value for e in elements]
                case cst.Attribute(value=cst.Name(value=name), attr=attr) if name == me:
                    yield attr.value


# -------------------------------------------------------------------------------- quiet


def quiet(objects: Objects, unit: Unit) -> bool:
    """Whether a function changes nothing that anybody sees; `__init__` its own object only."""
    known = objects.classes.quiet
    if unit not in known:
        known[unit] = True  # while it is asked of itself
        known[unit] = _quiet(objects.classes.objects(unit), unit)
    return known[unit]


def _quiet(objects: Objects, unit: Unit) -> bool:
    uses, params = unit.scope.uses, [*unit.scope.params]
    if uses.declared or uses.outer_writes or unit.node.asynchronous is not None:
        return False
    own = params[:1] if unit.name in ("__init__", "__post_init__") else []
    return changes_only(objects, uses, own)


def still(objects: Objects, over: cst.CSTNode, *body: cst.CSTNode) -> bool:
    """Whether the body of a loop changes nothing but numbers and lists that the function has made, and none
    of those that it goes over."""
    return changes_only(objects, scan(*body), [], without=holding(objects, over))


def holding(objects: Objects, node: cst.CSTNode) -> frozenset[str]:
    """The variables that may be, hold, or be held by what is named in a piece of source."""
    links = [
        {target.value, *named(value)}
        for target, value in objects.unit.scope.uses.assigns
        if isinstance(target, cst.Name) and value is not None
    ]
    found = named(node)
    while more := {name for link in links if link & found for name in link} - found:
        found |= more
    return frozenset(found)


def named(node: cst.CSTNode) -> set[str]:
    return {n.value for n in nodes(node) if isinstance(n, cst.Name)}


def changes_only(
    objects: Objects, uses: Uses, own: Sequence[str], without: frozenset[str] = frozenset()
) -> bool:
    """Whether a piece of a function changes nothing but these, and what the function has made itself."""
    scope = objects.unit.scope
    bound = [(t.value, v) for t, v in scope.uses.assigns if isinstance(t, cst.Name)]
    new = (
        {name for name, _ in bound}
        - {name for name, v in bound if not isinstance(v, NEW)}
        - set(scope.params)
        - without
    )
    for root in uses.touched:
        if not isinstance(root, cst.Name) or root.value not in {*own, *new}:
            return False
    for call in uses.calls:
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in METHODS_THAT_CHANGE:
            base = call.func.value
            if not isinstance(base, cst.Name) or base.value not in new:
                return False
            continue
        if objects.passing.named(call) is not None:
            continue
        made = objects.passing.construction(call) or objects.made(call)
        callee = objects.passing.callee(call)
        units = [*made.units] if made is not None else [callee.unit] if callee is not None else None
        if units is not None:
            if not all(quiet(objects, inner) for inner in units):
                return False
        elif not harmless_call(objects, call):
            return False
    return True


def harmless_call(objects: Objects, call: cst.Call) -> bool:
    """Whether a call of something outside the project changes nothing."""
    if any(arg.star or (arg.keyword is not None and arg.keyword.value == "out") for arg in call.args):
        return False
    if isinstance(call.func, cst.Call) and call.func.func.deep_equals(cst.Name("super")):
        return True
    reference = objects.reference(call.func)
    match reference.meaning if reference is not None else None:
        case Library(path=path):
            return path not in NUMPY_WRITERS and not path.startswith(("numpy.random", "random."))
        case Builtin(name=name):
            return name not in IMPURE_BUILTINS
    return isinstance(call.func, cst.Attribute) and call.func.attr.value in PURE_METHODS
