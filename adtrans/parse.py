"""Source text to the surface IR: one function, and every user function that it can reach.

The source is read, never run. libcst is imported only when something is parsed.
"""

from __future__ import annotations

import ast
import gc
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adtrans import ir
from adtrans.errors import Diagnostic, Refused, Span

if TYPE_CHECKING:
    from adtrans.frontend.meanings import ClassText, Constant, Unit
    from adtrans.frontend.project import Project
    from adtrans.frontend.reach import Reach
    from adtrans.frontend.source import SourceModule
    from adtrans.layouts import Layout
    from adtrans.resolve import Resolver

RECURSION_LIMIT = 10_000
DEEP = 80
"""A program that is nested less than this does not exhaust the limit, if nothing goes round in a circle."""


def program(
    text: str,
    file: str,
    name: str,
    *,
    line: int | None = None,
    live: Mapping[str, Any] | None = None,
    reader: Resolver | None = None,
    objects: Mapping[str, Layout | None] | None = None,
    fields: Sequence[str] = (),
    functions: Mapping[str, object] | None = None,
    rules: Mapping[str, str] | None = None,
) -> ir.Program:
    """The function `name` of a module, given as text, and all that it needs.

    With `line`, the definition at or after that line is meant, a nested one too. `live` is what a
    live function sees under its free names; only a decorator has it. `reader` is what `opened` made
    of the same text. `objects` are the layouts of the arguments, None for one that is no object; `fields`
    are attributes to be parameters whether the function reads them or not: `self.w`. `functions` are the
    arguments that are functions; without them parameters are what their defaults are. `rules` are those of
    functions without a source that the text itself does not state.
    """
    with deep(text, file, name):
        resolver = reader or opened(text, file)
        entry = _entry(resolver.project, resolver, name, line, live)
        unit = _given(resolver, entry, objects, fields)
        return _program(resolver, unit, fields, functions, rules or {})


def opened(text: str, file: str, modules: dict[str, SourceModule] | None = None) -> Resolver:
    """A module whose functions are taken one by one: it is parsed once for all of them.

    `modules` holds the files that were parsed for another one, and is added to.
    """
    from adtrans.frontend.project import Project
    from adtrans.resolve import Resolver

    with deep(text, file):
        return Resolver(Project(text, file, modules))


@contextmanager
def deep(text: str, file: str, name: str = "") -> Iterator[None]:
    """Room for deep trees, and a refusal of those that are deeper."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))  # libcst takes several calls for each level
    collecting = gc.isenabled()
    gc.disable()  # a tree has hundreds of thousands of nodes, all alive: collecting finds nothing
    try:
        yield
    except RecursionError:
        if depth(text) < DEEP:
            raise  # A bug of ours must not look like a refusal.
        words = "an expression or a block is nested too deeply"
        place = Span(file, definition(text, name), 0, definition(text, name), 0)
        diagnostic = Diagnostic("AD109", words, place, help="split it with intermediate variables")
        raise Refused((diagnostic,), {file: text}) from None
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def depth(text: str) -> int:
    """How deep the expressions and blocks of a module are nested: more than can be told if it is too deep."""
    try:
        nodes: list[ast.AST] = [ast.parse(text)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return DEEP
    deepest = 0
    while nodes:
        nodes = [child for node in nodes for child in ast.iter_child_nodes(node)]
        deepest += 1
    return deepest


def definition(text: str, name: str) -> int:
    """The line where a function of a module that could not be parsed begins, for what it looks like."""
    found = re.search(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _given(
    resolver: Resolver, entry: Unit, objects: Mapping[str, Layout | None] | None, fields: Sequence[str]
) -> Unit:
    """The entry for the objects that it is called with."""
    from adtrans.frontend.classes import Anything, LiveType

    if objects is not None:
        return resolver.classes.entry(entry, {n: LiveType(k) if k else None for n, k in objects.items()})
    roots = {field.partition(".")[0] for field in fields}
    known = resolver.classes.known(entry)
    unknown = sorted(name for name in roots if name in entry.scope.params and name not in known)
    if not unknown:
        return entry
    if entry.module.generated:
        return resolver.classes.entry(entry, dict.fromkeys(unknown, Anything()))
    words = f"the class of `{unknown[0]}` is not known, so what its attributes depend on is not known either"
    diagnostic = Diagnostic(
        "AD229",
        words,
        entry.module.span(entry.node.name),
        f"annotate it with its class: `{unknown[0]}: Model`",
    )
    raise Refused((diagnostic,), {entry.module.file: entry.module.text})


def _program(
    resolver: Resolver,
    entry: Unit,
    fields: Sequence[str],
    arguments: Mapping[str, object] | None,
    rules: Mapping[str, str],
) -> ir.Program:
    from adtrans.attributes import flattened
    from adtrans.closures import first_order, values
    from adtrans.customs import with_customs
    from adtrans.frontend.functions import lower_constant, lower_function, lower_values
    from adtrans.frontend.reach import Reach, Unreached

    project = resolver.project
    given = resolver.given(entry.module, arguments or {})
    reach = Reach(resolver, entry, list(given.values()), rules)
    diagnostics = list(reach.diagnostics)
    functions: dict[str, ir.Function] = {}
    inner: dict[str, list[Diagnostic]] = {}
    for unit in () if reach.cut else reach.units:
        try:
            function, found = lower_function(reach, unit)
        except Unreached as missing:
            diagnostics.append(missing.told(unit))
            continue
        if unit.lifted:  # it may stay inside, as text
            inner[function.path] = found
        else:
            diagnostics += found
        functions[function.path] = function
    sources = {module.file: module.text for module in project.modules.values()}
    if diagnostics:
        raise Refused(tuple(dict.fromkeys(diagnostics)), sources)
    program = ir.Program(
        entry=entry.path,
        functions=functions,
        imports=reach.imports(),
        constants={reach.names[c]: lower_constant(reach, c) for c in reach.constants()},
        values=lower_values(reach),
        origins=_origins(reach, project.entry),
        file=project.entry.file,
        sources=sources,
        result=_result(reach),
    )
    program = replace(with_customs(program, reach), standing=reach.standing())
    objects = {unit.path: reach.objects(unit).parameters() for unit in reach.units}
    absent = {name: at for unit in reach.units for name, at in reach.objects(unit).absent.items()}
    program = first_order(program, inner, None if arguments is None else values(given))
    return flattened(program, objects, tuple(fields), absent, frozenset(making(reach)))


def _result(reach: Reach) -> tuple[str, str] | None:
    """The file and the name of the class of what the entry returns, if that is an object and no tuple."""
    from adtrans.frontend.passing import returned

    kind = returned(reach.objects(reach.entry), reach.entry)
    return None if kind is None or kind.parts else (kind.mro[0].module.file, kind.name)


def making(reach: Reach) -> Iterator[str]:
    """The names of classes that objects are made of, and of functions that return objects."""
    from adtrans.frontend.passing import returned

    for unit in reach.units:
        objects = reach.objects(unit)
        yield from (kind.name for kind in objects.passing.made())
        kind = returned(objects, unit)
        if kind is not None and not kind.parts:
            yield reach.names.get(unit, unit.name)


def _origins(reach: Reach, entry: SourceModule) -> dict[str, tuple[str, str]]:
    """Where the constants and functions of other modules are from, and exceptions."""
    from adtrans.frontend.meanings import NAMED_TUPLE, ClassText, Constant

    constants = [c for c in reach.constants() if isinstance(c, Constant)]
    holders: list[Constant | Unit] = [c for c in constants if c.value is not None]
    holders += [unit for unit in reach.units if unit.outer is None]
    others: list[Constant | Unit | ClassText] = [h for h in holders if h.module is not entry]
    # Exceptions of the module itself, too: what raises them must raise those that somebody catches.
    others += [c for c in reach.constants() if isinstance(c, ClassText) and not c.stands]
    others += [c for c in constants if NAMED_TUPLE in c.imports]  # So that a caller gets what he knows.
    return {reach.names[holder]: (holder.module.file, holder.name) for holder in others}


def _entry(
    project: Project, resolver: Resolver, name: str, line: int | None, live: Mapping[str, Any] | None
) -> Unit:
    """The definition that is asked for."""
    from adtrans.frontend.project import find_def
    from adtrans.frontend.source import FunctionBinding

    module = project.entry
    module.locate(name.partition(".")[0])
    if line is None and "." in name:
        return _method(resolver, module, name)
    if line is not None:
        found = find_def(module, name.rpartition(".")[2], line)
        if found is not None:
            return resolver.unit_chain(module, found, live)
    binding = module.bindings.get(name)
    if isinstance(binding, FunctionBinding) and line is None:
        unit = resolver.unit(module, binding.node, None, live)
        if (changed := _changed(resolver, unit)) is not None:
            raise Refused((changed,), {module.file: module.text})
        return unit
    sources = {module.file: module.text}
    raise Refused((_missing(project, name, line),), sources)


def _changed(resolver: Resolver, unit: Unit) -> Diagnostic | None:
    """Why a function is not what its definition says: a decorator that can be read, and does something."""
    for decorator in unit.node.decorators:
        if resolver.leaves_alone(unit, decorator.decorator) is False:
            words = f"`{unit.name}` is not what is defined here: a decorator puts something else in its place"
            help_ = "give the undecorated function a name of its own, and differentiate that"
            return Diagnostic("AD224", words, unit.module.span(decorator.decorator), help_)
    return None


def _method(resolver: Resolver, module: SourceModule, name: str) -> Unit:
    """`Model.loss`: a method, its own or inherited, for objects of this class."""
    import libcst as cst

    owner, _, method = name.rpartition(".")
    kind = resolver.classes.named(module, tuple(owner.split(".")))
    sources = {module.file: module.text}
    if kind is None:
        raise Refused((_missing(resolver.project, name, None),), sources)
    member = kind.member(resolver.classes, method)
    exact = replace(kind, made=True).member(resolver.classes, method)
    member = exact if exact.sort == "class" else member
    if member.unit is not None and member.sort in ("method", "static", "class", "property"):
        return member.unit
    found = [n for cls in kind.mro for n in cls.members if isinstance(cls.members[n], cst.FunctionDef)]
    why = f"is {member.why}" if member.why else "is not there, or no method"
    help_ = f"methods of `{owner}`: {', '.join(f'`{n}`' for n in dict.fromkeys(found))}" if found else ""
    span = module.span(kind.mro[0].node.name) if kind.mro[0].module is module else None
    at = definition(module.text, name.rpartition(".")[2])
    span = span or Span(module.file, at, 0, at, 0)
    raise Refused((Diagnostic("AD107", f"`{name}` {why}", span, help_),), sources)


def _missing(project: Project, name: str, line: int | None) -> Diagnostic:
    """Why a function was not found, with the ones that are there."""
    from adtrans.frontend.source import ClassBinding, FunctionBinding, VaryingBinding

    module = project.entry
    if "." in name:
        words = f"`{name}` is no method of a class of this module; nested functions cannot be chosen by name"
        at = definition(module.text, name.rpartition(".")[2])
        return Diagnostic("AD107", words, Span(module.file, at, 0, at, 0), "make it a function of its own")
    binding = module.bindings.get(name)
    if isinstance(binding, ClassBinding):
        return Diagnostic("AD107", f"`{name}` is a class, not a function", module.span(binding.node.name))
    if isinstance(binding, VaryingBinding) and line is None:
        span = module.span(binding.node) if binding.node is not None else None
        return Diagnostic("AD108", f"`{name}` is {binding.why}", span, "give the function a name of its own")
    functions = [f"`{n}`" for n, b in module.bindings.items() if isinstance(b, FunctionBinding)]
    help_ = f"functions here: {', '.join(functions)}" if functions else "the module defines no function"
    where = f" at or after line {line}" if line is not None else ""
    last = Span(module.file, 1, 0, 1, 0) if module.lines else None
    return Diagnostic("AD102", f"`{module.file}` has no function `{name}`{where}", last, help_)
