"""Lowering of `with` and `try`.

A harmless `with`, and a `try` whose handlers only raise, become marks around their statements (`Enter`,
`Leave`). A `try` with a handler that goes on becomes a branch on what happened:

before: try:                              after: try:
            L = np.linalg.cholesky(A)                np.linalg.cholesky(A)
        except LinAlgError:                          failed = False
            L = B                                except LinAlgError:
                                                     failed = True
                                                 if failed:
                                                     L = B
                                                 else:
                                                     L = np.linalg.cholesky(A)

What is tried is evaluated twice, so only what has no effect is lowered; all else stays as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir, walk
from adtrans.frontend.scopes import scan
from adtrans.sharing import may_view

if TYPE_CHECKING:
    from adtrans.frontend.statements import Lead, Statements

HARMLESS = frozenset(
    {"numpy.errstate", "numpy.printoptions", "warnings.catch_warnings", "contextlib.nullcontext"}
)
"""Context managers that change no value, as long as they do not turn warnings into exceptions."""


def with_(owner: Statements, node: cst.With, lead: Lead) -> ir.Block:
    """A `with` block."""
    calls = [item.item for item in node.items]
    paths = [owner.effects.path(call) for call in calls if isinstance(call, cst.Call)]
    known = [path.removeprefix("?.") in HARMLESS for path in paths if path]
    changing = any(map(owner.effects.changes, scan(*calls).calls))
    if node.asynchronous or len(known) < len(calls) or not all(known) or changing:
        return owner.verbatim_block(node, lead)
    named = [item.asname.name for item in node.items if item.asname]
    span, text = owner.header(node, named[-1] if node.items[-1].asname else calls[-1])
    reads = owner.expressions.reads(*calls)
    writes = owner.expressions.local_names(n.value for name in named for n in scan_stores(name))
    body = owner.block(node.body)
    jumps = scan(node.body).jumps
    if jumps and not ends(body, jumps):
        if "raise" in text or "call" in text or writes:
            return owner.verbatim_block(node, lead)
        return headed(body, lead)  # It only silences warnings, and a jump cannot leave it half done.
    again = not reads and not writes and ("errstate" in text or "action" in text)
    enter = ir.Enter(span=span, text=text, reads=reads, writes=writes, why="a `with` block", again=again)
    return headed(guarded(owner, enter, body, ir.Leave(text=None)), lead)


def scan_stores(target: cst.BaseExpression) -> list[cst.Name]:
    return [target] if isinstance(target, cst.Name) else []


def try_(owner: Statements, node: cst.Try, lead: Lead) -> ir.Block:
    """A `try` statement."""
    ended = node.finalbody
    if ended is not None and scan(ended).jumps:
        return owner.verbatim_block(node, lead)
    known = len(owner.diagnostics)
    made = raising(owner, node) if all(map(raises, node.handlers)) else branching(owner, node)
    if made is None or len(owner.diagnostics) > known:
        del owner.diagnostics[known:]
        return owner.verbatim_block(node, lead)
    if ended is not None:
        text = indented("finally:", owner, ended.body)
        reads, writes = owner.expressions.reads(ended.body), owner.effects.writes(ended.body)
        if not given_back(made).isdisjoint(writes):
            return owner.verbatim_block(node, lead)
        leave = ir.Leave(text=text, reads=reads, writes=writes, span=owner.module.span(ended))
        made = guarded(owner, opening(), made, replace(leave, why="a `finally` block"))
    elif not all(map(raises, node.handlers)) and not scan(node).jumps:
        made = (owner.carried(node, "a `try` block", made),)
    return headed(made, lead)


def given_back(block: ir.Block) -> frozenset[str]:
    """The variables that are, or may be seen in, what a block returns."""
    values = [s.value for s in walk.statements(block) if isinstance(s, ir.Return) and s.value is not None]
    return frozenset[str]().union(*(may_view(value, {}) for value in values))


# ----------------------------------------------------------------- handlers that raise


def raises(handler: cst.ExceptHandler) -> bool:
    """Whether a handler does nothing but raise in the end."""
    body = handler.body.body
    last = body[-1] if body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, cst.Raise) and not scan(handler.body).jumps


def raising(owner: Statements, node: cst.Try) -> ir.Block | None:
    """The statements in marks, and those of its `else` behind them."""
    body = owner.block(node.body)
    jumps = scan(node.body).jumps
    if jumps and not ends(body, jumps):
        return None
    orelse = owner.block(node.orelse.body) if node.orelse and not jumps else ()
    if not node.handlers:
        return (*body, *orelse)
    texts = "\n".join(map(owner.texts.statement, node.handlers))
    span = owner.module.span(node.handlers[0])
    leave = ir.Leave(text=texts, reads=read_by(owner, node.handlers), span=span)
    return (*guarded(owner, opening(), body, leave), *orelse)


def read_by(owner: Statements, handlers: Sequence[cst.ExceptHandler]) -> tuple[str, ...]:
    """What handlers that raise read from around them, not what they bind for themselves: nobody sees that."""
    caught = {h.name.name.value for h in handlers if h.name and isinstance(h.name.name, cst.Name)}
    everywhere = Counter(name.value for name in owner.unit.scope.uses.stores)
    inside = Counter(name.value for handler in handlers for name in scan(handler.body).stores)
    params = owner.unit.scope.params
    own = {name for name in inside if inside[name] == everywhere[name] and name not in params}
    reads = owner.expressions.reads(*(h.body for h in handlers))
    return tuple(name for name in reads if name not in caught | own)


def opening() -> ir.Enter:
    return ir.Enter(text="try:", why="a `try` block")


# ---------------------------------------------------------------- handlers that go on


def branching(owner: Statements, node: cst.Try) -> ir.Block | None:
    """A branch on which handler ran, None if the body must not be evaluated twice."""
    body = owner.block(node.body)
    jumps = scan(node.body).jumps
    if not repeatable(owner, node.body) or (jumps and not ends(body, jumps)):
        return None
    going_on = [h for h in node.handlers if not raises(h)]
    failed = owner.fresh("failed")
    lines = ["try:", *tried(owner, node.body), f"    {failed} = {0 if len(going_on) > 1 else False}"]
    others: ir.Block = body + (owner.block(node.orelse.body) if node.orelse and not jumps else ())
    for handler in reversed(going_on):
        caught = handler.name.name if handler.name else None
        if isinstance(caught, cst.Name) and caught.value in owner.expressions.reads(handler.body):
            return None
        if any(isinstance(s, cst.Raise) and s.exc is None for s in simple_statements(handler.body)):
            return None
        k = going_on.index(handler) + 1
        single = len(going_on) == 1
        test: ir.Expr = ir.Name(failed) if single else ir.Op("==", (ir.Name(failed), ir.Const(k)))
        handled = owner.block(handler.body)
        others = branch(test, handled, others)
    for handler in node.handlers:
        if raises(handler):
            lines += owner.texts.statement(handler).split("\n")
            continue
        kind = "" if handler.type is None else f" {owner.texts.expression(handler.type)}"
        number = True if len(going_on) == 1 else going_on.index(handler) + 1
        lines += [f"except{kind}:", f"    {failed} = {number}"]
    reads = owner.expressions.reads(node.body)
    reads += tuple(n for n in read_by(owner, [h for h in node.handlers if raises(h)]) if n not in reads)
    writes = (*owner.effects.writes(node.body), failed) if len(tried(owner, node.body)) > 1 else (failed,)
    probe = ir.Verbatim(
        text="\n".join(lines), reads=reads, writes=writes, why="a `try` block", flags=(failed,)
    )
    return (replace(probe, span=owner.module.span(node)), *others)


def branch(test: ir.Expr, handled: ir.Block, others: ir.Block) -> ir.Block:
    if all(isinstance(s, ir.Verbatim) and s.text == "pass" for s in handled):
        return (ir.If(test=ir.Op("not", (test,)), body=others),)
    return (ir.If(test=test, body=handled, orelse=others),)


def repeatable(owner: Statements, suite: cst.BaseSuite) -> bool:
    """Whether a body may run twice: it writes to nothing that it reads, and calls only what is pure."""
    uses = scan(suite)
    row = simple_statements(suite)
    if uses.touched or uses.walrus or uses.outer_writes or len(row) != len(lines(suite)):
        return False
    for call in uses.calls:
        path = owner.effects.path(call)
        if path is None or path.startswith("numpy.random") or not owner.effects.is_pure(path, call):
            return False
    later = {name.value for name in uses.stores}
    for statement in row:
        if not isinstance(statement, cst.Assign | cst.AnnAssign | cst.Return | cst.Expr | cst.Pass):
            return False
        own = scan(statement)
        if later & {root.value for root, _ in own.loads} and len(row) > 1:
            return False
        later -= {name.value for name in own.stores}
    return True


def tried(owner: Statements, suite: cst.BaseSuite) -> list[str]:
    """The lines that are tried: one statement needs no name for its value."""
    found: list[str] = []
    row = list(simple_statements(suite))
    for statement in row:
        last = statement is row[-1]
        match statement:
            case cst.Return(value=cst.BaseExpression() as value):
                text = owner.texts.bare(value)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=value) if last:
                text = owner.texts.bare(value)
            case cst.Return():
                text = "pass"
            case _:
                text = owner.texts.statement(statement)
        found += [f"    {line}" for line in text.split("\n")]
    return found


# ------------------------------------------------------------------------------ pieces


def lines(suite: cst.BaseSuite) -> Sequence[cst.CSTNode]:
    return suite.body if isinstance(suite, cst.IndentedBlock | cst.SimpleStatementSuite) else ()


def simple_statements(suite: cst.BaseSuite) -> list[cst.BaseSmallStatement]:
    """The simple statements directly in a block, if each stands on a line of its own."""
    found: list[cst.BaseSmallStatement] = []
    for line in lines(suite):
        if isinstance(line, cst.SimpleStatementLine):
            found += line.body
        elif isinstance(line, cst.BaseSmallStatement):
            found.append(line)
    return found


def ends(body: ir.Block, jumps: Sequence[cst.CSTNode]) -> bool:
    """Whether the only jump out of a body is the return at its end."""
    return len(jumps) == 1 and bool(body) and isinstance(body[-1], ir.Return)


def guarded(owner: Statements, enter: ir.Enter, body: ir.Block, leave: ir.Leave) -> ir.Block:
    """The body between marks; what it returns at its end is returned behind them."""
    match body[-1] if body else None:
        case ir.Return(value=value) as last if value is None or isinstance(value, ir.Const | ir.Name):
            return (enter, *body[:-1], leave, last)
        case ir.Return(value=ir.Expr() as value) as last:
            name = ir.Name(owner.fresh("result"))
            kept = ir.Assign(
                target=name, value=value, span=last.span, comments=last.comments, trailing=last.trailing
            )
            return (enter, *body[:-1], kept, leave, ir.Return(value=name, span=last.span))
    return (enter, *body, leave)


def indented(head: str, owner: Statements, suite: cst.BaseSuite) -> str:
    """A clause as text: its head, and the statements of its block."""
    texts = (owner.texts.statement(line) for line in lines(suite))
    return "\n".join([head, *(f"    {line}" if line else "" for text in texts for line in text.split("\n"))])


def headed(block: ir.Block, lead: Lead) -> ir.Block:
    """The statements that stand for one: what is above it stands above the first of them."""
    if not block:
        return block
    first = replace(block[0], comments=lead.comments + block[0].comments, blank_before=lead.blank)
    return (first, *block[1:])
