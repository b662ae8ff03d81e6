"""The command line of tools/survey."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.survey.corpus import PACKAGES, STANDARD, Job, fetch, jobs, root, sources
from tests.survey.judged import judgements, sampled
from tests.survey.table import tables
from tests.survey.workers import records


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    chosen = options.packages or [*PACKAGES, STANDARD]
    if options.judge:
        return judge(options)
    if options.table:
        print(tables(rows(options.out), options.top))
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    fetch(options.folder, [package for package in chosen if package != STANDARD])
    work = jobs(list(sources(options.folder, chosen)), options.sample, options.seed, not options.no_methods)
    done = rows(options.out) if options.resume and options.out.exists() else []
    verdicts = Counter(row["verdict"] for row in done)
    start = time.monotonic()
    with open(options.out, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in done)
        for number, record in enumerate(records(remaining(work, done), options.jobs), 1):
            out.write(json.dumps(record.row()) + "\n")
            verdicts[record.verdict] += 1
            if number % 500 == 0:
                words = ", ".join(f"{n} {verdict}" for verdict, n in verdicts.most_common())
                print(f"{number} in {time.monotonic() - start:.0f} s: {words}", file=sys.stderr, flush=True)
            if number % 20 == 0:
                out.flush()
    print(tables(rows(options.out), options.top))
    return 1 if verdicts["crashed"] or verdicts["hung"] else 0


def judge(options: argparse.Namespace) -> int:
    """Judge functions that an earlier run found accepted; the failing ones are printed."""
    chosen = sampled(rows(options.out), options.seed)
    files = [(root(options.folder, row["package"]) / row["file"], row["function"]) for row in chosen]
    verdicts: Counter[str] = Counter()
    with open(options.out.with_suffix(".judged.jsonl"), "w", encoding="utf-8") as out:
        for found in judgements(files, options.judge, options.seed, options.order):
            out.write(json.dumps(asdict(found)) + "\n")
            out.flush()
            verdicts[found.verdict] += 1
            if found.verdict in ("wrong", "crashed", "hung", "died"):
                print(f"\n--- {found.verdict} {found.stage}: {found.file}:{found.function}")
                print(f"{found.source}\nargs = {found.args}\n{found.detail}", flush=True)
    print(f"{len(chosen)} accepted functions; " + ", ".join(f"{n} {v}" for v, n in verdicts.most_common()))
    return 1 if verdicts["wrong"] or verdicts["crashed"] else 0


def remaining(work: Iterable[Job], done: list[dict[str, Any]]) -> Iterator[Job]:
    """The jobs without the functions that an earlier run has done."""
    known = Counter((row["package"], row["file"], row["function"]) for row in done)
    for job in work:
        left = []
        for name in job.names:
            place = (job.source.package, job.source.label, name)
            if known[place]:
                known[place] -= 1  # A method that is defined twice has two rows.
            else:
                left.append(name)
        if left:
            yield replace(job, names=tuple(left))


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a run, also of one that was ended in the middle of a line."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("}\n")]


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(prog="tools/survey", description=__doc__)
    out.add_argument("packages", nargs="*", help=f"of {', '.join(PACKAGES)}, {STANDARD}; none: all")
    out.add_argument("--folder", type=Path, default=Path("/tmp/survey"), help="where packages are unpacked")
    out.add_argument("--out", type=Path, default=Path("/tmp/survey/survey.jsonl"), help="the JSON lines")
    out.add_argument("--sample", type=int, help="so many functions, of all packages in turn")
    out.add_argument("--seed", type=int, default=0, help="of the choice")
    out.add_argument("--resume", action="store_true", help="go on with the run that --out holds")
    out.add_argument("--jobs", type=int, default=1, help="processes")
    out.add_argument("--no-methods", action="store_true", help="functions of modules only")
    out.add_argument("--judge", type=int, metavar="N", help="call N accepted functions and compare")
    out.add_argument("--order", type=int, default=1, choices=(1, 2), help="of the derivatives compared")
    out.add_argument("--table", action="store_true", help="only print the tables of an earlier run")
    out.add_argument("--top", type=int, default=60, help="rows of each table")
    return out
