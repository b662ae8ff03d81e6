# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""scipy.linalg: functions of matrices, by that of a matrix of twice the size.

    f([[a, e], [0, a]]) = [[f(a), L(a, e)], [0, f(a)]]

where L(a, e) is the derivative of f at a in the direction e; its adjoint is L(a.T, g).
"""

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.facts import as_array
from adtrans.rules.optional import linalg
from adtrans.rules.registry import Arg, jvp, kind, vjp
from adtrans.support import is_complex


def block(a, e):
    """A matrix on the diagonal twice, and a direction above."""
    above = np.concatenate((a, e), axis=1)
    below = np.concatenate((np.zeros_like(a), a), axis=1)
    return np.concatenate((above, below), axis=0)


@jvp("scipy.linalg.logm")
def logm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.logm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.logm")
def logm_bar(y, a, y_bar):
    if np.iscomplexobj(y) and not is_complex(a):
        raise NotImplementedError("the derivative of the logarithm of a real matrix, if that is complex")
    n = np.shape(a)[0]
    return linalg.logm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.cosm")
def cosm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.cosm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.cosm")
def cosm_bar(y, a, y_bar):
    n = np.shape(a)[0]
    return linalg.cosm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.sinm")
def sinm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.sinm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.sinm")
def sinm_bar(y, a, y_bar):
    n = np.shape(a)[0]
    return linalg.sinm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.coshm")
def coshm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.coshm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.coshm")
def coshm_bar(y, a, y_bar):
    n = np.shape(a)[0]
    return linalg.coshm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.sinhm")
def sinhm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.sinhm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.sinhm")
def sinhm_bar(y, a, y_bar):
    n = np.shape(a)[0]
    return linalg.sinhm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.tanm")
def tanm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.tanm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.tanm")
def tanm_bar(y, a, y_bar):
    n = np.shape(a)[0]
    return linalg.tanm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.tanhm")
def tanhm_dot(y, a, a_dot):
    n = np.shape(a)[0]
    return linalg.tanhm(block(a, a_dot))[:n, n:]


@vjp("scipy.linalg.tanhm")
def tanhm_bar(y, a, y_bar):
    n = np.shape(a)[0]
    return linalg.tanhm(block(a.T, y_bar))[:n, n:]


@jvp("scipy.linalg.fractional_matrix_power")
def fractional_matrix_power_dot(y, a, t, a_dot, t_dot):
    n = np.shape(a)[0]
    along = linalg.fractional_matrix_power(block(a, a_dot), t)[:n, n:] + linalg.logm(a) @ y * t_dot
    return along if np.iscomplexobj(y) else np.real(along)


@vjp("scipy.linalg.fractional_matrix_power")
def fractional_matrix_power_bar(y, a, t, y_bar):
    if np.iscomplexobj(y) and not is_complex(a):
        raise NotImplementedError("the derivative of a power of a real matrix, if that is complex")
    n = np.shape(a)[0]
    a_bar = linalg.fractional_matrix_power(block(a.T, y_bar), t)[:n, n:]
    t_bar = np.sum(y_bar * (linalg.logm(a) @ y))
    if not is_complex(a):  # By rounding they may have imaginary parts: of a real power these are none.
        return np.real(a_bar), np.real(t_bar)
    return a_bar, t_bar


@kind("scipy.linalg.cosm", "scipy.linalg.sinm", "scipy.linalg.coshm", "scipy.linalg.sinhm")
@kind("scipy.linalg.tanm", "scipy.linalg.tanhm")
def function_kind(A: Arg) -> Kind:
    """Real, of a real matrix."""
    array = as_array(A)
    return Array("f8" if array.dtype == "f8" else "?", array.shape)


@kind("scipy.linalg.logm", "scipy.linalg.fractional_matrix_power")
def perhaps_complex_kind(A: Arg, **_: Arg) -> Kind:
    """Complex, where an eigenvalue is negative."""
    return Array("?", as_array(A).shape)
