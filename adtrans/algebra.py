"""Laws on derivative expressions: sums and products with structural zeros, like terms, stretches.

The constructors here (`mul`, `div`, `add`, `sub`, `neg`) are used for derivatives only; the
user's own expressions are never rewritten. `Zero` disappears, the number `0.0` does not.

A *stretch* `stretch(g, like)` is a value that stands for `g` broadcast to the shape of `like`.
Most products make it unnecessary (`stretch(y_bar, x) * x` is `y_bar * x`); `reverse/` writes
out those that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from adtrans.ir import Call, Const, Expr, Op, Zero

STRETCH = "adtrans.stretch"
ZERO = Zero()

Number = float | int


def number(expr: Expr) -> Number | None:
    """The value of a real literal, possibly negated; None for anything else."""
    if isinstance(expr, Const) and isinstance(expr.value, (int, float)) and not isinstance(expr.value, bool):
        return expr.value
    if isinstance(expr, Op) and expr.op == "neg" and len(expr.args) == 1:
        inner = number(expr.args[0])
        return None if inner is None else -inner
    return None


def constant(value: Number) -> Expr:
    """A literal; a negative one is a negation, as Python has it."""
    return Op("neg", (Const(-value),)) if value < 0 else Const(value)


def stretch(value: Expr, like: Expr) -> Expr:
    """`value`, to be broadcast to the shape of `like`."""
    if isinstance(value, Zero):
        return value
    if isinstance(value, Call) and value.fn == STRETCH:
        value = value.args[0]
    return Call(STRETCH, (value, like))


def unstretch(expr: Expr) -> tuple[Expr, Expr | None]:
    """The value and what it is to be stretched to."""
    if isinstance(expr, Call) and expr.fn == STRETCH:
        return expr.args[0], expr.args[1]
    return expr, None


@dataclass(frozen=True, slots=True)
class Product:
    """`coef * num[0] * num[1] … / (den[0] * …)`."""

    coef: Number
    num: tuple[Expr, ...]
    den: tuple[Expr, ...] = ()

    def times(self, other: Product) -> Product:
        return Product(self.coef * other.coef, self.num + other.num, self.den + other.den)

    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Equal for products that differ in the coefficient and in the order of factors only."""
        return tuple(sorted(map(repr, self.num))), tuple(sorted(map(repr, self.den)))


def product(expr: Expr) -> Product:
    """An expression as a product; what is not one is a single factor."""
    value = number(expr)
    if value is not None:
        return Product(value, ())
    match expr:
        case Op(op="neg", args=(x,)):
            inner = product(x)
            return Product(-inner.coef, inner.num, inner.den)
        case Op(op="*", args=(a, b)):
            return product(a).times(product(b))
        case Op(op="/", args=(a, b)):
            top, bottom = product(a), product(b)
            if bottom.coef in (1, -1) and not bottom.den:
                return Product(top.coef * bottom.coef, top.num, top.den + bottom.num)
            return Product(top.coef, top.num, (*top.den, b))
        case Op(op="@"):
            sign, rest = _unsigned(expr)
            return Product(sign, (rest,))
    return Product(1, (expr,))


def _unsigned(expr: Expr) -> tuple[int, Expr]:
    """The sign of a product of matrices, and what is left: `-a @ b` is `-(a @ b)`."""
    match expr:
        case Op(op="neg", args=(x,)):
            sign, rest = _unsigned(x)
            return -sign, rest
        case Op(op="@", args=(a, b)):
            (one, left), (other, right) = _unsigned(a), _unsigned(b)
            return one * other, expr if left is a and right is b else Op("@", (left, right))
    return 1, expr


def write(p: Product) -> Expr:
    """A product as an expression: coefficient, factors, then one division."""
    magnitude = abs(p.coef)
    factors = list(p.num)
    if magnitude != 1 or not factors:
        factors.insert(0, Const(float(magnitude) if factors else magnitude))
    top = _chain("*", factors)
    if p.den:
        top = Op("/", (top, _chain("*", p.den)))
    return Op("neg", (top,)) if p.coef < 0 else top


def _chain(op: str, factors: Sequence[Expr]) -> Expr:
    result = factors[0]
    for factor in factors[1:]:
        result = Op(op, (result, factor))
    return result


def mul(*factors: Expr) -> Expr:
    """The product of factors, in their order, numbers in front."""
    if any(isinstance(f, Zero) for f in factors):
        return ZERO
    like: Expr | None = None
    total = Product(1, ())
    for factor in factors:
        value, shape = unstretch(factor)
        like = like or shape
        total = total.times(product(value))
    result = write(total)
    return result if like is None else stretch(result, like)


def div(a: Expr, b: Expr) -> Expr:
    """`a / b`."""
    if isinstance(a, Zero):
        return ZERO
    value, like = unstretch(a)
    result = write(product(Op("/", (value, b))))
    return result if like is None else stretch(result, like)


def neg(a: Expr) -> Expr:
    """`-a`."""
    return mul(Const(-1), a) if not isinstance(a, Zero) else ZERO


def negative(expr: Expr) -> bool:
    """Whether an expression is printed with a minus sign in front."""
    return isinstance(expr, Op) and expr.op == "neg"


def add(a: Expr, b: Expr) -> Expr:
    """`a + b`, or `a - c` where b is `-c`."""
    if isinstance(a, Zero):
        return b
    if isinstance(b, Zero):
        return a
    if isinstance(b, Op) and b.op == "neg":
        return Op("-", (a, b.args[0]))
    if isinstance(a, Op) and a.op == "neg" and not (isinstance(b, Op) and b.op == "neg"):
        return Op("-", (b, a.args[0]))
    return Op("+", (a, b))


def sub(a: Expr, b: Expr) -> Expr:
    """`a - b`."""
    return add(a, neg(b))


def total(terms: Iterable[Expr]) -> Expr:
    """The sum of terms, like terms counted together."""
    products: dict[object, Product] = {}
    likes: dict[object, Expr | None] = {}
    for term in terms:
        if isinstance(term, Zero):
            continue
        value, like = unstretch(term)
        p = product(value)
        key: object = (p.key(), repr(like))
        if key in products:
            p = Product(products[key].coef + p.coef, products[key].num, products[key].den)
        products[key] = p
        likes[key] = like
    result: Expr = ZERO
    for key, p in products.items():
        if p.coef == 0:
            continue
        like = likes[key]
        written = write(p)
        result = add(result, written if like is None else stretch(written, like))
    return result


def seed_last(p: Product, is_seed: Callable[[Expr], bool], is_scalar: Callable[[Expr], bool]) -> Expr:
    """The order in which a person writes a term of an adjoint.

    With a number in front the seed goes last (`2.0 * c2 * total_bar`), otherwise it goes first
    (`y_bar * np.sin(x)`). Where arrays are involved scalars go first: that saves whole passes.
    """
    seeds = [f for f in p.num if is_seed(f)]
    others = [f for f in p.num if not is_seed(f)]
    factors = [*others, *seeds] if abs(p.coef) != 1 else [*seeds, *others]
    if any(not is_scalar(f) for f in factors):
        factors = [f for f in factors if is_scalar(f)] + [f for f in factors if not is_scalar(f)]
    return write(Product(p.coef, tuple(factors), p.den))
