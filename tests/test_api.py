"""The library on the real compiler."""

from __future__ import annotations

import functools
import importlib
import inspect
import math
import os
import pickle
import subprocess
import sys
import textwrap
import time
import traceback

import numpy as np
import pytest

import adtrans
from adtrans import AdtransError, ArgumentError, NonDifferentiableArgumentError, NotScalarError, Refused


def cubes(x, n=3):
    """The sum of powers."""
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] ** n
    return total


def scale(x, w, b=1.0):
    return w * x + b


def affine(A, x):
    return A @ x


def squares(x):
    return np.sum(x * x)


def loss_and_extra(w, x):
    r = x @ w
    return np.sum(r * r), r


X = np.array([1.0, 2.0, -1.5])


# ------------------------------------------------------------------------------ gradients


def test_grad_has_the_shape_and_dtype_of_its_input():
    for dtype in (np.float32, np.float64):
        x = X.astype(dtype)
        g = adtrans.grad(cubes)(x)
        assert g.dtype == dtype and g.shape == x.shape
        np.testing.assert_allclose(g, 3 * x**2, rtol=1e-6)


def test_value_first():
    value, g = adtrans.value_and_grad(cubes)(X)
    assert value == cubes(X)
    np.testing.assert_allclose(g, 3 * X**2)


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 3.0),
        (1, 2.0),
        ("b", 1.0),
        (-1, 1.0),
        ((0,), (3.0,)),
        (("w", "x"), (2.0, 3.0)),
        ((0, 1, 2), (3.0, 2.0, 1.0)),
        (["w"], (2.0,)),
    ],
)
def test_argnums(argnums, expected):
    assert adtrans.grad(scale, argnums=argnums)(2.0, 3.0) == expected


@pytest.mark.parametrize("argnums", [3, -4, "z", (), (0, "x")])
def test_argnums_that_do_not_fit(argnums):
    with pytest.raises(ArgumentError):
        adtrans.grad(scale, argnums=argnums)


def test_keywords_and_defaults():
    g = adtrans.grad(cubes)
    np.testing.assert_allclose(g(X, 2), 2 * X)
    np.testing.assert_allclose(g(X, n=2), 2 * X)
    np.testing.assert_allclose(g(x=X), 3 * X**2)
    with pytest.raises(TypeError, match="cubes"):
        g(X, m=2)
    with pytest.raises(TypeError, match="cubes"):
        g()


def keyword_only(x, *, k=2.0, n=3):
    return k * x**n


def test_keyword_only_parameters():
    assert adtrans.grad(keyword_only)(2.0, k=3.0) == 36.0
    assert adtrans.grad(keyword_only, argnums="k")(2.0, k=3.0, n=2) == 4.0
    assert adtrans.grad(keyword_only, argnums=-1)(2.0, k=3.0) == 36.0
    assert adtrans.jacfwd(keyword_only)(2.0) == 24.0
    assert adtrans.grad(adtrans.grad(keyword_only))(2.0, n=2) == 4.0


def test_python_numbers_are_promoted():
    g = adtrans.grad(lambda x: x * x)(3)
    assert g == 6.0 and isinstance(g, float)
    assert adtrans.grad(adtrans.grad(lambda x: x**3))(2) == 12.0


def test_zero_dimensional_arrays():
    x = np.array(3.0)
    assert adtrans.grad(lambda x: x * x)(x) == 6.0
    assert x == 3.0


def test_float32_scalar_stays_float32():
    g = adtrans.grad(lambda x: 3.0 * x)(np.float32(2.0))
    assert g == 3.0 and g.dtype == np.float32


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.array([1, 2]), "astype"),
        (np.int64(3), "float"),
        (np.array([True]), "bool"),
        (True, "bool"),
        (None, "argnums"),
        ("a", "argnums"),
    ],
)
def test_arguments_that_cannot_vary(x, words):
    with pytest.raises(NonDifferentiableArgumentError, match=words) as caught:
        adtrans.grad(squares)(x)
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, AdtransError)


@pytest.mark.parametrize("x", [np.ma.masked_array([1.0]), np.matrix([[1.0]])])
def test_arrays_with_other_operators_are_refused(x):
    with pytest.raises(AdtransError, match="asarray"):
        adtrans.grad(squares)(x)


def test_not_scalar():
    with pytest.raises(NotScalarError, match=r"jacrev.*vjp"):
        adtrans.grad(lambda x: x * 2.0)(X)
    with pytest.raises(NotScalarError, match="has_aux"):
        adtrans.grad(loss_and_extra)(X, np.eye(3))
    with pytest.raises(TypeError):
        adtrans.grad(adtrans.grad(squares))(X)


def test_has_aux():
    g, aux = adtrans.grad(loss_and_extra, has_aux=True)(X, np.eye(3))
    np.testing.assert_allclose(g, 2 * X)
    np.testing.assert_array_equal(aux, X)
    (value, aux), g = adtrans.value_and_grad(loss_and_extra, has_aux=True)(X, np.eye(3))
    assert value == squares(X)
    np.testing.assert_array_equal(aux, X)
    with pytest.raises(ArgumentError, match="pair"):
        adtrans.grad(squares, has_aux=True)(X)


def text_aux(x):
    y = x * x
    return y, {"name": "square", "value": y}


def test_aux_may_be_anything():
    assert adtrans.grad(text_aux, has_aux=True)(3.0) == (6.0, {"name": "square", "value": 9.0})


def test_aux_of_second_order():
    h, aux = adtrans.hessian(loss_and_extra, has_aux=True)(X, np.eye(3))
    np.testing.assert_allclose(h, 2 * np.eye(3))
    np.testing.assert_array_equal(aux, X)


def fill(u, x):
    u[0] = x[0] * u[1]
    return np.sum(u * x)


def test_arguments_are_never_modified():
    u, x = np.ones(3), X.copy()
    adtrans.grad(fill, argnums=(0, 1))(u, x)
    adtrans.jvp(fill, (u, x), (X, X))
    np.testing.assert_array_equal(u, np.ones(3))
    np.testing.assert_array_equal(x, X)


def test_shared_memory_with_a_written_argument():
    u = np.ones(4)
    with pytest.raises(AdtransError, match=r"`u` and `x` share memory"):
        adtrans.grad(fill)(u, u)
    with pytest.raises(AdtransError, match="share memory"):
        adtrans.grad(fill)(u[:3], u[1:])
    adtrans.grad(fill)(u[:2], u[2:])
    adtrans.grad(lambda a, b: np.sum(a * b))(u, u)


# ------------------------------------------------------------------------------ decorators


@adtrans.grad
def bare(x):
    """A docstring."""
    return x**3


@adtrans.value_and_grad(argnums="w")
def with_arguments(x, w):
    return x * w**2


def test_decorators():
    assert bare(2.0) == 12.0
    assert "docstring" in bare.__doc__
    assert with_arguments(3.0, 2.0) == (12.0, 12.0)
    assert str(inspect.signature(with_arguments)) == "(x, w)"


@adtrans.differentiable
def smooth(x, k=2.0):
    """Smooth."""
    return k * x * x


def uses_smooth(x):
    return smooth(x) + 1.0


def test_differentiable():
    assert smooth(3.0) == 18.0
    assert smooth.__name__ == "smooth" and smooth.__doc__ == "Smooth."
    assert str(inspect.signature(smooth)) == "(x, k=2.0)"
    assert smooth.grad(3.0) == 12.0
    assert smooth.value_and_grad(3.0) == (18.0, 12.0)
    value, pullback = smooth.vjp(3.0)
    assert (value, pullback(2.0)) == (18.0, (24.0,))
    assert smooth.jvp((3.0,), (1.0,)) == (18.0, 12.0)
    assert "def smooth_vjp" in smooth.source("reverse")
    assert "def smooth_jvp" in smooth.source("forward")
    assert "return k * x * x" in inspect.getsource(smooth)
    assert adtrans.grad(smooth)(3.0) == 12.0
    assert pickle.loads(pickle.dumps(smooth)) is smooth
    with pytest.raises(ArgumentError):
        smooth.source("sideways")


def test_a_function_that_calls_a_differentiable_one():
    assert adtrans.grad(uses_smooth)(3.0) == 12.0


class Model:
    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return x * x

    @adtrans.grad(argnums=1)
    def force(self, x):
        return x * x

    @adtrans.differentiable
    def work(self, x):
        return x * x


def test_methods():
    model = Model(2.0)
    assert adtrans.grad(model.energy)(3.0) == 6.0
    assert model.force(3.0) == 6.0
    assert model.work(3.0) == 9.0
    assert model.work.grad(3.0) == 6.0


def test_partial_and_ufunc():
    assert adtrans.grad(functools.partial(scale, 2.0))(3.0) == 2.0
    assert adtrans.grad(functools.partial(scale, b=7.0))(2.0, 3.0) == 3.0
    assert adtrans.grad(np.sin)(0.0) == 1.0


def timed(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        started = time.perf_counter()
        result = f(*args, **kwargs)
        assert time.perf_counter() >= started
        return result

    return wrapper


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 2 * f(*args, **kwargs)

    return wrapper


@timed
def timed_square(x):
    return x * x


@doubled
def doubled_square(x):
    return x * x


@functools.lru_cache
def cached_square(x):
    return x * x


def test_other_decorators():
    assert adtrans.grad(timed_square)(3.0) == 6.0
    assert adtrans.grad(cached_square)(3.0) == 6.0
    with pytest.raises(AdtransError, match="__wrapped__"):
        adtrans.grad(doubled_square)


def test_what_has_no_source():
    with pytest.raises(AdtransError, match="from_source"):
        adtrans.grad(math.sin)
    scope: dict[str, object] = {}
    exec("def f(x): return x", scope)
    with pytest.raises(AdtransError, match="from_source"):
        adtrans.grad(scope["f"])(1.0)


def test_from_source():
    f = adtrans.from_source("import numpy as np\n\n\ndef f(x):\n    return np.sin(x)\n", "f")
    assert f(0.0) == 0.0 and f.grad(0.0) == 1.0
    assert adtrans.grad(f)(0.0) == 1.0
    assert pickle.loads(pickle.dumps(f)).grad(0.0) == 1.0
    with pytest.raises(AdtransError, match="does not define"):
        adtrans.from_source("x = 1", "f")


# ---------------------------------------------------------------------------- live values


def make(k):
    def inner(x):
        return k * x * x

    return inner


def counter():
    k = 1.0

    def inner(x):
        return k * x

    def change():
        nonlocal k
        k = 5.0

    return inner, change


RATE = 2.0


def uses_rate(x):
    return RATE * x


def test_closures():
    assert adtrans.grad(make(3.0))(2.0) == 12.0
    assert adtrans.grad(make(5.0))(2.0) == 20.0


def test_a_closure_that_changes():
    inner, change = counter()
    g = adtrans.grad(inner)
    assert g(2.0) == 1.0
    change()
    assert g(2.0) == 5.0


WEIGHTS = np.ones(2)
TABLE = {"k": 2.0}


def weighted(x):
    return TABLE["k"] * np.sum(WEIGHTS * x * x)


def put(where, key, value):
    """Writes where no reader of the text would look."""
    where[key] = value


@pytest.fixture
def changed():
    put(WEIGHTS, 0, 1.0), put(TABLE, "k", 2.0)
    yield lambda: (put(WEIGHTS, 0, 5.0), put(TABLE, "k", 3.0))
    put(WEIGHTS, 0, 1.0), put(TABLE, "k", 2.0)


def test_a_module_level_array_that_is_written_to(changed):
    """The derivative had a copy of its own, and went on giving the old gradient."""
    x = np.array([1.0, 2.0])
    gradient, hessian = adtrans.grad(weighted), adtrans.hessian(weighted)
    assert gradient(x).tolist() == [4.0, 8.0] and hessian(x).tolist() == [[4.0, 0.0], [0.0, 4.0]]
    changed()
    assert gradient(x).tolist() == [30.0, 12.0] and hessian(x).tolist() == [[30.0, 0.0], [0.0, 6.0]]
    assert adtrans.hvp(weighted, (x,), (np.ones(2),)).tolist() == [30.0, 6.0]


@pytest.mark.parametrize("made", ["np.full(3, x[0], dtype=np.float32)", "np.asarray(x, dtype=np.float32)"])
def test_a_gradient_has_the_dtype_of_its_input(made):
    f = adtrans.from_source(f"import numpy as np\ndef f(x):\n    return np.sum({made} ** 2)\n", "f")
    assert adtrans.grad(f)(np.array([1.0, 2.0])).dtype == np.float64


@pytest.fixture
def two_modules(tmp_path, monkeypatch):
    """A module, and another one whose constants and functions it uses."""
    (tmp_path / "far_side.py").write_text(
        "import numpy as np\n\nWEIGHTS = np.array([1.0, 2.0])\nSCALE = 2.0\n\n\n"
        "def weigh(x):\n    return SCALE * np.sum(WEIGHTS * x * x)\n"
    )
    (tmp_path / "near_side.py").write_text(
        "import far_side\nfrom far_side import weigh\n\n\n"
        "def energy(x):\n    return weigh(x) + far_side.SCALE * x[0]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("near_side"), importlib.import_module("far_side")
    del sys.modules["near_side"], sys.modules["far_side"]


def test_an_array_of_another_module_that_is_written_to(two_modules):
    near, far = two_modules
    gradient, hessian = adtrans.grad(near.energy), adtrans.hessian(near.energy)
    assert gradient(np.ones(2)).tolist() == [6.0, 8.0] and hessian(np.ones(2)).diagonal().tolist() == [
        4.0,
        8.0,
    ]
    far.WEIGHTS[0] = 5.0
    assert gradient(np.ones(2)).tolist() == [22.0, 8.0] and hessian(np.ones(2)).diagonal().tolist() == [
        20.0,
        8.0,
    ]


def test_a_number_of_another_module_that_is_bound_again(two_modules):
    near, far = two_modules
    gradient = adtrans.grad(near.energy)
    assert gradient(np.ones(2)).tolist() == [6.0, 8.0]
    far.SCALE = 3.0
    with pytest.raises(adtrans.AdtransError, match=r"`SCALE` is 3\.0 now, but 2\.0 in the source"):
        gradient(np.ones(2))


def test_a_function_of_another_module_that_is_replaced(two_modules):
    near, far = two_modules
    gradient = adtrans.grad(near.energy)
    assert gradient(np.ones(2)).tolist() == [6.0, 8.0]
    far.weigh = lambda x: x[0]
    with pytest.raises(adtrans.AdtransError, match="`weigh` is not the function of"):
        gradient(np.ones(2))


def test_a_hessian_knows_that_a_closure_has_changed():
    """It went on giving the old one."""
    k = 1.0

    def square(x):
        return k * x * x

    h = adtrans.hessian(square)
    assert h(2.0) == 2.0
    k = 5.0
    assert h(2.0) == 10.0


def test_two_closures_of_one_definition():
    def make(w):
        def g(x):
            return np.sum(w * x)

        return g

    w1, w2, x = np.array([1.0, 2.0]), np.array([10.0, 20.0]), np.ones(2)
    g1, g2 = make(w1), make(w2)

    def f(x):
        return g2(x) * g1(x) ** 2

    for _ in range(2):
        slope = g1(x) ** 2 * w2 + 2.0 * g2(x) * g1(x) * w1
        np.testing.assert_allclose(adtrans.grad(f)(x), slope)
        w2 *= 3.0  # the derivative sees what is in it now


def test_a_captured_array():
    def make(matrix):
        def form(x):
            return x @ matrix @ x

        return adtrans.grad(form)

    matrix = np.array([[1.0, 2.0], [0.0, 1.0]])
    g = make(matrix)
    assert g(np.ones(2)).tolist() == [4.0, 4.0]
    matrix[0, 0] = 3.0
    assert g(np.ones(2)).tolist() == [8.0, 4.0]


def test_a_constant_that_no_longer_is_what_the_source_says(monkeypatch):
    g = adtrans.grad(uses_rate)
    assert g(1.0) == 2.0
    monkeypatch.setattr(sys.modules[__name__], "RATE", 3.0)
    with pytest.raises(AdtransError, match="RATE"):
        g(1.0)


def test_a_file_that_changed(tmp_path, monkeypatch):
    path = tmp_path / "changing_module.py"
    path.write_text("def f(x):\n    return x * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    import changing_module

    path.write_text("def f(x):\n    return x * x * x\n")
    with pytest.raises(AdtransError, match="has changed"):
        adtrans.grad(changing_module.f)(2.0)


def test_lambdas():
    one, two = (lambda x: x * 2.0), (lambda x: x * 3.0)
    assert adtrans.grad(one)(1.0) == 2.0
    assert adtrans.grad(two)(1.0) == 3.0
    k = 4.0
    assert adtrans.grad(lambda x: np.sum(x) * k)(X)[0] == 4.0


# ------------------------------------------------------------------------------- jacobians


def test_jacobian_shapes():
    A = np.arange(6.0).reshape(2, 3)
    for jac in (adtrans.jacfwd, adtrans.jacrev, adtrans.jacobian):
        np.testing.assert_allclose(jac(affine, argnums=1)(A, X), A)
        J = jac(affine)(A, X)
        assert J.shape == (2, 2, 3)
        np.testing.assert_allclose(J, np.einsum("ik,j->ikj", np.eye(2), X))
        both = jac(affine, argnums=(1, 0))(A, X)
        np.testing.assert_allclose(both[0], A)
        np.testing.assert_allclose(both[1], J)


def two_results(x, y):
    return x * y, np.sum(x)


def test_jacobian_of_several_results():
    for jac in (adtrans.jacfwd, adtrans.jacrev, adtrans.jacobian):
        (a, b), (c, d) = jac(two_results, argnums=(0, 1))(X, 2.0)
        np.testing.assert_allclose(a, 2.0 * np.eye(3))
        np.testing.assert_allclose(b, X)
        np.testing.assert_allclose(c, np.ones(3))
        assert d == 0.0
        single = jac(two_results)(X, 2.0)
        np.testing.assert_allclose(single[1], np.ones(3))


def test_jacobian_of_nothing():
    x = np.zeros(0)
    assert adtrans.jacfwd(lambda x: x * 2.0)(x).shape == (0, 0)
    assert adtrans.jacrev(lambda x: x * 2.0)(x).shape == (0, 0)
    assert adtrans.jacfwd(squares)(x).shape == (0,)
    assert adtrans.jacrev(squares)(x).shape == (0,)


def test_jacobian_keeps_single_precision():
    x = X.astype(np.float32)
    assert adtrans.jacfwd(lambda x: x * x)(x).dtype == np.float32
    assert adtrans.jacrev(lambda x: x * x)(x).dtype == np.float32


def test_jacobian_with_aux():
    J, aux = adtrans.jacrev(loss_and_extra, has_aux=True)(X, np.eye(3))
    np.testing.assert_allclose(J, 2 * X)
    np.testing.assert_allclose(aux, X)
    J, aux = adtrans.jacfwd(loss_and_extra, has_aux=True)(X, np.eye(3))
    np.testing.assert_allclose(J, 2 * X)


# ----------------------------------------------------------------------------- vjp and jvp


def test_vjp():
    A = np.arange(6.0).reshape(2, 3)
    value, pullback = adtrans.vjp(affine, A, X)
    np.testing.assert_array_equal(value, A @ X)
    for seed in (np.array([1.0, 0.0]), np.array([2.0, 3.0])):
        A_bar, x_bar = pullback(seed)
        np.testing.assert_allclose(A_bar, np.outer(seed, X))
        np.testing.assert_allclose(x_bar, A.T @ seed)
    (x_bar,) = adtrans.vjp(affine, A, X, argnums="x")[1](np.ones(2))
    np.testing.assert_allclose(x_bar, A.sum(axis=0))
    with pytest.raises(ArgumentError, match="shape"):
        pullback(1.0)


def test_vjp_of_several_results():
    (a, _), pullback = adtrans.vjp(two_results, X, 2.0)
    np.testing.assert_allclose(a, 2 * X)
    x_bar, y_bar = pullback((np.ones(3), 10.0))
    np.testing.assert_allclose(x_bar, np.full(3, 12.0))
    assert y_bar == X.sum()


def test_vjp_with_aux():
    value, pullback, aux = adtrans.vjp(loss_and_extra, X, np.eye(3), argnums=0, has_aux=True)
    assert value == squares(X)
    np.testing.assert_allclose(pullback(1.0)[0], 2 * X)
    np.testing.assert_allclose(aux, X)


def test_the_pullback_does_not_see_later_changes():
    x = X.copy()
    value, pullback = adtrans.vjp(np.exp, x)
    total, pullback_of_total = adtrans.vjp(squares, x)
    x[:] = 0.0
    value[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], np.exp(X))
    np.testing.assert_allclose(pullback_of_total(1.0)[0], 2 * X)
    assert total == squares(X)


def test_jvp():
    value, tangent = adtrans.jvp(cubes, (X, 3), (np.ones(3), None))
    assert value == cubes(X)
    assert tangent == pytest.approx(np.sum(3 * X**2))
    _, (a_dot, b_dot) = adtrans.jvp(two_results, (X, 2.0), (X, 0.0))
    np.testing.assert_allclose(a_dot, 2 * X)
    assert b_dot == X.sum()
    assert adtrans.jvp(scale, (2.0, 3.0), (1, 0)) == (7.0, 3.0)
    with pytest.raises(ArgumentError, match="shape"):
        adtrans.jvp(squares, (X,), (1.0,))
    with pytest.raises(ArgumentError):
        adtrans.jvp(squares, (X,), (None,))
    with pytest.raises(ArgumentError):
        adtrans.jvp(squares, (X,), (X, X))


def test_jvp_with_aux():
    _, tangent, aux = adtrans.jvp(loss_and_extra, (X, np.eye(3)), (X, None), has_aux=True)
    assert tangent == pytest.approx(2 * squares(X))
    np.testing.assert_allclose(aux, X)


def test_seeds_are_not_modified():
    seed = np.ones(3)
    adtrans.vjp(lambda x: x * x, X)[1](seed)
    adtrans.jvp(lambda x: x * x, (X,), (seed,))
    np.testing.assert_array_equal(seed, np.ones(3))


# -------------------------------------------------------------------------- higher orders


def quartic(x):
    return np.sum(x**4) + x[0] * x[1]


def test_second_order():
    expected = np.diag(12 * X**2)
    expected[0, 1] = expected[1, 0] = 1.0
    np.testing.assert_allclose(adtrans.hessian(quartic)(X), expected)
    np.testing.assert_allclose(adtrans.jacfwd(adtrans.grad(quartic))(X), expected)
    np.testing.assert_allclose(adtrans.jacrev(adtrans.grad(quartic))(X), expected)
    np.testing.assert_allclose(adtrans.jacrev(adtrans.jacfwd(quartic))(X), expected)
    np.testing.assert_allclose(adtrans.jacfwd(adtrans.jacfwd(quartic))(X), expected)
    np.testing.assert_allclose(adtrans.hvp(quartic, (X,), (X,)), expected @ X)
    np.testing.assert_allclose(adtrans.hvp(quartic, X, X), expected @ X)


def test_third_order():
    g = adtrans.grad(lambda x: x**5)
    assert adtrans.grad(adtrans.grad(g))(2.0) == pytest.approx(240.0)
    h = adtrans.jacfwd(adtrans.hessian(quartic))(X)
    np.testing.assert_allclose(np.einsum("iii->i", h), 24 * X)


def bilinear(x, w):
    return np.sum(x * x) * w


def test_hessian_blocks():
    (xx, xw), (wx, ww) = adtrans.hessian(bilinear, argnums=(0, 1))(X, 3.0)
    np.testing.assert_allclose(xx, 6 * np.eye(3))
    np.testing.assert_allclose(xw, 2 * X)
    np.testing.assert_allclose(wx, 2 * X)
    assert ww == 0.0
    along = adtrans.hvp(bilinear, (X, 3.0), (X, 1.0))
    np.testing.assert_allclose(along[0], 8 * X)
    assert along[1] == pytest.approx(2 * squares(X))
    np.testing.assert_allclose(adtrans.hvp(bilinear, (X, 3.0), X), 6 * X)


def test_hessian_of_a_vector():
    h = adtrans.hessian(lambda x: x * x * x)(X)
    assert h.shape == (3, 3, 3)
    np.testing.assert_allclose(np.einsum("iii->i", h), 6 * X)


def test_value_and_grad_is_differentiable():
    dv, dg = adtrans.jacfwd(adtrans.value_and_grad(quartic))(X)
    np.testing.assert_allclose(dv, adtrans.grad(quartic)(X))
    np.testing.assert_allclose(dg, adtrans.hessian(quartic)(X))


def test_stop_gradient():
    assert adtrans.stop_gradient(3.0) == 3.0
    assert adtrans.grad(lambda x: x * adtrans.stop_gradient(x))(3.0) == 3.0


def test_stop_gradient_in_second_derivatives():
    """The derivative still says what is a constant: these were 1 where they are 0."""
    assert adtrans.grad(adtrans.grad(lambda x: x * adtrans.stop_gradient(x)))(3.0) == 0.0

    def f(x, z):
        return adtrans.stop_gradient(x) * z

    by_z = adtrans.grad(f, argnums=1)
    assert by_z(2.0, 3.0) == 2.0
    assert adtrans.grad(by_z, argnums=0)(2.0, 3.0) == 0.0
    assert adtrans.jvp(by_z, (2.0, 3.0), (1.0, 0.0)) == (2.0, 0.0)
    np.testing.assert_array_equal(
        adtrans.hessian(lambda v: adtrans.stop_gradient(v[0]) * v[1])(np.array([2.0, 3.0])), np.zeros((2, 2))
    )


# --------------------------------------------------------------------- source and pickles


def test_source():
    g = adtrans.grad(cubes)
    generic = g.source
    assert "def cubes_vjp(x, n=3" in generic
    g(X)
    assert "def cubes_vjp" in g.source
    assert "adtrans" not in g.source.split('"""')[2]
    assert "def cubes_vjp" in inspect.getsource(g)


def test_specialised_once_for_each_signature():
    g = adtrans.grad(squares)
    made = g._sweep.made
    for x in (X, np.ones(7), np.ones((2, 3)), np.ones((2, 1)), X.astype(np.float32), 2.0):
        g(x)
        g(x)
    assert len(made) == 5
    assert adtrans.grad(squares)._sweep.made is made


def failing(x):
    return math.sqrt(x) * x


def test_tracebacks_show_generated_lines():
    try:
        adtrans.grad(failing)(-1.0)
    except ValueError:
        assert "math.sqrt(x)" in traceback.format_exc()
        assert "adtrans failing_vjp" in traceback.format_exc()


def test_pickles():
    g = adtrans.grad(cubes)
    expected = g(X)
    for derivative in (g, adtrans.hessian(quartic), bare, adtrans.jacobian(squares), adtrans.grad(make(3.0))):
        x = 2.0 if derivative is bare or derivative._function.name == "inner" else X
        again = pickle.loads(pickle.dumps(derivative))
        np.testing.assert_allclose(again(x), derivative(x))
    np.testing.assert_allclose(pickle.loads(pickle.dumps(g))(X), expected)


SCRIPT = """
import multiprocessing as mp
import numpy as np
import adtrans

K = 3.0

def helper(x):
    return K * x

def f(x):
    return np.sum(helper(x) * x)

g = adtrans.grad(f)

if __name__ == "__main__":
    print(g(np.ones(2)))
    with mp.get_context("spawn").Pool(1) as pool:
        print(pool.map(g, [np.ones(2), np.ones((2, 2))]))
"""


def test_spawn(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env=env, timeout=120)
    assert done.stdout.startswith("[6. 6.]"), done.stderr
    assert "[6., 6.]]" in done.stdout, done.stderr


def test_a_pickle_from_main_needs_no_main(tmp_path):
    """As from a notebook: the other process knows nothing of the module."""
    target = tmp_path / "g.pickle"
    text = SCRIPT.replace(
        "print(g(np.ones(2)))", f"import pickle; open({str(target)!r}, 'wb').write(pickle.dumps(g))"
    )
    (tmp_path / "script.py").write_text(text.split("    with mp")[0])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([sys.executable, str(tmp_path / "script.py")], check=True, env=env, timeout=120)
    (tmp_path / "script.py").unlink()
    load = f"import pickle, numpy as np; print(pickle.load(open({str(target)!r}, 'rb'))(np.ones(2)))"
    done = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, env=env, timeout=120)
    assert done.stdout.strip() == "[6. 6.]", done.stderr


def test_import_is_light():
    code = textwrap.dedent("""
        import sys, adtrans
        adtrans.grad
        assert not {"libcst", "black", "click"} & set(sys.modules), "heavy"
    """)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, timeout=60)


def test_refusals_come_through():
    def f(x):
        return np.linalg.matrix_rank(x) * np.vectorize(abs)(x)

    with pytest.raises(Refused):
        adtrans.grad(f)(X)


def test_a_call_costs_little():
    """Counted in calls of Python functions, as times depend on the machine."""
    g = adtrans.grad(squares)
    g(X)
    raw = g._found[next(iter(g._found))].call

    def calls(f):
        found = []
        sys.setprofile(lambda frame, event, arg: found.append(frame.f_code.co_name) if event == "call" else 0)
        f(X)
        sys.setprofile(None)
        return found

    beyond = len(calls(g)) - len(calls(raw))
    assert beyond <= 2, calls(g)


# ---------------------------------------------------------------- functions as arguments


def euler(f, y0, n=3):
    y = y0
    for _ in range(n):
        y = y + 0.1 * f(y)
    return y * y


def slope_at(f, x, step=1e-6):
    return (f(x + step) - f(x - step)) / (2.0 * step)


@pytest.mark.parametrize("f", [np.sin, math.cos, lambda y: -RATE * y, lambda y: y * y + RATE])
def test_a_function_as_an_argument(f):
    gradient = adtrans.grad(euler, argnums=1)
    assert gradient(f, 0.7) == pytest.approx(slope_at(lambda y: euler(f, y), 0.7), rel=1e-7)
    second = adtrans.grad(gradient, argnums="y0")(f, 0.7)
    assert second == pytest.approx(slope_at(lambda y: gradient(f, y), 0.7), rel=1e-7)


def test_functions_of_one_definition_as_arguments():
    def make(k):
        return lambda y: k * y * y

    gradient = adtrans.grad(euler, argnums="y0")
    for k in (1.0, 2.0, 1.0):
        h = make(k)
        assert gradient(h, y0=0.7) == pytest.approx(slope_at(lambda y: euler(h, y), 0.7), rel=1e-7)  # noqa: B023


def test_what_a_function_argument_captures_may_change():
    w = np.array([1.0, 2.0])

    def f(y):
        return np.sum(w) * y

    gradient = adtrans.grad(euler, argnums=1)
    for value in (1.0, 5.0):
        w[0] = value
        assert gradient(f, 0.7) == pytest.approx(slope_at(lambda y: euler(f, y), 0.7), rel=1e-7)


def test_a_function_as_a_default():
    def f(x, g=np.sin):
        return g(x) * x

    assert adtrans.grad(f)(0.7) == pytest.approx(slope_at(f, 0.7), rel=1e-7)
    assert adtrans.grad(f)(0.7, np.cos) == pytest.approx(slope_at(lambda x: f(x, np.cos), 0.7), rel=1e-7)
    assert adtrans.grad(f)(0.7, g=lambda t: t * t) == pytest.approx(3 * 0.49)
    assert adtrans.jvp(f, (0.7,), (1.0,))[1] == pytest.approx(slope_at(f, 0.7), rel=1e-7)
    assert adtrans.vjp(euler, np.sin, 0.7, argnums=1)[1](1.0)[0] == pytest.approx(
        slope_at(lambda y: euler(np.sin, y), 0.7), rel=1e-7
    )


def test_a_live_lambda_is_called():
    k = 3.0
    h = lambda t: t * t * k  # noqa: E731

    def f(x):
        return h(x) * x

    assert adtrans.grad(f)(2.0) == pytest.approx(36.0)


def test_a_function_is_not_differentiated_by():
    with pytest.raises(adtrans.NonDifferentiableArgumentError):
        adtrans.grad(euler)(np.sin, 0.7)
