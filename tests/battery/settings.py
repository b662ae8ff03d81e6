# ruff: noqa
"""Optional arguments, flags, types, `*args` and `**kwargs`, and comprehensions."""

import math

import numpy as np


def weighted(x, w=None, scale=None):
    if w is None:
        w = np.ones(len(x))
    if scale is not None:
        x = x * scale
    return w * x


# at: x=[0.3, 0.4]
def optional_arguments(x):
    return np.sum(weighted(x) * weighted(x, x) * weighted(x, scale=2.0))


# at: x=[0.3, 0.4], w=None
# at: x=[0.3, 0.4], w=[1.0, 2.0]
# at: x=[0.3, 0.4], w=1.5
def optional_weights(x, w):
    if w is not None and np.ndim(w) == 1:
        y = w * x
    elif w is None:
        y = x
    else:
        y = x**2 * w
    return np.sum(y * y)


# at: x=[0.3, 0.4], w=None
def default_by_or(x, w):
    w = w or 2.0
    v = x if w is None else w * x
    return np.sum(v * v)


# at: x=[0.3, 0.4], method="euler"
# at: x=[0.3, 0.4], method="heun"
def method_by_name(x, method):
    if method not in ("euler", "heun"):
        raise ValueError(f"unknown method {method}")
    if method == "euler":
        return np.sum(x + 0.1 * x * x)
    elif method == "heun":
        k = x + 0.1 * x * x
        return np.sum(x + 0.05 * (x * x + k * k))
    return np.sum(open(method).read() * x)


def step(y, method="euler", accurate=False):
    if method == "euler":
        return y + 0.1 * y * y
    if accurate:
        k = y + 0.05 * y * y
        return y + 0.1 * k * k
    return open(method).read() * y


# at: x=[0.3, 0.5]
def settings_of_a_callee(x):
    return np.sum(step(x) * step(x, "rk", True) * step(x, method="rk", accurate=True))


def moments(x, full=False):
    mean = np.sum(x) / len(x)
    if full:
        return mean, np.sum((x - mean) ** 2)
    return mean


# at: x=[0.3, 0.5, 0.9]
def results_by_flag(x):
    mean, square = moments(x, full=True)
    return moments(x) * square + mean


def squared(x):
    if isinstance(x, (float, int)):
        return x * x
    if not isinstance(x, np.ndarray):
        x = np.asarray(x)
    if x.ndim == 0:
        return x
    if x.ndim == 2:
        x = x.sum(axis=1)
    return np.sum(x * x)


# at: x=[0.3, 0.5]
def types(x):
    return squared(x) * squared(x[:, None] * x) * squared([x[0], x[1]])


# at: x=[0.3, 0.5], g=None
def attributes(x, g):
    if callable(g):
        x = g(x)
    if hasattr(x, "shape") and not hasattr(x, "no_such_thing"):
        x = x * 2.0
    if np.isscalar(x) or len(np.shape(x)) > 1:
        return 0.0
    return np.sum(x * x)


# at: x=[0.3, 0.5], n=0
# at: x=[0.3, 0.5], n=1
def none_on_one_path(x, n):
    w = None
    if n > 0:
        w = x * 2.0
    if w is None:
        w = x
    return np.sum(w * x)


def product(x, n, mode="up"):
    if n == 0:
        return x
    if mode == "up":
        return x * product(x, n - 1, "down")
    return x + product(x, n - 1)


# at: x=0.8
def settings_change_in_recursion(x):
    return product(x, 4) * product(x, 2, mode="down")


def grown(x, limit=None, verbose=False):
    k = 0
    while limit is None or k < limit:
        x = x * 1.5
        k += 1
        if x > 1.0:
            break
        if verbose:
            print(x)
    return x


# at: x=0.3
def limits(x):
    return grown(x) * grown(x, limit=2)


def total(first, *rest, scale=1.0, **options):
    s = first
    for r in rest:
        s = s * r + r
    if "power" in options:
        s = s ** options["power"]
    shift = options.get("shift", 0.0)
    if rest:
        s = s * len(rest)
    return scale * s + shift


# at: x=0.3, y=0.7
def any_number_of_arguments(x, y):
    t = (x, y)
    options = {"power": 2, "shift": x}
    return total(x) + total(x, y, x, scale=y) * total(*t, **options) + total(y, *t, power=3.0)


def powered(a, b=1.0, c=2.0):
    return a * b**c


def passed_on(a, *args, **kw):
    return powered(a, *args, **kw)


# at: x=0.3, y=0.7
def arguments_passed_on(x, y):
    return passed_on(x, y, c=3.0) + passed_on(y) * passed_on(x, c=y, b=y)


def looked_up(a, **kw):
    b = kw.get("b", 1.0)
    kw_c = 3.0
    c = kw.get("c")
    if c is None:
        c = 2.0
    return a * b**c + kw_c


# at: x=0.3, y=0.7
def names_that_collide(x, y):
    return looked_up(x, b=y) + looked_up(y) * looked_up(x, c=y, b=x)


def rosenbrock(a, b):
    return (1 - a) ** 2 + 100 * (b - a * a) ** 2


# at: x=[0.3, 0.5]
def starred_arrays(x):
    print(*x, end="")
    return rosenbrock(*x) + math.hypot(*(x[0], x[1]))


def fill(u, *values):
    for k, v in enumerate(values):
        u[k] = v * v


# at: x=[0.3, 0.5]
def starred_statement(x):
    u = np.zeros(2)
    fill(u, x[0], x[1])
    fill(u, *(x[1] * u[0],))
    return np.sum(u * x)


# at: x=0.3, y=0.7
def kinds_of_parameters(x, y):
    def only(a, /, b, *, c=2.0):
        return a * b**c

    return only(x, y, c=3.0) * only(y, b=x)


# at: x=[0.3, 0.45, 0.9]
def comprehensions(x):
    a = [u * v for u in x for v in x if u != v]
    d = sum(u * v * w for u in x if u > 0.35 for v in a if v > 0.2 if v < 0.5 for w in (1.0, 2.0))
    e = np.array([u**2 for u in x]).sum() + max(u * u for u in x) + np.sum([v * v for v in a])
    if any(u > 10 for u in x) or not all(u > 0 for u in x) or 3 not in [1, 2, 3]:
        return x[0]
    table = {k: k * 2 for k in range(2)}
    return sum(a) * d + e * table[1] * len({k for k in range(3)})


# at: x=[0.3, 0.4]
def comprehension_names(x):
    u = x[0]
    a = [u * v for u in x for v in [u, 2.0 * u]]
    b = [x for x in x for x in [x, x * x]]
    return sum(a) * u + sum(b)
