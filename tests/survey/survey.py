"""The command line of tools/survey."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from tests.survey.corpus import PACKAGES, STANDARD, fetch, jobs, sources
from tests.survey.table import tables
from tests.survey.workers import records


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    chosen = options.packages or [*PACKAGES, STANDARD]
    if options.table:
        print(tables(rows(options.out), options.top))
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    fetch(options.folder, [package for package in chosen if package != STANDARD])
    work = jobs(list(sources(options.folder, chosen)), options.sample, options.seed, not options.no_methods)
    verdicts: Counter[str] = Counter()
    start = time.monotonic()
    with open(options.out, "w", encoding="utf-8") as out:
        for done, record in enumerate(records(work, options.jobs), 1):
            out.write(json.dumps(record.row()) + "\n")
            verdicts[record.verdict] += 1
            if done % 500 == 0:
                out.flush()
                words = ", ".join(f"{n} {verdict}" for verdict, n in verdicts.most_common())
                print(f"{done} in {time.monotonic() - start:.0f} s: {words}", file=sys.stderr, flush=True)
    print(tables(rows(options.out), options.top))
    return 1 if verdicts["crashed"] or verdicts["hung"] else 0


def rows(path: Path) -> list[dict[str, object]]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(prog="tools/survey", description=__doc__)
    out.add_argument("packages", nargs="*", help=f"of {', '.join(PACKAGES)}, {STANDARD}; none: all")
    out.add_argument("--folder", type=Path, default=Path("/tmp/survey"), help="where packages are unpacked")
    out.add_argument("--out", type=Path, default=Path("/tmp/survey/survey.jsonl"), help="the JSON lines")
    out.add_argument("--sample", type=int, help="about so many functions, of files chosen at random")
    out.add_argument("--seed", type=int, default=0, help="of the choice")
    out.add_argument("--jobs", type=int, default=1, help="processes")
    out.add_argument("--no-methods", action="store_true", help="functions of modules only")
    out.add_argument("--table", action="store_true", help="only print the tables of an earlier run")
    out.add_argument("--top", type=int, default=60, help="rows of each table")
    return out
