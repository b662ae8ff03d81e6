"""One compilation: the derivative of the entry of a program and of all user functions that it calls.

session.py     what all functions share
prepared.py    one function analysed and prepared for one signature
sweeps.py      its two sweeps (reverse mode);   tangents.py    its one sweep (forward mode)
pairs.py       callees in reverse mode: `g_fwd`, `g_bwd`
entry.py       the functions of the entry, with header.py for what they say of themselves
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from adtrans.analyses.demands import demanded, is_open
from adtrans.analyses.memory import Memory, effects
from adtrans.annotations import kind_of_annotation
from adtrans.compiler import entry
from adtrans.compiler.functions import returned
from adtrans.compiler.header import Facts
from adtrans.compiler.session import Session
from adtrans.errors import Diagnostic
from adtrans.ir import Call, Const, Expr, ExprStmt, Function, Index, Name, Param, Program
from adtrans.kinds import (
    ANY,
    MEMBER,
    Array,
    Kind,
    ListOf,
    Plain,
    TupleOf,
    is_number,
    may_be_complex,
    may_vary,
)
from adtrans.walk import expressions, statements, subexpressions


@dataclass(slots=True)
class Derived:
    """What a compilation gives to the emitter."""

    functions: list[Function]
    name: str
    title: str
    facts: Facts
    wrt: tuple[str, ...]
    results: tuple[str, ...]
    mutated: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()
    forward: str = ""
    backward: str = ""

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(f.path for f in self.functions)


def derive(
    program: Program,
    core: Mapping[str, Function],
    report: list[Diagnostic],
    mode: str,
    wrt: tuple[str, ...],
    kinds: Mapping[str, Kind],
    *,
    split: bool,
    outputs: tuple[int, ...] | None = None,
    filled: tuple[str, ...] = (),
) -> Derived | None:
    """The derivative of the entry; None where the report says that there is none to ask for."""
    session = Session(program, core, report)
    function = core[program.entry]
    signature = {p.name: kinds.get(p.name, declared(p, session)) for p in function.params}
    signature |= {n: ListOf(ANY) for n in growing(function) if is_open(signature.get(n, ANY))}
    signature = demanded(function, signature, session.inference)
    signature |= {n: ANY for n in with_keys(function) if is_open(signature.get(n, ANY))}
    extras = {p.name for p in function.params if p.name not in kinds and p.default == Const(None)}
    extras.update(filled)
    wrt = differentiated(function, wrt, signature, extras, report)
    if report:
        return None
    mutated = tuple(copied_on_entry(function, signature, session.memory))
    own = returned(function)
    wanted = own if outputs is None else tuple(own[k] for k in outputs)
    asked = entry.Entry(function, signature, wrt, wanted, mutated)
    made = entry.forward(session, asked) if mode == "forward" else entry.reverse(session, asked, split=split)
    title = made.title
    if mode == "both":
        title = entry.forward(session, asked).title.replace("Tangent", "Adjoint and tangent")
    several = isinstance(made.kind, TupleOf) and len(made.results) > 1
    return Derived(
        session.with_primals(),
        made.name,
        title,
        made.facts,
        wrt,
        made.results,
        mutated,
        made.kind.elems if several and isinstance(made.kind, TupleOf) else (made.kind,),
        made.forward,
        made.backward,
    )


def copied_on_entry(function: Function, signature: Mapping[str, Kind], memory: Memory) -> Iterator[str]:
    """The parameters that the function writes into: the caller's stay as they are. Something unknown that
    is only given to unknown code (`solver.step()`) cannot be copied: what the primal does to it, is done."""
    found = memory.mutated[function.path]
    if any(is_open(kind) for kind in signature.values()):
        known = effects(memory.functions, strangers=False).mutated[function.path]
    else:
        known = found
    for k, param in enumerate(function.params):
        kind = signature[param.name]
        if not is_number(kind) and k in (known if is_open(kind) else found):
            yield param.name


def growing(function: Function) -> set[str]:
    """The parameters that the function appends to, which are lists then."""
    found = {p.name for p in function.params}
    calls = (s.value for s in statements(function.body) if isinstance(s, ExprStmt))
    return {e.args[0].id for e in calls if is_growth(e) and isinstance(e.args[0], Name)} & found


def is_growth(call: Expr) -> TypeGuard[Call]:
    return isinstance(call, Call) and call.fn in ("list.append", "list.extend", "list.insert")


def with_keys(function: Function) -> set[str]:
    """The parameters that are used as dicts, `p["W"]`: of their structure nothing is known."""
    found = {p.name for p in function.params}
    used: set[str] = set()
    for stmt in statements(function.body):
        for expr in expressions(stmt):
            for node in subexpressions(expr):
                match node:
                    case Index(base=Name(id=name), index=Const(value=str()), attribute=False):
                        used.add(name)
                    case Call(fn=fn, args=(Name(id=name), *_)) if fn.startswith("dict."):
                        used.add(name)
    return used & found


def declared(param: Param, session: Session) -> Kind:
    """The kind of a parameter from its annotation or default."""
    if param.origin and "." not in param.origin:
        return Plain("object")
    if param.annotation is not None:
        found = kind_of_annotation(param.annotation, param.name)
        if found is not None:
            return found
    if isinstance(param.default, Const) and isinstance(param.default.value, (bool, str)):
        return session.inference.scope({}).kind(param.default)
    default = ANY if param.default is None else session.inference.scope({}).kind(param.default)
    if default == MEMBER:
        return default
    if not may_be_complex(default):
        return Array("?", None, like=param.name, none=param.default == Const(None))
    return Plain("dtype *") if isinstance(default, Plain) else Array("*", None, like=param.name)


def differentiated(
    function: Function,
    wrt: tuple[str, ...],
    signature: Mapping[str, Kind],
    extras: Collection[str],
    report: list[Diagnostic],
) -> tuple[str, ...]:
    """The parameters to differentiate: those asked for, or all that may vary and need be given. Attributes
    of an object are asked for by where they are (`self.w`), or meant if there is nothing else."""
    origins = {p.origin: p.name for p in function.params if p.origin}
    if not wrt:
        able = tuple(n for n, k in signature.items() if may_vary(k) and n not in extras)
        return tuple(n for n in able if n not in origins.values()) or able
    wrt = tuple(name if name in signature else origins.get(name, name) for name in wrt)
    for name in wrt:
        if name not in signature:
            shown = {p.name: p.origin or p.name for p in function.params}
            known = ", ".join(f"`{shown[n]}`" for n in signature)
            words = f"`{function.name}` has no parameter `{name}`"
            report.append(Diagnostic("AD501", words, function.span, help=f"its parameters are {known}"))
        elif not may_vary(signature[name]):
            words = f"`{name}` cannot be differentiated: it is not a floating-point number"
            report.append(Diagnostic("AD503", words, function.span, help=f"give `{name}` as a float"))
    return tuple(n for n in signature if n in wrt)
