"""Complex numbers inside functions and as arguments: both modes against differences, to second order.

`check_grads` moves a complex number along the real and along the imaginary axis, and knows an adjoint by what
a value moves by, the real part of `x_bar * x_dot`. `test_convention` and `test_differences` hold that against
JAX's own words: the gradient of a real value f(x + iy) is df/dx - i df/dy.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.annotations import signature
from adtrans.load import load
from adtrans.rules import registry

X = np.array([0.3, 1.2, -0.7])
Z = np.array([0.3 + 0.2j, -1.2 + 1.0j, 0.5 - 2.0j])
W = np.array([1.3 + 0.2j, 0.2 + 1.0j, -0.5 - 2.0j])
M = np.array([[2.0 + 1.0j, 0.3, 0.1j], [0.2 - 0.4j, 1.5, 0.7], [0.0, 1.0j, 3.0]])

PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {}


def program(name: str, source: str, *args: Any) -> None:
    PROGRAMS[name] = source, args


# ------------------------------------------------- complex inside, real outside

program("a complex literal", "def f(x):\n    return np.sum(np.abs(np.exp(1j * x) - 0.3) ** 2)", X)
program("a power spectrum", "def f(x):\n    return np.sum(np.abs(np.fft.fft(x)) ** 2 * np.arange(3))", X)
program("a filter", "def f(x, h):\n    return np.sum(np.fft.irfft(np.fft.rfft(x) * h, 3) ** 3)", X, Z[:2])
program("two axes", "def f(A):\n    return np.sum(np.abs(np.fft.rfft2(A)) ** 3)", np.real(M) + 0.5)
program("two axes and back", "def f(A):\n    return np.sum(np.fft.irfftn(A, (3, 4), (0, 1)) ** 3)", M)
program(
    "complex() and abs", "def f(x, y):\n    c = complex(x, y)\n    return (c * c).real + abs(c)", 0.3, -1.2
)
program("a complex number of one", "def f(x):\n    return abs(complex(x) * (1 + 2j) + 1j) ** 2", 0.3)
program(
    "cmath",
    """
def f(x, y):
    w = cmath.exp(x + 1j * y) + cmath.sqrt(-x)
    return cmath.phase(w) * abs(cmath.log(w, 2.0))
""",
    *(0.3, -1.2),
)
program(
    "polar coordinates", "def f(r, t):\n    w = cmath.rect(r, t) ** 3\n    return w.real * w.imag", 1.3, 0.4
)
program(
    "a total that starts real",
    """
def f(x):
    total = 0.0
    for k in range(3):
        total += x[k] * np.exp(-2j * k)
    return abs(total) ** 2
""",
    X,
)
program(
    "a total that starts real and is bound anew",
    """
def f(x):
    total = x[0]
    for k in range(3):
        total = total * 1j + x[k] ** 2
    return (total * total).imag
""",
    X,
)
program(
    "a real value becomes a complex variable by `+=`",
    """
def f(x):
    y = x[0]
    y += x[1] * 2.0
    y += 1j * x[2]
    y *= 1j + x[0]
    return abs(y) ** 2
""",
    X,
)
program(
    "writes into a complex array",
    """
def f(x):
    z = np.zeros(3, dtype=complex)
    for k in range(3):
        z[k] = x[k] * 1j**k + x[k - 1]
    z[1:] *= x[:-1]
    z[0] += x[2]
    z[:2] /= 2.0 + x[1:]
    z[np.array([0, 0, 2])] += x
    z -= x * x
    return z.real.sum() + (z.imag**2).sum()
""",
    X,
)
program(
    "writes of real values",
    """
def f(x):
    z = np.zeros_like(x, dtype=np.complex128)
    z[:] = x
    z[1] = x[0] * x[1]
    z[x > 0.5] = x[x > 0.5] ** 3
    np.add.at(z, np.array([1, 1]), x[:2])
    return np.sum(np.abs(z * (1 + 1j) + 1j) ** 2)
""",
    X,
)
for name, test in (("complex", "x[0] > 0.0"), ("real", "x[0] < 0.0")):
    program(
        f"an array that is {name} on the path taken",
        f"""
def f(x):
    z = x * x
    if {test}:
        z = z * 1j
    return np.sum(np.abs(z * z + x) ** 2)
""",
        X,
    )
    program(
        f"a number that is {name} on the path taken",
        f"""
def f(x):
    if {test}:
        z = abs(x[0] * 1j + x[1])
    else:
        z = x[0] * 1j
    y = z * (1 + 2j) + x[2]
    return y.real * y.imag
""",
        X,
    )
program(
    "a list of real and complex numbers",
    """
def f(x):
    zs = [x[0]]
    for k in range(3):
        zs.append(x[k] * 1j)
    zs.append(x[1])
    last = zs.pop()
    return abs(zs[0] * zs[1] + zs[2]) ** 2 + abs(last)
""",
    X,
)
program("an array of both", "def f(x):\n    return np.abs(np.sum(np.array([x[0], x[1] * 1j, 1.0]) ** 2))", X)
program(
    "both in one array",
    """
def f(x):
    pair = (x[1:], x[:-1] * 1j)
    z = np.stack((x, 1j * x)) + np.concatenate(pair)[:3] + np.hstack([x[:1], [x[0], x[1] * 1j]])
    w = np.vstack(pair) * x[:2] + np.column_stack([x[:2], 2j * x[1:]])
    return np.sum(np.abs(z) ** 3) + np.abs(np.sum(w))
""",
    X,
)
program("a tuple of both", "def f(x):\n    a, b = (x[0], x[1] * 1j)\n    return (a * b + b).imag", X)
program(
    "a record of both",
    'def f(x):\n    d = {"a": x[0], "b": x[1] * 1j}\n    return (d["a"] * d["b"] + d["b"]).imag',
    X,
)
program(
    "a function of both",
    """
def g(a, b):
    return a * b + a, np.abs(b)


def f(x):
    u, v = g(x[0], x[1] * 1j)
    s, t = g(u, x[2])
    return abs(s + v + t) ** 2
""",
    X,
)
program(
    "a function that writes to a complex argument",
    """
def g(z, x):
    z[0] = x[1] * 1j
    z[1:] *= x[0]


def f(x):
    z = x * (1 + 1j)
    g(z, x)
    return np.sum(np.abs(z) ** 2) + z[0].imag
""",
    X,
)
program("astype", "def f(x):\n    return np.sum(np.abs(x.astype(complex) * (1 + 2j) + 1j) ** 2)", X)
program(
    "asarray",
    "def f(x):\n    return np.sum(np.abs(np.asarray(x, complex) * 1j + np.array(x, dtype=complex)) ** 3)",
    X,
)
program("np.complex128", "def f(x):\n    return np.abs(np.complex128(x) * 1j + 2.0) ** 3", 0.3)
program(
    "a constant",
    """
W = np.exp(2j * np.pi * np.arange(3) / 3)


def f(x):
    return np.abs(W @ x) ** 2 + np.sum(np.abs(W + x))
""",
    X,
)
program(
    "one constant", "ROT = 0.6 + 0.8j\n\n\ndef f(x):\n    return np.sum(np.real(ROT**2 * (x + ROT) ** 3))", X
)
program(
    "einsum, outer and solve",
    """
def f(x):
    A = np.outer(x, x + 1j) + 2.0 * np.eye(3)
    y = np.linalg.solve(A, x) + np.einsum("ij,j->i", A, x)
    return np.linalg.norm(y) + np.abs(np.linalg.det(A))
""",
    X,
)
program(
    "where",
    "def f(x):\n    z = np.where(x > 0.0, x, 1j * x)\n    return np.sum(np.real(z**3) + np.imag(z))",
    X,
)
program(
    "concatenate",
    "def f(x):\n    z = np.concatenate([x, 1j * x[1:], [0.5]])\n    return np.abs(np.sum(z**2)) ** 2",
    X,
)
program(
    "broadcasts",
    "def f(x):\n    z = x[:, None] * (x + 1j)\n    return np.sum(np.abs(z + x[0]) ** 2 * (x + 2.0))",
    X,
)
program(
    "a real value of unknown rank plus a complex number",
    """
def f(u, x):
    y = np.arctan(np.diff(np.full(4, u)) + x[..., [1, 2, 0]])
    z = np.where(y > 0.1, y + (1 + 1j), y - 0.5j)
    return np.sum(np.abs(z) ** 3)
""",
    *(0.4, X),
)
program(
    "a real tangent of complex numbers",
    """
def f(x):
    y = 1.0 * np.imag(np.repeat(x[0], 2) + 1j * np.arange(2.0))
    y[:] = 0.5 + np.arange(2.0)
    return np.sum(y * x[1])
""",
    X,
)
program(
    "a frozen base", "def f(x):\n    return np.sum(np.real((-2.0) ** (x * 1j)) + np.imag(x ** 2j))", np.abs(X)
)
program("powers", "def f(x):\n    z = x + 1j\n    return np.sum(np.real(z**3 + z**-1.5 + 2.0**z + z**z))", X)
program(
    "a step of Schroedinger's equation",
    """
def f(psi, v):
    k = np.array([0.0, 1.0, -1.0])
    for _ in range(2):
        psi = psi * np.exp(-0.1j * v)
        psi = np.fft.ifft(np.exp(-0.05j * k**2) * np.fft.fft(psi))
    return np.sum(np.abs(psi) ** 2 * np.arange(3)) + np.vdot(psi, v * psi).real
""",
    Z,
    X,
)

# ---------------------------------------------------------------- complex arguments

program(
    "a polynomial and its conjugate",
    "def f(z):\n    return np.sum(np.real(z * z * np.conj(z) + z.conj()))",
    Z,
)
program(
    "abs and angle", "def f(z, w):\n    return np.abs(np.dot(z, w)) + np.angle(z[0] / w[1], deg=True)", Z, W
)
program("one number", "def f(z):\n    return (z * z + 1 / z).real * abs(z)", 0.3 - 1.2j)
program(
    "a number of NumPy's", "def f(z):\n    return np.real(np.sin(z) * np.tanh(z))", np.complex128(0.3 - 1.2j)
)
program(
    "a real and a complex argument",
    "def f(x, z):\n    return np.sum(np.real(x * np.exp(z) / (x + 3.0)))",
    X,
    Z,
)
program(
    "matrices",
    "def f(A, z):\n    return np.real(z @ np.linalg.inv(A) @ np.conj(z)) + np.abs(np.trace(A @ A.T))",
    M,
    Z,
)
program(
    "norm and variance", "def f(z):\n    return np.linalg.norm(z) * np.var(z) + np.sum(np.abs(z.imag))", Z
)
program(
    "attributes of a slice", "def f(z):\n    return np.sum(z[1:].real * z[:-1].imag) + (z.real**2).mean()", Z
)
program(
    "a write into an argument",
    "def f(z):\n    z[1:] = z[:-1] * z[1:]\n    z *= 2.0\n    return np.sum(np.abs(z) ** 2) + z[1].real",
    Z,
)
program(
    "Newton's method",
    """
def f(z):
    for _ in range(4):
        z = z - (z**3 - 1.0) / (3.0 * z**2)
    return abs(z - 2.0) ** 2
""",
    0.8 + 0.9j,
)


# ------------------------------------------------- the language around complex numbers

program(
    "an array taken apart",
    """
def f(z):
    a, b, c = z
    return abs(a*b+c)**2+abs(a)
""",
    *(Z,),
)
program(
    "zip of complex and real",
    """
def f(z, x):
    t=0.0
    for a, b in zip(z, x):
        t = t + abs(a*b)
    return t
""",
    *(
        Z,
        X,
    ),
)
program(
    "lists of lists of both",
    """
def f(x):
    zs=[[a*1j, a] for a in x]
    return sum(abs(p[0]*p[1]+1j)**2 for p in zs)
""",
    *(X,),
)
program(
    "a closure",
    """
def f(z, x):
    def h(t):
        return t*z+x
    return np.sum(np.abs(h(h(1j)))**2)
""",
    *(
        Z,
        X,
    ),
)
program(
    "a recursion",
    """
def g(z,n):
    if n==0:
        return z
    return g(z*z*0.5+1j,n-1)
def f(x):
    return abs(g(x,3))
""",
    *(0.7,),
)
program(
    "elements of a list are replaced",
    """
def f(x):
    zs=[0.0,0.0]
    zs[0]=x[0]*1j
    zs[1]=x[1]
    return abs(zs[0]*zs[1]+1j)**2
""",
    *(X,),
)
program(
    "a write through a view",
    """
def f(x):
    z=x*(1+1j)
    v=z[1:]
    v*=2j
    return np.sum(np.abs(z*x)**2)
""",
    *(X,),
)
program(
    "a swap",
    """
def f(z):
    z[0],z[1]=z[1],z[0]*1j
    return np.sum(np.abs(z)**2*np.arange(3))+z[0].imag
""",
    *(Z,),
)
program(
    "the dtype of an argument",
    """
def f(z):
    u=np.zeros(4,dtype=z.dtype)
    np.add.at(u,[0,0,1],z)
    return np.sum(np.abs(u)**2)
""",
    *(Z,),
)
program(
    "tolist",
    """
def f(z):
    t=0
    for a in z.tolist():
        t = t + a*a
    return abs(t)
""",
    *(Z,),
)
program(
    "powers 0 and 1",
    """
def f(z):
    return np.sum((z**0).real+(z**1).real+(z**2).imag+np.abs(z**-1))
""",
    *(Z,),
)
program(
    "a while loop",
    """
def f(z):
    n=0
    while abs(z)<20.0 and n<30:
        z=z*z+(0.4+0.3j)
        n+=1
    return abs(z)**2
""",
    *((0.9 + 0.1j),),
)

# --------------------------------------------------------------- complex results

SCIPY = "from scipy import linalg, signal, special\n\n\n"
program(
    "SciPy's systems",
    SCIPY
    + """
def f(A, b):
    x = linalg.solve(A, b) + linalg.lu_solve(linalg.lu_factor(A), b) + linalg.inv(A) @ b
    return np.sum(np.abs(x) ** 2) + abs(linalg.det(A))
""",
    M,
    W,
)
program(
    "SciPy's matrices",
    SCIPY
    + """
def f(x, A):
    E = linalg.expm(0.3 * A) @ linalg.toeplitz(x * 1j)
    return np.sum(np.abs(E)) + np.sum(np.abs(linalg.solve_triangular(A, x)) ** 2)
""",
    X,
    M,
)
program(
    "SciPy's signals",
    SCIPY
    + """
def f(z, w):
    y = signal.fftconvolve(z, w) + signal.convolve(w, z)
    return np.sum(np.abs(y) ** 2) + special.logsumexp(z).real * np.sum(np.abs(special.softmax(w)) ** 2)
""",
    Z,
    W,
)
program("of a real argument", "def f(x):\n    return np.fft.rfft(x) * (1 + 2j) + x[0]", X)
program("of a complex argument", "def f(z):\n    return np.conj(z) * z**2 + np.abs(z)", Z)
program("several", "def f(x, z):\n    return x * z, np.sum(np.abs(z)), np.fft.ifft(x)", X, Z)


def function(source: str) -> Callable[..., Any]:
    return adtrans.from_source(f"import cmath\nimport numpy as np\n{source.rstrip()}\n", "f")


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives(name: str) -> None:
    source, args = PROGRAMS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adtrans.check_grads(function(source), args, order=2)


def differences(f: Callable[..., float], args: tuple[Any, ...], k: int) -> Any:
    """df/dx - i df/dy, by central differences."""
    step = 1e-6

    def slope(i: tuple[int, ...], direction: complex) -> float:
        def at(t: float) -> float:
            moved = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
            if np.ndim(args[k]):
                moved[k][i] += t * direction
            else:
                moved[k] = moved[k] + t * direction
            return f(*moved)

        return (at(step) - at(-step)) / (2 * step)

    found = np.zeros(np.shape(args[k]), np.result_type(args[k], 1.0))
    for i in np.ndindex(found.shape):
        found[i] = slope(i, 1.0)
        if np.iscomplexobj(found):
            found[i] -= 1j * slope(i, 1j)
    return found


REAL_VALUED = [n for n in PROGRAMS if n not in ("of a real argument", "of a complex argument", "several")]


@pytest.mark.parametrize("name", REAL_VALUED)
def test_differences(name: str) -> None:
    """Of a real value, in JAX's convention; of the dtype of the argument."""
    source, args = PROGRAMS[name]
    scope: dict[str, Any] = {}
    exec(f"import cmath\nimport numpy as np\n{source}", scope)
    got = adtrans.grad(function(source), argnums=tuple(range(len(args))))(*args)
    for k, (arg, bar) in enumerate(zip(args, got, strict=True)):
        np.testing.assert_allclose(bar, differences(scope["f"], args, k), rtol=1e-5, atol=1e-6)
        assert np.shape(bar) == np.shape(arg) and np.asarray(bar).dtype == np.asarray(arg).dtype


def test_convention() -> None:
    """grad is the derivative of a holomorphic function's real part, unconjugated, as `jax.grad` has it."""
    z = 0.3 - 1.2j
    assert adtrans.grad(lambda z: (z * z).real)(z) == 2 * z
    assert adtrans.grad(lambda z: z.real)(z) == 1.0
    assert adtrans.grad(lambda z: z.imag)(z) == -1j
    assert adtrans.grad(lambda z: abs(z) ** 2)(z) == pytest.approx(2 * np.conj(z))
    assert adtrans.vjp(lambda z: z**3, z)[1](2j)[0] == pytest.approx(2j * 3 * z**2)
    assert adtrans.vjp(lambda z: np.conj(z), z)[1](2j)[0] == -2j
    assert adtrans.jvp(lambda z: z**3, (z,), (2j,))[1] == pytest.approx(2j * 3 * z**2)
    assert adtrans.jvp(lambda z: np.conj(z), (z,), (2j,))[1] == -2j


# ----------------------------------------------------------------------- library


def test_single_precision_stays() -> None:
    z, x = Z.astype(np.complex64), X.astype(np.float32)
    f = function("def f(x, z):\n    return np.sum(np.abs(np.fft.fft(x) * z * np.ones(3)) ** 2)")
    x_bar, z_bar = adtrans.grad(f, (0, 1))(x, z)
    assert (x_bar.dtype, z_bar.dtype) == (np.float32, np.complex64)
    adtrans.check_grads(f, (x, z))
    assert type(adtrans.grad(lambda z: abs(z))(np.complex64(1 + 1j))) is np.complex64
    assert type(adtrans.grad(lambda z: 0.0 * z.real)(1 + 1j)) is complex
    assert type(adtrans.grad(lambda z: z.real)(np.complex128(1 + 1j))) is np.complex128


def test_a_gradient_is_that_of_a_real_value() -> None:
    for derivative in (adtrans.grad, adtrans.value_and_grad):
        with pytest.raises(adtrans.NotScalarError, match=r"real or imaginary part, or use `adtrans\.vjp`"):
            derivative(lambda z: z * z)(1 + 1j)


def test_jacobians_have_real_directions() -> None:
    f = function("def f(x):\n    return np.fft.rfft(x)")
    jacobian = adtrans.jacfwd(f)(X)
    np.testing.assert_allclose(jacobian, np.fft.rfft(np.eye(3), axis=0), atol=1e-12)
    np.testing.assert_allclose(adtrans.jacobian(f)(X), jacobian)
    with pytest.raises(adtrans.NotScalarError, match="jacfwd"):
        adtrans.jacrev(f)(X)
    g = function("def f(z):\n    return np.abs(z) ** 2")
    np.testing.assert_allclose(adtrans.jacrev(g)(Z), np.diag(2 * np.conj(Z)), atol=1e-12)
    np.testing.assert_allclose(adtrans.jacobian(g)(Z), np.diag(2 * np.conj(Z)), atol=1e-12)
    with pytest.raises(adtrans.NonDifferentiableArgumentError, match="jacrev"):
        adtrans.jacfwd(g)(Z)


def test_seeds() -> None:
    _, pullback = adtrans.vjp(lambda z: z * z, Z)
    assert pullback(np.ones(3))[0].dtype == complex
    _, back = adtrans.vjp(lambda x: x * x, X)
    with pytest.raises(adtrans.ArgumentError, match="complex"):
        back(Z)
    with pytest.raises(adtrans.ArgumentError, match="complex"):
        adtrans.jvp(lambda x: x * x, (X,), (Z,))


def test_a_captured_array() -> None:
    def of(w: Any) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            return np.abs(np.sum(x * w)) ** 2

        return f

    for w in (np.exp(1j * X), np.exp(1j * X).astype(np.complex64)):
        adtrans.check_grads(of(w), (X,))


def test_check_grads_finds_a_wrong_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    f = adtrans.from_source("import numpy as np\n\n\ndef f(z):\n    return np.sum(np.abs(z) ** 2)\n", "f")
    entry = registry.load_all()["numpy.absolute"]
    monkeypatch.setattr(entry, "complex_vjp", registry.Rule("vjp", wrong))
    with pytest.raises(adtrans.GradientCheckError, match=r"z\[0\]\.imag"):
        adtrans.check_grads(f, (Z,), modes=("rev",))


def wrong(y, x, y_bar):  # type: ignore[no-untyped-def]
    return y_bar * x / y


# ------------------------------------------------------------ modules of their own


def emitted(source: str, kinds: str = "") -> Callable[..., Any]:
    text = f"import numpy as np\n\n\n{source}\n"
    made = pipeline.generate(
        parse.program(text, "m.py", "f"), pipeline.Request(kinds=signature(kinds) if kinds else {})
    )
    return load(made.text, made.name)


def test_ranks_and_precisions_unknown() -> None:
    """A real argument of unknown precision, in a module for all ranks; right for a complex one as well."""
    f = emitted("def f(x):\n    return np.sum(np.abs(np.fft.fft(x) * 1j + x) ** 2)")
    reference: Any = lambda x: np.sum(np.abs(np.fft.fft(x) * 1j + x) ** 2)  # noqa: E731
    for x in (X, Z, np.stack([X, X])):
        value, x_bar = f(x)
        assert value == reference(x)
        np.testing.assert_allclose(x_bar, differences(reference, (x,), 0), rtol=1e-6)
        assert x_bar.dtype == x.dtype


def test_signatures() -> None:
    f = emitted("def f(z):\n    return np.sum(np.abs(z * z) ** 2)", "z: c16[:]")
    reference: Any = lambda z: np.sum(np.abs(z * z) ** 2)  # noqa: E731
    np.testing.assert_allclose(f(Z)[1], differences(reference, (Z,), 0), rtol=1e-6)


def test_annotations() -> None:
    source = "def f(z: complex) -> float:\n    return abs(z * z)"
    assert emitted(source)(0.3 - 1j)[1] == pytest.approx(2 * np.conj(0.3 - 1j))


# ----------------------------------------------------------------------- refusals

REFUSED = {
    "np.maximum": "def f(x):\n    return np.sum(np.abs(np.maximum(x * 1j, 0.5)))",
    "np.sign": "def f(x):\n    return np.sum(np.abs(x * np.sign(x + 1j)))",
    "np.linalg.eigh": "def f(x):\n    w, v = np.linalg.eigh(x * (1 + 0j))\n    return np.sum(w)",
    "np.linalg.slogdet": "def f(x):\n    s, d = np.linalg.slogdet(x * 1j)\n    return d",
    "np.linalg.cholesky": "def f(x):\n    return np.sum(np.abs(np.linalg.cholesky(x * (1 + 0j))))",
    "np.std": "def f(x):\n    return np.std(x * 1j)",
    "np.clip": "def f(x):\n    return np.sum(np.abs(np.clip(x * 1j, 0.0, 1.0)))",
    "np.sort": "def f(x):\n    return np.sum(np.abs(np.sort(x * 1j)))",
    "np.median": "def f(x):\n    return abs(np.median(x * 1j))",
    "an unknown dtype": """
def f(x, d="complex"):
    z = np.zeros(3, dtype=d)
    z[:] = x
    return np.sum(np.maximum(z, 0.0))
""",
    "the dtype of a complex array": """
def f(x):
    z = np.zeros(3, (x * 1j).dtype)
    z[:] = x
    return np.sum(np.fabs(z))
""",
}
CODES = {"np.linalg.cholesky": "AD304", "np.linalg.eigh": "AD304"}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_refused(name: str, mode: Any) -> None:
    text = f"import numpy as np\n\n\n{REFUSED[name]}\n"
    with pytest.raises(adtrans.Refused) as caught:
        pipeline.generate(parse.program(text, "m.py", "f"), pipeline.Request(mode, wrt=("x",)))
    assert {d.code for d in caught.value.diagnostics} == {"AD304"}


def test_a_complex_value_in_a_real_array() -> None:
    with pytest.raises(adtrans.Refused, match="array of real numbers"):
        adtrans.grad(function("def f(x):\n    y = np.zeros(3)\n    y[:] = x * 1j\n    return np.sum(y)"))(X)


VIEWS = {
    "a store through .real": """
def f(x):
    z = x * 1j
    z.real[0] = x[1] ** 2
    return np.sum(np.abs(z) ** 2)
""",
    "a store through .imag": """
def f(x):
    z = x * 1j
    z.imag[:] = x**2
    return np.sum(np.abs(z) ** 2)
""",
    "a view of .real": """
def f(x):
    z = x * 1j
    v = z.real
    v[0] = x[1] ** 2
    return np.sum(np.abs(z) ** 2)
""",
    "a view of .imag": """
def f(x):
    z = x * 1j
    v = z.imag
    v += x**2
    return np.sum(np.abs(z) ** 2)
""",
    "a view that is read": """
def f(x):
    z = x * 1j
    v = z.imag
    z[0] = x[1] ** 2
    return np.sum(np.abs(z) ** 2 * v)
""",
    "an attribute set": "def f(x):\n    z = x * 1j\n    z.real = x**2\n    return np.sum(np.abs(z) ** 2)",
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_of_parts_are_right_or_refused(name: str) -> None:
    with contextlib.suppress(adtrans.Refused):
        adtrans.check_grads(function(VIEWS[name]), (X,))


CARRIED = {
    "a dict made by a comprehension": """
def f(x):
    w = {k: 1j * k for k in range(3)}[2]
    return np.sum(np.abs(x * w) ** 2)
""",
    "a statement as text": """
def f(x):
    with open("/dev/null") as nothing:
        w = 2j
    return np.sum(np.abs(x * w) ** 2)
""",
    "a function without rules": """
def f(x):
    w = np.roots([1.0, 0.0, 1.0])[0]
    return np.sum(np.abs(x * w) ** 2)
""",
    "a factory": "def f(x):\n    w = np.emath.sqrt(-4.0)\n    return np.sum(np.abs(x * w) ** 2)",
}


@pytest.mark.parametrize("name", CARRIED)
def test_what_is_carried_over_is_right_or_refused(name: str) -> None:
    """Complex numbers that the compiler sees in text only."""
    with contextlib.suppress(adtrans.Refused):
        adtrans.check_grads(function(CARRIED[name]), (X,), order=1)
