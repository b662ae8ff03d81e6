"""Derivatives that the program itself asks for: `adtrans.grad(f)(x)` inside a function.

before: slope = adtrans.grad(lambda t: t * x)(y)        after: slope = f_lambda_grad(y, x)

`f_lambda_grad` is made when the kinds of its arguments are known (`adtrans/nested.py`). All is by
name: what a function captures is a parameter of its derivative, so no derivative takes another's
perturbation for its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adtrans import ir
from adtrans.closures.frame import Frame
from adtrans.closures.values import Choice, Derivative, Held, Known, Lost, Partial, Row, User, Value
from adtrans.closures.variants import Passed, default
from adtrans.names import Names

if TYPE_CHECKING:
    from adtrans.closures.calls import Calls, Named
    from adtrans.closures.evaluate import Evaluator, Found

TRANSFORMS = {
    "adtrans.grad": ("grad",),
    "adtrans.value_and_grad": ("value_and_grad",),
    "adtrans.jacfwd": ("jacfwd",),
    "adtrans.jacrev": ("jacrev",),
    "adtrans.jacobian": ("jacfwd",),
    "adtrans.hessian": ("jacrev", "jacfwd"),
}
"""What each transformation of a function is made of, the inner one first."""

APPLIED = ("adtrans.jvp", "adtrans.vjp", "adtrans.hvp")
ASKED = frozenset([*TRANSFORMS, *APPLIED])

Args = tuple["Found", ...]


class Unknown(Exception):
    """A derivative that cannot be taken: why, and the way out."""


class Derivatives:
    """The derivatives that are asked for in one frame."""

    def __init__(self, frame: Frame, evaluator: Evaluator, calls: Calls) -> None:
        self.frame = frame
        self.evaluator = evaluator
        self.calls = calls

    def asked(self, expr: ir.Call) -> Found:
        """`adtrans.grad(f)`, or `adtrans.jvp(f, (x,), (v,))`."""
        from adtrans.closures.evaluate import Found

        found = self.evaluator.sequence((*expr.args, *(v for _, v in expr.kwargs)))
        n = len(expr.args)
        args = tuple(found[:n])
        kwargs = dict(zip((k for k, _ in expr.kwargs), found[n:], strict=True))
        try:
            return self.of(expr, args, kwargs)
        except Unknown as problem:
            self.frame.refuse("AD243", f"`{expr.spelled}` here: {problem}", expr.span, WAY_OUT)
            return Found(ir.Const(None), Lost("a derivative that cannot be taken"))

    def of(self, expr: ir.Call, args: Args, kwargs: dict[str, Found]) -> Found:
        from adtrans.closures.evaluate import Found

        fun = args[0] if args else kwargs.get("fun")
        value = None if fun is None else fun.value
        if value is None or isinstance(value, Lost | Held | Row):
            raise Unknown("what is differentiated is not a function that adtrans can follow")
        if expr.fn in TRANSFORMS and len(args) > 2:
            kwargs = {"has_aux": args[2], **kwargs}
        aux = "has_aux" in kwargs and literal(kwargs["has_aux"].expr)
        if expr.fn in TRANSFORMS:
            given = kwargs.get("argnums") or (args[1] if len(args) > 1 else None)
            argnums = 0 if given is None else literal(given.expr)
            many = isinstance(argnums, tuple)
            chosen = argnums if isinstance(argnums, tuple) else (argnums,)
            for form in TRANSFORMS[expr.fn]:
                value = self.transformed(value, form, chosen, many, bool(aux))
            return Found(ir.Opaque("...", (), "a derivative"), value)
        if aux or "argnums" in kwargs:
            raise Unknown("`has_aux` and `argnums` are not followed here")
        if expr.fn == "adtrans.vjp":
            return self.pair(value, args[1:], expr)
        primals, directions = (self.elements(a) for a in (args + tuple(kwargs.values()))[1:3])
        return self.along(expr, value, primals, directions)

    def transformed(
        self, value: Value, form: str, argnums: tuple[int | str, ...], many: bool, aux: bool
    ) -> Value:
        """The derivative of a function; of one of several, one of several derivatives."""
        if isinstance(value, Choice):
            options = tuple((w, self.transformed(v, form, argnums, many, aux)) for w, v in value.options)
            return Choice(value.tag, options)
        return Derivative(form, value, argnums, many, aux)

    def elements(self, found: Found) -> Args:
        """The entries of a tuple that is written out; anything else is one entry."""
        return found.parts or tuple_parts(found) or (found,)

    # ------------------------------------------------------------------ applied

    def apply(self, value: Derivative, args: Args, kwargs: Named, expr: ir.Expr) -> Found:
        """A derivative, called."""
        from adtrans.closures.evaluate import Found

        try:
            if value.form == "pullback":
                element = self.evaluator.element
                return self.call(value, tuple(map(element, value.primals)), (), args, expr)
            return self.call(value, args, kwargs, (), expr)
        except Unknown as problem:
            self.frame.refuse("AD243", f"this derivative: {problem}", expr.span, WAY_OUT)
            return Found(ir.Const(None))

    def pair(self, value: Value, primals: Args, expr: ir.Call) -> Found:
        """`value, pullback = adtrans.vjp(f, x)`."""
        from adtrans.closures.evaluate import Found

        kept = tuple(self.calls.part(p, expr, f"primal {k}") for k, p in enumerate(primals))
        element = self.evaluator.element
        made = self.calls.apply(value, tuple(map(element, kept)), (), expr)
        pullback = Derivative("pullback", value, tuple(range(len(kept))), True, False, kept)
        text = ir.Opaque("...", (), "a pullback")
        return Found(ir.Tuple((made.expr, text)), None, (made, Found(text, pullback)))

    def along(self, expr: ir.Call, value: Value, primals: Args, directions: Args) -> Found:
        """`adtrans.jvp(f, primals, tangents)` and `adtrans.hvp(f, primals, v)`."""
        none = ir.Const(None)
        chosen = tuple(k for k, d in enumerate(directions) if d.expr != none)
        if len(directions) > len(primals) or not chosen:
            raise Unknown("the tangents do not fit the arguments")
        form = "jvp"
        if expr.fn == "adtrans.hvp":
            value, form = Derivative("grad", value, chosen, len(chosen) > 1), "pushforward"
        along = Derivative(form, value, chosen)
        return self.call(along, primals, (), tuple(directions[k] for k in chosen), expr)

    def call(self, value: Derivative, args: Args, kwargs: Named, seeds: Args, expr: ir.Expr) -> Found:
        """The call of a derivative, its results packed as the library packs them."""
        passed, wrt, args, kwargs = self.made(value, args, kwargs, seeds, expr)
        call = ir.Call(
            passed.variant.path, self.arguments(passed, args, kwargs, seeds), spelled="", span=expr.span
        )
        return self.packed(value, wrt, call, expr)

    def packed(self, value: Derivative, wrt: tuple[str, ...], call: ir.Call, expr: ir.Expr) -> Found:
        """The generated function gives its results in a row, in the order of the parameters."""
        from adtrans.closures.evaluate import Found

        order = tuple(dict.fromkeys(wrt))
        nested = self.frame.variants.nested[call.fn]
        several = value.many or len(wrt) > 1
        if value.form in ("jvp", "pushforward"):
            return Found(call)
        plain = nested.wrt == order and not (several and len(wrt) == 1)
        if plain and not (value.aux or several) and value.form != "pullback":
            return Found(call)
        if plain and value.form == "grad" and not value.aux:
            return Found(call)
        names = [self.frame.site(expr, f"bar {w}", f"{w}_{value.form}") for w in nested.wrt]
        bars: tuple[ir.Expr, ...] = tuple(ir.Name(names[nested.wrt.index(w)]) for w in wrt)
        packed: ir.Expr = ir.Tuple(bars) if several else bars[0]
        value_name = self.frame.site(expr, "value", "value")
        aux_name = self.frame.site(expr, "aux", "aux")
        row = [*names, *([aux_name] if value.aux else [])]
        if value.form == "value_and_grad":
            row.insert(0, value_name)
            first: ir.Expr = ir.Name(value_name)
            first = ir.Tuple((first, ir.Name(aux_name))) if value.aux else first
            packed = ir.Tuple((first, packed))
        elif value.aux:
            packed = ir.Tuple((packed, ir.Name(aux_name)))
        targets = tuple(map(ir.Name, row))
        target = targets[0] if len(targets) == 1 else ir.Tuple(targets)
        self.frame.before.append(ir.Assign(target=target, value=call, span=expr.span))
        for name in row:
            self.frame.overwrite(name)
            self.frame.env[name] = None
        return taken_apart(packed)

    def arguments(self, passed: Passed, args: Args, kwargs: Named, seeds: Args) -> tuple[ir.Expr, ...]:
        """All arguments, in the order of the parameters."""
        variant = passed.variant
        assert variant.made is not None
        extra = self.frame.variants.nested[variant.path].extra
        own = [p for p in variant.base.params if p.name not in extra]
        given = {p.name: a.expr for p, a in zip(own, args, strict=False)}
        given |= {k: a.expr for k, a in kwargs}
        given |= {name: ir.Name(passed.here[name]) for name in variant.slots}
        given |= {name: a.expr for name, a in zip(extra, seeds, strict=True)}
        result: list[ir.Expr] = []
        for param in variant.made.params:
            value = given.get(param.name, param.default)
            if value is None:
                raise Unknown(f"the argument `{param.name}` is missing")
            result.append(value)
        return tuple(result)

    # ------------------------------------------------------------------ made

    def made(
        self, value: Derivative, args: Args, kwargs: Named, seeds: Args, expr: ir.Expr
    ) -> tuple[Passed, tuple[str, ...], Args, Named]:
        """The function that is called for a derivative; the parameters it is with respect to, in the order
        that was asked for; and the arguments, those that were bound before among them."""
        passed, args, kwargs, shift = self.below(value.function, args, kwargs, expr)
        variant = passed.variant
        if variant.made is None or variant.running:
            raise Unknown("the function differentiates itself")
        if variant.rebinds or variant.result is not None or not variant.gives:
            raise Unknown("the function rebinds variables around it, or returns no number")
        wrt = tuple(self.parameter(passed, a, shift) for a in value.argnums)
        if len(set(wrt)) < len(wrt):
            raise Unknown("a parameter is named twice")
        names = Names(p.name for p in variant.made.params)
        suffix = "dot" if value.form in ("jvp", "pushforward") else "bar"
        extra: tuple[str, ...] = ()
        if value.form in ("jvp", "pushforward"):
            extra = tuple(names.fresh(f"{name}_{suffix}") for name in wrt)
        elif value.form == "pullback":
            extra = (names.fresh("value_bar"),)
        if len(extra) != len(seeds):
            raise Unknown("it takes one seed")
        order = tuple(p.name for p in variant.made.params if p.name in wrt)
        if value.form in ("jvp", "pushforward") and order != wrt:
            raise Unknown("the tangents are not in the order of the parameters")
        nested = ir.Nested(value.form, variant.path, order, value.aux, extra, expr.span)
        made = self.frame.variants.derivative(variant, nested)
        return Passed(made, passed.here), wrt, args, kwargs

    def below(
        self, value: Value, args: Args, kwargs: Named, expr: ir.Expr
    ) -> tuple[Passed, Args, Named, int]:
        """The variant that is differentiated, for these arguments; `shift` of them were bound before."""
        match value:
            case User():
                base = self.calls.functions[value.path]
                kwargs = self.calls.with_defaults(value, base, args, kwargs)
                known = self.calls.known(base, args, kwargs, expr)
                passed = self.frame.variants.get(value.path, known, dict(value.cells), self.frame.env)
                if passed is None:
                    raise Unknown("the function is given ever new functions")
                return passed, args, kwargs, 0
            case Partial(function=function, args=first, kwargs=given):
                element = self.evaluator.element
                later = {k for k, _ in kwargs}
                before = tuple((k, element(v)) for k, v in given if k not in later)
                all_args = (*map(element, first), *args)
                passed, args, kwargs, shift = self.below(function, all_args, (*before, *kwargs), expr)
                return passed, args, kwargs, shift + len(first)
            case Derivative(form="grad" | "jacfwd" | "jacrev", aux=False):
                passed, wrt, args, kwargs = self.made(value, args, kwargs, (), expr)
                if len(wrt) > 1 or value.many:
                    raise Unknown("the derivative of several derivatives at once")
                return passed, args, kwargs, 0
            case Known():
                if kwargs or not args:
                    raise Unknown("a function of a library takes its arguments by position here")
                wrapped = User(self.frame.variants.wrapper(value, len(args)))
                return self.below(wrapped, args, kwargs, expr)
        raise Unknown("what is differentiated is not a function that adtrans can follow")

    def parameter(self, passed: Passed, argnum: int | str, shift: int) -> str:
        """The name of a parameter that is differentiated."""
        variant = passed.variant
        assert variant.made is not None
        own = [p.name for p in variant.base.params][shift:]
        if isinstance(argnum, str):
            name = argnum
        elif -len(own) <= argnum < len(own):
            name = own[argnum]
        else:
            raise Unknown(f"there is no argument {argnum}")
        if name not in {p.name for p in variant.made.params}:
            raise Unknown(f"there is no number `{name}` to differentiate with respect to")
        return name


WAY_OUT = "differentiate a function or lambda of the program, with respect to arguments that are numbers"


def literal(expr: ir.Expr) -> object:
    """The value of `argnums` or `has_aux`, written out."""
    match expr:
        case ir.Const(value=value):
            return value
        case ir.Op(op="neg", args=(ir.Const(value=int() as value),)):
            return -value
        case ir.Tuple(elts=elts) | ir.List(elts=elts):
            return tuple(map(literal, elts))
    raise Unknown("`argnums` and `has_aux` must be written out")


def tuple_parts(found: Found) -> Args:
    from adtrans.closures.evaluate import Found

    if isinstance(found.expr, ir.Tuple | ir.List):
        return tuple(map(Found, found.expr.elts))
    return ()


def taken_apart(expr: ir.Expr) -> Found:
    """An expression with its parts, so that an assignment to several names needs no tuple."""
    from adtrans.closures.evaluate import Found

    if isinstance(expr, ir.Tuple):
        return Found(expr, None, tuple(map(taken_apart, expr.elts)))
    return Found(expr)


__all__ = ["APPLIED", "ASKED", "TRANSFORMS", "Derivatives", "default"]
