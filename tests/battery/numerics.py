# ruff: noqa
"""The classics of numerical analysis, written out."""

import math

import numpy as np


# at: c=[0.5, -0.7, 0.2, 0.9], x=1.3
def horner(c, x):
    y = 0.0
    for k in reversed(range(len(c))):
        y = y * x + c[k]
    return y


# at: c=[0.5, -0.7, 0.2, 0.9], x=0.3
def clenshaw(c, x):
    b1, b2 = 0.0, 0.0
    for a in c[:0:-1]:
        b1, b2 = a + 2.0 * x * b1 - b2, b1
    return c[0] + x * b1 - b2


# at: a=2.7
def newton_cube_root(a):
    y, k = 1.0, 0
    while abs(y**3 - a) > 1e-13 and k < 50:
        y = y - (y**3 - a) / (3.0 * y * y)
        k += 1
    return y


# at: a=0.4
def fixed_point(a):
    x = 1.0
    for _ in range(60):
        new = math.cos(a * x)
        if abs(new - x) < 1e-14:
            break
        x = new
    return x


# at: a=0.4, b=1.7
def simpson(a, b):
    n = 8
    h = (b - a) / n
    total = math.sin(a) * a + math.sin(b) * b
    for i in range(1, n):
        x = a + i * h
        total += (4 if i % 2 else 2) * math.sin(x) * x
    return total * h / 3


# at: y=[0.5, -0.7, 0.2, 0.9], h=0.3
def trapezoid_by_hand(y, h):
    return h * (np.sum(y) - 0.5 * (y[0] + y[-1]))


# at: A=[[4.0, 0.3, 0.2], [0.1, 3.0, 0.5], [0.6, 0.2, 5.0]], b=[1.0, 2.0, 3.0]
def gauss_elimination(A, b):
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n - 1):
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x


# at: A=[[4.0, 0.3, 0.2], [0.3, 3.0, 0.5], [0.2, 0.5, 5.0]]
def cholesky_by_hand(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = math.sqrt(s) if i == j else s / L[j, j]
    return np.sum(L * L * np.arange(1.0, 10.0).reshape(3, 3))


# at: a=[0.4, 0.3], b=[4.0, 3.0, 5.0], c=[0.2, 0.1], d=[1.0, 2.0, 3.0]
def thomas(a, b, c, d):
    n = len(d)
    cp = np.zeros(n - 1)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i - 1] * cp[i - 1]
        if i < n - 1:
            cp[i] = c[i] / m
        dp[i] = (d[i] - a[i - 1] * dp[i - 1]) / m
    for i in reversed(range(n - 1)):
        dp[i] -= cp[i] * dp[i + 1]
    return dp


# at: A=[[4.0, 0.3], [0.3, 3.0]], b=[1.0, 2.0]
def conjugate_gradients(A, b):
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for _ in range(2):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        new = r @ r
        p = r + (new / rs) * p
        rs = new
    return np.sum(x * x)


# at: A=[[2.0, 0.3], [0.3, 1.0]]
def power_iteration(A):
    v = np.ones(2)
    for _ in range(8):
        w = A @ v
        v = w / np.linalg.norm(w)
    return v @ A @ v


# at: a=1.0, b=2.5
def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-12:
        a, b = 0.5 * (a + b), math.sqrt(a * b)
    return a


# at: x=0.7
def sine_series(x):
    term, total, k = x, x, 1
    while abs(term) > 1e-16:
        term *= -x * x / ((2 * k) * (2 * k + 1))
        total += term
        k += 1
    return total


# at: x=[0.5, -0.7, 0.2, 0.9]
def cosine_transform(x):
    n = len(x)
    y = np.zeros(n)
    for k in range(n):
        for i in range(n):
            y[k] += x[i] * math.cos(math.pi * k * (2 * i + 1) / (2 * n))
    return y


# at: x=[0.5, -0.7, 0.2, 0.9, 0.1], w=[0.2, 0.5, 0.3]
def convolve_by_loops(x, w):
    n, m = len(x), len(w)
    y = np.zeros(n - m + 1)
    for i in range(n - m + 1):
        for j in range(m):
            y[i] += x[i + j] * w[j]
    return y


# at: x=[0.5, -0.7, 0.2, 0.9, 0.1]
def moving_average(x):
    width = 3
    c = np.cumsum(x)
    c[width:] = c[width:] - c[:-width].copy()
    return np.sum((c[width - 1 :] / width) ** 2)


# at: x=[0.5, -0.7, 0.2]
def cumulative_products(x):
    out = np.empty(len(x))
    p = 1.0
    for i in range(len(x)):
        p *= x[i]
        out[i] = p
    return np.sum(out) + np.sum(np.cumprod(x) ** 2)


# at: y=[0.5, -0.7, 0.2, 0.9], t=1.6
def linear_interpolation(y, t):
    i = int(t)
    f = t - i
    return (1.0 - f) * y[i] + f * y[i + 1]


# at: p=[0.5, -0.7, 0.2, 0.9], t=0.3
def catmull_rom(p, t):
    p0, p1, p2, p3 = p
    return 0.5 * (
        2.0 * p1
        + (p2 - p0) * t
        + (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * t**2
        + (3.0 * p1 - p0 - 3.0 * p2 + p3) * t**3
    )


# at: p=[[0.0, 0.1], [0.5, 0.9], [1.0, 0.2]], t=0.4
def de_casteljau(p, t):
    q = p.copy()
    n = len(q)
    for r in range(1, n):
        for i in range(n - r):
            q[i] = (1.0 - t) * q[i] + t * q[i + 1]
    return q[0]


# at: x=[0.0, 0.4, 1.1], y=[0.5, -0.7, 0.2], t=0.6
def lagrange(x, y, t):
    total = 0.0
    for j in range(len(x)):
        w = 1.0
        for m in range(len(x)):
            if m == j:
                continue
            w *= (t - x[m]) / (x[j] - x[m])
        total += y[j] * w
    return total


# at: x=[0.0, 0.4, 1.1], y=[0.5, -0.7, 0.2]
def divided_differences(x, y):
    c = y.copy()
    n = len(x)
    for k in range(1, n):
        c[k:] = (c[k:] - c[k - 1 : -1]) / (x[k:] - x[: n - k])
    return c


# at: a=0.3, b=0.9
def bisection_value(a, b):
    """The root itself does not depend on the bracket; the number of steps does."""
    lo, hi = a, b + 1.0
    for _ in range(6):
        mid = 0.5 * (lo + hi)
        if mid * mid < 1.1:
            lo = mid
        else:
            hi = mid
    return lo * hi


# at: x=[0.5, -0.7, 0.2]
def kahan(x):
    total, lost = 0.0, 0.0
    for v in x:
        y = v * v - lost
        t = total + y
        lost = (t - total) - y
        total = t
    return total
