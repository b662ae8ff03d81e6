"""Arguments for a function that somebody else wrote: guesses, until one runs and gives finite floats."""

from __future__ import annotations

import copy
import re
import signal
import warnings
import zlib
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from adtrans import ir
from tests.programs.differences import active_positions, pack, unpack
from tests.programs.oracle import Timeout

COUNTS = frozenset(
    re.findall(
        r"\w+",
        """
    n m k i j l N M K order degree deg axis size num count nlags lags lag maxlag nobs steps niter
    n_iter maxiter window level dim ndim p_order nbins bins length npts n_points depth ddof index
    """,
    )
)
"""Names of parameters that are probably integers."""
TRIES = 120
SECONDS = 1.0

Maker = Callable[[np.random.Generator], Any]
SHAPES: dict[str, Maker] = {
    "float": lambda rng: float(np.round(rng.uniform(0.2, 2.5), 3)),
    "vector": lambda rng: np.round(rng.uniform(0.2, 2.5, 3), 3),
    "signed": lambda rng: np.round(rng.normal(size=3), 3),
    "matrix": lambda rng: np.round(rng.uniform(0.1, 1.0, (3, 3)), 3) + 2.0 * np.eye(3),
    "tall": lambda rng: np.round(rng.normal(size=(4, 3)), 3),
    "long": lambda rng: np.round(rng.uniform(0.2, 2.5, 8), 3),
    "points": lambda rng: np.round(rng.uniform(0.05, 0.95, (4, 2)), 3),
    "two": lambda rng: np.round(rng.uniform(0.2, 2.5, 2), 3),
    "indices": lambda rng: np.array([0, 2, 1]),
    "square": lambda rng: np.round(rng.uniform(0.05, 0.3, (2, 2)), 3) + np.eye(2),
    "small": lambda rng: float(np.round(rng.uniform(0.05, 0.95), 3)),
    "int": lambda rng: int(rng.integers(1, 4)),
    "flag": lambda rng: bool(rng.integers(0, 2)),
}


def guesses(function: ir.Function, seed: int) -> Iterator[tuple[str, list[Any]]]:
    """Lists of arguments with a word for their kinds: first all of one kind, then mixed."""
    rng = np.random.default_rng((zlib.crc32(function.path.encode()), seed))
    params = [p for p in function.params if not p.keyword_only]
    needed = [p for p in params if p.default is None]
    more = 0
    for param in params[len(needed) :]:
        if not (isinstance(param.default, ir.Const) and isinstance(param.default.value, float)):
            break
        more += 1  # `step=0.1`: differentiated as well.
    usual = ["vector", "float", "matrix", "long", "tall", "small", "signed", "points", "two", "square"]
    others = ["int", "int", "flag", "indices"]
    for attempt in range(TRIES):
        kinds = []
        for param in needed:
            fixed = told(param)
            if fixed:
                kinds.append(fixed)
            elif attempt < len(usual):
                kinds.append("int" if param.name in COUNTS else usual[attempt])
            else:
                # Arguments are often alike, and shapes have to fit: a few kinds at a time.
                few = usual if attempt % 2 else [usual[attempt % len(usual)], "float", "vector"]
                kinds.append(str(rng.choice([*few, *others[: 1 + attempt % 4]])))
        given = [SHAPES[kind](rng) for kind in kinds]
        if more and attempt % 2:
            given += [float(p.default.value) * 1.1 + 0.05 for p in params[len(needed) : len(needed) + more]]  # type: ignore[union-attr]
            kinds += ["default"] * more
        yield " ".join(kinds), given


def told(param: ir.Param) -> str | None:
    """What an annotation says."""
    return {"int": "int", "float": "float", "bool": "flag", "Integral": "int"}.get(param.annotation or "")


def good(function: Callable[..., Any], args: list[Any]) -> bool:
    """Whether a call gives finite floats that depend on the floats among the arguments."""
    positions = active_positions(args)
    if not positions:
        return False
    here = called(function, args)
    if here is None:
        return False
    point = pack([args[i] for i in positions])
    if rough(function, args, positions, here):
        return False
    for scale in (1e-3, 1e-2):
        moved = list(args)
        shifted = point * (1.0 + scale) + scale * 0.1
        for i, value in zip(positions, unpack(shifted, [args[i] for i in positions]), strict=True):
            moved[i] = value
        there = called(function, moved)
        if there is not None and there.shape == here.shape and np.any(there != here):
            return True
    return False


def rough(
    function: Callable[..., Any], args: list[Any], positions: tuple[int, ...], here: np.ndarray[Any, Any]
) -> bool:
    """Whether the values jump at distances at which a smooth function is straight: then differences
    mean nothing (the high half of a float, `c - (c - x)`)."""
    point = pack([args[i] for i in positions])
    parts = []
    for step in (1e-9, -1e-9):
        moved = list(args)
        for i, value in zip(
            positions, unpack(point * (1.0 + step), [args[i] for i in positions]), strict=True
        ):
            moved[i] = value
        there = called(function, moved)
        if there is None or there.shape != here.shape:
            return True
        parts.append(there)
    scale = 1.0 + float(np.max(np.abs(here)))
    return float(np.max(np.abs(parts[0] - 2.0 * here + parts[1]))) > 1e-11 * scale


def called(function: Callable[..., Any], args: list[Any]) -> np.ndarray[Any, Any] | None:
    """The result as a vector, None if there is none that could be differentiated."""

    def expire(number: int, frame: FrameType | None) -> None:
        raise Timeout

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = function(*copy.deepcopy(args))
        out = pack(result) if floats(result) else None
    except (Exception, Timeout):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    return out if out is not None and 0 < out.size <= 200 and bool(np.all(np.isfinite(out))) else None


def floats(result: Any) -> bool:
    """A float, an array of floats, or a tuple of them."""
    if isinstance(result, tuple):
        return bool(result) and all(floats(part) for part in result)
    return isinstance(result, (float, np.floating)) or (
        isinstance(result, np.ndarray) and type(result) is np.ndarray and result.dtype.kind == "f"
    )
