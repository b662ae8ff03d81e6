"""What `adtrans lint` found, in the forms that people, programs and GitHub read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from adtrans.errors import Diagnostic

Format = Literal["text", "json", "github"]
FORMATS = ("text", "json", "github")


@dataclass(frozen=True, slots=True)
class Finding:
    """One function of a file (no name: the file itself), and what stands in its way."""

    file: str
    line: int
    function: str
    diagnostics: tuple[Diagnostic, ...]


def report(findings: Iterable[Finding], form: Format) -> str:
    """All findings as text."""
    return {"text": as_text, "json": as_json, "github": as_github}[form](list(findings))


def as_text(findings: list[Finding]) -> str:
    """A line for each function, and one below it for each reason, the place first, as editors know it."""
    lines = []
    for finding in findings:
        if finding.function:
            answer = "no" if finding.diagnostics else "yes"
            lines.append(f"{finding.file}:{finding.line}: {finding.function}: {answer}")
        indent = "    " if finding.function else ""
        for d in finding.diagnostics:
            where = f"{d.span.file}:{d.span.line}:{d.span.col + 1}" if d.span else finding.file
            lines.append(f"{indent}{where}: {d.code} {d.message}" + (f"; {d.help}" if d.help else ""))
    return "\n".join(lines)


def as_json(findings: list[Finding]) -> str:
    """A list of functions, each with a list of diagnostics. Lines and columns count from 1."""
    import json

    return json.dumps(
        [
            {
                "file": finding.file,
                "line": finding.line,
                "function": finding.function or None,
                "differentiable": not finding.diagnostics,
                "diagnostics": [_fields(d) for d in finding.diagnostics],
            }
            for finding in findings
        ],
        indent=2,
    )


def _fields(d: Diagnostic) -> dict[str, object]:
    fields: dict[str, object] = {"code": d.code, "message": d.message, "help": d.help, "notes": list(d.notes)}
    if d.span:
        fields |= {"file": d.span.file, "line": d.span.line, "column": d.span.col + 1}
        fields |= {"end_line": d.span.end_line, "end_column": d.span.end_col + 1}
    return fields


def as_github(findings: list[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the lines that they name."""
    lines = []
    for finding in findings:
        for d in finding.diagnostics:
            where = f"file={_property(d.span.file if d.span else finding.file)}"
            if d.span:
                where += f",line={d.span.line},col={d.span.col + 1},endLine={d.span.end_line}"
            message = d.message + (f"; {d.help}" if d.help else "")
            lines.append(f"::error {where},title={d.code}::{_data(message)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    """The escapes of GitHub's documentation on workflow commands."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
