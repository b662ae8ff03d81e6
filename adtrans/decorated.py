"""The decorator that leaves a function as it is, and adds its derivatives."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, TypeVar

from adtrans.callables import Target, target_of
from adtrans.derivative import Argnums, Gradient
from adtrans.errors import ArgumentError
from adtrans.functions import Live
from adtrans.pushing import pull, push
from adtrans.views import wanted_by

T = TypeVar("T")


class Differentiable(Generic[T]):
    """A function with its derivatives as attributes. Calling it calls the function."""

    __wrapped__: Callable[..., T]
    __name__: str
    __qualname__: str

    def __init__(self, fun: Callable[..., T], argnums: Argnums) -> None:
        functools.update_wrapper(self, fun)
        self.__dict__.pop("__adtrans__", None)
        self._argnums = argnums
        self._target: Target | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else BoundDifferentiable(self, instance)

    def adtrans_target(self) -> Target:
        """The function, as something to differentiate."""
        if self._target is None:
            self._target = target_of(self.__wrapped__)
        return self._target

    @property
    def adtrans_keeps_value(self) -> Callable[..., T]:
        """What this calls, unchanged: see `adtrans.source.undecorated`."""
        return self.__wrapped__

    @functools.cached_property
    def grad(self) -> Gradient:
        """The gradient, called like the function."""
        return Gradient(self.adtrans_target(), "grad", self._argnums, False)

    @functools.cached_property
    def value_and_grad(self) -> Gradient:
        """The value and the gradient, called like the function."""
        return Gradient(self.adtrans_target(), "value_and_grad", self._argnums, False)

    def vjp(self, *primals: Any) -> Any:
        """`(value, pullback)`: see `adtrans.vjp`."""
        target = self.adtrans_target()
        return pull(target, primals, target.argnums(tuple(range(len(primals))))[0], False)

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """`(value, tangent)`: see `adtrans.jvp`."""
        return push(self.adtrans_target(), primals, tangents, False)

    def source(self, mode: Literal["reverse", "forward"] = "reverse") -> str:
        """The text of the generated module: for the arguments of the last call, or else for all ranks."""
        if mode not in ("reverse", "forward"):
            raise ArgumentError(f'mode={mode!r}: there is "reverse" and "forward".')
        target = self.adtrans_target()
        wrt, _ = target.argnums(self._argnums)
        form: Literal["grad", "jacfwd"] = "grad" if mode == "reverse" else "jacfwd"
        return target.function.sweep(wanted_by(form, wrt, target.function, False)).text()

    def __repr__(self) -> str:
        return f"<differentiable {self.__name__}>"

    def __reduce__(self) -> Any:
        if _is_importable(self):
            return self.__qualname__
        function = self.adtrans_target().function
        assert isinstance(function, Live)
        return _revive, (function, self._argnums)


class BoundDifferentiable(Differentiable[T]):
    """A differentiable method of an object."""

    def __init__(self, method: Differentiable[T], instance: object) -> None:
        super().__init__(functools.partial(method.__wrapped__, instance), method._argnums)
        functools.update_wrapper(self, method.__wrapped__)
        self.__wrapped__ = functools.partial(method.__wrapped__, instance)
        self._method, self._instance = method, instance

    def __reduce__(self) -> Any:
        return BoundDifferentiable, (self._method, self._instance)


def _revive(function: Live, argnums: Argnums) -> Differentiable[Any]:
    made: Differentiable[Any] = Differentiable(function.function, argnums)
    made._target = Target(function, (), {}, function.function)
    return made


def _is_importable(value: Any) -> bool:
    """Whether another process finds this very object under its name, as pickle asks for."""
    module = sys.modules.get(value.__module__)
    return value.__module__ != "__main__" and getattr(module, value.__qualname__, None) is value
