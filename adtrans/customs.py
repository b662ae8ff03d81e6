"""Functions that have a derivative rule of the user's, in the program as a whole.

A rule given argument by argument (`f.defjvps`) becomes one function; a function with a rule that is
differentiated itself is called by one that does nothing else, so that its rule is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from adtrans import ir
from adtrans.errors import Diagnostic
from adtrans.names import Names

if TYPE_CHECKING:
    from adtrans.frontend.reach import Reach

UNUSABLE = "AD246"


def with_customs(program: ir.Program, reach: Reach) -> ir.Program:
    """The program with the rules that its functions have."""
    functions, customs = dict(program.functions), dict(program.customs)
    names = Names({f.name for f in functions.values()} | {*program.constants} | {*reach.names.values()})
    for unit, rule in reach.rules.items():
        paths = tuple(u.path if u is not None else "" for u in rule.functions)
        if rule.form == "jvps":
            made = summed(functions[unit.path], paths, functions, names)
            functions[made.path], paths = made, (made.path,)
        customs[unit.path] = ir.Custom("vjp" if rule.form == "vjp" else "jvp", paths, rule.nondiff)
    return replace(program, functions=functions, customs=customs)


def summed(
    base: ir.Function, parts: tuple[str, ...], functions: Mapping[str, ir.Function], names: Names
) -> ir.Function:
    """`f.defjvps(f_x, f_y)` as one function: the tangent is the sum of what the arguments contribute."""
    taken = Names({p.name for p in base.params} | {f.name for f in functions.values()})
    value, primals, tangents = map(taken.fresh, ("value", "primals", "tangents"))
    args = tuple(ir.Name(p.name) for p in base.params)
    dots = tuple(ir.Name(taken.fresh(f"{p.name}_dot")) for p in base.params)
    terms: list[ir.Expr] = [
        ir.Call(path, (dot, ir.Name(value), *args), span=base.span)
        for path, dot in zip(parts, dots, strict=True)
        if path
    ]
    zero = ir.Call("numpy.zeros_like", (ir.Name(value),))
    total = reduce(lambda a, b: ir.Op("+", (a, b)), terms) if terms else zero
    positional = tuple(a for a, p in zip(args, base.params, strict=True) if not p.keyword_only)
    keywords = tuple((p.name, ir.Name(p.name)) for p in base.params if p.keyword_only)
    body: ir.Block = (
        ir.Assign(target=ir.Tuple(args), value=ir.Name(primals)),
        ir.Assign(target=ir.Tuple(dots), value=ir.Name(tangents)),
        ir.Assign(target=ir.Name(value), value=ir.Call(base.path, positional, keywords, span=base.span)),
        ir.Return(value=ir.Tuple((ir.Name(value), total))),
    )
    name = names.fresh(f"{base.name}_jvp")
    path = f"{base.path.rpartition('.')[0]}.{name}"
    params = (ir.Param(primals), ir.Param(tangents))
    return ir.Function(name, path, params, body, doc=f"Tangent of `{base.name}`, argument by argument.")


def called(program: ir.Program) -> ir.Program:
    """The program with an entry that has no rule itself: it calls the one that has."""
    if program.entry not in program.customs:
        return program
    base = program.functions[program.entry]
    module, _, name = program.entry.rpartition(".")
    path = f"{module}@called.{name}"
    positional = tuple(ir.Name(p.name) for p in base.params if not p.keyword_only)
    keywords = tuple((p.name, ir.Name(p.name)) for p in base.params if p.keyword_only)
    call = ir.Call(base.path, positional, keywords, span=base.span)
    entry = replace(base, path=path, body=(ir.Return(value=call),), text="")
    return replace(program, entry=path, functions={path: entry, **program.functions})


def changed(program: ir.Program, path: str, why: str) -> Diagnostic:
    """A function that would be called otherwise than its rule says."""
    function = program.functions[path]
    words = f"`{function.name}` has a derivative rule of its own, and {why}"
    help_ = "pass numbers and arrays, and read everything else from the module"
    return Diagnostic(UNUSABLE, words, function.span, help_)


def roots(program: ir.Program) -> list[str]:
    """The functions of rules, which nothing needs to call."""
    return [path for custom in program.customs.values() for path in custom.functions]
