"""The helpers that look at expressions and statements, or rebuild them."""

from __future__ import annotations

import pytest

from adtrans import ir, walk

a, b, c, i = (ir.Name(name) for name in "abci")
ONE = ir.Const(1)

EXPRESSIONS = [
    ir.Op("+", (a, b)),
    ir.Call("numpy.sum", (a,), (("axis", b),)),
    ir.Attr(a, "shape"),
    ir.Index(a, ir.Tuple((ir.Slice(None, b, c), i))),
    ir.List((a, b)),
    ir.IfExp(a, b, c),
    ir.Comprehension(ir.Op("*", (i, b)), i, a, (ir.Op(">", (i, c)),)),
    ir.Slice(a, None, b),
]


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_rebuilding(expr: ir.Expr) -> None:
    assert walk.map_expr(expr, lambda e: e) is expr
    assert walk.with_children(expr, walk.children(expr)) is expr
    assert walk.substitute(expr, {"z": ONE}) is expr
    renamed = walk.map_expr(expr, lambda e: ir.Name(e.id + "_") if isinstance(e, ir.Name) else e)
    assert renamed != expr
    assert walk.names(renamed) == {name + "_" for name in walk.names(expr)}


def test_names() -> None:
    assert walk.names(ir.Op("+", (a, ir.Opaque("f(b)", ("b",))))) == {"a", "b"}
    assert walk.names(ir.Comprehension(ir.Op("*", (i, b)), i, a)) == {"a", "b"}
    assert walk.names(ir.Comprehension(i, i, i)) == {"i"}
    assert walk.names(ir.Global("K")) == frozenset()


def test_substitute_leaves_the_variable_of_a_comprehension() -> None:
    expr = ir.Comprehension(ir.Op("*", (i, b)), i, i)
    assert walk.substitute(expr, {"i": ONE, "b": c}) == ir.Comprehension(ir.Op("*", (i, c)), i, ONE)


def test_root() -> None:
    assert walk.root(ir.Index(ir.Index(a, b), c)) == a
    assert walk.root(ir.Index(ir.Call("numpy.transpose", (a,), style="attribute"), c)) == a
    assert walk.root(ir.Op("+", (a, b))) is None


def test_reads_and_writes() -> None:
    store = ir.Assign(target=ir.Index(a, i), value=b)
    assert walk.reads(store) == {"a", "i", "b"}
    assert walk.writes(store) == walk.changes(store) == {"a"}
    assert walk.binds(store) == frozenset()
    pair = ir.Assign(target=ir.Tuple((a, ir.Index(b, i))), value=c)
    assert walk.reads(pair) == {"b", "i", "c"}
    assert walk.binds(pair) == {"a"}
    assert walk.changes(pair) == {"b"}
    update = ir.AugAssign(target=a, op="+", value=b)
    assert walk.reads(update) == {"a", "b"}
    assert walk.writes(update) == {"a"}
    pop = ir.Assign(target=b, value=ir.Call("list.pop", (a,), style="method"))
    assert walk.writes(pop) == {"a", "b"}
    out = ir.ExprStmt(value=ir.Call("numpy.add", (a, b), (("out", ir.Index(c, i)),)))
    assert walk.writes(out) == {"c"}
    loop = ir.For(target=i, iter=c, body=(store, ir.If(test=ONE, body=(pop,), orelse=(update,))))
    assert walk.writes(loop) == {"i", "a", "b"}
    assert walk.reads(loop) == {"c", "a", "i", "b"}
    text = ir.Verbatim(text="del a", reads=("a",), writes=("a",))
    assert walk.reads(text) == {"a"}
    assert walk.writes(text) == {"a"}


def test_blocks() -> None:
    one, two, three = (ir.Assign(target=a, value=ir.Const(k)) for k in (1, 2, 3))
    inner = ir.If(test=b, body=(two,), orelse=(three,))
    block: ir.Block = (one, ir.While(test=c, body=(inner,)))
    assert [s for s in walk.statements(block) if isinstance(s, ir.Assign)] == [one, two, three]
    assert walk.map_block(block, lambda s: s) is block
    without = walk.map_block(block, lambda s: () if s is two else s)
    assert without[0] is one
    assert [s for s in walk.statements(without) if isinstance(s, ir.Assign)] == [one, three]
    double = walk.map_block((one,), lambda s: (s, two))
    assert double == (one, two)


def test_changed_statement_loses_its_text() -> None:
    stmt = ir.Assign(target=a, value=b, text="a = b")
    assert walk.map_stmt(stmt, lambda e: e) is stmt
    changed = walk.map_stmt(stmt, lambda e: walk.substitute(e, {"b": c}))
    assert isinstance(changed, ir.Assign)
    assert (changed.value, changed.text) == (c, None)
