"""What a library function is told to write into, or may overwrite, is written to."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, walk

HEAD = "import numpy as np\nfrom scipy import fft, linalg\nfrom scipy.special import expit\n"


@pytest.mark.parametrize(
    ("call", "changed"),
    [
        ("np.add(a, b, out=b)", "b"),
        ("np.add(a, b, b)", "b"),
        ("np.exp(a, b)", "b"),
        ("expit(b, b)", "b"),
        ("expit(b, out=None)", ""),
        ("np.sum(a, 0, None, b)", "b"),
        ("linalg.solve(a, b)", ""),
        ("linalg.solve(a, b, overwrite_b=True)", "b"),
        ("linalg.solve(a, b, overwrite_b=False)", ""),
        ("linalg.solve(a, b, False, True)", "a"),
        ("linalg.solve(a, b, overwrite_a=a[0, 0] > 1.0, overwrite_b=True)", "a b"),
        ("linalg.solve_banded((1, 1), a, b, overwrite_ab=True)", "a"),
        ("linalg.cho_solve((a, True), b, True)", "b"),
        ("fft.fft(b, overwrite_x=True)", "b"),
    ],
)
def test_written(call: str, changed: str) -> None:
    """As IR, and as text that is carried over."""
    for line in (f"c = {call}", f"assert f'{{np.all({call})}}'"):
        program = parse.program(f"{HEAD}def f(x, a, b):\n    {line}\n    return x\n", "<test>", "f")
        found = walk.changes(program.functions[program.entry].body[0])
        assert found >= set(changed.split()), line
        assert changed or not found, line


@pytest.mark.parametrize("call", ["linalg.solve(a, b, overwrite_b=True)", "linalg.solve(a, b, False, True)"])
def test_arguments_stay(call: str) -> None:
    """SciPy overwrites arrays in Fortran's order: those of the caller are copied first."""
    f = adtrans.from_source(f"{HEAD}def f(x, a, b):\n    c = {call}\n    return x * np.sum(c)\n", "f")
    a, b = np.asfortranarray([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, 4.0])
    want = np.sum(np.linalg.solve(a, b))
    np.testing.assert_allclose(adtrans.grad(f)(0.5, a, b), want)
    np.testing.assert_array_equal(a, [[3.0, 1.0], [1.0, 2.0]])
    np.testing.assert_array_equal(b, [1.0, 4.0])


def test_written_into_what_varies() -> None:
    """It is refused: no rule knows of arguments that are written to."""
    text = f"{HEAD}def f(x):\n    b = x * np.ones(2)\n    expit(np.ones(2), b)\n    return np.sum(b)\n"
    with pytest.raises(adtrans.Refused, match="AD203"):
        adtrans.grad(adtrans.from_source(text, "f"))(0.7)


def test_live_function_of_scipy() -> None:
    """A function of SciPy lives in a private module: it is known by where it is published."""
    from scipy.special import logsumexp

    @adtrans.grad
    def f(x):  # type: ignore[no-untyped-def]
        return logsumexp(x)

    np.testing.assert_allclose(f(np.zeros(2)), [0.5, 0.5])
