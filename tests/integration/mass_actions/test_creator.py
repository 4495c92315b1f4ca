"""How a mass action is cut into jobs."""

from __future__ import annotations

from typing import Any

import pytest

from core.application import Application
from core.testing import Installation
from tests.integration.mass_actions.scraps import (
    add_creator,
    add_scraps,
    chunks,
    manager_of,
    run,
    run_chunks,
    scraps,
    service,
    set_status,
)


def test_each_chunk_is_a_job_and_together_they_have_all_ids_in_order(application: Application) -> None:
    ids = add_scraps(application, 5)

    creator = run(application, add_creator(application, action="delete", ids=ids, chunkSize=2))

    made = chunks(application, creator.id)
    assert (creator.get("status"), creator.get("message")) == ("Success", "Jobs: 3")
    assert [job.get("payload")["ids"] for job in made] == [ids[0:2], ids[2:4], ids[4:5]]
    assert [job.get("name") for job in made] == [f"Mass delete on Entity 'Scrap' ({n} out of 3)" for n in (1, 2, 3)]
    assert {(job.get("status"), job.get("type"), job.get("creatorId")) for job in made} == {
        ("Pending", "MassDelete", creator.id)
    }


def test_a_chunk_knows_what_it_belongs_to(application: Application) -> None:
    ids = add_scraps(application, 3)
    params = {"additionalJobData": {"input": {"name": "New"}}, "permanently": True}

    creator = add_creator(application, action="update", ids=ids, chunkSize=2, total=3, params=params)
    run(application, creator)

    assert chunks(application, creator)[1].get("payload") == {
        "input": {"name": "New"},
        "creatorId": creator,
        "entityType": "Scrap",
        "action": "update",
        "total": 3,
        "chunkSize": 2,
        "totalChunks": 2,
        "ids": ids[2:],
        "part": 2,
        "deletePermanently": True,
    }


def test_priority_and_owner_are_the_creator_s(application: Application) -> None:
    creator = add_creator(application, action="delete", ids=add_scraps(application, 1))
    ada = manager_of(application).get_entity("User")
    ada.set({"id": "ada", "name": "Ada", "userName": "ada"})
    manager_of(application).save_entity(ada)
    job = manager_of(application).get_entity("Job", creator)
    job.set({"priority": 250, "ownerUserId": "ada"})
    manager_of(application).save_entity(job)

    run(application, creator)

    [chunk] = chunks(application, creator)
    assert (chunk.get("priority"), chunk.get("ownerUserId")) == (250, "ada")
    assert chunk.get("executeTime") > job.get("executeTime")


def test_all_records_can_be_meant(application: Application) -> None:
    ids = add_scraps(application, 1201)
    [removed] = add_scraps(application, 1)
    scraps(application).delete_entity(removed)

    answer = scraps(application).mass_update({"name": "New"}, {"where": []})
    run(application, answer["jobId"])

    made = chunks(application, answer["jobId"])
    assert [len(job.get("payload")["ids"]) for job in made] == [400, 400, 400, 1]
    assert sorted(each for job in made for each in job.get("payload")["ids"]) == sorted(ids)
    assert made[0].get("payload")["totalChunks"] == 4


def test_an_action_on_jobs_is_not_about_its_own(application: Application) -> None:
    ids = [add_creator(application, action="delete", ids=[]) for _ in range(5)]
    where = [{"type": "in", "attribute": "status", "value": ["Pending", "Running", "Awaiting"]}]
    params = {"where": where, "additionalJobData": {"input": {"status": "Canceled"}}}
    creator = add_creator(application, action="update", entityName="Job", params=params, chunkSize=2)

    run(application, creator)

    found = [job.get("payload")["ids"] for job in chunks(application, creator)]
    assert sorted(each for chunk in found for each in chunk) == sorted(ids)


def test_of_a_restore_the_removed_records_are_meant(application: Application) -> None:
    ids = add_scraps(application, 3)
    scraps(application).mass_delete({"ids": ids[:2]})

    answer = scraps(application).mass_restore({"where": []}, as_job=True)
    run(application, answer["jobId"])

    [chunk] = chunks(application, answer["jobId"])
    assert (chunk.get("type"), sorted(chunk.get("payload")["ids"])) == ("MassRestore", sorted(ids[:2]))


def test_where_no_record_is_meant_there_is_no_chunk(application: Application) -> None:
    creator = run(application, add_creator(application, action="delete", params={"where": []}))

    assert (creator.get("status"), creator.get("message")) == ("Success", "Jobs: 0")


@pytest.mark.parametrize(
    ("action", "more", "expected"),
    [
        ("update", {"params": {"additionalJobData": {"input": {}}}}, "MassUpdate"),
        ("polish", {"params": {"singleActionMethod": "polish"}}, "UniversalMassAction"),
        ("custom", {"type": "Rebuild"}, "Rebuild"),
    ],
)
def test_the_action_says_of_which_type_the_chunks_are(
    application: Application, action: str, more: dict[str, Any], expected: str
) -> None:
    creator = add_creator(application, action=action, ids=add_scraps(application, 1), **more)

    run(application, creator)

    assert [job.get("type") for job in chunks(application, creator)] == [expected]


def test_chunks_that_do_not_fit_their_type_fail_the_creator_and_leave_nothing(application: Application) -> None:
    creator = run(application, add_creator(application, action="update", ids=add_scraps(application, 1)))

    assert creator.get("status") == "Failed"
    assert "'input' is a required property" in creator.get("message")
    assert chunks(application, creator.id) == []


def test_an_action_on_nothing_in_particular_fails(application: Application) -> None:
    creator = run(application, add_creator(application, action="delete"))

    assert "either 'ids' or 'where'" in creator.get("message")


def begin(application: Application, creator: str) -> list[str]:
    """What a creator that was killed half way has left: some chunks, none of which was let go."""
    manager = manager_of(application)
    left = []
    for _ in range(2):
        chunk = manager.get_entity("Job")
        payload = {"entityType": "Scrap", "ids": ["x"], "creatorId": creator}
        chunk.set({"name": "Left", "type": "MassDelete", "status": "Awaiting", "payload": payload})
        manager.save_entity(chunk)
        left.append(chunk.id)
    return left


def test_what_an_earlier_run_left_half_done_is_done_anew(application: Application) -> None:
    ids = add_scraps(application, 3)
    creator = add_creator(application, action="delete", ids=ids, chunkSize=2)
    left = begin(application, creator)
    set_status(application, left[0], "Canceled")

    run(application, creator)

    made = chunks(application, creator)
    assert [job.get("payload")["ids"] for job in made] == [ids[:2], ids[2:]]
    assert not {job.id for job in made} & set(left)


def test_what_an_earlier_run_let_go_is_not_made_twice(application: Application) -> None:
    creator = add_creator(application, action="delete", ids=add_scraps(application, 3), chunkSize=2)
    run(application, creator)
    before = [job.id for job in chunks(application, creator)]

    again = run(application, creator)

    assert [job.id for job in chunks(application, creator)] == before
    assert again.get("message") == "The jobs were made by an earlier run. Start another mass action to repeat it."


def test_a_mass_action_of_a_service_s_own_goes_through_its_method(installation: Installation) -> None:
    code = """
        from core.exceptions import BadRequest
        from core.Services import Record


        class Scrap(Record):
            def polish(self, record_id):
                if self.get_entity(record_id).get("name") == "Rusty":
                    raise BadRequest("It is rusty.")
                self.update_entity(record_id, {"name": "Shiny"})
    """
    installation.add_module("Polish", {"Services/Scrap.py": code})
    with installation.application() as application:
        [good], [bad] = add_scraps(application, 1), add_scraps(application, 1, "Rusty")
        params = {"ids": [good, bad], "singleActionMethod": "polish"}

        creator = service(application, "MassActions").start("polish", "Scrap", params)
        run(application, creator)
        chunk = run(application, chunks(application, creator)[0].id)

    assert chunk.get("message") == f"Records: 2, done: 1, unchanged: 0, failed: 1\n{bad}: It is rusty."


def test_a_method_that_the_service_does_not_have_is_named(application: Application) -> None:
    params = {"ids": add_scraps(application, 1), "singleActionMethod": "delete_entit"}
    creator = service(application, "MassActions").start("polish", "Scrap", params)
    run(application, creator)

    chunk = run(application, chunks(application, creator)[0].id)

    assert chunk.get("message") == (
        "The service of Scrap has no method 'delete_entit' (singleActionMethod). Did you mean 'delete_entity'?"
    )


def test_a_mass_action_is_its_owner_s(application: Application) -> None:
    manager = manager_of(application)
    ada = manager.get_entity("User")
    ada.set({"name": "Ada", "userName": "ada"})
    manager.save_entity(ada)
    add_scraps(application, 1)
    manager.set_user(ada)
    hers = add_scraps(application, 2)
    where = [{"type": "bool", "value": ["onlyMy"]}]
    creator = scraps(application).mass_update({"name": "New"}, {"where": where}, as_job=True)["jobId"]
    manager.set_user(manager.make_system_user())

    run(application, creator)
    [chunk] = run_chunks(application, creator)

    assert sorted(chunk.get("payload")["ids"]) == sorted(hers)
    assert chunk.get("ownerUserId") == ada.id
    assert {manager.get_entity("Scrap", each).get("modifiedById") for each in hers} == {ada.id}
    assert manager.get_user().is_system()
