"""Functions for the settings that they are called with: what is not chosen is not there.

before: def scale(x, w=None, mode="sum"):     after, for `scale(x)`:
            if w is None:
                w = np.ones(len(x))                   w = np.ones(len(x))
            if mode == "sum":                         return np.sum(w * x)
                return np.sum(w * x)
            return plot(w, x)

        def norm(*xs, **options): ...         after, for `norm(a, b, p=2)`:
                                                  def norm(xs_0, xs_1, options_p): ...

Decided is what the text and the kinds of the arguments say for sure, in the order of the program; all else
stays a branch at run time. A function is made once for each of its settings, where they change it. Calls of
a function as it was written, in what is not differentiated, still go to that function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adtrans import ir, walk
from adtrans.configure.variants import Variants
from adtrans.errors import Diagnostic
from adtrans.kinds import Kind


def configured(program: ir.Program, kinds: Mapping[str, Kind], report: list[Diagnostic]) -> ir.Program:
    """The program for an entry whose arguments are of these kinds, as far as they are known."""
    variants = Variants(program, report)
    functions = variants.run(kinds)
    if functions == program.functions:
        return program
    originals = {path: for_anything(f) for path, f in program.functions.items()}
    return replace(program, functions=functions, originals=originals, variants=variants.bases)


def for_anything(function: ir.Function) -> ir.Function:
    """A function for any arguments: what is done where something surely holds is not there."""

    def decided(stmt: ir.Stmt) -> Iterable[ir.Stmt]:
        match stmt:
            case ir.If(test=ir.Call(fn=ir.SURELY), orelse=orelse):
                return orelse
        return (stmt,)

    body = walk.map_block(function.body, decided)
    return function if body is function.body else replace(function, body=body)
