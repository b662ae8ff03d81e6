"""Every code has a page, and the examples on it do what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from adtrans import errors, parse, pipeline
from adtrans.cli import cli
from adtrans.commands.explain import page
from adtrans.errors import CODES, Refused

WITHOUT = {
    "AD109": "takes more nesting than a page has room for",
    "AD225": "needs a live function",
    "AD228": "needs a project of two modules",
    "AD229": "depends on what is asked for, not on the program",
    "AD503": "depends on what is asked for, not on the program",
    "AD901": "is a bug, and has no example",
}
"""Codes whose page has no example that is refused."""


def examples(code: str) -> dict[str, str]:
    return dict(re.findall(r"^(Refused|Works):\n\n```python\n(.*?)```", page(code), re.DOTALL | re.MULTILINE))


def codes(text: str) -> list[str]:
    try:
        program = parse.program(text, "page.py", "f")
        filled = tuple(re.findall(r"^# of: (\w+)$", text, re.MULTILINE))
        for mode in ("reverse", "forward"):
            pipeline.generate(program, pipeline.Request(mode, filled=filled))
    except Refused as refused:
        return [d.code for d in refused.diagnostics]
    return []


@pytest.mark.parametrize("code", CODES)
def test_page(code: str) -> None:
    assert page(code).startswith(f"# {code}: {CODES[code]}\n\n")
    found = examples(code)
    assert ("Refused" in found) == (code not in WITHOUT)
    assert ("Works" in found) == (code != "AD901")
    if "Refused" in found:
        assert code in codes(found["Refused"])
    if "Works" in found:
        assert codes(found["Works"]) == []


def test_every_page_has_a_code() -> None:
    pages = Path(errors.__file__).parent / "pages"
    assert {path.stem for path in pages.glob("*.md")} == set(CODES)


def test_command() -> None:
    run = CliRunner().invoke
    assert run(cli, ["explain", "ad401"]).output == page("AD401")
    assert "AD401  a write into memory" in run(cli, ["explain"]).output
    wrong = run(cli, ["explain", "AD41"])
    assert wrong.exit_code == 1 and "there is no code AD41; did you mean AD401" in wrong.output


def test_lint_for_programs(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("def f(x):\n    return x * k\n\n\ndef g(x):\n    return x * x\n")
    made = CliRunner().invoke(cli, ["lint", str(file), "--output-format", "json"])
    first, second = json.loads(made.output)
    assert made.exit_code == 1
    assert (first["function"], first["differentiable"]) == ("f", False)
    assert [(d["code"], d["line"], d["column"]) for d in first["diagnostics"]] == [("AD221", 2, 16)]
    assert (second["function"], second["line"], second["differentiable"]) == ("g", 5, True)
    made = CliRunner().invoke(cli, ["lint", str(file), "--output-format", "github"])
    assert made.output.startswith(f"::error file={file},line=2,col=16,endLine=2,title=AD221::")
    assert made.output.count("\n") == 1
