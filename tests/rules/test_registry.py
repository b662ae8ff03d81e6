"""The whole table: nothing in it goes untested, and how much it holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from adtrans.commands import rules
from adtrans.rules import registry

from . import (
    samples_elementwise,
    samples_special,
    samples_stats,
    test_arrays,
    test_complex,
    test_elementwise,
    test_fourier,
    test_helpers,
    test_images,
    test_interpolate,
    test_reductions,
    test_scipy_linalg,
    test_signals,
    test_special,
    test_stats_vectors,
    test_ufuncs,
)

MODULES = (
    *(test_arrays, test_complex, test_elementwise, test_fourier, test_helpers, test_images, test_interpolate),
    test_reductions,
    *(test_scipy_linalg, test_signals, test_special, test_stats_vectors, test_ufuncs),
)

ELSEWHERE = {
    "adtrans.stop_gradient": "tests/test_api.py: zero by decree",
    **dict.fromkeys(("numpy.complex128", "numpy.complex64"), "tests/test_complex.py: casts"),
}


def tried() -> set[str]:
    """The callables that some test has cases for."""
    found = {
        *test_complex.CMATH,
        *samples_elementwise.TABLE,
        *samples_elementwise.NO_EFFECT,
        *samples_special.TABLE,
        *samples_stats.TABLE,
        *ELSEWHERE,
    }
    for module in MODULES:
        for name in ("CASES", "CONSTANTS", "PRODUCTS"):
            found |= {case.path for case in getattr(module, name, ())}
    return found


def test_every_derivative_has_cases() -> None:
    """A callable with a derivative, and no generated cases, fails the suite."""
    table, known = registry.load_all(), tried()
    derived = {path for path, e in table.items() if e.partials or e.jvp or e.vjp or e.nothing == "no_effect"}
    assert not sorted(derived - known)


def test_every_derivative_has_both_modes() -> None:
    for path, e in registry.load_all().items():
        assert (e.jvp is None) == (e.vjp is None) or e.partials, f"{path} has one mode only"


def test_count() -> None:
    """Callables differentiable in both modes."""
    derived = [p for p, e in registry.load_all().items() if "." in p and (e.partials or (e.jvp and e.vjp))]
    assert len(derived) >= 585


def test_every_path_is_found_in_its_library() -> None:
    """A rule for a misspelled name would never be used."""
    for path in registry.load_all():
        if path.startswith("numpy."):
            value = np
            for name in path.split(".")[1:]:
                assert hasattr(value, name), path
                value = getattr(value, name)


def test_page_is_up_to_date() -> None:
    """`python -m adtrans rules --format md > docs/rules.md`"""
    page = Path(__file__).parents[2] / "docs" / "rules.md"
    assert page.read_text() == rules.table("md")


def test_text_of_a_rule() -> None:
    for name in ("np.tanh", "numpy.tanh"):
        assert "return 1.0 - y * y" in (rules.shown(name, "text") or "")
    assert "arccos" in (rules.shown("np.acos", "md") or "")
    assert json.loads(rules.shown("np.sum", "json") or "")["rules"].keys() == {"jvp", "vjp"}
    assert rules.shown("np.floor", "text") == "np.floor: derivative 0"
    assert rules.shown("np.nonsense", "text") is None
