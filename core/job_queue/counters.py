"""How many jobs ended, by minute, type and status: written by the transactions in which they end, read for charts."""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate, product
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from core.job_queue.run import Outcome
from core.job_queue.run_times import SECONDS, WITHIN, RunTimes
from core.job_queue.states import CANCELED
from core.orm.adding_insert import adding_insert
from core.orm.column_types import moment_or_none
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: The attributes of JobCounter that are written.
COUNTED = ("minute", "type", "status", "node", "count", "seconds", *WITHIN, "createdAt")
_LONGEST_TYPE = 255

#: What grows in a row that is there.
_SUMS = ("count", "seconds", *WITHIN)
_NEW_WITHIN = tuple(f"new_{name}" for name in WITHIN)
#: Type and status.
_Key = tuple[str | None, str]


class _Sum:
    """How many jobs, the seconds of their runs, and how many of these fell into each bucket."""

    __slots__ = ("buckets", "count", "seconds")

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self.seconds = 0.0
        self.buckets = [0] * len(WITHIN)

    def add_run(self, seconds: float) -> None:
        self.seconds += seconds
        self.buckets[bisect_left(SECONDS, seconds)] += 1


@dataclass(frozen=True, slots=True)
class Count:
    """So many jobs of a type came to a status, and their runs took so many seconds in all.

    `minute` is the first one of the stretch that is counted, in minutes since 1970. The status `Pending` counts runs
    that failed and are tried again. `run_times` are those of the runs, if they were asked for; a job that was
    canceled before it ran has none.
    """

    minute: int
    type: str
    status: str
    count: int
    seconds: float
    run_times: RunTimes = field(default_factory=RunTimes, compare=False)


class Counters:
    """A row for each minute, type, status and writer, to be summed up.

    A writer (one thread of one process) adds to rows of its own, so that nobody waits for a counter, and no two
    transactions can come to wait for each other. A minute that is over does not change any more.
    """

    def __init__(self, database: Database, schema: Schema, node: str) -> None:
        self._database = database
        self._schema = schema
        self._node = node

    def add_runs(
        self,
        connection: Connection,
        outcomes: Sequence[Outcome],
        refused: Sequence[Outcome],
        let_go: Sequence[Outcome],
        now: datetime,
    ) -> None:
        """Count runs that ended. Of the refused ones those that were let go add their run, no more: somebody
        canceled the job, which counted then."""
        sums: dict[_Key, _Sum] = defaultdict(_Sum)
        for outcome in outcomes:
            if not refused or outcome not in refused:
                added = sums[outcome.run.type, outcome.status]
                added.count += 1
                added.add_run(_seconds(outcome, now))
        for outcome in let_go:
            sums[outcome.run.type, CANCELED].add_run(_seconds(outcome, now))
        self._add(connection, sums, now)

    def add(self, connection: Connection, job_type: str | None, status: str, count: int, now: datetime) -> None:
        """Count jobs that came to a status without a run of theirs ending."""
        if count:
            self._add(connection, {(job_type, status): _Sum(count)}, now)

    def add_jobs(self, connection: Connection, job_ids: Collection[str], status: str, now: datetime) -> None:
        """The same, of jobs whose types are to be looked up."""
        job = self._schema.table("Job").c
        found = select(job.type, func.count()).where(job.id.in_(job_ids)).group_by(job.type)
        sums = {(kind, status): _Sum(count) for kind, count in connection.execute(found)}
        self._add(connection, sums, now)

    def read(
        self,
        connection: Connection,
        since: datetime,
        until: datetime,
        *,
        every_minutes: int | None = None,
        with_run_times: bool = False,
    ) -> list[Count]:
        """What ended from `since` on and before `until`, in whole minutes; in stretches of `every_minutes`, or in one.

        In order of time, type and status. Stretches begin at multiples of their length, by UTC.
        """
        first, last = _minute(since), _minute(until)
        every = {"every": every_minutes} if every_minutes else {}
        rows = self._statements[bool(every), with_run_times].fetch(connection, **every, first=first, last=last)
        return [
            Count(
                *(int(minute), str(kind), str(status), int(count), float(seconds)),
                RunTimes(tuple(map(int, within))) if within else RunTimes(),
            )
            for minute, kind, status, count, seconds, *within in rows
        ]

    def last_hour(self, connection: Connection, now: datetime) -> list[Count]:
        """What ended in the minute of `now` and the sixty before it."""
        return self.read(connection, now - timedelta(hours=1), now + timedelta(minutes=1))

    def _add(self, connection: Connection, sums: Mapping[_Key, _Sum], now: datetime) -> None:
        if not sums:
            return
        minute, writer = _minute(now), (self._node, os.getpid(), threading.get_ident())
        rows = [
            {
                "row_id": _row_id(minute, job_type, status, writer),
                "new_minute": minute,
                "new_type": (job_type or "")[:_LONGEST_TYPE],
                "new_status": status,
                "new_node": self._node,
                "new_count": added.count,
                "new_seconds": added.seconds,
                **dict(zip(_NEW_WITHIN, accumulate(added.buckets), strict=True)),
                "now": now,
            }
            for (job_type, status), added in sums.items()
        ]
        self._database.with_commit(lambda batch: self._adding.send_many(batch, rows))

    @cached_property
    def _adding(self) -> PreparedStatement:
        table, dialect = self._schema.table("JobCounter"), self._database.engine.dialect
        values = {
            "id": bindparam("row_id"),
            "minute": bindparam("new_minute"),
            "type": bindparam("new_type"),
            "status": bindparam("new_status"),
            "node": bindparam("new_node"),
            "count": bindparam("new_count"),
            "seconds": bindparam("new_seconds"),
            **{name: bindparam(f"new_{name}") for name in WITHIN},
            "created_at": bindparam("now", type_=table.c.created_at.type),
        }
        return PreparedStatement(adding_insert(table, values, _SUMS, dialect), dialect)

    @cached_property
    def _statements(self) -> dict[tuple[bool, bool], PreparedStatement]:
        """By whether they are in stretches, and whether they have run times."""
        dialect = self._database.engine.dialect
        choices = product((False, True), (False, True))
        return {(one, other): PreparedStatement(self._summed(one, other), dialect) for one, other in choices}

    def _summed(self, in_stretches: bool, with_run_times: bool) -> Select[Any]:
        c = self._schema.table("JobCounter").c
        start = (c.minute - c.minute % bindparam("every")).label("start") if in_stretches else func.min(c.minute)
        names = _SUMS if with_run_times else _SUMS[:2]
        by = ("start", c.type, c.status) if in_stretches else (c.type, c.status)
        return (
            select(start, c.type, c.status, *(func.sum(c[name]) for name in names))
            .where(c.minute >= bindparam("first"), c.minute < bindparam("last"), c.deleted.is_(False))
            .group_by(*by)
            .order_by(*by)
        )


def total(counts: Iterable[Count], *statuses: str) -> int:
    """How many came to one of these statuses."""
    return sum(each.count for each in counts if each.status in statuses)


@lru_cache(1024)
def _row_id(minute: int, job_type: str | None, status: str, writer: tuple[str, int, int]) -> str:
    """The same for all that one writer adds up: by it the database sees whether the row is there already."""
    key = "\0".join(map(str, (job_type, status, *writer)))
    return f"{minute}-{blake2b(key.encode(errors='replace'), digest_size=12).hexdigest()}"


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _seconds(outcome: Outcome, now: datetime) -> float:
    # As text in a worker, without a zone where a server's driver read it, or whatever bare SQL wrote.
    began_at = moment_or_none(outcome.run.began_at)
    return 0.0 if began_at is None else max(0.0, ((outcome.ended_at or now) - began_at).total_seconds())
