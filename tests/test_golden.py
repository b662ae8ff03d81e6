"""The modules in tests/golden: written anew, compared byte by byte, and compared with differences.

`pytest --bless` rewrites them, but not where differences say that the module is wrong: a golden file
may be ugly, never wrong.
"""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import adtrans
from tests import golden_files
from tests.golden_files import GOLDEN

FILES = sorted(GOLDEN.glob("*.txt"))
ALONE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "adtrans":
            raise ImportError(name)

sys.meta_path.insert(0, Absent())
for file in sys.argv[1:]:
    with open(file) as text:
        exec(compile(text.read(), file, "exec"), {"__name__": "derivative"})
print("all ran")
"""


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_golden(path: Path, tmp_path: Path, bless: bool) -> None:
    golden = golden_files.read(path)
    output = golden_files.generate(golden, tmp_path)
    golden_files.check(golden, output)
    if bless:
        golden_files.write(golden, output)
    else:
        assert output == golden.output, "run `pytest tests/test_golden.py --bless` if the change is meant"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_again(path: Path, tmp_path: Path) -> None:
    """An emitted module can be differentiated itself."""
    golden = golden_files.read(path)
    name = f"{golden.function}_{'jvp' if golden.forward else 'vjp'}"
    path = tmp_path / f"{golden.stem}_again.txt"
    # Without ranks a row of `u` may be a view; what was said of them for the primal holds here too.
    ranks = golden.flags[golden.flags.index("--signature") :][:2] if "--signature" in golden.flags else ()
    text = golden_files.generate(
        golden_files.Golden(path, "", ("--mode", "forward", *ranks), (), golden.output, "", name), tmp_path
    )
    assert f"def {name}_jvp(" in text


@pytest.mark.parametrize("name", ["grow", "heat", "list_log", "newton_while", "swap", "views"])
def test_third_order(name: str) -> None:
    """Reverse over reverse over forward, and every other order of the two modes."""
    golden = golden_files.read(GOLDEN / f"{name}.txt")
    point = eval(f"dict({golden.points[0]})", {})
    args = [np.array(v, dtype=float) if isinstance(v, list) else v for v in point.values()]
    adtrans.check_grads(adtrans.from_source(golden.source, golden.function), args, order=3)


def test_alone(tmp_path: Path) -> None:
    """Every golden module runs where adtrans cannot be imported."""
    files = []
    for path in FILES:
        file = tmp_path / f"{path.stem}_derivative.py"
        file.write_text(golden_files.read(path).output)
        files.append(str(file))
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, *files], capture_output=True, text=True, check=False
    )
    assert done.stdout == "all ran\n", done.stderr


def test_black_has_nothing_to_do() -> None:
    import black

    from adtrans.emit import WIDTH

    for path in FILES:
        output = golden_files.read(path).output
        assert black.format_str(output, mode=black.Mode(line_length=WIDTH)) == output, path.stem


def test_an_interactive_session_makes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It adds the last value shown, `_`, to the built-ins: the name was taken for used."""
    monkeypatch.setattr(builtins, "_", 3, raising=False)
    golden = golden_files.read(GOLDEN / "custom_jvp.txt")
    assert golden_files.generate(golden, tmp_path) == golden.output
