"""Fourier transforms: every length, axis and norm, of real and complex arrays, in single precision too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from adtrans import support
from adtrans.rules import fourier, registry

from .checking import Case, check, check_layouts, check_single

rng = np.random.default_rng(20261125)
NORMS = (None, "ortho", "forward", "backward")


def x(*shape: int) -> np.ndarray:
    return rng.normal(size=shape)


def z(*shape: int) -> np.ndarray:
    return x(*shape) + 1j * x(*shape)


def one_axis(fn: Callable[..., Any], make: Callable[..., np.ndarray]) -> Iterator[Case]:
    """Longer and shorter than the axis, odd and even."""
    for norm in NORMS:
        yield Case(fn, make(5), norm=norm)
    for size, n in product((5, 6), (None, 1, 2, 3, 4, 7, 8)):
        yield Case(fn, make(size), n)
    for n, axis in product((None, 2, 5), (0, 1, -1)):
        yield Case(fn, make(3, 4), n, axis=axis, norm="ortho")
    yield Case(fn, make(2, 3, 4), axis=1)


def several_axes(fn: Callable[..., Any], make: Callable[..., np.ndarray], flat: bool) -> Iterator[Case]:
    for norm in NORMS:
        yield Case(fn, make(3, 4), norm=norm)
    for s in ((3, 4), (2, 6), (4, 3), (5, 5)):
        yield Case(fn, make(3, 4), s, (0, 1))
        yield Case(fn, make(3, 4, 2), s, axes=(-1, 0), norm="forward")
    yield Case(fn, make(3, 5), axes=(1, 0))
    yield Case(fn, make(2, 3, 4), axes=(0, 1))
    if not flat:
        yield Case(fn, make(4), norm="ortho")
        yield Case(fn, make(2, 3, 4))
        yield Case(fn, make(2, 3, 4), axes=(1,))
        yield Case(fn, make(2, 3, 4), (6,), (1,))


REAL = (np.fft.rfft, np.fft.ihfft)
REAL_N = (np.fft.rfft2, np.fft.rfftn)
ONE = [np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft]
SEVERAL = [np.fft.fft2, np.fft.ifft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn, np.fft.irfftn]

CASES = [
    *(case for fn in (*REAL, *ONE) for case in one_axis(fn, x)),
    *(case for fn in ONE for case in one_axis(fn, z)),
    *(case for fn in (*REAL_N, *SEVERAL) for case in several_axes(fn, x, fn.__name__.endswith("2"))),
    *(case for fn in SEVERAL for case in several_axes(fn, z, fn.__name__.endswith("2"))),
    *(Case(fn, make(5)) for fn in (np.fft.fftshift, np.fft.ifftshift) for make in (x, z)),
    *(Case(fn, make(3, 4), axes=1) for fn in (np.fft.fftshift, np.fft.ifftshift) for make in (x, z)),
    Case(np.fft.fftfreq, 5, 0.3),
    Case(np.fft.rfftfreq, 6, 0.3),
    Case(support.fitted, z(4), z(6)),
    Case(support.fitted, z(4, 3), z(2, 5)),
    Case(support.fitted, x(4), x(3)),
    *(Case(support.both_sides, z(4), n, 0) for n in (6, 7)),
    Case(support.both_sides, z(2, 4, 3), 6, 1),
    Case(support.rfftn_adjoint, z(3, 3), x(3, 4), None, None, None),
    Case(support.rfftn_adjoint, z(2, 3), x(3, 3), (2, 4), (0, 1), "ortho"),
    Case(support.irfftn_adjoint, x(3, 4), z(3, 3), None, None, None),
    Case(support.irfftn_adjoint, x(2, 4), z(3, 3), (2, 4), (0, 1), "forward"),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_derivatives(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c.args[0], np.ndarray)], ids=repr)
def test_layouts_and_single_precision(case: Case) -> None:
    check_layouts(case)
    check_single(case)


def test_all_registered_rules_have_samples() -> None:
    tried = {case.path for case in CASES}
    for path, entry in registry.load_all().items():
        for rule in (entry.jvp, entry.vjp):
            if rule is not None and rule.function.__module__ == fourier.__name__:
                assert path in tried, f"no sample for {path}"


def test_all_of_numpy_fft_is_there() -> None:
    for name in np.fft.__all__:
        entry = registry.lookup(f"numpy.fft.{name}")
        assert entry is not None and entry.vjp is not None and entry.jvp is not None, name
