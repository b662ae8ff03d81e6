"""`[tool.adtrans]` in pyproject.toml: the derivatives that a project keeps."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adtrans.commands.targets import MODES, Place, Target, TargetError

KEYS = {"source", "output", "mode", "wrt", "outputs", "split", "signature"}


@dataclass(frozen=True, slots=True)
class Config:
    """The targets of a project; their paths are relative to `root`."""

    root: Path
    targets: tuple[Target, ...]


def find(start: Path) -> Config | None:
    """The configuration of the project that a directory belongs to, None if there is none."""
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return Config(folder, _targets(table, file))
    return None


def _table(file: Path) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetError(f"{file}: {error}") from None
    table = document.get("tool", {}).get("adtrans")
    if table is not None and (not isinstance(table, dict) or set(table) - {"targets"}):
        raise TargetError(f"{file}: [tool.adtrans] has one key, `targets`")
    return table


def _targets(table: dict[str, Any], file: Path) -> tuple[Target, ...]:
    entries = table.get("targets", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TargetError(f"{file}: [tool.adtrans] targets is an array of tables")
    targets = []
    for number, entry in enumerate(entries, 1):
        try:
            targets.append(target_of(entry))
        except TargetError as error:
            raise TargetError(f"{file}: target {number} of [tool.adtrans]: {error}") from None
    return tuple(targets)


def target_of(entry: dict[str, Any]) -> Target:
    """One table, checked.

    >>> target_of({"source": "a.py:f", "output": "a_vjp.py", "wrt": ["x"]}).command
    'adtrans emit a.py:f --wrt x'
    """
    for key in entry:
        if key not in KEYS:
            raise TargetError(f"unknown key `{key}`; there are {', '.join(sorted(KEYS))}")
    for key in ("source", "output"):
        if key not in entry:
            raise TargetError(f"`{key}` is missing")
    for key in ("source", "output", "signature", "mode"):
        if not isinstance(entry.get(key, ""), str):
            raise TargetError(f"`{key}` is a string")
    wrt, outputs = (names_in(entry, key) for key in ("wrt", "outputs"))
    mode = entry.get("mode", "reverse")
    if mode not in MODES:
        raise TargetError(f"`mode` is one of {', '.join(MODES)}")
    if not isinstance(entry.get("split", False), bool):
        raise TargetError("`split` is true or false")
    return Target(
        place=Place.of(entry["source"]),
        mode=mode,
        wrt=wrt,
        outputs=outputs,
        split=entry.get("split", False),
        signature=entry.get("signature", ""),
        output=entry["output"],
    )


def names_in(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of names."""
    found = entry.get(key, [])
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise TargetError(f"`{key}` is a list of names")
    return tuple(found)
