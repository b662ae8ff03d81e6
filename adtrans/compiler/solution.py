"""What all solutions share: their names, and how the functions of their derivatives are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from adtrans.analyses.scribbles import kept
from adtrans.compiler.session import Session
from adtrans.compiler.solved import Solved
from adtrans.ir import Assign, Expr, Function, Name, Param, Return, Stmt, Tuple
from adtrans.kinds import Array, Kind, may_be_complex
from adtrans.names import Names


@dataclass(slots=True)
class Solution:
    """One solution, for arguments of known kinds, some of which are active."""

    session: Session
    function: Function
    solved: Solved
    kinds: tuple[Kind, ...]
    active: tuple[bool, ...]
    names: Names
    body: list[Stmt] = field(default_factory=list)
    value: Name = field(init=False)
    """Takes what derivatives of the function return first, and nobody reads."""
    reads_found: ClassVar[bool] = False
    """Whether the backward sweep needs what was found."""

    def __post_init__(self) -> None:
        self.value = Name(self.names.fresh("value"))

    @classmethod
    def of(
        cls, session: Session, function: Function, kinds: tuple[Kind, ...], active: tuple[bool, ...]
    ) -> Self:
        solved, names = Solved.by(session, function, kinds), Names(p.name for p in function.params)
        return cls(session, function, solved, kinds, active, names)

    def problem(self) -> str:
        """Why there is no derivative."""
        if any(map(may_be_complex, (*self.solved.kinds, self.solved.result))):
            return "there are complex numbers in it"
        function = self.solved.function
        unknowns = 2 if self.function.solution.startswith("flow") else 1
        if (name := kept(function, self.solved.kinds, unknowns, self.session.memory)) is not None:
            return f"it changes `{name}`, and may find there what it has left in another call"
        return ""

    def backward(self) -> Function:
        """The adjoints of the active arguments, from that of what was found."""
        raise NotImplementedError

    def forward(self) -> Function:
        """What was found, and its tangent."""
        raise NotImplementedError

    # ------------------------------------------------------------------ pieces

    @property
    def params(self) -> tuple[Name, ...]:
        return tuple(Name(p.name) for p in self.function.params)

    @property
    def found(self) -> Name:
        return self.params[0]

    @property
    def rank(self) -> int | None:
        """The rank of what was found."""
        return self.kinds[0].rank if isinstance(self.kinds[0], Array) else None

    @property
    def wrt(self) -> list[Name]:
        """The active parameters."""
        return [p for p, on in zip(self.params, self.active, strict=True) if on]

    def fresh(self, *words: str) -> list[Name]:
        return [Name(self.names.fresh(word)) for word in words]

    def bar(self, name: Name) -> Name:
        return Name(self.names.fresh(f"{name.id}_bar"))

    def dot(self, name: Name) -> Name:
        return Name(self.names.fresh(f"{name.id}_dot"))

    def assign(self, target: Expr, value: Expr) -> None:
        self.body.append(Assign(target=target, value=value))

    def made(self, suffix: str, params: Sequence[Name], value: Expr, what: str) -> Function:
        name = self.session.taken.fresh(f"{self.function.name}_{suffix}")
        words = self.function.solution.partition("_of")[0].replace("_", " ")
        doc = f"{what} of the {words} of `{self.solved.function.name}`."
        body = (*self.body, Return(value=value))
        return Function(name, name, tuple(Param(p.id) for p in params), body, doc=doc)


def row(names: Sequence[Expr]) -> Expr:
    return names[0] if len(names) == 1 else Tuple(tuple(names))
