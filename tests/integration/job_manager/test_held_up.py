"""`job why` and `job manager status` where a job waits for a limit of its type, or for the end of a pause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core import clock
from core.job_manager.daemon_lock import Holder
from core.job_manager.status import Status
from core.job_manager.why import explain
from core.job_queue.process_identity import ProcessIdentity
from core.testing import Installation
from tests.integration.job_manager.manager import Manager

TYPES: dict[str, dict[str, Any]] = {
    "Few": {"maxConcurrent": 2},
    "ByCustomer": {"concurrencyKey": "{customer}"},
    "Rated": {"rateLimit": "1/day"},
}


@pytest.fixture
def held(resting_manager: Manager) -> Manager:
    """An installation with limited types where this process plays the job manager."""
    for name, entry in TYPES.items():
        resting_manager.container.get("metadata").set(
            "app", "jobTypes", {name: {"handler": "\\Scripts\\Jobs\\Script", **entry}}
        )
    return resting_manager


def start(manager: Manager) -> list[str]:
    """Start what may start."""
    queue, process = manager.container.get("jobQueue"), str(ProcessIdentity.current())
    with manager.container.get("connection").write() as connection:
        claims = [(each, each.run_by(process, 77)) for each in queue.candidates(connection, 10)]
        return [run.job_id for run, _ in queue.start(connection, claims)]


def status_of(manager: Manager) -> Status:
    """That of a job manager at work."""
    status: Status = manager.container.get("jobManager").status()
    holder = Holder(ProcessIdentity.current(), 0.1, 4)
    return replace(status, is_running=True, holder=holder, not_kept=None)


def why(manager: Manager, job_id: str) -> tuple[str, str, str]:
    answer = explain(manager.container, job_id, status_of(manager))
    return answer.reason, answer.text, answer.remedy or ""


def by_customer(manager: Manager, customer: str) -> str:
    return manager.add(job_type="ByCustomer", payload={"customer": customer})


def test_its_type_runs_as_many_as_it_may(held: Manager) -> None:
    first, second, third = (held.add(job_type="Few") for _ in range(3))
    start(held)

    reason, text, remedy = why(held, third)

    assert (reason, "The type 'Few' runs no more than 2 at a time (maxConcurrent): " in text) == ("maxConcurrent", True)
    assert all(f"{job_id} (process 77 of " in text for job_id in (first, second))
    assert f"job cancel {first}" in remedy


def test_another_job_of_its_key_runs(held: Manager) -> None:
    ada, also_ada, bob = (by_customer(held, name) for name in ("ada", "ada", "bob"))
    started = start(held)

    reason, text, _ = why(held, also_ada)

    assert (reason, "with the concurrencyKey 'ada': " in text, ada in text) == ("maxConcurrentPerKey", True, True)
    assert started == [ada, bob]


def test_its_type_has_used_up_its_rate(held: Manager) -> None:
    _, waiting = held.add(job_type="Rated"), held.add(job_type="Rated")
    start(held)

    reason, text, _ = why(held, waiting)

    assert (reason, "has used up its rateLimit of 1/day; the next one starts at 20" in text) == ("rateLimit", True)


def test_its_type_is_paused(held: Manager) -> None:
    held.container.get("jobManager").pause_type("Few", "the supplier\nis closed")

    reason, text, remedy = why(held, held.add(job_type="Few"))

    assert (reason, text.startswith("Jobs of the type 'Few' are paused by ")) == ("typePaused", True)
    assert text.endswith('("the supplier is closed").')
    assert remedy == '"python console.py job manager resume --type=Few" lets them go on.'


def test_the_status_has_all_types_that_are_held_up(held: Manager) -> None:
    for job_type in ("Few", "Few", "Rated"):
        held.add(job_type=job_type)
    by_customer(held, "ada")
    start(held)
    held.container.get("jobManager").pause_type("Script")

    held_up = status_of(held).to_dict()["heldUp"]

    assert [(each["type"], each["key"], each["reason"]) for each in held_up] == [
        ("ByCustomer", "ada", "maxConcurrentPerKey"),
        ("Few", None, "maxConcurrent"),
        ("Rated", None, "rateLimit"),
        ("Script", None, "typePaused"),
    ]


def test_nobody_worries_about_old_jobs_of_a_type_that_waits(held: Manager) -> None:
    old = held.add(job_type="Few", executeTime=clock.from_text("2020-01-01 00:00:00"))
    held.container.get("jobManager").pause_type("Few")

    findings = [str(each) for each in status_of(held).findings]

    assert old
    assert not any("though a worker is free" in each for each in findings)


@pytest.mark.only_sqlite("the database is not what is looked at")
def test_the_commands_pause_and_resume_a_type_and_all_machines(installation: Installation) -> None:
    def said(*words: str) -> str:
        return installation.console("job", "manager", *words).stdout

    paused = said("pause", "--type=ClearEntities", "--reason=too slow")
    again = said("pause", "--type=ClearEntities")
    everywhere = said("pause", "--everywhere")
    status = said("status")

    assert paused == (
        "Jobs of the type 'ClearEntities' are paused, on all machines. "
        '"python console.py job manager resume --type=ClearEntities" lets them go on.\n'
    )
    assert again.startswith("Jobs of the type 'ClearEntities' are paused already, by ")
    assert '("too slow")' in again
    assert everywhere.startswith("The job managers of all machines are paused.")
    assert "paused       on all machines, by " in status
    assert "Jobs of the type 'ClearEntities' are paused by " in status
    assert said("resume", "--type=ClearEntities") == "Jobs of the type 'ClearEntities' start again.\n"
    assert said("resume", "--type=ClearEntities") == "The type 'ClearEntities' is not paused.\n"
    assert said("resume", "--everywhere") == "The job managers of all machines start jobs again.\n"


@pytest.mark.only_sqlite("the database is not what is looked at")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--type=ClearEntites"], "There is no job type 'ClearEntites'. Did you mean 'ClearEntities'?"),
        (["--type=ClearEntities", "--everywhere"], "give one of the two"),
    ],
)
def test_a_pause_of_nothing_that_there_is_is_refused(installation: Installation, words: list[str], text: str) -> None:
    finished = installation.console("job", "manager", "pause", *words)

    assert finished.returncode != 0
    assert text in finished.stderr + finished.stdout
