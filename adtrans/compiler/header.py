"""What a derivative says of itself: the title and the facts of a module's header, and docstrings."""

from __future__ import annotations

from adtrans.analyses.activity import Activity
from adtrans.compiler.session import Session
from adtrans.compiler.sweeps import Sweeps
from adtrans.compiler.tangents import Swept
from adtrans.ir import Program
from adtrans.walk import binds, statements

Facts = tuple[tuple[str, str], ...]


def title(what: str, program: Program) -> str:
    """ "Adjoint of `f` (file.py)"."""
    file = program.file.replace("\\", "/").rpartition("/")[2]
    return f"{what} of `{program.functions[program.entry].name}` ({file})"


def activity(session: Session, wrt: tuple[str, ...], found: Activity) -> Facts:
    """Which of the user's variables are active and which are not, in the order of their appearance."""
    core, surface = session.core[session.program.entry], session.program.functions[session.program.entry]
    own = {name for stmt in statements(surface.body) for name in binds(stmt)}
    order = dict.fromkeys(p.name for p in core.params)
    for stmt in statements(core.body):
        order.update(dict.fromkeys(name for name in sorted(binds(stmt)) if name in own))
    active = [n for n in order if n in wrt or n in found.ever_varied]
    inactive = [n for n in order if n not in active]
    facts = [("Active", ", ".join(active) or "nothing")]
    facts += [("Inactive", ", ".join(inactive))] if inactive else []
    attributes = [f"{p.name} = {p.origin}" for p in core.params if "." in p.origin]
    return (*facts, ("Arguments", ", ".join(attributes))) if attributes else tuple(facts)


def reverse_doc(made: Sweeps, wrt: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """The docstring of `f_vjp`."""
    results, bar = made.prepared.results, made.reverse.bar
    seeds = ", ".join(f"`{bar(n)}`" for n in wanted)
    if len(wrt) == 1 and len(results) == 1:
        x_bar, slope = bar(wrt[0]), ratio(results[0], wrt[0])
        return f"Return `{results[0]}` and `{x_bar}`, where `{x_bar}` is {seeds} times {slope}."
    bars = ", ".join(map(bar, wrt))
    left = f"`{results[0]}`" if len(results) == 1 else f"({', '.join(results)})"
    right = f"`{bars}`" if len(wrt) == 1 else f"({bars})"
    return f"Return {left} and {right}: the adjoints that belong to the seed {seeds}."


def forward_doc(made: Swept, wrt: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """The docstring of `f_jvp`."""
    results, dot = made.prepared.results, made.forward.dot
    values = ", ".join(f"`{n}`" for n in results)
    dots = ", ".join(f"`{dot(n)}`" for n in wanted)
    if len(wrt) == 1 and len(results) == 1:
        return (
            f"Return {values} and {dots}, where {dots} is {ratio(results[0], wrt[0])} times `{dot(wrt[0])}`."
        )
    seeds = ", ".join(f"`{dot(n)}`" for n in wrt)
    return f"Return {values} and {dots}: the tangents that belong to {seeds}."


def ratio(y: str, x: str) -> str:
    return f"d{y}/d{x}" if len(y) == len(x) == 1 else f"d({y})/d({x})"
