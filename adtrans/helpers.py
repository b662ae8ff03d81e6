"""Copying our own functions (`support.py`, rules) into an emitted module, without decorators and annotations.

A helper may call other helpers, use constants of its module, and import NumPy or the standard
library: all that is found from its source and from what its module binds the names to.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import symtable
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from adtrans.builtin_names import BUILTINS

PACKAGES = ("adtrans.support.", "adtrans.rules.")
"""Where the functions live that may be copied."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A function or constant to be copied: its text, and the path that each of its free names stands for."""

    path: str
    text: str
    free: Mapping[str, str]
    locals: frozenset[str]
    is_function: bool = True

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


def is_helper(path: str) -> bool:
    return path.startswith(PACKAGES)


def required(paths: Iterable[str]) -> tuple[Helper, ...]:
    """These helpers and all that they need; what a helper needs stands before it."""
    found: dict[str, Helper] = {}
    open_: set[str] = set()

    def visit(path: str) -> None:
        if path in found or path in open_ or not is_helper(path):
            return
        open_.add(path)
        helper = read(path)
        for other in helper.free.values():
            visit(other)
        found[path] = helper

    for path in paths:
        visit(path)
    return tuple(found.values())


@cache
def read(path: str) -> Helper:
    """One helper, from the source of its module."""
    module_name, _, name = path.rpartition(".")
    module = importlib.import_module(module_name)
    value = getattr(module, name)
    if isinstance(value, FunctionType):
        text = function_text(value)
        table = symtable.symtable(text, path, "exec").get_children()[0]
        local = frozenset(s.get_name() for t in tables(table) for s in t.get_symbols() if s.is_local())
    else:
        text, local = constant_text(module, name), frozenset()
    names = sorted(global_names(text) - {name} - local)
    free = {n: place(module, n) for n in names if n in vars(module)}
    unknown = [n for n in names if n not in free and n not in BUILTINS]
    if unknown:
        raise LookupError(f"the helper {path} uses {', '.join(unknown)}, which its module does not define")
    return Helper(path, text, free, local, isinstance(value, FunctionType))


@cache
def shape_of(path: str) -> str:
    """The syntax tree of a helper as text, to know a copy of it by."""
    return ast.dump(ast.parse(read(path).text))


def place(module: ModuleType, name: str) -> str:
    """The path of what a module calls `name`: a module, something imported, or its own."""
    value = vars(module)[name]
    if isinstance(value, ModuleType):
        return value.__name__
    home = getattr(value, "__module__", None)
    if callable(value) and isinstance(home, str) and hasattr(value, "__name__"):
        return f"{home}.{value.__name__}"
    return f"{module.__name__}.{name}"


def function_text(function: Callable[..., Any]) -> str:
    """`inspect.getsource` without decorators and annotations."""
    text = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    text = edited(text, unannotated(text, node))
    return "".join(text.splitlines(keepends=True)[node.lineno - 1 :])


def constant_text(module: ModuleType, name: str) -> str:
    """The assignment of a constant of a module."""
    source = inspect.getsource(module)
    for stmt in ast.parse(source).body:
        match stmt:
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AnnAssign(target=ast.Name(id=target)):
                if target == name and stmt.value is not None:
                    return f"{name} = {ast.get_source_segment(source, stmt.value)}\n"
    raise LookupError(f"{module.__name__}.{name} is neither a function nor a constant that can be copied")


Edit = tuple[int, int, str]
"""Bytes from, to, and what to put in their place."""


def unannotated(text: str, function: ast.FunctionDef) -> Iterator[Edit]:
    """The edits that take the annotations out of a function."""
    starts = line_starts(text)
    data = text.encode()
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and node.annotation:
            begin = starts[node.lineno - 1] + node.col_offset + len(node.arg.encode())
            yield begin, end_of(node.annotation, starts), ""
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield end_of(node.target, starts), end_of(node.annotation, starts), ""
        elif isinstance(node, ast.FunctionDef) and node.returns:
            begin = data.rindex(b"->", 0, starts[node.returns.lineno - 1] + node.returns.col_offset)
            yield begin, end_of(node.returns, starts), ""


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Rename functions and free names in the source of a helper (no local name is among them)."""
    changed = {old: new for old, new in names.items() if old != new}
    if not changed:
        return text
    starts = line_starts(text)
    edits = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in changed:
            begin = starts[node.lineno - 1] + node.col_offset
            edits.append((begin, begin + len(node.id.encode()), changed[node.id]))
        elif isinstance(node, ast.FunctionDef) and node.name in changed:
            begin = starts[node.lineno - 1] + node.col_offset + len("def ")
            edits.append((begin, begin + len(node.name.encode()), changed[node.name]))
    return edited(text, edits)


def edited(text: str, edits: Iterable[Edit]) -> str:
    data = text.encode()
    for begin, end, new in sorted(edits, reverse=True):
        data = data[:begin] + new.encode() + data[end:]
    return data.decode()


def line_starts(text: str) -> list[int]:
    """The offset in bytes of every line."""
    starts = [0]
    for line in text.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def end_of(node: ast.expr, starts: list[int]) -> int:
    return starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)


# ---------------------------------------------------------------- names in text


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """A scope and all scopes in it."""
    yield table
    for child in table.get_children():
        yield from tables(child)


def global_names(text: str) -> set[str]:
    """The names that a module's text takes from the module level, or from the built-ins."""
    top = symtable.symtable(text, "<module>", "exec")
    found = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    for table in top.get_children():
        for inner in tables(table):
            found.update(s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced())
    return found


def undefined(text: str) -> list[str]:
    """The names that a module uses and neither it nor Python defines."""
    top = symtable.symtable(text, "<module>", "exec")
    bound = {
        s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()
    }
    implicit = {"__name__", "__file__", "__doc__"}
    return sorted(n for n in global_names(text) - bound - implicit if n not in BUILTINS)
