"""What a piece of carried text may change: the names it binds, and the arrays and lists it may write into."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from adtrans import outputs
from adtrans.frontend.classtexts import keeps_its_arguments
from adtrans.frontend.expressions import CHANGING, Expressions
from adtrans.frontend.meanings import Constant, Library, Unit, UserClass
from adtrans.frontend.methods import (
    IMPURE_BUILTINS,
    METHODS_THAT_CHANGE,
    NUMPY_WRITERS,
    PURE_METHODS,
)
from adtrans.frontend.own import Own, surely_new
from adtrans.frontend.scopes import comprehension_names, dotted, nodes, roots_of, scan, scan_target


class Effects:
    """Effects of statements of one function."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self._pure: dict[Unit, bool] = {}

    def writes(self, node: cst.CSTNode) -> tuple[str, ...]:
        """The local names that a statement binds, or whose contents it may change."""
        uses = scan(node)
        names = [name.value for name in uses.stores] + sorted(uses.outer_writes)
        names += [root.value for root in uses.touched if isinstance(root, cst.Name)]
        for call in uses.calls:
            names += self.changed_by(call)
        parts = [*nodes(node)]
        for part in parts:
            if isinstance(part, cst.Attribute) and part.attr.value in METHODS_THAT_CHANGE:
                roots = roots_of(part.value)  # `h = y.fill`: whoever calls it changes y.
                names += [root.value for root in roots if isinstance(root, cst.Name)]
        if self.expressions.called(uses, CHANGING):
            names += sorted(self.expressions.locals)
        if not bound_to_others(node).isdisjoint(names):
            names += self.expressions.reads(node)
        for part in parts if names else ():
            if isinstance(part, cst.BaseComp) and not comprehension_names(part).isdisjoint(names):
                names += self.expressions.reads(part)  # Its variables are parts of what it goes through.
        imported = self.expressions.unit.local_imports
        return tuple(dict.fromkeys(n for n in names if n in self.expressions.locals and n not in imported))

    def changed_by(self, call: cst.Call) -> list[str]:
        """The roots of what a call may write into."""
        path = self.path(call)
        values = [arg.value for arg in call.args]
        method = self.expressions.objects.callee(call)
        if method is not None:
            on = [] if method.receiver is None else [method.receiver]
            values = [] if self.is_pure_unit(method.unit) else [*map(self.itself, on), *values]
        elif path is None and isinstance(call.func, cst.Attribute):
            values = [] if call.func.attr.value in PURE_METHODS else [call.func.value, *values]
        elif path is not None and self.is_pure(path, call) and not any(map(self.is_writer, values)):
            values = []
        if isinstance(call.func, cst.Call) and dotted(call.func.func) == ("getattr",):
            values = [*values, *(arg.value for arg in call.func.args[:1])]
        roots = [root for value in values for root in roots_of(value)]
        return [root.value for root in roots if isinstance(root, cst.Name)]

    def is_writer(self, value: cst.BaseExpression) -> bool:
        """Whether an argument is a function that changes what it is given: `map(np.ndarray.sort, rows)`."""
        reference = self.expressions.reference(value)
        if reference is None:
            return False
        if isinstance(reference.meaning, Unit):
            return not self.is_pure_unit(reference.meaning)
        return self.expressions.callee(reference, dotted(value) or ()) in NUMPY_WRITERS

    def is_given_a_writer(self, call: cst.Call, path: str) -> bool:
        """Whether what a call calls changes its arguments; `map` of a function of the user is a loop."""
        values = [arg.value for arg in call.args]
        if path == "builtins.map":
            values = [v for v in values if not self.is_unit(v)]
        return any(map(self.is_writer, values))

    def is_unit(self, value: cst.BaseExpression) -> bool:
        reference = self.expressions.reference(value)
        return reference is not None and isinstance(reference.meaning, Unit)

    def itself(self, receiver: cst.BaseExpression) -> cst.BaseExpression:
        """The object that `super()` is."""
        if isinstance(receiver, cst.Call) and dotted(receiver.func) == ("super",):
            return cst.Name(self.expressions.unit.scope.params[0])
        return receiver

    def path(self, call: cst.Call) -> str | None:
        """The path of a callee that is known by its name, None for methods and computed callees."""
        reference = self.expressions.reference(call.func)
        return self.expressions.callee(reference, dotted(call.func) or ()) if reference else None

    def is_pure(self, path: str, call: cst.Call) -> bool:
        """Whether a call surely writes to none of its arguments."""
        given = arguments(call)
        if outputs.written(path, list(given), lambda place: is_off(given[place])):
            return False
        root, _, name = path.partition(".")
        if root == "builtins":
            return name not in IMPURE_BUILTINS
        if root in ("numpy", "math", "scipy", "cmath"):
            return path not in NUMPY_WRITERS and not path.startswith("numpy.ndarray.__")
        reference = self.expressions.reference(call.func)
        if reference and isinstance(reference.meaning, Unit):
            return self.is_pure_unit(reference.meaning)
        if self.expressions.objects.passing.named(call) is not None:
            return True
        if reference and isinstance(reference.meaning, UserClass):
            return keeps_its_arguments(self.expressions.reach.resolver, reference.meaning)
        return False

    def is_pure_unit(self, unit: Unit) -> bool:
        """Whether a user function, by its text alone, writes to nothing but its own locals."""
        if unit not in self._pure:
            self._pure[unit] = True  # of a recursive call: nothing more than of the rest
            uses = unit.scope.uses
            inner = Effects(Expressions(self.expressions.reach, unit, self.expressions.texts))
            inner._pure = self._pure
            own = Own(unit.node.body, inner.path)
            self._pure[unit] = (
                all(isinstance(root, cst.Name) and root.value in own.names for root in uses.touched)
                and not uses.outer_writes
                and not uses.declared
                and all(own.arrays.issuperset(inner.changed_by(c)) for c in uses.calls if not own.grows(c))
            )
        return self._pure[unit]

    def changed_around(self, node: cst.CSTNode, reads: frozenset[str]) -> list[str]:
        """The names of the function around it that a function in it changes when it runs."""
        uses = scan(node)
        names = (
            uses.outer_writes | {root.value for root in uses.touched if isinstance(root, cst.Name)} & reads
        )
        for call in uses.calls:
            on = self.expressions.receiver_of(call)
            if on is not None and writes_to_receiver(called_as(call)):
                places = [on]
            else:
                places = [arg.value for arg in call.args[:1]] if self.path(call) in NUMPY_WRITERS else []
            found = [root for place in places for root in roots_of(place)]
            names |= {root.value for root in found if isinstance(root, cst.Name)} & reads
        return sorted(names & self.expressions.locals)

    # -------------------------------------------------------------- expression statements

    def tells(self, call: cst.Call) -> bool:
        """Whether a call only tells somebody something: `print`, `warnings.warn`, `logger.info`."""
        if any(map(self.changes, scan(call).calls[1:])):
            return False
        if self.path(call) == "builtins.print":
            return True
        chain = dotted(call.func)
        if chain is None or chain[0] in self.expressions.locals:
            return False
        resolver = self.expressions.reach.resolver
        whole = resolver.resolve(self.expressions.unit, self.expressions.module, chain)
        return isinstance(whole.meaning, Library | Constant) and self.expressions.reach.is_logging(whole)

    def changes(self, call: cst.Call) -> bool:
        """Whether a call may change what is there."""
        return bool(self.changed_by(call)) or self.changed_global(call) is not None

    def changed_global(self, call: cst.Call) -> str | None:
        """The module-level constant that a call changes: `TABLE.append(x)`, `np.copyto(TABLE, x)`."""
        for root in (root for place in self.written_by(call) for root in roots_of(place)):
            if isinstance(root, cst.Name) and self.is_global(root):
                return root.value
        return None

    def is_global(self, name: cst.Name) -> bool:
        """Whether a name is a constant of the module."""
        reference = self.expressions.reference(name)
        return reference is not None and isinstance(reference.meaning, Constant)

    def written_by(self, call: cst.Call) -> list[cst.BaseExpression]:
        """What a call surely writes into."""
        on, path = self.expressions.receiver_of(call), self.path(call)
        given = arguments(call)
        places = [on] if on is not None and writes_to_receiver(called_as(call)) else []
        if path in NUMPY_WRITERS:
            places += [value for place, value in given.items() if place in (0, "a", "arr", "dst", "x")]
        if path is not None:
            written = outputs.written(path, list(given), lambda place: is_off(given[place]))
            return [*places, *(given[place] for place in written)]
        return [*places, *([given["out"]] if "out" in given else [])]

    def globals_changed(self) -> Iterator[tuple[str, cst.CSTNode]]:
        """The module-level constants that the calls of the function change, and where."""
        uses = self.expressions.unit.scope.uses
        inner = [(read, {id(node) for node in nodes(lazy)}) for lazy, read in uses.lazy]
        for call in uses.calls:
            name = self.changed_global(call)
            if name is not None and all(name in read for read, inside in inner if id(call) in inside):
                yield name, call
        for root, node in uses.loads:
            changing = isinstance(node, cst.Attribute) and writes_to_receiver(node.attr.value)
            if changing and self.is_global(root) and all(call.func is not node for call in uses.calls):
                yield root.value, node


def bound_to_others(node: cst.CSTNode) -> set[str]:
    """The names that a text binds to what may have another name, and writes into: `q = y; q[0] = 1.0`."""
    uses = scan(node)
    places = list(uses.touched)
    for call in uses.calls:
        if writes_to_receiver(called_as(call)):
            places += [root for on in (call.func, *(a.value for a in call.args[:1])) for root in roots_of(on)]
    written = {place.value for place in places if isinstance(place, cst.Name)}
    bound: set[str] = set()
    for inner in nodes(node) if written else ():
        match inner:
            case cst.Assign(value=value, targets=targets) if not surely_new(value):
                bound.update(name.value for t in targets for name in scan_target(t.target).stores)
            case cst.For(target=target, iter=iterable) if not surely_new(iterable):
                bound.update(name.value for name in scan_target(target).stores)
            case cst.NamedExpr(target=cst.Name(value=name)) | cst.AsName(name=cst.Name(value=name)):
                bound.add(name)
    return bound & written


def arguments(call: cst.Call) -> dict[outputs.Place, cst.BaseExpression]:
    """The arguments of a call by their places."""
    return {arg.keyword.value if arg.keyword else k: arg.value for k, arg in enumerate(call.args)}


def called_as(call: cst.Call) -> str:
    """The last word of what is called by attribute; empty for anything else."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def is_off(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value in ("False", "None")


def writes_to_receiver(method: str) -> bool:
    """Whether a method of this name changes what it is called on."""
    return method in METHODS_THAT_CHANGE
