import numpy as np


# signature: x: f8[:], m: b[:]
def f(x, m):
    return np.sum(x * x, where=m)  # E: AD302
