"""Programs in which two names share memory: the derivative is right, or the program is refused."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from tests.programs.oracle import judge

# A vector x of 4 and a matrix m of (3, 4) are given; `->` is short for `return`.
RIGHT = """
name: u = np.sin(x); b = u; b[0] = x[1] * x[2]; -> np.sum(u * u)
name_back: u = np.sin(x); b = u; u[0] = x[1] * x[2]; -> np.sum(b * b)
name_chain: u = np.sin(x); b = u; c = b; c[0] = x[1] ** 2; b[1] *= c[0]; -> np.sum(u * c)
name_aug: u = np.sin(x); b = u; b += u * x; -> np.sum(u * b)
name_scaled: u = np.sin(x); b = u; b *= u; -> np.sum(u)
name_of_argument: b = x; b[0] = b[1] * b[2]; -> np.sum(x * x)
argument_written: b = x; x[0] = x[1] * x[2]; -> np.sum(b * b)
row: row = m[1]; row[0] = x[0] * row[1]; -> np.sum(m * m)
row_aug: row = m[1]; row += x * row; -> np.sum(m * m)
row_scaled: row = m[1]; row *= x; row[1:] += row[:-1]; -> np.sum(m * m)
row_whole: row = m[0]; row[:] = np.sin(x); -> np.sum(m ** 3)
row_read: row = m[1]; m[1, 0] = x[0] * x[1]; -> np.sum(row * row)
row_read_whole: row = m[1]; m[:] = np.outer(x[:3], x); -> np.sum(row * row)
column: col = m[:, 2]; col[0] = x[0] ** 2; col[1:] *= col[0]; -> np.sum(m * m)
column_read: col = m[:, 2]; m[0] = x * x; -> np.sum(col ** 2)
block: s = m[1:, 1:]; s[0] = x[1:] * s[1]; s[1, 1] *= x[0]; -> np.sum(m * m)
block_row: s = m[1:]; r = s[0]; r[1] = x[0] * r[2]; -> np.sum(m * m) + np.sum(s)
strided: s = x[::2]; s *= x[1]; -> np.sum(x * x)
reversed_part: s = x[::-1]; s[0] = s[1] * s[2]; -> np.sum(x * np.arange(4.0) * x)
reversed_read: s = x[::-1]; x[0] = x[1] * x[2]; -> np.sum(s * s * np.arange(4.0))
tail: v = x[1:]; v *= 2.0; v[0] = v[1] * v[2]; -> np.sum(x * x)
tail_of_tail: v = x[1:]; w = v[1:]; w[0] = v[0] * w[1]; -> np.sum(x * v[0])
two_parts: a = x[:2]; b = x[2:]; a[0] = b[1] * a[1]; b[0] = a[0] * b[1]; -> np.sum(x * x)
overlapping_parts: a = x[:3]; b = x[1:]; a[1] = b[1] * a[0]; b[0] *= a[2]; -> np.sum(x * x)
newaxis: c = x[:, None]; c[1] = x[0] * x[2]; -> np.sum(x ** 2)
ellipsis: c = m[..., 0]; c[1] = x[0] * x[2]; -> np.sum(m ** 2)
fancy_is_a_copy: c = x[[0, 2]]; c[0] = x[1] * x[1]; -> np.sum(x * x) + np.sum(c * c)
mask_is_a_copy: c = x[x > 0.0]; c[0] = x[1] * x[1]; -> np.sum(x * x) + np.sum(c * c)
copy_is_a_copy: c = x.copy(); c[0] = x[1] * x[1]; -> np.sum(x * x) + np.sum(c * c)
transposed: w = m.T; w[0] = x[:3] * w[1]; -> np.sum(m * m)
transposed_element: w = m.T; w[0, 1] = x[0] * w[1, 1]; -> np.sum(m * m)
transposed_aug: w = m.T; w += np.outer(x, x[:3]); w[1:] *= 2.0; w[1:, 0] *= x[1]; -> np.sum(m * m)
transposed_whole: w = m.T; w *= np.outer(x, x[:3]); -> np.sum(m * w.T)
transposed_row: w = m.T; r = w[2]; r[0] = x[0] * r[1]; -> np.sum(m * m)
transposed_tail: w = m.T[1:]; w[0] = x[:3] ** 2; w[1, 2] *= x[0]; -> np.sum(m * m)
transposed_broadcast: w = m.T; w[1:] = x[:3]; -> np.sum(m * m)
transposed_read: w = m.T; m[0] = x * x; -> np.sum(w[1] * w[0] * w[2])
target_transposed: m.T[0] = x[:3] * x[1:]; -> np.sum(m * m)
target_transposed_2: m.T[1:] += np.outer(x, x)[1:, 1:]; m.T[1:][0] *= x[0]; -> np.sum(m * m)
target_chained: (m[1:])[0] = x * x; m[1:][1][2] = x[0] ** 2; -> np.sum(m * m)
target_fill: m.fill(x[0] * x[1]); m[1].fill(x[2]); -> np.sum(m * m)
squeezed_read: s = np.squeeze(x[None], axis=0); x[0] = x[1] * x[2]; -> np.sum(s * s)
flipped_read: s = np.flip(x); x[0] = x[1] * x[2]; -> np.sum(s * s * np.arange(4.0))
diagonal_read: d = np.diagonal(m); m[1, 1] = x[0] * x[1]; -> np.sum(d * d)
dead_other: b = x; b[0] = x[1] * x[2]; -> np.sum(b * b)
dead_after: b = x; s = np.sum(x * x); b[0] = x[1] * s; -> np.sum(b)
only_shape: b = x.ravel(); b[0] = b[1] * b[2]; -> np.sum(b) * x.shape[0] * len(x)
rebound: b = x; x = x * 2.0; b[0] = x[1] * b[1]; -> np.sum(b * x)
rebound_part: r = m[0]; s = m[1]; m = m * 2.0; r[0] = s[1] * x[0]; -> np.sum(r * s) + np.sum(m * m)
rebound_parts: r = m[0]; s = m[0, 1:]; m = m * 2.0; r[1] = s[1] * x[0]; -> np.sum(r * r) + np.sum(s * s)
rebound_whole: b = m; r = m[0]; m = m * 2.0; r[1] = b[1, 1] * x[0]; -> np.sum(b * b) + np.sum(m * r)
shrunk: x = x[1:]; x[0] = x[1] * x[2]; -> np.sum(x * x)
row_rebound: r = m[0]; r[0] = x[0] ** 2; r = m[1]; r[1] = x[1] * r[0]; -> np.sum(m * m)
row_rebound_2: r = m[0]; r = r * 2.0; r[0] = x[0] ** 2; -> np.sum(m * m) + np.sum(r * r)
swap_names: a = x * x; b = np.sin(x); a, b = b, a; a[0] = b[1] * x[0]; -> np.sum(a * b)
swap_rows: m[0], m[1] = m[1] * x[0], m[0] * x[1]; -> np.sum(m[0] ** 3)
index_changes: i = 0; r = m[i]; i = 1; r[0] = x[0] * x[1]; -> np.sum(m[i] * m[0])
index_changes_aug: i = 0; r = m[i]; i += 1; r[0] = x[0] * x[1]; r[i] = x[3] ** 2; -> np.sum(m[i] * m[0])
index_computed: n = len(x); v = x[n // 2:]; n = 1; v[0] = x[0] * v[n]; -> np.sum(x * x)
index_read: k = np.array([1, 2]); r = m[k[0]]; k[0] = 0; r[0] = x[0] ** 2; -> np.sum(m * m)
list_alias: ys = [x[0]]; zs = ys; zs.append(x[1] * x[2]); -> ys[0] * ys[1]
list_of_copies: ys = []; u = x * x; ys.append(u.copy()); u[0] = x[1]; -> np.sum(ys[0] * u)
list_element: ys = [x * x, x + 1.0]; r = ys[1]; r[0] = x[1] ** 2; -> np.sum(ys[1] * ys[0])
stacked_copy: s = np.stack([x, x]); x[0] = x[1] * x[2]; -> np.sum(s * s) + np.sum(x * x)
"""

LONG = {
    "list_filled": """
ys = [x * x, x + 1.0]
ys.append(x + 2.0)
ys[0] = x - 1.0
r = ys[1]
r[0] = x[1] ** 2
q = ys[2]
q[0] = x[0] * x[1]
return np.sum(ys[1] * ys[0] * ys[2])
""",
    "rows_loop": """
for i in range(3):
    row = m[i]
    row[0] = x[i] * row[1]
    row[1:] *= x[0]
return np.sum(m * m)
""",
    "rows_direct": """
for row in m:
    row[0] = x[0] * row[1]
    row *= 2.0
return np.sum(m * m)
""",
    "rows_enumerated": """
for i, row in enumerate(m):
    row += x * x[i]
return np.sum(m ** 3)
""",
    "row_after_loop": """
for i in range(3):
    row = m[i]
row[0] = x[0] * x[1]
return np.sum(m * m)
""",
    "row_of_two_branches": """
if x[0] > 0.0:
    row = m[0]
else:
    row = m[1]
row[2] = x[1] * x[2]
return np.sum(m * m)
""",
    "row_before_and_in_loop": """
row = m[0]
for i in range(1, 3):
    row[1] = x[0] * row[0]
    row = m[i]
row[2] *= x[1]
return np.sum(m * m)
""",
    "name_in_loop": """
for i in range(3):
    b = x
    b[i] = x[i + 1] * b[0]
return np.sum(x * x)
""",
    "name_before_loop": """
b = x
for i in range(3):
    b[i] = x[i + 1] * b[0]
    x[i] += b[3]
return np.sum(x * b)
""",
    "double_buffer": """
u = np.sin(x)
for t in range(3):
    new = u.copy()
    new[1:-1] = u[1:-1] * u[2:] + u[:-2]
    u = new
return np.sum(u * u)
""",
    "two_buffers": """
u = np.sin(x)
v = np.zeros(4)
for t in range(3):
    v[1:-1] = u[1:-1] * u[2:] + u[:-2]
    v[0] = u[0]
    v[3] = u[3] ** 2
    u, v = v, u
return np.sum(u * u)
""",
    "exclusive_branches": """
u = np.sin(x)
if x[0] > 0.0:
    b = u
    b[0] = x[1] ** 2
    s = np.sum(b)
else:
    u[1] = x[2] ** 2
    s = np.sum(u)
return s * x[1]
""",
    "alias_in_branch": """
u = np.sin(x)
if x[0] > 0.0:
    b = u
    b[0] = x[1] ** 2
return np.sum(u * u)
""",
    "while_rows": """
i = 0
while i < 3:
    row = m[i]
    row[i] = x[i] * row[3]
    i += 1
    row[0] *= 2.0
return np.sum(m * m)
""",
    "break_with_row": """
for i in range(3):
    row = m[i]
    row[0] = x[0] * row[1]
    if row[0] > 0.2:
        break
    row[2] = x[1] ** 2
row[3] *= x[2]
return np.sum(m * m)
""",
    "continue_with_row": """
for i in range(3):
    row = m[i]
    if row[0] > 0.5:
        row[1] = x[1] ** 2
        continue
    row[2] = x[1] * row[1]
return np.sum(m * m)
""",
    "nested_rows": """
for i in range(2):
    a = m[i]
    for j in range(i + 1, 3):
        b = m[j]
        b -= a * x[j]
        a[0] = b[1] * x[0]
return np.sum(m * m)
""",
    "elimination": """
for k in range(2):
    pivot = m[k]
    pivot /= pivot[k] + 3.0
    for i in range(k + 1, 3):
        m[i] -= m[i, k] * pivot
return np.sum(m * m)
""",
    "asserted": """
row = m[1]
assert row.shape == (4,)
row[0] = x[0] * x[1]
print(end="" if len(row) else "")
return np.sum(m * m)
""",
    "old_row": """
old = m[0]
for i in range(3):
    row = m[i]
    row[1] = old[0] * x[i]
    old = row
return np.sum(m * m)
""",
    "list_row_copies": """
rows = []
row = np.sin(x)
for i in range(3):
    row[i] = row[i + 1] * x[0]
    rows.append(row.copy())
return np.sum(rows[0] * rows[2])
""",
    "list_fresh_rows": """
rows = []
for i in range(3):
    row = np.zeros(4)
    row[i] = x[i] ** 2
    row[3] = x[3]
    rows.append(row)
return np.sum(rows[0] * rows[2])
""",
    "scalars_are_no_views": """
t = x[0]
x[0] = x[1] * t
s = x[0]
s += t
return s * t * np.sum(x)
""",
    "returned_unwritten": """
u = np.sin(x)
u[0] = x[1] * x[2]
v = u[1:]
return np.sum(u) * v[0]
""",
    "callee_writes_row": """
row = m[1]
scale(row, x)
return np.sum(m * m)
""",
    "callee_writes_part": """
scale(m[1], x)
return np.sum(m * m)
""",
    "callee_writes_name": """
b = m
for i in range(2):
    row = b[i]
    scale(row, x)
return np.sum(m * m)
""",
    "callee_alias": """
through(m, x)
return np.sum(m * m)
""",
    "callee_gives_new": """
y = fresh(x)
y[0] = x[1] * y[2]
return np.sum(x * y)
""",
    "callee_columns": """
col = m[:, 1]
scale(col, x[1:])
col[0] *= 2.0
return np.sum(m * m)
""",
}

REFUSED = {
    "conditional": ("AD401", "b = x if x[0] > 0.0 else x * 2.0; b[0] = x[1] * x[2]; -> np.sum(x * x)"),
    "reshaped": ("AD401", "v = m.reshape(-1); v[0] = x[0] * x[1]; -> np.sum(m * m)"),
    "reshaped_read": ("AD401", "v = m.reshape(-1); m[0, 0] = x[0] * x[1]; -> np.sum(v * v)"),
    "ravelled": ("AD401", "v = m.ravel(); v[0] = x[0] * x[1]; -> np.sum(m * m)"),
    "target_ravelled": ("AD401", "m.ravel()[1] = x[0]; -> np.sum(m * m)"),
    "list_of_rows": ("AD401", "ys = []; u = x * x; ys.append(u); u[0] = x[1]; -> np.sum(ys[0])"),
    "list_display": ("AD401", "u = x * x; ys = [u]; u[0] = x[1]; -> np.sum(ys[0])"),
    "list_slot": ("AD401", "u = x * x; ys = [x, x + 1.0]; ys[0] = u[1:]; u[2] = x[1] ** 2; -> np.sum(ys[0])"),
    "list_twice": ("AD401", "u = x * x; ys = [u, u]; ys[0][1] = x[0]; -> np.sum(ys[1] * x)"),
    "list_repeated": ("AD401", "ys = [x * x] * 2; ys[0][1] = x[0]; -> np.sum(ys[1] * x)"),
    "list_copied": ("AD401", "ys = [x * x, x + 1.0]; zs = ys.copy(); zs[0][1] = x[0]; -> np.sum(ys[0] * x)"),
    "diag_is_a_view": (
        "AD401",
        "d = np.diag(m @ m.T); e = m @ m.T; g = np.diag(e); e[0, 0] = x[0]; -> np.sum(g * d)",
    ),
    "same_argument_twice": ("AD401", "cross(x, x); -> np.sum(x * x)"),
    "overlapping_arguments": ("AD401", "cross(x[1:], x[:3]); -> np.sum(x * x)"),
    "callee_gives_view": ("AD401", "y = tail(x); y[0] = x[0] ** 2; -> np.sum(x * x)"),
    "callee_keeps": ("AD401", "ys = []; u = x * x; keep(ys, u); u[0] = x[1]; -> np.sum(ys[0])"),
    "conjugate": ("AD401", "c = x.conj(); c[0] = x[1] ** 2; -> np.sum(x * x)"),
    "einsum_view": ("AD401", "c = np.einsum('ij->ji', m); c[0, 0] = x[1] ** 2; -> np.sum(m * m)"),
}

HELPERS = """
import numpy as np

def scale(r, x):
    for i in range(len(r)):
        r[i] = r[i] * x[i] * r[0]

def through(a, x):
    row = a[0]
    row[:] = x * row

def fresh(x):
    u = np.sin(x)
    v = u
    v[0] = x[0] ** 2
    return u

def cross(a, b):
    for i in range(len(a) - 1):
        a[i] = b[i + 1] * a[i]

def tail(x):
    return x[1:]

def keep(ys, row):
    ys.append(row)
"""


def program(body: str) -> str:
    """The module with the function `f(x, m)`."""
    if "\n" not in body.strip():
        body = body.strip().replace("->", "return").replace("; ", "\n")
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"{HELPERS}\n\ndef f(x, m):\n{lines}\n"


def short() -> dict[str, str]:
    """The one-line programs by name."""
    pairs = (line.partition(": ") for line in RIGHT.strip().splitlines())
    return {name: body for name, _, body in pairs}


X = np.array([0.7, -0.4, 1.1, 0.5])
M = np.array([[0.9, 0.2, -0.6, 1.2], [0.4, 1.3, 0.8, -0.7], [-0.5, 0.6, 1.1, 0.3]])


@pytest.mark.parametrize("name", [*short(), *LONG])
def test_right(name: str) -> None:
    """Reverse, forward and differences agree up to order two, and the arguments stay as they are."""
    source = program(LONG.get(name) or short()[name])
    space: dict[str, object] = {}
    exec(source, space)
    primal = space["f"]
    assert callable(primal)
    f = adtrans.from_source(source, "f")
    x, m = X.copy(), M.copy()
    assert adtrans.value_and_grad(f, argnums=(0, 1))(x, m)[0] == primal(X.copy(), M.copy())
    assert np.array_equal(x, X) and np.array_equal(m, M)
    for order in (1, 2):
        adtrans.check_grads(f, (x, m), order=order)
    assert np.array_equal(x, X) and np.array_equal(m, M)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """What shares memory in a way that cannot be said is refused, at the write."""
    code, body = REFUSED[name]
    with pytest.raises(adtrans.Refused) as caught:
        adtrans.grad(adtrans.from_source(program(body), "f"))(X.copy(), M.copy())
    assert code in {d.code for d in caught.value.diagnostics}


def test_both_places_are_named() -> None:
    """The message says which names share memory, and since which line."""
    source = "import numpy as np\ndef f(m):\n    v = m.ravel()\n    v[0] = 2.0\n    return np.sum(m)\n"
    with pytest.raises(adtrans.Refused, match="`v` shares memory with `m` since line 3"):
        adtrans.grad(adtrans.from_source(source, "f"))(M)


def test_what_shares_memory_is_told_once() -> None:
    """One write, one diagnostic, with a place also where the statement is not the user's."""
    source = """
import numpy as np

def fill(u, v):
    u[0] = v[1] ** 2
    return u

def f(x):
    a = x[1:]
    b = x[:2]
    c = x[::2]
    return np.sum(fill(x, x) * a[0] * b[0] * c[0])
"""
    with pytest.raises(adtrans.Refused) as caught:
        adtrans.grad(adtrans.from_source(source, "f"))(np.arange(3.0))
    assert all(d.span for d in caught.value.diagnostics)
    assert len({(d.span, d.message.partition(" shares")[0]) for d in caught.value.diagnostics}) == len(
        caught.value.diagnostics
    )


TWICE = {
    "two_results": ("def g(w):\n    s = np.tanh(w)\n    return s, s", "a, b = g(x)\n    a[:-1] = a[2]"),
    "a_view": ("def g(w):\n    s = np.tanh(w)\n    return s, s[1:]", "a, b = g(x)\n    a[:-1] = a[2]"),
    "through_another": (
        "def h(w):\n    return w, w\n\n\ndef g(w):\n    return h(np.tanh(w))",
        "a, b = g(x)\n    b *= 2.0\n    b = a",
    ),
    "in_a_list": ("def g(w):\n    s = np.tanh(w)\n    return [s, s]", "a, b = t = g(x)\n    t[0][:-1] = 0.5"),
    "in_a_dict": (
        'def g(w):\n    s = np.tanh(w)\n    return {"a": s, "b": s}',
        't = g(x)\n    t["a"][:-1] = 0.5\n    b = t["b"]',
    ),
    "an_attribute": (
        """
class Cell:
    def __init__(self, w):
        self.state = np.tanh(w)

    def step(self):
        self.state = np.sin(self.state)
        return self.state
""",
        "o = Cell(x)\n    a = o.step()\n    a[:-1] = a[2]\n    b = o.state",
    ),
}


@pytest.mark.parametrize("name", TWICE)
def test_one_array_that_a_function_gives_twice(name: str) -> None:
    """A write into one of the two was not seen in the other: wrong, silently."""
    head, body = TWICE[name]
    source = f"import numpy as np\n\n\n{head}\n\n\ndef f(x):\n    {body}\n    return np.sum(b**2)\n"
    found = judge(source, (np.array([0.3, 1.2, -0.7]),))
    assert found.verdict == "refused" and "AD401" in found.codes, found
