"""Many statements in one exchange with MariaDB: a text with semicolons, which the server answers in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.orm.batch import Values

# Longer ones go alone: the server takes no more at once than its max_allowed_packet.
_LONGEST = 1 << 20


class _Sent:
    __slots__ = ("rowcount",)

    def __init__(self) -> None:
        self.rowcount = 0


class JoinedBatch:
    """Keeps what is sent until `run`, which raises PyMySQL's errors; after the first one nothing more was run.

    The connection has to allow several statements in one text (`CLIENT.MULTI_STATEMENTS`).
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._statements: list[str] = []
        self._sent: list[_Sent] = []

    def send(self, sql: str, rows: Sequence[Values]) -> _Sent:
        """See `Batch.send`."""
        sent, cursor = _Sent(), self._connection.cursor()
        self._statements += [cursor.mogrify(sql, row) for row in rows]
        self._sent += [sent] * len(rows)
        return sent

    def run(self) -> None:
        """Send everything, and wait for the answers."""
        text = ";".join(self._statements)
        if not text:
            return
        cursor = self._connection.cursor()
        if len(text) > _LONGEST:
            for statement, sent in zip(self._statements, self._sent, strict=True):
                cursor.execute(statement)
                sent.rowcount += cursor.rowcount
            return
        cursor.execute(text)
        for number, sent in enumerate(self._sent):
            if number:
                cursor.nextset()
            sent.rowcount += cursor.rowcount
