"""What nothing is known of may be complex, if it is made of complex numbers: it is not taken for real."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from adtrans.kinds import ANY, UNSURE, Array, Kind, map_parts, may_be_complex, parts
from adtrans.rules import registry

COMPLEX_MAKERS = (
    *("cmath.", "numpy.emath.", "numpy.lib.scimath.", "numpy.poly", "numpy.roots", "numpy.linalg.eig"),
    *("scipy.fft", "scipy.signal.", "scipy.linalg.", "scipy.special.sph_harm", "scipy.special.hankel"),
    *("scipy.special.wofz", "scipy.special.spherical"),
)
"""Functions without a kind rule that may give complex numbers where they were given none."""

COMPLEX_TEXT = re.compile(r"\d[jJ]\b|\bcomplex\w*\b|\bcmath\b|\bemath\b|\bfft\b")
"""What text says that is carried over as it is, if it makes complex numbers."""

EXACT = frozenset({"adtrans.support.unbroadcast", "adtrans.support.part_for"})
"""Functions whose kind says all there is to know: from complex numbers they make real ones for real ones."""


def uncertain(kind: Kind) -> bool:
    """Whether nothing is known of the numbers in a value, or only that they are not complex."""
    match kind:
        case Array(dtype=dtype):
            return dtype == "?"
    return kind == ANY or any(map(uncertain, parts(kind)))


def sure(kind: Kind, operands: Iterable[Kind]) -> Kind:
    """The kind of a result, of which nothing may be taken for real that is made of complex operands."""
    if not uncertain(kind) or not any(map(may_be_complex, operands)):
        return kind
    match kind:
        case Array():
            return replace(kind, dtype="*")
    return UNSURE if kind == ANY else map_parts(kind, lambda part: sure(part, operands))


def of_text(text: str, reads: Iterable[Kind]) -> Kind:
    """The kind of what is carried over as text."""
    return UNSURE if COMPLEX_TEXT.search(text) or any(map(may_be_complex, reads)) else ANY


def of_call(fn: str, found: Kind, operands: Iterable[Kind]) -> Kind:
    """The kind of a call, given what its rule says: what it says nothing of is not taken for real in vain."""
    entry = registry.lookup(fn)
    if fn in EXACT or (entry is not None and (entry.gives_real or entry.nothing == "cannot_vary")):
        return found
    if entry is None and fn.startswith(COMPLEX_MAKERS):
        return UNSURE
    return sure(found, operands)
