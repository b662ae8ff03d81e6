"""The tables of a survey: what became of the functions, by package, and why functions were refused."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

NAME = re.compile(r"`[^`]*`")
NUMBER = re.compile(r"\b\d+\b")
VERDICTS = ("accepted", "refused", "crashed", "hung")
NAMED = ("AD201", "AD301", "AD302", "AD303", "AD224")
"""Codes whose messages are counted by the function that they name."""


def normal(code: str, message: str) -> str:
    """A reason without the names and numbers of the program.

    >>> normal("AD221", "`a` is not bound since line 12")
    'AD221 `…` is not bound since line …'
    """
    return f"{code} {NUMBER.sub('…', NAME.sub('`…`', message))}"


def tables(rows: Iterable[dict[str, Any]], top: int = 60) -> str:
    """All tables as text, from the rows of the JSON lines."""
    rows = list(rows)
    reasons: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    named: dict[str, Counter[str]] = defaultdict(Counter)
    placeless: Counter[str] = Counter()
    bad: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        kinds = {normal(code, message) for code, message in row["reasons"]}
        reasons.update(kinds)
        if len(kinds) == 1:
            alone.update(kinds)
        codes.update({code for code, _ in row["reasons"]})
        placeless.update(set(row["placeless"]))
        for code, message in {(c, m) for c, m in row["reasons"] if c in NAMED}:
            named[code].update([NUMBER.sub("…", message)])
        if row["verdict"] in ("crashed", "hung"):
            kind = re.sub(r"`[^`]*`|'[^']*'", "…", row["detail"])
            bad[row["verdict"], kind].append(f"{row['package']}:{row['file']}:{row['function']}")
    lines = by_package(rows)
    lines += ["", "refused, by code (functions)", *counted(codes, top)]
    lines += ["", "refused, by reason: functions with it, functions with no other reason"]
    lines += [f"  {n:6} {alone[reason]:6}  {reason[:170]}" for reason, n in reasons.most_common(top)]
    for code in NAMED:
        if named[code]:
            lines += ["", f"{code}, by name (functions)", *counted(named[code], top)]
    lines += ["", f"refusals without a place: {sum(placeless.values())}", *counted(placeless, top)]
    for (verdict, kind), where in sorted(bad.items(), key=lambda item: -len(item[1])):
        lines += ["", f"{verdict} ({len(where)}): {kind}", *(f"    {name}" for name in where[:4])]
    return "\n".join(lines)


def by_package(rows: list[dict[str, Any]]) -> list[str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for name in (f"{row['package']} {row['version']}", "all"):
            counts[name][row["verdict"]] += 1
    lines = [f"{'package':30} {'functions':>10}" + "".join(f"{verdict:>10}" for verdict in VERDICTS)]
    for name in [*sorted(set(counts) - {"all"}), "all"]:
        count = counts[name]
        lines.append(f"{name:30} {sum(count.values()):10}" + "".join(f"{count[v]:10}" for v in VERDICTS))
    slow = sorted(rows, key=lambda row: -row["seconds"])[:5]
    lines += ["", "slowest: " + ", ".join(f"{r['file']}:{r['function']} {r['seconds']} s" for r in slow)]
    return lines


def counted(counter: Counter[str], top: int) -> list[str]:
    return [f"  {n:6}  {what[:170]}" for what, n in counter.most_common(top)]
