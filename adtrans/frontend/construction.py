"""Objects that a function makes: what a call of a class of the project does.

    m = Model(w, 2.0)       __init__ is called with the new object, whose attributes become variables
    p = Point(x, y)         a dataclass or a named tuple: its fields are assigned one after the other

Only of classes that do nothing else when they are called: no metaclass, no `__new__`, no foreign base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir
from adtrans.frontend.classes import SourceClass, SourceType
from adtrans.frontend.meanings import Unit
from adtrans.frontend.scopes import dotted

if TYPE_CHECKING:
    from adtrans.frontend.objects import Objects

HOOKS = frozenset({"__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__"})
FLAGS = frozenset({"frozen", "eq", "order", "slots", "repr", "unsafe_hash", "match_args"})
"""Arguments of `@dataclass` that do not change how an object is made."""

Constants = tuple[tuple[str, ir.Expr], ...]
Fields = tuple[tuple[str, cst.BaseExpression | ir.Expr], ...]
"""What is given in the call is of the module of the call; defaults are constants."""


@dataclass(frozen=True)
class Construction:
    """What making an object does: it has the `constants` of its class, `fields` are assigned, then
    `init` and `after` (`__post_init__`) are called on it."""

    kind: SourceType
    constants: Constants
    fields: Fields = ()
    init: Unit | None = None
    after: Unit | None = None

    @property
    def units(self) -> Iterator[Unit]:
        yield from (unit for unit in (self.init, self.after) if unit is not None)


def construction(objects: Objects, call: cst.Call) -> Construction | None:
    """What a call does if it makes an object, None if that cannot be said."""
    kind = class_of(objects, call)
    if kind is None or any(arg.star for arg in call.args):
        return None
    maker = next((cls for cls in kind.mro if "__init__" in cls.members or is_record(cls)), None)
    constants = tuple(class_constants(kind))
    if maker is None:
        return None if call.args else Construction(kind, constants)
    if "__init__" in maker.members:
        init = method(objects, kind, "__init__", call)
        return None if init is None else Construction(kind, constants, init=init)
    fields = assigned(kind, call)
    after = None
    if any("__post_init__" in cls.members for cls in kind.mro):
        after = method(objects, kind, "__post_init__", None)
        fields = None if after is None else fields
    if fields is None:
        return None
    names = {name for name, _ in fields}
    return Construction(kind, tuple(c for c in constants if c[0] not in names), fields, after=after)


def class_of(objects: Objects, call: cst.Call) -> SourceType | None:
    """The class that a call makes an object of."""
    typed = objects.type_of(call.func) if dotted(call.func) else None
    kind = typed.type if typed is not None and typed.bare else None
    if not isinstance(kind, SourceType) or kind.foreign:
        return None
    for cls in kind.mro:
        if HOOKS & cls.members.keys() or cls.node.keywords or not all(map(harmless, cls.node.decorators)):
            return None
    return replace(kind, made=True)


def harmless(decorator: cst.Decorator) -> bool:
    """Whether a decorator of a class is `@dataclass`, with arguments that do not matter."""
    node = decorator.decorator
    if isinstance(node, cst.Call):
        flags = all(arg.keyword is not None and arg.keyword.value in FLAGS for arg in node.args)
        return flags and (dotted(node.func) or ("",))[-1] == "dataclass"
    return (dotted(node) or ("",))[-1] == "dataclass"


def is_record(cls: SourceClass) -> bool:
    """Whether `__init__` is made of the fields: of a dataclass, of a named tuple."""
    bases = {(dotted(base.value) or ("",))[-1] for base in cls.node.bases}
    return bool(cls.node.decorators) or "NamedTuple" in bases


def method(objects: Objects, kind: SourceType, name: str, call: cst.Call | None) -> Unit | None:
    member = kind.member(objects.classes, name)
    if member.sort != "method" or member.unit is None:
        return None
    given = objects.given(member.unit, call, 1) if call is not None else {}
    return objects.classes.given(member.unit, given)


# ------------------------------------------------------------------------------- values


def declared(cls: SourceClass) -> Iterator[tuple[str, cst.BaseExpression | None, cst.BaseExpression | None]]:
    """The names in the body of a class with their annotations and values."""
    for line in cls.node.body.body:
        for small in getattr(line, "body", ()) if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                yield small.target.value, small.annotation.annotation, small.value
            elif isinstance(small, cst.Assign) and isinstance(small.targets[0].target, cst.Name):
                yield small.targets[0].target.value, None, small.value


def class_constants(kind: SourceType) -> Iterator[tuple[str, ir.Expr]]:
    """What every object of a class has at the start: `rate = 0.1` in the class, where nobody changes it."""
    found: dict[str, ir.Expr] = {}
    for cls in reversed(kind.mro):
        for name, _, value in declared(cls):
            found.pop(name, None)
            constant = literal(value) if value is not None and not name.startswith("__") else None
            if constant is not None and not changed(cls, name):
                found[name] = constant
    yield from found.items()


def changed(cls: SourceClass, name: str) -> bool:
    """Whether something in the module assigns an attribute of the class itself."""
    owners = rf"(\b{cls.name}|\bcls|__class__|\btype\(\w+\))"
    assigns = rf"{owners}\.{name}\s*([-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)"
    return bool(re.search(assigns, cls.module.text)) or "setattr(" in cls.module.text


def assigned(kind: SourceType, call: cst.Call) -> Fields | None:
    """The fields of a dataclass with what a call gives them."""
    defaults: dict[str, cst.BaseExpression | None] = {}
    for cls in reversed(kind.mro):
        for name, annotation, value in declared(cls) if is_record(cls) else ():
            head = annotation.value if isinstance(annotation, cst.Subscript) else annotation
            word = (dotted(head) or ("",))[-1] if head is not None else "ClassVar"
            if word in ("InitVar", "KW_ONLY"):
                return None
            if word != "ClassVar":
                defaults[name] = value
    given: dict[str, cst.BaseExpression | ir.Expr] = {}
    for place, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword else [*defaults, *[""] * len(call.args)][place]
        if name not in defaults or name in given:
            return None
        given[name] = arg.value
    for name, value in defaults.items():
        if name not in given:
            constant = literal(value) if value is not None else None
            if constant is None:
                return None
            given[name] = constant
    return tuple(given.items())  # In the order of the call, in which they are evaluated.


def literal(node: cst.BaseExpression) -> ir.Expr | None:
    """A number, a string, a flag or a tuple of such; None for anything else."""
    match node:
        case cst.Integer() | cst.Float() | cst.Imaginary():
            return ir.Const(node.evaluated_value, text=node.value)
        case cst.SimpleString(evaluated_value=str(value)):
            return ir.Const(value)
        case cst.Name(value="True" | "False" | "None" as word):
            return ir.Const({"True": True, "False": False, "None": None}[word])
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer() | cst.Float() as inner):
            number = literal(inner)
            return None if number is None else ir.Op("neg", (number,))
        case cst.Tuple(elements=elements):
            parts = [literal(e.value) if isinstance(e, cst.Element) else None for e in elements]
            return ir.Tuple(tuple(p for p in parts if p is not None)) if None not in parts else None
    return None
