"""A Core statement compiled once, at its first run, for the statements that run thousands of times a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from core.orm.batch import Batch, DirectBatch, Sent, driver_error
from core.orm.read_connection import ReadConnection

#: Its position, its name, and what the column's type makes of its value.
_Place = tuple[int, str, Callable[[Any], Any] | None]


class PreparedStatement:
    """Runs a statement at the driver's speed; values go through the columns' types, rows come as the driver gives them.

    `str()` is the SQL of the dialect it is for. It is compiled when it is first run: most processes run few of theirs.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        self._statement = statement
        self._dialect = dialect

    @cached_property
    def _compiled(self) -> _Compiled:
        return _Compiled(self._statement, self._dialect)

    def __str__(self) -> str:
        return self._compiled.sql

    def run(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Run once."""
        compiled = self._compiled
        return connection.exec_driver_sql(compiled.sql, tuple(compiled.positional(values)))

    def fetch(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """Run once; returns the rows as the driver gives them, none for a statement that answers nothing."""
        if isinstance(connection, ReadConnection):
            return connection.again(lambda: self._fetch(connection, values))
        return self._fetch(connection, values)

    def scalar(self, connection: Connection, **values: Any) -> Any:
        """Run once; returns the first value of the first row, None where there is no row."""
        rows = self.fetch(connection, **values)
        return rows[0][0] if rows else None

    def _fetch(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        compiled = self._compiled
        cursor: Any = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, tuple(compiled.positional(values)))
            if cursor.description is None:
                return []
            rows = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise driver_error(connection, error, compiled.sql) from error
        finally:
            cursor.close()
        return rows if type(rows) is list else list(rows)  # PyMySQL gives a tuple

    def run_many(self, connection: Connection, rows: Iterable[Mapping[str, Any]], **common: Any) -> int:
        """Run once for each row of values; returns how many rows matched in all.

        What they have in common is given once, and processed once; a row's own value of that name does not count.
        """
        return self.send_many(DirectBatch(connection), rows, **common).rowcount

    def send_many(self, batch: Batch, rows: Iterable[Mapping[str, Any]], **common: Any) -> Sent:
        """The same as a part of a batch; how many rows matched is known at its end."""
        compiled = self._compiled
        return batch.send(compiled.sql, compiled.parameters(rows, common))

    def positional(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the placeholders, as the driver takes them."""
        return self._compiled.positional(values)


class _Compiled:
    """The SQL of a statement, and what makes parameters of values."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        names = list(compiled.positiontup or ())
        self.sql = str(compiled)
        self._defaults = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
        self._pick = _picker(names)
        self._places: list[tuple[str, Callable[[Any], Any] | None]] = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
        ]
        self._divisions: dict[tuple[str, ...], tuple[list[_Place], list[_Place]]] = {}
        self._processors = [(at, process) for at, (_, process) in enumerate(self._places) if process is not None]

    def parameters(self, rows: Iterable[Mapping[str, Any]], common: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The values of each row by position; what the rows have in common is processed once."""
        if not common:
            return [tuple(self.positional(row)) for row in rows]
        known = {**self._defaults, **common}
        shared, own = self._divided(tuple(known))
        template: list[Any] = [None] * len(self._places)
        for at, name, process in shared:
            value = known[name]
            template[at] = value if process is None or value is None else process(value)
        parameters = []
        for row in rows:
            for at, name, process in own:
                value = row[name]
                template[at] = value if process is None or value is None else process(value)
            parameters.append(tuple(template))
        return parameters

    def positional(self, values: Mapping[str, Any]) -> list[Any]:
        """See `PreparedStatement.positional`."""
        parameters = [*self._pick({**self._defaults, **values} if self._defaults else values)]
        for position, process in self._processors:
            if parameters[position] is not None:  # NULL is NULL for every type
                parameters[position] = process(parameters[position])
        return parameters

    def _divided(self, known: tuple[str, ...]) -> tuple[list[_Place], list[_Place]]:
        """The places of what the rows have in common, and those of what each has of its own."""
        divided = self._divisions.get(known)
        if divided is None:
            places = [(at, name, process) for at, (name, process) in enumerate(self._places)]
            divided = [each for each in places if each[1] in known], [each for each in places if each[1] not in known]
            self._divisions[known] = divided
        return divided


def _picker(names: list[str]) -> Callable[[Mapping[str, Any]], Iterable[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]
