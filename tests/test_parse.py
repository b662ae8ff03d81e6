"""Source text to the surface IR: statements, expressions, names, modules, and what is refused."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import libcst as cst
import numpy as np
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from adtrans import ir, pipeline
from adtrans.errors import CODES, Diagnostic, Refused, Span
from adtrans.frontend import scopes, source
from adtrans.frontend.pieces import cut
from adtrans.frontend.positions import Positions
from adtrans.ir import Assign, AugAssign, Call, Const, Global, If, Index, Name, Op, Opaque, Verbatim
from adtrans.parse import program

X, Y = Name("x"), Name("y")


def parse(text: str, name: str = "f", **keywords: Any) -> ir.Program:
    return program(dedent(text), "m.py", name, **keywords)


def body(text: str, head: str = "") -> ir.Block:
    """The body of `def f(x, y, n)` after the module-level lines of `head`."""
    lines = "\n".join("    " + line if line else line for line in dedent(text).strip("\n").split("\n"))
    source = f"import numpy as np\n{dedent(head)}\ndef f(x, y, n):\n{lines}\n"
    return program(source, "m.py", "f").functions["m.f"].body


def expr(text: str, head: str = "") -> ir.Expr:
    (statement,) = body(f"return {text}", head)
    assert isinstance(statement, ir.Return) and statement.value is not None
    return statement.value


def refusals(text: str, name: str = "f", **keywords: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(Refused) as caught:
        parse(text, name, **keywords)
    assert all(d.code in CODES for d in caught.value.diagnostics)
    return caught.value.diagnostics


def codes(text: str, name: str = "f", **keywords: Any) -> list[str]:
    return [d.code for d in refusals(text, name, **keywords)]


def at(diagnostic: Diagnostic) -> tuple[int, int, int]:
    assert diagnostic.span
    return diagnostic.span.line, diagnostic.span.col, diagnostic.span.end_col


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y", Op("+", (X, Y))),
        ("x - y * x", Op("-", (X, Op("*", (Y, X))))),
        ("-1.5", Op("neg", (Const(1.5),))),
        ("+x", Op("pos", (X,))),
        ("~x", Op("~", (X,))),
        ("not x", Op("not", (X,))),
        ("x ** 2 @ y", Op("@", (Op("**", (X, Const(2))), Y))),
        ("x // y % n", Op("%", (Op("//", (X, Y)), Name("n")))),
        ("x << 1", Op("<<", (X, Const(1)))),
        ("x is not None", Op("is not", (X, Const(None)))),
        ("x not in y", Op("not in", (X, Y))),
        ("x and y and n", Op("and", (X, Y, Name("n")))),
        ("x and (y or n)", Op("and", (X, Op("or", (Y, Name("n")))))),
        ("0 < x < y", Op("and", (Op("<", (Const(0), X)), Op("<", (X, Y))))),
        ("x if y else n", ir.IfExp(Y, X, Name("n"))),
        ("(x, y)", ir.Tuple((X, Y))),
        ("x, y", ir.Tuple((X, Y))),
        ("[x, 1]", ir.List((X, Const(1)))),
        ("x[0]", Index(X, Const(0))),
        ("x[0,]", Index(X, ir.Tuple((Const(0),)))),
        ("x[1:, ::2]", Index(X, ir.Tuple((ir.Slice(Const(1)), ir.Slice(step=Const(2)))))),
        ("x[..., None]", Index(X, ir.Tuple((Const(...), Const(None))))),
        ("x[..., np.newaxis]", Index(X, ir.Tuple((Const(...), Const(None))))),
        ("'a' 'b'", Const("ab")),
        ("1e-3j", Const(1e-3j)),
        ("x.shape[0]", Index(ir.Attr(X, "shape"), Const(0))),
        ("np.pi", Global("np.pi")),
        ("np.float64", Global("np.float64")),
        ("float", Global("float")),
        ("np.finfo(float).eps", ir.Attr(Call("numpy.finfo", (Global("float"),)), "eps")),
        ("np.sum(x, axis=0)", Call("numpy.sum", (X,), (("axis", Const(0)),))),
        ("np.acos(x)", Call("numpy.arccos", (X,))),
        ("np.abs(x)", Call("numpy.absolute", (X,))),
        ("np.concat([x, y])", Call("numpy.concatenate", (ir.List((X, Y)),))),
        ("np.linalg.norm(x)", Call("numpy.linalg.norm", (X,))),
        ("np.no_such(x)", Call("?.numpy.no_such", (X,))),
        ("len(x)", Call("builtins.len", (X,))),
        ("isinstance(x, float)", Call("builtins.isinstance", (X, Global("float")))),
        ("x.sum(axis=1)", Call("numpy.sum", (X,), (("axis", Const(1)),))),
        ("x.conj()", Call("numpy.conjugate", (X,))),
        ("x.flatten()", Call("numpy.ndarray.flatten", (X,))),
        ("x.reshape(2, 3)", Call("numpy.reshape", (X, ir.Tuple((Const(2), Const(3)))))),
        ("x.reshape(6)", Call("numpy.reshape", (X, Const(6)))),
        ("x.transpose()", Call("numpy.transpose", (X,))),
        ("x.pop()", Call("list.pop", (X,))),
        ("x.frobnicate(y)", Call("?.frobnicate", (X, Y))),
        ("x.T @ y", Op("@", (Call("numpy.transpose", (X,)), Y))),
        ("x.imag", Call("numpy.imag", (X,))),
        ("(x + y).T", Call("numpy.transpose", (Op("+", (X, Y)),))),
        ("frobnicate(x)", Call("?.frobnicate", (X,))),
    ],
)
def test_expressions(text: str, expected: ir.Expr) -> None:
    assert expr(text) == expected


def test_how_a_call_is_spelled_is_kept() -> None:
    calls = [expr(t) for t in ("np.acos(x)", "x.sum()", "x.T", "len(x)")]
    assert [(c.style, c.spelled) for c in calls if isinstance(c, Call)] == [
        ("function", "np.acos"),
        ("method", "sum"),
        ("attribute", "T"),
        ("function", "len"),
    ]


def test_how_a_number_is_spelled_is_kept() -> None:
    numbers = [expr(t) for t in ("1_000", "1e-3", "0x10", "2.")]
    assert [(n.value, n.text) for n in numbers if isinstance(n, Const)] == [
        (1000, "1_000"),
        (1e-3, "1e-3"),
        (16, "0x10"),
        (2.0, "2."),
    ]


def test_a_list_comprehension() -> None:
    found = expr("[t * k for k, t in enumerate(x) if t > y]")
    k, t = Name("k"), Name("t")
    assert found == ir.Comprehension(
        Op("*", (t, k)), ir.Tuple((k, t)), Call("builtins.enumerate", (X,)), (Op(">", (t, Y)),)
    )


def test_a_comprehension_variable_is_seen_by_what_is_opaque_in_it() -> None:
    found = expr("[g(k) + x for k in y]", "def g(k): return k")
    assert found == ir.Comprehension(Op("+", (Call("m.g", (Name("k"),)), X)), Name("k"), Y)
    found = expr("[f'{k}{x}' for k in y]")
    assert isinstance(found, ir.Comprehension) and found.elt == Opaque("f'{k}{x}'", ("k", "x"))


@pytest.mark.parametrize(
    ("text", "reads", "why"),
    [
        ("{x: x, 'b': n}", ("x", "n"), "a dict display with computed keys"),
        ("{x}", ("x",), "a set display"),
        ("{k: x for k in y}", ("y", "x"), "a dict comprehension"),
        ("f'{x:.{n}f} {y!r}'", ("x", "n", "y"), "an f-string"),
        ("f'{x}' 'tail'", ("x",), "an f-string"),
        ("lambda t: t + x", ("x",), "a lambda"),
        ("lambda x, k=y: x + k", ("y",), "a lambda"),
        ("np.max(*x)", ("x",), "a call with `*` or `**` arguments"),
        ("np.max(x, **y)", ("x", "y"), "a call with `*` or `**` arguments"),
        ("x[*y]", ("x", "y"), "a starred index"),
        ("(x + n).flat", ("x", "n"), "the attribute `.flat`"),
        ("x < y + 1 < n", ("x", "y", "n"), "a chained comparison of a computed value"),
        (
            "x(y)",
            ("x", "y"),
            "a call of `x`, an argument (give it a default, or use `adtrans.grad`, which sees it),",
        ),
        ("x[0](y)", ("x", "y"), "a call of a computed function"),
    ],
)
def test_what_is_opaque_says_what_it_reads_and_why(text: str, reads: tuple[str, ...], why: str) -> None:
    found = expr(text)
    found = found.otherwise if isinstance(found, ir.Spread) else found
    assert isinstance(found, Opaque)
    assert set(found.reads) == set(reads)
    assert found.why == why


def test_opaque_text_can_stand_anywhere() -> None:
    assert expr("lambda t: t") == Opaque("(lambda t: t)", ())
    assert expr("(lambda t: t)") == Opaque("(lambda t: t)", ())
    found = expr("any(k for k in x)")
    assert found == Call("builtins.any", (Opaque("(k for k in x)", ("x",)),))


def test_expressions_have_places() -> None:
    (statement,) = body("return np.sin(x) + (y)")
    assert isinstance(statement, ir.Return) and isinstance(statement.value, Op)
    sine, y = statement.value.args
    assert sine.span and y.span
    assert (sine.span.line, sine.span.col, sine.span.end_col) == (4, 11, 20)
    assert (y.span.col, y.span.end_col) == (24, 25)


# ----------------------------------------------------------------- statements


def test_comments_blank_lines_and_text_are_kept() -> None:
    first, loop, last = body("""
        # above
        # both
        z = 1.0  # behind

        for i in range(n):  # the loop
            # in it
            z  +=  x[i]
            # at its end
        return z
        """)
    assert (first.comments, first.trailing, first.text, first.blank_before) == (
        ("# above", "# both"),
        "# behind",
        "z = 1.0",
        False,
    )
    assert isinstance(loop, ir.For)
    assert (loop.text, loop.trailing, loop.blank_before) == ("for i in range(n):", "# the loop", True)
    assert loop.span and (loop.span.line, loop.span.col, loop.span.end_line, loop.span.end_col) == (
        8,
        4,
        8,
        22,
    )
    assert (loop.body[0].comments, loop.body[0].text) == (("# in it",), "z  +=  x[i]")
    assert last.comments == ("# at its end",)


def test_several_statements_on_a_line() -> None:
    a, b, _ = body("# both\na = x; b = y  # here\nreturn a")
    assert (a.text, a.comments, a.trailing) == ("a = x", ("# both",), "")
    assert (b.text, b.comments, b.trailing) == ("b = y", (), "# here")


def test_text_over_several_lines_is_dedented() -> None:
    loop, _ = body("""
        for i in range(n):
            x = (x +
                 y)
        return x
        """)
    assert isinstance(loop, ir.For) and loop.body[0].text == "x = (x +\n     y)"


def test_a_string_over_several_lines_is_written_on_one() -> None:
    statement, _ = body('print("""a\n  b""", f"""{x}\nc""")\nreturn x')
    assert statement.text == 'print(\'a\\n      b\', f"""{x}\\n    c""")'


def test_if_elif_else() -> None:
    (statement,) = body("""
        if x > 0:
            return x
        elif y:  # second
            return y
        # otherwise
        else:
            return n
        """)
    assert isinstance(statement, If) and statement.text == "if x > 0:"
    (second,) = statement.orelse
    assert isinstance(second, If) and (second.text, second.trailing) == ("if y:", "# second")
    assert second.orelse[0].comments == ("# otherwise",)


def test_loops_with_else_break_and_continue() -> None:
    loop, _ = body("""
        while x > 0:
            if y: continue
            break
        else:
            x = y
        return x
        """)
    assert isinstance(loop, ir.While) and loop.test == Op(">", (X, Const(0)))
    branch, last = loop.body
    assert isinstance(branch, If) and isinstance(branch.body[0], ir.Continue) and isinstance(last, ir.Break)
    assert len(loop.orelse) == 1


def test_a_header_over_several_lines() -> None:
    statement, _ = body("if (x >\n        y  # why: not\n        ):\n    n = 1\nreturn x")
    assert isinstance(statement, If) and statement.test == Op(">", (X, Y))


def test_assignments() -> None:
    a, b, c, d, e, _ = body("""
        x[0, 1] = y
        x, (y, z) = y
        w: float = x
        x[n] **= 2
        y @= x
        return x
        """)
    assert isinstance(a, Assign) and a.target == Index(X, ir.Tuple((Const(0), Const(1))))
    assert isinstance(b, Assign) and b.target == ir.Tuple((X, ir.Tuple((Y, Name("z")))))
    assert isinstance(c, Assign) and (c.target, c.value, c.text) == (Name("w"), X, "w: float = x")
    assert isinstance(d, AugAssign) and (d.op, d.target) == ("**", Index(X, Name("n")))
    assert isinstance(e, AugAssign) and e.op == "@"


def test_a_chained_assignment_goes_through_its_name() -> None:
    a, b, _ = body("x[0] = z = y\nreturn z")
    assert isinstance(a, Assign) and isinstance(b, Assign)
    assert (a.target, a.value, a.text) == (Name("z"), Y, None)
    assert (b.target, b.value) == (Index(X, Const(0)), Name("z"))


def test_expression_statements() -> None:
    a, b, _ = body("y.append(x)\nfill(x)\nreturn x")
    assert isinstance(a, ir.ExprStmt) and a.value == Call("list.append", (Y, X))
    assert isinstance(b, ir.ExprStmt) and b.value == Call("?.fill", (X,))


@pytest.mark.parametrize(
    ("text", "reads", "writes", "why"),
    [
        ("pass", (), (), "pass"),
        ("assert x > 0, f'{y}'", ("x", "y"), (), "an assert"),
        ("raise ValueError(x)", ("x",), (), "a raise"),
        ("print(x, [k for k in y])", ("x", "y"), (), "printing"),
        ("del x", ("x",), ("x",), "a `del`"),
        ("z: float", (), (), "a declaration"),
        ("import os.path", (), (), "an import"),
        (
            "z = x(y)",
            ("x", "y"),
            ("z", "y"),
            "a call of `x`, an argument (give it a default, or use `adtrans.grad`, which sees it),",
        ),
        (
            "n[x(y)] += n",
            ("x", "y", "n"),
            ("n", "y"),
            "a call of `x`, an argument (give it a default, or use `adtrans.grad`, which sees it),",
        ),
        ("(x or y)[0] = n", ("x", "y", "n"), ("x", "y"), "an assignment into something without a name"),
        ("x.flag = y", ("x", "y"), ("x",), "an assignment to an attribute"),
        ("a, *b = x", ("x",), ("a", "b"), "an assignment to a starred target"),
        ("z = {(w := x): w}", ("x", "w"), ("z", "w"), "an assignment expression (`:=`)"),
        ("x + y", ("x", "y"), (), "an expression that is not used"),
        ("'words'", (), (), "an expression that is not used"),
        ("class C:\n    a = x", ("x",), ("C",), "a class"),
        ("with open(n) as h:\n    z = h.read(x)", ("n", "h", "x"), ("h", "z", "x"), "a `with` block"),
        ("try:\n    z = np.sin(x)\nexcept E as e:\n    z = n", ("x", "n"), ("z", "e"), "a `try` block"),
        ("try:\n    x[0] = 1\nexcept E:\n    pass", ("x",), ("x",), "a `try` block"),
        ("match n:\n    case [a, *b]:\n        z = a", ("n", "a"), ("a", "b", "z"), "a `match` statement"),
        ("for_each(x) if n else x.fill(0)", ("x", "n"), ("x",), "an expression that is not used"),
        ("assert np.sqrt(x, out=y)", ("x", "y"), ("x", "y"), "an assert"),
    ],
)
def test_verbatim(text: str, reads: tuple[str, ...], writes: tuple[str, ...], why: str) -> None:
    statement, *_ = body(f"y = 1\n{text}\nreturn x", head="E = ValueError")[1:]
    assert isinstance(statement, Verbatim)
    assert (statement.text, set(statement.reads), set(statement.writes), statement.why) == (
        text,
        set(reads),
        set(writes),
        why,
    )


def test_a_loop_inside_a_verbatim_block_may_break() -> None:
    statement, _ = body("with open(n) as h:\n    for k in h:\n        break\nreturn x")
    assert isinstance(statement, Verbatim)


def test_carried_text_may_call_a_function_that_changes_nothing() -> None:
    head = "def pure(a): return a > 0\ndef fills(a): a[0] = 1"
    good, bad, _ = body("assert pure(x)\nassert fills(x)\nreturn x", head)
    assert isinstance(good, Verbatim) and good.writes == ()
    assert isinstance(bad, Verbatim) and bad.writes == ("x",)


def test_what_a_call_in_opaque_text_may_change() -> None:
    found = [expr("x(y)"), expr("f'{np.max(y)}'"), expr("{n.update(y)}")]
    assert [e.writes for e in found if isinstance(e, Opaque)] == [("y",), (), ("n", "y")]


def test_a_nested_function_may_change_its_own_variables() -> None:
    body("def g(t):\n    out = []\n    out.append(t)\n    t[0] = 1\n    return out\nreturn x")


def test_telling_somebody_is_carried_over_whatever_is_told() -> None:
    head = "import warnings\nimport logging\nlog = logging.getLogger(__name__)"
    a, b, _ = body("warnings.warn(f'{x}')\nlog.info('%s', x)\nreturn x", head)
    assert isinstance(a, Verbatim) and isinstance(b, Verbatim) and b.writes == ()


def test_a_closure_is_read_where_it_is_used() -> None:
    *_, last = body("g = lambda t: t * x\nx = y\nz = [g]\nreturn np.piecewise(y, z)")
    assert isinstance(last, ir.Return) and isinstance(last.value, Call)
    assert last.value.args[1] == Opaque("z", ("z", "x"))
    *_, last = body("def g(t):\n    return t * x\nx = y\nreturn g(y)")
    assert isinstance(last, ir.Return) and last.value == Call("m.f.g", (Y, X))


# ------------------------------------------------------------------ functions


def test_a_function_with_all_it_has() -> None:
    found = parse('''
        import numpy as np
        N = 3
        def f(x: np.ndarray, /, n: int = N, *, tol: "float" = 1e-3) -> float:
            """First line.

            More.
            """
            return x
        ''').functions["m.f"]
    assert [(p.name, p.annotation, p.default, p.keyword_only) for p in found.params] == [
        ("x", "np.ndarray", None, False),
        ("n", "int", Global("N"), False),
        ("tol", '"float"', Const(1e-3), True),
    ]
    assert found.doc == "First line.\n\nMore."
    assert found.text.startswith("def f(x: np.ndarray, /") and found.text.endswith("return x")
    assert len(found.body) == 1 and found.body[0].line == 9


def test_an_annotation_that_cannot_be_carried_is_dropped() -> None:
    found = parse("class C: pass\ndef f(x: C, y: Missing, z: float): return x").functions["m.f"]
    assert [p.annotation for p in found.params] == [None, None, "float"]


def test_a_function_on_one_line() -> None:
    found = parse("def f(x): return x  # all\n").functions["m.f"]
    assert len(found.body) == 1 and found.body[0].trailing == "# all"


def test_only_what_is_needed_is_there() -> None:
    found = parse("""
        import numpy as np
        import os
        A = 1.0
        B = 2.0
        def g(x): return x * A
        def h(x): yield x
        def f(x): return g(x)
        """)
    assert list(found.functions) == ["m.f", "m.g"]
    assert found.entry == "m.f"
    assert found.constants == {"A": "1.0"}
    assert found.imports == ()
    assert list(found.sources) == ["m.py"]


def test_recursion_and_functions_named_in_carried_text() -> None:
    found = parse("""
        def g(x): return f(x)
        def check(x): return x
        def f(x):
            assert check(x)
            return g(x) + f(x)
        """)
    assert list(found.functions) == ["m.f", "m.check", "m.g"]


def test_a_definition_by_its_line() -> None:
    text = """
    def f(x): return 1

    def outer(c):
        def helper(x): return x
        @decorated
        def f(x):
            return helper(x)
        return f

    def f(x): return 3
    """
    found = parse(text, line=6)
    assert found.entry == "m.outer.f"
    assert list(found.functions) == ["m.outer.f", "m.outer.helper"]
    assert parse(text, line=12 - 1).functions["m.f"].body[0].line == 11
    assert codes(text) == ["AD108"]
    assert codes(text, line=12) == ["AD102"]


def test_the_users_module_is_never_run(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("raise SystemExit('run')\ndef g(x): return x\n")
    main = tmp_path / "main.py"
    text = "raise SystemExit('run')\nfrom other import g\ndef f(x): return g(x)\n"
    main.write_text(text)
    assert list(program(text, str(main), "f").functions) == ["main.f", "other.g"]
    assert "other" not in sys.modules


def test_no_module_is_imported_for_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found once: to know the parameters of a function of the program its module was imported."""
    text = "def g(x):\n    return x * x\n\n\ndef f(x):\n    return g(x)\n\n\nraise SystemExit\n"
    (tmp_path / "my_model.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    for mode in ("reverse", "forward"):
        made = program(text, str(tmp_path / "my_model.py"), "f")
        pipeline.generate(made, pipeline.Request(mode))
    assert "my_model" not in sys.modules


def test_importing_adtrans_parse_is_cheap() -> None:
    code = "import adtrans.parse, sys; assert 'libcst' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


# ---------------------------------------------------------------------- names


def test_a_local_shadows_a_module_and_a_builtin() -> None:
    *_, last = body("np = x\nsum = y\nreturn np.sin(sum(x))")
    assert isinstance(last, ir.Return)
    assert last.value == Call("?.sin", (Name("np"), Opaque("sum(x)", ("sum", "x"))))
    assert parse("def len(x): return x\ndef f(x): return len(x)").functions["m.f"].body[0].value == Call(  # type: ignore[attr-defined]
        "m.len", (X,)
    )


@pytest.mark.parametrize(
    ("head", "text", "path"),
    [
        ("from numpy import sin as s", "s(x)", "numpy.sin"),
        ("from numpy import *", "sin(x)", "numpy.sin"),
        ("from math import *", "sin(x)", "math.sin"),
        ("from math import *\nfrom numpy import *", "sin(x)", "numpy.sin"),
        ("from numpy import *\nfrom math import *", "sin(x)", "math.sin"),
        ("from numpy import *", "sum(x)", "numpy.sum"),
        ("from math import *", "sum(x)", "builtins.sum"),
        ("from numpy import *", "linalg.solve(x, y)", "numpy.linalg.solve"),
        ("from numpy import *\nfrom math import sin", "sin(x)", "math.sin"),
        ("from nowhere import *", "sine(x)", "?.sine"),
        ("import numpy", "numpy.linalg.solve(x, y)", "numpy.linalg.solve"),
        ("from numpy import linalg as la", "la.solve(x, y)", "numpy.linalg.solve"),
        ("from numpy.linalg import solve", "solve(x, y)", "numpy.linalg.solve"),
        ("import math", "math.sin(x)", "math.sin"),
        ("from math import sqrt", "sqrt(x)", "math.sqrt"),
        ("sine = np.sin", "sine(x)", "numpy.sin"),
        ("import scipy.linalg", "scipy.linalg.solve(x, y)", "scipy.linalg.solve"),
        ("import os", "os.path.join(x)", "?.os.path.join"),
        ("from os import getcwd", "getcwd()", "?.os.getcwd"),
        ("import numpy.linalg", "numpy.sin(x)", "numpy.sin"),
        ("relu = lambda t: t", "relu(x)", "m.relu"),
    ],
)
def test_imports(head: str, text: str, path: str) -> None:
    found = expr(text, head)
    assert isinstance(found, Call) and found.fn == path


def test_only_used_imports_are_kept() -> None:
    found = parse("""
        import os, sys as system
        import numpy as np, numpy.linalg
        from math import sin, cos as c
        def f(x): return c(x) + numpy.linalg.norm(x)
        """)
    assert found.imports == (ir.Import("math", "cos", "c"), ir.Import("numpy.linalg", None, "numpy.linalg"))


def test_an_import_inside_the_function_counts() -> None:
    found = parse("def f(x):\n    import numpy as np\n    return np.sin(x)")
    statement, last = found.functions["m.f"].body
    assert isinstance(statement, Verbatim) and statement.writes == ()
    assert isinstance(last, ir.Return) and last.value == Call("numpy.sin", (X,))
    assert found.imports == (ir.Import("numpy", None, "np"),)


def test_constants_come_with_what_they_need_in_order() -> None:
    found = parse("""
        import numpy as np
        from math import pi
        C = [1, 2,
             3]
        A: float = 2.0  # two
        B = (A *
             np.pi)
        D, E = 1, 2
        def f(x): return B * x + C[0] + pi + E
        """)
    assert found.constants == {"C": "[1, 2,\n     3]", "A": "2.0", "B": "(A *\n     np.pi)", "E": "2"}
    assert set(found.imports) == {ir.Import("numpy", None, "np"), ir.Import("math", "pi", "pi")}


@pytest.mark.parametrize(
    "head",
    [
        "A = 1\nA = 2",
        "A = 1\nA += 1",
        "A = 1\nfor A in range(3): pass",
        "A = 1\ndef set():\n    global A\n    A = 2",
        "A = [1]\nA.append(2)",
        "A = [1]\nA[0] = 2",
        "if True:\n    A = 1",
        "import numpy as A\nA = 1",
        "try:\n    import numpy as A\nexcept ImportError:\n    import math as A",
    ],
)
def test_a_name_that_is_not_constant_is_refused_where_it_is_read(head: str) -> None:
    found = refusals(f"{head}\ndef f(x):\n    return x * A\n")
    assert [d.code for d in found] == ["AD222"]
    assert at(found[0]) == (head.count("\n") + 3, 15, 16)
    parse(f"{head}\ndef f(x):\n    return x\n")


def test_words_in_a_docstring_are_not_a_global_statement() -> None:
    parse('A = 1\ndef g():\n    """The\n    global A minimum."""\ndef f(x): return A')


def test_what_runs_only_as_a_script_binds_nothing() -> None:
    parse("A = 1\ndef f(x): return A\nif __name__ == '__main__':\n    A = f(2)\n")


# ------------------------------------------------------------------- live names


def test_live_values() -> None:
    def helper(t: float) -> float:
        return t * 2.0

    live = {
        "k": 2.5,
        "N": 3,
        "lib": np,
        "sine": np.sin,
        "inf": math.inf,
        "half": np.float32(0.5),
        "helper": helper,
    }
    found = parse("def f(x):\n    return lib.cos(sine(x)) * k + N + inf * half + helper(x)", live=live)
    assert found.constants == {"k": "2.5", "N": "3", "inf": 'float("inf")', "half": "np.float32(0.5)"}
    assert (
        ir.Import("numpy", None, "lib") in found.imports
        and ir.Import("numpy", "sin", "sine") in found.imports
    )
    assert ir.Import("numpy", None, "np") in found.imports
    assert any(path.endswith("helper") for path in found.functions)


def test_live_values_are_for_names_that_the_source_does_not_fix() -> None:
    text = "A = 1\nB = 1\nB = 2\ndef f(x): return x * A * B"
    assert parse(text, live={"A": 5, "B": 6}).constants == {"A": "1", "B": "6"}


def test_a_live_array() -> None:
    text = "def f(x): return x * w"
    assert parse(text, live={"w": np.ones(2)}).constants == {"w": "np.array([1.0, 1.0])"}
    assert codes(text, live={"w": np.ones(101)}) == ["AD225"]
    assert codes(text, live={"w": np.array([np.inf])}) == ["AD225"]
    assert codes(text, live={"w": np.array(["a"])}) == ["AD225"]


def test_a_free_variable() -> None:
    text = "k = 1\ndef outer(k):\n    def f(x):\n        return x * k\n    return f"
    assert codes(text, line=3) == ["AD225"]
    assert parse(text, line=3, live={"k": 4.0}).constants == {"k": "4.0"}


# -------------------------------------------------------------------- modules


def project(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def load(path: Path, name: str = "f") -> ir.Program:
    return program(path.read_text(), str(path), name)


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("import lib", "lib.g(x)"),
        ("import lib as l", "l.g(x)"),
        ("from lib import g", "g(x)"),
        ("from lib import g as h", "h(x)"),
        ("from again import g", "g(x)"),
        ("import again", "again.lib.g(x)"),
        ("import lib\ng = lib.g", "g(x)"),
    ],
)
def test_functions_of_other_modules(tmp_path: Path, head: str, call: str) -> None:
    project(
        tmp_path,
        main=f"{head}\ndef f(x):\n    return {call}  # call\n",
        lib="import numpy as np\nK = 2.0\ndef g(x): return K * np.sin(x)\n",
        again="import lib\nfrom lib import g\n",
    )
    found = load(tmp_path / "main.py")
    assert list(found.functions) == ["main.f", "lib.g"]
    (last,) = found.functions["main.f"].body
    assert isinstance(last, ir.Return) and last.value == Call("lib.g", (X,))
    assert last.text == "return g(x)"
    assert isinstance(last.value, Call) and last.value.spelled == "g"
    assert found.constants == {"K": "2.0"}
    assert found.imports == (ir.Import("numpy", None, "np"),)
    assert {Path(p).name for p in found.sources} >= {"lib.py", "main.py"}


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("from . import tools", "tools.g(x)"),
        ("from .tools import g", "g(x)"),
        ("from pkg.tools import g", "g(x)"),
        ("import pkg.tools", "pkg.tools.g(x)"),
        ("import pkg.tools as t", "t.g(x)"),
        ("from pkg import tools as t", "t.g(x)"),
        ("from .sub import g", "g(x)"),
        ("from ..pkg.tools import g", "g(x)"),
        ("from . import g", "g(x)"),
    ],
)
def test_packages(tmp_path: Path, head: str, call: str) -> None:
    project(
        tmp_path,
        pkg____init__="from .tools import g",
        pkg__main=f"{head}\ndef f(x): return {call}\n",
        pkg__tools="def g(x): return x\n",
    )
    (tmp_path / "pkg" / "__init__.py").write_text("from .tools import g\n")
    project(tmp_path / "pkg" / "sub", inner="from ..tools import g\n")
    (tmp_path / "pkg" / "sub" / "__init__.py").write_text("from .inner import g\n")
    found = load(tmp_path / "pkg" / "main.py")
    assert len(found.functions) == 2
    assert list(found.functions)[1].endswith("tools.g")


def test_a_package_that_imports_its_modules(tmp_path: Path) -> None:
    """`from . import tools` in `__init__.py` binds a name that it also looks up."""
    project(tmp_path, pkg__main="from . import tools\ndef f(x): return tools.g(x)\n")
    project(tmp_path, pkg__tools="from . import main\ndef g(x): return x\n")
    (tmp_path / "pkg" / "__init__.py").write_text("from . import main, tools\n")
    assert list(load(tmp_path / "pkg" / "main.py").functions) == ["main.f", "pkg.tools.g"]


def test_a_module_of_a_package_with_the_name_of_a_standard_one(tmp_path: Path) -> None:
    """colour's `io/luts/operator.py` is not what `from operator import mul` finds; beside a script it is."""
    project(
        tmp_path,
        pkg__main="from operator import mul\ndef f(x): return mul(x, x)\n",
        main="from operator import mul\ndef f(x): return mul(x, x)\n",
        operator="def mul(a, b): return a\n",
    )
    (tmp_path / "pkg" / "operator.py").write_text("from math import *\n")
    (tmp_path / "pkg" / "__init__.py").write_text("")
    assert list(load(tmp_path / "pkg" / "main.py").functions) == ["main.f"]
    assert list(load(tmp_path / "main.py").functions) == ["main.f", "operator.mul"]


def test_modules_that_import_a_name_from_each_other(tmp_path: Path) -> None:
    project(tmp_path, main="from lib import g\ndef f(x): return g(x)\n", lib="from main import g\n")
    assert list(load(tmp_path / "main.py").functions) == ["main.f"]


def test_names_of_two_modules_that_collide(tmp_path: Path) -> None:
    project(
        tmp_path,
        main="""
        import lib
        from lib import scale as rescale
        K = 1.0
        def scale(x): return x * K
        def f(x):
            assert lib.scale(x) > lib.K
            return scale(x) + rescale(x) + lib.K
        """,
        lib="""
        K = 3.0
        def scale(x):
            return x * K
        """,
    )
    found = load(tmp_path / "main.py")
    assert found.constants == {"K": "1.0", "K_": "3.0"} or found.constants == {"K_": "1.0", "K": "3.0"}
    by_path = {path: function.name for path, function in found.functions.items()}
    ours, theirs = by_path["main.scale"], by_path["lib.scale"]
    assert {ours, theirs} == {"scale", "scale_"}
    constant = {value: name for name, value in found.constants.items()}
    check, last = found.functions["main.f"].body
    assert check.text == f"assert {theirs}(x) > {constant['3.0']}"
    assert last.text == f"return {ours}(x) + {theirs}(x) + {constant['3.0']}"
    assert found.functions["lib.scale"].body[0].text == f"return x * {constant['3.0']}"


def test_an_imported_name_never_lands_on_a_local(tmp_path: Path) -> None:
    project(
        tmp_path,
        main="from lib import step as go\ndef f(x):\n    step = 0.1\n    return go(x, step)\n",
        lib="def step(x, h): return x + h\n",
    )
    found = load(tmp_path / "main.py")
    assert found.functions["lib.step"].name == "step_"
    assert found.functions["main.f"].body[1].text == "return step_(x, step)"


def test_another_module_in_its_own_encoding(tmp_path: Path) -> None:
    project(tmp_path, main="import lib\ndef f(x): return lib.g(x)\n")
    text = "# coding: latin-1\nNAME = 'Grüße'\ndef g(x): return x, NAME\n"
    (tmp_path / "lib.py").write_text(text, encoding="latin-1")
    assert load(tmp_path / "main.py").constants == {"NAME": "'Grüße'"}
    (tmp_path / "lib.py").write_text(text.replace("latin-1", "utf-8"), encoding="latin-1")
    with pytest.raises(Refused) as caught:
        load(tmp_path / "main.py")
    assert [d.code for d in caught.value.diagnostics] == ["AD226"]


def test_a_syntax_error_in_another_module_has_its_own_place(tmp_path: Path) -> None:
    project(tmp_path, main="import lib\ndef f(x): return lib.g(x)\n", lib="def g(x:\n    return x\n")
    with pytest.raises(Refused) as caught:
        load(tmp_path / "main.py")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "AD101" and diagnostic.span and diagnostic.span.file.endswith("lib.py")


# ------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("def f(x):\n    y = = 2\n", "AD101", (2, 8, 9)),
        ("def g(x): return x", "AD102", (1, 0, 0)),
        ("class f: pass", "AD107", (1, 6, 7)),
        ("async def f(x): return x", "AD103", (1, 10, 11)),
        ("def f(x):\n    yield x", "AD103", (2, 4, 11)),
        ("def f(x):\n    async with x: pass", "AD103", (2, 4, 22)),
        ("def f(x):\n    with x:\n        return x", "AD104", (3, 8, 16)),
        (
            "def f(x):\n    for i in x:\n        try:\n            break\n        finally: pass",
            "AD104",
            (4, 12, 17),
        ),
        ("A = 1\ndef f(x):\n    global A\n    A = x", "AD105", (4, 4, 5)),
        ("A = [1]\ndef f(x):\n    A[0] = x", "AD105", (3, 4, 8)),
        ("A = [1]\ndef f(x):\n    A.append(x)", "AD105", (3, 4, 15)),
        ("A = 1\ndef f(x):\n    global A\n    for A in x: pass", "AD105", (4, 8, 9)),
        ("def f(x):\n    def g(): x[0] = 1\n    run(g)", "AD105", (2, 4, 21)),
        (
            "def f(x):\n    s = 1\n    def g():\n        nonlocal s\n        s = x\n    run(g)",
            "AD105",
            (3, 4, 13),
        ),
        ("def f(x):\n    g = lambda t: x.append(t)\n    run(g)", "AD105", (2, 8, 29)),
        ("def f(x):\n    while {(y := x): 1}: x = y", "AD106", (2, 12, 18)),
        ("def f(x):\n    return {(y := x): 1}", "AD106", (2, 13, 19)),
        ("def f(x):\n    for x[0] in x: pass", "AD110", (2, 8, 12)),
        ("def f(x):\n    from os import *", "AD112", (2, 4, 20)),
        ("def f(x): return x * k", "AD221", (1, 21, 22)),
        ("class C: pass\ndef f(x): return C(x)", "AD223", (2, 17, 18)),
        ("@wrap\ndef g(x): return x\ndef f(x): return g(x)", "AD224", (3, 17, 18)),
        ("from .nowhere import g\ndef f(x): return g(x)", "AD226", (2, 17, 18)),
        ("def g(): return 1\nA = g()\ndef f(x): return x * A", "AD227", (2, 4, 5)),
    ],
)
def test_refusals(text: str, code: str, place: tuple[int, int, int]) -> None:
    (found,) = refusals(text)
    assert found.code == code
    assert at(found) == place


def test_all_refusals_come_at_once_and_read_well() -> None:
    with pytest.raises(Refused) as caught:
        parse("def f(x, *k):\n    with x:\n        return x * q\n")
    assert [d.code for d in caught.value.diagnostics] == ["AD221", "AD104"]
    assert "m.py:3:9: AD104 `return` inside a `with` block\n3 |         return x * q\n" in str(caught.value)


def test_harmless_decorators_of_callees() -> None:
    text = "from functools import cache\n@cache\ndef g(x): return x\n@anything\ndef f(x): return g(x)"
    assert list(parse(text).functions) == ["m.f", "m.g"]


def test_a_method_that_is_not_there() -> None:
    assert codes("class A:\n    def m(self): return 1", "A.n") == ["AD107"]


def test_deep_nesting_is_refused_not_a_crash() -> None:
    assert codes("def f(x): return " + "-" * 20000 + "x") in (["AD109"], ["AD101"])


# ------------------------------------------------------------------ robustness


def test_line_ends_tabs_byte_order_mark_and_wide_characters() -> None:
    found = program("\ufeffdef f(x):\r\n\ty = 'é宽' + x  # ü\r\n\treturn y\r\n", "m.py", "f")
    first, last = found.functions["m.f"].body
    assert first.text == "y = 'é宽' + x" and first.trailing == "# ü"
    assert last.span and (last.span.line, last.span.col) == (3, 1)


def test_a_long_function() -> None:
    lines = [f"    y = y + np.sin(x[{i}]) * 2.0  # {i}" for i in range(1000)]
    text = "import numpy as np\ndef f(x):\n    y = 0.0\n" + "\n".join(lines) + "\n    return y\n"
    assert len(program(text, "m.py", "f").functions["m.f"].body) == 1002


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("import adtrans", "adtrans.stop_gradient(x)"),
        ("import adtrans as ad", "ad.stop_gradient(x)"),
        ("from adtrans import stop_gradient as stop", "stop(x)"),
    ],
)
def test_our_own_functions_are_not_followed(head: str, text: str) -> None:
    path = str(Path(__file__).parent / "no_such_file.py")
    found = program(f"{head}\ndef f(x): return {text}", path, "f")
    (last,) = found.functions["no_such_file.f"].body
    assert isinstance(last, ir.Return) and last.value == Call("adtrans.stop_gradient", (X,))


def test_a_default_with_a_renamed_constant(tmp_path: Path) -> None:
    project(
        tmp_path,
        main="from lib import g\nK = 1\ndef f(x, K=K): return g(x) + h(x)\ndef h(x): return K\n",
        lib="K = 2\ndef g(x, k=K + 1): return x * k\n",
    )
    found = load(tmp_path / "main.py")
    names = {value: name for name, value in found.constants.items()}
    assert found.functions["lib.g"].params[1].default == Op("+", (Global(names["2"]), Const(1)))
    assert found.functions["main.f"].params[1].default == Global(names["1"])


def test_a_module_is_parsed_one_statement_at_a_time() -> None:
    """Piece by piece: the same nodes at the same places as libcst finds for the module as a whole."""
    text = Path(source.__file__).read_text()
    text += "\n# a comment\n\n@first\n# between\n@second\ndef f(x): return x\n    # of f\n  # of no one\n"
    text += "a = 1; b = (\n  2)\n(\n3)\nc = 4 \\\n\nif a:\n    pass\n\n\ndef g(x):\n  return x\n  # the end"
    for written in (text, text.replace("\n", "\r\n"), "", "# nothing", "\n\n", "x = 1", '"""\n\n"""; y = 2'):
        pieces = list(cut(written, "m.py"))
        found = Positions(pieces)
        whole = MetadataWrapper(cst.parse_module(written), unsafe_skip_copy=True)
        ranges = whole.resolve(PositionProvider)
        nodes = [node for piece in pieces for node in piece.tree.body]
        assert len(nodes) == len(whole.module.body)
        for mine, theirs in zip(nodes, whole.module.body, strict=True):
            stack = [(mine, theirs)]
            while stack:
                a, b = stack.pop()
                start, end = ranges[b].start, ranges[b].end
                assert type(a) is type(b)
                assert found.of(a) == ((start.line, start.column), (end.line, end.column))
                comments = [
                    [line.comment.value for line in getattr(n, "leading_lines", ()) if line.comment]
                    for n in (a, b)
                ]
                assert comments[0] == comments[1] or a is nodes[0]
                if not isinstance(a, cst.EmptyLine | cst.BaseParenthesizableWhitespace):
                    code = zip(scopes.children(a), scopes.children(b), strict=True)
                    stack += code


def test_what_nobody_asks_for_is_not_parsed() -> None:
    module = source.SourceModule("m", "m.py", "def f(x): return x\n\n\ndef g(x): return x\n\n\nK = 1\n")
    assert set(module.bindings) == {"f", "g", "K"}
    assert not any(piece.parsed for piece in module.pieces)
    binding = module.bindings["g"]
    assert isinstance(binding, source.FunctionBinding) and binding.node.name.value == "g"
    assert module.span(binding.node.name) == Span("m.py", 4, 4, 4, 5)
    assert not module.pieces[0].parsed


def test_the_search_ends_after_enough_reasons() -> None:
    calls = "".join(f"    y += g{k}(x)\n" for k in range(80))
    functions = "".join(f"def g{k}(x):\n    return A{k}(x) + h{k}(x)\n" for k in range(80))
    classes = "".join(f"class A{k}: pass\ndef h{k}(x): return nothing{k}.at(x)\n" for k in range(80))
    with pytest.raises(Refused) as caught:
        program(f"def f(x):\n    y = 0\n{calls}    return y\n{functions}{classes}", "m.py", "f")
    assert 50 <= len(caught.value.diagnostics) <= 55
