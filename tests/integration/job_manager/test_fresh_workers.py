"""Jobs that have a process of their own, and workers that are replaced between two jobs."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from core.job_queue.states import ENDED
from tests.integration.job_manager.manager import WAIT, Manager

#: Says whether a job has run in this process before.
STAIN = "import builtins; job.set('message', str(hasattr(builtins, 'stain'))); builtins.stain = True"


def run_many(manager: Manager, codes_and_types: list[tuple[str, str]]) -> list[dict[str, object]]:
    """Saves them at once, so that workers are short, and waits for all of them."""
    jobs = [manager.new(code, job_type) for code, job_type in codes_and_types]
    manager.entity_manager.save_entities(jobs)
    return [manager.ended(job.id) for job in jobs]


def test_an_isolated_job_runs_where_nothing_has_run_and_nothing_runs_there_later(manager: Manager) -> None:
    ordinary = run_many(manager, [(STAIN, "Script")] * 8)
    mixed = run_many(manager, [(STAIN, "Alone"), (STAIN, "Script")] * 8)

    alone = mixed[::2]
    pids = [row["pid"] for row in alone]
    assert {row["status"] for row in ordinary + mixed} == {"Success"}
    assert {row["message"] for row in alone} == {"False"}
    assert len(set(pids)) == len(pids)
    assert not set(pids) & {row["pid"] for row in ordinary + mixed[1::2]}


def test_long_isolated_jobs_are_no_more_than_there_are_workers(manager: Manager) -> None:
    gates = [manager.begin(WAIT, "Alone") for _ in range(4)]
    fifth = manager.add("", "Alone")
    manager.let(gates[0], "end")
    manager.ended(fifth)

    still_running = [manager.row(gate)["status"] for gate in gates[1:]]
    for gate in gates[1:]:
        manager.let(gate, "end")
    ends = [manager.ended(gate)["status"] for gate in gates]

    assert still_running == ["Running"] * 3
    assert ends == ["Success"] * 4


def test_an_isolated_job_that_dies_is_tried_again_in_another_process(manager: Manager) -> None:
    row = manager.run("import os; job.get('attempt') == 1 and os.abort()", "AloneTwice")

    assert (row["status"], row["attempt"]) == ("Success", 2)


def test_after_max_runs_a_worker_is_replaced_and_no_job_is_lost(resting_manager: Manager) -> None:
    manager = resting_manager
    manager.installation.write_config(maxConcurrentWorkers=4, maxRunsPerWorker=2)
    manager.start()

    rows = run_many(manager, [("", "Script")] * 40)
    runs = Counter(row["pid"] for row in rows)
    manager.gone(*(pid for pid, count in runs.items() if count >= 2))
    manager.idle_workers()

    assert {(row["status"], row["attempt"]) for row in rows} == {("Success", 1)}


def test_a_worker_that_has_run_enough_works_on_until_there_is_another_one(resting_manager: Manager) -> None:
    manager = resting_manager
    manager.installation.write_config(maxConcurrentWorkers=4, maxRunsPerWorker=1)
    manager.start()
    manager.idle_workers()
    parent = manager.process("worker parent")

    parent.suspend()  # nobody forks
    rows = run_many(manager, [("", "Script")] * 12)
    parent.resume()
    manager.gone(*(row["pid"] for row in rows))
    manager.idle_workers()

    assert {row["status"] for row in rows} == {"Success"}
    assert len({row["pid"] for row in rows}) <= 4


@pytest.mark.proof
def test_a_worker_that_jobs_left_large_is_replaced(resting_manager: Manager) -> None:
    manager = resting_manager
    manager.installation.write_config(maxConcurrentWorkers=4, maxWorkerMemory=40)
    manager.start()

    small = manager.run("")
    large = manager.run("import builtins; builtins.leak = bytearray(b'x' * (60 << 20))")
    manager.gone(large["pid"])

    assert large["status"] in ENDED
    # It may be looked at while the job has its text twice, or half of it.
    reason = rf"Worker {large['pid']} is replaced between two jobs: it has grown by \d+ MiB"
    assert re.search(reason, manager.main_log())
    assert large["pid"] == small["pid"] or small["pid"] in {worker.pid for worker in manager.idle_workers()}
