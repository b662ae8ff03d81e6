# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""np.einsum: its tangent and adjoints are einsums again, with other subscripts."""

from collections.abc import Sequence
from string import ascii_letters

import numpy as np

from adtrans.kinds import Array, Dim, Kind, broadcast_dim
from adtrans.rules.facts import as_weak, const, promote, shape_arg
from adtrans.rules.registry import Arg, kind


def split_subscripts(subscripts: str) -> tuple[list[str], str] | None:
    """The labels of the operands and of the result; None if there is an ellipsis or a mistake."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    operands = inputs.split(",")
    if not all(label.isalpha() for label in inputs.replace(",", "") + output):
        return None
    if not arrow:
        labels = "".join(operands)
        output = "".join(sorted(label for label in set(labels) if labels.count(label) == 1))
    if len(set(output)) < len(output) or not set(output) <= set(inputs):
        return None
    return operands, output


def spelled_out(subscripts: str, ranks: Sequence[int | None]) -> str | None:
    """The subscripts with a label for each axis that `...` stands for; None where a rank is not known."""
    if "..." not in subscripts:
        return subscripts
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    operands = inputs.split(",")
    if len(operands) != len(ranks):
        return None
    widths = []
    for labels, rank in zip(operands, ranks, strict=True):
        if "..." not in labels:
            widths.append(0)
        elif rank is None or rank < len(labels) - len("..."):
            return None
        else:
            widths.append(rank - len(labels) + len("..."))
    free = [label for label in ascii_letters if label not in subscripts]
    if max(widths) > len(free):
        return None
    whole = "".join(free[: max(widths)])
    if not arrow:
        labels = inputs.replace("...", "").replace(",", "")
        output = "..." + "".join(sorted(label for label in set(labels) if labels.count(label) == 1))
    # The axes of a narrow operand are the last ones, as in all of broadcasting.
    spelled = [s.replace("...", whole[len(whole) - n :]) for s, n in zip(operands, widths, strict=True)]
    return f"{','.join(spelled)}->{output.replace('...', whole)}"


def einsum_adjoints(subscripts: str, ranks: Sequence[int]) -> list[str | None] | None:
    """For each operand the subscripts with which `np.einsum(subscripts, y_bar, *others)` is its adjoint.

    `others` are the other operands in their order. None where one einsum does not do it: a label
    twice in the operand, or one that is summed and in no other operand. None for the whole if the
    subscripts have an ellipsis or do not fit.
    """
    parts = split_subscripts(subscripts)
    if parts is None:
        return None
    operands, output = parts
    if [len(labels) for labels in operands] != list(ranks):
        return None
    adjoints: list[str | None] = []
    for k, labels in enumerate(operands):
        others = operands[:k] + operands[k + 1 :]
        repeated = len(set(labels)) < len(labels)
        alone = set(labels) - set(output).union(*others)
        adjoints.append(None if repeated or alone else ",".join([output, *others]) + "->" + labels)
    return adjoints


@kind(np.einsum)
def einsum_kind(*operands: Arg, **named: Arg) -> Kind:
    """`operands`: the subscripts, then the arrays."""
    if not operands or set(named) - {"optimize"}:
        return Array("?", None)
    dtype = promote(as_weak(arg) for arg in operands[1:])
    subscripts = const(operands[0])
    shapes = [shape_arg(arg) for arg in operands[1:]]
    ranks = [None if shape is None else len(shape) for shape in shapes]
    spelled = spelled_out(subscripts, ranks) if isinstance(subscripts, str) else None
    parts = None if spelled is None else split_subscripts(spelled)
    if parts is None:
        return Array(dtype, None)
    inputs, output = parts
    dims: dict[str, list[Dim]] = {}
    for labels, shape in zip(inputs, shapes, strict=False):
        for label, dim in zip(labels, shape or (None,) * len(labels), strict=False):
            dims.setdefault(label, []).append(dim)
    return Array(dtype, tuple(broadcast_dim(tuple(dims.get(label, [None]))) for label in output))


def einsum_bar(y, subscripts, operands, y_bar):
    """The adjoints of all operands, for any subscripts that are spelled out, without an ellipsis."""
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    inputs = inputs.split(",")
    if "->" not in subscripts:
        labels = "".join(inputs)
        output = "".join(sorted(label for label in set(labels) if labels.count(label) == 1))
    adjoints = []
    for k, (labels, x) in enumerate(zip(inputs, operands, strict=True)):
        # Ones for every label of x, so that those that were only summed are stretched again.
        ones = [np.ones(n, np.result_type(x)) for n in np.shape(x)]
        distinct = "".join(sorted(set(labels), key=labels.index))
        terms = [output, *inputs[:k], *inputs[k + 1 :], *labels]
        others = [*operands[:k], *operands[k + 1 :]]
        g = np.einsum(",".join(terms) + "->" + distinct, y_bar, *others, *ones)
        if len(distinct) < len(labels):
            # A label twice in x is its diagonal.
            x_bar = np.zeros(np.shape(x), g.dtype)
            place = np.indices(g.shape, sparse=True)
            x_bar[tuple(place[distinct.index(label)] for label in labels)] = g
        else:
            x_bar = g
        # An axis of length 1 that was stretched is summed.
        narrow = tuple(j for j, n in enumerate(np.shape(x)) if n < x_bar.shape[j])
        adjoints.append(np.sum(x_bar, axis=narrow, keepdims=True))
    return adjoints
