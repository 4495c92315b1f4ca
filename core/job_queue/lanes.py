"""Where due jobs are read: all that wait, those of one type, those of one type by their concurrency keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Table, and_, any_, bindparam, func, literal_column, null, select
from sqlalchemy.engine import Dialect

from core.job_queue.start_limits import UNLIMITED, Tally
from core.job_queue.statements import Statements, columns_to_send, is_pending, is_waiting
from core.orm.names import index_name
from core.orm.prepared_statement import PreparedStatement

DriverRow = tuple[Any, ...]
# Of a type with keys so many rows are looked at in their order; where all of them have keys that are taken, the first
# job of each of so many keys.
_WINDOW = 500
_MOST_KEYS = 1000
_IDS_AT_ONCE = 50


class Lane(Protocol):
    """Waiting jobs that are read in order, one priority after the other."""

    @property
    def left(self) -> int:
        """How many of its jobs may start at most."""

    def first(self, connection: Connection) -> Any:
        """Its highest priority; None where nothing waits."""

    def next(self, connection: Connection, priority: Any) -> Any:
        """The priority below this one."""

    def due(self, connection: Connection, priority: Any, now: datetime, most: int) -> list[DriverRow]:
        """Due rows of a priority by executeTime, then id; fewer than `most` only where there are no more."""


class AllJobs:
    """All that wait."""

    left = UNLIMITED

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def first(self, connection: Connection) -> Any:
        """See `Lane`."""
        return self._statements.highest_priority.scalar(connection)

    def next(self, connection: Connection, priority: Any) -> Any:
        """See `Lane`."""
        return self._statements.next_priority.scalar(connection, ceiling=priority)

    def due(self, connection: Connection, priority: Any, now: datetime, most: int) -> list[DriverRow]:
        """See `Lane`."""
        return self._statements.due.fetch(connection, at_priority=priority, now=now, most=most)


class LaneStatements:
    """The statements that read the jobs of one type; each begins at its place in an index and stops there."""

    def __init__(self, job: Table, dialect: Dialect) -> None:
        c = job.c
        # See `Statements.compile`.
        pending = is_pending(job)
        common = func.likelihood(pending, literal_column("0.99")) if dialect.name == "sqlite" else pending
        of_type, by_type = _of_one_type(job, dialect)
        hint = f"FORCE INDEX ({index_name(job.name, 'claimOfType')})"
        priorities = (
            select(c.priority).where(common, of_type).order_by(*by_type, c.priority.desc()).limit(literal_column("1"))
        )
        # Only the index of the waiting ones has them in this order as well.
        in_order_of_types = (c.type, c.priority.desc()) if dialect.name == "postgresql" else (c.type,)
        types = select(c.type).where(common).order_by(*in_order_of_types).limit(literal_column("1"))
        types, priorities = (each.with_hint(job, hint, "mariadb") for each in (types, priorities))
        due = and_(is_waiting(job), of_type, c.priority == bindparam("at_priority"), c.execute_time <= bindparam("now"))
        in_order = (*by_type, c.execute_time, c.id)

        def prepare(statement: Any) -> PreparedStatement:
            return PreparedStatement(statement, dialect)

        self.first_type = prepare(types.where(c.type.is_not(None)))
        self.next_type = prepare(types.where(c.type > bindparam("last_type")))
        self.first = prepare(priorities.where(c.priority.is_not(None)))
        self.next = prepare(priorities.where(c.priority < bindparam("ceiling")))
        self.due = prepare(select(*columns_to_send(job)).where(due).order_by(*in_order).limit(bindparam("most")))
        self.window = prepare(select(c.id, c.concurrency_key).where(due).order_by(*in_order).limit(_WINDOW))
        some = c.id.in_([bindparam(f"id_{number}") for number in range(_IDS_AT_ONCE)])
        self.by_ids = prepare(select(*columns_to_send(job)).where(is_waiting(job), some))
        self.heads_of_keys = prepare(_heads_of_keys(job))

    def types(self, connection: Connection) -> Iterator[str]:
        """The types that have waiting jobs."""
        rows = self.first_type.fetch(connection)
        while rows:
            yield rows[0][0]
            rows = self.next_type.fetch(connection, last_type=rows[0][0])


class JobsOfType:
    """The waiting jobs of one type."""

    def __init__(self, statements: LaneStatements, job_type: str, tally: Tally) -> None:
        self._statements = statements
        self._type = job_type
        self._tally = tally

    @property
    def left(self) -> int:
        """See `Lane`."""
        return self._tally.left(self._type)

    def first(self, connection: Connection) -> Any:
        """See `Lane`."""
        return self._statements.first.scalar(connection, job_type=self._type)

    def next(self, connection: Connection, priority: Any) -> Any:
        """See `Lane`."""
        return self._statements.next.scalar(connection, job_type=self._type, ceiling=priority)

    def due(self, connection: Connection, priority: Any, now: datetime, most: int) -> list[DriverRow]:
        """See `Lane`."""
        return self._statements.due.fetch(
            connection, job_type=self._type, at_priority=priority, now=now, most=min(most, self.left)
        )


class JobsByKey(JobsOfType):
    """The waiting jobs of a type with concurrency keys: those of keys that have room.

    Costs the same however many wait, and finds something wherever one of the first keys has room.
    """

    def due(self, connection: Connection, priority: Any, now: datetime, most: int) -> list[DriverRow]:
        """See `Lane`."""
        place = {"job_type": self._type, "at_priority": priority, "now": now}
        first = self._statements.window.fetch(connection, **place)
        wanted = min(most, self.left)
        chosen = self._with_room(first, [], wanted)
        if len(chosen) < wanted and len(first) == _WINDOW:
            heads = self._statements.heads_of_keys.fetch(connection, **place)
            chosen = self._with_room([row for row in heads if row[0] is not None], chosen, wanted)
        return self._whole(connection, [job_id for job_id, _ in chosen])

    def _with_room(
        self, rows: Sequence[DriverRow], chosen: Sequence[tuple[str, str | None]], most: int
    ) -> list[tuple[str, str | None]]:
        """The chosen ones and further rows (id, key) whose keys have room beside them."""
        found, counts = list(chosen), Counter(key for _, key in chosen)
        ids = {job_id for job_id, _ in chosen}
        for job_id, key in rows:
            if len(found) >= most:
                break
            if job_id not in ids and counts[key] < self._tally.left_of_key(self._type, key):
                counts[key] += 1
                found.append((job_id, key))
        return found

    def _whole(self, connection: Connection, ids: Sequence[str]) -> list[DriverRow]:
        rows: list[DriverRow] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = list(ids[start : start + _IDS_AT_ONCE])
            some += [some[-1]] * (_IDS_AT_ONCE - len(some))
            rows += self._statements.by_ids.fetch(connection, **{f"id_{at}": each for at, each in enumerate(some)})
        return rows


def _of_one_type(job: Table, dialect: Dialect) -> tuple[ColumnElement[bool], tuple[ColumnElement[Any], ...]]:
    """The condition on the type, and what comes first in the order, so that only the index of the types has it.

    PostgreSQL leaves out of an order what is equal to a value. The index of all waiting jobs would then do as well, and
    it takes that one where it expects jobs of the type soon: it would read past all those of other types that come
    before them. What is equal to one of a list stays in the order.
    """
    job_type = bindparam("job_type", type_=job.c.type.type)
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import array  # takes as long to load as a quarter of SQLAlchemy

        return job.c.type == any_(array([job_type])), (job.c.type,)
    return job.c.type == job_type, ()


def _heads_of_keys(job: Table) -> Any:
    """(id of the first due job or NULL, key) of each of the first keys, from one key to the next on the index."""
    c, head = job.c, job.alias("head").c
    has_key = (is_pending(job), c.type == bindparam("job_type"))
    one: Any = literal_column("1")
    first = select(c.concurrency_key).where(*has_key, c.concurrency_key.is_not(None))
    first_key = first.order_by(c.concurrency_key).limit(one).scalar_subquery()
    keys = select(first_key.label("key_text"), one.label("number")).cte("keys", recursive=True)
    following = select(c.concurrency_key).where(*has_key, c.concurrency_key > keys.c.key_text)
    next_key = following.order_by(c.concurrency_key).limit(one).correlate(keys).scalar_subquery()
    keys = keys.union_all(
        select(next_key, keys.c.number + one).where(
            keys.c.key_text.is_not(None), keys.c.number < literal_column(str(_MOST_KEYS))
        )
    )
    due = (
        head.status == literal_column("'Pending'"),
        head.type == bindparam("job_type"),
        head.concurrency_key == keys.c.key_text,
        head.priority == bindparam("at_priority"),
        head.execute_time <= bindparam("now"),
        head.deleted.is_(False),
        head.run_process.is_(null()),
    )
    head_id = select(head.id).where(*due).order_by(head.execute_time, head.id).limit(one).correlate(keys)
    return select(head_id.scalar_subquery(), keys.c.key_text).where(keys.c.key_text.is_not(None))
