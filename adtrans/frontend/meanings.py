"""What a name can mean, and what must have a name in the emitted module for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import libcst as cst

from adtrans.frontend.scopes import FunctionScope
from adtrans.frontend.source import ImportBinding, SourceModule, imports


@dataclass(eq=False)
class Unit:
    """A user function. `outer` is the function it is nested in; `live` what the decorator knows."""

    module: SourceModule
    name: str
    node: cst.FunctionDef
    outer: Unit | None = None
    live: Mapping[str, Any] | None = None

    @property
    def path(self) -> str:
        return f"{self.outer.path if self.outer else self.module.name}.{self.name}"

    @cached_property
    def scope(self) -> FunctionScope:
        return FunctionScope(self.node)

    @cached_property
    def local_imports(self) -> dict[str, ImportBinding]:
        """Names that this function binds by one import and nothing else."""
        found: dict[str, ImportBinding] = {}
        stores = [name.value for name in self.scope.uses.stores]
        for statement in self.node.body.body:
            for small in (
                getattr(statement, "body", ()) if isinstance(statement, cst.SimpleStatementLine) else ()
            ):
                if isinstance(small, cst.Import | cst.ImportFrom):
                    found |= {
                        n: b for n, b in imports(small) if stores.count(n) == 1 and n not in self.scope.params
                    }
        return found

    @cached_property
    def nested(self) -> dict[str, cst.FunctionDef]:
        """Functions defined in this one, once and unconditionally."""
        defs = [s for s in self.node.body.body if isinstance(s, cst.FunctionDef)]
        stores = [name.value for name in self.scope.uses.stores]
        return {d.name.value: d for d in defs if stores.count(d.name.value) == 1}

    @property
    def locals(self) -> set[str]:
        return self.scope.locals


@dataclass(frozen=True)
class Constant:
    """A module-level constant; `value` is None for one that only the live function knows, by its `text`."""

    module: SourceModule
    name: str
    value: cst.BaseExpression | None
    text: str = ""
    numpy: bool = False
    """Whether `text` says `{np}` where NumPy's name belongs."""


@dataclass(frozen=True)
class Library:
    """Something outside the project. `known`: found in a library that adtrans may import."""

    path: str
    known: bool = False
    module: bool = False
    value: Any = None


@dataclass(frozen=True)
class UserModule:
    """A module of the project."""

    module: SourceModule


@dataclass(frozen=True)
class Builtin:
    """A name of Python itself."""

    name: str


@dataclass(frozen=True)
class Unsupported:
    """A name that is bound to something we cannot carry."""

    code: str
    message: str
    help: str = ""


@dataclass(frozen=True)
class Unknown:
    """A name that is bound nowhere we can see."""

    name: str


Meaning = Unit | Constant | Library | UserModule | Builtin | Unsupported | Unknown


@dataclass(frozen=True)
class Imported:
    """An import that the emitted module needs: `name` is None for a whole module."""

    module: str
    name: str | None
    alias: str
    also: tuple[str, ...] = ()


Holder = Unit | Constant | Imported


@dataclass(frozen=True)
class Reference:
    """What a dotted chain means; `used` names of it name the meaning, `held` of them name the holder."""

    meaning: Meaning
    used: int = 1
    holder: Holder | None = None
    held: int = 1
