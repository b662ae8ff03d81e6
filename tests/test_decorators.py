"""Decorators of the project, by their text: those that change no value are looked through."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.load import load
from tests.programs.oracle import judge

HEAD = """import functools
import time
from functools import wraps
import numpy as np

FOUND = []


def timed(function):
    '''Say how long it takes.'''

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        print(end="" if time.perf_counter() > start else "")
        return result

    return wrapper


def named(word):
    def decorate(f):
        @wraps(f)
        def inner(*a, **k):
            with np.errstate(all="ignore"):
                return f(*a, **k)

        return inner

    return decorate


def noted(f):
    FOUND.append(f)
    return f


def twice(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        return 2.0 * f(*args, **kwargs)

    return wrapper


def shifted(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        args = tuple(a + 1.0 for a in args)
        return f(*args, **kwargs)

    return wrapper


def replaced(f):
    f = np.sin
    return f


def once(f):
    return f if FOUND else np.sin


"""
BODY = "def g(x):\n    return x * x\n\n\n"
CALL = "def f(x):\n    return np.sum(g(x) * x)\n"


@pytest.mark.parametrize("decorator", ["@timed", '@named("g")', "@noted", '@timed\n@noted\n@named("g")'])
def test_looked_through(decorator: str) -> None:
    outcome = judge(f"{HEAD}{decorator}\n{BODY}{CALL}", (np.array([0.7, 1.3]),), order=2)
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"
    text = f"{HEAD}{decorator}\n{BODY}"
    made = pipeline.generate(parse.program(text, "model.py", "g"), pipeline.Request())
    assert load(made.text, made.name)(3.0) == (9.0, 6.0)


@pytest.mark.parametrize("decorator", ["@twice", "@shifted", "@replaced", "@once", "@named", "@timed(3)"])
def test_refused(decorator: str) -> None:
    """Called, and as what is differentiated: the body is not the function."""
    text = f"{HEAD}{decorator}\n{BODY}{CALL}"
    for name, line in (("f", "    return np.sum(g(x) * x)"), ("g", decorator)):
        with pytest.raises(adtrans.Refused) as error:
            parse.program(text, "model.py", name)
        (found,) = error.value.diagnostics
        assert found.code == "AD224" and found.span is not None
        assert text.splitlines()[found.span.line - 1] == line
