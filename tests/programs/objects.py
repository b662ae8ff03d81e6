"""Programs of objects: random ones whose functions are methods, and some of whose variables attributes.

Made from a program of the plain stream: `f(x, y)` becomes `Model(y).run(x)`, which uses `self.y` or
`self.part.y`, and keeps some of its local variables in the object. The truth is that of `f`, which makes
a new object each time.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.programs.differences import Primal, Reference
from tests.programs.oracle import Judge, Outcome, check_with, outcome

ATTRIBUTE = 0.6
"""How often a parameter of `f` is an attribute."""


@dataclass(frozen=True)
class Method:
    """Where the parameters of `f` are: in the object, by the place of each, or given to `run`."""

    params: tuple[str, ...]
    places: Mapping[str, str]

    def name(self, i: int) -> str:
        """What to differentiate by."""
        return self.places.get(self.params[i], self.params[i])


def objects(source: str, seed: int) -> tuple[str, Method]:
    """The program with objects, and where the parameters of its `f` are."""
    rng = random.Random(f"objects {seed}")
    tree = ast.parse(source)
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    entry = functions["f"]
    others = [n for n in tree.body if not isinstance(n, ast.FunctionDef)]
    params = [arg.arg for arg in entry.args.args]
    given = len(params) - len(entry.args.defaults)
    places: dict[str, str] = {}
    for name in params[:given]:
        if rng.random() < ATTRIBUTE:
            places[name] = rng.choice([f"self.{name}", f"self.{name}", f"self.part.{name}"])
    methods = {name: method(node, name, functions, places, rng) for name, node in functions.items()}
    run = methods.pop("f")
    run.name = "run"
    kept = [p for p in params if p not in places]
    run.args.args = [ast.arg("self"), *(ast.arg(p) for p in kept)]
    inherited = [m for m in methods.values() if rng.random() < 0.5]
    own = [m for m in methods.values() if m not in inherited]
    return assembled(others, entry, places, inherited, [*own, run], kept), Method(tuple(params), places)


def assembled(
    others: Sequence[ast.stmt],
    entry: ast.FunctionDef,
    places: Mapping[str, str],
    inherited: Sequence[ast.FunctionDef],
    own: Sequence[ast.FunctionDef],
    kept: Sequence[str],
) -> str:
    """The text of the module."""
    parts = [n for n, p in places.items() if p.startswith("self.part.")]
    plain = [n for n in places if n not in parts]
    init = [f"        self.{n} = {n}" for n in plain]
    init += ["        self.part = Part()"] if parts else []
    init += [f"        self.part.{n} = {n}" for n in parts]
    lines = [*map(ast.unparse, others), "", ""]
    if parts:
        lines += ["class Part:", "    pass", "", ""]
    lines += [
        "class Base:",
        f"    def __init__({', '.join(['self', *places])}):",
        *(init or ["        pass"]),
    ]
    lines += [*blocks(inherited), "", "", "class Model(Base):", *(blocks(own)[1:])]
    call = f"Model({', '.join(places)}).run({', '.join(kept)})"
    lines += ["", "", f"def f({ast.unparse(entry.args)}):", f"    return {call}", ""]
    return "\n".join(lines)


def blocks(methods: Sequence[ast.FunctionDef]) -> list[str]:
    """The texts of methods, indented."""
    lines: list[str] = []
    for node in methods:
        lines.append("")
        lines += [f"    {line}" if line else "" for line in ast.unparse(node).split("\n")]
    return lines


def method(
    node: ast.FunctionDef,
    name: str,
    functions: Mapping[str, ast.FunctionDef],
    places: Mapping[str, str],
    rng: random.Random,
) -> ast.FunctionDef:
    """A function as a method; some of its variables become attributes."""
    moved = dict(places) if name == "f" else {}
    share = rng.choice([0.0, 0.2, 0.5]) if name == "f" else rng.choice([0.0, 0.0, 0.3])
    for local in movable(node):
        if rng.random() < share:
            moved[local] = f"self.{local}" if name == "f" else f"self.{name}_{local}"
    new = Moved(moved, set(functions), rng).visit(ast.parse(ast.unparse(node)).body[0])
    assert isinstance(new, ast.FunctionDef)
    new.args.args = [ast.arg("self"), *new.args.args]
    return new


def movable(node: ast.FunctionDef) -> list[str]:
    """The local variables that may be attributes: not the targets of loops and comprehensions."""
    fixed = {arg.arg for arg in node.args.args}
    stored: dict[str, None] = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.For | ast.comprehension):
            fixed |= {n.id for n in ast.walk(inner.target) if isinstance(n, ast.Name)}
        if isinstance(inner, ast.AnnAssign | ast.Lambda):
            fixed |= {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            stored[inner.id] = None
    return [name for name in stored if name not in fixed]


class Moved(ast.NodeTransformer):
    """Variables as attributes, and calls of functions as calls of methods."""

    def __init__(self, places: Mapping[str, str], functions: set[str], rng: random.Random) -> None:
        self.places = places
        self.functions = functions
        self.rng = rng

    def visit_Name(self, node: ast.Name) -> ast.expr:
        place = self.places.get(node.id)
        if place is None:
            return node
        new = ast.parse(place, mode="eval").body
        assert isinstance(new, ast.Attribute)
        new.ctx = node.ctx
        return new

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.functions:
            node.func = ast.Attribute(ast.Name("self", ast.Load()), node.func.id, ast.Load())
        return node


# --------------------------------------------------------------------------- judging


def judge_objects(source: str, args: Sequence[object], where: Method, order: int = 1) -> Outcome:
    """As `oracle.judge`: by the arguments of `run`, and by the attributes that hold those of `f`."""

    def found(order: int) -> Outcome:
        return outcome(lambda: check_with(of_objects(where), source, args, order, False, "f"))

    first = found(1)
    return first if first.verdict != "right" or order == 1 else found(2)


def of_objects(where: Method) -> Any:
    """A judge of programs of objects."""

    def make(source: str, name: str, primal: Primal, truth: Reference, thorough: bool) -> Judge:
        judge = Judge(source, name, primal, truth, thorough)
        judge.ad = Shim(source, where)
        return judge

    return make


class Shim:
    """The functions of adtrans, for `f` with its parameters in an object."""

    def __init__(self, source: str, where: Method) -> None:
        import adtrans
        from adtrans.load import load

        self.ad = adtrans
        self.where = where
        self.model: Any = load(source, "Model")

    def call(self, wrapper: Any, argnums: Any, args: Sequence[Any]) -> tuple[Any, Any]:
        """A derivative of the method of a new object, and the result of a call of it."""
        given = dict(zip(self.where.params, args, strict=False))
        model = self.model(*[given.pop(name) for name in self.where.places])
        many = isinstance(argnums, tuple)
        names = tuple(self.where.name(i) for i in (argnums if many else (argnums,)))
        made = wrapper(model.run, argnums=names if many else names[0])
        return made, made(**given)

    def value_and_grad(self, f: object, argnums: Any) -> Any:
        return Made(lambda *args: self.call(self.ad.value_and_grad, argnums, args))

    def grad(self, f: object, argnums: Any) -> Any:
        return Made(lambda *args: self.call(self.ad.grad, argnums, args))

    def vjp(self, f: object, *args: Any, argnums: tuple[int, ...]) -> Any:
        given = dict(zip(self.where.params, args, strict=False))
        model = self.model(*[given.pop(name) for name in self.where.places])
        return self.ad.vjp(model.run, *given.values(), argnums=tuple(map(self.where.name, argnums)))

    def jvp(self, f: object, args: Sequence[Any], dots: Sequence[Any]) -> Any:
        """By the Jacobian in forward mode: attributes have no place among tangents."""
        chosen = tuple(i for i, dot in enumerate(dots) if dot is not None)
        given = copy.deepcopy(dict(zip(self.where.params, args, strict=False)))
        model = self.model(*[given.pop(name) for name in self.where.places])
        value = model.run(**given)
        jacobian = self.call(self.ad.jacfwd, chosen, args)[1]
        rows = jacobian if isinstance(value, tuple) else (jacobian,)
        results = value if isinstance(value, tuple) else (value,)
        tangents = tuple(
            sum(
                (along(block, dots[i], result) for i, block in zip(chosen, row, strict=True)),
                start=np.zeros(np.shape(result)),
            )
            for row, result in zip(rows, results, strict=True)
        )
        return value, tangents if isinstance(value, tuple) else tangents[0]

    def hvp(self, f: object, args: Sequence[Any], dots: Sequence[Any]) -> Any:
        chosen = tuple(i for i, dot in enumerate(dots) if dot is not None)
        blocks = self.call(self.hessian, chosen, args)[1]
        rows = [
            sum(
                (along(block, dots[j], args[i]) for j, block in zip(chosen, row, strict=True)),
                start=np.zeros(np.shape(args[i])),
            )
            for i, row in zip(chosen, blocks, strict=True)
        ]
        return tuple(rows) if len(rows) > 1 else rows[0]

    def hessian(self, method: Any, argnums: Any) -> Any:
        return self.ad.hessian(method, argnums)


def along(block: Any, dot: Any, like: Any) -> Any:
    """A block of a Jacobian times a direction."""
    return np.tensordot(np.asarray(block), np.asarray(dot), axes=np.ndim(dot)).reshape(np.shape(like))


class Made:
    """A derivative that is made when it is called."""

    def __init__(self, run: Any) -> None:
        self.run = run
        self.source = ""

    def __call__(self, *args: Any) -> Any:
        made, result = self.run(*args)
        self.source = made.source
        return result
