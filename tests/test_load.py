"""Generated code must be visible: in tracebacks, to `inspect`, after `linecache.checkcache`."""

from __future__ import annotations

import inspect
import linecache
import traceback

import pytest

from adtrans.load import load

TEXT = '''"""A module."""

import math


def helper(x):
    return math.sqrt(x)


def f(x):
    y = helper(x)
    return y + missing
'''


def test_loads_and_shows_its_source() -> None:
    f = load(TEXT.replace("missing", "1"), "f")
    assert f(4.0) == 3.0
    assert f.__code__.co_filename.startswith("<adtrans f ")
    linecache.checkcache()
    assert inspect.getsource(f) == "def f(x):\n    y = helper(x)\n    return y + 1\n"
    assert inspect.getsource(f.__globals__["helper"]).startswith("def helper")


def test_a_missing_name_is_not_hidden_and_the_traceback_shows_the_line() -> None:
    f = load(TEXT, "f")
    with pytest.raises(NameError) as caught:
        f(4.0)
    assert "    return y + missing\n" in "".join(traceback.format_exception(caught.value))


def test_the_namespace_supplies_names_but_not_the_function() -> None:
    assert load(TEXT, "f", namespace={"missing": 5})(4.0) == 7.0
    with pytest.raises(LookupError):
        load("x = 1\n", "f")
    with pytest.raises(LookupError):
        load("x = 1\n", "f", namespace={"f": len})


def test_the_file_name_is_stable_and_may_be_given() -> None:
    assert load(TEXT, "f").__code__.co_filename == load(TEXT, "f").__code__.co_filename
    assert load(TEXT, "f").__code__.co_filename != load(TEXT + "\n", "f").__code__.co_filename
    assert load(TEXT, "f", filename="<mine>").__code__.co_filename == "<mine>"


def test_our_own_future_imports_are_not_inherited() -> None:
    f = load("def f(x: int): return x\n", "f")
    assert f.__annotations__ == {"x": int}


def test_two_modules_do_not_see_each_other() -> None:
    load("a = 1\ndef f(): return a\n", "f")
    g = load("def g(): return a\n", "g")
    with pytest.raises(NameError):
        g()
