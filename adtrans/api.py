"""The library: JAX's names and argument order, on plain Python functions and NumPy arrays.

`grad` and its relatives take a function and return its derivative, called like the function itself.
They work as decorators too, bare (`@adtrans.grad`) and with arguments (`@adtrans.grad(argnums="w")`).
Nothing is compiled before the first call, and then once for each signature of argument kinds.

Throughout: `argnums` says what to differentiate with respect to, by position or by name; one gives one
derivative, a tuple a tuple of them. With `has_aux` the function returns a pair, of which only the first
is differentiated. Derivatives have the dtype of the input. All errors that adtrans raises on purpose are
`adtrans.AdtransError`: `Refused` for what the compiler cannot differentiate (with the place, the reason
and a way out), `NotScalarError` and `NonDifferentiableArgumentError` (also `TypeError`s) for values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, overload

from adtrans.callables import target_of
from adtrans.decorated import Differentiable
from adtrans.derivative import Argnums, Derivative, EitherJacobian, Gradient, Jacobian
from adtrans.errors import ArgumentError
from adtrans.pushing import pull, push
from adtrans.views import Form

T = TypeVar("T")
Fun = Callable[..., Any]


def _derivative(kind: type[Derivative], form: Form, fun: Fun | None, argnums: Argnums, has_aux: bool) -> Any:
    """The derivative, or a decorator that makes it."""
    if fun is None:
        return partial(_derivative, kind, form, argnums=argnums, has_aux=has_aux)
    return kind(target_of(fun), form, argnums, has_aux)


@overload
def grad(fun: Fun, argnums: Argnums = 0, has_aux: bool = False) -> Gradient: ...
@overload
def grad(fun: None = None, argnums: Argnums = 0, has_aux: bool = False) -> Callable[[Fun], Gradient]: ...
def grad(fun: Fun | None = None, argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The gradient of a function whose value is one real number.

    The result is called like `fun`. It returns the gradient, of the shape and dtype of the argument;
    with `has_aux`, the pair `(gradient, aux)`.

    Raises `NotScalarError` if the value has another shape than `()`, `NonDifferentiableArgumentError`
    if the argument is not of floats (a Python integer counts as one), and `Refused`.

    >>> import adtrans, numpy as np
    >>> def loss(w, x):
    ...     return np.sum((x @ w) ** 2)
    >>> adtrans.grad(loss)(np.array([1.0, 2.0]), np.eye(2))
    array([2., 4.])
    >>> @adtrans.grad(argnums=("w", "b"))
    ... def slopes(x, w, b):
    ...     return (w * x + b) ** 2
    >>> slopes(3.0, 2.0, b=1.0)
    (42.0, 14.0)
    """
    return _derivative(Gradient, "grad", fun, argnums, has_aux)


@overload
def value_and_grad(fun: Fun, argnums: Argnums = 0, has_aux: bool = False) -> Gradient: ...
@overload
def value_and_grad(
    fun: None = None, argnums: Argnums = 0, has_aux: bool = False
) -> Callable[[Fun], Gradient]: ...
def value_and_grad(fun: Fun | None = None, argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The value and the gradient, `(value, gradient)`; with `has_aux`, `((value, aux), gradient)`.

    The order is that of `scipy.optimize.minimize(value_and_grad(f), x0, jac=True)`. Errors as for `grad`.

    >>> import adtrans
    >>> adtrans.value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    return _derivative(Gradient, "value_and_grad", fun, argnums, has_aux)


@overload
def jacfwd(fun: Fun, argnums: Argnums = 0, has_aux: bool = False) -> Jacobian: ...
@overload
def jacfwd(fun: None = None, argnums: Argnums = 0, has_aux: bool = False) -> Callable[[Fun], Jacobian]: ...
def jacfwd(fun: Fun | None = None, argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The Jacobian in forward mode, one sweep for each entry of the input.

    Its shape is `value.shape + argument.shape`. A function that returns a tuple has a tuple of Jacobians.

    >>> import adtrans, numpy as np
    >>> adtrans.jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _derivative(Jacobian, "jacfwd", fun, argnums, has_aux)


@overload
def jacrev(fun: Fun, argnums: Argnums = 0, has_aux: bool = False) -> Jacobian: ...
@overload
def jacrev(fun: None = None, argnums: Argnums = 0, has_aux: bool = False) -> Callable[[Fun], Jacobian]: ...
def jacrev(fun: Fun | None = None, argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The Jacobian in reverse mode: one forward sweep, and a backward sweep for each entry of the value.

    Its shape is `value.shape + argument.shape`. A function that returns a tuple has a tuple of Jacobians.

    >>> import adtrans, numpy as np
    >>> adtrans.jacrev(lambda x: np.array([x[0] * x[1], x[1]]))(np.array([3.0, 2.0]))
    array([[2., 3.],
           [0., 1.]])
    """
    return _derivative(Jacobian, "jacrev", fun, argnums, has_aux)


@overload
def jacobian(fun: Fun, argnums: Argnums = 0, has_aux: bool = False) -> Jacobian: ...
@overload
def jacobian(fun: None = None, argnums: Argnums = 0, has_aux: bool = False) -> Callable[[Fun], Jacobian]: ...
def jacobian(fun: Fun | None = None, argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The Jacobian: `jacfwd`, or `jacrev` where there are more inputs than outputs.

    >>> import adtrans, numpy as np
    >>> adtrans.jacobian(lambda x: np.cumsum(x))(np.ones(2))
    array([[1., 0.],
           [1., 1.]])
    """
    return _derivative(EitherJacobian, "jacfwd", fun, argnums, has_aux)


@overload
def hessian(fun: Fun, argnums: Argnums = 0, has_aux: bool = False) -> Jacobian: ...
@overload
def hessian(fun: None = None, argnums: Argnums = 0, has_aux: bool = False) -> Callable[[Fun], Jacobian]: ...
def hessian(fun: Fun | None = None, argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The matrix of second derivatives, forward over reverse: `jacfwd(jacrev(fun))`.

    Its shape is `value.shape + argument.shape + argument.shape`; a tuple of arguments gives a tuple of
    tuples of blocks.

    >>> import adtrans, numpy as np
    >>> adtrans.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    if fun is None:
        return partial(hessian, argnums=argnums, has_aux=has_aux)
    return jacfwd(jacrev(fun, argnums, has_aux), argnums, has_aux)


def vjp(
    fun: Fun,
    *primals: Any,
    has_aux: bool = False,
    argnums: Argnums | None = None,
    outputs: str | Sequence[str] = (),
) -> Any:
    """The value, and the function that carries an adjoint of the value back: `(value, pullback)`.

    `pullback(value_bar)` returns a tuple, one adjoint for each of `primals` (of the arguments in
    `argnums`, if these are given); it may be called many times. `value_bar` has the shape of the value,
    and is a tuple where the value is one. With `has_aux`: `(value, pullback, aux)`.

    `outputs` names arguments that the function fills: they belong to the value, after what is returned. The
    arrays that are given stay as they are.

    Raises `ArgumentError` for a `value_bar` of the wrong shape; other errors as for `grad`.

    >>> import adtrans, numpy as np
    >>> value, pullback = adtrans.vjp(lambda x, y: x * y, np.array([1.0, 2.0]), 3.0)
    >>> value
    array([3., 6.])
    >>> x_bar, y_bar = pullback(np.array([1.0, 10.0]))
    >>> print(x_bar, y_bar)
    [ 3. 30.] 21.0
    >>> def double(x, y):
    ...     y[:] = 2.0 * x
    >>> value, pullback = adtrans.vjp(double, np.ones(2), np.zeros(2), argnums=0, outputs="y")
    >>> print(value, *pullback(np.array([1.0, 10.0])))
    [2. 2.] [ 2. 20.]
    """
    target = target_of(fun)
    chosen = tuple(range(len(primals))) if argnums is None else argnums
    return pull(target, primals, target.argnums(chosen)[0], has_aux, _names(outputs))


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def jvp(
    fun: Fun,
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
    *,
    outputs: str | Sequence[str] = (),
) -> Any:
    """The value, and its derivative along a direction: `(value, tangent)`.

    `tangents` has one entry for each of `primals`, of the same shape; None for an argument that is not
    differentiated. With `has_aux`: `(value, tangent, aux)`. `outputs` as for `vjp`.

    Raises `ArgumentError` for tangents that do not fit, `NonDifferentiableArgumentError`, `Refused`.

    >>> import adtrans, numpy as np
    >>> adtrans.jvp(lambda x, n: x**n, (2.0, 3), (1.0, None))
    (8.0, 12.0)
    """
    return push(target_of(fun), primals, tangents, has_aux, _names(outputs))


def hvp(fun: Fun, primals: Sequence[Any] | Any, v: Sequence[Any] | Any) -> Any:
    """The Hessian times a vector, forward over reverse, for the cost of a few gradients.

    `primals` are the arguments of `fun`, `v` one direction for each of them; None for an argument that
    is not differentiated. Several directions give a tuple of products, in their order. If `v` is not a
    tuple or list it belongs to the first argument, and the others stay as they are.

    Errors as for `grad` and `jvp`.

    >>> import adtrans, numpy as np
    >>> adtrans.hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    array([ 6., 12.])
    """
    arguments = tuple(primals) if isinstance(primals, (tuple, list)) else (primals,)
    directions = tuple(v) if isinstance(v, (tuple, list)) else (v, *[None] * (len(arguments) - 1))
    chosen = tuple(i for i, d in enumerate(directions) if d is not None)
    if not chosen:
        raise ArgumentError("hvp: there is no direction; give one for at least one of the primals.")
    gradient = grad(fun, argnums=chosen if len(chosen) > 1 else chosen[0])
    return push(target_of(gradient), arguments, directions, False)[1]


def stop_gradient(x: T) -> T:
    """The value itself, as a constant to differentiation.

    >>> import adtrans
    >>> adtrans.grad(lambda x: x * adtrans.stop_gradient(x))(3.0)
    3.0
    """
    return x


@overload
def differentiable(fun: Callable[..., T], argnums: Argnums = 0) -> Differentiable[T]: ...
@overload
def differentiable(
    fun: None = None, argnums: Argnums = 0
) -> Callable[[Callable[..., T]], Differentiable[T]]: ...
def differentiable(fun: Any = None, argnums: Argnums = 0) -> Any:
    """Leave a function as it is, and add its derivatives.

    `f.grad`, `f.value_and_grad` (with respect to `argnums`), `f.vjp(*primals)`, `f.jvp(primals, tangents)`,
    and `f.source(mode)`, the text of the generated module for "reverse" or "forward".

    >>> import adtrans
    >>> @adtrans.differentiable
    ... def square(x):
    ...     return x * x
    >>> square(3.0), square.grad(3.0)
    (9.0, 6.0)
    """
    if fun is None:
        return partial(differentiable, argnums=argnums)
    return Differentiable(fun, argnums)


def from_source(text: str, name: str) -> Differentiable[Any]:
    """The function `name` of a module that is given as text: for code without a file. The text is run.

    The result is as that of `differentiable`.

    >>> import adtrans
    >>> cube = adtrans.from_source("def cube(x):\\n    return x**3\\n", "cube")
    >>> cube(2.0), cube.grad(2.0), adtrans.grad(adtrans.grad(cube))(2.0)
    (8.0, 12.0, 12.0)
    """
    from adtrans import load

    try:
        function = load.load(text, name)
    except LookupError as error:
        raise ArgumentError(f"from_source: the text does not define `{name}`.") from error
    return Differentiable(function, 0)
