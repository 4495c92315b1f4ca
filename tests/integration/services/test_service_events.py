"""What listeners hear of record services, and what they may do."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from core.events.contracts import SERVICE
from core.exceptions import BadRequest, Forbidden, NotFound
from tests.integration.services.conftest import OpenShop
from tests.integration.services.shop import Shop

HEAD = """
from core.exceptions import Forbidden
from core.Listeners import AbstractListener


class {target}(AbstractListener):
    @property
    def _heard(self):
        return self.get_container().get("memoryStorage").get("heard")

"""


def listener(target: str, **methods: str) -> dict[str, str]:
    """A file with these methods; `heard` is a list that the test sees."""
    bodies = [f"    def {name}(self, event):\n        {body}\n" for name, body in methods.items()]
    return {f"Listeners/{target}.py": HEAD.format(target=target) + "\n".join(bodies)}


def hearing(shop: Shop) -> list[Any]:
    heard: list[Any] = []
    shop.container.get("memoryStorage").set("heard", heard)
    return heard


def test_every_event_is_told_with_the_arguments_of_its_contract(open_shop: OpenShop) -> None:
    bodies = {name: f"self._heard.append(('{name}', frozenset(event.get_arguments())))" for name in SERVICE}
    shop = open_shop(listener("ProductService", **bodies))
    heard = hearing(shop)

    do_everything(shop)

    assert dict(heard) == {name: frozenset(action.arguments) for name, action in SERVICE.items()}


def do_everything(shop: Shop) -> None:
    service, category = shop.Product, shop.add("Category")
    product = service.create_entity({"name": "Anvil"})["id"]
    service.update_entity(product, {"name": "Hammer"})
    service.link_entity(product, "categories", category)
    service.unlink_entity(product, "categories", category)
    service.read_entity(product)
    service.find_entities({})
    service.find_linked_entities(product, "categories", {})
    service.mass_update({"price": 1}, {"ids": [product]})
    service.mass_delete({"ids": [product]})
    service.mass_restore({"ids": [product]})


def test_who_listens_to_all_services_hears_first(open_shop: OpenShop) -> None:
    body = "self._heard.append((type(self).__name__, event.get_argument('entityType')))"
    shop = open_shop(listener("Service", before_read_entity=body) | listener("ProductService", before_read_entity=body))
    product = shop.add()
    heard = hearing(shop)

    shop.Product.read_entity(product)

    assert heard == [("Service", "Product"), ("ProductService", "Product")]


def test_before_may_refuse(open_shop: OpenShop) -> None:
    refuse = "raise Forbidden('No.')"
    shop = open_shop(listener("ProductService", before_update_entity=refuse, before_link_entity=refuse))
    product, category = shop.add(name="Anvil"), shop.add("Category")

    with pytest.raises(Forbidden, match=r"No\."):
        shop.Product.update_entity(product, {"name": "Hammer"})
    with pytest.raises(Forbidden):
        shop.Product.link_entity(product, "categories", category)

    assert (shop.stored(product, "name"), shop.stored(product, "categoriesIds")) == ("Anvil", [])


def test_before_may_change_the_arguments(open_shop: OpenShop) -> None:
    shop = open_shop(
        listener(
            "ProductService",
            before_create_entity="event.set_argument('attachment', {**event.get_argument('attachment'), 'price': 3})",
            before_update_entity="event.get_argument('data')['price'] = 4",
        )
    )

    product = shop.Product.create_entity({"name": "Anvil"})
    updated = shop.Product.update_entity(product["id"], {"name": "Hammer"})

    assert (product["price"], updated["price"]) == (3, 4)


def test_what_an_after_raises_is_logged_and_the_change_stands(
    open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    actions = ("create_entity", "update_entity", "delete_entity", "restore_entity", "link_entity", "mass_update")
    shop = open_shop(listener("ProductService", **{f"after_{action}": "1 / 0" for action in actions}))
    category = shop.add("Category")

    with caplog.at_level(logging.ERROR, "atro"):
        product = shop.Product.create_entity({"name": "Anvil"})["id"]
        shop.Product.update_entity(product, {"name": "Hammer"})
        shop.Product.delete_entity(product)
        shop.Product.restore_entity(product)
        shop.Product.link_entity(product, "categories", category)
        assert shop.Product.mass_update({"price": 2}, {"ids": [product]}) == {"updated": 1, "errors": []}

    assert (shop.stored(product, "name"), shop.stored(product, "categoriesIds")) == ("Hammer", [category])
    for action in actions:
        assert f"raised by Market.Listeners.ProductService.after_{action} (module Market)" in caplog.text


def test_after_may_set_another_result(open_shop: OpenShop) -> None:
    body = "event.set_argument('result', {**event.get_argument('result'), 'seen': event.get_argument('entity').id})"
    shop = open_shop(listener("ProductService", after_create_entity=body, after_read_entity=body))

    product = shop.Product.create_entity({"name": "Anvil"})

    assert product["seen"] == product["id"]
    assert shop.Product.read_entity(product["id"])["seen"] == product["id"]


def test_reading_has_no_commit_so_an_after_may_refuse(open_shop: OpenShop) -> None:
    body = "if event.get_argument('entity').get('status') == 'Final': raise Forbidden('Not for you.')"
    shop = open_shop(listener("ProductService", after_get_entity=body))
    draft, final = shop.add(), shop.add(status="Final")

    assert shop.Product.read_entity(draft)["id"] == draft
    with pytest.raises(Forbidden):
        shop.Product.read_entity(final)


def test_what_goes_out_can_be_changed(open_shop: OpenShop) -> None:
    shop = open_shop(
        listener(
            "ProductService",
            prepare_entity_for_output="event.get_argument('result').pop('price')",
            prepare_collection_for_output="for row in event.get_argument('result'): row['listed'] = True",
        )
    )

    product = shop.Product.create_entity({"name": "Anvil", "price": 5})
    [listed] = shop.Product.find_entities({})["list"]

    assert "price" not in product and "price" not in listed
    assert listed["listed"] is True


def test_a_change_whose_record_cannot_go_out_answers_its_id_alone(
    open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop(listener("ProductService", prepare_entity_for_output="raise Forbidden('Secret.')"))

    created = shop.Product.create_entity({"name": "Anvil"})

    assert created.keys() == {"id"}
    assert shop.stored(created["id"], "name") == "Anvil"
    assert f"Product '{created['id']}' was saved, but cannot be shown." in caplog.text
    with pytest.raises(Forbidden):
        shop.Product.read_entity(created["id"])


def test_inside_a_transaction_an_after_waits_for_the_commit(open_shop: OpenShop) -> None:
    shop = open_shop(listener("ProductService", after_create_entity="self._heard.append('told')"))
    heard = hearing(shop)

    with shop.manager.transaction():
        shop.add()
        assert heard == []
    assert heard == ["told"]

    with pytest.raises(RuntimeError), shop.manager.transaction():
        shop.add()
        raise RuntimeError
    assert heard == ["told"]


def test_a_listener_of_the_entity_is_told_of_what_a_service_saves(open_shop: OpenShop) -> None:
    body = "self._heard.append((event.get_argument('entityType'), event.get_argument('entity').get('name')))"
    veto = "if event.get_argument('entity').get('name') == 'Bad': raise Forbidden('No.')"
    shop = open_shop(listener("ProductEntity", before_save=veto, after_save=body))
    heard = hearing(shop)

    shop.add(name="Anvil")
    with pytest.raises(Forbidden):
        shop.add(name="Bad")

    assert heard == [("Product", "Anvil")]


def test_listeners_of_metadata_and_language_of_a_module_count(open_shop: OpenShop) -> None:
    field = "event.get_argument('data')['entityDefs']['Maker']['fields']['phone'] = {'type': 'varchar'}"
    text = "event.get_argument('data').setdefault('Maker', {}).setdefault('fields', {})['phone'] = 'Phone'"
    shop = open_shop(listener("Metadata", modify=field) | listener("Language", modify=text))

    maker = shop.service("Maker").create_entity({"name": "Acme", "phone": "123"})

    assert maker["phone"] == "123"
    assert shop.container.get("language").translate("phone", "fields", "Maker") == "Phone"


def test_a_listener_of_a_layout_of_a_module_counts(open_shop: OpenShop) -> None:
    shop = open_shop(listener("MakerLayout", list="event.get_argument('result').append({'name': 'city'})"))

    layout = shop.container.get("layoutManager").get("Maker", "list")

    assert layout[-1] == {"name": "city"}


def test_without_listeners_nothing_is_told(shop: Shop) -> None:
    assert not shop.Product._events.has_listeners("before_create_entity")
    with pytest.raises(NotFound):
        shop.Product.read_entity("nowhere")
    with pytest.raises(BadRequest):
        shop.Product.create_entity({})
