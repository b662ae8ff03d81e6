"""scipy.signal and scipy.integrate: the rules by differences, and whole programs from their source."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, signal

import adtrans
from adtrans.rules import registry

from .checking import Case, check, check_layouts, check_single

registry.load_all()

rng = np.random.default_rng(9)
x5, x3, x4 = rng.normal(size=5), rng.normal(size=3), rng.normal(size=4)
x54, x32, x235 = rng.normal(size=(5, 4)), rng.normal(size=(3, 2)), rng.normal(size=(2, 3, 5))
knots, many = np.sort(rng.uniform(0.0, 3.0, size=5)), np.sort(rng.uniform(0.0, 3.0, size=(2, 3, 5)))


def filtered(name: str, *args: Any, **keywords: Any) -> Case:
    return Case(getattr(signal, name), *args, path=f"scipy.signal.{name}", **keywords)


def integral(name: str, *args: Any, **keywords: Any) -> Case:
    return Case(getattr(integrate, name), *args, path=f"scipy.integrate.{name}", **keywords)


MODES = ("full", "same", "valid")
EDGES = ("mirror", "constant", "nearest", "wrap")
sections = np.array([[0.3, 0.2, 0.1, 1.0, -0.4, 0.1], [0.5, -0.2, 0.3, 1.0, 0.3, -0.1]])
x9, x39 = rng.normal(size=9), rng.normal(size=(3, 9))

SIGNALS = [
    *(
        filtered(name, *pair, mode=mode)
        for name in ("convolve", "fftconvolve", "oaconvolve", "correlate")
        for mode in MODES
        for pair in ((x5, x3), (x3, x5), (x5, x4), (x5, x5), (x54, x32), (x5, x5[:1]))
    ),
    *(filtered("convolve", x54, x32, "same", method=method) for method in ("direct", "fft")),
    *(filtered("correlate", x54, x32, "valid", method) for method in ("direct", "fft")),
    *(filtered(name, x54, x32, mode) for name in ("convolve2d", "correlate2d") for mode in MODES),
    *(filtered("correlate2d", x32, x54, mode) for mode in MODES),
    filtered("correlate2d", x54, x54[:3, :3], "same"),
    filtered("convolve", x235, x235[:, :1, :2], "same"),
    *(
        filtered("lfilter", b, a, x5)
        for b in (x3, x3[:1])
        for a in (np.array([2.0, 0.3, 0.1]), np.array([1.0]))
    ),
    filtered("lfilter", np.array([0.5, 0.2]), np.array([1.5, -0.4, 0.2, 0.1]), x235),
    filtered("lfilter", np.array([0.5, 0.2]), np.array([1.5, -0.4]), x235, axis=1),
    filtered("lfilter", rng.normal(size=7), np.array([1.0, 0.4]), x4, 0),
    filtered("lfilter", np.array(0.7), np.array(1.6), x4),
    *(filtered("sosfilt", sections, x, **axis) for x, axis in ((x5, {}), (x235, {"axis": 1}))),
    filtered("savgol_filter", x9, 5, 2),
    filtered("savgol_filter", x9[:5], 5, 2),
    filtered("savgol_filter", x39, 5, 3, deriv=1, delta=0.2, axis=1),
    filtered("savgol_filter", x39.T.copy(), 3, 1, axis=0),
    *(filtered("savgol_filter", x9, 5, 2, mode=mode, cval=0.3) for mode in EDGES),
    *(filtered("detrend", x, type=word) for x in (x5, x54) for word in ("linear", "constant")),
    filtered("detrend", x54, axis=0, bp=2),
]

INTEGRALS = [
    *(integral(name, x5) for name in ("trapezoid", "simpson", "cumulative_trapezoid")),
    *(integral(name, x5, dx=0.3) for name in ("trapezoid", "simpson", "cumulative_trapezoid")),
    *(integral(name, x54, axis=0) for name in ("trapezoid", "simpson", "cumulative_trapezoid")),
    *(integral(name, x235, x=knots) for name in ("trapezoid", "simpson", "cumulative_trapezoid")),
    *(integral(name, x235, x=many[0, 0, :3], axis=1) for name in ("trapezoid", "cumulative_trapezoid")),
    *(integral(name, x235, many) for name in ("trapezoid", "cumulative_trapezoid")),
    *(
        integral("simpson", np.arange(float(n)) ** 2, x=np.sqrt(1.0 + np.arange(float(n))))
        for n in range(2, 8)
    ),
    *(integral("simpson", np.arange(float(n)) ** 2) for n in range(2, 8)),
    *(integral("romb", x, **keywords) for x, keywords in ((x5, {}), (x54, {"axis": 0, "dx": 0.3}))),
    *(integral("cumulative_simpson", x9[:n]) for n in (2, 3, 4, 5, 6)),
    integral("cumulative_simpson", x54, dx=0.3, axis=0, initial=0.7),
    integral("cumulative_simpson", x235, x=knots),
    integral("cumulative_trapezoid", x54, initial=0),
    integral("cumulative_trapezoid", x5, knots, initial=0),
]

CASES = [*SIGNALS, *INTEGRALS]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case(case: Case) -> None:
    check(case)
    if case.path != "scipy.signal.sosfilt":  # SciPy itself wants its sections in one piece.
        check_layouts(case)
    check_single(case)


HEAD = "import numpy as np\nfrom scipy import integrate, signal\nfrom scipy.signal import lfilter\n"

PROGRAMS = {
    "convolve": "np.sum(signal.convolve(x, np.sin(b), mode='same') ** 2) * signal.fftconvolve(x, b)[1]",
    "correlate": "signal.correlate(x, b, 'valid') @ signal.convolve(x, b, 'valid')",
    "one of two": "np.sum(np.tanh(signal.convolve(x, np.ones(2)))) + b[0]",
    "filter": "np.sum(lfilter(b, [1.0, 0.5], x) ** 2) + np.sum(signal.detrend(x) ** 3)",
    "recursive filter": "np.sum(lfilter([1.0, 0.2], 2.0 + b * b, x) * x)",
    "integrals": "integrate.simpson(x * x, dx=0.1) * np.trapezoid(b) + integrate.trapezoid(b * b)",
    "cumulative": "np.sum(integrate.cumulative_trapezoid(x, np.cumsum(np.exp(x)), initial=0) ** 2) + b[1]",
}


@pytest.mark.parametrize("known", [True, False], ids=["ranks", "anything"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, known: bool) -> None:
    params = 'x: "f8[n]", b: "f8[m]"' if known else "x, b"
    f = adtrans.from_source(f"{HEAD}\ndef f({params}):\n    return {PROGRAMS[name]}\n", "f")
    adtrans.check_grads(f, (x5, x3), order=2)


@pytest.mark.parametrize(
    "call",
    [
        "signal.fftconvolve(x, b, axes=0)",
        "signal.convolve2d(np.outer(x, x), np.outer(b, b), boundary='wrap')",
        "signal.lfilter(b, [1.0, 0.3], x, zi=np.zeros(2))[0]",
        "signal.detrend(x, overwrite_data=True)",
        "integrate.simpson(b, x=np.cumsum(b * b))",
    ],
)
def test_refused(call: str) -> None:
    f = adtrans.from_source(f"{HEAD}\ndef f(x, b):\n    return np.sum({call}) + x[0]\n", "f")
    with pytest.raises(adtrans.Refused, match="AD302"):
        adtrans.grad(f, "b" if "simpson" in call else "x")(x5, x3)
