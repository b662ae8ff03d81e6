"""Loops over things that may vary become loops over indices; the target of a loop is a name.

before: for k, (x, y) in enumerate(zip(xs, np.diff(ys))):
            B
after:  y_values = np.diff(ys)
        for k in range(min(len(xs), len(y_values))):
            x, y = xs[k], y_values[k]         # taken apart by the pass after this one
            B

What cannot vary stays: ranges, displays of numbers, strings, and what cannot be indexed (if that
turns out to vary, the checks refuse it); of an iterator there is a list. What the head of a loop reads
and its body changes is bound to a fresh name first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from adtrans import ir, walk
from adtrans.iterators import ends, ends_early, gives_iterators, in_head, read_on_the_way
from adtrans.normalise.common import Context, assign, call, lead
from adtrans.normalise.effects import Effects, grown
from adtrans.normalise.records import gives_keys, unwrapped
from adtrans.normalise.sequences import Sequences, unsafe
from adtrans.normalise.sources import TRANSPARENT, Sources

Code = list[ir.Stmt]


def iteration(function: ir.Function, context: Context) -> ir.Function:
    """Every `for` has a name as its target, and runs over a range or something that cannot vary."""
    body = Iteration(function, context).block(function.body, 0)
    return function if body is function.body else replace(function, body=body)


class Touched:
    """What the body of a loop does to names: binds them, changes their values, changes lengths."""

    def __init__(self, loop: ir.For, effects: Effects) -> None:
        bound, changed = set(walk.binds(loop)), set(walk.changes(loop))
        longer: set[str] = set()
        self.extended: set[str] = set()
        for stmt in walk.statements(loop.body):
            bound |= walk.binds(stmt)
            changed |= walk.changes(stmt)
            longer |= grown(stmt)
            if isinstance(stmt, ir.AugAssign) and isinstance(stmt.target, ir.Name) and stmt.op in ("+", "*"):
                self.extended.add(stmt.target.id)
            for expr in walk.expressions(stmt):
                for node in walk.subexpressions(expr):
                    if isinstance(node, ir.Call) and node.fn in effects.impure:
                        changed |= walk.names(node)
                        longer |= walk.names(node) if node.fn in effects.growing else frozenset()
        self.bound, self.changed, self.longer = frozenset(bound), frozenset(changed), frozenset(longer)

    def may_move(self, expr: ir.Expr) -> bool:
        """Whether the loop may change the value of an expression in its head."""
        return unsafe(expr, self.changed, self.bound | self.longer)


class Iteration:
    def __init__(self, function: ir.Function, context: Context) -> None:
        self.context = context
        self.effects = context.effects
        self.sequences = Sequences(function, context.kinds, context.program.functions)
        self.aliases = aliases(function)
        self.uses = uses(function)
        self.indices: list[str] = []  # the index of the loops we make, one name for each depth

    def block(self, block: ir.Block, depth: int) -> ir.Block:
        new: Code = []
        for k, stmt in enumerate(block):
            if isinstance(stmt, ir.For):
                new.extend(lead(self.loop(stmt, depth, block[:k]), stmt))
            else:
                new.append(walk.map_blocks(stmt, lambda inner: self.block(inner, depth)))
        return walk.same(block, new)

    def loop(self, loop: ir.For, depth: int, above: ir.Block) -> Code:
        before: Code = []
        touched = Touched(loop, self.effects)
        if not self.steady_length(loop, touched, above):
            return [loop]
        if self.stays(loop):
            loop = self.kept(loop, touched, before)
        else:
            loop, depth = self.indexed(loop, touched, before, depth)
        return [*before, walk.map_blocks(loop, lambda inner: self.block(inner, depth))]

    def stays(self, loop: ir.For) -> bool:
        if gives_keys(unwrapped(loop.iter)[0], loop, self.context):
            return True
        if isinstance(loop.iter, ir.Call) and loop.iter.fn in ("builtins.enumerate", "builtins.zip"):
            return not isinstance(loop.target, ir.Tuple) and self.sequences.is_fixed(loop.iter)
        return self.sequences.is_fixed(loop.iter)

    # --------------------------------------------------------- loops that stay

    def kept(self, loop: ir.For, touched: Touched, before: Code) -> ir.For:
        """The loop as it is, but for a target that is not a name and a head that would move."""
        new = self.listed(self.steady(loop.iter, touched, before, loop), touched, before, loop)
        if new is not loop.iter:
            loop = replace(loop, text=None, iter=new)
        if isinstance(loop.target, ir.Name):
            return loop
        item = ir.Name(self.context.names.fresh("item"))
        take = ir.Assign(target=loop.target, value=item, span=loop.span)
        return replace(loop, text=None, target=item, body=(take, *loop.body))

    def listed(self, it: ir.Expr, touched: Touched, before: Code, loop: ir.For) -> ir.Expr:
        """A list of what an iterator gives: it gives that once. Only if the loop has no influence on that."""
        bound = self.sequences.bound
        if in_head(it, bound):
            return it
        if gives_iterators(it, bound) or self.meddles(loop, touched, it):
            return it  # If it has to be run backwards, it is refused then.
        if ends_early(loop.body) and not ends(it, bound, self.uses):
            return it
        name = self.context.names.fresh("items")
        before.append(assign(name, call("list", it), it.span or loop.span))
        return ir.Name(name)

    def meddles(self, loop: ir.For, touched: Touched, it: ir.Expr) -> bool:
        """Whether the body of a loop takes from its iterator, or changes what that reads on the way."""
        bound = self.sequences.bound
        read = read_on_the_way(it, bound)
        iterators = {name for name in read if not in_head(ir.Name(name), bound)}
        kin = read.union(*(self.aliases.get(name, ()) for name in read))
        return bool(iterators & walk.reads_of(loop.body) or kin & (touched.bound | touched.changed))

    def steady(self, it: ir.Expr, touched: Touched, before: Code, loop: ir.For) -> ir.Expr:
        """The iterable, with what the body changes bound to names."""
        if not touched.may_move(it):
            return it
        match it:
            case ir.Call(fn="builtins.range", args=args):
                bases = ("count",) if len(args) == 1 else ("start", "stop", "step")
                pairs = zip(args, bases, strict=False)
                return replace(it, args=tuple(self.bind(e, base, touched, before, loop) for e, base in pairs))
            case ir.Call(fn=fn, args=args) if fn in TRANSPARENT:
                return replace(it, args=tuple(self.steady(e, touched, before, loop) for e in args))
            case ir.Name(id=name) | ir.Call(fn="dict.keys", args=(ir.Name(id=name),)) if (
                name not in touched.bound
            ):
                return it  # changed in place while it is iterated over: that is what happens before, too
        return self.bind(it, "items", touched, before, loop)

    def bind(self, expr: ir.Expr, base: str, touched: Touched, before: Code, loop: ir.For) -> ir.Expr:
        if not touched.may_move(expr):
            return expr
        name = self.context.names.fresh(base)
        before.append(assign(name, expr, expr.span or loop.span))
        return ir.Name(name)

    # ------------------------------------------------------ loops over indices

    def indexed(self, loop: ir.For, touched: Touched, before: Code, depth: int) -> tuple[ir.For, int]:
        it, target = loop.iter, loop.target
        backwards = isinstance(it, ir.Call) and it.fn == "builtins.reversed" and len(it.args) == 1
        inner = it.args[0] if backwards and isinstance(it, ir.Call) else it
        code: Code = []
        sources = Sources(
            self.context, self.sequences, touched.bound, lambda e: not touched.may_move(e), code, loop
        )
        source = sources.find(inner, target)
        if source is None:
            return self.kept(loop, touched, before), depth
        before.extend(code)
        index, target, depth = self.index(it, target, depth)
        head: ir.Expr = call("range", source.length)
        element = source.at(ir.Name(index))
        if isinstance(element, ir.Tuple) and target is not loop.target:
            element = element.elts[1]
        take = ir.Assign(target=target, value=element, span=loop.span)
        made = replace(loop, text=None, target=ir.Name(index), body=(take, *loop.body))
        return replace(made, iter=call("reversed", head) if backwards else head), depth

    def index(self, it: ir.Expr, target: ir.Expr, depth: int) -> tuple[str, ir.Expr, int]:
        """The name of the index, and the target of the element: with `enumerate` from 0 the index is
        the user's own name."""
        match it, target:
            case ir.Call(fn="builtins.enumerate", args=(_,), kwargs=()), ir.Tuple(
                elts=(ir.Name(id=name), rest)
            ):
                if name not in walk.names(rest):
                    return name, rest, depth
        if depth == len(self.indices):
            free = (name for name in "ijklm" if name not in self.context.names)
            self.indices.append(self.context.names.fresh(next(free, "i")))
        return self.indices[depth], target, depth + 1

    # ----------------------------------------------------------------- lengths

    def steady_length(self, loop: ir.For, touched: Touched, above: ir.Block) -> bool:
        """Refuse a loop over a list that grows or shrinks in its body."""
        direct = iterated(loop.iter)
        over = {alias for name in direct for alias in self.aliases.get(name, {name})}
        arrays = {name for name in over if name in self.context.kinds}
        for name in sorted(over & (touched.longer | (touched.extended - arrays))):
            if name not in direct and is_new(name, (*above, *loop.body)):
                continue
            self.context.refuse(
                "AD212",
                f"`{name}` may change its length while the loop runs over it",
                loop.span,
                f"loop over a copy, `list({name})`, or build a new list",
            )
            return False
        return True


def uses(function: ir.Function) -> Counter[str]:
    """How often each variable is read, in text too."""
    found: Counter[str] = Counter()
    for stmt in walk.statements(function.body):
        found.update(stmt.reads if isinstance(stmt, ir.Verbatim) else ())
        for expr in walk.expressions(stmt):
            for node in walk.subexpressions(expr):
                found.update((node.id,) if isinstance(node, ir.Name) else ())
                found.update(node.reads if isinstance(node, ir.Opaque) else ())
        if isinstance(stmt, ir.Assign) and isinstance(stmt.target, ir.Name):
            found[stmt.target.id] -= 1
    return found


def is_new(name: str, code: ir.Block) -> bool:
    """Whether a name is bound to a new list in these statements, and to or from nothing else after."""
    new = False
    for stmt in code:
        match stmt:
            case ir.Assign(target=ir.Name(id=target), value=ir.List(elts=())) if target == name:
                new = True
            case _ if any(links(inner, name) for inner in walk.statements((stmt,))):
                new = False
    return new


def links(stmt: ir.Stmt, name: str) -> bool:
    """Whether a statement binds a name, or may give its value another name."""
    return name in walk.binds(stmt) or (isinstance(stmt, ir.Assign) and stmt.value == ir.Name(name))


def iterated(it: ir.Expr) -> frozenset[str]:
    """The names that the loop runs over directly (those in the arguments of a range do not count)."""
    match it:
        case ir.Name(id=name):
            return frozenset((name,))
        case ir.Call(fn="builtins.enumerate" | "builtins.zip" | "builtins.reversed", args=args):
            return frozenset().union(*map(iterated, args))
    return frozenset()


def aliases(function: ir.Function) -> dict[str, set[str]]:
    """Names that may be the same list, because one was assigned to the other: in groups."""
    group: dict[str, set[str]] = {}
    for stmt in walk.statements(function.body):
        match stmt:
            case ir.Assign(target=ir.Name(id=a), value=ir.Name(id=b)):
                joined = group.get(a, {a}) | group.get(b, {b})
                group.update(dict.fromkeys(joined, joined))
    return group
