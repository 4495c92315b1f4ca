"""What all machines know of a job type, in a row of its own: who paused it, and the starts of its rate window."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, bindparam, null, select, update

from core import clock
from core.job_queue.pause import Pause
from core.orm.adding_insert import adding_insert
from core.orm.column_types import moment_or_none
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: The attributes of JobTypeState that are written.
STATED = ("type", "pausedBy", "pausedAt", "pauseReason", "starts", "createdAt", "modifiedAt")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class TypeStates:
    """Reads and writes the rows of JobTypeState; the id of each is made from its type, so that there is one."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema

    def pauses(self, connection: Connection) -> Mapping[str, Pause]:
        """The paused types; `pause.EVERYTHING` stands for all."""
        return {
            str(kind): Pause(
                str(by or "?"), moment_or_none(since) or _BEGINNING, None if reason is None else str(reason)
            )
            for kind, by, since, reason in self._paused.fetch(connection)
        }

    def pause(self, connection: Connection, job_type: str, pause: Pause) -> Pause:
        """Pause a type; returns the pause that is in force: a former one stays as it is."""
        self.lock(connection, [job_type])
        former = self.pauses(connection).get(job_type)
        if former is not None:
            return former
        values = {"paused_by": pause.by, "paused_at": pause.since, "pause_reason": pause.reason, "deleted": False}
        self._write(connection, job_type, values)
        return pause

    def resume(self, connection: Connection, job_type: str) -> bool:
        """End a pause; says whether there was one."""
        c = self._table.c
        resumed = update(self._table).where(c.id == _id_of(job_type), c.paused_at.is_not(None), c.deleted.is_(False))
        values = {"paused_by": null(), "paused_at": null(), "pause_reason": null(), "modified_at": clock.now()}
        return bool(connection.execute(resumed.values(values)).rowcount)

    def starts(self, connection: Connection, job_types: Collection[str]) -> dict[str, str | None]:
        """The stored starts of these types' rate windows, where they have any."""
        return {kind: text for kind in job_types for _, text in self._starts.fetch(connection, row_id=_id_of(kind))}

    def lock(self, connection: Connection, job_types: Collection[str]) -> dict[str, str | None]:
        """The same, and nobody else decides on starts of these types before this transaction ends."""
        # In order, as two that lock in different orders wait for each other.
        return {kind: self._lock_one(connection, kind) for kind in sorted(job_types)}

    def write_starts(self, connection: Connection, job_type: str, starts: str) -> None:
        """Keep the starts of a type's rate window; its row has to be locked."""
        self._write(connection, job_type, {"starts": starts})

    def _lock_one(self, connection: Connection, job_type: str) -> str | None:
        row_id = _id_of(job_type)
        while not (rows := self._locked.fetch(connection, row_id=row_id)):
            self._insert(connection, row_id, job_type)
        return rows[0][1]  # type: ignore[no-any-return]  # a column of texts, as the driver gives it

    def _insert(self, connection: Connection, row_id: str, job_type: str) -> None:
        """Make the row, unless somebody else was quicker."""
        now = clock.now()
        row = {"id": row_id, "type": job_type, "deleted": False, "created_at": now, "modified_at": now}
        connection.execute(adding_insert(self._table, row, (), self._database.engine.dialect))

    def _write(self, connection: Connection, job_type: str, values: Mapping[str, Any]) -> None:
        changed = update(self._table).where(self._table.c.id == _id_of(job_type))
        connection.execute(changed.values({**values, "modified_at": clock.now()}))

    @property
    def _table(self) -> Table:
        return self._schema.table("JobTypeState")

    @cached_property
    def _paused(self) -> PreparedStatement:
        c = self._table.c
        paused = select(c.type, c.paused_by, c.paused_at, c.pause_reason).where(
            c.paused_at.is_not(None), c.deleted.is_(False)
        )
        return self._prepared(paused)

    @cached_property
    def _starts(self) -> PreparedStatement:
        return self._prepared(self._row)

    @cached_property
    def _locked(self) -> PreparedStatement:
        return self._prepared(self._row.with_for_update())

    @property
    def _row(self) -> Any:
        c = self._table.c
        return select(c.type, c.starts).where(c.id == bindparam("row_id"))

    def _prepared(self, statement: Any) -> PreparedStatement:
        return PreparedStatement(statement, self._database.engine.dialect)


def _id_of(job_type: str) -> str:
    return blake2b(job_type.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
