"""Select managers: the conditions of clients with the installation's time zone, and filters by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core import clock
from core.exceptions import BadRequest, Error
from core.testing import Installation

ZONE = "Pacific/Apia"
FIELDS = {
    "name": {"type": "varchar"},
    "code": {"type": "varchar"},
    "size": {"type": "int"},
    "seenAt": {"type": "datetime"},
}
SCOPE = {
    "entity": True,
    "type": "Base",
    "hasOwner": True,
    "hasAssignedUser": True,
    "hasActive": True,
    "hasArchive": True,
}
SELECT_MANAGER = """
from core.SelectManagers import Base

class Thing(Base):
    def bool_filter_big_one(self):
        return {"size>": 100}

    def primary_filter_mine_or_big(self):
        return {"OR": [self.bool_filter_only_my(), self.bool_filter_big_one()]}
"""


@pytest.fixture
def shop(installation: Installation) -> Iterator[Any]:
    """Things, of which none are saved yet."""
    installation.write_config(timeZone=ZONE)
    installation.add_module(
        "Shop",
        {
            "SelectManagers/Thing.py": SELECT_MANAGER,
            "Resources/metadata/scopes/Thing.json": SCOPE,
            "Resources/metadata/entityDefs/Thing.json": {
                "fields": FIELDS,
                "links": {},
                "collection": {"textFilterFields": ["name", "code", "size"]},
            },
            "Resources/metadata/scopes/Plain.json": {"entity": True, "type": "Base"},
            "Resources/metadata/entityDefs/Plain.json": {"fields": {"name": {"type": "varchar"}}, "links": {}},
        },
    )
    with installation.application() as application:
        yield Shop(application.container)


class Shop:
    """Saves entities, and finds them as a client does."""

    def __init__(self, container: Any) -> None:
        self.factory = container.get("selectManagerFactory")
        self.entities = container.get("entityManager")

    def add(self, name: str, entity_type: str = "Thing", **values: Any) -> Any:
        entity = self.entities.get_entity(entity_type)
        entity.set({"name": name, **values})
        self.entities.save_entity(entity)
        return entity

    def names(self, *items: Any, entity_type: str = "Thing") -> list[str]:
        conditions = self.factory.create(entity_type).where(list(items))
        return [each.get("name") for each in self.entities.get_repository(entity_type).where(conditions).find()]

    def ticked(self, *names: str, entity_type: str = "Thing") -> list[str]:
        return self.names({"type": "bool", "value": list(names)}, entity_type=entity_type)


def test_days_are_those_of_the_setting(shop: Shop) -> None:
    midnight = datetime.combine(clock.now().astimezone(ZoneInfo(ZONE)).date(), datetime.min.time(), ZoneInfo(ZONE))
    shop.add("yesterday", seenAt=midnight - timedelta(microseconds=1))
    shop.add("today", seenAt=midnight)

    assert shop.names({"type": "today", "attribute": "seenAt"}) == ["today"]
    assert shop.names({"type": "on", "attribute": "seenAt", "value": midnight.date().isoformat()}) == ["today"]


def test_own_ones(shop: Shop) -> None:
    shop.add("others", ownerUserId="anna", assignedUserId="anna")
    shop.add("owned", assignedUserId="anna")
    shop.add("assigned", ownerUserId="anna", assignedUserId="system")
    shop.add("plain", "Plain")

    assert sorted(shop.ticked("onlyMy")) == ["assigned", "owned"]
    assert shop.ticked("ownedByMe") == ["owned"]
    assert shop.ticked("assignedToMe") == ["assigned"]
    assert shop.ticked("ownedByMe", "assignedToMe") == []
    assert shop.ticked("onlyMy", entity_type="Plain") == ["plain"]


def test_active_ones(shop: Shop) -> None:
    shop.add("active", isActive=True)
    shop.add("idle")

    assert shop.ticked("onlyActive") == ["active"]
    assert shop.ticked("notActive") == ["idle"]


def test_archived_ones_are_shown_where_they_are_asked_for(shop: Shop) -> None:
    shop.add("old", isArchived=True)
    shop.add("new")

    assert shop.names() == ["new"]
    assert shop.ticked("onlyArchived") == ["old"]
    assert sorted(shop.ticked("withArchived")) == ["new", "old"]
    assert shop.names({"type": "isTrue", "attribute": "isArchived"}) == ["old"]
    assert shop.names({"type": "not", "value": [{"type": "isTrue", "attribute": "isArchived"}]}) == ["new"]


def test_removed_ones(shop: Shop) -> None:
    shop.entities.remove_entity(shop.add("gone"))
    shop.add("there")

    assert shop.ticked("onlyDeleted") == ["gone"]


def test_a_text_is_looked_for_in_all_fields_that_are_meant(shop: Shop) -> None:
    shop.add("Ähre", code="x_1")
    shop.add("b", code="ÄHNLICH")
    shop.add("c", code="x%1", size=7)

    assert sorted(shop.names({"type": "textFilter", "value": "äh"})) == ["b", "Ähre"]
    assert shop.names({"type": "textFilter", "value": "_1"}) == ["Ähre"]
    assert shop.names({"type": "textFilter", "value": "%"}) == ["c"]
    assert shop.names({"type": "textFilter", "value": "7"}) == ["c"]
    assert len(shop.names({"type": "textFilter", "value": ""})) == 3


def test_filters_of_a_module(shop: Shop) -> None:
    shop.add("big", size=101, ownerUserId="anna")
    shop.add("mine", size=1)
    shop.add("else", size=1, ownerUserId="anna")

    assert shop.ticked("bigOne") == ["big"]
    assert sorted(shop.names({"type": "primary", "value": "mineOrBig"})) == ["big", "mine"]


def test_jobs_that_run_or_are_due(shop: Shop) -> None:
    for name, status, days in (("due", "Pending", -1), ("later", "Pending", 1), ("waiting", "Awaiting", -1)):
        shop.add(name, "Job", type="ClearEntities", status=status, executeTime=clock.now() + timedelta(days=days))

    assert shop.ticked("jobManagerItems", entity_type="Job") == ["due"]


@pytest.mark.parametrize(
    ("entity_type", "item", "message"),
    [
        ("Thing", {"type": "bool", "value": ["bigOn"]}, "Thing has no bool filter 'bigOn'. Did you mean 'bigOne'?"),
        ("Plain", {"type": "bool", "value": ["bigOne"]}, "Plain has no bool filter 'bigOne'"),
        ("Plain", {"type": "bool", "value": ["onlyActive"]}, "no attribute 'isActive', which this filter needs"),
        ("Thing", {"type": "primary", "value": "mineOrBg"}, "no primary filter 'mineOrBg'. Did you mean 'mineOrBig'?"),
        ("Thing", {"type": "bool", "value": 5}, "takes a list"),
        ("Thing", {"type": "bool", "value": [5]}, "takes a text, or a list of texts"),
        ("Thing", {"type": "textFilter", "value": ["a"]}, "takes a text"),
        (
            "Thing",
            {"type": "contanis", "attribute": "name", "value": "a"},
            "no type 'contanis'. Did you mean 'contains'?",
        ),
        (
            "Thing",
            {"type": "contains", "atribute": "name"},
            "has the unknown key 'atribute'. Did you mean 'attribute'?",
        ),
        ("Thing", {"type": "contains", "attribute": "nam", "value": "a"}, "'nam' names no stored attribute"),
        ("Thing", {"type": "contains", "value": "a"}, "names no attribute"),
        ("Thing", {"type": "contains", "attribute": "name"}, "lacks the value"),
        ("Thing", {"type": "contains", "attribute": "size", "value": "1"}, "only a text fits a pattern"),
        ("Thing", {"type": "equals", "attribute": "size", "value": "big"}, "is not a whole number"),
        ("Thing", {"type": "isNull", "attribute": "size", "value": 5}, "isNull 'size' 5: takes no value"),
        ("Thing", {"type": "in", "attribute": "size", "value": 5}, "takes a list"),
        ("Thing", {"type": "between", "attribute": "size", "value": [5]}, "takes a list of two values"),
        ("Thing", {"type": "today", "attribute": "name"}, "takes a date or a moment, and this attribute is a text"),
        ("Thing", {"type": "on", "attribute": "seenAt", "value": "2026-02-30"}, "is not a date"),
        ("Thing", {"type": "on", "attribute": "seenAt", "value": "9999-12-31"}, "is beyond the dates that there are"),
        ("Thing", {"type": "lastXDays", "attribute": "seenAt", "value": "x"}, "takes a number of days"),
        ("Thing", {"type": "lastXDays", "attribute": "seenAt", "value": 10**9}, "takes a number of days"),
        ("Thing", {"type": "today", "attribute": "seenAt", "timeZone": "Mars"}, "the time zone 'Mars' is not known"),
        ("Thing", {"type": "equals", "attribute": "size", "value": 1, "dateTime": True}, "dateTime is for moments"),
        (
            "Thing",
            {"type": "linkedWith", "attribute": "owner", "value": []},
            "no link 'owner'. Did you mean 'ownerUser'?",
        ),
        ("Thing", {"type": "linkedWith", "attribute": "ownerUser", "value": [5]}, "takes a text, or a list of texts"),
        ("Thing", {"type": "arrayIsEmpty", "attribute": "name"}, "takes an attribute that is a list"),
        ("Thing", {"type": "arrayAnyOf", "attribute": "name", "value": ["a"]}, "HAS takes an array or a multiEnum"),
        ("Thing", {"type": "similar", "attribute": "name", "value": "a"}, "databases do not agree on what is similar"),
        ("Thing", {"type": "savedSearch", "value": "a"}, "there are no saved searches"),
        ("Thing", {"type": "innerSql", "value": "a"}, "SQL is not taken from clients"),
        ("Thing", {"type": "and", "value": {"type": "isNull"}}, "is no list of conditions"),
        ("Thing", 5, "5 is no condition; it has to be an object"),
        ("Thing", {"condition": "XOR", "rules": []}, "the condition of a group is AND or OR, not 'XOR'"),
        ("Thing", {"condition": "AND", "ruels": [], "rules": []}, "unknown key 'ruels'. Did you mean 'rules'?"),
        ("Thing", {"id": "size", "operator": "gretaer", "value": 1}, "no operator 'gretaer'. Did you mean 'greater'?"),
        ("Thing", {"id": "size", "operator": "greater"}, "lacks the value"),
    ],
)
def test_what_cannot_be_had_is_a_clear_error(shop: Shop, entity_type: str, item: Any, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        shop.names(item, entity_type=entity_type)

    assert message in str(caught.value)


def test_groups_in_too_many_levels_are_refused(shop: Shop) -> None:
    item: Any = {"type": "isNull", "attribute": "size"}
    for _ in range(10_000):
        item = {"type": "and", "value": [item]}

    with pytest.raises(BadRequest, match="in more than 12 levels"):
        shop.names(item)


def test_an_unknown_entity_type_is_an_error(shop: Shop) -> None:
    with pytest.raises(Error, match="Did you mean 'Thing'"):
        shop.factory.create("Thign")
