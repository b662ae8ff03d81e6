# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Values chosen by conditions, indices or order: where, select, take, sort, median; and the indices."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind, ListOf, TupleOf
from adtrans.rules.facts import (
    Shape,
    as_array,
    axes_of,
    broadcast,
    const,
    elements,
    may_be_none,
    shape_arg,
    with_shape,
)
from adtrans.rules.registry import Arg, cannot_vary, indifferent, jvp, kind, parameters, vjp
from adtrans.support import unbroadcast, unreduce

# -------------------------------------------------------------------- where


@jvp(np.where)
def where_dot(y, condition, then, other, then_dot, other_dot):
    return np.where(condition, then_dot, other_dot)


@vjp(np.where)
def where_bar(y, condition, then, other, y_bar):
    then_bar = np.where(condition, y_bar, 0.0)
    other_bar = np.where(condition, 0.0, y_bar)
    return None, unbroadcast(then_bar, then), unbroadcast(other_bar, other)


@kind(np.where)
def where_kind(condition: Arg, x: Arg | None = None, y: Arg | None = None) -> Kind:
    if x is None or y is None:
        return nonzero_kind(condition)
    values = broadcast(x, y)
    wide = broadcast(condition, x, y)
    shape = wide.shape if isinstance(wide, Array) else None
    return with_shape(values, shape)


parameters(np.where, condition=..., x=None, y=None)

# ------------------------------------------------------------ select, choose


@jvp(np.select)
def select_dot(y, condlist, choicelist, default, choicelist_dot, default_dot):
    return np.select(condlist, choicelist_dot, default_dot)


@vjp(np.select)
def select_bar(y, condlist, choicelist, default, y_bar):
    choicelist_bar = []
    rest = y_bar
    for condition, choice in zip(condlist, choicelist, strict=True):
        choicelist_bar.append(unbroadcast(np.where(condition, rest, 0.0), choice))
        rest = np.where(condition, 0.0, rest)
    if not isinstance(choicelist, (list, tuple)):
        return None, np.array(choicelist_bar), unbroadcast(rest, default)
    return None, choicelist_bar, unbroadcast(rest, default)


@kind(np.select)
def select_kind(condlist: Arg, choicelist: Arg, default: Arg | None = None) -> Kind:
    conditions, choices = elements(condlist), elements(choicelist)
    if conditions is None or choices is None:
        return Array("?", None)
    zero = Arg(Array("i", (), python=True))
    shape = broadcast(*conditions, *choices)
    values = broadcast(*choices, default or zero)
    return with_shape(values, shape.shape if isinstance(shape, Array) else None)


@jvp(np.choose)
def choose_dot(y, a, choices, choices_dot):
    return np.choose(a, choices_dot)


@vjp(np.choose)
def choose_bar(y, a, choices, y_bar):
    choices_bar = []
    for k, x in enumerate(choices):
        choices_bar.append(unbroadcast(np.where(np.equal(a, k), y_bar, 0.0), x))
    if not isinstance(choices, (list, tuple)):
        return None, np.array(choices_bar)
    return None, choices_bar


@kind(np.choose)
def choose_kind(a: Arg, choices: Arg, **_: Arg) -> Kind:
    members = elements(choices)
    if members is None:
        return Array("?", None)
    wide = broadcast(a, *members)
    return with_shape(broadcast(*members), wide.shape if isinstance(wide, Array) else None)


# --------------------------------------------------------------------- take


@jvp(np.take)
def take_dot(y, a, a_dot, indices, axis=None, mode="raise"):
    if mode == "raise":
        return np.take(a_dot, indices, axis)
    return np.take(a_dot, indices, axis, mode=mode)


@vjp(np.take)
def take_bar(y, a, y_bar, indices, axis=None, mode="raise"):
    if mode == "wrap" or mode == "clip":
        n = np.size(a) if axis is None else np.shape(a)[axis]
        indices = np.mod(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)
    if axis is None:
        a_bar = np.zeros(np.size(a), a.dtype)
        np.add.at(a_bar, indices, y_bar)
        return np.reshape(a_bar, np.shape(a))
    a_bar = np.zeros_like(a)
    np.add.at(a_bar, (slice(None),) * (axis % np.ndim(a)) + (indices,), y_bar)
    return a_bar


@kind(np.take)
def take_kind(a: Arg, indices: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    shape, index = shape_arg(a), shape_arg(indices)
    result: Shape = None
    if const(axis) is None:
        result = index
    elif shape is not None and index is not None and not may_be_none(axis):
        axes = axes_of(axis, len(shape))
        if axes is None:
            result = (None,) * (len(shape) - 1 + len(index))
        else:
            result = (*shape[: axes[0]], *index, *shape[axes[0] + 1 :])
    return with_shape(as_array(a), result)


@jvp(np.take_along_axis)
def take_along_axis_dot(y, arr, arr_dot, indices, axis=-1):
    return np.take_along_axis(arr_dot, indices, axis)


@vjp(np.take_along_axis)
def take_along_axis_bar(y, arr, y_bar, indices, axis=-1):
    if axis is None:
        arr_bar = np.zeros(np.size(arr), arr.dtype)
        np.add.at(arr_bar, indices, y_bar)
        return np.reshape(arr_bar, np.shape(arr))
    arr_bar = np.zeros_like(arr)
    place = list(np.indices(np.shape(arr), sparse=True))
    place[axis] = indices
    np.add.at(arr_bar, tuple(place), y_bar)
    return arr_bar


@kind(np.take_along_axis)
def take_along_axis_kind(arr: Arg, indices: Arg, axis: Arg | None = None) -> Kind:
    shape = shape_arg(indices)
    return with_shape(as_array(arr), None if shape is None else (None,) * len(shape))


@jvp(np.extract)
def extract_dot(y, condition, arr, arr_dot):
    return np.extract(condition, arr_dot)


@vjp(np.extract)
def extract_bar(y, condition, arr, y_bar):
    arr_bar = np.zeros(np.size(arr), arr.dtype)
    arr_bar[np.ravel(condition) != 0] = y_bar
    return None, np.reshape(arr_bar, np.shape(arr))


@kind(np.extract)
def extract_kind(condition: Arg, arr: Arg) -> Kind:
    return with_shape(as_array(arr), (None,))


@jvp(np.delete)
def delete_dot(y, arr, arr_dot, obj, axis=None):
    return np.delete(arr_dot, obj, axis)


@vjp(np.delete)
def delete_bar(y, arr, y_bar, obj, axis=None):
    if axis is None:
        arr_bar = np.zeros(np.size(arr), arr.dtype)
        arr_bar[np.delete(np.arange(np.size(arr)), obj)] = y_bar
        return np.reshape(arr_bar, np.shape(arr))
    arr_bar = np.zeros_like(arr)
    left = np.delete(np.arange(np.shape(arr)[axis]), obj)
    arr_bar[(slice(None),) * (axis % np.ndim(arr)) + (left,)] = y_bar
    return arr_bar


@kind(np.delete)
def delete_kind(arr: Arg, obj: Arg, axis: Arg | None = None) -> Kind:
    shape = None if may_be_none(axis) else shape_arg(arr)
    if const(axis) is None:
        return with_shape(as_array(arr), (None,))
    return with_shape(as_array(arr), None if shape is None else (None,) * len(shape))


# --------------------------------------------------------------------- order


@jvp(np.sort)
def sort_dot(y, a, a_dot, axis=-1, kind=None):
    return np.take_along_axis(a_dot, np.argsort(a, axis, kind=kind), axis)


@vjp(np.sort)
def sort_bar(y, a, y_bar, axis=-1, kind=None):
    if axis is None:
        return np.reshape(y_bar[np.argsort(np.argsort(a, None, kind=kind))], np.shape(a))
    if np.ndim(a) == 1:
        return y_bar[np.argsort(np.argsort(a, kind=kind))]
    return np.take_along_axis(y_bar, np.argsort(np.argsort(a, axis, kind=kind), axis), axis)


indifferent("stable", np.sort)  # Elements that are equal may be told apart by nobody.


@kind(np.sort)
def sort_kind(a: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    array = as_array(a)
    if const(axis, -1) is None:
        return with_shape(array, (None,))
    return with_shape(array, None) if may_be_none(axis) else array


@jvp(np.median)
def median_dot(y, a, a_dot, axis=None, keepdims=False):
    return np.sum(quantile_weights(a, 0.5, axis) * a_dot, axis, keepdims=keepdims)


@vjp(np.median)
def median_bar(y, a, y_bar, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        return np.expand_dims(y_bar, axis) * quantile_weights(a, 0.5, axis)
    return y_bar * quantile_weights(a, 0.5, axis)


@jvp(np.quantile)
def quantile_dot(y, a, a_dot, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        return several_quantiles_dot(y, a, a_dot, q, axis, keepdims)
    return np.sum(quantile_weights(a, q, axis) * a_dot, axis, keepdims=keepdims)


@vjp(np.quantile)
def quantile_bar(y, a, y_bar, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        return several_quantiles_bar(a, y_bar, q, axis, keepdims)
    if axis is not None and not keepdims:
        return np.expand_dims(y_bar, axis) * quantile_weights(a, q, axis)
    return y_bar * quantile_weights(a, q, axis)


def several_quantiles_dot(y, a, a_dot, q, axis, keepdims):
    """The tangents of several quantiles, in an array as they are."""
    weights = [quantile_weights(a, p, axis) for p in np.ravel(q)]
    return np.reshape(np.stack([np.sum(w * a_dot, axis, keepdims=keepdims) for w in weights]), np.shape(y))


def several_quantiles_bar(a, y_bar, q, axis, keepdims):
    """The adjoint of the array of which several quantiles were taken, each in a row of the result."""
    a_bar = np.zeros_like(a)
    rows = np.reshape(y_bar, (np.size(q), *np.shape(y_bar)[np.ndim(q) :]))
    for p, row_bar in zip(np.ravel(q), rows, strict=True):
        a_bar = a_bar + unreduce(row_bar, a, axis, keepdims) * quantile_weights(a, p, axis)
    return a_bar


@jvp(np.percentile)
def percentile_dot(y, a, a_dot, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        return several_quantiles_dot(y, a, a_dot, np.divide(q, 100.0), axis, keepdims)
    return np.sum(quantile_weights(a, q / 100.0, axis) * a_dot, axis, keepdims=keepdims)


@vjp(np.percentile)
def percentile_bar(y, a, y_bar, q, axis=None, keepdims=False):
    if np.ndim(q) > 0:
        return several_quantiles_bar(a, y_bar, np.divide(q, 100.0), axis, keepdims)
    if axis is not None and not keepdims:
        return np.expand_dims(y_bar, axis) * quantile_weights(a, q / 100.0, axis)
    return y_bar * quantile_weights(a, q / 100.0, axis)


def quantile_weights(a, q, axis):
    """The derivative of one quantile along axes (None: all): what the two nearest ranks share."""
    ranks = ranks_along(a, axis)
    place = q * np.max(ranks, initial=0)
    return np.maximum(1.0 - np.abs(ranks - place), 0.0).astype(a.dtype)


def ranks_along(a, axis):
    """Which place each element would have if the array was sorted along axes (None: all)."""
    if axis is None:
        return np.reshape(np.argsort(np.argsort(a, None)), np.shape(a))
    if isinstance(axis, (tuple, list)):
        last = tuple(range(-len(axis), 0))
        moved = np.moveaxis(a, axis, last)
        rows = np.reshape(moved, (*np.shape(moved)[: -len(axis)], -1))
        ranks = np.argsort(np.argsort(rows))
        return np.moveaxis(np.reshape(ranks, np.shape(moved)), last, axis)
    return np.argsort(np.argsort(a, axis), axis)


@kind(np.median, np.quantile, np.percentile, np.nanmedian, np.nanquantile, np.nanpercentile)
def median_kind(
    a: Arg, q: Arg | None = None, axis: Arg | None = None, keepdims: Arg | None = None, **_: Arg
) -> Kind:
    array = as_array(a)
    dtype = "f8" if array.dtype in ("i", "b") else array.dtype
    if q is not None and shape_arg(q) != () and dtype != "f8":
        dtype = "?"  # Quantiles that are an array of float64 widen the result.
    if (
        array.shape is None
        or (q is not None and shape_arg(q) != ())
        or const(keepdims, False) not in (True, False)
    ):
        return Array(dtype, None)
    rank = len(array.shape)
    axes = tuple(range(rank)) if const(axis) is None else axes_of(axis, rank)
    if axes is None:
        return Array(dtype, None)
    if const(keepdims, False):
        return Array(dtype, tuple(1 if k in axes else dim for k, dim in enumerate(array.shape)))
    return Array(dtype, tuple(dim for k, dim in enumerate(array.shape) if k not in axes))


# ------------------------------------------------------- indices and questions

cannot_vary(np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize)
cannot_vary(np.nonzero, np.argwhere, np.flatnonzero, np.count_nonzero, np.ix_)
cannot_vary(np.allclose, np.array_equal, np.array_equiv, np.isclose, np.isin)


@kind(np.argsort)
def argsort_kind(a: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    if const(axis, -1) is None:
        return Array("i", (None,))
    return Array("i", None if may_be_none(axis) else shape_arg(a))


@kind(np.argpartition)
def argpartition_kind(a: Arg, kth: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    return argsort_kind(a, axis)


@kind(np.lexsort)
def lexsort_kind(keys: Arg, axis: Arg | None = None) -> Kind:
    return Array("i", None)


@kind(np.searchsorted)
def searchsorted_kind(a: Arg, v: Arg, **_: Arg) -> Kind:
    return Array("i", shape_arg(v))


@kind(np.digitize)
def digitize_kind(x: Arg, bins: Arg, **_: Arg) -> Kind:
    return Array("i", shape_arg(x))


@kind(np.nonzero)
def nonzero_kind(a: Arg) -> Kind:
    shape = shape_arg(a)
    index = Array("i", (None,))
    return ListOf(index) if shape is None else TupleOf((index,) * len(shape))


@kind(np.argwhere)
def argwhere_kind(a: Arg) -> Kind:
    shape = shape_arg(a)
    width: Dim = None if shape is None else len(shape)
    return Array("i", (None, width))


@kind(np.flatnonzero)
def flatnonzero_kind(a: Arg) -> Kind:
    return Array("i", (None,))


@kind(np.count_nonzero)
def count_nonzero_kind(a: Arg, axis: Arg | None = None, **more: Arg) -> Kind:
    return Array("i", () if const(axis) is None and not more else None)


@kind(np.allclose, np.array_equal, np.array_equiv)
def allclose_kind(**_: Arg) -> Kind:
    return Array("b", ())


@kind(np.isclose)
def isclose_kind(a: Arg, b: Arg, **_: Arg) -> Kind:
    wide = broadcast(a, b)
    return Array("b", wide.shape if isinstance(wide, Array) else None)


@kind(np.isin)
def isin_kind(element: Arg, test_elements: Arg, **_: Arg) -> Kind:
    return Array("b", shape_arg(element))


@kind(np.ix_)
def ix_kind(a: Arg, b: Arg | None = None, c: Arg | None = None) -> Kind:
    count = len([arg for arg in (a, b, c) if arg is not None])
    return TupleOf((Array("i", (None,) * count),) * count)


parameters(np.lexsort, keys=..., axis=-1)
parameters(np.ix_, a=..., b=None, c=None)
