"""How long a row may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.orm.database import Database

#: What takes two bytes in a statement.
_ESCAPED = "\0\n\r\x1a\"'\\"
_OTHER_BYTES = 64


class RowLimit:
    """Finds rows that do not fit into a statement of MariaDB's: it would end the connection instead of refusing them.

    `names` are the columns.
    """

    def __init__(self, database: Database, names: Sequence[str]) -> None:
        self._overhead = sum(len(name) + _OTHER_BYTES for name in names)
        self._most_bytes: int | None = None
        if database.engine.dialect.name == "mariadb":
            with database.read() as connection:
                self._most_bytes = int(connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one())

    def fault(self, row: Sequence[Any]) -> str | None:
        """Why a row is too long."""
        if self._most_bytes is None:
            return None
        texts = [value for value in row if isinstance(value, str)]
        if sum(map(len, texts)) * 4 * 2 + self._overhead < self._most_bytes:  # even if each character took the most
            return None
        size = self._overhead + sum(map(_escaped_bytes, texts))
        if size < self._most_bytes:
            return None
        return f"takes {size} bytes, and the server takes less than {self._most_bytes}: raise its max_allowed_packet"


def _escaped_bytes(text: str) -> int:
    return len(text.encode()) + sum(map(text.count, _ESCAPED))
