"""One derivative to be made: which function, which options, and where the text goes."""

from __future__ import annotations

import ast
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from adtrans.annotations import signature
from adtrans.commands.files import decoded, read
from adtrans.errors import AdtransError

if TYPE_CHECKING:
    from adtrans.ir import Program

Mode = Literal["reverse", "forward", "both"]
MODES: tuple[Mode, ...] = ("reverse", "forward", "both")
STREAM = "-"
"""Standard input as a file, standard output as an output."""


class TargetError(AdtransError):
    """A target that means nothing, or that cannot be reached."""


class Place(NamedTuple):
    """A function in a file; `-` is standard input."""

    file: str
    function: str

    @classmethod
    def of(cls, text: str) -> Place:
        """Read `FILE.py:FUNC`.

        >>> Place.of("models/heat.py:energy")
        Place(file='models/heat.py', function='energy')
        """
        file, colon, function = text.rpartition(":")
        if colon and file and all(part.isidentifier() for part in function.split(".")):
            return cls(normal(file), function)
        if os.path.isdir(text):
            raise TargetError(f"{text} is a folder; write FILE.py:FUNC")
        if not text.endswith(".py") and text != STREAM:
            raise TargetError(f"`{text}` names no function; write FILE.py:FUNC")
        from adtrans.parse import deep

        source = read_source(text)
        with deep(source, text):
            names = [name for name, _ in functions(source)]
        which = f"; it has {', '.join(names)}" if names else ""
        raise TargetError(f"which function of {text}? Write {text}:FUNC{which}")

    @property
    def label(self) -> str:
        """The file as a diagnostic calls it."""
        return "<stdin>" if self.file == STREAM else self.file

    def __str__(self) -> str:
        return f"{self.file}:{self.function}"


@dataclass(frozen=True, slots=True)
class Target:
    """What `adtrans emit` is asked for. An empty `wrt` leaves the choice to the compiler."""

    place: Place
    mode: Mode = "reverse"
    wrt: tuple[str, ...] = ()
    split: bool = False
    signature: str = ""
    output: str | None = None
    outputs: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that makes it, in one way of writing: it stands in the header of the module.

        >>> Target(Place("grow.py", "grow"), "forward", ("x",), signature="x:  float").command
        "adtrans emit grow.py:grow --mode forward --wrt x --signature 'x: float'"
        """
        words = ["adtrans", "emit", str(self.place)]
        words += ["--mode", self.mode] if self.mode != "reverse" else []
        words += ["--wrt", ",".join(self.wrt)] if self.wrt else []
        words += ["--of", ",".join(self.outputs)] if self.outputs else []
        words += ["--split"] if self.split else []
        words += ["--signature", " ".join(self.signature.split())] if self.signature.strip() else []
        return shlex.join(words)

    def generate(self) -> str:
        """The text of the derivative module. Raises `Refused`, `TargetError` or `SignatureError`."""
        from adtrans import parse, pipeline

        if self.mode not in get_args(pipeline.Mode):
            raise TargetError(
                f"--mode {self.mode} is not there yet; emit the adjoint and the tangent one by one"
            )
        kinds = signature(self.signature)
        text = read_source(self.place.file)
        fields = tuple(name for name in self.wrt if "." in name)
        program = parse.program(text, self.place.label, self.place.function, fields=fields)
        self._require_parameters(program, set(kinds))
        request = pipeline.Request(
            mode=self.mode,
            wrt=self.wrt,
            kinds=kinds,
            split=self.split,
            command=self.command,
            filled=self.outputs,
        )
        return pipeline.generate(program, request).text

    def _require_parameters(self, program: Program, names: set[str]) -> None:
        params = [param.name for param in program.functions[program.entry].params]
        for name in sorted(names.difference(params)):
            have = f"its parameters are {', '.join(params)}" if params else "it has no parameters"
            raise TargetError(f"--signature: {self.place.function} has no parameter `{name}`; {have}")


def normal(file: str) -> str:
    """A path as it goes into a header: with slashes, and relative where it lies below the working directory.

    >>> normal("./a//b.py")
    'a/b.py'
    """
    if file == STREAM:
        return file
    path = Path(file)
    if path.is_absolute():
        inside = path.is_relative_to(Path.cwd())
        path = path.relative_to(Path.cwd()) if inside else Path(os.path.relpath(path))
    return path.as_posix()


def read_source(file: str) -> str:
    """The text of a source file, or of standard input."""
    if file == STREAM:
        return decoded(sys.stdin.buffer.read(), "standard input")
    return read(Path(file))


def functions(text: str) -> list[tuple[str, int]]:
    """The functions that a module defines, with their lines: methods by qualified name, nested ones left out.

    >>> functions("def f(x): return x\\nclass A:\\n  def g(self): pass")
    [('f', 1), ('A.g', 3)]
    """
    found: dict[str, int] = {}

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found[prefix + name] = node.lineno
                case ast.ClassDef(name=name):
                    visit(node.body, f"{prefix}{name}.")
                case ast.If() | ast.Try():
                    visit([*node.body, *node.orelse], prefix)

    try:
        visit(ast.parse(text).body, "")
    except (SyntaxError, ValueError):
        return []  # The parser knows how to say it.
    return list(found.items())
