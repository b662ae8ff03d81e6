"""The floating-point numbers in an argument or result, as one real vector and back.

A complex number is two of them, its real and its imaginary part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adtrans.trees import mapped, parts


def places(value: Any) -> Iterator[np.ndarray]:
    """The arrays and numbers in a value that can vary, as arrays."""
    inner = parts(value)
    if inner is not None:
        for entry in inner:
            yield from places(entry)
    elif isinstance(value, (float, complex, np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind in "fc":
            yield array


def flat(value: Any) -> np.ndarray:
    """All floating-point numbers of a value, in order, in double precision."""
    return np.concatenate([np.zeros(0), *map(_parts, places(value))])


def flat_adjoint(value: Any) -> np.ndarray:
    """The same of adjoints: what each of the numbers that they belong to counts for.

    A value moves by the real part of `x_bar * x_dot`, so an imaginary part counts with a minus sign.
    """
    return np.concatenate([np.zeros(0), *(_parts(leaf.conj()) for leaf in places(value))])


def _parts(leaf: np.ndarray) -> np.ndarray:
    numbers = leaf.ravel()
    if leaf.dtype.kind == "c":
        numbers = np.stack([numbers.real, numbers.imag], axis=-1).ravel()
    return numbers.astype(float)


def unflat(vector: np.ndarray, like: Any) -> Any:
    """A value of the structure, shapes and dtypes of another, with the numbers of a vector."""
    numbers = iter(vector)

    def filled(value: Any) -> Any:
        if isinstance(value, (float, complex)) and not isinstance(value, np.generic):
            return next_like(value)
        if isinstance(value, np.generic) and value.dtype.kind in "fc":
            return value.dtype.type(next_like(value))
        if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
            entries = [next_like(value) for _ in range(value.size)]
            return np.array(entries, dtype=value.dtype).reshape(value.shape)
        return value

    def next_like(value: Any) -> float | complex:
        real = float(next(numbers))
        return complex(real, float(next(numbers))) if np.iscomplexobj(value) else real

    return mapped(like, filled)
