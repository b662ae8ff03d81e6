"""scipy.special: by differences, and at hard points against mpmath."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from scipy import special

import adtrans
from adtrans.rules import registry

from .checking import Case, check, check_layouts, check_single
from .helpers import (
    check_elementwise_kind,
    check_partials,
    check_single_precision,
    partial_derivatives,
    rows,
    variants,
)
from .samples_special import TABLE

registry.load_all()

ONE_NUMBER = {"scipy.special.multigammaln"}
"""Functions of which one argument is a single number."""
WIDE = {
    f"scipy.special.{name}"
    for name in (
        *("polygamma", "multigammaln", "eval_hermite", "eval_hermitenorm", "jvp", "yvp", "ivp", "kvp"),
        *("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "comb", "perm", "pdtri"),
    )
}
"""Functions that compute in float64 whatever they are given, or take nothing else."""


def arguments(path: str, values: Any) -> list[list[Any]]:
    if path in ONE_NUMBER:
        column = rows([row[:1] for row in values])
        return [[*args, values[0][1]] for args in variants(column)]
    return [list(row) for row in values] + list(variants(rows(values)))


@pytest.mark.parametrize("path", TABLE)
def test_partials(path: str) -> None:
    fn, values = TABLE[path]
    for args in arguments(path, values):
        check_partials(path, fn, args)
        check_elementwise_kind(path, fn(*args), args)


@pytest.mark.parametrize("path", sorted(TABLE.keys() - WIDE))
def test_single_precision(path: str) -> None:
    fn, values = TABLE[path]
    columns = [c.astype(float) for c in rows(values)]
    check_single_precision(path, fn, columns)
    args = [c.astype(np.float32) for c in columns]
    check_elementwise_kind(path, fn(*args), args)


rng = np.random.default_rng(8)
x3, x23, weights = rng.normal(size=3), rng.normal(size=(2, 3)), rng.uniform(0.5, 2.0, size=(2, 3))


def call(name: str, *args: Any, **keywords: Any) -> Case:
    return Case(getattr(special, name), *args, path=f"scipy.special.{name}", **keywords)


CASES = [
    *(call(name, a) for name in ("logsumexp", "softmax", "log_softmax") for a in (x3, x23, np.float64(0.5))),
    *(
        call(name, x23, axis=axis)
        for name in ("logsumexp", "softmax", "log_softmax")
        for axis in (0, -1, (0, 1))
    ),
    call("logsumexp", x23, axis=1, keepdims=True),
    call("logsumexp", x23, keepdims=True),
    call("logsumexp", x23, b=weights),
    call("logsumexp", x23, axis=0, b=weights),
    call("logsumexp", x23, 1, weights, True),
]


PRODUCTS = [
    *(call(name, np.float64(4.7), np.float64(1.9), exact=False) for name in ("comb", "perm")),
    call("comb", np.float64(4.7), np.float64(1.9), repetition=False),
    *(call(f"spherical_{name}n", 2, np.float64(1.9), derivative=True) for name in "jyik"),
    *(call(name, 1, np.float64(1.9), n=2) for name in ("jvp", "yvp", "ivp", "kvp")),
]
"""Flags of functions that are elementwise: tests/rules/test_compiled.py tries them."""


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_products(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


HARD: list[tuple[str, tuple[float, ...], Any]] = [
    ("expit", (40.0,), lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2),
    ("expit", (-700.0,), lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2),
    ("log_expit", (50.0,), lambda x: 1 / (1 + mp.exp(x))),
    ("logit", (1.0 - 2.0**-50,), lambda x: 1 / (x * (1 - x))),
    ("logit", (1e-300,), lambda x: 1 / (x * (1 - x))),
    *(("log_ndtr", (x,), lambda x: mp.npdf(x) / mp.ncdf(x)) for x in (-1e4, -100.0, -5.0, 0.0, 5.0, 12.0)),
    *(
        ("erfcx", (x,), lambda x: mp.diff(lambda t: mp.exp(t * t) * mp.erfc(t), x))
        for x in (-3.0, 0.0, 0.5, 1.9, 2.0, 2.1, 5.0, 9.0, 30.0)
    ),
    ("erfcx", (1e8,), lambda x: -1 / (mp.sqrt(mp.pi) * x * x)),
    *(
        ("exprel", (x,), lambda x: (mp.exp(x) * (x - 1) + 1) / x**2)
        for x in (1e-15, 1e-9, -0.99, 0.99, 1.0, -1.0, 700.0, -700.0, 1e-3)
    ),
    *(
        ("ellipk", (m,), lambda m: mp.pi / 8 * mp.hyp2f1(1.5, 1.5, 2, m))
        for m in (1.0 - 2.0**-40, 1e-12, 0.0, -1.0, -1e8, -1e300)
    ),
    *(
        ("ellipe", (m,), lambda m: -mp.pi / 8 * mp.hyp2f1(0.5, 1.5, 2, m))
        for m in (1.0 - 2.0**-40, 1e-12, 0.0, -1e8)
    ),
    ("boxcox", (3.0, 1e-12), lambda x, k: x ** (k - 1)),
    ("rgamma", (-3.0,), lambda x: mp.mpf(-6)),
    ("rgamma", (0.0,), lambda x: mp.mpf(1)),
    ("entr", (1e-300,), lambda x: -mp.log(x) - 1),
    ("spence", (1.0 + 2.0**-40,), lambda x: mp.log(x) / (1 - x)),
    ("i1", (1e-12,), lambda x: mp.besseli(1, x, 1)),
    ("j1", (1e-12,), lambda x: mp.besselj(1, x, 1)),
]


@pytest.mark.parametrize(("name", "args", "derivative"), HARD)
def test_hard_points(name: str, args: tuple[float, ...], derivative: Any) -> None:
    path = f"scipy.special.{name}"
    got = partial_derivatives(path, getattr(special, name)(*args), args)[0]
    with mp.workdps(50):
        expected = float(derivative(*map(mp.mpf, args)))
    assert math.isclose(got, expected, rel_tol=3e-14)


@pytest.mark.parametrize("exponent", [0.0, 1e-9, -1e-4, 0.02])
def test_boxcox_in_its_exponent(exponent: float) -> None:
    got = partial_derivatives("scipy.special.boxcox", special.boxcox(3.0, exponent), (3.0, exponent))[1]
    with mp.workdps(50):
        k = mp.mpf(exponent)
        exact = mp.log(3) ** 2 / 2 if exponent == 0.0 else (3**k * k * mp.log(3) - 3**k + 1) / k**2
    assert math.isclose(got, float(exact), rel_tol=3e-14)


def test_logsumexp_far_out() -> None:
    f = adtrans.from_source("from scipy.special import logsumexp\ndef f(x):\n    return logsumexp(x)", "f")
    np.testing.assert_array_equal(adtrans.grad(f)(np.array([1e4, -1e4, 1e4])), [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(adtrans.grad(f)(np.array([-np.inf, 3.0])), [0.0, 1.0])


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_xlogy_at_zero() -> None:
    assert partial_derivatives("scipy.special.xlogy", 0.0, (0.0, 0.0))[1] == 0.0


IMPORTS = """
import numpy as np
import scipy.special
from scipy import special as sp
from scipy.special import expit as sigmoid, logsumexp
"""


@pytest.mark.parametrize(
    "body",
    [
        "sigmoid(x) * sp.erf(x)",
        "scipy.special.gammaln(x) + sp.polygamma(1, x)",
        "sp.jv(1, x) * sp.log_ndtr(x) + sp.erfcx(x)",
        "sp.comb(4.5, x) * sp.perm(3.0 + x, 2, exact=False) + sp.jvp(1, x, n=0) * sp.expn(1.4, x)",
        "sp.boxcox(x, 0.3) + sp.exprel(x) + sp.rgamma(x) + sp.huber(1.0, x)",
    ],
)
def test_both_orders_from_source(body: str) -> None:
    text = f"{IMPORTS}\ndef f(x):\n    return {body}\n"
    adtrans.check_grads(adtrans.from_source(text, "f"), (0.7,), order=2)


@pytest.mark.filterwarnings("ignore:floating point number truncated")
@pytest.mark.parametrize(
    "call",
    [
        *("sp.eval_legendre(-3, x)", "sp.expn(1.9, x)", "sp.eval_chebyt(0.63, x)", "sp.nbdtr(2.6, 3.4, x)"),
        *("sp.kn(0.63, x)", "sp.yn(1.4, x)", "sp.pdtr(2.6, x)", "sp.bdtrc(1.6, 4, x)", "sp.pdtri(2.6, x)"),
        *("sp.spherical_jn(0.63, x)", "sp.spherical_kn(1.8, x, True)", "sp.spherical_in(0.63, x)"),
    ],
)
def test_orders_that_are_not_natural_numbers(call: str) -> None:
    f = adtrans.from_source(f"{IMPORTS}\ndef f(x):\n    return {call}\n", "f")
    adtrans.check_grads(f, (0.7,), order=2)


def test_arrays_from_source() -> None:
    text = f"{IMPORTS}\ndef f(x):\n    y = sp.softmax(x, axis=1)\n    return logsumexp(x * y, axis=0).sum()\n"
    adtrans.check_grads(adtrans.from_source(text, "f"), (x23,), order=2)


@pytest.mark.parametrize("call", ["sp.jv(a, x)", "sp.gammainc(a, x)", "sp.betainc(a, 2.0, x)"])
def test_unknown_derivative_is_refused(call: str) -> None:
    f = adtrans.from_source(f"{IMPORTS}\ndef f(x, a):\n    return {call}\n", "f")
    assert np.isfinite(adtrans.grad(f)(0.5, 1.5))
    for derive in (lambda: adtrans.grad(f, "a")(0.5, 1.5), lambda: adtrans.jvp(f, (0.5, 1.5), (0.0, 1.0))):
        with pytest.raises(
            adtrans.Refused, match=r"AD302 .*`[va]` is not known\n[^h]*help: keep it .*`[xz]`"
        ):
            derive()


def test_rules_do_not_import_scipy() -> None:
    script = "import sys, adtrans; from adtrans.rules import registry; registry.load_all()\n"
    script += "f = adtrans.from_source('import numpy as np\\ndef f(x):\\n    return np.sin(x)', 'f')\n"
    script += "adtrans.grad(f)(1.0); print('scipy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
