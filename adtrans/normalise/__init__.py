"""From surface IR to core IR: a few kinds of statements instead of all that Python has.

One pass per file, in this order. Each leaves a program that means the same, and leaves alone, down
to the identity of the statements, whatever needs no change.
"""

from __future__ import annotations

from collections.abc import Mapping

from adtrans import ir
from adtrans.errors import Diagnostic
from adtrans.kinds import Kind
from adtrans.named_parts import numbered
from adtrans.names import Names
from adtrans.normalise.arity import Arities
from adtrans.normalise.common import Context, taken
from adtrans.normalise.effects import Effects
from adtrans.normalise.exits import exits
from adtrans.normalise.hoist import hoist
from adtrans.normalise.iteration import iteration
from adtrans.normalise.jumps import jumps
from adtrans.normalise.loop_else import loop_else
from adtrans.normalise.records import records
from adtrans.normalise.results import results
from adtrans.normalise.steps import steps
from adtrans.normalise.tuples import split_tuples
from adtrans.normalise.unpack import spread, unpack


def normalise(
    function: ir.Function, program: ir.Program, kinds: Mapping[str, Kind], report: list[Diagnostic]
) -> ir.Function:
    """The core form of a function of a program. `kinds` are those of its parameters, where known.

    What cannot be brought to that form goes to `report`; the function that is returned is then of
    no use.
    """
    before = len(report)
    context = Context(
        program, Effects(program), Arities(program), kinds, Names(taken(function, program)), report
    )
    for first in (numbered, loop_else, hoist, records, iteration):
        function = first(function, context)
    function = tuples(function, context)
    for last in (results, spread, exits, jumps, steps):
        if len(report) == before:
            function = last(function, context)
    return function


def tuples(function: ir.Function, context: Context) -> ir.Function:
    """Tuples in tuples take several rounds."""
    while True:
        function = unpack(function, context)
        split = split_tuples(function, context)
        if split is function:
            return function
        function = split
