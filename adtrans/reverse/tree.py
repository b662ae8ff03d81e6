"""The tree that mirrors a program: every statement beside its adjoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from adtrans.ir import (
    Block,
    Call,
    For,
    If,
    Stmt,
    While,
)
from adtrans.kinds import (
    Kind,
)


@dataclass(slots=True)
class Leaf:
    """A simple statement and its adjoint."""

    stmt: Stmt
    back: Block = ()


@dataclass(slots=True)
class Branch:
    """An If; the zeros end the backward pass through each of its blocks."""

    stmt: If
    body: list[Node]
    orelse: list[Node]
    body_zeros: Block = ()
    orelse_zeros: Block = ()


@dataclass(slots=True)
class Loop:
    """A loop; `before` starts adjoints ahead of its backward pass, `end` closes each round of it."""

    stmt: For | While
    body: list[Node]
    before: Block = ()
    end: Block = ()


Node = Leaf | Branch | Loop


def has_back(node: Node) -> bool:
    """Whether a node has a backward sweep."""
    match node:
        case Leaf(back=back):
            return bool(back)
        case Branch():
            return bool(node.body_zeros or node.orelse_zeros) or any(
                map(has_back, (*node.body, *node.orelse))
            )
        case Loop():
            return bool(node.before or node.end) or any(map(has_back, node.body))


@dataclass(frozen=True, slots=True)
class ByRule:
    """A rule of the user's, called as JAX calls it: the adjoints of results, tangents and their adjoints in
    tuples of `differentiable` arguments.

    `lent` are the adjoints, by their place in the tuple, that may share memory with something else. For a
    rule in forward mode, `inner` are the arguments of `f_jvp(*nondiff, primals, tangents)` that its backward
    sweep needs.
    """

    form: Literal["vjp", "jvp"]
    differentiable: tuple[int, ...]
    lent: frozenset[int] = frozenset()
    nondiff: tuple[int, ...] = ()
    inner: tuple[int, ...] = ()


@dataclass(slots=True)
class Callee:
    """How the derivative of a user function is called, for one signature and one set of active arguments.

    `forward` is called in the forward sweep (the function itself where `keeps` is False);
    `backward` takes the arguments `needs` (positions), what was kept, the adjoints of the results,
    and updates in place the adjoints of the arguments `shared`; it returns those of `returned`.
    """

    forward: str
    backward: str
    keeps: bool
    needs: tuple[int, ...]
    results: tuple[int, ...]
    shared: tuple[int, ...]
    returned: tuple[int, ...]
    params: tuple[str, ...]
    writes: tuple[int, ...]
    """The arguments of `backward`, by position, that it brings back to what they were before the call."""
    reads: tuple[int, ...] = ()
    """The results, by position, that `backward` takes before all else."""
    rule: ByRule | None = None


CalleeFor = Callable[[Call, tuple[Kind, ...], tuple[bool, ...], tuple[bool, ...]], Callee]
