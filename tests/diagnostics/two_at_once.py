import numpy as np


# signature: x: f8[:]
def f(x):
    y = np.roots(x)  # E: AD301
    z = np.packbits(x) + y  # E: AD301
    return np.sum(z)
