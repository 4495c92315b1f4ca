"""What whom is allowed, as `Rights` says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.access import Accounts, Identity, Rights
from core.application import Application
from core.Entities import User
from core.exceptions import BadRequest, Forbidden
from core.orm import EntityManager
from core.testing import Installation
from tests.integration.web.conftest import PASSWORD

PRODUCT = {
    "Resources/metadata/scopes/Product.json": {"entity": True, "type": "Base", "module": "Shop", "hasOwner": True}
}
PRODUCT["Resources/metadata/entityDefs/Product.json"] = {"fields": {"name": {"type": "varchar"}}}

Make = Callable[..., User]


@pytest.fixture
def application(installation: Installation) -> Any:
    installation.add_module("Shop", PRODUCT)
    with installation.application() as application:
        yield application


@pytest.fixture
def manager(application: Application) -> EntityManager:
    return application.container.get(EntityManager)


@pytest.fixture
def rights(application: Application) -> Rights:
    return application.container.get(Rights)


@pytest.fixture
def make(application: Application, manager: EntityManager) -> Make:
    """A new user with a role of ours, or with roles that say this."""

    def user(name: str, role: str | None = None, *data: dict[str, Any]) -> User:
        made = application.container.get(Accounts).add(name, PASSWORD, role=role)
        for number, each in enumerate(data):
            entity = manager.get_entity("Role")
            entity.set({"name": f"{name} {number}", "data": each})
            manager.save_entity(entity)
            manager.get_repository("User").relate(made, "roles", entity)
        return made

    return user


def owned_by(manager: EntityManager, entity_type: str, user: User, **values: Any) -> Any:
    entity = manager.get_entity(entity_type)
    entity.set({"name": "x", "ownerUserId": user.id, **values})
    manager.save_entity(entity)
    return entity


def test_system_roles_say_what_one_may(rights: Rights, make: Make) -> None:
    operator, viewer, nobody = make("olga", "operator"), make("vera", "viewer"), make("nora")

    def allowed(user: User) -> list[bool]:
        asked = [("read", "Job"), ("cancel", "Job"), ("pause", "JobManager"), ("edit", "Product"), ("read", "User")]
        return [rights.may(user, *each) for each in (*asked, ("administer", "Settings"), ("read", "Unknown"))]

    assert allowed(operator) == [True, True, True, False, False, False, False]
    assert allowed(viewer) == [True, False, False, False, False, False, False]
    assert allowed(nobody) == [False] * 7
    operator.set("isAdmin", True)
    assert allowed(operator) == [True] * 7


def test_of_several_roles_the_widest_right_counts(rights: Rights, make: Make) -> None:
    narrow, wide = (
        {"Product": {"read": "own", "edit": "all"}},
        {"Product": {"read": "all", "edit": "no", "create": "yes"}},
    )
    user = make("nora", None, narrow, wide)

    levels = [rights.level(user, action, "Product") for action in ("read", "edit", "create", "delete")]

    assert levels == ["all", "all", "all", "no"]
    assert rights.level(user, "read", "Job") == "no"


def test_own_is_what_one_owns_as_it_is_stored(rights: Rights, make: Make, manager: EntityManager) -> None:
    user, other = make("nora", None, {"Product": {"edit": "own"}}), make("otto")
    own, foreign = owned_by(manager, "Product", user), owned_by(manager, "Product", other)
    foreign.set("ownerUserId", user.id)

    assert rights.may(user, "edit", "Product")
    assert rights.may(user, "edit", "Product", own)
    with pytest.raises(Forbidden, match="of your own only"):
        rights.require(user, "edit", "Product", foreign)


def test_a_role_gives_a_viewer_no_more(rights: Rights, make: Make) -> None:
    viewer = make("vera", "viewer", {"Product": {"edit": "all"}, "JobManager": {"pause": "all"}})

    assert not rights.may(viewer, "edit", "Product")
    assert not rights.may(viewer, "pause", "JobManager")


def test_a_token_for_reading_changes_nothing(rights: Rights, make: Make) -> None:
    admin = make("anna")
    admin.set("isAdmin", True)
    identity = Identity(admin, "api", "read", "token")

    assert rights.may(identity, "read", "User")
    with pytest.raises(Forbidden, match="for reading only"):
        rights.require(identity, "administer", "User")


@pytest.mark.parametrize("action", ["create", "edit", "run", "retry", "delete"])
def test_some_job_types_are_for_administrators(rights: Rights, make: Make, manager: EntityManager, action: str) -> None:
    user = make("nora", None, {"Job": {"read": "all", "create": "yes", "edit": "all", "delete": "all"}})
    payload = {"entityType": "User", "ids": [], "input": {"isAdmin": True}}
    job = owned_by(manager, "Job", user, type="MassUpdate", payload=payload)
    harmless = owned_by(manager, "Job", user, type="ClearEntities")
    was = owned_by(manager, "Job", user, type="MassUpdate", payload=payload)
    was.set("type", "ClearEntities")

    assert rights.may(user, action, "Job", harmless)
    assert not rights.may(user, action, "Job", was)
    assert rights.may(user, "cancel", "Job", job)
    with pytest.raises(Forbidden, match="'MassUpdate' are for administrators alone"):
        rights.require(user, action, "Job", job)


def test_the_table_between_two_entities_is_as_open_as_both(rights: Rights, make: Make) -> None:
    user = make("olga", "operator")

    assert not any(rights.may(user, action, "RoleUser") for action in ("read", "create", "edit", "delete"))


#: data, message
REFUSED_ROLES = [
    ({"Prodct": {"read": "all"}}, "Did you mean 'Product'"),
    ({"User": {"read": "all"}}, "No role can open 'User'"),
    ({"Product": {"raed": "all"}}, "Did you mean 'read'"),
    ({"Product": {"read": True}}, "it may be no, own, all"),
    ({"Product": {"create": "own"}}, "it may be yes, no"),
    ({"Product": "all"}, "is to be an object"),
]


def test_a_role_that_means_nothing_is_refused(make: Make) -> None:
    for number, (data, message) in enumerate(REFUSED_ROLES):
        with pytest.raises(BadRequest, match=message):
            make(f"nora {number}", None, data)
