"""`**options` of the function that is differentiated: without a word about them there are none."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.load import load

SOURCE = """
import numpy as np


def power(x, p=2.0, scale=1.0):
    return scale * np.sin(x) ** p


def f(x, q, **options):
    if options:
        print("odd")
    y = power(x, **options) * options.get("rate", q)
    for name, value in options.items():
        y = y * undefined(name, value)
    if "limit" in options:
        y = np.minimum(y, options["limit"])
    return np.sum(y) * (len(options) + 1.0)
"""


def emitted(mode: str = "reverse") -> pipeline.Generated:
    program = parse.program(SOURCE, "model.py", "f")
    return pipeline.generate(program, pipeline.Request(mode))  # type: ignore[arg-type]


def test_right() -> None:
    x, q = np.array([0.7, 1.3]), 0.4
    value, (x_bar, q_bar) = load(emitted().text, "f_vjp")(x, q)
    np.testing.assert_allclose(value, np.sum(np.sin(x) ** 2) * q)
    step = 1e-6
    for bar, dx, dq in ((x_bar[1], np.array([0.0, 1.0]), 0.0), (q_bar, np.zeros(2), 1.0)):
        high, low = (np.sum(np.sin(x + s * dx) ** 2) * (q + s * dq) for s in (step, -step))
        np.testing.assert_allclose(bar, (high - low) / (2.0 * step), rtol=1e-8)
        slope = load(emitted("forward").text, "f_jvp")(x, q, x_dot=dx, q_dot=dq)[1]
        np.testing.assert_allclose(slope, bar)


def test_what_they_would_do_is_not_there() -> None:
    text = emitted().text
    assert "print" not in text and "for " not in text.split("def f_vjp")[1] and "Without:   **options" in text
    with pytest.raises(TypeError, match="rate"):
        load(text, "f_vjp")(0.7, 0.4, rate=2.0)


def f(x: float, **options: float) -> float:
    return x**2 * options.get("rate", 1.0)


def test_the_library_knows_them() -> None:
    assert adtrans.grad(f)(3.0) == 6.0
    assert adtrans.grad(f)(3.0, rate=2.0) == 12.0
    assert adtrans.grad(f)(3.0) == 6.0


def test_written_into() -> None:
    """A dict of options is the function's own."""
    source = "def f(x, **options):\n    options['a'] = x * x\n    return options['a'] * x\n"
    made = pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    np.testing.assert_allclose(load(made.text, made.name)(0.7), (0.343, 3.0 * 0.49))
