"""The jobs of a mass action's chunks, and what is told of them together."""

from __future__ import annotations

from typing import Any

import pytest

from core.application import Application
from core.Entities import Job
from core.exceptions import NotFound
from core.testing import Installation
from tests.integration.core_jobs.rows import run_job
from tests.integration.mass_actions.scraps import (
    add_creator,
    add_scraps,
    chunks,
    manager_of,
    named,
    run,
    run_chunks,
    scraps,
    set_status,
    status_of,
)

VETO = """\
from core.exceptions import Forbidden
from core.Listeners import AbstractListener


class ScrapEntity(AbstractListener):
    def before_save(self, event):
        scrap = event.get_argument("entity")
        if not scrap.is_new() and scrap.get_fetched("name") == "Keep me":
            raise Forbidden("This one is kept.")
"""


def update(application: Application, ids: list[str], name: str = "New") -> Job:
    return run_job(application, "MassUpdate", payload={"entityType": "Scrap", "ids": ids, "input": {"name": name}})


def test_records_are_changed_and_counted(application: Application) -> None:
    ids = add_scraps(application, 3)
    scraps(application).update_entity(ids[0], {"name": "New"})

    job = update(application, [*ids, "nowhere"])

    assert (job.get("status"), named(application, "New")) == ("Success", 3)
    assert job.get("message") == (
        "Records: 4, updated: 2, unchanged: 1, failed: 1\nnowhere: There is no Scrap 'nowhere'."
    )


def test_a_veto_keeps_its_record_only(installation: Installation) -> None:
    installation.add_module("Veto", {"Listeners/ScrapEntity.py": VETO})
    with installation.application() as application:
        [kept], others = add_scraps(application, 1, "Keep me"), add_scraps(application, 2)

        job = update(application, [others[0], kept, others[1]])

        assert (job.get("status"), named(application, "New")) == ("Success", 2)
        assert job.get("message").splitlines()[1:] == [f"{kept}: This one is kept."]


def test_a_chunk_of_which_everything_failed_fails(application: Application) -> None:
    job = update(application, ["a", "b"])

    assert job.get("status") == "Failed"
    assert job.get("message").startswith("Records: 2, updated: 0, unchanged: 0, failed: 2\na: There is no Scrap 'a'.")


def test_an_empty_chunk_is_a_success(application: Application) -> None:
    assert update(application, []).get("status") == "Success"


def test_a_removal_that_is_repeated_succeeds(application: Application) -> None:
    ids = add_scraps(application, 2)
    payload = {"entityType": "Scrap", "ids": ids}

    first, second = (run_job(application, "MassDelete", payload=payload) for _ in range(2))

    assert first.get("message") == "Records: 2, deleted: 2, unchanged: 0, failed: 0"
    assert second.get("message") == "Records: 2, deleted: 0, unchanged: 2, failed: 0"


def test_records_are_deleted_for_good(application: Application, installation: Installation) -> None:
    ids = add_scraps(application, 2)
    scraps(application).delete_entity(ids[0])

    run_job(application, "MassDelete", payload={"entityType": "Scrap", "ids": ids, "deletePermanently": True})

    assert installation.query("SELECT count(*) AS n FROM scrap") == [{"n": 0}]


def test_removed_records_come_back(application: Application) -> None:
    ids = add_scraps(application, 2)
    scraps(application).delete_entity(ids[0])

    job = run_job(application, "MassRestore", payload={"entityType": "Scrap", "ids": ids})

    assert job.get("message") == "Records: 2, restored: 1, unchanged: 1, failed: 0"


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ({"entityType": "Scarp", "ids": [], "input": {}}, "There is no entity 'Scarp'. Did you mean 'Scrap'?"),
        ({"entityType": "Scrap", "ids": ["a"], "input": {"nam": 1}}, "Scrap has no attribute 'nam'"),
    ],
)
def test_what_cannot_be_is_said(application: Application, payload: dict[str, Any], text: str) -> None:
    [scrap] = add_scraps(application, 1)
    job = run_job(application, "MassUpdate", payload={**payload, "ids": [scrap]})

    assert (job.get("status"), text in job.get("message")) == ("Failed", True), job.get("message")


def test_an_upsert_says_in_json_what_became_of_each_row(application: Application) -> None:
    rows = [{"entity": "Scrap", "payload": {"id": "one", "name": "One"}}, {"entity": "Nothing", "payload": {}}]

    job = run_job(application, "Upsert", payload={"list": rows})

    assert job.get("status") == "Success"
    assert job.get("message") == (
        '[{"status":"Created","stored":true,"entity":"Scrap","id":"one"},'
        '{"status":"Failed","stored":false,"entity":"Nothing","id":null,"message":"There is no entity \'Nothing\'."}]'
    )


def test_an_upsert_that_says_more_than_a_message_holds_says_it_in_the_payload(application: Application) -> None:
    rows = [{"entity": "Nothing at all, and nothing else", "payload": {}}] * 500

    job = run_job(application, "Upsert", payload={"list": rows})

    assert job.get("message") == '{"Failed":500}'
    assert [each["status"] for each in job.get("payload")["result"]] == ["Failed"] * 500


# What is told of all chunks together


def start(application: Application, count: int = 5) -> str:
    """A mass action on so many records, in chunks of two, which are let go and have not run."""
    params = {"additionalJobData": {"input": {"name": "New"}}}
    ids = add_scraps(application, count)
    creator = add_creator(application, action="update", ids=ids, chunkSize=2, params=params)
    run(application, creator)
    return creator


def test_it_is_done_when_all_chunks_have_succeeded(application: Application) -> None:
    creator = start(application)
    assert status_of(application, creator) == {"done": False, "errors": None, "message": None}

    run_chunks(application, creator)

    message = "Records: 5, updated: 5, unchanged: 0, failed: 0"
    assert status_of(application, creator) == {"done": True, "errors": None, "message": message}


def test_a_canceled_chunk_has_ended_too(application: Application) -> None:
    creator = start(application)
    first, second, third = chunks(application, creator)
    set_status(application, first.id, "Canceled")
    run(application, second.id)
    assert not status_of(application, creator)["done"]

    run(application, third.id)

    assert status_of(application, creator) == {
        "done": True,
        "errors": "Mass update on Entity 'Scrap' (1 out of 3): canceled",
        "message": "Records: 3, updated: 3, unchanged: 0, failed: 0",
    }


def test_what_failed_in_the_chunks_is_told(application: Application) -> None:
    creator = start(application)
    gone = [each for chunk in chunks(application, creator) for each in chunk.get("payload")["ids"]][2:5]
    scraps(application).mass_delete({"ids": gone[:1] + gone[2:]})

    run_chunks(application, creator)

    status = status_of(application, creator)
    assert (status["done"], status["message"]) == (True, "Records: 4, updated: 3, unchanged: 0, failed: 1")
    assert status["errors"].splitlines() == [
        f"{gone[0]}: There is no Scrap '{gone[0]}'.",
        "Mass update on Entity 'Scrap' (3 out of 3): Records: 1, updated: 0, unchanged: 0, failed: 1",
        f"{gone[2]}: There is no Scrap '{gone[2]}'.",
    ]


def test_it_is_done_when_the_creator_failed(application: Application) -> None:
    creator = run(application, add_creator(application, action="update", ids=["x"]))

    status = status_of(application, creator.id)

    assert status["done"]
    assert status["errors"].startswith("Creator: The payload of the job 'Mass update' does not fit its type")


def test_chunks_that_nobody_will_ever_let_go_are_not_waited_for(application: Application) -> None:
    creator = add_creator(application, action="delete", ids=["x"])
    manager = manager_of(application)
    left = manager.get_entity("Job")
    payload = {"entityType": "Scrap", "ids": ["x"], "creatorId": creator}
    left.set({"name": "Left", "type": "MassDelete", "status": "Awaiting", "payload": payload})
    manager.save_entity(left)
    assert not status_of(application, creator)["done"]

    set_status(application, creator, "Canceled")

    assert status_of(application, creator) == {"done": True, "errors": "Creator: canceled", "message": None}


def test_an_unknown_creator_is_not_found(application: Application) -> None:
    with pytest.raises(NotFound):
        status_of(application, "nowhere")


@pytest.mark.only_sqlite("it reads SQLite's plan")
def test_the_creator_is_found_by_its_index(application: Application, installation: Installation) -> None:
    start(application, 1)

    [step] = installation.query("EXPLAIN QUERY PLAN SELECT id FROM job WHERE creator_id = ? AND deleted = 0", "x")

    assert "USING INDEX IDX_JOB_CREATOR (creator_id=?)" in step["detail"]


def test_a_job_without_a_creator_has_none(application: Application) -> None:
    assert run_job(application, "Rebuild").get("creatorId") is None
    assert run_job(application, "Rebuild", payload={"creatorId": 5}).get("creatorId") is None
