"""All functions of a program: what they use, the names of it, and what cannot be said with parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from keyword import iskeyword

from adtrans import ir, walk
from adtrans.attributes.aliases import aliased, unbound
from adtrans.attributes.facts import TABLES, Collector, Facts
from adtrans.attributes.paths import Path, called_in, dotted, inside, names_in
from adtrans.attributes.rewriter import Rewriter
from adtrans.attributes.unassigned import unassigned
from adtrans.errors import Diagnostic, Span
from adtrans.names import Names


class Flattener:
    """Works on all functions of a program."""

    def __init__(
        self,
        program: ir.Program,
        objects: Mapping[str, frozenset[str]],
        fields: tuple[str, ...],
        making: frozenset[str] = frozenset(),
    ) -> None:
        self.program = program
        self.making = making
        self.fields: tuple[Path, ...] = tuple(tuple(f.split(".")) for f in fields)
        self.report: list[Diagnostic] = []
        taken = {n for f in program.functions.values() for n in mentioned_names(f)} | set(program.constants)
        known = [i.alias for i in program.imports if i.module == "numpy" and i.name is None]
        self.numpy = [*known, Names({*taken, *(i.alias for i in program.imports)}).fresh("np")][0]
        self.facts = {
            path: Facts(
                unbound(aliased(f, objects.get(path)), objects),
                dict.fromkeys(p.name for p in f.params if p.name in objects.get(path, ())),
            )
            for path, f in program.functions.items()
        }
        expressions = (
            e for f in program.functions.values() for s in walk.statements(f.body) for e in inside(s)
        )
        self.asked = {e.name for e in expressions if isinstance(e, ir.Field)}
        """The names of all attributes that somebody asks for."""

    def run(self) -> dict[str, ir.Function]:
        entry = self.facts[self.program.entry]
        for place in self.fields:
            if place[0] in {p.name for p in entry.function.params}:
                entry.objects[place[0]] = None
                entry.reads[place] = entry.function.span
        self.fixpoint()
        for path, facts in self.facts.items():
            self.name(facts)
            self.check(path, facts)
        if self.report:
            return {}
        functions = {path: Rewriter(self, path, facts).function() for path, facts in self.facts.items()}
        for path, facts in self.facts.items():
            self.check_values(functions[path], facts)
        return functions

    def require_called(self) -> None:
        """A function that takes objects, mentioned and not called: its parameters are others now."""
        for facts in self.facts.values():
            for stmt in walk.statements(facts.function.body):
                for expr in inside(stmt):
                    of = self.facts.get(expr.function) if isinstance(expr, ir.Global) else None
                    if of is not None and of.objects:
                        words = f"the method `{of.function.name}` is used as a value that cannot be followed"
                        self.refuse(expr.span or stmt.span, words, "call it by its name")
        taking = {facts.function.name for facts in self.facts.values() if facts.objects}
        for facts in self.facts.values():
            for stmt in walk.statements(facts.function.body):
                pieces = [(stmt.text, stmt.span)] if isinstance(stmt, ir.Verbatim) else []
                pieces += [(e.text, e.span or stmt.span) for e in inside(stmt) if isinstance(e, ir.Opaque)]
                for text, span in pieces:
                    for name in sorted(self.making & (names_in(text or "") | called_in(text or ""))):
                        words = f"`{name}`, which makes objects, is used in code that is carried over"
                        self.refuse(span, words, "call it in a plain statement before")
                    for name in sorted(taking & names_in(text or "")):
                        words = (
                            f"`{name}`, which takes objects, is used in code that is carried over as it is"
                        )
                        self.refuse(span, words, "call it in a plain statement")

    def require_absent(self, absent: Mapping[str, Span]) -> None:
        """`hasattr` was answered for the start of the program."""
        assigned = {path[-1] for facts in self.facts.values() for path in facts.writes}
        for name, span in absent.items():
            if name in assigned:
                self.refuse(
                    span,
                    f"the attribute `{name}` is looked for here, and assigned elsewhere",
                    "set it to None",
                )

    def fixpoint(self) -> None:
        """Which parameters are objects, then what is used of them: through the functions that are called."""
        for round_ in (Collector.roots, Collector.run):
            while True:
                before = self.size()
                for facts in self.facts.values():
                    round_(Collector(self, facts))
                if self.size() == before:
                    break

    def size(self) -> int:
        """How much is known."""
        return sum(len(f.objects) + sum(len(getattr(f, t)) for t in TABLES) for f in self.facts.values())

    @property
    def imports(self) -> tuple[ir.Import, ...]:
        """What the functions need beside what they needed before."""
        entry = self.facts[self.program.entry]
        copied = entry.stores.keys() & set(entry.given_back)
        numpy = ir.Import("numpy", None, self.numpy)
        return (numpy,) if copied and numpy not in self.program.imports else ()

    # ------------------------------------------------------------------------ names

    def name(self, facts: Facts) -> None:
        """A name for each attribute: that of the attribute itself where it is free."""
        function = facts.function
        taken = mentioned_names(function)
        taken |= {f.name for f in self.program.functions.values()} | set(self.program.constants)
        taken |= {i.alias for i in self.program.imports}
        taken |= {
            e.spelled.partition(".")[0]
            for s in walk.statements(function.body)
            for e in inside(s)
            if isinstance(e, ir.Call) and e.style == "function"
        }
        names = Names(taken)
        several = len({path[0] for path in facts.reads}) > 1 or bool(facts.made)
        for path in facts.reads:
            words = [w.strip("_") or w for w in path]
            base = "_".join(words[1:]) if not several or path[0] in ("self", "cls") else "_".join(words)
            if base in names or not base.isidentifier() or iskeyword(base):
                base = "_".join(words)
            facts.names[path] = names.fresh(base)

    # ----------------------------------------------------------------------- checks

    def check(self, path: str, facts: Facts) -> None:
        """What cannot be said with parameters."""
        active = set(self.fields) if path == self.program.entry else set()
        changing = {**facts.stores, **facts.writes, **dict.fromkeys(active)}
        for one in facts.reads:
            for other in facts.reads:
                if one != other and one[: len(other)] == other and (one in changing or other in changing):
                    what = "assigned" if {one, other} & set(facts.writes) else "differentiated"
                    self.refuse(
                        facts.reads[other] or facts.function.span,
                        f"`{dotted(other)}` is used as a whole, and `{dotted(one)}` is {what}",
                        "use the attributes of the object one by one",
                    )
        for used, span in facts.whole.items():
            if used[0] in facts.made:
                continue  # check_made tells.
            # Another view of what changes: the object itself, which is given its new attributes at the end.
            for other in changing:
                if other[: len(used)] != used or other == used or used in facts.reads:
                    continue
                what = "assigned" if {other} & {*facts.writes, *facts.stores} else "differentiated"
                self.refuse(
                    span,
                    f"`{dotted(used)}` is used here as a whole, and its attribute `{other[-1]}` is {what}",
                    f"pass what is needed of it: `{dotted(other)}`",
                )
        for used, span in facts.loose.items():
            if used[0] in facts.made:
                continue
            told = any(d.span == span for d in self.report)
            if not told and any(other[: len(used)] == used and other != used for other in facts.reads):
                self.refuse(
                    span,
                    f"`{dotted(used)}` is used here as a whole, and its attributes may change",
                    "pass what is needed of it, or work on its attributes by name",
                )
        for used, span in facts.telling.items():
            if used[0] in facts.made:
                continue
            for other in {**facts.writes, **facts.stores}:
                if other[: len(used)] == used and other != used:
                    self.refuse(
                        span,
                        f"`{dotted(used)}` is shown here, and its attribute `{other[-1]}` is assigned",
                        f"show what is assigned: `{dotted(other)}`",
                    )
        self.check_made(path, facts)
        if path == self.program.entry and facts.given_back and self.called(path):
            self.refuse(
                facts.function.span,
                f"`{facts.function.name}` assigns attributes and calls itself",
                "put the recursion into a method of its own",
            )

    def check_values(self, function: ir.Function, facts: Facts) -> None:
        """Attributes of new objects have a value wherever it is asked for."""
        params = {p.name for p in function.params}
        watched = {name: path for path, name in facts.names.items() if name not in params}
        for name, span in unassigned(function, watched.keys()).items():
            words = f"`{dotted(watched[name])}` of a new object may have no value here"
            self.report.append(
                Diagnostic("AD223", words, span or function.span, "assign it in `__init__`, on every path")
            )

    def check_made(self, path: str, facts: Facts) -> None:
        """Objects that are made here are their attributes and nothing else."""
        for used, span in {**facts.whole, **facts.loose, **facts.telling}.items():
            if used[0] in facts.made or any(used[: len(new)] == new for new in facts.news):
                words = f"`{dotted(used)}`, an object that is made in this program, is used here as a whole"
                help_ = "use its attributes, or pass it to a function that does"
                self.report.append(Diagnostic("AD223", words, span, help_))
        for new, span in facts.news.items():
            if new[0] not in facts.made and path == self.program.entry:
                words = (
                    f"an object is made here and kept in `{dotted(new)}`, which is not that of the function"
                )
                help_ = "make it before, and pass it as an argument"
                self.report.append(Diagnostic("AD223", words, span, help_))

    def called(self, path: str) -> bool:
        return any(
            isinstance(e, ir.Call) and e.fn == path
            for f in self.facts.values()
            for s in walk.statements(f.function.body)
            for e in inside(s)
        )

    def refuse(self, span: Span | None, words: str, help_: str) -> None:
        self.report.append(Diagnostic("AD230", words, span, help_))

    # ------------------------------------------------------------------- parameters

    def kept(self, facts: Facts, name: str, *, entry: bool) -> bool:
        """Whether a parameter that is an object stays one beside its attributes."""
        whole = (name,) in facts.whole or (name,) in facts.telling
        return whole or (entry and any(path[0] == name for path in facts.writes))

    def front(self, facts: Facts) -> bool:
        """Whether the attributes come first: in their place they would stand behind a default."""
        params = facts.function.params
        last = max((k for k, p in enumerate(params) if p.name in facts.objects), default=0)
        return any(p.default is not None for p in params[:last])

    def given(self, facts: Facts, param: ir.Param, *, entry: bool) -> tuple[ir.Param, ...]:
        """What stands for a parameter."""
        if param.name not in facts.objects:
            return (param,)
        own = [p for p in facts.reads if p[0] == param.name and facts.needs(p, entry=entry)]
        kept = (
            (replace(param, annotation=None, origin=param.name),)
            if self.kept(facts, param.name, entry=entry)
            else ()
        )
        return (*kept, *(ir.Param(facts.names[p], origin=dotted(p), span=param.span) for p in own))


def mentioned_names(function: ir.Function) -> set[str]:
    """Every name that is bound somewhere in a function, in comprehensions and in text too."""
    found = {function.name} | {p.name for p in function.params}
    found |= walk.reads_of(function.body) | walk.writes_of(function.body)
    for stmt in walk.statements(function.body):
        texts = [stmt.text or ""] if isinstance(stmt, ir.Verbatim) else []
        for expr in inside(stmt):
            if isinstance(expr, ir.Comprehension):
                found |= walk.names(expr.target)
            if isinstance(expr, ir.Opaque):
                texts.append(expr.text)
        for text in texts:  # not attributes: `self.w` does not bind `w`
            found.update(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text))
    return found
