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
from adtrans.frontend.classes import ObjectType, SourceClass, SourceType
from adtrans.frontend.classvalues import of_class
from adtrans.frontend.meanings import NAMED_TUPLE, Constant, Library, Reference, Unit
from adtrans.frontend.scopes import dotted
from adtrans.frontend.source import ClassBinding, ConstantBinding

if TYPE_CHECKING:
    from adtrans.frontend.objects import Objects

HOOKS = frozenset({"__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__"})
FLAGS = frozenset({"frozen", "eq", "order", "slots", "repr", "unsafe_hash", "match_args"})
"""Arguments of `@dataclass` that do not change how an object is made."""

FIELD = "dataclasses.field"
LIBRARIES = frozenset({"numpy", "math", "cmath", "scipy"})
"""Libraries whose functions make values, not fields."""

Value = ir.Expr | Reference
"""A literal, or what is a constant of the emitted module."""

Constants = tuple[tuple[str, Value], ...]
Fields = tuple[tuple[str, cst.BaseExpression | Value], ...]
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

    @property
    def references(self) -> Iterator[Reference]:
        """The constants of the emitted module that it needs."""
        values = (value for _, value in (*self.constants, *self.fields))
        yield from (value for value in values if isinstance(value, Reference))


@dataclass(frozen=True)
class NamedTuple:
    """What a call gives that makes a named tuple: `fields` in the order of the call; those of `base` that
    are not among them stay, if it is `base._replace(...)`; `row` holds them all, if it is `P(*row)`."""

    kind: SourceType
    fields: Fields = ()
    base: cst.BaseExpression | None = None
    row: cst.BaseExpression | None = None
    held: int = 1
    """How many names of a dotted chain are that of the class; 0 if it is only known to be it: `cls(x)`."""

    @property
    def holder(self) -> Constant:
        """What has the name of the class in the emitted module."""
        return holder_of(self.kind)

    @property
    def cls(self) -> Reference:
        """The class, as the emitted module has it."""
        return Reference(self.holder, self.held, self.holder, self.held)

    @property
    def references(self) -> Iterator[Reference]:
        """The constants of the emitted module that it needs."""
        yield self.cls
        yield from (value for _, value in self.fields if isinstance(value, Reference))

    @property
    def as_written(self) -> bool:
        """Whether the emitted module can say it as it is written: without what the class adds."""
        given = all(isinstance(value, cst.BaseExpression) for _, value in self.fields)
        return self.base is not None or (self.held > 0 and given)


def holder_of(kind: SourceType) -> Constant:
    """The class of a named tuple in the emitted module: one with these parts, and nothing else."""
    cls = kind.mro[0]
    names = ", ".join(f'"{name}"' for name in kind.parts)
    return Constant(cls.module, cls.name, None, f'{{namedtuple}}("{cls.name}", [{names}])', (NAMED_TUPLE,))


def named_tuple(objects: Objects, call: cst.Call) -> NamedTuple | None:
    """What a call makes if that is a named tuple: `P(x, y)`, `P(*row)`, `p._replace(y=y)`."""
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    if method == "_replace" and isinstance(call.func, cst.Attribute):
        typed = objects.type_of(call.func.value)
        return None if typed is None or typed.bare else replaced(typed.type, call, call.func.value)
    of = call.func.value if method == "_make" and isinstance(call.func, cst.Attribute) else call.func
    kind = class_of(objects, call.with_changes(func=of))
    if kind is None or not kind.parts:
        return None
    held = len(dotted(of) or ()) if objects.named_class(of) is not None else 0
    stars = [arg.star for arg in call.args]
    if stars == ["*"] or (method == "_make" and stars == [""]):
        row = call.args[0].value
        return NamedTuple(kind, row=row, held=held) if method or is_whole(objects, kind, row) else None
    fields = assigned(objects, kind, call) if not method and not any(stars) else None
    return None if fields is None else NamedTuple(kind, fields, held=held)


def is_whole(objects: Objects, kind: SourceType, row: cst.BaseExpression) -> bool:
    """Whether `P(*row)` leaves no part to its default."""
    typed = objects.type_of(row)
    if typed is not None and len(typed.type.parts) == len(kind.parts):
        return True
    return all(value is None for _, _, value in declared(kind.mro[-1]))


def replaced(kind: ObjectType, call: cst.Call, base: cst.BaseExpression) -> NamedTuple | None:
    """`p._replace(y=y)`."""
    new = [(arg.keyword.value, arg.value) for arg in call.args if arg.keyword is not None]
    if not isinstance(kind, SourceType) or not {name for name, _ in new} <= {*kind.parts}:
        return None
    return NamedTuple(kind, tuple(new), base) if len(new) == len(call.args) else None


def construction(objects: Objects, call: cst.Call) -> Construction | None:
    """What a call does if it makes an object, None if that cannot be said."""
    if (new := replacement(objects, call)) is not None:
        return new
    kind = class_of(objects, call)
    if kind is None or kind.parts or any(arg.star for arg in call.args):
        return None
    maker = next((cls for cls in kind.mro if "__init__" in cls.members or is_record(cls)), None)
    constants = tuple(class_constants(objects, kind))
    if maker is None:
        return None if call.args else Construction(kind, constants)
    if "__init__" in maker.members:
        init = method(objects, kind, "__init__", call)
        return None if init is None else Construction(holding(kind, init), constants, init=init)
    fields = assigned(objects, kind, call)
    after = None
    if any("__post_init__" in cls.members for cls in kind.mro):
        after = method(objects, kind, "__post_init__", None)
        fields = None if after is None else fields
    if fields is None:
        return None
    names = {name for name, _ in fields}
    given = ((name, objects.type_of(v)) for name, v in fields if isinstance(v, cst.BaseExpression))
    kind = replace(kind, holding=tuple((name, t.type) for name, t in given if t is not None and not t.bare))
    return Construction(kind, tuple(c for c in constants if c[0] not in names), fields, after=after)


def replacement(objects: Objects, call: cst.Call) -> Construction | None:
    """`dataclasses.replace(s, v=v)`: another object, with the fields of a variable that are not given."""
    reference = objects.reference(call.func)
    meaning = reference.meaning if reference is not None else None
    if not isinstance(meaning, Library) or meaning.path != "dataclasses.replace" or not call.args:
        return None
    first = call.args[0].value
    new = [(a.keyword.value, a.value) for a in call.args[1:] if a.keyword is not None]
    typed = objects.type_of(first)
    kind = typed.type if typed is not None and not typed.bare else None
    if (
        len(new) + 1 < len(call.args)
        or not isinstance(first, cst.Name)
        or not isinstance(kind, SourceType)
        or not kind.made
        or kind.parts
    ):
        return None
    names = init_fields(kind) if first.value in objects.unit.locals else None
    inner = any(isinstance(kind.held(objects.classes).get(name), SourceType) for name in names or ())
    hooks = any({"__init__", "__post_init__"} & cls.members.keys() for cls in kind.mro)
    if names is None or inner or hooks or not {name for name, _ in new} <= names.keys():
        return None
    if any(isinstance(value, cst.Call) and of_field(value) is None for value in names.values()):
        return None  # It may be one that is made anew.
    given: dict[str, cst.BaseExpression | Value] = {**dict(new)}
    kept = {name: ir.Field(ir.Name(first.value), name) for name in names if name not in given}
    own = {name: c for name, c in class_constants(objects, kind) if name not in names}
    return Construction(kind, tuple(own.items()), tuple((given | kept).items()))


def holding(kind: SourceType, init: Unit) -> SourceType:
    """The class of an object with the objects that its `__init__` is given and keeps."""
    found: dict[str, ObjectType] = {}
    for cls in kind.mro:
        for name, value, node in cls.constructed():
            given = init.objects.get(value.value) if isinstance(value, cst.Name) else None
            if node is init.node and given is not None:
                found[name] = given
    return replace(kind, holding=tuple(found.items()))


def class_of(objects: Objects, call: cst.Call) -> SourceType | None:
    """The class that a call makes an object of."""
    typed = objects.type_of(call.func)
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


def class_constants(objects: Objects, kind: SourceType) -> Iterator[tuple[str, Value]]:
    """What every object of a class has at the start: `rate = 0.1` in the class, where nobody changes it."""
    found: dict[str, Value] = {}
    texts = [objects.unit.module.text, *(cls.module.text for cls in kind.mro)]
    for cls in reversed(kind.mro):
        for name, _, value in declared(cls):
            found.pop(name, None)
            if value is None or name.startswith("__"):
                continue
            constant: Value | None = literal(value)
            if constant is not None and changed(cls, name):
                continue
            if constant is None and any(re.search(rf"\.{name}\b", text) for text in texts):
                constant = of_class(objects.resolver, kind, name)
            if constant is not None:
                found[name] = constant
    yield from found.items()


def changed(cls: SourceClass, name: str) -> bool:
    """Whether something in the module assigns an attribute of the class itself."""
    owners = rf"(\b{cls.name}|\bcls|__class__|\btype\(\w+\))"
    assigns = rf"{owners}\.{name}\s*([-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)"
    found = re.search(assigns, cls.module.text) or cls.module.changes.has_other(cls.name, name)
    return bool(found) or "setattr(" in cls.module.text


def assigned(objects: Objects, kind: SourceType, call: cst.Call) -> Fields | None:
    """The fields of a dataclass with what a call gives them."""
    fields = record_fields(kind)
    if fields is None:
        return None
    defaults, others = fields
    given: dict[str, cst.BaseExpression | Value] = {}
    for place, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword else [*defaults, *[""] * len(call.args)][place]
        if name not in defaults or name in given:
            return None
        given[name] = arg.value
    for name, value in defaults.items():
        if name not in given:
            constant = default(objects, kind, name, value)
            if constant is None:
                return None
            given[name] = constant
    for name, value in others.items():
        constant = default(objects, kind, name, value)
        if constant is not None:
            given[name] = constant
        elif not isinstance(value, cst.Call) or given_to(value).keys() & {"default", "default_factory"}:
            return None
    return tuple(given.items())  # In the order of the call, in which they are evaluated.


Defaults = dict[str, cst.BaseExpression | None]


def init_fields(kind: SourceType) -> Defaults | None:
    """The fields of a dataclass that a call of it gives, with their defaults; None if there are others."""
    fields = record_fields(kind)
    return None if fields is None or fields[1] else fields[0]


def record_fields(kind: SourceType) -> tuple[Defaults, Defaults] | None:
    """The fields that are parameters of `__init__`, and those with `field(init=False)`; None if that cannot
    be said."""
    found: Defaults = {}
    others = set[str]()
    for cls in reversed(kind.mro):
        for name, annotation, value in declared(cls) if is_record(cls) else ():
            word = "ClassVar" if annotation is None else word_of(cls, annotation)
            given = is_given(cls, value)
            if word in ("InitVar", "KW_ONLY") or given is None:
                return None
            if word != "ClassVar":
                found[name] = value
                (others.discard if given else others.add)(name)
    params = {name: value for name, value in found.items() if name not in others}
    return params, {name: found[name] for name in found if name in others}


def word_of(cls: SourceClass, annotation: cst.BaseExpression) -> str:
    """What an annotation starts with, in the words of its module: `ClassVar`, also under another name."""
    if isinstance(annotation, cst.SimpleString):
        marked = re.search(r"ClassVar|InitVar|KW_ONLY", annotation.value)
        return marked[0] if marked else ""
    head = annotation.value if isinstance(annotation, cst.Subscript) else annotation
    names = dotted(head) or ("",)
    binding = cls.module.bindings.get(names[0])
    if isinstance(binding, ConstantBinding):
        head = binding.value
    return cls.module.imported(head).rpartition(".")[2] or names[-1]


def is_given(cls: SourceClass, value: cst.BaseExpression | None) -> bool | None:
    """Whether a field with this default is a parameter of `__init__`, at its place; None if that is not
    written here: `field(**options)`, a function that makes fields."""
    if not isinstance(value, cst.Call) or not cls.node.decorators:
        return True
    path, root = cls.module.imported(value.func), (dotted(value.func) or ("?",))[0]
    if path != FIELD:
        outside = path.partition(".")[0] in LIBRARIES or root not in cls.module.bindings
        return True if outside or isinstance(cls.module.bindings.get(root), ClassBinding) else None
    given = given_to(value)
    flags = [
        literal(given.get(name, cst.Name(usual))) for name, usual in (("init", "True"), ("kw_only", "False"))
    ]
    if len(given) < len(value.args) or not all(isinstance(flag, ir.Const) for flag in flags):
        return None
    init, keyword = (flag.value for flag in flags if isinstance(flag, ir.Const))
    return None if keyword and init else bool(init)


def given_to(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The keywords of a call."""
    return {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}


def default(objects: Objects, kind: SourceType, name: str, value: cst.BaseExpression | None) -> Value | None:
    """What a field is if nothing is given: a literal, a constant, a new list or dict (`field(...)`)."""
    match value:
        case None:
            return None
        case cst.Call(func=func) if any(cls.module.imported(func) == FIELD for cls in kind.mro):
            return of_field(value)
    return literal(value) or of_class(objects.resolver, kind, name)


def of_field(call: cst.Call) -> ir.Expr | None:
    """`field(default=2.0)`, `field(default_factory=list)`, `field(default_factory=lambda: [0.0, 1.0])`."""
    given = given_to(call)
    if len(given) < len(call.args):
        return None
    match given.get("default"), given.get("default_factory"):
        case (cst.BaseExpression() as value, None):
            return literal(value)
        case (None, cst.Name(value="list")):
            return ir.List(())
        case (None, cst.Name(value="dict")):
            return ir.Dict((), ())
        case (None, cst.Lambda(body=cst.List(elements=elements))):
            parts = [literal(e.value) if isinstance(e, cst.Element) else None for e in elements]
            return None if None in parts else ir.List(tuple(p for p in parts if p is not None))
        case (None, cst.Lambda(body=body)):
            return literal(body)
    return None


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
