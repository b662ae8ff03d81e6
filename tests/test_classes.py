"""Classes of the project in functions: exceptions that are raised and caught, tests of `isinstance`."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.kinds import FLOAT, Kind
from adtrans.load import load
from tests.programs.oracle import judge

CLASSES = '''
import warnings

import numpy as np

LIMIT = 10.0


class ProjectError(Exception):
    """The base of all errors."""


class TooLarge(ProjectError, ValueError):
    code = 3

    def __init__(self, value, limit=LIMIT):
        super().__init__(f"{value} > {limit}")
        self.value = value


class Rough(UserWarning):
    pass


class Singular(np.linalg.LinAlgError): ...


class Vector:
    def __init__(self, x):
        self.x = x


class Unit(Vector):
    pass


class Field(np.ndarray):
    pass
'''

BODIES = {
    "raise": """
def f(x, y):
    if x > 10.0:
        raise TooLarge(x)
    if y > 10.0:
        raise TooLarge
    return np.sin(x * y)
""",
    "catch": """
def inverse(x):
    if x < 1.0:
        raise TooLarge(1.0)
    return 1.0 / x


def f(x, y):
    try:
        a = inverse(x)
    except ProjectError:
        a = x * x
    try:
        b = np.log(y)
    except (TooLarge, Singular) as error:
        raise ProjectError("again") from error
    return a * b
""",
    "warn": """
def f(x, y):
    if y < 0.5:
        warnings.warn("rough", Rough, stacklevel=2)
    return x * y**3
""",
    "isinstance": """
def scaled(v, w):
    if isinstance(w, Vector):
        return v * w.x
    if not isinstance(v, (float, Unit, np.ndarray)):
        raise TypeError(v)
    return v * w * w


def f(x, y):
    return scaled(x, y) * (x if isinstance(y, (Unit, Vector)) else y)
""",
}


@pytest.mark.parametrize("name", BODIES)
def test_right(name: str) -> None:
    source = CLASSES + BODIES[name]
    for point in ((0.7, 1.3), (1.8, 0.4)):
        outcome = judge(source, point, order=2)
        assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


def emitted(source: str, kinds: dict[str, Kind] | None = None, mode: str = "reverse") -> str:
    program = parse.program(source, "model.py", "f")
    return pipeline.generate(program, pipeline.Request(mode, kinds=kinds or {})).text  # type: ignore[arg-type]


def test_the_exceptions_are_those_of_the_program() -> None:
    """In a module that stands alone: with the same bases, message and attributes."""
    text = emitted(CLASSES + BODIES["raise"])
    function = load(text, "f_vjp")
    with pytest.raises(ValueError, match=r"11.0 > 10.0") as caught:
        function(11.0, 1.0)
    names = [cls.__name__ for cls in type(caught.value).__mro__]
    assert names[:3] == ["TooLarge", "ProjectError", "ValueError"] or names[:2] == [
        "TooLarge",
        "ProjectError",
    ]
    assert caught.value.value == 11.0 and caught.value.code == 3  # type: ignore[attr-defined]
    assert "class Rough" not in text and "class Vector" not in text


def test_what_is_decided_is_not_there() -> None:
    body = "\n\ndef f(x, y):\n    if isinstance(y, Vector):\n        y = y.x\n    return x * y\n"
    assert "ByName" not in emitted(CLASSES + body, {"x": FLOAT, "y": FLOAT})


TESTED = """
def f(x, y):
    if isinstance(y, Vector):
        return x * x
    return x * y.size
"""


def test_objects_go_by_their_names() -> None:
    """The objects that a module is given are of the program's class, or one that inherits from it."""
    scope: dict[str, object] = {}
    exec(CLASSES, scope)
    text = emitted(CLASSES + TESTED)
    for module in (text, emitted_again(text)):
        function = load(module, "f_vjp")
        for name in ("Vector", "Unit"):
            value, bar = function(3.0, scope[name](1.0))[:2]  # type: ignore[operator]
            assert value == 9.0
            assert (bar[0] if isinstance(bar, tuple) else bar) == 6.0
        assert function(3.0, np.ones(4))[0] == 12.0


def emitted_again(text: str) -> str:
    """The primal in an emitted module, derived once more from there: forward mode over its own text."""
    primal = text + TESTED
    program = parse.program(primal, "model_vjp.py", "f")
    return pipeline.generate(program, pipeline.Request("reverse")).text


def test_an_array_that_is_an_object(tmp_path: Path) -> None:
    """A class with a base of NumPy's has objects that are arrays: that is not decided by the kind."""
    body = "\n\ndef f(x, y):\n    if isinstance(y, Field):\n        return x * x\n    return x\n"
    text = emitted(CLASSES + body, {"x": FLOAT})
    scope: dict[str, object] = {}
    exec(CLASSES, scope)
    field = np.ones(3).view(scope["Field"])  # type: ignore[call-overload]
    assert load(text, "f_vjp")(3.0, field)[0] == 9.0
    assert load(text, "f_vjp")(3.0, np.ones(3))[0] == 3.0


REFUSED = {
    "identity": ("AD223", "    if type(y) is Vector:\n        return x\n    return x * y\n"),
    "attribute": ("AD223", "    return x * Vector.scale\n"),
    "class in a class": (
        "AD223",
        "    if isinstance(y, Vector.Inner):\n        return x\n    return x * y\n",
    ),
    "attribute of an error": ("AD223", "    return x * TooLarge.code\n"),
    "key": ("AD223", "    return x * {Vector: 1.0}[type(y)]\n"),
    "error as a value": ("AD223", "    if type(y) is TooLarge:\n        return x\n    return x * y\n"),
    "error tested": ("AD223", "    if isinstance(y, TooLarge):\n        return x\n    return x * y\n"),
    "called": ("AD223", "    return x * len([Vector(1.0)])\n"),
    "metaclass": ("AD223", "    if isinstance(y, Meta):\n        return x\n    return x * y\n"),
    "hook": ("AD223", "    if isinstance(y, Hooked):\n        return x\n    return x * y\n"),
    "protocol": ("AD223", "    if isinstance(y, Sized):\n        return x\n    return x * y\n"),
    "registered": ("AD223", "    if isinstance(y, Open):\n        return x\n    return x * y\n"),
    "error with a function": ("AD223", "    raise Counted(x)\n"),
    "error that is decorated": ("AD223", "    raise Decorated(x)\n"),
    "varies": ("AD202", "    return x * TooLarge(y).value\n"),
}
MORE = """
from abc import ABC, ABCMeta
from typing import Protocol


class Meta(metaclass=ABCMeta):
    pass


class Hooked:
    @classmethod
    def __subclasshook__(cls, other):
        return True


class Sized(Protocol):
    size: int


class Open(ABC):
    pass


Open.register(np.ndarray)


def count():
    return 1


class Counted(Exception):
    def __init__(self, x):
        super().__init__(count())


@count
class Decorated(Exception):
    pass


def f(x, y):
"""


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, body = REFUSED[name]
    source = CLASSES + MORE + body
    with pytest.raises(adtrans.Refused) as error:
        emitted(source)
    found = error.value.diagnostics[0]
    assert found.code == code and found.span is not None
    lines = source.splitlines()
    assert found.span.line > len((CLASSES + MORE).splitlines()), lines[found.span.line - 1]


def test_of_another_module(tmp_path: Path) -> None:
    """Two classes of one name, one of them in a file of its own."""
    (tmp_path / "errors.py").write_text("class Bad(KeyError):\n    pass\n\n\nclass Worse(Bad):\n    pass\n")
    text = (
        "import errors\nfrom errors import Worse\n\n\nclass Bad(Exception):\n    pass\n\n\n"
        "def f(x):\n    if x > 1.0:\n        raise errors.Bad(1)\n    if x > 0.5:\n        raise Bad(2)\n"
        "    if x < 0.0:\n        raise Worse(3)\n    return x * x\n"
    )
    file = tmp_path / "model.py"
    file.write_text(text)
    made = pipeline.generate(parse.program(text, str(file), "f"), pipeline.Request())
    function = load(made.text, made.name)
    assert function(0.25) == (0.0625, 0.5)
    for x, bases in ((2.0, KeyError), (-1.0, KeyError), (0.7, Exception)):
        with pytest.raises(bases):
            function(x)


def test_it_stands_alone(tmp_path: Path) -> None:
    file = tmp_path / "alone.py"
    file.write_text(emitted(CLASSES + BODIES["raise"]) + "\n\nprint(f_vjp(0.5, 2.0)[0])\n")
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True)
    assert done.returncode == 0 and float(done.stdout) == pytest.approx(np.sin(1.0)), done.stderr


def test_of_a_running_program() -> None:
    """The library knows the kinds of all arguments."""
    scope = load(CLASSES + BODIES["isinstance"], "f", "<classes test>")
    gradient = adtrans.grad(scope, argnums=(0, 1))(0.7, 1.3)
    np.testing.assert_allclose(gradient, (1.3**3, 3.0 * 0.7 * 1.3**2))


def test_objects_made_here() -> None:
    """The class of an object that a function makes is known, in functions that are given it, too."""
    body = """

def held(v):
    if not isinstance(v, Vector):
        return v.nothing
    if isinstance(v, Unit):
        return v.x * v.x
    return 2.0 * v.x


def f(x, y):

    u = Unit(x * y)
    v = Vector(y)
    b = u.x if isinstance(u, Vector) else u.none
    return held(u) * held(v) * (v.x if isinstance(v, (Unit, Field)) else b)
"""
    outcome = judge(CLASSES + body, (0.7, 1.3), order=2)
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"
    text = emitted(CLASSES + body)
    assert "metaclass" not in text and "v.nothing" not in text


APART = """
def scaled(v, s):
    if not isinstance(v, Vector):
        return v * s
    else:
        return v.x * s


def f(x, y):
    if isinstance(y, (Unit, Vector)):
        y = y.x
    return scaled(x, y) * y
"""


def test_a_branch_without_a_derivative_raises() -> None:
    """Where nobody knows what an argument is: numbers and arrays have a derivative, objects none."""
    outcome = judge(CLASSES + APART, (0.7, 1.3), order=2)
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"
    text = emitted(CLASSES + APART)
    function = load(text, "f_vjp")
    np.testing.assert_allclose(function(0.7, 1.3)[1], (1.69, 2.0 * 0.7 * 1.3))
    scope: dict[str, object] = {}
    exec(CLASSES, scope)
    for given in ((scope["Unit"](1.0), 1.3), (0.7, scope["Vector"](1.0))):  # type: ignore[operator]
        with pytest.raises(TypeError, match="no derivative for"):
            function(*given)


def test_what_is_refused_elsewhere_stays_refused() -> None:
    body = "\n\ndef f(x, y):\n    if isinstance(y, Vector):\n        y = y.x\n    return x * y * len({x})\n"
    with pytest.raises(adtrans.Refused) as error:
        emitted(CLASSES + body.replace("len({x})", "sum({x})"))
    assert [d.code for d in error.value.diagnostics] == ["AD202"]


class Steep(ValueError):
    pass


class Shallow(UserWarning):
    pass


def slope(x: float) -> float:
    if x > 2.0:
        raise Steep(x)
    return x * x


def told(x: float) -> float:
    warnings.warn("shallow", Shallow, stacklevel=2)
    return slope(x) * x


def safe(x: float) -> float:
    try:
        return slope(x)
    except Steep:
        return 3.0 * x


def test_the_program_catches_its_own_exceptions() -> None:
    """What the library runs raises the classes of the running program."""
    assert adtrans.grad(safe)(1.0) == 2.0
    assert adtrans.grad(safe)(5.0) == 3.0
    assert adtrans.hessian(safe)(5.0) == 0.0
    for derivative in (adtrans.grad(told), adtrans.jacfwd(told), adtrans.hessian(told)):
        with pytest.raises(Steep, match=r"5\.0"), pytest.warns(Shallow):
            derivative(5.0)
        with pytest.warns(Shallow):
            derivative(0.05)
    again = pickle.loads(pickle.dumps(adtrans.grad(slope)))
    with pytest.raises(Steep):
        again(5.0)
