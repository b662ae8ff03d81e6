# ruff: noqa
"""Aliases, views, in-place work: where derivatives go wrong in silence."""

import numpy as np


# at: x=[0.5, -0.7, 0.2]
def alias_scaled(x):
    y = np.sin(x)
    z = y
    z *= x
    return np.sum(y * z)


# at: x=[0.5, -0.7, 0.2]
def over_own_norm(x):
    return np.sum(np.arange(1.0, 4.0) * (x / np.sum(x * x)))


# at: x=[0.5, -0.7, 0.2]
def alias_of_alias(x):
    a = x * 2.0
    b = a
    c = b
    c[0] = x[1] * x[2]
    a += 1.0
    return np.sum(b**2)


# at: x=[0.5, -0.7, 0.2], y=[1.0, 2.0, 0.3]
def rebound_alias(x, y):
    z = x * y
    w = z
    z = z + y
    w[1] = 3.0 * x[0]
    return np.sum(z * w)


# at: A=[[0.5, -0.7], [0.2, 0.9], [1.0, 0.3]]
def rows_written_through(A):
    B = A.copy()
    for row in B:
        row *= row[0]
    return np.sum(B)


# at: A=[[0.5, -0.7], [0.2, 0.9]]
def transposed_write(A):
    B = np.exp(A)
    B.T[0] *= 2.0
    C = B.T
    C[1, 0] = A[0, 0] * A[1, 1]
    return np.sum(B * B)


# at: x=[0.5, -0.7, 0.2, 0.9]
def halves(x):
    y = x * x
    left, right = y[:2], y[2:]
    left += right
    right *= left
    return np.sum(y)


# at: x=[0.5, -0.7, 0.2, 0.9]
def reshaped_write(x):
    y = np.sin(x)
    m = y.reshape(2, 2)
    m[0] = m[1] * x[0]
    return np.sum(y * np.arange(4.0))


# at: x=[0.5, -0.7, 0.2, 0.9]
def reversed_view(x):
    y = x + 0.0
    r = y[::-1]
    r[0] = x[0] ** 2
    return np.sum(y * r)


# at: x=[0.5, -0.7, 0.2]
def argument_in_place(x):
    x[0] = x[1] * x[2]
    x *= 2.0
    return np.sum(x**2)


# at: x=[0.5, -0.7, 0.2]
def argument_alias_in_place(x):
    y = x
    y[1:] += y[:-1]
    return x[0] * x[1] * x[2]


# at: x=[0.5, -0.7, 0.2, 0.9]
def overlapping_shift(x):
    x[1:] = x[:-1] * 0.5
    x[:-1] -= x[1:] ** 2
    return np.sum(np.sin(x))


# at: x=[0.5, -0.7, 0.2]
def diagonal_filled(x):
    A = np.zeros((3, 3))
    for i in range(3):
        A[i, i] = x[i] ** 2
        A[i, i - 1] += x[i - 1]
    return np.sum(A @ A)


# at: x=[0.5, -0.7, 0.2]
def self_product_in_place(x):
    y = x.copy()
    y *= y
    y += y * x
    return np.sum(y)


# at: x=[0.5, -0.7, 0.2]
def copied_before(x):
    y = np.cos(x)
    old = y.copy()
    y[0] = old[1] * old[2]
    y[1] = old[0]
    return np.sum(y * old)


# at: A=[[0.5, -0.7, 0.2], [0.2, 0.9, 1.0]], k=1
def column_replaced(A, k):
    A[:, k] = A[:, 0] * A[:, 2]
    A[0] -= A[1]
    return np.sum(A * A)


# at: x=[0.5, -0.7, 0.2]
def list_of_views(x):
    y = x * 2.0
    parts = [y[:1], y[1:]]
    parts[1][0] = x[0] ** 2
    return np.sum(y) * parts[0][0]


# at: x=[0.5, -0.7, 0.2]
def appended_then_changed(x):
    ys = []
    y = x * x
    for _ in range(3):
        ys.append(y)
        y = y * x
    return np.sum(ys[0] * ys[2])


# at: x=[0.5, -0.7, 0.2]
def appended_alias(x):
    state = x.copy()
    history = []
    for _ in range(3):
        history.append(state)
        state *= 0.5
    return np.sum(history[0]) + np.sum(history[2] ** 2)


# at: x=[0.5, -0.7, 0.2]
def conditional_alias(x):
    a = np.sin(x)
    b = np.cos(x)
    if x[0] > 0.0:
        c = a
    else:
        c = b
    c[0] *= x[2]
    return np.sum(a * b)


# at: x=[0.5, -0.7, 0.2], y=[0.1, 0.4, 0.8]
def swapped_buffers(x, y):
    old, new = x.copy(), y.copy()
    for _ in range(3):
        new[:] = 0.5 * (np.roll(old, 1) + old**2)
        old, new = new, old
    return np.sum(old) + new[0]


# at: x=[0.5, -0.7, 0.2]
def overwritten_result(x):
    y = np.exp(x)
    z = y * x
    y[:] = 0.0
    y[0] = 2.0
    return np.sum(z * y) + z[1]
