"""Each type of field gives back what it was given, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from core.exceptions import BadRequest, Error, NotUnique
from core.testing import Installation

FIELDS = {
    "varchar": {"type": "varchar"},
    "short": {"type": "varchar", "maxLength": 3},
    "text": {"type": "text"},
    "wysiwyg": {"type": "wysiwyg"},
    "markdown": {"type": "markdown"},
    "bool": {"type": "bool", "notNull": False},
    "int": {"type": "int"},
    "float": {"type": "float"},
    "enum": {"type": "enum", "options": ["a", "Ä"]},
    "multiEnum": {"type": "multiEnum", "options": ["a", "Ä"]},
    "array": {"type": "array"},
    "jsonObject": {"type": "jsonObject"},
    "jsonArray": {"type": "jsonArray"},
    "date": {"type": "date"},
    "datetime": {"type": "datetime"},
    "email": {"type": "email"},
    "url": {"type": "url"},
    "color": {"type": "color"},
    "link": {"type": "link"},
    "code": {"type": "varchar", "unique": True},
    "number": {"type": "autoincrement"},
    "note": {"type": "notStorable", "default": ["of", "one"]},
}
VALUES = [
    ("varchar", "😀" * 255),
    ("varchar", ""),
    ("varchar", " a "),
    ("varchar", "%_\\'\"`\n\t\u2028"),
    ("short", "äöü"),
    ("text", "ä😀" * 100_000),
    ("text", ""),
    ("wysiwyg", "<p>a &amp; b</p>\r\n"),
    ("markdown", "# a\n\n- b  \n"),
    ("bool", True),
    ("bool", False),
    ("int", 2**31 - 1),
    ("int", -(2**31 - 1)),
    ("int", 0),
    ("float", 0.1),
    ("float", -1.7976931348623157e308),
    ("float", 5e-324),
    ("float", 1e16 + 2),
    ("enum", "Ä"),
    ("multiEnum", ["Ä", "a"]),
    ("multiEnum", []),
    ("array", ["", "x\ny", "ä"]),
    ("jsonObject", {"ä": [1, None, True, {"b": 2.5, "😀": "\\\0\ud7ff"}], "": {}}),
    ("jsonObject", {}),
    ("jsonArray", [[], {}, "1", 1, 1.5, None, False]),
    ("date", date(1, 1, 1)),
    ("date", date(9999, 12, 31)),
    ("datetime", datetime(2026, 3, 29, 1, 30, 0, 1, UTC)),
    ("datetime", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ("datetime", datetime(1000, 1, 1, tzinfo=UTC)),
    ("email", "ä.b+c@müller.de"),
    ("url", "https://a.b/c?d=ä&e=%20#f"),
    ("color", "#Ff6262"),
    ("linkId", None),
    ("linkId", "0" * 36),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def entities(request: pytest.FixtureRequest, servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One installation for all tests of a kind of database."""
    folder = tmp_path_factory.mktemp("fields")
    with servers.new_database(request.param, folder) as url:
        installation = Installation(folder / "installation", url)
        links = {"link": {"type": "belongsTo", "entity": "Thing"}}
        module = {"entityDefs/Thing.json": {"fields": FIELDS, "links": links}, "scopes/Thing.json": {"entity": True}}
        installation.add_module(
            "FieldTypes", {f"Resources/metadata/{path}": content for path, content in module.items()}
        )
        with installation.application() as application:
            yield application.container.get("entityManager")


def saved(entities: Any, **values: Any) -> Any:
    thing = entities.get_entity("Thing")
    thing.set(values)
    entities.save_entity(thing)
    return thing


def test_values_come_back_as_they_went(entities: Any) -> None:
    things = [entities.get_entity("Thing") for _ in VALUES]
    for thing, (name, value) in zip(things, VALUES, strict=True):
        thing.set(name, value)
    entities.save_entities(things)

    read = {
        each.id: each for each in entities.get_repository("Thing").where({"id": [each.id for each in things]}).find()
    }

    pairs = [(read[thing.id], name, value) for thing, (name, value) in zip(things, VALUES, strict=True)]
    assert [(name, value, again.get(name)) for again, name, value in pairs if again.get(name) != value] == []
    assert [(name, value) for again, name, value in pairs if type(again.get(name)) is not type(value)] == []
    assert [(name, value) for again, name, value in pairs if again.is_attribute_changed(name)] == []


def test_moments_come_back_in_utc(entities: Any) -> None:
    moment = datetime(2026, 7, 1, 12, 0, 0, 123456, timezone(timedelta(hours=5, minutes=30)))
    thing = saved(entities, datetime=moment)

    found = entities.get_entity("Thing", thing.id).get("datetime")

    assert (found, found.utcoffset()) == (moment, timedelta(0))


def test_a_counter_counts_up(entities: Any) -> None:
    first, second = saved(entities), saved(entities)

    assert second.get("number") == first.get("number") + 1
    assert entities.get_entity("Thing", second.id).get("number") == second.get("number")


def test_a_counter_that_has_no_numbers_left_says_so(entities: Any) -> None:
    saved(entities)
    with pytest.raises(Error, match="Thing: number has no numbers left"), entities.transaction():
        saved(entities, number=2**31 - 1)
        saved(entities)

    assert saved(entities).get("number") < 2**31 - 1


@pytest.mark.parametrize("entity_id", [None, "", "nowhere", "\0", "\ud800", {}, ["x"]])
def test_an_id_that_nothing_has_leads_nowhere(entities: Any, entity_id: Any) -> None:
    assert entities.get_entity("Thing", entity_id) is None


def test_what_is_not_stored_stays_with_the_entity(entities: Any) -> None:
    thing = saved(entities)
    thing.get("note").append("more")

    assert thing.get("note") == ["of", "one", "more"]
    assert entities.get_entity("Thing", thing.id).get("note") == ["of", "one"]


def test_a_text_is_measured_in_characters(entities: Any) -> None:
    with pytest.raises(BadRequest, match="is longer than 3 characters"):
        saved(entities, short="äöüß")


@pytest.mark.parametrize("other", ["a b", "A B", "ä b", "a b "])
def test_values_are_unique_to_the_letter(entities: Any, other: str) -> None:
    for each in entities.get_repository("Thing").where({"code": ["a b", other]}).find():
        entities.remove_entity(each)
    saved(entities, code="a b")

    if other == "a b":
        with pytest.raises(NotUnique, match="another record has the same code"):
            saved(entities, code=other)
    else:
        saved(entities, code=other)
