"""From argument values to keys and kinds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans.errors import AdtransError, NonDifferentiableArgumentError
from adtrans.kinds import ANY, BOOL, FLOAT, INT, NONE, STR, Array, ListOf, Mapped, Plain, RecordOf, TupleOf
from adtrans.signature import admit, call_key, conversion, kind_of


@dataclass
class Thing:
    x: float = 0.0


VALUES = [
    (1.0, FLOAT),
    (1, INT),
    (True, BOOL),
    (None, NONE),
    ("a", STR),
    (1j, Array("c16", (), python=True)),
    (np.float64(1), Array("f8", ())),
    (np.float32(1), Array("f4", ())),
    (np.int64(1), Array("i", ())),
    (np.bool_(True), Array("b", ())),
    (np.complex64(1), Array("c8", ())),
    (np.array(1.0), Array("f8", (), cell=True)),
    (np.ones(3), Array("f8", ("x.0",))),
    (np.ones(0), Array("f8", ("x.0",))),
    (np.ones((3, 1), np.float32), Array("f4", ("x.0", 1))),
    (np.ones((1, 2), int), Array("i", (1, "x.1"))),
    (np.ones(2, np.uint8), Array("i", ("x.0",))),
    (np.ones(2, bool), Array("b", ("x.0",))),
    (np.ones(2, complex), Array("c16", ("x.0",))),
    (np.ones(2, np.float16), Array("?", ("x.0",))),
    (np.ones(2, ">f8"), Array("f8", ("x.0",))),
    (np.array(["a"]), Plain("ndarray")),
    (np.array([None]), ANY),
    ([], ListOf(None)),
    ([1.0, 2.0], ListOf(FLOAT)),
    ([1, 2.0], ListOf(replace(FLOAT, whole=True))),
    ([1, 2], ListOf(INT)),
    ([np.ones(2), np.ones(2)], ListOf(Array("f8", ("x.*.0",)))),
    ([np.ones(2), np.ones(3)], ListOf(Array("f8", (None,)))),
    ([np.ones(1), np.ones(3)], ListOf(Array("f8", (None,)))),
    ([[1.0], [2.0]], ListOf(ListOf(FLOAT))),
    ((1.0, np.ones(2)), TupleOf((FLOAT, Array("f8", ("x.1.0",))))),
    ({"a": 1, "b": (2.0,)}, RecordOf(("a", "b"), (INT, TupleOf((FLOAT,))))),
    ({(1, 2): 1}, Mapped()),
    (range(3), Plain("range")),
    (Thing(), RecordOf(("x",), (FLOAT,), "dataclass", "tests.Thing")),
    (slice(1), Plain("slice")),
]


@pytest.mark.parametrize(("value", "kind"), VALUES, ids=lambda v: repr(v)[:30])
def test_kinds(value, kind):
    assert kind_of(value, "x") == kind


def test_equal_keys_have_equal_kinds():
    for value, kind in VALUES:
        for other, other_kind in VALUES:
            if call_key((value,)) == call_key((other,)):
                assert kind == other_kind, (value, other)


def test_lengths_do_not_matter_but_ones_do():
    assert call_key((np.ones(3),)) == call_key((np.ones(4),)) != call_key((np.ones(1),))
    assert call_key((np.ones((1, 3)),)) != call_key((np.ones((3, 1)),))
    assert call_key((np.ones(3), 1)) != call_key((np.ones(3), 1.0))
    assert call_key((np.array(1.0),)) != call_key((np.float64(1.0),))


@pytest.mark.parametrize("value", [np.matrix([[1.0]]), [np.ma.masked_array([1.0])]])
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_other_arrays_are_refused(value):
    with pytest.raises(AdtransError):
        kind_of(value, "x")


@pytest.mark.parametrize("value", [1.0, np.ones(2), 2, [1, 2], (1, 2.0), [], np.complex128(1)])
def test_admitted(value):
    before = kind_of(value, "x")
    inside = admit(before, "x")
    convert = conversion(before, inside)
    after = value if convert is None else convert(value)
    assert kind_of(after, "x") == inside
    np.testing.assert_array_equal(after, value)


@pytest.mark.parametrize(
    "value", [np.ones(2, int), np.int32(1), True, [True], (1.0, np.ones(1, int)), None, {"a": "b"}]
)
def test_not_admitted(value):
    with pytest.raises(NonDifferentiableArgumentError, match="`x"):
        admit(kind_of(value, "x"), "x")


def test_another_setting_is_another_derivative() -> None:
    """What was compiled for one flag or string was used for every other: the kinds of these are equal."""

    def chosen(x: float, how: Any) -> float:
        return x * x if how == "square" or how is True else 3.0 * x

    def looked_up(x: float, options: Any) -> float:
        return x * x if options[0] == "square" else 3.0 * x

    second = adtrans.grad(adtrans.grad(chosen))
    assert [second(2.0, how) for how in ("square", "line", True, False)] == [2.0, 0.0, 2.0, 0.0]
    slope = adtrans.grad(chosen)
    assert [slope(2.0, how) for how in ("square", "line", True, False)] == [4.0, 3.0, 4.0, 3.0]
    slope = adtrans.grad(looked_up)
    assert [slope(2.0, [how]) for how in ("square", "line", "square")] == [4.0, 3.0, 4.0]
    assert [slope(2.0, (how,)) for how in ("square", "line", "square")] == [4.0, 3.0, 4.0]


class Choosing:
    def __init__(self) -> None:
        self.how, self.on = "square", True

    def loss(self, x: float) -> float:
        return x * x if self.how == "square" and self.on else 3.0 * x


def test_another_setting_of_an_object_is_another_derivative() -> None:
    model = Choosing()
    slope = adtrans.grad(model.loss)
    assert slope(2.0) == 4.0
    model.how = "line"
    assert slope(2.0) == 3.0
    model.how, model.on = "square", False
    assert slope(2.0) == 3.0


def test_what_an_argument_holds_twice() -> None:
    """A write into one of them is a write into the other: the derivative saw it in one place."""

    def moved(p: Any) -> Any:
        p[0][0] = 5.0 * p[1][1]
        return p[0][0] * p[1][0]

    slope = adtrans.value_and_grad(moved)
    x = np.array([0.7, 1.3, 0.2])
    row = [0.7, 1.3]
    for twice in ([x, x], (x, x), [x[:2], x[1:]], [row, row], {0: x, 1: x}):
        with pytest.raises(AdtransError, match="twice"):
            slope(twice)
    for apart in ([x, x.copy()], [row, [*row]]):
        assert slope(apart)[0] == moved([list(part) for part in apart])
