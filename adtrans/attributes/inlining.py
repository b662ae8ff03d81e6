"""`__init__` that only assigns attributes is written where the object is made.

before: model = <new object>          after: model.w = w * 2.0
        Model.__init__(model, w * 2.0)       model.rounds = 3
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from adtrans import ir, walk
from adtrans.attributes.facts import new_object
from adtrans.attributes.paths import arguments, chain
from adtrans.names import Names

PLAIN = (
    *(ir.Const, ir.Name, ir.Global, ir.Op, ir.Call, ir.Attr, ir.Field, ir.Index, ir.Slice),
    *(ir.Tuple, ir.List, ir.Dict, ir.IfExp),
)
"""What the values of attributes may be made of; not text, and no functions made here."""


def inlined(function: ir.Function, functions: Mapping[str, ir.Function], names: Names) -> ir.Function:
    """The function with the assignments of plain `__init__`s in the place of their calls."""

    def written_out(stmt: ir.Stmt) -> tuple[ir.Stmt, ...]:
        match stmt:
            case ir.ExprStmt(value=ir.Call() as call):
                return tuple(assignments(call, stmt, functions, names) or (stmt,))
        return (stmt,)

    body = walk.map_block(function.body, written_out)
    return function if body is function.body else replace(function, body=body)


def assignments(
    call: ir.Call, stmt: ir.Stmt, functions: Mapping[str, ir.Function], names: Names
) -> list[ir.Stmt] | None:
    """What a call of an `__init__` assigns; None if it does anything else."""
    callee = functions.get(call.fn)
    if callee is None or call.fn.rpartition(".")[2] != "__init__" or not call.args or not callee.params:
        return None
    passed = dict(arguments(call, callee))
    given = passed | {p.name: p.default for p in callee.params if p.name not in passed}
    me, place = callee.params[0].name, call.args[0]
    if chain(place) is None or len(given) > len(callee.params) or any(p.star for p in callee.params):
        return None
    body = [s for s in callee.body if not nothing(s)]
    if not all(plain(s, me) for s in body):
        return None
    table: dict[str, ir.Expr] = {}
    before: list[ir.Stmt] = []
    computed = [n for n, a in passed.items() if n != me and not isinstance(a, ir.Name | ir.Const)]
    in_place = used_in_order(body, computed)
    for name, value in given.items():
        if value is None or (name not in passed and not isinstance(value, ir.Const)):
            return None  # A default that is computed belongs to the module of the class.
        if isinstance(value, ir.Name | ir.Const) or in_place or name == me:
            table[name] = value
        else:
            table[name] = ir.Name(names.fresh(name))
            before.append(ir.Assign(target=table[name], value=value, span=stmt.span))
    result: list[ir.Stmt] = []
    for inner in body:
        made = walk.map_stmt(inner, lambda e: walk.substitute(e, table))
        made = replace(made, span=stmt.span, text=None, comments=(), trailing="", blank_before=False)
        match made:
            case ir.ExprStmt(value=ir.Call() as nested):
                further = assignments(nested, stmt, functions, names)
                if further is None:
                    return None
                result += further
            case _:
                result.append(made)
    return [*before, *result]


def nothing(stmt: ir.Stmt) -> bool:
    """`pass`, and the end of the function."""
    return (isinstance(stmt, ir.Verbatim) and stmt.text == "pass") or (
        isinstance(stmt, ir.Return) and stmt.value in (None, ir.Const(None))
    )


def plain(stmt: ir.Stmt, me: str) -> bool:
    """Whether a statement only assigns an attribute, or calls another `__init__` on the object."""
    match stmt:
        case ir.Assign(target=ir.Field() as target, value=value):
            path = chain(target)
            own = path is not None and path[0] == me
            return own and (new_object(stmt) is not None or (simple(value) and fields_only(value, me)))
        case ir.ExprStmt(value=ir.Call(fn=fn, args=(place, *rest), kwargs=kwargs)):
            inner = chain(place)
            values = (*rest, *(v for _, v in kwargs))
            init = fn.rpartition(".")[2] == "__init__" and inner is not None and inner[0] == me
            return init and all(simple(v) and fields_only(v, me) for v in values)
    return False


def simple(value: ir.Expr) -> bool:
    return all(isinstance(e, PLAIN) for e in walk.subexpressions(value))


def fields_only(value: ir.Expr, me: str) -> bool:
    """Whether the object itself is only asked for its attributes."""
    if chain(value) is not None:
        return value != ir.Name(me)
    return all(fields_only(part, me) for part in walk.children(value))


def used_in_order(body: list[ir.Stmt], params: list[str]) -> bool:
    """Whether each of the parameters is the whole value of one attribute, and they come in their order."""
    values = [s.value for s in body if isinstance(s, ir.Assign)]
    counts = Counter(
        e.id
        for s in body
        for x in walk.expressions(s)
        for e in walk.subexpressions(x)
        if isinstance(e, ir.Name)
    )
    whole = [v.id for v in values if isinstance(v, ir.Name) and v.id in params]
    return whole == params and all(counts[name] == 1 for name in params)
