"""Enumerations of the project: `Kind.LINEAR` as a value that is compared.

The emitted module has an enumeration of this name. A caller has another one, that of the program: so members
are equal by their names, and `kind is Kind.LINEAR` is written `kind == Kind.LINEAR`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.frontend.meanings import ClassText, Enumerated, Library, Reference
from adtrans.frontend.pieces import code_of
from adtrans.frontend.scopes import dotted

if TYPE_CHECKING:
    from adtrans.frontend.source import SourceModule
    from adtrans.resolve import Resolver

STANDS = "Stands for an enumeration of the program: members are equal by their names."


def member(resolver: Resolver, module: SourceModule, node: cst.ClassDef, name: str) -> Reference | None:
    """`Kind.LINEAR`, or None if the class is no plain enumeration."""
    found = enumeration(resolver, module, node)
    if found is None or name not in dict(found.members):
        return None
    return Reference(Enumerated(found, name), 2, found, 1)


def enumeration(resolver: Resolver, module: SourceModule, node: cst.ClassDef) -> ClassText | None:
    """A class of which only its members are known, whose values are written down."""
    if node.decorators or node.keywords or len(node.bases) != 1:
        return None
    if library(resolver, module, node.bases[0].value) != "enum.Enum":
        return None
    members: dict[str, str] = {}
    for line in node.body.body:
        if isinstance(line, cst.FunctionDef) and line.name.value == "__eq__" and stands(node):
            continue
        if not isinstance(line, cst.SimpleStatementLine):
            return None
        for small in line.body:
            match small:
                case cst.Expr(value=cst.BaseString()) | cst.Pass():
                    continue
                case cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Name(value="__hash__" | "__qualname__"))]
                ) if stands(node):
                    continue
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                    text = written(resolver, module, value, members)
                    if text is None or text in members.values() or name in members or name.startswith("_"):
                        return None
                    members[name] = text
                case _:
                    return None
    return ClassText(module, node, True, members=tuple(members.items())) if members else None


def stands(node: cst.ClassDef) -> bool:
    """Whether a class is one that we have written."""
    written = ast.parse(code_of(node.with_changes(leading_lines=()))).body[0]
    assert isinstance(written, ast.ClassDef)
    methods = [ast.dump(s) for s in written.body if isinstance(s, ast.FunctionDef)]
    ours = ast.parse(EQUAL).body[0]
    return ast.get_docstring(written) == STANDS and methods == [ast.dump(ours)]


def library(resolver: Resolver, module: SourceModule, node: cst.BaseExpression) -> str:
    """The path of something in a library; empty for anything else."""
    chain = dotted(node)
    reference = resolver.resolve(None, module, chain) if chain else None
    if reference is None or not isinstance(reference.meaning, Library):
        return ""
    return ".".join([reference.meaning.path, *(chain or ())[reference.used :]])


def written(
    resolver: Resolver, module: SourceModule, value: cst.BaseExpression, above: Mapping[str, str]
) -> str | None:
    """The value of a member: an integer or a string, or `auto()` in a row of such."""
    match value:
        case cst.Integer(evaluated_value=constant) | cst.SimpleString(evaluated_value=constant):
            return repr(constant)
        case cst.Call(func=func, args=()) if library(resolver, module, func) == "enum.auto":
            row = [str(k + 1) for k in range(len(above) + 1)]
            return row[-1] if list(above.values()) == row[:-1] else None
    return None


EQUAL = """def __eq__(self, other):
    return type(other).__qualname__ == type(self).__qualname__ and other.name == self.name
"""


def text(cls: ClassText, name: str, enum: str) -> str:
    """The enumeration in the emitted module."""
    renamed = [] if name == told(cls) else [f'__qualname__ = "{told(cls)}"', ""]
    members = [f"{key} = {value}" for key, value in cls.members]
    method = EQUAL.rstrip().split("\n")
    lines = [f'"""{STANDS}"""', "", *renamed, *members, "", *method, "", f"__hash__ = {enum}.Enum.__hash__"]
    return "\n    ".join([f"class {name}({enum}.Enum):", *lines]).replace("\n    \n", "\n\n")


def told(cls: ClassText) -> str:
    """The name of the enumeration that one stands for."""
    found = re.search(r'^ +__qualname__ = "(\w+)"$', code_of(cls.node), re.MULTILINE)
    return found.group(1) if found and stands(cls.node) else cls.name
