"""A sample of the accepted functions, called and compared with differences.

Each function is judged in a process of its own, with limits on time and memory, in an empty folder.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from adtrans import parse
from adtrans.commands.files import read
from tests.programs.oracle import judge, quiet
from tests.survey.arguments import good, guesses
from tests.survey.closed import closed

WALL = 150.0
MEMORY = 3 << 30
POINTS = 2
"""Different kinds of arguments at which a function is judged."""


@dataclass
class Judgement:
    """What became of one function at one point; `verdict` is that of the oracle, or why there is none."""

    file: str
    function: str
    verdict: str
    stage: str = ""
    detail: str = ""
    args: str = ""
    source: str = ""


def sampled(rows: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The accepted functions in a random order, methods left out."""
    accepted = [row for row in rows if row["verdict"] == "accepted" and "." not in row["function"]]
    random.Random(seed).shuffle(accepted)
    return accepted


def judgements(files: list[tuple[Path, str]], wanted: int, seed: int, order: int) -> Iterator[Judgement]:
    """Judge functions until so many have been called and compared."""
    left = wanted
    for path, name in files:
        if left <= 0:
            return
        found = apart(path, name, seed, order)
        left -= any(j.verdict in ("right", "wrong", "crashed", "refused") for j in found)
        yield from found


def apart(path: Path, name: str, seed: int, order: int) -> list[Judgement]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=child, args=(theirs, path, name, seed, order)
    )
    process.start()
    theirs.close()
    found: list[Judgement] = []
    try:
        while ours.poll(WALL):
            said = ours.recv()
            if said is None:
                break
            found.append(said)
        else:
            found.append(Judgement(str(path), name, "hung"))
    except EOFError:
        found.append(Judgement(str(path), name, "died"))
    process.kill()
    process.join()
    return found


def increasing(interp: Callable[..., Any]) -> Callable[..., Any]:
    """`np.interp` for points in order: of others NumPy says that the result is nonsense."""

    @wraps(interp)
    def checked(x: Any, xp: Any, fp: Any, *args: Any, **kwargs: Any) -> Any:
        if np.any(np.diff(xp) <= 0):
            raise ValueError("points that do not increase")
        return interp(x, xp, fp, *args, **kwargs)

    return checked


def child(pipe: Connection, path: Path, name: str, seed: int, order: int) -> None:
    os.nice(5)
    np.interp = increasing(np.interp)  # type: ignore[assignment]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # No file can be written from here on.
        for found in judged(path, name, seed, order):
            pipe.send(found)
    pipe.send(None)


def judged(path: Path, name: str, seed: int, order: int) -> Iterator[Judgement]:
    """One function, at up to `POINTS` points."""
    program = parse.program(read(path), str(path), name)
    source = closed(program)
    if source is None:
        yield Judgement(str(path), name, "not closed")
        return
    entry = program.functions[program.entry]
    space: dict[str, Any] = {"__name__": "primal"}
    seen: set[str] = set()
    with quiet():
        try:
            exec(compile(source, "<primal>", "exec"), space)
        except Exception as error:
            yield Judgement(str(path), name, "not loaded", detail=repr(error), source=source)
            return
        for kinds, args in guesses(entry, seed):
            if kinds in seen or not good(space[entry.name], args):
                continue
            seen.add(kinds)
            found = judge(source, args, order, name=entry.name)
            if found.verdict == "crashed" and found.stage.startswith("ZeroDivisionError"):
                # A slope of `math` that is infinite at the point: Python raises where NumPy has inf.
                found = replace(found, verdict="skipped", detail="an infinite slope")
            if found.stage.startswith("NotImplementedError"):
                found = replace(found, verdict="refused")  # What only the values decide is said by a helper.
            yield Judgement(str(path), name, found.verdict, found.stage, found.detail, repr(args), source)
            if len(seen) == POINTS:
                break
    if not seen:
        yield Judgement(str(path), name, "no arguments")
