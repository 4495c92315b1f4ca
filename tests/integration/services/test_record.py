"""Creating, reading, changing, removing and bringing back a record."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import AtroError, BadRequest, Conflict, Forbidden, NotFound, NotModified, NotUnique
from tests.integration.services.shop import Shop


def test_a_new_record_goes_out_as_it_is_stored(shop: Shop) -> None:
    created = shop.Product.create_entity({"name": "Anvil", "released": "2026-01-02", "tags": ["heavy"]})

    assert (created["name"], created["released"], created["tags"]) == ("Anvil", "2026-01-02", ["heavy"])
    assert (created["status"], created["deleted"]) == ("Draft", False)
    assert created == shop.Product.read_entity(created["id"])


def test_names_and_foreign_fields_of_linked_records_go_out(shop: Shop) -> None:
    maker = shop.add("Maker", name="Acme", city="Berlin")

    product = shop.Product.create_entity({"name": "Anvil", "makerId": maker})

    assert (product["makerName"], product["makerCity"]) == ("Acme", "Berlin")
    assert (product["sealedMakerId"], product["sealedMakerName"]) == (None, None)


def test_what_the_system_writes_and_what_is_only_shown_is_left_out_of_the_input(shop: Shop) -> None:
    sent = {"id": "mine", "deleted": True, "createdAt": "2001-01-01", "createdById": "x", "modifiedAt": "2001-01-01"}

    product = shop.Product.create_entity(
        {**sent, "modifiedById": "x", "name": "Anvil", "makerName": "Acme", "makerCity": "Rome"}
    )

    assert product["id"] != "mine"
    assert not product["deleted"]
    assert product["createdAt"].startswith("20") and not product["createdAt"].startswith("2001")
    assert product["createdById"] == product["modifiedById"] == "system"


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        ({"nam": "Anvil"}, BadRequest, "Product has no attribute 'nam'. Did you mean 'name'?"),
        ({5: "Anvil"}, BadRequest, "Product has no attribute '5'."),
        ({"name": "Anvil", "price": "dear"}, BadRequest, "price = 'dear' is not a number"),
        ({"name": ""}, BadRequest, "name = '' is required"),
        ({"name": "x" * 51}, BadRequest, "is longer than 50 characters"),
        ({"name": "Anvil", "checksum": "1"}, Forbidden, "checksum cannot be changed through the API: protected"),
        ("Anvil", BadRequest, "the attributes are to be an object, not 'Anvil'"),
    ],
)
def test_what_cannot_be_stored_is_refused(shop: Shop, data: Any, error: type[AtroError], text: str) -> None:
    with pytest.raises(error) as caught:
        shop.Product.create_entity(data)

    assert text in str(caught.value)


def test_an_id_may_be_given_beside_the_data(shop: Shop) -> None:
    assert shop.Product.create_entity({"name": "Anvil"}, "anvil-1")["id"] == "anvil-1"


def test_unique_values_are(shop: Shop) -> None:
    shop.add(code="unique")

    with pytest.raises(NotUnique):
        shop.Product.create_entity({"name": "Anvil", "code": "unique"})


@pytest.mark.parametrize("entity_id", ["nowhere", "", "\0", "\ud800", None, 5, ["x"]])
def test_a_record_that_is_not_there_is_not_found(shop: Shop, entity_id: Any) -> None:
    service = shop.Product

    for call in (service.read_entity, service.get_entity, service.delete_entity, service.restore_entity):
        with pytest.raises(NotFound):
            call(entity_id)


def test_an_update_changes_what_it_names(shop: Shop) -> None:
    product = shop.add(name="Anvil", price=5, tags=["a"])

    updated = shop.Product.update_entity(product, {"price": 6})

    assert (updated["price"], updated["name"], updated["tags"]) == (6, "Anvil", ["a"])
    assert shop.stored(product, "price") == 6


@pytest.mark.parametrize("same", [{"name": "Anvil"}, {"price": "5.0"}, {"tags": ["a"]}, {"createdAt": None}, {}])
def test_an_update_that_changes_nothing_says_so(shop: Shop, same: dict[str, Any]) -> None:
    product = shop.add(name="Anvil", price=5, tags=["a"])

    with pytest.raises(NotModified) as caught:
        shop.Product.update_entity(product, same)

    assert caught.value.status_code == 304


def test_the_same_ids_of_a_link_to_many_are_no_change(shop: Shop) -> None:
    first, second = shop.add("Category"), shop.add("Category")
    product = shop.add(categoriesIds=[first, second])

    with pytest.raises(NotModified):
        shop.Product.update_entity(product, {"categoriesIds": [second, first]})
    shop.Product.update_entity(product, {"categoriesIds": [second]})

    assert shop.stored(product, "categoriesIds") == [second]


def test_a_protected_attribute_may_be_sent_back_but_not_changed(shop: Shop) -> None:
    product = shop.Product.read_entity(shop.add(name="Anvil"))

    shop.Product.update_entity(product["id"], {**product, "name": "Hammer"})

    with pytest.raises(Forbidden, match="checksum"):
        shop.Product.update_entity(product["id"], {"checksum": "1"})


def test_a_conditionally_protected_attribute_is_judged_by_what_is_stored(shop: Shop) -> None:
    product = shop.add(shelf="A")

    shop.Product.update_entity(product, {"shelf": "B", "status": "Final"})
    with pytest.raises(Forbidden, match="shelf"):
        shop.Product.update_entity(product, {"shelf": "C", "status": "Draft"})

    assert shop.stored(product, "shelf") == "B"


def test_whose_view_is_old_gets_a_conflict_that_names_the_attribute(shop: Shop) -> None:
    product = shop.add(name="Anvil", price=5)
    shop.Product.update_entity(product, {"price": 6})

    with pytest.raises(Conflict, match="price was changed by somebody else") as caught:
        shop.Product.update_entity(product, {"price": 7, "_prev": {"price": 5}})

    assert caught.value.status_code == 409
    assert shop.stored(product, "price") == 6


def test_a_change_of_another_attribute_is_no_conflict_unless_the_moment_is_compared(shop: Shop) -> None:
    product = shop.Product.read_entity(shop.add(name="Anvil", price=5))
    shop.Product.update_entity(product["id"], {"price": 6})

    shop.Product.update_entity(product["id"], {"name": "Hammer", "_prev": {"name": "Anvil", "makerName": "?"}})
    with pytest.raises(Conflict, match="modifiedAt"):
        shop.Product.update_entity(product["id"], {"name": "Saw", "_prev": {"modifiedAt": product["modifiedAt"]}})


@pytest.mark.parametrize(
    ("previous", "text"),
    [
        ("Anvil", "_prev is to be an object"),
        ({"nam": "Anvil"}, "Did you mean 'name'"),
        ({"price": "dear"}, "_prev.price = 'dear' is not a number"),
    ],
)
def test_a_previous_value_that_is_none_is_refused(shop: Shop, previous: Any, text: str) -> None:
    product = shop.add()

    with pytest.raises(BadRequest, match=text):
        shop.Product.update_entity(product, {"name": "Hammer", "_prev": previous})


def test_a_removed_record_comes_back(shop: Shop) -> None:
    product = shop.add(name="Anvil")

    assert shop.Product.delete_entity(product)
    assert shop.stored(product, "name") == "removed"

    assert shop.Product.restore_entity(product)["name"] == "Anvil"
    with pytest.raises(NotModified):
        shop.Product.restore_entity(product)


@pytest.mark.parametrize("was_removed", [False, True])
def test_a_record_can_be_deleted_for_good(shop: Shop, was_removed: bool) -> None:
    product = shop.add()
    if was_removed:
        shop.Product.delete_entity(product)

    shop.Product.delete_entity(product, permanently=True)

    assert shop.stored(product, "name") == "gone"


def test_a_person_cannot_let_a_job_run(shop: Shop) -> None:
    job = shop.Job.create_entity({"name": "Rebuild", "type": "Rebuild"})["id"]

    with pytest.raises(Forbidden):
        shop.Job.update_entity(job, {"status": "Running"})
    shop.Job.update_entity(job, {"status": "Canceled"})

    assert shop.stored(job, "status", "Job") == "Canceled"


@pytest.mark.parametrize("name", ["pid", "attempt", "runProcess", "runNode", "startedAt", "creatorId"])
def test_what_the_job_manager_writes_is_closed_to_people(shop: Shop, name: str) -> None:
    job = shop.Job.create_entity({"name": "Rebuild", "type": "Rebuild", "status": "Awaiting"})["id"]

    with pytest.raises(Forbidden, match=name):
        shop.Job.update_entity(job, {name: "2026-01-01" if name == "startedAt" else "1"})


def test_a_module_s_own_service_fills_in_judges_and_reacts(open_shop: Any) -> None:
    code = """
        from core.exceptions import BadRequest
        from core.Services import Record


        class Product(Record):
            def before_create_entity(self, entity, data):
                entity.set("code", f"code of {data['name']}")

            def before_update_entity(self, entity, data):
                if entity.get("name") == "Bad":
                    raise BadRequest("That is a bad name.")

            def after_create_entity(self, entity, data):
                raise RuntimeError("not my day")

            def prepare_entity_for_output(self, entity, result):
                return {**super().prepare_entity_for_output(entity, result), "extra": True}
    """
    shop = open_shop({"Services/Product.py": code})

    product = shop.Product.create_entity({"name": "Anvil"})

    assert (product["code"], product["extra"]) == ("code of Anvil", True)
    with pytest.raises(BadRequest, match="bad name"):
        shop.Product.update_entity(product["id"], {"name": "Bad"})
