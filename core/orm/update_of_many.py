"""An UPDATE of many rows, each with values of its own, for which a server is asked once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Connection,
    FromClause,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    select,
    union_all,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import String, TypeEngine

from core.orm.prepared_statement import PreparedStatement


class UpdateOfMany(PreparedStatement):
    """An UPDATE that finds its row by bound values. For many rows a server gets one statement, joined to a table of the
    rows' values: an answer for each would take longer than the work. SQLite, which is no server, gets row after row.
    """

    def __init__(self, statement: Update, dialect: Dialect) -> None:
        super().__init__(statement, dialect)
        self._statement = statement
        self._dialect = dialect
        binds: dict[str, Any] = statement.compile(dialect=dialect).binds
        self._types = {name: bind.type for name, bind in binds.items() if bind.required}
        self._of_many: dict[tuple[tuple[str, ...], int], PreparedStatement] = {}

    def run_many(self, connection: Connection, rows: Iterable[Mapping[str, Any]], **common: Any) -> int:
        """See `PreparedStatement.run_many`; no row may come twice."""
        rows = list(rows)
        if len(rows) < 2 or self._dialect.name not in _TABLES:
            return super().run_many(connection, rows, **common)
        own = tuple(name for name in self._types if name not in common)
        # The text that PostgreSQL gets is the same for any number of rows, and so is its plan.
        key = own, 0 if self._dialect.name == "postgresql" else len(rows)
        statement = self._of_many.get(key)
        if statement is None:
            statement = self._of_many[key] = self._joined_to(*key)
        return statement.run_many(connection, [_TABLES[self._dialect.name].values(own, rows)], **common)

    def _joined_to(self, own: tuple[str, ...], count: int) -> PreparedStatement:
        given = _TABLES[self._dialect.name].table({name: self._types[name] for name in own}, count)

        def replace(element: Any, **_: Any) -> Any:
            is_own = isinstance(element, BindParameter) and element.key in own
            return given.c[element.key] if is_own else None

        joined: Any = replacement_traverse(self._statement, {}, replace)
        return PreparedStatement(joined, self._dialect)


class _Arrays:
    """For PostgreSQL: an array for each column."""

    @staticmethod
    def table(types: Mapping[str, TypeEngine[Any]], _count: int) -> FromClause:
        arrays = [cast(bindparam(name), ARRAY(_plain(kind))) for name, kind in types.items()]
        columns = [column(name, _plain(kind)) for name, kind in types.items()]
        return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")

    @staticmethod
    def values(own: tuple[str, ...], rows: list[Mapping[str, Any]]) -> dict[str, Any]:
        return {name: [row[name] for row in rows] for name in own}


class _Selects:
    """For MariaDB: a SELECT for each row."""

    @staticmethod
    def table(types: Mapping[str, TypeEngine[Any]], count: int) -> FromClause:
        rows = [
            select(*(bindparam(f"{name}_{number}", type_=kind).label(name) for name, kind in types.items()))
            for number in range(count)
        ]
        return union_all(*rows).subquery("given")

    @staticmethod
    def values(own: tuple[str, ...], rows: list[Mapping[str, Any]]) -> dict[str, Any]:
        return {f"{name}_{number}": row[name] for number, row in enumerate(rows) for name in own}


_TABLES: dict[str, type[_Arrays] | type[_Selects]] = {"postgresql": _Arrays, "mariadb": _Selects}


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    # An array of a type with a collation has no name.
    return Text() if isinstance(kind, String) else kind
