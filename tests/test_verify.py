"""Each invariant is broken once, and the verifier must say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adtrans import ir
from adtrans.ir import AugAssign, Break, Call, Const, ExprStmt, For, If, Index, Name, Op, Slice, Tuple, While
from adtrans.verify import Malformed, verify

x, y, n, i, s = map(Name, "xynis")
ONE = Const(1)
RANGE = Call("builtins.range", (n,))


def assign(target: ir.Expr, value: ir.Expr) -> ir.Assign:
    return ir.Assign(target=target, value=value)


def step() -> ir.Stmt:
    return assign(s, Op("+", (s, ONE)))


def result(value: ir.Expr | None = y) -> ir.Return:
    return ir.Return(value=value)


def function(*body: ir.Stmt) -> ir.Function:
    return ir.Function("f", "m.f", (ir.Param("x"), ir.Param("n")), body)


def check(*body: ir.Stmt, stage: str = "normalise") -> None:
    f = function(*body)
    g = ir.Function("g", "m.g", (ir.Param("a"), ir.Param("b")), ())
    verify(f, ir.Program("m.f", {"m.f": f, "m.g": g}), stage)


GOOD: list[Callable[[], tuple[ir.Stmt, ...]]] = [
    lambda: (assign(y, Call("m.g", (x, n))), result()),
    lambda: (assign(Tuple((y, s)), Call("m.g", (x, n))), result(Tuple((y, s)))),
    lambda: (assign(y, x), For(target=i, iter=RANGE, body=(AugAssign(target=y, op="*", value=x),)), result()),
    lambda: (
        assign(s, Const(0)),
        While(test=x, body=(step(), If(test=x, body=(assign(y, x), Break()), orelse=(assign(y, n),)))),
        result(),
    ),
    lambda: (
        For(target=i, iter=RANGE, body=(If(test=x, body=(ir.Continue(),), orelse=(assign(y, x),)),)),
        result(),
    ),
    lambda: (assign(y, Index(x, Tuple((Slice(), n)))), result()),
    lambda: (result(None),),
]

BAD: list[tuple[str, Callable[[], tuple[ir.Stmt, ...]]]] = [
    ("neither a parameter", lambda: (assign(y, s), result())),
    ("zero", lambda: (assign(y, ir.Zero()), result())),
    ("no operator", lambda: (assign(y, Op("+", (x,))), result())),
    ("outside an index", lambda: (assign(y, Slice(x)), result())),
    ("nobody knows", lambda: (assign(y, Call("m.h", (x,))), result())),
    ("nobody knows", lambda: (assign(y, Call("adtrans.stretch", (x, n))), result())),
    ("receiver", lambda: (assign(y, Call("numpy.sum", (), style="method")), result())),
    ("attribute with", lambda: (assign(y, Call("numpy.transpose", (x, n), style="attribute")), result())),
    ("two places", lambda: (lambda a: (a, a, result()))(assign(y, x))),
    ("not a return", lambda: (assign(y, x),)),
    ("not the last", lambda: (If(test=x, body=(result(x),)), assign(y, x), result())),
    ("value returned", lambda: (result(Const(1)),)),
    ("value returned", lambda: (result(Tuple((x, x))),)),
    ("tuple is assigned", lambda: (assign(Tuple((y, s)), Tuple((x, n))), result())),
    ("target of an assignment", lambda: (assign(ir.Attr(x, "shape"), n), result(x))),
    ("augmented", lambda: (AugAssign(target=ir.Attr(x, "shape"), op="+", value=n), result(x))),
    ("within an expression", lambda: (assign(y, Op("+", (x, Call("m.g", (x, n))))), result())),
    ("not complete", lambda: (assign(y, Call("m.g", (x,))), result())),
    ("not complete", lambda: (ExprStmt(value=Call("m.g", (x,), (("b", n),))), result(x))),
    (
        "with an else",
        lambda: (For(target=i, iter=RANGE, body=(assign(y, x),), orelse=(assign(y, n),)), result()),
    ),
    ("target of a for", lambda: (For(target=Tuple((i, y)), iter=x, body=(assign(y, x),)), result())),
    ("header of a for", lambda: (For(target=i, iter=RANGE, body=(assign(n, x),)), result(x))),
    ("count", lambda: (While(test=x, body=(assign(y, x),)), result())),
    ("count", lambda: (For(target=i, iter=RANGE, body=(If(test=x, body=(Break(),)),)), result(x))),
    (
        "jump",
        lambda: (
            assign(s, ONE),
            While(test=x, body=(step(), If(test=x, body=(Break(),)), step())),
            result(x),
        ),
    ),
    ("jump", lambda: (If(test=x, body=(Break(),)), result(x))),
    ("comprehension", lambda: (assign(y, ir.Comprehension(i, i, x)), result())),
]


@pytest.mark.parametrize("body", GOOD)
def test_core_form_passes(body: Callable[[], tuple[ir.Stmt, ...]]) -> None:
    check(*body())


@pytest.mark.parametrize(("words", "body"), BAD)
def test_each_invariant_is_checked(words: str, body: Callable[[], tuple[ir.Stmt, ...]]) -> None:
    with pytest.raises(Malformed, match=words) as caught:
        check(*body())
    assert str(caught.value).startswith("after normalise, m.f")


def test_the_message_shows_the_statement() -> None:
    with pytest.raises(Malformed, match="    y = <zero>"):
        check(assign(y, ir.Zero()), result())


def test_stages_differ() -> None:
    check(assign(y, Op("+", (x, ir.Zero()))), result(), stage="reverse")
    check(If(test=x, body=(result(Const(1)),)), result(x), stage="parse")
    check(assign(Tuple((y, s)), Tuple((x, n))), result(), stage="tidy")
    check(assign(y, Call("m.g_fwd", (x,))), result(), stage="tidy")
    with pytest.raises(Malformed, match="zero"):
        check(assign(y, ir.Zero()), result(), stage="tidy")


def test_emitted_functions_may_be_named() -> None:
    f = function(assign(y, Call("m.g_fwd", (x,))), result())
    verify(f, ir.Program("m.f", {"m.f": f}), "simplify", known=("m.g_fwd",))
    with pytest.raises(Malformed, match="nobody knows"):
        verify(f, ir.Program("m.f", {"m.f": f}), "simplify", known=())
