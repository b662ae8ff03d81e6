"""The format of tests/golden/*.txt, and what a golden module must do: agree with differences.

# flags: --mode reverse --wrt x --signature "x: f8[:], n: int"
# at: x=[0.5, 1.2], n=3
# why: a sentence where the output differs from ideal/
# as: lambda w, x: Model(w).loss(x)    for a method: the same as a function of the parameters of the output
the source of a module; the last function in it is the one to differentiate
# output
the module that `adtrans emit` writes
"""

from __future__ import annotations

import ast
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner

from adtrans.load import register
from tests.programs.differences import Primal, active_positions, pack, reference, unpack
from tests.programs.oracle import identical, quiet

GOLDEN = Path(__file__).parent / "golden"
MARK = "# output\n"


@dataclass(frozen=True)
class Golden:
    """One golden file, taken apart."""

    path: Path
    head: str
    flags: tuple[str, ...]
    points: tuple[str, ...]
    source: str
    output: str
    entry: str = ""
    method: str = ""

    @property
    def target(self) -> str:
        """What `adtrans emit` is asked for: the function, or the method that is called last in `# as:`."""
        if not self.method:
            return self.function
        call = ast.parse(self.method, mode="eval").body.body  # type: ignore[attr-defined]
        return f"{call.func.value.func.id}.{call.func.attr}"

    @property
    def function(self) -> str:
        """The function to differentiate: the last one, unless it is named."""
        if self.entry:
            return self.entry
        if self.method:
            return self.target.rpartition(".")[2]
        return [node.name for node in ast.parse(self.source).body if isinstance(node, ast.FunctionDef)][-1]

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def forward(self) -> bool:
        return "forward" in self.flags

    @property
    def wrt(self) -> tuple[str, ...]:
        """The parameters after `--wrt`, none where it is left out."""
        given = [b for a, b in zip(self.flags, self.flags[1:], strict=False) if a == "--wrt"]
        names = given[0].split(",") if given else []
        return tuple(name.strip().removeprefix("self.").replace(".", "_") for name in names)

    def primal(self, space: dict[str, Any]) -> Any:
        """The function that the derivative is of; `space` is what its module defines."""
        return eval(self.method, space) if self.method else space[self.function]

    def arguments(self, point: str) -> tuple[Any, ...]:
        """The arguments of a line `# at: x=[1, 2], n=3`: lists are arrays of floats."""
        names = {
            name: getattr(np, name)
            for name in ("float32", "array", "eye", "linspace", "cos", "sin", "arange")
        }
        values = eval(f"dict({point})", names)
        return tuple(np.array(v, dtype=float) if isinstance(v, list) else v for v in values.values())


def read(path: Path) -> Golden:
    source, _, output = path.read_text().partition(MARK)
    flags: tuple[str, ...] = ()
    points, head, method = [], [], ""
    lines = source.splitlines(keepends=True)
    while lines and lines[0].startswith(("# flags:", "# at:", "# why:", "# as:", "#   ")):
        line = lines.pop(0)
        head.append(line)
        key, _, rest = line[2:].partition(":")
        if key == "flags":
            flags = tuple(shlex.split(rest))
        elif key == "at":
            points.append(rest.strip())
        elif key == "as":
            method = rest.strip()
    return Golden(path, "".join(head), flags, tuple(points), "".join(lines), output, method=method)


def generate(golden: Golden, folder: Path) -> str:
    """What `adtrans emit` prints for it."""
    from adtrans.cli import cli

    here = os.getcwd()
    (folder / f"{golden.stem}.py").write_text(golden.source)
    os.chdir(folder)
    try:
        result = CliRunner().invoke(cli, ["emit", f"{golden.stem}.py:{golden.target}", *golden.flags])
    finally:
        os.chdir(here)
    if result.exit_code:
        raise AssertionError(
            f"{golden.stem}: exit code {result.exit_code}\n{result.output}"
        ) from result.exception
    return result.stdout


def write(golden: Golden, output: str) -> None:
    golden.path.write_text(golden.head + golden.source + MARK + output)


# --------------------------------------------------------------- the numbers


def check(golden: Golden, output: str) -> None:
    """Raise AssertionError where the module disagrees with differences of the source."""
    assert golden.points, f"{golden.stem}: no line `# at:`"
    with quiet():
        for point in golden.points:
            check_at(golden, output, golden.arguments(point))


def check_at(golden: Golden, output: str, args: tuple[Any, ...]) -> None:
    primal_space: dict[str, Any] = {}
    space: dict[str, Any] = {}
    register(golden.source, golden.stem)  # a gradient in it asks for the source
    exec(compile(golden.source, golden.stem, "exec"), primal_space)
    exec(compile(output, f"{golden.stem}_derivative", "exec"), space)
    function = golden.primal(primal_space)
    code = function.__code__
    names = code.co_varnames[: code.co_argcount][: len(args)]
    wrt = [i for i in active_positions(args) if not golden.wrt or names[i] in golden.wrt]
    truth, tolerance, value = differences(function, args, wrt)
    if golden.forward:
        found, y_dot, expected = tangent(space[f"{golden.function}_jvp"], args, wrt, value, truth)
        compare(golden.stem, y_dot, expected, tolerance)
    else:
        found, x_bar, expected = adjoint(
            space[f"{golden.function}_vjp"], args, value, truth, code.co_argcount
        )
        compare(golden.stem, x_bar, expected, tolerance)
    assert identical(found, value), f"{golden.stem}: the value is {found!r} instead of {value!r}"


def differences(function: Any, args: tuple[Any, ...], wrt: Sequence[int]) -> tuple[Any, float, Any]:
    """The Jacobian with respect to some arguments, how far to trust it, and the value."""
    wide = tuple(a.astype(float) if isinstance(a, np.ndarray) and a.dtype == np.float32 else a for a in args)
    single = any(isinstance(a, (np.ndarray, np.floating)) and a.dtype == np.float32 for a in args)
    wide = tuple(float(a) if isinstance(a, np.float32) else a for a in wide)
    truth = reference(Primal(function, wide)).jacobian
    keep: list[int] = []
    at = 0
    for i in active_positions(wide):
        size = np.size(np.asarray(wide[i]))
        keep += range(at, at + size) if i in wrt else []
        at += size
    value = Primal(function, args).at(Primal(function, args).point) if not single else function(*copies(args))
    return truth[:, keep], 2e-5 if single else 1e-6, value


def copies(args: Sequence[Any]) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def adjoint(f_vjp: Any, args: tuple[Any, ...], value: Any, truth: Any, params: int) -> tuple[Any, Any, Any]:
    """Value and adjoints of a module's `f_vjp`, and what the adjoints ought to be."""
    scalar = not isinstance(value, tuple) and np.ndim(value) == 0
    rng = np.random.default_rng(3)
    seed = np.ones(1) if scalar else rng.uniform(0.5, 1.5, len(pack(value)))
    bars = unpack(seed, value)
    given = copies(args)
    if len(given) < params and not scalar:
        raise AssertionError("give all arguments in `# at:`")
    extra = [] if scalar else list(bars) if isinstance(bars, tuple) else [bars]
    found = f_vjp(*given, *extra)
    assert all(np.array_equal(a, b) for a, b in zip(given, args, strict=True)), "an argument was changed"
    count = len(value) if isinstance(value, tuple) else 1
    first = tuple(found[:count]) if isinstance(value, tuple) else found[0]
    if isinstance(value, tuple) and isinstance(found[0], tuple):
        first, rest = found[0], found[1:]
    else:
        rest = found[count:]
    return first, pack(tuple(rest)), seed @ truth


def tangent(
    f_jvp: Any, args: tuple[Any, ...], wrt: Sequence[int], value: Any, truth: Any
) -> tuple[Any, Any, Any]:
    """Value and tangent of a module's `f_jvp`, and what the tangent ought to be."""
    inputs = [args[i] for i in wrt]
    direction = np.random.default_rng(4).uniform(-1.0, 1.0, truth.shape[1])
    given = copies(args)
    found = f_jvp(*given, *unpack(direction, inputs))
    assert all(np.array_equal(a, b) for a, b in zip(given, args, strict=True)), "an argument was changed"
    if isinstance(value, tuple) and not isinstance(found[0], tuple):
        count = len(value)
        return tuple(found[:count]), pack(tuple(found[count:])), truth @ direction
    return found[0], pack(found[1]), truth @ direction


def compare(name: str, found: Any, truth: Any, tolerance: float) -> None:
    scale = 1.0 + float(np.max(np.abs(truth), initial=0.0))
    assert found.shape == truth.shape, f"{name}: {found.shape} instead of {truth.shape}"
    assert np.all(np.abs(found - truth) <= tolerance * scale), f"{name}: {found} instead of {truth}"
