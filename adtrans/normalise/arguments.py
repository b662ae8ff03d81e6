"""The arguments of a call of a user function, in full and in the order of the parameters.

before: g(x, scale=2.0)      with  def g(x, n=3, scale=1.0)
after:  g(x, 3, 2.0)
"""

from __future__ import annotations

from dataclasses import replace

from adtrans import ir
from adtrans.normalise.common import Context


def resolve(call: ir.Call, context: Context) -> ir.Call:
    """The call with all its arguments by position; a call that does not fit is reported (AD502)."""
    callee = context.program.functions[call.fn]
    params = callee.params
    positional = [p for p in params if not p.keyword_only]
    problem = ""
    if len(call.args) > len(positional):
        problem = f"it takes {len(positional)} positional arguments, {len(call.args)} were given"
    given = {p.name: arg for p, arg in zip(positional, call.args, strict=False)}
    known = {p.name for p in params}
    for key, value in call.kwargs:
        if key not in known:
            problem = f"it has no parameter `{key}`"
        elif key in given:
            problem = f"`{key}` is given twice"
        given[key] = value
    for p in params:
        if p.name in given:
            continue
        if p.default is None:
            problem = f"`{p.name}` is missing"
        elif not is_constant(p.default):
            problem = f"the default of `{p.name}` is not a constant"
        else:
            given[p.name] = p.default
    if problem:
        context.refuse("AD502", f"the call of `{callee.name}` does not fit: {problem}", call.span)
        return call
    args = tuple(given[p.name] for p in params)
    return call if args == call.args and not call.kwargs else replace(call, args=args, kwargs=())


def is_constant(expr: ir.Expr) -> bool:
    """Whether a default is the same value at every call, wherever it is written."""
    match expr:
        case ir.Const() | ir.Global():
            return True
        case ir.Op(args=args) | ir.Tuple(elts=args):
            return all(map(is_constant, args))
        case ir.Attr(base=base):
            return is_constant(base)
    return False
