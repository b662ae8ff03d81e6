"""A module, cut into the statements of its top level: libcst parses each when something asks for it.

Python's own parser goes over the whole module. libcst takes ten times as long, and of most modules that
a program imports two functions are needed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from adtrans.errors import Diagnostic, Refused, Span

NEWLINE = re.compile(r"\r\n?|\n")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(eq=False)
class Piece:
    """A statement of the top level, with the comments above it; several, if they share a line.

    `start` and `end` are places in the text of the module, `line` is the number of the first line.
    """

    file: str
    module: str
    start: int
    end: int
    line: int
    statements: Sequence[ast.stmt]

    @property
    def text(self) -> str:
        return self.module[self.start : self.end]

    @property
    def definition(self) -> Definition | None:
        """The function or class that it defines, if nothing decorates it."""
        first = self.statements[0]
        if not isinstance(first, Definition) or first.decorator_list or len(self.statements) > 1:
            return None
        return first

    @property
    def constant(self) -> str | None:
        """The name that it gives a value, if it does nothing else."""
        match self.statements:
            case [
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
            ]:
                return name
        return None

    @property
    def value(self) -> ast.expr | None:
        """The value that it gives a name, if it does nothing else."""
        first = self.statements[0]
        return first.value if self.constant is not None and isinstance(first, ast.Assign) else None

    @cached_property
    def tree(self) -> cst.Module:
        """libcst's tree of the piece alone."""
        try:
            tree = cst.parse_module(self.text)
        except cst.ParserSyntaxError as error:
            found = re.search(r"error at (\d+):(\d+): (.*)", error.message, re.DOTALL)
            line, column, words = error.raw_line, error.raw_column, error.message
            if found:
                line, column, words = int(found[1]), max(int(found[2]) - 1, 0), found[3]
            raise syntax_error(self.module, self.file, self.line - 1 + line, column, words) from None
        # The comments above are those of the statement, not of a module.
        first, *rest = tree.body
        first = first.with_changes(leading_lines=(*tree.header, *first.leading_lines))
        return tree.with_changes(header=(), body=(first, *rest))

    @property
    def parsed(self) -> bool:
        return "tree" in self.__dict__

    @property
    def node(self) -> cst.CSTNode:
        """The statement, of a piece that is one."""
        return self.tree.body[0]


def cut(text: str, file: str) -> Iterator[Piece]:
    """The pieces of a module, in order; nothing is lost but what stands below the last statement."""
    ends = [0, *(match.end() for match in NEWLINE.finditer(text)), len(text)]
    line = 1
    for group in grouped(parsed(text, file)):
        last = max(statement.end_lineno or statement.lineno for statement in group)
        while text[ends[last - 1] : ends[last]].rstrip("\r\n").endswith("\\"):
            last += 1  # A line that is continued by an empty one.
        yield Piece(file, text, ends[line - 1], ends[last], line, group)
        line = last + 1


def grouped(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Statements, those together that share a line: `a = 1; b = 2`."""
    group: list[ast.stmt] = []
    for statement in body:
        if group and statement.lineno > (group[-1].end_lineno or 0):
            yield group
            group = []
        group.append(statement)
    if group:
        yield group


def parsed(text: str, file: str) -> list[ast.stmt]:
    """The statements as Python sees them: its parser words syntax errors better than libcst's, and survives
    nesting that would overflow libcst's stack."""
    try:
        return ast.parse(text).body
    except MemoryError:
        raise RecursionError from None
    except SyntaxError as error:
        line, column, words = error.lineno or 1, max((error.offset or 1) - 1, 0), error.msg
    except ValueError as error:  # a null byte
        line, column, words = 1, 0, str(error)
    raise syntax_error(text, file, line, column, words)


def syntax_error(text: str, file: str, line: int, column: int, words: str) -> Refused:
    diagnostic = Diagnostic(
        "AD101",
        f"syntax error: {words}",
        Span(file, line, column, line, column + 1),
        help="mend the line; Python itself would not run it",
    )
    return Refused((diagnostic,), {file: text})


def code_of(node: cst.CSTNode) -> str:
    """A node as text, without what surrounds it."""
    return cst.Module([]).code_for_node(node)
