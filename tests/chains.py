"""Functions that take parts of copies, `x[mask][1:]`, and write into them. Data for test_chains.py."""

import numpy as np

# ------------------------------------------------------------ of a vector


def slice_of_a_list(x):
    xs = [x[0], x[1], x[2]]
    return xs[1:][0] ** 2 * xs[0]


def array_in_a_slice_of_a_list(x):
    xs = [x * 1.0, x * 2.0, x * x]
    return np.sum(xs[1:][1][1:] ** 2)


def store_into_a_copy(x):
    y = x * 2.0
    y[[0, 1]][0] = x[2] * 5.0
    return np.sum(y * y)


def scale_a_copy(x):
    y = x * 2.0
    y[y > 0][:2] *= 3.0
    return np.sum(y * y)


def add_to_a_copy(x):
    y = x * 2.0
    y[y > 0][:2] += x[:2] ** 2
    return np.sum(y * y)


def part_of_repeated(x):
    y = x * 2.0
    i = np.array([0, 2, 2])
    return np.sum(y[i][1:] ** 3)


def column_of_repeated(x):
    y = np.outer(x, x)
    i = np.array([0, 2, 2])
    return np.sum(y[i][1:][:, 0] ** 3) + np.sum(y[:, i][1:, 0])


def row_of_a_grid(x):
    y = np.outer(x, x)
    return np.sum(y[np.ix_([0, 1], [1, 2])][0] ** 3)


def part_of_a_mask(x):
    y = np.outer(x, x)
    return np.sum(y[y > 0.3].reshape(-1)[1:] ** 3)


def part_of_a_value(x):
    return np.sum(np.sin(x)[[0, 1]][1:])


def clear_a_copy(x):
    y = np.outer(x, x)
    y[[0, 1]][:, 0] = 0.0
    return np.sum(y * y)


def part_of_a_copy_in_a_dict(x):
    d = {"k": x * x}
    return np.sum(d["k"][[1, 1, 0]][:2] ** 2)


def part_of_a_copy_in_a_list(x):
    xs = [x * 1.0, x * x]
    return np.sum(xs[1][[1, 1, 0]][:2] ** 2)


def element_of_a_copy(x):
    y = np.outer(x, x)
    return y[[0, 1]][1, 2] * y[[0, 1]][0][1]


def copy_that_is_written(x):
    y = np.outer(x, x)
    r = y[[2, 2]]
    r[0][1] = 5.0 * x[0]
    return np.sum(r * r) + np.sum(y)


def add_to_a_copy_in_a_loop(x):
    y = np.outer(x, x)
    for k in range(2):
        y[[0, 1]][k] += x
    return np.sum(y * y)


def store_into_a_slice_of_a_list(x):
    ys = [x[0], x[1], x[2]]
    ys[1:][0] = 3.0 * x[0]
    return ys[0] * ys[1] * ys[2]


def store_under_a_flag(x):
    y = x * 2.0
    y[True][0][0] = x[1]
    return np.sum(y * y)


def store_under_a_flag_that_is_held(x):
    y = x * 2.0
    m = np.bool_(True)
    y[m][0, 0] = x[1] * 7
    return np.sum(y * y) + np.sum(y[m][0][1:] ** 2)


# ------------------------------------------------------------ of a matrix


def rows_of_a_copy(x):
    b = 0.0
    for r in x[[0, 1, 1]]:
        b = b + r[0] ** 2 * r[1]
    return b


def unpacked_copy(x):
    p, q = x[[2, 0]]
    return np.sum(p * q)


def comprehension_over_a_copy(x):
    return np.sum(np.array([r[0] * 2.0 * r[1] for r in x[[2, 1]]]))


def zip_of_copies(x):
    b = 0.0
    for r, s in zip(x[[2, 1]], x[x[:, 0] > 0.8], strict=False):
        b = b + np.sum(r * s)
    return b


def enumerated_part_of_a_copy(x):
    b = 0.0
    for i, r in enumerate(x[[2, 1]][:, 1:]):
        b = b + np.sum(r * r) * (i + 1)
    return b


def sorted_copy(x):
    y = x * 1.0
    y[[0, 1]].sort()
    y[[0, 1]].fill(0.0)
    return np.sum(y**2)


def copyto_a_copy(x):
    y = x * 1.0
    np.copyto(y[[0, 1]], x[:2] ** 2)
    return np.sum(y**2)


def out_is_a_copy(x):
    y = x * 1.0
    np.add(y[0], x[1], out=y[[0, 1]][0])
    return np.sum(y**2)


def add_at_a_copy(x):
    y = x * 1.0
    np.add.at(y[[0, 1]], [0, 0], x[:2] ** 2)
    return np.sum(y**2)


def add_at_a_row(x):
    y = x * 1.0
    np.add.at(y[1], [0, 0], x[0, :2] ** 2)
    return np.sum(y**2)


def change(z):
    z[0] = z[1] * 3.0


def callee_writes_into_a_copy(x):
    y = x * 1.0
    change(y[[0, 1]])
    return np.sum(y**2)


def callee_writes_into_copies_and_rows(x):
    y = x * 1.0
    change(y[y > 0.8])
    change(y[1])
    return np.sum(y**2)


def first_two(z):
    return z[[0, 1]]


def part_of_a_result(x):
    return np.sum(first_two(x)[1:] ** 2)


def write_into_a_result(x):
    y = x * 1.0
    z = first_two(y)
    z[0] = 0.0
    return np.sum(z * z) + np.sum(y)


def stores_in_a_tuple(x):
    y = x * 1.0
    y[0], y[[1, 2]][0] = x[1] * 2, x[2] * 4
    return np.sum(y * y)


def row_of_argmax(x):
    i = np.argmax(x[:, 0])
    return np.sum(x[i][1:] ** 2) + x[i][0] * 3


def row_of_an_array_of_rank_0(x):
    i = np.array(1)
    return np.sum(x[i][1:] ** 2)


def store_into_a_row_of_rank_0(x):
    y = x * 1.0
    i = np.array(1)
    y[i][0] = 5 * x[0, 0]
    return np.sum(y**2)


def store_into_rows_of_a_list_of_numbers(x):
    y = x * 1.0
    for i in [0, 2]:
        y[i][1:] = 5 * x[0, :2]
        y[i, 1:][0] *= x[1, 1]
    return np.sum(y**2)


def store_into_rows_of_an_array_of_numbers(x):
    y = x * 1.0
    for i in np.array([0, 2]):
        y[i][1:] = 5 * x[0, :2]
    return np.sum(y**2)


def slice_that_is_held(x):
    s = slice(0, 2)
    return np.sum(x[s][1:] ** 2)


def store_through_a_slice_that_is_held(x):
    y = x * 1.0
    s = slice(0, 2)
    y[s][1:] = x[1:2] * 7
    return np.sum(y**2)


def tuple_and_list_as_index(x):
    idx = (0, 1)
    return np.sum(x[idx] ** 2) + x[idx[0]][idx[1]] * x[list(idx)][1, 0]


def rows_and_columns(x):
    idx = [0, 1]
    y = x[idx][:, idx]
    return np.sum(y**3)


def mask_of_a_mask(x):
    m = x > 0.8
    return np.sum(x[m][1:][m[m][1:]] ** 2) if m.any() else 0.0


def changes_of_copies_and_parts(x):
    y = x * 1.0
    y[y > 0.8][0] += 1.0
    y[1][y[1] > 0.8] *= 2.0
    y[1:][[0, 0]] += x[:2]
    return np.sum(y**3)


def tuple_of_nonzero(x):
    ij = np.nonzero(x > 0.8)
    return np.sum(x[ij][1:] ** 2) + np.sum(x[ij[0]][1:])


def sorted_rows_of_the_transpose(x):
    y = x.T * 1.0
    return np.sum(y[np.argsort(y[:, 0])][0] ** 2)


def ellipsis_and_new_axis(x):
    return np.sum(x[..., [0, 1]][..., 0] ** 2) + np.sum(x[None][0][1:])


def take(x):
    return np.take(x, [0, 1], axis=0)[0] @ x.take([1, 2], axis=0)[1][:3]


def rows_of_a_list(x):
    rows = [x[0], x[1] * 2]
    t = 0.0
    for r in rows[1:]:
        t = t + np.sum(r[[0, 0, 1]][1:] ** 2)
    return t


def copies_in_a_dict(x):
    d = {"a": x * 2.0, "b": [x[0] * 1.0, x[1] * 1.0]}
    d["b"][1][[0, 1]] *= 3.0
    d["b"][1][[0, 1]][0] = 3.0
    d["a"][1][0] = x[2, 2]
    return np.sum(d["a"] ** 2) + np.sum(d["b"][1][[1, 1, 2]][1:] ** 3)


def rows_that_are_added_to(x):
    y = np.zeros((3, 3))
    y[[0, 1]] += x[[1, 1]]
    y[[0, 1], 1:][:, 0] += 9.0
    y[x > 0.8] += x[x > 0.8]
    return np.sum(y**3)


def chain_of_five(x):
    a = x[[0, 1]][1:][0][1:][0] ** 2
    return a * x[x[:, 0].argsort()][::-1][0][2]
