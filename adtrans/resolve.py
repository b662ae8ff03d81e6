"""What a free name means: found in the source text, across the files of the project, never by running them.

`Resolver.resolve` takes a dotted chain (`("np", "linalg", "norm")`) as it stands in a function and says
what it is (`Reference.meaning`), how many of its names that took, and what must have a name in the
emitted module for it (`Reference.holder`).
"""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import libcst as cst

from adtrans.builtin_names import BUILTINS
from adtrans.commands.files import FileError
from adtrans.custom import CUSTOM
from adtrans.decorators import leaves_alone
from adtrans.errors import Refused
from adtrans.frontend import stars
from adtrans.frontend.classvalues import class_value
from adtrans.frontend.custom import Rule, marked, rule_of
from adtrans.frontend.hierarchy import Classes
from adtrans.frontend.libraries import Identity, array_literal, attribute, library_path, literal, open_library
from adtrans.frontend.meanings import (
    NUMPY,
    Builtin,
    Constant,
    Imported,
    Library,
    Meaning,
    Reference,
    Unit,
    Unknown,
    Unsupported,
    UserClass,
    UserModule,
)
from adtrans.frontend.operators import FUNCTIONS
from adtrans.frontend.pieces import code_of
from adtrans.frontend.project import Project, find_def, find_lambda
from adtrans.frontend.scopes import dotted, inner_functions
from adtrans.frontend.source import (
    Binding,
    ClassBinding,
    ConstantBinding,
    FunctionBinding,
    ImportBinding,
    SourceModule,
    VaryingBinding,
)
from adtrans.frontend.tampering import OF_FUNCTIONS
from adtrans.frontend.templates import Templates
from adtrans.source import body_place, undecorated

MAKERS = frozenset(
    f"adtrans.{name}" for name in ("grad", "value_and_grad", "jacfwd", "jacrev", "jacobian", "hessian")
) | {"functools.partial"}
"""Functions that make functions, which are followed."""

HARMLESS_DECORATORS = (
    "differentiable",
    "njit",
    "jit",
    "cache",
    "lru_cache",
    "override",
    "no_type_check",
    "typechecked",
)


class Resolver:
    """Follows names through functions, modules and imports."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._units: dict[tuple[int, int, int, bool], Unit] = {}
        self._paths: dict[str, int] = {}
        self._known: dict[tuple[int, int, tuple[str, ...]], Reference] = {}
        self._live_functions: dict[int, Reference] = {}
        self._rules: dict[Unit, Rule | Unsupported | None] = {}
        self.classes = Classes(self)
        self.templates = Templates(self)

    def unit(
        self,
        module: SourceModule,
        node: cst.FunctionDef,
        outer: Unit | None = None,
        live: Mapping[str, Any] | None = None,
        frame: bool = True,
        bound: frozenset[str] = frozenset(),
    ) -> Unit:
        """The one Unit of a function definition, for each function around it and what is live."""
        key = id(node), id(outer), id(live), frame
        if key not in self._units:
            unit = self._units[key] = Unit(module, node.name.value, node, outer, live, frame, bound)
            path = unit.path
            unit.number = self._paths[path] = self._paths.get(path, 0) + 1
        return self._units[key]

    def is_function(self, constant: Constant) -> bool:
        """Whether a constant of a module is made of functions: a derivative, a `partial`, a table of them."""
        match constant.value:
            case cst.Call(func=func):
                return self._library(constant, func) in MAKERS
            case cst.Dict(elements=elements):
                return any(
                    isinstance(e.value, cst.Lambda)
                    or isinstance(self._named(constant, e.value), Unit)
                    or bool(self._library(constant, e.value))
                    for e in elements
                )
        return False

    def _named(self, constant: Constant, node: cst.CSTNode) -> Meaning | None:
        chain = dotted(node)
        if chain is None:
            return None
        reference = self.resolve(None, constant.module, chain)
        return reference.meaning if reference.used == len(chain) else None

    def _library(self, constant: Constant, node: cst.CSTNode) -> str:
        """The path of a function of a library, empty for anything else."""
        meaning = self._named(constant, node)
        if not isinstance(meaning, Library):
            return ""
        known = meaning.path in MAKERS or meaning.path in FUNCTIONS or is_called(meaning)
        return meaning.path if known else ""

    def module_lambda(self, constant: Constant, node: cst.Lambda) -> Unit:
        """A lambda in the value of a constant, as a function of its module."""
        return self.unit(
            constant.module, constant.module.definition(node, f"{constant.name.lower()}_function")
        )

    def inner_units(self, unit: Unit) -> list[Unit]:
        """The functions and lambdas that a function makes."""
        return [self.inner_unit(unit, node, bound) for node, bound in inner_functions(unit.node.body)]

    def inner_unit(
        self, unit: Unit, node: cst.FunctionDef | cst.Lambda, bound: frozenset[str] = frozenset()
    ) -> Unit:
        """One of them; a lambda is a function that returns its body."""
        definition = unit.module.definition(node) if isinstance(node, cst.Lambda) else node
        return self.unit(unit.module, definition, unit, unit.live, bound=bound)

    def resolve(self, unit: Unit | None, module: SourceModule, chain: tuple[str, ...]) -> Reference:
        """What a chain means in a function (or at the level of a module), its root not being a local."""
        key = (id(unit), id(module), chain)
        if key not in self._known:
            # Until it is known: modules may import a name from each other in a circle.
            self._known[key] = Reference(Unknown(chain[0]))
            self._known[key] = self._resolve(unit, module, chain)
        return self._known[key]

    def _resolve(self, unit: Unit | None, module: SourceModule, chain: tuple[str, ...]) -> Reference:
        root = chain[0]
        live = unit.live if unit else None
        if unit and root in unit.local_imports:
            return self._import(module, root, unit.local_imports[root], chain)
        outer = unit.outer if unit and root not in unit.scope.uses.declared else None
        while outer:
            if root in outer.nested:
                found = self.unit(module, outer.nested[root], outer, outer.live, frame=True)
                return Reference(self.meaning_of(found), 1, found)
            if root in outer.local_imports:
                return self._import(module, root, outer.local_imports[root], chain)
            if root in outer.locals:
                return self._live(module, chain, live) or Reference(free_variable(root, outer))
            outer = outer.outer
        binding = module.bindings.get(root)
        starred = stars.imported(self, module, chain, bound=binding is not None) if module.stars else None
        if binding is not None and starred is not None:
            return self._live(module, chain, live) or starred
        if binding is not None:
            if not isinstance(binding, ClassBinding):
                module.locate(root)
            return self._binding(module, root, binding, chain, live)
        found_live = self._live(module, chain, live)
        if found_live:
            return found_live
        if starred is not None and (live is None or not isinstance(starred.meaning, Unsupported)):
            return starred
        return Reference(Builtin(root) if root in BUILTINS else Unknown(root))

    def _binding(
        self,
        module: SourceModule,
        name: str,
        binding: Binding,
        chain: tuple[str, ...],
        live: Mapping[str, Any] | None,
    ) -> Reference:
        if not isinstance(binding, VaryingBinding | ImportBinding) and module.changes.bound_again(name):
            binding = VaryingBinding("bound again by other code of its module")
        match binding:
            case FunctionBinding() if not module.changes.changed(name).isdisjoint(OF_FUNCTIONS):
                words = f"`{name}` is given other defaults, or another body, after its definition"
                return Reference(Unsupported("AD222", words, "write them in its definition"))
            case FunctionBinding() if len(chain) > 1 and module.changes.has_other(name, chain[1]):
                words = f"`{'.'.join(chain[:2])}` is an attribute of a function"
                return Reference(
                    Unsupported("AD222", words, "make it a variable of the module, or an argument")
                )
            case FunctionBinding(node=node):
                unit = self.unit(module, node, None, None)
                meaning = self.meaning_of(unit)
                return Reference(meaning, 1, None if isinstance(meaning, Library) else unit)
            case ConstantBinding(value=value):
                names = dotted(value)
                if names and names[0] != name:
                    # `sin = np.sin`, `g = f`: a function under another name. A value stays a constant.
                    found = self.resolve(None, module, names)
                    if isinstance(found.meaning, Unit) and found.used == len(names):
                        return Reference(found.meaning, 1, found.meaning)
                if isinstance(value, cst.Lambda):
                    unit = self.unit(module, module.definition(value, name))
                    return Reference(unit, 1, unit)
                constant = Constant(module, name, value)
                if module.changes.changed(name) and self.is_function(constant):
                    varying = VaryingBinding("changed by other code of its module")
                    return self._binding(module, name, varying, chain, None)
                return Reference(constant, 1, constant)
            case ImportBinding():
                return self._import(module, name, binding, chain)
            case ClassBinding() if len(chain) > 1 and module.changes.has_other(name, chain[1]):
                words = f"`{'.'.join(chain[:2])}` is assigned outside of its class"
                return Reference(Unsupported("AD223", words, "write it in the class"))
            case ClassBinding(node=node):
                held = class_value(self, module, node, chain) if len(chain) > 1 else None
                if held is not None:
                    return held
                words = f"`{name}` is a class of this module, which adtrans cannot carry over"
                help_ = "use a class of Python or of a library, or pass the object as an argument"
                return Reference(UserClass("AD223", words, help_, module=module, node=node))
            case VaryingBinding(why=why):
                return self._live(module, chain, live) or Reference(
                    Unsupported(
                        "AD222",
                        f"`{name}` is {why}, so its value is not known",
                        "pass it as an argument, or bind it once",
                    )
                )

    def meaning_of(self, unit: Unit) -> Unit | Library | Unsupported:
        """A function as others see it: its decorators must not change what a call of it computes."""
        own = own_helper(unit)
        if own is not None:
            return Library(own, known=True)
        rule = self.rule(unit)
        if isinstance(rule, Unsupported):
            return rule
        for decorator in unit.node.decorators:
            node = decorator.decorator
            names = dotted(node.func if isinstance(node, cst.Call) else node) or ("?",)
            known = names[-1] in HARMLESS_DECORATORS or self._announces(unit, node, names)
            if not known and self.leaves_alone(unit, node) is not True:
                return Unsupported(
                    "AD224",
                    f"`{unit.name}` is decorated with `@{'.'.join(names)}`, which may change what it does",
                    "call an undecorated function, and give the decorated one a name of its own",
                )
        return unit

    def rule(self, unit: Unit) -> Rule | Unsupported | None:
        """The derivative rule that the user gives for a function of his own."""
        if unit not in self._rules:
            self._rules[unit] = rule_of(self, unit)
        return self._rules[unit]

    def leaves_alone(self, unit: Unit, node: cst.BaseExpression) -> bool | None:
        """Whether the text of a decorator shows that it changes no value; None if it has none here."""
        called = isinstance(node, cst.Call)
        chain = dotted(node.func if isinstance(node, cst.Call) else node)
        reference = self.resolve(unit.outer, unit.module, chain) if chain else None
        if reference is None or not isinstance(reference.holder, Unit) or reference.used != len(chain or ()):
            return None
        made = reference.holder
        text = code_of(made.node.with_changes(leading_lines=())).strip()
        definition = ast.parse(text).body[0] if made.outer is None else None
        return isinstance(definition, ast.FunctionDef) and leaves_alone(definition, called)

    def _announces(self, unit: Unit, node: cst.BaseExpression, names: tuple[str, ...]) -> bool:
        """Whether a decorator says that there is a rule, or makes one: `@custom_vjp`, `@f.defjvp`."""
        own = isinstance(unit.module.bindings.get(names[0]), FunctionBinding)
        if isinstance(node, cst.Call) and names[-1] == "partials":
            return self.templates.announces(unit.module, node)
        return (own and names[1:] == ("defjvp",)) or marked(self, unit, node) is not None

    # ------------------------------------------------------------------- imports

    def _import(
        self, module: SourceModule, alias: str, binding: ImportBinding, chain: tuple[str, ...]
    ) -> Reference:
        try:
            found = self._project_import(module, binding, chain)
        except (OSError, FileError) as error:
            return Reference(Unsupported("AD226", f"`{alias}` is in a file that is of no use: {error}"))
        if found:
            return found
        if binding.level:
            where = "." * binding.level + binding.module
            return Reference(
                Unsupported("AD226", f"`{alias}` comes from `{where}`, whose source file is not there")
            )
        holder = Imported(binding.module, binding.name, alias, binding.also)
        library = open_library(binding.module)
        if binding.name is not None:
            library = attribute(library, binding.name)
        used = 1
        while library.module and used < len(chain):
            library = attribute(library, chain[used])
            used += 1
        return Reference(library, used, holder)

    def _project_import(
        self, module: SourceModule, binding: ImportBinding, chain: tuple[str, ...]
    ) -> Reference | None:
        target = self.project.find(binding.module, binding.level, module)
        if binding.name is None:
            if target is None and not any(self.project.find(a, 0, module) for a in binding.also):
                return None
            return self._walk(module, target, (binding.module,), chain, 1)
        if target is not None and target.bindings.get(binding.name, binding) is not binding:
            # Not what `from . import sub` in a package binds there itself.
            found = self._within(target, (binding.name, *chain[1:]))
            return found
        path = f"{binding.module}.{binding.name}".lstrip(".")
        sub = self.project.find(path, binding.level, module)
        if target is not None:
            starred = stars.of_package(self, target, (binding.name, *chain[1:]), sub)
            if starred is not None:
                return starred
        if sub is not None:
            return self._walk(sub, sub, (path,), chain, 1)
        if target is None:
            return None
        return Reference(Unsupported("AD226", f"`{target.file}` does not define `{binding.name}`"))

    def _within(self, target: SourceModule, chain: tuple[str, ...]) -> Reference:
        """A chain as it stands in another module; its first name replaces as many names as it stands for."""
        return self.resolve(None, target, chain)

    def _walk(
        self,
        origin: SourceModule,
        module: SourceModule | None,
        path: tuple[str, ...],
        chain: tuple[str, ...],
        used: int,
    ) -> Reference:
        """`pkg.sub.f`: through the modules of a package to what is bound in the last."""
        while used < len(chain):
            name, inner = chain[used], None
            if module is not None and name in module.bindings:
                inner = self.resolve(None, module, chain[used:])
            dotted_path = ".".join([*path, name])
            following = self.project.find(dotted_path, 0, origin) if inner is None else None
            if inner is None and following is None and module is not None and module.package:
                following = self.project.find(name, 1, module)
            if inner is None and module is not None:
                inner = stars.of_package(self, module, chain[used:], following)
            if inner is not None:
                return Reference(inner.meaning, inner.used + used, inner.holder, inner.held + used)
            if following is None:
                words = f"`{'.'.join(chain[:used])}` does not define `{name}`"
                return Reference(Unsupported("AD226", words), used + 1)
            module, path, used = following, (*path, name), used + 1
        if module is None:
            return Reference(Unknown(chain[-1]), used)
        return Reference(UserModule(module), used)

    # ---------------------------------------------------------------------- live

    def _live(
        self, module: SourceModule, chain: tuple[str, ...], live: Mapping[str, Any] | None
    ) -> Reference | None:
        """What the live function sees under a name."""
        name = chain[0]
        if live is None or name not in live:
            return None
        value = live[name]
        if isinstance(value, ModuleType):
            holder = Imported(value.__name__, None, name)
            library, used = open_library(value.__name__), 1
            while library.module and used < len(chain):
                library, used = attribute(library, chain[used]), used + 1
            return Reference(library, used, holder)
        text = literal(value)
        if text is not None:
            constant = Constant(module, name, None, text)
            return Reference(constant, 1, constant)
        if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", None) == 0:
            inner = literal(value.item())
            if inner is not None and type(value).__name__ != "ndarray":
                constant = Constant(module, name, None, f"{{np}}.{type(value).__name__}({inner})", (NUMPY,))
                return Reference(constant, 1, constant)
        written = array_literal(value)
        if written is not None:
            constant = Constant(module, name, None, written, (NUMPY,))
            return Reference(constant, 1, constant)
        path = library_path(value)
        if path:
            home, _, attr = path.rpartition(".")
            return Reference(Library(path, True, False, Identity(value)), 1, Imported(home, attr, name))
        if isinstance(value, FunctionType):
            return self._live_function(value, name)
        return Reference(
            Unsupported(
                "AD225",
                f"`{name}` is captured, and a `{type(value).__name__}` cannot be written down",
                "pass it as an argument",
            )
        )

    def given(self, module: SourceModule, values: Mapping[str, object]) -> dict[str, Unit | Library]:
        """The functions among the arguments that can be read, or are of a library."""
        found: dict[str, Unit | Library] = {}
        for name, value in values.items():
            reference = self._live(module, (name,), {name: value})
            if reference is not None and isinstance(reference.meaning, Unit | Library):
                found[name] = reference.meaning
        return found

    def live_function(self, fn: FunctionType) -> Meaning:
        """What a live function is."""
        return self._live_function(fn, fn.__name__).meaning

    def _live_function(self, fn: FunctionType, name: str) -> Reference:
        """A live function by its source: one for each, since two may be made by one definition."""
        if id(fn) not in self._live_functions:
            self._live_functions[id(fn)] = self._find_live(fn, name)
        return self._live_functions[id(fn)]

    def _find_live(self, fn: FunctionType, name: str) -> Reference:
        found = self.definition(fn, name)
        if found is None:
            return Reference(Unknown(fn.__name__))
        unit = self.unit_chain(*found)
        module, nodes, _ = found
        binding = module.bindings.get(fn.__name__)
        if isinstance(binding, FunctionBinding) and nodes == [binding.node]:
            known = self.unit(module, binding.node)  # For others of its module it is this one.
            alone = self._stands_alone(known) and not isinstance(self.rule(known), Unsupported)
            unit = known if alone else unit
        return Reference(self.meaning_of(unit), 1, unit)

    def _stands_alone(self, unit: Unit) -> bool:
        """Whether the text of its module says what all names in a function are."""
        roots = {root.value for root, _ in unit.scope.uses.loads} - unit.variables
        meanings = (self.resolve(unit, unit.module, (root,)).meaning for root in sorted(roots))
        return not any(isinstance(meaning, Unsupported | Unknown) for meaning in meanings)

    def definition(
        self, fn: FunctionType, name: str = "function"
    ) -> tuple[SourceModule, list[cst.FunctionDef], Mapping[str, Any]] | None:
        """Where a live function is defined, in which functions, and what it sees."""
        file, line = fn.__code__.co_filename, fn.__code__.co_firstlineno
        text = "".join(linecache.getlines(file, fn.__globals__))
        if not text or hasattr(fn, "__wrapped__"):
            return None
        try:
            module = self.project.load(Path(file), Path(file).stem, text)
        except Refused:
            return None
        if fn.__name__ == "<lambda>":
            found = find_lambda(module, body_place(fn.__code__), name)
        else:
            found = find_def(module, fn.__name__, line)
        if found is None:
            return None
        cells = inspect.getclosurevars(fn)
        own = {fn.__name__: fn} if CUSTOM in vars(fn) else {}
        seen = {name: undecorated(value) for name, value in {**cells.globals, **cells.nonlocals}.items()}
        return module, found, {**own, **seen}

    def live_value(self, module: SourceModule, name: str, value: object) -> Reference | None:
        """What a value is that the running program has under a name."""
        return self._live(module, (name,), {name: value})

    def unit_chain(
        self, module: SourceModule, nodes: list[cst.FunctionDef], live: Mapping[str, Any] | None
    ) -> Unit:
        """The Unit of a definition, given with the functions around it, outermost first."""
        unit: Unit | None = None
        for node in nodes:
            unit = self.unit(module, node, unit, live, frame=node is nodes[-1])
        assert unit is not None
        return unit


def is_called(library: Library) -> bool:
    """Whether something in a library is a function."""
    value = library.value.value if isinstance(library.value, Identity) else None
    return library.known and callable(value) and not isinstance(value, type)


def own_helper(unit: Unit) -> str | None:
    """The path of the helper of ours that a function was copied from into a module that we emitted."""
    from adtrans import helpers
    from adtrans.rules import registry

    path = f"adtrans.support.{unit.name}"
    known = "adtrans.stop_gradient" if unit.name == "stop_gradient" else path
    if unit.outer is not None or registry.lookup(known) is None:
        return None
    text = code_of(unit.node)
    return known if ast.dump(ast.parse(text.strip())) == helpers.shape_of(path) else None


def free_variable(name: str, outer: Unit) -> Unsupported:
    return Unsupported(
        "AD225",
        f"`{name}` is a variable of the enclosing function `{outer.name}`, whose value is not in the source",
        "pass it as an argument, or differentiate with the decorator, which sees the live value",
    )
