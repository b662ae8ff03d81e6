"""Rules that modules of the project state for functions without a source: `@adtrans.partials(g)`.

They hold for the module that states them and for those that import it. Only their text is read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from adtrans import helpers
from adtrans.builtin_names import BUILTINS
from adtrans.frontend.meanings import Builtin, Constant, Imported, Library, Reference, Unit
from adtrans.frontend.pieces import code_of
from adtrans.frontend.scopes import all_params, dotted
from adtrans.frontend.source import ImportBinding, SourceModule
from adtrans.own_rules import not_standing_alone, standalone

if TYPE_CHECKING:
    from adtrans.resolve import Resolver


@dataclass(frozen=True, eq=False)
class Template:
    """A rule: the text of a module that holds it and what it uses, or why there is none."""

    module: SourceModule
    node: cst.FunctionDef
    text: str
    problem: str = ""


@dataclass(eq=False)
class Templates:
    """The rules of a project, by the paths of their functions; of one of the project by its definition."""

    resolver: Resolver
    _own: dict[int, dict[str, Template]] = field(default_factory=dict)
    _known: dict[int, dict[str, Template]] = field(default_factory=dict)

    def of(self, module: SourceModule, meaning: object) -> tuple[str, Template] | None:
        """The rule for something that a module calls, and the path of what it is for."""
        path = path_of(meaning)
        if not path:
            return None
        found = self.seen_from(module).get(path)
        return None if found is None else (path, found)

    def seen_from(self, module: SourceModule) -> dict[str, Template]:
        """The rules of a module, and of those of the project that it imports."""
        if id(module) not in self._known:
            found = self._known[id(module)] = dict(self.stated_in(module))
            for binding in module.bindings.values():
                for other in self.imported(module, binding) if isinstance(binding, ImportBinding) else ():
                    for path, template in self.stated_in(other).items():
                        found.setdefault(path, template)
        return self._known[id(module)]

    def imported(self, module: SourceModule, binding: ImportBinding) -> Iterator[SourceModule]:
        names = [binding.module, *binding.also]
        names += [f"{binding.module}.{binding.name}"] if binding.name else []
        for name in names:
            found = self.resolver.project.find(name, binding.level, module)
            if found is not None and found is not module:
                yield found

    def stated_in(self, module: SourceModule) -> dict[str, Template]:
        """The rules of one module for functions that are not of the project."""
        if id(module) not in self._own:
            found = self._own[id(module)] = {}
            for call, node in module.templates:
                if self.announces(module, call):
                    for meaning in self.targets(module, call):
                        path = meaning if isinstance(meaning, str) else path_of(meaning)
                        if path:
                            found[path] = self.template(module, node, path)
        return self._own[id(module)]

    def announces(self, module: SourceModule, call: cst.Call) -> bool:
        """Whether a decorator that looks like it is `adtrans.partials`."""
        reference = self.resolver.resolve(None, module, dotted(call.func) or ("?",))
        return isinstance(reference.meaning, Library) and reference.meaning.path == "adtrans.partials"

    def targets(self, module: SourceModule, call: cst.Call) -> Iterator[object]:
        """What a rule is for: functions by name, or by their path."""
        for arg in call.args:
            if isinstance(arg.value, cst.SimpleString):
                yield str(arg.value.evaluated_value)
            elif (chain := dotted(arg.value)) is not None:
                reference = self.resolver.resolve(None, module, chain)
                if reference.used == len(chain):
                    yield reference.meaning

    def of_unit(self, unit: Unit) -> Unit | None:
        """The rule that the module of a function states for it."""
        for call, node in unit.module.templates:
            if node is unit.node or not self.announces(unit.module, call):
                continue
            names = [dotted(arg.value) for arg in call.args]
            if (unit.name,) in names and unit.module.bindings.get(unit.name) is not None:
                return self.resolver.unit(unit.module, node)
        return None

    def template(self, module: SourceModule, node: cst.FunctionDef, path: str) -> Template:
        """The text of a rule, with what it needs above it."""
        from adtrans.rules import registry

        plain = code_of(node.with_changes(decorators=(), leading_lines=()))
        text = helpers.edited(plain, helpers.unannotated(plain, ast.parse(plain).body[0]))  # type: ignore[arg-type]
        known = registry.load_all().get(path)
        if known is not None and path.partition(".")[0] in registry.OWN:
            return Template(module, node, "", f"adtrans has a rule for `{path}` already")
        if any(
            p.default is not None or (isinstance(p.star, str) and p.star) for p in all_params(node.params)
        ):
            return Template(module, node, "", f"the rule `{node.name.value}` has defaults or `*` arguments")
        lines: list[str] = []
        for name in sorted(helpers.global_names(text) - {node.name.value}):
            line = self.line(module, name)
            if line is None:
                return Template(module, node, "", not_standing_alone(node.name.value, name))
            lines += line
        return Template(module, node, standalone(lines, text))

    def line(self, module: SourceModule, name: str) -> list[str] | None:
        """The lines that give a name of a module its meaning; None if it is something else than it may be."""
        reference: Reference = self.resolver.resolve(None, module, (name,))
        match reference.meaning:
            case Library(known=True) if isinstance(holder := reference.holder, Imported):
                also = [f"import {further}" for further in holder.also]
                if holder.name is not None:
                    return [f"from {holder.module} import {holder.name} as {name}"]
                return also or [f"import {holder.module} as {name}"]
            case Constant(value=cst.BaseExpression() as value):
                code = code_of(value).strip()
                try:
                    number = ast.literal_eval(code)
                except (ValueError, SyntaxError):
                    return None
                return [f"{name} = {code}"] if isinstance(number, bool | int | float) else None
            case Builtin() if name in BUILTINS:
                return []
        return None


def path_of(meaning: object) -> str:
    """The path of something that has no source here: of a library, or a constant of a module."""
    match meaning:
        case Library(path=path):
            return path
        case Constant(module=module, name=name):
            return f"{module.name}.{name}"
    return ""
