"""Calls of what is known to be a function: by its name, with what it captures as further arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adtrans import ir, walk
from adtrans.closures.derivatives import ASKED, Derivatives
from adtrans.closures.distributions import Distributions, distributions
from adtrans.closures.frame import Frame
from adtrans.closures.piecewise import PIECEWISE, Piecewise
from adtrans.closures.solutions import Solutions
from adtrans.closures.values import (
    Answer,
    Choice,
    Derivative,
    Held,
    Known,
    Lost,
    Partial,
    User,
    Value,
    renamed,
)
from adtrans.closures.variants import Passed, Variant, default
from adtrans.frontend.operators import FUNCTIONS, operation
from adtrans.interpolants import CALLED, OF_THE_CALL, at_places, interpolants
from adtrans.solvers import SOLVERS

if TYPE_CHECKING:
    from adtrans.closures.evaluate import Evaluator, Found

Side = tuple[str | int, ir.Expr, list[ir.Stmt]]
"""One of several functions: its label, the call of it, and what goes before that."""

Named = tuple[tuple[str, "Found"], ...]


class Calls:
    def __init__(self, frame: Frame, evaluator: Evaluator) -> None:
        self.frame = frame
        self.evaluator = evaluator
        self.functions = frame.variants.functions
        self.derivatives = Derivatives(frame, evaluator, self)
        self.solutions = Solutions(frame, evaluator, self)
        self.distributions = Distributions(frame, evaluator)
        self.piecewise = Piecewise(frame, evaluator, self)
        self.params = {p.name for p in frame.function.params}

    def call(self, expr: ir.Apply | ir.Call, into: ir.Expr | None) -> Found:
        """A call: of a value, or of a function by its name."""
        from adtrans.closures.evaluate import EAGER, Found

        if isinstance(expr, ir.Call):
            if expr.fn in ASKED:
                return self.derivatives.asked(expr)
            if expr.fn in distributions() or expr.fn in interpolants():
                return self.distributions.frozen(expr, into)
            if expr.style == "method" and (made := self.distributions.method(expr)) is not None:
                return made
            if expr.fn in SOLVERS:
                return self.solutions.call(expr, into)
            if expr.fn == PIECEWISE and (made := self.piecewise.call(expr, into)) is not None:
                return made
            if expr.fn == "?.functools.partial" and (made := self.partial(expr)) is not None:
                return made
            if expr.fn in EAGER and len(expr.args) == 1 and (inner := self.mapped(expr.args[0])) is not None:
                return Found(replace(expr, args=(inner,)))
            if expr.fn not in self.functions:
                found = self.evaluator.sequence(walk.children(expr))
                self.lost_rows(expr)
                return Found(walk.with_children(expr, tuple(f.expr for f in found)))
            value: Value | None = User(expr.fn)
            found = self.evaluator.sequence(walk.children(expr))
        else:
            function, *found = self.evaluator.sequence(walk.children(expr))
            value = self.evaluator.held(function, expr, "function")
        n = len(expr.args)
        names = [key for key, _ in expr.kwargs]
        named = tuple(zip(names, found[n:], strict=True))
        if value is None or isinstance(value, Lost):
            return self.unknown(expr, value)
        return self.apply(value, tuple(found[:n]), named, expr, into)

    def unknown(self, expr: ir.Apply | ir.Call, value: Value | None) -> Found:
        """A call that cannot be followed, as text."""
        from adtrans.closures.evaluate import Found

        assert isinstance(expr, ir.Apply)
        text = expr.otherwise
        entry = self.frame.variant.path == self.frame.variants.source.entry
        if isinstance(value, Lost) and value.why.startswith("`"):
            text = replace(text, why=f"a call of {value.why},")
        elif entry and isinstance(expr.function, ir.Name) and expr.function.id in self.params:
            name = expr.function.id
            why = (
                f"a call of `{name}`, an argument (give it a default, or use `adtrans.grad`, which sees it),"
            )
            text = replace(text, why=why)
        return Found(text, Lost("carried as text"))

    def lost_rows(self, expr: ir.Call) -> None:
        """`functions.append(f)`: what is in the list is not known from here on."""
        for name in walk.changed_by(expr):
            self.frame.lose(name)

    # ------------------------------------------------------------------ values

    def apply(
        self, value: Value, args: tuple[Found, ...], kwargs: Named, expr: ir.Expr, into: ir.Expr | None = None
    ) -> Found:
        """A known function, applied."""
        from adtrans.closures.evaluate import Found

        match value:
            case User():
                return self.user(value, args, kwargs, expr, into)
            case Known(path=path, spelled=spelled):
                plain = tuple(a.expr for a in args)
                if not kwargs and (made := operation(path, plain, expr.span)) is not None:
                    return Found(made)
                path = f"?.{path}" if path in FUNCTIONS else path
                named = tuple((k, f.expr) for k, f in kwargs)
                if path.endswith(CALLED):
                    return self.interpolated(path, spelled, plain, named, expr)
                return Found(ir.Call(path, plain, named, spelled=spelled, span=expr.span))
            case Partial(function=function, args=first, kwargs=given):
                element = self.evaluator.element
                all_args = (*map(element, first), *args)
                later = {k for k, _ in kwargs}
                before = tuple((k, element(v)) for k, v in given if k not in later)
                return self.apply(function, all_args, (*before, *kwargs), expr, into)
            case Derivative():
                return self.derivatives.apply(value, args, kwargs, expr)
            case Choice():
                return self.choose(value, args, kwargs, expr)
        assert isinstance(expr, ir.Apply | ir.Call)
        return self.unknown(expr, Lost("carried as text"))

    def interpolated(
        self,
        path: str,
        spelled: str,
        args: tuple[ir.Expr, ...],
        kwargs: tuple[tuple[str, ir.Expr], ...],
        expr: ir.Expr,
    ) -> Found:
        """`s(x)` or `s(x, 1)` of an interpolating function; `kwargs` are what it is made of, and its own."""
        from adtrans.closures.evaluate import Found

        made = tuple((k, e) for k, e in kwargs if k not in OF_THE_CALL)
        own = tuple((k, e) for k, e in kwargs if k in OF_THE_CALL)
        found = at_places(path.removesuffix(CALLED), ((), made), args, own) if args else None
        if found is None:
            assert isinstance(expr, ir.Apply)
            return self.unknown(expr, Lost("carried as text"))
        return Found(replace(found, spelled=spelled, span=expr.span))

    def partial(self, expr: ir.Call) -> Found | None:
        """`functools.partial(f, a, k=b)`: its arguments are evaluated now."""
        from adtrans.closures.evaluate import Found

        found = self.evaluator.sequence(walk.children(expr))
        if not found or not found[0].known:
            return None
        keep, n = self.part, len(expr.args)
        args = tuple(keep(f, expr, f"partial {k}") for k, f in enumerate(found[1:n]))
        names = [key for key, _ in expr.kwargs]
        kwargs = tuple(
            (key, keep(f, expr, f"partial {key}")) for key, f in zip(names, found[n:], strict=True)
        )
        assert found[0].value is not None
        return Found(expr, Partial(found[0].value, args, kwargs))

    def part(self, found: Found, node: object, role: str) -> Value:
        value = self.evaluator.held(found, node, role)
        return self.frame.kept(found.expr, node, role, "bound") if value is None else value

    def choose(self, value: Choice, args: tuple[Found, ...], kwargs: Named, expr: ir.Expr) -> Found:
        """One of several functions: a conditional expression over the calls."""
        from adtrans.closures.evaluate import Found

        sides: list[Side] = []
        for word, option in value.options:
            with self.frame.aside() as code:
                found = self.apply(option, args, kwargs, expr)
            sides.append((word, found.expr, code))
        tag = ir.Name(value.tag)
        if any(code for _, _, code in sides):
            return self.branches(tag, sides, expr)
        (_, made, _), *others = reversed(sides)
        for word, side, _ in others:
            made = ir.IfExp(ir.Op("==", (tag, ir.Const(word))), side, made, span=expr.span)
        return Found(made)

    def branches(self, tag: ir.Name, sides: Sequence[Side], expr: ir.Expr) -> Found:
        """The same in statements, where a call rebinds something."""
        from adtrans.closures.evaluate import Found

        name = self.frame.site(expr, "choice", "value")
        block: ir.Block = ()
        for word, side, code in reversed(sides):
            body = (*code, ir.Assign(target=ir.Name(name), value=side, span=expr.span))
            test = ir.Op("==", (tag, ir.Const(word)))
            block = (ir.If(test=test, body=body, orelse=block, span=expr.span),) if block else body
        self.frame.before += block
        self.frame.env[name] = None
        return Found(ir.Name(name))

    def mapped(self, expr: ir.Expr) -> ir.Expr | None:
        """`map(f, xs)` that is taken whole, as a comprehension."""
        over = self.over(expr)
        if over is None:
            return None
        value, names, target, it = over
        from adtrans.closures.evaluate import Found

        with self.frame.inner(frozenset(names)), self.frame.aside() as code:
            elt = self.apply(value, tuple(Found(ir.Name(n)) for n in names), (), expr).expr
        if code:
            self.frame.refuse(
                "AD241",
                "a call in `map` rebinds variables of the function around it",
                expr.span,
                "write it as a loop",
            )
        return ir.Comprehension(elt, target, it, span=expr.span)

    def over(self, expr: ir.Expr) -> tuple[Value, list[str], ir.Expr, ir.Expr] | None:
        """Of `map(f, xs)` the function, the names of its arguments, these as a target, and the iterable."""
        if not isinstance(expr, ir.Call) or expr.fn != "builtins.map" or len(expr.args) < 2 or expr.kwargs:
            return None
        function, *rest = self.evaluator.sequence(expr.args)
        value = self.evaluator.held(function, expr, "function")
        if value is None or isinstance(value, Lost):
            return None
        names = [self.frame.site(expr, f"item {k}", "item") for k in range(len(rest))]
        if len(rest) == 1:
            return value, names, ir.Name(names[0]), rest[0].expr
        it = ir.Call("builtins.zip", tuple(f.expr for f in rest), spelled="zip")
        return value, names, ir.Tuple(tuple(map(ir.Name, names))), it

    def each(self, value: Value, names: Sequence[str], expr: ir.Expr) -> tuple[list[ir.Stmt], ir.Expr]:
        """What `map(f, xs)` gives in one round of a loop, and the statements before it."""
        from adtrans.closures.evaluate import Found

        with self.frame.aside() as code:
            found = self.apply(value, tuple(Found(ir.Name(n)) for n in names), (), expr)
        return code, found.expr

    # ---------------------------------------------------------- user functions

    def user(
        self, value: User, args: tuple[Found, ...], kwargs: Named, expr: ir.Expr, into: ir.Expr | None
    ) -> Found:
        from adtrans.closures.evaluate import Found

        base = self.functions[value.path]
        if any(p.star for p in base.params):
            return self.starred(base, args, kwargs, expr)
        kwargs = self.with_defaults(value, base, args, kwargs)
        known = self.known(base, args, kwargs, expr)
        passed = self.frame.variants.get(value.path, known, dict(value.cells), self.frame.env)
        if passed is None:
            self.frame.refuse("AD242", f"`{base.name}` is given ever new functions by itself", expr.span)
            return Found(ir.Const(None))
        variant = passed.variant
        if variant.plain and isinstance(expr, ir.Call) and expr.fn == value.path == variant.path:
            new = walk.with_children(expr, tuple(f.expr for f in (*args, *(f for _, f in kwargs))))
            return Found(new)
        made = self.written(passed, args, kwargs, expr)
        if not variant.rebinds and variant.result is None:
            return Found(made)
        return self.results(passed, made, expr, into)

    def starred(self, base: ir.Function, args: tuple[Found, ...], kwargs: Named, expr: ir.Expr) -> Found:
        """A call of a function with `*args`: the next passes write it out, if we have no part in it."""
        from adtrans.closures.evaluate import Found

        found = (*args, *(f for _, f in kwargs))
        if base.captures or not isinstance(expr, ir.Call) or any(f.known for f in found):
            if isinstance(expr, ir.Apply):
                return self.unknown(expr, Lost(f"`{base.name}`, which takes `*args`"))
            self.frame.refuse(
                "AD501",
                f"`{base.name}` takes `*args` or `**kwargs`, and a function is among what it is given",
                expr.span,
                "name its parameters",
            )
        self.frame.variants.get(base.path, {}, {}, self.frame.env)
        return Found(walk.with_children(expr, tuple(f.expr for f in found)))

    def with_defaults(self, value: User, base: ir.Function, args: tuple[Found, ...], kwargs: Named) -> Named:
        """Parameters that are left out, and were bound when the function was made."""
        positional = [p.name for p in base.params if not p.keyword_only][: len(args)]
        given = {*positional, *(k for k, _ in kwargs)}
        more = tuple((p, self.variable(v)) for p, v in value.defaults if p not in given)
        return kwargs + more

    def variable(self, name: str) -> Found:
        from adtrans.closures.evaluate import Found

        return Found(ir.Name(name), self.frame.env.get(name))

    def known(
        self, base: ir.Function, args: tuple[Found, ...], kwargs: Named, expr: ir.Expr
    ) -> dict[str, Value]:
        """The parameters that are given functions."""
        positional = [p.name for p in base.params if not p.keyword_only]
        given = dict(zip(positional, args, strict=False)) | dict(kwargs)
        found: dict[str, Value] = {}
        for name, arg in given.items():
            value = self.evaluator.held(arg, expr, name)
            if value is not None and not isinstance(value, Lost | Answer):
                found[name] = value
        for param in base.params:
            value = default(base, param.name, self.functions)
            if param.name not in given and value is not None:
                found[param.name] = value
        return found

    def written(self, passed: Passed, args: tuple[Found, ...], kwargs: Named, expr: ir.Expr) -> ir.Call:
        """The call of a variant: without the functions, with the variables that it needs."""
        variant = passed.variant
        base = variant.base
        positional = [p for p in base.params if not p.keyword_only]
        pairs = list(zip(positional, args, strict=False))
        if len(args) > len(positional):  # does not fit: the next pass says so
            pairs += [(ir.Param("?"), a) for a in args[len(positional) :]]
        left = [(p, a.expr) for p, a in pairs if p.name not in variant.known]
        named = [(k, f.expr) for k, f in kwargs if k not in variant.known]
        slots = [(name, ir.Name(passed.here[name])) for name in variant.slots]
        needed = [p.name for p in positional if p.default is None and p.name not in variant.known]
        first = [e for p, e in left if p.default is None]
        rest = [e for p, e in left if p.default is not None]
        if len(first) == len(needed) or not slots:
            all_args, all_named = [*first, *(e for _, e in slots), *rest], named
        else:
            all_args, all_named = [*first, *rest], [*named, *slots]
        return ir.Call(variant.path, tuple(all_args), tuple(all_named), spelled=base.name, span=expr.span)

    def results(self, passed: Passed, made: ir.Call, expr: ir.Expr, into: ir.Expr | None) -> Found:
        """A call that rebinds variables of ours, or returns a function: its results in statements before."""
        from adtrans.closures.evaluate import Found

        frame, variant = self.frame, passed.variant
        here = dict(passed.here)
        targets: list[ir.Expr] = []
        value: ir.Expr = ir.Const(None)
        if variant.result is None and variant.gives:
            name = frame.site(expr, "value", f"{variant.name}_value")
            value = into if into is not None and self.may_take(into, variant, here) else ir.Name(name)
            targets.append(value)
        for name in variant.exports:
            here[name] = frame.site(expr, f"export {name}", name)
            targets.append(ir.Name(here[name]))
        targets += [ir.Name(here[name]) for name in variant.rebinds]
        bound = [e.id for e in targets if isinstance(e, ir.Name)]
        if targets:
            target = targets[0] if len(targets) == 1 else ir.Tuple(tuple(targets))
            frame.before.append(ir.Assign(target=target, value=made, span=expr.span))
        elif variant.made is None or len(variant.made.body) > 1:
            frame.before.append(ir.ExprStmt(value=made, span=expr.span))
        for name in variant.exports:
            frame.overwrite(here[name])
        held = [(name, value) for name, value in variant.holds if name not in here]
        for name, _ in held:
            here[name] = frame.site(expr, f"export {name}", name)
            frame.overwrite(here[name])
        for name, inner in held:
            frame.env[here[name]] = renamed(inner, here.__getitem__)
        for name in bound:
            frame.bind(name, None)
        if variant.result is None:
            return Found(value)
        return Found(
            ir.Opaque("...", (), "a function that a call returned"), renamed(variant.result, here.__getitem__)
        )

    @staticmethod
    def may_take(into: ir.Expr, variant: Variant, here: dict[str, str]) -> bool:
        """Whether the value may go straight to its variable: the call rebinds that not too."""
        return isinstance(into, ir.Name) and into.id not in {here[n] for n in variant.rebinds}


__all__ = ["Calls", "Held"]
