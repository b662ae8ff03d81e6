"""Make a failing program small: take out statements, unwrap blocks, replace expressions by their parts."""

from __future__ import annotations

import ast
import copy
import time
from collections.abc import Callable, Iterator

BLOCKS = ("body", "orelse")
Edit = Callable[[ast.Module], None]


def shrink(source: str, fails: Callable[[str], bool], seconds: float = 120.0) -> str:
    """The smallest program found for which `fails` still holds, within the time allowed."""
    end = time.monotonic() + seconds
    best = ast.unparse(ast.parse(source))
    if not fails(best):
        return source  # it depends on the layout of the text
    for kind in (removals, unwrappings, simplifications, removals, simplifications):
        best = reduced(best, kind, fails, end)
    return best + "\n"


def reduced(
    best: str, kind: Callable[[ast.Module], Iterator[Edit]], fails: Callable[[str], bool], end: float
) -> str:
    """All edits of one kind, from the first to the last, and again as long as one of them helped."""
    improved = True
    while improved:
        improved, place = False, 0
        while time.monotonic() < end:
            edits = list(kind(ast.parse(best)))
            if place >= len(edits):
                break
            candidate = edited(best, edits[place])
            if candidate and len(candidate) < len(best) and fails(candidate):
                best, improved = candidate, True
            else:
                place += 1
        improved = improved and time.monotonic() < end
    return best


def edited(source: str, edit: Edit) -> str | None:
    """The program after an edit; None if nothing sensible came out."""
    tree = ast.parse(source)
    edit(tree)
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        ast.parse(text)
    except (ValueError, AttributeError, TypeError, SyntaxError):
        return None
    return text


def nodes(tree: ast.AST) -> list[ast.AST]:
    return list(ast.walk(tree))


def removals(tree: ast.Module) -> Iterator[Edit]:
    """Runs of statements taken out of a block, long runs first."""
    found = []
    for k, node in enumerate(nodes(tree)):
        for name in BLOCKS:
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            size = len(block)
            while size >= 1:
                found += [(size, k, name, start) for start in range(0, len(block), size)]
                size //= 2
    for size, k, name, start in sorted(found, key=lambda edit: -edit[0]):
        yield remover(k, name, start, size)


def remover(k: int, name: str, start: int, size: int) -> Edit:
    def edit(tree: ast.Module) -> None:
        node = nodes(tree)[k]
        block = getattr(node, name)
        del block[start : start + size]
        if not block and name == "body" and not isinstance(node, ast.Module):
            block.append(ast.Pass())

    return edit


def unwrappings(tree: ast.Module) -> Iterator[Edit]:
    """A compound statement replaced by one of its blocks."""
    for k, node in enumerate(nodes(tree)):
        for name in BLOCKS:
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            for place, child in enumerate(block):
                if isinstance(child, (ast.If, ast.For, ast.While)):
                    for inner in BLOCKS:
                        if getattr(child, inner):
                            yield unwrapper(k, name, place, inner)


def unwrapper(k: int, name: str, place: int, inner: str) -> Edit:
    def edit(tree: ast.Module) -> None:
        block = getattr(nodes(tree)[k], name)
        block[place : place + 1] = getattr(block[place], inner)

    return edit


def simplifications(tree: ast.Module) -> Iterator[Edit]:
    """An expression replaced by one of its parts, or by a number."""
    for k, node in enumerate(nodes(tree)):
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns"):
                continue
            if isinstance(value, ast.expr) and not isinstance(
                getattr(value, "ctx", ast.Load()), (ast.Store, ast.Del)
            ):
                yield from (replacer(k, name, None, part) for part in parts(value))
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr) and not isinstance(
                        getattr(item, "ctx", ast.Load()), ast.Store
                    ):
                        yield from (replacer(k, name, place, part) for part in parts(item))


def parts(value: ast.expr) -> list[ast.expr]:
    """What may stand for an expression: its operands, or a number."""
    if isinstance(value, (ast.Constant, ast.Slice)):
        return []
    children = [child for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr)]
    kept = [child for child in children if not isinstance(child, (ast.Slice, ast.Constant))]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        kept = [child for child in kept if child is not value.func]
    return [*kept, ast.Constant(0.5)]


def replacer(k: int, name: str, place: int | None, part: ast.expr) -> Edit:
    def edit(tree: ast.Module) -> None:
        node = nodes(tree)[k]
        if place is None:
            setattr(node, name, copy.deepcopy(part))
        else:
            getattr(node, name)[place] = copy.deepcopy(part)

    return edit
