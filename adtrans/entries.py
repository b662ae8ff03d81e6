"""A dict that is made entry by entry, of the keys of another one, as a display where these are known.

before: entries = keyed(p)                 after: value = p["w"]
        for k in p:                               value_ = p["b"]
            value = p[k]                          entries = {"w": 0.5 * value, "b": 0.5 * value_}
            entries[k] = 0.5 * value

This is what a dict comprehension becomes (frontend/entries.py). Where the keys are not known it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from adtrans import layouts
from adtrans.analyses.activity import Activity
from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic
from adtrans.ir import Assign, Block, Call, Const, Dict, Expr, For, Function, Index, Name, Stmt, Verbatim
from adtrans.kinds import RecordOf
from adtrans.walk import expressions, map_blocks, names, names_of, statements, substitute

MOST = 16
"""A longer display nobody wants to read."""


def displayed(function: Function, ranks: Ranks, fresh: Callable[[str], str]) -> Function:
    """No loop that makes a dict of known keys."""
    if not any(of_entries(stmt) for stmt in statements(function.body)):
        return function
    return replace(function, body=Displays(function, ranks, fresh).block(function.body))


def unkeyed(function: Function, activity: Activity) -> Iterator[Diagnostic]:
    """A refusal for each dict that varies and is made under keys that are not known."""
    for stmt in statements(function.body):
        found = of_entries(stmt)
        if found is not None and found[0].id in activity.ever_varied:
            words = "a dict comprehension over a dict whose keys are not known cannot be differentiated"
            help_ = "write its keys down where it is made, or give its structure with `--signature`"
            yield Diagnostic("AD203", words, stmt.span, help_)


class Displays:
    def __init__(self, function: Function, ranks: Ranks, fresh: Callable[[str], str]) -> None:
        self.function, self.ranks, self.fresh = function, ranks, fresh
        self.gone: set[int] = set()

    def block(self, block: Block) -> Block:
        new: list[Stmt] = []
        rest = list(block)
        while rest:
            stmt = rest.pop(0)
            made = self.made(stmt, rest[0]) if rest else None
            if made is not None:
                self.gone |= {id(s) for s in statements((stmt, rest.pop(0)))}
                new += self.named(made, rest)
            else:
                new.append(map_blocks(stmt, self.block))
        return tuple(new)

    def made(self, first: Stmt, loop: Stmt) -> list[Stmt] | None:
        """What two statements do, if they are the start of a dict and the loop over its keys."""
        found = of_entries(first)
        if found is None or not isinstance(loop, For) or not isinstance(loop.target, Name) or loop.orelse:
            return None
        target, of = found
        kind = self.ranks.scope(first).kind(of)
        if over(loop.iter) != of or not isinstance(kind, RecordOf) or kind.form != "dict":
            return None
        if not 0 < len(kind.keys) <= MOST or not self.plain(loop, target):
            return None
        code: list[Stmt] = []
        values: list[Expr] = []
        for key in kind.keys:
            known: dict[str, Expr] = {loop.target.id: Const(key)}
            for stmt in loop.body:
                assert isinstance(stmt, Assign)
                value = substitute(stmt.value, known)
                if isinstance(stmt.target, Name):
                    known[stmt.target.id] = Name(self.fresh(stmt.target.id))
                    code.append(replace(stmt, target=known[stmt.target.id], value=value, text=None))
                else:
                    values.append(value)
        display = Dict(tuple(kind.keys), tuple(values), span=loop.span)
        return [*code, Assign(target=target, value=display, span=loop.span)]

    def named(self, made: list[Stmt], rest: list[Stmt]) -> list[Stmt]:
        """`p = entries` behind it, if nobody else asks for `entries`: the display is `p`."""
        *code, last = made
        assert isinstance(last, Assign)
        match rest[0] if rest else None:
            case Assign(target=Name() as target, value=Name(id=name)) as after if Name(name) == last.target:
                others = (
                    s for s in statements(self.function.body) if id(s) not in self.gone and s is not after
                )
                if not any(name in read(s) for s in others):
                    rest.pop(0)
                    return [*code, replace(after, target=target, value=last.value, text=None)]
        return made

    def plain(self, loop: For, target: Name) -> bool:
        """Whether a loop does nothing but to compute the entries, in variables of its own."""
        assert isinstance(loop.target, Name)
        *row, last = loop.body
        if not isinstance(last, Assign) or last.target != Index(target, loop.target):
            return False
        own = {loop.target.id}
        for stmt in row:
            if not isinstance(stmt, Assign) or not isinstance(stmt.target, Name) or stmt.target.id in own:
                return False
            own.add(stmt.target.id)
        if any(target.id in names_of(expressions(s)) for s in row):
            return False
        inside = {id(s) for s in statements((loop,))}
        outside = (s for s in statements(self.function.body) if id(s) not in inside)
        return target.id not in names(last.value) and not any(own & read(s) for s in outside)


def read(stmt: Stmt) -> frozenset[str]:
    """The names in a statement itself, not in its blocks."""
    return names_of(expressions(stmt)) | frozenset(stmt.reads if isinstance(stmt, Verbatim) else ())


def of_entries(stmt: Stmt) -> tuple[Name, Name] | None:
    """`entries = keyed(p)`."""
    match stmt:
        case Assign(target=Name() as target, value=Call(fn=layouts.KEYED, args=(Name() as of,))):
            return target, of
    return None


def over(it: Expr) -> Expr:
    """What a loop takes the keys of."""
    return it.args[0] if isinstance(it, Call) and it.fn == "dict.keys" else it
