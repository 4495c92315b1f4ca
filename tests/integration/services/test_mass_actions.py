"""Changing, removing and bringing back many records at once."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest
from tests.integration.services.shop import Shop


def payload(shop: Shop, answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shop.stored(answer["jobId"], "payload", "Job")
    return found


def test_few_records_are_changed_at_once(shop: Shop) -> None:
    first, second, third = shop.add_many(3)
    shop.Product.update_entity(second, {"price": 5})

    answer = shop.Product.mass_update({"price": 5}, {"ids": [first, second, second, "nowhere"]})

    assert answer == {"updated": 1, "errors": ["nowhere: There is no Product 'nowhere'."]}
    assert (shop.stored(first, "price"), shop.stored(third, "price")) == (5, None)


def test_few_records_are_removed_and_brought_back_at_once(shop: Shop) -> None:
    ids = shop.add_many(2)

    assert shop.Product.mass_delete({"ids": ids}) == {"deleted": 2, "errors": []}
    assert shop.Product.mass_restore({"ids": ids}) == {"restored": 2, "errors": []}
    assert shop.Product.mass_delete({"ids": ids, "permanently": True}) == {"deleted": 2, "errors": []}

    assert [shop.stored(each, "name") for each in ids] == ["gone", "gone"]


def test_a_list_in_the_input_is_each_record_s_own(shop: Shop) -> None:
    first, second = shop.add_many(2)
    tags = ["a"]

    shop.Product.mass_update({"tags": tags}, {"ids": [first, second]})
    shop.Product.update_entity(first, {"tags": [*shop.stored(first, "tags"), "b"]})

    assert (tags, shop.stored(second, "tags")) == (["a"], ["a"])


def test_more_than_200_records_are_a_job_s_work(shop: Shop) -> None:
    ids = shop.add_many(201)

    assert shop.Product.mass_update({"price": 1}, {"ids": ids[:200]})["updated"] == 200
    answer = shop.Product.mass_update({"price": 2}, {"ids": ids})

    assert payload(shop, answer) == {
        "action": "update",
        "entityName": "Product",
        "params": {"additionalJobData": {"input": {"price": 2}}},
        "ids": ids,
    }
    assert shop.stored(answer["jobId"], "type", "Job") == "MassActionCreator"
    assert shop.stored(answer["jobId"], "name", "Job") == "Mass update of Product"


def test_a_job_can_be_asked_for(shop: Shop) -> None:
    [product] = shop.add_many(1)

    answer = shop.Product.mass_delete({"ids": [product], "permanently": True}, as_job=True)

    assert payload(shop, answer)["params"] == {"permanently": True, "additionalJobData": {}}
    assert shop.stored(product, "name") == "Product"


def test_a_mass_action_on_jobs_overtakes_them(shop: Shop) -> None:
    job = shop.Job.create_entity({"name": "Rebuild", "type": "Rebuild", "status": "Awaiting"})["id"]

    answer = shop.Job.mass_update({"status": "Canceled"}, {"ids": [job]}, as_job=True)
    other = shop.Product.mass_update({"price": 1}, {"ids": ["x"]}, as_job=True)

    assert shop.stored(answer["jobId"], "priority", "Job") == 300
    assert shop.stored(other["jobId"], "priority", "Job") == 100


@pytest.mark.parametrize(
    "params", [{}, {"ids": ["a"], "where": []}, {"ids": "a"}, {"ids": [1]}, "all", {"where": "all"}, {"where": [5]}]
)
def test_which_records_is_to_be_said(shop: Shop, params: Any) -> None:
    calls = (
        lambda: shop.Product.mass_update({"price": 1}, params),
        lambda: shop.Product.mass_delete(params),
        lambda: shop.Product.mass_restore(params),
    )

    for call in calls:
        with pytest.raises(BadRequest):
            call()


@pytest.mark.parametrize("data", [{"nam": "x"}, {"price": "dear"}, "x"])
def test_what_fits_no_record_is_refused_once(shop: Shop, data: Any) -> None:
    with pytest.raises(BadRequest):
        shop.Product.mass_update(data, {"ids": shop.add_many(1)})
