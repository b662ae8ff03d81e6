"""`np.einsum`: its derivatives are einsums with other subscripts, written out for the call at hand.

    C = np.einsum("ij,jk->ik", A, B)      gives      A_bar += np.einsum("ik,jk->ij", C_bar, B)
                                                     B_bar += np.einsum("ik,ij->jk", C_bar, A)

A label that is only summed is stretched again; a label that is twice in one operand is its diagonal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_letters

from adtrans import algebra
from adtrans.analyses.expressions import SUPPORT, Scope
from adtrans.applications import SEED, Application, NoRule, bad_arguments, placeholder, value_reads
from adtrans.errors import Diagnostic
from adtrans.ir import Call, Const, Expr, Global, Index, Name, Tuple
from adtrans.kinds import Array, Dim, may_be_one
from adtrans.precision import SINGLE
from adtrans.rules.einsum import spelled_out, split_subscripts


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
    dtypes: list[str]
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
    dtypes = [kind.dtype if isinstance(kind, Array) else "?" for kind in kinds]
    dims = []
    for labels, operand in zip(parts[0], operands, strict=True):
        kind = scope.kind(operand)
        known = kind.shape if isinstance(kind, Array) else None
        dims.append(known if known is not None and len(known) == len(labels) else (None,) * len(labels))
    return Contraction(subscripts, *parts, tuple(operands), placed, arguments, dims, dtypes, node.kwargs)


def adjoint(node: Call, varies: Callable[[Expr], bool], scope: Scope) -> Application:
    """The adjoint of every operand that varies, over `%g`."""
    c = contraction(node, scope)
    wanted = [k for k, operand in enumerate(c.operands) if varies(operand)]
    written = {k: operand_bar(c, k) for k in wanted}
    return application(node, c, (None, *(written.get(k) for k in range(len(c.operands)))))


def tangent(node: Call, varies: Callable[[Expr], bool], scope: Scope) -> Application:
    """The sum of einsums in which one operand is its tangent."""
    c = contraction(node, scope)
    terms = []
    for k, operand in enumerate(c.operands):
        if varies(operand):
            values = [Name(f"%{k + 1}.") if j == k else value for j, value in enumerate(c.placed)]
            terms.append(Call("numpy.einsum", (node.args[0], *values), c.kwargs))
    return application(node, c, (algebra.total(terms),))


def application(node: Call, c: Contraction, derivatives: tuple[Expr | None, ...]) -> Application:
    exprs = [e for e in derivatives if e is not None]
    read = frozenset(name for e in exprs for name in value_reads(e) if name.startswith("%"))
    return Application(node.args, derivatives, c.arguments, (), False, read)


def operand_bar(c: Contraction, k: int) -> Expr:
    """The adjoint of one operand by one einsum."""
    labels, others = c.labels[k], c.others(k)
    terms, values = [c.labels[j] for j in others], [c.placed[j] for j in others]
    elsewhere = set(c.output).union(*terms)
    lost = [axis for axis, label in enumerate(labels) if label not in elsewhere]
    narrow = any(may_stretch(c, k, label) for label in labels if label in elsewhere)
    short = [label for label in labels if label in elsewhere and not reaches(c, k, label)]
    if len(set(labels)) < len(labels) or short or (lost and narrow):
        return completed(c, k, narrow or bool(short))
    rest = "".join(label for label in labels if label in elsewhere)
    inner = seeded(c, terms, values, rest)
    if narrow:
        return Call(SUPPORT + "unbroadcast", (inner, c.placed[k]))
    if not lost:
        return inner
    if not rest:
        return Call(SUPPORT + "unreduce", (inner, c.placed[k]))
    axes: Expr = Const(lost[0]) if len(lost) == 1 else Tuple(tuple(map(Const, lost)))
    return Call(SUPPORT + "unreduce", (inner, c.placed[k], axes))


def seeded(c: Contraction, terms: list[str], values: list[Expr], result: str) -> Expr:
    """The einsum of the seed and other values."""
    if c.output:
        return c.einsum([c.output, *terms], result, [Name(SEED), *values])
    return algebra.mul(Name(SEED), c.einsum(terms, result, values)) if terms else Name(SEED)


def completed(c: Contraction, k: int, narrow: bool) -> Expr:
    """The same where labels are missing: ones stretch an axis to its length, and a label that the operand has
    twice is its diagonal, `np.einsum("i,ij->ij", y_bar, np.eye(n))`."""
    others = c.others(k)
    terms, values = [c.labels[j] for j in others], [c.placed[j] for j in others]
    free = iter(label for label in ascii_letters if label not in c.subscripts)
    result = ""
    dtype = (Global(SINGLE[c.dtypes[k]]),) if c.dtypes[k] in SINGLE else ()
    for axis, label in enumerate(c.labels[k]):
        length = Index(Call("numpy.shape", (c.placed[k],)), Const(axis))
        if label in result:
            new = next(free)
            terms.append(label + new)
            values.append(Call("numpy.eye", (length,), tuple(("dtype", d) for d in dtype)))
            result += new
            continue
        if c.labels[k].count(label) == 1 and not reaches(c, k, label):
            terms.append(label)
            values.append(Call("numpy.ones", (length, *dtype)))
        result += label
    inner = seeded(c, terms, values, result)
    return Call(SUPPORT + "unbroadcast", (inner, c.placed[k])) if narrow else inner


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
