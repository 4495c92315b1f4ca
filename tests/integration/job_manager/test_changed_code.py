"""A job manager that runs while its files change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import psutil
import pytest

from core.job_manager.daemon_lock import DaemonLock
from core.testing import Installation
from tests.integration.job_manager.manager import WAIT, Manager, kill

pytestmark = pytest.mark.only_sqlite("files change, and no rows")

BROKEN = "from core.module_manager import AbstractModule\n\n\nclass Module(AbstractModule)\n    pass\n"


@pytest.fixture
def reloading(own_installation: Installation) -> Iterator[Manager]:
    """A job manager that obeys changed code, at rest."""
    own_installation.add_job_type("Greet", "job.set('message', 'old')")
    own_installation.write_config(maxConcurrentWorkers=4, reloadCode=True, logger={"level": "INFO"})
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()
        manager.idle_workers()
        yield manager


def _greeting(manager: Manager) -> str:
    return str(manager.run(job_type="Greet")["message"])


def _change(manager: Manager, former: str, text: str) -> None:
    handler = manager.installation.modules / "GreetModule" / "Jobs" / "Greet.py"
    handler.write_text(handler.read_text().replace(former, text))


def test_an_edited_handler_is_used_and_what_runs_goes_on(reloading: Manager) -> None:
    daemon, parent = reloading.process("job-manager"), reloading.process("worker parent")
    runs = reloading.begin(f"{WAIT}; job.set('message', 'to the end')")
    dies = reloading.begin(WAIT, "Twice")

    _change(reloading, "old", "new")
    reloading.until(lambda: _greeting(reloading) == "new", "the former code is used")

    assert reloading.process("job-manager") == daemon  # the same process, as a service manager needs it
    reloading.let(runs, "end")
    kill(reloading.row(dies)["pid"])
    reloading.let(dies, "end")  # its second attempt
    row = reloading.ended(runs)
    assert (row["status"], row["message"], row["attempt"]) == ("Success", "to the end", 1)
    assert reloading.ended(dies)["attempt"] == 2
    reloading.gone(parent.pid)
    reloading.until(lambda: not _zombies(daemon), "the former parent is not waited for")


def _zombies(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children() if child.status() == psutil.STATUS_ZOMBIE]


@pytest.mark.proof
def test_a_module_that_cannot_be_loaded_any_more_is_set_aside_and_the_others_go_on(reloading: Manager) -> None:
    reloading.installation.add_module("GreetModule", {"Module.py": BROKEN})

    reloading.until(lambda: "GreetModule' is set aside" in reloading.main_log(), "nobody says so")
    reloading.until(lambda: _greeting(reloading) == "Type class for 'Greet' does not exist.", "it is used")

    assert reloading.run()["status"] == "Success"


@pytest.mark.proof
def test_what_cannot_be_loaded_at_all_is_said_and_the_former_code_goes_on(reloading: Manager) -> None:
    config = reloading.installation.data / "config.py"
    written = config.read_text()
    config.write_text("config = {")
    _change(reloading, "old", "new")

    reloading.until(lambda: _outdated(reloading), "nobody says so")
    assert "config.py, line 1" in _outdated(reloading)
    assert _greeting(reloading) == "old"

    config.write_text(written)
    _change(reloading, "new", "now")  # the files change again: it is tried again at once
    reloading.until(lambda: _greeting(reloading) == "now", "the former code is used")
    assert _outdated(reloading) == ""


@pytest.mark.proof
def test_what_breaks_after_it_was_tried_is_not_loaded(reloading: Manager) -> None:
    daemon = reloading.process("job-manager")
    runs = reloading.begin(WAIT)
    _change(reloading, "old", "new")
    reloading.until(lambda: "The job manager loads it anew." in reloading.main_log(), "nobody says so")

    definition = {"Resources/metadata/entityDefs/Job.json": {"fields": {"status": {"options": {"no": "list"}}}}}
    module = reloading.installation.add_module("Broken", definition)

    reloading.until(lambda: "cannot be merged" in _outdated(reloading), "nobody says so")
    assert reloading.process("job-manager") == daemon
    reloading.let(runs, "end")
    assert reloading.ended(runs)["status"] == "Success"
    assert _greeting(reloading) == "old"

    shutil.rmtree(module)
    reloading.until(lambda: _greeting(reloading) == "new", "the former code is used")


def _outdated(manager: Manager) -> str:
    holder = DaemonLock(manager.root).holder()
    return "" if holder is None else holder.outdated
