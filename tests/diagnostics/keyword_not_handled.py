import numpy as np


# signature: x: f8[:]
def f(x):
    return np.nanvar(x * x, dtype=np.float32)  # E: AD302
