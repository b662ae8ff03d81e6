"""scipy.linalg: the rules by differences, and whole programs from their source."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import linalg

import adtrans
from adtrans import parse, pipeline
from adtrans.rules import registry

from .checking import Case, check, check_layouts, check_single

registry.load_all()

rng = np.random.default_rng(4)
a3, b3, c3 = rng.normal(size=(3, 3, 3)) + 2.0 * np.eye(3)
x3, x32, s3 = rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=(4, 3, 3)) + 3.0 * np.eye(3)
p3 = a3 @ a3.T + np.eye(3)
# One triangle of it is that of a positive definite matrix; so is the other, of another one.
p3u, q3 = p3 + np.triu(0.1 * b3, 1), b3 @ b3.T + 2.0 * np.eye(3)
tall, wide = rng.normal(size=(4, 3)), rng.normal(size=(3, 4))
banded = rng.normal(size=(4, 5)) + 4.0 * (np.arange(4) == 1)[:, None]
definite = rng.normal(size=(3, 5)) + 6.0 * (np.arange(3) == 2)[:, None]
none = np.zeros((0, 0))


def call(name: str, *args: Any, **keywords: Any) -> Case:
    return Case(getattr(linalg, name), *args, path=f"scipy.linalg.{name}", **keywords)


def block_diag(*arrs: Any) -> Case:
    return Case(lambda arrs: linalg.block_diag(*arrs), list(arrs), path="scipy.linalg.block_diag")


ASSUMED = ["gen", "sym", "pos", "diagonal", "tridiagonal", "banded", "upper triangular", "lower triangular"]

SYSTEMS = [
    *(call("solve", a3, b) for b in (x3, x32)),
    *(call("solve", a3, b, transposed=True) for b in (x3, x32)),
    call("solve", s3, s3),
    call("solve", s3, x32),
    call("solve", a3, s3, transposed=True),
    call("solve", none, np.zeros(0)),
    call("solve", a3, x3, check_finite=False),
    *(call("solve", p3u, x3, assume_a=word, lower=low) for word in ASSUMED for low in (False, True)),
    *(call("solve", p3u, x32, assume_a=word, transposed=True) for word in ASSUMED),
    *(
        call("solve_triangular", p3u, b, trans=trans, lower=lower, unit_diagonal=unit)
        for b in (x3, x32)
        for trans in (0, 1, "T")
        for lower in (False, True)
        for unit in (False, True)
    ),
    call("solve_triangular", none, np.zeros(0)),
    *(call("cho_solve", (p3u, lower), b) for b in (x3, x32) for lower in (False, True)),
    call("cho_solve", (none, True), np.zeros(0)),
    *(call("lu_solve", linalg.lu_factor(a3[::-1]), b, trans) for b in (x3, x32) for trans in (0, 1)),
    call("solve_banded", (2, 1), banded, rng.normal(size=5)),
    call("solve_banded", (1, 2), banded, rng.normal(size=(5, 2))),
    call("solveh_banded", definite, rng.normal(size=5)),
    call("solveh_banded", definite, rng.normal(size=(5, 2)), lower=False),
    call("solveh_banded", definite[::-1].copy(), rng.normal(size=5), lower=True),
    call("solve_banded", (0, 0), banded[1:2], rng.normal(size=5)),
]

FACTORS = [
    *(call("cholesky", p3u, lower=lower) for lower in (False, True)),
    *(call("cho_factor", p3u, lower=lower) for lower in (False, True)),
    call("cholesky", none),
    call("lu_factor", a3),
    call("lu_factor", a3[::-1]),
    call("lu", a3[::-1], check_finite=False),
    call("eigh", p3u),
    call("eigh", np.diag([1.0, 3.0, 6.0]) + 0.2 * a3, lower=False),
    call("eigh", p3u, eigvals_only=True),
    call("eigh", p3u, q3),
    call("eigh", p3u, q3, lower=False, driver="gv"),
    call("eigh", p3u, q3, eigvals_only=True),
    *(call("eigvalsh", p3u, lower=lower) for lower in (False, True)),
    *(call("svd", m, full_matrices=False) for m in (a3, tall, wide)),
    call("svd", a3, lapack_driver="gesvd"),
    *(call("svd", m, compute_uv=False) for m in (a3, tall)),
    *(call("svdvals", m) for m in (a3, tall, wide)),
    *(call("qr", m, mode="economic") for m in (a3, tall, wide)),
    *(call("qr", m) for m in (a3, wide)),
    *(call("qr", m, mode="r") for m in (a3, tall, wide)),
]

MATRICES = [
    *(call("inv", m) for m in (a3, s3, none)),
    *(call("inv", p3u, assume_a=w) for w in ("gen", "sym", "pos", "upper triangular", "lower triangular")),
    call("inv", p3u, assume_a="sym", lower=True),
    *(call("det", m) for m in (a3, s3, np.outer(x3, x3))),
    *(call("norm", m) for m in (x3, a3, s3)),
    *(call("norm", a3, order) for order in (1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")),
    *(call("norm", a3, axis=axis, keepdims=True) for axis in (0, -1, (0, 1))),
    call("norm", x3, 3, check_finite=False),
    *(call("pinv", m) for m in (a3, tall, wide)),
    call("pinv", tall, rtol=1e-9),
    *(call("lstsq", m, b) for m, b in [(a3, x3), (a3, x32), (tall, tall[:, 0] ** 2), (tall, tall**2)]),
    *(call("lstsq", m, b, cond=1e-9) for m, b in [(wide, x3), (wide, x32)]),
    *(call("expm", m) for m in (a3, s3, none)),
    call("expm_frechet", a3, b3, compute_expm=False),
    *(call("sqrtm", m) for m in (p3, a3 @ a3)),
    *(call(name, m) for name in ("cosm", "sinm", "coshm", "sinhm") for m in (p3, a3)),
    *(call(name, 0.2 * a3) for name in ("tanm", "tanhm")),
    *(call("logm", m) for m in (p3, p3 + 0.1 * a3)),
    *(call("fractional_matrix_power", p3 + 0.1 * a3, t) for t in (0.3, -1.7)),
    call("solve_sylvester", a3, b3, c3),
    call("solve_sylvester", a3, p3[:2, :2], x32),
    *(call(name, a3, b3) for name in ("solve_continuous_lyapunov", "solve_lyapunov")),
    call("solve_discrete_lyapunov", 0.3 * a3, b3),
]

STRUCTURED = [
    block_diag(a3, x3, np.float64(0.7), x32),
    block_diag(a3, np.zeros((0, 2)), 2.0),
    call("toeplitz", x3),
    call("toeplitz", x3, np.arange(4.0)),
    call("toeplitz", np.arange(4.0), x3),
    call("toeplitz", np.zeros(0)),
    call("hankel", x3),
    call("hankel", x3, np.arange(4.0)),
    call("circulant", x3),
]

CASES = [*SYSTEMS, *FACTORS, *MATRICES, *STRUCTURED]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case(case: Case) -> None:
    check(case)
    check_layouts(case)
    check_single(case)


HEAD = "import numpy as np\nfrom scipy import linalg\nfrom scipy.linalg import cho_factor, cho_solve\n"

PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "solve": ("x = linalg.solve(a @ a.T + m, v, assume_a='pos')\n    return x @ v", (a3, x3)),
    "solve_transposed": ("return np.sum(linalg.solve(a, m[:2].T, transposed=True) ** 2) + v[0]", (a3, x3)),
    "a factor for two": (
        "c = cho_factor(a @ a.T + m, True)\n    y = cho_solve(c, v)\n    return cho_solve(c, y * y) @ v",
        (a3, x3),
    ),
    "a factor taken apart": (
        "c, low = cho_factor(a @ a.T + m)\n    y = cho_solve((c, low), v)\n"
        "    return y @ v + np.sum(np.log(np.diag(c)))",
        (a3, x3),
    ),
    "lu": (
        "f = linalg.lu_factor(a)\n    return linalg.lu_solve(f, v, trans=1) @ linalg.lu_solve(f, v)",
        (a3, x3),
    ),
    "gaussian": (
        "L = linalg.cholesky(a @ a.T + m, lower=True)\n    z = linalg.solve_triangular(L, v, lower=True)\n"
        "    return 0.5 * z @ z + np.sum(np.log(np.diag(L)))",
        (a3, x3),
    ),
    "expm": ("return linalg.expm(a * v[0]) @ v @ v", (a3, x3)),
    "roots": ("return np.sum(linalg.sqrtm(a @ a.T + m) * linalg.inv(a)) * linalg.det(a) + v[0]", (a3, x3)),
    "functions": ("return np.sum(linalg.cosm(a) * linalg.logm(m + 0.1 * a @ a.T)) + v[0]", (a3, x3)),
    "powers": (
        "return np.sum(linalg.fractional_matrix_power(m + 0.1 * a @ a.T, v[0] ** 2) * linalg.sinhm(a))",
        (a3, x3),
    ),
    "sylvester": ("return np.sum(linalg.solve_sylvester(a, m, np.outer(v, v)) ** 2)", (a3, x3)),
    "blocks": ("return linalg.norm(linalg.block_diag(a, v * v, np.sin(v[0])) @ np.ones(7), 3)", (a3, x3)),
    "one block": ("return np.sum(np.tanh(linalg.block_diag(np.ones(2), v, m))) + a[0, 0]", (a3, x3)),
    "toeplitz": ("return linalg.solve(linalg.toeplitz(v, m[0]) + m, v) @ a @ v", (a3, x3 + 2.0)),
    "eigh": ("w, u = linalg.eigh(a @ a.T)\n    return np.sum(w**2 * u[0] ** 2 * v)", (a3, x3)),
    "svd": (
        "u, s, vt = linalg.svd(a, full_matrices=False)\n    return np.sum(s * v) + u[0] @ vt[:, 1] * u[0, 0]",
        (a3, x3),
    ),
    "qr": ("q, r = linalg.qr(a)\n    return np.sum(np.abs(np.diag(r))) + q[0] @ v * (q[0] @ v)", (a3, x3)),
    "least squares": (
        "x, res, rank, s = linalg.lstsq(a[:, :2], v)\n    return x @ x + np.sum(linalg.pinv(a) @ v)",
        (a3, x3),
    ),
    "banded": (
        "d = np.stack((v, 4.0 + v * v, a[0]))\n    return v @ linalg.solve_banded((1, 1), d, a[1])",
        (a3, x3),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("known", [True, False], ids=["ranks", "anything"])
def test_program(name: str, known: bool) -> None:
    """Both modes, both orders; with and without knowledge of the ranks."""
    body, args = PROGRAMS[name]
    params = 'a: "f8[3, 3]", v: "f8[3]"' if known else "a, v"
    text = f"{HEAD}m = np.diag([1.0, 2.0, 3.5])\n\ndef f({params}):\n    {body}\n"
    adtrans.check_grads(adtrans.from_source(text, "f"), args, order=2)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("linalg.solve(a, v, overwrite_a=True)", "AD302"),
        ("linalg.solve(a, v, False, True)", "AD302"),
        ("linalg.qr(a, pivoting=True)[0]", "AD302"),
        ("linalg.qr(a, mode='raw')[0][1]", "AD302"),
        ("linalg.eigh(a, subset_by_index=[0, 1])[0]", "AD302"),
        ("linalg.pinv(a, return_rank=True)[0]", "AD302"),
        ("linalg.lu(a, permute_l=True)[0]", "AD302"),
        ("linalg.lstsq(a, v, lapack_driver='gelsy')[0]", "AD302"),
        ("linalg.inv(a, assume_a='banded')", "AD302"),
        ("linalg.expm_frechet(a, a)[0]", "AD302"),
        ("linalg.polar(a)[0]", "AD301"),
    ],
)
def test_refused(body: str, code: str) -> None:
    text = f"{HEAD}def f(a, v):\n    return np.sum({body}) + v[0]\n"
    with pytest.raises(adtrans.Refused, match=code):
        adtrans.grad(adtrans.from_source(text, "f"))(a3, x3)


def test_header_tells_of_scipy() -> None:
    text = f"{HEAD}def f(a, v):\n    return cho_solve(cho_factor(a), v) @ v\n"
    made = pipeline.generate(parse.program(text, "f.py", "f"), pipeline.Request())
    assert "\nNeeds:     SciPy\n" in made.text
    plain = parse.program("import numpy as np\ndef f(x):\n    return np.sin(x)\n", "f.py", "f")
    assert "SciPy" not in pipeline.generate(plain, pipeline.Request()).text
