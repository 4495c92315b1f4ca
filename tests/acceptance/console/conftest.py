"""`installation` on SQLite; what a person does with jobs in `make proof` on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database_kinds import parametrize_kinds
from tests.databases import SQLITE, Servers

ON_EACH_KIND = ("test_commands", "test_jobs", "test_schedules", "test_with_job_manager")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    if metafunc.module.__name__.rpartition(".")[2] in ON_EACH_KIND:
        parametrize_kinds(metafunc, "installation_kind")


@pytest.fixture(scope="session")
def installation_kind() -> str:
    """The kind of database, where a test does not run on each."""
    return SQLITE


@pytest.fixture
def installation_database(installation_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str | None]:
    """An empty database of the kind in turn."""
    with servers.new_database(installation_kind, tmp_path) as url:
        yield None if installation_kind == SQLITE else url
