import numpy as np


def f(x):
    with np.errstate(all="ignore"):
        if x > 0.0:
            return x * x  # E: AD104
    return x
