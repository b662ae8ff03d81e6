"""A program in single precision: the same text for arrays of float32, judged by its double in float64."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from typing import Any

import numpy as np

from tests.programs.differences import Primal, Reference, Unstable, Vector, pack, reference
from tests.programs.generator import Case

EPS = float(np.finfo(np.float32).eps)
MAKERS = ("zeros", "ones", "empty", "full", "eye", "linspace", "array")
ROUNDINGS = 64
"""So many roundings, each of the size of one in the inputs, are allowed to add up."""
STEPS = (3e-4, 2e-5)
"""Where the double is smooth only closer to the point than this, a rounding may lead to another branch."""


def single(case: Case) -> Case:
    """The program with arguments of float32; most arrays that it makes are float32 as well."""
    tree = ast.parse(case.source)
    _Typed(random.Random(case.seed)).visit(tree)
    args = tuple(a.astype(np.float32) if is_double(a) else a for a in case.args)
    return replace(case, source=ast.unparse(ast.fix_missing_locations(tree)) + "\n", args=args)


def is_double(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64


def is_single(source: str, args: tuple[Any, ...]) -> bool:
    """Whether a program computes in single precision: a number counts for nothing beside its arrays."""
    kinds = {a.dtype for a in args if isinstance(a, np.ndarray) and a.dtype.kind == "f"}
    return np.dtype(np.float32) in kinds or (not kinds and ".float32" in source)


class _Typed(ast.NodeTransformer):
    """`np.zeros(n)` becomes `np.zeros(n, dtype=np.float32)` more often than not."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=ast.Name(id="np" | "numpy" as module), attr=fn) if fn in MAKERS:
                if self.rng.random() < 0.8 and not (fn == "array" and integers(node)):
                    node.keywords.append(ast.keyword("dtype", float32(module)))
            case ast.Attribute(attr="astype") if ast.unparse(node.args[0]) == "float":
                node.args[0] = float32("np") if self.rng.random() < 0.5 else node.args[0]
        return node


def integers(node: ast.Call) -> bool:
    """Whether an array is made of indices or of truth values."""
    leaves = [n for n in ast.walk(node.args[0]) if isinstance(n, (ast.Constant, ast.Name, ast.Call))]
    return all(isinstance(n, ast.Constant) and isinstance(n.value, int) for n in leaves)


def float32(module: str) -> ast.expr:
    return ast.Attribute(ast.Name(module, ast.Load()), "float32", ast.Load())


def double(source: str, args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The same program at the same point in double precision."""
    wide = tuple(
        a.astype(np.float64) if isinstance(a, np.ndarray) and a.dtype == np.float32 else a for a in args
    )
    return source.replace(".float32", ".float64"), wide


def single_reference(primal: Primal, wide: Primal) -> Reference:
    """The Jacobian of the double, and how far roundings may take a derivative away from it.

    A rounding is worth what a change of the inputs in their last place does to the derivative, and
    the last place of the largest numbers there are: entries of the Jacobian, results, inputs.
    """
    value = primal.at(primal.point)
    truth = reference(wide, STEPS)
    shift = np.zeros_like(truth.jacobian)
    rng = np.random.default_rng(11)
    for _ in range(2):
        moved = Primal(wide.function, wide.args)
        moved.point = wide.point * (1.0 + 1000 * EPS * rng.choice([-1.0, 1.0], wide.point.shape))
        shift = np.maximum(shift, np.abs(reference(moved, STEPS).jacobian - truth.jacobian) / 1000)
    largest = 1.0 + sum(biggest(v) for v in (truth.jacobian, pack(truth.value), wide.point))
    rounding = ROUNDINGS * (biggest(shift) + EPS * largest)
    if not np.all(np.abs(pack(value) - pack(truth.value)) <= rounding):
        raise Unstable("the value itself is lost to roundings")
    return Reference(value, truth.jacobian, truth.error, rounding)


def biggest(values: Vector) -> float:
    return float(np.max(np.abs(values), initial=0.0))
