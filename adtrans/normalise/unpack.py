"""Tuple assignments become single ones, with the meaning of parallel assignment.

before: a, b = b, a + b               after: a_new = b
        x[i], x[j] = x[j], x[i]              b = a + b
        q, r = np.linalg.qr(A)               a = a_new
                                             x_new = x[i]
                                             x[i] = x[j]
                                             x[j] = x_new
                                             qr_value = np.linalg.qr(A)
                                             q = qr_value[0]
                                             r = qr_value[1]

A tuple of names before the call of a user function that returns as many values stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from adtrans import ir, walk
from adtrans.normalise.common import Context, is_atom, lead

Code = list[ir.Stmt]
SEARCH = 6  # up to so many targets we look for the fewest temporaries


def unpack(function: ir.Function, context: Context) -> ir.Function:
    """Every assignment has one target, but for those to the results of user functions."""
    body = walk.map_block(function.body, lambda stmt: Unpacker(context, stmt).run())
    return function if body is function.body else replace(function, body=body)


def spread(function: ir.Function, context: Context) -> ir.Function:
    """`t = g(x)`, where `g` returns two values and `t` has to stay one thing, becomes
    `t_0, t_1 = g(x)` and `t = (t_0, t_1)`."""

    def several(stmt: ir.Stmt) -> Sequence[ir.Stmt]:
        match stmt:
            case ir.Assign(target=ir.Name() | ir.Index() as target, value=ir.Call(fn=fn) as value):
                n = context.arities.of(fn) if context.is_user(value) else None
                name = walk.root(target)
                if n is not None:
                    base = name.id if name else "item"
                    parts = ir.Tuple(tuple(ir.Name(context.names.fresh(f"{base}_{k}")) for k in range(n)))
                    first = ir.Assign(target=parts, value=value, span=stmt.span)
                    whole = context.arities.label(value).of(parts.elts)
                    return lead([first, replace(stmt, text=None, value=whole)], stmt)
        return (stmt,)

    body = walk.map_block(function.body, several)
    return function if body is function.body else replace(function, body=body)


class Unpacker:
    """Takes one statement apart."""

    def __init__(self, context: Context, stmt: ir.Stmt) -> None:
        self.context = context
        self.effects = context.effects
        self.stmt = stmt

    def run(self) -> Sequence[ir.Stmt]:
        match self.stmt:
            case ir.Assign(target=ir.Tuple() | ir.List() as target, value=value):
                code = self.assign(target.elts, value)
                if len(code) == 1 and code[0] is self.stmt:
                    return code
                if code:
                    code[-1] = replace(code[-1], trailing=self.stmt.trailing)
                return lead(code, replace(self.stmt, trailing="")) if len(code) != 1 else self.single(code[0])
        return (self.stmt,)

    def single(self, made: ir.Stmt) -> Code:
        return [replace(made, comments=self.stmt.comments, blank_before=self.stmt.blank_before)]

    def bind(self, target: ir.Expr, value: ir.Expr) -> ir.Stmt:
        return ir.Assign(target=target, value=value, span=self.stmt.span)

    def temporary(self, base: str, value: ir.Expr, code: Code) -> ir.Name:
        name = ir.Name(self.context.names.fresh(base))
        code.append(self.bind(name, value))
        return name

    def assign(self, targets: tuple[ir.Expr, ...], value: ir.Expr) -> Code:
        match value:
            case ir.Tuple(elts=elts) | ir.List(elts=elts):
                if len(elts) != len(targets):
                    return self.mismatch(len(elts), len(targets))
                return self.parallel(*flatten(targets, elts))
            case ir.Call(fn=fn) if fn in self.context.program.functions:
                return self.results(targets, value)
            case ir.Opaque(text=text, reads=reads, why=why):
                names = all(isinstance(t, ir.Name) for t in targets)
                if names and self.stmt.text is not None:
                    return [self.carried(targets, reads, why)]
                value = ir.Opaque(f"tuple({text})", reads, why, span=value.span)
        code: Code = []
        if not isinstance(value, ir.Name) and not is_shape(value):
            value = self.temporary(base_name(value), value, code)
        elts = tuple(ir.Index(value, ir.Const(k)) for k in range(len(targets)))
        return code + self.parallel(*flatten(targets, elts))

    def carried(self, targets: tuple[ir.Expr, ...], reads: tuple[str, ...], why: str) -> ir.Stmt:
        """An assignment of what we do not understand is carried over as it is."""
        old = self.stmt
        writes = tuple(t.id for t in targets if isinstance(t, ir.Name))
        return ir.Verbatim(
            span=old.span,
            text=old.text,
            comments=old.comments,
            trailing=old.trailing,
            blank_before=old.blank_before,
            reads=reads,
            writes=writes,
            why=why,
        )

    def mismatch(self, given: int, wanted: int) -> Code:
        self.context.refuse("AD213", f"{given} values are assigned to {wanted} targets", self.stmt.span)
        return []

    def results(self, targets: tuple[ir.Expr, ...], value: ir.Call) -> Code:
        """`a, x[i] = g(x)`: to names, then to where they belong."""
        n = self.context.arities.of(value.fn)
        if n is None:
            base = self.context.program.functions[value.fn].name
            code: Code = []
            name = self.temporary(f"{base}_value", value, code)
            return code + self.assign(targets, name)
        if n != len(targets):
            return self.mismatch(n, len(targets))
        names = [t.id for t in targets if isinstance(t, ir.Name)]
        if len(set(names)) == n:
            if isinstance(self.stmt, ir.Assign) and isinstance(self.stmt.target, ir.Tuple):
                return [self.stmt]
            return [self.bind(ir.Tuple(targets), value)]
        fresh = [ir.Name(self.context.names.fresh(temporary_name(t))) for t in targets]
        code = [self.bind(ir.Tuple(tuple(fresh)), value)]
        for target, name in zip(targets, fresh, strict=True):
            code += (
                self.assign(target.elts, name) if isinstance(target, ir.Tuple) else [self.bind(target, name)]
            )
        return code

    # ------------------------------------------------------ parallel assignment

    def parallel(self, targets: list[ir.Expr], values: list[ir.Expr]) -> Code:
        """All values are evaluated, then the targets are assigned from left to right."""
        pairs = list(zip(targets, values, strict=True))
        nested = any(isinstance(t, ir.Tuple | ir.List) for t in targets)
        if nested or any(map(self.effects.effectful, values)):
            return self.in_order(pairs)
        names = [t.id for t in targets if isinstance(t, ir.Name)]
        if len(names) == len(targets) == len(set(names)):
            return self.moves(names, values)
        return self.stores(pairs)

    def in_order(self, pairs: list[tuple[ir.Expr, ir.Expr]]) -> Code:
        """Where evaluation has effects: each value in its turn, kept in a name if it must wait."""
        code: Code = []
        waiting: list[tuple[ir.Expr, ir.Expr]] = []
        for k, (target, value) in enumerate(pairs):
            later = walk.names_of([v for _, v in pairs[k + 1 :]] + [t for t, _ in waiting])
            others = {t.id for t, _ in waiting if isinstance(t, ir.Name)}
            if isinstance(target, ir.Name) and target.id not in later | others and not self.indexed(waiting):
                code.append(self.bind(target, value))
            elif k == len(pairs) - 1 and not waiting:
                code.extend(self.put(target, value))
            else:
                waiting.append((target, self.wait(target, value, code)))
        for target, value in waiting:
            code.extend(self.put(target, value))
        return code

    def indexed(self, waiting: list[tuple[ir.Expr, ir.Expr]]) -> bool:
        return any(not isinstance(t, ir.Name) for t, _ in waiting)

    def wait(self, target: ir.Expr, value: ir.Expr, code: Code) -> ir.Expr:
        if isinstance(value, ir.Const | ir.Global):
            return value
        return self.temporary(temporary_name(target), value, code)

    def put(self, target: ir.Expr, value: ir.Expr) -> Code:
        if isinstance(target, ir.Tuple | ir.List):
            return self.assign(target.elts, value)
        return [self.bind(target, value)]

    def moves(self, names: list[str], values: list[ir.Expr]) -> Code:
        """Names only: put the assignments in an order that needs the fewest temporaries."""
        reads = [walk.names(v) for v in values]
        first = order(names, reads, frozenset())
        saved: frozenset[int] = frozenset()
        if first is None:
            saved, first = fewest(names, reads)
        code: Code = []
        late: Code = []
        for k in first:
            if k in saved:
                late.append(self.bind(ir.Name(names[k]), self.temporary(f"{names[k]}_new", values[k], code)))
            elif values[k] != ir.Name(names[k]):
                code.append(self.bind(ir.Name(names[k]), values[k]))
        return code + late

    def stores(self, pairs: list[tuple[ir.Expr, ir.Expr]]) -> Code:
        """Stores into memory stay in their order; a value that one of them could change before its
        own turn is evaluated first."""
        code: Code = []
        ready: list[tuple[ir.Expr, ir.Expr]] = []
        bound: set[str] = set()
        stored = False
        for target, value in pairs:
            if bound & walk.names(value) or (stored and not is_atom(value)):
                value = self.temporary(temporary_name(target), value, code)
            bound |= walk.target_names(target)
            stored = stored or not isinstance(target, ir.Name)
            ready.append((target, value))
        return code + [self.bind(target, value) for target, value in ready]


def order(names: list[str], reads: list[frozenset[str]], saved: frozenset[int]) -> list[int] | None:
    """An order in which each name is assigned after all others that read it: as near to the written
    one as can be, None if there is none. Those `saved` go to a temporary, so they wait for nobody."""
    todo = list(range(len(names)))
    done: list[int] = []
    while todo:
        ready = next(
            (k for k in todo if k in saved or not any(names[k] in reads[j] for j in todo if j != k)), None
        )
        if ready is None:
            return None
        todo.remove(ready)
        done.append(ready)
    return done


def fewest(names: list[str], reads: list[frozenset[str]]) -> tuple[frozenset[int], list[int]]:
    """The fewest values that must go to temporaries, and the order that goes with them."""
    n = len(names)
    for size in range(1, n) if n <= SEARCH else ():
        for chosen in combinations(range(n), size):
            found = order(names, reads, frozenset(chosen))
            if found is not None:
                return frozenset(chosen), found
    saved = frozenset(k for k in range(n) if any(names[k] in reads[j] for j in range(k + 1, n)))
    return saved, list(range(n))


def flatten(targets: Sequence[ir.Expr], values: Sequence[ir.Expr]) -> tuple[list[ir.Expr], list[ir.Expr]]:
    """`(a, b), c = (1, 2), 3` as `a, b, c = 1, 2, 3`."""
    flat_targets: list[ir.Expr] = []
    flat_values: list[ir.Expr] = []
    for target, value in zip(targets, values, strict=True):
        parts, elements = target_parts(target), target_parts(value)
        if parts and len(parts) == len(elements):
            inner = flatten(parts, elements)
            flat_targets += inner[0]
            flat_values += inner[1]
        else:
            flat_targets.append(target)
            flat_values.append(value)
    return flat_targets, flat_values


def target_parts(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    return expr.elts if isinstance(expr, ir.Tuple | ir.List) else ()


def is_shape(value: ir.Expr) -> bool:
    """What costs nothing to write twice: `x.shape`."""
    return isinstance(value, ir.Attr) and isinstance(value.base, ir.Name)


def temporary_name(target: ir.Expr) -> str:
    found = walk.root(target)
    return f"{found.id}_new" if found else "item"


def base_name(value: ir.Expr) -> str:
    """The name of the temporary that a value goes to before it is taken apart."""
    if isinstance(value, ir.Call):
        return value.fn.rpartition(".")[2] + "_value"
    return "item"
