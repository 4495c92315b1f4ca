"""The indexes that entityDefs define."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.exceptions import did_you_mean
from core.orm.definition import as_object


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """One index: columns, each with whether it goes down; `where` makes it partial on databases that can."""

    name: str
    columns: tuple[tuple[str, bool], ...]
    is_unique: bool = False
    where: str | None = None


class IndexReader:
    """Reads the indexes of one entity type; `columns` maps its attributes to their columns."""

    def __init__(self, entity: str, columns: Mapping[str, str]) -> None:
        self._entity = entity
        self._columns = columns
        self.problems: list[str] = []

    def read(self, definition: Mapping[str, Any]) -> tuple[IndexDefinition, ...]:
        """All of them: those of fields, `indexes`, `uniqueIndexes`. One that cannot be had stands in `problems`."""
        indexes = []
        for name, params in self._declared(definition):
            try:
                indexes.append(self._index(name, **params))
            except ValueError as error:
                self.problems.append(f"entityDefs/{self._entity}.json: the index '{name}' {error}")
        return tuple(indexes)

    def _declared(self, definition: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self._of_fields(as_object(definition.get("fields")))
        for section, is_unique in (("indexes", False), ("uniqueIndexes", True)):
            for name, params in as_object(definition.get(section)).items():
                given = params if isinstance(params, Mapping) else {"columns": params}
                where = given.get("where")
                yield name, {"columns": given.get("columns") or [], "is_unique": is_unique, "where": where}

    def _of_fields(self, fields: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        groups: dict[str, list[str]] = {}
        for field, given in fields.items():
            params = as_object(given)
            attribute = f"{field}Id" if params.get("type") == "link" else field
            if params.get("type") == "autoincrement":
                yield f"unique_{field}", {"columns": [attribute], "is_unique": True}
            elif params.get("unique"):
                yield f"unique_{field}", {"columns": [attribute, "deleted"], "is_unique": True}
            index = params.get("index")
            if index is True:
                yield field, {"columns": [attribute, "deleted"]}
            elif index:
                groups.setdefault(str(index), []).append(attribute)
        yield from ((name, {"columns": attributes}) for name, attributes in groups.items())

    def _index(
        self, name: str, columns: Iterable[str], is_unique: bool = False, where: str | None = None
    ) -> IndexDefinition:
        if not isinstance(columns, list | tuple):
            raise ValueError(f"names no list of columns, but {columns!r}.")
        found = tuple(self._column(each) for each in columns)
        if not found:
            raise ValueError("names no columns.")
        return IndexDefinition(name, found, is_unique, where)

    def _column(self, text: str) -> tuple[str, bool]:
        name, _, direction = str(text).partition(" ")
        if direction.lower() not in ("", "asc", "desc"):
            raise ValueError(f"has the column '{text}'; after the name asc or desc may stand.")
        column = self._columns.get(name) or (name if name in self._columns.values() else None)
        if column is None:
            raise ValueError(f"has the unknown column '{name}'.{did_you_mean(name, self._columns)}")
        return column, direction.lower() == "desc"
