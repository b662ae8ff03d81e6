"""What stands for objects that are made: a call of `__init__`, attributes that a function returns, a copy.

layer = Layer(w)           layer = <new object>; Layer.__init__(layer, w)
q = p.scaled(s)            q = <new object>; q.x, q.y = Point.scaled(p, s)
return Point(x, y)         point = <new object>; point.x = x; point.y = y; return point.x, point.y
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import ir
from adtrans.errors import Span
from adtrans.frontend.classes import SourceType
from adtrans.frontend.construction import Construction, NamedTuple, class_constants, init_fields
from adtrans.frontend.passing import Made, attributes, is_value
from adtrans.layouts import NEW
from adtrans.structures import is_place
from adtrans.walk import subexpressions

if TYPE_CHECKING:
    from adtrans.frontend.expressions import Expressions

Code = list[ir.Stmt]


def constructed(owner: Expressions, place: ir.Expr, call: cst.Call, made: Construction, span: Span) -> Code:
    """`m = Model(w, 2.0)`: a new object, and `__init__` called with it; or its fields one by one."""
    args, kwargs = owner.arguments(call)
    constants = tuple((name, owner.constant(value)) for name, value in made.constants)
    new = ir.Call(NEW, (), constants, spelled=made.kind.name, span=span)
    code: Code = [ir.Assign(target=place, value=new, span=span)]
    for name, value in made.fields:
        given = owner.lower(value) if isinstance(value, cst.BaseExpression) else owner.constant(value)
        code += stored(owner, ir.Field(place, name, span=span), value, given, span)
    for unit in made.units:
        given_to = (args, kwargs) if unit is made.init else ((), ())
        spelled = owner.reach.names[unit]
        init = ir.Call(unit.path, (place, *given_to[0]), given_to[1], spelled=spelled, span=span)
        code.append(ir.ExprStmt(value=init, span=span))
    return code


def received(owner: Expressions, place: ir.Expr, kind: SourceType, value: ir.Expr, span: Span) -> Code:
    """An object whose attributes are the results of a call, or those of another object."""
    targets = fields(owner, place, kind)
    target = targets[0] if len(targets) == 1 else ir.Tuple(tuple(targets))
    return [*opened(owner, place, kind, span), ir.Assign(target=target, value=value, span=span)]


def stored(owner: Expressions, place: ir.Field, value: object, given: ir.Expr, span: Span) -> Code:
    """What an attribute holds; of an object that nothing changes it has its own."""
    typed = owner.objects.type_of(value) if isinstance(value, cst.BaseExpression) else None
    if (
        typed is None
        or typed.bare
        or not isinstance(typed.type, SourceType)
        or typed.type.parts
        or not is_value(owner.objects, typed.type)
    ):
        return [ir.Assign(target=place, value=given, span=span)]
    return received(owner, place, typed.type, packed(owner, given, typed.type), span)


def opened(owner: Expressions, place: ir.Expr, kind: SourceType, span: Span) -> Code:
    """A new object, and those in it, with what they have from their classes."""
    own = attributes(owner.objects, kind)
    names = {name for name, _ in own}
    constants = tuple(
        (name, owner.constant(value))
        for name, value in class_constants(owner.objects, kind)
        if name not in names
    )
    new = ir.Call(NEW, (), constants, spelled=kind.name, span=span)
    code: Code = [ir.Assign(target=place, value=new, span=span)]
    for name, inner in own:
        if inner is not None:
            code += opened(owner, ir.Field(place, name, span=span), inner, span)
    return code


def fields(owner: Expressions, place: ir.Expr, kind: SourceType) -> list[ir.Expr]:
    """All that an object holds."""
    found: list[ir.Expr] = []
    for name, inner in attributes(owner.objects, kind):
        field = ir.Field(place, name, span=place.span)
        found += [field] if inner is None else fields(owner, field, inner)
    return found


def packed(owner: Expressions, place: ir.Expr, kind: SourceType) -> ir.Expr:
    """What a function returns that returns an object."""
    found = fields(owner, place, kind)
    return found[0] if len(found) == 1 else ir.Tuple(tuple(found), span=place.span)


def as_result(owner: Expressions, place: ir.Expr, kind: SourceType) -> ir.Expr | None:
    """A dataclass as the entry returns it: a dict of its fields; the library makes an object of it again."""
    own, names = attributes(owner.objects, kind), init_fields(kind)
    if not own or any(inner is not None for _, inner in own) or {name for name, _ in own} != {*(names or ())}:
        return None
    if any("__init__" in cls.members for cls in kind.mro) or owner.reach.is_called(owner.unit):
        return None  # What is called gives its attributes one by one.
    fields = tuple(ir.Field(place, name, span=place.span) for name, _ in own)
    return ir.Dict(tuple(name for name, _ in own), fields, span=place.span)


def tuple_of(owner: Expressions, made: NamedTuple, call: cst.Call) -> ir.Expr:
    """A named tuple: its parts in their order, wherever the call gives them."""
    span = owner.module.span(call)
    if made.row is not None:
        row = one_by_one(owner, made.row, call)
        given: dict[str, ir.Expr] = {n: ir.Index(row, ir.Const(k)) for k, n in enumerate(made.kind.parts)}
        return ir.Tuple((*given.values(),), made.kind.parts, owner.reach.names[made.holder], span=span)
    given = {
        name: owner.lower(value) if isinstance(value, cst.BaseExpression) else owner.constant(value)
        for name, value in made.fields
    }
    if made.base is not None:
        base = owner.lower(made.base)
        if not is_place(base):
            return ir.Call(
                "namedtuple._replace", (base,), tuple(given.items()), "method", "_replace", span=span
            )
        given = {name: ir.Index(base, ir.Const(name), attribute=True) for name in made.kind.parts} | given
    elif any_order(made, given.values()):
        words = f"the parts of a `{made.kind.name}` are computed in another order than it has them"
        owner.refuse("AD223", words, call, "give them in the order of the class")
    elts = tuple(given[name] for name in made.kind.parts)
    return ir.Tuple(elts, made.kind.parts, owner.reach.names[made.holder], span=span)


def one_by_one(owner: Expressions, row: cst.BaseExpression, call: cst.Call) -> ir.Expr:
    """What `*row` takes its parts from: under a name of its own before the statement, if it is computed."""
    value = owner.comprehension(row) if isinstance(row, cst.GeneratorExp) else owner.lower(row)
    if is_place(value):
        return value
    passing = owner.objects.passing
    if id(call) not in passing.places or not passing.in_order(call):
        owner.refuse(
            "AD223", "what is spread here is computed in the middle of a statement", row, "name it before"
        )
    place = ir.Name(owner.fresh("row"), span=owner.module.span(row))
    owner.before.append(ir.Assign(target=place, value=value, span=place.span))
    return place


def any_order(made: NamedTuple, given: Collection[ir.Expr]) -> bool:
    """Whether what is given stands in another order than the parts, and that may matter."""
    order = [name for name, _ in made.fields]
    computed = [
        value for value in given if any(isinstance(e, ir.Call | ir.Bind) for e in subexpressions(value))
    ]
    return order != [name for name in made.kind.parts if name in order] and len(computed) > 1


def temporary(owner: Expressions, node: Made, kind: SourceType) -> ir.Name:
    """An object that is made in an expression, under a name of its own before the statement."""
    span = owner.module.span(node)
    if not owner.objects.passing.in_order(node):
        owner.refuse(
            "AD223",
            f"a `{kind.name}` is made in the middle of a statement, beside calls that may change something",
            node,
            "give it a name before",
        )
    place = ir.Name(owner.fresh(snake(kind.name)), span=span)
    made = owner.objects.passing.construction(node)
    if made is not None and isinstance(node, cst.Call):
        owner.before += constructed(owner, place, node, made, span)
    else:
        owner.before += received(owner, place, kind, called(owner, node), span)
    return place


def called(owner: Expressions, node: Made) -> ir.Expr:
    """The call that an expression is which gives an object."""
    if isinstance(node, cst.Call):
        return owner.plain_call(node)
    callee = owner.objects.passing.callee(node)
    assert callee is not None and callee.receiver is not None
    span, spelled = owner.module.span(node), owner.reach.names[callee.unit]
    if not isinstance(node, cst.BinaryOperation):
        return ir.Call(callee.unit.path, (owner.receiver(callee.receiver),), spelled=spelled, span=span)
    left, right = owner.lower(node.left), owner.lower(node.right)
    given = (left, right) if callee.receiver is node.left else (right, left)
    return ir.Call(callee.unit.path, given, spelled=spelled, span=span)


def snake(name: str) -> str:
    """`BlackHole` as `black_hole`."""
    words = "".join(f"_{c.lower()}" if c.isupper() and k else c.lower() for k, c in enumerate(name))
    return words.strip("_") or "made"
