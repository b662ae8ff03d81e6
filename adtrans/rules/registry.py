"""The table of derivative rules, and the decorators that fill it.

A rule is an ordinary NumPy function, written in adtrans's own subset and never run by the compiler:
its text is a template. `adtrans.templates` writes it into the place where it is used, with every
test on ranks and keywords decided; where a test cannot be decided, or the rule has a loop, the
function itself is copied into the emitted module and called.

Three different nothings: `no_effect` (the derivative is zero almost everywhere), `cannot_vary`
(the result is an index, a flag, a shape: there is no derivative to speak of), and no rule at all
(not derived yet: refused at compile time, never a zero).
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Literal

from adtrans.errors import AdtransError
from adtrans.kinds import Kind

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN", "__bool__": None})()
"""The value of an argument that is not a constant."""

REST: Any = type("Rest", (), {"__repr__": lambda self: "REST"})()
"""The default of a parameter that takes all the positional arguments that are left, as a tuple."""


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument as a kind function sees it: its kind, and its value where that is a constant.

    `items` are the elements of a tuple or list display.
    """

    kind: Kind
    value: Any = UNKNOWN
    items: tuple[Arg, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `form` says what the function returns, `function` is the template."""

    form: Literal["partials", "jvp", "vjp"]
    function: Callable[..., Any]


KindRule = Callable[..., Kind]


@dataclass(slots=True)
class Entry:
    """All that is known of one callable, by its canonical path or operator."""

    path: str
    partials: Rule | None = None
    jvp: Rule | None = None
    vjp: Rule | None = None
    nothing: Literal["", "no_effect", "cannot_vary"] = ""
    kind: KindRule | None = None
    real_only: bool = False
    """Whether the rules are wrong for complex arguments."""
    complex_too: bool = False
    """Whether the rules are known to be right for complex arguments: all others are refused for them."""
    complex_jvp: Rule | None = None
    complex_vjp: Rule | None = None
    """The rules for complex arguments where they are others than for real ones."""
    gives_real: bool = False
    """Whether the result is real whatever the arguments are."""
    indifferent: frozenset[str] = frozenset()
    """Arguments that say how the result is computed, not what it is."""
    parameters: tuple[tuple[str, Any], ...] | None = None
    """`(name, default)`s in NumPy's order where `inspect.signature` cannot tell (`empty`: required)."""


TABLE: dict[str, Entry] = {}

STATED: dict[str, Entry] = {}
"""The rules that the program states that is being compiled, for functions that have none here."""

PENDING: dict[str, Callable[..., Any]] = {}
"""Rules of the running program that nobody has asked for yet, by the paths of the functions they are for."""

GROUP = "adtrans.rules"
"""The entry points of packages that bring rules."""


def entry(path: str) -> Entry:
    """The entry of a callable, made at first use, to be changed: what was told of it is told anew."""
    signature.cache_clear()
    return TABLE.setdefault(path, Entry(path))


def canonical(fn: Callable[..., Any] | str) -> str:
    """`numpy.linalg.solve` for `np.linalg.solve`; an operator (`+`, `neg`) or a path stands for itself."""
    if isinstance(fn, str):
        return fn
    name = fn.__name__
    module = getattr(fn, "__module__", None) or "numpy"
    for home in (module, "numpy"):
        if getattr(_module(home), name, None) is fn:
            return f"{home}.{name}"
    raise ValueError(f"{fn!r} cannot be found again under its name")


@cache
def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def partials(*fns: Callable[..., Any] | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Elementwise: `rule(y, *args)` returns one partial derivative for each argument (None: cannot vary)."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for fn in fns:
            entry(canonical(fn)).partials = Rule("partials", rule)
        return rule

    return register


def jvp(*fns: Callable[..., Any] | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`rule(y, *args, *args_dot, **keywords)` returns the tangent of y; `x_dot` is the tangent of `x`.

    Parameters before the first `_dot` are NumPy's first positional ones, in order; those that can
    vary have a `_dot`. Keywords have NumPy's names.
    """

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for fn in fns:
            entry(canonical(fn)).jvp = Rule("jvp", rule)
        return rule

    return register


def vjp(*fns: Callable[..., Any] | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`rule(y, *args, y_bar, **keywords)` returns the adjoint of each argument before `y_bar`.

    None stands for the adjoint of one that cannot vary.
    """

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for fn in fns:
            entry(canonical(fn)).vjp = Rule("vjp", rule)
        return rule

    return register


def no_effect(*fns: Callable[..., Any] | str) -> None:
    """The result is a float, and constant almost everywhere: `floor`, `sign`, `round`."""
    for fn in fns:
        entry(canonical(fn)).nothing = "no_effect"


def cannot_vary(*fns: Callable[..., Any] | str) -> None:
    """An integer, a flag, a shape, or values that no argument's values reach: `argmax`, `zeros_like`."""
    for fn in fns:
        entry(canonical(fn)).nothing = "cannot_vary"


def real_only(*fns: Callable[..., Any] | str) -> None:
    """The rules of these are for real arguments: `abs` and `var` are not complex differentiable."""
    for fn in fns:
        entry(canonical(fn)).real_only = True


def complex_too(*fns: Callable[..., Any] | str) -> None:
    """The rules of these are right for complex arguments, which the tests of rules compare with differences.

    The adjoint `x_bar` is such that a value moves by the real part of `x_bar * x_dot`: that of a holomorphic
    function is its derivative times `y_bar`, nothing conjugated, as for real numbers.
    """
    for fn in fns:
        entry(canonical(fn)).complex_too = True


def complex_jvp(*fns: Callable[..., Any] | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `jvp`, for complex arguments: of what is no holomorphic function, such as `abs`."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for fn in fns:
            entry(canonical(fn)).complex_jvp = Rule("jvp", rule)
        return rule

    return register


def complex_vjp(*fns: Callable[..., Any] | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `vjp`, for complex arguments."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for fn in fns:
            entry(canonical(fn)).complex_vjp = Rule("vjp", rule)
        complex_too(*fns)
        return rule

    return register


def complex_partials(*fns: Callable[..., Any] | str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `partials`, for complex arguments."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for fn in fns:
            found = entry(canonical(fn))
            found.complex_jvp = found.complex_vjp = Rule("partials", rule)
        complex_too(*fns)
        return rule

    return register


def gives_real(*fns: Callable[..., Any] | str) -> None:
    """The result of these is real whatever the arguments are."""
    for fn in fns:
        entry(canonical(fn)).gives_real = True


def indifferent(names: str, *fns: Callable[..., Any] | str) -> None:
    """The value of these does not depend on the arguments `names`: `check_finite`, `lapack_driver`."""
    for fn in fns:
        entry(canonical(fn)).indifferent |= frozenset(names.split())


def kind(*fns: Callable[..., Any] | str) -> Callable[[KindRule], KindRule]:
    """What kind of value a callable returns: `rule(*args: Arg, **keywords: Arg) -> Kind`, with NumPy's names.

    A function with `partials` needs none: it broadcasts and promotes.
    """

    def register(rule: KindRule) -> KindRule:
        for fn in fns:
            entry(canonical(fn)).kind = rule
        return rule

    return register


def parameters(fn: Callable[..., Any] | str, **names: Any) -> None:
    """Say what the parameters of `fn` are if `inspect.signature` cannot: `parameters(np.dot, a=..., b=...)`.

    `...` as the default means that the argument is required; `REST`, that it takes all that are left.
    """
    empty = inspect.Parameter.empty
    entry(canonical(fn)).parameters = tuple(
        (name, empty if value is ... else value) for name, value in names.items()
    )


HOMES = frozenset(("builtins", "cmath", "math", "numpy", "scipy"))
"""Where functions without a rule are looked for."""


@cache
def signature(path: str) -> tuple[tuple[str, Any], ...] | None:
    """`(name, default)` of the parameters of a callable, in NumPy's order; None where they cannot be told."""
    found = STATED.get(path) or TABLE.get(path)
    if found and found.parameters is not None:
        return found.parameters
    module, _, name = path.rpartition(".")
    if found and found.partials is not None:
        names = parameter_names(found.partials.function)[1:]
        return tuple((name, inspect.Parameter.empty) for name in names)
    if found is None and path.partition(".")[0] not in HOMES:
        return None  # A function of the program: a module of its name is not for us to import.
    try:
        fn = getattr(_module(module), name)
        return tuple((p.name, p.default) for p in inspect.signature(fn).parameters.values())
    except (ImportError, AttributeError, ValueError, TypeError):
        return None


@cache
def parameter_names(rule: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters of a rule."""
    return tuple(inspect.signature(rule).parameters)


def lookup(path: str) -> Entry | None:
    """The entry of a callable, with the rule files that could hold it loaded."""
    load_all()
    if path in PENDING:
        settle(path)
    return STATED.get(path) or TABLE.get(path)


def settle(path: str) -> None:
    """Take a rule of the running program into the table; those of adtrans are not replaced."""
    from adtrans.own_rules import of_function

    rule = PENDING.pop(path)
    if path.partition(".")[0] not in OWN or path not in TABLE:
        made = of_function(rule)
        forget()
        entry(path).partials = Rule("partials", made)


OWN = ("numpy", "scipy", "math", "cmath", "builtins", "adtrans")
"""The libraries whose rules are here."""

CACHES: list[Callable[[], None]] = []
"""What forgets what was told of the rules of callables."""


def forget() -> None:
    signature.cache_clear()
    for clear in CACHES:
        clear()


@contextmanager
def stated(rules: Mapping[str, str]) -> Iterator[None]:
    """With the rules that a program states, by the paths of their functions: the texts of their modules."""
    if not rules:
        yield
        return
    from adtrans.own_rules import made_of

    before = dict(STATED)
    STATED.update({p: Entry(p, partials=Rule("partials", made_of(text))) for p, text in rules.items()})
    forget()
    try:
        yield
    finally:
        STATED.clear()
        STATED.update(before)
        forget()


@cache
def load_all() -> Mapping[str, Entry]:
    """Import every file of rules, once."""
    package = importlib.import_module("adtrans.rules")
    for module in package.FAMILIES:
        importlib.import_module(f"adtrans.rules.{module}")
    load_packages()
    return TABLE


def load_packages() -> None:
    """Import the packages that bring rules: unlike the programs that we read, they are trusted."""
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        try:
            point.load()
        except Exception as error:
            words = (
                f"the rules of `{point.value}` (entry point `{point.name}`) could not be loaded: {error!r}"
            )
            raise AdtransError(words) from error
