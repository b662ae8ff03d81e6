"""`from numpy import *`: the names that a star import binds, of a known library or a file of the project.

What a module that is not known binds cannot be told: a name that it may replace is refused.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from adtrans.frontend.libraries import attribute, open_library
from adtrans.frontend.meanings import Imported, Reference, Unsupported
from adtrans.frontend.pieces import code_of
from adtrans.frontend.source import ConstantBinding, ImportBinding, SourceModule, StarImport

if TYPE_CHECKING:
    from adtrans.resolve import Resolver

NUMERIC_BUILTINS = frozenset({"abs", "all", "any", "divmod", "max", "min", "pow", "round", "sum"})
"""Names of Python's own that libraries of numbers have for something else."""


def imported(
    resolver: Resolver, module: SourceModule, chain: tuple[str, ...], *, bound: bool
) -> Reference | None:
    """What a name means by the star imports of a module, the last one first; None if by none of them.

    `bound`: the module binds the name itself, which counts if it does so after them.
    """
    name = chain[0]
    again = isinstance(
        module.bindings.get(name), ImportBinding
    )  # Of two imports of a name one may be trusted.
    for star in reversed(module.stars):
        if bound and name not in star.before:
            return None
        offered = offers(resolver, module, star, name)
        if offered is None and (again or not (bound or name in NUMERIC_BUILTINS)):
            continue
        if offered is None or (offered and (bound or star.maybe)):
            sure = offered and not star.maybe
            words = f"`{star}` binds `{name}` again" if sure else f"`{name}` may be what `{star}` binds"
            return Reference(Unsupported("AD226", words, f"import what is used by name, and `{name}` too"))
        if offered:
            return found(resolver, module, star, chain)
    return None


def of_package(
    resolver: Resolver, package: SourceModule, chain: tuple[str, ...], sub: SourceModule | None
) -> Reference | None:
    """What a name that a package does not bind itself is by its star imports, seen from outside.

    `sub` is the module of that name in the package: it is meant, unless its own star import puts something
    else in its place (`from .interp import *` binds the function `interp`).
    """
    if sub is not None:
        own = any(resolver.project.find(star.module, star.level, package) is sub for star in package.stars)
        if not own or chain[0] not in sub.bindings:
            return None
    return imported(resolver, package, chain, bound=False) if package.stars else None


def offers(
    resolver: Resolver, module: SourceModule, star: StarImport, name: str, seen: frozenset[int] = frozenset()
) -> bool | None:
    """Whether a star import binds a name; None if that cannot be told."""
    target = resolver.project.find(star.module, star.level, module)
    if target is None:
        value = None if star.level else open_library(star.module).value
        if value is None:
            return None
        public = getattr(value, "__all__", None)
        return name in public if public is not None else not name.startswith("_") and hasattr(value, name)
    listed = target.bindings.get("__all__")
    if listed is not None:
        names = listed_names(target, listed) if isinstance(listed, ConstantBinding) else None
        return None if names is None else name in names
    if name.startswith("_") or id(target) in seen:
        return False
    if name in target.bindings:
        return True
    further = [offers(resolver, target, s, name, seen | {id(target)}) for s in target.stars]
    return True if True in further else None if None in further else False


def listed_names(module: SourceModule, listed: ConstantBinding) -> frozenset[str] | None:
    """What `__all__` holds, where it is written down."""
    try:
        value = ast.literal_eval(code_of(listed.value).strip())
    except (ValueError, SyntaxError):
        return None
    return frozenset(value) if isinstance(value, list | tuple) else None


def found(resolver: Resolver, module: SourceModule, star: StarImport, chain: tuple[str, ...]) -> Reference:
    """The name in the module that it is imported from."""
    target = resolver.project.find(star.module, star.level, module)
    if target is not None:
        return resolver.resolve(None, target, chain)
    name = chain[0]
    library, used = attribute(open_library(star.module), name), 1
    while library.module and used < len(chain):
        library, used = attribute(library, chain[used]), used + 1
    return Reference(library, used, Imported(star.module, name, name))
