import numpy as np


# signature: x: f8[:], m: b[:]
def f(x, m):
    return np.var(x * x, where=m)  # E: AD302
