# ruff: noqa
"""Reading and writing with slices, index arrays and masks."""

import numpy as np


# at: x=[0.5, -0.7, 0.2, 0.9]
def repeated_reads(x):
    idx = np.array([0, 2, 2, 1, 2])
    return np.sum(x[idx] ** 3)


# at: x=[0.5, -0.7, 0.2, 0.9]
def repeated_writes(x):
    y = np.zeros(3)
    y[[0, 1, 1, 2]] = x * x
    return np.sum(y * np.arange(1.0, 4.0))


# at: x=[0.5, -0.7, 0.2, 0.9]
def repeated_adds_lose(x):
    y = np.ones(3) * x[0]
    y[[0, 1, 1, 2]] += x
    return np.sum(y**2)


# at: x=[0.5, -0.7, 0.2, 0.9]
def mask_set(x):
    y = x**2
    y[x < 0.0] = 0.1 * x[0]
    return np.sum(y)


# at: x=[0.5, -0.7, 0.2, 0.9]
def mask_scaled(x):
    y = np.sin(x)
    mask = x > 0.3
    y[mask] *= x[mask]
    y[~mask] += 1.0
    return np.sum(y * y)


# at: x=[0.5, -0.7, 0.2, 0.9]
def masked_mean(x):
    return np.mean(x[x > 0.0] ** 2)


# at: A=[[0.5, -0.7, 0.2], [0.2, 0.9, 1.0]]
def mask_2d(A):
    B = np.exp(A)
    B[A < 0.3] = A[0, 0]
    return np.sum(B)


# at: A=[[0.5, -0.7, 0.2], [0.2, 0.9, 1.0]]
def pairs_of_indices(A):
    return np.sum(A[[0, 1, 1], [2, 0, 0]] ** 2)


# at: A=[[0.5, -0.7, 0.2], [0.2, 0.9, 1.0]]
def negative_steps(A):
    return np.sum(A[::-1, ::-2] * A[:, :2])


# at: x=[0.5, -0.7, 0.2, 0.9]
def new_axes(x):
    d = x[:, None] - x[None, :]
    return np.sum(np.exp(-d * d))


# at: A=[[0.5, -0.7, 0.2], [0.2, 0.9, 1.0]]
def ellipsis(A):
    return np.sum(A[..., 0] * A[..., -1])


# at: x=[0.5, -0.7, 0.2, 0.9], k=2
def dynamic_slices(x, k):
    total = 0.0
    for i in range(len(x) - k + 1):
        total += np.prod(x[i : i + k])
    return total


# at: x=[0.5, -0.7, 0.2, 0.9]
def sorted_gaps(x):
    y = np.sort(x)
    return np.sum(np.diff(y) ** 2)


# at: x=[0.5, -0.7, 0.2, 0.9]
def by_rank(x):
    order = np.argsort(x)
    return np.sum(x[order] * np.arange(4.0))


# at: x=[0.5, -0.7, 0.2, 0.9]
def extremes(x):
    return x[np.argmax(x)] * np.min(x) + np.max(np.abs(x))


# at: x=[0.5, -0.7, 0.2, 0.9]
def clipped_window(x):
    return np.sum(np.clip(x, -0.5, 0.6) * x)


# at: x=[0.5, -0.7, 0.2, 0.9]
def where_guarded(x):
    return np.sum(np.where(x > 0.0, np.log(np.where(x > 0.0, x, 1.0)), x**2))


# at: A=[[0.5, -0.7, 0.2], [0.2, 0.9, 1.0]]
def swap_rows(A):
    B = A * A
    B[[0, 1]] = B[[1, 0]]
    B[0] += A[1]
    return np.sum(B * A)


# at: T=[[[0.5, -0.7], [0.2, 0.9]], [[1.0, 0.3], [0.4, 0.1]]]
def three_axes(T):
    U = T.copy()
    U[0, :, 1] = T[1, 1]
    U[..., 0] *= 2.0
    return np.sum(U**2)


# at: x=[0.5, -0.7, 0.2, 0.9, 0.3, 0.6]
def every_other(x):
    x[::2] = x[1::2] * x[::2]
    x[-2::-2] += 1.0
    return np.sum(x * x)


# at: x=[0.5, -0.7, 0.2], n=5
def padded_edges(x, n):
    y = np.zeros(n)
    y[1:-1] = x
    y[0], y[-1] = y[1], y[-2]
    return np.sum(y[1:] * y[:-1])


# at: x=[0.5, -0.7, 0.2, 0.4]
def histogram_like(x):
    bins = np.zeros(2)
    for i, v in enumerate(x):
        bins[i % 2] += v * v
    return bins[0] * bins[1]
