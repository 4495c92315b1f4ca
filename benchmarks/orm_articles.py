"""The records of the ORM benchmark: how they are defined for ours, and their values."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.orm_task import Scale

#: The entity that is written.
ARTICLE = "Article"

STATES = ["New", "Offered", "Reserved", "Sold"]
FIELDS = {
    "code": {"type": "varchar", "maxLength": 40, "required": True, "index": True},
    "name": {"type": "varchar", "maxLength": 200, "required": True},
    "description": {"type": "text"},
    "quantity": {"type": "int", "min": 0},
    "price": {"type": "float", "min": 0},
    "active": {"type": "bool", "default": True},
    "sold": {"type": "datetime"},
    "state": {"type": "enum", "options": STATES, "default": "New"},
    "details": {"type": "jsonObject"},
    "manufacturer": {"type": "link"},
    "createdAt": {"type": "datetime"},
    "modifiedAt": {"type": "datetime"},
}
LINKS = {"manufacturer": {"type": "belongsTo", "entity": "Manufacturer"}}

#: From attribute to column.
COLUMNS = {
    **{name: name for name in ("id", "code", "name", "description", "quantity", "price", "active", "sold", "state")},
    "details": "details",
    "manufacturerId": "manufacturer_id",
    "createdAt": "created_at",
    "modifiedAt": "modified_at",
}

_FIRST_SALE = datetime(2026, 1, 1, 12, tzinfo=UTC)


def entity_of(size: int) -> str:
    """The entity of which there are so many records."""
    return f"ArticleOf{size}"


def module_files(scale: Scale) -> dict[str, dict[str, Any]]:
    """The metadata of a module with all these entities."""
    definitions: dict[str, dict[str, Any]] = {"Manufacturer": {"fields": {"name": {"type": "varchar"}}}}
    for name in (ARTICLE, *map(entity_of, scale.sizes)):
        definitions[name] = {"fields": FIELDS, "links": LINKS}
    files: dict[str, dict[str, Any]] = {}
    for name, definition in definitions.items():
        files[f"Resources/metadata/entityDefs/{name}.json"] = definition
        files[f"Resources/metadata/scopes/{name}.json"] = {"entity": True}
    return files


def records(count: int) -> Iterator[dict[str, Any]]:
    """The values of new articles, by attribute; always the same ones."""
    dice = random.Random(1)
    for number in range(count):
        yield {
            "code": f"{number:08}",
            "name": f"Article number {number}",
            "description": f"An article with the number {number}, which is described in one line of text.",
            "quantity": dice.randrange(10_000),
            "price": dice.randrange(100_000) / 100,
            "active": dice.random() < 0.9,
            "sold": _FIRST_SALE + timedelta(seconds=dice.randrange(10_000_000), microseconds=dice.randrange(1_000_000)),
            "state": dice.choice(STATES),
            "details": {"color": dice.choice(["red", "green", "blue"]), "sizes": [1, 2, 3], "weight": dice.random()},
            "manufacturerId": f"manufacturer-{dice.randrange(100)}",
        }


def by_column(record: dict[str, Any]) -> dict[str, Any]:
    """The same values by column."""
    return {COLUMNS[name]: value for name, value in record.items()}


def code_of(number: int, scale: Scale) -> str:
    """The code of one of the records that are read."""
    return f"{number // scale.base:08}{number % scale.base:08}"


def id_of(number: int, scale: Scale) -> str:
    """The id of one of the records that are read: as long as any id."""
    return f"{number // scale.base:08}-0000-7000-8000-0000{number % scale.base:08}"


def some_numbers(scale: Scale) -> list[int]:
    """Which records are read, to be divided by how many there are; always the same ones."""
    dice = random.Random(2)
    return [dice.randrange(2**32) for _ in range(scale.at_once * (1 + scale.samples))]
