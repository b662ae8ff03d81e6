"""The adjoints of calls for their effect: lists that grow and shrink, `np.add.at`."""

from __future__ import annotations

from adtrans.algebra import number
from adtrans.ir import (
    Assign,
    Call,
    Const,
    Expr,
    ExprStmt,
    Index,
    List,
    Name,
    Op,
    Stmt,
)
from adtrans.kinds import (
    RecordOf,
)
from adtrans.places import is_part
from adtrans.reverse.contributions import root_name
from adtrans.reverse.stores import Stores
from adtrans.reverse.zeros import part_zero, real, rebased
from adtrans.walk import names


class Effects(Stores):
    """Lists, and library calls that write into an argument."""

    __slots__ = ()

    def grow(self, stmt: Stmt, fn: str, name: str, rest: list[Expr], call: Call) -> list[Stmt]:
        """`ys.append(e)`: the last adjoint is taken off the list and goes to e."""
        if name not in self.activity.useful[stmt] or name not in self.activity.varied_after[stmt]:
            return []
        position = number(rest[0]) if fn == "list.insert" else None
        if fn != "list.append" and not isinstance(position, int):
            self.refuse(stmt, f"this `.{fn[5:]}` of a list that is differentiated is not supported")
            return []
        work = self.adjoints(stmt)
        where = () if position is None else (Const(position if position >= 0 else position - 1),)
        popped = Call("list.pop", (Name(self.bar(name)), *where), style="method", spelled="pop")
        value = rest[-1]
        if not work.varies(value):
            return [ExprStmt(value=popped)]
        seed: Expr = popped
        if name in names(value) or not isinstance(value, (Name, Index)):
            seed = work.bind("item", popped, real(work.scope.kind(value)))
        held = work.scope.kind(Index(Name(name), Const(0)))
        work.collect(value, work.real_where(seed, held, value))
        return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]

    def pop(self, stmt: Stmt, target: Name | None, call: Call) -> list[Stmt]:
        """`y = ys.pop()`: the adjoint of y goes back onto the list."""
        source = call.args[0]
        wanted = target is not None and target.id in self.activity.useful[stmt]
        if not isinstance(source, Name):
            name = root_name(source)
            if name in self.activity.varied[stmt] and (wanted or name in self.activity.useful_before[stmt]):
                self.refuse(stmt, f"`.pop()` of a part of `{name}`, which is differentiated,")
            return []
        if source.id not in self.activity.useful_before[stmt] or source.id not in self.activity.varied[stmt]:
            return []
        after = self.ranks.scope_after(stmt)
        before = self.ranks.scope(stmt)
        record = before.kind(source)
        last: Expr = call.args[1] if len(call.args) > 1 else Op("neg", (Const(1),))
        position = number(last)
        if not isinstance(record, RecordOf) and not isinstance(position, int):
            self.refuse(
                stmt, "`.pop(i)` of a list that is differentiated, with an index that is not constant,"
            )
            return []
        if isinstance(record, RecordOf) and (not record.keys or last != Const(record.keys[-1])):
            self.refuse(
                stmt, "`.pop(key)` of a dict that is differentiated, of a key that is not its last one"
            )
            return []
        if target is not None and wanted:
            value: Expr = Name(self.bar(target.id))
        else:
            gone = Index(source, last) if target is None else target
            value = part_zero(gone, (before if target is None else after).kind(gone), List)
        if isinstance(record, RecordOf):
            place = Index(Name(self.bar(source.id)), last)
            started = source.id in self.activity.useful[stmt]
            starts = [] if started else [self.start(source.id, after.kind(source))]
            return [*starts, Assign(target=place, value=value)]
        if source.id not in self.activity.useful[stmt]:
            # The list has its adjoint from here on: zeros as before the pop, but for what was popped.
            place = Index(Name(self.bar(source.id)), last)
            return [self.start(source.id, after.kind(source)), Assign(target=place, value=value)]
        bar = Name(self.bar(source.id))
        if (
            isinstance(position, int) and position != -1
        ):  # Where it was: `pop(-2)` is undone by `insert(-1, …)`.
            where = Const(position if position >= 0 else position + 1)
            put = Call("list.insert", (bar, where, value), style="method", spelled="insert")
        else:
            put = Call("list.append", (bar, value), style="method", spelled="append")
        return [ExprStmt(value=put)]

    def effect(self, stmt: Stmt, call: Call) -> list[Stmt]:
        """A library call for its effect."""
        from adtrans.walk import changes

        live = changes(stmt) & self.activity.useful[stmt] & self.activity.ever_varied
        if not live:
            return []
        work = self.adjoints(stmt)
        if call.fn == "numpy.add.at" and is_part(call.args[0], work.scope):
            array, index, value = call.args
            place = Index(rebased(array, Name(self.bar(root_name(array)))), index)
            if work.varies(value):
                kind = work.scope.kind(Index(array, index))
                work.collect(value, work.unbroadcast(work.real_where(place, kind, value), value, kind))
            return [*work.statements, *self.flush(stmt, work, gone="", own_last=None)]
        self.refuse(
            stmt,
            f"`{call.spelled or call.fn}` changes `{sorted(live)[0]}`, which is differentiated, "
            "in a way that is not supported",
        )
        return []
