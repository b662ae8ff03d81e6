"""Import statements in the order of isort and ruff: future, standard library, the rest, relative ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from adtrans.ir import Import


def import_lines(imports: Sequence[Import]) -> list[str]:
    """The statements, with an empty line between the sections."""
    lines: list[str] = []
    for section in range(4):
        members = [i for i in imports if section_of(i.module) == section]
        if members and lines:
            lines.append("")
        lines += [text for _, text in sorted(straight(members))]
        lines += [text for _, text in sorted(from_lines(members))]
    return lines


def section_of(module: str) -> int:
    root = module.partition(".")[0]
    if module.startswith("."):
        return 3
    return 0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 2


Line = tuple[tuple[object, ...], str]
"""What to sort by, and a statement."""


def straight(imports: Sequence[Import]) -> set[Line]:
    """`import a`, `import a.b as c`."""
    found: set[Line] = set()
    for i in imports:
        if i.name is None:
            alias = f" as {i.alias}" if i.alias not in (i.module, i.module.partition(".")[0]) else ""
            found.add(((i.module.lower(), i.module, alias), f"import {i.module}{alias}"))
    return found


def from_lines(imports: Sequence[Import]) -> set[Line]:
    """`from a import b, c`, and `from a import d as e` on a line of its own."""
    plain: dict[str, list[str]] = {}
    found: set[Line] = set()
    for i in imports:
        if i.name is not None and i.name == i.alias:
            plain.setdefault(i.module, []).append(i.name)
        elif i.name is not None:
            found.add((from_key(i.module, i.name, i.alias), f"from {i.module} import {i.name} as {i.alias}"))
    for module, names in plain.items():
        ordered = sorted(set(names), key=member_key)
        found.add((from_key(module, ordered[0], ""), f"from {module} import {', '.join(ordered)}"))
    return found


def from_key(module: str, name: str, alias: str) -> tuple[object, ...]:
    dots = len(module) - len(module.lstrip("."))
    return -dots, module.lower(), module, *member_key(name), alias


def member_key(name: str) -> tuple[int, str, str]:
    """CONSTANTS, then Classes, then functions."""
    rank = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return rank, name.lower(), name
