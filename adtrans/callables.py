"""What a user gives us to differentiate: the function behind a callable, and what is already bound."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from adtrans.calling import Args
from adtrans.errors import AdtransError, ArgumentError
from adtrans.flat import Taken, flat_of
from adtrans.functions import Function, Live
from adtrans.layouts import is_object
from adtrans.source import undecorated


def _live(function: FunctionType) -> Live:
    """The one `Live` of a function. It lives on the function, so that it dies with it."""
    known = function.__dict__.get("__adtrans__")
    if known is None or known.function is not function:  # functools.wraps copies attributes
        known = function.__dict__["__adtrans__"] = Live(function)
    assert isinstance(known, Live)
    return known


@dataclass(frozen=True)
class Target:
    """What a user gave us to differentiate: the function, arguments that are already bound, its name.

    `below` is the derivative that is differentiated again, where it is one of a function of objects.
    """

    function: Function
    prefix: Args
    fixed: Mapping[str, Any]
    origin: Any
    below: Any = None

    def argnums(self, argnums: int | str | Sequence[int | str]) -> tuple[tuple[str, ...], bool]:
        """The names of the differentiated parameters, and whether a tuple of them was asked for."""
        many = not isinstance(argnums, (int, str, np.integer))
        wanted: Sequence[Any] = argnums if many else (argnums,)  # type: ignore[assignment]
        names = tuple(self._name(a) for a in wanted)
        if not names:
            raise ArgumentError("argnums is empty: name at least one argument to differentiate.")
        if len(set(names)) < len(names):
            raise ArgumentError(f"argnums names an argument twice: {', '.join(names)}.")
        return names, many

    def _name(self, argnum: int | str) -> str:
        open_params = self.function.params[len(self.prefix) :]
        if isinstance(argnum, str):
            if argnum in open_params or (argnum.partition(".")[0] in self.function.params and "." in argnum):
                return argnum
        else:
            places = [p for p in open_params if p not in self.function.keywords]
            if -len(places) <= argnum < len(places):
                return places[argnum]
        raise ArgumentError(
            f"argnums={argnum!r}: `{self.function.name}` has the parameters "
            f"{', '.join(open_params) or '(none)'}."
        )

    def bind(self, args: Args, kwargs: Mapping[str, Any]) -> Args:
        if self.fixed:
            kwargs = {**self.fixed, **kwargs}
        return self.function.bind(self.prefix + args, kwargs)

    def flat(self, args: Args, fields: tuple[str, ...]) -> tuple[Target, Taken]:
        """The function of the numbers and arrays in these arguments, and these; `fields` are attributes
        that it is differentiated by."""
        if self.below is not None:
            return self.below.flat(args, fields)  # type: ignore[no-any-return]
        if not isinstance(self.function, Live):
            raise ArgumentError(
                f"`{self.function.name}` cannot be differentiated by an attribute of an object."
            )
        bound = dict(zip(self.function.params, args, strict=True))
        for field in fields:
            _require_attribute(bound, field)
        found = flat_of(self.function, args, fields)
        return Target(found, (), {}, self.origin), Taken(found, bound, found.take(bound))

    def signature(self) -> inspect.Signature:
        parameters = list(self.function.signature.parameters.values())[len(self.prefix) :]
        return self.function.signature.replace(
            parameters=[_with_default(p, self.fixed) for p in parameters],
            return_annotation=inspect.Signature.empty,
        )


def _require_attribute(bound: Mapping[str, Any], field: str) -> None:
    root, *names = field.split(".")
    value = bound[root]
    if not is_object(value):
        raise ArgumentError(
            f"argnums={field!r}: `{root}` is a `{type(value).__name__}`, no object of a class."
        )
    for name in names:
        if not hasattr(value, name):
            raise ArgumentError(f"argnums={field!r}: a `{type(value).__name__}` has no attribute `{name}`.")
        value = getattr(value, name)


def _with_default(parameter: inspect.Parameter, fixed: Mapping[str, Any]) -> inspect.Parameter:
    if parameter.name not in fixed:
        return parameter
    return parameter.replace(default=fixed[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)


def target_of(f: Any) -> Target:
    """The function behind a callable: a function, a method, a partial, a NumPy ufunc, or a derivative.

    Raises `AdtransError` for anything else.
    """
    view = getattr(type(f), "adtrans_target", None)
    if view is not None:
        target: Target = view(f)
        return target
    if isinstance(f, functools.partial):
        inner = target_of(f.func)
        return Target(inner.function, inner.prefix + f.args, {**inner.fixed, **f.keywords}, f)
    if isinstance(f, MethodType):
        inner = target_of(f.__func__)
        return Target(inner.function, (f.__self__, *inner.prefix), inner.fixed, f)
    if isinstance(f, np.ufunc):
        return Target(_from_ufunc(f), (), {}, f)
    plain = undecorated(f)
    if isinstance(plain, FunctionType):
        if hasattr(plain, "__wrapped__"):
            raise AdtransError(
                f"`{plain.__name__}` is wrapped by a decorator, and adtrans cannot see that it returns what "
                f"the function within returns. If it does, differentiate `{plain.__name__}.__wrapped__`."
            )
        return Target(_live(plain), (), {}, f)
    if plain is not f:
        return target_of(plain)
    if callable(f) and isinstance(call := getattr(f, "__call__", None), MethodType):  # noqa: B004
        return target_of(call)
    name = getattr(f, "__qualname__", None) or repr(f)
    raise AdtransError(
        f"{name} is not a Python function with a source, so there is nothing to differentiate. "
        "Wrap it in a function, or give the text of one to `adtrans.from_source`."
    )


@functools.cache
def _from_ufunc(ufunc: np.ufunc) -> Function:
    if ufunc.nout != 1:
        raise AdtransError(f"numpy.{ufunc.__name__} has {ufunc.nout} results; wrap it in a function.")
    from adtrans import load

    params = ", ".join("xyz"[: ufunc.nin])
    text = (
        f"import numpy as np\n\n\ndef {ufunc.__name__}({params}):\n    return np.{ufunc.__name__}({params})\n"
    )
    function = load.load(text, ufunc.__name__)
    assert isinstance(function, FunctionType)
    return Live(function)
