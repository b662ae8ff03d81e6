"""Reading sources, writing results in one piece, and showing what would change."""

from __future__ import annotations

import difflib
import io
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
        return decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from None


def decoded(source: bytes, name: str) -> str:
    """The text of a Python source, in the encoding that it declares, its lines ended by newlines."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return io.TextIOWrapper(io.BytesIO(source), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise FileError(f"cannot read {name}: {error}") from None


def read_if_there(path: Path) -> str | None:
    """The text of an output that was written before, None if there is none; nothing else is touched."""
    try:
        if not path.exists():
            return None
        regular = path.is_file()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from None
    if not regular:  # A folder, a pipe, a device: reading may never end, and replacing would destroy it.
        raise FileError(f"cannot write {path}: it is no regular file")
    return read(path)


def write(path: Path, text: str) -> None:
    """Replace a file as a whole: whoever looks sees the old text or the new one, also after a crash."""
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        raise FileError(f"cannot write {path}: it is no regular file")
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
