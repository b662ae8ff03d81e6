"""What is printed must be read back as what it was; and no parenthesis may be there for nothing."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable

import pytest

from adtrans import ir
from adtrans.ir import Const, IfExp, Index, List, Name, Op, Opaque, Slice, Tuple
from adtrans.printer import PrintError, expression, statements
from adtrans.show import show
from adtrans.walk import map_expr

x, y, z, i, j = map(Name, "xyzij")


def op(name: str, *args: ir.Expr) -> Op:
    return Op(name, args)


def call(fn: str, *args: ir.Expr, style: str = "function", spelled: str = "", **kwargs: ir.Expr) -> ir.Call:
    return ir.Call(fn, args, tuple(kwargs.items()), style=style, spelled=spelled)  # type: ignore[arg-type]


def assign(target: ir.Expr, value: ir.Expr, **about: object) -> ir.Assign:
    return ir.Assign(target=target, value=value, **about)  # type: ignore[arg-type]


# ---------------------------------------------------------------- parentheses


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (op("*", op("+", x, y), z), "(x + y) * z"),
        (op("+", op("*", x, y), z), "x * y + z"),
        (op("-", op("-", x, y), z), "x - y - z"),
        (op("-", x, op("-", y, z)), "x - (y - z)"),
        (op("-", x, op("+", y, z)), "x - (y + z)"),
        (op("/", op("*", x, y), z), "x * y / z"),
        (op("*", x, op("/", y, z)), "x * (y / z)"),
        (op("**", op("**", x, y), z), "(x ** y) ** z"),
        (op("**", x, op("**", y, z)), "x ** y ** z"),
        (op("**", x, op("neg", y)), "x ** -y"),
        (op("**", op("neg", x), y), "(-x) ** y"),
        (op("neg", op("**", x, y)), "-x ** y"),
        (op("neg", op("*", x, y)), "-(x * y)"),
        (op("*", op("neg", x), y), "-x * y"),
        (op("-", x, op("neg", y)), "x - -y"),
        (op("neg", op("neg", x)), "-(-x)"),
        (op("**", Const(-2.0), x), "(-2.0) ** x"),
        (op("*", Const(-2.0), x), "-2.0 * x"),
        (op("neg", Const(-2)), "-(-2)"),
        (op("@", x, op("@", y, z)), "x @ (y @ z)"),
        (op("not", op("==", x, y)), "not x == y"),
        (op("==", op("not", x), y), "(not x) == y"),
        (op("==", op("<", x, y), z), "(x < y) == z"),
        (op("<", x, op("<", y, z)), "x < (y < z)"),
        (op("and", op("or", x, y), op("not", z)), "(x or y) and not z"),
        (op("or", op("and", x, y), z), "x and y or z"),
        (op("and", x, y, z), "x and y and z"),
        (op("&", op(">", x, y), op("<", x, z)), "(x > y) & (x < z)"),
        (op("is not", x, Const(None)), "x is not None"),
        (op("not in", x, Tuple((Const(1), Const(2)))), "x not in (1, 2)"),
        (IfExp(x, y, z), "y if x else z"),
        (IfExp(IfExp(x, y, z), y, IfExp(x, y, z)), "y if (y if x else z) else y if x else z"),
        (op("+", IfExp(x, y, z), x), "(y if x else z) + x"),
        (Index(op("+", x, y), i), "(x + y)[i]"),
        (Index(x, op("+", i, Const(1))), "x[i + 1]"),
        (Index(x, Tuple((i, j))), "x[i, j]"),
        (Index(x, Tuple((i,))), "x[i,]"),
        (Index(x, Tuple(())), "x[()]"),
        (Index(x, Tuple((Slice(), Const(None), Const(...)))), "x[:, None, ...]"),
        (Index(x, Slice(None, op("neg", i), Const(-1))), "x[:-i:-1]"),
        (Index(x, Slice(i, op("+", i, Const(2)))), "x[i:i + 2]"),
        (Tuple((x,)), "(x,)"),
        (Tuple((x, Tuple((y, z)))), "(x, (y, z))"),
        (Tuple(()), "()"),
        (List((x, y)), "[x, y]"),
        (call("numpy.sum", op("-", x, y), spelled="np.sum", axis=Const(0)), "np.sum(x - y, axis=0)"),
        (call("numpy.sum", op("-", x, y), style="method", spelled="sum"), "(x - y).sum()"),
        (call("numpy.sum", x, Const(0), style="method", keepdims=Const(True)), "x.sum(0, keepdims=True)"),
        (call("numpy.transpose", op("@", x, y), style="attribute", spelled="T"), "(x @ y).T"),
        (call("numpy.transpose", x, style="attribute"), "x.T"),
        (call("numpy.real", x, style="attribute"), "x.real"),
        (call("list.append", x, y), "x.append(y)"),
        (call("numpy.ndarray.astype", x, ir.Global("float")), "x.astype(float)"),
        (call("f", IfExp(x, y, z)), "f(y if x else z)"),
        (ir.Attr(op("*", x, y), "shape"), "(x * y).shape"),
        (ir.Attr(Const(1), "real"), "(1).real"),
        (ir.Attr(Const(1.5), "real"), "(1.5).real"),
        (op("+", Opaque("lambda: 1", ()), x), "(lambda: 1) + x"),
        (op("+", Opaque("f'{x}'", ()), x), "f'{x}' + x"),
        (op("+", Opaque("(a) + (b)", ()), x), "((a) + (b)) + x"),
        (op("+", Opaque("(a + b)", ()), x), "(a + b) + x"),
        (Opaque("x for x in y", ()), "(x for x in y)"),
        (call("f", Opaque("*a", ())), "f(*a)"),
        (call("f", Opaque("a, b", ())), "f((a, b))"),
        (call("f", Opaque("(a, b)", ())), "f((a, b))"),
        (ir.Comprehension(op("*", x, x), x, y, (op(">", x, z),)), "[x * x for x in y if x > z]"),
        (Const(1e-3, "1e-3"), "1e-3"),
        (op("**", Const(-1.0, "-1."), x), "(-1.) ** x"),
        (Const(float("inf")), 'float("inf")'),
        (op("**", Const(float("-inf")), x), '(-float("inf")) ** x'),
        (Const(2j), "2j"),
        (op("*", Const(1 + 2j), x), "(1+2j) * x"),
        (Const("it's"), '"it\'s"'),
    ],
)
def test_parentheses(expr: ir.Expr, text: str) -> None:
    assert expression(expr) == text


def test_spelling_of_calls_is_asked_for() -> None:
    expr = op("+", call("numpy.sum", x), ir.Global("np.pi"))
    assert expression(expr) == "numpy.sum(x) + np.pi"
    assert (
        expression(expr, lambda e: "p" if isinstance(e, ir.Global) else f"xp.{e.fn[6:]}") == "xp.sum(x) + p"
    )


def test_structural_zero_is_never_printed_but_shown() -> None:
    with pytest.raises(PrintError):
        expression(op("+", x, ir.Zero()))
    assert show(op("+", x, ir.Zero())) == "x + <zero>"


def test_long_sum_needs_no_deep_recursion() -> None:
    total: ir.Expr = x
    for _ in range(5000):
        total = op("+", total, y)
    assert expression(total) == "x" + " + y" * 5000


# --------------------------------------------- random expressions, read back

BINARY = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.And: "and", ast.Or: "or",
    ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "~", ast.Not: "not",
}  # fmt: skip


def back(node: ast.expr) -> ir.Expr:
    """A parsed expression as IR."""
    match node:
        case ast.Name(id=name):
            return Name(name)
        case ast.Constant(value=value):
            return Const(value)
        case ast.BinOp(left=left, op=kind, right=right):
            return op(BINARY[type(kind)], back(left), back(right))
        case ast.Compare(left=left, ops=[kind], comparators=[right]):
            return op(BINARY[type(kind)], back(left), back(right))
        case ast.BoolOp(op=kind, values=values):
            return Op(BINARY[type(kind)], tuple(map(back, values)))
        case ast.UnaryOp(op=kind, operand=operand):
            return op(BINARY[type(kind)], back(operand))
        case ast.IfExp(test=test, body=then, orelse=orelse):
            return IfExp(back(test), back(then), back(orelse))
        case ast.Subscript(value=base, slice=index):
            return Index(back(base), back(index))
        case ast.Slice(lower=lower, upper=upper, step=step):
            return Slice(*(None if e is None else back(e) for e in (lower, upper, step)))
        case ast.Tuple(elts=elts):
            return Tuple(tuple(map(back, elts)))
        case ast.List(elts=elts):
            return List(tuple(map(back, elts)))
        case ast.Call(func=ast.Name(id=fn), args=args, keywords=keywords):
            return ir.Call(fn, tuple(map(back, args)), tuple((k.arg or "", back(k.value)) for k in keywords))
        case ast.Call(func=ast.Attribute(value=base, attr=name), args=args):
            return ir.Call(f"m.{name}", (back(base), *map(back, args)), style="method", spelled=name)
        case ast.Attribute(value=base, attr=name):
            return ir.Attr(back(base), name)
        case ast.ListComp(elt=elt, generators=[generator]):
            conditions = tuple(map(back, generator.ifs))
            return ir.Comprehension(back(elt), back(generator.target), back(generator.iter), conditions)
    raise AssertionError(ast.dump(node))


def random_expr(rng: random.Random, depth: int) -> ir.Expr:
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(
            [x, y, z, Const(1), Const(2.5), Const(-3), Const(-0.5), Const(2j), Const("s"), Const(...)]
        )

    def sub() -> ir.Expr:
        return random_expr(rng, depth - 1)

    def index() -> ir.Expr:
        bounds = [rng.choice([None, sub()]) for _ in range(3)]
        return sub() if rng.random() < 0.5 else Slice(*bounds)

    def some(least: int) -> tuple[ir.Expr, ...]:
        return tuple(sub() for _ in range(rng.randint(least, least + 2)))

    binary = [o for o in BINARY.values() if o not in ("and", "or", "neg", "pos", "~", "not")]
    makers: list[Callable[[], ir.Expr]] = [
        *[lambda: op(rng.choice(binary), sub(), sub())] * 6,
        *[lambda: op(rng.choice(["neg", "pos", "~", "not"]), sub())] * 3,
        lambda: Op(rng.choice(["and", "or"]), some(2)),
        lambda: IfExp(sub(), sub(), sub()),
        lambda: Index(sub(), index()),
        lambda: Index(sub(), Tuple(tuple(index() for _ in range(rng.randint(1, 3))))),
        lambda: Tuple(some(0)),
        lambda: List(some(0)),
        lambda: ir.Call("f", some(0), (("k", sub()),)),
        lambda: ir.Call("m.g", some(1), style="method", spelled="g"),
        lambda: ir.Attr(sub(), "shape"),
        lambda: ir.Comprehension(sub(), x, sub(), some(0)[:1]),
    ]
    return rng.choice(makers)()


def test_random_expressions_are_read_back_as_they_were() -> None:
    rng = random.Random(0)
    for _ in range(3000):
        expr = random_expr(rng, rng.randint(1, 5))
        text = expression(expr)
        assert normal(back(ast.parse(text, mode="eval").body)) == normal(expr), text


def normal(expr: ir.Expr) -> ir.Expr:
    """The minus sign of a number is a negation, as `ast` has it."""

    def split(e: ir.Expr) -> ir.Expr:
        if isinstance(e, Const) and isinstance(e.value, int | float) and e.value < 0:
            return op("neg", Const(-e.value))
        return e

    return map_expr(expr, split)


def test_no_parenthesis_is_there_for_nothing() -> None:
    """Taking out any one pair of parentheses changes the meaning (tuples, calls and `-(-x)` apart)."""
    rng = random.Random(1)
    names = [o for o in BINARY.values() if o not in ("neg", "pos", "~", "not", "and", "or")]

    def arithmetic(depth: int) -> ir.Expr:
        if depth == 0:
            return rng.choice([x, y, z])
        if rng.random() < 0.2:
            return IfExp(arithmetic(depth - 1), arithmetic(depth - 1), arithmetic(depth - 1))
        return op(rng.choice(names), arithmetic(depth - 1), arithmetic(depth - 1))

    for _ in range(300):
        text = expression(arithmetic(rng.randint(2, 3)))
        tree = ast.dump(ast.parse(text))
        for begin, end in pairs(text):
            without = f"{text[:begin]}{text[begin + 1 : end]}{text[end + 1 :]}"
            try:
                assert ast.dump(ast.parse(without)) != tree, text
            except SyntaxError:
                continue


def pairs(text: str) -> list[tuple[int, int]]:
    stack: list[int] = []
    found = []
    for k, char in enumerate(text):
        if char == "(":
            stack.append(k)
        elif char == ")":
            found.append((stack.pop(), k))
    return found


# ----------------------------------------------------------------- statements


def lines(*block: ir.Stmt) -> list[str]:
    return statements(block)


def test_simple_statements() -> None:
    assert lines(
        assign(x, op("+", x, y)),
        ir.AugAssign(target=Index(x, i), op="+", value=y),
        assign(Tuple((x, y)), Tuple((Const(1.0), Const(0.0)))),
        ir.ExprStmt(value=call("list.append", x, y)),
        ir.Return(value=Tuple((x, y))),
        ir.Return(value=Tuple((x,))),
        ir.Return(value=None),
    ) == ["x = x + y", "x[i] += y", "x, y = 1.0, 0.0", "x.append(y)", "return x, y", "return (x,)", "return"]


def test_empty_blocks_are_pass() -> None:
    assert lines() == ["pass"]
    note = ir.Note(words="nothing to do")
    assert lines(ir.If(test=x, body=(note,))) == ["if x:", "    # nothing to do", "    pass"]


def test_text_comments_and_blank_lines_are_kept() -> None:
    block = (
        assign(x, y, text="x=y", comments=("# one", "# two"), trailing="# three", blank_before=True),
        ir.Note(words="8: y = x", blank_before=True),
        ir.While(test=x, body=(ir.Verbatim(text="pass"),), text="while (x):", trailing="# four"),
    )
    assert statements(block) == [
        "# one", "# two", "x=y  # three", "", "# 8: y = x", "while (x):  # four", "    pass",
    ]  # fmt: skip


def test_strings_of_several_lines_are_not_indented() -> None:
    text = 'try:\n    print("""a\nb""")\nexcept E:\n    pass'
    assert statements((ir.If(test=x, body=(ir.Verbatim(text=text),)),)) == [
        "if x:", "    try:", '        print("""a', 'b""")', "    except E:", "        pass",
    ]  # fmt: skip


def test_elif_and_loop_else() -> None:
    inner = ir.If(test=y, body=(assign(x, y),), orelse=(assign(x, z),), text="elif y :", comments=("# why",))
    outer = ir.If(test=x, body=(assign(x, x),), orelse=(inner,))
    loop = ir.For(target=Tuple((i, x)), iter=y, body=(outer,), orelse=(assign(x, y),))
    assert lines(loop) == [
        "for i, x in y:", "    if x:", "        x = x", "    # why", "    elif y:", "        x = y",
        "    else:", "        x = z", "else:", "    x = y",
    ]  # fmt: skip


def test_an_elif_that_stands_alone_is_an_if() -> None:
    assert lines(ir.If(test=x, body=(assign(x, y),), text="elif x:"))[0] == "if x:"


def guard(test: ir.Expr, *rest: ir.Stmt) -> ir.If:
    return ir.If(test=test, body=(assign(z, x), ir.Break()), orelse=rest)


def test_guard_clauses_are_flat() -> None:
    loop = ir.While(
        test=x, body=(assign(x, y), guard(y, assign(x, z, blank_before=True), guard(z, assign(y, z))))
    )
    assert lines(loop) == [
        "while x:", "    x = y", "    if y:", "        z = x", "        break", "",
        "    x = z", "    if z:", "        z = x", "        break", "    y = z",
    ]  # fmt: skip
    assert "else:" in show(loop)


def test_a_guard_in_an_elif_or_before_other_statements_is_not_flat() -> None:
    chain = ir.If(test=x, body=(assign(x, y),), orelse=(guard(y, assign(x, z)),))
    assert lines(ir.While(test=x, body=(chain,))) == [
        "while x:", "    if x:", "        x = y", "    elif y:", "        z = x", "        break",
        "    else:", "        x = z",
    ]  # fmt: skip
    assert "else:" in lines(guard(x, assign(x, y)), assign(x, z))


# ----------------------------------------------------------------------- show


def test_show_leaves_nothing_to_guess() -> None:
    f = ir.Function(
        "f", "m.f", (ir.Param("x"), ir.Param("n", default=Const(3), keyword_only=True)),
        (
            assign(y, op("*", call("numpy.sum", x, style="method"), ir.Global("K")), text="whatever"),
            ir.Verbatim(text="print(y)", reads=("y",)),
            ir.Return(value=Opaque("lambda: y", ("y",))),
        ),
    )  # fmt: skip
    assert show(f).split("\n") == [
        "def f(x, *, n=3):  # m.f",
        "    y = numpy.sum(x) * <K>",
        "    <verbatim> print(y)  # reads y, writes nothing",
        "    return ?<lambda: y>",
    ]
