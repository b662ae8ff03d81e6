"""The door to the compiler: a source and a request in, the text of a derivative out.

Everything that the library needs of `parse`, `pipeline` and `load` is here, and imported when it is
first needed: libcst and black cost more to import than all the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from adtrans.kinds import Array, Kind
from adtrans.source import Source

if TYPE_CHECKING:
    from adtrans.ir import Program

Mode = Literal["reverse", "forward"]
_REAL = ("f8", "f4", "i", "b")


@dataclass(frozen=True)
class Wanted:
    """Which derivative. `wrt` is in the order of the parameters; `outputs` are the results that are
    differentiated, by position; None: all. `filled` are parameters that are results, too."""

    mode: Mode
    wrt: tuple[str, ...]
    split: bool = False
    outputs: tuple[int, ...] | None = None
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A function of a generated module: its name, and its parameters in the order in which we pass them.

    The last `keywords` of these can only be given by name.
    """

    name: str
    params: tuple[str, ...]
    keywords: tuple[str, ...] = ()

    def call(self, values: Mapping[str, str]) -> str:
        """The text of a call."""
        plain = [values[p] for p in self.params if p not in self.keywords]
        return f"{self.name}({', '.join([*plain, *(f'{k}={values[k]}' for k in self.keywords)])})"


@dataclass(frozen=True)
class Compiled:
    """A derivative as text, with what a caller must know of it. Pickles.

    `entries` are `f_vjp` or `f_jvp`, or `f_fwd` and `f_bwd`. `ranks` are those of the results, None where
    unknown; `real` says that all are real numbers. `seeded` are the results that are differentiated, by
    position.
    """

    text: str
    entries: tuple[Entry, ...]
    ranks: tuple[int | None, ...]
    seeded: tuple[int, ...]
    mutated: tuple[str, ...]
    real: bool
    origins: tuple[tuple[str, str, str], ...] = ()
    """Constants and functions of other modules: their names here, their files, their names there."""

    rules: tuple[tuple[str, str], ...] = ()
    """The rules that the program states for functions without a source, by their paths."""

    named: str = ""
    """The class, by its name here, of the named tuple that all the results are."""

    result: tuple[str, str] | None = None
    """The dataclass, by its file and name, whose fields are the one result, a dict."""

    @property
    def results(self) -> int:
        return len(self.ranks)


def compiled(source: Source, wanted: Wanted, kinds: Mapping[str, Kind]) -> Compiled:
    """Run the compiler. Raises `Refused`."""
    return generated(program_of(source), wanted, kinds)


def generated(program: Program, wanted: Wanted, kinds: Mapping[str, Kind]) -> Compiled:
    """The same for a program that has been parsed."""
    from adtrans import pipeline

    request = pipeline.Request(
        wanted.mode, wanted.wrt, kinds, wanted.split, outputs=wanted.outputs, filled=wanted.filled
    )
    made = pipeline.generate(program, request)
    names = (made.forward, made.backward) if wanted.split else (made.name,)
    functions = {node.name: node for node in ast.parse(made.text).body if isinstance(node, ast.FunctionDef)}
    return Compiled(
        made.text,
        tuple(_entry(functions[name]) for name in names),
        tuple(kind.rank if isinstance(kind, Array) else None for kind in made.kinds),
        tuple(range(len(made.results))) if wanted.outputs is None else wanted.outputs,
        made.mutated,
        all(isinstance(kind, Array) and kind.dtype in _REAL for kind in made.kinds),
        tuple((name, *origin) for name, origin in program.origins.items()),
        tuple(program.stated.items()),
        made.named,
        program.result,
    )


def _entry(node: ast.FunctionDef) -> Entry:
    keywords = tuple(arg.arg for arg in node.args.kwonlyargs)
    return Entry(node.name, (*(arg.arg for arg in node.args.args), *keywords), keywords)


def loaded(made: Compiled) -> tuple[Callable[..., Any], ...]:
    """The functions of a derivative's module."""
    from adtrans import load

    first = load.load(made.text, made.entries[0].name)
    return first, *(first.__globals__[entry.name] for entry in made.entries[1:])


def program_of(source: Source) -> Program:
    """Parsing is most of the work for a large module, and its result serves both modes and all kinds."""
    last = _parsed()
    if last.get("source") is not source:
        from adtrans import parse

        last["program"] = parse.program(
            source.text,
            source.file,
            source.name,
            line=source.line,
            live=source.live or None,
            objects=source.objects,
            fields=source.fields,
            functions=source.functions,
            rules=dict(source.rules),
        )
        last["source"] = source
    program: Program = last["program"]
    return program


@cache
def _parsed() -> dict[str, Any]:
    """The program that was parsed last."""
    return {}
