"""On whose behalf a job works."""

from __future__ import annotations

from typing import Any

from tests.integration.job_manager.asking_why import why
from tests.integration.job_manager.manager import Manager

SAVES = """
manager = handler.get_entity_manager()
schedule = manager.get_entity("ScheduledJob")
schedule.set({"name": "made", "type": "RetryFailedJobs"})
manager.save_entity(schedule)
job.set("message", f"{handler.get_user().get('userName')} {schedule.get('createdById')}")
"""


def add_user(manager: Manager, name: str, **values: Any) -> str:
    user = manager.entity_manager.get_entity("User")
    user.set({"name": name, "userName": name, **values})
    manager.entity_manager.save_entity(user)
    return user.id


def test_it_is_the_owner_and_then_nobody_in_particular(manager: Manager) -> None:
    anna = add_user(manager, "anna")

    owned = manager.run(SAVES, ownerUserId=anna)
    manager.execute("DELETE FROM scheduled_job WHERE type = 'RetryFailedJobs'")  # its key
    unowned = manager.run(SAVES)

    assert owned["message"] == f"anna {anna}"
    assert unowned["message"] == "system system"


def test_what_a_job_sets_in_its_user_is_not_for_the_next_one(manager: Manager) -> None:
    berta = add_user(manager, "berta")

    manager.execute("DELETE FROM scheduled_job WHERE type = 'RetryFailedJobs'")  # its key
    manager.run("handler.get_user().set('userName', 'changed')", ownerUserId=berta)

    assert manager.run(SAVES, ownerUserId=berta)["message"] == f"berta {berta}"


def test_an_owner_who_is_gone_or_inactive_fails_the_job_and_why_says_it(manager: Manager) -> None:
    ben = add_user(manager, "ben", isActive=False)

    gone, inactive = manager.run(ownerUserId="nobody"), manager.run(ownerUserId=ben)

    assert [gone["status"], inactive["status"]] == ["Failed", "Failed"]
    assert gone["message"].startswith("The job was not run, as its owner, the user 'nobody', is gone.")
    assert "'ben', is not active" in inactive["message"]
    reason, text, remedy = why(manager, gone["id"])
    assert reason == "noOwner"
    assert "is gone" in text
    assert "job retry" in remedy
