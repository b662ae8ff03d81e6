"""`from module import *`: names of libraries and of files of the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.load import load
from tests.programs.oracle import judge

PROGRAMS = {
    "numpy": "from numpy import *\n\n\ndef f(x):\n    return sum(sin(x) * exp(-x) * pi) + linalg.norm(x)\n",
    "two": "from math import *\nfrom numpy import *\n\n\n"
    "def f(x):\n    return sum(sin(x)) * gamma(2.5) + dot(x, x)\n",
    "math": "from math import *\n\n\ndef f(x):\n    return sum(sin(a) * tau for a in x)\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_right(name: str) -> None:
    outcome = judge(PROGRAMS[name], (np.array([0.7, 1.3, 0.4]),), order=2)
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


def test_only_what_is_used_is_imported() -> None:
    made = pipeline.generate(parse.program(PROGRAMS["numpy"], "model.py", "f"), pipeline.Request())
    assert "import *" not in made.text and "from numpy import exp, linalg, pi, sin, sum" in made.text


REFUSED = {
    "unknown": ("from nowhere import *", "sum(x)"),
    "after a function": ("def sin(x):\n    return x\n\n\nfrom numpy import *", "sin(x)"),
    "unknown after a function": ("def sine(x):\n    return x\n\n\nfrom nowhere import *", "sine(x)"),
    "not there": ("from numpy import *", "sine(x)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    head, call = REFUSED[name]
    source = f"{head}\n\n\ndef f(x):\n    return {call}\n"
    with pytest.raises(adtrans.Refused) as error:
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    (found,) = error.value.diagnostics
    assert found.code == ("AD201" if name == "not there" else "AD226")
    assert found.span is not None and source.splitlines()[found.span.line - 1] == f"    return {call}"


def project(folder: Path, helpers: str, text: str) -> pipeline.Generated:
    (folder / "more.py").write_text("def cube(x):\n    return x**3\n")
    (folder / "helpers.py").write_text(helpers)
    file = folder / "model.py"
    file.write_text(text)
    return pipeline.generate(parse.program(text, str(file), "f"), pipeline.Request())


TEXT = "from helpers import *\n\n\ndef f(x):\n    return square(x) * cube(x) * RATE\n"
HELPERS = "from more import *\n\nRATE = 0.5\n\n\ndef square(x):\n    return x * x\n"


def test_files_of_the_project(tmp_path: Path) -> None:
    made = project(tmp_path, HELPERS, TEXT)
    value, x_bar = load(made.text, made.name)(0.7)
    np.testing.assert_allclose((value, x_bar), (0.5 * 0.7**5, 2.5 * 0.7**4))


def test_what_a_file_offers(tmp_path: Path) -> None:
    with pytest.raises(adtrans.Refused, match="AD201"):
        project(tmp_path, f'__all__ = ["square", "RATE"]\n{HELPERS}', TEXT)
    with pytest.raises(adtrans.Refused, match="AD201"):
        project(tmp_path, HELPERS, TEXT.replace("square", "_square"))


PACKAGE = {
    "__init__.py": "from .waves import *\nfrom .square import *\nfrom . import flat\n",
    "waves.py": "import numpy as np\n\n\ndef wave(x):\n    return np.sin(x) * x\n\n\n"
    "def _hidden(x):\n    return x\n",
    "square.py": "def square(x):\n    return x * x\n",
    "flat.py": "def half(x):\n    return 0.5 * x\n",
}
"""`square` is a function of the package: its own star import replaces the module of that name."""
USERS = {
    "from": "from waves2 import square, wave\n\n\ndef f(x):\n    return wave(x) * square(x)\n",
    "attribute": "import waves2 as w\n\n\ndef f(x):\n    return w.wave(x) * w.square(x)\n",
    "both": "import waves2\nfrom waves2 import flat\n\n\n"
    "def f(x):\n    return 2.0 * flat.half(x) * waves2.wave(x) * waves2.square.square(x) / x\n",
}


def package(folder: Path, text: str, **files: str) -> pipeline.Generated:
    (folder / "waves2").mkdir()
    for name, source in {**PACKAGE, **{f"{n}.py": s for n, s in files.items()}}.items():
        (folder / "waves2" / name).write_text(source)
    file = folder / "model.py"
    file.write_text(text)
    return pipeline.generate(parse.program(text, str(file), "f"), pipeline.Request())


@pytest.mark.parametrize("name", ["from", "attribute"])
def test_stars_of_a_package(name: str, tmp_path: Path) -> None:
    made = package(tmp_path, USERS[name])
    value, x_bar = load(made.text, made.name)(0.7)
    high, low = (np.sin(t) * t**3 for t in (0.7 + 1e-6, 0.7 - 1e-6))
    np.testing.assert_allclose(value, np.sin(0.7) * 0.7**3)
    np.testing.assert_allclose(x_bar, (high - low) / 2e-6, rtol=1e-8)


REFUSED_PACKAGES = {
    "hidden": ("AD226", "from waves2 import _hidden\n\n\ndef f(x):\n    return _hidden(x)\n", {}),
    "condition": (
        "AD226",
        USERS["from"],
        {
            "__init__": "try:\n    from .fast import *\nexcept ImportError:\n    from .waves import *\n",
            "fast": "",
        },
    ),
    "the module is replaced": ("AD201", USERS["both"], {}),
}


@pytest.mark.parametrize("name", REFUSED_PACKAGES)
def test_refused_of_a_package(name: str, tmp_path: Path) -> None:
    code, text, files = REFUSED_PACKAGES[name]
    with pytest.raises(adtrans.Refused, match=code) as error:
        package(tmp_path, text, **files)
    lines = text.splitlines()
    assert {lines[d.span.line - 1][:8] for d in error.value.diagnostics if d.span} == {"    retu"}
