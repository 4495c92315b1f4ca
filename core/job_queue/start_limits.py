"""How many jobs of each type may start now: pauses, maxConcurrent, concurrency keys and rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, func, select

from core.job_queue.pause import EVERYTHING, Pause
from core.job_queue.rate_window import RateWindow
from core.job_queue.type_limits import TypeLimit, TypeLimits
from core.job_queue.type_states import TypeStates
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: Whose end frees a slot may be another machine's run, of which nobody tells.
_LOOK_SECONDS = 0.2
#: Who resumes on another machine announces it, but not all databases pass it on.
PAUSED_SECONDS = 1.0
UNLIMITED = 2**31


@dataclass(frozen=True, slots=True)
class Room:
    """How many more jobs of a type may start now, and of each concurrency key; `per_key` is None where there is none.

    `opens_at` is when a rate that is used up lets the next one start.
    """

    most: int
    per_key: int | None = None
    running_by_key: Mapping[str, int] = field(default_factory=dict)
    opens_at: datetime | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Rooms:
    """The room of each type that has a limit or is paused; others may start as they like."""

    by_type: Mapping[str, Room] = field(default_factory=dict)

    def look_again_seconds(self, job_type: str, now: datetime) -> float:
        """How soon there may be more room for a type."""
        room = self.by_type.get(job_type)
        if room is None or room.is_paused:
            return PAUSED_SECONDS
        if room.opens_at is not None:
            return max(0.0, (room.opens_at - now).total_seconds())
        return _LOOK_SECONDS

    def tally(self) -> Tally:
        """For admitting some jobs, one after the other."""
        return Tally(self.by_type)


class Tally:
    """Admits jobs as long as there is room."""

    def __init__(self, rooms: Mapping[str, Room]) -> None:
        self._rooms = rooms
        self._types: Counter[str] = Counter()
        self._keys: Counter[tuple[str, str | None]] = Counter()

    def left(self, job_type: str) -> int:
        """How many more of this type fit."""
        room = self._rooms.get(job_type)
        return UNLIMITED if room is None else max(0, room.most - self._types[job_type])

    def left_of_key(self, job_type: str, key: str | None) -> int:
        """How many more of this type and key fit."""
        room, left = self._rooms.get(job_type), self.left(job_type)
        if room is None or room.per_key is None or key is None:
            return left
        return max(0, min(left, room.per_key - room.running_by_key.get(key, 0) - self._keys[job_type, key]))

    def admit(self, job_type: str, key: str | None) -> bool:
        """Whether one more of this type and key fits; then it counts."""
        if job_type not in self._rooms:
            return True
        if self.left_of_key(job_type, key) < 1:
            return False
        self._types[job_type] += 1
        self._keys[job_type, key] += 1
        return True


class StartLimits:
    """Says how much room there is, and decides in the transaction that starts jobs which of them may.

    A run counts as long as a process holds its row, on whatever machine, started by hand or not.
    """

    def __init__(self, database: Database, schema: Schema, types: TypeLimits, states: TypeStates) -> None:
        self._database = database
        self._schema = schema
        self._types = types
        self._states = states

    def rooms(self, connection: Connection, now: datetime, pauses: Mapping[str, Pause] | None = None) -> Rooms:
        """For reading ahead; nothing is locked, so that `admit` may decide otherwise. `pauses` are those just read."""
        limited = self._types.limited
        pauses = self._states.pauses(connection) if pauses is None else pauses
        if not limited and not pauses:
            return Rooms()
        rated = [kind for kind, limit in limited.items() if limit.rate is not None]
        by_type = self._measured(connection, limited, self._states.starts(connection, rated), now)
        return Rooms({**by_type, **{kind: Room(0, is_paused=True) for kind in pauses if kind != EVERYTHING}})

    def admit(
        self, connection: Connection, jobs: Iterable[tuple[str, str, str | None]], now: datetime
    ) -> Collection[str] | None:
        """Of jobs (id, type, concurrency key), in their order, those that may start; None says: all of them.

        No other transaction starts jobs of their types before this one ends.
        """
        limited = self._types.limited
        if not limited:
            return None
        asked = list(jobs)
        types = {kind: limited[kind] for _, kind, _ in asked if kind in limited}
        if not types:
            return None
        starts = self._states.lock(connection, types)
        paused = self._states.pauses(connection)
        rooms = self._measured(connection, types, starts, now)
        rooms.update({kind: Room(0, is_paused=True) for kind in types if kind in paused or EVERYTHING in paused})
        tally = Tally(rooms)
        return {job_id for job_id, kind, key in asked if tally.admit(kind, key)}

    def concern(self, job_types: Iterable[str | None]) -> bool:
        """Whether one of these types has a limit."""
        limited = self._types.limited
        return bool(limited) and any(kind in limited for kind in job_types)

    def expect_start(self, connection: Connection, job_type: str | None) -> None:
        """Before a row of this type is written by one who does not ask: whoever asks locks in the same order."""
        if job_type is not None and job_type in self._types.limited:
            self._states.lock(connection, [job_type])

    def note_starts(self, connection: Connection, job_types: Sequence[str | None], now: datetime) -> None:
        """Count what has started in the rate windows, in the transaction that does it."""
        limited = self._types.limited
        counts = Counter(kind for kind in job_types if kind in limited) if limited else {}
        rated = {kind: rate for kind in counts if kind is not None and (rate := limited[kind].rate) is not None}
        for kind, starts in self._states.lock(connection, rated).items():
            window = RateWindow(rated[kind], starts, now)
            window.add(counts[kind])
            self._states.write_starts(connection, kind, window.to_json())

    def _measured(
        self, connection: Connection, types: Mapping[str, TypeLimit], starts: Mapping[str, str | None], now: datetime
    ) -> dict[str, Room]:
        if not types:
            return {}
        running: dict[str, Counter[str | None]] = {kind: Counter() for kind in types}
        for kind, key, count in self._running.fetch(connection):
            if kind in running:
                running[kind][key] += int(count)
        return {kind: _room(limit, running[kind], starts.get(kind), now) for kind, limit in types.items()}

    @cached_property
    def _running(self) -> PreparedStatement:
        """The runs of all types: they are few, and stand together in an index."""
        c = self._schema.table("Job").c
        held: Any = select(c.type, c.concurrency_key, func.count()).where(c.run_process.is_not(None), c.run_node >= "")
        return PreparedStatement(held.group_by(c.type, c.concurrency_key), self._database.engine.dialect)


def _room(limit: TypeLimit, running: Counter[str | None], starts: str | None, now: datetime) -> Room:
    most, opens_at = UNLIMITED, None
    if limit.rate is not None:
        window = RateWindow(limit.rate, starts, now)
        most = window.room
        opens_at = window.opens_at if most == 0 else None
    if limit.most is not None:
        free = max(0, limit.most - running.total())
        # Where both are used up, the one that is waited for longer is not known: the end of a run is looked for.
        opens_at = None if free == 0 else opens_at
        most = min(most, free)
    by_key = {key: count for key, count in running.items() if key is not None}
    return Room(most, None if limit.key is None else limit.per_key, by_key, opens_at)
