"""The adjoint of one expression: seeds go down, contributions to variables come out.

`x * np.sin(y)` with the seed `z_bar` contributes `z_bar * np.sin(y)` to `x` and
`z_bar * x * np.cos(y)` to `y`. What is used twice and is more than a name gets a name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from adtrans import algebra, untaken
from adtrans.algebra import STRETCH, ZERO, unstretch
from adtrans.analyses.activity import Dependence
from adtrans.analyses.expressions import SUPPORT, Scope
from adtrans.analyses.ranks import root
from adtrans.applications import Application, NoRule, adjoint, elementwise, write_out
from adtrans.errors import Diagnostic
from adtrans.interpolants import word
from adtrans.ir import (
    Assign,
    Attr,
    Call,
    Const,
    Dict,
    Expr,
    Global,
    Index,
    List,
    Name,
    Op,
    Opaque,
    Slice,
    Stmt,
    Tuple,
)
from adtrans.kinds import (
    COMPLEX,
    STR,
    UNSURE,
    Array,
    Dim,
    Kind,
    ListOf,
    Plain,
    RecordOf,
    TupleOf,
    alike,
    dtypes_in,
    identical,
    may_be_complex,
    may_be_one,
    may_vary,
    parts,
    rank,
)
from adtrans.places import indices
from adtrans.rules import registry
from adtrans.structures import contents, unknown_part
from adtrans.templates import LOCAL
from adtrans.walk import children, names, with_children

WORDS = {
    "*": "product",
    "/": "quotient",
    "+": "total",
    "-": "difference",
    "**": "power",
    "@": "product",
    "neg": "minus",
    "%": "rest",
}
"""What the adjoint of an operator's operand is called when it needs a name."""


@dataclass(slots=True)
class Contribution:
    """`term` flows into `place`, a name or an indexed name."""

    place: Expr
    term: Expr

    @property
    def name(self) -> str:
        found = root(self.place)
        assert isinstance(found, Name)
        return found.id


ARRAYS = frozenset({"numpy.array", "numpy.asarray", "numpy.asanyarray"})


@dataclass(slots=True)
class Adjoints:
    """Collects what one statement contributes.

    `scope` knows the primal names before the statement and the adjoints; `varied` are the names
    that carry a derivative; `result` is the name of the statement's target if a rule may read it.
    """

    scope: Scope
    varied: frozenset[str]
    dependence: Dependence
    fresh: Callable[[str], str]
    report: list[Diagnostic]
    result: Expr | None = None
    statements: list[Stmt] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    reals: dict[str, Kind] = field(default_factory=dict)
    given: dict[int, Expr] = field(default_factory=dict)
    """The user's own expressions in what was written, by identity."""

    # ---------------------------------------------------------- going down

    def collect(self, expr: Expr, seed: Expr, *, top: bool = False, into: Kind | None = None) -> None:
        """Let the adjoint `seed` of `expr` flow into the names in it; `into` is what a display went into."""
        if isinstance(seed, type(ZERO)) or not self.varies(expr):
            return
        match expr:
            case Name():
                self.contributions.append(Contribution(expr, seed))
            case Index():
                self.index(expr, seed)
            case Call(fn=fn, args=(Tuple() | List() as lists,), kwargs=()) if fn in ARRAYS:
                if not self.unsupported(expr):
                    self.elements(lists, seed, (), self.scope.kind(expr))
            case _ if (held := contents(expr, self.scope.kind)) is not None:
                members = self.members(expr, seed) if into is None else (into,) * len(held[1])
                self.display(held[1], seed, members, held[0])
            case Op() | Call():
                self.application(expr, seed, top)
            case Opaque(text=text, why=why):
                self.refuse(expr, f"{why or 'this expression'} cannot be differentiated: `{text}`")
            case Attr(name=name):
                self.refuse(expr, f"the attribute `{name}` cannot be differentiated")
            case _:
                self.refuse(expr, "this expression cannot be differentiated")

    def varies(self, expr: Expr) -> bool:
        """Whether a derivative passes through an expression: through none that is rounded."""
        if self.dependence.sources(expr, self.scope).isdisjoint(self.varied):
            return False
        return may_vary(self.scope.kind(expr))

    def refuse(self, expr: Expr, message: str) -> None:
        self.report.append(
            Diagnostic(
                "AD202",
                message,
                expr.span,
                help="keep what varies out of it, or write it as plain arithmetic",
            )
        )

    def index(self, expr: Index, seed: Expr) -> None:
        """Into one place of an array; through a fresh array of zeros where the base is no variable."""
        if why := unknown_part(expr, self.scope.kind):
            self.refuse(expr, f"{why} cannot be differentiated")
            return
        if rank(self.scope.kind(expr.base)) == 0:  # The adjoint of an array of rank 0 is a number.
            whole = expr.index in (Const(...), Tuple(()))
            self.collect(expr.base, seed if whole else Call("numpy.sum", (self.settle(seed),)))
            return
        base: Expr = expr
        while isinstance(base, Index) and (base is expr or rank(self.scope.kind(base.base)) != 0):
            base = base.base
        if isinstance(base, Name):
            self.contributions.append(Contribution(expr, seed))
            return
        kind = self.scope.kind(base)
        if isinstance(kind, (ListOf, TupleOf, RecordOf)):  # Its parts may have different shapes.
            name = self.bind("part", Call(SUPPORT + "zero_of", (base,)), kind)
        else:
            like = self.shape_of(base)  # A mask or indices may have its shape.
            held = self.scope.kind(like)
            floats = may_vary(held) and not (isinstance(held, Array) and held.whole)
            typed = () if floats else (("dtype", Global("float")),)
            name = self.bind("part", Call("numpy.zeros_like", (like,), typed), kind)
        place = _rebase(expr, base, name)
        if isinstance(self.scope.kind(expr), (ListOf, TupleOf, RecordOf)):
            added = Call(SUPPORT + "added", (place, self.settle(seed)))  # `+=` makes a list longer.
            self.statements.append(Assign(target=place, value=added))
        else:
            self.statements.append(accumulate(place, self.settle(seed), self.scope))
        self.collect(base, name)

    def members(self, expr: Expr, seed: Expr) -> tuple[Kind, ...]:
        """What the members of a display are held as: that of a list of real and complex numbers is either."""
        held, kind = self.scope.kind(seed), self.scope.kind(expr)
        found = parts(held if may_be_complex(held) and type(held) is type(kind) else kind)
        return found * len(children(expr)) if isinstance(kind, ListOf) else found

    def display(
        self, elts: tuple[Expr, ...], seed: Expr, held: tuple[Kind, ...], keys: Sequence[str | int]
    ) -> None:
        if not isinstance(seed, (Name, Tuple, List, Dict)):
            seed = self.bind("parts", seed, Kind())
        for k, (key, elt, kind) in enumerate(zip(keys, elts, held, strict=True)):
            if not may_vary(self.scope.kind(elt)):
                continue
            part = Index(seed, Const(key)) if isinstance(seed, Name) else seed.elts[k]
            if contents(elt, self.scope.kind) is not None:  # Each of its own parts is looked at.
                self.collect(elt, part, into=kind if may_be_complex(kind) else None)
            else:
                self.collect(elt, self.real_where(part, kind, elt))

    def elements(self, lists: Tuple | List, seed: Expr, place: tuple[Expr, ...], whole: Kind) -> None:
        """`np.array([[a, b], [c, d]])`: `seed[0, 1]` is the adjoint of b."""
        seed = self.materialise(seed)
        if not isinstance(seed, (Name, Index)):
            seed = self.bind("array", self.settle(seed), Kind())
        for k, elt in enumerate(lists.elts):
            here = (*place, Const(k))
            if isinstance(elt, (Tuple, List)):
                self.elements(elt, seed, here, whole)
            else:
                part = Index(seed, here[0] if len(here) == 1 else Tuple(here))
                self.collect(elt, self.real_where(part, whole, elt))

    def unsupported(self, node: Op | Call) -> bool:
        """Operators on lists: refused here, not differentiated wrongly."""
        if isinstance(node, Op) and any(
            isinstance(self.scope.kind(a), (ListOf, TupleOf, RecordOf, Plain)) for a in node.args
        ):
            self.refuse(node, f"`{node.op}` of lists or tuples that are differentiated is not supported")
            return True
        return False

    def concatenation(self, a: Expr, b: Expr, seed: Expr) -> None:
        """`xs + ys` of two lists: the first `len(xs)` adjoints belong to xs, the others to ys."""
        if not isinstance(seed, Name):
            seed = self.bind("parts", seed, Kind())
        cut: Expr = Const(len(a.elts)) if isinstance(a, List) else Call("builtins.len", (a,), spelled="len")
        self.collect(a, Index(seed, Slice(None, cut)))
        self.collect(b, Index(seed, Slice(cut, None)))

    def application(
        self, node: Op | Call, seed: Expr, top: bool, within: untaken.Branch | None = None
    ) -> None:
        """Through the rule of an operator or a function; `within` says of which branch of a choice it is a
        part, whose adjoint has the shape of the choice."""
        if (lists := concatenated(node, self.scope)) is not None:
            self.concatenation(*lists, seed)
            return
        if self.unsupported(node):
            return
        seed_kind = self.scope.kind(node)
        try:
            app = adjoint(node, self.varies, self.scope, seed_kind)
        except NoRule as refused:
            self.report.append(refused.diagnostic)
            return
        if within is not None:
            seed_kind = within.kind
        elif found := untaken.choice(node, self.scope.kind):
            self.choice(node, found, seed)
            return
        values = dict(app.arguments)
        self.given.update({id(value): value for value in values.values()})
        values["%y"] = self.result if top and self.result is not None else node
        shapes = {key: self.shape_of(value) for key, value in values.items()}
        wanted = [
            k
            for k, (e, d) in enumerate(zip(app.operands, app.derivatives, strict=True))
            if d is not None and self.varies(e)
        ]
        uses = sum(_count(d, "%g") for k in wanted if (d := app.derivatives[k]) is not None)
        uses += sum(_count(value, "%g") for _, value in app.prelude)
        if not app.elementwise:
            seed = self.materialise(seed)
        if uses > 1 and not _atomic(seed):
            seed = self.bind(self.word(node), self.settle(seed), seed_kind)
        values["%g"] = shapes["%g"] = seed
        made = self.prelude(app, values, shapes)
        values.update(made)
        shapes.update(made)
        for k in wanted:
            derivative = app.derivatives[k]
            assert derivative is not None
            operand = app.operands[k]
            down = self.in_one(self.lift(write_out(derivative, values, shapes)), operand)
            if within is not None:
                self.branch(replace(within, value=operand), down)
                continue
            if may_be_complex(seed_kind) and contents(operand, self.scope.kind) is not None:
                if not _atomic(down):
                    down = self.bind(self.word(node), self.settle(down), UNSURE)
                self.collect(operand, down, into=UNSURE)
                continue
            stretched = app.elementwise and self.asks_shape(operand, seed_kind)
            if not stretched:  # The helper that sums down knows it as well.
                down = self.real_where(down, seed_kind, operand)
            if app.elementwise:
                down = self.unbroadcast(down, operand, seed_kind)
            if not _atomic(down) and self.fan_out(operand) > 1:
                down = self.bind(self.word(node), self.settle(down), self.scope.kind(operand))
            self.collect(operand, down)

    def in_one(self, down: Expr, operand: Expr) -> Expr:
        """`np.vstack(x)` of an array, which is as good as a list of its rows: its adjoint is an array."""
        if not rank(self.scope.kind(operand)) or not isinstance(self.scope.kind(down), (ListOf, TupleOf)):
            return down
        match down:
            case Call(fn="builtins.list", args=(rows,)) if isinstance(self.scope.kind(rows), Array):
                return rows
        return Call("numpy.array", (down,))

    def choice(self, node: Op | Call, found: Sequence[untaken.Branch], seed: Expr) -> None:
        """`np.where(c, np.log(x), y)`: which element goes where is decided last, see untaken.py."""
        seed = self.materialise(seed)
        if not _atomic(seed):
            seed = self.bind(self.word(node), self.settle(seed), self.scope.kind(node))
        for branch in found:
            self.branch(branch, seed)

    def branch(self, branch: untaken.Branch, seed: Expr) -> None:
        """Let an adjoint, of the shape of the whole choice, flow into a branch of it."""
        operand = branch.value
        if not self.varies(operand):
            return
        wide = untaken.goes_on(operand) or bool(untaken.branches(operand, branch.kind))
        if not wide:
            seed = untaken.chosen(self.settle(seed), branch.choices)
            seed = self.unbroadcast(self.real_where(seed, branch.kind, operand), operand, branch.kind)
        if not _atomic(seed) and self.fan_out(operand) > 1:
            kind = branch.kind if wide else self.scope.kind(operand)
            seed = self.bind(self.word(operand) if isinstance(operand, (Op, Call)) else "part", seed, kind)
        if not wide:
            self.collect(operand, seed)
        elif isinstance(operand, (Op, Call)) and untaken.goes_on(operand):
            self.application(operand, seed, False, branch)
        else:
            for inner in untaken.branches(operand, branch.kind):
                self.branch(replace(inner, choices=(*branch.choices, *inner.choices)), seed)

    def prelude(self, app: Application, values: dict[str, Expr], shapes: dict[str, Expr]) -> dict[str, Expr]:
        """Bind what the rule binds; a tuple of parts is named after the call that makes it."""
        made: dict[str, Expr] = {}
        for target, value in app.prelude:
            whole = write_out(value, {**values, **made}, {**shapes, **made})
            written = self.materialise(self.lift(whole))
            if isinstance(target, Name):
                made[target.id] = self.named(target.id.strip(LOCAL + "."), written, self.scope.kind(written))
                continue
            assert isinstance(target, Tuple)
            local = []
            for part in target.elts:
                assert isinstance(part, Name)
                made[part.id] = Name(self.fresh("part_bar"))
                local.append(made[part.id])
            self.statements.append(Assign(target=Tuple(tuple(local)), value=written))
        return made

    def fan_out(self, expr: Expr) -> int:
        """How often the adjoint of `expr` is written when it is passed on."""
        match expr:
            case Name() | Index():
                return 1
            case Op() | Call():
                return sum(1 for e in children(expr) if self.varies(e))
            case Tuple(elts=elts) | List(elts=elts) | Dict(elts=elts):
                return sum(1 for e in elts if self.varies(e))
        return 1

    def word(self, node: Op | Call) -> str:
        if isinstance(node, Op):
            return WORDS.get(node.op, "part")
        return word(node.fn)

    def bind(self, word: str, value: Expr, kind: Kind) -> Name:
        """Give a value the name `<word>_bar`."""
        return self.named(f"{word}_bar", value, kind)

    def named(self, base: str, value: Expr, kind: Kind) -> Name:
        """Give a value a name."""
        name = self.fresh(base)
        self.statements.append(Assign(target=Name(name), value=value))
        self.reals[name] = kind
        self.scope.names = {**self.scope.names, name: kind}
        return Name(name)

    # ------------------------------------------------------------- shapes

    def shape_of(self, expr: Expr) -> Expr:
        """A short expression with the shape of `expr`: a name in it, if one is known to have it."""
        kind = self.scope.kind(expr)
        if isinstance(expr, Name) or not isinstance(kind, Array):
            return expr
        short = self.shaped_like(expr, typed=True)
        if of_one_type(self.scope.kind(short), kind):
            expr = short
        for name in sorted(names(expr)):
            other = self.scope.kind(Name(name))
            if kind.shape != () and identical(other, kind) and of_one_type(other, kind):
                return Name(name)
        return expr

    def shaped_like(self, expr: Expr, *, typed: bool = False) -> Expr:
        """The one array in elementwise arithmetic with numbers, which has its shape: `x` of `2.0 * x**2`.

        `typed`: its dtype counts, too.
        """
        while isinstance(expr, (Op, Call)) and elementwise(expr):
            arrays = dict.fromkeys(
                self.shaped_like(a, typed=typed) for a in expr.args if not self.is_number(a)
            )
            if len(arrays) != 1 or not isinstance(
                kind := self.scope.kind(first := next(iter(arrays))), Array
            ):
                break
            if typed and kind.dtype == "?" and any(names(a) for a in expr.args if self.is_number(a)):
                break  # What varies is the number, as far as we know, and the array may be of integers.
            expr = first
        return expr

    def is_number(self, expr: Expr) -> bool:
        kind = self.scope.kind(expr)
        return isinstance(kind, Array) and kind.rank == 0

    def real_where(self, value: Expr, result: Kind, operand: Expr) -> Expr:
        """The adjoint of a real operand of a complex result is the real part of what flows to it; so it is
        if the result is real, and its rule goes through complex numbers: `np.fft.irfft`."""
        kind = self.scope.kind(operand)
        unsure = not dtypes_in(kind) <= COMPLEX and rank(kind) != 0
        among = may_be_complex(result) or bool(dtypes_in(self.scope.kind(value)) & COMPLEX)
        if not among or (may_be_complex(kind) and not unsure) or self.is_real(value):
            return value
        if isinstance(kind, Array) and kind.dtype not in ("?", "*"):
            inner, like = unstretch(value)
            part = Call("numpy.real", (self.settle(inner),))
            return part if like is None else algebra.stretch(part, like)
        return Call(SUPPORT + "part_for", (self.settle(value), self.shape_of(operand)))

    def is_real(self, value: Expr) -> bool:
        """Whether an adjoint is known to be real: by its kind, or as the real part of something."""
        value, _ = unstretch(value)
        if isinstance(value, Op) and value.op == "neg":
            return self.is_real(value.args[0])
        if isinstance(value, Call) and (entry := registry.lookup(value.fn)) is not None and entry.gives_real:
            return True
        kind = self.scope.kind(value)
        return isinstance(kind, Array) and kind.dtype in ("f8", "f4")

    def asks_shape(self, operand: Expr, result: Kind) -> bool:
        """Whether an adjoint is summed down by a helper that looks at the shape of the operand."""
        kind = self.scope.kind(operand)
        if not isinstance(kind, Array) or not isinstance(result, Array):
            return True
        return not (alike(kind, result) or result.shape == ()) and None in (kind.shape, result.shape)

    def unbroadcast(self, value: Expr, operand: Expr, result: Kind) -> Expr:
        """Sum an adjoint of the shape `result` down to the shape of the operand."""
        kind = self.scope.kind(operand)
        if not isinstance(kind, Array) or not isinstance(result, Array):
            return self.helper(value, operand)
        if alike(kind, result) or result.shape == ():
            return value
        if kind.shape is None or result.shape is None:
            return self.helper(value, operand)
        return self.sum_down(value, operand, kind.shape, result.shape)

    def sum_down(self, value: Expr, operand: Expr, small: tuple[Dim, ...], large: tuple[Dim, ...]) -> Expr:
        """`np.sum` over the axes in which the operand was stretched; a helper where that is not known."""
        inner, like = unstretch(value)
        if like is not None and small == () and self.scope.kind(inner) == self.scope.kind(operand):
            return algebra.mul(inner, Attr(self.shape_of(like), "size"))
        lead = len(large) - len(small)
        kept = []
        for k, (a, b) in enumerate(zip(small, large[lead:], strict=True)):
            if a == 1 and b != 1:
                kept.append(k)
            elif (a is None or a != b) and (may_be_one(a) or may_be_one(b)):
                return self.helper(value, operand)
        value = self.settle(value)
        if lead and not small:
            return Call("numpy.sum", (value,))
        if lead:
            value = Call("numpy.sum", (value,), (("axis", _axes(range(lead))),))
        if kept:
            value = Call("numpy.sum", (value,), (("axis", _axes(kept)), ("keepdims", Const(True))))
        return value

    def helper(self, value: Expr, operand: Expr) -> Expr:
        return Call(SUPPORT + "unbroadcast", (self.settle(value), self.shape_of(operand)))

    # ----------------------------------------------------------- stretches

    def lift(self, expr: Expr) -> Expr:
        """Turn `unreduce` into stretches, and move these outwards through products.

        The user's own expressions stay as they are: `2 * n` is an integer.
        """
        if id(expr) in self.given:
            return expr
        if isinstance(expr, Index):
            return with_children(expr, (self.materialise(self.lift(expr.base)), expr.index))
        new = tuple(self.lift(c) for c in children(expr))
        match expr:
            case Op(op="*"):
                return algebra.mul(*new)
            case Op(op="/"):
                return algebra.div(*new)
            case Op(op="neg"):
                return algebra.neg(new[0])
            case Call(fn=fn) if fn == SUPPORT + "unreduce":
                return self.stretched(new, expr)
            case Call(fn=fn) if fn == STRETCH:
                return with_children(expr, new)
        return with_children(expr, tuple(map(self.materialise, new)))

    def stretched(self, args: tuple[Expr, ...], call: Call) -> Expr:
        """`unreduce(g, x, axis, keepdims)` as g with the lost axes put back."""
        value, like, *rest = args
        axis = rest[0] if rest else Const(None)
        keepdims = rest[1] if len(rest) > 1 else Const(False)
        if isinstance(axis, Const) and axis.value is None:
            return algebra.stretch(value, like)
        if isinstance(keepdims, Const) and keepdims.value is True:
            return algebra.stretch(value, like)
        kind = self.scope.kind(like)
        axes = _constant_axes(axis)
        if (
            axes is None
            or not isinstance(kind, Array)
            or kind.rank is None
            or not isinstance(keepdims, Const)
        ):
            return Call(call.fn, tuple(map(self.materialise, args)))
        places = {a % kind.rank for a in axes}
        return algebra.stretch(_with_axes(value, places, kind.rank), like)

    def settle(self, expr: Expr) -> Expr:
        """Drop the stretches of a sum that other terms make unnecessary; write out the rest."""
        return self._settle(expr, free=False)

    def settle_into(self, expr: Expr) -> Expr:
        """The same for what is added in place: NumPy stretches it."""
        return self._settle(expr, free=True)

    def _settle(self, expr: Expr, *, free: bool) -> Expr:
        match expr:
            case Op(op="+" | "-" as op, args=(a, b)) if _has_stretch(expr):
                if free or self.full(a) or self.full(b):
                    return Op(op, (self._settle(a, free=True), self._settle(b, free=True)))
                return Op(op, (self._settle(a, free=False), self._settle(b, free=True)))
            case Op(op="neg", args=(a,)):
                return Op("neg", (self._settle(a, free=free),))
        value, like = unstretch(expr)
        if like is None:
            return expr
        if free or self.full(expr):
            return value
        return self.materialise(expr)

    def full(self, expr: Expr) -> bool:
        """Whether a term has its full shape without being stretched."""
        value, like = unstretch(expr)
        if like is None:
            return not isinstance(expr, Op) or expr.op not in ("+", "-") or any(map(self.full, expr.args))
        small, large = self.scope.kind(value), self.scope.kind(like)
        if alike(small, large):
            return True
        return isinstance(large, Array) and self.shaped_like(value) == self.shaped_like(like)

    def materialise(self, expr: Expr) -> Expr:
        """A stretch as an array: `np.full_like(x, g)` or `np.broadcast_to(g, x.shape)`."""
        if isinstance(expr, Op) and expr.op in ("+", "-", "neg") and _has_stretch(expr):
            return self.settle(expr)
        value, like = unstretch(expr)
        if like is None or self.full(expr):
            return value
        large = self.scope.kind(like)
        if isinstance(large, Array) and large.rank == 0:
            return value
        small = self.scope.kind(value)
        if (
            isinstance(small, Array)
            and small.rank == 0
            and isinstance(large, Array)
            and large.dtype in ("f8", "f4")
        ):
            return Call("numpy.full_like", (like, value))
        if isinstance(large, Array) and large.rank is None:
            return Call("numpy.broadcast_to", (value, Call("numpy.shape", (like,))))
        return Call("numpy.broadcast_to", (value, Attr(like, "shape")))


def concatenated(node: Expr, scope: Scope) -> tuple[Expr, Expr] | None:
    """The two lists of `xs + ys`."""
    match node:
        case Op(op="+", args=(a, b)) if all(isinstance(scope.kind(e), ListOf) for e in (a, b)):
            return a, b
    return None


def accumulate(place: Expr, term: Expr, scope: Scope) -> Stmt:
    """`place += term`, by `np.add.at` where an index may repeat."""
    from adtrans.ir import AugAssign, ExprStmt

    at = repeating(place, scope)
    if at is not None:
        base, index = at
        return ExprStmt(value=Call("numpy.add.at", (base, index, term)))
    if algebra.negative(term):
        assert isinstance(term, Op)
        return AugAssign(target=place, op="-", value=term.args[0])
    return AugAssign(target=place, op="+", value=term)


def repeating(place: Expr, scope: Scope) -> tuple[Expr, Expr] | None:
    """The array and index of a place whose index may hold the same position twice."""
    if not isinstance(place, Index) or isinstance(scope.kind(place.base), (ListOf, TupleOf, RecordOf)):
        return None
    items = indices(place.index)
    if not any(may_repeat(i, scope) for i in items):
        return None
    sliced = any(isinstance(i, Slice) for i in items)
    return place.base, Index(Global("np.s_"), place.index) if sliced else place.index


def may_repeat(index: Expr, scope: Scope) -> bool:
    if isinstance(index, (Slice, Const)):
        return False
    kind = scope.kind(index)
    if isinstance(kind, Plain) and kind.name == STR.name:
        return False
    if isinstance(kind, Array):
        return kind.dtype != "b" and kind.shape != ()
    return True


def of_one_type(stand_in: Kind, kind: Kind) -> bool:
    """Whether a value may stand for another where zeros are made like it, or its dtype is asked for: not an
    array of integers for one of floats."""
    if may_be_complex(stand_in) != may_be_complex(kind):  # Helpers look at that as well.
        return False
    if not isinstance(stand_in, Array) or not isinstance(kind, Array):
        return True
    return stand_in.dtype == kind.dtype or (
        may_vary(stand_in) == may_vary(kind) and "?" in (stand_in.dtype, kind.dtype)
    )


def _rebase(expr: Expr, base: Expr, new: Expr) -> Expr:
    if expr is base:
        return new
    assert isinstance(expr, Index)
    return Index(_rebase(expr.base, base, new), expr.index)


def _count(expr: Expr, name: str) -> int:
    if isinstance(expr, Name):
        return int(expr.id == name)
    return sum(_count(c, name) for c in children(expr))


def _atomic(expr: Expr) -> bool:
    value, _ = unstretch(expr)
    if isinstance(value, Op) and value.op == "neg":
        value = value.args[0]
    if isinstance(value, Index):
        return isinstance(value.base, Name)
    if isinstance(value, Tuple):
        return all(map(_atomic, value.elts))
    return isinstance(value, (Name, Const))


def _has_stretch(expr: Expr) -> bool:
    if isinstance(expr, Call) and expr.fn == STRETCH:
        return True
    return isinstance(expr, Op) and expr.op in ("+", "-", "neg") and any(map(_has_stretch, expr.args))


def _axes(axes: range | list[int]) -> Expr:
    found = list(axes)
    return Const(found[0]) if len(found) == 1 else Tuple(tuple(Const(a) for a in found))


def _constant_axes(axis: Expr) -> list[int] | None:
    elts = axis.elts if isinstance(axis, Tuple) else (axis,)
    numbers = [algebra.number(e) for e in elts]
    return [n for n in numbers if isinstance(n, int)] if all(isinstance(n, int) for n in numbers) else None


def _with_axes(value: Expr, places: set[int], rank: int) -> Expr:
    """`g[:, None]`: put axes of length 1 back; leading ones broadcast by themselves."""
    items: list[Expr] = []
    for axis in range(rank):
        items.append(Const(None) if axis in places else Slice())
    while items and isinstance(items[0], Const):
        items.pop(0)
    if not any(isinstance(i, Const) for i in items):
        return value
    index = items[0] if len(items) == 1 else Tuple(tuple(items))
    return Index(value, index)
