"""Rows that are hard to get right, the same on every database."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from core import clock
from core.testing import Installation

#: Pairs of capital and small letters, and what only looks like one.
_LETTERS = "aAbBzZäÄßẞiI\u0131\u0130kK\u212a\u03c3ςΣяЯ\u0531\u0561\u01c5ﬁ\uff41\uff21😀\uffff"
TEXTS = [
    *_LETTERS,
    *("", " ", "a ", " a", "ab", "aB", "AB", "aab", "ÄB", "á", "a\u0301", "ss", "ΣΑΣ", "🙂🙃", "\u2028"),
    *("%", "_", "\\", "\\%", "50%", "5_0", "a%b", "a_b", "a\\b", "'", "''", '"', "O'Reilly", "`", "[a]", "a*", "a.b"),
    *("null", "0", "1", "-1", "true", "a\nb", "a\tb", "\n", "a\n", "a,b", "{a}", "(a|b)", "^a$", "x" * 255),
]
INTS = [0, 1, -1, 2, 3, 7, 10, 100, 2**31 - 1, -(2**31 - 1)]
FLOATS = [0.0, 0.1, 0.2, 0.1 + 0.2, 0.3, 0.5, -0.5, 1.0, 1.5, 2.5, -2.5, 3.0, 0.49999999999999994, 1e15 + 0.5, 2.0**53]
_DATES = [
    *("2026-01-01", "2025-12-28", "2025-12-29", "2027-01-03", "2020-12-31", "2021-01-03", "2024-02-29", "2026-03-31"),
    *("2026-04-01", "2026-11-22", "2026-11-23", "2026-11-24", "2026-10-01", "2026-09-30", "1000-01-01", "9998-12-31"),
    *("1969-12-31", "1970-01-01"),
]
DATES = list(map(date.fromisoformat, _DATES))
#: Midnights in UTC, Berlin, Apia, Kathmandu and Sao Paulo, some of days on which clocks are changed.
_MIDNIGHTS = [
    *("2026-11-23 00:00", "2026-11-23 23:00", "2026-11-23 11:00", "2026-11-23 18:15", "2026-11-23 03:00"),
    *("2026-03-28 23:00", "2026-03-29 22:00", "2026-10-24 22:00", "2026-10-25 23:00", "2018-11-04 03:00"),
    *("2018-11-05 02:00", "2011-12-30 10:00", "2026-01-01 00:00", "2026-04-01 00:00", "2026-11-01 00:00"),
    *("2026-12-01 00:00", "2027-01-01 00:00"),
]
_EDGES = [
    *("2026-11-23 10:20:30.123456", "2026-11-23 10:20:30.123457", "1000-01-01 00:00", "9998-12-31 23:59:59.999999"),
    *("1969-12-31 23:00", "1970-01-01 00:00"),
]
MOMENTS = [
    *(clock.from_text(text) - timedelta(microseconds=back) for text in _MIDNIGHTS for back in (0, 1)),
    *map(clock.from_text, _EDGES),
]
TAGS: list[list[str]] = [
    *([], [""], ["a"], ["A"], ["ab"], ["a", "b"], ["a,b"], ['a"b'], ['"a"'], ["x,", ",y"], [","], ["\\"], ["\\", '"']),
    *(["ä"], ["😀"], ["[a]"], ["a", "a"], ["a\nb"], ["%"], ["a", ",", "b"], ["]"], ["a]"], ["null"], ["x" * 200, "b"]),
]
WORDS = sorted({tag for tags in TAGS for tag in tags})

FIELDS = {
    "number": {"type": "int"},
    "name": {"type": "varchar"},
    "note": {"type": "text"},
    "size": {"type": "int", "index": True},
    "other": {"type": "int"},
    "weight": {"type": "float"},
    "isGood": {"type": "bool", "notNull": False},
    "madeOn": {"type": "date"},
    "seenAt": {"type": "datetime", "index": True},
    "doneAt": {"type": "datetime"},
    "tags": {"type": "array"},
    "maker": {"type": "link"},
    "makerTown": {"type": "foreign", "link": "maker", "field": "town"},
    "bossTown": {"type": "foreign", "link": "maker", "field": "bossTown"},
    "categories": {"type": "linkMultiple"},
}
MAKER_FIELDS = {
    "number": {"type": "int"},
    "name": {"type": "varchar"},
    "town": {"type": "varchar"},
    "boss": {"type": "link"},
    "bossTown": {"type": "foreign", "link": "boss", "field": "town"},
}
SCOPE = {"entity": True, "type": "Base"}
METADATA: dict[str, Any] = {
    "scopes/Thing.json": SCOPE,
    "scopes/Maker.json": SCOPE,
    "scopes/Category.json": SCOPE,
    "entityDefs/Thing.json": {
        "fields": FIELDS,
        "indexes": {"otherOfGood": {"columns": ["isGood", "other"]}},
        "links": {
            "maker": {"type": "belongsTo", "entity": "Maker", "foreign": "things"},
            "categories": {
                "type": "hasMany",
                "entity": "Category",
                "foreign": "things",
                "relationName": "thingCategory",
            },
        },
    },
    "entityDefs/Maker.json": {
        "fields": MAKER_FIELDS,
        "links": {
            "boss": {"type": "belongsTo", "entity": "Maker"},
            "things": {"type": "hasMany", "entity": "Thing", "foreign": "maker"},
        },
    },
    "entityDefs/Category.json": {
        "fields": {"name": {"type": "varchar"}},
        "links": {
            "things": {
                "type": "hasMany",
                "entity": "Thing",
                "foreign": "categories",
                "relationName": "thingCategory",
            },
        },
    },
}
_ROWS = 100


class Things:
    """Things, their makers and categories: in a database, and as plain `rows`."""

    def __init__(self, container: Any, seed: int) -> None:
        self.container = container
        self.repository: Any = container.get("entityManager").get_repository("Thing")
        self._random = random.Random(seed)
        makers = self._make("Maker", [{"name": name, "town": town} for name, town in MAKERS])
        for position, boss in enumerate(BOSSES):
            makers[position]["boss"] = None if boss is None else makers[boss]
        self._link(makers)
        categories = self._make("Category", [{"name": name} for name in ("a", "A", "ä", None)])
        self.rows = self._make("Thing", [self._values(number) for number in range(_ROWS)])
        for row in self.rows:
            row["maker"] = self._random.choice([None, *makers])
            row["categories"] = self._random.sample(categories, self._random.randrange(3))
        for maker in makers:
            maker["things"] = [row for row in self.rows if row["maker"] is maker]
        for category in categories:
            category["things"] = [row for row in self.rows if category in row["categories"]]
        self._connect()

    def numbers(self, conditions: Any) -> list[int]:
        """The numbers of the things that meet conditions."""
        found = self.repository.where(conditions).select(["number"]).find()
        return sorted(thing.get("number") for thing in found)

    def _values(self, number: int) -> dict[str, Any]:
        choose = self._random.choice
        return {
            "number": number,
            "name": TEXTS[number] if number < len(TEXTS) else choose([None, *TEXTS]),
            "note": choose([None, *TEXTS]),
            "size": choose([None, *INTS]),
            "other": choose([None, *INTS]),
            "weight": FLOATS[number] if number < len(FLOATS) else choose([None, *FLOATS]),
            "isGood": choose([None, True, False]),
            "madeOn": DATES[number] if number < len(DATES) else choose([None, *DATES]),
            "seenAt": MOMENTS[number] if number < len(MOMENTS) else choose([None, *MOMENTS]),
            "doneAt": choose([None, *MOMENTS]),
            "tags": TAGS[number] if number < len(TAGS) else choose([None, *TAGS]),
        }

    def _make(self, entity_type: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        manager = self.container.get("entityManager")
        entities = []
        for row in rows:
            entity = manager.get_entity(entity_type)
            entity.set(row)
            entities.append(entity)
        manager.save_entities(entities)
        return [{**row, "id": entity.id} for row, entity in zip(rows, entities, strict=True)]

    def _link(self, makers: list[dict[str, Any]]) -> None:
        manager = self.container.get("entityManager")
        for maker in makers:
            entity = manager.get_entity("Maker", maker["id"])
            entity.set("bossId", maker["boss"] and maker["boss"]["id"])
            manager.save_entity(entity)

    def _connect(self) -> None:
        manager = self.container.get("entityManager")
        things = {thing.id: thing for thing in self.repository.find()}
        relations = []
        for row in self.rows:
            things[row["id"]].set("makerId", row["maker"] and row["maker"]["id"])
            for category in row["categories"]:
                relation = manager.get_entity("ThingCategory")
                relation.set({"thingId": row["id"], "categoryId": category["id"]})
                relations.append(relation)
        manager.save_entities([*things.values(), *relations])


MAKERS = [("a", "Bern"), ("A", "bern"), ("ä", None), ("b", "Ülm"), (None, "50%")]
#: By position: whose boss is which maker.
BOSSES = [None, 0, 1, 2, 4]


@contextmanager
def things_in(folder: Path, database_url: str | None, seed: int = 1) -> Iterator[Things]:
    """An installation with all of them."""
    installation = Installation(folder, database_url)
    files = {f"Resources/metadata/{path}": content for path, content in METADATA.items()}
    installation.add_module("SharedThings", files)  # it stays open while other tests have a module `Things`
    with installation.application() as application:
        yield Things(application.container, seed)
