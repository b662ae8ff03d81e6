import numpy as np


# signature: x: f8[:]
def f(x):
    z = np.exp(1j * x)
    y = np.clip(z, 0.0, 1.0)  # E: AD304
    s = np.sign(z)  # E: AD304
    return np.sum(np.abs(y * s) ** 2)
