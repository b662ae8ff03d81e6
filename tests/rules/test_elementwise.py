"""Elementwise functions and operators: NumPy's, those of `math`, and Python's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adtrans import support
from adtrans.rules import elementwise, mathematics, operators, python, registry

from . import samples_elementwise as samples
from .checking import Case, check, check_layouts, check_single
from .helpers import (
    check_elementwise_kind,
    check_partials,
    check_single_precision,
    partial_derivatives,
    rows,
    slope,
    variants,
)

registry.load_all()
MODULES = {m.__name__ for m in (operators, elementwise, mathematics, python)}
ON_NUMBERS = {registry.canonical(fn) for fn in samples.ON_NUMBERS}
WIDE = {"numpy.float64", "numpy.i0", "numpy.fmax", "numpy.fmin", "numpy.ldexp"}
"""Functions whose results or derivatives are float64 whatever they are given."""
KINDS_OF_THE_ENGINE = {"+", "-", "*", "/", "%", "**", "neg", "pos", "//"}
"""Of operators the analysis of kinds knows by itself."""


def arguments(path: str, values: samples.Points) -> list[list[Any]]:
    """The points themselves, and for functions of arrays all the shapes that can be made of them."""
    return [list(row) for row in values] + ([] if path in ON_NUMBERS else list(variants(rows(values))))


@pytest.mark.parametrize("path", samples.TABLE)
def test_partials(path: str) -> None:
    fn, values = samples.TABLE[path]
    for args in arguments(path, values):
        if path == "numpy.float32":  # Differences in single precision say nothing.
            assert partial_derivatives(path, fn(*args), args) == [1.0]
        else:
            check_partials(path, fn, args)


@pytest.mark.parametrize("path", sorted(samples.TABLE.keys() - ON_NUMBERS - WIDE))
def test_single_precision(path: str) -> None:
    fn, values = samples.TABLE[path]
    check_single_precision(path, fn, rows(values))


@pytest.mark.parametrize("path", sorted((samples.TABLE | samples.NO_EFFECT).keys() - KINDS_OF_THE_ENGINE))
def test_kinds(path: str) -> None:
    fn, values = (samples.TABLE | samples.NO_EFFECT)[path]
    scalars_only = path in ON_NUMBERS or path in ("builtins.round", "math.ulp")
    for args in map(list, values) if scalars_only else arguments(path, values):
        check_elementwise_kind(path, fn(*args), args)
        if path in ON_NUMBERS or path in ("numpy.float32", "numpy.float64"):
            continue
        single = [np.float32(a) if isinstance(a, float) else a for a in args]
        check_elementwise_kind(path, fn(*single), single)


INTEGERS = [
    np.add,
    np.multiply,
    np.negative,
    np.square,
    np.remainder,
    np.maximum,
    np.absolute,
    np.sign,
    np.floor,
]


@pytest.mark.parametrize("fn", [*INTEGERS, np.sin, np.sqrt, np.divide, np.hypot, np.rint, np.power, np.clip])
@pytest.mark.parametrize("make", [lambda k: k, lambda k: np.array([k, k + 1]), lambda k: np.array([[k > 1]])])
def test_kinds_of_integers(fn: Any, make: Any) -> None:
    path = registry.canonical(fn)
    n = 3 if fn is np.clip else fn.nin
    args = [make(k + 2) for k in range(n)]
    if fn in (np.negative, np.sign) and np.asarray(args[0]).dtype == bool:
        return
    check_elementwise_kind(path, fn(*args), args)


@pytest.mark.parametrize("path", samples.NO_EFFECT)
def test_no_effect(path: str) -> None:
    fn, values = samples.NO_EFFECT[path]
    for args in map(list, values):
        if path != "math.ulp":
            assert slope(fn, args, 0) == 0.0
    assert registry.TABLE[path].nothing == "no_effect"


def test_every_rule_has_samples() -> None:
    for path, entry in registry.TABLE.items():
        rule = entry.partials
        if rule is not None and rule.function.__module__ in MODULES:
            assert path in samples.TABLE, f"no sample for {path}"
        if entry.nothing == "no_effect" and path in samples.NO_EFFECT:
            continue
        if path == "adtrans.stop_gradient":
            continue  # Zero by decree, not by mathematics: tests/test_api.py has it.
        assert entry.nothing != "no_effect" or path.partition(".")[0] == "scipy", f"no sample for {path}"


# ---------------------------------------------------- rules that are products

rng = np.random.default_rng(3)
z = rng.normal(size=3) + 1j * rng.normal(size=3)

PRODUCTS = [
    Case(np.conjugate, z),
    Case(np.conjugate, z.real),
    Case(np.real, z),
    Case(np.real, z.real),
    Case(np.imag, z),
    Case(np.imag, z.real),
    Case(np.angle, z),
    Case(np.angle, z, deg=True),
    Case(np.angle, np.abs(z) + 0.1),
    Case(np.nan_to_num, z.real),
    Case(np.nan_to_num, rng.normal(size=(2, 3)), nan=1.0),
    Case(np.nan_to_num, np.float64(0.5), posinf=3.0),
    Case(np.unwrap, 4.0 * rng.normal(size=6)),
    Case(np.unwrap, 4.0 * rng.normal(size=(3, 4)), axis=0, period=1.0),
    Case(np.unwrap, 4.0 * rng.normal(size=6), discont=4.0),
    Case(np.nan_to_num, rng.normal(size=3), neginf=-2.0),
]


@pytest.mark.parametrize("case", PRODUCTS, ids=repr)
def test_products(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


def test_every_product_has_samples() -> None:
    tried = {case.path for case in PRODUCTS}
    for path, entry in registry.TABLE.items():
        for rule in (entry.jvp, entry.vjp):
            if rule is not None and rule.function.__module__ == elementwise.__name__:
                assert path in tried, f"no sample for {path}"


# --------------------------------------------------------------------- kinks


def partials_at(fn: Any, *args: Any) -> list[Any]:
    with np.errstate(all="ignore"):
        return partial_derivatives(registry.canonical(fn), fn(*args), args)


def test_ties_share() -> None:
    for fn in (np.maximum, np.minimum, np.fmax, np.fmin):
        assert partials_at(fn, 2.0, 2.0) == [0.5, 0.5]


def test_nan_loses_in_fmax() -> None:
    for fn in (np.fmax, np.fmin):
        assert partials_at(fn, 2.0, np.nan) == [1, 0]
        assert partials_at(fn, np.nan, 2.0) == [0, 1]


def test_clip_at_and_beyond_the_bounds() -> None:
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    inside, low, high = partials_at(np.clip, x, 0.0, 1.0)
    assert inside.tolist() == [False, False, True, False, False]
    assert low.tolist() == [True, True, False, False, False]
    assert high.tolist() == [False, False, False, True, True]
    assert [sum(p) for p in zip(*partials_at(np.clip, x, 0.5, 0.5), strict=True)] == [1, 1, 1, 1, 1]
    assert partials_at(np.clip, x, None, 1.0)[0].tolist() == [True, True, True, False, False]
    assert partials_at(np.clip, x, 0.0, None)[0].tolist() == [False, False, True, True, True]


def test_zero() -> None:
    assert partials_at(np.absolute, 0.0) == [0.0]
    assert partials_at(abs, 0.0) == [0.0]
    assert partials_at(math.fabs, 0.0) == [0.0]
    assert partials_at(np.sqrt, 0.0) == [np.inf]
    assert partials_at(np.cbrt, 0.0) == [np.inf]
    assert partials_at(np.hypot, 0.0, 0.0) == [0.0, 0.0]
    assert partials_at(np.sinc, 0.0) == [0.0]


@pytest.mark.filterwarnings("ignore:invalid value")
def test_powers_where_they_are_delicate() -> None:
    rule = operators.power
    zero, x = np.zeros(2), np.array([-1.5, 0.0, 2.0])
    assert rule(1.0, zero, 0)[0] == 0.0
    assert rule(zero, zero, 1)[0].tolist() == [1.0, 1.0]
    assert rule(zero, zero, 2)[0].tolist() == [0.0, 0.0]
    np.testing.assert_array_equal(rule(x**3, x, 3)[0], 3 * x**2)
    np.testing.assert_array_equal(rule(x**2.0, x, 2.0)[0], 2.0 * x)
    exponents = np.array([0.0, 0.0, 1.0, 2.0])
    bases = np.array([0.0, -3.0, 0.0, -3.0])
    assert rule(bases**exponents, bases, exponents)[0].tolist() == [0.0, 0.0, 1.0, -6.0]
    assert rule(0.0, 0.0, 2.0) == (0.0, 0.0)
    assert rule(zero, zero, 2.0)[1].tolist() == [0.0, 0.0]


def test_logaddexp_far_out() -> None:
    assert partials_at(np.logaddexp, 1e4, -1e4) == [1.0, 0.0]
    assert partials_at(np.logaddexp, 0.0, -np.inf) == [1.0, 0.0]


def test_digamma_against_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    for x in np.concatenate([np.linspace(0.01, 30.0, 301), np.linspace(-5.45, -0.05, 55) + 1e-3, [1e3, 1e9]]):
        np.testing.assert_allclose(support.digamma(float(x)), special.digamma(x), rtol=2e-13, atol=2e-13)


def test_bessel_and_sinc_against_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    x = np.array([-700.0, -3.0, -1e-8, 0.0, 1e-3, 0.5, 10.0, 100.0, 400.0])
    np.testing.assert_allclose(support.i0_slope(x), special.i1(x), rtol=1e-13)
    t = np.array([1e-9, 1e-4, 0.0299, 0.0301, 0.5, 1.0, 7.3])
    exact = -math.pi * special.spherical_jn(1, math.pi * t)
    np.testing.assert_allclose(support.sinc_slope(t), exact, rtol=1e-12, atol=1e-14)
