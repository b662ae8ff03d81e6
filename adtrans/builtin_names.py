"""The names of Python's built-ins: those that every Python has. An interactive session adds some of its own
(`_`, the last value shown; IPython's `display`), and the output must not depend on where it is made."""

from __future__ import annotations

import builtins

VALUES = frozenset(("True", "False", "None", "Ellipsis", "NotImplemented", "__debug__"))
SITE = frozenset(("open", "exit", "quit", "help", "copyright", "credits", "license"))
MODULE = frozenset(("__name__", "__doc__", "__spec__", "__loader__", "__package__"))
WITHOUT_MODULE = VALUES | SITE | MODULE
"""Built-ins that do not say that they are: values, what `io` and `site` bring, what every module has."""

BUILTINS = WITHOUT_MODULE | {
    name
    for name, value in vars(builtins).items()
    if name != "_" and getattr(value, "__module__", None) == "builtins"
}
