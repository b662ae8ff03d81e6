"""Small programs for test_normalise.py: each with a name and the inputs to run it on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

HELPERS = """
import numpy as np
import math

WEIGHTS = [0.5, 0.25, 0.125]

def tell(trace, k):
    trace.append(k)
    return k

def double(x, n=2, scale=1.0):
    return x * n * scale

def divide(a, b):
    q = a // b
    return q, a - q * b

def both(a, b):
    t = (a + b, a - b)
    return t

def bump(x):
    x[0] = x[0] + 1.0
    return x[0]

def only(a, *, by=3.0):
    return a * by
"""

X = np.array([3.0, 1.0, 2.0, 5.0])
Y = np.array([0.5, 4.0, 1.5])
A = np.arange(12.0).reshape(4, 3)

INPUTS: dict[str, Any] = {
    "X": X,
    "Y": Y,
    "A": A,
    "NUMBERS": [(0,), (1,), (2,), (3,), (5,), (7,), (-1,)],
    "VECTORS": [(X,), (Y,), (X[:1],), (X[:0],)],
    "TWO": [(X, Y), (Y, X), (X, X), (X[:0], Y)],
    "PAIRS": [(1.0, 2.0), (2.0, 1.0), (-1.0, 0.0), (3.0, 3.0)],
    "MATRICES": [(A,), (A[:1],), (A[:0],)],
}

TEXT = """
# returns

## guard | PAIRS
def f(a, b):
    if a > b:
        return a
    return b * 2.0

## guards | NUMBERS
def f(n):
    if n < 0:
        return -1.0
    if n == 0:
        return 0.0
    elif n == 1:
        y = 1.0
        return y
    z = n * 2.0
    if n == 2:
        return z
    return z + 1.0

## same name everywhere | NUMBERS
def f(n):
    y = n * 1.0
    if n > 3:
        return y
    y = y * 2.0
    if n > 1:
        y = y + 1.0
        return y
    return y

## return in nested if | NUMBERS
def f(n):
    y = 1.0
    if n > 1:
        if n > 4:
            return y
        y = y + n
    elif n == 0:
        return 7.0
    y = y * 2.0
    return y

## return in both branches | PAIRS
def f(a, b):
    if a > b:
        return a
    else:
        return b

## code after return | NUMBERS
def f(n):
    return n * 2.0
    n = n + 1
    return n

## code after both | NUMBERS
def f(n):
    if n > 2:
        return 1.0
    else:
        return 2.0
    return 3.0

## return in loop | NUMBERS
def f(n):
    for i in range(n):
        if i * i > 8:
            return i
    return -1

## return in loop, no constant after | VECTORS
def f(xs):
    total = 0.0
    for x in xs:
        total += x
        if total > 3.0:
            return total * 2.0
    total = total + 1.0
    return total

## return in nested loops | NUMBERS
def f(n):
    k = 0
    for i in range(n):
        j = 0
        while j < n:
            j += 1
            if j == 4:
                continue
            k += i * j
            if k > 20:
                if i > 2:
                    return k
                break
        k += 1
    return k + 100

## return in while true | NUMBERS
def f(n):
    y = 1.0
    while True:
        y = y * 2.0
        if y > n:
            return y

## return in nested while true | NUMBERS
def f(n):
    y = 1.0
    while True:
        while True:
            y = y * 2.0
            if y > n:
                return y
            if y > 4:
                break
        y = y + 1.0

## return name in loop | VECTORS
def f(xs):
    y = 0.0
    for x in xs:
        y = y + x
        if y > 3.5:
            return y
    return y

## nothing returned | VECTORS
def f(xs):
    for i in range(len(xs)):
        xs[i] = 2.0 * xs[i]

## bare returns | VECTORS
def f(xs):
    for i in range(len(xs)):
        if xs[i] > 2.5:
            return
        xs[i] = 0.0
    if len(xs) > 2:
        return None
    xs[:] = 1.0

## tuple results | PAIRS
def f(a, b):
    if a > b:
        return a, b
    return b, a + b

## tuple results, one kept | PAIRS
def f(a, b):
    y = a * b
    return y, y * a

## same result twice | PAIRS
def f(a, b):
    return a, a

## one-tuple result | PAIRS
def f(a, b):
    if a > b:
        return (a,)
    return (b * 2.0,)

## nested tuple result | PAIRS
def f(a, b):
    return a, (b, a)

## raise instead of return | PAIRS
def f(a, b):
    if a > b:
        return a
    elif a == b:
        raise ValueError("equal")
    else:
        return b

## raise at the end | NUMBERS
def f(n):
    for i in range(n):
        if i == 3:
            return i * 2
    raise ValueError(n)

## return of a call | PAIRS
def f(a, b):
    if a > b:
        return divide(a, 3.0)
    return b, a

## return of calls | PAIRS
def f(a, b):
    return double(a), double(b, scale=3.0)

## return of a conditional | PAIRS
def f(a, b):
    return double(a) if a > b else b

## return of conditional tuples | PAIRS
def f(a, b):
    return (a, b) if a > b else (b, a * 2.0)


# jumps

## continue | NUMBERS
def f(n):
    y = 0
    for i in range(n):
        if i % 2:
            continue
        y = y + i
    return y

## break with text after | NUMBERS
def f(n):
    y = 0
    for i in range(9):
        if i == n:
            break
        y = y + i
    y = y * 2
    return y

## break two levels of if down | NUMBERS
def f(n):
    y = 0
    for i in range(9):
        if i > 1:
            if i == n:
                break
            y += 1
        y = y + i
    return y

## break and continue down | NUMBERS
def f(n):
    y = 0
    for i in range(9):
        if i > 1:
            if i == n:
                break
            elif i == 4:
                y += 100
                continue
            y += 1
        else:
            if n == 2:
                continue
        y = y + i
    return y

## continue after a branch that jumps | NUMBERS
def f(n):
    y = 0
    for i in range(6):
        if i == 1:
            y += 7
        elif i > 2:
            if i < 5:
                y += 1
            else:
                if i == n:
                    break
                continue
        else:
            if n == 2:
                if y > 0:
                    return y
                y += 1
            continue
        y += 100 + i
    return y

## three levels down | NUMBERS
def f(n):
    y = 0
    for i in range(9):
        if i > 1:
            if i > 2:
                if i == n:
                    break
                y += 7
            y += 1
        y = y + i
    return y

## jumps in every branch | NUMBERS
def f(n):
    y = 0
    for i in range(9):
        if i == n:
            break
        elif i == 2:
            continue
        else:
            y += i
            if y > 10:
                break
            else:
                continue
        y += 1000
    return y

## lone break after | NUMBERS
def f(n):
    y = 0
    while True:
        y += 1
        if n > 2:
            if y < n:
                continue
            y += 10
        break
    return y

## for else | NUMBERS
def f(n):
    for i in range(5):
        if i == n:
            y = 1.0
            break
    else:
        y = 2.0
    return y

## for else without break | NUMBERS
def f(n):
    y = 0
    for i in range(n):
        y += i
    else:
        y += 100
    return y

## while else | NUMBERS
def f(n):
    k = 0
    while k < 4:
        k += 1
        if k == n:
            break
    else:
        k = 100
    return k

## else with jumps | NUMBERS
def f(n):
    y = 0
    for i in range(4):
        for j in range(3):
            if i * j == n:
                break
            y += j
        else:
            if i == 2:
                continue
            y += 10
            if n == 7:
                break
        y += 100
    else:
        y += 1000
    return y

## return in loop with else | NUMBERS
def f(n):
    for i in range(4):
        if i == n:
            return i
    else:
        n = n + 50
    return n

## while counts | NUMBERS
def f(n):
    y = 1
    while y < n:
        y = y * 2
    return y

## steps is taken | NUMBERS
def f(n):
    steps = 0
    while steps < n:
        steps += 2
    return steps


# assignments

## swap | PAIRS
def f(a, b):
    a, b = b, a
    return a - b

## fibonacci | NUMBERS
def f(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, a + b
    return a

## rotate | PAIRS
def f(a, b):
    c = a + b
    a, b, c = c, a, b
    return a + 10 * b + 100 * c

## two swaps | PAIRS
def f(a, b):
    c, d = a + b, a - b
    a, b, c, d = b, a, d, c
    return a + 10 * b + 100 * c + 1000 * d

## chained | PAIRS
def f(a, b):
    c = d = a * b
    c += 1.0
    return c + 10 * d

## nested targets | PAIRS
def f(a, b):
    (c, d), e = (b, a), a + b
    (a, b) = c, d
    return a + 10 * b + 100 * e

## from array | [(X,), (Y,)]
def f(x):
    a, b, c = x[:3]
    return a + 10 * b + 100 * c

## over itself | [((1.0, 2.0),), (X[:2],)]
def f(x):
    x, y = x
    return x + 10 * y

## shape | MATRICES
def f(A):
    n, m = A.shape
    return n * 10 + m

## swap elements | [(X,), (Y,), (A,)]
def f(x):
    x[0], x[1] = x[1], x[0]
    return x

## swap with equal index | [(X, 0, 0), (X, 0, 2), (A, 1, 2)]
def f(x, i, j):
    x[i], x[j] = x[j] + 1.0, x[i]
    return x

## index that is assigned | [(X,), (Y,)]
def f(x):
    i = 0
    i, x[i] = 2, 9.0
    return x

## element then name | [(X,), (Y,)]
def f(x):
    i = 0
    x[i], i = 9.0, 2
    return x, i

## stores stay in order | [(X,)]
def f(x):
    i, j = 1, 1
    x[i], x[j] = 5.0, 6.0
    return x

## numpy pair | [(A,)]
def f(A):
    q, r = np.linalg.qr(A.T @ A + np.eye(3))
    return q @ r

## calls in a tuple | PAIRS
def f(a, b):
    a, b = double(b), double(a)
    return a - b

## pair of a call | PAIRS
def f(a, b):
    q, r = divide(a, 2.0)
    r, q = divide(q + b, 2.0)
    return q + 10 * r

## pair of a call to elements | [(X,), (Y,)]
def f(x):
    x[0], y = divide(x[1], 2.0)
    y, (a, b) = divide(y, 1.0)[0], divide(y, 2.0)
    return x, a, b

## local tuple | PAIRS
def f(a, b):
    t = (a, b)
    for i in range(3):
        t = (t[1], t[0] + t[1])
    p, q = t
    return p + q * t[-1] + len(t)

## local tuple of a call | PAIRS
def f(a, b):
    state = (a, b)
    for i in range(3):
        x, v = state
        state = both(x, v)
    return state

## local tuple that stays | NUMBERS
def f(n):
    t = (1.0, 2.0, 3.0)
    y = t[0]
    for i in range(3):
        y += t[i] * n
    return y

## tuple of a call that stays | PAIRS
def f(a, b):
    t = both(a, b)
    y = 0.0
    for i in range(2):
        y += t[i] * i
    s = [0, 0]
    s[0] = both(a, b)
    u = both(a, b)
    v = str(f"{u}")
    return y, s

## nested local tuple | PAIRS
def f(a, b):
    t = ((a, b), b)
    u = (t[1], t[0])
    return u[1][0] + 10 * u[0] + 100 * u[1][1]

## tuple in a call | PAIRS
def f(a, b):
    t = (a, b)
    return np.array(t) * t[0]

## conditional tuple | PAIRS
def f(a, b):
    p, q = (a, b) if a > b else (b, a)
    return p + 10 * q

## pop in a tuple | NUMBERS
def f(n):
    xs = [1, 2, 3]
    a, b, a = xs.pop(), xs.pop(), xs
    return n, a, b

## pops and swaps | NUMBERS
def f(n):
    xs = [1, 2, n]
    i = 0
    i, xs[i] = xs.pop(), xs.pop()
    return i, xs


# calls

## calls in an expression | PAIRS
def f(a, b):
    return 2.0 * double(a) + double(b, 3) * double(double(a))

## arguments | PAIRS
def f(a, b):
    return double(scale=a, x=b) - double(b, scale=2.0) + only(a) + only(b, by=a)

## order of calls | PAIRS
def f(a, b):
    t = []
    y = tell(t, a) - tell(t, b) * double(tell(t, 3), n=tell(t, 4))
    return y, t

## keywords out of order | PAIRS
def f(a, b):
    t = []
    y = double(scale=tell(t, a), x=tell(t, b), n=tell(t, 1))
    return y, t

## pops as keywords | NUMBERS
def f(n):
    t = [1, 2, n]
    return double(scale=t.pop(), x=t.pop(), n=t.pop())

## read before a write | [(X,), (Y,)]
def f(x):
    y = x[0] * bump(x) + x[0]
    return y

## view before a write | [(X,), (Y,)]
def f(x):
    y = x[:2] * bump(x)
    return y

## augmented by a write | [(X,), (Y,)]
def f(x):
    x[0] += bump(x)
    y = 1.0
    y += bump(x) * 2.0
    return x, y

## augmented index | [(2,), (1,)]
def f(n):
    t = [1, 2, 3]
    x = [0, 0, 0]
    x[tell(t, 1)] += tell(t, n)
    x[t.pop() - t.pop()] = tell(t, 9)
    return x, t

## call in a target | NUMBERS
def f(n):
    t = []
    x = [0, 0, 0]
    x[tell(t, 1)] = tell(t, n)
    return x, t

## and or | PAIRS
def f(a, b):
    t = []
    y = 0.0
    if a > 0 and tell(t, a) > 1.5:
        y = 1.0
    elif tell(t, b) < 1 or tell(t, a + b) > 2 or a == b:
        y = 2.0
    z = a < b and tell(t, 7)
    return y, z, t

## and or mixed | PAIRS
def f(a, b):
    t = []
    if (a > 0 or tell(t, 1) > 2) and b > 0 and not tell(t, 2) < b:
        t.append(3)
    return t

## conditional calls | PAIRS
def f(a, b):
    t = []
    y = 1.0 + (tell(t, a) if a > b else tell(t, b) * 2.0)
    return y, t

## conditional in conditional | PAIRS
def f(a, b):
    t = []
    y = tell(t, 1) if a > b else (tell(t, 2) if a < b else 3)
    return y, t

## call in a while | NUMBERS
def f(n):
    t = []
    k = 0
    while tell(t, k) < n:
        k += 1
        if k == 2:
            continue
        if k == 5:
            break
        k += tell(t, 1)
    return k, t

## call in a while with else | NUMBERS
def f(n):
    t = []
    k = 0
    while k < n and tell(t, k) < 4:
        k += 1
        if k == 3:
            break
    else:
        t.append(-1)
    return t

## call in a range | NUMBERS
def f(n):
    t = []
    for i in range(tell(t, n)):
        t.append(i)
    return t

## call in an append | NUMBERS
def f(n):
    ys = []
    t = []
    for i in range(n):
        ys.append(double(tell(t, i)))
    return ys, t

## recursion | NUMBERS
def f(n):
    if n < 2:
        return 1
    return f(n - 1) + f(n - 2)

## call for its effect | [(X,), (Y,)]
def f(x):
    bump(x)
    bump(x=x)
    return x


# loops over things

## for over an array | [*VECTORS, ([1.0, 2.0],), ((3.0, 4.0),)]
def f(xs):
    y = 0.0
    for x in xs:
        y = y * 0.5 + x
    return y

## rows | MATRICES
def f(A):
    y = 0.0
    for row in A:
        for v in row:
            y = y * 0.5 + v
        for v in row[1:]:
            y = y + v
    return y

## write rows | MATRICES
def f(A):
    for row in A:
        row[0] = 7.0
    return A

## write while iterating | VECTORS
def f(xs):
    y = 0.0
    i = 0
    for x in xs:
        i += 1
        if i < len(xs):
            xs[i] += x
        y += x
    return y

## rebind while iterating | VECTORS
def f(xs):
    y = 0.0
    for x in xs:
        xs = xs * 2.0
        y += x + xs[0]
    return y

## same name | VECTORS
def f(x):
    y = 0.0
    for x in x:
        y += x
    return y, x

## enumerate | VECTORS
def f(xs):
    y = 0.0
    for k, x in enumerate(xs):
        y += k * x
        k = 0
    return y

## enumerate from | VECTORS
def f(xs):
    y = 0.0
    for k, x in enumerate(xs, 2):
        y += k * x
    for k, x in enumerate(xs, start=len(xs)):
        y += k * x
    return y

## enumerate to one name | VECTORS
def f(xs):
    y = 0.0
    for p in enumerate(xs):
        y += p[0] * p[1]
    return y

## enumerate shadows | VECTORS
def f(xs):
    y = 0.0
    for xs, x in enumerate(xs):
        y += xs * x
    return y

## zip | TWO
def f(xs, ys):
    y = 0.0
    for a, b in zip(xs, ys):
        y += a * b
    return y

## zip computed | TWO
def f(xs, ys):
    y = 0.0
    for a, b, c in zip(xs[1:], np.diff(ys), reversed(xs)):
        y = y * 0.5 + a * b - c
    return y

## zip to one name | TWO
def f(xs, ys):
    y = 0.0
    for p in zip(xs, ys):
        a, b = p
        y += a * b
    return y

## enumerate zip | TWO
def f(xs, ys):
    y = 0.0
    for i, (a, b) in enumerate(zip(xs, ys)):
        y += a * b * i
    return y

## enumerate enumerate | VECTORS
def f(xs):
    y = 0.0
    for i, (j, x) in enumerate(enumerate(xs, 1)):
        y += i * x - j
    return y

## zip with ranges | VECTORS
def f(xs):
    y = 0.0
    for i, x, j, k in zip(range(9), xs, range(2, 5), range(8, 0, -3)):
        y += i * x + 10 * j - 100 * k
    return y

## list of enumerate | VECTORS
def f(xs):
    y = 0.0
    for i, x in list(enumerate(xs)):
        y += i * x
    for i, x in list(enumerate(xs)):
        xs[-1] = 0.0
        y += i * x
    return y

## reversed | VECTORS
def f(xs):
    y = 0.0
    for x in reversed(xs):
        y = y * 0.5 + x
    for i in reversed(range(len(xs))):
        y = y * 0.5 + xs[i]
    for i, x in enumerate(reversed(xs)):
        y = y * 0.5 + x * i
    return y

## pairs | NUMBERS
def f(n):
    pairs = [(1.0, 2.0), (n, 4.0)]
    y = 0.0
    for a, b in pairs:
        y = y * 0.5 + a * b
    return y

## pairs of an array | MATRICES
def f(A):
    y = 0.0
    for a, b, c in A:
        y = y * 0.5 + a * b - c
    return y

## displays | NUMBERS
def f(n):
    y = 0.0
    for w in [3, 1, 2]:
        y = y * n + w
    for w in (n, 2.0 * n, y):
        y = y * 0.5 + w
    for s in 'ab':
        y += 1.0
    for w in WEIGHTS:
        y += w
    for i, w in enumerate(WEIGHTS):
        y += w * i
    for i, j in [(0, 1), (2, 3)]:
        y += i * j
    return y

## dictionary | NUMBERS
def f(n):
    d = {2: n, 5: 1}
    y = 0
    for k in d:
        y += k
    for k, v in d.items():
        y += k * v
    for i, (k, v) in enumerate(d.items()):
        y += i * k * v
    return y

## bound of a range | NUMBERS
def f(n):
    y = 0
    for i in range(n):
        n = n - 1
        y += n
    for n in range(1, n + 4, 2):
        y += n
    return y, n

## length of a growing list | NUMBERS
def f(n):
    xs = [n]
    for i in range(len(xs) + 2):
        xs.append(i)
    for x in list(xs):
        xs.append(x)
    return xs

## range in a range | NUMBERS
def f(n):
    y = 0
    m = [3, 2, 1]
    for i in range(m[0]):
        m[0] = i
        for j in range(i, n):
            i = i + 1
            y += i * j
    return y

## break in for over array | VECTORS
def f(xs):
    y = 0.0
    for i, x in enumerate(xs):
        if x < 1.5:
            continue
        y += x
        if y > 4:
            break
    else:
        y = -y
    return y


# comprehensions

## comprehension | VECTORS
def f(xs):
    ys = [x * x for x in xs if x > 1.5]
    return ys

## comprehension in place | VECTORS
def f(xs):
    xs = [x * 2.0 for x in xs]
    x = 1.0
    return x + sum([x - 1.0 for x in xs if x > 3 if x < 9])

## nested comprehension | MATRICES
def f(A):
    return [[v * i for i, v in enumerate(row)] for row in A]

## same variable twice | VECTORS
def f(xs):
    return np.array([x + sum([x * 2.0 for x in xs]) for x in xs]) + len([x for x in xs])

## calls in a comprehension | NUMBERS[:5]
def f(n):
    t = []
    ys = [tell(t, i) * tell(t, j) for i in range(tell(t, n)) for j in [i]]
    zs = [tell(t, i) * tell(t, 9) for i in range(tell(t, n)) if tell(t, -i) < -1]
    return zs, t

## comprehension on a condition | VECTORS
def f(xs):
    y = sum([x for x in xs]) if len(xs) > 1 else 0.0
    while len([x for x in xs if x > y]) > 0 and y < 4:
        y += 1.0
    return y

## loop variable in comprehension | NUMBERS
def f(n):
    ys = []
    for i in range(n):
        ys.append([i * 2 for i in range(i)])
        ys.append([i])
    return ys

## list made anew | VECTORS
def f(xs):
    y = 0.0
    for t in range(3):
        new = []
        for x in xs:
            new.append(x * 2.0)
        xs = new
    return np.array(xs)

## pop before comprehension | NUMBERS
def f(n):
    xs = [n, 2, 3]
    return xs.pop() + sum([x for x in xs])
"""


def cases() -> dict[str, tuple[str, list[tuple[Any, ...]]]]:
    """The programs by name, with their inputs."""
    found: dict[str, tuple[str, list[tuple[Any, ...]]]] = {}
    for head, body in re.findall(r"^## (.*)\n((?:(?!#).*\n)*)", TEXT, re.MULTILINE):
        name, inputs = head.split(" | ")
        assert name not in found
        found[name] = (f"{HELPERS}\n\n{body}", eval(inputs, dict(INPUTS)))
    return found
