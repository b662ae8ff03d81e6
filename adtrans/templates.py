"""Rules as templates: parse a rule function once, decide its tests, write it into place.

`expand` takes the text of a rule and arguments for its parameters, and gives the expressions that
it returns, with every `if` on ranks and keywords decided. Where a test cannot be decided, or the
rule has a loop, the result is a call of the rule itself, which the emitter copies into the module.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from adtrans import algebra, own_rules
from adtrans.analyses.expressions import Scope
from adtrans.frontend.methods import words
from adtrans.helpers import is_helper
from adtrans.ir import (
    Assign,
    Attr,
    Block,
    Call,
    Comprehension,
    Const,
    Expr,
    Function,
    Global,
    If,
    IfExp,
    Index,
    List,
    Name,
    Op,
    Opaque,
    Return,
    Tuple,
    Verbatim,
    Zero,
)
from adtrans.kinds import (
    ANY,
    COMPLEX,
    HOLDERS,
    STR,
    UNSURE,
    Array,
    Dim,
    Kind,
    ListOf,
    Mapped,
    Plain,
    RecordOf,
    TupleOf,
    may_be_complex,
)
from adtrans.rules import registry
from adtrans.walk import map_block, map_expr, map_stmt, names, statements, subexpressions, substitute


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a rule has become: names to bind first, then the values it returns."""

    prelude: tuple[tuple[Expr, Expr], ...]
    values: tuple[Expr | None, ...]


HEADER = (
    "import math\nimport numpy as np\n"
    "from scipy import integrate, interpolate, linalg, ndimage, signal, special, stats\n"
)
"""What the names of modules in a rule mean. SciPy is opened for the rules that mention it."""


@cache
def parsed(function: Callable[..., Any]) -> Function:
    """The rule as IR; calls of helpers carry the path from which the emitter can copy them."""
    from adtrans import parse

    source = textwrap.dedent(inspect.getsource(function))
    text = source[source.index("def ") :]
    header = function.__globals__.get(own_rules.HEADER, HEADER)
    program = parse.program(header + text, "<rule>", function.__name__)
    rule = program.functions[program.entry]
    numbers = {name: ast.literal_eval(value) for name, value in program.constants.items()}

    def resolve(expr: Expr) -> Expr:
        if isinstance(expr, Call) and expr.fn.startswith("?."):
            helper = function.__globals__.get(expr.fn[2:])
            if helper is not None:
                return replace(expr, fn=f"{helper.__module__}.{helper.__name__}", spelled="")
        if isinstance(expr, Call) and expr.style == "function":
            return replace(expr, spelled="")
        if isinstance(expr, Global) and expr.id in numbers:
            return Const(numbers[expr.id])
        return expr

    return replace(rule, body=map_block(rule.body, lambda s: map_stmt(s, lambda e: map_expr(e, resolve))))


def path_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


UNDECIDED = Opaque("undecided", ())
"""What a rule's local is worth after a test that cannot be decided; fatal only if somebody wants it."""


def expand(
    function: Callable[..., Any],
    arguments: Mapping[str, Expr],
    scope: Scope,
    results: int,
    wanted: Collection[int],
) -> Expansion:
    """Write `function` out for these arguments: of its `results` values those in `wanted`."""
    alike = _alike(arguments, scope)
    if alike is None:
        return _expand(function, arguments, scope, results, wanted)
    key = function, *alike, results, *wanted
    if key not in _EXPANDED:
        if len(_EXPANDED) > 4096:
            _EXPANDED.clear()
        _EXPANDED[key] = _expand(function, arguments, scope, results, wanted)
    return _EXPANDED[key]


_EXPANDED: dict[Hashable, Expansion] = {}


def _alike(arguments: Mapping[str, Expr], scope: Scope) -> tuple[Hashable, ...] | None:
    """What an expansion depends on, if that is the kinds of placeholders and no more: `a * b`, often."""
    kinds: list[Kind | None] = []
    for value in arguments.values():
        if not isinstance(value, Name) or value.span is not None:
            return None
        kind = scope.names.get(value.id)
        if getattr(kind, "value", None) is not None:
            return None  # A flag that is known decides tests, and is not compared.
        kinds.append(kind)
    return *arguments.items(), *kinds


def _expand(
    function: Callable[..., Any],
    arguments: Mapping[str, Expr],
    scope: Scope,
    results: int,
    wanted: Collection[int],
) -> Expansion:
    rule = parsed(function)
    bound: dict[str, Expr] = {}
    for param in rule.params:
        if param.name in arguments:
            bound[param.name] = arguments[param.name]
        elif param.default is not None:
            bound[param.name] = param.default
        else:
            raise KeyError(f"{path_of(function)} lacks an argument for {param.name!r}")
    try:
        return _inline(rule, bound, scope, results, wanted)
    except Undecided:
        args = tuple(bound[p.name] for p in rule.params if not p.keyword_only)
        kwargs = tuple((p.name, bound[p.name]) for p in rule.params if p.keyword_only)
        call = Call(path_of(function), args, kwargs)
        if not is_helper(path_of(function)):
            words = (
                f"`{function.__name__}` has a loop, a test of values, or returns another number of results"
            )
            raise RuleRefuses(words) from None
        if any(isinstance(a, Zero) for a in args):
            raise
        if results == 1:
            return Expansion((), (call,))
        parts = tuple(Name(f"%part{k}") for k in range(results))
        return Expansion(((Tuple(parts), call),), parts)


class Undecided(Exception):
    """A test in a rule depends on what is not known before the program runs, or a zero needs its shape."""


class RuleRefuses(Exception):
    """A rule reached `raise NotImplementedError("why")`."""


class Underived(RuleRefuses):
    """A rule returns `NotImplemented` for an argument that varies."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


def _inline(
    rule: Function, bound: dict[str, Expr], scope: Scope, results: int, wanted: Collection[int]
) -> Expansion:
    run = _Run(dict(bound), scope)
    returned = run.block(rule.body)
    if returned is None:
        raise Undecided
    value = fold(substitute(returned, run.env), run.scope)
    values = value.elts if results > 1 and isinstance(value, Tuple) else (value,)
    if len(values) != results:
        raise Undecided
    prelude, wanted_values = run.named([values[k] for k in wanted])
    done = dict(zip(wanted, wanted_values, strict=True))
    if any(UNDECIDED in subexpressions(e) for e in (*wanted_values, *(value for _, value in prelude))):
        raise Undecided
    for k, expr in done.items():
        if expr == Global("NotImplemented"):
            raise Underived(k)
    found = (done.get(k) for k in range(results))
    return Expansion(prelude, tuple(None if e is None or _is_none(e) else e for e in found))


def _is_none(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.value is None


@dataclass(slots=True)
class _Run:
    """Executes a rule on expressions. A local that is dear stands for itself until it is known how
    often it is used."""

    env: dict[str, Expr]
    scope: Scope
    locals: dict[str, Expr] = field(default_factory=dict)

    def block(self, block: Block) -> Expr | None:
        """The expression that is returned, if any."""
        for stmt in block:
            match stmt:
                case Assign(value=value) if any(
                    isinstance(e, (Opaque, Comprehension)) for e in subexpressions(value)
                ):
                    raise Undecided
                case Assign(target=Name(id=name), value=value):
                    self.bind(name, value)
                case Assign(target=Tuple(elts=targets), value=Tuple(elts=values)) if len(targets) == len(
                    values
                ):
                    done = [self.value(v) for v in values]
                    for target, value in zip(targets, done, strict=True):
                        if not isinstance(target, Name):
                            raise Undecided
                        self.env[target.id] = value
                case If(test=test, body=body, orelse=orelse):
                    found = self.branch(test, body, orelse)
                    if found is not None:
                        return found
                case Return(value=value) if value is not None:
                    if any(isinstance(e, (Opaque, Comprehension)) for e in subexpressions(value)):
                        raise Undecided
                    return value
                case Verbatim(text=str() as text) if text.startswith("raise"):
                    raise RuleRefuses(text.partition("(")[2].rstrip(")").strip("\"'"))
                case _:
                    raise Undecided
        return None

    def branch(self, test: Expr, body: Block, orelse: Block) -> Expr | None:
        verdict = truth(self.value(test), self.scope)
        if verdict is not None:
            return self.block(body if verdict else orelse)
        inner = list(statements((*body, *orelse)))
        if any(not isinstance(s, Assign) or not isinstance(s.target, Name) for s in inner):
            raise Undecided
        self.env.update({s.target.id: UNDECIDED for s in inner})  # type: ignore[attr-defined]
        return None

    def value(self, expr: Expr) -> Expr:
        return fold(substitute(expr, self.env), self.scope)

    def bind(self, name: str, value: Expr) -> None:
        value = self.value(value)
        if dear(value):
            end = "." if _has_tangent(value) else ""
            key = LOCAL + name + end
            while key in self.locals:
                key = key.removesuffix(end) + "_" + end
            self.locals[key] = value
            known = {**self.scope.names, key: self.scope.kind(value)}
            self.scope = Scope(known, self.scope.globals, self.scope.call)
            value = Name(key)
        self.env[name] = value

    def named(self, values: list[Expr]) -> tuple[tuple[tuple[Expr, Expr], ...], list[Expr]]:
        """The locals that are used more than once, and the values with the others written out."""
        prelude: list[tuple[Expr, Expr]] = []
        for key, local in reversed(self.locals.items()):
            users = [*values, *(value for _, value in prelude)]
            uses = sum(occurrences(user, key) for user in users)
            if uses > 1:
                prelude.insert(0, (Name(key), local))
            elif uses:
                values = [fold(substitute(v, {key: local}), self.scope) for v in values]
                prelude = [(n, fold(substitute(v, {key: local}), self.scope)) for n, v in prelude]
        return tuple(prelude), values


LOCAL = "%:"
"""Marks the local of a rule among the placeholders; one that holds tangents ends in a dot, as those do."""

CHEAP = frozenset(
    f"numpy.{name}"
    for name in words(
        "ndim shape size swapaxes transpose expand_dims squeeze reshape moveaxis atleast_1d atleast_2d "
        "zeros_like ones_like eye conjugate real sign arange iscomplexobj"
    )
)


def dear(expr: Expr) -> bool:
    """Whether a value of a rule that is used twice is worth a name."""
    if not isinstance(expr, (Op, Call)):
        return False
    return sum(isinstance(e, Op) for e in subexpressions(expr)) > 1 or any(
        (isinstance(e, Op) and e.op == "@")
        or (isinstance(e, Call) and e.fn not in CHEAP and not e.fn.startswith(("builtins.", "math.")))
        for e in subexpressions(expr)
    )


def occurrences(expr: Expr, name: str) -> int:
    """How often a name occurs in an expression."""
    return sum(isinstance(e, Name) and e.id == name for e in subexpressions(expr))


# ------------------------------------------------------------------ folding


def truth(expr: Expr, scope: Scope) -> bool | None:
    """Whether a test is true in every run, false in every run, or not known."""
    if isinstance(expr, Const):
        return bool(expr.value)
    kind = scope.kind(expr)
    if isinstance(kind, Plain) and kind.name == "None":
        return False
    return None


def fold(expr: Expr, scope: Scope) -> Expr:
    """Decide what can be decided: ranks, `is None`, arithmetic on literals, structural zeros."""
    return map_expr(expr, lambda e: _fold(e, scope))


def _fold(expr: Expr, scope: Scope) -> Expr:
    match expr:
        case Op(op="is" | "is not" | "==" | "!=" as op, args=(a, b)) if _is_none(b):
            same = _none_or_not(a, scope)
            return expr if same is None else Const(same == (op in ("is", "==")))
        case Op(op="and" | "or", args=args):
            return _fold_logic(expr.op, args, scope)
        case Op(op="not", args=(a,)):
            known = truth(a, scope) if isinstance(a, Const) else None
            return expr if known is None else Const(not known)
        case Op(op="==", args=(a, b)) if (same := _same_length(a, b, scope)) is not None:
            return Const(same)
        case Op(op="*", args=args) if any(_is_repeated(scope.kind(e)) for e in args):
            return expr
        case Op():
            return _fold_arithmetic(expr)
        case Index(base=Zero() as zero) | Attr(base=Zero() as zero, name="T"):
            return zero
        case Index(base=Tuple(elts=elts), index=Const(value=int(k))) if k < len(elts):
            return elts[k]
        case IfExp(then=Zero() as nothing, orelse=Zero()):
            return nothing
        case IfExp(test=test, then=then, orelse=orelse) if isinstance(test, Const):
            return then if test.value else orelse
        case Attr(base=base, name="ndim"):
            return _known_rank(base, scope) or expr
        case Call(fn="numpy.ndim", args=(base,)):
            return _known_rank(base, scope) or expr
        case Call(fn="builtins.len", args=(Tuple(elts=elts),)):
            return Const(len(elts))
        case Call(fn="builtins.isinstance", args=(value, of)):
            return _fold_isinstance(expr, value, of, scope)
        case Call(fn="numpy.trunc", args=(Const(value=int(k)),)):
            return Const(k)
        case Call(fn="numpy.maximum", args=(Const(value=int(j)), Const(value=int(k)))):
            return Const(max(j, k))
        case Call(fn="numpy.where", args=(test, a, b)):
            if isinstance(a, Zero) and isinstance(b, Zero):
                return a
            return replace(expr, args=(test, _number_for_zero(a), _number_for_zero(b)))
        case Call(fn="numpy.select", args=(tests, choices, default)) if isinstance(default, Zero):
            return replace(expr, args=(tests, choices, Const(0.0)))
        case Call(args=args) if any(map(_has_zero, args)):
            if any(map(_has_tangent, args)):
                raise Undecided  # Linear in several derivatives together: `np.meshgrid(x_dot, 0)`.
            return algebra.ZERO  # Every other call in a rule is linear in its derivative.
        case Call(fn="numpy.iscomplexobj", args=(value,)) if _is_real(scope.kind(value)):
            return Const(False)
        case Call(fn="numpy.iscomplexobj", args=(value,)) if _is_complex(scope.kind(value)):
            return Const(True)
        case Call(fn="adtrans.support.is_complex", args=(value,)):
            return Const(may_be_complex(scope.kind(value)))
        case Call(fn="numpy.conjugate" | "numpy.conj" | "numpy.real", args=(value,)) if _is_real(
            scope.kind(value)
        ):
            return value
        case Call(fn="numpy.ndarray.astype", args=(value, Attr(base=base, name="dtype"))):
            return value if _same_dtype(scope.kind(value), scope.kind(base)) else expr
        case Call():
            return without_defaults(expr)
    return expr


def _has_zero(expr: Expr) -> bool:
    return isinstance(expr, Zero) or (isinstance(expr, (Tuple, List)) and any(map(_has_zero, expr.elts)))


def _has_tangent(expr: Expr) -> bool:
    return any(name[0] == "%" and name[-1] == "." for name in names(expr))


def _same_length(a: Expr, b: Expr, scope: Scope) -> bool | None:
    """Whether `np.shape(x)[0] == np.shape(x)[1]`, where that is known."""
    lengths = [_length(expr, scope) for expr in (a, b)]
    if None in lengths:
        return None
    if lengths[0] == lengths[1]:
        return True
    return False if all(isinstance(n, int) for n in lengths) else None


def _length(expr: Expr, scope: Scope) -> Dim:
    match expr:
        case Index(base=Call(fn="numpy.shape", args=(array,)), index=Const(value=int(k))):
            kind = scope.kind(array)
            if isinstance(kind, Array) and kind.shape is not None and k < len(kind.shape):
                return kind.shape[k]
    return None


def _same_dtype(a: Kind, b: Kind) -> bool:
    return isinstance(a, Array) and isinstance(b, Array) and a.dtype == b.dtype != "?"


def _is_real(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.dtype in ("f8", "f4", "i", "b")


def _is_complex(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.dtype in COMPLEX


def without_defaults(call: Call) -> Call:
    """Leave out arguments that are equal to the defaults."""
    params = registry.signature(call.fn)
    if params is None or call.fn.startswith("builtins.") or not call.kwargs + call.args[1:]:
        return call
    defaults = dict(params)
    missing = object()

    def is_default(name: str, value: Expr) -> bool:
        default = defaults.get(name, missing)
        if type(default) is int and default < 0 and call.fn.startswith("numpy.fft."):
            return algebra.number(value) == default
        return isinstance(value, Const) and (
            value.value is default or (type(value.value) is type(default) and value.value == default)
        )

    kwargs = tuple(
        (k, v) for k, v in call.kwargs if not is_default(k, v) and not _no_value(defaults.get(k), v)
    )
    args = list(call.args)
    if not call.kwargs:
        while len(args) > 1 and len(args) <= len(params) and is_default(params[len(args) - 1][0], args[-1]):
            args.pop()
    return replace(call, args=tuple(args), kwargs=kwargs)


def _no_value(default: object, value: Expr) -> bool:
    """`keepdims=False` where NumPy's own default is its `<no value>`."""
    return repr(default) == "<no value>" and isinstance(value, Const) and value.value is False


def _number_for_zero(expr: Expr) -> Expr:
    return Const(0.0) if isinstance(expr, Zero) else expr


def _known_rank(base: Expr, scope: Scope) -> Const | None:
    kind = scope.kind(base)
    return Const(kind.rank) if isinstance(kind, Array) and kind.rank is not None else None


def _none_or_not(expr: Expr, scope: Scope) -> bool | None:
    if isinstance(expr, Const):
        return expr.value is None
    kind = scope.kind(expr)
    if isinstance(kind, Plain):
        return kind.name == "None"
    return None if kind in (ANY, UNSURE) else False


def _fold_logic(op: str, args: tuple[Expr, ...], scope: Scope) -> Expr:
    left: list[Expr] = []
    for arg in args:
        if isinstance(arg, Const):
            if bool(arg.value) == (op == "or"):
                if not left:
                    return Const(op == "or")
                left.append(arg)
                break
            continue
        left.append(arg)
    if not left:
        return Const(op == "and")
    return left[0] if len(left) == 1 else Op(op, tuple(left))


_CLASSES = {"int": (int,), "float": (float,), "tuple": (tuple,), "list": (list,), "str": (str,)}


def _fold_isinstance(expr: Expr, value: Expr, of: Expr, scope: Scope) -> Expr:
    classes = of.elts if isinstance(of, Tuple) else (of,)
    wanted = {c.id for c in classes if isinstance(c, Global)}
    if len(wanted) < len(classes):
        return expr
    kind = scope.kind(value)
    actual = {
        Array: "int" if isinstance(kind, Array) and kind.dtype == "i" and kind.shape == () else "array",
        TupleOf: "list" if isinstance(kind, TupleOf) and kind.mutable else "tuple",
        ListOf: "list",
        RecordOf: "dict" if isinstance(kind, RecordOf) and kind.form == "dict" else None,
        Mapped: "dict",
        Plain: getattr(kind, "name", ""),
    }.get(type(kind))
    if isinstance(value, Tuple):
        actual = "tuple"
    return expr if actual is None else Const(actual in wanted)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _is_repeated(kind: Kind) -> bool:
    """Whether `*` makes something of it that is longer: a list, a tuple, a string."""
    return isinstance(kind, HOLDERS) or kind == STR


def _fold_arithmetic(expr: Op) -> Expr:
    if len(expr.args) == 2:
        a, b = expr.args
        x, y = algebra.number(a), algebra.number(b)
        if x is not None and y is not None and expr.op in _ARITHMETIC:
            result = _ARITHMETIC[expr.op](x, y)
            return Const(result) if isinstance(result, bool) else algebra.constant(result)
        if (
            expr.op == "in"
            and isinstance(b, Tuple)
            and isinstance(a, Const)
            and all(isinstance(e, Const) for e in b.elts)
        ):
            return Const(a in b.elts)
        if expr.op in ("==", "!=") and isinstance(a, Const) and isinstance(b, Const):
            return Const((a.value == b.value) == (expr.op == "=="))
        if expr.op == "**" and y == 1:
            return a
        if expr.op == "**" and y == 0:
            return Const(1.0)
        if (expr.op == "-" and y == 0) or (expr.op == "/" and y == 1):
            return a
        if isinstance(a, Zero) or isinstance(b, Zero):
            return _fold_zero(expr.op, a, b)
        if expr.op == "*" and (x is not None or y is not None):
            return algebra.mul(a, b)
    if expr.op == "neg" and isinstance(expr.args[0], Zero):
        return algebra.ZERO
    return expr


def _fold_zero(op: str, a: Expr, b: Expr) -> Expr:
    match op:
        case "+":
            return algebra.add(a, b)
        case "-":
            return algebra.sub(a, b)
        case "*" | "@" | "/":
            return algebra.ZERO
    return Op(op, (a, b))


def mentions(expr: Expr, name: str) -> bool:
    return name in names(expr)
