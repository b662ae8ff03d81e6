"""`adtrans rules`: the functions that have derivatives."""

from __future__ import annotations

from adtrans.rules import registry

NOTES = {"no_effect": "derivative 0", "cannot_vary": "result cannot vary"}


def listing() -> list[str]:
    """One line for each callable, as users spell it.

    >>> "np.tanh" in listing()
    True
    """
    lines = []
    for path, entry in registry.load_all().items():
        if "." in path and (entry.partials or entry.jvp or entry.vjp or entry.nothing):
            note = NOTES.get(entry.nothing, "")
            lines.append(f"{spelled(path):<32}{note}".rstrip())
    return sorted(lines)


def spelled(path: str) -> str:
    """`np.linalg.solve` for `numpy.linalg.solve`, `abs` for `builtins.abs`."""
    return path.removeprefix("builtins.").replace("numpy.", "np.", 1)
