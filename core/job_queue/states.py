"""What a job may become."""

from __future__ import annotations

from core.exceptions import BadRequest

PENDING = "Pending"
RUNNING = "Running"
SUCCESS = "Success"
FAILED = "Failed"
CANCELED = "Canceled"
AWAITING = "Awaiting"

STATUSES = (PENDING, RUNNING, SUCCESS, FAILED, CANCELED, AWAITING)
#: In these the job is over.
ENDED = (SUCCESS, FAILED, CANCELED)

# New status -> the statuses it may follow, for people and code. The job manager alone may return Running to Pending.
_ALLOWED_FROM: dict[str, tuple[str, ...]] = {
    RUNNING: (PENDING,),
    SUCCESS: (RUNNING,),
    FAILED: (PENDING, RUNNING),
    CANCELED: (PENDING, RUNNING, AWAITING),
    PENDING: (SUCCESS, CANCELED, FAILED, AWAITING),
    AWAITING: (),
}


def check_transition(old: str, new: str) -> None:
    """Raise BadRequest unless a person or a module may change `old` to `new`."""
    check_status(new)
    if old not in _ALLOWED_FROM[new]:
        raise BadRequest(f"It is impossible to change the status from '{old}' to '{new}'.")


def check_status(status: str) -> None:
    """Raise BadRequest for a status that does not exist."""
    if status not in _ALLOWED_FROM:
        raise BadRequest(f"Unknown status '{status}'.")
