"""The machines whose job managers share the database, each in a row of its own: when it was seen, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from core.orm.column_types import moment_or_none
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: The attributes of JobNode that are written.
NOTED = ("name", "host", "pid", "process", "startedAt", "seenAt", "workers", "version", "clockSkew")
_MOST_READ = 500


@dataclass(frozen=True, slots=True)
class Node:
    """A machine as it said last; `seen_at` is on the database's clock, and its own was `clock_skew` seconds ahead."""

    name: str
    host: str
    pid: int
    process: str
    started_at: datetime | None
    seen_at: datetime | None
    workers: int
    version: str
    clock_skew: float


class Nodes:
    """Reads and writes the rows of JobNode; the id of each is made from the node's name, so that there is one."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema

    def read(self, connection: Connection) -> list[Node]:
        """Those that were seen last come first; no more than 500."""
        return [
            Node(name, str(host), pid or 0, str(process), moment_or_none(started_at), moment_or_none(seen_at), *others)
            for name, host, pid, process, started_at, seen_at, *others in self._statements["read"].fetch(connection)
        ]

    def running(self, connection: Connection) -> dict[str, int]:
        """How many rows of jobs the processes of each node hold."""
        return {str(name): int(count) for name, count in self._statements["running"].fetch(connection)}

    def beat(self, connection: Connection, node: Node) -> str | None:
        """Say that a node is alive; returns which process had said so last, None where nobody had."""
        values = {f"new_{name}": getattr(node, name) for name in Node.__slots__}
        if self._statements["beat"].run(connection, row_id=_id_of(node.name), **values).rowcount:
            return node.process
        former = self._statements["process"].fetch(connection, row_id=_id_of(node.name))
        statement = self._statements["take" if former else "insert"]
        statement.run(connection, row_id=_id_of(node.name), **values)
        return str(former[0][0]) if former else None

    def forget(self, connection: Connection, name: str, seen_before: datetime) -> bool:
        """Delete the row of a node unless it was seen since; says whether it is not there any more."""
        statements, row_id = self._statements, _id_of(name)
        if statements["forget"].run(connection, row_id=row_id, seen_before=seen_before).rowcount:
            return True
        return not statements["process"].fetch(connection, row_id=row_id)

    def forget_idle(self, connection: Connection, now: datetime, age: timedelta) -> None:
        """Delete the rows of nodes that were not seen for so long and hold no job."""
        self._statements["forget_idle"].run(connection, seen_before=now - age)

    @property
    def _table(self) -> Table:
        return self._schema.table("JobNode")

    @cached_property
    def _statements(self) -> Mapping[str, PreparedStatement]:
        table, job = self._table, self._schema.table("Job").c
        c = table.c
        values = {name: bindparam(f"new_{name}", type_=c[name].type) for name in Node.__slots__}
        this_row = c.id == bindparam("row_id")
        is_old = c.seen_at < bindparam("seen_before", type_=c.seen_at.type)
        is_held = (job.run_process.is_not(None), job.run_node >= "")
        holds_jobs = select(job.id).where(*is_held, job.run_node == c.name).exists()
        statements: dict[str, Any] = {
            "read": select(*(c[name] for name in Node.__slots__)).order_by(c.seen_at.desc()).limit(_MOST_READ),
            "running": select(job.run_node, func.count()).where(*is_held).group_by(job.run_node),
            "process": select(c.process).where(this_row),
            "beat": update(table).where(this_row, c.process == bindparam("new_process")).values(values),
            "take": update(table).where(this_row).values(values),
            "insert": insert(table).values({"id": bindparam("row_id"), "deleted": False, **values}),
            "forget": delete(table).where(this_row, is_old),
            "forget_idle": delete(table).where(is_old, ~holds_jobs),
        }
        dialect = self._database.engine.dialect
        return {name: PreparedStatement(statement, dialect) for name, statement in statements.items()}


def _id_of(name: str) -> str:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
