"""Rules for functions without a source: stated in a program, and brought by packages."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy import special

import adtrans
from adtrans import parse, pipeline
from adtrans.load import load
from adtrans.rules import registry

X = np.array([0.3, 0.7, -0.4])
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def fastlib(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A library of functions that have no source; afterwards nobody knows of its rules."""
    module = types.ModuleType("fastlib")
    module.erfcx = special.erfcx  # type: ignore[attr-defined]
    module.turn = np.frompyfunc(lambda x, y: math.sin(x) * y, 2, 1)  # type: ignore[attr-defined]
    module.wave = lambda x, y: np.sin(x) * y  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fastlib", module)
    before = dict(registry.load_all())
    yield
    registry.PENDING.clear()
    registry.TABLE.clear()
    registry.TABLE.update(before)
    registry.forget()


HEAD = """import adtrans
import math
import numpy as np
import fastlib
from fastlib import wave

SLOPE = 1.1283791670955126


@adtrans.partials(fastlib.erfcx)
def erfcx_rule(y, x):
    return 2.0 * x * y - SLOPE


@adtrans.partials("fastlib.wave")
def wave_rule(z: float, x: float, y: float):
    s = np.sin(x)
    return np.cos(x) * y, s


def cube(x):
    return np.asarray(fastlib.wave(np.pi / 2.0, x)) ** 3


@adtrans.partials(cube)
def cube_rule(y, x):
    return 3.0 * x * x


def scaled(x, n):
    return fastlib.anything(x) * n


@adtrans.partials(scaled)
def scaled_rule(y, x, n):
    return y / x, None


"""

PROGRAMS = {
    "module": "def f(x):\n    return np.sum(fastlib.erfcx(x) * x)\n",
    "two arguments": "def f(x):\n    return np.sum(wave(fastlib.erfcx(x), 0.7 * x) * wave(0.3, x))\n",
    "broadcast": "def f(x):\n    return np.sum(wave(x, x[0]) * wave(x[1], x))\n",
    "loop": "def f(x):\n    y = 0.1 * x\n    for i in range(3):\n"
    "        y[i] = wave(y[i - 1], x[i]) + fastlib.erfcx(y[i])\n    return np.sum(y * wave(y, x))\n",
    "own function": "def f(x):\n    return np.sum(cube(x) * cube(wave(x, x)))\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    f = adtrans.from_source(HEAD + PROGRAMS[name], "f")
    adtrans.check_grads(f, (X,), order=2)


def test_of_the_running_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that was stated by a module which the program has imported from anywhere."""
    (tmp_path / "stated_elsewhere.py").write_text(HEAD)
    monkeypatch.syspath_prepend(tmp_path)
    import_module("stated_elsewhere")
    f = adtrans.from_source("import fastlib\n\n\ndef f(x):\n    return fastlib.erfcx(x) * x\n", "f")
    adtrans.check_grads(f, (0.3,), order=2)
    with pytest.raises(adtrans.AdtransError, match="state the rule"):
        adtrans.partials(import_module)(lambda y, x: x)


@pytest.mark.parametrize("name", ["module", "two arguments", "broadcast"])
def test_from_text_alone(name: str) -> None:
    """The formulas are written into the derivative, which imports what the function does."""
    source = HEAD + PROGRAMS[name]
    made = pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    assert "adtrans" not in made.text.split('"""')[2] and "_rule" not in made.text
    assert not registry.STATED and "fastlib.erfcx" not in registry.TABLE
    value, x_bar = load(made.text, made.name)(X)
    f = load(source, "f")
    assert value == f(X)
    for k, step in enumerate(1e-6 * np.eye(3)):
        np.testing.assert_allclose(x_bar[k], (f(X + step) - f(X - step)) / 2e-6, rtol=1e-7)


def test_a_rule_of_an_imported_module(tmp_path: Path) -> None:
    (tmp_path / "slopes.py").write_text(HEAD)
    text = "import fastlib\nimport numpy as np\nimport slopes\n\n\n"
    text += "def f(x):\n    return np.sum(fastlib.erfcx(x))\n"
    (tmp_path / "model.py").write_text(text)
    made = pipeline.generate(parse.program(text, str(tmp_path / "model.py"), "f"), pipeline.Request())
    expected = 2.0 * X * special.erfcx(X) - 2.0 / np.sqrt(np.pi)
    np.testing.assert_allclose(load(made.text, made.name)(X)[1], expected)


def test_an_argument_that_cannot_vary() -> None:
    source = HEAD + "def f(x, n):\n    return scaled(x, n)\n"
    made = pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request(wrt=("x",)))
    assert "x_slope * x_dot" in made.text and "n_slope * n_dot" not in made.text


def test_a_wrong_rule_is_found() -> None:
    wrong = HEAD.replace("2.0 * x * y - SLOPE", "2.0 * x * y") + PROGRAMS["module"]
    with pytest.raises(adtrans.GradientCheckError):
        adtrans.check_grads(adtrans.from_source(wrong, "f"), (X,))


REFUSED = {
    "a known function": ("fastlib.erfcx", "np.sin", "np.sin(x)"),
    "another function": ("- SLOPE", "- fastlib.erfcx(x)", "fastlib.erfcx(x)"),
    "a list": ("1.1283791670955126", "[1.0]", "fastlib.erfcx(x)"),
    "defaults": ("def erfcx_rule(y, x)", "def erfcx_rule(y, x=1.0)", "fastlib.erfcx(x)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    old, new, call = REFUSED[name]
    source = HEAD.replace(old, new) + f"def f(x):\n    return {call}\n"
    with pytest.raises(adtrans.Refused) as error:
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    (found,) = error.value.diagnostics
    assert found.code == "AD246" and found.span is not None
    assert "def erfcx_rule" in source.splitlines()[found.span.line - 1]


def test_a_rule_with_a_loop_is_refused() -> None:
    loop = "    for _ in range(2):\n        y = y * x\n    return y\n"
    source = HEAD.replace("    return 2.0 * x * y - SLOPE\n", loop) + PROGRAMS["module"]
    with pytest.raises(adtrans.Refused, match="AD302"):
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())


def test_without_a_rule_it_is_refused() -> None:
    source = "import fastlib\n\n\ndef f(x):\n    return fastlib.other(x)\n"
    with pytest.raises(adtrans.Refused, match="AD201"):
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())


# ------------------------------------------------------------ packages

PACKAGE = """
import numpy as np
import adtrans
from adtrans.rules import registry

print("loaded")


@adtrans.partials("fastlib.erfcx")
def erfcx_rule(y, x):
    return 2.0 * x * y - 2.0 / np.sqrt(np.pi)


@registry.jvp("fastlib.total")
def total_dot(y, x, x_dot):
    return np.sum(x_dot)


@registry.vjp("fastlib.total")
def total_bar(y, x, y_bar):
    return y_bar * np.ones(np.shape(x))


registry.parameters("fastlib.total", x=...)
"""
SCRIPT = """
import sys
import adtrans
assert "importlib.metadata" not in sys.modules, "import adtrans is to be fast"
from adtrans import parse, pipeline
text = "import fastlib\\n\\n\\ndef f(x):\\n    return fastlib.total(fastlib.erfcx(x))\\n"
print(pipeline.generate(parse.program(text, "model.py", "f"), pipeline.Request()).text)
"""


def run(folder: Path, package: str) -> subprocess.CompletedProcess[str]:
    (folder / "fastrules.py").write_text(package)
    info = folder / "fastrules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fastrules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[adtrans.rules]\nfast = fastrules\n")
    path = os.pathsep.join([str(folder), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment)


def test_a_package_brings_rules(tmp_path: Path) -> None:
    done = run(tmp_path, PACKAGE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("loaded\n")
    module = done.stdout.removeprefix("loaded\n")
    sys.modules["fastlib"].total = np.sum  # type: ignore[attr-defined]
    value, x_bar = load(module, "f_vjp")(X)
    np.testing.assert_allclose(value, np.sum(special.erfcx(X)))
    np.testing.assert_allclose(x_bar, 2.0 * X * special.erfcx(X) - 2.0 / np.sqrt(np.pi))


def test_a_broken_package_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "import nowhere_to_be_found\n")
    assert (
        done.returncode and "the rules of `fastrules` (entry point `fast`) could not be loaded" in done.stderr
    )
