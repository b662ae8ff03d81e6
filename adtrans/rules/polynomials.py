# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Arithmetic of polynomials, the highest power first, and the polynomial that fits best."""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import Shape, as_array, const, promote, shape_arg
from adtrans.rules.registry import Arg, jvp, kind, vjp

# ------------------------------------------------------- sums and products


@jvp(np.polyadd)
def polyadd_dot(y, a1, a2, a1_dot, a2_dot):
    return np.polyadd(a1_dot, a2_dot)


@vjp(np.polyadd)
def polyadd_bar(y, a1, a2, y_bar):
    return last_terms(y_bar, a1), last_terms(y_bar, a2)


@jvp(np.polysub)
def polysub_dot(y, a1, a2, a1_dot, a2_dot):
    return np.polysub(a1_dot, a2_dot)


@vjp(np.polysub)
def polysub_bar(y, a1, a2, y_bar):
    return last_terms(y_bar, a1), -last_terms(y_bar, a2)


def last_terms(y_bar, a):
    """The coefficients of the powers that a has."""
    return np.reshape(y_bar[np.size(y_bar) - np.size(a) :], np.shape(a))


@jvp(np.polymul)
def polymul_dot(y, a1, a2, a1_dot, a2_dot):
    # Zeros in front are no part of a product; what they become is none of a tangent.
    return (np.convolve(a1_dot, a2) + np.convolve(a1, a2_dot))[-np.size(y) :]


@vjp(np.polymul)
def polymul_bar(y, a1, a2, y_bar):
    whole = np.pad(y_bar, (np.size(a1) + np.size(a2) - 1 - np.size(y), 0))
    if np.ndim(a1) == 0 or np.ndim(a2) == 0:
        return np.reshape(np.convolve(whole, np.flip(a2), "valid"), np.shape(a1)), np.reshape(
            np.convolve(whole, np.flip(a1), "valid"), np.shape(a2)
        )
    return np.convolve(whole, a2[::-1], "valid"), np.convolve(whole, a1[::-1], "valid")


@kind(np.polyadd, np.polysub, np.polymul)
def polymul_kind(a1: Arg, a2: Arg) -> Kind:
    return Array(promote([as_array(a1), as_array(a2)]), (None,))


# ----------------------------------------------------------------- integral


@jvp(np.polyint)
def polyint_dot(y, p, p_dot, m=1, k=None):
    return np.polyint(p_dot, m)


@vjp(np.polyint)
def polyint_bar(y, p, y_bar, m=1, k=None):
    return np.polyint(np.ones(len(p)), m)[: len(p)] * y_bar[: len(p)]


@kind(np.polyint)
def polyint_kind(p: Arg, **_: Arg) -> Kind:
    dtype = as_array(p).dtype
    return Array(dtype if dtype in ("f8", "c16") else "?", (None,))


# ---------------------------------------------------------------------- fit


@jvp(np.polyfit)
def polyfit_dot(y, x, values, x_dot, values_dot, deg):
    inverse, slopes = design(x, deg)
    x_dot = np.reshape(x_dot, (-1,) + (1,) * (np.ndim(values) - 1))
    rest = values - np.vander(x, deg + 1) @ y
    moved = values_dot - (slopes @ y) * x_dot
    return inverse @ moved + inverse @ inverse.T @ (slopes.T @ (rest * x_dot))


@vjp(np.polyfit)
def polyfit_bar(y, x, values, y_bar, deg):
    inverse, slopes = design(x, deg)
    values_bar = inverse.T @ y_bar
    rest = values - np.vander(x, deg + 1) @ y
    x_bar = rest * (slopes @ (inverse @ (inverse.T @ y_bar))) - (slopes @ y) * values_bar
    return x_bar if np.ndim(values) == 1 else np.sum(x_bar, axis=1), values_bar


def design(x, deg):
    """The pseudoinverse of the matrix of powers of x, and the slopes of the powers."""
    powers = np.vander(x, deg + 1)
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    slopes = np.zeros_like(powers)
    slopes[:, :-1] = powers[:, 1:] * np.arange(deg, 0, -1)
    return np.linalg.pinv(powers / scale) / scale[:, None], slopes


@kind(np.polyfit)
def polyfit_kind(x: Arg, y: Arg, deg: Arg, **_: Arg) -> Kind:
    degree, shape = const(deg), shape_arg(y)
    rows = degree + 1 if isinstance(degree, int) else None
    found: Shape = None if shape is None else (rows, *shape[1:])
    real = all(as_array(arg).dtype in ("f8", "f4", "i", "b") for arg in (x, y))
    return Array("f8" if real else "?", found)
