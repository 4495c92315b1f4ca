"""An installation whose module has the entity Scrap, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.application import Application
from core.testing import Installation
from tests.database_kinds import parametrize_kinds
from tests.databases import SQLITE, Servers
from tests.integration.core_jobs.conftest import entity


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    parametrize_kinds(metafunc, "installation_kind")


@pytest.fixture
def installation_database(installation_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str | None]:
    """A database of the kind in turn, without rows."""
    with servers.new_installation_database(installation_kind, tmp_path) as url:
        yield None if installation_kind == SQLITE else url


@pytest.fixture
def installation(installation: Installation) -> Installation:
    installation.add_module("Scraps", entity("Scrap"))
    return installation


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    with installation.application() as application:
        yield application
