"""Derivatives that a program asks for itself: `adtrans.grad(f)(x)` in a function that is differentiated.

Our output is closed under differentiation: the derivative is written as a module, as for anybody
else, and read again; its functions become functions of the program. The innermost ones go first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

from adtrans import ir, walk
from adtrans.customs import roots
from adtrans.errors import Diagnostic, Refused, Span
from adtrans.kinds import FLOAT, Array, Kind, ListOf, TupleOf, join
from adtrans.names import Names


def expanded(program: ir.Program, kinds: Mapping[str, Kind]) -> ir.Program:
    """The program with all its derivatives; `kinds` are those of the parameters of the entry, where known."""
    while program.nested:
        path = innermost(program)
        program = made(program, path, known(program, path, kinds))
    return program


def innermost(program: ir.Program) -> str:
    """A derivative of a function that needs no other one."""
    from adtrans.closures.variants import reached

    for path, wanted in program.nested.items():
        inside = reached(program.functions, [wanted.of], program.nested)
        if not inside & program.nested.keys():
            return path
    raise AssertionError("derivatives of each other")


def known(program: ir.Program, path: str, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """What is known of the arguments of a derivative, at all its calls together."""
    from adtrans.analyses.demands import demanded
    from adtrans.compiler.derive import declared
    from adtrans.compiler.session import Session
    from adtrans.configure import configured
    from adtrans.pipeline import normalised, stop

    report: list[Diagnostic] = []
    program = configured(program, kinds, report)
    core = {} if report else normalised(program, kinds, report)
    stop(report, program)
    session = Session(program, core, report)
    entry = core[program.entry]
    signature = {p.name: kinds.get(p.name, declared(p, session)) for p in entry.params}
    signature = demanded(entry, signature, session.inference)
    session.inference.ranks(program.entry, tuple(signature.values()))
    variants = program.variants
    found = [called for fn, called in session.inference.done if variants.get(fn, fn) == path]
    original = program.original(path)
    assert original is not None
    params = [p.name for p in original.params]
    if not found:
        return {}
    joined = reduce(lambda a, b: tuple(map(join, a, b)), found)
    return dict(zip(params, localised(joined, params), strict=True))


def localised(kinds: tuple[Kind, ...], params: list[str]) -> list[Kind]:
    """Kinds as those of parameters: a length that has a name elsewhere is called after an axis of these."""
    names: dict[str, str] = {}

    def rename(kind: Kind, place: str) -> Kind:
        match kind:
            case Array(shape=None, like=like):
                return replace(kind, like=None if like is None else names.setdefault(f"like {like}", place))
            case Array(shape=shape):
                axes = enumerate(shape or ())
                dims = tuple(
                    names.setdefault(d, f"{place}.{k}") if isinstance(d, str) else d for k, d in axes
                )
                return replace(kind, shape=dims, like=None)
            case ListOf(elem=Kind() as elem):
                return ListOf(rename(elem, f"{place}.*"))
            case TupleOf(elems=elems):
                return TupleOf(tuple(rename(e, f"{place}.{k}") for k, e in enumerate(elems)))
        return kind

    return [rename(kind, name) for kind, name in zip(kinds, params, strict=True)]


def made(program: ir.Program, path: str, kinds: Mapping[str, Kind]) -> ir.Program:
    """The program with one of its derivatives."""
    from adtrans import parse
    from adtrans.compiled import Wanted, generated
    from adtrans.drivers import Driver

    wanted, place = program.nested[path], program.functions[path]
    base = program.functions[wanted.of]
    kinds = {n: float_kind(k) if n in wanted.wrt else k for n, k in kinds.items()}
    forward = wanted.form in ("jvp", "pushforward", "jacfwd")
    inner = replace(program, entry=wanted.of, functions=from_entry(program, wanted.of), nested={})
    outputs = (0,) if wanted.aux else None
    order = tuple(p.name for p in base.params if p.name in wanted.wrt)
    asked = Wanted("forward" if forward else "reverse", order, wanted.form == "jacrev", outputs)
    found = generated(inner, asked, kinds)
    if wanted.form == "jacrev" and all(found.ranks[i] == 0 for i in found.seeded):
        found = generated(inner, replace(asked, split=False), kinds)
    check(program, wanted, base, found.results, found.ranks[0] if found.ranks else None, found.mutated)
    params: dict[str, Kind | None] = {p.name: kinds.get(p.name) for p in base.params}
    name = Names(re.findall(r"\w+", found.text)).fresh(place.name)
    driver = Driver(name, base.name, found, params, order, int(wanted.aux), wanted.extra)
    text = f"{found.text.rstrip()}\n\n\n{driver.write(wanted.form)}"
    read = parse.program(text, f"{name}.py", name, rules=program.stated)
    return merged(program, path, read)


def float_kind(kind: Kind) -> Kind:
    """A Python integer that is differentiated counts as a float."""
    return FLOAT if isinstance(kind, Array) and kind.dtype in "ib" and kind.python else kind


def from_entry(program: ir.Program, entry: str) -> dict[str, ir.Function]:
    """The functions that a function needs, itself first."""
    from adtrans.closures.variants import reached

    wanted = reached(program.functions, [entry, *roots(program)], {})
    first = {entry: program.functions[entry]}
    return first | {p: f for p, f in program.functions.items() if p in wanted}


def check(
    program: ir.Program,
    wanted: ir.Nested,
    base: ir.Function,
    results: int,
    rank: int | None,
    mutated: tuple[str, ...],
) -> None:
    """What the library would say at run time is said now."""
    problem = ""
    if results != 1 + wanted.aux:
        problem = f"`{base.name}` returns {results} values"
    elif rank and wanted.form in ("grad", "value_and_grad"):
        problem = f"`{base.name}` returns an array of rank {rank}, and a gradient is that of a number"
    elif mutated:
        problem = f"`{base.name}` writes into `{mutated[0]}`, and a derivative leaves its arguments alone"
    if problem:
        help_ = "differentiate a function that returns one number, and writes to nothing"
        raise Refused((Diagnostic("AD243", problem, wanted.span, help_),), dict(program.sources))


def merged(program: ir.Program, path: str, read: ir.Program) -> ir.Program:
    """The functions of a derivative as functions of the program; what both have, once."""
    own = {f.name: p for p, f in program.functions.items() if p != path}
    same = {p: own[f.name] for p, f in read.functions.items() if f.name in own and p != read.entry}
    same = {p: q for p, q in same.items() if alike(read.functions[p], program.functions[q])}
    paths = {
        p: same.get(p, path if p == read.entry else f"{path}.{f.name}") for p, f in read.functions.items()
    }
    names = Names(all_names(program) | {i.alias for i in (*program.imports, *read.imports)})
    wanted = program.nested[path]
    text = program.functions[wanted.of].text
    functions = dict(program.functions)
    for old, function in read.functions.items():
        if old in same:
            continue
        place = program.functions[path]
        entry = old == read.entry
        functions[paths[old]] = replace(
            function,
            path=paths[old],
            name=place.name if entry else names.fresh(function.name),
            params=place.params if entry else function.params,
            body=placed(function.body, paths, wanted.span),
            span=wanted.span,
            text=text,
        )
    constants = {
        **program.constants,
        **{k: v for k, v in read.constants.items() if k not in program.constants},
    }
    imports = tuple(dict.fromkeys((*program.imports, *read.imports)))
    rest = {p: n for p, n in program.nested.items() if p != path}
    customs = dict(program.customs)
    for old, custom in read.customs.items():
        customs.setdefault(paths[old], replace(custom, functions=tuple(paths[p] for p in custom.functions)))
    return replace(
        program, functions=functions, constants=constants, imports=imports, nested=rest, customs=customs
    )


def alike(one: ir.Function, other: ir.Function) -> bool:
    """Whether two functions do the same: one was printed and read again."""
    from adtrans.show import show

    def shown(f: ir.Function) -> str:
        return show(f.body) + ", ".join(p.name for p in f.params)

    return shown(one) == shown(other)


def all_names(program: ir.Program) -> set[str]:
    """The names of functions and constants, and of the variables in functions."""
    found = {*program.constants}
    for function in program.functions.values():
        found |= {function.name, *(p.name for p in function.params)}
        found = found.union(*map(walk.binds, walk.statements(function.body)))
    return found


def placed(body: ir.Block, paths: Mapping[str, str], span: Span | None) -> ir.Block:
    """Statements at the place that asked for them, with calls under other paths."""

    def expr(e: ir.Expr) -> ir.Expr:
        if isinstance(e, ir.Call) and e.fn in paths:
            return replace(e, fn=paths[e.fn], spelled="", span=span)
        return replace(e, span=span) if e.span is not None else e

    def stmt(s: ir.Stmt) -> ir.Stmt:
        new = walk.map_stmt(s, lambda e: walk.map_expr(e, expr))
        return replace(new, span=span, text=s.text if not calls(s, paths) else None)

    return walk.map_block(body, stmt)


def calls(stmt: ir.Stmt, paths: Mapping[str, str]) -> bool:
    """Whether a statement calls a function whose name may have changed."""
    nodes = (e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr))
    return any(isinstance(e, ir.Call) and e.fn in paths for e in nodes)
