"""Methods and objects: attributes, inheritance, properties, writes; always against differences."""

from __future__ import annotations

import copy
import functools
import pickle
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner

import adtrans
from adtrans import parse, pipeline
from adtrans.cli import cli
from adtrans.errors import AdtransError, ArgumentError, NonDifferentiableArgumentError, Refused
from adtrans.load import load


class Layer:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, x):
        return np.tanh(self.w * x + self.b)

    def penalty(self):
        return np.sum(self.w**2)


class Base:
    gravity = 9.81

    def __init__(self):
        self.inner = Layer(np.array([0.5, -0.3]), 0.2)
        self.out = Layer(np.array([1.5, 0.3]), -0.2)
        self.scale = 2.0
        self.rounds = 3
        self.name = "base"
        self.act = np.tanh
        self.own = lambda v: v * v
        self.power = cube
        self.buffer = np.zeros(2)
        self.total = 0.25
        self.seen = []
        self.last = None
        self.mode = "ignore"
        self.table = [np.array([1.0, 2.0])]

    def layers(self, x):
        y = self.out(self.inner(x))
        return np.sum(y) * self.scale + 0.1 * self.inner.penalty() + self.gravity

    def alias(self, x):
        layer = self.inner
        return np.sum(layer(x) * layer.w)

    def itself(self, x):
        me = self
        return np.sum(x) * me.scale

    def loop(self, x):
        y = x
        for _ in range(self.rounds):
            y = self.inner(y) + self.scale
        return np.sum(y)

    @property
    def area(self):
        return self.scale**2

    def with_property(self, x):
        return np.sum(x) * self.area

    @staticmethod
    def stretched(x, by=2.0):
        return x * by

    @classmethod
    def weight(cls, x):
        return x * cls.gravity

    def with_static(self, x):
        return np.sum(self.stretched(x) + Base.stretched(x, by=3.0) + self.weight(x)) * self.scale

    def functions(self, x):
        return np.sum(self.act(x * self.scale) + self.power(x))

    def text(self, x):
        assert self.scale > 0, f"{self.name}: {self.scale}"
        if self.name == "base":
            return np.sum(x * self.scale)
        return np.sum(x)

    def passes(self, x):
        return weighed(self.inner, x) + weighed(x=2 * x, layer=self.out) + weighed(self, x)

    def weights(self):
        return self.inner.w

    def through_a_getter(self, x):
        return np.sum(self.weights() * x * self.scale)

    def recursion(self, x, n=3):
        return x[0] * self.scale if n == 0 else self.recursion(x * self.scale, n - 1)

    def starred(self, x):
        pair = (x, self.scale)
        settings = {"by": self.scale}
        row = np.vstack([x, *self.table])
        return (
            np.sum(self.blend(*pair))
            + np.sum(self.stretched(x, **settings))
            + blended(self, *pair)
            + np.sum(row)
        )

    def blend(self, x, by=1.0):
        return self.scale * x * by

    def guarded(self, x):
        mode = self.mode
        with np.errstate(divide=mode if len(self.mode) else "warn"):
            y = x * self.scale
        try:
            y = np.log(y)
        except ValueError as error:
            message = f"negative: {self.scale}"
            raise ValueError(message) from error
        return np.sum(y * self.scale)

    # ---------------------------------------------------------------- with writes

    def count(self, x):
        self.total = self.total + np.sum(x) * self.scale
        return self.total * self.scale

    def cached(self, x):
        self.last = x * x
        return np.sum(self.last * self.last) + self.scale

    def into(self, x):
        self.buffer[0] = x[0] * self.scale
        self.buffer[1] += x[1] ** 2
        return np.sum(self.buffer**2)

    def step(self, x):
        self.total += 1
        return x * self.scale * self.total

    def steps(self, x):
        y = self.step(x)
        y = y + self.step(y) * 2
        return np.sum(self.step(y))

    def early(self, x):
        if np.sum(x) > 100:
            self.total = 1.0
            return np.sum(x)
        self.last = x
        return np.sum(x * x) + self.total

    def inner_write(self, x):
        self.inner.b = np.sum(x)
        return np.sum(self.inner(x))

    def swap(self, x):
        self.total, self.scale = np.sum(x), self.total + 1.0
        return self.total * self.scale

    def until(self, x):
        self.total = 0.0
        while self.total < 3.0:
            self.total += 1.0
            x = x * self.scale
        return np.sum(x)

    def pair(self, x):
        self.total = self.total + 1.0
        return np.sum(x), np.prod(x) * self.scale

    def takes_pair(self, x):
        a, b = self.pair(x)
        return a * b * self.total

    def remember(self, x):
        self.last = x * self.scale

    def remembered(self, x):
        self.remember(x)
        return np.sum(self.last) * self.scale

    def alias_of_array(self, x):
        y = self.buffer
        y += x
        return np.sum(self.buffer**2)

    def view_of_array(self, x):
        v = self.inner.w
        v[0] = x[0]
        return np.sum(v * x) + np.sum(self.inner.w)

    def getter_of_array(self, x):
        w = self.weights()
        w[0] = x[0]
        return np.sum(w * x)

    def outside(self, x):
        self.total = np.sum(x)
        return weighed_total(self) * 2.0


class Sub(Base):
    def layers(self, x):
        return self.twice(x) + super().with_property(x)

    def twice(self, x):
        return super().layers(x) * 2

    @property
    def area(self):
        return super().area * self.total


def cube(x):
    return x**3


def weighed(layer, x):
    return np.sum(layer.w * x) if hasattr(layer, "w") else np.sum(layer.scale * x)


def blended(model, x, by=1.0):
    return np.sum(model.scale * x * by * model.inner.w)


def weighed_total(model):
    return model.total * model.scale


@dataclass
class Point:
    a: float
    w: Any
    k: int = 2

    def value(self, x):
        return np.sum(self.w * x) * self.a**self.k


@dataclass(frozen=True)
class Frozen:
    a: float

    def value(self, x):
        return np.sum(x) * self.a


class Named(NamedTuple):
    a: float
    b: float

    def value(self, x):
        return np.sum(self.a * x * x) + self.b


class Slots:
    __slots__ = ("w",)

    def __init__(self, w):
        self.w = w

    def value(self, x):
        return np.sum(self.w * x * x)


X = np.array([0.7, 1.3])
READING = (
    "layers alias itself loop with_property with_static functions text passes through_a_getter recursion "
    "starred guarded"
)
WRITING = (
    "count cached into steps early inner_write swap until takes_pair remembered alias_of_array "
    "view_of_array getter_of_array outside"
)


def at(owner: Any, path: list[str]) -> Any:
    return functools.reduce(getattr, path, owner)


def with_attribute(owner: Any, path: list[str], value: Any) -> Any:
    if isinstance(owner, tuple):
        return owner._replace(**{path[0]: value})
    new = copy.deepcopy(owner)
    object.__setattr__(at(new, path[:-1]), path[-1], value)
    return new


def differences(f: Callable[[Any], Any], value: Any, step: float = 1e-6) -> Any:
    value = np.asarray(value, dtype=float)
    found = np.zeros_like(value)
    for place in np.ndindex(value.shape):
        move = np.zeros_like(value)
        move[place] = step
        up, down = (value + move)[()], (value - move)[()]
        found[place] = (f(up) - f(down)) / (2 * step)
    return found


def expected(owner: Any, method: str, wrt: str) -> Any:
    """The gradient of `owner.method(X)` by `x` or by an attribute, by differences."""
    if wrt == "x":
        return differences(lambda v: getattr(copy.deepcopy(owner), method)(v), X)
    path = wrt.split(".")[1:]
    return differences(lambda v: getattr(with_attribute(owner, path, v), method)(X.copy()), at(owner, path))


def agree(owner: Any, method: str, wrt: str) -> None:
    """Reverse, forward and second order; the arguments stay as they are."""
    mine, x = copy.deepcopy(owner), X.copy()
    want = expected(owner, method, wrt)
    f = getattr(mine, method)
    np.testing.assert_allclose(adtrans.grad(f, wrt)(x), want, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_allclose(
        adtrans.jacfwd(getattr(copy.deepcopy(owner), method), wrt)(x), want, rtol=1e-6, atol=1e-8
    )
    curved = adtrans.hessian(getattr(copy.deepcopy(owner), method), wrt)(x)
    assert np.shape(curved) == np.shape(want) * 2

    def slope(v: Any) -> Any:
        if wrt == "x":
            return adtrans.grad(getattr(copy.deepcopy(owner), method))(v)
        return adtrans.grad(getattr(with_attribute(owner, wrt.split(".")[1:], v), method), wrt)(X)

    point = X if wrt == "x" else at(owner, wrt.split(".")[1:])
    for place in np.ndindex(np.shape(want)):
        step = np.zeros(np.shape(point))
        step[place] = 1e-5
        row = (np.asarray(slope((point + step)[()])) - slope((point - step)[()])) / 2e-5
        np.testing.assert_allclose(np.asarray(curved)[..., *place], row, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", f"{READING} {WRITING}".split())
@pytest.mark.parametrize("wrt", ["x", "self.scale"])
def test_methods(method: str, wrt: str) -> None:
    agree(Base(), method, wrt)


@pytest.mark.parametrize("method", ["layers", "alias", "loop", "passes", "through_a_getter", "view_of_array"])
def test_attributes_of_inner_objects(method: str) -> None:
    agree(Base(), method, "self.inner.w")


@pytest.mark.parametrize("method", ["count", "steps", "early", "takes_pair"])
def test_attributes_that_are_assigned(method: str) -> None:
    agree(Base(), method, "self.total")


@pytest.mark.parametrize("method", ["into", "alias_of_array"])
def test_attributes_that_are_written_into(method: str) -> None:
    agree(Base(), method, "self.buffer")


@pytest.mark.parametrize("wrt", ["x", "self.scale", "self.inner.w", "self.total"])
@pytest.mark.parametrize("method", ["layers", "with_property"])
def test_inheritance(method: str, wrt: str) -> None:
    agree(Sub(), method, wrt)


@pytest.mark.parametrize("wrt", ["x", "self.a"])
@pytest.mark.parametrize("owner", [Point(1.5, np.array([1.0, 2.0])), Frozen(1.5), Named(1.5, 2.0)])
def test_dataclasses_and_named_tuples(owner: Any, wrt: str) -> None:
    agree(owner, "value", wrt)


def test_slots() -> None:
    agree(Slots(1.5), "value", "self.w")


@pytest.mark.parametrize("method", ["count", "cached", "steps", "early", "swap", "until", "outside"])
def test_an_attribute_is_assigned_as_by_the_function(method: str) -> None:
    mine, theirs = Base(), Base()
    adtrans.grad(getattr(mine, method))(X)
    getattr(theirs, method)(X)
    for name in ("total", "scale", "last"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))


@pytest.mark.parametrize("method", ["into", "alias_of_array", "view_of_array", "getter_of_array"])
def test_an_array_of_the_object_is_not_written_into(method: str) -> None:
    mine = Base()
    adtrans.grad(getattr(mine, method))(X)
    np.testing.assert_array_equal(mine.buffer, np.zeros(2))
    np.testing.assert_array_equal(mine.inner.w, Base().inner.w)


def test_one_array_in_two_attributes() -> None:
    model = Base()
    model.buffer = model.inner.w
    with pytest.raises(AdtransError, match="share memory"):
        adtrans.grad(model.both)(X)


def both(self, x):
    self.buffer[0] = x[0]
    return np.sum(self.buffer * self.inner.w * x)


Base.both = both


def test_one_object_in_two_attributes() -> None:
    model = Base()
    model.out = model.inner
    want = differences(model.layers, X)
    np.testing.assert_allclose(adtrans.grad(model.layers)(X), want, rtol=1e-6)
    with pytest.raises(AdtransError, match=r"`self\.inner` and `self\.out` are one object"):
        adtrans.grad(model.layers, "self.inner.w")(X)


# ----------------------------------------------------------------------------- the library


def loss(model, x, power=2):
    return np.sum((model.inner(x) * model.scale) ** power)


def test_an_object_as_an_argument() -> None:
    model = Base()
    for wrt in ("x", "model.inner.w", "model.scale"):
        got = adtrans.grad(loss, wrt)(model, X)
        if wrt == "x":
            want = differences(lambda v: loss(model, v), X)
        else:
            path = wrt.split(".")[1:]
            want = differences(lambda v, p=path: loss(with_attribute(model, p, v), X), at(model, path))
        np.testing.assert_allclose(got, want, rtol=1e-6)
    np.testing.assert_allclose(
        adtrans.grad(loss, "x")(model, X, power=3), differences(lambda v: loss(model, v, 3), X), rtol=1e-6
    )


def test_several_by_name_and_by_position() -> None:
    model = Base()
    w_bar, x_bar, scale_bar = adtrans.grad(model.layers, ("self.inner.w", 0, "self.scale"))(X)
    np.testing.assert_allclose(w_bar, expected(Base(), "layers", "self.inner.w"), rtol=1e-6)
    np.testing.assert_allclose(x_bar, expected(Base(), "layers", "x"), rtol=1e-6)
    np.testing.assert_allclose(scale_bar, expected(Base(), "layers", "self.scale"), rtol=1e-6)
    (alone,) = adtrans.grad(model.layers, ("self.scale",))(X)
    np.testing.assert_allclose(alone, scale_bar)


def test_mixed_second_derivatives() -> None:
    model = Base()
    mixed = adtrans.jacfwd(adtrans.grad(model.layers, "self.inner.w"), "self.scale")(X)

    def slope(scale):
        return adtrans.grad(with_attribute(model, ["scale"], scale).layers, "self.inner.w")(X)

    np.testing.assert_allclose(mixed, (slope(2.0 + 1e-6) - slope(2.0 - 1e-6)) / 2e-6, rtol=1e-6)


def test_other_wrappers() -> None:
    model, direction = Base(), np.array([0.3, -1.0])
    want = expected(Base(), "layers", "x")
    value, back = adtrans.vjp(model.layers, X)
    assert value == Base().layers(X)
    np.testing.assert_allclose(back(2.0)[0], 2.0 * want, rtol=1e-6)
    (scale_bar,) = adtrans.vjp(model.layers, X, argnums=("self.scale",))[1](1.0)
    np.testing.assert_allclose(scale_bar, expected(Base(), "layers", "self.scale"), rtol=1e-6)
    np.testing.assert_allclose(adtrans.jvp(model.layers, (X,), (direction,))[1], want @ direction, rtol=1e-6)
    curved = adtrans.hessian(model.layers)(X)
    np.testing.assert_allclose(adtrans.hvp(model.layers, (X,), (direction,)), curved @ direction, rtol=1e-9)
    value, slope = adtrans.value_and_grad(model.layers)(X)
    assert value == Base().layers(X)
    np.testing.assert_allclose(slope, want, rtol=1e-6)


def test_callables_and_partials() -> None:
    layer = Layer(0.3, 0.4)
    want = differences(layer, 0.9)
    np.testing.assert_allclose(adtrans.grad(layer)(0.9), want, rtol=1e-6)
    np.testing.assert_allclose(
        adtrans.grad(layer, "self.w")(0.9), differences(lambda w: Layer(w, 0.4)(0.9), 0.3), rtol=1e-6
    )
    partial = functools.partial(Base().recursion, n=2)
    np.testing.assert_allclose(adtrans.grad(partial)(X), differences(partial, X), rtol=1e-6)
    unbound = functools.partial(Base.layers, Base())
    np.testing.assert_allclose(adtrans.grad(unbound)(X), expected(Base(), "layers", "x"), rtol=1e-6)


def test_the_present_values_of_attributes() -> None:
    model = Base()
    slope = adtrans.grad(model.itself)
    np.testing.assert_allclose(slope(X), [2.0, 2.0])
    model.scale = 5.0
    np.testing.assert_allclose(slope(X), [5.0, 5.0])


def test_other_classes_get_other_derivatives() -> None:
    slope = adtrans.grad(Base.with_property, "self.scale")
    np.testing.assert_allclose(slope(Base(), X), expected(Base(), "with_property", "self.scale"), rtol=1e-6)
    np.testing.assert_allclose(slope(Sub(), X), expected(Sub(), "with_property", "self.scale"), rtol=1e-6)


class Patched:
    def rate(self, x):
        return 2.0 * x

    def value(self, x):
        return self.rate(x)


def test_a_method_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    slope = adtrans.grad(Patched().value)
    assert slope(1.5) == 2.0
    monkeypatch.setattr(Patched, "rate", lambda_rate)
    assert slope(1.5) == 3.0


def lambda_rate(self, x):
    return 3.0 * x


def test_a_method_of_one_object() -> None:
    model = Patched()
    model.rate = cube
    np.testing.assert_allclose(adtrans.grad(model.value)(1.5), 6.75)
    np.testing.assert_allclose(adtrans.grad(Patched().value)(1.5), 2.0)


def test_source_and_pickle() -> None:
    slope = adtrans.grad(Base().layers, "self.inner.w")
    assert "inner_w = self.inner.w" in slope.source
    slope = adtrans.grad(Point(1.5, np.array([1.0, 2.0])).value, "self.w")
    again = pickle.loads(pickle.dumps(slope))
    np.testing.assert_array_equal(again(X), slope(X))


def test_differentiable_method() -> None:
    class Model:
        def __init__(self, k):
            self.k = k

        @adtrans.differentiable
        def work(self, x):
            return self.k * self.other(x)

        def other(self, x):
            return x * x

    model = Model(3.0)
    assert model.work(2.0) == 12.0
    assert model.work.grad(2.0) == 12.0
    assert adtrans.grad(model.work, "self.k")(2.0) == 4.0


def test_what_is_not_there() -> None:
    with pytest.raises(ArgumentError, match="no attribute `weight_`"):
        adtrans.grad(Base().layers, "self.weight_")(X)
    with pytest.raises(NonDifferentiableArgumentError):
        adtrans.grad(Base().loop, "self.name")(X)
    with pytest.raises(AdtransError):
        adtrans.grad(loss, "model")(Base(), X)


# --------------------------------------------------------------------------- refused

CLASSES = """
import numpy as np


class Inner:
    def __init__(self, w):
        self.w = w

    def energy(self, x):
        return self.w * x


class Model:
    def __init__(self, w, inner):
        self.w = w
        self.total = 0.0
        self.inner = inner
        self.known = Inner(1.0)

    def scaled(self, x):
        self.total = self.total + x
        return self.w * x

    def loss(self, x):
BODY
"""


def refused(body: str, name: str = "Model.loss", wrt: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    text = CLASSES.replace("BODY", "\n".join(f"        {line}" for line in body.split("\n")))
    try:
        fields = tuple(w for w in wrt if "." in w)
        program = parse.program(text, "m.py", name, fields=fields)
        pipeline.generate(program, pipeline.Request(wrt=wrt))
    except Refused as error:
        lines = text.split("\n")
        return [(d.code, lines[d.span.line - 1].strip() if d.span else "") for d in error.diagnostics]
    return []


def test_refusals_have_their_lines() -> None:
    assert refused("return self.inner.energy(x)") == [("AD201", "return self.inner.energy(x)")]
    assert refused("return self.known.energy(x)") == []
    assert refused("y = x if x > 1.0 else self.scaled(x)\nreturn y") == [
        ("AD230", "y = x if x > 1.0 else self.scaled(x)")
    ]
    assert refused("return self.total * self.scaled(x)") == [("AD230", "return self.total * self.scaled(x)")]
    assert refused("del self.w\nreturn x") == [("AD230", "del self.w")]
    assert refused("return getattr(self, 'w') * x", wrt=("self.w",))[0][0] == "AD230"
    assert refused("d = {self: 1}\nself.w = x\nreturn self.w * len(d)") == [("AD230", "d = {self: 1}")]


def test_starred_arguments_of_a_method() -> None:
    """A call that is carried over as text is given the attributes that stand for the object."""
    assert refused("return self.scaled(*x)") == [("AD230", "return self.scaled(*x)")]
    text = CLASSES.replace("BODY", "        factor = self.rate(**x[0])\n        return factor * x[1]")
    text += "\n    def rate(self, by=1.0):\n        return self.w * by\n"
    program = parse.program(text, "m.py", "Model.loss")
    for mode in ("reverse", "forward"):
        with pytest.raises(Refused, match="AD202"):
            pipeline.generate(program, pipeline.Request(mode=mode))
    text = text.replace("loss(self, x)", "loss(self, x, settings)").replace("**x[0]", "**settings")
    program = parse.program(text.replace("x[1]", "x"), "m.py", "Model.loss")
    made = pipeline.generate(program, pipeline.Request(wrt=("x",)))
    space: dict[str, Any] = {}
    exec(made.text, space)
    assert space["loss_vjp"](3.0, 2.0, {"by": 0.5}) == (3.0, 1.5)


def test_an_object_of_unknown_class() -> None:
    text = "def f(model, x):\n    return model.w * x\n"
    with pytest.raises(Refused, match="annotate it with its class"):
        parse.program(text, "m.py", "f", fields=("model.w",))


# ---------------------------------------------------------------------- the command line

MODULE = """
import numpy as np


class Base:
    rate = 0.5

    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.calls = 0

    def predict(self, x):
        return self.w * x + self.b

    @property
    def norm(self):
        return np.sum(self.w**2)


class Model(Base):
    def predict(self, x):
        return np.sin(super().predict(x))

    def loss(self, x):
        self.calls += 1
        return np.sum(self.predict(x)) + self.rate * self.norm
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODULE)
    return tmp_path / "model.py"


def test_emit(file: Path) -> None:
    result = CliRunner().invoke(
        cli,
        ["emit", "model.py:Model.loss", "--wrt", "self.w,x", "--signature", "w: f8[:], x: f8[:], calls: int"],
    )
    assert result.exit_code == 0, result.output
    made = load(result.output, "loss_vjp")
    model = load(MODULE, "Model")(np.array([0.3, 0.7]), 0.1)
    value, (w_bar, x_bar) = made(model, model.w, model.calls, model.rate, model.b, X)
    assert model.calls == 1
    assert value == model.loss(X)
    np.testing.assert_allclose(x_bar, differences(model.loss, X), rtol=1e-6)
    np.testing.assert_allclose(
        w_bar, differences(lambda w: load(MODULE, "Model")(w, 0.1).loss(X), model.w), rtol=1e-6
    )


def test_the_emitted_module_is_accepted_again(file: Path) -> None:
    first = CliRunner().invoke(cli, ["emit", "model.py:Model.loss", "--wrt", "self.w"])
    Path("loss_vjp.py").write_text(first.output)
    second = CliRunner().invoke(cli, ["emit", "loss_vjp.py:loss_vjp", "--wrt", "w,x", "--mode", "forward"])
    assert second.exit_code == 0, second.output


def test_lint_lists_methods(file: Path) -> None:
    result = CliRunner().invoke(cli, ["lint", "model.py"])
    assert "Model.loss: yes" in result.output
    assert "Base.predict: yes" in result.output


def test_emit_says_which_methods_there_are(file: Path) -> None:
    result = CliRunner().invoke(cli, ["emit", "model.py:Model.energy"])
    assert result.exit_code == 2
    assert "`predict`" in result.output


Pair = namedtuple("Pair", "a b")


def of_pair(pair, x):
    return pair.a * x + pair.b


def test_a_named_tuple_as_an_argument() -> None:
    assert adtrans.grad(of_pair, "x")(Pair(2.0, 3.0), 1.5) == 2.0
    assert adtrans.grad(of_pair, "pair.a")(Pair(2.0, 3.0), 1.5) == 1.5


class Late:
    """Attributes that are not there at the start."""

    def value(self, x):
        if x > 10.0:
            self.large = x
        self.square = x * x
        return self.square * x


def test_attributes_that_are_not_there() -> None:
    late = Late()
    np.testing.assert_allclose(adtrans.grad(late.value)(2.0), 12.0)
    assert late.square == 4.0
    assert not hasattr(late, "large")
    np.testing.assert_allclose(adtrans.grad(late.value)(11.0), 363.0)
    assert late.large == 11.0


class Stored:
    def __init__(self):
        self.state = np.zeros(2)

    def value(self, x):
        self.state = np.zeros(2)
        for _ in range(3):
            self.state[0] = self.state[0] * x[0] + x[1]
            self.state[1] += self.state[0] * x[0]
        return np.sum(self.state**2)


def test_an_array_that_is_made_and_written_into() -> None:
    mine, theirs = Stored(), Stored()
    got = adtrans.grad(mine.value)(X)
    np.testing.assert_allclose(got, differences(Stored().value, X), rtol=1e-6)
    theirs.value(X)
    np.testing.assert_array_equal(mine.state, theirs.state)


def rk4(f, y, t, h):
    k1 = f(y, t)
    k2 = f(y + 0.5 * h * k1, t + 0.5 * h)
    k3 = f(y + 0.5 * h * k2, t + 0.5 * h)
    k4 = f(y + h * k3, t + h)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


class Oscillator:
    def __init__(self):
        self.k, self.m, self.n = 1.3, 0.7, 3

    def rhs(self, y, t):
        return np.array([y[1], -self.k / self.m * y[0] + np.sin(t)])

    def end(self, x):
        for i in range(self.n):
            x = rk4(self.rhs, x, 0.1 * i, 0.1)
        return x[0] ** 2 + self.square(x[1])

    def square(self, v):
        return v * v * self.k

    def mapped(self, x):
        return sum(map(self.square, x))

    def held(self, x):
        f = self.square
        return f(x[0]) + f(x[1])

    def in_lambda(self, x):
        g = lambda v: self.square(v) * self.m  # noqa: E731
        return g(x[0]) + g(x[1])

    def in_function(self, x):
        def g(v):
            return self.square(v) * self.m

        return g(x[0]) + g(x[1])

    def noted(self, x):
        handlers = [self.square]
        return np.sum(x * x) * len(handlers)


@pytest.mark.parametrize("method", ["end", "mapped", "held", "in_lambda", "in_function"])
@pytest.mark.parametrize("wrt", ["x", "self.k"])
def test_methods_as_values(method: str, wrt: str) -> None:
    agree(Oscillator(), method, wrt)


def test_a_method_that_is_only_kept() -> None:
    np.testing.assert_allclose(adtrans.grad(Oscillator().noted)(X), 2 * X)


class Doubling:
    """Wrong answers once: each of these was derived as if the attribute kept its value."""

    def __init__(self):
        self.kept = 1.5
        self.k = 2.0
        self.first = Layer(0.5, 0.1)
        self.parts = [self.first]

    @property
    def w(self):
        return self.kept

    @w.setter
    def w(self, value):
        self.kept = 2.0 * value

    def through_a_setter(self, x):
        self.w = x[0]
        return self.w * np.sum(x)

    def by_setattr(self, x):
        setattr(self, "k", x[0])  # noqa: B010
        return self.k * np.sum(x)

    def by_dict(self, x):
        self.__dict__["k"] = x[0]
        return self.k * np.sum(x)

    def by_vars(self, x):
        vars(self)["k"] = x[0]
        return self.k * np.sum(x)

    def by_update(self, x):
        self.__dict__.update(k=x[1])
        return self.k * np.sum(x)

    def in_a_try(self, x):
        try:
            setattr(self, "k", 5.0)  # noqa: B010
        except ValueError:
            raise
        return self.k * np.sum(x)

    def over_parts(self, x):
        s = self.first.w * x[0]
        for part in self.parts:
            s = s + part.w
        return s

    def same_name(self, x):
        return sum([k * self.k for k in x])


@pytest.mark.parametrize("method", ["by_setattr", "by_dict", "by_vars", "by_update", "in_a_try"])
def test_an_attribute_that_changes_unseen_is_refused(method: str) -> None:
    with pytest.raises(Refused) as error:
        adtrans.grad(getattr(Doubling(), method))(X)
    assert {d.code for d in error.value.diagnostics} == {"AD230"}


def test_a_setter_is_called() -> None:
    agree(Doubling(), "through_a_setter", "x")


def test_an_object_in_an_attribute_and_in_a_list() -> None:
    with pytest.raises(AdtransError, match=r"`self\.parts` holds `self\.first`"):
        adtrans.grad(Doubling().over_parts, "self.first.w")(X)
    np.testing.assert_allclose(adtrans.grad(Doubling().over_parts)(X), [0.5, 0.0])


def test_a_comprehension_with_the_name_of_an_attribute() -> None:
    agree(Doubling(), "same_name", "x")
    agree(Doubling(), "same_name", "self.k")


def sines(*arrays):
    return [np.sin(a) for a in arrays]


def mixed(first, *others):
    return first * others[0] - others[1] ** 2


class Matching:
    """Blocks that are text until it turns out that they vary, with attributes in them: crashes once."""

    def __init__(self) -> None:
        self.w = np.array([0.5, 0.8])
        self.k = 1.7
        self.mode = "square"
        self.p = {"a": 0.4, "b": 1.1}

    def matched(self, x):
        match self.mode:
            case "square":
                y = self.w * x * x
            case _:
                y = self.k * x
        return np.sum(y)

    def tried(self, x):
        try:
            y = np.log(self.w * x)
        except FloatingPointError:
            y = self.k * x
        return np.sum(np.exp(y) * self.w)

    def starred(self, x):
        a, *b = self.w
        return np.sum(x * a) * b[0]

    def gathered(self, x):
        a, b = sines(self.k * x, self.w)
        return np.sum(a * b) + mixed(x[0], self.k, self.w[1])

    def entries(self, x):
        self.p = {k: v * x[0] + self.k for k, v in self.p.items()}
        return self.p["a"] * self.p["b"]


@pytest.mark.parametrize("method", ["matched", "tried", "starred", "gathered", "entries"])
def test_blocks_with_attributes(method: str) -> None:
    with np.errstate(invalid="ignore"):
        agree(Matching(), method, "x")


@pytest.mark.parametrize("method", ["matched", "starred", "gathered"])
def test_blocks_with_attributes_by_an_attribute(method: str) -> None:
    agree(Matching(), method, "self.w")
