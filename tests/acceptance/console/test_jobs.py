"""The commands about jobs, as a person types them; the jobs are run by hand or wait."""

import json
import re
from typing import Any

import pytest

from core.testing import Installation


@pytest.fixture
def greeting(installation: Installation) -> Installation:
    """An installation with the job type Greet, which prints its payload and fails where that says so."""
    installation.add_job_type(
        "Greet",
        """
        print("hello", job.get_payload())
        if job.get_payload().get("fail"):
            raise ValueError("no luck today")
        """,
    )
    return installation


def add(installation: Installation, **values: Any) -> str:
    """Saves a job in our own process, which is faster than `job add`."""
    with installation.application() as application:
        manager = application.container.get("entityManager")
        job = manager.get_entity("Job")
        job.set({"name": "Greet", "type": "Greet", **values})
        manager.save_entity(job)
        return str(job.id)


def read_json(installation: Installation, *words: str) -> Any:
    finished = installation.console(*words, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_a_job_is_added_shown_and_listed(greeting: Installation) -> None:
    options = ['--payload={"a": [1]}', "--priority", "5.5", "--at=2030-01-02T03:04:05+01:00", "--name=Say hello"]

    added = greeting.console("job", "add", "Greet", *options)
    job_id = added.stdout.strip()
    shown = read_json(greeting, "job", "show", job_id)
    listed = read_json(greeting, "job", "list")

    assert (shown.pop("process"), shown.pop("attempts")) == (None, [])
    assert listed == [shown]
    assert {name: shown[name] for name in ("id", "type", "status", "name", "payload", "priority")} == {
        "id": job_id,
        "type": "Greet",
        "status": "Pending",
        "name": "Say hello",
        "payload": {"a": [1]},
        "priority": 5.5,
    }
    assert shown["executeTime"] == "2030-01-02T02:04:05Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", shown["createdAt"])


def test_a_list_is_filtered_and_limited_the_newest_first(greeting: Installation) -> None:
    first, second, third = add(greeting), add(greeting), add(greeting)
    greeting.console("job", "cancel", second)

    newest = read_json(greeting, "job", "list", "--limit=2")
    pending = read_json(greeting, "job", "list", "--status=Pending", "--type=Greet")

    assert [job["id"] for job in newest] == [third, second]
    assert [job["id"] for job in pending] == [third, first]
    assert len(greeting.console("job", "list", "--status=Failed").stdout.splitlines()) == 1


def test_a_job_is_run_by_hand_and_has_a_log(greeting: Installation) -> None:
    job_id = add(greeting, payload={"x": 1})

    finished = greeting.console("job", job_id, "--run")

    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout == "hello {'x': 1}\nJob has been executed successfully!\n"
    assert greeting.job(job_id)["status"] == "Success"
    assert greeting.console("job", "log", job_id).stdout == "hello {'x': 1}\n"


def test_a_job_that_fails_by_hand_is_an_error(greeting: Installation) -> None:
    job_id = add(greeting, payload={"fail": True})

    finished = greeting.console("job", job_id, "--run")

    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1] == "Job has not been executed because of errors!"
    assert "ValueError: no luck today" in finished.stderr
    assert greeting.job(job_id)["message"] == "no luck today"


def test_a_debug_run_leaves_the_row_alone(greeting: Installation) -> None:
    job_id = add(greeting, payload={"fail": True})
    before = greeting.job(job_id)

    finished = greeting.console("job", f"debug_{job_id}", "--run")

    assert finished.returncode == 1
    assert "ValueError: no luck today" in finished.stderr
    assert greeting.job(job_id) == before


def test_a_job_is_canceled_and_retried(greeting: Installation) -> None:
    job_id = add(greeting)

    canceled = greeting.console("job", "cancel", job_id)
    again = greeting.console("job", "cancel", job_id)
    retried = greeting.console("job", "retry", job_id)

    assert (canceled.returncode, canceled.stdout) == (0, "The job has been canceled.\n")
    assert (again.returncode, again.stdout) == (0, "The job is Canceled already.\n")
    assert (retried.returncode, retried.stdout) == (0, "The job is Pending again.\n")
    assert greeting.job(job_id)["status"] == "Pending"


def test_a_job_that_has_not_started_has_no_log(greeting: Installation) -> None:
    job_id = add(greeting)

    finished = greeting.console("job", "log", job_id)

    assert (finished.returncode, finished.stdout) == (1, "")
    assert f"{job_id}.log" in finished.stderr
    assert "the job is Pending and has not started" in finished.stderr


def test_following_the_log_of_an_ended_job_ends_at_once(greeting: Installation) -> None:
    job_id = add(greeting)
    greeting.console("job", job_id, "--run")

    assert greeting.console("job", "log", job_id, "--follow").stdout == "hello {}\n"


def test_waiting_says_which_jobs_are_left(greeting: Installation) -> None:
    job_id = add(greeting, name="The slow one")

    finished = greeting.console("job", "wait", "--timeout=0.1")

    assert (finished.returncode, finished.stdout) == (1, "")
    assert 'No job manager is running: "python console.py cron" starts it.' in finished.stderr
    assert f"{job_id} Pending Greet: The slow one" in finished.stderr


def test_waiting_says_that_the_job_manager_is_paused(greeting: Installation) -> None:
    add(greeting)
    (greeting.data / "job-manager-pause.txt").touch()
    greeting.start_job_manager()

    finished = greeting.console("job", "wait", "--timeout=0.1")

    assert re.search(r"paused by \S+ since .*: \"python console.py job manager resume\" lets it go on", finished.stderr)


def test_a_second_job_manager_says_that_there_is_one(greeting: Installation) -> None:
    greeting.start_job_manager()

    finished = greeting.console("daemon", "job-manager", "main")

    assert finished.returncode == 0
    assert finished.stderr.startswith("A job manager runs already (process ")


def test_a_job_in_the_future_is_not_waited_for(greeting: Installation) -> None:
    add(greeting, executeTime="2090-01-01 00:00:00")

    assert greeting.console("job", "wait").returncode == 0


def test_a_job_in_the_future_that_was_retried_is_not_waited_for(greeting: Installation) -> None:
    job_id = add(greeting, executeTime="2090-01-01 00:00:00", payload={"fail": True})
    greeting.console("job", job_id, "--run")

    retried = greeting.console("job", "retry", job_id)

    assert retried.stdout == "The job is Pending again.\n"
    assert greeting.console("job", "wait", "--timeout=0.1").returncode == 0


def test_waiting_for_an_ended_job_tells_how_it_ended(greeting: Installation) -> None:
    good, bad = add(greeting), add(greeting, payload={"fail": True})
    for job_id in (good, bad):
        greeting.console("job", job_id, "--run")

    assert greeting.console("job", "wait", good).returncode == 0
    failed = greeting.console("job", "wait", bad)
    assert failed.returncode == 1
    assert f"{bad} Failed Greet: no luck today" in failed.stderr


def test_overridden_job_types_are_shown_with_a_warning(greeting: Installation) -> None:
    greeting.add_module("Other", {"Resources/metadata/app/jobTypes.json": {"Greet": {"priority": 7}}})

    finished = greeting.console("job", "types")
    types = {each["type"]: each for each in read_json(greeting, "job", "types")}

    assert finished.returncode == 0
    assert "module 'Other' overrides the job type 'Greet' of module 'GreetModule'" in finished.stderr
    assert types["Greet"]["owner"] == "Other"
    assert types["Greet"]["handler"] == "\\GreetModule\\Jobs\\Greet"
    assert types["Greet"]["overrides"][0]["overriddenOwner"] == "GreetModule"
    assert types["Greet"]["overrides"][0]["keys"] == ["priority"]
