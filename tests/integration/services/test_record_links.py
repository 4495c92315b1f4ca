"""Relating records through their services."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import AtroError, BadRequest, Forbidden, NotFound
from tests.integration.services.shop import Shop

pytestmark = pytest.mark.every_database


def names(answer: dict[str, Any]) -> list[str]:
    return [row["name"] for row in answer["list"]]


def test_a_link_to_many_leads_to_what_was_linked(shop: Shop) -> None:
    product, first, second = shop.add(), shop.add("Category", name="A"), shop.add("Category", name="B")

    assert shop.Product.link_entity(product, "categories", [second, first])
    assert not shop.Product.link_entity(product, "categories", first)

    assert names(shop.Product.find_linked_entities(product, "categories", {"sortBy": "name"})) == ["A", "B"]
    assert names(shop.service("Category").find_linked_entities(first, "products", {})) == ["Product"]


def test_fields_of_the_relation_can_be_given(shop: Shop) -> None:
    product, category = shop.add(), shop.add("Category")

    shop.Product.link_entity(product, "categories", category, {"position": 3})

    repository = shop.manager.get_repository("Product")
    relation = repository.get_relation(repository.get(product), "categories", category)
    assert relation.get("position") == 3


def test_a_link_to_one_and_its_other_side_are_the_same(shop: Shop) -> None:
    product, maker = shop.add(), shop.add("Maker")

    shop.service("Maker").link_entity(maker, "products", product)
    assert shop.stored(product, "makerId") == maker

    assert shop.Product.unlink_entity(product, "maker", maker)
    assert shop.stored(product, "makerId") is None


def test_a_link_that_is_ended_twice_says_so(shop: Shop) -> None:
    product, category = shop.add(), shop.add("Category")
    shop.Product.link_entity(product, "categories", category)

    assert shop.Product.unlink_entity(product, "categories", [category])
    assert not shop.Product.unlink_entity(product, "categories", [category])


def test_of_several_all_are_linked_or_none(shop: Shop) -> None:
    product, category = shop.add(), shop.add("Category")

    with pytest.raises(NotFound, match="There is no Category 'nowhere'"):
        shop.Product.link_entity(product, "categories", [category, "nowhere"])

    assert shop.stored(product, "categoriesIds") == []


@pytest.mark.parametrize(
    ("link", "foreign_id", "error", "text"),
    [
        ("categorie", "x", BadRequest, "has no link 'categorie'. Did you mean 'categories'?"),
        ("categories", "nowhere", NotFound, "There is no Category 'nowhere'"),
        ("categories", None, BadRequest, "an id or a list of ids, not None"),
        ("categories", [5], BadRequest, r"an id or a list of ids, not \[5\]"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(
    shop: Shop, link: str, foreign_id: Any, error: type[AtroError], text: str
) -> None:
    product = shop.add()

    for call in (shop.Product.link_entity, shop.Product.unlink_entity):
        with pytest.raises(error, match=text):
            call(product, link, foreign_id)


def test_a_removed_record_is_not_linked(shop: Shop) -> None:
    product, category = shop.add(), shop.add("Category")
    shop.service("Category").delete_entity(category)

    with pytest.raises(NotFound):
        shop.Product.link_entity(product, "categories", category)


def test_a_protected_link_is_closed(shop: Shop) -> None:
    product, maker = shop.add(), shop.add("Maker")

    with pytest.raises(Forbidden, match="sealedMakerId"):
        shop.Product.link_entity(product, "sealedMaker", maker)


def test_records_that_are_linked_are_listed_in_pages(shop: Shop) -> None:
    product = shop.add(categoriesIds=[shop.add("Category", name=name) for name in "CAB"])

    first = shop.Product.find_linked_entities(product, "categories", {"sortBy": "name", "maxSize": 2})
    second = shop.Product.find_linked_entities(
        product, "categories", {"sortBy": "name", "maxSize": 2, "after": first["next"]}
    )

    assert (names(first), names(second)) == (["A", "B"], ["C"])
    assert shop.Product.find_linked_entities(product, "categories", {"totalOnly": True}) == {"total": 3}
