"""Attributes in expressions and in text: `self.inner.w` as a path, and a name in its place."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

from adtrans import ir, walk

Path = tuple[str, ...]
"""An attribute: the parameter that it is reached from, and the names on the way."""


def inside(stmt: ir.Stmt) -> Iterator[ir.Expr]:
    for expr in walk.expressions(stmt):
        yield from walk.subexpressions(expr)


def chain(expr: ir.Expr) -> Path | None:
    """The path that an expression is."""
    names: list[str] = []
    while isinstance(expr, ir.Field):
        names.append(expr.name)
        expr = expr.base
    return (expr.id, *reversed(names)) if isinstance(expr, ir.Name) else None


def dotted(path: Path) -> str:
    return ".".join(path)


def root(expr: ir.Expr) -> ir.Expr:
    """What an index stands on."""
    while isinstance(expr, ir.Index):
        expr = expr.base
    return expr


def arguments(call: ir.Call, function: ir.Function) -> list[tuple[str, ir.Expr]]:
    """The arguments of a call with the names of the parameters; `gathered` are the others."""
    positional = [p.name for p in function.params if not p.keyword_only]
    return [*zip(positional, call.args, strict=False), *call.kwargs]


def gathered(call: ir.Call, function: ir.Function) -> tuple[ir.Expr, ...]:
    """The arguments beyond the parameters: those that `*args` takes after the first."""
    return call.args[sum(not p.keyword_only for p in function.params) :]


FRAMES = (("", ""), ("try:\n    pass\n", ""), ("", "\n    pass"))
"""What makes a whole statement of a piece of one: of `except E: ...`, of `with np.errstate(...):`."""


def parsed(text: str) -> ast.AST | None:
    found = framed(text)
    return None if found is None else found[0]


def framed(text: str) -> tuple[ast.AST, str, str] | None:
    """The tree of a piece of text, and what was put around it."""
    with suppress(SyntaxError):
        return ast.parse(text.strip(), mode="eval"), "", ""
    for before, after in FRAMES:
        with suppress(SyntaxError):
            return ast.parse(before + text + after), before, after
    return None


def path_of(node: ast.AST) -> Path | None:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else None


def mentioned(text: str, roots: Iterable[str]) -> dict[Path, bool]:
    """The paths in a piece of text, and whether it assigns them; what cannot be read uses the whole."""
    tree = parsed(text)
    if tree is None:
        return {(root,): False for root in roots}
    found: dict[Path, bool] = {}

    def visit(node: ast.AST, called: bool) -> None:
        path = path_of(node)
        if path is not None:
            if path[0] in roots:
                if called:  # a method that is not known sees the whole object
                    path = path[:-1] if len(path) > 1 else path
                stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
                found[path] = found.get(path, False) or stored
            return
        for child in ast.iter_child_nodes(node):
            visit(child, isinstance(node, ast.Call) and child is node.func)

    visit(tree, False)
    return found


def names_in(text: str) -> set[str]:
    """The names in a piece of text, attributes not counted."""
    tree = parsed(text)
    return set() if tree is None else {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def called_in(text: str) -> set[str]:
    """What a piece of text calls as an attribute: `geometry.Point(1.0, 2.0)`."""
    nodes = ast.walk(tree) if (tree := parsed(text)) is not None else ()
    return {n.func.attr for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}


def looked_at(text: str, name: str, functions: Collection[str]) -> bool:
    """Whether text only gives an object, as a whole, to functions that look at it."""
    tree = parsed(text)
    if tree is None:
        return False
    asked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            asked |= {id(arg) for arg in node.args}
        if isinstance(node, ast.FormattedValue):
            asked.add(id(node.value))
        if isinstance(node, ast.Attribute) and not node.attr.startswith("__"):
            asked.add(id(node.value)) if isinstance(node.ctx, ast.Load) else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked.discard(id(node.func.value))  # a method that is not known
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    return all(id(n) in asked for n in names)


class Rename(ast.NodeTransformer):
    def __init__(self, names: Mapping[Path, str]) -> None:
        self.names = names

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        path = path_of(node)
        if path is not None and path in self.names:
            return ast.Name(self.names[path], node.ctx)
        return self.generic_visit(node)


def renamed(text: str, names: Mapping[Path, str]) -> str:
    """The text with names in the place of attributes; written anew where that cannot be done in it."""
    found = framed(text)
    if found is None:
        return text
    tree, before, after = found
    new = text
    for path, name in sorted(names.items(), key=lambda item: -len(item[0])):
        new = re.sub(rf"(?<![\w.]){re.escape(dotted(path))}(?!\w)", name, new)
    wanted = Rename(names).visit(tree)
    other = parsed(new)
    if other is not None and ast.dump(other) == ast.dump(wanted):
        return new
    return ast.unparse(wanted).removeprefix(before).removesuffix(after)
