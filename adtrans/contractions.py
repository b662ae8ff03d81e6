"""`np.einsum`: its derivatives are einsums with other subscripts, written out for the call at hand.

    C = np.einsum("ij,jk->ik", A, B)      gives      A_bar += np.einsum("ik,jk->ij", C_bar, B)
                                                     B_bar += np.einsum("ik,ij->jk", C_bar, A)

A label that is only summed is stretched again. What a single einsum cannot do (a label twice in one
operand) is left to the helper `einsum_bar`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adtrans import algebra
from adtrans.analyses.expressions import SUPPORT, Scope
from adtrans.applications import RESULT, SEED, Application, NoRule, bad_arguments, placeholder, value_reads
from adtrans.errors import Diagnostic
from adtrans.ir import Call, Const, Expr, Name, Tuple
from adtrans.kinds import Array, Dim, may_be_one
from adtrans.rules.einsum import spelled_out, split_subscripts

HELPER = "adtrans.rules.einsum.einsum_bar"


@dataclass(frozen=True, slots=True)
class Contraction:
    """A call of einsum, read: `labels[k]` are those of `operands[k]`, whose placeholder is `placed[k]`."""

    subscripts: str
    labels: list[str]
    output: str
    operands: tuple[Expr, ...]
    placed: tuple[Expr, ...]
    arguments: dict[str, Expr]
    dims: list[tuple[Dim, ...]]
    kwargs: tuple[tuple[str, Expr], ...]

    def others(self, k: int) -> list[int]:
        return [j for j in range(len(self.labels)) if j != k]

    def einsum(self, terms: list[str], result: str, values: list[Expr]) -> Expr:
        """`np.einsum("ik,jk->ij", C_bar, B)`; nothing where it would change nothing."""
        if terms == [result]:
            return values[0]
        return Call("numpy.einsum", (Const(f"{','.join(terms)}->{result}"), *values), self.kwargs)


def contraction(node: Call, scope: Scope) -> Contraction:
    """Read a call; raises `NoRule` where the subscripts are not spelled out."""
    first, *operands = node.args
    subscripts = first.value if isinstance(first, Const) else None
    if not isinstance(subscripts, str) or dict(node.kwargs).keys() - {"optimize"}:
        raise NoRule(bad_arguments(node, node.fn, node.kwargs))
    kinds = [scope.kind(operand) for operand in operands]
    ranks = [len(k.shape) if isinstance(k, Array) and k.shape is not None else None for k in kinds]
    subscripts = spelled_out(subscripts, ranks)
    parts = None if subscripts is None else split_subscripts(subscripts)
    if subscripts is None or parts is None or len(parts[0]) != len(operands):
        raise NoRule(
            Diagnostic(
                "AD302",
                f"the derivative rule for `{node.spelled or 'np.einsum'}` does not handle these subscripts",
                node.span,
                help="spell out every label: one group for each operand, no `...` where a rank is unknown",
            )
        )
    arguments: dict[str, Expr] = {}
    placed = tuple(placeholder(str(k), value, arguments) for k, value in enumerate(operands, 1))
    dims = []
    for labels, operand in zip(parts[0], operands, strict=True):
        kind = scope.kind(operand)
        known = kind.shape if isinstance(kind, Array) else None
        dims.append(known if known is not None and len(known) == len(labels) else (None,) * len(labels))
    return Contraction(subscripts, *parts, tuple(operands), placed, arguments, dims, node.kwargs)


def adjoint(node: Call, varies: Callable[[Expr], bool], scope: Scope) -> Application:
    """The adjoint of every operand that varies, over `%g`."""
    c = contraction(node, scope)
    wanted = [k for k, operand in enumerate(c.operands) if varies(operand)]
    written = {k: operand_bar(c, k) for k in wanted}
    prelude: tuple[tuple[Expr, Expr], ...] = ()
    if None in written.values():
        made = tuple(Name(f"%part{k}") for k in range(len(c.operands)))
        call = Call(HELPER, (Name(RESULT), Const(c.subscripts), Tuple(c.placed), Name(SEED)))
        prelude = ((Tuple(made), call),)
        written = {k: made[k] for k in wanted}
    derivatives = (None, *(written.get(k) for k in range(len(c.operands))))
    return application(node, c, derivatives, prelude)


def tangent(node: Call, varies: Callable[[Expr], bool], scope: Scope) -> Application:
    """The sum of einsums in which one operand is its tangent."""
    c = contraction(node, scope)
    terms = []
    for k, operand in enumerate(c.operands):
        if varies(operand):
            values = [Name(f"%{k + 1}.") if j == k else value for j, value in enumerate(c.placed)]
            terms.append(Call("numpy.einsum", (node.args[0], *values), c.kwargs))
    return application(node, c, (algebra.total(terms),), ())


def application(
    node: Call, c: Contraction, derivatives: tuple[Expr | None, ...], prelude: tuple[tuple[Expr, Expr], ...]
) -> Application:
    exprs = [e for e in (*derivatives, *(value for _, value in prelude)) if e is not None]
    read = frozenset(name for e in exprs for name in value_reads(e) if name.startswith("%"))
    return Application(node.args, derivatives, c.arguments, prelude, False, read)


def operand_bar(c: Contraction, k: int) -> Expr | None:
    """The adjoint of one operand by one einsum; None where that does not do."""
    labels, others = c.labels[k], c.others(k)
    if len(set(labels)) < len(labels):
        return None
    elsewhere = set(c.output).union(*(c.labels[j] for j in others))
    rest = "".join(label for label in labels if label in elsewhere)
    if not all(reaches(c, k, label) for label in rest):
        return None
    terms, values = [c.labels[j] for j in others], [c.placed[j] for j in others]
    if c.output:
        inner = c.einsum([c.output, *terms], rest, [Name(SEED), *values])
    else:
        inner = algebra.mul(Name(SEED), c.einsum(terms, rest, values)) if terms else Name(SEED)
    lost = [axis for axis, label in enumerate(labels) if label not in elsewhere]
    narrow = any(may_stretch(c, k, label) for label in rest)
    if lost and narrow:
        return None
    if narrow:
        return Call(SUPPORT + "unbroadcast", (inner, c.placed[k]))
    if not lost:
        return inner
    if not rest:
        return Call(SUPPORT + "unreduce", (inner, c.placed[k]))
    axes: Expr = Const(lost[0]) if len(lost) == 1 else Tuple(tuple(map(Const, lost)))
    return Call(SUPPORT + "unreduce", (inner, c.placed[k], axes))


def dims_of(c: Contraction, k: int, label: str) -> list[Dim]:
    return [dim for name, dim in zip(c.labels[k], c.dims[k], strict=True) if name == label]


def may_stretch(c: Contraction, k: int, label: str) -> bool:
    """Whether an axis of an operand may have been stretched to the length of another's."""
    own = dims_of(c, k, label)[0]
    met = [dim for j in c.others(k) for dim in dims_of(c, j, label)]
    return may_be_one(own) and any(dim is None or dim != own for dim in met)


def reaches(c: Contraction, k: int, label: str) -> bool:
    """Whether the other operands and the result have the full length of an axis."""
    own = dims_of(c, k, label)[0]
    met = [dim for j in c.others(k) for dim in dims_of(c, j, label)]
    return label in c.output or any(not may_be_one(dim) or (dim is not None and dim == own) for dim in met)
