"""Options of the test run."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

collect_ignore_glob = ["diagnostics/*", "golden/*", "ideal/*"]
"""Programs, not tests: some of them cannot even be imported."""

gc.set_threshold(
    100_000, 20, 50
)  # Trees live long: looking for what can be thrown away took a tenth of the time.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless",
        action="store_true",
        help="rewrite golden modules and the texts of diagnostics; not those that differences contradict",
    )
    parser.addoption(
        "--sample",
        type=int,
        default=1,
        metavar="N",
        help="of each parametrised test only the first case and every Nth after it",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--sample`: what `tools/check` runs before a commit. CI runs everything."""
    every: int = config.getoption("--sample")
    if every == 1:
        return
    cases: Counter[str] = Counter()
    kept, left_out = [], []
    for item in items:
        test = item.nodeid.partition("[")[0]
        (left_out if cases[test] % every else kept).append(item)
        cases[test] += 1
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether the expected outputs are to be rewritten."""
    return bool(request.config.getoption("--bless"))
