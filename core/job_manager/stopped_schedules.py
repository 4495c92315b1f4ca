"""The warning of schedules that were switched off, as they failed too often."""

from __future__ import annotations

from collections.abc import Sequence

from core.job_manager.finding import Finding
from core.job_queue.backlog import StoppedSchedule
from core.sentence import Sentence, first_of

_MOST_NAMED = 5


def finding_of(stopped: Sequence[StoppedSchedule]) -> Finding:
    """What became of them, and what switches the first one on again; there is at least one."""
    names = [Sentence("'{name}' ({id})", name=each.name, id=each.schedule_id) for each in stopped]
    text = Sentence(
        "Schedules failed too often and were switched off (maxFailures): {names}.", names=first_of(names, _MOST_NAMED)
    )
    remedy = Sentence(
        'The logs of their last jobs say why. "python console.py schedule resume {id}" switches it on again, '
        '"schedule remove {id}" removes it.',
        id=stopped[0].schedule_id,
    )
    return Finding("schedules", text, remedy)
