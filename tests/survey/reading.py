"""One function, in both modes, as `adtrans lint` does it: accepted, refused, crashed or hung.

`Reader` runs in a process of its own (workers.py).
"""

from __future__ import annotations

import contextlib
import gc
import re
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any, Literal

from adtrans import parse, pipeline
from adtrans.commands.files import read
from adtrans.commands.lint import MODES
from adtrans.errors import CODES, Diagnostic, Refused
from adtrans.frontend.source import SourceModule
from adtrans.resolve import Resolver
from tests.survey.corpus import Job, Source

Verdict = Literal["accepted", "refused", "crashed", "hung"]
SECONDS = 5.0
"""What one function may take, of processor time: other processes may slow us down."""
KEPT = 6_000_000
"""Characters of source whose trees are kept for the files that import them."""


class Hang(BaseException):
    """A function took too long; no handler of ours may catch it."""


@dataclass
class Record:
    """What became of one function. A reason is a code and a message."""

    package: str
    version: str
    file: str
    function: str
    verdict: Verdict = "accepted"
    reasons: list[tuple[str, str]] = field(default_factory=list)
    placeless: list[str] = field(default_factory=list)
    detail: str = ""
    seconds: float = 0.0

    def row(self) -> dict[str, Any]:
        return asdict(self)


class Reader:
    """Functions of many files; what a file imports is parsed once."""

    def __init__(self) -> None:
        self.modules: dict[str, SourceModule] = {}

    def records(self, job: Job, skip: int, begin: Callable[[str], None]) -> Iterator[Record]:
        """A record for each function of a job, after the first `skip`; each name is told beforehand."""
        if sum(len(module.text) for module in self.modules.values()) > KEPT:
            self.modules.clear()
            gc.collect()
        reader: Resolver | None = None
        for name in job.names[skip:]:
            begin(name)
            record = blank(job.source, name)
            if reader is None:
                # The file itself is parsed once: that is no time of one function.
                with caught(record, seconds=60.0):
                    reader = parse.opened(read(job.source.path), str(job.source.path), self.modules)
            if reader is not None:
                start = time.process_time()
                with caught(record):
                    one(reader, name, record)
                record.seconds = round(time.process_time() - start, 3)
            yield record


def one(reader: Resolver, name: str, record: Record) -> None:
    """Both modes of one function, also where the first is refused."""
    module = reader.project.entry
    program = parse.program(module.text, module.file, name, reader=reader)
    for mode in MODES:
        try:
            text = pipeline.generate(program, pipeline.Request(mode=mode, draft=True)).text
            compile(text, "<derivative>", "exec")
        except Refused as refused:
            refuse(record, refused)


def blank(source: Source, name: str) -> Record:
    return Record(source.package, source.version, source.label, name)


@contextlib.contextmanager
def caught(record: Record, seconds: float = SECONDS) -> Iterator[None]:
    """Write into the record what the block raises."""

    late = False

    def expire(number: int, frame: FrameType | None) -> None:
        nonlocal late
        late = True
        raise Hang

    signal.signal(signal.SIGPROF, expire)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    except Refused as refused:
        refuse(record, refused)
    except (Hang, Exception) as error:
        # Clean-ups of libcst raise errors of their own when they are interrupted.
        record.verdict = "hung" if late else "crashed"
        words = f"{type(error).__name__}: {error}"
        record.detail = ("" if late else f"{words[:200]} at ") + place(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def refuse(record: Record, refused: Refused) -> None:
    """Note the reasons; a refusal that is an internal error is a crash, one without a code as well."""
    for diagnostic in refused.diagnostics:
        reason = (diagnostic.code, diagnostic.message)
        if reason not in record.reasons:
            record.reasons.append(reason)
        if not placed(diagnostic):
            record.placeless.append(diagnostic.code)
    bad = [d.code for d in refused.diagnostics if d.code.startswith("AD9") or d.code not in CODES]
    record.verdict = "crashed" if bad or not refused.diagnostics else "refused"


def placed(diagnostic: Diagnostic) -> bool:
    return diagnostic.span is not None and diagnostic.span.line >= 1


def place(error: BaseException) -> str:
    """Where in adtrans it happened, innermost last: five frames tell enough."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/adtrans/" in f.filename][-6:]
    return " > ".join(f"{re.sub(r'.*/adtrans/', '', f.filename)}:{f.lineno} {f.name}" for f in own)
