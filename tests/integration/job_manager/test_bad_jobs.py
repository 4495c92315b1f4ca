"""Jobs that misbehave fail with a message that says what is known, and the pool goes on."""

from __future__ import annotations

import pytest

from tests.integration.job_manager.manager import Manager

NOT_COMPLETED = "The Job '{id}' was not completed in the previous run. "
BY_SIGNAL_9 = "Its process was killed by signal 9 (SIGKILL: by hand, or by the kernel for lack of memory)."
CLOSED = "The job closed the file descriptors of its process, and with them the connection to the job manager."
EXITED = "Its process ended with exit status {code}; the job called os._exit, or replaced its process."

IN_THE_PROCESS = {
    "raise ValueError('no such rate')": "no such rate",
    "raise ValueError": "ValueError",
    "{}['EUR']": "KeyError: 'EUR'",
    "import sys; sys.exit()": "The job called sys.exit().",
    "import sys; sys.exit(3)": "The job called sys.exit(3).",
    "raise KeyboardInterrupt": "The job raised KeyboardInterrupt.",
    "def f(): f()\nf()": "maximum recursion depth exceeded",
    "job.report_progress(1, object())": "The progress that the job reports cannot be stored as JSON: Object of type ",
    "job.set('payload', {'a': object()})": "What the job left in its payload cannot be stored as JSON: ",
}
ENDS_THE_PROCESS = {
    "import os; os._exit(0)": EXITED.format(code=0),
    "import os; os._exit(5)": EXITED.format(code=5),
    "import os; os.execv('/bin/true', ['true'])": EXITED.format(code=0),
    "import ctypes; ctypes.string_at(0)": "Its process was killed by signal 11 (SIGSEGV).",
    "import os; os.abort()": "Its process was killed by signal 6 (SIGABRT).",
    "import os; os.kill(os.getpid(), 9)": BY_SIGNAL_9,
    "import os; os.closerange(3, 4096)": CLOSED,
    "import os; os.closerange(0, 4096)": CLOSED,
    "import os; os.closerange(0, 4096); print('x'); raise ValueError": CLOSED,
}


FORKS = {
    "ends": "import os\nif os.fork(): os.wait()",
    "fails": "import os\nif not os.fork(): raise ValueError('in the child')\nos.wait()",
}


@pytest.mark.parametrize("code", IN_THE_PROCESS)
def test_a_job_that_raises_fails_with_the_exceptions_text(manager: Manager, code: str) -> None:
    row = manager.run(code)

    assert (row["status"], row["attempt"]) == ("Failed", 1)
    assert row["message"].startswith(IN_THE_PROCESS[code])
    assert row["started_at"] <= row["ended_at"]
    assert row["pid"] in {worker.pid for worker in manager.idle_workers()}
    assert manager.run()["status"] == "Success"


@pytest.mark.parametrize("code", ENDS_THE_PROCESS)
def test_a_job_that_ends_its_process_fails_with_the_cause_and_the_worker_is_replaced(
    manager: Manager, code: str
) -> None:
    row = manager.run(code)

    assert (row["status"], row["attempt"]) == ("Failed", 1)
    assert row["message"] == NOT_COMPLETED.format(id=row["id"]) + ENDS_THE_PROCESS[code]
    assert row["started_at"] <= row["ended_at"]
    assert row["pid"] not in {worker.pid for worker in manager.idle_workers()}
    assert manager.run()["status"] == "Success"


@pytest.mark.parametrize("code", FORKS.values(), ids=FORKS)
def test_a_child_that_comes_out_of_the_jobs_code_is_no_second_worker(manager: Manager, code: str) -> None:
    row = manager.run(code)
    later = [manager.run("import os; job.set('message', str(os.getpid()))") for _ in range(8)]

    assert (row["status"], row["message"]) == ("Success", None)
    assert {row["pid"] for row in later} == {int(row["message"]) for row in later}


def test_a_child_of_a_job_that_is_terminated_ends_as_elsewhere(manager: Manager) -> None:
    row = manager.run(
        "import multiprocessing, time\n"
        "child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(600,)); child.start()\n"
        "child.terminate(); child.join(); job.set('message', str(child.exitcode))"
    )

    assert (row["status"], row["message"]) == ("Success", "-15")
    assert manager.log(row["id"]) is None
