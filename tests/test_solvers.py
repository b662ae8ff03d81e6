"""What SciPy's solvers find, by the implicit function theorem, against differences of the solver itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

import adtrans
from adtrans import parse, pipeline
from adtrans.solvers import SOLVERS
from tests.programs.differences import Vector
from tests.programs.oracle import judge

HEAD = """\
import numpy as np
from scipy import integrate, optimize
from scipy.integrate import odeint, quad, quad_vec, solve_ivp
from scipy.optimize import bisect, brenth, brentq, fixed_point, fsolve, newton, ridder
from scipy.optimize import minimize, minimize_scalar, root, root_scalar, toms748


def cubic(t, p):
    return t**3 + t - p


def cubic_slope(t, p):
    return 3.0 * t**2 + 1.0


def wave(t, p, k):
    return np.exp(-p * t * t) + np.sin(k * t)


def decay(y, t, p, q):
    return -p * y + q * np.sin(t)


def lotka(t, y, a, b):
    return [a * y[0] - b[0] * y[0] * y[1], b[1] * y[0] * y[1] - y[1]]


def system(x, p, q):
    return np.array([x[0] ** 2 + q[0] * x[1] - p, x[1] ** 3 - x[0] * q[1]])


"""
P, Q = 1.3, np.array([0.3, 0.6])

ROOTS: dict[str, tuple[str, tuple[object, ...]]] = {
    "brentq": ("def f(p):\n    x = brentq(cubic, 0.0, 2.0, args=(p,), xtol=1e-14)\n    return x * x\n", (P,)),
    "lambda": (
        "def f(p, q):\n    return brentq(lambda t: t**3 - p * np.sum(q), 0.0, 2.0, xtol=1e-14) ** 2\n",
        (P, Q),
    ),
    "inactive": (
        "def f(p, n: int):\n    return p * brentq(lambda t: t**n - 2.0, 0.0, 2.0, xtol=1e-14)\n",
        (P, 3),
    ),
    "power": (
        "def f(p, n: int):\n    return p * brentq(lambda t: t**n - p, 0.0, 2.0, xtol=1e-14)\n",
        (P, 3),
    ),
    "loop": (
        """
def f(p, q):
    s = 0.0
    for k in range(3):

        def h(t):
            return t**3 + q[0] * t - p - s

        s = s + brentq(h, 0.0, 5.0, xtol=1e-14) ** 2
    return s
""",
        (P, Q),
    ),
    "own": (
        """
def f(p):
    x = p
    for _ in range(2):
        x = brentq(lambda t, a: t**3 - a, x - 3.0, x + 3.0, args=(x * x + 1.0,), xtol=1e-14)
    return x
""",
        (P,),
    ),
    "passed": (
        """
def solve(fun, low, p):
    return brentq(fun, low, 5.0, args=(p,), xtol=1e-14)


def f(p, q):
    return solve(lambda t, r: t * np.exp(t) - r * q[0], -0.1, 2.0 * p) * solve(cubic, 0.0, np.sum(q))
""",
        (P, Q),
    ),
    "element": (
        """
def f(q):
    x = np.zeros(2)
    for k in range(2):
        x[k] = brentq(cubic, 0.0, 2.0, args=(q[k],), xtol=1e-14)
    return np.sum(x**3)
""",
        (Q,),
    ),
    "others": (
        """
def f(p):
    a = bisect(cubic, 0.0, 2.0, (p,), xtol=1e-14) + brenth(cubic, 0.0, 2.0, (p,), xtol=1e-14)
    b = toms748(cubic, 0.0, 2.0, args=(p,), xtol=1e-14)
    return a * ridder(cubic, 0.0, 2.0, args=(p,), xtol=1e-14) * b
""",
        (P,),
    ),
    "newton": (
        "def f(p):\n    return newton(cubic, 1.0, fprime=cubic_slope, args=(p,), tol=1e-14) ** 2\n",
        (P,),
    ),
    "newton_array": (
        """
def f(q):
    x = newton(lambda t: t**3 - q, np.ones(2), tol=1e-13)
    return np.sum(x * x * q)
""",
        (Q,),
    ),
    "root_scalar": (
        "def f(p):\n    return root_scalar(cubic, args=(p,), bracket=(0.0, 3.0), xtol=1e-14).root ** 2\n",
        (P,),
    ),
    "result": (
        """
def f(p):
    s = optimize.root_scalar(lambda t: cubic(t, p), x0=1.0, x1=1.5, xtol=1e-13)
    if not s.converged:
        raise ValueError(s.flag)
    return s.root**2 * p
""",
        (P,),
    ),
    "fsolve": (
        """
def f(p, q):
    x = fsolve(system, np.array([1.0, 1.0]), args=(p, q), xtol=1e-13)
    return x[0] * x[1] ** 2
""",
        (P, Q),
    ),
    "fsolve_list": (
        """
def f(p, q):
    x = fsolve(lambda x: [x[0] ** 2 + q[0] * x[1] - p, x[1] ** 3 - x[0] * q[1]], [1.0, 1.0], xtol=1e-13)
    return x[0] * x[1] ** 2
""",
        (P, Q),
    ),
    "fsolve_tuple": (
        """
def f(p, q):
    def g(x):
        a, b = x
        return a**2 + q[0] * b - p, b**3 - a * q[1]

    x = fsolve(g, (1.0, 1.0), xtol=1e-13)
    return x[0] * x[1] ** 2
""",
        (P, Q),
    ),
    "fsolve_number": ("def f(p):\n    return fsolve(lambda x: x**3 - p, 1.0, xtol=1e-13)[0] ** 2\n", (P,)),
    "fsolve_element": (
        "def f(p):\n    return fsolve(lambda x: x[0] ** 3 - p, 1.0, xtol=1e-13)[0] ** 2\n",
        (P,),
    ),
    "root": (
        """
def f(p, q):
    s = root(system, np.array([1.0, 1.0]), args=(p, q), tol=1e-13)
    return s.x[0] * np.sum(s.x**2)
""",
        (P, Q),
    ),
    "root_x": (
        "def f(p, q):\n    return np.sum(root(system, [1.0, 1.0], args=(p, q), tol=1e-13).x ** 3)\n",
        (P, Q),
    ),
    "fixed_point": (
        "def f(p):\n    return fixed_point(lambda x: np.cos(x) * p, 0.7, xtol=1e-14) ** 2\n",
        (P,),
    ),
    "fixed_points": (
        """
def f(q):
    x = fixed_point(lambda x: np.cos(q * x + 0.1 * np.sum(x)), np.array([0.7, 0.7]), xtol=1e-14)
    return np.sum(x**2 * q)
""",
        (Q,),
    ),
    "default": (
        """
def g(t, p, n=3):
    return t**n - p


def f(p):
    return brentq(g, 0.0, 2.0, args=(p,), xtol=1e-14) * brentq(g, 0.0, 2.0, args=(p, 2), xtol=1e-14)
""",
        (P,),
    ),
    "writes": (
        """
def g(x, q, s):
    s[0] = q[0] * 0.5
    for k in range(1, len(s)):
        s[k] = x * q[k]
    return x**3 - 2.0 * s[0] + 0.1 * np.sum(s[1:])


def f(q):
    s = np.zeros(2)
    return brentq(g, 0.0, 2.0, args=(q, s), xtol=1e-14)
""",
        (Q,),
    ),
    "writes_in_a_loop": (
        """
def f(q):
    d = np.zeros(2)
    y = np.array([1.0, 0.5])

    def rate(y, t):
        d[0] = q[0] * y[1]
        d[1] = -y[0]
        return d

    for k in range(2):
        y = odeint(rate, y, [0.0, 0.3], rtol=1e-11, atol=1e-12)[-1]
    return y[0] * q[1]
""",
        (Q,),
    ),
    "writes_all": (
        """
def f(q):
    s, log = np.zeros(2), []

    def g(x):
        s[:] = q * x
        s[0] += x
        log.append(x)
        return x**3 - 2.0 + np.sum(s)

    return brentq(g, 0.0, 2.0, xtol=1e-14)
""",
        (Q,),
    ),
    "names": (
        """
def f(p, q):
    value, slope, seed, k = p, q[0], q[1], 0.1
    jacobian, value_dot = p * p, 0.5 * p
    t_bar = brentq(lambda t: t**3 * slope - value * seed - k, 0.0, 9.0, xtol=1e-14)
    x = fsolve(lambda x: np.array([x[0] * jacobian - value, x[1] * seed - value_dot]), np.ones(2), xtol=1e-13)
    error = quad(lambda t: np.exp(-t * value) * value_dot * seed, 0.0, jacobian, epsabs=1e-13)[0]
    return t_bar * np.sum(x) * error
""",
        (P, Q),
    ),
    "unread": (
        """
def f(p):
    other = root(lambda x: x**3 - 2.0, [1.0])
    s = optimize.root_scalar(lambda t: t**3 - p, bracket=(0.0, 2.0))
    return p * p if s.converged and other.success else p
""",
        (P,),
    ),
    "partial": (
        """
import functools


def f(p):
    return brentq(functools.partial(cubic, p=p * p), 0.0, 2.0, xtol=1e-14)
""",
        (P,),
    ),
}

INTEGRALS: dict[str, tuple[str, tuple[object, ...]]] = {
    "parameter": (
        "def f(p):\n    return quad(lambda t: np.exp(-p * t), 0.0, 2.0, epsabs=1e-13)[0] ** 2\n",
        (P,),
    ),
    "bounds": ("def f(p):\n    return quad(wave, p, p * p, args=(p, p), epsabs=1e-13)[0] * p\n", (P,)),
    "pair": (
        """
def f(p, q):
    v, error = quad(wave, p, 2.0, args=(p, q[1]), epsabs=1e-13, epsrel=1e-12, limit=100)
    assert error < 1e-6
    return v**2 * p
""",
        (P, Q),
    ),
    "result": (
        """
def f(p, q):
    r = integrate.quad(lambda t: np.exp(-t * q[1]) * p, -p, q[0], epsabs=1e-13)
    return r[0] ** 2
""",
        (P, Q),
    ),
    "infinite": ("def f(p):\n    return quad(lambda t: np.exp(-p * t * t), -np.inf, np.inf)[0]\n", (P,)),
    "array": (
        "def f(q):\n    return quad(lambda t: np.sum(np.exp(-t * q)), 0, q[0], epsabs=1e-13)[0] ** 2\n",
        (Q,),
    ),
    "again": (
        """
def f(p):
    p, error = quad(wave, 0.0, p, args=(p, 2.0), epsabs=1e-13)
    return p * p
""",
        (P,),
    ),
    "branch": (
        """
def g(t, p):
    if t < 1.0:
        return p * t
    return p


def f(p):
    return quad(g, 0.0, 1.5, args=(p,), points=[1.0], epsabs=1e-12)[0] ** 2
""",
        (P,),
    ),
    "within": (
        """
def f(p, q):
    s = 0.0
    for k in range(3):
        s += quad(lambda t: np.exp(-p * t * k) * quad(lambda u: u * t * q[1], 0.0, t)[0], 0, q[0])[0]
    return s
""",
        (P, Q),
    ),
    "arrays": (
        """
def f(p, q):
    r = quad_vec(lambda t: np.exp(-t * q) * p, 0.0, p, epsabs=1e-12)
    return np.sum(r[0] ** 2)
""",
        (P, Q),
    ),
    "of_root": (
        """
def f(p):
    return quad(lambda t: brentq(cubic, 0.0, 3.0, args=(p * t,), xtol=1e-14), 0.0, 1.0, epsabs=1e-12)[0]
""",
        (P,),
    ),
    "root_of": (
        """
def f(p):
    return brentq(lambda b: quad(wave, 0.0, b, args=(p, 1.0), epsabs=1e-13)[0] - 0.3, 0.0, 1.0, xtol=1e-14)
""",
        (P,),
    ),
}

FLOWS: dict[str, tuple[str, tuple[object, ...]]] = {
    "odeint": (
        """
def f(p, q):
    ys = odeint(decay, q, np.linspace(0.0, 1.0, 4), args=(p, q), rtol=1e-12, atol=1e-12)
    return np.sum(ys**2)
""",
        (P, Q),
    ),
    "closure": (
        """
def f(p):
    t = np.array([0.0, 0.5, 1.0])
    ys = odeint(lambda y, t: (y[1], -p * y[0]), [1.0, 0.0], t, rtol=1e-12, atol=1e-12)
    return ys[-1, 0] * ys[1, 1]
""",
        (P,),
    ),
    "tfirst": (
        """
def f(p, q):
    t = np.array([0.0, 0.5, 1.0])
    return np.sum(odeint(lambda t, y: -p * t * y * q[0], q, t, rtol=1e-12, atol=1e-12, tfirst=True))
""",
        (P, Q),
    ),
    "solve_ivp": (
        """
def f(p, q):
    times = [0.5, 1.0, 2.0]
    sol = solve_ivp(lotka, (0.0, 2.0), [1.0, p], t_eval=times, args=(p, q), rtol=1e-11, atol=1e-12)
    if not sol.success:
        raise ValueError(sol.message)
    return np.sum(sol.y[:, -1] ** 2) * p
""",
        (P, Q),
    ),
    "solve_ivp_y": (
        """
def f(p, q):
    def rhs(t, y):
        return -p * y * q + np.sin(t)

    t = np.array([1.0, 2.0])
    return solve_ivp(rhs, (0.0, 2.0), q, "DOP853", t, rtol=1e-11, atol=1e-12).y[0, 1]
""",
        (P, Q),
    ),
    "matrix": (
        """
def f(a):
    t = np.array([0.0, 1.0])
    ys = odeint(lambda y, t: a @ y, np.array([1.0, 0.5]), t, rtol=1e-12, atol=1e-12)
    return np.sum(ys[-1] ** 3)
""",
        (np.array([[0.3, -1.0], [0.8, -0.2]]),),
    ),
    "stiff": (
        """
def f(p):
    t = np.array([0.0, 1.0])
    ys = odeint(lambda y, t: -60.0 * (y - p * np.cos(t)), np.array([0.5]), t, rtol=1e-12, atol=1e-13)
    return ys[1, 0] ** 2
""",
        (P,),
    ),
    "branch": (
        """
def f(p, n: int):
    if n > 2:
        t = np.array([0.0, 1.0])
    else:
        t = np.array([0.0, 2.0])
    ys = odeint(decay, np.array([p]), t, args=(p, 1.0), rtol=1e-12, atol=1e-12)
    return ys[1, 0]
""",
        (P, 3),
    ),
}

MINIMA: dict[str, tuple[str, tuple[object, ...]]] = {
    "args": (
        """
def loss(x, p, q):
    return (x[0] - p) ** 2 + np.sum((x - q) ** 4) + x[0] * x[1] * q[0]


def slope(x, p, q):
    s = 4.0 * (x - q) ** 3
    s[0] += 2.0 * (x[0] - p) + x[1] * q[0]
    s[1] += x[0] * q[0]
    return s


def f(p, q):
    r = minimize(loss, np.array([0.1, 0.1]), args=(p, q), jac=slope, tol=1e-13)
    return np.sum(r.x**2) * p
""",
        (P, Q),
    ),
}

AMONG: dict[str, tuple[str, tuple[object, ...]]] = {
    "compr": (
        """
def f(q):
    return sum([brentq(cubic, 0.0, 2.0, args=(v,), xtol=1e-14) ** 2 for v in q])
""",
        (Q,),
    ),
    "compr_lambda": (
        """
def f(q):
    return sum([brentq(lambda t: t**3 - v, 0.0, 2.0, xtol=1e-14) ** 2 for v in q])
""",
        (Q,),
    ),
    "mutate_arg": (
        """
def f(q):
    q = q.copy()
    x = brentq(lambda t: t**3 - q[0], 0.0, 2.0, xtol=1e-14)
    q[0] = x * q[1]
    y = brentq(lambda t: t**3 - q[0], 0.0, 2.0, xtol=1e-14)
    return x * y + q[0]
""",
        (Q,),
    ),
    "add_to_result": (
        """
def f(p):
    x = fixed_point(lambda t: 0.3 * np.cos(t) + np.tanh(p), 0.1, xtol=1e-14)
    x += p
    return x * x
""",
        (P,),
    ),
    "mutate_result": (
        """
def f(p, q):
    x = fsolve(system, np.array([1.0, 1.0]), args=(p, q), xtol=1e-13)
    x[0] = x[0] * x[1]
    x *= 2.0
    return np.sum(x ** 2)
""",
        (P, Q),
    ),
    "unpack": (
        """
def f(p, q):
    x, y = fsolve(system, np.array([1.0, 1.0]), args=(p, q), xtol=1e-13)
    return x * y ** 2
""",
        (P, Q),
    ),
    "unpack_root": (
        """
def f(p, q):
    x, y = root(system, [1.0, 1.0], args=(p, q), tol=1e-13).x
    return x * y ** 2
""",
        (P, Q),
    ),
    "branch_t": (
        """
def f(p):
    def rhs(t, y):
        return -p * y if t > 0.5 else -p * p * y

    return solve_ivp(rhs, (0, 1), [1.0], t_eval=[1.0], rtol=1e-11, atol=1e-12, max_step=0.01).y[0, 0]
""",
        (P,),
    ),
    "branch_q": (
        """
def g(t, p):
    if t > 0.7:
        return p * p * t
    return p * t

def f(p):
    return quad(g, 0.0, 1.0, args=(p,), points=[0.7], epsabs=1e-13)[0]
""",
        (P,),
    ),
    "while": (
        """
def f(p):
    x = p
    while brentq(cubic, 0.0, 9.0, args=(x,), xtol=1e-14) < 2.0:
        x = x * brentq(cubic, 0.0, 9.0, args=(x,), xtol=1e-14) + 1.0
    return x
""",
        (P,),
    ),
    "callee": (
        """
def inner(q, k):
    x = brentq(lambda t: t**3 - q[k], 0.0, 2.0, xtol=1e-14)
    return x * q[0]

def f(q):
    s = 0.0
    for k in range(2):
        s = s + inner(q * (k + 1.0), k) * s + inner(q, 1 - k)
    return s
""",
        (Q,),
    ),
    "aug": (
        """
def f(p):
    s = p
    for k in range(3):
        s *= brentq(cubic, 0.0, 9.0, args=(s,), xtol=1e-14)
    return s
""",
        (P,),
    ),
    "lastcol": (
        """
def f(p, q):
    y = odeint(decay, q, np.array([0.0, 1.0]), args=(p, q), rtol=1e-12, atol=1e-12)[-1]
    y = odeint(decay, y, np.array([0.0, 1.0]), args=(p, 1.0), rtol=1e-12, atol=1e-12)[-1]
    return y[0] * y[1]
""",
        (P, Q),
    ),
}
"""Solvers in loops and branches, and where what they were given, or have given, is written into."""

CASES = ROOTS | {f"integral_{name}": case for name, case in INTEGRALS.items()}
CASES |= {f"flow_{name}": case for name, case in FLOWS.items()}
CASES |= {f"minimum_{name}": case for name, case in MINIMA.items()}
CASES |= {f"among_{name}": case for name, case in AMONG.items()}


SCRATCH = {"writes", "writes_all", "writes_in_a_loop"}
"""What the function that is solved writes into is read by the first derivative: there is no second one."""


@pytest.mark.parametrize("name", CASES)
def test_right(name: str) -> None:
    source, args = CASES[name]
    outcome = judge(HEAD + source.lstrip(), args, order=1 if name in SCRATCH else 2, name="f")
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}{outcome.messages}"


def nearest(q: Vector) -> Any:
    return minimize(lambda x: np.sum((x - q) ** 2 * q[1]) + x[0] * x[1], [0.1, 0.1], tol=1e-12).x[0]


def lowest(q: Vector) -> Any:
    return minimize_scalar(lambda x: (x - q[0]) ** 2 + q[1] * x**4, tol=1e-14).x ** 2


@pytest.mark.parametrize("f", [nearest, lowest])
def test_minima(f: Callable[[Vector], Any]) -> None:
    """Without a slope a minimum is found to half of the digits: differences over a long step."""
    h = 1e-3
    for k, e in enumerate(np.eye(2)):
        slope = [(f(Q + s * h * e) - f(Q - s * h * e)) / (2.0 * s * h) for s in (1.0, 2.0)]
        expected = (4.0 * slope[0] - slope[1]) / 3.0
        np.testing.assert_allclose(adtrans.grad(f)(Q)[k], expected, atol=2e-5)
        np.testing.assert_allclose(adtrans.jacfwd(f)(Q)[k], expected, atol=2e-5)


REFUSED = {
    "bounds": (
        "AD302",
        "def f(p):\n    return minimize_scalar(lambda x: (x - p) ** 2, bounds=(0, 1), method='bounded').x\n",
    ),
    "no_times": (
        "AD302",
        "def f(p):\n    return solve_ivp(lambda t, y: -p * y, (0.0, 1.0), [1.0]).y[0, -1]\n",
    ),
    "events": (
        "AD302",
        """
def f(p):
    sol = solve_ivp(lambda t, y: -p * y, (0.0, 1.0), [1.0], t_eval=[1.0], events=lambda t, y: y[0] - 0.5)
    return sol.y[0, -1]
""",
    ),
    "times": (
        "AD303",
        """
def f(p):
    return odeint(lambda y, t: -y, [1.0], np.array([0.0, p]))[1, 0]
""",
    ),
    "number": (
        "AD303",
        "def f(p: float):\n    return odeint(lambda y, t: -p * y, p, np.array([0.0, 1.0]))[1, 0]\n",
    ),
    "weight": (
        "AD302",
        "def f(p):\n    return quad(wave, 0.0, p, args=(p, 1.0), weight='cos', wvar=2.0)[0]\n",
    ),
    "error": ("AD302", "def f(p):\n    v, error = quad(wave, 0.0, p, args=(p, 1.0))\n    return v + error\n"),
    "full_output": (
        "AD302",
        "def f(p):\n    x, r = brentq(cubic, 0.0, 2.0, args=(p,), full_output=True)\n    return x\n",
    ),
    "args": ("AD302", "def f(p, args):\n    return brentq(cubic, 0.0, 2.0, args=args) * p\n"),
    "counts": (
        "AD303",
        """
def f(p, q):
    buf = np.zeros(2)

    def g(t):
        buf[0] = t * p
        return np.sum(buf) - q[0]

    return brentq(g, 0.0, 9.0) + buf[0]
""",
    ),
    "counts_in_a_list": (
        "AD303",
        """
def f(p):
    steps = []

    def g(t):
        steps.append(t * p)
        return t**3 - p

    return brentq(g, 0.0, 2.0) + steps[0]
""",
    ),
    "decays": (
        "AD303",
        """
def f(q):
    buf = q * 2.0

    def g(t):
        buf[:] *= 0.99
        return t * buf[0]

    return quad(g, 0.0, 1.0)[0]
""",
    ),
    "unused": (
        "AD303",
        """
def halve(u):
    u[u < 1.2] *= 0.5
    return u[0]


def f(q):
    u = np.cos(q)
    x = brentq(lambda t: t**3 - u[1] * halve(u), 0.0, 2.0)
    return q[0] + u[0]
""",
    ),
    "sometimes": (
        "AD303",
        """
def f(q):
    buf = np.zeros(2)

    def g(t):
        if t > 0.3:
            buf[1] = q[1]
        return t**3 - q[0] - np.sum(buf)

    return brentq(g, 0.0, 2.0)
""",
    ),
    "of_the_solver": (
        "AD303",
        """
def rate(y, t, p):
    y[y < 0.0] = 0.0
    return -p * y


def f(p):
    return np.sum(odeint(rate, np.ones(3), np.array([0.0, 1.0]), args=(p,))[-1])
""",
    ),
    "unknown": ("AD302", "def f(p, g):\n    return p * brentq(g, 0.0, 2.0, args=(p,))\n"),
    "fprime": (
        "AD302",
        "def f(p):\n    return newton(lambda t: t**2 - p, 1.0, fprime=lambda t: 2.0 * t)\n",
    ),
    "both": (
        "AD302",
        """
def g(t, p):
    return t**2 - p, 2.0 * t


def f(p):
    return root_scalar(g, args=(p,), x0=1.0, fprime=True).root
""",
    ),
    "several": (
        "AD303",
        "def g(t, p):\n    return t**2 - p, t\n\n\ndef f(p):\n    return newton(g, 1.0, args=(p,))\n",
    ),
    "kept": (
        "AD302",
        """
def half(s):
    return s.root / 2.0


def f(p):
    s = root_scalar(cubic, args=(p,), bracket=(0.0, 2.0))
    return half(s)
""",
    ),
    "attribute": (
        "AD302",
        "def f(p):\n    s = root(cubic, [1.0], args=(p,))\n    return s.fun[0] + s.x[0]\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, source = REFUSED[name]
    with pytest.raises(adtrans.Refused) as caught:
        pipeline.generate(parse.program(HEAD + source.lstrip(), "m.py", "f"), pipeline.Request())
    assert code in {d.code for d in caught.value.diagnostics}


def test_every_solver_is_tried() -> None:
    sources = " ".join(
        [*(source for source, _ in CASES.values()), *map(inspect.getsource, (nearest, lowest))]
    )
    for path in SOLVERS:
        assert f"{path.rpartition('.')[2]}(" in sources, path
