"""Blocks that are carried over as text until it turns out that what they do is differentiated.

A `match` or `try` about strings and settings stays as it was written; one that computes something
which varies is refused as text, and then compiled once more as the statements it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adtrans.errors import Diagnostic, Span
from adtrans.ir import Carried, Program, Stmt
from adtrans.walk import map_block, statements

FOLLOW = "compute it with assignments and calls that adtrans can follow"
LONG = 1000
"""So many statements take seconds."""
WAYS_OUT = {
    "a `try` block": "try one computation without effects, and assign its result in every handler",
    "a `with` block": "compute it before the block or after it",
    "a `match` statement": "write it as `if` and `elif`",
    "a `finally` block": "compute it after the `try` statement",
}


def way_out(why: str) -> str:
    """What to do about a block that was refused."""
    return WAYS_OUT.get(why, FOLLOW)


def active(program: Program, report: Iterable[Diagnostic]) -> frozenset[Span]:
    """The blocks carried as text that were refused for it."""
    refused = {d.span for d in report if d.code == "AD203"}
    found = (s.span for f in program.functions.values() for s in statements(f.body) if isinstance(s, Carried))
    return frozenset(span for span in found if span is not None and span in refused)


def is_hopeless(program: Program, report: Iterable[Diagnostic], spans: frozenset[Span]) -> bool:
    """Whether blocks that are long as statements, seconds long, could not save the program: it has other
    reasons to be refused."""
    blocks = [s for f in program.functions.values() for s in statements(f.body) if isinstance(s, Carried)]
    length = sum(1 for block in blocks if block.span in spans for _ in statements(block.lowered))
    return length > LONG and any(d.span not in spans for d in report)


def lowered(program: Program, spans: frozenset[Span]) -> Program:
    """The program with these blocks as statements."""

    def change(stmt: Stmt) -> Iterable[Stmt]:
        if not isinstance(stmt, Carried) or stmt.span not in spans or not stmt.lowered:
            return (stmt,)
        first = replace(stmt.lowered[0], comments=stmt.comments, blank_before=stmt.blank_before)
        return (first, *stmt.lowered[1:])

    return replace(
        program,
        functions={
            path: f if (body := map_block(f.body, change)) is f.body else replace(f, body=body)
            for path, f in program.functions.items()
        },
    )
