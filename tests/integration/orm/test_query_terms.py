"""What conditions, orders, pages and aggregates refuse, and say about it."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from sqlalchemy import insert

from core.exceptions import BadRequest
from core.orm.term import MOST_LINKS
from core.orm.text_match import LONGEST_PATTERN, MOST_WILDCARDS
from core.orm.where import MOST_CONDITIONS, MOST_ELEMENTS, MOST_LEVELS, MOST_VALUES

CHILDREN = {"type": "hasMany", "entity": "Part", "foreign": "whole"}


@pytest.fixture
def parts(data: Any) -> Any:
    """The repository of parts; each may belong to a whole, which is a part as well."""
    data.define(
        "Part",
        {
            "name": {"type": "varchar"},
            "size": {"type": "int"},
            "madeAt": {"type": "datetime"},
            "tags": {"type": "array"},
            "data": {"type": "jsonObject"},
            "whole": {"type": "link"},
            "wholeSize": {"type": "foreign", "link": "whole", "field": "size"},
            "topSize": {"type": "foreign", "link": "whole", "field": "wholeSize"},
            "endless": {"type": "foreign", "link": "whole", "field": "endless"},
        },
        links={"whole": {"type": "belongsTo", "entity": "Part", "foreign": "parts"}, "parts": CHILDREN},
    )
    return data.entities.get_repository("Part")


@pytest.fixture
def family(data: Any, parts: Any) -> Any:
    """a is the whole of b, b that of c and d; a has no whole."""
    made: dict[str, Any] = {}
    for size, (name, whole) in enumerate({"a": None, "b": "a", "c": "b", "d": "b"}.items()):
        part = made[name] = data.entities.get_entity("Part")
        part.set({"name": name, "size": size, "wholeId": whole and made[whole].id})
        data.entities.save_entity(part)
    return parts


def names(query: Any) -> str:
    return "".join(part.get("name") for part in query.order("name").find())


#: Conditions, and the names of what meets them.
FOUND: list[tuple[dict[str, Any], str]] = [
    ({"whole.name": "b"}, "cd"),
    ({"wholeName": "b"}, "cd"),
    ({"wholeSize>=": 1}, "cd"),
    ({"topSize": 0}, "cd"),
    ({"topSize": None}, "ab"),
    ({"whole.whole.name": "a"}, "cd"),
    ({"whole.name!=": "a"}, "cd"),
    ({"NOT": {"whole.name": "a"}}, "acd"),
    ({"parts.name": ["c", "d"]}, "b"),
    ({"parts.parts.size>": 2}, "a"),
    ({"parts.name!=": "c"}, "ab"),
    ({"NOT": {"parts.name": "c"}}, "acd"),
    ({"partsIds": None}, "cd"),
    ({"partsIds!=": None}, "ab"),
    ({"partsId": []}, ""),
    ({"partsIds!=": []}, "abcd"),
    ({"LENGTH:whole.name": 1}, "bcd"),
    ({"size>:": "wholeSize"}, "bcd"),
    ({"wholeSize:<": "size"}, "bcd"),
    ({"size:": "size"}, "abcd"),
    ({"ABS:size>:": "LENGTH:name"}, "cd"),
    ({"0": {"size>": 0}, "1": {"size<": 3}}, "bc"),
]


def test_terms_over_links(family: Any) -> None:
    for conditions, found in FOUND:
        assert names(family.where(conditions)) == found, conditions


def test_a_link_leads_to_what_is_there_only(data: Any, family: Any) -> None:
    data.entities.remove_entity(family.where({"name": "b"}).find_one())

    assert names(family.where({"whole.name": "b"})) == ""
    assert names(family.where({"whole.name": None})) == "acd"
    assert names(family.where({"partsIds": None})) == "acd"


def test_orders_over_links_and_in_functions(family: Any) -> None:
    assert [part.get("name") for part in family.order("wholeName", "DESC").order("name").find()] == ["c", "d", "b", "a"]
    assert [part.get("name") for part in family.order([("topSize", "DESC"), "size"]).find()] == ["c", "d", "a", "b"]
    assert family.order(["LENGTH:wholeName", ("name", "desc")]).find_one().get("name") == "a"


#: What is said of them.
WRONG_TERMS: list[tuple[dict[str, Any], str]] = [
    ({"hole.name": 1}, "Part has no link 'hole'. Did you mean 'whole'?"),
    ({"whole.nam": 1}, "'whole.nam': Part has no stored attribute 'nam'. Did you mean 'name'?"),
    ({"whole": "x"}, "'whole': is a link; write wholeId, or whole.<attribute>."),
    ({"parts": "x"}, "'parts': is a link; write partsIds, or parts.<attribute>."),
    ({"whole.deleted": True}, "a link leads to nothing that is deleted"),
    ({"endless": 1}, f"goes over more than {MOST_LINKS} links"),
    ({"whole.whole.whole.whole.whole.whole.name": 1}, f"goes over more than {MOST_LINKS} links"),
    ({"YAER:madeAt": 1}, "there is no function 'YAER' here. Did you mean 'YEAR'?"),
    ({"year:madeAt": 1}, "there is no function 'year' here. Did you mean 'YEAR'?"),
    ({"SUM:size>": 1}, "there is no function 'SUM' here"),
    ({"YEAR:name": 1}, "YEAR takes a date or a moment, not a text"),
    ({"TRIM:TRIM:TRIM:TRIM:name": 1}, "has more than 3 functions"),
    ({"LOWER:partsIds": 1}, "the ids of a link to many go into no function"),
    ({"size>:": "name"}, "'name' is a text, and 'size' is a number"),
    ({"name>:": 5}, "the value is the name of an attribute"),
    ({"name*:": "name"}, "an attribute is no pattern"),
    ({"parts.size>:": "size"}, "'parts.size' leads to many; here it has to be one value"),
    ({"size:": "parts.size"}, "'parts.size' leads to many; here it has to be one value"),
    ({"partsIds>": "x"}, "the ids of a link to many takes = or !="),
    ({"HAS:tags>": "x"}, "HAS takes = or !="),
    ({"HAS:tags": None}, "is neither a text nor a list of texts"),
    ({"HAS:tags": ["a", 5]}, "is neither a text nor a list of texts"),
    ({"HAS:name": "x"}, "HAS takes an array or a multiEnum"),
    ({"HAS:tags": "\ud800"}, "no text that a database can store"),
    ({"data>": {}}, "JSON is not sorted"),
    ({"data>:": "tags"}, "JSON takes = or !="),
    ({"size*": "1%"}, "only a text fits a pattern"),
    ({"name*": "a\0%"}, "NUL character"),
]


def test_a_wrong_term_is_a_clear_error(parts: Any) -> None:
    for conditions, message in WRONG_TERMS:
        with pytest.raises(BadRequest) as caught:
            parts.where(conditions).find()

        assert message in str(caught.value), conditions


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("nam", "names no stored attribute"),
        ("parts.name", "it leads to many"),
        ("data", "it is JSON"),
        ([("name",)], "a key is a name, or"),
        ([5], "a key is a name, or"),
        (5, "it takes a name, or a list"),
        ([("name", "up")], "the direction is ASC or DESC"),
        ([("name", None)], "the direction is ASC or DESC"),
    ],
)
def test_a_wrong_order_is_a_clear_error(parts: Any, keys: Any, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        parts.order(keys)


def nested(levels: int) -> Any:
    conditions: Any = {"size": 1}
    for _ in range(levels):
        conditions = {"NOT": conditions}
    return conditions


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (nested(MOST_LEVELS + 1), f"in more than {MOST_LEVELS} levels"),
        (nested(50_000), f"in more than {MOST_LEVELS} levels"),
        ({"OR": [{"size": 1}] * (MOST_CONDITIONS + 1)}, f"more than {MOST_CONDITIONS} conditions"),
        ({"size": list(range(MOST_VALUES + 1))}, f"more than {MOST_VALUES} values"),
        ([{"size": list(range(MOST_VALUES))}, {"name": "a"}], f"more than {MOST_VALUES} values"),
        ({"a" * 100_000: 1}, "names no attribute"),
        ({"size:": "a" * 100_000}, "names no attribute"),
        ({"name*": "%" + "a" * LONGEST_PATTERN}, f"has more than {LONGEST_PATTERN} characters"),
        ({"name*": "%a" * (MOST_WILDCARDS + 1)}, f"has more than {MOST_WILDCARDS} times a %"),
        ({"HAS:tags": ["a"] * (MOST_ELEMENTS + 1)}, f"HAS with more than {MOST_ELEMENTS} texts"),
    ],
)
def test_what_would_cost_too_much_is_refused(parts: Any, conditions: Any, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parts.where(conditions).find()

    assert message in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_is_just_allowed_can_be_had(data: Any, family: Any) -> None:
    assert names(family.where(nested(MOST_LEVELS - 2))) == "b"
    assert names(family.where({"OR": [{"size": 1}] * (MOST_CONDITIONS // 2 - 1)})) == "b"
    assert names(family.where({"size": list(range(1, MOST_VALUES + 1))})) == "bcd"
    assert names(family.where({"name*": "%" * MOST_WILDCARDS})) == "abcd"
    assert names(family.where({"name*": "_" * LONGEST_PATTERN})) == ""
    assert names(family.where({"HAS:tags!=": [str(number) for number in range(MOST_ELEMENTS)]})) == "abcd"


CURSOR = "WyJhYmMiXQ"


@pytest.mark.parametrize("cursor", ["", "x", "!!", "é", "W10", CURSOR, "bnVsbA", "a" * 100_000, 5, ["a"], "[" * 900])
def test_what_is_no_cursor_is_refused(parts: Any, cursor: Any) -> None:
    with pytest.raises(BadRequest, match="cursor"):
        parts.page(2, after=cursor)


def test_a_cursor_leads_on_in_its_own_order_only(data: Any, family: Any) -> None:
    cursor = family.order("size").page(2).next_cursor

    assert [part.get("name") for part in family.order("size").page(5, after=cursor).entities] == ["c", "d"]
    for other in (
        family.order("size", "DESC"),
        family.order("name"),
        family.where({}),
        data.entities.get_repository("Job"),
    ):
        with pytest.raises(BadRequest, match="This cursor is none of"):
            other.page(2, after=cursor)


def test_a_cursor_leads_on_in_other_conditions(family: Any) -> None:
    cursor = family.order("size").page(2).next_cursor

    assert [part.get("name") for part in family.where({"size!=": 2}).order("size").page(5, cursor).entities] == ["d"]


def test_a_page_goes_on_where_rows_came_and_went(data: Any, family: Any) -> None:
    first = family.order("name").page(2)
    data.entities.remove_entity(first.entities[1])
    part = data.entities.get_entity("Part")
    part.set("name", "bb")
    data.entities.save_entity(part)

    assert [part.get("name") for part in family.order("name").page(9, first.next_cursor).entities] == ["bb", "c", "d"]


@pytest.mark.parametrize("size", [0, -1, 10_001, "5", None, True])
def test_the_size_of_a_page_is_bounded(parts: Any, size: Any) -> None:
    with pytest.raises(BadRequest, match="it takes a whole number, 1 to 10000"):
        parts.page(size)


def test_a_page_has_a_size_of_its_own(parts: Any) -> None:
    with pytest.raises(BadRequest, match="leave limit"):
        parts.limit(5).page(5)


def test_iterate_keeps_the_order_and_sees_all_though_rows_change(data: Any, family: Any) -> None:
    found = []
    for part in family.order("size", "DESC").iterate(1):
        found.append(part.get("name"))
        assert not data.database.in_transaction
        part.set("name", part.get("name") + "!")
        data.entities.save_entity(part)

    assert found == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ({"n": "COUNT"}, {}, "is no aggregate; there are COUNT"),
        ({"n": "CONUT:id"}, {}, "'CONUT:id' is no aggregate.*Did you mean 'COUNT:id'"),
        ({"n": 5}, {}, "5 is no aggregate"),
        ({"n": "SUM:name"}, {}, "SUM takes a number, not a text"),
        ({"n": "MAX:data"}, {}, "MAX takes .*, not JSON"),
        ({"n": "SUM:parts.size"}, {}, "'parts.size' leads to many"),
        ({"n": "COUNT:id"}, {"group_by": ["nam"]}, "names no stored attribute"),
        ({"n": "COUNT:id"}, {"group_by": ["data"]}, "nothing is grouped by that"),
        ({"name": "COUNT:id"}, {"group_by": ["name"]}, "'name' is a group"),
        ({}, {}, "an aggregate has a name and a term"),
        ("COUNT:id", {}, "it takes names and terms"),
        ({"n": "COUNT:id"}, {"having": {"n>": 1}}, "having is a condition on groups"),
        ({"n": "COUNT:id"}, {"group_by": "name", "having": {"m>": 1}}, "'m' is no aggregate"),
        ({"n": "COUNT:id"}, {"group_by": "name", "having": {"n>": "x"}}, "is not a whole number"),
        ({"n": "COUNT:id"}, {"group_by": "name", "order": "size"}, "'size' is no aggregate"),
        ({"n": "COUNT:id"}, {"limit": -1}, "it takes a whole number"),
    ],
)
def test_a_wrong_aggregate_is_a_clear_error(parts: Any, values: Any, options: Any, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        parts.where({}).aggregate(values, **options)


def test_an_aggregate_takes_no_order_of_the_query(parts: Any) -> None:
    for query in (parts.order("name"), parts.limit(1), parts.select(["name"])):
        with pytest.raises(BadRequest, match="order and limit as arguments"):
            query.aggregate({"n": "COUNT:id"})


def test_aggregates_over_links_and_deleted_ones(data: Any, family: Any) -> None:
    data.entities.remove_entity(family.where({"name": "d"}).find_one())

    counted = family.aggregate({"n": "COUNT:id", "most": "MAX:size"}, group_by="whole.name", order="whole.name")
    assert counted == [
        {"whole.name": None, "n": 1, "most": 0},
        {"whole.name": "a", "n": 1, "most": 1},
        {"whole.name": "b", "n": 1, "most": 2},
    ]
    assert family.with_deleted().aggregate({"n": "COUNT:id"}) == [{"n": 4}]
    assert family.where({"size>": 99}).aggregate({"n": "COUNT:id", "s": "SUM:size"}) == [{"n": 0, "s": None}]
    assert family.where({"size>": 99}).aggregate({"n": "COUNT:id"}, group_by="name") == []


def peak_of_iterating(data: Any, parts: Any, count: int) -> int:
    """The most bytes that going through so many rows takes."""
    rows = [{"id": f"{number:036}", "name": "x" * 50, "size": number, "deleted": False} for number in range(count)]
    with data.database.write() as connection:
        connection.execute(insert(parts.table), rows)
    assert sum(1 for _ in parts.iterate(500)) == count  # what is kept for good is made
    tracemalloc.start()
    try:
        assert sum(1 for _ in parts.iterate(500)) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        with data.database.write() as connection:
            connection.execute(parts.table.delete())


def test_iterating_many_rows_takes_no_more_memory_than_few(data: Any, parts: Any) -> None:
    few, many = (peak_of_iterating(data, parts, count) for count in (2_000, 12_000))

    assert many < 1.2 * few


@pytest.mark.proof
@pytest.mark.every_database
def test_a_million_rows_take_no_more_memory_than_few(data: Any, parts: Any) -> None:
    few = peak_of_iterating(data, parts, 2_000)
    for start in range(0, 1_000_000, 50_000):
        rows = [{"id": f"{start + number:036}", "size": number, "deleted": False} for number in range(50_000)]
        with data.database.write() as connection:
            connection.execute(insert(parts.table), rows)
    del rows
    tracemalloc.start()
    try:
        assert sum(1 for _ in parts.select(["size"]).iterate(500)) == 1_000_000
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 1.2 * few
    assert sum(len(page.entities) for page in pages(parts.order("size", "DESC").select(["size"]))) == 20 * 10_000


def pages(query: Any) -> Any:
    """Twenty pages of ten thousand."""
    cursor = None
    for _ in range(20):
        page = query.page(10_000, after=cursor)
        cursor = page.next_cursor
        yield page
