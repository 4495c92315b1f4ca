"""Finding entities."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from core.exceptions import BadRequest

START = datetime(2026, 11, 23, tzinfo=UTC)
FIELDS = {
    "name": {"type": "varchar"},
    "size": {"type": "int"},
    "isGood": {"type": "bool", "notNull": False},
    "seenAt": {"type": "datetime"},
}
ROWS: list[dict[str, Any]] = [
    {
        "name": None if n % 7 == 0 else f"Item {n % 5}",
        "size": None if n % 4 == 0 else n % 6,
        "isGood": [True, False, None][n % 3],
        "seenAt": None if n % 5 == 0 else START + timedelta(microseconds=n * 333_333),
    }
    for n in range(40)
]


@pytest.fixture
def things(data: Any) -> Any:
    """Forty things, among them NULLs in each column."""
    data.define("Thing", FIELDS)
    entities = []
    for row in ROWS:
        thing = data.entities.get_entity("Thing")
        thing.set(row)
        entities.append(thing)
    data.entities.save_entities(entities)
    return data.entities.get_repository("Thing")


VALUES: dict[str, list[Any]] = {
    "name": ["Item 2", "", "Z"],
    "size": [0, 3, 99],
    "isGood": [True, False],
    "seenAt": [START + timedelta(seconds=4), START + timedelta(microseconds=333_333)],
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def test_a_comparison_finds_what_a_plain_filter_finds(things: Any) -> None:
    for name, sign in product(VALUES, COMPARE):
        for value in VALUES[name]:
            found = [thing.get(name) for thing in things.where(f"{name}{sign}", value).order("id").find()]

            expected = [row[name] for row in ROWS if row[name] is not None and COMPARE[sign](row[name], value)]
            assert found == expected, (name, sign, value)


#: Conditions, and which rows meet them.
KEPT: list[tuple[Any, Callable[[dict[str, Any]], bool]]] = [
    ({"size": None}, lambda row: row["size"] is None),
    ({"size!=": None}, lambda row: row["size"] is not None),
    ({"size": [1, 2]}, lambda row: row["size"] in (1, 2)),
    ({"size": {1, 2}}, lambda row: row["size"] in (1, 2)),
    ({"size": [1, None]}, lambda row: row["size"] in (1, None)),
    ({"size!=": [1, 2]}, lambda row: row["size"] not in (1, 2, None)),
    ({"size!=": [1, None]}, lambda row: row["size"] not in (1, None)),
    ({"size": []}, lambda row: False),
    ({"size!=": []}, lambda row: True),
    ({"name*": "item%"}, lambda row: row["name"] is not None),
    ({"name*": "%m 2"}, lambda row: row["name"] == "Item 2"),
    ({"name!*": "%2"}, lambda row: row["name"] not in (None, "Item 2")),
    ({"name*": "Item_2"}, lambda row: row["name"] == "Item 2"),
    ({"size>": 1, "size<": 4}, lambda row: row["size"] in (2, 3)),
    ({"OR": {"size": 1, "name": "Item 2"}}, lambda row: row["size"] == 1 or row["name"] == "Item 2"),
    (
        {"OR": [{"size": 1, "isGood": True}, {"size": 2}]},
        lambda row: (row["size"] == 1 and row["isGood"]) or row["size"] == 2,
    ),
    ({"AND": [{"size>": 1}, {"size<": 4}]}, lambda row: row["size"] in (2, 3)),
    ({0: {"size>": 1}, 1: {"size<": 4}}, lambda row: row["size"] in (2, 3)),
    ([{"size>": 1}, {"size<": 4}], lambda row: row["size"] in (2, 3)),
    ({"NOT": {"size": 1}}, lambda row: row["size"] not in (1, None)),
    ({"NOT": {"OR": [{"size": None}, {"isGood": None}]}}, lambda row: None not in (row["size"], row["isGood"])),
    ({"OR": []}, lambda row: False),
    ({}, lambda row: True),
]


def test_lists_nulls_and_groups(things: Any) -> None:
    for conditions, keeps in KEPT:
        found = things.where(conditions).order("id").find()

        assert [each.get("seenAt") for each in found] == [row["seenAt"] for row in ROWS if keeps(row)], conditions


#: What is said of them.
WRONG_CONDITIONS: list[tuple[Any, str]] = [
    ({"siz": 1}, "Thing: 'siz' names no stored attribute. Did you mean 'size'?"),
    ({"size~": 1}, "'size~' names no stored attribute"),
    ({"size=s": {}}, "there are no subselects"),
    ({"size": "big"}, "'size=' 'big': is not a whole number"),
    ({"seenAt>": "soon"}, "is not a moment"),
    ({"size>": None}, "cannot be compared with null"),
    ({"size>": [1]}, "takes no list"),
    ({"name*": 5}, "takes a text"),
    ({"OR": 5}, "a mapping or a list"),
    ({None: 5}, "is no key"),
]


def test_a_wrong_condition_is_a_clear_error(things: Any) -> None:
    for conditions, message in WRONG_CONDITIONS:
        with pytest.raises(BadRequest) as caught:
            things.where(conditions).find()

        assert message in str(caught.value), conditions


def test_values_are_bound(things: Any) -> None:
    assert things.where("name", "' OR 1=1 --").find() == []


def test_a_query_is_a_value(things: Any) -> None:
    small = things.where("size<", 3)
    small.where("isGood", True).limit(1)

    assert small.count() == len([row for row in ROWS if row["size"] is not None and row["size"] < 3])
    assert things.count() == len(ROWS)


def test_a_second_where_narrows(things: Any) -> None:
    assert things.where("size", 1).where("size", 2).count() == 0


def test_order_by_several_keys(things: Any) -> None:
    found = things.where({"size!=": None, "name!=": None}).order("size", "DESC").order("name").find()

    pairs = [(-thing.get("size"), thing.get("name")) for thing in found]
    assert pairs == sorted(pairs)


def test_a_wrong_direction_is_an_error(things: Any) -> None:
    with pytest.raises(BadRequest, match="ASC or DESC"):
        things.order("size", "down")


def test_limit_and_find_one(things: Any) -> None:
    assert len(things.limit(3).find()) == 3
    assert things.where("size", 99).find_one() is None
    assert things.where("size", 3).find_one().get("size") == 3


def test_select_reads_only_that_and_the_id(things: Any) -> None:
    thing = things.where("size", 3).select(["name"]).find_one()

    assert thing.to_dict().keys() == {"id", "name"}
    assert thing.get("size") is None


def test_exists(things: Any) -> None:
    assert things.exists()
    assert not things.where("size", 99).exists()


@pytest.mark.parametrize("batch_size", [1, 7, 40, 100])
def test_iterate_gives_each_once_in_the_order_of_ids(things: Any, batch_size: int) -> None:
    ids = [thing.id for thing in things.iterate(batch_size)]

    assert ids == [thing.id for thing in things.order("id").find()]
    assert [thing.id for thing in things.limit(9).iterate(batch_size)] == ids[:9]


def test_deleted_ones_are_left_out_unless_asked_for(things: Any, data: Any) -> None:
    data.entities.remove_entity(things.where("size", 3).find_one())

    assert things.count() == len(ROWS) - 1
    assert things.where("deleted", True).count() == 1
    assert things.with_deleted().count() == things.count({"withDeleted": True}) == len(ROWS)


def test_an_unknown_parameter_is_an_error(things: Any) -> None:
    with pytest.raises(BadRequest, match="withDeleted"):
        things.find({"withdeleted": True})


@pytest.mark.parametrize("most", ["a", -1, 2**63, 1.5, True])
def test_a_limit_is_a_whole_number(data: Any, most: Any) -> None:
    with pytest.raises(BadRequest, match="it takes a whole number, 0 or more"):
        data.entities.get_repository("Job").limit(most)


def test_what_is_selected_is_a_list(data: Any) -> None:
    with pytest.raises(BadRequest, match=r"select\('name'\): it takes a list of attributes, such as \['name'\]"):
        data.entities.get_repository("Job").select("name")


@pytest.mark.parametrize(
    "kinds",
    [
        {"options": ["b", "a", "b", ""]},
        {"options": ["Big", "Small"], "optionsIds": ["b", "a"]},
        {"options": ["a"]},
        {"options": ["a", 1]},
        {"options": []},
    ],
)
def test_an_order_of_an_index_within_each_option_has_each_row_once(data: Any, kinds: dict[str, Any]) -> None:
    fields = {"kind": {"type": "enum", **kinds}, "size": {"type": "int"}}
    data.define("Box", fields, indexes={"sizeOfKind": {"columns": ["kind", "size", "id"]}})
    boxes = [data.entities.get_entity("Box") for _ in range(30)]
    data.entities.save_entities(boxes)
    for number, box in enumerate(boxes):
        kind = ["a", "b", "", "c", None, "A"][number % 6]
        data.execute("UPDATE box SET kind = ?, size = ? WHERE id = ?", kind, (number * 7) % 11 or None, box.id)
    query = data.entities.get_repository("Box").order([("size", "DESC"), ("id", "DESC")])
    wanted = [box.id for box in query.find()]

    page = query.page(11)
    found = [box.id for box in query.limit(30).find()]

    assert found == wanted
    assert [box.id for box in [*page.entities, *query.page(19, after=page.next_cursor).entities]] == wanted
    assert [box.id for box in query.iterate(4)] == wanted
