"""`adtrans lint`: every function of a file, with every reason why it cannot be differentiated."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from adtrans.commands.report import Finding, Format, report
from adtrans.commands.targets import STREAM, Place, functions, read_source
from adtrans.errors import CODES, Diagnostic, Refused, Span, internal_error_report

if TYPE_CHECKING:
    from adtrans.pipeline import Mode
    from adtrans.resolve import Resolver

MODES: tuple[Mode, ...] = ("reverse", "forward")


def lint_file(source: str, form: Format = "text") -> int:
    """Print what there is to say of each function; 1 if one of them cannot be differentiated, else 0.

    An internal error ends the look at one function, not at the others; then it is 3.
    """
    bugs: list[str] = []
    findings = found(source, bugs)
    text = report(findings, form)
    if text:
        print(text)
    for bug in bugs:
        print(bug, file=sys.stderr)
    return 3 if bugs else 1 if any(finding.diagnostics for finding in findings) else 0


def found(source: str, bugs: list[str]) -> list[Finding]:
    """The functions of a file, or the one that is named, with the obstacles of each."""
    from adtrans import parse

    whole = source == STREAM or source.endswith(".py")
    place = Place(source, "") if whole else Place.of(source)
    text = read_source(place.file)
    file = place.label
    try:
        reader = parse.opened(text, file)
        with parse.deep(text, file):
            there = functions(text)
    except Refused as refused:
        return [Finding(file, 1, "", refused.diagnostics)]
    chosen = [(name, line) for name, line in there if whole or name == place.function]
    if not whole and not chosen:
        chosen = [(place.function, 1)]
    findings = []
    for name, line in chosen:
        try:
            stands = obstacles(reader, name)
        except Exception as error:
            bugs.append(f"{file}:{line}: {name}\n{internal_error_report(error)}")
            stands = (Diagnostic("AD901", CODES["AD901"], Span(file, line, 0, line, 0)),)
        findings.append(Finding(file, line, name, stands))
    return findings


def obstacles(reader: Resolver, name: str) -> tuple[Diagnostic, ...]:
    """Why the function cannot be differentiated by all its parameters that may vary."""
    from adtrans import parse, pipeline

    module = reader.project.entry
    try:
        program = parse.program(module.text, module.file, name, reader=reader)
        for mode in MODES:
            pipeline.generate(program, pipeline.Request(mode=mode, draft=True))
    except Refused as refused:
        return refused.diagnostics
    return ()
