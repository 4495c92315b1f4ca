"""What the parent of the workers loads before it forks them, and what becomes of what it cannot load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.testing import Installation
from tests.integration.job_manager.manager import Manager

THREADED = """\
import threading
import time

from core.Jobs import AbstractJob, JobInterface

threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


class Threaded(AbstractJob, JobInterface):
    def run(self, job):
        job.set("message", "ran")
"""


@pytest.mark.proof
def test_a_handler_whose_import_starts_a_thread_is_not_loaded_ahead_and_runs(own_installation: Installation) -> None:
    types = {"Threaded": {"handler": "Threads.Jobs.Threaded"}}
    files = {"Jobs/Threaded.py": THREADED, "Resources/metadata/app/jobTypes.json": types}
    own_installation.add_module("Threads", files)
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()

        row = manager.run(job_type="Threaded")

        assert (row["status"], row["message"]) == ("Success", "ran")
        assert "it is not loaded ahead" in manager.main_log()


HANGS = "import pathlib, time\npathlib.Path('data/hangs').touch()\ntime.sleep(1000)\n"


def add_bad_handler(installation: Installation, code: str) -> Path:
    types = {"Bad": {"handler": "Bad.Jobs.Bad"}}
    return installation.add_module("Bad", {"Jobs/Bad.py": code, "Resources/metadata/app/jobTypes.json": types})


@pytest.mark.only_sqlite("files are loaded, and no rows")
def test_a_handler_whose_import_ends_the_process_fails_its_own_jobs_alone(own_installation: Installation) -> None:
    add_bad_handler(own_installation, "import os\nos.kill(os.getpid(), 11)\n")
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()

        assert manager.run()["status"] == "Success"
        row = manager.run(job_type="Bad")

        assert (row["status"], "signal 11" in row["message"]) == ("Failed", True)
        assert (
            "by signal 11 (Segmentation fault) when it loaded the handler of the job type 'Bad'" in manager.main_log()
        )
        assert manager.run()["status"] == "Success"


@pytest.mark.only_sqlite("files are loaded, and no rows")
def test_a_parent_that_hangs_in_an_import_goes_with_its_job_manager(own_installation: Installation) -> None:
    add_bad_handler(own_installation, HANGS)
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        assert own_installation.console("cron").returncode == 0
        manager.until((own_installation.data / "hangs").exists, "nobody imported the handler")
        parent = manager.process("worker parent")

        manager.kill_daemon()

        manager.gone(parent.pid)


@pytest.mark.only_sqlite("files are loaded, and no rows")
@pytest.mark.proof
def test_a_parent_that_hangs_in_an_import_goes_when_the_handler_is_mended(own_installation: Installation) -> None:
    own_installation.write_config(maxConcurrentWorkers=4, reloadCode=True)
    module = add_bad_handler(own_installation, HANGS)
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        assert own_installation.console("cron").returncode == 0
        manager.until((own_installation.data / "hangs").exists, "nobody imported the handler")
        daemon, parent = manager.process("job-manager"), manager.process("worker parent")

        shutil.rmtree(module)

        manager.gone(parent.pid)
        assert manager.run()["status"] == "Success"
        assert manager.process("job-manager") == daemon


@pytest.mark.only_sqlite("files are loaded, and no rows")
@pytest.mark.proof
def test_a_handler_whose_import_hangs_is_left_out_after_a_minute(own_installation: Installation) -> None:
    add_bad_handler(own_installation, HANGS)
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        assert own_installation.console("cron").returncode == 0
        text = "has been loading the handler of 'Bad' for over 60 s: it is killed."
        own_installation.wait_until(lambda: text in manager.main_log(), 110, "it hangs")

        assert manager.run()["status"] == "Success"


@pytest.mark.proof
def test_a_module_that_starts_a_thread_leaves_loading_to_the_workers(own_installation: Installation) -> None:
    code = "import threading, time\nfrom core.module_manager import AbstractModule\n\n\nclass Module(AbstractModule):\n"
    code += "    def on_load(self, container):\n"
    code += "        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    own_installation.add_module("Threads", {"Module.py": code})
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()

        assert manager.run()["status"] == "Success"
        assert "each worker loads them itself" in manager.main_log()
