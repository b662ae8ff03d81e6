"""The blocks of docs/language.md do what they say, and README.md shows what the compiler writes."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from adtrans.commands.check import point
from adtrans.load import load

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
LANGUAGE = BLOCK.findall((ROOT / "docs/language.md").read_text())
REVERSE_ONLY = "# accepted: reverse\n"
ACCEPTED = [block for block in LANGUAGE if block.startswith(("# accepted\n", REVERSE_ONLY))]
METHODS = [block for block in LANGUAGE if block.startswith("# method: ")]
REFUSED = [block for block in LANGUAGE if block.startswith("# refused: ")]


def heading(block: str) -> str:
    """The block's first definition, to tell tests apart."""
    return f"{LANGUAGE.index(block)}"


def generate(block: str, mode: str = "reverse") -> pipeline.Generated:
    return pipeline.generate(parse.program(block, "block.py", "f"), pipeline.Request(mode=mode))


def test_every_block_says_what_it_is():
    assert len(ACCEPTED) + len(METHODS) + len(REFUSED) == len(LANGUAGE) > 15


@pytest.mark.parametrize("block", ACCEPTED, ids=heading)
def test_accepted(block):
    at = point(re.search(r"^# at: (.*)$", block, re.MULTILINE)[1])
    values = list(at.values())
    active = [i for i, v in enumerate(values) if isinstance(v, (float, np.ndarray))]
    f = load(block, "f")
    made = generate(block)
    assert made.wrt == tuple(list(at)[i] for i in active)
    value, bars = load(made.text, made.name)(*copies(values))
    assert value == f(*copies(values))
    if len(active) == 1:
        bars = (bars,)
    forward = not block.startswith(REVERSE_ONLY)
    made = generate(block, "forward" if forward else "reverse")
    jvp = load(made.text, made.name)
    rng = np.random.default_rng(0)
    for _ in range(3):
        dots = [rng.normal(size=np.shape(values[i]))[()] for i in active]
        expected = difference(f, values, active, dots)
        given = sum(np.sum(bar * dot) for bar, dot in zip(bars, dots, strict=True))
        np.testing.assert_allclose(given, expected, rtol=1e-6, atol=1e-8)
        if not forward:
            continue
        names = [f"{list(at)[i]}_dot" for i in active]
        _, slope = jvp(*copies(values), **dict(zip(names, dots, strict=True)))
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-8)


def copies(values):
    return [np.copy(v) if isinstance(v, np.ndarray) else v for v in values]


@pytest.mark.parametrize("block", METHODS, ids=heading)
def test_method(block):
    """A method on an object, made anew for each call: by its argument, and by an attribute."""
    made, attribute, x = (re.search(pattern, block, re.MULTILINE)[1] for pattern in METHOD)
    x = point(x)["x"]
    construct, name = made.rpartition(".")[::2]
    cls = construct.partition("(")[0]
    scope = {cls: load(block, cls), "np": np}
    path = attribute.split(".")[1:]

    def of(value, at):
        model = eval(construct, scope)
        setattr(functools.reduce(getattr, path[:-1], model), path[-1], value)
        return getattr(model, name)(at)

    method = getattr(eval(construct, scope), name)
    w = functools.reduce(getattr, path, eval(construct, scope))
    w_bar, x_bar = adtrans.grad(method, (attribute, "x"))(x)
    for bar, value, f in ((w_bar, w, lambda v: of(v, x)), (x_bar, x, lambda v: of(w, v))):
        direction = np.random.default_rng(0).normal(size=np.shape(value))[()]
        expected = (f(value + 1e-6 * direction) - f(value - 1e-6 * direction)) / 2e-6
        np.testing.assert_allclose(np.sum(bar * direction), expected, rtol=1e-6)


METHOD = (r"^# method: (.*)$", r"^# wrt: (.*), x$", r"^# at: (.*)$")


def difference(f, values, active, dots, h=1e-6):
    """Central difference of `f` along `dots`."""

    def moved(step):
        args = copies(values)
        for i, dot in zip(active, dots, strict=True):
            args[i] = args[i] + step * dot
        return f(*args)

    return (moved(h) - moved(-h)) / (2 * h)


@pytest.mark.parametrize("block", REFUSED, ids=heading)
def test_refused(block):
    code = re.match(r"# refused: (AD\d{3})\n", block)[1]
    with pytest.raises(adtrans.Refused) as refused:
        generate(block)
    assert code in {d.code for d in refused.value.diagnostics}


README = (ROOT / "README.md").read_text()


def test_the_derivative_in_the_readme():
    primal, derivative = BLOCK.findall(README)[:2]
    text = pipeline.generate(parse.program(primal, "grow.py", "grow"), pipeline.Request()).text
    assert text[text.index("def ") :] == derivative


def test_the_refusal_in_the_readme():
    program = parse.program(BLOCK.findall(README)[2], "energy.py", "energy")
    with pytest.raises(adtrans.Refused) as refused:
        pipeline.generate(program, pipeline.Request())
    assert f"```text\n{refused.value}\n```" in README


def test_the_decorator_in_the_readme(tmp_path):
    script = tmp_path / "energy.py"
    script.write_text(BLOCK.findall(README)[3])
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert "def energy_vjp(" in done.stdout, done.stderr
