"""The fields of an entity as pages show them: their kinds, and which stand in a list and in a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.layouts import LayoutManager
from core.metadata import Metadata
from core.orm.definition import as_object

_ID: Mapping[str, Any] = {"type": "varchar", "readOnly": True}


@dataclass(frozen=True)
class Field:
    """`kind` is the type in metadata; `entity` the entity that a link leads to; `width` percent of a list's width."""

    name: str
    kind: str
    params: Mapping[str, Any]
    entity: str | None = None
    is_title: bool = False
    is_wide: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it stands on the right side of its column."""
        return self.kind in ("int", "float", "autoincrement")

    @property
    def options(self) -> list[str]:
        """The values that it may have, if these are named."""
        options = self.params.get("options")
        return [str(each) for each in options] if isinstance(options, list) else []

    @property
    def key(self) -> str:
        """The attribute that holds it in a record."""
        return f"{self.name}Id" if self.kind in ("link", "linkParent", "file", "image") else self.name


@dataclass(frozen=True)
class Panel:
    """Fields of a form below a heading; None is a place that stays free."""

    label: str
    rows: tuple[tuple[Field | None, ...], ...]

    @property
    def fields(self) -> list[Field]:
        """Those that there are."""
        return [each for row in self.rows for each in row if each is not None]


class Fields:
    """Reads them of metadata and layouts."""

    def __init__(self, metadata: Metadata, layouts: LayoutManager) -> None:
        self._metadata = metadata
        self._layouts = layouts

    def columns(self, scope: str, layout: str = "list") -> list[Field]:
        """What a list shows."""
        items = self._layouts.get(scope, layout)
        found = [self._field(scope, item["name"], item) for item in items if "view" not in item]
        return [each for each in found if each is not None]

    def panels(self, scope: str, layout: str = "detail") -> list[Panel]:
        """What the page of a record shows."""
        return [
            Panel(str(panel.get("label") or ""), tuple(tuple(self._cells(scope, row)) for row in panel["rows"]))
            for panel in self._layouts.get(scope, layout)
        ]

    def filters(self, scope: str) -> list[Field]:
        """What a list may be filtered by."""
        items = self._layouts.get(scope, "filters")
        names = (str(item["name"]) if isinstance(item, Mapping) else str(item) for item in items)
        return [each for each in (self.get(scope, name) for name in names) if each is not None]

    def get(self, scope: str, name: str) -> Field | None:
        """One of them."""
        return self._field(scope, name, {})

    def _cells(self, scope: str, row: list[Any]) -> Iterator[Field | None]:
        for cell in row:
            yield self._field(scope, cell["name"], cell) if cell and "view" not in cell else None

    def _field(self, scope: str, name: str, item: Mapping[str, Any]) -> Field | None:
        params = as_object(self._metadata.get(["entityDefs", scope, "fields", name])) or (_ID if name == "id" else None)
        if params is None:
            return None
        kind = str(params.get("type") or "varchar")
        link = as_object(self._metadata.get(["entityDefs", scope, "links", name]))
        entity = str(link["entity"]) if link.get("entity") else None
        return Field(name, kind, params, entity, bool(item.get("link")), bool(item.get("fullWidth")))
