"""Random programs: every derivative is right, or refused with a reason. Never wrong, never a crash.

More of them: tools/replay --seed 2000 --count 100000 --jobs 2 --sampled --family each
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.programs.differences import Unstable
from tests.programs.families import program, sampled
from tests.programs.features import FEATURES
from tests.programs.generator import FAMILIES, generate
from tests.programs.oracle import judge, quiet, run_primal

PROGRAMS = int(os.environ.get("ADTRANS_PROGRAMS", "2000"))
CHUNK = 25
ACCEPTED = 0.5
"""At least this share of the programs has a derivative."""
SAMPLE = 100
EACH = 25
"""So many programs of each family; tools/replay --family makes more."""


@pytest.mark.parametrize("start", range(0, PROGRAMS, CHUNK))
def test_derivatives(start: int) -> None:
    none_fails("", range(start, min(start + CHUNK, PROGRAMS)))


@pytest.mark.parametrize("start", range(0, PROGRAMS // 20, CHUNK))
def test_derivatives_in_single_precision(start: int) -> None:
    none_fails("single", range(start, start + CHUNK))


@pytest.mark.parametrize(
    ("family", "start"),
    [(f, start) for f in ("objects", *FAMILIES) for start in range(0, min(PROGRAMS, EACH), CHUNK)],
)
def test_families(family: str, start: int) -> None:
    none_fails(family, range(start, start + CHUNK))


def none_fails(family: str, seeds: range) -> None:
    failures = []
    for seed in seeds:
        found = sampled(seed, family)
        if found.failed:
            text = program(seed, family).case.source
            failures.append(f"seed {seed}: {found.verdict} ({found.stage})\n{text}\n{found.detail}")
    hint = f"tools/replay --seed SEED --count 1 --family '{family}' makes one small"
    assert not failures, "\n\n".join([f"{len(failures)} of {len(seeds)}; {hint}", *failures])


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
