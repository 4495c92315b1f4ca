"""A pytest plugin: `pytest_plugins = ["core.testing.fixtures"]` in a conftest.py brings the fixture `installation`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.testing.installation import Installation


@pytest.fixture
def installation_database() -> str | None:
    """The address of an empty database for `installation`; None is a SQLite file of its own. To be overridden."""
    return None


@pytest.fixture
def installation(tmp_path: Path, installation_database: str | None) -> Iterator[Installation]:
    """An empty installation; a test that leaves a process behind which `kill daemons` does not end fails.

    Who leaves a job running on purpose ends it, or calls `installation.kill_everything()`.
    """
    installation = Installation(tmp_path / "installation", installation_database)
    try:
        yield installation
        stop(installation)
    except BaseException:
        installation.kill_everything()
        raise


def stop(installation: Installation, timeout: float = 30) -> None:
    """Stops the job manager and fails the test if anything goes on after `timeout` seconds."""
    try:
        installation.stop_job_manager(timeout)
    except TimeoutError:
        left = [describe(process) for process in installation.processes()]
        pytest.fail("Left behind:\n" + "\n".join(left), pytrace=False)


def describe(process: psutil.Process) -> str:
    """One line about a process."""
    try:
        return f"{process.pid} {process.status()} {' '.join(process.cmdline())}"
    except psutil.NoSuchProcess:
        return f"{process.pid} (gone by now)"
