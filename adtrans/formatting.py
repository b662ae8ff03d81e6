"""Text in black's style, at a fraction of its cost.

Most lines of a derivative are short assignments that black would leave as they are. A run of them,
with the loops and branches that hold nothing else, goes through black as one placeholder, so that
black works only on the lines that may need it.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 88
MARK = "_adtrans_lines_"

_WORDS = "|".join(sorted(set(keyword.kwlist) - {"None", "True", "False"}))
_NAME = rf"(?!(?:{_WORDS})\b)[A-Za-z_]\w*"
_CHAIN = rf"{_NAME}(?:\.{_NAME})*"
_NUMBER = r"(?:0|[1-9]\d*)(?:\.\d+)?(?:e-?[1-9]\d*)?(?![\w.])"
_POWER = rf"(?<!-)(?:{_NAME}|{_NUMBER})\*\*(?:{_NAME}|-?{_NUMBER})(?![\w.(\[])"
_BOUND = rf"(?:-?(?:{_NAME}|{_NUMBER})(?![\w.(]))?"
_SLICE = rf"{_BOUND}:{_BOUND}(?::{_BOUND})?(?=[\],])"
_CLOSED = rf"(?:\(\)|[\])])(?:\.{_CHAIN})?"
_OPERAND = (
    rf"(?:not (?![-\w]*:))?[-(\[]*(?:{_POWER}|{_CHAIN}|{_NUMBER}|{_SLICE}|\.\.\.|(?<=\[)(?=\]))(?:{_CLOSED})*"
)
_OPERATOR = r"[-+*/@%&|^]|//"
_WORD = r"if|else|and|or|in|not in|is|is not"
_JOINT = rf"(?: (?:{_OPERATOR}|[<>]=?|[=!]=|{_WORD}) |(?<=[\])]) \*\* |\[|(?:, |\()(?:{_NAME}=)?)"
_EXPRESSION = rf"{_OPERAND}(?:{_JOINT}{_OPERAND})*"
_STATEMENT = rf"pass|break|continue|(?:return )?{_EXPRESSION}(?: (?:{_OPERATOR}|\*\*)?= {_EXPRESSION})?"
PLAIN = re.compile(rf"(?: {{4}})+(?:{_STATEMENT})", re.ASCII)
"""A line that black leaves alone: names, canonical numbers and slices between such, joined with black's own
spaces, which around `**` depend on the operands. No string, comment, or comma before a bracket."""
HEADER = re.compile(rf"(?: {{4}})+(?:(?:el)?if|while|for {_NAME} in) {_EXPRESSION}:", re.ASCII)
"""Likewise the first line of a compound statement."""
DOUBTFUL = re.compile(
    rf"=\s*\(.*\)$|\[\(|^\s*\(|(?:if|while|in|return|not) \(|\*\* \(|\w\*\*.* (?:{_WORD}|not) "
)
"""Parentheses that black may take away, and a `**` before a word, about which it has ideas of its own."""
COMMENT = re.compile(r"(?: {4})+# (?!type)[!-~](?:.*[!-~])?")
"""One that black leaves alone."""
WHOLE_MODULE = re.compile(rf"#.*(?:fmt|yapf)|[\r\f]|{MARK}")
"""What may concern black beyond its own line, or would confuse us."""


def formatted(text: str) -> str:
    """What black makes of a module; raises `black.parsing.InvalidInput` if it is not Python."""
    import black  # Late: it takes as long as the rest of adtrans.

    mode = black.Mode(line_length=WIDTH)
    short, runs = shortened(text)
    found: list[str] = []
    for line in black.format_str(short, mode=mode).split("\n"):
        found += runs.pop(line, (line,))
    return black.format_str(text, mode=mode) if runs else "\n".join(found)


def shortened(text: str) -> tuple[str, dict[str, list[str]]]:
    """The text with a placeholder for each run of lines that black leaves alone, and what each stands for."""
    if WHOLE_MODULE.search(text):
        return text, {}
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, {}  # Black says why.
    lines = text.split("\n")
    search = Search(lines)
    search.open += [s.body for s in body if isinstance(s, ast.FunctionDef)]
    while search.open:
        search.runs += search.parts(search.open.pop())
    short: list[str] = []
    runs: dict[str, list[str]] = {}
    done = 0
    for first, last in sorted(search.runs):
        mark = f"{indentation(lines[first])}{MARK}{len(runs)}_"
        runs[mark] = lines[first:last]
        short += [*lines[done:first], mark]
        done = last
    return "\n".join([*short, *lines[done:]]), runs


Run = tuple[int, int]
"""From one line up to another, counted from 0."""


@dataclass(slots=True)
class Search:
    """Looks for runs of lines that black leaves alone."""

    lines: list[str]
    runs: list[Run] = field(default_factory=list)
    open: list[Sequence[ast.stmt]] = field(default_factory=list)

    def parts(self, block: Sequence[ast.stmt]) -> list[Run]:
        """The runs that statements of this very block make up; one, if it is nothing but plain."""
        found: list[Run] = []
        joined = False
        for stmt in block:
            first, last = stmt.lineno - 1, stmt.end_lineno or stmt.lineno
            if not self.plain(stmt):
                joined = False
                continue
            if joined and self.trivial(found[-1][1], first):
                found[-1] = found[-1][0], last
            else:
                found.append((first, last))
            joined = True
        return found

    def plain(self, stmt: ast.stmt) -> bool:
        """Whether black leaves a whole statement alone; if not, what is in it is looked at."""
        first = stmt.lineno - 1
        match stmt:
            case ast.If() | ast.For() | ast.While():
                blocks = [block for block in (stmt.body, stmt.orelse) if block]
                if not is_plain(self.lines[first], HEADER):
                    self.open += blocks
                    return False
                runs = [self.parts(block) for block in blocks]
                if all(self.whole(stmt, block, found) for block, found in zip(blocks, runs, strict=True)):
                    return True
                self.runs += [run for found in runs for run in found]
                return False
            case ast.FunctionDef() | ast.With() | ast.Try():
                return False
        return stmt.end_lineno == stmt.lineno and is_plain(self.lines[first])

    def whole(self, stmt: ast.stmt, block: Sequence[ast.stmt], runs: list[Run]) -> bool:
        """Whether a block is one run, right below the line that opens it."""
        start, end = block[0].lineno - 1, block[-1].end_lineno or block[-1].lineno
        above = start - 1
        while above > stmt.lineno - 1 and COMMENT.fullmatch(self.lines[above]):
            above -= 1
        depth = indentation(self.lines[start])
        comments = self.lines[above + 1 : start]
        opens = f"{indentation(self.lines[stmt.lineno - 1])}else:"
        return (
            runs == [(start, end)]
            and all(indentation(line) == depth for line in comments)
            and (above == stmt.lineno - 1 or self.lines[above] == opens)
        )

    def trivial(self, first: int, last: int) -> bool:
        """Whether there is at most one empty line, then comments, between two statements of a block."""
        if first < last and not self.lines[first]:
            first += 1
        depth = indentation(self.lines[last])
        between = self.lines[first:last]
        return all(COMMENT.fullmatch(line) and indentation(line) == depth for line in between)


def indentation(line: str) -> str:
    return line[: -len(line.lstrip())]


def is_plain(line: str, form: re.Pattern[str] = PLAIN) -> bool:
    """Whether black leaves a line alone that is a whole statement, or its header."""
    return (
        len(line) <= WIDTH
        and form.fullmatch(line) is not None
        and DOUBTFUL.search(line) is None
        and not ("((" in line and doubled(line))
    )


def doubled(line: str) -> bool:
    """Whether something stands in two pairs of parentheses."""
    starts: list[int] = []
    closed = (-1, -1)
    for k, character in enumerate(line):
        if character == "(":
            starts.append(k)
        elif character == ")":
            start = starts.pop()
            if closed == (start + 1, k - 1):
                return True
            closed = (start, k)
    return False
