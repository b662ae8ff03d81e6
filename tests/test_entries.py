"""Dict comprehensions over dicts: their keys are those of the dict."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.kinds import Kind
from tests.programs.oracle import judge

HEAD = "import numpy as np\n\n\n"
X, Y = np.array([0.7, 1.3, -0.4]), 0.9
LOCAL = {
    "items": "    p = {'w': x, 'b': y}\n    q = {k: np.sin(v) * y for k, v in p.items()}\n"
    "    return np.sum(q['w'] * q['b'])\n",
    "descent": """    p = {"w": x, "b": y}
    for _ in range(3):
        g = {"w": p["b"] * x, "b": np.sum(p["w"])}
        p = {k: p[k] - 0.1 * g[k] for k in p}
    return np.sum(p["w"] ** 2) * p["b"]
""",
    "all of them": """    p = {"w": x, "b": y}
    p = {k: v * np.sum(p["w"] * p["b"]) for k, v in p.items()}
    return np.sum(p["w"]) + p["b"]
""",
    "names that others have": """    k, v, entries = 2.0, y, x * y
    p = {"a": x, "b": y}
    q = {k: v * np.sum(entries) for k, v in p.items()}
    for name in q:
        y = y + np.sum(q[name]) * k
    return v * y * np.sum(entries)
""",
    "the same array": """    p = {"a": x, "b": y}
    q = {k: v for k, v in p.items()}
    q["a"] = q["a"] * y
    return np.sum(q["a"] * p["a"]) + q["b"]
""",
    "returned": "    q = scaled({1: x, 2: y, 3: x[0]}, y)\n    return np.sum(q[1]) * q[2] + q[3]\n\n\n"
    "def scaled(p, s):\n    return {k: v * s for k, v in p.items()}\n",
    "keys": """    p = {"w": x, "b": y}
    q = {n: p[n] * x[0] for n in p.keys()}
    return np.sum(q["w"]) * q["b"]
""",
    "of an attribute": """    m = Model(x, y)
    m.step(y)
    m.step(x[1])
    return np.sum(m.p["w"]) * m.p["b"]


class Model:
    def __init__(self, w, b):
        self.p = {"w": w, "b": b}

    def step(self, rate):
        self.p = {k: v - rate * v**3 for k, v in self.p.items()}
""",
}


@pytest.mark.parametrize("name", LOCAL)
def test_right(name: str) -> None:
    source = f"{HEAD}def f(x, y):\n{LOCAL[name]}"
    outcome = judge(source, (X, Y), order=1 if name in ("returned", "of an attribute") else 2)
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


def loss(p: dict[str, object], x: object) -> object:
    for _ in range(2):
        p = {k: v - 0.1 * v**2 for k, v in p.items()}  # type: ignore[operator]
    q = {k: p[k] * x for k in p}  # type: ignore[operator]
    return np.sum(q["w"] ** 2) * q["b"]


def test_of_an_argument() -> None:
    p = {"w": X, "b": Y}
    bars = adtrans.grad(loss)(p, 0.8)
    for key in p:
        for k in range(np.size(p[key])):
            d = np.zeros(np.shape(p[key]))
            d[... if d.ndim == 0 else k] = 1e-6
            high, low = (loss({**p, key: p[key] + s * d}, 0.8) for s in (1.0, -1.0))  # type: ignore[operator]
            want = (high - low) / 2e-6  # type: ignore[operator]
            np.testing.assert_allclose(bars[key] if d.ndim == 0 else bars[key][k], want, rtol=1e-6)
    np.testing.assert_array_equal(p["w"], X)


def emitted(body: str, kinds: dict[str, Kind] | None = None) -> pipeline.Generated:
    program = parse.program(f"{HEAD}def f(x, y):\n{body}", "model.py", "f")
    return pipeline.generate(program, pipeline.Request(kinds=kinds or {}))


def test_known_keys_are_a_display() -> None:
    text = emitted(LOCAL["descent"]).text
    assert "entries" not in text.split("def f_vjp")[1] and 'p = {"w": p["w"] - product' in text


def test_what_does_not_vary_stays_as_it_was() -> None:
    body = "    names = {'a': 1}\n    n = {k: v + 1 for k, v in names.items()}\n    return x * n['a'] * y\n"
    assert "{k: v + 1 for k, v in names.items()}" in emitted(body).text


REFUSED = {
    "unknown keys": "    q = {k: v * y for k, v in x.items()}\n    return q['a']\n",
    "of a list": "    p = [0, 1]\n    q = {k: p[k] * x for k in p}\n    return q[0] * y\n",
    "condition": "    p = {'a': x}\n    q = {k: v for k, v in p.items() if k}\n    return q['a'] * 2.0\n",
    "other keys": "    p = {'a': x}\n    q = {k + 'c': v for k, v in p.items()}\n    return q['ac'] * 2.0\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    body = REFUSED[name]
    with pytest.raises(adtrans.Refused) as error:
        emitted(body)
    assert all(d.span is not None and d.span.line in (5, 6, 7) for d in error.value.diagnostics)
