"""What a job may become (AtroCore 3.2, with the repairs of Awaiting)."""

from __future__ import annotations

import pytest

from core.exceptions import BadRequest
from core.job_queue.states import STATUSES, check_transition

ALLOWED = {
    ("Pending", "Running"),
    ("Running", "Success"),
    ("Pending", "Failed"),
    ("Running", "Failed"),
    ("Pending", "Canceled"),
    ("Running", "Canceled"),
    ("Awaiting", "Canceled"),
    ("Success", "Pending"),
    ("Canceled", "Pending"),
    ("Failed", "Pending"),
    ("Awaiting", "Pending"),
}


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_a_transition_is_allowed_or_refused_by_the_table(old: str, new: str) -> None:
    if (old, new) in ALLOWED:
        check_transition(old, new)
        return
    with pytest.raises(BadRequest) as refusal:
        check_transition(old, new)
    assert str(refusal.value) == f"It is impossible to change the status from '{old}' to '{new}'."
    assert refusal.value.status_code == 400


def test_a_status_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match=r"^Unknown status 'Done'\.$"):
        check_transition("Pending", "Done")
