"""What other code of a module changes of its tables, functions and classes after their definition.

    T = {"a": np.sin}                      R.m = lambda self, v: v * v
                                           g.__defaults__ = (3,)
    def change(t):                         globals()["h"] = np.cos
        t["a"] = np.cos

    change(T)

Names are followed through assignments, arguments and results: a place (a variable of a function or of the
module) may hold something, or hold it in what it holds, `levels` down.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from adtrans.frontend.methods import METHODS_THAT_CHANGE, words

Place = tuple[int, str]
"""A scope (0 is the module) and a name in it."""

Source = tuple[Place, int]
"""A place, and how many levels above it a value is: `[t]` holds t one level down, `t[0]` is -1."""

DEEPEST = 3
RESULT = "return"
GIVES_PART = words("get pop setdefault values items __getitem__")
SPACES = words("globals vars locals")
BY_CLASS = words("dict list operator")
CHANGED_BY_CLASS = METHODS_THAT_CHANGE | words("setitem delitem iadd ior")
OF_FUNCTIONS = words("__defaults__ __kwdefaults__ __code__")

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False)
class Scope:
    number: int
    names: set[str]
    outer: Scope | None
    is_class: bool = False

    def place(self, name: str) -> Place:
        scope: Scope | None = self
        while scope is not None and scope.outer is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.number, name
            scope = scope.outer
        return 0, name


class Changes:
    """Of one module."""

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.everything = False
        """Whether any name may be bound anew: `exec(...)`."""
        self.rebound: set[str] = set()
        """Names that are: through `global`, `globals()["g"] = ...`."""
        self._known: dict[str, set[str]] = {}
        self._flows: defaultdict[Place, set[Source]] = defaultdict(set)
        self._touched: defaultdict[Place, set[tuple[int, str]]] = defaultdict(set)
        self._functions = {n.name: n for n in body if isinstance(n, ast.FunctionDef)}
        self._methods: defaultdict[str, list[ast.FunctionDef]] = defaultdict(list)
        for cls in (n for n in body if isinstance(n, ast.ClassDef)):
            for method in (m for m in cls.body if isinstance(m, ast.FunctionDef)):
                self._methods[cls.name if method.name == "__init__" else method.name].append(method)
        module = Scope(0, set(), None)
        for statement in body:
            if not is_main(statement):
                self._visit(statement, module)

    # --------------------------------------------------------------------- questions

    def bound_again(self, name: str) -> bool:
        """Whether a name of the module may get another value than the one of its definition."""
        return self.everything or name in self.rebound

    def changed(self, name: str) -> set[str]:
        """The attributes that are assigned of what a name of the module is; "" stands for an element."""
        if name not in self._known:  # Each use of the name asks.
            self._known[name] = self._changed(name)
        return self._known[name]

    def _changed(self, name: str) -> set[str]:
        found, seen = set[str](), set[Source]()
        queue: list[Source] = [((0, name), 0)]
        while queue:
            place, levels = source = queue.pop()
            if source in seen or not 0 <= levels <= DEEPEST:
                continue
            seen.add(source)
            found |= {label for depth, label in self._touched[place] if depth == levels + 1}
            queue += [(target, levels + more) for target, more in self._flows[place]]
        return found

    def has_other(self, name: str, attribute: str) -> bool:
        """Whether something assigns an attribute of a class or a function."""
        return not {attribute, "*"}.isdisjoint(self.changed(name))

    # -------------------------------------------------------------------------- walk

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope)
                return
            case ast.ClassDef(decorator_list=decorators, bases=bases):
                inner = Scope(id(node), {n.id for n in stores(node.body)}, scope, is_class=True)
                for above in (*decorators, *bases):
                    self._visit(above, scope)
                for part in node.body:
                    self._visit(part, inner)
                return
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value, scope)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
            ):
                self._bind(target, value, scope)
            case ast.AugAssign(target=target):
                self._touch(target, scope, more=isinstance(target, ast.Name))
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                self._bind(target, value, scope, -1)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                self._bind(target, value, scope)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._touch(target, scope)
            case ast.Return(value=ast.expr() as value):
                self._flow(value, scope, (scope.number, RESULT), 0)
            case ast.Call():
                self._call(node, scope)
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)

    def _function(self, node: Function, scope: Scope) -> None:
        args = node.args
        params = [*args.posonlyargs, *args.args]
        every = [*params, *args.kwonlyargs, *(a for a in (args.vararg, args.kwarg) if a is not None)]
        body: Sequence[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
        bound = {name.id for name in stores(body)} | {n.name for n in definitions(body)}
        declared = {name for n in inside(body) if isinstance(n, ast.Global) for name in n.names}
        self.rebound |= declared & bound
        inner = Scope(id(node), ({a.arg for a in every} | bound) - declared, scope)
        late = zip(params[len(params) - len(args.defaults) :], args.defaults, strict=True)
        named = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        for param, default in (*late, *named):
            if default is not None:
                self._flow(default, scope, (inner.number, param.arg), 0)
                self._visit(default, scope)
        for decorator in [] if isinstance(node, ast.Lambda) else node.decorator_list:
            self._visit(decorator, scope)
        if isinstance(node, ast.Lambda):
            self._flow(node.body, inner, (inner.number, RESULT), 0)
        for part in body:
            self._visit(part, inner)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        func, first = node.func, node.args[0] if node.args else None
        match func:
            case ast.Name(id="exec") if scope.outer is None:
                self.everything = True
            case ast.Name(id="setattr" | "delattr") if first is not None:
                label = node.args[1] if len(node.args) > 1 else None
                known = isinstance(label, ast.Constant) and isinstance(label.value, str)
                self._touch(first, scope, label.value if known else "*", more=True)  # type: ignore[union-attr]
            case ast.Attribute(value=ast.Name(id=owner), attr=attr) if (
                owner in BY_CLASS and first is not None
            ):
                if attr in CHANGED_BY_CLASS:
                    self._touch(first, scope, more=True)
            case ast.Attribute(value=on, attr=attr) if attr in METHODS_THAT_CHANGE:
                self._touch(on, scope, more=True)
        for called, skipped in self._called(func, scope):
            names = [a.arg for a in (*called.args.posonlyargs, *called.args.args)][skipped:]
            rest = called.args.vararg.arg if called.args.vararg is not None else ""
            for k, arg in enumerate(node.args):
                self._flow(
                    arg, scope, (id(called), names[k] if k < len(names) else rest), int(k >= len(names))
                )
            for keyword in node.keywords:
                self._flow(keyword.value, scope, (id(called), keyword.arg or rest), 0)

    def _called(self, func: ast.expr, scope: Scope) -> Iterator[tuple[ast.FunctionDef, int]]:
        """The functions of the module that a call may be of, and how many parameters are not given in it."""
        match func:
            case ast.Name(id=name) if scope.place(name) == (0, name):
                yield from ((f, 0) for f in [self._functions.get(name)] if f is not None)
                yield from ((m, 1) for m in self._methods.get(name, []) if m.name == "__init__")
            case ast.Attribute(attr=name):
                yield from ((m, 1) for m in self._methods.get(name, []) if m.name == name)

    # ------------------------------------------------------------------------- facts

    def _bind(self, target: ast.expr, value: ast.expr, scope: Scope, levels: int = 0) -> None:
        match target:
            case ast.Name(id=name):
                self._flow(value, scope, scope.place(name), levels)
            case ast.Starred(value=inner):
                self._bind(inner, value, scope, levels)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                given = value.elts if isinstance(value, ast.Tuple | ast.List) and levels == 0 else []
                for k, inner in enumerate(elts):
                    same = len(given) == len(elts)
                    self._bind(inner, given[k] if same else value, scope, levels if same else levels - 1)
            case _:
                self._touch(target, scope)
                for place, depth in self._roots(target, scope):
                    self._flow(value, scope, place, levels - depth)

    def _flow(self, value: ast.expr, scope: Scope, to: Place, levels: int) -> None:
        for place, more in self._roots(value, scope):
            self._flows[place].add((to, levels + more))

    def _touch(self, target: ast.expr, scope: Scope, label: str = "", more: bool = False) -> None:
        """A store into `target`; `more`: into what it is."""
        root, names = target, [label] if more else []
        while isinstance(root, ast.Attribute | ast.Subscript):
            names.append(root.attr if isinstance(root, ast.Attribute) else "")
            root = root.value
        if (
            isinstance(root, ast.Call)
            and isinstance(root.func, ast.Name)
            and root.func.id in SPACES
            and names
        ):
            key = target.slice if isinstance(target, ast.Subscript) and len(names) == 1 else None
            if isinstance(key, ast.Constant):
                self.rebound.add(str(key.value))
            else:
                self.everything = True
        if isinstance(root, ast.Name) and root.id == "sys" and names:
            self.rebound.add(names[0])
        for place, depth in self._roots(target, scope):
            down = int(more) - depth
            if down > 0:
                self._touched[place].add((down, names[0]))

    def _roots(self, value: ast.expr, scope: Scope) -> Iterable[Source]:
        """The places that a value may be of, or in, or hold."""
        match value:
            case ast.Name(id=name):
                return [(scope.place(name), 0)]
            case ast.Subscript(value=inner) | ast.Attribute(value=inner):
                return self._shifted(inner, scope, -1)
            case ast.Starred(value=inner) | ast.NamedExpr(value=inner) | ast.Await(value=inner):
                return self._roots(inner, scope)
            case ast.IfExp(body=one, orelse=other):
                return [*self._roots(one, scope), *self._roots(other, scope)]
            case ast.BoolOp(values=parts):
                return [source for part in parts for source in self._roots(part, scope)]
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return [source for part in parts for source in self._shifted(part, scope, 1)]
            case ast.Dict(values=parts):
                return [source for part in parts for source in self._shifted(part, scope, 1)]
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                return [((id(self._functions[name]), RESULT), 0)]
            case ast.Call(func=ast.Name(id="reversed" | "iter" | "list" | "tuple"), args=[inner]):
                return self._roots(inner, scope)
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in GIVES_PART:
                return self._shifted(inner, scope, -1)
        return []

    def _shifted(self, value: ast.expr, scope: Scope, levels: int) -> Iterable[Source]:
        return [(place, more + levels) for place, more in self._roots(value, scope)]


def inside(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body, not those of functions and classes in it."""
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack += ast.iter_child_nodes(node)


def stores(body: Sequence[ast.AST]) -> Iterator[ast.Name]:
    return (n for n in inside(body) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))


def definitions(body: Sequence[ast.AST]) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    return (n for n in inside(body) if isinstance(n, ast.FunctionDef | ast.ClassDef))


def is_main(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, which is not run on import."""
    return isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)
