"""Arrays of rank 0, of which everything else here takes that they are numbers.

    r = np.where(c, a, b)          becomes     r = np.where(c, a, b)
    r += 1.0                                   r = r + 1.0

`+=` writes into such an array, where a number is replaced. That is the same as long as nothing else
shares its memory; what does is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adtrans.analyses.ranks import Ranks
from adtrans.errors import Diagnostic
from adtrans.ir import Assign, AugAssign, Call, ExprStmt, Function, Index, Name, Op, Stmt
from adtrans.kinds import Kind, is_cell, is_number
from adtrans.places import like
from adtrans.walk import map_block


def replaced(
    function: Function,
    ranks: Ranks,
    kinds: Mapping[str, Kind],
    classes: Mapping[str, frozenset[str]],
    mutated: Mapping[str, frozenset[int]],
    report: list[Diagnostic],
) -> Function:
    """No statement writes into an array of rank 0; those that must go to the report.

    `kinds` has the kind of each name over the whole function, `classes` the names that may share memory,
    `mutated` the parameters that each function writes into.
    """

    def rewrite(stmt: Stmt) -> Stmt:
        scope = ranks.scope(stmt)
        match stmt:
            case AugAssign(target=Name(id=name) as target, op=op, value=value) if is_cell(scope.kind(target)):
                others = classes.get(name, frozenset()) - {name}
                other = next((n for n in sorted(others) if may_be_cell(kinds.get(n))), "")
                if other:
                    report.append(shared(name, other, stmt))
                return like(stmt, target, Op(op, (target, value), span=stmt.span))
            case Assign(target=Index(base=base)) | AugAssign(target=Index(base=base)) if is_cell(
                scope.kind(base)
            ):
                report.append(written(stmt))
            case Assign(value=Call(fn=fn, args=args)) | ExprStmt(value=Call(fn=fn, args=args)):
                places = (k for k in sorted(mutated.get(fn, ())) if k < len(args))
                if any(is_cell(scope.kind(args[k])) for k in places):
                    report.append(written(stmt))
        return stmt

    return replace(function, body=map_block(function.body, rewrite))


def may_be_cell(kind: Kind | None) -> bool:
    return kind is None or not is_number(kind) or is_cell(kind)


def shared(name: str, other: str, stmt: Stmt) -> Diagnostic:
    return Diagnostic(
        "AD401",
        f"`{name}` may be an array of rank 0 that shares memory with `{other}`, and this writes into it",
        stmt.span,
        help=f"make it a number, `{name} = float({name})`, or write `{name} = {name} + ...`",
    )


def written(stmt: Stmt) -> Diagnostic:
    return Diagnostic(
        "AD203",
        "a write into an array of rank 0 cannot be differentiated",
        stmt.span,
        help="use a number, and assign a new one",
    )
