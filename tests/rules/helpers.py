"""Checks of rules that return partial derivatives; those that return products are checked in checking.py."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adtrans.rules import registry

from .checking import arg_of, holds, kind_of

Array = np.ndarray[Any, Any]


def rows(values: Sequence[Sequence[float]]) -> list[Array]:
    """The samples of each argument."""
    return [np.array(column) for column in zip(*values, strict=True)]


def variants(columns: list[Array]) -> Iterator[list[Any]]:
    """The same samples as numbers, and as arrays of several shapes, some of them not contiguous."""
    yield [float(c[0]) if c.dtype == float else c[0].item() for c in columns]
    yield [c[0] for c in columns]
    yield [np.array(c[0]) for c in columns]
    yield list(columns)
    yield [c[:0] for c in columns]
    yield [np.repeat(c, 2)[::2] for c in columns]
    yield [np.stack([c, c[::-1]]) for c in columns]
    yield [np.stack([c, c])[:, None, ::-1] for c in columns]
    if len(columns) == 2:
        a, b = columns
        yield [a, b[:1]]
        yield [a[0].item(), b]
        yield [np.stack([a, a]), b]
        yield [a[:1, None], np.stack([b, b])]
        yield [a[:1, None, None], b[:0]]


def partial_derivatives(path: str, y: Any, args: Sequence[Any]) -> list[Any]:
    """What the rule says, one for each argument."""
    entry = registry.TABLE[path]
    rule = (entry.complex_vjp if any(map(np.iscomplexobj, args)) else None) or entry.partials
    assert rule is not None
    names = list(inspect.signature(rule.function).parameters)
    found = rule.function(y, *args)
    return list(found) if len(names) > 2 else [found]


def slope(fn: Callable[..., Any], args: Sequence[Any], k: int) -> Any:
    """The derivative with respect to one argument, by differences of two step sizes and extrapolation."""
    step = 1e-3

    def central(h: float) -> Any:
        up, down = list(args), list(args)
        up[k], down[k] = args[k] + h, args[k] - h
        return (np.asarray(fn(*up)) - np.asarray(fn(*down))) / (2 * h)

    return (4 * central(step / 2) - central(step)) / 3


def check_partials(path: str, fn: Callable[..., Any], args: Sequence[Any], tolerance: float = 1e-8) -> None:
    """Every partial derivative against differences, and its shape."""
    y = fn(*args)
    found = partial_derivatives(path, y, args)
    for k, partial in enumerate(found[: len(args)]):  # The others are flags that were not given.
        if not np.issubdtype(np.asarray(args[k]).dtype, np.floating) or partial is NotImplemented:
            continue
        want = slope(fn, args, k)
        got = np.broadcast_to(0.0 if partial is None else partial, np.shape(y))
        np.testing.assert_allclose(
            got, want, rtol=tolerance, atol=tolerance, err_msg=f"{path}{tuple(args)!r}, {k}"
        )


def check_single_precision(path: str, fn: Callable[..., Any], columns: list[Array]) -> None:
    """An adjoint of float32 operands is float32, and roughly right."""
    args = [c.astype(np.float32) if c.dtype == float else c for c in columns]
    y = fn(*args)
    assert np.asarray(y).dtype == np.float32 or path == "numpy.float_power", path
    exact = partial_derivatives(path, fn(*columns), columns)
    for k, partial in enumerate(partial_derivatives(path, y, args)[: len(args)]):
        if partial is None or partial is NotImplemented:
            continue
        if np.asarray(y).dtype != np.float32 or args[k].dtype != np.float32:
            continue
        product = np.ones_like(y) * partial
        assert product.dtype == np.float32, f"{path}: adjoint {k} is {product.dtype}"
        np.testing.assert_allclose(product, np.ones(y.shape) * exact[k], rtol=2e-3, atol=2e-3)


def check_elementwise_kind(path: str, y: Any, args: Sequence[Any]) -> None:
    """What the kind rule says is true of the result, whatever is known of the arguments."""
    rule = registry.TABLE[path].kind
    assert rule is not None, f"{path} has no kind"
    params = registry.signature(path)
    assert params is not None, f"{path}: its parameters are not known"
    names = [name for name, _ in params]
    for level in ("dims", "rank", "nothing"):
        for constants in (True, False):
            given = {name: arg_of(value, level, constants) for name, value in zip(names, args, strict=False)}
            kind = rule(**given)
            assert holds(kind, y), f"{path}{tuple(args)!r} is {kind_of(y, 'dims')}, not {kind} ({level})"
