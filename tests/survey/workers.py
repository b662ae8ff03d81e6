"""Processes that read functions, and who watches over them: a worker that dies or hangs is replaced."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from tests.survey.corpus import Job
from tests.survey.reading import Reader, Record, blank

WALL = 240.0
"""Seconds without a word after which a worker is ended from outside."""
MEMORY = 6 << 30


@dataclass
class Worker:
    """One process and what it is at."""

    process: Any
    pipe: Connection
    job: Job | None = None
    done: int = 0
    heard: float = field(default_factory=time.monotonic)

    def give(self, job: Job | None, skip: int = 0) -> None:
        self.job, self.done, self.heard = job, skip, time.monotonic()
        if job is not None:
            self.pipe.send((job, skip))


def hired() -> Worker:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def serve(pipe: Connection) -> None:
    """Read the functions of the jobs that come, for ever."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    reader = Reader()
    while True:
        job, skip = pipe.recv()
        for record in reader.records(job, skip, lambda name: pipe.send(None)):
            pipe.send(record)
        pipe.send("end")


def records(jobs: Iterable[Job], count: int) -> Iterator[Record]:
    """The records of all functions of all jobs, as they come."""
    waiting = iter(jobs)
    workers = [hired() for _ in range(count)]
    for worker in workers:
        worker.give(next(waiting, None))
    while any(worker.job for worker in workers):
        ready = wait([worker.pipe for worker in workers if worker.job], timeout=1.0)
        for at, worker in enumerate(workers):
            if worker.job is None:
                continue
            if worker.pipe in ready:
                try:
                    said = worker.pipe.recv()
                except (EOFError, OSError):
                    yield lost(worker, "crashed", "the process died")
                    workers[at] = replaced(worker)
                    continue
                worker.heard = time.monotonic()
                if isinstance(said, Record):
                    worker.done += 1
                    yield said
                elif said == "end":
                    worker.give(next(waiting, None))
            elif time.monotonic() - worker.heard > WALL:
                yield lost(worker, "hung", "ended from outside")
                workers[at] = replaced(worker)
    for worker in workers:
        worker.process.kill()


def lost(worker: Worker, verdict: Any, detail: str) -> Record:
    """The record of the function at which a worker was lost."""
    assert worker.job is not None
    name = worker.job.names[min(worker.done, len(worker.job.names) - 1)]
    record = blank(worker.job.source, name)
    record.verdict, record.detail = verdict, detail
    return record


def replaced(worker: Worker) -> Worker:
    """A new worker that goes on behind the function at which the old one was lost."""
    worker.process.kill()
    worker.process.join()
    new = hired()
    new.give(worker.job, worker.done + 1)
    return new
