"""Check a rule as it stands: against differences, against its transpose, its kind against the result."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adtrans.analyses.certainty import of_call
from adtrans.kinds import ANY, COMPLEX, UNSURE, Array, Dim, Kind, ListOf, Plain, TupleOf, may_be_complex
from adtrans.rules import registry
from adtrans.rules.registry import UNKNOWN, Arg

STEP = 1e-6


class Case:
    """One call: `Case(np.roll, x, 2, axis=1)`. `path` where the callable is no function of NumPy's."""

    def __init__(self, fn: Any, *args: Any, path: str = "", **keywords: Any) -> None:
        self.fn, self.args, self.keywords = fn, args, keywords
        self.path = path or registry.canonical(fn)

    def __repr__(self) -> str:
        def brief(value: Any) -> str:
            if isinstance(value, np.ndarray):
                return f"{value.dtype}{list(value.shape)}"
            return getattr(value, "__name__", "") or repr(value)[:40]  # A function's repr has its address.

        words = [brief(a) for a in self.args] + [f"{k}={brief(v)}" for k, v in self.keywords.items()]
        return f"{self.path}({', '.join(words)})"


# ------------------------------------------------------------------ structures


def leaves(value: Any) -> Iterator[np.ndarray]:
    """The arrays in a list or tuple, however deep."""
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from leaves(part)
    elif value is not None:
        yield np.asarray(value)


def tree(f: Callable[..., Any], value: Any, *others: Any) -> Any:
    """Apply `f` to each array in a structure."""
    if isinstance(value, (list, tuple)):
        return [tree(f, *parts) for parts in zip(value, *others, strict=True)]
    return f(value, *others)


def varies(value: Any) -> bool:
    found = list(leaves(value))
    return bool(found) and any(np.issubdtype(x.dtype, np.inexact) for x in found)


def inner(a: Any, b: Any) -> float:
    """The real part of the product that pairs adjoints with tangents."""
    return float(sum(np.real(np.sum(x * y)) for x, y in zip(leaves(a), leaves(b), strict=True)))


def random_like(value: Any, rng: np.random.Generator) -> Any:
    def one(x: Any) -> Any:
        x = np.asarray(x)
        if not np.issubdtype(x.dtype, np.inexact):
            return np.zeros(x.shape)
        draw = rng.normal(size=x.shape)
        if np.iscomplexobj(x):
            draw = draw + 1j * rng.normal(size=x.shape)
        return np.asarray(draw, x.dtype)

    return tree(one, value)


# ------------------------------------------------------------------ the checks


def bound(case: Case, positional: list[str]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as the compiler gives them to a rule: operands by position, the rest by name."""
    params = registry.signature(case.path)
    assert params is not None, f"{case.path}: its parameters are not known"
    given = dict(zip([name for name, _ in params], case.args, strict=False)) | case.keywords
    operands = []
    for name, default in params[: len(positional)]:
        assert name in given or default is not inspect.Parameter.empty, f"{case.path} lacks {name}"
        operands.append(given.pop(name, default))
    how = registry.TABLE[case.path].indifferent
    return operands, {name: value for name, value in given.items() if name not in how}


def rules(case: Case) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The rules of both modes: those for complex arguments where there are some, if there are such."""
    found = registry.TABLE[case.path]
    among = any(np.iscomplexobj(leaf) for leaf in leaves([*case.args, *case.keywords.values()]))
    forward = (found.complex_jvp if among else None) or found.jvp
    reverse = (found.complex_vjp if among else None) or found.vjp
    assert forward is not None and reverse is not None, f"{case.path} lacks a rule"
    return forward.function, reverse.function


def check(case: Case, seed: int = 0, tolerance: float = 2e-6) -> None:
    """All that can be checked of one case."""
    rng = np.random.default_rng(seed)
    y = case.fn(*case.args, **case.keywords)
    check_kind(case, y)
    forward, reverse = rules(case)

    names = list(inspect.signature(reverse).parameters)
    operands, keywords = bound(case, names[1 : names.index("y_bar")])
    y_bar = random_like(y, rng)
    y_bar = tuple(y_bar) if isinstance(y, tuple) else y_bar
    before = tree(lambda v: None if v is None else np.copy(v), [operands, y_bar, y])
    bars = reverse(y, *operands, y_bar, **keywords)
    bars = listed(bars, len(operands))
    assert len(bars) == len(operands), f"{case}: {len(bars)} adjoints for {len(operands)} operands"
    unchanged([operands, y_bar, y], before)

    total = 0.0
    for k, operand in enumerate(operands):
        if bars[k] is None or not varies(operand):
            continue
        d = random_like(operand, rng)
        tree(same_form, operand, bars[k])
        dot = tangent(case, forward, y, {k: d})
        if any(leaf.size for leaf in leaves(y)):
            difference = differences(case, k, d)
            for got, want in zip(leaves(dot), leaves(difference), strict=True):
                np.testing.assert_allclose(
                    got, want, rtol=tolerance, atol=tolerance, err_msg=f"{case} jvp {k}"
                )
        left, right = inner(y_bar, dot), inner(bars[k], d)
        np.testing.assert_allclose(right, left, rtol=1e-9, atol=1e-9, err_msg=f"{case} vjp {k}")
        total += left
    everything = {k: random_like(x, rng) for k, x in enumerate(operands) if bars[k] is not None and varies(x)}
    both = tangent(case, forward, y, everything)
    singles = [tangent(case, forward, y, {k: d}) for k, d in everything.items()]
    for parts in zip(leaves(both), *map(leaves, singles), strict=True):
        np.testing.assert_allclose(
            parts[0], sum(parts[1:]), rtol=1e-9, atol=1e-9, err_msg=f"{case} jvp of all"
        )
    for got, want in zip(leaves(both), leaves(y), strict=True):
        assert got.shape == want.shape, f"{case}: tangent {got.shape}, value {want.shape}"


def listed(bars: Any, count: int) -> list[Any]:
    """The adjoints of so many operands; None for those of which it is not known."""
    return [None if bar is NotImplemented else bar for bar in (bars if count > 1 else [bars])]


def unchanged(values: Any, before: Any) -> None:
    for now, then in zip(leaves(values), leaves(before), strict=True):
        if now.dtype != object:
            np.testing.assert_array_equal(now, then)


def same_form(x: Any, x_bar: Any) -> None:
    assert np.shape(x_bar) == np.shape(x), f"adjoint {np.shape(x_bar)} of {np.shape(x)}"


def tangent(case: Case, forward: Callable[..., Any], y: Any, dots: dict[int, Any]) -> Any:
    """The jvp rule, with zeros for operands that do not vary."""
    names = list(inspect.signature(forward).parameters)
    first = next(k for k, name in enumerate(names) if name.endswith("_dot"))
    operands, keywords = bound(case, names[1:first])
    given = []
    for k, (name, x) in enumerate(zip(names[1:first], operands, strict=True)):
        if f"{name}_dot" in names:
            given.append(dots.get(k, None if x is None else tree(lambda v: np.zeros(np.shape(v)), x)))
        else:
            assert k not in dots, f"{case}: no tangent for operand {k}"
    return forward(y, *operands, *given, **keywords)


def differences(case: Case, k: int, d: Any) -> Any:
    """The central difference in the direction `d` of operand `k`."""
    params = registry.signature(case.path)
    assert params is not None
    name = params[k][0]

    def at(step: float) -> Any:
        args, keywords = list(case.args), dict(case.keywords)
        holder, key = (args, k) if k < len(args) else (keywords, name)
        holder[key] = tree(lambda x, dx: x + step * dx if varies(x) else x, holder[key], d)  # type: ignore[index,call-overload]
        return case.fn(*args, **keywords)

    def slope(high: Any, low: Any) -> Any:
        return (np.asarray(high) - np.asarray(low)) / (2 * STEP) if varies(high) else np.zeros(np.shape(high))

    high, low = at(STEP), at(-STEP)
    return tree(slope, high, low)


def check_layouts(case: Case) -> None:
    """The same adjoints, for arrays that are not contiguous; and of the dtype of float32 arrays."""
    reverse = rules(case)[1]
    names = list(inspect.signature(reverse).parameters)
    operands, keywords = bound(case, names[1 : names.index("y_bar")])
    y = case.fn(*case.args, **case.keywords)
    y_bar = random_like(y, np.random.default_rng(1))
    bars = listed(reverse(y, *operands, y_bar, **keywords), len(operands))

    def strided(x: Any) -> Any:
        if not isinstance(x, np.ndarray) or x.ndim == 0:
            return x
        wide = np.zeros(tuple(2 * n for n in x.shape), x.dtype).T
        view = wide[tuple(slice(None, None, 2) for _ in x.shape)].T
        view[...] = x
        return view

    loose = [tree(strided, x) if varies(x) else x for x in operands]
    other = listed(reverse(tree(strided, y), *loose, tree(strided, y_bar), **keywords), len(operands))
    for a, b in zip(leaves(bars), leaves(other), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-12, err_msg=f"{case} not contiguous")


def check_single(case: Case) -> None:
    """float32 stays float32."""

    def single(x: Any) -> Any:
        kinds = {np.dtype("f8"): np.float32, np.dtype("c16"): np.complex64}
        return x.astype(kinds[x.dtype]) if isinstance(x, (np.ndarray, np.generic)) and x.dtype in kinds else x

    def down(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(map(down, value))
        return single(value)

    small = Case(case.fn, *map(down, case.args), path=case.path, **case.keywords)
    reverse = rules(small)[1]
    names = list(inspect.signature(reverse).parameters)
    operands, keywords = bound(small, names[1 : names.index("y_bar")])
    y = small.fn(*small.args, **small.keywords)
    check_kind(small, y)
    if any(leaf.dtype in (np.float64, np.complex128) for leaf in leaves(y)):
        return
    bars = reverse(y, *operands, random_like(y, np.random.default_rng(1)), **keywords)
    for x, x_bar in zip(operands, listed(bars, len(operands)), strict=True):
        if x_bar is not None:
            for a, b in zip(leaves(x), leaves(x_bar), strict=True):
                if a.dtype in (np.float32, np.complex64):  # Of a real operand the real part will be taken.
                    assert b.real.dtype == np.float32, f"{case}: adjoint {b.dtype} of {a.dtype}"


# ------------------------------------------------------------------------ kinds


def complexified(case: Case, rng: np.random.Generator) -> Case:
    """The same call, every array of floats and every number of NumPy's with an imaginary part."""

    def turned(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(map(turned, value))
        if isinstance(value, (np.ndarray, np.floating)) and value.dtype == np.float64:
            return value + 1j * rng.normal(size=np.shape(value))
        return value

    keywords = {name: turned(value) for name, value in case.keywords.items()}
    return Case(case.fn, *map(turned, case.args), path=case.path, **keywords)


_DTYPES = {"float64": "f8", "float32": "f4", "complex128": "c16", "complex64": "c8", "bool": "b"}


def dtype_name(dtype: np.dtype[Any]) -> str:
    return _DTYPES.get(dtype.name, "i" if np.issubdtype(dtype, np.integer) else "?")


def kind_of(value: Any, level: str) -> Kind:
    """The kind of a value, with as much known as `level` says: its dims, only its rank, or nothing."""
    match value:
        case tuple():
            return TupleOf(tuple(kind_of(v, level) for v in value))
        case list():
            kinds = [kind_of(v, "rank" if level == "dims" else level) for v in value]
            return ListOf(
                kinds[0]
                if kinds and all(k == kinds[0] for k in kinds)
                else None
                if not kinds
                else (UNSURE if any(map(may_be_complex, kinds)) else ANY)
            )
        case bool() | int() | float() | complex():
            return Array(dtype_name(np.asarray(value).dtype), (), python=True)
        case np.ndarray() | np.generic():
            shape: tuple[Dim, ...] | None = value.shape
            shape = (
                (None,) * value.ndim
                if level == "rank"
                else None
                if level == "nothing" and value.ndim
                else shape
            )
            return Array(dtype_name(value.dtype), shape)
        case None:
            return Plain("None")
    return Plain(type(value).__name__)


def arg_of(value: Any, level: str, constants: bool) -> Arg:
    items = None
    if isinstance(value, (tuple, list)) and (constants or level == "dims"):
        items = tuple(arg_of(v, level, constants) for v in value)
    constant = UNKNOWN
    if constants and (value is None or isinstance(value, (bool, int, float, str))):
        constant = value
    if constants and isinstance(value, (tuple, list)) and all(isinstance(v, int) for v in value):
        constant = value
    if isinstance(value, type):
        constant = f"np.{value.__name__}"
    return Arg(kind_of(value, level), constant, items)


def check_kind(case: Case, y: Any) -> None:
    """What the kind rule says must be true of the result, whatever is known of the arguments."""
    rule = registry.TABLE[case.path].kind
    assert rule is not None, f"{case.path} has no kind"
    params = registry.signature(case.path)
    assert params is not None
    names = [name for name, _ in params]
    given = dict(zip(names, case.args, strict=False)) | case.keywords
    for level in ("dims", "rank", "nothing"):
        for constants in (True, False):
            args = {name: arg_of(value, level, constants) for name, value in given.items()}
            kind = of_call(case.path, rule(**args), [arg.kind for arg in args.values()])
            assert holds(kind, y), (
                f"{case} is {kind_of(y, 'dims')}, not {kind} (from {level}, constants={constants})"
            )


def holds(kind: Kind, value: Any) -> bool:
    match kind:
        case Array(dtype=dtype, shape=shape):
            if isinstance(value, (list, tuple)):
                return False
            x = np.asarray(value)
            found = dtype_name(x.dtype)
            if (
                dtype != found
                and dtype != "*"
                and (dtype, found in COMPLEX) not in (("?", False), ("c", True))
            ):
                return False
            return shape is None or (
                len(shape) == x.ndim and all(d is None or d == n for d, n in zip(shape, x.shape, strict=True))
            )
        case TupleOf(elems=elems):
            return (
                isinstance(value, (tuple, list))
                and len(elems) == len(value)
                and all(map(holds, elems, value))
            )
        case ListOf(elem=elem):
            return isinstance(value, (list, tuple)) and all(elem is None or holds(elem, v) for v in value)
        case Plain(name=name):
            return name == type(value).__name__
    return may_be_complex(kind) or not any(map(np.iscomplexobj, leaves(value)))
