"""Functions of NumPy in other writings: methods of arrays, indices of `np.r_`, `...` in subscripts."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans

from .test_compiled import along

HEAD = "import numpy as np\n\n\ndef f(x):\n    "
WRITINGS = [
    "return np.sum(x.compress(x > 0.0) ** 2)",
    "return np.sum(np.reshape(x, (2, 2)).compress([0, 1], axis=1) ** 2)",
    "return x[x.searchsorted(0.5)] ** 2",
    "return x.item(1) ** 2 * np.reshape(x, (2, 2)).item(1, 0)",
    "return np.sum(np.r_[x, 0.0, 2 * x[1]] ** 2)",
    "return np.sum(np.r_[0.0, np.cumsum(x)] * np.r_[np.ones(2), x[:3] ** 2])",
    "return np.sum(np.c_[x, x**2, np.ones(4)] ** 3)",
    *(
        f"y, z = np.reshape(x, (2, 2)), np.reshape(x[:2] ** 2, (2,))\n    "
        f"return np.sum(np.cos(np.einsum({inside})))"
        for inside in (
            "'...i,...i->...', y, y",
            "'...i,i->...', y, z",
            "'i...->...', y",
            "'...i->i...', y",
            "'...,...->...', y, z",
            "'...i,...i', z, np.reshape(x, (1, 2, 2))",
            "'...ij,...jk', np.reshape(x, (1, 2, 2)), np.ones((3, 2, 2))",
            "'...,i->...i', x[0], z",
            "'a...b,b...->a...', np.reshape(x, (1, 2, 2)), y",
        )
    ),
    "t = (1.0, 2.0)\n    return np.sum(np.r_[t, x] ** 2)",
    "t = [x[0], 2.0]\n    return np.sum(np.r_[x, t] ** 2)",
    "t = (x[0], 2.0)\n    return np.sum(np.r_[t, x, t] ** 2)",
    "y = np.c_[x, x**2]\n    return np.sum(y[1] @ y.T)",
]


@pytest.mark.parametrize("line", WRITINGS)
def test_derivatives(line: str) -> None:
    f = adtrans.from_source(f"{HEAD}{line}\n", "f")
    x, v = np.array([-0.7, 0.4, 1.3, 2.2]), np.array([0.3, -1.0, 0.7, 0.2])
    want = along(f, [x], [v])
    np.testing.assert_allclose(adtrans.grad(f)(x) @ v, want, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(adtrans.jvp(f, (x,), (v,))[1], want, rtol=1e-7, atol=1e-7)
    second = along(adtrans.grad(f), [x], [v])
    np.testing.assert_allclose(adtrans.hvp(f, (x,), (v,)), second, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("items", ["'0,2', x, x", "(x, x)"])
def test_what_is_joined_otherwise_is_refused(items: str) -> None:
    f = adtrans.from_source(f"{HEAD}return np.sum(np.r_[{items}] ** 2)\n", "f")
    with pytest.raises(adtrans.Refused, match=r":5:.*AD202 .*np\.concatenate"):
        adtrans.grad(f)(np.ones(3))


@pytest.mark.parametrize("item", ["slice(0, 3)", "'0,2'"])
def test_what_is_no_array_under_a_name_is_refused(item: str) -> None:
    f = adtrans.from_source(f"{HEAD}t = {item}\n    return np.sum(np.r_[t, x] ** 2)\n", "f")
    x = np.ones(3)
    for derivative in (lambda: adtrans.grad(f)(x), lambda: adtrans.jvp(f, (x,), (x,))):
        with pytest.raises((adtrans.Refused, NotImplementedError)):
            derivative()
