# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""Eigenvalues and eigenvectors of matrices that are not symmetric, real or complex: eig, eigvals.

With P = V^-1 dA V the eigenvalues move by its diagonal, and the vectors by V (F * P), F the inverse gaps,
plus a multiple of themselves that keeps what LAPACK fixes: each has length 1, its largest component is real.
"""

import numpy as np

from adtrans.kinds import Array, Kind, TupleOf
from adtrans.rules.decompositions import over_gaps
from adtrans.rules.facts import as_array
from adtrans.rules.registry import Arg, complex_too, jvp, kind, vjp


@jvp(np.linalg.eigvals)
def eigvals_dot(y, a, a_dot):
    v = np.linalg.eig(a)[1]
    return np.diagonal(np.linalg.solve(v, a_dot @ v), axis1=-2, axis2=-1)


@vjp(np.linalg.eigvals)
def eigvals_bar(y, a, y_bar):
    v = np.linalg.eig(a)[1]
    return from_eigenbasis(v, on_diagonal(y_bar))


@jvp(np.linalg.eig)
def eig_dot(y, a, a_dot):
    w, v = y
    moved = np.linalg.solve(v, a_dot @ v)
    v_dot = v @ over_gaps(moved, w)
    along = -np.sum(np.real(np.conj(v) * v_dot), axis=-2, keepdims=True)
    if np.iscomplexobj(v):
        largest = is_largest(v)
        turn = np.sum(largest * np.imag(v_dot), axis=-2, keepdims=True)
        along = along - 1j * turn / np.sum(largest * np.real(v), axis=-2, keepdims=True)
    return np.diagonal(moved, axis1=-2, axis2=-1), v_dot + v * along


@vjp(np.linalg.eig)
def eig_bar(y, a, y_bar):
    w, v = y
    w_bar, v_bar = y_bar
    along = np.sum(v_bar * v, axis=-2, keepdims=True)
    v_bar = v_bar - np.real(along) * np.conj(v)
    if np.iscomplexobj(v):
        largest = is_largest(v)
        height = np.sum(largest * np.real(v), axis=-2, keepdims=True)
        v_bar = v_bar - 1j * np.where(largest, np.imag(along) / height, 0.0)
    return from_eigenbasis(v, over_gaps(np.swapaxes(v, -1, -2) @ v_bar, w) + on_diagonal(w_bar))


def on_diagonal(w):
    """A matrix with w on its diagonal, for each w of a stack."""
    return np.eye(np.shape(w)[-1], dtype=w.dtype) * np.expand_dims(w, -1)


def from_eigenbasis(v, g):
    """The adjoint of a, from that of V^-1 a V."""
    return np.linalg.solve(np.swapaxes(v, -1, -2), g @ np.swapaxes(v, -1, -2))


def is_largest(v):
    """The place of the largest component of each column, which LAPACK makes real."""
    places = np.arange(np.shape(v)[-1])
    return np.expand_dims(np.argmax(np.abs(v), axis=-2), -2) == np.expand_dims(places, -1)


complex_too(np.linalg.eig, np.linalg.eigvals)


@kind(np.linalg.eigvals)
def eigvals_kind(a: Arg) -> Kind:
    """Complex where an eigenvalue is."""
    shape = as_array(a).shape
    return Array("*", None if shape is None else shape[:-1])


@kind(np.linalg.eig)
def eig_kind(a: Arg) -> Kind:
    return TupleOf((eigvals_kind(a), Array("*", as_array(a).shape)))
