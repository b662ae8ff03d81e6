# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The few helpers that an emitted module may need: they are copied into it.

Each is plain NumPy in adtrans's own subset, so that a derivative can be differentiated again, and
right for Python numbers, arrays of rank 0 and arrays without elements.
"""

import copy
import math

import numpy as np

# ------------------------------------------------------------------- shapes


def unbroadcast(g, x):
    """Sum g, the adjoint of what x was broadcast to, down to the shape of x."""
    shape = np.shape(x)
    lead = np.ndim(g) - len(shape)
    if lead > 0:
        g = np.sum(g, axis=tuple(range(lead)))
    for k in range(len(shape)):
        if shape[k] == 1 and np.shape(g)[k] != 1:
            g = np.sum(g, axis=k, keepdims=True)
    if np.iscomplexobj(g) and not np.iscomplexobj(x):
        g = np.real(g)
    if isinstance(g, np.ndarray) and g.ndim == 0 and not isinstance(x, np.ndarray):
        return g[()]  # The adjoint of a number is a number: nobody can write into it.
    return g


def part_for(g, x):
    """The part of g that is the adjoint of x: of a real x the real part."""
    if isinstance(g, (list, tuple)):
        return [part_for(p, q) for p, q in zip(g, x, strict=True)]
    return np.real(g) if np.iscomplexobj(g) and not np.iscomplexobj(x) else g


def is_complex(x):
    """Whether x is complex. In a rule it is decided when compiling: what may be complex counts as such."""
    return np.iscomplexobj(x)


def unreduce(g, x, axis=None, keepdims=False):
    """Stretch g, the adjoint of a sum of x along axis, to the shape of x."""
    if np.ndim(x) == 0:
        return g + 0.0
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x)).copy()


def scatter_add(x_bar, index, g):
    """`x_bar[index] += g`, where an index may repeat."""
    np.add.at(x_bar, index, g)


def count(x, axis):
    """How many elements a sum of x along several axes adds up."""
    n = 1
    for k in axis:
        n = n * np.shape(x)[k]
    return n


# ----------------------------------------------------------------- products


def product_of_others(x, axis=None):
    """The product of all elements along axis but the one itself: no division, so zeros do no harm."""
    if np.ndim(x) == 0:
        return np.ones_like(x)
    if axis is None:
        return np.reshape(_product_of_others(np.ravel(x)), np.shape(x))
    axes = axis if isinstance(axis, tuple) else (axis,)
    n = len(axes)
    first = tuple(range(n))
    front = np.moveaxis(x, axes, first)
    shape = np.shape(front)
    rows = (math.prod(shape[:n]),)
    lines = np.reshape(front, rows + shape[n:])
    return np.moveaxis(np.reshape(_product_of_others(lines), np.shape(front)), first, axes)


def _product_of_others(x):
    before = np.ones_like(x)
    after = np.ones_like(x)
    before[1:] = np.cumprod(x[:-1], axis=0)
    after[:-1] = np.cumprod(x[:0:-1], axis=0)[::-1]
    return before * after


def cumprod_adjoint(x, y_bar, axis):
    """The adjoint of `np.cumprod(x, axis)`, from the last element to the first, without a division."""
    x = np.moveaxis(x, axis, 0)
    y_bar = np.moveaxis(y_bar, axis, 0)
    before = np.ones_like(x)
    before[1:] = np.cumprod(x[:-1], axis=0)
    behind = np.zeros_like(before * y_bar)
    carried = np.zeros_like(behind[:1])
    for k in reversed(range(len(x))):
        carried = y_bar[k : k + 1] + carried
        behind[k : k + 1] = carried
        carried = x[k : k + 1] * carried
    return np.moveaxis(before * behind, 0, axis)


def cumprod_tangent(x, y, x_dot, axis):
    """The tangent of `y = np.cumprod(x, axis)`."""
    x, y, x_dot = np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0), np.moveaxis(x_dot, axis, 0)
    y_dot = np.zeros_like(y * x_dot)
    y_dot[:1] = x_dot[:1]
    for k in range(1, len(x)):
        y_dot[k] = y_dot[k - 1] * x[k] + y[k - 1] * x_dot[k]
    return np.moveaxis(y_dot, 0, axis)


# ---------------------------------------------------------------- sequences


def to_each(g, xs):
    """The adjoint of every element of a sequence of which g is the adjoint of the sum."""
    if isinstance(xs, np.ndarray):
        return np.broadcast_to(g, np.shape(xs)).copy()
    xs_bar = []
    for x in xs:
        xs_bar.append(unbroadcast(1.0 * g, x))
    return xs_bar


def times_each(g, weights, xs):
    """The adjoint of every element of a sequence of numbers: g times its own weight."""
    if isinstance(xs, np.ndarray):
        return g * np.array(weights)
    xs_bar = []
    for w in weights:
        xs_bar.append(g * w)
    return xs_bar


def dot_each(weights, xs_dot):
    """The sum of the elements of a sequence, each times its own weight."""
    total = 0.0
    for k in range(len(weights)):
        total = total + weights[k] * xs_dot[k]
    return total


def products_of_others(xs):
    """For each number in a sequence: the product of all the others."""
    products = []
    before = 1.0
    for x in xs:
        products.append(before)
        before = before * x
    after = 1.0
    for k in reversed(range(len(xs))):
        products[k] = products[k] * after
        after = after * xs[k]
    return products


def shares(y, xs):
    """1 for the one number in a sequence that is equal to y; where there are several, they share it."""
    n = 0
    for x in xs:
        if x == y:
            n = n + 1
    weights = []
    for x in xs:
        weights.append(1.0 / n if x == y else 0.0)
    return weights


# ----------------------------------------------------------------- spectra


def fitted(g, x):
    """g cut, or filled up with zeros, to the shape of x."""
    x_bar = np.zeros(np.shape(x), g.dtype)
    part = tuple(slice(min(m, n)) for m, n in zip(np.shape(g), np.shape(x), strict=True))
    x_bar[part] = g[part]
    return x_bar


def both_sides(g, n, axis):
    """The half spectrum g of n numbers, with each frequency that stands for two of the n counted twice."""
    weights = np.full(np.shape(g)[axis], 2.0, g.dtype)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    return np.moveaxis(np.moveaxis(g, axis, -1) * weights, -1, axis)


def axes_of_spectrum(a, s, axes):
    """The axes of a transform, the last of which is halved."""
    return tuple(range(-(np.ndim(a) if s is None else len(s)), 0)) if axes is None else tuple(axes)


def rfftn_adjoint(g, a, s, axes, norm):
    """The adjoint of a, where g is that of `np.fft.rfftn(a, s, axes, norm)`."""
    axes = axes_of_spectrum(a, s, axes)
    last = np.shape(a)[axes[-1]] if s is None or s[-1] in (None, -1) else s[-1]
    g = np.fft.fftn(g, axes=axes[:-1], norm=norm) if len(axes) > 1 else g
    return fitted(np.real(np.fft.fft(g, n=last, axis=axes[-1], norm=norm)), a)


def irfftn_adjoint(g, a, s, axes, norm):
    """The adjoint of a, where g is that of `np.fft.irfftn(a, s, axes, norm)`."""
    axes = axes_of_spectrum(a, s, axes)
    n = np.shape(g)[axes[-1]]
    g = both_sides(np.fft.ihfft(g, axis=axes[-1], norm=norm), n, axes[-1])
    g = np.fft.ifftn(g, axes=axes[:-1], norm=norm) if len(axes) > 1 else g
    return fitted(g, a)


# ------------------------------------------------------- slopes with a series


def digamma(x):
    """The derivative of `math.lgamma`."""
    if x < 0.5:
        return digamma(1.0 - x) - math.pi / math.tan(math.pi * x)
    shift = 0.0
    while x < 10.0:
        shift = shift + 1.0 / x
        x = x + 1.0
    r = 1.0 / (x * x)
    tail = 1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12))
    tail = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * tail)))
    return math.log(x) - 0.5 / x - tail - shift


def sinc_slope(x):
    """The derivative of `np.sinc`; near 0 by its Taylor series."""
    small = np.abs(x) < 0.03
    z = np.where(small, 1.0, math.pi * x)
    far = (z * np.cos(z) - np.sin(z)) / (z * z)
    z = np.where(small, math.pi * x, 0.0)
    r = z * z
    near = -z / 3 * (1 - r / 10 * (1 - r / 28 * (1 - r / 54)))
    return math.pi * np.where(small, near, far)


def i0_slope(x):
    """The derivative of `np.i0`: the mean of cos(t) sinh(x cos(t)) over all angles, by the midpoint rule."""
    total = 0.0 * x
    for k in range(128):
        c = math.cos(math.pi * (k + 0.5) / 256)
        total = total + c * np.sinh(c * x)
    return total / 128


def last_writes(x_bar, index):
    """The adjoint of the values in x[index] = values: where an index occurs twice, the last one was kept."""
    g = x_bar[index]
    order = np.arange(np.size(g)).reshape(np.shape(g))
    winner = np.zeros(np.shape(x_bar), dtype=int)
    winner[index] = order
    return np.where(winner[index] == order, g, 0.0)


def zero_of(x):
    """Zero of the structure of x: a number, an array, or a list, tuple or dict of such."""
    if x is None or isinstance(x, str):
        return x
    if isinstance(x, dict):
        return {key: zero_of(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [zero_of(part) for part in x]
    if np.ndim(x) == 0:
        return 0.0
    return np.zeros_like(x, None if np.issubdtype(x.dtype, np.inexact) else float)


def added(a, b):
    """The sum of two adjoints of the same structure; None adds nothing."""
    if a is None or b is None or isinstance(a, str):
        return b if a is None else a
    if isinstance(a, dict):
        return {key: added(part, b[key]) for key, part in a.items()}
    if isinstance(a, (list, tuple)):
        return [added(p, q) for p, q in zip(a, b, strict=True)]
    return a + b


def copied(x):
    """A copy of a number, an array, or a list, tuple or dict of such."""
    if isinstance(x, dict):
        return {key: copied(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [copied(part) for part in x]
    return np.copy(x) if isinstance(x, np.ndarray) else x


def copied_result(x):
    """The same of a result, in which a tuple stays a tuple."""
    if isinstance(x, dict):
        return {key: copied_result(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)([copied_result(part) for part in x])
    return np.copy(x) if isinstance(x, np.ndarray) else x


def snapshot(x):
    """A copy of what may be anything, which what is done to it later leaves alone."""
    return np.copy(x) if isinstance(x, np.ndarray) else copy.deepcopy(x)


# ------------------------------------------------------------------- by decree


def stop_gradient(x):
    """The value of x, as a constant to differentiation: second derivatives know it again."""
    return x
