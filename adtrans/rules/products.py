# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-overload"
"""Products: `@`, dot, inner, outer, tensordot, kron, cross and their relations."""

import numpy as np

from adtrans.kinds import Array, Kind, broadcast_shape
from adtrans.rules.facts import Shape, as_array, axes_of, const, element, elements, promote, shape_arg
from adtrans.rules.registry import Arg, jvp, kind, parameters, vjp
from adtrans.support import unbroadcast

# ------------------------------------------------------------------------ @


@jvp("@", np.matmul, np.linalg.matmul)
def matmul_dot(y, a, b, a_dot, b_dot):
    return a_dot @ b + a @ b_dot


@vjp("@", np.matmul, np.linalg.matmul)
def matmul_bar(y, a, b, y_bar):
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return b * y_bar, a * y_bar
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return np.outer(y_bar, b), a.T @ y_bar
    if np.ndim(a) == 1 and np.ndim(b) == 2:
        return b @ y_bar, np.outer(a, y_bar)
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return y_bar @ b.T, a.T @ y_bar
    if np.ndim(a) == 1:
        return unbroadcast((b @ y_bar[..., None])[..., 0], a), a[:, None] * y_bar[..., None, :]
    if np.ndim(b) == 1:
        a_t = np.swapaxes(a, -1, -2)
        return y_bar[..., None] * b, unbroadcast((a_t @ y_bar[..., None])[..., 0], b)
    a_bar = y_bar @ np.swapaxes(b, -1, -2)
    b_bar = np.swapaxes(a, -1, -2) @ y_bar
    return unbroadcast(a_bar, a), unbroadcast(b_bar, b)


@kind("@", np.matmul, np.linalg.matmul)
def matmul_kind(x1: Arg, x2: Arg, **_: Arg) -> Kind:
    return Array(product_dtype(x1, x2), matmul_shape(shape_arg(x1), shape_arg(x2)))


def matmul_shape(a: Shape, b: Shape) -> Shape:
    """The shape of `a @ b`: a vector is a row on the left, a column on the right."""
    if not a or not b:
        return None
    batch = broadcast_shape(a[:-2], b[:-2])
    rows = a[-2:-1]
    columns = b[-1:] if len(b) > 1 else ()
    return None if batch is None else (*batch, *rows, *columns)


def product_dtype(a: Arg, b: Arg) -> str:
    return promote([as_array(a), as_array(b)])


# ---------------------------------------------------------------------- dot


@jvp(np.dot)
def dot_dot(y, a, b, a_dot, b_dot):
    return np.dot(a_dot, b) + np.dot(a, b_dot)


@vjp(np.dot)
def dot_bar(y, a, b, y_bar):
    if np.ndim(a) == 0:
        return np.sum(y_bar * b), a * y_bar
    if np.ndim(b) == 0:
        return b * y_bar, np.sum(y_bar * a)
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return b * y_bar, a * y_bar
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return np.outer(y_bar, b), a.T @ y_bar
    if np.ndim(a) == 1 and np.ndim(b) == 2:
        return b @ y_bar, np.outer(a, y_bar)
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return y_bar @ b.T, a.T @ y_bar
    rows = range(np.ndim(a) - 1)
    if np.ndim(b) == 1:
        return y_bar[..., None] * b, np.tensordot(y_bar, a, (rows, rows))
    columns = np.delete(range(np.ndim(b)), -2)
    a_bar = np.tensordot(y_bar, b, (range(np.ndim(a) - 1, np.ndim(y)), columns))
    b_bar = np.moveaxis(np.tensordot(a, y_bar, (rows, rows)), 0, -2)
    return a_bar, b_bar


@kind(np.dot)
def dot_kind(a: Arg, b: Arg, **_: Arg) -> Kind:
    left, right = shape_arg(a), shape_arg(b)
    shape: Shape = None
    if left is not None and right is not None:
        if not left or not right:
            shape = left or right
        else:
            shape = (*left[:-1], *right[:-2], *(right[-1:] if len(right) > 1 else ()))
    return Array(product_dtype(a, b), shape)


# -------------------------------------------------------------------- inner


@jvp(np.inner)
def inner_dot(y, a, b, a_dot, b_dot):
    return np.inner(a_dot, b) + np.inner(a, b_dot)


@vjp(np.inner)
def inner_bar(y, a, b, y_bar):
    if np.ndim(a) == 0:
        return np.sum(y_bar * b), a * y_bar
    if np.ndim(b) == 0:
        return b * y_bar, np.sum(y_bar * a)
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return b * y_bar, a * y_bar
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return y_bar @ b, y_bar.T @ a
    rows = range(np.ndim(a) - 1)
    return np.tensordot(y_bar, b, np.ndim(b) - 1), np.tensordot(y_bar, a, (rows, rows))


@kind(np.inner)
def inner_kind(a: Arg, b: Arg) -> Kind:
    left, right = shape_arg(a), shape_arg(b)
    shape: Shape = None
    if left is not None and right is not None:
        shape = (*left[:-1], *right[:-1]) if left and right else left or right
    return Array(product_dtype(a, b), shape)


# -------------------------------------------------------------------- outer


@jvp(np.outer, np.linalg.outer)
def outer_dot(y, a, b, a_dot, b_dot):
    return np.outer(a_dot, b) + np.outer(a, b_dot)


@vjp(np.outer, np.linalg.outer)
def outer_bar(y, a, b, y_bar):
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return y_bar @ b, a @ y_bar
    return np.reshape(y_bar @ np.ravel(b), np.shape(a)), np.reshape(np.ravel(a) @ y_bar, np.shape(b))


@kind(np.outer, np.linalg.outer)
def outer_kind(a: Arg | None = None, b: Arg | None = None, **named: Arg) -> Kind:
    a, b = a or named["x1"], b or named["x2"]
    shapes = shape_arg(a), shape_arg(b)
    return Array(product_dtype(a, b), tuple(s[0] if s is not None and len(s) == 1 else None for s in shapes))


# --------------------------------------------------------------------- vdot


@jvp(np.vdot)
def vdot_dot(y, a, b, a_dot, b_dot):
    return np.vdot(a_dot, b) + np.vdot(a, b_dot)


@vjp(np.vdot)
def vdot_bar(y, a, b, y_bar):
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return np.conj(y_bar * b), np.conj(a) * y_bar
    return np.reshape(np.conj(y_bar * b), np.shape(a)), np.reshape(np.conj(a) * y_bar, np.shape(b))


@kind(np.vdot)
def vdot_kind(a: Arg, b: Arg) -> Kind:
    return Array(product_dtype(a, b), ())


@jvp(np.vecdot, np.linalg.vecdot)
def vecdot_dot(y, a, b, a_dot, b_dot, axis=-1):
    return np.vecdot(a_dot, b, axis=axis) + np.vecdot(a, b_dot, axis=axis)


@vjp(np.vecdot, np.linalg.vecdot)
def vecdot_bar(y, a, b, y_bar, axis=-1):
    if axis < 0 or np.ndim(a) == np.ndim(b):
        g = np.expand_dims(y_bar, axis)
        return unbroadcast(np.conj(g * b), a), unbroadcast(np.conj(a) * g, b)
    # The axis is counted in each operand from its own first axis.
    left, right = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    a_bar = unbroadcast(np.conj(y_bar[..., None] * right), left)
    b_bar = unbroadcast(np.conj(left) * y_bar[..., None], right)
    return np.moveaxis(a_bar, -1, axis), np.moveaxis(b_bar, -1, axis)


@kind(np.vecdot, np.linalg.vecdot)
def vecdot_kind(x1: Arg, x2: Arg, axis: Arg | None = None, **_: Arg) -> Kind:
    shape = broadcast_shape(shape_arg(x1), shape_arg(x2))
    if shape is not None and const(axis, -1) != -1:
        return Array(product_dtype(x1, x2), (None,) * (len(shape) - 1))
    return Array(product_dtype(x1, x2), None if shape is None else shape[:-1])


# ---------------------------------------------------------------- tensordot


@jvp(np.tensordot, np.linalg.tensordot)
def tensordot_dot(y, a, b, a_dot, b_dot, axes=2):
    return np.tensordot(a_dot, b, axes=axes) + np.tensordot(a, b_dot, axes=axes)


@vjp(np.tensordot, np.linalg.tensordot)
def tensordot_bar(y, a, b, y_bar, axes=2):
    if np.ndim(axes) == 0:
        rows = np.ndim(a) - axes
        a_bar = np.tensordot(y_bar, b, (range(rows, np.ndim(y)), range(axes, np.ndim(b))))
        b_bar = np.tensordot(a, y_bar, (range(rows), range(rows)))
        return a_bar, b_bar
    summed_a = [int(k) % np.ndim(a) for k in np.ravel(axes[0])]
    summed_b = [int(k) % np.ndim(b) for k in np.ravel(axes[1])]
    kept_a = [k for k in range(np.ndim(a)) if k not in summed_a]
    kept_b = [k for k in range(np.ndim(b)) if k not in summed_b]
    a_bar = np.tensordot(y_bar, b, (range(len(kept_a), np.ndim(y)), kept_b))
    b_bar = np.tensordot(y_bar, a, (range(len(kept_a)), kept_a))
    # The summed axes come out in the other operand's order.
    order_a = kept_a + [i for _, i in sorted(zip(summed_b, summed_a, strict=True))]
    order_b = kept_b + [i for _, i in sorted(zip(summed_a, summed_b, strict=True))]
    return np.moveaxis(a_bar, range(np.ndim(a)), order_a), np.moveaxis(b_bar, range(np.ndim(b)), order_b)


@kind(np.tensordot, np.linalg.tensordot)
def tensordot_kind(a: Arg | None = None, b: Arg | None = None, axes: Arg | None = None, **named: Arg) -> Kind:
    a, b = a or named["x1"], b or named["x2"]
    left, right = shape_arg(a), shape_arg(b)
    value = const(axes, 2)
    shape: Shape = None
    if left is not None and right is not None:
        if isinstance(value, int):
            shape = (*left[: len(left) - value], *right[value:])
        elif isinstance(value, tuple | list) and len(value) == 2:
            sides = [axes_of(Arg(a.kind, k), len(s)) for k, s in zip(value, (left, right), strict=True)]
            if sides[0] is not None and sides[1] is not None:
                shape = (*without(left, sides[0]), *without(right, sides[1]))
    return Array(product_dtype(a, b), shape)


def without(shape: tuple[int | str | None, ...], axes: tuple[int, ...]) -> tuple[int | str | None, ...]:
    return tuple(dim for k, dim in enumerate(shape) if k not in axes)


# --------------------------------------------------------------------- kron


@jvp(np.kron)
def kron_dot(y, a, b, a_dot, b_dot):
    return np.kron(a_dot, b) + np.kron(a, b_dot)


@vjp(np.kron)
def kron_bar(y, a, b, y_bar):
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        blocks = np.reshape(y_bar, (np.size(a), np.size(b)))
        return blocks @ b, a @ blocks
    return kron_left(y_bar, a, b), kron_right(y_bar, a, b)


def kron_left(y_bar, a, b):
    """The adjoint of the left factor of a Kronecker product."""
    rank = np.ndim(y_bar)
    return np.reshape(np.sum(kron_blocks(y_bar, a, b, b), axis=tuple(range(1, 2 * rank, 2))), np.shape(a))


def kron_right(y_bar, a, b):
    """The adjoint of the right factor of a Kronecker product."""
    rank = np.ndim(y_bar)
    return np.reshape(np.sum(kron_blocks(y_bar, a, b, a), axis=tuple(range(0, 2 * rank, 2))), np.shape(b))


def kron_blocks(y_bar, a, b, factor):
    """y_bar times one of the factors, where an axis of y has become one of a, then one of b."""
    rank = np.ndim(y_bar)
    shape_a = (1,) * (rank - np.ndim(a)) + np.shape(a)
    shape_b = (1,) * (rank - np.ndim(b)) + np.shape(b)
    blocks = np.reshape(y_bar, [n for pair in zip(shape_a, shape_b, strict=True) for n in pair])
    if factor is a:
        return blocks * np.reshape(a, [n for k in shape_a for n in (k, 1)])
    return blocks * np.reshape(b, [n for k in shape_b for n in (1, k)])


@kind(np.kron)
def kron_kind(a: Arg, b: Arg) -> Kind:
    left, right = shape_arg(a), shape_arg(b)
    if left is None or right is None:
        return Array(product_dtype(a, b), None)
    rank = max(len(left), len(right))
    pairs = zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    return Array(
        product_dtype(a, b),
        tuple(m * n if isinstance(m, int) and isinstance(n, int) else None for m, n in pairs),
    )


# -------------------------------------------------------------------- cross


@jvp(np.cross, np.linalg.cross)
def cross_dot(y, a, b, a_dot, b_dot, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        return np.cross(a_dot, b, axis=axis) + np.cross(a, b_dot, axis=axis)
    if axisa == -1 and axisb == -1 and axisc == -1:
        return np.cross(a_dot, b) + np.cross(a, b_dot)
    return np.cross(a_dot, b, axisa, axisb, axisc) + np.cross(a, b_dot, axisa, axisb, axisc)


@vjp(np.cross, np.linalg.cross)
def cross_bar(y, a, b, y_bar, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    if np.ndim(y) < np.ndim(a) or np.ndim(y) < np.ndim(b):
        # Of two vectors of length 2 there is the third component only.
        y_bar, axisc = np.expand_dims(y_bar, -1) * np.array([0.0, 0.0, 1.0]), -1
    if axisa == -1 and axisb == -1 and axisc == -1:
        # A vector of length 2 has no third component: NumPy takes 0 for it.
        a_bar, b_bar = np.cross(b, y_bar), np.cross(y_bar, a)
        return unbroadcast(a_bar[..., : np.shape(a)[-1]], a), unbroadcast(b_bar[..., : np.shape(b)[-1]], b)
    left, right, seed = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1), np.moveaxis(y_bar, axisc, -1)
    a_bar, b_bar = np.cross(right, seed), np.cross(seed, left)
    a_bar = unbroadcast(a_bar[..., : np.shape(left)[-1]], left)
    b_bar = unbroadcast(b_bar[..., : np.shape(right)[-1]], right)
    return np.moveaxis(a_bar, -1, axisa), np.moveaxis(b_bar, -1, axisb)


@kind(np.cross, np.linalg.cross)
def cross_kind(a: Arg | None = None, b: Arg | None = None, **named: Arg) -> Kind:
    a, b = a or named["x1"], b or named["x2"]
    left, right = shape_arg(a), shape_arg(b)
    shape: Shape = None
    # Vectors of length 2 give a number, known where both lengths are. For two single vectors it is
    # noticed at run time; in arrays of vectors it would not be, so nothing is said there.
    axes = [named[name] for name in ("axisa", "axisb", "axisc", "axis") if name in named]
    plain = all(const(axis) in (None, -1) for axis in axes)
    if plain and left and right and left[-1] == right[-1] == 2:
        return Array(product_dtype(a, b), broadcast_shape(left[:-1], right[:-1]))
    if plain and left and right and (len(left) == len(right) == 1 or 3 in (left[-1], right[-1])):
        batch = broadcast_shape(left[:-1], right[:-1])
        shape = None if batch is None else (*batch, 3)
    return Array(product_dtype(a, b), shape)


# ---------------------------------------------------------------- multi_dot


@jvp(np.linalg.multi_dot)
def multi_dot_dot(y, arrays, arrays_dot):
    y_dot = 0.0
    for k, x_dot in enumerate(arrays_dot):
        y_dot = y_dot + np.linalg.multi_dot([*arrays[:k], x_dot, *arrays[k + 1 :]])
    return y_dot


@vjp(np.linalg.multi_dot)
def multi_dot_bar(y, arrays, y_bar):
    # A vector at an end is a row or a column of the product.
    factors = [x if np.ndim(x) == 2 else x[None] if k == 0 else x[:, None] for k, x in enumerate(arrays)]
    seed = np.reshape(y_bar, (np.shape(factors[0])[0], np.shape(factors[-1])[1]))
    adjoints = []
    for k, x in enumerate(arrays):
        x_bar = seed
        for left in factors[:k]:
            x_bar = left.T @ x_bar
        for right in reversed(factors[k + 1 :]):
            x_bar = x_bar @ right.T
        adjoints.append(np.reshape(x_bar, np.shape(x)))
    return adjoints


@kind(np.linalg.multi_dot)
def multi_dot_kind(arrays: Arg, **_: Arg) -> Kind:
    factors = elements(arrays)
    if factors is None:
        return Array(as_array(Arg(element(arrays))).dtype, None)
    shapes = [shape_arg(x) for x in factors]
    dtype = promote(map(as_array, factors))
    if shapes[0] is None or shapes[-1] is None:
        return Array(dtype, None)
    return Array(dtype, (*shapes[0][:-1], *shapes[-1][1:]))


for path in ("@", "numpy.matmul"):
    parameters(path, x1=..., x2=...)
for path in ("numpy.vecdot", "numpy.linalg.vecdot"):
    parameters(path, x1=..., x2=..., axis=-1)
for path in ("numpy.inner", "numpy.vdot"):
    parameters(path, a=..., b=...)
parameters(np.dot, a=..., b=..., out=None)
