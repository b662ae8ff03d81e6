"""The code of elementwise chains is mathematics alone: no helper is called where the ranks are known."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

from adtrans import parse, pipeline
from adtrans.annotations import signature
from adtrans.rules import registry

from .checking import Case
from .test_compiled import CASES, HEAD, Program

MATHEMATICS = {
    "numpy.sinc": {"sinc_slope"},
    "numpy.i0": {"i0_slope"},
    "math.gamma": {"digamma"},
    "math.lgamma": {"digamma"},
    **{
        f"scipy.special.{name}": {"exprel_slope"}
        for name in ("exprel", "boxcox", "boxcox1p", "inv_boxcox", "inv_boxcox1p")
    },
    "scipy.special.rgamma": {"rgamma_slope"},
    "scipy.special.erfcx": {"erfcx_slope"},
}
"""Functions that NumPy, SciPy and `math` do not have, copied into the module: they are no decoration."""


def elementwise() -> dict[str, Case]:
    """A case of each elementwise function."""
    found: dict[str, Case] = {}
    for case in CASES:
        entry = registry.TABLE[case.path]
        if entry.partials is not None and not case.keywords:
            found.setdefault(case.path, case)
    return found


ALL = elementwise()
ON_NUMBERS = ("math.", "cmath.", "builtins.")
KINDS = {"numbers": "float", "vectors": "f8[n]", "matrices": "f8[n, m]"}


def derivative(path: str, case: Case, kind: str, mode: str) -> str:
    """A chain: the function, between elementwise functions of one and of two arguments."""
    program = Program(case)
    call = next(line for line in program.source.splitlines() if line.startswith("    r = "))
    names = [f"x{k}" for k in range(len(program.args))]
    lines = [f"def f({', '.join(names)}):", call, "    s = np.sin(r) * x0", "    return np.sum(s * s + r)"]
    kinds = signature(", ".join(f"{name}: {KINDS[kind]}" for name in names))
    read = parse.program(f"{HEAD}\n\n" + "\n".join(lines) + "\n", "chain.py", "f")
    request: Any = pipeline.Request(mode=mode, kinds=kinds)
    return pipeline.generate(read, request).text


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("path", ALL)
def test_no_helper_is_called(path: str, mode: str) -> None:
    case = ALL[path]
    if not Program(case).args or np.iscomplexobj(case.fn(*case.args)):
        return
    for kind in KINDS:
        if kind != "numbers" and (path.startswith(ON_NUMBERS) or path == "scipy.special.multigammaln"):
            continue
        tree = ast.parse(derivative(path, case, kind, mode))
        made = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert len(made - MATHEMATICS.get(path, set())) == 1, (kind, made)


def test_all_of_them_are_tried() -> None:
    partial = {p for p, e in registry.load_all().items() if e.partials and "." in p}
    assert len(ALL) > 250
    casts = {"numpy.float32", "numpy.complex64", "numpy.complex128"}
    assert {p for p in partial - ALL.keys() if p.startswith(("numpy.", "math."))} == casts
