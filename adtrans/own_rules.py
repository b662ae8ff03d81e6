"""`@adtrans.partials(g)`: rules of users for functions that have no source that adtrans could read.

The text of such a rule is a template, as those of adtrans are. It stands alone: what it uses of its module
are NumPy, SciPy, `math` and numbers, which are written above it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from adtrans.builtin_names import BUILTINS
from adtrans.errors import AdtransError

Fun = Callable[..., Any]
HEADER = "__adtrans_header__"
"""Where a function that was made from the text of a rule keeps what stands above it."""


def partials(*functions: Fun | str) -> Callable[[Fun], Fun]:
    """Give elementwise functions without a source the partial derivatives that the function below returns.

    `rule(y, *args)` is given the result and the arguments, and returns one partial derivative for each
    argument (None for one that cannot vary). Its formulas are written into derivatives; it is never called.
    A function may be given by its path, `"fastlib.erfcx"`. Functions of the same module are taken as well,
    whatever their body does.

    >>> import adtrans, numpy as np
    >>> @adtrans.partials("fastlib.square")
    ... def square_rule(y, x):
    ...     return 2.0 * x
    """

    def register(rule: Fun) -> Fun:
        from adtrans.rules import registry

        for function in functions:
            if not of_own_module(function, rule):  # Of that the text tells.
                registry.PENDING.update(dict.fromkeys(paths_of(function), rule))
        return rule

    return register


def standalone(imports: Iterable[str], text: str) -> str:
    """The module of a rule: imports and numbers, then the function."""
    return "\n".join([*sorted(imports), "", "", text.strip()]).lstrip("\n") + "\n"


@cache
def made_of(text: str) -> Fun:
    """The function of the module of a rule. Only the `def` is run, which has no decorators or defaults."""
    from adtrans import load

    name = next(node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    rule = load.load(text, name)
    rule.__globals__[HEADER] = text[: text.index(f"def {name}(")]
    return rule


def of_function(rule: Fun) -> Fun:
    """A rule of the running program, made to stand alone."""
    from adtrans.helpers import function_text, global_names

    try:
        text = function_text(rule)
    except (OSError, TypeError, SyntaxError) as error:
        raise AdtransError(f"the source of the rule `{rule.__name__}` is not to be found: {error}") from error
    lines = []
    for name in sorted(global_names(text) - {rule.__name__}):
        if name in rule.__globals__:
            lines.append(binding(name, rule.__globals__[name], rule))
        elif name not in BUILTINS:
            raise AdtransError(f"the rule `{rule.__name__}` uses `{name}`, which its module does not define.")
    return made_of(standalone(lines, text))


def binding(name: str, value: object, rule: Fun) -> str:
    """The line that gives a name of a module the same meaning in another one."""
    from adtrans.frontend.libraries import KNOWN_LIBRARIES, library_path

    if isinstance(value, ModuleType) and value.__name__.partition(".")[0] in KNOWN_LIBRARIES:
        return f"import {value.__name__} as {name}"
    if isinstance(value, bool | int | float):
        return f"{name} = {value!r}"
    path = library_path(value)
    if path is None:
        raise AdtransError(not_standing_alone(rule.__name__, name))
    module, _, own = path.rpartition(".")
    return f"from {module} import {own} as {name}"


def not_standing_alone(rule: str, name: str) -> str:
    return f"the rule `{rule}` uses `{name}`, which is neither a number nor from NumPy, SciPy or `math`"


def of_own_module(function: Fun | str, rule: Fun) -> bool:
    """Whether a function has a source that is read: then its module must state the rule."""
    if not isinstance(function, FunctionType) or "-packages" in function.__code__.co_filename:
        return False
    if function.__module__ != rule.__module__:
        raise AdtransError(
            f"`{function.__name__}` has a source in `{function.__module__}`: state the rule "
            f"`{rule.__name__}` in that module."
        )
    return True


def paths_of(function: Fun | str) -> list[str]:
    """The paths under which a program may import a function: wherever its name is bound to it."""
    if isinstance(function, str):
        return [function]
    name = getattr(function, "__name__", "")
    modules = [m for m in list(sys.modules.values()) if isinstance(m, ModuleType)]
    return sorted(f"{m.__name__}.{name}" for m in modules if vars(m).get(name) is function)
