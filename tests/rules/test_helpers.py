"""Rules of our own helpers, which an emitted module carries along and which are differentiated again."""

from __future__ import annotations

import numpy as np
import pytest

from adtrans import support
from adtrans.rules import helpers, registry

from .checking import Case, check, check_layouts

rng = np.random.default_rng(20261125)


def x(*shape: int) -> np.ndarray:
    return rng.normal(size=shape)


CASES = [
    Case(support.part_for, x(2, 3) + 1j * x(2, 3), x(2, 3)),
    Case(support.part_for, x(3) + 1j * x(3), x(3) + 1j * x(3)),
    Case(support.part_for, x(3), x(3)),
    Case(support.unbroadcast, x(3), x(3)),
    Case(support.unbroadcast, x(2, 3), x(3)),
    Case(support.unbroadcast, x(2, 3), x(2, 1)),
    Case(support.unbroadcast, x(4, 2, 3), x(2, 1)),
    Case(support.unbroadcast, x(2, 3), np.float64(0.5)),
    Case(support.unbroadcast, x(0, 3), x(3)),
    Case(support.unreduce, np.float64(0.5), x(2, 3)),
    Case(support.unreduce, x(3), x(2, 3), axis=0),
    Case(support.unreduce, x(2, 1), x(2, 3), axis=1, keepdims=True),
    Case(support.unreduce, x(3), x(2, 3, 4), axis=(0, 2)),
    Case(support.unreduce, x(0), x(3, 0), axis=0),
    Case(support.unreduce, np.float64(0.5), np.float64(1.5)),
    Case(support.copied, x(3)),
    Case(support.copied, np.float64(0.5)),
    Case(support.copied, [0.5, x(2)]),
    Case(support.snapshot, x(3)),
    Case(support.snapshot, np.float64(0.5)),
    Case(support.added, x(3), x(3)),
    Case(support.added, np.float64(0.5), np.float64(1.5)),
    Case(support.added, [0.5, x(2)], [1.5, x(2)]),
    Case(support.copied_result, np.array([0.3, -1.1])),
    Case(support.copied_result, [0.5, np.array([0.7, 0.2])]),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_derivatives(case: Case) -> None:
    check(case)
    check_layouts(case)


def test_all_registered_rules_have_samples() -> None:
    tried = {case.path for case in CASES}
    for path, entry in registry.load_all().items():
        for rule in (entry.jvp, entry.vjp):
            if rule is not None and rule.function.__module__ == helpers.__name__:
                assert path in tried, f"no sample for {path}"
