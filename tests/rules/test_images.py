"""scipy.ndimage: linear filters by differences, in every mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

import adtrans
from adtrans.rules import registry

from .checking import Case, check, check_layouts, check_single

registry.load_all()

rng = np.random.default_rng(13)
x5, x1, x34, x245 = (
    rng.normal(size=5),
    rng.normal(size=1),
    rng.normal(size=(3, 4)),
    rng.normal(size=(2, 4, 5)),
)
MODES = ("reflect", "constant", "nearest", "mirror", "wrap")
even, odd, block = np.array([0.3, -0.2, 0.5, 0.1]), np.array([0.3, -0.2, 0.7]), rng.normal(size=(2, 3))


def filtered(name: str, *args: Any, **keywords: Any) -> Case:
    return Case(getattr(ndimage, name), *args, path=f"scipy.ndimage.{name}", **keywords)


CASES = [
    *(
        filtered(name, x, weights, mode=mode, origin=origin)
        for mode in MODES
        for name, x, weights, origin in (("correlate1d", x5, even, 1), ("convolve1d", x5, even, -2))
    ),
    *(filtered(name, x34, odd, axis=0) for name in ("correlate1d", "convolve1d")),
    *(filtered("correlate1d", x1, odd, mode=mode) for mode in ("mirror", "reflect")),
    *(filtered(name, x34, block, mode=mode) for mode in MODES for name in ("correlate", "convolve")),
    *(filtered("gaussian_filter1d", x34, 1.3, axis=0, mode=mode, order=1) for mode in MODES),
    filtered("gaussian_filter1d", x245, 0.8, truncate=3.0, order=2),
    filtered("gaussian_filter1d", x5, 0.8, radius=3),
    *(filtered("gaussian_filter", x34, 1.1, mode=mode) for mode in MODES),
    filtered("gaussian_filter", x245, (0.7, 0.0, 1.2), order=(1, 0, 2), mode=("wrap", "nearest", "mirror")),
    *(filtered("uniform_filter1d", x34, 3, mode=mode) for mode in MODES),
    filtered("uniform_filter1d", x34, 4, axis=0, origin=1),
    *(filtered(name, x34) for name in ("sobel", "laplace", "prewitt")),
    *(filtered(name, x34, mode="constant", cval=0.3) for name in ("sobel", "laplace")),
    filtered("sobel", x34, axis=0, mode="mirror"),
    filtered("prewitt", x34, axis=0, mode="constant", cval=0.3),
    *(filtered(name, x5, odd, mode="constant", cval=0.3) for name in ("correlate1d", "convolve1d")),
    *(
        filtered(name, x34, block, mode="constant", cval=0.3, origin=(0, 1))
        for name in ("correlate", "convolve")
    ),
    *(
        filtered(name, x34, 2, mode="constant", cval=0.3)
        for name in ("gaussian_filter1d", "uniform_filter1d")
    ),
    filtered("gaussian_filter", x34, 0.7, mode="constant", cval=0.3, truncate=3.0),
    *(filtered(name, x5, weights) for name, weights in (("correlate", odd), ("convolve", odd))),
    *(filtered(name, x5, 2) for name in ("gaussian_filter1d", "gaussian_filter", "uniform_filter1d")),
    *(filtered(name, x5, odd) for name in ("correlate1d", "convolve1d")),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


@pytest.mark.parametrize(
    "call", ["gaussian_filter(x, s)", "gaussian_filter(x, 1.0, axes=0)", "correlate1d(x, [s, 1.0])"]
)
def test_refused(call: str) -> None:
    f = adtrans.from_source(
        f"from scipy import ndimage\ndef f(x, s):\n    return (ndimage.{call}).sum() * s\n",
        "f",
    )
    with pytest.raises(adtrans.Refused, match="AD302"):
        adtrans.grad(f, (0, 1))(x5, 0.7)
