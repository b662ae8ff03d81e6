"""The derivative rule of a user's function, `custom_vjp` or `custom_jvp`: what its module says of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING

import libcst as cst

from adtrans.custom import CUSTOM
from adtrans.frontend.meanings import Library, Unit, Unknown, Unsupported
from adtrans.frontend.pieces import code_of
from adtrans.frontend.scopes import all_params, dotted
from adtrans.frontend.stated import Marked, Node, commented, marked_by
from adtrans.source import undecorated

if TYPE_CHECKING:
    from adtrans.resolve import Resolver

MISSING = "AD245"
UNUSABLE = "AD246"


@dataclass(frozen=True, eq=False)
class Rule:
    """`form` is `vjp` (two functions), `jvp` (one), `jvps` (one for each argument that is differentiated;
    None for one without) or `partials` (one). `nondiff` are the positions of the arguments that are not."""

    form: str
    functions: tuple[Unit | None, ...]
    nondiff: tuple[int, ...]


def rule_of(resolver: Resolver, unit: Unit) -> Rule | Unsupported | None:
    """The rule of a function; None if it has none, `Unsupported` where it should and cannot be used."""
    if unit.module.generated:
        return written(resolver, unit)
    marked = mark(resolver, unit)
    if marked is None:
        return template(resolver, unit)
    name, word = unit.name, f"custom_{marked.form}"
    how = "defvjp" if marked.form == "vjp" else "defjvp"
    if unit.outer is not None:
        words = f"`{name}` has a rule of its own (`{word}`) and is defined inside another function"
        return Unsupported(UNUSABLE, words, f"define `{name}` and its rule at the top level of the module")
    stated = [s for s in unit.module.rules.get(name, ()) if s.how.startswith(how)]
    if not stated and (running := live_rule(resolver, unit)) is not None:
        return running
    if not stated:
        words = f"`{name}` is decorated with `@{word}`, but its module never says `{name}.{how}`"
        example = f"{name}.defvjp({name}_fwd, {name}_bwd)" if how == "defvjp" else f"@{name}.defjvp"
        return Unsupported(MISSING, words, f"state its rule at the top level: `{example}`")
    last = stated[-1]
    found = [unit_of(resolver, unit, node, k) for k, node in enumerate(last.functions)]
    nondiff = positions(unit, marked)
    problem = ""
    if not last.plain or any(isinstance(f, str) for f in found):
        problem = f"`{name}.{last.how}` must name functions of this module, one for each place"
    elif nondiff is None:
        problem = f"the `nondiff_argnums` of `{name}` must be written down"
    else:
        functions = tuple(f for f in found if not isinstance(f, str))
        rule = Rule("jvps" if last.how == "defjvps" else marked.form, functions, nondiff)
        problem = misfit(unit, rule)
        if not problem:
            return rule
    return Unsupported(UNUSABLE, problem, "write the rule as in JAX; see `adtrans explain AD246`")


def live_rule(resolver: Resolver, unit: Unit) -> Rule | Unsupported | None:
    """The rule that the running function has, where its text does not state one: it is in another cell."""
    own = (unit.live or {}).get(unit.name)
    custom = vars(own).get(CUSTOM) if isinstance(own, FunctionType) else None
    if custom is None or not custom.rule:
        return None
    functions: list[Unit | None] = []
    for made in custom.rule:
        plain = undecorated(made)
        found = resolver.live_function(plain) if isinstance(plain, FunctionType) else None
        if made is not None and not isinstance(found, Unit):
            words = f"the source of a function in the rule of `{unit.name}` is not to be found"
            return Unsupported(UNUSABLE, words, "define it in a cell or a file of its own")
        functions.append(found if isinstance(found, Unit) else None)
    given = custom.nondiff_argnums
    names = [p.name.value for p in all_params(unit.node.params)]
    listed = [given] if isinstance(given, int | str) else list(given)
    places = sorted(names.index(k) if isinstance(k, str) else k % len(names) for k in listed)
    rule = Rule(custom.form, tuple(functions), tuple(places))
    problem = misfit(unit, rule)
    return Unsupported(UNUSABLE, problem, "write the rule as in JAX") if problem else rule


def template(resolver: Resolver, unit: Unit) -> Rule | Unsupported | None:
    """The partial derivatives that the module of a function gives for it."""
    found = resolver.templates.of_unit(unit) if unit.outer is None and unit.module.templates else None
    if found is None:
        return None
    rule = Rule("partials", (found,), ())
    problem = misfit(unit, rule)
    return Unsupported(UNUSABLE, problem, "let it take the result and the arguments") if problem else rule


def mark(resolver: Resolver, unit: Unit) -> Marked | None:
    """The decorator that announces a rule."""
    found = (marked(resolver, unit, decorator.decorator) for decorator in unit.node.decorators)
    return next((m for m in found if m is not None), None)


def marked(resolver: Resolver, unit: Unit, node: cst.BaseExpression) -> Marked | None:
    """What one decorator of a function announces."""

    def path_of(node: cst.BaseExpression) -> str:
        chain = dotted(node)
        if chain is None:
            return ""
        reference = resolver.resolve(unit.outer, unit.module, chain)
        meaning = reference.meaning
        if isinstance(meaning, Unknown):  # In another cell of a notebook it was imported.
            return f"adtrans.{chain[-1]}" if chain[-1] in ("custom_vjp", "custom_jvp") else ""
        return meaning.path if isinstance(meaning, Library) and reference.used == len(chain) else ""

    return marked_by(node, path_of)


def unit_of(resolver: Resolver, unit: Unit, node: Node, k: int) -> Unit | str | None:
    """A function that a rule names: of the module or imported, or a lambda; None for `None`, else text."""
    module = unit.module
    if isinstance(node, cst.Name) and node.value == "None":
        return None
    if isinstance(node, cst.FunctionDef):
        return resolver.unit(module, node)
    if isinstance(node, cst.Lambda):
        return resolver.unit(module, module.definition(node, f"{unit.name}_rule_{k}"))
    chain = dotted(node)
    reference = resolver.resolve(None, module, chain) if chain else None
    meaning = reference.meaning if reference is not None and reference.used == len(chain or ()) else None
    return meaning if isinstance(meaning, Unit) else "no function"


def positions(unit: Unit, marked: Marked) -> tuple[int, ...] | None:
    """The arguments that are not differentiated, by position; `nondiff_argnames` are names."""
    if marked.nondiff is None:
        return None
    names = [p.name.value for p in all_params(unit.node.params)]
    found: set[int] = set()
    for node in marked.nondiff:
        try:
            value = ast.literal_eval(code_of(node).strip())
        except (ValueError, SyntaxError):
            return None
        place = names.index(value) if value in names else value
        if not isinstance(place, int) or isinstance(place, bool) or not -len(names) <= place < len(names):
            return None
        found.add(place % len(names))
    return tuple(sorted(found))


def misfit(unit: Unit, rule: Rule) -> str:
    """Why the functions of a rule do not fit its function; empty if they do."""
    count, hidden = len(all_params(unit.node.params)), len(rule.nondiff)
    each = (count + 2,) * count
    wanted = {"vjp": (count, hidden + 2), "jvp": (hidden + 2,), "partials": (count + 1,)}.get(rule.form, each)
    if rule.form == "jvps" and hidden:
        return f"`{unit.name}.defjvps` does not go together with `nondiff_argnums`"
    if rule.form == "jvps" and len(rule.functions) != len(wanted):
        return f"`{unit.name}.defjvps` has {len(rule.functions)} rules for {len(wanted)} arguments"
    for made, number in zip((unit, *rule.functions), (count, *wanted), strict=True):
        if made is None and rule.form == "jvps":
            continue
        if made is None:
            return f"the rule of `{unit.name}` is None"
        if not made.plain:
            return f"`{made.name}` belongs to a rule, and takes `*` arguments or is a generator"
        has = len(all_params(made.node.params))
        if has != number:
            return (
                f"`{made.name}` belongs to the rule of `{unit.name}` and takes {has} arguments, not {number}"
            )
    return ""


def written(resolver: Resolver, unit: Unit) -> Rule | None:
    """The rule that a comment in a module of ours names."""
    found = commented(unit.node) if unit.outer is None else None
    if found is None:
        return None
    functions = [resolver.resolve(None, unit.module, (n.strip(),)).meaning for n in found[2].split(",")]
    nondiff = tuple(int(k) for k in (found[3] or "").replace(",", " ").split())
    return Rule(found[1], tuple(f for f in functions if isinstance(f, Unit)), nondiff)
