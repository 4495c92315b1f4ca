"""What record services let pass of what somebody asks for from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.access.redaction import REDACTED
from core.application import Application
from core.exceptions import BadRequest, Forbidden
from core.testing import Installation
from tests.integration.web.people import People, shop


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    yield from shop(installation)


@pytest.fixture
def people(application: Application) -> People:
    return People(application)


def names(page: dict[str, Any]) -> list[str]:
    return sorted(row["name"] for row in page["list"])


def test_a_list_has_what_is_ones_own(people: People) -> None:
    user, other = people.add("nora", None, {"Product": {"read": "own"}}), people.add("otto")
    people.store("Product", name="mine", ownerUserId=user.id)
    foreign = people.store("Product", name="hers", ownerUserId=other.id)

    with people.asking(user) as service:
        assert names(service("Product").find_entities({})) == ["mine"]
        assert service("Product").find_entities({"totalOnly": True})["total"] == 1
        with pytest.raises(Forbidden):
            service("Product").read_entity(foreign.id)
        with pytest.raises(Forbidden, match="may not read Maker"):
            service("Maker").find_entities({})
    assert names(people.container.get("serviceFactory").create("Product").find_entities({})) == ["hers", "mine"]


def test_what_one_may_not_change_stays(people: People) -> None:
    user = people.add("nora", None, {"Product": {"read": "all", "edit": "own", "create": "yes"}})
    foreign = people.store("Product", name="hers")

    with people.asking(user) as service:
        own = service("Product").create_entity({"name": "mine"})
        service("Product").update_entity(own["id"], {"name": "still mine"})
        for refused in (
            lambda: service("Product").update_entity(foreign.id, {"name": "mine"}),
            lambda: service("Product").delete_entity(own["id"]),
            lambda: service("Product").update_entity(foreign.id, {"ownerUserId": user.id}),
            lambda: service("Maker").create_entity({"name": "x"}),
        ):
            with pytest.raises(Forbidden):
                refused()
        done = service("Product").mass_update({"name": "z"}, {"ids": [own["id"], foreign.id]})
        assert (done["updated"], len(done["errors"])) == (1, 1)
        with pytest.raises(Forbidden, match="by a job"):
            service("MassActions").start("polish", "Product", {"where": [], "singleActionMethod": "polish"})


def test_a_token_for_reading_changes_nothing(people: People) -> None:
    admin, product = people.add("anna", "administrator"), people.store("Product")

    with people.asking(admin, scope="read") as service:
        assert service("Product").read_entity(product.id)["name"] == "x"
        with pytest.raises(Forbidden, match="for reading only"):
            service("Product").update_entity(product.id, {"name": "y"})


def test_an_operator_becomes_no_administrator(people: People) -> None:
    operator = people.add("olga", "operator")
    admin = people.add("anna", "administrator")
    make_me = {"entityType": "User", "ids": [operator.id], "input": {"isAdmin": True}}
    done = people.store("Job", type="MassUpdate", payload=make_me, ownerUserId=admin.id)
    harmless = people.store("Job", type="Harmless", ownerUserId=admin.id)
    own = people.store("Job", type="Harmless", ownerUserId=operator.id)
    schedule = people.store("ScheduledJob", type="Harmless")
    mass = {"action": "update", "entityName": "User", "params": {}}

    with people.asking(operator) as service:
        jobs, schedules = service("Job"), service("ScheduledJob")
        jobs.cancel(done.id)
        for refused in (
            lambda: jobs.create_entity({"type": "MassUpdate", "payload": make_me}),
            lambda: jobs.create_entity({"type": "MassActionCreator", "payload": mass}),
            lambda: jobs.create_entity({"type": "Harmless", "ownerUserId": admin.id}),
            lambda: jobs.update_entity(own.id, {"type": "MassUpdate", "payload": make_me}),
            lambda: jobs.update_entity(own.id, {"ownerUserId": admin.id}),
            lambda: jobs.update_entity(harmless.id, {"payload": {"a": 1}}),
            lambda: jobs.retry(done.id),
            lambda: jobs.run_again(done.id, {}),
            lambda: schedules.create_entity({"name": "x", "type": "RetryFailedJobs"}),
            lambda: service("User").update_entity(operator.id, {"isAdmin": True}),
            lambda: service("User").link_entity(operator.id, "roles", "x"),
            lambda: service("RoleUser").create_entity({"userId": operator.id, "roleId": "x"}),
            lambda: service("AuthToken").find_entities({}),
            lambda: service("UserPassword").find_entities({}),
            lambda: service("MassActions").start_upsert([{"entity": "User", "payload": {}}]),
            lambda: service("MassActions").start(
                "update", "User", {"ids": [operator.id]}, {"input": {"isAdmin": True}}
            ),
        ):
            with pytest.raises(Forbidden):
                refused()
        upserted = service("MassActions").upsert([{"entity": "User", "payload": {"id": operator.id, "isAdmin": True}}])
        assert upserted[0]["status"] == "Failed"
        jobs.update_entity(own.id, {"payload": {"a": 1}, "priority": 200})
        schedules.execute_now(schedule.id)
    assert people.manager.get_entity("User", operator.id).is_admin() is False


@pytest.mark.parametrize("scope", ["AuthToken", "UserPassword"])
def test_what_is_internal_cannot_be_had_by_anybody(people: People, scope: str) -> None:
    with people.asking(people.add("anna", "administrator")) as service, pytest.raises(Forbidden):
        service(scope).find_entities({})


#: params
REFUSED_CONDITIONS = [
    {"where": [{"type": "like", "attribute": "settings", "value": "%a%"}]},
    {"where": [{"type": "or", "value": [{"type": "isNull", "attribute": "apiKey"}]}]},
    {"where": [{"condition": "AND", "rules": [{"id": "apiKey", "operator": "begins_with", "value": "a"}]}]},
    {"where": [{"type": "equals", "attribute": "maker.margin", "value": 1}]},
    {"where": [{"type": "equals", "attribute": "makerMargin", "value": 1}]},
    {"where": [{"type": "isLinked", "attribute": "maker"}]},
    {"where": [{"type": "linkedWith", "attribute": "tags", "value": ["x"]}]},
    {"sortBy": "apiKey"},
    {"sortBy": "LOWER:apiKey"},
    {"sortBy": [["maker.margin", "ASC"]]},
]


def test_nobody_finds_out_by_conditions_what_she_may_not_read(people: People) -> None:
    user = people.add("nora", None, {"Product": {"read": "all"}})

    for params in REFUSED_CONDITIONS:
        with people.asking(user) as service, pytest.raises(Forbidden):
            service("Product").find_entities(params)


def test_conditions_on_what_one_may_read_pass(people: People) -> None:
    user = people.add("vera", "viewer")
    people.store("Product", name="mine", ownerUserId=user.id)
    where = [
        {"type": "startsWith", "attribute": "name", "value": "m"},
        {"type": "equals", "attribute": "ownerUserName", "value": "vera"},
    ]

    with people.asking(user) as service:
        assert names(service("Product").find_entities({"where": where, "sortBy": "maker.name"})) == ["mine"]


def test_secrets_and_what_of_links_may_not_be_read_do_not_go_out(people: People) -> None:
    user = people.add("nora", None, {"Product": {"read": "all", "edit": "all"}})
    maker = people.store("Maker", name="secret maker", margin=0.5)
    secret = {"password": "swordfish", "url": "https://a:swordfish@host/"}
    product = people.store("Product", makerId=maker.id, apiKey="swordfish", settings=secret)

    with people.asking(user) as service:
        shown = service("Product").read_entity(product.id)
        assert "swordfish" not in str(shown)
        assert "makerName" not in shown
        assert "makerMargin" not in shown
        changed = service("Product").update_entity(product.id, {**shown, "name": "y"})
        assert changed["settings"] == {"password": REDACTED, "url": f"https://a:{REDACTED}@host/"}
        with pytest.raises(BadRequest, match="has to be"):
            service("Product").update_entity(product.id, {"settings": {"other": REDACTED}})
    stored = people.manager.get_entity("Product", product.id)
    assert (stored.get("settings"), stored.get("apiKey"), stored.get("name")) == (secret, "swordfish", "y")


def test_a_listener_is_trusted(people: People) -> None:
    with people.asking(people.add("nora", None, {"Product": {"create": "yes"}})) as service:
        service("Product").create_entity({"name": "of a new maker"})

    assert people.manager.get_repository("Maker").where("name", "made by a listener").exists()


def test_each_change_is_a_row_of_the_audit(people: People) -> None:
    admin = people.add("anna", "administrator")

    with people.asking(admin) as service:
        product = service("Product").create_entity({"name": "a", "apiKey": "swordfish"})
        service("Product").update_entity(product["id"], {"name": "b"})
        tag = service("Tag").create_entity({"name": "t"})
        service("Product").link_entity(product["id"], "tags", tag["id"])
        service("Product").delete_entity(product["id"])
        rows = people.manager.get_repository("AuditRecord").where({"recordId": product["id"]}).order("id").find()
        listed = service("AuditRecord").find_entities({})["list"]
        with pytest.raises(Forbidden):
            service("AuditRecord").delete_entity(rows[0].id)

    assert [row.get("action") for row in rows] == ["create", "edit", "link", "delete"]
    created, edited, linked, _ = rows
    assert created.get("after") == {"name": "a", "apiKey": REDACTED}
    assert (edited.get("before"), edited.get("after")) == ({"name": "a"}, {"name": "b"})
    assert linked.get("after") == {"tags": tag["id"]}
    assert {(row["userName"], row["address"], row["userId"]) for row in listed} == {("anna", "192.0.2.7", admin.id)}
    assert len(listed) == 5


def test_a_change_that_fails_has_no_row(people: People) -> None:
    with people.asking(people.add("anna", "administrator")) as service, pytest.raises(BadRequest):
        service("Product").create_entity({"name": "refused"})
    assert people.manager.get_repository("AuditRecord").where({}).count() == 0


def test_what_nobody_asked_for_from_outside_has_no_row(people: People) -> None:
    people.container.get("serviceFactory").create("Product").create_entity({"name": "a"})

    assert people.manager.get_repository("AuditRecord").where({}).count() == 0


def test_hostile_input_costs_bounded_time_and_no_error_of_the_server(people: People) -> None:
    viewer, admin = people.add("vera", "viewer"), people.add("anna", "administrator")
    deep: Any = REDACTED[:-1]
    for _ in range(400):
        deep = {"a": deep}
    group: Any = {"type": "isNull", "attribute": "name"}
    for _ in range(400):
        group = {"type": "and", "value": [group]}

    with people.asking(viewer) as service:
        for where in (
            [group],
            [{"type": "like", "attribute": "name", "value": "%a" * 400}],
            [{"type": "isNull", "attribute": "name"}] * 5000,
            [{"type": "isNull", "attribute": ".".join(["ownerUser"] * 50)}],
            [{"type": "isNull", "attribute": "LOWER:" * 40 + "name"}],
            [{"type": "in", "attribute": "name", "value": [str(n) for n in range(40_000)]}],
        ):
            with pytest.raises(BadRequest):
                service("Product").find_entities({"where": where})
    with people.asking(admin) as service:
        product = service("Product").create_entity({"name": "deep", "settings": deep})
        assert service("Product").update_entity(product["id"], {"name": "still"})["name"] == "still"
        with pytest.raises(BadRequest):
            service("ScheduledJob").create_entity({"name": "x", "type": "Harmless", "scheduling": "1-59/1," * 4000})
