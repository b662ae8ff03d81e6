"""What a function needs: the functions, constants and imports it can reach, and their names in the output.

Done before anything is lowered, so that names can be given once and for all: two modules may both
have a `step`, and an imported function may have the name of somebody's local.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import libcst as cst

from adtrans.errors import Diagnostic
from adtrans.frontend.classtexts import BY_NAME, before, class_text, mentioned
from adtrans.frontend.construction import holder_of
from adtrans.frontend.custom import Rule
from adtrans.frontend.meanings import (
    ENUM,
    Builtin,
    ClassText,
    Constant,
    Enumerated,
    Holder,
    Imported,
    Library,
    Reference,
    Unit,
    Unknown,
    Unsupported,
    UserClass,
    UserModule,
)
from adtrans.frontend.objects import Objects
from adtrans.frontend.passing import OPERATORS
from adtrans.frontend.scopes import Load, all_params, dotted, inner_functions, scan
from adtrans.frontend.source import SourceModule
from adtrans.ir import Import
from adtrans.names import Names
from adtrans.resolve import Resolver

ENOUGH = 50
"""After so many reasons to refuse, no further functions are looked at."""


class Unreached(LookupError):
    """Something is needed that the search has not come by."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(holder)
        self.holder = holder

    def told(self, user: Unit) -> Diagnostic:
        words = f"`{user.name}` uses `{self.holder.name}` in a way that adtrans does not follow"
        code = "AD201" if isinstance(self.holder, Unit) else "AD223"
        help_ = "give what is needed of it as an argument"
        return Diagnostic(code, words, user.module.span(user.node.name), help_)


class Given(dict[Holder, str]):
    """The names of what was found."""

    def __missing__(self, holder: Holder) -> str:
        raise Unreached(holder)


class Reach:
    """All that is needed, in the order in which it was found, the entry first."""

    def __init__(
        self,
        resolver: Resolver,
        entry: Unit,
        given: Sequence[Unit | Library] = (),
        rules: Mapping[str, str] | None = None,
    ) -> None:
        self.resolver = resolver
        self.entry = resolver.classes.root = entry
        self.units: dict[Unit, None] = {entry: None}
        self.diagnostics: list[Diagnostic] = []
        self.names = Given()
        self.meant: dict[cst.CSTNode, Reference] = {}
        """What names mean that are no functions or constants by themselves."""
        self._constants: dict[Constant | ClassText, list[Constant | ClassText]] = {}
        self._classes: dict[cst.ClassDef, ClassText] = {}
        self.enum = ENUM
        self.by_name = Constant(entry.module, "ByName", None, BY_NAME)
        self._imports: dict[Imported, None] = {}
        self._functions: dict[Constant, None] = {}
        self._users: dict[Holder, dict[Unit, None]] = {entry: {}}
        self._builtins: set[str] = set()
        self.rules: dict[Unit, Rule] = {}
        self.stated: dict[str, str] = dict(rules or {})
        queue = [entry]
        while queue and len(self.diagnostics) < ENOUGH:
            unit = queue.pop(0)
            for found in self._unit(unit):
                if found not in self.units:
                    self.units[found] = None
                    queue.append(found)
            if not queue:  # what is given comes last: its names give way to those of the function
                queue += self._given(given)
                given = ()
        self.cut = bool(queue)
        self._name_all()

    def _given(self, given: Sequence[Unit | Library]) -> list[Unit]:
        """The functions that the entry is given."""
        units = [u for u in given if isinstance(u, Unit) and u not in self.units]
        for unit in units:
            self.units[unit] = None
            self._note(Reference(unit, 1, unit), None)
        return units

    # ----------------------------------------------------------------- references

    def _unit(self, unit: Unit) -> list[Unit]:
        """Follow everything that a function mentions; the functions among it."""
        found: list[Unit] = []
        scope, module = unit.scope, unit.module
        called = {id(call.func) for call in scope.uses.calls}
        told: set[str] = set()
        by_object: set[int] = set()
        for target in self.objects(unit).set_otherwise():
            words = f"`.{target.attr.value}` is assigned, which does more than to keep the value"
            help_ = "assign the attribute that it keeps the value in"
            self.diagnostics.append(Diagnostic("AD230", words, module.span(target), help_))
        for node, used in self.objects(unit).used():
            by_object.add(id(node))
            if used is None:
                continue
            if isinstance(used, Reference) and isinstance(node, cst.Name | cst.Attribute):
                self.meant[node] = used
            found += self._note(Reference(used, 1, used) if isinstance(used, Unit) else used, unit)
        for root, node in self.loads(unit):
            chain = dotted(node)
            assert chain is not None
            if id(node) in by_object:
                continue
            reference = self.resolver.resolve(unit, module, chain)
            whole = reference.used == len(chain)
            if (
                isinstance(reference.meaning, UserClass)
                and whole
                and self._class(reference.meaning, unit, node)
            ):
                continue
            self._template(module, reference)
            problem = self._problem(reference, id(node) in called)
            if problem and root.value not in told:
                told.add(root.value)
                self.diagnostics.append(
                    Diagnostic(problem.code, problem.message, module.span(node), problem.help)
                )
            found += self._note(reference, unit)
        for root, node in self.annotations(unit):
            reference = self.resolver.resolve(unit.outer, module, dotted(node) or (root.value,))
            if not isinstance(reference.meaning, Unsupported | Unknown):
                found += self._note(reference, unit)
        return found + self._rule(unit) + [u for u in self.resolver.inner_units(unit) if u.plain]

    def _template(self, module: SourceModule, reference: Reference) -> None:
        """The rule that a function without a source has: for the whole program the same."""
        if (found := self.resolver.templates.of(module, reference.meaning)) is None:
            return
        path, template = found
        problem = template.problem
        if not problem and self.stated.setdefault(path, template.text) != template.text:
            problem = f"there is another rule for `{path}` in another module"
        if problem:
            self._refuse(
                "AD246", problem, template.module, template.node.name, "write a rule that stands alone"
            )

    def _rule(self, unit: Unit) -> list[Unit]:
        """The functions of the derivative rule that a function has: they come with it."""
        rule = self.resolver.rule(unit)
        if isinstance(rule, Unsupported):  # of the entry; for all others the call has been refused
            self._refuse(rule.code, rule.message, unit.module, unit.node.name, rule.help)
        if not isinstance(rule, Rule):
            return []
        self.rules[unit] = rule
        for made in rule.functions:
            if made is not None:
                self._note(Reference(made, 1, made), unit)
        return [made for made in rule.functions if made is not None]

    def is_called(self, unit: Unit) -> bool:
        """Whether a function of the program calls or mentions it."""
        return bool(self._users.get(unit))

    def objects(self, unit: Unit) -> Objects:
        """The objects in a function."""
        return self.resolver.classes.objects(unit)

    @staticmethod
    def loads(unit: Unit) -> Iterable[Load]:
        """What a function reads from outside: its own imports count as outside, its defaults too."""
        inside = unit.variables
        yield from (load for load in unit.scope.uses.loads if load[0].value not in inside)
        for param in all_params(unit.node.params):
            if param.default is not None:
                loads = scan(param.default).loads
                yield from (load for load in loads if not unit.around(load[0].value))

    @staticmethod
    def annotations(unit: Unit) -> Iterable[Load]:
        """Names in the annotations of the parameters."""
        for param in all_params(unit.node.params):
            if param.annotation is not None:
                yield from scan(param.annotation.annotation).loads
        yield from (load for load in unit.scope.uses.annotations if load[0].value not in unit.locals)

    def _note(self, reference: Reference, unit: Unit | None) -> list[Unit]:
        """Remember what a reference needs; the function it leads to, if any."""
        holder = reference.holder
        if isinstance(reference.meaning, Builtin):
            self._builtins.add(reference.meaning.name)
        if holder is None:
            return []
        users = self._users.setdefault(holder, {})
        if unit is not None:
            users[unit] = None
        match holder:
            case Unit():
                return [holder] if isinstance(reference.meaning, Unit) else []
            case Constant() if self.resolver.is_function(holder):
                return self._function(holder)
            case Constant():
                self._constant(holder)
            case Imported():
                self._imports.setdefault(holder)
            case ClassText():
                self._classes.setdefault(holder.node, holder)
                self._class_text(holder)
        return []

    def _function(self, constant: Constant) -> list[Unit]:
        """What a constant that is made of functions mentions: its value stands where it is used."""
        if constant in self._functions or constant.value is None:
            return []
        self._functions[constant] = None
        found: list[Unit] = []
        for _, node in scan(constant.value).loads:
            reference = self.resolver.resolve(None, constant.module, dotted(node) or ())
            if (problem := self._problem(reference, False)) is not None:
                self._refuse(problem.code, problem.message, constant.module, node, problem.help)
            found += self._note(reference, None)
        for lambda_, _ in inner_functions(constant.value):
            assert isinstance(lambda_, cst.Lambda)
            made = self.resolver.module_lambda(constant, lambda_)
            found += self._note(Reference(made, 1, made), None)
        return found

    def _constant(self, constant: Constant) -> None:
        """Follow what the value of a constant mentions."""
        if constant in self._constants:
            return
        needs: list[Constant | ClassText] = []
        self._constants[constant] = needs
        for needed in constant.imports:
            self._note(Reference(Unknown(needed.alias), 1, needed), None)
        if constant.value is None:
            return
        for _, node in scan(constant.value).loads:
            reference = self.resolver.resolve(None, constant.module, dotted(node) or ())
            if (made := self._named_tuple(reference)) is not None:
                reference = self.meant[node] = made
            meaning = reference.meaning
            if isinstance(meaning, Unit):
                words = f"`{constant.name}` is computed by `{meaning.name}` at module level"
                help_ = "write its value down, compute it inside the function, or pass it as an argument"
                self._refuse("AD227", words, constant.module, node, help_)
            elif isinstance(meaning, Unsupported):
                self._refuse(meaning.code, meaning.message, constant.module, node, meaning.help)
            elif isinstance(meaning, Unknown):
                self._refuse("AD221", unknown(meaning.name, constant.module), constant.module, node)
            if isinstance(meaning, Constant) and self.resolver.is_function(meaning):
                words = f"`{constant.name}` is computed of `{meaning.name}`, a table of functions"
                self._refuse("AD227", words, constant.module, node, "compute it inside the function")
            elif isinstance(reference.holder, Constant | ClassText):
                needs.append(reference.holder)
            self._note(reference, None)

    def _named_tuple(self, reference: Reference) -> Reference | None:
        """The class that the emitted module has for a named tuple, in the value of a constant."""
        if not isinstance(reference.meaning, UserClass):
            return None
        kind = self.resolver.classes.type_of(reference.meaning.module, reference.meaning.node)
        exact = replace(kind, made=True)
        return (
            Reference(holder := holder_of(exact), reference.used, holder, reference.used)
            if exact.parts
            else None
        )

    def _class(self, found: UserClass, unit: Unit, node: cst.CSTNode) -> bool:
        """Whether a class that a function mentions is in the emitted module."""
        cls = class_text(self.resolver, unit, found, node)
        if cls is None or self._classes.setdefault(found.node, cls) != cls:
            return False
        self._users.setdefault(cls, {})[unit] = None
        self._class_text(cls)
        return True

    def _class_text(self, cls: ClassText) -> None:
        """Follow what the text of a class mentions."""
        if cls in self._constants:
            return
        needs: list[Constant | ClassText] = []
        self._constants[cls] = needs
        if cls.members:
            self._note(Reference(Unknown("enum"), 1, ENUM), None)
        elif cls.stands:
            needs.append(self.by_name)
            self._note(Reference(self.by_name, 1, self.by_name), None)
        first = before(cls)
        for _, node in mentioned(cls):
            reference = self.resolver.resolve(None, cls.module, dotted(node) or ())
            if isinstance(reference.meaning, UserClass):
                inner = ClassText(reference.meaning.module, reference.meaning.node, False)
                self._classes.setdefault(inner.node, inner)
                self._users.setdefault(inner, {})
                self._class_text(inner)
                needs += [inner] if id(node) in first else []
            elif isinstance(reference.meaning, Constant):
                needs.append(reference.meaning)
            self._note(reference, None)

    def is_member(self, unit: Unit | None, module: SourceModule, node: cst.BaseExpression) -> bool:
        """Whether an expression names a member of an enumeration."""
        chain = dotted(node)
        if chain is None or len(chain) < 2 or (unit is not None and chain[0] in unit.variables):
            return False
        return isinstance(self.resolver.resolve(unit, module, chain).meaning, Enumerated)

    def holder(self, reference: Reference) -> Holder | None:
        """What has the name in the emitted module."""
        meaning = reference.meaning
        return self._classes.get(meaning.node) if isinstance(meaning, UserClass) else reference.holder

    def _refuse(
        self, code: str, words: str, module: SourceModule, node: cst.CSTNode, help_: str = ""
    ) -> None:
        self.diagnostics.append(Diagnostic(code, words, module.span(node), help_))

    @staticmethod
    def _problem(reference: Reference, called: bool) -> Unsupported | None:
        match reference.meaning:
            case Unsupported() as problem:
                return problem
            case Unknown(name=name) if not called:
                return Unsupported("AD221", f"`{name}` is not bound anywhere that adtrans can see")
            case UserModule(module=module):
                return Unsupported("AD228", f"the module `{module.name}` is used as a value")
        return None

    # ---------------------------------------------------------------------- names

    def _name_all(self) -> None:
        """Give names: the user's own wherever it is free and no user of it has a local of that name."""
        names = Names(self._builtins)
        for holder, users in self._users.items():
            if isinstance(holder, Unit) and holder not in self.units:
                continue  # a lifted function is named when it is known what it takes
            base = holder.alias if isinstance(holder, Imported) else holder.name
            if isinstance(holder, Unit) and holder.within and base == "__init__" and holder is not self.entry:
                base = "init"
            if isinstance(holder, Unit) and holder.within and base.strip("_") in OPERATORS:
                base = base.strip("_")
            if isinstance(holder, Unit) and holder.within and is_setter(holder.node):
                base = f"set_{base}"
            if isinstance(holder, Unit) and holder.within and base in names:
                words = [word for word in holder.within.split(".") if word.isidentifier()]
                base = f"{words[-1].lower()}_{base}"
            local = {name for user in users for name in user.variables}
            name = names.fresh(base)
            while name in local:
                name = names.fresh(base)
            self.names[holder] = name

    def followed(self, unit: Unit, node: cst.CSTNode) -> Unit | None:
        """The function that a definition or a lambda in another one makes, if its calls can be followed."""
        if not isinstance(node, cst.FunctionDef | cst.Lambda):
            return None
        inner = self.resolver.inner_unit(unit, node)
        decorated = not isinstance(self.resolver.meaning_of(inner), Unit)
        return None if decorated or inner not in self.units else inner

    def imports(self) -> tuple[Import, ...]:
        """The import statements of the emitted module, in the order in which they were needed."""
        rows: dict[Import, None] = {}
        for holder in self._imports:
            alias = self.names[holder]
            renamed = alias != holder.alias
            if not holder.also or renamed:
                rows[Import(holder.module, holder.name, alias)] = None
            for further in holder.also:
                rows[Import(further, None, further)] = None
        return tuple(rows)

    def constants(self) -> list[Constant | ClassText]:
        """The constants and classes, each after those it needs, otherwise in the order of their modules."""
        modules = {id(m): i for i, m in enumerate(self.resolver.project.modules.values())}

        def place(constant: Constant | ClassText) -> tuple[int, tuple[int, int], str]:
            module = constant.module
            node = constant.node if isinstance(constant, ClassText) else constant.value
            start = module.range(node)[0] if node is not None else (0, 0)
            return modules.get(id(module), len(modules)), start, constant.name

        done: dict[Constant | ClassText, None] = {}

        def add(constant: Constant | ClassText, around: tuple[Constant | ClassText, ...]) -> None:
            if constant in done or constant in around:
                return
            for need in self._constants[constant]:
                add(need, (*around, constant))
            done[constant] = None

        for constant in sorted(self._constants, key=place):
            add(constant, ())
        return list(done)

    def standing(self) -> frozenset[str]:
        """The names of classes that stand for those of the program, and have no objects that are numbers."""
        classes = (c for c in self._constants if isinstance(c, ClassText))
        return frozenset(self.names[c] for c in classes if c.stands and not c.foreign)

    def is_logging(self, reference: Reference) -> bool:
        """Whether a callee only tells somebody something: it is carried over, whatever it is told."""
        meaning = reference.meaning
        if isinstance(meaning, Constant) and isinstance(meaning.value, cst.Call):
            chain = dotted(meaning.value.func)
            meaning = self.resolver.resolve(None, meaning.module, chain).meaning if chain else meaning
        return isinstance(meaning, Library) and meaning.path.partition(".")[0] in TELLING


def is_setter(node: cst.FunctionDef) -> bool:
    """Whether a function is called by assignments to a property of its name."""
    return [dotted(d.decorator) for d in node.decorators] == [(node.name.value, "setter")]


TELLING = ("logging", "warnings", "sys", "time")


def unknown(name: str, module: SourceModule) -> str:
    stars = ", ".join(f"`{star}`" for star in module.stars)
    more = f" (it is not found in {stars})" if stars else ""
    return f"`{name}` is not bound anywhere that adtrans can see{more}"
