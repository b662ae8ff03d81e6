"""Expressions and statements as Python text, with no parenthesis that is not needed.

`expression` knows the precedence of everything and asks a `spell` callback how a function or a
global is called in the module that is being written. `statements` prints a statement that no pass
has touched as the user wrote it.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache

from adtrans import ir
from adtrans.interpolants import CALLED, OF_THE_CALL

Spell = Callable[[ir.Call | ir.Global], str]


class PrintError(AssertionError):
    """Something that has no spelling reached the printer: a mistake of ours."""


class Level(IntEnum):
    """How tightly an expression holds together, as in the table of the language reference."""

    ANY = 0
    TERNARY = 1
    OR = 2
    AND = 3
    NOT = 4
    COMPARE = 5
    BIT_OR = 6
    BIT_XOR = 7
    BIT_AND = 8
    SHIFT = 9
    SUM = 10
    TERM = 11
    UNARY = 12
    POWER = 13
    ATOM = 14


COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "is", "is not", "in", "not in")
BINARY = {
    "|": Level.BIT_OR,
    "^": Level.BIT_XOR,
    "&": Level.BIT_AND,
    **dict.fromkeys(("<<", ">>"), Level.SHIFT),
    **dict.fromkeys(("+", "-"), Level.SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), Level.TERM),
}
UNARY = {"neg": "-", "pos": "+", "~": "~"}
BOOLEAN = {"and": Level.AND, "or": Level.OR}
ATTRIBUTES = {"numpy.transpose": "T", "numpy.real": "real", "numpy.imag": "imag"}
METHODS_ONLY = ("list.", "dict.", "namedtuple.", "numpy.ndarray.")
"""Paths that are methods however the call was made: `list.append(y_log, y)` is `y_log.append(y)`."""

JUMPS = (ir.Break, ir.Continue, ir.Return)
KEYWORD = re.compile(r"(if|elif|for|while)\b")

Piece = tuple[str, Level]


def expression(expr: ir.Expr, spell: Spell | None = None) -> str:
    """An expression as text."""
    return Printer(spell).expression(expr)


def statements(block: ir.Block, spell: Spell | None = None, depth: int = 0) -> list[str]:
    """A block as lines, `depth` levels deep; an empty one is `pass`."""
    return Printer(spell).block(block, depth)


def as_spelled(expr: ir.Call | ir.Global) -> str:
    """The user's spelling, else the canonical path."""
    return expr.id if isinstance(expr, ir.Global) else expr.spelled or expr.fn


class Printer:
    """The printer; `show.py` and `emit.py` change what they must by overriding a method."""

    flat_guards = True
    """Whether `if c: break` followed by an `else` is printed without the `else`."""

    def __init__(self, spell: Spell | None = None) -> None:
        self.spell = spell or as_spelled

    # ------------------------------------------------------------ expressions

    def expression(self, expr: ir.Expr, least: Level = Level.ANY) -> str:
        """The text of `expr`, in parentheses if it holds together less tightly than `least`."""
        text, level = self.piece(expr)
        return f"({text})" if level < least else text

    def piece(self, expr: ir.Expr) -> Piece:
        match expr:
            case ir.Name(id=name):
                return name, Level.ATOM
            case ir.Const():
                return self.constant(expr)
            case ir.Op():
                return self.operator(expr)
            case ir.Call():
                return self.call(expr), Level.ATOM
            case ir.Index(base=base, index=ir.Const(value=str(name)), attribute=True):
                return f"{self.receiver(base)}.{name}", Level.ATOM
            case ir.Index(base=base, index=index):
                return f"{self.receiver(base)}[{self.index(index)}]", Level.ATOM
            case ir.Attr(base=base, name=name):
                return f"{self.receiver(base)}.{name}", Level.ATOM
            case ir.Global():
                return self.spell(expr), Level.ATOM
            case ir.IfExp(test=test, then=then, orelse=orelse):
                parts = (then, Level.OR), (test, Level.OR), (orelse, Level.TERNARY)
                return (
                    "{} if {} else {}".format(*(self.expression(e, least) for e, least in parts)),
                    Level.TERNARY,
                )
            case ir.Tuple(elts=elts, spelled=spelled) if spelled:
                return f"{spelled}({', '.join(map(self.expression, elts))})", Level.ATOM
            case ir.Tuple(elts=elts):
                return f"({self.elements(elts)})", Level.ATOM
            case ir.List(elts=elts):
                return f"[{', '.join(map(self.expression, elts))}]", Level.ATOM
            case ir.Dict(keys=keys, elts=elts):
                items = (f"{key!r}: {self.expression(e)}" for key, e in zip(keys, elts, strict=True))
                return f"{{{', '.join(items)}}}", Level.ATOM
            case ir.Slice():
                return self.slice(expr), Level.ANY
            case ir.Comprehension():
                return self.comprehension(expr), Level.ATOM
            case ir.Star(value=value):
                return f"*{self.expression(value, Level.OR)}", Level.ATOM
            case ir.Spread(otherwise=text):
                return self.opaque(text)
            case ir.Bind(name=name, value=value):
                return f"({name} := {self.expression(value)})", Level.ATOM
            case ir.Opaque():
                return self.opaque(expr)
            case ir.Zero():
                return self.zero()
        raise PrintError(f"no text for {expr!r}")

    def zero(self) -> Piece:
        raise PrintError("a structural zero reached the printer")

    def opaque(self, expr: ir.Opaque) -> Piece:
        return opaque(expr.text)

    def constant(self, expr: ir.Const) -> Piece:
        if expr.text is not None:
            return expr.text, Level.UNARY if expr.text[:1] in ("-", "+") else Level.ATOM
        return literal(expr.value)

    def receiver(self, expr: ir.Expr) -> str:
        """What stands before a dot or a bracket: `1.real` would be read as a number."""
        text = self.expression(expr, Level.ATOM)
        return f"({text})" if isinstance(expr, ir.Const) and text[:1].isdigit() else text

    def elements(self, elts: tuple[ir.Expr, ...]) -> str:
        text = ", ".join(map(self.expression, elts))
        return text + "," if len(elts) == 1 else text

    def index(self, expr: ir.Expr) -> str:
        bare = isinstance(expr, ir.Tuple) and expr.elts and not expr.spelled
        return self.elements(expr.elts) if isinstance(expr, ir.Tuple) and bare else self.expression(expr)

    def slice(self, expr: ir.Slice) -> str:
        lower, upper, step = (
            self.expression(e) if e is not None else "" for e in (expr.lower, expr.upper, expr.step)
        )
        return f"{lower}:{upper}" + (f":{step}" if step else "")

    def comprehension(self, expr: ir.Comprehension) -> str:
        conditions = "".join(f" if {self.expression(e, Level.OR)}" for e in expr.conditions)
        source = self.expression(expr.iter, Level.OR)
        loop = f"for {self.bare(expr.target)} in {source}{conditions}"
        if not expr.flat:
            return f"[{self.expression(expr.elt)} {loop}]"
        first, _, rest = self.expression(expr.elt).partition(" for ")
        return f"{first} {loop} for {rest}"

    def call(self, expr: ir.Call) -> str:
        style = "method" if expr.fn.startswith(METHODS_ONLY) and expr.args else expr.style
        name = expr.spelled.rpartition(".")[2] or expr.fn.rpartition(".")[2]
        if style == "attribute":
            return f"{self.receiver(expr.args[0])}.{expr.spelled or ATTRIBUTES.get(expr.fn, name)}"
        if style == "method":
            return f"{self.receiver(expr.args[0])}.{name}({self.arguments(expr.args[1:], expr.kwargs)})"
        if expr.fn.endswith(CALLED):
            given = tuple((k, v) for k, v in expr.kwargs if k not in OF_THE_CALL)
            own = tuple((k, v) for k, v in expr.kwargs if k in OF_THE_CALL)
            made = f"{self.spell(expr)}({self.arguments(expr.args[1:], given)})"
            return f"{made}({self.arguments(expr.args[:1], own)})"
        inside = self.arguments(expr.args, expr.kwargs)
        return f"{self.spell(expr)}[{inside}]" if expr.fn in ir.BRACKETED else f"{self.spell(expr)}({inside})"

    def arguments(self, args: tuple[ir.Expr, ...], kwargs: tuple[tuple[str, ir.Expr], ...]) -> str:
        named = (f"**{self.expression(v)}" if k == "**" else f"{k}={self.expression(v)}" for k, v in kwargs)
        return ", ".join([*map(self.expression, args), *named])

    def operator(self, expr: ir.Op) -> Piece:
        op, args = expr.op, expr.args
        if op in BINARY and len(args) == 2:
            return self.chain(expr, BINARY[op]), BINARY[op]
        if op == "**" and len(args) == 2:
            return (
                f"{self.expression(args[0], Level.ATOM)} ** {self.expression(args[1], Level.UNARY)}",
                Level.POWER,
            )
        if op in UNARY and len(args) == 1:
            text, level = self.piece(args[0])
            # `--x` is right but reads like something else.
            bare = level >= Level.UNARY and text[:1] not in ("-", "+")
            return UNARY[op] + (text if bare else f"({text})"), Level.UNARY
        if op == "not" and len(args) == 1:
            return f"not {self.expression(args[0], Level.NOT)}", Level.NOT
        if op in COMPARISONS and len(args) == 2:
            return f" {op} ".join(self.expression(a, Level.BIT_OR) for a in args), Level.COMPARE
        if op in BOOLEAN and len(args) >= 2:
            return f" {op} ".join(self.expression(a, Level(BOOLEAN[op] + 1)) for a in args), BOOLEAN[op]
        raise PrintError(f"no operator {op!r} with {len(args)} operands")

    def chain(self, expr: ir.Op, level: Level) -> str:
        """Operators that group to the left: down the left side in a loop, for sums of a thousand terms."""
        parts: list[str] = []
        left: ir.Expr = expr
        while isinstance(left, ir.Op) and BINARY.get(left.op) == level and len(left.args) == 2:
            parts += [self.expression(left.args[1], Level(level + 1)), left.op]
            left = left.args[0]
        parts.append(self.expression(left, level))
        return " ".join(reversed(parts))

    def bare(self, expr: ir.Expr) -> str:
        """An expression where a tuple needs no parentheses: a target, a value, a result."""
        if isinstance(expr, ir.Tuple) and len(expr.elts) > 1 and not expr.spelled:
            return self.elements(expr.elts)
        return self.expression(expr)

    # ------------------------------------------------------------- statements

    def source(self, stmt: ir.Stmt) -> str | None:
        """The user's own text, if it may be printed."""
        return stmt.text

    def block(self, block: ir.Block, depth: int) -> list[str]:
        """The lines of a block."""
        lines: list[str] = []
        empty = True
        while block:
            for stmt in block:
                if isinstance(stmt, ir.Leave):
                    depth -= 1
                if stmt.blank_before and lines:
                    lines.append("")
                lines += indented(stmt.comments, depth)
                empty = empty and isinstance(stmt, ir.Note)
                lines += self.statement(
                    stmt, depth, flat=self.flat_guards and stmt is block[-1] and is_guard(stmt)
                )
                if isinstance(stmt, ir.Enter):
                    depth += 1
            last = block[-1]
            block = last.orelse if self.flat_guards and isinstance(last, ir.If) and is_guard(last) else ()
        return [*lines, *indented(["pass"], depth)] if empty else lines

    def statement(self, stmt: ir.Stmt, depth: int, flat: bool = False) -> list[str]:
        """The lines of one statement, without the comments above it; `flat` leaves out an `else`."""
        match stmt:
            case ir.If():
                return self.branches(stmt, depth, flat)
            case ir.For():
                head = f"for {self.bare(stmt.target)} in {self.expression(stmt.iter)}"
                return self.loop(stmt, "for", head, depth)
            case ir.While():
                return self.loop(stmt, "while", f"while {self.expression(stmt.test)}", depth)
            case ir.Note(words=words):
                return indented([f"# {line}".rstrip() for line in words.split("\n")], depth)
            case ir.Leave(text=None):
                return []
            case ir.Verbatim():
                lines = self.verbatim(stmt, depth)
            case _:
                # A continued line stays where it is: it may begin within a string, and black mends the rest.
                lines = indented([self.source(stmt) or self.simple(stmt)], depth)
        if stmt.trailing:
            lines[-1] += f"  {stmt.trailing}"
        return lines

    def verbatim(self, stmt: ir.Verbatim, depth: int) -> list[str]:
        return reindented(stmt.text or "pass", depth)

    def simple(self, stmt: ir.Stmt) -> str:
        match stmt:
            case ir.Assign(target=target, value=value):
                return f"{self.bare(target)} = {self.bare(value)}"
            case ir.AugAssign(target=target, op=op, value=value):
                return f"{self.expression(target)} {op}= {self.expression(value)}"
            case ir.ExprStmt(value=value):
                return self.expression(value)
            case ir.Return(value=None):
                return "return"
            case ir.Return(value=ir.Expr() as value):
                return f"return {self.bare(value)}"
            case ir.Break():
                return "break"
            case ir.Continue():
                return "continue"
        raise PrintError(f"no text for {type(stmt).__name__}")

    def header(self, stmt: ir.Stmt, keyword: str, head: str, depth: int) -> str:
        """`head:`, or the user's own header line; an `if` may have become an `elif`, or the reverse."""
        text = self.source(stmt)
        if text is not None:
            head = KEYWORD.sub(keyword, text.strip().removesuffix(":").rstrip(), count=1)
        trailing = f"  {stmt.trailing}" if stmt.trailing else ""
        return f"{'    ' * depth}{head}:{trailing}"

    def loop(self, stmt: ir.For | ir.While, keyword: str, head: str, depth: int) -> list[str]:
        lines = [self.header(stmt, keyword, head, depth), *self.block(stmt.body, depth + 1)]
        if stmt.orelse:
            lines += [*indented(["else:"], depth), *self.block(stmt.orelse, depth + 1)]
        return lines

    def branches(self, stmt: ir.If, depth: int, flat: bool) -> list[str]:
        """`if … elif … else`, in a loop: a chain may be long."""
        lines: list[str] = []
        keyword = "if"
        while True:
            lines.append(self.header(stmt, keyword, f"{keyword} {self.expression(stmt.test)}", depth))
            lines += self.block(stmt.body, depth + 1)
            if flat or not stmt.orelse:
                return lines
            alone = stmt.orelse[0]
            if len(stmt.orelse) > 1 or not isinstance(alone, ir.If):
                return [*lines, *indented(["else:"], depth), *self.block(stmt.orelse, depth + 1)]
            lines += indented(alone.comments, depth)
            stmt, keyword = alone, "elif"


def is_guard(stmt: ir.Stmt) -> bool:
    """An If that leaves by a jump, so that its `else` may as well follow it."""
    return (
        isinstance(stmt, ir.If) and bool(stmt.orelse) and bool(stmt.body) and isinstance(stmt.body[-1], JUMPS)
    )


def indented(lines: list[str] | tuple[str, ...], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]


def reindented(text: str, depth: int) -> list[str]:
    """The lines of a statement, all indented but those that begin within a string."""
    lines = text.split("\n")
    if len(lines) == 1:
        return indented(lines, depth)
    within = inside_strings(text)
    return [line if n in within or not line else "    " * depth + line for n, line in enumerate(lines, 1)]


def inside_strings(text: str) -> set[int]:
    """The numbers of the lines that begin within a string."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # `break` and `return` are checked later, by the compiler: only a header comes here.
        return set()
    strings = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr | ast.Constant)]
    return {k for n in strings for k in range(n.lineno + 1, (n.end_lineno or n.lineno) + 1)}


def literal(value: object) -> Piece:
    """A constant without a spelling of its own."""
    match value:
        case bool() | None | str() | bytes():
            return repr(value), Level.ATOM
        case int():
            text = repr(int(value))
        case float():
            text = real(float(value))
        case complex(real=re_, imag=im) if not (math.isfinite(re_) and math.isfinite(im)):
            return f"complex({real(re_)}, {real(im)})", Level.ATOM
        case complex():
            text = repr(complex(value))
        case _ if value is ...:
            return "...", Level.ATOM
        case _:
            raise PrintError(f"no literal for {value!r}")
    return text, Level.UNARY if text.startswith("-") else Level.ATOM


def real(value: float) -> str:
    """A float that may be one of those that have no literal."""
    if math.isfinite(value):
        return repr(value)
    sign = "-" if value < 0 else ""
    return f'{sign}float("{repr(value).lstrip("-")}")'


@lru_cache(maxsize=4096)
def opaque(text: str) -> Piece:
    """Text that is carried over: safe as it is only if it is an atom on its own."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        # `y := e` and text of several lines want parentheses everywhere; a starred argument bears none.
        return (f"({text})", Level.ATOM) if parses(f"({text})") else (text, Level.ANY)
    if text.startswith("(") and encloses(text):
        return text, Level.ATOM
    if isinstance(node, ast.Tuple):
        return f"({text})", Level.ATOM
    number = isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes)
    loose = ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.Lambda | ast.Await
    return text, Level.TERNARY if number or isinstance(node, loose) else Level.ATOM


def parses(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def encloses(text: str) -> bool:
    """Whether the parenthesis that opens a text is closed by its last character: not so in `(a) + (b)`."""
    return text.endswith(")") and parses(f"[{text[1:-1]}]")
