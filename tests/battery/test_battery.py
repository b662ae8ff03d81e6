"""Every function of the battery: reverse = forward = differences, second order, inputs untouched.

A function may be refused only if it stands in REFUSED.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.programs.oracle import judge

FOLDER = Path(__file__).parent
REFUSED: dict[str, str] = {
    "inner_list_written_after_it_was_kept": "second order: the same list of lists under two names",
    "pairs_argument_in_lists": "second order: a loop over a list that a comprehension has copied",
    "rows_of_rows": "second order: lists of lists that a backward sweep restores",
    "dict_filled_by_a_call": "second order: what a function keeps of a dict shares memory with it",
    "key_known_at_run_time": "second order: `d[key] = d_kept`, where nothing tells that the key is there",
    "keys_written": "second order: `p[k] *= e` of a dict of numbers that a function has copied",
    "list_grown_by_a_call": "second order: what a function keeps of a list shares memory with it",
    "list_of_arrays_written_by_a_call": "second order: the same, of a list of arrays",
    "reshaped_write": "a write through a reshaped view is read back under the other name",
    "list_of_views": "views of one array in a list, written through the array",
    "appended_alias": "an array is written to after it was appended to a list",
    "conditional_alias": "one of two arrays is written to, which one is known at run time only",
    "list_elements_swapped": "two elements of a list change places: for one statement they are one array",
    "recursion_on_part": "second order: what a recursive function keeps may share memory with its argument",
    "returned_argument": "a function returns its argument and the caller writes into both",
}
"""Names of functions that may be refused, and why that is right or not done yet."""


@dataclass(frozen=True)
class Entry:
    file: str
    name: str
    point: str
    source: str

    def __str__(self) -> str:
        return f"{self.file}-{self.name}"

    @property
    def args(self) -> tuple[object, ...]:
        return tuple(map(argument, eval(f"dict({self.point})", {}).values()))


def argument(value: object) -> object:
    """A list of numbers is an array, in containers too."""
    match value:
        case dict():
            return {key: argument(part) for key, part in value.items()}
        case tuple():
            return tuple(map(argument, value))
        case list() if any(isinstance(part, (dict, tuple)) for part in value):
            return list(map(argument, value))
        case list():
            return np.array(value, dtype=float)
    return value


def entries() -> list[Entry]:
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        if path.name.startswith(("test_", "__")):
            continue
        text = path.read_text()
        for block in re.finditer(r"((?:^# at: .*\n)+)def (\w+)\(", text, re.MULTILINE):
            points = re.findall(r"# at: (.*)", block[1])
            source = extract(text, block[2])
            found += [Entry(path.stem, block[2], point, source) for point in points]
    return found


def extract(text: str, name: str) -> str:
    """The imports of a module, its constants, and one function with all that it calls."""
    body = ast.parse(text).body
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    wanted, todo = set(), [name]
    while todo:
        current = todo.pop()
        if current in functions and current not in wanted:
            wanted.add(current)
            todo += [n.id for n in ast.walk(functions[current]) if isinstance(n, ast.Name)]
    lines = text.splitlines()
    parts = []
    for node in body:
        keep = isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign)) or (
            isinstance(node, ast.FunctionDef) and node.name in wanted
        )
        if keep:
            parts.append("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("entry", entries(), ids=str)
def test_battery(entry: Entry, order: int) -> None:
    outcome = judge(entry.source, entry.args, order, name=entry.name)
    if order == 2 and not outcome.stage.startswith("order 2"):
        pytest.skip("not even the first order")
    allowed = ("right", "refused") if entry.name in REFUSED else ("right",)
    assert outcome.verdict in allowed, f"{outcome.verdict}: {outcome.stage}\n{outcome.detail}"


def test_refusals_are_still_needed() -> None:
    assert set(REFUSED) <= {entry.name for entry in entries()}
    for entry in entries():
        if entry.name in REFUSED:
            verdict = judge(entry.source, entry.args, order=2, name=entry.name).verdict
            assert verdict != "right", f"{entry.name} is right now: take it out of REFUSED"
