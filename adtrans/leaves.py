"""The floating-point numbers in an argument or result, as one vector and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adtrans.errors import ArgumentError


def places(value: Any) -> Iterator[np.ndarray]:
    """The arrays and numbers in a value that can vary, as arrays."""
    if isinstance(value, (list, tuple)):
        for entry in value:
            yield from places(entry)
    elif isinstance(value, (float, np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind == "c":
            raise ArgumentError("Complex arguments and results cannot be compared with differences.")
        if array.dtype.kind == "f":
            yield array


def flat(value: Any) -> np.ndarray:
    """All floating-point numbers of a value, in order, in double precision."""
    return np.concatenate([np.zeros(0), *(leaf.ravel().astype(float) for leaf in places(value))])


def unflat(vector: np.ndarray, like: Any) -> Any:
    """A value of the structure, shapes and dtypes of another, with the numbers of a vector."""
    numbers = iter(vector)

    def rebuilt(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)([rebuilt(entry) for entry in value])
        if isinstance(value, float) and not isinstance(value, np.generic):
            return float(next(numbers))
        if isinstance(value, np.generic) and value.dtype.kind == "f":
            return value.dtype.type(next(numbers))
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            entries = [next(numbers) for _ in range(value.size)]
            return np.array(entries, dtype=value.dtype).reshape(value.shape)
        return value

    return rebuilt(like)
