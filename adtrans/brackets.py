"""`with` blocks and guarding `try` blocks: marks in the row of statements, opened and closed in pairs.

    with np.errstate(divide="ignore"):      Enter(with np.errstate(divide="ignore"):)
        y = np.log(x)                       y = np.log(x)
    z = y * x                               Leave()
                                            z = y * x

The backward sweep of what is between a pair stands in the same context, if it has anything to do there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from adtrans.ir import Block, Enter, Leave, Note, Stmt
from adtrans.walk import map_blocks, same

T = TypeVar("T")


def pairs(items: Sequence[T], stmt: Callable[[T], Stmt]) -> list[tuple[int, int]]:
    """The places of the marks that belong together, inner pairs first; marks that are alone are left out."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for k, item in enumerate(items):
        match stmt(item):
            case Enter():
                opened.append(k)
            case Leave() if opened:
                found.append((opened.pop(), k))
    return found


def mirrored(enter: Enter) -> tuple[Leave, Enter]:
    """What stands in the backward sweep for the opening mark, and for the closing one."""
    again = replace(enter, comments=(), trailing="", blank_before=False, span=None)
    return Leave(text=None), again


def closed(block: Block) -> Block:
    """The block without marks that hold nothing, or have lost their partner."""
    block = same(block, tuple(map_blocks(stmt, closed) for stmt in block))
    kept = set(range(len(block)))
    while True:
        row = sorted(kept)
        both = [(row[a], row[b]) for a, b in pairs([block[k] for k in row], lambda s: s)]
        partners = {k for pair in both for k in pair}
        lost = {k for k in row if isinstance(block[k], Enter | Leave) and k not in partners}
        for first, last in both:
            inside = [block[k] for k in row if first < k < last]
            if all(isinstance(s, Note) for s in inside):
                lost |= {first, last}
        if not lost:
            return same(block, tuple(block[k] for k in row))
        kept -= lost
