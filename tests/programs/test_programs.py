"""Random programs: every derivative is right, or refused with a reason. Never wrong, never a crash.

More of them: tools/replay --seed 0 --count 100000 --jobs 2
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.programs.differences import Unstable
from tests.programs.features import FEATURES
from tests.programs.generator import FAMILIES, generate
from tests.programs.objects import judge_objects, objects
from tests.programs.oracle import Outcome, judge, quiet, run_primal
from tests.programs.single import single

PROGRAMS = int(os.environ.get("ADTRANS_PROGRAMS", "2000"))
CHUNK = 25
ACCEPTED = 0.5
"""At least this share of the programs has a derivative."""
SAMPLE = 100
EACH = 25
"""So many programs of each family; tools/replay --family makes more."""
SECOND = 8
"""One program in so many has its second derivatives checked, and its text generated twice."""


def judged(seed: int) -> tuple[int, Outcome]:
    """One program, judged as this file does."""
    case, often = generate(seed), seed % SECOND == 0
    return seed, judge(case.source, case.args, order=2 if often else 1, thorough=often)


def judged_in_single(seed: int) -> tuple[int, Outcome]:
    """The same program for arrays of float32."""
    case = single(generate(seed))
    return seed, judge(case.source, case.args, thorough=seed % SECOND == 0)


@pytest.mark.parametrize("start", range(0, PROGRAMS, CHUNK))
def test_derivatives(start: int) -> None:
    none_fails(judged, range(start, min(start + CHUNK, PROGRAMS)))


@pytest.mark.parametrize("start", range(0, PROGRAMS // 20, CHUNK))
def test_derivatives_in_single_precision(start: int) -> None:
    none_fails(judged_in_single, range(start, start + CHUNK))


def none_fails(judged: Callable[[int], tuple[int, Outcome]], seeds: range) -> None:
    failures = []
    for seed in seeds:
        _, outcome = judged(seed)
        if outcome.failed:
            failures.append(
                f"seed {seed}: {outcome.verdict} ({outcome.stage})\n{generate(seed).source}\n{outcome.detail}"
            )
    hint = f"{len(failures)} of {CHUNK}; tools/replay --seed SEED --count 1 makes one small"
    assert not failures, "\n\n".join([hint, *failures])


@pytest.mark.parametrize(
    ("family", "start"),
    [(f, start) for f in FAMILIES for start in range(0, min(PROGRAMS, EACH), CHUNK)],
)
def test_families(family: str, start: int) -> None:
    failures = []
    for seed in range(start, start + CHUNK):
        case, often = generate(seed, family), seed % SECOND == 0
        found = judge(case.source, case.args, order=2 if often else 1, thorough=often)
        if found.failed:
            failures.append(f"seed {seed}: {found.verdict} ({found.stage})\n{case.source}\n{found.detail}")
    hint = f"{len(failures)} of {CHUNK}; tools/replay --family {family} --seed SEED --count 1 makes one small"
    assert not failures, "\n\n".join([hint, *failures])


@pytest.mark.parametrize("start", range(0, min(PROGRAMS, EACH), CHUNK))
def test_objects(start: int) -> None:
    """The family of objects: methods, attributes that are read, assigned and written into, inheritance."""
    failures = []
    for seed in range(start, start + CHUNK):
        case = generate(seed)
        source, where = objects(case.source, seed)
        outcome = judge_objects(source, case.args, where, order=2 if seed % SECOND == 0 else 1)
        if outcome.failed:
            failures.append(f"seed {seed}: {outcome.verdict} ({outcome.stage})\n{source}\n{outcome.detail}")
    assert not failures, "\n\n".join(failures)


def test_acceptance() -> None:
    """Refusing everything is not right either: counted over a sample, as chunks are too small to say."""
    cases = [generate(seed) for seed in range(SAMPLE)]
    verdicts = [judge(case.source, case.args, thorough=False).verdict for case in cases]
    judged = [v for v in verdicts if v != "skipped"]
    assert judged.count("right") >= ACCEPTED * len(judged), f"{judged.count('right')} of {len(judged)} right"


def test_every_feature_occurs() -> None:
    found: set[str] = set()
    for seed in range(2000):
        found |= generate(seed).features
    assert found >= FEATURES, sorted(FEATURES - found)
    assert found <= FEATURES | {"linalg", "for_plain"}, f"not in features.py: {sorted(found - FEATURES)}"


def test_programs_run() -> None:
    """Less than one program in a hundred raises, has a value that is not finite, or a kink at its point."""
    bad = []
    for seed in range(500):
        case = generate(seed)
        try:
            with quiet():
                run_primal(case.source, case.args)
        except Unstable as error:
            bad.append((seed, str(error)))
    assert len(bad) <= 5, bad


def test_bytes_do_not_depend_on_hashing() -> None:
    """The order of a set of names differs from process to process; the modules must not."""
    script = "from tests.programs.oracle import digest; print(digest(range(2, 400, 10)))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_deterministic() -> None:
    for seed in range(50):
        assert generate(seed).source == generate(seed).source
