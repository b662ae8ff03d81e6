"""Branches for objects of the program that there is no derivative for: there the derivative raises.

before: if isinstance(v, Vector):         after: if isinstance(v, Vector):
            return v.x * s                           raise TypeError("no derivative for …")
        return v * s                             return v * s

Only where it is not known what `v` is, and what is in the branch has been refused: for numbers and arrays
there is a derivative then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adtrans.errors import Diagnostic, Span
from adtrans.ir import Block, Call, Expr, Global, If, Name, Op, Program, Stmt, Tuple, Verbatim
from adtrans.walk import map_block, reads_of, statements


def refused(program: Program, report: Iterable[Diagnostic]) -> frozenset[Span]:
    """The branches on the class of an object in which something is refused."""
    spans = [d.span for d in report if d.span is not None]
    ifs = (s for f in program.functions.values() for s in statements(f.body) if isinstance(s, If))
    return frozenset(
        stmt.span
        for stmt in ifs
        if stmt.span is not None
        and (found := branch(stmt, program)) is not None
        and any(inside(span, found[1]) for span in spans)
    )


def branch(stmt: If, program: Program) -> tuple[str, Block] | None:
    """The variable that is an object in one of the branches of a statement, and this branch."""
    match stmt.test:
        case Op(op="not", args=(test,)):
            block = stmt.orelse
        case test:
            block = stmt.body
    match test:
        case Call(fn="builtins.isinstance", args=(Name(id=name), kinds)) if name in reads_of(block):
            several = kinds.elts if isinstance(kinds, Tuple) else (kinds,)
            known = all(is_class(kind, program) for kind in several)
            return (name, block) if known and not raises(block) else None
    return None


def raises(block: Block) -> bool:
    """Whether a block does nothing else."""
    return len(block) == 1 and isinstance(block[0], Verbatim) and (block[0].text or "").startswith("raise")


def is_class(expr: Expr, program: Program) -> bool:
    """Whether an expression is a class that stands for one of the program."""
    return isinstance(expr, Global) and program.constants.get(expr.id, "").startswith("class ")


def inside(span: Span, block: Block) -> bool:
    """Whether a place is in a block."""
    found = [s.span for s in statements(block) if s.span is not None]
    lines = [line for s in found if s.file == span.file for line in (s.line, s.end_line)]
    return bool(lines) and min(lines) <= span.line <= max(lines)


def without(program: Program, spans: frozenset[Span]) -> Program:
    """The program in which these branches raise."""

    def change(stmt: Stmt) -> Iterable[Stmt]:
        found = branch(stmt, program) if isinstance(stmt, If) and stmt.span in spans else None
        if found is None or not isinstance(stmt, If):
            return (stmt,)
        name, block = found
        words = f'raise TypeError(f"no derivative for `{name}`, a {{type({name}).__name__}}")'
        raised: Block = (Verbatim(text=words, reads=(name,), span=block[0].span, why="a raise"),)
        return (replace(stmt, body=raised) if block is stmt.body else replace(stmt, orelse=raised),)

    return replace(
        program,
        functions={
            path: f if (body := map_block(f.body, change)) is f.body else replace(f, body=body)
            for path, f in program.functions.items()
        },
    )
