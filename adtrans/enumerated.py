"""Members of enumerations, as values that are known before the program runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping


class Member(str):
    """A member, by its name in the emitted module, `Kind.LINEAR`. No string is equal to it."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Member) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(("member", str.__str__(self)))


def members(constants: Mapping[str, str]) -> Iterator[Member]:
    """All members of the enumerations among the constants of a program."""
    for name, text in constants.items():
        if re.match(r"class \w+\(\w+\.Enum\):", text):
            yield from (Member(f"{name}.{key}") for key in re.findall(r"^    ([A-Za-z]\w*) = ", text, re.M))
