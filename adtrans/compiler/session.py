"""What all functions of one compilation share: the program, its facts, and what has been made so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adtrans.analyses.activity import Dependence
from adtrans.analyses.memory import Memory, effects
from adtrans.analyses.ranks import Inference, Ranks, grows
from adtrans.analyses.rebinding import apart
from adtrans.compiler.functions import calls, handed, stored_into
from adtrans.errors import Diagnostic
from adtrans.forward import TangentCallee
from adtrans.ir import Assign, Call, ExprStmt, Function, Program, Stmt
from adtrans.kinds import Kind, unknown
from adtrans.names import Names
from adtrans.reverse.tree import Callee
from adtrans.walk import names, words_in_texts


@dataclass(slots=True)
class Session:
    """The program in core form, what is known of all of it, and the functions made for it.

    `pairs` and `tangents` are the derivatives of user functions, by function, signature and activity; `made`
    are the paths of functions that stand around those of a rule.
    """

    program: Program
    core: Mapping[str, Function]
    report: list[Diagnostic]
    pairs: dict[object, Callee] = field(default_factory=dict)
    tangents: dict[object, TangentCallee] = field(default_factory=dict)
    solved: dict[object, Function] = field(default_factory=dict)
    """The derivatives of the functions that SciPy's solvers are given."""
    made: dict[object, str] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    making: list[tuple[str, tuple[Kind, ...]]] = field(default_factory=list)
    taken: Names = field(default_factory=Names)
    memory: Memory = field(init=False)
    inference: Inference = field(init=False)
    dependence: Dependence = field(init=False)
    stores: bool = field(init=False)
    """Whether any function writes into an array."""

    def __post_init__(self) -> None:
        found = {path: self.program.custom(path) for path in self.core}
        customs = {path: custom for path, custom in found.items() if custom is not None}
        self.memory = effects({path: apart(function) for path, function in self.core.items()}, customs)
        self.inference = Inference(self.core, self.program.constants, self.program.values)
        self.dependence = Dependence(
            self.core.keys(), self.memory.mutated, [p for p, f in self.core.items() if f.solution]
        )
        self.taken = Names({f.name for f in self.program.functions.values()} | set(self.program.constants))
        self.stores = any(map(stored_into, self.core.values())) or any(self.memory.mutated.values())

    def settled(self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]) -> tuple[Kind, ...]:
        """The kinds of the arguments of a user function of which a derivative is made.

        A recursion that adds to a tuple would need a derivative for each length: nothing is known of such
        an argument, and it is refused if it varies.
        """
        for path, old in self.making:
            if path != call.fn:
                continue
            growing = [k for k, pair in enumerate(zip(kinds, old, strict=True)) if grows(*pair)]
            function = self.core[path]
            for k in growing:
                if active[k]:
                    name = function.params[k].name
                    words = f"`{function.name}` calls itself with more in `{name}` each time"
                    self.report.append(Diagnostic("AD231", words, call.span or function.span))
            kinds = tuple(unknown(kind) if k in growing else kind for k, kind in enumerate(kinds))
        return kinds

    @property
    def base(self) -> str:
        """The name of the entry."""
        return self.program.functions[self.program.entry].name

    def with_primals(self) -> list[Function]:
        """What has been made, preceded by the user functions that are still called as they are."""
        needed: list[str] = []
        solutions: set[str] = set()
        made = {f.path for f in self.functions}
        program = self.program
        originals = program.originals or program.functions
        paths = {f.name: path for path, f in originals.items()}

        def visit(function: Function) -> None:
            mentioned = [paths[word] for word in words_in_texts(function.body) if word in paths]
            for path in (*(call.fn for call in calls(function.body)), *handed(function.body), *mentioned):
                path = program.variants.get(path, path)
                if path in originals and originals[path].solution:  # Only what it solves is there.
                    if path not in solutions:
                        solutions.add(path)
                        visit(originals[path])
                elif path in originals and path not in made and path not in needed:
                    needed.append(path)
                    visit(originals[path])
                    rule = program.customs.get(path)
                    for part in rule.functions if rule is not None else ():  # The text says its rule.
                        if part not in made and part not in needed:
                            needed.append(part)
                            visit(originals[part])

        for function in self.functions:
            visit(function)
        return [originals[path] for path in originals if path in needed] + self.functions

    def source_line(self, stmt: Stmt) -> str:
        """The user's text of a statement that a pass has changed."""
        if stmt.span is None or stmt.span.file not in self.program.sources:
            return ""
        lines = self.program.sources[stmt.span.file].splitlines()[stmt.span.line - 1 : stmt.span.end_line]
        return " ".join(line.strip() for line in lines)

    def written(self, stmt: Stmt, ranks: Ranks) -> frozenset[str]:
        """The names whose contents a statement changes through a call of a user function."""
        if isinstance(stmt, (Assign, ExprStmt)) and isinstance(stmt.value, Call):
            return self.dependence.written(stmt.value, ranks.scope(stmt))
        return frozenset()

    def shared_in(self, call: Call) -> set[str]:
        """The names of the arrays that a call of a backward sweep updates in place."""
        found: set[str] = set()
        for callee in self.pairs.values():
            if callee.backward == call.fn and callee.shared:
                for arg in call.args[-len(callee.shared) :]:
                    found |= names(arg)
        return found
