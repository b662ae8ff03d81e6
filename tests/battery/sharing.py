# ruff: noqa
"""Memory with several names: views of views, swaps in loops, callees that give views, lists of arrays."""

import numpy as np


# at: A=[[0.5, -0.7, 0.2, 0.9], [0.3, 0.8, -0.4, 1.1], [0.6, 0.1, 0.7, -0.2]]
def view_of_view_of_view(A):
    B = A * A
    top = B[:2]
    right = top[:, 1:]
    corner = right[1]
    corner[0] = A[0, 0] * corner[1]
    right *= A[2, 3]
    return np.sum(B * top[0, 1]) + corner[2]


# at: x=[0.5, -0.7, 0.2, 0.9]
def strided_views(x):
    y = np.sin(x)
    even, odd = y[::2], y[1::2]
    even *= odd
    odd[:] = even[::-1] + x[:2]
    return np.sum(y**2) * even[0]


# at: A=[[0.5, -0.7], [0.3, 0.8]]
def transposed_view_written(A):
    B = A + 0.0
    C = B.T
    C[0] *= A[1]
    B[1] += C[1]
    return np.sum(B * C)


# at: x=[0.5, -0.7, 0.2], y=[0.9, 0.4, -0.3], n=3
def three_buffers(x, y, n):
    a, b, c = x.copy(), y.copy(), np.zeros(3)
    for i in range(n):
        c[:] = a * b + c
        a, b, c = b, c, a
    return np.sum(a * b) + np.sum(c)


# at: x=[0.5, -0.7, 0.2], n=4
# at: x=[0.5, -0.7, 0.2], n=3
def swap_when_odd(x, n):
    a, b = np.sin(x), np.cos(x)
    for i in range(n):
        if i % 2 == 1:
            a, b = b, a
        a *= b
        b[0] = a[1]
    return np.sum(a) - np.sum(b * b)


# at: x=[0.5, -0.7, 0.2, 0.8], n=3
def ping_pong(x, n):
    old = x.copy()
    new = np.empty_like(old)
    for _ in range(n):
        new[0] = old[0]
        new[-1] = old[-1]
        new[1:-1] = old[1:-1] + 0.1 * (old[2:] - 2.0 * old[1:-1] + old[:-2]) * old[1:-1]
        old, new = new, old
    return np.sum(old**2)


def first_half(u):
    return u[: len(u) // 2]


def scaled_in_place(u, s):
    u *= s
    return np.sum(u)


def both_written(u, v):
    for i in range(len(u)):
        u[i] = v[i] * u[i]
        v[i] = u[i] + v[i]


def rows_of(A, i, j):
    return A[i], A[j]


# at: x=[0.5, -0.7, 0.2, 0.8]
def callee_gives_view(x):
    y = x * x
    half = first_half(y)
    return np.sum(half * y[2:]) + half[0]


# at: x=[0.5, -0.7, 0.2, 0.8]
def callee_gives_view_read_after(x):
    y = x * x
    half = first_half(y).copy()
    y *= x
    return np.sum(half * y[2:])


# at: x=[0.5, -0.7, 0.2, 0.8]
def part_passed_and_written(x):
    y = np.exp(x)
    s = scaled_in_place(y[1:3], x[0])
    return s * np.sum(y)


# at: x=[0.5, -0.7, 0.2]
def same_array_read_twice(x):
    y = x * x
    return weigh(y, y) + weigh(y, x)


def weigh(u, v):
    return np.sum(u * np.sin(v)) * u[0]


# at: A=[[0.5, -0.7], [0.3, 0.8]]
def two_rows_passed(A):
    B = A * A
    u, v = B[0].copy(), B[1].copy()
    both_written(u, v)
    return np.sum(u * A[1]) + np.sum(v)


# at: A=[[0.5, -0.7], [0.3, 0.8]]
def callee_gives_two_views(A):
    B = np.tanh(A)
    u, v = rows_of(B, 0, 1)
    return np.sum(u * v) + u[0]


# at: x=[0.5, -0.7, 0.2]
def list_of_arrays_written(x):
    rows = [x * x, np.sin(x), x + 1.0]
    rows[0][1] = rows[1][0] * x[2]
    rows[2] *= rows[0]
    return np.sum(rows[2] * rows[1]) + rows[0][1]


# at: x=[0.5, -0.7, 0.2], n=3
def list_filled_in_loop_then_written(x, n):
    rows = []
    for i in range(n):
        rows.append(x * (i + 1.0))
    for i in range(n - 1):
        rows[i + 1][0] = rows[i][0] * rows[i + 1][1]
    return np.sum(rows[n - 1]) * rows[1][0]


# at: x=[0.5, -0.7, 0.2]
def list_elements_swapped(x):
    rows = [np.sin(x), np.cos(x)]
    rows[0], rows[1] = rows[1], rows[0]
    rows[0][0] = x[1] * rows[1][2]
    return np.sum(rows[0] * rows[1])


# at: x=[0.5, -0.7, 0.2], n=3
def stack_of_arrays(x, n):
    stack = []
    y = x.copy()
    for i in range(n):
        stack.append(y)
        y = y * x
    total = 0.0
    while len(stack) > 0:
        top = stack.pop()
        top *= 2.0
        total += np.sum(top * y)
    return total


# at: x=[0.5, -0.7, 0.2]
def plus_of_a_view(x):
    y = np.sin(x)
    w = y[1:] + 1.0
    w[0] = x[0] ** 2
    v = (y + 1.0)[::-1]
    v[0] = x[1] * w[0]
    return np.sum(w * y[1:]) + np.sum(v * y)


# at: x=[0.5, -0.7, 0.2, 0.8]
def fresh_reshaped(x):
    m = (x + 2.0).reshape(2, 2)
    m[0] *= m[1]
    t = np.transpose(m * m)
    t[0, 1] = x[0]
    return np.sum(m) + np.sum(t @ m)


# at: x=[0.5, -0.7, 0.2]
def array_given_out_and_kept(x):
    y, z = both_of(x)
    z[0] = y[1] * z[2]
    return np.sum(y * z)


def both_of(x):
    u = x * x
    v = u + 1.0
    return u, v


# at: x=[0.5, -0.7, 0.2, 0.4], n=3
def windows_summed(x, n):
    y = x.copy()
    for i in range(n):
        w = y[i : i + 2]
        w += y[i] * x[i]
        w[1] *= w[0]
    return np.sum(y**2)


# at: A=[[0.5, -0.7], [0.3, 0.8]], n=2
def row_and_column(A, n):
    B = A.copy()
    for k in range(n):
        row = B[k]
        col = B[:, k]
        row[0] += A[k, 1]
        col *= row[1]
    return np.sum(B * B)


# at: x=[0.5, -0.7, 0.2]
def own_reverse_added(x):
    y = np.sin(x)
    y += y[::-1]
    y[1:] -= y[:-1] * x[1:]
    return np.sum(y * y)


# at: x=[0.5, -0.7, 0.2], n=3
def recursion_on_part(x, n):
    y = x.copy()
    shrink(y, n)
    return np.sum(y * x)


def shrink(u, n):
    if n > 0:
        u[0] *= u[n - 1]
        u[n - 1] += u[0] ** 2
        shrink(u, n - 1)


# at: x=[0.5, -0.7, 0.2]
def result_of_callee_written(x):
    u = doubled(x)
    v = doubled(u)
    v[0] = u[1] * x[0]
    u *= v
    return np.sum(u)


def doubled(u):
    w = u + u
    w[1] *= u[0]
    return w


# at: x=[0.5, -0.7, 0.2]
def nested_lists(x):
    table = [[x * x, x + 1.0], [np.sin(x), 2.0 * x]]
    table[0][1][0] = table[1][0][2] * x[1]
    return np.sum(table[0][1] * table[1][1]) + table[0][0][1]


# at: x=[0.5, -0.7, 0.2]
def tuple_of_arrays(x):
    pair = (x + 1.0, np.cos(x))
    pair[0][1] = x[2] ** 2
    u, v = pair
    return np.sum(u * v)
