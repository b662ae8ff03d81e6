import numpy as np


# signature: x: f8[:], m: b[:]
def f(x, m):
    return np.nanvar(x * x, where=m)  # E: AD302
