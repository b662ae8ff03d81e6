"""Idioms that the random programs do not make: right, or refused.

Whoever finds another one that is wrong adds it to `idioms.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests import idioms
from tests.test_chains import slope

V = np.array([0.713, 0.937, 1.371])
MOVE = np.array([1.0, 0.54, -0.42])
SOURCE = Path(idioms.__file__).read_text()
FUNCTIONS = {
    name: f
    for name, f in inspect.getmembers(idioms, inspect.isfunction)
    if list(inspect.signature(f).parameters) == ["x"]
}
REFUSED = {
    "added_to_another",
    "added_to_itself",
    "another_name_in_a_block",
    "buffer",
    "copied_by_keywords",
    "elements_in_a_block",
    "elements_one_by_one",
    "into_what_a_closure_gives",
    "masked",
    "method_by_another_name",
    "new_key_by_default",
    "new_key_by_default_and_its_value",
    "new_key_by_union",
    "new_key_by_update",
    "new_key_in_an_inner_dict",
    "one_of_two_results",
    "read_as_text",
    "read_by_name",
    "repeated_in_a_tuple",
    "repeated_in_place",
    "row_from_an_iterator",
    "row_that_is_smallest",
    "rows_from_a_filter",
    "rows_of_one_dict",
    "rows_of_one_list",
    "run_as_text",
    "twice_in_a_tuple",
    "view_of_memory",
    "window_that_forgets",
}
ASKED = {
    "converted_to_what_a_name_says",
    "converted_to_what_is_no_code",
    "filled_like_a_list",
    "store_by_a_callee_that_cannot_know",
    "store_into_a_dtype_with_a_name",
    "store_into_an_array_of_a_list_that_was_of_floats",
    "store_into_copies_of_what_may_be_an_integer",
    "store_into_integers_from_a_list",
    "store_into_multiples_of_what_may_be_an_integer",
    "store_into_one_or_the_other",
    "store_into_what_is_computed",
    "summed_as_what_a_name_says",
}
CODES = {"AD105", "AD201", "AD202", "AD203", "AD301", "AD401"}
NO_SECOND = {
    "array_of_what_may_be_integers",
    "lists_added_and_returned",
    "rows_of_one_list_replaced",
    "sum_of_a_part_of_a_list",
    "sum_of_a_part_of_a_list_in_a_loop",
}
"""Their derivatives are refused as programs."""


def exact(f: Callable[[Any], Any]) -> np.ndarray:
    return slope(lambda x: float(f(x.copy())), V)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - REFUSED - ASKED))
def test_right(name: str) -> None:
    primal = FUNCTIONS[name]
    expected = exact(primal)
    f = adtrans.from_source(SOURCE, name)
    value, x_bar = adtrans.value_and_grad(f)(V)
    assert value == primal(V.copy())
    np.testing.assert_allclose(x_bar, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(adtrans.jvp(f, (V,), (MOVE,))[1], np.sum(expected * MOVE), rtol=1e-6)
    if name in NO_SECOND:
        return
    gradient = adtrans.grad(f)
    second = (gradient(V + 1e-5 * MOVE) - gradient(V - 1e-5 * MOVE)) / 2e-5
    np.testing.assert_allclose(adtrans.hvp(f, (V,), (MOVE,)), second, rtol=1e-6, atol=1e-7)
    _, back = adtrans.vjp(gradient, V)
    np.testing.assert_allclose(back(MOVE)[0], second, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - ASKED))
def test_of_any_rank(name: str, mode: Any) -> None:
    """Nothing is said of the argument: right, or refused."""
    try:
        made = pipeline.generate(parse.program(SOURCE, "idioms.py", name), pipeline.Request(mode=mode))
    except adtrans.Refused as refused:
        assert {d.code for d in refused.diagnostics} <= CODES
        return
    space: dict[str, Any] = {}
    exec(made.text, space)
    expected = exact(FUNCTIONS[name])
    if mode == "reverse":
        np.testing.assert_allclose(space[made.name](V.copy())[1], expected, rtol=1e-6, atol=1e-8)
    else:
        along = space[made.name](V.copy(), MOVE.copy())[1]
        np.testing.assert_allclose(along, np.sum(expected * MOVE), rtol=1e-6)


@pytest.mark.parametrize("name", sorted(ASKED))
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_asked(name: str, mode: Any) -> None:
    """Whether the array is one of integers is known when it runs: an error, nothing wrong."""
    made = pipeline.generate(parse.program(SOURCE, "idioms.py", name), pipeline.Request(mode=mode))
    space: dict[str, Any] = {}
    exec(made.text, space)
    with pytest.raises(TypeError, match="array of integers is rounded"):
        space[made.name](V.copy(), MOVE.copy()) if mode == "forward" else space[made.name](V.copy())
    f = adtrans.from_source(SOURCE, name)
    with pytest.raises(TypeError, match="array of integers is rounded"):
        adtrans.grad(f)(V)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    with pytest.raises(adtrans.Refused) as refused:
        adtrans.grad(adtrans.from_source(SOURCE, name))(V)
    assert {d.code for d in refused.value.diagnostics} <= CODES
