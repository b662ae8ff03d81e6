"""The chain rule, forward and backward: a composition of elementary functions of three variables.

    python samples/chain.py

Shows `chain_jvp.py` (forward mode: from each input to the result, one sweep for each input) beside
`chain_vjp.py` (reverse mode: from the result back to all inputs, one sweep in all).
"""

import inspect
import math
from itertools import zip_longest

from chain_jvp import chain_jvp
from chain_vjp import chain_vjp


def chain(x, y, z):
    """Elementary functions of several variables, one inside the other."""
    a = x * y
    b = math.sin(a) + z
    c = math.exp(-b * b)
    d = math.sqrt(a * a + c)
    return d


def code(function):
    """The lines of a generated function, without its docstring."""
    text = inspect.getsource(function).replace(f'    """{function.__doc__}"""\n', "")
    return text.splitlines()


def side_by_side(left, right):
    """Two lists of lines as two columns."""
    width = max(map(len, left)) + 3
    return "\n".join(f"{a:<{width}}{b}".rstrip() for a, b in zip_longest(left, right, fillvalue=""))


def difference(at, i, h=1e-6):
    """Central difference of `chain` along its input number i."""
    up, down = list(at), list(at)
    up[i] += h
    down[i] -= h
    return (chain(*up) - chain(*down)) / (2.0 * h)


def main():
    at = (0.7, -1.3, 0.4)
    print(side_by_side(code(chain_jvp), code(chain_vjp)))
    print()

    # Forward: a seed says along which input we go; one sweep gives one partial derivative.
    forward = []
    for i in range(3):
        seed = [0.0, 0.0, 0.0]
        seed[i] = 1.0
        _, slope = chain_jvp(*at, *seed)
        forward.append(slope)

    # Reverse: the seed is at the result; one sweep gives all of them.
    value, backward = chain_vjp(*at)

    print(f"chain{at} = {value:.12f}")
    print(f"{'':12}{'d/dx':>16}{'d/dy':>16}{'d/dz':>16}   sweeps")
    for name, slopes, sweeps in (
        ("forward", forward, 3),
        ("reverse", backward, 1),
        ("differences", [difference(at, i) for i in range(3)], "6 runs of chain"),
    ):
        print(f"{name:12}{slopes[0]:16.12f}{slopes[1]:16.12f}{slopes[2]:16.12f}   {sweeps}")


if __name__ == "__main__":
    main()
