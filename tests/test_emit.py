"""The emitted module: its layout, its names, its hashes."""

from __future__ import annotations

import ast
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import black
import numpy as np
import pytest

import adtrans
from adtrans import ir
from adtrans.emit import Header, PrintError, body_hash, module, normalised_hash, source_hash, stale, undefined
from adtrans.imports import import_lines
from adtrans.ir import Assign, AugAssign, Call, Const, ExprStmt, For, If, Import, Name, Note, Op, Param
from adtrans.load import load
from adtrans.spelling import Spelling

GROW = """def grow(x, n):
    y = 1.0
    for i in range(n):
        if y > 2.0:
            y = y * np.sin(x)
        else:
            y = y * x
    return y
"""
NUMPY = Import("numpy", None, "np")
HEADER = Header(
    "Adjoint of `grow` (grow.py)",
    "adtrans emit grow.py:grow --wrt x",
    (("Active", "x, y"), ("Inactive", "n, i"), ("Recorded", "y, once per iteration of the loop on line 6")),
)
x, y, n, i = map(Name, "xyni")
x_bar, y_bar, y_log, y_out = map(Name, ("x_bar", "y_bar", "y_log", "y_out"))


@pytest.fixture(autouse=True)
def version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adtrans, "__version__", "0.1.0", raising=False)


def op(name: str, *args: ir.Expr) -> Op:
    return Op(name, args)


def assign(target: ir.Expr, value: ir.Expr, text: str | None = None, blank: bool = False) -> Assign:
    return Assign(target=target, value=value, text=text, blank_before=blank)


def note(words: str, blank: bool = False) -> Note:
    return Note(words=words, blank_before=blank)


def program(*imports: Import, constants: dict[str, str] | None = None, text: str = GROW) -> ir.Program:
    f = ir.Function("grow", "grow.grow", (Param("x"), Param("n")), (), text=text)
    return ir.Program("grow.grow", {"grow.grow": f}, imports, constants or {})


def function(
    *body: ir.Stmt, name: str = "f", params: tuple[Param, ...] = (Param("x"),), doc: str | None = None
) -> ir.Function:
    return ir.Function(name, f"grow.{name}", params, body, doc)


def emitted(
    *body: ir.Stmt, imports: tuple[Import, ...] = (NUMPY,), params: tuple[Param, ...] = (Param("x"),)
) -> str:
    """The code of a one-function module, without its header."""
    return code(module((function(*body, params=params),), program(*imports), HEADER))


def code(text: str) -> str:
    return text.split('\n"""\n\n', 1)[1].lstrip("\n")


def grow_vjp() -> ir.Function:
    sin, cos = Call("numpy.sin", (x,)), Call("numpy.cos", (x,))
    loop = Call("builtins.range", (n,))
    forward = If(
        test=op(">", y, Const(2.0)),
        text="if y > 2.0:",
        body=(assign(y, op("*", y, replace(sin, spelled="np.sin")), "y = y * np.sin(x)"),),
        orelse=(assign(y, op("*", y, x), "y = y * x"),),
    )
    backward = If(
        test=op(">", y, Const(2.0)),
        body=(
            note("8: y = y * np.sin(x)"),
            AugAssign(target=x_bar, op="+", value=op("*", op("*", y_bar, y), cos)),
            assign(y_bar, op("*", y_bar, sin)),
        ),
        orelse=(
            note("10: y = y * x"),
            AugAssign(target=x_bar, op="+", value=op("*", y_bar, y)),
            assign(y_bar, op("*", y_bar, x)),
        ),
    )
    body: ir.Block = (
        note("Forward sweep.", blank=True),
        assign(y_log, ir.List(())),
        assign(y, Const(1.0), "y = 1.0"),
        For(
            target=i,
            iter=loop,
            text="for i in range(n):",
            body=(ExprStmt(value=Call("list.append", (y_log, y))), forward),
        ),
        assign(y_out, y),
        note("Backward sweep.", blank=True),
        assign(x_bar, Const(0.0)),
        For(
            target=i,
            iter=Call("builtins.reversed", (loop,)),
            body=(assign(y, Call("list.pop", (y_log,))), backward),
        ),
        ir.Return(value=ir.Tuple((y_out, x_bar)), blank_before=True),
    )
    params = (Param("x"), Param("n"), Param("y_bar", default=Const(1.0)))
    doc = "Return `y` and `x_bar`, where `x_bar` is `y_bar` times dy/dx."
    return function(*body, name="grow_vjp", params=params, doc=doc)


IDEAL = '''\
import numpy as np


def grow_vjp(x, n, y_bar=1.0):
    """Return `y` and `x_bar`, where `x_bar` is `y_bar` times dy/dx."""

    # Forward sweep.
    y_log = []
    y = 1.0
    for i in range(n):
        y_log.append(y)
        if y > 2.0:
            y = y * np.sin(x)
        else:
            y = y * x
    y_out = y

    # Backward sweep.
    x_bar = 0.0
    for i in reversed(range(n)):
        y = y_log.pop()
        if y > 2.0:
            # 8: y = y * np.sin(x)
            x_bar += y_bar * y * np.cos(x)
            y_bar = y_bar * np.sin(x)
        else:
            # 10: y = y * x
            x_bar += y_bar * y
            y_bar = y_bar * x

    return y_out, x_bar
'''


# ----------------------------------------------------------------------- layout


def test_the_ideal_module_comes_out() -> None:
    text = module((grow_vjp(),), program(NUMPY), HEADER)
    head = f'''"""Adjoint of `grow` (grow.py).  @generated by adtrans 0.1.0, DO NOT EDIT.

Made by:   adtrans emit grow.py:grow --wrt x
Active:    x, y
Inactive:  n, i
Recorded:  y, once per iteration of the loop on line 6
Source:    sha256 {source_hash(program(NUMPY))}
Body:      sha256 {body_hash(text)}
"""

'''
    assert text == head + IDEAL
    assert load(text, "grow_vjp")(0.7, 9)[1] == pytest.approx(9 * 0.7**8)


def test_the_module_is_stable_and_clean(tmp_path: Path) -> None:
    text = module((grow_vjp(),), program(NUMPY), HEADER)
    assert text == module((grow_vjp(),), program(NUMPY), HEADER)
    assert black.format_str(text, mode=black.Mode()) == text
    file = tmp_path / "grow_vjp.py"
    file.write_text(text)
    subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I", str(file)], check=True
    )
    subprocess.run([sys.executable, "-I", str(file)], check=True)
    assert undefined(text) == []


def test_long_facts_and_titles_are_wrapped_and_commands_are_not() -> None:
    command = 'adtrans emit "C:\\new\\f.py:f" --signature "' + "x: f8[:], " * 9 + '"'
    names = ", ".join(f"variable_{k}" for k in range(20))
    text = module(
        (grow_vjp(),),
        program(NUMPY),
        Header("Adjoint of `f` (" + "long_" * 12 + "f.py)", command, (("Active", names),)),
    )
    doc = ast.get_docstring(ast.parse(text)) or ""
    lines = doc.splitlines()
    assert lines[1] == "@generated by adtrans 0.1.0, DO NOT EDIT."
    assert f"Made by:  {command}" in lines
    assert all(len(line) <= 88 for line in lines if not line.startswith("Made by"))
    assert (
        " ".join(line.strip() for line in lines[lines.index("Made by:  " + command) + 1 : -2])
        == f"Active:   {names}"
    )
    assert black.format_str(text, mode=black.Mode()) == text


# ---------------------------------------------------------------------- imports


def test_imports_are_in_order_and_only_those_used() -> None:
    assert import_lines(
        [
            Import("scipy.special", "gammaln", "gammaln"),
            NUMPY,
            Import("math", None, "math"),
            Import("numpy", "sin", "s"),
            Import("numpy", "PINF", "PINF"),
            Import("numpy", "Array", "Array"),
            Import("numpy", "cos", "cos"),
            Import("os.path", None, "os"),
            Import("..pkg", "g", "g"),
            Import(".pkg", "h", "h"),
            Import("__future__", "annotations", "annotations"),
        ]
    ) == [
        "from __future__ import annotations",
        "",
        "import math",
        "import os.path",
        "",
        "import numpy as np",
        "from numpy import PINF, Array, cos",
        "from numpy import sin as s",
        "from scipy.special import gammaln",
        "",
        "from ..pkg import g",
        "from .pkg import h",
    ]


def test_unused_imports_and_ours_are_left_out() -> None:
    text = emitted(
        ir.Return(value=Call("numpy.sin", (x,), spelled="np.sin")),
        imports=(Import("adtrans", "grad", "grad"), Import("os", None, "os"), NUMPY),
    )
    assert text.startswith("import numpy as np\n\n\ndef f(x):")


@pytest.mark.parametrize(
    ("imports", "params", "lines"),
    [
        ((), "x", ["import numpy as np", "return np.linalg.solve(x)"]),
        ((), "np", ["import numpy as np_", "return np_.linalg.solve(x)"]),
        ((Import("numpy", None, "numpy"),), "x", ["import numpy", "return numpy.linalg.solve(x)"]),
        ((NUMPY,), "np", ["import numpy as np_", "return np_.linalg.solve(x)"]),
        (
            (NUMPY, Import("numpy.linalg", None, "la")),
            "x",
            ["import numpy.linalg as la", "return la.solve(x)"],
        ),
        ((Import("numpy", "linalg", "linalg"),), "x", ["from numpy import linalg", "return linalg.solve(x)"]),
        (
            (Import("numpy.linalg", None, "numpy.linalg"),),
            "x",
            ["import numpy.linalg", "return numpy.linalg.solve(x)"],
        ),
        (
            (Import("numpy.linalg", "solve", "solve"),),
            "x",
            ["from numpy.linalg import solve", "return solve(x)"],
        ),
    ],
)
def test_numpy_is_called_as_the_user_calls_it(
    imports: tuple[Import, ...], params: str, lines: list[str]
) -> None:
    text = emitted(
        ir.Return(value=Call("numpy.linalg.solve", (x,))),
        imports=imports,
        params=tuple(map(Param, dict.fromkeys(["x", params]))),
    )
    assert [line.strip() for line in text.splitlines() if "def " not in line and line] == lines


def test_other_libraries_and_builtins() -> None:
    calls = [Call(fn, (x,)) for fn in ("math.sin", "scipy.special.gammaln", "builtins.len", "builtins.sum")]
    text = emitted(ir.Return(value=ir.Tuple(tuple(calls))), imports=(Import("numpy", "sum", "sum"),))
    assert text == (
        "import builtins\nimport math\n\nfrom scipy import special\n\n\n"
        "def f(x):\n    return math.sin(x), special.gammaln(x), len(x), builtins.sum(x)\n"
    )


def test_globals_of_templates() -> None:
    value = ir.Tuple(tuple(map(ir.Global, ("np.pi", "math.e", "numpy.inf", "int"))))
    text = emitted(ir.Return(value=value), imports=(Import("numpy", None, "xp"),))
    assert "return xp.pi, math.e, xp.inf, int" in text


def test_what_has_no_name_is_an_error_of_ours() -> None:
    for fn in ("grow.grow", "adtrans.stretch"):
        with pytest.raises(PrintError):
            emitted(ir.Return(value=Call(fn, (x,))))


def test_calls_of_emitted_functions_have_their_names_even_in_user_text() -> None:
    g = function(ir.Return(value=x), name="g_")
    call = Call("grow.g_", (x,), spelled="helpers.g")
    f = function(assign(y, call, "y = helpers.g( x )"), ir.Return(value=y, text="return  y"))
    assert code(module((g, f), program(), HEADER)).endswith("def f(x):\n    y = g_(x)\n    return y\n")


# -------------------------------------------------------- constants, parameters


def test_constants_that_are_used_come_along_with_what_they_need() -> None:
    f = function(ir.Return(value=op("*", x, ir.Global("C"))))
    constants = {"A": "np.array([1.0, 2.0])", "B": "3", "C": "2 * A"}
    text = code(module((f,), program(NUMPY, constants=constants), HEADER))
    assert text.startswith("import numpy as np\n\nA = np.array([1.0, 2.0])\nC = 2 * A\n\n\ndef f")


def test_parameters_keep_annotations_that_mean_something() -> None:
    params = (
        Param("x", "NDArray[np.float64]"),
        Param("w", "Weights"),
        Param("k", "int", Const(3)),
        Param("m", "'np.ndarray'", keyword_only=True),
        Param("d", None, Const(1.0), keyword_only=True),
    )
    imports = (
        NUMPY,
        Import("numpy.typing", "NDArray", "NDArray"),
        Import("__future__", "annotations", "annotations"),
    )
    text = emitted(ir.Return(value=x), imports=imports, params=params)
    assert 'def f(x: NDArray[np.float64], w, k: int = 3, *, m: "np.ndarray", d=1.0):' in text
    assert text.startswith(
        "from __future__ import annotations\n\nimport numpy as np\nfrom numpy.typing import NDArray\n"
    )


@pytest.mark.parametrize(
    "doc",
    ["One line.", "Two.\n\n    Lines.\n    ", r"A \alpha.", 'So "called"', 'a """b""" \\', "long " * 40],
)
def test_docstrings_survive(doc: str) -> None:
    text = module((function(ir.Return(value=x), doc=doc),), program(), HEADER)
    found = load(text, "f").__doc__ or ""
    assert found.split() == doc.split()
    assert max(map(len, text.splitlines())) <= 88
    assert black.format_str(text, mode=black.Mode()) == text


# ---------------------------------------------------------------------- helpers

FAKE = '''
from __future__ import annotations

import math
from math import prod
from typing import Any

import numpy as np

LIMIT: float = 1e-9
def register(f): return f


def unbroadcast(g: Any, x: np.ndarray, axis: int | None = None) -> Any:
    """Sum `g` down to the shape of `x`."""
    total: Any = np.sum(g) * prod(())  # é
    return _clip(total, math.inf)


def _clip(value: float, top: float) -> float:
    return min(max(value, LIMIT), top)


@register
@register
def rule(y, x, y_bar):
    if np.ndim(x) == 0:
        return unbroadcast(y_bar, x)
    return rule(y, x[0], y_bar)
'''


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """A module of helpers under `adtrans.rules`, from a file."""
    from importlib.util import module_from_spec, spec_from_file_location

    file = tmp_path / "fake.py"
    file.write_text(FAKE)
    spec = spec_from_file_location("adtrans.rules.fake", file)
    assert spec and spec.loader
    made = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "adtrans.rules.fake", made)
    spec.loader.exec_module(made)
    yield made
    from adtrans import helpers

    helpers.read.cache_clear()


HELPED = '''import math

import numpy as np

LIMIT = 1e-9


def _clip(value, top):
    return min(max(value, LIMIT), top)


def unbroadcast(g, x, axis=None):
    """Sum `g` down to the shape of `x`."""
    total = np.sum(g) * math.prod(())  # é
    return _clip(total, math.inf)


def rule(y, x, y_bar):
    if np.ndim(x) == 0:
        return unbroadcast(y_bar, x)
    return rule(y, x[0], y_bar)


def f(x):
    return rule(x, x, x)
'''


def test_helpers_are_copied_with_all_that_they_need(fake: types.ModuleType) -> None:
    text = emitted(ir.Return(value=Call("adtrans.rules.fake.rule", (x, x, x))), imports=())
    assert text == HELPED
    assert load(text, "f")(np.float64(2.0)) == 2.0


def test_helpers_give_way_to_the_names_of_the_user(fake: types.ModuleType) -> None:
    body = assign(Name("rule"), Call("adtrans.rules.fake.rule", (x, x, x))), ir.Return(value=Name("rule"))
    params = tuple(map(Param, ("x", "unbroadcast", "np", "LIMIT")))
    text = emitted(*body, imports=(Import("numpy", None, "num"),), params=params)
    assert "    rule = rule_(x, x, x)\n" in text
    assert "def rule_(y, x, y_bar):\n    if num.ndim(x) == 0:\n        return unbroadcast_(y_bar, x)" in text
    assert "LIMIT_ = 1e-9" in text and "max(value, LIMIT_)" in text and "import numpy as num" in text
    assert undefined(text) == []
    assert load(text, "f")(np.float64(2.0), 1, 2, 3) == 2.0


def test_no_import_has_the_name_of_a_local_of_a_helper(fake: types.ModuleType) -> None:
    text = emitted(
        ir.Return(value=Call("adtrans.rules.fake.rule", (x, x, x))), imports=(Import("numpy", None, "total"),)
    )
    assert "import numpy as np\n" in text and "total = np.sum(g)" in text


# --------------------------------------------------------------------- staleness


def test_comments_and_layout_do_not_change_the_hash() -> None:
    changed = '@decorated\ndef grow(x, n):\n    "New."\n\n' + GROW.split("\n", 1)[1].replace(
        "y * x", "(y  *  x)  # why"
    )
    assert normalised_hash(GROW) == normalised_hash(changed)
    assert normalised_hash(GROW) != normalised_hash(GROW.replace("2.0", "2"))
    assert normalised_hash("    def f():\n        return '''a\nb'''") == normalised_hash(
        "def f():\n    return '''a\nb'''"
    )
    assert len(normalised_hash("x = " + "x + " * 900 + "x")) == 64


def test_the_hash_of_the_source_covers_what_is_used_and_nothing_else() -> None:
    text = GROW.replace("2.0", "LIMIT")
    constants = {"BASE": "1", "LIMIT": "BASE + 1", "OTHER": "1"}
    base = source_hash(program(NUMPY, constants=constants, text=text))
    assert base == source_hash(
        program(NUMPY, Import("os", None, "os"), constants=constants | {"OTHER": "2"}, text=text)
    )
    assert base != source_hash(program(NUMPY, constants=constants | {"BASE": "2"}, text=text))
    assert base != source_hash(program(Import("numpy_like", None, "np"), constants=constants, text=text))


def test_stale() -> None:
    new = module((grow_vjp(),), program(NUMPY), HEADER)
    assert stale(None, new) == stale("", new) == "missing"
    assert stale(new, new) == "same"
    assert stale(new.replace("# 8: y", "#  9: y").replace("(x)\n", "( x)\n"), new) == "same"
    assert stale(new.replace("0.1.0", "0.0.9"), new) == "version"
    assert stale(new.replace("np.cos", "np.sin"), new) == "edited"
    assert stale("x = 1\n", new) == stale("not python", new) == "edited"
    other = module((grow_vjp(),), program(NUMPY, text=GROW.replace("2.0", "2.5")), HEADER)
    assert stale(other, new) == "source"
    shorter = replace(grow_vjp(), doc="Shorter.")
    assert stale(module((shorter,), program(NUMPY), HEADER), new) == "compiler"
    assert (
        stale(module((shorter,), program(NUMPY), replace(HEADER, command="adtrans emit")), new) == "command"
    )
    assert (
        stale(module((grow_vjp(),), program(NUMPY), replace(HEADER, command="adtrans emit")), new) == "same"
    )


def test_undefined_names_are_found() -> None:
    assert undefined(
        "import numpy as np\ndef f(x):\n    return [g(k) for k in np.sin(x)] + h\nh = len(q)\n"
    ) == ["g", "q"]


def test_spelling_is_found_once_per_module() -> None:
    spelling = Spelling((), program())
    assert [spelling.path("numpy.sin"), spelling.path("numpy.cos")] == ["np.sin", "np.cos"]
    assert spelling.added == [NUMPY]
