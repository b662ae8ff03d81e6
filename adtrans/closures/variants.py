"""The functions of the first-order program: one for each function and the functions that it is given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from adtrans import ir, walk
from adtrans.builtin_names import BUILTINS
from adtrans.closures.values import Held, Known, Lost, User, Value, label, renamed, variables
from adtrans.customs import changed
from adtrans.errors import Diagnostic
from adtrans.names import Names

ROUNDS = 6
DEEP = 40
MANY = 100
"""A function that is given ever deeper functions, or ever more of them, is not followed for ever."""

Env = Mapping[str, Value | None]


@dataclass(eq=False)
class Variant:
    """A function for given functions: `known` are the values of its parameters and captured variables that
    are functions, `slots` the variables that its callers add as arguments."""

    path: str
    name: str
    base: ir.Function
    known: dict[str, Value]
    slots: tuple[str, ...]
    rebinds: tuple[str, ...] = ()
    result: Value | None = None
    exports: tuple[str, ...] = ()
    holds: tuple[tuple[str, Value], ...] = ()
    """What the variables of the function hold that the one it returns captures, where that are functions."""
    gives: bool = True
    made: ir.Function | None = None
    running: bool = True
    recursive: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is called as it was."""
        return not (self.known or self.slots or self.rebinds) and self.result is None

    def outcome(self) -> tuple[object, ...]:
        return self.rebinds, self.result, self.exports, self.holds, self.gives


@dataclass(eq=False)
class Passed:
    """What a call hands to a variant: the variables here behind its slots."""

    variant: Variant
    here: dict[str, str] = field(default_factory=dict)


class Variants:
    """All variants of a program, made as they are called."""

    def __init__(self, program: ir.Program, given: Mapping[str, Value] | None = None) -> None:
        self.source = program
        entry = program.functions[program.entry]
        params = {p.name for p in entry.params}
        self.given = defaults(entry, program.functions) if given is None else dict(given)
        self.given = {name: value for name, value in self.given.items() if name in params}
        self.functions = dict(program.functions)
        self.report: list[Diagnostic] = []
        self.found: dict[object, Variant] = {}
        self.hints: dict[str, str] = {}
        self.nested: dict[str, ir.Nested] = {}
        self.depth = 0
        self.count: Counter[str] = Counter()
        self.words: dict[str, frozenset[str]] = {}
        """Those that occur in a function or outside of it, which no new variable may be called."""
        kept = [f.name for f in program.functions.values() if not lifted(f, program)]
        aliases = [i.alias.partition(".")[0] for i in program.imports]
        self.names = Names([*BUILTINS, *kept, *program.constants, *aliases])
        self.outside = frozenset([*BUILTINS, *kept, *program.constants, *aliases])

    def run(self) -> list[Variant]:
        """The variants that the entry needs, and all functions that take and capture nothing."""
        entry = self.functions[self.source.entry]
        self.get(entry.path, self.given, {}, {})
        for path, function in self.source.functions.items():
            if not lifted(function, self.source) and path != entry.path and not needs_arguments(function):
                self.get(path, defaults(function, self.functions), {}, {})
        return [v for v in self.found.values() if v.made is not None]

    def bases(self) -> list[str]:
        return list(dict.fromkeys(v.base.path for v in self.found.values()))

    def program(self, made: list[Variant]) -> ir.Program:
        """The program of what was made, as far as the entry reaches it."""
        functions = {v.path: v.made for v in made if v.made is not None}
        kept = [p for p, f in self.source.functions.items() if not lifted(f, self.source)]
        wanted = reached(functions, [self.source.entry, *(p for p in kept if p in functions)], self.nested)
        found = {p: f for p, f in functions.items() if p in wanted}
        lost = self.source.functions.keys() - found.keys()
        found = {p: as_text(f, lost) for p, f in found.items()}
        nested = {p: n for p, n in self.nested.items() if p in wanted}
        return replace(self.source, functions=unshadowed(found, set(kept), self.names), nested=nested)

    # ------------------------------------------------------------------ making

    def get(self, path: str, known: Mapping[str, Value], cells: Mapping[str, str], env: Env) -> Passed | None:
        """The variant of a function for known values of parameters, called where its captured variables
        are `cells`; None if there is no end to it."""
        base = self.functions[path]
        here, values = self.handed(base, known, cells, env)
        slots = tuple(name for name in here if values.get(name) is None)
        all_known = {k: v for k, v in values.items() if v is not None}
        key = path, tuple(sorted(all_known.items(), key=lambda kv: kv[0])), slots
        if key not in self.found:
            if self.depth > DEEP or self.count[path] > MANY:
                return None
            self.count[path] += 1
            self.found[key] = self.make(base, all_known, slots)
        variant = self.found[key]
        variant.recursive |= variant.running
        return Passed(variant, here)

    def handed(
        self, base: ir.Function, known: Mapping[str, Value], cells: Mapping[str, str], env: Env
    ) -> tuple[dict[str, str], dict[str, Value | None]]:
        """The variables of the caller that the function needs, under the names it has for them; and what is
        known of these, and of the parameters."""
        if base.path not in self.words:
            self.words[base.path] = self.outside | mentioned(base)
        taken = Names(self.words[base.path])
        theirs = {variable: captured for captured, variable in cells.items()}
        order = list(cells.values()) + [v for value in known.values() for v in variables(value)]
        seen: dict[str, None] = {}
        while order:
            variable = order.pop(0)
            if variable in seen:
                continue
            seen[variable] = None
            if (value := env.get(variable)) is not None:
                order += variables(value)
        for variable in seen:
            if variable not in theirs:
                theirs[variable] = taken.fresh(variable)
        values: dict[str, Value | None] = {k: renamed(v, theirs.__getitem__) for k, v in known.items()}
        for variable in seen:
            value = env.get(variable)
            values[theirs[variable]] = None if value is None else renamed(value, theirs.__getitem__)
        return {theirs[v]: v for v in seen}, values

    def make(self, base: ir.Function, known: dict[str, Value], slots: tuple[str, ...]) -> Variant:
        path, name = self.named(base, known, slots)
        if base.path in self.source.customs and path != base.path:
            self.report.append(changed(self.source, base.path, "is given functions"))
        variant = Variant(
            path, name, base, known, slots, rebinds=tuple(r for r in base.rebinds if r in slots)
        )
        self.found[base.path, tuple(sorted(known.items(), key=lambda kv: kv[0])), slots] = variant
        self.depth += 1
        for _ in range(ROUNDS):
            before = variant.outcome()
            variant.recursive = False
            self.body(variant)
            if not variant.recursive or variant.outcome() == before:
                break
        self.depth -= 1
        variant.running = False
        return variant

    def body(self, variant: Variant) -> None:
        from adtrans.closures.body import Body

        Body(self, variant).run()

    def wrapper(self, known: Known, count: int) -> str:
        """The path of a function that does nothing but call one of a library."""
        path = f"{known.path}:{count}"
        if path not in self.functions:
            params = tuple(map(ir.Param, ("x", "y", "z", *(f"x{k}" for k in range(4, count + 1)))[:count]))
            names = tuple(ir.Name(p.name) for p in params)
            value = ir.Call(known.path, names, spelled=known.spelled)
            body = (ir.Return(value=value),)
            name = label(known)
            self.functions[path] = ir.Function(f"{name}_", path, params, body)
        return path

    def derivative(self, variant: Variant, nested: ir.Nested) -> Variant:
        """A derivative of a variant, called like it, with further arguments for the seeds or tangents.

        Until it is made it stands there as a function of results of the right kinds.
        """
        assert variant.made is not None
        if nested not in self.found:
            name = self.names.fresh(f"{variant.name}_{WORDS.get(nested.form, nested.form)}")
            path = f"{name}.{name}"
            self.nested[path] = nested
            extra = tuple(map(ir.Param, nested.extra))
            params = (*(replace(p, keyword_only=False) for p in variant.made.params), *extra)
            body = standing_for(variant.made, nested)
            made = replace(variant.made, name=name, path=path, params=params, body=body, doc=None)
            base = replace(made, params=(*variant.base.params, *extra))
            self.found[nested] = Variant(
                path, name, base, variant.known, variant.slots, made=made, running=False
            )
        return self.found[nested]

    def named(self, base: ir.Function, known: dict[str, Value], slots: tuple[str, ...]) -> tuple[str, str]:
        """Path and name: its own if it is called as it was, else with the names of its functions."""
        outside = not lifted(base, self.source)
        if base.path == self.source.entry and known == self.given and not slots:
            return base.path, base.name
        if (
            outside
            and not slots
            and base.path != self.source.entry
            and all(default(base, k, self.functions) == v for k, v in known.items())
        ):
            return base.path, base.name
        name = self.hints.get(base.path, base.name)
        if not name.isidentifier() or name == "lambda":
            name = f"{base.path.split('.')[-2]}_lambda"
        params = {p.name for p in base.params}
        words = [self.word(v) for k, v in known.items() if k in params and not isinstance(v, Held)]
        name = self.names.fresh("_".join([name, *words]))
        return f"{base.path.rpartition('.')[0]}.{name}", name

    def word(self, value: Value) -> str:
        if isinstance(value, User) and value.path in self.hints:
            return self.hints[value.path]
        return label(value).strip("_")


WORDS = {"jvp": "value_and_tangent", "jacfwd": "jacobian", "jacrev": "jacobian"}


def standing_for(function: ir.Function, nested: ir.Nested) -> ir.Block:
    """A body that calls the function and gives results of the kinds that its derivative gives."""
    args = tuple(ir.Name(p.name) for p in function.params if not p.keyword_only)
    named = tuple((p.name, ir.Name(p.name)) for p in function.params if p.keyword_only)
    value, aux = ir.Name("value_"), ir.Name("aux_")
    target: ir.Expr = ir.Tuple((value, aux)) if nested.aux else value
    one = ir.Const(1.0)
    match nested.form:
        case "pushforward" | "jvp":
            row: list[ir.Expr] = [ir.Op("*", (one, value))]
        case "jacfwd" | "jacrev":
            row = [ir.Opaque("...", ()) for _ in nested.wrt]
        case _:
            row = [ir.Op("*", (one, ir.Name(w))) for w in nested.wrt]
    with_value = nested.form in ("value_and_grad", "jvp")
    row = [*([value] if with_value else []), *row, *([aux] if nested.aux else [])]
    returned = row[0] if len(row) == 1 else ir.Tuple(tuple(row))
    call = ir.Call(function.path, args, named)
    return ir.Assign(target=target, value=call), ir.Return(value=returned)


def lifted(function: ir.Function, program: ir.Program) -> bool:
    """Whether a function is made inside another one of the program."""
    return function.path.rpartition(".")[0] in program.functions


def defaults(function: ir.Function, functions: Mapping[str, ir.Function]) -> dict[str, Value]:
    """Parameters that have functions as defaults."""
    found = {p.name: default(function, p.name, functions) for p in function.params}
    return {name: value for name, value in found.items() if value is not None}


def default(function: ir.Function, name: str, functions: Mapping[str, ir.Function]) -> Value | None:
    from adtrans.closures.frame import function_value

    for param in function.params:
        if param.name == name and isinstance(param.default, ir.Global):
            return function_value(param.default, functions)
    return None


def needs_arguments(function: ir.Function) -> bool:
    """Whether a function calls a parameter: without a value for it there is no variant of it."""
    params = {p.name for p in function.params}
    for stmt in walk.statements(function.body):
        for expr in walk.expressions(stmt):
            for e in walk.subexpressions(expr):
                if isinstance(e, ir.Apply) and isinstance(e.function, ir.Name) and e.function.id in params:
                    return True
    return False


def mentioned(function: ir.Function) -> set[str]:
    """All words in a function: a new variable must be none of them."""
    found = set(re.findall(r"\w+", function.text)) if function.doc is None else set()
    found |= {p.name for p in function.params} | set(function.captures)
    for stmt in walk.statements(function.body):
        found |= walk.binds(stmt)
        found |= set(re.findall(r"\w+", stmt.text or ""))
        for expr in walk.expressions(stmt):
            for e in walk.subexpressions(expr):
                match e:
                    case ir.Name(id=name) | ir.Global(id=name) | ir.Held(id=name):
                        found.add(name.partition(".")[0])
                    case ir.Opaque(text=text) | ir.Closure(otherwise=ir.Opaque(text=text)):
                        found |= set(re.findall(r"\w+", text))
    return found


def as_text(function: ir.Function, lost: Set[str]) -> ir.Function:
    """The function with its starred calls of functions that are not there as text: `f(x, g, **options)`."""

    def text(expr: ir.Expr) -> ir.Expr:
        return expr.otherwise if isinstance(expr, ir.Spread) and expr.call.fn in lost else expr

    body = walk.map_block(function.body, lambda s: walk.map_stmt(s, lambda e: walk.map_expr(e, text)))
    return function if body is function.body else replace(function, body=body)


def reached(
    functions: Mapping[str, ir.Function], roots: Iterable[str], nested: Mapping[str, ir.Nested]
) -> set[str]:
    """The functions that some of them call or differentiate, directly or through others."""
    todo, found = list(roots), set[str]()
    while todo:
        path = todo.pop()
        if path in found or path not in functions:
            continue
        found.add(path)
        todo += called(functions[path])
        todo += [nested[path].of] if path in nested else []
    return found


def called(function: ir.Function) -> list[str]:
    """The functions that a function calls, or gives to others."""
    nodes = (
        e
        for stmt in walk.statements(function.body)
        for expr in walk.expressions(stmt)
        for e in walk.subexpressions(expr)
    )
    return [
        e.fn if isinstance(e, ir.Call) else e.function for e in nodes if isinstance(e, ir.Call | ir.Global)
    ]


def unshadowed(functions: dict[str, ir.Function], own: set[str], names: Names) -> dict[str, ir.Function]:
    """No function that was made has the name of a variable of one that calls it."""
    for path, function in list(functions.items()):
        if path in own:
            continue
        callers = [f for f in functions.values() if path in called(f)]
        taken = {p.name for f in callers for p in f.params}
        taken |= {name for f in callers for s in walk.statements(f.body) for name in walk.binds(s)}
        name = function.name
        while name in taken:
            name = names.fresh(function.name)
        if name != function.name:
            functions[path] = replace(function, name=name)
    return functions


__all__ = ["Lost", "Passed", "Variant", "Variants"]
