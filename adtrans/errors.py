"""What can go wrong, as data: places in the source, diagnostics, and the exceptions that carry them."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

CODES: dict[str, str] = {
    # AD1xx: syntax
    "AD101": "the source is not valid Python",
    "AD102": "the function is not in the module",
    "AD103": "a generator or a coroutine",
    "AD104": "a jump out of a block that is carried over as text",
    "AD105": "a write to a variable outside the function",
    "AD106": "an assignment expression where it cannot become an assignment",
    "AD107": "not a function or a method of the module",
    "AD108": "the function is defined more than once",
    "AD109": "the source is nested too deeply",
    "AD110": "an assignment target that cannot be followed",
    "AD112": "a statement that cannot be inside a function",
    # AD2xx: language
    "AD201": "a call of a function that cannot be read",
    "AD202": "a varying value inside an expression that is carried over as text",
    "AD203": "a varying value computed by a statement that is carried over as text",
    "AD211": "a comprehension's variable shadows another",
    "AD212": "a list changes its length while a loop runs over it",
    "AD213": "the number of targets and values differ",
    "AD214": "returns with different numbers of values",
    "AD221": "a name that is bound nowhere",
    "AD222": "a module-level variable that is not constant",
    "AD223": "a class cannot be carried over",
    "AD224": "a decorated function is called",
    "AD225": "a captured value that cannot be written down",
    "AD226": "an import whose source cannot be found",
    "AD227": "a constant that is computed by a function of the project",
    "AD228": "a module is used as a value",
    "AD229": "an object whose class is not known",
    "AD230": "an object that cannot be taken apart",
    "AD231": "a recursion over a container that grows",
    "AD241": "a call that rebinds variables, where it cannot be a statement",
    "AD242": "a function as a value that cannot be followed",
    "AD243": "a nested derivative that cannot be taken",
    "AD245": "a function without the derivative rule that it announces",
    "AD246": "a derivative rule of the user's that cannot be used here",
    # AD3xx: rules
    "AD301": "a function without a derivative rule",
    "AD302": "a derivative rule does not handle this argument",
    "AD303": "a derivative rule does not take these arguments",
    "AD304": "a derivative rule is not for complex numbers",
    # AD4xx: memory
    "AD401": "a write into memory that another variable shares",
    "AD402": "a function writes into an argument that is not a plain array",
    # AD5xx: arguments
    "AD501": "a function with `*args` or `**kwargs`",
    "AD502": "a call does not fit the function's parameters",
    "AD503": "an argument that cannot be differentiated",
    "AD504": "an argument that is not filled",
    # AD9xx: internal
    "AD901": "an internal error of adtrans",
}
"""Every code that a diagnostic may have, and what it stands for."""

WAYS_OUT: dict[str, str] = {
    "AD101": "mend the line; Python itself would not run it",
    "AD102": "name a function that the module defines: `FILE.py:FUNC`",
    "AD103": "return a list or an array from an ordinary function",
    "AD104": "move the jump out of the block: set a flag in it and test the flag behind it",
    "AD105": "pass the variable as an argument, and return what has changed",
    "AD106": "assign in a statement of its own, before",
    "AD107": "move the function to the top level of its module",
    "AD108": "give the definitions different names",
    "AD109": "split it with intermediate variables",
    "AD110": "assign to a variable first",
    "AD112": "move it to the top level of the module",
    "AD211": "give the comprehension's variable a name of its own",
    "AD212": "loop over a copy of the list",
    "AD213": "give as many targets as there are values",
    "AD214": "return the same number of values everywhere",
    "AD221": "define it at the top level of the module, or pass it as an argument",
    "AD222": "assign it once, or pass it as an argument",
    "AD223": "pass the numbers and arrays that it holds as arguments",
    "AD224": "call the undecorated function",
    "AD225": "pass it as an argument",
    "AD226": "keep the module beside the file, or pass what it computes as an argument",
    "AD227": "write the value down, or pass it as an argument",
    "AD228": "call its functions by name",
    "AD229": "annotate it with its class",
    "AD230": "use the attributes of the object one by one",
    "AD231": "give it a list that grows, or an array",
    "AD241": "call it in a statement of its own",
    "AD242": "call the function by its name",
    "AD243": "differentiate a function of the program",
    "AD501": "give the parameters names of their own",
    "AD502": "give each parameter one argument",
}
"""The way out where a diagnostic has none of its own."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of source text: lines from 1, columns from 0, the end exclusive (as in `ast`)."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One refusal: what, where, why, and the way out.

    `labels` are further places that matter, each with a few words.
    """

    code: str
    message: str
    span: Span | None = None
    help: str = ""
    notes: tuple[str, ...] = ()
    labels: tuple[tuple[Span, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.help:
            object.__setattr__(self, "help", WAYS_OUT.get(self.code, ""))


class AdtransError(Exception):
    """Base class of every error that adtrans raises on purpose."""


class Refused(AdtransError):
    """The program is outside what adtrans can prove right; `diagnostics` says where and why, all at once."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], sources: dict[str, str] | None = None) -> None:
        self.diagnostics = diagnostics
        self.sources = dict(sources or {})
        super().__init__("\n\n".join(d.message for d in diagnostics))

    def __str__(self) -> str:
        return render(self.diagnostics, self.sources)


class NotScalarError(AdtransError, TypeError):
    """A gradient was asked of a function whose value is not one real number."""


class NonDifferentiableArgumentError(AdtransError, TypeError):
    """An argument that is to be differentiated is of a type that cannot vary."""


class ArgumentError(AdtransError, TypeError):
    """`argnums`, a seed or a tangent does not fit the function or its arguments."""


class InternalError(AdtransError):
    """A bug of adtrans, presented as one; the exception that showed it is the `__cause__`."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(internal_error_report(cause))


def internal_error_report(error: BaseException) -> str:
    """What to say of an exception that no user can be blamed for, and what to attach to a report."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"  {_inside(f.filename)}:{f.lineno} in {f.name}" for f in frames[-5:]]
    return "\n".join(
        [
            f"AD901 {CODES['AD901']}: {type(error).__name__}: {error}",
            *where,
            "note: this is a bug of adtrans, not of your program; no derivative was produced",
            "help: report it with the source of the function, the command or decorator with its options,",
            f"      this text, and the versions: Python {platform.python_version()}",
        ]
    )


def _inside(path: str) -> str:
    """A path from the package on: where adtrans is installed is nobody's business."""
    parts = path.replace("\\", "/").split("/")
    return "/".join(parts[parts.index("adtrans") :]) if "adtrans" in parts else parts[-1]


def placed(report: Iterable[Diagnostic], span: Span | None) -> tuple[Diagnostic, ...]:
    """Each diagnostic once; one without a place, as of a statement that we made, gets this one."""
    return tuple(dict.fromkeys(d if d.span else replace(d, span=span) for d in report))


# ------------------------------------------------------------------- rendering


def render(diagnostics: tuple[Diagnostic, ...], sources: Mapping[str, str]) -> str:
    """Diagnostics as a compiler prints them, in the order of the source."""
    ordered = sorted(diagnostics, key=_place)
    return "\n\n".join("\n".join(_lines(d, sources)) for d in ordered)


def _place(diagnostic: Diagnostic) -> tuple[bool, str, int, int, str]:
    span = diagnostic.span
    if span is None:
        return True, "", 0, 0, diagnostic.code
    return False, span.file, span.line, span.col, diagnostic.code


def _lines(diagnostic: Diagnostic, sources: Mapping[str, str]) -> Iterator[str]:
    span = diagnostic.span
    where = f"{span.file}:{span.line}:{span.col + 1}: " if span else ""
    yield f"{where}{diagnostic.code} {diagnostic.message}"
    spans = [s for s in (span, *(s for s, _ in diagnostic.labels)) if s]
    gutter = len(str(max((s.line for s in spans), default=1)))
    if span:
        yield from _snippet(span, "^", "", sources, gutter)
    previous = span
    for label, words in diagnostic.labels:
        if previous is None or label.file != previous.file:
            yield f"{' ' * gutter}--> {label.file}:{label.line}:{label.col + 1}"
        yield from _snippet(label, "-", words, sources, gutter)
        previous = label
    for note in diagnostic.notes:
        yield f"note: {note}"
    if diagnostic.help:
        yield f"help: {diagnostic.help}"


def _snippet(span: Span, mark: str, words: str, sources: Mapping[str, str], gutter: int) -> Iterator[str]:
    """The first line of a span, underlined."""
    lines = sources.get(span.file, "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not 1 <= span.line <= len(lines) or span.file not in sources:
        if words:
            yield f"{' ' * gutter} = line {span.line}: {words}"
        return
    line = lines[span.line - 1]
    end = span.end_col if span.end_line == span.line else len(line.rstrip())
    before = "".join("\t" if c == "\t" else " " * _width(c) for c in line[: span.col])
    length = max(sum(map(_width, line[span.col : end])), 1)
    yield f"{span.line:>{gutter}} | {line.rstrip()}"
    yield f"{' ' * gutter} | {before}{mark * length}{' ' if words else ''}{words}".rstrip()


def _width(char: str) -> int:
    """Columns of a character on a terminal."""
    return 2 if east_asian_width(char) in "WF" else 1
