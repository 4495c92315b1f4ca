"""Looking for jobs by what no index has: in steps that end, however many jobs there are."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from core import clock
from core.exceptions import BadRequest
from core.job_queue.states import STATUSES
from core.orm.schema import Schema

#: So many rows are looked at for one answer: some hundredths of a second.
MOST_LOOKED_AT = 8_000
_FIRST_STEP, _STEP = 250, 4_000

_Key = tuple[Any, ...]


@dataclass(frozen=True)
class Wanted:
    """Which jobs; None stands for no condition. `name` is a part of the name, capitals do not matter."""

    status: str | None = None
    schedule_id: str | None = None
    type: str | None = None
    name: str | None = None
    owner_id: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    @property
    def is_by_time(self) -> bool:
        """Whether they come in the order of their time, else in that in which they were made."""
        return any(each is not None for each in (self.status, self.schedule_id, self.since, self.before))


@dataclass(frozen=True)
class Hits:
    """The ids, the newest first; with `after` the search goes on. `reached` is the time of the last job looked at."""

    ids: list[str]
    after: str | None = None
    reached: datetime | None = None


class JobSearch:
    """Goes through the jobs of a status or a schedule in the order of an index, or through all as they were made."""

    def __init__(self, schema: Schema, most: int = MOST_LOOKED_AT, step: int = _STEP) -> None:
        self._schema = schema
        self._most = most
        self._step = step

    def find(self, connection: Connection, wanted: Wanted, size: int, after: str | None = None) -> Hits:
        """At most `size` of them; fewer, with `after`, where so many rows had to be looked at. Raises BadRequest."""
        key = None if after is None else _decoded(after, wanted.is_by_time)
        ids: list[str] = []
        looked_at, reached = 0, None
        while looked_at < self._most:
            # Most often the first rows will do.
            rows, is_end = self._next(connection, wanted, key, min(self._step, max(_FIRST_STEP, looked_at)))
            for row in rows:
                key, reached = _key(row, wanted), row.execute_time
                if _is_wanted(row, wanted):
                    ids.append(row.id)
                    if len(ids) == size:
                        return Hits(ids, _encoded(key), reached)
            looked_at += len(rows)
            if is_end:
                return Hits(ids)
        return Hits(ids, None if key is None else _encoded(key), reached)

    def _next(
        self, connection: Connection, wanted: Wanted, after: _Key | None, most: int
    ) -> tuple[Sequence[Row[Any]], bool]:
        """The rows behind a key, and whether they are the last ones."""
        statements = list(self._statements(wanted, after))
        step = most // len(statements)
        parts = [connection.execute(each.limit(step)).all() for each in statements]
        rows = sorted((row for part in parts for row in part), key=lambda row: _key(row, wanted), reverse=True)
        # Below the last row of a part that goes on, rows of this part are missing.
        ends = [_key(part[-1], wanted) for part in parts if len(part) == step]
        if not ends:
            return rows, True
        return [row for row in rows if _key(row, wanted) >= max(ends)], False

    def _statements(self, wanted: Wanted, after: _Key | None) -> Iterator[Select[Any]]:
        """One for each part of the index: for each status, where a time is asked for, and none of them."""
        job = self._schema.table("Job").c
        columns = (job.id, job.execute_time, job.type, job.name, job.owner_user_id, job.status)
        statement = select(*columns).where(job.deleted.is_(False))
        if not wanted.is_by_time:
            if wanted.type is not None:  # an index has those of a type in this order as well
                statement = statement.where(job.type == wanted.type)
            statement = statement.order_by(job.id.desc())
            yield statement if after is None else statement.where(job.id < after[0])
            return
        statement = statement.order_by(job.execute_time.desc(), job.id.desc())
        if after is not None:
            behind = or_(job.execute_time < after[0], and_(job.execute_time == after[0], job.id < after[1]))
            statement = statement.where(job.execute_time <= after[0], behind)
        if wanted.since is not None:
            statement = statement.where(job.execute_time >= wanted.since)
        if wanted.before is not None:
            statement = statement.where(job.execute_time < wanted.before)
        if wanted.schedule_id is not None:
            yield statement.where(job.scheduled_job_id == wanted.schedule_id)
            return
        for status in STATUSES if wanted.status is None else (wanted.status,):
            yield statement.where(job.status == status)


def _is_wanted(row: Row[Any], wanted: Wanted) -> bool:
    return (
        wanted.status in (None, row.status)
        and wanted.type in (None, row.type)
        and wanted.owner_id in (None, row.owner_user_id)
        and (wanted.name is None or wanted.name.casefold() in (row.name or "").casefold())
    )


def _key(row: Row[Any], wanted: Wanted) -> _Key:
    return (row.execute_time, row.id) if wanted.is_by_time else (row.id,)


def _encoded(key: _Key) -> str:
    parts = [clock.to_iso(each) if isinstance(each, datetime) else each for each in key]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def _decoded(text: str, is_by_time: bool) -> _Key:
    try:
        parts = json.loads(base64.urlsafe_b64decode(text))
        key = (clock.from_text(parts[0]), parts[1]) if is_by_time else (parts[0],)
    except (binascii.Error, ValueError, TypeError, LookupError) as error:
        raise BadRequest("This list cannot be gone on with; begin it anew.") from error
    if not isinstance(key[-1], str):
        raise BadRequest("This list cannot be gone on with; begin it anew.")
    return key
