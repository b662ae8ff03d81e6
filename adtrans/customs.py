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
        if rule.form in ("jvps", "partials"):
            make = summed if rule.form == "jvps" else from_partials
            made = make(functions[unit.path], paths, functions, names)
            functions[made.path], paths = made, (made.path,)
        customs[unit.path] = ir.Custom("vjp" if rule.form == "vjp" else "jvp", paths, rule.nondiff)
    return replace(program, functions=functions, customs=customs, stated=dict(reach.stated))


def summed(
    base: ir.Function, parts: tuple[str, ...], functions: Mapping[str, ir.Function], names: Names
) -> ir.Function:
    """`f.defjvps(f_x, f_y)` as one function: the tangent is the sum of what the arguments contribute."""
    frame = Frame(base, functions)
    terms: list[ir.Expr] = [
        ir.Call(path, (dot, frame.value, *frame.args), span=base.span)
        for path, dot in zip(parts, frame.dots, strict=True)
        if path
    ]
    return frame.function(names, (), terms)


def from_partials(
    base: ir.Function, parts: tuple[str, ...], functions: Mapping[str, ir.Function], names: Names
) -> ir.Function:
    """`@partials(f)` as a tangent: partial derivatives times tangents."""
    frame = Frame(base, functions)
    call = ir.Call(parts[0], (frame.value, *frame.args), span=base.span)
    slopes = tuple(ir.Name(frame.taken.fresh(f"{p.name}_slope")) for p in base.params)
    target = slopes[0] if len(slopes) == 1 else ir.Tuple(slopes)
    nothing = without_slope(functions[parts[0]])
    terms: list[ir.Expr] = [
        ir.Op("*", (slope, dot))
        for k, (slope, dot) in enumerate(zip(slopes, frame.dots, strict=True))
        if k not in nothing
    ]
    return frame.function(names, (ir.Assign(target=target, value=call),), terms)


def without_slope(rule: ir.Function) -> frozenset[int]:
    """The arguments of which a rule says None: they cannot vary."""
    last = rule.body[-1] if rule.body else None
    if not isinstance(last, ir.Return) or not isinstance(last.value, ir.Tuple):
        return frozenset()
    return frozenset(k for k, e in enumerate(last.value.elts) if e == ir.Const(None))


class Frame:
    """What is the same in every tangent function that is put together: `f_jvp(primals, tangents)`."""

    def __init__(self, base: ir.Function, functions: Mapping[str, ir.Function]) -> None:
        self.base = base
        self.taken = Names({p.name for p in base.params} | {f.name for f in functions.values()})
        self.value, self.primals, self.tangents = (
            ir.Name(self.taken.fresh(word)) for word in ("value", "primals", "tangents")
        )
        self.args = tuple(ir.Name(p.name) for p in base.params)
        self.dots = tuple(ir.Name(self.taken.fresh(f"{p.name}_dot")) for p in base.params)

    def function(self, names: Names, before: ir.Block, terms: list[ir.Expr]) -> ir.Function:
        """The function that returns the value and the sum of the terms."""
        base = self.base
        total = reduce(lambda a, b: ir.Op("+", (a, b)), terms or [ir.Call("numpy.zeros_like", (self.value,))])
        positional = tuple(ir.Name(p.name) for p in base.params if not p.keyword_only)
        keywords = tuple((p.name, ir.Name(p.name)) for p in base.params if p.keyword_only)
        call = ir.Call(base.path, positional, keywords, span=base.span)
        body: ir.Block = (
            ir.Assign(target=ir.Tuple(self.args), value=self.primals),
            ir.Assign(target=ir.Tuple(self.dots), value=self.tangents),
            ir.Assign(target=self.value, value=call),
            *before,
            ir.Return(value=ir.Tuple((self.value, total))),
        )
        name = names.fresh(f"{base.name}_jvp")
        path = f"{base.path.rpartition('.')[0]}.{name}"
        params = (ir.Param(self.primals.id), ir.Param(self.tangents.id))
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
