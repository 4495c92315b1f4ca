"""Creating records or changing them, whichever fits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.services.shop import Shop


def upsert(shop: Shop, *rows: Any) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = shop.service("MassActions").upsert(rows)
    return answer


def product(**payload: Any) -> dict[str, Any]:
    return {"entity": "Product", "payload": payload}


def test_a_record_is_known_by_its_id(shop: Shop) -> None:
    known = shop.add(name="Anvil")

    answers = upsert(
        shop, product(id=known, name="Hammer"), product(id=known, name="Hammer"), product(id="saw", name="Saw")
    )

    assert answers == [
        {"status": "Updated", "stored": True, "entity": "Product", "id": known},
        {"status": "NotModified", "stored": True, "entity": "Product", "id": known},
        {"status": "Created", "stored": True, "entity": "Product", "id": "saw"},
    ]
    assert shop.stored("saw", "name") == "Saw"


def test_a_record_is_known_by_a_unique_field(shop: Shop) -> None:
    known = shop.add(name="Anvil", code="upsert-1")

    answers = upsert(shop, product(code="upsert-1", price=5), product(code="upsert-2", name="Hammer"))

    assert [answer["status"] for answer in answers] == ["Updated", "Created"]
    assert (answers[0]["id"], shop.stored(known, "price")) == (known, 5)


def test_a_record_without_a_known_value_is_new(shop: Shop) -> None:
    [first], [second] = upsert(shop, product(name="Anvil")), upsert(shop, product(name="Anvil"))

    assert first["status"] == second["status"] == "Created"
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (5, '5 is not of the form {"entity": "Product", "payload": {...}}.'),
        ({"entity": "Product"}, "The payload of the Product is None; it is to be an object of attributes."),
        ({"entity": "Prodct", "payload": {}}, "There is no entity 'Prodct'. Did you mean 'Product'?"),
        (product(id=["a", "b"]), "The id of the Product is ['a', 'b']; it is to be a text."),
        (product(nam="Anvil"), "Product has no attribute 'nam'. Did you mean 'name'?"),
        (product(code="upsert-3"), "name = None is required"),
    ],
)
def test_one_that_fails_keeps_no_other_from_it(shop: Shop, row: Any, message: str) -> None:
    failed, created = upsert(shop, row, product(name="Anvil"))

    assert (failed["status"], failed["stored"], failed["id"]) == ("Failed", False, None)
    assert message in failed["message"]
    assert created["status"] == "Created"
