"""Functions that a differentiated function is given as arguments: its derivative is made for them.

`grad(solve, argnums=1)(f, y0)` is compiled for `f` as it is now: for its code and for what it captures. Two
functions with one code and equal captured values have one derivative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from adtrans.source import Watch, undecorated, watched

FUNCTIONS = (FunctionType, BuiltinFunctionType, np.ufunc)
VALUES = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True)
class Given:
    """A function, known by its code and by what it captures."""

    key: object
    function: Any = field(compare=False)

    def watch(self, globals_: dict[str, Any]) -> Watch:
        """What must not change outside of it; of its names only those of the module mean the same there."""
        if not isinstance(self.function, FunctionType):
            return Watch({}, (), ())
        seen = watched(self.function)
        own = self.function.__globals__ is globals_
        free = self.function.__code__.co_freevars
        names = {k: v for k, v in seen.names.items() if own and k not in free}
        return Watch(names, seen.scopes, seen.cells, seen.contents)


def is_given(value: object) -> bool:
    """Whether an argument is a function."""
    return isinstance(undecorated(value), FUNCTIONS) and value is not print


def given_of(value: object) -> Given | None:
    """An argument that is a function; None for any other."""
    plain = undecorated(value)
    return Given(key_of(plain), plain) if is_given(plain) else None


def key_of(value: object) -> object:
    """Equal for values that give one derivative."""
    if isinstance(value, VALUES):
        return type(value), repr(value)
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, tuple):
        return tuple(map(key_of, value))
    if isinstance(value, FunctionType):
        cells = tuple(key_of(cell.cell_contents) for cell in value.__closure__ or ())
        defaults = key_of(value.__defaults__), key_of(tuple((value.__kwdefaults__ or {}).items()))
        return Same(value.__code__), cells, defaults, Same(value.__globals__)
    return Same(value)


class Same:
    """A key that is equal for one object only, which it keeps alive."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
