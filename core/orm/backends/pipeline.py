"""Many statements in one exchange with PostgreSQL.

psycopg's own pipeline mode looks after each row whether an answer has come, which wakes the server for each row. Here
libpq gets all of them first. See "Pipeline Mode" in PostgreSQL's manual, and `psycopg.pq`.
"""

from __future__ import annotations

import re
import select
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import DataError, OperationalError, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from core.orm.batch import Values

_PLACEHOLDER = re.compile(r"%[%s]")
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class PreparedNames:
    """What this module has prepared on one connection: the names of the statements on the server."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self._names: dict[str, bytes] = {}
        self._count = 0

    def find(self, sql: str) -> bytes | None:
        """The name of what was prepared."""
        return self._names.get(sql)

    def add(self, sql: str) -> bytes:
        """A name for what is prepared now; none comes twice."""
        self._count += 1
        name = self._names[sql] = b"pyatro_%d" % self._count
        return name

    def forget(self) -> None:
        """The server has none of them any more, or it is not known which."""
        self._names.clear()


class _Sent:
    __slots__ = ("rowcount",)

    def __init__(self) -> None:
        self.rowcount = 0


class PipelinedBatch:
    """Keeps what is sent until `run`, which raises psycopg's errors; after the first one nothing more was run.

    Begins the transaction where none is open.
    """

    def __init__(self, connection: Connection[Any], beginning: str, names: PreparedNames) -> None:
        self._libpq = connection.pgconn
        self._beginning = beginning.encode()
        self._names = names
        self._parts: list[tuple[str, list[list[bytes | None]], _Sent]] = []

    def send(self, sql: str, rows: Sequence[Values]) -> _Sent:
        """See `Batch.send`; raises DataError for a text that PostgreSQL cannot hold."""
        sent = _Sent()
        encoding = self._names.encoding
        self._parts.append((sql, [[_as_text(value, encoding) for value in row] for row in rows], sent))
        return sent

    def run(self) -> None:
        """Send everything, and wait for the answers."""
        if not self._parts:
            return
        libpq = self._libpq
        libpq.enter_pipeline_mode()
        try:
            expected = self._send_all()
            libpq.pipeline_sync()
            self._flush()
            failed = self._receive(expected)
            libpq.exit_pipeline_mode()
        except BaseException:
            libpq.finish()  # nobody knows which answers are still to come
            raise
        if failed is not None:
            self._names.forget()  # some may not have been prepared, and psycopg drops all of them after a ROLLBACK
            raise error_from_result(failed, self._names.encoding)

    def _send_all(self) -> list[_Sent | None]:
        """Returns what each answer is about; None for those that say nothing but that it was done."""
        libpq, expected = self._libpq, list[_Sent | None]()
        if libpq.transaction_status == TransactionStatus.IDLE:
            libpq.send_query_params(self._beginning, None)
            expected.append(None)
        for sql, rows, sent in self._parts:
            name = self._names.find(sql)
            if name is None:
                name = self._names.add(sql)
                libpq.send_prepare(name, _numbered(sql).encode(self._names.encoding))
                expected.append(None)
            for row in rows:
                libpq.send_query_prepared(name, row)
            expected += [sent] * len(rows)
        return expected

    def _receive(self, expected: Sequence[_Sent | None]) -> Any:
        """Returns the result that says what went wrong; None where nothing did."""
        failed = None
        for sent in expected:
            result = self._next_result()
            if result.status not in _DONE:
                failed = failed or result
            elif sent is not None:
                sent.rowcount += result.command_tuples or 0
            self._libpq.get_result()  # None: the end of this statement's results
        self._next_result()  # of the synchronization
        return failed

    def _flush(self) -> None:
        while self._libpq.flush():  # 1: not everything could be sent, perhaps as the server waits for us to read
            self._wait(select.POLLIN | select.POLLOUT)

    def _wait(self, events: int) -> None:
        poll = select.poll()
        poll.register(self._libpq.socket, events)
        poll.poll()
        self._libpq.consume_input()

    def _next_result(self) -> Any:
        # `get_result` waits as well, but with the interpreter's lock: no other thread would go on meanwhile.
        while self._libpq.is_busy():
            self._wait(select.POLLIN)
        result = self._libpq.get_result()
        if result is None or self._libpq.status != ConnStatus.OK:
            raise OperationalError(self._libpq.get_error_message() or "the connection is lost")
        return result


def _as_text(value: Any, encoding: str) -> bytes | None:
    """A value in PostgreSQL's text format."""
    if value is None:
        return None
    if isinstance(value, str):
        if "\0" in value:  # libpq would take what is before it
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return value.encode(encoding)
    return _WRITERS[type(value)](value)


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    float: lambda value: repr(value).encode(),
    datetime: lambda value: value.isoformat(" ").encode(),
}


def _numbered(sql: str) -> str:
    """With PostgreSQL's placeholders in the place of psycopg's."""
    parts = _PLACEHOLDER.split(sql)
    found = _PLACEHOLDER.findall(sql)
    text, count = parts[0], 0
    for placeholder, part in zip(found, parts[1:], strict=True):
        count += placeholder == "%s"
        text += (f"${count}" if placeholder == "%s" else "%") + part
    return text
