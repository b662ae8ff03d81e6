import numpy as np
from somewhere import mystery


def f(x):
    y = np.sin(x)
    return mystery(y) * x  # E: AD201
