"""Which jobs have changed since the last look: by indexes, and never by looking through the table."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.container import Container
from core.job_queue.backlog import Backlog
from core.orm import Entity

Document = dict[str, Any]

_ATTRIBUTES = (
    *("id", "name", "type", "status", "priority", "executeTime", "startedAt", "endedAt", "pid", "attempt"),
    *("progress", "scheduledJobId", "ownerUserId", "modifiedAt"),
)
#: An id is made some time before its row is committed, and machines' clocks differ.
_OVERLAP = timedelta(seconds=10)
#: Of more new jobs in this time the newest are told.
MOST_NEW = 500
_MOST_KNOWN = 5_000


class JobChanges:
    """Looks at the jobs made lately, those that run or ran at the last look, and those that somebody watches.

    A job that was made long ago, and that neither runs at a look nor is watched, changes unseen. For one caller.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._backlog = Backlog(container.get("connection"), container.get("schema"))
        self._held: frozenset[str] = frozenset()
        #: What was told last, by id; the oldest are forgotten first.
        self._known: OrderedDict[str, Document] = OrderedDict()

    def look(self, watched: Collection[str] = ()) -> tuple[list[Document], bool]:
        """The jobs that are not as they were told last, and whether there are more new ones than are told."""
        now = clock.now()
        with self._container.get("connection").read() as connection:
            held = frozenset(each.job_id for each in self._backlog.held(connection))
        new = self._new(now)
        ids = (held | self._held | set(watched)) - {each.id for each in new}
        self._held = held
        changed = [each for each in map(_document, (*new, *self._by_id(ids))) if self._known.get(each["id"]) != each]
        for each in changed:
            self._known[each["id"]] = each
            self._known.move_to_end(each["id"])
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return changed, len(new) == MOST_NEW

    def _new(self, now: datetime) -> list[Entity]:
        """By the ids, which begin with the time at which they were made (RFC 9562)."""
        milliseconds = f"{int((now - _OVERLAP).timestamp() * 1000):012x}"
        first = f"{milliseconds[:8]}-{milliseconds[8:]}"
        found = self._jobs.where({"id>": first}).order("id", "DESC").select(_ATTRIBUTES).limit(MOST_NEW).find()
        return list(reversed(found))

    def _by_id(self, ids: Iterable[str]) -> list[Entity]:
        wanted = sorted(ids)
        found: list[Entity] = self._jobs.where({"id": wanted}).select(_ATTRIBUTES).find() if wanted else []
        return found

    @property
    def _jobs(self) -> Any:
        return self._container.get("entityManager").get_repository("Job")


def _document(job: Entity) -> Document:
    document = job.to_dict()
    return {name: document.get(name) for name in _ATTRIBUTES}
