# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Second moments and counts: cov, corrcoef, bincount."""

import numpy as np

from adtrans.kinds import Array, Dim, Kind
from adtrans.rules.facts import as_array, const, promote, shape_arg
from adtrans.rules.registry import Arg, jvp, kind, parameters, real_only, vjp

# ---------------------------------------------------------------------- cov


@jvp(np.cov)
def cov_dot(y, m, x, m_dot, x_dot, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    if x is None:
        rows, rows_dot = observed(m, rowvar), observed(m_dot, rowvar)
    else:
        rows, rows_dot = both(m, x, rowvar), both(m_dot, x_dot, rowvar)
    w = shares_of(rows, bias, ddof, fweights, aweights)
    deviations = rows - mean_of(rows, fweights, aweights)
    half = (w * rows_dot) @ deviations.T
    return np.reshape(half + half.T, np.shape(y))


@vjp(np.cov)
def cov_bar(y, m, x, y_bar, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    rows = observed(m, rowvar) if x is None else both(m, x, rowvar)
    w = shares_of(rows, bias, ddof, fweights, aweights)
    seed = np.reshape(y_bar, (len(rows), len(rows)))
    rows_bar = (seed + seed.T) @ (rows - mean_of(rows, fweights, aweights)) * w
    return taken_apart(rows_bar, m, x, rowvar)


def observed(m, rowvar):
    """A variable in each row, an observation in each column."""
    rows = np.atleast_2d(m)
    return rows.T if not rowvar and np.ndim(m) == 2 else rows


def both(m, x, rowvar):
    """The variables of two arrays, one below the other."""
    return np.concatenate((observed(m, rowvar), observed(x, rowvar)))


def taken_apart(rows_bar, m, x, rowvar):
    """The adjoints of the arrays of which the rows were made."""
    n = len(observed(m, rowvar))
    m_bar = rows_bar[:n].T if not rowvar and np.ndim(m) == 2 else rows_bar[:n]
    if x is None:
        return np.reshape(m_bar, np.shape(m)), None
    x_bar = rows_bar[n:].T if not rowvar and np.ndim(x) == 2 else rows_bar[n:]
    return np.reshape(m_bar, np.shape(m)), np.reshape(x_bar, np.shape(x))


def weights_of(rows, fweights, aweights):
    """The weight of each observation."""
    w = np.ones(np.shape(rows)[1], rows.dtype)
    w = w if fweights is None else w * np.asarray(fweights, rows.dtype)
    return w if aweights is None else w * np.asarray(aweights, rows.dtype)


def mean_of(rows, fweights, aweights):
    """The weighted mean of each variable."""
    w = weights_of(rows, fweights, aweights)
    return np.sum(rows * w, axis=1, keepdims=True) / np.sum(w)


def shares_of(rows, bias, ddof, fweights, aweights):
    """The weight of each observation over the number of degrees of freedom."""
    w = weights_of(rows, fweights, aweights)
    lost = (0 if bias else 1) if ddof is None else ddof
    if aweights is None:
        return w / (np.sum(w) - lost)
    return w / (np.sum(w) - lost * np.sum(w * np.asarray(aweights, rows.dtype)) / np.sum(w))


@kind(np.cov, np.corrcoef)
def cov_kind(m: Arg | None = None, y: Arg | None = None, x: Arg | None = None, **named: Arg) -> Kind:
    """For two variables a matrix, for one of them a number: the rank of the first array tells."""
    first, second = (m, y) if m is not None else (x, y)
    assert first is not None
    alone = second is None or const(second) is None
    single = promote([as_array(first)] if alone else [as_array(first), as_array(second)])  # type: ignore[arg-type]
    shape = shape_arg(first)
    dtype = "?" if named else "f8" if single in ("f8", "i", "b") else "?"
    if not alone:
        return Array(dtype, (None, None))
    if shape is None:
        return Array(dtype, None)
    size: Dim = None
    return Array(dtype, () if len(shape) < 2 else None if 1 in shape or None in shape else (size, size))


# ----------------------------------------------------------------- corrcoef


@jvp(np.corrcoef)
def corrcoef_dot(y, x, other, x_dot, other_dot, rowvar=True):
    if other is None:
        rows, rows_dot = observed(x, rowvar), observed(x_dot, rowvar)
    else:
        rows, rows_dot = both(x, other, rowvar), both(x_dot, other_dot, rowvar)
    unit, lengths = units(rows)
    corr = np.reshape(y, (len(rows), len(rows)))
    half = (rows_dot / lengths) @ unit.T
    slopes = np.diagonal(half)
    return np.reshape(half + half.T - corr * (slopes[:, None] + slopes), np.shape(y))


@vjp(np.corrcoef)
def corrcoef_bar(y, x, other, y_bar, rowvar=True):
    rows = observed(x, rowvar) if other is None else both(x, other, rowvar)
    unit, lengths = units(rows)
    corr = np.reshape(y, (len(rows), len(rows)))
    seed = np.reshape(y_bar, np.shape(corr))
    both_ways = seed + seed.T
    rows_bar = (both_ways @ unit - np.sum(both_ways * corr, axis=1, keepdims=True) * unit) / lengths
    return taken_apart(rows_bar, x, other, rowvar)


def units(rows):
    """The deviations of each variable from its mean, of length 1; and the lengths that they had."""
    deviations = rows - np.mean(rows, axis=1, keepdims=True)
    lengths = np.sqrt(np.sum(deviations * deviations, axis=1, keepdims=True))
    return deviations / lengths, lengths


real_only(np.cov, np.corrcoef)

# ----------------------------------------------------------------- bincount


@jvp(np.bincount)
def bincount_dot(y, x, weights, weights_dot, minlength=0):
    return np.bincount(x, weights_dot, minlength)


@vjp(np.bincount)
def bincount_bar(y, x, weights, y_bar, minlength=0):
    return None, y_bar[np.asarray(x)].astype(np.result_type(weights))


@kind(np.bincount)
def bincount_kind(x: Arg, weights: Arg | None = None, minlength: Arg | None = None) -> Kind:
    if weights is not None and const(weights) is not None:
        return Array("f8", (None,))
    return Array("i", (None,)) if weights is None else Array("?", (None,))


parameters(np.bincount, x=..., weights=None, minlength=0)
