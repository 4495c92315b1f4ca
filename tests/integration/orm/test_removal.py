"""Removing entities, and bringing them back."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest, NotUnique
from tests.integration.orm.saved_things import define_things, new, read, saved


@pytest.fixture
def things(data: Any) -> Any:
    return define_things(data)


def test_removing_is_soft_and_restoring_brings_back(things: Any) -> None:
    repository = things.entities.get_repository("Thing")
    thing = saved(things)
    things.entities.remove_entity(thing)

    assert read(things, thing) is None
    assert repository.restore(thing.id)
    assert read(things, thing).get("name") == "Axe"
    assert not repository.restore(thing.id)


def test_a_unique_value_survives_removals(things: Any) -> None:
    for _ in range(3):
        things.entities.remove_entity(saved(things, code="A1"))

    assert things.rows("SELECT count(*) AS n FROM thing") == [{"n": 1}]


def test_removed_entities_without_a_unique_value_stay_side_by_side(things: Any) -> None:
    for _ in range(3):
        things.entities.remove_entity(saved(things))

    assert things.rows("SELECT count(*) AS n FROM thing") == [{"n": 3}]


def test_removing_twice_deletes_nothing_for_good(things: Any) -> None:
    things.entities.remove_entity(saved(things, code="A1"))
    thing, gone = saved(things, code="A2"), saved(things, code="A3")
    things.entities.get_repository("Thing").delete_from_db(gone.id)

    for each in (thing, thing, gone):
        things.entities.remove_entity(each)

    assert things.rows("SELECT count(*) AS n FROM thing WHERE deleted") == [{"n": 2}]


def test_restoring_is_refused_where_another_one_took_the_place(things: Any) -> None:
    removed = saved(things, code="A1")
    things.entities.remove_entity(removed)
    saved(things, code="A1")

    with pytest.raises(NotUnique):
        things.entities.get_repository("Thing").restore(removed.id)


def test_delete_from_db_leaves_no_row(things: Any) -> None:
    repository = things.entities.get_repository("Thing")
    thing = saved(things)

    assert repository.delete_from_db(thing.id)
    assert things.rows("SELECT * FROM thing") == []
    assert not repository.delete_from_db(thing.id)


def test_what_was_never_saved_cannot_be_removed(things: Any) -> None:
    with pytest.raises(BadRequest, match="never saved"):
        things.entities.remove_entity(new(things))
