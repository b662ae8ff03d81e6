"""Arguments that are results: a function that fills `y` is differentiated as one that returns it, too.

before: def scale(x, y):                  after, with `y` as output:
            y[:] = 2.0 * x                    def scale(x, y):
                                                  y[:] = 2.0 * x
                                                  return y
"""

from __future__ import annotations

from dataclasses import replace

from adtrans import ir, walk
from adtrans.errors import Diagnostic
from adtrans.normalise.flow import Flow


def with_outputs(program: ir.Program, names: tuple[str, ...], report: list[Diagnostic]) -> ir.Program:
    """The program whose entry returns these arguments, after what it returns anyway."""
    function = program.functions[program.entry]
    for name in names:
        if name not in {p.name for p in function.params}:
            params = ", ".join(f"`{p.name}`" for p in function.params)
            words = f"`{function.name}` has no parameter `{name}`, so it fills none"
            report.append(Diagnostic("AD504", words, function.span, f"its parameters are {params}"))
        for stmt in walk.statements(function.body):
            if name in walk.binds(stmt) and not isinstance(stmt, ir.AugAssign):
                words = f"`{name}` is bound to something else here: then it is not the caller's array"
                help_ = f"write into the array: `{name}[...] = ...`"
                report.append(Diagnostic("AD504", words, stmt.span, help_))
    body = walk.map_block(function.body, lambda stmt: returning(stmt, names))
    if Flow().falls(function.body):
        body = (*body, ir.Return(value=together(None, names)))
    return replace(program, functions={**program.functions, program.entry: replace(function, body=body)})


def returning(stmt: ir.Stmt, names: tuple[str, ...]) -> ir.Stmt:
    if not isinstance(stmt, ir.Return):
        return stmt
    return replace(stmt, text=None, value=together(stmt.value, names))


def together(value: ir.Expr | None, names: tuple[str, ...]) -> ir.Expr:
    """What a return gives, and the arguments."""
    own: tuple[ir.Expr, ...] = (value,) if value is not None and value != ir.Const(None) else ()
    if isinstance(value, ir.Tuple):
        own = value.elts
    both = (*own, *map(ir.Name, names))
    return both[0] if len(both) == 1 else ir.Tuple(both)
