"""Who reads, binds and may change what: one walk over a piece of source, aware of inner scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from functools import cache
from operator import attrgetter
from typing import Any, Literal, get_origin

import libcst as cst

from adtrans.frontend.methods import words

LAYOUT = (
    "whitespace", "lpar", "rpar", "lbra", "rbra", "comma", "dot", "leading", "trailing", "header", "footer",
    "semicolon", "equal", "colon",
)  # fmt: skip

Load = tuple[cst.Name, cst.BaseExpression]
"""A name that is read, and the longest dotted chain that starts with it: `np` and `np.linalg.norm`."""


@dataclass
class Uses:
    """What a piece of source does with names; inner scopes (lambdas, comprehensions, nested functions) are
    seen from outside: their own names are not in it, what they read is."""

    loads: list[Load] = field(default_factory=list)
    stores: list[cst.Name] = field(default_factory=list)
    touched: list[cst.BaseExpression] = field(default_factory=list)
    """What is changed by subscript, attribute or augmented assignment: its root."""
    calls: list[cst.Call] = field(default_factory=list)
    annotations: list[Load] = field(default_factory=list)
    walrus: list[cst.NamedExpr] = field(default_factory=list)
    jumps: list[cst.CSTNode] = field(default_factory=list)
    """return and yield, and break and continue that leave the piece."""
    declared: dict[str, str] = field(default_factory=dict)
    """Names in a `global` or `nonlocal` statement, and which."""
    outer_writes: set[str] = field(default_factory=set)
    """Names that a nested function rebinds through `nonlocal` or `global`."""
    assigns: list[tuple[cst.BaseExpression, cst.BaseExpression]] = field(default_factory=list)
    lazy: list[tuple[cst.CSTNode, frozenset[str]]] = field(default_factory=list)
    """Lambdas, nested functions and generators, with the outer names they read when they run."""


def scan(*nodes: cst.CSTNode | None) -> Uses:
    """Walk over pieces of source."""
    scanner = _Scanner()
    for node in nodes:
        if node is not None:
            scanner.visit(node)
    return scanner.uses


def dotted(node: cst.CSTNode) -> tuple[str, ...] | None:
    """`("np", "linalg", "norm")` for a dotted name, None for anything else."""
    names: list[str] = []
    while isinstance(node, cst.Attribute):
        names.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    names.append(node.value)
    return tuple(reversed(names))


def root_of(node: cst.BaseExpression) -> cst.BaseExpression:
    """What a chain of subscripts, attributes and method calls starts from."""
    while True:
        if isinstance(node, cst.Attribute | cst.Subscript):
            node = node.value
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            node = node.func.value
        else:
            return node


def roots_of(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The same, and where a chain starts from a choice or a display, all that this may give: `a` and `b` of
    `(a if c else b)[0]`."""
    root = root_of(node)
    match root:
        case cst.IfExp(body=one, orelse=other) | cst.BooleanOperation(left=one, right=other):
            parts = [one, other]
        case cst.NamedExpr(target=one, value=other):
            parts = [one, other]
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Dict(elements=elements):
            parts = [element.value for element in elements]
        case cst.ListComp() | cst.DictComp() | cst.GeneratorExp():
            return [root, *(load for load, _ in scan(root).loads)]
        case _:
            return [root]
    return [found for part in parts for found in roots_of(part)]


def changed_by_store(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    """What a store into `target` may change: what its chain starts from, and what the calls in it are given,
    of which they may have made a view: `np.moveaxis(z, 1, 0)[0] = e`."""
    found, node = roots_of(target), target
    while isinstance(node, cst.Attribute | cst.Subscript | cst.Call):
        if isinstance(node, cst.Call):
            found += [root for arg in node.args for root in roots_of(arg.value)]
        node = node.func if isinstance(node, cst.Call) else node.value
    return found


@cache
def fields_of(kind: type[cst.CSTNode]) -> Callable[[cst.CSTNode], tuple[Any, ...]]:
    """What reads the fields of a node that can hold code, not layout or plain text."""
    fields = [f for f in dataclass_fields(kind) if not f.name.startswith(LAYOUT)]
    names = [f.name for f in fields if f.type is not str and get_origin(f.type) is not Literal]
    match names:
        case []:
            return lambda node: ()
        case [name]:
            return lambda node: (getattr(node, name),)
    return attrgetter(*names)


@cache
def holds_code(kind: type) -> bool:
    """Whether values of a type are nodes: what `isinstance` says, which is slow for an abstract class."""
    return issubclass(kind, cst.CSTNode)


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The parts of a node that are code, in the order of the text."""
    found: list[Any] = []
    for value in fields_of(node.__class__)(node):
        kind = value.__class__
        if kind is tuple or kind is list:
            found += value
        elif holds_code(kind):
            found.append(value)
    return found


def nodes(root: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Everything in a piece of source, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(children(node))


def assignments(root: cst.CSTNode) -> Iterator[cst.Assign | cst.AnnAssign]:
    """The assignments of a piece of source, in the order of the text: not those of functions and classes
    in it."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Assign | cst.AnnAssign):
            yield node
        elif not isinstance(node, cst.BaseExpression | cst.FunctionDef | cst.ClassDef):
            stack += reversed(children(node))


class _Scanner:
    def __init__(self) -> None:
        self.uses = Uses()
        self.loops = 0

    def visit(self, node: cst.CSTNode) -> None:
        handler = _HANDLERS.get(type(node))
        if handler:
            handler(self, node)
        else:
            for child in children(node):
                self.visit(child)

    # ----------------------------------------------------------------- expressions

    def name(self, node: cst.Name) -> None:
        self.uses.loads.append((node, node))

    def attribute(self, node: cst.Attribute) -> None:
        inner = node.value
        while isinstance(inner, cst.Attribute):
            inner = inner.value
        if isinstance(inner, cst.Name):
            self.uses.loads.append((inner, node))
        else:
            self.visit(inner)

    def call(self, node: cst.Call) -> None:
        self.uses.calls.append(node)
        self.visit(node.func)
        for arg in node.args:
            self.visit(arg.value)

    def walrus(self, node: cst.NamedExpr) -> None:
        self.uses.walrus.append(node)
        self.visit(node.value)
        self.store(node.target)
        self.uses.assigns.append((node.target, node.value))

    def lambda_(self, node: cst.Lambda) -> None:
        inner = self._function(node.params, node.body)
        self._merge(inner, {p.name.value for p in all_params(node.params)}, node)

    def comprehension(self, node: cst.BaseComp) -> None:
        self.visit(node.for_in.iter)
        inner = _Scanner()
        part: cst.CompFor | None = node.for_in
        while part is not None:
            if part is not node.for_in:
                inner.visit(part.iter)
            if part.asynchronous:
                self.uses.jumps.append(part)
            inner.store(part.target)
            for condition in part.ifs:
                inner.visit(condition.test)
            part = part.inner_for_in
        bound = {name.value for name in inner.uses.stores}
        if isinstance(node, cst.DictComp):
            inner.visit(node.key)
            inner.visit(node.value)
        else:
            inner.visit(node.elt)  # type: ignore[attr-defined]
        walrus = inner.uses.walrus
        self._merge(inner, bound, node if isinstance(node, cst.GeneratorExp) else None)
        for named in walrus:
            self.uses.walrus.append(named)
            self.store(named.target)

    def _function(self, params: cst.Parameters, body: cst.CSTNode) -> _Scanner:
        """Scan a body in its own scope; defaults and annotations belong to ours."""
        for param in all_params(params):
            if param.default is not None:
                self.visit(param.default)
            if param.annotation is not None:
                self.annotation(param.annotation)
        inner = _Scanner()
        inner.visit(body)
        return inner

    def _merge(self, inner: _Scanner, bound: set[str], lazy: cst.CSTNode | None) -> None:
        """Take over what an inner scope does to names that are not its own."""
        outer = [load for load in inner.uses.loads if load[0].value not in bound]
        self.uses.loads += outer
        self.uses.touched += [
            t for t in inner.uses.touched if not (isinstance(t, cst.Name) and t.value in bound)
        ]
        self.uses.calls += inner.uses.calls
        self.uses.outer_writes |= inner.uses.outer_writes - bound
        if lazy is not None:
            self.uses.lazy.append((lazy, frozenset(root.value for root, _ in outer)))

    def await_(self, node: cst.Await | cst.Yield) -> None:
        self.uses.jumps.append(node)
        for child in children(node):
            self.visit(child)

    # ------------------------------------------------------------------ statements

    def store(self, target: cst.CSTNode) -> None:
        match target:
            case cst.Name():
                self.uses.stores.append(target)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element in elements:
                    self.store(element.value)
            case cst.Attribute() | cst.Subscript():
                self.uses.touched += changed_by_store(target)
                self.visit(target)
            case _:
                self.visit(target)

    def annotation(self, node: cst.Annotation) -> None:
        inner = _Scanner()
        inner.visit(node.annotation)
        self.uses.annotations += inner.uses.loads

    def assign(self, node: cst.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.store(target.target)
            self.uses.assigns.append((target.target, node.value))

    def aug_assign(self, node: cst.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, cst.Name):
            self.visit(node.target)
            self.uses.touched.append(node.target)
        self.store(node.target)

    def ann_assign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.uses.assigns.append((node.target, node.value))
        self.store(node.target)
        self.annotation(node.annotation)

    def for_(self, node: cst.For) -> None:
        if node.asynchronous:
            self.uses.jumps.append(node)
        self.visit(node.iter)
        self.store(node.target)
        self.uses.assigns.append((node.target, node.iter))
        self._loop(node.body, node.orelse)

    def while_(self, node: cst.While) -> None:
        self.visit(node.test)
        self._loop(node.body, node.orelse)

    def _loop(self, body: cst.CSTNode, orelse: cst.CSTNode | None) -> None:
        self.loops += 1
        self.visit(body)
        self.loops -= 1
        if orelse is not None:
            self.visit(orelse)

    def loop_jump(self, node: cst.Break | cst.Continue) -> None:
        if not self.loops:
            self.uses.jumps.append(node)

    def return_(self, node: cst.Return) -> None:
        self.uses.jumps.append(node)
        if node.value is not None:
            self.visit(node.value)

    def function(self, node: cst.FunctionDef) -> None:
        self.uses.stores.append(node.name)
        for decorator in node.decorators:
            self.visit(decorator.decorator)
        inner = self._function(node.params, node.body)
        if node.returns is not None:
            self.annotation(node.returns)
        declared = inner.uses.declared
        stores = {name.value for name in inner.uses.stores}
        inner.uses.outer_writes |= stores & set(declared)
        own = {p.name.value for p in all_params(node.params)} | (stores - set(declared))
        self._merge(inner, own, node)

    def class_(self, node: cst.ClassDef) -> None:
        self.uses.stores.append(node.name)
        for decorator in node.decorators:
            self.visit(decorator.decorator)
        for base in [*node.bases, *node.keywords]:
            self.visit(base.value)
        inner = _Scanner()
        inner.visit(node.body)
        self._merge(inner, set(), node)

    def import_(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name: cst.CSTNode = alias.asname.name if alias.asname else alias.name
            while isinstance(name, cst.Attribute):
                name = name.value
            self.store(name)

    def as_name(self, node: cst.AsName) -> None:
        self.store(node.name)

    def with_(self, node: cst.With) -> None:
        if node.asynchronous:
            self.uses.jumps.append(node)
        for item in node.items:
            self.visit(item.item)
            if item.asname:
                self.store(item.asname.name)
                self.uses.assigns.append((item.asname.name, item.item))
        self.visit(node.body)

    def del_(self, node: cst.Del) -> None:
        self.visit(node.target)
        self.store(node.target)

    def declare(self, node: cst.Global | cst.Nonlocal) -> None:
        word = "global" if isinstance(node, cst.Global) else "nonlocal"
        self.uses.declared.update({item.name.value: word for item in node.names})

    def capture(self, node: cst.MatchAs | cst.MatchStar) -> None:
        if node.name is not None:
            self.store(node.name)
        if isinstance(node, cst.MatchAs) and node.pattern is not None:
            self.visit(node.pattern)

    def match_mapping(self, node: cst.MatchMapping) -> None:
        for element in node.elements:
            self.visit(element.key)
            self.visit(element.pattern)
        if node.rest is not None:
            self.store(node.rest)

    def match_class(self, node: cst.MatchClass) -> None:
        self.visit(node.cls)
        for element in [*node.patterns, *(k.pattern for k in node.kwds)]:
            self.visit(element)


_HANDLERS: dict[type[cst.CSTNode], Callable[..., None]] = {
    cst.Name: _Scanner.name,
    cst.Attribute: _Scanner.attribute,
    cst.Call: _Scanner.call,
    cst.NamedExpr: _Scanner.walrus,
    cst.Lambda: _Scanner.lambda_,
    cst.ListComp: _Scanner.comprehension,
    cst.SetComp: _Scanner.comprehension,
    cst.DictComp: _Scanner.comprehension,
    cst.GeneratorExp: _Scanner.comprehension,
    cst.Await: _Scanner.await_,
    cst.Yield: _Scanner.await_,
    cst.Annotation: _Scanner.annotation,
    cst.Assign: _Scanner.assign,
    cst.AugAssign: _Scanner.aug_assign,
    cst.AnnAssign: _Scanner.ann_assign,
    cst.For: _Scanner.for_,
    cst.While: _Scanner.while_,
    cst.Break: _Scanner.loop_jump,
    cst.Continue: _Scanner.loop_jump,
    cst.Return: _Scanner.return_,
    cst.FunctionDef: _Scanner.function,
    cst.ClassDef: _Scanner.class_,
    cst.Import: _Scanner.import_,
    cst.ImportFrom: _Scanner.import_,
    cst.AsName: _Scanner.as_name,
    cst.With: _Scanner.with_,
    cst.Del: _Scanner.del_,
    cst.Global: _Scanner.declare,
    cst.Nonlocal: _Scanner.declare,
    cst.MatchAs: _Scanner.capture,
    cst.MatchStar: _Scanner.capture,
    cst.MatchMapping: _Scanner.match_mapping,
    cst.MatchClass: _Scanner.match_class,
}


Inner = tuple[cst.FunctionDef | cst.Lambda, frozenset[str]]
"""A function made in another one, and the variables of the comprehensions around it."""


def inner_functions(node: cst.CSTNode, bound: frozenset[str] = frozenset()) -> Iterator[Inner]:
    """The functions and lambdas that stand directly in a piece of source: not those in one of them."""
    stack = [(node, bound)]
    while stack:
        node, bound = stack.pop()
        kind = type(node)
        parts: Iterable[cst.CSTNode] = children(node)
        if kind in FUNCTIONS:
            assert isinstance(node, cst.FunctionDef | cst.Lambda)
            yield node, bound
            parts = (p.default for p in all_params(node.params) if p.default is not None)
        elif kind is cst.ClassDef:
            continue
        elif kind in COMPREHENSIONS:
            assert isinstance(node, cst.BaseComp)
            bound = bound | comprehension_names(node)
        stack += [(part, bound) for part in parts][::-1]


FUNCTIONS = frozenset((cst.FunctionDef, cst.Lambda))
COMPREHENSIONS = frozenset((cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp))


def comprehension_names(node: cst.BaseComp) -> frozenset[str]:
    """The variables of a comprehension."""
    found: set[str] = set()
    part: cst.CompFor | None = node.for_in
    while part is not None:
        found |= {name.value for name in scan_target(part.target).stores}
        part = part.inner_for_in
    return frozenset(found)


def all_params(params: cst.Parameters) -> list[cst.Param]:
    """Every parameter, the starred ones too, in order."""
    star = [p for p in (params.star_arg, params.star_kwarg) if isinstance(p, cst.Param)]
    return [*params.posonly_params, *params.params, *params.kwonly_params, *star]


def is_generator(node: cst.FunctionDef) -> bool:
    """Whether a call of it does not run it."""
    return any(not isinstance(j, cst.Return | cst.Break | cst.Continue) for j in scan(node.body).jumps)


CONSUMING = words(
    "sum sorted max min any all list tuple len set dict abs float int bool str print round divmod pow"
)


class FunctionScope:
    """The local names of one function."""

    def __init__(self, node: cst.FunctionDef) -> None:
        self.uses = scan(node.body)
        stores = {name.value for name in self.uses.stores} - set(self.uses.declared)
        self.params = [p.name.value for p in all_params(node.params)]
        self.locals = stores | set(self.params)
        self.captured = self._captured() if self.uses.lazy else {}

    def _captured(self) -> dict[str, frozenset[str]]:
        """Locals that hold a function or generator made here: what it will read when it runs at last."""
        lazy = {id(node): reads & self.locals for node, reads in self.uses.lazy}
        held: dict[str, frozenset[str]] = {}
        for node, reads in self.uses.lazy:
            if isinstance(node, cst.FunctionDef | cst.ClassDef):
                held[node.name.value] = held.get(node.name.value, frozenset()) | (reads & self.locals)
        flows = [([n.value for n in scan_targets(t)], v) for t, v in self.uses.assigns]
        for call in self.uses.calls:
            if isinstance(call.func, cst.Attribute):
                holders = [root.value for root in roots_of(call.func) if isinstance(root, cst.Name)]
                flows += [(holders, arg.value) for arg in call.args]
        parts = [(names, scan(value)) for names, value in flows if not consumed(value)]
        changed = True
        while changed:
            changed = False
            for names, uses in parts:
                reads = frozenset[str]().union(*(lazy.get(id(node), frozenset()) for node, _ in uses.lazy))
                reads = reads.union(*(held.get(root.value, frozenset()) for root, _ in uses.loads))
                for name in names:
                    if name in self.locals and not reads <= held.get(name, frozenset()):
                        held[name] = held.get(name, frozenset()) | reads
                        changed = True
        return held


def scan_target(target: cst.BaseExpression) -> Uses:
    """What an assignment to `target` does."""
    scanner = _Scanner()
    scanner.store(target)
    return scanner.uses


def scan_targets(target: cst.BaseExpression) -> list[cst.Name]:
    """The names that an assignment to `target` binds or stores into."""
    uses = scan_target(target)
    return uses.stores + [t for t in uses.touched if isinstance(t, cst.Name)]


def consumed(value: cst.BaseExpression) -> bool:
    """Whether a value is the result of a call that runs the functions it is given and keeps none."""
    return isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value in CONSUMING
