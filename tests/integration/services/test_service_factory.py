"""Which class is the service of an entity."""

from __future__ import annotations

import pytest

from core.exceptions import Error, NotFound
from core.Services import AbstractService, Record
from tests.integration.services.conftest import OpenShop
from tests.integration.services.shop import Shop

CART = """
from core.Services import AbstractService


class Cart(AbstractService):
    pass
"""
SPECIAL = """
from core.Services import Record


class SpecialProduct(Record):
    pass
"""
NO_RECORD = """
class Maker:
    pass
"""


def test_an_entity_without_a_file_has_a_record_service(shop: Shop) -> None:
    service = shop.service("Category")

    assert (type(service), service.entity_type) == (Record, "Category")
    assert service is shop.service("Category")


def test_core_has_a_service_of_its_own_for_jobs(shop: Shop) -> None:
    assert (type(shop.service("Job")).__module__, shop.service("Job").entity_type) == ("core.Services.Job", "Job")


@pytest.mark.parametrize("name", ["Record", "AbstractRecord", "AbstractService", "ServiceFactory", "Prodct"])
def test_what_services_are_made_of_is_none(shop: Shop, name: str) -> None:
    with pytest.raises(Error, match=f"Service '{name}' was not found"):
        shop.service(name)


def test_metadata_may_name_another_class_for_an_entity(open_shop: OpenShop) -> None:
    services = {"Product": "\\Market\\Services\\SpecialProduct"}
    shop = open_shop({"Services/SpecialProduct.py": SPECIAL, "Resources/metadata/app/services.json": services})

    product = shop.add(name="Anvil")

    assert type(shop.service("Product")).__name__ == "SpecialProduct"
    assert (shop.service("Product").entity_type, shop.stored(product, "name")) == ("Product", "Anvil")


def test_a_service_that_serves_no_records_has_the_getters_too(open_shop: OpenShop) -> None:
    cart = open_shop({"Services/Cart.py": CART}).service("Cart")

    assert isinstance(cart, AbstractService)
    assert cart.get_service("Product").entity_type == "Product"
    assert cart.get_metadata().get("scopes.Product.entity")
    assert cart.get_config().get("language") == "en_US"
    assert cart.get_language().translate("name", "fields") == "Name"
    assert cart.get_user().id == cart.get_entity_manager().user_id
    assert not cart.get_event_manager().has_listeners("ProductService", "before_read_entity")
    assert cart.get_container().get("entityManager") is cart.get_entity_manager()


def test_a_record_service_is_had_as_one(open_shop: OpenShop) -> None:
    factory = open_shop({"Services/Maker.py": NO_RECORD}).container.get("serviceFactory")

    assert factory.create_record("Product").entity_type == "Product"
    with pytest.raises(NotFound, match="There is no entity 'Prodct'"):
        factory.create_record("Prodct")
    with pytest.raises(Error, match="The service 'Maker' has the name of an entity, and is no record service"):
        factory.create_record("Maker")
    assert [problem.partition(",")[0] for problem in factory.check()] == [
        "The service 'Maker' has the name of an entity"
    ]
