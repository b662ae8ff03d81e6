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
