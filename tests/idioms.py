"""Idioms that the random programs do not make. Data for test_idioms.py."""
# ruff: noqa: B007, C408, RUF005 (this is how people write)

from collections import deque

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


# ------------------------------ the dtype of one array is that of another, or of a list


def blurred(a, e):
    b = np.zeros(len(a), a.dtype)
    b[1:] = e
    return b


def dtype_from_an_argument(x):
    return np.sum(blurred(np.arange(3), x[0] * 10.0) * x) + np.sum(blurred(x, x[1]) ** 2)


def integers_and_floats_in_a_list(x):
    pair = [np.cumsum(x).astype(int), x]
    return np.sum(np.array(pair)) + np.sum(pair[0] * pair[1])


def integers_into_floats(x):
    w = x * COUNTS
    w[...] = np.array(x * 3.0, dtype=int)
    return np.sum(w * x) + np.sum(w)


def integers_in_a_dict(x):
    kept = {"n": np.eye(3, dtype=int)[1], "v": x}
    kept["n"][2] = x[0] * 10.0
    kept["n"][0] += 2
    return np.sum(kept["n"] * kept["v"] ** 2)


def part_of_what_is_rounded(x):
    return np.sum(np.outer(COUNTS, x.astype(int))[1] * x)


def store_into_integers_from_a_list(x):
    rows = [np.array([2, 0, 1]), x * 1.0]
    rows[0][1] = x[1] * 8.0
    return np.sum(rows[0] * rows[1])


def store_into_multiples_of_what_may_be_an_integer(x):
    s = 2 if x[0] < 5.0 else x[0]
    a = COUNTS * s
    a[0] = x[1]
    return np.sum(a * x)


def store_into_copies_of_what_may_be_an_integer(x):
    s = 2 if x[0] < 5.0 else x[0]
    a = np.full(3, s)
    a[0] = x[1]
    return np.sum(a * x)


def store_by_a_callee_that_cannot_know(x):
    a = blurred(np.unique(COUNTS), x[0] * 10.0)
    return np.sum(a * x)


def adjoint_of_what_may_be_integers(x):
    cells = [1, np.sum(x) if x[0] > 5.0 else 0, 2]
    v = np.array(cells)
    v = v[COUNTS - 1] * v
    return np.sum(v * x) + np.sum(np.array([x, v])[0])


# ------------------------------------------------------------ copies and parts of lists


def sum_of_a_part_of_a_list(x):
    return sum([x[0], x[1] ** 2, 0.5][:2]) * x[2] + sum(list(x)[::-1][1:])


def sum_of_a_part_of_a_list_in_a_loop(x):
    y = x * 1.0
    for i in range(3):
        y[i] = sum([y[0], x[1], 0.5][:2] + [x[2]])
    return np.sum(y * x)


def list_that_is_copied_and_joined(x):
    cells = [0.0, 0.0, x[0]].copy() + [x[1]]
    more = cells.copy()
    more.append(x[2] * x[0])
    more[0] = x[1]
    return sum(cells) * sum(more) + len(more)


def dict_that_is_copied(x):
    d = dict(a=x, b=x[0]).copy()
    return np.sum({"a": d["a"], "b": x}.copy()["a"] ** 2) * d["b"]


def list_that_is_used_again(x):
    hist = []
    hist.append(x * x)
    v = sum(hist)
    hist = []
    for i in range(3):
        hist.append(0.5)
    return np.sum(v) + sum(hist)


def one_list_read_twice(x):
    cells = more = [x[0], x[1], 0.5]
    more[0] += x[2]
    return sum(cells) + sum(more) * x[0]


def lists_added_and_returned(x):
    cells = list(x * x)
    both = cells + cells
    return sum(both[1:4]) + sum(cells + both) * x[0]


def store_into_an_array_of_a_list_that_was_of_floats(x):
    cells = [0.5, 1.5]
    cells[0], cells[1] = 1, 2
    a = np.array(cells)
    a[0] = x[1]
    return np.sum(a * x[:2])


def element_of_a_repeated_list(x):
    y = x * 1.0
    for i in range(2):
        y = y * ([[0.5] * 3] * 3)[2][i]
    return np.sum(y * x)


# -------------------------------------- other names for an array, and who writes through them


def row_that_is_smallest(x):
    rows = [x * 1.0, x**2]
    row = min(rows, key=lambda r: r[0])
    row[0] = x[1]
    return np.sum(rows[0] * rows[1])


def row_from_an_iterator(x):
    a = np.outer(x, x)
    row = next(iter(a))
    row *= x[0]
    return np.sum(a @ x)


def rows_from_a_filter(x):
    rows = [x * 1.0, x**2]
    for r in filter(lambda r: r[0] > 0.6, rows):
        r *= x[0]
    return np.sum(rows[0] * rows[1])


def masked(x):
    y = x * 2.0
    q = np.ma.array(y)
    q[0] = x[1]
    return np.sum(y**2)


def buffer(x):
    y = x * 2.0
    q = np.ndarray((2,), buffer=y)
    q[0] = x[1]
    return np.sum(y**2)


def view_of_memory(x):
    y = x * 2.0
    q = memoryview(y)
    q[0] = x[1]
    return np.sum(y**2)


def elements_one_by_one(x):
    y = x * 2.0
    for v in np.nditer(y, op_flags=["readwrite"]):
        v[...] = v * x[0]
    return np.sum(y**2)


def elements_in_a_block(x):
    y = x * 2.0
    with np.nditer(y, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = x[0]
    return np.sum(y**2)


def another_name_in_a_block(x):
    y = x * 2.0
    with open("/dev/null"):
        q = y
        q[0] = 5.0
    return np.sum(y**2)


def into_what_a_closure_gives(x):
    y = x * 2.0

    def held():
        return y

    held()[0] = x[1]
    return np.sum(y**2)


def into_what_a_function_gives(x):
    y = x * 2.0
    blurred(y, 1.0)[0] = x[1]
    blurred(y, 1.0)[1] += x[1]
    return np.sum(y**2)


def copied_by_keywords(x):
    y = x * 2.0
    np.copyto(dst=y, src=x)
    return np.sum(y**2)


def run_as_text(x):
    y = x * 2.0
    exec("y[0] = 1.0")
    return np.sum(y**2)


def read_as_text(x):
    return eval("x[0] ** 2") + x[1]


def read_by_name(x):
    return locals()["x"][0] ** 2 + x[1]


def more_values_than_places(x):
    y = x * 2.0
    np.put(y, [0, 1], x)
    return np.sum(y**2)


def one_of_two_results(x):
    y = x * 2.0
    np.modf(x, y)
    return np.sum(y**2)


def window_that_forgets(x):
    window = deque(maxlen=2)
    total = 0.0
    for v in x:
        window.append(v)
        total += sum(window) * v
    return total


# ------------------------------------------- conversions to what a name says, or another array

D = int
TABLE = [2, 1, 3]


def converted_to_what_a_name_says(x):
    return np.sum(x.astype(WHOLE) * x)


def converted_to_what_is_no_code(x):
    return np.sum(np.array(x, dtype=D) * x) + np.sum(np.full(3, x[1], dtype=D) * x)


def summed_as_what_a_name_says(x):
    return np.sum(x, dtype=WHOLE) * x[0]


def filled_like_a_list(x):
    return np.sum(np.full_like(TABLE, x[2]) * x)


def slopes_of_integers(x):
    a = np.gradient(np.array([1, 3, 8]))
    a[0] = x[1]
    return np.sum(a * x)


def store_into_a_sum_with_an_argument(x):
    return np.sum(raised(COUNTS, 2, x[0]) * x)


def raised(a, n, e):
    b = a + n
    b[0] -= e
    return b


def list_out_of_a_display(x):
    cells = [x[0], x[1] ** 2, 0.5]
    return sum([cells, cells, [x[2]]][0]) * x[2]


def array_of_what_may_be_integers(x):
    return np.sum(np.array([[min(1, x[1] + 5.0), 1, 0], [1, 2, 3]])[1] * x)


def steps_with_numbers(x):
    y = x[0]
    for name, v in (("add", x[1]), ("pow", 2)):
        y = y + v if name == "add" else y**v
    return y
