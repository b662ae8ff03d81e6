"""Minimise Rosenbrock's valley in 100 dimensions, with generated derivatives and with differences.

    python samples/rosenbrock.py

`rosenbrock_vjp.py` is the gradient. `rosenbrock_vjp_jvp.py` is its tangent, made from the gradient by
the same compiler: the product of the Hessian with a vector, without the Hessian.
"""

from time import perf_counter

import numpy as np
from rosenbrock_vjp import rosenbrock_vjp
from rosenbrock_vjp_jvp import rosenbrock_vjp_jvp
from scipy.optimize import minimize

DIMENSIONS = 100


def rosenbrock(x, n):
    """Rosenbrock's valley in n dimensions."""
    total = 0.0
    for i in range(n - 1):
        c1 = x[i + 1] - x[i] * x[i]
        c2 = 1.0 - x[i]
        total = total + 100.0 * c1 * c1 + c2 * c2
    return total


def hessian_product(x, v, n):
    """The Hessian at x times v: how the gradient changes along v."""
    _, (_, product) = rosenbrock_vjp_jvp(x, n, x_dot=v)
    return product


GRADIENT = {"fun": rosenbrock_vjp, "jac": True}
VALUE = {"fun": rosenbrock}
RUNS = [
    ("L-BFGS-B", "generated", GRADIENT, {"maxfun": 10**5}),
    ("L-BFGS-B", "differences", VALUE, {"maxfun": 10**5}),
    ("BFGS", "generated", GRADIENT, {}),
    ("BFGS", "differences", VALUE, {}),
    ("Newton-CG", "generated", GRADIENT | {"hessp": hessian_product}, {"xtol": 1e-8}),
    ("Newton-CG", "generated, its differences", GRADIENT, {"xtol": 1e-8}),
]


def main():
    x0 = np.full(DIMENSIONS, 0.5)
    print(f"{DIMENSIONS} dimensions; a generated gradient comes with its value, in one call")
    counts = f"{'values':>8} {'gradients':>10} {'HVPs':>6}"
    print(f"{'method':<10} {'derivatives':<26} {counts} {'time':>8}  minimum")
    for method, derivatives, problem, options in RUNS:
        start = perf_counter()
        options = options | {"maxiter": 5000}
        found = minimize(x0=x0, args=(DIMENSIONS,), method=method, options=options, **problem)
        seconds = perf_counter() - start
        products = found.nhev if "hessp" in problem else 0
        gradients = found.njev if problem is not VALUE else 0
        counts = f"{found.nfev:>8} {gradients:>10} {products:>6}"
        remark = "" if found.success else "  gave up"
        print(f"{method:<10} {derivatives:<26} {counts} {seconds:>6.2f} s  {found.fun:.1e}{remark}")


if __name__ == "__main__":
    main()
