# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.linalg: matrices made of blocks and of the elements of vectors."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, const, elements, promote, shape_arg
from adtrans.rules.optional import linalg
from adtrans.rules.registry import REST, Arg, jvp, kind, parameters, vjp

# --------------------------------------------------------------- block_diag


@jvp("scipy.linalg.block_diag")
def block_diag_dot(y, arrs, arrs_dot):
    return on_blocks(y, arrs_dot)


@vjp("scipy.linalg.block_diag")
def block_diag_bar(y, arrs, y_bar):
    return blocks_of(arrs, y_bar)


def on_blocks(y, arrs):
    """`block_diag(*arrs)`, of the dtype of y."""
    whole = np.zeros_like(y)
    row, column = 0, 0
    for block in arrs:
        rows = np.shape(block)[-2] if np.ndim(block) > 1 else 1
        columns = np.shape(block)[-1] if np.ndim(block) > 0 else 1
        whole[row : row + rows, column : column + columns] = block
        row, column = row + rows, column + columns
    return whole


def blocks_of(arrs, g):
    """What lies on the diagonal, in the shapes of arrs."""
    blocks = []
    row, column = 0, 0
    for block in arrs:
        rows = np.shape(block)[-2] if np.ndim(block) > 1 else 1
        columns = np.shape(block)[-1] if np.ndim(block) > 0 else 1
        blocks.append(np.reshape(g[row : row + rows, column : column + columns], np.shape(block)))
        row, column = row + rows, column + columns
    return blocks


@kind("scipy.linalg.block_diag")
def block_diag_kind(arrs: Arg) -> Kind:
    parts = elements(arrs)
    if parts is None or not parts:
        return Array("?", (None, None))
    shapes = [shape_arg(part) for part in parts]
    if any(shape is None or len(shape) > 2 for shape in shapes):
        return Array("?", None)
    full = [(*(1,) * (2 - len(shape)), *shape) for shape in shapes if shape is not None]
    dtypes = {as_array(part).dtype for part in parts}
    return Array("f8" if dtypes == {"f8"} else "?", tuple(together([s[k] for s in full]) for k in (0, 1)))


def together(dims: list[Dim]) -> Dim:
    known = [dim for dim in dims if isinstance(dim, int)]
    return sum(known) if len(known) == len(dims) else None


parameters("scipy.linalg.block_diag", arrs=REST)

# --------------------------------------------- toeplitz, hankel, circulant


@jvp("scipy.linalg.toeplitz")
def toeplitz_dot(y, c, r, c_dot, r_dot):
    if np.ndim(c) > 1:
        raise NotImplementedError("several columns")
    if r is None:
        return linalg.toeplitz(c_dot)
    return linalg.toeplitz(c_dot, r_dot)


@vjp("scipy.linalg.toeplitz")
def toeplitz_bar(y, c, r, y_bar):
    if np.ndim(c) > 1:
        raise NotImplementedError("several columns")
    below = sums_of_diagonals(y_bar, -1)
    if r is None:
        # Written twice: below the diagonal, and conjugated above it.
        above = np.conj(sums_of_diagonals(y_bar, 1, 1))
        return np.reshape(below + above, np.shape(c)), None
    return np.reshape(below, np.shape(c)), np.reshape(sums_of_diagonals(y_bar, 1, 1), np.shape(r))


def sums_of_diagonals(m, step, first=0):
    """The sums of the diagonals that start in the first column, or in the first row; 0 before `first`."""
    sums = np.zeros(np.shape(m)[0] if step < 0 else np.shape(m)[1], dtype=m.dtype)
    for k in range(first, len(sums)):
        sums[k] = np.trace(m, step * k)
    return sums


@jvp("scipy.linalg.hankel")
def hankel_dot(y, c, r, c_dot, r_dot):
    if r is None:
        return linalg.hankel(c_dot)
    return linalg.hankel(c_dot, r_dot)


@vjp("scipy.linalg.hankel")
def hankel_bar(y, c, r, y_bar):
    # Elements with the same i + j: the first of r is not used.
    turned = y_bar[::-1]
    c_bar = np.reshape(sums_of_diagonals(turned, -1)[::-1], np.shape(c))
    if r is None:
        return c_bar, None
    return c_bar, np.reshape(sums_of_diagonals(turned, 1, 1), np.shape(r))


@jvp("scipy.linalg.circulant")
def circulant_dot(y, c, c_dot):
    return linalg.circulant(c_dot)


@vjp("scipy.linalg.circulant")
def circulant_bar(y, c, y_bar):
    c_bar = np.zeros_like(c)
    for k in range(np.size(c)):
        c_bar[k] = np.sum(np.diagonal(np.roll(y_bar, -k, axis=0)))
    return c_bar


@kind("scipy.linalg.toeplitz", "scipy.linalg.hankel")
def two_vectors_kind(c: Arg, r: Arg | None = None) -> Kind:
    column, row = as_array(c), as_array(c if r is None or const(r) is None else r)
    if column.shape is None or row.shape is None or len(column.shape) != 1 or len(row.shape) != 1:
        return Array("?", None)
    dtype = promote([column, row])
    return Array(
        dtype if dtype in ("f8", "f4") and column.dtype == row.dtype else "?", column.shape + row.shape
    )


@kind("scipy.linalg.circulant")
def circulant_kind(c: Arg) -> Kind:
    array = as_array(c)
    if array.shape is None:
        return Array(array.dtype, None)
    return Array(array.dtype, (*array.shape, array.shape[-1]) if array.shape else None)
