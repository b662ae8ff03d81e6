"""The compiler on one page: from a program to the text of a derivative module.

    parse.py      source text to surface IR            (with resolve.py: names to functions)
    closures/     functions as values to functions that are called by name
    nested.py     derivatives that the program asks for itself
    normalise/    surface IR to core IR
    analyses/     ranks, aliases, activity             (facts beside the IR)
    prepare.py    names for what is dear and read
    aliases/      one name for an array that has two
    reverse/      the adjoint of each statement        record/: the two sweeps
    forward.py    the tangent of each statement
    tidy.py       clean-ups
    emit.py       IR to text, formatted by black

`compiler/` puts the stages from the analyses on together for one function and one signature, and again
for every user function that it calls; its `derive.py` comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from adtrans import carried, customs, emit, instances, nested
from adtrans.brackets import closed
from adtrans.compiler.derive import Derived, derive
from adtrans.configure import configured
from adtrans.errors import Diagnostic, Refused, placed
from adtrans.filled import with_outputs
from adtrans.ir import Assign, Call, Expr, Function, Program, Return, Stmt
from adtrans.kinds import Kind
from adtrans.normalise import normalise
from adtrans.normalise.arity import Arities
from adtrans.parse import deep
from adtrans.rules import registry
from adtrans.solvers import without_solutions
from adtrans.verify import verify
from adtrans.walk import map_block, map_expr, map_stmt, names

Mode = Literal["reverse", "forward", "both"]


@dataclass(frozen=True, slots=True)
class Request:
    """What to derive: `wrt` empty means every parameter that may vary; `outputs` are the results to
    differentiate, by position (None: all). `filled` are parameters that are results, after those returned.
    A `draft` is not formatted: who only asks whether there is a derivative does not read it."""

    mode: Mode = "reverse"
    wrt: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    split: bool = False
    command: str = ""
    outputs: tuple[int, ...] | None = None
    filled: tuple[str, ...] = ()
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Generated:
    """The emitted module: `name` is the derivative in it (`forward` and `backward` if split); `named` is the
    class in it of what the function returns, if that is a named tuple."""

    text: str
    name: str
    primal: str
    wrt: tuple[str, ...]
    results: tuple[str, ...]
    kinds: tuple[Kind, ...]
    mutated: tuple[str, ...] = ()
    forward: str = ""
    backward: str = ""
    named: str = ""


def generate(program: Program, request: Request) -> Generated:
    """Derive and write out; raises `Refused` with everything that stands in the way."""
    name = program.functions[program.entry].name
    with deep(program.sources.get(program.file, ""), program.file, name), registry.stated(program.stated):
        return _generate(program, request)


def _generate(program: Program, request: Request) -> Generated:
    program = customs.called(nested.expanded(program, request.kinds))
    report: list[Diagnostic] = []
    if request.filled:
        program = with_outputs(program, request.filled, report)
        stop(report, program)
    while True:
        report = []
        chosen = configured(program, request.kinds, report)
        derived = None if report else attempted(chosen, request, report)
        active, objects = carried.active(program, report), instances.refused(program, report)
        if (not active and not objects) or carried.is_hopeless(program, report, active):
            break
        program = instances.without(carried.lowered(program, active), objects)
    stop(report, program)
    assert derived is not None
    for function in derived.functions:
        if function is chosen.original(function.path):
            continue  # A primal, as the user wrote it.
        verify(function, chosen, "derive", known=derived.paths)
    facts = (*derived.facts, *without(program, chosen))
    header = emit.Header(derived.title, request.command or "adtrans", facts)
    return Generated(
        text=emit.module(
            [finished(f, chosen) for f in derived.functions], program, header, draft=request.draft
        ),
        name=derived.name,
        primal=program.functions[program.entry].name,
        wrt=derived.wrt,
        results=derived.results,
        kinds=derived.kinds,
        mutated=derived.mutated,
        forward=derived.forward,
        backward=derived.backward,
        named=Arities(program).label(Call(program.entry, ())).spelled,
    )


def without(program: Program, chosen: Program) -> tuple[tuple[str, str], ...]:
    """The fact that an entry is compiled for calls without further keywords."""
    left = {p.name for p in chosen.functions[chosen.entry].params}
    params = program.functions[program.entry].params
    return tuple(("Without", f"**{p.name}") for p in params if p.star == "**" and p.name not in left)


def attempted(program: Program, request: Request, report: list[Diagnostic]) -> Derived | None:
    """The derivative, or None and the reasons in `report`."""
    core = normalised(program, request.kinds, report)
    if report:
        return None
    return derive(
        program,
        core,
        report,
        request.mode,
        request.wrt,
        request.kinds,
        split=request.split,
        outputs=request.outputs,
        filled=request.filled,
    )


def normalised(program: Program, kinds: Mapping[str, Kind], report: list[Diagnostic]) -> dict[str, Function]:
    """All functions of a program in core form."""
    core: dict[str, Function] = {}
    for path, function in program.functions.items():
        before = len(report)
        core[path] = normalise(function, program, kinds if path == program.entry else {}, report)
        if len(report) == before:
            verify(core[path], program, "normalise")
    return core


def finished(function: Function, program: Program) -> Function:
    """`stop_gradient` is a function of the module; keywords are back; a function that returns nothing just
    ends."""

    def finish(expr: Expr) -> Expr:
        return as_written(without_solutions(_stopping(expr), program.functions), program)

    def statement(stmt: Stmt) -> tuple[Stmt, ...]:
        new = map_stmt(stmt, lambda e: map_expr(e, finish))
        if new is not stmt and isinstance(new, Assign) and new.target == new.value:
            return ()  # `v = v`, where the solution of `v, error = quad(...)` stood.
        return (new,)

    body = map_block(function.body, statement)
    function = replace(function, body=closed(body))
    if len(function.body) > 1 and isinstance(function.body[-1], Return) and function.body[-1].value is None:
        return replace(function, body=function.body[:-1])
    return function


def as_written(expr: Expr, program: Program) -> Expr:
    """A call of the user's own function, by its name: `g(x, shift=s)` where it asks for a keyword. (In core
    form all arguments stand in order, and a call may be of a variant of the function.)"""
    if not isinstance(expr, Call) or expr.fn not in program.functions or expr.kwargs:
        return expr
    params = program.functions[expr.fn].params
    expr = replace(expr, fn=program.variants.get(expr.fn, expr.fn))
    given = list(zip(params, expr.args, strict=False))
    named = tuple((p.keyword or p.name, arg) for p, arg in given if p.keyword_only)
    if not named:
        return expr
    return replace(expr, args=tuple(arg for p, arg in given if not p.keyword_only), kwargs=named)


def _stopping(expr: Expr) -> Expr:
    """A call of `stop_gradient` in the module: who differentiates this one again must see it."""
    if isinstance(expr, Call) and expr.fn == "adtrans.stop_gradient":
        helper = replace(expr, fn="adtrans.support.stop_gradient", spelled="")
        return helper if names(expr) else expr.args[0]
    return expr


def stop(report: list[Diagnostic], program: Program) -> None:
    if report:
        raise Refused(placed(report, program.functions[program.entry].span), dict(program.sources))
