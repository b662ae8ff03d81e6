"""Options of the test run."""

from __future__ import annotations

import pytest

collect_ignore_glob = ["diagnostics/*", "golden/*", "ideal/*"]
"""Programs, not tests: some of them cannot even be imported."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless",
        action="store_true",
        help="rewrite golden modules and the texts of diagnostics; not those that differences contradict",
    )


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether the expected outputs are to be rewritten."""
    return bool(request.config.getoption("--bless"))
