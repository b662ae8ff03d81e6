# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Several arrays into one, and one into several: concatenate, stack, array, append, split."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind, ListOf, TupleOf
from adtrans.rules.facts import (
    Shape,
    as_array,
    axes_of,
    const,
    dtype_of,
    element,
    elements,
    joined_shapes,
    may_be_none,
    promote,
    shape_arg,
    shape_in,
)
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp

# -------------------------------------------------------------- concatenate


@jvp(np.concatenate)
def concatenate_dot(y, arrays, arrays_dot, axis=0):
    return np.concatenate(arrays_dot, axis)


@vjp(np.concatenate)
def concatenate_bar(y, arrays, y_bar, axis=0):
    if axis is None:
        return pieces_like(arrays, y_bar)
    return np.split(y_bar, ends(arrays, axis), axis)


def ends(arrays, axis):
    """Where each array but the last ends along an axis of their concatenation."""
    return np.cumsum([np.shape(x)[axis] for x in arrays])[:-1]


def pieces_like(arrays, y_bar):
    """The elements of y_bar, one array after the other."""
    return shaped_like(arrays, np.split(y_bar, np.cumsum([np.size(x) for x in arrays])[:-1]))


def shaped_like(arrays, pieces):
    """Each piece in the shape of its array."""
    return [np.reshape(piece, np.shape(x)) for piece, x in zip(pieces, arrays, strict=True)]


@kind(pieces_like)
def pieces_kind(arrays: Arg, y_bar: Arg) -> Kind:
    """Of the adjoints of several arrays: those of a list, of the dtype of what they are cut from."""
    return ListOf(Array(as_array(y_bar).dtype, shape_in(element(arrays))))


@kind(shaped_like)
def shaped_kind(arrays: Arg, pieces: Arg) -> Kind:
    return ListOf(Array(as_array(Arg(element(pieces))).dtype, shape_in(element(arrays))))


@kind(np.concatenate)
def concatenate_kind(arrays: Arg, axis: Arg | None = None, dtype: Arg | None = None, **_: Arg) -> Kind:
    default = promote_members(arrays)
    if const(axis, 0) is None:
        return Array(dtype_of(dtype, default), (None,))
    if may_be_none(axis):
        return Array(dtype_of(dtype, default), None)
    return Array(dtype_of(dtype, default), joined(arrays, axis, 0))


def promote_members(arrays: Arg) -> str:
    members = elements(arrays)
    return as_array(Arg(element(arrays))).dtype if members is None else promote(map(as_array, members))


def joined(arrays: Arg, axis: Arg | None, default: int) -> Shape:
    """The shape of members put one behind the other along an axis."""
    members = elements(arrays)
    shapes = [shape_in(element(arrays))] if members is None else [shape_arg(x) for x in members]
    known = [shape for shape in shapes if shape is not None]
    if not known or len({len(shape) for shape in known}) > 1:
        return None
    rank = len(known[0])
    axes = axes_of(axis, rank, default)
    if axes is None:
        return (None,) * rank
    return tuple(
        length(known, k) if k in axes and members and len(known) == len(shapes) else agreed(known, k, axes)
        for k in range(rank)
    )


def length(shapes: list[tuple[Dim, ...]], axis: int) -> Dim:
    """The sum of the lengths along an axis: a number, or a name such as `(n + m + 2)`."""
    dims = [shape[axis] for shape in shapes]
    names = sorted(dim for dim in dims if isinstance(dim, str))
    number = sum(dim for dim in dims if isinstance(dim, int))
    if None in dims:
        return None
    parts = [*names, str(number)] if number else names
    return f"({' + '.join(parts)})" if len(parts) > 1 else names[0] if names else number


def agreed(shapes: list[tuple[Dim, ...]], axis: int, joined_axes: tuple[int, ...]) -> Dim:
    """The length that all members have along an axis: what is known of one is known of all."""
    if axis in joined_axes:
        return None
    dims = [shape[axis] for shape in shapes if shape[axis] is not None]
    return next((dim for dim in dims if isinstance(dim, int)), dims[0] if dims else None)


# -------------------------------------------------------------------- stack


@jvp(np.stack)
def stack_dot(y, arrays, arrays_dot, axis=0):
    return np.stack(arrays_dot, axis)


@vjp(np.stack)
def stack_bar(y, arrays, y_bar, axis=0):
    if axis == 0:
        return list(y_bar)
    return list(np.moveaxis(y_bar, axis, 0))


@kind(np.stack)
def stack_kind(arrays: Arg, axis: Arg | None = None, dtype: Arg | None = None, **_: Arg) -> Kind:
    members = elements(arrays)
    inner = shape_in(element(arrays)) if members is None else joined_shapes(map(shape_arg, members))
    if inner is None:
        return Array(dtype_of(dtype, promote_members(arrays)), None)
    axes = axes_of(axis, len(inner) + 1, 0)
    shape: list[Dim] = [None] * (len(inner) + 1)
    if axes is not None:
        shape = list(inner)
        shape.insert(axes[0], None if members is None else len(members))
    return Array(dtype_of(dtype, promote_members(arrays)), tuple(shape))


@jvp(np.block)
def block_dot(y, arrays, arrays_dot):
    return np.block(arrays_dot)


@vjp(np.block)
def block_bar(y, arrays, y_bar):
    if not isinstance(arrays, (list, tuple)):
        return np.reshape(y_bar, np.shape(arrays))
    if np.ndim(y) > 2:
        raise NotImplementedError("the derivative of np.block of more than two axes")
    if np.ndim(y) == 1:
        return pieces_like(arrays, y_bar)
    if not isinstance(arrays[0], (list, tuple)):
        return row_like(arrays, y_bar)
    heights = np.cumsum([np.atleast_2d(row[0]).shape[0] for row in arrays])[:-1]
    return [row_like(row, row_bar) for row, row_bar in zip(arrays, np.split(y_bar, heights), strict=True)]


def row_like(row, row_bar):
    """The parts of a row of blocks, each in the shape of its array."""
    widths = np.cumsum([np.atleast_2d(x).shape[1] for x in row])[:-1]
    return shaped_like(row, np.split(row_bar, widths, 1))


@kind(np.block)
def block_kind(arrays: Arg) -> Kind:
    members = elements(arrays)
    if members is None:
        return Array(as_array(Arg(element(arrays))).dtype, None)
    rows = [elements(row) for row in members if isinstance(row.kind, TupleOf | ListOf)]
    if any(row is None for row in rows):
        return Array("?", None)
    leaves = [x for row in rows for x in row or ()] if rows else list(members)
    dtype = promote(map(as_array, leaves))
    ranks = [None if (shape := shape_arg(x)) is None else len(shape) for x in leaves]
    known = [r for r in ranks if r is not None]
    if len(known) < len(ranks) or any(isinstance(x.kind, TupleOf | ListOf) for x in leaves):
        return Array(dtype, None)
    return Array(dtype, (None,) * max([*known, 2 if rows else 1]))


@jvp(np.hstack)
def hstack_dot(y, tup, tup_dot):
    return np.hstack(tup_dot)


@vjp(np.hstack)
def hstack_bar(y, tup, y_bar):
    if np.ndim(y) == 1:
        return pieces_like(tup, y_bar)
    return np.split(y_bar, ends(tup, 1), 1)


@kind(np.hstack)
def hstack_kind(tup: Arg, dtype: Arg | None = None, **_: Arg) -> Kind:
    return stacked(tup, 1, 1, dtype)


@jvp(np.vstack)
def vstack_dot(y, tup, tup_dot):
    return np.vstack(tup_dot)


@vjp(np.vstack)
def vstack_bar(y, tup, y_bar):
    return rows_like(tup, y_bar)


def rows_like(arrays, y_bar):
    """The rows of y_bar, one array after the other; a vector is one row."""
    return shaped_like(arrays, np.split(y_bar, np.cumsum([len(np.atleast_2d(x)) for x in arrays])[:-1]))


@kind(np.vstack)
def vstack_kind(tup: Arg, dtype: Arg | None = None, **_: Arg) -> Kind:
    return stacked(tup, 2, 0, dtype)


@jvp(np.dstack)
def dstack_dot(y, tup, tup_dot):
    return np.dstack(tup_dot)


@vjp(np.dstack)
def dstack_bar(y, tup, y_bar):
    return layers_like(tup, y_bar)


def layers_like(arrays, y_bar):
    """The layers of y_bar, one array after the other."""
    depths = [np.atleast_3d(x).shape[2] for x in arrays]
    return shaped_like(arrays, np.split(y_bar, np.cumsum(depths)[:-1], 2))


@kind(np.dstack)
def dstack_kind(tup: Arg, dtype: Arg | None = None, **_: Arg) -> Kind:
    members = elements(tup)
    shapes = [shape_in(element(tup))] if members is None else [shape_arg(x) for x in members]
    known = [shape for shape in shapes if shape is not None]
    rank = max(3, len(known[0])) if known else None
    return Array(dtype_of(dtype, promote_members(tup)), None if rank is None else (None,) * rank)


@jvp(np.column_stack)
def column_stack_dot(y, tup, tup_dot):
    return np.column_stack(tup_dot)


@vjp(np.column_stack)
def column_stack_bar(y, tup, y_bar):
    return columns_like(tup, y_bar)


def columns_like(arrays, y_bar):
    """The columns of y_bar, one array after the other; a vector is one column."""
    widths = [np.shape(x)[1] if np.ndim(x) > 1 else 1 for x in arrays]
    return shaped_like(arrays, np.split(y_bar, np.cumsum(widths)[:-1], 1))


@kind(np.column_stack)
def column_stack_kind(tup: Arg) -> Kind:
    members = elements(tup)
    shapes = [shape_in(element(tup))] if members is None else [shape_arg(x) for x in members]
    known = [shape for shape in shapes if shape is not None]
    rank = max(2, len(known[0])) if known else None
    if members is not None and len(known) == len(members) and all(len(shape) == 1 for shape in known):
        return Array(promote_members(tup), (agreed(known, 0, ()), len(members)))
    return Array(promote_members(tup), None if rank is None else (None,) * rank)


def stacked(tup: Arg, rank: int, axis: int, dtype: Arg | None) -> Kind:
    """The kind of members joined along an axis, after each was given at least this rank."""
    default = promote_members(tup)
    members = elements(tup)
    shapes = [shape_in(element(tup))] if members is None else [shape_arg(x) for x in members]
    raised = [None if s is None else (1,) * (rank - len(s)) + s for s in shapes]
    if raised and raised[0] is not None and len(raised[0]) == 1:
        axis = 0
    display = Arg(tup.kind, items=tuple(Arg(Array(default, shape)) for shape in raised))
    return Array(dtype_of(dtype, default), counted(joined(display, None, axis), axis, members is not None))


def counted(shape: Shape, axis: int, known: bool) -> Shape:
    """A shape whose length along an axis is forgotten where the number of members is unknown."""
    if shape is None or known:
        return shape
    return tuple(None if k == axis else dim for k, dim in enumerate(shape))


# ---------------------------------------------------------- array and append


@jvp(np.array)
def array_dot(y, object, object_dot, dtype=None, copy=True):
    return np.array(object_dot, dtype)


@jvp(np.asarray, np.asanyarray)
def asarray_dot(y, a, a_dot, dtype=None, copy=None):
    return np.asarray(a_dot, dtype, copy=copy)


@vjp(np.array, np.asarray, np.asanyarray)
def array_bar(y, object, y_bar, dtype=None, copy=True):
    if not isinstance(object, (list, tuple)):
        return y_bar
    if np.ndim(y) == 1 or not isinstance(object[0], (list, tuple)):
        return list(y_bar)
    return nested_like(object, y_bar)


def nested_like(lists, y_bar):
    """The elements of y_bar in lists like these."""
    if isinstance(lists, (list, tuple)):
        return [nested_like(part, part_bar) for part, part_bar in zip(lists, y_bar, strict=True)]
    return y_bar


@kind(np.array, np.asarray, np.asanyarray)
def array_kind(
    object: Arg | None = None,
    a: Arg | None = None,
    dtype: Arg | None = None,
    ndmin: Arg | None = None,
    **_: Arg,
) -> Kind:
    source = object or a
    assert source is not None
    made = as_array(source)
    known = const(ndmin, 0) == 0
    held = dtype_of(dtype, made.dtype)
    return Array(held, made.shape if known else None, whole=made.whole and held == made.dtype)


@jvp(np.append)
def append_dot(y, arr, values, arr_dot, values_dot, axis=None):
    return np.append(arr_dot, np.zeros_like(values), axis) + np.append(np.zeros_like(arr), values_dot, axis)


@vjp(np.append)
def append_bar(y, arr, values, y_bar, axis=None):
    if axis is None:
        arr_bar = y_bar[: np.size(arr)]
        values_bar = y_bar[np.size(arr) :]
        return np.reshape(arr_bar, np.shape(arr)), np.reshape(values_bar, np.shape(values))
    pieces = np.split(y_bar, [np.shape(arr)[axis]], axis)
    return pieces[0], pieces[1]


@kind(np.append)
def append_kind(arr: Arg, values: Arg, axis: Arg | None = None) -> Kind:
    dtype = promote([as_array(arr), as_array(values)])
    if const(axis) is None:
        return Array(dtype, (None,))
    shape = None if may_be_none(axis) else shape_arg(arr)
    return Array(dtype, None if shape is None else (None,) * len(shape))


# -------------------------------------------------------------------- split


@jvp(np.split)
def split_dot(y, ary, ary_dot, indices_or_sections, axis=0):
    return np.split(ary_dot, indices_or_sections, axis)


@jvp(np.array_split)
def array_split_dot(y, ary, ary_dot, indices_or_sections, axis=0):
    return np.array_split(ary_dot, indices_or_sections, axis)


@vjp(np.split, np.array_split)
def split_bar(y, ary, y_bar, indices_or_sections, axis=0):
    return np.concatenate(y_bar, axis)


@jvp(np.hsplit)
def hsplit_dot(y, ary, ary_dot, indices_or_sections):
    return np.hsplit(ary_dot, indices_or_sections)


@vjp(np.hsplit)
def hsplit_bar(y, ary, y_bar, indices_or_sections):
    return np.hstack(y_bar)


@jvp(np.dsplit)
def dsplit_dot(y, ary, ary_dot, indices_or_sections):
    return np.dsplit(ary_dot, indices_or_sections)


@vjp(np.dsplit)
def dsplit_bar(y, ary, y_bar, indices_or_sections):
    return np.concatenate(y_bar, 2)


@jvp(np.vsplit)
def vsplit_dot(y, ary, ary_dot, indices_or_sections):
    return np.vsplit(ary_dot, indices_or_sections)


@vjp(np.vsplit)
def vsplit_bar(y, ary, y_bar, indices_or_sections):
    return np.concatenate(y_bar)


@kind(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit)
def split_kind(ary: Arg, indices_or_sections: Arg, axis: Arg | None = None) -> Kind:
    shape = shape_arg(ary)
    part = Array(as_array(ary).dtype, None if shape is None else (None,) * len(shape))
    return ListOf(part)


@jvp("numpy.unstack")
def unstack_dot(y, x, x_dot, axis=0):
    return np.unstack(x_dot, axis=axis)


@vjp("numpy.unstack")
def unstack_bar(y, x, y_bar, axis=0):
    return np.stack(y_bar, axis)


@kind("numpy.unstack")
def unstack_kind(x: Arg, axis: Arg | None = None) -> Kind:
    shape = shape_arg(x)
    axes = None if shape is None else axes_of(axis, len(shape), 0)
    if shape is None or axes is None:
        return ListOf(Array(as_array(x).dtype, None if shape is None else (None,) * (len(shape) - 1)))
    part = Array(as_array(x).dtype, tuple(dim for k, dim in enumerate(shape) if k not in axes))
    count = shape[axes[0]]
    return TupleOf((part,) * count) if isinstance(count, int) else ListOf(part)


kind(rows_like, layers_like, columns_like)(pieces_kind)

# The signatures of what is written in C, which NumPy tells only since 2.4.
parameters("numpy.unstack", x=..., axis=0)
for path in ("numpy.asarray", "numpy.asanyarray"):
    parameters(path, a=..., dtype=None, order=None, device=None, copy=None, like=None)
parameters(np.array, object=..., dtype=None, copy=True, order="K", subok=False, ndmin=0, like=None)
parameters(np.concatenate, arrays=..., axis=0, out=None, dtype=None, casting="same_kind")
