"""From objects to numbers and arrays: the attributes that a function uses become parameters of it.

before: def loss(self, x):                    after: def loss(w, count, x):
            self.count += 1                              count += 1
            return np.sum(predict(self, x))              out = np.sum(predict(w, x))
                                                         self.count = count
        def predict(self, x):                            return out
            return self.w * x
                                                     def predict(w, x):
                                                         return w * x

An attribute that is assigned is a result, too, of all but the entry, which gives it to the object at its
end. So what follows knows no objects: an attribute is an argument like any other, one that shares memory
with another array or is written into included. An object that is also used in another way, in text that is
carried over, stays a parameter beside its attributes.

`Param.origin` says what a parameter of the entry stands for. Done on the surface IR of a whole program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adtrans import ir, walk
from adtrans.attributes.facts import new_object
from adtrans.attributes.flattener import Flattener, mentioned_names
from adtrans.attributes.inlining import inlined
from adtrans.customs import changed, roots
from adtrans.errors import Refused, Span, placed
from adtrans.names import Names


def flattened(
    program: ir.Program,
    objects: Mapping[str, frozenset[str]],
    fields: tuple[str, ...],
    absent: Mapping[str, Span],
    making: frozenset[str] = frozenset(),
) -> ir.Program:
    """The program without objects, which are these parameters of its functions; `fields` are attributes
    that become parameters of the entry in any case, `absent` those that no object has at the start; `making`
    are the names of classes and functions that give objects, which are none of text."""
    if not fields and not any(objects.values()) and not any(map(makes, program.functions.values())):
        return program
    program = replace(program, functions={k: unfolded(f) for k, f in program.functions.items()})
    if any(map(makes, program.functions.values())):
        program = replace(program, functions=with_plain_inits(program))
    flattener = Flattener(program, objects, fields, making)
    ruled = [p for p in (*program.customs, *roots(program)) if objects.get(p)]
    flattener.report += [changed(program, path, "it takes an object") for path in ruled]
    functions = flattener.run()
    flattener.require_absent(absent)
    flattener.require_called()
    if flattener.report:
        span = program.functions[program.entry].span
        raise Refused(placed(flattener.report, span), dict(program.sources))
    return replace(program, functions=functions, imports=(*program.imports, *flattener.imports))


def makes(function: ir.Function) -> bool:
    """Whether a function makes objects."""
    return any(new_object(stmt) is not None for stmt in walk.statements(function.body))


def unfolded(function: ir.Function) -> ir.Function:
    """The function with blocks that use attributes as statements: not as text, of which one decides later."""

    def change(stmt: ir.Stmt) -> Iterable[ir.Stmt]:
        if not isinstance(stmt, ir.Carried) or not any(map(asks, walk.statements(stmt.lowered))):
            return (stmt,)
        first = replace(stmt.lowered[0], comments=stmt.comments, blank_before=stmt.blank_before)
        return walk.map_block((first, *stmt.lowered[1:]), change)

    body = walk.map_block(function.body, change)
    return function if body is function.body else replace(function, body=body)


def asks(stmt: ir.Stmt) -> bool:
    """Whether a statement uses an attribute of an object."""
    if isinstance(stmt, ir.Carried) and any(map(asks, walk.statements(stmt.lowered))):
        return True
    return any(isinstance(e, ir.Field) for x in walk.expressions(stmt) for e in walk.subexpressions(x))


def with_plain_inits(program: ir.Program) -> dict[str, ir.Function]:
    """All functions, with what plain `__init__`s assign in the place of their calls."""
    taken = {f.name for f in program.functions.values()} | set(program.constants)
    taken |= {i.alias.partition(".")[0] for i in program.imports}
    return {
        path: inlined(function, program.functions, Names(taken | mentioned_names(function)))
        for path, function in program.functions.items()
    }
