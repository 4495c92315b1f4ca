"""A connection for reads outside of transactions, which outlives a restart of the database server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine

from core.orm.patience import Patience

T = TypeVar("T")


class ReadConnection(Connection):
    """Runs a statement again, on a new connection, where the old one was lost: a read leaves nothing half done."""

    def __init__(self, engine: Engine, patience: Patience) -> None:
        patience(lambda: super(ReadConnection, self).__init__(engine))
        self._patience = patience

    def execute(self, *arguments: Any, **options: Any) -> CursorResult[Any]:
        """As SQLAlchemy's."""
        return self.again(lambda: super(ReadConnection, self).execute(*arguments, **options))

    def exec_driver_sql(self, *arguments: Any, **options: Any) -> CursorResult[Any]:
        """As SQLAlchemy's."""
        return self.again(lambda: super(ReadConnection, self).exec_driver_sql(*arguments, **options))

    def again(self, step: Callable[[], T]) -> T:
        """What the step answers; it is done again where the connection was lost."""

        def once() -> T:
            if self.invalidated:
                self.rollback()  # SQLAlchemy asks for it before it takes another connection
            return step()

        return self._patience(once)
