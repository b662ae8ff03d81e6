"""`adtrans lint`: every function of a file, with every reason why it cannot be differentiated."""

from __future__ import annotations

import ast

from adtrans.commands.report import Finding, Format, report
from adtrans.commands.targets import STREAM, Place, functions, read_source
from adtrans.errors import Diagnostic, Refused


def lint_file(source: str, form: Format = "text") -> int:
    """Print what there is to say of each function; 1 if one of them cannot be differentiated, else 0."""
    findings = found(source)
    text = report(findings, form)
    if text:
        print(text)
    return 1 if any(finding.diagnostics for finding in findings) else 0


def found(source: str) -> list[Finding]:
    """The functions of a file, or the one that is named, with the obstacles of each."""
    whole = source == STREAM or source.endswith(".py")
    place = Place(source, "") if whole else Place.of(source)
    text = read_source(place.file)
    file = place.label
    try:
        ast.parse(text)
    except SyntaxError:
        # The parser knows how to say it.
        return [Finding(file, 1, "", obstacles(text, file, "_"))]
    chosen = [(name, line) for name, line in functions(text) if whole or name == place.function]
    return [
        Finding(file, line, name, obstacles(text, file, name) if name else ())
        for name, line in chosen or [(place.function, 1)]
    ]


def obstacles(text: str, file: str, name: str) -> tuple[Diagnostic, ...]:
    """Why the function cannot be differentiated by all its parameters that may vary."""
    from adtrans import parse, pipeline

    try:
        program = parse.program(text, file, name)
        for mode in ("reverse", "forward"):
            pipeline.generate(program, pipeline.Request(mode=mode))
    except Refused as refused:
        return refused.diagnostics
    return ()
