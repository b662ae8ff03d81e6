"""Accepted functions as programs that stand alone and may be run: NumPy, SciPy, `math` and built-ins only."""

from __future__ import annotations

import ast
import re

from adtrans import ir
from adtrans.fingerprint import binding

MODULES = {"numpy", "math", "cmath", "scipy"}
BUILT_INS = frozenset(
    re.findall(
        r"\w+",
        """
    abs all any bool complex dict enumerate filter float int isinstance len list map max min pow
    range reversed round set slice sorted str sum tuple zip print repr divmod callable hasattr
    type ValueError TypeError IndexError KeyError RuntimeError ZeroDivisionError OverflowError
    ArithmeticError NotImplementedError AssertionError Exception FloatingPointError StopIteration
    NotImplemented
    """,
    )
)
KEPT = ("int", "float", "bool", "complex", "str")
"""Annotations that are built-ins."""
FORBIDDEN = frozenset(
    re.findall(
        r"\w+",
        """
    load save savez savez_compressed savetxt loadtxt genfromtxt fromfile fromregex memmap
    io datasets DataSource open_memmap ctypeslib f2py test testing show_config show_runtime lib core _core
    distutils tofile dump dumps open write read ctypes system popen remove unlink info source
    lookfor get_include setbufsize seterr seterrcall setflags frompyfunc vectorize
    """,
    )
)
"""Attributes that no program that is run may mention: they reach files, or the state of NumPy."""


def closed(program: ir.Program) -> str | None:
    """The text of a function with all that it calls; None if it may do more than compute."""
    imports = [i for i in program.imports if i.module.partition(".")[0] in MODULES]
    parts = ["from __future__ import annotations", "import numpy as np"]
    parts += [
        f"from {i.module} import {i.name} as {i.alias}" if i.name else import_line(i.module, i.alias)
        for i in imports
    ]
    parts += [binding(*item) for item in program.constants.items()]
    for function in program.functions.values():
        if function.text is None:
            return None
        parts.append("\n" + bare(function.text))
    text = "\n".join(parts) + "\n"
    return text if harmless(text) else None


def bare(text: str) -> str:
    """A function without its decorators and annotations: what adtrans accepts needs neither."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list, node.returns = [], None
        elif isinstance(node, ast.arg) and not (
            isinstance(node.annotation, ast.Name) and node.annotation.id in KEPT
        ):
            node.annotation = None
    return ast.unparse(tree)


def import_line(module: str, alias: str | None) -> str:
    return f"import {module}" if alias in (None, module) or "." in module else f"import {module} as {alias}"


def harmless(text: str) -> bool:
    """Whether a module only computes, as far as its names tell."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    bound = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                if any(alias.name.partition(".")[0] not in MODULES for alias in names):
                    return False
                bound |= {(alias.asname or alias.name).partition(".")[0] for alias in names}
            case ast.ImportFrom(module=module, names=names):
                if module == "__future__":
                    continue
                if (module or "").partition(".")[0] not in MODULES or any(a.name in FORBIDDEN for a in names):
                    return False
                bound |= {alias.asname or alias.name for alias in names}
            case ast.Attribute(attr=attr) if attr in FORBIDDEN or attr.startswith("__"):
                return False
            case ast.Global() | ast.ClassDef() | ast.AsyncFunctionDef():
                return False
    loads = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return loads <= bound | BUILT_INS
