"""The objects in one function: which of its expressions are objects, and what is called on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.errors import Span
from adtrans.frontend.classes import Member, ObjectType, SourceType
from adtrans.frontend.construction import Construction, construction
from adtrans.frontend.meanings import Builtin, Reference, Unit
from adtrans.frontend.scopes import all_params, assignments, dotted, nodes, scan

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
    """What a call calls: a function, with the expression that it is called on if that is an argument."""

    unit: Unit
    receiver: cst.BaseExpression | None = None


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
    )
)


class Objects:
    """Looks at the expressions of one function."""

    def __init__(self, resolver: Resolver, unit: Unit) -> None:
        self.resolver = resolver
        self.classes = resolver.classes
        self.unit = unit
        self.absent: dict[str, Span] = {}
        self._names: dict[str, Typed | None] = {}
        self._callees: dict[int, Callee | None] = {}
        self._made: dict[int, Construction | None] = {}

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
            member = self.member(node)
            if member is not None:
                return Typed(member.object) if member.sort == "data" and member.object is not None else None
            return self.named_class(node)
        if isinstance(node, cst.Call) and dotted(node.func) == ("super",):
            return self.superclass(node)
        return None

    def name(self, name: str) -> Typed | None:
        if name not in self._names:
            self._names[name] = None  # of a variable that is assigned to itself
            self._names[name] = self._name(name)
        return self._names[name]

    def _name(self, name: str) -> Typed | None:
        unit: Unit | None = self.unit
        while unit is not None and name not in unit.locals:
            unit = unit.outer
        if unit is None:
            return self.named_class(cst.Name(name))
        if unit is not self.unit:
            return Objects(self.resolver, unit).name(name)
        stores = [node for node in unit.scope.uses.stores if node.value == name]
        if name in unit.scope.params and not stores:
            return self.parameter(name)
        values = [v for t, v in unit.scope.uses.assigns if isinstance(t, cst.Name) and t.value == name]
        if len(stores) != 1 or len(values) != 1 or name in unit.scope.params:
            return None
        if dotted(values[0]):
            return self.type_of(values[0])
        if isinstance(values[0], cst.Call) and id(values[0]) in self.places:
            made = self.made(values[0])
            return Typed(made.kind) if made is not None else None
        return None

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

    def parameter(self, name: str) -> Typed | None:
        kind = self.classes.parameter(self.unit, name)
        return Typed(kind) if kind is not None else None

    def parameters(self) -> frozenset[str]:
        """The parameters that are objects."""
        return frozenset(
            n for n in self.unit.scope.params if self.classes.parameter(self.unit, n) is not None
        )

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

    @cached_property
    def decided(self) -> frozenset[int]:
        """The conditional expressions of which one side is not there."""
        return frozenset(
            id(node)
            for node in self.parts
            if isinstance(node, cst.IfExp) and self.presence(node.test) is not None
        )

    # ------------------------------------------------------------------------- calls

    def callee(self, node: cst.Call) -> Callee | None:
        """The function that a call calls, where objects have a say in it."""
        if id(node) not in self._callees:
            found = self._callee(node)
            self._callees[id(node)] = found and Callee(self.with_arguments(found, node), found.receiver)
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
                if member.sort in ("method", "static"):
                    assert member.unit is not None
                    return Callee(member.unit, func.value if member.sort == "method" else None)
                if member.sort == "function" and member.reference is not None:
                    meaning = member.reference.meaning
                    return Callee(meaning) if isinstance(meaning, Unit) else None
        typed = self.type_of(func)
        if typed is not None and not typed.bare:
            member = typed.type.member(self.classes, "__call__", typed.after)
            if member.sort == "method" and member.unit is not None:
                return Callee(member.unit, func)
            return None
        reference = self.reference(func)
        if reference is None or not isinstance(reference.meaning, Unit):
            return None
        whole = reference.used == len(dotted(func) or ())
        return Callee(reference.meaning) if whole and self.given(reference.meaning, node, 0) else None

    def of_class(self, kind: ObjectType, name: str, node: cst.Call) -> Callee | None:
        """`Model.static(x)`, and `Base.method(self, x)`, which is for the class of `self`."""
        member = kind.member(self.classes, name)
        if member.sort == "static" and member.unit is not None:
            return Callee(member.unit)
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
        given = self.given(callee.unit, node, 1 if callee.receiver is not None else 0)
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
                if self.type_of(node) is not None:  # super(Model, self)
                    yield from ((arg.value, None) for arg in node.args[:1])
                callee = self.callee(node)
                if (made := self.made(node)) is not None:
                    yield node.func, None
                    yield from ((node, unit) for unit in made.units)
                    yield from ((node, reference) for reference in made.references)
                elif callee is not None:
                    yield node.func, callee.unit
                elif (reference := self.library(node)) is not None:
                    yield node.func, reference
            elif isinstance(node, cst.Assign) and node in self.setting:
                yield node, self.setting[node]
            elif isinstance(node, cst.Attribute):
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
