"""Named tuples: calls that make such a class, as its definition; and which classes are nothing more.

before: P = namedtuple("P", "x y")     after: class P(NamedTuple):
                                                  x: object
                                                  y: object
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.frontend.scopes import dotted

if TYPE_CHECKING:
    from adtrans.frontend.classes import SourceClass

MAKERS = ("collections.namedtuple", "typing.NamedTuple")
LOOKS = frozenset({"__repr__", "__str__", "__doc__", "__slots__", "__module__"})
"""What a named tuple may define of its own and be a tuple still, for all that a derivative can tell."""
TUPLES_OWN = frozenset({"_replace", "_asdict", "_make", "_fields", "count", "index"})


def looks_made(value: ast.expr | None) -> bool:
    """Whether a value may be `namedtuple(...)`, by the name alone."""
    if not isinstance(value, ast.Call):
        return False
    func = value.func
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    return name.lower() == "namedtuple"


def definition(name: str, call: cst.Call) -> cst.ClassDef | None:
    """The class that a call makes; None if its fields are not written down."""
    given = [arg for arg in call.args if arg.keyword is None and not arg.star]
    named = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    if len(given) + len(named) < len(call.args) or not given or len(given) > 2 or named.keys() - KEYWORDS:
        return None
    names = fields(given[1].value if len(given) == 2 else named.get("field_names"))
    defaults = values(named.get("defaults"))
    if not names or defaults is None or len(defaults) > len(names):
        return None
    padded = [None] * (len(names) - len(defaults)) + defaults
    lines = [
        cst.SimpleStatementLine(
            [cst.AnnAssign(cst.Name(field), cst.Annotation(cst.Name("object")), value)],
        )
        for field, value in zip(names, padded, strict=True)
    ]
    return cst.ClassDef(cst.Name(name), cst.IndentedBlock(lines), bases=[cst.Arg(cst.Name("NamedTuple"))])


KEYWORDS = frozenset({"field_names", "defaults"})


def fields(node: cst.BaseExpression | None) -> list[str]:
    """The names in `"x y"`, `["x", "y"]`, `[("x", float), ("y", float)]`; none if that is not all."""
    match node:
        case cst.SimpleString(evaluated_value=str(words)):
            names = words.replace(",", " ").split()
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            names = [field(element.value) for element in elements]
        case _:
            return []
    plain = all(name.isidentifier() and not name.startswith("_") for name in names)
    return names if plain and len(set(names)) == len(names) else []


def field(node: cst.BaseExpression) -> str:
    """`"x"`, or the first of `("x", float)`."""
    match node:
        case cst.SimpleString(evaluated_value=str(name)):
            return name
        case cst.Tuple(elements=[cst.Element(value=cst.SimpleString(evaluated_value=str(name))), _]):
            return name
    return ""


def values(node: cst.BaseExpression | None) -> list[cst.BaseExpression | None] | None:
    """The default values of the last fields; None if they are not written down."""
    match node:
        case None:
            return []
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            plain = all(isinstance(element, cst.Element) for element in elements)
            return [element.value for element in elements] if plain else None
    return None


# ------------------------------------------------------------------------- tuples and no more


def names_of(mro: Sequence[SourceClass]) -> tuple[str, ...]:
    """The fields of a class whose objects are tuples and nothing else; none of any other class.

    What an operator or an index does must not be its own: it is not always known of what class an object is.
    """
    *above, last = mro
    bases = [(dotted(base.value) or ("",))[-1] for base in last.node.bases]
    if bases != ["NamedTuple"] or len(above) > 1:
        return ()
    if above and (len(above[0].node.bases) > 1 or above[0].annotations or last.node not in last.module.made):
        return ()  # What inherits from a class with methods may have others of these names.
    for cls in mro:
        special = {name for name in cls.members if name.startswith("__") and name.endswith("__")}
        if cls.node.keywords or cls.node.decorators or special - LOOKS or TUPLES_OWN & cls.members.keys():
            return ()
    names = tuple(last.annotations)
    return names if not any(name in cls.members for cls in above for name in names) else ()
