"""Functions of NumPy under another writing than a call: methods of arrays, indices of `np.r_`."""

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
