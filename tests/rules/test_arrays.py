"""Rules of arrays: shapes, joins, diagonals, products, creation, selection, curves, linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

from adtrans.rules import (
    creation,
    curves,
    decompositions,
    diagonals,
    einsum,
    joining,
    linalg,
    norms,
    polynomials,
    products,
    registry,
    repeating,
    selection,
    shaping,
)

from .checking import Case, check, check_kind, check_layouts, check_single

FAMILIES = (shaping, joining, repeating, diagonals, products, creation, selection, curves, norms, linalg)
MODULES = {m.__name__ for m in (*FAMILIES, decompositions, einsum, polynomials)}

rng = np.random.default_rng(20261123)
THREE = np.array([0.4, -1.1, 0.8])


def x(*shape: int) -> np.ndarray:
    """An array of numbers of both signs, none of them equal."""
    return rng.normal(size=shape)


def spd(*shape: int) -> np.ndarray:
    """Positive definite matrices."""
    m = x(*shape)
    return m @ np.swapaxes(m, -1, -2) + 2.0 * np.eye(shape[-1])


def z(*shape: int) -> np.ndarray:
    return x(*shape) + 1j * x(*shape)


def matmul(a, b):
    return a @ b


SHAPING = [
    Case(np.reshape, x(2, 3), (3, 2)),
    Case(np.reshape, x(2, 3), -1),
    Case(np.reshape, x(2, 3), (-1, 1)),
    Case(np.reshape, x(2, 3), (3, -1), order="F"),
    Case(np.reshape, x(1), ()),
    Case(np.reshape, x(0, 3), (3, 0)),
    Case(np.reshape, np.float64(0.3), (1, 1)),
    Case(np.ravel, x(2, 3)),
    Case(np.ravel, x(2, 3, 2), order="F"),
    Case(np.ravel, np.float64(0.3)),
    Case(np.ndarray.flatten, x(2, 3), path="numpy.ndarray.flatten"),
    Case(np.transpose, x(2, 3)),
    Case(np.transpose, x(4)),
    Case(np.transpose, np.float64(0.4)),
    Case(np.transpose, x(2, 3, 4)),
    Case(np.transpose, x(2, 3, 4), (1, 2, 0)),
    Case(np.transpose, x(2, 3, 4), (-1, 0, 1)),
    Case(np.transpose, x(2, 3, 4), axes=None),
    Case(np.matrix_transpose, x(2, 3, 4)),
    Case(np.linalg.matrix_transpose, x(2, 3)),
    Case(np.swapaxes, x(2, 3, 4), 0, -1),
    Case(np.moveaxis, x(2, 3, 4), 0, -1),
    Case(np.moveaxis, x(2, 3, 4, 1), (0, 2), (-1, 0)),
    Case(np.rollaxis, x(2, 3, 4), 2),
    Case(np.rollaxis, x(2, 3, 4), 0, 3),
    Case(np.rollaxis, x(2, 3, 4), -1, -2),
    Case(np.squeeze, x(1, 3, 1)),
    Case(np.squeeze, x(1, 3, 1), 0),
    Case(np.squeeze, x(1, 3, 1), axis=(0, -1)),
    Case(np.expand_dims, x(3), 0),
    Case(np.expand_dims, x(2, 3), (0, -1)),
    Case(np.expand_dims, np.float64(0.1), 0),
    Case(np.atleast_1d, np.float64(0.5)),
    Case(np.atleast_1d, x(2, 2)),
    Case(np.atleast_2d, x(3)),
    Case(np.atleast_2d, x(2, 3)),
    Case(np.atleast_3d, x(3)),
    Case(np.atleast_3d, x(2, 3)),
    Case(np.atleast_3d, x(2, 3, 1)),
    Case(np.broadcast_to, x(3), (2, 3)),
    Case(np.broadcast_to, x(2, 1), (4, 2, 3)),
    Case(np.broadcast_to, np.float64(0.5), (2,)),
    Case(np.copy, x(2, 3)),
    Case(np.ascontiguousarray, x(3)),
    Case(np.asfortranarray, x(2, 3)),
    Case(np.ndarray.astype, x(3), np.float64, path="numpy.ndarray.astype"),
    Case(np.ndarray.astype, x(2, 2), float, path="numpy.ndarray.astype"),
    Case(np.astype, x(2, 2), np.float64, copy=True, path="numpy.astype"),
]

JOINING = [
    Case(np.concatenate, (x(2), x(3))),
    Case(np.concatenate, [x(2, 3), x(4, 3), x(0, 3)]),
    Case(np.concatenate, (x(2, 3), x(2, 1)), axis=1),
    Case(np.concatenate, (x(2, 3), x(2, 1)), -1),
    Case(np.concatenate, (x(2, 3), x(4)), None),
    Case(np.concatenate, (x(2), np.arange(3))),
    Case(np.stack, (x(3), x(3))),
    Case(np.stack, [x(3), x(3), x(3)], axis=-1),
    Case(np.stack, (x(2, 3), x(2, 3)), 1),
    Case(np.stack, [np.float64(0.1), np.float64(0.2)]),
    Case(np.stack, [0.1, 0.2, 3]),
    Case(np.hstack, (x(2), x(3))),
    Case(np.hstack, [0.5, x(3)]),
    Case(np.hstack, (x(2, 3), x(2, 1))),
    Case(np.vstack, (x(3), x(3))),
    Case(np.vstack, [x(3), x(2, 3)]),
    Case(np.vstack, (0.5, 1.5)),
    Case(np.dstack, (x(3), x(3))),
    Case(np.dstack, (x(2, 3), x(2, 3, 2))),
    Case(np.column_stack, (x(3), x(3))),
    Case(np.column_stack, [x(3), x(3, 2)]),
    Case(np.array, [0.1, 0.2, 0.3]),
    Case(np.array, (0.1, 2)),
    Case(np.array, [[0.1, np.float64(0.2)], [1, 0.4], [0.5, 0.6]]),
    Case(np.array, [x(3), x(3)]),
    Case(np.array, x(2, 3)),
    Case(np.array, [0.1, 0.2], dtype=float),
    Case(np.array, 0.5),
    Case(np.asarray, x(3)),
    Case(np.asarray, [[0.5], [0.1]]),
    Case(np.asarray, x(3), np.float64),
    Case(np.asanyarray, x(3)),
    Case(np.append, x(3), 0.5),
    Case(np.append, x(2, 3), x(2)),
    Case(np.append, x(2, 3), x(1, 3), axis=0),
    Case(np.append, x(2, 3), x(2, 2), 1),
    Case(np.split, x(6), 3),
    Case(np.split, x(6), [1, 4]),
    Case(np.split, x(2, 6), 2, axis=1),
    Case(np.array_split, x(7), 3),
    Case(np.hsplit, x(2, 4), 2),
    Case(np.hsplit, x(4), 2),
    Case(np.vsplit, x(4, 3), [1]),
    Case(np.dsplit, x(2, 3, 4), 2),
    Case(np.dsplit, x(2, 3, 4), [1]),
    Case(np.unstack, x(3, 2)),
    Case(np.unstack, x(3, 2), axis=1),
]

REPEATING = [
    Case(np.tile, x(3), 2),
    Case(np.tile, np.float64(0.3), 3),
    Case(np.tile, x(3), (2, 2)),
    Case(np.tile, x(2, 3), 2),
    Case(np.tile, x(2, 3), (3, 1)),
    Case(np.tile, x(2, 3), (2, 1, 2)),
    Case(np.tile, x(0), 2),
    Case(np.repeat, x(3), 2),
    Case(np.repeat, np.float64(0.3), 3),
    Case(np.repeat, x(2, 3), 2),
    Case(np.repeat, x(2, 3), 2, axis=1),
    Case(np.repeat, x(2, 3), 2, -2),
    Case(np.repeat, x(3), [2, 0, 1]),
    Case(np.repeat, x(2, 3), [2, 0, 1], axis=1),
    Case(np.repeat, x(2, 2), [2, 0, 1, 1]),
    Case(np.repeat, x(3), 0),
    Case(np.roll, x(5), 2),
    Case(np.roll, x(2, 3), -1),
    Case(np.roll, x(2, 3), 1, axis=1),
    Case(np.roll, x(2, 3), (1, 2), (0, 1)),
    Case(np.flip, x(2, 3)),
    Case(np.flip, x(2, 3), 0),
    Case(np.flip, x(2, 3), axis=(0, 1)),
    Case(np.fliplr, x(2, 3)),
    Case(np.flipud, x(3)),
    Case(np.rot90, x(2, 3)),
    Case(np.rot90, x(2, 3), k=-1),
    Case(np.rot90, x(2, 3, 2), 3, axes=(1, 2)),
    Case(np.pad, x(3), 2),
    Case(np.pad, x(3), (1, 2)),
    Case(np.pad, x(2, 3), 1, mode="constant", constant_values=0),
    Case(np.pad, x(2, 3), ((0, 1), (2, 0))),
    Case(np.pad, x(4), 2, mode="edge"),
    Case(np.pad, x(4), (3, 1), "reflect"),
    Case(np.pad, x(2, 3), 1, mode="wrap"),
    Case(np.pad, x(2, 3), ((1, 0), (1, 2)), mode="symmetric"),
    Case(np.pad, x(4), 2, mode="mean"),
    Case(np.pad, x(2, 3), ((1, 0), (2, 1)), mode="mean"),
    Case(np.pad, x(2, 3), ((1, 0), (2, 1)), mode="linear_ramp"),
    Case(np.diff, x(5)),
    Case(np.diff, x(5), 2),
    Case(np.diff, x(1)),
    Case(np.diff, x(2), 3),
    Case(np.diff, x(2, 4)),
    Case(np.diff, x(4, 2), axis=0),
    Case(np.diff, x(5, 2), 3, 0),
    Case(np.diff, x(4), prepend=0.5),
    Case(np.diff, x(4), 2, prepend=0.5, append=x(3)),
    Case(np.diff, x(2, 3), axis=0, append=x(1, 3)),
    Case(np.diff, x(2, 3), prepend=x(2, 2)),
    Case(np.diff, x(2, 0), prepend=0.5),
    Case(np.gradient, x(5)),
    Case(np.gradient, x(5), 0.5, edge_order=2),
    Case(np.gradient, x(5), np.array([0.0, 0.5, 0.7, 1.5, 2.0])),
    Case(np.gradient, x(3, 4), axis=1),
    Case(np.gradient, x(3, 4), 2.0, axis=-2),
    Case(np.gradient, x(3, 4)),
    Case(np.gradient, x(3, 4), 0.5),
    Case(np.gradient, x(3, 4), 0.5, np.array([0.0, 0.5, 0.7, 1.5]), edge_order=2),
    Case(np.gradient, x(2, 3, 4), 0.5, 2.0, 0.1),
    Case(np.gradient, x(2, 3, 4), 0.5, 2.0, axis=(2, 0)),
    Case(np.gradient, x(2, 3), axis=(1,)),
    Case(np.meshgrid, x(3), x(2)),
    Case(np.meshgrid, x(3), x(2), indexing="ij"),
    Case(np.meshgrid, x(3), x(2), sparse=True),
    Case(np.meshgrid, x(3), x(2), indexing="ij", sparse=True),
    Case(np.meshgrid, x(3), x(2), x(4)),
    Case(np.meshgrid, x(3), x(2), x(4), indexing="ij"),
    Case(np.meshgrid, x(3), x(1), x(4), sparse=True),
    Case(np.broadcast_arrays, x(3), x(2, 1)),
    Case(np.broadcast_arrays, 0.5, x(2)),
]

DIAGONALS = [
    Case(np.diag, x(3)),
    Case(np.diag, x(3), 1),
    Case(np.diag, x(2), k=-2),
    Case(np.diag, x(3, 3)),
    Case(np.diag, x(3, 4), 1),
    Case(np.diag, x(4, 2), -1),
    Case(np.diag, x(2, 4), 3),
    Case(np.diag, x(2, 3), 5),
    Case(np.diagonal, x(3, 3)),
    Case(np.diagonal, x(3, 4), 1),
    Case(np.diagonal, x(3, 2, 4), offset=-1, axis1=0, axis2=2),
    Case(np.diagonal, x(2, 3, 3), axis1=-2, axis2=-1),
    Case(np.trace, x(3, 3)),
    Case(np.trace, x(2, 4)),
    Case(np.trace, x(3, 4), 1),
    Case(np.trace, x(3, 2, 4), -1, 0, 2),
    Case(np.trace, x(2, 3, 3), axis1=1, axis2=2),
    Case(np.linalg.trace, x(3, 3)),
    Case(np.linalg.trace, x(2, 3, 4), offset=1),
    Case(np.linalg.diagonal, x(2, 3, 4), offset=1),
    Case(np.tril, x(3, 3)),
    Case(np.tril, x(2, 3, 3), -1),
    Case(np.tril, x(3)),
    Case(np.triu, x(3, 4), k=1),
    Case(np.triu, x(3)),
]

RANKS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((1, 1), (1,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 2)),
]

PRODUCTS = [
    *(Case(matmul, x(*a), x(*b), path="@") for a, b in RANKS),
    *(Case(np.matmul, x(*a), x(*b)) for a, b in RANKS),
    Case(np.matmul, z(2, 3), z(3)),
    Case(matmul, x(2, 3), np.arange(3), path="@"),
    Case(np.linalg.matmul, x(2, 3), x(3, 2)),
    *(Case(np.dot, x(*a), x(*b)) for a, b in RANKS[:7]),
    Case(np.dot, x(2, 3), x(5, 3, 4)),
    Case(np.dot, x(2, 4, 3), x(5, 3, 4)),
    Case(np.dot, 0.5, x(2, 3)),
    Case(np.dot, x(2, 3), 0.5),
    Case(np.dot, 0.5, 2.5),
    Case(np.inner, x(3), x(3)),
    Case(np.inner, x(2, 3), x(4, 3)),
    Case(np.inner, x(2, 3), x(3)),
    Case(np.inner, x(3), x(4, 2, 3)),
    Case(np.inner, 0.5, x(2, 3)),
    Case(np.inner, x(3), 0.5),
    Case(np.outer, x(3), x(2)),
    Case(np.outer, x(2, 2), x(3)),
    Case(np.outer, 0.5, x(3)),
    Case(np.linalg.outer, x(3), x(2)),
    Case(np.vdot, x(3), x(3)),
    Case(np.vdot, x(2, 3), x(6)),
    Case(np.vecdot, x(3), x(3)),
    Case(np.vecdot, x(2, 3), x(4, 1, 3)),
    Case(np.vecdot, x(2, 3), x(2, 3), axis=0),
    Case(np.linalg.vecdot, x(2, 3), x(4, 1, 3)),
    Case(np.linalg.vecdot, x(2, 3), x(2, 3), axis=0),
    Case(np.tensordot, x(2, 3, 4), x(3, 4, 5)),
    Case(np.tensordot, x(2, 3), x(3), 1),
    Case(np.tensordot, x(2), x(3), axes=0),
    Case(np.tensordot, x(2, 3, 4), x(4, 2, 5), axes=((0, 2), (1, 0))),
    Case(np.tensordot, x(2, 3, 4), x(5, 4, 3, 2), axes=[[2, 0, -2], [1, 3, 2]]),
    Case(np.tensordot, x(2, 3), x(4, 3), axes=(1, 1)),
    Case(np.linalg.tensordot, x(2, 3), x(2, 3), axes=2),
    Case(np.kron, x(3), x(2)),
    Case(np.kron, x(2, 3), x(3, 2)),
    Case(np.kron, x(2, 3), x(4)),
    Case(np.kron, x(2), x(2, 1, 2)),
    Case(np.kron, 0.5, x(3)),
    Case(np.cross, x(3), x(3)),
    Case(np.cross, x(4, 3), x(3)),
    Case(np.cross, x(4, 3), x(4, 3)),
    Case(np.cross, x(4, 1, 3), x(5, 3)),
    Case(np.cross, x(3, 4), x(3, 4), axis=0),
    Case(np.cross, x(3, 4), x(4, 3), axisa=0, axisb=1, axisc=0),
    Case(np.linalg.cross, x(4, 3), x(4, 3)),
    Case(np.linalg.multi_dot, [x(2, 3), x(3, 4), x(4, 2)]),
    Case(np.linalg.multi_dot, [x(3), x(3, 4), x(4, 2)]),
    Case(np.linalg.multi_dot, (x(3), x(3, 4), x(4, 2), x(2))),
]

CREATION = [
    Case(np.full, 3, 0.5),
    Case(np.full, (2, 3), np.float64(0.5)),
    Case(np.full, (2, 3), x(3)),
    Case(np.full, (2, 3), 0.5, dtype=float),
    Case(np.full_like, x(2, 3), 0.5),
    Case(np.full_like, x(2, 3), x(2, 1)),
    Case(np.arange, 0.0, 2.05, 0.25),
    Case(np.arange, 0.5, 4.0),
    Case(np.arange, 3.5),
    Case(np.linspace, 0.5, 2.5),
    Case(np.linspace, 0.5, 2.5, 5),
    Case(np.linspace, 0.5, 2.5, num=1),
    Case(np.linspace, 0.5, 2.5, 4, endpoint=False),
    Case(np.linspace, 0.5, 2.5, 4, retstep=True),
    Case(np.linspace, 0.5, 2.5, 4, endpoint=False, retstep=True),
    Case(np.linspace, 0.5, 2.5, 4, dtype=float),
    Case(np.linspace, x(3), 2.5, 4),
    Case(np.linspace, x(2, 1), x(3), 4),
    *[Case(np.linspace, x(2, 1), x(3), 4, axis=axis) for axis in (1, 2, -1)],
    Case(np.linspace, 0.5, 2.5, 4, axis=-1),
]

below = np.array([0.05, 0.3, 0.35, 0.75, 1.4, -0.2])
knots = np.array([0.0, 0.2, 0.5, 1.1])
flags = np.array([True, False, True])

SELECTION = [
    Case(np.where, flags, x(3), x(3)),
    Case(np.where, flags, 0.5, x(3)),
    Case(np.where, flags, x(2, 3), x(2, 1)),
    Case(np.where, flags[:, None], x(4), 0.5),
    Case(np.where, True, 0.5, 2.5),
    Case(np.where, x(3) > 0, x(3), 0.0),
    Case(np.select, [flags, ~flags], [x(3), x(3)]),
    Case(np.select, (flags, flags[:, None]), (x(3), 0.5), 2.5),
    Case(np.choose, np.array([0, 1, 1]), (x(3), x(1))),
    Case(np.take, x(4), [1, 1, 3]),
    Case(np.take, x(4), 2),
    Case(np.take, x(3, 4), [1, 5, 1]),
    Case(np.take, x(3, 4), np.array([[1, 2], [1, 1]]), axis=1),
    Case(np.take, x(3, 4), [0, 0], -2),
    Case(np.take, x(4), [0, 6, -1, -7], mode="wrap"),
    Case(np.take, x(3, 4), [0, 6, -1], 1, mode="clip"),
    Case(np.take_along_axis, x(3, 4), np.array([[0, 1], [1, 1], [3, 2]]), axis=1),
    Case(np.take_along_axis, x(3, 4), np.array([[2, 2, 0, 1]]), axis=0),
    Case(np.take_along_axis, x(2, 2), np.array([0, 0, 3]), axis=None),
    Case(np.extract, flags, x(3)),
    Case(np.delete, x(4), 1),
    Case(np.delete, x(3, 4), [0, 2], axis=1),
    Case(np.delete, x(2, 2), [0, 2]),
    Case(np.sort, x(5)),
    Case(np.sort, x(3, 4)),
    Case(np.sort, x(3, 4), axis=0),
    Case(np.sort, x(4), kind="stable"),
    Case(np.sort, x(3, 4), axis=0, kind="stable"),
    Case(np.sort, x(3, 4), axis=None),
    Case(np.nanmedian, x(3, 4), axis=1),
    Case(np.nanquantile, x(5), 0.3),
    Case(np.nanpercentile, x(3, 4), 40.0, axis=0),
    Case(np.median, x(5)),
    Case(np.median, x(6)),
    Case(np.median, x(3, 4)),
    Case(np.median, x(3, 4), axis=1),
    Case(np.median, x(3, 4), axis=0, keepdims=True),
    Case(np.median, x(3, 4), keepdims=True),
    Case(np.quantile, x(5), 0.3),
    Case(np.quantile, x(5), 0.5),
    Case(np.quantile, x(3, 4), 0.9, axis=1),
    Case(np.quantile, x(3, 4), 0.25, axis=0, keepdims=True),
    Case(np.quantile, x(5), np.array([0.3, 0.5])),
    Case(np.quantile, x(3, 4), [0.1, 0.55, 0.9], axis=1, keepdims=True),
    Case(np.quantile, x(2, 3, 4), (0.1, 0.9), axis=(0, 2)),
    Case(np.quantile, x(2, 3, 4), 0.3, axis=(2, 0)),
    Case(np.median, x(2, 3, 4), axis=(0, -1), keepdims=True),
    Case(np.percentile, x(3, 4), [30.0, 80.0], axis=0),
    Case(np.percentile, x(5), 30.0),
    Case(np.percentile, x(3, 4), 90, axis=1),
]

CURVES = [
    Case(np.interp, below, knots, x(4)),
    Case(np.interp, 0.3, knots, x(4)),
    Case(np.interp, below, knots, x(4), left=0.5, right=-0.5),
    Case(np.interp, below, knots, x(4), right=0.5),
    Case(np.interp, below.reshape(2, 3), knots, x(4)),
    *(
        Case(np.convolve, x(a), x(b), mode)
        for a, b in ((5, 3), (3, 5), (4, 2), (2, 5), (3, 3), (1, 4))
        for mode in ("full", "same", "valid")
    ),
    Case(np.convolve, x(4), x(2)),
    *(
        Case(f, *pair)
        for f in (np.convolve, np.polymul)
        for pair in ((np.array(0.7), THREE), (THREE, np.array(1.2)))
    ),
    *(
        Case(np.correlate, x(a), x(b), mode)
        for a, b in ((5, 3), (3, 5), (4, 2), (2, 5), (3, 3), (1, 4))
        for mode in ("full", "same", "valid")
    ),
    Case(np.correlate, x(4), x(2)),
    Case(np.trapezoid, x(5)),
    Case(np.trapezoid, x(1)),
    Case(np.trapezoid, x(5), dx=0.5),
    Case(np.trapezoid, x(4), knots),
    Case(np.trapezoid, x(2, 4), knots),
    Case(np.trapezoid, x(4, 2), knots, axis=0),
    Case(np.trapezoid, x(4, 2), x(4, 2), axis=0),
    Case(np.trapezoid, x(2, 3), dx=0.5, axis=0),
    Case(np.polyval, x(4), 0.5),
    Case(np.polyval, x(4), x(3)),
    Case(np.polyval, x(1), x(3)),
    Case(np.polyval, x(3), x(2, 3)),
    Case(np.polyder, x(4)),
    Case(np.polyder, x(4), 2),
    Case(np.polyder, x(1), 2),
    Case(np.polyadd, x(4), x(2)),
    Case(np.polyadd, x(2), x(2)),
    Case(np.polysub, x(2), x(4)),
    Case(np.polymul, x(4), x(2)),
    Case(np.polyint, x(3)),
    Case(np.polyint, x(3), 2, k=[1.0, 2.0]),
    Case(np.polyfit, x(6), x(6), 2),
    Case(np.polyfit, x(6), x(6, 2), 1),
    Case(np.polyfit, x(3), x(3), 2),
    Case(np.polyfit, x(4), x(4), 0),
]

NORMS = [
    Case(np.linalg.norm, x(3)),
    Case(np.linalg.norm, x(2, 3)),
    Case(np.linalg.norm, x(2, 3, 2)),
    Case(np.linalg.norm, z(3)),
    Case(np.linalg.norm, x(3), keepdims=True),
    Case(np.linalg.norm, x(2, 3), axis=1),
    Case(np.linalg.norm, x(2, 3), axis=-2, keepdims=True),
    Case(np.linalg.norm, x(2, 3, 2), axis=(0, 2)),
    Case(np.linalg.norm, x(2, 3), "fro"),
    Case(np.linalg.norm, x(2, 3), "fro", (0, 1), True),
    *(Case(np.linalg.norm, x(4), p) for p in (2, 1, 3, 1.5, np.inf, -np.inf)),
    *(Case(np.linalg.norm, x(3, 4), p, axis=0) for p in (2, 1, 3, np.inf)),
    *(Case(np.linalg.norm, x(3, 4), p, axis=1, keepdims=True) for p in (2, 1, 3, np.inf)),
    *(Case(np.linalg.norm, x(3, 4), p) for p in (1, -1, 2, -2, np.inf, -np.inf, "nuc")),
    *(Case(np.linalg.norm, x(3, 4), p, axis=(1, 0)) for p in (1, np.inf, "nuc")),
    Case(np.linalg.norm, x(3, 4), 1, keepdims=True),
    *(Case(np.linalg.norm, x(2, 3, 4), p, axis=(1, 2)) for p in (1, -1, 2, -2, np.inf, -np.inf, "nuc")),
    *(Case(np.linalg.norm, x(2, 3, 4), p, axis=(2, 0), keepdims=True) for p in (1, -2, -np.inf, "nuc")),
    *(
        Case(np.linalg.vector_norm, x(2, 3, 4), ord=p, axis=(0, 2))
        for p in (1, 2, 3, 0.5, np.inf, -np.inf, 0)
    ),
    *(Case(np.linalg.vector_norm, x(3, 4), ord=p, axis=1, keepdims=True) for p in (1, 2, 3, np.inf)),
    *(Case(np.linalg.vector_norm, x(3, 4), ord=p) for p in (1, 2, 3, -np.inf)),
    Case(np.linalg.matrix_norm, x(3, 4)),
    Case(np.linalg.matrix_norm, x(2, 3, 4), keepdims=True),
    *(Case(np.linalg.matrix_norm, x(2, 4, 3), ord=p) for p in (1, -1, 2, -2, np.inf, -np.inf, "nuc")),
    Case(np.linalg.matrix_norm, x(2, 4, 3), ord="nuc", keepdims=True),
]

LINALG = [
    Case(np.linalg.solve, spd(3, 3), x(3)),
    Case(np.linalg.solve, x(3, 3), x(3, 2)),
    Case(np.linalg.solve, spd(2, 3, 3), x(3)),
    Case(np.linalg.solve, spd(2, 3, 3), x(2, 3, 1)),
    Case(np.linalg.solve, spd(2, 3, 3), x(3, 2)),
    Case(np.linalg.solve, spd(3, 3), x(2, 3, 2)),
    Case(np.linalg.inv, spd(3, 3)),
    Case(np.linalg.inv, spd(2, 3, 3)),
    Case(np.linalg.det, x(3, 3)),
    Case(np.linalg.det, spd(2, 3, 3)),
    Case(np.linalg.det, np.outer(x(3), x(3)) + np.diag([0.0, 0.0, 1.0])),
    Case(np.linalg.det, np.outer(x(3), x(3))),
    Case(np.linalg.det, np.zeros((2, 2))),
    Case(np.linalg.det, np.stack([np.outer(x(3), x(3)), spd(3, 3)])),
    Case(np.linalg.det, x(1, 1)),
    Case(np.linalg.slogdet, x(3, 3)),
    Case(np.linalg.slogdet, spd(2, 3, 3)),
    Case(np.linalg.pinv, x(4, 2)),
    Case(np.linalg.pinv, x(4, 2), 1e-12),
    Case(np.linalg.pinv, x(3, 3), rcond=1e-10),
    Case(np.linalg.pinv, x(2, 4)),
    Case(np.linalg.pinv, x(2, 3, 3)),
    Case(np.linalg.lstsq, x(5, 3), x(5)),
    Case(np.linalg.lstsq, x(5, 3), x(5, 2)),
    Case(np.linalg.lstsq, x(2, 3), x(2)),
    Case(np.linalg.lstsq, x(3, 3), x(3, 2)),
    Case(np.linalg.matrix_power, x(3, 3), 3),
    Case(np.linalg.matrix_power, x(3, 3), 1),
    Case(np.linalg.matrix_power, x(3, 3), 0),
    Case(np.linalg.matrix_power, spd(3, 3), -2),
    Case(np.linalg.matrix_power, x(2, 3, 3), 2),
    Case(np.linalg.cholesky, spd(3, 3)),
    Case(np.linalg.cholesky, spd(2, 3, 3)),
    Case(np.linalg.cholesky, spd(3, 3), upper=True),
    Case(np.linalg.eigh, spd(3, 3)),
    Case(np.linalg.eigh, spd(2, 3, 3), UPLO="U"),
    Case(np.linalg.eigvalsh, spd(3, 3)),
    Case(np.linalg.eigvalsh, spd(2, 3, 3), "U"),
    Case(np.linalg.svd, x(3, 3)),
    Case(np.linalg.svd, x(4, 2), full_matrices=False),
    Case(np.linalg.svd, x(2, 4), False),
    Case(np.linalg.svd, x(2, 3, 2), full_matrices=False),
    Case(np.linalg.svd, x(4, 2), compute_uv=False),
    Case(np.linalg.svdvals, x(2, 3, 2)),
    Case(np.linalg.qr, x(3, 3)),
    Case(np.linalg.qr, x(4, 2)),
    Case(np.linalg.qr, x(2, 4, 2)),
    Case(np.linalg.qr, x(2, 4)),
    Case(np.linalg.qr, x(3, 2, 3)),
    Case(np.linalg.qr, x(4, 2), mode="r"),
    Case(np.linalg.qr, x(2, 4), "r"),
    Case(np.linalg.qr, x(3, 3), mode="complete"),
    Case(np.linalg.qr, x(2, 2, 4), mode="complete"),
]

CASES = SHAPING + JOINING + REPEATING + DIAGONALS + PRODUCTS + CREATION + SELECTION + CURVES + NORMS + LINALG

CASES += [
    Case(np.array, x(3), copy=False),
    Case(np.asarray, x(3), copy=True),
    Case(np.asanyarray, x(3), dtype=np.float64),
    Case(np.asanyarray, x(3), copy=True),
    Case(np.array_split, x(2, 5), 2, axis=1),
    Case(np.copy, x(2, 3), order="F"),
    Case(np.full_like, x(2, 3), 0.5, dtype=np.float64),
    Case(np.linalg.cross, x(3, 4), x(3, 4), axis=0),
    Case(np.linalg.lstsq, x(5, 3), x(5), rcond=1e-12),
    Case(np.percentile, x(3, 4), 30.0, axis=1, keepdims=True),
    Case(np.ndarray.astype, x(3), np.float64, copy=False, path="numpy.ndarray.astype"),
    Case(np.ndarray.flatten, x(2, 3), order="F", path="numpy.ndarray.flatten"),
]
"""Keywords that the cases above do not give."""

TURNING = np.array([[0.3, 1.2, -0.4], [-1.5, 0.2, 0.7], [0.3, -0.9, 1.1]])
"""A matrix with two complex eigenvalues."""


def bracketed(how: object, *items: object) -> Case:
    """`np.r_[*items]`."""
    if how is np.r_:
        return Case(lambda items: np.r_[tuple(items)], list(items), path="numpy.r_")
    return Case(lambda items: np.c_[tuple(items)], list(items), path="numpy.c_")


CASES += [
    bracketed(np.r_, x(3), 0.5, x(2)),
    bracketed(np.r_, 0.5, 1.5),
    bracketed(np.r_, x(2, 3), x(1, 3)),
    bracketed(np.r_, x(0), x(2), np.float64(0.3)),
    bracketed(np.c_, x(3), x(3)),
    bracketed(np.c_, x(3, 2), x(3), x(3, 1)),
    bracketed(np.c_, 0.5, 1.5),
    bracketed(np.c_, x(2, 3, 1), x(2, 3, 2)),
    *[Case(fn, a) for fn in (np.linalg.eig, np.linalg.eigvals) for a in (spd(3, 3), TURNING, spd(2, 3, 3))],
    *[Case(fn, np.stack([TURNING, spd(3, 3)])) for fn in (np.linalg.eig, np.linalg.eigvals)],
    Case(np.block, [x(2), x(3)]),
    Case(np.block, [x(2), 0.5, x(0)]),
    Case(np.block, [x(2, 2), x(2, 1)]),
    Case(np.block, [[x(2, 2), x(2, 1)], [x(1, 2), 0.5]]),
    Case(np.block, [[x(2, 2), x(2, 1)], [x(2), 1.5]]),
]

CONSTANTS = [
    Case(np.zeros, 3),
    Case(np.zeros, (2, 3)),
    Case(np.zeros, [2, 3], dtype=np.float32),
    Case(np.zeros, (2,), int),
    Case(np.ones, (2, 1), dtype=bool),
    Case(np.empty, 0),
    Case(np.eye, 3),
    Case(np.eye, 3, 2, k=1),
    Case(np.tri, 3, 2),
    Case(np.identity, 2),
    Case(np.zeros_like, x(2, 3)),
    Case(np.ones_like, x(2, 3), dtype=int),
    Case(np.empty_like, np.arange(3)),
    Case(np.zeros_like, x(2), shape=(3, 1)),
    Case(np.zeros_like, 0.5),
    Case(np.shape, x(2, 3)),
    Case(np.size, x(2, 3)),
    Case(np.ndim, x(2, 3)),
    Case(np.isscalar, 0.5),
    Case(np.indices, (2, 3)),
    Case(np.triu_indices, 3),
    Case(np.tril_indices, 3, -1),
    Case(np.diag_indices, 3),
    Case(np.unravel_index, 3, (2, 3)),
    Case(np.triu_indices_from, x(3, 3), 1),
    Case(np.tril_indices_from, x(3, 3)),
    Case(np.diag_indices_from, x(3, 3)),
    Case(np.mask_indices, 3, np.triu),
    Case(np.ravel_multi_index, ([0, 1], [1, 2]), (2, 3)),
    Case(np.arange, 5),
    Case(np.arange, 1, 7, 2),
    Case(np.arange, 3, dtype=float),
    Case(np.logspace, 0.0, 1.0, 5),
    Case(np.geomspace, 1.0, 10.0),
    Case(np.linspace, 0, 1, 3),
    Case(np.linspace, 0.0, 1.0, 3, retstep=True),
    *(
        Case(t, 2)
        for t in (np.int64, np.int32, np.int16, np.int8, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_)
    ),
    Case(np.argsort, x(2, 3)),
    Case(np.argsort, x(2, 3), axis=None),
    Case(np.argpartition, x(5), 2),
    Case(np.lexsort, (x(3), x(3))),
    Case(np.searchsorted, knots, x(2, 3)),
    Case(np.searchsorted, knots, 0.5),
    Case(np.digitize, x(3), knots),
    Case(np.nonzero, x(2, 3)),
    Case(np.where, x(2, 3) > 0),
    Case(np.argwhere, x(2, 3)),
    Case(np.flatnonzero, x(3)),
    Case(np.count_nonzero, x(3)),
    Case(np.count_nonzero, x(2, 3), axis=0),
    Case(np.ix_, np.arange(2), np.arange(3)),
    Case(np.allclose, x(3), x(3)),
    Case(np.array_equal, x(3), x(3)),
    Case(np.array_equiv, x(3), x(3)),
    Case(np.isclose, x(3), x(2, 1)),
    Case(np.isin, x(3), [1.0]),
    Case(np.array, [1, 2, 3]),
    Case(np.array, [[1, 2], [3, 4]], dtype=float),
    Case(np.asarray, [1, 2], dtype="float32"),
    Case(np.concatenate, (np.arange(2), np.arange(3))),
    Case(np.stack, (np.arange(2), np.arange(2))),
    Case(np.hstack, (np.arange(2), 1)),
    Case(np.gradient, x(3, 4)),
    Case(np.gradient, np.arange(4)),
    Case(np.gradient, np.arange(6).reshape(2, 3)),
    Case(np.array, x(2), ndmin=2),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_derivatives(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_layouts(case: Case) -> None:
    check_layouts(case)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_single_precision(case: Case) -> None:
    check_single(case)


@pytest.mark.parametrize("case", CONSTANTS, ids=repr)
def test_kinds_of_constants(case: Case) -> None:
    check_kind(case, case.fn(*case.args, **case.keywords))


def test_all_registered_rules_have_samples() -> None:
    """SciPy's callables, of which some share a rule with NumPy's, have files of their own, which
    test_registry.py asks for."""
    tried = {case.path for case in CASES}
    for path, entry in registry.TABLE.items():
        for rule in (entry.jvp, entry.vjp):
            if rule is not None and rule.function.__module__ in MODULES and not path.startswith("scipy."):
                assert path in tried, f"no sample for {path}"


OTHERWISE = ("numpy.einsum", "numpy.result_type")
"""Callables that take any number of operands; the second gives a dtype, which has no shape to compare."""
HELPERS = "adtrans.rules."
"""Parts of rules: what they give is an adjoint, whose kind the tests of whole programs see."""


def test_all_constants_have_a_kind_and_samples() -> None:
    tried = {case.path for case in CASES + CONSTANTS}
    for path, entry in registry.TABLE.items():
        if path in OTHERWISE or path.startswith(HELPERS):
            continue
        if entry.kind is not None and entry.kind.__module__ in MODULES:
            assert path in tried, f"no sample for the kind of {path}"
