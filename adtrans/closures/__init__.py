"""From functions as values to functions that call functions: closures, lambdas, functions as arguments.

before: def solve(a, y0):                    after: def decay(y, a):
            def decay(y):                               return -a * y
                return -a * y
            return step(decay, y0)                  def step_decay(y, a):
                                                        return y + 0.1 * decay(y, a)
        def step(f, y):
            return y + 0.1 * f(y)                   def solve(a, y0):
                                                        return step_decay(y0, a)

What a function captures becomes parameters of it, and what it rebinds (`nonlocal`) results: so a call
sees the values of the moment, as in Python. A function that takes or returns functions is made once
for each of those that it is given. All this is known from the text: the passes behind see functions that call
functions by name. A function value that cannot be followed is carried as text, as all that is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from adtrans import ir, walk
from adtrans.closures.derivatives import ASKED
from adtrans.closures.distributions import distributions
from adtrans.closures.piecewise import PIECEWISE
from adtrans.closures.values import Known, User, Value
from adtrans.closures.variants import Variants
from adtrans.errors import Diagnostic, Refused, placed
from adtrans.frontend.meanings import Library, Unit
from adtrans.interpolants import interpolants


def first_order(
    program: ir.Program, inner: Mapping[str, list[Diagnostic]], given: Mapping[str, Value] | None
) -> ir.Program:
    """The program without functions as values; `inner` are the reasons to refuse functions inside others,
    which matter if they are called. `given` are the arguments of the entry that are functions (None: what
    the defaults of its parameters are)."""
    if not given and not any(map(needs, program.functions.values())):
        return program
    variants = Variants(program, given)
    functions = variants.run()
    report = variants.report + [d for path in variants.bases() for d in inner.get(path, ())]
    if report:
        raise Refused(placed(report, program.functions[program.entry].span), dict(program.sources))
    return variants.program(functions)


def values(given: Mapping[str, Unit | Library]) -> dict[str, Value]:
    """Functions that the front end has found, as those of the program."""
    return {n: User(m.path) if isinstance(m, Unit) else Known(m.path, "") for n, m in given.items()}


def needs(function: ir.Function) -> bool:
    """Whether there are functions as values in a function."""
    functions = any(isinstance(p.default, ir.Global) and p.default.function for p in function.params)
    return bool(function.captures) or functions or any(map(uses, walk.statements(function.body)))


def uses(stmt: ir.Stmt) -> bool:
    """Whether a statement itself makes, holds or applies functions."""
    if isinstance(stmt, ir.Carried) and any(map(uses, walk.statements(stmt.lowered))):
        return True
    nodes = (e for expr in walk.expressions(stmt) for e in walk.subexpressions(expr))
    return isinstance(stmt, ir.Define) or any(map(is_function, nodes))


def is_function(e: ir.Expr) -> bool:
    """Whether a node stands for a function, or for a call of one that is a value."""
    match e:
        case ir.Closure() | ir.Apply() | ir.Held():
            return True
        case ir.Global(function=path):
            return bool(path)
        case ir.Call(fn=path):
            return path in ASKED or path == PIECEWISE or path in distributions() | interpolants()
    return False
