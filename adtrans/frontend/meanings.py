"""What a name can mean, and what must have a name in the emitted module for it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import libcst as cst

from adtrans.frontend.scopes import FunctionScope, is_generator
from adtrans.frontend.source import ImportBinding, SourceModule, imports

if TYPE_CHECKING:
    from adtrans.frontend.classes import ObjectType


@dataclass(eq=False)
class Unit:
    """A user function. `outer` is the function it is nested in; `live` what the decorator knows.

    `frame` says whether its variables are those of a function of the program; they are not in the functions
    around a live one. `bound` are the variables of comprehensions around it. `number` tells functions of
    one name in one function apart.
    `objects` are the classes of parameters that are objects (None: surely none); `owner` is the class that
    a method is defined in, and `within` the words of the path that stand for both.
    """

    module: SourceModule
    name: str
    node: cst.FunctionDef
    outer: Unit | None = None
    live: Mapping[str, Any] | None = None
    frame: bool = True
    bound: frozenset[str] = frozenset()
    number: int = 1
    objects: Mapping[str, ObjectType | None] = field(default_factory=dict)
    owner: Hashable = None
    within: str = ""

    @property
    def path(self) -> str:
        number = f"_{self.number}" if self.number > 1 else ""
        return f"{self.outer.path if self.outer else self.module.name}.{self.within}{self.name}{number}"

    @property
    def lifted(self) -> bool:
        """Whether it is made by another function of the program, and takes what it captures as arguments."""
        return self.outer is not None and self.outer.frame

    @cached_property
    def captures(self) -> tuple[str, ...]:
        """The variables of the functions of the program around it that it, or a function in it, uses."""
        uses = self.scope.uses
        free = [root.value for root, _ in uses.loads] + sorted(uses.declared) + sorted(uses.outer_writes)
        own = self.locals | {name for name, word in uses.declared.items() if word == "global"}
        return tuple(name for name in dict.fromkeys(free) if name not in own and self.around(name))

    def around(self, name: str) -> bool:
        """Whether a name that is not ours is a variable of a function of the program around us."""
        unit: Unit | None = self
        while unit is not None and unit.lifted:
            outer = unit.outer
            assert outer is not None
            if name in unit.bound:
                return True
            if name in outer.local_imports:
                return False
            if name in outer.locals:
                return True
            unit = outer
        return False

    @property
    def rebinds(self) -> tuple[str, ...]:
        """The captured variables that it assigns itself."""
        stores = {name.value for name in self.scope.uses.stores}
        return tuple(name for name in self.captures if name in stores)

    @property
    def variables(self) -> set[str]:
        """All names that are variables in it: its own, and those it captures."""
        return (self.locals - set(self.local_imports)) | set(self.captures) | self.bound

    @property
    def plain(self) -> bool:
        """Whether it is a function of the ordinary sort: no generator, no coroutine, no `*args`."""
        params = self.node.params
        starred = any(isinstance(p, cst.Param) for p in (params.star_arg, params.star_kwarg))
        return self.node.asynchronous is None and not starred and not is_generator(self.node)

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
    imports: tuple[Imported, ...] = ()
    """What `text` needs: it says `{np}` where the name of NumPy belongs."""


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
class UserClass(Unsupported):
    """A class of the project. It can be carried for some uses (classtexts.py), not as a value."""

    module: SourceModule = field(kw_only=True)
    node: cst.ClassDef = field(kw_only=True)


@dataclass(frozen=True)
class Enumerated:
    """A member of an enumeration of the project."""

    enumeration: ClassText
    name: str


@dataclass(frozen=True)
class Unknown:
    """A name that is bound nowhere we can see."""

    name: str


Meaning = Unit | Constant | Library | UserModule | Builtin | Unsupported | Enumerated | Unknown


@dataclass(frozen=True)
class Imported:
    """An import that the emitted module needs: `name` is None for a whole module."""

    module: str
    name: str | None
    alias: str
    also: tuple[str, ...] = ()


NUMPY = Imported("numpy", None, "np")
ENUM = Imported("enum", None, "enum")
NAMED_TUPLE = Imported("collections", "namedtuple", "namedtuple")


@dataclass(frozen=True)
class ClassText:
    """A class that the emitted module has: an exception as it is written, or one that `stands` for a class
    of this name, of which it only tells the objects. `foreign`: it has bases that are not of the project.
    `members` are those of an enumeration, with the texts of their values.
    """

    module: SourceModule
    node: cst.ClassDef
    stands: bool
    foreign: bool = False
    members: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.node.name.value


Holder = Unit | Constant | Imported | ClassText


@dataclass(frozen=True)
class Reference:
    """What a dotted chain means; `used` names of it name the meaning, `held` of them name the holder."""

    meaning: Meaning
    used: int = 1
    holder: Holder | None = None
    held: int = 1
