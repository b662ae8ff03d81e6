"""Fresh names: a base that is taken gets one trailing underscore, then a number."""

from __future__ import annotations

from collections.abc import Iterable


class Names:
    """The names of one scope; every name handed out is taken from then on."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    def fresh(self, base: str) -> str:
        """`base` if it is free, else `base_`, else `base_2`, `base_3` and so on."""
        name = base
        if name in self._taken:
            name = f"{base}_"
        while name in self._taken:
            number = self._next.get(base, 2)
            self._next[base] = number + 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
