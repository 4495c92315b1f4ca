"""`manager`: a job manager that many tests share; `own_manager`: one for a test that configures it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.testing import Installation
from core.testing.fixtures import stop
from tests.database_kinds import parametrize_kinds
from tests.databases import SQLITE, Servers
from tests.integration.job_manager.manager import Manager, equip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    parametrize_kinds(metafunc, "installation_kind")


@pytest.fixture
def installation_database(installation_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str | None]:
    """A database of the kind in turn, without rows."""
    with servers.new_installation_database(installation_kind, tmp_path) as url:
        yield None if installation_kind == SQLITE else url


@pytest.fixture(scope="session")
def shared_installation(
    installation_kind: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation whose job manager lives as long as the session: jobs must not come in each other's way."""
    folder = tmp_path_factory.mktemp("shared")
    with servers.new_database(installation_kind, folder) as url:
        installation = Installation(folder / "installation", None if installation_kind == SQLITE else url)
        equip(installation)
        installation.write_config(maxConcurrentWorkers=4, reloadCode=False)
        try:
            yield installation
            stop(installation)
        finally:
            installation.kill_everything()


@pytest.fixture
def manager(shared_installation: Installation) -> Iterator[Manager]:
    """A job manager with four workers, which must be at rest again at the end."""
    with shared_installation.application() as application:
        manager = Manager(shared_installation, application.container)
        manager.start()
        yield manager
        try:
            manager.be_at_rest()
        except TimeoutError:  # what this test left running is not to fail the next ones
            shared_installation.kill_everything()
            raise


@pytest.fixture
def own_installation(installation: Installation) -> Installation:
    """An installation with the module `Scripts`, in which nothing runs yet."""
    equip(installation)
    installation.write_config(maxConcurrentWorkers=4, reloadCode=False)
    return installation


@pytest.fixture
def resting_manager(own_installation: Installation) -> Iterator[Manager]:
    """An installation of the test's own whose job manager does not run yet."""
    with own_installation.application() as application:
        yield Manager(own_installation, application.container)


@pytest.fixture
def own_manager(resting_manager: Manager) -> Manager:
    """A job manager of the test's own, with four workers."""
    resting_manager.start()
    return resting_manager
