"""The samples: their derivatives are what the compiler writes, alone and right, and the programs run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import adtrans
from adtrans.commands.config import find

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
CONFIG = find(ROOT)
TARGETS = {Path(target.output).stem: target for target in CONFIG.targets}

# Runs a module where adtrans cannot be imported, and says what else it has imported.
ALONE = """
import runpy, sys
sys.modules["adtrans"] = None
before = set(sys.modules)
runpy.run_path(sys.argv[1])
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before} & set(sys.argv[2:])))
"""


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def sample(monkeypatch):
    """Import a module of the samples as its neighbours do."""
    monkeypatch.syspath_prepend(SAMPLES)
    return importlib.import_module


@cache
def output_of(name: str) -> str:
    """What a sample prints."""
    done = subprocess.run([sys.executable, f"samples/{name}.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ------------------------------------------------------------- the derivative modules


@pytest.mark.parametrize("name", TARGETS)
def test_committed_derivatives_are_what_the_compiler_writes(name):
    target = TARGETS[name]
    assert (ROOT / target.output).read_text() == target.generate()


@pytest.mark.parametrize("name", TARGETS)
def test_derivatives_stand_alone(name):
    command = [sys.executable, "-I", "-c", ALONE, f"samples/{name}.py", "libcst", "black", "scipy", "tqdm"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def difference(f, at, along, h=1e-6):
    return (f(at + h * along) - f(at - h * along)) / (2 * h)


def test_digits_gradient(sample):
    loss, loss_vjp = sample("digits").loss, sample("digits_vjp").loss_vjp
    rng = np.random.default_rng(1)
    shapes = [(64, 8), (8,), (8, 10), (10,)]
    params = [rng.normal(size=shape) / 4 for shape in shapes]
    X, Y = rng.uniform(size=(5, 64)), np.eye(10)[[3, 1, 4, 1, 5]]
    value, bars = loss_vjp(*params, X, Y)
    assert value == loss(*params, X, Y)
    for k, bar in enumerate(bars):
        along = rng.normal(size=shapes[k])

        def moved(p, k=k):
            return loss(*params[:k], p, *params[k + 1 :], X, Y)

        np.testing.assert_allclose(
            np.sum(bar * along), difference(moved, params[k], along), rtol=1e-6, atol=1e-9
        )


def test_rosenbrock_derivatives(sample):
    module = sample("rosenbrock")
    rng = np.random.default_rng(2)
    x, v = rng.normal(size=(2, 7))
    value, x_bar = module.rosenbrock_vjp(x, 7)
    assert value == module.rosenbrock(x, 7)
    np.testing.assert_allclose(x_bar @ v, difference(lambda z: module.rosenbrock(z, 7), x, v), rtol=1e-6)
    change = difference(lambda z: module.rosenbrock_vjp(z, 7)[1], x, v)
    np.testing.assert_allclose(module.hessian_product(x, v, 7), change, rtol=1e-6, atol=1e-6)


def test_orbit_gradient(sample):
    module = sample("orbit")
    velocity, start = np.array([0.3, 5.0]), np.array([1.4, 0.1])
    places = module.kepler(np.arange(0.0, 1.0, 0.1))
    value, bar = module.misfit_vjp(velocity, start, places, 10, 0.01)
    assert value == module.misfit(velocity, start, places, 10, 0.01)
    for along in np.eye(2):
        expected = difference(lambda v: module.misfit(v, start, places, 10, 0.01), velocity, along)
        np.testing.assert_allclose(bar @ along, expected, rtol=1e-6)


def test_chain_derivatives(sample):
    module = sample("chain")
    at = (0.7, -1.3, 0.4)
    value, bars = module.chain_vjp(*at)
    assert value == module.chain(*at)
    for i, bar in enumerate(bars):
        np.testing.assert_allclose(bar, module.difference(at, i), rtol=1e-6)
        np.testing.assert_allclose(module.chain_jvp(*at, *np.eye(3)[i])[1], bar, rtol=1e-12)


def second_order_points():
    """Each sample's function with a point: small, so that all of the Hessian is compared."""
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=shape) / 4 for shape in [(5, 3), (3,), (3, 4), (4,)]]
    digits = (*weights, rng.uniform(size=(6, 5)), np.eye(4)[[3, 1, 0, 1, 2, 2]])
    angle = np.arange(4) / 5
    orbit = (
        np.array([0.3, 5.0]),
        np.array([1.4, 0.1]),
        np.stack([np.cos(angle), np.sin(angle)], axis=1),
        3,
        0.02,
    )
    return [
        ("digits", "loss", digits, 4),
        ("rosenbrock", "rosenbrock", (rng.normal(size=5), 5), 1),
        ("orbit", "misfit", orbit, 2),
        ("chain", "chain", (0.7, -1.3, 0.4), 3),
    ]


@pytest.mark.parametrize(("module", "name", "args", "count"), second_order_points(), ids=lambda v: str(v)[:9])
def test_second_derivatives(sample, module, name, args, count):
    """`hessian` and `hvp` are the differences of the gradient, for every pair of arguments."""
    f = getattr(sample(module), name)
    gradient = adtrans.grad(f, argnums=tuple(range(count)))
    blocks = adtrans.hessian(f, argnums=tuple(range(count)))(*args)
    rng = np.random.default_rng(4)
    for j in range(count):
        along = rng.normal(size=np.shape(args[j]))

        def moved(p, j=j):
            return np.concatenate([np.ravel(bar) for bar in gradient(*args[:j], p, *args[j + 1 :])])

        expected = difference(moved, args[j], along)
        directions = [None] * len(args)
        directions[:count] = [along if k == j else 0.0 * args[k] for k in range(count)]
        products = adtrans.hvp(f, args, directions)
        products = products if isinstance(products, tuple) else (products,)
        found = np.concatenate([np.ravel(product) for product in products])
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        rows = [np.tensordot(blocks[i][j], along, np.ndim(along)) for i in range(count)]
        np.testing.assert_allclose(np.concatenate(list(map(np.ravel, rows))), expected, rtol=1e-5, atol=1e-6)


# ------------------------------------------------------------------------ the programs


def test_digits_reaches_97_percent():
    accuracy = float(re.search(r"accuracy: ([\d.]+) %", output_of("digits"))[1])
    assert accuracy >= 97.0


def test_rosenbrock_finds_the_minimum_with_fewer_evaluations():
    row = re.compile(r"^(\S+) +([^\d\n]+?) +(\d+) +\d+ +\d+ +[\d.]+ s +(\S+)", re.MULTILINE)
    rows = row.findall(output_of("rosenbrock"))
    assert len(rows) == 6
    values = {(method, derivatives): int(count) for method, derivatives, count, _ in rows}
    for method in ("L-BFGS-B", "BFGS"):
        assert 20 * values[method, "generated"] < values[method, "differences"]
    assert all(float(minimum) < 1e-8 for _, derivatives, _, minimum in rows if derivatives == "generated")


def test_orbit_finds_the_velocity():
    velocities = re.findall(r"^(?:fitted|true) +velocity +(\S+) +(\S+)", output_of("orbit"), re.MULTILINE)
    np.testing.assert_allclose(*np.array(velocities, dtype=float), atol=0.01)


def test_chain_shows_both_modes():
    text = output_of("chain")
    assert "def chain_jvp(" in text
    assert "def chain_vjp(" in text
    assert re.search(r"^forward .* 3$", text, re.MULTILINE)
    assert re.search(r"^reverse .* 1$", text, re.MULTILINE)
