"""`adtrans explain`: the long page of a code, with an example that is refused and one that works."""

from __future__ import annotations

import difflib
from importlib.resources import files

from adtrans.errors import CODES


def page(code: str) -> str:
    """The page of a code, as Markdown."""
    return (files("adtrans") / "pages" / f"{code}.md").read_text(encoding="utf-8")


def explained(code: str | None) -> str | None:
    """The page of a code, or the list of all; None if the code does not exist."""
    if code is None:
        return "\n".join(f"{known}  {title}" for known, title in CODES.items())
    return page(code.upper()) if code.upper() in CODES else None


def near(code: str) -> list[str]:
    """The codes that may have been meant."""
    return difflib.get_close_matches(code.upper(), CODES, n=3, cutoff=0.6)
