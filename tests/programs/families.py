"""The families of random programs, and how a program of each is judged: what the tests and tools/replay run.

A family is named after what its programs are about. "" is the plain stream; "objects" and "single" are that
stream again, with methods and attributes, or for float32; the others have a generator of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.programs.generator import FAMILIES, Case, generate
from tests.programs.objects import judge_objects, objects
from tests.programs.oracle import Outcome, judge
from tests.programs.single import single

NAMES = ("", "objects", "single", *FAMILIES)
SECOND = 8
"""One pair of programs in so many has its second derivatives checked, and its text generated twice: of
`each`, one program of the plain stream and one of a family."""


@dataclass(frozen=True)
class Program:
    """A program and its judge, to which another source may be given (a smaller one, say)."""

    case: Case
    judge: Callable[[str, int, bool], Outcome]

    def outcome(self, order: int = 1, thorough: bool = True) -> Outcome:
        return self.judge(self.case.source, order, thorough)


def program(seed: int, family: str = "") -> Program:
    """The program of this seed."""
    if family == "objects":
        plain = generate(seed)
        source, where = objects(plain.source, seed)
        return Program(
            replace(plain, source=source),
            lambda source, order, _: judge_objects(source, plain.args, where, order),
        )
    case = single(generate(seed)) if family == "single" else generate(seed, family)
    return Program(case, lambda source, order, thorough: judge(source, case.args, order, thorough))


def sampled(seed: int, family: str = "") -> Outcome:
    """The program of this seed judged as one of many: the dear checks for one in `SECOND`."""
    thorough = seed // 2 % SECOND == 0
    second = thorough and family != "single"  # differences of float32 say nothing of second order
    return program(seed, family).outcome(2 if second else 1, thorough)


def each(seed: int) -> str:
    """The family of a seed where all take part: every other program is of the plain stream."""
    return NAMES[1 + seed // 2 % (len(NAMES) - 1)] if seed % 2 else ""
