"""What an attribute of an object is: data, a method, a property; from the running class, or from its source.

A `Member` of kind "data" is read from the object. A "method" has a receiver, a "static" function has none,
that of a "class" is the class itself, which is known; of a "property" reading is a call. "function" is data
that is a function, which is called without the object.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Literal

import libcst as cst

from adtrans.frontend.meanings import Reference, Unit
from adtrans.frontend.named_tuples import names_of
from adtrans.frontend.scopes import dotted, scan
from adtrans.frontend.source import SourceModule
from adtrans.layouts import Layout
from adtrans.source import undecorated

if TYPE_CHECKING:
    from adtrans.frontend.hierarchy import Classes

Sort = Literal["data", "method", "static", "class", "property", "function", "other"]


@dataclass(frozen=True)
class Member:
    """What a name is in an object: `unit` is the function, `object` the class of what is there, if known.
    `setter` is the function that an assignment to a property calls.

    `why` completes the words `self.name is …` for what cannot be followed.
    """

    sort: Sort
    unit: Unit | None = None
    object: ObjectType | None = None
    reference: Reference | None = None
    why: str = ""
    setter: Unit | None = None


DATA = Member("data")
GETTERS: tuple[object, ...] = (object.__getattribute__, tuple.__getattribute__)


class ObjectType:
    """The class of an object, and what is known of the objects in it."""

    @property
    def name(self) -> str:
        """The name of the class."""
        return "object"

    @property
    def key(self) -> Hashable:
        """Equal for two that are the same in all that matters."""
        raise NotImplementedError

    def member(self, classes: Classes, name: str, after: Hashable = None) -> Member:
        """What a name means; `after` a class: as its `super()` sees it."""
        raise NotImplementedError

    def has(self, name: str) -> bool | None:
        """Whether there is an attribute of this name, None where that is not known."""
        return None

    def inherits(self, other: SourceClass) -> bool:
        """Whether it is a class of the project or one that inherits from it."""
        return False

    @property
    def exact(self) -> bool:
        """Whether no object of it is of a class that inherits from it."""
        return False

    @property
    def plain(self) -> bool:
        """Whether an assignment to an attribute does nothing else."""
        return True

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts of an object that is a tuple in the program."""
        return ()


@dataclass(frozen=True)
class Anything(ObjectType):
    """An object with attributes and nothing else, as in the modules that adtrans writes."""

    @property
    def key(self) -> Hashable:
        return "anything"

    def member(self, classes: Classes, name: str, after: Hashable = None) -> Member:
        return DATA


# ------------------------------------------------------------------------ running classes


@dataclass(frozen=True)
class LiveType(ObjectType):
    """The class of a running object."""

    layout: Layout

    @property
    def name(self) -> str:
        return self.layout.cls.__name__

    @property
    def key(self) -> Hashable:
        return self.layout

    @property
    def exact(self) -> bool:
        return True

    def member(self, classes: Classes, name: str, after: Hashable = None) -> Member:
        if name in ("__dict__", "__class__"):
            return Member("other", why="all of the object")
        owner, value = self.found(name, after)
        functions, objects = dict(self.layout.functions), dict(self.layout.objects)
        if isinstance(value, property):
            found = self.function(classes, value.fget, owner, "property")
            setter = self.function(classes, value.fset, owner, "method") if value.fset else None
            return replace(found, setter=setter.unit if setter is not None else None)
        if name in functions:
            reference = classes.live_value(name, functions[name])
            return Member("function", reference=reference)
        if name in objects:
            return Member("data", object=LiveType(objects[name]))
        if owner is None:
            if any(hasattr(cls, "__getattr__") for cls in self.layout.cls.__mro__):
                return Member("other", why="found by `__getattr__`")
            return DATA
        if getattr(self.layout.cls, "__getattribute__", None) not in GETTERS:
            return Member("other", why="found by `__getattribute__`")
        if isinstance(value, staticmethod | classmethod):
            sort: Sort = "static" if isinstance(value, staticmethod) else "method"
            return self.function(classes, value.__func__, owner, sort)
        plain = undecorated(value)
        if isinstance(plain, FunctionType):
            return self.function(classes, plain, owner, "method")
        data = isinstance(value, MemberDescriptorType | GetSetDescriptorType)
        if data or not hasattr(type(value), "__get__") or type(value).__name__ == "_tuplegetter":
            return DATA
        return Member("other", why=f"a `{type(value).__name__}`")

    @property
    def plain(self) -> bool:
        return getattr(self.layout.cls, "__setattr__", None) is object.__setattr__

    def has(self, name: str) -> bool | None:
        dynamic = any("__getattr__" in cls.__dict__ for cls in self.layout.cls.__mro__)
        return None if dynamic else self.layout.has(name)

    def inherits(self, other: SourceClass) -> bool:
        return any(cls.__qualname__ == other.name for cls in self.layout.cls.__mro__)

    def found(self, name: str, after: Hashable) -> tuple[type | None, object]:
        """The class that binds a name, and to what."""
        mro = list(self.layout.cls.__mro__)
        if after is not None and after in mro:
            mro = mro[mro.index(after) + 1 :]
        for cls in mro:
            if name in cls.__dict__:
                return cls, cls.__dict__[name]
        return None, None

    def owner_of(self, name: str, line: int) -> type | None:
        """The class that defines a method on a line; decorators stand above it."""
        above: dict[int, type] = {}
        for cls in reversed(self.layout.cls.__mro__):
            value = undecorated(getattr(cls.__dict__.get(name), "__func__", cls.__dict__.get(name)))
            if isinstance(value, FunctionType) and value.__code__.co_firstlineno <= line:
                above[value.__code__.co_firstlineno] = cls
        return above[max(above)] if above else None

    def function(self, classes: Classes, value: object, owner: type | None, sort: Sort) -> Member:
        plain = undecorated(value)
        unit = None
        if isinstance(plain, FunctionType):
            unit = classes.live_method(plain, self if sort != "static" else None, owner)
        if unit is None:
            return Member("other", why="a function whose source adtrans cannot read")
        return Member(sort, unit)


# ------------------------------------------------------------------- classes in source text


@dataclass(eq=False)
class SourceClass:
    """A class by its source: what its body binds, and where its bases are."""

    module: SourceModule
    node: cst.ClassDef
    members: dict[str, cst.CSTNode | None] = field(default_factory=dict)
    annotations: dict[str, cst.BaseExpression] = field(default_factory=dict)
    setters: dict[str, cst.FunctionDef] = field(default_factory=dict)
    """What an assignment to a property does."""

    def __post_init__(self) -> None:
        for statement in self.node.body.body:
            if isinstance(statement, cst.FunctionDef | cst.ClassDef):
                if self.completes(statement):
                    continue
                self.members[statement.name.value] = statement
                self.setters.pop(statement.name.value, None)
                continue
            for name in scan(statement).stores:
                self.members[name.value] = None
            for small in (
                getattr(statement, "body", ()) if isinstance(statement, cst.SimpleStatementLine) else ()
            ):
                if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                    self.members[small.target.value] = None
                    self.annotations[small.target.value] = small.annotation.annotation
                elif isinstance(small, cst.Assign) and isinstance(small.targets[0].target, cst.Name):
                    self.members[small.targets[0].target.value] = small.value

    @property
    def name(self) -> str:
        return self.node.name.value

    def completes(self, node: cst.FunctionDef | cst.ClassDef) -> bool:
        """Whether a definition is the other half of a property: `@level.setter`."""
        name, known = node.name.value, self.members.get(node.name.value)
        marks = [dotted(decorator.decorator) for decorator in node.decorators]
        if marks not in ([(name, "setter")], [(name, "deleter")]) or not isinstance(node, cst.FunctionDef):
            return False
        if not isinstance(known, cst.FunctionDef) or sort_of(known) != "property":
            return False
        if marks == [(name, "setter")]:
            self.setters[name] = node
        return True

    def constructed(self) -> Iterator[tuple[str, cst.BaseExpression, cst.FunctionDef]]:
        """What `__init__` and `__post_init__` put into attributes: `self.inner = Layer(…)`."""
        for name in ("__init__", "__post_init__"):
            method = self.members.get(name)
            if not isinstance(method, cst.FunctionDef) or not method.params.params:
                continue
            me = method.params.params[0].name.value
            for target, value in scan(method.body).assigns:
                chain = dotted(target)
                if chain is not None and len(chain) == 2 and chain[0] == me:
                    yield chain[1], value, method


HARMLESS_BASES = ("object", "ABC", "Protocol", "Generic", "NamedTuple")


@dataclass(frozen=True)
class SourceType(ObjectType):
    """A class of the project. `foreign` are bases whose source is not part of it; of an object that is `made`
    in the program nothing else is known than of one that is given, but that it is of this very class."""

    mro: tuple[SourceClass, ...]
    foreign: tuple[str, ...] = ()
    made: bool = False
    holding: tuple[tuple[str, ObjectType], ...] = ()
    """The objects that were given to `__init__`, by the attributes that hold them."""

    @property
    def name(self) -> str:
        return self.mro[0].name

    @property
    def key(self) -> Hashable:
        return id(self.mro[0]), self.made, tuple((name, kind.key) for name, kind in self.holding)

    @property
    def exact(self) -> bool:
        return self.made

    @cached_property
    def parts(self) -> tuple[str, ...]:
        return names_of(self.mro) if self.made and not self.foreign else ()

    def member(self, classes: Classes, name: str, after: Hashable = None) -> Member:
        if name in ("__dict__", "__class__"):
            return Member("other", why="all of the object")
        mro = self.mro
        if after is not None and after in mro:
            mro = mro[mro.index(after) + 1 :]
        owner = next((cls for cls in mro if name in cls.members), None)
        node = owner.members[name] if owner is not None else None
        if owner is None or not isinstance(node, cst.FunctionDef):
            return self.data(classes, name, node)
        sort = sort_of(node)
        if sort == "other":
            return Member("other", why="decorated")
        if owner.module.changes.has_other(owner.name, name):
            return Member("other", why="assigned outside of its class")
        setter = owner.setters.get(name) if sort == "property" else None
        if sort == "class" and not self.made:
            return Member("other", why="of a class, which may be another one than is annotated")
        if sort == "class":
            return Member(sort, classes.method(owner, node, ClassOf(self)))
        return Member(
            sort,
            classes.method(owner, node, self if sort != "static" else None),
            setter=None if setter is None else classes.method(owner, setter, self),
        )

    def inherits(self, other: SourceClass) -> bool:
        return other in self.mro

    @property
    def plain(self) -> bool:
        return not any("__setattr__" in cls.members for cls in self.mro)

    def data(self, classes: Classes, name: str, node: cst.CSTNode | None) -> Member:
        getters = ("__getattr__", "__getattribute__")
        if any(getter in cls.members for cls in self.mro for getter in getters):
            return Member("other", why="of a class with `__getattr__`")
        if isinstance(node, cst.Call) and (dotted(node.func) or ("",))[-1] in ("property", "cached_property"):
            return Member("other", why="a property that is made by a call")
        return Member("data", object=self.held(classes).get(name))

    def held(self, classes: Classes) -> Mapping[str, ObjectType]:
        """The classes of the objects in the attributes, as far as the source tells."""
        known = classes.held.get(self.key)
        if known is not None:
            return known
        found: dict[str, ObjectType] = dict(self.holding)
        classes.held[self.key] = found
        for cls in self.mro:
            for name, annotation in cls.annotations.items():
                if (inner := classes.annotated(cls.module, annotation)) is not None:
                    found.setdefault(name, self.inside(inner))
            for name, value, method in cls.constructed():
                if (inner := classes.constructed(cls.module, value, method)) is not None:
                    found.setdefault(name, self.inside(inner))
        return found

    def inside(self, kind: SourceType) -> SourceType:
        """The class of what is in an object: a named tuple is a tuple in one that the program makes."""
        exact = replace(kind, made=True)
        return exact if self.made and exact.parts else kind


@dataclass(frozen=True)
class ClassOf(ObjectType):
    """A class itself, as the first argument of a class method."""

    of: SourceType

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def key(self) -> Hashable:
        return "class", self.of.key

    def member(self, classes: Classes, name: str, after: Hashable = None) -> Member:
        return Member("other", why="that of a class")


SORTS: dict[str, Sort] = {"property": "property", "staticmethod": "static", "classmethod": "class"}


def sort_of(node: cst.FunctionDef) -> Sort:
    """What the decorators make of a function in a class."""
    from adtrans.resolve import HARMLESS_DECORATORS

    sort: Sort = "method"
    for decorator in node.decorators:
        chain = dotted(
            decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        )
        last = (chain or ("?",))[-1]
        if last in SORTS:
            sort = SORTS[last]
        elif last not in ("abstractmethod", "final", *HARMLESS_DECORATORS):
            return "other"
    return sort


def linearised(cls: SourceClass, bases: list[list[SourceClass]]) -> tuple[SourceClass, ...]:
    """Python's method resolution order: C3 over the orders of the bases."""
    rows = [list(row) for row in bases if row] + [[row[0] for row in bases if row]]
    order = [cls]
    while rows := [row for row in rows if row]:
        for row in rows:
            head = row[0]
            if not any(head in other[1:] for other in rows):
                break
        else:
            head = rows[0][0]  # Python would not make this class.
        order.append(head)
        rows = [[c for c in row if c is not head] for row in rows]
    return tuple(order)
