"""Every registered callable through the compiler: forward, reverse and second order against differences.

The other tests of rules run a rule as it stands. Here each case becomes a program: what the compiler makes
of the rule is tested, and that it can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import adtrans
from adtrans.interpolants import CALLED
from adtrans.ir import BRACKETED
from adtrans.rules import registry

from . import samples_elementwise, samples_special, samples_stats
from .checking import Case, bound, leaves, random_like, rules
from .test_registry import MODULES

HEAD = "import cmath\nimport math\nimport numpy as np\nimport scipy\nfrom numpy import inf, nan\n"
LIBRARIES = ("numpy", "scipy", "math", "cmath", "builtins")
SINGLE = ("numpy.float32", "numpy.complex64")
"""Differences in single precision say nothing."""
ON_NUMBERS = ("math", "cmath", "builtins", "scipy.special.multigammaln")
TWICE_REFUSED = {
    "builtins.tuple(float64[3])": "numbers of unknown kinds in a tuple",
    "numpy.array([[0.1, np.complex128(": "a list of real and complex numbers",
    "numpy.gradient(float64[2, 3], axis=(1,))": "a list of arrays",
    "numpy.gradient(float64[2, 3, 4], 0.5, 2.0, axis=(2, 0))": "a list of arrays",
}
"""What is refused at the second order, though not at the first: how its name begins."""


class Program:
    """A case as source text: what varies is a parameter, everything else is written down."""

    def __init__(self, case: Case) -> None:
        self.args: list[Any] = []
        y = case.fn(*case.args, **case.keywords)
        places = derived(case, y)
        params = registry.signature(case.path)
        if params and params[0][1] is registry.REST:  # One tuple to the rule, many arguments to the function.
            inside = [self.text(arg, True) for arg in case.args[0]]
        else:
            inside = [self.text(arg, k in places) for k, arg in enumerate(case.args)]
        inside += [f"{name}={self.text(value, name in places)}" for name, value in case.keywords.items()]
        call = spelled(case.path, inside)
        parts = [f"r[{k}]" for k in range(len(y))] if isinstance(y, (tuple, list)) else ["r"]
        sums = [weighed(part, value) for part, value in zip(parts, y if parts != ["r"] else [y], strict=True)]
        params = ", ".join(f"x{k}" for k in range(len(self.args)))
        self.source = f"{HEAD}\n\ndef f({params}):\n    r = {call}\n    return {' + '.join(sums)}\n"

    def text(self, value: Any, free: bool) -> str:
        if isinstance(value, (list, tuple)):
            inside = ", ".join(self.text(v, free) for v in value)
            return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
        if free and np.asarray(value).dtype == np.float64:
            self.args.append(np.copy(value) if isinstance(value, np.ndarray) else float(value))
            return f"x{len(self.args) - 1}"
        if isinstance(value, np.ndarray) and value.size:
            return f"np.array({value.tolist()}, '{value.dtype}')"
        if isinstance(value, np.ndarray):
            return f"np.zeros({value.shape}, '{value.dtype}')"
        if isinstance(value, type):
            return value.__name__ if value in (float, complex, int, bool) else f"np.{value.__name__}"
        return repr(value)


def derived(case: Case, y: Any) -> set[int | str]:
    """The arguments with respect to which there is a derivative, by position and by name."""
    found = registry.TABLE[case.path]
    params = registry.signature(case.path)
    assert params is not None
    among = any(map(np.iscomplexobj, leaves([*case.args])))
    rule = (found.complex_vjp if among else None) or found.partials
    if rule is not None and rule.form == "partials":
        names = registry.parameter_names(rule.function)[1:]
        made = rule.function(y, *case.args)
        bars = list(made) if len(names) > 1 else [made]
    else:
        names = registry.parameter_names(rules(case)[1])
        names = names[1 : names.index("y_bar")]
        operands, keywords = bound(case, list(names))
        y_bar = random_like(y, np.random.default_rng(1))
        made = rules(case)[1](y, *operands, tuple(y_bar) if isinstance(y, tuple) else y_bar, **keywords)
        bars = list(made) if len(names) > 1 else [made]
    free = [k for k, bar in enumerate(bars) if bar is not None and bar is not NotImplemented]
    return {*free, *(params[k][0] for k in free)}


def spelled(path: str, inside: list[str]) -> str:
    """The call as a user writes it."""
    root, _, rest = path.partition(".")
    if path.startswith("numpy.ndarray."):
        return f"({inside[0]}).{path.rpartition('.')[2]}({', '.join(inside[1:])})"
    if path.endswith(CALLED):
        own = [word for word in inside if word.startswith("nu=")]
        made = ", ".join(word for word in inside[1:] if word not in own)
        return f"{path.removesuffix(CALLED)}({made})({', '.join((inside[0], *own))})"
    if path in BRACKETED:
        return f"np.{rest}[{', '.join(inside)}]"
    return f"{ {'numpy': f'np.{rest}', 'builtins': rest}.get(root, path) }({', '.join(inside)})"


def weighed(part: str, value: Any) -> str:
    """A number that depends on all of the result, not linearly, and not on the signs of eigenvectors."""
    if np.iscomplexobj(value):
        return f"np.sum(np.sin(0.3 + np.real({part})) + np.imag({part}) ** 2)"
    return f"np.sum(np.cos(0.7 * np.array({part})))"


def along(f: Any, args: list[Any], directions: list[Any]) -> Any:
    """By differences of three step sizes and extrapolation."""

    def central(h: float) -> Any:
        up, down = (f(*(a + s * h * d for a, d in zip(args, directions, strict=True))) for s in (1, -1))
        return (up - down) / (2 * h)

    h = 4e-4
    return (64 * central(h / 4) - 20 * central(h / 2) + central(h)) / 45


def cases() -> Iterator[Case]:
    for module in MODULES:
        for name in ("CASES", "PRODUCTS"):
            yield from getattr(module, name, ())
    tables = samples_elementwise.TABLE, samples_special.TABLE, samples_stats.TABLE
    for path, (fn, points) in [item for table in tables for item in table.items()]:
        for row in points:
            yield Case(fn, *row, path=path)
        if not path.startswith(ON_NUMBERS):
            yield Case(fn, *map(np.array, zip(*points, strict=True)), path=path)


CASES = [case for case in cases() if case.path.startswith(LIBRARIES) and case.path not in SINGLE]


@cache
def function(source: str) -> Any:
    """The function of a case: points of one callable have it in common, and with it its derivatives."""
    return adtrans.from_source(source, "f")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=repr)
def test_forward_reverse_and_second_order(case: Case) -> None:
    program = Program(case)
    if not program.args:
        return
    f, args = function(program.source), program.args
    rng = np.random.default_rng(3)
    directions = [np.asarray(rng.normal(size=np.shape(a)))[()] for a in args]
    everything = tuple(range(len(args)))
    want = along(f, args, directions)
    value, bars = adtrans.value_and_grad(f, argnums=everything)(*args)
    np.testing.assert_array_equal(value, f(*args))
    for bar, arg in zip(bars, args, strict=True):
        assert np.shape(bar) == np.shape(arg)
    got = sum(np.sum(bar * d) for bar, d in zip(bars, directions, strict=True))
    np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-6, err_msg="reverse")
    np.testing.assert_allclose(
        adtrans.jvp(f, args, directions)[1], want, rtol=2e-6, atol=2e-6, err_msg="forward"
    )

    def flat(*a: Any) -> Any:
        return np.concatenate([np.ravel(g) for g in adtrans.grad(f, argnums=everything)(*a)])

    if repr(case).startswith(tuple(TWICE_REFUSED)):
        with pytest.raises(adtrans.Refused):
            adtrans.hvp(f, args, directions)
        return
    second = adtrans.hvp(f, args, directions)
    second = np.concatenate([np.ravel(g) for g in (second if len(args) > 1 else (second,))])
    np.testing.assert_allclose(
        second, along(flat, args, directions), rtol=2e-5, atol=2e-5, err_msg="second order"
    )
