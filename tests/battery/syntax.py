# ruff: noqa
"""The rest of Python's syntax around what is differentiated."""

import contextlib
import math
import warnings

import numpy as np

LOW = 0.25


# at: x=[0.5, 1.5]
def errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(x)
        z = y / x
    return np.sum(y * z)


# at: x=[0.5, 1.5]
def errstate_returns(x):
    with np.errstate(divide="ignore"):
        return np.sum(np.log(x) * x)


# at: x=[0.5, -1.5], n=3
def errstate_in_loop(x, n):
    total = 1.0
    for i in range(n):
        with np.errstate(over="ignore"):
            total = total * np.sum(np.exp(x / (i + 1)))
            if total > 50.0:
                total = total / 10.0
    return total


# at: x=[0.5, 1.5], bound=1.0
# at: x=[0.5, 1.5], bound=0.1
def errstate_left_early(x, bound):
    with np.errstate(all="ignore"):
        y = np.log(x)
        if y[1] > bound:
            return np.sum(y * x)
    return np.sum(y) * x[0]


# at: x=[0.5, 1.5]
def warnings_caught(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = np.sqrt(x) * x[0]
    with contextlib.nullcontext():
        y = y * y
    return np.sum(y)


# at: x=[0.5, 1.5]
def nested_contexts(x):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        y = x * x[0]
        with np.errstate(divide="warn"):
            y = y / x[1]
        y = y * x
    return np.sum(y)


# at: x=1.5
def guarded(x):
    try:
        y = math.log(x)
        z = y * x
    except ValueError as error:
        raise RuntimeError("x must be positive") from error
    else:
        z = z * y
    return z * y


# at: x=0.7
def finally_(x):
    seen = []
    try:
        y = x * x
    finally:
        seen.append("done")
    return y * x * len(seen)


# at: x=0.7
def finally_returns(x):
    try:
        return x * x * x
    finally:
        print(end="")


# at: x=[0.7, 1.1], k=1
# at: x=[0.7, 1.1], k=5
def handler_goes_on(x, k):
    try:
        y = x * x[k]
    except IndexError:
        y = x**3
    return np.sum(y * x)


# at: x=[0.7, 1.1], n=4
def handler_in_loop(x, n):
    total = 1.0
    for k in range(n):
        try:
            part = x[k] * total
        except IndexError:
            part = total * x[0]
            continue
        total = total + part * part
    return total + part


# at: A=[[1.0, 2.0], [2.0, 1.0]]
# at: A=[[2.0, 0.5], [0.5, 1.0]]
def jitter(A):
    S = 0.5 * (A + A.T)
    try:
        L = np.linalg.cholesky(S)
    except np.linalg.LinAlgError:
        L = np.linalg.cholesky(S + 3.0 * np.eye(2))
    return np.sum(L * L * L)


# at: x=1.5
# at: x=-1.5
def handler_returns(x):
    try:
        return math.log(x) * x
    except ValueError:
        return -x * x


# at: x=[1.5, 0.5], k="a"
# at: x=[1.5, 0.5], k=7
# at: x=[1.5, 0.5], k=0
def several_handlers(x, k):
    y = x[0] * x[1]
    try:
        y = y * x[k] * 1.0
    except TypeError:
        pass
    except IndexError:
        y = y * y
    except ValueError:
        raise
    else:
        y = y + x[0]
    return y * y


# at: x=[1.5, 0.5], text="12"
# at: x=[1.5, 0.5], text="twelve"
def inactive_try(x, text):
    try:
        n = int(text)
    except ValueError as error:
        n = len(str(error)) - len(str(error)) + 3
    return x[0] * x[1] * n


# at: x=[0.5, 1.5]
def walrus_in_if(x):
    if (n := len(x)) > 1 and (m := np.max(x)) > 1.0:
        return np.sum(x * x) * n * m
    return x[0] * 2.0


# at: x=1.5
def walrus_in_while(x):
    y = x
    while (err := y * y - 3.0) > 0.1:
        y = y - 0.3 * err / y
    return y * err


# at: x=1.5
def walrus_anywhere(x):
    a = x
    y = a * (a := x * x) + a
    y += (b := y * x) * a
    return (c := y * b) + c * a


# at: x=[1.5, 2.0, -1.0]
def walrus_in_comprehension(x):
    ys = [t * a for a in x if (t := a * a) > 2.0]
    return sum(ys) * t


# at: x=1.5, kind="square"
# at: x=1.5, kind="c"
# at: x=1.5, kind=3
# at: x=1.5, kind=None
def match_constants(x, kind):
    match kind:
        case "square":
            y = x * x
        case "cube" | "c":
            y = x**3
        case None:
            y = x**4
        case _:
            y = x
    return y * x


# at: x=1.5, p=(1, 2)
# at: x=1.5, p=(3, 2)
# at: x=1.5, p=7
def match_tuples(x, p):
    match p:
        case (1, k):
            y = x * x * k
        case (a, b) if a > b:
            y = x**3 * a
        case (a, _):
            return x * a
        case other:
            y = x * len(str(other))
    return y * x


# at: x=1.5, a=1, b=2
# at: x=1.5, a=2, b=2
def match_pair(x, a, b):
    y = x
    match a, b:
        case 1, k:
            y = x * x * k
        case k, 2:
            y = x**3
    return y * k * x


# at: x=1.5
def deleted(x):
    y = x * x
    z = y * x
    del y
    return z * z


# at: x=1.5
# at: x=2.5
def chained_comparisons(x):
    if 0.0 < x * x <= 4.0 < 5.0:
        return x**3
    return x


# at: x=7.3, y=2.1
# at: x=-7.3, y=2.1
def floor_division(x, y):
    q, r = divmod(x, y)
    s, t = divmod(x * x, y * 2.0)
    return q * x + r * y + x % y + (x // y) * x + s * t


# at: x=[7.3, -1.2]
def floor_division_of_arrays(x):
    q, r = np.divmod(x, 2.5)
    r %= 1.5
    return np.sum(q * x + r * r)


# at: x=7.3, n=2
# at: x=7.3, n=0
def bound_on_one_path(x, n):
    if n > 1:
        z = x * x
    y = x
    if n > 1:
        y = y + z
    return y * y


# at: x=[7.3, 1.0]
def shadowed(x):
    sum = x[0] * x[1]
    max = 3.0
    abs = [sum, max]
    return sum * max * len(abs)


# at: x=7.3
def forever(x):
    y = x
    while True:
        y = y * 0.5
        if y < 1.0:
            break
    return y * x


# at: x=0.3
def local_imports(x):
    import math as m
    from math import sin

    return m.cos(x) * sin(x)


# at: x=0.3
def texts_and_passes(x):
    """A docstring."""
    name = f"{x:.2f} {LOW!r:>{10}}"
    if x > 5:
        pass
    else:
        x = x * LOW
    ...
    "a string that nobody reads"
    assert name, f"no {name}"
    return x * x


# at: x=0.7, mode="a"
def raises_otherwise(x, mode):
    if mode == "a":
        y = x * x
    elif mode == "b":
        y = x
    else:
        raise NotImplementedError(f"mode {mode}")
    return y * x


def positive(x):
    return x[0] > 0.0


# at: x=[0.7, 0.3]
def calls_in_texts(x):
    assert positive(x), "not positive"
    table = {1: positive(x)}
    return x[0] * x[1] * len(table)


def element(x, n):
    if n > 1:
        raise ValueError("n")
    return x[n] * x[0]


# at: x=[0.7, 0.3], n=4
def callee_raises(x, n):
    total = x[1]
    for k in range(n):
        try:
            total = element(x, k) * total
        except ValueError:
            total = total + x[0]
    return total


# at: x=[0.7, 0.3], n=5
# at: x=[0.7, 0.3], n=1
def half_done(x, n):
    try:
        z = x[0] * x[1]
        y = x[n] * z
    except IndexError:
        y = x[0]
        z = x[1] * x[1]
    return y * z


# at: x=0.7, d=2
# at: x=0.7, d=None
def else_and_finally(x, d):
    try:
        n = int(d)
    except (TypeError, ValueError):
        return x * x
    else:
        y = x**n
    finally:
        pass
    return y * x


# at: x=[0.7, 0.3], n=3
def contexts_in_branches(x, n):
    s = x[0]
    for i in range(n):
        if i > 0:
            with np.errstate(all="ignore"):
                k = i // 2
        else:
            with np.errstate(all="ignore"):
                s = s * x[k if i else 0]
            k = 1
        s = s * x[k]
    return s
