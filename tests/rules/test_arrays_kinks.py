"""What differences cannot show: kinks, untaken branches, equal eigenvalues, refusals; and einsum."""

from __future__ import annotations

import numpy as np
import pytest

from adtrans.kinds import Array, TupleOf
from adtrans.rules.decompositions import eigh_bar, eigh_dot, qr_bar, qr_dot, svd_bar, svd_dot
from adtrans.rules.einsum import einsum_kind
from adtrans.rules.joining import concatenate_kind
from adtrans.rules.norms import norm_bar, norm_dot
from adtrans.rules.registry import UNKNOWN, Arg
from adtrans.rules.repeating import pad_bar
from adtrans.rules.selection import where_bar
from adtrans.rules.shaping import ravel_bar, reshape_bar
from tests.programs.oracle import judge

rng = np.random.default_rng(7)


def test_untaken_branch_contributes_exactly_zero() -> None:
    condition = np.array([True, False])
    y_bar = np.array([2.0, np.inf])
    _, then, other = where_bar(None, condition, np.ones(2), np.ones(2), y_bar)
    assert then.tolist() == [2.0, 0.0]
    assert other.tolist() == [0.0, np.inf]
    assert where_bar(None, condition, np.ones(2, "f4"), 1.0, np.ones(2, "f4"))[1].dtype == np.float32


@pytest.mark.parametrize("order", [None, 2, 1, 3, np.inf, -np.inf])
def test_norm_at_zero(order: float | None) -> None:
    x = np.zeros(3)
    y = np.linalg.norm(x, order)
    with np.errstate(all="raise"):
        assert norm_bar(y, x, 1.0, order).tolist() == [0.0, 0.0, 0.0]
        assert norm_dot(y, x, np.ones(3), order) == 0.0


def test_norm_of_rows_one_of_them_zero() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    y = np.linalg.norm(x, axis=1)
    np.testing.assert_allclose(norm_bar(y, x, np.ones(2), axis=1), [[0.6, 0.8], [0.0, 0.0]], rtol=1e-15)


def test_norm_inf_shares_ties() -> None:
    x = np.array([2.0, -2.0, 1.0])
    assert norm_bar(2.0, x, 1.0, np.inf).tolist() == [0.5, -0.5, 0.0]


def test_equal_eigenvalues() -> None:
    a = np.eye(3)
    y = np.linalg.eigh(a)
    np.testing.assert_allclose(eigh_bar(y, a, (np.ones(3), np.zeros((3, 3)))), np.eye(3))
    np.testing.assert_allclose(eigh_dot(y, a, np.eye(3))[0], np.ones(3))
    u, s, vt = np.linalg.svd(a)
    np.testing.assert_allclose(
        svd_bar((u, s, vt), a, (np.zeros((3, 3)), np.ones(3), np.zeros((3, 3)))), np.eye(3)
    )


def test_vectors_of_equal_values_have_no_derivative() -> None:
    """The product of a decomposition is the matrix, whose adjoint would be the seed: NaN, no part of it."""
    a, seed = 2.0 * np.eye(3), np.array([[1.0, 2.0, 0.0], [2.0, 3.0, 5.0], [0.0, 5.0, 1.0]])
    w, v = np.linalg.eigh(a)
    w_bar = np.diagonal(v.T @ seed @ v)
    assert np.isnan(eigh_bar((w, v), a, (w_bar, 2.0 * seed @ v * w))).any()
    assert np.isnan(eigh_dot((w, v), a, seed)[1]).any()
    u, s, vt = np.linalg.svd(a)
    assert np.isnan(svd_bar((u, s, vt), a, (seed @ u, s, np.zeros((3, 3))))).any()
    assert np.isnan(svd_dot((u, s, vt), a, seed)[0]).any()


@pytest.mark.parametrize(
    "refused",
    [
        lambda: reshape_bar(None, np.ones(2), np.ones(2), (2,), order="A"),
        lambda: ravel_bar(None, np.ones(2), np.ones(2), order="K"),
        lambda: pad_bar(np.ones(4), np.ones(2), np.ones(4), 1, mode="maximum"),
        lambda: svd_bar(np.linalg.svd(np.ones((3, 1))), np.ones((3, 1)), (np.eye(3), np.zeros(1), np.eye(1))),
        lambda: qr_bar(np.linalg.qr(np.ones((3, 1))), np.ones((3, 1)), None, "raw"),
        lambda: norm_bar(1.0, np.ones(2) * 1j, 1.0, 1),
        lambda: eigh_bar(np.linalg.eigh(np.eye(2)), np.eye(2) * 1j, None),
    ],
)
def test_what_has_no_derivative_here_says_so(refused: object) -> None:
    with pytest.raises(NotImplementedError):
        refused()  # type: ignore[operator]


EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("i,i->", (3,), (3,)),
    ("i,j->ij", (3,), (2,)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("ij->ji", (2, 3)),
    ("ba", (2, 3)),
    ("ij,ij->i", (2, 3), (2, 3)),
    ("i,ij,j->", (3,), (3, 2), (2,)),
    ("ijk,kl,jm->ilm", (2, 3, 4), (4, 2), (3, 2)),
    ("ij->j", (2, 3)),
    ("ii->", (3, 3)),
    ("ii->i", (3, 3)),
    ("ij,k->k", (2, 3), (4,)),
    ("iij,j->i", (2, 2, 3), (3,)),
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,j->i", (2, 3), (1,)),
    (" a b , b -> a ", (2, 3), (3,)),
]


@pytest.mark.parametrize("case", EINSUMS, ids=repr)
def test_einsum(case: tuple[str, ...]) -> None:
    subscripts, *shapes = case
    names = [f"x{k}" for k in range(len(shapes))]
    call = f"np.einsum({subscripts!r}, {', '.join(names)})"
    source = f"import numpy as np\n\n\ndef f({', '.join(names)}):\n    return np.sum(np.sin({call}))\n"
    found = judge(source, [rng.normal(size=shape) for shape in shapes], order=2, thorough=False)
    assert found.verdict == "right", found.detail


def test_joined_lengths_have_a_name() -> None:
    xs = tuple(Arg(Array("f8", (dim,))) for dim in ("n", 2, "m", 1))
    assert concatenate_kind(Arg(TupleOf(tuple(x.kind for x in xs)), items=xs)) == Array(
        "f8", ("(m + n + 3)",)
    )


def test_einsum_kind() -> None:
    a, b = Arg(Array("f8", ("n", 3))), Arg(Array("f8", (3, None)))
    assert einsum_kind(Arg(Array("f8", ()), "ij,jk->ki"), a, b) == Array("f8", (None, "n"))
    assert einsum_kind(Arg(Array("f8", ()), UNKNOWN), a, b) == Array("f8", None)


def test_what_full_matrices_adds_is_not_needed() -> None:
    """The singular values and the thin factors of a matrix that is not square have their derivatives."""
    a = rng.normal(size=(4, 2))
    thin, full = np.linalg.svd(a, full_matrices=False), np.linalg.svd(a)
    bars = rng.normal(size=(4, 2)), rng.normal(size=2), rng.normal(size=(2, 2))
    wide = np.concatenate((bars[0], np.zeros((4, 2))), 1), bars[1], bars[2]
    np.testing.assert_allclose(svd_bar(full, a, wide), svd_bar(thin, a, bars, False), rtol=1e-12)
    a_dot = rng.normal(size=(4, 2))
    (u_dot, s_dot, vt_dot), thin_dot = svd_dot(full, a, a_dot), svd_dot(thin, a, a_dot, False)
    np.testing.assert_allclose(u_dot[:, :2], thin_dot[0], rtol=1e-12)
    np.testing.assert_allclose(s_dot, thin_dot[1], rtol=1e-12)
    np.testing.assert_allclose(vt_dot, thin_dot[2], rtol=1e-12)
    assert np.all(np.isnan(u_dot[:, 2:]))


def test_what_mode_complete_adds_is_not_needed() -> None:
    a = rng.normal(size=(4, 2))
    bars = rng.normal(size=(4, 2)), rng.normal(size=(2, 2))
    wide = np.concatenate((bars[0], np.zeros((4, 2))), 1), np.concatenate((bars[1], np.ones((2, 2))))
    complete = np.linalg.qr(a, "complete")
    np.testing.assert_allclose(
        qr_bar(complete, a, wide, "complete"), qr_bar(np.linalg.qr(a), a, bars), rtol=1e-12
    )
    assert np.all(np.isnan(qr_dot(complete, a, a, "complete")[0][:, 2:]))
    assert not np.any(qr_dot(complete, a, a, "complete")[1][2:])
