# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: Bessel functions of real arguments, by their neighbours in order: no quotient at 0."""

import numpy as np

from adtrans.kinds import Kind
from adtrans.rules.optional import special
from adtrans.rules.registry import Arg, kind, partials
from adtrans.rules.special import special_kind


@partials("scipy.special.j0")
def j0(y, x):
    return -special.j1(x)


@partials("scipy.special.j1")
def j1(y, x):
    return 0.5 * (special.j0(x) - special.jv(2.0, x))


@partials("scipy.special.jv", "scipy.special.jn", "scipy.special.jve")
def jv(y, v, z):
    return NotImplemented, 0.5 * (special.jv(v - 1.0, z) - special.jv(v + 1.0, z))


@partials("scipy.special.y0")
def y0(y, x):
    return -special.y1(x)


@partials("scipy.special.y1")
def y1(y, x):
    return 0.5 * (special.y0(x) - special.yv(2.0, x))


@partials("scipy.special.yv", "scipy.special.yve")
def yv(y, v, z):
    return NotImplemented, 0.5 * (special.yv(v - 1.0, z) - special.yv(v + 1.0, z))


@partials("scipy.special.yn")
def yn(y, n, x):
    n = np.trunc(n)  # As SciPy does.
    return NotImplemented, 0.5 * (special.yn(n - 1, x) - special.yn(n + 1, x))


@partials("scipy.special.i0")
def i0(y, x):
    return special.i1(x)


@partials("scipy.special.i0e")
def i0e(y, x):
    return special.i1e(x) - np.sign(x) * y


@partials("scipy.special.i1")
def i1(y, x):
    return 0.5 * (special.i0(x) + special.iv(2.0, x))


@partials("scipy.special.i1e")
def i1e(y, x):
    return 0.5 * (special.i0e(x) + special.ive(2.0, x)) - np.sign(x) * y


@partials("scipy.special.iv")
def iv(y, v, z):
    return NotImplemented, 0.5 * (special.iv(v - 1.0, z) + special.iv(v + 1.0, z))


@partials("scipy.special.ive")
def ive(y, v, z):
    return NotImplemented, 0.5 * (special.ive(v - 1.0, z) + special.ive(v + 1.0, z)) - np.sign(z) * y


@partials("scipy.special.k0")
def k0(y, x):
    return -special.k1(x)


@partials("scipy.special.k0e")
def k0e(y, x):
    return y - special.k1e(x)


@partials("scipy.special.k1")
def k1(y, x):
    return -0.5 * (special.k0(x) + special.kv(2.0, x))


@partials("scipy.special.k1e")
def k1e(y, x):
    return y - 0.5 * (special.k0e(x) + special.kve(2.0, x))


@partials("scipy.special.kv")
def kv(y, v, z):
    return NotImplemented, -0.5 * (special.kv(v - 1.0, z) + special.kv(v + 1.0, z))


@partials("scipy.special.kn")
def kn(y, n, x):
    n = np.trunc(n)  # As SciPy does.
    return NotImplemented, -0.5 * (special.kn(n - 1, x) + special.kn(n + 1, x))


@partials("scipy.special.kve")
def kve(y, v, z):
    return NotImplemented, y - 0.5 * (special.kve(v - 1.0, z) + special.kve(v + 1.0, z))


@kind("scipy.special.j0", "scipy.special.j1", "scipy.special.jv")
@kind("scipy.special.y0", "scipy.special.y1", "scipy.special.yv")
@kind("scipy.special.i0", "scipy.special.i0e", "scipy.special.i1", "scipy.special.i1e")
@kind("scipy.special.iv", "scipy.special.ive")
@kind("scipy.special.k0", "scipy.special.k0e", "scipy.special.k1", "scipy.special.k1e")
@kind("scipy.special.kv", "scipy.special.kve", "scipy.special.jn", "scipy.special.jve")
@kind("scipy.special.yve", "scipy.special.yn", "scipy.special.kn")
def bessel_kind(*args: Arg, **named: Arg) -> Kind:
    return special_kind(*args, **named)
