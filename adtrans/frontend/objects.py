"""The objects in one function: which of its expressions are objects, and what is called on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.errors import Span
from adtrans.frontend.classes import ClassOf, LiveType, Member, ObjectType, SourceType
from adtrans.frontend.classvalues import of_class
from adtrans.frontend.construction import Construction, construction
from adtrans.frontend.meanings import Builtin, Reference, Unit
from adtrans.frontend.named_tuples import TUPLES_OWN
from adtrans.frontend.passing import Passing, is_value, returned, still
from adtrans.frontend.scopes import all_params, assignments, dotted, nodes, scan
from adtrans.frontend.standards import WHOLE, standard_function

if TYPE_CHECKING:
    from adtrans.resolve import Resolver


@dataclass(frozen=True)
class Typed:
    """An expression that is an object; `after`: it is `super()`, seen from a class; `bare`: it is a class."""

    type: ObjectType
    after: Hashable = None
    bare: bool = False


@dataclass(frozen=True)
class Callee:
    """What a call calls: a function, with the expression that it is called on if that is an argument. It is
    `bound` if it has its class already."""

    unit: Unit
    receiver: cst.BaseExpression | None = None
    bound: bool = False
    short: bool = False
    """Its last argument is said by its name already: `combinations(xs, 2)`."""


PLACES = frozenset(
    (
        cst.Call,
        cst.Attribute,
        cst.Assign,
        cst.AugAssign,
        cst.AnnAssign,
        cst.For,
        cst.NamedExpr,
        cst.AsName,
        cst.CompFor,
        cst.IfExp,
        cst.BinaryOperation,
        cst.UnaryOperation,
    )
)


class Objects:
    """Looks at the expressions of one function."""

    def __init__(self, resolver: Resolver, unit: Unit) -> None:
        self.resolver = resolver
        self.classes = resolver.classes
        self.unit = unit
        self.absent: dict[str, Span] = {}
        self._variables: dict[str, Typed] | None = None
        self._undisturbed: set[int] | None = None
        self._callees: dict[int, Callee | None] = {}
        self._made: dict[int, Construction | None] = {}
        self.passing = Passing(self)

    @cached_property
    def parts(self) -> tuple[cst.CSTNode, ...]:
        """All assignments, calls, attributes, choices and other places where an object may be met."""
        return tuple(node for node in nodes(self.unit.node.body) if type(node) in PLACES)

    # ------------------------------------------------------------------------- types

    def type_of(self, node: cst.BaseExpression) -> Typed | None:
        """The class of an expression, None if it is no object that we know."""
        if isinstance(node, cst.Name):
            return self.name(node.value)
        if isinstance(node, cst.Attribute):
            if node.attr.value == "__class__":
                return self.own_class(node.value)
            member = self.member(node)
            if member is None:
                return self.named_class(node)
            if member.sort == "data" and member.object is not None:
                return Typed(member.object)
        if isinstance(node, cst.Call) and dotted(node.func) == ("super",):
            return self.superclass(node)
        if isinstance(node, cst.Call) and dotted(node.func) == ("type",) and len(node.args) == 1:
            return self.own_class(node.args[0].value)
        kind = self.passing.kind(node)
        return None if kind is None else Typed(kind)

    def own_class(self, node: cst.BaseExpression) -> Typed | None:
        """`self.__class__`, `type(self)`, where that is known."""
        typed = self.type_of(node)
        if typed is None or typed.bare or typed.after is not None or not typed.type.exact:
            return None
        kind: ObjectType | None = typed.type
        if isinstance(kind, LiveType):
            kind = self.classes.written(kind, self.unit)
        return None if kind is None else Typed(kind, bare=True)

    def name(self, name: str) -> Typed | None:
        unit: Unit | None = self.unit
        while unit is not None and name not in unit.locals:
            unit = unit.outer
        if unit is None:
            return self.named_class(cst.Name(name))
        if unit is not self.unit:
            return self.classes.objects(unit).name(name)
        if name in unit.scope.params:
            stores = (node for node in unit.scope.uses.stores if node.value == name)
            return self.parameter(name) if next(stores, None) is None else None
        return self.variables().get(name)

    def variables(self) -> dict[str, Typed]:
        """The variables that are objects, wherever they are bound."""
        if self._variables is None:
            values: dict[str, list[cst.BaseExpression | cst.AugAssign]] = {}
            pairs: list[tuple[cst.BaseExpression, cst.BaseExpression | cst.AugAssign]] = [
                *self.unit.scope.uses.assigns,
                *self.augmented,
            ]
            for target, value in pairs:
                if isinstance(target, cst.Name) and target.value not in self.unit.scope.params:
                    values.setdefault(target.value, []).append(value)
            stores = Counter(node.value for node in self.unit.scope.uses.stores)
            values = {name: given for name, given in values.items() if stores[name] == len(given)}
            while (wrong := self.settle(values)) is not None:
                del values[wrong]
        assert self._variables is not None
        return self._variables

    @cached_property
    def augmented(self) -> list[tuple[cst.BaseExpression, cst.AugAssign]]:
        return [(node.target, node) for node in self.parts if isinstance(node, cst.AugAssign)]

    def settle(self, values: dict[str, list[cst.BaseExpression | cst.AugAssign]]) -> str | None:
        """Find the classes of variables, each from its first value that has one (`p = p + v` may need that
        of `p`); a variable of which another value is not of that class."""
        found: dict[str, Typed] = {}
        self._variables, size = found, -1
        while len(found) > size:
            size = len(found)
            self.forget()
            for name, given in values.items():
                typed = next((t for value in given if (t := self.value(value)) is not None), None)
                if name not in found and typed is not None:
                    found[name] = typed
        for name, first in found.items():
            if len(values[name]) > 1 and not self.always(name, first, values[name]):
                return name
        return None

    def start(self) -> None:
        """Nothing is known of variables: that of a function was found which is called here."""
        self._variables = None
        self.forget()

    def forget(self) -> None:
        """What was found before more was known of variables."""
        self._callees, self._made = {}, {}
        self.passing.forget()

    def value(self, node: cst.BaseExpression | cst.AugAssign) -> Typed | None:
        """The class of an object that is assigned."""
        if isinstance(node, cst.AugAssign):
            callee = self.passing.augmented(node)
            kind = returned(self, callee.unit) if callee is not None else None
            return None if kind is None else Typed(kind)
        if dotted(node):
            return self.type_of(node)
        if isinstance(node, cst.Call) and id(node) in self.places:
            made = self.made(node)
            if made is not None:
                return Typed(made.kind)
        return self.type_of(node) if self.passing.kind(node) is not None else None

    def always(self, name: str, first: Typed, values: list[cst.BaseExpression | cst.AugAssign]) -> bool:
        """Whether a variable is always an object of one class, which nothing changes."""
        kind = first.type
        if first.bare or first.after is not None or not isinstance(kind, SourceType) or not kind.exact:
            return False
        if any(name in names for names in self.unit.scope.captured.values()):
            return False
        others = [self.value(value) for value in values]
        same = all(t is not None and not t.bare and t.type.key == kind.key for t in others)
        return same and is_value(self, kind)

    # ---------------------------------------------------------------- objects made here

    @cached_property
    def places(self) -> frozenset[int]:
        """The calls that may make an object: `m = Model(w)`, where m is bound nowhere else, and in an
        `__init__` `self.layer = Layer(w)`."""
        scope = self.unit.scope
        counts = Counter(node.value for node in scope.uses.stores)
        found: set[int] = set()
        for node in assignments(self.unit.node.body):
            match node:
                case cst.Assign(targets=[cst.AssignTarget(target=target)], value=cst.Call() as call):
                    pass
                case cst.AnnAssign(target=target, value=cst.Call() as call):
                    pass
                case _:
                    continue
            chain = dotted(target) or ()
            if len(chain) == 1 and counts[chain[0]] == 1 and chain[0] in scope.locals:
                if chain[0] not in scope.params and not scope.uses.declared.get(chain[0]):
                    found.add(id(call))
            elif len(chain) == 2 and self.unit.name == "__init__" and chain[0] in scope.params[:1]:
                found.add(id(call))
        return frozenset(found)

    def made(self, node: cst.BaseExpression) -> Construction | None:
        """What making an object does, where that is all that an assignment has on its right."""
        if not isinstance(node, cst.Call) or id(node) not in self.places:
            return None
        if id(node) not in self._made:
            self._made[id(node)] = None
            self._made[id(node)] = construction(self, node)
        return self._made[id(node)]

    def is_several(self, target: cst.BaseExpression, value: cst.BaseExpression) -> bool:
        """Whether one of two variables that are objects is bound more than once: each has its own then."""
        names = [node.value for node in (target, value) if isinstance(node, cst.Name)]
        stores = Counter(node.value for node in self.unit.scope.uses.stores)
        return len(names) == 2 and any(stores[name] > 1 for name in names)

    def class_value(self, node: cst.Attribute) -> Reference | None:
        """`type(self).R`, `cls.R`, `p.R` of a named tuple: what a class holds, where that is known."""
        base = self.type_of(node.value)
        if base is None or not isinstance(base.type, SourceType):
            return None
        if not base.bare and (not base.type.parts or node.attr.value in base.type.parts):
            return None
        if self.named_class(node.value) is not None:
            return None  # `Gas.R` is found by its name.
        return of_class(self.resolver, base.type, node.attr.value)

    def parameter(self, name: str) -> Typed | None:
        kind = self.classes.parameter(self.unit, name)
        if isinstance(kind, ClassOf):
            return Typed(kind.of, bare=True)
        return Typed(kind) if kind is not None else None

    def parameters(self) -> frozenset[str]:
        """The parameters that are objects, and no tuples."""
        kinds = {n: self.classes.parameter(self.unit, n) for n in self.unit.scope.params}
        objects = {n: kind for n, kind in kinds.items() if kind is not None and not kind.parts}
        return frozenset(n for n, kind in objects.items() if not isinstance(kind, ClassOf))

    @property
    def own_name(self) -> str:
        """The name of the class that a class method has, empty for any other function."""
        first = next(iter(self.unit.scope.params), "")
        return first if isinstance(self.unit.objects.get(first), ClassOf) else ""

    def named_class(self, node: cst.BaseExpression) -> Typed | None:
        """`Model` in `Model.static(x)`."""
        chain = dotted(node)
        if chain is None or chain[0] in self.unit.locals:
            return None
        kind = self.classes.named(self.unit.module, chain)
        return Typed(kind, bare=True) if kind is not None else None

    def superclass(self, node: cst.Call) -> Typed | None:
        """`super()` in a method, or `super(Model, self)` with the class that it is in."""
        first = self.unit.scope.params[:1]
        receiver = self.name(first[0]) if first else None
        if receiver is None or self.unit.owner is None or len(node.args) not in (0, 2):
            return None
        if node.args:
            owner = self.unit.owner
            own = [owner.__name__ if isinstance(owner, type) else getattr(owner, "name", ""), first[0]]
            if [dotted(arg.value) for arg in node.args] != [(name,) for name in own]:
                return None
        return Typed(receiver.type, after=self.unit.owner)

    def member(self, node: cst.Attribute) -> Member | None:
        """What an attribute of an object is; None where the base is none."""
        base = self.type_of(node.value)
        if base is None or base.bare:
            return None
        return base.type.member(self.classes, node.attr.value, base.after)

    def presence(self, node: cst.BaseExpression) -> bool | None:
        """What `hasattr(self, "w")` and `isinstance(m, Model)` are, where that is known; no function may then
        assign what is `absent`."""
        match node:
            case cst.UnaryOperation(operator=cst.Not(), expression=inner):
                there = self.presence(inner)
                return None if there is None else not there
            case cst.Call(func=cst.Name(value="isinstance"), args=[cst.Arg(value=of), cst.Arg(value=kinds)]):
                return self.instance(of, kinds)
            case cst.Call(func=cst.Name(value="hasattr"), args=[cst.Arg(value=of), cst.Arg(value=name)]):
                typed = self.type_of(of)
                if typed is None or typed.bare or not isinstance(name, cst.SimpleString):
                    return None
                text = str(name.evaluated_value)
                there = typed.type.has(text)
                if there is False:
                    self.absent.setdefault(text, self.unit.module.span(node))
                return there
        return None

    def instance(self, of: cst.BaseExpression, kinds: cst.BaseExpression) -> bool | None:
        """Whether an object whose class is known is of one of these classes of the project."""
        typed = self.type_of(of)
        if typed is None or typed.bare or not typed.type.exact:
            return None
        several = [e.value for e in kinds.elements] if isinstance(kinds, cst.Tuple) else [kinds]
        classes = [self.named_class(kind) for kind in several]
        known = [c.type for c in classes if c is not None and isinstance(c.type, SourceType)]
        if len(known) < len(classes) or self.reference(cst.Name("isinstance")) != Reference(
            Builtin("isinstance")
        ):
            return None
        return any(typed.type.inherits(kind.mro[0]) for kind in known)

    def is_undisturbed(self, call: cst.Call) -> bool:
        """Whether a loop runs over what a call gives and its body changes nothing, or it is taken whole."""
        if self._undisturbed is None:
            self._undisturbed = set()  # while it is asked what such loops call
            for node in nodes(self.unit.node.body):
                match node:
                    case cst.For(iter=cst.Call() as over, body=body) if still(self, over, body):
                        self._undisturbed.add(id(over))
                    case cst.ListComp(for_in=loop, elt=elt) | cst.GeneratorExp(for_in=loop, elt=elt):
                        self._undisturbed |= {id(loop.iter)} if still(self, loop.iter, loop, elt) else set()
                    case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=cst.Call() as given), *_]):
                        self._undisturbed |= {id(given)} if name in WHOLE else set()
            self._callees = {}
            self.passing.forget()
        return id(call) in self._undisturbed

    @cached_property
    def decided(self) -> frozenset[int]:
        """The parts that are not as they are written: conditional expressions of which one side is not there,
        and what is asked of a class."""
        return frozenset(id(node) for node in self.parts if self.is_decided(node))

    def is_decided(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.IfExp):
            return self.presence(node.test) is not None
        if isinstance(node, cst.Attribute):
            return self.class_value(node) is not None or self.is_of_tuple(node)
        if not isinstance(node, cst.Call):
            return False
        if (named := self.passing.named(node)) is not None:
            return not named.as_written
        callee = self.callee(node)
        return callee is not None and (callee.receiver is None or self.is_of_tuple(node.func))

    def is_of_tuple(self, node: cst.BaseExpression) -> bool:
        """Whether something is an attribute of a named tuple, and none of its parts: its class adds that."""
        typed = self.type_of(node.value) if isinstance(node, cst.Attribute) else None
        if typed is None or typed.bare or not isinstance(node, cst.Attribute):
            return False
        return bool(typed.type.parts) and node.attr.value not in (*typed.type.parts, *TUPLES_OWN)

    # ------------------------------------------------------------------------- calls

    def callee(self, node: cst.Call) -> Callee | None:
        """The function that a call calls, where objects have a say in it."""
        if id(node) not in self._callees:
            found = self._callee(node)
            self._callees[id(node)] = found and replace(found, unit=self.with_arguments(found, node))
        return self._callees[id(node)]

    def _callee(self, node: cst.Call) -> Callee | None:
        func = node.func
        if isinstance(func, cst.Attribute):
            base = self.type_of(func.value)
            if base is not None and base.bare:
                return self.of_class(base.type, func.attr.value, node)
            member = self.member(func)
            if func.attr.value == "__init__" and base is not None and base.after is None:
                return None  # An object that is made a second time.
            if member is not None:
                if member.sort in ("method", "static", "class"):
                    assert member.unit is not None
                    on = func.value if member.sort == "method" else None
                    return Callee(member.unit, on, bound=member.sort == "class")
                if member.sort == "function" and member.reference is not None:
                    meaning = member.reference.meaning
                    return Callee(meaning) if isinstance(meaning, Unit) else None
        typed = self.type_of(func)
        if typed is not None and not typed.bare:
            member = typed.type.member(self.classes, "__call__", typed.after)
            if member.sort == "method" and member.unit is not None:
                return Callee(member.unit, func)
            return None
        if (ours := standard_function(self, node)) is not None:
            return Callee(ours[0], short=ours[1])
        reference = self.reference(func)
        if reference is None or not isinstance(reference.meaning, Unit):
            return None
        whole = reference.used == len(dotted(func) or ())
        return Callee(reference.meaning) if whole and self.given(reference.meaning, node, 0) else None

    def of_class(self, kind: ObjectType, name: str, node: cst.Call) -> Callee | None:
        """`Model.static(x)`, and `Base.method(self, x)`, which is for the class of `self`."""
        if isinstance(kind, SourceType) and not kind.made:
            exact = replace(kind, made=True).member(self.classes, name)
            if exact.sort == "class" and exact.unit is not None:
                return Callee(exact.unit, bound=True)
        member = kind.member(self.classes, name)
        if member.sort in ("static", "class") and member.unit is not None:
            return Callee(member.unit, bound=member.sort == "class")
        if member.sort != "method" or member.unit is None or not node.args or node.args[0].star:
            return None
        first = self.type_of(node.args[0].value)
        if first is None or first.bare:
            return None
        params = all_params(member.unit.node.params)
        return Callee(self.classes.rebound(member.unit, {params[0].name.value: first.type}))

    def library(self, node: cst.Call) -> Reference | None:
        """The function of a library that an attribute holds: `self.activation(x)`."""
        member = self.member(node.func) if isinstance(node.func, cst.Attribute) else None
        if member is None or member.sort != "function" or member.reference is None:
            return None
        return None if isinstance(member.reference.meaning, Unit) else member.reference

    def reference(self, func: cst.BaseExpression) -> Reference | None:
        chain = dotted(func)
        if chain is None or chain[0] in self.unit.locals - set(self.unit.local_imports):
            return None
        return self.resolver.resolve(self.unit, self.unit.module, chain)

    def with_arguments(self, callee: Callee, node: cst.Call) -> Unit:
        given = self.given(callee.unit, node, 1 if callee.receiver is not None or callee.bound else 0)
        return self.classes.given(callee.unit, given)

    def given(self, unit: Unit, node: cst.Call, first: int) -> dict[str, ObjectType]:
        """The objects among the arguments of a call, by the names of the parameters."""
        params = [p.name.value for p in all_params(unit.node.params) if p.star not in ("*", "**")]
        found: dict[str, ObjectType] = {}
        place = first
        for arg in node.args:
            if arg.star:
                break
            name = arg.keyword.value if arg.keyword else params[place] if place < len(params) else None
            place += arg.keyword is None
            typed = self.type_of(arg.value)
            if name not in params or typed is None or typed.bare:
                continue
            known = self.classes.parameter(unit, name)
            if known is None or known.key != typed.type.key:
                found[name] = typed.type
        return found

    @cached_property
    def setting(self) -> dict[cst.Assign, Unit]:
        """The assignments that call the setter of a property: statements of their own, in plain blocks."""
        found: dict[cst.Assign, Unit] = {}
        stack: list[cst.CSTNode] = [self.unit.node.body]
        while stack:
            node = stack.pop()
            match node:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute() as target)]):
                    member, base = self.member(target), self.type_of(target.value)
                    plain = base is not None and base.type.plain and not scan(node).walrus
                    if member is not None and member.setter is not None and plain:
                        found[node] = member.setter
                case cst.IndentedBlock() | cst.SimpleStatementLine() | cst.SimpleStatementSuite():
                    stack += node.body
                case cst.If() | cst.For() | cst.While():
                    stack += [node.body, *([node.orelse] if node.orelse else [])]
                case cst.Else():
                    stack.append(node.body)
        return found

    def set_otherwise(self) -> Iterator[cst.Attribute]:
        """Attributes that are assigned and are no data: by a property, or by a `__setattr__`."""
        for node in self.parts:
            if isinstance(node, cst.Assign) and node in self.setting:
                continue
            targets: list[cst.BaseExpression] = []
            if isinstance(node, cst.Assign):
                targets = [target.target for target in node.targets]
            elif isinstance(node, cst.AugAssign | cst.AnnAssign | cst.For | cst.NamedExpr):
                targets = [node.target]
            elif isinstance(node, cst.AsName | cst.CompFor):
                targets = [node.name if isinstance(node, cst.AsName) else node.target]
            for target in targets:
                for inner in leaves(target):
                    if not isinstance(inner, cst.Attribute) or (member := self.member(inner)) is None:
                        continue
                    base = self.type_of(inner.value)
                    if member.sort not in ("data", "function") or (base is not None and not base.type.plain):
                        yield inner

    # ------------------------------------------------------------------- what is needed

    def used(self) -> Iterator[tuple[cst.CSTNode, Unit | Reference | None]]:
        """The functions that the function needs because of objects, with the names that stand for them; None
        for a name that stands for nothing else."""
        called = {id(call.func) for call in self.unit.scope.uses.calls}
        for node in self.parts:
            if isinstance(node, cst.Call):
                if (named := self.passing.named(node)) is not None:
                    yield node.func, named.cls if named.base is None and named.held else None
                    yield from ((node, reference) for reference in named.references)
                    continue
                if dotted(node.func) == ("super",) and self.superclass(node) is not None:
                    yield from ((arg.value, None) for arg in node.args[:1])
                callee = self.callee(node)
                if (made := self.made(node) or self.passing.construction(node)) is not None:
                    yield node.func, None
                    yield from ((node, unit) for unit in made.units)
                    yield from ((node, reference) for reference in made.references)
                elif callee is not None:
                    yield node.func, callee.unit
                elif (reference := self.library(node)) is not None:
                    yield node.func, reference
            elif isinstance(node, cst.BinaryOperation | cst.UnaryOperation):
                if (operator := self.passing.operator(node)) is not None:
                    yield node, operator.unit
            elif isinstance(node, cst.AugAssign):
                if (operator := self.passing.augmented(node)) is not None:
                    yield node, operator.unit
            elif isinstance(node, cst.Assign) and node in self.setting:
                yield node, self.setting[node]
            elif isinstance(node, cst.Attribute):
                if (held := self.class_value(node)) is not None:
                    yield node, held
                member = self.member(node)
                if member is None or member.unit is None or id(node) in called:
                    continue
                if member.sort in ("property", "method", "static"):
                    yield node, member.unit


def leaves(target: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The targets in a target."""
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from leaves(element.value)
    else:
        yield target
