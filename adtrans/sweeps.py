"""The stages for one function: analysed, prepared, differentiated, written as functions.

A user function that is called is compiled in the same way, once per signature: `g_fwd` and
`g_bwd` in reverse mode, `g_jvp` in forward mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from adtrans.aliases import unaliased
from adtrans.analyses.activity import Activity, Dependence, analyse
from adtrans.analyses.binding import bound, bound_after, maybe_none, no_value
from adtrans.analyses.demands import demanded
from adtrans.analyses.events import Events, own_reads
from adtrans.analyses.memory import Conflict, Memory, conflicts, effects, sharing
from adtrans.analyses.ranks import Inference, Latest, Ranks
from adtrans.analyses.rebinding import apart
from adtrans.errors import Diagnostic
from adtrans.forward import Forward
from adtrans.ir import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    ExprStmt,
    For,
    Function,
    Index,
    Name,
    Note,
    Param,
    Program,
    Return,
    Stmt,
    Tuple,
    Verbatim,
)
from adtrans.kinds import ANY, Array, Kind, ListOf, TupleOf, is_number, may_vary
from adtrans.names import Names
from adtrans.ownership import copy_of, with_copies, written_deep, written_in_place
from adtrans.places import part_arguments, plain_targets, unsaid
from adtrans.precision import as_single, precise
from adtrans.prepare import (
    Naming,
    all_names,
    array_likes,
    conditionals,
    list_items,
    loop_targets,
    pops,
    unpackings,
)
from adtrans.record import Recorder, copy_of_value
from adtrans.reverse import Callee, Leaf, Reverse, real, zero_like
from adtrans.tidy import tidy
from adtrans.walk import binds as bound_names
from adtrans.walk import blocks, changes, map_blocks, names, statements

UNKNOWN_NUMBER = Array("?", None)


@dataclass(slots=True)
class Derived:
    """What a compilation gives to the emitter."""

    functions: list[Function]
    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    wrt: tuple[str, ...]
    results: tuple[str, ...]
    mutated: tuple[str, ...]
    paths: frozenset[str]
    kinds: tuple[Kind, ...] = ()
    forward: str = ""
    backward: str = ""


@dataclass(slots=True)
class Prepared:
    """A function ready to be differentiated, with its facts."""

    function: Function
    ranks: Ranks
    activity: Activity
    results: tuple[str, ...]
    fresh: Names


@dataclass(slots=True)
class Sweeps:
    """The forward and backward sweep of one function and the names they need."""

    prepared: Prepared
    reverse: Reverse
    recorder: Recorder
    forward: Block
    backward: Block
    out: tuple[Expr, ...]


@dataclass(slots=True)
class Compiler:
    """Compiles the entry of a program and, as they are met, the user functions it calls."""

    program: Program
    core: Mapping[str, Function]
    report: list[Diagnostic]
    made: dict[object, Callee] = field(default_factory=dict)
    tangents: dict[object, tuple[str, tuple[bool, ...]]] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    taken: Names = field(default_factory=Names)
    entry_kind: Kind = ANY
    stores: bool = field(init=False)
    split: bool = False
    memory: Memory = field(init=False)
    inference: Inference = field(init=False)
    dependence: Dependence = field(init=False)

    def __post_init__(self) -> None:
        self.memory = effects({path: apart(function) for path, function in self.core.items()})
        self.inference = Inference(self.core, self.program.constants)
        self.dependence = Dependence(self.core.keys(), self.memory.mutated)
        self.taken = Names({f.name for f in self.program.functions.values()} | set(self.program.constants))
        self.stores = any(map(stored_into, self.core.values())) or any(self.memory.mutated.values())

    # ---------------------------------------------------------------- entry

    def derive(
        self,
        mode: str,
        wrt: tuple[str, ...],
        kinds: Mapping[str, Kind],
        *,
        split: bool,
        outputs: tuple[int, ...] | None = None,
    ) -> Derived:
        """The derivative of the entry."""
        self.split = split
        function = self.core[self.program.entry]
        signature = {p.name: kinds.get(p.name, self.declared(p)) for p in function.params}
        signature = demanded(function, signature, self.inference)
        wrt = self.differentiated(function, wrt, signature)
        mutated = tuple(
            p.name
            for k, p in enumerate(function.params)
            if k in self.memory.mutated[function.path] and not is_number(signature[p.name])
        )
        if self.report:
            return Derived([], "", "", (), wrt, (), mutated, frozenset())
        own = returned(function)
        wanted = own if outputs is None else tuple(own[k] for k in outputs)
        if mode == "both":
            name, forward, backward, _, facts, results = self.entry_reverse(
                function, wrt, signature, mutated, split, wanted
            )
            _, title, _, _ = self.entry_forward(function, wrt, signature, mutated, wanted)
            title = title.replace("Tangent", "Adjoint and tangent")
        elif mode == "forward":
            name, title, facts, results = self.entry_forward(function, wrt, signature, mutated, wanted)
            forward = backward = ""
        else:
            name, forward, backward, title, facts, results = self.entry_reverse(
                function, wrt, signature, mutated, split, wanted
            )
        functions = self.with_primals()
        paths = frozenset(f.path for f in functions)
        kind = self.entry_kind
        kinds_ = kind.elems if isinstance(kind, TupleOf) and len(results) > 1 else (kind,)
        return Derived(functions, name, title, facts, wrt, results, mutated, paths, kinds_, forward, backward)

    def declared(self, param: Param) -> Kind:
        """The kind of a parameter from its annotation or default."""
        from adtrans.annotations import kind_of_annotation

        if param.annotation is not None:
            found = kind_of_annotation(param.annotation, param.name)
            if found is not None:
                return found
        if isinstance(param.default, Const) and isinstance(param.default.value, (bool, str, type(None))):
            return self.inference.scope({}).kind(param.default)
        return Array("?", None, like=param.name)

    def differentiated(
        self, function: Function, wrt: tuple[str, ...], signature: Mapping[str, Kind]
    ) -> tuple[str, ...]:
        """The parameters to differentiate: those asked for, or all that may vary."""
        if not wrt:
            return tuple(n for n, k in signature.items() if may_vary(k))
        for name in wrt:
            if name not in signature:
                known = ", ".join(f"`{n}`" for n in signature)
                self.report.append(
                    Diagnostic(
                        "AD501",
                        f"`{function.name}` has no parameter `{name}`",
                        function.span,
                        help=f"its parameters are {known}",
                    )
                )
            elif not may_vary(signature[name]):
                self.report.append(
                    Diagnostic(
                        "AD503",
                        f"`{name}` cannot be differentiated: it is not a floating-point number",
                        function.span,
                        help=f"give `{name}` as a float",
                    )
                )
        return tuple(n for n in signature if n in wrt)

    def with_primals(self) -> list[Function]:
        """What has been made, preceded by the user functions that are still called as they are."""
        needed: list[str] = []
        made = {f.path for f in self.functions}

        def visit(function: Function) -> None:
            for call in calls(function.body):
                if call.fn in self.program.functions and call.fn not in made and call.fn not in needed:
                    needed.append(call.fn)
                    visit(self.program.functions[call.fn])

        for function in self.functions:
            visit(function)
        return [
            self.program.functions[path] for path in self.program.functions if path in needed
        ] + self.functions

    # -------------------------------------------------------------- analysis

    def prepared(
        self,
        function: Function,
        kinds: tuple[Kind, ...],
        wrt: Sequence[str],
        wanted: Sequence[str] | None,
        *,
        forward: bool,
        entry: bool = False,
    ) -> Prepared:
        """Analyse and prepare a function for one signature."""
        fresh = Names(all_names(function) | set(self.program.constants) | {"np", "math"})
        function = pops(loop_targets(function, fresh), fresh, self.core)
        latest = Latest(kinds, self.inference)
        ranks = latest.of(function)
        function = unpackings(list_items(function, ranks), ranks)
        function = array_likes(function, ranks, self.dependence)
        function = conditionals(function, ranks, fresh)
        ranks = latest.of(function)
        results = returned(function)
        mutated = [
            p.name
            for k, (p, kind) in enumerate(zip(function.params, kinds, strict=True))
            if k in self.memory.mutated[function.path] and not is_number(kind)
        ]
        # What an inner function writes into its arguments is a result too, if the caller reads it later (then
        # it gives a derivative along); of the entry only what it returns.
        written = () if entry else (n for n in mutated if n in wrt)
        outputs = [*(results if wanted is None else wanted), *written]
        ends = frozenset(() if entry else mutated)
        function = part_arguments(plain_targets(function, ranks), ranks, self.memory.mutated, fresh.fresh)
        ranks = latest.of(function)

        found: dict[int, tuple[Ranks, Activity]] = {}

        def analysed(function: Function, ranks: Ranks) -> Activity:
            if id(ranks) not in found:
                found[id(ranks)] = ranks, analyse(function, ranks, self.dependence, wrt, outputs)
            return found[id(ranks)][1]

        def shared(trial: Function) -> list[Conflict]:
            facts = latest.of(trial)
            return sharing(trial, facts, self.memory, analysed(trial, facts), ends)

        function = unaliased(function, ranks, self.memory, fresh, ends, shared)
        ranks = latest.of(function)
        activity = analysed(function, ranks)
        naming = Naming(ranks, activity, self.dependence, fresh.fresh, forward)
        named = naming.function(function)
        if named.body is not function.body:
            function, ranks = named, latest.of(named)
            activity = analysed(function, ranks)
        self.report.extend(unsaid(function, lambda stmt, name: name in activity.ever_varied))
        self.report.extend(conflicts(function, ranks, self.memory, activity, ends))
        return Prepared(function, ranks, activity, results, fresh)

    # --------------------------------------------------------------- reverse

    def sweeps(
        self,
        function: Function,
        kinds: tuple[Kind, ...],
        wrt: Sequence[str],
        wanted: Sequence[str] | None,
        shared: frozenset[str],
        *,
        entry: bool = False,
    ) -> Sweeps:
        """Both sweeps of one function."""
        prepared = self.prepared(function, kinds, wrt, wanted, forward=False, entry=entry)
        function, ranks, activity = prepared.function, prepared.ranks, prepared.activity
        reverse = Reverse(
            function,
            ranks,
            activity,
            self.dependence,
            prepared.fresh,
            self.report,
            self.callee,
            shared=shared,
        )
        for name in (*wrt, *prepared.results):
            reverse.bar(name)
        starts = [
            reverse.start(p, k)
            for p, k in zip((p.name for p in function.params), kinds, strict=True)
            if p in wrt and p not in activity.useful_at_start and p not in shared
        ]
        tree = [*reverse.block(function.body[:-1])]
        if starts:  # Inputs without influence: their adjoints have the shapes that they come with.
            tree.insert(0, Leaf(Verbatim(text=""), tuple(starts)))
        single = single_bindings(function)
        bars = set(reverse.bars.values())
        kinds_of = last_kinds(ranks)
        events = Events(
            lambda n: n in bars or n in reverse.locals,
            lambda n: fixed_shape(n, single, kinds_of),
            ranks.scope,
            lambda stmt: self.written(stmt, ranks),
        )
        recorder = Recorder(
            events,
            self.source_line,
            ranks.scope(function.body[-1]),
            prepared.fresh,
            self.memory.classes(function, surely_arrays(kinds_of)),
            frozenset(p.name for p in function.params),
        )
        recorder.kinds = kinds_of
        recorder.nothing = frozenset(
            n
            for s in statements(function.body)
            if isinstance(s, Assign) and s.value == Const(None)
            for n in bound_names(s)
        )
        bars.update(reverse.bars.values())
        recorder.all_changes = frozenset().union(
            *(events.changed(s) | events.maybe_changed(s) for s in function.body)
        )
        recorder.guards.extend(reverse.guards)
        recorder.plan(tree)
        forward = recorder.forward(tree)
        backward = recorder.backward(tree)
        out = self.results_kept(prepared, recorder, backward)
        forward = (*self.log_starts(recorder), *forward)
        backward = self.owned(prepared, reverse, backward, kinds, shared)
        return Sweeps(prepared, reverse, recorder, forward, backward, out)

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

    def log_starts(self, recorder: Recorder) -> list[Stmt]:
        """Empty lists for what is recorded, and a value for what may not have one when it is recorded."""
        lists = [
            *recorder.logs.values(),
            *(name for name in recorder.tests.values() if name in recorder.test_lists),
        ]
        starts: list[Stmt] = []
        for log in lists:
            starts.append(Assign(target=Name(log), value=_empty_list()))
        for name in recorder.guards:
            starts.append(without_value(name, recorder))
        return starts

    def results_kept(self, prepared: Prepared, recorder: Recorder, backward: Block) -> tuple[Expr, ...]:
        """The results under names that the backward sweep does not touch."""
        rebound = {n for s in statements(backward) for n in bound_names(s)}
        changed = recorder.restored_in_place | {
            n for s in statements(prepared.function.body) for n in self.written(s, prepared.ranks)
        }
        out: list[Expr] = []
        for name in prepared.results:
            if name not in rebound and name not in changed:
                out.append(Name(name))
                continue
            recorder.outs[name] = prepared.fresh.fresh(f"{name}_out")
            out.append(Name(recorder.outs[name]))
        recorder.copied_outs = frozenset(n for n in recorder.outs if n in changed)
        return tuple(out)

    def out_statements(self, sweeps: Sweeps) -> list[Stmt]:
        lines: list[Stmt] = []
        for name, out in sweeps.recorder.outs.items():
            value: Expr = Name(name)
            if name in sweeps.recorder.copied_outs:
                value = copy_of(value, sweeps.recorder.kinds.get(name, ANY))
            lines.append(Assign(target=Name(out), value=value))
        return lines

    def owned(
        self,
        prepared: Prepared,
        reverse: Reverse,
        backward: Block,
        kinds: tuple[Kind, ...],
        shared: frozenset[str],
    ) -> Block:
        """Copies where an adjoint that is added to in place would start as another's array."""
        of_bar = {bar: name for name, bar in reverse.bars.items()}
        kinds_of = last_kinds(prepared.ranks)

        def kind(bar: str) -> Kind:
            return (
                kinds_of.get(of_bar[bar], UNKNOWN_NUMBER)
                if bar in of_bar
                else reverse.temporaries.get(bar, ANY)
            )

        owners = {
            bar
            for bar in written_in_place(backward, self.shared_in)
            if not (isinstance(kind(bar), Array) and kind(bar).rank == 0)  # type: ignore[attr-defined]
        }
        backward = with_copies(backward, kind, owners)
        seeds = [reverse.bar(n) for n in prepared.results]
        passed_in = {reverse.bar(n) for n in shared}
        copies = [
            Assign(target=Name(bar), value=copy_of(Name(bar), kind(bar)))
            for bar in seeds
            if bar in owners and bar not in passed_in
        ]
        return (*copies, *backward)

    def shared_in(self, call: Call) -> set[str]:
        found: set[str] = set()
        for callee in self.made.values():
            if callee.backward == call.fn and callee.shared:
                for arg in call.args[-len(callee.shared) :]:
                    found |= names(arg)
        return found

    def touched(self, block: Block) -> set[str]:
        """The names whose contents a backward sweep changes: lists it empties, arrays that it or a callee's
        backward sweep restores."""
        found = {n for s in statements(block) for n in changes(s)}
        writes = {callee.backward: callee.writes for callee in self.made.values()}
        for call in calls(block):
            for k in writes.get(call.fn, ()):
                found |= names(call.args[k])
        return found

    def entry_reverse(
        self,
        function: Function,
        wrt: tuple[str, ...],
        signature: Mapping[str, Kind],
        mutated: tuple[str, ...],
        split: bool,
        wanted: tuple[str, ...],
    ) -> tuple[str, str, str, str, tuple[tuple[str, str], ...], tuple[str, ...]]:
        kinds = tuple(signature.values())
        sweeps = self.sweeps(function, kinds, wrt, wanted, frozenset(), entry=True)
        prepared, reverse = sweeps.prepared, sweeps.reverse
        self.entry_kind = prepared.ranks.result
        copies = [argument_copy(n, signature[n]) for n in mutated]
        seeds = [reverse.bar(n) for n in wanted]
        bars = self.in_precision(sweeps, wrt, signature)
        value = as_returned(function, sweeps.out)
        bar_value: Expr = bars[0] if len(bars) == 1 else Tuple(tuple(bars))
        facts = self.facts(sweeps, wrt, signature)
        base = self.program.functions[self.program.entry].name
        title = f"Adjoint of `{base}` ({file_name(self.program.file)})"
        last = [replace(p, default=p.default) for p in function.params]
        one = len(seeds) == 1 and scalar_or_unknown(last_kinds(prepared.ranks).get(wanted[0], ANY))
        seed_params = [Param(s, default=Const(1.0) if one else None) for s in seeds]
        params = (*last, *seed_params)
        doc = self.reverse_doc(prepared, reverse, wrt, wanted)
        if split:
            return self.entry_split(
                function, sweeps, copies, params, seed_params, value, bar_value, wrt, title, facts, base
            )
        name = self.taken.fresh(f"{base}_vjp")
        body: list[Stmt] = [
            Note(words="Forward sweep."),
            *copies,
            *sweeps.forward,
            *self.out_statements(sweeps),
        ]
        body.append(Note(words="Backward sweep.", blank_before=True))
        body += spaced(sweeps.backward)
        body.append(Return(value=Tuple((value, bar_value)), blank_before=True))
        self.functions.append(
            tidy(
                Function(
                    name, f"{function.path}_vjp", ordered(params), tuple(body), doc=doc, span=function.span
                )
            )
        )
        return name, "", "", title, facts, prepared.results

    def in_precision(self, sweeps: Sweeps, wrt: tuple[str, ...], signature: Mapping[str, Kind]) -> list[Expr]:
        """The adjoints of the inputs, each in the dtype of its input."""
        reverse, ranks = sweeps.reverse, sweeps.prepared.ranks
        bars = [Name(reverse.bar(n)) for n in wrt]
        if not any(isinstance(k, Array) and k.dtype == "f4" for k in signature.values()):
            return [*bars]
        kinds: dict[str, Kind] = {**last_kinds(ranks), **reverse.temporaries}
        kinds.update({bar: real(kinds.get(name, ANY)) for name, bar in reverse.bars.items()})
        found = precise(sweeps.backward, kinds, self.inference.scope)
        return [as_single(bar, signature[n], found) for n, bar in zip(wrt, bars, strict=True)]

    def entry_split(
        self,
        function: Function,
        sweeps: Sweeps,
        copies: list[Stmt],
        params: tuple[Param, ...],
        seed_params: list[Param],
        value: Expr,
        bar_value: Expr,
        wrt: tuple[str, ...],
        title: str,
        facts: tuple[tuple[str, str], ...],
        base: str,
    ) -> tuple[str, str, str, str, tuple[tuple[str, str], ...], tuple[str, ...]]:
        """`f_fwd -> (value, residuals)` and `f_bwd(residuals, y_bar)`, which may be called many times."""
        forward, backward = self.taken.fresh(f"{base}_fwd"), self.taken.fresh(f"{base}_bwd")
        seeds = {p.name for p in seed_params}
        kept = [n for n in free_names(sweeps.backward) if n not in seeds]
        residuals = sweeps.prepared.fresh.fresh("residuals")
        unbound = [n for n in kept if n not in bound_after(sweeps.forward, function)]
        starts = [without_value(n, sweeps.recorder) for n in unbound]
        body: list[Stmt] = [*starts, *copies, *sweeps.forward, *self.out_statements(sweeps)]
        body.append(Return(value=Tuple((value, Tuple(tuple(map(Name, kept))))), blank_before=True))
        self.functions.append(
            tidy(
                Function(
                    forward,
                    f"{function.path}_fwd",
                    ordered(function.params),
                    tuple(body),
                    doc=f"Return the value of `{base}` and what `{backward}` needs.",
                )
            )
        )
        unpack: list[Stmt] = []
        if kept:
            target: Expr = Tuple(tuple(map(Name, kept)))
            unpack.append(Assign(target=target, value=Name(residuals)))
        used_up = self.touched(sweeps.backward)
        refreshed = [copy_residual(n, sweeps, n in unbound) for n in kept if n in used_up]
        back: list[Stmt] = [
            *unpack,
            *refreshed,
            *spaced(sweeps.backward),
            Return(value=bar_value, blank_before=True),
        ]
        inputs = ", ".join(sweeps.reverse.bar(n) for n in wrt)
        self.functions.append(
            tidy(
                Function(
                    backward,
                    f"{function.path}_bwd",
                    (Param(residuals), *seed_params),
                    tuple(back),
                    doc=f"Return {inputs}; may be called many times for one `{forward}`.",
                )
            )
        )
        return forward, forward, backward, title, facts, sweeps.prepared.results

    def reverse_doc(
        self, prepared: Prepared, reverse: Reverse, wrt: tuple[str, ...], wanted: tuple[str, ...]
    ) -> str:
        value = ", ".join(prepared.results)
        seeds = ", ".join(f"`{reverse.bar(n)}`" for n in wanted)
        if len(wrt) == 1 and len(prepared.results) == 1:
            bar, y, x = reverse.bar(wrt[0]), prepared.results[0], wrt[0]
            ratio = f"d{y}/d{x}" if len(y) == len(x) == 1 else f"d({y})/d({x})"
            return f"Return `{y}` and `{bar}`, where `{bar}` is {seeds} times {ratio}."
        bars = ", ".join(reverse.bar(n) for n in wrt)
        left = f"`{value}`" if len(prepared.results) == 1 else f"({value})"
        right = f"`{bars}`" if len(wrt) == 1 else f"({bars})"
        return f"Return {left} and {right}: the adjoints that belong to the seed {seeds}."

    def facts(
        self, sweeps: Sweeps, wrt: tuple[str, ...], signature: Mapping[str, Kind]
    ) -> tuple[tuple[str, str], ...]:
        """What the header says: active, inactive, recorded."""
        core = self.core[self.program.entry]
        order = [p.name for p in core.params]
        own = {n for s in statements(self.program.functions[self.program.entry].body) for n in bound_names(s)}
        for stmt in statements(core.body):
            for name in sorted(bound_names(stmt)):
                if name in own and name not in order:
                    order.append(name)
        active = [n for n in order if n in wrt or n in sweeps.prepared.activity.ever_varied]
        inactive = [n for n in order if n not in active]
        recorded = sweeps.recorder.described()
        found = [("Active", ", ".join(active) or "nothing")]
        if inactive:
            found.append(("Inactive", ", ".join(inactive)))
        found.append(("Recorded", recorded))
        return tuple(found)

    # --------------------------------------------------------------- callees

    def callee(
        self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...], wanted: tuple[bool, ...]
    ) -> Callee:
        """The pair of functions for a call of a user function."""
        function = self.core[call.fn]
        rebound = rebound_params(function, kinds)
        mutated = self.memory.mutated[call.fn]
        stored = stored_into(function)
        shared = tuple(
            k
            for k, (on, kind) in enumerate(zip(active, kinds, strict=True))
            if on
            and isinstance(call.args[k], Name)
            and isinstance(kind, Array)
            and (bool(kind.rank) or (kind.rank is None and function.params[k].name in stored))
            and function.params[k].name not in rebound
            and call.args[k] not in call.args[:k]  # `g(y, y)`: one of the adjoints is returned.
        )
        for k in sorted(mutated):
            if active[k] and k not in shared and not is_number(kinds[k]):
                self.report.append(
                    Diagnostic(
                        "AD402",
                        f"`{function.name}` writes into its argument `{function.params[k].name}`, "
                        "which is not a plain array variable of known rank here",
                        call.span,
                        help="bind the array to a variable before the call, and annotate its rank",
                    )
                )
        key = (call.fn, canonical_kinds(kinds), active, wanted, shared)
        if key in self.made:
            return self.made[key]
        forward, backward = self.taken.fresh(f"{function.name}_fwd"), self.taken.fresh(f"{function.name}_bwd")
        results = tuple(k for k, on in enumerate(wanted) if on)
        returned_bars = tuple(k for k, on in enumerate(active) if on and k not in shared)
        recursive = call.fn in reachable(self.core, call.fn)
        fixed = tuple(k for k, p in enumerate(function.params) if p.name not in rebound)
        writes = tuple(j for j, k in enumerate(fixed) if k in mutated)
        params = tuple(p.name for p in function.params)
        pair = Callee(forward, backward, True, fixed, results, shared, returned_bars, params, writes)
        self.made[key] = pair
        self.memory.mutated[forward] = self.memory.mutated[call.fn]
        if recursive:
            self.build_pair(function, kinds, active, wanted, pair, provisional=True)
            return pair
        self.build_pair(function, kinds, active, wanted, pair, provisional=False)
        return pair

    def build_pair(
        self,
        function: Function,
        kinds: tuple[Kind, ...],
        active: tuple[bool, ...],
        wanted: tuple[bool, ...],
        pair: Callee,
        *,
        provisional: bool,
    ) -> None:
        params = [p.name for p in function.params]
        wrt = [n for n, on in zip(params, active, strict=True) if on]
        shared = frozenset(params[k] for k in pair.shared)
        own_results = returned(function)
        outputs = [own_results[k] for k in pair.results]
        sweeps = self.sweeps(function, canonical_kinds(kinds), wrt, outputs, shared)
        reverse = sweeps.reverse
        seeds = [reverse.bar(n) for n in outputs]
        inputs = {*seeds, *(reverse.bar(n) for n in shared)}
        free = [n for n in free_names(sweeps.backward) if n not in inputs]
        rebound = rebound_params(function, kinds)
        needs = tuple(k for k, n in enumerate(params) if n in free and n not in rebound)
        kept = [n for n in free if n not in params or n in rebound]
        if provisional:
            needs = pair.needs
        else:
            pair.needs = needs
            pair.writes = tuple(j for j, k in enumerate(needs) if k in self.memory.mutated[function.path])
            pair.keeps = bool(kept)
        arguments = [params[k] for k in needs]
        unbound = [n for n in kept if n not in bound_after(sweeps.forward, function)]
        starts: list[Stmt] = [without_value(n, sweeps.recorder) for n in unbound]
        value: Expr | None = None
        if own_results:
            value = as_returned(function, sweeps.out)
        keep_name = sweeps.prepared.fresh.fresh("kept")
        # The caller may write into what it is given back: what is kept must not share its memory.
        results = {*own_results, *params} - (sweeps.recorder.copied_outs - set(params))
        classes = self.memory.classes(function, surely_arrays(sweeps.recorder.kinds))
        kept_value: Expr = Tuple(
            tuple(
                kept_copy(n, sweeps.recorder, n in unbound)
                if self.stores and {n, *classes.get(n, ())} & results
                else Name(n)
                for n in kept
            )
        )
        if pair.keeps:
            result = kept_value if value is None else Tuple((value, kept_value))
            body: list[Stmt] = [*starts, *sweeps.forward, *self.out_statements(sweeps)]
            body.append(Return(value=result, blank_before=True))
            self.functions.append(
                tidy(
                    Function(
                        pair.forward,
                        pair.forward,
                        tuple(Param(p.name) for p in function.params),
                        tuple(body),
                        doc=f"Run `{function.name}`; return its value and what `{pair.backward}` needs.",
                    )
                )
            )
        bars = [reverse.bar(n) for n in (params[k] for k in pair.shared)]
        given = [*arguments, *([keep_name] if pair.keeps else []), *seeds, *bars]
        unpack: list[Stmt] = []
        if pair.keeps and kept:
            unpack.append(Assign(target=Tuple(tuple(map(Name, kept))), value=Name(keep_name)))
        ends: list[Expr] = [Name(reverse.bar(params[k])) for k in pair.returned]
        final: Expr | None = None
        if ends:
            final = ends[0] if len(ends) == 1 else Tuple(tuple(ends))
        # What was kept stays as it is: a caller that differentiates this sweep holds it, too.
        used_up = self.touched(sweeps.backward)
        refreshed = [copy_residual(n, sweeps, n in unbound) for n in kept if n in used_up]
        back: list[Stmt] = [*unpack, *refreshed, *spaced(sweeps.backward)]
        back.append(Return(value=final, blank_before=True))
        told = [f"return {', '.join(n.id for n in flat_names(final))}"] if final is not None else []
        told += [f"update {', '.join(bars)} in place"] if bars else []
        words = " and ".join(told)
        self.functions.append(
            tidy(
                Function(
                    pair.backward,
                    pair.backward,
                    tuple(Param(n) for n in given),
                    tuple(back),
                    doc=f"Backward sweep of `{function.name}`: {words}.",
                )
            )
        )

    # --------------------------------------------------------------- forward

    def entry_forward(
        self,
        function: Function,
        wrt: tuple[str, ...],
        signature: Mapping[str, Kind],
        mutated: tuple[str, ...],
        wanted: tuple[str, ...],
    ) -> tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...]]:
        base = self.program.functions[self.program.entry].name
        name = self.taken.fresh(f"{base}_jvp")
        made, prepared = self.tangent_function(
            function, tuple(signature.values()), wrt, name, wanted, copy=tuple(mutated), entry=True
        )
        self.entry_kind = prepared.ranks.result
        title = f"Tangent of `{base}` ({file_name(self.program.file)})"
        core = self.core[self.program.entry]
        own = {n for s in statements(self.program.functions[self.program.entry].body) for n in bound_names(s)}
        order = [p.name for p in core.params]
        for stmt in statements(core.body):
            order += [n for n in sorted(bound_names(stmt)) if n in own and n not in order]
        active = [n for n in order if n in wrt or n in prepared.activity.ever_varied]
        inactive = [n for n in order if n not in active]
        facts = [("Active", ", ".join(active) or "nothing")]
        if inactive:
            facts.append(("Inactive", ", ".join(inactive)))
        self.functions.append(made)
        return name, title, tuple(facts), prepared.results

    def tangent_function(
        self,
        function: Function,
        kinds: tuple[Kind, ...],
        wrt: Sequence[str],
        name: str,
        wanted: tuple[str, ...],
        *,
        copy: tuple[str, ...] = (),
        entry: bool = False,
    ) -> tuple[Function, Prepared]:
        prepared = self.prepared(function, kinds, wrt, wanted, forward=True, entry=entry and bool(copy))
        forward = Forward(
            prepared.ranks,
            prepared.activity,
            self.dependence,
            bound(prepared.function),
            prepared.fresh,
            self.report,
            self.tangent_of,
        )
        for n in (*wrt, *prepared.results):
            forward.dot(n)
        body = forward.block(prepared.function.body[:-1])
        kinds_of = last_kinds(prepared.ranks)
        body = (*(Assign(target=Name(n), value=no_value(kinds_of[n])) for n in forward.guards), *body)
        signature = dict(zip((p.name for p in function.params), kinds, strict=True))
        copies = [argument_copy(n, signature[n]) for n in copy]
        copies += [
            Assign(target=Name(forward.dot(n)), value=copy_of(Name(forward.dot(n)), signature[n]))
            for n in copy
            if n in wrt
        ]
        ends: list[Expr] = []
        result_kinds = prepared.ranks.scope(prepared.function.body[-1])
        for n in wanted:
            if n in prepared.activity.varied_at_end:
                ends.append(Name(forward.dot(n)))
            elif entry:
                ends.append(zero_like(Name(n), result_kinds.kind(Name(n)), Tuple))
        values: tuple[Expr, ...] = tuple(Name(n) for n in prepared.results)
        value = as_returned(function, values) if values else Const(None)
        parts: list[Expr] = [value] if values else []
        if ends:
            parts.append(ends[0] if len(ends) == 1 else Tuple(tuple(ends)))
        params = (
            *(p if entry else Param(p.name) for p in function.params),
            *(Param(forward.dot(n)) for n in wrt),
        )
        result: Expr | None = None if not parts else parts[0] if len(parts) == 1 else Tuple(tuple(parts))
        doc = (
            self.forward_doc(prepared, forward, tuple(wrt), wanted)
            if entry
            else f"Tangent of `{function.name}`."
        )
        made = Function(
            name,
            f"{function.path}_jvp" if entry else name,
            ordered(params),
            (*copies, *body, Return(value=result)),
            doc=doc,
            span=function.span,
        )
        return tidy(made), prepared

    def forward_doc(
        self, prepared: Prepared, forward: Forward, wrt: tuple[str, ...], wanted: tuple[str, ...]
    ) -> str:
        values = ", ".join(f"`{n}`" for n in prepared.results)
        dots = ", ".join(f"`{forward.dot(n)}`" for n in wanted)
        if len(wrt) == 1 and len(prepared.results) == 1:
            y, x = prepared.results[0], wrt[0]
            ratio = f"d{y}/d{x}" if len(y) == len(x) == 1 else f"d({y})/d({x})"
            return f"Return {values} and {dots}, where {dots} is {ratio} times `{forward.dot(x)}`."
        seeds = ", ".join(f"`{forward.dot(n)}`" for n in wrt)
        return f"Return {values} and {dots}: the tangents that belong to {seeds}."

    def tangent_of(
        self, call: Call, kinds: tuple[Kind, ...], active: tuple[bool, ...]
    ) -> tuple[str, tuple[bool, ...]]:
        """The tangent function of a user function, and which of its results vary."""
        key = (call.fn, canonical_kinds(kinds), active)
        if key in self.tangents:
            return self.tangents[key]
        function = self.core[call.fn]
        name = self.taken.fresh(f"{function.name}_jvp")
        results = returned(function)
        if call.fn in reachable(self.core, call.fn):
            self.tangents[key] = (name, (True,) * len(results))
        wrt = [p.name for p, on in zip(function.params, active, strict=True) if on]
        prepared = self.prepared(function, canonical_kinds(kinds), wrt, None, forward=True)
        varied = tuple(n in prepared.activity.varied_at_end for n in results)
        recursive = key in self.tangents
        if not recursive:
            self.tangents[key] = (name, varied)
        made, _ = self.tangent_function(function, canonical_kinds(kinds), wrt, name, results, entry=recursive)
        made = replace(made, path=name, params=tuple(Param(p.name) for p in made.params))
        self.functions.append(made)
        return self.tangents[key]


# --------------------------------------------------------------------- pieces


def returned(function: Function) -> tuple[str, ...]:
    """The names that a function in core form returns."""
    last = function.body[-1] if function.body else None
    if not isinstance(last, Return) or last.value is None:
        return ()
    return tuple(n.id for n in flat_names(last.value))


def as_returned(function: Function, values: tuple[Expr, ...]) -> Expr:
    """What stands for the results of a function: a tuple where it returns one, be it of one element."""
    last = function.body[-1]
    bare = isinstance(last, Return) and isinstance(last.value, Name)
    return values[0] if bare else Tuple(values)


def flat_names(expr: Expr) -> list[Name]:
    if isinstance(expr, Name):
        return [expr]
    return [n for e in expr.elts for n in flat_names(e)] if isinstance(expr, Tuple) else []


def calls(block: Block) -> list[Call]:
    """All calls in a block."""
    from adtrans.walk import expressions, subexpressions

    return [
        e for s in statements(block) for x in expressions(s) for e in subexpressions(x) if isinstance(e, Call)
    ]


def reachable(core: Mapping[str, Function], start: str) -> set[str]:
    """The user functions that a function calls, directly or not."""
    found: set[str] = set()
    stack = [start]
    while stack:
        for call in calls(core[stack.pop()].body):
            if call.fn in core and call.fn not in found:
                found.add(call.fn)
                stack.append(call.fn)
    return found


def rebound_params(function: Function, kinds: tuple[Kind, ...]) -> set[str]:
    """Parameters that a function binds anew: their value on entry is lost. `x += e` writes into an array."""
    params = {p.name for p in function.params}
    arrays = {p.name for p, k in zip(function.params, kinds, strict=True) if isinstance(k, Array) and k.rank}
    found: set[str] = set()
    for stmt in statements(function.body):
        if not isinstance(stmt, AugAssign):
            found |= bound_names(stmt) & params
        elif isinstance(stmt.target, Name):
            found |= {stmt.target.id} & params - arrays
    return found


def stored_into(function: Function) -> set[str]:
    """The names whose elements a function assigns: they are arrays, whatever their rank."""
    targets = [s.target for s in statements(function.body) if isinstance(s, (Assign, AugAssign))]
    return {t.base.id for t in targets if isinstance(t, Index) and isinstance(t.base, Name)}


def single_bindings(function: Function) -> set[str]:
    """The names that are bound once, outside of loops: their shape is the same wherever they exist."""
    counts: dict[str, int] = {p.name: 1 for p in function.params}

    def count(block: Block, weight: int) -> None:
        for stmt in block:
            if not isinstance(stmt, AugAssign):
                for name in bound_names(stmt):
                    counts[name] = counts.get(name, 0) + weight
            elif isinstance(stmt.target, Name):
                counts[stmt.target.id] = counts.get(stmt.target.id, 0) + 1
            inner = 2 if isinstance(stmt, For) or type(stmt).__name__ == "While" else weight
            for sub in blocks(stmt):
                count(sub, inner)

    count(function.body, 1)
    return {name for name, n in counts.items() if n == 1}


def free_names(block: Block) -> list[str]:
    """The names that a block may read before it has bound them, in order of appearance."""
    free: dict[str, None] = {}

    def walk(block: Block, bound: set[str]) -> None:
        for stmt in block:
            for expr in own_reads(stmt):
                for name in sorted(names(expr)):
                    if name not in bound:
                        free[name] = None
            if isinstance(stmt, AugAssign):
                for name in sorted(names(stmt.target)):
                    if name not in bound:
                        free[name] = None
            if isinstance(stmt, Assign):
                from adtrans.ir import Index

                if isinstance(stmt.target, Index):
                    for name in sorted(names(stmt.target)):
                        if name not in bound:
                            free[name] = None
            inner = blocks(stmt)
            if inner:
                sets = []
                for sub in inner:
                    own = bound | bound_names(stmt)
                    walk(sub, own)
                    sets.append(own)
                if type(stmt).__name__ == "If":
                    bound |= set.intersection(*sets)
            else:
                bound |= bound_names(stmt)

    walk(block, set())
    return list(free)


def without_value(name: str, recorder: Recorder) -> Stmt:
    """What a variable is that may not get a value."""
    return Assign(target=Name(name), value=no_value(recorder.kinds.get(name, ANY)))


def copy_residual(name: str, sweeps: Sweeps, unbound: bool) -> Stmt:
    """Residuals stay as they are, so that the backward sweep can run again."""
    if name in sweeps.recorder.logs.values() or name in sweeps.recorder.tests.values():
        return Assign(target=Name(name), value=Call("builtins.list", (Name(name),), spelled="list"))
    kind = sweeps.recorder.kinds.get(name, ANY)
    if isinstance(kind, ListOf) and name in written_deep(sweeps.backward):
        return Assign(target=Name(name), value=copy_of_value(Name(name), kind, deep=True))
    return Assign(target=Name(name), value=kept_copy(name, sweeps.recorder, unbound))


def kept_copy(name: str, recorder: Recorder, unbound: bool) -> Expr:
    """A copy of what is kept, which may be None."""
    kind = recorder.kinds.get(name, ANY)
    return copy_of(Name(name), maybe_none(kind) if unbound or recorder.may_be_none(name) else kind)


def argument_copy(name: str, kind: Kind) -> Stmt:
    return Assign(target=Name(name), value=copy_of(Name(name), kind))


def last_kinds(ranks: Ranks) -> dict[str, Kind]:
    """The kind of each name, joined over the whole function."""
    from adtrans.kinds import join

    found: dict[str, Kind] = {}
    for table in (ranks.before, ranks.after):
        for env in table.values():
            for name, kind in env.items():
                found[name] = join(found[name], kind) if name in found else kind
    return found


def surely_arrays(kinds: Mapping[str, Kind]) -> set[str]:
    """The names that are never bound to anything but arrays."""
    return {name for name, kind in kinds.items() if isinstance(kind, Array)}


def canonical_kinds(kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Kinds with the names of dimensions made independent of the caller."""
    table: dict[str, str] = {}

    def canonical(kind: Kind) -> Kind:
        match kind:
            case Array(dtype=dtype, shape=shape, python=python, none=none) if shape is not None:
                dims = tuple(
                    (None if "-" in d else table.setdefault(d, f"d{len(table)}")) if isinstance(d, str) else d
                    for d in shape
                )
                return Array(dtype, dims, python and dtype != "f8", none=none)
            case ListOf(elem=elem):
                return ListOf(None if elem is None else canonical(elem))
            case TupleOf(elems=elems):
                return TupleOf(tuple(map(canonical, elems)))
        return kind

    return tuple(map(canonical, kinds))


def fixed_shape(name: str, single: set[str], kinds: Mapping[str, Kind]) -> bool:
    """Whether the shape of a variable can be asked for at any time: never of a list, which grows."""
    kind = kinds.get(name, ANY)
    return (name in single and not isinstance(kind, ListOf)) or has_known_shape(kind)


def has_known_shape(kind: Kind) -> bool:
    """Whether every value that a name ever has is of one shape."""
    return isinstance(kind, Array) and kind.shape is not None and None not in kind.shape


def scalar_or_unknown(kind: Kind) -> bool:
    return not isinstance(kind, Array) or not kind.rank


def ordered(params: tuple[Param, ...]) -> tuple[Param, ...]:
    """Parameters that Python accepts: after a default every further one has a default or is keyword-only."""
    seen_default = False
    result = []
    for p in params:
        if p.default is not None:
            seen_default = True
        elif seen_default and not p.keyword_only:
            p = replace(p, keyword_only=True)
        result.append(p)
    positional = [p for p in result if not p.keyword_only]
    return (*positional, *(p for p in result if p.keyword_only))


def spaced(block: Block) -> Block:
    """An empty line before each piece of a backward sweep: a comment with its lines, a loop, a branch."""
    result: list[Stmt] = []
    for k, stmt in enumerate(block):
        stmt = map_blocks(stmt, spaced)
        before = block[k - 1] if k else None
        piece = isinstance(stmt, Note) or (before is not None and bool(blocks(before)))
        if blocks(stmt) and before is not None and not isinstance(before, Note) and not _starts(before):
            piece = True
        result.append(replace(stmt, blank_before=True) if k and piece else stmt)
    return tuple(result)


def _starts(stmt: Stmt) -> bool:
    """Whether a statement only gives a variable its first value."""
    match stmt:
        case Assign(target=Name(), value=Const() | Call(fn="numpy.zeros_like")):
            return True
        case Assign(target=Name(), value=Call(fn="list.pop")):
            return True
    return False


def file_name(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _empty_list() -> Expr:
    from adtrans.ir import List

    return List(())
