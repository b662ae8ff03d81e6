"""Library calls that write into an argument: `out=`, `where=`, `np.put`, `np.fill_diagonal`, `y.sort()`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import adtrans

rng = np.random.default_rng(11)
ARGS: dict[str, Any] = {
    "x": np.array([0.4, -1.2, 0.9, 2.1]),
    "y": np.array([1.3, 0.2, -0.6, 0.8]),
    "b": np.array([0.7, -0.3, 1.9]),
    "A": rng.normal(size=(3, 3)),
    "B": rng.normal(size=(3, 3)),
    "a": 0.7,
}

WRITES = [
    "z = np.zeros(4); np.exp(x, out=z)",
    "z = np.zeros(4); np.multiply(x, y, z)",
    "z = np.zeros(4); np.add(x, y, out=(z,))",
    "z = x.copy(); np.multiply(z, y, out=z)",
    "z = x.copy(); np.add(z, y, out=z, where=x > 0.5)",
    "z = np.zeros(4); np.divide(y, x, out=z, where=x > 0.0)",
    "z = np.divide(y, x, out=np.zeros_like(y), where=x > 0.5)",
    "z = a * np.divide(y, x, out=np.ones_like(y), where=x > 0.5)",
    "z = x * y; z = np.log(z, out=np.zeros(4), where=z > 0.0)",
    "z = np.zeros(4, np.float64); r = np.sin(x, out=z); z = z * r",
    "z = A.copy(); np.add(z[0], b, out=z[1])",
    "z = A.copy(); np.multiply(B, a, out=z.T)",
    "z = A.copy(); np.exp(b, z[:, 1])",
    "z = np.zeros(3); np.sum(A * B, axis=0, out=z)",
    "z = np.zeros(3); A.sum(axis=1, out=z)",
    "z = np.zeros(3); np.sum(A, axis=0, out=z, where=B > 0.0)",
    "z = np.zeros(3); np.add.reduce(A, axis=1, out=z)",
    "z = np.zeros(3); np.dot(A, b, out=z)",
    "z = np.zeros((3, 3)); np.matmul(A, B, out=z)",
    "z = np.zeros((3, 3)); np.einsum('ij,jk->ik', A, B, out=z)",
    "z = np.zeros(4); np.cumsum(x, out=z)",
    "z = x.copy(); z.clip(-0.5, 1.0, z)",
    "z = np.zeros((2, 4)); np.stack((x, y), out=z)",
    "z = x.copy(); np.copyto(z, y)",
    "z = x.copy(); np.copyto(z, y * a, where=x > 0.5)",
    "z = A.copy(); np.copyto(z.T, B)",
    "z = A.copy(); np.fill_diagonal(z, b)",
    "z = A.copy(); np.fill_diagonal(z, a)",
    "z = A[:2].copy(); np.fill_diagonal(z, a)",
    "z = x.copy(); np.put(z, [0, 2], y[:2])",
    "z = x.copy(); np.put(z, [0, 2], y)",
    "z = A.copy(); np.asarray(z)[0] = a",
    "z = A.copy(); np.put(z, [0, 5], a)",
    "z = x.copy(); z.put(1, a)",
    "z = x.copy(); np.putmask(z, x > 0.5, y)",
    "z = A.copy(); np.put_along_axis(z, np.argmax(A, axis=0)[None], b[None], 0)",
    "z = A.copy(); np.put_along_axis(z, np.argmax(A, axis=1)[:, None], a, -1)",
    "z = x.copy(); z.sort()",
    "z = A.copy(); z.sort(axis=0)",
    "z = A.copy(); z[1].sort()",
    "z = x.copy(); z.partition(2)",
    "z = x.copy(); np.subtract.at(z, [0, 0, 1], y[:3])",
    "z = A.copy(); np.add.at(z[1], [0, 0, 2], b)",
    "z = np.ones(4)\nfor k in range(3):\n    np.multiply(z, x, out=z)\n    np.sin(z, out=z)",
]

REFUSED = [
    "z = x.copy(); np.multiply.at(z, [0, 0, 1], y[:3])",
    "z = x.copy(); np.place(z, x > 0.5, y)",
    "z = A.copy(); np.add.at(np.moveaxis(z, 1, 0), [0, 0, 1], B)",
    "z = A.copy(); np.add.at(z.T, [0, 0, 1], B)",
    "z = A.copy(); np.fill_diagonal(np.transpose(z), b)",
    "z = A.copy(); np.fill_diagonal(z, b, wrap=True)",
    "z = A.copy(); np.ravel(z)[0] = a",
    "z = A.copy(); memoryview(z)[0, 0] = a",
    "z = A.copy(); z.setfield(a, float)",
    "z = np.zeros(3, np.float32); np.sum(A, axis=0, out=z)",
    "z = x.copy(); np.put(z, [0, 7], a, mode='wrap')",
]


def program(statements: str) -> tuple[Any, tuple[Any, ...]]:
    """A function of the arguments that the statements use, and these."""
    lines = [line for part in statements.split("; ") for line in part.split("\n")]
    body = "\n".join(f"    {line}" for line in lines)
    used = [name for name in ARGS if re.search(rf"\b{name}\b", body)]
    text = (
        f"import numpy as np\n\n\ndef f({', '.join(used)}):\n{body}\n    return np.sum(np.sin(z) + z * z)\n"
    )
    return adtrans.from_source(text, "f"), tuple(ARGS[name] for name in used)


def along(f: Any, args: tuple[Any, ...], directions: tuple[Any, ...]) -> Any:
    """By differences of two step sizes and extrapolation."""

    def central(h: float) -> Any:
        up, down = (f(*(a + s * h * d for a, d in zip(args, directions, strict=True))) for s in (1, -1))
        return (up - down) / (2 * h)

    return (4 * central(5e-4) - central(1e-3)) / 3


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("statements", WRITES)
def test_derivatives(statements: str) -> None:
    f, args = program(statements)
    directions = tuple(np.asarray(rng.normal(size=np.shape(a)))[()] for a in args)
    everything = tuple(range(len(args)))
    want = along(f, args, directions)
    value, bars = adtrans.value_and_grad(f, argnums=everything)(*args)
    assert value == f(*args)
    np.testing.assert_allclose(sum(map(np.vdot, bars, directions)), want, rtol=1e-7)
    np.testing.assert_allclose(adtrans.jvp(f, args, directions)[1], want, rtol=1e-7)

    def flat(*a: Any) -> Any:
        return np.concatenate([np.ravel(g) for g in adtrans.grad(f, argnums=everything)(*a)])

    second = adtrans.hvp(f, args, directions)
    second = np.concatenate([np.ravel(g) for g in (second if len(args) > 1 else (second,))])
    np.testing.assert_allclose(second, along(flat, args, directions), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("statements", REFUSED)
def test_refusals(statements: str) -> None:
    f, args = program(statements)
    for derivative in (
        lambda: adtrans.grad(f, argnums=tuple(range(len(args))))(*args),
        lambda: adtrans.jvp(f, args, tuple(np.ones_like(a) for a in args)),
    ):
        with pytest.raises(adtrans.Refused, match=r"AD203|AD401"):
            derivative()


def test_an_infinite_slope_where_nothing_is_asked_for() -> None:
    text = (
        "import numpy as np\n\n\ndef f(x, y):\n"
        "    r = np.divide(y, x, out=np.zeros_like(y), where=x != 0.0)\n    return np.sum(r)\n"
    )
    f = adtrans.from_source(text, "f")
    with np.errstate(all="ignore"):
        x_bar, y_bar = adtrans.grad(f, argnums=(0, 1))(np.array([2.0, 0.0]), np.array([3.0, 4.0]))
    assert x_bar.tolist() == [-0.75, 0.0]
    assert y_bar.tolist() == [0.5, 0.0]
