"""Functions as values: what a variable is known to hold while the program is compiled.

Variables are named as in the function that is being looked at: a closure that is passed on is `renamed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from adtrans import ir
from adtrans.interpolants import CALLED


@dataclass(frozen=True, slots=True)
class User:
    """A user function: the variables here that it captures, under its names for them, and those that its
    parameters have as defaults."""

    path: str
    cells: tuple[tuple[str, str], ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A function of a library, or of Python."""

    path: str
    spelled: str


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(function, …)`."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Derivative:
    """`adtrans.grad(function, argnums, has_aux)` and its relatives. A `pullback` has its `primals`."""

    form: str
    function: Value
    argnums: tuple[int | str, ...] = (0,)
    many: bool = False
    aux: bool = False
    primals: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A tuple or a list with functions in it, that nothing changes."""

    elements: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict with functions in it, that nothing changes."""

    items: tuple[tuple[str | int, Value], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several functions: the variable `tag` holds the label of it at run time."""

    tag: str
    options: tuple[tuple[str | int, Value], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a solver: the `part` of it that was found is in a variable."""

    part: str | int
    variable: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A function, but which one is not known: `why` says what is called then."""

    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """A part of one of these that is an ordinary value: a variable of ours, or a constant."""

    expr: ir.Expr


Value = User | Known | Partial | Derivative | Row | Dict | Choice | Answer | Lost | Held

Names = Callable[[str], str]


def renamed(value: Value, name: Names) -> Value:
    """The same value, where the variables have other names."""
    match value:
        case User(path=path, cells=cells, defaults=defaults):
            return User(path, tuple((k, name(v)) for k, v in cells), tuple((k, name(v)) for k, v in defaults))
        case Partial(function=function, args=args, kwargs=kwargs):
            named = tuple((k, renamed(v, name)) for k, v in kwargs)
            return Partial(renamed(function, name), tuple(renamed(v, name) for v in args), named)
        case Derivative(function=function, primals=primals):
            inner = tuple(renamed(v, name) for v in primals)
            return replace(value, function=renamed(function, name), primals=inner)
        case Row(elements=elements):
            return Row(tuple(renamed(e, name) for e in elements))
        case Answer(variable=variable):
            return replace(value, variable=name(variable))
        case Dict(items=items):
            return Dict(tuple((k, renamed(v, name)) for k, v in items))
        case Choice(tag=tag, options=options):
            return Choice(name(tag), tuple((label, renamed(v, name)) for label, v in options))
        case Held(expr=ir.Name(id=variable)):
            return Held(ir.Name(name(variable)))
    return value


def variables(value: Value) -> Iterator[str]:
    """The variables that a value mentions, in a fixed order."""
    match value:
        case User(cells=cells, defaults=defaults):
            yield from (v for _, v in cells + defaults)
        case Partial(function=function, args=args, kwargs=kwargs):
            for part in (function, *args, *(v for _, v in kwargs)):
                yield from variables(part)
        case Derivative(function=function, primals=primals):
            for part in (function, *primals):
                yield from variables(part)
        case Row(elements=elements):
            for part in elements:
                yield from variables(part)
        case Dict(items=items):
            for _, part in items:
                yield from variables(part)
        case Choice(tag=tag, options=options):
            yield tag
            for _, part in options:
                yield from variables(part)
        case Answer(variable=variable) | Held(expr=ir.Name(id=variable)):
            yield variable


def parts_of(value: Value) -> Iterator[Value]:
    """A value and all that it holds."""
    yield value
    match value:
        case Partial(function=function, args=args, kwargs=kwargs):
            inner: tuple[Value, ...] = (function, *args, *(v for _, v in kwargs))
        case Derivative(function=function, primals=primals):
            inner = (function, *primals)
        case Row(elements=elements):
            inner = elements
        case Dict(items=items):
            inner = tuple(v for _, v in items)
        case Choice(options=options):
            inner = tuple(v for _, v in options)
        case _:
            inner = ()
    for part in inner:
        yield from parts_of(part)


def shape(value: Value) -> Value:
    """What is left of a value without the names of its variables."""
    return renamed(value, lambda _: "")


def label(value: Value) -> str:
    """A word for a value: part of the name of what is made for it."""
    match value:
        case User(path=path) | Known(path=path):
            return path.removesuffix(CALLED).rpartition(".")[2]
        case Partial(function=function):
            return label(function)
        case Derivative(form=form, function=function):
            return f"{label(function)}_{form}"
        case Row(elements=elements):
            return "_".join(label(e) for e in elements if not isinstance(e, Held))
        case Choice(options=options):
            return "_or_".join(label(v) for _, v in options)
    return "function"
