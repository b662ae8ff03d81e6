"""Derivatives that a function asks for itself, against differences of that function."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.oracle import judge

HEAD = "import adtrans\nimport numpy as np\nfrom adtrans import grad\n\n\n"
X = np.array([0.7, 1.3, 0.4])

RIGHT: dict[str, tuple[str, tuple[object, ...]]] = {
    "simple": (
        """
def f(x):
    return adtrans.grad(lambda t: t ** 3)(x) * x
""",
        (0.7,),
    ),
    "classic": (
        """
def f(x):
    return x * grad(lambda y: x + y)(1.0)
""",
        (0.7,),
    ),
    "classic2": (
        """
def f(x):
    return grad(lambda y: x * grad(lambda z: y * z * x)(y * y))(x)
""",
        (0.7,),
    ),
    "descend": (
        """
def loss(w, x):
    return np.sum((w * x - 1.0) ** 2)


def f(x):
    w = 0.1
    for i in range(3):
        w = w - 0.1 * adtrans.grad(loss)(w, x)
    return w
""",
        (0.7,),
    ),
    "vg": (
        """
def loss(w, x):
    return np.sum((w * x - 1.0) ** 2)


def f(x):
    v, g = adtrans.value_and_grad(loss, argnums=1)(2.0, x)
    return v * g
""",
        (0.7,),
    ),
    "many": (
        """
def loss(w, x):
    return np.sum((w * x - 1.0) ** 2)


def f(x):
    v, (gw, gx) = adtrans.value_and_grad(loss, (0, 'x'))(2.0 * x, x)
    a, b = adtrans.grad(loss, argnums=(1, 0))(2.0 * x, x)
    return v * gw + gx * b + a
""",
        (0.7,),
    ),
    "jv": (
        """
def f(x):
    y, dy = adtrans.jvp(lambda t: np.sin(t) * x, (x,), (2.0 * x,))
    return y * dy
""",
        (0.7,),
    ),
    "vj": (
        """
def f(x):
    y, back = adtrans.vjp(lambda t, u: t * u * u, x, 2.0 * x)
    a, b = back(y)
    return a * b + y
""",
        (0.7,),
    ),
    "hv": (
        """
def f(x):
    return adtrans.hvp(lambda t: t ** 4, (x,), (x,)) + adtrans.hessian(lambda t: t ** 3 * x)(x)
""",
        (0.7,),
    ),
    "jac": (
        """
def f(x):

    def g(t):
        return np.array([t * t, np.sin(t) * x])
    J = adtrans.jacfwd(g)(x)
    return np.sum(J * J)
""",
        (0.7,),
    ),
    "root": (
        """
def newton(f, x0, n=3):
    df = adtrans.grad(f)
    x = x0
    for i in range(n):
        x = x - f(x) / df(x)
    return x


def f(x):
    return newton(lambda t: t * t - x - 2.0, 1.5)
""",
        (0.7,),
    ),
    "second": (
        """
def f(x):
    return grad(grad(lambda t: t ** 4))(x)
""",
        (0.7,),
    ),
    "aux": (
        """
def f(x):
    g, a = adtrans.grad(lambda t: (t * t * x, t + x), has_aux=True)(x)
    return g * a
""",
        (0.7,),
    ),
    "arr": (
        """
def f(x):
    g = adtrans.grad(lambda t: np.sum(t ** 3))(x)
    H = adtrans.jacfwd(adtrans.grad(lambda t: np.sum(t ** 3) * t[0]))(x)
    return np.sum(g * x) + np.sum(H @ x)
""",
        (X,),
    ),
    "gd": (
        """
def f(x):
    A = np.outer(x, x) + np.eye(3)

    def obj(w):
        return 0.5 * w @ A @ w - np.sum(w * x)
    w = np.zeros(3)
    df = adtrans.value_and_grad(obj)
    for i in range(4):
        v, g = df(w)
        w = w - 0.05 * g
    return np.sum(w) + v
""",
        (X,),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    source, args = RIGHT[name]
    outcome = judge(HEAD + source.lstrip(), args, order=2, name="f")
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


RIGHT["library"] = ("def f(x):\n    return grad(np.sin)(x) + grad(np.arctan2, argnums=1)(x, 2.0)\n", (0.7,))


def test_stopped() -> None:
    """What is stopped is a constant in derivatives of the derivative, too: this is 2 x stop(x) x."""

    def f(x):
        return adtrans.grad(lambda t: t * t * adtrans.stop_gradient(t) * x)(x)

    np.testing.assert_allclose(adtrans.value_and_grad(f)(0.7), (2.0 * 0.7**3, 4.0 * 0.7**2))


REFUSED = {
    "in_list": "def f(x):\n    return grad([np.sin][0] if x > 0 else x)(x)\n",
    "vector": "def f(x: float):\n    return np.sum(grad(lambda t: np.array([t, x]))(x))\n",
    "unknown": "def f(x, g):\n    return grad(g)(x)\n",
    "argnums": "def f(x, n):\n    return grad(lambda t, u: t * u * x, argnums=n)(x, x)\n",
    "rebinds": """
def f(x):
    n = 0.0

    def g(t):
        nonlocal n
        n = n + t
        return t * t

    return grad(g)(x) * n
""",
    "several": "def f(x):\n    return grad(lambda t: (t, t * x))(x)\n",
    "not_called": "def f(x):\n    slopes = [grad(g) for g in x]\n    return slopes[0](x)\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(adtrans.Refused) as caught:
        pipeline.generate(parse.program(HEAD + REFUSED[name].lstrip(), "m.py", "f"), pipeline.Request())
    assert "AD243" in {d.code for d in caught.value.diagnostics}
