"""The installation that tests are run in, with a job manager."""

import subprocess
import sys

import pytest

from core.testing import Installation
from core.testing.fixtures import stop


def test_a_started_job_manager_is_at_work_and_a_stopped_one_is_gone(installation: Installation) -> None:
    installation.start_job_manager()
    assert installation.has_daemon()

    installation.stop_job_manager()
    assert installation.processes() == []


def test_a_job_type_of_one_line_runs(installation: Installation) -> None:
    installation.add_job_type("Greet", "job.set('message', 'hello')")
    job_id = installation.console("job", "add", "Greet").stdout.strip()
    installation.start_job_manager()

    installation.wait_until(lambda: installation.job(job_id)["status"] == "Success")

    assert installation.job(job_id)["message"] == "hello"


def test_what_is_left_behind_fails_the_test(installation: Installation) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)", str(installation.root)]
    with subprocess.Popen(sleep):
        installation.wait_until(installation.processes)  # a program that is just being loaded has no words yet
        with pytest.raises(pytest.fail.Exception, match=r"Left behind:\n.*time\.sleep"):
            stop(installation, timeout=1)

        installation.kill_everything()
