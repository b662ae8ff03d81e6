"""Arguments that a function fills are results: `outputs="y"`, `--of y`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import adtrans
from adtrans.cli import cli
from adtrans.load import load

SOURCES = {
    "plain": """
def f(x, y):
    y[:] = 0.5 * y + np.sin(x) * x
""",
    "loop": """
def f(x, y):
    for i in range(1, len(x)):
        y[i] += y[i - 1] * x[i]
        y[0] = x[i]
""",
    "early": """
def f(x, y):
    if x[0] > 5.0:
        return
    y *= x
    if x[1] < 9.0:
        return None
    y[0] = 0.0
""",
    "returns": """
def f(x, y):
    y[1:] = x[:-1] * y[1:]
    return np.sum(x * y)
""",
    "pair": """
def g(x, y):
    y += x * x

def f(x, y):
    g(x, y)
    g(2.0 * x, y)
    return x[0] * y[0], x * y
""",
}
X, Y = np.array([0.3, 0.7, 1.2]), np.array([0.5, -0.4, 0.8])


def row(value: Any) -> np.ndarray:
    parts = value if isinstance(value, tuple) else (value,)
    return np.concatenate([np.ravel(p) for p in parts])


def run(text: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What the function returns, then what it fills."""
    x, y = x.copy(), y.copy()
    value = load(text, "f")(x, y)
    own = () if value is None else value if isinstance(value, tuple) else (value,)
    return row((*own, y))


@pytest.mark.parametrize("name", SOURCES)
def test_both_modes(name: str) -> None:
    text = "import numpy as np\n" + SOURCES[name]
    f = adtrans.from_source(text, "f")
    rng = np.random.default_rng(0)
    x_dot, y_dot = rng.normal(size=3), rng.normal(size=3)
    h = 1e-6
    slope = (run(text, X + h * x_dot, Y + h * y_dot) - run(text, X - h * x_dot, Y - h * y_dot)) / (2 * h)
    x, y = X.copy(), Y.copy()
    value, dot = adtrans.jvp(f, (x, y), (x_dot, y_dot), outputs="y")
    np.testing.assert_array_equal(row(value), run(text, X, Y))
    np.testing.assert_allclose(row(dot), slope, rtol=1e-6, atol=1e-8)
    value, pullback = adtrans.vjp(f, x, y, outputs=("y",))
    np.testing.assert_array_equal(row(value), run(text, X, Y))
    parts = value if isinstance(value, tuple) else (value,)
    bars = tuple(rng.normal(size=np.shape(p))[()] for p in parts)
    x_bar, y_bar = pullback(bars if len(bars) > 1 else bars[0])
    np.testing.assert_allclose(x_bar @ x_dot + y_bar @ y_dot, row(bars) @ slope, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(row((x, y)), row((X, Y)))


def test_refusals() -> None:
    for text in ("def f(x, y):\n    y = x * 2.0\n", "def f(x, z):\n    z[:] = x\n"):
        with pytest.raises(adtrans.Refused) as refused:
            adtrans.vjp(adtrans.from_source(text, "f"), X, Y, outputs="y")
        assert [d.code for d in refused.value.diagnostics] == ["AD504"]


def test_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text("def double(x, y):\n    y[:] = 2.0 * x * x\n")
    made = CliRunner().invoke(cli, ["emit", "m.py:double", "--of", "y", "--signature", "x: f8[:], y: f8[:]"])
    assert made.exit_code == 0, made.output
    assert "emit m.py:double --of y" in made.output
    y = np.zeros(3)
    value, x_bar = load(made.output, "double_vjp")(X, y, np.ones(3))
    np.testing.assert_array_equal(value, 2.0 * X * X)
    np.testing.assert_allclose(x_bar, 4.0 * X)
    assert not y.any()
    Path("pyproject.toml").write_text(
        '[tool.adtrans]\ntargets = [{source = "m.py:double", output = "d.py", outputs = ["y"]}]\n'
    )
    assert CliRunner().invoke(cli, ["emit"]).exit_code == 0
    assert "y_bar" in Path("d.py").read_text()
