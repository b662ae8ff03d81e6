"""Sample points of the elementwise functions of scipy.special."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import special

from .samples_elementwise import PAIRS, POSITIVE, REAL, SMALL, Points, points

INSIDE = points(0.3, 0.7, 0.05)
BESIDE_POLES = points(0.3, 1.0, 4.5, -0.6, -1.3)
POSITIVE_PAIRS = points((0.7, 1.9), (1.3, 0.6), (2.4, 1.1))
ORDERS = points((0, 0.7), (1, 1.9), (2, 6.4))
DEGREES = points((0, 0.3), (1, -0.7), (2, 0.1), (5, 0.8))
FRACTIONS = points((0.0, 0.3), (1.0, 0.7), (2.0, 0.1), (5.0, 0.8), (0.63, 0.4), (1.7, 0.9))
ORDERED = [*ORDERS, *points((0.5, 0.7), (-1.3, 1.9), (2.0, 6.4))]

BY_NAME: dict[str, Points] = {
    **dict.fromkeys(["expm1", "exp2", "exp10", "cbrt", "cosm1", "expit", "log_expit"], REAL),
    **dict.fromkeys(["erf", "erfc", "erfcx", "erfi", "dawsn", "ndtr", "log_ndtr"], REAL),
    "exprel": points(0.3, -1.2, 2.4, 0.0, 1.0, -1.0, -40.0, 3.3),
    **dict.fromkeys(["j0", "j1", "i0", "i0e", "i1", "i1e"], REAL),
    **dict.fromkeys(["y0", "y1", "k0", "k0e", "k1", "k1e"], POSITIVE),
    **dict.fromkeys(["jv", "jve", "jn", "yv", "yve", "iv", "ive", "kv", "kve"], ORDERED),
    **dict.fromkeys(["yn", "kn", "jvp", "yvp", "ivp", "kvp"], ORDERS),
    **dict.fromkeys([f"spherical_{name}n" for name in "jyik"], ORDERS),
    **dict.fromkeys(["struve", "modstruve"], ORDERED),
    **dict.fromkeys(["itstruve0", "itmodstruve0", "ber", "bei", "berp", "beip"], REAL),
    **dict.fromkeys(["ker", "kei", "kerp", "keip"], POSITIVE),
    **dict.fromkeys(["log1p", "entr", "expi", "exp1", "spence"], POSITIVE),
    **dict.fromkeys(["logit", "ndtri"], INSIDE),
    "erfinv": SMALL,
    "erfcinv": points(0.3, 1.7, 0.05),
    **dict.fromkeys(["gamma", "gammaln", "rgamma", "digamma", "psi"], BESIDE_POLES),
    "loggamma": POSITIVE,
    "polygamma": ORDERS,
    "zeta": points((2.0, 0.7), (1.5, 1.9), (4.0, -0.6)),
    "multigammaln": points((2.3, 2), (4.5, 2), (7.1, 2)),
    **dict.fromkeys(["beta", "betaln", "xlogy", "xlog1py", "rel_entr", "kl_div"], POSITIVE_PAIRS),
    **dict.fromkeys(["gammainc", "gammaincc"], POSITIVE_PAIRS),
    **dict.fromkeys(["betainc", "betaincc"], points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 0.5))),
    "poch": points((0.7, 1.9), (1.3, 0.6), (2.4, -1.1)),
    "binom": points((4.7, 1.9), (3.3, 0.6), (2.4, 1.1)),
    "expn": points((1, 0.7), (2, 1.9), (5, 0.3), (0, 0.4)),
    "comb": points((4.7, 1.9), (3.3, 0.6), (2.4, 3.1)),
    "perm": points((4.7, 1.9), (3.3, 0.6), (2.4, 3.1)),
    "boxcox": points((0.7, 1.9), (1.3, -0.6), (2.4, 0.0)),
    "boxcox1p": points((0.7, 1.9), (1.3, -0.6), (2.4, 0.0)),
    **dict.fromkeys(["sindg", "cosdg", "tandg"], points(30.0, -200.0, 75.5)),
    "wrightomega": REAL,
    **dict.fromkeys(["ellipkinc", "ellipeinc"], points((0.7, 0.3), (-1.3, 0.6), (2.4, -1.1))),
    "ellipk": points(0.3, -0.7, 0.6, -1.0, -4.5, 0.0),
    "ellipe": points(0.3, -0.7, 0.6, -1.0, -4.5, 0.0),
    "hyperu": points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 3.5)),
    "wright_bessel": points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 3.5)),
    "log_wright_bessel": points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 3.5)),
    "hyp0f1": points((0.7, 1.9), (1.3, -0.6), (2.4, 0.3)),
    "hyp1f1": points((0.7, 1.9, 0.3), (1.3, 0.6, -0.7), (2.4, 1.1, 0.5)),
    "hyp2f1": points((0.7, 1.9, 1.2, 0.3), (1.3, 0.6, 2.2, -0.7), (2.4, 1.1, 0.7, 0.0)),
    **dict.fromkeys([f"eval_{p}" for p in ("legendre", "chebyt", "chebyu", "laguerre")], FRACTIONS),
    **dict.fromkeys([f"eval_{p}" for p in ("chebyc", "chebys")], FRACTIONS),
    **dict.fromkeys([f"eval_sh_{p}" for p in ("legendre", "chebyt", "chebyu")], FRACTIONS),
    **dict.fromkeys([f"eval_{p}" for p in ("hermite", "hermitenorm")], DEGREES),
    "eval_gegenbauer": points((0.0, 1.9, 0.3), (1.0, 0.6, -0.7), (4.0, 1.1, 0.5), (0.6, 1.1, 0.5)),
    "eval_genlaguerre": points((0.0, 1.9, 0.3), (1.0, 0.6, 0.7), (4.0, 1.1, 0.5), (0.6, 1.1, 0.5)),
    "eval_jacobi": points((0, 1.9, 0.7, 0.3), (1, 0.6, 1.3, -0.7), (4, 1.1, 0.2, 0.5), (0.6, 1.1, 0.2, 0.5)),
    **dict.fromkeys(["gammaincinv", "gammainccinv"], points((0.7, 0.3), (1.3, 0.6), (5.4, 0.9))),
    "betainccinv": points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 0.5)),
    "stdtrit": points((3.0, 0.3), (1.3, 0.8), (7.5, 0.6)),
    "chdtri": points((3.0, 0.3), (1.3, 0.8), (7.5, 0.6)),
    **dict.fromkeys(["gdtr", "gdtrc"], points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 0.5))),
    "gdtrix": points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 0.5)),
    **dict.fromkeys(["fdtr", "fdtrc"], points((3.0, 1.9, 0.3), (1.3, 4.6, 2.7), (2.0, 1.1, 0.5))),
    "fdtri": points((3.0, 1.9, 0.3), (1.3, 4.6, 0.7), (2.0, 1.1, 0.5)),
    **dict.fromkeys(["pdtr", "pdtrc"], points((3.0, 0.3), (0.0, 2.6), (7.0, 4.0))),
    "pdtri": points((3, 0.3), (0, 0.6), (7, 0.4)),
    **dict.fromkeys(["bdtr", "bdtrc"], points((3.0, 5, 0.3), (0.0, 2, 0.6), (2.0, 2, 0.4))),
    **dict.fromkeys(["nbdtr", "nbdtrc"], points((3, 5, 0.3), (0, 2, 0.6), (2, 2, 0.4))),
    "nrdtrimn": points((0.3, 1.9, 0.3), (0.6, 0.6, -0.7), (0.5, 1.1, 0.5)),
    "nrdtrisd": points((0.3, 0.3, 0.1), (-0.6, 0.6, 0.7), (0.5, 0.1, -3.5)),
    "cotdg": points(30.0, -200.0, 75.5),
    "radian": points((30.0, 12.0, 4.0), (-20.0, 3.0, 45.0)),
    "softplus": REAL,
    "betaincinv": points((0.7, 1.9, 0.3), (1.3, 0.6, 0.7), (2.4, 1.1, 0.5)),
    "stdtr": points((3.0, 0.3), (1.3, -2.6), (7.5, 0.0)),
    **dict.fromkeys(["chdtr", "chdtrc"], points((3.0, 0.3), (1.3, 2.6), (7.5, 4.0))),
    "ndtri_exp": points(-0.3, -1.2, -7.5),
    "owens_t": PAIRS,
    **dict.fromkeys(["inv_boxcox", "inv_boxcox1p"], points((0.7, 0.9), (0.3, -0.6), (2.4, 0.0))),
    "powm1": points((0.7, 1.9), (1.3, -0.6), (2.4, 3.0)),
    "huber": points((0.7, 1.9), (1.3, 0.6), (2.4, -3.1)),
    "pseudo_huber": [(0.7, 1.9), (1.3, 0.0), *((abs(a), b) for a, b in PAIRS)],
}

TABLE: dict[str, tuple[Callable[..., Any], Points]] = {
    f"scipy.special.{name}": (getattr(special, name), rows) for name, rows in BY_NAME.items()
}
