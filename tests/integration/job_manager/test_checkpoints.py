"""States from which a later attempt goes on, and results."""

from __future__ import annotations

import json

import pytest

from tests.integration.job_manager.manager import Manager, kill

GOES_ON = """
done = (job.get_checkpoint() or {"done": []})["done"]
if not done:
    job.checkpoint({"done": [1, 2]})
    reach("here")
    wait_for("end")
    raise ValueError("half way")
job.set("message", f"went on after {done}")
"""


def test_an_attempt_goes_on_where_a_failed_one_was(manager: Manager) -> None:
    job_id = manager.begin(GOES_ON, "Twice")
    manager.let(job_id, "end")

    row = manager.ended(job_id)

    assert (row["status"], row["message"], row["checkpoint"]) == ("Success", "went on after [1, 2]", None)


def test_an_attempt_goes_on_where_a_killed_one_was(manager: Manager) -> None:
    job_id = manager.begin(GOES_ON, "Twice")

    kill(manager.row(job_id)["pid"])

    assert manager.ended(job_id)["message"] == "went on after [1, 2]"


def test_a_person_who_retries_a_failed_job_lets_it_go_on(manager: Manager) -> None:
    job_id = manager.begin(GOES_ON)
    manager.let(job_id, "end")
    assert json.loads(manager.ended(job_id)["checkpoint"]) == {"done": [1, 2]}

    manager.set_status(job_id, "Pending")

    assert manager.ended(job_id)["message"] == "went on after [1, 2]"


def test_a_state_in_a_transaction_is_stored_with_it_or_not_at_all(manager: Manager) -> None:
    code = (
        "em = handler.get_entity_manager()\n"
        "with em.transaction(): job.checkpoint({'n': 1})\n"
        "try:\n"
        "    with em.transaction(): job.checkpoint({'n': 2}); 1 / 0\n"
        "except ZeroDivisionError: pass\n"
        "raise ValueError(str(job.get_checkpoint()))"
    )

    assert manager.run(code)["message"] == "{'n': 1}"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("[1]", "job.checkpoint takes a dict, not list."),
        (
            "{'x': {1}}",
            "The checkpoint of the job cannot be stored as JSON: Object of type set is not JSON serializable",
        ),
    ],
)
def test_what_is_no_state_fails_the_job(manager: Manager, state: str, message: str) -> None:
    row = manager.run(f"job.checkpoint({state})")

    assert (row["status"], row["message"]) == ("Failed", message)


def test_a_result_is_kept_with_the_end(manager: Manager) -> None:
    row = manager.run("job.set('result', {'rows': 3})")
    failed = manager.run("job.set('result', {'rows': 2}); 1 / 0")

    assert (row["status"], json.loads(row["result"])) == ("Success", {"rows": 3})
    assert (failed["status"], json.loads(failed["result"])) == ("Failed", {"rows": 2})


def test_a_result_that_cannot_be_stored_fails_the_job(manager: Manager) -> None:
    row = manager.run("job.set('result', {'rows': {1}})")

    assert row["status"] == "Failed"
    assert row["message"].startswith("What the job left in its result cannot be stored as JSON")


def test_a_run_by_hand_goes_on_and_a_debug_run_stores_nothing(manager: Manager) -> None:
    job_id = manager.begin(GOES_ON)
    manager.let(job_id, "end")
    before = manager.ended(job_id)

    debugged = manager.installation.console("job", f"debug_{job_id}", "--run")
    assert (debugged.returncode, manager.row(job_id)) == (0, before)
    manager.installation.console("job", job_id, "--run")

    assert manager.row(job_id)["message"] == "went on after [1, 2]"


def test_a_debug_run_shows_what_it_would_store(manager: Manager) -> None:
    job_id = manager.add("job.checkpoint({'n': 1}); assert job.get_checkpoint() == {'n': 1}", status="Awaiting")

    done = manager.installation.console("job", f"debug_{job_id}", "--run")

    assert (done.returncode, manager.row(job_id)["checkpoint"]) == (0, None)
    assert 'Checkpoint: {"n":1}' in done.stderr
