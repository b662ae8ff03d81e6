import numpy as np
from scipy import interpolate


# signature: x: f8[:]
def f(x):
    y = np.piecewise(x, x < 0.0, [-1.0, np.sin])  # E: AD301
    g = interpolate.UnivariateSpline(np.arange(3.0), x)  # E: AD301
    z = interpolate.KroghInterpolator(np.arange(3.0), x)(0.5)  # E: AD202
    s = interpolate.interp1d(np.arange(3.0), x, kind="cubic")
    w = s(0.5)  # E: AD302
    return np.sum(y) + g(0.5) + z + w  # E: AD202
