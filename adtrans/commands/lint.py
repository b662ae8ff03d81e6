"""`adtrans lint`: every function of a file, with every reason why it cannot be differentiated."""

from __future__ import annotations

import ast

from adtrans.commands.targets import STREAM, Place, functions, read_source
from adtrans.errors import Diagnostic, Refused


def lint_file(source: str) -> int:
    """Print one line for each function and one for each reason; 1 if there is a reason, else 0."""
    whole = source == STREAM or source.endswith(".py")
    place = Place(source, "") if whole else Place.of(source)
    text = read_source(place.file)
    file = place.label
    try:
        ast.parse(text)
    except SyntaxError:
        # The parser knows how to say it.
        print("\n".join(lines_of(obstacles(text, file, "_"), file)))
        return 1
    found = [(name, line) for name, line in functions(text) if whole or name == place.function]
    refused = 0
    for name, line in found or [(place.function, 1)]:
        diagnostics = obstacles(text, file, name) if name else ()
        if name:
            print(f"{file}:{line}: {name}: {'no' if diagnostics else 'yes'}")
        for words in lines_of(diagnostics, file):
            print(f"    {words}")
        refused += bool(diagnostics)
    return 1 if refused else 0


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


def lines_of(diagnostics: tuple[Diagnostic, ...], file: str) -> list[str]:
    """One line each, with the place first, as editors know it."""
    lines = []
    for d in diagnostics:
        where = f"{d.span.file}:{d.span.line}:{d.span.col + 1}" if d.span else file
        lines.append(f"{where}: {d.code} {d.message}" + (f"; {d.help}" if d.help else ""))
    return lines
