"""Classes of the project that the emitted module has.

    class NotConverged(ValueError): ...     an exception that is raised or caught: as it is written
    isinstance(x, Vector)                   a class that tells the objects of a class of this name

The module stands alone, so its `Vector` is not the class of the objects that it is given: it goes by the
name. Nothing else can be done with a class: its copy is not equal to the one that a caller has.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.builtin_names import BUILTINS
from adtrans.frontend import enumerations
from adtrans.frontend.classes import SourceClass, SourceType
from adtrans.frontend.construction import literal
from adtrans.frontend.libraries import KNOWN_LIBRARIES, Identity
from adtrans.frontend.meanings import Builtin, ClassText, Constant, Library, Unit, UserClass
from adtrans.frontend.methods import IMPURE_BUILTINS, PURE_METHODS
from adtrans.frontend.pieces import code_of
from adtrans.frontend.scopes import Load, all_params, dotted, nodes, scan
from adtrans.frontend.text import Texts

if TYPE_CHECKING:
    from adtrans.frontend.reach import Reach
    from adtrans.frontend.source import SourceModule
    from adtrans.resolve import Resolver

BY_NAME = '''class ByName(type):
    """The type of classes that stand for those of the program: their objects are told by the name."""

    def __instancecheck__(cls, value):
        return any(base.__qualname__ == cls.__qualname__ for base in type(value).__mro__)
'''
STANDS = "Stands for a class of the program."
NO_NUMBERS = "Stands for a class of the program that no number and no array is of."


def class_text(resolver: Resolver, unit: Unit, found: UserClass, node: cst.CSTNode) -> ClassText | None:
    """What stands for a class where a function mentions it; None if nothing does."""
    kind = resolver.classes.type_of(found.module, found.node)
    raised, asked = uses(resolver, unit)
    if id(node) in asked and stands_already(resolver, found):
        return ClassText(found.module, found.node, True, foreign=found.node.get_docstring() != NO_NUMBERS)
    if id(node) in asked and not is_exception(resolver, kind) and goes_by_name(resolver, kind, unit.module):
        return ClassText(found.module, found.node, True, foreign=is_foreign(resolver, kind))
    if id(node) in raised:
        return exception(resolver, found)
    return None


def exception(
    resolver: Resolver, found: UserClass, around: tuple[cst.ClassDef, ...] = ()
) -> ClassText | None:
    """An exception that can be written out, with all that its text mentions; None for any other class."""
    kind = resolver.classes.type_of(found.module, found.node)
    cls = ClassText(found.module, found.node, False)
    if not is_exception(resolver, kind) or not all(map(plain, kind.mro)):
        return None
    first = before(cls)
    bases = {id(base.value) for base in cls.node.bases}
    for _, node in () if found.node in around else mentioned(cls):
        meaning = resolver.resolve(None, cls.module, dotted(node) or ()).meaning
        if not isinstance(meaning, UserClass):
            if not isinstance(meaning, Builtin | Library | Constant):
                return None
        elif id(node) in first - bases or exception(resolver, meaning, (*around, found.node)) is None:
            return None
    return cls


def uses(resolver: Resolver, unit: Unit) -> tuple[set[int], set[int]]:
    """The names of what a function raises, catches or calls, and of classes that it tests an object for."""
    raised: set[int] = set()
    asked: set[int] = set()
    for node in nodes(unit.node):
        match node:
            case cst.Raise(exc=cst.BaseExpression() as value):
                raised.add(id(value))
            case cst.ExceptHandler(type=cst.BaseExpression() as kinds):
                raised |= {id(kind) for kind in alternatives(kinds)}
            case cst.Call(func=cst.Name(value="isinstance"), args=[_, cst.Arg(value=kinds)]):
                if resolver.resolve(unit, unit.module, ("isinstance",)).meaning == Builtin("isinstance"):
                    asked |= {id(kind) for kind in alternatives(kinds)}
            case cst.Call(func=func, args=args):
                raised.add(id(func))
                if (dotted(func) or ("",))[0] == "warnings":
                    raised |= {id(arg.value) for arg in args}
    return raised, asked


def alternatives(kinds: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [e.value for e in kinds.elements] if isinstance(kinds, cst.Tuple) else [kinds]


# ------------------------------------------------------------------------------- exceptions


def is_exception(resolver: Resolver, kind: SourceType) -> bool:
    """Whether a class is one that can be raised, for what its bases are."""
    found = [raisable(resolver, cls, base) for cls in kind.mro for base in outer_bases(resolver, cls)]
    return bool(found) and all(found)


def outer_bases(resolver: Resolver, cls: SourceClass) -> Iterator[cst.BaseExpression]:
    """The bases of a class that are not of the project."""
    for base in cls.node.bases:
        chain = dotted(base.value)
        if chain is None or resolver.classes.named(cls.module, chain) is None:
            yield base.value


def raisable(resolver: Resolver, cls: SourceClass, base: cst.BaseExpression) -> bool:
    """Whether a base is an exception of Python or of a library that we know."""
    chain = dotted(base)
    reference = resolver.resolve(None, cls.module, chain) if chain else None
    value: object = None
    match reference.meaning if reference is not None and reference.used == len(chain or ()) else None:
        case Builtin(name=name):
            value = getattr(builtins, name, None)
        case Library(known=True, value=Identity(value=value)):
            pass
    return isinstance(value, type) and issubclass(value, BaseException)


def plain(cls: SourceClass) -> bool:
    """Whether the text of a class says all that there is to it: constants, and methods without decorators."""
    if cls.node.keywords or cls.node.decorators:
        return False
    return all(map(plain_line, cls.node.body.body))


def plain_line(line: cst.CSTNode) -> bool:
    if isinstance(line, cst.SimpleStatementLine):
        return all(map(plain_line, line.body))
    match line:
        case cst.FunctionDef(decorators=[], asynchronous=None, body=body):
            return not scan(body).outer_writes and not scan(body).declared
        case cst.Pass() | cst.Expr(value=cst.BaseString() | cst.Ellipsis()):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=value):
            return literal(value) is not None
        case cst.AnnAssign(target=cst.Name(), value=value):
            return value is None or literal(value) is not None
    return False


def keeps_its_arguments(resolver: Resolver, found: UserClass) -> bool:
    """Whether an exception, by its text alone, writes to nothing but itself when it is made."""
    kind = resolver.classes.type_of(found.module, found.node)
    if not is_exception(resolver, kind):
        return False
    methods = (m for cls in kind.mro for m in cls.members.values() if isinstance(m, cst.FunctionDef))
    return all(map(writes_to_itself, methods))


def writes_to_itself(method: cst.FunctionDef) -> bool:
    uses = scan(method.body)
    own = {param.name.value for param in all_params(method.params)[:1]}
    roots = {root.value for root in uses.touched if isinstance(root, cst.Name)}
    return len(roots) == len(uses.touched) and roots <= own and all(map(only_looks, uses.calls))


def only_looks(call: cst.Call) -> bool:
    """Whether a call is one of a method of a base, of strings, or of a function of Python's own."""
    match call.func:
        case cst.Attribute(value=base, attr=cst.Name(value=name)):
            return (dotted(base) is None and name == "__init__") or name in PURE_METHODS | {"format", "join"}
        case cst.Name(value=name):
            return name in BUILTINS and name not in IMPURE_BUILTINS
    return False


def mentioned(cls: ClassText) -> Iterator[Load]:
    """The names from outside in the text of a class; those of the bases come first."""
    if not cls.stands:
        found = scan(cls.node)
        yield from found.loads
        for node in nodes(cls.node):
            yield from scan(node.annotation).loads if isinstance(node, cst.Annotation) else ()


def before(cls: ClassText) -> frozenset[int]:
    """The names that must be bound when the class is made: its bases, and the defaults of its methods."""
    parts: list[cst.CSTNode] = [base.value for base in cls.node.bases]
    for method in nodes(cls.node.body):
        if isinstance(method, cst.FunctionDef):
            parts += [p.default for p in all_params(method.params) if p.default is not None]
    return frozenset(id(chain) for part in parts for _, chain in scan(part).loads)


# -------------------------------------------------------------------------------- by name


def goes_by_name(resolver: Resolver, kind: SourceType, user: SourceModule) -> bool:
    """Whether the objects of a class are those whose class has its name, or inherits from one that has."""
    for cls in kind.mro:
        hooks = {"__instancecheck__", "__subclasshook__", "__class__"} & cls.members.keys()
        if (
            cls.node.keywords
            or hooks
            or not all(ordinary(resolver, cls, b) for b in outer_bases(resolver, cls))
        ):
            return False
        registers = re.compile(rf"\b{cls.name}\.register\b")
        if registers.search(cls.module.text) or registers.search(user.text):
            return False
    return True


def ordinary(resolver: Resolver, cls: SourceClass, base: cst.BaseExpression) -> bool:
    """Whether a base from elsewhere leaves it to the classes of an object what it is an instance of."""
    chain = dotted(base.value if isinstance(base, cst.Subscript) else base)
    if chain is None or chain[-1] == "Protocol":
        return False
    match resolver.resolve(None, cls.module, chain).meaning:
        case Builtin():
            return True
        case Library(path=path):
            return path.partition(".")[0] in {*sys.stdlib_module_names, *KNOWN_LIBRARIES}
    return False


def stands_already(resolver: Resolver, found: UserClass) -> bool:
    """Whether a class goes by its name in the module itself, which is one that adtrans has written."""
    if found.node.bases or [k.keyword and k.keyword.value for k in found.node.keywords] != ["metaclass"]:
        return False
    chain = dotted(found.node.keywords[0].value)
    meaning = resolver.resolve(None, found.module, chain).meaning if chain else None
    if not isinstance(meaning, UserClass):
        return False
    written = code_of(meaning.node.with_changes(leading_lines=()))
    ours = BY_NAME.replace("ByName", meaning.node.name.value, 1)
    return ast.dump(ast.parse(written)) == ast.dump(ast.parse(ours))


def told_name(cls: ClassText) -> str:
    """The name of the class that another one stands for."""
    for line in nodes(cls.node.body):
        match line:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value="__qualname__"))],
                value=cst.SimpleString(evaluated_value=str(name)),
            ):
                return name
    return cls.name


def is_foreign(resolver: Resolver, kind: SourceType) -> bool:
    """Whether a number, an array or a tuple may be an object of a class, for what its bases are."""
    others = [dotted(base) for cls in kind.mro for base in outer_bases(resolver, cls)]
    return any(chain is None or chain[-1] not in ("object", "ABC") for chain in others)


def text(reach: Reach, cls: ClassText) -> str:
    """The definition of a class in the emitted module."""
    name = reach.names[cls]
    if cls.members:
        return enumerations.text(cls, name, reach.names[reach.enum])
    if not cls.stands:
        written = Texts(reach, cls.module, None, cls.node).between(*cls.module.range(cls.node))
        return re.sub(r"class\s+\w+", f"class {name}", written, count=1)
    renamed = "" if name == told_name(cls) else f'\n    __qualname__ = "{told_name(cls)}"'
    head = f"class {name}(metaclass={reach.names[reach.by_name]}):"
    return f'{head}\n    """{STANDS if cls.foreign else NO_NUMBERS}"""{renamed}'
