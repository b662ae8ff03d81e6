"""Run many programs, count what becomes of them, and make the failing ones small.  See tools/replay."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.programs.families import NAMES, each, program, sampled
from tests.programs.oracle import Outcome
from tests.programs.shrink import shrink

LINE = re.compile(r"line \d+")


@dataclass
class Tally:
    """What became of the programs, with an example of each kind of failure."""

    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    refused_features: Counter[str] = field(default_factory=Counter)
    all_features: Counter[str] = field(default_factory=Counter)
    failures: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, job: Job, outcome: Outcome, features: Iterable[str]) -> None:
        order = " at order 2" if outcome.stage.startswith("order 2") and outcome.verdict != "right" else ""
        self.verdicts[outcome.verdict + order] += 1
        self.codes.update(outcome.codes)
        self.all_features.update(features)
        if outcome.verdict == "refused":
            self.refused_features.update(features)
            self.messages.update(
                {
                    re.sub(r"`(?!numpy|math|\.)[^`]*`", "`…`", LINE.sub("line …", message))
                    for message in outcome.messages
                }
            )
        if outcome.failed:
            self.failures[outcome.verdict, outcome.stage].append(f"{job.family} {job.seed}".strip())

    def line(self) -> str:
        return ", ".join(f"{n} {verdict}" for verdict, n in self.verdicts.most_common())

    def report(self) -> str:
        """The tables: verdicts, refusals by code, what is refused more often than the rest, failures."""
        lines = ["", f"programs  {sum(self.verdicts.values())}: {self.line()}"]
        if self.codes:
            lines += ["", "refused, by code"] + [f"  {n:6}  {code}" for code, n in self.codes.most_common()]
            lines += ["", "refused, by message"] + [
                f"  {n:6}  {m[:150]}" for m, n in self.messages.most_common(25)
            ]
            share = {f: self.refused_features[f] / n for f, n in self.all_features.items() if n >= 5}
            worst = sorted(share.items(), key=lambda item: (-item[1], item[0]))[:20]
            lines += ["", "refused, by feature of the program (share of the programs that have it)"]
            lines += [f"  {100 * s:5.0f}%  {feature}" for feature, s in worst]
        if self.failures:
            lines += ["", "failures"]
            for (verdict, stage), seeds in sorted(self.failures.items(), key=lambda item: -len(item[1])):
                lines.append(f"  {len(seeds):6}  {verdict}: {stage}  seeds {', '.join(seeds[:8])}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Job:
    """A seed, its family, up to which order; `sampled` leaves the dear checks to some of the seeds."""

    seed: int
    family: str
    order: int
    sampled: bool


Found = tuple[Job, Outcome, frozenset[str]]
COLLECT = 25
"""A worker collects garbage once in so many programs: Python would do it a hundred times in each."""


def run(job: Job) -> Found:
    """One program."""
    if job.seed % COLLECT == 0:
        gc.collect()
    made = program(job.seed, job.family)
    found = sampled(job.seed, job.family) if job.sampled else made.outcome(job.order)
    return job, found, made.case.features


def outcomes(work: Iterable[Job], jobs: int) -> Iterator[Found]:
    if jobs == 1:
        yield from map(run, work)
        return
    with multiprocessing.Pool(jobs, initializer=gc.disable) as pool:
        yield from pool.imap_unordered(run, work, chunksize=4)


def minimal(job: Job, outcome: Outcome, seconds: float) -> str:
    """The failing program, made small, with how to see it again."""
    made = program(job.seed, job.family)
    order = 2 if job.sampled else job.order

    def fails(source: str) -> bool:
        found = made.judge(source, order, True)
        return (found.verdict, found.stage) == (outcome.verdict, outcome.stage)

    source = shrink(made.case.source, fails, seconds)
    again = made.judge(source, order, True)
    return "\n".join(
        [
            f"--- {job.family} seed {job.seed}: {outcome.verdict} ({outcome.stage})".replace("---  ", "--- "),
            source,
            f"args = {made.case.args!r}",
            again.detail or outcome.detail,
            f"reproduce: tools/replay --seed {job.seed} --count 1 --order {order}"
            + (f" --family {job.family}" if job.family else ""),
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    tally, start = Tally(), time.monotonic()
    first: dict[tuple[str, str], tuple[Job, Outcome]] = {}
    seeds = range(options.seed, options.seed + options.count)
    family = each if options.family == "each" else lambda seed: options.family
    work = (Job(seed, family(seed), options.order, options.sampled) for seed in seeds)
    for done, (job, outcome, features) in enumerate(outcomes(work, options.jobs), 1):
        tally.add(job, outcome, features)
        if outcome.failed:
            kind = (outcome.verdict, outcome.stage)
            if kind not in first or job.seed < first[kind][0].seed:
                first[kind] = (job, outcome)
        if sys.stderr.isatty() or done % 200 == 0:
            rate = done / (time.monotonic() - start)
            print(
                f"\r{done}/{options.count}  {rate:.1f}/s  {tally.line()}", end="", file=sys.stderr, flush=True
            )
        if options.first_failure and outcome.failed:
            break
        if options.show and outcome.verdict == options.show:
            text = program(job.seed, job.family).case.source
            print(f"# {job.family} seed {job.seed}\n{text}\n{outcome.detail}\n")
    print(file=sys.stderr)
    print(tally.report())
    for job, outcome in sorted(first.values(), key=lambda item: item[0].seed)[: options.shrink]:
        print("\n" + minimal(job, outcome, options.seconds), flush=True)
    return 1 if tally.failures else 0


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(prog="tools/replay", description=__doc__)
    out.add_argument("--seed", type=int, default=0, help="the first seed")
    out.add_argument("--count", type=int, default=200, help="how many programs")
    out.add_argument("--jobs", type=int, default=1, help="processes")
    out.add_argument(
        "--family", default="", choices=(*NAMES, "each"), help="programs about one thing, or each"
    )
    out.add_argument("--order", type=int, default=1, choices=(1, 2), help="2: second derivatives as well")
    out.add_argument("--sampled", action="store_true", help="as the tests: dear checks for one in eight")
    out.add_argument("--first-failure", action="store_true", help="stop at the first failure")
    out.add_argument("--shrink", type=int, default=3, help="how many kinds of failure to make small")
    out.add_argument("--seconds", type=float, default=60.0, help="time to make one program small")
    out.add_argument("--show", default="", help="print the programs with this verdict")
    return out
