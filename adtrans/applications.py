"""One application of an operator or function, and what its rule makes of it.

The operands stand in the rule as placeholders (`%0`, `%1` …), the result as `%y`, its adjoint as
`%g`. So it can be seen which values a rule reads before anything is written out: what a rule reads
is what must be recorded, and what is dear and read gets a name in the forward sweep.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from adtrans import algebra
from adtrans.analyses.expressions import SUPPORT, Scope, bind
from adtrans.errors import Diagnostic
from adtrans.interpolants import CALLED
from adtrans.ir import BRACKETED, Attr, Call, Const, Expr, Global, Index, List, Name, Op, Return, Tuple, Zero
from adtrans.kinds import Array, Kind, may_be_complex, may_vary
from adtrans.reverse.zeros import zero_like
from adtrans.rules import registry
from adtrans.solvers import SOLVERS, refusal
from adtrans.templates import Expansion, RuleRefuses, Undecided, Underived, expand, parsed
from adtrans.walk import children, names, statements, subexpressions, with_children

RESULT = "%y"
SEED = "%g"

_SHAPE_ONLY = {
    "numpy.zeros_like",
    "numpy.ones_like",
    "numpy.empty_like",
    "numpy.shape",
    "numpy.size",
    "numpy.ndim",
    "builtins.len",
}
_SHAPE_OF_SECOND = {SUPPORT + "unreduce", SUPPORT + "unbroadcast", SUPPORT + "part_for", algebra.STRETCH}


@dataclass(frozen=True, slots=True)
class Application:
    """A rule written out. `derivatives[k]` belongs to `operands[k]`: its adjoint over `%g`, or, in
    forward mode, the one tangent. `elementwise`: the adjoints still have the shape of the result."""

    operands: tuple[Expr, ...]
    derivatives: tuple[Expr | None, ...]
    arguments: Mapping[str, Expr]
    prelude: tuple[tuple[Expr, Expr], ...] = ()
    elementwise: bool = False
    values: frozenset[str] = field(default=frozenset())


class NoRule(Exception):
    """There is no derivative for an application; carries the refusal."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def parts(node: Op | Call) -> tuple[str, tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    if isinstance(node, Op):
        return node.op, node.args, ()
    return node.fn, node.args, node.kwargs


@dataclass(frozen=True, slots=True)
class _Bound:
    """A call as its rule sees it: operands by placeholder, keywords by name."""

    operands: tuple[Expr, ...]
    arguments: dict[str, Expr]
    rule_arguments: dict[str, Expr]
    scope: Scope


def adjoint(node: Op | Call, varies: Callable[[Expr], bool], scope: Scope, seed: Kind) -> Application:
    """The rule for the backward sweep, for the operands that vary."""
    fn, args, kwargs = parts(node)
    refuse_complex(node, scope)
    if isinstance(node, Call) and fn == "numpy.einsum":
        from adtrans import contractions

        return contractions.adjoint(node, varies, scope)
    if isinstance(node, Call) and fn == "numpy.concatenate":
        from adtrans import pieces

        if (found := pieces.adjoint(node, scope)) is not None:
            return found
    entry = registry.lookup(fn)
    rule = (entry.vjp or entry.partials) if entry else None
    if entry is None or rule is None:
        raise NoRule(no_rule(node, fn, "reverse"))
    if entry.complex_vjp and among_complex(node, scope):
        rule = entry.complex_vjp
    names_ = list(registry.parameter_names(rule.function))
    if rule.form == "partials":
        bound = _bind_positional(node, fn, names_[1:], args, kwargs, scope, seed)
        given = {names_[0]: Name(RESULT), **bound.rule_arguments}
        expansion = written(
            rule.function, given, bound, node, fn, len(bound.operands), _varying(bound, varies)
        )
        derivatives = tuple(None if p is None else algebra.mul(Name(SEED), p) for p in expansion.values)
    else:
        cut = names_.index("y_bar")
        bound = _bind(node, fn, names_[1:cut], names_[cut + 1 :], args, kwargs, scope, seed, varies)
        refuse_underived(node, fn, bound, varies)
        given = {names_[0]: Name(RESULT), "y_bar": Name(SEED), **bound.rule_arguments}
        expansion = written(
            rule.function, given, bound, node, fn, len(bound.operands), _varying(bound, varies)
        )
        derivatives = expansion.values
    return _application(bound, derivatives, expansion.prelude, rule.form == "partials")


def refuse_complex(node: Op | Call, scope: Scope) -> None:
    """What takes or gives complex numbers needs a rule that is known to be right for them."""
    fn, _, _ = parts(node)
    entry = registry.lookup(fn)
    if entry is None or entry.complex_too or not (entry.vjp or entry.jvp or entry.partials or entry.nothing):
        return
    if among_complex(node, scope):
        raise NoRule(for_real_numbers(node, fn))


def for_real_numbers(node: Expr, fn: str) -> Diagnostic:
    """The refusal of a rule that is given complex numbers and is not known to be right for them."""
    return Diagnostic(
        "AD304",
        f"the derivative rule for `{spelled(node, fn)}` is for real numbers; here are complex ones",
        node.span,
        help="use functions whose rules are for complex numbers too (`adtrans rules` marks them), "
        "or write it with the real and the imaginary part",
    )


def among_complex(node: Op | Call, scope: Scope) -> bool:
    """Whether there may be complex numbers among the operands or in the result."""
    _, args, kwargs = parts(node)
    return any(may_be_complex(scope.kind(e)) for e in (node, *args, *(value for _, value in kwargs)))


def elementwise(node: Op | Call) -> bool:
    """Whether the result has the shape to which the operands broadcast."""
    if isinstance(node, Op):
        return node.op in ARITHMETIC
    entry = registry.lookup(node.fn)
    return entry is not None and entry.partials is not None and not node.kwargs


ARITHMETIC = frozenset({"+", "-", "*", "/", "**", "neg", "pos"})


@cache
def array_operands(fn: str) -> frozenset[int]:
    """The arguments of a library function, by position, that are arrays, or lists that stand for one."""
    entry = registry.lookup(fn)
    rule = (entry.vjp or entry.partials) if entry else None
    if fn == "numpy.einsum":
        return frozenset(range(1, 32))
    if fn in BRACKETED:
        return frozenset(range(32))
    if not fn.startswith(("numpy.", "scipy.")) or fn in SEQUENCES or rule is None:
        return frozenset()
    names_ = list(inspect.signature(rule.function).parameters)
    last = names_.index("y_bar") if "y_bar" in names_ else len(names_)
    return frozenset(range(last - 1)) - blocked(fn)[0]


def operand_names(fn: str) -> frozenset[str]:
    """The same by name."""
    params = registry.signature(fn) or ()
    return frozenset(params[k][0] for k in array_operands(fn) if k < len(params))


SEQUENCES = frozenset(
    {
        "numpy.array",
        "numpy.asanyarray",
        "numpy.asarray",
        "numpy.block",
        "numpy.broadcast_arrays",
        "numpy.choose",
        "numpy.column_stack",
        "numpy.concatenate",
        "numpy.dstack",
        "numpy.hstack",
        "numpy.linalg.multi_dot",
        "numpy.select",
        "numpy.stack",
        "numpy.unstack",
        "numpy.vstack",
        "scipy.interpolate.RegularGridInterpolator()",
        "scipy.interpolate.interpn",
        "scipy.linalg.block_diag",
        "scipy.linalg.cho_solve",
        "scipy.linalg.lu_solve",
    }
)
"""The functions whose rules take a sequence of arrays as it is."""


@cache
def blocked(fn: str) -> tuple[frozenset[int], frozenset[str]]:
    """The arguments through which a derivative can never pass, by position and by name."""
    entry = registry.lookup(fn)
    rule = (entry.vjp or entry.partials) if entry else None
    params = registry.signature(fn)
    if rule is None or params is None:
        return frozenset(), frozenset()
    names_ = list(registry.parameter_names(rule.function))
    operands = names_[1 : names_.index("y_bar")] if "y_bar" in names_ else names_[1:]
    never = set(range(len(operands)))
    for stmt in statements(parsed(rule.function).body):
        if isinstance(stmt, Return):
            value = stmt.value
            if len(operands) == 1 or not isinstance(value, Tuple) or len(value.elts) != len(operands):
                return frozenset(), frozenset()
            never &= {k for k, e in enumerate(value.elts) if isinstance(e, Const) and e.value is None}
    return frozenset(never), frozenset(params[k][0] for k in never if k < len(params))


registry.CACHES.append(blocked.cache_clear)


@cache
def underived(fn: str) -> frozenset[int]:
    """The arguments, by position, of which the rule for the backward sweep says that it does not know."""
    return frozenset(k for row in returns(fn) for k, e in enumerate(row) if e == Global("NotImplemented"))


def returns(fn: str) -> list[tuple[Expr, ...]]:
    """What the rule for the backward sweep returns, argument by argument."""
    entry = registry.lookup(fn)
    rule = (entry.vjp or entry.partials) if entry else None
    if rule is None:
        return []
    returned = [s.value for s in statements(parsed(rule.function).body) if isinstance(s, Return)]
    return [value.elts if isinstance(value, Tuple) else (value,) for value in returned if value is not None]


registry.CACHES.append(underived.cache_clear)


def refuse_underived(node: Op | Call, fn: str, bound: _Bound, varies: Callable[[Expr], bool]) -> None:
    """In both modes alike: a tangent that a rule does not ask for is no zero."""
    for k in underived(fn):
        if varies(bound.operands[k]):
            raise NoRule(unknown_derivative(node, fn, k))


def tangent(node: Op | Call, varies: Callable[[Expr], bool], scope: Scope, seed: Kind) -> Application:
    """The rule for the forward sweep; the tangent of operand k stands in it as `%k.`."""
    fn, args, kwargs = parts(node)
    refuse_complex(node, scope)
    if isinstance(node, Call) and fn == "numpy.einsum":
        from adtrans import contractions

        return contractions.tangent(node, varies, scope)
    entry = registry.lookup(fn)
    rule = (entry.jvp or entry.partials) if entry else None
    if entry is None or rule is None:
        raise NoRule(no_rule(node, fn, "forward"))
    if entry.complex_jvp and among_complex(node, scope):
        rule = entry.complex_jvp
    names_ = list(registry.parameter_names(rule.function))
    if rule.form == "partials":
        bound = _bind_positional(node, fn, names_[1:], args, kwargs, scope, seed)
        given = {names_[0]: Name(RESULT), **bound.rule_arguments}
        expansion = written(
            rule.function, given, bound, node, fn, len(bound.operands), _varying(bound, varies)
        )
        dots = _dots(bound.operands, varies)
        terms = [algebra.mul(p, dots[k]) for k, p in enumerate(expansion.values) if p is not None]
        return _application(bound, (algebra.total(terms),), expansion.prelude, True)
    first = next(k for k, name in enumerate(names_) if name.endswith("_dot"))
    operands = names_[1:first]
    keywords = [name for name in names_[first:] if not name.endswith("_dot")]
    bound = _bind(node, fn, operands, keywords, args, kwargs, scope, seed, varies)
    refuse_underived(node, fn, bound, varies)
    dots = _dots(bound.operands, varies)
    tangents = {f"{name}_dot": dots[k] for k, name in enumerate(operands) if f"{name}_dot" in names_}
    given = {names_[0]: Name(RESULT), **tangents, **bound.rule_arguments}
    try:
        expansion = written(rule.function, given, bound, node, fn, 1, (0,))
        if any(isinstance(v, Tuple) and algebra.ZERO in v.elts for v in expansion.values):
            raise Undecided
    except Undecided:  # The rule is called as it is: with zeros of the right shape.
        zeros = {f"{o}_dot": still(bound.rule_arguments[o], scope) for o in operands}
        given |= {k: zeros[k] for k, v in given.items() if isinstance(v, Zero)}
        expansion = written(rule.function, given, bound, node, fn, 1, (0,))
    return _application(bound, expansion.values, expansion.prelude, False)


def still(argument: Expr, scope: Scope) -> Expr:
    """The tangent of an argument that stands still, in its full shape: of a dict it is one."""
    kind = scope.kind(argument)
    if isinstance(kind, Array):
        return Call("numpy.zeros_like", (argument,))
    return zero_like(argument, kind, Tuple)


def written(
    rule: Callable[..., Any],
    given: Mapping[str, Expr],
    bound: _Bound,
    node: Expr,
    fn: str,
    results: int,
    wanted: Collection[int],
) -> Expansion:
    """Expand a rule; what it refuses to do (`raise NotImplementedError`) is refused at the call."""
    try:
        return expand(rule, given, bound.scope, results, wanted)
    except Underived as unknown:
        raise NoRule(unknown_derivative(node, fn, unknown.place)) from None
    except RuleRefuses as refused:
        raise NoRule(not_covered(node, fn, str(refused))) from None


def unknown_derivative(node: Expr, fn: str, place: int) -> Diagnostic:
    """The refusal of an argument that a rule does not know; the way out is what may vary."""
    names_ = [f"`{name}`" for name, _ in registry.signature(fn) or ()]
    if fn.endswith(CALLED):
        names_[0] = "where it is called"
    never = Global("NotImplemented"), Const(None)
    known = {k for row in returns(fn) for k, e in enumerate(row) if e not in never}
    others = [names_[k] for k in sorted(known - underived(fn)) if k < len(names_)]
    name = names_[place] if place < len(names_) else f"argument {place + 1}"
    way = f"keep it constant: what may vary is {' and '.join(others)}" if others else SIMPLEST
    return not_covered(node, fn, f"the derivative with respect to {name} is not known", way)


SIMPLEST = "call it with the arguments of its simplest form"


def not_covered(node: Expr, fn: str, why: str, way: str = SIMPLEST) -> Diagnostic:
    words = f"the derivative rule for `{spelled(node, fn)}` does not cover this case: {why}"
    return Diagnostic("AD302", words, node.span, help=way)


def _varying(bound: _Bound, varies: Callable[[Expr], bool]) -> list[int]:
    return [k for k, operand in enumerate(bound.operands) if varies(operand)]


def _dots(operands: tuple[Expr, ...], varies: Callable[[Expr], bool]) -> list[Expr]:
    return [Name(f"%{k}.") if varies(operand) else Zero() for k, operand in enumerate(operands)]


def _application(
    bound: _Bound,
    derivatives: tuple[Expr | None, ...],
    prelude: tuple[tuple[Expr, Expr], ...],
    elementwise: bool,
) -> Application:
    read: set[str] = set()
    for expr in (*derivatives, *(value for _, value in prelude)):
        if expr is not None:
            read |= set(value_reads(expr))
    return Application(
        bound.operands,
        derivatives,
        bound.arguments,
        prelude,
        elementwise,
        frozenset(n for n in read if n[0] == "%"),
    )


def value_reads(expr: Expr) -> Iterator[str]:
    """The names whose values an expression reads, not those of which it wants the shape only."""
    match expr:
        case Name(id=name):
            yield name
        case Attr(name="shape" | "size" | "ndim" | "dtype"):
            return
        case Call(fn=fn, args=args) if fn in _SHAPE_ONLY:
            for arg in args[1:]:
                yield from value_reads(arg)
        case Call(fn=fn, args=args) if fn in _SHAPE_OF_SECOND:
            for arg in (args[0], *args[2:]):
                yield from value_reads(arg)
        case _:
            for child in children(expr):
                yield from value_reads(child)


def write_out(expr: Expr, values: Mapping[str, Expr], shapes: Mapping[str, Expr]) -> Expr:
    """Put expressions in the place of placeholders: a short one where only the shape is wanted."""
    match expr:
        case Name(id=name):
            return values.get(name, expr)
        case Attr(name="shape" | "size" | "ndim" | "dtype"):
            return with_children(expr, tuple(write_out(c, shapes, shapes) for c in children(expr)))
        case Call(fn="numpy.transpose", args=(Name(id=name),), kwargs=()) if isinstance(
            whole := _transposed(values.get(name)), Name
        ):
            return whole  # Not `H.T.T`.
        case Call(fn=fn, args=args) if fn in _SHAPE_ONLY and args:
            rest = tuple(write_out(a, values, shapes) for a in children(expr)[1:])
            return with_children(expr, (write_out(args[0], shapes, shapes), *rest))
        case Call(fn=fn, args=args) if fn in _SHAPE_OF_SECOND and len(args) > 1:
            first, second, *others = children(expr)
            done = (write_out(first, values, shapes), write_out(second, shapes, shapes))
            return with_children(expr, (*done, *(write_out(a, values, shapes) for a in others)))
        case Index(base=Name(id=name), index=Const(value=int(k))):
            several = values.get(name)
            if isinstance(several, (Tuple, List)) and k < len(several.elts):
                return several.elts[k]
    return with_children(expr, tuple(write_out(c, values, shapes) for c in children(expr)))


def _repeated(value: Expr) -> bool:
    """Whether something is computed of lists or tuples: `[0.5] * 3` is no product."""
    ops = [e for e in subexpressions(value) if isinstance(e, Op)]
    return any(isinstance(arg, (List, Tuple)) for op in ops for arg in op.args)


def _transposed(expr: Expr | None) -> Expr | None:
    """What an expression is the transpose of."""
    match expr:
        case Call(fn="numpy.transpose", args=(base,), kwargs=()):
            return base
    return None


def placeholder(key: str, value: Expr, arguments: dict[str, Expr]) -> Expr:
    """Constants go into the template as they are; everything else as a placeholder."""
    if not names(value) and not _calls(value) and not _repeated(value):
        return value
    arguments[f"%{key}"] = value
    whole = Name(f"%{key}")
    if isinstance(value, Tuple) and any(isinstance(e, Const) for e in value.elts):
        parts = (e if isinstance(e, Const) else Index(whole, Const(k)) for k, e in enumerate(value.elts))
        return Tuple(tuple(parts))  # `(c, True)`: what is constant in it may decide.
    return whole


def _calls(expr: Expr) -> bool:
    return isinstance(expr, Call) or any(map(_calls, children(expr)))


def _bind_positional(
    node: Expr,
    fn: str,
    params: list[str],
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    scope: Scope,
    seed: Kind,
) -> _Bound:
    """The operands of an elementwise function, by position or name; a default where one is left out."""
    if kwargs or len(args) != len(params):
        bound, defaults = bind(fn, args, kwargs), dict(registry.signature(fn) or ())
        if bound is None or len(defaults) != len(params):
            raise NoRule(bad_arguments(node, fn, kwargs))
        args = tuple(bound[name] if name in bound else Const(defaults[name]) for name in defaults)
    arguments: dict[str, Expr] = {}
    rule_arguments = {
        p: placeholder(str(k), a, arguments) for k, (p, a) in enumerate(zip(params, args, strict=True))
    }
    return _Bound(args, arguments, rule_arguments, _extended(scope, arguments, node, seed))


def _bind(
    node: Expr,
    fn: str,
    operands: list[str],
    keywords: list[str],
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    scope: Scope,
    seed: Kind,
    varies: Callable[[Expr], bool],
) -> _Bound:
    params = registry.signature(fn)
    if params is None:  # An operator: its operands are all there is.
        return _bind_positional(node, fn, operands, args, kwargs, scope, seed)
    bound = bind(fn, args, kwargs)
    if bound is None:
        raise NoRule(bad_arguments(node, fn, kwargs))
    arguments: dict[str, Expr] = {}
    rule_arguments: dict[str, Expr] = {}
    values: list[Expr] = []
    defaults, entry = dict(params), registry.lookup(fn)
    indifferent = entry.indifferent if entry else frozenset()
    positions = [name for name, _ in params][: len(operands)]
    for k, (numpy_name, rule_name) in enumerate(zip(positions, operands, strict=True)):
        if numpy_name not in bound:
            default = defaults[numpy_name]
            if default is inspect.Parameter.empty:
                raise NoRule(bad_arguments(node, fn, kwargs))
            value: Expr = Const(default)
        else:
            value = bound.pop(numpy_name)
        values.append(value)
        rule_arguments[rule_name] = placeholder(str(k), value, arguments)
    for name, value in bound.items():
        if _carries(value, varies, scope):
            raise NoRule(unhandled_keyword(node, fn, name))
        if name in indifferent:
            continue
        if name in keywords:
            rule_arguments[name] = placeholder(f"={name}", value, arguments)
        elif not _is_default(value, defaults[name]):
            raise NoRule(unhandled_keyword(node, fn, name))
    return _Bound(tuple(values), arguments, rule_arguments, _extended(scope, arguments, node, seed))


def _is_default(value: Expr, default: object) -> bool:
    return isinstance(value, Const) and (
        value.value is default or (value.value == default and value.value is not None)
    )


def _extended(scope: Scope, arguments: Mapping[str, Expr], node: Expr, seed: Kind) -> Scope:
    kinds = {key: scope.kind(value) for key, value in arguments.items()}
    return Scope({**scope.names, **kinds, RESULT: scope.kind(node), SEED: seed}, scope.globals, scope.call)


def spelled(node: Expr, fn: str) -> str:
    if isinstance(node, Call) and node.spelled:
        return node.spelled
    return fn.removeprefix("builtins.").removeprefix("?.")


def no_rule(node: Expr, fn: str, mode: str) -> Diagnostic:
    name = spelled(node, fn)
    if fn.startswith("?."):
        return Diagnostic(
            "AD201",
            f"`{name}` is not a function that adtrans can read",
            node.span,
            help="define it at the top level of a module of this project, "
            "or keep what varies out of its arguments",
        )
    if isinstance(node, Call) and fn in SOLVERS:
        return Diagnostic("AD302", f"`{name}` cannot be differentiated here", node.span, help=refusal(node))
    way = WAYS_OUT.get(
        fn.removeprefix("?."), "write the computation with functions listed by `adtrans rules`"
    )
    return Diagnostic(
        "AD301",
        f"there is no {mode}-mode derivative rule for `{name}` yet",
        node.span,
        help=f"{way}, or wrap its arguments in `adtrans.stop_gradient` if they should not be differentiated",
    )


MINIMA = "`scipy.optimize.minimize(...).x` has a derivative"
CALL_IT = "an interpolating function has a derivative"
WAYS_OUT = {
    "numpy.piecewise": "write its lists into the call: `np.piecewise(x, [x < 0.0], [f, g])`",
    **{
        f"scipy.interpolate.{name}": f"{CALL_IT}, where it is called by its name: `s(t)`, `s(t, 1)`"
        for name in (
            *("interp1d", "CubicSpline", "make_interp_spline", "BSpline", "RegularGridInterpolator"),
            *("PchipInterpolator", "Akima1DInterpolator"),
        )
    },
    **{
        f"scipy.interpolate.{name}": "`CubicSpline(x, y)(t)` has a derivative with respect to y and t"
        for name in (
            *("UnivariateSpline", "InterpolatedUnivariateSpline", "BarycentricInterpolator"),
            *("KroghInterpolator", "CubicHermiteSpline", "splrep", "splev", "pchip_interpolate"),
        )
    },
    "scipy.integrate.fixed_quad": "`scipy.integrate.quad` has a derivative",
    **{f"scipy.optimize.{name}": MINIMA for name in ("fmin", "fmin_bfgs", "fmin_cg", "fmin_powell")},
    "scipy.optimize.least_squares": MINIMA,
    "scipy.optimize.curve_fit": MINIMA,
}
"""What to do instead of what has no rule, where it has a plain name."""


def _carries(value: Expr, varies: Callable[[Expr], bool], scope: Scope) -> bool:
    """Whether an argument that no rule derives carries a derivative: integers cannot, whatever made them."""
    parts = value.elts if isinstance(value, (Tuple, List)) else (value,)
    return any(varies(part) and may_vary(scope.kind(part)) for part in parts)


def unhandled_keyword(node: Expr, fn: str, keyword: str) -> Diagnostic:
    return Diagnostic(
        "AD302",
        f"the derivative rule for `{spelled(node, fn)}` does not handle the argument `{keyword}`",
        node.span,
        help=f"leave `{keyword}` out, or do what it does in a statement of its own",
    )


def bad_arguments(node: Expr, fn: str, kwargs: tuple[tuple[str, Expr], ...]) -> Diagnostic:
    given = ", ".join(f"`{k}`" for k, _ in kwargs)
    about = f" (keywords {given})" if given else ""
    return Diagnostic(
        "AD303",
        f"the derivative rule for `{spelled(node, fn)}` does not take these arguments{about}",
        node.span,
        help="call it with the arguments of its simplest form",
    )


def varying(exprs: tuple[Expr, ...], scope: Scope) -> list[int]:
    """The positions whose kind can carry a derivative."""
    return [k for k, e in enumerate(exprs) if may_vary(scope.kind(e))]


def is_global(expr: Expr) -> bool:
    return isinstance(expr, Global)
