"""Jacobians, one sweep for each entry of the inputs (forward) or of the outputs (reverse)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from adtrans.calling import Args
from adtrans.errors import ArgumentError, NonDifferentiableArgumentError, NotScalarError
from adtrans.functions import Ready

Rows = list[list[Any]]
"""One row for each result, one entry for each differentiated argument."""


def forward_jacobian(
    ready: Ready, args: Args, inputs: Sequence[Any], outputs: tuple[int, ...] | None
) -> tuple[Any, Rows]:
    """The value, and the derivatives of all results, column by column."""
    chosen = range(ready.made.results) if outputs is None else outputs
    rows: Rows = [[] for _ in chosen]
    value: Any = None
    for i, x in enumerate(inputs):
        if np.iscomplexobj(x):
            raise NonDifferentiableArgumentError(
                "A Jacobian in forward mode is that of real arguments; this one is complex. "
                "Use `adtrans.jacrev` for a real-valued function, else `adtrans.jvp`."
            )
        tangents = [zeros_like(other) for other in inputs]
        columns = []
        for tangents[i] in _directions(x):
            value, dots = ready.call(*args, *tangents)
            columns.append(dots if len(chosen) > 1 else (dots,))
        for row, (r, dots) in enumerate(zip(chosen, zip(*columns, strict=True), strict=True)):
            shape = np.shape(value if ready.made.results == 1 else value[r])
            stacked = np.stack([np.broadcast_to(dot, shape) for dot in dots], axis=-1)
            rows[row].append(_shaped(stacked[..., : np.size(x)], shape + np.shape(x)))
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
        if np.iscomplexobj(values[r]):
            raise NotScalarError(
                "A Jacobian in reverse mode is that of real values; this one is complex. "
                "Use `adtrans.jacfwd` for real arguments, else `adtrans.vjp`."
            )
        found, own = [], ready.made.seeded.index(r)
        for seeds[own] in _directions(values[r]):
            bars = ready.back(kept, *seeds)
            found.append(bars if len(inputs) > 1 else (bars,))
        row = []
        for x, bars in zip(inputs, zip(*found, strict=True), strict=True):
            stacked = np.stack([np.broadcast_to(bar, np.shape(x)) for bar in bars])
            row.append(_shaped(stacked[: np.size(values[r])], np.shape(values[r]) + np.shape(x), x))
        rows.append(row)
    return value, rows


def _directions(x: Any) -> Iterator[Any]:
    """The unit vectors of the space of `x`; the zero vector if it has none, for the shapes."""
    if not isinstance(x, np.ndarray):
        zero = zeros_like(x)
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
    if isinstance(x, np.ndarray):
        return np.zeros_like(x) if x.dtype.kind in "fc" else np.zeros(x.shape)
    if isinstance(x, np.inexact):
        return type(x)(0.0)
    if isinstance(x, (int, float, complex, np.integer)):
        return 0j if isinstance(x, complex) else 0.0
    raise ArgumentError(
        f"A Jacobian is that of arrays and numbers, not of a {type(x).__name__}. "
        "Choose the arguments with `argnums`, or use `adtrans.vjp` and `adtrans.jvp`."
    )


def _shaped(stacked: Any, shape: tuple[int, ...], like: Any = None) -> Any:
    """The right shape; a number for shape (), and single precision stays so."""
    result = stacked.reshape(shape)
    if getattr(like, "dtype", None) in (np.float32, np.complex64):
        result = result.astype(like.dtype, copy=False)
    return result if shape else result[()]
