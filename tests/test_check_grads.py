"""check_grads finds what is wrong, and says nothing against what is right."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import ArgumentError, GradientCheckError
from adtrans.callables import target_of
from adtrans.compiled import Wanted
from adtrans.differences import difference
from adtrans.leaves import flat, unflat

X = np.array([[0.3, -1.2], [2.0, 0.7]])


def wave(x, w, n=2):
    return np.sum(np.sin(x) * w**n)


def rows(x, y):
    return x * y, np.sum(x)


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
def test_right_derivatives(modes):
    report = adtrans.check_grads(wave, (X, 1.5), modes=modes)
    assert report.arguments == ("x", "w") and report.entries == 5
    assert report.worst <= 1.0 and "differences" in str(report)


def test_several_results_and_single_precision():
    adtrans.check_grads(rows, (X, 2.0))
    adtrans.check_grads(rows, (X.astype(np.float32), np.float32(2.0)))


def test_integers_are_left_alone():
    assert adtrans.check_grads(wave, (X, 1.5, 3)).arguments == ("x", "w")
    assert adtrans.check_grads(wave, (X, 1.5, 3), argnums="w").arguments == ("w",)
    with pytest.raises(ArgumentError, match="none"):
        adtrans.check_grads(wave, (1, 2))


def cube(x):
    return np.sum(x * x * x)


def test_second_order():
    adtrans.check_grads(cube, (X,), order=2)


def in_place(x):
    x[0] = x[0] * 2.0
    return np.sum(x * x)


def test_a_function_that_writes_to_its_arguments():
    x = np.array([1.0, 2.0])
    adtrans.check_grads(in_place, (x,))
    np.testing.assert_array_equal(x, [1.0, 2.0])


def tampered(f, spoil, mode, args, wrt=("x",)):
    """Put a mistake into the derivative of a function, for these arguments."""
    sweep = target_of(f).function.sweep(Wanted(mode, wrt))
    ready = sweep.ready(args)
    call = ready.call

    def wrong(*values):
        value, found = call(*values)
        return value, spoil(found)

    ready.call = wrong


def test_a_wrong_entry_is_named():
    def f(x):
        return np.sum(x * x)

    def spoil(bar):
        bar = bar.copy()
        bar[1, 0] *= 1.001
        return bar

    tampered(f, spoil, "reverse", (X,))
    with pytest.raises(
        GradientCheckError, match=r"reverse mode is wrong with respect to `x\[1, 0\]`"
    ) as caught:
        adtrans.check_grads(f, (X,))
    assert isinstance(caught.value, AssertionError) and isinstance(caught.value, adtrans.AdtransError)
    assert caught.value.argument == "x" and caught.value.index == (1, 0)
    assert caught.value.got == pytest.approx(4.004) and caught.value.expected == pytest.approx(4.0)


def test_a_wrong_tangent_is_found():
    def f(x):
        return x * x

    tampered(f, lambda dot: dot + 1e-3, "forward", (X,))
    with pytest.raises(GradientCheckError, match="forward mode is wrong"):
        adtrans.check_grads(f, (X,), modes=("fwd",))


def test_modified_arguments_shape_and_dtype_are_found():
    for spoil, words in (
        (lambda bar: bar[0], "shape"),
        (lambda bar: bar.astype(np.float32), "dtype"),
    ):

        def f(x):
            return np.sum(x * x)

        tampered(f, spoil, "reverse", (X,))
        with pytest.raises(GradientCheckError, match=words):
            adtrans.check_grads(f, (X,), modes=("rev",))


def test_bad_arguments():
    for options in ({"modes": ("sideways",)}, {"modes": ()}, {"order": 0}):
        with pytest.raises(ArgumentError):
            adtrans.check_grads(cube, (X,), **options)


# --------------------------------------------------------------------------------- pieces


@pytest.mark.parametrize("x", [0.0, 1e-4, 1.0, -250.0])
def test_differences(x):
    found = difference(lambda t: np.array([t**3, np.sin(t), 2.0]), x)
    expected = np.array([3 * x * x, np.cos(x), 0.0])
    np.testing.assert_allclose(found.value, expected, rtol=1e-7, atol=1e-8)


def test_differences_near_the_edge_of_a_domain():
    assert difference(lambda t: np.array([np.log(t)]), 1e-3).value[0] == pytest.approx(1e3, rel=1e-6)


def test_a_kink_is_uncertain():
    assert difference(lambda t: np.array([abs(t) ** 0.5]), 0.0).value[0] == 0.0
    assert difference(lambda t: np.array([float(t > 0)]), 0.0).error[0] > 1.0


def test_flat_and_back():
    value = [np.float32(1.0), [2.0, 3], np.array([[4.0, 5.0]]), "text", None]
    vector = flat(value)
    np.testing.assert_array_equal(vector, [1, 2, 4, 5])
    again = unflat(vector * 2, value)
    assert again[1] == [4.0, 3] and again[3:] == ["text", None] and again[0].dtype == np.float32
    np.testing.assert_array_equal(again[2], [[8.0, 10.0]])


def test_a_function_whose_terms_cancel() -> None:
    """Rounding is all that is left of both modes: it was taken for a disagreement."""
    for size in range(3, 8):
        x = np.random.default_rng(size).normal(size=size)
        assert adtrans.check_grads(lambda x: np.sum(x - np.mean(x)), (x,), order=2).order == 2


@pytest.mark.parametrize("x", [0.1, 0.01, 0.001, 0.3])
def test_steps_are_apart(x: float) -> None:
    """At 0.1 a hundredth and a tenth of x were one step, which agreed with itself: a false alarm."""
    found = difference(lambda x: np.array([np.exp(40.0 * x)]), x)
    assert abs(found.value[0] / (40.0 * np.exp(40.0 * x)) - 1.0) < 1e-7


def test_a_small_entry_beside_large_ones() -> None:
    """The value is 65536: of the slope at 0.5 differences see few digits, and must say so."""

    adtrans.check_grads(lambda y: np.sum(y**16), (np.array([0.5, -1.2, 2.0]),), order=1)
