"""What was wrong once: one small function for each bug, named after it.

`RIGHT` came out with a wrong derivative, or crashed; `REFUSED` must be refused, and was not.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.families import program
from tests.programs.generator import generate
from tests.programs.oracle import judge

X = np.array([0.5, -1.2, 2.0])
W = np.array([0.7])
A = np.array([[2.0, 0.3, 0.1], [0.3, 3.0, 0.2], [0.1, 0.2, 4.0]])

RIGHT: dict[str, tuple[str, tuple[Any, ...]]] = {
    "a_solution_is_assigned_to_what_it_was_found_from": (
        """
from scipy.optimize import root_scalar

def f(a, x):
    x = root_scalar(lambda u: u**3 + u * (1.5 + x) - a, bracket=(-9.0, 9.0), xtol=1e-15).root
    return x * x
""",
        (0.7, 0.9),
    ),
    "indices_in_a_row_of_targets": (
        """
from scipy.optimize import root_scalar

def f(w):
    n = 1
    total = root_scalar(lambda u: u - w[n], bracket=(-9.0, 9.0), xtol=1e-15).root
    c = np.ones(3) * total
    for i, v in enumerate([0.5, 0.7], 2):
        c[i % 3], c[n] = (n, 0.5 * v * total)
    return np.sum(c)

import numpy as np
""",
        (X,),
    ),
    "a_variable_with_the_name_of_a_helper_beside_a_gradient": (
        """
import adtrans
import numpy as np

def f(x):
    a = adtrans.grad(lambda t, u: np.sum(np.where(u > 0.0, t * u, t)), argnums=0)(x, x)
    unbroadcast = 0.5
    return np.sum(a * x) * unbroadcast
""",
        (X,),
    ),
    "functions_bound_in_a_row_are_asked_for": (
        """
def helper(x):
    return x * 2.0

def f(x):
    g, h, one = helper, helper, 1.0
    if g and h and one:
        return g(x) * h(x)
    return x
""",
        (0.7,),
    ),
    "a_tuple_of_one_call_is_returned": (
        """
def g(x):
    return x * 2.0, x

def h(x):
    return (g(x)[0] * x,)

def f(x):
    a, = (g(x),)
    return a[0] * h(x)[0]
""",
        (0.7,),
    ),
    "an_object_that_nobody_keeps": (
        """
class Checked:
    def __init__(self, v):
        self.v = v
        if v > 100.0:
            raise ValueError(v)

def f(x):
    Checked(x)
    return x * x
""",
        (0.7,),
    ),
    "the_result_of_a_function_that_only_writes": (
        """
def doubled(m):
    m[0] = m[1] * 2.0

def f(x):
    out = doubled(x)
    return np.sum(x * x) if out is None else out

import numpy as np
""",
        (X,),
    ),
    "a_function_in_a_function_uses_an_import_of_the_one_around": (
        """
def f(x):
    from collections import defaultdict
    far = defaultdict(lambda: defaultdict(lambda: 3.0))
    far["a"]["b"] = 2.0
    return x * far["a"]["b"] * far["b"]["a"]
""",
        (0.7,),
    ),
    "a_type_is_no_value_that_can_be_changed": (
        """
from collections import defaultdict

def f(x):
    seen = defaultdict(list)
    seen["a"] = 2.0
    return x * x * seen["a"]
""",
        (0.7,),
    ),
    "transpose_of_an_array_of_the_module": (
        """
import numpy as np

W = np.cos(np.arange(12.0)).reshape((3, 4))


def f(x):
    y = np.zeros_like(W)
    y.T[1] = x
    y.T[0, 0] += x[0]
    return np.sum(y * y)
""",
        (X,),
    ),
    "named_iterator_and_break": (
        """
def f(x):
    total = 0.0
    pairs = zip(range(3), (1, 2, 0))
    for i, j in pairs:
        total += x[i] * x[j] ** 2
        if total > 1.0:
            break
    return total * x[0]
""",
        (np.array([0.7, 1.3, 0.2]),),
    ),
    "iterator_of_itertools": (
        """
import itertools


def f(x):
    total = 0.0
    for i, j in itertools.combinations(range(len(x)), 2):
        total += x[i] * x[j] ** 2
    return total
""",
        (np.array([0.7, 1.3, 0.2]),),
    ),
    "indices_of_a_named_iterator": (
        """
import numpy as np


def f(x):
    total = 0.0
    places = np.ndindex(2, 3)
    for i, j in places:
        total += x[i] * x[j] ** 2
    return total
""",
        (np.array([0.7, 1.3, 0.2]),),
    ),
    "list_that_is_kept_on_one_path": (
        """
def ordered(v):
    if len(v) <= 1:
        return v
    p = v[0]
    return ordered([a for a in v[1:] if a < p]) + [p] + ordered([a for a in v[1:] if a >= p])


def f(x):
    w = ordered(list(x))
    return w[0] + 2.0 * w[1] * w[2]
""",
        (np.array([0.7, 1.3, 0.2]),),
    ),
    "loop_over_a_set": (
        """
def f(x):
    total = 0.0
    for i, j in {(0, 1), (1, 2)}:
        total += x[i] * x[j] ** 2
    return total
""",
        (np.array([0.7, 1.3, 0.2]),),
    ),
    "array_that_is_told_to_copy": (
        "def f(x):\n    y = np.array(x, copy=True)\n    y[0] = x[1] * y[2]\n    return np.sum(y * x)\n",
        (np.array([0.3, 0.9, 0.2]),),
    ),
    "where_beside_a_constant_of_more_axes": (
        """
def f(x):
    y = np.where(x[:, None] > 0.5, np.ones((3, 4)), x[0])
    y[0] *= x[1]
    return np.sum(y * y)
""",
        (np.array([0.3, 0.9, 0.2]),),
    ),
    "put_method": (
        "def f(x):\n    y = x * 1.0\n    y.put([0], x[1])\n    return np.sum(y)\n",
        (np.array([0.3, 0.9, 0.5]),),
    ),
    "partition_method": (
        "def f(x):\n    y = x * 1.0\n    y.partition(1)\n    return y[0]\n",
        (np.array([0.3, 0.9, 0.5]),),
    ),
    "array_of_integers_before_the_first_round": (
        """
def g(z):
    return z

def f(x):
    c = np.full(3, 1)
    for i in range(3):
        z = g(c)
        r = np.sin(z * x)
        c = np.cumsum(r)
    return c[1] * c[2]
""",
        (X,),
    ),
    "two_names_for_an_array_are_swapped_behind_a_continue": (
        """
def f(x):
    y = np.sin(x)
    w = y
    y[...] = w + np.cos(w)
    for i in range(4):
        if i % 2 == 0:
            continue
        y, w = w, 0.5 * y + 0.4 * w * x
    return np.sum(y) + np.sum(w * w)
""",
        (X,),
    ),
    "element_of_a_list_is_appended_to_it": (
        """
def f(x):
    held = [x.sum(), np.sin(x[0])]
    held.append(held[-1])
    held.append(held[0] * held[-1])
    held.insert(0, held[-1])
    last = held.pop()
    return last * held[0] + held[-1] + np.sum(np.array(held))
""",
        (X,),
    ),
    "view_of_what_may_be_a_number_is_overwritten_with_it": (
        """
def f(x):
    a = 0.0
    for _ in range(1):
        a = x
    y = a
    y -= np.cos(np.flip(y, axis=0))
    return np.mean(y)
""",
        (X,),
    ),
    "array_of_rank_0_written_by_augmented_assignment": (
        """
def f(x):
    r = np.where(True, np.mean(x), 0.5)
    s = np.sin(r)
    r -= 0.5
    return s * r
""",
        (X,),
    ),
    "power_of_0_inside_a_linear_function": (
        """
def f(x):
    return np.sum(np.cumsum(x**0) + x) + np.dot(x**0, x)
""",
        (X,),
    ),
    "element_minus_itself_written_to_its_place": (
        """
def f(x):
    y = np.sin(x)
    y[1] = 0.4 * np.arctan(y[1] - y[1])
    return np.sum(y * x)
""",
        (X,),
    ),
    "result_that_nobody_wants_has_no_seed_to_copy": (
        """
def g(z):
    w = z - 0.3 * z * z
    return 0.5 * w * np.cos(w), w

def f(x):
    s, c = g(np.sin(x))
    return np.sum(s * s)
""",
        (X,),
    ),
    "argument_computed_from_what_the_callee_writes": (
        """
def g(u, scale):
    u[-1] = scale

def f(w):
    u = w
    g(u, np.tanh(np.mean(w)))
    return np.sum(w)
""",
        (A,),
    ),
    "result_takes_the_name_of_a_written_argument": (
        """
def g(u):
    u *= u
    return u * u

def f(y):
    for _ in range(2):
        y = g(y)
    return np.sum(y)
""",
        (X,),
    ),
    "mask_of_a_restored_place": (
        """
def f(b):
    tmp = np.zeros((2, 3))
    for d in tmp:
        for i in range(2):
            tmp[tmp > 0.1] = np.sum(d) + i
            b[[1, 0]] += 0.5 * b[0]
    return np.mean(b)
""",
        (X,),
    ),
    "number_plus_array_in_place": (
        """
def f(x):
    r = 1.0
    for _ in range(2):
        r += x
    r -= np.round(0.5).reshape(-1)
    r[[1]] += 0.5 * x[0]
    return np.sum(r * r)
""",
        (X,),
    ),
    "tangent_where_a_number_became_an_array": (
        """
def f(x, n=3):
    y = 2.0 * x[0]
    if n != 2:
        y = np.ones(3)
    else:
        y = y * x
    for k in range(2):
        y[k] *= np.sin(x[k])
    return np.sum(y)
""",
        (X,),
    ),
    "argument_without_influence_bound_to_nothing": (
        """
def g(a):
    pass

def f(u, z):
    z, u = g(z), z
    return u[0]
""",
        (1.4, X),
    ),
    "list_whose_name_is_used_again": (
        """
def f(x, w):
    d = [x[0], np.mean(w) - x[1] ** 2]
    y = 0.0
    while d:
        y = 0.7 * y + np.sin(d.pop())
    d = 1.0
    d = d + 0.5 * x
    return np.sum(d)
""",
        (X, 2.0 * X),
    ),
    "loop_over_numbers_under_the_name_of_a_list": (
        """
def f(x, n=2):
    if x[0] < 9.0:
        d = [x * 0.5, x[:1]]
        right = np.sum(d[0])
    for i in range(n):
        for d in (1.1, 1.3):
            p = x * i
    return d * right + np.sum(p * p)
""",
        (X,),
    ),
    "tangent_of_a_small_factor": (
        """
M = np.cos(np.arange(20.0)).reshape((5, 4))

def f(x):
    return np.sum(np.multiply(M[::-1, 3], x[None, 0] * M[4:, 1]) * 0.2)
""",
        (X,),
    ),
    "operands_of_einsum_are_no_outputs": (
        "def f(x):\n    return np.einsum('i,i->', np.broadcast_to(x[0], (3,)), x)\n",
        (X,),
    ),
    "list_on_one_path_and_number_on_another": (
        """
def f(x):
    if x[0] > 9.0:
        c = [x[0], x[1]]
    for i in range(2):
        if x[0] < 0.7:
            c = x[0] * x[i + 1]
        else:
            c.append(x[i])
    return np.sin(c)
""",
        (X,),
    ),
    "pair_of_a_library_taken_apart_later": (
        "def f(a):\n    pair = np.linalg.eigh(a)\n    w, v = pair\n    return np.sum(w * v**2 @ w)\n",
        (A,),
    ),
    "one_of_two_grids": (
        "def f(x):\n    u, v = np.meshgrid(x, [1.0, 2.0])\n    return np.sum(u * u * v)\n",
        (X,),
    ),
    "one_of_two_stretched": (
        "def f(x):\n    u, v = np.broadcast_arrays(x, np.ones((2, 3)))\n    return np.sum(u * u * v)\n",
        (X,),
    ),
    "covariance_with_a_constant": (
        "def f(x):\n    return np.sum(np.cov(x, np.array([1.0, 3.0, 2.5]))) + x[0]\n",
        (X,),
    ),
    "default_of_select": (
        "def f(x):\n    return np.sum(np.select([x > 1.0], [np.ones(3)], x) ** 2) + x[0]\n",
        (X,),
    ),
    "pieces_of_a_column_that_is_written_anew": (
        """
def f(b):
    for i in range(len(b)):
        b[..., i] = np.hstack([np.hstack([0.5, b[1:-1, i]]), 0.5])
    return np.sum(b * b)
""",
        (A,),
    ),
    "clip_by_names": (
        "def f(x):\n    return np.sum(np.clip(x, min=-1.0, max=0.9) * x.clip(max=1.5))\n",
        (X,),
    ),
    "matrix_transposed": ("def f(a):\n    return np.sum(np.tanh(a.mT) @ a)\n", (A,)),
    "det_at_equal_singular_values": ("def f(s):\n    return np.linalg.det(s * np.eye(3))\n", (1.3,)),
    "choose_by_a_list": (
        "def f(x, y):\n    return np.sum(np.choose([0, 1, 0], [x, y]) ** 2)\n",
        (X, 2.0 * X),
    ),
    "select_without_default": (
        "def f(x, y):\n    return np.sum(np.select([x > 1.0, x > 0.0], [x * y, y]) ** 2)\n",
        (X, 2.0 * X),
    ),
    "one_part_of_a_ragged_split": ("def f(x):\n    return np.sum(np.split(x, [2])[0] ** 2)\n", (X,)),
    "result_rebinds_shared_argument": (
        """
def step(y, k):
    dy = np.empty_like(y)
    dy[0] = y[1] * k
    dy[1] = y[0] * y[1]
    return dy

def f(y, k):
    for _ in range(3):
        y = step(y, k)
    return y[0] + y[1] ** 2
""",
        (X[:2], 0.8),
    ),
    "argument_and_its_element": (
        """
def g(v, s):
    return v * s

def f(x):
    return np.sum(g(x, x[0]))
""",
        (X,),
    ),
    "call_stored_in_element": (
        """
def g(v):
    return v * v[0]

def f(x):
    path = np.zeros((4, 3))
    path[0] = x
    for i in range(3):
        path[i + 1] = g(path[i])
    return np.sum(path)
""",
        (X,),
    ),
    "call_with_keyword_only": (
        """
def scaled(v, factor=2.0, *, shift=0.0):
    return factor * v + shift

def f(x, s):
    return np.sum(scaled(x, shift=s) * scaled(x, s))
""",
        (X, 0.3),
    ),
    "list_adjoint_of_arrays": (
        """
def f(x):
    layers = [x * 2.0, np.sin(x)]
    return np.sum(layers[-1] * layers[0])
""",
        (X,),
    ),
    "test_of_a_list_that_changes": (
        """
def f(x):
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
""",
        (X,),
    ),
    "slice_of_a_list": (
        """
def f(x):
    xs = [x[0], x[1] ** 2, x[2]]
    ys = xs[1:]
    return ys[0] * ys[1]
""",
        (X,),
    ),
    "sum_of_a_list": (
        """
def f(x):
    xs = []
    for i in range(len(x)):
        xs.append(x[i] ** 2)
    return np.sum(xs) * np.max(xs) + np.linalg.norm((x[0], x[1]))
""",
        (X,),
    ),
    "list_times_array": (
        """
def f(x):
    return np.sum(x[:2] * [2.0, 3.0]) + np.dot([x[0], x[1]], [1.0, x[2]])
""",
        (X,),
    ),
    "einsum_quadratic": ("def f(x, A):\n    return np.einsum('i,ij,j->', x, A, x)\n", (X, A)),
    "einsum_stretched_operand": ("def f(x, w):\n    return np.einsum('i,i->', x, w)\n", (X, W)),
    "einsum_trace": ("def f(A):\n    return np.einsum('ii->', A) * np.einsum('ij->j', A)[0]\n", (A,)),
    "callee_keeps_lists": (
        """
def fill(out, value):
    for i in range(len(out)):
        out[i] = out[i] * value

def f(x):
    y = x * 2.0
    fill(y, x[0])
    fill(y, x[1])
    return np.sum(y**2)
""",
        (X,),
    ),
    "rebound_by_several_results": (
        """
def f(A):
    A, V = np.linalg.qr(A)
    return A[0, 0] ** 2 + V[0, 1]
""",
        (A,),
    ),
    "parts_of_an_adjoint_that_is_zeroed": (
        """
def f(x, w):
    w[3::-1] = np.hstack((x, 0.5))
    return np.sum(w * w)
""",
        (X, np.arange(1.0, 6.0)),
    ),
    "minus_of_a_mask": (
        """
def f(x):
    x[1] = -np.clip(x[1], -2.0, 0.9)
    return np.sum(x * x)
""",
        (X,),
    ),
    "slice_of_joined_slices": (
        """
def f(x):
    y = np.hstack((0.5, x[1:-1]))
    y[1:] *= y[1:] + 0.5
    z = np.hstack((y[:-1], 0.25))
    return np.sum(z[1:-1] * y[:1])
""",
        (X,),
    ),
    "value_of_one_path_in_a_loop": (
        """
def f(x):
    for i in range(len(x)):
        if x[i] > 1.0:
            return x[0] * 0.5
        a = x * x
    return np.sum(a)
""",
        (X,),
    ),
    "value_of_one_path_in_a_branch": (
        """
def f(x, n):
    if n > 1:
        if n > 5:
            return np.sum(x)
    else:
        return x[0]
    return x * 0.5
""",
        (X, 0),
    ),
    "number_or_tuple": (
        """
def f(z):
    tmp = 0.5
    tmp = (0.5, np.full((1, 4), z))
    val, t = tmp
    t[0] = -1
    return val * z
""",
        (0.5,),
    ),
    "list_made_in_a_loop_and_popped": (
        """
def f(x):
    for _ in range(2):
        y = [0.5, 0.5, x]
    v = y.pop()
    return np.sum(v * v)
""",
        (X,),
    ),
    "written_argument_that_is_not_read_again": (
        """
def g(w, b):
    b += w
    return 0.3 * b

def f(x):
    u = 1
    for _ in range(2):
        u += x
    return np.sum(g(x, np.ceil(u + 0.3)))
""",
        (X,),
    ),
    "rows_kept_by_a_callee": (
        """
def g(y):
    s = 0.0
    for row in y:
        s += np.sum(row * row * row)
    return s

def f(x):
    y = x * 1.0
    s = g(y)
    y[0] = np.sin(s) * y[1]
    return np.sum(y * y)
""",
        (np.array([[0.3, 0.4], [0.5, 0.6]]),),
    ),
    "number_stretched_twice": (
        """
def f(a):
    return np.sum(np.linspace(0.2, 1.0, 2) * (np.linspace(0.2, 1.0, 1) - a))
""",
        (0.5,),
    ),
    "alias_of_a_number_that_became_an_array": (
        """
def f(x):
    acc = 1.0
    acc += x
    y = acc
    acc[1:2] = 0.5
    return np.sum(y * y)
""",
        (X,),
    ),
    "diagonal_is_read_only": (
        """
def f(x):
    x[0] = 0.5
    y = np.diag(x)
    return np.sum(y * y)
""",
        (X,),
    ),
    "list_of_parts_of_an_adjoint": (
        """
def f(x, w):
    x[:] = np.concatenate([np.cos(x[:0:-1]), w[0, None]])
    return np.sum(x * x)
""",
        (X, X + 1.0),
    ),
    "alias_that_some_paths_do_not_bind": (
        """
def f(x, n):
    if n > 5:
        pass
    elif n > 3:
        c = x[::-1]
    total = x
    for d in total:
        c = total
        c[2] += 0.5
    return np.sum(c * c)
""",
        (X, 1),
    ),
    "analysis_of_memory_that_did_not_end": (
        """
def f(x):
    w = p = x
    n = 0.5
    for i in range(len(w)):
        w, c, total = (0.5, np.full((3, 3), n), 0.5)
        if i:
            for j in range(3, -1, -1):
                s = np.linspace(0.2, 1.0, 1)
        elif i:
            s = 0.5
            v = np.tanh(v)
            if 0.5:
                x, v = (v, x)
        else:
            s = c.sum(axis=1)
    return np.sum(s) * p[0]
""",
        (X,),
    ),
    "callee_restores_what_is_kept": (
        """
def g(z):
    z[0:1] += np.cos(z[:1:-2])
    return 0.5

def f(x):
    p = x
    value = g(p)
    return np.sum(p * p) * value
""",
        (X,),
    ),
    "floored_number_on_one_path": (
        """
def f(x, y):
    z = x * y
    if y > 0.5:
        z //= 0.7
    return np.sum(z * y + x)
""",
        (0.9, 0.7),
    ),
    "floored_number_in_a_loop": (
        """
def f(x, y):
    z = x * y
    for _ in range(3):
        y = y + z
        z //= 0.7
    return z * y + x
""",
        (5.3, 1.7),
    ),
    "floored_array_with_an_alias": (
        """
def f(x, y):
    z = w = x * y
    for _ in range(3):
        y = y + np.sum(w)
        z //= 0.7
    return np.sum(z * y + x)
""",
        (X, 1.7),
    ),
    "floored_by_what_varies": (
        """
def f(x, y):
    z = x * 2.0
    t = y * x[0]
    z //= t
    return np.sum(z * x)
""",
        (X, 1.7),
    ),
    "dict_display": ("def f(x):\n    d = {'a': x[0]}\n    return d['a'] ** 2\n", (X,)),
    "dict_store": ("def f(x):\n    d = {}\n    d['a'] = x[0]\n    return d['a'] ** 2\n", (X,)),
    "dict_call": ("def f(x):\n    d = dict()\n    d[0] = x[0]\n    return d[0] ** 2\n", (X,)),
    "callee_returns_what_it_fills": (
        """
def fill(u, y):
    n = 0
    for i in range(2):
        u[i] = y[i] * y[0]
        n += 1
    return u, n

def f(x, y):
    z = x * 2.0
    s = 0.0
    for _ in range(2):
        z, n = fill(z, y)
        w, n = fill(z, y * s)
        s += z[0] * y[n]
        s += np.sum(w)
    return s
""",
        (X, X + 0.3),
    ),
    "meshgrid_of_a_number": (
        "def f(x, s):\n    u, v = np.meshgrid(x, s)\n    return np.sum(u * v * v)\n",
        (X, 0.3),
    ),
    "count_that_is_a_product": (
        """
def count(n):
    i = 1
    while i < n:
        i = i << 1
    return i

def f(x):
    n = count(len(x))
    return np.sum(np.tile(x * x, 2 * n)) + np.sum(np.linspace(x[0], x[1], 2 * n) ** 2)
""",
        (X,),
    ),
    "named_tuple_is_kept": (
        """
def f(A):
    w, V = np.linalg.eigh(A + A.T)
    return np.sum(w**3) + V[0, 0] ** 2
""",
        (A,),
    ),
    "result_of_a_call_in_a_tuple_that_is_returned": (
        """
def g(a, b):
    return a * b, b * 2.0

def pair(a, b):
    return a, g(a, b)

def f(x):
    a, inner = pair(x[0], x[1])
    return a * inner[0] + inner[1] * x[2]
""",
        (X,),
    ),
    "handler_that_raises_binds_a_name": (
        """
def f(x):
    try:
        y = np.log(x * x)
    except ValueError as error:
        message = "bad " + str(x)
        raise ValueError(message) from error
    try:
        z = np.sin(x)
    except TypeError:
        other = str(x)
        raise ValueError(other)
    except ValueError:
        z = x
    return np.sum(y * z)
""",
        (X,),
    ),
    "argument_that_becomes_an_integer": (
        """
def whole(a):
    return np.asarray(a, dtype=int)

def f(x, w):
    w = w.astype(int)
    z = np.zeros(3)
    z[:] = whole(x * 3.3)
    x[1:] = x[1:] * 2.0
    return np.sum(x * w) + np.sum(x * z)
""",
        (X, W),
    ),
    "index_that_grows_in_a_recursion": (
        """
def g(x, index, n):
    if n == 0:
        return x * len(index)
    return g(x * 2.0, index + (n,), n - 1) + g(x * x, (*index, n), n - 1)

def f(x):
    return np.sum(g(x, (), 2))
""",
        (X,),
    ),
}

TWICE: dict[str, tuple[str, tuple[Any, ...]]] = {
    "adjoint_of_an_array_that_a_recursion_may_leave_none": (
        """
def g(x, k):
    if k <= 0:
        return np.sin(0.9 + x)
    return np.tanh(g(np.std(x * np.linspace(0.2, 1.0, 4) + np.sin(np.arange(4.0))), k - 1))

def f(x):
    return g(np.sum(x * x), 2)
""",
        (X,),
    ),
    "view_kept_of_an_argument_that_is_written": (
        "def f(x):\n    x[:] = x[:, ::2] @ x[:2]\n    return np.prod(x)\n",
        (A,),
    ),
    "part_of_the_shape_of_a_mask": (
        """
def f(u):
    d = np.outer(u, u)
    w = d[..., 1]
    s = np.where(d[..., None] > -0.1, 0.5 * np.sum(w[2] * np.full((3, 3, 1), 0.3), axis=1), w[..., None])
    return np.sum(np.cos(s) ** 2)
""",
        (X,),
    ),
    "list_that_a_loop_may_not_make": (
        """
def f(x, n=2):
    for i in range(n):
        right = [1.5 + np.sin(x[i])]
    right.append(x[0] * x[1])
    a = 0.0
    while right:
        a = 0.7 * a + np.sin(right.pop())
    right = x * x
    right = a * right[0]
    return right * right
""",
        (X,),
    ),
    "adjoint_of_diag_is_read_only": (
        "def f(y):\n    y[2] = 0.5\n    return np.sum(y) + np.sum(np.tanh(np.diag(y)))\n",
        (X,),
    ),
    "kept_without_a_value": (
        """
def h(x, k):
    if k:
        return x * x
    q = x * np.linspace(0.2, 1.0, 3)
    return 0.5 * h(np.cos(np.sum(q / (1.0 + q * q))), k - 1)

def f(x):
    return h(x[0], 3)
""",
        (X,),
    ),
}
"""Right once, and then differentiated wrongly again."""

REFUSED = {
    "lists_are_joined_by_sum": "def f(x):\n    return sum([[x[0]], [x[1]]], [])[0] ** 2\n",
    "the_largest_of_tuples": "def f(x):\n    return max([(x[0], 1), (x[1], 2)])[0] ** 2\n",
    "a_number_is_read_from_text": "def f(x):\n    return float(str(x[0])) ** 2\n",
    "a_number_is_read_from_a_name_of_text": """
def f(x):
    text = repr(float(x[0]))
    return float(text) ** 2
""",
    "a_part_is_copied_to_where_numpy_reads_it": "def f(x):\n    x[:2] = x[:3:2]\n    return np.sum(x * x)\n",
    "a_row_is_copied_to_a_column": """
def f(x):
    b = np.outer(x, x)
    row = b[1]
    b[:, 2] = row
    return np.sum(b * x)
""",
    "a_comprehension_among_the_entries_of_a_dict": """
def f(x):
    d = {**{k: 2.0 * v for k, v in {"a": x, "b": x}.items()}}
    return np.sum(d["a"])
""",
    "transpose_of_unknown_rank_is_written_to": """
W = vars(np)["cos"](np.ones((3, 4)))

def f(x):
    y = np.zeros_like(W)
    y.T[1] = x
    y.T[0, 0] += x[0]
    return np.sum(y * y)
""",
    "c_": "def f(x):\n    return np.sum(np.c_['0,2', x, x] ** 2)\n",
    "set": "def f(x):\n    return sum({v * v for v in x})\n",
    "dict_of_unknown_keys": "def f(x):\n    d = {}\n    d[str(2)] = x[0]\n    return d['2'] ** 2\n",
    "slice_store_into_list": "def f(x):\n    xs = [0.0, 1.0]\n    xs[:1] = [x[0]]\n    return xs[0] ** 2\n",
    "tuple_that_grows_in_a_recursion": (
        "def g(x, xs, n):\n    return xs[0] * xs[1] * x if n == 0 else g(x, xs + (x * n,), n - 1)\n"
        "def f(x):\n    return np.sum(g(x, (), 3))\n"
    ),
    "einsum_ellipsis_without_a_group": "def f(x):\n    return np.sum(np.einsum('...i->...', x, x))\n",
    "no_difference_is_taken": "def f(x):\n    u = np.diff(x, n=0)\n    u *= 2.0\n    return np.sum(u * x)\n",
    "no_derivative_is_taken": "def f(x):\n    u = np.polyder(x, 0)\n    u *= 2.0\n    return np.sum(u * x)\n",
    "no_integral_is_taken": "def f(x):\n    u = np.polyint(x, m=0)\n    u *= 2.0\n    return np.sum(u * x)\n",
    "a_sum_of_nothing": "def f(x):\n    u = sum((), x)\n    u *= 2.0\n    return np.sum(u * x)\n",
    "a_sum_of_nothing_with_a_start": """
def f(x):
    u = sum([], start=x)
    u *= 2.0
    return np.sum(u * x)
""",
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    source, args = RIGHT[name]
    f = adtrans.from_source("import numpy as np\n" + source, "f")
    adtrans.check_grads(f, args, order=1)
    _, back = adtrans.vjp(f, *args)
    for first, second in zip(back(1.0), back(1.0), strict=True):
        np.testing.assert_array_equal(first, second)
    if all(isinstance(arg, (float, np.ndarray)) for arg in args):  # What `check_grads` has just compared.
        gradient = adtrans.grad(f, argnums=tuple(range(len(args))))(*args)
        for found, other in zip(back(1.0), gradient, strict=True):
            np.testing.assert_allclose(found, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", TWICE)
def test_right_twice(name: str) -> None:
    source, args = TWICE[name]
    f = adtrans.from_source("import numpy as np\n" + source, "f")
    adtrans.check_grads(f, args, order=2)
    _, back = adtrans.vjp(adtrans.grad(f), *args)
    np.testing.assert_allclose(
        back(np.ones_like(args[0]))[0], adtrans.hessian(f)(*args).sum(tuple(range(np.ndim(args[0]))))
    )


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    f = adtrans.from_source("import numpy as np\n" + REFUSED[name], "f")
    with pytest.raises(adtrans.Refused):
        adtrans.grad(f)(X)
    with pytest.raises(adtrans.Refused):
        adtrans.jvp(f, (X,), (X,))


def test_rest_of_an_iterator() -> None:
    """A loop leaves it to another one: it cannot be gone through again, and backwards."""
    source = """
def f(x):
    total = x[0]
    places = iter([1, 2, 0, 1])
    for k in places:
        total = total * x[k] * k
        if k == 2:
            break
    for k in places:
        total = total * x[k]
    return total
"""
    f = adtrans.from_source(source, "f")
    with pytest.raises(adtrans.Refused):
        adtrans.grad(f)(X)


def test_seed_that_is_a_list() -> None:
    """What is taken out of it is taken out of a copy."""
    source = "def f(x):\n    values = [x]\n    values.append(x * x)\n    return values\n"
    made = pipeline.generate(parse.program(source, "f.py", "f"), pipeline.Request())
    space: dict[str, Any] = {}
    exec(made.text, space)
    seed = [1.0, 0.5]
    assert [space["f_vjp"](3.0, seed)[1] for _ in range(2)] == [4.0, 4.0]
    assert seed == [1.0, 0.5]


def test_default_that_is_a_list() -> None:
    """It is appended to: a list, and not an array, of which there is a copy."""
    source = "def f(x, held=[]):\n    held.append(x)\n    return sum(held) * x\n"
    made = pipeline.generate(parse.program(source, "f.py", "f"), pipeline.Request())
    space: dict[str, Any] = {}
    exec(made.text, space)
    assert [space["f_vjp"](2.0) for _ in range(2)] == [(4.0, (4.0, []))] * 2
    assert space["f_vjp"](2.0, [1.0]) == (6.0, (5.0, [2.0]))


def test_rows_of_an_array_of_unknown_rank() -> None:
    """`x[i]` may be a row where nothing says that it is a number."""
    source = """
import numpy as np

def f(x):
    energy = 0.0
    for i in range(x.shape[0]):
        d = x[i] - x[0]
        energy += 1.0 / (d @ d + 0.1)
    return energy
"""
    made = pipeline.generate(parse.program(source, "f.py", "f"), pipeline.Request())
    space: dict[str, Any] = {}
    exec(made.text, space)
    expected = adtrans.grad(adtrans.from_source(source, "f"))(A)
    np.testing.assert_allclose(space["f_vjp"](A)[1], expected)


def test_a_tuple_of_one_value() -> None:
    """Its adjoint and its tangent are tuples of one."""
    f = adtrans.from_source("def g(x):\n    return (x * x,)\n\ndef f(x):\n    return g(x)\n", "f")
    value, back = adtrans.vjp(f, X)
    assert isinstance(value, tuple)
    np.testing.assert_allclose(back((np.ones(3),))[0], 2.0 * X)
    np.testing.assert_allclose(adtrans.jvp(f, (X,), (np.ones(3),))[1], (2.0 * X,))


def test_the_adjoint_of_a_number_is_no_array() -> None:
    """An array of rank 0 was the adjoint of two numbers, and `+=` to one of them changed the other."""
    source = """
def total(first, rest, shift):
    for r in rest:
        first = first * r + r
    return first + shift

def f(x, y):
    return total(x, (), 0.0) + x * total(x, (y,), x) + total(y, [], 0.0)
"""
    f = adtrans.from_source(source, "f")
    slopes = adtrans.grad(f, argnums=(0, 1))
    found = adtrans.jacrev(slopes, argnums=(0, 1))(0.3, 0.7)
    h = 1e-6
    for j, (dx, dy) in enumerate(((h, 0.0), (0.0, h))):
        up, down = slopes(0.3 + dx, 0.7 + dy), slopes(0.3 - dx, 0.7 - dy)
        for i in range(2):
            np.testing.assert_allclose(found[i][j], (up[i] - down[i]) / (2 * h), rtol=1e-6, atol=1e-8)


def test_starred_parameters_stay_in_their_order() -> None:
    """`*rest, *, scale, **options` was written with the keyword behind `**options`."""
    source = """
import numpy as np

def several(first, *rest, scale=1.0, **options):
    return scale * first + sum(rest) * options["shift"]

def f(x):
    several(x, x.astype(float), scale=2.0, shift=1.0)
    return np.sum(several(x, x, shift=3.0))
"""
    np.testing.assert_allclose(adtrans.grad(adtrans.from_source(source, "f"))(X), 4.0 * np.ones(3))


def test_what_an_unknown_function_is_given_may_be_changed_by_it() -> None:
    """`g(y)` may write into y, whose old value the adjoint of the product reads."""
    source = """
import numpy as np

def f(x, g, y):
    a = np.sum(x * y)
    z = g(y)
    return a * z
"""
    made = pipeline.generate(parse.program(source, "f.py", "f"), pipeline.Request(wrt=("x",)))
    space: dict[str, Any] = {}
    exec(made.text, space)

    def emptied(y: Any) -> float:
        y[:] = 0.0
        return 2.0

    np.testing.assert_allclose(space["f_vjp"](X, emptied, W * np.ones(3))[1], 2.0 * W * np.ones(3))


def test_an_array_that_is_taken_out_of_a_list_in_a_list() -> None:
    """`p[0][1] = e` gives the inner list another array: a name for the old one is no name for the place."""
    source = """
import numpy as np

def f(p):
    s = np.sin(p[0][1][2])
    p[0][1] = np.full(3, 0.4)
    return s
"""
    f = adtrans.from_source(source, "f")
    adtrans.check_grads(f, ([[X, 2.0 * X]],), order=1)
    with pytest.raises(adtrans.Refused, match="AD401"):
        adtrans.hvp(f, ([[X, 2.0 * X]],), ([[X, 2.0 * X]],))


def test_deep_recursion_adds_to_an_array_of_its_caller() -> None:
    """Where its rank was lost, the tangent of `x += e` was bound anew, and the caller did not see it."""
    source = """
import numpy as np

def g(x, k):
    if k == 0:
        return x
    return g(x[np.argsort(x)], k - 1)

def f(x):
    return np.mean(np.sin(x) * g(x * x, 3))
"""
    f = adtrans.from_source(source, "f")
    slope, h = adtrans.grad(f), 1e-5
    expected = (slope(X + h * A[1]) - slope(X - h * A[1])) / (2 * h)
    np.testing.assert_allclose(adtrans.hvp(f, (X,), (A[1],)), expected, rtol=1e-7)


def test_the_tangent_of_a_dict_that_stands_still() -> None:
    """It was an array of zeros, added to a dict."""
    source = """
import numpy as np

def f(p, x):
    a, b, c = p
    d = {**b, "c": np.tanh(0.5 * p[2][2])}
    d["k"] = np.tanh(1.3 * c + c * x)
    return p[0] * p[0] * x[1] + np.sum(c) + d["c"] + a
"""
    f = adtrans.from_source(source, "f")
    moves = ((0.5, {"W": 0.2, "c": -0.4}, W * np.ones(3)), X)

    def along(h: float) -> Any:
        (a, b, c), x = moves
        p = (0.4 + h * a, {"W": 0.3 + h * b["W"], "c": 0.1 + h * b["c"]}, A[1] + h * c)
        return adtrans.grad(f, argnums=(0, 1))(p, A[2] + h * x)

    point = ((0.4, {"W": 0.3, "c": 0.1}, A[1]), A[2])
    (a, b, c), x = adtrans.hvp(f, point, moves)
    (a1, _, c1), x1 = along(1e-5)
    (a2, _, c2), x2 = along(-1e-5)
    assert b == {"W": 0.0, "c": 0.0}
    for found, up, down in ((a, a1, a2), (c, c1, c2), (x, x1, x2)):
        np.testing.assert_allclose(found, (up - down) / 2e-5, rtol=1e-6, atol=1e-8)


def test_what_a_recursion_keeps_may_be_none() -> None:
    """`kept_bar = [0.0, [g_kept_bar[0], …]]` where the innermost call keeps None (seed 68000)."""
    source = """
import numpy as np

def g(x, k):
    if k <= 0:
        return np.sin(x)
    return np.tanh(g(x, k - 1) * x)

def f(x, k):
    return g(x * x, k)
"""
    f = adtrans.from_source(source, "f")
    for k in (0, 1, 2):
        adtrans.check_grads(f, (0.7, k), order=1)
        slope, h = adtrans.grad(f), 1e-5
        _, back = adtrans.vjp(slope, 0.7, k)
        expected = (slope(0.7 + h, k) - slope(0.7 - h, k)) / (2 * h)
        np.testing.assert_allclose(back(1.0)[0], expected, rtol=1e-7)


def test_the_adjoint_of_a_variable_that_is_none_in_the_first_round() -> None:
    """`np.zeros_like(None)` has no axes: its shape was that of the array (seeds 27384, 29744)."""
    source = """
import numpy as np

def f(x):
    total = 0.0
    for i in range(2):
        t = np.sin(x * (i + 1.0))
        for j in range(2):
            t = np.where(t > 0.3, t * x, np.cos(t))
        total = total + t[:-1] @ x[1:]
    return total + np.sum(np.outer(t[:-1], x) ** 2)
"""
    f = adtrans.from_source(source, "f")
    adtrans.check_grads(f, (A[1],), order=2)
    for seed in (27384, 29744):
        case = generate(seed)
        found = judge(case.source, case.args, order=2, thorough=True)
        assert found.verdict == "right", found


def test_a_name_whose_assignment_is_never_reached() -> None:
    """The settings take the only assignment away, what reads it stays: an error of ours (seed 73975)."""
    source = """
def f(x, flag=False):
    i = 0
    while i < 1:
        if not flag:
            return x * x
        else:
            c = x
        i = i + 1
    return c * x
"""
    f = adtrans.from_source(source, "f")
    assert adtrans.grad(f)(3.0) == 6.0
    assert adtrans.jvp(f, (3.0,), (1.0,))[1] == 6.0


def test_a_callee_that_is_given_one_array_as_two_arguments() -> None:
    """It wrote into a copy of the one, and read the other as it was before (seed 80051)."""
    source = """
import numpy as np

def g(z, w):
    for i in range(len(w)):
        z[:] += z
    return np.sum(w)

def f(x):
    b = 0.0
    for j, left in enumerate(x):
        b = b + g(left, left.reshape(-1))
    return b
"""
    with pytest.raises(adtrans.Refused) as refused:
        adtrans.grad(adtrans.from_source(source, "f"))(np.outer(X, X))
    assert [(d.code, d.span.line) for d in refused.value.diagnostics if d.span] == [("AD401", 12)]
    fine = adtrans.from_source(source.replace("left.reshape(-1)", "left.reshape(-1) * 2.0"), "f")
    adtrans.check_grads(fine, (np.outer(X, X),), order=1)


def test_a_test_of_what_is_changed_under_another_name() -> None:
    """The test was evaluated again in the backward sweep, after the write into the view (seed 85044)."""
    source = """
import numpy as np

def f(x, y):
    a = np.sin(y)
    left = a[::-1]
    if a[0] < 0.5:
        out = x * x
    else:
        left[1] = 0.1 * x
        out = np.sum(left) * x
    return out

def g(x, y):
    out = 0.0
    a = np.cos(y)
    left = a[:]
    for i in range(3):
        if a[i] > 0.4:
            out = out + x * a[i]
            left[(i + 1) % 3] = 0.3
        else:
            out = out + x * x * a[i]
    return out
"""
    for name in ("f", "g"):
        f = adtrans.from_source(source, name)
        for y in ([0.9, 0.3, 0.2], [0.3, 0.9, 0.1], [1.3, 0.1, 1.2]):
            adtrans.check_grads(f, (0.7, np.array(y)), order=2)


def test_running_sums_of_a_number() -> None:
    """`np.cumsum(x, -1)` of a number is an array of one element: a test of its rank took the wrong branch."""
    for name in ("cumsum", "cumprod", "nancumsum", "nancumprod"):
        for axis in ("-1", "0", "None"):
            source = (
                f"import numpy as np\n\n\ndef f(x):\n    c = np.{name}(x, {axis})\n"
                "    if c.ndim == 1:\n        return c[0] * c[0]\n    return np.sum(c) * 5.0\n"
            )
            adtrans.check_grads(adtrans.from_source(source, "f"), (3.0,), order=2)


def test_parts_that_may_be_lists_are_added_part_by_part() -> None:
    """`t_bar[i] += v_bar` made a list longer where the part is one: an error from `zip`."""
    source = """
import numpy as np

def leaf(t):
    if isinstance(t, (list, tuple)):
        return sum(leaf(v) for v in t)
    return np.sum(np.asarray(t) ** 2)

def f(x):
    return leaf([x * 2, (x[0], x[1]), [x[2], (x[0] * 3, x[1])]])
"""
    found = adtrans.grad(adtrans.from_source(source, "f"))(A[1])
    np.testing.assert_allclose(found, 8.0 * A[1] + 2.0 * A[1] * np.array([10.0, 2.0, 1.0])[: len(A[1])])


def test_parts_of_an_array_of_rank_0() -> None:
    """The adjoint of one is a number: `a_bar[None][0] += …` was lost, `a_bar[...] += …` an error."""
    source = """
import numpy as np

def f(x):
    a = np.array(x[0])
    return a[()] ** 2 + np.sum(a[...] * x) + a[None][0] * 3.0

def g(x):
    a = np.sum(x * x)
    return a[()] * x[0] + np.asarray(a)[...]
"""
    for name in ("f", "g"):
        adtrans.check_grads(adtrans.from_source(source, name), (A[1],), order=2)


def test_the_larger_of_an_integer_and_a_float_may_be_an_integer() -> None:
    """`np.array([max(1, 0.5), 1])` is an array of integers: what is stored into it is rounded."""
    source = """
import numpy as np

def f(x):
    a = np.array([max(1, 0.5), 1, 1])
    a[0] = x[0]
    return np.sum(a * 1.0)
"""
    f = adtrans.from_source(source, "f")
    for derivative in (lambda: adtrans.grad(f)(A[1]), lambda: adtrans.jvp(f, (A[1],), (A[1],))):
        with pytest.raises(TypeError, match="an array of integers is rounded"):
            derivative()


def test_a_method_of_another_object_that_is_called_append() -> None:
    """astropy's `Header.append()` has no argument: it is no list."""
    source = """
def f(x, header):
    h = [x]
    h.append()
    return h[0] * 2.0
"""
    with pytest.raises(adtrans.Refused, match="AD203 `append` changes `h`"):
        adtrans.grad(adtrans.from_source(source, "f"))(0.5, None)


@pytest.mark.parametrize(
    "store",
    [
        "(a if x[0] > 0 else b)[0] = 5.0 * x[1]",
        "(a if x[0] > 0 else b)[0] += 5.0",
        "(a if x[0] > 0 else b)[0], q = 5.0, 6.0",
        "(a if x[0] > 0 else b)[0] = q = 6.0",
        "[a, b][1][0] = 5.0 * x[1]",
        "(a, b)[0][0] = 5.0",
        '{"k": a}["k"][0] = 5.0',
        "(c := a)[0] = 5.0",
        "[v for v in (a, b)][0][0] = 5.0",
        "(empty or rows)[0] = 5.0",
        "(empty or rows).append(x[2])",
    ],
)
def test_a_store_into_what_a_choice_or_a_display_gives(store: str) -> None:
    """What stands in parentheses has a name, too: the gradient was that of the program without the store."""
    source = f"""
import numpy as np

def f(x):
    a, b = x * 1.0, x * 2.0
    empty, rows = [], [x[0], x[1]]
    {store}
    return np.sum(a * a) + np.sum(b * b) + rows[0] * rows[-1]
"""
    with pytest.raises(adtrans.Refused, match="AD203"):
        adtrans.grad(adtrans.from_source(source, "f"))(A[1])


def test_a_repeated_list_beside_a_product() -> None:
    """`c * ([0.5] * 3)[1]`: the list became a factor of the adjoint of c."""
    source = """
def f(x):
    return 2.0 * x[0] * ([0.5] * 3)[1] + x[1] * ([[0.7]] * 2)[1][0]
"""
    adtrans.check_grads(adtrans.from_source(source, "f"), (A[1],), order=2)


@pytest.mark.parametrize(
    ("value", "write"),
    [
        ("np.ones(2)", "c[0] = x"),
        ("np.array([1.0, 2.0])", "c[0] += x"),
        ("np.array([1, 2])", "c[0] = x"),
        ("[1.0, 2.0]", "c[-1] = x"),
        ("[1.0, 2.0]", "c.append(x)"),
        ("{-1: 1.0}", "c[-1] = x"),
    ],
)
def test_writes_into_what_the_module_holds_under_another_name(value: str, write: str) -> None:
    """An array of the module with a known kind was not seen behind `c`: `W[-1]` was what it had been."""
    source = f"""
import numpy as np
W = {value}

def f(x):
    c = W
    {write}
    return W[-1] * x
"""
    with pytest.raises(adtrans.Refused, match="AD105"):
        adtrans.grad(adtrans.from_source(source, "f"))(0.5)


@pytest.mark.parametrize("call", ["(q or []).append(3.0)", "(q if len(h.read()) == 0 else []).reverse()"])
def test_a_method_of_what_a_choice_gives_in_carried_text(call: str) -> None:
    """`q` is another name of `y` in the text: the list was taken to stay as it was."""
    source = f"""
def f(x):
    y = [x[0] * 1.0, x[1] * 2.0]
    with open("/dev/null") as h:
        q = y
        {call}
    return y[0] ** 2 * y[-1]
"""
    with pytest.raises(adtrans.Refused, match="AD203"):
        adtrans.grad(adtrans.from_source(source, "f"))(A[1])


def test_a_method_of_what_the_module_holds_in_a_choice() -> None:
    source = """
TABLE = [1.0, 2.0]

def f(x):
    (TABLE or []).append(3.0)
    return TABLE[-1] * x
"""
    with pytest.raises(adtrans.Refused, match="AD105"):
        adtrans.grad(adtrans.from_source(source, "f"))(0.5)


def test_a_function_that_gives_itself_two_new_functions_is_not_followed_for_ever() -> None:
    """There are twice as many at each level."""
    source = """
def g(h, n):
    if n == 0:
        return h(1.0)
    return g(lambda t: h(t) + t, n - 1) * g(lambda t: h(t) * t, n - 1)

def f(x):
    return g(lambda t: t * x, 2)
"""
    with pytest.raises(adtrans.Refused, match="ever new functions"):
        adtrans.grad(adtrans.from_source(source, "f"))(0.5)


def test_a_call_with_options_that_does_not_fit_is_refused() -> None:
    """The function without its options had another name, which nobody knew: a crash."""
    source = """
def zeros(shape, *, dtype=None, **options):
    return [0.0] * shape

def f(x, n=2, **options):
    return x * len(zeros(n, n, **options))
"""
    with pytest.raises(adtrans.Refused, match="AD502"):
        adtrans.grad(adtrans.from_source(source, "f"))(0.5)


@pytest.mark.parametrize("use", ['print(f"{domain}")\n        return y', "return [y, map(domain.to, [y])]"])
def test_another_name_of_an_object_in_text_stays(use: str) -> None:
    """The name went away, and the text still read it: a crash."""
    source = f"""
class Domain:
    def __init__(self, scale):
        self.scale = scale

    def to(self, x):
        return x * self.scale

class Rows:
    domain: Domain

    def f(self, x):
        domain = self.domain
        y = domain.scale * x
        {use}
"""
    with pytest.raises(adtrans.Refused, match=r"AD230|AD301"):
        pipeline.generate(parse.program(source, "m.py", "Rows.f"), pipeline.Request())


def test_a_result_that_is_copied_stays_a_tuple() -> None:
    source = """
def f(a, b):
    row = [a, b]
    row[0] = a * b
    return tuple(row)
"""
    assert judge(source, (0.7, 0.9)).verdict == "right"
    caller = "def g(a):\n    row = list(a)\n    row[0] = a[1] * a[0]\n    return tuple(row)\n"
    caller += "def f(a):\n    t = g(a)\n    return t[0] * t[1]\n"
    assert judge(caller, (np.array([0.3, 1.2]),), order=2).verdict == "right"
    value, pull = adtrans.vjp(adtrans.from_source(source, "f"), 0.7, 0.9)
    assert isinstance(value, tuple) and pull((1.0, 0.0)) == (0.9, 0.7)


def test_a_function_that_is_given_functions_and_options_is_refused() -> None:
    """It was left out of the program, and called there: a crash."""
    source = """
def solved(p, func, **options):
    return func(p) * 2.0

def f(x, **options):
    return solved(x, lambda u: u * u, **options)
"""
    with pytest.raises(adtrans.Refused, match="AD202"):
        adtrans.grad(adtrans.from_source(source, "f"))(0.5)


def test_copies_between_parts_that_do_not_meet() -> None:
    """NumPy takes care of these, or there is nothing to take care of."""
    source = """
import numpy as np

def f(x):
    x[1:] = x[:-1]
    x[:] = x[::-1]
    b = np.outer(x, np.cos(x))
    row = b[1]
    b[0] = row
    row[:] = b[2]
    b[:, 1] = b[:, 2]
    b[0, 1:] = b[2, :-1]
    b[:] = b.T
    b[:, 2] = b[1].copy()
    u, v = b[0] * 1.0, b[1] * 2.0
    for _ in range(3):
        u[1:] = v[:-1]
        u, v = v, u
    u[:2] = u[[1, 2]]
    u[::2] = u[:2] * 2.0
    return np.sum(u * v) + np.sum(b * x)
"""
    found = judge(source, (X,), order=2)
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize("first", ["np.sin(y)", "np.swapaxes(y, 0, 1)"])
def test_what_a_dict_lets_go_of_may_be_written_to(first: str) -> None:
    """The second derivative kept the entry itself: a view of what is put back."""
    source = f"""
import numpy as np

def f(y):
    y[y < 0.4] = np.sin(y[0, 0])
    d = {{"a": {first}, "b": 0.8 * y[1, 0]}}
    e = {{k: d[k] * 0.5 + np.sin(d[k]) for k in d}}
    d["a"] = d["a"] * 0.5
    return np.sum(e["a"] ** 2)
"""
    found = judge(source, (np.array([[0.3, 0.2], [0.7, 0.5]]),), order=2)
    assert found.verdict == "right", found.detail


def test_a_name_for_a_part_is_none_in_carried_text() -> None:
    """`tanh` of `np.tanh(u)` hid the one that the text reads."""
    source = """
import numpy as np
from math import tanh

def f(u):
    match (1, 2):
        case [1, k]:
            z = tanh
        case _:
            pass
    for i in range(1, 5, 2):
        if i:
            c = 0.5 * np.tanh(u)
    return u * c
"""
    found = judge(source, (X,))
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize(
    "value",
    [
        "np.min(x)",
        "0.5 + np.max(x)",
        "np.where(0.5, np.var(x), 0.5)",
        "np.sum(y * np.full((1, 2), 0.3, dtype=np.float32))",
    ],
)
def test_adjoints_have_the_dtype_of_the_input(value: str) -> None:
    """A mask times the seed, a Python number, is float64; a number to which float32 is added is float32."""
    source = f"""
import numpy as np

def f(x, y):
    z = 0.0
    for _ in range(2):
        z = z + {value}
    return z
"""
    for text in (source, f"import numpy as np\n\ndef f(x, y):\n    return {value}\n"):
        found = judge(text, (np.array([0.4, 1.1, -0.7], dtype=np.float32), 0.6))
        assert found.verdict == "right", found.detail


@pytest.mark.parametrize(
    ("family", "seed"),
    [("entries", 129649), ("entries", 122513), ("shared", 147771), ("single", 107763), ("single", 156355)],
)
def test_programs_that_came_out_wrong(family: str, seed: int) -> None:
    """A stretched number was added to in place; a kept view; a dict that was joined; a Python float by way
    of float32, twice."""
    assert not program(seed, family).outcome(1 if family == "single" else 2).failed


def test_an_entry_that_makes_itself() -> None:
    """Reverse mode knows which entries there are; the tangent of a `defaultdict` has none."""
    source = """
from collections import defaultdict

def f(x):
    total = defaultdict(float)
    for k in range(3):
        total["even" if k % 2 == 0 else "odd"] += x[k] * x[k]
    return total["even"] * total["odd"]
"""
    f = adtrans.from_source(source, "f")
    slopes = [2 * X[0] * X[1] ** 2, 2 * X[1] * (X[0] ** 2 + X[2] ** 2), 2 * X[2] * X[1] ** 2]
    np.testing.assert_allclose(adtrans.grad(f)(X), slopes)
    with pytest.raises(adtrans.Refused, match="forward mode"):
        adtrans.jvp(f, (X,), (X,))


@pytest.mark.parametrize(
    "value",
    ["np.vecdot(y[None], y, axis=1)", "np.vecdot(y, x, axis=0) * x", "np.vecdot(x, y, axis=0) * x"],
)
def test_products_along_an_axis_of_operands_of_different_ranks(value: str) -> None:
    """The axis is counted in each operand; the adjoints went along an axis of the two together."""
    source = f"import numpy as np\n\ndef f(x, y):\n    return np.sum({value})\n"
    found = judge(source, (X, A + np.outer(X, A[0])))
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize("value", ["np.column_stack([x, x])", "np.dstack([x, x])"])
def test_what_is_cut_from_a_wider_adjoint_is_wide(value: str) -> None:
    """Parts were taken for float32 since the arrays are that were put together."""
    source = f"import numpy as np\n\ndef f(x):\n    return np.sum({value} * np.ones(2))\n"
    found = judge(source, (X.astype(np.float32),))
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize(
    "value",
    [
        "np.power(x * x, [1, 2, 3]) + np.arctan2((1.0, 2.0, 3.0), x)",
        "np.linalg.solve([[2, 1, 0], [0, 3, 1], [1, 0, 4]], x) * (x ** [1, 2, 3])",
        "np.dot(y, [[1.0], [2.0], [3.0]])[:, 0] * x",
        "np.average(x, weights=[1.0, 2.0, 3.0]) * x",
        "np.polyval(x, [1.0, 2.0, 3.0]) * x",
        "np.vdot(x, w) * x + np.float_power(x * x, w)",
    ],
)
def test_a_list_of_numbers_beside_what_varies(value: str) -> None:
    """What the rule of the other operand did with it was for arrays."""
    source = f"import numpy as np\n\ndef f(x, y):\n    w = [1, 2, 3]\n    return np.sum({value})\n"
    found = judge(source, (X, A + np.outer(X, A[0])), order=2)
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize(
    "value",
    [
        "np.cross(x, y, axisb=0) * y",
        "np.cross(x[:2], y) * y",
        "np.cross(x[:2], y[:, :2]) * x",
        "np.cross(y[:2], y[1:], axis=0) * x",
        "np.cross(y[:, :2], x) * y",
        "np.quantile(y, [[0.1, 0.5], [0.3, 0.8]], axis=0) * x",
        "np.percentile(x, [[10, 50]]) * x[0]",
        "np.nanpercentile(y, [[10, 50]], axis=1)[0] * x",
    ],
)
def test_arguments_that_rules_did_not_cover(value: str) -> None:
    """The derivative had another shape, or the generated code failed."""
    source = f"import numpy as np\n\ndef f(x, y):\n    return np.sum({value})\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Of vectors of length 2.
        found = judge(source, (X, A + np.outer(X, A[0])), order=2)
    assert found.verdict == "right", found.detail


@pytest.mark.parametrize(
    "value",
    ["np.pad(x, {0: (1, 2)})", "np.polyval(np.outer(x, x), x)", "np.polyval(np.outer(x, x[:2]), x[:2])"],
)
def test_arguments_that_rules_do_not_cover(value: str) -> None:
    f = adtrans.from_source(f"import numpy as np\n\ndef f(x):\n    return np.sum({value})\n", "f")
    with pytest.raises(adtrans.Refused, match="does not cover this case"):
        adtrans.grad(f)(X)
    with pytest.raises(adtrans.Refused, match="does not cover this case"):
        adtrans.jvp(f, (X,), (X,))


@pytest.mark.parametrize(
    "statement",
    [
        "[r.sort() for r in A]",
        "[g(r) for r in A]",
        "{0: r.fill(0.0) for r, v in zip(A, x)}",
        "{p.sort() for q in (A,) for p in q}",
        "assert all(r.sort() is None for r in A)",
        "k = 1 if any(g(r) for r in A) else 2",
        "while any(g(r) for r in A): break",
        "list(map(np.ndarray.sort, A))",
        "k = list(filter(g, A))",
        "k = len(sorted(A, key=g))",
    ],
)
def test_a_comprehension_writes_into_what_it_goes_through(statement: str) -> None:
    """Its variable is a row of `A`: what it changed was taken for its own."""
    source = f"""
import numpy as np

def g(r):
    r *= 2.0
    return False

def f(x, A):
    {statement}
    return np.sum(A * x)
"""
    with pytest.raises(adtrans.Refused, match="`A`"):
        adtrans.grad(adtrans.from_source(source, "f"), argnums=(0, 1))(X, np.outer(X, X))


@pytest.mark.parametrize(
    "store",
    [
        "u[...] = y[:1]",
        "u[...] = y[:1, :1]",
        "y[0] = x[None]",
        "u[1:] = (y[0, :2] * 2).reshape(1, 1, 2)",
        "y[0] = np.sum(y, axis=0, keepdims=True)",
    ],
)
def test_a_value_with_more_axes_than_its_place(store: str) -> None:
    """NumPy drops leading axes of length 1; the adjoint was summed over the others."""
    body = f"    u = x.copy()\n    {store}\n    return np.sum(u * u * y * y)\n"
    source = f"import numpy as np\n\ndef f(x, y):\n{body}"
    found = judge(source, (X, A), order=2)
    assert found.verdict == "right", found.detail
