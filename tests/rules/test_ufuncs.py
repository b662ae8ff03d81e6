"""Rules of ufunc methods, of statistics, and of what rearranges elements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adtrans.rules import rearranging, registry, statistics, ufuncs

from .checking import Case, check, check_layouts, check_single

MODULES = {m.__name__ for m in (rearranging, statistics, ufuncs)}
windows = np.lib.stride_tricks.sliding_window_view

rng = np.random.default_rng(20261124)


def x(*shape: int) -> np.ndarray[Any, Any]:
    """An array of numbers of both signs, none of them equal."""
    return rng.normal(size=shape)


def method(name: str, *args: Any, **keywords: Any) -> Case:
    """A case of `np.add.reduce` and its like."""
    ufunc, _, what = name.partition(".")
    return Case(getattr(getattr(np, ufunc), what), *args, path=f"numpy.{name}", **keywords)


REDUCTIONS = [
    case
    for name in ufuncs.REDUCED
    for case in (
        method(f"{name}.reduce", x(4)),
        method(f"{name}.reduce", x(2, 3)),
        method(f"{name}.reduce", x(2, 3), axis=1, keepdims=True),
        method(f"{name}.reduce", x(2, 3), -1),
    )
] + [
    method("add.reduce", x(2, 3), axis=(0, 1)),
    method("add.reduce", x(2, 3), axis=None),
    method("add.reduce", x(0, 3)),
    method("multiply.reduce", x(2, 3), axis=None),
    method("maximum.reduce", x(2, 3), axis=None),
]

ACCUMULATIONS = [
    case
    for name in ("add", "multiply", "maximum", "minimum")
    for case in (
        method(f"{name}.accumulate", x(5)),
        method(f"{name}.accumulate", x(3, 4)),
        method(f"{name}.accumulate", x(3, 4), axis=-1),
        method(f"{name}.accumulate", x(0, 2)),
    )
]

OUTER = [
    case
    for name in ufuncs.OUTER
    for case in (
        method(f"{name}.outer", x(3), x(2) + 4.0),
        method(f"{name}.outer", x(2, 3), x(2)),
        method(f"{name}.outer", 0.5, x(2)),
        method(f"{name}.outer", x(2), 1.5),
        method(f"{name}.outer", x(0), x(2)),
    )
]

SLICES = [
    method("add.reduceat", x(5), [0, 2, 4]),
    method("add.reduceat", x(5), [0, 3, 1]),
    method("add.reduceat", x(2, 4), np.array([0, 3]), axis=1),
]

STATISTICS = [
    Case(np.cov, x(2, 5)),
    Case(np.cov, x(5)),
    Case(np.cov, x(5), x(5)),
    Case(np.cov, x(2, 5), x(1, 5)),
    Case(np.cov, x(5, 2), rowvar=False),
    Case(np.cov, x(5, 2), x(5, 1), rowvar=False),
    Case(np.cov, x(2, 5), bias=True),
    Case(np.cov, x(2, 5), ddof=0),
    Case(np.cov, x(2, 4), fweights=np.array([1, 2, 1, 3])),
    Case(np.cov, x(2, 4), aweights=np.array([0.5, 2.0, 1.0, 0.7])),
    Case(np.cov, x(2, 4), fweights=np.array([1, 2, 1, 3]), aweights=np.array([0.5, 2.0, 1.0, 0.7])),
    Case(np.corrcoef, x(3, 5)),
    Case(np.corrcoef, x(5), x(5)),
    Case(np.corrcoef, x(5, 2), rowvar=False),
    Case(np.bincount, np.array([0, 1, 1, 3]), x(4)),
    Case(np.bincount, np.array([0, 1, 1, 3]), x(4), minlength=6),
]

REARRANGED = [
    Case(np.insert, x(4), 2, 0.5),
    Case(np.insert, x(4), [1, 3], x(2)),
    Case(np.insert, x(4), [3, 1], x(2)),
    Case(np.insert, x(4), 1, x(3)),
    Case(np.insert, x(4), [1, 2], 0.5),
    Case(np.insert, x(2, 3), 1, x(3), axis=0),
    Case(np.insert, x(2, 3), [0, 2], x(2, 2), axis=1),
    Case(np.insert, x(2, 3), [0, 2], x(2, 1), axis=1),
    Case(np.insert, x(2, 3), 4, 0.5),
    Case(np.compress, np.array([True, False, True]), x(3)),
    Case(np.compress, [True, False, True], x(2, 3), axis=1),
    Case(np.compress, [True, False], x(2, 3), -2),
    Case(np.compress, [False, True, True], x(2, 3)),
    Case(np.ndarray.compress, x(3), [True, False, True], path="numpy.ndarray.compress"),
    Case(np.resize, x(3), (2, 4)),
    Case(np.resize, x(2, 3), 4),
    Case(np.partition, x(5), 2),
    Case(np.partition, x(3, 4), 1, axis=0),
    Case(np.partition, x(3, 4), 1, axis=None),
    Case(np.diagflat, x(3)),
    Case(np.diagflat, x(2, 2), -1),
    Case(np.vander, x(3)),
    Case(np.vander, x(3), 4, increasing=True),
    Case(np.vander, x(3), N=1),
    Case(np.ediff1d, x(5)),
    Case(np.ediff1d, x(2, 3)),
    Case(np.ediff1d, x(4), to_end=[0.5, 1.5], to_begin=0.2),
    Case(np.ediff1d, x(2, 2), to_begin=[0.5]),
    *(
        Case(windows, *args, path="numpy.lib.stride_tricks.sliding_window_view", **more)
        for args, more in (
            ((x(5), 2), {}),
            ((x(3, 4), (2, 2)), {}),
            ((x(3, 4), 2), {"axis": 1}),
            ((x(2, 3, 4), (2, 2)), {"axis": (0, 2)}),
        )
    ),
    Case(np.matvec, x(2, 3), x(3)),
    Case(np.matvec, x(4, 2, 3), x(3)),
    Case(np.matvec, x(2, 3), x(4, 3)),
    Case(np.vecmat, x(2), x(2, 3)),
    Case(np.vecmat, x(4, 2), x(2, 3)),
    Case(np.vecmat, x(2), x(4, 2, 3)),
    Case(np.linalg.vector_norm, x(3)),
    Case(np.linalg.vector_norm, x(2, 3)),
    Case(np.linalg.vector_norm, x(2, 3), axis=1),
    Case(np.linalg.vector_norm, x(2, 3), axis=(0, 1), keepdims=True),
]

CASES = REDUCTIONS + ACCUMULATIONS + OUTER + SLICES + STATISTICS + REARRANGED


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_derivatives(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


def test_all_registered_rules_have_samples() -> None:
    tried = {case.path for case in CASES}
    for path, entry in registry.load_all().items():
        for rule in (entry.jvp, entry.vjp):
            if rule is not None and rule.function.__module__ in MODULES:
                assert path in tried, f"no sample for {path}"
