"""A branch that `np.where` does not take contributes exactly zero, also where its slope is infinite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import adtrans

X = np.array([-1.0, 0.0, 1.0, 4.0])
Z = np.array([0.0, 1.0, 4.0])

CHOICES: dict[str, tuple[Any, ...]] = {
    "np.where(x > 0.0, np.sqrt(x), 0.0)": (X,),
    "np.where(x > 0.0, np.log(x), x * x)": (X,),
    "np.where(x <= 0.0, x**3, x**0.5)": (X,),
    "np.where(x == 0.0, 1.0, np.sin(x) / x)": (X,),
    "np.where(x != 0.0, np.divide(y, x), np.zeros_like(x))": (X, 0.7),
    "np.where(x > 0.5, 1.0 / x, x) * y": (Z, 0.3),
    "np.where(x > 0.0, x * np.log(x), y[:, None] * x)": (Z, X),
    "np.where(np.abs(x) < 2.0, x, np.where(x > 0.0, np.sqrt(x), np.sqrt(-x)))": (X,),
    "2.0 * np.where(x > 0.0, np.where(x > 2.0, np.log(x) / np.sum(x * x), 1.0), 0.0)": (X,),
    "np.select([x > 2.0, x > 0.0], [1.0 / x, np.log(x)], default=x * x)": (X,),
    "np.select([x < 0.0, x == 0.0], [x, y * x], np.sqrt(x))": (X, 0.4),
    "np.where(x == 0.0, np.nan * x, x * y) * (x != 0.0)": (X[[0, 2, 3]], 0.7),
    "np.where(x < 300.0, np.exp(x), 1.0)": (np.array([1.0, 1e4]),),
    "np.where(x[1:] > 0.0, np.sqrt(x[1:]), x[:-1])": (X,),
    "np.where(x[:, None] > y, np.log(x[:, None] - y), y)": (Z, np.array([0.0, 0.5])),
}


def derivative_along(f: Any, args: tuple[Any, ...], directions: tuple[Any, ...]) -> Any:
    """By differences of two step sizes and extrapolation."""

    def central(h: float) -> Any:
        up = f(*(a + h * d for a, d in zip(args, directions, strict=True)))
        down = f(*(a - h * d for a, d in zip(args, directions, strict=True)))
        return (up - down) / (2 * h)

    return (4 * central(5e-4) - central(1e-3)) / 3


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("expression", CHOICES)
def test_an_untaken_branch_contributes_zero(expression: str) -> None:
    args = CHOICES[expression]
    params = "x, y" if len(args) == 2 else "x"
    text = f"import numpy as np\n\n\ndef f({params}):\n    r = {expression}\n    return np.sum(r * r + r)\n"
    f = adtrans.from_source(text, "f")
    rng = np.random.default_rng(2)
    # At the singular points themselves differences would change the branch: those stay where they are.
    directions = tuple(np.asarray(rng.normal(size=np.shape(a))) * (np.asarray(a) != 0.0) for a in args)
    gradient = adtrans.grad(f, argnums=tuple(range(len(args))))
    want = derivative_along(lambda *a: float(f(*a)), args, directions)
    got = sum(np.sum(g * d) for g, d in zip(gradient(*args), directions, strict=True))
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(adtrans.jvp(f, args, directions)[1], want, rtol=1e-7, atol=1e-7)

    def flat(*a: Any) -> Any:
        return np.concatenate([np.ravel(g) for g in gradient(*a)])

    assert np.all(np.isfinite(flat(*args)))
    second = adtrans.hvp(f, args, directions)
    second = np.concatenate([np.ravel(g) for g in (second if len(args) == 2 else (second,))])
    np.testing.assert_allclose(second, derivative_along(flat, args, directions), rtol=1e-6, atol=1e-6)


def test_the_choice_is_made_last() -> None:
    f = adtrans.from_source(
        "import numpy as np\n\n\ndef f(x):\n    return np.where(x > 0.0, np.log(x), 0.0) @ x\n", "f"
    )
    with np.errstate(all="ignore"):
        f.grad(X)
    assert "np.where(mask, where_bar / x, 0.0)" in f.source("reverse")
