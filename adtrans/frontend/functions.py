"""Lowering of a whole function: its parameters, its docstring, its body."""

from __future__ import annotations

import libcst as cst

from adtrans import ir, walk
from adtrans.errors import Diagnostic
from adtrans.frontend.classtexts import text as class_definition
from adtrans.frontend.expressions import Expressions, fixed
from adtrans.frontend.meanings import ClassText, Constant, Unit, Unknown, Unsupported
from adtrans.frontend.reach import Reach
from adtrans.frontend.scopes import all_params, dotted, scan
from adtrans.frontend.statements import Statements, jump_word, jumps
from adtrans.frontend.text import Texts


def lower_function(reach: Reach, unit: Unit) -> tuple[ir.Function, list[Diagnostic]]:
    """One function, and the reasons to refuse it."""
    node, module = unit.node, unit.module
    texts = Texts(reach, module, unit, node)
    statements = Statements(reach, unit, texts)
    if node.asynchronous is not None:
        words = f"`{unit.name}` is an `async` function"
        statements.refuse("AD103", words, node.name, "make it an ordinary function: `def` without `async`")
    for jump in jumps(node):
        help_ = "return a list, or an array" if isinstance(jump, cst.Yield) else ""
        statements.refuse("AD103", f"`{jump_word(jump)}` in `{unit.name}`", jump, help_)
    for lazy, reads in unit.scope.uses.lazy:
        for name in [] if reach.followed(unit, lazy) else statements.effects.changed_around(lazy, reads):
            words = f"a nested function changes `{name}` of `{unit.name}`"
            statements.refuse("AD105", words, lazy, "pass it as an argument, and return what has changed")
    for written, place in statements.effects.globals_changed():
        words = f"the call changes the module-level `{written}`"
        help_ = "make it a local variable, or pass it as an argument and return it"
        statements.refuse("AD105", words, place, help_)
    params = lower_params(reach, statements, unit)
    doc = node.get_docstring(clean=True)
    body = statements.block(node.body, skip=0 if doc is None else 1)
    own = reach.objects(unit).own_name
    if own and own in walk.reads_of(body):
        words = f"`{own}`, a class, is used as a value in `{unit.name}`"
        statements.refuse("AD223", words, node.name, "call it, or ask for what is written in it")
    function = ir.Function(
        name=unit.name if unit.lifted else reach.names[unit],
        path=unit.path,
        params=params,
        body=body,
        doc=doc,
        span=module.span(node),
        text="" if node in module.made else texts.statement(node),
        captures=unit.captures,
        rebinds=unit.rebinds,
    )
    return function, statements.diagnostics


def lower_params(reach: Reach, statements: Statements, unit: Unit) -> tuple[ir.Param, ...]:
    """The parameters, `*args` and `**kwargs` in their places."""
    params, module = unit.node.params, unit.module
    keyword_only = {id(p) for p in params.kwonly_params}
    # Defaults are evaluated outside the function: its locals mean nothing there.
    outside = Texts(reach, module, None, params)
    expressions = statements.expressions
    result = []
    with expressions.outside():
        for param in ordered(params):
            if param.name.value == reach.objects(unit).own_name:
                continue  # A class, which is known.
            late = param.default is not None and unit.lifted and not fixed(param.default, unit)
            result.append(
                ir.Param(
                    name=param.name.value,
                    annotation=annotation(reach, unit, param, outside),
                    default=None if param.default is None or late else expressions.lower(param.default),
                    keyword_only=id(param) in keyword_only,
                    star=param.star if isinstance(param.star, str) else "",
                    span=module.span(param.name),
                )
            )
    return tuple(result)


def ordered(params: cst.Parameters) -> list[cst.Param]:
    """Every parameter in the order of the text: `*args` stands before those that are given by name."""
    stars = [p for p in all_params(params) if p.star in ("*", "**")]
    plain = [p for p in all_params(params) if p.star not in ("*", "**")]
    last = len(plain) - len(params.kwonly_params)
    first = [p for p in stars if p.star == "*"]
    return [*plain[:last], *first, *plain[last:], *(p for p in stars if p.star == "**")]


def annotation(reach: Reach, unit: Unit, param: cst.Param, texts: Texts) -> str | None:
    """The text of an annotation, None where it names something that the emitted module cannot have."""
    if param.annotation is None:
        return None
    node = param.annotation.annotation
    for root, chain in scan(node).loads:
        reference = reach.resolver.resolve(unit.outer, unit.module, dotted(chain) or (root.value,))
        if isinstance(reference.meaning, Unsupported | Unknown):
            return None
    return texts.bare(node)


def lower_constant(reach: Reach, constant: Constant | ClassText) -> str:
    """The source of the value of a module-level constant, or of a class."""
    if isinstance(constant, ClassText):
        return class_definition(reach, constant)
    if constant.value is None:
        return with_imports(reach, constant)
    return Texts(reach, constant.module, None, constant.value).bare(constant.value)


def with_imports(reach: Reach, constant: Constant) -> str:
    """The text of a constant that only the live function knows, or that we have written."""
    text = constant.text
    for needed in constant.imports:
        text = text.replace(f"{{{needed.alias}}}", reach.names[needed])
    return text


COMPUTED = cst.Call, cst.BinaryOperation, cst.UnaryOperation, cst.Subscript, cst.Attribute
"""What may give an array."""


def lower_values(reach: Reach) -> dict[str, ir.Expr]:
    """What the module-level constants are, that may be arrays: of which kind, is told from that."""
    entry = reach.entry
    expressions = Expressions(reach, entry, Texts(reach, entry.module, entry, entry.node))
    return {
        reach.names[constant]: expressions.inline(constant)
        for constant in reach.constants()
        if isinstance(constant, Constant) and isinstance(constant.value, COMPUTED)
    }
