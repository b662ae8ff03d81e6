# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""np.einsum: what its subscripts say. Its derivatives are in adtrans/contractions.py."""

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
