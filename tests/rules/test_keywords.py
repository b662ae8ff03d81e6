"""A keyword that a rule does not handle is refused, never ignored; one that it handles has a case.

The keywords are those of the functions themselves: what a new version of NumPy or SciPy adds is tried
as well.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import pytest

import adtrans
from adtrans import outputs
from adtrans.interpolants import CALLED
from adtrans.rules import registry

from .test_compiled import CASES, Program

UFUNC = {"where": True, "dtype": None, "casting": "same_kind", "order": "K", "subok": True}
"""What every ufunc takes, with the defaults; `out` is no keyword but a place: tests/test_writers.py."""

GIVEN: dict[str, str] = {"where": "x0 > 0.0", "dtype": "np.float32", "casting": "'no'", "order": "'F'"}
"""A value of a keyword that is not its default; of all others a flag, turned, or some number."""


@cache
def example(path: str) -> Any:
    """The first case of a callable, as a program that varies."""
    for case in CASES:
        if case.path == path and not case.keywords and (program := Program(case)).args:
            return case, program
    return None


def own_parameters(path: str) -> dict[str, Any]:
    """The parameters of the function itself, and their defaults."""
    if outputs.is_ufunc(path):
        return dict(UFUNC)
    path = path.removesuffix(CALLED)
    value: Any = __import__(path.partition(".")[0])
    for name in path.split(".")[1:]:
        value = (
            getattr(value, name, None) or __import__(path.rpartition(".")[0], fromlist=[name]).__dict__[name]
        )
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return {}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {p.name: p.default for p in found if p.kind in named and p.default is not p.empty}


def handled(path: str) -> set[str]:
    """The names of the parameters that the rules of a callable know, as the function calls them."""
    entry = registry.TABLE[path]
    params = [name for name, _ in registry.signature(path) or ()]
    found = set(entry.indifferent)
    for rule in (entry.partials, entry.jvp, entry.vjp):
        if rule is not None:
            names = registry.parameter_names(rule.function)[1:]
            found |= set(names)
            operands = [n for n in names if f"{n}_dot" in names] or [
                n for n in names if not n.endswith("_bar")
            ]
            found |= set(params[: len(operands)]) if rule.form == "partials" else set()
            cut = next((k for k, n in enumerate(names) if n.endswith(("_dot", "_bar"))), len(names))
            found |= set(params[:cut])
    return found


def keywords() -> list[tuple[str, str, Any]]:
    derived = {p for p, e in registry.load_all().items() if e.partials or (e.jvp and e.vjp)}
    return [
        (path, name, default)
        for path in sorted(derived)
        if path.startswith(("numpy.", "scipy.")) and example(path) is not None
        for name, default in own_parameters(path).items()
        if name != "out"
    ]


ALL = keywords()


@pytest.mark.parametrize(("path", "name", "default"), [k for k in ALL if k[1] not in handled(k[0])])
def test_what_is_not_handled_is_refused(path: str, name: str, default: Any) -> None:
    program = example(path)[1]
    value = GIVEN.get(name, repr(not default) if isinstance(default, bool) else "7")
    call = next(line for line in program.source.splitlines() if line.startswith("    r = "))
    assert call.endswith(")")
    end = call.rindex(")(") if path.endswith(CALLED) else len(call) - 1
    source = program.source.replace(call, f"{call[:end]}, {name}={value}{call[end:]}")
    f = adtrans.from_source(source, "f")
    for derivative in (
        lambda: adtrans.vjp(f, *program.args),
        lambda: adtrans.jvp(f, program.args, program.args),
    ):
        with pytest.raises(adtrans.Refused, match=r"AD30[23]"):
            derivative()


@pytest.mark.parametrize(("path", "name"), [k[:2] for k in ALL if k[1] in handled(k[0])])
def test_what_is_handled_has_a_case(path: str, name: str) -> None:
    if name in registry.TABLE[path].indifferent:
        return
    params = [n for n, _ in registry.signature(path) or ()]
    position = params.index(name) if name in params else len(params)
    assert any(
        case.path == path and (name in case.keywords or len(case.args) > position) for case in CASES
    ), f"no case of {path} gives `{name}`"
