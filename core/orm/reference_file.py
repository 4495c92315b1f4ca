"""Records of one entity type in a JSON file that a person can read and write."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core import clock
from core.exceptions import Error
from core.lock_file import open_lock_file
from core.metadata.atomic_write import write_atomically
from core.orm.entity_type import EntityType, short

#: Column -> the column's value, as in a table.
Rows = dict[str, dict[str, Any]]
State = tuple[int, int, int]


class ReferenceFile:
    """`data/reference-data/<Entity>.json`: one object, `code` (or the id, where there is no code) -> record.

    What of a record no attribute is for stays as it is.
    """

    def __init__(self, path: Path, entity_type: EntityType) -> None:
        self.path = path
        self._type = entity_type

    @property
    def state(self) -> State | None:
        """Another one after each change; None for no file."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def rows(self) -> Rows:
        """The records by id; raises Error that names file, record and field where they cannot be read."""
        return {row["id"]: row for row in (self._row(code, item) for code, item in self._items().items())}

    @contextmanager
    def changing(self) -> Iterator[Rows]:
        """The records, to be changed; they are written at the end, while no other process changes them."""
        descriptor = open_lock_file(self.path.with_name(f".{self.path.name}.lock"))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            rows = self.rows()
            yield rows
            self._write(rows)
        finally:
            os.close(descriptor)

    def _write(self, rows: Rows) -> None:
        former = {
            row["id"]: item for item, row in ((item, self._row(code, item)) for code, item in self._items().items())
        }
        items = {}
        for row in rows.values():
            known = {
                each.name: self._for_json(each.from_column(row.get(each.column or ""))) for each in self._type.stored
            }
            item = {**former.get(row["id"], {}), **known}
            item.pop("deleted", None)
            items[str(item.get("code") or item["id"])] = item
        try:
            write_atomically(self.path, json.dumps(items, indent=4, ensure_ascii=False) + "\n")
        except OSError as error:
            raise Error(f"{self.path} cannot be written: {error}.") from error

    def _items(self) -> dict[str, dict[str, Any]]:
        try:
            items = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise Error(f"{self.path} cannot be read: {error}.") from error
        if not isinstance(items, dict) or not all(isinstance(item, dict) for item in items.values()):
            raise Error(f"{self.path} has to hold an object with one object for each code.")
        return items

    def _row(self, code: str, item: Mapping[str, Any]) -> dict[str, Any]:
        given = {"id": code, **({"code": code} if "code" in self._type.attributes else {}), **item, "deleted": False}
        row = {}
        for each in self._type.stored:
            value = given.get(each.name, each.default)
            try:
                row[str(each.column)] = None if value is None else each.to_column(each.type.normalise(value))
            except (TypeError, ValueError) as error:
                raise Error(f"{self.path}: {code}.{each.name} = {short(value)} {error}.") from error
        return row

    @staticmethod
    def _for_json(value: Any) -> Any:
        if isinstance(value, datetime):
            return clock.to_iso(value)
        return value.isoformat() if isinstance(value, date) else value
