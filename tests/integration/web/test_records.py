"""Records over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts
from core.testing import Installation

Header = Callable[..., dict[str, str]]

ENTITIES: dict[str, Any] = {
    "Resources/metadata/scopes/Product.json": {"entity": True, "type": "Base"},
    "Resources/metadata/scopes/Category.json": {"entity": True, "type": "Base"},
    "Resources/metadata/entityDefs/Product.json": {
        "fields": {
            "name": {"type": "varchar", "required": True, "maxLength": 20},
            "price": {"type": "float", "min": 0},
            "isNew": {"type": "bool"},
            "code": {"type": "varchar", "unique": True},
            "categories": {"type": "linkMultiple"},
        },
        "links": {
            "categories": {
                "type": "hasMany",
                "entity": "Category",
                "foreign": "products",
                "relationName": "productCategory",
            }
        },
    },
    "Resources/metadata/entityDefs/Category.json": {
        "fields": {"name": {"type": "varchar", "required": True}, "products": {"type": "linkMultiple"}},
        "links": {
            "products": {
                "type": "hasMany",
                "entity": "Product",
                "foreign": "categories",
                "relationName": "productCategory",
            }
        },
    },
}


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """With entities of a module, for which there is no code."""
    installation.add_module("Shop", ENTITIES)
    return installation


@pytest.fixture
def anna(client: TestClient, bearer: Header) -> TestClient:
    """An administrator's client."""
    client.headers.update(bearer())
    return client


def products(client: TestClient, **params: Any) -> list[str]:
    answer = client.get("/api/Product", params=params)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["list"]]


def add(client: TestClient, *names: str) -> list[str]:
    return [client.post("/api/Product", json={"name": name, "price": len(name)}).json()["id"] for name in names]


def test_the_entity_of_a_module_has_all_routes_without_code(anna: TestClient) -> None:
    created = anna.post("/api/Product", json={"name": "Anvil", "price": 5})
    assert created.status_code == 201
    path = created.headers["location"]

    assert anna.get(path).json() == created.json()
    assert anna.patch(path, json={"price": 6}).json()["price"] == 6.0
    assert products(anna) == ["Anvil"]
    assert anna.delete(path).json() is True
    assert anna.get(path).status_code == 404
    assert products(anna, withDeleted="true") == ["Anvil"]
    assert anna.delete(path, headers={"permanently": "true"}).json() is True
    assert products(anna, withDeleted="true") == []


def test_a_list_is_narrowed_sorted_and_paged(anna: TestClient) -> None:
    add(anna, "a", "bb", "ccc", "dddd")
    where = json.dumps([{"type": "greaterThan", "attribute": "price", "value": 1}])
    params = {"where": where, "sortBy": "price", "asc": "false", "maxSize": 2}

    first = anna.get("/api/Product", params=params).json()
    second = anna.get("/api/Product", params={**params, "after": first["next"]}).json()

    assert [each["name"] for each in (*first["list"], *second["list"])] == ["dddd", "ccc", "bb"]
    assert "next" not in second
    assert anna.get("/api/Product", params={"totalOnly": "true"}).json() == {"total": 4}


def test_atrocores_form_of_a_list_is_understood(anna: TestClient) -> None:
    add(anna, "anvil", "saw")
    form = (
        "where[0][type]=or&where[0][value][0][type]=equals&where[0][value][0][attribute]=name"
        "&where[0][value][0][value]=saw&boolFilterList[]=onlyMy&offset=0&collectionOnly=true&asc=1&sortBy=name"
    )

    assert [each["name"] for each in anna.get(f"/api/Product?{form}").json()["list"]] == ["saw"]
    assert products(anna, q="anv") == ["anvil"]
    assert anna.get("/api/Product?select=name").json()["list"][0].keys() == {"id", "name"}


#: query, field
REFUSED_LISTS = [
    ("offset=20", "offset"),
    ("maxSize=1001", "maxSize"),
    ("maxSize=many", "maxSize"),
    ("maxsize=1", "maxsize"),
    ("asc=up", "asc"),
    ("where={", "where"),
    ("where=" + "[" * 80 + "]" * 80, "where"),
    ("where[0]=a&where[0][type]=b", "where"),
    ("sortBy=name&sortBy=price", "sortBy"),
    ("where=[5]", None),
    ("sortBy=pricce", None),
    ("after=xyz", "after"),
    ("where={}", None),
    ("select=pricce", None),
    ("%ff=1", None),
    ("&".join(f"a{number}=1" for number in range(2001)), None),
]


def test_a_list_that_cannot_be_is_refused(anna: TestClient) -> None:
    for query, field in REFUSED_LISTS:
        answer = anna.get(f"/api/Product?{query}")

        assert (answer.status_code, answer.json()["field"]) == (400, field), query


def test_all_that_is_wrong_with_a_record_is_told(anna: TestClient) -> None:
    answer = anna.post("/api/Product", json={"nam": "Anvil", "price": "much"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"
    assert answer.json()["field"] == "nam"
    assert "'name'" in answer.json()["message"]  # which it may mean
    assert "price" in answer.json()["message"]


#: values, code
REFUSED_VALUES = [
    ({"name": "x" * 21}, "validation_error"),
    ({"name": None}, "validation_error"),
    ({"price": -1, "name": "a"}, "validation_error"),
    ({"name": "a\0b"}, "validation_error"),
    ({"name": {}}, "validation_error"),
    ({"name": "a", "code": "taken"}, "not_unique"),
]


def test_a_value_that_cannot_be_is_refused(anna: TestClient) -> None:
    assert anna.post("/api/Product", json={"name": "first", "code": "taken"}).status_code == 201

    for values, code in REFUSED_VALUES:
        answer = anna.post("/api/Product", json=values)

        assert (answer.status_code, answer.json()["code"]) == (400, code), values


#: body, headers, status
REFUSED_BODIES = [
    (b"{", {}, 400),
    (b"[]", {}, 400),
    (b"\xff", {}, 400),
    (b"", {}, 400),
    (b"1e999", {}, 400),
    (b'{"a":' * 70 + b"1" + b"}" * 70, {}, 400),
    (b"[" * 3000, {}, 400),
    (b"{}", {"Content-Type": "text/plain"}, 415),
]


def test_a_body_that_is_no_object_is_refused(anna: TestClient) -> None:
    for body, headers, status in REFUSED_BODIES:
        answer = anna.post("/api/Product", content=body, headers={"Content-Type": "application/json", **headers})

        assert answer.status_code == status, body


def test_who_has_read_something_else_is_told(anna: TestClient) -> None:
    (path,) = (f"/api/Product/{each}" for each in add(anna, "saw"))

    assert anna.patch(path, json={"price": 9, "_prev": {"price": 3}}).status_code == 200
    assert anna.patch(path, json={"price": 8, "_prev": {"price": 3}}).json()["code"] == "conflict"
    assert anna.patch(path, json={"price": 9}).status_code == 200  # it is so already


def test_links_are_listed_made_and_ended(anna: TestClient) -> None:
    (saw,) = add(anna, "saw")
    tools = anna.post("/api/Category", json={"name": "Tools"}).json()["id"]
    path = f"/api/Product/{saw}/categories"

    assert anna.post(path, json={"ids": [tools]}).json() is True
    assert [each["name"] for each in anna.get(path).json()["list"]] == ["Tools"]
    assert anna.delete(path, params={"ids": tools}).json() is True
    assert anna.get(path).json()["list"] == []
    assert anna.post(path, json={"ids": ["nothing"]}).status_code == 404
    assert anna.post(path, json={"id": tools}).json()["field"] == "id"
    assert anna.delete(path).json()["field"] == "ids"


def test_what_is_internal_has_no_routes_and_counters_are_not_written(anna: TestClient) -> None:
    assert anna.get("/api/AuthToken").status_code == 404
    assert anna.get("/api/UserPassword/x").status_code == 404
    assert anna.get("/api/JobCounter").status_code == 200
    assert anna.post("/api/JobCounter", json={}).status_code == 405
    body = {"entityName": "JobCounter", "ids": [], "values": {}}
    assert anna.patch("/api/entityMassUpdate", json=body).json()["field"] == "entityName"
    assert anna.post("/api/upsert", json=[{"entity": "AuthToken", "payload": {}}]).status_code == 400


def test_a_name_that_is_nearly_an_entitys_is_told(anna: TestClient) -> None:
    assert "'Product'" in anna.get("/api/Produkt").json()["message"]
    assert anna.put("/api/Product").status_code == 405


def test_an_address_says_what_it_takes_and_a_part_of_it_that_is_wrong_blames_no_other(anna: TestClient) -> None:
    assert anna.put("/api/Job").headers["allow"] == "GET, POST"
    assert anna.put("/api/Job/x").headers["allow"] == "DELETE, GET, PATCH"
    assert anna.get("/api/Job/x/nope").json()["message"] == "There is nothing at this address."
    there = anna.get("/api/Job/", follow_redirects=False)
    assert (there.status_code, there.json()["code"], "location" in there.headers) == (404, "not_found", False)


def test_nobody_is_told_of_pythons_none(anna: TestClient) -> None:
    for path, body in (("Job", {}), ("ScheduledJob", {"name": "a"}), ("entityMassDelete", {}), ("jobManagerPause", {})):
        answer = anna.post(f"/api/{path}", json=body).json()

        assert "None" not in answer["message"], path
        assert answer["field"] in ("type", "entityName", "pause")
    assert anna.get("/api/Product", params={"where": "{}"}).json()["message"].startswith("Product: {} has no type;")


def test_nobody_comes_in_who_is_no_administrator(client: TestClient, accounts: Accounts, bearer: Header) -> None:
    accounts.add("ben", "a long password")

    for path in ("/api/Product", "/api/Job", "/api/User", "/api/Product/x/categories"):
        assert client.get(path).status_code == 401, path
        assert client.get(path, headers=bearer("ben")).status_code == 403
        assert client.post(path, headers=bearer("anna", scope="read"), json={}).status_code == 403


def test_many_records_are_changed_removed_and_restored(anna: TestClient) -> None:
    ids = add(anna, "a", "b")
    which = {"entityName": "Product", "ids": ids}

    assert anna.patch("/api/entityMassUpdate", json={**which, "values": {"price": 7}}).json()["updated"] == 2
    assert anna.post("/api/entityMassDelete", json=which).json()["deleted"] == 2
    assert anna.post("/api/entityRestore", json=which).json()["restored"] == 2
    started = anna.post("/api/entityMassDeleteAsync", json={"entityName": "Product", "where": []})
    assert started.status_code == 202
    status = anna.get(f"/api/Job/{started.json()['jobId']}/massActionStatus").json()
    assert status == {"done": False, "errors": None, "message": None}


#: path, body, field
REFUSED_MASS_ACTIONS = [
    ("entityMassDelete", {"entityName": "Product", "where": []}, "where"),
    ("entityMassDelete", {"entityName": "Product", "ids": ["a"] * 201}, "ids"),
    ("entityMassDelete", {"entityName": "Produkt", "ids": []}, "entityName"),
    ("entityMassDelete", {}, "entityName"),
    ("entityMassDelete", {"entityName": "Product", "ids": [], "permanently": "yes"}, "permanently"),
    ("entityMassDeleteAsync", {"entityName": "Product"}, None),
    ("entityMassDeleteAsync", {"entityName": "Product", "ids": [1]}, None),
]


def test_a_mass_action_that_cannot_be_is_refused(anna: TestClient) -> None:
    for path, body, field in REFUSED_MASS_ACTIONS:
        answer = anna.post(f"/api/{path}", json=body)

        assert (answer.status_code, answer.json()["field"]) == (400, field), path


def test_records_are_created_or_changed_by_what_is_unique(anna: TestClient) -> None:
    rows = [{"entity": "Product", "payload": {"name": name, "code": "c"}} for name in ("a", "b")] + [5]

    statuses = [each["status"] for each in anna.post("/api/upsert", json=rows).json()]

    assert statuses == ["Created", "Updated", "Failed"]
    assert products(anna) == ["b"]
    job = anna.get(f"/api/Job/{anna.post('/api/upsertAsync', json=rows).json()['jobId']}").json()
    assert (job["type"], job["payload"]) == ("Upsert", {"list": rows})
