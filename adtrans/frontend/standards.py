"""Calls of `functools.reduce` and of `itertools` that have a function of our own (adtrans/standard.py)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import standard
from adtrans.frontend.meanings import Library, Unit
from adtrans.frontend.source import FunctionBinding

if TYPE_CHECKING:
    from adtrans.frontend.objects import Objects

KNOWN = {
    ("functools.reduce", 2): "reduce_all",
    ("functools.reduce", 3): "reduce",
    ("itertools.accumulate", 1): "accumulate",
    ("itertools.accumulate", 2): "accumulate_by",
    ("itertools.pairwise", 1): "pairwise",
    ("itertools.combinations", 2): "pairs",
    ("itertools.product", 2): "product",
    ("itertools.product", 3): "product_of_three",
    ("itertools.chain", 2): "chain",
}
"""By the number of arguments."""

LAZY = ("itertools.accumulate", "itertools.pairwise", "itertools.chain")
"""What reads its source while a loop runs over it."""

WHOLE = frozenset({"sum", "list", "tuple", "sorted", "min", "max"})


def standard_function(objects: Objects, node: cst.Call) -> tuple[Unit, bool] | None:
    """The function of ours that a call is one of, and whether its last argument is left out."""
    reference = objects.reference(node.func)
    if reference is None or not isinstance(reference.meaning, Library):
        return None
    path = reference.meaning.path
    if any(arg.star or arg.keyword is not None for arg in node.args):
        return None
    name = KNOWN.get((path, len(node.args)))
    if name is None or (path in LAZY and not objects.is_undisturbed(node)):
        return None
    short = path == "itertools.combinations"
    if short and not (isinstance(node.args[1].value, cst.Integer) and node.args[1].value.value == "2"):
        return None
    return unit_of(objects, name), short


def unit_of(objects: Objects, name: str) -> Unit:
    """A function of ours, as one of the project."""
    file = Path(standard.__file__)
    module = objects.resolver.project.load(file, "standard", file.read_text(encoding="utf-8"))
    binding = module.bindings[name]
    assert isinstance(binding, FunctionBinding)
    module.locate(name)
    return objects.resolver.unit(module, binding.node)
