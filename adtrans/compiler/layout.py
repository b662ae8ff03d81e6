"""How the functions of a module are laid out: their parameters, and the empty lines in their sweeps."""

from __future__ import annotations

from dataclasses import replace

from adtrans.ir import Assign, Block, Call, Const, Enter, Leave, Name, Note, Param, Stmt
from adtrans.walk import blocks, map_blocks


def ordered(params: tuple[Param, ...]) -> tuple[Param, ...]:
    """Parameters that Python accepts: after a default every further one has a default or is keyword-only."""
    seen_default = False
    result = []
    for p in params:
        if p.default is not None:
            seen_default = True
        elif seen_default and not p.keyword_only:
            p = replace(p, keyword_only=True)
        result.append(p)
    positional = [p for p in result if not p.keyword_only]
    return (*positional, *(p for p in result if p.keyword_only))


def spaced(block: Block) -> Block:
    """An empty line before each piece of a backward sweep: a comment with its lines, a loop, a branch."""
    result: list[Stmt] = []
    block = _noted_once(block)
    for k, stmt in enumerate(block):
        stmt = map_blocks(stmt, spaced)
        before = block[k - 1] if k else None
        piece = isinstance(stmt, Note) or (before is not None and bool(blocks(before)))
        if blocks(stmt) and before is not None and not isinstance(before, Note) and not _starts(before):
            piece = True
        if isinstance(before, Enter):
            piece = False  # The header of a `with` is followed by what it holds.
        elif isinstance(stmt, Enter) or isinstance(before, Leave):
            piece = True
        result.append(replace(stmt, blank_before=True) if k and piece else stmt)
    return tuple(result)


def _noted_once(block: Block) -> Block:
    """One comment for all that a statement of the primal is to us: `q, r = np.exp(x)` is three statements."""
    result: list[Stmt] = []
    last: str | None = None
    for stmt in block:
        if isinstance(stmt, Note):
            if stmt.words == last:
                continue
            last = stmt.words
        elif blocks(stmt):
            last = None
        result.append(stmt)
    return tuple(result)


def _starts(stmt: Stmt) -> bool:
    """Whether a statement only gives a variable its first value."""
    match stmt:
        case Assign(target=Name(), value=Const() | Call(fn="numpy.zeros_like")):
            return True
        case Assign(target=Name(), value=Call(fn="list.pop")):
            return True
    return False
