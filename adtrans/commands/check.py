"""`adtrans check`: compare a derivative with differences. The one command that runs your program."""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np

from adtrans.commands.targets import STREAM, Mode, Place, TargetError
from adtrans.errors import AdtransError

MODES: dict[Mode, tuple[Literal["fwd", "rev"], ...]] = {
    "reverse": ("rev",),
    "forward": ("fwd",),
    "both": ("fwd", "rev"),
}


def check_place(place: Place, at: str, order: int, mode: Mode) -> int:
    """Check one function at one point and say how it went; 0 if all agree, 1 if not."""
    from adtrans.check import GradientCheckError, check_grads

    values = point(at)
    if place.file == STREAM:
        raise TargetError("check runs the function, so it needs a file")
    print(f"importing {place.file} and running {place.function}", file=sys.stderr)
    with running(place.file):
        function = imported(place)
    args = arguments(function, values)
    with running(str(place)):
        function(*copy.deepcopy(args))
    try:
        report = check_grads(function, args, order=order, modes=MODES[mode])
    except GradientCheckError as error:
        print(f"{place}: {error}")
        return 1
    print(f"{place}: {report}")
    return 0


@contextlib.contextmanager
def running(what: str) -> Iterator[None]:
    """What the user's own code raises is shown as it is, and is no error of ours."""
    try:
        yield
    except AdtransError:
        raise
    except Exception as error:
        traceback.print_exc()
        raise TargetError(f"{what} raised {type(error).__name__}") from None


def point(text: str) -> dict[str, Any]:
    """The arguments in `x=[1, 2], n=3`: lists of numbers are float arrays.

    >>> point("x=[1, 2], n=3")
    {'x': array([1., 2.]), 'n': 3}
    """
    try:
        call = ast.parse(f"_({text})", mode="eval").body
        keywords = {k.arg: value(ast.literal_eval(k.value)) for k in call.keywords if k.arg}  # type: ignore[attr-defined]
        if len(keywords) == len(call.keywords) and not call.args:  # type: ignore[attr-defined]
            return keywords
    except (SyntaxError, ValueError, TypeError, AttributeError):
        pass
    raise TargetError(f'--at "{text}": write names and literal values, "x=[1, 2], n=3"')


def value(literal: Any) -> Any:
    """A literal, lists as float arrays."""
    return np.array(literal, dtype=float) if isinstance(literal, list) else literal


def imported(place: Place) -> Callable[..., Any]:
    """The function, from its file run as a module."""
    function: Any = module_of(Path(place.file))
    for name in place.function.split("."):
        function = getattr(function, name, None)
    if not callable(function):
        raise TargetError(f"{place.file} has no function `{place.function}`")
    return function  # type: ignore[no-any-return]


def module_of(path: Path) -> ModuleType:
    """The module in a file, under its name in its package; its folder is on the path, as for a script."""
    path = path.resolve()
    if not path.is_file():
        raise TargetError(f"cannot read {path}")
    names, folder = [path.stem], path.parent
    while (folder / "__init__.py").exists():
        names.insert(0, folder.name)
        folder = folder.parent
    sys.path.insert(0, str(folder))
    name = ".".join(names)
    if len(names) > 1:
        importlib.import_module(name.rpartition(".")[0])
    elif name in sys.modules:
        name = f"{name}_checked"  # A script may be called like a module that is in use here.
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def arguments(function: Callable[..., Any], values: dict[str, Any]) -> tuple[Any, ...]:
    """The values in the order of the parameters, defaults filled in."""
    try:
        bound = inspect.signature(function).bind(**values)
    except TypeError as error:
        raise TargetError(f"--at: {error}") from None
    bound.apply_defaults()
    if bound.kwargs:
        raise TargetError(f"check cannot pass keyword-only parameters: {', '.join(bound.kwargs)}")
    return bound.args
