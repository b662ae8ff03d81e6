import numpy as np


# signature: x: f8[:]
def f(x):
    y = np.packbits(x * 2.0)  # E: AD301
    return np.sum(y)
