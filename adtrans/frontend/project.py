"""The source files of a project: how an import finds a file, and a line a definition."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import libcst as cst

from adtrans.commands.files import read
from adtrans.frontend.libraries import KNOWN_LIBRARIES, OURSELVES
from adtrans.frontend.scopes import children
from adtrans.frontend.source import SourceModule


class Project:
    """The source files that belong together, loaded when something asks for them."""

    def __init__(self, text: str, file: str, modules: dict[str, SourceModule] | None = None) -> None:
        self.path = Path(file)
        stem = self.path.stem if self.path.stem != "__init__" else self.path.absolute().parent.name
        name = "".join(c if c.isalnum() or c == "_" else "_" for c in stem).strip("_") or "module"
        self.modules: dict[str, SourceModule] = {} if modules is None else modules
        known = self.modules.get(self._key(self.path))
        self.entry = known or SourceModule(name, file, text, self.path.stem == "__init__")
        self.modules[self._key(self.path)] = self.entry
        self.roots = self._roots()
        # Beside a script `operator.py` is what `import operator` finds, in a package it is not.
        self.packaged = (self.path.parent / "__init__.py").is_file()

    @staticmethod
    def _key(path: Path) -> str:
        return str(path.absolute())

    def _roots(self) -> list[Path]:
        """Where absolute imports are looked up: the package's root, our own folder, the project's."""
        if not self.path.is_file():
            return [self.path.parent] if self.path.suffix == ".py" and self.path.parent.is_dir() else []
        roots, folder = [self.path.parent], self.path.parent
        for _ in range(8):
            if (folder / "__init__.py").is_file():
                roots.insert(0, self._up(folder))
            elif any((folder / mark).exists() for mark in ("pyproject.toml", "setup.py", ".git")):
                roots += [folder, folder / "src"]
                break
            folder = self._up(folder)
        return list(dict.fromkeys(roots))

    @staticmethod
    def _up(folder: Path) -> Path:
        """The parent, in the same spelling: relative stays relative."""
        return folder.parent if folder.name not in ("", "..") else folder / ".."

    def load(self, path: Path, name: str, text: str | None = None) -> SourceModule:
        key = self._key(path)
        if text is not None and key in self.modules and self.modules[key].text != text:
            key += ":"  # of a lambda's file only the lambda was read
        if key not in self.modules:
            source = read(path) if text is None else text
            self.modules[key] = SourceModule(name, path.as_posix(), source, path.stem == "__init__")
        return self.modules[key]

    def find(self, dotted_name: str, level: int, origin: SourceModule) -> SourceModule | None:
        """The module that an import means, if it is a file of the project."""
        parts = [p for p in dotted_name.split(".") if p]
        if level:
            folder = Path(origin.file).parent
            for _ in range(level - 1):
                folder = self._up(folder)
            if not folder.is_dir():
                return None
            package = origin.name.split(".")[: None if origin.package else -1]
            package = package[: len(package) - (level - 1)] if level > 1 else package
            return self._at([folder], parts, package)
        if (
            not parts
            or parts[0] in KNOWN_LIBRARIES
            or dotted_name in OURSELVES
            or parts[0] in (sys.stdlib_module_names if self.packaged else sys.builtin_module_names)
        ):
            return None
        return self._at(self.roots, parts, [])

    def _at(self, roots: list[Path], parts: list[str], package: list[str]) -> SourceModule | None:
        for root in roots:
            base = root.joinpath(*parts)
            for path in (base.with_suffix(".py") if parts else None, base / "__init__.py"):
                if path is not None and path.is_file():
                    return self.load(path, ".".join([*package, *parts]) or path.parent.name)
        return None


def find_lambda(module: SourceModule, place: tuple[int, int], name: str) -> list[cst.FunctionDef] | None:
    """The lambda whose body starts at a place, as a definition of `name`, with the functions around it."""
    near = [piece for piece in module.pieces if piece.line <= place[0]][-1:]
    stack: list[tuple[cst.CSTNode, list[cst.FunctionDef]]] = [(piece.tree, []) for piece in near]
    found: list[list[cst.FunctionDef]] = []
    while stack:
        node, around = stack.pop()
        if isinstance(node, cst.FunctionDef):
            around = [*around, node]
        elif isinstance(node, cst.Lambda):
            around = [*around, module.definition(node, name)]
            if module.range(node.body)[0] == place:
                found.append(around)
        stack += [(child, around) for child in children(node)]
    return found[0] if len(found) == 1 else None


def find_def(module: SourceModule, name: str, line: int) -> list[cst.FunctionDef] | None:
    """The definition of `name` at or after a line (its decorators count), with the functions around it."""
    best: tuple[int, list[cst.FunctionDef]] | None = None
    here = re.compile(rf"\bdef[\s\\]+{re.escape(name)}\b")
    pieces = [piece for piece in module.pieces if here.search(piece.text)]
    stack: list[tuple[cst.CSTNode, list[cst.FunctionDef]]] = [(piece.tree, []) for piece in pieces]
    while stack:
        node, around = stack.pop()
        if isinstance(node, cst.FunctionDef):
            around = [*around, node]
            last = module.range(node.name)[0][0]
            if node.name.value == name and last >= line and (best is None or last < best[0]):
                best = (last, around)
        if isinstance(node, cst.BaseCompoundStatement | cst.BaseSuite | cst.Module | cst.Else | cst.Finally):
            parts = [
                getattr(node, part, None) for part in ("body", "orelse", "finalbody", "handlers", "cases")
            ]
            for part in parts:
                stack += [
                    (c, around) for c in (part if isinstance(part, tuple | list) else [part]) if c is not None
                ]
        elif isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler | cst.MatchCase):
            stack.append((node.body, around))
    return best[1] if best else None
