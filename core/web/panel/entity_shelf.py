"""What pages show of the records of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from core.container import Container
from core.exceptions import Forbidden, NotFound
from core.orm.definition import as_object
from core.web.entities import Exposed, Exposure
from core.web.panel.entity_filter import filter_controls
from core.web.panel.entity_form import Control, control, is_written
from core.web.panel.fields import Field, Fields, Panel

_PAGE = 50
_RELATED = 20
_CHOICES = 200
#: Columns of these kinds can be sorted by.
_ORDERED = ("varchar", "int", "float", "date", "datetime", "enum", "bool", "autoincrement", "email", "url")


class EntityShelf:
    """Asks services, and brings what they say into the form of pages."""

    def __init__(self, container: Container, fields: Fields, exposure: Exposure) -> None:
        self._container = container
        self._fields = fields
        self._exposure = exposure

    def entity(self, scope: str) -> Exposed:
        """Raises NotFound for what has no pages."""
        found = self._exposure.entities.get(scope)
        if found is None:
            raise NotFound(f"There is no entity '{scope}'.{self._exposure.near(scope)}")
        return found

    def service(self, scope: str) -> Any:
        """The record service."""
        return self._container.get("serviceFactory").create_record(scope)

    def title(self, record: Mapping[str, Any]) -> str:
        """What a record is called."""
        return str(record.get("name") or record.get("id") or "")

    def page(self, scope: str, query: Mapping[str, str]) -> dict[str, Any]:
        """A page of the records, and the addresses of others; `query` is what the address says."""
        asked = {name: str(query.get(name, "")) for name in ("q", "sort", "down", "after")}
        filters = filter_controls(self._fields.filters(scope), query, self._choices)
        narrowing = {name: value for each in filters for name, value in each.words.items()}
        where = [condition for each in filters if (condition := each.condition()) is not None]
        columns = self._fields.columns(scope)
        collection = as_object(self._metadata(["entityDefs", scope, "collection"]))
        names = {each.key for each in columns if each.kind in _ORDERED}
        sort = asked["sort"] if asked["sort"] in names else str(collection.get("sortBy") or "id")
        is_down = asked["down"] == "1" if asked["sort"] in names else collection.get("asc", True) is False
        params = {"sortBy": sort, "asc": not is_down, "maxSize": _PAGE, "after": asked["after"] or None}
        found = self.service(scope).find_entities(
            {**params, "textFilter": asked["q"][:150] or None, "where": where or None}
        )

        def address(**changes: str) -> str:
            words = {name: value for name, value in {**asked, **narrowing, "after": "", **changes}.items() if value}
            return f"/{scope}?{urlencode(words)}" if words else f"/{scope}"

        return {
            "columns": columns,
            "records": found["list"],
            "asked": asked,
            "filters": filters,
            "is_narrowed": bool(narrowing or asked["q"]),
            "sort": sort,
            "is_down": is_down,
            "sorted_by": {
                each.key: address(sort=each.key, down="" if sort == each.key and is_down else "1")
                for each in columns
                if each.key in names
            },
            "can_search": "name" in self.entity(scope).type.columns or bool(collection.get("textFilterFields")),
            "next_address": address(after=found["next"]) if found.get("next") else None,
            "first_address": address(),
        }

    def defaults(self, scope: str) -> dict[str, Any]:
        """What stands in the form of a new record."""
        params = as_object(self._metadata(["entityDefs", scope, "fields"]))
        return {name: as_object(each)["default"] for name, each in params.items() if "default" in as_object(each)}

    def form(self, scope: str, values: Mapping[str, Any]) -> list[tuple[Panel, list[Control]]]:
        """The controls by panel; of links the records that they may lead to."""
        return [
            (panel, [control(each, values, self._choices(each)) for each in panel.fields if is_written(each)])
            for panel in self._fields.panels(scope)
        ]

    def related(self, found: Exposed, record_id: str) -> list[dict[str, Any]]:
        """The first records of each link to many that the layout `relationships` names."""
        panels = []
        for item in self._container.get("layoutManager").get(found.name, "relationships"):
            name = item["name"] if isinstance(item, Mapping) else str(item)
            if name not in found.links:
                continue
            far = found.type.links[name].entity
            try:
                linked = self.service(found.name).find_linked_entities(record_id, name, {"maxSize": _RELATED})
            except Forbidden:
                continue
            columns = self._fields.columns(far, "listSmall")
            panels.append(
                {"name": name, "scope": far, "records": linked["list"], "columns": columns, "is_more": "next" in linked}
            )
        return panels

    def _choices(self, field: Field) -> tuple[tuple[str, str], ...]:
        if field.entity is None or field.entity not in self._exposure.entities:
            return ()
        has_name = "name" in self._exposure.entities[field.entity].type.columns
        params = {"maxSize": _CHOICES, "sortBy": "name" if has_name else "id", "collectionOnly": True}
        try:
            found = self.service(field.entity).find_entities(params)["list"]
        except Forbidden:
            return ()
        return tuple((each["id"], self.title(each)) for each in found)

    def _metadata(self, path: list[str]) -> Any:
        return self._container.get("metadata").get(path)
