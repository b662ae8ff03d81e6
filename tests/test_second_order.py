"""Programs whose generated derivative modules must be differentiable again: one for each fault there was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import adtrans

A = np.array([0.3, 0.7, 1.1])
PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {}


def program(name: str, source: str, *args: Any) -> None:
    PROGRAMS[name] = ("import math\nimport numpy as np\n\n" + source, args)


program(
    "np.add.at in the backward sweep carries derivatives",
    """
def f(x):
    return np.sum(x[np.array([0, 2, 2])] ** 3)
""",
    A,
)
program(
    "an argument that the generated code copies or rebinds is not written to",
    """
def f(u):
    for _ in range(3):
        u = u * np.sin(u)
    u[1] = u[0] * u[2]
    return np.sum(u)
""",
    A,
)
program(
    "a number that is bound anew in a loop is no array that is written to",
    """
def f(x, n):
    for _ in range(n):
        x = 3.2 * x * (1.0 - x)
    return x
""",
    0.3,
    3,
)
program(
    "a value that may not exist yet starts as None",
    """
def f(x):
    y = x
    total = 0.0
    for k in range(3):
        if k > 0:
            total = total + np.sum(y * z)
        z = np.sin(y) * x
        y = y * z
    return total
""",
    A,
)
program(
    "a list of arrays has a tangent",
    """
def f(x):
    rows = []
    for k in range(3):
        rows.append(x * (k + 1) + x ** 2)
    total = 0.0
    for k in range(3):
        total = total + np.sum(rows[k] ** 2)
    return total
""",
    A,
)
program(
    "a recorded test is taken off its list once",
    """
def f(x):
    total = 0.0
    for i in range(3):
        for j in range(3):
            if i == j:
                continue
            if total > 2.0:
                break
            total = total + x[i] * x[j] ** 2
        total = total * 1.1
    return total
""",
    A,
)
program(
    "the adjoint of an array may not be zeroed under another adjoint",
    """
def f(x):
    y = np.cos(x)
    old = y.copy()
    y[0] = old[1] * old[2]
    y[1] = old[0]
    return np.sum(y * old)
""",
    A,
)
program(
    "nor under a view of it",
    """
def f(x):
    x[[1, 2, 0]] = x * 1.5
    return np.sum(x * x * x)
""",
    A,
)
program(
    "what an inner loop computes again reads what the outer loop has bound",
    """
def f(x):
    y = 1.0
    for i in range(3):
        s = math.sin(x * i + y)
        for k in range(2):
            p = -s
            y = y * p + x
    return y
""",
    0.4,
)
program(
    "a recursion keeps a tuple in a tuple",
    """
def power(x, n):
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    if n % 2:
        return half * half * x
    return half * half


def f(x, n):
    return power(x, n)
""",
    1.3,
    5,
)
program(
    "two functions that call each other keep tuples in tuples",
    """
def even(x, n):
    if n == 0:
        return x
    return np.sin(odd(x * x, n - 1))


def odd(x, n):
    if n == 0:
        return 2.0 * x
    return even(x * 1.5, n - 1) * x


def f(x):
    return even(x, 3)
""",
    0.6,
)
program(
    "the backward sweep of a callee updates an adjoint that starts as zeros",
    """
def moments(v):
    m = np.mean(v)
    return m, np.mean((v - m) ** 2)


def f(x):
    m, v = moments(x)
    m2, _ = moments(x * m)
    return m * v + m2
""",
    A,
)
program(
    "a callee that writes and returns nothing keeps a tuple of one",
    """
def fill(u, b):
    u[0] = np.sum(np.tanh(b) ** 2)


def f(x):
    y = np.sin(x)
    fill(y, x * 0.5)
    return np.sum(y * y * x)
""",
    A,
)
program(
    "helpers are known again in a module that was emitted",
    """
def f(x, a):
    y = np.where(x > 0.5, x * a, a ** 2)
    z = y + x[:1]
    return np.sum(z ** 3)
""",
    A,
    0.8,
)
program(
    "a list that is popped from is no array that is written to",
    """
def f(q, p):
    for _ in range(3):
        p = p - 0.1 * q ** 3
        q = q + 0.1 * p
    return 0.5 * np.sum(p * p) + 0.25 * np.sum(q ** 4)
""",
    A,
    -A,
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_order(name: str) -> None:
    source, args = PROGRAMS[name]
    adtrans.check_grads(adtrans.from_source(source, "f"), args, order=2)
