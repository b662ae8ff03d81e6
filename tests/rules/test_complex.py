"""Rules at complex arguments: differences along both directions, and the transpose in the real pairing.

Of every rule that is said to be right for complex numbers (`complex_too`) the cases that there are for real
numbers are tried again with an imaginary part. And of no function at all, whether its rules are for complex
numbers or not, may the kind say that a result is real which is not.
"""

from __future__ import annotations

import builtins
import cmath
from typing import Any

import numpy as np
import pytest
from scipy import linalg

from adtrans.rules import complexes, registry

from . import samples_elementwise as samples
from . import (
    test_arrays,
    test_elementwise,
    test_fourier,
    test_helpers,
    test_reductions,
    test_scipy_linalg,
    test_signals,
    test_special,
    test_ufuncs,
)
from .checking import (
    Case,
    arg_of,
    check,
    check_kind,
    check_layouts,
    check_single,
    complexified,
    holds,
    leaves,
)
from .helpers import partial_derivatives, slope

registry.load_all()
rng = np.random.default_rng(20261125)


def z(*shape: int) -> np.ndarray:
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def works(case: Case) -> bool:
    """Whether it has complex arguments, and NumPy takes them."""
    if not any(map(np.iscomplexobj, leaves([*case.args, *case.keywords.values()]))):
        return False
    try:
        case.fn(*case.args, **case.keywords)
    except (TypeError, ValueError, NotImplementedError, np.linalg.LinAlgError):
        return False
    return True


FAMILIES = (
    *(test_arrays, test_reductions, test_ufuncs, test_helpers),
    *(test_scipy_linalg, test_signals, test_special),
)
SOURCES = [*(case for family in FAMILIES for case in family.CASES), *test_elementwise.PRODUCTS]
TURNED = [case for case in (complexified(case, rng) for case in SOURCES) if works(case)]
MIXED = [
    Case(np.add.outer, z(3), rng.normal(size=2), path="numpy.add.outer"),
    Case(np.linalg.solve, z(3, 3), rng.normal(size=3)),
    Case(np.linalg.solve, rng.normal(size=(3, 3)) + 3.0 * np.eye(3), z(3, 2)),
    Case(np.dot, rng.normal(size=(2, 3)), z(3)),
    Case(test_arrays.matmul, z(2, 3), rng.normal(size=(3, 2)), path="@"),
    Case(np.where, np.array([True, False, True]), z(3), rng.normal(size=3)),
    Case(np.vdot, rng.normal(size=3), z(3)),
    Case(np.vdot, z(3), rng.normal(size=3)),
    Case(np.convolve, z(3), rng.normal(size=4)),
    Case(np.correlate, rng.normal(size=4), z(3)),
    Case(np.kron, z(2), rng.normal(size=3)),
]
OWN = [
    Case(linalg.solve, z(3, 3), z(3), path="scipy.linalg.solve"),
    Case(linalg.solve, z(2, 3, 3), z(3, 2), path="scipy.linalg.solve"),
    Case(linalg.solve, z(3, 3), rng.normal(size=3), path="scipy.linalg.solve"),
    Case(np.absolute, z(3)),
    Case(np.absolute, z(2, 2)),
    Case(np.absolute, np.complex128(0.3 - 2.0j)),
    Case(builtins.abs, 0.3 - 2.0j),
    Case(builtins.abs, z(3)),
    Case(np.angle, z(3)),
    Case(np.var, z(5)),
    Case(np.var, z(3, 4), axis=0, ddof=1),
    Case(np.var, z(3, 4), axis=(0, 1), keepdims=True),
    Case(np.linalg.norm, z(4)),
    Case(np.linalg.norm, z(3, 4), axis=1),
    Case(np.linalg.norm, z(3, 4), "fro"),
    Case(np.linalg.vector_norm, z(3, 4), axis=1),
    Case(complex, 0.3, -1.2, path="builtins.complex"),
    Case(complex, 0.3 - 1.0j, -1.2, path="builtins.complex"),
    Case(complex, 0.3, -1.2 + 2.0j, path="builtins.complex"),
    Case(complex, 0.3, path="builtins.complex"),
    Case(lambda x, dtype: x.astype(dtype), rng.normal(size=3), complex, path="numpy.ndarray.astype"),
    Case(lambda x, dtype: x.astype(dtype), z(3), np.complex128, path="numpy.ndarray.astype"),
    Case(cmath.log, 0.3 + 1.0j, path="cmath.log"),
    Case(cmath.log, 0.3 + 1.0j, 2.0, path="cmath.log"),
    Case(cmath.log, 0.3 + 1.0j, 2.0 - 1.0j, path="cmath.log"),
    Case(cmath.phase, -0.3 + 1.0j, path="cmath.phase"),
    Case(cmath.rect, 1.3, -0.4, path="cmath.rect"),
]


PARTIAL = ("norm", "scipy.linalg.solve", "scipy.linalg.inv")
"""Norms of other orders than Euclid's, and some matrices with a structure; they say so themselves."""


def refuses(case: Case) -> bool:
    try:
        check(case)
    except NotImplementedError:
        return True
    return False


def right(case: Case) -> bool:
    entry = registry.TABLE[case.path]
    partial = any(case.path.endswith(path) for path in PARTIAL)
    return entry.complex_too and not (partial and refuses(case))


CASES = [*filter(right, TURNED), *MIXED, *OWN]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_derivatives(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("trans", [2, "C"])
def test_conjugated_systems_are_not_derived(trans: Any) -> None:
    for case in (
        Case(linalg.solve_triangular, z(3, 3), z(3), path="scipy.linalg.solve_triangular", trans=trans),
        Case(linalg.lu_solve, linalg.lu_factor(z(3, 3)), z(3), path="scipy.linalg.lu_solve", trans=2),
    ):
        with pytest.raises(NotImplementedError):
            check(case)


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c.args[0], np.ndarray)], ids=repr)
def test_layouts_and_single_precision(case: Case) -> None:
    check_layouts(case)
    check_single(case)


@pytest.mark.parametrize("case", TURNED, ids=repr)
def test_no_complex_result_is_said_to_be_real(case: Case) -> None:
    check_kind(case, case.fn(*case.args, **case.keywords))


# ------------------------------------------------------------- elementwise

POINTS = [0.4 + 0.7j, -1.3 + 0.2j, 0.8 - 1.6j, -0.6 - 0.9j, 2.4 + 0.1j]
ONE = [p for p, (_, rows) in samples.TABLE.items() if len(rows[0]) == 1 and registry.TABLE[p].complex_too]
TWO = [p for p, (_, rows) in samples.TABLE.items() if len(rows[0]) == 2 and registry.TABLE[p].complex_too]
CMATH = [f"cmath.{fn.__name__}" for fn in complexes.CMATH if fn is not cmath.log]


def check_holomorphic(path: str, fn: Any, args: list[Any]) -> None:
    """Each partial derivative, along the real and along the imaginary axis."""
    for k, partial in enumerate(partial_derivatives(path, fn(*args), args)):
        for direction in (1.0, 1j):
            turned = lambda t, k=k, direction=direction: fn(  # noqa: E731
                *(a + t * direction if j == k else a for j, a in enumerate(args))
            )
            np.testing.assert_allclose(partial * direction, slope(turned, [0.0], 0), rtol=1e-8, err_msg=path)


@pytest.mark.parametrize("path", [p for p in ONE if registry.TABLE[p].complex_vjp is None])
def test_functions_of_one_argument(path: str) -> None:
    fn, _ = samples.TABLE[path]
    for point in POINTS:
        check_holomorphic(path, fn, [point])
        check_holomorphic(path, fn, [np.complex128(point)])
    check_holomorphic(path, fn, [np.array(POINTS)])


@pytest.mark.parametrize("path", TWO)
def test_functions_of_two_arguments(path: str) -> None:
    fn, _ = samples.TABLE[path]
    for a in POINTS:
        for b in (*POINTS, 1.5, -2.0):
            check_holomorphic(path, fn, [a, b])
    check_holomorphic(path, fn, [np.array(POINTS), np.array(POINTS[::-1])])
    check_holomorphic(path, fn, [np.array(POINTS), 2.0])


@pytest.mark.parametrize("path", CMATH)
def test_cmath(path: str) -> None:
    for point in POINTS:
        check_holomorphic(path, getattr(cmath, path[6:]), [point])


@pytest.mark.parametrize("path", [*ONE, *TWO])
def test_kinds(path: str) -> None:
    rule = registry.TABLE[path].kind
    if rule is None:
        return
    fn, rows = samples.TABLE[path]
    args = [np.array(POINTS)] * len(rows[0])
    names = [name for name, _ in registry.signature(path) or ()]
    for level in ("dims", "rank", "nothing"):
        kind = rule(**{n: arg_of(a, level, True) for n, a in zip(names, args, strict=False)})
        assert holds(kind, fn(*args)), path


# ------------------------------------------------------------ completeness

ELSEWHERE = {"list.pop", "numpy.add.at", "numpy.einsum", "numpy.complex128", "numpy.complex64"}
"""Not rules but statements, contractions and casts: tests/test_complex.py has them."""


def is_complex(case: Case) -> bool:
    """Whether there are complex numbers in a case, or come out of it."""
    given = (*case.args, *case.keywords.values())
    return any(map(np.iscomplexobj, leaves([*given, case.fn(*case.args, **case.keywords)])))


def test_every_rule_that_is_said_to_be_right_is_tried() -> None:
    """With complex numbers: a case for real ones does not count."""
    tried = {case.path for case in (*CASES, *test_fourier.CASES) if is_complex(case)} | {*ONE, *TWO, *CMATH}
    for path, entry in registry.load_all().items():
        if entry.complex_too and not entry.nothing and path not in ELSEWHERE:
            assert path in tried, f"no complex sample for {path}"


def test_every_rule_of_its_own_has_samples() -> None:
    tried = {case.path for case in OWN} | {*CMATH, *TWO, "numpy.complex128", "numpy.complex64"}
    for path, entry in registry.load_all().items():
        for rule in (entry.partials, entry.jvp, entry.vjp, entry.complex_jvp, entry.complex_vjp):
            if rule is not None and rule.function.__module__ == complexes.__name__:
                assert path in tried, f"no sample for {path}"


def test_what_is_right_is_listed() -> None:
    """Ordering and NaNs left aside, all that takes complex numbers and is right: the list forgets nothing."""
    order = "max min sort partition median ptp nan_to_num builtins.m math. added"
    cases: dict[str, list[Case]] = {}
    for case in TURNED:
        if not registry.TABLE[case.path].complex_too and not any(word in case.path for word in order.split()):
            cases.setdefault(case.path, []).append(case)
    for path, own in cases.items():
        with pytest.raises((AssertionError, NotImplementedError, TypeError)):
            for case in own:
                check(case)
            pytest.fail(f"{path} would be right")
