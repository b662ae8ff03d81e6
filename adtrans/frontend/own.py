"""The variables of a function that hold what nobody else has: to write into them changes nothing outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import libcst as cst

from adtrans.frontend.methods import METHODS_THAT_CHANGE, words
from adtrans.frontend.scopes import assignments, nodes, roots_of, scan

NEW = frozenset(("dict", "float", "int", "len", "list", "range", "set", "sorted", "str", "sum"))
"""Built-ins that give what has no other name."""

ARRAYS = frozenset(
    f"numpy.{name}"
    for name in words(
        "zeros ones empty full zeros_like ones_like empty_like full_like array arange linspace eye"
    )
)
"""Functions that give arrays of which the same is true."""

CONTAINERS = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)


def surely_new(value: cst.BaseExpression) -> bool:
    """Whether a value has no other name: a display, arithmetic, a number."""
    plain = (cst.BaseNumber, cst.BaseString, cst.Comparison, cst.UnaryOperation, cst.BinaryOperation)
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        return value.func.value in NEW
    return isinstance(value, (*CONTAINERS, *plain))


class Own:
    """Those of one function; `path` tells what a call calls."""

    def __init__(self, body: cst.BaseSuite, path: Callable[[cst.Call], str | None]) -> None:
        self.path = path
        stores = Counter(name.value for name in scan(body).stores)
        again = (n.target for n in nodes(body) if isinstance(n, cst.AugAssign))
        made = Counter(target.value for target in again if isinstance(target, cst.Name))
        sort: dict[str, bool] = {}
        for name, value in (pair for assignment in assignments(body) for pair in bound(assignment)):
            if surely_new(value) or self.is_array(value):
                made[name] += 1
                sort[name] = sort.get(name, False) or holds_others(value)
        self.names = frozenset(name for name in sort if made[name] == stores[name]) - deep(body, sort)
        """Arrays and numbers, and lists and dicts into whose elements nothing is written."""
        self.arrays = frozenset(name for name in self.names if not sort[name])

    def is_array(self, value: cst.BaseExpression) -> bool:
        return isinstance(value, cst.Call) and self.path(value) in ARRAYS

    def grows(self, call: cst.Call) -> bool:
        """Whether a call only changes one of them: `rows.append(row)`."""
        match call.func:
            case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method)):
                return name in self.names and method in METHODS_THAT_CHANGE
        return False


def bound(assignment: cst.Assign | cst.AnnAssign) -> Iterator[tuple[str, cst.BaseExpression]]:
    """The names that an assignment binds, each to a value of its own."""
    targets = [assignment.target] if isinstance(assignment, cst.AnnAssign) else assignment.targets
    place = targets[0].target if isinstance(targets[0], cst.AssignTarget) else targets[0]
    match place, assignment.value:
        case _ if len(targets) > 1:
            return
        case cst.Name(value=name), cst.BaseExpression() as value:
            yield name, value
        case cst.Tuple(elements=names), cst.Tuple(elements=values) if len(names) == len(values):
            for name_, value_ in zip(names, values, strict=True):
                if isinstance(name_.value, cst.Name) and isinstance(value_, cst.Element):
                    yield name_.value.value, value_.value


def holds_others(value: cst.BaseExpression) -> bool:
    """Whether what is made may hold what others have."""
    made = isinstance(value, cst.Call) and isinstance(value.func, cst.Name)
    return made or isinstance(value, (*CONTAINERS, cst.BinaryOperation))


def deep(body: cst.BaseSuite, containers: dict[str, bool]) -> set[str]:
    """The containers of which an element is looked into: `rows[0][1]`, `rows.pop().fill(x)`."""
    inside = cst.Subscript | cst.Call
    found: list[cst.BaseExpression] = []
    for node in nodes(body):
        match node:
            case cst.Subscript(value=inner) | cst.Attribute(value=inner) if isinstance(inner, inside):
                found += roots_of(inner)
            case cst.AugAssign(target=cst.Subscript(value=inner)):
                found += roots_of(inner)
    return {root.value for root in found if isinstance(root, cst.Name) and containers.get(root.value)}
