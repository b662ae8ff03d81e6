"""The programs in tests/diagnostics are refused, with these codes on these lines, in these words.

A line with `# E: AD202` (or `# E: AD202, AD301`) is where these are expected; beside each program lies the
whole text that a user sees, rewritten by `pytest --bless`.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from adtrans.annotations import signature
from adtrans.errors import Refused, render

FOLDER = Path(__file__).parent / "diagnostics"
FILES = sorted(FOLDER.glob("*.py"))


def expected(source: str) -> set[tuple[int, str]]:
    """(line, code) of every mark."""
    return {
        (number, code)
        for number, line in enumerate(source.splitlines(), 1)
        if (mark := re.search(r"# E: ([A-Z0-9, ]+)$", line))
        for code in mark[1].replace(" ", "").split(",")
    }


def flag(source: str, name: str, default: str = "") -> str:
    """The value of a line `# name: value` at the head of the file."""
    found = re.search(rf"^# {name}: (.*)$", source, re.MULTILINE)
    return found[1].strip() if found else default


def refusal(path: Path) -> Refused:
    """What the compiler says to the last function of the file."""
    from adtrans import parse, pipeline

    source = path.read_text()
    try:
        names = [
            n.name for n in ast.parse(source).body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
    except SyntaxError:
        names = []
    wrt = tuple(flag(source, "wrt").replace(" ", "").split(",")) if flag(source, "wrt") else ()
    try:
        program = parse.program(source, path.name, flag(source, "function", names[-1] if names else "f"))
        mode = flag(source, "mode", "reverse")
        kinds = signature(flag(source, "signature"))
        pipeline.generate(program, pipeline.Request(mode=mode, wrt=wrt, kinds=kinds))  # type: ignore[arg-type]
    except Refused as error:
        return error
    raise AssertionError(f"{path.name} was not refused")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_refused(path: Path, bless: bool) -> None:
    source = path.read_text()
    error = refusal(path)
    found = {(d.span.line if d.span else 0, d.code) for d in error.diagnostics}
    assert found == expected(source), render(error.diagnostics, error.sources)
    text = render(error.diagnostics, error.sources).rstrip() + "\n"
    beside = path.with_suffix(".txt")
    if bless:
        beside.write_text(text)
    else:
        assert text == beside.read_text(), (
            "run `pytest tests/test_diagnostics.py --bless` if the change is meant"
        )


def test_every_diagnostic_helps() -> None:
    """A refusal says where, why, and what to do instead."""
    for path in FILES:
        for diagnostic in refusal(path).diagnostics:
            assert diagnostic.span is not None, (path.name, diagnostic)
            assert diagnostic.help, f"{path.name}: {diagnostic.code} has no way out"
