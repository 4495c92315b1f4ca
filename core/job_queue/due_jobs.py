"""Which due jobs come next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection

from core.job_queue.lanes import AllJobs, DriverRow, JobsByKey, JobsOfType, Lane, LaneStatements
from core.job_queue.start_limits import Rooms, Tally
from core.job_queue.statements import Statements
from core.orm.column_types import moment_or_none
from core.orm.database import Database
from core.orm.schema import Schema

# From each of several places at least so many rows are read, however few of them are wanted.
_FEWEST = 20
# With `priorityAging` each distinct priority is a place of its own.
_MOST_PLACES = 1000


@dataclass(frozen=True, slots=True)
class Due:
    """Rows (column -> the driver's value) in the order in which they may start, and the types that had to wait."""

    rows: Sequence[Mapping[str, Any]]
    held_up: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Up to `most` jobs that are due now, of a priority from `least_priority` on.

    `aging` is how many seconds of waiting are worth one point of priority, 0 where they are worth nothing.
    """

    most: int
    now: datetime
    aging: float = 0.0
    least_priority: float | None = None

    def is_too_low(self, priority: Any) -> bool:
        """Whether jobs of this priority are not wanted."""
        return self.least_priority is not None and _rank(priority) < _rank(self.least_priority)


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one lane and priority; `is_cut` says that there are more."""

    rows: Sequence[DriverRow]
    is_cut: bool


class DueJobs:
    """Steps through types and priorities on an index, so that a million waiting jobs of a type at its limit, or for
    later, cost nothing."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema

    def read(self, connection: Connection, statements: Statements, rooms: Rooms, wanted: Wanted) -> Due:
        """The jobs that come next and for which there is room; at times fewer than wanted, though there are more."""
        reading, tally = _Reading(connection, statements.due_columns, wanted), rooms.tally()
        if not rooms.by_type:
            return Due([*reading.in_order([AllJobs(statements)], tally)])
        waiting = [*self._lanes.types(connection)]
        lanes = [self._lane(kind, rooms, tally) for kind in waiting if tally.left(kind)]
        rows = [*reading.in_order(lanes, tally)]
        return Due(rows, frozenset(kind for kind in waiting if _is_held_up(kind, rooms, tally)))

    def _lane(self, job_type: str, rooms: Rooms, tally: Tally) -> Lane:
        room = rooms.by_type.get(job_type)
        has_keys = room is not None and room.per_key is not None
        return (JobsByKey if has_keys else JobsOfType)(self._lanes, job_type, tally)

    @cached_property
    def _lanes(self) -> LaneStatements:
        return LaneStatements(self._schema.table("Job"), self._database.engine.dialect)


def read_without_limits(
    connection: Connection, statements: Statements, most: int, now: datetime
) -> list[Mapping[str, Any]]:
    """Rows of up to `most` jobs that come next where no type has a limit; the cheapest way to ask."""
    columns, found = statements.due_columns, list[Mapping[str, Any]]()
    priority = statements.highest_priority.scalar(connection)
    while priority is not None:
        rows = statements.due.fetch(connection, at_priority=priority, now=now, most=most - len(found))
        found += [dict(zip(columns, row, strict=True)) for row in rows]
        if len(found) >= most:
            break
        priority = statements.next_priority.scalar(connection, ceiling=priority)
    return found


def _is_held_up(job_type: str, rooms: Rooms, tally: Tally) -> bool:
    room = rooms.by_type.get(job_type)
    # Of a type with keys some may be left out of which nothing else is known here.
    return room is not None and (room.per_key is not None or not tally.left(job_type))


class _Reading:
    """One reading ahead."""

    def __init__(self, connection: Connection, columns: Sequence[str], wanted: Wanted) -> None:
        self._connection = connection
        self._columns = columns
        self._wanted = wanted
        self._at = {name: position for position, name in enumerate(columns)}

    def in_order(self, lanes: Sequence[Lane], tally: Tally) -> Iterator[dict[str, Any]]:
        """The rows of all lanes as one queue, those that the tally admits."""
        found = self._aged(lanes) if self._wanted.aging else self._by_priority(lanes)
        count = 0
        for row in found:
            if count >= self._wanted.most:
                return
            values = dict(zip(self._columns, row, strict=True))
            if tally.admit(values["type"], values["concurrency_key"]):
                count += 1
                yield values

    def _by_priority(self, lanes: Sequence[Lane]) -> Iterator[DriverRow]:
        heads = {lane: head for lane in lanes if (head := lane.first(self._connection)) is not None}
        is_whole = True
        while heads and is_whole:
            priority = max(heads.values(), key=_rank)
            if self._wanted.is_too_low(priority):
                return
            here = [lane for lane, head in heads.items() if _rank(head) == _rank(priority)]
            rows, is_whole = _merged([self._part(lane, priority, len(here)) for lane in here], self._time)
            yield from rows
            for lane in here:
                following = lane.next(self._connection, priority) if lane.left else None
                if following is None:
                    del heads[lane]
                else:
                    heads[lane] = following

    def _aged(self, lanes: Sequence[Lane]) -> Iterator[DriverRow]:
        """Within one priority the order of executeTime is the aged order too, so nothing but its beginning is read."""
        places = [*self._places(lanes)]
        parts = [self._part(lane, priority, len(places)) for lane, priority in places]

        def age(row: DriverRow) -> tuple[float, Any]:
            moment = moment_or_none(row[self._at["execute_time"]])
            seconds = self._wanted.now.timestamp() if moment is None else moment.timestamp()
            priority = row[self._at["priority"]]
            points = float(priority) if isinstance(priority, int | float) else 0.0
            return seconds - points * self._wanted.aging, row[self._at["id"]]

        return iter(_merged(parts, age)[0])

    def _places(self, lanes: Iterable[Lane]) -> Iterator[tuple[Lane, Any]]:
        left = _MOST_PLACES
        for lane in lanes:
            priority = lane.first(self._connection)
            while priority is not None and left and not self._wanted.is_too_low(priority):
                yield lane, priority
                left -= 1
                priority = lane.next(self._connection, priority)

    def _part(self, lane: Lane, priority: Any, places: int) -> _Part:
        most = self._wanted.most
        if places > 1:
            most = min(most, max(_FEWEST, 2 * most // places))
        rows = lane.due(self._connection, priority, self._wanted.now, most)
        return _Part(rows, len(rows) >= most)

    def _time(self, row: DriverRow) -> tuple[Any, Any]:
        return row[self._at["execute_time"]], row[self._at["id"]]


def _merged(parts: Sequence[_Part], order: Callable[[DriverRow], Any]) -> tuple[list[DriverRow], bool]:
    """The rows of all parts in order, as far as none can be missing between them, and whether these are all."""
    if len(parts) == 1:  # the usual case: one place, in its order
        return [*parts[0].rows], not parts[0].is_cut
    ends = [order(part.rows[-1]) for part in parts if part.is_cut]
    rows = sorted((row for part in parts for row in part.rows), key=order)
    if not ends:
        return rows, True
    end = min(ends)
    return [*takewhile(lambda row: order(row) <= end, rows)], False


def _rank(priority: Any) -> tuple[int, Any]:
    """SQLite's order of what bare SQL may have written: texts come before numbers. NaN is equal to itself here."""
    if isinstance(priority, int | float):
        return (0, priority) if priority == priority else (1, 0)
    return 2, str(priority)
