"""Densities of vectors: multivariate_normal, dirichlet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import adtrans
from adtrans.rules import registry

from .checking import Case, check, check_layouts, check_single

registry.load_all()

rng = np.random.default_rng(6)
x3, m3, a33 = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(3, 3))
x43, x243 = rng.normal(size=(4, 3)), rng.normal(size=(2, 4, 3))
# SciPy compares the determinant with rounding; it reads the lower triangle.
cov = a33 @ a33.T + np.eye(3)
alpha, p = np.array([1.5, 2.5, 0.7]), np.array([0.2, 0.5, 0.3])


def normal(name: str, *args: Any, **keywords: Any) -> Case:
    path = f"scipy.stats.multivariate_normal.{name}"
    return Case(getattr(stats.multivariate_normal, name), *args, path=path, **keywords)


def dirichlet(name: str, *args: Any) -> Case:
    return Case(getattr(stats.dirichlet, name), *args, path=f"scipy.stats.dirichlet.{name}")


CASES = [
    *(normal(name, x, m3, cov) for name in ("logpdf", "pdf") for x in (x3, x43, x243, x43[:1])),
    *(normal("logpdf", x, m3, c) for x in (x3, x43) for c in (0.7, np.array([0.5, 1.2, 2.0]))),
    normal("logpdf", x43, m3),
    normal("logpdf", x43, cov=cov),
    *(dirichlet(name, p[:2], alpha) for name in ("logpdf", "pdf")),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


HEAD = "import numpy as np\nfrom scipy import stats\nfrom scipy.stats import multivariate_normal\n"


@pytest.mark.parametrize("known", [True, False], ids=["ranks", "anything"])
@pytest.mark.parametrize(
    "body",
    [
        "multivariate_normal.logpdf(x, mean=m, cov=a @ a.T + np.eye(3))",
        "np.sum(multivariate_normal.pdf(np.stack((x, m, x * m)), m, np.diag(1.0 + x * x)))",
        "multivariate_normal.logpdf(x * m, m) + a[0, 0]",
        "stats.dirichlet.logpdf(np.exp(x) / np.sum(np.exp(x)), 1.0 + m * m) + a[0, 0]",
        "stats.dirichlet.pdf(np.array([0.2, 0.3]), 1.0 + x * x + a[0])",
    ],
)
def test_program(body: str, known: bool) -> None:
    params = 'x: "f8[3]", m: "f8[3]", a: "f8[3, 3]"' if known else "x, m, a"
    f = adtrans.from_source(f"{HEAD}\ndef f({params}):\n    return {body}\n", "f")
    adtrans.check_grads(f, (x3, m3, a33), order=2)


def test_several_points_are_refused() -> None:
    f = adtrans.from_source(f"{HEAD}\ndef f(x, m):\n    return np.sum(stats.dirichlet.logpdf(x, m))\n", "f")
    with pytest.raises(NotImplementedError, match="several points"):
        adtrans.grad(f)(np.array([[0.2, 0.3], [0.8, 0.7]]), np.array([1.0, 2.0]))


def test_one_dimension_is_refused() -> None:
    f = adtrans.from_source(f"{HEAD}\ndef f(x):\n    return np.sum(multivariate_normal.logpdf(x))\n", "f")
    with pytest.raises(NotImplementedError, match="one dimension"):
        adtrans.grad(f)(np.array([0.3]))
