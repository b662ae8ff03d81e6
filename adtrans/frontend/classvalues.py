"""What a class of the project holds itself: `Gas.R`, `Gas.TABLE`, `Kind.LINEAR`.

A value in the body of a class is a constant of the emitted module, if nothing in the text changes it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.frontend import enumerations
from adtrans.frontend.classes import SourceClass, SourceType
from adtrans.frontend.meanings import Constant, Enumerated, Reference
from adtrans.frontend.methods import METHODS_THAT_CHANGE
from adtrans.frontend.pieces import code_of
from adtrans.frontend.scopes import dotted, scan

if TYPE_CHECKING:
    from adtrans.frontend.source import SourceModule
    from adtrans.resolve import Resolver


def class_value(
    resolver: Resolver, module: SourceModule, node: cst.ClassDef, chain: tuple[str, ...]
) -> Reference | None:
    """What `Gas.R` is, None if it is no value that is written down."""
    member = enumerations.member(resolver, module, node, chain[1])
    if member is not None:
        return member
    constant = held(resolver, resolver.classes.type_of(module, node), chain[1])
    return None if constant is None else Reference(constant, 2, constant, 2)


def of_class(resolver: Resolver, kind: SourceType, name: str) -> Reference | None:
    """What a class holds under a name; a member that it holds is that member."""
    owner = next((cls for cls in kind.mro if name in cls.members), None)
    value = value_of(owner, name) if owner is not None else None
    chain = dotted(value) if value is not None else None
    if owner is not None and chain is not None and len(chain) > 1:
        reference = resolver.resolve(None, owner.module, chain)
        if isinstance(reference.meaning, Enumerated) and reference.used == len(chain):
            return reference
    constant = held(resolver, kind, name)
    return None if constant is None else Reference(constant, 1, constant)


def held(resolver: Resolver, kind: SourceType, name: str) -> Constant | None:
    """The constant that a name in a class is, its own or inherited."""
    owner = next((cls for cls in kind.mro if name in cls.members), None)
    if (
        owner is None
        or kind.foreign
        or owner.node.keywords
        or (name.startswith("__") and name.endswith("__"))
    ):
        return None
    value = value_of(owner, name)
    texts = {resolver.project.entry.text, *(cls.module.text for cls in kind.mro)}
    if value is None or any({name, "*"} & changed(text) for text in sorted(texts)):
        return None
    words = f"{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', owner.name).upper()}_{name.lstrip('_')}"
    siblings = {root.value for root, _ in scan(value).loads} & owner.members.keys()
    if not siblings:
        return Constant(owner.module, words, value)
    text = substituted(owner, value, siblings)
    return None if text is None else Constant(owner.module, words, None, text)


def value_of(owner: SourceClass, name: str) -> cst.BaseExpression | None:
    """The value of a name that the body of a class binds once, in a plain statement."""
    stores = [node.value for line in owner.node.body.body for node in stores_of(line)]
    if stores.count(name) != 1:
        return None
    return dict(plain(owner)).get(name)


def plain(owner: SourceClass) -> Iterator[tuple[str, cst.BaseExpression]]:
    """The names that plain statements of the class bind, and their values, in the order of the text."""
    for line in owner.node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match small:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                    yield name, value
                case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value):
                    yield name, value


def stores_of(line: cst.CSTNode) -> list[cst.Name]:
    """The names that a statement of a class binds."""
    if isinstance(line, cst.FunctionDef | cst.ClassDef):
        return [line.name]
    return list(scan(line).stores)


@lru_cache(maxsize=64)
def changed(text: str) -> frozenset[str]:
    """The names of attributes that something in a module may change, other than by `self.name = ...`: what
    they are, or what is in them. `*` stands for any name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=base, attr=name, ctx=ast.Store() | ast.Del()):
                found |= set() if isinstance(base, ast.Name) and base.id == "self" else {name}
            case ast.Subscript(value=base, ctx=ast.Store() | ast.Del()):
                found |= {part.attr for part in ast.walk(base) if isinstance(part, ast.Attribute)}
            case ast.AugAssign(target=ast.Attribute(attr=name)):
                found.add(name)
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in METHODS_THAT_CHANGE:
                found |= {part.attr for part in ast.walk(base) if isinstance(part, ast.Attribute)}
            case ast.Call(func=ast.Name(id="setattr" | "delattr")):
                found.add("*")
    return frozenset(found)


def substituted(owner: SourceClass, value: cst.BaseExpression, siblings: set[str]) -> str | None:
    """The text of a value, with those of other values of the class in the place of their names."""
    found: dict[str, cst.BaseExpression] = {}
    for name in sorted(siblings):
        inner = value_of(owner, name)
        if (
            inner is None
            or not stands_before(owner, inner, value)
            or {name, "*"} & changed(owner.module.text)
        ):
            return None
        others = {root.value for root, _ in scan(inner).loads}
        text = code_of(inner) if not others else substituted(owner, inner, others)
        if text is None or not others <= owner.members.keys():
            return None
        bare = isinstance(inner, cst.Integer | cst.Float)
        found[name] = cst.parse_expression(text if bare else f"({text})")
    loads = scan(value).loads
    if any(root.value not in siblings or dotted(node) != (root.value,) for root, node in loads):
        return None
    writing = WrittenOut({root: found[root.value] for root, _ in loads})
    new = value.visit(writing)
    return code_of(new) if isinstance(new, cst.CSTNode) and not writing.left else None


def stands_before(owner: SourceClass, first: cst.BaseExpression, second: cst.BaseExpression) -> bool:
    """Whether a value exists when another is made: before that, its name means something of the module."""
    order = [value for _, value in plain(owner)]
    return order.index(first) < order.index(second)


class WrittenOut(cst.CSTTransformer):
    """Values in the place of names: where the body of the class sees these, and where text can stand."""

    def __init__(self, values: Mapping[cst.Name, cst.BaseExpression]) -> None:
        super().__init__()
        self.values = values
        self.left = set(values)

    def on_visit(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.BaseComp | cst.Lambda | cst.FormattedString)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        self.left.discard(original_node)
        return self.values.get(original_node, updated_node)
