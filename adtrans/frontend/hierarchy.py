"""The classes of a program: found by name or by annotation, with their bases and methods."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.commands.files import FileError
from adtrans.frontend.classes import HARMLESS_BASES, LiveType, ObjectType, SourceClass, SourceType, linearised
from adtrans.frontend.meanings import Reference, Unit
from adtrans.frontend.scopes import all_params, dotted
from adtrans.frontend.source import ClassBinding, ConstantBinding, ImportBinding, SourceModule

if TYPE_CHECKING:
    from adtrans.frontend.objects import Objects
    from adtrans.resolve import Resolver


class Classes:
    """Finds classes, and makes one `Unit` of each method for each class of object that it is called on."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.held: dict[Hashable, dict[str, ObjectType]] = {}
        self.returned: dict[Unit, SourceType | None] = {}
        self.mixed: set[Unit] = set()
        """Functions of which some returns give an object, and others do not."""
        self.quiet: dict[Unit, bool] = {}
        self.root: Unit | None = None
        """The function to differentiate."""
        self._objects: dict[Unit, Objects] = {}
        self._sources: dict[int, SourceClass] = {}
        self._types: dict[int, SourceType] = {}
        self._units: dict[Hashable, Unit] = {}
        self._live: dict[FunctionType, Unit | None] = {}
        self._paths: dict[str, int] = {}

    def objects(self, unit: Unit) -> Objects:
        """The objects in a function."""
        from adtrans.frontend.objects import Objects

        if unit not in self._objects:
            self._objects[unit] = Objects(self.resolver, unit)
        return self._objects[unit]

    def give_up(self, unit: Unit) -> None:
        """It was taken for a function that returns objects, and is none: forget what follows from that."""
        self.mixed.add(unit)
        self.returned.clear()
        self.returned[unit] = None
        for objects in self._objects.values():
            objects.start()

    # -------------------------------------------------------------------- by source

    def named(self, module: SourceModule, chain: tuple[str, ...]) -> SourceType | None:
        """The class that a dotted name means at the level of a module."""
        try:
            return self._named(module, chain, frozenset())
        except FileError:
            return None  # The resolver will tell that a module cannot be read.

    def _named(
        self, module: SourceModule, chain: tuple[str, ...], seen: frozenset[object]
    ) -> SourceType | None:
        """`seen` are the names followed so far: modules may import a name from each other."""
        if (module.file, chain) in seen:
            return None
        seen |= {(module.file, chain)}
        binding = module.bindings.get(chain[0])
        match binding:
            case ClassBinding(node=node) if len(chain) == 1:
                return self.type_of(module, node)
            case ConstantBinding(value=value) if len(chain) == 1:
                names = dotted(value)
                return self._named(module, names, seen) if names and names[0] != chain[0] else None
            case ImportBinding(name=None):
                target = self.resolver.project.find(binding.module, binding.level, module)
                return self._named(target, chain[1:], seen) if target is not None and len(chain) > 1 else None
            case ImportBinding(name=str(name)):
                target = self.resolver.project.find(binding.module, binding.level, module)
                if target is not None and name in target.bindings:
                    return self._named(target, (name, *chain[1:]), seen)
                path = f"{binding.module}.{name}".lstrip(".")
                sub = self.resolver.project.find(path, binding.level, module)
                return self._named(sub, chain[1:], seen) if sub is not None and len(chain) > 1 else None
        return None

    def type_of(self, module: SourceModule, node: cst.ClassDef) -> SourceType:
        """The type that a definition of a class makes."""
        if id(node) in self._types:
            return self._types[id(node)]
        cls = self._sources.setdefault(id(node), SourceClass(module, node))
        self._types[id(node)] = SourceType((cls,))  # of a class that names itself among its bases
        orders: list[list[SourceClass]] = []
        foreign: list[str] = []
        for base in node.bases:
            value = base.value.value if isinstance(base.value, cst.Subscript) else base.value
            chain = dotted(value) or ("?",)
            tuple_of = module.named_tuple(value, node.name.value)
            found = self.named(module, chain) if tuple_of is None else self.type_of(module, tuple_of)
            if found is not None:
                orders.append(list(found.mro))
                foreign += found.foreign
            elif chain[-1] not in HARMLESS_BASES:
                foreign.append(".".join(chain))
        made = self._types[id(node)] = SourceType(linearised(cls, orders), tuple(foreign))
        return made

    def annotated(self, module: SourceModule, node: cst.BaseExpression) -> SourceType | None:
        """The class of the project that an annotation names."""
        if isinstance(node, cst.SimpleString):
            try:
                node = cst.parse_expression(str(node.evaluated_value))
            except cst.ParserSyntaxError:
                return None
        if isinstance(node, cst.Subscript) and (dotted(node.value) or ("",))[-1] in ("ClassVar", "Final"):
            index = node.slice[0].slice
            return self.annotated(module, index.value) if isinstance(index, cst.Index) else None
        chain = dotted(node)
        return self.named(module, chain) if chain else None

    def constructed(
        self, module: SourceModule, value: cst.BaseExpression, method: cst.FunctionDef
    ) -> SourceType | None:
        """The class of what `__init__` puts into an attribute: `Layer(…)`, or a parameter `layer: Layer`."""
        if isinstance(value, cst.Call):
            chain = dotted(value.func)
            return self.named(module, chain) if chain else None
        if isinstance(value, cst.Name):
            for param in all_params(method.params):
                if param.name.value == value.value and param.annotation is not None:
                    return self.annotated(module, param.annotation.annotation)
        return None

    # ------------------------------------------------------------------------- units

    def method(self, owner: SourceClass, node: cst.FunctionDef, receiver: ObjectType | None) -> Unit:
        """A method by its source, for objects of a class."""
        unit = Unit(owner.module, node.name.value, node)
        return self._for(unit, receiver, owner, owner.name)

    def live_method(
        self, function: FunctionType, receiver: ObjectType | None, owner: type | None
    ) -> Unit | None:
        """A running method by its source."""
        if function not in self._live:
            found = self.resolver.definition(function)
            self._live[function] = self.resolver.unit_chain(*found) if found is not None else None
        unit = self._live[function]
        if unit is None:
            return None
        return self._for(unit, receiver, owner, owner.__name__ if owner is not None else "")

    def _for(self, unit: Unit, receiver: ObjectType | None, owner: Hashable, name: str) -> Unit:
        params = all_params(unit.node.params)
        objects = {params[0].name.value: receiver} if receiver is not None and params else {}
        owner = owner if receiver is not None else None  # a static function is the same for all
        words = [receiver.name] if receiver is not None and receiver.name != name else []
        unit = replace(
            unit, objects=objects, owner=owner, within="".join(f"{w}." for w in [*words, name] if w)
        )
        return self._one(unit)

    def given(self, unit: Unit, objects: Mapping[str, ObjectType]) -> Unit:
        """A function for objects of these classes among its arguments."""
        if not objects:
            return unit
        names = "".join(f"{kind.name}." for kind in objects.values())
        return self._one(replace(unit, objects={**unit.objects, **objects}, within=f"{unit.within}{names}"))

    def entry(self, unit: Unit, objects: Mapping[str, ObjectType | None]) -> Unit:
        """The function to differentiate, for the objects that it is called with; a method has its class."""
        first = next(iter(unit.scope.params), "")
        kind = objects.get(first)
        line = unit.module.range(unit.node.name)[0][0]
        owner = kind.owner_of(unit.name, line) if isinstance(kind, LiveType) else None
        annotated = self.known(unit)
        told = {name: kind for name, kind in objects.items() if kind is not None or name in annotated}
        if not told and owner is None:
            return unit
        return self._one(replace(unit, objects={**unit.objects, **told}, owner=unit.owner or owner))

    def known(self, unit: Unit) -> set[str]:
        """The parameters of a function whose classes its text tells."""
        return {name for name in unit.scope.params if self.parameter(unit, name) is not None}

    def parameter(self, unit: Unit, name: str) -> ObjectType | None:
        """The class of a parameter: what it is called with, or what its annotation says."""
        if name in unit.objects:
            return unit.objects[name]
        for param in all_params(unit.node.params):
            if param.name.value == name and param.annotation is not None:
                found = self.annotated(unit.module, param.annotation.annotation)
                if found is not None and unit is not self.root and (exact := replace(found, made=True)).parts:
                    return exact  # The entry alone is given objects that the program has not made.
                return None if is_typed_dict(found) else found
        return None

    def rebound(self, unit: Unit, objects: Mapping[str, ObjectType]) -> Unit:
        """A method for an object of another class than the one it was looked up in."""
        name = "".join(f"{kind.name}." for kind in objects.values())
        within = unit.within if unit.within.startswith(name) else f"{name}{unit.within}"
        return self._one(replace(unit, objects={**unit.objects, **objects}, within=within))

    def _one(self, unit: Unit) -> Unit:
        """The one unit of its kind; two of one path are told apart by a number."""
        objects = frozenset(
            (name, kind.key if kind is not None else None) for name, kind in unit.objects.items()
        )
        key = id(unit.node), id(unit.outer) if unit.lifted else None, objects, unit.owner
        if key not in self._units:
            path = unit.path
            number = self._paths[path] = self._paths.get(path, 0) + 1
            self._units[key] = unit if number == 1 else replace(unit, within=f"{unit.within}{number}.")
        return self._units[key]

    def written(self, kind: LiveType, unit: Unit) -> SourceType | None:
        """The class of a running object by its source, where a method of it stands that we look at."""
        found = self.named(unit.module, (kind.name,)) if unit.owner is kind.layout.cls else None
        return None if found is None else replace(found, made=True)

    def live_value(self, name: str, value: object) -> Reference | None:
        """What a function is that the running object holds."""
        return self.resolver.live_value(self.resolver.project.entry, name, value)


def is_typed_dict(kind: ObjectType | None) -> bool:
    """Whether an annotation describes a dict, not an object."""
    return isinstance(kind, SourceType) and any(base.endswith("TypedDict") for base in kind.foreign)
