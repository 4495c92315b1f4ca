"""Pages of records."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest
from tests.integration.services.shop import Shop

pytestmark = pytest.mark.every_database


@pytest.fixture
def shelf(shop: Shop, request: pytest.FixtureRequest) -> str:
    """Products A to E, all on a shelf of the test's own, which is also their filter."""
    shelf = request.node.name
    for number, name in enumerate("CAEBD"):
        shop.add(name=name, shelf=shelf, price=number)
    return shelf


def find(shop: Shop, shelf: str, *where: dict[str, Any], **params: Any) -> dict[str, Any]:
    mine = {"type": "equals", "attribute": "shelf", "value": shelf}
    return shop.Product.find_entities({"where": [mine, *where], **params})


def names(answer: dict[str, Any]) -> str:
    return "".join(row["name"] for row in answer["list"])


def test_a_list_is_sorted_as_the_entity_says_and_its_total_is_known_where_it_is_whole(shop: Shop, shelf: str) -> None:
    answer = find(shop, shelf)

    assert (names(answer), answer["total"], "next" in answer) == ("ABCDE", 5, False)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sortBy": "price"}, "CAEBD"),
        ({"sortBy": "price", "asc": False}, "DBEAC"),
        ({"asc": False}, "EDCBA"),
        ({"sortBy": "maker.city"}, "CAEBD"),
    ],
)
def test_a_list_can_be_sorted_otherwise(shop: Shop, shelf: str, params: dict[str, Any], expected: str) -> None:
    assert names(find(shop, shelf, **params)) == expected


def test_pages_follow_each_other_by_cursor(shop: Shop, shelf: str) -> None:
    first = find(shop, shelf, maxSize=2)
    second = find(shop, shelf, maxSize=2, after=first["next"])
    third = find(shop, shelf, maxSize=2, after=second["next"])

    assert [names(page) for page in (first, second, third)] == ["AB", "CD", "E"]
    assert "total" not in first | second | third
    assert "next" not in third


def test_a_total_is_counted_where_it_is_asked_for(shop: Shop, shelf: str) -> None:
    assert find(shop, shelf, totalOnly=True, maxSize=2) == {"total": 5}
    assert "total" not in find(shop, shelf, collectionOnly=True)


def test_conditions_of_the_api_choose(shop: Shop, shelf: str) -> None:
    dear = {"type": "greaterThan", "attribute": "price", "value": 2}

    assert names(find(shop, shelf, dear)) == "BD"
    assert names(
        find(shop, shelf, {"type": "or", "value": [dear, {"type": "in", "attribute": "name", "value": ["A"]}]})
    ) == ("ABD")


def test_filters_by_name_and_text_choose(shop: Shop, shelf: str) -> None:
    assert names(find(shop, shelf, textFilter="b")) == "B"
    assert names(find(shop, shelf, boolFilterList=["onlyMy"])) == "ABCDE"
    assert names(find(shop, shelf, boolFilterList=[], textFilter="")) == "ABCDE"


def test_removed_records_are_listed_on_request(shop: Shop, shelf: str) -> None:
    shop.Product.delete_entity(find(shop, shelf, textFilter="A")["list"][0]["id"])

    assert names(find(shop, shelf)) == "BCDE"
    assert names(find(shop, shelf, withDeleted=True)) == "ABCDE"
    assert names(find(shop, shelf, boolFilterList=["onlyDeleted"])) == "A"


@pytest.mark.parametrize("select", [["name", "maker"], "name,makerName", ["name", "makerCity"]])
def test_only_some_attributes_go_out_on_request(shop: Shop, shelf: str, select: Any) -> None:
    product = find(shop, shelf, textFilter="A")["list"][0]["id"]
    shop.Product.update_entity(product, {"makerId": shop.add("Maker", name="Acme", city="Berlin")})

    [row] = find(shop, shelf, textFilter="A", select=select)["list"]

    assert row.keys() == {"id", "name", "makerId", "makerName", "makerCity"}
    assert (row["makerName"], row["makerCity"]) == ("Acme", "Berlin")


def test_names_of_linked_records_go_out_with_each_row(shop: Shop, shelf: str) -> None:
    maker = shop.add("Maker", name="Acme")
    for row in find(shop, shelf)["list"][:2]:
        shop.Product.update_entity(row["id"], {"makerId": maker})

    assert [row["makerName"] for row in find(shop, shelf)["list"]] == ["Acme", "Acme", None, None, None]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"maxSize": 0}, "maxSize is to be a whole number from 1 to 1000, not 0"),
        ({"maxSize": 1001}, "maxSize"),
        ({"maxSize": "10"}, "maxSize"),
        ({"maxSiz": 10}, "a list has no parameter 'maxSiz'. Did you mean 'maxSize'?"),
        ({"offset": 10}, "there are no pages by offset; go on with 'after'"),
        ({"sortBy": "nam"}, "nam"),
        ({"sortBy": 5}, "5"),
        ({"after": "nonsense"}, "This is no cursor"),
        ({"select": ["nam"]}, "Did you mean 'name'"),
        ({"select": 5}, "select is to be a list of attributes, not 5"),
        ({"where": [{"type": "equal", "attribute": "name", "value": "A"}]}, "Did you mean 'equals'"),
        ({"boolFilterList": ["onlyMine"]}, "has no bool filter 'onlyMine'"),
        ("all", "the parameters of a list are to be an object, not 'all'"),
    ],
)
def test_what_no_list_can_be_is_refused(shop: Shop, params: Any, text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        shop.Product.find_entities(params)

    assert text in str(caught.value)


def test_parameters_of_the_value_none_are_as_if_they_were_not_there(shop: Shop, shelf: str) -> None:
    assert names(find(shop, shelf, sortBy=None, asc=None, maxSize=None, after=None, textFilter=None)) == "ABCDE"
