"""Reading sources, writing results in one piece, and showing what would change."""

from __future__ import annotations

import difflib
import os
import shutil
import tokenize
from pathlib import Path

from adtrans.errors import AdtransError


class FileError(AdtransError):
    """A file that cannot be read or written."""


def read(path: Path) -> str:
    """The text of a Python file, in the encoding that it declares, its lines ended by newlines."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise FileError(f"cannot read {path}: {error}") from None


def read_if_there(path: Path) -> str | None:
    """The text of a file, None if there is none."""
    return read(path) if path.exists() else None


def write(path: Path, text: str) -> None:
    """Replace a file as a whole: whoever looks sees the old text or the new one, also after a crash."""
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            with open(temporary, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            if path.exists():
                shutil.copymode(path, temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from None


def difference(name: str, old: str, new: str) -> str:
    """A unified diff of a file as it is and as it would be."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        name,
        f"{name} (generated)",
    )
    end = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else line + end for line in lines)
