# ruff: noqa
"""Control flow, calls, containers: the shape of ordinary programs."""

import math

import numpy as np

WEIGHTS = np.array([0.2, 0.5, 0.3])
SCALE = 1.5
TWICE = 2.0 * SCALE


# at: x=0.7
# at: x=-0.4
def absolute(x):
    if x < 0.0:
        return -x
    return x


# at: x=1.7
# at: x=0.4
# at: x=-1.2
def cases(x):
    if x > 1.0:
        y = x * x
    elif x > 0.0:
        y = math.sqrt(x)
    elif x == 0.0:
        y = 0.0
    else:
        y = x
        y *= 3.0
    return y * TWICE


# at: x=[0.5, -0.7, 0.2]
def first_negative(x):
    for v in x:
        if v < 0.0:
            return v * v * x[0]
    return 0.0


# at: x=[0.5, 0.7, 0.2]
def for_else(x):
    for i in range(len(x)):
        if x[i] > 1.0:
            y = x[i]
            break
    else:
        y = np.sum(x) ** 2
    return y * x[1]


# at: x=[0.5, -0.7, 0.2], y=[0.3, 0.1, 0.6]
def zipped(x, y):
    total = 0.0
    for a, b in zip(x, y):  # noqa: B905
        total += a * b * b
    return total


# at: x=[0.5, -0.7, 0.2]
def enumerated(x):
    total = 0.0
    for i, v in enumerate(x, start=1):
        total = total * 0.5 + i * v**2
    return total


# at: x=[0.5, -0.7, 0.2]
def nested_breaks(x):
    total = 0.0
    for i in range(3):
        for j in range(3):
            if i == j:
                continue
            if total > 0.3:
                break
            total += x[i] * x[j] * x[j]
        total = total + x[i] ** 2
    return total


# at: x=[0.5, -0.7, 0.2]
def odd_even(x):
    return sum([v * v if i % 2 else v**3 for i, v in enumerate(x)])


def scaled(v, factor=2.0, *, shift=0.0):
    return factor * v + shift


# at: x=[0.5, -0.7, 0.2], s=0.4
def keywords(x, s):
    return np.sum(scaled(x, shift=s) * scaled(x, s))


def fill(out, value):
    for i in range(len(out)):
        out[i] = value * (i + 1) + out[i] ** 2


# at: x=[0.5, -0.7, 0.2], s=0.4
def callee_writes(x, s):
    y = x * x
    fill(y, s)
    fill(y, y[0])
    return np.sum(y)


# at: x=[0.5, -0.7, 0.2, 0.9], s=0.4
def callee_writes_part(x, s):
    y = np.sin(x)
    fill(y[1:3], s)
    return np.sum(y * y)


# at: x=[0.5, -0.7, 0.2], s=0.4
def callee_writes_argument(x, s):
    fill(x, s * x[1])
    return x[0] * x[2]


def normalise(v):
    v /= np.sqrt(np.sum(v * v))
    return v


# at: x=[0.5, -0.7, 0.2]
def returned_argument(x):
    y = x + 1.0
    z = normalise(y)
    z[0] *= 2.0
    return np.sum(y * np.arange(3.0))


def moments(v):
    m = np.mean(v)
    return m, np.mean((v - m) ** 2)


# at: x=[0.5, -0.7, 0.2]
def several_values(x):
    m, v = moments(x)
    m2, _ = moments(x * m)
    return m * v + m2


# at: x=[0.5, -0.7, 0.2]
def kept_tuple(x):
    pair = moments(x)
    return pair[0] ** 2 * pair[1]


def power(x, n):
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    if n % 2:
        return half * half * x
    return half * half


# at: x=1.3, n=7
def recursive_power(x, n):
    return power(x, n)


def tree_sum(x):
    n = len(x)
    if n == 1:
        return x[0] ** 2
    return tree_sum(x[: n // 2]) * 0.9 + tree_sum(x[n // 2 :])


# at: x=[0.5, -0.7, 0.2, 0.9, 0.3]
def recursive_halves(x):
    return tree_sum(x)


def is_even(x, n):
    return x if n == 0 else is_odd(x * x, n - 1)


def is_odd(x, n):
    return 2.0 * x if n == 0 else is_even(math.sin(x), n - 1)


# at: x=0.7, n=3
def mutual_recursion(x, n):
    return is_even(x, n)


# at: x=[0.5, -0.7, 0.2]
def stack_machine(x):
    stack = []
    for v in x:
        stack.append(v)
        stack.append(v * v)
    total = 0.0
    while len(stack) > 1:
        a = stack.pop()
        b = stack.pop()
        total = total + a * b
        if stack:
            stack[-1] += a
    return total


# at: x=[0.5, -0.7, 0.2]
def list_of_rows(x):
    rows = [x * k for k in range(1, 4)]
    return np.sum(np.stack(rows) ** 2 @ WEIGHTS)


# at: x=[0.5, -0.7, 0.2]
def concatenated(x):
    y = np.concatenate([x, x[::-1] ** 2, [1.0]])
    return np.sum(y[1:] * y[:-1])


# at: x=[0.5, -0.7, 0.2]
def inactive_talk(x):
    assert x.ndim == 1, f"rank {x.ndim}"
    n = len(x)
    label = "short" if n < 10 else "long"
    counts = {"n": n}
    if counts["n"] == 0:
        raise ValueError(label)
    y = 0.0
    for i in range(n):
        print(f"{label} {i}", end="")
        y += x[i] ** 2
    return y


# at: x=[0.5, -0.7, 0.2]
def rank_changes(x):
    y = 1.0
    for _ in range(3):
        y = y * x
    y = y.sum()
    return y * y


# at: x=2.0
def type_changes(x):
    y = 3
    y = y * x
    y = np.array([y, y * y])
    y = y @ y
    return y


# at: x=[0.5, -0.7, 0.2], use_log=True
# at: x=[0.5, -0.7, 0.2], use_log=False
def flags(x, use_log=False):
    z = np.sum(x * x)
    return math.log(z) if use_log else z


# at: x=[0.5, -0.7, 0.2]
def optional(x, weights=None):
    if weights is None:
        weights = np.ones_like(x)
    return np.sum(weights * x**2)


# at: a=[0.5, 0.7], b=[1.5, 0.2, 0.9]
def outer_by_broadcast(a, b):
    return np.sum(np.sqrt(a[:, None] ** 2 + b**2))


# at: x=[0.5, -0.7, 0.2], y=0.3
def short_circuit(x, y):
    total = 0.0
    for v in x:
        if v > 0.0 and v * y > 0.1 or v < -0.5:
            total += v * y
    return total


# at: x=0.3
def while_true(x):
    k = 0
    while True:
        x = x + x * x
        k += 1
        if x > 2.0 or k == 20:
            return x / k


# at: x=[0.5, -0.7, 0.2, 1.1]
def two_pointers(x):
    i, j = 0, len(x) - 1
    total = 0.0
    while i < j:
        total += x[i] * x[j] ** 2
        i += 1
        j -= 1
    return total


# at: x=[0.5, -0.7, 0.2]
def bubble_sort(x):
    y = x.copy()
    n = len(y)
    for i in range(n):
        for j in range(n - 1 - i):
            if y[j] > y[j + 1]:
                y[j], y[j + 1] = y[j + 1], y[j]
    return np.sum(y * np.arange(1.0, n + 1.0))


# at: theta=0.3, x=[0.5, -0.7]
def rotation(theta, x):
    c, s = math.cos(theta), math.sin(theta)
    R = np.array([[c, -s], [s, c]])
    return (R @ x)[0] * (R.T @ x)[1]


# at: x=[0.5, -0.7, 0.2]
def minimum_and_maximum(x):
    lo, hi = x[0], x[0]
    for v in x[1:]:
        lo = min(lo, v)
        hi = max(hi, v)
    return (hi - lo) ** 2
