"""Containers of numbers and arrays in the library: derivatives mirror the structure of the arguments."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import adtrans


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray


@dataclass
class Model:
    layer: Layer
    scale: float = 1.5
    activation: str = "tanh"


@dataclass(frozen=True)
class Frozen:
    w: np.ndarray
    powers: tuple[float, float]


W = np.array([[0.3, -0.2], [0.5, 1.1], [-0.4, 0.2]])
B = np.array([0.1, -0.3])
X = np.array([0.3, 1.2, -0.7])


def affine(p, x):
    return np.sum((x @ p["W"] + p["b"]) ** 2)


def by_field(p, x):
    return np.sum(np.tanh(x @ p.W + p.b))


def unpacked(p, x):
    W, b = p
    return np.sum(np.tanh(x @ W + b)) * p[1][0]


def nested(m, x):
    y = x @ m.layer.W * m.scale + m.layer.b
    if m.activation == "tanh":
        y = np.tanh(y)
    return np.sum(y)


def frozen(p, x):
    return np.sum(p.w * x ** p.powers[0]) * p.powers[1]


def written(m, x):
    m.layer.W[0] *= 2.0
    return np.sum((x @ m.layer.W) ** 2) * m.scale


CASES = {
    "dict": (affine, ({"W": W, "b": B}, X)),
    "ordered_dict": (affine, (OrderedDict(W=W, b=B), X)),
    "named_tuple": (by_field, (Layer(W, B), X)),
    "named_tuple_unpacked": (unpacked, (Layer(W, B), X)),
    "tuple": (unpacked, ((W, B), X)),
    "dataclass": (nested, (Model(Layer(W, B)), X)),
    "frozen": (frozen, (Frozen(W[:, 0], (2.0, 3)), X + 1.0)),
    "integers": (affine, ({"W": 2, "b": B}, 3.0)),
}


def affine_number(p, x):
    return np.sum((x * p["W"] + p["b"]) ** 2)


@pytest.mark.parametrize("name", CASES)
def test_against_differences(name):
    f, args = CASES[name]
    if name == "integers":
        f = affine_number
    adtrans.check_grads(f, args, order=2)


@pytest.mark.parametrize("name", [n for n in CASES if n != "integers"])
def test_gradients_mirror(name):
    f, args = CASES[name]
    gradient = adtrans.grad(f)(*args)
    assert type(gradient) is type(args[0])
    value, other = adtrans.value_and_grad(f)(*args)
    assert value == f(*args)
    assert repr(gradient) == repr(other)
    value, pullback = adtrans.vjp(f, *args)
    assert repr(pullback(1.0)[0]) == repr(gradient)


def test_fields_without_a_derivative():
    gradient = adtrans.grad(nested)(Model(Layer(W, B)), X)
    assert gradient.activation is None
    assert isinstance(gradient.layer, Layer)
    assert adtrans.grad(affine)({"W": W, "b": B, "name": "x", "flag": True, "none": None}, X).keys() == {
        "W",
        "b",
        "name",
        "flag",
        "none",
    }


def test_tangents_in_the_structure_of_the_argument():
    model, dot = Model(Layer(W, B)), Model(Layer(np.ones_like(W), np.zeros_like(B)), 0.0)
    _, tangent = adtrans.jvp(nested, (model, X), (dot, None))
    step = 1e-6
    up = nested(Model(Layer(W + step, B)), X)
    down = nested(Model(Layer(W - step, B)), X)
    assert tangent == pytest.approx((up - down) / (2 * step), rel=1e-6)
    _, by_dict = adtrans.jvp(affine, ({"W": W, "b": B}, X), ({"b": 0 * B, "W": np.ones_like(W)}, None))
    up, down = (affine({"W": W + s, "b": B}, X) for s in (step, -step))
    assert by_dict == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_jacobian_of_structure_by_structure():
    def f(p, x):
        return {"y": x @ p["W"] + p["b"], "s": np.sum(p["b"] ** 2)}

    p = {"W": W, "b": B}
    for jacobian in (adtrans.jacrev(f)(p, X), adtrans.jacfwd(f)(p, X), adtrans.jacobian(f)(p, X)):
        assert jacobian["y"]["W"].shape == (2, 3, 2)
        assert np.allclose(jacobian["y"]["W"][1, :, 1], X)
        assert np.allclose(jacobian["y"]["b"], np.eye(2))
        assert np.allclose(jacobian["s"]["b"], 2 * B)
        assert np.allclose(jacobian["s"]["W"], 0.0)
    both = adtrans.jacrev(f, argnums=(0, 1))(p, X)
    assert np.allclose(both["y"][1], W.T)
    assert both["y"][0]["b"].shape == (2, 2)


def test_hessian_is_a_structure_of_structures():
    p = {"W": W, "b": B}
    hessian = adtrans.hessian(affine)(p, X)
    assert np.allclose(hessian["b"]["b"], 2 * np.eye(2))
    assert hessian["W"]["b"].shape == (3, 2, 2)
    assert np.allclose(hessian["W"]["b"][:, 0, 0], 2 * X)
    model = Layer(W, B)
    hessian = adtrans.hessian(by_field)(model, X)
    assert isinstance(hessian, Layer)
    assert isinstance(hessian.W, Layer)
    product = adtrans.hvp(affine, (p, X), ({"W": np.ones_like(W), "b": 0 * B}, None))
    assert np.allclose(product["b"], 2 * np.sum(X))


def test_aux_may_be_a_container():
    def f(p, x):
        y = x @ p["W"]
        return np.sum(y), {"y": y}

    gradient, aux = adtrans.grad(f, has_aux=True)({"W": W}, X)
    assert np.allclose(gradient["W"], np.outer(X, np.ones(2)))
    assert np.allclose(aux["y"], X @ W)


def test_single_precision_stays():
    p = {"W": W.astype(np.float32), "b": np.float32(0.5)}
    gradient = adtrans.grad(affine)(p, X)
    assert gradient["W"].dtype == np.float32
    assert type(gradient["b"]) is np.float32


def test_arguments_stay_as_they_are():
    model = Model(Layer(W.copy(), B.copy()))
    adtrans.check_grads(written, (model, X))
    assert np.array_equal(model.layer.W, W)


def test_one_specialisation_for_each_structure():
    f = adtrans.grad(lambda p: p["a"] ** 2)
    assert f({"a": 2.0, "b": np.ones(2)})["b"].shape == (2,)
    assert f({"a": 2.0}) == {"a": 4.0}
    assert f({"b": 1.0, "a": 2.0}) == {"b": 0.0, "a": 4.0}


def test_integers_are_refused_with_a_way_out():
    with pytest.raises(adtrans.NonDifferentiableArgumentError, match=r"p\['W'\].astype\(float\)"):
        adtrans.grad(affine)({"W": np.ones((3, 2), int), "b": B}, X)
    with pytest.raises(adtrans.NonDifferentiableArgumentError, match=r"m.layer.W"):
        adtrans.grad(nested)(Model(Layer(np.ones((3, 2), int), B)), X)
    with pytest.raises(adtrans.NonDifferentiableArgumentError, match="holds no floating-point number"):
        adtrans.grad(affine)({"name": "x", "flag": True}, X)


def test_a_container_has_no_gradient():
    with pytest.raises(adtrans.NotScalarError, match="returns a dict"):
        adtrans.grad(lambda x: {"y": x})(2.0)


def test_tangents_that_do_not_fit():
    with pytest.raises(adtrans.AdtransError, match="must be a dict of 2 entries"):
        adtrans.jvp(affine, ({"W": W, "b": B}, X), ({"W": W}, None))
