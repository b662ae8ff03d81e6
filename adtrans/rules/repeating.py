# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""The same numbers more than once, elsewhere, or beside each other: tile, repeat, roll, flip, pad, diff."""

from dataclasses import replace

import numpy as np

from adtrans.kinds import ANY, Array, Dim, Kind, TupleOf
from adtrans.rules.facts import (
    Shape,
    as_array,
    axes_of,
    broadcast,
    const,
    dims_of,
    may_be_none,
    same_rank,
    shape_arg,
    with_shape,
)
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp
from adtrans.rules.shaping import product
from adtrans.support import unbroadcast

# --------------------------------------------------------------------- tile


@jvp(np.tile)
def tile_dot(y, A, A_dot, reps):
    return np.tile(A_dot, reps)


@vjp(np.tile)
def tile_bar(y, A, y_bar, reps):
    if np.ndim(A) == 0:
        return np.sum(y_bar)
    if np.ndim(A) == 1 and np.ndim(reps) == 0:
        return np.sum(np.reshape(y_bar, (reps, np.size(A))), axis=0)
    return sum_of_copies(y_bar, A, reps)


def sum_of_copies(y_bar, A, reps):
    """The sum of the copies of A that np.tile has made."""
    reps = np.atleast_1d(reps).tolist()
    rank = np.ndim(y_bar)
    shape = (1,) * (rank - np.ndim(A)) + np.shape(A)
    counts = [1] * (rank - len(reps)) + reps
    # An axis of y is a count of copies, then an axis of A.
    copies = np.reshape(y_bar, [n for pair in zip(counts, shape, strict=True) for n in pair])
    return np.reshape(np.sum(copies, axis=tuple(range(0, 2 * rank, 2))), np.shape(A))


@kind(np.tile)
def tile_kind(A: Arg, reps: Arg) -> Kind:
    shape, counts = shape_arg(A), dims_of(reps)
    if shape is None or counts is None:
        return with_shape(as_array(A), None)
    rank = max(len(shape), len(counts))
    pairs = zip((1,) * (rank - len(shape)) + shape, (1,) * (rank - len(counts)) + counts, strict=True)
    return with_shape(as_array(A), tuple(times(dim, count) for dim, count in pairs))


def times(dim: Dim, count: Dim) -> Dim:
    if count == 1:
        return dim
    return dim * count if isinstance(dim, int) and isinstance(count, int) else None


# ------------------------------------------------------------------- repeat


@jvp(np.repeat)
def repeat_dot(y, a, a_dot, repeats, axis=None):
    return np.repeat(a_dot, repeats, axis)


@vjp(np.repeat)
def repeat_bar(y, a, y_bar, repeats, axis=None):
    if np.ndim(repeats) == 0 and (axis is None or np.ndim(a) == 1):
        return np.reshape(np.sum(np.reshape(y_bar, (np.size(a), repeats)), axis=1), np.shape(a))
    if axis is None:
        a_bar = np.zeros(np.size(a), y_bar.dtype)
        np.add.at(a_bar, np.repeat(np.arange(np.size(a)), repeats), y_bar)
        return np.reshape(a_bar, np.shape(a))
    a_bar = np.zeros_like(a)
    rows = np.repeat(np.arange(np.shape(a)[axis]), repeats)
    np.add.at(a_bar, (slice(None),) * (axis % np.ndim(a)) + (rows,), y_bar)
    return a_bar


@kind(np.repeat)
def repeat_kind(a: Arg, repeats: Arg, axis: Arg | None = None) -> Kind:
    shape = shape_arg(a)
    count = const(repeats)
    if const(axis) is None:
        return with_shape(as_array(a), (times(product(shape), count if isinstance(count, int) else None),))
    if shape is None or may_be_none(axis):
        return with_shape(as_array(a), None)
    axes = axes_of(axis, len(shape))
    if axes is None:
        return with_shape(as_array(a), same_rank(a))
    new = count if isinstance(count, int) else None
    return with_shape(as_array(a), tuple(times(d, new) if k in axes else d for k, d in enumerate(shape)))


# ------------------------------------------------------------ roll and flips


@jvp(np.roll)
def roll_dot(y, a, a_dot, shift, axis=None):
    return np.roll(a_dot, shift, axis)


@vjp(np.roll)
def roll_bar(y, a, y_bar, shift, axis=None):
    if np.ndim(shift) == 0:
        return np.roll(y_bar, -shift, axis)
    return np.roll(y_bar, np.negative(shift), axis)


@jvp(np.flip)
def flip_dot(y, m, m_dot, axis=None):
    return np.flip(m_dot, axis)


@vjp(np.flip)
def flip_bar(y, m, y_bar, axis=None):
    return np.flip(y_bar, axis)


@jvp(np.fliplr)
def fliplr_dot(y, m, m_dot):
    return np.fliplr(m_dot)


@vjp(np.fliplr)
def fliplr_bar(y, m, y_bar):
    return np.fliplr(y_bar)


@jvp(np.flipud)
def flipud_dot(y, m, m_dot):
    return np.flipud(m_dot)


@vjp(np.flipud)
def flipud_bar(y, m, y_bar):
    return np.flipud(y_bar)


@kind(np.roll)
def roll_kind(a: Arg, shift: Arg, axis: Arg | None = None) -> Kind:
    return as_array(a)


@kind(np.flip, np.fliplr, np.flipud)
def flip_kind(m: Arg, axis: Arg | None = None) -> Kind:
    return as_array(m)


@jvp(np.rot90)
def rot90_dot(y, m, m_dot, k=1, axes=(0, 1)):
    return np.rot90(m_dot, k, axes)


@vjp(np.rot90)
def rot90_bar(y, m, y_bar, k=1, axes=(0, 1)):
    return np.rot90(y_bar, -k, axes)


@kind(np.rot90)
def rot90_kind(m: Arg, k: Arg | None = None, axes: Arg | None = None) -> Kind:
    return with_shape(as_array(m), same_rank(m))


# ---------------------------------------------------------------------- pad


@jvp(np.pad)
def pad_dot(y, array, array_dot, pad_width, mode="constant", constant_values=0):
    if isinstance(pad_width, dict):
        raise NotImplementedError("the derivative of np.pad with widths in a dict")
    if mode == "maximum" or mode == "minimum" or mode == "median" or mode == "empty":
        raise NotImplementedError("the derivative of np.pad in this mode")
    return np.pad(array_dot, pad_width, mode)


@vjp(np.pad)
def pad_bar(y, array, y_bar, pad_width, mode="constant", constant_values=0):
    if isinstance(pad_width, dict):
        raise NotImplementedError("the derivative of np.pad with widths in a dict")
    if mode == "constant" and np.ndim(array) == 1 and np.ndim(pad_width) == 0:
        return y_bar[pad_width : pad_width + np.size(array)]
    if mode == "constant":
        return without_margins(y_bar, array, pad_width)
    if mode == "maximum" or mode == "minimum" or mode == "median" or mode == "empty":
        raise NotImplementedError("the derivative of np.pad in this mode")
    if mode == "mean" or mode == "linear_ramp":
        return without_mixtures(y_bar, array, pad_width, mode)
    # Which element of the array each element of y is a copy of.
    source = np.pad(np.reshape(np.arange(np.size(array)), np.shape(array)), pad_width, mode)
    array_bar = np.zeros(np.size(array), y_bar.dtype)
    np.add.at(array_bar, source, y_bar)
    return np.reshape(array_bar, np.shape(array))


def without_margins(y_bar, array, pad_width):
    """The part of a padded array that lies where the array was."""
    starts = np.broadcast_to(pad_width, (np.ndim(array), 2))[:, 0]
    return y_bar[tuple(slice(k, k + n) for k, n in zip(starts, np.shape(array), strict=True))]


def without_mixtures(y_bar, array, pad_width, mode):
    """The adjoint of an array padded with sums of its elements, axis after axis: each step is a matrix."""
    widths = np.broadcast_to(pad_width, (np.ndim(array), 2))
    for axis, width in enumerate(widths):
        matrix = np.pad(np.eye(np.shape(array)[axis], dtype=y_bar.dtype), (width, (0, 0)), mode)
        y_bar = np.moveaxis(np.tensordot(matrix, y_bar, (0, axis)), 0, axis)
    return y_bar


@kind(np.pad)
def pad_kind(array: Arg, pad_width: Arg, **_: Arg) -> Kind:
    shape = shape_arg(array)
    width = const(pad_width)
    if shape is not None and isinstance(width, int):
        shape = tuple(dim + 2 * width if isinstance(dim, int) else None for dim in shape)
        return with_shape(as_array(array), shape)
    return with_shape(as_array(array), same_rank(array))


parameters(np.pad, array=..., pad_width=..., mode="constant", constant_values=0)

# --------------------------------------------------------------------- diff


@jvp(np.diff)
def diff_dot(y, a, a_dot, n=1, axis=-1, prepend=None, append=None):
    if prepend is None and append is None:
        return np.diff(a_dot, n, axis)
    before = margin(np.shape(a), None if prepend is None else np.shape(prepend), axis)
    behind = margin(np.shape(a), None if append is None else np.shape(append), axis)
    return np.diff(a_dot, n, axis, prepend=np.zeros(before), append=np.zeros(behind)).astype(y.dtype)


@vjp(np.diff)
def diff_bar(y, a, y_bar, n=1, axis=-1, prepend=None, append=None):
    if prepend is not None or append is not None:
        before = margin(np.shape(a), None if prepend is None else np.shape(prepend), axis)
        width = np.zeros((np.ndim(a), 2), int)
        width[axis] = n
        wide_bar = (-1) ** n * np.diff(np.pad(y_bar, width), n, axis)
        return np.take(wide_bar, before[axis] + np.arange(np.shape(a)[axis]), axis)
    if np.ndim(a) == 1 and n == 1:
        return -np.diff(np.pad(y_bar, 1))[: np.size(a)]
    if np.ndim(a) == 1:
        return (-1) ** n * np.diff(np.pad(y_bar, n), n)[: np.size(a)]
    width = np.zeros((np.ndim(a), 2), int)
    width[axis] = n
    wide_bar = (-1) ** n * np.diff(np.pad(y_bar, width), n, axis)
    return np.take(wide_bar, np.arange(np.shape(a)[axis]), axis)  # Of fewer than n nothing is left.


def margin(shape, added, axis):
    """The shape of what is put before or behind an array along axis: nothing, a number, or an array."""
    width = 0 if added is None else 1 if len(added) == 0 else added[axis]
    return (*shape[: axis % len(shape)], width, *shape[axis % len(shape) + 1 :])


@kind(np.diff)
def diff_kind(a: Arg, n: Arg | None = None, axis: Arg | None = None, **more: Arg) -> Kind:
    if more:  # What is put before or behind may be of a wider type.
        return Array("f8" if as_array(a).dtype == "f8" else "?", same_rank(a))
    shape = shape_arg(a)
    if shape is None:
        return with_shape(as_array(a), None)
    axes = axes_of(axis, len(shape), -1)
    count = const(n, 1)
    if axes is None or not isinstance(count, int):
        return with_shape(as_array(a), same_rank(a))
    return with_shape(
        as_array(a),
        tuple(
            (max(0, dim - count) if isinstance(dim, int) else None) if k in axes else dim
            for k, dim in enumerate(shape)
        ),
    )


# ----------------------------------------------------------------- gradient


@jvp(np.gradient)
def gradient_dot(y, f, f_dot, spacing=1.0, spacing2=None, spacing3=None, axis=None, edge_order=1):
    if spacing2 is None:
        return np.gradient(f_dot, spacing, axis=axis, edge_order=edge_order)
    if spacing3 is None:
        return np.gradient(f_dot, spacing, spacing2, axis=axis, edge_order=edge_order)
    return np.gradient(f_dot, spacing, spacing2, spacing3, axis=axis, edge_order=edge_order)


@vjp(np.gradient)
def gradient_bar(y, f, y_bar, spacing=1.0, spacing2=None, spacing3=None, axis=None, edge_order=1):
    if isinstance(axis, (tuple, list)) or (np.ndim(f) > 1 and axis is None):
        steps = (spacing,) if spacing2 is None else (spacing, spacing2, spacing3)
        return gradients_adjoint(f, y_bar, steps, axis, edge_order)
    return gradient_adjoint(f, y_bar, spacing, 0 if axis is None else axis, edge_order)


def gradient_adjoint(f, y_bar, spacing, axis, edge_order):
    """The adjoint of f, whose slopes along one axis have the adjoint y_bar."""
    # Each row of the slopes is a combination of few rows of f: the transpose of that matrix.
    matrix = np.gradient(np.eye(np.shape(f)[axis], dtype=y_bar.dtype), spacing, axis=0, edge_order=edge_order)
    return np.moveaxis(np.tensordot(matrix, y_bar, (0, axis)), 0, axis)


def gradients_adjoint(f, y_bar, spacings, axis, edge_order):
    """The same for slopes along several axes; those along a single one are no list."""
    axes = tuple(range(np.ndim(f))) if axis is None else tuple(axis)
    if len(axes) == 1:
        return gradient_adjoint(f, y_bar, spacings[0], axes[0], edge_order)
    f_bar = np.zeros_like(f)
    for k, along in enumerate(axes):
        spacing = spacings[k] if len(spacings) > 1 else spacings[0]
        f_bar = f_bar + gradient_adjoint(f, y_bar[k], spacing, along, edge_order)
    return f_bar


@kind(np.gradient)
def gradient_kind(
    f: Arg, spacing: Arg | None = None, axis: Arg | None = None, edge_order: Arg | None = None, **_: Arg
) -> Kind:
    shape, made = shape_arg(f), as_array(f)
    if made.dtype in ("i", "b"):
        made = replace(made, dtype="f8")
    if isinstance(const(axis), int) or (shape is not None and len(shape) == 1 and const(axis) is None):
        return made
    return TupleOf((made,) * len(shape)) if shape and const(axis) is None else ANY


# What stands behind the array are the spacings of its axes.
parameters(np.gradient, f=..., spacing=1.0, spacing2=None, spacing3=None, axis=None, edge_order=1)

# ------------------------------------------------------------------ meshgrid


@jvp(np.meshgrid)
def meshgrid_dot(y, x1, x2, x3, x1_dot, x2_dot, x3_dot, sparse=False, indexing="xy"):
    if x3 is None:
        return np.meshgrid(x1_dot, x2_dot, sparse=sparse, indexing=indexing)
    return np.meshgrid(x1_dot, x2_dot, x3_dot, sparse=sparse, indexing=indexing)


@vjp(np.meshgrid)
def meshgrid_bar(y, x1, x2, x3, y_bar, sparse=False, indexing="xy"):
    if x3 is not None:
        bars = along_axes((x1, x2, x3), y_bar, indexing)
        return bars[0], bars[1], bars[2]
    first, second = (0, 1) if indexing == "xy" else (1, 0)
    if np.ndim(x1) == 1 and np.ndim(x2) == 1:
        return np.sum(y_bar[0], axis=first), np.sum(y_bar[1], axis=second), None
    # A number is an axis of length one, and an array of several axes is laid out in one.
    x1_bar = np.reshape(np.sum(y_bar[0], axis=first), np.shape(x1))
    return x1_bar, np.reshape(np.sum(y_bar[1], axis=second), np.shape(x2)), None


def along_axes(coordinates, grids_bar, indexing):
    """What lies along the axis of each coordinate in the adjoint of its grid."""
    bars = []
    for k, x in enumerate(coordinates):
        axis = 1 - k if indexing == "xy" and k < 2 else k
        others = tuple(j for j in range(len(coordinates)) if j != axis)
        bars.append(np.reshape(np.sum(grids_bar[k], others), np.shape(x)))
    return bars


@kind(np.meshgrid)
def meshgrid_kind(
    x1: Arg,
    x2: Arg,
    x3: Arg | None = None,
    sparse: Arg | None = None,
    indexing: Arg | None = None,
    **_: Arg,
) -> Kind:
    members = [x1, x2] if x3 is None else [x1, x2, x3]
    lengths = [shape[0] if shape and len(shape) == 1 else None for shape in map(shape_arg, members)]
    order = const(indexing, "xy")
    shape: Shape = (None,) * len(members)
    if order in ("xy", "ij") and const(sparse, False) is False:
        shape = tuple(lengths) if order == "ij" else (lengths[1], lengths[0], *lengths[2:])
    return TupleOf(tuple(with_shape(as_array(x), shape) for x in members))


parameters(np.meshgrid, x1=..., x2=..., x3=None, x4=None, copy=True, sparse=False, indexing="xy")


# ----------------------------------------------------------- broadcast_arrays


@jvp(np.broadcast_arrays)
def broadcast_arrays_dot(y, a, b, a_dot, b_dot):
    return np.broadcast_to(a_dot, np.shape(y[0])), np.broadcast_to(b_dot, np.shape(y[0]))


@vjp(np.broadcast_arrays)
def broadcast_arrays_bar(y, a, b, y_bar):
    return unbroadcast(y_bar[0], a), unbroadcast(y_bar[1], b)


@kind(np.broadcast_arrays)
def broadcast_arrays_kind(a: Arg, b: Arg) -> Kind:
    wide = broadcast(a, b)
    shape = wide.shape if isinstance(wide, Array) else None
    return TupleOf((with_shape(as_array(a), shape), with_shape(as_array(b), shape)))


parameters(np.broadcast_arrays, a=..., b=...)
