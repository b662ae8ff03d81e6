"""Idioms that the random programs do not make. Data for test_idioms.py."""

import numpy as np

# ----------------------------------- what is stored into an array of integers


def store_into_integers(x):
    a = np.zeros(3, dtype=int)
    a[0] = x[0] * 10.0
    a[1] = 3
    return np.sum(a * x)


def store_a_slice_into_integers(x):
    a = np.zeros(3, dtype=np.int64)
    a[:] = x * 10.0
    return np.sum(a * x)


def store_into_flags(x):
    a = np.zeros(3, dtype=bool)
    a[0] = x[0]
    return np.sum(a * x**2)


def store_into_a_display(x):
    a = np.array([1, 2, 3])
    a[1] = x[1] * 7.0
    return np.sum(a * x)


def store_into_full(x):
    a = np.full(3, 2)
    for i in range(3):
        a[i] = a[i] + x[i] * 3.0
    return np.sum(a * x)


def store_into_a_range(x):
    a = np.arange(3)
    a[1], a[2] = x[0] * 5.0, x[1]
    return np.sum(a * x * x)


def store_into_like(x):
    order = np.array([0, 2, 1])
    a = np.zeros_like(order)
    a[order] = x * 6.0
    return np.sum(a * x)


def put_into(a, v):
    a[0] = v


def store_by_a_callee(x):
    a = np.zeros(3, dtype=int)
    put_into(a, x[0] * 10.0)
    b = np.zeros(3)
    put_into(b, x[1] * 10.0)
    return np.sum((a + b) * x)


def integers_in_a_list(x):
    rows = [np.zeros(3, dtype=int), np.ones(3, dtype=int)]
    rows[0][1] = x[1] * 8.0
    return np.sum(rows[0] * rows[1] * x)


def grid_of_floats(x):
    a = np.indices((3,), dtype=float)[0]
    a[1] = x[0] * 3.0
    return np.sum(a**2 * x)


# ------------------------------------------ one list or array, under two places


def rows_of_one_list(x):
    rows = [[0.0] * 2] * 2
    rows[0][0] = x[1] ** 2
    return rows[1][0] * x[0]


def rows_of_one_list_replaced(x):
    rows = [[0.0] * 2] * 2
    rows[0] = [x[1], x[2] ** 2]
    return rows[0][1] * x[0]


def rows_of_one_dict(x):
    rows = [{"a": 0.0}] * 2
    rows[0]["a"] = x[1] ** 2
    return rows[1]["a"] * x[0]


def repeated_in_place(x):
    rows = [[0.0]]
    rows *= 2
    rows[0][0] = x[1] ** 2
    return rows[1][0] * x[0]


def added_to_itself(x):
    rows = [[0.0]]
    rows += rows
    rows[0][0] = x[1] ** 2
    return rows[1][0] * x[0]


def added_to_another(x):
    rows, more = [x * 1.0], [x * 2.0]
    rows += more
    more[0][0] = x[1] ** 2
    return np.sum(rows[1] * x)


def repeated_in_a_tuple(x):
    rows = ([0.0],) * 2
    rows[0][0] = x[1] ** 2
    return rows[1][0] * x[0]


def twice_in_a_tuple(x):
    a = [0.0]
    t = (a, a)
    t[0][0] = x[1] ** 2
    return t[1][0] * x[0]


# ------------------------------------------------------- dicts that were empty


def new_key_by_default(x):
    d = {}
    d.setdefault("a", x[0] ** 2)
    d.setdefault("a", x[1] ** 2)
    return d["a"] * x[2]


def new_key_by_default_and_its_value(x):
    d = {}
    y = d.setdefault("a", x[0] ** 2)
    return d["a"] * x[2] if y > 0.0 else x[1]


def new_key_in_an_inner_dict(x):
    d = {"k": {}}
    d["k"].setdefault("a", x[0])
    return d["k"]["a"] * x[1]


def new_key_by_update(x):
    d = {}
    d.update(a=x[0] ** 2)
    return d["a"] * x[2]


def new_key_by_union(x):
    d = {}
    d |= {"a": x[0] ** 2}
    return d["a"] * x[2]


def method_by_another_name(x):
    xs = []
    push = xs.append
    push(x[0])
    push(x[1] ** 2)
    return xs[0] * xs[1]


# ------------------------------------ one array stands for another of its shape


def dtype_of_an_index(x):
    i = np.asarray([0, 2, 2])
    y = x[i].astype(np.float64)
    return np.sum(y**3)


def dtype_of_an_index_like(x):
    i = np.asarray([0, 2, 2])
    return np.sum(x[i].astype(np.result_type(x)) ** 3)


def counts(x):
    return np.sum(np.bincount([0, 1, 1], weights=x) ** 2)


def sorted_multiples(x):
    n = np.arange(3)
    return np.sum(np.sort(x[0] * n) * x)


def part_of_multiples(x):
    n = np.arange(3)
    return np.sum((x[0] * n)[1:] ** 2) + np.take(x[1] * n, 2) ** 2 + np.max(x[2] * n)


def sorted_flags(x):
    return np.sum(np.sort(x[0] * (x > 0.8)) * x) + np.cumsum(x[1] * (x > 0.8))[-1] ** 2


# -------------------------------- arrays that may be of integers, or of floats

COUNTS = np.array([1, 2, 3])
WHOLE = int


def store_into_like_a_constant(x):
    a = np.zeros_like(COUNTS)
    a[0] = x[0] * 10.0
    return np.sum(a * x)


def store_into_what_is_computed(x):
    a = np.unique(COUNTS * 2)
    for i in range(2):
        a[i] = a[i] + x[i] * 3.0
    return np.sum(a * x)


def store_into_a_dtype_with_a_name(x):
    a = np.zeros(3, dtype=WHOLE)
    a[0] = x[0] * 10.0
    return np.sum(a * x)


def store_into_one_or_the_other(x):
    a = np.zeros(3) if x[0] < 0.0 else np.zeros(3, dtype=int)
    a[0] = x[0] * 10.0
    return np.sum(a * x)


def store_into_floats_after_all(x):
    a = COUNTS * x
    a[0] = x[1] ** 2
    b = np.zeros_like(a)
    b[1:] = a[:2] * x[0]
    n = np.zeros(3, dtype=int)
    for i in range(2):
        n = n + x * i
        n[0] = x[1]
    return np.sum(a * b) + np.sum(n**2)


def store_into_floats_like_a_constant(x):
    a = np.zeros_like(COUNTS, dtype=np.float64)
    a[0] = x[1] ** 2
    b = COUNTS / 2
    b[1] = x[0] * a[0]
    return np.sum(a * b * x)
