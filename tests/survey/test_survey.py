"""The survey's own parts: what is sampled, what is left to do, what may be called."""

from __future__ import annotations

from pathlib import Path

from adtrans import parse
from tests.survey.closed import bare, closed, harmless
from tests.survey.corpus import OF_ONE_FILE, Job, Source, jobs
from tests.survey.survey import remaining, rows


def sources(folder: Path) -> list[Source]:
    found = []
    for package, count in (("large", 4), ("small", 1)):
        for k in range(count):
            path = folder / f"{package}{k}.py"
            path.write_text("\n".join(f"def f{n}(x):\n    return x\n" for n in range(20)))
            found.append(Source(package, "1", path, path.name))
    return found


def test_a_sample_is_of_all_packages(tmp_path: Path) -> None:
    work = list(jobs(sources(tmp_path), 20, 0, True))
    assert {job.source.package for job in work} == {"large", "small"}
    assert [len(job.names) for job in work] == [OF_ONE_FILE, OF_ONE_FILE, 20 - 2 * OF_ONE_FILE]
    assert work == list(jobs(sources(tmp_path), 20, 0, True))


def test_a_run_goes_on(tmp_path: Path) -> None:
    (source, *_) = sources(tmp_path)
    out = tmp_path / "out.jsonl"
    row = f'{{"package": "large", "file": "{source.label}", "function": "a"}}\n'
    out.write_text(row + row[:20])  # It was ended in the middle of a line.
    done = rows(out)
    assert len(done) == 1
    assert [job.names for job in remaining([Job(source, ("a", "b", "a"))], done)] == [("b", "a")]


def test_what_may_be_called() -> None:
    text = (
        "import functools\nimport numpy as np\n\n"
        "@functools.lru_cache\ndef f(x: Odd) -> Odd:\n    return np.sin(x)\n"
    )
    source = closed(parse.program(text, "m.py", "f"))
    assert source is not None and "lru_cache" not in source and "Odd" not in source
    assert "x: float" in bare("def f(x: float, y: Odd):\n    pass\n")
    assert not harmless("import os\ndef f(x):\n    return os.system(x)\n")
    assert not harmless("def f(x):\n    return open(x)\n")
