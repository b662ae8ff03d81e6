"""`custom_vjp` and `custom_jvp`: functions with derivative rules of their own, as in JAX.

Called, they are the functions they were made of. The compiler reads what their module says of them; nothing
here is used by it but for the functions that a running program has.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

from adtrans.errors import AdtransError

T = TypeVar("T")
Fun = Callable[..., Any]


CUSTOM = "__adtrans_custom__"
"""Where a function keeps what `custom_vjp` or `custom_jvp` has made of it."""


class Custom(Generic[T]):
    """A function that has, or is yet to be given, a derivative rule."""

    __wrapped__: Callable[..., T]
    __name__: str
    _word = ""
    form = ""

    def __init__(self, fun: Callable[..., T], nondiff_argnums: Sequence[int] = ()) -> None:
        functools.update_wrapper(self, fun)
        self.__dict__.pop("__adtrans__", None)
        self.nondiff_argnums = nondiff_argnums
        self.rule: tuple[Fun | None, ...] = ()
        vars(fun)[CUSTOM] = self

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        return self.__wrapped__(*args, **kwargs)

    @property
    def adtrans_keeps_value(self) -> Callable[..., T]:
        """What this calls, unchanged: see `adtrans.source.undecorated`."""
        return self.__wrapped__

    def _state(self, form: str, rule: tuple[Fun | None, ...]) -> None:
        """Note the rule: it must stay the one that the text of the module states."""
        if [name_of(f) for f in self.rule] not in ([], [name_of(f) for f in rule]):
            raise AdtransError(
                f"`{self.__name__}` has a derivative rule already, and cannot be given another."
            )
        self.form, self.rule = form, rule

    def __repr__(self) -> str:
        return f"<{self._word} function {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__qualname__  # type: ignore[attr-defined,no-any-return]


def name_of(function: Fun | None) -> str:
    return getattr(function, "__name__", "")


class CustomVjp(Custom[T]):
    """What `custom_vjp` makes of a function."""

    _word = "custom_vjp"
    adtrans_keeps_value = Custom.adtrans_keeps_value

    def defvjp(self, fwd: Fun, bwd: Fun) -> None:
        """State the rule: `fwd(*args)` returns the value and residuals; `bwd(*nondiff, residuals, value_bar)`
        returns a tuple of adjoints, one for each argument that is differentiated (None: zero)."""
        self._state("vjp", (fwd, bwd))


class CustomJvp(Custom[T]):
    """What `custom_jvp` makes of a function."""

    _word = "custom_jvp"
    adtrans_keeps_value = Custom.adtrans_keeps_value

    def defjvp(self, jvp: Fun) -> Fun:
        """State the rule: `jvp(*nondiff, primals, tangents)` returns the value and its tangent."""
        self._state("jvp", (jvp,))
        return jvp

    def defjvps(self, *jvps: Fun | None) -> None:
        """State it argument by argument: `jvp(x_dot, value, *args)` is what the tangent of one argument adds
        to that of the value; None: nothing."""
        if self.nondiff_argnums:
            raise AdtransError("defjvps does not go together with nondiff_argnums; use defjvp.")
        self._state("jvps", jvps)


@overload
def custom_vjp(fun: Callable[..., T], *, nondiff_argnums: Sequence[int] = ()) -> CustomVjp[T]: ...
@overload
def custom_vjp(
    fun: None = None, *, nondiff_argnums: Sequence[int] = ()
) -> Callable[[Callable[..., T]], CustomVjp[T]]: ...
def custom_vjp(fun: Any = None, *, nondiff_argnums: Sequence[int] = ()) -> Any:
    """Give a function a rule for reverse mode, by `f.defvjp(f_fwd, f_bwd)` at the top level of its module.

    `f_fwd(*args)` returns the value and what `f_bwd(residuals, value_bar)` needs to return the adjoints of
    the arguments, a tuple. Both are written into the derivative as they are. Arguments in `nondiff_argnums`
    are not differentiated; they come first in the call of `f_bwd`. Forward mode is refused.

    >>> import adtrans, numpy as np
    >>> @adtrans.custom_vjp
    ... def clipped(x):
    ...     return x * x
    >>> def clipped_fwd(x):
    ...     return clipped(x), x
    >>> def clipped_bwd(x, y_bar):
    ...     return (np.clip(2.0 * x * y_bar, -1.0, 1.0),)
    >>> clipped.defvjp(clipped_fwd, clipped_bwd)
    >>> clipped(3.0)
    9.0
    """
    if fun is None:
        return functools.partial(custom_vjp, nondiff_argnums=nondiff_argnums)
    return CustomVjp(fun, nondiff_argnums)


@overload
def custom_jvp(fun: Callable[..., T], *, nondiff_argnums: Sequence[int] = ()) -> CustomJvp[T]: ...
@overload
def custom_jvp(
    fun: None = None, *, nondiff_argnums: Sequence[int] = ()
) -> Callable[[Callable[..., T]], CustomJvp[T]]: ...
def custom_jvp(fun: Any = None, *, nondiff_argnums: Sequence[int] = ()) -> Any:
    """Give a function a rule for both modes, by `@f.defjvp` or `f.defjvps` at the top level of its module.

    `f_jvp(primals, tangents)` returns the value and its tangent, which must be linear in the tangents: so
    reverse mode has its adjoint from it.

    >>> import adtrans, numpy as np
    >>> @adtrans.custom_jvp
    ... def softplus(x):
    ...     return np.log1p(np.exp(x))
    >>> @softplus.defjvp
    ... def softplus_jvp(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return softplus(x), x_dot / (1.0 + np.exp(-x))
    >>> round(float(softplus(0.0)), 6)
    0.693147
    """
    if fun is None:
        return functools.partial(custom_jvp, nondiff_argnums=nondiff_argnums)
    return CustomJvp(fun, nondiff_argnums)
