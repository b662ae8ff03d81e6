# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""scipy.special: derivatives of Bessel functions; spherical ones, those of Struve and of Kelvin."""

import math

import numpy as np

from adtrans.kinds import Array, Kind
from adtrans.rules.optional import special
from adtrans.rules.registry import Arg, kind, parameters, partials
from adtrans.rules.special import special_kind

# -------------------------------------------- derivatives of Bessel functions


@partials("scipy.special.jvp")
def jvp_slope(y, v, z, n=1):
    return NotImplemented, special.jvp(v, z, n + 1), None


@partials("scipy.special.yvp")
def yvp(y, v, z, n=1):
    return NotImplemented, special.yvp(v, z, n + 1), None


@partials("scipy.special.ivp")
def ivp(y, v, z, n=1):
    return NotImplemented, special.ivp(v, z, n + 1), None


@partials("scipy.special.kvp")
def kvp(y, v, z, n=1):
    return NotImplemented, special.kvp(v, z, n + 1), None


# ---------------------------------------------------------------- spherical

# By the neighbours in order, as a derivative is one of theirs: no quotient at 0. SciPy cuts off the fraction
# of an order.


@partials("scipy.special.spherical_jn")
def spherical_jn(y, n, z, derivative=False):
    n = np.trunc(n)
    below = n * special.spherical_jn(np.maximum(n - 1, 0), z, derivative)
    slope = (below - (n + 1.0) * special.spherical_jn(n + 1, z, derivative)) / (2.0 * n + 1.0)
    return NotImplemented, slope, None


@partials("scipy.special.spherical_yn")
def spherical_yn(y, n, z, derivative=False):
    n = np.trunc(n)
    below = n * special.spherical_yn(np.maximum(n - 1, 0), z, derivative)
    slope = (below - (n + 1.0) * special.spherical_yn(n + 1, z, derivative)) / (2.0 * n + 1.0)
    return NotImplemented, slope, None


@partials("scipy.special.spherical_in")
def spherical_in(y, n, z, derivative=False):
    n = np.trunc(n)
    below = n * special.spherical_in(np.maximum(n - 1, 0), z, derivative)
    slope = (below + (n + 1.0) * special.spherical_in(n + 1, z, derivative)) / (2.0 * n + 1.0)
    return NotImplemented, slope, None


@partials("scipy.special.spherical_kn")
def spherical_kn(y, n, z, derivative=False):
    n = np.trunc(n)
    below = n * special.spherical_kn(np.maximum(n - 1, 0), z, derivative)
    slope = -(below + (n + 1.0) * special.spherical_kn(n + 1, z, derivative)) / (2.0 * n + 1.0)
    return NotImplemented, slope, None


# ------------------------------------------------------------------- Struve


@partials("scipy.special.struve")
def struve(y, v, x):
    power = (0.5 * x) ** v * special.rgamma(v + 1.5) / (2.0 * math.sqrt(math.pi))
    return NotImplemented, 0.5 * (special.struve(v - 1.0, x) - special.struve(v + 1.0, x)) + power


@partials("scipy.special.modstruve")
def modstruve(y, v, x):
    power = (0.5 * x) ** v * special.rgamma(v + 1.5) / (2.0 * math.sqrt(math.pi))
    return NotImplemented, 0.5 * (special.modstruve(v - 1.0, x) + special.modstruve(v + 1.0, x)) + power


@partials("scipy.special.itstruve0")
def itstruve0(y, x):
    return special.struve(0.0, x).astype(y.dtype)


@partials("scipy.special.itmodstruve0")
def itmodstruve0(y, x):
    return special.modstruve(0.0, x).astype(y.dtype)


# ------------------------------------------------------------------- Kelvin


@partials("scipy.special.ber")
def ber(y, x):
    return special.berp(x)


@partials("scipy.special.bei")
def bei(y, x):
    return special.beip(x)


@partials("scipy.special.ker")
def ker(y, x):
    return special.kerp(x)


@partials("scipy.special.kei")
def kei(y, x):
    return special.keip(x)


@partials("scipy.special.berp")
def berp(y, x):
    return -special.bei(x) - np.where(x == 0.0, 0.0, y / np.where(x == 0.0, 1.0, x))


@partials("scipy.special.beip")
def beip(y, x):
    return special.ber(x) - np.where(x == 0.0, 0.5, y / np.where(x == 0.0, 1.0, x))


@partials("scipy.special.kerp")
def kerp(y, x):
    return -special.kei(x) - y / x


@partials("scipy.special.keip")
def keip(y, x):
    return special.ker(x) - y / x


@kind("scipy.special.struve", "scipy.special.modstruve", "scipy.special.itstruve0")
@kind("scipy.special.itmodstruve0", "scipy.special.ber", "scipy.special.bei", "scipy.special.ker")
@kind("scipy.special.kei", "scipy.special.berp", "scipy.special.beip", "scipy.special.kerp")
@kind("scipy.special.keip")
def cylinder_kind(*args: Arg, **named: Arg) -> Kind:
    return special_kind(*args, **named)


@kind("scipy.special.jvp", "scipy.special.yvp", "scipy.special.ivp", "scipy.special.kvp")
def derivative_kind(v: Arg, z: Arg, n: Arg | None = None) -> Kind:
    """Computed in the dtype of both, or in float64."""
    return of_some_dtype(special_kind(v, z))


@kind("scipy.special.spherical_jn", "scipy.special.spherical_yn")
@kind("scipy.special.spherical_in", "scipy.special.spherical_kn")
def spherical_kind(n: Arg, z: Arg, derivative: Arg | None = None) -> Kind:
    return of_some_dtype(special_kind(n, z))


def of_some_dtype(kind: Kind) -> Kind:
    return Array("?", kind.shape) if isinstance(kind, Array) else kind


for name in ("jvp", "yvp", "ivp", "kvp"):
    parameters(f"scipy.special.{name}", v=..., z=..., n=1)
for name in ("jn", "yn", "in", "kn"):
    parameters(f"scipy.special.spherical_{name}", n=..., z=..., derivative=False)
