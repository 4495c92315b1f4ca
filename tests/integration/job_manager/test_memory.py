"""`maxMemory`: jobs that take more than their type allows, for real."""

from __future__ import annotations

import re

import pytest

from tests.integration.job_manager.manager import Manager

HOLD = "import time\nreach('here')\ntime.sleep(60)"
#: How a job may come by 40 MiB.
WAYS = {
    "Python": f"taken = b'x' * (40 << 20)\n{HOLD}",
    "C": f"import ctypes; taken = ctypes.create_string_buffer(40 << 20); ctypes.memset(taken, 1, 40 << 20)\n{HOLD}",
    "shared memory": f"import mmap; taken = mmap.mmap(-1, 40 << 20); taken[::4096] = b'x' * 10240\n{HOLD}",
    "a program": "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-c', 'import time; taken = b\"x\" * (40 << 20); time.sleep(60)'])",
    "a forked child": f"import os; pid = os.fork(); taken = b'' if pid else b'x' * (40 << 20)\n{HOLD}",
}
TOOK = r"took [3-5]\d MiB, its type allows 30 MiB"


def test_a_job_over_its_memory_gets_an_exception_and_fails_however_it_came_by_it(manager: Manager) -> None:
    rows = [manager.ended(job_id) for job_id in [manager.add(code, "Small") for code in WAYS.values()]]

    for row in rows:
        assert (row["status"], row["crashes"] or 0) == ("Failed", 0)
        assert re.fullmatch(rf"The job {TOOK}\.", row["message"])
        assert "JobTooLarge" in (manager.log(row["id"]) or "")
    manager.gone(*(row["pid"] for row in rows))


def test_a_job_that_does_not_hear_is_killed_after_the_grace_period(manager: Manager) -> None:
    again = "while True:\n    try: time.sleep(60)\n    except BaseException: pass"

    row = manager.run(f"import time; taken = b'x' * (40 << 20)\n{again}", "SmallHasty")

    assert (row["status"], row["crashes"] or 0) == ("Failed", 0)
    assert re.search(rf"The job manager ended it: it {TOOK}, and did not end within 0\.5 s\.$", row["message"])


def test_a_job_over_twice_its_memory_is_killed_at_once(manager: Manager) -> None:
    row = manager.run("import time; taken = b'x' * (70 << 20); time.sleep(60)", "Small")

    assert row["status"] == "Failed"
    assert re.search(r"The job manager ended it: it took [67]\d MiB, its type allows 30 MiB\.$", row["message"])


def test_a_job_below_its_memory_is_left_alone(manager: Manager) -> None:
    small = manager.begin("taken = b'x' * (15 << 20); reach('here'); wait_for('end')", "Small")
    manager.run(WAYS["Python"], "Small")  # both were looked at

    manager.let(small, "end")

    assert manager.ended(small)["status"] == "Success"


def test_it_is_a_failure_that_is_tried_again(manager: Manager) -> None:
    row = manager.run(
        "if job.get('attempt') == 1: import time; taken = b'x' * (40 << 20); time.sleep(60)", "SmallTwice"
    )

    attempts = manager.entity_manager.get_repository("JobAttempt").where("jobId", row["id"]).order("attempt").find()
    assert (row["status"], row["attempt"], row["crashes"] or 0) == ("Success", 2, 0)
    assert re.fullmatch(rf"The job {TOOK}\.", attempts[0].get("error"))


def test_an_isolated_job_has_the_same_limit(manager: Manager) -> None:
    row = manager.run(WAYS["Python"], "SmallAlone")

    assert re.fullmatch(rf"The job {TOOK}\.", row["message"])


@pytest.mark.proof
def test_a_run_of_a_former_job_manager_has_the_same_limit(own_manager: Manager) -> None:
    manager = own_manager
    job_id = manager.begin(
        "import time; reach('here'); wait_for('grow'); taken = b'x' * (40 << 20); time.sleep(60)", "Small"
    )
    manager.kill_daemon()
    manager.start()
    manager.run(WAYS["Python"], "Small")  # by then the successor has looked at what runs

    manager.let(job_id, "grow")
    row = manager.ended(job_id)

    assert row["status"] == "Failed"
    assert re.fullmatch(rf"The job {TOOK}\.", row["message"])
