"""Jacobians, one sweep for each entry of the inputs (forward) or of the outputs (reverse)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adtrans import trees
from adtrans.calling import Args
from adtrans.errors import ArgumentError, NonDifferentiableArgumentError, NotScalarError
from adtrans.functions import Ready

Rows = list[list[list[Any]]]
"""For each result, for each leaf of it: one entry for each differentiated argument, of its structure."""


def forward_jacobian(
    ready: Ready, args: Args, inputs: Sequence[Any], outputs: tuple[int, ...] | None
) -> tuple[Any, Rows]:
    """The value, and the derivatives of all results, column by column."""
    chosen = range(ready.made.results) if outputs is None else outputs
    value: Any = None
    blocks: list[list[list[Any]]] = []
    """For each input, for each leaf of it: the derivative of every leaf of every result."""
    for i, x in enumerate(inputs):
        if any(map(np.iscomplexobj, leaves(x))):
            raise NonDifferentiableArgumentError(
                "A Jacobian in forward mode is that of real arguments; this one is complex. "
                "Use `adtrans.jacrev` for a real-valued function, else `adtrans.jvp`."
            )
        tangents = [zeros_like(other) for other in inputs]
        blocks.append([])
        for k, leaf in enumerate(leaves(x)):
            columns = []
            for direction in _directions(leaf):
                tangents[i] = _with_leaf(x, k, direction)
                value, dots = ready.call(*args, *tangents)
                columns.append(leaves(dots if len(chosen) > 1 else (dots,)))
            values = [value] if ready.made.results == 1 else [value[r] for r in chosen]
            ends = [end for v in values for end in leaves(v)]
            blocks[i].append(
                [_columns(c, end, leaf) for c, end in zip(zip(*columns, strict=True), ends, strict=True)]
            )
    values = [value] if ready.made.results == 1 else [value[r] for r in chosen]
    rows: Rows = []
    place = 0
    for v in values:
        rows.append([])
        for _ in leaves(v):
            entries = ([block[place] for block in found] for found in blocks)
            rows[-1].append([filled(x, e) for x, e in zip(inputs, entries, strict=True)])
            place += 1
    return value, rows


def reverse_jacobian(
    ready: Ready, args: Args, inputs: Sequence[Any], outputs: tuple[int, ...] | None
) -> tuple[Any, Rows]:
    """The value, and the derivatives of all results, row by row, from one forward sweep."""
    value, kept = ready.call(*args)
    values = [value] if ready.made.results == 1 else list(value)
    rows: Rows = []
    for r in ready.made.seeded if outputs is None else outputs:
        seeds = [zeros_like(values[other]) for other in ready.made.seeded]
        if any(map(np.iscomplexobj, leaves(values[r]))):
            raise NotScalarError(
                "A Jacobian in reverse mode is that of real values; this one is complex. "
                "Use `adtrans.jacfwd` for real arguments, else `adtrans.vjp`."
            )
        own = ready.made.seeded.index(r)
        rows.append([])
        for k, leaf in enumerate(leaves(values[r])):
            found = []
            for direction in _directions(leaf):
                seeds[own] = _with_leaf(values[r], k, direction)
                bars = ready.back(kept, *seeds)
                found.append(bars if len(inputs) > 1 else (bars,))
            row = []
            for x, bars in zip(inputs, zip(*found, strict=True), strict=True):
                stacks = zip(*map(leaves, bars), strict=True)
                ends = zip(stacks, leaves(x), strict=True)
                row.append(filled(x, [_rows(stack, leaf, end) for stack, end in ends]))
            rows[-1].append(row)
    return value, rows


def leaves(value: Any) -> list[Any]:
    """What is in a value, containers taken apart."""
    inner = trees.parts(value)
    return [value] if inner is None else [leaf for part in inner for leaf in leaves(part)]


def filled(value: Any, new: Sequence[Any]) -> Any:
    """The structure of a value with other leaves."""
    rest = iter(new)
    return trees.mapped(value, lambda _: next(rest))


def _with_leaf(value: Any, k: int, direction: Any) -> Any:
    """A zero of the structure that generated code has, but for the leaf with the number `k`."""
    rest = iter(range(len(leaves(value))))
    return _plain(value, lambda leaf: direction if next(rest) == k else zero_leaf(leaf))


def _plain(value: Any, f: Callable[[Any], Any]) -> Any:
    inner = trees.parts(value)
    return f(value) if inner is None else trees.plain(value, [_plain(part, f) for part in inner])


def _directions(x: Any) -> Iterator[Any]:
    """The unit vectors of the space of `x`; the zero vector if it has none, for the shapes."""
    zero = zero_leaf(x)
    if zero is None:
        yield None
        return
    if not isinstance(x, np.ndarray):
        yield type(zero)(1.0)
        return
    for k in range(x.size):
        unit = np.zeros_like(x)
        unit.flat[k] = 1.0
        yield unit
    if not x.size:
        yield np.zeros_like(x)


def zeros_like(x: Any) -> Any:
    """The zero tangent, or seed, of a value."""
    if trees.parts(x) is not None:
        return _plain(x, zero_leaf)
    zero = zero_leaf(x)
    if zero is None:
        raise ArgumentError(
            f"A Jacobian is that of arrays and numbers, not of a {type(x).__name__}. "
            "Choose the arguments with `argnums`, or use `adtrans.vjp` and `adtrans.jvp`."
        )
    return zero


def zero_leaf(x: Any) -> Any:
    """Zero for a number or an array; None for what cannot vary."""
    if isinstance(x, np.ndarray):
        return np.zeros_like(x) if x.dtype.kind in "fc" else np.zeros(x.shape)
    if isinstance(x, np.inexact):
        return type(x)(0.0)
    if isinstance(x, (int, float, complex, np.integer)) and not isinstance(x, bool):
        return 0j if isinstance(x, complex) else 0.0
    return None


def _columns(dots: Sequence[Any], end: Any, x: Any) -> Any:
    """The tangents of one leaf of the results in all directions of one leaf of the inputs, side by side."""
    if zero_leaf(end) is None or zero_leaf(x) is None:
        return None
    shape = np.shape(end)
    stacked = np.stack([np.broadcast_to(dot, shape) for dot in dots], axis=-1)
    return _shaped(stacked[..., : np.size(x)], shape + np.shape(x))


def _rows(bars: Sequence[Any], end: Any, x: Any) -> Any:
    """The adjoints of one leaf of the inputs for all entries of one leaf of the results."""
    if zero_leaf(end) is None or zero_leaf(x) is None:
        return None
    stacked = np.stack([np.broadcast_to(bar, np.shape(x)) for bar in bars])
    return _shaped(stacked[: np.size(end)], np.shape(end) + np.shape(x), x)


def _shaped(stacked: Any, shape: tuple[int, ...], like: Any = None) -> Any:
    """The right shape; a number for shape (), and single precision stays so."""
    result = stacked.reshape(shape)
    if getattr(like, "dtype", None) in (np.float32, np.complex64):
        result = result.astype(like.dtype, copy=False)
    return result if shape else result[()]
