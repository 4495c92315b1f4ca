"""A shop, and users who may more or less in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.access import Accounts, Identity
from core.access.caller import Caller, asked_by
from core.application import Application
from core.Entities import User
from core.orm import EntityManager
from core.testing import Installation
from tests.integration.web.conftest import PASSWORD

ADDRESS = "192.0.2.7"
_OWNED = {"entity": True, "type": "Base", "module": "Shop", "hasOwner": True}
_MAKER = {"name": {"type": "varchar"}, "margin": {"type": "float"}}
_PRODUCT = {
    "name": {"type": "varchar"},
    "maker": {"type": "link"},
    "makerMargin": {"type": "foreign", "link": "maker", "field": "margin"},
    "tags": {"type": "linkMultiple"},
    "apiKey": {"type": "varchar"},
    "settings": {"type": "jsonObject", "sensitive": True},
}
_LINKS = {
    "maker": {"type": "belongsTo", "entity": "Maker", "foreign": "products"},
    "tags": {"type": "hasMany", "entity": "Tag", "foreign": "products", "relationName": "productTag"},
}
_JOB = """
from core.Jobs import AbstractJob, JobInterface


class Harmless(AbstractJob, JobInterface):
    def run(self, job):
        pass
"""
_LISTENER = """
from core.exceptions import BadRequest
from core.Listeners import AbstractListener


class ProductEntity(AbstractListener):
    def before_save(self, event):
        name = event.get_argument("entity").get("name")
        if name == "refused":
            raise BadRequest("No.")
        if name == "of a new maker":
            self.get_service("Maker").create_entity({"name": "made by a listener"})
"""
SHOP: dict[str, Any] = {
    "Resources/metadata/scopes/Product.json": _OWNED,
    "Resources/metadata/scopes/Maker.json": _OWNED,
    "Resources/metadata/scopes/Tag.json": _OWNED,
    "Resources/metadata/entityDefs/Product.json": {"fields": _PRODUCT, "links": _LINKS},
    "Resources/metadata/entityDefs/Maker.json": {"fields": _MAKER},
    "Resources/metadata/entityDefs/Tag.json": {
        "fields": {"name": {"type": "varchar"}, "products": {"type": "linkMultiple"}},
        "links": {
            "products": {"type": "hasMany", "entity": "Product", "foreign": "tags", "relationName": "productTag"}
        },
    },
    "Resources/metadata/app/jobTypes.json": {"Harmless": {"handler": "Shop.Jobs.Harmless", "scheduledJob": True}},
    "Jobs/Harmless.py": _JOB,
    "Listeners/ProductEntity.py": _LISTENER,
}


class People:
    """Makes users in an installation with the module Shop, and lets them ask."""

    def __init__(self, application: Application) -> None:
        self.container = application.container
        self.manager = self.container.get(EntityManager)

    def add(self, name: str, role: str | None = None, *data: dict[str, Any]) -> User:
        """A new user: an administrator, an operator, a viewer, or one with roles that say this."""
        accounts = self.container.get(Accounts)
        is_admin = role == "administrator"
        user = accounts.add(name, PASSWORD, is_admin=is_admin, role=None if is_admin else role)
        for number, each in enumerate(data):
            entity = self.store("Role", name=f"{name} {number}", data=each)
            self.manager.get_repository("User").relate(user, "roles", entity)
        return user

    def store(self, entity_type: str, **values: Any) -> Any:
        """A new record of nobody in particular."""
        entity = self.manager.get_entity(entity_type)
        entity.set({"name": "x", **values} if entity.has_attribute("name") else values)
        self.manager.save_entity(entity)
        return entity

    @contextmanager
    def asking(self, user: User, *, scope: str = "all") -> Iterator[Callable[[str], Any]]:
        """Inside, the user asks from outside; given are the record services by name."""
        identity = Identity(user, "api", scope, "token")
        with self.manager.acting_as(user), asked_by(Caller(identity, ADDRESS)):
            yield self.container.get("serviceFactory").create


def shop(installation: Installation) -> Iterator[Application]:
    """The installation with its module, open."""
    installation.add_module("Shop", SHOP)
    with installation.application() as application:
        yield application
