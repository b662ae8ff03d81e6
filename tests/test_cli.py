"""The command line: what is printed, what is written, and the exit codes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from adtrans import pipeline
from adtrans.cli import cli
from adtrans.commands import files
from adtrans.commands.config import find
from adtrans.commands.targets import Place, Target, TargetError

SOURCE = """\
import numpy as np

raise SystemExit("the program was run")


def area(x, n: int):
    total = 0.0
    for i in range(n):
        total = total + x[i] * x[i]
    return total


def spread(x, unit):
    return np.sum((x - np.mean(x)) ** 2) / float(x.tobytes())
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with one module, as working directory."""
    (tmp_path / "shape.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def adtrans(*args: str, stdin: str | None = None):
    return CliRunner().invoke(cli, args, input=stdin, prog_name="adtrans")


def configure(project: Path, *targets: str) -> None:
    lines = "".join(f"    {{ {target} }},\n" for target in targets)
    (project / "pyproject.toml").write_text(f"[tool.adtrans]\ntargets = [\n{lines}]\n")


# ------------------------------------------------------------------------ emit


def test_emit_prints_a_module_that_works(project):
    made = adtrans("emit", "shape.py:area", "--wrt", "x")
    assert made.exit_code == 0, made.stderr
    space: dict = {}
    exec(made.stdout, space)
    value, x_bar = space["area_vjp"](np.array([1.0, 2.0, 4.0]), 2)
    assert value == 5.0
    np.testing.assert_array_equal(x_bar, [2.0, 4.0, 0.0])


def test_the_command_in_the_header_makes_the_same_bytes(project):
    made = adtrans(
        "emit", "./shape.py:area", "--signature", "x:  f8[:],n: int", "--mode=forward", "--wrt", " x"
    )
    (line,) = [line for line in made.stdout.splitlines() if line.startswith("Made by:")]
    command = line.removeprefix("Made by:").strip()
    assert (
        command
        == "adtrans emit shape.py:area --mode forward --wrt x --signature 'x:  f8[:],n: int'".replace(
            "  ", " "
        )
    )
    assert adtrans(*shlex.split(command)[1:]).stdout == made.stdout


def test_standard_input(project):
    made = adtrans("emit", "-:area", "--wrt", "x", stdin=SOURCE)
    assert made.exit_code == 0, made.stderr
    assert "adtrans emit -:area --wrt x" in made.stdout


def test_both_modes_in_one_module(project):
    made = adtrans("emit", "shape.py:area", "--wrt", "x", "--mode", "both")
    assert made.exit_code == 0, made.stderr
    assert "def area_vjp(" in made.stdout
    assert "def area_jvp(" in made.stdout


def test_split(project):
    made = adtrans("emit", "shape.py:area", "--wrt", "x", "--split")
    assert made.exit_code == 0, made.stderr
    assert "def area_fwd(" in made.stdout
    assert "def area_bwd(" in made.stdout


def test_no_path_of_this_machine_in_the_output(project):
    made = adtrans("emit", f"{project}/shape.py:area", "--wrt", "x")
    assert str(project) not in made.stdout
    assert made.stdout == adtrans("emit", "shape.py:area", "--wrt", "x").stdout


def test_output_file(project):
    assert adtrans("emit", "shape.py:area", "-o", "out.py").exit_code == 0
    text = Path("out.py").read_text()
    assert text == adtrans("emit", "shape.py:area").stdout
    again = adtrans("emit", "shape.py:area", "-o", "out.py")
    assert again.exit_code == 0
    assert "out.py: unchanged" in again.stderr
    assert sorted(os.listdir()) == ["out.py", "shape.py"]


def test_what_adtrans_did_not_write_is_left_alone(project):
    made = adtrans("emit", "shape.py:area", "-o", "shape.py")
    assert made.exit_code == 2
    assert "was not made by adtrans" in made.stderr
    assert Path("shape.py").read_text() == SOURCE


def test_a_derivative_is_not_written_over_by_its_own(project):
    assert adtrans("emit", "shape.py:area", "--wrt", "x", "-o", "out.py").exit_code == 0
    made = adtrans("emit", "out.py:area_vjp", "--wrt", "x", "--mode", "forward", "-o", "out.py")
    assert made.exit_code == 2
    assert "is the source itself" in made.stderr


def test_refusals_go_to_stderr_and_nothing_is_written(project):
    made = adtrans("emit", "shape.py:spread", "-o", "out.py")
    assert made.exit_code == 2
    assert made.stdout == ""
    assert "shape.py:14:" in made.stderr
    assert "^^^" in made.stderr
    assert not Path("out.py").exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["shape.py"], "which function of shape.py? Write shape.py:FUNC; it has area, spread"),
        (["shape"], "names no function"),
        (["nowhere.py:f"], "cannot read nowhere.py: No such file"),
        (["shape.py:missing"], "has no function `missing`"),
        (
            ["shape.py:area", "--signature", "x: f8[:], m: int"],
            "has no parameter `m`; its parameters are x, n",
        ),
        (["shape.py:area", "--signature", "x: thing"], "`thing` is no type that adtrans knows"),
        (["shape.py:area", "-o", "no/folder/out.py"], "cannot write"),
        (["shape.py:area", "--check"], "need a file to compare with"),
        (["shape.py:area", "--mode", "sideways"], "sideways"),
        ([], "name a function"),
        (["--wrt", "x"], "name the function that the options are for"),
    ],
)
def test_errors(project, args, words):
    made = adtrans("emit", *args)
    assert made.exit_code == 2
    assert words in made.stderr
    assert made.stdout == ""


def test_an_unknown_name_in_wrt(project):
    assert adtrans("emit", "shape.py:area", "--wrt", "z").exit_code == 2


def test_a_bug_is_reported_as_one(project, monkeypatch):
    monkeypatch.setattr(pipeline, "generate", lambda *_: 1 // 0)
    made = adtrans("emit", "shape.py:area")
    assert made.exit_code == 3
    assert "this is a bug of adtrans" in made.stderr


# ------------------------------------------------------------- --check and --diff


def state(*args: str) -> tuple[int, str]:
    made = adtrans("emit", "shape.py:area", "-o", "out.py", "--check", *args)
    return made.exit_code, made.stderr.strip()


def test_check(project):
    out = Path("out.py")
    assert state() == (1, "out.py: missing")
    adtrans("emit", "shape.py:area", "-o", "out.py")
    assert state() == (0, "out.py: up to date")
    text = out.read_text()

    out.write_text(text.replace("adtrans 0.1.0", "adtrans 0.0.9"))
    assert state() == (0, "out.py: up to date (made by another version of adtrans)")

    out.write_text(text.replace("total_bar", "sum_bar"))
    assert state() == (1, "out.py: edited by hand")

    out.write_text(text)
    Path("shape.py").write_text(SOURCE.replace("x[i] * x[i]", "x[i] * 2.0"))
    assert state() == (1, "out.py: stale: shape.py:area has changed")
    Path("shape.py").write_text(
        SOURCE.replace("    total = 0.0\n", "    # From nothing.\n    total  =  0.0\n")
    )
    assert state()[0] == 1 or "From nothing" not in text
    assert out.read_text() == text


def test_check_says_when_the_options_differ(project):
    adtrans("emit", "shape.py:area", "--mode", "forward", "-o", "out.py")
    assert state() == (1, "out.py: stale: it was made with other options")


def test_diff(project):
    made = adtrans("emit", "shape.py:area", "-o", "out.py", "--diff")
    assert made.exit_code == 0
    assert "+def area_vjp(" in made.stdout
    assert not Path("out.py").exists()
    adtrans("emit", "shape.py:area", "-o", "out.py")
    assert adtrans("emit", "shape.py:area", "-o", "out.py", "--diff").stdout == ""
    assert adtrans("emit", "shape.py:area", "-o", "out.py", "--diff", "--check").exit_code == 0


def test_overwriting_changes_made_by_hand_is_said(project):
    adtrans("emit", "shape.py:area", "-o", "out.py")
    Path("out.py").write_text(Path("out.py").read_text() + "\nx = 1\n")
    assert "over changes made by hand" in adtrans("emit", "shape.py:area", "-o", "out.py").stderr


# ----------------------------------------------------------------- configuration

VJP = 'source = "shape.py:area", output = "area_vjp.py", wrt = ["x"], signature = "x: f8[:], n: int"'
JVP = 'source = "shape.py:area", output = "area_jvp.py", wrt = ["x"], mode = "forward"'


def test_all_targets(project, monkeypatch):
    configure(project, VJP, JVP)
    assert adtrans("emit", "--check").exit_code == 1
    assert adtrans("emit").exit_code == 0
    assert adtrans("emit", "--check").exit_code == 0
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    assert adtrans("emit", "--check").exit_code == 0
    assert "--mode forward" in (project / "area_jvp.py").read_text()


def test_one_target_by_its_source(project):
    configure(project, VJP)
    shown = adtrans("emit", "shape.py:area", "-o", "-").stdout
    assert "--signature" in shown
    assert adtrans("emit", "shape.py:area").exit_code == 0
    assert Path("area_vjp.py").read_text() == shown
    assert "--signature" not in adtrans("emit", "shape.py:area", "--wrt", "x").stdout


def test_a_target_may_be_made_from_another(project):
    second = 'source = "area_vjp.py:area_vjp", output = "second.py", wrt = ["x"], mode = "forward"'
    configure(project, VJP, second)
    assert adtrans("emit").exit_code == 0
    assert "area_vjp_jvp" in Path("second.py").read_text()


def test_one_bad_target_does_not_stop_the_others(project):
    configure(project, 'source = "shape.py:spread", output = "spread_vjp.py"', VJP)
    assert adtrans("emit").exit_code == 2
    assert Path("area_vjp.py").exists()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ('source = "shape.py:area"', "target 1 of [tool.adtrans]: `output` is missing"),
        ('source = "shape.py:area", output = "o.py", wrt = "x"', "`wrt` is a list of names"),
        ('source = "shape.py:area", output = "o.py", mode = "both ways"', "`mode` is one of"),
        ('source = "shape.py:area", output = "o.py", colour = 1', "unknown key `colour`"),
        ('source = "shape.py:area", output = 3', "`output` is a string"),
    ],
)
def test_bad_configuration(project, target, words):
    configure(project, target)
    made = adtrans("emit")
    assert made.exit_code == 2
    assert words in made.stderr


def test_a_project_without_targets(project):
    (project / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    assert find(project) is None or find(project).root != project


# --------------------------------------------------------------- files and places


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "out.py"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(files.FileError, match="No space left"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.py"]


def test_places():
    assert Place.of("a/../b.py:f") == Place("a/../b.py", "f")
    assert str(Place.of("./b.py:A.f")) == "b.py:A.f"
    assert Place.of("-:f") == Place("-", "f")
    with pytest.raises(TargetError):
        Place.of("b.py:not a name")


def test_command():
    target = Target(Place("my file.py", "f"), "forward", ("a", "b"), True, "a: f8[:], b: f8")
    assert target.command == (
        "adtrans emit 'my file.py:f' --mode forward --wrt a,b --split --signature 'a: f8[:], b: f8'"
    )


# ----------------------------------------------------------- check, lint, rules, start

CHECKED = """\
import numpy as np


def energy(x, n: int, scale=2.0):
    return scale * np.sum(x**n)


def broken(x):
    raise RuntimeError("no luck")
"""


def test_check_command(project):
    Path("energy.py").write_text(CHECKED)
    made = adtrans("check", "energy.py:energy", "--at", "x=[1, 2.5], n=3")
    assert made.exit_code == 0, made.stderr
    assert "running energy" in made.stderr
    assert "forward and reverse mode agree with differences" in made.stdout


@pytest.mark.parametrize(
    ("function", "at", "words"),
    [
        ("energy", "x=[1, 2], m=3", "--at: "),
        ("energy", "x=open('f')", "write names and literal values"),
        ("energy", "[1, 2]", "write names and literal values"),
        ("broken", "x=1.0", "energy.py:broken raised RuntimeError"),
        ("missing", "x=1.0", "energy.py has no function `missing`"),
    ],
)
def test_check_command_errors(project, function, at, words):
    Path("energy.py").write_text(CHECKED)
    made = adtrans("check", f"energy.py:{function}", "--at", at)
    assert made.exit_code == 2
    assert words in made.stderr


def test_lint(project):
    made = adtrans("lint", "shape.py")
    assert made.exit_code == 1
    lines = made.stdout.splitlines()
    assert lines[0] == "shape.py:6: area: yes"
    assert lines[1] == "shape.py:13: spread: no"
    assert lines[2].startswith("    shape.py:14:")
    assert adtrans("lint", "shape.py:area").exit_code == 0


def test_lint_of_a_syntax_error(project):
    Path("bad.py").write_text("def f(x:\n    return x\n")
    made = adtrans("lint", "bad.py")
    assert made.exit_code == 1
    assert "AD101" in made.stdout


def test_rules():
    lines = adtrans("rules").stdout.splitlines()
    assert "np.sin" in lines
    assert lines == sorted(lines)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_is_quick(option):
    code = (
        "import sys, adtrans.cli as c\n"
        f"try: c.cli([{option!r}])\n"
        "except SystemExit as e: assert e.code == 0\n"
        "assert not {'libcst', 'black', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_as_a_module():
    done = subprocess.run([sys.executable, "-m", "adtrans", "--version"], capture_output=True, text=True)
    assert done.stdout == "adtrans 0.1.0\n"


# ------------------------------------------------------------------- odd files


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", 0, ""),
        (b"x = 1", 0, ""),
        (b"\xef\xbb\xbfdef f(x):\r\n    return x * x\r\n", 0, "f: yes"),
        (b"def f(x):\r\treturn x * x", 0, "f: yes"),
        (b"# coding: latin-1\ndef f(x):\n    'gr\xfc\xdfe'\n    return x", 0, "f: yes"),
        (b"def f(x):\n    'gr\xfc\xdfe'\n    return x", 2, "cannot read"),
        (b"# coding: nonsense\ndef f(x): return x", 2, "cannot read"),
        (b"def f(x):\n    return x\0", 1, "AD101"),
        (b"def f(x):\n\tif x:\n        return x", 1, "AD101"),
        (b"def f(x:\n", 1, "AD101"),
        (b"def f(x):\n    return " + b"(" * 300 + b"x" + b")" * 300, 1, "AD101"),
        (b"class A:\n    def f(self): pass\nA = 2\n", 1, "odd.py:2:1: AD107"),
    ],
)
def test_odd_files(project, content, code, words):
    """Bad input never ends in a traceback; from a file and from standard input."""
    (project / "odd.py").write_bytes(content)
    made = adtrans("lint", "odd.py")
    assert made.exit_code == code, made.output
    assert words in made.output
    piped = CliRunner().invoke(cli, ["lint", "-"], input=content)
    assert piped.exit_code == code, piped.output


def test_a_long_sum_is_not_passed_over(project):
    """Python's own parser gives up sooner than ours."""
    (project / "odd.py").write_text("def f(x):\n    return " + "+".join(["x"] * 2500))
    assert any(words in adtrans("lint", "odd.py").output for words in ("f: yes", "AD109"))


@pytest.mark.parametrize("flags", [(), ("--check",), ("--diff",)])
def test_what_is_no_regular_file_is_not_replaced(project, flags):
    """A pipe or a device is neither read, which may never end, nor replaced."""
    os.mkfifo(project / "pipe")
    made = adtrans("emit", "shape.py:area", "--wrt", "x", "-o", "pipe", *flags)
    assert made.exit_code == 2 and "no regular file" in made.stderr
    assert (project / "pipe").is_fifo()
    with pytest.raises(files.FileError, match="no regular file"):
        files.write(project / "pipe", "")
    assert (project / "pipe").is_fifo()
    (project / "folder").mkdir()
    made = adtrans("emit", "shape.py:area", "-o", "folder", *flags)
    assert made.exit_code == 2 and "no regular file" in made.stderr


def test_a_full_disk_is_no_bug(project, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adtrans.commands.emit.write", fail)
    made = adtrans("emit", "shape.py:area", "--wrt", "x", "-o", "out.py")
    assert made.exit_code == 2
    assert "No space left" in made.stderr and "AD901" not in made.stderr


def test_lint_goes_on_after_a_bug(project, monkeypatch):
    generate = pipeline.generate

    def broken(program, request):
        if program.entry.endswith("area"):
            raise KeyError("a bug")
        return generate(program, request)

    monkeypatch.setattr(pipeline, "generate", broken)
    (project / "two.py").write_text("def area(x):\n    return x\n\ndef g(x):\n    return x * x\n")
    made = adtrans("lint", "two.py")
    assert made.exit_code == 3
    assert "area: no" in made.stdout and "g: yes" in made.stdout
    assert "this is a bug of adtrans" in made.stderr
