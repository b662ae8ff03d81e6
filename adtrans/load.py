"""Module text to a callable, with its lines visible to tracebacks, `inspect` and debuggers."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Mapping
from typing import Any


def load(
    text: str, name: str, filename: str | None = None, namespace: Mapping[str, Any] | None = None
) -> Callable[..., Any]:
    """Run a module and return its function `name`.

    `namespace` are names that the module may use without defining them (the closure of a decorated
    function). Nothing else is supplied: a name that is missing is a NameError where it is used.
    """
    filename = filename or pseudo_filename(text, name)
    register(text, filename)
    scope: dict[str, Any] = dict(namespace or {})
    # Not the name of a real module: `inspect` would look for the source there.
    scope |= {"__name__": f"adtrans.generated.{name}", "__file__": filename}
    exec(compile(text, filename, "exec", dont_inherit=True), scope)
    if name not in scope or (namespace is not None and name in namespace and scope[name] is namespace[name]):
        raise LookupError(f"{filename} does not define `{name}`")
    function: Callable[..., Any] = scope[name]
    return function


def pseudo_filename(text: str, name: str) -> str:
    """The same for the same text in every process: `<adtrans f_vjp 3fa29c01d2e4>`."""
    return f"<adtrans {name} {hashlib.sha256(text.encode()).hexdigest()[:12]}>"


def register(text: str, filename: str) -> None:
    """Make the lines known. An entry without a modification time is one that `checkcache` leaves alone."""
    linecache.cache[filename] = (len(text), None, [line + "\n" for line in text.split("\n")], filename)
