"""Derivative rules that users give for their own functions: against differences, and what they say."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import optimize

import adtrans
from adtrans import parse, pipeline
from adtrans.cli import cli
from adtrans.load import load, register
from tests.programs.oracle import judge

X = np.array([0.7, 1.3, 0.4])

# ------------------------------------------------------------ the library


@adtrans.custom_vjp
def product(x, y):
    return np.sin(x) * y


def product_fwd(x, y):
    return product(x, y), (np.cos(x), np.sin(x), y)


def product_bwd(kept, z_bar):
    cos_x, sin_x, y = kept
    return cos_x * y * z_bar, sin_x * z_bar


product.defvjp(product_fwd, product_bwd)


def calls_product(x, y):
    total = 0.0
    for _ in range(3):
        total = total + product(x * y, total + y) * x
    return np.sum(total)


@adtrans.custom_vjp
def doubled(x):
    """Its rule says that it is twice as steep as it is."""
    return np.sin(x)


def doubled_fwd(x):
    return doubled(x), x


def doubled_bwd(x, y_bar):
    return (2.0 * np.cos(x) * y_bar,)


doubled.defvjp(doubled_fwd, doubled_bwd)


@functools.partial(adtrans.custom_vjp, nondiff_argnums=(1,))
def power(x, n):
    return x**n


def power_fwd(x, n):
    return x**n, x


def power_bwd(n, x, y_bar):
    return (n * x ** (n - 1) * y_bar,)


power.defvjp(fwd=power_fwd, bwd=power_bwd)


@adtrans.custom_jvp
def softplus(x):
    return np.log1p(np.exp(x))


@softplus.defjvp
def softplus_jvp(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    return softplus(x), x_dot / (1.0 + np.exp(-x))


@adtrans.custom_jvp
def scaled(x, y):
    return np.exp(x) * y


scaled.defjvps(lambda x_dot, z, x, y: z * x_dot, lambda y_dot, z, x, y: np.exp(x) * y_dot)


@adtrans.custom_jvp(nondiff_argnums=(0,))
def shifted(n, x):
    return x**n + n


@shifted.defjvp
def shifted_jvp(n, primals, tangents):
    (x,) = primals
    (x_dot,) = tangents
    return shifted(n, x), n * x ** (n - 1) * x_dot


@adtrans.custom_jvp
def steeper(x):
    return np.sin(x)


@steeper.defjvp
def steeper_jvp(primals, tangents):
    return steeper(primals[0]), 2.0 * np.cos(primals[0]) * tangents[0]


@adtrans.custom_vjp
def both(x, y):
    return x * y, x + y


def both_fwd(x, y):
    return both(x, y), (x, y)


def both_bwd(kept, bars):
    x, y = kept
    product_bar, sum_bar = bars
    return product_bar * y + sum_bar, product_bar * x + sum_bar


both.defvjp(both_fwd, both_bwd)


@adtrans.custom_vjp
def straight(x):
    return np.round(x)


def straight_fwd(x):
    return straight(x), None


def straight_bwd(_, y_bar):
    return (y_bar,)


straight.defvjp(straight_fwd, straight_bwd)


@adtrans.custom_vjp
def forgetful(x, y):
    return x * y


def forgetful_fwd(x, y):
    return x * y, x


def forgetful_bwd(x, z_bar):
    return None, x * z_bar


forgetful.defvjp(forgetful_fwd, forgetful_bwd)


@adtrans.custom_vjp
def wrong(x):
    return x * x


def wrong_fwd(x):
    return x * x, x


def wrong_bwd(x, y_bar):
    return (3.0 * x * y_bar,)


wrong.defvjp(wrong_fwd, wrong_bwd)


@pytest.mark.parametrize("at", [(0.3, 0.7), (X, X)])
def test_vjp(at):
    adtrans.check_grads(calls_product, at, modes=("rev",), order=2)


def test_a_rule_is_used_and_not_the_body():
    np.testing.assert_allclose(adtrans.grad(doubled)(0.3), 2.0 * np.cos(0.3))
    np.testing.assert_allclose(adtrans.grad(lambda x: doubled(x) ** 2)(0.3), 4.0 * np.sin(0.3) * np.cos(0.3))


def test_a_derivative_of_a_derivative_uses_it_again():
    """`doubled_fwd` calls `doubled`: in the derivative of the derivative that has its rule still."""
    first = adtrans.grad(lambda x: doubled(x) ** 2)
    # 2 * sin(x) * 2 * cos(x), where the derivative of this sin is 2 * cos.
    expected = 4.0 * (2.0 * np.cos(0.3) * np.cos(0.3) - np.sin(0.3) * np.sin(0.3))
    np.testing.assert_allclose(adtrans.grad(first)(0.3), expected)
    assert "# adtrans: custom_vjp(doubled_fwd, doubled_bwd)\ndef doubled(x):" in first.source


def test_in_a_derivative_that_keeps_the_call():
    """By the other argument, what is called stays as it is: its derivative is that of the rule."""
    by_z = adtrans.grad(lambda x, z: doubled(x) * z, argnums=1)
    np.testing.assert_allclose(adtrans.grad(by_z, argnums=0)(0.3, 2.0), 2.0 * np.cos(0.3))
    by_z = adtrans.grad(lambda x, z: steeper(x) * z, argnums=1)
    np.testing.assert_allclose(adtrans.grad(by_z, argnums=0)(0.3, 2.0), 2.0 * np.cos(0.3))
    np.testing.assert_allclose(adtrans.jvp(by_z, (0.3, 2.0), (1.0, 0.0))[1], 2.0 * np.cos(0.3))


def test_inner_derivatives_use_it():
    def f(x):
        return x * adtrans.grad(lambda t: doubled(t) * t)(x)

    expected = 0.3 * (np.sin(0.3) + 0.6 * np.cos(0.3))
    np.testing.assert_allclose(adtrans.value_and_grad(f)(0.3)[0], expected)
    # d/dx of x * (s + x * b), where s' = 2 cos(x) by the rule, and b = 2 cos(x).
    slope = np.sin(0.3) + 0.6 * np.cos(0.3) + 0.3 * (4.0 * np.cos(0.3) - 0.6 * np.sin(0.3))
    np.testing.assert_allclose(adtrans.grad(f)(0.3), slope)


@pytest.mark.parametrize("x", [0.7, X])
def test_nondiff(x):
    adtrans.check_grads(lambda x: np.sum(power(x, 3) * x), (x,), modes=("rev",), order=2)
    adtrans.check_grads(lambda x: np.sum(shifted(3, x) * x), (x,), order=2)


@pytest.mark.parametrize("x", [0.7, X])
def test_jvp_serves_both_modes(x):
    adtrans.check_grads(lambda x: np.sum(softplus(x) * softplus(x * x)), (x,), order=2)
    adtrans.check_grads(softplus, (0.3,), order=2)
    np.testing.assert_allclose(adtrans.grad(steeper)(0.3), 2.0 * np.cos(0.3))
    np.testing.assert_allclose(adtrans.jvp(steeper, (0.3,), (1.0,))[1], 2.0 * np.cos(0.3))


@pytest.mark.parametrize("at", [(0.3, 0.7), (X, 0.7), (0.7, X), (X, X)])
def test_defjvps(at):
    adtrans.check_grads(lambda x, y: np.sum(scaled(x, y) * x), at if np.shape(at[0]) else at[:1] * 2, order=2)


def test_several_results():
    def f(x, y):
        p, s = both(x, y)
        return np.sum(p * s + p)

    def g(x, y):
        return np.sum(both(x, y)[0] ** 2)

    for function in (f, g):
        adtrans.check_grads(function, (X, X * X), modes=("rev",), order=2)
        adtrans.check_grads(function, (0.3, 0.8), modes=("rev",))


def test_straight_through():
    """The body has no derivative, and what the rule returns is the seed itself."""

    def f(x):
        y = straight(x)
        y = y + x
        return np.sum(y * y * x)

    np.testing.assert_allclose(adtrans.grad(f)(X), (np.round(X) + X) * (4.0 * X + np.round(X) + X))
    seed = np.ones(3)
    _, pullback = adtrans.vjp(lambda x: straight(x) + x * x, X)
    np.testing.assert_allclose(pullback(seed)[0], 1.0 + 2.0 * X)
    np.testing.assert_allclose(seed, 1.0)


def test_no_adjoint_is_zero():
    np.testing.assert_allclose(adtrans.grad(forgetful, argnums=(0, 1))(2.0, 3.0), (0.0, 2.0))


def test_among_stores():
    """Residuals and adjoints that share memory with what is written to later."""

    def f(x):
        u = x * 1.0
        for k in range(3):
            v = product(u, x)
            w = straight(u)
            u[k] = v[k] * w[1] + x[k]
            v[0] = 2.0
            x = x + v
        return np.sum(u * x)

    def g(x):
        u = x * 1.0
        for k in range(3):
            v = product(u, x)
            u[k] = v[k] * x[k]
            v[0] = 2.0
            x = x + v
        return np.sum(u * x)

    def h(x):
        u = x * 1.0
        for k in range(3):
            v = scaled(u, x) + softplus(u)
            u[k] = v[k] * x[k]
            v[0] = 2.0
            x = x + 0.1 * v
        return np.sum(u * x)

    adtrans.check_grads(g, (X,), modes=("rev",))
    adtrans.check_grads(h, (X,), order=2)
    assert np.isfinite(adtrans.grad(f)(X)).all()


@adtrans.custom_vjp
def same(x):
    return x


def same_fwd(x):
    return x, None


def same_bwd(_, y_bar):
    return (y_bar,)


same.defvjp(same_fwd, same_bwd)


def test_a_view_of_an_argument():
    def f(x):
        u = x * x
        v = same(u)
        u = u * x
        v[0] = 3.0
        return np.sum(v * u)

    adtrans.check_grads(f, (X,), modes=("rev",))

    def g(x):
        u = x * x
        v = same(u)
        v[0] = 3.0 * x[1]
        return np.sum(v * u)

    with pytest.raises(adtrans.Refused, match="AD401"):
        adtrans.grad(g)(X)


@adtrans.custom_jvp
def residual(t, a):
    return t**3 - a


@residual.defjvp
def residual_jvp(primals, tangents):
    """Twice as steep in `a` as it is."""
    (t, a), (t_dot, a_dot) = primals, tangents
    return residual(t, a), 3.0 * t * t * t_dot - 2.0 * a_dot


def root(a):
    return optimize.brentq(residual, 0.0, 3.0, args=(a,))


def test_a_solver_is_given_a_function_with_a_rule():
    t = 2.0 ** (1.0 / 3.0)
    np.testing.assert_allclose(adtrans.grad(root)(2.0), 2.0 / (3.0 * t * t))
    np.testing.assert_allclose(adtrans.jvp(root, (2.0,), (1.0,))[1], 2.0 / (3.0 * t * t))


def test_check_grads_finds_a_wrong_rule():
    with pytest.raises(adtrans.GradientCheckError):
        adtrans.check_grads(lambda x: wrong(x) + x, (0.7,), modes=("rev",))
    with pytest.raises(adtrans.GradientCheckError):
        adtrans.check_grads(steeper, (0.7,))


def test_forward_mode_of_a_reverse_rule_is_refused():
    with pytest.raises(adtrans.Refused, match=r"AD246.*reverse mode alone"):
        adtrans.jvp(lambda x: doubled(x), (0.3,), (1.0,))


def test_called_it_is_the_function():
    assert product(0.3, 2.0) == np.sin(0.3) * 2.0
    assert product.__name__ == "product" and repr(product) == "<custom_vjp function product>"
    with pytest.raises(adtrans.AdtransError, match="nondiff_argnums"):
        shifted.defjvps(None)


CELLS = (
    "import adtrans\nimport numpy as np\n",
    "@adtrans.custom_vjp\ndef cell(x):\n    return np.sin(x)\n",
    "def cell_fwd(x):\n    return cell(x), x\n",
    "def cell_bwd(x, y_bar):\n    return (2.0 * np.cos(x) * y_bar,)\n",
    "cell.defvjp(cell_fwd, cell_bwd)\n",
    "def uses(x):\n    return cell(x) * x\n",
)


def test_cells_of_a_notebook() -> None:
    """Each cell is a text of its own: the rule is that of the running function."""
    space: dict[str, object] = {"__name__": "notebook"}
    for k, text in enumerate(CELLS):
        register(text, f"<cell {k}>")
        exec(compile(text, f"<cell {k}>", "exec"), space)
    cell, uses = space["cell"], space["uses"]
    np.testing.assert_allclose(adtrans.grad(cell)(0.3), 2.0 * np.cos(0.3))
    np.testing.assert_allclose(adtrans.grad(uses)(0.3), 0.6 * np.cos(0.3) + np.sin(0.3))
    second = 4.0 * np.cos(0.3) - 0.6 * np.sin(0.3)
    np.testing.assert_allclose(adtrans.grad(adtrans.grad(uses))(0.3), second)
    with pytest.raises(adtrans.AdtransError, match="already"):
        cell.defvjp(cell, cell)  # type: ignore[attr-defined]


# ------------------------------------------------------------ from text alone

HEAD = "import adtrans\nimport numpy as np\n\n\n"
RULE = """@adtrans.custom_jvp
def g(x, y):
    return np.sin(x) * y


@g.defjvp
def g_jvp(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    return g(x, y), np.cos(x) * x_dot * y + np.sin(x) * y_dot


"""

PROGRAMS = {
    "loop": "def f(x):\n    y = x\n    for _ in range(3):\n"
    "        y = g(y, x) + y * g(x, 2.0)\n    return np.sum(y)\n",
    "branch": "def f(x):\n    y = g(x, x)\n    if np.sum(y) > 0.1:\n"
    "        y = g(x, 1.0 + y)\n    return np.sum(y * x)\n",
    "store": "def f(x):\n    y = np.zeros(3)\n    for i in range(3):\n"
    "        y[i] = g(x[i], y[i - 1] + x[i])\n"
    "        y[0] += g(y[i], x[0])\n    return np.sum(y * x)\n",
    "callee": "def h(x):\n    return g(x, x) * x\n\n\ndef f(x):\n    return np.sum(h(x) + h(h(x)))\n",
    "list": "def f(x):\n    ys = [g(a, a * a) for a in x]\n    return sum(ys) * g(ys[0], 1.5)\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    outcome = judge(HEAD + RULE + PROGRAMS[name], (X,), order=2, name="f")
    assert outcome.verdict == "right", f"{outcome.stage}: {outcome.detail}"


def test_the_command_line_reads_the_text(tmp_path: Path) -> None:
    """Nothing of it is run, and what is written needs no adtrans."""
    file = tmp_path / "model.py"
    file.write_text(HEAD + RULE + PROGRAMS["callee"] + "\n\nraise SystemExit('this module was run')\n")
    made = CliRunner().invoke(cli, ["emit", f"{file}:f"])
    assert made.exit_code == 0, made.output
    text = made.output
    assert "import adtrans" not in text and "# adtrans: custom_jvp(g_jvp)" in text
    alone = tmp_path / "alone.py"
    alone.write_text(text + "\n\nprint(f_vjp(np.array([0.7, 1.3]))[0])\n")
    ran = subprocess.run([sys.executable, "-I", str(alone)], capture_output=True, text=True, check=True)
    assert float(ran.stdout) == float(load(HEAD + RULE + PROGRAMS["callee"], "f")(np.array([0.7, 1.3])))


REVERSE = """@adtrans.custom_vjp
def g(x, y):
    return np.sin(x) * y


def g_fwd(x, y):
    return g(x, y), (x, y)


def g_bwd(kept, z_bar):
    x, y = kept
    return np.cos(x) * y * z_bar, np.sin(x) * z_bar


g.defvjp(g_fwd, g_bwd)


"""
CALL = "def f(x: float, y: float):\n    return g(x, y)\n"

REFUSED: dict[str, tuple[str, str, str]] = {
    "missing": (REVERSE.replace("g.defvjp(g_fwd, g_bwd)\n", "") + CALL, "AD245", "    return g(x, y)"),
    "other rule": (REVERSE.replace("custom_vjp", "custom_jvp") + CALL, "AD245", "    return g(x, y)"),
    "conditional": (
        REVERSE.replace("g.defvjp(g_fwd, g_bwd)\n", "if np.pi > 3:\n    g.defvjp(g_fwd, g_bwd)\n") + CALL,
        "AD245",
        "    return g(x, y)",
    ),
    "one function": (REVERSE.replace("(g_fwd, g_bwd)", "(g_fwd)") + CALL, "AD246", "    return g(x, y)"),
    "no function": (REVERSE.replace("(g_fwd, g_bwd)", "(g_fwd, 3)") + CALL, "AD246", "    return g(x, y)"),
    "library": (REVERSE.replace("(g_fwd, g_bwd)", "(g_fwd, np.sin)") + CALL, "AD246", "    return g(x, y)"),
    "symbolic zeros": (
        REVERSE.replace("(g_fwd, g_bwd)", "(g_fwd, g_bwd, symbolic_zeros=True)") + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "parameters": (
        REVERSE.replace("def g_bwd(kept, z_bar)", "def g_bwd(kept)") + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "one adjoint": (
        REVERSE.replace("return np.cos(x) * y * z_bar, np.sin(x) * z_bar", "return (np.cos(x) * y * z_bar,)")
        + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "no tuple": (
        REVERSE.replace("return np.cos(x) * y * z_bar, np.sin(x) * z_bar", "return np.cos(x) * y * z_bar")
        + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "rank of an adjoint": (
        REVERSE.replace("np.sin(x) * z_bar", "np.sin(x) * z_bar * np.ones(3)") + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "rank of the value": (
        REVERSE.replace("return g(x, y), (x, y)", "return np.ones(3) * x, (x, y)") + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "no residuals": (
        REVERSE.replace("return g(x, y), (x, y)", "return g(x, y)") + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "varies": (
        REVERSE.replace("@adtrans.custom_vjp", "@adtrans.custom_vjp(nondiff_argnums=(1,))")
        .replace("def g_bwd(kept, z_bar)", "def g_bwd(y, kept, z_bar)")
        .replace("np.cos(x) * y * z_bar, np.sin(x) * z_bar", "(np.cos(x) * y * z_bar,)")
        + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "computed argnums": (
        REVERSE.replace("@adtrans.custom_vjp", "@adtrans.custom_vjp(nondiff_argnums=(int(np.pi),))") + CALL,
        "AD246",
        "    return g(x, y)",
    ),
    "writes": (
        REVERSE.replace("    return g(x, y), (x, y)", "    x[0] = 1.0\n    return g(x, y), (x, y)")
        + "def f(x, y):\n    return np.sum(g(x, y))\n",
        "AD246",
        "    return np.sum(g(x, y))",
    ),
    "given a function": (
        REVERSE.replace("np.sin(x) * y\n", "y(x)\n") + "def f(x: float):\n    return g(x, np.sin)\n",
        "AD246",
        "def g(x, y):",
    ),
    "nested": (
        "def f(x: float):\n    @adtrans.custom_vjp\n    def g(t):\n        return t * t\n\n    return g(x)\n",
        "AD246",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    source, code, line = REFUSED[name]
    source = HEAD + source
    with pytest.raises(adtrans.Refused) as error:
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    found = [
        (d.code, source.splitlines()[d.span.line - 1] if d.span else "") for d in error.value.diagnostics
    ]
    assert (code, line) in found or (not line and code in dict(found)), str(error.value)


def test_the_entry_itself_lacks_its_rule() -> None:
    source = HEAD + REVERSE.replace("g.defvjp(g_fwd, g_bwd)\n", "")
    with pytest.raises(adtrans.Refused, match="AD245"):
        parse.program(source, "model.py", "g")


def test_lambdas_and_keywords() -> None:
    source = (
        HEAD
        + "@adtrans.custom_vjp\ndef g(x, *, n=2):\n    return x**n\n\n\n"
        + "def g_fwd(x, *, n):\n    return g(x, n=n), (x, n)\n\n\n"
        + "g.defvjp(g_fwd, bwd=lambda kept, y_bar: (kept[1] * kept[0] ** (kept[1] - 1) * y_bar, None))\n\n\n"
        + "def f(x):\n    return g(x) + g(x * x, n=3)\n"
    )
    made = pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request(wrt=("x",)))
    value, x_bar = load(made.text, made.name)(0.7)
    np.testing.assert_allclose((value, x_bar), (0.7**2 + 0.7**6, 2 * 0.7 + 6 * 0.7**5))


def test_same_bytes() -> None:
    source = HEAD + REVERSE + CALL
    texts = {pipeline.generate(parse.program(source, "m.py", "f"), pipeline.Request()).text for _ in range(2)}
    assert len(texts) == 1
