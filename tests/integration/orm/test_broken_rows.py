"""Rows that hold what no entity may: they are told by name, and keep nobody from the rest."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import Error
from tests.integration.orm.saved_things import define_things, read, saved


@pytest.fixture
def things(data: Any) -> Any:
    return define_things(data)


def test_json_that_somebody_broke_is_told_by_name(things: Any) -> None:
    thing = saved(things)
    things.execute("UPDATE thing SET payload = '{oh'")

    with pytest.raises(Error, match=f"payload of Thing '{thing.id}' cannot be read"):
        read(things, thing)
    assert things.entities.get_repository("Thing").find()[0].get("name") == "Axe"


def test_a_moment_that_somebody_broke_is_told_by_name(things: Any) -> None:
    with pytest.raises(Error, match="seenAt cannot be read: 'soon'"):
        things.entities.hydrate("Thing", {"id": "1", "seen_at": "soon"})


@pytest.mark.only_sqlite("the columns of others hold what is of their type only")
@pytest.mark.parametrize(
    ("assignment", "name"),
    [
        ("seen_at = 'soon'", "seenAt"),
        ("seen_at = x'ff'", "seenAt"),
        ("name = x'ff'", "name"),
        ("size = 'high'", "size"),
        ("born_on = 'Monday'", "bornOn"),
        ("payload = '{oh'", "payload"),
        ("payload = x'ff'", "payload"),
    ],
)
def test_what_bare_sql_broke_is_told_by_name_and_keeps_nobody_from_the_rest(
    things: Any, assignment: str, name: str
) -> None:
    broken, whole = saved(things), saved(things)
    things.execute(f"UPDATE thing SET {assignment} WHERE id = ?", broken.id)

    found = {each.id: each for each in things.entities.get_repository("Thing").find()}

    assert found[whole.id].to_dict()["name"] == "Axe"
    assert found[broken.id].to_dict()[name].startswith("unreadable: ")
    with pytest.raises(Error, match=f"{name} of Thing '{broken.id}' cannot be read"):
        found[broken.id].get(name)


@pytest.mark.only_sqlite("the texts of others are always Unicode")
def test_text_that_is_no_utf8_is_shown_by_its_bytes(things: Any) -> None:
    thing = saved(things)
    things.execute("UPDATE thing SET name = CAST(x'4fff' AS TEXT)")

    assert read(things, thing).get("name") == r"O\xff"


@pytest.mark.only_sqlite("the columns of others hold what is of their type only")
def test_what_bare_sql_broke_is_filled(things: Any) -> None:
    thing = saved(things)
    things.execute("UPDATE thing SET size = 'high'")

    again = read(things, thing)
    again.fill({"size": 3})

    assert again.get("size") == 3
